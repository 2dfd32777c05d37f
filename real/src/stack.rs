//! The stack: namespaces, their netlink channels, and sockets.

mod altering;
mod ending;
mod listening;

use crate::error::internal;
use crate::namespace::Namespace;
use crate::namespaces::Namespaces;
use crate::observation::Observation;
use crate::socket::{Clock, Socket};
use crate::unavailable::Unavailable;
use crate::{address, bridge, diag, link, neighbour, netfilter, route, sandbox, sysctl, tcp};
use altering::changes_links;
use listening::{LONGEST_WAIT, Waited};
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;
use vethlab_shared::budget::Budget;
use vethlab_shared::change::{Change, LinkSettings};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::Event;
use vethlab_shared::family::Family;
use vethlab_shared::ipv4_only;
use vethlab_shared::name::{IfIndex, LinkName, NamespaceName};
use vethlab_shared::netfilter::{ConnectionView, Ruleset};
use vethlab_shared::socket::{Accepted, Readiness, Received, Shutdown, SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::{Capabilities, NetworkStack};
use vethlab_shared::time::Instant;
use vethlab_shared::view::{
    AddressView, BridgePort, FdbEntry, LinkFlags, LinkView, NeighbourParameters, NeighbourView, RouteLookup,
    RouteQuery, RouteView, SocketView,
};

/// Network namespaces of the running kernel, made for this value and gone with it.
pub struct RealStack {
    clock: Clock,
    /// One without a name is alive only because sockets are open in it.
    namespaces: Namespaces,
    observation: Observation,
    sockets: BTreeMap<SocketId, OpenSocket>,
    next_socket: u64,
    budget: Budget,
    /// When the budget's time is over.
    ends: Instant,
    /// The kernel stamps packets only while somebody wants it, and begins a little after it was asked to:
    /// this socket wants it for as long as the stack lives, so that the first packet of a capture is stamped.
    _stamping: Socket,
}

/// A socket, and its hold on the namespace that it was opened in.
struct OpenSocket {
    socket: Socket,
    /// The namespace's number.
    number: u32,
    hold: Arc<()>,
}

impl fmt::Debug for RealStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RealStack").field("namespaces", &self.namespaces.names()).finish_non_exhaustive()
    }
}

impl RealStack {
    /// Makes the namespace that plays the machine, its loopback link up.
    ///
    /// # Errors
    /// This machine does not allow it: the error says what is missing, and what to do.
    pub fn new() -> Result<RealStack, Unavailable> {
        sandbox::enter_user_namespace()?;
        sandbox::raise_limit_of_descriptors();
        let broken = |what: String| Unavailable::Broken { what };
        let mut namespaces = Namespaces::new()?;
        let host = namespaces
            .named(&NamespaceName::HOST)
            .map_err(|error| broken(format!("the first namespace is gone: {error}")))?;
        let up = LinkSettings { flags: LinkFlags::UP, flags_mask: LinkFlags::UP, ..LinkSettings::default() };
        host.channel
            .alter(&link::set(IfIndex::LOOPBACK, &up, None), 0)
            .map_err(|error| broken(format!("lo cannot be set up: {error}")))?;
        let clock = Clock::start();
        if let Err(error) = host.visit(|| Socket::open(&SocketKind::Icmp(Family::Inet), clock)) {
            return Err(Unavailable::NoRawSockets(error.errno().unwrap_or(Errno::EPERM)));
        }
        let stamping = host
            .visit(|| Socket::open(&SocketKind::Udp(Family::Inet), clock))
            .map_err(|error| broken(format!("UDP sockets do not work: {error}")))?;
        let observation =
            Observation::new().map_err(|errno| broken(format!("epoll does not work: {errno}")))?;
        Ok(RealStack {
            clock,
            namespaces,
            observation,
            sockets: BTreeMap::new(),
            next_socket: 1,
            budget: Budget::default(),
            ends: Instant::LAST,
            _stamping: stamping,
        })
    }

    fn namespace(&mut self, name: &NamespaceName) -> Result<&mut Namespace, StackError> {
        self.namespaces.named(name)
    }

    /// Takes a step for a call.
    fn begin_call(&mut self) -> Result<(), StackError> {
        self.budget.draw(1);
        self.check_budget()
    }

    fn check_budget(&self) -> Result<(), StackError> {
        self.budget.keep(self.observation.weight());
        Ok(self.budget.check()?)
    }

    /// The same for what is about a family.
    fn namespace_of(&mut self, name: &NamespaceName, family: Family) -> Result<&mut Namespace, StackError> {
        let namespace = self.namespaces.named(name)?;
        ipv4_only::family(family).map(|()| namespace)
    }

    fn add_namespace(&mut self, name: &NamespaceName) -> Result<(), StackError> {
        if name.is_host() || self.namespaces.is_name(name) {
            return Err(Errno::EEXIST.into());
        }
        let namespace = self.namespaces.add(name).map_err(|error| match error {
            Unavailable::Forbidden { errno, .. }
            | Unavailable::Filtered { errno, .. }
            | Unavailable::ReadOnlySysctl { errno, .. } => errno.into(),
            other => internal(other.to_string()),
        })?;
        self.observation.attend(namespace, self.clock);
        Ok(())
    }

    /// Keeps a socket that was opened in the namespace of this number.
    fn keep(&mut self, socket: Socket, number: u32, hold: Arc<()>) -> SocketId {
        let id = SocketId(self.next_socket);
        self.next_socket += 1;
        self.sockets.insert(id, OpenSocket { socket, number, hold });
        id
    }

    fn socket(&mut self, id: SocketId) -> Result<&mut Socket, StackError> {
        self.sockets.get_mut(&id).map(|open| &mut open.socket).ok_or_else(|| Errno::EBADF.into())
    }
}

impl NetworkStack for RealStack {
    fn capabilities(&self) -> Capabilities {
        let drop_reasons = self.observation.sees_drop_reasons();
        Capabilities { virtual_time: false, full_events: false, drop_reasons, undo: false }
    }

    fn set_budget(&mut self, budget: Budget) {
        self.ends = self.clock.now() + budget.limits().time;
        self.budget = budget;
    }

    fn budget(&self) -> &Budget {
        &self.budget
    }

    fn apply(&mut self, namespace: &NamespaceName, change: &Change) -> Result<(), StackError> {
        self.begin_call()?;
        self.namespace(namespace)?;
        if matches!(change, Change::AddLink(_) | Change::SetLink { .. }) {
            self.observation.expect_packets(self.clock);
        }
        if changes_links(change) {
            self.listen_before_links_change();
        }
        match change {
            Change::AddNamespace(name) => self.add_namespace(name),
            Change::DeleteNamespace(name) => self.delete_namespace(name),
            Change::SetSysctl { name, value } => {
                self.namespace(namespace)?.visit(|| sysctl::write(name, value))
            }
            Change::Ruleset(changes) => self.namespace(namespace)?.visit(|| netfilter::apply(changes)),
            Change::DeleteConnection(wanted) => {
                self.namespace(namespace)?.visit(|| netfilter::conntrack::delete(wanted.as_ref()))
            }
            change => self.alter(namespace, change),
        }
    }

    fn namespaces(&mut self) -> Result<Vec<NamespaceName>, StackError> {
        self.begin_call()?;
        Ok(self.namespaces.names())
    }

    fn has_namespace(&mut self, name: &NamespaceName) -> Result<bool, StackError> {
        self.begin_call()?;
        Ok(self.namespaces.is_name(name))
    }

    fn namespace_id(
        &mut self,
        namespace: &NamespaceName,
        of: &NamespaceName,
    ) -> Result<Option<i32>, StackError> {
        self.begin_call()?;
        let other = self.namespace(of)?.descriptor.as_raw_fd();
        self.namespace(namespace)?.id_of(other)
    }

    fn links(&mut self, namespace: &NamespaceName) -> Result<Vec<LinkView>, StackError> {
        self.begin_call()?;
        self.namespace(namespace)?.dump(&link::dump(), link::view)
    }

    fn link_by_name(
        &mut self,
        namespace: &NamespaceName,
        name: &LinkName,
    ) -> Result<Option<LinkView>, StackError> {
        self.begin_call()?;
        self.namespace(namespace)?.link(&link::get_named(name))
    }

    fn addresses(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<AddressView>, StackError> {
        self.begin_call()?;
        self.namespace_of(namespace, family)?.dump(&address::dump(), address::view)
    }

    fn routes(&mut self, namespace: &NamespaceName, family: Family) -> Result<Vec<RouteView>, StackError> {
        self.begin_call()?;
        self.namespace_of(namespace, family)?.dump(&route::dump(), route::view)
    }

    fn has_route_table(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
        number: u32,
    ) -> Result<bool, StackError> {
        self.begin_call()?;
        match self.namespace_of(namespace, family)?.dump(&route::dump_of_table(number), Ok) {
            Ok(_) => Ok(true),
            Err(StackError::Refused { errno: Errno::ENOENT, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn lookup_route(
        &mut self,
        namespace: &NamespaceName,
        query: &RouteQuery,
    ) -> Result<RouteLookup, StackError> {
        self.begin_call()?;
        let namespace = self.namespace(namespace)?;
        route::lookup_view(namespace.channel.ask(&route::lookup(query)?)?)
    }

    fn neighbours(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<NeighbourView>, StackError> {
        self.begin_call()?;
        self.namespace_of(namespace, family)?.dump(&neighbour::dump(), neighbour::view)
    }

    fn fdb(&mut self, namespace: &NamespaceName) -> Result<Vec<FdbEntry>, StackError> {
        self.begin_call()?;
        self.namespace(namespace)?.dump(&bridge::dump_fdb(), bridge::fdb_entry)
    }

    fn bridge_ports(&mut self, namespace: &NamespaceName) -> Result<Vec<BridgePort>, StackError> {
        self.begin_call()?;
        self.namespace(namespace)?.dump(&bridge::dump_ports(), bridge::port)
    }

    fn neighbour_parameters(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<NeighbourParameters>, StackError> {
        self.begin_call()?;
        let tables =
            self.namespace_of(namespace, family)?.dump(&neighbour::dump_tables(), neighbour::parameters)?;
        Ok(tables.into_iter().flatten().collect())
    }

    fn ruleset(&mut self, namespace: &NamespaceName) -> Result<Ruleset, StackError> {
        self.begin_call()?;
        self.namespace(namespace)?.visit(netfilter::read)
    }

    fn sockets(&mut self, namespace: &NamespaceName, family: Family) -> Result<Vec<SocketView>, StackError> {
        self.begin_call()?;
        self.namespace_of(namespace, family)?.visit(diag::sockets)
    }

    fn connections(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<ConnectionView>, StackError> {
        self.begin_call()?;
        self.namespace_of(namespace, family)?.visit(netfilter::conntrack::connections)
    }

    fn sysctl(&mut self, namespace: &NamespaceName, name: &str) -> Result<String, StackError> {
        self.begin_call()?;
        self.namespace(namespace)?.visit(|| sysctl::read(name))
    }

    fn sysctl_names(&mut self, namespace: &NamespaceName, prefix: &str) -> Result<Vec<String>, StackError> {
        self.begin_call()?;
        self.namespace(namespace)?.visit(|| sysctl::names(prefix))
    }

    fn open(&mut self, namespace: &NamespaceName, kind: &SocketKind) -> Result<SocketId, StackError> {
        self.begin_call()?;
        let clock = self.clock;
        self.observation.expect_packets(clock);
        let namespace = self.namespace(namespace)?;
        let socket = namespace.visit(|| Socket::open(kind, clock))?;
        let (number, hold) = (namespace.number, namespace.hold());
        Ok(self.keep(socket, number, hold))
    }

    fn set_option(&mut self, socket: SocketId, option: &SocketOption) -> Result<(), StackError> {
        self.begin_call()?;
        self.socket(socket)?.set_option(option)
    }

    fn bind(&mut self, socket: SocketId, address: SocketAddr) -> Result<(), StackError> {
        self.begin_call()?;
        self.socket(socket)?.bind(address)
    }

    fn connect(&mut self, socket: SocketId, peer: SocketAddr) -> Result<(), StackError> {
        self.begin_call()?;
        self.socket(socket)?.connect(peer)
    }

    fn listen(&mut self, socket: SocketId, backlog: u32) -> Result<(), StackError> {
        self.begin_call()?;
        self.socket(socket)?.tcp()?.listen(backlog)
    }

    fn accept(&mut self, socket: SocketId) -> Result<Option<Accepted>, StackError> {
        self.begin_call()?;
        let Some((accepted, peer)) = self.socket(socket)?.accept()? else { return Ok(None) };
        let listener = self.sockets.get(&socket).ok_or(Errno::EBADF)?;
        let (number, hold) = (listener.number, Arc::clone(&listener.hold));
        let id = self.keep(accepted, number, hold);
        Ok(Some(Accepted { socket: id, peer }))
    }

    fn read(&mut self, socket: SocketId, most: usize) -> Result<Option<Vec<u8>>, StackError> {
        self.begin_call()?;
        self.socket(socket)?.tcp()?.read(most)
    }

    fn write(&mut self, socket: SocketId, bytes: &[u8]) -> Result<usize, StackError> {
        self.begin_call()?;
        let taken = self.socket(socket)?.tcp()?.write(bytes);
        self.take_in();
        taken
    }

    fn shutdown(&mut self, socket: SocketId, how: Shutdown) -> Result<(), StackError> {
        self.begin_call()?;
        self.socket(socket)?.tcp()?.shutdown(how)
    }

    fn take_error(&mut self, socket: SocketId) -> Result<Option<Errno>, StackError> {
        self.begin_call()?;
        self.socket(socket)?.take_error()
    }

    fn readiness(&mut self, socket: SocketId) -> Result<Readiness, StackError> {
        self.begin_call()?;
        tcp::readiness(self.socket(socket)?.as_fd())
    }

    fn local_address(&mut self, socket: SocketId) -> Result<SocketAddr, StackError> {
        self.begin_call()?;
        self.socket(socket)?.local_address()
    }

    fn send(&mut self, socket: SocketId, to: SocketAddr, payload: &[u8]) -> Result<(), StackError> {
        self.begin_call()?;
        let sent = self.socket(socket)?.send(to, payload);
        // One packet may lead to hundreds of frames, where it goes round in a circle.
        self.take_in();
        sent
    }

    fn receive(&mut self, socket: SocketId) -> Result<Option<Received>, StackError> {
        self.begin_call()?;
        self.read(socket)
    }

    /// Closing the last socket of a namespace without a name ends that namespace too.
    fn close(&mut self, socket: SocketId) {
        self.read_the_rest(socket);
        self.sockets.remove(&socket);
        if let Some(number) = self.namespaces.ended() {
            self.listen_before_links_change();
            // The namespace is gone with this, whether or not it could be waited for; closing answers nothing.
            let _ = self.end(number);
        }
    }

    fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Also ends when a signal arrives, so that a program can notice Ctrl-C, and soon after one that came just before.
    fn run_until(&mut self, deadline: Instant, wake: &[SocketId]) -> Result<(), StackError> {
        self.begin_call()?;
        let ends = deadline.min(self.ends);
        loop {
            let (now, is_to_stop) = (self.clock.now(), self.budget.is_to_stop());
            let until = if is_to_stop { now } else { ends.min(now + LONGEST_WAIT) };
            let waited = self.wait(until, wake, true);
            self.take_in();
            match waited? {
                Waited::Over => break,
                Waited::TimeIsUp if is_to_stop || self.clock.now() >= ends => break,
                // The rest of the machine may tell so much that there would be no room for what is told of packets here.
                Waited::TimeIsUp | Waited::Told => {}
            }
        }
        if self.ends < deadline && self.clock.now() >= self.ends {
            self.budget.out_of_time();
        }
        self.check_budget()
    }

    /// The frames that leave and come in by each link are heard, in every namespace, and where the kernel lets that
    /// out, why the packet of one was dropped. What else the kernel decides is not told.
    fn observe(&mut self, on: bool) {
        self.take_in();
        self.observation.switch(on);
        for namespace in self.namespaces.iter_mut() {
            self.observation.attend(namespace, self.clock);
        }
    }

    /// In the order of the kernel's time stamps.
    fn take_events(&mut self) -> Vec<Event> {
        self.take_in();
        self.observation.take(self.clock)
    }
}
