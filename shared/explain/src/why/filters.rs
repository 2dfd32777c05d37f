//! Packets that a rule of the packet filter, or the policy of a chain, did not let pass.

use super::case::{Case, Leg};
use super::cause::Cause;
use super::evidence::Fact;
use super::fault::Fault;
use super::mend::{Fix, Mend};
use super::trail::{Hop, Kin};
use std::net::IpAddr;
use vethlab_shared::event::{Event, EventKind, PacketId};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::netfilter::{CtState, RuleVerdict, TableFamily, TableId};
use vethlab_shared::wire::ipv4::protocol;

/// The words by which `iptables` asks for what belongs to a connection that is known.
const KNOWN: &str = "-m conntrack --ctstate RELATED,ESTABLISHED";

/// What dropped a packet.
struct Culprit<'e> {
    table: &'e TableId,
    chain: &'e str,
    /// The rule's number in its chain; `None` is the chain's policy.
    number: Option<u32>,
    /// What the packet was to its connection.
    state: Option<CtState>,
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

/// The words by which `iptables` asks for packets such as one: from whom and to whom, of which protocol, to which port.
fn like(
    source: Option<IpAddr>,
    destination: Option<IpAddr>,
    number: Option<u8>,
    port: Option<u16>,
) -> String {
    let mut words = Vec::new();
    words.extend(source.map(|source| format!("-s {source}")));
    words.extend(destination.map(|destination| format!("-d {destination}")));
    words.extend(match number {
        Some(protocol::ICMP) => Some("-p icmp".to_owned()),
        Some(protocol::TCP) => Some("-p tcp".to_owned()),
        Some(protocol::UDP) => Some("-p udp".to_owned()),
        _ => None,
    });
    words.extend(port.map(|port| format!("--dport {port}")));
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
        let invalid = culprit.state == Some(CtState::INVALID);
        let cause = if invalid { Cause::ConntrackInvalid } else { Cause::Filtered };
        let mut fault = Fault::new(cause, here).seen(here, culprit.fact());
        if invalid {
            fault = fault.seen(here, Fact::Invalid { event: culprit.event });
        }
        let does = if self.is_rejected(leg.life.packet) { "rejected" } else { "dropped" };
        let fault = match culprit.number {
            Some(number) => {
                let shown = culprit.iptables(format_args!("-S {chain} {number}"));
                let shows = if culprit.is_of_iptables() { format!(" '{shown}' shows it.") } else { String::new() };
                fault.told(format!(
                    "In {here} rule {number} of the chain {chain} in the table {table} {does} the {what}.{shows}"
                ))
            }
            None => fault.told(format!(
                "In {here} no rule of the chain {chain} in the table {table} decided on the {what}, and the chain's \
                 policy is to drop."
            )),
        };
        let let_pass = self.let_pass(leg, hop, &culprit);
        let fault = if invalid { self.seen_by_halves(leg, here, fault) } else { fault };
        fault.or_by_all(let_pass)
    }

    /// Whether whoever sent a packet was told that a rule does not let it pass.
    fn is_rejected(&self, packet: PacketId) -> bool {
        let told = |event: &&&Event| matches!(event.kind, EventKind::IcmpSend { .. });
        self.trails.events_of(packet).iter().any(|event| told(&event))
            || self.trails.kin(packet, Kin::Continuation).next().is_some()
    }

    /// The rule or the policy that ended a packet.
    fn culprit(&self, packet: PacketId) -> Option<Culprit<'e>> {
        self.trails.events_of(packet).iter().rev().find_map(|event| match &event.kind {
            EventKind::NftTrace { table, chain, rule, ct_state, verdict: RuleVerdict::Drop, .. } => {
                let state = *ct_state;
                Some(Culprit { table, chain, number: *rule, state, event: event.number })
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
        // Where answers are kept back by the same chain, they need a rule too.
        let mut both = Vec::new();
        // Only the table `filter` is there to let packets pass.
        if culprit.table.name == "filter" {
            let place = match culprit.number {
                Some(number) => format!("-I {chain} {number}"),
                None => format!("-A {chain}"),
            };
            if leg.back || leg.informs() {
                propose(format!("{place} {KNOWN} -j ACCEPT"));
            }
            let (source, destination) = match (self.ends_of(leg), hop.way) {
                (Some([(from, _), (to, _)]), _) => (Some(from), Some(to)),
                (None, Some(way)) => (way.source.or_else(|| leg.source()), Some(way.destination)),
                (None, None) => (leg.source(), leg.destination()),
            };
            // An answer goes to a port that was chosen by chance.
            let port = self.ends_of(leg).and_then(|[_, (_, port)]| port).filter(|_| !leg.back);
            let such = like(source, destination, leg.protocol(), port);
            propose(format!("{place} {such} -j ACCEPT"));
            if !leg.back && !leg.informs() {
                both = vec![format!("{place} {such} -j ACCEPT"), format!("{place} {KNOWN} -j ACCEPT")];
            }
        }
        match culprit.number {
            Some(number) => propose(format!("-D {chain} {number}")),
            None => propose(format!("-P {chain} ACCEPT")),
        }
        if !both.is_empty() {
            let both = both.into_iter().map(|words| fix(here, culprit.iptables(words))).collect();
            mends.insert(mends.len() - 1, both);
        }
        mends
    }
}

fn fix(namespace: &NamespaceName, command: String) -> Fix {
    Fix::new(namespace, command)
}
