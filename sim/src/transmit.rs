//! The door out: every frame that leaves by a link passes here.

use crate::device::{Delivery, KeptRoute, Told};
use crate::hook::PostRouted;
use crate::id::LinkId;
use crate::packet::Packet;
use crate::world::World;
use std::sync::Arc;
use vethlab_shared::event::{DropReason, EventKind};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::socket::Direction;
use vethlab_shared::wire::ethernet::ethertype;

/// What became of a frame at the door out (`NET_XMIT_*` in `linux/netdevice.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Xmit {
    /// It left, or waits for a neighbour (`NET_XMIT_SUCCESS`).
    Sent,
    /// The queueing discipline had no room: its sender is not told (`NET_XMIT_CN`).
    Congested,
    /// It was dropped (`NET_XMIT_DROP`).
    Dropped,
    /// A hook dropped it (`NF_DROP`).
    Refused,
}

/// A packet with its Ethernet header: what a link takes.
#[derive(Clone, Debug)]
pub(crate) struct Frame(Packet);

impl Frame {
    /// An ARP message, which no hook of IPv4 sees.
    pub(crate) fn arp(mut packet: Packet, destination: MacAddress, source: MacAddress) -> Frame {
        packet.buffer.set_ethernet(destination, source, ethertype::ARP);
        Frame(packet)
    }

    /// An IPv4 packet, which has passed its hooks.
    pub(crate) fn ipv4(packet: PostRouted, destination: MacAddress, source: MacAddress) -> Frame {
        let mut packet = packet.into_packet();
        packet.buffer.set_ethernet(destination, source, ethertype::IPV4);
        Frame(packet)
    }

    /// What a bridge passes on: its header is there, and its hooks are behind it.
    pub(crate) fn bridged(packet: Packet) -> Frame {
        Frame(packet)
    }

    /// What a program sends as a whole frame: it passes no hook.
    pub(crate) fn of_packet_socket(packet: Packet) -> Frame {
        Frame(packet)
    }

    /// What a device takes off it: on a wire it is a packet again.
    pub(crate) fn into_packet(self) -> Packet {
        self.0
    }
}

impl World {
    /// Hands a frame to a link (`__dev_queue_xmit`). It may end right here.
    pub(crate) fn transmit(&mut self, at: LinkId, frame: Frame, route: Option<KeptRoute>) -> Xmit {
        let Frame(packet) = frame;
        let Some(link) = self.link(at) else {
            self.drop_packet(at.namespace, packet.id, DropReason::DevReady);
            return Xmit::Dropped;
        };
        if !link.is_up() || !link.carrier {
            // Down or without carrier, the queueing discipline is `noop` (`noop_enqueue`).
            self.counters(at).tx_dropped += 1;
            self.drop_packet(at.namespace, packet.id, DropReason::QdiscDrop);
            return Xmit::Congested;
        }
        let transmit = link.device.operations().transmit;
        self.tap(at, Direction::Out, &packet);
        transmit(self, at, Frame(packet), route)
    }

    /// Tells of a frame that the device has taken, and counted: also of one that it throws away then, as `veth`
    /// does where the far end is down. Gives the frame as it was told of.
    pub(crate) fn tell_xmit(&mut self, at: LinkId, packet: &Packet) -> Told {
        if !self.trace.on {
            return Told::default();
        }
        let frame: Arc<[u8]> = packet.frame().into();
        self.tell_at(at, Some(packet.id), |link| EventKind::NetDevXmit { link, frame: Arc::clone(&frame) });
        Told(Some(frame))
    }

    /// On the way the packet lets go of its socket (`skb_orphan`).
    pub(crate) fn deliver_later(&mut self, mut delivery: Delivery) {
        delivery.packet.holds_socket = false;
        self.queue.deliver(self.now, delivery);
    }

    /// Takes in a copy of what goes to many by a link (`dev_loopback_xmit`).
    pub(crate) fn loop_copy(&mut self, at: LinkId, packet: &PostRouted, route: KeptRoute) {
        let id = self.new_packet_id(at.namespace, Some(packet.packet().id));
        let packet = Packet { id, holds_socket: false, ..packet.packet().clone() };
        self.queue.deliver(self.now, Delivery { to: at, packet, route: Some(route), told: Told::default() });
    }
}
