//! ICMP errors about segments (`tcp_v4_err`).

use super::super::raw::{Quoted, errno_of};
use super::Role;
use crate::receive::Incoming;
use crate::tcp::Ends;
use crate::world::World;
use std::net::SocketAddrV4;
use vethlab_shared::error::Errno;
use vethlab_shared::event::EventKind;
use vethlab_shared::socket::SocketId;
use vethlab_shared::wire::{Icmp, tcp};

impl World {
    /// Tells the connection that sent such a segment of an ICMP error. Says whether there is one, and the segment is under
    /// way: only then is what the error teaches learned.
    pub(crate) fn tcp_error(&mut self, incoming: &Incoming) -> bool {
        let at = incoming.at.namespace;
        let Some((ends, sequence)) = quoted(incoming) else { return false };
        let message = Quoted::of(incoming.packet.network());
        let Some(id) = self.runtime(at).sockets.connected(&ends) else {
            return self.tcp_request_error(incoming, ends);
        };
        let Ok(socket) = self.sockets.get(id) else { return false };
        let Some(control) = socket.tcp.control_mut() else { return false };
        if !control.is_under_way(sequence) {
            return false;
        }
        match errno_of(message.kind, message.code) {
            Some((Errno::EMSGSIZE, _)) | None => {}
            Some((errno, _)) => {
                control.icmp_error(errno);
                let told = || EventKind::SockQueueErrSkb { socket: id, errno };
                self.tell(at, Some(incoming.packet.id), told);
                self.tcp_settle(id, Some(incoming.packet.id));
            }
        }
        true
    }

    /// A connection that was asked for cannot be answered (`tcp_req_err`).
    fn tcp_request_error(&mut self, incoming: &Incoming, ends: Ends) -> bool {
        let at = incoming.at.namespace;
        let listeners = self.tcp_listeners(at, ends.local, incoming.at.index);
        for (_, id, _) in listeners {
            if let Some(listener) = self.sockets.listener_mut(id)
                && let Some(place) = listener.requests.iter().position(|request| request.ends == ends)
            {
                listener.requests.remove(place);
                return true;
            }
        }
        false
    }

    /// A router has told how long packets to the other end may be: the connection keeps to it (`tcp_v4_mtu_reduced`).
    pub(crate) fn tcp_mtu_reduced(&mut self, incoming: &Incoming) {
        let (at, now) = (incoming.at.namespace, self.now);
        let Some((ends, _)) = quoted(incoming) else { return };
        let Some(id) = self.runtime(at).sockets.connected(&ends) else { return };
        let Ok(options) = self.sockets.options(id) else { return };
        let query = super::send::query(&options, ends);
        let Ok(route) = self.net(at).route_output(&query, now, None) else { return };
        self.tcp_mtu_is(id, route.mtu, incoming);
    }

    fn tcp_mtu_is(&mut self, id: SocketId, mtu: u32, by: &Incoming) {
        let now = self.now;
        if let Ok(socket) = self.sockets.get(id)
            && let Role::Connection(connection) = &mut socket.tcp
        {
            connection.control.mtu_is(mtu, now);
            self.tcp_settle(id, Some(by.packet.id));
        }
    }
}

/// The ends of the segment that an ICMP error quotes, as its sender sees them, and its number.
fn quoted(incoming: &Incoming) -> Option<(Ends, u32)> {
    let quoted = Quoted::of(incoming.packet.network());
    let payload = quoted.payload;
    let number = |field: std::ops::Range<usize>| payload.get(field);
    let port = |field| Some(u16::from_be_bytes(number(field)?.try_into().ok()?));
    let sequence = u32::from_be_bytes(number(tcp::field::SEQUENCE)?.try_into().ok()?);
    let ends = Ends {
        local: SocketAddrV4::new(quoted.source, port(tcp::field::SOURCE)?),
        peer: SocketAddrV4::new(quoted.destination, port(tcp::field::DESTINATION)?),
    };
    let _ = Icmp::new(incoming.packet.transport())?;
    Some((ends, sequence))
}
