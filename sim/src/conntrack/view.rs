//! Connections as they are told to a program, and taken out at its wish.

use super::{Connection, ConnectionId, Protocol, Tuple};
use crate::id::NamespaceId;
use crate::world::World;
use std::net::IpAddr;
use std::sync::Arc;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::ipv4_only;
use vethlab_shared::netfilter::{ConnectionTuple, ConnectionView, TuplePart};
use vethlab_shared::time::Instant;
use vethlab_shared::wire::ipv4::protocol;

fn tuple_view(tuple: &Tuple) -> ConnectionTuple {
    let part = match tuple.protocol {
        protocol::ICMP => {
            let [kind, code] = tuple.to.to_be_bytes();
            TuplePart::Icmp { kind, code, id: tuple.from }
        }
        protocol::TCP | protocol::UDP => TuplePart::Ports(tuple.from, tuple.to),
        _ => TuplePart::None,
    };
    ConnectionTuple {
        source: IpAddr::V4(tuple.source),
        destination: IpAddr::V4(tuple.destination),
        protocol: tuple.protocol,
        part,
    }
}

pub(super) fn view(id: ConnectionId, connection: &Connection, now: Instant) -> ConnectionView {
    let tcp_state = match &connection.protocol {
        Protocol::Tcp(track) => Some(track.state),
        Protocol::Udp { .. } | Protocol::Other => None,
    };
    ConnectionView {
        original: tuple_view(&connection.original),
        reply: tuple_view(&connection.reply),
        status: connection.status,
        timeout: u32::try_from(connection.expires.since(now).as_secs()).unwrap_or(u32::MAX),
        mark: connection.mark,
        tcp_state,
        uses: 1,
        id: id.shown(),
        counters: connection.counters.as_deref().copied(),
    }
}

fn tuple(wanted: &ConnectionTuple) -> Result<Tuple, StackError> {
    let (from, to) = match wanted.part {
        TuplePart::Ports(from, to) => (from, to),
        TuplePart::Icmp { kind, code, id } => (id, u16::from_be_bytes([kind, code])),
        TuplePart::None => (0, 0),
    };
    Ok(Tuple {
        source: ipv4_only::address(wanted.source)?,
        destination: ipv4_only::address(wanted.destination)?,
        protocol: wanted.protocol,
        from,
        to,
    })
}

impl World {
    /// The connections of a namespace, in the order in which they came.
    pub(crate) fn connection_views(&self, namespace: NamespaceId) -> Vec<ConnectionView> {
        let all = self.runtime(namespace).connections.all(self.now);
        all.into_iter().map(|(id, connection)| view(id, connection, self.now)).collect()
    }

    /// How many connections a namespace knows, those aside whose time is over (`nf_conntrack_count`; the kernel counts them
    /// until it has taken them out).
    pub(crate) fn connection_count(&self, namespace: NamespaceId) -> usize {
        self.runtime(namespace).connections.all(self.now).len()
    }

    /// Takes out one connection, or all (`ctnetlink_del_conntrack`).
    pub(crate) fn delete_connections(
        &mut self,
        namespace: NamespaceId,
        wanted: Option<&ConnectionTuple>,
    ) -> Result<(), StackError> {
        /// The port of the netlink socket that a process opens first is the number of the process.
        const PORT: u32 = 1;
        let now = self.now;
        let connections = Arc::make_mut(&mut self.runtime_mut(namespace).connections);
        match wanted {
            None => connections.remove_all(|_| true),
            Some(wanted) => {
                let (id, _) = connections.find(&tuple(wanted)?, now).ok_or(Errno::ENOENT)?;
                connections.remove(id);
            }
        }
        self.tell_of_connections(namespace, PORT);
        Ok(())
    }
}
