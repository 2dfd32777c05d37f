//! A routing table of many prefixes: making it, and looking up.

use super::{End, Result, add_route, connect};
use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use vethlab_shared::change::Change;
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::prefix::Ipv4Prefix;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::RouteQuery;

/// How many of a hundred prefixes have which length, about as in the Internet's routing tables.
const LENGTHS: [(u8, u32); 9] =
    [(24, 58), (23, 10), (22, 12), (21, 5), (20, 4), (19, 3), (18, 2), (17, 1), (16, 5)];

/// The routes' gateways: which one it is tells whether a lookup found the right route.
const GATEWAYS: u32 = 100;

/// Prefixes, all different, and where to draw addresses from.
#[derive(Debug)]
pub struct Table {
    namespace: NamespaceName,
    prefixes: Vec<Ipv4Prefix>,
    inserted: usize,
    random: Pcg64Mcg,
}

impl Table {
    /// Draws so many prefixes, the same ones each time, and one more to be written at the end.
    ///
    /// # Panics
    /// There is no namespace of this name: it is a valid one.
    pub fn draw(count: usize) -> Table {
        let mut random = Pcg64Mcg::seed_from_u64(9);
        let mut seen = BTreeSet::new();
        let mut prefixes = Vec::with_capacity(count + 1);
        while prefixes.len() <= count {
            let mut share = random.next_u32() % 100;
            let (length, _) = *LENGTHS
                .iter()
                .find(|(_, part)| share.checked_sub(*part).map(|rest| share = rest).is_none())
                .expect("the shares make a hundred");
            let prefix = Ipv4Prefix::new(Ipv4Addr::from_bits(random.next_u32()), length).network();
            let first = prefix.address.octets()[0];
            // 10.0.0.0/8 is the link's, 127.0.0.0/8 loopback's; from 224.0.0.0 on there are groups.
            if (11..224).contains(&first) && first != 127 && seen.insert(prefix) {
                prefixes.push(prefix);
            }
        }
        Table { namespace: NamespaceName::new("table").expect("a valid name"), prefixes, inserted: 0, random }
    }

    /// Makes a namespace with a link, and no route yet other than those that come with its address.
    ///
    /// # Errors
    /// The stack refuses it.
    pub fn build(&self, stack: &mut dyn NetworkStack) -> Result<()> {
        let far = NamespaceName::new("gateways")?;
        for name in [&self.namespace, &far] {
            stack.apply(&NamespaceName::HOST, &Change::AddNamespace(name.clone()))?;
        }
        let index = IfIndex(2);
        let near = End { namespace: &self.namespace, link: "eth0", index, address: [10, 0, 0, 254].into() };
        let far = End { namespace: &far, link: "eth0", index, address: [10, 0, 0, 253].into() };
        Ok(connect(stack, &near, &far, 24)?)
    }

    /// Writes the next routes of the table.
    ///
    /// # Errors
    /// The stack refuses it.
    pub fn insert(&mut self, stack: &mut dyn NetworkStack, count: usize) -> Result<()> {
        for number in self.inserted..self.inserted + count {
            add_route(stack, &self.namespace, self.prefixes[number], gateway(number))?;
        }
        self.inserted += count;
        Ok(())
    }

    /// Addresses to look up, each in a prefix that was drawn uniformly from those that were inserted.
    pub fn addresses(&mut self, count: usize) -> Vec<Ipv4Addr> {
        let inserted = u32::try_from(self.inserted).expect("so many prefixes");
        let draw = |_| {
            let prefix = self.prefixes[(self.random.next_u32() % inserted) as usize];
            let host = self.random.next_u32() & !Ipv4Prefix::mask_bits(prefix.length);
            Ipv4Addr::from_bits(prefix.address.to_bits() | host)
        };
        (0..count).map(draw).collect()
    }

    /// Looks one address up: the gateway.
    ///
    /// # Errors
    /// There is no route, or one without a gateway.
    pub fn look_up(&self, stack: &mut dyn NetworkStack, destination: Ipv4Addr) -> Result<Ipv4Addr> {
        let query =
            RouteQuery { destination: destination.into(), source: None, output: None, input: None, tos: 0 };
        let answer = stack.lookup_route(&self.namespace, &query)?;
        match answer.route.gateway {
            Some(IpAddr::V4(gateway)) => Ok(gateway),
            _ => Err("a route without a gateway".into()),
        }
    }

    /// The prefixes that were inserted, with the number of each one's gateway.
    pub fn routes(&self) -> impl Iterator<Item = (Ipv4Prefix, u16)> {
        let numbered = self.prefixes[..self.inserted].iter().enumerate();
        numbered.map(|(number, prefix)| (*prefix, gateway_number(number)))
    }
}

fn gateway_number(route: usize) -> u16 {
    (route as u32 % GATEWAYS) as u16
}

fn gateway(route: usize) -> Ipv4Addr {
    gateway_address(gateway_number(route))
}

/// The address of a gateway.
pub fn gateway_address(number: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from_be_bytes([10, 0, 0, 1]) + u32::from(number))
}
