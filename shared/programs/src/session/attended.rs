//! A stack beside whose questions a session's background goes on.

use super::Session;
use crate::{Transcript, schedule};
use vethlab_shared::error::StackError;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::{SocketId, SocketKind};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Instant;

/// A stack for whoever asks it something while nobody types, such as a check: whenever time passes, what runs in the
/// background of the session goes on. What it prints meanwhile it keeps.
pub struct Attended<'a> {
    pub(super) stack: &'a mut dyn NetworkStack,
    pub(super) session: &'a mut Session,
}

impl NetworkStack for Attended<'_> {
    vethlab_shared::pass_on!(stack: capabilities, set_budget, budget, exhausted, apply, namespaces, namespace_id, has_namespace, links, link_by_name, addresses, routes, has_route_table, lookup_route, neighbours, fdb, bridge_ports, neighbour_parameters, ruleset, sockets, connections, sysctl, sysctl_names,  set_option, bind, connect, listen, accept, read, write, shutdown, take_error, readiness, local_address, send, receive, close, now, observe, take_events, snapshot);

    /// Whoever asks begins with a socket: before that the background ends what it has to do with the one who asked before.
    fn open(&mut self, namespace: &NamespaceName, kind: &SocketKind) -> Result<SocketId, StackError> {
        if self.session.has_running_jobs() {
            schedule::settle(&mut self.session.between_lines(&mut *self.stack, &mut Transcript::default()))?;
        }
        self.stack.open(namespace, kind)
    }

    fn run_until(&mut self, deadline: Instant, wake: &[SocketId]) -> Result<(), StackError> {
        if !self.session.has_running_jobs() {
            return self.stack.run_until(deadline, wake);
        }
        let console = &mut Transcript::default();
        schedule::idle(deadline, wake, &mut self.session.between_lines(&mut *self.stack, console))
    }
}
