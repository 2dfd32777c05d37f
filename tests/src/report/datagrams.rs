//! Datagrams sent and received, and what becomes of them.

use super::frames::hexadecimal;
use super::{ANSWERED, UNANSWERED, data, opened, put};
use crate::operation::Udp;
use std::fmt::Write;
use std::net::{Ipv4Addr, SocketAddr};
use vethlab_shared::error::StackError;
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::{Received, SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::NetworkStack;

/// Sends the datagrams, one after another, and puts down what each call and each socket says.
pub(super) fn exchange(
    stack: &mut dyn NetworkStack,
    namespace: &NamespaceName,
    udp: &Udp,
    seen: &mut String,
) {
    let listeners: Vec<SocketId> = udp
        .listeners
        .iter()
        .filter_map(|(place, address)| {
            let result = listen(stack, place, (*address, udp.port).into());
            put(seen, "listener", &result.as_ref().map(|_| ()));
            result.ok()
        })
        .collect();
    let opened = stack.open(namespace, &SocketKind::Udp(Family::Inet));
    put(seen, "socket", &opened.as_ref().map(|_| ()));
    if let Ok(socket) = opened {
        let result = send_all(stack, socket, udp, seen);
        put(seen, "sent", &result);
        let sockets = [&[socket], &listeners[..]].concat();
        let heard = wait(stack, &sockets);
        put(seen, "waited", &heard);
        for socket in sockets {
            drain(stack, socket, seen);
        }
        stack.close(socket);
    }
    listeners.into_iter().for_each(|listener| stack.close(listener));
}

fn listen(
    stack: &mut dyn NetworkStack,
    namespace: &NamespaceName,
    address: SocketAddr,
) -> Result<SocketId, StackError> {
    opened(stack, namespace, &SocketKind::Udp(Family::Inet), |stack, socket| stack.bind(socket, address))
}

fn send_all(
    stack: &mut dyn NetworkStack,
    socket: SocketId,
    udp: &Udp,
    seen: &mut String,
) -> Result<(), StackError> {
    if let Some(link) = &udp.link {
        stack.set_option(socket, &SocketOption::Device(link.clone()))?;
    }
    stack.set_option(socket, &SocketOption::Broadcast(udp.broadcast))?;
    stack.set_option(socket, &SocketOption::ReceiveErrors(udp.receive_errors))?;
    stack.set_option(socket, &SocketOption::MtuDiscovery(udp.mtu_discovery))?;
    if let Some(hops) = udp.time_to_live {
        stack.set_option(socket, &SocketOption::TimeToLive(hops))?;
    }
    let (source, port) = udp.source.unwrap_or((Ipv4Addr::UNSPECIFIED, 0));
    stack.bind(socket, (source, port).into())?;
    let to = SocketAddr::from((udp.destination, udp.port));
    if udp.connected {
        stack.connect(socket, to)?;
    }
    put(seen, "own", &stack.local_address(socket));
    for &size in &udp.sizes {
        put(seen, "send", &stack.send(socket, to, &data(size)));
        // An error that comes back waits on the socket for the next call.
        let until = stack.now() + ANSWERED;
        stack.run_until(until, &[])?;
    }
    Ok(())
}

/// Waits until nothing more comes. What has come to the sockets is still to be read.
fn wait(stack: &mut dyn NetworkStack, sockets: &[SocketId]) -> Result<(), StackError> {
    let begin = stack.now();
    stack.run_until(begin + UNANSWERED, sockets)?;
    let until = stack.now() + ANSWERED;
    stack.run_until(until, &[])
}

/// Reads all that a socket has: a call that fails gives the error that waited.
fn drain(stack: &mut dyn NetworkStack, socket: SocketId, seen: &mut String) {
    const MOST: usize = 64;
    for _ in 0..MOST {
        match stack.receive(socket) {
            Ok(None) => return,
            Ok(Some(Received::Datagram(data))) => {
                let _ = writeln!(
                    seen,
                    "datagram from {} to {} ttl {} {}",
                    data.source,
                    data.destination,
                    data.time_to_live,
                    hexadecimal(&data.payload)
                );
            }
            Ok(Some(Received::Error(error))) => {
                let _ = writeln!(
                    seen,
                    "error {:?} {:?} ttl {} info {} to {} {}",
                    error.errno,
                    error.origin,
                    error.time_to_live,
                    error.info,
                    error.destination,
                    hexadecimal(&error.payload)
                );
            }
            other => put(seen, "received", &other),
        }
    }
    put(seen, "more", &"than was read");
}
