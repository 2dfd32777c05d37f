//! Frames, packets and commands, in any order, in networks of several kinds.

use super::{LIMITS, NETWORK};
use crate::packets::lives;
use arbitrary::Unstructured;
use std::net::Ipv4Addr;
use vethlab_programs::Transcript;
use vethlab_programs::session::Session;
use vethlab_shared::budget::Budget;
use vethlab_shared::event::{Event, json};
use vethlab_shared::family::Family;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::netfilter::ConnectionGroups;
use vethlab_shared::socket::{Shutdown, SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::wire::checksum::transport_checksum;
use vethlab_shared::wire::ethernet::{self, ethertype};
use vethlab_shared::wire::{arp, icmp, ipv4, tcp, udp};
use vethlab_sim::World;

/// How many things happen in one run.
const STEPS: usize = 48;

/// What alters the network, looks at it, or sends by it.
const COMMANDS: &[&str] = &[
    "ip link set a0 down",
    "ip link set a0 up",
    "ip -n red link set b0 mtu 68",
    "ip -n red link set c0 mtu 600",
    "ip link del a0",
    "ip -n red link set c0 netns blue",
    "ip netns del red",
    "ip netns add green",
    "ip link add e0 type veth peer name f0",
    "ip link set e0 up",
    "ip link set f0 up",
    "ip link set lo down",
    "ip link set a0 address 02:00:00:00:00:0a",
    "ip addr add 10.0.0.3/24 dev a0",
    "ip addr add 10.0.0.2/24 dev a0",
    "ip addr del 10.0.0.1/24 dev a0",
    "ip addr add 10.0.1.9/32 dev lo",
    "ip -n red addr flush dev b0",
    "ip route add 10.0.1.0/24 dev a0",
    "ip route add blackhole 10.0.1.2",
    "ip route del default",
    "ip -n red route add default via 10.0.0.1",
    "ip -n red route add 10.9.0.0/16 via 10.0.1.2 mtu 500",
    "ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:09 dev a0 nud reachable",
    "ip neigh flush dev a0",
    "ip -n red neigh add 10.0.1.2 lladdr 02:00:00:00:00:08 dev c0 nud permanent",
    "ip netns exec red sysctl -q -w net.ipv4.ip_forward=0",
    "ip netns exec red sysctl -q -w net.ipv4.conf.all.rp_filter=1",
    "ip netns exec red sysctl -q -w net.ipv4.conf.all.send_redirects=0",
    "sysctl -q -w net.ipv4.conf.all.accept_redirects=1",
    "sysctl -q -w net.ipv4.conf.all.arp_ignore=2",
    "sysctl -q -w net.ipv4.icmp_echo_ignore_all=1",
    "sysctl -q -w net.ipv4.icmp_ratelimit=0",
    "sysctl -q -w net.ipv4.ip_forward=1",
    "ping -c 1 -W 1 10.0.1.2",
    "ping -c 2 -i 0.2 -W 1 -s 2000 10.0.1.2",
    "ping -c 1 -W 1 -M do -s 1400 10.0.1.2",
    "ping -c 1 -W 1 -t 1 10.0.1.2",
    "ping -b -c 1 -W 1 10.0.0.255",
    "ip netns exec blue ping -c 1 -W 1 10.0.0.1",
    "ip netns exec red ping -c 1 -W 1 10.0.0.77",
    "traceroute -n -q 1 -m 3 10.0.1.2",
    "tcpdump -n -c 5 -i any &",
    "tcpdump -n -i a0 icmp &",
    "kill %1",
    "sleep 40",
];

/// Addresses that mean something in the network, and some that mean something everywhere.
const ADDRESSES: &[[u8; 4]] = &[
    [10, 0, 0, 1],
    [10, 0, 0, 2],
    [10, 0, 1, 1],
    [10, 0, 1, 2],
    [10, 0, 0, 77],
    [10, 0, 0, 255],
    [10, 9, 0, 1],
    [127, 0, 0, 1],
    [0, 0, 0, 0],
    [255, 255, 255, 255],
    [224, 0, 0, 1],
];

/// Every packet begins and ends once, what happens is told in order and without a loss, and the same happens where nobody
/// is told.
pub(super) fn run(bytes: &[u8]) {
    let mut observed = Run::new(true);
    observed.choose(bytes);
    let events = observed.finish();
    let exhausted = observed.world.exhausted().is_some();
    for (packet, (begun, ended)) in lives(&events) {
        assert_eq!(begun, 1, "{packet:?} has begun once");
        assert!(ended == 1 || exhausted && ended == 0, "{packet:?} has ended {ended} times");
    }
    for (event, number) in events.iter().zip(1..) {
        assert_eq!(event.number, number, "events are numbered without a gap");
    }
    assert!(events.is_sorted_by_key(|event| event.time), "time does not go back");
    let text = json::header().expect("plain data") + &json::lines(&events).expect("plain data");
    assert_eq!(json::read(&text).as_ref(), Ok(&events), "what is told is read again");
    if !exhausted {
        let mut unobserved = Run::new(false);
        unobserved.choose(bytes);
        assert!(unobserved.finish().is_empty());
        assert_eq!(unobserved.state(), observed.state(), "the same happens where nobody is told");
    }
}

/// A world, and what is done on it.
struct Run {
    world: World,
    session: Session,
    sockets: Vec<SocketId>,
}

impl Run {
    fn new(observed: bool) -> Run {
        let mut world = World::new(1);
        world.observe(observed);
        Run { world, session: Session::new(), sockets: Vec::new() }
    }

    fn command(&mut self, line: &str) {
        self.session.execute(line, &mut self.world, &mut Transcript::default());
    }

    /// Does what the bytes choose. Where they are at their end, each choice is the first.
    fn choose(&mut self, bytes: &[u8]) {
        let mut choices = Unstructured::new(bytes);
        let kept = choices.int_in_range(0..=NETWORK.len()).unwrap_or_default();
        for line in &NETWORK[kept..] {
            self.command(line);
        }
        self.world.set_budget(Budget::new(LIMITS));
        for _ in 0..STEPS {
            if choices.is_empty() || self.step(&mut choices).is_err() {
                break;
            }
        }
    }

    /// Lets all end that is under way; what was told.
    fn finish(&mut self) -> Vec<Event> {
        for socket in std::mem::take(&mut self.sockets) {
            self.world.close(socket);
        }
        // Where the budget has run out, things stay as they are.
        let _ = self.world.run_until(Instant::FOREVER, &[]);
        self.session.take_in(&mut self.world);
        self.session.journal().events().to_vec()
    }

    /// What there is, as far as it can be asked for.
    fn state(&mut self) -> String {
        let world = &mut self.world;
        world.set_budget(Budget::default());
        let mut text = format!("{:?}", NetworkStack::now(world));
        let mut names = world.namespaces().expect("names");
        names.push(NamespaceName::HOST);
        for name in names {
            text += &format!(
                "{name:?} {:?} {:?} {:?} {:?} {:?}\n",
                world.links(&name),
                world.addresses(&name, Family::Inet),
                world.routes(&name, Family::Inet),
                world.neighbours(&name, Family::Inet),
                world.sockets(&name, Family::Inet),
            );
        }
        text
    }

    /// One thing that happens. What is refused is refused.
    fn step(&mut self, choices: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        match choices.int_in_range(0..=11)? {
            0 => {
                let (namespace, link) = place(choices)?;
                let length = choices.int_in_range(0..=200)?;
                let frame = choices.bytes(length.min(choices.len()))?;
                let _ = self.world.inject(&namespace, link, frame);
            }
            1..=3 => {
                let (namespace, link) = place(choices)?;
                let own = self.own_address(&namespace, link);
                let frame = frame(choices, own)?;
                let _ = self.world.inject(&namespace, link, &frame);
            }
            4 | 5 => self.command(choices.choose(COMMANDS)?),
            6 => self.send(choices)?,
            7 => {
                let milliseconds = *choices.choose(&[1_u64, 20, 500, 1_100, 6_000, 40_000, 700_000])?;
                let deadline = NetworkStack::now(&self.world) + Duration::from_millis(milliseconds);
                let _ = self.world.run_until(deadline, &self.sockets);
            }
            8 | 10 => self.open(choices)?,
            11 => self.talk(choices)?,
            _ => {
                if let Some(&socket) = self.sockets.last() {
                    while let Ok(Some(_)) = self.world.receive(socket) {}
                    if choices.arbitrary()? {
                        self.world.close(socket);
                        self.sockets.pop();
                    }
                }
            }
        }
        Ok(())
    }

    fn own_address(&mut self, namespace: &NamespaceName, link: IfIndex) -> MacAddress {
        let links = self.world.links(namespace).unwrap_or_default();
        links.iter().find(|known| known.index == link).map_or(MacAddress::ZERO, |known| known.address)
    }

    fn open(&mut self, choices: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let (namespace, link) = place(choices)?;
        let kind = match choices.int_in_range(0..=5)? {
            0 => SocketKind::Udp(Family::Inet),
            1 => SocketKind::Icmp(Family::Inet),
            2 => SocketKind::Packet(link),
            3 => SocketKind::Conntrack(ConnectionGroups::all()),
            _ => SocketKind::Tcp(Family::Inet),
        };
        let Ok(socket) = self.world.open(&namespace, &kind) else { return Ok(()) };
        self.sockets.push(socket);
        let _ = self.world.set_option(socket, &SocketOption::Broadcast(choices.arbitrary()?));
        let _ = self.world.set_option(socket, &SocketOption::ReceiveErrors(choices.arbitrary()?));
        if choices.arbitrary()? {
            let _ = self.world.bind(socket, (address(choices)?, port(choices)?).into());
        }
        if choices.arbitrary()? {
            let _ = self.world.listen(socket, choices.int_in_range(0..=2)?);
        } else if choices.arbitrary()? {
            let _ = self.world.connect(socket, (address(choices)?, port(choices)?).into());
        }
        Ok(())
    }

    /// What a program does with a connection.
    fn talk(&mut self, choices: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let Ok(&socket) = choices.choose(&self.sockets) else { return self.open(choices) };
        if let Ok(Some(accepted)) = self.world.accept(socket) {
            self.sockets.push(accepted.socket);
        }
        match choices.int_in_range(0..=3)? {
            0 => {
                let how = *choices.choose(&[Shutdown::Write, Shutdown::Read, Shutdown::Both])?;
                let _ = self.world.shutdown(socket, how);
            }
            1 => {
                while self
                    .world
                    .read(socket, 4096)
                    .is_ok_and(|read| read.is_some_and(|bytes| !bytes.is_empty()))
                {}
            }
            _ => {
                let bytes = payload(choices)?;
                let _ = self.world.write(socket, &bytes);
            }
        }
        let _ = (self.world.readiness(socket), self.world.take_error(socket));
        Ok(())
    }

    fn send(&mut self, choices: &mut Unstructured<'_>) -> arbitrary::Result<()> {
        let Some(&socket) = self.sockets.last() else { return self.open(choices) };
        let to = (address(choices)?, port(choices)?).into();
        let mut payload = payload(choices)?;
        if choices.arbitrary()? && payload.len() >= icmp::HEADER_LENGTH {
            icmp::set_checksum(&mut payload);
        }
        let _ = self.world.send(socket, to, &payload);
        Ok(())
    }
}

/// A link of a namespace, which there may not be.
fn place(choices: &mut Unstructured<'_>) -> arbitrary::Result<(NamespaceName, IfIndex)> {
    let name = *choices.choose(&["red", "", "blue", "green"])?;
    let namespace =
        if name.is_empty() { NamespaceName::HOST } else { NamespaceName::new(name).expect("a name") };
    Ok((namespace, IfIndex(*choices.choose(&[2, 3, 1, 4])?)))
}

fn address(choices: &mut Unstructured<'_>) -> arbitrary::Result<Ipv4Addr> {
    Ok(match choices.ratio(1_u8, 16)? {
        true => Ipv4Addr::from(choices.arbitrary::<[u8; 4]>()?),
        false => Ipv4Addr::from(*choices.choose(ADDRESSES)?),
    })
}

fn port(choices: &mut Unstructured<'_>) -> arbitrary::Result<u16> {
    choices.choose(&[7_u16, 33_434, 40_000, 0, 65_535]).copied()
}

/// Bytes of the input, and as many more as make it long.
fn payload(choices: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    let own = choices.int_in_range(0..=64)?;
    let mut bytes = choices.bytes(own.min(choices.len()))?.to_vec();
    bytes.resize(bytes.len() + choices.choose(&[0, 8, 480, 1_400, 4_000, 65_507])?, 0);
    Ok(bytes)
}

/// A frame with an Ethernet header for somebody, and something in it that nearly is what it says.
fn frame(choices: &mut Unstructured<'_>, own: MacAddress) -> arbitrary::Result<Vec<u8>> {
    let group = MacAddress([1, 0, 0x5e, 0, 0, 1]);
    let other = MacAddress([2, 0, 0, 0, 0, 0x77]);
    let destination = *choices.choose(&[own, MacAddress::BROADCAST, group, other])?;
    let source = *choices.choose(&[MacAddress([2, 0, 0, 0, 0, 9]), own, MacAddress::BROADCAST])?;
    let (kind, body) = match choices.int_in_range(0..=7)? {
        0 => (ethertype::ARP, arp_message(choices)?),
        1 => (choices.arbitrary()?, payload(choices)?),
        _ => (ethertype::IPV4, packet(choices)?),
    };
    let mut frame = vec![0; ethernet::HEADER_LENGTH];
    ethernet::write(&mut frame, destination, source, kind);
    frame.extend(body);
    Ok(frame)
}

fn arp_message(choices: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    let message = arp::Message {
        operation: *choices.choose(&[arp::REQUEST, arp::REPLY, 9])?,
        sender_mac: MacAddress([2, 0, 0, 0, 0, choices.arbitrary()?]),
        sender: address(choices)?,
        target_mac: MacAddress::ZERO,
        target: address(choices)?,
    };
    let mut bytes = message.to_bytes().to_vec();
    alter(choices, &mut bytes)?;
    Ok(bytes)
}

/// An IPv4 packet, whole or a piece, of ICMP, UDP or anything; its checksums are right as often as not.
fn packet(choices: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    let (source, destination) = (address(choices)?, address(choices)?);
    let protocol = *choices.choose(&[ipv4::protocol::ICMP, ipv4::protocol::UDP, ipv4::protocol::TCP, 99])?;
    let plain = ipv4::Header {
        tos: 0,
        total_length: 0,
        identification: 1,
        fragment: 0,
        time_to_live: choices.arbitrary()?,
        protocol,
        source,
        destination,
    };
    let mut body = payload(choices)?;
    match protocol {
        ipv4::protocol::ICMP if body.len() >= icmp::HEADER_LENGTH && choices.arbitrary()? => {
            let kind = *choices.choose(&[8, 0, 3, 5, 11, 12, 4])?;
            icmp::write(&mut body, kind, choices.int_in_range(0..=5)?, choices.arbitrary()?);
            // An error quotes a packet: one that was sent by somebody here is looked for among the sockets.
            if icmp::quotes(kind) && choices.arbitrary()? {
                body.truncate(icmp::HEADER_LENGTH);
                let protocol = *choices.choose(&[ipv4::protocol::UDP, ipv4::protocol::ICMP])?;
                let (source, destination) = (destination, address(choices)?);
                body.extend(header(ipv4::Header { source, destination, protocol, ..plain }, 8));
                body.extend(choices.arbitrary::<[u8; 8]>()?);
            }
            icmp::set_checksum(&mut body);
        }
        ipv4::protocol::UDP if body.len() >= udp::HEADER_LENGTH && choices.arbitrary()? => {
            let length = body.len() as u16;
            udp::write(&mut body, port(choices)?, port(choices)?, length, 0);
            let checksum = transport_checksum(source, destination, protocol, &body);
            udp::set_checksum(&mut body, checksum);
        }
        ipv4::protocol::TCP if choices.arbitrary()? => {
            body = segment(choices)?;
            let checksum = transport_checksum(source, destination, protocol, &body);
            tcp::set_checksum(&mut body, checksum);
        }
        _ => {}
    }
    let fragment =
        *choices.choose(&[0, ipv4::DONT_FRAGMENT, ipv4::MORE_FRAGMENTS, 1, 185, 0x2001, 0x1fff])?;
    let mut packet = header(ipv4::Header { fragment, ..plain }, body.len());
    packet.extend(body);
    if alter(choices, &mut packet)? && choices.arbitrary()? && packet.len() >= ipv4::HEADER_LENGTH {
        packet[0] = packet[0].clamp(0x45, 0x4f);
        if packet.len() >= usize::from(packet[0] & 0xf) * 4 {
            ipv4::set_checksum(&mut packet);
        }
    }
    Ok(packet)
}

/// A segment with options that make sense, and any flags and numbers.
fn segment(choices: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    let options = tcp::Options {
        maximum_segment_size: choices.arbitrary()?,
        window_scale: choices.arbitrary()?,
        sack_permitted: choices.arbitrary()?,
        timestamps: choices.arbitrary()?,
        sack: Vec::new(),
    };
    let header = tcp::Header {
        source: port(choices)?,
        destination: port(choices)?,
        sequence: choices.arbitrary()?,
        acknowledgement: choices.arbitrary()?,
        flags: *choices.choose(&[2, 16, 18, 4, 17, 20, 24, 0, 255])?,
        window: choices.arbitrary()?,
    };
    let mut bytes = header.bytes(&options.bytes());
    bytes.extend(payload(choices)?);
    bytes.truncate(1_400);
    Ok(bytes)
}

/// An IPv4 header that says so, over so many bytes.
fn header(header: ipv4::Header, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; ipv4::HEADER_LENGTH];
    let total_length = u16::try_from(ipv4::HEADER_LENGTH + length).unwrap_or(u16::MAX);
    ipv4::Header { total_length, ..header }.write(&mut bytes);
    bytes
}

/// Writes other bytes to a few places, and cuts it off somewhere; whether it did.
fn alter(choices: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> arbitrary::Result<bool> {
    let places = choices.int_in_range(0..=3)?;
    for _ in 0..places {
        let place = choices.int_in_range(0..=63)?;
        let byte = choices.arbitrary()?;
        if let Some(there) = bytes.get_mut(place) {
            *there = byte;
        }
    }
    if choices.ratio(1_u8, 8)? {
        bytes.truncate(choices.int_in_range(0..=63)?);
    }
    Ok(places > 0)
}
