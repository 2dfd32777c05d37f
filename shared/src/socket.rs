//! Sockets: what a program opens to send and receive.

use crate::error::Errno;
use crate::family::Family;
use crate::name::{IfIndex, LinkName};
use crate::netfilter::{ConnectionEvent, ConnectionGroups};
use crate::time::Instant;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

/// A socket that is open on a stack. Numbers are not used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SocketId(pub u64);

/// What kind of socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SocketKind {
    /// `SOCK_RAW` with the family's ICMP (`IPPROTO_ICMP`, `IPPROTO_ICMPV6`): sends whole ICMP messages, receives every
    /// ICMP message that the namespace takes in, other than echo requests and replies to nobody (the filter that
    /// `ping` sets).
    Icmp(Family),
    /// `SOCK_DGRAM` with UDP (RFC 768).
    Udp(Family),
    /// `SOCK_STREAM` with TCP (RFC 9293). No call of it waits.
    Tcp(Family),
    /// `AF_PACKET`: receives every frame of one link, in both directions, as `tcpdump` does, and sends whole frames by it;
    /// with index 0 it receives those of all links that the namespace has or will have, and sends none.
    Packet(IfIndex),
    /// `AF_NETLINK` with `NETLINK_NETFILTER`, in groups of ctnetlink: receives what the connections of the namespace go
    /// through, as `conntrack -E` does, and sends nothing. The IPv4 ones alone, like all that is asked of connections.
    Conntrack(ConnectionGroups),
}

/// An option of a socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SocketOption {
    /// Send and receive by this link only (`SO_BINDTODEVICE`).
    Device(LinkName),
    /// The time to live of what is sent, 1 to 255 (`IP_TTL`).
    TimeToLive(u8),
    /// May send to broadcast addresses (`SO_BROADCAST`).
    Broadcast(bool),
    /// Queue ICMP errors, with where they come from (`IP_RECVERR`).
    ReceiveErrors(bool),
    /// What becomes of packets that are too long (`IP_MTU_DISCOVER`).
    MtuDiscovery(MtuDiscovery),
    /// The type of service of what is sent (`IP_TOS`).
    TypeOfService(u8),
    /// The address and the port may be those of connections that are over (`SO_REUSEADDR`).
    ReuseAddress(bool),
    /// Others that ask for it too may have the same address and port (`SO_REUSEPORT`).
    ReusePort(bool),
    /// A connection that is silent for long is asked whether it is still there (`SO_KEEPALIVE`).
    KeepAlive(bool),
}

/// Which half of a connection is ended (`shutdown(2)`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shutdown {
    /// Nothing more is read (`SHUT_RD`).
    Read,
    /// Nothing more is written (`SHUT_WR`).
    Write,
    /// Both (`SHUT_RDWR`).
    Both,
}

/// What a socket is ready for (`poll(2)`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// There is something to read, to accept, the end of the data, or an error (`POLLIN`).
    pub readable: bool,
    /// There is room to write, or an error (`POLLOUT`). A socket that connects is not writable until it is connected or
    /// has failed.
    pub writable: bool,
    /// Nothing comes and nothing goes any more (`POLLHUP`).
    pub hung_up: bool,
}

/// A connection that was accepted (`accept(2)`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its socket.
    pub socket: SocketId,
    /// Who is at the other end.
    pub peer: SocketAddr,
}

/// What becomes of packets that are too long for their way (`IP_PMTUDISC_*` in `ip(7)`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MtuDiscovery {
    /// They are fragmented, here or on the way.
    Dont,
    /// They are fragmented here; what is short enough may not be fragmented on the way.
    #[default]
    Want,
    /// They are refused, and nothing may be fragmented on the way.
    Do,
    /// The same, but only the link's MTU counts: what was learned of the way is left aside.
    Probe,
}

/// Which way a frame went, as seen from its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Direction {
    /// It came in.
    In,
    /// It went out.
    Out,
}

/// Something that a socket has to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Received {
    /// Data.
    Datagram(Datagram),
    /// An entry of the error queue.
    Error(QueuedError),
    /// A frame, on a [`SocketKind::Packet`] socket.
    Frame(CapturedFrame),
    /// What a connection went through, on a [`SocketKind::Conntrack`] socket.
    Connection(Box<ConnectionEvent>),
}

/// What arrived on an ICMP or UDP socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Datagram {
    /// When the stack took it in.
    pub time: Instant,
    /// The packet's source address, and the port that it came from: 0 where its protocol has none.
    pub source: SocketAddr,
    /// The packet's destination address.
    pub destination: IpAddr,
    /// The time to live that it arrived with.
    pub time_to_live: u8,
    /// The ICMP message, or the UDP data.
    pub payload: Vec<u8>,
}

/// An entry of a socket's error queue (`struct sock_extended_err` in `linux/errqueue.h`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedError {
    /// When the stack took it in.
    pub time: Instant,
    /// The error as a system call would give it.
    pub errno: Errno,
    /// Where the error comes from.
    pub origin: ErrorOrigin,
    /// More about it; for "fragmentation needed" the next hop's MTU in bytes.
    pub info: u32,
    /// The packet in question was for this address and this port: 0 where its protocol has none.
    pub destination: SocketAddr,
    /// The time to live that the ICMP message arrived with; 0 where the error is this stack's own.
    pub time_to_live: u8,
    /// The data of the packet in question, as far as it was quoted: for an ICMP socket the ICMP message.
    pub payload: Vec<u8>,
}

/// Where a queued error comes from (`SO_EE_ORIGIN_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErrorOrigin {
    /// This very stack, before the packet left.
    Local,
    /// An ICMP message.
    Icmp {
        /// Who sent it.
        offender: IpAddr,
        /// Its type.
        kind: u8,
        /// Its code.
        code: u8,
    },
}

/// A frame that a packet socket saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapturedFrame {
    /// When it passed.
    pub time: Instant,
    /// The link that it passed.
    pub link: IfIndex,
    /// Which way.
    pub direction: Direction,
    /// The whole frame, from the Ethernet header on.
    pub bytes: Vec<u8>,
}
