//! From a [`Change`] to a new state, with the checks, error numbers and texts of the kernel.

pub(crate) mod address;
pub(crate) mod groups;
pub(crate) mod link;
mod master;
pub(crate) mod route;

use crate::fib::RouteSettings;
use crate::id::{LinkId, NamespaceId};
use crate::link::Link;
use crate::world::World;
use address::AddressEvent;
use vethlab_shared::change::Change;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::ipv4_only;
use vethlab_shared::prefix::Ipv4Prefix;

impl World {
    /// Applies one change within one namespace.
    ///
    /// # Errors
    /// As the kernel answers.
    pub(crate) fn configure(&mut self, namespace: NamespaceId, change: &Change) -> Result<(), StackError> {
        let result = self.alter(namespace, change);
        self.run_link_watch();
        self.end_nameless();
        self.forget_without_routes();
        result
    }

    fn alter(&mut self, namespace: NamespaceId, change: &Change) -> Result<(), StackError> {
        let at = |index| LinkId { namespace, index };
        match change {
            Change::AddNamespace(name) => self.add_namespace(name)?,
            Change::DeleteNamespace(name) => self.delete_namespace(name)?,
            Change::AddLink(link) => self.add_link(namespace, link)?,
            Change::SetLink { link, settings } => self.set_link(at(*link), settings)?,
            Change::SetBridge { link, bridge, settings } => {
                self.set_bridge(at(*link), bridge)?;
                self.set_link(at(*link), settings)?;
            }
            Change::DeleteLink(link) => self.delete_link(at(*link))?,
            Change::AddAddress { how, address } => {
                let request = address::Request::of(address)?;
                let net = self.net_mut(namespace);
                let result = address::add(&mut net.links, &mut net.fib, &net.sysctls, *how, &request);
                // Whatever is wrong with the address itself, the link's settings are its own from now on.
                if result.as_ref().map_or_else(StackError::errno, |_| None) != Some(Errno::ENODEV) {
                    net.pin_settings(address.link);
                }
                let events = result?;
                self.address_events(at(address.link), &events);
            }
            Change::DeleteAddress(address) => {
                let request = address::Request::of(address)?;
                let net = self.net_mut(namespace);
                let events = address::delete(&mut net.links, &mut net.fib, &net.sysctls, &request)?;
                self.address_events(at(address.link), &events);
            }
            Change::AddRoute { how, route } => {
                let net = self.net_mut(namespace);
                net.fib.insert(RouteSettings { links: &net.links, sysctls: &net.sysctls }, *how, route)?;
            }
            Change::DeleteRoute(route) => self.net_mut(namespace).fib.delete(route)?,
            Change::AddNeighbour { how, neighbour } => self.neigh_add(at(neighbour.link), *how, neighbour)?,
            Change::DeleteNeighbour { link, destination } => {
                self.neigh_delete(at(*link), ipv4_only::address(*destination)?)?;
            }
            Change::SetBridgePort { link, settings } => self.set_bridge_port(at(*link), settings)?,
            Change::AddFdb { how, entry } => self.fdb_add(namespace, *how, entry)?,
            Change::DeleteFdb(entry) => self.fdb_delete(namespace, entry)?,
            Change::FlushFdb(flush) => self.fdb_flush(namespace, flush)?,
            Change::SetSysctl { name, value } => self.set_sysctl(namespace, name, value)?,
            Change::DeleteConnection(wanted) => self.delete_connections(namespace, wanted.as_ref())?,
            Change::Ruleset(changes) => self.set_ruleset(namespace, changes)?,
        }
        Ok(())
    }

    /// What follows for the neighbours from addresses that came and went: a new broadcast address is nobody's
    /// (`fib_add_ifaddr` calls `arp_invalidate`), and with the last address all neighbours go
    /// (`fib_disable_ip` calls `arp_ifdown`).
    pub(crate) fn address_events(&mut self, at: LinkId, events: &[AddressEvent]) {
        let up = self.link(at).is_some_and(Link::is_up);
        for event in events {
            match event {
                AddressEvent::Added(address) if up => {
                    let subnet = Ipv4Prefix::new(address.peer, address.prefix_length);
                    let directed = (subnet.length < 31).then(|| subnet.broadcast());
                    for broadcast in [address.broadcast, directed].into_iter().flatten() {
                        self.neigh_invalidate(at, broadcast);
                    }
                }
                AddressEvent::Added(_) => {}
                AddressEvent::Deleted(address) => self.forget_masqueraded(at, Some(address.peer)),
                AddressEvent::Disabled => self.neigh_flush(at, false),
            }
        }
    }
}
