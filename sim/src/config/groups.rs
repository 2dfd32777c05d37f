//! The groups that every link joins (`ip_mc_up`, `ipv6_add_dev`), as Ethernet addresses.

use crate::id::LinkId;
use crate::link::{ALL_NODES, Filters, Link};
use crate::world::World;
use std::net::Ipv4Addr;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::view::LinkFlags;

/// The least MTU with which a link carries IPv6, in bytes (`IPV6_MIN_MTU`).
const IPV6_MINIMUM_MTU: u32 = 1280;

/// The Ethernet address of a group (`ip_eth_mc_map`).
pub(crate) fn of_ipv4(group: Ipv4Addr) -> MacAddress {
    let [_, a, b, c] = group.octets();
    MacAddress([0x01, 0x00, 0x5e, a & 0x7f, b, c])
}

/// The group of all hosts (`IGMP_ALL_HOSTS`).
const ALL_HOSTS: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 1);

impl Link {
    /// Whether a kernel that has IPv6 keeps anything for it here.
    pub(crate) fn can_carry_ipv6(&self) -> bool {
        !self.is_loopback() && self.mtu >= IPV6_MINIMUM_MTU
    }

    /// A new link joins the group of all nodes where it can carry IPv6 (`ipv6_add_dev`).
    pub(super) fn join_all_nodes(&mut self) {
        if self.can_carry_ipv6() {
            self.filters.join(ALL_NODES);
        }
    }

    /// The MTU was another one: IPv6 goes, with all its groups, or comes anew (`addrconf_notify`).
    pub(super) fn ipv6_mtu_changed(&mut self, old: u32) {
        let could = !self.is_loopback() && old >= IPV6_MINIMUM_MTU;
        match (could, self.can_carry_ipv6()) {
            (false, true) => {
                self.filters.join(ALL_NODES);
                self.filters.ipv6_is_ready = self.visible_flags().contains(LinkFlags::RUNNING);
            }
            (true, false) => self.filters.leave_ipv6(),
            _ => {}
        }
    }
}

impl World {
    /// A link goes up: it joins the group of all hosts where it has IPv4 (`ip_mc_up`).
    pub(super) fn mc_up(&mut self, at: LinkId) {
        self.alter_filters(at, |filters| filters.join(of_ipv4(ALL_HOSTS)));
    }

    /// A link goes down (`ip_mc_down`, `ipv6_mc_down`).
    pub(super) fn mc_down(&mut self, at: LinkId) {
        self.alter_filters(at, |filters| {
            filters.leave(of_ipv4(ALL_HOSTS));
            if filters.ipv6_is_ready {
                filters.leave_ipv6();
            }
        });
    }

    fn alter_filters(&mut self, at: LinkId, alter: fn(&mut Filters)) {
        let has_ipv4 = |link: &&mut Link| link.inet.is_some() && !link.is_loopback();
        if let Some(link) = self.link_mut(at).filter(has_ipv4) {
            alter(&mut link.filters);
        }
    }
}
