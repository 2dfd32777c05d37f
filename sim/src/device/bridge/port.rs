//! The ports of a bridge: how links become ports, and what they do to the bridge (`br_if.c`, `br_stp_if.c`, `br.c`).

use super::forward::handle_frame;
use super::stp;
use crate::device::PortEvent;
use crate::fdb::Station;
use crate::id::LinkId;
use crate::link::{Device, Link, Port};
use crate::world::World;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{OperationalState, PortState};

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
    let number = free_number(world, bridge);
    if let Some(link) = world.link_mut(at) {
        (link.master, link.port) = (Some(bridge.index), Some(Port::new(number)));
    }
    if let Some(bridge) = world.bridge_mut(bridge) {
        bridge.ports.insert(0, at.index);
    }
    stp::become_designated(world, bridge, at);
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

/// The lowest number that no port of the bridge has (`find_portno`).
fn free_number(world: &World, bridge: LinkId) -> u16 {
    let ports = world.bridge(bridge).map(|bridge| &bridge.ports[..]).unwrap_or_default();
    let number = |&index: &_| world.link(LinkId { index, ..bridge })?.port.map(|port| port.number);
    let mut taken: Vec<u16> = ports.iter().filter_map(number).collect();
    taken.sort_unstable();
    (1..).zip(&taken).find(|(free, taken)| free != *taken).map_or(taken.len() as u16 + 1, |(free, _)| free)
}

/// A link is no longer a port (`br_del_if`, `del_nbp`): all that was known behind it goes.
pub(super) fn remove(world: &mut World, bridge: LinkId, at: LinkId) {
    disable(world, bridge, at);
    if let Some(bridge) = world.bridge_mut(bridge) {
        bridge.ports.retain(|port| *port != at.index);
    }
    if let Some(link) = world.link_mut(at) {
        link.port = None;
    }
    forget_all_behind(world, bridge, at);
    follow_mtus(world, bridge);
    follow_addresses(world, bridge);
}

/// Forgets all stations behind a port, those that were written by hand too; what is local may be another port's as well
/// (`br_fdb_delete_by_port` with `do_all`).
fn forget_all_behind(world: &mut World, bridge: LinkId, at: LinkId) {
    let behind = |station: &Station| station.port == Some(at.index);
    let known = world.fdb(bridge).newest_first();
    for (address, station) in known.into_iter().filter(|(_, station)| behind(station)) {
        if station.is_local() {
            let heir = heir(world, bridge, Some(at.index), address);
            world.fdb(bridge).remove_local(address, heir);
        } else {
            world.fdb(bridge).delete(address);
        }
    }
}

/// Something happened to a link that is a port (`br_device_event`).
pub(super) fn event(world: &mut World, bridge: LinkId, at: LinkId, event: PortEvent) {
    match event {
        PortEvent::Up | PortEvent::CarrierChanged => {
            if world.link(bridge).is_some_and(Link::is_up) {
                if is_operational(world, at) {
                    enable_if_up(world, bridge, at);
                } else {
                    disable_if_up(world, bridge, at);
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
pub(super) fn is_operational(world: &World, at: LinkId) -> bool {
    use OperationalState::{Unknown, Up};
    world.link(at).is_some_and(|link| link.is_up() && matches!(link.state, Up | Unknown))
}

/// Lets a port pass frames on, if its link works (`br_stp_enable_port`). Without a spanning tree it does so at once. A
/// state that it was set to by hand stays.
pub(super) fn enable_if_up(world: &mut World, bridge: LinkId, at: LinkId) {
    if is_operational(world, at) && state(world, at) == Some(PortState::Disabled) {
        stp::become_designated(world, bridge, at);
        set_state(world, at, PortState::Blocking);
        select_states(world, bridge);
    }
}

/// Lets a port pass nothing on (`br_stp_disable_port`): what was learned behind it is forgotten.
pub(super) fn disable(world: &mut World, bridge: LinkId, at: LinkId) {
    stp::maybe_new_root(world, bridge, |world| {
        stp::become_designated(world, bridge, at);
        set_state(world, at, PortState::Disabled);
        stp::stop_port(world, at);
        world.fdb(bridge).forget_port(at.index);
        stp::update_configuration(world, bridge);
        select_states(world, bridge);
    });
}

/// The same where it is not so already.
pub(super) fn disable_if_up(world: &mut World, bridge: LinkId, at: LinkId) {
    if state(world, at) != Some(PortState::Disabled) {
        disable(world, bridge, at);
    }
}

fn state(world: &World, at: LinkId) -> Option<PortState> {
    world.link(at)?.port.map(|port| port.state)
}

/// `br_set_state`.
pub(super) fn set_state(world: &mut World, at: LinkId, state: PortState) {
    if let Some(port) = world.link_mut(at).and_then(|link| link.port.as_mut()) {
        port.state = state;
    }
}

/// Each port does what its place in the tree calls for; and from now on the bridge has carrier while a port forwards
/// (`br_port_state_selection`).
pub(super) fn select_states(world: &mut World, bridge: LinkId) {
    stp::choose_states(world, bridge);
    if let Some(bridge) = world.bridge_mut(bridge) {
        bridge.follows_ports = true;
    }
    world.update_carrier(&[bridge]);
}

/// An address is no longer that of a port, or of the bridge; it may be that of another port, or of the bridge
/// (`fdb_find_delete_local`).
fn forget_address(world: &mut World, bridge: LinkId, at: Option<LinkId>, address: MacAddress) {
    let port = at.map(|at| at.index);
    let heir = heir(world, bridge, port, address);
    world.fdb(bridge).remove_own(port, address, heir);
}

/// Whose address it is besides: another port's, or that of the bridge (`fdb_delete_local`).
fn heir(
    world: &World,
    bridge: LinkId,
    port: Option<IfIndex>,
    address: MacAddress,
) -> Option<Option<IfIndex>> {
    let ports = world.bridge(bridge).map(|bridge| &bridge.ports[..]).unwrap_or_default();
    let has_it = |index| world.link(LinkId { index, ..bridge }).is_some_and(|link| link.address == address);
    let other = ports.iter().copied().find(|&other| Some(other) != port && has_it(other)).map(Some);
    other.or_else(|| (port.is_some() && has_it(bridge.index)).then_some(None))
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

/// The bridge gets an address (`br_stp_change_bridge_id`, `br_fdb_change_mac_address`).
pub(super) fn change_identity(world: &mut World, at: LinkId, address: MacAddress) {
    let old = world.link(at).map(|link| link.address).unwrap_or_default();
    let now = world.now;
    forget_address(world, at, None, old);
    world.fdb(at).add_local(None, address, now);
    if let Some(link) = world.link_mut(at) {
        link.address = address;
    }
    stp::maybe_new_root(world, at, |world| {
        let Some(bridge) = world.bridge_mut(at) else { return };
        let known = std::mem::replace(&mut bridge.identity, address);
        stp::rename(world, at, known, address);
        stp::update_configuration(world, at);
        select_states(world, at);
    });
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
