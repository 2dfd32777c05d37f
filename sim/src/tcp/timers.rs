//! What is done when nothing comes (`net/ipv4/tcp_timer.c`).

use super::acknowledge::LONGEST_TIMEOUT;
use super::control::{Control, Pending, Recovery};
use super::output::Nagle;
use super::sequence::before;
use vethlab_shared::error::Errno;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::view::SocketState as State;
use vethlab_shared::wire::tcp::flag;

/// How often a connection is asked for (`net.ipv4.tcp_syn_retries`), after so many times at the same distance
/// (`net.ipv4.tcp_syn_linear_timeouts`).
const SYN_RETRIES: u32 = 6;
const SYN_LINEAR: u32 = 4;
/// How often data is sent again (`net.ipv4.tcp_retries2`), and by a connection whose program has closed it
/// (`tcp_orphan_retries`).
const RETRIES: u32 = 15;
const ORPHAN_ALIVE_RETRIES: u32 = 8;
/// What the time until a connection is given up is counted from (`TCP_RTO_MIN`).
const SHORTEST_TIMEOUT: Duration = Duration::from_millis(200);
/// How long a connection is silent before the other end is asked (`net.ipv4.tcp_keepalive_time`), how long between two
/// questions (`tcp_keepalive_intvl`), and how many there are (`tcp_keepalive_probes`).
pub(super) const KEEPALIVE_TIME: Duration = Duration::from_secs(7200);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(75);
const KEEPALIVE_PROBES: u32 = 9;

/// How long it takes until data was sent again so often (`tcp_model_timeout`).
fn model_timeout(boundary: u32) -> Duration {
    let linear = (LONGEST_TIMEOUT.as_millis() / SHORTEST_TIMEOUT.as_millis()).ilog2();
    let doubled = boundary.min(linear);
    SHORTEST_TIMEOUT * ((2 << doubled) - 1) + LONGEST_TIMEOUT * (boundary - doubled)
}

impl Control {
    /// When its next timer runs out.
    pub(crate) fn next_timer(&self) -> Option<Instant> {
        let pending = self.pending.map(|(_, time)| time);
        [pending, self.acknowledging.due, self.keepalive_at].into_iter().flatten().min()
    }

    /// Does what is due.
    pub(crate) fn run_timers(&mut self, now: Instant) {
        if self.acknowledging.due.is_some_and(|due| due <= now) {
            self.acknowledgement_is_due(now);
        }
        if let Some((pending, time)) = self.pending
            && time <= now
        {
            self.pending = None;
            match pending {
                Pending::Retransmit => self.retransmit(now),
                Pending::LossProbe => self.probe_for_loss(now),
                Pending::WindowProbe => self.probe_window(now),
            }
        }
        if self.keepalive_at.is_some_and(|time| time <= now) {
            self.keepalive_at = None;
            self.keep_alive(now);
        }
    }

    /// What was sent is not acknowledged (`tcp_retransmit_timer`).
    fn retransmit(&mut self, now: Instant) {
        if self.sent.is_empty() {
            return;
        }
        if self.has_waited_long_enough(now) {
            return self.give_up();
        }
        self.enter_loss();
        self.retransmits += 1;
        self.timeouts += 1;
        self.sent[0].again = false;
        self.send_again(0, now);
        if self.state != State::SynSent || self.timeouts > SYN_LINEAR {
            self.backoff += 1;
            self.path.timeout = (self.path.timeout * 2).min(LONGEST_TIMEOUT);
        }
        self.arm(Pending::Retransmit, self.path.timeout, now);
    }

    /// Whether it was tried often enough (`tcp_write_timeout`).
    fn has_waited_long_enough(&self, now: Instant) -> bool {
        if matches!(self.state, State::SynSent | State::SynReceived) {
            let linear = if self.state == State::SynSent { SYN_LINEAR } else { 0 };
            return self.retransmits >= SYN_RETRIES + linear;
        }
        let retries = if self.orphan { ORPHAN_ALIVE_RETRIES } else { RETRIES };
        let since = self.retransmits_since.map(|then| now.since(then));
        self.retransmits > 0 && since.is_some_and(|passed| passed >= model_timeout(retries))
    }

    /// `tcp_write_err`.
    fn give_up(&mut self) {
        let errno = self.soft_error.unwrap_or(Errno::ETIMEDOUT);
        self.fail(errno);
    }

    /// All that is under way counts as lost (`tcp_enter_loss`).
    fn enter_loss(&mut self) {
        if self.recovery != Recovery::Loss {
            self.path.slow_start_threshold = (self.path.congestion_window * 7 / 10).max(2);
        }
        (self.recovery, self.recovers_to) = (Recovery::Loss, self.next);
        self.path.congestion_window = 1;
        for piece in self.sent.iter_mut().filter(|piece| !piece.arrived) {
            (piece.lost, piece.again) = (true, false);
        }
    }

    /// Perhaps the last segment is lost, so that nobody tells of it: it is sent again, or one more where there is one
    /// (`tcp_send_loss_probe`).
    fn probe_for_loss(&mut self, now: Instant) {
        if self.sent.is_empty() {
            return;
        }
        let before_that = self.next;
        let fits = self.unsent.front().is_some_and(|first| {
            let length = (first.data.len() as u32).min(self.path.segment);
            !before(self.window_end(), first.sequence.wrapping_add(length))
        });
        if fits {
            self.write_out(true, Nagle::Off, now);
        }
        if self.next == before_that {
            let last = self.sent.len() - 1;
            let size = self.path.segment as usize;
            let length = self.sent[last].data.len();
            if length > size {
                let rest = self.sent[last].split((length - 1) / size * size);
                self.sent.push_back(rest);
            }
            self.send_again(self.sent.len() - 1, now);
        }
        self.probed = Some(self.next);
        self.arm(Pending::Retransmit, self.path.timeout, now);
    }

    /// The other end has no room: does it still not (`tcp_probe_timer`, `tcp_send_probe0`)?
    fn probe_window(&mut self, now: Instant) {
        if !self.sent.is_empty() || self.unsent.is_empty() {
            self.probes = 0;
            return;
        }
        let most = if self.orphan { ORPHAN_ALIVE_RETRIES } else { RETRIES };
        if self.probes >= most {
            return self.give_up();
        }
        if !self.wake_up(now) {
            self.probes += 1;
            if self.backoff < RETRIES {
                self.backoff += 1;
            }
            self.arm(Pending::WindowProbe, self.probe_time(), now);
        }
    }

    /// Sends what there is room for, else a segment that makes the other end answer (`tcp_write_wakeup`): whether there was
    /// room.
    fn wake_up(&mut self, now: Instant) -> bool {
        let end = self.window_end();
        if let Some(first) = self.unsent.front_mut()
            && before(first.sequence, end)
        {
            first.flags |= flag::PSH;
            let room = end.wrapping_sub(first.sequence).min(self.path.segment) as usize;
            let length = first.data.len().min(room);
            self.send_first(length, now);
            (self.probes, self.backoff) = (0, 0);
            self.schedule_probe_or_timeout(now);
            return true;
        }
        self.send_probe(now);
        false
    }

    /// Nothing was heard for long (`tcp_keepalive_timer`).
    fn keep_alive(&mut self, now: Instant) {
        if self.state == State::FinWait2 && self.orphan {
            self.send_reset(now);
            return self.finish();
        }
        if !self.keepalive || matches!(self.state, State::Close | State::SynSent) {
            return;
        }
        let silent = now.since(self.heard_at);
        let left = if !self.sent.is_empty() || !self.unsent.is_empty() {
            KEEPALIVE_TIME
        } else if silent < KEEPALIVE_TIME {
            KEEPALIVE_TIME.saturating_sub(silent)
        } else if self.probes >= KEEPALIVE_PROBES {
            self.send_reset(now);
            return self.fail(self.soft_error.unwrap_or(Errno::ETIMEDOUT));
        } else {
            self.send_probe(now);
            self.probes += 1;
            KEEPALIVE_INTERVAL
        };
        self.keepalive_at = Some(now + left);
    }
}
