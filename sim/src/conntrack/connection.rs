//! One connection (`struct nf_conn`).

use super::tcp::TcpTrack;
use super::tuple::Tuple;
use vethlab_shared::name::IfIndex;
use vethlab_shared::time::Instant;

pub(crate) use vethlab_shared::netfilter::ConnectionStatus as Status;

/// Which way a packet of a connection goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// As the first one.
    Original,
    Reply,
}

impl Direction {
    pub(crate) fn opposite(self) -> Direction {
        match self {
            Direction::Original => Direction::Reply,
            Direction::Reply => Direction::Original,
        }
    }
}

/// What a protocol keeps (`union nf_conntrack_proto`).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Protocol {
    Other,
    /// From when on a conversation is more than a question and its answer (`stream_ts`).
    Udp {
        stream_from: Instant,
    },
    Tcp(TcpTrack),
}

#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) original: Tuple,
    pub(crate) reply: Tuple,
    pub(crate) status: Status,
    pub(crate) mark: u32,
    pub(crate) protocol: Protocol,
    /// Until when it is known, unless more packets come.
    pub(crate) expires: Instant,
    /// The link whose address stands for its source (`nat->masq_index`).
    pub(crate) masquerades_by: Option<IfIndex>,
}

impl Connection {
    /// The tuple of packets in a direction.
    pub(crate) fn tuple(&self, direction: Direction) -> &Tuple {
        match direction {
            Direction::Original => &self.original,
            Direction::Reply => &self.reply,
        }
    }
}

/// What says that an end of packets in a direction is translated.
pub(crate) fn translates(source: bool, direction: Direction) -> Status {
    if source == (direction == Direction::Original) { Status::SRC_NAT } else { Status::DST_NAT }
}
