//! What the other end has received (`tcp_ack`), how long that took, and what is sent again because of it.

use super::control::{Control, Pending, Recovery};
use super::input::Arrived;
use super::microseconds;
use super::sequence::{after, before};
use vethlab_shared::event::DropReason;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::wire::tcp::flag;

/// How long a segment is waited for at least (`TCP_RTO_MIN`), and at the most (`TCP_RTO_MAX`), in microseconds.
const SHORTEST_TIMEOUT: u32 = 200_000;
pub(super) const LONGEST_TIMEOUT: Duration = Duration::from_secs(120);
/// The least that a loss probe waits for (`TCP_TIMEOUT_MIN`): two jiffies.
const SHORTEST_PROBE: Duration = Duration::from_millis(8);
/// How many later segments arrive before one counts as lost (`net.ipv4.tcp_reordering`).
const REORDERING: u32 = 3;

impl Control {
    /// Takes in the acknowledgement of a segment (`tcp_ack`).
    pub(super) fn acknowledge(&mut self, segment: &Arrived<'_>, now: Instant) -> Result<(), DropReason> {
        let acknowledgement = segment.acknowledgement;
        if before(acknowledgement, self.unacknowledged) {
            if before(acknowledgement, self.unacknowledged.wrapping_sub(self.largest_window)) {
                self.send_acknowledgement(now);
                return Err(DropReason::TcpTooOldAck);
            }
            self.mark_arrived(segment);
            return Ok(());
        }
        if after(acknowledgement, self.next) {
            return Err(DropReason::TcpAckUnsentData);
        }
        let advances = after(acknowledgement, self.unacknowledged);
        if advances {
            self.retransmits = 0;
        }
        let window =
            u32::from(segment.window) << if segment.has(flag::SYN) { 0 } else { self.agreed.send_scale };
        self.update_window(segment, window, advances);
        let had_sent = !self.sent.is_empty();
        (self.soft_error, self.probes, self.heard_at) = (None, 0, now);
        if advances {
            self.acknowledge_new(segment, now);
        }
        self.unacknowledged = acknowledgement;
        if !had_sent {
            self.probe_if_closed(now);
            return Ok(());
        }
        let arrived = self.mark_arrived(segment);
        self.confirms |= advances;
        self.end_of_probe(segment, advances, arrived);
        self.recover(advances, now);
        if advances {
            if self.sent.is_empty() {
                self.pending = None;
            } else {
                self.schedule_probe_or_timeout(now);
            }
        }
        Ok(())
    }

    /// The other end tells of its window (`tcp_ack_update_window`).
    fn update_window(&mut self, segment: &Arrived<'_>, window: u32, advances: bool) {
        let newer = after(segment.sequence, self.window_told_by)
            || (segment.sequence == self.window_told_by && (window > self.send_window || window == 0));
        if advances || newer {
            self.window_told_by = segment.sequence;
            self.send_window = window;
            if window > self.largest_window {
                self.largest_window = window;
                self.sync_segment(self.path.mtu);
            }
        }
    }

    /// Forgets what was acknowledged, and learns how long that took (`tcp_clean_rtx_queue`).
    pub(super) fn acknowledge_new(&mut self, segment: &Arrived<'_>, now: Instant) {
        let acknowledgement = segment.acknowledgement;
        let (mut trip, mut segments) = (None, 0);
        while let Some(first) = self.sent.front_mut() {
            if after(first.end(), acknowledgement) {
                if after(acknowledgement, first.sequence) {
                    let known = acknowledgement.wrapping_sub(first.sequence) as usize;
                    let rest = first.split(known);
                    segments += first.segments(self.path.segment);
                    *first = rest;
                }
                break;
            }
            if !first.again {
                trip = Some(microseconds(now.since(first.sent_at)));
            }
            segments += first.segments(self.path.segment);
            self.sent.pop_front();
        }
        match (trip, segment.options.timestamps) {
            (Some(trip), _) => self.measure(trip),
            (None, Some((_, echoed))) if echoed != 0 => {
                let passed = self.timestamp(now).wrapping_sub(echoed);
                self.measure(passed.saturating_mul(1000).max(1000));
            }
            _ => {}
        }
        self.open_congestion_window(segments);
    }

    /// A round trip took so many microseconds (`tcp_rtt_estimator`, `tcp_set_rto`).
    pub(super) fn measure(&mut self, trip: u32) {
        let path = &mut self.path;
        let trip = trip.max(1);
        if path.smoothed == 0 {
            path.smoothed = trip.saturating_mul(8);
            path.deviation = trip.saturating_mul(2);
            path.variation = path.deviation.max(SHORTEST_TIMEOUT);
            path.deviation_max = path.variation;
            path.settles_at = self.next;
        } else {
            let mut error = i64::from(trip) - i64::from(path.smoothed / 8);
            path.smoothed = (i64::from(path.smoothed) + error).max(1) as u32;
            if error < 0 {
                error = -error - i64::from(path.deviation / 4);
                error = if error > 0 { error / 8 } else { error };
            } else {
                error -= i64::from(path.deviation / 4);
            }
            path.deviation = (i64::from(path.deviation) + error).max(0) as u32;
            if path.deviation > path.deviation_max {
                path.deviation_max = path.deviation;
                path.variation = path.variation.max(path.deviation_max);
            }
            if after(self.unacknowledged, path.settles_at) {
                if path.deviation_max < path.variation {
                    path.variation -= (path.variation - path.deviation_max) / 4;
                }
                path.settles_at = self.next;
                path.deviation_max = SHORTEST_TIMEOUT;
            }
        }
        let micros = u64::from(path.smoothed / 8) + u64::from(path.variation);
        path.timeout = Duration::from_micros(micros).min(LONGEST_TIMEOUT);
        self.backoff = 0;
    }

    /// More segments may be under way (`tcp_slow_start`, `tcp_cong_avoid_ai`), where as many were as may be.
    fn open_congestion_window(&mut self, segments: u32) {
        let in_flight = self.in_flight() + segments;
        let path = &mut self.path;
        if self.recovery != Recovery::Open || in_flight < path.congestion_window {
            return;
        }
        if path.congestion_window < path.slow_start_threshold {
            path.congestion_window += segments;
        } else {
            path.window_count += segments;
            if path.window_count >= path.congestion_window {
                path.window_count = 0;
                path.congestion_window += 1;
            }
        }
    }

    /// Marks what arrived though something before it is missing (`tcp_sacktag_write_queue`): whether that is more than
    /// before.
    fn mark_arrived(&mut self, segment: &Arrived<'_>) -> bool {
        let mut more = false;
        for &(first, end) in &segment.options.sack {
            if !self.agreed.sack || !after(end, self.unacknowledged) {
                continue;
            }
            let mut place = 0;
            while place < self.sent.len() {
                let piece = &mut self.sent[place];
                if before(piece.sequence, first) && after(piece.end(), first) {
                    let rest = piece.split(first.wrapping_sub(piece.sequence) as usize);
                    self.sent.insert(place + 1, rest);
                } else if !before(piece.sequence, first) && before(piece.sequence, end) {
                    if after(piece.end(), end) {
                        let rest = piece.split(end.wrapping_sub(piece.sequence) as usize);
                        self.sent.insert(place + 1, rest);
                    }
                    let piece = &mut self.sent[place];
                    more |= !piece.arrived;
                    (piece.arrived, piece.lost) = (true, false);
                }
                place += 1;
            }
        }
        more
    }

    /// Finds out what is lost, and sends it again (`tcp_fastretrans_alert`).
    fn recover(&mut self, advances: bool, now: Instant) {
        let size = self.path.segment;
        if self.recovery != Recovery::Open && !before(self.unacknowledged, self.recovers_to) {
            if self.recovery == Recovery::Fast {
                self.path.congestion_window = self.path.slow_start_threshold;
            }
            self.recovery = Recovery::Open;
            self.retransmits_since = None;
        }
        let arrived: u32 =
            self.sent.iter().filter(|piece| piece.arrived).map(|piece| piece.segments(size)).sum();
        if arrived >= REORDERING {
            let last = self.sent.iter().rposition(|piece| piece.arrived).unwrap_or(0);
            self.sent
                .iter_mut()
                .take(last)
                .filter(|piece| !piece.arrived)
                .for_each(|piece| piece.lost = true);
            if self.recovery == Recovery::Open {
                (self.recovery, self.recovers_to) = (Recovery::Fast, self.next);
                let window = (self.path.congestion_window * 7 / 10).max(2);
                (self.path.slow_start_threshold, self.path.congestion_window) = (window, window);
            }
        } else if self.recovery == Recovery::Fast
            && advances
            && let Some(first) = self.sent.front_mut()
        {
            first.lost = true;
        }
        if self.recovery != Recovery::Open && self.sent.iter().any(|piece| piece.lost && !piece.again) {
            self.send_lost(now);
        }
    }

    /// Whether a loss that was probed for has been mended (`tcp_process_tlp_ack`).
    fn end_of_probe(&mut self, segment: &Arrived<'_>, advances: bool, arrived: bool) {
        if let Some(probed) = self.probed
            && !before(segment.acknowledgement, probed)
            && (advances || arrived || segment.data.is_empty())
        {
            self.probed = None;
        }
    }

    /// The other end has no room, or has room again (`tcp_ack_probe`).
    fn probe_if_closed(&mut self, now: Instant) {
        let Some(first) = self.unsent.front() else { return };
        if after(first.end(), self.window_end()) {
            self.arm(Pending::WindowProbe, self.probe_time(), now);
        } else {
            self.backoff = 0;
            if self.pending.is_some_and(|(pending, _)| pending == Pending::WindowProbe) {
                self.pending = None;
            }
        }
    }

    /// How long the other end is waited for before it is asked for its window (`tcp_probe0_when`).
    pub(super) fn probe_time(&self) -> Duration {
        let least = self.path.timeout.max(Duration::from_micros(SHORTEST_TIMEOUT.into()));
        least.saturating_mul(1 << self.backoff.min(9)).min(LONGEST_TIMEOUT)
    }

    /// Sets the timer for what is under way: a probe, where that may be, else the timeout (`tcp_schedule_loss_probe`,
    /// `tcp_rearm_rto`).
    pub(super) fn schedule_probe_or_timeout(&mut self, now: Instant) {
        let segments: u32 = self.sent.iter().map(|piece| piece.segments(self.path.segment)).sum();
        if segments == 0 {
            return;
        }
        let may_probe = self.agreed.sack && self.recovery == Recovery::Open && self.probed.is_none();
        if !may_probe {
            return self.arm(Pending::Retransmit, self.path.timeout, now);
        }
        let mut time = FIRST_PROBE;
        if self.path.smoothed > 0 {
            let alone =
                if segments == 1 { Duration::from_micros(SHORTEST_TIMEOUT.into()) } else { SHORTEST_PROBE };
            time = Duration::from_micros(u64::from(self.path.smoothed / 4)) + alone;
        }
        let timeout = self.time_to_timeout(now);
        self.arm(Pending::LossProbe, time.min(timeout), now);
    }

    /// How long it is until the oldest segment is given up (`tcp_rto_delta_us`).
    pub(super) fn time_to_timeout(&self, now: Instant) -> Duration {
        let oldest = self.sent.front().map_or(now, |piece| piece.sent_at);
        (oldest + self.path.timeout).since(now)
    }
}

/// How long a loss probe waits where no round trip is known (`TCP_TIMEOUT_INIT`).
const FIRST_PROBE: Duration = Duration::from_secs(1);
