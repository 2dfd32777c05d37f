//! The connections that a namespace tracks: the messages of `net/netfilter/nf_conntrack_netlink.c`.

use super::attribute::{Attributes, Received};
use super::message::Message;
use crate::error::{internal, io_refused};
use crate::netlink::Channel;
use netlink_packet_core::{NLM_F_CREATE, NetlinkMessage, NetlinkPayload};
use netlink_sys::Socket;
use netlink_sys::protocols::NETLINK_NETFILTER;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsFd, BorrowedFd};
use vethlab_shared::error::StackError;
use vethlab_shared::ipv4_only;
use vethlab_shared::netfilter::{
    ConnectionCounter, ConnectionEvent, ConnectionGroups, ConnectionStatus, ConnectionTuple, ConnectionView,
    TcpConntrackState, TuplePart,
};
use vethlab_shared::time::Instant;

/// `NFNL_SUBSYS_CTNETLINK`.
const SUBSYSTEM: u16 = 1;
/// `IPCTNL_MSG_CT_NEW`, `IPCTNL_MSG_CT_GET` and `IPCTNL_MSG_CT_DELETE`.
const NEW: u16 = 0;
const GET: u16 = 1;
const DELETE: u16 = 2;
/// `AF_INET`.
const INET: u8 = 2;

/// `enum ctattr_type`.
mod attribute {
    pub(super) const TUPLE_ORIGINAL: u16 = 1;
    pub(super) const TUPLE_REPLY: u16 = 2;
    pub(super) const STATUS: u16 = 3;
    pub(super) const PROTOINFO: u16 = 4;
    pub(super) const TIMEOUT: u16 = 7;
    pub(super) const MARK: u16 = 8;
    pub(super) const COUNTERS_ORIGINAL: u16 = 9;
    pub(super) const COUNTERS_REPLY: u16 = 10;
    pub(super) const USE: u16 = 11;
    pub(super) const ID: u16 = 12;
}

/// `enum ctattr_tuple`, `ctattr_ip`, `ctattr_l4proto`, `ctattr_protoinfo`, `ctattr_protoinfo_tcp`,
/// `ctattr_counters`.
mod inner {
    pub(super) const TUPLE_IP: u16 = 1;
    pub(super) const TUPLE_PROTO: u16 = 2;
    pub(super) const V4_SOURCE: u16 = 1;
    pub(super) const V4_DESTINATION: u16 = 2;
    pub(super) const NUMBER: u16 = 1;
    pub(super) const SOURCE_PORT: u16 = 2;
    pub(super) const DESTINATION_PORT: u16 = 3;
    pub(super) const ICMP_ID: u16 = 4;
    pub(super) const ICMP_TYPE: u16 = 5;
    pub(super) const ICMP_CODE: u16 = 6;
    pub(super) const TCP: u16 = 1;
    pub(super) const TCP_STATE: u16 = 1;
    pub(super) const PACKETS: u16 = 1;
    pub(super) const BYTES: u16 = 2;
}

fn message(kind: u16, attributes: Attributes) -> Message {
    Message::of(SUBSYSTEM, kind, INET, attributes)
}

/// The connections of IPv4 in this thread's namespace.
///
/// # Errors
/// The kernel's.
pub(crate) fn connections() -> Result<Vec<ConnectionView>, StackError> {
    let mut channel = Channel::open(NETLINK_NETFILTER)?;
    let answers = channel.dump(&message(GET, Attributes::default()))?;
    answers.iter().map(|answer| view(&answer.content()?.1)).collect()
}

/// Takes out a connection of this thread's namespace, or all.
///
/// # Errors
/// `ENOENT` where there is none with this tuple.
pub(crate) fn delete(wanted: Option<&ConnectionTuple>) -> Result<(), StackError> {
    let attributes = match wanted {
        Some(wanted) => Attributes::default().nest(attribute::TUPLE_ORIGINAL, &tuple_attributes(wanted)?),
        None => Attributes::default(),
    };
    Channel::open(NETLINK_NETFILTER)?.alter(&message(DELETE, attributes), 0)
}

fn tuple_attributes(tuple: &ConnectionTuple) -> Result<Attributes, StackError> {
    let (source, destination) = (ipv4_only::address(tuple.source)?, ipv4_only::address(tuple.destination)?);
    let addresses = Attributes::default()
        .bytes(inner::V4_SOURCE, &source.octets())
        .bytes(inner::V4_DESTINATION, &destination.octets());
    let number = Attributes::default().bytes(inner::NUMBER, &[tuple.protocol]);
    let protocol = match tuple.part {
        TuplePart::Ports(from, to) => number
            .bytes(inner::SOURCE_PORT, &from.to_be_bytes())
            .bytes(inner::DESTINATION_PORT, &to.to_be_bytes()),
        TuplePart::Icmp { kind, code, id } => number
            .bytes(inner::ICMP_ID, &id.to_be_bytes())
            .bytes(inner::ICMP_TYPE, &[kind])
            .bytes(inner::ICMP_CODE, &[code]),
        TuplePart::None => number,
    };
    Ok(Attributes::default().nest(inner::TUPLE_IP, &addresses).nest(inner::TUPLE_PROTO, &protocol))
}

fn view(attributes: &Received<'_>) -> Result<ConnectionView, StackError> {
    let tuple_of = |kind| attributes.nested(kind).as_ref().and_then(tuple);
    let both = tuple_of(attribute::TUPLE_ORIGINAL).zip(tuple_of(attribute::TUPLE_REPLY));
    let (original, reply) = both.ok_or_else(|| internal("conntrack: a connection without tuples"))?;
    let counter = |kind| {
        let counters = attributes.nested(kind)?;
        let (packets, bytes) = (counters.u64(inner::PACKETS)?, counters.u64(inner::BYTES)?);
        Some(ConnectionCounter { packets, bytes })
    };
    let counters = counter(attribute::COUNTERS_ORIGINAL).zip(counter(attribute::COUNTERS_REPLY));
    let protoinfo = attributes.nested(attribute::PROTOINFO);
    let state = protoinfo.and_then(|info| info.nested(inner::TCP)?.bytes(inner::TCP_STATE)?.first().copied());
    Ok(ConnectionView {
        original,
        reply,
        status: ConnectionStatus::from_bits_retain(attributes.u32(attribute::STATUS).unwrap_or_default()),
        timeout: attributes.u32(attribute::TIMEOUT).unwrap_or_default(),
        mark: attributes.u32(attribute::MARK).unwrap_or_default(),
        tcp_state: state.and_then(|state| TcpConntrackState::ALL.get(usize::from(state)).copied()),
        uses: attributes.u32(attribute::USE).unwrap_or_default(),
        id: attributes.u32(attribute::ID).unwrap_or_default(),
        counters: counters.map(<[ConnectionCounter; 2]>::from),
    })
}

fn tuple(attributes: &Received<'_>) -> Option<ConnectionTuple> {
    let addresses = attributes.nested(inner::TUPLE_IP)?;
    let address = |kind| -> Option<IpAddr> {
        let bytes: [u8; 4] = addresses.bytes(kind)?.try_into().ok()?;
        Some(Ipv4Addr::from(bytes).into())
    };
    let protocol = attributes.nested(inner::TUPLE_PROTO)?;
    let word = |kind| protocol.bytes(kind)?.try_into().ok().map(u16::from_be_bytes);
    let byte = |kind| protocol.bytes(kind)?.first().copied();
    let part = match (word(inner::SOURCE_PORT), word(inner::DESTINATION_PORT), word(inner::ICMP_ID)) {
        (Some(from), Some(to), _) => TuplePart::Ports(from, to),
        (_, _, Some(id)) => {
            TuplePart::Icmp { kind: byte(inner::ICMP_TYPE)?, code: byte(inner::ICMP_CODE)?, id }
        }
        _ => TuplePart::None,
    };
    Some(ConnectionTuple {
        source: address(inner::V4_SOURCE)?,
        destination: address(inner::V4_DESTINATION)?,
        protocol: byte(inner::NUMBER)?,
        part,
    })
}

/// A socket that hears what the connections of a namespace go through.
pub(crate) struct Listener(Socket);

impl Listener {
    /// Opens one in this thread's namespace, which joins these groups (`NFNLGRP_CONNTRACK_*`).
    ///
    /// # Errors
    /// The kernel's.
    pub(crate) fn open(groups: ConnectionGroups) -> Result<Listener, StackError> {
        let mut socket = Socket::new(NETLINK_NETFILTER).map_err(io_refused)?;
        socket.bind_auto().map_err(io_refused)?;
        socket.set_non_blocking(true).map_err(io_refused)?;
        let numbered =
            [(ConnectionGroups::NEW, 1), (ConnectionGroups::UPDATE, 2), (ConnectionGroups::DESTROY, 3)];
        for (_, number) in numbered.into_iter().filter(|(group, _)| groups.contains(*group)) {
            socket.add_membership(number).map_err(io_refused)?;
        }
        Ok(Listener(socket))
    }

    /// The next event that waits to be read, which is read at this time. Connections of IPv6 are passed over.
    ///
    /// # Errors
    /// `ENOBUFS` where there was no room for events.
    pub(crate) fn receive(&self, time: Instant) -> Result<Option<ConnectionEvent>, StackError> {
        loop {
            let bytes = match self.0.recv_from_full() {
                Ok((bytes, _)) => bytes,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(io_refused(error)),
            };
            let message = NetlinkMessage::<Message>::deserialize(&bytes)
                .map_err(|error| internal(format!("conntrack: {error}")))?;
            let NetlinkPayload::InnerMessage(inner) = &message.payload else { continue };
            let (family, attributes) = inner.content()?;
            let group = match inner.kind & 0xff {
                NEW if message.header.flags & NLM_F_CREATE != 0 => ConnectionGroups::NEW,
                NEW => ConnectionGroups::UPDATE,
                DELETE => ConnectionGroups::DESTROY,
                _ => continue,
            };
            if family == INET && inner.kind >> 8 == SUBSYSTEM {
                let (connection, has_mark) = (view(&attributes)?, attributes.u32(attribute::MARK).is_some());
                let port = message.header.port_number;
                return Ok(Some(ConnectionEvent { time, group, connection, has_mark, port }));
            }
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
