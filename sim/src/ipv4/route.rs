//! Which way a packet goes (`net/ipv4/route.c`): pure functions that decide and alter nothing.

mod exceptions;
mod input;
mod source;
#[cfg(test)]
mod tests;

pub(crate) use exceptions::{Exception, Exceptions};
pub(crate) use input::{InputDecision, InputQuery, SourceFindings, input, is_on_link};
pub(crate) use source::select_source;

use crate::fib::{Entry, Fib, Key, Match, RouteSettings, Shared, Step};
use crate::link::{Link, Links};
use std::net::Ipv4Addr;
use vethlab_shared::error::Errno;
use vethlab_shared::event::{Considered, SourceChoice};
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{RouteKind, Scope, table as id};
use vethlab_shared::wire::ipv4::MINIMUM_MTU;

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
    pub(crate) settings: RouteSettings<'a>,
}

/// What a decision came by.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// The entries that the destination is in.
    pub(crate) considered: Vec<Considered>,
    /// What the tables said of the source, where they were asked.
    pub(crate) source: Option<SourceFindings>,
}

/// Where the findings go, where somebody wants them.
pub(crate) type Trace<'t> = Option<&'t mut Findings>;

/// Where the entries go that the destination is in.
fn destination_of<'a>(trace: &'a mut Trace<'_>) -> Option<&'a mut Vec<Considered>> {
    trace.as_mut().map(|findings| &mut findings.considered)
}

/// A packet that is about to be sent (`struct flowi4`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutputQuery {
    /// Where to; 0.0.0.0 means this machine.
    pub(crate) destination: Ipv4Addr,
    /// Where from, where that is settled already.
    pub(crate) source: Option<Ipv4Addr>,
    /// The link it must leave by (`SO_BINDTODEVICE`).
    pub(crate) output: Option<IfIndex>,
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
    /// By what the source was chosen; `None` for what came in.
    pub(crate) source_by: Option<SourceChoice>,
    /// Whom to hand it to; `None` means the destination itself.
    pub(crate) gateway: Option<Ipv4Addr>,
    /// The largest packet that may go that way, in bytes (`ipv4_mtu`).
    pub(crate) mtu: u32,
    /// Whether nothing more may be learned of it (`ip_mtu_locked`).
    pub(crate) mtu_locked: bool,
    /// The MTU that the route sets, in bytes (`RTAX_MTU`).
    pub(crate) route_mtu: Option<u32>,
    /// The link that the packet counts as having come in by, should it be looped back (`rt_iif`): the one that
    /// has the address, else the one that was asked for.
    pub(crate) counts_as: Option<IfIndex>,
    /// [`cache`] flags.
    pub(crate) flags: u32,
    /// The table of the entry that won; 0 where there is no entry behind it.
    pub(crate) table: u32,
    /// The type of service of the entry that won.
    pub(crate) tos: u8,
    /// Of what it is that something may be learned of this way.
    pub(crate) shared: Option<Shared>,
}

impl Route {
    /// The address to ask a neighbour entry for (`rt_nexthop`).
    pub(crate) fn next_hop(&self) -> Ipv4Addr {
        self.gateway.unwrap_or(self.destination)
    }

    /// Whether its MTU is one that IPv4 can be sent with: this machine sends nothing of its own by a way of less
    /// (`ip_setup_cork` asks `inetdev_valid_mtu`).
    pub(crate) fn has_valid_mtu(&self) -> bool {
        self.mtu >= MINIMUM_MTU
    }

    /// Whether all of the flags are set.
    pub(crate) fn has(&self, flags: u32) -> bool {
        self.flags & flags == flags
    }
}

impl<'a> RoutingView<'a> {
    fn ipv4_link(&self, index: IfIndex) -> Option<&'a Link> {
        self.links.get(&index).filter(|link| link.inet.is_some())
    }

    fn lookup(&self, key: &Key<'_>, considered: Option<&mut Vec<Considered>>) -> Result<Match<'a>, Errno> {
        match considered {
            None => self.fib.lookup(key, &mut |_| {}),
            Some(kept) => self.fib.lookup(key, &mut |step| kept.push(self.considered(&step))),
        }
    }

    fn considered(&self, step: &Step<'_>) -> Considered {
        let Match { table, prefix, entry } = step.candidate;
        let output = entry.output.and_then(|index| self.links.get(&index)).map(|link| link.name.clone());
        let (rule, verdict) = (step.rule, step.verdict);
        let (kind, metric, gateway) = (entry.kind, entry.metric, entry.gateway.map(Into::into));
        Considered { rule, table, prefix: prefix.into(), kind, metric, gateway, output, verdict }
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

    /// The source that goes with an entry that names none (`fib_result_prefsrc`).
    fn link_source(&self, entry: &Entry) -> Option<Ipv4Addr> {
        select_source(self.settings, entry.output?, entry.gateway, entry.scope)
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
    source_by: SourceChoice,
    output: Option<&'a Link>,
    kind: RouteKind,
    local: bool,
    counts_as: Option<IfIndex>,
}

impl<'a> Flow<'a> {
    fn new(query: &OutputQuery) -> Flow<'a> {
        Flow {
            destination: query.destination,
            source: query.source.filter(|source| !source.is_unspecified()),
            source_by: SourceChoice::Given,
            output: None,
            kind: RouteKind::Unspecified,
            local: false,
            counts_as: query.output,
        }
    }

    /// The link, the source and the entry (the first half of `ip_route_output_key_hash_rcu`).
    fn resolve(
        &mut self,
        view: &RoutingView<'a>,
        query: &OutputQuery,
        trace: &mut Trace<'_>,
    ) -> Result<Option<Match<'a>>, Errno> {
        let select = |link: IfIndex, scope| select_source(view.settings, link, None, scope);
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
            if !link.is_up() || link.inet.is_none() {
                return Err(Errno::ENETUNREACH);
            }
            self.output = Some(link);
            if is_local_multicast(self.destination) || self.destination.is_broadcast() {
                self.choose(SourceChoice::Link, || select(index, Scope::LINK));
                return Ok(None);
            }
            if self.destination.is_multicast() {
                self.choose(SourceChoice::Link, || select(index, Scope::UNIVERSE));
            } else if self.destination.is_unspecified() {
                self.choose(SourceChoice::Link, || select(index, Scope::HOST));
            }
        }
        if self.destination.is_unspecified() {
            self.choose(SourceChoice::Destination, || Some(Ipv4Addr::LOCALHOST));
            self.destination = self.source.unwrap_or(Ipv4Addr::LOCALHOST);
            self.kind = RouteKind::Local;
            self.send_to_loopback(view);
            return Ok(None);
        }
        let key =
            Key { tos: query.tos, output: query.output, ..Key::to(self.destination, Some(view.settings)) };
        let found = match (view.lookup(&key, destination_of(trace)), query.output) {
            (Ok(found), _) => found,
            (Err(errno), None) => return Err(errno),
            // A link was named: what no table knows is taken as being on that link.
            (Err(_), Some(index)) => {
                self.choose(SourceChoice::Link, || select(index, Scope::LINK));
                self.kind = RouteKind::Unicast;
                return Ok(None);
            }
        };
        self.kind = found.entry.kind;
        if self.kind == RouteKind::Local {
            self.choose(SourceChoice::Route, || found.entry.preferred_source);
            let destination = self.destination;
            self.choose(SourceChoice::Destination, || Some(destination));
            self.send_to_loopback(view);
            self.counts_as = found.entry.output;
        } else {
            self.choose(SourceChoice::Route, || found.entry.preferred_source);
            self.choose(SourceChoice::Link, || view.link_source(found.entry));
            self.output = found.entry.output.and_then(|index| view.links.get(&index));
        }
        Ok(Some(found))
    }

    /// Takes a source where none is settled yet.
    fn choose(&mut self, by: SourceChoice, source: impl FnOnce() -> Option<Ipv4Addr>) {
        if self.source.is_none() {
            (self.source, self.source_by) = (source(), by);
        }
    }

    fn send_to_loopback(&mut self, view: &RoutingView<'a>) {
        self.output = view.links.get(&IfIndex::LOOPBACK);
        self.local = true;
    }

    /// The rest (`__mkroute_output`).
    fn finish(mut self, view: &RoutingView<'_>, found: Option<Match<'_>>) -> Result<Route, Errno> {
        let link = self.output.filter(|link| link.inet.is_some()).ok_or(Errno::EINVAL)?;
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
            source_by: self.source.map(|_| self.source_by),
            gateway: entry.and_then(Entry::next_hop),
            mtu: mtu(link, entry),
            mtu_locked: false,
            route_mtu: entry.and_then(|entry| entry.mtu),
            counts_as: self.counts_as,
            flags,
            table: found.map_or(id::UNSPECIFIED, |found| shown_table(found.table)),
            tos: found.map_or(0, |found| found.entry.tos),
            shared: found.zip(entry).map(|(found, entry)| Shared::new(found.table, entry)),
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
