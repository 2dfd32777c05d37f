//! Which way a packet goes that came in (`ip_route_input_slow`, `fib_validate_source`).

use super::{
    MAXIMUM_MTU, Route, RoutingView, Trace, cache, destination_of, is_local_multicast, mtu, shown_table,
};
use crate::fib::{Entry, Key, Match, Shared};
use crate::link::{Address, Link};
use std::net::Ipv4Addr;
use vethlab_shared::error::Errno;
use vethlab_shared::event::{Considered, DropReason};
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{RouteKind, Scope, table as id};

/// A packet that came in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InputQuery {
    pub(crate) destination: Ipv4Addr,
    pub(crate) source: Ipv4Addr,
    /// The link it came in by.
    pub(crate) input: IfIndex,
    pub(crate) tos: u8,
}

/// What is to be done with a packet that came in (`ip_route_input_slow`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InputDecision {
    /// It is for this namespace; the route's kind says whether it was a broadcast or for a group.
    Local(Route),
    /// It is to be sent on. With [`cache::REDIRECT`], the sender should be told.
    Forward(Route),
    /// There is no way (`ip_error`).
    Unreachable {
        errno: Errno,
        reason: DropReason,
        /// The code of the ICMP "destination unreachable" that is due; none where the link does not forward.
        icmp_code: Option<u8>,
    },
    /// It must not be.
    Drop(DropReason),
}

/// What the tables said of a source (`__fib_validate_source`).
#[derive(Debug)]
pub(crate) struct SourceFindings {
    /// The entries that the source is in.
    pub(crate) considered: Vec<Considered>,
    /// The link that an answer would leave by.
    pub(crate) output: Option<IfIndex>,
    pub(crate) rp_filter: u8,
    pub(crate) accepted: bool,
}

/// Decides about a packet that came in (`ip_route_input_rcu`).
pub(crate) fn input(view: &RoutingView<'_>, query: &InputQuery, mut trace: Trace<'_>) -> InputDecision {
    match decide_input(view, query, &mut trace) {
        Ok(decision) => decision,
        Err(reason) => InputDecision::Drop(reason),
    }
}

fn decide_input(
    view: &RoutingView<'_>,
    query: &InputQuery,
    trace: &mut Trace<'_>,
) -> Result<InputDecision, DropReason> {
    let &InputQuery { destination, source, input, tos } = query;
    let link = view.ipv4_link(input).ok_or(DropReason::NotSpecified)?;
    if destination.is_multicast() {
        return multicast_input(view, query, link, trace);
    }
    if source.is_multicast() || source.is_broadcast() {
        return Err(DropReason::IpInvalidSource);
    }
    if destination.is_broadcast() || (source.is_unspecified() && destination.is_unspecified()) {
        return broadcast_input(view, query, None, trace);
    }
    if source.is_unspecified() {
        return Err(DropReason::IpInvalidSource);
    }
    if destination.is_unspecified() {
        return Err(DropReason::IpInvalidDest);
    }
    if (destination.is_loopback() || source.is_loopback()) && !view.settings.routes_localnet(input) {
        return Err(DropReason::IpLocalnet);
    }
    let forwards = view.settings.forwards(input);
    let key = Key { tos, ..Key::to(destination, Some(view.settings)) };
    let found = match view.lookup(&key, destination_of(trace)) {
        Ok(found) => found,
        Err(_) if !forwards => return Ok(unreachable(Errno::EHOSTUNREACH, false)),
        Err(errno) => return Ok(unreachable(errno, true)),
    };
    match found.entry.kind {
        RouteKind::Broadcast if view.settings.forwards_broadcasts(input) => {
            forward(view, query, &found, trace)
        }
        RouteKind::Broadcast => broadcast_input(view, query, Some(&found), trace),
        RouteKind::Local => {
            validate_source(view, query, None, trace)?;
            Ok(InputDecision::Local(local_route(view, query, RouteKind::Local, Some(&found))))
        }
        _ if !forwards => Ok(unreachable(Errno::EHOSTUNREACH, false)),
        RouteKind::Unicast => forward(view, query, &found, trace),
        _ => Err(DropReason::IpInvalidDest),
    }
}

/// `ip_route_input_mc`: only groups that the link is in are taken in, and nothing is sent on.
fn multicast_input(
    view: &RoutingView<'_>,
    query: &InputQuery,
    link: &Link,
    trace: &mut Trace<'_>,
) -> Result<InputDecision, DropReason> {
    let &InputQuery { destination, source, .. } = query;
    if !view.is_member(link, destination) {
        return Err(DropReason::NotSpecified);
    }
    if source.is_multicast() || source.is_broadcast() {
        return Err(DropReason::IpInvalidSource);
    }
    if source.is_loopback() && !view.settings.routes_localnet(link.index) {
        return Err(DropReason::IpLocalnet);
    }
    if source.is_unspecified() {
        if !is_local_multicast(destination) {
            return Err(DropReason::IpInvalidSource);
        }
    } else {
        validate_source(view, query, None, trace)?;
    }
    Ok(InputDecision::Local(local_route(view, query, RouteKind::Multicast, None)))
}

fn broadcast_input(
    view: &RoutingView<'_>,
    query: &InputQuery,
    found: Option<&Match<'_>>,
    trace: &mut Trace<'_>,
) -> Result<InputDecision, DropReason> {
    if !query.source.is_unspecified() {
        validate_source(view, query, None, trace)?;
    }
    Ok(InputDecision::Local(local_route(view, query, RouteKind::Broadcast, found)))
}

/// The route of what is taken in.
fn local_route(
    view: &RoutingView<'_>,
    query: &InputQuery,
    kind: RouteKind,
    found: Option<&Match<'_>>,
) -> Route {
    let loopback = view.links.get(&IfIndex::LOOPBACK);
    let flags = match kind {
        RouteKind::Broadcast => cache::BROADCAST | cache::LOCAL,
        RouteKind::Multicast => cache::MULTICAST | cache::LOCAL,
        _ => cache::LOCAL,
    };
    Route {
        kind,
        output: IfIndex::LOOPBACK,
        destination: query.destination,
        source: None,
        source_by: None,
        gateway: None,
        mtu: loopback.map_or(MAXIMUM_MTU, |link| mtu(link, None)),
        mtu_locked: false,
        route_mtu: None,
        counts_as: None,
        flags,
        table: found.map_or(id::UNSPECIFIED, |found| shown_table(found.table)),
        tos: found.map_or(0, |found| found.entry.tos),
        shared: None,
    }
}

/// `__mkroute_input`.
fn forward(
    view: &RoutingView<'_>,
    query: &InputQuery,
    found: &Match<'_>,
    trace: &mut Trace<'_>,
) -> Result<InputDecision, DropReason> {
    let entry = found.entry;
    let link = entry.output.and_then(|index| view.ipv4_link(index)).ok_or(DropReason::NotSpecified)?;
    let neighbour = validate_source(view, query, Some(link.index), trace)?;
    let settings = view.settings;
    let same_link = link.index == query.input && neighbour && settings.sends_redirects(link.index);
    let redirect =
        same_link && (settings.shares_media(link.index) || is_on_link(link, query.source, entry.gateway));
    Ok(InputDecision::Forward(Route {
        kind: entry.kind,
        output: link.index,
        destination: query.destination,
        source: None,
        source_by: None,
        gateway: entry.next_hop(),
        mtu: mtu(link, Some(entry)),
        mtu_locked: false,
        route_mtu: entry.mtu,
        counts_as: None,
        flags: if redirect { cache::REDIRECT } else { 0 },
        table: shown_table(found.table),
        tos: entry.tos,
        shared: Some(Shared::new(found.table, entry)),
    }))
}

/// Whether both are in one subnet of the link (`inet_addr_onlink`).
pub(crate) fn is_on_link(link: &Link, one: Ipv4Addr, other: Option<Ipv4Addr>) -> bool {
    link.addresses()
        .iter()
        .map(Address::subnet)
        .any(|subnet| subnet.contains(one) && other.is_none_or(|other| subnet.contains(other)))
}

/// Whether a packet may have the source that it has (`fib_validate_source`); says whether that source is a
/// direct neighbour on the link. `leaves_by` is the link that the packet would be forwarded to.
fn validate_source(
    view: &RoutingView<'_>,
    query: &InputQuery,
    leaves_by: Option<IfIndex>,
    trace: &mut Trace<'_>,
) -> Result<bool, DropReason> {
    let RoutingView { fib, settings, .. } = *view;
    let input = query.input;
    let rp_filter = settings.rp_filter(input);
    let may_redirect = leaves_by == Some(input) && settings.sends_redirects(input);
    if rp_filter == 0 && !may_redirect {
        if settings.accepts_local(input) {
            return Ok(false);
        }
        if !fib.has_custom_local_routes() {
            return match fib.owner(query.source) {
                Some(_) => Err(DropReason::IpLocalSource),
                None => Ok(false),
            };
        }
    }
    let mut considered = Vec::new();
    let kept = trace.is_some().then_some(&mut considered);
    let key = Key { tos: query.tos, ..Key::to(query.source, Some(settings)) };
    let back = view.lookup(&key, kept).ok();
    let verdict = check_reverse_path(view, query, rp_filter, back);
    if let Some(findings) = trace {
        let output = back.and_then(|back| back.entry.output);
        findings.source = Some(SourceFindings { considered, output, rp_filter, accepted: verdict.is_ok() });
    }
    verdict
}

/// The full check, of the way `back` that an answer would go (`__fib_validate_source`, RFC 3704).
fn check_reverse_path(
    view: &RoutingView<'_>,
    query: &InputQuery,
    rp_filter: u8,
    back: Option<Match<'_>>,
) -> Result<bool, DropReason> {
    let input = query.input;
    let last_resort = if rp_filter == 0 { Ok(false) } else { Err(DropReason::IpRpFilter) };
    let Some(back) = back else { return last_resort };
    match back.entry.kind {
        RouteKind::Unicast => {}
        RouteKind::Local if view.settings.accepts_local(input) => {}
        RouteKind::Local => return Err(DropReason::IpLocalSource),
        _ => return Err(DropReason::IpInvalidSource),
    }
    let is_direct = |entry: &Entry| entry.hop_scope >= Scope::HOST;
    let loops = back.entry.kind == RouteKind::Local && input == IfIndex::LOOPBACK;
    if back.entry.output == Some(input) || loops {
        return Ok(is_direct(back.entry));
    }
    if view.ipv4_link(input).is_none_or(|link| link.addresses().is_empty()) {
        return last_resort;
    }
    if rp_filter == 1 {
        return Err(DropReason::IpRpFilter);
    }
    let by_input = Key { tos: query.tos, output: Some(input), ..Key::to(query.source, None) };
    Ok(view
        .lookup(&by_input, None)
        .is_ok_and(|found| found.entry.kind == RouteKind::Unicast && is_direct(found.entry)))
}

/// `ip_error`: what is said about a packet that cannot go on.
fn unreachable(errno: Errno, forwards: bool) -> InputDecision {
    /// `ICMP_NET_UNREACH`, `ICMP_HOST_UNREACH`, `ICMP_PKT_FILTERED` (RFC 792, RFC 1812).
    const CODES: [(Errno, u8); 3] = [(Errno::ENETUNREACH, 0), (Errno::EHOSTUNREACH, 1), (Errno::EACCES, 13)];
    let reason = match errno {
        Errno::ENETUNREACH => DropReason::IpInNoRoutes,
        Errno::EHOSTUNREACH if !forwards => DropReason::IpInAddrErrors,
        _ => DropReason::NotSpecified,
    };
    let code = CODES.iter().find(|(known, _)| *known == errno).map(|&(_, code)| code);
    InputDecision::Unreachable { errno, reason, icmp_code: code.filter(|_| forwards) }
}
