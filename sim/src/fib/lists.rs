//! The lists of entries that the prefixes of a large table have. Prefixes that go the same way share one, as they share a
//! `struct fib_info` in the kernel.

use super::entry::{Entry, PrefixKey};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;
use vethlab_shared::name::IfIndex;

/// Lists are kept, and shared between moments, in chunks of this many.
const CHUNK: usize = 64;
/// How many single entries are remembered, to be found again for the next prefix that goes the same way.
const RECENT: usize = 256;
/// In how many places one entry may be remembered.
const WAYS: usize = 4;

/// The number of a list.
pub(super) type ListId = u32;

/// What the prefixes have that share it, in the order of the kernel.
#[derive(Clone, Debug)]
pub(super) struct List {
    pub(super) entries: Vec<Entry>,
    /// How many prefixes have it.
    pub(super) uses: u32,
    /// The prefix that took it last: where it is the only one, the one.
    pub(super) taken_by: PrefixKey,
}

/// All lists of a table.
#[derive(Clone, Debug)]
pub(super) struct Lists {
    chunks: Vec<Arc<Vec<List>>>,
    free: Vec<ListId>,
    /// By a few bits of an entry, a list that had it alone.
    recent: [Option<ListId>; RECENT],
    /// Which lists have an entry by a link.
    by_link: BTreeSet<(IfIndex, ListId)>,
}

impl Default for Lists {
    fn default() -> Lists {
        Lists { chunks: Vec::new(), free: Vec::new(), recent: [None; RECENT], by_link: BTreeSet::new() }
    }
}

impl Lists {
    pub(super) fn get(&self, id: ListId) -> &List {
        &self.chunks[id as usize / CHUNK][id as usize % CHUNK]
    }

    fn get_mut(&mut self, id: ListId) -> &mut List {
        &mut Arc::make_mut(&mut self.chunks[id as usize / CHUNK])[id as usize % CHUNK]
    }

    /// All lists that some prefix has.
    pub(super) fn iter(&self) -> impl Iterator<Item = (ListId, &List)> {
        let all = self.chunks.iter().flat_map(|chunk| chunk.iter());
        (0..).zip(all).filter(|(_, list)| list.uses > 0)
    }

    /// The lists that have an entry by the link.
    pub(super) fn by_link(&self, link: IfIndex) -> impl Iterator<Item = (ListId, &List)> {
        let range = self.by_link.range((link, ListId::MIN)..=(link, ListId::MAX));
        range.map(|&(_, id)| (id, self.get(id)))
    }

    /// Gives a prefix a list with these entries: one that there is, where it is found at once.
    pub(super) fn take(&mut self, prefix: PrefixKey, entries: &[Entry]) -> ListId {
        let slot = match entries {
            [entry] => Some(slot_of(entry)),
            _ => None,
        };
        if let Some(id) = slot.and_then(|slot| self.recent(slot, entries)) {
            let list = self.get_mut(id);
            list.uses += 1;
            list.taken_by = prefix;
            return id;
        }
        let id = self.add(List { entries: entries.to_vec(), uses: 1, taken_by: prefix });
        self.by_link.extend(entries.iter().filter_map(|entry| entry.output).map(|link| (link, id)));
        if let Some(slot) = slot {
            let ways = &mut self.recent[slot..slot + WAYS];
            ways.rotate_right(1);
            ways[0] = Some(id);
        }
        id
    }

    fn recent(&self, slot: usize, entries: &[Entry]) -> Option<ListId> {
        let ways = self.recent[slot..slot + WAYS].iter().flatten().copied();
        ways.into_iter().find(|&id| {
            let list = self.get(id);
            list.uses > 0 && list.entries == entries
        })
    }

    fn add(&mut self, list: List) -> ListId {
        if let Some(id) = self.free.pop() {
            *self.get_mut(id) = list;
            return id;
        }
        match self.chunks.last_mut().filter(|chunk| chunk.len() < CHUNK) {
            Some(chunk) => Arc::make_mut(chunk).push(list),
            None => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(list);
                self.chunks.push(Arc::new(chunk));
            }
        }
        let last = self.chunks.last().map_or(0, |chunk| chunk.len());
        ((self.chunks.len() - 1) * CHUNK + last - 1) as ListId
    }

    /// A prefix does not have the list any more.
    pub(super) fn release(&mut self, id: ListId) {
        let list = self.get_mut(id);
        list.uses -= 1;
        if list.uses == 0 {
            let entries = std::mem::take(&mut list.entries);
            for link in entries.iter().filter_map(|entry| entry.output) {
                self.by_link.remove(&(link, id));
            }
            self.free.push(id);
        }
    }

    /// Alters the wanted entries by a link, for all prefixes that have them. The link itself must stay.
    pub(super) fn alter(
        &mut self,
        link: IfIndex,
        wanted: impl Fn(&Entry) -> bool,
        alter: impl Fn(&mut Entry),
    ) {
        let ids: Vec<ListId> = self
            .by_link(link)
            .filter(|(_, list)| list.entries.iter().any(&wanted))
            .map(|(id, _)| id)
            .collect();
        for id in ids {
            self.get_mut(id).entries.iter_mut().filter(|entry| wanted(entry)).for_each(&alter);
        }
    }
}

/// Where an entry is remembered: entries that differ mostly do so in the gateway, the link or the metric.
fn slot_of(entry: &Entry) -> usize {
    let gateway = entry.gateway.map_or(0, Ipv4Addr::to_bits);
    let source = entry.preferred_source.map_or(0, Ipv4Addr::to_bits);
    let link = entry.output.map_or(0, |link| link.0);
    let mixed = gateway ^ source.rotate_left(8) ^ link.rotate_left(16) ^ entry.metric.rotate_left(24);
    (mixed.wrapping_mul(0x9e37_79b1) >> 24) as usize % (RECENT / WAYS) * WAYS
}
