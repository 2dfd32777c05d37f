//! What happens to routes when a link changes (`fib_sync_down_dev`, `fib_sync_up` in
//! `net/ipv4/fib_semantics.c`).

use super::Fib;
use crate::link::Link;
use std::net::Ipv4Addr;
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{LinkFlags, Scope, table as id};

impl Fib {
    /// The link is down: all routes by it go, other than those to own addresses (`fib_disable_ip`).
    pub(crate) fn link_down(&mut self, link: IfIndex) {
        self.remove_all(Some(link), |_| true, |entry| entry.hop_scope != Scope::NOWHERE);
    }

    /// The link has lost IPv4: all routes by it go (`fib_disable_ip`, forced).
    pub(crate) fn link_gone(&mut self, link: IfIndex) {
        self.remove_all(Some(link), |_| true, |_| true);
    }

    /// The link's carrier may have changed (`fib_netdev_event` for `NETDEV_CHANGE`).
    pub(crate) fn link_changed(&mut self, link: &Link) {
        if link.visible_flags().intersects(LinkFlags::RUNNING | LinkFlags::LOWER_UP) {
            self.carrier_found(link);
        } else {
            self.alter(
                link.index,
                |entry| entry.hop_scope != Scope::NOWHERE && !entry.link_down,
                |entry| entry.link_down = true,
            );
        }
    }

    /// Routes by a link that works are no longer marked as without carrier (`fib_sync_up`).
    pub(crate) fn carrier_found(&mut self, link: &Link) {
        let works = link.visible_flags().intersects(LinkFlags::RUNNING | LinkFlags::LOWER_UP);
        if link.is_up() && link.inet.is_some() && works {
            self.alter(link.index, |entry| entry.link_down, |entry| entry.link_down = false);
        }
    }

    /// An own address is gone: so are the routes of `main` that prefer it as a source (`fib_sync_down_addr`).
    pub(super) fn source_gone(&mut self, source: Ipv4Addr) {
        self.remove_all(None, |table| table == id::MAIN, |entry| entry.preferred_source == Some(source));
    }
}
