//! Where a resource is, as a person types it.

/// The longest scheme that is looked for.
const LONGEST_SCHEME: usize = 40;

/// An address of a resource, taken apart as curl does (`parseurl` in `lib/urlapi.c`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    /// In lower case; `http` where there was none.
    pub(crate) scheme: String,
    /// A name and a password before the host.
    pub(crate) user: Option<String>,
    /// An address is written in full: `10.1` as `10.0.0.1`.
    pub(crate) host: String,
    /// Where it was said.
    pub(crate) port: Option<u16>,
    /// With what stands behind a `?`, without what stands behind a `#`.
    pub(crate) target: String,
}

impl Url {
    /// Takes a text apart; `None` where it is none.
    pub(crate) fn parse(text: &str) -> Option<Url> {
        if text.chars().any(|c| c.is_ascii_control() || c == ' ') {
            return None;
        }
        let text = text.split_once('#').map_or(text, |(before, _)| before);
        let (scheme, rest) = scheme(text)?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(user.to_owned()), place),
            None => (None, authority),
        };
        let (host, port) = host_and_port(place)?;
        Some(Url { scheme, user, host, port, target: path(target) })
    }

    /// The host with its port where that is not the usual one: what the header `Host` says.
    pub(crate) fn place(&self) -> String {
        match self.port {
            Some(port) if port != 80 => format!("{}:{port}", self.host),
            _ => self.host.clone(),
        }
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Url { scheme, user, host, port, target } = self;
        let user = user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        write!(f, "{scheme}://{user}{host}{port}{target}")
    }
}

/// The scheme, and what stands behind it and its slashes, of which there may be one to three.
fn scheme(text: &str) -> Option<(String, &str)> {
    let Some((scheme, rest)) = text.split_once(":/") else { return Some(("http".to_owned(), text)) };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.len() <= LONGEST_SCHEME
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if !is_scheme {
        return Some(("http".to_owned(), text));
    }
    let more = rest.chars().take_while(|c| *c == '/').count();
    (more < 3).then(|| (scheme.to_ascii_lowercase(), &rest[more..]))
}

/// A host and its port (`Curl_parse_port`, `hostname_check`).
fn host_and_port(place: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port).filter(|port| !port.is_empty())),
        _ => (place, None),
    };
    let port = match port {
        Some(port) if port.bytes().all(|c| c.is_ascii_digit()) => Some(port.parse().ok()?),
        Some(_) => return None,
        None => None,
    };
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let in_brackets = inner.is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok());
    if host.is_empty() || (!in_brackets && host.contains(|c| "/:#?!@{}[]\\$'\"^`*<>=;,+&()".contains(c))) {
        return None;
    }
    let address = crate::numbers::inet_aton(host);
    Some((address.map_or_else(|| host.to_owned(), |address| address.to_string()), port))
}

/// A path that begins with a slash, without the segments `.` and `..` (RFC 3986, section 5.2.4).
fn path(target: &str) -> String {
    let (path, query) = match target.find('?') {
        Some(place) => target.split_at(place),
        None => (target, ""),
    };
    let mut segments: Vec<&str> = Vec::new();
    let path = path.strip_prefix('/').unwrap_or(path);
    let count = path.split('/').count();
    for (place, segment) in path.split('/').enumerate() {
        let is_last = place + 1 == count;
        match segment {
            "." | ".." => {
                if segment == ".." {
                    segments.pop();
                }
                if is_last {
                    segments.push("");
                }
            }
            segment => segments.push(segment),
        }
    }
    format!("/{}{query}", segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_taken_apart_as_curl_does() {
        for (text, shown) in [
            ("10.0.0.2", "http://10.0.0.2/"),
            ("10.2:8000", "http://10.0.0.2:8000/"),
            ("http://10.0.0.2:8000?a=b#c", "http://10.0.0.2:8000/?a=b"),
            ("http:/10.0.0.2/x", "http://10.0.0.2/x"),
            ("http:///10.0.0.2/x", "http://10.0.0.2/x"),
            ("HTTP://localhost:/a/../b/./c", "http://localhost/b/c"),
            ("u:p@h/a/b/..", "http://u:p@h/a/"),
            ("http://h/../../a?b/../c", "http://h/a?b/../c"),
            ("h/a//b/.", "http://h/a//b/"),
            ("ftp://h", "ftp://h/"),
        ] {
            assert_eq!(Url::parse(text).map(|url| url.to_string()).as_deref(), Some(shown), "{text}");
        }
        for text in [
            "",
            "http://",
            "h:99999",
            "h:x",
            "http:10.0.0.2:7000/x",
            "a b",
            "/etc",
            "h\n",
            "http:////h",
            "[h]",
        ] {
            assert_eq!(Url::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_header_names_a_port_that_is_not_usual() {
        let place = |text| Url::parse(text).map(|url| url.place());
        assert_eq!(place("h:80").as_deref(), Some("h"));
        assert_eq!(place("h:81").as_deref(), Some("h:81"));
    }
}
