//! `nat = "10.0.0.1"`: what the addresses and ports of traffic are before and behind a namespace that translates them.

use super::fact::{a_namespace, maybe_port, yes};
use super::finding::{Answer, Miss};
use super::probe::{Came, Probe, Speaks};
use super::table::Wrong;
use super::traffic::Sender;
use serde::Deserialize;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::netfilter::{ConnectionTuple, ConnectionView, TuplePart};

/// `nat = "10.0.0.1"`: traffic to there is translated.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NatFact {
    pub(super) nat: Ipv4Addr,
    #[serde(default, deserialize_with = "maybe_port")]
    pub(super) port: Option<u16>,
    pub(super) protocol: Option<Speaks>,
    #[serde(default, deserialize_with = "a_namespace")]
    pub(super) translated_in: NamespaceName,
    pub(super) source_becomes: Option<Ipv4Addr>,
    #[serde(default, deserialize_with = "maybe_port")]
    pub(super) source_port_becomes: Option<u16>,
    pub(super) destination_becomes: Option<Ipv4Addr>,
    #[serde(default, deserialize_with = "maybe_port")]
    pub(super) port_becomes: Option<u16>,
    #[serde(default = "yes")]
    pub(super) exists: bool,
}

/// Where packets come from and go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ends {
    source: IpAddr,
    destination: IpAddr,
    ports: Option<(u16, u16)>,
}

/// A connection before and behind its translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Translation {
    before: Ends,
    behind: Ends,
}

impl Translation {
    /// Answers come from where a translated packet goes to, and go to where it comes from.
    fn of(connection: &ConnectionView) -> Translation {
        let ends = |tuple: &ConnectionTuple| Ends {
            source: tuple.source,
            destination: tuple.destination,
            ports: match tuple.part {
                TuplePart::Ports(source, destination) => Some((source, destination)),
                _ => None,
            },
        };
        let (before, answers) = (ends(&connection.original), ends(&connection.reply));
        let behind = Ends {
            source: answers.destination,
            destination: answers.source,
            ports: answers.ports.map(|(source, destination)| (destination, source)),
        };
        Translation { before, behind }
    }
}

impl fmt::Display for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ends { source, destination, ports } = self;
        match ports {
            Some((from, to)) => write!(f, "{source}:{from} > {destination}:{to}"),
            None => write!(f, "{source} > {destination}"),
        }
    }
}

impl fmt::Display for Translation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Translation { before, behind } = self;
        if before == behind {
            return write!(f, "{before} stays as it is");
        }
        write!(f, "{before} becomes {behind}")
    }
}

impl NatFact {
    fn probe(&self) -> Probe {
        Probe::new(self.nat, self.port, self.protocol)
    }

    /// Whether its keys go together.
    pub(super) fn sensible(&self) -> Result<(), Wrong> {
        let probe = self.probe();
        if probe.speaks == Speaks::Icmp && self.source_port_becomes.or(self.port_becomes).is_some() {
            let key = if self.port_becomes.is_some() { "port_becomes" } else { "source_port_becomes" };
            return Err(Wrong::key(key, "ICMP has no ports: leave it out, or add 'port'"));
        }
        probe.sensible()
    }

    /// What should be so, in words.
    pub(super) fn words(&self, namespace: &NamespaceName) -> String {
        let mut becomes = Vec::new();
        let mut add = |what: &str, value: Option<String>| {
            becomes.extend(value.map(|value| format!("its {what} becomes {value}")));
        };
        add("source", self.source_becomes.map(|address| address.to_string()));
        add("source port", self.source_port_becomes.map(|port| port.to_string()));
        add("destination", self.destination_becomes.map(|address| address.to_string()));
        add("port", self.port_becomes.map(|port| port.to_string()));
        let becomes = match becomes.is_empty() {
            true => "it is translated".to_owned(),
            false => becomes.join(", "),
        };
        let not = if self.exists { "" } else { "it is not so that " };
        format!("{} from {namespace}: {not}{becomes} in {}", self.probe(), self.translated_in)
    }

    fn is(&self, Translation { before, behind }: &Translation) -> bool {
        let at = |wanted: Option<Ipv4Addr>, from: IpAddr, found: IpAddr| {
            wanted.is_none_or(|wanted| found == IpAddr::V4(wanted) && found != from)
        };
        let port = |wanted: Option<u16>, found: Option<u16>| wanted.is_none() || wanted == found;
        before != behind
            && at(self.source_becomes, before.source, behind.source)
            && at(self.destination_becomes, before.destination, behind.destination)
            && port(self.source_port_becomes, behind.ports.map(|ports| ports.0))
            && port(self.port_becomes, behind.ports.map(|ports| ports.1))
    }
}

impl Sender<'_> {
    /// Sends, and looks what connection the namespace that translates has known since then.
    pub(super) fn nat(&mut self, fact: &NatFact) -> Answer {
        let (probe, place) = (fact.probe(), &fact.translated_in);
        let known: Vec<ConnectionTuple> = self
            .stack
            .connections(place, Family::Inet)?
            .iter()
            .map(|connection| connection.original)
            .collect();
        let (came, connections) =
            probe.send(self.stack, self.namespace, |stack| stack.connections(place, Family::Inet))?;
        let is_it = |connection: &&ConnectionView| {
            let ConnectionTuple { destination, protocol, part, .. } = connection.original;
            let to = match part {
                TuplePart::Ports(_, to) => Some(to),
                _ => None,
            };
            destination == IpAddr::V4(probe.to)
                && protocol == probe.protocol()
                && to == probe.port
                && !known.contains(&connection.original)
        };
        let found = connections.iter().find(is_it).map(Translation::of);
        let there = found.is_some_and(|translation| fact.is(&translation));
        if there == fact.exists {
            return Ok(None);
        }
        Ok(Some(Miss::found(match (found, came) {
            (Some(translation), _) => translation.to_string(),
            (None, Came::Answered) => format!("it is answered, but {place} tracks no such connection"),
            (None, came) => format!("{came}, and {place} tracks no such connection"),
        })))
    }
}
