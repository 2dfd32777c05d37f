//! The way through: a router's work (`net/ipv4/ip_forward.c`).

use super::route::{Route, cache};
use super::{fragment_field, priority_of, ttl_of};
use crate::hook::{Context, Verdict};
use crate::receive::{Addressee, Incoming};
use crate::world::World;
use vethlab_shared::event::{DropReason, Hook};
use vethlab_shared::wire::icmp::code::FRAGMENTATION_NEEDED;
use vethlab_shared::wire::icmp::kind::{DESTINATION_UNREACHABLE, TIME_EXCEEDED};
use vethlab_shared::wire::ipv4::{DONT_FRAGMENT, decrease_ttl};

impl World {
    /// Sends a packet on towards somebody else (`ip_forward`).
    pub(super) fn ip_forward(&mut self, mut incoming: Incoming, route: &Route) {
        let namespace = incoming.at.namespace;
        if incoming.addressee != Addressee::Host {
            return self.drop_packet(namespace, incoming.packet.id, DropReason::NotSpecified);
        }
        let packet = incoming.packet.network();
        if ttl_of(packet) <= 1 {
            self.icmp_error(&incoming, TIME_EXCEEDED, 0, 0);
            return self.drop_packet(namespace, incoming.packet.id, DropReason::IpInHdr);
        }
        let mtu = route.mtu;
        if !incoming.packet.fits_way(mtu) && fragment_field(packet) & DONT_FRAGMENT != 0 {
            self.icmp_error(&incoming, DESTINATION_UNREACHABLE, FRAGMENTATION_NEEDED, mtu);
            return self.drop_packet(namespace, incoming.packet.id, DropReason::PktTooBig);
        }
        decrease_ttl(incoming.packet.buffer.network_mut());
        incoming.packet.priority = priority_of(incoming.packet.network());
        if route.has(cache::REDIRECT) {
            self.icmp_redirect(&incoming, route);
        }
        let context = Context {
            namespace,
            point: Hook::Forward,
            input: incoming.packet.input,
            output: Some(route.output),
            next_hop: None,
            mtu: Some(self.net(namespace).way_mtu(route, self.now)),
        };
        if self.hook(context, &mut incoming.packet) == Verdict::Accept {
            self.ip_output(namespace, incoming.packet, route);
        }
    }
}
