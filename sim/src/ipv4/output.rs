//! The way out (`net/ipv4/ip_output.c`).

use super::route::{Route, cache};
use super::{DONT_FRAGMENT, IPV4_HEADER, PROTOCOL_UDP, set_checksum};
use crate::device::{Delivery, KeptRoute};
use crate::id::{LinkId, NamespaceId};
use crate::packet::Packet;
use crate::transmit::Xmit;
use crate::world::World;
use etherparse::{IpNumber, Ipv4Header};
use std::net::Ipv4Addr;
use vethlab_shared::error::Errno;
use vethlab_shared::event::{DropReason, Hook, PacketId};
use vethlab_shared::name::IfIndex;

/// A packet to be made and sent (`struct ipcm_cookie` and what goes with it).
#[derive(Clone, Debug)]
pub(crate) struct Outgoing<'a> {
    pub(crate) source: Ipv4Addr,
    pub(crate) destination: Ipv4Addr,
    pub(crate) protocol: u8,
    pub(crate) tos: u8,
    pub(crate) ttl: u8,
    /// May not be fragmented, and says so where it fits.
    pub(crate) dont_fragment: bool,
    pub(crate) payload: &'a [u8],
    /// A socket sends it, not the stack by itself.
    pub(crate) by_socket: bool,
    /// The packet that this one is due to.
    pub(crate) parent: Option<PacketId>,
}

/// What a packet keeps of its route, should it come back here.
fn kept(route: &Route) -> KeptRoute {
    KeptRoute {
        local: route.has(cache::LOCAL),
        counts_as: route.counts_as,
        broadcast: route.has(cache::BROADCAST) || route.has(cache::MULTICAST),
    }
}

impl World {
    /// Makes a packet and sends it by a route that was found already (`ip_push_pending_frames`).
    ///
    /// # Errors
    /// `EMSGSIZE` for more than 65535 bytes; `ENOBUFS` where the packet was dropped at the door
    /// (`net_xmit_errno`).
    pub(crate) fn ip_send(
        &mut self,
        at: NamespaceId,
        route: &Route,
        out: &Outgoing<'_>,
    ) -> Result<(), Errno> {
        let length = u16::try_from(out.payload.len()).map_err(|_| Errno::EMSGSIZE)?;
        let protocol = IpNumber(out.protocol);
        let (source, destination) = (out.source.octets(), out.destination.octets());
        let mut header =
            Ipv4Header::new(length, out.ttl, protocol, source, destination).map_err(|_| Errno::EMSGSIZE)?;
        let fits = out.payload.len() + IPV4_HEADER <= route.mtu as usize;
        header.dont_fragment = out.dont_fragment && fits;
        header.identification = self.net_mut(at).next_identification();
        let mut bytes = header.to_bytes().to_vec();
        bytes[1] = out.tos;
        set_checksum(&mut bytes);
        bytes.extend_from_slice(out.payload);
        let id = self.new_packet_id(at, out.parent);
        let mut packet = Packet::new(id, &bytes);
        packet.holds_socket = out.by_socket;
        packet.checksum_partial = out.protocol == PROTOCOL_UDP && fits;
        if self.hook(at, &packet, Hook::LocalOut) && self.ip_output(at, packet, route) == Xmit::Dropped {
            return Err(Errno::ENOBUFS);
        }
        Ok(())
    }

    /// Sends a packet by its route: in pieces where it is too long (`ip_output`, `ip_finish_output`).
    pub(super) fn ip_output(&mut self, at: NamespaceId, packet: Packet, route: &Route) -> Xmit {
        if !self.hook(at, &packet, Hook::PostRouting) {
            return Xmit::Sent;
        }
        self.loop_back(at, &packet, route);
        let mtu = route.mtu;
        if packet.network().len() <= mtu as usize {
            return self.ip_finish_output(at, packet, route);
        }
        if super::fragment_field(packet.network()) & DONT_FRAGMENT != 0 {
            self.drop_packet(at, packet.id, DropReason::PktTooBig);
            return Xmit::Dropped;
        }
        // Where one piece does not leave, those behind it are not tried (`ip_do_fragment`).
        let Some(pieces) = self.fragment(at, &packet, mtu as usize) else { return Xmit::Dropped };
        let mut outcome = Xmit::Sent;
        for piece in pieces {
            if outcome == Xmit::Sent {
                let by_process = piece.holds_socket;
                outcome = self.ip_finish_output(at, piece, route);
                if by_process {
                    self.run_deliveries();
                }
            } else {
                self.drop_packet(at, piece.id, DropReason::NotSpecified);
            }
        }
        outcome
    }

    /// Gives the packet to the neighbour that is next (`ip_finish_output2`).
    fn ip_finish_output(&mut self, at: NamespaceId, packet: Packet, route: &Route) -> Xmit {
        let to = LinkId { namespace: at, index: route.output };
        self.neigh_output(to, route.next_hop(), packet, Some(kept(route)))
    }

    /// Takes in a copy of what goes to many, where this machine is one of them (`ip_mc_output`,
    /// `dev_loopback_xmit`).
    fn loop_back(&mut self, at: NamespaceId, packet: &Packet, route: &Route) {
        let kept = kept(route);
        if kept.local && kept.broadcast && route.output != IfIndex::LOOPBACK {
            let id = self.new_packet_id(at, Some(packet.id));
            let to = LinkId { namespace: at, index: route.output };
            let mut copy = packet.clone();
            (copy.id, copy.holds_socket) = (id, false);
            let delivery = Delivery { to, packet: copy, route: Some(kept) };
            self.queue.deliver(self.now, delivery);
        }
    }
}
