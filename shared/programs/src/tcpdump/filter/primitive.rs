//! What a single primitive of a filter tests (`gencode.c` of libpcap 1.10.3).

use super::lexer::Proto;
use super::{Base, FilterError, LinkType, Operator, Relation, Test, Value};
use crate::tcpdump::names;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::wire::ethernet::ethertype;
use vethlab_shared::wire::{Field, arp, ethernet, ipv4, udp};

type Result<T> = std::result::Result<T, FilterError>;

const IPV4: u32 = ethertype::IPV4 as u32;
const ARP: u32 = ethertype::ARP as u32;
const RARP: u32 = ethertype::RARP as u32;
const IPV6: u32 = ethertype::IPV6 as u32;

/// Numbers of protocols over IP.
const TCP: u32 = ipv4::protocol::TCP as u32;
const UDP: u32 = ipv4::protocol::UDP as u32;
const ICMP6: u32 = 58;
const SCTP: u32 = 132;
/// The next header of a fragment of IPv6.
const IPV6_FRAGMENT: u32 = 44;

/// Which addresses of a packet are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Source,
    Destination,
    Either,
    Both,
}

/// What an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Host,
    Net,
    Port,
    PortRange,
    Proto,
}

/// The words before an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Qualifier {
    pub(super) proto: Option<Proto>,
    pub(super) way: Option<Way>,
    pub(super) kind: Option<Kind>,
}

/// An address as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    Name(String),
    Number(u32),
    Dotted(String),
    /// With a prefix length.
    Prefix(String, u32),
    /// With a mask.
    Masked(String, String),
    Mac(MacAddress),
}

fn refuse<T>(message: impl Into<String>) -> Result<T> {
    Err(FilterError::Message(message.into()))
}

fn equals(value: Value, number: u32) -> Test {
    Test::Compare(value, Relation::Equal, Value::Number(number))
}

fn load(base: Base, offset: u32, size: u8) -> Value {
    Value::Load(base, Box::new(Value::Number(offset)), size)
}

/// A field of the IPv4 or ARP header.
fn load_field(field: Field) -> Value {
    load(Base::Network, field.start as u32, field.len() as u8)
}

fn link_type(number: u32) -> Test {
    equals(Value::LinkType, number)
}

/// `proto` alone, such as `arp` (`gen_proto_abbrev`).
pub(super) fn protocol(proto: Proto) -> Result<Test> {
    Ok(match proto {
        Proto::Link => return refuse("link layer applied in wrong context"),
        Proto::Ip => link_type(IPV4),
        Proto::Arp => link_type(ARP),
        Proto::Rarp => link_type(RARP),
        Proto::Ip6 => link_type(IPV6),
        Proto::Tcp => over_any_ip(TCP),
        Proto::Udp => over_any_ip(UDP),
        Proto::Sctp => over_any_ip(SCTP),
        Proto::Over(_, number) => over_ipv4(number.into()),
        Proto::Icmp6 => over_ipv6(ICMP6),
    })
}

fn over_ipv4(number: u32) -> Test {
    link_type(IPV4).and(equals(load_field(ipv4::field::PROTOCOL), number))
}

fn over_ipv6(number: u32) -> Test {
    let behind_fragment =
        equals(load(Base::Network, 6, 1), IPV6_FRAGMENT).and(equals(load(Base::Network, 40, 1), number));
    link_type(IPV6).and(equals(load(Base::Network, 6, 1), number).or(behind_fragment))
}

fn over_any_ip(number: u32) -> Test {
    over_ipv4(number).or(over_ipv6(number))
}

/// Not a fragment other than the first (`gen_ipfrag`).
fn first_fragment() -> Test {
    let offset = load_field(ipv4::field::FRAGMENT);
    equals(
        Value::Binary(Operator::And, Box::new(offset), Box::new(Value::Number(ipv4::FRAGMENT_OFFSET.into()))),
        0,
    )
}

/// What a packet must be for bytes of this protocol to be looked at (`gen_load`).
pub(super) fn asked_by_load(proto: Proto, base: Base) -> Result<Option<Test>> {
    Ok(match base {
        Base::Link => None,
        Base::Network => Some(protocol(proto)?),
        Base::Transport => Some(link_type(IPV4).and(protocol(proto)?.and(first_fragment()))),
    })
}

/// Joins what source and destination must be.
fn each_way(way: Option<Way>, test: impl Fn(bool) -> Test) -> Test {
    match way {
        Some(Way::Source) => test(true),
        Some(Way::Destination) => test(false),
        Some(Way::Both) => test(true).and(test(false)),
        Some(Way::Either) | None => test(true).or(test(false)),
    }
}

/// An address with the words before it.
pub(super) fn address(address: &Address, qualifier: Option<Qualifier>, link: LinkType) -> Result<Test> {
    let Some(qualifier) = qualifier else {
        return match address {
            // Without any words before it only a name or a number gets so far (`Q_UNDEF`).
            Address::Mac(_) => refuse("ethernet address used in non-ether expression"),
            Address::Prefix(..) | Address::Masked(..) => refuse("Mask syntax for networks only"),
            _ => refuse("syntax error in filter expression"),
        };
    };
    let Qualifier { proto, way, kind } = qualifier;
    match address {
        Address::Name(name) => named(name, qualifier, link),
        Address::Mac(mac) => match (proto, kind) {
            (Some(Proto::Link), None | Some(Kind::Host)) => station(*mac, way, link),
            _ => refuse("ethernet address used in non-ether expression"),
        },
        Address::Dotted(text) => {
            let modifier = match kind {
                Some(Kind::Port) => "port",
                Some(Kind::PortRange) => "portrange",
                Some(Kind::Proto) => "proto",
                _ => {
                    let (number, length) = dotted(text)?;
                    let shift = 32 - length;
                    if proto == Some(Proto::Link) {
                        return refuse("illegal link layer address");
                    }
                    return host(number << shift, u32::MAX << shift, qualifier);
                }
            };
            refuse(format!("'{modifier}' modifier applied to ip host"))
        }
        Address::Prefix(text, length) => {
            let (number, given) = dotted(text)?;
            let number = number << (32 - given);
            if *length > 32 {
                return refuse("mask length must be <= 32");
            }
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            if number & !mask != 0 {
                return refuse(format!("non-network bits set in \"{text}/{length}\""));
            }
            network(number, mask, qualifier)
        }
        Address::Masked(text, mask_text) => {
            let (number, given) = dotted(text)?;
            let number = number << (32 - given);
            let (mask, given) = dotted(mask_text)?;
            let mask = mask << (32 - given);
            if number & !mask != 0 {
                return refuse(format!("non-network bits set in \"{text} mask {mask_text}\""));
            }
            network(number, mask, qualifier)
        }
        Address::Number(number) => numbered(*number, qualifier),
    }
}

fn network(number: u32, mask: u32, qualifier: Qualifier) -> Result<Test> {
    match qualifier.kind {
        Some(Kind::Net) => host(number, mask, qualifier),
        _ => refuse("Mask syntax for networks only"),
    }
}

/// `__pcap_atoin`: the number, and how many bits were written.
fn dotted(text: &str) -> Result<(u32, u32)> {
    let mut number = 0;
    let mut bits = 0;
    for part in text.split('.') {
        // Only decimal digits are understood here, whatever they begin with.
        let Ok(part) = part.parse::<u8>() else { return refuse(format!("invalid IPv4 address '{text}'")) };
        number = number << 8 | u32::from(part);
        bits += 8;
    }
    Ok((number, bits))
}

/// `gen_ncode` without a text.
fn numbered(number: u32, qualifier: Qualifier) -> Result<Test> {
    let Qualifier { proto, way, kind } = qualifier;
    match kind {
        None | Some(Kind::Host | Kind::Net) => {
            if proto == Some(Proto::Link) {
                return refuse("illegal link layer address");
            }
            let (mut number, mut mask) = (number, u32::MAX);
            if kind == Some(Kind::Net) {
                (number, mask) = left_justified(number);
            }
            host(number, mask, qualifier)
        }
        Some(kind @ (Kind::Port | Kind::PortRange)) => {
            let over = port_protocol(proto, kind)?;
            let Ok(port) = u16::try_from(number) else {
                return refuse(format!("illegal port number {number} > 65535"));
            };
            Ok(ports(port, port, over, way))
        }
        Some(Kind::Proto) => protocol_number(number, proto, way),
    }
}

/// A short network number, moved to the left, with its mask.
fn left_justified(number: u32) -> (u32, u32) {
    let (mut number, mut mask) = (number, u32::MAX);
    while number != 0 && number & 0xff00_0000 == 0 {
        number <<= 8;
        mask <<= 8;
    }
    (number, mask)
}

/// `gen_scode`.
fn named(name: &str, qualifier: Qualifier, link: LinkType) -> Result<Test> {
    let Qualifier { proto, way, kind } = qualifier;
    match kind {
        None | Some(Kind::Host) => match proto {
            Some(Proto::Link) if link == LinkType::Cooked => refuse(
                "only ethernet/FDDI/token ring/802.11/ATM LANE/Fibre Channel supports link-level host name",
            ),
            Some(Proto::Link) => refuse(format!("unknown ether host '{name}'")),
            _ if name.eq_ignore_ascii_case("localhost") => host(0x7f00_0001, u32::MAX, qualifier),
            _ => refuse(format!("unknown host '{name}'")),
        },
        Some(Kind::Net) => refuse(format!("unknown network '{name}'")),
        Some(kind @ Kind::Port) => {
            let asked = port_protocol(proto, kind)?;
            let (port, over) =
                service(name).ok_or(()).or_else(|()| refuse(format!("unknown port '{name}'")))?;
            Ok(ports(port, port, narrowed(asked, over, &format!("port '{name}'"))?, way))
        }
        Some(kind @ Kind::PortRange) => {
            let asked = port_protocol(proto, kind)?;
            let unknown = || FilterError::Message(format!("unknown port in range '{name}'"));
            let (first, last) = name.split_once('-').unwrap_or((name, name));
            let (first, over) = service(first).ok_or_else(unknown)?;
            let (last, over_last) = service(last).ok_or_else(unknown)?;
            let over = if over == over_last { over } else { None };
            Ok(ports(first, last, narrowed(asked, over, &format!("port in range '{name}'"))?, way))
        }
        Some(Kind::Proto) => match proto {
            None | Some(Proto::Ip | Proto::Ip6) => match names::protocol_number(name) {
                Some(number) => protocol_number(number, proto, way),
                None => refuse(format!("unknown ip proto '{name}'")),
            },
            Some(Proto::Link) => match name {
                "ip" => protocol_number(IPV4, proto, way),
                "arp" => protocol_number(ARP, proto, way),
                "rarp" => protocol_number(RARP, proto, way),
                "ip6" => protocol_number(IPV6, proto, way),
                _ => refuse(format!("unknown ether proto '{name}'")),
            },
            Some(_) => refuse(format!("unknown protocol: {name}")),
        },
    }
}

/// Over what a port is asked for; `None` is TCP, UDP and SCTP.
fn port_protocol(proto: Option<Proto>, kind: Kind) -> Result<Option<u32>> {
    match proto {
        None => Ok(None),
        Some(Proto::Tcp) => Ok(Some(TCP)),
        Some(Proto::Udp) => Ok(Some(UDP)),
        Some(Proto::Sctp) => Ok(Some(SCTP)),
        Some(_) => {
            let word = if kind == Kind::Port { "port" } else { "portrange" };
            refuse(format!("illegal qualifier of '{word}'"))
        }
    }
}

/// A port by number or name, and over what it is one where that is only one (`pcap_nametoport`).
fn service(name: &str) -> Option<(u16, Option<u32>)> {
    if let Ok(port) = name.parse() {
        return Some((port, None));
    }
    match (names::port_number(name, true), names::port_number(name, false)) {
        (Some(tcp), Some(udp)) if tcp == udp => Some((tcp, None)),
        (Some(tcp), None) => Some((tcp, Some(TCP))),
        (None, Some(udp)) => Some((udp, Some(UDP))),
        _ => None,
    }
}

/// What both the words and the name of a port allow.
fn narrowed(asked: Option<u32>, over: Option<u32>, port: &str) -> Result<Option<u32>> {
    match (asked, over) {
        (Some(asked), Some(over)) if asked != over => {
            refuse(format!("{port} is {}", if over == TCP { "tcp" } else { "udp" }))
        }
        (asked, over) => Ok(asked.or(over)),
    }
}

/// `gen_port`, `gen_portrange`.
fn ports(first: u16, last: u16, over: Option<u32>, way: Option<Way>) -> Test {
    let (first, last) = (first.min(last), first.max(last));
    let at = |base, offset| {
        let port = || load(base, offset, 2);
        let low = Test::Compare(port(), Relation::GreaterOrEqual, Value::Number(first.into()));
        low.and(Test::Compare(port(), Relation::Greater, Value::Number(last.into())).negated())
    };
    let over_ipv4 = |number| {
        let ways = each_way(way, |source| {
            at(
                Base::Transport,
                if source { udp::field::SOURCE } else { udp::field::DESTINATION }.start as u32,
            )
        });
        equals(load_field(ipv4::field::PROTOCOL), number).and(first_fragment()).and(ways)
    };
    let over_ipv6 = |number| {
        let ways = each_way(way, |source| at(Base::Network, if source { 40 } else { 42 }));
        equals(load(Base::Network, 6, 1), number).and(ways)
    };
    let any = |test: &dyn Fn(u32) -> Test| match over {
        Some(number) => test(number),
        None => test(TCP).or(test(UDP)).or(test(SCTP)),
    };
    link_type(IPV6).and(any(&over_ipv6)).or(link_type(IPV4).and(any(&over_ipv4)))
}

/// `gen_proto`.
fn protocol_number(number: u32, proto: Option<Proto>, way: Option<Way>) -> Result<Test> {
    /// Below this it is a length, and what follows is another kind of header (`ETHERMTU`).
    const LONGEST: u32 = 1500;
    if way.is_some() {
        return refuse("direction applied to 'proto'");
    }
    let name = match proto {
        None => return Ok(over_any_ip(number)),
        Some(Proto::Ip) => return Ok(over_ipv4(number)),
        Some(Proto::Ip6) => return Ok(over_ipv6(number)),
        Some(Proto::Link) if number <= LONGEST => {
            return Err(FilterError::NotModelled(format!("ether proto {number}")));
        }
        Some(Proto::Link) => return Ok(link_type(number)),
        Some(Proto::Arp) => return refuse("arp does not encapsulate another protocol"),
        Some(Proto::Rarp) => return refuse("rarp does not encapsulate another protocol"),
        Some(Proto::Tcp) => "tcp",
        Some(Proto::Udp) => "udp",
        Some(Proto::Sctp) => "sctp",
        Some(Proto::Icmp6) => "icmp6",
        Some(Proto::Over(name, _)) => name,
    };
    refuse(format!("'{name} proto' is bogus"))
}

/// `gen_host`.
fn host(number: u32, mask: u32, qualifier: Qualifier) -> Result<Test> {
    let Qualifier { proto, way, kind } = qualifier;
    let what = if kind == Some(Kind::Net) { "net" } else { "host" };
    let in_header = |kind, (from, to): (Field, Field)| {
        let ways = each_way(way, |source| {
            let bytes = load_field(if source { from.clone() } else { to.clone() });
            equals(Value::Binary(Operator::And, Box::new(bytes), Box::new(Value::Number(mask))), number)
        });
        link_type(kind).and(ways)
    };
    let in_ipv4 = || in_header(IPV4, (ipv4::field::SOURCE, ipv4::field::DESTINATION));
    let in_arp = |kind| in_header(kind, (arp::field::SENDER, arp::field::TARGET));
    let name = match proto {
        None => return Ok(in_ipv4().or(in_arp(ARP)).or(in_arp(RARP))),
        Some(Proto::Ip) => return Ok(in_ipv4()),
        Some(Proto::Arp) => return Ok(in_arp(ARP)),
        Some(Proto::Rarp) => return Ok(in_arp(RARP)),
        Some(Proto::Link) => return refuse(format!("link-layer modifier applied to {what}")),
        Some(Proto::Ip6) => return refuse("'ip6' modifier applied to ip host"),
        Some(Proto::Tcp) => "tcp",
        Some(Proto::Udp) => "udp",
        Some(Proto::Sctp) => "sctp",
        Some(Proto::Icmp6) => "icmp6",
        Some(Proto::Over(name, _)) => name,
    };
    refuse(format!("'{name}' modifier applied to {what}"))
}

/// `gen_ehostop`.
fn station(mac: MacAddress, way: Option<Way>, link: LinkType) -> Result<Test> {
    if link == LinkType::Cooked {
        return refuse(
            "ethernet addresses supported only on ethernet/FDDI/token ring/802.11/ATM LANE/Fibre Channel",
        );
    }
    let [a, b, c, d, e, f] = mac.0;
    Ok(each_way(way, |source| {
        let field = if source { ethernet::field::SOURCE } else { ethernet::field::DESTINATION };
        let at = field.start as u32;
        equals(load(Base::Link, at + 2, 4), u32::from_be_bytes([c, d, e, f]))
            .and(equals(load(Base::Link, at, 2), u32::from_be_bytes([0, 0, a, b])))
    }))
}

/// `gen_broadcast`.
pub(super) fn broadcast(proto: Option<Proto>, link: LinkType) -> Result<Test> {
    match proto {
        None | Some(Proto::Link) if link == LinkType::Cooked => refuse("not a broadcast link"),
        None | Some(Proto::Link) => station(MacAddress::BROADCAST, Some(Way::Destination), link),
        // tcpdump names no netmask, and so all addresses count as of one network.
        Some(Proto::Ip) => {
            let destination = || load_field(ipv4::field::DESTINATION);
            Ok(link_type(IPV4).and(equals(destination(), 0).or(equals(destination(), u32::MAX))))
        }
        Some(_) => refuse("only link-layer/IP broadcast filters supported"),
    }
}

/// `gen_multicast`.
pub(super) fn multicast(proto: Option<Proto>, link: LinkType) -> Result<Test> {
    let first = |base, offset, least| {
        Test::Compare(load(base, offset, 1), Relation::GreaterOrEqual, Value::Number(least))
    };
    match proto {
        None | Some(Proto::Link) if link == LinkType::Cooked => {
            Err(FilterError::NotModelled("multicast on any".to_owned()))
        }
        None | Some(Proto::Link) => {
            let bit =
                Value::Binary(Operator::And, Box::new(load(Base::Link, 0, 1)), Box::new(Value::Number(1)));
            Ok(equals(bit, 1))
        }
        Some(Proto::Ip) => {
            Ok(link_type(IPV4).and(first(Base::Network, ipv4::field::DESTINATION.start as u32, 224)))
        }
        Some(Proto::Ip6) => Ok(link_type(IPV6).and(first(Base::Network, 24, 255))),
        Some(_) => refuse(
            "link-layer multicast filters supported only on ethernet/FDDI/token ring/ARCNET/802.11/ATM LANE/Fibre Channel",
        ),
    }
}
