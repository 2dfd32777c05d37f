//! The ports of a bridge: how links become ports, and what they do to the bridge (`br_if.c`, `br_stp_if.c`, `br.c`).

use super::forward::handle_frame;
use crate::device::PortEvent;
use crate::id::LinkId;
use crate::link::{Device, Link, PortState};
use crate::world::World;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::view::OperationalState;

/// How many ports a bridge has at most (`BR_MAX_PORTS`; port 0 is none).
const MOST_PORTS: usize = 1023;
/// The MTU of a bridge without ports, in bytes (`ETH_DATA_LEN`).
const USUAL_MTU: u32 = 1500;

/// A link becomes a port (`br_add_if`).
pub(super) fn add(world: &mut World, bridge: LinkId, at: LinkId) -> Result<(), StackError> {
    let Some(link) = world.link(at) else { return Err(Errno::ENODEV.into()) };
    let address = link.address;
    if link.is_loopback() || !address.is_valid_unicast() {
        return Err(Errno::EINVAL.into());
    }
    if let Device::Bridge(_) = link.device {
        return Err(StackError::with_extack(Errno::ELOOP, "Can not enslave a bridge to a bridge"));
    }
    if world.bridge(bridge).is_some_and(|bridge| bridge.ports.len() >= MOST_PORTS) {
        return Err(Errno::EXFULL.into());
    }
    if let Some(link) = world.link_mut(at) {
        (link.master, link.port) = (Some(bridge.index), Some(PortState::Disabled));
    }
    if let Some(bridge) = world.bridge_mut(bridge) {
        bridge.ports.insert(0, at.index);
    }
    world.net_mut(at.namespace).rx_handlers.insert(at.index, handle_frame);
    let now = world.now;
    world.fdb(bridge).add_local(Some(at.index), address, now);
    follow_addresses(world, bridge);
    if world.link(bridge).is_some_and(Link::is_up) {
        enable_if_up(world, bridge, at);
    }
    follow_mtus(world, bridge);
    Ok(())
}

/// A link is no longer a port (`br_del_if`, `del_nbp`).
pub(super) fn remove(world: &mut World, bridge: LinkId, at: LinkId) {
    disable(world, bridge, at);
    let address = world.link(at).map(|link| link.address).unwrap_or_default();
    if let Some(bridge) = world.bridge_mut(bridge) {
        bridge.ports.retain(|port| *port != at.index);
    }
    if let Some(link) = world.link_mut(at) {
        link.port = None;
    }
    forget_address(world, bridge, Some(at), address);
    follow_mtus(world, bridge);
    follow_addresses(world, bridge);
}

/// Something happened to a link that is a port (`br_device_event`).
pub(super) fn event(world: &mut World, bridge: LinkId, at: LinkId, event: PortEvent) {
    match event {
        PortEvent::Up | PortEvent::CarrierChanged => {
            if world.link(bridge).is_some_and(Link::is_up) {
                if is_operational(world, at) {
                    enable_if_up(world, bridge, at);
                } else {
                    disable(world, bridge, at);
                }
            }
        }
        PortEvent::Down => {
            if world.link(bridge).is_some_and(Link::is_up) {
                disable(world, bridge, at);
            }
        }
        PortEvent::AddressChanged { old } => {
            forget_address(world, bridge, Some(at), old);
            let address = world.link(at).map(|link| link.address).unwrap_or_default();
            let now = world.now;
            world.fdb(bridge).add_local(Some(at.index), address, now);
            follow_addresses(world, bridge);
        }
        PortEvent::MtuChanged => follow_mtus(world, bridge),
    }
}

/// Does something with each port.
pub(super) fn each(world: &mut World, bridge: LinkId, act: fn(&mut World, LinkId, LinkId)) {
    let ports = world.bridge(bridge).map(|bridge| bridge.ports.clone()).unwrap_or_default();
    for index in ports {
        act(world, bridge, LinkId { index, ..bridge });
    }
}

/// Whether a link is up and works (`netif_running`, `netif_oper_up`).
fn is_operational(world: &World, at: LinkId) -> bool {
    use OperationalState::{Unknown, Up};
    world.link(at).is_some_and(|link| link.is_up() && matches!(link.state, Up | Unknown))
}

/// Lets a port pass frames on, if its link works (`br_stp_enable_port`). Without a spanning tree it does so at once.
pub(super) fn enable_if_up(world: &mut World, bridge: LinkId, at: LinkId) {
    if is_operational(world, at) && !world.forwards(at) {
        if let Some(link) = world.link_mut(at) {
            link.port = Some(PortState::Forwarding);
        }
        select_states(world, bridge);
    }
}

/// Lets a port pass nothing on (`br_stp_disable_port`): what was learned behind it is forgotten.
pub(super) fn disable(world: &mut World, bridge: LinkId, at: LinkId) {
    if world.forwards(at) {
        if let Some(link) = world.link_mut(at) {
            link.port = Some(PortState::Disabled);
        }
        world.fdb(bridge).forget_port(at.index);
    }
    select_states(world, bridge);
}

/// From now on the bridge has carrier while a port forwards (`br_port_state_selection`).
fn select_states(world: &mut World, bridge: LinkId) {
    if let Some(bridge) = world.bridge_mut(bridge) {
        bridge.follows_ports = true;
    }
    world.update_carrier(&[bridge]);
}

/// An address is no longer that of a port, or of the bridge; it may be that of another port, or of the bridge
/// (`fdb_delete_local`).
fn forget_address(world: &mut World, bridge: LinkId, at: Option<LinkId>, address: MacAddress) {
    let Some(known) = world.bridge(bridge) else { return };
    let has_it = |index| world.link(LinkId { index, ..bridge }).is_some_and(|link| link.address == address);
    let others = known.ports.iter().copied().filter(|&port| Some(port) != at.map(|at| at.index));
    let heir = others.into_iter().find(|&port| has_it(port)).map(Some);
    let heir = heir.or_else(|| (at.is_some() && has_it(bridge.index)).then_some(None));
    world.fdb(bridge).remove_local(at.map(|at| at.index), address, heir);
}

/// A bridge has the lowest address of its ports, unless it was given one (`br_stp_recalculate_bridge_id`): none where
/// it has no port.
fn follow_addresses(world: &mut World, at: LinkId) {
    let Some(bridge) = world.bridge(at).filter(|bridge| !bridge.address_is_set) else { return };
    let address = |&index: &_| world.link(LinkId { index, ..at }).map(|link| link.address);
    let lowest = bridge.ports.iter().filter_map(address).min().unwrap_or(MacAddress::ZERO);
    if bridge.identity != lowest {
        change_identity(world, at, lowest);
        world.neigh_flush(at, false);
    }
}

/// The bridge gets an address (`br_stp_change_bridge_id`).
pub(super) fn change_identity(world: &mut World, at: LinkId, address: MacAddress) {
    let old = world.link(at).map(|link| link.address).unwrap_or_default();
    let now = world.now;
    forget_address(world, at, None, old);
    world.fdb(at).add_local(None, address, now);
    if let Some(link) = world.link_mut(at) {
        link.address = address;
    }
    if let Some(bridge) = world.bridge_mut(at) {
        bridge.identity = address;
    }
    select_states(world, at);
}

/// A bridge has the smallest MTU of its ports, unless it was given one (`br_mtu_auto_adjust`). One that is too small for a
/// bridge is passed over.
fn follow_mtus(world: &mut World, at: LinkId) {
    let Some(bridge) = world.bridge(at).filter(|bridge| !bridge.mtu_is_set) else { return };
    let mtu = |&index: &_| world.link(LinkId { index, ..at }).map(|link| link.mtu);
    let smallest = bridge.ports.iter().filter_map(mtu).min().unwrap_or(USUAL_MTU);
    if super::MTU.contains(&smallest) {
        world.change_mtu(at, smallest);
    }
}
