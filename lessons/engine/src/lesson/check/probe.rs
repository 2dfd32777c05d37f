//! A packet that is sent to see what becomes of it on its way.

use super::table::Wrong;
use super::traffic::ANSWER;
use serde::Deserialize;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use vethlab_programs::echo::{self, Question, Refusal};
use vethlab_programs::reach::{self, Reached};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::{Received, SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::wire::ipv4::protocol;

/// What is sent by UDP.
const PAYLOAD: &[u8] = b"vethlab\n";

/// What a probe speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Speaks {
    Icmp,
    Tcp,
    Udp,
}

/// What is sent: an echo request, the beginning of a connection of TCP, or a datagram of UDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Probe {
    pub(super) to: Ipv4Addr,
    pub(super) port: Option<u16>,
    pub(super) speaks: Speaks,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Came {
    Answered,
    Refused(String),
    Nothing,
}

impl Probe {
    /// Where nothing else is said, it is TCP to a port, and an echo request where there is none.
    pub(super) fn new(to: Ipv4Addr, port: Option<u16>, speaks: Option<Speaks>) -> Probe {
        let usual = if port.is_some() { Speaks::Tcp } else { Speaks::Icmp };
        Probe { to, port, speaks: speaks.unwrap_or(usual) }
    }

    /// Whether it has a port where it needs one.
    pub(super) fn sensible(&self) -> Result<(), Wrong> {
        match (self.speaks, self.port) {
            (Speaks::Icmp, Some(_)) => {
                Err(Wrong::key("port", "ICMP has no ports: leave 'port' out, or write another protocol"))
            }
            (Speaks::Tcp | Speaks::Udp, None) => {
                Err(Wrong::key("protocol", "TCP and UDP go to a port: add one, such as 'port = 80'"))
            }
            _ => Ok(()),
        }
    }

    /// The number of its protocol in a header of IP.
    pub(super) fn protocol(&self) -> u8 {
        match self.speaks {
            Speaks::Icmp => protocol::ICMP,
            Speaks::Tcp => protocol::TCP,
            Speaks::Udp => protocol::UDP,
        }
    }

    fn socket(&self) -> SocketAddr {
        SocketAddr::new(self.to.into(), self.port.unwrap_or_default())
    }

    /// Sends it from within a namespace, waits a second for an answer, and looks at the network before the socket is
    /// closed.
    ///
    /// # Errors
    /// There is no such namespace, or the stack opens no sockets there.
    pub(super) fn send<T>(
        &self,
        stack: &mut dyn NetworkStack,
        namespace: &NamespaceName,
        look: impl FnOnce(&mut dyn NetworkStack) -> Result<T, StackError>,
    ) -> Result<(Came, T), StackError> {
        match self.speaks {
            Speaks::Icmp => {
                let answer = echo::ask(stack, namespace, &Question::once(self.to.into()))?;
                let came = match answer.refusal {
                    None => Came::Answered,
                    Some(Refusal::NoAnswer) => Came::Nothing,
                    Some(refusal) => Came::Refused(refusal.to_string()),
                };
                Ok((came, look(stack)?))
            }
            Speaks::Tcp => {
                let (reached, seen) = reach::connect_and_look(stack, namespace, self.socket(), ANSWER, look)?;
                let came = match reached {
                    Reached::Connected => Came::Answered,
                    Reached::Refused(errno) => Came::Refused(errno.to_string()),
                    Reached::NoAnswer => Came::Nothing,
                };
                Ok((came, seen))
            }
            Speaks::Udp => {
                let socket = stack.open(namespace, &SocketKind::Udp(Family::Inet))?;
                let came = self.send_datagram(stack, socket).and_then(|came| Ok((came, look(stack)?)));
                stack.close(socket);
                came
            }
        }
    }

    fn send_datagram(&self, stack: &mut dyn NetworkStack, socket: SocketId) -> Result<Came, StackError> {
        let refused = |errno: Errno| Ok(Came::Refused(errno.to_string()));
        stack.set_option(socket, &SocketOption::ReceiveErrors(true))?;
        match stack.send(socket, self.socket(), PAYLOAD) {
            Err(StackError::Refused { errno, .. }) => return refused(errno),
            sent => sent?,
        }
        let deadline = stack.now() + ANSWER;
        loop {
            match stack.receive(socket)? {
                Some(Received::Error(error)) => return refused(error.errno),
                Some(_) => return Ok(Came::Answered),
                None if stack.now() >= deadline => return Ok(Came::Nothing),
                None => stack.run_until(deadline, &[socket])?,
            }
        }
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.speaks {
            Speaks::Icmp => "ICMP",
            Speaks::Tcp => "TCP",
            Speaks::Udp => "UDP",
        };
        let port = self.port.map(|port| format!(" port {port}")).unwrap_or_default();
        write!(f, "{name} to {}{port}", self.to)
    }
}

impl fmt::Display for Came {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Came::Answered => f.write_str("it is answered"),
            Came::Refused(how) => write!(f, "it is refused: {how}"),
            Came::Nothing => f.write_str("no answer came"),
        }
    }
}
