//! Neighbour entries, as `RTM_GETNEIGH` reports them.

use crate::mac::MacAddress;
use crate::name::IfIndex;
use crate::time::Duration;
use bitflags::bitflags;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

bitflags! {
    /// The state of a neighbour entry (`NUD_*` in `linux/neighbour.h`); one bit at a time.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub struct NeighbourState: u16 {
        /// Asked, no answer yet.
        const INCOMPLETE = 0x01;
        /// Heard from lately.
        const REACHABLE = 0x02;
        /// Known, but not heard from lately.
        const STALE = 0x04;
        /// Used while stale: if nothing is heard soon, probe.
        const DELAY = 0x08;
        /// Being asked again.
        const PROBE = 0x10;
        /// Did not answer.
        const FAILED = 0x20;
        /// Needs no ARP.
        const NO_ARP = 0x40;
        /// Set by the administrator, for good.
        const PERMANENT = 0x80;
    }
}

/// One entry of a neighbour table: of IPv4, the ARP cache.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NeighbourView {
    /// The link that it is on.
    pub link: IfIndex,
    /// Its address.
    pub destination: IpAddr,
    /// Its Ethernet address, where known.
    pub address: Option<MacAddress>,
    /// Its state.
    pub state: NeighbourState,
}

/// What holds for the neighbours on one link, as `RTM_GETNEIGHTBL` reports it (`struct neigh_parms`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeighbourParameters {
    /// The link.
    pub link: IfIndex,
    /// For how long an answer counts: drawn at random (`neigh_rand_reach_time`).
    pub reachable_time: Duration,
}
