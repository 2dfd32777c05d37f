//! The line between programs and the kernel.

use crate::budget::{Budget, Exhausted};
use crate::change::Change;
use crate::error::{Errno, StackError};
use crate::event::Event;
use crate::family::Family;
use crate::name::{LinkName, NamespaceName};
use crate::netfilter::{ConnectionView, Ruleset};
use crate::socket::{Accepted, Readiness, Received, Shutdown, SocketId, SocketKind, SocketOption};
use crate::time::Instant;
use crate::view::{
    AddressView, BridgePort, FdbEntry, LinkView, NeighbourParameters, NeighbourView, RouteLookup, RouteQuery,
    RouteView, SocketView,
};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

/// What a stack can do beyond what every stack does. Programs ask this; they never ask which stack it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Time is virtual: waiting costs nothing, and nothing happens between two calls.
    pub virtual_time: bool,
    /// Every decision is told as an [`Event`].
    pub full_events: bool,
    /// It is told why a packet that has crossed a link was dropped.
    pub drop_reasons: bool,
    /// Whoever works on it can take commands back: the word is `undo`.
    pub undo: bool,
}

/// A network stack with its namespaces: the system calls that the programs need.
///
/// Synchronous and object-safe. Every method that names a namespace answers `ENOENT` where there is none of
/// that name. Views come in the order in which the kernel would dump them.
///
/// The line is neutral in the address family: addresses are [`IpAddr`](std::net::IpAddr), and reads name the
/// [`Family`] that they are about, as rtnetlink requests do. A stack that does not model a family, or is given an
/// address of one, answers [`StackError::family_not_modelled`].
pub trait NetworkStack {
    /// What this stack can do.
    fn capabilities(&self) -> Capabilities;

    /// From now on all that is asked of the stack, and all that happens on it, draws from this budget. Where that has
    /// run out every call answers [`StackError::Exhausted`]. At the start there are no limits.
    fn set_budget(&mut self, budget: Budget);

    /// What it draws from.
    fn budget(&self) -> &Budget;

    /// The limit of the budget that was reached, if one was.
    fn exhausted(&self) -> Option<Exhausted> {
        self.budget().exhausted()
    }

    /// Alters the stack.
    ///
    /// # Errors
    /// The kernel's answer. Nothing has changed then, other than what the kernel itself leaves half done.
    fn apply(&mut self, namespace: &NamespaceName, change: &Change) -> Result<(), StackError>;

    /// The named namespaces, the newest first: the order of a directory on `tmpfs`.
    fn namespaces(&mut self) -> Result<Vec<NamespaceName>, StackError>;

    /// The number that `namespace` has given to the namespace `of`, if it has given one (`RTM_GETNSID`).
    ///
    /// # Errors
    /// `ENOENT` where either does not exist.
    fn namespace_id(
        &mut self,
        namespace: &NamespaceName,
        of: &NamespaceName,
    ) -> Result<Option<i32>, StackError>;

    /// Whether there is a namespace of this name. The machine's own has none.
    fn has_namespace(&mut self, name: &NamespaceName) -> Result<bool, StackError> {
        Ok(self.namespaces()?.contains(name))
    }

    /// The links, by index (`RTM_GETLINK`).
    fn links(&mut self, namespace: &NamespaceName) -> Result<Vec<LinkView>, StackError>;

    /// The link of this name, where there is one (`RTM_GETLINK` with `IFLA_IFNAME`).
    fn link_by_name(
        &mut self,
        namespace: &NamespaceName,
        name: &LinkName,
    ) -> Result<Option<LinkView>, StackError> {
        Ok(self.links(namespace)?.into_iter().find(|link| link.name == *name))
    }

    /// The addresses of a family, link by link (`RTM_GETADDR`).
    fn addresses(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<AddressView>, StackError>;

    /// The routes of a family, those of all tables (`RTM_GETROUTE`).
    fn routes(&mut self, namespace: &NamespaceName, family: Family) -> Result<Vec<RouteView>, StackError>;

    /// Whether the family's routing table of this number was ever made. One that was made stays, be it empty
    /// (`fib_get_table`, `fib6_get_table`).
    fn has_route_table(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
        number: u32,
    ) -> Result<bool, StackError>;

    /// Which way a packet would take (`RTM_GETROUTE` without `NLM_F_DUMP`).
    ///
    /// # Errors
    /// What sending would give: `ENETUNREACH`, `EHOSTUNREACH`, `EACCES`, `EINVAL`, …
    fn lookup_route(
        &mut self,
        namespace: &NamespaceName,
        query: &RouteQuery,
    ) -> Result<RouteLookup, StackError>;

    /// The neighbour entries of a family (`RTM_GETNEIGH`), those in state `NUD_NONE` or `NUD_NOARP` too.
    fn neighbours(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<NeighbourView>, StackError>;

    /// The forwarding databases of the bridges (`RTM_GETNEIGH` with `AF_BRIDGE`), link by link.
    fn fdb(&mut self, namespace: &NamespaceName) -> Result<Vec<FdbEntry>, StackError>;

    /// The ports of all bridges, in the order in which their links came to the namespace (`RTM_GETLINK` with `AF_BRIDGE`).
    fn bridge_ports(&mut self, namespace: &NamespaceName) -> Result<Vec<BridgePort>, StackError>;

    /// What holds for a family's neighbours on each link (`RTM_GETNEIGHTBL`).
    fn neighbour_parameters(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<NeighbourParameters>, StackError>;

    /// The tables, chains and rules of the packet filter (`NFT_MSG_GETTABLE`, `GETCHAIN`, `GETRULE`), of all families.
    fn ruleset(&mut self, namespace: &NamespaceName) -> Result<Ruleset, StackError>;

    /// The sockets of a family that have ports, and the connections whose sockets are closed (`NETLINK_SOCK_DIAG`), in the
    /// order of [`SocketView::order`]: the kernel's is that of a hash.
    fn sockets(&mut self, namespace: &NamespaceName, family: Family) -> Result<Vec<SocketView>, StackError>;

    /// The connections of a family that the namespace tracks (`IPCTNL_MSG_CT_GET`). The kernel gives them in no order.
    fn connections(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<ConnectionView>, StackError>;

    /// Reads a file below `/proc/sys`, named with dots, without its final newline.
    ///
    /// # Errors
    /// `ENOENT` where there is no such file.
    fn sysctl(&mut self, namespace: &NamespaceName, name: &str) -> Result<String, StackError>;

    /// The names of all readable sysctls that begin with `prefix`, in the order of `sysctl -a`.
    fn sysctl_names(&mut self, namespace: &NamespaceName, prefix: &str) -> Result<Vec<String>, StackError>;

    /// Opens a socket (`socket(2)`).
    fn open(&mut self, namespace: &NamespaceName, kind: &SocketKind) -> Result<SocketId, StackError>;

    /// Sets an option of a socket (`setsockopt(2)`).
    fn set_option(&mut self, socket: SocketId, option: &SocketOption) -> Result<(), StackError>;

    /// Gives a socket its own address and, where it has ports, its port (`bind(2)`); port 0 is any that is free.
    ///
    /// # Errors
    /// `EADDRNOTAVAIL` where the address is nobody's here; `EADDRINUSE` where another socket has address and
    /// port; `EINVAL` where the socket has a port already; `EAFNOSUPPORT` where a UDP socket of IPv4 is given an address
    /// of IPv6.
    fn bind(&mut self, socket: SocketId, address: SocketAddr) -> Result<(), StackError>;

    /// Fixes a socket's peer and with it, by a routing lookup, its own address (`connect(2)`): from then on it
    /// hears of this peer only.
    ///
    /// A TCP socket begins a connection. It becomes writable when that has come to an end:
    /// [`NetworkStack::take_error`] tells to which.
    ///
    /// # Errors
    /// `EINPROGRESS` where a TCP socket has begun; `EALREADY` while it still tries, `EISCONN` once it is connected;
    /// `EADDRNOTAVAIL` where no port is free; what the lookup gives; `EACCES` for a broadcast address without [`SocketOption::Broadcast`]; `EAFNOSUPPORT` where a
    /// socket of IPv4 is given an address of IPv6.
    fn connect(&mut self, socket: SocketId, peer: SocketAddr) -> Result<(), StackError>;

    /// Has a TCP socket take in connections (`listen(2)`): so many and one more may wait to be accepted. One without a
    /// port is given one.
    ///
    /// # Errors
    /// `EADDRINUSE` where another one listens there; `EINVAL` where it is connected.
    fn listen(&mut self, socket: SocketId, backlog: u32) -> Result<(), StackError>;

    /// Takes the oldest connection that waits, if one does (`accept(2)`).
    ///
    /// # Errors
    /// `EINVAL` where the socket does not listen.
    fn accept(&mut self, socket: SocketId) -> Result<Option<Accepted>, StackError>;

    /// Takes at most so many bytes of a connection (`recv(2)`): `None` where there are none yet, none at all where the
    /// other end sends no more.
    ///
    /// # Errors
    /// What ended the connection, once; `ENOTCONN` where there is none.
    fn read(&mut self, socket: SocketId, most: usize) -> Result<Option<Vec<u8>>, StackError>;

    /// Gives bytes to a connection (`send(2)`), and says how many it has taken: none where there is no room. It wakes when
    /// there is room again.
    ///
    /// # Errors
    /// What ended the connection, once; `EPIPE` where nothing can be written any more, or nothing yet.
    fn write(&mut self, socket: SocketId, bytes: &[u8]) -> Result<usize, StackError>;

    /// Ends one half of a connection, or both (`shutdown(2)`).
    ///
    /// # Errors
    /// `ENOTCONN` where there is none.
    fn shutdown(&mut self, socket: SocketId, how: Shutdown) -> Result<(), StackError>;

    /// Takes the error that waits on a socket, if one does (`SO_ERROR`).
    fn take_error(&mut self, socket: SocketId) -> Result<Option<Errno>, StackError>;

    /// What a socket is ready for, as things stand (`poll(2)`).
    fn readiness(&mut self, socket: SocketId) -> Result<Readiness, StackError>;

    /// The socket's own address and port (`getsockname(2)`).
    fn local_address(&mut self, socket: SocketId) -> Result<SocketAddr, StackError>;

    /// Sends data (`sendto(2)`): for an ICMP socket a whole ICMP message, which has no port. A packet socket sends a whole
    /// frame by its link, wherever `to` is; it does not see that one itself.
    ///
    /// # Errors
    /// What the lookup gives, or an error that waited on the socket; `EAFNOSUPPORT` as for [`NetworkStack::connect`].
    fn send(&mut self, socket: SocketId, to: SocketAddr, payload: &[u8]) -> Result<(), StackError>;

    /// Takes what the socket has to read, without waiting: errors before data, each in order of arrival.
    fn receive(&mut self, socket: SocketId) -> Result<Option<Received>, StackError>;

    /// Closes a socket. Closing one that is not open does nothing.
    fn close(&mut self, socket: SocketId);

    /// What time it is.
    fn now(&self) -> Instant;

    /// Lets time pass until the deadline, or until one of the sockets has something to read or, where it connects or had
    /// no room for all that was written to it, can be written to.
    fn run_until(&mut self, deadline: Instant, wake: &[SocketId]) -> Result<(), StackError>;

    /// Whether to keep events from now on. Off at the start, so that nobody pays for what nobody reads.
    fn observe(&mut self, on: bool);

    /// Takes the events kept since the last call, oldest first.
    fn take_events(&mut self) -> Vec<Event>;

    /// All as it is now, to be looked at later; `None` where there is no looking back.
    fn snapshot(&self) -> Option<Arc<dyn Snapshot>> {
        None
    }
}

/// A stack as it was at one moment.
pub trait Snapshot: fmt::Debug + Send + Sync {
    /// How many bytes it takes to keep it, about.
    fn weight(&self) -> u64;

    /// A stack that is as that one was then. What is done to it is done to nothing else.
    fn stack(&self) -> Box<dyn NetworkStack>;
}
