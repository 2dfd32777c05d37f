//! A request as Python reads it (`BaseHTTPRequestHandler.handle_one_request`, `parse_request`): it takes much that no
//! client would write.

/// The longest line, its end included (`http.client._MAXLINE`).
const LONGEST_LINE: usize = 65_536;
/// The most headers (`http.client._MAXHEADERS`).
const MOST_HEADERS: usize = 100;

/// What was asked, as far as it could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// Nothing: the connection ends without a word.
    Silent,
    /// A request whose lines can be read.
    Asks {
        /// Its first line.
        line: String,
        method: String,
        path: String,
        /// Before HTTP/1.0 an answer had no head.
        bare: bool,
    },
    /// Something that is answered with an error.
    Wrong {
        line: String,
        status: u16,
        message: String,
        /// What is told besides the message, where it is not what the status says anyway.
        more: Option<&'static str>,
        bare: bool,
    },
}

/// What came of a request so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    bytes: Vec<u8>,
    ended: bool,
}

impl Reading {
    /// Takes what came: nothing at the end.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.ended |= bytes.is_empty();
        self.bytes.extend_from_slice(bytes);
    }

    /// The line that begins here, with its end, once it is whole or too long.
    fn line(&self, begin: usize) -> Option<&[u8]> {
        let rest = &self.bytes[begin..];
        let end = rest.iter().position(|byte| *byte == b'\n').map(|place| place + 1);
        match end {
            Some(end) => Some(&rest[..end]),
            None if self.ended || rest.len() > LONGEST_LINE => Some(rest),
            None => None,
        }
    }

    /// The request, once there is enough of it.
    pub(super) fn request(&self) -> Option<Request> {
        let first = self.line(0)?;
        if first.len() > LONGEST_LINE {
            let message = "Request-URI Too Long".to_owned();
            return Some(Request::Wrong {
                line: String::new(),
                status: 414,
                message,
                more: None,
                bare: false,
            });
        }
        let line: String = first.iter().map(|byte| char::from(*byte)).collect();
        let line = line.trim_end_matches(['\r', '\n']).to_owned();
        let words: Vec<&str> = line.split(is_space).filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return Some(Request::Silent);
        }
        let wrong = |status, message, bare| {
            Some(Request::Wrong { line: line.clone(), status, message, more: None, bare })
        };
        let version = words.last().filter(|_| words.len() >= 3);
        if let Some(version) = version {
            match numbers(version) {
                None => return wrong(400, format!("Bad request version ({})", quoted(version)), true),
                Some((2.., _)) => {
                    return wrong(505, format!("Invalid HTTP version ({})", &version[5..]), true);
                }
                Some(_) => {}
            }
        }
        let ([method, path] | [method, path, _]) = words[..] else {
            let message = format!("Bad request syntax ({})", quoted(&line));
            return wrong(400, message, version.is_none());
        };
        if version.is_none() && method != "GET" {
            return wrong(400, format!("Bad HTTP/0.9 request type ({})", quoted(method)), true);
        }
        let bare = version.is_none();
        match self.headers(first.len())? {
            Headers::Whole => {}
            Headers::Long => return Some(too_large(line, "Line too long", bare)),
            Headers::Many => return Some(too_large(line, "Too many headers", bare)),
        }
        let path = match path.strip_prefix("//") {
            Some(rest) => format!("/{}", rest.trim_start_matches('/')),
            None => path.to_owned(),
        };
        Some(Request::Asks { method: method.to_owned(), path, bare, line })
    }

    /// How the headers are, once they have all come.
    fn headers(&self, mut begin: usize) -> Option<Headers> {
        for count in 0.. {
            let line = self.line(begin)?;
            if line.len() > LONGEST_LINE {
                return Some(Headers::Long);
            }
            // The blank line counts, too.
            if count >= MOST_HEADERS {
                return Some(Headers::Many);
            }
            if matches!(line, b"\r\n" | b"\n" | b"") {
                break;
            }
            begin += line.len();
        }
        Some(Headers::Whole)
    }
}

enum Headers {
    Whole,
    Long,
    Many,
}

fn too_large(line: String, message: &str, bare: bool) -> Request {
    let more = match message {
        "Line too long" => "got more than 65536 bytes when reading header line",
        _ => "got more than 100 headers",
    };
    Request::Wrong { line, status: 431, message: message.to_owned(), more: Some(more), bare }
}

/// The numbers of a version.
fn numbers(version: &str) -> Option<(u64, u64)> {
    let (major, minor) = version.strip_prefix("HTTP/")?.split_once('.')?;
    let number = |text: &str| {
        let is_number = text.bytes().all(|c| c.is_ascii_digit());
        text.parse().ok().filter(|_| is_number)
    };
    Some((number(major)?, number(minor)?))
}

/// What `str.split()` splits at.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// A text as `repr()` shows it.
pub(super) fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut shown = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => shown += "\\\\",
            '\n' => shown += "\\n",
            '\r' => shown += "\\r",
            '\t' => shown += "\\t",
            c if c == quote => {
                shown.push('\\');
                shown.push(c);
            }
            '\0'..='\x1f' | '\x7f'..='\u{a0}' | '\u{ad}' => shown += &format!("\\x{:02x}", u32::from(c)),
            c => shown.push(c),
        }
    }
    shown.push(quote);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Request> {
        let mut reading = Reading::default();
        reading.take(text.as_bytes());
        reading.request()
    }

    #[test]
    fn a_request_ends_with_a_blank_line_or_with_the_connection() {
        assert_eq!(read("GET / HTTP/1.1\r\nHost: x\r\n"), None);
        assert_eq!(read("GET / HTT"), None);
        let asks = |method: &str, path: &str, line: &str, bare| {
            let (method, path, line) = (method.to_owned(), path.to_owned(), line.to_owned());
            Some(Request::Asks { line, method, path, bare })
        };
        let get = asks("GET", "/", "GET / HTTP/1.1", false);
        assert_eq!(read("GET / HTTP/1.1\r\nHost: x\r\n\r\nmore"), get);
        assert_eq!(read("GET  /  HTTP/1.1\n\n"), asks("GET", "/", "GET  /  HTTP/1.1", false));
        assert_eq!(read("HEAD //x HTTP/1.0\r\n\r\n"), asks("HEAD", "/x", "HEAD //x HTTP/1.0", false));
        for (text, expected) in [
            ("GET / HTTP/1.1", get),
            ("GET /\r\n", asks("GET", "/", "GET /", true)),
            ("", Some(Request::Silent)),
            ("\r\n", Some(Request::Silent)),
        ] {
            let mut reading = Reading::default();
            reading.take(text.as_bytes());
            reading.take(b"");
            assert_eq!(reading.request(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_as_python_does() {
        for (text, expected) in [
            ("hi\r\n", (400, "Bad request syntax ('hi')", true)),
            ("HEAD /\r\n", (400, "Bad HTTP/0.9 request type ('HEAD')", true)),
            ("GET / HTTP/9.0\r\n", (505, "Invalid HTTP version (9.0)", true)),
            ("GET / HTTP/x\r\n", (400, "Bad request version ('HTTP/x')", true)),
            ("GET / FOO\r\n", (400, "Bad request version ('FOO')", true)),
            ("GET / a HTTP/1.1\r\n", (400, "Bad request syntax ('GET / a HTTP/1.1')", false)),
        ] {
            let Some(Request::Wrong { status, message, bare, .. }) = read(text) else { panic!("{text}") };
            assert_eq!((status, message.as_str(), bare), expected);
        }
        let long = format!("GET /{} HTTP/1.1\r\n", "a".repeat(LONGEST_LINE));
        assert!(matches!(read(&long), Some(Request::Wrong { status: 414, .. })));
        let long = format!("GET / HTTP/1.1\r\nA: {}\r\n", "a".repeat(LONGEST_LINE));
        assert!(matches!(read(&long), Some(Request::Wrong { status: 431, .. })));
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(MOST_HEADERS + 1));
        assert!(matches!(read(&many), Some(Request::Wrong { status: 431, .. })));
    }

    #[test]
    fn texts_are_quoted_as_python_does() {
        for (text, shown) in
            [("a", "'a'"), ("a'b", "\"a'b\""), ("'\"", "'\\'\"'"), ("a\x01\t\\é", "'a\\x01\\t\\\\é'")]
        {
            assert_eq!(quoted(text), shown);
        }
    }
}
