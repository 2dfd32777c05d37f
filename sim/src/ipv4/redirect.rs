//! ICMP redirects (RFC 792, RFC 1122 section 3.2.2.2): telling of a better way, and hearing of one.

use super::route::{OutputQuery, Route, is_on_link};
use super::{destination_of, source_of, tos_of};
use crate::id::LinkId;
use crate::netns::Namespace;
use crate::receive::Incoming;
use crate::world::World;
use std::net::Ipv4Addr;
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::RouteKind;
use vethlab_shared::wire::Icmp;

use vethlab_shared::wire::icmp::kind::REDIRECT;
const FOR_HOST: u8 = 1;

impl World {
    /// Tells a sender of a better way (`ip_rt_send_redirect`); its packet goes on all the same.
    pub(super) fn icmp_redirect(&mut self, incoming: &Incoming, route: &Route) {
        let namespace = incoming.at.namespace;
        let packet = incoming.packet.network();
        let gateway = route.gateway.unwrap_or_else(|| destination_of(packet));
        let (to, now) = (source_of(packet), self.now);
        if self.runtime_mut(namespace).rate_limits.allow_redirect(to, now) {
            self.icmp_error(incoming, REDIRECT, FOR_HOST, gateway.to_bits());
        }
    }

    /// A router tells of a better way for packets like the quoted one (`ipv4_redirect`, `__ip_do_redirect`).
    /// It is believed only from the next hop in use, and once the new one has answered to ARP.
    pub(super) fn icmp_heard_redirect(&mut self, incoming: &Incoming) {
        let at = incoming.at.namespace;
        let (router, message) = (source_of(incoming.packet.network()), incoming.packet.transport());
        let message = Icmp::new_unchecked(message);
        let (gateway, quoted) = (message.gateway(), message.data());
        let destination = destination_of(quoted);
        let source = Some(source_of(quoted));
        let query = OutputQuery { destination, source, output: None, tos: tos_of(quoted) };
        let now = self.now;
        let net = self.net(at);
        let Ok(route) = net.route_output(&query, now, None) else { return };
        let believed = route.gateway == Some(router) && believes(net, incoming.at.index, router, gateway);
        if !believed {
            return;
        }
        if let Some(by) = route.shared
            && self.neigh_resolve(LinkId { namespace: at, index: route.output }, gateway)
        {
            let learned = self.exceptions_mut(at).learn_gateway(destination, by, gateway, now);
            self.tell_exception(incoming, destination, learned);
        }
    }
}

/// Whether a gateway in use may name another one on this link (`__ip_do_redirect`). Where the medium is not shared, both
/// are in one subnet, and the other one is the gateway of some route (`ip_fib_check_default`).
fn believes(net: &Namespace, link: IfIndex, router: Ipv4Addr, gateway: Ipv4Addr) -> bool {
    let settings = net.settings();
    let may_be = gateway != router
        && settings.accepts_redirects(link)
        && !gateway.is_multicast()
        && !gateway.is_broadcast()
        && gateway.octets()[0] != 0;
    if settings.shares_media(link) {
        return may_be && net.address_type(gateway) == RouteKind::Unicast;
    }
    may_be
        && net.links.get(&link).is_some_and(|link| is_on_link(link, gateway, Some(router)))
        && (!settings.wants_known_gateways(link) || net.fib.has_gateway(link, gateway))
}
