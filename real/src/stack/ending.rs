//! How namespaces end.

use super::RealStack;
use crate::link;
use crate::namespace::Namespace;
use crate::namespace_exit::{self, Trace, Watch};
use std::os::fd::AsRawFd;
use vethlab_shared::error::StackError;
use vethlab_shared::name::NamespaceName;

impl RealStack {
    /// Takes a namespace's name away. It ends then, unless a socket is open in it: that keeps it alive, as on
    /// any Linux.
    pub(super) fn delete_namespace(&mut self, name: &NamespaceName) -> Result<(), StackError> {
        let number = self.namespaces.take_name(name)?;
        match self.namespaces.numbered(number) {
            Some(namespace) if namespace.is_held() => Ok(()),
            _ => self.end(number),
        }
    }

    /// Lets a namespace go, and waits until the others have lost what tied them to it.
    pub(super) fn end(&mut self, number: u32) -> Result<(), StackError> {
        let Some(mut dying) = self.namespaces.remove(number) else { return Ok(()) };
        let watches = self.watch_for_the_end_of(&mut dying)?;
        self.observation.leave(&dying);
        drop(dying);
        namespace_exit::wait(watches)
    }

    /// Listens, in each other namespace that knows this one, for the loss of its number and of its veth peers.
    fn watch_for_the_end_of(&mut self, dying: &mut Namespace) -> Result<Vec<Watch>, StackError> {
        let links = dying.dump(&link::dump(), link::view)?;
        let mut watches = Vec::new();
        for number in dying.acquainted.clone() {
            let Some(other) = self.namespaces.numbered(number) else { continue };
            let mut traces = Vec::new();
            traces.extend(other.id_of(dying.descriptor.as_raw_fd())?.map(Trace::NamespaceId));
            if let Some(id) = dying.id_of(other.descriptor.as_raw_fd())? {
                let peers = links.iter().filter(|link| link.peer_namespace_id == Some(id));
                traces.extend(peers.filter_map(|link| link.peer).map(|index| Trace::Link(index.0)));
            }
            if !traces.is_empty() {
                watches.push(other.visit(|| Watch::open(traces))?);
            }
            other.acquainted.remove(&dying.number);
        }
        Ok(watches)
    }
}
