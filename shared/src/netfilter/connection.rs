//! Connections that a namespace tracks (`NFNL_SUBSYS_CTNETLINK` in `linux/netfilter/nfnetlink_conntrack.h`).

use crate::time::Instant;
use bitflags::bitflags;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A connection (`IPCTNL_MSG_CT_NEW`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionView {
    /// The packets that go as the first one did (`CTA_TUPLE_ORIG`).
    pub original: ConnectionTuple,
    /// The answers, as they come in (`CTA_TUPLE_REPLY`).
    pub reply: ConnectionTuple,
    /// What has happened to it (`CTA_STATUS`).
    pub status: ConnectionStatus,
    /// For how many more seconds it stays known, unless more packets come (`CTA_TIMEOUT`).
    pub timeout: u32,
    /// Its mark (`CTA_MARK`).
    pub mark: u32,
    /// The state of a connection of TCP (`CTA_PROTOINFO_TCP_STATE`).
    pub tcp_state: Option<TcpConntrackState>,
    /// How many hold it: the table, and packets on their way (`CTA_USE`).
    pub uses: u32,
    /// A number that tells it from others (`CTA_ID`).
    pub id: u32,
    /// What has passed in the direction of the first packet, and in the other one (`CTA_COUNTERS_ORIG`, `_REPLY`), where
    /// `net.netfilter.nf_conntrack_acct` was set when it began.
    pub counters: Option<[ConnectionCounter; 2]>,
}

/// What a connection went through (`ctnetlink_conntrack_event`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionEvent {
    /// When it was told.
    pub time: Instant,
    /// What it went through: one of the groups.
    pub group: ConnectionGroups,
    /// The connection, as far as it is told: `uses` is 0; there is a state of TCP where it is another one than before, or
    /// the connection is over; there are counters where it is over.
    pub connection: ConnectionView,
    /// Whether its mark is told: one that is not 0 always is, 0 where it has just been set.
    pub has_mark: bool,
    /// The port of the netlink socket by which it was done (`nlmsg_pid`); 0 where packets or time did it.
    pub port: u32,
}

bitflags! {
    /// Kinds of events about connections: the groups of netlink that one joins to hear of them (`NF_NETLINK_CONNTRACK_*`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct ConnectionGroups: u32 {
        /// It began.
        const NEW = 1;
        /// It was answered, went to another state, became assured, or was marked.
        const UPDATE = 1 << 1;
        /// It is over.
        const DESTROY = 1 << 2;
    }
}

/// What has passed in a direction (`struct nf_conn_counter`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionCounter {
    /// How many packets (`CTA_COUNTERS_PACKETS`).
    pub packets: u64,
    /// How many bytes, with the headers behind the link's (`CTA_COUNTERS_BYTES`).
    pub bytes: u64,
}

/// What packets of a connection have in common, in one direction (`CTA_TUPLE_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConnectionTuple {
    /// The source address.
    pub source: IpAddr,
    /// The destination address.
    pub destination: IpAddr,
    /// The protocol behind IP.
    pub protocol: u8,
    /// What the protocol tells apart.
    pub part: TuplePart,
}

/// What a protocol tells apart (`CTA_PROTO_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TuplePart {
    /// Source and destination port of TCP, UDP and their like.
    Ports(u16, u16),
    /// A message of ICMP.
    Icmp {
        /// Its type.
        kind: u8,
        /// Its code.
        code: u8,
        /// Its identifier.
        id: u16,
    },
    /// Nothing.
    None,
}

bitflags! {
    /// What has happened to a connection (`IPS_*` in `linux/netfilter/nf_conntrack_common.h`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    pub struct ConnectionStatus: u32 {
        /// Another connection led to it.
        const EXPECTED = 1;
        /// Packets have passed in both directions.
        const SEEN_REPLY = 1 << 1;
        /// It is more than a question and its answer: it is not the first to go where there are too many.
        const ASSURED = 1 << 2;
        /// Its first packet has passed.
        const CONFIRMED = 1 << 3;
        /// Its source is translated.
        const SRC_NAT = 1 << 4;
        /// Its destination is translated.
        const DST_NAT = 1 << 5;
        /// It was decided whether its source is translated.
        const SRC_NAT_DONE = 1 << 7;
        /// It was decided whether its destination is translated.
        const DST_NAT_DONE = 1 << 8;
        /// It is being taken out.
        const DYING = 1 << 9;
    }
}

/// The state of a connection of TCP as seen in between (`enum tcp_conntrack`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum TcpConntrackState {
    /// No segment was seen.
    None,
    /// A SYN was seen.
    SynSent,
    /// A SYN and its answer were seen.
    SynRecv,
    /// It is established.
    Established,
    /// A FIN was seen.
    FinWait,
    /// The FIN was acknowledged.
    CloseWait,
    /// A FIN was seen in both directions.
    LastAck,
    /// The last FIN was acknowledged.
    TimeWait,
    /// A reset was seen.
    Close,
    /// A SYN was seen in both directions.
    SynSent2,
}

impl TcpConntrackState {
    /// All states, by number.
    pub const ALL: [TcpConntrackState; 10] = [
        TcpConntrackState::None,
        TcpConntrackState::SynSent,
        TcpConntrackState::SynRecv,
        TcpConntrackState::Established,
        TcpConntrackState::FinWait,
        TcpConntrackState::CloseWait,
        TcpConntrackState::LastAck,
        TcpConntrackState::TimeWait,
        TcpConntrackState::Close,
        TcpConntrackState::SynSent2,
    ];

    /// Its name, as `conntrack` and `/proc/net/nf_conntrack` write it (`tcp_conntrack_names`).
    pub fn name(self) -> &'static str {
        match self {
            TcpConntrackState::None => "NONE",
            TcpConntrackState::SynSent => "SYN_SENT",
            TcpConntrackState::SynRecv => "SYN_RECV",
            TcpConntrackState::Established => "ESTABLISHED",
            TcpConntrackState::FinWait => "FIN_WAIT",
            TcpConntrackState::CloseWait => "CLOSE_WAIT",
            TcpConntrackState::LastAck => "LAST_ACK",
            TcpConntrackState::TimeWait => "TIME_WAIT",
            TcpConntrackState::Close => "CLOSE",
            TcpConntrackState::SynSent2 => "SYN_SENT2",
        }
    }
}
