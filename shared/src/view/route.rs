//! Routes, as `RTM_GETROUTE` reports them.

use crate::name::IfIndex;
use crate::prefix::Prefix;
use bitflags::bitflags;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The numbers of the routing tables that every namespace has (`enum rt_class_t`).
pub mod table {
    /// Means: none given.
    pub const UNSPECIFIED: u32 = 0;
    /// Empty, looked at last.
    pub const DEFAULT: u32 = 253;
    /// What `ip route` shows.
    pub const MAIN: u32 = 254;
    /// Own and broadcast addresses, looked at first; kept by the kernel.
    pub const LOCAL: u32 = 255;
}

/// What a route does with a packet (`RTN_*`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
#[serde(rename_all = "lowercase")]
pub enum RouteKind {
    /// None given.
    #[default]
    Unspecified = 0,
    /// Sends it on.
    Unicast = 1,
    /// Takes it in: an own address.
    Local = 2,
    /// Takes it in as a broadcast, sends it as one.
    Broadcast = 3,
    /// Takes it in as a broadcast, sends it as unicast.
    Anycast = 4,
    /// To a group.
    Multicast = 5,
    /// Drops it without a word.
    Blackhole = 6,
    /// Drops it and says: host unreachable.
    Unreachable = 7,
    /// Drops it and says: communication prohibited.
    Prohibit = 8,
    /// Ends the lookup in this table.
    Throw = 9,
    /// Obsolete.
    Nat = 10,
}

impl RouteKind {
    /// The kind with this number.
    pub fn from_number(number: u8) -> Option<RouteKind> {
        use RouteKind::*;
        [
            Unspecified,
            Unicast,
            Local,
            Broadcast,
            Anycast,
            Multicast,
            Blackhole,
            Unreachable,
            Prohibit,
            Throw,
            Nat,
        ]
        .get(usize::from(number))
        .copied()
    }
}

/// Who made a route (`RTPROT_*`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Protocol(pub u8);

impl Protocol {
    /// None given.
    pub const UNSPECIFIED: Protocol = Protocol(0);
    /// An ICMP redirect.
    pub const REDIRECT: Protocol = Protocol(1);
    /// The kernel itself.
    pub const KERNEL: Protocol = Protocol(2);
    /// What `ip route add` is by default, and what it does not print.
    pub const BOOT: Protocol = Protocol(3);
    /// The administrator.
    pub const STATIC: Protocol = Protocol(4);
}

/// How far away a destination is, or how far an address is valid (`RT_SCOPE_*`): the larger, the nearer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scope(pub u8);

impl Scope {
    /// Anywhere.
    pub const UNIVERSE: Scope = Scope(0);
    /// Within this site.
    pub const SITE: Scope = Scope(200);
    /// On the link.
    pub const LINK: Scope = Scope(253);
    /// This very machine.
    pub const HOST: Scope = Scope(254);
    /// Does not exist; matches any when deleting.
    pub const NOWHERE: Scope = Scope(255);
}

bitflags! {
    /// The flags of a route's next hop (`RTNH_F_*`) and of a lookup's answer (`RTM_F_*`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub struct RouteFlags: u32 {
        /// The link is down.
        const DEAD = 1;
        /// The gateway is taken as on the link, whatever its address.
        const ON_LINK = 4;
        /// The link has no carrier.
        const LINK_DOWN = 16;
        /// An answer to a lookup, not an entry of a table (`RTM_F_CLONED`).
        const CLONED = 0x200;
    }
}

/// One entry of a routing table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RouteView {
    /// Which addresses it is for.
    pub destination: Prefix,
    /// Which type of service it is for; 0 for all.
    pub tos: u8,
    /// The table's number.
    pub table: u32,
    /// What it does.
    pub kind: RouteKind,
    /// Who made it.
    pub protocol: Protocol,
    /// How far away the destination is.
    pub scope: Scope,
    /// The metric; the lowest wins among equal prefixes.
    pub metric: u32,
    /// The next hop; `None` means that the destination is on the link.
    pub gateway: Option<IpAddr>,
    /// The link it goes out by.
    pub output: Option<IfIndex>,
    /// The source address to prefer (`RTA_PREFSRC`).
    pub preferred_source: Option<IpAddr>,
    /// The MTU that the route sets, in bytes.
    pub mtu: Option<u32>,
    /// The next hop's flags.
    pub flags: RouteFlags,
}

/// A question to the routing tables: `ip route get`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteQuery {
    /// Where to.
    pub destination: IpAddr,
    /// Where from (`from`).
    pub source: Option<IpAddr>,
    /// By which link it must leave (`oif`).
    pub output: Option<IfIndex>,
    /// As if it came in there (`iif`).
    pub input: Option<IfIndex>,
    /// Type of service.
    pub tos: u8,
}

/// The answer to a [`RouteQuery`] (`rt_fill_info` in `net/ipv4/route.c`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteLookup {
    /// The route as it applies: its destination is the very address asked for.
    pub route: RouteView,
    /// The source that was asked for (`RTA_SRC`).
    pub source: Option<IpAddr>,
    /// The link that it was asked to have come in by (`RTA_IIF`).
    pub input: Option<IfIndex>,
    /// The user on whose behalf the kernel looked (`RTA_UID`), where it says so.
    pub uid: Option<u32>,
    /// Cache flags (`RTCF_*` from `linux/in_route.h`), the upper half of `rtm_flags`.
    pub cache_flags: u32,
    /// Whether no smaller MTU is learned any more (`RTAX_LOCK`).
    pub mtu_locked: bool,
    /// When a learned value expires, in clock ticks of 1/100 s, where one was learned.
    pub expires: Option<u32>,
}
