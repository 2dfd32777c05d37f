//! How a bridge passes frames on (`br_input.c`, `br_forward.c`, `br_device.c`).

use crate::device::{KeptRoute, RxHandlerResult};
use crate::id::LinkId;
use crate::packet::Packet;
use crate::queue::Timer;
use crate::receive::{Addressee, Incoming};
use crate::transmit::{Frame, Xmit};
use crate::world::World;
use vethlab_shared::event::DropReason;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::IfIndex;
use vethlab_shared::time::Instant;

/// Whether a frame is for the bridges themselves, and not to be passed on (`is_link_local_ether_addr`).
fn is_link_local(address: MacAddress) -> bool {
    matches!(address.0, [0x01, 0x80, 0xc2, 0, 0, 0..=0x0f])
}

/// Takes a frame that came in by a port (`br_handle_frame`).
pub(super) fn handle_frame(world: &mut World, mut incoming: Incoming) -> RxHandlerResult {
    /// Where bridges talk about their tree: without one, what others say of theirs is passed on.
    const SPANNING_TREE: u8 = 0x00;
    /// Pause frames, which end here.
    const PAUSE: u8 = 0x01;
    let port = incoming.at;
    let Some(master) = world.link(port).and_then(|link| link.master) else {
        return RxHandlerResult::Pass(incoming);
    };
    let bridge = LinkId { index: master, ..port };
    let (destination, source) = (incoming.packet.buffer.destination(), incoming.packet.buffer.source());
    let id = incoming.packet.id;
    let drop = |world: &mut World, reason| {
        world.drop_packet(port.namespace, id, reason);
        RxHandlerResult::Consumed
    };
    if !source.is_valid_unicast() {
        return drop(world, DropReason::MacInvalidSource);
    }
    if is_link_local(destination) && destination.0[5] != SPANNING_TREE {
        if destination.0[5] == PAUSE {
            return drop(world, DropReason::NotSpecified);
        }
        if world.forwards(port) {
            learn(world, bridge, port, source);
        }
        return RxHandlerResult::Pass(incoming);
    }
    if !world.forwards(port) {
        return drop(world, DropReason::BridgeIngressStpState);
    }
    if world.link(bridge).is_some_and(|link| link.address == destination) {
        incoming.addressee = Addressee::Host;
    }
    learn(world, bridge, port, source);
    pass(world, bridge, incoming);
    RxHandlerResult::Consumed
}

/// Passes on what came in by a port (`br_handle_frame_finish`).
fn pass(world: &mut World, bridge: LinkId, incoming: Incoming) {
    let (from, destination) = (Some(incoming.at), incoming.packet.buffer.destination());
    if destination.is_multicast() {
        let ports = outputs(world, bridge, from);
        push_copies(world, &ports, &incoming.packet);
        return receive_up(world, bridge, incoming);
    }
    match world.fdb(bridge).find(destination) {
        Some(station) if station.is_local => receive_up(world, bridge, incoming),
        Some(station) => deliver(world, bridge, from, station.port, incoming.packet),
        None => flood(world, bridge, from, incoming.packet),
    }
}

/// Notes behind which port a station is (`br_fdb_update`).
fn learn(world: &mut World, bridge: LinkId, port: LinkId, source: MacAddress) {
    let Some(ageing_time) = world.bridge(bridge).map(|bridge| bridge.ageing_time) else { return };
    if ageing_time.is_zero() {
        return;
    }
    let now = world.now;
    let fdb = world.fdb(bridge);
    fdb.learn(source, port.index, now);
    if !fdb.timer_is_set {
        set_timer(world, bridge, now + ageing_time);
    }
}

fn set_timer(world: &mut World, bridge: LinkId, time: Instant) {
    let fdb = world.fdb(bridge);
    fdb.timer += 1;
    fdb.timer_is_set = true;
    let generation = fdb.timer;
    world.queue.set_timer(time, Timer::Fdb { bridge, generation });
}

impl World {
    /// Stations of a bridge may have been silent for too long (`br_fdb_cleanup`).
    pub(crate) fn fdb_timer(&mut self, at: LinkId, generation: u64) {
        let Some(ageing_time) = self.bridge(at).map(|bridge| bridge.ageing_time) else { return };
        let now = self.now;
        let fdb = self.fdb(at);
        if fdb.timer != generation {
            return;
        }
        fdb.timer_is_set = false;
        if let Some(next) = fdb.expire(ageing_time, now) {
            set_timer(self, at, next);
        }
    }
}

/// Sends a frame of the bridge's own (`br_dev_xmit`).
pub(super) fn transmit(world: &mut World, at: LinkId, frame: Frame, _: Option<KeptRoute>) -> Xmit {
    let packet = frame.into_packet();
    world.counters(at).sent(packet.frame().len());
    world.tell_xmit(at, &packet);
    let destination = packet.buffer.destination();
    let station = if destination.is_multicast() { None } else { world.fdb(at).find(destination) };
    match station {
        Some(station) => deliver(world, at, None, station.port, packet),
        None => flood(world, at, None, packet),
    }
    Xmit::Sent
}

/// The ports by which a frame may leave that came in by one of them, or is the bridge's own (`should_deliver`).
fn outputs(world: &World, bridge: LinkId, from: Option<LinkId>) -> Vec<LinkId> {
    let ports = world.bridge(bridge).map(|bridge| &bridge.ports[..]).unwrap_or_default();
    let ports = ports.iter().map(|&index| LinkId { index, ..bridge });
    ports.filter(|&port| Some(port) != from && world.forwards(port)).collect()
}

/// Sends a frame by every port (`br_flood`).
fn flood(world: &mut World, bridge: LinkId, from: Option<LinkId>, packet: Packet) {
    let ports = outputs(world, bridge, from);
    let Some((&last, others)) = ports.split_last() else {
        return world.drop_packet(bridge.namespace, packet.id, DropReason::NoTxTarget);
    };
    push_copies(world, others, &packet);
    push(world, last, packet);
}

/// Sends a frame by one port (`br_forward`).
fn deliver(world: &mut World, bridge: LinkId, from: Option<LinkId>, to: Option<IfIndex>, packet: Packet) {
    let port = to.map(|index| LinkId { index, ..bridge });
    match port.filter(|&port| Some(port) != from && world.forwards(port)) {
        Some(port) => push(world, port, packet),
        None => world.drop_packet(bridge.namespace, packet.id, DropReason::NotSpecified),
    }
}

/// Sends a copy of a packet by each of these ports (`deliver_clone`).
fn push_copies(world: &mut World, ports: &[LinkId], packet: &Packet) {
    for &port in ports {
        let id = world.new_packet_id(port.namespace, Some(packet.id));
        push(world, port, Packet { id, holds_socket: false, ..packet.clone() });
    }
}

/// Hands a frame to a port's link (`br_dev_queue_push_xmit`).
fn push(world: &mut World, port: LinkId, packet: Packet) {
    let fits = world.link(port).is_some_and(|link| link.is_up() && packet.buffer.fits(link.mtu));
    if fits {
        world.transmit(port, Frame::bridged(packet), None);
    } else {
        world.drop_packet(port.namespace, packet.id, DropReason::NotSpecified);
    }
}

/// Takes in a frame that is for the bridge (`br_pass_frame_up`). It counts without its Ethernet header.
fn receive_up(world: &mut World, bridge: LinkId, incoming: Incoming) {
    let bytes = incoming.packet.network().len();
    world.counters(bridge).received(bytes);
    world.receive_for(bridge, incoming);
}
