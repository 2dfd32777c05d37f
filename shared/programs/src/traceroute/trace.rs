//! The run: probes go out, several at once, and are shown in order (`do_it`).

use super::failed;
use super::method::{Sender, Sent};
use super::options::{Method, Request};
use super::probe::{Probe, hops_back, remark};
use crate::waiting::wait_until;
use crate::{Context, Failure, Status};
use std::net::Ipv4Addr;
use vethlab_shared::error::Errno;
use vethlab_shared::socket::{ErrorOrigin, QueuedError, Received, SocketId};
use vethlab_shared::time::{Duration, Instant};

/// Length of an IPv4 header in bytes.
const IPV4_HEADER: u64 = 20;
/// Length of a UDP header in bytes.
const UDP_HEADER: u64 = 8;
/// How long a packet is behind its IPv4 header, unless a length was given.
const DEFAULT_LENGTH: u64 = 40;
/// What is added to the time that an answer took, in seconds, before it is multiplied (`DEF_WAIT_PREC`).
const IMPRECISION: f64 = 0.001;
/// The exit status after Ctrl-C, as a shell shows it.
const INTERRUPTED: Status = 130;

/// Traces.
pub(super) fn run(request: &Request, context: &mut Context<'_>) -> Result<Status, Failure> {
    let sender = Sender::new(request, context)?;
    let header = IPV4_HEADER + if request.method == Method::Icmp { 0 } else { UDP_HEADER };
    let whole = request.packet_length.unwrap_or(IPV4_HEADER + DEFAULT_LENGTH);
    let least = if request.method == Method::Icmp { UDP_HEADER } else { 0 };
    let count = (request.most_hops * request.queries) as usize;
    let mut trace = Trace {
        request,
        sender,
        header,
        length: whole.saturating_sub(header).max(least),
        probes: vec![Probe::default(); count],
        begin: ((request.first_hop - 1) * request.queries) as usize,
        end: count,
        last_sent: None,
        context,
    };
    let result = trace.run();
    for probe in &mut trace.probes {
        probe.close(trace.context);
    }
    trace.sender.close(trace.context);
    result
}

struct Trace<'a, 'c> {
    request: &'a Request,
    sender: Sender<'a>,
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
    context: &'a mut Context<'c>,
}

impl Trace<'_, '_> {
    fn run(&mut self) -> Result<Status, Failure> {
        let Request { name, target, most_hops, .. } = self.request;
        let length = self.header + self.length;
        self.context
            .console
            .out(&format!("traceroute to {name} ({target}), {most_hops} hops max, {length} byte packets"));
        while self.begin < self.end {
            if let Some(until) = self.go_through()? {
                self.wait(until)?;
            }
            if self.context.console.interrupted() {
                self.context.console.out("\n");
                return Ok(INTERRUPTED);
            }
        }
        self.context.console.out("\n");
        Ok(0)
    }

    /// Goes through the probes once: shows those that are next to be shown, gives up what takes too long, and sends
    /// as many as may be under way. Says until when to wait for answers.
    fn go_through(&mut self) -> Result<Option<Instant>, Failure> {
        let now = self.context.stack.now();
        let mut until = None;
        let mut under_way = 0;
        let mut place = self.begin;
        while place < self.end {
            if place == self.begin && !self.probes[place].done && self.probes[place].sent.is_some() {
                let expires = self.expires(place);
                if expires > now {
                    until = Some(expires);
                } else {
                    self.finish(place);
                    self.fill_from_behind(place);
                }
            }
            if self.probes[place].done {
                if place == self.begin {
                    self.show(place);
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
                if let Sent::NotNow(errno) = self.send(place)? {
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

    fn send(&mut self, place: usize) -> Result<Sent, Failure> {
        let hops = (place / self.queries() + 1) as u8;
        let length = self.length as usize;
        let sent = self.sender.send(&mut self.probes[place], hops, length, self.context)?;
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
    fn finish(&mut self, place: usize) {
        let probe = &mut self.probes[place];
        probe.close(self.context);
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

    /// Waits for answers, and takes in all that are there: where sending is slow, as with an observer on every link,
    /// many are, and none of them may count as too late because another was looked at first.
    fn wait(&mut self, until: Instant) -> Result<(), Failure> {
        let sockets: Vec<SocketId> = match self.sender.shared() {
            Some(socket) => vec![socket],
            None => self.probes.iter().filter_map(|probe| probe.socket).collect(),
        };
        wait_until(self.context, until, &sockets).map_err(|error| failed("poll", error))?;
        // Each probe is answered once; whoever sends more is heard the next time.
        let most = if self.sender.shared().is_some() { self.probes.len() } else { 1 };
        for socket in sockets {
            for _ in 0..most {
                let received = self.context.stack.receive(socket);
                match received.map_err(|error| failed("recvmsg", error))? {
                    Some(received) => self.take(socket, received)?,
                    None => break,
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, socket: SocketId, received: Received) -> Result<(), Failure> {
        match received {
            Received::Datagram(data) => {
                if let Some(place) = self.sender.answered(&self.probes, socket, &data) {
                    let probe = &mut self.probes[place];
                    (probe.last, probe.by) = (true, Some(data.source));
                    probe.back = Some(data.time_to_live);
                    probe.answered = Some(data.time);
                    self.finish(place);
                }
                Ok(())
            }
            Received::Error(error) => self.hear(socket, &error),
            Received::Frame(_) => Ok(()),
        }
    }

    /// Takes in an entry of the error queue (`recv_reply`).
    fn hear(&mut self, socket: SocketId, error: &QueuedError) -> Result<(), Failure> {
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
        self.finish(place);
        let mtu = u64::from(error.info);
        if self.request.discover_mtu && mtu >= self.header && mtu < self.header + self.length {
            self.length = mtu - self.header;
            self.probes[place] = Probe { remark: format!("F={mtu}"), ..Probe::default() };
        }
        Ok(())
    }

    /// Shows what became of a probe (`print_probe`).
    fn show(&mut self, place: usize) {
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
        self.context.console.out(&text);
    }

    fn name(&self, address: Ipv4Addr) -> String {
        match address {
            _ if self.request.numeric => format!(" {address}"),
            Ipv4Addr::LOCALHOST => format!(" localhost ({address})"),
            _ => format!(" {address} ({address})"),
        }
    }
}

/// A time of so many seconds; what is more than can be waited for is as long as can be, and no number is no time.
fn seconds(seconds: f64) -> Duration {
    const LONGEST: f64 = 1e9;
    Duration::try_from_secs_f64(seconds.clamp(0.0, LONGEST)).unwrap_or_default()
}
