//! What IPv4 keeps of a link (`include/linux/inetdevice.h`).

use crate::sysctl::DevConf;
use std::net::Ipv4Addr;
use vethlab_shared::time::Duration;
use vethlab_shared::view::{AddressFlags, Scope};

/// The IPv4 side of a link (`struct in_device`). What IPv6 keeps of it stands beside this one (`struct inet6_dev`).
#[derive(Clone, Debug)]
pub(crate) struct InDevice {
    /// The addresses in the order in which the kernel keeps them (`ifa_list`).
    pub(crate) addresses: Vec<Address>,
    /// The settings in `net.ipv4.conf` (`cnf`).
    pub(crate) conf: DevConf,
    /// For how long a neighbour's answer counts on this link (`arp_parms->reachable_time`).
    pub(crate) reachable_time: Duration,
}

impl InDevice {
    /// One without addresses, with these settings (`inetdev_init`).
    pub(crate) fn new(conf: DevConf, reachable_time: Duration) -> InDevice {
        InDevice { addresses: Vec::new(), conf, reachable_time }
    }
}

/// An IPv4 address of a link (`struct in_ifaddr`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) local: Ipv4Addr,
    pub(crate) peer: Ipv4Addr,
    pub(crate) prefix_length: u8,
    pub(crate) broadcast: Option<Ipv4Addr>,
    pub(crate) label: String,
    pub(crate) scope: Scope,
    pub(crate) flags: AddressFlags,
}
