//! The door out: every frame that leaves by a link passes here.

use crate::device::{Delivery, KeptRoute};
use crate::id::LinkId;
use crate::packet::Packet;
use crate::world::World;
use vethlab_shared::event::{DropReason, EventKind};
use vethlab_shared::socket::Direction;

/// What became of a frame at the door out (`NET_XMIT_*` in `linux/netdevice.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Xmit {
    /// It left, or waits for a neighbour (`NET_XMIT_SUCCESS`).
    Sent,
    /// The queueing discipline had no room: its sender is not told (`NET_XMIT_CN`).
    Congested,
    /// It was dropped (`NET_XMIT_DROP`).
    Dropped,
}

impl World {
    /// Hands a frame to a link (`__dev_queue_xmit`). It may end right here.
    pub(crate) fn transmit(&mut self, at: LinkId, packet: Packet, route: Option<KeptRoute>) -> Xmit {
        let Some(link) = self.link_mut(at) else {
            self.drop_packet(at.namespace, packet.id, DropReason::DevReady);
            return Xmit::Dropped;
        };
        if !link.is_up() || !link.carrier {
            // Down or without carrier, the queueing discipline is `noop` (`noop_enqueue`).
            link.statistics.tx_dropped += 1;
            self.drop_packet(at.namespace, packet.id, DropReason::QdiscDrop);
            return Xmit::Congested;
        }
        let transmit = link.device.operations().transmit;
        self.tap(at, Direction::Out, &packet);
        transmit(self, at, packet, route)
    }

    /// Tells of a frame that the device has taken, and counted: also of one that it throws away then, as `veth`
    /// does where the far end is down.
    pub(crate) fn tell_xmit(&mut self, at: LinkId, packet: &Packet) {
        let frame = || packet.frame().to_vec();
        self.tell_at(at, Some(packet.id), |link| EventKind::NetDevXmit { link, frame: frame() });
    }

    /// On the way the packet lets go of its socket (`skb_orphan`).
    pub(crate) fn deliver_later(&mut self, mut delivery: Delivery) {
        delivery.packet.holds_socket = false;
        self.queue.deliver(self.now, delivery);
    }
}
