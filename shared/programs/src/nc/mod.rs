//! `nc`, as in Debian's netcat-openbsd 1.219: carries what comes on standard input to the other end, and prints what comes
//! from there.
//!
//! Standard input is what `echo … |` gives it, or empty: in a script, in the background, and behind `</dev/null`. In the
//! foreground of a prompt it stays open and silent, as lines that are typed belong to the shell: Ctrl-C ends it.

mod options;
mod talk;

use super::client::{self, Named};
use super::process::{Poll, Process, Wait};
use super::{Context, Failure, Parsed, refused};
use options::{Command, Request};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use talk::{Line, Talk};
use vethlab_explain::journal::{Effect, Invocation, Sending};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::family::Family;
use vethlab_shared::socket::{SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::words::WordList;

/// How many connections may wait to be accepted, as `nc` asks for.
const BACKLOG: u32 = 1;
/// How often a port of UDP is tried with `-v`, after the first two times (`UDP_SCAN_TIMEOUT`).
const UDP_TRIES: u64 = 3;

/// Reads the words behind `nc`.
pub(super) fn parse(words: &WordList) -> Parsed {
    let command = options::parse(words);
    let effect = match &command {
        Ok(Command::Run(request)) if !request.listen => Effect::Sends(Sending {
            destination: request
                .host
                .as_deref()
                .and_then(|host| host.parse::<Ipv4Addr>().ok())
                .map(Into::into),
            source: request
                .source
                .as_deref()
                .and_then(|source| source.parse::<Ipv4Addr>().ok())
                .map(Into::into),
            ..Sending::default()
        }),
        _ => Effect::Alters,
    };
    let invocation = Invocation::new("nc", words.clone(), effect);
    match command {
        Ok(Command::Run(request)) => Parsed::new(invocation, Ok(Netcat::new(*request))),
        Ok(Command::Print(text)) => {
            let says = super::process::Says { out: String::new(), err: text, status: 0 };
            Parsed::new(invocation, Ok(says))
        }
        Err(failure) => Parsed::new(invocation, Err::<Netcat, _>(failure)),
    }
}

/// An `nc`.
#[derive(Clone, Debug)]
struct Netcat {
    request: Request,
    state: State,
    /// The socket that takes in connections.
    listener: Option<SocketId>,
    /// The port that is tried now, by its place in the request.
    place: usize,
    /// Whether any could be reached.
    reached: bool,
    /// What comes on standard input, once it has begun.
    input: Option<Line>,
}

/// What it is doing.
#[derive(Clone, Debug)]
enum State {
    /// It begins, or goes on with the next port.
    Next,
    /// It waits for a connection to be made.
    Connecting { socket: SocketId, to: SocketAddr, until: Instant },
    /// It tries whether anybody answers on a port of UDP.
    Trying { socket: SocketId, to: SocketAddr, left: u64, again: Instant },
    /// It waits for somebody to connect.
    Listening,
    /// It carries data.
    Talking(Talk),
}

/// As `errx(1, …)` ends a program.
fn errx(message: impl std::fmt::Display) -> Failure {
    Failure::exit(1, format_args!("nc: {message}"))
}

/// As `err(1, what)` does; with nothing said, the error alone.
fn failed(what: &str, error: StackError) -> Failure {
    let what = if what.is_empty() { String::new() } else { format!("{what}: ") };
    refused(error, 1, |errno| format!("nc: {what}{errno}"))
}

/// The address that a word names.
fn resolve(request: &Request, host: &str, port: u16) -> Result<IpAddr, Failure> {
    let (named, why) = match request.numeric {
        true => (client::numeric(host), "Name or service not known"),
        false => (client::named(host), "Temporary failure in name resolution"),
    };
    match named {
        Named::Address(address) => return Ok(address.into()),
        Named::Version6 => return Err(Failure::NotModelled(format!("nc {host}"))),
        Named::Unknown => {}
    }
    Err(errx(format_args!("getaddrinfo for host \"{host}\" port {port}: {why}")))
}

impl Netcat {
    fn new(request: Request) -> Netcat {
        Netcat { request, state: State::Next, listener: None, place: 0, reached: false, input: None }
    }

    fn kind(&self) -> SocketKind {
        if self.request.udp { SocketKind::Udp(Family::Inet) } else { SocketKind::Tcp(Family::Inet) }
    }

    /// `tcp` or `udp`.
    fn protocol(&self) -> &'static str {
        if self.request.udp { "udp" } else { "tcp" }
    }

    /// Opens a socket as the options want it (`set_common_sockopts`).
    fn open(&self, context: &mut Context<'_>) -> Result<SocketId, Failure> {
        let namespace = context.namespace.clone();
        let socket = context.stack.open(&namespace, &self.kind()).map_err(|error| failed("socket", error))?;
        let mut options = Vec::new();
        options.extend(self.request.time_to_live.map(SocketOption::TimeToLive));
        options.extend(self.request.type_of_service.map(SocketOption::TypeOfService));
        options.extend(self.request.broadcast.then_some(SocketOption::Broadcast(true)));
        for option in options {
            context.stack.set_option(socket, &option).map_err(|error| failed("set options", error))?;
        }
        Ok(socket)
    }

    /// Binds a client's socket to what `-s` and `-p` say (`remote_connect`).
    fn bind(&self, socket: SocketId, context: &mut Context<'_>) -> Result<(), Failure> {
        if self.request.source.is_none() && self.request.source_port.is_none() {
            return Ok(());
        }
        let address = match &self.request.source {
            Some(source) => match super::numbers::inet_aton(source) {
                Some(address) => address,
                None => {
                    let why = "Temporary failure in name resolution";
                    return Err(errx(format_args!("getaddrinfo: {why}")));
                }
            },
            None => Ipv4Addr::UNSPECIFIED,
        };
        let own = SocketAddr::new(address.into(), self.request.source_port.unwrap_or(0));
        context.stack.bind(socket, own).map_err(|error| failed("bind failed", error))
    }

    /// Waits for connections (`local_listen`).
    fn listen(&mut self, context: &mut Context<'_>) -> Result<(), Failure> {
        let port = self.request.ports.first().copied().unwrap_or(0);
        let address = match self.request.host.clone() {
            Some(host) => resolve(&self.request, &host, port)
                .map_err(|_| errx("getaddrinfo: Temporary failure in name resolution"))?,
            None => Ipv4Addr::UNSPECIFIED.into(),
        };
        let socket = self.open(context)?;
        self.listener = Some(socket);
        for share in [SocketOption::ReuseAddress(true), SocketOption::ReusePort(true)] {
            context.stack.set_option(socket, &share).map_err(|error| failed("setsockopt", error))?;
        }
        context.stack.bind(socket, SocketAddr::new(address, port)).map_err(|error| failed("", error))?;
        if !self.request.udp {
            context.stack.listen(socket, BACKLOG).map_err(|error| failed("listen", error))?;
        }
        let verb = if self.request.udp { "Bound" } else { "Listening" };
        self.report(verb, "on", SocketAddr::new(address, port), context);
        if !context.can_be_ended() && context.jobs.is_empty() {
            let message =
                "vethlab: nobody can connect while 'nc -l' waits here; let it wait in the background: add &";
            return Err(Failure::exit(2, message));
        }
        Ok(())
    }

    /// Tells of an address, where that is wanted (`report_sock`): without a resolver it has no name.
    fn report(&self, verb: &str, preposition: &str, address: SocketAddr, context: &mut Context<'_>) {
        if !self.request.verbose {
            return;
        }
        let is_known = address.ip() == IpAddr::from(Ipv4Addr::LOCALHOST);
        let text = match (self.request.numeric, is_known) {
            (true, _) => format!("{verb} {preposition} {} {}\n", address.ip(), address.port()),
            (false, true) => format!("{verb} {preposition} localhost {}\n", address.port()),
            (false, false) => "nc: getnameinfo: Temporary failure in name resolution\n".to_owned(),
        };
        context.console.err(&text);
    }

    /// Says that a port was reached (`connection_info`).
    fn tell_reached(&self, to: SocketAddr, context: &mut Context<'_>) {
        if !self.request.verbose {
            return;
        }
        let protocol = self.protocol();
        let service = match self.request.numeric {
            true => None,
            false => super::tcpdump::names::service(to.port(), protocol == "tcp"),
        };
        let host = self.shown_host(to);
        let service = service.unwrap_or("*");
        context
            .console
            .err(&format!("Connection to {host} {} port [{protocol}/{service}] succeeded!\n", to.port()));
    }

    /// The host as it was typed, with its address where that is a name.
    fn shown_host(&self, to: SocketAddr) -> String {
        let typed = self.request.host.clone().unwrap_or_default();
        if super::numbers::inet_aton(&typed).is_some() { typed } else { format!("{typed} ({})", to.ip()) }
    }

    /// Says that a port could not be reached.
    fn tell_failed(&self, to: SocketAddr, errno: Errno, context: &mut Context<'_>) {
        if self.request.verbose {
            let (host, port, protocol) = (self.shown_host(to), to.port(), self.protocol());
            let how = if errno == Errno::EINPROGRESS { "timed out" } else { "failed" };
            context.console.err(&format!("nc: connect to {host} port {port} ({protocol}) {how}: {errno}\n"));
        }
    }

    /// Begins with the next port: how it ends where there is none.
    fn next_port(&mut self, context: &mut Context<'_>) -> Result<Option<Poll>, Failure> {
        let Some(&port) = self.request.ports.get(self.place) else {
            return Ok(Some(Poll::Ready(u8::from(!self.reached))));
        };
        self.place += 1;
        let host = self.request.host.clone().unwrap_or_default();
        let to = SocketAddr::new(resolve(&self.request, &host, port)?, port);
        let socket = self.open(context)?;
        if let Err(failure) = self.bind(socket, context) {
            context.stack.close(socket);
            return Err(failure);
        }
        let now = context.stack.now();
        match context.stack.connect(socket, to) {
            Ok(()) => self.udp_is_connected(socket, to, context)?,
            Err(error) if error.errno() == Some(Errno::EINPROGRESS) => {
                let until = self.request.timeout.map_or(Instant::FOREVER, |timeout| now + timeout);
                self.state = State::Connecting { socket, to, until };
            }
            Err(StackError::Refused { errno, .. }) => {
                context.stack.close(socket);
                self.tell_failed(to, errno, context);
            }
            Err(error) => {
                context.stack.close(socket);
                return Err(failed("connect", error));
            }
        }
        Ok(None)
    }

    /// A UDP socket has a peer: with `-v` it is tried whether anybody is there (`udptest`).
    fn udp_is_connected(
        &mut self,
        socket: SocketId,
        to: SocketAddr,
        context: &mut Context<'_>,
    ) -> Result<(), Failure> {
        if !self.request.verbose {
            self.is_reached(socket, to, context);
            return Ok(());
        }
        let [first, second] = [0, 1].map(|_| context.stack.send(socket, to, b"X"));
        if first.is_err() || second.is_err() {
            context.stack.close(socket);
            self.state = State::Next;
            return Ok(());
        }
        let left = self.request.timeout.map_or(UDP_TRIES, |timeout| timeout.as_secs());
        let again = context.stack.now() + Duration::from_secs(1);
        self.state = State::Trying { socket, to, left, again };
        Ok(())
    }

    /// A port was reached: it is told, and data is carried unless only that was asked.
    fn is_reached(&mut self, socket: SocketId, to: SocketAddr, context: &mut Context<'_>) {
        self.reached = true;
        self.tell_reached(to, context);
        if self.request.zero {
            context.stack.close(socket);
            self.state = State::Next;
        } else {
            let peer = self.request.udp.then_some(to);
            self.state = State::Talking(Talk::new(socket, peer, context.stack.now()));
        }
    }

    /// Whether a connection has been made, or has failed.
    fn look_at_connection(
        &mut self,
        socket: SocketId,
        to: SocketAddr,
        until: Instant,
        context: &mut Context<'_>,
    ) -> Result<Option<Poll>, Failure> {
        let ready = context.stack.readiness(socket).map_err(|error| failed("poll", error))?;
        let errno = if ready.writable {
            context.stack.take_error(socket).map_err(|error| failed("getsockopt", error))?
        } else if context.stack.now() >= until {
            // What is told is the answer to `connect`, which has not changed (`timeout_connect`).
            Some(Errno::EINPROGRESS)
        } else {
            return Ok(Some(Poll::Pending(Wait::until(until, vec![socket]))));
        };
        match errno {
            None => self.is_reached(socket, to, context),
            Some(errno) => {
                context.stack.close(socket);
                self.tell_failed(to, errno, context);
                self.state = State::Next;
            }
        }
        Ok(None)
    }

    fn try_udp(
        &mut self,
        socket: SocketId,
        to: SocketAddr,
        (left, again): (u64, Instant),
        context: &mut Context<'_>,
    ) -> Option<Poll> {
        if left == 0 {
            self.is_reached(socket, to, context);
            return None;
        }
        let now = context.stack.now();
        if now < again {
            return Some(Poll::Pending(Wait::until(again, Vec::new())));
        }
        let sent = context.stack.send(socket, to, b"X");
        if sent.is_err_and(|error| error.errno() == Some(Errno::ECONNREFUSED)) {
            context.stack.close(socket);
            self.state = State::Next;
            return None;
        }
        self.state = State::Trying { socket, to, left: left - 1, again: again + Duration::from_secs(1) };
        None
    }

    /// Takes in whoever connects, or whose datagram comes first.
    fn look_for_peer(&mut self, context: &mut Context<'_>) -> Result<Option<Poll>, Failure> {
        let Some(listener) = self.listener else { return Ok(Some(Poll::Ready(1))) };
        let waits = Poll::Pending(Wait::until(Instant::FOREVER, vec![listener]));
        let now = context.stack.now();
        if self.request.udp {
            // It hears of everybody, or of whoever comes first.
            let mut talk = Talk::new(listener, None, now);
            talk.hears_everybody = self.request.keep;
            talk.is_datagrams = true;
            if !self.request.keep {
                let Some(first) = talk::datagram(listener, context.stack) else { return Ok(Some(waits)) };
                let peer = first.source;
                context.stack.connect(listener, peer).map_err(|error| failed("connect", error))?;
                self.report("Connection received", "on", peer, context);
                talk.peer = Some(peer);
                talk.arrived.push_back(first.payload);
            }
            self.state = State::Talking(talk);
            return Ok(None);
        }
        match context.stack.accept(listener).map_err(|error| failed("accept", error))? {
            None => Ok(Some(waits)),
            Some(accepted) => {
                self.report("Connection received", "on", accepted.peer, context);
                self.state = State::Talking(Talk::new(accepted.socket, None, now));
                Ok(None)
            }
        }
    }
}

impl Process for Netcat {
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        if self.input.is_none() {
            self.input = Some(Line::new(if self.request.detached {
                super::process::Input::Silent
            } else {
                std::mem::take(&mut context.input)
            }));
        }
        loop {
            let done = match &mut self.state {
                State::Next if self.request.listen => {
                    self.listen(context)?;
                    self.state = State::Listening;
                    None
                }
                State::Next => self.next_port(context)?,
                &mut State::Connecting { socket, to, until } => {
                    self.look_at_connection(socket, to, until, context)?
                }
                &mut State::Trying { socket, to, left, again } => {
                    self.try_udp(socket, to, (left, again), context)
                }
                State::Listening => self.look_for_peer(context)?,
                State::Talking(talk) => {
                    let Some(input) = &mut self.input else { return Ok(Poll::Ready(1)) };
                    match talk.step(&self.request, input, context)? {
                        Some(Poll::Ready(_)) if talk.quits => Some(Poll::Ready(0)),
                        Some(Poll::Ready(_)) => {
                            let socket = talk.socket;
                            self.state = State::Next;
                            if Some(socket) != self.listener {
                                context.stack.close(socket);
                            }
                            match (self.request.listen, self.request.keep) {
                                (true, true) => {
                                    self.state = State::Listening;
                                    None
                                }
                                (true, false) => Some(Poll::Ready(0)),
                                (false, _) => None,
                            }
                        }
                        other => other,
                    }
                }
            };
            if let Some(done) = done {
                return Ok(done);
            }
        }
    }

    fn close(&mut self, stack: &mut dyn NetworkStack) {
        let own = match &self.state {
            State::Connecting { socket, .. } | State::Trying { socket, .. } => Some(*socket),
            State::Talking(talk) => Some(talk.socket),
            State::Next | State::Listening => None,
        };
        for socket in own.into_iter().chain(self.listener.take()) {
            stack.close(socket);
        }
    }

    fn ends_by_itself(&self) -> bool {
        !self.request.listen
    }
}
