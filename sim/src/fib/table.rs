//! One routing table: entries by prefix, in the order in which the kernel keeps them (`net/ipv4/fib_trie.c`).

#[cfg(test)]
mod tests;

use super::config::Config;
use super::entry::{Entry, PrefixKey};
use super::flat::Flat;
use super::large::Large;
use std::net::Ipv4Addr;
use vethlab_shared::change::Modify;
use vethlab_shared::error::Errno;
use vethlab_shared::name::IfIndex;
use vethlab_shared::prefix::Ipv4Prefix;
use vethlab_shared::view::{Protocol, RouteKind, Scope};

/// A table with more routes than this is a large one: at most 256, which [`Flat::longest`] counts on.
const SMALL: usize = 16;

/// A table.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) id: u32,
    routes: Routes,
}

/// By prefix; among equal prefixes the higher type of service first, then the lower metric.
#[derive(Clone, Debug)]
enum Routes {
    Few(Flat),
    Many(Box<Large>),
}

/// The lengths whose bits are set, the longest first.
pub(super) fn lengths_down(mut lengths: u64) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let length = lengths.checked_ilog2()?;
        lengths ^= 1 << length;
        Some(length as u8)
    })
}

impl Table {
    pub(crate) fn new(id: u32) -> Table {
        Table { id, routes: Routes::Few(Flat::default()) }
    }

    /// How many bytes it takes; of a large one, those that an alteration copies.
    pub(crate) fn weight(&self) -> usize {
        /// Half of a [`Trie`](super::trie), a page and a chunk of lists.
        const COPIED_OF_MANY: usize = 16 << 10;
        match &self.routes {
            Routes::Few(few) => few.len() * size_of::<(PrefixKey, Entry)>(),
            Routes::Many(_) => COPIED_OF_MANY,
        }
    }

    /// All entries in the order of a dump.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Ipv4Prefix, &Entry)> {
        let (few, many) = match &self.routes {
            Routes::Few(few) => (Some(few.iter()), None),
            Routes::Many(many) => (None, Some(many.iter())),
        };
        let all = few.into_iter().flatten().chain(many.into_iter().flatten());
        all.map(|(key, entry)| (key.prefix(), entry))
    }

    /// Whether some entry is like this; where a link is named, one by that link.
    pub(crate) fn any(&self, link: Option<IfIndex>, is_meant: impl Fn(&Entry) -> bool) -> bool {
        let by = |entry: &Entry| link.is_none() || entry.output == link;
        match &self.routes {
            Routes::Few(few) => few.iter().any(|(_, entry)| by(entry) && is_meant(entry)),
            Routes::Many(many) => many.any(link, |entry| by(entry) && is_meant(entry)),
        }
    }

    /// The entries for exactly this prefix.
    pub(crate) fn at(&self, prefix: Ipv4Prefix) -> &[Entry] {
        match &self.routes {
            Routes::Few(few) => few.at(prefix.into()),
            Routes::Many(many) => many.at(prefix.into()),
        }
    }

    /// The entries of the longest prefix that the address is in, and its length in bits.
    pub(crate) fn longest(&self, address: Ipv4Addr) -> Option<(u8, &[Entry])> {
        match &self.routes {
            Routes::Few(few) => few.longest(address.to_bits()),
            Routes::Many(many) => many.longest(address.to_bits()),
        }
    }

    /// The same among the prefixes that are shorter than `below`.
    pub(crate) fn shorter(&self, address: Ipv4Addr, below: u8) -> Option<(u8, &[Entry])> {
        let lengths = match &self.routes {
            Routes::Few(few) => few.lengths(),
            Routes::Many(many) => many.lengths(),
        };
        lengths_down(lengths & ((1 << below) - 1)).find_map(|length| {
            let found = self.at(Ipv4Prefix::new(address, length).network());
            (!found.is_empty()).then_some((length, found))
        })
    }

    /// Puts the entry where it belongs (`fib_table_insert`).
    ///
    /// # Errors
    /// `EEXIST` or `ENOENT`, as `how` has it.
    pub(crate) fn insert(&mut self, prefix: Ipv4Prefix, entry: Entry, how: Modify) -> Result<(), Errno> {
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
                        self.replace_at(prefix.into(), first, entry);
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
        self.insert_at(prefix.into(), place, entry);
        Ok(())
    }

    /// Takes away the first entry that matches (`fib_table_delete`).
    ///
    /// # Errors
    /// `ESRCH` where none does.
    pub(crate) fn delete(&mut self, spec: &Config) -> Result<(), Errno> {
        let entries = self.at(spec.destination);
        let first = position(entries, spec.tos, 0);
        let found = entries[first..]
            .iter()
            .take_while(|entry| entry.tos == spec.tos)
            .position(|entry| matches(spec, entry))
            .ok_or(Errno::ESRCH)?;
        self.remove_at(spec.destination.into(), first + found);
        Ok(())
    }

    fn insert_at(&mut self, key: PrefixKey, place: usize, entry: Entry) {
        if let Routes::Few(few) = &self.routes
            && few.len() >= SMALL
        {
            let mut many = Box::<Large>::default();
            let all: Vec<(PrefixKey, &Entry)> = few.iter().collect();
            for routes in all.chunk_by(|(one, _), (other, _)| one == other) {
                let entries: Vec<Entry> = routes.iter().map(|&(_, entry)| *entry).collect();
                many.put(routes[0].0, &entries);
            }
            self.routes = Routes::Many(many);
        }
        match &mut self.routes {
            Routes::Few(few) => few.insert(key, place, entry),
            Routes::Many(many) if many.at(key).is_empty() => many.put(key, &[entry]),
            Routes::Many(many) => {
                let mut entries = many.at(key).to_vec();
                entries.insert(place, entry);
                many.put(key, &entries);
            }
        }
    }

    fn replace_at(&mut self, key: PrefixKey, place: usize, entry: Entry) {
        match &mut self.routes {
            Routes::Few(few) => few.at_mut(key)[place] = entry,
            Routes::Many(many) => {
                let mut entries = many.at(key).to_vec();
                entries[place] = entry;
                many.put(key, &entries);
            }
        }
    }

    fn remove_at(&mut self, key: PrefixKey, place: usize) {
        match &mut self.routes {
            Routes::Few(few) => few.remove(key, place),
            Routes::Many(many) => {
                let mut entries = many.at(key).to_vec();
                entries.remove(place);
                many.put(key, &entries);
            }
        }
        self.begin_anew_if_empty();
    }

    fn begin_anew_if_empty(&mut self) {
        if let Routes::Many(many) = &self.routes
            && many.is_empty()
        {
            self.routes = Routes::Few(Flat::default());
        }
    }

    /// Takes the doomed entries out; where a link is named, those by that link.
    pub(crate) fn remove_all(&mut self, link: Option<IfIndex>, is_doomed: impl Fn(&Entry) -> bool) {
        let keep = |entry: &Entry| (link.is_some() && entry.output != link) || !is_doomed(entry);
        match &mut self.routes {
            Routes::Few(few) => few.retain(keep),
            Routes::Many(many) => many.retain(link, keep),
        }
        self.begin_anew_if_empty();
    }

    /// Alters the wanted entries by a link in place: neither the link nor where they stand may change by that.
    pub(crate) fn alter(
        &mut self,
        link: IfIndex,
        wanted: impl Fn(&Entry) -> bool,
        alter: impl Fn(&mut Entry),
    ) {
        let wanted = |entry: &Entry| entry.output == Some(link) && wanted(entry);
        match &mut self.routes {
            Routes::Few(few) => few.iter_mut().filter(|entry| wanted(entry)).for_each(alter),
            Routes::Many(many) => many.alter(link, wanted, alter),
        }
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
fn matches(spec: &Config, entry: &Entry) -> bool {
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
