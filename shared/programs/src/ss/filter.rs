//! Which sockets `ss` shows, by the words behind its options: states, and conditions on addresses and ports.

use super::Failure;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use vethlab_shared::prefix::Ipv4Prefix;
use vethlab_shared::view::{SocketState, SocketView};

/// What was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    states: Option<Vec<SocketState>>,
    condition: Option<Condition>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
    Port { own: bool, compare: Compare, port: u16 },
    Host { own: bool, prefix: Option<Ipv4Prefix>, port: Option<u16> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compare {
    Equal,
    NotEqual,
    Least,
    Most,
    Less,
    More,
}

/// Every state, by its name.
const STATES: [(&str, SocketState); 12] = [
    ("established", SocketState::Established),
    ("syn-sent", SocketState::SynSent),
    ("syn-recv", SocketState::SynReceived),
    ("fin-wait-1", SocketState::FinWait1),
    ("fin-wait-2", SocketState::FinWait2),
    ("time-wait", SocketState::TimeWait),
    ("unconnected", SocketState::Close),
    ("closed", SocketState::Close),
    ("close-wait", SocketState::CloseWait),
    ("last-ack", SocketState::LastAck),
    ("listening", SocketState::Listen),
    ("closing", SocketState::Closing),
];

/// The states that a word stands for (`scan_state`).
fn states(word: &str) -> Result<Vec<SocketState>, Failure> {
    let word = word.to_ascii_lowercase();
    let all = || STATES.iter().map(|(_, state)| *state);
    let but = |without: &[SocketState]| all().filter(|state| !without.contains(state)).collect();
    let (listen, close) = (SocketState::Listen, SocketState::Close);
    let (asked, over) = (SocketState::SynReceived, SocketState::TimeWait);
    Ok(match word.as_str() {
        "all" => all().collect(),
        "connected" => but(&[listen, close]),
        "synchronized" => but(&[listen, close, SocketState::SynSent]),
        "bucket" => vec![asked, over],
        "big" => but(&[asked, over]),
        "listen" => vec![listen],
        word => match STATES.iter().find(|(name, _)| *name == word) {
            Some((_, state)) => vec![*state],
            None => return Err(Failure::exit(255, format_args!("ss: wrong state name: {word}"))),
        },
    })
}

impl Filter {
    /// Reads the words.
    pub(super) fn parse(words: &[String]) -> Result<Filter, Failure> {
        let mut filter = Filter::default();
        let mut rest = words;
        while let [verb @ ("state" | "exclude"), tail @ ..] =
            &rest.iter().map(String::as_str).collect::<Vec<_>>()[..]
        {
            let Some(word) = tail.first() else {
                return Err(Failure::NotModelled(format!("ss {verb}")));
            };
            let named = states(word)?;
            if *verb == "state" {
                filter.states.get_or_insert_default().extend(named);
            } else {
                let known =
                    filter.states.take().unwrap_or_else(|| STATES.iter().map(|(_, state)| *state).collect());
                filter.states = Some(known.into_iter().filter(|state| !named.contains(state)).collect());
            }
            rest = &rest[2..];
        }
        if let Some(states) = &mut filter.states {
            states.sort_unstable();
            states.dedup();
        }
        // In one word or in several, it is the same.
        let text =
            rest.join(" ").replace('(', " ( ").replace(')', " ) ").replace('!', " ! ").replace("! =", "!=");
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut parser = Parser { words: &words };
        if !words.is_empty() {
            filter.condition = Some(parser.either()?);
            if let [word, ..] = parser.words {
                return Err(Failure::NotModelled(format!("ss … {word}")));
            }
        }
        Ok(filter)
    }

    /// The states that were asked for, where some were.
    pub(super) fn states(&self) -> Option<&[SocketState]> {
        self.states.as_deref()
    }

    /// Whether a socket fulfils the condition.
    pub(super) fn takes(&self, socket: &SocketView) -> bool {
        self.condition.as_ref().is_none_or(|condition| condition.holds(socket))
    }
}

impl Condition {
    fn holds(&self, socket: &SocketView) -> bool {
        let end = |own: bool| if own { socket.local } else { socket.peer };
        match self {
            Condition::And(one, other) => one.holds(socket) && other.holds(socket),
            Condition::Or(one, other) => one.holds(socket) || other.holds(socket),
            Condition::Not(one) => !one.holds(socket),
            Condition::Port { own, compare, port } => {
                let found = end(*own).port();
                match compare {
                    Compare::Equal => found == *port,
                    Compare::NotEqual => found != *port,
                    Compare::Least => found >= *port,
                    Compare::Most => found <= *port,
                    Compare::Less => found < *port,
                    Compare::More => found > *port,
                }
            }
            Condition::Host { own, prefix, port } => {
                let found: SocketAddr = end(*own);
                let address = match found.ip() {
                    IpAddr::V4(address) => address,
                    IpAddr::V6(_) => return false,
                };
                prefix.is_none_or(|prefix| prefix.contains(address))
                    && port.is_none_or(|port| port == found.port())
            }
        }
    }
}

struct Parser<'a> {
    words: &'a [&'a str],
}

impl Parser<'_> {
    fn next(&mut self) -> Option<&str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn take(&mut self, wanted: &[&str]) -> bool {
        let found = self.words.first().is_some_and(|word| wanted.contains(word));
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    fn either(&mut self) -> Result<Condition, Failure> {
        let mut left = self.both()?;
        while self.take(&["or", "|", "||"]) {
            left = Condition::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Condition, Failure> {
        let mut left = self.one()?;
        while self.take(&["and", "&", "&&"])
            || self.words.first().is_some_and(|word| !matches!(*word, "or" | "|" | "||" | ")"))
        {
            left = Condition::And(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Condition, Failure> {
        if self.take(&["not", "!"]) {
            return Ok(Condition::Not(Box::new(self.one()?)));
        }
        if self.take(&["("]) {
            let inner = self.either()?;
            return if self.take(&[")"]) {
                Ok(inner)
            } else {
                Err(Failure::NotModelled("ss … (".to_owned()))
            };
        }
        let Some(word) = self.next().map(str::to_owned) else {
            return Err(Failure::NotModelled("ss: a filter that is not complete".to_owned()));
        };
        match word.as_str() {
            "sport" | "dport" => self.port(word == "sport"),
            "src" | "dst" => self.host(word == "src"),
            word => Err(Failure::NotModelled(format!("ss … {word}"))),
        }
    }

    fn port(&mut self, own: bool) -> Result<Condition, Failure> {
        let compare = match self.next() {
            Some("=" | "==" | "eq") => Compare::Equal,
            Some("!=" | "ne" | "neq") => Compare::NotEqual,
            Some(">=" | "ge" | "geq") => Compare::Least,
            Some("<=" | "le" | "leq") => Compare::Most,
            Some("<" | "lt") => Compare::Less,
            Some(">" | "gt") => Compare::More,
            Some(word) => return Err(Failure::NotModelled(format!("ss … {word}"))),
            None => return Err(Failure::NotModelled("ss … sport".to_owned())),
        };
        let word = self.next().unwrap_or_default().to_owned();
        let port = number(word.strip_prefix(':').unwrap_or(&word));
        match port {
            Some(port) => Ok(Condition::Port { own, compare, port }),
            None => Err(Failure::NotModelled(format!("ss … {word}"))),
        }
    }

    fn host(&mut self, own: bool) -> Result<Condition, Failure> {
        self.take(&["=", "==", "eq"]);
        let word = self.next().unwrap_or_default().to_owned();
        let (address, port) = match word.rsplit_once(':') {
            Some((address, port)) => (address, Some(port).filter(|port| *port != "*")),
            None => (word.as_str(), None),
        };
        let unknown = || Failure::NotModelled(format!("ss … {word}"));
        let prefix = match address {
            "" | "*" => None,
            address => {
                let (address, length) = address.split_once('/').unwrap_or((address, "32"));
                let address: Ipv4Addr = address.parse().map_err(|_| unknown())?;
                let length = length.parse().ok().filter(|length| *length <= 32).ok_or_else(unknown)?;
                Some(Ipv4Prefix::new(address, length))
            }
        };
        let port = port.map(|port| number(port).ok_or_else(unknown)).transpose()?;
        Ok(Condition::Host { own, prefix, port })
    }
}

/// A port, by number or by name.
fn number(word: &str) -> Option<u16> {
    word.parse().ok().or_else(|| crate::tcpdump::names::port_number(word, true))
}
