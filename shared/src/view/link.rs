//! Links, as `RTM_GETLINK` reports them.

use crate::mac::MacAddress;
use crate::name::{IfIndex, LinkName};
use bitflags::bitflags;
use serde::{Deserialize, Serialize};

bitflags! {
    /// The flags of a link (`IFF_*` in `include/uapi/linux/if.h`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    pub struct LinkFlags: u32 {
        /// Set up by the administrator.
        const UP = 1;
        /// Has a broadcast address.
        const BROADCAST = 1 << 1;
        /// Debugging is on.
        const DEBUG = 1 << 2;
        /// The loopback link.
        const LOOPBACK = 1 << 3;
        /// Joins exactly two stations.
        const POINT_TO_POINT = 1 << 4;
        /// No trailers.
        const NO_TRAILERS = 1 << 5;
        /// Operational state is up or unknown.
        const RUNNING = 1 << 6;
        /// Does not use ARP.
        const NO_ARP = 1 << 7;
        /// Receives every frame.
        const PROMISCUOUS = 1 << 8;
        /// Receives every multicast frame.
        const ALL_MULTICAST = 1 << 9;
        /// Rules over others of a bond.
        const MASTER = 1 << 10;
        /// Ruled over by a bond.
        const SLAVE = 1 << 11;
        /// Can do multicast.
        const MULTICAST = 1 << 12;
        /// Can change its medium.
        const PORT_SELECT = 1 << 13;
        /// Chooses its medium by itself.
        const AUTO_MEDIA = 1 << 14;
        /// Its address is lost when it goes down.
        const DYNAMIC = 1 << 15;
        /// Has carrier: the other end is up.
        const LOWER_UP = 1 << 16;
        /// Waits for a supplicant.
        const DORMANT = 1 << 17;
        /// Echoes what it sends.
        const ECHO = 1 << 18;
    }
}

/// Operational state (RFC 2863, `IF_OPER_*`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OperationalState {
    /// Nobody set it: loopback.
    #[default]
    Unknown,
    /// A part is missing.
    NotPresent,
    /// Set down.
    Down,
    /// Set up, but what lies below is down: no carrier.
    LowerLayerDown,
    /// Under test.
    Testing,
    /// Waits for something outside.
    Dormant,
    /// Works.
    Up,
}

/// What kind of link it is (`IFLA_INFO_KIND`; loopback has none).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkKind {
    /// `lo`.
    Loopback,
    /// One end of a pair.
    Veth,
    /// A switch.
    Bridge,
    /// Another kind, by the name that the kernel gives it.
    Other(String),
}

impl LinkKind {
    /// The MTU that a new link of this kind has, in bytes (`loopback_setup`, `ether_setup`).
    pub fn usual_mtu(&self) -> u32 {
        if *self == LinkKind::Loopback { 65_536 } else { 1500 }
    }
}

/// What went through a link (`struct rtnl_link_stats64`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkStatistics {
    /// Packets received.
    pub rx_packets: u64,
    /// Packets sent.
    pub tx_packets: u64,
    /// Bytes received, Ethernet header counted.
    pub rx_bytes: u64,
    /// Bytes sent, Ethernet header counted.
    pub tx_bytes: u64,
    /// Bad packets received.
    pub rx_errors: u64,
    /// Packets that could not be sent.
    pub tx_errors: u64,
    /// Packets received but dropped.
    pub rx_dropped: u64,
    /// Packets dropped on the way out.
    pub tx_dropped: u64,
    /// Multicast packets received.
    pub multicast: u64,
    /// Collisions while sending.
    pub collisions: u64,
    /// Receive ring overflowed.
    pub rx_over_errors: u64,
    /// Frame alignment errors.
    pub rx_frame_errors: u64,
    /// Packets the host had no room for.
    pub rx_missed_errors: u64,
    /// FIFO overruns while receiving.
    pub rx_fifo_errors: u64,
    /// FIFO underruns while sending.
    pub tx_fifo_errors: u64,
    /// Carrier lost while sending.
    pub tx_carrier_errors: u64,
}

/// One link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkView {
    /// Its number.
    pub index: IfIndex,
    /// Its name.
    pub name: LinkName,
    /// Its kind.
    pub kind: LinkKind,
    /// Its flags.
    pub flags: LinkFlags,
    /// Largest packet in bytes, Ethernet header aside.
    pub mtu: u32,
    /// The queueing discipline: `noop` until it is first set up, then `noqueue`.
    pub qdisc: String,
    /// Its operational state.
    pub state: OperationalState,
    /// The group, 0 for `default`.
    pub group: u32,
    /// Transmit queue length in packets.
    pub tx_queue_length: u32,
    /// Its Ethernet address.
    pub address: MacAddress,
    /// The Ethernet broadcast address.
    pub broadcast: MacAddress,
    /// The other end, as numbered in the namespace where that is (`IFLA_LINK`).
    pub peer: Option<IfIndex>,
    /// This namespace's number for the namespace of the other end, where that is another one
    /// (`IFLA_LINK_NETNSID`).
    pub peer_namespace_id: Option<i32>,
    /// The link that it is a port of (`IFLA_MASTER`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master: Option<IfIndex>,
    /// What went through.
    pub statistics: LinkStatistics,
}

impl LinkView {
    /// Whether all of the flags are set.
    pub fn has(&self, flags: LinkFlags) -> bool {
        self.flags.contains(flags)
    }
}
