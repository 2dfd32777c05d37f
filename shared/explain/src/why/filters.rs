//! Packets that a rule of the packet filter, or the policy of a chain, did not let pass.

use super::case::{Case, Leg};
use super::cause::Cause;
use super::evidence::Fact;
use super::fault::Fault;
use super::mend::{Fix, Mend};
use super::trail::Hop;
use std::net::IpAddr;
use vethlab_shared::event::{EventKind, PacketId};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::netfilter::{RuleVerdict, TableFamily, TableId};
use vethlab_shared::wire::Ipv4;
use vethlab_shared::wire::ipv4::protocol;

/// What dropped a packet.
struct Culprit<'e> {
    table: &'e TableId,
    chain: &'e str,
    /// The rule's number in its chain; `None` is the chain's policy.
    number: Option<u32>,
    event: u64,
}

impl Culprit<'_> {
    /// The command of `iptables` for the table.
    fn iptables(&self, rest: impl std::fmt::Display) -> String {
        match self.table.name.as_str() {
            "filter" => format!("iptables {rest}"),
            other => format!("iptables -t {other} {rest}"),
        }
    }

    /// Whether `iptables` made it.
    fn is_of_iptables(&self) -> bool {
        self.table.family == TableFamily::Ip
    }

    fn fact(&self) -> Fact {
        Fact::Rule {
            event: self.event,
            table: self.table.clone(),
            chain: self.chain.to_owned(),
            number: self.number,
        }
    }
}

/// The words by which `iptables` asks for packets such as one.
fn like(source: Option<IpAddr>, destination: Option<IpAddr>, number: Option<u8>) -> String {
    let mut words = Vec::new();
    words.extend(source.map(|source| format!("-s {source}")));
    words.extend(destination.map(|destination| format!("-d {destination}")));
    words.extend(match number {
        Some(protocol::ICMP) => Some("-p icmp".to_owned()),
        Some(protocol::TCP) => Some("-p tcp".to_owned()),
        Some(protocol::UDP) => Some("-p udp".to_owned()),
        _ => None,
    });
    words.join(" ")
}

impl<'e> Case<'e, '_> {
    /// A hook did not let the packet pass.
    pub(super) fn filtered(&mut self, leg: &Leg<'e>, hop: &Hop<'e>) -> Fault {
        let here = hop.namespace;
        let Some(culprit) = self.culprit(leg.life.packet) else {
            return Fault::new(Cause::Filtered, here).told(format!(
                "There a rule of the packet filter dropped the {}. 'iptables -L -n -v' in {here} shows the rules; one \
                 of them fits this packet.",
                leg.name()
            ));
        };
        let (chain, table) = (culprit.chain, &culprit.table.name);
        let what = leg.name();
        let fault = Fault::new(Cause::Filtered, here).seen(here, culprit.fact());
        let fault = match culprit.number {
            Some(number) => {
                let shown = culprit.iptables(format_args!("-S {chain} {number}"));
                let shows = if culprit.is_of_iptables() { format!(" '{shown}' shows it.") } else { String::new() };
                fault.told(format!(
                    "In {here} rule {number} of the chain {chain} in the table {table} dropped the {what}.{shows}"
                ))
            }
            None => fault.told(format!(
                "In {here} no rule of the chain {chain} in the table {table} decided on the {what}, and the chain's \
                 policy is to drop."
            )),
        };
        fault.or_by_all(self.let_pass(leg, hop, &culprit))
    }

    /// The rule or the policy that ended a packet.
    fn culprit(&self, packet: PacketId) -> Option<Culprit<'e>> {
        self.trails.events_of(packet).iter().rev().find_map(|event| match &event.kind {
            EventKind::NftTrace { table, chain, rule, verdict: RuleVerdict::Drop, .. } => {
                Some(Culprit { table, chain, number: *rule, event: event.number })
            }
            _ => None,
        })
    }

    /// What may let it pass: a rule for such packets alone first, then one without the rule that is in the way.
    fn let_pass(&mut self, leg: &Leg<'e>, hop: &Hop<'e>, culprit: &Culprit<'e>) -> Vec<Mend> {
        if !culprit.is_of_iptables() {
            return Vec::new();
        }
        let here = hop.namespace;
        let chain = culprit.chain;
        let mut mends = Vec::new();
        let mut propose = |words: String| mends.push(vec![fix(here, culprit.iptables(words))]);
        // Only the table `filter` is there to let packets pass.
        if culprit.table.name == "filter" {
            let place = match culprit.number {
                Some(number) => format!("-I {chain} {number}"),
                None => format!("-A {chain}"),
            };
            if leg.back || leg.informs() {
                propose(format!("{place} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"));
            }
            let (source, destination) = match hop.way {
                Some(way) => (way.source.or_else(|| leg.source()), Some(way.destination)),
                None => (leg.source(), leg.destination()),
            };
            let mut frames = leg.life.hops.iter().flat_map(|hop| [&hop.input, &hop.output]).flatten();
            let number = frames.find_map(|(_, frame)| frame.ipv4()).map(Ipv4::protocol);
            let such = like(source, destination, number);
            propose(format!("{place} {such} -j ACCEPT"));
        }
        match culprit.number {
            Some(number) => propose(format!("-D {chain} {number}")),
            None => propose(format!("-P {chain} ACCEPT")),
        }
        mends
    }
}

fn fix(namespace: &NamespaceName, command: String) -> Fix {
    Fix::new(namespace, command)
}
