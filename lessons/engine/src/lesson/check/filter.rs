//! Facts of the packet filter and of the connections that a namespace tracks.

use super::fact::{maybe_namespace, yes};
use super::finding::{Answer, Miss};
use super::network::Reader;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::net::{IpAddr, Ipv4Addr};
use vethlab_programs::FilterRule;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::netfilter::{ConnectionStatus, ConnectionView, TableId, TcpConntrackState, TuplePart};
use vethlab_shared::wire::ipv4::protocol;

/// `rule = "-p tcp --dport 80 -j ACCEPT"`: a chain has this rule.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFact {
    pub(super) rule: String,
    pub(super) chain: String,
    #[serde(default = "filter")]
    pub(super) table: String,
    pub(super) number: Option<usize>,
    #[serde(default = "yes")]
    pub(super) exists: bool,
}

/// `connection = "tcp"`: such a connection is tracked.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConnectionFact {
    pub(super) connection: Protocol,
    pub(super) source: Option<Ipv4Addr>,
    pub(super) destination: Option<Ipv4Addr>,
    pub(super) port: Option<u16>,
    #[serde(default, deserialize_with = "maybe_state")]
    pub(super) state: Option<TcpConntrackState>,
    pub(super) replied: Option<bool>,
    pub(super) assured: Option<bool>,
    pub(super) source_becomes: Option<Ipv4Addr>,
    pub(super) destination_becomes: Option<Ipv4Addr>,
    pub(super) port_becomes: Option<u16>,
    pub(super) while_pinging: Option<Ipv4Addr>,
    #[serde(default, deserialize_with = "maybe_namespace")]
    pub(super) from: Option<NamespaceName>,
    #[serde(default = "yes")]
    pub(super) exists: bool,
}

/// What a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Protocol {
    Any,
    Icmp,
    Tcp,
    Udp,
}

fn filter() -> String {
    "filter".to_owned()
}

fn maybe_state<'de, D: Deserializer<'de>>(value: D) -> Result<Option<TcpConntrackState>, D::Error> {
    let name = String::deserialize(value)?;
    match TcpConntrackState::ALL.into_iter().find(|state| state.name() == name) {
        Some(state) => Ok(Some(state)),
        None => {
            let known = TcpConntrackState::ALL.map(TcpConntrackState::name).join(", ");
            Err(D::Error::custom(format!("'{name}' is no state of a connection: write one of {known}")))
        }
    }
}

impl RuleFact {
    /// The rule as `iptables` understands it.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn wanted(&self) -> Result<FilterRule, String> {
        FilterRule::new(&self.table, &self.chain, &self.rule)
    }
}

impl ConnectionFact {
    fn is(&self, connection: &ConnectionView) -> bool {
        let ConnectionView { original, reply, status, .. } = connection;
        let has = |bit, wanted: Option<bool>| wanted.is_none_or(|wanted| status.contains(bit) == wanted);
        let at =
            |wanted: Option<Ipv4Addr>, found: IpAddr| wanted.is_none_or(|wanted| found == IpAddr::V4(wanted));
        let becomes = |wanted: Option<Ipv4Addr>, from: IpAddr, found: IpAddr| {
            wanted.is_none() || (at(wanted, found) && from != found)
        };
        let number = match self.connection {
            Protocol::Any => None,
            Protocol::Icmp => Some(protocol::ICMP),
            Protocol::Tcp => Some(protocol::TCP),
            Protocol::Udp => Some(protocol::UDP),
        };
        let port = |wanted: Option<u16>, found: Option<u16>| wanted.is_none() || wanted == found;
        let (to, answers_from) = match (original.part, reply.part) {
            (TuplePart::Ports(_, to), TuplePart::Ports(answers_from, _)) => (Some(to), Some(answers_from)),
            _ => (None, None),
        };
        number.is_none_or(|number| original.protocol == number)
            && at(self.source, original.source)
            && at(self.destination, original.destination)
            && port(self.port, to)
            && self.state.is_none_or(|state| connection.tcp_state == Some(state))
            && has(ConnectionStatus::SEEN_REPLY, self.replied)
            && has(ConnectionStatus::ASSURED, self.assured)
            && becomes(self.source_becomes, original.source, reply.destination)
            && becomes(self.destination_becomes, original.destination, reply.source)
            && port(self.port_becomes, answers_from)
    }

    /// What should be there, in words.
    pub(super) fn words(&self, here: &str) -> String {
        let mut what = match self.connection {
            Protocol::Any => "a connection".to_owned(),
            Protocol::Icmp => "a connection of ICMP".to_owned(),
            Protocol::Tcp => "a connection of TCP".to_owned(),
            Protocol::Udp => "a connection of UDP".to_owned(),
        };
        let mut add = |before: &str, value: Option<String>| {
            what += &value.map(|value| format!(" {before}{value}")).unwrap_or_default();
        };
        add("from ", self.source.map(|address| address.to_string()));
        add("to ", self.destination.map(|address| address.to_string()));
        add("port ", self.port.map(|port| port.to_string()));
        add("in state ", self.state.map(|state| state.name().to_owned()));
        let with = |yes: &str, no: &str, wanted: Option<bool>| {
            wanted.map(|wanted| if wanted { yes.to_owned() } else { no.to_owned() })
        };
        add("", with("with answers", "without answers", self.replied));
        add("", with("that is assured", "that is not assured", self.assured));
        add("whose source becomes ", self.source_becomes.map(|address| address.to_string()));
        add("whose destination becomes ", self.destination_becomes.map(|address| address.to_string()));
        add("whose port becomes ", self.port_becomes.map(|port| port.to_string()));
        add(here, Some(String::new()));
        let from = self.from.as_ref().map_or_else(String::new, |from| format!("{from} "));
        add("while ", self.while_pinging.map(|to| format!("{from}pings {to}")));
        what
    }
}

/// A connection in a few words.
fn told(connection: &ConnectionView) -> String {
    let ConnectionView { original, reply, .. } = connection;
    let state = connection.tcp_state.map(|state| format!(" {}", state.name())).unwrap_or_default();
    let answers = if (reply.source, reply.destination) == (original.destination, original.source) {
        String::new()
    } else {
        format!(", answers {} > {}", reply.source, reply.destination)
    };
    format!("{} > {}{state}{answers}", original.source, original.destination)
}

impl Reader<'_> {
    pub(super) fn rule(&mut self, fact: &RuleFact) -> Answer {
        let ruleset = self.stack.ruleset(self.namespace)?;
        let numbers = fact.wanted().and_then(|rule| rule.numbers(&ruleset));
        let numbers = numbers
            .map_err(|problem| StackError::with_extack(Errno::EINVAL, format!("{}: {problem}", fact.rule)))?;
        let there = fact.number.map_or(!numbers.is_empty(), |number| numbers.contains(&number));
        if there == fact.exists {
            return Ok(None);
        }
        let chain = ruleset.table(&TableId::ip(&fact.table)).and_then(|table| table.chain(&fact.chain));
        Ok(Some(Miss::found(match (there, numbers.first(), chain.map(|chain| chain.rules.len())) {
            (true, ..) => "it is there".to_owned(),
            (false, Some(number), _) => format!("it is number {number}"),
            (false, None, None | Some(0)) => format!("{} has no rules", fact.chain),
            (false, None, Some(1)) => format!("{} has 1 rule, which is another one", fact.chain),
            (false, None, Some(count)) => format!("{} has {count} rules, and none is this one", fact.chain),
        })))
    }

    pub(super) fn connection(&mut self, fact: &ConnectionFact) -> Answer {
        /// So many are named where none fits.
        const MOST: usize = 3;
        let all = self.stack.connections(self.namespace, Family::Inet)?;
        let there = all.iter().any(|connection| fact.is(connection));
        if there == fact.exists {
            return Ok(None);
        }
        let some: Vec<String> = all.iter().take(MOST).map(told).collect();
        let more = all.len() - some.len();
        Ok(Some(Miss::found(match (there, some.is_empty(), more) {
            (true, ..) => "there is one".to_owned(),
            (false, true, _) => "no connection is tracked".to_owned(),
            (false, false, 0) => format!("what is tracked: {}", some.join("; ")),
            (false, false, more) => format!("what is tracked: {}; and {more} more", some.join("; ")),
        })))
    }
}
