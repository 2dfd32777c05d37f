//! Packets that came to a port where nobody takes them in.

use super::case::{Case, Leg};
use super::cause::Cause;
use super::evidence::{Evidence, Fact};
use super::fault::Fault;
use super::mend::{Fix, Mend, words_of};
use super::trail::Hop;
use std::net::IpAddr;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::view::{SocketProtocol, SocketState, SocketView};
use vethlab_shared::wire::ipv4::protocol;

/// A port that a packet came to.
pub(super) struct Knocked {
    pub(super) protocol: SocketProtocol,
    pub(super) address: IpAddr,
    pub(super) port: u16,
}

impl Knocked {
    /// How a program is started that takes in what comes there.
    fn listen(&self) -> String {
        let udp = if self.protocol == SocketProtocol::Udp { "-u " } else { "" };
        format!("nc {udp}-l -k {} &", self.port)
    }

    fn name(&self) -> &'static str {
        protocol_name(self.protocol)
    }
}

/// A protocol as it is called in a sentence.
pub(super) fn protocol_name(protocol: SocketProtocol) -> &'static str {
    match protocol {
        SocketProtocol::Tcp => "TCP",
        SocketProtocol::Udp => "UDP",
    }
}

/// A socket that takes in what comes to its port, as evidence.
fn listener_fact(here: &NamespaceName, socket: &SocketView) -> Evidence {
    let (waiting, most) = match socket.protocol {
        SocketProtocol::Tcp => (Some(socket.receive_queue), Some(socket.send_queue)),
        SocketProtocol::Udp => (None, None),
    };
    let fact = Fact::Listener { protocol: socket.protocol, local: socket.local, waiting, most };
    Evidence { namespace: here.clone(), fact }
}

impl<'e> Case<'e, '_> {
    /// The port that a packet came to in the end.
    pub(super) fn knocked_at(&self, leg: &Leg<'e>) -> Option<Knocked> {
        let [_, (address, port)] = self.ends_of(leg)?;
        let protocol = match leg.protocol()? {
            protocol::TCP => SocketProtocol::Tcp,
            protocol::UDP => SocketProtocol::Udp,
            _ => return None,
        };
        Some(Knocked { protocol, address, port: port? })
    }

    /// The sockets of a namespace that take in what comes to their port.
    pub(super) fn listeners(&mut self, here: &NamespaceName, protocol: SocketProtocol) -> Vec<SocketView> {
        let mut all = self.network.sockets(here);
        all.retain(|socket| {
            let state = match protocol {
                SocketProtocol::Tcp => SocketState::Listen,
                SocketProtocol::Udp => SocketState::Close,
            };
            socket.protocol == protocol && socket.state == state
        });
        all
    }

    /// Nobody takes in what comes to this port: at this address, or at any.
    pub(super) fn nobody_listens(&mut self, leg: &Leg<'e>, hop: &Hop<'e>) -> Fault {
        let here = hop.namespace;
        let Some(knocked) = self.knocked_at(leg) else {
            return Fault::new(Cause::PortUnreachable, here)
                .told(format!("{here} took it in, but no socket is open there at that port."));
        };
        if let Some(fault) = self.translated_elsewhere(leg, here, &knocked) {
            return fault;
        }
        let all = self.listeners(here, knocked.protocol);
        match all.iter().find(|socket| socket.local.port() == knocked.port) {
            Some(other) => self.bound_elsewhere(leg, here, &knocked, other),
            None => self.no_listener(leg, here, &knocked, &all),
        }
    }

    /// A program listens at the port, but at another address only.
    fn bound_elsewhere(
        &mut self,
        leg: &Leg<'e>,
        here: &NamespaceName,
        knocked: &Knocked,
        other: &SocketView,
    ) -> Fault {
        let bound = other.local.ip();
        let Knocked { address, port, .. } = knocked;
        let because = if bound.is_loopback() {
            format!("{bound} is a loopback address: only programs in {here} itself reach it.")
        } else {
            format!("What comes for {bound} it takes in; what comes for {address} it does not.")
        };
        let fault = Fault::new(Cause::BoundElsewhere, here)
            .seen_all([listener_fact(here, other)])
            .told(format!(
                "In {here} a program listens at {} port {port}, but only at the address {bound}, and the {} is for \
                 {address}. {because}",
                knocked.name(),
                leg.name()
            ))
            .told(refuses(leg, here));
        let elsewhere = (!bound.is_loopback())
            .then(|| self.again_with(leg, &address.to_string(), &bound.to_string()))
            .flatten();
        fault.or_by_all(elsewhere).or_by(vec![Fix::new(here, knocked.listen())])
    }

    /// No program listens at the port.
    fn no_listener(
        &mut self,
        leg: &Leg<'e>,
        here: &NamespaceName,
        knocked: &Knocked,
        all: &[SocketView],
    ) -> Fault {
        let Knocked { address, port, protocol } = *knocked;
        let mut fault = Fault::new(Cause::NoListener, here)
            .seen(here, Fact::NoListener { protocol, port })
            .told(format!(
                "The {} is for port {port} of {address}, but no program in {here} listens at {} port {port}.",
                leg.name(),
                knocked.name()
            ))
            .told(refuses(leg, here));
        let reached = |socket: &&SocketView| {
            let own = socket.local.ip();
            own.is_unspecified() || own == address
        };
        let mut near = None;
        if let Some(other) = all.iter().find(reached) {
            fault = fault.seen_all([listener_fact(here, other)]).told(format!(
                "A program in {here} listens at port {}: is that the one that was meant?",
                other.local.port()
            ));
            near = self.again_with(leg, &port.to_string(), &other.local.port().to_string());
        } else if let Some((place, there, socket)) = self.listener_elsewhere(here, knocked) {
            fault = fault.seen_all([listener_fact(&place, &socket)]).told(format!(
                "A program in {place} listens at port {port}; an address of {place} is {there}. Is that the one that was \
                 meant?"
            ));
            near = self.again_with(leg, &address.to_string(), &there.to_string());
        }
        fault.or_by_all(near).or_by(vec![Fix::new(here, knocked.listen())])
    }

    /// A program in another namespace that listens at the port, and an address that it can be reached by.
    pub(super) fn listener_elsewhere(
        &mut self,
        here: &NamespaceName,
        knocked: &Knocked,
    ) -> Option<(NamespaceName, IpAddr, SocketView)> {
        let places: Vec<NamespaceName> = self.network.places.iter().map(|place| place.name.clone()).collect();
        places.into_iter().filter(|place| place != here).find_map(|place| {
            let all = self.listeners(&place, knocked.protocol);
            let socket = all.into_iter().find(|socket| socket.local.port() == knocked.port)?;
            let own = socket.local.ip();
            let addresses = &self.network.place(&place)?.addresses;
            let mut addresses = addresses.iter().map(|view| view.local).filter(|own| !own.is_loopback());
            let there = addresses.find(|address| own.is_unspecified() || own == *address)?;
            Some((place, there, socket))
        })
    }

    /// The command once more, with another port or address in one of its words.
    fn again_with(&self, leg: &Leg<'e>, instead_of: &str, other: &str) -> Option<Mend> {
        let invocation = self.invocation.filter(|invocation| invocation.sending().is_some())?;
        let words = words_of(invocation, instead_of, other)?;
        Some(vec![Fix::new(leg.life.hops[0].namespace, words)])
    }

    /// A segment came to a socket that listens, which took no notice: it cannot answer, or takes in no more.
    pub(super) fn not_taken_by_listener(&mut self, leg: &Leg<'e>, hop: &Hop<'e>) -> Fault {
        let here = hop.namespace;
        if let Some(way) = self.trails.answering_way(leg.life.packet).filter(|way| way.failed) {
            let fault = self.refused_or_missing(&Leg { back: true, ..leg.clone() }, here, &way);
            return self.answer_through_nat(&leg.life, leg, fault);
        }
        let knocked = self.knocked_at(leg);
        let sockets = self.listeners(here, SocketProtocol::Tcp);
        let full = knocked.and_then(|knocked| {
            let fits = |socket: &&SocketView| {
                socket.local.port() == knocked.port && socket.receive_queue > socket.send_queue
            };
            Some((sockets.iter().find(fits)?, knocked.port))
        });
        let Some((socket, port)) = full else { return self.ignored(leg, hop) };
        Fault::new(Cause::ConnectionTimedOut, here)
            .seen_all([listener_fact(here, socket)])
            .told(format!(
                "The {} arrived, and a program in {here} listens at port {port}. But {} connections wait already until \
                 that program takes them in, and its queue is for {} and one more: {here} dropped the {} and sent no \
                 answer (tcp_conn_request).",
                leg.name(),
                socket.receive_queue,
                socket.send_queue,
                leg.name()
            ))
            .told(
                "The program is busy with another connection, or stuck. The next one is taken in when that has ended: \
                 'jobs' lists what runs in the background, 'kill %1' ends it.",
            )
    }
}

/// What is sent in answer to a packet for a port that nobody has.
fn refuses(leg: &Leg<'_>, here: &NamespaceName) -> String {
    match leg.segment_flags() {
        Some(_) => format!("So {here} answered with a RST: the connection is refused (tcp_v4_send_reset)."),
        None => format!("So {here} answered with an ICMP error: port unreachable (__udp4_lib_rcv)."),
    }
}
