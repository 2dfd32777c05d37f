//! `wget`, as in Debian's wget 1.21.3: gets a page, and prints it or only says whether it is there.

pub(super) mod options;
mod page;

use super::client::{self, From, Named, NotBegun, Progress};
use super::http::url::Url;
use super::process::{Poll, Process, Wait};
use super::{Context, Failure, Parsed, date, refused};
use options::{Request, Says};
use page::{Page, Read};
use std::net::SocketAddr;
use vethlab_explain::journal::{Effect, Invocation};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::socket::SocketId;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::status::Status;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::words::WordList;

/// The longest pause between two tries (`opt.waitretry`).
const LONGEST_PAUSE: u64 = 10;

// Exit statuses (`EXIT STATUS` in wget(1)).
const GENERIC: Status = 1;
const NETWORK: Status = 4;
const SERVER: Status = 8;

/// Reads the words behind `wget`.
pub(super) fn parse(words: &WordList) -> Parsed {
    match options::parse(words) {
        Ok(request) => {
            let effect = client::effect_of_url(&request.typed);
            let wget = Wget { request, state: State::Begins, tried: 0 };
            Parsed::new(Invocation::new("wget", words.clone(), effect), Ok(wget))
        }
        Err(failure) => {
            let invocation = Invocation::new("wget", words.clone(), Effect::Alters);
            Parsed::new(invocation, Err::<Wget, _>(failure))
        }
    }
}

/// A `wget`.
#[derive(Clone, Debug)]
struct Wget {
    request: Request,
    state: State,
    tried: u32,
}

#[derive(Clone, Debug)]
enum State {
    Begins,
    /// It pauses before it tries again.
    Pauses {
        url: Url,
        until: Instant,
    },
    Tries {
        url: Url,
    },
    Connecting {
        socket: SocketId,
        url: Url,
        until: Instant,
    },
    Reading {
        page: Box<Page>,
        url: Url,
    },
}

/// How a step ends that does not end the program.
type Stepped = Result<Option<Poll>, Failure>;

impl Wget {
    /// Says something, where all is said.
    fn say(&self, text: &str, context: &mut Context<'_>) {
        if self.request.says == Says::All {
            context.console.err(text);
        }
    }

    /// Says what is said with `-nv`, too.
    fn say_at_least(&self, text: &str, context: &mut Context<'_>) {
        if self.request.says != Says::Nothing {
            context.console.err(text);
        }
    }

    fn begin(&mut self, context: &mut Context<'_>) -> Stepped {
        let typed = self.request.typed.clone();
        let Some(url) = Url::parse(&typed) else {
            self.say_at_least(&format!("{typed}: Invalid URL.\n"), context);
            return Ok(Some(Poll::Ready(GENERIC)));
        };
        if url.scheme != "http" || url.user.is_some() {
            return Err(Failure::NotModelled(format!("wget {url}")));
        }
        if self.request.spider {
            self.say("Spider mode enabled. Check if remote file exists.\n", context);
        }
        self.state = State::Tries { url };
        Ok(None)
    }

    /// Tries it once (`http_loop`, `connect_to_host`).
    fn try_once(&mut self, url: Url, context: &mut Context<'_>) -> Stepped {
        self.tried += 1;
        let time = date::at(context.stack.now(), "%F %T");
        let count = if self.tried > 1 { format!("(try:{:2})  ", self.tried) } else { String::new() };
        self.say(&format!("--{time}--  {count}{url}\n"), context);
        let Url { host, port, .. } = &url;
        let address = match client::look_up(host) {
            Named::Address(address) => address,
            Named::Version6 => return Err(Failure::NotModelled(format!("wget {url}"))),
            Named::Unknown => {
                let why = "Temporary failure in name resolution";
                self.say(&format!("Resolving {host} ({host})... failed: {why}.\n"), context);
                self.say_at_least(&format!("wget: unable to resolve host address '{host}'\n"), context);
                return Ok(Some(Poll::Ready(NETWORK)));
            }
        };
        let is_name = *host != address.to_string();
        let port = port.unwrap_or(80);
        if is_name {
            self.say(&format!("Resolving {host} ({host})... {address}\n"), context);
            self.say(&format!("Connecting to {host} ({host})|{address}|:{port}... "), context);
        } else {
            self.say(&format!("Connecting to {host}:{port}... "), context);
        }
        let now = context.stack.now();
        match client::begin(&From::default(), SocketAddr::new(address.into(), port), context) {
            Ok(socket) => {
                let until = self.request.connect_timeout.map_or(Instant::FOREVER, |time| now + time);
                self.state = State::Connecting { socket, url, until };
                Ok(None)
            }
            Err(NotBegun::From(errno) | NotBegun::To(errno)) => self.not_connected(url, errno, context),
            Err(NotBegun::Stack(error)) => Err(self.cannot_wait(error)),
        }
    }

    /// Nobody is there (`retryable_socket_connect_error`): some errors are worth another try.
    fn not_connected(&mut self, url: Url, errno: Errno, context: &mut Context<'_>) -> Stepped {
        self.say_at_least(&format!("failed: {errno}.\n"), context);
        match errno {
            Errno::ECONNREFUSED | Errno::ENETUNREACH | Errno::EHOSTUNREACH => Ok(Some(Poll::Ready(NETWORK))),
            _ => self.again(url, context),
        }
    }

    /// Tries again, unless it was tried often enough (`printwhat`, `sleep_between_retrievals`).
    fn again(&mut self, url: Url, context: &mut Context<'_>) -> Stepped {
        if self.request.tries.is_some_and(|tries| self.tried >= tries) {
            self.say("Giving up.\n\n", context);
            return Ok(Some(Poll::Ready(NETWORK)));
        }
        self.say("Retrying.\n\n", context);
        let pause = Duration::from_secs(u64::from(self.tried).min(LONGEST_PAUSE));
        self.state = State::Pauses { url, until: context.stack.now() + pause };
        Ok(None)
    }

    fn connecting(
        &mut self,
        (socket, until): (SocketId, Instant),
        url: Url,
        context: &mut Context<'_>,
    ) -> Stepped {
        let now = context.stack.now();
        let errno = match client::progress(socket, context.stack).map_err(|error| self.cannot_wait(error))? {
            Progress::Connected => {
                self.say("connected.\nHTTP request sent, awaiting response... ", context);
                let page = Page::new(socket, &url, &self.request, now);
                self.state = State::Reading { page: Box::new(page), url };
                return Ok(None);
            }
            Progress::Waits if now < until => {
                return Ok(Some(Poll::Pending(Wait::until(until, vec![socket]))));
            }
            Progress::Waits => Errno::ETIMEDOUT,
            Progress::Failed(errno) => errno,
        };
        context.stack.close(socket);
        self.state = State::Begins;
        self.not_connected(url, errno, context)
    }

    /// What came of a page.
    fn read(&mut self, read: Read, url: Url, context: &mut Context<'_>) -> Stepped {
        let time = date::at(context.stack.now(), "%F %T");
        match read {
            Read::Waits(wait) => Ok(Some(Poll::Pending(wait))),
            Read::Ended(status) => Ok(Some(Poll::Ready(status))),
            Read::Missing { status, reason } => {
                if self.request.spider {
                    if self.request.says == Says::Little {
                        context.console.err(&format!("{url}:\n"));
                    }
                    self.say_at_least("Remote file does not exist -- broken link!!!\n", context);
                    self.say("\n", context);
                } else {
                    if self.request.says == Says::Little {
                        context.console.err(&format!("{url}:\n"));
                    }
                    self.say_at_least(&format!("{time} ERROR {status}: {reason}.\n"), context);
                    self.say("\n", context);
                }
                Ok(Some(Poll::Ready(SERVER)))
            }
            Read::Broke { message, socket } => {
                context.stack.close(socket);
                self.state = State::Begins;
                self.say(&message, context);
                self.again(url, context)
            }
        }
    }
}

impl Process for Wget {
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        loop {
            let done = match &mut self.state {
                State::Begins => self.begin(context)?,
                State::Pauses { url, until } => {
                    let (url, until) = (url.clone(), *until);
                    if context.stack.now() < until {
                        return Ok(Poll::Pending(Wait::until(until, Vec::new())));
                    }
                    self.state = State::Tries { url };
                    None
                }
                State::Tries { url } => {
                    let url = url.clone();
                    self.try_once(url, context)?
                }
                State::Connecting { socket, url, until } => {
                    let (at, url) = ((*socket, *until), url.clone());
                    self.connecting(at, url, context)?
                }
                State::Reading { page, url } => {
                    let url = url.clone();
                    let read = page.step(&self.request, &url, context)?;
                    self.read(read, url, context)?
                }
            };
            if let Some(done) = done {
                return Ok(done);
            }
        }
    }

    fn cannot_wait(&self, error: StackError) -> Failure {
        refused(error, GENERIC, |errno| format!("wget: {errno}"))
    }

    fn close(&mut self, stack: &mut dyn NetworkStack) {
        match &self.state {
            State::Begins | State::Pauses { .. } | State::Tries { .. } => {}
            State::Connecting { socket, .. } => stack.close(*socket),
            State::Reading { page, .. } => stack.close(page.socket),
        }
    }
}
