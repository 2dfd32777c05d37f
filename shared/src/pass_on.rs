//! What a stack that wraps another one passes on to it.

/// Methods of [`NetworkStack`](crate::stack::NetworkStack) that do no more than to ask the stack in this field: a stack
/// that wraps another one names those that it does nothing about itself.
#[macro_export]
macro_rules! pass_on {
    ($stack:ident: $($method:ident),+ $(,)?) => { $($crate::pass_on!(@ $stack $method);)+ };
    (@ $stack:ident capabilities) => {
        fn capabilities(&self) -> $crate::stack::Capabilities {
            self.$stack.capabilities()
        }
    };
    (@ $stack:ident set_budget) => {
        fn set_budget(&mut self, budget: $crate::budget::Budget) {
            self.$stack.set_budget(budget);
        }
    };
    (@ $stack:ident budget) => {
        fn budget(&self) -> &$crate::budget::Budget {
            self.$stack.budget()
        }
    };
    (@ $stack:ident exhausted) => {
        fn exhausted(&self) -> Option<$crate::budget::Exhausted> {
            self.$stack.exhausted()
        }
    };
    (@ $stack:ident apply) => {
        fn apply(&mut self, namespace: &$crate::name::NamespaceName, change: &$crate::change::Change) -> Result<(), $crate::error::StackError> {
            self.$stack.apply(namespace, change)
        }
    };
    (@ $stack:ident namespaces) => {
        fn namespaces(&mut self) -> Result<Vec<$crate::name::NamespaceName>, $crate::error::StackError> {
            self.$stack.namespaces()
        }
    };
    (@ $stack:ident namespace_id) => {
        fn namespace_id(&mut self, namespace: &$crate::name::NamespaceName, of: &$crate::name::NamespaceName) -> Result<Option<i32>, $crate::error::StackError> {
            self.$stack.namespace_id(namespace, of)
        }
    };
    (@ $stack:ident has_namespace) => {
        fn has_namespace(&mut self, name: &$crate::name::NamespaceName) -> Result<bool, $crate::error::StackError> {
            self.$stack.has_namespace(name)
        }
    };
    (@ $stack:ident links) => {
        fn links(&mut self, namespace: &$crate::name::NamespaceName) -> Result<Vec<$crate::view::LinkView>, $crate::error::StackError> {
            self.$stack.links(namespace)
        }
    };
    (@ $stack:ident link_by_name) => {
        fn link_by_name(&mut self, namespace: &$crate::name::NamespaceName, name: &$crate::name::LinkName) -> Result<Option<$crate::view::LinkView>, $crate::error::StackError> {
            self.$stack.link_by_name(namespace, name)
        }
    };
    (@ $stack:ident addresses) => {
        fn addresses(&mut self, namespace: &$crate::name::NamespaceName, family: $crate::family::Family) -> Result<Vec<$crate::view::AddressView>, $crate::error::StackError> {
            self.$stack.addresses(namespace, family)
        }
    };
    (@ $stack:ident routes) => {
        fn routes(&mut self, namespace: &$crate::name::NamespaceName, family: $crate::family::Family) -> Result<Vec<$crate::view::RouteView>, $crate::error::StackError> {
            self.$stack.routes(namespace, family)
        }
    };
    (@ $stack:ident has_route_table) => {
        fn has_route_table(&mut self, namespace: &$crate::name::NamespaceName, family: $crate::family::Family, number: u32) -> Result<bool, $crate::error::StackError> {
            self.$stack.has_route_table(namespace, family, number)
        }
    };
    (@ $stack:ident lookup_route) => {
        fn lookup_route(&mut self, namespace: &$crate::name::NamespaceName, query: &$crate::view::RouteQuery) -> Result<$crate::view::RouteLookup, $crate::error::StackError> {
            self.$stack.lookup_route(namespace, query)
        }
    };
    (@ $stack:ident neighbours) => {
        fn neighbours(&mut self, namespace: &$crate::name::NamespaceName, family: $crate::family::Family) -> Result<Vec<$crate::view::NeighbourView>, $crate::error::StackError> {
            self.$stack.neighbours(namespace, family)
        }
    };
    (@ $stack:ident fdb) => {
        fn fdb(&mut self, namespace: &$crate::name::NamespaceName) -> Result<Vec<$crate::view::FdbEntry>, $crate::error::StackError> {
            self.$stack.fdb(namespace)
        }
    };
    (@ $stack:ident bridge_ports) => {
        fn bridge_ports(&mut self, namespace: &$crate::name::NamespaceName) -> Result<Vec<$crate::view::BridgePort>, $crate::error::StackError> {
            self.$stack.bridge_ports(namespace)
        }
    };
    (@ $stack:ident neighbour_parameters) => {
        fn neighbour_parameters(&mut self, namespace: &$crate::name::NamespaceName, family: $crate::family::Family) -> Result<Vec<$crate::view::NeighbourParameters>, $crate::error::StackError> {
            self.$stack.neighbour_parameters(namespace, family)
        }
    };
    (@ $stack:ident ruleset) => {
        fn ruleset(&mut self, namespace: &$crate::name::NamespaceName) -> Result<$crate::netfilter::Ruleset, $crate::error::StackError> {
            self.$stack.ruleset(namespace)
        }
    };
    (@ $stack:ident sockets) => {
        fn sockets(&mut self, namespace: &$crate::name::NamespaceName, family: $crate::family::Family) -> Result<Vec<$crate::view::SocketView>, $crate::error::StackError> {
            self.$stack.sockets(namespace, family)
        }
    };
    (@ $stack:ident connections) => {
        fn connections(&mut self, namespace: &$crate::name::NamespaceName, family: $crate::family::Family) -> Result<Vec<$crate::netfilter::ConnectionView>, $crate::error::StackError> {
            self.$stack.connections(namespace, family)
        }
    };
    (@ $stack:ident sysctl) => {
        fn sysctl(&mut self, namespace: &$crate::name::NamespaceName, name: &str) -> Result<String, $crate::error::StackError> {
            self.$stack.sysctl(namespace, name)
        }
    };
    (@ $stack:ident sysctl_names) => {
        fn sysctl_names(&mut self, namespace: &$crate::name::NamespaceName, prefix: &str) -> Result<Vec<String>, $crate::error::StackError> {
            self.$stack.sysctl_names(namespace, prefix)
        }
    };
    (@ $stack:ident open) => {
        fn open(&mut self, namespace: &$crate::name::NamespaceName, kind: &$crate::socket::SocketKind) -> Result<$crate::socket::SocketId, $crate::error::StackError> {
            self.$stack.open(namespace, kind)
        }
    };
    (@ $stack:ident set_option) => {
        fn set_option(&mut self, socket: $crate::socket::SocketId, option: &$crate::socket::SocketOption) -> Result<(), $crate::error::StackError> {
            self.$stack.set_option(socket, option)
        }
    };
    (@ $stack:ident bind) => {
        fn bind(&mut self, socket: $crate::socket::SocketId, address: ::std::net::SocketAddr) -> Result<(), $crate::error::StackError> {
            self.$stack.bind(socket, address)
        }
    };
    (@ $stack:ident connect) => {
        fn connect(&mut self, socket: $crate::socket::SocketId, peer: ::std::net::SocketAddr) -> Result<(), $crate::error::StackError> {
            self.$stack.connect(socket, peer)
        }
    };
    (@ $stack:ident listen) => {
        fn listen(&mut self, socket: $crate::socket::SocketId, backlog: u32) -> Result<(), $crate::error::StackError> {
            self.$stack.listen(socket, backlog)
        }
    };
    (@ $stack:ident accept) => {
        fn accept(&mut self, socket: $crate::socket::SocketId) -> Result<Option<$crate::socket::Accepted>, $crate::error::StackError> {
            self.$stack.accept(socket)
        }
    };
    (@ $stack:ident read) => {
        fn read(&mut self, socket: $crate::socket::SocketId, most: usize) -> Result<Option<Vec<u8>>, $crate::error::StackError> {
            self.$stack.read(socket, most)
        }
    };
    (@ $stack:ident write) => {
        fn write(&mut self, socket: $crate::socket::SocketId, bytes: &[u8]) -> Result<usize, $crate::error::StackError> {
            self.$stack.write(socket, bytes)
        }
    };
    (@ $stack:ident shutdown) => {
        fn shutdown(&mut self, socket: $crate::socket::SocketId, how: $crate::socket::Shutdown) -> Result<(), $crate::error::StackError> {
            self.$stack.shutdown(socket, how)
        }
    };
    (@ $stack:ident take_error) => {
        fn take_error(&mut self, socket: $crate::socket::SocketId) -> Result<Option<$crate::error::Errno>, $crate::error::StackError> {
            self.$stack.take_error(socket)
        }
    };
    (@ $stack:ident readiness) => {
        fn readiness(&mut self, socket: $crate::socket::SocketId) -> Result<$crate::socket::Readiness, $crate::error::StackError> {
            self.$stack.readiness(socket)
        }
    };
    (@ $stack:ident local_address) => {
        fn local_address(&mut self, socket: $crate::socket::SocketId) -> Result<::std::net::SocketAddr, $crate::error::StackError> {
            self.$stack.local_address(socket)
        }
    };
    (@ $stack:ident send) => {
        fn send(&mut self, socket: $crate::socket::SocketId, to: ::std::net::SocketAddr, payload: &[u8]) -> Result<(), $crate::error::StackError> {
            self.$stack.send(socket, to, payload)
        }
    };
    (@ $stack:ident receive) => {
        fn receive(&mut self, socket: $crate::socket::SocketId) -> Result<Option<$crate::socket::Received>, $crate::error::StackError> {
            self.$stack.receive(socket)
        }
    };
    (@ $stack:ident close) => {
        fn close(&mut self, socket: $crate::socket::SocketId) {
            self.$stack.close(socket);
        }
    };
    (@ $stack:ident now) => {
        fn now(&self) -> $crate::time::Instant {
            self.$stack.now()
        }
    };
    (@ $stack:ident run_until) => {
        fn run_until(&mut self, deadline: $crate::time::Instant, wake: &[$crate::socket::SocketId]) -> Result<(), $crate::error::StackError> {
            self.$stack.run_until(deadline, wake)
        }
    };
    (@ $stack:ident observe) => {
        fn observe(&mut self, on: bool) {
            self.$stack.observe(on);
        }
    };
    (@ $stack:ident take_events) => {
        fn take_events(&mut self) -> Vec<$crate::event::Event> {
            self.$stack.take_events()
        }
    };
    (@ $stack:ident snapshot) => {
        fn snapshot(&self) -> Option<::std::sync::Arc<dyn $crate::stack::Snapshot>> {
            self.$stack.snapshot()
        }
    };
}
