//! What a change asks of the kernel by rtnetlink, and what follows it.

use super::RealStack;
use crate::carrier::Touched;
use crate::error::internal;
use crate::{address, bridge, link, neighbour, route};
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use netlink_packet_route::RouteNetlinkMessage;
use std::os::fd::{AsRawFd, RawFd};
use vethlab_shared::change::{Change, LinkSettings};
use vethlab_shared::error::StackError;
use vethlab_shared::name::NamespaceName;

impl RealStack {
    /// The descriptor of the namespace that settings name.
    fn target(&mut self, settings: &LinkSettings) -> Result<Option<RawFd>, StackError> {
        match &settings.namespace {
            Some(name) => Ok(Some(self.namespace(name)?.descriptor.as_raw_fd())),
            None => Ok(None),
        }
    }

    /// The message that a change is, and its `NLM_F_*` flags.
    fn request(&mut self, change: &Change) -> Result<(RouteNetlinkMessage, u16), StackError> {
        Ok(match change {
            Change::AddLink(new) => {
                (link::add(new, &mut |settings| self.target(settings))?, NLM_F_CREATE | NLM_F_EXCL)
            }
            Change::SetLink { link, settings } => {
                let namespace = self.target(settings)?;
                (link::set(*link, settings, namespace), 0)
            }
            Change::SetBridge { link, bridge, settings } => {
                let namespace = self.target(settings)?;
                (link::set_bridge(*link, bridge, settings, namespace), 0)
            }
            Change::DeleteLink(link) => (link::delete(*link), 0),
            Change::AddAddress { how, address } => (address::add(address)?, how.bits()),
            Change::DeleteAddress(address) => (address::delete(address)?, 0),
            Change::AddRoute { how, route } => (route::add(route)?, how.bits()),
            Change::DeleteRoute(route) => (route::delete(route)?, 0),
            Change::AddNeighbour { how, neighbour } => (neighbour::add(neighbour)?, how.bits()),
            Change::DeleteNeighbour { link, destination } => (neighbour::delete(*link, *destination)?, 0),
            Change::SetBridgePort { link, settings } => (bridge::set_port(*link, settings), 0),
            Change::AddFdb { how, entry } => (bridge::add_fdb(entry), how.bits()),
            Change::DeleteFdb(entry) => (bridge::delete_fdb(entry), 0),
            Change::FlushFdb(flush) => (bridge::flush_fdb(flush), bridge::BULK),
            Change::AddNamespace(_)
            | Change::DeleteNamespace(_)
            | Change::SetSysctl { .. }
            | Change::Ruleset(_)
            | Change::DeleteConnection(_) => {
                return Err(internal("this change is no netlink request"));
            }
        })
    }

    /// Asks the kernel for a change, and waits until the links that it touches have noticed.
    pub(super) fn alter(&mut self, namespace: &NamespaceName, change: &Change) -> Result<(), StackError> {
        let (request, flags) = self.request(change)?;
        let touched = Touched::by(change, namespace, &mut self.namespaces)?;
        let result = self.namespace(namespace)?.channel.alter(&request, flags);
        // A refused change to a link may be half done.
        touched.settle(&mut self.namespaces)?;
        result
    }
}

/// Whether a change may make links, end them, or give them other names or another namespace.
pub(super) fn changes_links(change: &Change) -> bool {
    matches!(
        change,
        Change::AddLink(_) | Change::SetLink { .. } | Change::DeleteLink(_) | Change::DeleteNamespace(_)
    )
}
