//! What a command line asks for, as the program that it names understands it.

use std::net::IpAddr;
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::words::WordList;

/// What a command line asks for. The program itself makes it out of its words, once; whoever wants to know more of a
/// command than how it was typed reads this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The namespace that the line leads to, where it names one: `red` in `ip netns exec red …` and `ip -n red …`.
    pub namespace: Option<NamespaceName>,
    /// The program; behind `ip netns exec NAME` the one that runs there.
    pub program: String,
    /// What the program works on, in full, where it is told by a word: `address` in `ip a`.
    pub object: Option<&'static str>,
    /// What is done with the object, in full, where it is not to show it: `delete` in `ip link del lo`. A word that the
    /// program does not know stands as it was typed.
    pub verb: Option<String>,
    /// All other words, each option in one with its value.
    pub words: WordList,
    /// What comes of it.
    pub effect: Effect,
}

/// What a command does, be it to the network or to the person before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Effect {
    /// It may do anything: it alters something, or nothing is known of it.
    #[default]
    Alters,
    /// It shows something, and alters neither the network nor what is known of neighbours.
    Shows(View),
    /// It is there to send packets.
    Sends(Sending),
}

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The neighbour table, an entry a line.
    Neighbours,
    /// The frames that there were, or what became of them: what the stack lets be seen, and when it saw it.
    Frames,
    /// The connections that are tracked, one a line.
    Connections,
    /// Anything else.
    Other,
}

/// What is sent, as far as the words say so: nothing of it where they make no sense.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sending {
    /// Where to.
    pub destination: Option<IpAddr>,
    /// How many packets, where they are counted: the count of `ping`.
    pub count: Option<u64>,
    /// From which address.
    pub source: Option<IpAddr>,
    /// By which link.
    pub link: Option<LinkName>,
    /// With which time to live.
    pub time_to_live: Option<u8>,
    /// With how many bytes of data, where that was said.
    pub size: Option<u64>,
}

impl Invocation {
    /// Of a program with these words behind its name.
    pub fn new(program: &str, words: WordList, effect: Effect) -> Invocation {
        Invocation { namespace: None, program: program.to_owned(), object: None, verb: None, words, effect }
    }

    /// Whether it shows at least what is wanted: the same thing, with every word that is wanted.
    pub fn covers(&self, wanted: &Invocation) -> bool {
        self.program == wanted.program
            && self.object == wanted.object
            && self.verb == wanted.verb
            && wanted.words.iter().all(|word| self.words.contains(word))
    }

    /// Whether it lists the neighbour table.
    pub fn lists_neighbours(&self) -> bool {
        self.effect == Effect::Shows(View::Neighbours)
    }

    /// Whether it shows connections that are tracked, be it those that it has deleted.
    pub fn shows_connections(&self) -> bool {
        let deletes = self.program == "conntrack" && self.effect == Effect::Alters;
        deletes || self.effect == Effect::Shows(View::Connections)
    }

    /// Whether it tells of the frames that there were, or of what became of them.
    pub fn tells_of_frames(&self) -> bool {
        self.effect == Effect::Shows(View::Frames)
    }

    /// Whether it is known to alter nothing: neither the network nor what is known of neighbours.
    pub fn only_shows(&self) -> bool {
        matches!(self.effect, Effect::Shows(_))
    }

    /// What it is there to send, where it is.
    pub fn sending(&self) -> Option<&Sending> {
        match &self.effect {
            Effect::Sends(sending) => Some(sending),
            Effect::Alters | Effect::Shows(_) => None,
        }
    }
}
