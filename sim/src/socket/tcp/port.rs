//! Which port a TCP socket may have (`inet_csk_get_port`, `__inet_hash_connect`).

use super::super::{LOCAL_PORTS, Options};
use super::Role;
use crate::id::NamespaceId;
use crate::tcp::Ends;
use crate::world::World;
use std::net::{Ipv4Addr, SocketAddrV4};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::name::IfIndex;
use vethlab_shared::socket::SocketId;

/// Something that has a port.
struct Holder {
    bound: Option<Ipv4Addr>,
    device: Option<IfIndex>,
    reuse_address: bool,
    reuse_port: bool,
    listens: bool,
}

fn overlap<T: PartialEq + Copy>(one: Option<T>, other: Option<T>) -> bool {
    one.is_none() || other.is_none() || one == other
}

impl World {
    /// Gives a socket the wanted port, or with 0 any that is free, odd ones first (`inet_csk_find_open_port`).
    pub(in crate::socket) fn tcp_get_port(&mut self, id: SocketId, wanted: u16) -> Result<(), StackError> {
        let port = if wanted == 0 {
            let odd_first = self.tcp_ports(1);
            let mut free = None;
            for port in odd_first {
                if !self.tcp_port_taken(id, port)? {
                    free = Some(port);
                    break;
                }
            }
            free
        } else {
            Some(wanted).filter(|_| !matches!(self.tcp_port_taken(id, wanted), Ok(true)))
        };
        let port = port.ok_or(Errno::EADDRINUSE)?;
        self.socket_set_port(id, port)?;
        Ok(())
    }

    /// The ports that the kernel chooses from, from a random place on: first those with this remainder by two, then the
    /// others.
    fn tcp_ports(&mut self, remainder: u16) -> impl Iterator<Item = u16> + use<> {
        let half = (LOCAL_PORTS.end() - LOCAL_PORTS.start()).div_ceil(2);
        let first = self.random_port(half);
        [remainder, 1 - remainder].into_iter().flat_map(move |parity| {
            (0..half).map(move |step| LOCAL_PORTS.start() + (first + step) % half * 2 + parity)
        })
    }

    /// What has a port in a namespace, but for one socket.
    fn tcp_holders(&self, at: NamespaceId, but: SocketId, port: u16) -> Vec<Holder> {
        let runtime = self.runtime(at);
        let sockets = runtime.sockets.tcp_on(port).filter(|id| *id != but).filter_map(|id| {
            let socket = self.sockets.find(id)?;
            let Options { bound, device, reuse_address, reuse_port, .. } = socket.options;
            let listens = matches!(socket.tcp, Role::Listens(_));
            Some(Holder { bound, device, reuse_address, reuse_port, listens })
        });
        let over = runtime.time_waits.values().filter(|over| over.ends.local.port() == port);
        let over = over.map(|over| Holder {
            bound: Some(*over.ends.local.ip()),
            device: None,
            reuse_address: over.reuse_address,
            reuse_port: over.reuse_port,
            listens: false,
        });
        sockets.chain(over).collect()
    }

    /// Whether another one has the port in a way that this socket cannot have it too (`inet_csk_bind_conflict`).
    pub(super) fn tcp_port_taken(&self, id: SocketId, port: u16) -> Result<bool, StackError> {
        let own = self.sockets.options(id)?;
        let holders = self.tcp_holders(own.namespace, id, port);
        Ok(holders.iter().any(|other| {
            let both_reuse = own.reuse_address && other.reuse_address && !other.listens;
            let both_share = own.reuse_port && other.reuse_port;
            overlap(own.device, other.device) && overlap(own.bound, other.bound) && !both_reuse && !both_share
        }))
    }

    /// The own port of a connection to a peer (`inet_hash_connect`): the bound one, or one that no connection to this peer
    /// has, even ones first.
    ///
    /// # Errors
    /// `EADDRNOTAVAIL` where there is none.
    pub(super) fn tcp_port_to(
        &mut self,
        id: SocketId,
        source: Ipv4Addr,
        peer: SocketAddrV4,
    ) -> Result<u16, StackError> {
        let Options { namespace, port, .. } = self.sockets.options(id)?;
        let is_free = |world: &World, port: u16| {
            let ends = Ends { local: SocketAddrV4::new(source, port), peer };
            let runtime = world.runtime(namespace);
            runtime.sockets.connected(&ends).is_none() && !runtime.time_waits.contains_key(&ends)
        };
        if port != 0 {
            return if is_free(self, port) { Ok(port) } else { Err(Errno::EADDRNOTAVAIL.into()) };
        }
        let even_first = self.tcp_ports(0);
        for port in even_first {
            // A port that a program has bound is left to it (`tb->fastreuse`).
            let bound = self.tcp_holders(namespace, id, port).iter().any(|other| other.listens);
            if !bound && is_free(self, port) {
                return Ok(port);
            }
        }
        Err(Errno::EADDRNOTAVAIL.into())
    }
}
