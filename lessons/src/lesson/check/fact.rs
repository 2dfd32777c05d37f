//! The kinds of fact that a check can name, as the lesson's file writes them.

use super::network;
use crate::lesson::Learner;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use std::net::Ipv4Addr;
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::prefix::Prefix;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::NeighbourState;

/// One fact, of the network or of the learner.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fact {
    Namespace(NamespaceFact),
    Link(LinkFact),
    Address(AddressFact),
    RouteTo(RouteToFact),
    Route(RouteFact),
    Neighbour(NeighbourFact),
    Ping(PingFact),
    Sysctl(SysctlFact),
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
        #[serde(default = "yes")]
        exists: bool,
    }
}
fact! {
    /// `ping = "192.168.1.1"`: one echo request is answered, or is not.
    PingFact {
        ping: Ipv4Addr,
        #[serde(default = "yes")]
        succeed: bool,
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
    /// `answered = true`: the learner answered the step's question.
    AnsweredFact {
        answered: bool,
    }
}
fact! {
    /// `looked = ["ip link"]`: the learner saw what these commands print.
    LookedFact {
        looked: Vec<String>,
    }
}

impl Fact {
    /// Reads a fact: its kind is the one key of the table that names a kind.
    pub(super) fn read(table: toml::Table) -> Result<Fact, String> {
        type Reader = fn(toml::Table) -> Result<Fact, String>;
        const KINDS: [(&str, Reader); 10] = [
            ("namespace", |table| typed(table).map(Fact::Namespace)),
            ("link", |table| typed(table).map(Fact::Link)),
            ("address", |table| typed(table).map(Fact::Address)),
            ("route_to", |table| typed(table).map(Fact::RouteTo)),
            ("route", |table| typed(table).map(Fact::Route)),
            ("neighbour", |table| typed(table).map(Fact::Neighbour)),
            ("ping", |table| typed(table).map(Fact::Ping)),
            ("sysctl", |table| typed(table).map(Fact::Sysctl)),
            ("answered", |table| typed(table).map(Fact::Answered)),
            ("looked", |table| typed(table).map(Fact::Looked)),
        ];
        match KINDS.iter().find(|(key, _)| table.contains_key(*key)) {
            Some((_, read)) => read(table),
            None => Err(format!("a check needs one of {}", KINDS.map(|(key, _)| key).join(", "))),
        }
    }

    /// Whether it is true now. What a stack refuses to tell is not true.
    pub(super) fn holds(
        &self,
        namespace: &NamespaceName,
        stack: &mut dyn NetworkStack,
        learner: &Learner,
    ) -> bool {
        let mut network = network::Reader { namespace, stack };
        let answer = match self {
            Fact::Namespace(fact) => network.namespace(fact),
            Fact::Link(fact) => network.link(fact),
            Fact::Address(fact) => network.address(fact),
            Fact::RouteTo(fact) => network.route_to(fact),
            Fact::Route(fact) => network.route(fact),
            Fact::Neighbour(fact) => network.neighbour(fact),
            Fact::Ping(fact) => network.ping(fact),
            Fact::Sysctl(fact) => network.sysctl(fact),
            Fact::Answered(fact) => Ok(learner.has_answered() == fact.answered),
            Fact::Looked(fact) => {
                Ok(fact.looked.iter().all(|command| learner.has_looked(namespace, command)))
            }
        };
        answer.unwrap_or(false)
    }
}

fn typed<T: DeserializeOwned>(table: toml::Table) -> Result<T, String> {
    T::deserialize(table).map_err(|error| error.message().to_owned())
}

fn yes() -> bool {
    true
}

/// A namespace as a lesson names it: `host` is the one that plays the machine.
pub(crate) fn namespace(name: &str) -> Result<NamespaceName, String> {
    match name {
        "host" => Ok(NamespaceName::HOST),
        _ => NamespaceName::new(name).map_err(|_| format!("'{name}' cannot be the name of a namespace")),
    }
}

/// A prefix as a lesson writes it: `192.168.1.0/24`, `192.168.1.1` for that address alone, or `default`.
fn prefix(text: &str) -> Result<Prefix, String> {
    let wrong = || format!("'{text}' is no prefix: write it as '192.168.1.0/24' or 'default'");
    if text == "default" {
        return Ok(Prefix::DEFAULT);
    }
    let (address, length) = text.split_once('/').unwrap_or((text, "32"));
    let address = address.parse().map_err(|_| wrong())?;
    let length = length.parse().ok().filter(|length| *length <= 32).ok_or_else(wrong)?;
    Ok(Prefix::new(address, length))
}

/// One bit for each state named, with the names that `ip neigh` prints.
fn states(names: &[String]) -> Result<NeighbourState, String> {
    names.iter().try_fold(NeighbourState::empty(), |states, name| {
        let name = if name == "NOARP" { "NO_ARP" } else { name };
        match NeighbourState::from_name(name) {
            Some(state) => Ok(states | state),
            None => Err(format!("'{name}' is no state of a neighbour: write it as 'ip neigh' prints it")),
        }
    })
}

fn a_namespace<'de, D: Deserializer<'de>>(value: D) -> Result<NamespaceName, D::Error> {
    namespace(&String::deserialize(value)?).map_err(D::Error::custom)
}

fn maybe_namespace<'de, D: Deserializer<'de>>(value: D) -> Result<Option<NamespaceName>, D::Error> {
    a_namespace(value).map(Some)
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
