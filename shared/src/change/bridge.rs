//! What can be altered on bridges.

use crate::mac::MacAddress;
use crate::name::IfIndex;
use crate::view::{FdbFlags, NeighbourState, PortFlags};
use serde::{Deserialize, Serialize};

/// What can be set on a bridge (`IFLA_BR_*`). `None` leaves a thing as it is, or to the kernel where the bridge is new.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BridgeSettings {
    /// How long a station that is silent stays known, in hundredths of a second (`IFLA_BR_AGEING_TIME`).
    pub ageing_time: Option<u32>,
    /// Whether it listens for who wants to be in which group (`IFLA_BR_MCAST_SNOOPING`).
    pub mcast_snooping: Option<bool>,
    /// How long ports listen, and then learn, in hundredths of a second (`IFLA_BR_FORWARD_DELAY`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward_delay: Option<u32>,
    /// How often the root tells of itself, in hundredths of a second (`IFLA_BR_HELLO_TIME`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hello_time: Option<u32>,
    /// After how long what it told counts no more, in hundredths of a second (`IFLA_BR_MAX_AGE`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u32>,
    /// Whether it makes a spanning tree with others (`IFLA_BR_STP_STATE`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stp_state: Option<bool>,
    /// Which of two bridges comes first (`IFLA_BR_PRIORITY`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u16>,
}

/// What can be set on a port of a bridge (`IFLA_BRPORT_*`). `None` leaves a thing as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BridgePortSettings {
    /// Who is to do it: the bridge that the link is a port of (`BRIDGE_FLAGS_MASTER`), the link itself
    /// (`BRIDGE_FLAGS_SELF`), both, or, where nothing is said, the bridge.
    pub to: FdbFlags,
    /// The flags to set or clear: those in `flags_mask` take the value that they have here.
    pub flags: PortFlags,
    /// Which flags to alter.
    pub flags_mask: PortFlags,
    /// What the way through it costs (`IFLA_BRPORT_COST`).
    pub cost: Option<u32>,
    /// Which of two ports comes first (`IFLA_BRPORT_PRIORITY`).
    pub priority: Option<u16>,
    /// The number of its state (`IFLA_BRPORT_STATE`).
    pub state: Option<u8>,
}

/// A row of a forwarding database, to make or to find for deletion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FdbSpec {
    /// The port, or the bridge (`ndm_ifindex`).
    pub link: IfIndex,
    /// The station (`NDA_LLADDR`).
    pub address: MacAddress,
    /// How it is there (`ndm_state`): permanent, without ARP (static) and reachable (learned) count.
    pub state: NeighbourState,
    /// Whose row it is, and what else is said of it (`ndm_flags`).
    pub flags: FdbFlags,
}

/// The rows of a forwarding database that are to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FdbFlush {
    /// The bridge, or a port of it (`ndm_ifindex`).
    pub link: IfIndex,
    /// Only those of this port, or of the bridge itself (`NDA_IFINDEX`).
    pub port: Option<IfIndex>,
    /// How those in `state_mask` must be (`ndm_state`).
    pub state: NeighbourState,
    /// What of their state counts (`NDA_NDM_STATE_MASK`).
    pub state_mask: NeighbourState,
    /// Whose rows they are, and how those in `flags_mask` must be (`ndm_flags`).
    pub flags: FdbFlags,
    /// What else of them counts (`NDA_NDM_FLAGS_MASK`).
    pub flags_mask: FdbFlags,
}
