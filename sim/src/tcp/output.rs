//! What is sent, and when (`net/ipv4/tcp_output.c`).

use super::control::{Control, Pending, Recovery};
use super::sequence::{after, before};
use std::time::Duration;
use vethlab_shared::time::Instant;
use vethlab_shared::view::SocketState as State;
use vethlab_shared::wire::tcp::{Options, flag};

/// How many bytes a packet has at most of which a device makes segments (`sk_gso_max_size`, with room for headers).
const LARGEST_PACKET: u32 = 65_535 - 320;

/// A segment to be sent; where `size` is set the device makes segments of at most that many bytes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) sequence: u32,
    pub(crate) acknowledgement: u32,
    pub(crate) flags: u8,
    pub(crate) window: u16,
    pub(crate) options: Options,
    pub(crate) data: Vec<u8>,
    pub(crate) size: Option<u16>,
}

/// Data on its way, and what goes with it (`struct tcp_skb_cb`).
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) sequence: u32,
    pub(super) data: Vec<u8>,
    /// [`flag::SYN`], [`flag::FIN`] and [`flag::PSH`].
    pub(super) flags: u8,
    /// When it was sent last, and whether more than once (`TCPCB_EVER_RETRANS`).
    pub(super) sent_at: Instant,
    pub(super) again: bool,
    /// It arrived, though something before it is missing; it is thought to be lost (`TCPCB_SACKED_ACKED`, `TCPCB_LOST`).
    pub(super) arrived: bool,
    pub(super) lost: bool,
}

impl Piece {
    fn new(sequence: u32, flags: u8, data: Vec<u8>) -> Piece {
        let sent_at = Instant::START;
        Piece { sequence, data, flags, sent_at, again: false, arrived: false, lost: false }
    }

    /// The number behind its last one.
    pub(super) fn end(&self) -> u32 {
        let numbered = u32::from(self.flags & flag::SYN != 0) + u32::from(self.flags & flag::FIN != 0);
        self.sequence.wrapping_add(self.data.len() as u32 + numbered)
    }

    /// How many segments it is sent in.
    pub(super) fn segments(&self, size: u32) -> u32 {
        (self.data.len() as u32).div_ceil(size.max(1)).max(1)
    }

    /// Cuts off what is behind so many bytes (`tcp_fragment`): the end and the push go with the rest.
    pub(super) fn split(&mut self, length: usize) -> Piece {
        let data = self.data.split_off(length);
        let mut rest = Piece { data, sequence: self.sequence.wrapping_add(length as u32), ..self.clone() };
        rest.flags &= !flag::SYN;
        self.flags &= !(flag::FIN | flag::PSH);
        rest
    }
}

/// Whether small segments wait for what is under way (`TCP_NAGLE_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nagle {
    /// They do.
    On,
    /// This one does not.
    Off,
}

impl Control {
    /// Sends the first segment (`tcp_connect`).
    pub(super) fn send_syn(&mut self, now: Instant) {
        let mut piece = Piece::new(self.written, flag::SYN, Vec::new());
        piece.sent_at = now;
        self.written = piece.end();
        self.next = self.written;
        self.sent.push_back(piece.clone());
        self.transmit(&piece, now);
        self.arm(Pending::Retransmit, self.path.timeout, now);
    }

    /// The options of a SYN or of the answer to one (`tcp_syn_options`).
    fn syn_options(&self, now: Instant) -> Options {
        let asks = self.state == State::SynSent;
        let Options { timestamps, .. } = self.options(now);
        Options {
            maximum_segment_size: Some(self.advertised as u16),
            window_scale: (asks || self.agreed.scales).then_some(self.agreed.receive_scale),
            sack_permitted: asks || self.agreed.sack,
            timestamps: if asks { Some((self.timestamp(now), 0)) } else { timestamps },
            sack: Vec::new(),
        }
    }

    /// Puts a piece on its way (`__tcp_transmit_skb`).
    fn transmit(&mut self, piece: &Piece, now: Instant) {
        let is_syn = piece.flags & flag::SYN != 0;
        let is_first = is_syn && self.state == State::SynSent;
        // The window of a SYN is not shifted yet.
        let window = if is_syn { self.receive_window.min(65_535) as u16 } else { self.select_window() };
        let size = self.path.segment;
        let segment = Segment {
            sequence: piece.sequence,
            acknowledgement: if is_first { 0 } else { self.expected },
            flags: piece.flags | if is_first { 0 } else { flag::ACK },
            window,
            options: if is_syn { self.syn_options(now) } else { self.options(now) },
            size: (piece.data.len() as u32 > size).then_some(size as u16),
            data: piece.data.clone(),
        };
        let has_data = piece.end() != piece.sequence;
        if !is_first {
            self.acknowledgement_sent(has_data, now);
        }
        if !piece.data.is_empty() {
            self.data_sent(now);
        }
        self.out.push(segment);
    }

    /// What was sent acknowledges (`tcp_event_ack_sent`, `tcp_dec_quickack_mode`).
    fn acknowledgement_sent(&mut self, has_data: bool, _now: Instant) {
        self.duplicate = None;
        let acknowledging = &mut self.acknowledging;
        let packets = u32::from(!has_data || acknowledging.scheduled);
        if acknowledging.quick > 0 {
            if packets >= acknowledging.quick {
                acknowledging.quick = 0;
                acknowledging.timeout = Some(super::receive::SHORTEST_DELAY);
            } else {
                acknowledging.quick -= packets;
            }
        }
        acknowledging.scheduled = false;
        acknowledging.now = false;
        acknowledging.pushed = false;
        acknowledging.pushed_twice = false;
        acknowledging.due = None;
    }

    /// Data was sent: soon after some came it is an answer (`tcp_event_data_sent`).
    fn data_sent(&mut self, now: Instant) {
        self.sent_at = Some(now);
        let acknowledging = &mut self.acknowledging;
        let (since, timeout) = (acknowledging.received_at, acknowledging.timeout);
        if since.is_some_and(|since| now.since(since) < timeout.unwrap_or_default()) {
            acknowledging.pingpong = acknowledging.pingpong.saturating_add(1);
        }
    }

    /// Acknowledges what came in, and nothing else (`__tcp_send_ack`).
    pub(super) fn send_acknowledgement(&mut self, now: Instant) {
        if self.state == State::Close {
            return;
        }
        let piece = Piece::new(self.acceptable_sequence(), 0, Vec::new());
        self.transmit(&piece, now);
    }

    /// A number that the other end takes for one that is in its window (`tcp_acceptable_seq`).
    pub(super) fn acceptable_sequence(&self) -> u32 {
        let end = self.window_end();
        if before(end, self.next) && self.next.wrapping_sub(end) >= 1 << self.agreed.receive_scale {
            end
        } else {
            self.next
        }
    }

    /// Ends the connection at once (`tcp_send_active_reset`).
    pub(super) fn send_reset(&mut self, now: Instant) {
        let window = self.select_window();
        let segment = Segment {
            sequence: self.acceptable_sequence(),
            acknowledgement: self.expected,
            flags: flag::RST | flag::ACK,
            window,
            options: self.options(now),
            data: Vec::new(),
            size: None,
        };
        self.out.push(segment);
    }

    /// Asks for the other end's window, or whether it is there (`tcp_xmit_probe_skb`).
    pub(super) fn send_probe(&mut self, now: Instant) {
        let piece = Piece::new(self.unacknowledged.wrapping_sub(1), 0, Vec::new());
        self.transmit(&piece, now);
    }

    /// The number behind the last one that the other end has room for (`tcp_wnd_end`).
    pub(super) fn window_end(&self) -> u32 {
        self.unacknowledged.wrapping_add(self.send_window)
    }

    /// How many bytes go in one packet, of which a device makes segments (`tcp_xmit_size_goal`).
    pub(super) fn size_goal(&self) -> u32 {
        let most = LARGEST_PACKET.min(self.largest_window / 2).max(self.path.segment);
        most - most % self.path.segment
    }

    /// How many segments are under way (`tcp_packets_in_flight`).
    pub(super) fn in_flight(&self) -> u32 {
        let size = self.path.segment;
        let counts = |piece: &&Piece| !piece.arrived && (!piece.lost || piece.again);
        self.sent.iter().filter(counts).map(|piece| piece.segments(size)).sum()
    }

    /// Takes data to be sent, as far as there is room (`tcp_sendmsg_locked`): how many bytes it took.
    pub(super) fn take(&mut self, bytes: &[u8], now: Instant) -> usize {
        let goal = self.size_goal() as usize;
        let mut rest = bytes;
        while !rest.is_empty() {
            let fills = |piece: &Piece| piece.data.len() >= goal || piece.flags & flag::FIN != 0;
            if self.unsent.back().is_none_or(fills) {
                if self.queued() >= self.send_buffer {
                    break;
                }
                self.unsent.push_back(Piece::new(self.written, 0, Vec::new()));
            }
            let Some(tail) = self.unsent.back_mut() else { break };
            let room = (goal - tail.data.len()).min(rest.len());
            tail.data.extend_from_slice(&rest[..room]);
            tail.flags &= !flag::PSH;
            self.written = self.written.wrapping_add(room as u32);
            rest = &rest[room..];
            if tail.data.len() < goal {
                continue;
            }
            if self.pushes_at_once() {
                self.mark_pushed();
                self.push_all(Nagle::Off, now);
            } else if self.unsent.len() == 1 {
                self.write_out(true, Nagle::Off, now);
            }
        }
        if rest.len() < bytes.len() {
            self.mark_pushed();
            self.push_all(Nagle::On, now);
        }
        self.wants_room = !rest.is_empty();
        bytes.len() - rest.len()
    }

    /// How much memory waits to be sent or to be acknowledged, in bytes (`sk_wmem_queued`).
    pub(super) fn queued(&self) -> u32 {
        let pieces = self.sent.iter().chain(&self.unsent);
        pieces.map(|piece| piece.data.len() as u32 + super::window::PACKET_MEMORY).sum()
    }

    /// Whether so much was written that it is pushed in between (`forced_push`).
    fn pushes_at_once(&self) -> bool {
        after(self.written, self.pushed.wrapping_add(self.largest_window / 2))
    }

    /// `tcp_mark_push`.
    fn mark_pushed(&mut self) {
        if let Some(tail) = self.unsent.back_mut() {
            tail.flags |= flag::PSH;
            self.pushed = self.written;
        }
    }

    /// Says that no more is sent (`tcp_send_fin`).
    pub(super) fn send_fin(&mut self, now: Instant) {
        match self.unsent.back_mut() {
            Some(tail) => tail.flags |= flag::FIN,
            None => self.unsent.push_back(Piece::new(self.written, flag::FIN, Vec::new())),
        }
        self.written = self.written.wrapping_add(1);
        self.push_all(Nagle::Off, now);
    }

    /// Sends what may be sent (`__tcp_push_pending_frames`); where nothing may though nothing is under way, the other end
    /// is asked later (`tcp_check_probe_timer`).
    pub(super) fn push_all(&mut self, nagle: Nagle, now: Instant) {
        if !self.unsent.is_empty() && self.write_out(false, nagle, now) && self.pending.is_none() {
            self.arm(Pending::WindowProbe, self.probe_time(), now);
        }
    }

    /// Sends as much as the windows let through (`tcp_write_xmit`): whether something waits, and nothing is under way.
    pub(super) fn write_out(&mut self, one: bool, nagle: Nagle, now: Instant) -> bool {
        let size = self.path.segment;
        let mut sent = false;
        while !self.unsent.is_empty() {
            let quota = self.path.congestion_window.saturating_sub(self.in_flight()) * size;
            let quota = quota.min(LARGEST_PACKET - LARGEST_PACKET % size);
            if quota == 0 {
                break;
            }
            self.fill_first(quota as usize);
            let head = &self.unsent[0];
            let length = head.data.len() as u32;
            // `tcp_snd_wnd_test`: one segment at least has to fit.
            let (first, room) =
                (length.min(size), self.window_end().wrapping_sub(head.sequence).cast_signed());
            if i64::from(room) < i64::from(first) {
                break;
            }
            if length <= size {
                let waits = nagle == Nagle::On
                    && self.unsent.len() == 1
                    && head.flags & flag::FIN == 0
                    && self.waits_for_small(length);
                if waits {
                    break;
                }
            }
            let mut limit = length.min(room.cast_unsigned()).min(quota);
            if limit < length || length > size {
                // What is not a whole segment goes with what follows (`tcp_mss_split_point`).
                let whole = limit - limit % size;
                let partial_waits =
                    limit < length || (nagle == Nagle::On && self.waits_for_small(limit % size));
                if partial_waits && whole > 0 {
                    limit = whole;
                }
            }
            self.send_first(limit as usize, now);
            sent = true;
            if one {
                break;
            }
        }
        if sent {
            self.schedule_probe_or_timeout(now);
        }
        !sent && self.sent.is_empty() && !self.unsent.is_empty()
    }

    /// Moves data of what follows to the first piece, up to so many bytes (`tcp_grow_skb`).
    fn fill_first(&mut self, length: usize) {
        while self.unsent.len() > 1 && self.unsent[0].data.len() < length {
            let missing = length - self.unsent[0].data.len();
            let next = &mut self.unsent[1];
            if next.data.len() > missing {
                let moved: Vec<u8> = next.data.drain(..missing).collect();
                next.sequence = next.sequence.wrapping_add(missing as u32);
                self.unsent[0].data.extend(moved);
            } else if let Some(next) = self.unsent.remove(1) {
                let first = &mut self.unsent[0];
                first.data.extend(next.data);
                first.flags |= next.flags;
            }
        }
    }

    /// Whether a small segment waits until nothing small is under way (`tcp_nagle_check`, `tcp_minshall_check`).
    fn waits_for_small(&self, length: u32) -> bool {
        let small_under_way = after(self.small, self.unacknowledged) && !after(self.small, self.next);
        length < self.path.segment && !self.sent.is_empty() && small_under_way
    }

    /// Sends the first so many bytes of what waits.
    pub(super) fn send_first(&mut self, length: usize, now: Instant) {
        let Some(mut piece) = self.unsent.pop_front() else { return };
        if length < piece.data.len() {
            let rest = piece.split(length);
            self.unsent.push_front(rest);
        }
        piece.sent_at = now;
        self.transmit(&piece, now);
        self.next = piece.end();
        if !(piece.data.len() as u32).is_multiple_of(self.path.segment) {
            self.small = piece.end();
        }
        if self.sent.is_empty() {
            self.retransmits_since = None;
        }
        self.sent.push_back(piece);
    }

    /// Sends a piece that was sent before once more (`__tcp_retransmit_skb`), one segment of it at the most.
    pub(super) fn send_again(&mut self, place: usize, now: Instant) {
        let size = self.path.segment as usize;
        let (unacknowledged, held_here) = (self.unacknowledged, self.held_here);
        let Some(piece) = self.sent.get_mut(place).filter(|_| !held_here) else { return };
        if before(piece.sequence, unacknowledged) {
            let acknowledged = unacknowledged.wrapping_sub(piece.sequence) as usize;
            let rest = piece.split(acknowledged.min(piece.data.len()));
            *piece = rest;
        }
        if piece.data.len() > size {
            let rest = piece.split(size);
            self.sent.insert(place + 1, rest);
        }
        let piece = &mut self.sent[place];
        let first_sent = piece.sent_at;
        (piece.sent_at, piece.again) = (now, true);
        let piece = piece.clone();
        self.retransmits_since.get_or_insert(first_sent);
        self.transmit(&piece, now);
    }

    /// Segments that are too long for the way now are sent again in shorter ones (`tcp_simple_retransmit`).
    pub(super) fn retransmit_too_long(&mut self, now: Instant) {
        let size = self.path.segment as usize;
        let mut any = false;
        for piece in &mut self.sent {
            if piece.data.len() > size && !piece.arrived {
                (piece.lost, piece.again) = (true, false);
                any = true;
            }
        }
        if any {
            if self.recovery == Recovery::Open {
                (self.recovery, self.recovers_to) = (Recovery::Loss, self.next);
            }
            self.send_lost(now);
        }
    }

    /// Sends again what is thought to be lost, as far as the congestion window lets it (`tcp_xmit_retransmit_queue`).
    pub(super) fn send_lost(&mut self, now: Instant) {
        let mut place = 0;
        while place < self.sent.len() {
            let piece = &self.sent[place];
            if piece.lost && !piece.again && !piece.arrived {
                if self.in_flight() >= self.path.congestion_window {
                    break;
                }
                self.send_again(place, now);
            }
            place += 1;
        }
        if !self.sent.is_empty() {
            self.arm(Pending::Retransmit, self.path.timeout, now);
        }
    }

    /// Sets the timer of what was sent.
    pub(super) fn arm(&mut self, pending: Pending, after: Duration, now: Instant) {
        self.pending = Some((pending, now + after));
    }
}
