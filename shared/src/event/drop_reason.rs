//! Why a packet was dropped.

use serde::{Deserialize, Serialize};

macro_rules! drop_reasons {
    ($($(#[doc = $words:literal])+ $variant:ident = $name:literal,)*) => {
        /// Why a packet was dropped, named as in `enum skb_drop_reason` (`net/dropreason-core.h`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum DropReason {
            $($(#[doc = $words])+ #[serde(rename = $name)] $variant,)*
        }

        impl DropReason {
            /// The kernel's name, without `SKB_DROP_REASON_`.
            pub fn name(self) -> &'static str {
                match self { $(DropReason::$variant => $name,)* }
            }

            /// The reason in words: a sentence without its full stop.
            pub fn words(self) -> &'static str {
                let words = match self { $(DropReason::$variant => concat!($($words),+),)* };
                words.trim().trim_end_matches('.')
            }
        }
    };
}

drop_reasons! {
    /// The kernel gives no closer reason.
    NotSpecified = "NOT_SPECIFIED",
    /// The frame is for another station.
    OtherHost = "OTHERHOST",
    /// The IPv4 checksum is wrong.
    IpCsum = "IP_CSUM",
    /// The IPv4 header is broken, or the time to live ran out.
    IpInHdr = "IP_INHDR",
    /// The ICMP checksum is wrong.
    IcmpCsum = "ICMP_CSUM",
    /// The UDP checksum is wrong.
    UdpCsum = "UDP_CSUM",
    /// Nothing here speaks this protocol.
    IpNoProto = "IP_NOPROTO",
    /// Nothing here takes frames of this type.
    UnhandledProto = "UNHANDLED_PROTO",
    // An echo reply ends so even when `ping` has it: `ping` reads a copy from a raw socket, and the packet itself
    // goes on to look for a ping socket (`ping_rcv`).
    /// No socket wants it.
    NoSocket = "NO_SOCKET",
    /// The socket's buffer is full.
    SocketRcvbuff = "SOCKET_RCVBUFF",
    /// Reverse-path filter.
    IpRpFilter = "IP_RPFILTER",
    /// An invalid local source.
    IpLocalSource = "IP_LOCAL_SOURCE",
    /// An invalid source address.
    IpInvalidSource = "IP_INVALID_SOURCE",
    /// An invalid destination address.
    IpInvalidDest = "IP_INVALID_DEST",
    /// A loopback address came in from outside.
    IpLocalnet = "IP_LOCALNET",
    /// No route for what came in.
    IpInNoRoutes = "IP_INNOROUTES",
    /// It is for another machine, and nothing is sent on here.
    IpInAddrErrors = "IP_INADDRERRORS",
    /// No route for what goes out.
    IpOutNoRoutes = "IP_OUTNOROUTES",
    /// A unicast packet in a broadcast frame.
    UnicastInL2Multicast = "UNICAST_IN_L2_MULTICAST",
    /// No neighbour entry could be made.
    NeighCreateFail = "NEIGH_CREATEFAIL",
    /// The neighbour did not answer.
    NeighFailed = "NEIGH_FAILED",
    /// Too many packets wait for the neighbour.
    NeighQueueFull = "NEIGH_QUEUEFULL",
    /// What it waited in was thrown away.
    QueuePurge = "QUEUE_PURGE",
    /// Messages of this kind are not taken when they are sent to everybody.
    InvalidProto = "INVALID_PROTO",
    /// The neighbour entry is dead.
    NeighDead = "NEIGH_DEAD",
    /// Larger than the MTU of what it should leave by.
    PktTooBig = "PKT_TOO_BIG",
    /// A device below is not ready: down, or without carrier.
    DevReady = "DEV_READY",
    /// The link's queueing discipline is `noop`: it is down.
    QdiscDrop = "QDISC_DROP",
    /// A netfilter rule.
    NetfilterDrop = "NETFILTER_DROP",
    /// A fragment that was there already.
    DupFrag = "DUP_FRAG",
    /// Fragments did not all arrive in time.
    FragReasmTimeout = "FRAG_REASM_TIMEOUT",
    /// Cut short.
    PktTooSmall = "PKT_TOO_SMALL",
}
