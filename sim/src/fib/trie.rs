//! The routes of a large table: a tree that looks at eight bits of the address at a time, so that a lookup takes at most
//! four steps (as DIR-24-8 takes two: P. Gupta et al., "Routing Lookups in Hardware at Memory Access Speeds", 1998).
//!
//! Moments share the nodes until one of them alters a route: then only the nodes on the way to it are copied.

use super::entry::PrefixKey;
use super::lists::ListId;
use std::sync::Arc;

/// Bits of an address that a node looks at.
const STRIDE: u8 = 8;
/// The values that they have.
const WIDTH: usize = 1 << STRIDE;
/// So many prefixes of a node are compared one by one; where there are more, a cell for each value says which is best.
const FEW_PREFIXES: usize = 4;
/// So many children of a node are compared one by one.
const FEW_CHILDREN: usize = 8;

/// The longest prefix of a value: its list's number plus one, and above it the prefix's length. 0 where there is none.
type Cell = u32;

/// Bits of a cell that are a list's number plus one: a list takes more than 64 bytes, so that 4 GiB of them would fit.
const LIST_BITS: u32 = 26;

fn cell(length: u8, list: ListId) -> Cell {
    u32::from(length) << LIST_BITS | (list + 1)
}

fn found(cell: Cell) -> Option<(u8, ListId)> {
    let list = (cell & ((1 << LIST_BITS) - 1)).checked_sub(1)?;
    Some(((cell >> LIST_BITS) as u8, list))
}

/// A prefix that ends in a node.
#[derive(Clone, Copy, Debug)]
struct Own {
    key: PrefixKey,
    list: ListId,
}

/// What is known of eight bits of an address.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// The prefixes that end here, sorted.
    own: Vec<Own>,
    /// The best of them for each value, where there are many.
    cells: Option<Box<[Cell; WIDTH]>>,
    children: Children,
}

/// The nodes for the next eight bits, by the value of these.
#[derive(Clone, Debug)]
enum Children {
    Few(Vec<(u8, Arc<Node>)>),
    Many(Box<[Option<Arc<Node>>; WIDTH]>),
}

impl Default for Children {
    fn default() -> Children {
        Children::Few(Vec::new())
    }
}

/// How many bits lie below those that a level looks at. The first level's own are of the lengths 0 to 8, the next one's 9 to
/// 16, and so on.
fn shift(level: u8) -> u8 {
    32 - STRIDE * (level + 1)
}

fn level_of(length: u8) -> u8 {
    length.saturating_sub(1) / STRIDE
}

fn value(address: u32, level: u8) -> u8 {
    (address >> shift(level)) as u8
}

impl Node {
    /// The longest prefix that the address is in: its length and its list.
    pub(super) fn longest(&self, address: u32) -> Option<(u8, ListId)> {
        let (mut node, mut best) = (self, 0);
        for level in 0..4 {
            let value = value(address, level);
            let own = node.best(address, value);
            if own != 0 {
                best = own;
            }
            match node.children.get(value) {
                Some(child) => node = child,
                None => break,
            }
        }
        found(best)
    }

    fn best(&self, address: u32, value: u8) -> Cell {
        match &self.cells {
            Some(cells) => cells[usize::from(value)],
            None => self.best_of_few(address),
        }
    }

    fn best_of_few(&self, address: u32) -> Cell {
        let fitting = self.own.iter().filter(|own| own.key.contains(address));
        fitting.max_by_key(|own| own.key.length()).map_or(0, |own| cell(own.key.length(), own.list))
    }

    /// The list of exactly this prefix.
    pub(super) fn get(&self, key: PrefixKey) -> Option<ListId> {
        let mut node = self;
        for level in 0..level_of(key.length()) {
            node = node.children.get(value(key.address(), level))?;
        }
        node.place(key).ok().map(|place| node.own[place].list)
    }

    fn place(&self, key: PrefixKey) -> Result<usize, usize> {
        self.own.binary_search_by_key(&key, |own| own.key)
    }

    /// Gives a prefix a list; says which one it had.
    pub(super) fn set(&mut self, key: PrefixKey, list: ListId) -> Option<ListId> {
        let mut node = self;
        for level in 0..level_of(key.length()) {
            node = node.children.get_or_add(value(key.address(), level));
        }
        let old = match node.place(key) {
            Ok(place) => Some(std::mem::replace(&mut node.own[place].list, list)),
            Err(place) => {
                node.own.insert(place, Own { key, list });
                None
            }
        };
        if node.cells.is_some() {
            node.paint(key, cell(key.length(), list));
        } else if node.own.len() > FEW_PREFIXES {
            node.cells = Some(Box::new([0; WIDTH]));
            for own in node.own.clone() {
                node.paint(own.key, cell(own.key.length(), own.list));
            }
        }
        old
    }

    /// Lets the values of a prefix know of it, where they have no longer one.
    fn paint(&mut self, key: PrefixKey, cell: Cell) {
        let Some(cells) = &mut self.cells else { return };
        for other in &mut cells[values(key)] {
            if *other >> LIST_BITS <= cell >> LIST_BITS {
                *other = cell;
            }
        }
    }

    /// Takes a prefix out; says which list it had. Nodes that are empty then go.
    pub(super) fn remove(&mut self, key: PrefixKey) -> Option<ListId> {
        self.remove_from(key, 0)
    }

    fn remove_from(&mut self, key: PrefixKey, level: u8) -> Option<ListId> {
        if level < level_of(key.length()) {
            let value = value(key.address(), level);
            let child = self.children.get_mut(value)?;
            let old = child.remove_from(key, level + 1);
            if child.is_empty() {
                self.children.remove(value);
            }
            return old;
        }
        let old = self.own.remove(self.place(key).ok()?).list;
        let next =
            self.own.iter().filter(|own| own.key.length() < key.length() && own.key.contains(key.address()));
        let next = next.max_by_key(|own| own.key.length()).map_or(0, |own| cell(own.key.length(), own.list));
        if let Some(cells) = &mut self.cells {
            let gone = u32::from(key.length());
            for other in &mut cells[values(key)] {
                if *other != 0 && *other >> LIST_BITS == gone {
                    *other = next;
                }
            }
        }
        Some(old)
    }

    fn is_empty(&self) -> bool {
        self.own.is_empty() && self.children.iter().next().is_none()
    }

    /// All prefixes with their lists, in no order.
    pub(super) fn collect(&self, into: &mut Vec<(PrefixKey, ListId)>) {
        into.extend(self.own.iter().map(|own| (own.key, own.list)));
        self.children.iter().for_each(|child| child.collect(into));
    }
}

/// The values that a prefix has at the level where it ends.
fn values(key: PrefixKey) -> std::ops::Range<usize> {
    let level = level_of(key.length());
    let start = usize::from(value(key.address(), level));
    start..start + (1 << (STRIDE * (level + 1) - key.length()))
}

impl Children {
    fn get(&self, value: u8) -> Option<&Node> {
        match self {
            Children::Few(few) => {
                few.iter().find(|(known, _)| *known == value).map(|(_, child)| child.as_ref())
            }
            Children::Many(many) => many[usize::from(value)].as_deref(),
        }
    }

    fn get_mut(&mut self, value: u8) -> Option<&mut Node> {
        let child = match self {
            Children::Few(few) => few.iter_mut().find(|(known, _)| *known == value).map(|(_, child)| child),
            Children::Many(many) => many[usize::from(value)].as_mut(),
        };
        child.map(Arc::make_mut)
    }

    fn get_or_add(&mut self, value: u8) -> &mut Node {
        if let Children::Few(few) = self
            && few.len() == FEW_CHILDREN
            && !few.iter().any(|(known, _)| *known == value)
        {
            let mut many = Box::new([const { None }; WIDTH]);
            for (value, child) in std::mem::take(few) {
                many[usize::from(value)] = Some(child);
            }
            *self = Children::Many(many);
        }
        let child = match self {
            Children::Few(few) => {
                let place = few.iter().position(|(known, _)| *known == value).unwrap_or_else(|| {
                    few.push((value, Arc::default()));
                    few.len() - 1
                });
                &mut few[place].1
            }
            Children::Many(many) => many[usize::from(value)].get_or_insert_with(Arc::default),
        };
        Arc::make_mut(child)
    }

    fn remove(&mut self, value: u8) {
        match self {
            Children::Few(few) => few.retain(|(known, _)| *known != value),
            Children::Many(many) => many[usize::from(value)] = None,
        }
    }

    fn iter(&self) -> impl Iterator<Item = &Node> {
        let (few, many) = match self {
            Children::Few(few) => (few.as_slice(), &[][..]),
            Children::Many(many) => (&[][..], many.as_slice()),
        };
        few.iter().map(|(_, child)| child).chain(many.iter().flatten()).map(Arc::as_ref)
    }
}
