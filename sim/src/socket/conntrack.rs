//! Sockets of netlink that hear what connections go through (`nfnetlink_bind`, `nlmsg_multicast`).

use super::{Kind, Sockets};
use crate::id::NamespaceId;
use crate::world::World;
use vethlab_shared::error::Errno;
use vethlab_shared::netfilter::ConnectionEvent;
use vethlab_shared::socket::{Received, SocketId};

/// How many bytes of the receive buffer an event takes: a message of some 300 bytes with what the kernel keeps of it
/// (`SKB_TRUESIZE`).
pub(super) const WEIGHT: usize = 768;

impl Sockets {
    /// Whether anybody on the machine hears what connections go through.
    #[inline]
    pub(crate) fn hears_of_connections(&self) -> bool {
        self.listeners > 0
    }
}

impl World {
    /// Tells the sockets of a namespace what a connection went through. One that has no room is told that it missed something
    /// (`netlink_overrun`).
    pub(crate) fn socket_hear(&mut self, namespace: NamespaceId, event: &ConnectionEvent) {
        let Some(runtime) = self.namespaces.runtime(namespace) else { return };
        let listening: &[SocketId] = runtime.sockets.conntrack();
        for &id in listening {
            let Ok(socket) = self.sockets.get(id) else { continue };
            let wants =
                matches!(socket.options.kind, Kind::Conntrack(groups) if groups.contains(event.group));
            if wants && !socket.push(Received::Connection(Box::new(event.clone())), WEIGHT) {
                socket.pending = Some(Errno::ENOBUFS);
            }
        }
    }
}
