//! The connections of a namespace, found by the packets of either direction.

use super::connection::{Connection, Direction};
use super::ecache::Happened;
use super::tuple::{Tuple, mix};
use hashbrown::HashTable;
use vethlab_shared::time::Instant;

/// A connection that is in the table; where it ended and another one took its place, the number differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConnectionId {
    slot: u32,
    number: u64,
}

impl ConnectionId {
    /// The first one that there is.
    #[cfg(test)]
    pub(super) fn first() -> ConnectionId {
        ConnectionId { slot: 0, number: 1 }
    }

    /// The number by which programs know it (`nf_ct_get_id`): the kernel's is a hash with a random key.
    pub(super) fn shown(self) -> u32 {
        mix(self.number) as u32
    }
}

/// The table. Nothing walks its indexes, so that no order depends on a hash.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connections {
    slots: Vec<Option<(u64, Connection)>>,
    free: Vec<u32>,
    last_number: u64,
    /// By the hash of a tuple: the slot, and the direction that the tuple is of.
    tuples: HashTable<(u64, u32, Direction)>,
    /// By the hash of the original source: where its source may be translated (`nf_nat_bysource`).
    sources: HashTable<(u64, u32)>,
    /// What is still to be told of them.
    happened: Vec<Happened>,
}

impl Connections {
    pub(crate) fn get(&self, id: ConnectionId) -> Option<&Connection> {
        let (number, connection) = self.slots.get(id.slot as usize)?.as_ref()?;
        (*number == id.number).then_some(connection)
    }

    pub(crate) fn get_mut(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        let (number, connection) = self.slots.get_mut(id.slot as usize)?.as_mut()?;
        (*number == id.number).then_some(connection)
    }

    fn at(&self, slot: u32) -> Option<&(u64, Connection)> {
        self.slots.get(slot as usize)?.as_ref()
    }

    /// The connection that a packet with this tuple belongs to, and its direction, unless its time is over
    /// (`nf_conntrack_find_get`, `nf_ct_is_expired`).
    pub(crate) fn find(&self, tuple: &Tuple, now: Instant) -> Option<(ConnectionId, Direction)> {
        let hash = tuple.hash();
        let found = self.tuples.find(hash, |&(known, slot, direction)| {
            let is_it = |(_, connection): &(u64, Connection)| {
                connection.tuple(direction) == tuple && connection.expires > now
            };
            known == hash && self.at(slot).is_some_and(is_it)
        });
        let &(_, slot, direction) = found?;
        Some((ConnectionId { slot, number: self.at(slot)?.0 }, direction))
    }

    /// Takes in a connection (`nf_conntrack_hash_insert`).
    pub(crate) fn insert(&mut self, connection: Connection) -> ConnectionId {
        self.last_number += 1;
        let number = self.last_number;
        let tuples = [(connection.original, Direction::Original), (connection.reply, Direction::Reply)];
        let source = connection.original.source_hash();
        let entry = Some((number, connection));
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = entry;
                slot
            }
            None => {
                self.slots.push(entry);
                self.slots.len() as u32 - 1
            }
        };
        for (tuple, direction) in tuples {
            let hash = tuple.hash();
            self.tuples.insert_unique(hash, (hash, slot, direction), |&(hash, ..)| hash);
        }
        self.sources.insert_unique(source, (source, slot), |&(hash, _)| hash);
        ConnectionId { slot, number }
    }

    /// Takes a connection out (`nf_ct_kill`).
    pub(crate) fn remove(&mut self, id: ConnectionId) -> Option<Connection> {
        self.get(id)?;
        let (_, connection) = self.slots[id.slot as usize].take()?;
        self.free.push(id.slot);
        for (tuple, direction) in
            [(connection.original, Direction::Original), (connection.reply, Direction::Reply)]
        {
            let hash = tuple.hash();
            if let Ok(entry) = self.tuples.find_entry(hash, |known| *known == (hash, id.slot, direction)) {
                entry.remove();
            }
        }
        let hash = connection.original.source_hash();
        if let Ok(entry) = self.sources.find_entry(hash, |known| *known == (hash, id.slot)) {
            entry.remove();
        }
        self.happened.extend(Happened::over(id, &connection));
        Some(connection)
    }

    /// A packet has passed all hooks: what it brought about is to be told.
    pub(super) fn tell_noted(&mut self, id: ConnectionId) {
        let noted = self.get_mut(id).and_then(|connection| Happened::noted(id, connection));
        self.happened.extend(noted);
    }

    /// Whether anything is still to be told.
    pub(super) fn has_happened(&self) -> bool {
        !self.happened.is_empty()
    }

    /// What is still to be told, in order.
    pub(super) fn take_happened(&mut self) -> Vec<Happened> {
        std::mem::take(&mut self.happened)
    }

    /// Those from the same source as a tuple, the newest first (`find_appropriate_src`).
    pub(crate) fn of_source(&self, tuple: &Tuple, now: Instant) -> Vec<&Connection> {
        let hash = tuple.source_hash();
        let candidates = self.sources.iter_hash(hash).filter_map(|&(known, slot)| {
            let (number, connection) = self.at(slot).filter(|_| known == hash)?;
            let fits = connection.original.has_source_of(tuple) && connection.expires > now;
            fits.then_some((*number, connection))
        });
        let mut found: Vec<_> = candidates.collect();
        found.sort_unstable_by_key(|(number, _)| std::cmp::Reverse(*number));
        found.into_iter().map(|(_, connection)| connection).collect()
    }

    /// All whose time is not over, in the order in which they came.
    pub(crate) fn all(&self, now: Instant) -> Vec<(ConnectionId, &Connection)> {
        let occupied = self.slots.iter().enumerate().filter_map(|(slot, entry)| {
            let (number, connection) = entry.as_ref()?;
            let id = ConnectionId { slot: slot as u32, number: *number };
            (connection.expires > now).then_some((id, connection))
        });
        let mut all: Vec<_> = occupied.collect();
        all.sort_unstable_by_key(|(id, _)| id.number);
        all
    }

    /// Takes out those whose time is over, where they are many (`gc_worker`).
    pub(crate) fn collect_garbage(&mut self, now: Instant) {
        self.remove_all(|connection| connection.expires <= now);
    }

    /// Takes out all that are chosen (`nf_ct_iterate_cleanup_net`).
    pub(crate) fn remove_all(&mut self, chosen: impl Fn(&Connection) -> bool) {
        let occupied = self.slots.iter().enumerate().filter_map(|(slot, entry)| {
            let (number, connection) = entry.as_ref()?;
            chosen(connection).then_some(ConnectionId { slot: slot as u32, number: *number })
        });
        for id in occupied.collect::<Vec<_>>() {
            self.remove(id);
        }
    }

    /// How many there are, with those whose time is over and that nobody has taken out yet.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// How many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        let index = self.tuples.capacity() * size_of::<(u64, u32, Direction)>()
            + self.sources.capacity() * size_of::<(u64, u32)>();
        self.slots.len() * size_of::<Option<(u64, Connection)>>() + index
    }
}
