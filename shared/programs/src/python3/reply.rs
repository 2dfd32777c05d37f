//! What the server answers (`SimpleHTTPRequestHandler`, `BaseHTTPRequestHandler.send_error`), and what it logs.

use super::request::{Request, quoted};
use crate::date;
use vethlab_shared::time::Instant;

/// How a header tells a time (RFC 9110, section 5.6.7).
const HTTP_TIME: &str = "%a, %d %b %Y %T GMT";

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reply {
    /// The lines of the log, without who and when.
    pub(super) log: Vec<String>,
    /// What is written, a call each.
    pub(super) pieces: Vec<Vec<u8>>,
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    Page,
    /// The folder is meant; its path ends with a slash.
    Elsewhere(String),
    Nothing,
}

impl Reply {
    /// The answer to a request: the page has been there since then.
    pub(super) fn to(request: Request, page: &str, since: Instant, now: Instant) -> Reply {
        let now = date::at(now, HTTP_TIME);
        match request {
            Request::Silent => Reply::default(),
            Request::Wrong { line, status, message, more, bare } => {
                let asked = Asked { line: &line, bare, head_only: false, now: &now };
                asked.error(status, &message, more)
            }
            Request::Asks { line, method, path, bare } => {
                let asked = Asked { line: &line, bare, head_only: method == "HEAD", now: &now };
                if !matches!(method.as_str(), "GET" | "HEAD") {
                    return asked.error(501, &format!("Unsupported method ({})", quoted(&method)), None);
                }
                match find(&path) {
                    Found::Page => {
                        let since = date::at(since, HTTP_TIME);
                        let length = page.len();
                        let headers = format!(
                            "Content-type: text/html\r\nContent-Length: {length}\r\nLast-Modified: {since}\r\n"
                        );
                        asked.reply(200, "OK", &headers, page)
                    }
                    Found::Elsewhere(place) => {
                        let headers = format!("Location: {place}\r\nContent-Length: 0\r\n");
                        asked.reply(301, "Moved Permanently", &headers, "")
                    }
                    Found::Nothing => asked.error(404, "File not found", None),
                }
            }
        }
    }
}

/// What an answer depends on, whatever it is.
struct Asked<'a> {
    line: &'a str,
    bare: bool,
    head_only: bool,
    now: &'a str,
}

impl Asked<'_> {
    fn reply(&self, status: u16, message: &str, headers: &str, data: &str) -> Reply {
        let now = self.now;
        let head = format!(
            "HTTP/1.0 {status} {message}\r\nServer: SimpleHTTP/0.6 Python/3.11.2\r\nDate: {now}\r\n{headers}\r\n"
        );
        // It is sent as ISO 8859-1, as which the request was read.
        let head = head.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
        let pieces = [
            Some(head).filter(|_| !self.bare),
            Some(data.as_bytes().to_vec()).filter(|data| !self.head_only && !data.is_empty()),
        ];
        let log = vec![logged(&format!("\"{}\" {status} -", self.line))];
        Reply { log, pieces: pieces.into_iter().flatten().collect() }
    }

    fn error(&self, status: u16, message: &str, more: Option<&str>) -> Reply {
        let escaped = message.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let more = more.unwrap_or(match status {
            400 => "Bad request syntax or unsupported method",
            404 => "Nothing matches the given URI",
            414 => "URI is too long",
            501 => "Server does not support this operation",
            505 => "Cannot fulfill request",
            _ => "",
        });
        let data = format!(
            "<!DOCTYPE HTML>\n<html lang=\"en\">\n    <head>\n        <meta charset=\"utf-8\">\n        \
             <title>Error response</title>\n    </head>\n    <body>\n        <h1>Error response</h1>\n        \
             <p>Error code: {status}</p>\n        <p>Message: {escaped}.</p>\n        \
             <p>Error code explanation: {status} - {more}.</p>\n    </body>\n</html>\n"
        );
        let headers = format!(
            "Connection: close\r\nContent-Type: text/html;charset=utf-8\r\nContent-Length: {}\r\n",
            data.len()
        );
        let mut reply = self.reply(status, message, &headers, &data);
        reply.log.insert(0, logged(&format!("code {status}, message {message}")));
        reply
    }
}

/// A line of the log: what would move the cursor is escaped (`log_message`).
fn logged(text: &str) -> String {
    text.chars().fold(String::new(), |line, c| match c {
        '\\' => line + "\\\\",
        '\0'..='\x1f' | '\x7f'..='\u{9f}' => line + &format!("\\x{:02x}", u32::from(c)),
        c => line + c.encode_utf8(&mut [0; 4]),
    })
}

/// What a path leads to: the page is `index.html` in a folder that has nothing else (`translate_path`, `send_head`).
fn find(path: &str) -> Found {
    let end = path.find(['?', '#']).unwrap_or(path.len());
    let (plain, rest) = path.split_at(end);
    let plain = plain.trim_end();
    let decoded = unquote(plain);
    let mut segments: Vec<&str> = Vec::new();
    for segment in decoded.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    match segments[..] {
        [] if plain.ends_with('/') => Found::Page,
        [] => Found::Elsewhere(format!("{plain}/{rest}")),
        ["index.html"] if !plain.ends_with('/') => Found::Page,
        _ => Found::Nothing,
    }
}

/// A text with what `%` and two digits stand for.
fn unquote(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let digit = |place: usize| behind.get(place).and_then(|digit| char::from(*digit).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &behind[2..];
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_where_they_lead_in_python() {
        for path in ["/", "/index.html", "/x/../index.html?a", "/%69ndex.html#a", "index.html", "/?a/b"] {
            assert_eq!(find(path), Found::Page, "{path}");
        }
        for (path, place) in [("/.", "/./"), ("?a", "/?a"), ("/x/..", "/x/../")] {
            assert_eq!(find(path), Found::Elsewhere(place.to_owned()), "{path}");
        }
        for path in ["/nope", "/index.html/", "http://x/index.html", "/%", "/%zz"] {
            assert_eq!(find(path), Found::Nothing, "{path}");
        }
    }

    #[test]
    fn an_answer_is_logged_first() {
        let asks = |method: &str| Request::Asks {
            line: format!("{method} / HTTP/1.1"),
            method: method.to_owned(),
            path: "/".to_owned(),
            bare: false,
        };
        let reply = |request| Reply::to(request, "page\n", Instant::START, Instant::START);
        let got = reply(asks("GET"));
        assert_eq!(got.log, ["\"GET / HTTP/1.1\" 200 -"]);
        let head = "HTTP/1.0 200 OK\r\nServer: SimpleHTTP/0.6 Python/3.11.2\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\
             Content-type: text/html\r\nContent-Length: 5\r\nLast-Modified: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n";
        assert_eq!(got.pieces, [head.as_bytes().to_vec(), b"page\n".to_vec()]);
        assert_eq!(reply(asks("HEAD")).pieces, [head.as_bytes().to_vec()]);
        let log = ["code 501, message Unsupported method ('G\\\\x01T')", "\"G\\x01T / HTTP/1.1\" 501 -"];
        assert_eq!(reply(asks("G\x01T")).log, log);
    }
}
