//! One route of a table.

use std::net::Ipv4Addr;
use vethlab_shared::name::IfIndex;
use vethlab_shared::prefix::Ipv4Prefix;
use vethlab_shared::view::{Protocol, RouteKind, Scope};

/// One route (`struct fib_alias` with its `struct fib_info` and the one `struct fib_nh`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) tos: u8,
    pub(crate) kind: RouteKind,
    pub(crate) protocol: Protocol,
    pub(crate) scope: Scope,
    pub(crate) metric: u32,
    pub(crate) preferred_source: Option<Ipv4Addr>,
    /// The MTU that the route sets, in bytes.
    pub(crate) mtu: Option<u32>,
    /// The next hop's address as it was given; see [`Entry::next_hop`].
    pub(crate) gateway: Option<Ipv4Addr>,
    pub(crate) output: Option<IfIndex>,
    pub(crate) on_link: bool,
    /// How near the next hop is (`nhc_scope`).
    pub(crate) hop_scope: Scope,
    /// The link has no carrier (`RTNH_F_LINKDOWN`).
    pub(crate) link_down: bool,
}

impl Entry {
    /// The gateway to ask for: one that is an own address is not asked (`rt_set_nexthop`).
    pub(crate) fn next_hop(&self) -> Option<Ipv4Addr> {
        self.gateway.filter(|_| self.hop_scope == Scope::LINK)
    }

    /// Whether the two would share a `struct fib_info` (`fib_find_info`): carrier does not matter.
    pub(super) fn same(&self, other: &Entry) -> bool {
        *self == Entry { link_down: self.link_down, ..*other }
    }

    /// Whether both go to a gateway, as far away and at the same metric.
    pub(super) fn is_alternative_to(&self, other: &Entry) -> bool {
        let has_gateway = |entry: &Entry| entry.kind == RouteKind::Unicast && entry.next_hop().is_some();
        has_gateway(self)
            && has_gateway(other)
            && (self.tos, self.metric, self.scope) == (other.tos, other.metric, other.scope)
    }
}

/// Whose next hop it is that something is learned of: all entries of a table that are the same but for their prefixes
/// share one (`struct fib_info`, found by `fib_find_info`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shared {
    pub(crate) table: u32,
    pub(crate) entry: Entry,
}

impl Shared {
    pub(crate) fn new(table: u32, entry: &Entry) -> Shared {
        Shared { table, entry: Entry { tos: 0, link_down: false, ..*entry } }
    }
}

/// A prefix as a key: ordered by address, then the longer one first, as a dump has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PrefixKey {
    address: u32,
    /// 32 less the prefix's length.
    suffix: u8,
}

impl PrefixKey {
    pub(super) fn address(self) -> u32 {
        self.address
    }

    pub(super) fn length(self) -> u8 {
        32 - self.suffix
    }

    pub(super) fn contains(self, address: u32) -> bool {
        u64::from(address ^ self.address) >> self.suffix == 0
    }

    pub(super) fn prefix(self) -> Ipv4Prefix {
        Ipv4Prefix::new(Ipv4Addr::from_bits(self.address), self.length())
    }
}

impl From<Ipv4Prefix> for PrefixKey {
    fn from(prefix: Ipv4Prefix) -> PrefixKey {
        PrefixKey { address: prefix.address.to_bits(), suffix: 32 - prefix.length }
    }
}
