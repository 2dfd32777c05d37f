//! Routers in a line between two hosts.

use super::echo::Pinger;
use super::floor::Forwarding;
use super::{End, Result, add_route, connect, set};
use std::net::Ipv4Addr;
use vethlab_shared::change::{Change, Modify};
use vethlab_shared::event::Hook;
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::netfilter::{
    ChainKind, ChainSpec, Compare, Comparison, ConntrackMatch, Counters, CtState, Expression, Match, Payload,
    PayloadBase, Register, RulePlace, RuleSpec, RuleVerdict, RulesetChange, TableId,
};
use vethlab_shared::prefix::Ipv4Prefix;
use vethlab_shared::stack::NetworkStack;

/// A line of namespaces: the first and the last are hosts, those between are routers with static routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    /// How many routers, 0 to 250.
    pub routers: usize,
    /// How many more routes each namespace has, none of which the packets take.
    pub filler: usize,
    /// How many rules the chain FORWARD of each router has, none of which fits the packets; `None` is no table at all.
    pub rules: Option<usize>,
    /// The routers track connections.
    pub tracked: bool,
}

/// The link towards the first namespace of the line; the first one has none.
const LEFT: &str = "left";
/// The link towards the last namespace.
const RIGHT: &str = "right";
/// Bits of every prefix of the line.
const LENGTH: u8 = 24;

impl Chain {
    /// Makes the network.
    ///
    /// # Errors
    /// The stack refuses it.
    pub fn build(&self, stack: &mut dyn NetworkStack) -> Result<()> {
        let last = self.routers + 1;
        for node in 0..=last {
            stack.apply(&NamespaceName::HOST, &Change::AddNamespace(name(node)))?;
        }
        for node in 0..last {
            let (near, far) = (name(node), name(node + 1));
            // Loopback has index 1; a router's link to the left was made before that to the right.
            let right = IfIndex(if node == 0 { 2 } else { 3 });
            let near = End { namespace: &near, link: RIGHT, index: right, address: address(node, 1) };
            let far = End { namespace: &far, link: LEFT, index: IfIndex(2), address: address(node, 2) };
            connect(stack, &near, &far, LENGTH)?;
        }
        for node in 0..=last {
            if node > 0 && node < last {
                set(stack, &name(node), "ip_forward", "1")?;
                self.filter(stack, &name(node))?;
            }
            set(stack, &name(node), "ip_default_ttl", "255")?;
            for (destination, next) in self.routes(node) {
                let gateway = if next > node { address(node, 2) } else { address(next, 1) };
                add_route(stack, &name(node), destination, gateway)?;
            }
        }
        Ok(())
    }

    /// Gives a router its rules.
    fn filter(&self, stack: &mut dyn NetworkStack, router: &NamespaceName) -> Result<()> {
        let Some(count) = self.rules else { return Ok(()) };
        let table = TableId::ip("filter");
        let base = Some((ChainKind::Filter, Hook::Forward, 0));
        let chain = ChainSpec { base, ..ChainSpec::new("FORWARD") };
        let how = Modify::CREATE;
        let mut changes = vec![
            RulesetChange::AddTable { how, table: table.clone() },
            RulesetChange::AddChain { how, table: table.clone(), chain },
        ];
        let tracking = self.tracked.then(|| {
            let states = Some(CtState::INVALID);
            let wanted = ConntrackMatch { states, ..ConntrackMatch::default() };
            vec![
                Expression::Match(Match::Conntrack(Box::new(wanted))),
                Expression::Verdict(RuleVerdict::Drop),
            ]
        });
        let others = (0..count as u32).map(|number| stranger(Ipv4Addr::from_bits((30 << 24) + number)));
        changes.extend(tracking.into_iter().chain(others).map(|expressions| RulesetChange::AddRule {
            table: table.clone(),
            chain: "FORWARD".to_owned(),
            place: RulePlace::Last,
            rule: RuleSpec { expressions, ..RuleSpec::default() },
        }));
        stack.apply(router, &Change::Ruleset(changes))?;
        Ok(())
    }

    /// Opens the first host's socket, which asks the last one.
    ///
    /// # Errors
    /// The stack refuses it.
    pub fn pinger(&self, stack: &mut dyn NetworkStack) -> Result<Pinger> {
        Pinger::open(stack, &name(0), self.target())
    }

    /// How many wires a request and its reply cross.
    pub fn hops_a_ping(&self) -> u64 {
        2 * (self.routers as u64 + 1)
    }

    /// The least that the same pings take.
    pub fn floor(&self) -> Forwarding {
        let mut forwarding = Forwarding::default();
        for node in 0..self.routers + 2 {
            let connected = self.neighbours(node).map(|next| (network(node.min(next)), next));
            forwarding.add_node(connected.chain(self.routes(node)));
        }
        forwarding
    }

    /// The ends of a ping of the floor: nodes with their addresses.
    pub fn ends(&self) -> [(usize, Ipv4Addr); 2] {
        [(0, address(0, 1)), (self.routers + 1, self.target())]
    }

    fn target(&self) -> Ipv4Addr {
        address(self.routers, 2)
    }

    fn neighbours(&self, node: usize) -> impl Iterator<Item = usize> {
        let right = (node <= self.routers).then_some(node + 1);
        node.checked_sub(1).into_iter().chain(right)
    }

    /// The static routes of a node: where to, and the next node.
    fn routes(&self, node: usize) -> impl Iterator<Item = (Ipv4Prefix, usize)> {
        let last = self.routers + 1;
        let to_last = (node + 1 < last).then(|| (network(self.routers), node + 1));
        let to_first = (node > 1).then(|| (network(0), node - 1));
        let next = if node == 0 { 1 } else { node - 1 };
        let filler = (0..self.filler as u32).map(move |number| {
            (Ipv4Prefix::new(Ipv4Addr::from_bits((20 << 24) + (number << 8)), LENGTH), next)
        });
        to_last.into_iter().chain(to_first).chain(filler)
    }
}

/// A rule that drops what an address sends (`iptables -s ADDRESS -j DROP`).
fn stranger(address: Ipv4Addr) -> Vec<Expression> {
    let from = Payload { base: PayloadBase::Network, offset: 12, length: 4 };
    let (register, value) = (Register(0), address.octets().into());
    vec![
        Expression::Payload { from, to: register },
        Expression::Compare(Compare { register, comparison: Comparison::Equal, value }),
        Expression::Counter(Counters::default()),
        Expression::Verdict(RuleVerdict::Drop),
    ]
}

fn name(node: usize) -> NamespaceName {
    NamespaceName::new(&format!("n{node}")).expect("a valid name")
}

/// The prefix between a node and the one to its right.
fn network(left: usize) -> Ipv4Prefix {
    Ipv4Prefix::new(address(left, 0), LENGTH)
}

/// An address on the wire between a node and the one to its right: 1 is the left end, 2 the right one.
fn address(left: usize, end: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, u8::try_from(left).expect("at most 250 routers"), end)
}
