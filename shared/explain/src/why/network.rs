//! The network as it is now: who has which address, what lies at the other end of a wire, where routes lead.

use std::cmp::Reverse;
use std::net::IpAddr;
use vethlab_shared::error::StackError;
use vethlab_shared::event::Considered;
use vethlab_shared::family::Family;
use vethlab_shared::name::{IfIndex, LinkName, NamespaceName};
use vethlab_shared::netfilter::Ruleset;
use vethlab_shared::prefix::Prefix;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::{
    AddressView, BridgePort, FdbEntry, LinkFlags, LinkStatistics, LinkView, NeighbourView, RouteKind,
    RouteLookup, RouteQuery, RouteView, SocketView, table,
};

/// More routers in a row than any packet can pass.
const MOST_HOPS: usize = 64;

/// What a namespace holds.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) name: NamespaceName,
    pub(super) links: Vec<LinkView>,
    pub(super) addresses: Vec<AddressView>,
    pub(super) routes: Vec<RouteView>,
    pub(super) neighbours: Vec<NeighbourView>,
    /// The ports of bridges.
    pub(super) ports: Vec<BridgePort>,
    /// What the bridges know.
    pub(super) fdb: Vec<FdbEntry>,
}

/// A link and where it is.
#[derive(Clone, Debug)]
pub(super) struct Port {
    pub(super) namespace: NamespaceName,
    pub(super) link: LinkView,
}

/// All namespaces, read once; lookups and settings are asked for as they are needed.
pub(super) struct Network<'s> {
    stack: &'s mut dyn NetworkStack,
    pub(super) places: Vec<Place>,
}

impl<'s> Network<'s> {
    /// Reads everything.
    ///
    /// # Errors
    /// The stack cannot be read.
    pub(super) fn read(stack: &'s mut dyn NetworkStack) -> Result<Network<'s>, StackError> {
        let mut places = Vec::new();
        for name in [NamespaceName::HOST].into_iter().chain(stack.namespaces()?) {
            places.push(Place {
                links: stack.links(&name)?,
                addresses: stack.addresses(&name, Family::Inet)?,
                routes: stack.routes(&name, Family::Inet)?,
                neighbours: stack.neighbours(&name, Family::Inet)?,
                ports: stack.bridge_ports(&name)?,
                fdb: stack.fdb(&name)?,
                name,
            });
        }
        Ok(Network { stack, places })
    }

    /// Whether links, addresses and routes are the same in both.
    pub(super) fn is_set_up_like(&self, other: &Network<'_>) -> bool {
        let alike = |ours: &Place, theirs: &Place| {
            let links = |place: &Place| {
                let mut links = place.links.clone();
                links.iter_mut().for_each(|link| link.statistics = LinkStatistics::default());
                links
            };
            (&ours.name, &ours.addresses, &ours.routes) == (&theirs.name, &theirs.addresses, &theirs.routes)
                && ours.ports == theirs.ports
                && links(ours) == links(theirs)
        };
        self.places.len() == other.places.len()
            && self.places.iter().zip(&other.places).all(|(ours, theirs)| alike(ours, theirs))
    }

    pub(super) fn place(&self, name: &NamespaceName) -> Option<&Place> {
        self.places.iter().find(|place| place.name == *name)
    }

    pub(super) fn link(&self, namespace: &NamespaceName, name: &LinkName) -> Option<LinkView> {
        self.place(namespace)?.links.iter().find(|link| link.name == *name).cloned()
    }

    pub(super) fn link_at(&self, namespace: &NamespaceName, index: IfIndex) -> Option<LinkView> {
        self.place(namespace)?.links.iter().find(|link| link.index == index).cloned()
    }

    /// The other end of a wire; loopback has none.
    pub(super) fn peer(&mut self, namespace: &NamespaceName, link: &LinkView) -> Option<Port> {
        let index = link.peer?;
        let far = match link.peer_namespace_id {
            None => namespace.clone(),
            Some(id) => {
                let mut names = self.places.iter().map(|place| &place.name);
                names.find(|name| self.stack.namespace_id(namespace, name) == Ok(Some(id)))?.clone()
            }
        };
        Some(Port { link: self.link_at(&far, index)?, namespace: far })
    }

    /// The same by the link's name.
    pub(super) fn peer_of(&mut self, namespace: &NamespaceName, name: &LinkName) -> Option<Port> {
        let link = self.link(namespace, name)?;
        self.peer(namespace, &link)
    }

    /// The addresses of a link.
    pub(super) fn addresses(&self, namespace: &NamespaceName, link: IfIndex) -> Vec<AddressView> {
        let place = self.place(namespace);
        let all = place.map(|place| place.addresses.as_slice()).unwrap_or_default();
        all.iter().filter(|address| address.link == link).cloned().collect()
    }

    /// Who has an address: namespace, link and address.
    pub(super) fn owners(&self, address: IpAddr) -> Vec<(NamespaceName, LinkName, AddressView)> {
        let mut owners = Vec::new();
        for place in &self.places {
            for view in place.addresses.iter().filter(|view| view.local == address) {
                let link = place.links.iter().find(|link| link.index == view.link);
                owners.extend(link.map(|link| (place.name.clone(), link.name.clone(), view.clone())));
            }
        }
        owners
    }

    /// Whether a namespace has an address.
    pub(super) fn has(&self, namespace: &NamespaceName, address: IpAddr) -> bool {
        self.place(namespace).is_some_and(|place| place.addresses.iter().any(|view| view.local == address))
    }

    /// Which way a packet would go now; `None` where there is none.
    pub(super) fn lookup(&mut self, namespace: &NamespaceName, destination: IpAddr) -> Option<RouteLookup> {
        let query = RouteQuery { destination, source: None, output: None, input: None, tos: 0 };
        self.stack.lookup_route(namespace, &query).ok()
    }

    /// The entry of the main table that is for an address.
    pub(super) fn covering(&self, namespace: &NamespaceName, address: IpAddr) -> Option<RouteView> {
        let place = self.place(namespace)?;
        let fits = |route: &&RouteView| route.table == table::MAIN && route.destination.contains(address);
        let best = place.routes.iter().filter(fits).max_by_key(|route| route.destination.length());
        best.cloned()
    }

    /// Whether the routes lead from here to whoever has the address, settings and link states aside.
    pub(super) fn leads(&mut self, from: &NamespaceName, destination: IpAddr) -> bool {
        let mut here = from.clone();
        for _ in 0..MOST_HOPS {
            let Some(RouteLookup { route, .. }) = self.lookup(&here, destination) else { return false };
            if route.kind == RouteKind::Local {
                return true;
            }
            let Some(output) = route.output else { return false };
            match self.beyond(&here, output, route.gateway.unwrap_or(destination)) {
                Some(next) => here = next,
                None => return false,
            }
        }
        false
    }

    /// The namespace that answers for an address at the other end of a link.
    fn beyond(&mut self, here: &NamespaceName, output: IfIndex, next_hop: IpAddr) -> Option<NamespaceName> {
        let link = self.link_at(here, output)?;
        let mut stations = self.stations(here, &link).into_iter();
        stations.find(|station| self.has(&station.namespace, next_hop)).map(|station| station.namespace)
    }

    /// An entry of the table that would have led to the destination, had another one not won: with its link's name.
    pub(super) fn alternative(
        &mut self,
        namespace: &NamespaceName,
        destination: IpAddr,
        winner: &Considered,
    ) -> Option<(RouteView, LinkName)> {
        let mut routes = self.place(namespace)?.routes.clone();
        // The one that would win next is told of first.
        routes.sort_by_key(|route| (Reverse(route.destination.length()), route.metric));
        for route in routes {
            let Some(link) = route.output.and_then(|output| self.link_at(namespace, output)) else {
                continue;
            };
            let same = route.destination == winner.prefix
                && Some(&link.name) == winner.output.as_ref()
                && route.gateway == winner.gateway;
            let usable = route.kind == RouteKind::Unicast
                && route.table == winner.table
                && route.destination.contains(destination)
                && !same;
            if usable && self.leads_by(namespace, &route, destination) {
                return Some((route, link.name));
            }
        }
        None
    }

    /// Whether one entry of the table leads to whoever has the address.
    pub(super) fn leads_by(&mut self, from: &NamespaceName, route: &RouteView, destination: IpAddr) -> bool {
        let next = route.gateway.unwrap_or(destination);
        let beyond = route.output.and_then(|output| self.beyond(from, output, next));
        beyond.is_some_and(|beyond| self.leads(&beyond, destination))
    }

    /// A router at the other end of one of a namespace's wires from which the routes lead to the destination: its
    /// address within a network of ours, and our link.
    pub(super) fn router_towards(
        &mut self,
        namespace: &NamespaceName,
        destination: IpAddr,
    ) -> Option<(IpAddr, LinkName)> {
        let routers = self.routers_beside(namespace);
        let found = routers
            .into_iter()
            .find(|(far, _, _)| self.leads(far, destination) && !self.passes(far, destination, namespace));
        found.map(|(_, gateway, link)| (gateway, link))
    }

    /// The same at the other end of one link, whether its routes lead there or not.
    pub(super) fn router_on(
        &mut self,
        namespace: &NamespaceName,
        link: &LinkName,
        destination: IpAddr,
    ) -> Option<IpAddr> {
        let mut routers = self.routers_beside(namespace);
        routers.retain(|(_, _, by)| by == link);
        self.nearest(routers, destination, namespace).map(|(gateway, _)| gateway)
    }

    /// The same; where the routes of none lead there, because more is broken, the one that is the fewest wires away
    /// from whoever has the address.
    pub(super) fn router_near(
        &mut self,
        namespace: &NamespaceName,
        destination: IpAddr,
    ) -> Option<(IpAddr, LinkName)> {
        let found = self.router_towards(namespace, destination);
        found.or_else(|| {
            let routers = self.routers_beside(namespace);
            self.nearest(routers, destination, namespace)
        })
    }

    /// The nearest one whose address is in no network of ours.
    pub(super) fn router_outside(
        &mut self,
        namespace: &NamespaceName,
        destination: IpAddr,
    ) -> Option<(IpAddr, LinkName)> {
        let all = self.neighbours_of(namespace).into_iter();
        let all = all.filter_map(|(far, theirs, link)| Some((far, *theirs.first()?, link))).collect();
        self.nearest(all, destination, namespace)
    }

    /// Of these routers the one with the fewest wires to whoever has the address.
    fn nearest(
        &mut self,
        routers: Vec<(NamespaceName, IpAddr, LinkName)>,
        destination: IpAddr,
        without: &NamespaceName,
    ) -> Option<(IpAddr, LinkName)> {
        let mut near = Vec::new();
        for (router, gateway, link) in routers {
            let distance = self.wires_to(router, destination, without);
            near.extend(distance.map(|distance| (distance, (gateway, link))));
        }
        near.into_iter().min_by_key(|(distance, _)| *distance).map(|(_, router)| router)
    }

    /// Who is at the other end of the wires of a namespace, with an address in a network of ours.
    fn routers_beside(&mut self, namespace: &NamespaceName) -> Vec<(NamespaceName, IpAddr, LinkName)> {
        let mut routers = Vec::new();
        for (far, theirs, link) in self.neighbours_of(namespace) {
            let Some(index) = self.link(namespace, &link).map(|link| link.index) else { continue };
            let ours: Vec<Prefix> =
                self.addresses(namespace, index).iter().map(AddressView::connected).collect();
            let gateway = theirs.into_iter().find(|local| ours.iter().any(|prefix| prefix.contains(*local)));
            routers.extend(gateway.map(|gateway| (far, gateway, link)));
        }
        routers
    }

    /// Who is at the other end of the wires of a namespace that are up, with their addresses there, and our link.
    fn neighbours_of(&mut self, namespace: &NamespaceName) -> Vec<(NamespaceName, Vec<IpAddr>, LinkName)> {
        let links = self.place(namespace).map(|place| place.links.clone()).unwrap_or_default();
        let mut found = Vec::new();
        for link in links.iter().filter(|link| link.has(LinkFlags::UP)) {
            let mut stations = self.stations(namespace, link);
            stations.retain(|station| station.namespace != *namespace);
            for Port { namespace, link: end } in stations {
                let theirs = self.addresses(&namespace, end.index);
                found.push((namespace, theirs.iter().map(|view| view.local).collect(), link.name.clone()));
            }
        }
        found
    }

    /// How many wires there are from one namespace to whoever has an address, without passing through another.
    fn wires_to(
        &mut self,
        from: NamespaceName,
        destination: IpAddr,
        without: &NamespaceName,
    ) -> Option<usize> {
        let mut seen = vec![from];
        let mut begin = 0;
        for distance in 0..=self.places.len() {
            if seen[begin..].iter().any(|place| self.has(place, destination)) {
                return Some(distance);
            }
            let end = seen.len();
            for number in begin..end {
                let here = seen[number].clone();
                let links = self.place(&here).map(|place| place.links.clone()).unwrap_or_default();
                for link in links {
                    for Port { namespace, .. } in self.stations(&here, &link) {
                        if namespace != *without && !seen.contains(&namespace) {
                            seen.push(namespace);
                        }
                    }
                }
            }
            begin = end;
        }
        None
    }

    /// Whether the way from one namespace to an address comes through another.
    fn passes(&mut self, from: &NamespaceName, destination: IpAddr, through: &NamespaceName) -> bool {
        let mut here = from.clone();
        for _ in 0..MOST_HOPS {
            if here == *through {
                return true;
            }
            let next = self.lookup(&here, destination).filter(|found| found.route.kind != RouteKind::Local);
            let Some((output, gateway)) =
                next.and_then(|found| Some((found.route.output?, found.route.gateway)))
            else {
                return false;
            };
            match self.beyond(&here, output, gateway.unwrap_or(destination)) {
                Some(beyond) => here = beyond,
                None => return false,
            }
        }
        false
    }

    /// The namespaces that the routes lead through from here, up to the first that comes twice.
    pub(super) fn circle(&mut self, from: &NamespaceName, destination: IpAddr) -> Option<Vec<NamespaceName>> {
        let mut seen = vec![from.clone()];
        for _ in 0..MOST_HOPS {
            let here = seen.last()?.clone();
            let found =
                self.lookup(&here, destination).filter(|found| found.route.kind == RouteKind::Unicast)?;
            let next = self.beyond(&here, found.route.output?, found.route.gateway.unwrap_or(destination))?;
            if let Some(start) = seen.iter().position(|place| *place == next) {
                return Some(seen.split_off(start));
            }
            seen.push(next);
        }
        None
    }

    /// The prefix that the owner of an address has it in; the address alone where nobody has it.
    pub(super) fn network_of(&self, address: IpAddr) -> Prefix {
        let owner = self.owners(address).into_iter().next();
        owner.map_or(Prefix::host(address), |(_, _, view)| view.connected())
    }

    /// The lowest address of a prefix that nobody has.
    pub(super) fn free_address(&self, prefix: Prefix) -> Option<IpAddr> {
        prefix.hosts().take(1024).find(|address| self.owners(*address).is_empty())
    }

    /// The sockets of a namespace.
    pub(super) fn sockets(&mut self, namespace: &NamespaceName) -> Vec<SocketView> {
        self.stack.sockets(namespace, Family::Inet).unwrap_or_default()
    }

    /// The rules of the packet filter of a namespace.
    pub(super) fn ruleset(&mut self, namespace: &NamespaceName) -> Ruleset {
        self.stack.ruleset(namespace).unwrap_or_default()
    }

    /// A whole-number setting; `None` where the stack has none of this name.
    pub(super) fn sysctl(&mut self, namespace: &NamespaceName, name: &str) -> Option<i64> {
        self.stack.sysctl(namespace, name).ok()?.trim().parse().ok()
    }
}
