//! The door in: every frame that comes in by a link passes here.

use crate::device::{Delivery, KeptRoute, MAXIMUM_NESTING, RxHandlerResult, Told};
use crate::id::LinkId;
use crate::packet::{Buffer, Packet};
use crate::world::World;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::{DropReason, EventKind};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::socket::Direction;
use vethlab_shared::wire::Ethernet;
use vethlab_shared::wire::ethernet::ethertype;
use vethlab_shared::wire::stp;

/// Whom a frame is for, as seen from the link that it came in by (`skb->pkt_type`, `eth_type_trans`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addressee {
    /// This very station (`PACKET_HOST`).
    Host,
    /// Every station (`PACKET_BROADCAST`).
    Broadcast,
    /// A group (`PACKET_MULTICAST`).
    Multicast,
    /// A copy for this machine itself of what it sends to many (`PACKET_LOOPBACK`).
    Loopback,
    /// Somebody else (`PACKET_OTHERHOST`).
    OtherHost,
}

impl Addressee {
    fn of(destination: MacAddress, own: MacAddress) -> Addressee {
        if destination == own {
            Addressee::Host
        } else if destination == MacAddress::BROADCAST {
            Addressee::Broadcast
        } else if destination.is_multicast() {
            Addressee::Multicast
        } else {
            Addressee::OtherHost
        }
    }
}

/// A packet that came in, with what is known of how.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) packet: Packet,
    pub(crate) at: LinkId,
    pub(crate) addressee: Addressee,
}

impl World {
    /// Puts a frame on the wire to a link, as a station there would that sends whatever bytes it likes. It arrives when
    /// time passes.
    ///
    /// # Errors
    /// `ENOENT` where there is no such namespace, `ENODEV` where it has no such link; `EINVAL` where the frame is
    /// shorter than an Ethernet header, and `EMSGSIZE` where it is longer than the link takes in.
    pub fn inject(
        &mut self,
        namespace: &NamespaceName,
        link: IfIndex,
        frame: &[u8],
    ) -> Result<(), StackError> {
        self.begin_call()?;
        let at = LinkId { namespace: self.find(namespace)?, index: link };
        let mtu = self.link(at).ok_or(Errno::ENODEV)?.mtu;
        let header = Ethernet::new(frame).ok_or(Errno::EINVAL)?;
        let mut buffer = Buffer::of(&[header.payload()]);
        buffer.set_ethernet(header.destination(), header.source(), header.ethertype());
        if !buffer.fits(mtu) {
            return Err(Errno::EMSGSIZE.into());
        }
        let packet = Packet::new(self.new_packet_id(at.namespace, None), buffer);
        self.counters(at).received(frame.len());
        self.deliver_later(Delivery { to: at, packet, route: None, told: Told::default() });
        Ok(())
    }

    /// Takes in a frame at the end of its wire (`__netif_receive_skb_core`).
    pub(crate) fn netif_receive(&mut self, delivery: Delivery) {
        let Delivery { to: at, mut packet, route, told } = delivery;
        let Some(link) = self.link(at).filter(|link| link.is_up()) else {
            // The link went down, or away, while the frame was under way.
            return self.drop_packet(at.namespace, packet.id, DropReason::DevReady);
        };
        let addressee = Addressee::of(packet.buffer.destination(), link.address);
        if route.is_some() && !link.is_loopback() {
            // A copy of what is sent to many (`dev_loopback_xmit`): no frame, so that nobody sees it on the link.
            packet.input = Some(at.index);
            let incoming = Incoming { packet, at, addressee: Addressee::Loopback };
            return self.ip_receive(incoming, route);
        }
        let frame = || told.0.unwrap_or_else(|| packet.frame().into());
        self.tell_at(at, Some(packet.id), |link| EventKind::NetifReceiveSkb { link, frame: frame() });
        packet.input = route.and_then(|route| route.counts_as).or(Some(at.index));
        self.receive_by_link(Incoming { packet, at, addressee }, route);
    }

    /// Takes in a frame that a port hands to the link that it belongs to (`netif_receive_skb`).
    pub(crate) fn receive_for(&mut self, at: LinkId, incoming: Incoming) {
        let Incoming { mut packet, addressee, .. } = incoming;
        let frame = || packet.frame().into();
        self.tell_at(at, Some(packet.id), |link| EventKind::NetifReceiveSkb { link, frame: frame() });
        packet.input = Some(at.index);
        self.receive_by_link(Incoming { packet, at, addressee }, None);
    }

    /// Shows a frame to those who watch the link, and lets its handler take it before the protocols do
    /// (`__netif_receive_skb_core` from `another_round` on).
    fn receive_by_link(&mut self, mut incoming: Incoming, route: Option<KeptRoute>) {
        for _ in 0..=MAXIMUM_NESTING {
            self.tap(incoming.at, Direction::In, &incoming.packet);
            let at = incoming.at;
            let Some(&handler) = self.net(at.namespace).rx_handlers.get(&at.index) else {
                return self.receive_by_protocol(incoming, route);
            };
            match handler(self, incoming) {
                RxHandlerResult::Consumed => return,
                RxHandlerResult::Another(other) => incoming = other,
                RxHandlerResult::Pass(passed) => return self.receive_by_protocol(passed, route),
                RxHandlerResult::Exact(refused) => {
                    let namespace = refused.at.namespace;
                    return self.drop_packet(namespace, refused.packet.id, DropReason::UnhandledProto);
                }
            }
        }
        self.drop_packet(incoming.at.namespace, incoming.packet.id, DropReason::NotSpecified);
    }

    /// Hands a frame to the protocol that it is of (`deliver_ptype_list_skb`).
    fn receive_by_protocol(&mut self, incoming: Incoming, route: Option<KeptRoute>) {
        match incoming.packet.buffer.ethertype() {
            ethertype::IPV4 => self.ip_receive(incoming, route),
            ethertype::ARP => self.arp_receive(&incoming),
            // The kernel has somebody who takes messages of bridges on any link, and lets those go that are for none
            // (`llc_rcv`, `br_stp_rcv`).
            length if length < ethertype::FIRST && stp::is_message(incoming.packet.network()) => {
                self.drop_packet(incoming.at.namespace, incoming.packet.id, DropReason::NotSpecified);
            }
            _ => self.drop_packet(incoming.at.namespace, incoming.packet.id, DropReason::UnhandledProto),
        }
    }

    /// Shows a frame to the packet sockets of its link (`dev_queue_xmit_nit`, `deliver_skb`).
    pub(crate) fn tap(&mut self, at: LinkId, direction: Direction, packet: &Packet) {
        if self.sockets.has_taps() {
            self.capture(at, direction, packet.frame());
        }
    }
}
