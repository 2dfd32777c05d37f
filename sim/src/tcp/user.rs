//! What the program asks of a connection (`net/ipv4/tcp.c`).

use super::control::{Control, Pending};
use super::timers;
use vethlab_shared::error::Errno;
use vethlab_shared::socket::{Readiness, Shutdown};
use vethlab_shared::time::Instant;
use vethlab_shared::view::{SocketState as State, SocketTimer, SocketTimerKind};

impl Control {
    /// `tcp_recvmsg`.
    pub(crate) fn read(&mut self, most: usize, now: Instant) -> Result<Option<Vec<u8>>, Errno> {
        let mut bytes = Vec::new();
        while bytes.len() < most
            && let Some(first) = self.waiting.front_mut()
        {
            let length = (most - bytes.len()).min(first.bytes.len());
            bytes.extend(first.bytes.drain(..length));
            if first.bytes.is_empty() {
                self.memory -= first.memory;
                self.waiting.pop_front();
            }
        }
        if !bytes.is_empty() {
            self.read = self.read.wrapping_add(bytes.len() as u32);
            self.was_read(bytes.len(), now);
            return Ok(Some(bytes));
        }
        if most == 0 || self.done {
            return Ok(Some(bytes));
        }
        match self.error.take() {
            Some(errno) => Err(errno),
            None if self.read_ended => Ok(Some(bytes)),
            None if self.state == State::Close => Err(Errno::ENOTCONN),
            None => Ok(None),
        }
    }

    /// `tcp_sendmsg`.
    pub(crate) fn write(&mut self, bytes: &[u8], now: Instant) -> Result<usize, Errno> {
        if matches!(self.state, State::SynSent | State::SynReceived) && self.error.is_none() {
            self.wants_room = true;
            return Ok(0);
        }
        if let Some(errno) = self.error.take() {
            return Err(errno);
        }
        if self.write_ended || !matches!(self.state, State::Established | State::CloseWait) {
            return Err(Errno::EPIPE);
        }
        Ok(self.take(bytes, now))
    }

    /// `inet_shutdown`, `tcp_shutdown`.
    pub(crate) fn shutdown(&mut self, how: Shutdown, now: Instant) -> Result<(), Errno> {
        if matches!(self.state, State::Close | State::SynSent) {
            return Err(Errno::ENOTCONN);
        }
        if how != Shutdown::Write {
            self.read_ended = true;
        }
        if how != Shutdown::Read && !self.write_ended {
            self.write_ended = true;
            self.end_writing(now);
        }
        Ok(())
    }

    /// Tells the other end that nothing more comes, where it has to know (`tcp_close_state`).
    fn end_writing(&mut self, now: Instant) {
        self.enter(match self.state {
            State::SynReceived | State::Established => State::FinWait1,
            State::CloseWait => State::LastAck,
            State::SynSent => State::Close,
            _ => return,
        });
        if self.state != State::Close {
            self.send_fin(now);
        }
    }

    /// The program has closed it (`__tcp_close`).
    pub(crate) fn close(&mut self, now: Instant) {
        (self.read_ended, self.orphan) = (true, true);
        self.keepalive_at = None;
        let unread = self.waiting.iter().any(|waiting| !waiting.bytes.is_empty());
        self.waiting.clear();
        self.memory = 0;
        if unread && self.state != State::Close {
            // What nobody has read is lost: the other end is to know (RFC 2525 section 2.17).
            if self.may_reset() {
                self.send_reset(now);
            }
            self.finish();
        } else if !self.write_ended {
            self.write_ended = true;
            self.end_writing(now);
        }
        match self.state {
            State::FinWait2 => self.becomes_time_wait = Some(State::FinWait2),
            State::Close => self.finish(),
            _ => {}
        }
    }

    /// Whether the other end knows of the connection, so that it is told of its end (`tcp_need_reset`).
    pub(crate) fn may_reset(&self) -> bool {
        matches!(
            self.state,
            State::Established | State::CloseWait | State::FinWait1 | State::FinWait2 | State::SynReceived
        )
    }

    /// A connection that nobody has accepted, and nobody will (`inet_child_forget`, `tcp_disconnect`).
    pub(crate) fn abort(&mut self, now: Instant) {
        self.orphan = true;
        if self.may_reset() {
            self.send_reset(now);
        }
        self.finish();
    }

    /// `SO_ERROR`: what ended the connection, or else what was said of it so far.
    pub(crate) fn take_error(&mut self) -> Option<Errno> {
        self.error.take().or_else(|| self.soft_error.take())
    }

    /// `tcp_poll`.
    pub(crate) fn readiness(&self) -> Readiness {
        let failed = self.error.is_some() || self.error_queued;
        let connects = matches!(self.state, State::SynSent | State::SynReceived);
        let hung_up = self.state == State::Close || (self.read_ended && self.write_ended);
        Readiness {
            readable: failed || self.read_ended || (!connects && !self.waiting.is_empty()),
            writable: failed || hung_up || (!connects && (self.write_ended || self.has_room())),
            hung_up,
        }
    }

    /// Whether there is room to write (`sk_stream_is_writeable`).
    fn has_room(&self) -> bool {
        let queued = self.queued();
        self.send_buffer.saturating_sub(queued) >= queued / 2
    }

    /// How many bytes wait to be read, and how many to be acknowledged (`tcp_diag_get_info`).
    pub(crate) fn queues(&self) -> (u32, u32) {
        let unread = self.expected.wrapping_sub(self.read).wrapping_sub(u32::from(self.done));
        (unread, self.written.wrapping_sub(self.unacknowledged))
    }

    /// What it waits for (`inet_sk_diag_fill`).
    pub(crate) fn timer(&self, now: Instant) -> Option<SocketTimer> {
        let (kind, time, count) = match (self.pending, self.keepalive_at) {
            (Some((Pending::WindowProbe, time)), _) => (SocketTimerKind::Probe, time, self.probes),
            (Some((_, time)), _) => (SocketTimerKind::Retransmit, time, self.retransmits),
            (None, Some(time)) => (SocketTimerKind::KeepAlive, time, self.probes),
            (None, None) => return None,
        };
        Some(SocketTimer { kind, left: time.since(now), count: count.min(255) as u8 })
    }

    /// `SO_KEEPALIVE` (`tcp_set_keepalive`).
    pub(crate) fn set_keepalive(&mut self, on: bool, now: Instant) {
        self.keepalive = on;
        let connected = !matches!(self.state, State::Close | State::SynSent);
        self.keepalive_at = (on && connected).then(|| now + timers::KEEPALIVE_TIME);
    }

    /// How many bytes it takes, with what waits.
    pub(crate) fn weight(&self) -> usize {
        let waiting: usize = self.waiting.iter().map(|waiting| waiting.bytes.len()).sum();
        size_of::<Control>() + waiting + self.queued() as usize
    }
}
