//! The run: probes go out, several at once, and are shown in order (`do_it`).

use super::failed;
use super::method::{Sender, Sent};
use super::options::{Method, Request};
use super::probe::{Probe, hops_back, remark};
use crate::process::{Poll, Wait};
use crate::{Console, Context, Failure};
use std::net::{IpAddr, Ipv4Addr};
use vethlab_shared::error::Errno;
use vethlab_shared::socket::{ErrorOrigin, QueuedError, Received, SocketId};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::{Duration, Instant};

/// Length of an IPv4 header in bytes.
const IPV4_HEADER: u64 = 20;
/// Length of a UDP header in bytes.
const UDP_HEADER: u64 = 8;
/// How long a packet is behind its IPv4 header, unless a length was given.
const DEFAULT_LENGTH: u64 = 40;
/// What is added to the time that an answer took, in seconds, before it is multiplied (`DEF_WAIT_PREC`).
const IMPRECISION: f64 = 0.001;
/// A trace under way.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    request: Request,
    sender: Sender,
    /// Length of the headers before a probe's data, in bytes.
    header: u64,
    /// Length of a probe's data, in bytes.
    length: u64,
    probes: Vec<Probe>,
    /// The first probe that is not shown yet.
    begin: usize,
    /// Behind the last probe of the last hop.
    end: usize,
    last_sent: Option<Instant>,
    /// The sockets at which it has waited for something to read.
    waited: Vec<SocketId>,
}

impl Trace {
    /// Before the first probe.
    pub(super) fn new(request: &Request, context: &mut Context<'_>) -> Result<Trace, Failure> {
        let sender = Sender::new(request, context)?;
        let header = IPV4_HEADER + if request.method == Method::Icmp { 0 } else { UDP_HEADER };
        let whole = request.packet_length.unwrap_or(IPV4_HEADER + DEFAULT_LENGTH);
        let least = if request.method == Method::Icmp { UDP_HEADER } else { 0 };
        let count = (request.most_hops * request.queries) as usize;
        Ok(Trace {
            request: request.clone(),
            sender,
            header,
            length: whole.saturating_sub(header).max(least),
            probes: vec![Probe::default(); count],
            begin: ((request.first_hop - 1) * request.queries) as usize,
            end: count,
            last_sent: None,
            waited: Vec::new(),
        })
    }

    /// Closes all sockets.
    pub(super) fn close(&mut self, stack: &mut dyn NetworkStack) {
        for probe in &mut self.probes {
            probe.close(stack);
        }
        self.sender.close(stack);
    }

    /// Says what is done, and begins.
    pub(super) fn begin(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        let Request { name, target, most_hops, .. } = &self.request;
        let length = self.header + self.length;
        context
            .console
            .out(&format!("traceroute to {name} ({target}), {most_hops} hops max, {length} byte packets"));
        self.go_on(context)
    }

    /// Goes on until it has to wait, or to the end.
    pub(super) fn go_on(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        for socket in std::mem::take(&mut self.waited) {
            self.receive(socket, context)?;
        }
        while self.begin < self.end {
            if let Some(until) = self.go_through(context)? {
                self.waited = match self.sender.shared() {
                    Some(socket) => vec![socket],
                    None => self.probes.iter().filter_map(|probe| probe.socket).collect(),
                };
                return Ok(Poll::Pending(Wait::until(until, self.waited.clone())));
            }
        }
        context.console.out("\n");
        Ok(Poll::Ready(0))
    }

    /// Goes through the probes once: shows those that are next to be shown, gives up what takes too long, and sends
    /// as many as may be under way. Says until when to wait for answers.
    fn go_through(&mut self, context: &mut Context<'_>) -> Result<Option<Instant>, Failure> {
        let now = context.stack.now();
        let mut until = None;
        let mut under_way = 0;
        let mut place = self.begin;
        while place < self.end {
            if place == self.begin && !self.probes[place].done && self.probes[place].sent.is_some() {
                let expires = self.expires(place);
                if expires > now {
                    until = Some(expires);
                } else {
                    self.finish(place, context);
                    self.fill_from_behind(place);
                }
            }
            if self.probes[place].done {
                if place == self.begin {
                    self.show(place, context.console);
                    self.begin += 1;
                }
                if self.probes[place].last {
                    self.end = (place / self.queries() + 1) * self.queries();
                }
                place += 1;
                continue;
            }
            if self.probes[place].sent.is_none() {
                if let Some(next) = self.next_may_leave().filter(|next| *next > now) {
                    until = Some(next);
                    break;
                }
                if let Sent::NotNow(errno) = self.send(place, context)? {
                    match until {
                        Some(_) => break,
                        None => return Err(failed("send probe", errno.into())),
                    }
                }
            }
            until = until.or_else(|| Some(self.expires(place)));
            under_way += 1;
            if under_way >= self.request.simultaneous {
                break;
            }
            place += 1;
        }
        Ok(until)
    }

    fn queries(&self) -> usize {
        self.request.queries as usize
    }

    /// When the next probe may leave at the soonest (`-z`).
    fn next_may_leave(&self) -> Option<Instant> {
        let pause = (self.request.pause > 0.0).then(|| seconds(self.request.pause))?;
        self.last_sent.map(|last| last + pause)
    }

    fn send(&mut self, place: usize, context: &mut Context<'_>) -> Result<Sent, Failure> {
        let hops = (place / self.queries() + 1) as u8;
        let length = self.length as usize;
        let sent = self.sender.send(&mut self.probes[place], hops, length, context)?;
        self.last_sent = self.probes[place].sent.or(self.last_sent);
        Ok(sent)
    }

    /// Until when an answer to a probe counts (`get_timeout`): an answer from the same hop tells how long it may
    /// take, or one from a later hop.
    fn expires(&self, place: usize) -> Instant {
        let wait = self.request.wait;
        let hop = place - place % self.queries();
        let took = |probe: &Probe| if probe.done { probe.took() } else { None };
        let here = self.probes[hop..hop + self.queries()].iter().find_map(took);
        let later = self.probes[place + 1..].iter().take_while(|probe| probe.sent.is_some());
        let limit = match (here.filter(|_| wait.here > 0.0), wait.near > 0.0) {
            (Some(took), _) => (took + IMPRECISION) * wait.here,
            (None, true) => later
                .map(took)
                .find_map(|took| took)
                .map_or(wait.most, |took| (took + IMPRECISION) * wait.near),
            (None, false) => wait.most,
        };
        self.probes[place].sent.unwrap_or(Instant::START) + seconds(limit.min(wait.most))
    }

    /// Nothing more is waited for (`probe_done`).
    fn finish(&mut self, place: usize, context: &mut Context<'_>) {
        let probe = &mut self.probes[place];
        probe.close(context.stack);
        probe.sequence = None;
        probe.done = true;
    }

    /// A probe got no answer, but a later one got the last one: a hop that answers only so often may have left this
    /// one out. Where that is likely, what the later one got is put here (`check_expired`).
    fn fill_from_behind(&mut self, place: usize) {
        let queries = self.queries();
        let before = &self.probes[place - place % queries..place];
        if before.iter().any(|probe| !probe.done || !probe.last) {
            return;
        }
        let behind = self.probes[place + 1..].iter().take_while(|probe| probe.sent.is_some());
        let Some(offset) = behind.clone().position(|probe| probe.done) else { return };
        let found = place + 1 + offset;
        let probe = &self.probes[found];
        if !probe.last || probe.remark.is_empty() {
            return;
        }
        let same_hop = !before.is_empty() || place % queries + (found - place) < queries;
        let seen_before =
            self.probes[..place].iter().any(|earlier| earlier.by.is_some() && earlier.by == probe.by);
        if same_hop || seen_before || self.is_at_this_hop(place, found) {
            self.probes[place] = std::mem::take(&mut self.probes[found]);
            // It is not sent again.
            self.probes[found].sent = Some(Instant::START);
        }
    }

    /// Whether the way back of a later answer is as long as, or shorter than, one from this hop would have.
    fn is_at_this_hop(&self, place: usize, found: usize) -> bool {
        let Some(back) = self.probes[found].back.filter(|back| *back > 0) else { return false };
        let mut hops = hops_back(back);
        let hop_of = |place: usize| (place / self.queries() + 1) as i32;
        for (earlier, probe) in self.probes[..place].iter().enumerate().rev() {
            if let Some(back) = probe.back.filter(|back| probe.done && !probe.last && *back > 0)
                && hops_back(back) < hops
            {
                hops = hops - hops_back(back) + hop_of(earlier);
                break;
            }
        }
        hops <= hop_of(place)
    }

    /// Takes in all answers that are there: where sending is slow, as with an observer on every link, many are, and
    /// none of them may count as too late because another was looked at first.
    fn receive(&mut self, socket: SocketId, context: &mut Context<'_>) -> Result<(), Failure> {
        // Each probe is answered once; whoever sends more is heard the next time.
        let most = if self.sender.shared().is_some() { self.probes.len() } else { 1 };
        for _ in 0..most {
            let received = context.stack.receive(socket);
            match received.map_err(|error| failed("recvmsg", error))? {
                Some(received) => self.take(socket, received, context)?,
                None => break,
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        socket: SocketId,
        received: Received,
        context: &mut Context<'_>,
    ) -> Result<(), Failure> {
        match received {
            Received::Datagram(data) => {
                if let Some(place) = self.sender.answered(&self.probes, socket, &data) {
                    let probe = &mut self.probes[place];
                    (probe.last, probe.by) = (true, Some(data.source.ip()));
                    probe.back = Some(data.time_to_live);
                    probe.answered = Some(data.time);
                    self.finish(place, context);
                }
                Ok(())
            }
            Received::Error(error) => self.hear(socket, &error, context),
            Received::Frame(_) | Received::Connection(_) => Ok(()),
        }
    }

    /// Takes in an entry of the error queue (`recv_reply`).
    fn hear(
        &mut self,
        socket: SocketId,
        error: &QueuedError,
        context: &mut Context<'_>,
    ) -> Result<(), Failure> {
        let first = ((self.request.first_hop - 1) * self.request.queries) as usize;
        // A raw socket does not say which message this machine itself refused.
        let nameless = error.payload.is_empty() && self.request.dont_fragment && !self.probes[first].done;
        let found = self.sender.failed(&self.probes, socket, error).or(nameless.then_some(first));
        let Some(place) = found else { return Ok(()) };
        let probe = &mut self.probes[place];
        probe.answered = Some(error.time);
        match error.origin {
            ErrorOrigin::Icmp { offender, kind, code } => {
                probe.by = Some(offender);
                probe.back = Some(error.time_to_live);
                if let Some(text) = remark(kind, code, error.info) {
                    probe.remark += &text;
                    probe.last = true;
                }
            }
            ErrorOrigin::Local if error.errno == Errno::EMSGSIZE && error.info != 0 => {
                probe.remark += &format!("!F-{}", error.info);
                probe.last = true;
            }
            ErrorOrigin::Local => return Err(failed("local recverr", error.errno.into())),
        }
        self.finish(place, context);
        let mtu = u64::from(error.info);
        if self.request.discover_mtu && mtu >= self.header && mtu < self.header + self.length {
            self.length = mtu - self.header;
            self.probes[place] = Probe { remark: format!("F={mtu}"), ..Probe::default() };
        }
        Ok(())
    }

    /// Shows what became of a probe (`print_probe`).
    fn show(&mut self, place: usize, console: &mut dyn Console) {
        let queries = self.queries();
        let (hop, number) = (place / queries + 1, place % queries);
        let probe = &self.probes[place];
        let mut text = if number == 0 { format!("\n{hop:2} ") } else { String::new() };
        match probe.by {
            None => text += " *",
            Some(by) => {
                let before = self.probes[place - number..place].iter().rev();
                let last = before.into_iter().find(|probe| probe.by.is_some());
                let same = last.is_some_and(|last| {
                    last.by == probe.by && !(self.request.backward && last.back != probe.back)
                });
                if !same {
                    text += &self.name(by);
                    let back = probe.back.filter(|back| self.request.backward && *back > 0);
                    if let Some(hops) = back.map(hops_back).filter(|hops| *hops != hop as i32) {
                        text += &format!(" '-{hops}'");
                    }
                }
            }
        }
        if let (Some(sent), Some(answered)) = (probe.sent, probe.answered) {
            text += &format!("  {:.3} ms", answered.since(sent).as_secs_f64() * 1000.0);
        }
        if !probe.remark.is_empty() {
            text += &format!(" {}", probe.remark);
        }
        console.out(&text);
    }

    fn name(&self, address: IpAddr) -> String {
        match address {
            _ if self.request.numeric => format!(" {address}"),
            _ if address == Ipv4Addr::LOCALHOST => format!(" localhost ({address})"),
            _ => format!(" {address} ({address})"),
        }
    }
}

/// A time of so many seconds; what is more than can be waited for is as long as can be, and no number is no time.
fn seconds(seconds: f64) -> Duration {
    const LONGEST: f64 = 1e9;
    Duration::try_from_secs_f64(seconds.clamp(0.0, LONGEST)).unwrap_or_default()
}
