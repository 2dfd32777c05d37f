//! Whether a segment can be part of a connection, by its numbers (`tcp_in_window`). The rules are those of "Real Stateful TCP
//! Packet Filtering in IP Filter" (G. van Rooij, 2000): of each side is known how far it has sent, how far it may send, and
//! how large its window was at the most.

use super::{Looked, Segment, TcpState, TcpTrack};
use crate::conntrack::Direction;
use bitflags::bitflags;
use vethlab_shared::wire::Tcp;
use vethlab_shared::wire::tcp::{Options, flag};

/// An acknowledgement may be so far behind, at the least (`MAXACKWINCONST`).
const LEAST_ACK_WINDOW: u32 = 66_000;

bitflags! {
    /// What is known of a side (`IP_CT_TCP_FLAG_*`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    struct Known: u8 {
        /// It scales its windows.
        const WINDOW_SCALE = 0x01;
        /// It takes selective acknowledgements.
        const SACK_PERMITTED = 0x02;
        /// It has begun to close the connection.
        const CLOSE_INIT = 0x04;
        /// Its segments count wherever they lie.
        const BE_LIBERAL = 0x08;
        /// It has sent what was not acknowledged.
        const UNACKNOWLEDGED = 0x10;
    }
}

/// What was seen of one side (`struct ip_ct_tcp_state`).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// How far it has sent (`td_end`).
    end: u32,
    /// How far it may send (`td_maxend`).
    most: u32,
    /// Its largest window; 0 where nothing of it was seen (`td_maxwin`).
    window: u32,
    /// What it has acknowledged (`td_maxack`).
    acknowledged: Option<u32>,
    /// By how many bits its windows are shifted (`td_scale`).
    scale: u8,
    known: Known,
}

/// Both sides.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seens([Seen; 2]);

/// Where a segment lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The receiver may take it.
    Inside,
    /// It says nothing new: nothing is learned of it (`NFCT_TCP_IGNORE`).
    Ignored,
    /// It can be no part of the connection.
    Invalid,
}

/// Whether a number comes before another one, in the circle of 32 bits (`before`).
pub(super) fn before(one: u32, other: u32) -> bool {
    (one.wrapping_sub(other) as i32) < 0
}

fn after(one: u32, other: u32) -> bool {
    before(other, one)
}

impl Seen {
    /// What was seen of a side after a SYN that ends there and had these options.
    pub(super) fn after_syn(end: u32, window: u16, options: Seen) -> Seen {
        Seen { end, most: end, window: u32::from(window).max(1), ..options }
    }

    pub(super) fn last_acknowledged(&self) -> Option<u32> {
        self.acknowledged
    }

    /// Reads the options of a SYN (`tcp_options`): one without any leaves things as they are.
    pub(super) fn take_options(&mut self, header: Tcp<'_>) {
        if header.options().is_empty() {
            return;
        }
        let options = Options::of(header);
        self.scale = options.window_scale.unwrap_or_default();
        self.known &= Known::BE_LIBERAL;
        self.acknowledged = None;
        self.known.set(Known::WINDOW_SCALE, options.window_scale.is_some());
        self.known.set(Known::SACK_PERMITTED, options.sack_permitted);
    }

    /// How far behind an acknowledgement of this side may be (`MAXACKWINDOW`).
    fn ack_window(&self) -> u32 {
        self.window.max(LEAST_ACK_WINDOW)
    }
}

impl Seens {
    /// After a SYN.
    pub(super) fn of_syn(segment: &Looked<'_>) -> Seens {
        let mut options = Seen::default();
        options.take_options(segment.header);
        Seens([Seen::after_syn(segment.end, segment.header.window(), options), Seen::default()])
    }

    /// After a segment in the middle of a connection, whose history is not known: SACK is assumed, and as the scale of
    /// windows is unknown too, nothing is out of them.
    pub(super) fn of_middle(segment: &Looked<'_>) -> Seens {
        let known = Known::SACK_PERMITTED | Known::BE_LIBERAL;
        let mut sender =
            Seen::after_syn(segment.end, segment.header.window(), Seen { known, ..Seen::default() });
        sender.most = sender.end.wrapping_add(sender.window);
        Seens([sender, Seen { known, ..Seen::default() }])
    }

    pub(super) fn of(&self, direction: Direction) -> &Seen {
        &self.0[direction as usize]
    }

    /// Who sends in a direction, and who receives.
    fn both(&mut self, direction: Direction) -> (&mut Seen, &mut Seen) {
        let [original, reply] = &mut self.0;
        match direction {
            Direction::Original => (original, reply),
            Direction::Reply => (reply, original),
        }
    }

    /// Whether either side has begun to close it.
    pub(super) fn closing(&self) -> bool {
        self.0.iter().any(|seen| seen.known.contains(Known::CLOSE_INIT))
    }

    /// Whether either side has sent what was not acknowledged.
    pub(super) fn unacknowledged(&self) -> bool {
        self.0.iter().any(|seen| seen.known.contains(Known::UNACKNOWLEDGED))
    }

    /// A side begins to close it.
    pub(super) fn close(&mut self, direction: Direction) {
        self.both(direction).0.known |= Known::CLOSE_INIT;
    }

    /// Begins anew: what goes in this direction answers a SYN of the other side (`nf_ct_tcp_state_reset`).
    pub(super) fn get_in_step(&mut self, direction: Direction, other: &Seen) {
        let (own, opposite) = self.both(direction);
        *opposite = *other;
        *own = Seen { known: own.known & Known::BE_LIBERAL, ..Seen::default() };
    }
}

/// Takes a SYN as a side's first segment (`tcp_init_sender`). Windows are scaled only where both sides say so.
fn init_sender(sender: &mut Seen, receiver: &mut Seen, segment: &Looked<'_>, direction: Direction) {
    (sender.end, sender.most) = (segment.end, segment.end);
    sender.window = u32::from(segment.header.window()).max(1);
    sender.take_options(segment.header);
    let both = sender.known & receiver.known;
    if direction == Direction::Reply && !both.contains(Known::WINDOW_SCALE) {
        (sender.scale, receiver.scale) = (0, 0);
    }
}

/// The highest byte that a segment acknowledges, selectively too (`tcp_sack`).
fn selectively(header: Tcp<'_>, acknowledged: u32) -> u32 {
    let ends = Options::of(header).sack.into_iter().map(|(_, end)| end);
    ends.fold(acknowledged, |most, end| if after(end, most) { end } else { most })
}

/// Looks where a segment lies, and learns of it what can be learned (`tcp_in_window`). With `liberal` nothing is out of the
/// window.
pub(super) fn look(track: &mut TcpTrack, segment: &Looked<'_>, direction: Direction, liberal: bool) -> Found {
    let header = segment.header;
    let opens = matches!(track.state, TcpState::SynSent | TcpState::SynRecv);
    let (sender, receiver) = track.seen.both(direction);
    let (mut sequence, mut end) = (header.sequence(), segment.end);
    let mut ack = header.acknowledgement();
    let mut sack = match receiver.known.contains(Known::SACK_PERMITTED) {
        true => selectively(header, ack),
        false => ack,
    };
    let raw_window = u32::from(header.window());
    let is_syn = segment.has(flag::SYN);
    if sender.window == 0 {
        if is_syn {
            init_sender(sender, receiver, segment, direction);
            if !segment.has(flag::ACK) {
                return Found::Inside;
            }
        } else {
            sender.end = end;
            sender.window = (raw_window << sender.scale).max(1);
            sender.most = end.wrapping_add(sender.window);
            if receiver.window == 0 {
                (receiver.end, receiver.most) = (sack, sack);
            } else if sack == receiver.end.wrapping_add(1) {
                // An answer to a probe, by which the other side is kept alive.
                receiver.end = sack;
            }
        }
    } else if is_syn && after(end, sender.end) && opens {
        init_sender(sender, receiver, segment, direction);
        if direction == Direction::Reply && !segment.has(flag::ACK) {
            return Found::Inside;
        }
    }
    let is_reset = segment.has(flag::RST);
    // Some resets have the flag, and zero as the number.
    if !segment.has(flag::ACK) || (is_reset && ack == 0) {
        (ack, sack) = (receiver.end, receiver.end);
    }
    if is_reset && sequence == 0 && track.state == TcpState::SynSent {
        (sequence, end) = (sender.end, sender.end);
    }
    let found = place((sequence, end), sack, sender, receiver);
    let liberal = liberal || sender.known.contains(Known::BE_LIBERAL);
    match found {
        Found::Inside => {}
        // What is taken all the same teaches nothing.
        _ if liberal => return Found::Inside,
        found => return found,
    }
    let window = if is_syn { raw_window } else { raw_window << sender.scale };
    learn(end, (ack, sack, window), segment, (sender, receiver));
    if segment.kind == Segment::Ack {
        note(track, segment, direction, (sequence, ack, end));
    }
    Found::Inside
}

/// Where a segment lies between what both sides have said.
fn place((sequence, end): (u32, u32), sack: u32, sender: &mut Seen, receiver: &Seen) -> Found {
    let sent_before = after(end, sender.end.wrapping_sub(receiver.window).wrapping_sub(1));
    let acknowledges_late = !after(sack, receiver.end.wrapping_sub(sender.ack_window()).wrapping_sub(1));
    let acknowledges_too_much = after(sack, receiver.end);
    if after(sequence, sender.most) {
        let too_many = end.wrapping_sub(sender.most).wrapping_add(1);
        let fits = receiver.window != 0 && sent_before && too_many <= receiver.window;
        if fits && !acknowledges_late && !acknowledges_too_much {
            // More than the receiver allowed: it may take it all the same, and acknowledge it.
            sender.end = end;
            sender.known |= Known::UNACKNOWLEDGED;
            return Found::Ignored;
        }
        return Found::Invalid;
    }
    if acknowledges_too_much {
        return Found::Invalid;
    }
    let in_window = receiver.window == 0 || sent_before;
    if !in_window || acknowledges_late { Found::Ignored } else { Found::Inside }
}

/// Learns of a segment how far both sides are.
fn learn(
    end: u32,
    (ack, sack, window): (u32, u32, u32),
    segment: &Looked<'_>,
    (sender, receiver): (&mut Seen, &mut Seen),
) {
    sender.window = sender.window.max(window.wrapping_add(sack.wrapping_sub(ack)));
    if after(end, sender.end) {
        sender.end = end;
        sender.known |= Known::UNACKNOWLEDGED;
    }
    if segment.has(flag::ACK) && sender.acknowledged.is_none_or(|known| after(ack, known)) {
        sender.acknowledged = Some(ack);
    }
    if receiver.window != 0 && after(end, sender.most) {
        receiver.window = receiver.window.wrapping_add(end.wrapping_sub(sender.most));
    }
    let may = sack.wrapping_add(window);
    if !before(may, receiver.most) {
        receiver.most = if window == 0 { may.wrapping_add(1) } else { may };
    }
    if ack == receiver.end {
        receiver.known -= Known::UNACKNOWLEDGED;
    }
}

/// Counts how often the same acknowledgement came.
fn note(
    track: &mut TcpTrack,
    segment: &Looked<'_>,
    direction: Direction,
    (sequence, ack, end): (u32, u32, u32),
) {
    let last = &mut track.last;
    let window = segment.header.window();
    let same = last.direction == direction
        && (last.sequence, last.acknowledgement, last.end, last.window) == (sequence, ack, end, window);
    if same {
        track.retransmissions = track.retransmissions.saturating_add(1);
    } else {
        last.direction = direction;
        (last.sequence, last.acknowledgement, last.end, last.window) = (sequence, ack, end, window);
        track.retransmissions = 0;
    }
}
