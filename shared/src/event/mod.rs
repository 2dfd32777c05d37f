//! What happened, in the kernel's own words.
//!
//! Each kind of event is named after the tracepoint or the function at which the kernel would tell the same.
//! Every packet begins with [`EventKind::PacketCreated`] and ends with exactly one of
//! [`EventKind::ConsumeSkb`] and [`EventKind::KfreeSkb`].

mod drop_reason;
pub(crate) mod hex;
pub mod json;
mod lookup;

pub use drop_reason::{DropReason, ReasonName, UnknownReason};
pub use lookup::{Considered, SourceChoice, Verdict};

use crate::error::Errno;
use crate::name::{IfIndex, LinkName, NamespaceName};
use crate::netfilter::{CtState, RuleVerdict, TableId};
use crate::socket::SocketId;
use crate::time::Instant;
use crate::view::{NeighbourState, RouteKind, SocketState};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// One packet on its way through the network. It keeps its number across wires and routers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PacketId(pub u64);

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its number in the life of its stack, from 1 without a gap for as long as the stack is observed.
    pub number: u64,
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

impl Event {
    /// Whether it is about something that was to be sent: a packet, or a process that wanted to send one.
    pub fn is_traffic(&self) -> bool {
        self.packet.is_some()
            || matches!(
                self.kind,
                EventKind::SysEnterSendto { .. }
                    | EventKind::SysExit { .. }
                    | EventKind::NetDevXmit { .. }
                    | EventKind::NetifReceiveSkb { .. }
            )
    }
}

impl EventKind {
    /// How many bytes it takes to keep such an event, about: most of them are its frame.
    pub fn weight(&self) -> u64 {
        let more = match self {
            EventKind::NetDevXmit { frame, .. } | EventKind::NetifReceiveSkb { frame, .. } => frame.len(),
            EventKind::FibTableLookup { considered, .. }
            | EventKind::FibValidateSource { considered, .. } => size_of_val(&considered[..]),
            EventKind::IpDoFragment { pieces } | EventKind::IpFragReasm { pieces } => {
                size_of_val(&pieces[..])
            }
            EventKind::EventsLost { reason, .. } => reason.len(),
            EventKind::NftTrace { table, chain, .. } => table.name.len() + chain.len(),
            _ => 0,
        };
        (size_of::<Event>() + more) as u64
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// A process asked for something to be sent (`sys_enter_sendto`).
    SysEnterSendto {
        /// By this socket.
        socket: SocketId,
        /// To this address.
        destination: IpAddr,
        /// How many bytes.
        length: usize,
    },
    /// A TCP socket went from one state to another (`inet_sock_set_state`): a connection is asked for, made, or over.
    InetSockSetState {
        /// The socket.
        socket: SocketId,
        /// The state before.
        from: SocketState,
        /// The state after.
        to: SocketState,
        /// Its own address and port. Where a connection is asked for, the port that is chosen for it is known already, other
        /// than in the tracepoint.
        local: SocketAddr,
        /// The other end: no address and no port where there is none.
        peer: SocketAddr,
    },
    /// A TCP socket sends the packet (`__tcp_transmit_skb`).
    TcpTransmitSkb {
        /// The socket.
        socket: SocketId,
        /// The flags of the segment (RFC 9293 section 3.1).
        flags: u8,
        /// The number of its first byte.
        sequence: u32,
        /// The number of the byte that is expected next.
        acknowledgement: u32,
        /// How many bytes of data it carries.
        length: usize,
    },
    /// A process was refused what it asked for (`sys_exit_sendto`, `sys_exit_connect`, `sys_exit_bind`).
    SysExit {
        /// The system call.
        call: Syscall,
        /// The socket.
        socket: SocketId,
        /// The address that it was about.
        address: IpAddr,
        /// The answer.
        errno: Errno,
    },
    /// A packet was made; because of another one where it has a parent: a reply, an ICMP error, an ARP request.
    PacketCreated {
        /// The packet that it is due to, where there is one.
        parent: Option<PacketId>,
    },
    /// A frame left by a link (`net_dev_xmit`).
    NetDevXmit {
        /// The link.
        link: LinkName,
        /// The frame. Events share it: what left by one end of a wire comes in by the other.
        #[serde(with = "hex")]
        frame: Arc<[u8]>,
    },
    /// A frame came in by a link (`netif_receive_skb`).
    NetifReceiveSkb {
        /// The link.
        link: LinkName,
        /// The frame. Events share it: what left by one end of a wire comes in by the other.
        #[serde(with = "hex")]
        frame: Arc<[u8]>,
    },
    /// The routing tables were asked (`fib_table_lookup`).
    FibTableLookup {
        /// For this destination.
        destination: IpAddr,
        /// With this source, where it was known.
        source: Option<IpAddr>,
        /// For a packet that came in by this link.
        input: Option<IfIndex>,
        /// Entries that the destination is in, the longest prefix first, up to the winner.
        considered: Vec<Considered>,
        /// The kind of the winner; `None` where no entry matched.
        decision: Option<RouteKind>,
        /// What was answered instead of a way.
        errno: Option<Errno>,
        /// The winner's next hop.
        gateway: Option<IpAddr>,
        /// The link to leave by.
        output: Option<LinkName>,
        /// The source that was chosen.
        chosen_source: Option<IpAddr>,
        /// By what it was chosen.
        source_by: Option<SourceChoice>,
    },
    /// Whether a packet that came in may have the source that it has: where would an answer go
    /// (`__fib_validate_source`, RFC 3704)? Told where the tables were really asked, which they are not when
    /// neither `rp_filter` nor a redirect depends on it.
    FibValidateSource {
        /// The packet's source.
        source: IpAddr,
        /// The link that it came in by.
        input: LinkName,
        /// The link that an answer would leave by, where there is a way.
        output: Option<LinkName>,
        /// Entries that the source is in, the longest prefix first, up to the winner.
        considered: Vec<Considered>,
        /// The mode that counts: 0 off, 1 strict, 2 loose (`rp_filter`).
        rp_filter: u8,
        /// Whether it may.
        accepted: bool,
    },
    /// Something was learned about the way to a destination: a smaller MTU, or a nearer gateway
    /// (`update_or_create_fnhe`).
    UpdateOrCreateFnhe {
        /// The destination.
        destination: IpAddr,
        /// The gateway, where a redirect told of one.
        gateway: Option<IpAddr>,
        /// The path MTU in bytes, where a router told of one.
        mtu: Option<u32>,
    },
    /// An ARP message was looked at (`arp_process`).
    ArpProcess {
        /// The link that it came in by.
        link: LinkName,
        /// Request or reply.
        operation: ArpOperation,
        /// Who says so: the sender's protocol address.
        sender: Ipv4Addr,
        /// Who is meant: the target's protocol address.
        target: Ipv4Addr,
        /// What is done about it.
        outcome: ArpOutcome,
    },
    /// A neighbour entry was made (`neigh_create`).
    NeighCreate {
        /// Its link.
        link: LinkName,
        /// Its address.
        destination: IpAddr,
        /// Its first state: empty, or `NOARP` where nobody has to be asked.
        state: NeighbourState,
    },
    /// A packet waits for a neighbour's answer (`neigh_event_send_done`).
    NeighEventSendDone {
        /// The neighbour's link.
        link: LinkName,
        /// Its address.
        destination: IpAddr,
        /// How many packets wait for it, this one counted.
        waiting: usize,
    },
    /// A neighbour entry went from one state to another (`neigh_update`).
    NeighUpdate {
        /// Its link.
        link: LinkName,
        /// Its address.
        destination: IpAddr,
        /// The state before.
        from: NeighbourState,
        /// The state after.
        to: NeighbourState,
        /// Why.
        cause: NeighbourCause,
    },
    /// A neighbour entry is gone (`neigh_cleanup_and_release`).
    NeighCleanupAndRelease {
        /// Its link.
        link: LinkName,
        /// Its address.
        destination: IpAddr,
    },
    /// A packet was cut into pieces, which go on in its place (`ip_do_fragment`).
    IpDoFragment {
        /// The pieces, in order.
        pieces: Vec<PacketId>,
    },
    /// Pieces were put together (`ip_frag_reasm`): this packet is the whole.
    IpFragReasm {
        /// The pieces, in order.
        pieces: Vec<PacketId>,
    },
    /// One end of a packet was translated (`nf_nat_manip_pkt`).
    NfNatManipPkt {
        /// Which end.
        end: NatEnd,
        /// Its address before.
        from: IpAddr,
        /// Its address from then on.
        to: IpAddr,
        /// Its port before, or the identifier of an ICMP message; none where its protocol has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from_port: Option<u16>,
        /// Its port from then on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to_port: Option<u16>,
    },
    /// A rule of the packet filter held for a packet, or the policy of a base chain decided on it (`nft_trace_packet`).
    NftTrace {
        /// The table.
        table: TableId,
        /// The chain.
        chain: String,
        /// The rule's handle; none where the chain's policy decided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handle: Option<u64>,
        /// The rule's place in its chain, counted from 1; none where the chain's policy decided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<u32>,
        /// What the packet is to its connection; none where connections are not tracked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ct_state: Option<CtState>,
        /// What came of it.
        verdict: RuleVerdict,
    },
    /// A packet passed a netfilter hook (`nf_hook_slow`).
    NfHook {
        /// Which hook.
        hook: Hook,
        /// Whether it may go on.
        accepted: bool,
    },
    /// An echo request came to the code that answers it (`icmp_echo`).
    IcmpEcho {
        /// Whether it is to be answered; where not, `icmp_echo_ignore_all` is set.
        answered: bool,
    },
    /// Whether one more ICMP error, or echo reply, may go to an address, so soon after the others
    /// (`icmpv4_xrlim_allow`). Told for the types that `icmp_ratemask` names; and where the limit on all of those
    /// together (`icmpv4_global_allow`), or the one on what has no route (`ip_error`), has said no before.
    Icmpv4XrlimAllow {
        /// The type of the ICMP message.
        kind: u8,
        /// Its code.
        code: u8,
        /// Whom it would go to.
        to: IpAddr,
        /// Whether it may.
        allowed: bool,
    },
    /// An ICMP error was made about this packet (`icmp_send`).
    IcmpSend {
        /// The type of the ICMP message.
        kind: u8,
        /// Its code.
        code: u8,
        /// Whom it goes to.
        to: IpAddr,
    },
    /// A socket was given a copy of the packet to read (`sock_queue_rcv_skb`); the packet itself goes on.
    SockQueueRcvSkb {
        /// Which socket.
        socket: SocketId,
    },
    /// A socket was told of an error by this packet (`sock_queue_err_skb`).
    SockQueueErrSkb {
        /// Which socket.
        socket: SocketId,
        /// The error.
        errno: Errno,
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
    /// More happened than the stack could keep (`PACKET_STATISTICS`, `PERF_RECORD_LOST`): what is told up to
    /// here is not all. The simulator keeps everything.
    EventsLost {
        /// What of.
        what: Lost,
        /// How many events, where it is known.
        count: Option<u64>,
        /// Why.
        reason: String,
    },
}

/// What events can be lost of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lost {
    /// Frames that crossed a link.
    Frames,
    /// Why packets were dropped.
    DropReasons,
}

/// A system call that can be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Syscall {
    /// `sendto(2)`.
    Sendto,
    /// `connect(2)`.
    Connect,
    /// `bind(2)`.
    Bind,
}

/// What an ARP message asks for (RFC 826).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArpOperation {
    /// Who has this address?
    Request,
    /// I have.
    Reply,
}

/// What is done about an ARP message (`arp_process`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArpOutcome {
    /// The request is answered, and who asked is learned.
    Answered,
    /// The target is an own address, but `arp_ignore` forbids to answer.
    ArpIgnore,
    /// The sender's address cannot be, or not on this link (`fib_validate_source`): not answered.
    BadSender,
    /// The target is nobody here, and the sender nobody who is in the neighbour table.
    NotForUs,
    /// The sender is in the neighbour table, and was heard: a neighbour update follows where that changes
    /// anything. A request for somebody else counts too.
    Heard,
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

/// An end of a packet (`enum nf_nat_manip_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NatEnd {
    /// Who sent it.
    Source,
    /// Who is to get it.
    Destination,
}

/// Where a packet ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consumer {
    /// The ARP code.
    Arp,
    /// The ICMP code.
    Icmp,
    /// A UDP socket, or several.
    Udp,
    /// A TCP connection, or one that is asked for.
    Tcp,
    /// It was cut into fragments, which go on in its place.
    Fragmentation,
    /// It was a fragment, and is part of a whole packet now.
    Reassembly,
}
