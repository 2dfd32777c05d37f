//! How `curl` fails: its words and its exit statuses (`curl_easy_strerror`, `EXIT CODES` in curl(1)).

use super::Failure;
use crate::http::response::Bad;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::status::Status;

/// Why there is no resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    Url,
    Scheme(String),
    Unknown(String),
    /// Nobody could be reached.
    Connect {
        place: String,
        after: u128,
        errno: Errno,
    },
    /// Nobody answered in the time for a connection.
    ConnectTimeout {
        place: String,
        after: u128,
    },
    /// Nobody answered in the time for all.
    ConnectTime(u128),
    /// All took too long: after so many milliseconds, with so many bytes of so many.
    Time {
        after: u128,
        got: u64,
        of: Option<u64>,
    },
    Bind(Errno),
    Interface(String),
    Host(String),
    /// The server says so, and that counts as an error.
    Status(u16),
    /// No answer came.
    Empty,
    /// What came is no answer.
    Bad(Bad),
    /// So many bytes are missing.
    Missing(u64),
    MissingChunks,
    Receive(Errno),
    Send(Errno),
    /// It is not curl's.
    Other(Failure),
}

impl Problem {
    /// What the stack refused where curl has no words for it.
    pub(super) fn stack(error: StackError) -> Problem {
        Problem::Other(crate::refused(error, 2, |errno| format!("curl: (2) {errno}")))
    }

    /// What is told of it.
    pub(super) fn line(&self) -> String {
        match self {
            Problem::Url => "URL using bad/illegal format or missing URL".to_owned(),
            Problem::Scheme(scheme) => format!("Protocol \"{scheme}\" not supported or disabled in libcurl"),
            Problem::Unknown(host) => format!("Could not resolve host: {host}"),
            Problem::Connect { place, after, .. } => {
                format!("Failed to connect to {place} after {after} ms: Couldn't connect to server")
            }
            Problem::ConnectTimeout { place, after } => {
                format!("Failed to connect to {place} after {after} ms: Timeout was reached")
            }
            Problem::ConnectTime(after) => format!("Connection timed out after {after} milliseconds"),
            Problem::Time { after, got, of: Some(of) } => {
                format!(
                    "Operation timed out after {after} milliseconds with {got} out of {of} bytes received"
                )
            }
            Problem::Time { after, got, of: None } => {
                format!("Operation timed out after {after} milliseconds with {got} bytes received")
            }
            Problem::Bind(errno) => format!("bind failed with errno {}: {errno}", errno.0),
            Problem::Interface(name) => format!("Couldn't bind to interface '{name}'"),
            Problem::Host(name) => format!("Couldn't bind to '{name}'"),
            Problem::Status(status) => format!("The requested URL returned error: {status}"),
            Problem::Empty => "Empty reply from server".to_owned(),
            Problem::Bad(bad) => match bad {
                Bad::NotHttp => "Received HTTP/0.9 when not allowed",
                Bad::Weird => "Weird server reply",
                Bad::Header => "Header without colon",
                Bad::Length => "Invalid Content-Length: value",
                Bad::TooLong => "Out of memory",
                Bad::Chunk => "Illegal or missing hexadecimal sequence in chunked-encoding",
            }
            .to_owned(),
            Problem::Missing(bytes) => format!("transfer closed with {bytes} bytes remaining to read"),
            Problem::MissingChunks => "transfer closed with outstanding read data remaining".to_owned(),
            Problem::Receive(errno) => format!("Recv failure: {errno}"),
            Problem::Send(errno) => format!("Send failure: {errno}"),
            Problem::Other(_) => String::new(),
        }
    }

    /// Whether the connection could not come from where it was to come from.
    pub(super) fn is_about_own_end(&self) -> bool {
        matches!(self, Problem::Bind(_) | Problem::Interface(_) | Problem::Host(_))
    }

    /// The exit status.
    pub(super) fn status(&self) -> Status {
        match self {
            Problem::Url => 3,
            Problem::Scheme(_) | Problem::Bad(Bad::NotHttp) => 1,
            Problem::Unknown(_) => 6,
            // Where the kernel gave up asking.
            Problem::Connect { errno: Errno::ETIMEDOUT, .. } => 28,
            Problem::Connect { .. } => 7,
            Problem::ConnectTimeout { .. } | Problem::ConnectTime(_) | Problem::Time { .. } => 28,
            Problem::Bind(_) | Problem::Interface(_) | Problem::Host(_) => 45,
            Problem::Status(_) => 22,
            Problem::Empty => 52,
            Problem::Bad(Bad::Weird | Bad::Header | Bad::Length) => 8,
            Problem::Bad(Bad::TooLong) => 27,
            Problem::Bad(Bad::Chunk) | Problem::Receive(_) => 56,
            Problem::Missing(_) | Problem::MissingChunks => 18,
            Problem::Send(_) => 55,
            Problem::Other(_) => 2,
        }
    }
}
