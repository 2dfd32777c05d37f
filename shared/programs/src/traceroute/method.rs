//! How probes are sent, and whose an answer is (`mod-udp.c`, `mod-icmp.c`).

use super::failed;
use super::options::{Method, Request};
use super::probe::Probe;
use crate::{Context, Failure};
use std::net::SocketAddr;
use vethlab_shared::error::Errno;
use vethlab_shared::family::Family;
use vethlab_shared::name::LinkName;
use vethlab_shared::socket::{Datagram, MtuDiscovery, QueuedError, SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::wire::{Icmp, icmp};

/// The first port of UDP probes.
const FIRST_PORT: u16 = 33_434;
/// The only port with `-U`.
const ONE_PORT: u16 = 53;

/// The means of one run.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    request: Request,
    /// The port or the sequence number of the next probe.
    next: u16,
    /// The socket of all probes, with ICMP.
    shared: Option<SocketId>,
    identifier: u16,
}

/// Whether a probe left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    Yes,
    /// There was no room: perhaps later.
    NotNow(Errno),
}

impl Sender {
    /// Opens what all probes have in common.
    pub(super) fn new(request: &Request, context: &mut Context<'_>) -> Result<Sender, Failure> {
        let first = match request.method {
            Method::Default => FIRST_PORT,
            Method::Udp => ONE_PORT,
            Method::Icmp => 1,
        };
        let next = if request.port == 0 { first } else { request.port as u16 };
        let mut sender = Sender { request: request.clone(), next, shared: None, identifier: 0 };
        if request.method == Method::Icmp {
            let namespace = context.namespace.clone();
            let opened = context.stack.open(&namespace, &SocketKind::Icmp(Family::of(request.target)));
            let socket = opened.map_err(|error| failed("socket", error))?;
            sender.shared = Some(socket);
            // traceroute takes its process number; it only has to differ from socket to socket.
            sender.identifier = (socket.0 as u16).wrapping_mul(40_503).wrapping_add(1);
            if let Err(failure) = sender.prepare(socket, 0, None, context) {
                context.stack.close(socket);
                return Err(failure);
            }
        }
        Ok(sender)
    }

    /// Closes what all probes have in common.
    pub(super) fn close(&mut self, stack: &mut dyn NetworkStack) {
        if let Some(socket) = self.shared.take() {
            stack.close(socket);
        }
    }

    /// The socket of all probes, where there is one.
    pub(super) fn shared(&self) -> Option<SocketId> {
        self.shared
    }

    /// Sets a socket up and connects it (`tune_socket`).
    fn prepare(
        &self,
        socket: SocketId,
        port: u16,
        hops: Option<u8>,
        context: &mut Context<'_>,
    ) -> Result<(), Failure> {
        let request = &self.request;
        let stack = &mut *context.stack;
        let mut set = |what: &str, option: &SocketOption| {
            stack.set_option(socket, option).map_err(|error| failed(&format!("setsockopt {what}"), error))
        };
        if let Some(device) = &request.device {
            let name = device.parse::<LinkName>();
            let name = name.map_err(|_| failed("setsockopt SO_BINDTODEVICE", Errno::ENODEV.into()))?;
            set("SO_BINDTODEVICE", &SocketOption::Device(name))?;
        }
        let source = request.source.unwrap_or(Family::of(request.target).unspecified());
        let own = SocketAddr::new(source, request.source_port);
        stack.bind(socket, own).map_err(|error| failed("bind", error))?;
        let how = if request.dont_fragment { MtuDiscovery::Probe } else { MtuDiscovery::Dont };
        let mut set = |what: &str, option: &SocketOption| {
            stack.set_option(socket, option).map_err(|error| failed(&format!("setsockopt {what}"), error))
        };
        set("IP_MTU_DISCOVER", &SocketOption::MtuDiscovery(how))?;
        if request.tos != 0 {
            set("IP_TOS", &SocketOption::TypeOfService(request.tos))?;
        }
        if let Some(hops) = hops {
            set("IP_TTL", &SocketOption::TimeToLive(hops))?;
        }
        let peer = SocketAddr::new(request.target, port);
        stack.connect(socket, peer).map_err(|error| failed("connect", error))?;
        let errors = SocketOption::ReceiveErrors(true);
        stack.set_option(socket, &errors).map_err(|error| failed("setsockopt IP_RECVERR", error))
    }

    /// Sends a probe with this time to live and so many bytes of data.
    pub(super) fn send(
        &mut self,
        probe: &mut Probe,
        hops: u8,
        length: usize,
        context: &mut Context<'_>,
    ) -> Result<Sent, Failure> {
        let number = self.next;
        let (socket, to, payload) = match self.shared {
            None => {
                let namespace = context.namespace.clone();
                let opened =
                    context.stack.open(&namespace, &SocketKind::Udp(Family::of(self.request.target)));
                let socket = opened.map_err(|error| failed("socket", error))?;
                probe.socket = Some(socket);
                self.prepare(socket, number, Some(hops), context)?;
                (socket, SocketAddr::new(self.request.target, number), filling(length))
            }
            Some(socket) => {
                let set = context.stack.set_option(socket, &SocketOption::TimeToLive(hops));
                set.map_err(|error| failed("setsockopt IP_TTL", error))?;
                (socket, SocketAddr::new(self.request.target, 0), self.echo(number, length))
            }
        };
        probe.sent = Some(context.stack.now());
        if let Err(error) = context.stack.send(socket, to, &payload) {
            match error.errno() {
                // The error queue says more.
                Some(Errno::EMSGSIZE | Errno::EHOSTUNREACH) => {}
                Some(errno @ (Errno::ENOBUFS | Errno::EAGAIN)) => {
                    probe.sent = None;
                    probe.close(context.stack);
                    return Ok(Sent::NotNow(errno));
                }
                _ => return Err(failed("send", error)),
            }
        }
        probe.sequence = Some(number);
        if self.request.method != Method::Udp {
            self.next = self.next.wrapping_add(1);
        }
        Ok(Sent::Yes)
    }

    /// An echo request (RFC 792).
    fn echo(&self, sequence: u16, length: usize) -> Vec<u8> {
        let whole = filling(length.max(icmp::HEADER_LENGTH));
        icmp::echo(icmp::kind::ECHO_REQUEST, self.identifier, sequence, &whole[icmp::HEADER_LENGTH..])
    }

    /// The probe that data answers, of those that are under way.
    pub(super) fn answered(&self, probes: &[Probe], from: SocketId, data: &Datagram) -> Option<usize> {
        match self.shared {
            None => find(probes, from, data.source.port()),
            Some(_) if data.payload.first() == Some(&icmp::kind::ECHO_REPLY) => {
                self.find_echo(probes, &data.payload)
            }
            Some(_) => None,
        }
    }

    /// The probe that an error is about, of those that are under way.
    pub(super) fn failed(&self, probes: &[Probe], from: SocketId, error: &QueuedError) -> Option<usize> {
        match self.shared {
            None => find(probes, from, error.destination.port()),
            Some(_) => self.find_echo(probes, &error.payload),
        }
    }

    fn find_echo(&self, probes: &[Probe], message: &[u8]) -> Option<usize> {
        let message = Icmp::new(message)?;
        let sequence = message.sequence();
        let ours = message.identifier() == self.identifier && sequence != 0;
        probes.iter().position(|probe| ours && probe.sequence == Some(sequence))
    }
}

fn find(probes: &[Probe], socket: SocketId, port: u16) -> Option<usize> {
    let place = probes.iter().position(|probe| probe.socket == Some(socket))?;
    (probes[place].sequence == Some(port)).then_some(place)
}

/// What a probe carries: bytes from `@` to DEL, over and over.
fn filling(length: usize) -> Vec<u8> {
    (0..length).map(|place| 0x40 + (place & 0x3f) as u8).collect()
}

impl Probe {
    /// Closes its own socket.
    pub(super) fn close(&mut self, stack: &mut dyn NetworkStack) {
        if let Some(socket) = self.socket.take() {
            stack.close(socket);
        }
    }
}
