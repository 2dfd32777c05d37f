//! Bridges, as `RTM_GETNEIGH` with `AF_BRIDGE` reports them.

use crate::mac::MacAddress;
use crate::name::IfIndex;
use serde::{Deserialize, Serialize};

/// A row of a bridge's forwarding database: behind which link a station is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FdbEntry {
    /// The station (`NDA_LLADDR`).
    pub address: MacAddress,
    /// The bridge (`NDA_MASTER`).
    pub bridge: IfIndex,
    /// The port that it is behind, or the bridge itself (`ndm_ifindex`).
    pub link: IfIndex,
    /// The virtual LAN that it is in (`NDA_VLAN`).
    pub vlan: Option<u16>,
    /// How it came to be there.
    pub kind: FdbKind,
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
