//! What a socket is told before it speaks: options, its own address, its peer (`net/ipv4/af_inet.c`).

use super::{Kind, Options, inet_address, raw};
use crate::ipv4::route::OutputQuery;
use crate::world::World;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::socket::{SocketId, SocketOption};
use vethlab_shared::view::RouteKind;

impl World {
    pub(crate) fn socket_option(&mut self, id: SocketId, option: &SocketOption) -> Result<(), StackError> {
        let namespace = self.sockets.options(id)?.namespace;
        let device = match option {
            SocketOption::Device(name) => {
                Some(self.net(namespace).links.named(name).ok_or(Errno::ENODEV)?.index)
            }
            _ => None,
        };
        if let SocketOption::KeepAlive(on) = *option {
            self.tcp_keepalive(id, on)?;
        }
        let options = &mut self.sockets.get(id)?.options;
        match *option {
            SocketOption::Device(_) => options.device = device,
            SocketOption::TimeToLive(0) => return Err(Errno::EINVAL.into()),
            SocketOption::TimeToLive(ttl) => options.ttl = Some(ttl),
            SocketOption::Broadcast(on) => options.broadcast = on,
            SocketOption::ReceiveErrors(on) => options.receive_errors = on,
            SocketOption::MtuDiscovery(how) => options.mtu_discovery = how,
            SocketOption::TypeOfService(tos) => options.tos = tos,
            SocketOption::ReuseAddress(on) => options.reuse_address = on,
            SocketOption::ReusePort(on) => options.reuse_port = on,
            SocketOption::KeepAlive(on) => options.keepalive = on,
        }
        Ok(())
    }

    /// `inet_bind`, `raw_bind`: own, broadcast and multicast addresses can be bound.
    pub(crate) fn socket_bind(&mut self, id: SocketId, address: SocketAddr) -> Result<(), StackError> {
        let Options { namespace, kind: protocol, port: own_port, .. } = self.sockets.options(id)?;
        let address = match protocol {
            Kind::Udp | Kind::Tcp => inet_address(address)?,
            Kind::Icmp | Kind::Packet(_) => raw::bound_address(address),
            // `netlink_bind`.
            Kind::Conntrack(_) => return Err(Errno::EINVAL.into()),
        };
        let (address, port) = (*address.ip(), address.port());
        let kind = self.net(namespace).address_type(address);
        if !address.is_unspecified()
            && !matches!(kind, RouteKind::Local | RouteKind::Broadcast | RouteKind::Multicast)
        {
            return Err(Errno::EADDRNOTAVAIL.into());
        }
        let bound = (!address.is_unspecified()).then_some(address);
        if matches!(protocol, Kind::Udp | Kind::Tcp) && own_port != 0 {
            return Err(Errno::EINVAL.into());
        }
        let options = &mut self.sockets.get(id)?.options;
        let before = *options;
        options.source = (kind == RouteKind::Local).then_some(address);
        options.bound = bound;
        let got = match protocol {
            Kind::Udp => self.udp_get_port(id, bound, port),
            Kind::Tcp => self.tcp_get_port(id, port),
            Kind::Icmp | Kind::Packet(_) | Kind::Conntrack(_) => Ok(()),
        };
        if got.is_err() {
            self.sockets.get(id)?.options = before;
        }
        got
    }

    /// `inet_dgram_connect`, `__ip4_datagram_connect`.
    pub(crate) fn socket_connect(&mut self, id: SocketId, peer: SocketAddr) -> Result<(), StackError> {
        match self.sockets.options(id)?.kind {
            Kind::Tcp => return self.tcp_connect(id, peer),
            // `netlink_connect`.
            Kind::Conntrack(_) => return Err(Errno::EINVAL.into()),
            _ => {}
        }
        self.udp_autobind(id)?;
        let peer = inet_address(peer)?;
        let options = self.sockets.options(id)?;
        let Options { namespace, broadcast, .. } = options;
        let to = *peer.ip();
        let query = options.query(to);
        let mut route = self.route_output_told(namespace, &query, None)?;
        if query.source.is_none() || to.is_unspecified() {
            // With both addresses known now, the kernel asks again (`ip_route_connect`).
            let query = OutputQuery { destination: route.destination, source: route.source, ..query };
            route = self.route_output_told(namespace, &query, None)?;
        }
        if route.kind == RouteKind::Broadcast && !broadcast {
            return Err(Errno::EACCES.into());
        }
        let options = &mut self.sockets.get(id)?.options;
        options.source = options.source.or(route.source);
        options.bound = options.bound.or(route.source);
        options.peer = Some(SocketAddrV4::new(route.destination, peer.port()));
        Ok(())
    }

    pub(crate) fn socket_local_address(&mut self, id: SocketId) -> Result<SocketAddrV4, StackError> {
        let options = self.sockets.options(id)?;
        let address = options.bound.or(options.source).unwrap_or(Ipv4Addr::UNSPECIFIED);
        Ok(SocketAddrV4::new(address, options.port))
    }
}
