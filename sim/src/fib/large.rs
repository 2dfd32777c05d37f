//! The routes of a large table: prefixes in tables that are indexed, what they have in lists. A copy shares both until it is altered, and an
//! alteration copies a few kilobytes, however large the table is.

use super::entry::{Entry, PrefixKey};
use super::lists::{List, ListId, Lists};
use super::trie::Trie;
use vethlab_shared::name::IfIndex;

/// Routes by prefix.
#[derive(Clone, Debug)]
pub(super) struct Large {
    prefixes: Trie,
    lists: Lists,
    /// How many prefixes of each length there are.
    counts: [u32; 33],
    /// A bit for each length that some prefix has.
    lengths: u64,
}

impl Default for Large {
    fn default() -> Large {
        Large { prefixes: Trie::default(), lists: Lists::default(), counts: [0; 33], lengths: 0 }
    }
}

impl Large {
    pub(super) fn lengths(&self) -> u64 {
        self.lengths
    }

    /// All entries in the order of a dump.
    pub(super) fn iter(&self) -> impl Iterator<Item = (PrefixKey, &Entry)> {
        let mut all: Vec<(PrefixKey, ListId)> = self.prefixes.iter().collect();
        all.sort_unstable_by_key(|&(key, _)| key);
        all.into_iter()
            .flat_map(|(key, id)| self.lists.get(id).entries().iter().map(move |entry| (key, entry)))
    }

    /// Whether some entry is like this; where a link is named, one by that link.
    pub(super) fn any(&self, link: Option<IfIndex>, is_meant: impl Fn(&Entry) -> bool) -> bool {
        let has = |(_, list): (ListId, &List)| list.entries().iter().any(&is_meant);
        match link {
            Some(link) => self.lists.by_link(link).any(has),
            None => self.lists.iter().any(has),
        }
    }

    /// The entries for exactly this prefix.
    pub(super) fn at(&self, key: PrefixKey) -> &[Entry] {
        if self.lengths >> key.length() & 1 == 0 {
            return &[];
        }
        self.prefixes.get(key).map_or(&[], |id| self.lists.get(id).entries())
    }

    /// The entries of the longest prefix that the address is in, and its length.
    pub(super) fn longest(&self, address: u32) -> Option<(u8, &[Entry])> {
        let (length, id) = self.prefixes.longest(address)?;
        Some((length, self.lists.get(id).entries()))
    }

    /// Gives a prefix these entries in place of what it had; none of them takes it out.
    pub(super) fn put(&mut self, key: PrefixKey, entries: &[Entry]) {
        let length = usize::from(key.length());
        let old = if entries.is_empty() {
            self.prefixes.remove(key).inspect(|_| self.counts[length] -= 1)
        } else {
            let id = self.lists.take(key, entries);
            let old = self.prefixes.set(key, id);
            self.counts[length] += u32::from(old.is_none());
            old
        };
        let bit = 1 << length;
        self.lengths = if self.counts[length] == 0 { self.lengths & !bit } else { self.lengths | bit };
        if let Some(old) = old {
            self.lists.release(old);
        }
    }

    /// Keeps only the entries that the function approves of; where a link is named, of those by that link.
    pub(super) fn retain(&mut self, link: Option<IfIndex>, keep: impl Fn(&Entry) -> bool) {
        let is_altered = |(_, list): &(ListId, &List)| !list.entries().iter().all(&keep);
        let mut altered: Vec<(ListId, &List)> = match link {
            Some(link) => self.lists.by_link(link).filter(is_altered).collect(),
            None => self.lists.iter().filter(is_altered).collect(),
        };
        altered.sort_unstable_by_key(|&(id, _)| id);
        let keys = self.prefixes_of(&altered);
        for key in keys {
            let kept: Vec<Entry> = self.at(key).iter().filter(|entry| keep(entry)).copied().collect();
            self.put(key, &kept);
        }
    }

    /// The prefixes that have one of these lists, which are in the order of their numbers. Where each list has but one
    /// prefix, the table is not searched.
    fn prefixes_of(&self, lists: &[(ListId, &List)]) -> Vec<PrefixKey> {
        let only = |&(id, list): &(ListId, &List)| {
            let key = list.taken_by;
            (list.uses == 1 && self.prefixes.get(key) == Some(id)).then_some(key)
        };
        let known: Option<Vec<PrefixKey>> = lists.iter().map(only).collect();
        known.unwrap_or_else(|| {
            let is_meant = |id| lists.binary_search_by_key(&id, |&(id, _)| id).is_ok();
            self.prefixes.iter().filter(|&(_, id)| is_meant(id)).map(|(key, _)| key).collect()
        })
    }

    /// Alters the wanted entries by a link.
    pub(super) fn alter(
        &mut self,
        link: IfIndex,
        wanted: impl Fn(&Entry) -> bool,
        alter: impl Fn(&mut Entry),
    ) {
        self.lists.alter(link, wanted, alter);
    }

    /// Whether there is no route.
    pub(super) fn is_empty(&self) -> bool {
        self.lengths == 0
    }
}
