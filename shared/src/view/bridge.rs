//! Bridges, as `AF_BRIDGE` reports them: their ports, and their forwarding databases.

use crate::mac::MacAddress;
use crate::name::IfIndex;
use crate::time::Duration;
use bitflags::bitflags;
use serde::{Deserialize, Serialize};

bitflags! {
    /// What a row of a forwarding database says besides its state (`NTF_*` in `linux/neighbour.h`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    pub struct FdbFlags: u8 {
        /// As if a frame of the station had come in.
        const USE = 0x01;
        /// It is the link's own: which addresses it takes in.
        const SELF = 0x02;
        /// It is the bridge's that the link is a port of.
        const MASTER = 0x04;
        /// Learned by somebody else, who also lets it age.
        const EXTERNALLY_LEARNED = 0x10;
        /// Hardware knows it.
        const OFFLOADED = 0x20;
        /// It stays behind its port, wherever the station is heard.
        const STICKY = 0x40;
        /// A router.
        const ROUTER = 0x80;
    }
}

/// A row of a forwarding database (`RTM_GETNEIGH`): behind which port of a bridge a station is, or an address that a link
/// takes in by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FdbEntry {
    /// The station (`NDA_LLADDR`).
    pub address: MacAddress,
    /// The bridge whose row it is (`NDA_MASTER`); `None` is the link itself.
    pub bridge: Option<IfIndex>,
    /// The port that it is behind, or the bridge itself (`ndm_ifindex`).
    pub link: IfIndex,
    /// The virtual LAN that it is in (`NDA_VLAN`).
    pub vlan: Option<u16>,
    /// How it came to be there.
    pub kind: FdbKind,
    /// What else there is to say of it (`ndm_flags`).
    pub flags: FdbFlags,
    /// Since when it was not used, and not heard (`NDA_CACHEINFO`): of rows of a bridge.
    pub ages: Option<FdbAges>,
}

/// How old a row is (`struct nda_cacheinfo`), in steps of a hundredth of a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FdbAges {
    /// Since it last said where a frame goes, or was written (`ndm_used`).
    pub used: Duration,
    /// Since the station was last heard (`ndm_updated`).
    pub updated: Duration,
}

/// How a row came to be in the forwarding database (`ndm_state`, `fdb_to_nud`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FdbKind {
    /// An address of the bridge or of a port: what is for it is for this machine (`NUD_PERMANENT`).
    Local,
    /// Written by hand (`NUD_NOARP`).
    Static,
    /// Learned from a frame not long ago (`NUD_REACHABLE`).
    Learned,
    /// Learned from a frame so long ago that it goes at the next look (`NUD_STALE`).
    Stale,
}

/// Whether a port passes frames on (`BR_STATE_*` in `linux/if_bridge.h`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PortState {
    /// Its link or its bridge is down, or somebody has set it so.
    #[default]
    Disabled,
    /// It takes part in the tree, and passes nothing on yet.
    Listening,
    /// It notes who is behind it, and passes nothing on yet.
    Learning,
    /// It takes frames in and gives them out.
    Forwarding,
    /// Passing frames on would close a loop.
    Blocking,
}

impl PortState {
    /// All of them, by their numbers.
    pub const ALL: [PortState; 5] = [
        PortState::Disabled,
        PortState::Listening,
        PortState::Learning,
        PortState::Forwarding,
        PortState::Blocking,
    ];

    /// The state with this number, if there is one.
    pub fn of(number: u8) -> Option<PortState> {
        PortState::ALL.get(usize::from(number)).copied()
    }

    /// Its name, as `bridge` writes it.
    pub fn name(self) -> &'static str {
        match self {
            PortState::Disabled => "disabled",
            PortState::Listening => "listening",
            PortState::Learning => "learning",
            PortState::Forwarding => "forwarding",
            PortState::Blocking => "blocking",
        }
    }
}

bitflags! {
    /// What a port of a bridge does and does not (`BR_*` in `linux/if_bridge.h` of the kernel).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    pub struct PortFlags: u32 {
        /// A frame may leave by the port that it came in by (`IFLA_BRPORT_MODE`).
        const HAIRPIN = 1;
        /// A message of another bridge disables it (`IFLA_BRPORT_GUARD`).
        const GUARD = 1 << 1;
        /// It never becomes the way to the root (`IFLA_BRPORT_PROTECT`).
        const ROOT_BLOCK = 1 << 2;
        /// Who leaves a group is believed at once (`IFLA_BRPORT_FAST_LEAVE`).
        const FAST_LEAVE = 1 << 3;
        /// It notes who is behind it (`IFLA_BRPORT_LEARNING`).
        const LEARNING = 1 << 5;
        /// It gives out frames for stations that nobody knows (`IFLA_BRPORT_UNICAST_FLOOD`).
        const FLOOD = 1 << 6;
        /// It gives out frames for groups (`IFLA_BRPORT_MCAST_FLOOD`).
        const MULTICAST_FLOOD = 1 << 11;
        /// It gives out frames for a group to each member (`IFLA_BRPORT_MCAST_TO_UCAST`).
        const MULTICAST_TO_UNICAST = 1 << 12;
        /// It has tunnels for virtual LANs (`IFLA_BRPORT_VLAN_TUNNEL`).
        const VLAN_TUNNEL = 1 << 13;
        /// It gives out frames for everybody (`IFLA_BRPORT_BCAST_FLOOD`).
        const BROADCAST_FLOOD = 1 << 14;
        /// The bridge answers ARP for who is behind it (`IFLA_BRPORT_NEIGH_SUPPRESS`).
        const NEIGHBOUR_SUPPRESS = 1 << 15;
        /// It gives out no frame of another port that is isolated too (`IFLA_BRPORT_ISOLATED`).
        const ISOLATED = 1 << 16;
        /// It takes in frames of stations alone that are written down for it (`IFLA_BRPORT_LOCKED`).
        const LOCKED = 1 << 21;
    }
}

impl PortFlags {
    /// Those of a new port.
    pub const NEW: PortFlags = PortFlags::LEARNING
        .union(PortFlags::FLOOD)
        .union(PortFlags::MULTICAST_FLOOD)
        .union(PortFlags::BROADCAST_FLOOD);
}

/// A port of a bridge (`RTM_GETLINK` with `AF_BRIDGE`, `IFLA_PROTINFO`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BridgePort {
    /// The port's link (`ifi_index`).
    pub link: IfIndex,
    /// The bridge (`IFLA_MASTER`).
    pub bridge: IfIndex,
    /// Whether it passes frames on (`IFLA_BRPORT_STATE`).
    pub state: PortState,
    /// Which of two ports comes first (`IFLA_BRPORT_PRIORITY`).
    pub priority: u16,
    /// What the way through it costs (`IFLA_BRPORT_COST`).
    pub cost: u32,
    /// What it does and does not.
    pub flags: PortFlags,
    /// Whether a router for groups is behind it (`IFLA_BRPORT_MULTICAST_ROUTER`).
    pub multicast_router: u8,
}
