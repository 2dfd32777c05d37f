//! What a random test does to a stack, as data.

use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
use std::time::Duration;
use vethlab_shared::change::Change;
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::socket::MtuDiscovery;
use vethlab_shared::view::RouteQuery;

/// One thing to do to a stack, within one namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// The namespace to do it in.
    pub namespace: NamespaceName,
    /// What to do.
    pub action: Action,
}

/// The things that can be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Alter something.
    Change(Change),
    /// Send one echo request and wait for what comes.
    Ping(Ping),
    /// Send UDP datagrams and wait for what comes.
    Udp(Udp),
    /// Begin a TCP connection, send data both ways where it comes about, and end it.
    Tcp(Tcp),
    /// Ask which way a packet would take.
    Lookup(RouteQuery),
    /// Let time pass.
    Wait(Duration),
}

/// An echo request, with what `ping` lets one choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// Where to.
    pub destination: Ipv4Addr,
    /// Where from (`-I ADDRESS`).
    pub source: Option<Ipv4Addr>,
    /// By which link (`-I LINK`).
    pub link: Option<LinkName>,
    /// Time to live, in hops (`-t`).
    pub time_to_live: Option<u8>,
    /// How many bytes of data it carries (`-s`).
    pub size: u16,
    /// What becomes of one that is too long (`-M`); `None` leaves it to the kernel.
    #[serde(default)]
    pub mtu_discovery: Option<MtuDiscovery>,
    /// Whether it may go to a broadcast address (`-b`).
    pub broadcast: bool,
}

/// UDP datagrams from one socket, and sockets that may receive them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Udp {
    /// Where to.
    pub destination: Ipv4Addr,
    /// To which port.
    pub port: u16,
    /// Whether the socket is connected first: then it hears of its peer only, and of every error.
    pub connected: bool,
    /// Whether errors are queued (`IP_RECVERR`).
    pub receive_errors: bool,
    /// Where from, and by which port.
    pub source: Option<(Ipv4Addr, u16)>,
    /// By which link.
    pub link: Option<LinkName>,
    /// Time to live, in hops.
    pub time_to_live: Option<u8>,
    /// What becomes of datagrams that are too long.
    pub mtu_discovery: MtuDiscovery,
    /// How many bytes of data each carries.
    pub sizes: Vec<u16>,
    /// Whether they may go to a broadcast address.
    pub broadcast: bool,
    /// Who listens meanwhile, each at an address and the port above.
    pub listeners: Vec<(NamespaceName, Ipv4Addr)>,
}

/// A TCP connection, and sockets that may take it in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tcp {
    /// Where to.
    pub destination: Ipv4Addr,
    /// To which port.
    pub port: u16,
    /// Where from, and by which port.
    pub source: (Ipv4Addr, u16),
    /// By which link.
    pub link: Option<LinkName>,
    /// How many bytes each end sends, the one that connects first.
    pub sizes: [u16; 2],
    /// How it ends.
    pub ending: Ending,
    /// Who listens meanwhile, each at an address and the port above.
    pub listeners: Vec<(NamespaceName, Ipv4Addr)>,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// The end that connected closes first.
    Near,
    /// The end that took it in closes first.
    Far,
    /// The end that connected says that it sends no more, and still reads (`shutdown`).
    HalfClosed,
    /// The end that took it in closes before it has read anything.
    Unread,
}
