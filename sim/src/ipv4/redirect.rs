//! ICMP redirects (RFC 792, RFC 1122 section 3.2.2.2): telling of a better way, and hearing of one.

use super::icmp::body_of;
use super::route::{OutputQuery, Route};
use super::{address_at, destination_of, source_of, tos_of};
use crate::device::LinkId;
use crate::receive::Incoming;
use crate::sysctl::Conf;
use crate::world::World;
use vethlab_shared::view::RouteKind;

const REDIRECT: u8 = 5;
const FOR_HOST: u8 = 1;

impl World {
    /// Tells a sender of a better way (`ip_rt_send_redirect`); its packet goes on all the same.
    pub(super) fn icmp_redirect(&mut self, incoming: &Incoming, route: &Route) {
        let namespace = incoming.at.namespace;
        let packet = incoming.packet.network();
        let gateway = route.gateway.unwrap_or_else(|| destination_of(packet));
        let (to, now) = (source_of(packet), self.now);
        if self.net_mut(namespace).rate_limits.allow_redirect(to, now) {
            self.icmp_error(incoming, REDIRECT, FOR_HOST, gateway.to_bits());
        }
    }

    /// A router tells of a better way for packets like the quoted one (`ipv4_redirect`, `__ip_do_redirect`).
    /// It is believed only from the next hop in use, and once the new one has answered to ARP.
    pub(super) fn icmp_heard_redirect(&mut self, incoming: &Incoming) {
        let (at, packet) = (incoming.at.namespace, incoming.packet.network());
        let (teller, message) = (source_of(packet), body_of(packet));
        let (gateway, quoted) = (address_at(message, 4), &message[8..]);
        let destination = destination_of(quoted);
        let source = Some(source_of(quoted));
        let query = OutputQuery { destination, source, output: None, tos: tos_of(quoted) };
        let now = self.now;
        let net = self.net(at);
        let Ok(route) = net.route_output(&query, now, None) else { return };
        let believed = route.gateway == Some(teller)
            && gateway != teller
            && accepts_redirects(&net.sysctls, route.output)
            && net.address_type(gateway) == RouteKind::Unicast;
        if !believed {
            return;
        }
        let Ok(by) = net.next_hop(&query) else { return };
        if self.neigh_resolve(LinkId { namespace: at, index: route.output }, gateway) {
            let learned = self.net_mut(at).exceptions.learn_gateway(destination, by, gateway, now);
            self.tell_exception(incoming, destination, learned);
        }
    }
}

/// `IN_DEV_RX_REDIRECTS`: a router believes only where both values say so.
fn accepts_redirects(sysctls: &crate::sysctl::Sysctls, link: vethlab_shared::name::IfIndex) -> bool {
    if sysctls.forwards(link) {
        sysctls.all(Conf::AcceptRedirects) != 0 && sysctls.link(link, Conf::AcceptRedirects) != 0
    } else {
        sysctls.either(link, Conf::AcceptRedirects)
    }
}
