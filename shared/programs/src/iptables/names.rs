//! Names in the place of numbers: of protocols, services, hosts and networks. There is no resolver, only what a Debian 12 has in
//! its files below `/etc`.

use super::number;
use super::problem::{Outcome, wrong};
use super::rule::Masked;
use crate::tcpdump::names as services;
use std::net::Ipv4Addr;

/// `xtables_chain_protos`: names that need no file.
const OWN_PROTOCOLS: [(&str, u8); 13] = [
    ("tcp", 6),
    ("sctp", 132),
    ("udp", 17),
    ("udplite", 136),
    ("icmp", 1),
    ("ipv6-icmp", 58),
    ("icmpv6", 58),
    ("esp", 50),
    ("ah", 51),
    ("mobility-header", 135),
    ("ipv6-mh", 135),
    ("mh", 135),
    ("all", 0),
];

/// `/etc/protocols` of netbase 6.4.
const PROTOCOLS: &str = "\
    ip 0 hopopt 0 icmp 1 igmp 2 ggp 3 ipencap 4 st 5 tcp 6 egp 8 igp 9 pup 12 udp 17 hmp 20 xns-idp 22 rdp 27 \
    iso-tp4 29 dccp 33 xtp 36 ddp 37 idpr-cmtp 38 ipv6 41 ipv6-route 43 ipv6-frag 44 idrp 45 rsvp 46 gre 47 esp 50 \
    ah 51 skip 57 ipv6-icmp 58 ipv6-nonxt 59 ipv6-opts 60 rspf 73 vmtp 81 eigrp 88 ospf 89 ax.25 93 ipip 94 \
    etherip 97 encap 98 pim 103 ipcomp 108 vrrp 112 l2tp 115 isis 124 sctp 132 fc 133 mobility-header 135 \
    udplite 136 mpls-in-ip 137 manet 138 hip 139 shim6 140 wesp 141 rohc 142 ethernet 143";

/// `/etc/networks`.
const NETWORKS: [(&str, Ipv4Addr); 3] = [
    ("default", Ipv4Addr::UNSPECIFIED),
    ("loopback", Ipv4Addr::new(127, 0, 0, 0)),
    ("link-local", Ipv4Addr::new(169, 254, 0, 0)),
];

fn protocols() -> impl Iterator<Item = (&'static str, u8)> {
    let mut words = PROTOCOLS.split_whitespace();
    std::iter::from_fn(move || Some((words.next()?, words.next()?.parse().ok()?)))
}

/// The name of a protocol (`proto_to_name`); `own_only` where no file is looked into.
pub(super) fn protocol(number: u8, own_only: bool) -> Option<&'static str> {
    let own = OWN_PROTOCOLS.iter().find(|(_, known)| *known == number).map(|(name, _)| *name);
    own.or_else(|| {
        protocols().find(|(_, known)| !own_only && number != 0 && *known == number).map(|(name, _)| name)
    })
}

/// The name of a protocol in `/etc/protocols`.
pub(crate) fn in_file(number: u8) -> Option<&'static str> {
    protocols().find(|(_, known)| *known == number).map(|(name, _)| name)
}

/// The number of a protocol in `/etc/protocols`.
pub(crate) fn number_in_file(name: &str) -> Option<u8> {
    protocols().find(|(known, _)| *known == name).map(|(_, number)| number)
}

/// The number of a protocol (`xtables_parse_protocol`).
pub(super) fn protocol_number(text: &str) -> Outcome<u8> {
    if let Some(number) = number::whole(text, 0..=255) {
        return Ok(number as u8);
    }
    let own = OWN_PROTOCOLS.iter().copied().find(|(name, _)| *name == text);
    match own.or_else(|| protocols().find(|(name, _)| *name == text)) {
        Some((_, number)) => Ok(number),
        None => wrong(format!("unknown protocol \"{text}\" specified")),
    }
}

/// The port that a service has over a protocol, given by its name.
fn service(text: &str, protocol: u8) -> Option<u16> {
    match protocol {
        6 => services::port_number(text, true),
        17 => services::port_number(text, false),
        _ => None,
    }
}

/// A port, by number or by the name of its service (`xtables_parse_port`).
pub(super) fn port(text: &str, protocol: u8) -> Outcome<u16> {
    let number = number::whole(text, 0..=0xffff).map(|number| number as u16);
    match number.or_else(|| service(text, protocol)) {
        Some(port) => Ok(port),
        None => wrong(format!("invalid port/service `{text}' specified")),
    }
}

/// A port as `getaddrinfo(3)` reads it, of whatever protocol.
pub(super) fn any_port(text: &str) -> Option<u16> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // It does not look whether the number fits.
        return text.parse::<u64>().ok().map(|number| number as u16);
    }
    any_service(text)
}

/// The port of a service over whatever protocol.
pub(super) fn any_service(text: &str) -> Option<u16> {
    services::port_number(text, true).or_else(|| services::port_number(text, false))
}

/// A port as it is shown in a listing.
pub(super) fn shown_port(port: u16, protocol: u8, numeric: bool) -> String {
    match protocol {
        6 => services::port(port, true, numeric),
        17 => services::port(port, false, numeric),
        _ => port.to_string(),
    }
}

/// An address with its mask, as it is shown in a listing (`ipv4_addr_to_string`).
pub(super) fn shown_address(masked: Masked, numeric: bool) -> String {
    if !numeric && masked.mask.is_unspecified() {
        return "anywhere".to_owned();
    }
    format!("{}{}", shown_host(masked.address, numeric), shown_mask(masked))
}

/// A host or network, by name where it has one.
pub(super) fn shown_host(address: Ipv4Addr, numeric: bool) -> String {
    if numeric {
        return address.to_string();
    }
    if address == Ipv4Addr::LOCALHOST {
        return "localhost".to_owned();
    }
    match NETWORKS.iter().find(|(_, known)| *known == address) {
        Some((name, _)) => (*name).to_owned(),
        None => address.to_string(),
    }
}

/// `/` and the mask, where it is none of a single host (`xtables_ipmask_to_numeric`).
pub(super) fn shown_mask(masked: Masked) -> String {
    match masked.length() {
        Some(32) => String::new(),
        Some(length) => format!("/{length}"),
        None => format!("/{}", masked.mask),
    }
}

/// Addresses with masks, a comma between (`xtables_ipparse_multiple`).
pub(super) fn addresses(text: &str) -> Outcome<Vec<Masked>> {
    text.split(',').map(|one| address(one.trim_start())).collect()
}

fn address(text: &str) -> Outcome<Masked> {
    let (name, mask) = match text.rsplit_once('/') {
        Some((name, mask)) => (name, mask_of(mask)?),
        None => (text, Ipv4Addr::BROADCAST),
    };
    let name = if mask.is_unspecified() { "0.0.0.0" } else { name };
    let known = NETWORKS.iter().find(|(known, _)| *known == name).map(|(_, address)| *address);
    let found = dotted(name, false).or(known).or_else(|| host(name));
    match found {
        Some(address) => {
            Ok(Masked { address: Ipv4Addr::from_bits(address.to_bits() & mask.to_bits()), mask })
        }
        None => wrong(format!("host/network `{name}' not found")),
    }
}

/// A host without a resolver, as `getaddrinfo(3)` finds it.
pub(super) fn host(name: &str) -> Option<Ipv4Addr> {
    if name == "localhost" { Some(Ipv4Addr::LOCALHOST) } else { crate::numbers::inet_aton(name) }
}

/// A mask as a length or as four bytes (`parse_ipmask`).
pub(super) fn mask_of(text: &str) -> Outcome<Ipv4Addr> {
    if let Some(mask) = dotted(text, true) {
        return Ok(mask);
    }
    match number::whole(text, 0..=32) {
        Some(0) => Ok(Ipv4Addr::UNSPECIFIED),
        Some(length) => Ok(Ipv4Addr::from_bits(u32::MAX << (32 - length))),
        None => wrong(format!("invalid mask `{text}' specified")),
    }
}

/// Up to four bytes with points between (`__numeric_to_ipaddr`). Of an address the last ones may be left out, and are 0.
pub(super) fn dotted(text: &str, is_mask: bool) -> Option<Ipv4Addr> {
    let text = text.get(..19).unwrap_or(text);
    let parts: Vec<&str> = text.splitn(4, '.').collect();
    if is_mask && parts.len() < 4 {
        return None;
    }
    let mut bytes = [0; 4];
    for (byte, part) in bytes.iter_mut().zip(&parts) {
        *byte = u8::try_from(number::whole(part, 0..=255)?).ok()?;
    }
    Some(Ipv4Addr::from(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_the_tool_does() {
        let read = |text| {
            addresses(text).map(|all| {
                all.into_iter()
                    .map(|one| format!("{}{}", one.address, shown_mask(one)))
                    .collect::<Vec<_>>()
                    .join(" ")
            })
        };
        assert_eq!(read("10.1"), Ok("10.1.0.0".to_owned()));
        assert_eq!(read("10.1.2.3/8, 1.2.3.4"), Ok("10.0.0.0/8 1.2.3.4".to_owned()));
        assert_eq!(read("localhost/255.0.255.0"), Ok("127.0.0.0/255.0.255.0".to_owned()));
        assert_eq!(read("nosuch/0"), Ok("0.0.0.0/0".to_owned()));
        assert_eq!(read("10.0.0.0/33"), wrong("invalid mask `33' specified"));
        assert_eq!(read("nosuch"), wrong("host/network `nosuch' not found"));
    }

    #[test]
    fn names_stand_in_listings() {
        let shown = |address: [u8; 4], length: u32| {
            let mask = Ipv4Addr::from_bits(u32::MAX.checked_shl(32 - length).unwrap_or(0));
            shown_address(Masked { address: address.into(), mask }, false)
        };
        assert_eq!(shown([127, 0, 0, 1], 32), "localhost");
        assert_eq!(shown([127, 0, 0, 0], 8), "loopback/8");
        assert_eq!(shown([0, 0, 0, 0], 1), "default/1");
        assert_eq!(shown([0, 0, 0, 0], 0), "anywhere");
        assert_eq!(
            (protocol(47, false), protocol(47, true), protocol(0, true)),
            (Some("gre"), None, Some("all"))
        );
    }
}
