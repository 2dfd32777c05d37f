//! Where the packet is, while time stands still.

use super::network::{End, Network};
use crate::journal::Journal;
use std::fmt;
use vethlab_shared::event::{Event, EventKind, PacketId};
use vethlab_shared::name::{LinkName, NamespaceName};

/// Where a packet is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    packet: PacketId,
    /// The last frame that it was, numbered as in `packets`.
    frame: Option<usize>,
    namespace: NamespaceName,
    /// The link that it was seen on last.
    link: Option<LinkName>,
    stage: Stage,
}

/// How far it has come there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// On no wire yet.
    Made,
    /// On the wire that begins at the link.
    Left,
    /// In the namespace that it came into.
    CameIn,
    /// At its end.
    Ended,
}

impl Position {
    /// Where the packet is that the last event is about, while time stands still. One that is about none, such as what
    /// becomes of a neighbour, comes with the packet that was looked at just then and there.
    pub fn of(journal: &Journal) -> Option<Position> {
        let events = journal.moment()?;
        let now = events.last()?;
        let at_once = |event: &&Event| event.time == now.time && event.namespace == now.namespace;
        let last = events.iter().rev().take_while(at_once).find(|event| event.packet.is_some())?;
        let packet = last.packet?;
        let ended = matches!(last.kind, EventKind::ConsumeSkb { .. } | EventKind::KfreeSkb { .. });
        if ended && now.packet.is_none() {
            return None;
        }
        let on_wire = events.iter().rev().filter(|event| event.packet == Some(packet)).find_map(|event| {
            match &event.kind {
                EventKind::NetDevXmit { link, .. } => Some((link.clone(), Stage::Left)),
                EventKind::NetifReceiveSkb { link, .. } => Some((link.clone(), Stage::CameIn)),
                _ => None,
            }
        });
        let (link, stage) = on_wire.map_or((None, Stage::Made), |(link, stage)| (Some(link), stage));
        let stage = if ended { Stage::Ended } else { stage };
        let mut frames = journal.frames().rev();
        let frame = frames.find(|(_, crossing)| crossing.packet == Some(packet)).map(|(number, _)| number);
        Some(Position { packet, frame, namespace: last.namespace.clone(), link, stage })
    }

    /// Where that is on a map of this network.
    pub fn spot(&self, network: &Network) -> Option<Spot> {
        match &self.link {
            Some(link) => network.end(&self.namespace, link).map(Spot::At),
            None => {
                network.namespaces.iter().position(|known| known.name == self.namespace).map(Spot::Inside)
            }
        }
    }
}

/// A place on the map where a packet can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// In the namespace of this number, on no wire yet.
    Inside(usize),
    /// Where the wire of a link begins.
    At(End),
    /// On the wire that begins at a link, after so much of its length, in parts of [`WHOLE_WAY`].
    OnWire(End, usize),
}

/// How many steps a packet takes from one end of a wire to the other.
pub const WHOLE_WAY: usize = 8;

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { packet, frame, namespace, .. } = self;
        let frame = frame.map_or(String::new(), |number| format!(" as frame {number}"));
        write!(f, "skb {} ", packet.0)?;
        match (&self.link, self.stage) {
            (Some(link), Stage::Left) => write!(f, "is on the wire at {namespace}/{link}{frame}"),
            (Some(link), Stage::CameIn) => write!(f, "came in by {namespace}/{link}{frame}"),
            (Some(link), Stage::Ended) => write!(f, "ended at {namespace}/{link}{frame}"),
            (None, Stage::Ended) => write!(f, "ended in {namespace}"),
            (None, _) | (Some(_), Stage::Made) => write!(f, "is in {namespace}, on no wire yet"),
        }
    }
}
