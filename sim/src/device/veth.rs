//! A pair of Ethernet links: what is sent at one end comes out of the other (`drivers/net/veth.c`).

use super::{Delivery, KeptRoute, Operations, plain};
use crate::id::{LinkId, NamespaceId};
use crate::link::{Device, Link};
use crate::transmit::{Frame, Xmit};
use crate::world::World;
use std::ops::RangeInclusive;
use vethlab_shared::change::{LinkSettings, NewLink, NewLinkKind};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::DropReason;
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{LinkFlags, LinkKind};

pub(super) static OPERATIONS: Operations = Operations {
    mtu: MTU,
    netns_immutable: false,
    validate,
    new,
    delete: Some(delete),
    open: update_carrier,
    close: update_carrier,
    transmit,
    carrier,
    set_address: plain::set_address,
    mtu_was_set: |_, _| {},
    lower: peer_of,
    forward_path: peer_of,
    moved,
    add_port: plain::add_port,
    remove_port: |_, _, _| {},
    port_event: |_, _, _, _| {},
    view: |_| LinkKind::Veth,
};

/// `ETH_MIN_MTU`, `ETH_MAX_MTU`.
const MTU: RangeInclusive<u32> = 68..=65_535;

fn peer_of(link: &Link) -> Option<LinkId> {
    match link.device {
        Device::Veth { peer } => Some(peer),
        Device::Loopback | Device::Bridge(_) => None,
    }
}

/// `veth_validate`, for both ends.
fn validate(new: &NewLink) -> Result<(), StackError> {
    let NewLinkKind::Veth { peer } = &new.kind else { return Err(Errno::EOPNOTSUPP.into()) };
    for end in [&new.end, peer] {
        if end.address.is_some_and(|address| !address.is_valid_unicast()) {
            return Err(Errno::EADDRNOTAVAIL.into());
        }
        if end.mtu.is_some_and(|mtu| !MTU.contains(&mtu)) {
            return Err(Errno::EINVAL.into());
        }
    }
    Ok(())
}

/// `veth_newlink`: the peer is registered first, and so gets the lower index. Its index counts only where the near end
/// has one too.
fn new(
    world: &mut World,
    asker: NamespaceId,
    near: NamespaceId,
    new: &NewLink,
) -> Result<LinkId, StackError> {
    let NewLinkKind::Veth { peer } = &new.kind else { return Err(Errno::EOPNOTSUPP.into()) };
    let far = world.target_of(peer)?.unwrap_or(asker);
    let far = register(world, far, peer, new.end.index.and(peer.index))?;
    if peer.flags_mask.contains(LinkFlags::UP) && peer.flags.contains(LinkFlags::UP) {
        // The kernel opens the far end before there is a near one (`rtnl_configure_link`, `veth_open`).
        world.unregister_link(far);
        return Err(Errno::ENOTCONN.into());
    }
    let near = register(world, near, &new.end, new.end.index).inspect_err(|_| {
        world.unregister_link(far);
    })?;
    join(world, near, far);
    join(world, far, near);
    world.link_watch.extend([far, near]);
    world.assign_namespace_ids(&[far, near]);
    world.change_flags(far, peer);
    Ok(near)
}

/// Registers one end; it is its own peer until it is joined to the other.
fn register(
    world: &mut World,
    namespace: NamespaceId,
    settings: &LinkSettings,
    wanted: Option<IfIndex>,
) -> Result<LinkId, Errno> {
    world.register_link(namespace, settings, wanted, "veth", |index, name, address| {
        let device = Device::Veth { peer: LinkId { namespace, index } };
        Link { carrier: false, ..Link::ethernet(index, name, device, address) }
    })
}

fn join(world: &mut World, end: LinkId, other: LinkId) {
    if let Some(link) = world.link_mut(end) {
        link.device = Device::Veth { peer: other };
    }
}

/// `veth_dellink`: both ends go.
fn delete(world: &mut World, at: LinkId) {
    let peer = world.link(at).and_then(peer_of);
    for end in [Some(at), peer].into_iter().flatten() {
        world.dev_close(end);
        world.unregister_link(end);
    }
}

/// `veth_open`, `veth_close`.
fn update_carrier(world: &mut World, at: LinkId) {
    if let Some(peer) = world.link(at).and_then(peer_of) {
        world.update_carrier(&[at, peer]);
    }
}

/// A pair has carrier while both ends are up.
fn carrier(world: &World, at: LinkId) -> bool {
    let is_up = |at| world.link(at).is_some_and(Link::is_up);
    is_up(at) && world.link(at).and_then(peer_of).is_some_and(is_up)
}

fn moved(world: &mut World, to: LinkId) {
    if let Some(peer) = world.link(to).and_then(peer_of) {
        join(world, peer, to);
    }
}

/// `veth_xmit`, with `__dev_forward_skb` for the far end.
fn transmit(world: &mut World, at: LinkId, frame: Frame, _: Option<KeptRoute>) -> Xmit {
    let mut packet = frame.into_packet();
    let Some(peer) = world.link(at).and_then(peer_of) else {
        world.drop_packet(at.namespace, packet.id, DropReason::DevReady);
        return Xmit::Dropped;
    };
    let length = packet.frame().len();
    let fits = world.link(peer).is_some_and(|peer| peer.is_up() && packet.fits_link(peer.mtu));
    if !fits {
        if world.link(peer).is_some() {
            world.counters(peer).rx_dropped += 1;
        }
        world.counters(at).tx_dropped += 1;
        world.tell_xmit(at, &packet);
        world.drop_packet(at.namespace, packet.id, DropReason::NotSpecified);
        return Xmit::Dropped;
    }
    world.counters(at).sent(length);
    world.counters(peer).received(length);
    let told = world.tell_xmit(at, &packet);
    packet.scrub(peer.namespace != at.namespace);
    world.deliver_later(Delivery { to: peer, packet, route: None, told });
    Xmit::Sent
}
