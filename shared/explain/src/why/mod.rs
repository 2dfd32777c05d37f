//! Why traffic did not come through: the events of a command and the tables behind them, made into a cause,
//! a story and, where there is one, a way to mend it.
//!
//! The packets are followed by their events, the request first, then its answer; the first fault that was met is
//! the cause. What the events do not tell (who has an address, what lies at the other end of a wire) is read from
//! the tables, as they were when the command had ended.

mod account;
mod bridges;
mod case;
mod cause;
mod connections;
mod evidence;
mod fault;
mod filters;
mod judge;
mod listeners;
mod losses;
mod mend;
mod nat;
mod neighbours;
mod network;
mod paths;
mod refusal;
mod routes;
mod rules;
mod segment;
mod story;
mod trace;
mod tracking;
mod trail;
mod ways;
mod wires;

pub use account::{Account, Departure, SeenBeside, StackBeside, ToldBy, borrowed};
pub use cause::{Cause, page};
pub use evidence::{Evidence, Fact};
pub use losses::{Missing, taken_away};
pub use mend::{Fix, Mend, typed, within};
pub use refusal::{explain_nothing_sent, explain_refusal};

use crate::journal::{Crossing, Invocation};
use case::Case;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use vethlab_shared::error::StackError;
use vethlab_shared::event::{Event, PacketId};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;

/// What became of traffic, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// The first fault that was met.
    pub cause: Cause,
    /// Where it lies: the namespace whose entry, link, address or setting decided it.
    pub namespace: NamespaceName,
    /// What the diagnosis rests on.
    pub evidence: Vec<Evidence>,
    /// A few sentences that follow the packet.
    pub story: Vec<String>,
    /// What may mend it, what is preferred first. Whoever proposes one of them tries it before on a copy of the network.
    #[serde(skip)]
    pub mends: Vec<Mend>,
    /// Whether the network was changed since, so that nothing can be proposed.
    #[serde(skip)]
    pub stale: bool,
    /// Commands that mend this cause when they are typed, in order, at the prompt where `why` was typed: one of the
    /// mends, tried on a copy of the network. Empty where none of them helps without doing harm.
    #[serde(rename = "try")]
    pub attempts: Vec<String>,
    /// What `why` says on that copy once they were typed, and the command once more.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub then: Option<Then>,
}

/// What is wrong next, once one cause is mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Then {
    /// The next cause; [`Cause::None`] where everything works.
    pub cause: Cause,
    /// Where it lies.
    pub namespace: NamespaceName,
}

impl Diagnosis {
    /// A fault with the story that leads to it.
    fn of(fault: fault::Fault, story: Vec<String>) -> Diagnosis {
        Diagnosis {
            cause: fault.cause,
            namespace: fault.namespace,
            evidence: fault.evidence,
            story,
            mends: fault.mends,
            stale: false,
            attempts: Vec::new(),
            then: None,
        }
    }

    /// Calls the frames in the evidence by their numbers, as `packets` shows them.
    #[must_use]
    pub fn numbered(mut self, frames: &[(usize, Crossing)]) -> Diagnosis {
        self.evidence.iter_mut().for_each(|evidence| evidence.number(frames));
        self
    }

    /// Whether both tell the same, how far ARP has come since aside.
    fn is_like(&self, other: &Diagnosis) -> bool {
        let (ours, theirs) = (&self.evidence, &other.evidence);
        (self.cause, &self.namespace, &self.story, &self.mends)
            == (other.cause, &other.namespace, &other.story, &other.mends)
            && ours.len() == theirs.len()
            && ours.iter().zip(theirs).all(|(ours, theirs)| ours.is_like(theirs))
    }
}

/// What `why --json` prints: a diagnosis, and whose account it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The diagnosis.
    #[serde(flatten)]
    pub diagnosis: Diagnosis,
    /// Who tells it, and what speaks for it.
    pub account: Account,
}

/// What is to be explained.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The command that led to the events, where that is known.
    pub invocation: Option<&'a Invocation>,
    /// The events.
    pub events: &'a [Event],
    /// Only what was sent to this address.
    pub destination: Option<IpAddr>,
    /// Only this packet.
    pub packet: Option<PacketId>,
    /// Whether time stands still in the middle of the command: what is on its way goes on.
    pub unfinished: bool,
}

/// The same by the tables as they were then. What would mend it is left out where it would not mend what is there now.
///
/// # Errors
/// One of the stacks cannot be read.
pub fn explain_then(
    question: &Question<'_>,
    then: &mut dyn NetworkStack,
    now: &mut dyn NetworkStack,
) -> Result<Option<Diagnosis>, StackError> {
    let Some(mut told) = explain(question, then)? else { return Ok(None) };
    if told.cause == Cause::None {
        return Ok(Some(told));
    }
    let as_then = network::Network::read(then)?.is_set_up_like(&network::Network::read(now)?);
    if !as_then || !explain(question, now)?.is_some_and(|other| other.is_like(&told)) {
        told.mends.clear();
        told.stale = true;
        told.story.push(
            "That is how it was then. The network was changed since: try it again, and ask again.".to_owned(),
        );
    }
    Ok(Some(told))
}

/// Explains by the tables as they are; `None` where there is nothing in the events that the question is about.
///
/// # Errors
/// The stack cannot be read.
pub fn explain(
    question: &Question<'_>,
    stack: &mut dyn NetworkStack,
) -> Result<Option<Diagnosis>, StackError> {
    let network = network::Network::read(stack)?;
    let trails = trail::Trails::new(question.events);
    let (invocation, unfinished) = (question.invocation, question.unfinished);
    let mut case = Case { network, trails, invocation, unfinished };
    let mut found = match question.packet {
        Some(packet) => case.packet(packet),
        None => case.attempts(question.destination),
    };
    if let Some(event) = question.events.last().filter(|_| unfinished && found.is_none()) {
        found = Some(case::not_yet(&event.namespace));
    }
    Ok(found.map(|(fault, story)| Diagnosis::of(fault, story)))
}
