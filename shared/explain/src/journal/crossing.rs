//! Frames on their wires.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;
use vethlab_shared::event::{DropReason, Event, EventKind, PacketId};
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::time::{Duration, Instant};

/// How long a frame may be under way at most while another one of the same bytes could be the one that came in.
/// A wire between namespaces takes microseconds, and nothing is sent again in less than a tenth of a second.
const LONGEST_FLIGHT: Duration = Duration::from_millis(100);

/// A link's end, and when a frame was there. Shown as `red/veth-red`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The namespace.
    pub namespace: NamespaceName,
    /// The link.
    pub link: LinkName,
    /// When.
    pub time: Instant,
    /// The number of the event that told of it.
    pub event: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.link)
    }
}

/// One frame on one wire: where it left, and where it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// Where it left; `None` where only its arrival was seen.
    pub sent: Option<Place>,
    /// Where it came in; `None` where it never did.
    pub received: Option<Place>,
    /// The frame.
    pub frame: Arc<[u8]>,
    /// The packet that it carried, where the stack tells them apart.
    pub packet: Option<PacketId>,
    /// Why it ended on this wire or right behind it, where it did.
    pub dropped: Option<DropReason>,
}

impl Crossing {
    /// The frames that events tell of, in the order in which they left; one that was not seen to leave stands
    /// where it came in.
    ///
    /// A frame that came in is one that left with the same bytes and, where the stack has told packets apart, as the
    /// same packet. Where several such are under way it is the oldest that left by the far end of the same wire,
    /// which is known from the frame before on that wire.
    pub fn all(events: &[Event]) -> Vec<Crossing> {
        let bridges = bridges(events);
        let mut matching = Matching { bridges, ..Matching::default() };
        for event in events {
            matching.take(event);
        }
        matching.crossings
    }

    /// Where it was seen first: where it left, or where it came in.
    pub fn first_seen(&self) -> Option<&Place> {
        self.sent.as_ref().or(self.received.as_ref())
    }

    /// Where it was seen: where it left, and where it came in.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.sent.iter().chain(&self.received)
    }
}

/// A link's end, at any time.
type End<'a> = (&'a NamespaceName, &'a LinkName);

/// The links that took in what had just come in by another one of their namespace: bridges, for which that other one is a port.
fn bridges(events: &[Event]) -> BTreeSet<End<'_>> {
    let mut found = BTreeSet::new();
    // A stack that tells packets apart needs no guess.
    let mut before: Option<(&Event, End<'_>, &[u8])> = None;
    for event in events.iter().filter(|event| event.packet.is_none()) {
        let EventKind::NetifReceiveSkb { link, frame } = &event.kind else { continue };
        let here = (&event.namespace, link);
        if let Some((earlier, port, bytes)) = before
            && port.0 == here.0
            && port.1 != here.1
            && *bytes == **frame
            && event.time.since(earlier.time) <= LONGEST_FLIGHT
        {
            found.insert(here);
        }
        before = Some((event, here, frame));
    }
    found
}

/// Finds what came in among what left.
#[derive(Default)]
struct Matching<'a> {
    /// The links that are known as bridges by what they took in.
    bridges: BTreeSet<End<'a>>,
    crossings: Vec<Crossing>,
    /// Frames that have not come in yet, by their bytes, the oldest first, with when and where they left.
    under_way: BTreeMap<&'a [u8], VecDeque<UnderWay<'a>>>,
    /// Where the last frame that left by a link came in.
    far_ends: BTreeMap<End<'a>, End<'a>>,
    /// The last crossing of each packet.
    last: BTreeMap<PacketId, usize>,
    /// The last arrival of a frame in a namespace, which a port may hand to its bridge: when, and as which crossing.
    arrivals: BTreeMap<(&'a NamespaceName, &'a [u8]), (Instant, usize)>,
}

/// A frame that has not come in yet.
#[derive(Clone, Copy)]
struct UnderWay<'a> {
    crossing: usize,
    packet: Option<PacketId>,
    since: Instant,
    from: End<'a>,
}

impl<'a> Matching<'a> {
    fn take(&mut self, event: &'a Event) {
        let place = |link: &LinkName| {
            let (namespace, link) = (event.namespace.clone(), link.clone());
            Place { namespace, link, time: event.time, event: event.number }
        };
        match &event.kind {
            EventKind::NetDevXmit { link, frame } => {
                let from = (&event.namespace, link);
                if let Some(number) = self.handed_to_port(event, frame, from) {
                    self.crossings[number].received = Some(place(link));
                }
                let crossing = self.begin(event, frame, Some(place(link)), None);
                let under_way = UnderWay { crossing, packet: event.packet, since: event.time, from };
                self.under_way.entry(frame).or_default().push_back(under_way);
            }
            EventKind::NetifReceiveSkb { link, frame } => {
                let here = (&event.namespace, link);
                match self.arrived(event.packet, frame, here, event.time) {
                    Some(number) => {
                        self.arrivals.insert((&event.namespace, frame), (event.time, number));
                        let crossing = &mut self.crossings[number];
                        crossing.received = Some(place(link));
                        crossing.packet = crossing.packet.or(event.packet);
                        self.last.extend(event.packet.map(|packet| (packet, number)));
                    }
                    None => {
                        let port = self.handed_on_by(event, link, frame);
                        self.begin(event, frame, port, Some(place(link)));
                    }
                }
            }
            // The whole came in with the piece that came last, as the kernel has it too (`inet_frag_reasm_prepare`).
            EventKind::IpFragReasm { pieces } => {
                let newest = pieces.iter().filter_map(|piece| self.last.get(piece)).max().copied();
                self.last.extend(event.packet.zip(newest));
            }
            // A socket has a copy: that the packet itself finds no other taker is no loss (`ping_rcv`).
            EventKind::SockQueueRcvSkb { .. } => {
                event.packet.and_then(|packet| self.last.remove(&packet));
            }
            EventKind::KfreeSkb { reason } => {
                let last = event.packet.and_then(|packet| self.last.get(&packet));
                if let Some(&number) = last {
                    self.crossings[number].dropped = Some(*reason);
                }
            }
            _ => {}
        }
    }

    /// The same packet, which a bridge sent and now gives to one of its ports: that is where it came to. Where packets are not
    /// told apart it has to be a known bridge, since ports send the same bytes one after the other too.
    fn handed_to_port(
        &mut self,
        event: &Event,
        frame: &'a [u8],
        (namespace, link): End<'a>,
    ) -> Option<usize> {
        let frames = self.under_way.get_mut(frame)?;
        let is_here = |other: &UnderWay<'_>| other.from.0 == namespace && other.from.1 != link;
        let place = match event.packet {
            Some(_) => frames.iter().position(|other| other.packet == event.packet && is_here(other))?,
            // A bridge gives it on at once: it is the frame that left last.
            None => {
                let last = frames.back().filter(|other| other.packet.is_none() && is_here(other))?;
                let soon = event.time.since(last.since) <= LONGEST_FLIGHT;
                (soon && self.bridges.contains(&last.from)).then_some(frames.len() - 1)?
            }
        };
        frames.remove(place).map(|found| found.crossing)
    }

    /// The port that a frame came in by before its bridge took it in: no wire is between the two.
    fn handed_on_by(&self, event: &'a Event, link: &LinkName, frame: &'a [u8]) -> Option<Place> {
        let &(time, number) = self.arrivals.get(&(&event.namespace, frame))?;
        let crossing = &self.crossings[number];
        let same = crossing.packet.is_none() || event.packet.is_none() || crossing.packet == event.packet;
        let port = crossing.received.as_ref().filter(|place| place.link != *link && same)?;
        (event.time.since(time) <= LONGEST_FLIGHT).then(|| port.clone())
    }

    /// Keeps a new crossing; its place among them.
    fn begin(
        &mut self,
        event: &Event,
        frame: &Arc<[u8]>,
        sent: Option<Place>,
        received: Option<Place>,
    ) -> usize {
        let (frame, packet, dropped) = (Arc::clone(frame), event.packet, None);
        self.crossings.push(Crossing { sent, received, frame, packet, dropped });
        let number = self.crossings.len() - 1;
        self.last.extend(packet.map(|packet| (packet, number)));
        number
    }

    /// The frame under way that came in here.
    fn arrived(
        &mut self,
        packet: Option<PacketId>,
        frame: &'a [u8],
        here: End<'a>,
        now: Instant,
    ) -> Option<usize> {
        let frames = self.under_way.get_mut(frame)?;
        // What was lost long ago did not come in now.
        while frames.len() > 1 && frames.front().is_some_and(|first| now.since(first.since) > LONGEST_FLIGHT)
        {
            frames.pop_front();
        }
        let far_ends = &self.far_ends;
        let rank = |frame: &UnderWay<'_>| match far_ends.get(&frame.from) {
            Some(known) if *known == here => 0,
            None if frame.from != here => 1,
            // Another far end is known, which may have been moved or renamed since.
            Some(_) if frame.from != here => 2,
            // Only what leaves by a loopback link comes in where it left.
            _ => 3,
        };
        let same = |frame: &UnderWay<'_>| frame.packet == packet;
        // A stack that tells packets apart may have lost sight of one at an end of its wire.
        let maybe = |frame: &UnderWay<'_>| frame.packet.is_none() || packet.is_none();
        let oldest = |fits: &dyn Fn(&UnderWay<'_>) -> bool| {
            (0..=3).find_map(|wanted| frames.iter().position(|frame| fits(frame) && rank(frame) == wanted))
        };
        let place = oldest(&same).or_else(|| oldest(&maybe))?;
        let found = frames.remove(place)?;
        if frames.is_empty() {
            self.under_way.remove(frame);
        }
        self.far_ends.insert(found.from, here);
        Some(found.crossing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events by hand: `(microseconds, "> red/a" or "< host/b" or "x", packet, byte of the frame)`.
    fn events(told: &[(u64, &str, u64, u8)]) -> Vec<Event> {
        let event = |(index, &(time, what, packet, byte)): (usize, &(u64, &str, u64, u8))| {
            let (namespace, link) = what[1..].trim().split_once('/').unwrap_or(("host", ""));
            let frame = [byte; 60].into();
            let kind = match &what[..1] {
                ">" => EventKind::NetDevXmit { link: link.parse().expect("a name"), frame },
                "<" => EventKind::NetifReceiveSkb { link: link.parse().expect("a name"), frame },
                _ => EventKind::KfreeSkb { reason: DropReason::NeighFailed },
            };
            Event {
                number: index as u64 + 1,
                time: Instant::from_nanos(time * 1000),
                namespace: match namespace {
                    "host" => NamespaceName::HOST,
                    name => NamespaceName::new(name).expect("a name"),
                },
                packet: (packet != 0).then_some(PacketId(packet)),
                kind,
            }
        };
        told.iter().enumerate().map(event).collect()
    }

    /// Each crossing as `red/a@1 > host/b@2`, by the numbers of its events.
    fn shown(told: &[(u64, &str, u64, u8)]) -> Vec<String> {
        let place = |place: &Option<Place>| {
            place.as_ref().map_or("-".to_owned(), |place| format!("{place}@{}", place.event))
        };
        let show = |crossing: &Crossing| {
            let drop = crossing.dropped.map_or("", |_| " x");
            format!("{} > {}{drop}", place(&crossing.sent), place(&crossing.received))
        };
        Crossing::all(&events(told)).iter().map(show).collect()
    }

    #[test]
    fn a_packet_keeps_its_number_across_a_router_and_ends_behind_its_last_wire() {
        let told = [
            (0, "> a/a0", 1, 1),
            (10, "< r/r0", 1, 1),
            (10, "> r/r1", 1, 2),
            (20, "< b/b0", 1, 2),
            (20, "x", 1, 0),
        ];
        assert_eq!(shown(&told), ["a/a0@1 > r/r0@2", "r/r1@3 > b/b0@4 x"]);
    }

    #[test]
    fn a_packet_may_be_out_of_sight_at_one_end_of_a_wire() {
        let told = [
            (0, "> a/a0", 0, 1),
            (10, "< r/r0", 1, 1),
            (10, "x", 1, 0),
            (20, "> a/a0", 2, 2),
            (30, "< r/r0", 0, 2),
        ];
        assert_eq!(shown(&told), ["a/a0@1 > r/r0@2 x", "a/a0@4 > r/r0@5"]);
        // One that is another packet is another frame.
        let told = [(0, "> a/a0", 0, 1), (1, "> a/a0", 2, 1), (10, "< r/r0", 2, 1), (11, "< r/r0", 3, 1)];
        assert_eq!(shown(&told), ["a/a0@1 > r/r0@4", "a/a0@2 > r/r0@3"]);
        assert_eq!(shown(&[(0, "> a/a0", 1, 1), (9, "< r/r0", 2, 1)]), ["a/a0@1 > -", "- > r/r0@2"]);
    }

    #[test]
    fn a_whole_packet_ends_where_its_last_piece_came_in() {
        let mut events = events(&[
            (0, "> a/a0", 1, 1),
            (1, "> a/a0", 2, 2),
            (2, "< b/b0", 1, 1),
            (3, "< b/b0", 2, 2),
            (4, "x", 0, 0),
            (5, "x", 3, 0),
        ]);
        events[4].packet = Some(PacketId(3));
        events[4].kind = EventKind::IpFragReasm { pieces: vec![PacketId(1), PacketId(2)] };
        let dropped: Vec<bool> =
            Crossing::all(&events).iter().map(|crossing| crossing.dropped.is_some()).collect();
        assert_eq!(dropped, [false, true]);
    }

    #[test]
    fn what_never_came_in_and_what_never_left_are_told_apart() {
        let told = [(0, "> a/a0", 1, 1), (1, "x", 1, 0), (5, "< b/b0", 2, 1)];
        assert_eq!(shown(&told), ["a/a0@1 > - x", "- > b/b0@3"]);
    }

    #[test]
    fn loopback_comes_in_where_it_left() {
        let told = [(0, "> host/lo", 0, 1), (10, "< host/lo", 0, 1), (20, "> host/lo", 0, 1)];
        assert_eq!(shown(&told), ["host/lo@1 > host/lo@2", "host/lo@3 > -"]);
    }

    #[test]
    fn a_frame_that_is_sent_again_is_another_one() {
        // An ARP request is the same to the byte each second; the first was lost.
        let told = [(0, "> a/a0", 0, 1), (1_000_000, "> a/a0", 0, 1), (1_000_010, "< b/b0", 0, 1)];
        assert_eq!(shown(&told), ["a/a0@1 > -", "a/a0@2 > b/b0@3"]);
        // One alone may take its time.
        assert_eq!(shown(&[(0, "> a/a0", 0, 1), (900_000, "< b/b0", 0, 1)]), ["a/a0@1 > b/b0@2"]);
    }

    #[test]
    fn equal_frames_under_way_on_one_wire_keep_their_order() {
        let told = [(0, "> a/a0", 0, 1), (1, "> a/a0", 0, 1), (10, "< b/b0", 0, 1), (11, "< b/b0", 0, 1)];
        assert_eq!(shown(&told), ["a/a0@1 > b/b0@3", "a/a0@2 > b/b0@4"]);
    }

    #[test]
    fn equal_frames_on_two_wires_stay_on_their_wires_once_these_are_known() {
        let told = [
            (0, "> h/p1", 0, 9),
            (1, "< a/e", 0, 9),
            (2, "> h/p2", 0, 8),
            (3, "< b/e", 0, 8),
            // The same frame out of both, as a bridge floods it; the first is lost, the second arrives.
            (4, "> h/p1", 0, 7),
            (5, "> h/p2", 0, 7),
            (6, "< b/e", 0, 7),
        ];
        assert_eq!(shown(&told)[2..], ["h/p1@5 > -", "h/p2@6 > b/e@7"]);
    }

    #[test]
    fn what_a_bridge_takes_in_came_to_it_by_a_port() {
        let told = [(0, "> a/e", 1, 9), (1, "< h/p1", 1, 9), (1, "< h/br0", 1, 9)];
        assert_eq!(shown(&told), ["a/e@1 > h/p1@2", "h/p1@2 > h/br0@3"]);
        let told = [(0, "> a/e", 0, 9), (1, "< h/p1", 0, 9), (1, "< h/br0", 0, 9), (1, "> h/p2", 0, 9)];
        assert_eq!(shown(&told), ["a/e@1 > h/p1@2", "h/p1@2 > h/br0@3", "h/p2@4 > -"]);
        // What it sends itself goes to a port first; a copy for another one is a packet of its own.
        let told = [
            (0, "> h/br0", 1, 9),
            (0, "> h/p1", 2, 9),
            (0, "> h/p2", 1, 9),
            (1, "< a/e", 2, 9),
            (1, "< b/e", 1, 9),
        ];
        assert_eq!(shown(&told), ["h/br0@1 > h/p2@3", "h/p1@2 > a/e@4", "h/p2@3 > b/e@5"]);
        // Where packets are not told apart, a bridge is known by what it took in.
        let told = [(0, "< h/p1", 0, 9), (0, "< h/br0", 0, 9), (1, "> h/br0", 0, 8), (1, "> h/p1", 0, 8)];
        assert_eq!(shown(&told)[2..], ["h/br0@3 > h/p1@4", "h/p1@4 > -"]);
        // What came long before is another frame.
        let told = [(0, "> a/e", 0, 9), (1, "< h/p1", 0, 9), (900_000, "< h/br0", 0, 9)];
        assert_eq!(shown(&told), ["a/e@1 > h/p1@2", "- > h/br0@3"]);
    }

    #[test]
    fn a_link_may_be_renamed_or_moved_in_between() {
        let told = [
            (0, "> h/p1", 0, 1),
            (1, "< a/e", 0, 1),
            (2, "> h/p1", 0, 2),
            (3, "< a/new", 0, 2),
            (4, "> h/p1", 0, 2),
            (5, "< b/new", 0, 2),
            (6, "> b/new", 0, 3),
            (7, "< h/p1", 0, 3),
        ];
        assert_eq!(
            shown(&told),
            ["h/p1@1 > a/e@2", "h/p1@3 > a/new@4", "h/p1@5 > b/new@6", "b/new@7 > h/p1@8"]
        );
    }

    #[test]
    fn a_hundred_thousand_frames_take_no_noticeable_time() {
        // Quadratic, this is 10^10 comparisons of frames: minutes. Half are equal and never come in.
        let mut told = Vec::new();
        for number in 0..100_000 {
            told.push((number * 10, "> a/a0", 0, 1));
            if number % 2 == 0 {
                told.push((number * 10 + 1, "< b/b0", 0, 1));
            }
        }
        let crossings = Crossing::all(&events(&told));
        assert_eq!(crossings.len(), 100_000);
        assert_eq!(crossings.iter().filter(|crossing| crossing.received.is_some()).count(), 50_000);
    }
}
