//! The prefixes of a large table: tables that are indexed with the bits of the address, so that a lookup takes two steps, and
//! one more only where there are prefixes of more than 24 bits (as DIR-24-8 does: P. Gupta et al., "Routing Lookups in
//! Hardware at Memory Access Speeds", 1998).
//!
//! Moments share the tables until one of them alters a route: then only those on the way to it are copied.

use super::entry::PrefixKey;
use super::lists::ListId;
use std::ops::Range;
use std::sync::Arc;

/// The values of eight bits.
const WIDTH: usize = 256;
/// So many prefixes of more than 24 bits are compared one by one; where there are more, cells say which is best.
const FEW: usize = 4;

/// The longest prefix that a value of some bits is in: its list's number plus one, above it its length. 0 where there is
/// none.
type Cell = u32;

/// Bits of a cell that are a list's number plus one.
const LIST_BITS: u32 = 25;
/// In a cell of a [`Page`]: there are longer prefixes.
const LONGER: Cell = 1 << 31;

fn cell(own: &Own) -> Cell {
    debug_assert!(own.list + 1 < 1 << LIST_BITS, "so many lists would take gigabytes");
    u32::from(own.key.length()) << LIST_BITS | (own.list + 1)
}

fn length_of(cell: Cell) -> u32 {
    (cell & !LONGER) >> LIST_BITS
}

fn found(cell: Cell) -> Option<(u8, ListId)> {
    let list = (cell & ((1 << LIST_BITS) - 1)).checked_sub(1)?;
    Some((length_of(cell) as u8, list))
}

/// A prefix with its list.
#[derive(Clone, Copy, Debug)]
struct Own {
    key: PrefixKey,
    list: ListId,
}

/// All prefixes of a table.
#[derive(Clone, Debug)]
pub(super) struct Trie {
    /// Those of up to 8 bits, sorted.
    own: Vec<Own>,
    /// The best of them.
    cells: Box<[Cell; WIDTH]>,
    /// The longer ones, by the first eight bits.
    blocks: Box<[Arc<Block>; WIDTH]>,
}

/// The prefixes of 9 to 16 bits within eight bits.
#[derive(Clone, Debug)]
struct Block {
    /// Sorted.
    own: Vec<Own>,
    /// The best prefix of 9 to 16 bits.
    cells: [Cell; WIDTH],
    /// The longer ones.
    pages: [Option<Arc<Page>>; WIDTH],
}

/// The prefixes of 17 to 24 bits within sixteen bits.
#[derive(Clone, Debug)]
struct Page {
    /// Sorted.
    own: Vec<Own>,
    /// The longer ones.
    hosts: Option<Box<[Option<Arc<Hosts>>; WIDTH]>>,
    /// The best prefix of 17 to 24 bits.
    cells: [Cell; WIDTH],
}

/// The prefixes of more than 24 bits within 24 bits.
#[derive(Clone, Debug, Default)]
struct Hosts {
    /// Sorted.
    own: Vec<Own>,
    /// The best one, where there are more than a few.
    cells: Option<Box<[Cell; WIDTH]>>,
}

impl Default for Trie {
    fn default() -> Trie {
        let empty = Arc::new(Block { own: Vec::new(), cells: [0; WIDTH], pages: [const { None }; WIDTH] });
        let blocks = Box::new(std::array::from_fn(|_| Arc::clone(&empty)));
        Trie { own: Vec::new(), cells: Box::new([0; WIDTH]), blocks }
    }
}

impl Default for Page {
    fn default() -> Page {
        Page { own: Vec::new(), hosts: None, cells: [0; WIDTH] }
    }
}

/// The bits of an address that index the tables, eight by eight.
fn bytes(address: u32) -> [usize; 4] {
    address.to_be_bytes().map(usize::from)
}

/// The values that a prefix has of the eight bits in which it ends.
fn values(key: PrefixKey) -> Range<usize> {
    let level = key.length().saturating_sub(1) / 8;
    let start = bytes(key.address())[usize::from(level)];
    start..start + (1 << (8 * (level + 1) - key.length()))
}

/// Lets cells know of a prefix, where they have no longer one.
fn paint(cells: &mut [Cell], new: Cell) {
    for cell in cells {
        if length_of(*cell) <= length_of(new) {
            *cell = new | (*cell & LONGER);
        }
    }
}

/// Lets cells that have a prefix of this length have another one instead.
fn repaint(cells: &mut [Cell], length: u8, new: Cell) {
    for cell in cells {
        if *cell & !LONGER != 0 && length_of(*cell) == u32::from(length) {
            *cell = new | (*cell & LONGER);
        }
    }
}

/// The first of the two, unless there is none.
fn longer_of(long: Cell, short: Cell) -> Cell {
    if long == 0 { short } else { long }
}

fn place(own: &[Own], key: PrefixKey) -> Result<usize, usize> {
    own.binary_search_by_key(&key, |own| own.key)
}

/// Gives a prefix a list; says which one it had.
fn set_own(own: &mut Vec<Own>, new: Own) -> Option<ListId> {
    match place(own, new.key) {
        Ok(place) => Some(std::mem::replace(&mut own[place].list, new.list)),
        Err(place) => {
            own.insert(place, new);
            None
        }
    }
}

/// Takes a prefix out; says which list it had.
fn remove_own(own: &mut Vec<Own>, key: PrefixKey) -> Option<ListId> {
    Some(own.remove(place(own, key).ok()?).list)
}

/// The longest of the prefixes that an address is in and that are shorter than `below`.
fn best(own: &[Own], address: u32, below: u8) -> Cell {
    let fitting = own.iter().filter(|own| own.key.length() < below && own.key.contains(address));
    fitting.max_by_key(|own| own.key.length()).map_or(0, cell)
}

impl Trie {
    /// The longest prefix that the address is in: its length and its list.
    pub(super) fn longest(&self, address: u32) -> Option<(u8, ListId)> {
        let [first, second, third, fourth] = bytes(address);
        let block = &self.blocks[first];
        // All cells are read: no branch depends on what is in them.
        let short = longer_of(block.cells[second], self.cells[first]);
        let Some(page) = &block.pages[second] else { return found(short) };
        let middle = page.cells[third];
        if middle & LONGER != 0
            && let Some(long) = page.hosts(third).and_then(|hosts| found(hosts.best(address, fourth)))
        {
            return Some(long);
        }
        found(longer_of(middle & !LONGER, short))
    }

    /// The list of exactly this prefix.
    pub(super) fn get(&self, key: PrefixKey) -> Option<ListId> {
        let [first, second, third, _] = bytes(key.address());
        let block = &self.blocks[first];
        let own = match key.length() {
            0..=8 => &self.own,
            9..=16 => &block.own,
            17..=24 => &block.pages[second].as_ref()?.own,
            _ => &block.pages[second].as_ref()?.hosts(third)?.own,
        };
        place(own, key).ok().map(|place| own[place].list)
    }

    /// Gives a prefix a list; says which one it had.
    pub(super) fn set(&mut self, key: PrefixKey, list: ListId) -> Option<ListId> {
        let new = Own { key, list };
        let [first, second, third, _] = bytes(key.address());
        if key.length() <= 8 {
            paint(&mut self.cells[values(key)], cell(&new));
            return set_own(&mut self.own, new);
        }
        let block = Arc::make_mut(&mut self.blocks[first]);
        if key.length() <= 16 {
            paint(&mut block.cells[values(key)], cell(&new));
            return set_own(&mut block.own, new);
        }
        let page = Arc::make_mut(block.pages[second].get_or_insert_default());
        if key.length() <= 24 {
            paint(&mut page.cells[values(key)], cell(&new));
            return set_own(&mut page.own, new);
        }
        page.cells[third] |= LONGER;
        let hosts = page.hosts.get_or_insert_with(|| Box::new([const { None }; WIDTH]));
        Arc::make_mut(hosts[third].get_or_insert_default()).set(new)
    }

    /// Takes a prefix out; says which list it had. Tables that are empty then go.
    pub(super) fn remove(&mut self, key: PrefixKey) -> Option<ListId> {
        let (length, [first, second, third, _]) = (key.length(), bytes(key.address()));
        if length <= 8 {
            let old = remove_own(&mut self.own, key)?;
            let next = best(&self.own, key.address(), length);
            repaint(&mut self.cells[values(key)], length, next);
            return Some(old);
        }
        let block = Arc::make_mut(&mut self.blocks[first]);
        if length <= 16 {
            let old = remove_own(&mut block.own, key)?;
            let next = best(&block.own, key.address(), length);
            repaint(&mut block.cells[values(key)], length, next);
            return Some(old);
        }
        let page = Arc::make_mut(block.pages[second].as_mut()?);
        let old = if length <= 24 {
            let old = remove_own(&mut page.own, key)?;
            let next = best(&page.own, key.address(), length);
            repaint(&mut page.cells[values(key)], length, next);
            old
        } else {
            let all = page.hosts.as_mut()?;
            let hosts = Arc::make_mut(all[third].as_mut()?);
            let old = hosts.remove(key)?;
            if hosts.own.is_empty() {
                all[third] = None;
                page.cells[third] &= !LONGER;
            }
            old
        };
        if page.own.is_empty() && page.cells.iter().all(|cell| *cell == 0) {
            block.pages[second] = None;
        }
        Some(old)
    }

    /// All prefixes with their lists, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (PrefixKey, ListId)> {
        let pages = || self.blocks.iter().flat_map(|block| &block.pages).flatten();
        let short = self.own.iter().chain(self.blocks.iter().flat_map(|block| &block.own));
        let middle = pages().flat_map(|page| &page.own);
        let hosts = pages().filter_map(|page| page.hosts.as_ref()).flat_map(|hosts| hosts.iter().flatten());
        short.chain(middle).chain(hosts.flat_map(|hosts| &hosts.own)).map(|own| (own.key, own.list))
    }
}

impl Page {
    fn hosts(&self, third: usize) -> Option<&Hosts> {
        self.hosts.as_ref()?[third].as_deref()
    }
}

impl Hosts {
    fn best(&self, address: u32, fourth: usize) -> Cell {
        match &self.cells {
            Some(cells) => cells[fourth],
            None => best(&self.own, address, u8::MAX),
        }
    }

    fn set(&mut self, new: Own) -> Option<ListId> {
        let old = set_own(&mut self.own, new);
        if let Some(cells) = &mut self.cells {
            paint(&mut cells[values(new.key)], cell(&new));
        } else if self.own.len() > FEW {
            let cells = self.cells.insert(Box::new([0; WIDTH]));
            self.own.iter().for_each(|own| paint(&mut cells[values(own.key)], cell(own)));
        }
        old
    }

    fn remove(&mut self, key: PrefixKey) -> Option<ListId> {
        let old = remove_own(&mut self.own, key)?;
        if let Some(cells) = &mut self.cells {
            let next = best(&self.own, key.address(), key.length());
            repaint(&mut cells[values(key)], key.length(), next);
        }
        Some(old)
    }
}
