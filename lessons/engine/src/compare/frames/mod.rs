//! The frames that two stacks sent for the same command, link by link and in order.
//!
//! Left aside is what is different in every run: times, identifiers and numbers that the kernel draws at random (TCP's
//! are counted from the first of a connection), ports that it chooses, and checksums over these (whether they are right is compared). Ethernet addresses are
//! named by the link that has them. Frames are put in order for each direction of a link by itself, and requests
//! for neighbours apart from the rest: which of two frames that meet on a wire passes first is chance, and so is
//! what a timer comes before. A timer may be due just when a command ends, and the kernel's are late: where one side
//! only lacks frames, both wait a while for them. Where many frames pass, the pieces of a packet that was cut up are
//! put in order each by itself, since one may overtake another ([`SOFTIRQ_WEIGHT`]). Reports of groups are left out: each is
//! told again within a second (`igmp_ifc_timer_expire`), at a time drawn at random, with the addresses and by the ports
//! that a bridge has at that time. The frames that a namespace sends
//! after it has lost its name are not compared: on the kernel its last packets may keep it for a while, and a listener
//! would keep it for good.

mod lockstep;
mod matching;
mod numbers;
mod passage;
mod record;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use lockstep::FrameLockstep;
pub use matching::FrameMatch;
pub use passage::{FieldValue, Passage};
pub use record::{Recorded, record};
pub use table::frames_side_by_side;

use super::lines::{Row, align_all};
use passage::MadeUp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use vethlab_explain::journal::Journal;
use vethlab_shared::event::{Event, EventKind, Lost};
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::socket::Direction;
use vethlab_shared::stack::NetworkStack;

/// How many packets a CPU of the kernel receives before it looks at the time and at its budget (`net.core.dev_weight`,
/// `net_rx_action`). What sent them waits for it that long; later it may go on in between, as `ksoftirqd` receives the
/// rest (`handle_softirqs`). So the second piece of a packet that goes round in a loop of routers starts behind the last
/// round of the first piece, or anywhere between the rounds.
pub const SOFTIRQ_WEIGHT: usize = 64;

/// A link, and its namespace.
type Place = (NamespaceName, LinkName);

/// The frames of one stack, command by command.
#[derive(Clone, Debug, Default)]
pub(crate) struct FrameWatch {
    made_up: MadeUp,
    /// The number of the last event that was looked at.
    seen: u64,
    /// Whether others may have taken some of the events since then.
    away: bool,
}

/// The frames that passed on a stack since somebody looked last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    /// On each link, in order.
    links: BTreeMap<Place, Vec<Passage>>,
    /// Why not all is here, where something is missing.
    missing: Vec<String>,
}

impl Traffic {
    /// How many frames there were; one that leaves and comes in is counted once.
    fn count(&self) -> usize {
        let passages = || self.links.values().flatten();
        let left = passages().filter(|passage| passage.direction == Direction::Out).count();
        left.max(passages().count() - left)
    }
}

impl FrameWatch {
    /// Looks from now on.
    pub(crate) fn new() -> FrameWatch {
        FrameWatch::default()
    }

    /// Somebody else may take some of the events before the next look.
    pub(crate) fn look_away(&mut self) {
        self.away = true;
    }

    /// The frames that a stack and its journal have had since the last call.
    pub(crate) fn look_at(&mut self, stack: &mut dyn NetworkStack, journal: &Journal) -> Traffic {
        self.made_up.forget_ports();
        let mut traffic = Traffic::default();
        self.look_on(stack, journal, &mut traffic);
        traffic
    }

    /// Leaves aside the frames since the last call. However many they are, that takes no time.
    pub(crate) fn skip(&mut self, journal: &Journal) {
        self.away = false;
        self.seen = journal.events().last().map_or(self.seen, |last| last.number);
    }

    /// Adds the frames since the last call to those of that call.
    fn look_on(&mut self, stack: &mut dyn NetworkStack, journal: &Journal, traffic: &mut Traffic) {
        let events = journal.events();
        let new = &events[events.partition_point(|event| event.number <= self.seen)..];
        // Most commands send nothing: then no link need be asked for its address.
        let namespaces = match new.iter().any(tells_of_frames).then(|| self.made_up.learn(stack)) {
            None => Vec::new(),
            Some(Ok(namespaces)) => namespaces,
            Some(Err(error)) => {
                traffic.missing.push(format!("its links cannot be listed: {error}"));
                Vec::new()
            }
        };
        // Events before the first look, such as a lesson's preparations, are not missed.
        let expected = self.seen > 0 && !std::mem::take(&mut self.away);
        if expected && new.first().is_some_and(|first| first.number > self.seen + 1) {
            traffic.missing.push("more happened than is kept".to_owned());
        }
        self.seen = new.last().map_or(self.seen, |last| last.number);
        for event in new.iter().filter(|event| namespaces.contains(&event.namespace)) {
            self.take(event, traffic);
        }
    }

    fn take(&mut self, Event { namespace, kind, .. }: &Event, traffic: &mut Traffic) {
        let (link, direction, frame) = match kind {
            EventKind::NetDevXmit { link, frame } => (link, Direction::Out, frame),
            EventKind::NetifReceiveSkb { link, frame } => (link, Direction::In, frame),
            EventKind::EventsLost { what: Lost::Frames, count, reason } => {
                let count = count.map_or("some".to_owned(), |count| count.to_string());
                traffic.missing.push(format!("{count} frames in {namespace} are missing: {reason}"));
                return;
            }
            _ => return,
        };
        let passage = self.made_up.passage(direction, frame);
        if passage.is_group_report() {
            return;
        }
        traffic.links.entry((namespace.clone(), link.clone())).or_default().push(passage);
    }
}

/// Whether an event is a frame, or tells that frames are missing.
fn tells_of_frames(event: &Event) -> bool {
    matches!(
        event.kind,
        EventKind::NetDevXmit { .. }
            | EventKind::NetifReceiveSkb { .. }
            | EventKind::EventsLost { what: Lost::Frames, .. }
    )
}

/// The frames of two stacks next to each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FrameComparison {
    /// Whether all is the same.
    pub equal: bool,
    /// How many frames each side has; one that leaves and comes in is counted once.
    pub frames: [usize; 2],
    /// The links that saw frames.
    pub links: Vec<LinkFrames>,
    /// Why not all frames of each side are here, where some are missing: then nothing counts as the same.
    pub missing: [Vec<String>; 2],
}

/// The frames of one link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkFrames {
    /// `red/veth-red`.
    pub link: String,
    /// Whether they are the same.
    pub equal: bool,
    /// In order.
    pub rows: Vec<FrameRow>,
}

/// What stands next to each other: a frame of each side, or of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FrameRow {
    /// The left side's: in JSON, the simulator's.
    #[serde(rename = "sim")]
    pub left: Option<Passage>,
    /// The right side's: in JSON, the kernel's.
    #[serde(rename = "real")]
    pub right: Option<Passage>,
}

impl FrameRow {
    /// Whether both sides have the same frame.
    pub fn is_equal(&self) -> bool {
        self.left == self.right
    }
}

impl Default for FrameComparison {
    /// Of no frames.
    fn default() -> FrameComparison {
        FrameComparison::of(&Traffic::default(), &Traffic::default())
    }
}

impl FrameComparison {
    /// Lays the frames of two stacks next to each other.
    fn of(left: &Traffic, right: &Traffic) -> FrameComparison {
        let many = left.count().max(right.count()) > SOFTIRQ_WEIGHT;
        let places: BTreeSet<_> = left.links.keys().chain(right.links.keys()).collect();
        let links: Vec<LinkFrames> = places
            .into_iter()
            .map(|place| {
                let [left, right] =
                    [left, right].map(|side| side.links.get(place).map_or(&[][..], Vec::as_slice));
                let rows = rows(left, right, many);
                let equal = rows.iter().all(FrameRow::is_equal);
                LinkFrames { link: format!("{}/{}", place.0, place.1), equal, rows }
            })
            .collect();
        FrameComparison {
            equal: links.iter().all(|link| link.equal) && left.missing.is_empty() && right.missing.is_empty(),
            frames: [left, right].map(Traffic::count),
            links,
            missing: [left, right].map(|side| side.missing.clone()),
        }
    }

    /// Whether it would be equal if only some frames more were there.
    fn is_incomplete(&self) -> bool {
        let lacks = |row: &FrameRow| row.is_equal() || row.left.is_none() || row.right.is_none();
        !self.equal
            && self.missing.iter().all(Vec::is_empty)
            && self.links.iter().flat_map(|link| &link.rows).all(lacks)
    }

    /// Whether there is nothing to compare.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty() && self.missing.iter().all(Vec::is_empty)
    }

    /// In one line: `5 frames on 2 links, the same on both`.
    pub fn summary(&self) -> String {
        let [left, right] = self.frames;
        let frames = |count| if count == 1 { "1 frame".to_owned() } else { format!("{count} frames") };
        let links = |count| if count == 1 { "1 link".to_owned() } else { format!("{count} links") };
        let differing = self.links.iter().filter(|link| !link.equal).count();
        match (self.equal, differing) {
            (true, _) => format!("{} on {}, the same on both", frames(left), links(self.links.len())),
            (false, 0) => "frames are missing, so they cannot be compared".to_owned(),
            (false, _) => {
                let sides =
                    if left == right { frames(left) } else { format!("{left} and {}", frames(right)) };
                format!("{sides} on {}, not the same on {differing}", links(self.links.len()))
            }
        }
    }
}

/// The frames of one link next to each other: each lane by itself, in the order of the left side. `many` says whether so
/// many passed at once that pieces of packets may have overtaken each other.
fn rows(left: &[Passage], right: &[Passage], many: bool) -> Vec<FrameRow> {
    let mut rows: Vec<(usize, FrameRow)> = Vec::new();
    let lanes: BTreeSet<_> = left.iter().chain(right).map(|passage| passage.lane(many)).collect();
    for lane in lanes {
        let goes = |passage: &&Passage| passage.lane(many) == lane;
        let [ours, theirs] = [left, right].map(|side| side.iter().filter(goes).collect::<Vec<_>>());
        let mut places = (0..).zip(left).filter(|(_, passage)| goes(passage)).map(|(place, _)| place);
        let mut last = 0;
        for row in align_all(&ours, &theirs) {
            let (left, right) = match row {
                Row::Same(both) => (Some(both), Some(both)),
                Row::Changed(left, right) => (Some(left), Some(right)),
                Row::Left(left) => (Some(left), None),
                Row::Right(right) => (None, Some(right)),
            };
            // What only the right side has stands behind what it follows there.
            if left.is_some() {
                last = places.next().unwrap_or(last);
            }
            rows.push((last, FrameRow { left: left.cloned(), right: right.cloned() }));
        }
    }
    rows.sort_by_key(|(place, _)| *place);
    rows.into_iter().map(|(_, row)| row).collect()
}
