//! Data that are lines of text, as HTTP and FTP have them (`txtproto_print` in `util-print.c`).

use super::{Data, Printed, Printer, put};
use std::fmt::Write;

/// A word is no longer (`MAX_TOKEN`).
const LONGEST_WORD: usize = 128;

/// A protocol of lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines {
    /// The port, of either end, by which it is known.
    pub(super) port: u16,
    name: &'static str,
    /// What is said where its data are cut short.
    cut: &'static str,
    /// The words that a request begins with, where only requests and answers are shown.
    requests: Option<&'static [&'static str]>,
}

const fn lines(port: u16, name: &'static str, cut: &'static str) -> Lines {
    Lines { port, name, cut, requests: None }
}

/// The protocols.
pub(super) const PROTOCOLS: &[Lines] = &[
    lines(25, "SMTP", "smtp"),
    lines(43, "WHOIS", "whois"),
    lines(21, "FTP", "ftp"),
    Lines { requests: Some(HTTP), ..lines(80, "HTTP", "http") },
    Lines { requests: Some(HTTP), ..lines(8080, "HTTP", "http") },
    Lines { requests: Some(RTSP), ..lines(554, "RTSP", "rtsp") },
    Lines { requests: Some(RTSP), ..lines(8554, "RTSP", "rtsp") },
];

/// The requests of HTTP, with those of RFC 4918 (`httpcmds`).
const HTTP: &[&str] = &[
    "GET",
    "PUT",
    "COPY",
    "HEAD",
    "LOCK",
    "MOVE",
    "POLL",
    "POST",
    "BCOPY",
    "BMOVE",
    "MKCOL",
    "TRACE",
    "LABEL",
    "MERGE",
    "DELETE",
    "SEARCH",
    "UNLOCK",
    "REPORT",
    "UPDATE",
    "NOTIFY",
    "BDELETE",
    "CONNECT",
    "OPTIONS",
    "CHECKIN",
    "PROPFIND",
    "CHECKOUT",
    "CCM_POST",
    "SUBSCRIBE",
    "PROPPATCH",
    "BPROPFIND",
    "BPROPPATCH",
    "UNCHECKOUT",
    "MKACTIVITY",
    "MKWORKSPACE",
    "UNSUBSCRIBE",
    "RPC_CONNECT",
    "VERSION-CONTROL",
    "BASELINE-CONTROL",
];

/// The requests of RTSP (`rtspcmds`).
const RTSP: &[&str] = &[
    "DESCRIBE",
    "ANNOUNCE",
    "GET_PARAMETER",
    "OPTIONS",
    "PAUSE",
    "PLAY",
    "RECORD",
    "REDIRECT",
    "SETUP",
    "SET_PARAMETER",
    "TEARDOWN",
];

fn is_shown(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte)
}

/// The word that stands there, and where the next one begins (`fetch_token`).
fn word(data: &[u8], from: usize, length: usize) -> Option<(&[u8], usize)> {
    let mut end = from;
    while end < length {
        match *data.get(end)? {
            b' ' | b'\t' | b'\r' | b'\n' => break,
            byte if is_shown(byte) && end - from < LONGEST_WORD => end += 1,
            _ => return None,
        }
    }
    let word = data.get(from..end).filter(|word| !word.is_empty())?;
    let blanks = data[end..].iter().take(length - end).take_while(|&&byte| byte == b' ').count();
    Some((word, end + blanks))
}

/// Whether data begin as a request or as an answer does: with one of these words, or with a word and a number of three digits.
fn begins_as_either(data: &[u8], length: usize, requests: &[&str]) -> bool {
    let Some((first, next)) = word(data, 0, length) else { return false };
    let is_request = requests.iter().any(|request| request.as_bytes().eq_ignore_ascii_case(first));
    let second = word(data, next, length).map(|(word, _)| word);
    is_request || second.is_some_and(|code| code.len() == 3 && code.iter().all(u8::is_ascii_digit))
}

impl Printer {
    /// Data of this length, of which what was captured is there.
    pub(super) fn lines(&mut self, protocol: &Lines, data: Data<'_>, length: usize) -> Printed {
        self.protocol = protocol.cut;
        put!(self, ": {}", protocol.name);
        if protocol.requests.is_some_and(|requests| !begins_as_either(data.0, length, requests)) {
            return Ok(());
        }
        if self.style.verbose == 0 {
            return self.line(": ", data, 0, length).map(drop);
        }
        put!(self, ", length: {length}");
        let mut at = 0;
        while at < length {
            match self.line("\n\t", data, at, length)? {
                Some(next) => at = next,
                None => break,
            }
        }
        Ok(())
    }

    /// One line behind a prefix, and where the next one begins; `None` where there is none (`print_txt_line`).
    fn line(
        &mut self,
        prefix: &str,
        data: Data<'_>,
        from: usize,
        length: usize,
    ) -> Result<Option<usize>, super::Truncated> {
        let mut at = from;
        let next = loop {
            if at >= length {
                break None;
            }
            match data.u8(at)? {
                b'\n' => break Some(at + 1),
                b'\r' if at + 1 < length && data.u8(at + 1)? == b'\n' => break Some(at + 2),
                byte if is_shown(byte) || byte == b'\t' => at += 1,
                _ => return Ok(None),
            }
        };
        let text = String::from_utf8_lossy(&data.0[from..at]);
        put!(self, "{prefix}{text}");
        if next.is_none() {
            put!(self, " [|{}]", self.protocol);
        }
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_answers_begin_with_words() {
        let is_shown = |text: &str| begins_as_either(text.as_bytes(), text.len(), HTTP);
        for text in ["GET / HTTP/1.1\r\n", "get", "HTTP/1.0 200 OK\r\n", "X 404"] {
            assert!(is_shown(text), "{text}");
        }
        for text in ["", " GET /", "hello", "HTTP/1.0 2000", "HTTP/1.0\r\n200", "GETT /", "\u{7f}GET"] {
            assert!(!is_shown(text), "{text}");
        }
    }
}
