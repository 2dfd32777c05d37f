//! Which frame a tracepoint speaks of.
//!
//! Right after a packet socket's copy of a frame was stamped, a tracepoint names the packet's address, the link and
//! the length (`dev_queue_xmit_nit` and `xmit_one`; `netif_rx_internal`). So a record belongs to the frame of this
//! name and length that was stamped last before it. From then on the address is followed: out by one link, in by
//! the next, on through a router, until it is freed. Then another packet may have it.

use super::Trace;
use super::tracepoint::{Told, What};
use std::collections::{BTreeMap, BTreeSet};
use vethlab_shared::event::{DropReason, PacketId};
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::socket::Direction;
use vethlab_shared::time::{Duration, Instant};

/// How long after its stamp a frame's record may come: a microsecond, unless a virtual processor stands still.
const LONGEST_WAIT: Duration = Duration::from_millis(10);
/// How much earlier than the stamp it may seem, for the two clocks cannot be read at once.
const CLOCK_ERROR: Duration = Duration::from_nanos(500);
/// How long a packet lives: pieces wait half a minute for the others (`net.ipv4.ipfrag_time`).
const LONGEST_LIFE: Duration = Duration::from_secs(60);
/// With so many lives, those that are too old are ended.
const MANY_LIVES: usize = 1024;
/// What `eth_type_trans` takes off before `netif_rx`.
const ETHERNET_HEADER: u64 = 14;

/// A frame where a tap heard it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Passage {
    /// The namespace, by the number that no other one gets.
    pub(crate) number: u32,
    /// Its name.
    pub(crate) namespace: NamespaceName,
    /// Whether the frame left or came in.
    pub(crate) direction: Direction,
    /// By the kernel's stamp.
    pub(crate) time: Instant,
    /// The frame.
    pub(crate) bytes: Vec<u8>,
}

/// A packet that was dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dropped {
    pub(crate) packet: PacketId,
    pub(crate) time: Instant,
    pub(crate) reason: DropReason,
    /// Where it was heard last.
    pub(crate) last: Passage,
}

/// What records say of frames.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Correlated {
    /// Which packet a frame carried: the frame's place among all that were heard.
    pub(crate) packets: Vec<(usize, PacketId)>,
    /// In order.
    pub(crate) drops: Vec<Dropped>,
}

/// Where a frame is looked for: whether it came in, its link, its time, and its place among all.
type Key = (bool, String, Instant, usize);

/// A packet that is on its way.
struct Life {
    packet: PacketId,
    last: Passage,
}

/// A packet that came in pieces: the namespace, and addresses, protocol and identification (RFC 791).
type Pieces = (u32, [u8; 8], u8, [u8; 2]);

/// Which record belongs to which frame.
#[derive(Default)]
pub(crate) struct Correlation {
    /// Frames that no record belongs to yet.
    untied: BTreeMap<Key, Passage>,
    /// The names of all links that a frame was heard on.
    links: BTreeSet<String>,
    /// By address.
    lives: BTreeMap<u64, Life>,
    /// Packets that were put together, and when.
    joined: BTreeMap<Pieces, Instant>,
    last_packet: u64,
}

impl Correlation {
    /// Takes in a frame that was heard, and its place among all.
    pub(crate) fn hear(&mut self, place: usize, link: &LinkName, passage: Passage) {
        if !self.links.contains(link.as_str()) {
            self.links.insert(link.as_str().to_owned());
        }
        let key = (passage.direction == Direction::In, link.as_str().to_owned(), passage.time, place);
        self.untied.insert(key, passage);
    }

    /// Whether a frame was heard on a link of this name.
    pub(crate) fn knows(&self, link: &str) -> bool {
        self.links.contains(link)
    }

    /// Keeps of records those that may be of the frames that were heard: so few of a busy machine's that the
    /// rest costs little. Those are kept too that go on from older ones, by address, and those from this moment on,
    /// by the clock of the records: of them nothing is known yet.
    pub(crate) fn sift(&self, told: &mut Vec<(u64, Told)>, older: &BTreeSet<u64>, known_until: u64) {
        let passes =
            told.iter().filter(|(_, told)| matches!(told.what, What::Leaves { .. } | What::ComesIn { .. }));
        let passing: BTreeSet<u64> = passes.map(|(_, told)| told.skb).collect();
        told.retain(|(time, told)| {
            *time >= known_until
                || passing.contains(&told.skb)
                || older.contains(&told.skb)
                || self.lives.contains_key(&told.skb)
        });
    }

    /// The frames so far were told of: to what comes now, none of them belongs. Those that had no record.
    pub(crate) fn forget_frames(&mut self) -> Vec<Passage> {
        std::mem::take(&mut self.untied).into_values().collect()
    }

    /// Records are missing, and so it is not known which packets still live. Where those were heard last that may
    /// have ended meanwhile: of the packets heard before this moment, only pieces still wait for an end that is told.
    pub(crate) fn forget_all(&mut self, before: Instant) -> Vec<Passage> {
        self.joined.clear();
        let lives = std::mem::take(&mut self.lives).into_values().map(|life| life.last);
        let open = lives.filter(|last| last.time >= before || last.pieces().is_some());
        let mut open: Vec<Passage> = open.collect();
        open.extend(self.forget_frames());
        open
    }

    /// What records say, in their order, of the frames that were heard.
    pub(crate) fn follow(&mut self, traces: Vec<Trace>) -> Correlated {
        let mut tied = Correlated::default();
        if self.lives.len() + self.joined.len() > MANY_LIVES
            && let Some(newest) = traces.last()
        {
            self.lives.retain(|_, life| newest.time.since(life.last.time) < LONGEST_LIFE);
            self.joined.retain(|_, time| newest.time.since(*time) < LONGEST_LIFE);
        }
        for Trace { time, told } in traces {
            match told.what {
                What::Leaves { link, length } => {
                    self.pass(told.skb, time, (Direction::Out, link, length), &mut tied);
                }
                What::ComesIn { link, length } => {
                    self.pass(told.skb, time, (Direction::In, link, length + ETHERNET_HEADER), &mut tied);
                }
                What::Elsewhere => drop(self.lives.remove(&told.skb)),
                What::Consumed => {
                    let life = self.lives.remove(&told.skb);
                    // Only to be put together does a piece end well (`inet_frag_reasm_prepare`, `ip_do_fragment`).
                    self.joined.extend(life.and_then(|life| Some((life.last.pieces()?, time))));
                }
                What::Dropped { protocol, reason } => {
                    let life = self.lives.remove(&told.skb).filter(|life| life.carries(protocol));
                    let joined =
                        |life: &Life| life.last.pieces().is_some_and(|key| self.joined.contains_key(&key));
                    // The other pieces are freed with the whole, and no reason is given (`skb_release_data`): they
                    // have arrived.
                    let lost = life.filter(|life| reason != DropReason::NotSpecified || !joined(life));
                    tied.drops.extend(lost.map(|life| Dropped {
                        packet: life.packet,
                        time: time.max(life.last.time),
                        reason,
                        last: life.last,
                    }));
                }
            }
        }
        tied
    }

    /// The packet at this address is at the door of a link.
    fn pass(&mut self, skb: u64, time: Instant, door: (Direction, String, u64), tied: &mut Correlated) {
        let before = self.lives.remove(&skb);
        let Some((place, passage, goes_on)) = self.find(time, door, before.as_ref()) else { return };
        let packet = match before.filter(|_| goes_on) {
            Some(life) => life.packet,
            None => {
                self.last_packet += 1;
                PacketId(self.last_packet)
            }
        };
        tied.packets.push((place, packet));
        self.lives.insert(skb, Life { packet, last: passage });
    }

    /// Takes the frame that a record belongs to: the last one before it that goes on from where the packet was,
    /// else the last one. With its place among all, and whether it goes on from there.
    fn find(
        &mut self,
        time: Instant,
        (direction, link, length): (Direction, String, u64),
        before: Option<&Life>,
    ) -> Option<(usize, Passage, bool)> {
        let earliest = Instant::from_nanos(time.as_nanos().saturating_sub(LONGEST_WAIT.as_nanos() as u64));
        let inward = direction == Direction::In;
        let range = (inward, link.clone(), earliest, 0)..=(inward, link, time + CLOCK_ERROR, usize::MAX);
        let fitting = || {
            self.untied.range(range.clone()).rev().filter(|(_, passage)| passage.bytes.len() as u64 == length)
        };
        let goes_on = fitting().find(|(_, passage)| before.is_some_and(|life| life.goes_on_as(passage)));
        let goes = goes_on.is_some();
        let key = goes_on.or_else(|| fitting().next())?.0.clone();
        let passage = self.untied.remove(&key)?;
        Some((key.3, passage, goes))
    }
}

impl Passage {
    /// Which packet this is a piece of, where it is one that came in.
    fn pieces(&self) -> Option<Pieces> {
        let header = self.bytes.get(14..34)?;
        let is_piece = u16::from_be_bytes([header[6], header[7]]) & 0x3fff != 0;
        let is_ipv4 = self.bytes[12..14] == [0x08, 0x00];
        let key = (self.number, header[12..20].try_into().ok()?, header[9], [header[4], header[5]]);
        (is_piece && is_ipv4 && self.direction == Direction::In).then_some(key)
    }
}

impl Life {
    /// Whether a frame may be the next one of this packet: on a wire it stays as it is, and it leaves the namespace
    /// that it came into. A bridge gives what it sends to a port of its own at once (`br_dev_xmit`).
    fn goes_on_as(&self, next: &Passage) -> bool {
        match (self.last.direction, next.direction) {
            (Direction::Out, Direction::In) => self.last.bytes == next.bytes,
            (Direction::In, Direction::Out) => self.last.number == next.number,
            (Direction::Out, Direction::Out) => {
                self.last.number == next.number
                    && self.last.bytes == next.bytes
                    && next.time.since(self.last.time) < LONGEST_WAIT
            }
            (Direction::In, Direction::In) => false,
        }
    }

    /// Whether the packet is of this protocol: another packet may have the address, where the end of this one was
    /// not told.
    fn carries(&self, protocol: u64) -> bool {
        let ethertype =
            self.last.bytes.get(12..14).map(|bytes| u64::from(bytes[0]) << 8 | u64::from(bytes[1]));
        ethertype == Some(protocol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SKB: u64 = 0xffff_8881_0000_0100;

    fn at(microseconds: u64) -> Instant {
        Instant::from_nanos(microseconds * 1000)
    }

    /// A frame of 60 bytes, `> a0` or `< b0` in the namespace of this number.
    fn hear(correlation: &mut Correlation, place: usize, number: u32, what: &str, time: u64, byte: u8) {
        let (direction, link) = what.split_once(' ').expect("a direction");
        let direction = if direction == ">" { Direction::Out } else { Direction::In };
        let bytes = [&[byte; 12][..], &[8, 0], &[byte; 46]].concat();
        let namespace = NamespaceName::new(&format!("n{number}")).expect("a name");
        let link = link.parse().expect("a name");
        correlation.hear(place, &link, Passage { number, namespace, direction, time: at(time), bytes });
    }

    /// A record in the same way, a nanosecond after the frame's stamp; `x` for a drop, `.` for a good end.
    fn trace(skb: u64, what: &str, time: u64) -> Trace {
        let what = match what.split_once(' ') {
            Some((">", link)) => What::Leaves { link: link.to_owned(), length: 60 },
            Some((_, link)) => What::ComesIn { link: link.to_owned(), length: 46 },
            None if what == "x" => What::Dropped { protocol: 0x0800, reason: DropReason::IpRpFilter },
            None => What::Consumed,
        };
        Trace { time: at(time) + Duration::from_nanos(1), told: Told { skb, what } }
    }

    /// Places of frames with their packets, and packets with the namespaces where they were dropped.
    type Followed = (Vec<(usize, u64)>, Vec<(u64, u32)>);

    fn follow(correlation: &mut Correlation, traces: &[Trace]) -> Followed {
        let tied = correlation.follow(traces.to_vec());
        let packets = tied.packets.iter().map(|(place, packet)| (*place, packet.0)).collect();
        (packets, tied.drops.iter().map(|drop| (drop.packet.0, drop.last.number)).collect())
    }

    #[test]
    fn a_packet_is_followed_through_a_router_to_its_end() {
        let mut correlation = Correlation::default();
        hear(&mut correlation, 0, 1, "> a0", 0, 1);
        hear(&mut correlation, 1, 2, "< b0", 2, 1);
        hear(&mut correlation, 2, 2, "> b1", 4, 2);
        let way = [trace(SKB, "> a0", 0), trace(SKB, "< b0", 2), trace(SKB, "> b1", 4)];
        assert_eq!(follow(&mut correlation, &way), (vec![(0, 1), (1, 1), (2, 1)], vec![]));
        assert_eq!(correlation.forget_frames(), []);
        // Much later, and in another batch.
        assert_eq!(follow(&mut correlation, &[trace(SKB, "x", 3_000_000)]), (vec![], vec![(1, 2)]));
        assert_eq!(follow(&mut correlation, &[trace(SKB, "x", 3_000_001)]), (vec![], vec![]), "once");
    }

    #[test]
    fn what_is_not_ours_is_not_told() {
        let mut correlation = Correlation::default();
        hear(&mut correlation, 0, 1, "< b0", 100, 1);
        let others = [
            // Another name, before the stamp, long after it; and none of these is the frame.
            trace(1, "< eth0", 100),
            trace(2, "< b0", 90),
            trace(3, "< b0", 20_000),
            trace(4, "> b0", 100),
            trace(1, "x", 20_001),
            trace(2, "x", 20_001),
            trace(3, "x", 20_001),
            trace(4, "x", 20_001),
        ];
        assert_eq!(follow(&mut correlation, &others), (vec![], vec![]));
        // A packet of another length.
        let mut longer = trace(5, "< b0", 100);
        longer.told.what = What::ComesIn { link: "b0".to_owned(), length: 47 };
        assert_eq!(follow(&mut correlation, &[longer, trace(5, "x", 101)]), (vec![], vec![]));
        assert_eq!(
            follow(&mut correlation, &[trace(6, "< b0", 100), trace(6, "x", 101)]),
            (vec![(0, 1)], vec![(1, 1)])
        );
    }

    #[test]
    fn an_address_that_is_used_again_is_another_packet() {
        let mut correlation = Correlation::default();
        hear(&mut correlation, 0, 1, "< b0", 0, 1);
        // The first one ends well; then somebody else's packet has the address, and is dropped.
        let traces = [trace(SKB, "< b0", 0), trace(SKB, ".", 1), trace(SKB, "x", 2)];
        assert_eq!(follow(&mut correlation, &traces), (vec![(0, 1)], vec![]));
        // The end of the first one was not told: what comes in by a link of others is not it.
        hear(&mut correlation, 1, 1, "< b0", 10, 1);
        let traces = [trace(SKB, "< b0", 10), trace(SKB, "< eth0", 11), trace(SKB, "x", 12)];
        assert_eq!(follow(&mut correlation, &traces), (vec![(1, 2)], vec![]));
        // Neither is what is of another protocol.
        hear(&mut correlation, 2, 1, "< b0", 20, 1);
        let mut other = trace(SKB, "x", 21);
        other.told.what = What::Dropped { protocol: 16, reason: DropReason::NotSpecified };
        assert_eq!(follow(&mut correlation, &[trace(SKB, "< b0", 20), other]), (vec![(2, 3)], vec![]));
        // And after a gap nobody knows.
        hear(&mut correlation, 3, 1, "< b0", 30, 1);
        assert_eq!(follow(&mut correlation, &[trace(SKB, "< b0", 30)]), (vec![(3, 4)], vec![]));
        hear(&mut correlation, 4, 1, "< b0", 31, 1);
        assert_eq!(
            correlation.forget_all(at(30)).len(),
            2,
            "the one that lives, and the one without a record"
        );
        assert_eq!(follow(&mut correlation, &[trace(SKB, "x", 31)]), (vec![], vec![]));
    }

    #[test]
    fn of_a_busy_machine_only_what_may_be_of_our_frames_is_kept() {
        let mut correlation = Correlation::default();
        hear(&mut correlation, 0, 1, "< b0", 0, 1);
        follow(&mut correlation, &[trace(1, "< b0", 0)]);
        hear(&mut correlation, 1, 1, "> a0", 1, 1);
        assert!(correlation.knows("a0") && correlation.knows("b0") && !correlation.knows("eth0"));
        let elsewhere = Trace { told: Told { skb: 1, what: What::Elsewhere }, ..trace(1, ".", 5) };
        // What ends a life or follows a frame; then what is of others, before and after what is known.
        let traces = [elsewhere, trace(2, "> a0", 4), trace(2, "x", 3), trace(3, "x", 4), trace(3, ".", 9)];
        let mut told = traces.map(|trace| (trace.time.as_nanos(), trace.told)).to_vec();
        correlation.sift(&mut told, &BTreeSet::new(), at(9).as_nanos());
        let kept: Vec<_> = told.iter().map(|(time, told)| (*time / 1000, told.skb)).collect();
        assert_eq!(kept, [(5, 1), (4, 2), (3, 2), (9, 3)]);
    }

    #[test]
    fn of_packets_heard_long_ago_only_pieces_wait_for_their_end() {
        let mut correlation = Correlation::default();
        hear(&mut correlation, 0, 1, "< b0", 0, 1);
        follow(&mut correlation, &[trace(SKB, "< b0", 0)]);
        assert_eq!(correlation.forget_all(at(1)).len(), 1, "every byte is 1: a piece");
        hear(&mut correlation, 1, 1, "< b0", 2, 0);
        follow(&mut correlation, &[trace(SKB, "< b0", 2)]);
        assert_eq!(correlation.forget_all(at(3)), []);
    }

    #[test]
    fn a_piece_that_is_freed_with_the_whole_is_not_dropped() {
        let no_reason = |skb, time| Trace {
            told: Told { skb, what: What::Dropped { protocol: 0x0800, reason: DropReason::NotSpecified } },
            ..trace(skb, "x", time)
        };
        // Every byte of these frames is 1, so that each is a piece of the same packet.
        let mut correlation = Correlation::default();
        for time in 0..3 {
            hear(&mut correlation, time, 1, "< b0", time as u64, 1);
        }
        let came = [trace(1, "< b0", 0), trace(2, "< b0", 1), trace(3, "< b0", 2)];
        follow(&mut correlation, &came);
        // The first is joined with the last, and the one between them freed later.
        let ends = [trace(1, ".", 3), trace(3, ".", 4), no_reason(2, 5)];
        assert_eq!(follow(&mut correlation, &ends), (vec![], vec![]));
        // Sent on through a router, none is joined, and each may be dropped.
        hear(&mut correlation, 3, 2, "< b0", 10, 1);
        assert_eq!(follow(&mut correlation, &[trace(1, "< b0", 10), no_reason(1, 11)]).1, [(4, 2)]);
    }

    #[test]
    fn what_a_bridge_sends_leaves_by_a_port_as_the_same_packet() {
        let mut correlation = Correlation::default();
        hear(&mut correlation, 0, 1, "> br0", 0, 1);
        hear(&mut correlation, 1, 1, "> p1", 2, 1);
        let traces = [trace(SKB, "> br0", 0), trace(SKB, "> p1", 2)];
        assert_eq!(follow(&mut correlation, &traces), (vec![(0, 1), (1, 1)], vec![]));
        // A second later the same bytes are another packet.
        hear(&mut correlation, 2, 1, "> p1", 1_000_000, 1);
        assert_eq!(follow(&mut correlation, &[trace(SKB, "> p1", 1_000_000)]), (vec![(2, 2)], vec![]));
    }

    #[test]
    fn links_of_one_name_are_told_apart_by_what_crosses_them() {
        // Two pairs a0 > b0 in four namespaces, on two processors at once.
        let mut correlation = Correlation::default();
        hear(&mut correlation, 0, 1, "> a0", 0, 1);
        hear(&mut correlation, 1, 3, "> a0", 5, 2);
        hear(&mut correlation, 2, 2, "< b0", 8, 1);
        hear(&mut correlation, 3, 4, "< b0", 8, 2);
        let traces = [
            trace(1, "> a0", 0),
            trace(2, "> a0", 5),
            trace(2, "< b0", 8),
            trace(1, "< b0", 8),
            trace(1, "x", 9),
        ];
        let (mut packets, drops) = follow(&mut correlation, &traces);
        packets.sort_unstable();
        assert_eq!(packets, [(0, 1), (1, 2), (2, 1), (3, 2)]);
        assert_eq!(drops, [(1, 2)]);
    }
}
