//! Matches and targets of `x_tables` in the words of `nft`, as the extensions of `iptables` translate themselves
//! (`xtables_match.xlate`). What has no words is named.

use super::symbols;
use std::fmt::Write;
use std::net::Ipv4Addr;
use vethlab_shared::netfilter::{
    AddressTypes, ConntrackMatch, CtState, IcmpMatch, LogTarget, Match, MultiportMatch, NatFlags, NatRange,
    PortSide, RejectWith, Target, TcpMatch,
};

/// What a match looks for. A comment is nothing that `nft` says.
pub(super) fn matched(found: &Match, protocol: u8) -> String {
    let not = |invert: &bool| if *invert { "!= " } else { "" };
    let words = match found {
        Match::Tcp(tcp) => Some(tcp_words(tcp)),
        Match::Udp(_) | Match::Comment(_) => Some(String::new()),
        Match::Icmp(icmp) => icmp_words(icmp),
        Match::Multiport(ports) => Some(multiport(ports, protocol)),
        Match::Conntrack(conntrack) if conntrack.alias => Some(format!(
            "ct state {}",
            states(conntrack.states.unwrap_or_default(), conntrack.invert & 1 != 0)
        )),
        Match::Conntrack(wanted) => Some(conntrack(wanted)),
        addrtype @ Match::Addrtype { .. } => Some(address_types(addrtype)),
        Match::Pkttype { kind, invert } => {
            let names = [("unicast", 0), ("broadcast", 1), ("multicast", 2)];
            let name = symbols::name(&names, (*kind).into());
            Some(format!("pkttype {}{}", not(invert), name.map_or_else(|| kind.to_string(), str::to_owned)))
        }
        Match::Mac { source, invert } => Some(format!("ether saddr {}{source}", not(invert))),
        Match::Iprange { source, destination } => {
            let side = |name: &str, span: &Option<(Ipv4Addr, Ipv4Addr, bool)>| {
                span.map(|(first, last, invert)| format!("ip {name} {}{first}-{last}", not(&invert)))
            };
            let sides = [side("saddr", source), side("daddr", destination)];
            Some(sides.into_iter().flatten().collect::<Vec<_>>().join(" "))
        }
        Match::Ttl { mode, value } => {
            let sign = ["", "!= ", "lt ", "gt "][usize::from(*mode & 3)];
            Some(format!("ip ttl {sign}{value}"))
        }
        Match::Length { min, max, invert } => {
            Some(format!("meta length {}{}", not(invert), ports_of(*min, *max)))
        }
        Match::Connmark { mark, mask: u32::MAX, invert } => {
            Some(format!("ct mark {}0x{mark:x}", not(invert)))
        }
        Match::Connmark { mark, mask, invert } => {
            Some(format!("ct mark and 0x{mask:x} {} 0x{mark:x}", if *invert { "!=" } else { "==" }))
        }
        Match::StatisticNth { every, packet, invert, .. } => {
            Some(format!("numgen inc mod {} {}{packet}", u64::from(*every) + 1, not(invert)))
        }
        Match::StatisticRandom { probability, invert } => {
            let sign = if *invert { ">=" } else { "<" };
            Some(format!("meta random & 2147483647 {sign} {probability}"))
        }
        Match::Other(_) => None,
    };
    words.unwrap_or_else(|| {
        let name = match found {
            Match::Other(extension) => &extension.name,
            _ => "icmp",
        };
        format!("xt match {name}")
    })
}

fn tcp_words(tcp: &TcpMatch) -> String {
    let inverted = |bit| if tcp.invert & bit != 0 { "!= " } else { "" };
    let mut words = Vec::new();
    for (name, (first, last), bit) in [("sport", tcp.source, 1), ("dport", tcp.destination, 2)] {
        if (first, last) != (0, 0xffff) {
            words.push(format!("tcp {name} {}{}", inverted(bit), ports_of(first, last)));
        }
    }
    if tcp.option != 0 {
        let state = if tcp.invert & 8 != 0 { "missing" } else { "exists" };
        words.push(format!("tcp option {} {state}", tcp.option));
    }
    if tcp.flag_mask != 0 || tcp.invert & 4 != 0 {
        let bits = |flags: u8| match flags {
            0 => "0x0".to_owned(),
            flags => symbols::bits(symbols::TCP_FLAGS, flags.into(), false),
        };
        words.push(format!("tcp flags {}{} / {}", inverted(4), bits(tcp.flags), bits(tcp.flag_mask)));
    }
    words.join(" ")
}

fn ports_of(first: u16, last: u16) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

/// `None` where the type has no name, or one code of it is meant.
fn icmp_words(icmp: &IcmpMatch) -> Option<String> {
    if icmp.kind == 255 {
        return Some("ip protocol icmp".to_owned());
    }
    let is_whole = (icmp.first_code, icmp.last_code) == (0, 255);
    let name = symbols::name(symbols::ICMP_TYPES, icmp.kind.into()).filter(|_| is_whole)?;
    Some(format!("icmp type {}{name}", if icmp.invert { "!= " } else { "" }))
}

fn multiport(multiport: &MultiportMatch, protocol: u8) -> String {
    let name = match protocol {
        6 => "tcp",
        17 => "udp",
        33 => "dccp",
        132 => "sctp",
        136 => "udplite",
        _ => "",
    };
    let not = if multiport.invert { "!= " } else { "" };
    let side = match multiport.side {
        PortSide::Source => "sport",
        PortSide::Destination => "dport",
        PortSide::Either => {
            let any = "0-65535";
            let numbers = multiport.ports.iter().flat_map(|span| [Some(span.first), span.last]).flatten();
            let pairs: Vec<String> = numbers.map(|port| format!("{any} . {port}, {port} . {any}")).collect();
            return format!("{name} sport . {name} dport {not}{{ {} }}", pairs.join(", "));
        }
    };
    let spans: Vec<String> =
        multiport.ports.iter().map(|span| ports_of(span.first, span.last.unwrap_or(span.first))).collect();
    match multiport.ports.as_slice() {
        [one] if one.last.is_none() => format!("{name} {side} {not}{}", spans[0]),
        _ => format!("{name} {side} {not}{{ {} }}", spans.join(", ")),
    }
}

fn states(states: CtState, invert: bool) -> String {
    let known = [
        ("invalid", CtState::INVALID),
        ("new", CtState::NEW),
        ("related", CtState::RELATED),
        ("established", CtState::ESTABLISHED),
        ("untracked", CtState::UNTRACKED),
    ];
    let names: Vec<&str> =
        known.iter().filter(|(_, state)| states.contains(*state)).map(|(name, _)| *name).collect();
    format!("{}{}", if invert { "! " } else { "" }, names.join(","))
}

/// `_conntrack3_mt_xlate`.
fn conntrack(wanted: &ConntrackMatch) -> String {
    let not = |bit: u16| if wanted.invert & bit != 0 { "!= " } else { "" };
    let mut words = Vec::new();
    let is_reply = wanted.original_direction == Some(false);
    let direction = if is_reply { "reply" } else { "original" };
    if wanted.original_direction.is_some() {
        words.push(format!("ct direction {direction}"));
    }
    if let Some(protocol) = wanted.protocol {
        words.push(format!("ct {direction} protocol {}{protocol}", not(1 << 1)));
    }
    if let Some(found) = wanted.states {
        words.push(match found.intersects(CtState::SNAT | CtState::DNAT) {
            true => {
                let sign = if wanted.invert & (1 << 6) != 0 { "!=" } else { "" };
                let name = if found.contains(CtState::SNAT) { "snat" } else { "dnat" };
                format!("ct status {sign}{name}")
            }
            false => format!("ct state {}", states(found, wanted.invert & 1 != 0)),
        });
    }
    if let Some(status) = wanted.status {
        let sign = if wanted.invert & (1 << 6) != 0 { "! " } else { "" };
        let known = &symbols::CT_STATUSES[..4];
        let names: Vec<&str> =
            known.iter().filter(|(_, bit)| u64::from(status) & bit != 0).map(|(name, _)| *name).collect();
        words.push(format!("ct status {sign}{}", names.join(",")));
    }
    if let Some((first, last)) = wanted.expires {
        let span = if first == last { first.to_string() } else { format!("{first}-{last}") };
        words.push(format!("ct expiration {}{span}", not(1 << 7)));
    }
    for (name, bit, found) in [
        ("original saddr", 2, wanted.original_source),
        ("original daddr", 3, wanted.original_destination),
        ("reply saddr", 4, wanted.reply_source),
        ("reply daddr", 5, wanted.reply_destination),
    ] {
        if let Some((address, mask)) = found {
            words.push(format!("ct {name} {}{address}{}", not(1 << bit), length(mask)));
        }
    }
    for (name, bit, found) in [
        ("original proto-src", 8, wanted.original_source_port),
        ("original proto-dst", 9, wanted.original_destination_port),
        ("reply proto-src", 10, wanted.reply_source_port),
        ("reply proto-dst", 11, wanted.reply_destination_port),
    ] {
        if let Some((first, last)) = found {
            words.push(format!("ct {name} {}{}", not(1 << bit), ports_of(first, last)));
        }
    }
    words.join(" ").trim_end().to_owned()
}

/// `/` and how many bits of an address count.
fn length(mask: Ipv4Addr) -> String {
    let bits = mask.to_bits();
    match bits.leading_ones() {
        32 => String::new(),
        ones if ones + bits.trailing_zeros() >= 32 => format!("/{ones}"),
        _ => format!("/{mask}"),
    }
}

/// `addrtype_xlate`: of both sides only the source.
fn address_types(found: &Match) -> String {
    let Match::Addrtype { source, destination, invert_source, invert_destination, limit_in, limit_out } =
        found
    else {
        return String::new();
    };
    const NAMES: [&str; 9] = [
        "unspec",
        "unicast",
        "local",
        "broadcast",
        "anycast",
        "multicast",
        "blackhole",
        "unreachable",
        "prohibit",
    ];
    let (side, types) = if source.is_empty() { ("daddr", *destination) } else { ("saddr", *source) };
    let link = match (limit_in, limit_out) {
        (true, _) => " . iif",
        (false, true) => " . oif",
        _ => "",
    };
    let sign = if *invert_source || *invert_destination { "!= " } else { "" };
    let is_in = |place: &usize| types.contains(AddressTypes::from_bits_retain(1 << place));
    let names: Vec<&str> = (0..NAMES.len()).filter(is_in).map(|place| NAMES[place]).collect();
    let names = names.join(", ");
    let names = if types.bits().count_ones() > 1 { format!("{{ {names} }}") } else { names };
    format!("fib {side}{link} type {sign}{names}").trim_end().to_owned()
}

/// What a target does.
pub(super) fn targeted(target: &Target) -> String {
    let words = match target {
        Target::Reject(with) => Some(reject(*with)),
        Target::Log(log) => logged(log),
        Target::Mark { mark, mask } => Some(format!("meta mark set {}", marked(*mark, *mask))),
        Target::Connmark { mode, mark, connection_mask, packet_mask } => {
            connmark(*mode, *mark, *connection_mask, *packet_mask)
        }
        Target::Tcpmss(0xffff) => Some("tcp option maxseg size set rt mtu".to_owned()),
        Target::Tcpmss(size) => Some(format!("tcp option maxseg size set {size}")),
        Target::Snat(range) => translated("snat", range),
        Target::Dnat(range) => translated("dnat", range),
        Target::Masquerade(range) => translated("masquerade", range),
        Target::Redirect(range) => translated("redirect", range),
        Target::Notrack { .. } => Some("notrack".to_owned()),
        Target::Ttl { .. } | Target::Other(_) => None,
    };
    words.unwrap_or_else(|| format!("xt target {}", crate::iptables::target_name(target)))
}

fn reject(with: RejectWith) -> String {
    let kind = match with {
        RejectWith::PortUnreachable => return "reject".to_owned(),
        RejectWith::TcpReset => return "reject with tcp reset".to_owned(),
        RejectWith::NetUnreachable => "net-unreachable",
        RejectWith::HostUnreachable => "host-unreachable",
        RejectWith::ProtoUnreachable => "prot-unreachable",
        RejectWith::NetProhibited => "net-prohibited",
        RejectWith::HostProhibited => "host-prohibited",
        RejectWith::AdminProhibited => "admin-prohibited",
    };
    format!("reject with icmp type {kind}")
}

fn logged(log: &LogTarget) -> Option<String> {
    const LEVELS: [&str; 8] = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"];
    let mut text = "log".to_owned();
    if !log.prefix.is_empty() {
        let _ = write!(text, " prefix \"{}\"", log.prefix);
    }
    let level = LEVELS.get(usize::from(log.level))?;
    if log.level != 4 {
        let _ = write!(text, " level {level}");
    }
    Some(text + &log_flags(log.flags.into()))
}

/// What else is told (`NF_LOG_*`).
pub(super) fn log_flags(flags: u32) -> String {
    const ALL: u32 = 0x2f;
    if flags & ALL == ALL {
        return " flags all".to_owned();
    }
    let mut text = String::new();
    let tcp: Vec<&str> = [(1, "sequence"), (2, "options")]
        .iter()
        .filter(|(bit, _)| flags & bit != 0)
        .map(|(_, name)| *name)
        .collect();
    if !tcp.is_empty() {
        let _ = write!(text, " flags tcp {}", tcp.join(","));
    }
    for (bit, name) in [(4, "ip options"), (8, "skuid"), (0x20, "ether")] {
        if flags & bit != 0 {
            let _ = write!(text, " flags {name}");
        }
    }
    text
}

/// `mark_tg_xlate`.
fn marked(mark: u32, mask: u32) -> String {
    match (mark, mask) {
        (mark, u32::MAX) => format!("0x{mark:x}"),
        (0, mask) => format!("mark and 0x{:x}", !mask),
        (mark, mask) if mark == mask => format!("mark or 0x{mark:x}"),
        (mark, 0) => format!("mark xor 0x{mark:x}"),
        (mark, mask) => format!("mark and 0x{:x} xor 0x{mark:x}", !mask),
    }
}

/// `connmark_tg_xlate_v2`; `None` where it has no words.
fn connmark(mode: u8, mark: u32, connection_mask: u32, packet_mask: u32) -> Option<String> {
    let is_whole = connection_mask == u32::MAX && packet_mask == u32::MAX;
    Some(match mode {
        0 => match (mark, connection_mask) {
            (mark, u32::MAX) => format!("ct mark set 0x{mark:x}"),
            (0, mask) => format!("ct mark set ct mark and 0x{:x}", !mask),
            (mark, mask) if mark == mask => format!("ct mark set ct mark or 0x{mark:x}"),
            (mark, 0) => format!("ct mark set ct mark xor 0x{mark:x}"),
            (mark, mask) => format!("ct mark set ct mark xor 0x{mark:x} and 0x{:x}", !mask),
        },
        1 if is_whole => "ct mark set mark".to_owned(),
        2 if is_whole => "meta mark set ct mark".to_owned(),
        1 if connection_mask == packet_mask => format!("ct mark set mark and 0x{packet_mask:x}"),
        2 if connection_mask == packet_mask => format!("meta mark set ct mark and 0x{packet_mask:x}"),
        _ => return None,
    })
}

/// `__NAT_xlate`; `None` where ports are shifted.
fn translated(verb: &str, range: &NatRange) -> Option<String> {
    if range.flags.contains(NatFlags::PROTO_OFFSET) {
        return None;
    }
    let mut to = String::new();
    if range.flags.contains(NatFlags::MAP_IPS) {
        let _ = write!(to, "{}", range.first);
        if range.first != range.last {
            let _ = write!(to, "-{}", range.last);
        }
    }
    if range.flags.contains(NatFlags::PROTO_SPECIFIED) {
        let _ = write!(to, ":{}", ports_of(range.first_port, range.last_port));
    }
    let to = if to.is_empty() { String::new() } else { format!(" to {to}") };
    let named = [
        (NatFlags::PROTO_RANDOM, "random"),
        (NatFlags::PROTO_RANDOM_FULLY, "fully-random"),
        (NatFlags::PERSISTENT, "persistent"),
    ];
    let names: Vec<&str> =
        named.iter().filter(|(flag, _)| range.flags.contains(*flag)).map(|(_, name)| *name).collect();
    let flags = if names.is_empty() { String::new() } else { format!(" {}", names.join(",")) };
    Some(format!("{verb}{to}{flags}"))
}
