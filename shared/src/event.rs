//! What happened, in the kernel's own words.
//!
//! Each kind of event is named after the tracepoint or the function at which the kernel would tell the same.
//! Every packet begins with [`EventKind::PacketCreated`] and ends with exactly one of
//! [`EventKind::ConsumeSkb`] and [`EventKind::KfreeSkb`].

use crate::name::{IfIndex, LinkName, NamespaceName};
use crate::prefix::Prefix;
use crate::socket::SocketId;
use crate::time::Instant;
use crate::view::{NeighbourState, RouteKind};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// One packet on its way through the network. It keeps its number across wires and routers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PacketId(pub u64);

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub time: Instant,
    /// Where.
    pub namespace: NamespaceName,
    /// To which packet, where it is about one.
    pub packet: Option<PacketId>,
    /// What.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// A packet was made because of another one: a reply, an ICMP error, an ARP request.
    PacketCreated {
        /// The packet that it is due to, where there is one.
        parent: Option<PacketId>,
    },
    /// A frame left by a link (`net_dev_xmit`).
    NetDevXmit {
        /// The link.
        link: LinkName,
        /// The frame.
        frame: Vec<u8>,
    },
    /// A frame came in by a link (`netif_receive_skb`).
    NetifReceiveSkb {
        /// The link.
        link: LinkName,
        /// The frame.
        frame: Vec<u8>,
    },
    /// The routing tables were asked (`fib_table_lookup`).
    FibTableLookup {
        /// For this destination.
        destination: Ipv4Addr,
        /// With this source, where it was known.
        source: Option<Ipv4Addr>,
        /// For a packet that came in by this link.
        input: Option<IfIndex>,
        /// Entries that the destination is in, longest prefix first, up to the winner.
        considered: Vec<Considered>,
        /// The kind of the winner; `None` where no entry matched.
        decision: Option<RouteKind>,
        /// The winner's next hop.
        gateway: Option<Ipv4Addr>,
        /// The link to leave by.
        output: Option<LinkName>,
        /// The source that was chosen.
        chosen_source: Option<Ipv4Addr>,
    },
    /// A neighbour entry was made (`neigh_create`).
    NeighCreate {
        /// Its link.
        link: LinkName,
        /// Its address.
        destination: Ipv4Addr,
    },
    /// A neighbour entry went from one state to another (`neigh_update`).
    NeighUpdate {
        /// Its link.
        link: LinkName,
        /// Its address.
        destination: Ipv4Addr,
        /// The state before.
        from: NeighbourState,
        /// The state after.
        to: NeighbourState,
        /// Why.
        cause: NeighbourCause,
    },
    /// A packet passed a netfilter hook (`nf_hook_slow`).
    NfHook {
        /// Which hook.
        hook: Hook,
        /// Whether it may go on.
        accepted: bool,
    },
    /// An ICMP error was made about this packet (`icmp_send`).
    IcmpSend {
        /// The type of the ICMP message.
        kind: u8,
        /// Its code.
        code: u8,
        /// Whom it goes to.
        to: Ipv4Addr,
    },
    /// A socket was given the packet to read (`sock_queue_rcv_skb`); the packet itself goes on.
    SockQueueRcvSkb {
        /// Which socket.
        socket: SocketId,
    },
    /// The packet reached the part of the stack that it was for, and ended there well (`consume_skb`).
    ConsumeSkb {
        /// Who took it.
        by: Consumer,
    },
    /// The packet ended here (`kfree_skb`).
    KfreeSkb {
        /// Why.
        reason: DropReason,
    },
}

/// An entry that a routing lookup looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Considered {
    /// The table.
    pub table: u32,
    /// The entry's prefix.
    pub prefix: Prefix,
    /// Its kind.
    pub kind: RouteKind,
    /// Its link.
    pub output: Option<LinkName>,
    /// Whether it was taken.
    pub taken: bool,
}

/// Why a neighbour entry changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NeighbourCause {
    /// A packet needed it.
    Used,
    /// An ARP request from it came in.
    Request,
    /// An ARP reply came in.
    Reply,
    /// A timer ran out.
    Timer,
    /// No answer after the last probe.
    NoAnswer,
    /// The administrator said so.
    Administrator,
}

/// The places where netfilter looks at a packet (`enum nf_inet_hooks`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hook {
    /// Just received.
    PreRouting,
    /// For this machine.
    LocalIn,
    /// For another one.
    Forward,
    /// Made here.
    LocalOut,
    /// About to leave.
    PostRouting,
}

/// Where a packet ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consumer {
    /// The ARP code.
    Arp,
    /// The ICMP code.
    Icmp,
    /// It was cut into fragments, which go on in its place.
    Fragmentation,
    /// It was a fragment, and is part of a whole packet now.
    Reassembly,
}

macro_rules! drop_reasons {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// Why a packet was dropped, named as in `enum skb_drop_reason` (`net/dropreason-core.h`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum DropReason {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl DropReason {
            /// The kernel's name, without `SKB_DROP_REASON_`.
            pub fn name(self) -> &'static str {
                match self { $(DropReason::$variant => $name,)* }
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
    /// The IPv4 header is broken.
    IpInHdr = "IP_INHDR",
    /// The ICMP checksum is wrong.
    IcmpCsum = "ICMP_CSUM",
    /// Nothing here speaks this protocol.
    IpNoProto = "IP_NOPROTO",
    /// Nothing here takes frames of this type.
    UnhandledProto = "UNHANDLED_PROTO",
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
    /// The neighbour entry is dead.
    NeighDead = "NEIGH_DEAD",
    /// Larger than the MTU of what it should leave by.
    PktTooBig = "PKT_TOO_BIG",
    /// The time to live ran out (`icmp_send` time exceeded follows).
    IpTtlExceeded = "IP_TTL_EXCEEDED",
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
