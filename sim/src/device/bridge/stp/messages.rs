//! What bridges tell each other of the tree (`br_stp.c`, `br_stp_bpdu.c`).

use super::timers::{cancel, set_timer};
use super::{
    alter, detect_change, is_on, is_root, is_up, port, ports, root_port, set_topology_change, stp_mut,
    update_configuration,
};
use crate::device::bridge::port::select_states;
use crate::id::LinkId;
use crate::link::{Bridge, BridgeId, Designated, Port, StpTimer, Times};
use crate::packet::{Buffer, Packet};
use crate::transmit::Frame;
use crate::world::World;
use vethlab_shared::time::Duration;
use vethlab_shared::view::{PortFlags, PortState};
use vethlab_shared::wire::stp::{Configuration, GROUP, Message};

/// How long a port waits between two messages (`BR_HOLD_TIME`).
const HOLD_TIME: Duration = Duration::from_secs(1);
/// By how much a message is older than the one that it goes back to (`MESSAGE_AGE_INCR`).
const MESSAGE_AGE_INCREMENT: Duration = Duration::from_millis(4);

/// Every designated port says what the root is (`br_config_bpdu_generation`).
pub(super) fn tell_all(world: &mut World, bridge: LinkId) {
    let Some(own) = world.bridge(bridge).map(Bridge::id) else { return };
    for (at, port) in ports(world, bridge) {
        if port.state != PortState::Disabled && port.is_designated(own) {
            tell(world, bridge, at);
        }
    }
}

/// A port says what the root is, unless it did so just before (`br_transmit_config`).
pub(super) fn tell(world: &mut World, bridge: LinkId, at: LinkId) {
    let (Some(known), Some(own)) = (world.bridge(bridge), port(world, at)) else { return };
    if own.stp.hold.ends.is_some() {
        return alter(world, at, |stp| stp.config_pending = true);
    }
    let (stp, id) = (&known.stp, known.id());
    let message_age = match root_port(world, bridge).filter(|_| !known.is_root()) {
        Some((_, root)) => world.now.since(root.stp.heard) + root.stp.age + MESSAGE_AGE_INCREMENT,
        None => Duration::ZERO,
    };
    let Times { max_age, hello_time, forward_delay } = stp.times;
    if message_age >= max_age {
        return;
    }
    let said = Configuration {
        topology_change: stp.topology_change,
        topology_change_ack: own.stp.topology_change_ack,
        root: (stp.root.priority, stp.root.address),
        cost: stp.root_path_cost,
        bridge: (id.priority, id.address),
        port: own.id(),
        message_age,
        max_age,
        hello_time,
        forward_delay,
    };
    let is_on = stp.is_on;
    if is_on {
        send(world, at, Message::Configuration(said));
    }
    alter(world, at, |stp| (stp.topology_change_ack, stp.config_pending) = (false, false));
    if is_on {
        set_timer(world, at, StpTimer::Hold, HOLD_TIME);
    }
}

/// Tells of a change towards the root (`br_transmit_tcn`), and again until that is acknowledged.
pub(super) fn tell_of_change(world: &mut World, bridge: LinkId) {
    if let Some((at, _)) = root_port(world, bridge).filter(|_| is_on(world, bridge)) {
        send(world, at, Message::TopologyChange);
    }
    let time = world.bridge(bridge).map(|bridge| bridge.stp.own_times.hello_time).unwrap_or_default();
    set_timer(world, bridge, StpTimer::Tcn, time);
}

/// `br_send_bpdu`.
fn send(world: &mut World, at: LinkId, message: Message) {
    let Some(source) = world.link(at).map(|link| link.address) else { return };
    let payload = message.payload();
    let mut buffer = Buffer::of(&[&payload]);
    // Below 1536 it is a length, and no type.
    buffer.set_ethernet(GROUP, source, payload.len() as u16);
    let packet = Packet::new(world.new_packet_id(at.namespace, None), buffer);
    world.transmit(at, Frame::bridged(packet), None);
}

/// A message came in by a port (`br_stp_rcv`).
pub(in super::super) fn receive(world: &mut World, bridge: LinkId, at: LinkId, payload: &[u8]) {
    let Some(port) = port(world, at).filter(|port| port.state != PortState::Disabled) else { return };
    if !is_on(world, bridge) || !is_up(world, bridge) {
        return;
    }
    let Some(message) = Message::read(payload) else { return };
    if port.flags.contains(PortFlags::GUARD) {
        port::disable(world, bridge, at);
    } else {
        match message {
            Message::Configuration(said) if said.message_age <= said.max_age => {
                received_configuration(world, bridge, at, &said);
            }
            Message::Configuration(_) => {}
            Message::TopologyChange => received_change(world, bridge, at),
        }
    }
    world.run_link_watch();
}

/// `br_received_config_bpdu`.
fn received_configuration(world: &mut World, bridge: LinkId, at: LinkId, said: &Configuration) {
    let (Some(own), Some(known)) = (world.bridge(bridge).map(Bridge::id), port(world, at)) else { return };
    let was_root = is_root(world, bridge);
    if !supersedes(own, &known, said) {
        if known.is_designated(own) {
            tell(world, bridge, at);
        }
        return;
    }
    record(world, at, said);
    update_configuration(world, bridge);
    select_states(world, bridge);
    let detected = world.bridge(bridge).is_some_and(|bridge| bridge.stp.topology_change_detected);
    if was_root && !is_root(world, bridge) {
        cancel(world, bridge, StpTimer::Hello);
        if detected {
            cancel(world, bridge, StpTimer::TopologyChange);
            tell_of_change(world, bridge);
        }
    }
    if root_port(world, bridge).is_some_and(|(root, _)| root == at) {
        if let Some(stp) = stp_mut(world, bridge) {
            stp.times = Times {
                max_age: said.max_age,
                hello_time: said.hello_time,
                forward_delay: said.forward_delay,
            };
        }
        set_topology_change(world, bridge, said.topology_change);
        tell_all(world, bridge);
        if said.topology_change_ack {
            if let Some(stp) = stp_mut(world, bridge) {
                stp.topology_change_detected = false;
            }
            cancel(world, bridge, StpTimer::Tcn);
        }
    }
}

/// Whether what was said is better than what the port knows (`br_supersedes_port_info`).
fn supersedes(own: BridgeId, port: &Port, said: &Configuration) -> bool {
    let known = port.stp.designated;
    let id = |(priority, address)| BridgeId { priority, address };
    let (new, old) = ((id(said.root), said.cost, id(said.bridge)), (known.root, known.cost, known.bridge));
    new < old || (new == old && (id(said.bridge) != own || said.port <= known.port))
}

/// `br_record_config_information`.
fn record(world: &mut World, at: LinkId, said: &Configuration) {
    let id = |(priority, address)| BridgeId { priority, address };
    let designated =
        Designated { root: id(said.root), cost: said.cost, bridge: id(said.bridge), port: said.port };
    let now = world.now;
    alter(world, at, |stp| (stp.designated, stp.heard, stp.age) = (designated, now, said.message_age));
    set_timer(world, at, StpTimer::MessageAge, said.max_age.saturating_sub(said.message_age));
}

/// `br_received_tcn_bpdu`.
fn received_change(world: &mut World, bridge: LinkId, at: LinkId) {
    let Some(own) = world.bridge(bridge).map(Bridge::id) else { return };
    if port(world, at).is_some_and(|port| port.is_designated(own)) {
        detect_change(world, bridge);
        alter(world, at, |stp| stp.topology_change_ack = true);
        tell(world, bridge, at);
    }
}
