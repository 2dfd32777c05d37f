//! Rules that translate addresses, read as far as it takes to say for which packets they are.

use super::evidence::Fact;
use super::listeners::Knocked;
use std::net::IpAddr;
use vethlab_shared::event::{Hook, NatEnd};
use vethlab_shared::netfilter::{
    Bitwise, ChainKind, Compare, Comparison, Expression, Match, MetaKey, NatFlags, NatRange, Payload,
    PayloadBase, Rule, Ruleset, TableId, Target, TcpMatch, UdpMatch,
};
use vethlab_shared::view::SocketProtocol;
use vethlab_shared::wire::ipv4::protocol;

/// A rule that translates one end of packets.
#[derive(Clone, Debug)]
pub(super) struct Translator {
    pub(super) table: TableId,
    pub(super) chain: String,
    /// Its number in its chain, counted from 1.
    pub(super) number: u32,
    /// What it translates to, in the words of `iptables`.
    pub(super) target: String,
    rule: Rule,
}

/// The rules of the base chains at a hook that translate this end of packets, in their order.
pub(super) fn translators(ruleset: &Ruleset, hook: Hook, end: NatEnd) -> Vec<Translator> {
    let mut found = Vec::new();
    for table in &ruleset.tables {
        for chain in &table.chains {
            let is_nat = |base: &vethlab_shared::netfilter::BaseChain| {
                base.kind == ChainKind::Nat && base.hook == hook
            };
            if !chain.base.as_ref().is_some_and(is_nat) {
                continue;
            }
            for (number, rule) in (1..).zip(&chain.rules) {
                if let Some(target) = target_of(rule, end) {
                    let (table, chain, rule) = (table.id.clone(), chain.name.clone(), rule.clone());
                    found.push(Translator { table, chain, number, target, rule });
                }
            }
        }
    }
    found
}

/// What a rule translates this end of packets to.
fn target_of(rule: &Rule, end: NatEnd) -> Option<String> {
    rule.expressions.iter().find_map(|expression| match (expression, end) {
        (Expression::Target(Target::Dnat(range)), NatEnd::Destination) => {
            Some(format!("DNAT --to-destination {}", range_text(range)))
        }
        (Expression::Target(Target::Redirect(range)), NatEnd::Destination) => {
            Some(match range.flags.contains(NatFlags::PROTO_SPECIFIED) {
                true => format!("REDIRECT --to-ports {}", range.first_port),
                false => "REDIRECT".to_owned(),
            })
        }
        (Expression::Target(Target::Snat(range)), NatEnd::Source) => {
            Some(format!("SNAT --to-source {}", range_text(range)))
        }
        (Expression::Target(Target::Masquerade(_)) | Expression::Masquerade(_), NatEnd::Source) => {
            Some("MASQUERADE".to_owned())
        }
        _ => None,
    })
}

/// The first address of a range, and the port where one is named.
fn range_text(range: &NatRange) -> String {
    let address =
        if range.flags.contains(NatFlags::MAP_IPS) { range.first.to_string() } else { String::new() };
    match range.flags.contains(NatFlags::PROTO_SPECIFIED) {
        true => format!("{address}:{}", range.first_port),
        false => address,
    }
}

impl Translator {
    /// It, as evidence; its namespace is known to whoever asks.
    pub(super) fn fact(&self) -> Fact {
        let (table, chain, target) = (self.table.clone(), self.chain.clone(), self.target.clone());
        Fact::NatRule { table, chain, number: self.number, target }
    }

    /// Whether it asks for such packets, links and what else it may ask for aside; for no port in particular it is for none.
    pub(super) fn fits(&self, knocked: &Knocked) -> bool {
        // `iptables` loads everything into one register: what is there is known or not.
        let mut register: Option<Vec<u8>> = None;
        let mut names_port = false;
        for expression in &self.rule.expressions {
            let holds = match expression {
                Expression::Meta { key, .. } => {
                    register = (*key == MetaKey::L4Proto).then(|| vec![number_of(knocked.protocol)]);
                    true
                }
                Expression::Payload { from, .. } => {
                    register = bytes_of(knocked, from);
                    names_port |= register.is_some() && from.base == PayloadBase::Transport;
                    true
                }
                Expression::Bitwise(Bitwise { mask, .. }) => {
                    let kept =
                        |bytes: Vec<u8>| bytes.iter().zip(&mask.0).map(|(byte, mask)| byte & mask).collect();
                    register = register.map(kept);
                    true
                }
                Expression::Compare(Compare { comparison, value, .. }) => match (&register, comparison) {
                    (Some(bytes), Comparison::Equal) => bytes.starts_with(&value.0),
                    (Some(bytes), Comparison::NotEqual) => !bytes.starts_with(&value.0),
                    _ => true,
                },
                Expression::Match(Match::Tcp(TcpMatch { destination, invert, .. })) => {
                    names_port = true;
                    knocked.protocol == SocketProtocol::Tcp && in_span(knocked.port, *destination, *invert)
                }
                Expression::Match(Match::Udp(UdpMatch { destination, invert, .. })) => {
                    names_port = true;
                    knocked.protocol == SocketProtocol::Udp && in_span(knocked.port, *destination, *invert)
                }
                _ => true,
            };
            if !holds {
                return false;
            }
        }
        names_port
    }
}

/// Whether a port is one of these; bit 2 of `invert` turns that round (`XT_TCP_INV_DSTPT`).
fn in_span(port: u16, (first, last): (u16, u16), invert: u8) -> bool {
    (first..=last).contains(&port) != (invert & 2 != 0)
}

fn number_of(spoken: SocketProtocol) -> u8 {
    match spoken {
        SocketProtocol::Tcp => protocol::TCP,
        SocketProtocol::Udp => protocol::UDP,
    }
}

/// The bytes of a packet that are asked for: of its destination address and port; the others are not known.
fn bytes_of(knocked: &Knocked, wanted: &Payload) -> Option<Vec<u8>> {
    let IpAddr::V4(address) = knocked.address else { return None };
    match (wanted.base, wanted.offset, usize::from(wanted.length)) {
        (PayloadBase::Network, 16, length @ 1..=4) => Some(address.octets()[..length].to_vec()),
        (PayloadBase::Transport, 2, 2) => Some(knocked.port.to_be_bytes().to_vec()),
        _ => None,
    }
}
