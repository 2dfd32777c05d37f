//! A switch of this machine: frames go from one of its ports to the others (`net/bridge`).

mod fdb;
mod forward;
mod port;
mod settings;
mod stp;

use super::Operations;
use crate::config::groups;
use crate::config::link::validate_mtu;
use crate::fdb::Fdb;
use crate::id::{LinkId, NamespaceId};
use crate::link::{Bridge, Device, Filters, Link};
use crate::world::World;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use vethlab_shared::change::{NewLink, NewLinkKind};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::view::LinkKind;

pub(super) static OPERATIONS: Operations = Operations {
    mtu: MTU,
    netns_immutable: true,
    validate,
    new,
    delete: Some(delete),
    open,
    close,
    transmit: forward::transmit,
    carrier,
    set_address,
    mtu_was_set,
    lower: |_| None,
    forward_path: |_| None,
    moved: |_, _| {},
    add_port: port::add,
    remove_port: port::remove,
    port_event: port::event,
    view: |_| LinkKind::Bridge,
};

/// `ETH_MIN_MTU`, `ETH_MAX_MTU`.
const MTU: RangeInclusive<u32> = 68..=65_535;

impl Link {
    /// What only a bridge has, where it is one.
    fn bridge(&self) -> Option<&Bridge> {
        match &self.device {
            Device::Bridge(bridge) => Some(bridge),
            Device::Loopback | Device::Veth { .. } => None,
        }
    }
}

impl Link {
    /// The same, to alter it.
    fn bridge_mut(&mut self) -> Option<&mut Bridge> {
        match &mut self.device {
            Device::Bridge(bridge) => Some(bridge),
            Device::Loopback | Device::Veth { .. } => None,
        }
    }
}

impl World {
    fn bridge(&self, at: LinkId) -> Option<&Bridge> {
        self.link(at)?.bridge()
    }

    fn bridge_mut(&mut self, at: LinkId) -> Option<&mut Bridge> {
        self.link_mut(at)?.bridge_mut()
    }

    /// Whether a port passes frames on.
    fn forwards(&self, port: LinkId) -> bool {
        self.link(port).and_then(|link| link.port).is_some_and(|port| port.forwards())
    }

    /// The stations that a bridge knows, to write more.
    fn fdb(&mut self, bridge: LinkId) -> &mut Fdb {
        self.runtime_mut(bridge.namespace).fdbs.get_or_default(bridge.index)
    }
}

/// `br_validate`.
fn validate(new: &NewLink) -> Result<(), StackError> {
    match new.end.address {
        Some(address) if !address.is_valid_unicast() => Err(Errno::EADDRNOTAVAIL.into()),
        _ => Ok(()),
    }
}

/// `br_dev_newlink`.
fn new(world: &mut World, _: NamespaceId, near: NamespaceId, new: &NewLink) -> Result<LinkId, StackError> {
    let NewLinkKind::Bridge(settings) = &new.kind else { return Err(Errno::EOPNOTSUPP.into()) };
    new.end.mtu.map_or(Ok(()), |mtu| validate_mtu(&MTU, mtu))?;
    let at = world.register_link(near, &new.end, new.end.index, "bridge", |index, name, address| {
        Link::ethernet(index, name, Device::Bridge(Box::new(Bridge::new())), address)
    })?;
    let (address, now) = (world.link(at).map(|link| link.address).unwrap_or_default(), world.now);
    world.fdb(at).add_local(None, address, now);
    if new.end.address.is_some() {
        if let Some(bridge) = world.bridge_mut(at) {
            bridge.address_is_set = true;
        }
        port::change_identity(world, at, address);
    }
    if let Err(error) = world.configure_bridge(at, settings) {
        delete(world, at);
        return Err(error);
    }
    Ok(at)
}

/// `br_dev_delete`: the ports are links of their own from then on.
fn delete(world: &mut World, at: LinkId) {
    let ports = world.bridge(at).map(|bridge| bridge.ports.clone()).unwrap_or_default();
    for index in ports {
        world.leave_master(LinkId { index, ..at });
    }
    world.dev_close(at);
    world.unregister_link(at);
}

/// All snoopers (RFC 4286).
const ALL_SNOOPERS: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 106);
/// The same of IPv6, `ff02::6a`, as an Ethernet address.
const ALL_SNOOPERS_OF_IPV6: MacAddress = MacAddress([0x33, 0x33, 0, 0, 0, 0x6a]);

/// `br_dev_open`, `br_stp_enable_bridge`. A bridge that listens for who is in which group joins one itself, by which other
/// bridges find it (`br_multicast_join_snoopers`).
fn open(world: &mut World, at: LinkId) {
    stp::enable(world, at);
    port::each(world, at, port::enable_if_up);
    if world.bridge(at).is_some_and(|bridge| bridge.mcast_snooping) {
        change_snoopers(world, at, Filters::join);
        world.igmp_join(at, ALL_SNOOPERS);
    }
}

/// From now on it listens for groups, or does so no more (`br_multicast_toggle`).
fn open_snoopers(world: &mut World, at: LinkId, on: bool) {
    let is_up = world.link(at).is_some_and(Link::is_up);
    let Some(bridge) = world.bridge_mut(at).filter(|bridge| bridge.mcast_snooping != on) else { return };
    bridge.mcast_snooping = on;
    match (is_up, on) {
        (true, true) => {
            change_snoopers(world, at, Filters::join);
            world.igmp_join(at, ALL_SNOOPERS);
        }
        (true, false) => {
            change_snoopers(world, at, Filters::leave);
            world.igmp_stop(at);
        }
        (false, _) => {}
    }
}

/// `br_dev_stop`, `br_stp_disable_bridge`, `br_multicast_leave_snoopers`.
fn close(world: &mut World, at: LinkId) {
    port::each(world, at, port::disable_if_up);
    stp::disable(world, at);
    if world.bridge(at).is_some_and(|bridge| bridge.mcast_snooping) {
        change_snoopers(world, at, Filters::leave);
    }
    world.igmp_stop(at);
}

/// Joins or leaves the groups of all snoopers, as Ethernet addresses.
fn change_snoopers(world: &mut World, at: LinkId, change: fn(&mut Filters, MacAddress)) {
    let Some(link) = world.link_mut(at) else { return };
    if link.inet.is_some() {
        change(&mut link.filters, groups::of_ipv4(ALL_SNOOPERS));
    }
    if link.can_carry_ipv6() {
        change(&mut link.filters, ALL_SNOOPERS_OF_IPV6);
    }
}

/// A bridge that ever had a port has carrier while one of them forwards (`br_port_state_selection`).
fn carrier(world: &World, at: LinkId) -> bool {
    world.bridge(at).is_some_and(|bridge| {
        let forwards = |&index: &_| world.forwards(LinkId { index, ..at });
        !bridge.follows_ports || bridge.ports.iter().any(forwards)
    })
}

/// `br_set_mac_address`: from now on the address no longer follows the ports.
fn set_address(world: &mut World, at: LinkId, address: MacAddress) {
    if world.link(at).is_some_and(|link| link.address != address) {
        port::change_identity(world, at, address);
    }
    if let Some(bridge) = world.bridge_mut(at) {
        bridge.address_is_set = true;
    }
}

/// `br_change_mtu`: from now on the MTU no longer follows the ports.
fn mtu_was_set(world: &mut World, at: LinkId) {
    if let Some(bridge) = world.bridge_mut(at) {
        bridge.mtu_is_set = true;
    }
}
