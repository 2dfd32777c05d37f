//! `telnet`, as in Debian's inetutils 2.4: says whether somebody answers at a port, and prints what they say.
//!
//! At a prompt nothing that is typed reaches the other end, as lines are for the shell. Where standard input is at its
//! end, as behind `</dev/null`, the tool ends as soon as it is connected; what a pipe gave it is lost then, as
//! `process_rings` looks at its end before it sends. Options of the protocol (RFC 854) are not modelled.

use super::client::{self, From, Named, NotBegun, Progress};
use super::getopt::{Getopt, Long, Value};
use super::process::{Input, Poll, Process, Wait};
use super::{Context, Failure, Parsed, refused};
use std::net::{Ipv4Addr, SocketAddr};
use vethlab_explain::journal::{Effect, Invocation};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::socket::SocketId;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Instant;
use vethlab_shared::words::WordList;

/// The long names of the options that are understood.
pub(super) const LONGS: &[Long] = &[
    ("ipv4", '4', Value::No),
    ("bind", 'b', Value::Required),
    ("no-rc", 'c', Value::No),
    ("no-login", 'K', Value::No),
];

/// As `argp` is given them, those that are understood.
const LETTERS: &str = "4b:cK";
/// What is understood, and means something that is not modelled.
const NOT_MODELLED: &str = "678adeEklLnrxXV";

/// The port of the protocol: there both ends would agree on options first.
const PORT: u16 = 23;
/// How much is read at once.
const AT_ONCE: usize = 8192;
/// What announces an option (`IAC` in `arpa/telnet.h`).
const COMMAND: u8 = 255;

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Request {
    host: String,
    port: u16,
    from: From,
}

/// Reads the words behind `telnet`.
pub(super) fn parse(words: &WordList) -> Parsed {
    match read(words) {
        Ok(request) => {
            let effect = client::effect(&request.host, &request.from);
            let telnet = Telnet { request, state: State::Begins };
            Parsed::new(Invocation::new("telnet", words.clone(), effect), Ok(telnet))
        }
        Err(Ended::Says(text)) => {
            let says = super::process::Says { out: text, err: String::new(), status: 1 };
            Parsed::new(Invocation::new("telnet", words.clone(), Effect::Alters), Ok(says))
        }
        Err(Ended::Fails(failure)) => {
            let invocation = Invocation::new("telnet", words.clone(), Effect::Alters);
            Parsed::new(invocation, Err::<Telnet, _>(failure))
        }
    }
}

/// How it ends before it begins: some of its errors go to standard output.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    Says(String),
    Fails(Failure),
}

fn fails(message: impl std::fmt::Display) -> Ended {
    Ended::Fails(Failure::exit(1, format_args!("telnet: {message}")))
}

fn read(words: &[String]) -> Result<Request, Ended> {
    let mut options = Getopt::new(LETTERS, LONGS, words);
    let mut request = Request { port: PORT, ..Request::default() };
    loop {
        let given = match options.next() {
            Ok(Some(given)) => given,
            Ok(None) => break,
            Err(super::getopt::OptionError::Invalid(letter)) if NOT_MODELLED.contains(letter) => {
                return Err(Ended::Fails(Failure::NotModelled(format!("telnet -{letter}"))));
            }
            Err(error) => {
                let advice = "Try 'telnet --help' or 'telnet --usage' for more information.";
                return Err(Ended::Fails(Failure::exit(64, format_args!("telnet: {error}\n{advice}"))));
            }
        };
        if given.letter == 'b' {
            request.from.address = match client::look_up(given.value()) {
                Named::Address(address) => Some(address),
                Named::Version6 | Named::Unknown => {
                    return Err(Ended::Fails(Failure::NotModelled(format!("telnet -b {}", given.value()))));
                }
            };
        }
    }
    match options.operands().as_slice() {
        [] => {
            let message = "vethlab: telnet has no prompt of its own here: name a host and a port";
            return Err(Ended::Fails(Failure::exit(2, message)));
        }
        [host] => request.host.clone_from(host),
        [host, port] => {
            request.host.clone_from(host);
            request.port = service(host, port)?;
        }
        [_, _, ..] => return Err(fails("too many arguments")),
    }
    Ok(request)
}

/// A port, by number or by name.
fn service(host: &str, text: &str) -> Result<u16, Ended> {
    if text.bytes().all(|c| c.is_ascii_digit()) && !text.is_empty() {
        let port = text.parse().ok().filter(|port| *port > 0);
        return port.ok_or_else(|| Ended::Says(format!("Port number {text} is out of range.\n")));
    }
    super::tcpdump::names::port_number(text, true).ok_or_else(|| {
        Ended::Says(format!(
            "Server lookup failure:  {host}:{text}, Servname not supported for ai_socktype\n"
        ))
    })
}

/// A `telnet`.
#[derive(Clone, Debug)]
struct Telnet {
    request: Request,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Begins,
    Connecting { socket: SocketId, to: SocketAddr },
    Connected { socket: SocketId, active: Instant },
}

impl Telnet {
    fn begin(&mut self, context: &mut Context<'_>) -> Result<Option<Poll>, Failure> {
        let Request { host, port, from } = &self.request;
        let address: Ipv4Addr = match client::look_up(host) {
            Named::Address(address) => address,
            Named::Version6 => return Err(Failure::NotModelled(format!("telnet {host}"))),
            Named::Unknown => {
                let why = "Temporary failure in name resolution";
                context.console.out(&format!("Server lookup failure:  {host}:{port}, {why}\n"));
                return Ok(Some(Poll::Ready(1)));
            }
        };
        let to = SocketAddr::new(address.into(), *port);
        context.console.out(&format!("Trying {address}...\n"));
        match client::begin(from, to, context) {
            Ok(socket) => {
                self.state = State::Connecting { socket, to };
                Ok(None)
            }
            Err(NotBegun::From(errno)) => Err(Failure::exit(1, format_args!("telnet: bind: {errno}"))),
            Err(NotBegun::To(errno)) => Err(not_connected(errno)),
            Err(NotBegun::Stack(error)) => Err(self.cannot_wait(error)),
        }
    }

    /// Whether somebody answers.
    fn connecting(
        &mut self,
        socket: SocketId,
        to: SocketAddr,
        context: &mut Context<'_>,
    ) -> Result<Option<Poll>, Failure> {
        match client::progress(socket, context.stack).map_err(|error| self.cannot_wait(error))? {
            Progress::Waits => Ok(Some(Poll::Pending(Wait::until(Instant::FOREVER, vec![socket])))),
            Progress::Failed(errno) => Err(not_connected(errno)),
            Progress::Connected => {
                let text = format!("Connected to {}.\nEscape character is '^]'.\n", self.request.host);
                context.console.out(&text);
                if to.port() == PORT {
                    let what = "telnet at port 23, where both ends first agree on options";
                    return Err(Failure::NotModelled(what.to_owned()));
                }
                self.state = State::Connected { socket, active: context.stack.now() };
                Ok(None)
            }
        }
    }

    /// Prints what comes, until one of both ends is silent for good.
    fn connected(
        &mut self,
        socket: SocketId,
        mut active: Instant,
        context: &mut Context<'_>,
    ) -> Result<Option<Poll>, Failure> {
        let ended = loop {
            match context.stack.read(socket, AT_ONCE) {
                Ok(None) => break context.input != Input::Silent,
                Ok(Some(bytes)) if bytes.is_empty() => break true,
                Ok(Some(bytes)) if bytes.contains(&COMMAND) => {
                    return Err(Failure::NotModelled(
                        "telnet with options that the other end asks for".to_owned(),
                    ));
                }
                Ok(Some(bytes)) => {
                    active = context.stack.now();
                    context.console.out(&shown(&bytes));
                }
                Err(StackError::Refused { .. }) => break true,
                Err(error) => return Err(self.cannot_wait(error)),
            }
        };
        if ended {
            context.console.err("Connection closed by foreign host.\n");
            return Ok(Some(Poll::Ready(0)));
        }
        self.state = State::Connected { socket, active };
        let until = client::patience("telnet", "put </dev/null behind it", active, context)?;
        Ok(Some(Poll::Pending(Wait::until(until, vec![socket]))))
    }
}

fn not_connected(errno: Errno) -> Failure {
    Failure::exit(1, format_args!("telnet: Unable to connect to remote host: {errno}"))
}

/// Text as a terminal of the network writes it (RFC 854): the end of a line is two characters.
fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace("\r\0", "\r")
}

impl Process for Telnet {
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        loop {
            let done = match self.state {
                State::Begins => self.begin(context)?,
                State::Connecting { socket, to } => self.connecting(socket, to, context)?,
                State::Connected { socket, active } => self.connected(socket, active, context)?,
            };
            if let Some(done) = done {
                return Ok(done);
            }
        }
    }

    fn cannot_wait(&self, error: StackError) -> Failure {
        refused(error, 1, |errno| format!("telnet: {errno}"))
    }

    fn close(&mut self, stack: &mut dyn NetworkStack) {
        match self.state {
            State::Begins => {}
            State::Connecting { socket, .. } | State::Connected { socket, .. } => stack.close(socket),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Request, Ended> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        super::read(&words)
    }

    #[test]
    fn words_name_a_host_and_a_port() {
        let port = |line| read(line).map(|request| request.port);
        assert_eq!(port("10.0.0.2"), Ok(23));
        assert_eq!(port("-4 10.0.0.2 80"), Ok(80));
        assert_eq!(port("10.0.0.2 http"), Ok(80));
        assert_eq!(port("h 99999"), Err(Ended::Says("Port number 99999 is out of range.\n".to_owned())));
        assert!(matches!(port("h nothing"), Err(Ended::Says(_))));
        assert_eq!(port("a b c"), Err(fails("too many arguments")));
        assert!(matches!(port("-q h"), Err(Ended::Fails(Failure::Exit { status: 64, .. }))));
        assert!(matches!(port(""), Err(Ended::Fails(Failure::Exit { status: 2, .. }))));
        for line in ["-x h", "-b nobody h"] {
            assert!(matches!(port(line), Err(Ended::Fails(Failure::NotModelled(_)))), "{line}");
        }
    }

    #[test]
    fn lines_end_as_the_network_ends_them() {
        assert_eq!(shown(b"a\r\nb\r\0c\nd"), "a\nb\rc\nd");
    }
}
