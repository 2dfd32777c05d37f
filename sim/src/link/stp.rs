//! What bridges and their ports know of the tree that they make (802.1D), as data (`struct net_bridge`,
//! `struct net_bridge_port`).

use vethlab_shared::mac::MacAddress;
use vethlab_shared::time::{Duration, Instant};

/// By what a bridge is known to others: its priority, and then its address (`bridge_id`). The lowest becomes the root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BridgeId {
    pub(crate) priority: u16,
    pub(crate) address: MacAddress,
}

/// How long things take in the tree, as they stand in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) max_age: Duration,
    pub(crate) hello_time: Duration,
    pub(crate) forward_delay: Duration,
}

impl Times {
    /// Those of a new bridge (`br_dev_setup`).
    pub(crate) const USUAL: Times = Times {
        max_age: Duration::from_secs(20),
        hello_time: Duration::from_secs(2),
        forward_delay: Duration::from_secs(15),
    };
}

/// Which of the timers of a bridge, or of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StpTimer {
    /// The root tells of itself.
    Hello,
    /// A change of the topology is told towards the root again.
    Tcn,
    /// A change of the topology is over.
    TopologyChange,
    /// A port has not heard of the root for too long.
    MessageAge,
    /// A port goes on to its next state.
    ForwardDelay,
    /// A port may send again.
    Hold,
}

/// A timer: when it runs out, where it is set, and which setting this is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Timing {
    pub(crate) ends: Option<Instant>,
    pub(crate) generation: u32,
}

/// What a bridge knows of its tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stp {
    /// It takes part in a tree (`BR_KERNEL_STP`).
    pub(crate) is_on: bool,
    pub(crate) priority: u16,
    /// The times in force: those that the root says.
    pub(crate) times: Times,
    /// The times that it says where it is the root (`bridge_max_age`, …).
    pub(crate) own_times: Times,
    pub(crate) root: BridgeId,
    pub(crate) root_path_cost: u32,
    /// The number of the port towards the root; 0 where it is the root itself.
    pub(crate) root_port: u16,
    pub(crate) topology_change: bool,
    pub(crate) topology_change_detected: bool,
    pub(crate) hello: Timing,
    pub(crate) tcn: Timing,
    pub(crate) topology_change_timer: Timing,
}

impl Default for Stp {
    fn default() -> Stp {
        /// `0x8000`.
        const PRIORITY: u16 = 0x8000;
        let root = BridgeId { priority: PRIORITY, address: MacAddress::ZERO };
        Stp {
            is_on: false,
            priority: PRIORITY,
            times: Times::USUAL,
            own_times: Times::USUAL,
            root,
            root_path_cost: 0,
            root_port: 0,
            topology_change: false,
            topology_change_detected: false,
            hello: Timing::default(),
            tcn: Timing::default(),
            topology_change_timer: Timing::default(),
        }
    }
}

/// What a port has heard, or says itself: which root, how far, and from whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Designated {
    pub(crate) root: BridgeId,
    pub(crate) cost: u32,
    pub(crate) bridge: BridgeId,
    pub(crate) port: u16,
}

/// What a port knows of its tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PortStp {
    pub(crate) designated: Designated,
    /// When it heard that, and how old it was by then (`designated_age`).
    pub(crate) heard: Instant,
    pub(crate) age: Duration,
    pub(crate) topology_change_ack: bool,
    pub(crate) config_pending: bool,
    pub(crate) message_age: Timing,
    pub(crate) forward_delay: Timing,
    pub(crate) hold: Timing,
}
