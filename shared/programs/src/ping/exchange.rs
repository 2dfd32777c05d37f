//! The exchange itself: when probes go out, what comes back, when it ends (`main_loop` of iputils).

use super::options::Request;
use super::statistics::{Run, Statistics};
use super::{Target, failed, text};
use crate::echo;
use crate::process::{Poll, Wait};
use crate::{Console, Context, Failure, Status};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::socket::{Datagram, ErrorOrigin, QueuedError, Received, SocketId};
use vethlab_shared::time::{Duration, Instant};

/// The shortest pause in milliseconds that iputils trusts a timer with (`MININTERVAL`).
const SHORTEST_PAUSE: i64 = 10;
/// Bytes of a `struct timeval`, which the data begins with where there is room.
const TIMEVAL: usize = 16;
/// Bytes of the ICMP header.
const HEADER: usize = 8;
/// The longest message that a raw socket is asked to send; one byte more than it takes.
const LONGEST_MESSAGE: usize = 0x1_0000;
/// When nobody can press Ctrl-C, waiting for ever (`-W 0`) ends with an error after this time.
const FOR_EVER: Duration = Duration::from_secs(3600);

/// One run of `ping` under way.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    request: Request,
    target: Target,
    socket: SocketId,
    statistics: Statistics,
    /// The ICMP identifier of the probes.
    identifier: u16,
    /// The data of a probe, its first bytes replaced by the time.
    data: Vec<u8>,
    start: Instant,
    /// When the last probe went out.
    last_probe: Option<Instant>,
    /// Milliseconds that probes may be early by, saved up so far.
    tokens: i64,
    /// How often in a row there was no memory to send.
    out_of_memory: i64,
    /// When to end whatever happens (`setitimer`).
    alarm: Option<Instant>,
    /// Whether the wait for the last replies has begun.
    lingering: bool,
    /// Whether it has waited for something to read.
    waited: bool,
    /// Read while looking for an error, not yet looked at.
    unread: Option<Received>,
}

/// What became of an entry of the error queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    /// It was about another's packet.
    NotOurs,
    /// This stack could not send.
    Local,
    /// An ICMP message about one of the probes.
    Icmp,
}

impl Exchange {
    /// Before the first probe; it is now.
    pub(super) fn new(request: Request, target: Target, socket: SocketId, now: Instant) -> Exchange {
        let pattern = request.pattern.as_slice();
        let byte =
            |place: usize| if pattern.is_empty() { place as u8 } else { pattern[place % pattern.len()] };
        Exchange {
            target,
            socket,
            statistics: Statistics::default(),
            // iputils draws it at random; nobody sees it, it only has to differ from socket to socket.
            identifier: (socket.0 as u16).wrapping_mul(40_503).wrapping_add(1),
            data: (0..request.size.min(LONGEST_MESSAGE)).map(byte).collect(),
            start: now,
            last_probe: None,
            tokens: 0,
            out_of_memory: 0,
            alarm: (request.deadline > 0).then(|| now + Duration::from_secs(request.deadline.unsigned_abs())),
            lingering: false,
            waited: false,
            unread: None,
            request,
        }
    }

    /// Sends and receives until it has to wait, or until the end, where it prints the summary.
    pub(super) fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        if std::mem::take(&mut self.waited) {
            self.read(context)?;
        }
        while !self.is_over(context) {
            let next = self.probe(context)?;
            let next = self.begin_lingering(next, context.stack.now());
            if next > 0 {
                let deadline = self.deadline(next, context)?;
                if self.unread.is_none() {
                    self.waited = true;
                    return Ok(Poll::Pending(Wait::until(deadline, vec![self.socket])));
                }
                self.read(context)?;
            }
        }
        let run = Run {
            name: &self.target.name,
            elapsed: self.last_probe.unwrap_or(self.start).since(self.start),
            timed: self.is_timed(),
            flooding: self.request.interval == 0,
        };
        context.console.out(&self.statistics.summary(run));
        let wanted = self.request.count.unwrap_or(0);
        let received = self.statistics.received;
        Ok(Poll::Ready(Status::from(received == 0 || (self.request.deadline > 0 && received < wanted))))
    }

    fn is_over(&self, context: &Context<'_>) -> bool {
        let Statistics { received, errors, .. } = self.statistics;
        self.is_stopped(context)
            || self.request.count.is_some_and(|count| received + errors >= count)
            || (self.request.deadline > 0 && errors > 0)
    }

    fn is_stopped(&self, context: &Context<'_>) -> bool {
        context.console.interrupted() || self.alarm.is_some_and(|alarm| context.stack.now() >= alarm)
    }

    /// Whether all probes are out; with `-w` they never are.
    fn all_sent(&self) -> bool {
        self.request.deadline == 0
            && self.request.count.is_some_and(|count| self.statistics.transmitted >= count)
    }

    /// Whether the data has room for the time at which it was sent.
    fn is_timed(&self) -> bool {
        self.request.size >= TIMEVAL
    }

    /// Sends the next probe if it is time to. Gives the milliseconds until the one after it (`pinger`).
    fn probe(&mut self, context: &mut Context<'_>) -> Result<i64, Failure> {
        let Request { interval, preload, .. } = self.request;
        if self.all_sent() {
            return Ok(1000);
        }
        let now = context.stack.now();
        match self.last_probe {
            None => self.tokens = interval * (preload - 1),
            Some(last) => {
                let passed = milliseconds_between(last, now);
                if interval == 0 && passed < SHORTEST_PAUSE && self.statistics.in_flight() >= preload {
                    return Ok(SHORTEST_PAUSE - passed);
                }
                let saved = (passed + self.tokens).min(interval * preload);
                if saved < interval {
                    return Ok(interval - saved);
                }
                self.tokens = saved - interval;
            }
        }
        self.last_probe = Some(now);
        let last = self.statistics.transmitted;
        if self.request.outstanding && last > 0 && !self.statistics.is_answered(last as u16) {
            context.console.out(&format!("no answer yet for icmp_seq={}\n", last % 0x1_0000));
        }
        let to = SocketAddr::new(self.target.address, 0);
        loop {
            let sequence = self.statistics.next_sequence();
            self.statistics.forget(sequence);
            let message = self.message(sequence, context.stack.now());
            match context.stack.send(self.socket, to, &message) {
                Ok(()) => {
                    self.out_of_memory = 0;
                    self.statistics.advance();
                    return Ok(interval - self.tokens);
                }
                Err(error) => {
                    if let Some(next) = self.not_sent(error, context)? {
                        return Ok(next);
                    }
                }
            }
        }
    }

    /// What to do when a probe could not be sent: the pause in milliseconds, or at once again.
    fn not_sent(&mut self, error: StackError, context: &mut Context<'_>) -> Result<Option<i64>, Failure> {
        let Some(errno) = error.errno() else { return Err(failed("sendmsg", error)) };
        let interval = self.request.interval;
        let told = match errno {
            Errno::ENOBUFS | Errno::ENOMEM => {
                let pause = at_least_shortest(interval / 2).min(500);
                self.tokens = 0;
                self.out_of_memory += 1;
                if self.out_of_memory * pause < self.request.linger {
                    return Ok(Some(pause));
                }
                true
            }
            Errno::EAGAIN => {
                self.tokens += interval;
                return Ok(Some(SHORTEST_PAUSE));
            }
            _ => match self.receive(context)? {
                Some(Received::Error(queued)) => match self.hear_error(&queued, context.console) {
                    Heard::NotOurs => return Ok(None),
                    Heard::Icmp => true,
                    Heard::Local => false,
                },
                // An empty queue counts as a local error that was told already: iputils stays silent.
                other => {
                    self.unread = other;
                    false
                }
            },
        };
        self.statistics.advance();
        if told && !self.request.quiet {
            context.console.err(&format!("ping: sendmsg: {errno}\n"));
        }
        self.tokens = 0;
        Ok(Some(at_least_shortest(interval)))
    }

    /// Once all probes are out, sets the alarm that ends the wait for replies (`__schedule_exit`).
    fn begin_lingering(&mut self, next: i64, now: Instant) -> i64 {
        if self.lingering || !self.all_sent() {
            return next;
        }
        let interval = 1000 * self.request.interval;
        let microseconds = match self.statistics.received {
            0 => 1000 * self.request.linger,
            _ => (2 * self.statistics.longest).max(interval),
        };
        self.lingering = true;
        self.alarm = match u64::try_from(microseconds) {
            Ok(0) | Err(_) => None,
            Ok(microseconds) => Some(now + Duration::from_micros(microseconds)),
        };
        next.max(microseconds / 1000)
    }

    /// Until when to wait for something to read, at most `next` milliseconds.
    fn deadline(&self, next: i64, context: &Context<'_>) -> Result<Instant, Failure> {
        let interval = at_least_shortest(self.request.interval);
        let pause = if next >= interval {
            interval
        } else if next <= SHORTEST_PAUSE && self.statistics.in_flight() > 0 {
            SHORTEST_PAUSE
        } else {
            next
        };
        let now = context.stack.now();
        let last = self.last_probe.unwrap_or(self.start);
        if self.lingering && self.alarm.is_none() && !context.console.interactive() && now >= last + FOR_EVER
        {
            let message = "vethlab: 'ping -W 0' waits for ever and nothing came for an hour; give -W seconds";
            return Err(Failure::exit(2, message));
        }
        let deadline = now + Duration::from_millis(pause.unsigned_abs());
        Ok(self.alarm.map_or(deadline, |alarm| alarm.min(deadline)))
    }

    /// Reads what is there, until every probe is answered.
    fn read(&mut self, context: &mut Context<'_>) -> Result<(), Failure> {
        while !self.is_stopped(context) {
            match self.receive(context)? {
                None => break,
                Some(Received::Error(error)) => {
                    self.hear_error(&error, context.console);
                }
                Some(Received::Datagram(datagram)) => self.hear(&datagram, context.console),
                Some(Received::Frame(_) | Received::Connection(_)) => {}
            }
            if self.statistics.in_flight() == 0 {
                break;
            }
        }
        Ok(())
    }

    fn receive(&mut self, context: &mut Context<'_>) -> Result<Option<Received>, Failure> {
        match self.unread.take() {
            None => context.stack.receive(self.socket).map_err(|error| failed("recvmsg", error)),
            unread => Ok(unread),
        }
    }

    /// An echo request: header, time of sending, filling.
    fn message(&self, sequence: u16, now: Instant) -> Vec<u8> {
        let mut data = self.data.clone();
        if self.is_timed() {
            let nanoseconds = now.as_nanos();
            data[..8].copy_from_slice(&(nanoseconds / 1_000_000_000).to_le_bytes());
            data[8..16].copy_from_slice(&(nanoseconds % 1_000_000_000 / 1000).to_le_bytes());
        }
        data.truncate(LONGEST_MESSAGE - HEADER);
        echo::request(self.identifier, sequence, &data)
    }

    /// The sequence number of an echo message, if it is one of this run.
    fn sequence_of(&self, message: &[u8], kind: u8) -> Option<u16> {
        echo::sequence_of(message, kind, self.identifier)
    }

    /// `ping4_receive_error_msg`.
    fn hear_error(&mut self, error: &QueuedError, console: &mut dyn Console) -> Heard {
        match error.origin {
            ErrorOrigin::Local => {
                if !self.request.quiet {
                    self.statistics.errors += 1;
                    let text = match error.errno {
                        Errno::EMSGSIZE => format!("message too long, mtu={}", error.info),
                        errno => errno.to_string(),
                    };
                    console.err(&format!("ping: local error: {text}\n"));
                }
                Heard::Local
            }
            ErrorOrigin::Icmp { offender, kind, code } => {
                let ours = self.sequence_of(&error.payload, echo::REQUEST);
                let Some(sequence) = ours.filter(|_| error.destination.ip() == self.target.address) else {
                    return Heard::NotOurs;
                };
                self.statistics.acknowledge(sequence);
                self.statistics.errors += 1;
                if !self.request.quiet {
                    let what = text::icmp_error(kind, code, error.info);
                    let from = self.show(offender);
                    console.out(&format!("From {from} icmp_seq={sequence} {what}\n"));
                }
                Heard::Icmp
            }
        }
    }

    /// `ping4_parse_reply`.
    fn hear(&mut self, datagram: &Datagram, console: &mut dyn Console) {
        let message = datagram.payload.as_slice();
        if let Some(sequence) = self.sequence_of(message, echo::REPLY) {
            self.hear_reply(datagram, sequence, console);
            return;
        }
        // An ICMP error about a probe also comes as data; the error queue told it already. Redirects and
        // source quenches come as data only.
        let &[kind @ (3 | 4 | 5 | 11 | 12), code, _, _, a, b, c, d, ..] = message else { return };
        let Some(sequence) = self.sequence_quoted(&message[8..]) else { return };
        if !matches!(kind, 4 | 5) {
            self.statistics.acknowledge(sequence);
        } else if !self.request.quiet {
            let what = text::icmp_error(kind, code, u32::from_be_bytes([a, b, c, d]));
            let from = self.show(datagram.source.ip());
            console.out(&format!("From {from}: icmp_seq={sequence} {what}\n"));
        }
    }

    /// The sequence number of a probe to the target that an ICMP error quotes, from its IP header on.
    fn sequence_quoted(&self, packet: &[u8]) -> Option<u16> {
        let header = 4 * usize::from(packet.first()? & 0xf);
        let destination: [u8; 4] = packet.get(16..20)?.try_into().ok()?;
        let ours = Ipv4Addr::from(destination) == self.target.address;
        self.sequence_of(packet.get(header..)?, echo::REQUEST).filter(|_| ours)
    }

    fn hear_reply(&mut self, datagram: &Datagram, sequence: u16, console: &mut dyn Console) {
        let message = datagram.payload.as_slice();
        let time = self.round_trip(datagram);
        let repeated = self.statistics.answer(sequence, time);
        if self.request.quiet {
            return;
        }
        let to_group = self.request.broadcast || self.target.address.is_multicast();
        let from = self.show(datagram.source.ip());
        let length = message.len();
        let hops = datagram.time_to_live;
        let mut line = format!("{length} bytes from {from}: icmp_seq={sequence} ttl={hops}");
        if length < self.request.size + 8 {
            line += " (truncated)";
        } else {
            if let Some(time) = time {
                line += &format!(" time={} ms", text::round_trip(time));
            }
            if repeated && !to_group {
                line += " (DUP!)";
            }
            if !to_group && datagram.source.ip() != self.target.address {
                line += " (DIFFERENT ADDRESS!)";
            }
        }
        console.out(&format!("{line}\n"));
    }

    /// Microseconds from the time in the data to the time of arrival.
    fn round_trip(&self, reply: &Datagram) -> Option<i64> {
        let field = |at: usize| -> Option<u64> {
            Some(u64::from_le_bytes(reply.payload.get(at..at + 8)?.try_into().ok()?))
        };
        let (seconds, microseconds) = (field(8)?, field(16)?);
        let sent = seconds.saturating_mul(1_000_000).saturating_add(microseconds);
        let took = i64::try_from((reply.time.as_nanos() / 1000).saturating_sub(sent)).unwrap_or(i64::MAX);
        self.is_timed().then_some(took)
    }

    /// An address as people see it: with its name, unless `-n` or the destination was typed as a number.
    fn show(&self, address: IpAddr) -> String {
        if address == Ipv4Addr::LOCALHOST && !self.target.numeric {
            format!("localhost ({address})")
        } else {
            address.to_string()
        }
    }
}

/// A pause no shorter than what a timer can do (`SCHINT`).
fn at_least_shortest(milliseconds: i64) -> i64 {
    milliseconds.max(SHORTEST_PAUSE)
}

/// Milliseconds from one probe to now, in the arithmetic of `pinger`: seconds and nanoseconds apart.
fn milliseconds_between(from: Instant, to: Instant) -> i64 {
    let split = |instant: Instant| {
        let nanoseconds = instant.as_nanos();
        ((nanoseconds / 1_000_000_000) as i64, (nanoseconds % 1_000_000_000) as i64)
    };
    let ((from_seconds, from_rest), (to_seconds, to_rest)) = (split(from), split(to));
    (to_seconds - from_seconds) * 1000 + (to_rest - from_rest) / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_counted_as_iputils_does() {
        let at = Instant::from_nanos;
        assert_eq!(milliseconds_between(at(0), at(999_999_999)), 999);
        // Across a full second the remainder is negative, and C rounds it up.
        assert_eq!(milliseconds_between(at(500_000), at(1_000_000_000)), 1000);
    }
}
