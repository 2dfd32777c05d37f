//! Links, as data: what a link is, and the links of a namespace. What links do is beside them, in [`device`](crate::device),
//! so that what only looks at links, as routing does, depends on nothing that acts.

mod bridge;
mod filters;
mod in_device;
mod links;
mod stp;

pub(crate) use bridge::{Bridge, Port};
pub(crate) use filters::{ALL_NODES, Filters};
pub(crate) use in_device::{Address, InDevice};
pub(crate) use links::Links;
pub(crate) use stp::{BridgeId, Designated, PortStp, Stp, StpTimer, Times, Timing};

use crate::id::LinkId;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::{IfIndex, LinkName};
use vethlab_shared::view::{LinkFlags, OperationalState};

/// What kind of link it is, with what only that kind has (`netdev_priv`). Only the files of the kinds look inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Device {
    /// What is sent comes back (`drivers/net/loopback.c`).
    Loopback,
    /// What is sent comes out of the peer (`drivers/net/veth.c`).
    Veth {
        /// The other end; it knows this one as its peer in turn.
        peer: LinkId,
    },
    /// A switch: frames go from one of its ports to the others (`net/bridge`).
    Bridge(Box<Bridge>),
}

/// One link (`struct net_device`).
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) index: IfIndex,
    pub(crate) name: LinkName,
    pub(crate) device: Device,
    /// The link that this one belongs to, in the same namespace (`netdev_master_upper_dev_get`).
    pub(crate) master: Option<IfIndex>,
    /// What it is as a port of a bridge, where it is one.
    pub(crate) port: Option<Port>,
    /// Which addresses it takes in besides its own.
    pub(crate) filters: Filters,
    /// How many links came to its namespace before it.
    pub(crate) registered: u32,
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
    /// What IPv4 keeps of it (`ip_ptr`): nothing when the MTU is under 68 (`inetdev_init`, `inetdev_destroy`).
    pub(crate) inet: Option<InDevice>,
}

impl Link {
    /// A new Ethernet link (`ether_setup`): down, with carrier, and nobody's. No protocol knows it yet.
    pub(crate) fn ethernet(index: IfIndex, name: LinkName, device: Device, address: MacAddress) -> Link {
        /// `DEFAULT_TX_QUEUE_LEN`, in packets.
        const TX_QUEUE_LENGTH: u32 = 1000;
        Link {
            index,
            name,
            device,
            master: None,
            port: None,
            filters: Filters::default(),
            registered: 0,
            flags: LinkFlags::BROADCAST | LinkFlags::MULTICAST,
            carrier: true,
            state: OperationalState::Unknown,
            mtu: 1500,
            qdisc: "noop",
            group: 0,
            tx_queue_length: TX_QUEUE_LENGTH,
            address,
            broadcast: MacAddress::BROADCAST,
            inet: None,
        }
    }

    /// Its IPv4 addresses.
    pub(crate) fn addresses(&self) -> &[Address] {
        self.inet.as_ref().map_or(&[], |inet| &inet.addresses)
    }

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
