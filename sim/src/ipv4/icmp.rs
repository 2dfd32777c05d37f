//! ICMP (RFC 792, `net/ipv4/icmp.c`): answering echoes, telling of errors, hearing of them.

use super::output::Outgoing;
use super::route::{Exception, OutputQuery, Route};
use super::{destination_of, fragment_field, header_length, protocol_of, source_of, tos_of};
use crate::conntrack::Tracked;
use crate::id::{LinkId, NamespaceId};
use crate::packet::{Buffer, Packet};
use crate::receive::{Addressee, Incoming};
use crate::sysctl::Global;
use crate::world::World;
use std::net::Ipv4Addr;
use vethlab_shared::event::{Consumer, DropReason, EventKind, PacketId};
use vethlab_shared::time::Duration;
use vethlab_shared::view::RouteKind;
use vethlab_shared::wire::Icmp;
use vethlab_shared::wire::icmp::code::{FRAGMENTATION_NEEDED, HOST_UNREACHABLE};
use vethlab_shared::wire::icmp::kind::{
    DESTINATION_UNREACHABLE, ECHO_REPLY, ECHO_REQUEST, REDIRECT, TIME_EXCEEDED,
};
use vethlab_shared::wire::icmp::{self, HEADER_LENGTH as ICMP_HEADER, quotes as is_error};
use vethlab_shared::wire::ipv4::{FRAGMENT_OFFSET, HEADER_LENGTH as IPV4_HEADER, protocol};

/// The highest type that was ever given a meaning here (`NR_ICMP_TYPES`).
const LAST_TYPE: u8 = 18;

/// Longest ICMP error as an IPv4 packet, in bytes (RFC 1812 section 4.3.2.3).
const LONGEST_ERROR: usize = 576;

/// An error to tell of: its type, its code, and the four bytes behind the checksum.
#[derive(Clone, Copy, Debug)]
struct IcmpError {
    kind: u8,
    code: u8,
    info: u32,
}

/// What an error about a packet without a route costs (`net.ipv4.route.error_cost`), and how much there can be for
/// them (`net.ipv4.route.error_burst`).
const ERROR_COST: Duration = Duration::from_secs(1);
const ERROR_BURST: Duration = Duration::from_secs(5);

/// Makes an ICMP message with a right checksum.
fn message(kind: u8, code: u8, rest: [u8; 4], data: &[u8]) -> Buffer {
    let mut message = Buffer::of(&[&[0; ICMP_HEADER], data]);
    icmp::write(message.transport_mut(), kind, code, rest);
    message
}

impl World {
    /// Takes in an ICMP message (`icmp_rcv`).
    pub(super) fn icmp_receive(&mut self, incoming: Incoming, broadcast: bool) {
        let (namespace, id) = (incoming.at.namespace, incoming.packet.id);
        let body = incoming.packet.transport();
        let ignores_broadcasts = self.net(namespace).sysctls.global(Global::EchoIgnoreBroadcasts) != 0;
        let wrong = match body.first() {
            _ if !Icmp::new_unchecked(body).checksum_ok() => Some(DropReason::IcmpCsum),
            _ if body.len() < ICMP_HEADER => Some(DropReason::NotSpecified),
            Some(&kind) if kind > LAST_TYPE => Some(DropReason::UnhandledProto),
            Some(&kind) if broadcast && (kind != ECHO_REQUEST || ignores_broadcasts) => {
                Some(DropReason::InvalidProto)
            }
            _ => None,
        };
        if let Some(reason) = wrong {
            return self.drop_packet(namespace, id, reason);
        }
        match Icmp::new_unchecked(body).kind() {
            ECHO_REQUEST => self.icmp_echo(incoming, broadcast),
            // No ping socket is modelled, and raw sockets have their copies (`ping_rcv`).
            ECHO_REPLY => return self.drop_packet(namespace, id, DropReason::NoSocket),
            kind if is_error(kind) => self.icmp_heard_error(&incoming),
            _ => {}
        }
        self.tell(namespace, Some(id), || EventKind::ConsumeSkb { by: Consumer::Icmp });
    }

    /// Answers an echo request (`icmp_echo`, `icmp_reply`): from the very address that was asked. The reply is the
    /// request, altered in place.
    fn icmp_echo(&mut self, incoming: Incoming, broadcast: bool) {
        let (namespace, id) = (incoming.at.namespace, incoming.packet.id);
        let answered = self.net(namespace).sysctls.global(Global::EchoIgnoreAll) == 0;
        self.tell(namespace, Some(id), || EventKind::IcmpEcho { answered });
        if !answered {
            return;
        }
        let packet = incoming.packet.network();
        let (peer, tos) = (source_of(packet), tos_of(packet));
        let own = if broadcast { None } else { Some(destination_of(packet)) };
        let query = OutputQuery { destination: peer, source: own, output: None, tos };
        let answer = (peer, ECHO_REPLY, 0);
        if let Some(route) = self.icmp_route(namespace, &query, id, answer) {
            let rest = Icmp::new_unchecked(incoming.packet.transport()).rest();
            let mut reply = incoming.packet.buffer;
            reply.pull_network();
            icmp::write(reply.transport_mut(), ECHO_REPLY, 0, rest);
            self.icmp_push(namespace, &query, route, reply, (id, None));
        }
    }

    /// The way for an ICMP message because of a packet, unless a limit forbids it or there is none (`icmp_reply`,
    /// `__icmp_send`). Of the message it takes whom it is to, its type and its code.
    fn icmp_route(
        &mut self,
        at: NamespaceId,
        query: &OutputQuery,
        about: PacketId,
        (to, kind, code): (Ipv4Addr, u8, u8),
    ) -> Option<Route> {
        let limited = self.icmp_is_limited(at, kind, code);
        if limited && !self.icmp_any_allowed(at) {
            let refused = || EventKind::Icmpv4XrlimAllow { kind, code, to: to.into(), allowed: false };
            self.tell(at, Some(about), refused);
            return None;
        }
        let route = self.route_output_told(at, query, Some(about)).ok()?;
        (!limited || self.icmp_allowed(at, &route, about, (to, kind, code))).then_some(route)
    }

    /// Sends an ICMP message on its way, unless that is too narrow for IPv4 (`icmp_push_reply`, `ip_setup_cork`).
    fn icmp_push(
        &mut self,
        at: NamespaceId,
        query: &OutputQuery,
        route: Route,
        body: Buffer,
        (parent, connection): (PacketId, Option<Tracked>),
    ) {
        if !route.has_valid_mtu() {
            return;
        }
        let out = Outgoing {
            source: route.source.unwrap_or(Ipv4Addr::UNSPECIFIED),
            destination: query.destination,
            protocol: protocol::ICMP,
            tos: query.tos,
            ttl: self.default_ttl(at),
            dont_fragment: false,
            sender: None,
            parent: Some(parent),
            connection,
        };
        // A message that does not leave has ended where it was dropped; nobody waits to be told.
        let _dropped = self.ip_send(at, route, &out, body);
    }

    /// Tells the sender of a packet that came in that it cannot be delivered.
    pub(super) fn icmp_unreachable(&mut self, incoming: &Incoming, code: u8) {
        self.icmp_error(incoming, DESTINATION_UNREACHABLE, code, 0);
    }

    /// Tells the sender of a packet that was taken in here that it is for nobody: from the very address that it
    /// was for (`__icmp_send` with `RTCF_LOCAL`).
    pub(crate) fn icmp_local_unreachable(&mut self, incoming: &Incoming, code: u8) {
        let own = Some(destination_of(incoming.packet.network()));
        self.icmp_error_from(incoming, own, IcmpError { kind: DESTINATION_UNREACHABLE, code, info: 0 });
    }

    /// Tells the sender of fragments that the rest of them did not come, unless they were to many (`ip_expire`). Where they
    /// were put together on their way, only those for this machine are told of.
    pub(super) fn icmp_fragments_expired(&mut self, incoming: &Incoming, at_the_end: bool) {
        const REASSEMBLY: u8 = 1;
        let own = destination_of(incoming.packet.network());
        let target = self.net(incoming.at.namespace).address_type(own);
        let told = !matches!(target, RouteKind::Broadcast | RouteKind::Multicast)
            && (at_the_end || target == RouteKind::Local);
        if told {
            let source = (target == RouteKind::Local).then_some(own);
            let error = IcmpError { kind: TIME_EXCEEDED, code: REASSEMBLY, info: 0 };
            self.icmp_error_from(incoming, source, error);
        }
    }

    /// Tells the sender of a packet that came in, and is not for this machine, of an error (`__icmp_send`). It may be one
    /// to a broadcast address: that is passed on like any other (`bc_forwarding`).
    pub(super) fn icmp_error(&mut self, incoming: &Incoming, kind: u8, code: u8, info: u32) {
        self.icmp_error_from(incoming, None, IcmpError { kind, code, info });
    }

    /// Errors are about frames to this machine's own Ethernet address only.
    fn icmp_error_from(&mut self, incoming: &Incoming, source: Option<Ipv4Addr>, error: IcmpError) {
        if incoming.addressee == Addressee::Host {
            self.icmp_error_about(incoming.at.namespace, &incoming.packet, source, error);
        }
    }

    /// The neighbour that a packet waited for does not answer (`ipv4_link_failure`).
    pub(crate) fn icmp_link_failure(&mut self, at: LinkId, packet: &Packet) {
        let error = IcmpError { kind: DESTINATION_UNREACHABLE, code: HOST_UNREACHABLE, info: 0 };
        self.icmp_error_about(at.namespace, packet, None, error);
    }

    /// The packet filter does not let a packet pass (`nf_send_unreach`).
    pub(crate) fn icmp_rejected(
        &mut self,
        at: NamespaceId,
        packet: &Packet,
        source: Option<Ipv4Addr>,
        code: u8,
    ) {
        self.icmp_error_about(at, packet, source, IcmpError { kind: DESTINATION_UNREACHABLE, code, info: 0 });
    }

    /// Makes and sends an error (`__icmp_send`), which quotes as much as goes out in one piece. Without a source it comes
    /// from the address nearest to the sender (RFC 1812 section 4.3.2.4).
    fn icmp_error_about(
        &mut self,
        at: NamespaceId,
        about: &Packet,
        source: Option<Ipv4Addr>,
        error: IcmpError,
    ) {
        let IcmpError { kind, code, info } = error;
        let packet = about.network();
        let to = source_of(packet);
        if fragment_field(packet) & FRAGMENT_OFFSET != 0 || answers_an_error(packet) {
            return;
        }
        // RFC 1812 section 4.3.2.5: precedence "internetwork control".
        let tos = (tos_of(packet) & 0x1e) | 0xc0;
        let query = OutputQuery { destination: to, source, output: None, tos };
        let Some(route) = self.icmp_route(at, &query, about.id, (to, kind, code)) else { return };
        // The error is not cut on its way; where not even the quoted header fits, it makes no sense.
        let room = (route.mtu as usize).min(LONGEST_ERROR).saturating_sub(IPV4_HEADER + ICMP_HEADER);
        if room <= IPV4_HEADER {
            return;
        }
        let quoted = &packet[..packet.len().min(room)];
        let body = message(kind, code, info.to_be_bytes(), quoted);
        self.tell(at, Some(about.id), || EventKind::IcmpSend { kind, code, to: to.into() });
        let connection = self.related_to(at, about);
        self.icmp_push(at, &query, route, body, (about.id, connection));
    }

    /// Whether there are limits on messages of this kind (`icmpv4_mask_allow`): never on what tells of a path's MTU.
    fn icmp_is_limited(&self, at: NamespaceId, kind: u8, code: u8) -> bool {
        let limited = self.net(at).sysctls.global(Global::IcmpRatemask) & (1 << kind) != 0;
        limited && (kind, code) != (DESTINATION_UNREACHABLE, FRAGMENTATION_NEEDED)
    }

    /// The limit on all of those together (`icmpv4_global_allow`): `icmp_msgs_burst` at once, `icmp_msgs_per_sec` in a
    /// second.
    fn icmp_any_allowed(&mut self, at: NamespaceId) -> bool {
        let sysctls = &self.net(at).sysctls;
        let (per_second, burst) =
            (sysctls.global(Global::IcmpMsgsPerSec), sysctls.global(Global::IcmpMsgsBurst));
        let now = self.now;
        self.runtime_mut(at).rate_limits.allow_any(now, per_second, burst)
    }

    /// The limit on those to one address (`icmpv4_xrlim_allow`): six at once, then one in each
    /// `icmp_ratelimit`. Nothing limits what goes to this machine itself.
    fn icmp_allowed(
        &mut self,
        at: NamespaceId,
        route: &Route,
        about: PacketId,
        (to, kind, code): (Ipv4Addr, u8, u8),
    ) -> bool {
        const BURST: u32 = 6;
        if route.kind == RouteKind::Local {
            return true;
        }
        let cost = self.net(at).sysctls.global(Global::IcmpRatelimit);
        let cost = Duration::from_millis(u64::try_from(cost).unwrap_or(0));
        let now = self.now;
        let limits = &mut self.runtime_mut(at).rate_limits;
        let allowed = limits.allow(to, now, cost, cost * BURST);
        if allowed {
            limits.consume_any();
        }
        self.tell(at, Some(about), || EventKind::Icmpv4XrlimAllow { kind, code, to: to.into(), allowed });
        allowed
    }

    /// The limit on errors about packets that have no route (`ip_error`).
    pub(super) fn icmp_route_error_allowed(&mut self, about: &Incoming, code: u8) -> bool {
        let (at, to, now) = (about.at.namespace, source_of(about.packet.network()), self.now);
        let allowed = self.runtime_mut(at).rate_limits.allow(to, now, ERROR_COST, ERROR_BURST);
        if !allowed {
            let kind = DESTINATION_UNREACHABLE;
            self.tell(at, Some(about.packet.id), || EventKind::Icmpv4XrlimAllow {
                kind,
                code,
                to: to.into(),
                allowed,
            });
        }
        allowed
    }

    /// Tells what an ICMP message taught about a destination.
    pub(super) fn tell_exception(&mut self, by: &Incoming, destination: Ipv4Addr, learned: Exception) {
        let Exception { gateway, mtu, .. } = learned;
        let told = || EventKind::UpdateOrCreateFnhe {
            destination: destination.into(),
            gateway: gateway.map(Into::into),
            mtu,
        };
        self.tell(by.at.namespace, Some(by.packet.id), told);
    }

    /// Somebody tells of an error about a packet that this machine sent (`icmp_unreach`, `raw_err`).
    fn icmp_heard_error(&mut self, incoming: &Incoming) {
        let message = Icmp::new_unchecked(incoming.packet.transport());
        let quoted = message.data();
        if quoted.len() < IPV4_HEADER || quoted.len() < header_length(quoted) {
            return;
        }
        // What is learned of the way is learned by the protocol of the packet that was sent
        // (`icmp_socket_deliver`): it wants a socket that sent it, but for echo replies, which are the kernel's own
        // (`icmp_err`). Others nobody knows here.
        let learns = match protocol_of(quoted) {
            protocol::ICMP => {
                let is_reply = quoted.get(header_length(quoted)) == Some(&ECHO_REPLY);
                self.raw_error(incoming) || is_reply
            }
            protocol::UDP => self.udp_error(incoming),
            protocol::TCP => self.tcp_error(incoming),
            _ => false,
        };
        match (message.kind(), message.code()) {
            (DESTINATION_UNREACHABLE, FRAGMENTATION_NEEDED) if learns => {
                self.icmp_heard_mtu(incoming);
                if protocol_of(quoted) == protocol::TCP {
                    self.tcp_mtu_reduced(incoming);
                }
            }
            (REDIRECT, _) if learns => self.icmp_heard_redirect(incoming),
            _ => {}
        }
    }

    /// A router tells how long a packet may be (`ipv4_update_pmtu`).
    fn icmp_heard_mtu(&mut self, incoming: &Incoming) {
        let (at, message) = (incoming.at.namespace, Icmp::new_unchecked(incoming.packet.transport()));
        let (mtu, quoted) = (u32::from(message.mtu()), message.data());
        let source = Some(source_of(quoted));
        let query =
            OutputQuery { destination: destination_of(quoted), source, output: None, tos: tos_of(quoted) };
        let now = self.now;
        if let Ok(route) = self.net(at).route_output(&query, now, None)
            && mtu < route.mtu
            && !route.mtu_locked
            && let Some(by) = route.shared
        {
            let destination = query.destination;
            let learned = self.exceptions_mut(at).learn_mtu(destination, by, route.mtu, mtu, now);
            self.tell_exception(incoming, destination, learned);
        }
    }
}

/// Whether a packet is itself an ICMP error, or cannot be told to be none (`__icmp_send`).
fn answers_an_error(packet: &[u8]) -> bool {
    protocol_of(packet) == protocol::ICMP
        && packet.get(header_length(packet)).is_none_or(|&kind| is_error(kind))
}
