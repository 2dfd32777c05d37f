//! A small lab on the real stack: what the tests say, in few words.

use std::net::Ipv4Addr;
use vethlab_real::{RealStack, Unavailable};
use vethlab_shared::change::{
    AddressSpec, Change, LinkSettings, Modify, NeighbourSpec, NewLink, NewLinkKind, RouteSpec,
};
use vethlab_shared::error::StackError;
use vethlab_shared::family::Family;
use vethlab_shared::name::{IfIndex, LinkName, NamespaceName};
use vethlab_shared::prefix::Prefix;
use vethlab_shared::socket::{CapturedFrame, Received, SocketId, SocketKind};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Duration;
use vethlab_shared::view::{LinkFlags, LinkView, NeighbourState};
use vethlab_shared::wire::{Icmp, icmp};

/// The host's address and the one of red, on the two ends of a pair.
pub(crate) const HOST: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 1);
pub(crate) const RED: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 2);
/// How long to wait for what should come at once.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A stack, and shorthands for it.
pub(crate) struct Lab {
    pub(crate) stack: RealStack,
    pub(crate) host: NamespaceName,
    pub(crate) red: NamespaceName,
}

impl Lab {
    /// An empty machine.
    pub(crate) fn new() -> Result<Lab, Unavailable> {
        let red = NamespaceName::new("red").expect("a good name");
        Ok(Lab { stack: RealStack::new()?, host: NamespaceName::HOST, red })
    }

    /// A machine with a namespace red, joined by a pair veth-host and veth-red with addresses, up.
    pub(crate) fn joined() -> Result<Lab, Unavailable> {
        let mut lab = Lab::new()?;
        lab.add_red();
        lab.wire();
        Ok(lab)
    }

    /// The pair, its addresses, both ends up.
    pub(crate) fn wire(&mut self) {
        self.join();
        let (host, red) = (self.host.clone(), self.red.clone());
        self.address(&host, "veth-host", HOST);
        self.address(&red, "veth-red", RED);
        self.up(&host, "veth-host");
        self.up(&red, "veth-red");
    }

    pub(crate) fn apply(&mut self, namespace: &NamespaceName, change: &Change) {
        if let Err(error) = self.stack.apply(namespace, change) {
            panic!("{change:?} in {namespace}: {error}");
        }
    }

    pub(crate) fn refusal(&mut self, namespace: &NamespaceName, change: &Change) -> StackError {
        self.stack.apply(namespace, change).expect_err("a change that the kernel refuses")
    }

    pub(crate) fn add_red(&mut self) {
        let change = Change::AddNamespace(self.red.clone());
        self.apply(&NamespaceName::HOST, &change);
    }

    /// Makes the pair on the host and moves one end.
    pub(crate) fn join(&mut self) {
        let (host, red) = (self.host.clone(), self.red.clone());
        self.apply(&host, &pair("veth-host", "veth-red"));
        let link = self.link(&host, "veth-red").index;
        let settings = LinkSettings { namespace: Some(red), ..LinkSettings::default() };
        self.apply(&host, &Change::SetLink { link, settings });
    }

    pub(crate) fn find(&mut self, namespace: &NamespaceName, name: &str) -> Option<LinkView> {
        let links = self.stack.links(namespace).expect("the links");
        links.into_iter().find(|link| link.name.as_str() == name)
    }

    pub(crate) fn link(&mut self, namespace: &NamespaceName, name: &str) -> LinkView {
        self.find(namespace, name).unwrap_or_else(|| panic!("no link {name} in {namespace}"))
    }

    pub(crate) fn up(&mut self, namespace: &NamespaceName, name: &str) {
        let link = self.link(namespace, name).index;
        let settings =
            LinkSettings { flags: LinkFlags::UP, flags_mask: LinkFlags::UP, ..LinkSettings::default() };
        self.apply(namespace, &Change::SetLink { link, settings });
    }

    pub(crate) fn address(&mut self, namespace: &NamespaceName, name: &str, address: Ipv4Addr) {
        let link = self.link(namespace, name).index;
        self.apply(namespace, &new_address(link, address));
    }

    /// Sends an echo request and waits for its reply; what else arrives is passed over.
    pub(crate) fn ping(&mut self, namespace: &NamespaceName, to: Ipv4Addr) {
        let socket = self.stack.open(namespace, &SocketKind::Icmp(Family::Inet)).expect("an ICMP socket");
        self.stack.send(socket, (to, 0).into(), &echo_request(1)).expect("an echo request leaves");
        let reply = self.wait_for(socket, |received| match received {
            Received::Datagram(datagram) => {
                let reply = Icmp::new(&datagram.payload)?;
                (reply.kind() == icmp::kind::ECHO_REPLY && reply.sequence() == 1).then_some(datagram)
            }
            _ => None,
        });
        assert_eq!((reply.source, reply.time_to_live), ((to, 0).into(), 64));
        self.stack.close(socket);
    }

    /// Reads from a socket until something is what is wanted.
    pub(crate) fn wait_for<T>(&mut self, socket: SocketId, mut want: impl FnMut(Received) -> Option<T>) -> T {
        let deadline = self.stack.now() + PATIENCE;
        loop {
            while let Some(received) = self.stack.receive(socket).expect("a readable socket") {
                if let Some(wanted) = want(received) {
                    return wanted;
                }
            }
            assert!(self.stack.now() < deadline, "nothing came in time");
            self.stack.run_until(deadline, &[socket]).expect("time passes");
        }
    }

    /// Reads so many frames.
    pub(crate) fn frames(&mut self, socket: SocketId, count: usize) -> Vec<CapturedFrame> {
        let frame = |received| match received {
            Received::Frame(frame) => Some(frame),
            _ => None,
        };
        (0..count).map(|_| self.wait_for(socket, frame)).collect()
    }
}

pub(crate) fn name(text: &str) -> LinkName {
    text.parse().expect("a good name")
}

pub(crate) fn pair(near: &str, far: &str) -> Change {
    let end = LinkSettings { name: Some(name(near)), ..LinkSettings::default() };
    let peer = LinkSettings { name: Some(name(far)), ..LinkSettings::default() };
    Change::AddLink(NewLink { end, kind: NewLinkKind::Veth { peer } })
}

/// The address with a prefix of 24 bits, as `ip addr add` sends it.
pub(crate) fn new_address(link: IfIndex, address: Ipv4Addr) -> Change {
    let address = AddressSpec::new(link, Prefix::new(address, 24));
    Change::AddAddress { how: Modify::ADD, address }
}

/// A route by a gateway, as `ip route add` sends it.
pub(crate) fn new_route(destination: Prefix, gateway: Ipv4Addr) -> Change {
    Change::AddRoute { how: Modify::ADD, route: RouteSpec::by_gateway(destination, gateway.into()) }
}

/// A permanent neighbour entry.
pub(crate) fn new_neighbour(link: IfIndex, destination: Ipv4Addr) -> Change {
    let address = Some("02:00:00:00:00:09".parse().expect("a good address"));
    Change::AddNeighbour {
        how: Modify::ADD,
        neighbour: NeighbourSpec {
            link,
            destination: destination.into(),
            address,
            state: NeighbourState::PERMANENT,
        },
    }
}

/// An echo request with that sequence number.
pub(crate) fn echo_request(sequence: u16) -> Vec<u8> {
    icmp::echo(icmp::kind::ECHO_REQUEST, 7, sequence, &[0; 8])
}
