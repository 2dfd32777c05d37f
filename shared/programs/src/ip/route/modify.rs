//! `ip route add`, `replace`, `delete` and their kin (`iproute_modify`).

use super::super::args::{How, Keywords, Words, garbage, invalid, keyword, matches, not_modelled, number};
use super::super::inet::{self, GivenPrefix};
use super::super::links;
use super::super::{Command, names};
use super::{Preferred, refused};
use crate::{Failure, Status};
use std::net::IpAddr;
use vethlab_shared::change::{Change, Modify, RouteSpec};
use vethlab_shared::name::IfIndex;
use vethlab_shared::prefix::Prefix;
use vethlab_shared::view::{Protocol, RouteFlags, RouteKind, Scope, table};

/// What is to become of the route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ip) enum Verb {
    Add(Modify),
    Delete,
}

#[derive(Clone, Copy)]
enum Keyword {
    Source,
    Gateway,
    Tos,
    Metric,
    Scope,
    Mtu,
    OnLink,
    Protocol,
    Table,
    Device,
    NotModelled,
}

const KEYWORDS: &Keywords<Keyword> = &[
    (How::Exact, "src", Keyword::Source),
    (How::Exact, "as", Keyword::NotModelled),
    (How::Exact, "via", Keyword::Gateway),
    (How::Exact, "from", Keyword::NotModelled),
    (How::Exact, "tos", Keyword::Tos),
    (How::Prefix, "dsfield", Keyword::Tos),
    (How::Exact, "expires", Keyword::NotModelled),
    (How::Prefix, "metric", Keyword::Metric),
    (How::Prefix, "priority", Keyword::Metric),
    (How::Exact, "preference", Keyword::Metric),
    (How::Exact, "scope", Keyword::Scope),
    (How::Exact, "mtu", Keyword::Mtu),
    (How::Exact, "hoplimit", Keyword::NotModelled),
    (How::Exact, "advmss", Keyword::NotModelled),
    (How::Prefix, "reordering", Keyword::NotModelled),
    (How::Exact, "rtt", Keyword::NotModelled),
    (How::Exact, "rto_min", Keyword::NotModelled),
    (How::Prefix, "window", Keyword::NotModelled),
    (How::Prefix, "cwnd", Keyword::NotModelled),
    (How::Prefix, "initcwnd", Keyword::NotModelled),
    (How::Prefix, "initrwnd", Keyword::NotModelled),
    (How::Prefix, "features", Keyword::NotModelled),
    (How::Prefix, "quickack", Keyword::NotModelled),
    (How::Prefix, "congctl", Keyword::NotModelled),
    (How::Prefix, "rttvar", Keyword::NotModelled),
    (How::Prefix, "ssthresh", Keyword::NotModelled),
    (How::Prefix, "realms", Keyword::NotModelled),
    (How::Exact, "onlink", Keyword::OnLink),
    (How::Exact, "nexthop", Keyword::NotModelled),
    (How::Exact, "nhid", Keyword::NotModelled),
    (How::Prefix, "protocol", Keyword::Protocol),
    (How::Prefix, "table", Keyword::Table),
    (How::Prefix, "vrf", Keyword::NotModelled),
    (How::Exact, "dev", Keyword::Device),
    (How::Exact, "oif", Keyword::Device),
    (How::Prefix, "pref", Keyword::NotModelled),
    (How::Exact, "encap", Keyword::NotModelled),
    (How::Exact, "ttl-propagate", Keyword::NotModelled),
    (How::Prefix, "fastopen_no_cookie", Keyword::NotModelled),
];

/// The words that completion offers.
pub(in crate::ip) fn keywords() -> Vec<&'static str> {
    super::super::args::modelled(KEYWORDS, |keyword| !matches!(keyword, Keyword::NotModelled))
}

/// What the words say.
#[derive(Debug, Default, PartialEq)]
struct Request {
    family: Preferred,
    destination: Option<GivenPrefix>,
    kind: Option<RouteKind>,
    gateway: Option<IpAddr>,
    device: Option<String>,
    source: Option<IpAddr>,
    metric: Option<u32>,
    table: Option<u32>,
    protocol: Option<Protocol>,
    scope: Option<Scope>,
    tos: u8,
    mtu: Option<u32>,
    flags: RouteFlags,
}

/// Runs one of the commands that alter a route.
pub(super) fn modify(verb: Verb, name: &str, command: Command<'_, '_>) -> Result<Status, Failure> {
    let Command { options, mut words, context } = command;
    let request = Request::parse(name, options.family, &mut words)?;
    let Some(destination) = request.destination else { return Err(super::ACTIONS.help()) };
    let output = match &request.device {
        Some(device) => Some(links::require(device, context)?),
        None => None,
    };
    let route = request.route(verb, destination.prefix(), output);
    let change = match verb {
        Verb::Add(how) => Change::AddRoute { how, route },
        Verb::Delete => Change::DeleteRoute(route),
    };
    context.stack.apply(&context.namespace, &change).map_err(refused)?;
    Ok(0)
}

impl Request {
    fn parse(name: &str, family: Preferred, words: &mut Words<'_>) -> Result<Request, Failure> {
        let mut request = Request { family, ..Request::default() };
        while let Some(word) = words.next() {
            match keyword(KEYWORDS, word) {
                Some((full, Keyword::NotModelled)) => return Err(not_modelled(name, full)),
                Some((_, keyword)) => request.take(name, keyword, words)?,
                None => request.take_destination(name, word, words)?,
            }
        }
        Ok(request)
    }

    fn take(&mut self, name: &str, keyword: Keyword, words: &mut Words<'_>) -> Result<(), Failure> {
        if matches!(keyword, Keyword::OnLink) {
            self.flags |= RouteFlags::ON_LINK;
            return Ok(());
        }
        if matches!(keyword, Keyword::Gateway) && self.gateway.is_some() {
            return Err(invalid("use nexthop syntax to specify multiple via\n", words.last()));
        }
        let word = words.value()?;
        let wrong = |what: &str| invalid(&format!("\"{what}\" value is invalid\n"), word);
        match keyword {
            Keyword::Source => self.source = Some(self.address(name, word)?),
            Keyword::Gateway => {
                let word = match word {
                    "inet" => words.value()?,
                    "inet6" | "link" | "mpls" | "bridge" => {
                        return Err(not_modelled(name, &format!("via {word}")));
                    }
                    word => word,
                };
                self.gateway = Some(self.address(name, word)?);
            }
            Keyword::Tos => self.tos = names::tos(word).ok_or_else(|| wrong("tos"))?,
            Keyword::Metric => self.metric = Some(number(word).ok_or_else(|| wrong("metric"))?),
            Keyword::Scope => {
                let scope = names::scope(word).ok_or_else(|| invalid("invalid \"scope\" value\n", word))?;
                self.scope = Some(scope);
            }
            Keyword::Mtu if word == "lock" => return Err(not_modelled(name, "mtu lock")),
            Keyword::Mtu => self.mtu = Some(number(word).ok_or_else(|| wrong("mtu"))?),
            Keyword::Protocol => {
                self.protocol = Some(names::protocol(word).ok_or_else(|| wrong("protocol"))?);
            }
            Keyword::Table => self.table = Some(names::table_number(word).ok_or_else(|| wrong("table"))?),
            Keyword::Device => self.device = Some(word.to_owned()),
            Keyword::OnLink | Keyword::NotModelled => {}
        }
        Ok(())
    }

    /// An address that must be one: the words for no address are not modelled here.
    fn address(&mut self, name: &str, word: &str) -> Result<IpAddr, Failure> {
        let given = inet::address(word, self.family)?;
        if !given.bytes {
            return Err(not_modelled(name, word));
        }
        self.family.learn(given);
        Ok(given.address)
    }

    /// The destination, with its kind in front of it where that is said.
    fn take_destination(&mut self, name: &str, word: &str, words: &mut Words<'_>) -> Result<(), Failure> {
        let mut word = if word == "to" { words.value()? } else { word };
        if names::is_unbuilt_kind(word) {
            return Err(not_modelled(name, "xresolve"));
        }
        if !word.starts_with(|c: char| c.is_ascii_digit())
            && let Some(kind) = names::kind(word)
        {
            word = words.value()?;
            self.kind = Some(kind);
        }
        if matches(word, "help") {
            return Err(super::ACTIONS.help());
        }
        if self.destination.is_some() {
            return Err(garbage("to", word));
        }
        let destination = inet::prefix(word, self.family)?;
        self.family.learn(destination);
        self.destination = Some(destination);
        Ok(())
    }

    /// The request with what iproute2 makes up for what was left out.
    fn route(self, verb: Verb, destination: Prefix, output: Option<IfIndex>) -> RouteSpec {
        let deleting = verb == Verb::Delete;
        let unsaid = if deleting { RouteKind::Unspecified } else { RouteKind::Unicast };
        let kind = self.kind.unwrap_or(unsaid);
        let protocol = if deleting { Protocol::UNSPECIFIED } else { Protocol::BOOT };
        RouteSpec {
            destination,
            tos: self.tos,
            table: self.table.unwrap_or_else(|| default_table(kind)),
            kind,
            protocol: self.protocol.unwrap_or(protocol),
            scope: self.scope.unwrap_or_else(|| default_scope(deleting, kind, self.gateway.is_some())),
            metric: self.metric,
            gateway: self.gateway,
            output,
            preferred_source: self.source,
            mtu: self.mtu,
            flags: self.flags,
        }
    }
}

/// Own and broadcast addresses have a table of their own.
fn default_table(kind: RouteKind) -> u32 {
    match kind {
        RouteKind::Local | RouteKind::Broadcast | RouteKind::Nat | RouteKind::Anycast => table::LOCAL,
        _ => table::MAIN,
    }
}

/// A destination without a gateway is on the link; when deleting, any scope will do.
fn default_scope(deleting: bool, kind: RouteKind, gateway: bool) -> Scope {
    match kind {
        RouteKind::Local | RouteKind::Nat => Scope::HOST,
        RouteKind::Broadcast | RouteKind::Multicast | RouteKind::Anycast => Scope::LINK,
        _ if deleting => Scope::NOWHERE,
        RouteKind::Unicast | RouteKind::Unspecified if !gateway => Scope::LINK,
        _ => Scope::UNIVERSE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Request, Failure> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        Request::parse("ip route add", Preferred::Any, &mut Words::new(&words))
    }

    fn route(verb: Verb, line: &str) -> RouteSpec {
        let request = parse(line).expect("a route");
        let destination = request.destination.expect("a destination").prefix();
        request.route(verb, destination, None)
    }

    fn message(line: &str) -> String {
        match parse(line) {
            Err(Failure::Exit { message, status }) => format!("{status} {message}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn what_is_left_out_is_made_up() {
        let add = Verb::Add(Modify::ADD);
        let connected = route(add, "10/8 dev v0");
        assert_eq!((connected.scope, connected.protocol), (Scope::LINK, Protocol::BOOT));
        assert_eq!((connected.table, connected.kind), (table::MAIN, RouteKind::Unicast));
        assert_eq!(route(add, "default via 10.0.0.1").scope, Scope::UNIVERSE);
        assert_eq!(route(add, "blackhole 10.0.0.0/8").scope, Scope::UNIVERSE);
        let local = route(add, "local 10.0.0.1 dev v0");
        assert_eq!((local.scope, local.table), (Scope::HOST, table::LOCAL));
        let deleted = route(Verb::Delete, "10.0.0.0/8");
        assert_eq!((deleted.scope, deleted.kind), (Scope::NOWHERE, RouteKind::Unspecified));
        assert_eq!(deleted.protocol, Protocol::UNSPECIFIED);
    }

    #[test]
    fn kinds_may_be_shortened_words_mostly_not() {
        assert_eq!(route(Verb::Delete, "unr 10.0.0.0/8").kind, RouteKind::Unreachable);
        assert_eq!(route(Verb::Delete, "10.0.0.0/8 metr 7").metric, Some(7));
        assert!(message("10.0.0.0/8 devi v0").starts_with("255 Error: either \"to\" is duplicate"));
    }

    #[test]
    fn errors_are_those_of_the_real_program() {
        let duplicate = "255 Error: either \"to\" is duplicate, or \"11.0.0.0\" is a garbage.\n";
        assert_eq!(message("10.0.0.0/8 11.0.0.0"), duplicate);
        let twice = "255 Error: argument \"via\" is wrong: use nexthop syntax to specify multiple via\n\n";
        assert_eq!(message("default via 10.0.0.1 via 10.0.0.2"), twice);
        let metric = "255 Error: argument \"x\" is wrong: \"metric\" value is invalid\n\n";
        assert_eq!(message("default metric x"), metric);
        let gateway = "1 Error: any valid address is expected rather than \"x\".\n";
        assert_eq!(message("default via x"), gateway);
        assert_eq!(
            parse("default nexthop via 1.1.1.1"),
            Err(Failure::NotModelled("ip route add … nexthop".into()))
        );
    }
}
