//! One network namespace's state (`struct net`).

use crate::by_index::ByIndex;
use crate::device::RxHandler;
use crate::fib::{Fib, RouteSettings};
use crate::hook::Hooks;
use crate::ipv4::route::{
    self, Exceptions, InputDecision, InputQuery, OutputQuery, Route, RoutingView, Trace, select_source,
};
use crate::link::{Link, Links};
use crate::netfilter::Tables;
use crate::peer_ids::PeerIds;
use crate::sysctl::{Setting, Sysctls};
use std::net::Ipv4Addr;
use vethlab_shared::error::Errno;
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::time::Instant;
use vethlab_shared::view::{RouteKind, Scope, table};

/// What a namespace isolates: each field is a thing that another namespace cannot see.
#[derive(Clone, Debug, Default)]
pub(crate) struct Namespace {
    /// Its name, unless it lost it.
    pub(crate) name: Option<NamespaceName>,
    pub(crate) links: Links,
    /// What takes the frames of a link before any protocol does (`netdev_rx_handler_register`).
    pub(crate) rx_handlers: ByIndex<RxHandler>,
    pub(crate) fib: Fib,
    pub(crate) tables: Tables,
    pub(crate) hooks: Hooks,
    pub(crate) sysctls: Sysctls,
    pub(crate) peer_ids: PeerIds,
    /// The index that was given to a link last (`net->ifindex`).
    pub(crate) last_index: u32,
    pub(crate) exceptions: Exceptions,
}

impl Namespace {
    /// A namespace without anything in it.
    pub(crate) fn named(name: NamespaceName) -> Namespace {
        Namespace { name: Some(name), ..Namespace::default() }
    }

    /// The settings, with those of the links.
    pub(crate) fn settings(&self) -> RouteSettings<'_> {
        RouteSettings { links: &self.links, sysctls: &self.sysctls }
    }

    /// All that routing looks at.
    pub(crate) fn routing(&self) -> RoutingView<'_> {
        RoutingView { links: &self.links, fib: &self.fib, settings: self.settings() }
    }

    /// The links that have IPv4 settings: one with a tiny MTU has none (`inetdev_destroy`).
    pub(crate) fn ipv4_links(&self) -> impl Iterator<Item = &Link> {
        self.links.values().filter(|link| link.inet.is_some())
    }

    /// The way for a packet that is sent here: what the tables say, and what was learned since.
    pub(crate) fn route_output(
        &self,
        query: &OutputQuery,
        now: Instant,
        trace: Trace<'_>,
    ) -> Result<Route, Errno> {
        let mut route = route::output(&self.routing(), query, trace)?;
        if let Some(learned) = self.exceptions.find(&route, now) {
            route.mtu = learned.mtu.unwrap_or(route.mtu);
            route.mtu_locked = learned.mtu_locked;
            route.gateway = learned.gateway.or(route.gateway);
        }
        Ok(route)
    }

    /// The way for a packet that came in. What is passed on goes by a learned gateway too (`rt_bind_exception`), but keeps
    /// to a learned MTU only where that is locked (`ip_dst_mtu_maybe_forward`).
    pub(crate) fn route_input(&self, query: &InputQuery, now: Instant, trace: Trace<'_>) -> InputDecision {
        let mut decision = route::input(&self.routing(), query, trace);
        if let InputDecision::Forward(route) = &mut decision
            && let Some(learned) = self.exceptions.find(route, now)
        {
            if let Some(mtu) = learned.mtu.filter(|_| learned.mtu_locked) {
                (route.mtu, route.mtu_locked) = (mtu, true);
            }
            route.gateway = learned.gateway.or(route.gateway);
        }
        decision
    }

    /// The MTU of a way, with what was learned of it (`dst_mtu`, `ipv4_mtu`). What is passed on is cut by the route's own.
    pub(crate) fn way_mtu(&self, route: &Route, now: Instant) -> u32 {
        self.exceptions.find(route, now).and_then(|learned| learned.mtu).unwrap_or(route.mtu)
    }

    /// A link that was given an address no longer follows the settings of `default`.
    pub(crate) fn pin_settings(&mut self, link: IfIndex) {
        if let Some(inet) = self.links.get_mut(&link).and_then(|link| link.inet.as_mut()) {
            inet.conf.pin();
        }
    }

    /// Writes a setting, of the namespace or of a link.
    ///
    /// # Errors
    /// As [`Sysctls::set`].
    pub(crate) fn set_sysctl(&mut self, setting: Setting, value: &str) -> Result<(), Errno> {
        let links = self.links.values_mut();
        let conf = links.filter_map(|link| Some((link.index, &mut link.inet.as_mut()?.conf)));
        self.sysctls.set(setting, value, conf)
    }

    /// What an address is to this namespace, whatever the link (`inet_addr_type`, `inet_addr_type_dev_table`).
    pub(crate) fn address_type(&self, address: Ipv4Addr) -> RouteKind {
        self.fib.address_type(address, table::LOCAL, self.settings())
    }

    /// An own address for packets from a link (`inet_select_addr`); 0.0.0.0 where there is none.
    pub(crate) fn select_address(&self, link: IfIndex, to: Option<Ipv4Addr>, scope: Scope) -> Ipv4Addr {
        select_source(self.settings(), link, to, scope).unwrap_or(Ipv4Addr::UNSPECIFIED)
    }

    /// A number for a link (`dev_index_reserve`): the next one that is free, or the wanted one.
    pub(crate) fn reserve_index(&mut self, wanted: Option<IfIndex>) -> Option<IfIndex> {
        match wanted {
            Some(index) => (!self.links.contains_key(&index)).then_some(index),
            None => {
                let next =
                    (self.last_index + 1..).map(IfIndex).find(|index| !self.links.contains_key(index))?;
                self.last_index = next.0;
                Some(next)
            }
        }
    }
}
