//! One router with many links, on each a host that pings the next one.

use super::echo::Pinger;
use super::floor::Forwarding;
use super::setup::{self, Star};
use super::{Result, set};
use std::net::Ipv4Addr;
use vethlab_shared::prefix::Ipv4Prefix;
use vethlab_shared::stack::NetworkStack;

/// How many wires a request and its reply cross.
pub const HOPS_A_PING: u64 = 4;

/// The hosts' sockets, and whose turn it is.
#[derive(Debug)]
pub struct Router {
    pingers: Vec<Pinger>,
    next: usize,
}

impl Router {
    /// Makes the network, and opens a socket on every host.
    ///
    /// # Errors
    /// The stack refuses it.
    pub fn build(stack: &mut dyn NetworkStack, links: usize) -> Result<Router> {
        let mut star = Star::new(stack)?;
        star.grow(stack, links)?;
        set(stack, star.center(), "ip_forward", "1")?;
        let open = |host| Pinger::open(stack, &setup::name(host), setup::address((host + 1) % links, 2));
        Ok(Router { pingers: (0..links).map(open).collect::<Result<_>>()?, next: 0 })
    }

    /// The next host pings the one after it.
    ///
    /// # Errors
    /// Nobody replied.
    pub fn ping(&mut self, stack: &mut dyn NetworkStack) -> Result<()> {
        self.pingers[self.next].ping(stack)?;
        self.next = (self.next + 1) % self.pingers.len();
        Ok(())
    }
}

/// The least that the same pings take.
#[derive(Debug)]
pub struct Floor {
    forwarding: Forwarding,
    links: usize,
    next: usize,
}

impl Floor {
    /// The router is the last node, the hosts are those before it.
    pub fn new(links: usize) -> Floor {
        let mut forwarding = Forwarding::default();
        for host in 0..links {
            forwarding.add_node([(setup::network(host), links), (Ipv4Prefix::DEFAULT, links)]);
        }
        forwarding.add_node((0..links).map(|host| (setup::network(host), host)));
        Floor { forwarding, links, next: 0 }
    }

    /// One ping: how many wires were crossed.
    pub fn ping(&mut self) -> u64 {
        let host = |number: usize| -> (usize, Ipv4Addr) { (number, setup::address(number, 2)) };
        let (from, to) = (self.next, (self.next + 1) % self.links);
        self.next = to;
        self.forwarding.ping([host(from), host(to)])
    }
}
