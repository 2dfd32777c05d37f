//! How a bridge passes frames on (`br_input.c`, `br_forward.c`, `br_device.c`).

use super::stp;
use crate::device::{KeptRoute, RxHandlerResult};
use crate::fdb::StationFlags;
use crate::id::LinkId;
use crate::link::Bridge;
use crate::packet::Packet;
use crate::queue::Timer;
use crate::receive::{Addressee, Incoming};
use crate::transmit::{Frame, Xmit};
use crate::world::World;
use vethlab_shared::event::DropReason;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::IfIndex;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::view::PortFlags;

/// Whom a frame is for, as a bridge sees it (`enum br_pkt_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    Station,
    Group,
    Everybody,
}

impl For {
    fn of(destination: MacAddress) -> For {
        if destination == MacAddress::BROADCAST {
            For::Everybody
        } else if destination.is_multicast() {
            For::Group
        } else {
            For::Station
        }
    }

    /// What a port must have so that such frames leave by it that nobody knows the way of (`br_flood`).
    fn flood(self) -> PortFlags {
        match self {
            For::Station => PortFlags::FLOOD,
            For::Group => PortFlags::MULTICAST_FLOOD,
            For::Everybody => PortFlags::BROADCAST_FLOOD,
        }
    }
}

/// Where a frame came in: by a port, or as one of the bridge's own.
#[derive(Clone, Copy, Debug, Default)]
struct Source {
    port: Option<LinkId>,
    /// The port is isolated (`src_port_isolated`).
    is_isolated: bool,
}

/// Takes a frame that came in by a port (`br_handle_frame`).
pub(super) fn handle_frame(world: &mut World, mut incoming: Incoming) -> RxHandlerResult {
    /// Where bridges talk about their tree: without one, what others say of theirs is passed on.
    const SPANNING_TREE: u8 = 0x00;
    /// Pause frames, which end here.
    const PAUSE: u8 = 0x01;
    let at = incoming.at;
    let Some(link) = world.link(at) else { return RxHandlerResult::Pass(incoming) };
    let (Some(master), Some(port)) = (link.master, link.port) else {
        return RxHandlerResult::Pass(incoming);
    };
    let bridge = LinkId { index: master, ..at };
    let (destination, source) = (incoming.packet.buffer.destination(), incoming.packet.buffer.source());
    let id = incoming.packet.id;
    let drop = |world: &mut World, reason| {
        world.drop_packet(at.namespace, id, reason);
        RxHandlerResult::Consumed
    };
    if !source.is_valid_unicast() {
        return drop(world, DropReason::MacInvalidSource);
    }
    let has_tree = world.bridge(bridge).is_some_and(|bridge| bridge.stp.is_on);
    if destination.is_link_local() && (has_tree || destination.0[5] != SPANNING_TREE) {
        if destination.0[5] == PAUSE {
            return drop(world, DropReason::NotSpecified);
        }
        if port.flags.contains(PortFlags::LEARNING) && port.should_learn() {
            learn(world, bridge, at, source, StationFlags::empty());
        }
        if destination.0[5] == SPANNING_TREE {
            stp::receive(world, bridge, at, incoming.packet.network());
            return drop(world, DropReason::NotSpecified);
        }
        return RxHandlerResult::Pass(incoming);
    }
    if !port.should_learn() {
        return drop(world, DropReason::BridgeIngressStpState);
    }
    if world.link(bridge).is_some_and(|link| link.address == destination) {
        incoming.addressee = Addressee::Host;
    }
    if port.flags.contains(PortFlags::LOCKED) && !is_known_behind(world, bridge, at, source) {
        return drop(world, DropReason::NotSpecified);
    }
    if port.flags.contains(PortFlags::LEARNING) {
        learn(world, bridge, at, source, StationFlags::empty());
    }
    if !port.forwards() {
        return drop(world, DropReason::BridgeIngressStpState);
    }
    let is_isolated = port.flags.contains(PortFlags::ISOLATED);
    pass(world, bridge, Source { port: Some(at), is_isolated }, incoming);
    RxHandlerResult::Consumed
}

/// Whether a station is written down for this port: no other may send through one that is locked.
fn is_known_behind(world: &mut World, bridge: LinkId, port: LinkId, source: MacAddress) -> bool {
    let station = world.fdb(bridge).find(source);
    station.is_some_and(|station| station.port == Some(port.index) && !station.is_local())
}

/// Passes on what came in by a port (`br_handle_frame_finish`).
fn pass(world: &mut World, bridge: LinkId, from: Source, incoming: Incoming) {
    let destination = incoming.packet.buffer.destination();
    let kind = For::of(destination);
    if kind != For::Station {
        let ports = outputs(world, bridge, from, kind);
        push_copies(world, &ports, &incoming.packet);
        return receive_up(world, bridge, incoming);
    }
    let now = world.now;
    let Some(station) = world.fdb(bridge).find_mut(destination) else {
        return flood(world, bridge, from, kind, incoming.packet);
    };
    if station.is_local() {
        return receive_up(world, bridge, incoming);
    }
    station.used = now;
    let port = station.port;
    deliver(world, bridge, from, port, incoming.packet);
}

/// Notes behind which port a station is (`br_fdb_update`).
pub(super) fn learn(
    world: &mut World,
    bridge: LinkId,
    port: LinkId,
    source: MacAddress,
    by_hand: StationFlags,
) {
    let Some(hold_time) = world.bridge(bridge).map(Bridge::hold_time) else { return };
    if hold_time.is_zero() {
        return;
    }
    let now = world.now;
    world.fdb(bridge).learn(source, port.index, by_hand, now);
    start_timer(world, bridge, hold_time);
}

/// Lets what is learned now age, where nothing does yet.
pub(super) fn start_timer(world: &mut World, bridge: LinkId, hold_time: Duration) {
    let now = world.now;
    if !world.fdb(bridge).timer_is_set {
        set_timer(world, bridge, now + hold_time);
    }
}

fn set_timer(world: &mut World, bridge: LinkId, time: Instant) {
    let fdb = world.fdb(bridge);
    fdb.timer += 1;
    fdb.timer_is_set = true;
    let generation = fdb.timer;
    world.queue.set_timer(time, Timer::Fdb { bridge, generation });
}

/// Looks at once who was silent for too long (`br_set_ageing_time`).
pub(super) fn clean_up(world: &mut World, bridge: LinkId) {
    let generation = world.fdb(bridge).timer;
    world.fdb_timer(bridge, generation);
}

impl World {
    /// Stations of a bridge may have been silent for too long (`br_fdb_cleanup`).
    pub(crate) fn fdb_timer(&mut self, at: LinkId, generation: u64) {
        let Some(hold_time) = self.bridge(at).map(Bridge::hold_time) else { return };
        let now = self.now;
        let fdb = self.fdb(at);
        if fdb.timer != generation {
            return;
        }
        fdb.timer_is_set = false;
        if let Some(next) = fdb.expire(hold_time, now) {
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
    let kind = For::of(destination);
    let station = if kind == For::Station { world.fdb(at).find(destination) } else { None };
    match station {
        Some(station) => deliver(world, at, Source::default(), station.port, packet),
        None => flood(world, at, Source::default(), kind, packet),
    }
    Xmit::Sent
}

/// Whether a frame that came in there may leave by a port (`should_deliver`).
fn should_deliver(world: &World, from: Source, to: LinkId) -> bool {
    world.link(to).and_then(|link| link.port).is_some_and(|port| {
        (from.port != Some(to) || port.flags.contains(PortFlags::HAIRPIN))
            && port.forwards()
            && !(from.is_isolated && port.flags.contains(PortFlags::ISOLATED))
    })
}

/// The ports by which a frame leaves that nobody knows the way of (`br_flood`). The bridge's own frames for many leave
/// by all.
fn outputs(world: &World, bridge: LinkId, from: Source, kind: For) -> Vec<LinkId> {
    let ports = world.bridge(bridge).map(|bridge| &bridge.ports[..]).unwrap_or_default();
    let is_own_for_many = from.port.is_none() && kind != For::Station;
    let floods = |at: LinkId| {
        let port = world.link(at).and_then(|link| link.port);
        is_own_for_many || port.is_some_and(|port| port.flags.contains(kind.flood()))
    };
    let ports = ports.iter().map(|&index| LinkId { index, ..bridge });
    ports.filter(|&port| floods(port) && should_deliver(world, from, port)).collect()
}

/// Sends a frame by every port (`br_flood`).
fn flood(world: &mut World, bridge: LinkId, from: Source, kind: For, packet: Packet) {
    let ports = outputs(world, bridge, from, kind);
    let Some((&last, others)) = ports.split_last() else {
        return world.drop_packet(bridge.namespace, packet.id, DropReason::NoTxTarget);
    };
    push_copies(world, others, &packet);
    push(world, last, packet);
}

/// Sends a frame by one port (`br_forward`).
fn deliver(world: &mut World, bridge: LinkId, from: Source, to: Option<IfIndex>, packet: Packet) {
    let port = to.map(|index| LinkId { index, ..bridge });
    match port.filter(|&port| should_deliver(world, from, port)) {
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
    let fits = world.link(port).is_some_and(|link| link.is_up() && packet.fits_link(link.mtu));
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
