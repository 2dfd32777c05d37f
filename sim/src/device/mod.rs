//! What links do: the table of what a kind does on its own. Each kind fills that table in a file of its own. What a link
//! is stands in [`link`](crate::link).

mod bridge;
mod loopback;
mod receive_handler;
mod veth;
mod wire;

pub(crate) use receive_handler::{MAXIMUM_NESTING, RxHandler, RxHandlerResult};
pub(crate) use wire::{Delivery, KeptRoute, Told, WIRE_DELAY};

use crate::id::{LinkId, NamespaceId};
use crate::link::{Device, Link};
use crate::transmit::{Frame, Xmit};
use crate::world::World;
use std::ops::RangeInclusive;
use vethlab_shared::change::{NewLink, NewLinkKind};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::view::LinkKind;

impl Device {
    /// What links of this kind do.
    pub(crate) fn operations(&self) -> &'static Operations {
        match self {
            Device::Loopback => &loopback::OPERATIONS,
            Device::Veth { .. } => &veth::OPERATIONS,
            Device::Bridge(_) => &bridge::OPERATIONS,
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
    /// Gives the link another Ethernet address (`ndo_set_mac_address`).
    pub(crate) set_address: fn(&mut World, LinkId, MacAddress),
    /// The MTU was set by hand (`ndo_change_mtu`).
    pub(crate) mtu_was_set: fn(&mut World, LinkId),
    /// The link that this one stands on or is joined to (`ndo_get_iflink`, `get_link_net`).
    pub(crate) lower: fn(&Link) -> Option<LinkId>,
    /// The link was moved to another namespace: what points at it is to follow.
    pub(crate) moved: fn(&mut World, to: LinkId),
    /// A link is to have this one as its master (`ndo_add_slave`).
    pub(crate) add_port: fn(&mut World, master: LinkId, port: LinkId) -> Result<(), StackError>,
    /// A link that had this one as its master is leaving it (`ndo_del_slave`).
    pub(crate) remove_port: fn(&mut World, master: LinkId, port: LinkId),
    /// Something happened to a link that has this one as its master (`netdev_call`).
    pub(crate) port_event: fn(&mut World, master: LinkId, port: LinkId, PortEvent),
    /// The link that takes in whatever is sent by this one, at once and without a look at it, where there is such
    /// (`ndo_fill_forward_path`).
    pub(crate) forward_path: fn(&Link) -> Option<LinkId>,
    /// What is told of the kind (`rtnl_link_ops.fill_info`).
    pub(crate) view: fn(&Link) -> LinkKind,
}

/// What happens to a link that its master has to know (`NETDEV_*`).
#[derive(Clone, Copy, Debug)]
pub(crate) enum PortEvent {
    /// It was set up (`NETDEV_UP`).
    Up,
    /// It was set down (`NETDEV_DOWN`).
    Down,
    /// Its operational state may be another one (`NETDEV_CHANGE`).
    CarrierChanged,
    /// It has another Ethernet address than this (`NETDEV_CHANGEADDR`).
    AddressChanged { old: MacAddress },
    /// It has another MTU (`NETDEV_CHANGEMTU`).
    MtuChanged,
}

/// What links do that have no ports of their own, and nothing of their own to do.
mod plain {
    use super::{Errno, LinkId, MacAddress, StackError, World};

    /// `do_set_master` for a link without `ndo_add_slave`.
    pub(super) fn add_port(_: &mut World, _: LinkId, _: LinkId) -> Result<(), StackError> {
        Err(Errno::EOPNOTSUPP.into())
    }

    /// `eth_mac_addr`.
    pub(super) fn set_address(world: &mut World, at: LinkId, address: MacAddress) {
        if let Some(link) = world.link_mut(at) {
            link.address = address;
        }
    }
}

impl Operations {
    /// What makes a link of the wanted kind (`rtnl_link_ops_get`).
    pub(crate) fn of_new(kind: &NewLinkKind) -> &'static Operations {
        match kind {
            NewLinkKind::Veth { .. } => &veth::OPERATIONS,
            NewLinkKind::Bridge(_) => &bridge::OPERATIONS,
        }
    }
}

impl Link {
    /// The link that this one stands on or is joined to.
    pub(crate) fn lower(&self) -> Option<LinkId> {
        (self.device.operations().lower)(self)
    }

    /// The link that takes in whatever is sent by this one, where there is such.
    pub(crate) fn forward_path(&self) -> Option<LinkId> {
        (self.device.operations().forward_path)(self)
    }
}
