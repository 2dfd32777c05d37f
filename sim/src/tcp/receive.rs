//! Data that came in, and when it is acknowledged (`tcp_data_queue`, `__tcp_ack_snd_check`).

use super::control::{Control, Early, Waiting};
use super::input::Arrived;
use super::sequence::{after, before, later};
use super::window::PACKET_MEMORY;
use vethlab_shared::event::DropReason;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::view::SocketState as State;
use vethlab_shared::wire::tcp::flag;

/// How long an acknowledgement waits at least (`TCP_ATO_MIN`, `TCP_DELACK_MIN`), and at the most (`TCP_DELACK_MAX`).
pub(super) const SHORTEST_DELAY: Duration = Duration::from_millis(40);
const LONGEST_DELAY: Duration = Duration::from_millis(200);
/// How many acknowledgements are sent at once at the most (`TCP_MAX_QUICKACKS`).
const MOST_QUICK: u32 = 16;
/// From how many answers on the ends take turns (`net.ipv4.tcp_pingpong_thresh`).
const TAKES_TURNS: u8 = 1;
/// The smallest segment that counts as a whole one (`TCP_MIN_RCVMSS`).
const SMALLEST_WHOLE: u32 = 536;

impl Control {
    /// Whether each end answers the other (`inet_csk_in_pingpong_mode`).
    fn takes_turns(&self) -> bool {
        self.acknowledging.pingpong >= TAKES_TURNS
    }

    /// Takes in the data of a segment that belongs to the connection (`tcp_data_queue`).
    pub(super) fn receive_data(&mut self, segment: &Arrived<'_>, now: Instant) -> Result<(), DropReason> {
        let end = segment.end();
        if segment.sequence == end {
            return Ok(());
        }
        if segment.sequence == self.expected {
            if self.window_left() == 0 && !(segment.data.is_empty() && segment.has(flag::FIN)) {
                self.quickly(now);
                return Err(DropReason::TcpZerowindow);
            }
            self.receive_in_order(segment, segment.data, now);
            return Ok(());
        }
        if !after(end, self.expected) {
            // It came before: the first acknowledgement was lost perhaps.
            self.duplicate = Some((segment.sequence, end));
            self.quickly(now);
            return Err(DropReason::TcpOldData);
        }
        if !before(segment.sequence, self.expected.wrapping_add(self.window_left())) {
            self.quickly(now);
            return Err(DropReason::TcpOverwindow);
        }
        if before(segment.sequence, self.expected) {
            // A part of it came before.
            self.duplicate = Some((segment.sequence, self.expected));
            if self.window_left() == 0 {
                self.quickly(now);
                return Err(DropReason::TcpZerowindow);
            }
            let known = self.expected.wrapping_sub(segment.sequence) as usize;
            let data = &segment.data[known.min(segment.data.len())..];
            self.receive_in_order(segment, data, now);
            return Ok(());
        }
        self.keep_early(segment, now);
        Ok(())
    }

    fn receive_in_order(&mut self, segment: &Arrived<'_>, data: &[u8], now: Instant) {
        self.queue(data);
        if !data.is_empty() {
            self.data_came(segment, now);
        }
        if segment.has(flag::FIN) {
            self.end_came(now);
        }
        self.take_early(now);
    }

    /// Lets the program read data (`tcp_queue_rcv`).
    fn queue(&mut self, data: &[u8]) {
        self.expected = self.expected.wrapping_add(data.len() as u32);
        if !data.is_empty() {
            let memory = data.len() as u32 + PACKET_MEMORY;
            self.memory += memory;
            self.waiting.push_back(Waiting { bytes: data.to_vec(), memory });
        }
    }

    /// Keeps what came before what is in front of it (`tcp_data_queue_ofo`); it is acknowledged at once.
    fn keep_early(&mut self, segment: &Arrived<'_>, now: Instant) {
        self.acknowledging.scheduled = true;
        let early =
            Early { sequence: segment.sequence, bytes: segment.data.to_vec(), fin: segment.has(flag::FIN) };
        let place = self.early.iter().position(|known| after(known.sequence, early.sequence));
        let known = self
            .early
            .iter()
            .any(|known| !before(early.sequence, known.sequence) && !after(segment.end(), known.end()));
        if known {
            self.duplicate = Some((segment.sequence, segment.end()));
        } else {
            self.early.insert(place.unwrap_or(self.early.len()), early);
            self.acknowledging.timeout.get_or_insert(SHORTEST_DELAY);
            self.acknowledging.received_at = Some(now);
        }
    }

    /// What came early and fits now is read too (`tcp_ofo_queue`).
    fn take_early(&mut self, now: Instant) {
        let had = !self.early.is_empty();
        while let Some(first) = self.early.front() {
            if after(first.sequence, self.expected) {
                break;
            }
            let Some(first) = self.early.pop_front() else { break };
            if !after(first.end(), self.expected) {
                continue;
            }
            let known = self.expected.wrapping_sub(first.sequence) as usize;
            self.queue(&first.bytes[known.min(first.bytes.len())..]);
            if first.fin {
                self.end_came(now);
            }
        }
        if had && self.early.is_empty() {
            // What was missing is here: that is told at once.
            self.acknowledging.now = true;
        }
    }

    /// What came early, the lately told first (RFC 2018), after what came twice.
    pub(super) fn blocks(&self) -> Vec<(u32, u32)> {
        if !self.agreed.sack {
            return Vec::new();
        }
        let mut blocks: Vec<(u32, u32)> = Vec::new();
        for early in &self.early {
            match blocks.last_mut() {
                Some(last) if !after(early.sequence, last.1) => last.1 = later(last.1, early.end()),
                _ => blocks.push((early.sequence, early.end())),
            }
        }
        self.duplicate.into_iter().chain(blocks).collect()
    }

    /// What it tells of when an acknowledgement is due (`tcp_event_data_recv`).
    fn data_came(&mut self, segment: &Arrived<'_>, now: Instant) {
        self.acknowledging.scheduled = true;
        self.measure_segment(segment);
        let timeout = self.path.timeout;
        let since = self.acknowledging.received_at.map(|then| now.since(then));
        self.acknowledging.timeout = Some(match (self.acknowledging.timeout, since) {
            (None, _) | (_, None) => {
                self.more_quickly();
                SHORTEST_DELAY
            }
            (Some(delay), Some(passed)) if passed <= SHORTEST_DELAY / 2 => delay / 2 + SHORTEST_DELAY / 2,
            (Some(delay), Some(passed)) if passed < delay => (delay / 2 + passed).min(timeout),
            (Some(delay), Some(passed)) => {
                if passed > timeout {
                    self.more_quickly();
                }
                delay
            }
        });
        self.acknowledging.received_at = Some(now);
        self.grow_window(segment.data.len() as u32);
    }

    /// How long the other end's segments are (`tcp_measure_rcv_mss`).
    fn measure_segment(&mut self, segment: &Arrived<'_>) {
        let whole = segment.data.len() as u32;
        let length = segment.size.map_or(whole, u32::from);
        let header = segment.header as u32;
        let last = std::mem::take(&mut self.acknowledging.last_segment);
        if length >= self.acknowledging.segment {
            if length != self.acknowledging.segment {
                self.measure_ratio(whole);
            }
            self.acknowledging.segment = length.min(self.advertised);
            self.acknowledging.pushed |= segment.has(flag::PSH);
            return;
        }
        let with_header = length + header;
        let is_whole = with_header >= SMALLEST_WHOLE + 20
            || (with_header >= 88 + 20 && !segment.has(flag::FIN | flag::SYN | flag::PSH | flag::URG));
        if is_whole {
            let length = with_header - 20 - self.option_length();
            self.acknowledging.last_segment = length;
            if length == last {
                self.acknowledging.segment = length;
                return;
            }
        }
        self.acknowledging.pushed_twice |= self.acknowledging.pushed;
        self.acknowledging.pushed = true;
    }

    /// `tcp_incr_quickack`.
    fn more_quickly(&mut self) {
        let some = self.receive_window / (2 * self.acknowledging.segment.max(1));
        let some = if some == 0 { 2 } else { some.min(MOST_QUICK) };
        self.acknowledging.quick = self.acknowledging.quick.max(some);
    }

    /// Something is wrong: the other end is told at once, and for a while (`tcp_enter_quickack_mode`, `ICSK_ACK_SCHED`).
    pub(super) fn quickly(&mut self, _now: Instant) {
        self.more_quickly();
        self.acknowledging.pingpong = 0;
        self.acknowledging.timeout = Some(SHORTEST_DELAY);
        self.acknowledging.scheduled = true;
    }

    /// The other end sends no more (`tcp_fin`).
    fn end_came(&mut self, now: Instant) {
        self.expected = self.expected.wrapping_add(1);
        self.acknowledging.scheduled = true;
        (self.read_ended, self.done) = (true, true);
        match self.state {
            State::SynReceived | State::Established => {
                self.enter(State::CloseWait);
                self.acknowledging.pingpong = TAKES_TURNS;
            }
            State::FinWait1 => {
                self.send_acknowledgement(now);
                self.enter(State::Closing);
            }
            State::FinWait2 => {
                self.send_acknowledgement(now);
                self.becomes_time_wait = Some(State::TimeWait);
            }
            _ => {}
        }
        self.early.clear();
    }

    /// Acknowledges what came in, now or later (`__tcp_ack_snd_check`).
    pub(super) fn acknowledge_when_due(&mut self, now: Instant) {
        if !self.acknowledging.scheduled {
            return;
        }
        let unacknowledged = self.expected.wrapping_sub(self.told);
        let much = unacknowledged > self.acknowledging.segment
            && (self.expected == self.read || self.ideal_window() >= self.receive_window);
        let quick = self.acknowledging.quick > 0 && !self.takes_turns();
        if much || quick || self.acknowledging.now || !self.early.is_empty() {
            self.send_acknowledgement(now);
        } else {
            self.acknowledge_later(now);
        }
    }

    /// `tcp_send_delayed_ack`.
    fn acknowledge_later(&mut self, now: Instant) {
        let mut delay = self.acknowledging.timeout.unwrap_or(SHORTEST_DELAY);
        if delay > SHORTEST_DELAY {
            let is_answered = self.takes_turns() || self.acknowledging.pushed;
            let mut most = if is_answered { LONGEST_DELAY } else { Duration::from_millis(500) };
            if self.path.smoothed > 0 {
                let trip = Duration::from_micros((self.path.smoothed / 8).into());
                most = most.min(trip.max(SHORTEST_DELAY));
            }
            delay = delay.min(most);
        }
        let due = now + delay.min(LONGEST_DELAY);
        match self.acknowledging.due {
            Some(set) if set <= now + delay / 4 => self.send_acknowledgement(now),
            Some(set) => self.acknowledging.due = Some(set.min(due)),
            None => self.acknowledging.due = Some(due),
        }
    }

    /// The time is up for which an acknowledgement waits (`tcp_delack_timer_handler`).
    pub(super) fn acknowledgement_is_due(&mut self, now: Instant) {
        self.acknowledging.due = None;
        if !self.acknowledging.scheduled {
            return;
        }
        if self.takes_turns() {
            self.acknowledging.pingpong = 0;
            self.acknowledging.timeout = Some(SHORTEST_DELAY);
        } else {
            let delay = self.acknowledging.timeout.unwrap_or(SHORTEST_DELAY) * 2;
            self.acknowledging.timeout = Some(delay.min(self.path.timeout));
        }
        self.send_acknowledgement(now);
    }

    /// The program has read so many bytes: perhaps the other end is to know (`tcp_cleanup_rbuf`).
    pub(super) fn was_read(&mut self, bytes: usize, now: Instant) {
        let mut due = false;
        if self.acknowledging.scheduled {
            let much = self.expected.wrapping_sub(self.told) > self.acknowledging.segment;
            let acknowledging = &self.acknowledging;
            let ends_writing = acknowledging.pushed_twice || (acknowledging.pushed && !self.takes_turns());
            due = much || (bytes > 0 && ends_writing && self.waiting.is_empty());
        }
        if bytes > 0 && !due && !self.read_ended {
            let left = self.window_left();
            if 2 * left <= self.window_clamp {
                let window = self.ideal_window();
                due = window > 0 && window >= 2 * left;
            }
        }
        if due {
            self.send_acknowledgement(now);
        }
    }
}

impl Early {
    pub(super) fn end(&self) -> u32 {
        self.sequence.wrapping_add(self.bytes.len() as u32 + u32::from(self.fin))
    }
}
