//! The world as a network stack.

use crate::conntrack;
use crate::ipv4::route::Exceptions;
use crate::netns::Namespace;
use crate::sysctl::{self, ReadOnly};
use crate::world::World;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use vethlab_shared::budget::Budget;
use vethlab_shared::change::Change;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::{Event, EventKind, Syscall};
use vethlab_shared::family::Family;
use vethlab_shared::ipv4_only;
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::netfilter::{ConnectionView, Ruleset};
use vethlab_shared::socket::{Accepted, Readiness, Received, Shutdown, SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::{Capabilities, NetworkStack, Snapshot};
use vethlab_shared::time::Instant;
use vethlab_shared::view::{
    AddressView, BridgePort, FdbEntry, LinkView, NeighbourParameters, NeighbourView, RouteLookup, RouteQuery,
    RouteView, SocketView,
};

impl World {
    fn named(&self, name: &NamespaceName) -> Result<&Namespace, StackError> {
        Ok(self.net(self.find(name)?))
    }

    /// The same for what is about a family.
    fn named_of(&self, name: &NamespaceName, family: Family) -> Result<&Namespace, StackError> {
        let net = self.named(name)?;
        ipv4_only::family(family).map(|()| net)
    }
}

impl World {
    fn tell_of_socket(&mut self, socket: SocketId, kind: impl FnOnce() -> EventKind) {
        if self.trace.on
            && let Some(namespace) = self.sockets.namespace_of(socket)
        {
            self.tell(namespace, None, kind);
        }
    }

    /// Hands on what a system call answered, and tells where that is a refusal.
    fn tell_refusal(
        &mut self,
        socket: SocketId,
        call: Syscall,
        address: IpAddr,
        result: Result<(), StackError>,
    ) -> Result<(), StackError> {
        if let Some(errno) = result.as_ref().err().and_then(StackError::errno) {
            self.tell_of_socket(socket, || EventKind::SysExit { call, socket, address, errno });
        }
        result
    }
}

/// # Errors
/// `ENOENT` where Linux has no such setting either.
fn find_setting(net: &Namespace, name: &str) -> Result<sysctl::Setting, StackError> {
    let index = |name: &str| net.ipv4_links().find(|link| link.name.as_str() == name).map(|link| link.index);
    match sysctl::find(name, index) {
        Some(setting) => Ok(setting),
        None => match sysctl::is_known(name, |link| index(link).is_some()) {
            Some(false) => Err(Errno::ENOENT.into()),
            Some(true) | None => Err(StackError::NotModelled(format!("sysctl {name}"))),
        },
    }
}

impl NetworkStack for World {
    fn capabilities(&self) -> Capabilities {
        Capabilities { virtual_time: true, full_events: true, drop_reasons: true, undo: false }
    }

    fn set_budget(&mut self, budget: Budget) {
        self.draw_from(budget);
    }

    fn budget(&self) -> &Budget {
        &self.allowance.budget
    }

    fn apply(&mut self, namespace: &NamespaceName, change: &Change) -> Result<(), StackError> {
        self.begin_call()?;
        let namespace = self.find(namespace)?;
        for target in change.target_namespaces() {
            self.find(target)?;
        }
        self.configure(namespace, change)
    }

    fn namespaces(&mut self) -> Result<Vec<NamespaceName>, StackError> {
        self.begin_call()?;
        Ok(self.namespace_names())
    }

    fn namespace_id(
        &mut self,
        namespace: &NamespaceName,
        of: &NamespaceName,
    ) -> Result<Option<i32>, StackError> {
        self.begin_call()?;
        let of = self.find(of)?;
        Ok(self.named(namespace)?.peer_ids.get(of))
    }

    fn has_namespace(&mut self, name: &NamespaceName) -> Result<bool, StackError> {
        self.begin_call()?;
        Ok(!name.is_host() && self.find(name).is_ok())
    }

    fn links(&mut self, namespace: &NamespaceName) -> Result<Vec<LinkView>, StackError> {
        self.begin_call()?;
        let namespace = self.find(namespace)?;
        Ok(self.link_views(namespace))
    }

    fn link_by_name(
        &mut self,
        namespace: &NamespaceName,
        name: &LinkName,
    ) -> Result<Option<LinkView>, StackError> {
        self.begin_call()?;
        let namespace = self.find(namespace)?;
        Ok(self.find_link(namespace, name).and_then(|at| self.link_view(at)))
    }

    fn addresses(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<AddressView>, StackError> {
        self.begin_call()?;
        let views = self.named_of(namespace, family)?.links.values().flat_map(|link| {
            link.addresses().iter().map(|address| AddressView {
                link: link.index,
                local: address.local.into(),
                peer: address.peer.into(),
                prefix_length: address.prefix_length,
                broadcast: address.broadcast.map(Into::into),
                label: address.label.clone(),
                scope: address.scope,
                flags: address.flags,
            })
        });
        Ok(views.collect())
    }

    fn routes(&mut self, namespace: &NamespaceName, family: Family) -> Result<Vec<RouteView>, StackError> {
        self.begin_call()?;
        let net = self.named_of(namespace, family)?;
        Ok(net.fib.dump(net.settings()))
    }

    fn has_route_table(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
        number: u32,
    ) -> Result<bool, StackError> {
        self.begin_call()?;
        Ok(self.named_of(namespace, family)?.fib.has_table(number))
    }

    fn lookup_route(
        &mut self,
        namespace: &NamespaceName,
        query: &RouteQuery,
    ) -> Result<RouteLookup, StackError> {
        self.begin_call()?;
        let net = self.named(namespace)?;
        let (mut answer, route) = crate::config::route::lookup(&net.routing(), query)?;
        if let Some(learned) = net.exceptions.find(&route, self.now) {
            /// A clock tick as user space counts them (`USER_HZ`), in nanoseconds.
            const TICK: u128 = 10_000_000;
            /// The answer owes its next hop to a redirect (`RTCF_REDIRECTED`).
            const REDIRECTED: u32 = 0x0004_0000;
            answer.mtu_locked = learned.mtu_locked;
            answer.route.mtu = learned.mtu.or(answer.route.mtu);
            answer.expires = u32::try_from(learned.expires.since(self.now).as_nanos() / TICK).ok();
            if let Some(gateway) = learned.gateway {
                answer.route.gateway = Some(gateway.into());
                answer.cache_flags |= REDIRECTED;
            }
        }
        Ok(answer)
    }

    fn neighbours(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<NeighbourView>, StackError> {
        self.begin_call()?;
        let namespace = self.find(namespace)?;
        ipv4_only::family(family)?;
        let views =
            self.runtime(namespace).neighbours.iter().map(|(link, destination, entry)| NeighbourView {
                link,
                destination: destination.into(),
                address: entry.state.intersects(crate::neighbour::VALID).then_some(entry.address),
                state: entry.state,
            });
        Ok(views.collect())
    }

    fn fdb(&mut self, namespace: &NamespaceName) -> Result<Vec<FdbEntry>, StackError> {
        self.begin_call()?;
        let namespace = self.find(namespace)?;
        Ok(self.fdb_views(namespace))
    }

    fn bridge_ports(&mut self, namespace: &NamespaceName) -> Result<Vec<BridgePort>, StackError> {
        self.begin_call()?;
        let namespace = self.find(namespace)?;
        Ok(self.bridge_port_views(namespace))
    }

    fn neighbour_parameters(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<NeighbourParameters>, StackError> {
        self.begin_call()?;
        let links = self.named_of(namespace, family)?.links.values();
        let all = links.filter_map(|link| {
            let reachable_time = link.inet.as_ref()?.reachable_time;
            Some(NeighbourParameters { link: link.index, reachable_time })
        });
        Ok(all.collect())
    }

    fn ruleset(&mut self, namespace: &NamespaceName) -> Result<Ruleset, StackError> {
        self.begin_call()?;
        let id = self.find(namespace)?;
        Ok(self.net(id).tables.view(&self.runtime(id).cells))
    }

    fn sockets(&mut self, namespace: &NamespaceName, family: Family) -> Result<Vec<SocketView>, StackError> {
        self.begin_call()?;
        let namespace = self.find(namespace)?;
        ipv4_only::family(family)?;
        Ok(self.socket_views(namespace))
    }

    fn connections(
        &mut self,
        namespace: &NamespaceName,
        family: Family,
    ) -> Result<Vec<ConnectionView>, StackError> {
        self.begin_call()?;
        self.named_of(namespace, family)?;
        let id = self.find(namespace)?;
        Ok(self.connection_views(id))
    }

    fn sysctl(&mut self, namespace: &NamespaceName, name: &str) -> Result<String, StackError> {
        self.begin_call()?;
        match sysctl::find_read_only(name) {
            Some(ReadOnly::Count) => Ok(self.connection_count(self.find(namespace)?).to_string()),
            Some(ReadOnly::Max) => Ok(self.named(namespace).map(|_| conntrack::MOST.to_string())?),
            None => {
                let net = self.named(namespace)?;
                Ok(net.settings().get(find_setting(net, name)?).to_string())
            }
        }
    }

    fn sysctl_names(&mut self, namespace: &NamespaceName, prefix: &str) -> Result<Vec<String>, StackError> {
        self.begin_call()?;
        let net = self.named(namespace)?;
        let mut names = sysctl::names(net.ipv4_links().map(|link| link.name.as_str()));
        names.retain(|name| name.starts_with(prefix));
        Ok(names)
    }

    fn open(&mut self, namespace: &NamespaceName, kind: &SocketKind) -> Result<SocketId, StackError> {
        self.begin_call()?;
        let namespace = self.find(namespace)?;
        self.socket_open(namespace, kind)
    }

    fn set_option(&mut self, socket: SocketId, option: &SocketOption) -> Result<(), StackError> {
        self.begin_call()?;
        self.socket_option(socket, option)
    }

    fn bind(&mut self, socket: SocketId, address: SocketAddr) -> Result<(), StackError> {
        self.begin_call()?;
        let result = self.socket_bind(socket, address);
        self.tell_refusal(socket, Syscall::Bind, address.ip(), result)
    }

    fn connect(&mut self, socket: SocketId, peer: SocketAddr) -> Result<(), StackError> {
        self.begin_call()?;
        let result = self.socket_connect(socket, peer);
        if let Err(StackError::Refused { errno: Errno::EINPROGRESS, .. }) = result {
            return result;
        }
        self.tell_refusal(socket, Syscall::Connect, peer.ip(), result)
    }

    fn listen(&mut self, socket: SocketId, backlog: u32) -> Result<(), StackError> {
        self.begin_call()?;
        self.tcp_listen(socket, backlog)
    }

    fn accept(&mut self, socket: SocketId) -> Result<Option<Accepted>, StackError> {
        self.begin_call()?;
        self.tcp_accept(socket)
    }

    fn read(&mut self, socket: SocketId, most: usize) -> Result<Option<Vec<u8>>, StackError> {
        self.begin_call()?;
        self.tcp_read(socket, most)
    }

    fn write(&mut self, socket: SocketId, bytes: &[u8]) -> Result<usize, StackError> {
        self.begin_call()?;
        self.tcp_write(socket, bytes)
    }

    fn shutdown(&mut self, socket: SocketId, how: Shutdown) -> Result<(), StackError> {
        self.begin_call()?;
        self.tcp_shutdown(socket, how)
    }

    fn take_error(&mut self, socket: SocketId) -> Result<Option<Errno>, StackError> {
        self.begin_call()?;
        self.socket_take_error(socket)
    }

    fn readiness(&mut self, socket: SocketId) -> Result<Readiness, StackError> {
        self.begin_call()?;
        self.socket_readiness(socket)
    }

    fn local_address(&mut self, socket: SocketId) -> Result<SocketAddr, StackError> {
        self.begin_call()?;
        Ok(self.socket_local_address(socket)?.into())
    }

    fn send(&mut self, socket: SocketId, to: SocketAddr, payload: &[u8]) -> Result<(), StackError> {
        self.begin_call()?;
        let length = payload.len();
        self.tell_of_socket(socket, || EventKind::SysEnterSendto { socket, destination: to.ip(), length });
        let result = self.socket_send(socket, to, payload);
        self.tell_refusal(socket, Syscall::Sendto, to.ip(), result)
    }

    fn receive(&mut self, socket: SocketId) -> Result<Option<Received>, StackError> {
        self.begin_call()?;
        self.socket_receive(socket)
    }

    fn close(&mut self, socket: SocketId) {
        self.socket_close(socket);
    }

    fn now(&self) -> Instant {
        self.now
    }

    fn run_until(&mut self, deadline: Instant, wake: &[SocketId]) -> Result<(), StackError> {
        self.begin_call()?;
        self.advance(deadline, wake);
        Ok(self.allowance.budget.check()?)
    }

    fn observe(&mut self, on: bool) {
        self.trace.on = on;
    }

    fn take_events(&mut self) -> Vec<Event> {
        self.allowance.release();
        self.trace.take()
    }

    fn snapshot(&self) -> Option<Arc<dyn Snapshot>> {
        Some(Arc::new(self.clone()))
    }
}

impl World {
    /// Changes a setting of a namespace. Whatever is written to `route.flush`, all that was learned about single
    /// destinations is forgotten (`ipv4_sysctl_rtcache_flush`).
    pub(crate) fn set_sysctl(
        &mut self,
        namespace: crate::id::NamespaceId,
        name: &str,
        value: &str,
    ) -> Result<(), StackError> {
        if name == "net.ipv4.route.flush" {
            self.net_mut(namespace).exceptions = Exceptions::default();
            return Ok(());
        }
        if sysctl::find_read_only(name).is_some() {
            return Err(Errno::EACCES.into());
        }
        let setting = find_setting(self.net(namespace), name)?;
        self.net_mut(namespace).set_sysctl(setting, value).map_err(StackError::from)
    }
}

impl Snapshot for World {
    fn weight(&self) -> u64 {
        self.weight_beside(None)
    }

    fn stack(&self) -> Box<dyn NetworkStack> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_that_is_not_open_is_a_bad_descriptor() {
        let mut world = World::new(1);
        assert_eq!(NetworkStack::receive(&mut world, SocketId(9)), Err(Errno::EBADF.into()));
    }
}
