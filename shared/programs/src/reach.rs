//! Whether somebody takes in connections at a port, as a check asks it: a connection is made and closed at once.

pub mod page;

use super::client::{self, From, NotBegun, Progress};
use std::net::SocketAddr;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::{SocketId, SocketKind};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Duration;

/// What became of an attempt to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// Somebody took it.
    Connected,
    /// It was refused: by whoever is there, on the way, or for want of a way.
    Refused(Errno),
    /// No answer came in time.
    NoAnswer,
}

/// Connects from within a namespace by TCP, and waits so long for the answer.
///
/// # Errors
/// There is no such namespace, or the stack opens no sockets there.
pub fn connect(
    stack: &mut dyn NetworkStack,
    namespace: &NamespaceName,
    to: SocketAddr,
    patience: Duration,
) -> Result<Reached, StackError> {
    connect_and_look(stack, namespace, to, patience, |_| Ok(())).map(|(reached, ())| reached)
}

/// The same, with a look at the stack before the connection is closed.
///
/// # Errors
/// There is no such namespace, the stack opens no sockets there, or what the look gives.
pub fn connect_and_look<T>(
    stack: &mut dyn NetworkStack,
    namespace: &NamespaceName,
    to: SocketAddr,
    patience: Duration,
    look: impl FnOnce(&mut dyn NetworkStack) -> Result<T, StackError>,
) -> Result<(Reached, T), StackError> {
    let socket = stack.open(namespace, &SocketKind::Tcp(Family::of(to.ip())))?;
    let seen = attempt(stack, socket, to, patience).and_then(|reached| Ok((reached, look(stack)?)));
    stack.close(socket);
    seen
}

fn attempt(
    stack: &mut dyn NetworkStack,
    socket: SocketId,
    to: SocketAddr,
    patience: Duration,
) -> Result<Reached, StackError> {
    match client::connect(socket, &From::default(), to, stack) {
        Ok(()) => {}
        Err(NotBegun::From(errno) | NotBegun::To(errno)) => return Ok(Reached::Refused(errno)),
        Err(NotBegun::Stack(error)) => return Err(error),
    }
    let deadline = stack.now() + patience;
    loop {
        match client::progress(socket, stack)? {
            Progress::Connected => return Ok(Reached::Connected),
            Progress::Failed(errno) => return Ok(Reached::Refused(errno)),
            Progress::Waits => {}
        }
        if stack.now() >= deadline {
            return Ok(Reached::NoAnswer);
        }
        stack.run_until(deadline, &[socket])?;
    }
}
