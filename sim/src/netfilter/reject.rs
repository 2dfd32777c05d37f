//! Telling the sender that a packet was refused (`net/ipv4/netfilter/nf_reject_ipv4.c`).

use crate::hook::Context;
use crate::packet::Packet;
use crate::world::World;
use vethlab_shared::netfilter::RejectWith;
use vethlab_shared::view::RouteKind;
use vethlab_shared::wire::Ipv4;

/// The code of "destination unreachable" (`reject_tg`).
fn code(with: RejectWith) -> Option<u8> {
    Some(match with {
        RejectWith::NetUnreachable => 0,
        RejectWith::HostUnreachable => 1,
        RejectWith::ProtoUnreachable => 2,
        RejectWith::PortUnreachable => 3,
        RejectWith::NetProhibited => 9,
        RejectWith::HostProhibited => 10,
        RejectWith::AdminProhibited => 13,
        RejectWith::TcpReset => return None,
    })
}

impl World {
    /// Tells the sender of a packet that it ends here (`nf_send_unreach`). Where the packet was for this machine, the error
    /// comes from the very address that it was for.
    pub(crate) fn reject(&mut self, context: &Context, packet: &Packet, with: RejectWith) {
        let to_many = context.input.is_some() && packet.buffer.destination().is_multicast();
        let Some(code) = code(with).filter(|_| !to_many) else { return };
        let own = Ipv4::new_unchecked(packet.network()).destination();
        let kind = self.net(context.namespace).address_type(own);
        if matches!(kind, RouteKind::Broadcast | RouteKind::Multicast) {
            return;
        }
        let source = (kind == RouteKind::Local).then_some(own);
        self.icmp_rejected(context.namespace, packet, source, code);
    }
}
