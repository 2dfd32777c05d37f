//! `curl`, as in Debian's curl 7.88.1: asks a server of HTTP for a resource, and prints it.
//!
//! No progress meter is drawn, as where curl writes to a terminal. Standard input is not read.

mod options;
mod problem;
mod transfer;
mod write_out;

use super::client::{self, From, Named, NotBegun, Progress};
use super::http::url::Url;
use super::process::{Poll, Process, Wait};
use super::{Context, Failure, Parsed};
use options::Request;
use problem::Problem;
use std::net::{Ipv4Addr, SocketAddr};
use transfer::Transfer;
use vethlab_explain::journal::{Effect, Invocation};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::name::LinkName;
use vethlab_shared::socket::SocketId;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::words::WordList;
use write_out::Measured;

/// How long a connection may take, unless that is said (`DEFAULT_CONNECT_TIMEOUT`).
const CONNECT_TIMEOUT: Duration = Duration::from_secs(300);

/// The long names of the options that are understood.
pub(super) fn longs() -> Vec<&'static str> {
    options::LONGS.iter().map(|(name, ..)| *name).collect()
}

/// Reads the words behind `curl`.
pub(super) fn parse(words: &WordList) -> Parsed {
    match options::parse(words) {
        Ok(request) => {
            let effect = client::effect_of_url(&request.typed);
            Parsed::new(Invocation::new("curl", words.clone(), effect), Ok(Curl::new(request)))
        }
        Err(failure) => {
            Parsed::new(Invocation::new("curl", words.clone(), Effect::Alters), Err::<Curl, _>(failure))
        }
    }
}

/// A `curl`.
#[derive(Clone, Debug)]
struct Curl {
    request: Request,
    state: State,
    measured: Measured,
    /// What was told as an error: the first is what the program ends with (`Curl_failf`).
    told: Option<String>,
}

#[derive(Clone, Debug)]
enum State {
    Begins,
    Connecting { socket: SocketId, url: Url, to: SocketAddr, began: Instant },
    Transferring(Box<Transfer>),
}

impl Curl {
    fn new(request: Request) -> Curl {
        Curl { request, state: State::Begins, measured: Measured::default(), told: None }
    }

    /// Tells of what is done, with `-v`.
    fn info(&self, text: &str, context: &mut Context<'_>) {
        if self.request.verbose {
            context.console.err(&format!("* {text}\n"));
        }
    }

    /// Tells of an error, and keeps the first.
    fn tell(&mut self, text: &str, context: &mut Context<'_>) {
        self.info(text, context);
        self.told.get_or_insert_with(|| text.to_owned());
    }

    /// Begins: who is asked, and a connection to there.
    fn begin(&mut self, context: &mut Context<'_>) -> Result<(), Problem> {
        self.measured.began = context.stack.now();
        let url = Url::parse(&self.request.typed).ok_or(Problem::Url)?;
        if url.scheme != "http" {
            return Err(match url.scheme.as_str() {
                "https" | "ftp" | "ftps" | "file" | "telnet" => {
                    Problem::Other(Failure::NotModelled(format!("curl {}://", url.scheme)))
                }
                scheme => Problem::Scheme(scheme.to_owned()),
            });
        }
        if url.user.is_some() {
            let what = format!("curl http://USER@{}", url.host);
            return Err(Problem::Other(Failure::NotModelled(what)));
        }
        self.measured.url = Some(url.clone());
        let address = match client::look_up(&url.host) {
            Named::Address(address) => address,
            Named::Version6 => {
                return Err(Problem::Other(Failure::NotModelled(format!("curl {}", url.host))));
            }
            Named::Unknown => return Err(Problem::Unknown(url.host)),
        };
        let to = SocketAddr::new(address.into(), url.port.unwrap_or(80));
        self.info(&format!("  Trying {to}..."), context);
        let from = self.from(context)?;
        let began = context.stack.now();
        match client::begin(&from, to, context) {
            Ok(socket) => {
                if from.address.is_some() {
                    self.info("Local port: 0", context);
                }
                self.state = State::Connecting { socket, url, to, began };
                Ok(())
            }
            Err(NotBegun::To(errno)) => {
                self.info(&format!("Immediate connect fail for {}: {errno}", to.ip()), context);
                Err(self.not_connected(&url, to, (began, errno), context))
            }
            Err(NotBegun::From(errno)) => Err(Problem::Bind(errno)),
            Err(NotBegun::Stack(error)) => Err(Problem::stack(error)),
        }
    }

    /// Where the connection is to come from (`bindlocal` in `lib/cf-socket.c`): a name may be that of a link or a host.
    fn from(&mut self, context: &mut Context<'_>) -> Result<From, Problem> {
        let Some(interface) = self.request.interface.clone() else { return Ok(From::default()) };
        let (link, host) = match (interface.strip_prefix("if!"), interface.strip_prefix("host!")) {
            (Some(link), _) => (Some(link), None),
            (None, Some(host)) => (None, Some(host)),
            (None, None) => (Some(interface.as_str()), Some(interface.as_str())),
        };
        if let Some(name) = link.and_then(|link| link.parse::<LinkName>().ok()) {
            let namespace = context.namespace.clone();
            let found = context.stack.link_by_name(&namespace, &name).map_err(Problem::stack)?;
            if found.is_some() {
                return Ok(From { link: Some(name), address: None });
            }
        }
        let Some(host) = host else { return Err(Problem::Interface(link.unwrap_or_default().to_owned())) };
        match client::look_up(host) {
            Named::Address(address) => {
                self.info(&format!("Name '{host}' family 2 resolved to '{address}' family 2"), context);
                Ok(From { link: None, address: Some(address) })
            }
            Named::Version6 | Named::Unknown => {
                self.info(&format!("Could not resolve host: {host}"), context);
                Err(Problem::Host(host.to_owned()))
            }
        }
    }

    /// Nobody could be reached (`is_connected`): `localhost` has an address of IPv6 too, which no link has here.
    fn not_connected(
        &self,
        url: &Url,
        to: SocketAddr,
        (began, errno): (Instant, Errno),
        context: &mut Context<'_>,
    ) -> Problem {
        if url.host.eq_ignore_ascii_case("localhost") && to.ip() == Ipv4Addr::LOCALHOST {
            let (none, port) = (Errno::EADDRNOTAVAIL, to.port());
            self.info(&format!("  Trying [::1]:{port}..."), context);
            self.info(&format!("Immediate connect fail for ::1: {none}"), context);
        }
        let after = context.stack.now().since(began).as_millis();
        Problem::Connect { place: place(url, to), after, errno }
    }

    /// Whether it is connected now, or still waits.
    fn connecting(
        &mut self,
        (socket, to, began): (SocketId, SocketAddr, Instant),
        url: &Url,
        context: &mut Context<'_>,
    ) -> Result<Option<Poll>, Problem> {
        match client::progress(socket, context.stack).map_err(Problem::stack)? {
            Progress::Connected => {
                let (ip, port) = (to.ip(), to.port());
                let connected = format!("Connected to {} ({ip}) port {port} (#0)", url.host);
                self.info(&connected, context);
                self.measured.connected(socket, to, context.stack).map_err(Problem::stack)?;
                let transfer = Transfer::new(socket, url, &self.request, context.stack.now());
                self.state = State::Transferring(Box::new(transfer));
                Ok(None)
            }
            Progress::Failed(errno) => {
                let (ip, port) = (to.ip(), to.port());
                self.info(&format!("connect to {ip} port {port} failed: {errno}"), context);
                Err(self.not_connected(url, to, (began, errno), context))
            }
            Progress::Waits => {
                let now = context.stack.now();
                let limit = self.request.connect_time.unwrap_or(CONNECT_TIMEOUT);
                let until = began + limit;
                if self.end().is_some_and(|end| end <= now) {
                    return Err(Problem::ConnectTime(now.since(self.measured.began).as_millis()));
                }
                if until <= now {
                    self.info(
                        &format!("ipv4 connect timeout after {}ms, move on!", limit.as_millis()),
                        context,
                    );
                    let after = now.since(began).as_millis();
                    return Err(Problem::ConnectTimeout { place: place(url, to), after });
                }
                let until = until.min(self.end().unwrap_or(Instant::FOREVER));
                Ok(Some(Poll::Pending(Wait::until(until, vec![socket]))))
            }
        }
    }

    /// When all has to be over (`-m`).
    fn end(&self) -> Option<Instant> {
        self.request.most_time.map(|time| self.measured.began + time)
    }

    fn go_on(&mut self, context: &mut Context<'_>) -> Result<Option<Poll>, Problem> {
        match &mut self.state {
            State::Begins => {
                self.begin(context)?;
                Ok(None)
            }
            State::Connecting { socket, url, to, began } => {
                let (at, url) = ((*socket, *to, *began), url.clone());
                self.connecting(at, &url, context)
            }
            State::Transferring(transfer) => {
                let end = self.request.most_time.map(|time| self.measured.began + time);
                transfer.step(&self.request, &mut self.measured, end, context)
            }
        }
    }

    /// All is over: what was measured is printed, and what went wrong is told.
    fn finish(&mut self, problem: Option<Problem>, context: &mut Context<'_>) -> Result<Poll, Failure> {
        let left_open = matches!(&self.state, State::Transferring(transfer) if transfer.is_left_open());
        let mut status = 0;
        if let Some(problem) = problem {
            if let Problem::Other(failure) = problem {
                return Err(failure);
            }
            status = problem.status();
            self.tell(&problem.line(), context);
            if let (true, Some(url)) = (problem.is_about_own_end(), &self.measured.url) {
                let after = context.stack.now().since(self.measured.began).as_millis();
                let (host, port) = (&url.host, url.port.unwrap_or(80));
                let line = format!(
                    "Failed to connect to {host} port {port} after {after} ms: Failed binding local connection end"
                );
                self.info(&line, context);
            }
            if !matches!(problem, Problem::Url | Problem::Scheme(_)) {
                self.info("Closing connection 0", context);
            }
        } else if left_open {
            let host = self.measured.url.as_ref().map_or("", |url| url.host.as_str()).to_owned();
            self.info(&format!("Connection #0 to host {host} left intact"), context);
        } else {
            self.info("Closing connection 0", context);
        }
        let told = self.told.clone().unwrap_or_default();
        if status != 0 && (!self.request.silent || self.request.show_error) {
            context.console.err(&format!("curl: ({status}) {told}\n"));
        }
        if let Some(format) = &self.request.write_out {
            self.measured.ended = context.stack.now();
            self.measured.problem = (status, told);
            self.measured.print(format, &self.request, context.console);
        }
        Ok(Poll::Ready(status))
    }
}

/// Who was tried, as errors name it: the host as it was typed.
fn place(url: &Url, to: SocketAddr) -> String {
    format!("{} port {}", url.host, to.port())
}

impl Process for Curl {
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        loop {
            match self.go_on(context) {
                Ok(None) => {}
                Ok(Some(Poll::Ready(_))) => return self.finish(None, context),
                Ok(Some(waits)) => return Ok(waits),
                Err(problem) => return self.finish(Some(problem), context),
            }
        }
    }

    fn cannot_wait(&self, error: StackError) -> Failure {
        super::refused(error, 2, |errno| format!("curl: (2) {errno}"))
    }

    fn close(&mut self, stack: &mut dyn NetworkStack) {
        match &self.state {
            State::Begins => {}
            State::Connecting { socket, .. } => stack.close(*socket),
            State::Transferring(transfer) => stack.close(transfer.socket),
        }
    }
}
