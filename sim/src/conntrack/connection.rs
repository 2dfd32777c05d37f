//! One connection (`struct nf_conn`).

use super::Arrival;
use super::ecache::Noted;
use super::tcp::TcpTrack;
use super::tuple::Tuple;
use vethlab_shared::name::IfIndex;
use vethlab_shared::netfilter::ConnectionCounter;
use vethlab_shared::time::{Duration, Instant};

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
    /// What has passed in each direction, where that is counted (`struct nf_conn_acct`).
    pub(crate) counters: Option<Box<[ConnectionCounter; 2]>>,
    /// What is to be told of it; none where nobody on the machine listened when it began (`nf_ct_ecache_ext_add`).
    pub(crate) noted: Option<Noted>,
}

impl Connection {
    /// The tuple of packets in a direction.
    pub(crate) fn tuple(&self, direction: Direction) -> &Tuple {
        match direction {
            Direction::Original => &self.original,
            Direction::Reply => &self.reply,
        }
    }

    /// It is more than a question and its answer (`IPS_ASSURED_BIT`).
    pub(super) fn assure(&mut self) {
        if !self.status.contains(Status::ASSURED) {
            self.status |= Status::ASSURED;
            self.note(Noted::ASSURED);
        }
    }

    /// Counts a packet (`nf_ct_acct_update`).
    pub(super) fn count(&mut self, arrival: &Arrival<'_>) {
        if let Some(counters) = &mut self.counters {
            let counter = &mut counters[arrival.direction as usize];
            counter.packets += 1;
            counter.bytes += arrival.length as u64;
        }
    }

    /// A packet keeps it known for so many seconds (`nf_ct_refresh_acct`).
    pub(super) fn refresh(&mut self, arrival: &Arrival<'_>, timeout: i32) {
        self.count(arrival);
        self.expires = arrival.now + seconds(timeout);
    }
}

/// A time-out; one that is negative is over at once (`nf_ct_expires`).
pub(super) fn seconds(setting: i32) -> Duration {
    Duration::from_secs(u64::try_from(setting).unwrap_or_default())
}

/// What says that an end of packets in a direction is translated.
pub(crate) fn translates(source: bool, direction: Direction) -> Status {
    if source == (direction == Direction::Original) { Status::SRC_NAT } else { Status::DST_NAT }
}
