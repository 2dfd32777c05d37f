//! The way out (`net/ipv4/ip_output.c`).

use super::route::{OutputQuery, Route, cache};
use super::{destination_of, fragment_field, priority_of, source_of, tos_of};
use crate::conntrack::Tracked;
use crate::device::{Delivery, KeptRoute, Told};
use crate::hook::{Context, PostRouted, Verdict};
use crate::id::{LinkId, NamespaceId};
use crate::packet::{Buffer, Packet};
use crate::transmit::Xmit;
use crate::world::World;
use std::net::Ipv4Addr;
use vethlab_shared::error::Errno;
use vethlab_shared::event::{DropReason, Hook, PacketId};
use vethlab_shared::name::IfIndex;
use vethlab_shared::socket::SocketId;
use vethlab_shared::view::RouteKind;
use vethlab_shared::wire::ipv4::{self, DONT_FRAGMENT, HEADER_LENGTH, protocol};

/// A packet to be made and sent (`struct ipcm_cookie` and what goes with it).
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) source: Ipv4Addr,
    pub(crate) destination: Ipv4Addr,
    pub(crate) protocol: u8,
    pub(crate) tos: u8,
    pub(crate) ttl: u8,
    /// May not be fragmented, and says so where it fits.
    pub(crate) dont_fragment: bool,
    /// The socket that sends it; none where the stack does by itself.
    pub(crate) sender: Option<SocketId>,
    /// The packet that this one is due to.
    pub(crate) parent: Option<PacketId>,
    /// The connection that it is about, where it is an error.
    pub(crate) connection: Option<Tracked>,
}

/// A TCP segment to be sent, or a whole packet of which a device is to make segments (`struct tcp_skb_cb` and the socket).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segments {
    pub(crate) source: Ipv4Addr,
    /// How it asks for its way.
    pub(crate) query: OutputQuery,
    pub(crate) tos: u8,
    /// The time to live, where the socket has one of its own.
    pub(crate) ttl: Option<u8>,
    pub(crate) identification: u16,
    /// The checksum is left to the device.
    pub(crate) checksum_partial: bool,
    /// How many bytes each segment carries that is to be made of it.
    pub(crate) size: Option<u16>,
    pub(crate) sender: Option<SocketId>,
    /// The packet that it is to be.
    pub(crate) packet: PacketId,
    /// The connection has heard from its other end: the neighbour on the way is there (`skb->dst_pending_confirm`).
    pub(crate) confirms: bool,
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
    /// Makes a packet of a payload and sends it by a route that was found already (`ip_push_pending_frames`).
    ///
    /// # Errors
    /// `EMSGSIZE` for more than 65535 bytes; `ENOBUFS` where the packet was dropped at the door (`net_xmit_errno`);
    /// `EPERM` where a hook dropped it.
    pub(crate) fn ip_send(
        &mut self,
        at: NamespaceId,
        route: Route,
        out: &Outgoing,
        payload: Buffer,
    ) -> Result<(), Errno> {
        let mut buffer = payload;
        let carried = buffer.transport().len();
        let length = carried + HEADER_LENGTH;
        let fits = length <= route.mtu as usize;
        let header = ipv4::Header {
            tos: out.tos,
            total_length: u16::try_from(length).map_err(|_| Errno::EMSGSIZE)?,
            identification: self.runtime_mut(at).next_identification(),
            fragment: if out.dont_fragment && fits { DONT_FRAGMENT } else { 0 },
            time_to_live: out.ttl,
            protocol: out.protocol,
            source: out.source,
            destination: out.destination,
        };
        let bytes = buffer.push_network(HEADER_LENGTH);
        header.write(bytes);
        let priority = priority_of(bytes);
        let id = self.new_packet_id(at, out.parent);
        let packet = Packet {
            holds_socket: out.sender.is_some(),
            checksum_partial: out.protocol == protocol::UDP && fits,
            priority,
            connection: out.connection.clone(),
            ..Packet::new(id, buffer)
        };
        match self.ip_send_made(at, packet, &route, out.sender)? {
            Xmit::Sent | Xmit::Congested => Ok(()),
            Xmit::Dropped => Err(Errno::ENOBUFS),
            Xmit::Refused => Err(Errno::EPERM),
        }
    }

    /// Finds the way of a TCP segment, and sends it by that (`__ip_queue_xmit`). One that does not leave is sent again by the
    /// connection that it is of.
    pub(crate) fn ip_queue_xmit(&mut self, at: NamespaceId, out: &Segments, segment: Buffer) {
        let id = out.packet;
        let Ok(route) = self.route_output_told(at, &out.query, Some(id)) else {
            return self.drop_packet(at, id, DropReason::IpOutNoRoutes);
        };
        if out.confirms {
            self.neigh_confirm(LinkId { namespace: at, index: route.output }, route.next_hop());
        }
        let mut buffer = segment;
        let Ok(total_length) = u16::try_from(buffer.transport().len() + HEADER_LENGTH) else {
            return self.drop_packet(at, id, DropReason::PktTooBig);
        };
        let header = ipv4::Header {
            tos: out.tos,
            total_length,
            identification: out.identification,
            fragment: if route.mtu_locked { 0 } else { DONT_FRAGMENT },
            time_to_live: out.ttl.unwrap_or_else(|| self.default_ttl(at)),
            protocol: protocol::TCP,
            source: out.source,
            destination: route.destination,
        };
        let bytes = buffer.push_network(HEADER_LENGTH);
        header.write(bytes);
        let packet = Packet {
            holds_socket: out.sender.is_some(),
            checksum_partial: out.checksum_partial,
            segment_size: out.size,
            priority: priority_of(bytes),
            ..Packet::new(id, buffer)
        };
        // Whether it left is seen by what comes back.
        let _sent = self.ip_send_made(at, packet, &route, out.sender);
    }

    /// Sends a packet that was made here by its route, in one step where that is remembered.
    ///
    /// # Errors
    /// What routing says of a packet that the hook has altered.
    fn ip_send_made(
        &mut self,
        at: NamespaceId,
        mut packet: Packet,
        route: &Route,
        sender: Option<SocketId>,
    ) -> Result<Xmit, Errno> {
        if let Some(to) = self.flow_send(at, &mut packet, route) {
            self.deliver_later(Delivery { to, packet, route: None, told: Told::default() });
            return Ok(Xmit::Sent);
        }
        let sent = self.ip_local_out(at, packet, *route, sender)?;
        self.flow_learn_next_hop(at, route);
        Ok(sent)
    }

    /// Asks `LOCAL_OUT` about a packet that was made here, and sends it (`ip_local_out`).
    ///
    /// # Errors
    /// What routing says of a packet that the hook has altered.
    pub(super) fn ip_local_out(
        &mut self,
        at: NamespaceId,
        mut packet: Packet,
        mut route: Route,
        sender: Option<SocketId>,
    ) -> Result<Xmit, Errno> {
        let context = Context {
            namespace: at,
            point: Hook::LocalOut,
            input: None,
            output: Some(route.output),
            next_hop: None,
            mtu: Some(route.mtu),
        };
        match self.hook(context, &mut packet) {
            Verdict::Accept => {}
            Verdict::Stolen => return Ok(Xmit::Sent),
            Verdict::Drop(_) | Verdict::Queue => return Ok(Xmit::Refused),
        }
        if std::mem::take(&mut packet.reroute) {
            route = match self.ip_reroute(at, &packet, sender) {
                Ok(route) => route,
                Err(errno) => {
                    self.drop_packet(at, packet.id, DropReason::NotSpecified);
                    return Err(errno);
                }
            };
        }
        Ok(self.ip_output(at, packet, &route))
    }

    /// Sends a whole packet that the stack itself has made, where there is a way that it fits (`nf_send_reset`).
    pub(crate) fn ip_send_answer(&mut self, at: NamespaceId, packet: Packet) {
        match self.ip_reroute(at, &packet, None) {
            Ok(route) if packet.network().len() <= route.mtu as usize => {
                // What does not leave has ended where it was dropped; nobody waits to be told.
                let _dropped = self.ip_local_out(at, packet, route, None);
            }
            Ok(_) | Err(_) => self.drop_packet(at, packet.id, DropReason::NotSpecified),
        }
    }

    /// The way of a packet that a hook has altered (`ip_route_me_harder`): its source counts where it is an own one.
    fn ip_reroute(
        &mut self,
        at: NamespaceId,
        packet: &Packet,
        sender: Option<SocketId>,
    ) -> Result<Route, Errno> {
        let bytes = packet.network();
        let (source, destination, tos) = (source_of(bytes), destination_of(bytes), tos_of(bytes));
        let own = self.net(at).address_type(source) == RouteKind::Local;
        let output = sender.and_then(|socket| self.sockets.device_of(socket));
        let query = OutputQuery { destination, source: own.then_some(source), output, tos };
        self.route_output_told(at, &query, Some(packet.id))
    }

    /// Sends a packet by its route: in pieces where it is too long (`ip_output`, `ip_finish_output`).
    pub(super) fn ip_output(&mut self, at: NamespaceId, packet: Packet, route: &Route) -> Xmit {
        let packet = match self.post_routing(at, packet, route) {
            Ok(packet) => packet,
            Err(Verdict::Accept | Verdict::Stolen) => return Xmit::Sent,
            Err(Verdict::Drop(_) | Verdict::Queue) => return Xmit::Refused,
        };
        self.loop_back(at, &packet, route);
        let mtu = route.mtu;
        let whole = packet.packet().longest_fragment.is_none();
        if whole && packet.packet().fits_way(mtu) {
            return self.ip_finish_output(at, packet, route);
        }
        if fragment_field(packet.packet().network()) & DONT_FRAGMENT != 0 {
            self.drop_packet(at, packet.packet().id, DropReason::PktTooBig);
            return Xmit::Dropped;
        }
        // Where one piece does not leave, those behind it are not tried (`ip_do_fragment`).
        let Some(pieces) = self.fragment(at, packet, mtu as usize) else { return Xmit::Dropped };
        let mut outcome = Xmit::Sent;
        for piece in pieces {
            if outcome == Xmit::Sent {
                let by_process = piece.packet().holds_socket;
                outcome = self.ip_finish_output(at, piece, route);
                if by_process {
                    self.run_deliveries();
                }
            } else {
                self.drop_packet(at, piece.packet().id, DropReason::NotSpecified);
            }
        }
        outcome
    }

    /// Gives the packet to the neighbour that is next (`ip_finish_output2`).
    fn ip_finish_output(&mut self, at: NamespaceId, packet: PostRouted, route: &Route) -> Xmit {
        let to = LinkId { namespace: at, index: route.output };
        self.neigh_output(to, route.next_hop(), packet, Some(kept(route)))
    }

    /// Takes in a copy of what goes to many, where this machine is one of them (`ip_mc_output`).
    fn loop_back(&mut self, at: NamespaceId, packet: &PostRouted, route: &Route) {
        let kept = kept(route);
        if kept.local && kept.broadcast && route.output != IfIndex::LOOPBACK {
            self.loop_copy(LinkId { namespace: at, index: route.output }, packet, kept);
        }
    }
}
