//! TCP sockets of the kernel, none of whose calls waits.

use crate::error::{io_refused, refused};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    self, AddressFamily, Backlog, MsgFlags, SockFlag, SockType, SockaddrStorage, getsockopt, recv, send,
    sockopt,
};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use vethlab_shared::error::{Errno as SharedErrno, StackError};
use vethlab_shared::socket::{Readiness, Shutdown};

/// The most connections that may wait to be accepted (`net.core.somaxconn`).
const MOST_WAITING: u32 = 4096;

/// A TCP socket.
pub(crate) struct TcpSocket {
    descriptor: OwnedFd,
    /// Somebody waits for room to write, or for the end of an attempt to connect.
    pub(crate) wants_room: bool,
}

impl AsFd for TcpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

impl TcpSocket {
    /// Opens one in this thread's namespace.
    pub(crate) fn open() -> Result<TcpSocket, StackError> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let descriptor =
            socket::socket(AddressFamily::Inet, SockType::Stream, flags, None).map_err(refused)?;
        Ok(TcpSocket { descriptor, wants_room: false })
    }

    /// `connect(2)`.
    pub(crate) fn connect(&mut self, peer: SocketAddr) -> Result<(), StackError> {
        let result = socket::connect(self.descriptor.as_raw_fd(), &SockaddrStorage::from(peer));
        self.wants_room |= result == Err(Errno::EINPROGRESS);
        result.map_err(refused)
    }

    /// `listen(2)`.
    pub(crate) fn listen(&self, backlog: u32) -> Result<(), StackError> {
        let backlog = Backlog::new(backlog.min(MOST_WAITING) as i32).map_err(refused)?;
        socket::listen(&self.descriptor, backlog).map_err(refused)
    }

    /// `accept(2)`.
    pub(crate) fn accept(&self) -> Result<Option<(TcpSocket, SocketAddr)>, StackError> {
        let listener = TcpListener::from(self.descriptor.try_clone().map_err(io_refused)?);
        let (stream, peer) = match listener.accept() {
            Ok(accepted) => accepted,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(io_refused(error)),
        };
        stream.set_nonblocking(true).map_err(io_refused)?;
        Ok(Some((TcpSocket { descriptor: stream.into(), wants_room: false }, peer)))
    }

    /// `recv(2)`.
    pub(crate) fn read(&self, most: usize) -> Result<Option<Vec<u8>>, StackError> {
        let mut bytes = vec![0; most];
        match recv(self.descriptor.as_raw_fd(), &mut bytes, MsgFlags::empty()) {
            Ok(length) => {
                bytes.truncate(length);
                Ok(Some(bytes))
            }
            Err(Errno::EAGAIN) => Ok(None),
            Err(errno) => Err(refused(errno)),
        }
    }

    /// `send(2)`.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<usize, StackError> {
        let taken = match send(self.descriptor.as_raw_fd(), bytes, MsgFlags::MSG_NOSIGNAL) {
            Err(Errno::EAGAIN) => 0,
            other => other.map_err(refused)?,
        };
        self.wants_room = taken < bytes.len();
        Ok(taken)
    }

    /// `shutdown(2)`.
    pub(crate) fn shutdown(&self, how: Shutdown) -> Result<(), StackError> {
        let how = match how {
            Shutdown::Read => socket::Shutdown::Read,
            Shutdown::Write => socket::Shutdown::Write,
            Shutdown::Both => socket::Shutdown::Both,
        };
        socket::shutdown(self.descriptor.as_raw_fd(), how).map_err(refused)
    }

    /// `SO_ERROR`.
    pub(crate) fn take_error(&mut self) -> Result<Option<SharedErrno>, StackError> {
        if readiness(self.as_fd())?.writable {
            self.wants_room = false;
        }
        take_error(self.as_fd())
    }
}

/// `SO_ERROR`.
pub(crate) fn take_error(socket: BorrowedFd<'_>) -> Result<Option<SharedErrno>, StackError> {
    let number = getsockopt(&socket, sockopt::SocketError).map_err(refused)?;
    Ok((number != 0).then_some(SharedErrno(number)))
}

/// `poll(2)`, without waiting.
pub(crate) fn readiness(socket: BorrowedFd<'_>) -> Result<Readiness, StackError> {
    let mut polled = [PollFd::new(socket, PollFlags::POLLIN | PollFlags::POLLOUT)];
    poll(&mut polled, PollTimeout::ZERO).map_err(refused)?;
    let found = polled[0].revents().unwrap_or(PollFlags::empty());
    let error = found.contains(PollFlags::POLLERR);
    Ok(Readiness {
        readable: error || found.contains(PollFlags::POLLIN),
        writable: error || found.contains(PollFlags::POLLOUT),
        hung_up: found.contains(PollFlags::POLLHUP),
    })
}
