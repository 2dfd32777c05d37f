//! The spanning tree (802.1D) as the kernel makes it (`br_stp.c`, `br_stp_if.c`): who is the root, and which ports pass frames on.
//!
//! The timers of hello and hold the kernel rounds to whole seconds of its own clock (`round_jiffies`), so that by how much
//! they are early or late is chance; here they run out when they were set for.

mod messages;
mod timers;

pub(super) use messages::receive;
use messages::{tell_all, tell_of_change};
use timers::{cancel, set_timer};

use super::port::{self, select_states};
use crate::id::LinkId;
use crate::link::{Bridge, BridgeId, Designated, Link, Port, PortStp, Stp, StpTimer, Times};
use crate::world::World;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::view::{PortFlags, PortState};

impl Bridge {
    /// By what it is known to others.
    pub(super) fn id(&self) -> BridgeId {
        BridgeId { priority: self.stp.priority, address: self.identity }
    }

    fn is_root(&self) -> bool {
        self.id() == self.stp.root
    }
}

impl Port {
    /// Its number behind its priority (`br_make_port_id`).
    pub(super) fn id(&self) -> u16 {
        /// `BR_PORT_BITS`.
        const BITS: u32 = 10;
        self.priority << BITS | self.number
    }

    /// Whether it says to its segment what the root is (`br_is_designated_port`).
    fn is_designated(&self, own: BridgeId) -> bool {
        self.stp.designated.bridge == own && self.stp.designated.port == self.id()
    }

    /// What the way to the root costs by it.
    fn cost_to_root(&self) -> u32 {
        self.stp.designated.cost.saturating_add(self.cost)
    }
}

/// A port of a bridge, as it is now.
fn port(world: &World, at: LinkId) -> Option<Port> {
    world.link(at)?.port
}

/// The ports of a bridge, as they are now.
fn ports(world: &World, bridge: LinkId) -> Vec<(LinkId, Port)> {
    let indexes = world.bridge(bridge).map(|bridge| &bridge.ports[..]).unwrap_or_default();
    let at = indexes.iter().map(|&index| LinkId { index, ..bridge });
    at.filter_map(|at| Some((at, port(world, at)?))).collect()
}

/// Alters what a port knows of the tree.
fn alter(world: &mut World, at: LinkId, alter: impl FnOnce(&mut PortStp)) {
    if let Some(port) = world.link_mut(at).and_then(|link| link.port.as_mut()) {
        alter(&mut port.stp);
    }
}

fn stp_mut(world: &mut World, bridge: LinkId) -> Option<&mut Stp> {
    world.bridge_mut(bridge).map(|bridge| &mut bridge.stp)
}

fn is_on(world: &World, bridge: LinkId) -> bool {
    world.bridge(bridge).is_some_and(|bridge| bridge.stp.is_on)
}

fn is_root(world: &World, bridge: LinkId) -> bool {
    world.bridge(bridge).is_some_and(Bridge::is_root)
}

fn is_up(world: &World, bridge: LinkId) -> bool {
    world.link(bridge).is_some_and(Link::is_up)
}

/// The port towards the root.
fn root_port(world: &World, bridge: LinkId) -> Option<(LinkId, Port)> {
    let number = world.bridge(bridge)?.stp.root_port;
    ports(world, bridge).into_iter().find(|(_, port)| number != 0 && port.number == number)
}

/// A port says what the bridge knows (`br_become_designated_port`).
pub(super) fn become_designated(world: &mut World, bridge: LinkId, at: LinkId) {
    let (Some(known), Some(port)) = (world.bridge(bridge), port(world, at)) else { return };
    let designated = Designated {
        root: known.stp.root,
        cost: known.stp.root_path_cost,
        bridge: known.id(),
        port: port.id(),
    };
    alter(world, at, |stp| stp.designated = designated);
}

/// Whether what a port has heard is a better way to the root than the best so far (`br_should_become_root_port`).
fn is_better_way(own: BridgeId, port: &Port, best: Option<&Port>) -> bool {
    if port.state == PortState::Disabled || port.is_designated(own) || own <= port.stp.designated.root {
        return false;
    }
    let key = |port: &Port| {
        let Designated { root, bridge, port: number, .. } = port.stp.designated;
        (root, port.cost_to_root(), bridge, number, port.id())
    };
    best.is_none_or(|best| key(port) < key(best))
}

/// Which bridge is the root, and which port leads there (`br_root_selection`).
fn select_root(world: &mut World, bridge: LinkId) {
    let Some(own) = world.bridge(bridge).map(Bridge::id) else { return };
    let mut best: Option<Port> = None;
    for (at, port) in ports(world, bridge) {
        if !is_better_way(own, &port, best.as_ref()) {
            continue;
        }
        if port.flags.contains(PortFlags::ROOT_BLOCK) {
            port::set_state(world, at, PortState::Listening);
            let delay = times(world, bridge).forward_delay;
            if !delay.is_zero() {
                set_timer(world, at, StpTimer::ForwardDelay, delay);
            }
        } else {
            best = Some(port);
        }
    }
    let Some(stp) = stp_mut(world, bridge) else { return };
    (stp.root_port, stp.root, stp.root_path_cost) = match best {
        None => (0, own, 0),
        Some(port) => (port.number, port.stp.designated.root, port.cost_to_root()),
    };
}

/// Which ports say to their segments what the root is (`br_designated_port_selection`).
fn select_designated(world: &mut World, bridge: LinkId) {
    let Some((own, stp)) = world.bridge(bridge).map(|bridge| (bridge.id(), bridge.stp.clone())) else {
        return;
    };
    for (at, port) in ports(world, bridge) {
        let heard = port.stp.designated;
        let better = port.is_designated(own)
            || heard.root != stp.root
            || (stp.root_path_cost, own, port.id()) < (heard.cost, heard.bridge, heard.port);
        if port.state != PortState::Disabled && better {
            become_designated(world, bridge, at);
        }
    }
}

/// `br_configuration_update`.
pub(super) fn update_configuration(world: &mut World, bridge: LinkId) {
    select_root(world, bridge);
    select_designated(world, bridge);
}

/// Does something that may make the bridge the root, and lets it say so then (`br_become_root_bridge`).
pub(super) fn maybe_new_root(world: &mut World, bridge: LinkId, act: impl FnOnce(&mut World)) {
    let was_root = is_root(world, bridge);
    act(world);
    if was_root || !is_root(world, bridge) {
        return;
    }
    if let Some(stp) = stp_mut(world, bridge) {
        stp.times = stp.own_times;
    }
    detect_change(world, bridge);
    cancel(world, bridge, StpTimer::Tcn);
    if is_up(world, bridge) {
        tell_all(world, bridge);
        let time = times(world, bridge).hello_time;
        set_timer(world, bridge, StpTimer::Hello, time);
    }
}

/// What each port of the bridge is to do, one after the other (`br_port_state_selection`); whether the bridge has carrier is
/// looked at afterwards.
pub(super) fn choose_states(world: &mut World, bridge: LinkId) {
    let Some((own, root_port)) = world.bridge(bridge).map(|bridge| (bridge.id(), bridge.stp.root_port))
    else {
        return;
    };
    for (at, port) in ports(world, bridge) {
        if port.state == PortState::Disabled {
            continue;
        }
        let is_root_port = port.number == root_port;
        if is_root_port || !port.is_designated(own) {
            alter(world, at, |stp| (stp.config_pending, stp.topology_change_ack) = (false, false));
        } else {
            cancel(world, at, StpTimer::MessageAge);
        }
        if is_root_port || port.is_designated(own) {
            make_forwarding(world, bridge, at);
        } else {
            make_blocking(world, bridge, at);
        }
    }
}

/// `br_make_forwarding`.
fn make_forwarding(world: &mut World, bridge: LinkId, at: LinkId) {
    if port(world, at).is_none_or(|port| port.state != PortState::Blocking) {
        return;
    }
    let delay = times(world, bridge).forward_delay;
    if !is_on(world, bridge) || delay.is_zero() {
        port::set_state(world, at, PortState::Forwarding);
        detect_change(world, bridge);
        cancel(world, at, StpTimer::ForwardDelay);
        return;
    }
    port::set_state(world, at, PortState::Listening);
    set_timer(world, at, StpTimer::ForwardDelay, delay);
}

/// `br_make_blocking`.
fn make_blocking(world: &mut World, bridge: LinkId, at: LinkId) {
    let Some(state) = port(world, at).map(|port| port.state) else { return };
    if matches!(state, PortState::Disabled | PortState::Blocking) {
        return;
    }
    if matches!(state, PortState::Forwarding | PortState::Learning) {
        detect_change(world, bridge);
    }
    port::set_state(world, at, PortState::Blocking);
    cancel(world, at, StpTimer::ForwardDelay);
}

/// The topology has changed: the root is told, or tells all (`br_topology_change_detection`).
fn detect_change(world: &mut World, bridge: LinkId) {
    if !is_on(world, bridge) {
        return;
    }
    let Some(own) = world.bridge(bridge).map(|bridge| bridge.stp.own_times) else { return };
    if is_root(world, bridge) {
        set_topology_change(world, bridge, true);
        set_timer(world, bridge, StpTimer::TopologyChange, own.forward_delay + own.max_age);
    } else if world.bridge(bridge).is_some_and(|bridge| !bridge.stp.topology_change_detected) {
        tell_of_change(world, bridge);
    }
    if let Some(stp) = stp_mut(world, bridge) {
        stp.topology_change_detected = true;
    }
}

/// `__br_set_topology_change`: meanwhile stations are forgotten sooner.
fn set_topology_change(world: &mut World, bridge: LinkId, changes: bool) {
    if let Some(stp) = stp_mut(world, bridge) {
        stp.topology_change = changes;
    }
}

/// The bridge goes up (`br_stp_enable_bridge`).
pub(super) fn enable(world: &mut World, bridge: LinkId) {
    if is_on(world, bridge) {
        let time = times(world, bridge).hello_time;
        set_timer(world, bridge, StpTimer::Hello, time);
    }
    tell_all(world, bridge);
}

/// The bridge has gone down (`br_stp_disable_bridge`).
pub(super) fn disable(world: &mut World, bridge: LinkId) {
    set_topology_change(world, bridge, false);
    if let Some(stp) = stp_mut(world, bridge) {
        stp.topology_change_detected = false;
    }
    for which in [StpTimer::Hello, StpTimer::TopologyChange, StpTimer::Tcn] {
        cancel(world, bridge, which);
    }
}

/// A tree is to be made from now on (`br_stp_start`).
pub(super) fn start(world: &mut World, bridge: LinkId) {
    if let Some(stp) = stp_mut(world, bridge) {
        stp.is_on = true;
    }
    if is_up(world, bridge) {
        let time = times(world, bridge).hello_time;
        set_timer(world, bridge, StpTimer::Hello, time);
    }
    select_states(world, bridge);
}

/// The bridge has another address: its ports say so.
pub(super) fn rename(world: &mut World, bridge: LinkId, old: MacAddress, new: MacAddress) {
    for (at, _) in ports(world, bridge) {
        alter(world, at, |stp| {
            for id in [&mut stp.designated.bridge, &mut stp.designated.root] {
                if id.address == old {
                    id.address = new;
                }
            }
        });
    }
}

/// The bridge has another priority (`br_stp_set_bridge_priority`).
pub(super) fn set_priority(world: &mut World, bridge: LinkId, priority: u16) {
    maybe_new_root(world, bridge, |world| {
        let Some(own) = world.bridge(bridge).map(Bridge::id) else { return };
        for (at, port) in ports(world, bridge) {
            if port.state != PortState::Disabled && port.is_designated(own) {
                alter(world, at, |stp| stp.designated.bridge.priority = priority);
            }
        }
        if let Some(stp) = stp_mut(world, bridge) {
            stp.priority = priority;
        }
        update_configuration(world, bridge);
        select_states(world, bridge);
    });
}

/// A port has another priority, and so another number among others (`br_stp_set_port_priority`).
pub(super) fn set_port_priority(world: &mut World, bridge: LinkId, at: LinkId, priority: u16) {
    let (Some(own), Some(before)) = (world.bridge(bridge).map(Bridge::id), port(world, at)) else { return };
    if let Some(port) = world.link_mut(at).and_then(|link| link.port.as_mut()) {
        port.priority = priority;
        if before.is_designated(own) {
            port.stp.designated.port = port.id();
        }
    }
    let Some(now) = port(world, at) else { return };
    if own == now.stp.designated.bridge && now.id() < now.stp.designated.port {
        become_designated(world, bridge, at);
        select_states(world, bridge);
    }
}

/// Sets a time that the bridge says where it is the root (`br_set_hello_time` and its like).
pub(super) fn set_time(world: &mut World, bridge: LinkId, set: impl Fn(&mut Times)) {
    let is_root = is_root(world, bridge);
    let Some(stp) = stp_mut(world, bridge) else { return };
    set(&mut stp.own_times);
    if is_root {
        set(&mut stp.times);
    }
}

/// No tree is made any more (`br_stp_stop`): each port stays as it is until something happens to it.
pub(super) fn stop(world: &mut World, bridge: LinkId) {
    if let Some(stp) = stp_mut(world, bridge) {
        stp.is_on = false;
    }
}

/// The timers of a port are stopped.
pub(super) fn stop_port(world: &mut World, at: LinkId) {
    alter(world, at, |stp| (stp.config_pending, stp.topology_change_ack) = (false, false));
    for which in [StpTimer::MessageAge, StpTimer::ForwardDelay, StpTimer::Hold] {
        cancel(world, at, which);
    }
}

fn times(world: &World, bridge: LinkId) -> Times {
    world.bridge(bridge).map_or(Times::USUAL, |bridge| bridge.stp.times)
}
