//! The floor: the least that a workload takes, written with plain arrays and nothing else. What is measured is told as
//! a multiple of it. It is no network stack: it knows no neighbours, no events, no errors.

use super::frame::LENGTH;
use super::setup;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::Ipv4Addr;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::prefix::Ipv4Prefix;

const TTL: usize = 22;
const IP_CHECKSUM: usize = 24;
const SOURCE: usize = 26;
const DESTINATION: usize = 30;
const ICMP: usize = 34;
const ICMP_CHECKSUM: usize = 36;
const ECHO_REQUEST: u8 = 8;
const ECHO_REPLY: u8 = 0;

/// A routing table as sorted ranges: a lookup is a binary search.
#[derive(Clone, Debug)]
pub struct Ranges {
    starts: Vec<u32>,
    values: Vec<u32>,
}

impl Ranges {
    /// The table of these prefixes and what is found for them; 0 is found where there is none.
    pub fn new(routes: impl IntoIterator<Item = (Ipv4Prefix, usize)>) -> Ranges {
        let mut routes: Vec<(Ipv4Prefix, usize)> = routes.into_iter().collect();
        routes.sort_by_key(|(prefix, _)| prefix.length);
        let mut ranges = BTreeMap::from([(0, 0)]);
        // A longer prefix is painted over a shorter one.
        for (prefix, value) in routes {
            let (first, last) = (prefix.network().address.to_bits(), prefix.broadcast().to_bits());
            if let Some(behind) = last.checked_add(1) {
                let under = *ranges.range(..=behind).next_back().expect("0 is there").1;
                ranges.entry(behind).or_insert(under);
            }
            let covered: Vec<u32> = ranges.range(first..=last).map(|(start, _)| *start).collect();
            for start in covered {
                ranges.remove(&start);
            }
            ranges.insert(first, value as u32);
        }
        Ranges { starts: ranges.keys().copied().collect(), values: ranges.into_values().collect() }
    }

    /// What is found for an address.
    pub fn look_up(&self, address: u32) -> u32 {
        self.values[self.starts.partition_point(|start| *start <= address) - 1]
    }
}

/// A routing table with an entry for each of the first 24 bits: a lookup is one read. Made for prefixes of at most 24
/// bits.
#[derive(Debug)]
pub struct Direct(Vec<u16>);

impl Direct {
    /// The table of these prefixes and what is found for them; 0 is found where there is none.
    ///
    /// # Panics
    /// A prefix is longer than 24 bits.
    pub fn new(routes: impl IntoIterator<Item = (Ipv4Prefix, u16)>) -> Direct {
        let mut routes: Vec<(Ipv4Prefix, u16)> = routes.into_iter().collect();
        routes.sort_by_key(|(prefix, _)| prefix.length);
        let mut table = vec![0; 1 << 24];
        for (prefix, value) in routes {
            assert!(prefix.length <= 24, "{prefix} is longer than 24 bits");
            let slot = |address: Ipv4Addr| (address.to_bits() >> 8) as usize;
            table[slot(prefix.network().address)..=slot(prefix.broadcast())].fill(value);
        }
        Direct(table)
    }

    /// What is found for an address.
    pub fn look_up(&self, address: u32) -> u16 {
        self.0[(address >> 8) as usize]
    }
}

/// Nodes with routing tables, and a queue of frames. A hop copies the frame, looks its destination up, takes one from
/// its time to live, puts its checksum right, and puts it into the queue. Who sends builds a whole frame, and who
/// receives sums it up.
#[derive(Debug)]
pub struct Forwarding {
    nodes: Vec<Ranges>,
    queue: VecDeque<(usize, [u8; LENGTH])>,
    sequence: u16,
}

impl Default for Forwarding {
    fn default() -> Forwarding {
        Forwarding { nodes: Vec::new(), queue: VecDeque::with_capacity(16), sequence: 0 }
    }
}

impl Forwarding {
    /// Adds a node with these routes, each to another node.
    pub fn add_node(&mut self, routes: impl IntoIterator<Item = (Ipv4Prefix, usize)>) {
        self.nodes.push(Ranges::new(routes));
    }

    /// An echo request from the first end to the second, and the reply: how many hops they took. An end is a node with
    /// its address.
    pub fn ping(&mut self, ends: [(usize, Ipv4Addr); 2]) -> u64 {
        let [(from, source), (to, destination)] = ends;
        self.sequence = self.sequence.wrapping_add(1);
        let request = echo(ECHO_REQUEST, source, destination, self.sequence);
        let hops = self.travel(from, to, request);
        let reply = echo(ECHO_REPLY, destination, source, self.sequence);
        hops + self.travel(to, from, reply)
    }

    fn travel(&mut self, from: usize, to: usize, frame: [u8; LENGTH]) -> u64 {
        let kind = frame[ICMP];
        self.transmit(from, frame);
        let mut hops = 1;
        while let Some((node, frame)) = self.queue.pop_front() {
            if node == to {
                assert!(verify(&frame, kind), "a frame is not as it was built");
                continue;
            }
            self.transmit(node, frame);
            hops += 1;
        }
        hops
    }

    fn transmit(&mut self, node: usize, mut frame: [u8; LENGTH]) {
        let destination = u32::from_be_bytes(frame[DESTINATION..ICMP].try_into().expect("four bytes"));
        let next = self.nodes[node].look_up(destination) as usize;
        frame[TTL] -= 1;
        // RFC 1141: the header's sum is less by 0x100.
        let sum = u32::from(u16::from_be_bytes([frame[IP_CHECKSUM], frame[IP_CHECKSUM + 1]])) + 0x100;
        let checksum = (sum + (sum >> 16)) as u16;
        frame[IP_CHECKSUM..SOURCE].copy_from_slice(&checksum.to_be_bytes());
        self.queue.push_back((next, frame));
    }
}

/// Writes an echo request with 56 bytes of data from 10.0.0.1 to 10.0.0.2.
pub fn request(sequence: u16) -> [u8; LENGTH] {
    echo(ECHO_REQUEST, Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2), sequence)
}

/// Writes an echo message with 56 bytes of data, its time to live 255, with both checksums.
fn echo(kind: u8, source: Ipv4Addr, destination: Ipv4Addr, sequence: u16) -> [u8; LENGTH] {
    let mut frame = [0; LENGTH];
    frame[..14].copy_from_slice(&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0]);
    frame[14..SOURCE].copy_from_slice(&[0x45, 0, 0, 84, 0, 0, 0x40, 0, 255, 1, 0, 0]);
    frame[SOURCE..DESTINATION].copy_from_slice(&source.octets());
    frame[DESTINATION..ICMP].copy_from_slice(&destination.octets());
    frame[ICMP..ICMP + 6].copy_from_slice(&[kind, 0, 0, 0, 0, 7]);
    frame[ICMP + 6..ICMP + 8].copy_from_slice(&sequence.to_be_bytes());
    let header = !sum(&frame[14..ICMP]);
    frame[IP_CHECKSUM..SOURCE].copy_from_slice(&header.to_be_bytes());
    let message = !sum(&frame[ICMP..]);
    frame[ICMP_CHECKSUM..ICMP_CHECKSUM + 2].copy_from_slice(&message.to_be_bytes());
    frame
}

/// Whether it is an echo request whose checksums are right.
pub fn verify_request(frame: &[u8; LENGTH]) -> bool {
    verify(frame, ECHO_REQUEST)
}

fn verify(frame: &[u8; LENGTH], kind: u8) -> bool {
    frame[12..15] == [8, 0, 0x45]
        && frame[ICMP] == kind
        && sum(&frame[14..ICMP]) == 0xffff
        && sum(&frame[ICMP..]) == 0xffff
}

/// The ones' complement sum of an even number of bytes (RFC 1071).
fn sum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks_exact(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])));
    let sum: u32 = words.sum();
    let sum = (sum & 0xffff) + (sum >> 16);
    (sum + (sum >> 16)) as u16
}

/// A link of [`Records`].
#[derive(Debug)]
struct Link {
    _name: String,
    _address: MacAddress,
    _peer: usize,
    _up: bool,
    _addresses: Vec<(Ipv4Addr, u8)>,
}

/// A namespace of [`Records`].
#[derive(Debug, Default)]
struct Namespace {
    links: Vec<Link>,
    routes: Vec<(Ipv4Prefix, Option<Ipv4Addr>)>,
}

/// What must be written down of a star of namespaces: names, links, addresses and routes, in vectors.
#[derive(Debug)]
pub struct Records {
    by_name: HashMap<String, usize>,
    namespaces: Vec<Namespace>,
}

impl Default for Records {
    /// The center alone.
    fn default() -> Records {
        let by_name = HashMap::from([("center".to_owned(), 0)]);
        Records { by_name, namespaces: vec![Namespace::default()] }
    }
}

impl Records {
    /// Writes as many namespaces more.
    pub fn grow(&mut self, count: usize) {
        for _ in 0..count {
            let (id, number) = (self.namespaces.len(), self.namespaces.len() - 1);
            self.by_name.insert(format!("n{number}"), id);
            self.namespaces.push(Namespace::default());
            for (end, name, peer) in [(id, "eth0".to_owned(), 0), (0, setup::link(number), id)] {
                let address = setup::address(number, if end == id { 2 } else { 1 });
                let [a, b, c, d] = address.octets();
                let namespace = &mut self.namespaces[end];
                namespace.links.push(Link {
                    _name: name,
                    _address: MacAddress([2, 0, a, b, c, d]),
                    _peer: peer,
                    _up: true,
                    _addresses: vec![(address, 30)],
                });
                // What an address brings: its prefix, itself, and its broadcast address.
                let network = setup::network(number);
                let local = [network, Ipv4Prefix::host(address), Ipv4Prefix::host(network.broadcast())];
                namespace.routes.extend(local.map(|prefix| (prefix, None)));
            }
            self.namespaces[id].routes.push((Ipv4Prefix::DEFAULT, Some(setup::address(number, 1))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::chain::Chain;
    use crate::workload::{frame, router};

    #[test]
    fn tables_find_the_longest_prefix() {
        let prefix = |a, b, c, length| Ipv4Prefix::new(Ipv4Addr::new(a, b, c, 0), length);
        let routes = [(prefix(10, 1, 2, 24), 3), (prefix(0, 0, 0, 0), 1), (prefix(10, 1, 0, 16), 2)];
        let ranges = Ranges::new(routes);
        let direct = Direct::new(routes.map(|(prefix, value)| (prefix, value as u16)));
        for (address, value) in
            [([10, 1, 2, 9], 3), ([10, 1, 3, 0], 2), ([10, 1, 1, 255], 2), ([9, 9, 9, 9], 1)]
        {
            let address = u32::from_be_bytes(address);
            assert_eq!((ranges.look_up(address), direct.look_up(address)), (value, value as u16));
        }
        assert_eq!(ranges.look_up(u32::MAX), 1);
    }

    #[test]
    fn the_floor_takes_every_hop() {
        for routers in [0, 3] {
            let chain = Chain { routers, filler: 10, rules: None, tracked: false };
            assert_eq!(chain.floor().ping(chain.ends()), chain.hops_a_ping());
        }
        let mut router = router::Floor::new(3);
        assert_eq!([router.ping(), router.ping(), router.ping()], [router::HOPS_A_PING; 3]);
    }

    #[test]
    fn the_floor_builds_the_frame_that_is_built() {
        let built = frame::build(5);
        assert!(frame::verify(&built) && frame::verify(&request(5)) && verify_request(&request(5)));
        assert_eq!(built.len(), LENGTH);
        let mut broken = request(5);
        broken[90] ^= 1;
        assert!(!frame::verify(&broken) && !verify_request(&broken));
    }
}
