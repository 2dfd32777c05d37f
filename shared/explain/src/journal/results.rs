//! What came of a command beside its status: what was refused, and what it took away.

use vethlab_shared::change::Change;
use vethlab_shared::error::StackError;
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::view::{AddressView, NeighbourView, RouteQuery, RouteView};

/// Of so many things that a command took away is kept what they were.
pub const MOST_LOSSES: usize = 64;

/// What came of a command beside its status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Results {
    /// The word that vethlab does not model: nothing was done then, on no stack.
    pub not_modelled: Option<String>,
    /// The last words of the program where it failed, as it printed them.
    pub message: Option<String>,
    /// The word that was mistyped, where its program refused it for that.
    pub slip: Option<Slip>,
    /// How many changes it asked the stack for.
    pub changes: usize,
    /// The change that the stack refused, the last one.
    pub refused: Option<Refused>,
    /// The address that the stack knew no way to when it was asked for one, the last one.
    pub no_way: Option<NoWay>,
    /// What was there before, and was not there after a change: at most [`MOST_LOSSES`].
    pub losses: Vec<Loss>,
}

/// A mistyped word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// The word, as it was typed.
    pub typed: String,
    /// The word that was meant perhaps, of those that may stand there.
    pub meant: String,
}

/// A change that a stack refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// In which namespace.
    pub namespace: NamespaceName,
    /// The change.
    pub change: Change,
    /// The stack's answer.
    pub error: StackError,
}

/// A way that a stack was asked for (`ip route get`) and refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoWay {
    /// In which namespace.
    pub namespace: NamespaceName,
    /// The question.
    pub query: RouteQuery,
    /// The stack's answer.
    pub error: StackError,
}

/// Something that was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// In which namespace.
    pub namespace: NamespaceName,
    /// What it was.
    pub thing: Thing,
    /// Whether the change was about this very thing; where not, it went with something else.
    pub meant: bool,
}

/// What can be taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A unicast route, and its link.
    Route(RouteView, Option<LinkName>),
    /// An address, and its link.
    Address(AddressView, LinkName),
    /// A neighbour entry that would not have gone by itself, and its link.
    Neighbour(NeighbourView, LinkName),
    /// A link.
    Link(LinkName),
    /// That a link was up.
    Up(LinkName),
}
