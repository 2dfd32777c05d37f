//! A stack as a command works on it: what it refuses is kept, and what its changes take away.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;
use std::net::SocketAddr;
use std::sync::Arc;
use vethlab_explain::journal::{Loss, MOST_LOSSES, NoWay, Refused, Results, Thing};
use vethlab_shared::budget::{Budget, Exhausted};
use vethlab_shared::change::{Change, Modify};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::Event;
use vethlab_shared::family::Family;
use vethlab_shared::name::{IfIndex, LinkName, NamespaceName};
use vethlab_shared::netfilter::{ConnectionView, Ruleset};
use vethlab_shared::socket::{Accepted, Readiness, Received, Shutdown, SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::{Capabilities, NetworkStack, Snapshot};
use vethlab_shared::time::Instant;
use vethlab_shared::view::{
    AddressView, BridgePort, FdbEntry, LinkFlags, LinkView, NeighbourParameters, NeighbourState,
    NeighbourView, RouteKind, RouteLookup, RouteQuery, RouteView, SocketView,
};

/// In a network of more namespaces only that one is looked at which a change is made in.
const MOST_NAMESPACES: usize = 64;

/// A namespace that has more things is not looked at: to read them all at each command would take longer than the command.
const MOST_THINGS: usize = 1024;

/// A stack that is watched while a command works on it.
pub(crate) struct Watched<'a> {
    stack: &'a mut dyn NetworkStack,
    /// Namespaces that once had more than [`MOST_THINGS`].
    large: &'a mut BTreeSet<NamespaceName>,
    results: Results,
    /// What there was before the first change that may take something away, in each namespace that it may be in.
    before: Vec<(NamespaceName, Vec<Thing>)>,
    /// Of each kind of such changes the first one that was made.
    takers: Vec<Change>,
}

impl<'a> Watched<'a> {
    /// It keeps in `large` which namespaces are too large to be looked at.
    pub(crate) fn new(
        stack: &'a mut dyn NetworkStack,
        large: &'a mut BTreeSet<NamespaceName>,
    ) -> Watched<'a> {
        Watched { stack, large, results: Results::default(), before: Vec::new(), takers: Vec::new() }
    }

    /// What came of the command, which has ended: what is not there any more is known now.
    pub(crate) fn results(mut self) -> Results {
        for (namespace, things) in std::mem::take(&mut self.before) {
            let now = self.holdings(&namespace).unwrap_or_default();
            let room = MOST_LOSSES - self.results.losses.len();
            let losses = gone(things, &now).take(room).map(|thing| {
                let meant = self.takers.iter().any(|change| is_about(change, &thing));
                Loss { namespace: namespace.clone(), thing, meant }
            });
            self.results.losses.extend(losses);
        }
        self.results
    }

    /// Notes what there is where a change may take something away. A stack whose time goes on by itself is not asked: it
    /// may be slow, and beside it there is one that is.
    fn look_before(&mut self, namespace: &NamespaceName, change: &Change) {
        let mut names = vec![namespace.clone()];
        if let Change::DeleteLink(_) | Change::DeleteNamespace(_) = change {
            let all = self.stack.namespaces().unwrap_or_default();
            if all.len() <= MOST_NAMESPACES {
                names = [NamespaceName::HOST].into_iter().chain(all).collect();
            }
        }
        for name in names {
            if self.large.contains(&name) || self.before.iter().any(|(known, _)| *known == name) {
                continue;
            }
            let Some(things) = self.holdings(&name) else { continue };
            if things.len() > MOST_THINGS {
                self.large.insert(name);
            } else {
                self.before.push((name, things));
            }
        }
    }

    fn holdings(&mut self, namespace: &NamespaceName) -> Option<Vec<Thing>> {
        let links = self.stack.links(namespace).ok()?;
        let names: BTreeMap<IfIndex, &LinkName> = links.iter().map(|link| (link.index, &link.name)).collect();
        let name = |index: IfIndex| names.get(&index).map(|name| (*name).clone());
        let mut things = Vec::new();
        for route in self.stack.routes(namespace, Family::Inet).ok()? {
            if route.kind == RouteKind::Unicast {
                let link = route.output.and_then(name);
                things.push(Thing::Route(route, link));
            }
        }
        for address in self.stack.addresses(namespace, Family::Inet).ok()? {
            things.extend(name(address.link).map(|link| Thing::Address(address, link)));
        }
        for neighbour in self.stack.neighbours(namespace, Family::Inet).ok()? {
            let stays = neighbour.state.contains(NeighbourState::PERMANENT);
            things
                .extend(name(neighbour.link).filter(|_| stays).map(|link| Thing::Neighbour(neighbour, link)));
        }
        for link in &links {
            things.push(Thing::Link(link.name.clone()));
            if link.flags.contains(LinkFlags::UP) {
                things.push(Thing::Up(link.name.clone()));
            }
        }
        Some(things)
    }
}

/// What of this is not there any more. Both are in the stack's order, which is mostly the same.
fn gone(before: Vec<Thing>, now: &[Thing]) -> impl Iterator<Item = Thing> {
    let mut rest = now;
    before.into_iter().filter(move |thing| match rest.iter().position(|other| other == thing) {
        Some(place) => {
            rest = &rest[place + 1..];
            false
        }
        None => !now.contains(thing),
    })
}

/// Whether a change may take something away.
fn may_take(change: &Change) -> bool {
    match change {
        Change::DeleteNamespace(_)
        | Change::DeleteLink(_)
        | Change::DeleteAddress(_)
        | Change::DeleteRoute(_)
        | Change::DeleteNeighbour { .. } => true,
        Change::SetLink { settings, .. } => {
            let down = settings.flags_mask.contains(LinkFlags::UP) && !settings.flags.contains(LinkFlags::UP);
            down || settings.namespace.is_some()
        }
        Change::AddRoute { how, .. } => how.contains(Modify::REPLACE),
        Change::AddNamespace(_)
        | Change::AddLink(_)
        | Change::AddAddress { .. }
        | Change::AddNeighbour { .. }
        | Change::SetBridge { .. }
        | Change::SetBridgePort { .. }
        | Change::AddFdb { .. }
        | Change::DeleteFdb(_)
        | Change::FlushFdb(_)
        | Change::SetSysctl { .. }
        | Change::Ruleset(_)
        | Change::DeleteConnection(_) => false,
    }
}

/// Whether the change is about such a thing: what else goes, goes with it.
fn is_about(change: &Change, thing: &Thing) -> bool {
    matches!(
        (change, thing),
        (Change::DeleteRoute(_) | Change::AddRoute { .. }, Thing::Route(..))
            | (Change::DeleteAddress(_), Thing::Address(..))
            | (Change::DeleteNeighbour { .. }, Thing::Neighbour(..))
            | (Change::SetLink { .. }, Thing::Up(_))
            | (Change::DeleteLink(_), Thing::Link(_))
    )
}

impl NetworkStack for Watched<'_> {
    fn capabilities(&self) -> Capabilities {
        self.stack.capabilities()
    }

    fn set_budget(&mut self, budget: Budget) {
        self.stack.set_budget(budget);
    }

    fn budget(&self) -> &Budget {
        self.stack.budget()
    }

    fn exhausted(&self) -> Option<Exhausted> {
        self.stack.exhausted()
    }

    fn apply(&mut self, namespace: &NamespaceName, change: &Change) -> Result<(), StackError> {
        self.results.changes += 1;
        let may_take = self.stack.capabilities().virtual_time && may_take(change);
        if may_take {
            self.look_before(namespace, change);
        }
        let result = self.stack.apply(namespace, change);
        if let Err(error @ StackError::Refused { .. }) = &result {
            let (namespace, change, error) = (namespace.clone(), change.clone(), error.clone());
            self.results.refused = Some(Refused { namespace, change, error });
        }
        let same_kind = |other: &Change| discriminant(other) == discriminant(change);
        if may_take && result.is_ok() && !self.takers.iter().any(same_kind) {
            self.takers.push(change.clone());
        }
        result
    }

    fn namespaces(&mut self) -> Result<Vec<NamespaceName>, StackError> {
        self.stack.namespaces()
    }

    fn namespace_id(
        &mut self,
        namespace: &NamespaceName,
        of: &NamespaceName,
    ) -> Result<Option<i32>, StackError> {
        self.stack.namespace_id(namespace, of)
    }

    fn has_namespace(&mut self, name: &NamespaceName) -> Result<bool, StackError> {
        self.stack.has_namespace(name)
    }

    fn links(&mut self, namespace: &NamespaceName) -> Result<Vec<LinkView>, StackError> {
        self.stack.links(namespace)
    }

    fn link_by_name(
        &mut self,
        namespace: &NamespaceName,
        name: &LinkName,
    ) -> Result<Option<LinkView>, StackError> {
        self.stack.link_by_name(namespace, name)
    }

    fn addresses(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<AddressView>, StackError> {
        self.stack.addresses(namespace, family)
    }

    fn routes(&mut self, namespace: &NamespaceName, family: Family) -> Result<Vec<RouteView>, StackError> {
        self.stack.routes(namespace, family)
    }

    fn has_route_table(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
        number: u32,
    ) -> Result<bool, StackError> {
        self.stack.has_route_table(namespace, family, number)
    }

    fn lookup_route(
        &mut self,
        namespace: &NamespaceName,
        query: &RouteQuery,
    ) -> Result<RouteLookup, StackError> {
        let found = self.stack.lookup_route(namespace, query);
        if let Err(error @ StackError::Refused { .. }) = &found {
            let (namespace, query, error) = (namespace.clone(), query.clone(), error.clone());
            self.results.no_way = Some(NoWay { namespace, query, error });
        }
        found
    }

    fn neighbours(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<NeighbourView>, StackError> {
        self.stack.neighbours(namespace, family)
    }

    fn fdb(&mut self, namespace: &NamespaceName) -> Result<Vec<FdbEntry>, StackError> {
        self.stack.fdb(namespace)
    }

    fn bridge_ports(&mut self, namespace: &NamespaceName) -> Result<Vec<BridgePort>, StackError> {
        self.stack.bridge_ports(namespace)
    }

    fn neighbour_parameters(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<NeighbourParameters>, StackError> {
        self.stack.neighbour_parameters(namespace, family)
    }

    fn ruleset(&mut self, namespace: &NamespaceName) -> Result<Ruleset, StackError> {
        self.stack.ruleset(namespace)
    }

    fn sockets(&mut self, namespace: &NamespaceName, family: Family) -> Result<Vec<SocketView>, StackError> {
        self.stack.sockets(namespace, family)
    }

    fn connections(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<ConnectionView>, StackError> {
        self.stack.connections(namespace, family)
    }

    fn sysctl(&mut self, namespace: &NamespaceName, name: &str) -> Result<String, StackError> {
        self.stack.sysctl(namespace, name)
    }

    fn sysctl_names(&mut self, namespace: &NamespaceName, prefix: &str) -> Result<Vec<String>, StackError> {
        self.stack.sysctl_names(namespace, prefix)
    }

    fn open(&mut self, namespace: &NamespaceName, kind: &SocketKind) -> Result<SocketId, StackError> {
        self.stack.open(namespace, kind)
    }

    fn set_option(&mut self, socket: SocketId, option: &SocketOption) -> Result<(), StackError> {
        self.stack.set_option(socket, option)
    }

    fn bind(&mut self, socket: SocketId, address: SocketAddr) -> Result<(), StackError> {
        self.stack.bind(socket, address)
    }

    fn connect(&mut self, socket: SocketId, peer: SocketAddr) -> Result<(), StackError> {
        self.stack.connect(socket, peer)
    }

    fn listen(&mut self, socket: SocketId, backlog: u32) -> Result<(), StackError> {
        self.stack.listen(socket, backlog)
    }

    fn accept(&mut self, socket: SocketId) -> Result<Option<Accepted>, StackError> {
        self.stack.accept(socket)
    }

    fn read(&mut self, socket: SocketId, most: usize) -> Result<Option<Vec<u8>>, StackError> {
        self.stack.read(socket, most)
    }

    fn write(&mut self, socket: SocketId, bytes: &[u8]) -> Result<usize, StackError> {
        self.stack.write(socket, bytes)
    }

    fn shutdown(&mut self, socket: SocketId, how: Shutdown) -> Result<(), StackError> {
        self.stack.shutdown(socket, how)
    }

    fn take_error(&mut self, socket: SocketId) -> Result<Option<Errno>, StackError> {
        self.stack.take_error(socket)
    }

    fn readiness(&mut self, socket: SocketId) -> Result<Readiness, StackError> {
        self.stack.readiness(socket)
    }

    fn local_address(&mut self, socket: SocketId) -> Result<SocketAddr, StackError> {
        self.stack.local_address(socket)
    }

    fn send(&mut self, socket: SocketId, to: SocketAddr, payload: &[u8]) -> Result<(), StackError> {
        self.stack.send(socket, to, payload)
    }

    fn receive(&mut self, socket: SocketId) -> Result<Option<Received>, StackError> {
        self.stack.receive(socket)
    }

    fn close(&mut self, socket: SocketId) {
        self.stack.close(socket);
    }

    fn now(&self) -> Instant {
        self.stack.now()
    }

    fn run_until(&mut self, deadline: Instant, wake: &[SocketId]) -> Result<(), StackError> {
        self.stack.run_until(deadline, wake)
    }

    fn observe(&mut self, on: bool) {
        self.stack.observe(on);
    }

    fn take_events(&mut self) -> Vec<Event> {
        self.stack.take_events()
    }

    fn snapshot(&self) -> Option<Arc<dyn Snapshot>> {
        self.stack.snapshot()
    }
}
