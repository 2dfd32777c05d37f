//! A page of a web server, as a check asks for it: one request, one answer, and no text of a tool.

use super::{Reached, attempt};
use crate::client::{self, Named};
use crate::http::response::{Missing, Part, Response};
use crate::http::url::Url;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use vethlab_shared::error::StackError;
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::{SocketId, SocketKind};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Duration;

/// How many bytes of a page are kept.
const MOST_KEPT: usize = 64 << 10;
/// How many bytes are read at once.
const AT_ONCE: usize = 8192;

/// Where a page is: a host in numbers, a port, and what is asked for there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAddress {
    url: Url,
    host: Ipv4Addr,
}

impl PageAddress {
    /// Takes an address apart that is written as for `curl`: `10.0.0.2:8080/page`, with `http://` or without.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<PageAddress, String> {
        let url = Url::parse(text).ok_or("it is no address of a page")?;
        if url.scheme != "http" {
            return Err(format!("vethlab speaks http, and no {}", url.scheme));
        }
        if url.user.is_some() {
            return Err("a name or a password is not sent here".to_owned());
        }
        match client::look_up(&url.host) {
            Named::Address(host) => Ok(PageAddress { url, host }),
            Named::Version6 => Err("IPv6 is not modelled".to_owned()),
            Named::Unknown => Err(format!("there is no resolver for '{}'", url.host)),
        }
    }

    fn socket(&self) -> SocketAddr {
        SocketAddr::new(self.host.into(), self.url.port.unwrap_or(80))
    }

    fn request(&self) -> Vec<u8> {
        let (target, place) = (&self.url.target, self.url.place());
        format!("GET {target} HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\n\r\n").into_bytes()
    }
}

impl fmt::Display for PageAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.url.place(), self.url.target)
    }
}

/// What came of asking for a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// An answer.
    Page {
        /// Its status: 200 where all is well.
        status: u16,
        /// What it says; of a long one the beginning.
        body: String,
    },
    /// The connection was not made.
    Unreached(Reached),
    /// Somebody took the connection, but no page came: why not.
    NoPage(&'static str),
}

/// Asks for a page from within a namespace: so long for the connection, and so long for the page.
///
/// # Errors
/// There is no such namespace, or the stack opens no sockets there.
pub fn fetch(
    stack: &mut dyn NetworkStack,
    namespace: &NamespaceName,
    address: &PageAddress,
    patience: Duration,
) -> Result<Fetched, StackError> {
    let socket = stack.open(namespace, &SocketKind::Tcp(Family::Inet))?;
    let fetched = exchange(stack, socket, address, patience);
    stack.close(socket);
    fetched
}

fn exchange(
    stack: &mut dyn NetworkStack,
    socket: SocketId,
    address: &PageAddress,
    patience: Duration,
) -> Result<Fetched, StackError> {
    match attempt(stack, socket, address.socket(), patience)? {
        Reached::Connected => {}
        unreached => return Ok(Fetched::Unreached(unreached)),
    }
    let deadline = stack.now() + patience;
    let (mut request, mut answer) = (address.request(), Answer::new());
    loop {
        match step(stack, socket, &mut request, &mut answer) {
            Ok(Some(fetched)) => return Ok(fetched),
            Ok(None) if stack.now() >= deadline => return Ok(Fetched::NoPage("it did not come in time")),
            Ok(None) => stack.run_until(deadline, &[socket])?,
            Err(StackError::Refused { .. }) => return Ok(Fetched::NoPage("the connection was broken off")),
            Err(error) => return Err(error),
        }
    }
}

/// Sends what is to be sent and reads what has come; `None` where more is to come.
fn step(
    stack: &mut dyn NetworkStack,
    socket: SocketId,
    request: &mut Vec<u8>,
    answer: &mut Answer,
) -> Result<Option<Fetched>, StackError> {
    while !request.is_empty() {
        match stack.write(socket, request)? {
            0 => return Ok(None),
            sent => drop(request.drain(..sent)),
        }
    }
    while let Some(bytes) = stack.read(socket, AT_ONCE)? {
        if let Some(fetched) = answer.take(&bytes) {
            return Ok(Some(fetched));
        }
    }
    Ok(None)
}

/// What has come so far.
struct Answer {
    response: Response,
    status: u16,
    body: Vec<u8>,
}

impl Answer {
    fn new() -> Answer {
        Answer { response: Response::new(false), status: 0, body: Vec::new() }
    }

    /// Takes what came; no bytes are the end of the connection.
    fn take(&mut self, bytes: &[u8]) -> Option<Fetched> {
        self.response.feed(bytes);
        loop {
            match self.response.next() {
                Ok(Some(Part::Status { status, .. })) => self.status = status,
                Ok(Some(Part::Data { bytes, .. })) => {
                    let room = MOST_KEPT.saturating_sub(self.body.len());
                    self.body.extend(bytes.iter().take(room));
                }
                Ok(Some(Part::Over { .. })) => return Some(self.page()),
                Ok(Some(Part::Header { .. } | Part::EndOfHead { .. })) => {}
                Ok(None) => break,
                Err(_) => return Some(Fetched::NoPage("what came is no answer of HTTP")),
            }
        }
        if !bytes.is_empty() {
            return None;
        }
        Some(match self.response.missing() {
            Missing::Nothing if self.status != 0 => self.page(),
            Missing::All | Missing::Nothing => Fetched::NoPage("the connection ended without an answer"),
            Missing::Bytes(_) | Missing::Chunks => {
                Fetched::NoPage("the connection ended before the page did")
            }
        })
    }

    fn page(&self) -> Fetched {
        Fetched::Page { status: self.status, body: String::from_utf8_lossy(&self.body).into_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_in_numbers() {
        for (text, shown) in [
            ("10.0.0.2", "http://10.0.0.2/"),
            ("10.0.0.2:8080/a?b", "http://10.0.0.2:8080/a?b"),
            ("http://10.0.0.2:80/", "http://10.0.0.2/"),
        ] {
            assert_eq!(PageAddress::parse(text).map(|address| address.to_string()), Ok(shown.to_owned()));
        }
        for text in ["https://10.0.0.2/", "http://example.org/", "http://a:b@10.0.0.2/", "http://[::1]/", ""]
        {
            assert!(PageAddress::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_answer_comes_in_pieces() {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
        let page = Fetched::Page { status: 200, body: "abc".to_owned() };
        for size in 1..text.len() {
            let mut answer = Answer::new();
            let came = text.as_bytes().chunks(size).find_map(|bytes| answer.take(bytes));
            assert_eq!(came.as_ref(), Some(&page), "{size}");
        }
        let mut answer = Answer::new();
        assert_eq!(answer.take(&text.as_bytes()[..text.len() - 1]), None);
        assert_eq!(answer.take(b""), Some(Fetched::NoPage("the connection ended before the page did")));
        assert!(matches!(Answer::new().take(b"SSH-2.0-OpenSSH\r\n"), Some(Fetched::NoPage(_))));
        assert!(matches!(Answer::new().take(b""), Some(Fetched::NoPage(_))));
    }
}
