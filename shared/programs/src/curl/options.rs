//! The words behind `curl`, read as `getparameter` in `src/tool_getparam.c` does.

use super::Failure;
use crate::http::url::Url;
use vethlab_shared::time::Duration;

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option")]
pub(super) struct Request {
    /// As it was typed.
    pub(super) typed: String,
    pub(super) silent: bool,
    pub(super) show_error: bool,
    /// `-f`: an error of the server is one of the program.
    pub(super) fail: bool,
    pub(super) include: bool,
    /// `-I`.
    pub(super) head: bool,
    pub(super) verbose: bool,
    pub(super) http10: bool,
    /// `-o /dev/null`.
    pub(super) discard: bool,
    pub(super) write_out: Option<String>,
    pub(super) most_time: Option<Duration>,
    pub(super) connect_time: Option<Duration>,
    pub(super) interface: Option<String>,
    pub(super) headers: Vec<String>,
    pub(super) data: Option<String>,
    pub(super) method: Option<String>,
    pub(super) agent: Option<String>,
    pub(super) referer: Option<String>,
}

/// Long names, the letter that each stands for here, and whether it takes a value.
pub(super) const LONGS: [(&str, char, bool); 26] = [
    ("silent", 's', false),
    ("show-error", 'S', false),
    ("fail", 'f', false),
    ("include", 'i', false),
    ("head", 'I', false),
    ("output", 'o', true),
    ("write-out", 'w', true),
    ("max-time", 'm', true),
    ("connect-timeout", CONNECT_TIMEOUT, true),
    ("verbose", 'v', false),
    ("interface", INTERFACE, true),
    ("header", 'H', true),
    ("data", 'd', true),
    ("data-ascii", 'd', true),
    ("data-binary", 'd', true),
    ("data-raw", DATA_RAW, true),
    ("request", 'X', true),
    ("user-agent", 'A', true),
    ("referer", 'e', true),
    ("ipv4", '4', false),
    ("globoff", 'g', false),
    ("no-buffer", 'N', false),
    ("no-progress-meter", NOTHING, false),
    ("http1.0", '0', false),
    ("http1.1", NOTHING, false),
    ("url", URL, true),
];

// Options without a letter of curl's own.
const CONNECT_TIMEOUT: char = '\u{1}';
const INTERFACE: char = '\u{2}';
const DATA_RAW: char = '\u{3}';
const NOTHING: char = '\u{4}';
const URL: char = '\u{5}';

/// Letters of curl's that mean something that is not modelled.
const NOT_MODELLED: &str = "abBcCDEFGhjJkKlLMnOpPqQrRtTuUxyYzZ#:123678";
/// Long names of curl's that are typed often, and that are not modelled.
const LONGS_NOT_MODELLED: [&str; 25] = [
    "version",
    "location",
    "insecure",
    "user",
    "form",
    "upload-file",
    "proxy",
    "retry",
    "compressed",
    "http2",
    "ipv6",
    "help",
    "max-redirs",
    "cookie",
    "cookie-jar",
    "remote-name",
    "range",
    "fail-with-body",
    "data-urlencode",
    "get",
    "local-port",
    "resolve",
    "dump-header",
    "keepalive-time",
    "limit-rate",
];

const TRY: &str = "curl: try 'curl --help' or 'curl --manual' for more information\n";

/// What is wrong with an option.
fn wrong(word: &str, why: &str) -> Failure {
    Failure::Exit { message: format!("curl: option {word}: {why}\n{TRY}"), status: 2 }
}

/// Reads the words.
pub(super) fn parse(words: &[String]) -> Result<Request, Failure> {
    if words.is_empty() {
        return Err(Failure::Exit { message: TRY.to_owned(), status: 2 });
    }
    let mut request = Request::default();
    let mut urls = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if word == "--" {
            urls.extend(rest.by_ref().cloned());
        } else if let Some(name) = word.strip_prefix("--") {
            let (letter, takes) = long(name, word)?;
            let value = if takes { Some(value(word, None, &mut rest)?) } else { None };
            set(&mut request, &mut urls, (letter, word), value)?;
        } else if word.len() > 1 && word.starts_with('-') {
            let mut letters = word[1..].chars();
            while let Some(letter) = letters.next() {
                let takes = match LONGS.iter().find(|(_, known, _)| *known == letter) {
                    Some((.., takes)) => *takes,
                    None if NOT_MODELLED.contains(letter) => {
                        return Err(Failure::NotModelled(format!("curl -{letter}")));
                    }
                    None => return Err(wrong(word, "is unknown")),
                };
                let attached = Some(letters.as_str()).filter(|attached| takes && !attached.is_empty());
                let value = if takes { Some(value(word, attached, &mut rest)?) } else { None };
                set(&mut request, &mut urls, (letter, word), value)?;
                if takes {
                    break;
                }
            }
        } else {
            urls.push(word.clone());
        }
    }
    finish(request, urls)
}

/// What holds for all options together.
fn finish(mut request: Request, urls: Vec<String>) -> Result<Request, Failure> {
    let mut urls = urls.into_iter();
    request.typed = match (urls.next(), urls.next()) {
        (None, _) => {
            return Err(Failure::Exit { message: format!("curl: no URL specified!\n{TRY}"), status: 2 });
        }
        (Some(url), None) => url,
        (Some(_), Some(_)) => return Err(Failure::NotModelled("curl with several URLs".to_owned())),
    };
    if request.head && request.data.is_some() {
        let message = if request.silent {
            ""
        } else {
            "Warning: You can only select one HTTP request method! You asked for both POST \n\
             Warning: (-d, --data) and HEAD (-I, --head).\n"
        };
        return Err(Failure::Exit { message: message.to_owned(), status: 2 });
    }
    Ok(request)
}

/// The option of a long name, which may be shortened.
fn long(name: &str, word: &str) -> Result<(char, bool), Failure> {
    let exact = LONGS.iter().find(|(known, ..)| *known == name);
    if let Some((_, letter, takes)) = exact {
        return Ok((*letter, *takes));
    }
    let known: Vec<_> =
        LONGS.iter().filter(|(known, ..)| !name.is_empty() && known.starts_with(name)).collect();
    let others =
        LONGS_NOT_MODELLED.iter().filter(|other| !name.is_empty() && other.starts_with(name)).count();
    match (known.as_slice(), others) {
        ([(_, letter, takes)], 0) => Ok((*letter, *takes)),
        ([], 1) => Err(Failure::NotModelled(format!("curl {word}"))),
        _ if LONGS_NOT_MODELLED.contains(&name) => Err(Failure::NotModelled(format!("curl {word}"))),
        ([], 0) => Err(wrong(word, "is unknown")),
        _ => Err(wrong(word, "is ambiguous")),
    }
}

/// The value of an option: what is attached to it, or the next word.
fn value(
    word: &str,
    attached: Option<&str>,
    rest: &mut std::slice::Iter<'_, String>,
) -> Result<String, Failure> {
    let value = attached.map(str::to_owned).or_else(|| rest.next().cloned());
    value.ok_or_else(|| wrong(word, "requires parameter"))
}

/// Takes an option in.
fn set(
    request: &mut Request,
    urls: &mut Vec<String>,
    (letter, word): (char, &str),
    value: Option<String>,
) -> Result<(), Failure> {
    let value = value.unwrap_or_default();
    match letter {
        's' => request.silent = true,
        'S' => request.show_error = true,
        'f' => request.fail = true,
        'i' => request.include = true,
        'I' => request.head = true,
        'v' => request.verbose = true,
        '0' => request.http10 = true,
        'o' => {
            request.discard = match value.as_str() {
                "/dev/null" => true,
                "-" => false,
                file => {
                    let message = format!(
                        "vethlab: there are no files here: 'curl -o {file}' can only be '-o /dev/null'"
                    );
                    return Err(Failure::exit(2, message));
                }
            }
        }
        'w' if value.starts_with('@') => return Err(Failure::NotModelled(format!("curl -w {value}"))),
        'w' => request.write_out = Some(value),
        'm' => request.most_time = seconds(word, &value)?,
        CONNECT_TIMEOUT => request.connect_time = seconds(word, &value)?,
        INTERFACE => request.interface = Some(value).filter(|value| !value.is_empty()),
        'H' if value.starts_with('@') => return Err(Failure::NotModelled(format!("curl -H {value}"))),
        'H' => request.headers.push(value),
        'd' if value.starts_with('@') => return Err(Failure::NotModelled(format!("curl -d {value}"))),
        'd' | DATA_RAW => {
            request.data = Some(match request.data.take() {
                Some(data) => format!("{data}&{value}"),
                None => value,
            });
        }
        'X' => request.method = Some(value).filter(|method| !method.is_empty()),
        'A' => request.agent = Some(value),
        'e' => request.referer = Some(value),
        URL => urls.push(value),
        // IPv4 is all there is, text comes at once, and no meter is drawn.
        _ => {}
    }
    Ok(())
}

/// A time in seconds: 0 is no limit (`secs2ms`).
fn seconds(word: &str, text: &str) -> Result<Option<Duration>, Failure> {
    let (number, rest) = crate::numbers::strtod(text);
    if text.is_empty() || !rest.is_empty() || !number.is_finite() {
        return Err(wrong(word, "expected a proper numerical parameter"));
    }
    if number < 0.0 {
        return Err(wrong(word, "expected a positive numerical parameter"));
    }
    let milliseconds = (number * 1000.0) as u64;
    if milliseconds > i64::MAX as u64 / 1000 {
        return Err(wrong(word, "too large number"));
    }
    Ok(Some(Duration::from_millis(milliseconds)).filter(|time| !time.is_zero()))
}

impl Request {
    /// The method of the request (`Curl_http_method`).
    pub(super) fn method(&self) -> &str {
        let usual = if self.data.is_some() {
            "POST"
        } else if self.head {
            "HEAD"
        } else {
            "GET"
        };
        self.method.as_deref().unwrap_or(usual)
    }

    /// What is written to the server (`Curl_http`): the head, and the data behind it.
    pub(super) fn written(&self, url: &Url) -> (String, &str) {
        let custom = |name: &str| {
            self.headers.iter().find(|header| {
                header.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name))
                    && header[name.len()..].starts_with([':', ';'])
            })
        };
        let version = if self.http10 { "1.0" } else { "1.1" };
        let mut text = format!("{} {} HTTP/{version}\r\n", self.method(), url.target);
        let host = custom("Host").and_then(|header| own(header));
        match (custom("Host"), host) {
            (None, _) => text += &format!("Host: {}\r\n", url.place()),
            (Some(_), Some(header)) => text += &format!("{header}\r\n"),
            (Some(_), None) => {}
        }
        let agent = self.agent.as_deref().unwrap_or("curl/7.88.1");
        if custom("User-Agent").is_none() && !agent.is_empty() {
            text += &format!("User-Agent: {agent}\r\n");
        }
        if custom("Accept").is_none() {
            text += "Accept: */*\r\n";
        }
        if let Some(referer) = self.referer.as_ref().filter(|_| custom("Referer").is_none()) {
            text += &format!("Referer: {referer}\r\n");
        }
        let is_host = |header: &str| header.get(..5).is_some_and(|begin| begin.eq_ignore_ascii_case("host:"));
        for header in self.headers.iter().filter(|header| !is_host(header)).filter_map(|header| own(header)) {
            text += &format!("{header}\r\n");
        }
        let data = self.data.as_deref().unwrap_or_default();
        if self.data.is_some() && custom("Content-Length").is_none() {
            text += &format!("Content-Length: {}\r\n", data.len());
        }
        if self.data.is_some() && custom("Content-Type").is_none() {
            text += "Content-Type: application/x-www-form-urlencoded\r\n";
        }
        (text + "\r\n", data)
    }
}

/// A header of the person's own, as it is sent; `None` for one that only takes curl's away (`Curl_add_custom_headers`).
fn own(header: &str) -> Option<String> {
    match header.split_once(':') {
        Some((_, value)) if value.trim().is_empty() => None,
        Some(_) => Some(header.to_owned()),
        None => header.strip_suffix(';').filter(|name| !name.contains(';')).map(|name| format!("{name}:")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Request, Failure> {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        parse(&words)
    }

    fn written(words: &[&str]) -> String {
        let request = read(words).expect("it is understood");
        let url = Url::parse(&request.typed).expect("it is a URL");
        let (head, data) = request.written(&url);
        (head + data).replace("\r\n", "|")
    }

    #[test]
    fn requests_read_as_curl_writes_them() {
        let usual = "User-Agent: curl/7.88.1|Accept: */*|";
        assert_eq!(written(&["10.2:8000/x"]), format!("GET /x HTTP/1.1|Host: 10.0.0.2:8000|{usual}|"));
        let data = ["-d", "a=b", "--data-raw", "@c", "10.0.0.2"];
        let form = "Content-Length: 6|Content-Type: application/x-www-form-urlencoded||a=b&@c";
        assert_eq!(written(&data), format!("POST / HTTP/1.1|Host: 10.0.0.2|{usual}{form}"));
        let own = ["-HX: y", "-HAccept:", "-H", "Host: foo", "-H", "Empty;", "-H", "bad", "-Ame", "10.0.0.2"];
        assert_eq!(written(&own), "GET / HTTP/1.1|Host: foo|User-Agent: me|X: y|Empty:||");
        assert!(written(&["-0", "-XPUT", "-e", "r", "h"]).starts_with("PUT / HTTP/1.0|Host: h|"));
    }

    #[test]
    fn what_is_wrong_reads_as_curl_writes_it() {
        for (words, line) in [
            (&["-Wx", "h"][..], "curl: option -Wx: is unknown\n"),
            (&["--foo", "h"], "curl: option --foo: is unknown\n"),
            (&["--conn", "h", "--co"], "requires"),
            (&["--co", "h"], "curl: option --co: is ambiguous\n"),
            (&["h", "-sm"], "curl: option -sm: requires parameter\n"),
            (&["-mX", "h"], "curl: option -mX: expected a proper numerical parameter\n"),
            (&["-m", "-1", "h"], "curl: option -m: expected a positive numerical parameter\n"),
            (&["-s"], "curl: no URL specified!\n"),
            (&["-o", "file", "h"], "there are no files here"),
            (&["-I", "-d", "a", "h"], "You can only select one HTTP request method!"),
        ] {
            match read(words) {
                Err(Failure::Exit { message, status: 2 }) if line != "requires" => {
                    assert!(message.contains(line), "{words:?}: {message}");
                }
                Err(Failure::Exit { status: 2, .. }) if line == "requires" => {}
                other => panic!("{words:?}: {other:?}"),
            }
        }
        for words in [&["-L", "h"][..], &["--location", "h"], &["-k", "h"], &["h", "i"], &["-d", "@f", "h"]] {
            assert!(matches!(read(words), Err(Failure::NotModelled(_))), "{words:?}");
        }
        assert_eq!(
            read(&["-m", "0.5", "h"]).map(|request| request.most_time),
            Ok(Some(Duration::from_millis(500)))
        );
    }
}
