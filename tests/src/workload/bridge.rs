//! Hosts on one bridge, each of which pings the next.

use super::Result;
use super::echo::Pinger;
use super::floor::Forwarding;
use crate::networks;
use std::net::Ipv4Addr;
use vethlab_shared::change::{
    AddressSpec, BridgeSettings, Change, LinkSettings, Modify, NewLink, NewLinkKind,
};
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::prefix::Ipv4Prefix;
use vethlab_shared::stack::NetworkStack;

/// Bits of the prefix that all hosts are in.
const LENGTH: u8 = 16;
/// The bridge: the machine's link behind loopback.
const BRIDGE: IfIndex = IfIndex(2);

/// So many hosts on one bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch {
    /// How many, from 2 to 1 023: the ports that a bridge may have.
    pub hosts: usize,
}

impl Switch {
    /// Makes the network.
    ///
    /// # Errors
    /// The stack refuses it.
    pub fn build(&self, stack: &mut dyn NetworkStack) -> Result<()> {
        let machine = NamespaceName::HOST;
        let kind =
            NewLinkKind::Bridge(BridgeSettings { mcast_snooping: Some(false), ..BridgeSettings::default() });
        let end = LinkSettings { name: "br0".parse().ok(), ..networks::up() };
        stack.apply(&machine, &Change::AddLink(NewLink { end, kind }))?;
        for number in 0..self.hosts {
            let host = name(number);
            stack.apply(&machine, &Change::AddNamespace(host.clone()))?;
            let index = IfIndex(u32::try_from(number)? + 3);
            let end = LinkSettings { name: format!("p{number}").parse().ok(), ..networks::up() };
            let peer = LinkSettings {
                name: "eth0".parse().ok(),
                namespace: Some(host.clone()),
                ..LinkSettings::default()
            };
            let pair = NewLink { end, kind: NewLinkKind::Veth { peer } };
            stack.apply(&machine, &Change::AddLink(pair))?;
            let port = LinkSettings { master: Some(BRIDGE), ..LinkSettings::default() };
            stack.apply(&machine, &Change::SetLink { link: index, settings: port })?;
            stack.apply(&host, &Change::SetLink { link: IfIndex(2), settings: networks::up() })?;
            let address =
                AddressSpec { prefix_length: LENGTH, ..networks::address(IfIndex(2), address(number)) };
            stack.apply(&host, &Change::AddAddress { how: Modify::ADD, address })?;
        }
        Ok(())
    }

    /// Opens a socket of each host, which asks the next one.
    ///
    /// # Errors
    /// The stack refuses it.
    pub fn pingers(&self, stack: &mut dyn NetworkStack) -> Result<Vec<Pinger>> {
        let open = |number| Pinger::open(stack, &name(number), address(self.next(number)));
        (0..self.hosts).map(open).collect()
    }

    /// How many wires a request and its reply cross.
    pub const HOPS_A_PING: u64 = 4;

    /// The least that the same pings take: the bridge is one more node, which knows each host.
    pub fn floor(&self) -> Forwarding {
        let mut forwarding = Forwarding::default();
        let all = Ipv4Prefix::new(address(0), LENGTH);
        for _ in 0..self.hosts {
            forwarding.add_node([(all, self.hosts)]);
        }
        forwarding.add_node((0..self.hosts).map(|number| (Ipv4Prefix::new(address(number), 32), number)));
        forwarding
    }

    /// The ends of a ping of the floor that a host sends: nodes with their addresses.
    pub fn ends(&self, number: usize) -> [(usize, Ipv4Addr); 2] {
        let next = self.next(number);
        [(number, address(number)), (next, address(next))]
    }

    fn next(&self, number: usize) -> usize {
        (number + 1) % self.hosts
    }
}

fn name(number: usize) -> NamespaceName {
    NamespaceName::new(&format!("h{number}")).expect("a valid name")
}

fn address(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, (number / 250) as u8, (number % 250) as u8 + 1)
}
