//! One routing table: entries by prefix, in the order in which the kernel keeps them (`net/ipv4/fib_trie.c`).

use std::collections::btree_map::{BTreeMap, Entry as Slot};
use std::net::Ipv4Addr;
use vethlab_shared::change::{Modify, RouteSpec};
use vethlab_shared::error::Errno;
use vethlab_shared::name::IfIndex;
use vethlab_shared::prefix::Prefix;
use vethlab_shared::view::{Protocol, RouteKind, Scope};

/// One route (`struct fib_alias` with its `struct fib_info` and the one `struct fib_nh`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) tos: u8,
    pub(crate) kind: RouteKind,
    pub(crate) protocol: Protocol,
    pub(crate) scope: Scope,
    pub(crate) metric: u32,
    pub(crate) preferred_source: Option<Ipv4Addr>,
    /// The MTU that the route sets, in bytes.
    pub(crate) mtu: Option<u32>,
    /// The next hop's address as it was given; see [`Entry::next_hop`].
    pub(crate) gateway: Option<Ipv4Addr>,
    pub(crate) output: Option<IfIndex>,
    pub(crate) on_link: bool,
    /// How near the next hop is (`nhc_scope`).
    pub(crate) hop_scope: Scope,
    /// The link has no carrier (`RTNH_F_LINKDOWN`).
    pub(crate) link_down: bool,
}

impl Entry {
    /// The gateway to ask for: one that is an own address is not asked (`rt_set_nexthop`).
    pub(crate) fn next_hop(&self) -> Option<Ipv4Addr> {
        self.gateway.filter(|_| self.hop_scope == Scope::LINK)
    }

    /// Whether the two would share a `struct fib_info` (`fib_find_info`): carrier does not matter.
    pub(super) fn same(&self, other: &Entry) -> bool {
        *self == Entry { link_down: self.link_down, ..*other }
    }

    /// Whether both go to a gateway, as far away and at the same metric.
    pub(super) fn is_alternative_to(&self, other: &Entry) -> bool {
        let has_gateway = |entry: &Entry| entry.kind == RouteKind::Unicast && entry.next_hop().is_some();
        has_gateway(self)
            && has_gateway(other)
            && (self.tos, self.metric, self.scope) == (other.tos, other.metric, other.scope)
    }
}

/// A prefix as a key: ordered by address, then the longer one first.
type PrefixKey = (u32, u8);

fn key(prefix: Prefix) -> PrefixKey {
    (prefix.address.to_bits(), 32 - prefix.length)
}

/// A table.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) id: u32,
    /// By prefix; among equal prefixes the higher type of service first, then the lower metric.
    entries: BTreeMap<PrefixKey, Vec<Entry>>,
    /// How many prefixes of each length there are.
    counts: [usize; 33],
}

impl Table {
    pub(crate) fn new(id: u32) -> Table {
        Table { id, entries: BTreeMap::new(), counts: [0; 33] }
    }

    /// All entries in the order of a dump.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Prefix, &Entry)> {
        self.entries.iter().flat_map(|(&(address, suffix), entries)| {
            let prefix = Prefix::new(Ipv4Addr::from_bits(address), 32 - suffix);
            entries.iter().map(move |entry| (prefix, entry))
        })
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.entries.values_mut().flatten()
    }

    /// The entries for exactly this prefix. Nearly free where no prefix has that length.
    pub(crate) fn at(&self, prefix: Prefix) -> &[Entry] {
        if self.counts[usize::from(prefix.length)] == 0 {
            return &[];
        }
        self.entries.get(&key(prefix)).map_or(&[], Vec::as_slice)
    }

    /// Puts the entry where it belongs (`fib_table_insert`).
    ///
    /// # Errors
    /// `EEXIST` or `ENOENT`, as `how` has it.
    pub(crate) fn insert(&mut self, prefix: Prefix, entry: Entry, how: Modify) -> Result<(), Errno> {
        let entries = self.at(prefix);
        let first = position(entries, entry.tos, entry.metric);
        let rivals = entries[first..]
            .iter()
            .take_while(|other| other.tos == entry.tos && other.metric == entry.metric)
            .count();
        let mut place = first;
        if rivals > 0 {
            if how.contains(Modify::EXCLUSIVE) {
                return Err(Errno::EEXIST);
            }
            let twin = entries[first..first + rivals].iter().position(|other| other.same(&entry));
            if how.contains(Modify::REPLACE) {
                return match twin {
                    Some(0) => Ok(()),
                    Some(_) => Err(Errno::EEXIST),
                    None => {
                        self.entries.entry(key(prefix)).or_default()[first] = entry;
                        Ok(())
                    }
                };
            }
            if twin.is_some() {
                return Err(Errno::EEXIST);
            }
            if how.contains(Modify::APPEND) {
                place = first + rivals;
            }
        }
        if !how.contains(Modify::CREATE) {
            return Err(Errno::ENOENT);
        }
        let entries = self.entries.entry(key(prefix)).or_default();
        if entries.is_empty() {
            self.counts[usize::from(prefix.length)] += 1;
        }
        entries.insert(place, entry);
        Ok(())
    }

    /// Takes away the first entry that matches (`fib_table_delete`).
    ///
    /// # Errors
    /// `ESRCH` where none does.
    pub(crate) fn delete(&mut self, spec: &RouteSpec) -> Result<(), Errno> {
        let entries = self.at(spec.destination);
        let first = position(entries, spec.tos, 0);
        let found = entries[first..]
            .iter()
            .take_while(|entry| entry.tos == spec.tos)
            .position(|entry| matches(spec, entry))
            .ok_or(Errno::ESRCH)?;
        if let Slot::Occupied(mut slot) = self.entries.entry(key(spec.destination)) {
            slot.get_mut().remove(first + found);
            if slot.get().is_empty() {
                slot.remove();
                self.counts[usize::from(spec.destination.length)] -= 1;
            }
        }
        Ok(())
    }

    /// Keeps only the entries that the function approves of.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Entry) -> bool) {
        let counts = &mut self.counts;
        self.entries.retain(|&(_, suffix), entries| {
            entries.retain(&keep);
            if entries.is_empty() {
                counts[usize::from(32 - suffix)] -= 1;
            }
            !entries.is_empty()
        });
    }
}

/// Where entries of this type of service and metric stand, or would stand (`fib_find_alias`).
fn position(entries: &[Entry], tos: u8, metric: u32) -> usize {
    entries
        .iter()
        .position(|entry| entry.tos < tos || (entry.tos == tos && entry.metric >= metric))
        .unwrap_or(entries.len())
}

/// Whether a request to delete means this entry: what it leaves open matches anything (`fib_table_delete`,
/// `fib_nh_match`, `fib_metrics_match`).
fn matches(spec: &RouteSpec, entry: &Entry) -> bool {
    fn open_or<T: PartialEq + Copy>(wanted: Option<T>, found: Option<T>) -> bool {
        wanted.is_none() || wanted == found
    }
    (spec.kind == RouteKind::Unspecified || spec.kind == entry.kind)
        && (spec.scope == Scope::NOWHERE || spec.scope == entry.scope)
        && open_or(spec.preferred_source, entry.preferred_source)
        && (spec.protocol == Protocol::UNSPECIFIED || spec.protocol == entry.protocol)
        && open_or(spec.metric.filter(|&metric| metric != 0), Some(entry.metric))
        && open_or(spec.output, entry.output)
        && open_or(spec.gateway, entry.gateway)
        && open_or(spec.mtu, Some(entry.mtu.unwrap_or(0)))
}
