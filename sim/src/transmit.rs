//! The door out: every frame that leaves by a link passes here.

use crate::device::{Delivery, Device, KeptRoute, WIRE_DELAY};
use crate::id::LinkId;
use crate::packet::{ETHERNET_HEADER, Packet};
use crate::queue::Pending;
use crate::world::World;
use vethlab_shared::event::{DropReason, EventKind};
use vethlab_shared::socket::Direction;

/// Room for a VLAN tag beyond the MTU (`VLAN_HLEN` in `__is_skb_forwardable`).
const VLAN_HEADER: usize = 4;

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
        let device = link.device.clone();
        self.tap(at, Direction::Out, &packet);
        match device {
            Device::Loopback => self.loopback_xmit(at, packet, route),
            Device::Veth { peer } => self.veth_xmit(at, peer, packet),
        }
    }

    /// `loopback_xmit` in `drivers/net/loopback.c`: the counters leave the Ethernet header out.
    fn loopback_xmit(&mut self, at: LinkId, packet: Packet, route: Option<KeptRoute>) -> Xmit {
        let bytes = packet.network().len() as u64;
        if let Some(link) = self.link_mut(at) {
            link.statistics.tx_packets += 1;
            link.statistics.tx_bytes += bytes;
            link.statistics.rx_packets += 1;
            link.statistics.rx_bytes += bytes;
        }
        self.tell_xmit(at, &packet);
        self.deliver_later(Delivery { to: at, packet, route });
        Xmit::Sent
    }

    /// `veth_xmit` in `drivers/net/veth.c`, with `__dev_forward_skb` for the far end.
    fn veth_xmit(&mut self, at: LinkId, peer: LinkId, packet: Packet) -> Xmit {
        let length = packet.frame().len();
        let fits = self
            .link(peer)
            .is_some_and(|peer| peer.is_up() && length <= peer.mtu as usize + ETHERNET_HEADER + VLAN_HEADER);
        if !fits {
            if let Some(peer) = self.link_mut(peer) {
                peer.statistics.rx_dropped += 1;
            }
            if let Some(link) = self.link_mut(at) {
                link.statistics.tx_dropped += 1;
            }
            self.tell_xmit(at, &packet);
            self.drop_packet(at.namespace, packet.id, DropReason::NotSpecified);
            return Xmit::Dropped;
        }
        if let Some(link) = self.link_mut(at) {
            link.statistics.tx_packets += 1;
            link.statistics.tx_bytes += length as u64;
        }
        if let Some(peer) = self.link_mut(peer) {
            peer.statistics.rx_packets += 1;
            peer.statistics.rx_bytes += length as u64;
        }
        self.tell_xmit(at, &packet);
        self.deliver_later(Delivery { to: peer, packet, route: None });
        Xmit::Sent
    }

    /// Tells of a frame that the device has taken, and counted: also of one that it throws away then, as `veth`
    /// does where the far end is down.
    fn tell_xmit(&mut self, at: LinkId, packet: &Packet) {
        let frame = || packet.frame().to_vec();
        self.tell_at(at, Some(packet.id), |link| EventKind::NetDevXmit { link, frame: frame() });
    }

    /// On the way the packet lets go of its socket (`skb_orphan`).
    fn deliver_later(&mut self, mut delivery: Delivery) {
        delivery.packet.holds_socket = false;
        self.queue.push(self.now + WIRE_DELAY, Pending::Delivery(Box::new(delivery)));
    }
}
