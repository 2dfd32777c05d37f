//! A request that is sent, and its answer.

use super::client;
use super::options::Request;
use super::problem::Problem;
use super::write_out::Measured;
use super::{Context, Poll, Wait};
use crate::http::response::{Framing, Missing, Part, Response};
use crate::http::url::Url;
use vethlab_shared::error::StackError;
use vethlab_shared::socket::SocketId;
use vethlab_shared::time::Instant;

/// How much is read at once (`BUFFER_SIZE` in `src/tool_operate.c`).
const AT_ONCE: usize = 100 * 1024;

/// A connection on which a request is sent and answered.
#[derive(Clone, Debug)]
pub(super) struct Transfer {
    pub(super) socket: SocketId,
    /// What is still to be sent.
    request: Vec<u8>,
    /// What is shown of the request once it is sent: its head, and how much data there is.
    head: String,
    data: usize,
    response: Response,
    /// The server closes the connection.
    closes: bool,
    /// Whether it was told that data came.
    told_of_data: bool,
    length: Option<u64>,
    /// When something came last.
    active: Instant,
}

/// What ends a transfer before all was read.
type Ended = Result<Option<Poll>, Problem>;

impl Transfer {
    pub(super) fn new(socket: SocketId, url: &Url, request: &Request, now: Instant) -> Transfer {
        let (head, data) = request.written(url);
        Transfer {
            socket,
            request: [head.as_bytes(), data.as_bytes()].concat(),
            data: data.len(),
            head,
            response: Response::new(request.method() == "HEAD"),
            closes: false,
            told_of_data: false,
            length: None,
            active: now,
        }
    }

    /// Whether the connection could be used again.
    pub(super) fn is_left_open(&self) -> bool {
        !self.closes
    }

    /// Goes on: whether it is over, or what it waits for.
    pub(super) fn step(
        &mut self,
        request: &Request,
        measured: &mut Measured,
        end: Option<Instant>,
        context: &mut Context<'_>,
    ) -> Ended {
        if !self.request.is_empty() {
            let sent = context
                .stack
                .write(self.socket, &self.request)
                .map_err(|error| failed(error, Problem::Send))?;
            self.request.drain(..sent);
            if !self.request.is_empty() {
                return self.wait(measured, end, context);
            }
            self.tell_request(request, measured, context);
        }
        loop {
            let read =
                context.stack.read(self.socket, AT_ONCE).map_err(|error| failed(error, Problem::Receive))?;
            let Some(bytes) = read else { return self.wait(measured, end, context) };
            self.active = context.stack.now();
            if bytes.is_empty() {
                return self.closed();
            }
            measured.first.get_or_insert(self.active);
            self.response.feed(&bytes);
            while let Some(part) = self.response.next().map_err(Problem::Bad)? {
                if let Some(over) = self.take(part, request, measured, context)? {
                    return Ok(Some(over));
                }
            }
        }
    }

    fn wait(&self, measured: &Measured, end: Option<Instant>, context: &Context<'_>) -> Ended {
        let now = context.stack.now();
        let until = match end {
            Some(end) if end <= now => {
                let after = now.since(measured.began).as_millis();
                return Err(Problem::Time { after, got: measured.downloaded, of: self.length });
            }
            Some(end) => end,
            None => {
                client::patience("curl", "add -m SECONDS", self.active, context).map_err(Problem::Other)?
            }
        };
        Ok(Some(Poll::Pending(Wait::until(until, vec![self.socket]))))
    }

    /// The other end sends no more.
    fn closed(&mut self) -> Ended {
        self.closes = true;
        match self.response.missing() {
            Missing::Nothing => Ok(Some(Poll::Ready(0))),
            Missing::All => Err(Problem::Empty),
            Missing::Bytes(bytes) => Err(Problem::Missing(bytes)),
            Missing::Chunks => Err(Problem::MissingChunks),
        }
    }

    /// With `-v` the request is shown, line by line.
    fn tell_request(&self, request: &Request, measured: &mut Measured, context: &mut Context<'_>) {
        measured.sent = self.head.len() as u64;
        measured.uploaded = self.data as u64;
        if request.verbose {
            for line in self.head.lines() {
                context.console.err(&format!("> {line}\r\n"));
            }
            self.tell_data('}', self.data, context);
        }
    }

    /// That data pass is told where they are not shown on the same terminal (`tool_debug_cb`).
    fn tell_data(&self, mark: char, bytes: usize, context: &mut Context<'_>) {
        if bytes > 0 && !context.console.interactive() {
            context.console.err(&format!("{mark} [{bytes} bytes data]\n"));
        }
    }

    /// Takes a piece of the answer: whether that was all.
    fn take(
        &mut self,
        part: Part,
        request: &Request,
        measured: &mut Measured,
        context: &mut Context<'_>,
    ) -> Ended {
        let info = |text: &str, context: &mut Context<'_>| {
            if request.verbose {
                context.console.err(&format!("* {text}\n"));
            }
        };
        match part {
            Part::Status { line, status, minor, .. } => {
                self.closes = minor == 0;
                if minor == 0 {
                    info("HTTP 1.0, assume close after body", context);
                }
                (measured.status, measured.minor, measured.headers) = (status, Some(minor), 0);
                head_line(&line, request, measured, context);
            }
            Part::Header { line, name, value } => {
                measured.headers += 1;
                if name.eq_ignore_ascii_case("content-type") {
                    measured.content_type = Some(value.clone());
                }
                if name.eq_ignore_ascii_case("connection") && value.eq_ignore_ascii_case("close") {
                    self.closes = true;
                }
                head_line(&line, request, measured, context);
            }
            Part::EndOfHead { line, framing } => {
                if request.fail && measured.status >= 400 {
                    self.closes = true;
                    return Err(Problem::Status(measured.status));
                }
                self.length = match framing {
                    Framing::Length(length) => Some(length),
                    _ => None,
                };
                if framing == Framing::ToTheEnd && !self.closes {
                    info("no chunk, no close, no size. Assume close to signal end", context);
                    self.closes = true;
                }
                head_line(&line, request, measured, context);
            }
            Part::Data { bytes, came } => {
                if request.verbose && !self.told_of_data {
                    self.tell_data('{', came, context);
                }
                self.told_of_data = true;
                measured.downloaded += bytes.len() as u64;
                if !request.discard {
                    context.console.out(&String::from_utf8_lossy(&bytes));
                }
            }
            Part::Over { excess } => {
                self.tell_excess(excess, measured, info, context);
                return Ok(Some(Poll::Ready(0)));
            }
        }
        Ok(None)
    }

    /// More came than was announced (`readwrite_data`).
    fn tell_excess(
        &mut self,
        excess: usize,
        measured: &Measured,
        info: impl Fn(&str, &mut Context<'_>),
        context: &mut Context<'_>,
    ) {
        let url = measured.url.as_ref().map_or("/", |url| url.target.as_str());
        match self.length {
            _ if excess == 0 => {}
            Some(length) if length > 0 => {
                let text = format!(
                    "Excess found in a read: excess = {excess}, size = {length}, maxdownload = {length}, bytecount = 0"
                );
                info(&text, context);
                self.closes = true;
            }
            _ => info(&format!("Excess found: excess = {excess} url = {url} (zero-length body)"), context),
        }
    }
}

/// A line of the head: `-v` shows it, `-i` and `-I` print it.
fn head_line(line: &[u8], request: &Request, measured: &mut Measured, context: &mut Context<'_>) {
    measured.head += line.len() as u64;
    let text = String::from_utf8_lossy(line);
    if request.verbose {
        context.console.err(&format!("< {text}"));
    }
    if (request.include || request.head) && !request.discard {
        context.console.out(&text);
    }
}

/// What the stack refused.
fn failed(error: StackError, told: fn(vethlab_shared::error::Errno) -> Problem) -> Problem {
    match error {
        StackError::Refused { errno, .. } => told(errno),
        error => Problem::stack(error),
    }
}
