//! TCP connections, and what becomes of them.

use super::{ANSWERED, UNANSWERED, data, opened, put};
use crate::operation::{Ending, Tcp};
use std::net::SocketAddr;
use std::time::Duration;
use vethlab_shared::error::StackError;
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::{Shutdown, SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::NetworkStack;

/// How long data may take that is on its way: an end may wait so long until it acknowledges (`TCP_DELACK_MIN`).
const DELAYED: Duration = Duration::from_millis(60);

/// How many connections wait at the most.
const BACKLOG: u32 = 2;

/// Begins the connection, has both ends send and read where it comes about, ends it, and puts down what each call says.
pub(super) fn exchange(
    stack: &mut dyn NetworkStack,
    namespace: &NamespaceName,
    tcp: &Tcp,
    seen: &mut String,
) {
    let listeners: Vec<SocketId> = tcp
        .listeners
        .iter()
        .filter_map(|(place, address)| {
            let result = listen(stack, place, (*address, tcp.port).into());
            put(seen, "listener", &result.as_ref().map(|_| ()));
            result.ok()
        })
        .collect();
    let opened = stack.open(namespace, &SocketKind::Tcp(Family::Inet));
    put(seen, "socket", &opened.as_ref().map(|_| ()));
    if let Ok(near) = opened {
        let result = talk(stack, near, &listeners, tcp, seen);
        put(seen, "talked", &result);
        stack.close(near);
    }
    listeners.into_iter().for_each(|listener| stack.close(listener));
    let until = stack.now() + UNANSWERED;
    put(seen, "closed", &stack.run_until(until, &[]));
}

fn listen(
    stack: &mut dyn NetworkStack,
    namespace: &NamespaceName,
    address: SocketAddr,
) -> Result<SocketId, StackError> {
    opened(stack, namespace, &SocketKind::Tcp(Family::Inet), |stack, socket| {
        stack.set_option(socket, &SocketOption::ReuseAddress(true))?;
        stack.bind(socket, address)?;
        stack.listen(socket, BACKLOG)
    })
}

fn talk(
    stack: &mut dyn NetworkStack,
    near: SocketId,
    listeners: &[SocketId],
    tcp: &Tcp,
    seen: &mut String,
) -> Result<(), StackError> {
    if let Some(link) = &tcp.link {
        stack.set_option(near, &SocketOption::Device(link.clone()))?;
    }
    stack.set_option(near, &SocketOption::ReuseAddress(true))?;
    stack.bind(near, tcp.source.into())?;
    let begun = stack.connect(near, (tcp.destination, tcp.port).into());
    put(seen, "connect", &begun);
    settle(stack, UNANSWERED)?;
    put(seen, "own", &stack.local_address(near));
    put(seen, "connected", &stack.readiness(near));
    put(seen, "error", &stack.take_error(near));
    let mut far = None;
    for &listener in listeners {
        let accepted = stack.accept(listener);
        put(seen, "accepted", &accepted.as_ref().map(|found| found.map(|found| found.peer)));
        far = accepted.ok().flatten().map(|found| found.socket).or(far);
    }
    let [first, second] = tcp.sizes;
    send(stack, near, first, seen)?;
    if let Some(far) = far {
        if tcp.ending != Ending::Unread {
            read(stack, far, seen)?;
            send(stack, far, second, seen)?;
            read(stack, near, seen)?;
        }
        if tcp.ending == Ending::HalfClosed {
            put(seen, "shutdown", &stack.shutdown(near, Shutdown::Write));
            settle(stack, ANSWERED)?;
            read(stack, far, seen)?;
            send(stack, far, second, seen)?;
            read(stack, near, seen)?;
        }
        if tcp.ending == Ending::Near {
            stack.close(near);
            settle(stack, ANSWERED)?;
            read(stack, far, seen)?;
        }
        put(seen, "far", &stack.readiness(far));
        stack.close(far);
        settle(stack, ANSWERED)?;
    }
    if tcp.ending != Ending::Near || far.is_none() {
        read(stack, near, seen)?;
        put(seen, "near", &stack.readiness(near));
    }
    Ok(())
}

fn settle(stack: &mut dyn NetworkStack, time: Duration) -> Result<(), StackError> {
    let until = stack.now() + time;
    stack.run_until(until, &[])
}

fn send(
    stack: &mut dyn NetworkStack,
    socket: SocketId,
    size: u16,
    seen: &mut String,
) -> Result<(), StackError> {
    if size > 0 {
        put(seen, "write", &stack.write(socket, &data(size)));
        settle(stack, DELAYED)?;
    }
    Ok(())
}

/// Reads once: all that is there.
fn read(stack: &mut dyn NetworkStack, socket: SocketId, seen: &mut String) -> Result<(), StackError> {
    let read = stack.read(socket, usize::from(u16::MAX));
    put(seen, "read", &read.map(|data| data.map(|data| data.len())));
    settle(stack, ANSWERED)
}
