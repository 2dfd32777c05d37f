//! The sockets of a namespace, by what comes in for them.

use super::{Kind, Options};
use crate::tcp::Ends;
use std::collections::{BTreeMap, BTreeSet};
use vethlab_shared::socket::SocketId;

/// The sockets of one namespace, to be found by what comes in. Most namespaces have none.
#[derive(Clone, Debug, Default)]
pub(crate) struct SocketIndex {
    lists: Option<Box<Lists>>,
}

/// The sockets of each kind, each list with the oldest first.
#[derive(Clone, Debug, Default)]
struct Lists {
    icmp: Vec<SocketId>,
    packet: Vec<SocketId>,
    conntrack: Vec<SocketId>,
    /// By their ports; those that have none yet are under 0.
    udp: BTreeSet<(u16, SocketId)>,
    /// The same of TCP.
    tcp: BTreeSet<(u16, SocketId)>,
    /// Those of TCP that are one end of a connection.
    connections: BTreeMap<Ends, SocketId>,
}

/// Those of a list that have this port.
fn with_port(list: &BTreeSet<(u16, SocketId)>, port: u16) -> impl Iterator<Item = SocketId> {
    list.range((port, SocketId(0))..=(port, SocketId(u64::MAX))).map(|&(_, id)| id)
}

impl SocketIndex {
    /// Whether there is none: then nothing of the kind holds the namespace.
    pub(crate) fn is_empty(&self) -> bool {
        self.lists.is_none()
    }

    /// The sockets for whole ICMP messages.
    pub(super) fn icmp(&self) -> &[SocketId] {
        self.lists.as_ref().map_or(&[], |lists| &lists.icmp)
    }

    /// The sockets that see frames.
    pub(super) fn packet(&self) -> &[SocketId] {
        self.lists.as_ref().map_or(&[], |lists| &lists.packet)
    }

    /// The sockets that hear what connections go through.
    pub(crate) fn conntrack(&self) -> &[SocketId] {
        self.lists.as_ref().map_or(&[], |lists| &lists.conntrack)
    }

    /// The UDP sockets with this port.
    pub(super) fn udp_on(&self, port: u16) -> impl Iterator<Item = SocketId> {
        self.lists.iter().flat_map(move |lists| with_port(&lists.udp, port))
    }

    /// The TCP sockets with this port.
    pub(super) fn tcp_on(&self, port: u16) -> impl Iterator<Item = SocketId> {
        self.lists.iter().flat_map(move |lists| with_port(&lists.tcp, port))
    }

    /// The socket that is this end of a connection.
    pub(super) fn connected(&self, ends: &Ends) -> Option<SocketId> {
        self.lists.as_ref()?.connections.get(ends).copied()
    }

    /// A socket has become this end of a connection.
    pub(super) fn connect(&mut self, id: SocketId, ends: Ends) {
        self.lists.get_or_insert_default().connections.insert(ends, id);
    }

    /// A socket is not this end of a connection any more, if it was.
    pub(super) fn disconnect(&mut self, id: SocketId, ends: &Ends) {
        if let Some(lists) = &mut self.lists
            && lists.connections.get(ends) == Some(&id)
        {
            lists.connections.remove(ends);
        }
    }

    /// A socket was opened, or was given this port.
    pub(super) fn insert(&mut self, id: SocketId, options: &Options) {
        let lists = self.lists.get_or_insert_default();
        match options.kind {
            Kind::Icmp => lists.icmp.push(id),
            Kind::Packet(_) => lists.packet.push(id),
            Kind::Conntrack(_) => lists.conntrack.push(id),
            Kind::Udp => {
                lists.udp.insert((options.port, id));
            }
            Kind::Tcp => {
                lists.tcp.insert((options.port, id));
            }
        }
    }

    /// A socket was closed, or had this port.
    pub(super) fn remove(&mut self, id: SocketId, options: &Options) {
        let Some(lists) = &mut self.lists else { return };
        match options.kind {
            Kind::Icmp => lists.icmp.retain(|&known| known != id),
            Kind::Packet(_) => lists.packet.retain(|&known| known != id),
            Kind::Conntrack(_) => lists.conntrack.retain(|&known| known != id),
            Kind::Udp => {
                lists.udp.remove(&(options.port, id));
            }
            Kind::Tcp => {
                lists.tcp.remove(&(options.port, id));
            }
        }
        let Lists { icmp, packet, conntrack, udp, tcp, .. } = &**lists;
        let is_empty = [icmp, packet, conntrack].iter().all(|list| list.is_empty());
        if is_empty && udp.is_empty() && tcp.is_empty() {
            self.lists = None;
        }
    }
}
