//! Which own address a packet is sent from (`inet_select_addr` in `net/ipv4/devinet.c`).

use crate::fib::RouteSettings;
use crate::link::{Address, Link};
use std::net::Ipv4Addr;
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::Scope;

/// Which of the link's own addresses to send from to this destination: a primary address
/// in the destination's subnet, or the first of a good scope, or one of another link.
pub(crate) fn select_source(
    settings: RouteSettings<'_>,
    index: IfIndex,
    destination: Option<Ipv4Addr>,
    scope: Scope,
) -> Option<Ipv4Addr> {
    let nearest = if settings.routes_localnet(index) { Scope::LINK } else { Scope::HOST };
    if let Some(link) = settings.links.get(&index) {
        let good = || primaries(link).filter(|address| address.scope.min(nearest) <= scope);
        let in_subnet = good().find(|address| destination.is_none_or(|to| address.subnet().contains(to)));
        if let Some(address) = in_subnet.or_else(|| good().next()) {
            return Some(address.local);
        }
    }
    settings.links.values().find_map(|link| {
        primaries(link)
            .find(|address| address.scope != Scope::LINK && address.scope <= scope)
            .map(|address| address.local)
    })
}

fn primaries(link: &Link) -> impl Iterator<Item = &Address> {
    link.addresses().iter().filter(|address| !address.is_secondary())
}
