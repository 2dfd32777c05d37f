//! What a bridge is, and what its ports are, as data (`struct net_bridge`, `struct net_bridge_port`).

use super::{PortStp, Stp};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::IfIndex;
use vethlab_shared::time::Duration;
use vethlab_shared::view::{PortFlags, PortState};

/// How long a station that is silent stays known (`BR_DEFAULT_AGEING_TIME`).
const AGEING_TIME: Duration = Duration::from_secs(300);

/// What only a bridge has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bridge {
    /// Its ports, the newest first (`port_list`).
    pub(crate) ports: Vec<IfIndex>,
    /// The address that it goes by among bridges (`bridge_id.addr`): none before it had a port.
    pub(crate) identity: MacAddress,
    /// Its address was set by hand, so that it no longer follows its ports (`NET_ADDR_SET`).
    pub(crate) address_is_set: bool,
    /// The same of its MTU (`BROPT_MTU_SET_BY_USER`).
    pub(crate) mtu_is_set: bool,
    /// Whether its carrier depends on its ports: before it had one it has carrier (`br_port_state_selection`).
    pub(crate) follows_ports: bool,
    /// How long a station that is silent stays known.
    pub(crate) ageing_time: Duration,
    /// Whether it listens for who wants to be in which group.
    pub(crate) mcast_snooping: bool,
    /// What it knows of the tree.
    pub(crate) stp: Stp,
}

impl Bridge {
    /// How long a station that is silent stays known, as things stand (`hold_time`).
    pub(crate) fn hold_time(&self) -> Duration {
        if self.stp.topology_change { self.stp.times.forward_delay } else { self.ageing_time }
    }

    /// A bridge without ports.
    pub(crate) fn new() -> Bridge {
        Bridge {
            ports: Vec::new(),
            identity: MacAddress::ZERO,
            address_is_set: false,
            mtu_is_set: false,
            follows_ports: false,
            ageing_time: AGEING_TIME,
            mcast_snooping: true,
            stp: Stp::default(),
        }
    }
}

/// A port of a bridge (`struct net_bridge_port`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Port {
    /// Its number on the bridge (`port_no`).
    pub(crate) number: u16,
    /// Whether it passes frames on.
    pub(crate) state: PortState,
    pub(crate) flags: PortFlags,
    /// Which of two ports comes first.
    pub(crate) priority: u16,
    /// What the way through it costs (`path_cost`).
    pub(crate) cost: u32,
    /// What it knows of the tree.
    pub(crate) stp: PortStp,
}

impl Port {
    /// A new one (`new_nbp`).
    pub(crate) fn new(number: u16) -> Port {
        /// `0x8000 >> BR_PORT_BITS`.
        const PRIORITY: u16 = 32;
        /// What `port_cost` makes of the speed that a `veth` has: 10 Gbit/s.
        const COST: u32 = 2;
        let flags = PortFlags::NEW;
        Port {
            number,
            state: PortState::Disabled,
            flags,
            priority: PRIORITY,
            cost: COST,
            stp: PortStp::default(),
        }
    }

    /// Whether it passes frames on.
    pub(crate) fn forwards(&self) -> bool {
        self.state == PortState::Forwarding
    }

    /// Whether who is behind it may be noted (`nbp_state_should_learn`).
    pub(crate) fn should_learn(&self) -> bool {
        matches!(self.state, PortState::Learning | PortState::Forwarding)
    }
}
