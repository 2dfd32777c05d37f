//! One connection (`struct nf_conn`).

use super::tcp::TcpTrack;
use super::tuple::Tuple;
use bitflags::bitflags;
use vethlab_shared::name::IfIndex;
use vethlab_shared::time::Instant;

bitflags! {
    /// What has happened to a connection (`IPS_*` in `linux/netfilter/nf_conntrack_common.h`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) struct Status: u32 {
        const SEEN_REPLY = 1 << 1;
        const ASSURED = 1 << 2;
        const CONFIRMED = 1 << 3;
        const SRC_NAT = 1 << 4;
        const DST_NAT = 1 << 5;
        const SRC_NAT_DONE = 1 << 7;
        const DST_NAT_DONE = 1 << 8;
    }
}

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
