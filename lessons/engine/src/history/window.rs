//! A window on a world: what a program sees of it while it runs, or while time stands still.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use vethlab_shared::budget::Budget;
use vethlab_shared::change::Change;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::Event;
use vethlab_shared::family::Family;
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::netfilter::{ConnectionView, Ruleset};
use vethlab_shared::socket::{Accepted, Readiness, Received, Shutdown, SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::{Capabilities, NetworkStack, Snapshot};
use vethlab_shared::time::Instant;
use vethlab_shared::view::{
    AddressView, BridgePort, FdbEntry, LinkView, NeighbourParameters, NeighbourView, RouteLookup, RouteQuery,
    RouteView, SocketView,
};
use vethlab_sim::World;

/// A world that a program works on.
pub(super) struct Window<'a> {
    world: &'a mut World,
    /// The number of the last event, for those who want to know in between.
    event: Rc<Cell<u64>>,
    /// Whether time stands still: one can look, and do nothing else.
    still: bool,
    /// Whether anything was done but to look and to let time pass.
    acted: bool,
}

impl<'a> Window<'a> {
    /// On a world that goes on.
    pub(super) fn open(world: &'a mut World, event: Rc<Cell<u64>>) -> Window<'a> {
        event.set(world.last_event());
        Window { world, event, still: false, acted: false }
    }

    /// On a moment of the past.
    pub(super) fn still(world: &'a mut World) -> Window<'a> {
        Window { world, event: Rc::default(), still: true, acted: false }
    }

    /// Whether anything was done but to look and to let time pass.
    pub(super) fn has_acted(&self) -> bool {
        self.acted
    }

    /// Lets the world act, where time does not stand still.
    fn act<T>(&mut self, act: impl FnOnce(&mut World) -> Result<T, StackError>) -> Result<T, StackError> {
        self.acted = true;
        self.pass(act)
    }

    /// The same for what may turn out to do nothing.
    fn pass<T>(&mut self, act: impl FnOnce(&mut World) -> Result<T, StackError>) -> Result<T, StackError> {
        if self.still {
            return Err(StackError::Past);
        }
        let result = act(self.world);
        self.event.set(self.world.last_event());
        result
    }
}

impl NetworkStack for Window<'_> {
    fn capabilities(&self) -> Capabilities {
        Capabilities { undo: true, ..NetworkStack::capabilities(&*self.world) }
    }

    fn set_budget(&mut self, budget: Budget) {
        NetworkStack::set_budget(self.world, budget);
    }

    fn budget(&self) -> &Budget {
        NetworkStack::budget(&*self.world)
    }

    fn apply(&mut self, namespace: &NamespaceName, change: &Change) -> Result<(), StackError> {
        self.act(|world| NetworkStack::apply(world, namespace, change))
    }

    fn namespaces(&mut self) -> Result<Vec<NamespaceName>, StackError> {
        NetworkStack::namespaces(self.world)
    }

    fn namespace_id(
        &mut self,
        namespace: &NamespaceName,
        of: &NamespaceName,
    ) -> Result<Option<i32>, StackError> {
        NetworkStack::namespace_id(self.world, namespace, of)
    }

    fn has_namespace(&mut self, name: &NamespaceName) -> Result<bool, StackError> {
        NetworkStack::has_namespace(self.world, name)
    }

    fn links(&mut self, namespace: &NamespaceName) -> Result<Vec<LinkView>, StackError> {
        NetworkStack::links(self.world, namespace)
    }

    fn link_by_name(
        &mut self,
        namespace: &NamespaceName,
        name: &LinkName,
    ) -> Result<Option<LinkView>, StackError> {
        NetworkStack::link_by_name(self.world, namespace, name)
    }

    fn addresses(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<AddressView>, StackError> {
        NetworkStack::addresses(self.world, namespace, family)
    }

    fn routes(&mut self, namespace: &NamespaceName, family: Family) -> Result<Vec<RouteView>, StackError> {
        NetworkStack::routes(self.world, namespace, family)
    }

    fn has_route_table(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
        number: u32,
    ) -> Result<bool, StackError> {
        NetworkStack::has_route_table(self.world, namespace, family, number)
    }

    fn lookup_route(
        &mut self,
        namespace: &NamespaceName,
        query: &RouteQuery,
    ) -> Result<RouteLookup, StackError> {
        NetworkStack::lookup_route(self.world, namespace, query)
    }

    fn neighbours(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<NeighbourView>, StackError> {
        NetworkStack::neighbours(self.world, namespace, family)
    }

    fn fdb(&mut self, namespace: &NamespaceName) -> Result<Vec<FdbEntry>, StackError> {
        NetworkStack::fdb(self.world, namespace)
    }

    fn bridge_ports(&mut self, namespace: &NamespaceName) -> Result<Vec<BridgePort>, StackError> {
        NetworkStack::bridge_ports(self.world, namespace)
    }

    fn neighbour_parameters(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<NeighbourParameters>, StackError> {
        NetworkStack::neighbour_parameters(self.world, namespace, family)
    }

    fn ruleset(&mut self, namespace: &NamespaceName) -> Result<Ruleset, StackError> {
        NetworkStack::ruleset(self.world, namespace)
    }

    fn sockets(&mut self, namespace: &NamespaceName, family: Family) -> Result<Vec<SocketView>, StackError> {
        NetworkStack::sockets(self.world, namespace, family)
    }

    fn connections(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<ConnectionView>, StackError> {
        NetworkStack::connections(self.world, namespace, family)
    }

    fn sysctl(&mut self, namespace: &NamespaceName, name: &str) -> Result<String, StackError> {
        NetworkStack::sysctl(self.world, namespace, name)
    }

    fn sysctl_names(&mut self, namespace: &NamespaceName, prefix: &str) -> Result<Vec<String>, StackError> {
        NetworkStack::sysctl_names(self.world, namespace, prefix)
    }

    fn open(&mut self, namespace: &NamespaceName, kind: &SocketKind) -> Result<SocketId, StackError> {
        self.act(|world| NetworkStack::open(world, namespace, kind))
    }

    fn set_option(&mut self, socket: SocketId, option: &SocketOption) -> Result<(), StackError> {
        self.act(|world| NetworkStack::set_option(world, socket, option))
    }

    fn bind(&mut self, socket: SocketId, address: SocketAddr) -> Result<(), StackError> {
        self.act(|world| NetworkStack::bind(world, socket, address))
    }

    fn connect(&mut self, socket: SocketId, peer: SocketAddr) -> Result<(), StackError> {
        self.act(|world| NetworkStack::connect(world, socket, peer))
    }

    fn listen(&mut self, socket: SocketId, backlog: u32) -> Result<(), StackError> {
        self.act(|world| NetworkStack::listen(world, socket, backlog))
    }

    fn accept(&mut self, socket: SocketId) -> Result<Option<Accepted>, StackError> {
        let accepted = self.pass(|world| NetworkStack::accept(world, socket));
        self.acted |= !matches!(accepted, Ok(None));
        accepted
    }

    fn read(&mut self, socket: SocketId, most: usize) -> Result<Option<Vec<u8>>, StackError> {
        let read = self.pass(|world| NetworkStack::read(world, socket, most));
        self.acted |= !matches!(read, Ok(None));
        read
    }

    fn write(&mut self, socket: SocketId, bytes: &[u8]) -> Result<usize, StackError> {
        self.act(|world| NetworkStack::write(world, socket, bytes))
    }

    fn shutdown(&mut self, socket: SocketId, how: Shutdown) -> Result<(), StackError> {
        self.act(|world| NetworkStack::shutdown(world, socket, how))
    }

    fn take_error(&mut self, socket: SocketId) -> Result<Option<Errno>, StackError> {
        let error = self.pass(|world| NetworkStack::take_error(world, socket));
        self.acted |= !matches!(error, Ok(None));
        error
    }

    fn readiness(&mut self, socket: SocketId) -> Result<Readiness, StackError> {
        NetworkStack::readiness(self.world, socket)
    }

    fn local_address(&mut self, socket: SocketId) -> Result<SocketAddr, StackError> {
        NetworkStack::local_address(self.world, socket)
    }

    fn send(&mut self, socket: SocketId, to: SocketAddr, payload: &[u8]) -> Result<(), StackError> {
        self.act(|world| NetworkStack::send(world, socket, to, payload))
    }

    fn receive(&mut self, socket: SocketId) -> Result<Option<Received>, StackError> {
        let received = self.pass(|world| NetworkStack::receive(world, socket));
        self.acted |= !matches!(received, Ok(None));
        received
    }

    fn close(&mut self, socket: SocketId) {
        if !self.still {
            self.acted = true;
            self.world.close(socket);
            self.event.set(self.world.last_event());
        }
    }

    fn now(&self) -> Instant {
        NetworkStack::now(&*self.world)
    }

    fn run_until(&mut self, deadline: Instant, wake: &[SocketId]) -> Result<(), StackError> {
        self.pass(|world| NetworkStack::run_until(world, deadline, wake))
    }

    fn observe(&mut self, on: bool) {
        NetworkStack::observe(self.world, on);
    }

    fn take_events(&mut self) -> Vec<Event> {
        NetworkStack::take_events(self.world)
    }

    fn snapshot(&self) -> Option<Arc<dyn Snapshot>> {
        self.world.snapshot()
    }
}
