//! Which way a packet goes (`net/ipv4/route.c`): pure functions that decide and alter nothing.

use crate::config::address::select_source;
use crate::device::{Link, Links};
use crate::fib::{Entry, Fib, Key, Match, RouteSettings, Step};
use std::net::Ipv4Addr;
use vethlab_shared::error::Errno;
use vethlab_shared::event::{Considered, DropReason};
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{RouteKind, Scope, table as id};

#[cfg(test)]
mod tests;

/// Flags of a routing decision (`RTCF_*` in `linux/in_route.h`).
pub(crate) mod cache {
    /// The sender should be told of a shorter way.
    pub(crate) const REDIRECT: u32 = 0x0100_0000;
    /// To a broadcast address.
    pub(crate) const BROADCAST: u32 = 0x1000_0000;
    /// To a group.
    pub(crate) const MULTICAST: u32 = 0x2000_0000;
    /// This namespace takes it in.
    pub(crate) const LOCAL: u32 = 0x8000_0000;
}

/// Every link is in this group while it is up (`IGMP_ALL_HOSTS`, RFC 1112).
const ALL_HOSTS: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 1);

/// The largest IPv4 packet, in bytes (`IP_MAX_MTU`).
const MAXIMUM_MTU: u32 = 65535;

/// All that routing looks at in a namespace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RoutingView<'a> {
    pub(crate) links: &'a Links,
    pub(crate) fib: &'a Fib,
    pub(crate) settings: &'a RouteSettings,
}

/// Where the entries that a lookup came by are kept, where somebody wants them.
pub(crate) type Trace<'t> = Option<&'t mut Vec<Considered>>;

/// A packet that is about to be sent (`struct flowi4`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutputQuery {
    /// Where to; 0.0.0.0 means this machine.
    pub(crate) destination: Ipv4Addr,
    /// Where from, where that is settled already.
    pub(crate) source: Option<Ipv4Addr>,
    /// The link it must leave by (`SO_BINDTODEVICE`).
    pub(crate) output: Option<IfIndex>,
    pub(crate) tos: u8,
}

impl OutputQuery {
    /// A question for a destination and nothing else.
    pub(crate) fn to(destination: Ipv4Addr) -> OutputQuery {
        OutputQuery { destination, source: None, output: None, tos: 0 }
    }
}

/// A packet that came in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InputQuery {
    pub(crate) destination: Ipv4Addr,
    pub(crate) source: Ipv4Addr,
    /// The link it came in by.
    pub(crate) input: IfIndex,
    pub(crate) tos: u8,
}

/// The way that a packet goes (`struct rtable`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) kind: RouteKind,
    /// The link it leaves by: loopback for what this namespace takes in.
    pub(crate) output: IfIndex,
    /// Where to: not always what was asked for, as 0.0.0.0 means this machine.
    pub(crate) destination: Ipv4Addr,
    /// The source address to use; `None` where the namespace has none that fits.
    pub(crate) source: Option<Ipv4Addr>,
    /// Whom to hand it to; `None` means the destination itself.
    pub(crate) gateway: Option<Ipv4Addr>,
    /// The largest packet that may go that way, in bytes (`ipv4_mtu`).
    pub(crate) mtu: u32,
    /// The MTU that the route sets, in bytes (`RTAX_MTU`).
    pub(crate) route_mtu: Option<u32>,
    /// [`cache`] flags.
    pub(crate) flags: u32,
    /// The table of the entry that won; 0 where there is no entry behind it.
    pub(crate) table: u32,
    /// The type of service of the entry that won.
    pub(crate) tos: u8,
}

impl Route {
    /// The address to ask a neighbour entry for (`rt_nexthop`).
    pub(crate) fn next_hop(&self) -> Ipv4Addr {
        self.gateway.unwrap_or(self.destination)
    }

    /// Whether all of the flags are set.
    pub(crate) fn has(&self, flags: u32) -> bool {
        self.flags & flags == flags
    }
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

impl<'a> RoutingView<'a> {
    fn ipv4_link(&self, index: IfIndex) -> Option<&'a Link> {
        self.links.get(&index).filter(|link| link.ipv4)
    }

    fn lookup(&self, key: &Key<'_>, trace: &mut Trace<'_>) -> Result<Match<'a>, Errno> {
        match trace {
            None => self.fib.lookup(key, &mut |_| {}),
            Some(kept) => self.fib.lookup(key, &mut |step| kept.push(self.considered(&step))),
        }
    }

    fn considered(&self, step: &Step<'_>) -> Considered {
        let Match { table, prefix, entry } = step.candidate;
        let output = entry.output.and_then(|index| self.links.get(&index)).map(|link| link.name.clone());
        Considered { table, prefix, kind: entry.kind, output, taken: step.taken }
    }

    /// The link that an own address is on (`__ip_dev_find`).
    pub(crate) fn link_with(&self, address: Ipv4Addr) -> Option<IfIndex> {
        self.fib.owner(address).or_else(|| {
            self.fib
                .local_route(address, self.settings)
                .filter(|entry| entry.kind == RouteKind::Local)
                .and_then(|entry| entry.output)
        })
    }

    /// The source that goes with an entry (`fib_result_prefsrc`).
    fn preferred_source(&self, entry: &Entry) -> Option<Ipv4Addr> {
        entry.preferred_source.or_else(|| {
            entry.output.and_then(|output| {
                select_source(self.links, self.settings, output, entry.gateway, entry.scope)
            })
        })
    }

    /// Whether packets to the group are taken in on this link (`ip_check_mc_rcu`).
    fn is_member(&self, link: &Link, group: Ipv4Addr) -> bool {
        link.is_up() && group == ALL_HOSTS
    }
}

/// Finds the way for a packet that is sent here (`ip_route_output_key_hash_rcu`).
///
/// # Errors
/// `EINVAL` for addresses that cannot be, `ENODEV` for a link that is not there, `ENETUNREACH` for a source
/// that is not ours or where there is no route, or what the route says.
pub(crate) fn output(
    view: &RoutingView<'_>,
    query: &OutputQuery,
    mut trace: Trace<'_>,
) -> Result<Route, Errno> {
    let mut flow = Flow::new(query);
    let found = flow.resolve(view, query, &mut trace)?;
    flow.finish(view, found)
}

/// A packet's way as far as it is known.
struct Flow<'a> {
    destination: Ipv4Addr,
    source: Option<Ipv4Addr>,
    output: Option<&'a Link>,
    kind: RouteKind,
    local: bool,
}

impl<'a> Flow<'a> {
    fn new(query: &OutputQuery) -> Flow<'a> {
        Flow {
            destination: query.destination,
            source: query.source.filter(|source| !source.is_unspecified()),
            output: None,
            kind: RouteKind::Unspecified,
            local: false,
        }
    }

    /// The link, the source and the entry (the first half of `ip_route_output_key_hash_rcu`).
    fn resolve(
        &mut self,
        view: &RoutingView<'a>,
        query: &OutputQuery,
        trace: &mut Trace<'_>,
    ) -> Result<Option<Match<'a>>, Errno> {
        let select = |link: IfIndex, scope| select_source(view.links, view.settings, link, None, scope);
        if let Some(source) = self.source {
            if source.is_multicast() || source.is_broadcast() {
                return Err(Errno::EINVAL);
            }
            let own = view.link_with(source).ok_or(Errno::ENETUNREACH)?;
            let to_many = self.destination.is_multicast() || self.destination.is_broadcast();
            if query.output.is_none() && to_many {
                self.output = view.links.get(&own);
                return Ok(None);
            }
        }
        if let Some(index) = query.output {
            let link = view.links.get(&index).ok_or(Errno::ENODEV)?;
            if !link.is_up() || !link.ipv4 {
                return Err(Errno::ENETUNREACH);
            }
            self.output = Some(link);
            if is_local_multicast(self.destination) || self.destination.is_broadcast() {
                self.source = self.source.or_else(|| select(index, Scope::LINK));
                return Ok(None);
            }
            if self.source.is_none() {
                if self.destination.is_multicast() {
                    self.source = select(index, Scope::UNIVERSE);
                } else if self.destination.is_unspecified() {
                    self.source = select(index, Scope::HOST);
                }
            }
        }
        if self.destination.is_unspecified() {
            let own = self.source.unwrap_or(Ipv4Addr::LOCALHOST);
            (self.source, self.destination) = (Some(own), own);
            self.kind = RouteKind::Local;
            self.send_to_loopback(view);
            return Ok(None);
        }
        let key =
            Key { tos: query.tos, output: query.output, ..Key::to(self.destination, Some(view.settings)) };
        let found = match (view.lookup(&key, trace), query.output) {
            (Ok(found), _) => found,
            (Err(errno), None) => return Err(errno),
            // A link was named: what no table knows is taken as being on that link.
            (Err(_), Some(index)) => {
                self.source = self.source.or_else(|| select(index, Scope::LINK));
                self.kind = RouteKind::Unicast;
                return Ok(None);
            }
        };
        self.kind = found.entry.kind;
        if self.kind == RouteKind::Local {
            self.source = self.source.or(found.entry.preferred_source).or(Some(self.destination));
            self.send_to_loopback(view);
        } else {
            self.source = self.source.or_else(|| view.preferred_source(found.entry));
            self.output = found.entry.output.and_then(|index| view.links.get(&index));
        }
        Ok(Some(found))
    }

    fn send_to_loopback(&mut self, view: &RoutingView<'a>) {
        self.output = view.links.get(&IfIndex::LOOPBACK);
        self.local = true;
    }

    /// The rest (`__mkroute_output`).
    fn finish(mut self, view: &RoutingView<'_>, found: Option<Match<'_>>) -> Result<Route, Errno> {
        let link = self.output.filter(|link| link.ipv4).ok_or(Errno::EINVAL)?;
        let from_loopback = self.source.is_some_and(|source| source.is_loopback());
        if from_loopback && !link.is_loopback() && !view.settings.routes_localnet(link.index) {
            return Err(Errno::EINVAL);
        }
        let mut entry = found.map(|found| found.entry);
        if self.destination.is_broadcast() {
            self.kind = RouteKind::Broadcast;
            entry = None;
        } else if self.destination.is_multicast() {
            self.kind = RouteKind::Multicast;
        } else if self.destination.is_unspecified() {
            return Err(Errno::EINVAL);
        }
        let mut flags = 0;
        if self.local || link.is_loopback() {
            flags |= cache::LOCAL;
        }
        match self.kind {
            RouteKind::Broadcast => flags |= cache::BROADCAST | cache::LOCAL,
            RouteKind::Multicast => {
                flags |= cache::MULTICAST | cache::LOCAL;
                if !view.is_member(link, self.destination) {
                    flags &= !cache::LOCAL;
                }
                // A group without a route of its own goes by the default route's link, not to its gateway.
                if found.is_some_and(|found| found.prefix.length < 4) {
                    entry = None;
                }
            }
            _ => {}
        }
        Ok(Route {
            kind: self.kind,
            output: link.index,
            destination: self.destination,
            source: self.source,
            gateway: entry.and_then(Entry::next_hop),
            mtu: mtu(link, entry),
            route_mtu: entry.and_then(|entry| entry.mtu),
            flags,
            table: found.map_or(id::UNSPECIFIED, |found| shown_table(found.table)),
            tos: found.map_or(0, |found| found.entry.tos),
        })
    }
}

/// The table that a lookup names: `local` and `main` are looked up as one, under the name of `main`.
fn shown_table(table: u32) -> u32 {
    if table == id::LOCAL { id::MAIN } else { table }
}

/// The MTU that counts, in bytes (`ip_dst_mtu_maybe_forward`): what the route sets goes before the link's.
fn mtu(link: &Link, entry: Option<&Entry>) -> u32 {
    entry.and_then(|entry| entry.mtu).unwrap_or(link.mtu).min(MAXIMUM_MTU)
}

/// 224.0.0.0/24, which routers leave alone (`ipv4_is_local_multicast`).
fn is_local_multicast(address: Ipv4Addr) -> bool {
    matches!(address.octets(), [224, 0, 0, _])
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
        return multicast_input(view, query, link);
    }
    if source.is_multicast() || source.is_broadcast() {
        return Err(DropReason::IpInvalidSource);
    }
    if destination.is_broadcast() || (source.is_unspecified() && destination.is_unspecified()) {
        return broadcast_input(view, query, None);
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
    let found = match view.lookup(&key, trace) {
        Ok(found) => found,
        Err(_) if !forwards => return Ok(unreachable(Errno::EHOSTUNREACH, false)),
        Err(errno) => return Ok(unreachable(errno, true)),
    };
    match found.entry.kind {
        RouteKind::Broadcast if view.settings.forwards_broadcasts(input) => forward(view, query, &found),
        RouteKind::Broadcast => broadcast_input(view, query, Some(&found)),
        RouteKind::Local => {
            validate_source(view, query, None)?;
            Ok(InputDecision::Local(local_route(view, query, RouteKind::Local, Some(&found))))
        }
        _ if !forwards => Ok(unreachable(Errno::EHOSTUNREACH, false)),
        RouteKind::Unicast => forward(view, query, &found),
        _ => Err(DropReason::IpInvalidDest),
    }
}

/// `ip_route_input_mc`: only groups that the link is in are taken in, and nothing is sent on.
fn multicast_input(
    view: &RoutingView<'_>,
    query: &InputQuery,
    link: &Link,
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
        validate_source(view, query, None)?;
    }
    Ok(InputDecision::Local(local_route(view, query, RouteKind::Multicast, None)))
}

fn broadcast_input(
    view: &RoutingView<'_>,
    query: &InputQuery,
    found: Option<&Match<'_>>,
) -> Result<InputDecision, DropReason> {
    if !query.source.is_unspecified() {
        validate_source(view, query, None)?;
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
        gateway: None,
        mtu: loopback.map_or(MAXIMUM_MTU, |link| mtu(link, None)),
        route_mtu: None,
        flags,
        table: found.map_or(id::UNSPECIFIED, |found| shown_table(found.table)),
        tos: found.map_or(0, |found| found.entry.tos),
    }
}

/// `__mkroute_input`.
fn forward(
    view: &RoutingView<'_>,
    query: &InputQuery,
    found: &Match<'_>,
) -> Result<InputDecision, DropReason> {
    let entry = found.entry;
    let link = entry.output.and_then(|index| view.ipv4_link(index)).ok_or(DropReason::NotSpecified)?;
    let neighbour = validate_source(view, query, Some(link.index))?;
    let settings = view.settings;
    let same_link = link.index == query.input && neighbour && settings.sends_redirects(link.index);
    let redirect =
        same_link && (settings.shares_media(link.index) || is_on_link(link, query.source, entry.gateway));
    Ok(InputDecision::Forward(Route {
        kind: entry.kind,
        output: link.index,
        destination: query.destination,
        source: None,
        gateway: entry.next_hop(),
        mtu: mtu(link, Some(entry)),
        route_mtu: entry.mtu,
        flags: if redirect { cache::REDIRECT } else { 0 },
        table: shown_table(found.table),
        tos: entry.tos,
    }))
}

/// Whether both are in one subnet of the link (`inet_addr_onlink`).
fn is_on_link(link: &Link, one: Ipv4Addr, other: Option<Ipv4Addr>) -> bool {
    link.addresses
        .iter()
        .map(|address| address.subnet())
        .any(|subnet| subnet.contains(one) && other.is_none_or(|other| subnet.contains(other)))
}

/// Whether a packet may have the source that it has (`fib_validate_source`); says whether that source is a
/// direct neighbour on the link. `leaves_by` is the link that the packet would be forwarded to.
fn validate_source(
    view: &RoutingView<'_>,
    query: &InputQuery,
    leaves_by: Option<IfIndex>,
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
    check_reverse_path(view, query, rp_filter)
}

/// The full check: where would an answer go (`__fib_validate_source`, RFC 3704)?
fn check_reverse_path(view: &RoutingView<'_>, query: &InputQuery, rp_filter: u8) -> Result<bool, DropReason> {
    let input = query.input;
    let last_resort = if rp_filter == 0 { Ok(false) } else { Err(DropReason::IpRpFilter) };
    let key = Key { tos: query.tos, ..Key::to(query.source, Some(view.settings)) };
    let Ok(back) = view.lookup(&key, &mut None) else { return last_resort };
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
    if view.ipv4_link(input).is_none_or(|link| link.addresses.is_empty()) {
        return last_resort;
    }
    if rp_filter == 1 {
        return Err(DropReason::IpRpFilter);
    }
    let by_input = Key { output: Some(input), settings: None, ..key };
    Ok(view
        .lookup(&by_input, &mut None)
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
