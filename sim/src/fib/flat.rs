//! The routes of a small table: two vectors, all of which a lookup looks at.

use super::entry::{Entry, PrefixKey};
use std::ops::Range;

/// Routes by prefix.
#[derive(Clone, Debug, Default)]
pub(super) struct Flat {
    /// Sorted; a prefix comes once for each of its entries.
    keys: Vec<PrefixKey>,
    /// One for each key.
    entries: Vec<Entry>,
    /// A bit for each length that some prefix has.
    lengths: u64,
}

impl Flat {
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn lengths(&self) -> u64 {
        self.lengths
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (PrefixKey, &Entry)> {
        self.keys.iter().copied().zip(&self.entries)
    }

    fn range(&self, key: PrefixKey) -> Range<usize> {
        let start = self.keys.partition_point(|other| *other < key);
        let count = self.keys[start..].iter().take_while(|other| **other == key).count();
        start..start + count
    }

    /// The entries for exactly this prefix.
    pub(super) fn at(&self, key: PrefixKey) -> &[Entry] {
        if self.lengths >> key.length() & 1 == 0 {
            return &[];
        }
        &self.entries[self.range(key)]
    }

    /// The entries of the longest prefix that the address is in, and its length.
    pub(super) fn longest(&self, address: u32) -> Option<(u8, &[Entry])> {
        // The longest wins, and of one prefix's entries the first. No branch depends on the address: it could not be
        // foreseen.
        let mut best = 0;
        for (place, key) in self.keys.iter().enumerate() {
            let score = (usize::from(key.length()) + 1) << 8 | (0xff - place);
            best = best.max(score & usize::from(key.contains(address)).wrapping_neg());
        }
        if best == 0 {
            return None;
        }
        let start = 0xff - (best & 0xff);
        let key = self.keys[start];
        let count = self.keys[start..].iter().take_while(|other| **other == key).count();
        Some((key.length(), &self.entries[start..start + count]))
    }

    /// Puts an entry among those of its prefix.
    pub(super) fn insert(&mut self, key: PrefixKey, place: usize, entry: Entry) {
        let at = self.range(key).start + place;
        if self.keys.len() < 4 {
            // Most tables have two routes.
            self.keys.reserve_exact(2 - self.keys.len() % 2);
            self.entries.reserve_exact(2 - self.entries.len() % 2);
        }
        self.keys.insert(at, key);
        self.entries.insert(at, entry);
        self.lengths |= 1 << key.length();
    }

    /// Takes out an entry of a prefix.
    pub(super) fn remove(&mut self, key: PrefixKey, place: usize) {
        let at = self.range(key).start + place;
        self.keys.remove(at);
        self.entries.remove(at);
        self.count_lengths();
    }

    pub(super) fn at_mut(&mut self, key: PrefixKey) -> &mut [Entry] {
        let range = self.range(key);
        &mut self.entries[range]
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.entries.iter_mut()
    }

    /// Keeps only the entries that the function approves of.
    pub(super) fn retain(&mut self, keep: impl Fn(&Entry) -> bool) {
        let mut kept = self.entries.iter().map(&keep);
        self.keys.retain(|_| kept.next().unwrap_or(true));
        self.entries.retain(keep);
        self.count_lengths();
    }

    fn count_lengths(&mut self) {
        self.lengths = self.keys.iter().fold(0, |lengths, key| lengths | 1 << key.length());
    }
}
