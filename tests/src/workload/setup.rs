//! Namespaces around a central one, each with a veth pair to it: what it takes to make them.

use super::{End, Result, add_route, connect};
use std::net::Ipv4Addr;
use vethlab_shared::change::Change;
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::prefix::Ipv4Prefix;
use vethlab_shared::stack::NetworkStack;

/// Bits of the prefix on each pair: two hosts, the network and the broadcast address.
const LENGTH: u8 = 30;

/// A star that grows.
#[derive(Debug)]
pub struct Star {
    center: NamespaceName,
    made: usize,
}

impl Star {
    /// Makes the namespace in the middle.
    ///
    /// # Errors
    /// The stack refuses it.
    pub fn new(stack: &mut dyn NetworkStack) -> Result<Star> {
        let center = NamespaceName::new("center")?;
        stack.apply(&NamespaceName::HOST, &Change::AddNamespace(center.clone()))?;
        Ok(Star { center, made: 0 })
    }

    /// Makes as many namespaces more: a veth pair each, up, with an address at both ends and a default route.
    ///
    /// # Errors
    /// The stack refuses it.
    pub fn grow(&mut self, stack: &mut dyn NetworkStack, count: usize) -> Result<()> {
        for number in self.made..self.made + count {
            let host = name(number);
            stack.apply(&NamespaceName::HOST, &Change::AddNamespace(host.clone()))?;
            let link = link(number);
            let near = End { namespace: &host, link: "eth0", index: IfIndex(2), address: address(number, 2) };
            // Loopback has index 1.
            let index = IfIndex(u32::try_from(number + 2)?);
            let far = End { namespace: &self.center, link: &link, index, address: address(number, 1) };
            connect(stack, &near, &far, LENGTH)?;
            add_route(stack, &host, Ipv4Prefix::DEFAULT, address(number, 1))?;
        }
        self.made += count;
        Ok(())
    }

    /// The namespace in the middle.
    pub fn center(&self) -> &NamespaceName {
        &self.center
    }
}

/// The name of a namespace of the star.
pub fn name(number: usize) -> NamespaceName {
    NamespaceName::new(&format!("n{number}")).expect("a valid name")
}

/// The link of the center that goes to a namespace.
pub fn link(number: usize) -> String {
    format!("v{number}")
}

/// The prefix of a pair.
pub fn network(number: usize) -> Ipv4Prefix {
    Ipv4Prefix::new(address(number, 0), LENGTH)
}

/// An address on a pair: 1 is the center's, 2 the namespace's.
///
/// # Panics
/// There are more pairs than 10.0.0.0/8 has room for.
pub fn address(number: usize, end: u8) -> Ipv4Addr {
    let offset = u32::try_from(number).ok().and_then(|number| number.checked_mul(4)).expect("so many pairs");
    assert!(offset < 1 << 24, "10.0.0.0/8 has room for 4 194 304 pairs");
    Ipv4Addr::from_bits((10 << 24) + offset + u32::from(end))
}
