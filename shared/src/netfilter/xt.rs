//! Matches and targets of `x_tables`, for that which `iptables` asks for by them and not by expressions of `nf_tables`.
//!
//! The kernel has them as structures of C (`linux/netfilter/xt_*.h`, `linux/netfilter_ipv4/ipt_*.h`); here they are typed.

use bitflags::bitflags;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// A match (`NFTA_MATCH_*`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Match {
    /// `tcp`, revision 0: `iptables` asks for it where nothing or an option is looked for.
    Tcp(TcpMatch),
    /// `udp`, revision 0: `iptables` asks for it where nothing is looked for.
    Udp(UdpMatch),
    /// `icmp`, revision 0.
    Icmp(IcmpMatch),
    /// `multiport`, revision 1.
    Multiport(MultiportMatch),
    /// `conntrack`, revision 3; also what `-m state` asks for.
    Conntrack(Box<ConntrackMatch>),
    /// `comment`, revision 0: holds always.
    Comment(String),
    /// `addrtype`, revision 1.
    Addrtype {
        /// Of what types the source address may be; empty is any.
        source: AddressTypes,
        /// Of what types the destination address may be; empty is any.
        destination: AddressTypes,
        /// Whether the source must be of none of them.
        invert_source: bool,
        /// Whether the destination must be of none of them.
        invert_destination: bool,
        /// Only addresses of the link that the packet came by count (`XT_ADDRTYPE_LIMIT_IFACE_IN`).
        limit_in: bool,
        /// Only addresses of the link that it leaves by count (`XT_ADDRTYPE_LIMIT_IFACE_OUT`).
        limit_out: bool,
    },
    /// `pkttype`, revision 0.
    Pkttype {
        /// To whom its frame was addressed (`PACKET_*`).
        kind: u32,
        /// Holds where it is not so.
        invert: bool,
    },
    /// `mac`, revision 0.
    Mac {
        /// The frame's source address.
        source: crate::mac::MacAddress,
        /// Holds where it is not so.
        invert: bool,
    },
    /// `iprange`, revision 1.
    Iprange {
        /// First and last source address, and whether it must lie outside.
        source: Option<(Ipv4Addr, Ipv4Addr, bool)>,
        /// First and last destination address, and whether it must lie outside.
        destination: Option<(Ipv4Addr, Ipv4Addr, bool)>,
    },
    /// `ttl`, revision 0.
    Ttl {
        /// `IPT_TTL_EQ`, `_NE`, `_LT`, `_GT`: 0 to 3.
        mode: u8,
        /// The time to live to compare with.
        value: u8,
    },
    /// `length`, revision 0.
    Length {
        /// The smallest length, from the network header on, in bytes.
        min: u16,
        /// The largest length.
        max: u16,
        /// Holds where it lies outside.
        invert: bool,
    },
    /// `connmark`, revision 1.
    Connmark {
        /// The connection's mark.
        mark: u32,
        /// The bits that count.
        mask: u32,
        /// Holds where it is not so.
        invert: bool,
    },
    /// `statistic`, revision 0, in mode `nth`: every so many packets one.
    StatisticNth {
        /// One more is the number of packets of which one is taken.
        every: u32,
        /// Which of them.
        packet: u32,
        /// How many had passed since the last one when the rule was made (`count`); how many have by now the kernel does not
        /// tell.
        #[serde(default)]
        count: u32,
        /// Holds for the others.
        invert: bool,
    },
    /// `statistic`, revision 0, in mode `random`: by chance.
    StatisticRandom {
        /// How likely it is: so many of 2 147 483 648.
        probability: u32,
        /// Holds for the others.
        invert: bool,
    },
    /// Another one, as the kernel gave it.
    Other(Extension),
}

/// A match or target that nothing here knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// `NFTA_MATCH_NAME`.
    pub name: String,
    /// `NFTA_MATCH_REV`.
    pub revision: u32,
    /// `NFTA_MATCH_INFO`.
    pub info: super::Value,
}

/// Ports, flags and options of TCP (`struct xt_tcp`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TcpMatch {
    /// The first and the last source port.
    pub source: (u16, u16),
    /// The first and the last destination port.
    pub destination: (u16, u16),
    /// The option that it must have; 0 is none.
    pub option: u8,
    /// The flags to look at.
    pub flag_mask: u8,
    /// Those of them that are set.
    pub flags: u8,
    /// The conditions whose opposite must hold: source port 1, destination port 2, flags 4, option 8 (`XT_TCP_INV_*`).
    pub invert: u8,
}

/// Ports of UDP (`struct xt_udp`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UdpMatch {
    /// The first and the last source port.
    pub source: (u16, u16),
    /// The first and the last destination port.
    pub destination: (u16, u16),
    /// The conditions whose opposite must hold: source port 1, destination port 2 (`XT_UDP_INV_*`).
    pub invert: u8,
}

/// Types of ICMP messages (`struct ipt_icmp`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IcmpMatch {
    /// The type; 255 is any.
    pub kind: u8,
    /// The smallest code.
    pub first_code: u8,
    /// The largest code.
    pub last_code: u8,
    /// Holds for the others.
    pub invert: bool,
}

/// Ports of TCP, UDP and their like (`struct xt_multiport_v1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MultiportMatch {
    /// Which port.
    pub side: PortSide,
    /// At most 15 ports, of which a span takes two.
    pub ports: Vec<PortSpan>,
    /// Holds for the others.
    pub invert: bool,
}

/// Which port of a packet (`XT_MULTIPORT_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PortSide {
    /// Where it comes from.
    Source,
    /// Where it goes to.
    Destination,
    /// Either of them.
    Either,
}

/// Ports from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortSpan {
    /// The first.
    pub first: u16,
    /// The last; `None` where a single port was written.
    pub last: Option<u16>,
}

bitflags! {
    /// States of connections, with the bits of `-m conntrack --ctstate` (`XT_CONNTRACK_STATE_*`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    pub struct CtState: u16 {
        /// The packet belongs to no connection that could be.
        const INVALID = 1;
        /// Packets have passed in both directions.
        const ESTABLISHED = 2;
        /// It begins a connection that another one has led to, or is an ICMP error about one.
        const RELATED = 4;
        /// It begins a connection.
        const NEW = 8;
        /// Its source is translated.
        const SNAT = 0x40;
        /// Its destination is translated.
        const DNAT = 0x80;
        /// It is not tracked.
        const UNTRACKED = 0x100;
    }
}

/// What is known of a packet's connection (`struct xt_conntrack_mtinfo3`), as far as it is modelled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConntrackMatch {
    /// In which states it may be.
    pub states: Option<CtState>,
    /// It is asked for by `-m state` (`XT_CONNTRACK_STATE_ALIAS`).
    pub alias: bool,
    /// The conditions whose opposite must hold (`XT_CONNTRACK_*`).
    pub invert: u16,
    /// The protocol behind IP.
    pub protocol: Option<u16>,
    /// The source before translation, with its mask.
    pub original_source: Option<(Ipv4Addr, Ipv4Addr)>,
    /// The destination before translation, with its mask.
    pub original_destination: Option<(Ipv4Addr, Ipv4Addr)>,
    /// The source of answers, with its mask.
    pub reply_source: Option<(Ipv4Addr, Ipv4Addr)>,
    /// The destination of answers, with its mask.
    pub reply_destination: Option<(Ipv4Addr, Ipv4Addr)>,
    /// The source port before translation, first and last.
    pub original_source_port: Option<(u16, u16)>,
    /// The destination port before translation, first and last.
    pub original_destination_port: Option<(u16, u16)>,
    /// The source port of answers, first and last.
    pub reply_source_port: Option<(u16, u16)>,
    /// The destination port of answers, first and last.
    pub reply_destination_port: Option<(u16, u16)>,
    /// What has happened to the connection (`XT_CONNTRACK_STATUS`, `IPS_*`).
    pub status: Option<u16>,
    /// For how many seconds the connection stays known, from and to.
    pub expires: Option<(u32, u32)>,
    /// Whether the packet goes in the direction of the first one.
    pub original_direction: Option<bool>,
}

bitflags! {
    /// What kind of address one is (`XT_ADDRTYPE_*`), to a lookup of the routes.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    pub struct AddressTypes: u16 {
        /// No route leads to it.
        const UNSPEC = 1;
        /// By a gateway or link.
        const UNICAST = 2;
        /// This machine's own.
        const LOCAL = 4;
        /// For all of a subnet.
        const BROADCAST = 8;
        /// `RTN_ANYCAST`.
        const ANYCAST = 0x10;
        /// A group.
        const MULTICAST = 0x20;
        /// `RTN_BLACKHOLE`.
        const BLACKHOLE = 0x40;
        /// `RTN_UNREACHABLE`.
        const UNREACHABLE = 0x80;
        /// `RTN_PROHIBIT`.
        const PROHIBIT = 0x100;
        /// `RTN_THROW`.
        const THROW = 0x200;
        /// `RTN_NAT`.
        const NAT = 0x400;
        /// `RTN_XRESOLVE`.
        const XRESOLVE = 0x800;
    }
}

/// A target (`NFTA_TARGET_*`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// `REJECT`, revision 0: drops, and says so to the sender.
    Reject(RejectWith),
    /// `LOG`, revision 0: writes to the kernel's log, and goes on.
    Log(LogTarget),
    /// `MARK`, revision 2: `mark = (mark & !mask) ^ value`.
    Mark {
        /// The bits to flip.
        mark: u32,
        /// The bits to clear before.
        mask: u32,
    },
    /// `TTL`, revision 0.
    Ttl {
        /// `IPT_TTL_SET`, `_INC`, `_DEC`: 0 to 2.
        mode: u8,
        /// The number to set, add or take away.
        value: u8,
    },
    /// `SNAT`, revision 0.
    Snat(NatRange),
    /// `DNAT`, revision 2.
    Dnat(NatRange),
    /// `MASQUERADE`, revision 0: SNAT to the address of the link that the packet leaves by.
    Masquerade(NatRange),
    /// `REDIRECT`, revision 0: DNAT to this machine.
    Redirect(NatRange),
    /// `CT`, revision 2, as far as it says not to track a packet.
    Notrack {
        /// It was written as `-j CT --notrack` (`XT_CT_NOTRACK` without `XT_CT_NOTRACK_ALIAS`).
        as_ct: bool,
    },
    /// `CONNMARK`, revision 2.
    Connmark {
        /// `XT_CONNMARK_SET`, `_SAVE`, `_RESTORE`: 0 to 2.
        mode: u8,
        /// `ctmark`.
        mark: u32,
        /// `ctmask`.
        connection_mask: u32,
        /// `nfmask`.
        packet_mask: u32,
    },
    /// `TCPMSS`, revision 0: the largest segment that a SYN names; 65 535 is what fits the way.
    Tcpmss(u16),
    /// Another one, as the kernel gave it.
    Other(Extension),
}

bitflags! {
    /// How addresses and ports are chosen (`NF_NAT_RANGE_*`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    pub struct NatFlags: u32 {
        /// The addresses count.
        const MAP_IPS = 1;
        /// The ports count.
        const PROTO_SPECIFIED = 2;
        /// Ports by chance.
        const PROTO_RANDOM = 4;
        /// The same address for the same peer.
        const PERSISTENT = 8;
        /// Ports by a better chance.
        const PROTO_RANDOM_FULLY = 0x10;
        /// The ports count from an offset.
        const PROTO_OFFSET = 0x20;
        /// A whole network is mapped.
        const NETMAP = 0x40;
    }
}

/// What a translation may choose from (`struct nf_nat_range2`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatRange {
    /// Which of the fields count, and how is chosen.
    pub flags: NatFlags,
    /// The first address.
    pub first: Ipv4Addr,
    /// The last address.
    pub last: Ipv4Addr,
    /// The first port.
    pub first_port: u16,
    /// The last port.
    pub last_port: u16,
    /// The port that stands for the first one, with [`NatFlags::PROTO_OFFSET`].
    pub base_port: u16,
}

/// How `REJECT` says so (`enum ipt_reject_with`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RejectWith {
    /// `icmp-net-unreachable`.
    NetUnreachable,
    /// `icmp-host-unreachable`.
    HostUnreachable,
    /// `icmp-proto-unreachable`.
    ProtoUnreachable,
    /// `icmp-port-unreachable`.
    PortUnreachable,
    /// `icmp-net-prohibited`.
    NetProhibited,
    /// `icmp-host-prohibited`.
    HostProhibited,
    /// `tcp-reset`.
    TcpReset,
    /// `icmp-admin-prohibited`.
    AdminProhibited,
}

/// What `LOG` writes (`struct xt_log_info`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogTarget {
    /// How important it is, 0 to 7.
    pub level: u8,
    /// What else is told (`XT_LOG_*`).
    pub flags: u8,
    /// What stands in front, at most 29 bytes.
    pub prefix: String,
}
