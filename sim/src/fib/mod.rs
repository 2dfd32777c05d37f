//! The forwarding information base: what the kernel knows about where packets go (`net/ipv4/fib_*.c`).
//!
//! There are no routing rules yet: every lookup goes through `local` and `main`, which share one trie as in
//! the kernel (`fib_new_table`), and then through `default`.

mod address;
mod config;
mod entry;
#[cfg(test)]
pub(crate) mod fixture;
mod flat;
mod large;
mod link;
mod lists;
mod lookup;
mod nexthop;
mod settings;
mod table;
#[cfg(test)]
mod tests;
mod trie;

pub(crate) use entry::{Entry, Shared};
pub(crate) use lookup::{Key, Match, Step};
pub(crate) use settings::RouteSettings;

use crate::link::Address;
use config::Config;
use std::net::Ipv4Addr;
use std::sync::Arc;
use table::Table;
use vethlab_shared::change::{Modify, RouteSpec};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::name::IfIndex;
use vethlab_shared::prefix::Ipv4Prefix;
use vethlab_shared::view::{RouteFlags, RouteKind, RouteView, table as id};

/// The routing tables of one namespace. A clone shares the tables until one of the two is altered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fib {
    /// In the order in which the kernel dumps them: by the hash of their number, then the newest first.
    tables: Vec<Arc<Table>>,
    /// A `local` route was made by hand (`fib_has_custom_local_routes`): the quick check of a source address
    /// does not do any more.
    custom_local_routes: bool,
    /// The links that have an own address, by address; of one address the newest last (`net->ipv4.inet_addr_lst`).
    owners: Vec<Owner>,
}

/// A link with an own address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Owner {
    address: Ipv4Addr,
    link: IfIndex,
    subnet: Ipv4Prefix,
}

impl Fib {
    /// How many bytes it takes: of a table that is shared in parts, what an alteration copies of it.
    pub(crate) fn weight(&self) -> usize {
        self.owners.len() * size_of::<Owner>() + self.tables.iter().map(|table| table.weight()).sum::<usize>()
    }

    /// Adds or replaces a route (`inet_rtm_newroute`).
    ///
    /// # Errors
    /// As the kernel answers; a table that was named exists afterwards even so.
    pub(crate) fn insert(
        &mut self,
        settings: RouteSettings<'_>,
        how: Modify,
        spec: &RouteSpec,
    ) -> Result<(), StackError> {
        let spec = Config::of(spec)?;
        self.insert_checked(settings, how, &spec)?;
        self.custom_local_routes |= spec.kind == RouteKind::Local;
        Ok(())
    }

    /// `fib_new_table` and `fib_table_insert`, for a route whose prefix is known to be good.
    fn insert_checked(
        &mut self,
        settings: RouteSettings<'_>,
        how: Modify,
        spec: &Config,
    ) -> Result<(), StackError> {
        self.ensure_table(spec.table);
        let entry = nexthop::create(self, settings, spec)?;
        if self.would_choose(spec, &entry, how) {
            let what = "several default routes with gateways and the same metric";
            return Err(StackError::NotModelled(what.to_owned()));
        }
        match self.table_mut(spec.table) {
            Some(table) => Ok(table.insert(spec.destination, entry, how)?),
            None => Err(Errno::ENOBUFS.into()),
        }
    }

    /// Whether the new entry would stand beside another default route that is as good: the kernel then
    /// chooses by the state of the gateways' neighbour entries, in turn (`fib_select_default`).
    fn would_choose(&self, spec: &Config, entry: &Entry, how: Modify) -> bool {
        let joins = how.contains(Modify::CREATE) && !how.intersects(Modify::EXCLUSIVE | Modify::REPLACE);
        let is_rival = |other: &Entry| other.is_alternative_to(entry) && !other.same(entry);
        joins
            && spec.destination.length == 0
            && self.table(spec.table).is_some_and(|table| table.at(spec.destination).iter().any(is_rival))
    }

    /// Takes away the first route that the specification matches (`inet_rtm_delroute`).
    ///
    /// # Errors
    /// `ESRCH` where there is none.
    pub(crate) fn delete(&mut self, spec: &RouteSpec) -> Result<(), StackError> {
        let spec = Config::of(spec)?;
        match self.table_mut(spec.table) {
            Some(table) => Ok(table.delete(&spec)?),
            None => Err(StackError::with_extack(Errno::ESRCH, "FIB table does not exist")),
        }
    }

    /// All routes in the order of a dump (`inet_dump_fib`).
    pub(crate) fn dump(&self, settings: RouteSettings<'_>) -> Vec<RouteView> {
        let mut views = Vec::new();
        for table in &self.tables {
            for (destination, entry) in table.iter() {
                views.push(RouteView {
                    destination: destination.into(),
                    tos: entry.tos,
                    table: table.id,
                    kind: entry.kind,
                    protocol: entry.protocol,
                    scope: entry.scope,
                    metric: entry.metric,
                    gateway: entry.gateway.map(Into::into),
                    output: entry.output,
                    preferred_source: entry.preferred_source.map(Into::into),
                    mtu: entry.mtu,
                    flags: entry.flags(settings),
                });
            }
        }
        views
    }

    /// Whether anything ever made the table.
    pub(crate) fn has_table(&self, number: u32) -> bool {
        self.table(number).is_some()
    }

    /// Whether some route by this link has this gateway (`ip_fib_check_default`).
    pub(crate) fn has_gateway(&self, link: IfIndex, gateway: Ipv4Addr) -> bool {
        self.tables.iter().any(|table| table.any(Some(link), |entry| entry.gateway == Some(gateway)))
    }

    /// Whether one of the entries that share this is there.
    pub(crate) fn has(&self, shared: &Shared) -> bool {
        let is_meant = |entry: &Entry| Shared::new(shared.table, entry) == *shared;
        self.table(shared.table).is_some_and(|table| table.any(shared.entry.output, is_meant))
    }

    /// The table, if anything ever made it (`fib_get_table`).
    fn table(&self, number: u32) -> Option<&Table> {
        self.tables.iter().find(|table| table.id == number).map(Arc::as_ref)
    }

    fn table_mut(&mut self, number: u32) -> Option<&mut Table> {
        self.tables.iter_mut().find(|table| table.id == number).map(Arc::make_mut)
    }

    /// Makes the table where there is none (`fib_new_table`); `local` brings `main` with it.
    fn ensure_table(&mut self, number: u32) {
        if number == id::LOCAL {
            self.ensure_table(id::MAIN);
        }
        if self.table(number).is_none() {
            let bucket = |number: u32| number & 0xff;
            let place = self.tables.partition_point(|table| bucket(table.id) < bucket(number));
            if self.tables.len() < 2 {
                // Most namespaces have `local` and `main`.
                self.tables.reserve_exact(1);
            }
            self.tables.insert(place, Arc::new(Table::new(number)));
        }
    }

    /// An address was put on a link's list (`inet_hash_insert`).
    pub(crate) fn own(&mut self, address: &Address, link: IfIndex) {
        if self.owners.len() < 2 {
            // Most namespaces have one address, or that and loopback's.
            self.owners.reserve_exact(1);
        }
        let place = self.owners.partition_point(|owner| owner.address <= address.local);
        self.owners.insert(place, Owner { address: address.local, link, subnet: address.subnet() });
    }

    /// An address was taken off a link's list (`inet_hash_remove`).
    pub(crate) fn disown(&mut self, address: &Address, link: IfIndex) {
        let gone = Owner { address: address.local, link, subnet: address.subnet() };
        let start = self.owners.partition_point(|owner| owner.address < gone.address);
        let own = self.owners[start..].iter().take_while(|owner| owner.address == gone.address);
        if let Some(place) = own.into_iter().position(|owner| *owner == gone) {
            self.owners.remove(start + place);
        }
    }

    /// The link whose list the address is on; of several, the one that got it last
    /// (`inet_lookup_ifaddr_rcu`).
    pub(crate) fn owner(&self, address: Ipv4Addr) -> Option<IfIndex> {
        let behind = self.owners.partition_point(|owner| owner.address <= address);
        self.owners[..behind].last().filter(|owner| owner.address == address).map(|owner| owner.link)
    }

    /// Takes the doomed entries out of the tables that are meant (`fib_flush`); where a link is named, those by that link.
    fn remove_all(
        &mut self,
        link: Option<IfIndex>,
        is_meant: impl Fn(u32) -> bool,
        is_doomed: impl Fn(&Entry) -> bool,
    ) {
        for table in self.tables.iter_mut().filter(|table| is_meant(table.id)) {
            if table.any(link, &is_doomed) {
                Arc::make_mut(table).remove_all(link, &is_doomed);
            }
        }
    }

    /// Alters the wanted entries by a link in place, in all tables.
    fn alter(&mut self, link: IfIndex, wanted: impl Fn(&Entry) -> bool, alter: impl Fn(&mut Entry)) {
        for table in &mut self.tables {
            if table.any(Some(link), &wanted) {
                Arc::make_mut(table).alter(link, &wanted, &alter);
            }
        }
    }
}

impl Entry {
    /// The flags that a dump shows (`fib_nexthop_info`).
    fn flags(&self, settings: RouteSettings<'_>) -> RouteFlags {
        let mut flags = RouteFlags::empty();
        flags.set(RouteFlags::ON_LINK, self.on_link);
        flags.set(RouteFlags::LINK_DOWN, self.link_down);
        flags.set(RouteFlags::DEAD, self.link_down && settings.ignores_link_down(self.output));
        flags
    }
}
