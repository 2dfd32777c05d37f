//! Echo requests one after the other, as a program sends them.

use super::Result;
use std::net::{Ipv4Addr, SocketAddr};
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::{Received, SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Duration;
use vethlab_shared::wire::internet_checksum;

/// Bytes of an ICMP header and 56 bytes of data.
const MESSAGE: usize = 64;
/// How long to wait for a reply.
const PATIENCE: Duration = Duration::from_secs(10);

/// A socket that asks one address, again and again.
#[derive(Debug)]
pub struct Pinger {
    socket: SocketId,
    to: SocketAddr,
    sequence: u16,
    message: [u8; MESSAGE],
}

impl Pinger {
    /// Opens the socket. Its requests live for 255 hops.
    ///
    /// # Errors
    /// There is no such namespace, or it has no sockets.
    pub fn open(stack: &mut dyn NetworkStack, namespace: &NamespaceName, to: Ipv4Addr) -> Result<Pinger> {
        let socket = stack.open(namespace, &SocketKind::Icmp(Family::Inet))?;
        stack.set_option(socket, &SocketOption::TimeToLive(255))?;
        let mut message = [0; MESSAGE];
        message[4..6].copy_from_slice(&(socket.0 as u16).to_be_bytes());
        Ok(Pinger { socket, to: (to, 0).into(), sequence: 0, message })
    }

    /// Sends one request, and waits for its reply.
    ///
    /// # Errors
    /// It could not be sent, or nobody replied.
    pub fn ping(&mut self, stack: &mut dyn NetworkStack) -> Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        self.message[..4].copy_from_slice(&[8, 0, 0, 0]);
        self.message[6..8].copy_from_slice(&self.sequence.to_be_bytes());
        let checksum = internet_checksum(&self.message);
        self.message[2..4].copy_from_slice(&checksum.to_be_bytes());
        stack.send(self.socket, self.to, &self.message)?;
        let deadline = stack.now() + PATIENCE;
        loop {
            match stack.receive(self.socket)? {
                Some(Received::Datagram(datagram)) if self.is_reply(&datagram.payload) => return Ok(()),
                Some(_) => {}
                None if stack.now() >= deadline => {
                    return Err(format!("{} did not reply", self.to.ip()).into());
                }
                None => stack.run_until(deadline, &[self.socket])?,
            }
        }
    }

    /// Whether it answers the request that was sent last: the same but for its type and checksum.
    fn is_reply(&self, message: &[u8]) -> bool {
        message.len() == MESSAGE && message[0] == 0 && message[4..] == self.message[4..]
    }
}
