//! ICMP (RFC 792, `net/ipv4/icmp.c`): answering echoes, telling of errors, hearing of them.

use super::output::Outgoing;
use super::route::{OutputQuery, Route};
use super::{
    OFFSET, PROTOCOL_ICMP, PROTOCOL_UDP, destination_of, fragment_field, header_length, protocol_of,
};
use super::{source_of, tos_of, u16_at};
use crate::device::LinkId;
use crate::exceptions::NextHop;
use crate::netns::NamespaceId;
use crate::packet::Packet;
use crate::receive::{Addressee, Incoming};
use crate::sysctl::Global;
use crate::timer::start_of_jiffy;
use crate::world::World;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use vethlab_shared::event::{Consumer, DropReason, EventKind, PacketId};
use vethlab_shared::frame::internet_checksum;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::view::RouteKind;

const ECHO_REPLY: u8 = 0;
const DESTINATION_UNREACHABLE: u8 = 3;
const SOURCE_QUENCH: u8 = 4;
const REDIRECT: u8 = 5;
const ECHO: u8 = 8;
const TIME_EXCEEDED: u8 = 11;
const PARAMETER_PROBLEM: u8 = 12;
/// Code of "destination unreachable": fragmentation needed.
const FRAGMENTATION_NEEDED: u8 = 4;

/// Length of an ICMP header in bytes.
const ICMP_HEADER: usize = 8;
/// Longest ICMP error as an IPv4 packet, in bytes (RFC 1812 section 4.3.2.3).
const LONGEST_ERROR: usize = 576;

/// Whether a type tells of an error: those are never answered with another error (RFC 1122 section 3.2.2).
fn is_error(kind: u8) -> bool {
    matches!(kind, DESTINATION_UNREACHABLE | SOURCE_QUENCH | REDIRECT | TIME_EXCEEDED | PARAMETER_PROBLEM)
}

/// An error to tell of: its type, its code, and the four bytes behind the checksum.
#[derive(Clone, Copy, Debug)]
struct IcmpError {
    kind: u8,
    code: u8,
    info: u32,
}

/// How fast errors go to each address: a bucket of time for each (`struct inet_peer`).
#[derive(Clone, Debug, Default)]
pub(crate) struct RateLimits {
    peers: BTreeMap<Ipv4Addr, Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: Duration,
    last: Instant,
    redirects: u32,
}

/// What an error about a packet without a route costs (`net.ipv4.route.error_cost`), and how much there can be for
/// them (`net.ipv4.route.error_burst`).
const ERROR_COST: Duration = Duration::from_secs(1);
const ERROR_BURST: Duration = Duration::from_secs(5);

/// Redirects to one address: time between the first two, doubled for each more (`ip_rt_redirect_load`), how
/// many at most (`ip_rt_redirect_number`), and how long until all is forgotten (`ip_rt_redirect_silence`).
const REDIRECT_LOAD: Duration = Duration::from_millis(20);
const REDIRECT_NUMBER: u32 = 9;
const REDIRECT_SILENCE: Duration = Duration::from_millis(20_480);

impl RateLimits {
    /// Takes `cost` from the bucket of an address that holds `most` at the most (`inet_peer_xrlim_allow`). Within one
    /// jiffy nothing comes in, and nothing that is too much goes.
    fn allow(&mut self, peer: Ipv4Addr, now: Instant, cost: Duration, most: Duration) -> bool {
        let now = start_of_jiffy(now);
        let bucket = self.peers.entry(peer).or_insert(Bucket { tokens: most, last: now, redirects: 0 });
        let passed = now.since(bucket.last);
        if passed > Duration::ZERO {
            bucket.tokens = (bucket.tokens + passed).min(most);
        }
        bucket.last = now;
        match bucket.tokens.checked_sub(cost) {
            Some(rest) => {
                bucket.tokens = rest;
                true
            }
            None => false,
        }
    }
}

impl RateLimits {
    /// Whether one more redirect may go to an address (`ip_rt_send_redirect`): a sender that does not listen
    /// is left alone for a while.
    pub(super) fn allow_redirect(&mut self, peer: Ipv4Addr, now: Instant) -> bool {
        let fresh = Bucket { tokens: Duration::ZERO, last: now, redirects: 0 };
        let bucket = self.peers.entry(peer).or_insert(fresh);
        if now > bucket.last + REDIRECT_SILENCE {
            *bucket = fresh;
        }
        if bucket.redirects >= REDIRECT_NUMBER {
            bucket.last = now;
            return false;
        }
        let allowed = bucket.redirects == 0 || now > bucket.last + REDIRECT_LOAD * (1 << bucket.redirects);
        if allowed {
            bucket.last = now;
            bucket.redirects += 1;
        }
        allowed
    }
}

/// Makes an ICMP message with a right checksum.
fn message(kind: u8, code: u8, rest: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(ICMP_HEADER + data.len());
    bytes.extend_from_slice(&[kind, code, 0, 0]);
    bytes.extend_from_slice(&rest);
    bytes.extend_from_slice(data);
    let sum = internet_checksum(&bytes);
    bytes[2..4].copy_from_slice(&sum.to_be_bytes());
    bytes
}

impl World {
    /// Takes in an ICMP message (`icmp_rcv`).
    pub(super) fn icmp_receive(&mut self, incoming: &Incoming, broadcast: bool) {
        let (namespace, id) = (incoming.at.namespace, incoming.packet.id);
        let packet = incoming.packet.network();
        let body = &packet[header_length(packet)..];
        if body.len() < ICMP_HEADER {
            return self.drop_packet(namespace, id, DropReason::PktTooSmall);
        }
        if internet_checksum(body) != 0 {
            return self.drop_packet(namespace, id, DropReason::IcmpCsum);
        }
        let kind = body[0];
        let sysctls = &self.net(namespace).sysctls;
        let ignored = kind == ECHO
            && (sysctls.global(Global::EchoIgnoreAll) != 0
                || (broadcast && sysctls.global(Global::EchoIgnoreBroadcasts) != 0));
        if ignored || (broadcast && kind != ECHO) {
            return self.drop_packet(namespace, id, DropReason::NotSpecified);
        }
        match kind {
            ECHO => self.icmp_echo(incoming, broadcast),
            _ if is_error(kind) => self.icmp_heard_error(incoming),
            _ => {}
        }
        self.tell(namespace, Some(id), || EventKind::ConsumeSkb { by: Consumer::Icmp });
    }

    /// Answers an echo request (`icmp_echo`, `icmp_reply`): from the very address that was asked.
    fn icmp_echo(&mut self, incoming: &Incoming, broadcast: bool) {
        let namespace = incoming.at.namespace;
        let packet = incoming.packet.network();
        let body = &packet[header_length(packet)..];
        let rest = [body[4], body[5], body[6], body[7]];
        let reply = message(ECHO_REPLY, 0, rest, &body[ICMP_HEADER..]);
        let (peer, tos) = (source_of(packet), tos_of(packet));
        let own = if broadcast { None } else { Some(destination_of(packet)) };
        let query = OutputQuery { destination: peer, source: own, output: None, tos };
        self.icmp_send(namespace, &query, &reply, Some(incoming.packet.id));
    }

    /// Routes and sends an ICMP message; one without a route is dropped, as in the kernel.
    fn icmp_send(&mut self, at: NamespaceId, query: &OutputQuery, body: &[u8], parent: Option<PacketId>) {
        let Ok(route) = self.route_output_told(at, query, parent) else { return };
        let out = Outgoing {
            source: route.source.unwrap_or(Ipv4Addr::UNSPECIFIED),
            destination: query.destination,
            protocol: PROTOCOL_ICMP,
            tos: query.tos,
            ttl: self.default_ttl(at),
            dont_fragment: false,
            payload: body,
            by_socket: false,
            parent,
        };
        // A message that does not leave has ended where it was dropped; nobody waits to be told.
        let _dropped = self.ip_send(at, &route, &out);
    }

    /// Tells the sender of a packet that came in that it cannot be delivered.
    pub(super) fn icmp_unreachable(&mut self, incoming: &Incoming, code: u8) {
        self.icmp_error(incoming, DESTINATION_UNREACHABLE, code, 0);
    }

    /// Tells the sender of a packet that was taken in here that it is for nobody: from the very address that it
    /// was for (`__icmp_send` with `RTCF_LOCAL`).
    pub(crate) fn icmp_local_unreachable(&mut self, incoming: &Incoming, code: u8) {
        if incoming.addressee == Addressee::Host {
            let own = Some(destination_of(incoming.packet.network()));
            let error = IcmpError { kind: DESTINATION_UNREACHABLE, code, info: 0 };
            self.icmp_error_about(incoming.at.namespace, &incoming.packet, own, error);
        }
    }

    /// Tells the sender of a packet that came in of an error (`__icmp_send`), unless it may not be told.
    pub(super) fn icmp_error(&mut self, incoming: &Incoming, kind: u8, code: u8, info: u32) {
        let (namespace, packet) = (incoming.at.namespace, &incoming.packet);
        let target = self.net(namespace).address_type(destination_of(packet.network()));
        let to_many = matches!(target, RouteKind::Broadcast | RouteKind::Multicast);
        if incoming.addressee == Addressee::Host && !to_many {
            // To an own address the error comes from there.
            let source = (target == RouteKind::Local).then(|| destination_of(packet.network()));
            self.icmp_error_about(namespace, packet, source, IcmpError { kind, code, info });
        }
    }

    /// The neighbour that a packet waited for does not answer (`ipv4_link_failure`).
    pub(crate) fn icmp_link_failure(&mut self, at: LinkId, packet: &Packet) {
        const HOST_UNREACHABLE: u8 = 1;
        let error = IcmpError { kind: DESTINATION_UNREACHABLE, code: HOST_UNREACHABLE, info: 0 };
        self.icmp_error_about(at.namespace, packet, None, error);
    }

    /// Makes and sends an error. Without a source it comes from the address nearest to the sender (RFC 1812
    /// section 4.3.2.4).
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
        if fragment_field(packet) & OFFSET != 0 || answers_an_error(packet) {
            return;
        }
        // RFC 1812 section 4.3.2.5: precedence "internetwork control".
        let tos = (tos_of(packet) & 0x1e) | 0xc0;
        let query = OutputQuery { destination: to, source, output: None, tos };
        let Ok(route) = self.route_output_told(at, &query, Some(about.id)) else { return };
        if !self.icmp_allowed(at, &route, to, kind, code) {
            return;
        }
        let quoted = &packet[..packet.len().min(LONGEST_ERROR - super::IPV4_HEADER - ICMP_HEADER)];
        let body = message(kind, code, info.to_be_bytes(), quoted);
        self.tell(at, Some(about.id), || EventKind::IcmpSend { kind, code, to });
        self.icmp_send(at, &OutputQuery { source: route.source, ..query }, &body, Some(about.id));
    }

    /// The limit on errors to one address (`icmpv4_xrlim_allow`): six at once, then one in each
    /// `icmp_ratelimit`. Nothing limits what goes to this machine itself.
    fn icmp_allowed(&mut self, at: NamespaceId, route: &Route, to: Ipv4Addr, kind: u8, code: u8) -> bool {
        const BURST: u32 = 6;
        let sysctls = &self.net(at).sysctls;
        let limited = sysctls.global(Global::IcmpRatemask) & (1 << kind) != 0
            && (kind, code) != (DESTINATION_UNREACHABLE, FRAGMENTATION_NEEDED)
            && route.kind != RouteKind::Local;
        let cost = Duration::from_millis(u64::try_from(sysctls.global(Global::IcmpRatelimit)).unwrap_or(0));
        let now = self.now;
        !limited || self.net_mut(at).rate_limits.allow(to, now, cost, cost * BURST)
    }

    /// The limit on errors about packets that have no route (`ip_error`).
    pub(super) fn icmp_route_error_allowed(&mut self, at: NamespaceId, to: Ipv4Addr) -> bool {
        let now = self.now;
        self.net_mut(at).rate_limits.allow(to, now, ERROR_COST, ERROR_BURST)
    }

    /// Somebody tells of an error about a packet that this machine sent (`icmp_unreach`, `raw_err`).
    fn icmp_heard_error(&mut self, incoming: &Incoming) {
        let packet = incoming.packet.network();
        let body = &packet[header_length(packet)..];
        let quoted = &body[ICMP_HEADER..];
        if quoted.len() < super::IPV4_HEADER || quoted.len() < header_length(quoted) {
            return;
        }
        let (namespace, teller) = (incoming.at.namespace, source_of(packet));
        // What is learned of the way is learned by the protocol of the packet that was sent
        // (`icmp_socket_deliver`): UDP wants a socket that sent it, and of others nobody knows here.
        let learns = match protocol_of(quoted) {
            PROTOCOL_ICMP => {
                self.raw_error(namespace, packet);
                true
            }
            PROTOCOL_UDP => self.udp_error(namespace, incoming.at.index, packet),
            _ => false,
        };
        match (body[0], body[1]) {
            (DESTINATION_UNREACHABLE, FRAGMENTATION_NEEDED) if learns => self.icmp_heard_mtu(namespace, body),
            (REDIRECT, _) if learns => self.icmp_heard_redirect(namespace, teller, body),
            _ => {}
        }
    }

    /// A router tells how long a packet may be (`ipv4_update_pmtu`).
    fn icmp_heard_mtu(&mut self, at: NamespaceId, message: &[u8]) {
        let (mtu, quoted) = (u32::from(u16_at(message, 6)), &message[ICMP_HEADER..]);
        let source = Some(source_of(quoted));
        let query =
            OutputQuery { destination: destination_of(quoted), source, output: None, tos: tos_of(quoted) };
        let now = self.now;
        if let Ok(route) = self.net(at).route_output(&query, now, None)
            && mtu < route.mtu
        {
            let by = NextHop { output: route.output, gateway: route.gateway };
            self.net_mut(at).exceptions.learn_mtu(query.destination, by, mtu, now);
        }
    }
}

/// Whether a packet is itself an ICMP error, or cannot be told to be none (`__icmp_send`).
fn answers_an_error(packet: &[u8]) -> bool {
    protocol_of(packet) == PROTOCOL_ICMP
        && packet.get(header_length(packet)).is_none_or(|&kind| is_error(kind))
}
