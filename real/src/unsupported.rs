//! Where there is no Linux kernel: the same names, and an answer that says so.

use crate::unavailable::{Requirement, Unavailable};
use std::convert::Infallible;
use std::net::SocketAddr;
use vethlab_shared::budget::Budget;
use vethlab_shared::change::Change;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::Event;
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::netfilter::{ConnectionView, Ruleset};
use vethlab_shared::socket::{Accepted, Readiness, Received, Shutdown, SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::{Capabilities, NetworkStack};
use vethlab_shared::time::Instant;
use vethlab_shared::view::{
    AddressView, BridgePort, FdbEntry, LinkView, NeighbourParameters, NeighbourView, RouteLookup, RouteQuery,
    RouteView, SocketView,
};

/// A stack that cannot be made on this system.
#[derive(Debug)]
pub struct RealStack {
    never: Infallible,
}

impl RealStack {
    /// Says that this is not Linux.
    ///
    /// # Errors
    /// Always [`Unavailable::NotLinux`].
    pub fn new() -> Result<RealStack, Unavailable> {
        Err(Unavailable::NotLinux)
    }
}

/// Says that this is not Linux.
///
/// # Errors
/// Always [`Unavailable::NotLinux`].
pub fn enter_user_namespace() -> Result<(), Unavailable> {
    Err(Unavailable::NotLinux)
}

/// What the real stack needs: Linux.
pub fn probe() -> Vec<Requirement> {
    vec![Requirement {
        name: "Linux",
        met: false,
        found: std::env::consts::OS.to_owned(),
        remedy: Some(Unavailable::NotLinux.to_string()),
    }]
}

/// Whether the stack does what it is for: not here.
pub fn try_stack() -> Requirement {
    let remedy = Some(Unavailable::NotLinux.to_string());
    Requirement { name: "two namespaces with a cable", met: false, found: "not tried".to_owned(), remedy }
}

/// Whether it is seen why packets are dropped: not here.
pub fn probe_drop_reasons() -> Requirement {
    Requirement { name: "drop reasons", met: false, found: "not seen".to_owned(), remedy: None }
}

impl NetworkStack for RealStack {
    fn capabilities(&self) -> Capabilities {
        match self.never {}
    }
    fn set_budget(&mut self, _: Budget) {
        match self.never {}
    }
    fn budget(&self) -> &Budget {
        match self.never {}
    }
    fn apply(&mut self, _: &NamespaceName, _: &Change) -> Result<(), StackError> {
        match self.never {}
    }
    fn namespaces(&mut self) -> Result<Vec<NamespaceName>, StackError> {
        match self.never {}
    }
    fn namespace_id(&mut self, _: &NamespaceName, _: &NamespaceName) -> Result<Option<i32>, StackError> {
        match self.never {}
    }
    fn links(&mut self, _: &NamespaceName) -> Result<Vec<LinkView>, StackError> {
        match self.never {}
    }
    fn addresses(&mut self, _: &NamespaceName, _: Family) -> Result<Vec<AddressView>, StackError> {
        match self.never {}
    }
    fn routes(&mut self, _: &NamespaceName, _: Family) -> Result<Vec<RouteView>, StackError> {
        match self.never {}
    }
    fn has_route_table(&mut self, _: &NamespaceName, _: Family, _: u32) -> Result<bool, StackError> {
        match self.never {}
    }
    fn lookup_route(&mut self, _: &NamespaceName, _: &RouteQuery) -> Result<RouteLookup, StackError> {
        match self.never {}
    }
    fn neighbours(&mut self, _: &NamespaceName, _: Family) -> Result<Vec<NeighbourView>, StackError> {
        match self.never {}
    }
    fn fdb(&mut self, _: &NamespaceName) -> Result<Vec<FdbEntry>, StackError> {
        match self.never {}
    }
    fn bridge_ports(&mut self, _: &NamespaceName) -> Result<Vec<BridgePort>, StackError> {
        match self.never {}
    }
    fn neighbour_parameters(
        &mut self,
        _: &NamespaceName,
        _: Family,
    ) -> Result<Vec<NeighbourParameters>, StackError> {
        match self.never {}
    }
    fn ruleset(&mut self, _: &NamespaceName) -> Result<Ruleset, StackError> {
        match self.never {}
    }
    fn sockets(&mut self, _: &NamespaceName, _: Family) -> Result<Vec<SocketView>, StackError> {
        match self.never {}
    }
    fn listen(&mut self, _: SocketId, _: u32) -> Result<(), StackError> {
        match self.never {}
    }
    fn accept(&mut self, _: SocketId) -> Result<Option<Accepted>, StackError> {
        match self.never {}
    }
    fn read(&mut self, _: SocketId, _: usize) -> Result<Option<Vec<u8>>, StackError> {
        match self.never {}
    }
    fn write(&mut self, _: SocketId, _: &[u8]) -> Result<usize, StackError> {
        match self.never {}
    }
    fn shutdown(&mut self, _: SocketId, _: Shutdown) -> Result<(), StackError> {
        match self.never {}
    }
    fn take_error(&mut self, _: SocketId) -> Result<Option<Errno>, StackError> {
        match self.never {}
    }
    fn readiness(&mut self, _: SocketId) -> Result<Readiness, StackError> {}

    fn connections(&mut self, _: &NamespaceName, _: Family) -> Result<Vec<ConnectionView>, StackError> {
        match self.never {}
    }
    fn sysctl(&mut self, _: &NamespaceName, _: &str) -> Result<String, StackError> {
        match self.never {}
    }
    fn sysctl_names(&mut self, _: &NamespaceName, _: &str) -> Result<Vec<String>, StackError> {
        match self.never {}
    }
    fn open(&mut self, _: &NamespaceName, _: &SocketKind) -> Result<SocketId, StackError> {
        match self.never {}
    }
    fn set_option(&mut self, _: SocketId, _: &SocketOption) -> Result<(), StackError> {
        match self.never {}
    }
    fn bind(&mut self, _: SocketId, _: SocketAddr) -> Result<(), StackError> {
        match self.never {}
    }
    fn connect(&mut self, _: SocketId, _: SocketAddr) -> Result<(), StackError> {
        match self.never {}
    }
    fn local_address(&mut self, _: SocketId) -> Result<SocketAddr, StackError> {
        match self.never {}
    }
    fn send(&mut self, _: SocketId, _: SocketAddr, _: &[u8]) -> Result<(), StackError> {
        match self.never {}
    }
    fn receive(&mut self, _: SocketId) -> Result<Option<Received>, StackError> {
        match self.never {}
    }
    fn close(&mut self, _: SocketId) {
        match self.never {}
    }
    fn now(&self) -> Instant {
        match self.never {}
    }
    fn run_until(&mut self, _: Instant, _: &[SocketId]) -> Result<(), StackError> {
        match self.never {}
    }
    fn observe(&mut self, _: bool) {
        match self.never {}
    }
    fn take_events(&mut self) -> Vec<Event> {
        match self.never {}
    }
}
