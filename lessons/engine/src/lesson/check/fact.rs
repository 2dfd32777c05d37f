//! The kinds of fact that a check can name, as the lesson's file writes them.

use super::filter::{ConnectionFact, RuleFact};
use super::filtered::FilteredFact;
use super::http::HttpFact;
use super::nat::NatFact;
use super::table::{Table, Wrong};
use crate::lesson::learner::Sight;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::net::{Ipv4Addr, SocketAddrV4};
use vethlab_programs::echo::Refusal;
use vethlab_programs::tcpdump::{Filter, LinkType};
use vethlab_shared::family::Family;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::prefix::Prefix;
use vethlab_shared::view::{NeighbourState, SocketProtocol};

/// One fact, of the network or of the learner.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fact {
    Namespace(NamespaceFact),
    Link(LinkFact),
    Address(AddressFact),
    RouteTo(RouteToFact),
    Route(RouteFact),
    Neighbour(NeighbourFact),
    Fdb(FdbFact),
    Rule(RuleFact),
    Connection(ConnectionFact),
    Path(PathFact),
    Seen(SeenFact),
    Ping(PingFact),
    Connects(ConnectsFact),
    Http(HttpFact),
    Filtered(FilteredFact),
    Nat(NatFact),
    Listens(ListensFact),
    Sysctl(SysctlFact),
    Count(CountFact),
    Answered(AnsweredFact),
    Looked(LookedFact),
}

macro_rules! fact {
    ($(#[$doc:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name { $($(#[$attribute])* pub(super) $field: $type,)* }
    };
}

fact! {
    /// `namespace = "red"`: there is one of that name.
    NamespaceFact {
        #[serde(deserialize_with = "a_namespace")]
        namespace: NamespaceName,
        #[serde(default = "yes")]
        exists: bool,
    }
}
fact! {
    /// `link = "veth-red"`: there is one of that name, and it is as the other keys say.
    LinkFact {
        link: LinkName,
        up: Option<bool>,
        carrier: Option<bool>,
        #[serde(default, deserialize_with = "maybe_namespace")]
        peer_in: Option<NamespaceName>,
        mtu: Option<u32>,
        master: Option<LinkName>,
        #[serde(default = "yes")]
        exists: bool,
    }
}
fact! {
    /// `address = "192.168.1.1/24"`: a link has it.
    AddressFact {
        #[serde(deserialize_with = "a_prefix")]
        address: Prefix,
        dev: Option<LinkName>,
        #[serde(default = "yes")]
        exists: bool,
    }
}
fact! {
    /// `route_to = "192.168.1.1"`: the way that a packet to there takes.
    RouteToFact {
        route_to: Ipv4Addr,
        via: Option<Ipv4Addr>,
        dev: Option<LinkName>,
        #[serde(default, deserialize_with = "maybe_prefix")]
        prefix: Option<Prefix>,
        source: Option<Ipv4Addr>,
        #[serde(default)]
        unreachable: bool,
    }
}
fact! {
    /// `route = "192.168.1.0/24"`: the main table has this entry.
    RouteFact {
        #[serde(deserialize_with = "a_prefix")]
        route: Prefix,
        via: Option<Ipv4Addr>,
        dev: Option<LinkName>,
        #[serde(default = "yes")]
        exists: bool,
    }
}
fact! {
    /// `neighbour = "192.168.1.1"`: there is an entry, in one of these states.
    NeighbourFact {
        neighbour: Ipv4Addr,
        dev: Option<LinkName>,
        #[serde(default, deserialize_with = "maybe_states")]
        state: Option<NeighbourState>,
        mac: Option<MacAddress>,
        #[serde(default = "yes")]
        exists: bool,
    }
}
fact! {
    /// `fdb = "02:00:00:00:00:02"`: a bridge has a row of this station.
    FdbFact {
        fdb: MacAddress,
        bridge: Option<LinkName>,
        port: Option<LinkName>,
        #[serde(default = "yes")]
        exists: bool,
    }
}
fact! {
    /// `ping = "192.168.1.1"`: every echo request is answered, or is not, or is refused in this way.
    PingFact {
        ping: Ipv4Addr,
        #[serde(default, deserialize_with = "maybe_count")]
        count: Option<u16>,
        #[serde(default, deserialize_with = "maybe_size")]
        size: Option<u16>,
        #[serde(default = "yes")]
        succeed: bool,
        #[serde(default, deserialize_with = "maybe_refusal")]
        refused: Option<Refusal>,
        #[serde(default, deserialize_with = "maybe_namespace")]
        answered_by: Option<NamespaceName>,
    }
}
fact! {
    /// `connects = "192.168.1.1:80"`: a connection to there is made, or is not, or is refused.
    ConnectsFact {
        connects: SocketAddrV4,
        #[serde(default = "yes")]
        succeed: bool,
        #[serde(default)]
        refused: bool,
    }
}
fact! {
    /// `listens = 80`: a socket takes in connections, or datagrams, at this port.
    ListensFact {
        #[serde(deserialize_with = "a_port")]
        listens: u16,
        at: Option<Ipv4Addr>,
        #[serde(default = "tcp")]
        protocol: SocketProtocol,
        #[serde(default = "yes")]
        exists: bool,
    }
}
fact! {
    /// `path_to = "10.0.3.9"`: an echo request passes through these namespaces, in this order.
    PathFact {
        path_to: Ipv4Addr,
        #[serde(deserialize_with = "namespaces")]
        through: Vec<NamespaceName>,
        #[serde(default, deserialize_with = "maybe_namespace")]
        ends_in: Option<NamespaceName>,
    }
}
fact! {
    /// `seen = "icmp"`: a frame that passes this filter of `tcpdump` crossed a link.
    SeenFact {
        #[serde(deserialize_with = "a_filter")]
        seen: SeenFilter,
        on: LinkName,
        while_pinging: Option<Ipv4Addr>,
        #[serde(default, deserialize_with = "maybe_namespace")]
        from: Option<NamespaceName>,
        #[serde(default = "yes")]
        exists: bool,
    }
}
fact! {
    /// `sysctl = "net.ipv4.ip_forward"`: it has this value.
    SysctlFact {
        sysctl: String,
        value: String,
    }
}
fact! {
    /// `count_of = "routes"`: there are so many.
    CountFact {
        count_of: Thing,
        exactly: Option<usize>,
        at_least: Option<usize>,
        at_most: Option<usize>,
    }
}
fact! {
    /// `answered = true`: the learner answered the step's question.
    AnsweredFact {
        answered: bool,
    }
}
fact! {
    /// `looked = ["ip link"]`: the learner saw what these commands print, or that each printed one of these texts, or
    /// nothing, or not a text.
    LookedFact {
        looked: Vec<String>,
        #[serde(default, deserialize_with = "one_or_more")]
        shows: Vec<String>,
        without: Option<String>,
        #[serde(default)]
        shows_nothing: bool,
    }
}

impl LookedFact {
    /// What the commands have to have printed.
    pub(super) fn sight(&self) -> Sight {
        let LookedFact { shows, without, shows_nothing, .. } = self;
        Sight { shows: shows.clone(), without: without.clone(), nothing: *shows_nothing }
    }
}

/// What can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Thing {
    Namespaces,
    Links,
    Addresses,
    /// Of the main table.
    Routes,
    Neighbours,
    /// That are tracked.
    Connections,
}

/// A filter of `tcpdump`, and how it was written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SeenFilter {
    pub(super) text: String,
    pub(super) filter: Filter,
}

/// The most echo requests that one check sends.
const MOST_REQUESTS: u16 = 100;
/// The most bytes that an echo request carries: what an IPv4 packet holds behind its header and that of ICMP. It is what
/// `ping -s` takes too.
const MOST_BYTES: u16 = 65_535 - 20 - 8;

impl Fact {
    /// Reads a fact: its kind is the one key of the table that names a kind.
    pub(super) fn read(table: Table<'_>) -> Result<Fact, Wrong> {
        type Reader = fn(Table<'_>) -> Result<Fact, Wrong>;
        const KINDS: [(&str, Reader); 21] = [
            ("namespace", |table| table.read().map(Fact::Namespace)),
            ("link", |table| table.read().map(Fact::Link)),
            ("address", |table| table.read().map(Fact::Address)),
            ("route_to", |table| table.read().map(Fact::RouteTo)),
            ("route", |table| table.read().map(Fact::Route)),
            ("neighbour", |table| table.read().map(Fact::Neighbour)),
            ("fdb", |table| table.read().map(Fact::Fdb)),
            ("rule", |table| table.read().map(Fact::Rule)),
            ("connection", |table| table.read().map(Fact::Connection)),
            ("path_to", |table| table.read().map(Fact::Path)),
            ("seen", |table| table.read().map(Fact::Seen)),
            ("ping", |table| table.read().map(Fact::Ping)),
            ("connects", |table| table.read().map(Fact::Connects)),
            ("http", |table| table.read().map(Fact::Http)),
            ("filtered", |table| table.read().map(Fact::Filtered)),
            ("nat", |table| table.read().map(Fact::Nat)),
            ("listens", |table| table.read().map(Fact::Listens)),
            ("sysctl", |table| table.read().map(Fact::Sysctl)),
            ("count_of", |table| table.read().map(Fact::Count)),
            ("answered", |table| table.read().map(Fact::Answered)),
            ("looked", |table| table.read().map(Fact::Looked)),
        ];
        let kinds: Vec<&(&str, Reader)> = KINDS.iter().filter(|(key, _)| table.has(key)).collect();
        match kinds[..] {
            [(_, read)] => read(table).and_then(Fact::sensible),
            [(first, _), .., (last, _)] => Err(Wrong::key(
                last,
                format!(
                    "a check has one fact, and this one has {first} and {last}: write a [[check]] of its own for each"
                ),
            )),
            [] => {
                let known = KINDS.map(|(key, _)| key).join(", ");
                Err(format!("a check needs one fact: add one of {known}").into())
            }
        }
    }

    /// The fact, where its keys go together.
    fn sensible(self) -> Result<Fact, Wrong> {
        match &self {
            Fact::Ping(ping) if !ping.succeed && ping.refused.is_some() => {
                Err(Wrong::key("succeed", "'refused' says how it does not succeed: leave 'succeed' out"))
            }
            Fact::Ping(ping) if ping.answered_by.is_some() && (ping.refused.is_some() || !ping.succeed) => {
                let problem = "'answered_by' goes with a ping that is answered: leave it out";
                Err(Wrong::key("answered_by", problem))
            }
            Fact::Rule(rule) => match rule.wanted() {
                Ok(_) if rule.number == Some(0) => Err(Wrong::key(
                    "number",
                    "rules are counted from 1: write the number that 'iptables -L --line-numbers' shows",
                )),
                Ok(_) => Ok(self),
                Err(problem) => Err(Wrong::key(
                    "rule",
                    format!(
                        "iptables does not take this rule ({problem}): write what stands behind 'iptables -A {}'",
                        rule.chain
                    ),
                )),
            },
            Fact::Connection(connection)
                if connection.from.is_some() && connection.while_pinging.is_none() =>
            {
                let problem = "'from' goes with 'while_pinging': add that, or leave 'from' out";
                Err(Wrong::key("from", problem))
            }
            Fact::Connects(fact) if fact.refused && !fact.succeed => {
                Err(Wrong::key("succeed", "'refused' says how it does not succeed: leave 'succeed' out"))
            }
            Fact::Http(fact) => fact.sensible().map(|()| self),
            Fact::Filtered(fact) => fact.sensible().map(|()| self),
            Fact::Nat(fact) => fact.sensible().map(|()| self),
            Fact::Seen(seen) if seen.from.is_some() && seen.while_pinging.is_none() => {
                let problem = "'from' goes with 'while_pinging': add that, or leave 'from' out";
                Err(Wrong::key("from", problem))
            }
            Fact::Looked(LookedFact { shows, .. }) if shows.iter().any(|text| text.trim().is_empty()) => {
                let problem = "'shows' is empty, and all shows that: write a text that the command prints; where it is to \
                     print nothing, write 'shows_nothing = true'";
                Err(Wrong::key("shows", problem))
            }
            Fact::Looked(LookedFact { without: Some(text), .. }) if text.trim().is_empty() => {
                let problem =
                    "'without' is empty, and nothing is without that: write a text, or leave it out";
                Err(Wrong::key("without", problem))
            }
            Fact::Looked(LookedFact { shows, shows_nothing: true, .. }) if !shows.is_empty() => {
                Err(Wrong::key(
                    "shows_nothing",
                    "a command that shows nothing shows no text: leave one of both out",
                ))
            }
            Fact::Count(CountFact { exactly: None, at_least: None, at_most: None, .. }) => Err(Wrong::key(
                "count_of",
                "a count needs 'exactly', 'at_least' or 'at_most': add one of them, with a number",
            )),
            _ => Ok(self),
        }
    }
}

pub(super) fn yes() -> bool {
    true
}

fn tcp() -> SocketProtocol {
    SocketProtocol::Tcp
}

/// A namespace as a lesson names it: `host` is the one that plays the machine.
pub fn namespace(name: &str) -> Result<NamespaceName, String> {
    match name {
        "host" => Ok(NamespaceName::HOST),
        _ => NamespaceName::new(name)
            .map_err(|_| format!("'{name}' cannot be the name of a namespace: write a word, such as 'red'")),
    }
}

/// A prefix as a lesson writes it: `192.168.1.0/24`, `192.168.1.1` for that address alone, or `default`.
fn prefix(text: &str) -> Result<Prefix, String> {
    let wrong = || format!("'{text}' is no prefix: write it as '192.168.1.0/24' or 'default'");
    if text == "default" {
        return Ok(Prefix::default_of(Family::Inet));
    }
    let (address, length) = text.split_once('/').unwrap_or((text, "32"));
    let address = address.parse::<Ipv4Addr>().map_err(|_| wrong())?;
    let length = length.parse().map_err(|_| wrong())?;
    Prefix::try_new(address, length).map_err(|_| wrong())
}

/// One bit for each state named, with the names that `ip neigh` prints.
fn states(names: &[String]) -> Result<NeighbourState, String> {
    names.iter().try_fold(NeighbourState::empty(), |states, name| {
        let name = if name == "NOARP" { "NO_ARP" } else { name };
        match NeighbourState::from_name(name) {
            Some(state) => Ok(states | state),
            None => Err(format!(
                "'{name}' is no state of a neighbour: write one as 'ip neigh' prints it, such as REACHABLE"
            )),
        }
    })
}

pub(super) fn a_namespace<'de, D: Deserializer<'de>>(value: D) -> Result<NamespaceName, D::Error> {
    namespace(&String::deserialize(value)?).map_err(D::Error::custom)
}

pub(super) fn maybe_namespace<'de, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<NamespaceName>, D::Error> {
    a_namespace(value).map(Some)
}

/// A text, or a list of them.
fn one_or_more<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "'shows' is to be a text, or a list of texts")]
    enum Texts {
        One(String),
        More(Vec<String>),
    }
    Ok(match Texts::deserialize(value)? {
        Texts::One(text) => vec![text],
        Texts::More(texts) => texts,
    })
}

fn a_prefix<'de, D: Deserializer<'de>>(value: D) -> Result<Prefix, D::Error> {
    prefix(&String::deserialize(value)?).map_err(D::Error::custom)
}

fn maybe_prefix<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Prefix>, D::Error> {
    a_prefix(value).map(Some)
}

fn maybe_states<'de, D: Deserializer<'de>>(value: D) -> Result<Option<NeighbourState>, D::Error> {
    states(&Vec::<String>::deserialize(value)?).map(Some).map_err(D::Error::custom)
}

fn namespaces<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<NamespaceName>, D::Error> {
    let names = Vec::<String>::deserialize(value)?;
    names.iter().map(|name| namespace(name)).collect::<Result<_, _>>().map_err(D::Error::custom)
}

fn maybe_count<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u16>, D::Error> {
    within(value, 1, MOST_REQUESTS).map(Some)
}

fn maybe_size<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u16>, D::Error> {
    within(value, 0, MOST_BYTES).map(Some)
}

fn a_port<'de, D: Deserializer<'de>>(value: D) -> Result<u16, D::Error> {
    within(value, 1, u16::MAX)
}

pub(super) fn maybe_port<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u16>, D::Error> {
    a_port(value).map(Some)
}

/// A number of this range.
fn within<'de, D: Deserializer<'de>>(value: D, least: u16, most: u16) -> Result<u16, D::Error> {
    let number = i64::deserialize(value)?;
    let fits = u16::try_from(number).ok().filter(|number| (least..=most).contains(number));
    fits.ok_or_else(|| {
        D::Error::custom(format!("{number} cannot stand here: write a number from {least} to {most}"))
    })
}

fn maybe_refusal<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Refusal>, D::Error> {
    let name = String::deserialize(value)?;
    let known = Refusal::NAMED.map(Refusal::name).join(", ");
    match Refusal::NAMED.into_iter().find(|refusal| refusal.name() == name) {
        Some(refusal) => Ok(Some(refusal)),
        None => Err(D::Error::custom(format!("'{name}' is no way to be refused: write one of {known}"))),
    }
}

fn a_filter<'de, D: Deserializer<'de>>(value: D) -> Result<SeenFilter, D::Error> {
    let text = String::deserialize(value)?;
    match Filter::parse(&text, LinkType::Ethernet) {
        Ok(filter) => Ok(SeenFilter { text, filter }),
        Err(error) => Err(D::Error::custom(format!(
            "'{text}' is no filter of tcpdump ({error}): write one as in pcap-filter(7), such as 'icmp and host 10.0.0.2'"
        ))),
    }
}
