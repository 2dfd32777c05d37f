//! What `-w` prints (`src/tool_writeout.c`).

use super::options::Request;
use crate::Console;
use crate::http::url::Url;
use std::net::SocketAddr;
use vethlab_shared::error::StackError;
use vethlab_shared::socket::SocketId;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::status::Status;
use vethlab_shared::time::Instant;

/// What was measured of a transfer.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub(super) url: Option<Url>,
    pub(super) began: Instant,
    pub(super) ended: Instant,
    pub(super) connected: Option<Instant>,
    /// When the first bytes of the answer came.
    pub(super) first: Option<Instant>,
    pub(super) local: Option<SocketAddr>,
    pub(super) remote: Option<SocketAddr>,
    pub(super) status: u16,
    /// Of the version of the answer.
    pub(super) minor: Option<u8>,
    pub(super) headers: u64,
    pub(super) content_type: Option<String>,
    /// Bytes of the head of the request, and of its data.
    pub(super) sent: u64,
    pub(super) uploaded: u64,
    /// Bytes of the heads of the answer, and of its data.
    pub(super) head: u64,
    pub(super) downloaded: u64,
    /// How it ended, in a number and in words.
    pub(super) problem: (Status, String),
}

impl Default for Measured {
    fn default() -> Measured {
        Measured {
            url: None,
            began: Instant::START,
            ended: Instant::START,
            connected: None,
            first: None,
            local: None,
            remote: None,
            status: 0,
            minor: None,
            headers: 0,
            content_type: None,
            sent: 0,
            uploaded: 0,
            head: 0,
            downloaded: 0,
            problem: (0, String::new()),
        }
    }
}

/// What one variable says.
enum Said {
    Text(String),
    /// From here on it goes to standard error, or to standard output.
    ToError(bool),
    /// Nothing more where all is well.
    OnError,
}

impl Measured {
    /// A connection was made.
    pub(super) fn connected(
        &mut self,
        socket: SocketId,
        to: SocketAddr,
        stack: &mut dyn NetworkStack,
    ) -> Result<(), StackError> {
        self.connected = Some(stack.now());
        self.remote = Some(to);
        self.local = Some(stack.local_address(socket)?);
        Ok(())
    }

    /// Prints it in this form.
    pub(super) fn print(&self, format: &str, request: &Request, console: &mut dyn Console) {
        let (mut text, mut to_error, mut rest) = (String::new(), false, format);
        let mut show = |text: &mut String, to_error: bool| {
            if to_error {
                console.err(text);
            } else {
                console.out(text);
            }
            text.clear();
        };
        while let Some(first) = rest.chars().next() {
            let behind = &rest[first.len_utf8()..];
            let second = behind.chars().next();
            let after = |c: char| &behind[c.len_utf8()..];
            match (first, second) {
                ('%', Some('%')) => {
                    text.push('%');
                    rest = after('%');
                }
                ('%', Some('{')) => match behind[1..].split_once('}') {
                    None => {
                        text += "%{";
                        rest = after('{');
                    }
                    Some((name, behind)) => {
                        rest = behind;
                        match self.variable(name, request) {
                            Some(Said::Text(said)) => text += &said,
                            Some(Said::ToError(other)) => {
                                show(&mut text, to_error);
                                to_error = other;
                            }
                            Some(Said::OnError) if self.problem.0 == 0 => break,
                            Some(Said::OnError) => {}
                            None => {
                                show(&mut text, to_error);
                                let mut line = format!("curl: unknown --write-out variable: '{name}'\n");
                                show(&mut line, true);
                            }
                        }
                    }
                },
                ('\\', Some(letter)) => {
                    text += &match letter {
                        'n' => "\n".to_owned(),
                        'r' => "\r".to_owned(),
                        't' => "\t".to_owned(),
                        letter => format!("\\{letter}"),
                    };
                    rest = after(letter);
                }
                (first, _) => {
                    text.push(first);
                    rest = behind;
                }
            }
        }
        show(&mut text, to_error);
    }

    /// What a variable stands for; `None` for one that there is not.
    fn variable(&self, name: &str, request: &Request) -> Option<Said> {
        let url = self.url.as_ref();
        let since = |time: Option<Instant>| {
            let passed = time.map_or(0.0, |time| time.since(self.began).as_secs_f64());
            format!("{passed:.6}")
        };
        let all = self.ended.since(self.began).as_secs_f64();
        let speed = |bytes: u64| if all > 0.0 { (bytes as f64 / all) as u64 } else { bytes };
        let address = |end: Option<SocketAddr>| end.map(|end| end.ip().to_string()).unwrap_or_default();
        let port = |end: Option<SocketAddr>| end.map_or(0, |end| end.port()).to_string();
        Some(Said::Text(match name {
            "http_code" | "response_code" => format!("{:03}", self.status),
            "http_connect" => "000".to_owned(),
            "http_version" => match self.minor {
                None => "0".to_owned(),
                Some(0) => "1".to_owned(),
                Some(minor) => format!("1.{minor}"),
            },
            "content_type" => self.content_type.clone().unwrap_or_default(),
            "remote_ip" => address(self.remote),
            "remote_port" => port(self.remote),
            "local_ip" => address(self.local),
            "local_port" => port(self.local),
            "size_download" => self.downloaded.to_string(),
            "size_upload" => self.uploaded.to_string(),
            "size_header" => self.head.to_string(),
            "size_request" => (self.sent + self.uploaded).to_string(),
            "speed_download" => speed(self.downloaded).to_string(),
            "speed_upload" => speed(self.uploaded).to_string(),
            "time_total" => since(Some(self.ended)),
            "time_connect" | "time_pretransfer" => since(self.connected),
            "time_starttransfer" => since(self.first),
            "time_namelookup" | "time_redirect" | "time_appconnect" => since(None),
            "num_connects" => u8::from(self.connected.is_some()).to_string(),
            "num_headers" => self.headers.to_string(),
            "num_redirects" | "ssl_verify_result" | "proxy_ssl_verify_result" | "urlnum" => "0".to_owned(),
            "method" => request.method().to_owned(),
            "scheme" => url.filter(|_| self.connected.is_some()).map_or("", |_| "HTTP").to_owned(),
            "url" => request.typed.clone(),
            "url_effective" => url.map_or_else(|| request.typed.clone(), ToString::to_string),
            "filename_effective" if request.discard => "/dev/null".to_owned(),
            "filename_effective" | "ftp_entry_path" | "redirect_url" | "referer" => String::new(),
            "errormsg" => self.problem.1.clone(),
            "exitcode" => self.problem.0.to_string(),
            "stderr" => return Some(Said::ToError(true)),
            "stdout" => return Some(Said::ToError(false)),
            "onerror" => return Some(Said::OnError),
            _ => return None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Transcript;

    fn printed(format: &str, measured: &Measured) -> (String, String) {
        let mut transcript = Transcript::default();
        let request = Request { typed: "h".to_owned(), ..Request::default() };
        measured.print(format, &request, &mut transcript);
        (transcript.stdout, transcript.stderr)
    }

    #[test]
    fn forms_read_as_curl_reads_them() {
        let measured = Measured { status: 200, downloaded: 6, ..Measured::default() };
        let out = |text: &str| (text.to_owned(), String::new());
        assert_eq!(printed("%{http_code} %{size_download}\\n", &measured), out("200 6\n"));
        assert_eq!(printed("\\t%%%x\\\\%{http_code", &measured), out("\t%%x\\\\%{http_code"));
        assert_eq!(printed("%{method}%{onerror}x", &measured), out("GET"));
        assert_eq!(printed("%é\\", &measured), out("%é\\"));
        let both = ("ac".to_owned(), "b".to_owned());
        assert_eq!(printed("a%{stderr}b%{stdout}c", &measured), both);
        let unknown = "curl: unknown --write-out variable: 'foo'\n".to_owned();
        assert_eq!(printed("%{foo}", &measured), (String::new(), unknown));
    }
}
