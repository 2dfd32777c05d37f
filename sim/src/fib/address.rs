//! The routes that addresses bring along (`fib_add_ifaddr`, `fib_del_ifaddr` in `net/ipv4/fib_frontend.c`).

use super::Fib;
use super::config::Config;
use super::settings::RouteSettings;
use crate::link::{Address, Link};
use std::net::Ipv4Addr;
use vethlab_shared::change::Modify;
use vethlab_shared::name::IfIndex;
use vethlab_shared::prefix::Ipv4Prefix;
use vethlab_shared::view::{AddressFlags, Protocol, RouteFlags, RouteKind, Scope, table as id};

impl Address {
    /// The prefix that it connects to.
    pub(crate) fn subnet(&self) -> Ipv4Prefix {
        Ipv4Prefix::new(self.peer, self.prefix_length).network()
    }

    pub(crate) fn is_secondary(&self) -> bool {
        self.flags.contains(AddressFlags::SECONDARY)
    }

    /// Whether it brings a connected route and that prefix's broadcast: not for `0.0.0.0`, not for a lone /32.
    fn has_subnet(&self) -> bool {
        let subnet = self.subnet();
        !subnet.address.is_unspecified() && (subnet.address != self.local || self.prefix_length < 32)
    }

    fn broadcast_or_zero(&self) -> Ipv4Addr {
        self.broadcast.unwrap_or(Ipv4Addr::UNSPECIFIED)
    }
}

/// The first address of the link with this very prefix (`inet_ifa_byprefix`).
pub(crate) fn by_prefix(link: &Link, prefix: Ipv4Prefix) -> Option<&Address> {
    link.addresses().iter().find(|address| address.subnet() == prefix)
}

/// A route that the kernel makes for an address (`fib_magic`).
fn magic(link: IfIndex, kind: RouteKind, destination: Ipv4Prefix, primary: &Address) -> Config {
    Config {
        destination,
        tos: 0,
        table: if kind == RouteKind::Unicast { id::MAIN } else { id::LOCAL },
        kind,
        protocol: Protocol::KERNEL,
        scope: if kind == RouteKind::Local { Scope::HOST } else { Scope::LINK },
        metric: None,
        gateway: None,
        output: Some(link),
        preferred_source: Some(primary.local),
        mtu: None,
        flags: RouteFlags::empty(),
    }
}

/// What a connected route of this link is: the whole prefix is our own on loopback.
fn connected_kind(link: &Link) -> RouteKind {
    if link.is_loopback() { RouteKind::Local } else { RouteKind::Unicast }
}

impl Fib {
    /// Adds the routes of an address that is on the link's list; only the local one while the link is down.
    pub(crate) fn add_address(&mut self, settings: RouteSettings<'_>, link: &Link, address: &Address) {
        let subnet = address.subnet();
        let primary = if address.is_secondary() { by_prefix(link, subnet) } else { Some(address) };
        let Some(primary) = primary else { return };
        let mut add = |kind, prefix| {
            let spec = magic(link.index, kind, prefix, primary);
            // The kernel does not look at what this answers either: the route may be there already.
            let _ = self.insert_checked(settings, Modify::CREATE | Modify::APPEND, &spec);
        };
        add(RouteKind::Local, Ipv4Prefix::host(address.local));
        if !link.is_up() {
            return;
        }
        if let Some(broadcast) = address.broadcast.filter(|broadcast| !broadcast.is_broadcast()) {
            add(RouteKind::Broadcast, Ipv4Prefix::host(broadcast));
        }
        if address.is_secondary() || !address.has_subnet() {
            return;
        }
        if !address.flags.contains(AddressFlags::NO_PREFIX_ROUTE) {
            add(connected_kind(link), subnet);
        }
        if address.prefix_length < 31 {
            add(RouteKind::Broadcast, Ipv4Prefix::host(subnet.broadcast()));
        }
    }

    /// Takes away the routes of an address that nothing else on the link still needs.
    ///
    /// `link` has the addresses that are left. With `deleted_primary`, a secondary address is about to be
    /// promoted: it is on the list still, and that primary's other addresses count as gone.
    pub(crate) fn remove_address(
        &mut self,
        settings: RouteSettings<'_>,
        link: &Link,
        address: &Address,
        deleted_primary: Option<&Address>,
        link_dead: bool,
    ) {
        let subnet = address.subnet();
        let primary = if address.is_secondary() {
            match by_prefix(link, subnet) {
                Some(primary) if deleted_primary.is_none_or(|deleted| deleted == primary) => primary,
                _ => return,
            }
        } else {
            address
        };
        let mut delete = |kind, prefix| {
            let spec = magic(link.index, kind, prefix, primary);
            if let Some(table) = self.table_mut(spec.table) {
                // The route may be gone already; the kernel does not look either.
                let _ = table.delete(&spec);
            }
        };
        let has_subnet = !address.is_secondary() && address.has_subnet();
        if has_subnet && !address.flags.contains(AddressFlags::NO_PREFIX_ROUTE) {
            delete(connected_kind(link), subnet);
        }
        let needed = if link_dead {
            Needed { gone: true, ..Needed::default() }
        } else {
            Needed::on(link, address, primary, deleted_primary)
        };
        if !needed.broadcast {
            delete(RouteKind::Broadcast, Ipv4Prefix::host(address.broadcast_or_zero()));
        }
        if has_subnet && address.prefix_length < 31 {
            if !needed.all_ones {
                delete(RouteKind::Broadcast, Ipv4Prefix::host(subnet.broadcast()));
            }
            if !needed.all_zeros {
                delete(RouteKind::Broadcast, Ipv4Prefix::host(subnet.address));
            }
        }
        if !needed.local {
            delete(RouteKind::Local, Ipv4Prefix::host(address.local));
            if needed.gone && self.address_type(address.local, id::LOCAL, settings) != RouteKind::Local {
                self.source_gone(address.local);
            }
        }
    }
}

/// Which routes of an address the other addresses of its link still need.
#[derive(Default)]
struct Needed {
    local: bool,
    /// The broadcast address that was given.
    broadcast: bool,
    /// The last address of the subnet.
    all_ones: bool,
    /// The first address of the subnet.
    all_zeros: bool,
    /// The address itself is no longer on the list.
    gone: bool,
}

impl Needed {
    /// The scan in `fib_del_ifaddr`: an address counts only if its routes prefer the same source.
    fn on(link: &Link, address: &Address, primary: &Address, deleted: Option<&Address>) -> Needed {
        let mut needed = Needed { gone: true, ..Needed::default() };
        let subnet = address.subnet();
        let (ones, zeros, given) = (subnet.broadcast(), subnet.address, address.broadcast_or_zero());
        let mut same_source = false;
        let mut other_primary: Option<&Address> = None;
        for other in link.addresses() {
            if other == address {
                needed.gone = false;
                continue;
            }
            if deleted.is_some_and(|deleted| deleted.subnet() == other.subnet()) {
                continue;
            }
            if !other.is_secondary() {
                if primary.local != other.local {
                    continue;
                }
                other_primary = Some(other);
                same_source |= other != primary;
            } else if other.subnet() == primary.subnet() {
                other_primary = Some(primary);
            } else {
                if !same_source {
                    continue;
                }
                if other_primary.is_none_or(|prim| prim.subnet() != other.subnet()) {
                    other_primary = by_prefix(link, other.subnet());
                }
                if other_primary.is_none_or(|prim| prim.local != primary.local) {
                    continue;
                }
            }
            let theirs = other.broadcast_or_zero();
            needed.local |= address.local == other.local;
            needed.broadcast |= given == theirs;
            needed.all_ones |= ones == theirs;
            needed.all_zeros |= zeros == theirs;
            if other_primary == Some(other) && other.prefix_length < 31 {
                let theirs = other.subnet();
                if !theirs.address.is_unspecified() {
                    let either = |address| address == theirs.broadcast() || address == theirs.address;
                    needed.broadcast |= either(given);
                    needed.all_ones |= either(ones);
                    needed.all_zeros |= either(zeros);
                }
            }
        }
        needed
    }
}
