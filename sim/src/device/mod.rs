//! Links: what is the same for all of them, and the table of what a kind does on its own. Each kind fills that table in a
//! file of its own.

mod in_device;
mod links;
mod loopback;
mod receive_handler;
mod veth;
mod wire;

pub(crate) use in_device::{Address, InDevice};
pub(crate) use links::Links;
pub(crate) use receive_handler::{MAXIMUM_NESTING, RxHandler, RxHandlerResult};
pub(crate) use wire::{Delivery, KeptRoute, Told, WIRE_DELAY};

use crate::id::{LinkId, NamespaceId};
use crate::transmit::{Frame, Xmit};
use crate::world::World;
use std::ops::RangeInclusive;
use vethlab_shared::change::{NewLink, NewLinkKind};
use vethlab_shared::error::StackError;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::{IfIndex, LinkName};
use vethlab_shared::view::{LinkFlags, LinkKind, OperationalState};

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
}

impl Device {
    /// What links of this kind do.
    pub(crate) fn operations(&self) -> &'static Operations {
        match self {
            Device::Loopback => &loopback::OPERATIONS,
            Device::Veth { .. } => &veth::OPERATIONS,
        }
    }
}

/// What a kind of link does on its own (`struct rtnl_link_ops`, `struct net_device_ops`).
pub(crate) struct Operations {
    /// The smallest and the largest MTU, in bytes (`min_mtu`, `max_mtu`).
    pub(crate) mtu: RangeInclusive<u32>,
    /// It stays in the namespace that it was made in (`netns_immutable`).
    pub(crate) netns_immutable: bool,
    /// Checks a request for a new link (`rtnl_link_ops.validate`).
    pub(crate) validate: fn(&NewLink) -> Result<(), StackError>,
    /// Makes the link in the namespace `near` and registers it; whoever asks stands in `asker`
    /// (`rtnl_link_ops.newlink`).
    pub(crate) new:
        fn(&mut World, asker: NamespaceId, near: NamespaceId, &NewLink) -> Result<LinkId, StackError>,
    /// Deletes the link, and what goes with it (`rtnl_link_ops.dellink`). `None` where that is refused.
    pub(crate) delete: Option<fn(&mut World, LinkId)>,
    /// The link was set up (`ndo_open`).
    pub(crate) open: fn(&mut World, LinkId),
    /// The link was set down (`ndo_stop`).
    pub(crate) close: fn(&mut World, LinkId),
    /// Sends a frame (`ndo_start_xmit`).
    pub(crate) transmit: fn(&mut World, LinkId, Frame, Option<KeptRoute>) -> Xmit,
    /// Whether the lower layer works, as things stand (`netif_carrier_on`, `netif_carrier_off`).
    pub(crate) carrier: fn(&World, LinkId) -> bool,
    /// The link that this one stands on or is joined to (`ndo_get_iflink`, `get_link_net`).
    pub(crate) lower: fn(&Link) -> Option<LinkId>,
    /// The link was moved to another namespace: what points at it is to follow.
    pub(crate) moved: fn(&mut World, to: LinkId),
    /// A link that had this one as its master is leaving it (`ndo_del_slave`).
    pub(crate) remove_port: fn(&mut World, master: LinkId, port: LinkId),
    /// The link that takes in whatever is sent by this one, at once and without a look at it, where there is such
    /// (`ndo_fill_forward_path`).
    pub(crate) forward_path: fn(&Link) -> Option<LinkId>,
    /// What is told of the kind (`rtnl_link_ops.fill_info`).
    pub(crate) view: fn(&Link) -> LinkKind,
}

impl Operations {
    /// What makes a link of the wanted kind (`rtnl_link_ops_get`).
    pub(crate) fn of_new(kind: &NewLinkKind) -> &'static Operations {
        match kind {
            NewLinkKind::Veth { .. } => &veth::OPERATIONS,
        }
    }
}

/// One link (`struct net_device`).
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) index: IfIndex,
    pub(crate) name: LinkName,
    pub(crate) device: Device,
    /// The link that this one belongs to, in the same namespace (`netdev_master_upper_dev_get`).
    pub(crate) master: Option<IfIndex>,
    /// What takes its frames before any protocol does (`netdev_rx_handler_register`).
    pub(crate) rx_handler: Option<RxHandler>,
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
            rx_handler: None,
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

    /// The link that this one stands on or is joined to.
    pub(crate) fn lower(&self) -> Option<LinkId> {
        (self.device.operations().lower)(self)
    }

    /// The link that takes in whatever is sent by this one, where there is such.
    pub(crate) fn forward_path(&self) -> Option<LinkId> {
        (self.device.operations().forward_path)(self)
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
