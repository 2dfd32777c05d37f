//! The lists of entries that the prefixes of a large table have. Prefixes that go the same way share one, as they share a
//! `struct fib_info` in the kernel.

use super::entry::{Entry, PrefixKey};
use hashbrown::HashTable;
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

/// No list.
const NONE: ListId = ListId::MAX;

/// What the prefixes have that share it.
#[derive(Clone, Debug)]
pub(super) struct List {
    entries: Entries,
    /// How many prefixes have it.
    pub(super) uses: u32,
    /// The prefix that took it last: where it is the only one, the one.
    pub(super) taken_by: PrefixKey,
    /// The lists before and behind it of those by the same link.
    previous: ListId,
    next: ListId,
}

/// In the order of the kernel.
#[derive(Clone, Debug)]
enum Entries {
    /// Most prefixes have but one: it needs no room elsewhere.
    One(Entry),
    Many(Vec<Entry>),
}

impl List {
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.entries {
            Entries::One(entry) => std::slice::from_ref(entry),
            Entries::Many(entries) => entries,
        }
    }

    fn entries_mut(&mut self) -> &mut [Entry] {
        match &mut self.entries {
            Entries::One(entry) => std::slice::from_mut(entry),
            Entries::Many(entries) => entries,
        }
    }

    /// The link that all its entries are by; 0 where there is none.
    fn link(&self) -> IfIndex {
        let link = self.entries().first().and_then(|entry| entry.output);
        let same = self.entries().iter().all(|entry| entry.output == link);
        link.filter(|_| same).unwrap_or(IfIndex(0))
    }
}

/// All lists of a table.
#[derive(Clone, Debug)]
pub(super) struct Lists {
    chunks: Vec<Arc<Vec<List>>>,
    free: Vec<ListId>,
    /// By a few bits of an entry, lists that had it alone.
    recent: [ListId; RECENT],
    /// The first of the lists by each link; those of no link or of several are under 0. Nothing walks it, so that no order
    /// depends on a hash.
    first: HashTable<(IfIndex, ListId)>,
}

impl Default for Lists {
    fn default() -> Lists {
        Lists { chunks: Vec::new(), free: Vec::new(), recent: [NONE; RECENT], first: HashTable::new() }
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

    /// The lists that may have an entry by the link: those by it alone, and those by several links.
    pub(super) fn by_link(&self, link: IfIndex) -> impl Iterator<Item = (ListId, &List)> {
        [link, IfIndex(0)].into_iter().flat_map(|link| {
            let step = |id: ListId| (id != NONE).then(|| (id, self.get(id)));
            std::iter::successors(step(self.first_of(link)), move |(_, list)| step(list.next))
        })
    }

    fn first_of(&self, link: IfIndex) -> ListId {
        self.first.find(hash_of(link), |&(known, _)| known == link).map_or(NONE, |&(_, id)| id)
    }

    fn set_first(&mut self, link: IfIndex, id: ListId) {
        match self.first.find_entry(hash_of(link), |&(known, _)| known == link) {
            Ok(entry) if id == NONE => drop(entry.remove()),
            Ok(mut entry) => entry.get_mut().1 = id,
            Err(_) => {
                self.first.insert_unique(hash_of(link), (link, id), |&(link, _)| hash_of(link));
            }
        }
    }

    /// Gives a prefix a list with these entries: one that there is, where it is found at once.
    pub(super) fn take(&mut self, prefix: PrefixKey, entries: &[Entry]) -> ListId {
        let &[entry] = entries else { return self.add(prefix, Entries::Many(entries.to_vec())) };
        let slot = slot_of(&entry);
        let ways = self.recent[slot..slot + WAYS].iter().copied().filter(|&id| id != NONE);
        let found = ways.into_iter().find(|&id| self.get(id).uses > 0 && self.get(id).entries() == entries);
        if let Some(id) = found {
            let list = self.get_mut(id);
            list.uses += 1;
            list.taken_by = prefix;
            return id;
        }
        let id = self.add(prefix, Entries::One(entry));
        let ways = &mut self.recent[slot..slot + WAYS];
        ways.rotate_right(1);
        ways[0] = id;
        id
    }

    fn add(&mut self, taken_by: PrefixKey, entries: Entries) -> ListId {
        let mut list = List { entries, uses: 1, taken_by, previous: NONE, next: NONE };
        let link = list.link();
        list.next = self.first_of(link);
        let next = list.next;
        let id = match self.free.pop() {
            Some(id) => {
                *self.get_mut(id) = list;
                id
            }
            None => self.push(list),
        };
        if next != NONE {
            self.get_mut(next).previous = id;
        }
        self.set_first(link, id);
        id
    }

    fn push(&mut self, list: List) -> ListId {
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
        if list.uses > 0 {
            return;
        }
        let (link, previous, next) = (list.link(), list.previous, list.next);
        if next != NONE {
            self.get_mut(next).previous = previous;
        }
        match previous {
            NONE => self.set_first(link, next),
            previous => self.get_mut(previous).next = next,
        }
        self.free.push(id);
    }

    /// Alters the wanted entries, all of which are by the link, for all prefixes that have them. The link itself must stay.
    pub(super) fn alter(
        &mut self,
        link: IfIndex,
        wanted: impl Fn(&Entry) -> bool,
        alter: impl Fn(&mut Entry),
    ) {
        let is_wanted = |(_, list): &(ListId, &List)| list.entries().iter().any(&wanted);
        let ids: Vec<ListId> = self.by_link(link).filter(is_wanted).map(|(id, _)| id).collect();
        for id in ids {
            self.get_mut(id).entries_mut().iter_mut().filter(|entry| wanted(entry)).for_each(&alter);
        }
    }
}

fn hash_of(link: IfIndex) -> u64 {
    u64::from(link.0).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Where an entry is remembered: entries that differ mostly do so in the gateway, the source, the link or the metric.
fn slot_of(entry: &Entry) -> usize {
    let gateway = entry.gateway.map_or(0, Ipv4Addr::to_bits);
    let source = entry.preferred_source.map_or(0, Ipv4Addr::to_bits);
    let link = entry.output.map_or(0, |link| link.0);
    let mixed = gateway ^ source.rotate_left(8) ^ link.rotate_left(16) ^ entry.metric.rotate_left(24);
    (mixed.wrapping_mul(0x9e37_79b1) >> 24) as usize % (RECENT / WAYS) * WAYS
}
