//! What comes in for a connection (`tcp_rcv_state_process`, `tcp_rcv_established`, `tcp_validate_incoming`).

use super::control::Control;
use super::output::Nagle;
use super::sequence::{after, before, between};
use vethlab_shared::error::Errno;
use vethlab_shared::event::DropReason;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::view::SocketState as State;
use vethlab_shared::wire::Tcp;
use vethlab_shared::wire::tcp::{Options, flag};

/// How much a time stamp may be older than the last one (`TCP_PAWS_WINDOW`).
const OLDEST_TIMESTAMP: u32 = 1;

/// A segment that came in.
#[derive(Clone, Debug)]
pub(crate) struct Arrived<'a> {
    pub(crate) sequence: u32,
    pub(crate) acknowledgement: u32,
    pub(crate) flags: u8,
    /// As it stands in the header.
    pub(crate) window: u16,
    pub(crate) options: Options,
    pub(crate) data: &'a [u8],
    /// Length of the header, options counted, in bytes.
    pub(crate) header: usize,
    /// How long the segments are that it is a whole packet of, where it is (`gso_size`).
    pub(crate) size: Option<u16>,
}

impl<'a> Arrived<'a> {
    pub(crate) fn new(segment: Tcp<'a>, size: Option<u16>) -> Arrived<'a> {
        Arrived {
            sequence: segment.sequence(),
            acknowledgement: segment.acknowledgement(),
            flags: segment.flags(),
            window: segment.window(),
            options: Options::of(segment),
            data: segment.data(),
            header: segment.header_length(),
            size,
        }
    }

    /// Whether it has one of these flags.
    pub(crate) fn has(&self, flags: u8) -> bool {
        self.flags & flags != 0
    }

    /// The number behind its last one.
    pub(crate) fn end(&self) -> u32 {
        let numbered = u32::from(self.has(flag::SYN)) + u32::from(self.has(flag::FIN));
        self.sequence.wrapping_add(self.data.len() as u32 + numbered)
    }
}

/// What became of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It has ended well.
    Taken,
    /// It was dropped.
    Drop(DropReason),
    /// It was dropped, and is answered by a reset.
    Reset(DropReason),
}

impl From<Result<(), DropReason>> for Verdict {
    fn from(result: Result<(), DropReason>) -> Verdict {
        result.map_or_else(Verdict::Drop, |()| Verdict::Taken)
    }
}

impl Control {
    /// Takes in a segment of this connection (`tcp_v4_do_rcv`).
    pub(crate) fn receive(&mut self, segment: &Arrived<'_>, now: Instant) -> Verdict {
        match self.state {
            State::Close => Verdict::Drop(DropReason::TcpClose),
            State::SynSent => self.receive_answer(segment, now),
            State::Established => self.receive_established(segment, now),
            _ => self.receive_by_state(segment, now),
        }
    }

    /// The answer to the first segment (`tcp_rcv_synsent_state_process`).
    fn receive_answer(&mut self, segment: &Arrived<'_>, now: Instant) -> Verdict {
        let acknowledgement = segment.acknowledgement;
        if segment.has(flag::ACK) {
            if !after(acknowledgement, self.unacknowledged) || after(acknowledgement, self.next) {
                return Verdict::Reset(DropReason::TcpInvalidAckSequence);
            }
            if segment.has(flag::RST) {
                self.reset();
                return Verdict::Taken;
            }
            if !segment.has(flag::SYN) {
                return Verdict::Drop(DropReason::TcpFlags);
            }
            self.agree(segment);
            self.window_told_by = segment.sequence;
            self.expected = segment.sequence.wrapping_add(1);
            self.told = self.expected;
            self.send_window = segment.window.into();
            self.largest_window = self.send_window;
            self.acknowledge_new(segment, now);
            self.unacknowledged = acknowledgement;
            self.sync_segment(self.path.mtu);
            self.guess_segment();
            self.enter(State::Established);
            self.begin_transfer(now);
            self.send_acknowledgement(now);
            return Verdict::Taken;
        }
        if segment.has(flag::RST) {
            return Verdict::Drop(DropReason::TcpReset);
        }
        if !segment.has(flag::SYN) {
            return Verdict::Drop(DropReason::TcpFlags);
        }
        // Both ends ask each other (RFC 9293 section 3.5, figure 7).
        self.enter(State::SynReceived);
        self.agree(segment);
        self.expected = segment.sequence.wrapping_add(1);
        (self.told, self.read) = (self.expected, self.expected);
        self.send_window = segment.window.into();
        self.window_told_by = segment.sequence;
        self.largest_window = self.send_window;
        self.sync_segment(self.path.mtu);
        self.guess_segment();
        self.send_again(0, now);
        Verdict::Drop(DropReason::NotSpecified)
    }

    /// What both ends have in common, by the options of the other end's first segment.
    pub(super) fn agree(&mut self, segment: &Arrived<'_>) {
        let Options { maximum_segment_size, window_scale, sack_permitted, timestamps, .. } = segment.options;
        self.agreed.sack = sack_permitted;
        self.agreed.largest =
            maximum_segment_size.map_or(super::control::DEFAULT_SEGMENT, u32::from).min(65_535 - 40);
        self.agreed.scales = window_scale.is_some();
        self.agreed.send_scale = window_scale.unwrap_or(0);
        if window_scale.is_none() {
            self.agreed.receive_scale = 0;
            self.window_clamp = self.window_clamp.min(65_535);
        }
        if let Some((theirs, _)) = timestamps {
            self.agreed.timestamps = true;
            self.timestamp_recent = theirs;
            self.advertised -= self.option_length();
        }
    }

    /// The other end ends the connection at once (`tcp_reset`).
    pub(super) fn reset(&mut self) {
        match self.state {
            State::SynSent => self.fail(Errno::ECONNREFUSED),
            State::CloseWait => self.fail(Errno::EPIPE),
            State::Close => {}
            _ => self.fail(Errno::ECONNRESET),
        }
    }

    /// Whether a segment belongs to the connection (`tcp_validate_incoming`).
    fn validate(&mut self, segment: &Arrived<'_>, now: Instant) -> Result<(), DropReason> {
        let is_reset = segment.has(flag::RST);
        if let Some((theirs, _)) = segment.options.timestamps.filter(|_| self.agreed.timestamps)
            && self.timestamp_recent.wrapping_sub(theirs).cast_signed() > OLDEST_TIMESTAMP.cast_signed()
            && !is_reset
        {
            self.answer_duplicate(segment, now);
            return Err(DropReason::TcpRfc7323Paws);
        }
        if let Some(reason) = self.is_outside(segment) {
            if !is_reset {
                if segment.has(flag::SYN) {
                    self.send_acknowledgement(now);
                    return Err(DropReason::TcpInvalidSyn);
                }
                self.answer_duplicate(segment, now);
            }
            return Err(reason);
        }
        if is_reset {
            if segment.sequence == self.expected {
                self.reset();
                return Err(DropReason::TcpReset);
            }
            // Somebody who does not know the number is asked for it (RFC 5961 section 3.2).
            self.send_acknowledgement(now);
            return Err(DropReason::TcpReset);
        }
        if segment.has(flag::SYN) {
            let answers_again = self.state == State::SynReceived
                && segment.has(flag::ACK)
                && segment.sequence.wrapping_add(1) == self.expected
                && segment.acknowledgement == self.next;
            if !answers_again {
                self.send_acknowledgement(now);
                return Err(DropReason::TcpInvalidSyn);
            }
        }
        Ok(())
    }

    /// Why a segment is outside the window, where it is (`tcp_sequence`).
    fn is_outside(&self, segment: &Arrived<'_>) -> Option<DropReason> {
        let end = self.expected.wrapping_add(self.window_left());
        if before(segment.end(), self.told) {
            Some(DropReason::TcpOldSequence)
        } else if after(segment.sequence, end) {
            Some(DropReason::TcpInvalidSequence)
        } else {
            None
        }
    }

    /// `tcp_send_dupack`.
    fn answer_duplicate(&mut self, segment: &Arrived<'_>, now: Instant) {
        let end = segment.end();
        if end != segment.sequence && before(segment.sequence, self.expected) {
            self.quickly(now);
            let known = if after(end, self.expected) { self.expected } else { end };
            self.duplicate = Some((segment.sequence, known));
        }
        self.send_acknowledgement(now);
    }

    /// Takes over the other end's time stamp (`tcp_replace_ts_recent`).
    fn take_timestamp(&mut self, segment: &Arrived<'_>) {
        if let Some((theirs, _)) = segment.options.timestamps
            && !after(segment.sequence, self.told)
            && theirs.wrapping_sub(self.timestamp_recent).cast_signed() >= 0
        {
            self.timestamp_recent = theirs;
        }
    }

    fn receive_established(&mut self, segment: &Arrived<'_>, now: Instant) -> Verdict {
        if let Err(reason) = self.validate(segment, now) {
            return Verdict::Drop(reason);
        }
        if !segment.has(flag::ACK) {
            return Verdict::Drop(DropReason::TcpFlags);
        }
        if let Err(reason) = self.acknowledge(segment, now) {
            return Verdict::Drop(reason);
        }
        self.take_timestamp(segment);
        let received = self.receive_data(segment, now);
        self.send_what_waits(now);
        self.acknowledge_when_due(now);
        received.into()
    }

    /// Sends what the acknowledgement let through (`tcp_data_snd_check`).
    pub(super) fn send_what_waits(&mut self, now: Instant) {
        self.push_all(Nagle::On, now);
    }

    fn receive_by_state(&mut self, segment: &Arrived<'_>, now: Instant) -> Verdict {
        if let Err(reason) = self.validate(segment, now) {
            return Verdict::Drop(reason);
        }
        if !segment.has(flag::ACK) {
            return Verdict::Drop(DropReason::TcpFlags);
        }
        if let Err(reason) = self.acknowledge(segment, now) {
            if self.state == State::SynReceived {
                return Verdict::Reset(reason);
            }
            if reason == DropReason::TcpAckUnsentData {
                self.send_acknowledgement(now);
            }
            return Verdict::Drop(reason);
        }
        self.take_timestamp(segment);
        let all_acknowledged = self.unacknowledged == self.written;
        match self.state {
            State::SynReceived => {
                self.enter(State::Established);
                self.send_window = u32::from(segment.window) << self.agreed.send_scale;
                self.largest_window = self.largest_window.max(self.send_window);
                self.window_told_by = segment.sequence;
                self.sync_segment(self.path.mtu);
                self.begin_transfer(now);
            }
            State::FinWait1 if all_acknowledged => {
                if let Some(verdict) = self.end_is_known(segment, now) {
                    return verdict;
                }
            }
            State::Closing if all_acknowledged => {
                self.becomes_time_wait = Some(State::TimeWait);
                return Verdict::Taken;
            }
            State::LastAck if all_acknowledged => {
                self.finish();
                return Verdict::Taken;
            }
            _ => {}
        }
        let is_over = matches!(self.state, State::CloseWait | State::Closing | State::LastAck);
        let received = if is_over && !before(segment.sequence, self.expected) {
            Ok(())
        } else if !matches!(self.state, State::Established) && self.comes_too_late(segment) {
            self.reset();
            return Verdict::Reset(DropReason::TcpAbortOnData);
        } else {
            self.receive_data(segment, now)
        };
        if self.state != State::Close && self.becomes_time_wait.is_none() {
            self.send_what_waits(now);
            self.acknowledge_when_due(now);
        }
        received.into()
    }

    /// The other end knows that nothing more comes.
    fn end_is_known(&mut self, segment: &Arrived<'_>, now: Instant) -> Option<Verdict> {
        /// `net.ipv4.tcp_fin_timeout`.
        const FIN_TIMEOUT: Duration = Duration::from_secs(60);
        self.enter(State::FinWait2);
        self.write_ended = true;
        if !self.orphan {
            return None;
        }
        let numbered = segment.end().wrapping_sub(u32::from(segment.has(flag::FIN)));
        if segment.end() != segment.sequence && after(numbered, self.expected) {
            self.finish();
            return Some(Verdict::Reset(DropReason::TcpAbortOnData));
        }
        if segment.has(flag::FIN) {
            self.keepalive_at = Some(now + FIN_TIMEOUT);
            return None;
        }
        self.becomes_time_wait = Some(State::FinWait2);
        Some(Verdict::Taken)
    }

    /// Whether data comes that the program, which has closed the connection, will never read.
    fn comes_too_late(&self, segment: &Arrived<'_>) -> bool {
        let end = segment.end();
        let numbered = end.wrapping_sub(u32::from(segment.has(flag::FIN)));
        self.read_ended && end != segment.sequence && after(numbered, self.expected)
    }

    /// Whether an ICMP error about a segment with this number is about what is under way (`tcp_v4_err`).
    pub(crate) fn is_under_way(&self, sequence: u32) -> bool {
        between(sequence, self.unacknowledged, self.next)
    }

    /// An ICMP error tells that the other end cannot be reached (`tcp_v4_err`). One that comes while the program is still
    /// within `connect`, as it does from a router on the same machine, does not end the connection: it is asked for again.
    pub(crate) fn icmp_error(&mut self, errno: Errno) {
        let connects = matches!(self.state, State::SynSent | State::SynReceived);
        self.error_queued |= connects;
        if connects && !self.owned {
            self.fail(errno);
        } else {
            self.soft_error = Some(errno);
        }
    }
}
