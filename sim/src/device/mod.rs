//! Links: what is the same for all of them. What a kind does on its own stands in a file of its own.

mod wire;

pub(crate) use wire::{Delivery, KeptRoute, WIRE_DELAY};

use crate::id::LinkId;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::{IfIndex, LinkName};
use vethlab_shared::time::Duration;
use vethlab_shared::view::{AddressFlags, LinkFlags, LinkStatistics, OperationalState, Scope};

/// What kind of link it is, with what only that kind has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Device {
    /// What is sent comes back (`drivers/net/loopback.c`).
    Loopback,
    /// What is sent comes out of the peer (`drivers/net/veth.c`).
    Veth {
        /// The other end; it knows this one as its peer in turn.
        peer: LinkId,
    },
}

/// One link (`struct net_device`, with the `struct in_device` that IPv4 hangs on it).
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) index: IfIndex,
    pub(crate) name: LinkName,
    pub(crate) device: Device,
    /// All but `RUNNING` and `LOWER_UP`, which are derived (`dev_get_flags`).
    pub(crate) flags: LinkFlags,
    /// Whether the lower layer works (`netif_carrier_ok`).
    pub(crate) carrier: bool,
    /// As set by linkwatch (`rfc2863_policy`), or by hand.
    pub(crate) state: OperationalState,
    pub(crate) mtu: u32,
    pub(crate) qdisc: &'static str,
    pub(crate) group: u32,
    pub(crate) tx_queue_length: u32,
    pub(crate) address: MacAddress,
    pub(crate) broadcast: MacAddress,
    pub(crate) statistics: LinkStatistics,
    /// The IPv4 addresses in the order in which the kernel keeps them (`in_device.ifa_list`).
    pub(crate) addresses: Vec<Address>,
    /// Whether IPv4 is attached: not when the MTU is under 68 (`inetdev_init`, `inetdev_destroy`).
    pub(crate) ipv4: bool,
    /// For how long a neighbour's answer counts on this link (`neigh_rand_reach_time`).
    pub(crate) reachable_time: Duration,
}

/// An IPv4 address of a link (`struct in_ifaddr`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) local: Ipv4Addr,
    pub(crate) peer: Ipv4Addr,
    pub(crate) prefix_length: u8,
    pub(crate) broadcast: Option<Ipv4Addr>,
    pub(crate) label: String,
    pub(crate) scope: Scope,
    pub(crate) flags: AddressFlags,
}

impl Link {
    /// Whether the administrator set it up (`IFF_UP`).
    pub(crate) fn is_up(&self) -> bool {
        self.flags.contains(LinkFlags::UP)
    }

    pub(crate) fn is_loopback(&self) -> bool {
        self.flags.contains(LinkFlags::LOOPBACK)
    }

    /// The flags as user space sees them (`netif_get_flags`).
    pub(crate) fn visible_flags(&self) -> LinkFlags {
        let mut flags = self.flags - LinkFlags::RUNNING - LinkFlags::LOWER_UP;
        if self.is_up() {
            if matches!(self.state, OperationalState::Up | OperationalState::Unknown) {
                flags |= LinkFlags::RUNNING;
            }
            if self.carrier {
                flags |= LinkFlags::LOWER_UP;
            }
        }
        flags
    }
}

/// The links of one namespace, by index.
pub(crate) type Links = BTreeMap<IfIndex, Link>;
