//! What links do: the table of what a kind does on its own. Each kind fills that table in a file of its own. What a link
//! is stands in [`link`](crate::link).

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
use vethlab_shared::error::StackError;
use vethlab_shared::view::LinkKind;

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
