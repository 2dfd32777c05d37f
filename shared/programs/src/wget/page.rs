//! A page that is got, and what is said of it (`gethttp`, `http_loop`, `src/progress.c`).

use super::options::{Request, Says};
use super::{Context, Failure, Status, Wait, client, date, refused};
use crate::http::response::{Framing, Missing, Part, Response};
use crate::http::url::Url;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::socket::SocketId;
use vethlab_shared::time::Instant;

/// How much is read at once (`dlbufsize`).
const AT_ONCE: usize = 8192;
/// How many dots stand in a line, and how many in a group.
const DOTS: (u64, u64) = (50, 10);
/// How many bytes a dot stands for.
const DOT: u64 = 1024;

/// What came of a step.
#[derive(Debug)]
pub(super) enum Read {
    Waits(Wait),
    /// The program ends.
    Ended(Status),
    /// The server has no such page.
    Missing {
        status: u16,
        reason: String,
    },
    /// It is worth another try.
    Broke {
        message: String,
        socket: SocketId,
    },
}

/// A page.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) socket: SocketId,
    request: Vec<u8>,
    response: Response,
    status: u16,
    reason: String,
    kind: Option<String>,
    /// The place that the server points to instead.
    elsewhere: Option<String>,
    length: Option<u64>,
    head_is_over: bool,
    /// Bytes of the page.
    got: u64,
    began: Instant,
    active: Instant,
}

impl Page {
    pub(super) fn new(socket: SocketId, url: &Url, request: &Request, now: Instant) -> Page {
        let method = if request.spider { "HEAD" } else { "GET" };
        let (target, place, agent) = (&url.target, url.place(), &request.agent);
        let agent = if agent.is_empty() { String::new() } else { format!("User-Agent: {agent}\r\n") };
        let text = format!(
            "{method} {target} HTTP/1.1\r\nHost: {place}\r\n{agent}Accept: */*\r\nAccept-Encoding: identity\r\nConnection: Keep-Alive\r\n\r\n"
        );
        Page {
            socket,
            request: text.into_bytes(),
            response: Response::new(request.spider),
            status: 0,
            reason: String::new(),
            kind: None,
            elsewhere: None,
            length: None,
            head_is_over: false,
            got: 0,
            began: now,
            active: now,
        }
    }

    /// Goes on.
    pub(super) fn step(
        &mut self,
        request: &Request,
        url: &Url,
        context: &mut Context<'_>,
    ) -> Result<Read, Failure> {
        loop {
            let bytes = match self.exchange(context) {
                Ok(Some(bytes)) => bytes,
                Ok(None) => match self.wait(request, context)? {
                    Some(wait) => return Ok(Read::Waits(wait)),
                    None => return Ok(self.broke(Errno::ETIMEDOUT, context)),
                },
                Err(StackError::Refused { errno, .. }) => return Ok(self.broke(errno, context)),
                Err(error) => return Err(refused(error, 1, |errno| format!("wget: {errno}"))),
            };
            self.active = context.stack.now();
            if bytes.is_empty() {
                return self.closed(request, url, context);
            }
            self.response.feed(&bytes);
            loop {
                match self.response.next() {
                    Ok(None) => break,
                    Ok(Some(part)) => {
                        if let Some(read) = self.take(part, request, url, context)? {
                            return Ok(read);
                        }
                    }
                    Err(_) => {
                        return Err(Failure::NotModelled("wget of what is no answer of HTTP/1".to_owned()));
                    }
                }
            }
        }
    }

    /// Sends what is to be sent, then reads.
    fn exchange(&mut self, context: &mut Context<'_>) -> Result<Option<Vec<u8>>, StackError> {
        if !self.request.is_empty() {
            let sent = context.stack.write(self.socket, &self.request)?;
            self.request.drain(..sent);
            if !self.request.is_empty() {
                return Ok(None);
            }
        }
        context.stack.read(self.socket, AT_ONCE)
    }

    /// How long it waits; `None` where it has waited long enough.
    fn wait(&self, request: &Request, context: &Context<'_>) -> Result<Option<Wait>, Failure> {
        let until = match request.read_timeout {
            Some(time) => self.active + time,
            None => client::patience("wget", "add -T SECONDS", self.active, context)?,
        };
        Ok(Some(Wait::until(until, vec![self.socket])).filter(|_| context.stack.now() < until))
    }

    /// The connection broke.
    fn broke(&self, errno: Errno, context: &mut Context<'_>) -> Read {
        let socket = self.socket;
        let message = match (self.head_is_over, self.length) {
            (false, _) => format!("Read error ({errno}) in headers.\n"),
            (true, length) => {
                let of = length.map(|length| format!("/{length}")).unwrap_or_default();
                let (time, rate) = (date::at(context.stack.now(), "%F %T"), self.rate(context));
                format!("\n{time} ({rate}) - Read error at byte {}{of} ({errno}). ", self.got)
            }
        };
        Read::Broke { message, socket }
    }

    /// The other end sends no more.
    fn closed(&mut self, request: &Request, url: &Url, context: &mut Context<'_>) -> Result<Read, Failure> {
        let socket = self.socket;
        match self.response.missing() {
            Missing::Nothing => self.over(request, url, context),
            Missing::All => Ok(Read::Broke { message: "No data received.\n".to_owned(), socket }),
            Missing::Bytes(_) | Missing::Chunks => {
                self.tell_progress(request, context);
                let (time, rate) = (date::at(context.stack.now(), "%F %T"), self.rate(context));
                let message = format!("\n{time} ({rate}) - Connection closed at byte {}. ", self.got);
                Ok(Read::Broke { message, socket })
            }
        }
    }

    fn take(
        &mut self,
        part: Part,
        request: &Request,
        url: &Url,
        context: &mut Context<'_>,
    ) -> Result<Option<Read>, Failure> {
        let says_all = request.says == Says::All;
        match part {
            Part::Status { line, status, reason, .. } => {
                if says_all {
                    let text =
                        if request.response { "\n".to_owned() } else { format!("{status} {reason}\n") };
                    context.console.err(&text);
                }
                show_line(&line, request, context);
                (self.status, self.reason) = (status, reason);
            }
            Part::Header { line, name, value } => {
                show_line(&line, request, context);
                if name.eq_ignore_ascii_case("content-type") {
                    self.kind = value.split(';').next().map(|kind| kind.trim().to_owned());
                } else if name.eq_ignore_ascii_case("location") {
                    self.elsewhere = Some(value);
                } else if name.eq_ignore_ascii_case("content-length") {
                    self.length = value.parse().ok();
                }
            }
            Part::EndOfHead { framing, .. } if (100..200).contains(&self.status) => {
                debug_assert_eq!(framing, Framing::Nothing);
            }
            Part::EndOfHead { .. } => {
                self.head_is_over = true;
                if (300..400).contains(&self.status) && self.elsewhere.is_some() {
                    return Err(Failure::NotModelled("wget to where another server points".to_owned()));
                }
                if self.status >= 400 {
                    let (status, reason) = (self.status, self.reason.clone());
                    return Ok(Some(Read::Missing { status, reason }));
                }
                if says_all {
                    context.console.err(&self.announced(request));
                }
            }
            Part::Data { bytes, .. } => {
                self.got += bytes.len() as u64;
                if !request.discard {
                    context.console.out(&String::from_utf8_lossy(&bytes));
                }
            }
            Part::Over { .. } => return self.over(request, url, context).map(Some),
        }
        Ok(None)
    }

    /// What is said before the page comes.
    fn announced(&self, request: &Request) -> String {
        let kind = self.kind.as_ref().map(|kind| format!(" [{kind}]")).unwrap_or_default();
        let length = self.length.map_or("unspecified".to_owned(), |length| length.to_string());
        let to = if request.discard { "/dev/null" } else { "STDOUT" };
        let saving = if request.spider { String::new() } else { format!("Saving to: '{to}'\n") };
        format!("Length: {length}{kind}\n{saving}")
    }

    /// All has come.
    fn over(&mut self, request: &Request, url: &Url, context: &mut Context<'_>) -> Result<Read, Failure> {
        let time = date::at(context.stack.now(), "%F %T");
        let (got, length) = (self.got, self.length.map(|length| format!("/{length}")).unwrap_or_default());
        let is_page =
            self.kind.as_deref().is_some_and(|kind| kind == "text/html" || kind == "application/xhtml+xml");
        let text = match (request.says, request.spider) {
            (Says::Nothing, _) => String::new(),
            (Says::Little, true) => format!("{time} URL: {url} {} {}\n", self.status, self.reason),
            (Says::All, true) if is_page => "Remote file exists and could contain further links,\n\
                 but recursion is disabled -- not retrieving.\n\n"
                .to_owned(),
            (Says::All, true) => "Remote file exists.\n\n".to_owned(),
            (Says::Little, false) => {
                let to = if request.discard { "/dev/null" } else { "-" };
                format!("{time} URL:{url} [{got}{length}] -> \"{to}\" [1]\n")
            }
            (Says::All, false) => {
                self.tell_progress(request, context);
                let to = if request.discard { "'/dev/null' saved" } else { "written to stdout" };
                format!("\n{time} ({}) - {to} [{got}{length}]\n\n", self.rate(context))
            }
        };
        context.console.err(&text);
        Ok(Read::Ended(0))
    }

    /// A dot for each kilobyte, in lines with a share of the whole (`dot_finish`).
    fn tell_progress(&self, request: &Request, context: &mut Context<'_>) {
        if request.says != Says::All {
            return;
        }
        let (in_line, in_group) = DOTS;
        let mut text = String::new();
        let (whole, lines) = (self.got / DOT, self.got / DOT / in_line);
        for line in 0..=lines {
            text += &format!("\n{:>6}K", line * in_line);
            for place in 0..in_line {
                text += if place.is_multiple_of(in_group) { " " } else { "" };
                text += if line * in_line + place < whole { "." } else { " " };
            }
            let until = if line == lines { self.got } else { (line + 1) * in_line * DOT };
            if let Some(length) = self.length.filter(|length| *length > 0) {
                text += &format!("{:3}%", 100 * until / length);
            }
            let (number, unit) = scaled(self.per_second(context));
            text += &format!(" {number:>4}{}", ["", "K", "M", "G"][unit]);
            if line == lines {
                text += &format!("={:.1}s", context.stack.now().since(self.began).as_secs_f64())
                    .replace("=0.0s", "=0s");
            }
        }
        context.console.err(&format!("{text}\n"));
    }

    fn per_second(&self, context: &Context<'_>) -> f64 {
        // Where time is virtual, it may not have passed at all.
        let passed = context.stack.now().since(self.began).as_secs_f64().max(1e-6);
        self.got as f64 / passed
    }

    fn rate(&self, context: &Context<'_>) -> String {
        let (number, unit) = scaled(self.per_second(context));
        format!("{number} {}", ["B/s", "KB/s", "MB/s", "GB/s"][unit])
    }
}

/// A rate in three digits, and its unit: a thousand and twenty-four of one are the next (`calc_rate`).
fn scaled(mut rate: f64) -> (String, usize) {
    let mut unit = 0;
    while rate >= 1024.0 && unit < 3 {
        rate /= 1024.0;
        unit += 1;
    }
    let digits = if rate >= 99.95 {
        0
    } else if rate >= 9.995 {
        1
    } else {
        2
    };
    (format!("{rate:.digits$}"), unit)
}

/// A line of the head, with `-S`.
fn show_line(line: &[u8], request: &Request, context: &mut Context<'_>) {
    if request.response {
        let text = String::from_utf8_lossy(line);
        context.console.err(&format!("  {}\n", text.trim_end_matches(['\r', '\n'])));
    }
}
