//! Arrays, in the order in which mawk walks through them.
//!
//! mawk has two hash tables over the same elements: one by integers, and one by texts, which is made when it is first
//! needed. What is found moves to the front of its list. `for (k in a)` walks the table of texts (`array_loop_vector`), and so
//! its order hangs on what was looked up before.

use super::value::Value;

/// How many lists a table has at first, and how long they are, on average, before there are twice as many.
const LISTS: usize = 64;
const AVERAGE: usize = 12;

/// What stands between brackets.
#[derive(Clone, Debug)]
pub(super) enum Key {
    Integer(i64),
    Text(Vec<u8>),
}

#[derive(Clone, Debug)]
struct Node {
    value: Value,
    integer: Option<i64>,
    /// The text of the key, and its hash. The table of texts has it.
    text: Option<(Vec<u8>, u32)>,
}

/// An array.
#[derive(Clone, Debug, Default)]
pub(super) struct Array {
    nodes: Vec<Option<Node>>,
    free: Vec<usize>,
    integers: Vec<Vec<usize>>,
    texts: Vec<Vec<usize>>,
    has_texts: bool,
    /// How many elements came from `split`, in order, while nothing else was asked of it.
    split: bool,
}

/// FNV, as mawk computes it.
fn hash(text: &[u8]) -> u32 {
    text.iter().fold(2_166_136_261, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(16_777_619))
}

impl Array {
    /// How many elements there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len() - self.free.len()
    }

    /// An array of parts, counted from 1.
    pub(super) fn of_parts(parts: Vec<Value>) -> Array {
        let node = |(at, value)| Some(Node { value, integer: Some(at as i64 + 1), text: None });
        let nodes: Vec<Option<Node>> = parts.into_iter().enumerate().map(node).collect();
        let split = !nodes.is_empty();
        Array { nodes, split, ..Array::default() }
    }

    fn node(&self, at: usize) -> Option<&Node> {
        self.nodes.get(at).and_then(Option::as_ref)
    }

    /// Makes tables, where there are none.
    fn make_tables(&mut self) {
        if self.integers.is_empty() {
            self.integers = vec![Vec::new(); LISTS];
            self.texts = vec![Vec::new(); LISTS];
        }
        if !self.split {
            return;
        }
        self.split = false;
        while self.nodes.len() > self.integers.len() * AVERAGE {
            let twice = self.integers.len() * 2;
            self.integers = vec![Vec::new(); twice];
            self.texts = vec![Vec::new(); twice];
        }
        for at in 0..self.nodes.len() {
            let list = (at + 1) % self.integers.len();
            self.integers[list].insert(0, at);
        }
    }

    /// Gives each element a text.
    fn make_texts(&mut self) {
        self.make_tables();
        if self.has_texts {
            return;
        }
        self.has_texts = true;
        for list in 0..self.integers.len() {
            for place in 0..self.integers[list].len() {
                let at = self.integers[list][place];
                if let Some(node) = &mut self.nodes[at] {
                    let text = node.integer.unwrap_or(0).to_string().into_bytes();
                    let hash = hash(&text);
                    node.text = Some((text, hash));
                    let lists = self.texts.len();
                    self.texts[hash as usize % lists].insert(0, at);
                }
            }
        }
    }

    fn add(&mut self, node: Node) -> usize {
        let at = match self.free.pop() {
            Some(at) => at,
            None => {
                self.nodes.push(None);
                self.nodes.len() - 1
            }
        };
        self.nodes[at] = Some(node);
        if self.len() > self.integers.len() * AVERAGE {
            self.double();
        }
        at
    }

    fn double(&mut self) {
        let twice = self.integers.len() * 2;
        let mut integers = vec![Vec::new(); twice];
        let mut texts = vec![Vec::new(); twice];
        for at in self.integers.iter().flatten() {
            if let Some(integer) = self.node(*at).and_then(|node| node.integer) {
                integers[integer as u32 as usize % twice].push(*at);
            }
        }
        for at in self.texts.iter().flatten() {
            if let Some((_, hash)) = self.node(*at).and_then(|node| node.text.as_ref()) {
                texts[*hash as usize % twice].push(*at);
            }
        }
        (self.integers, self.texts) = (integers, texts);
    }

    fn find(&mut self, key: &Key, create: bool) -> Option<usize> {
        match key {
            Key::Integer(number) => self.find_integer(*number, create),
            Key::Text(text) => self.find_text(text, create),
        }
    }

    fn find_integer(&mut self, number: i64, create: bool) -> Option<usize> {
        if self.split {
            let within =
                usize::try_from(number).ok().filter(|number| (1..=self.nodes.len()).contains(number));
            if within.is_some() || !create {
                return within.map(|number| number - 1);
            }
        }
        self.make_tables();
        let list = number as u32 as usize % self.integers.len();
        let found = self.integers[list]
            .iter()
            .position(|at| self.node(*at).and_then(|node| node.integer) == Some(number));
        if let Some(place) = found {
            let at = self.integers[list].remove(place);
            self.integers[list].insert(0, at);
            return Some(at);
        }
        let at = if self.has_texts {
            let at = self.find_text(number.to_string().as_bytes(), create)?;
            if let Some(node) = &mut self.nodes[at] {
                node.integer = Some(number);
            }
            at
        } else if create {
            self.add(Node { value: Value::Nothing, integer: Some(number), text: None })
        } else {
            return None;
        };
        let list = number as u32 as usize % self.integers.len();
        self.integers[list].insert(0, at);
        Some(at)
    }

    fn find_text(&mut self, text: &[u8], create: bool) -> Option<usize> {
        self.make_texts();
        let hash = hash(text);
        let list = hash as usize % self.texts.len();
        let is = |at: &usize| {
            self.node(*at)
                .and_then(|node| node.text.as_ref())
                .is_some_and(|(known, value)| *value == hash && known == text)
        };
        if let Some(place) = self.texts[list].iter().position(is) {
            let at = self.texts[list].remove(place);
            self.texts[list].insert(0, at);
            return Some(at);
        }
        if !create {
            return None;
        }
        let at = self.add(Node { value: Value::Nothing, integer: None, text: Some((text.to_vec(), hash)) });
        let list = hash as usize % self.texts.len();
        self.texts[list].insert(0, at);
        Some(at)
    }

    /// Whether there is an element.
    pub(super) fn has(&mut self, key: &Key) -> bool {
        self.len() > 0 && self.find(key, false).is_some()
    }

    /// An element, which is made where there is none.
    pub(super) fn element(&mut self, key: &Key) -> &mut Value {
        let at = self.find(key, true).unwrap_or(0);
        // It was just found, or made.
        &mut self.nodes[at].get_or_insert(Node { value: Value::Nothing, integer: None, text: None }).value
    }

    /// Takes an element away, and gives it.
    pub(super) fn remove(&mut self, key: &Key) -> Option<Value> {
        if self.len() == 0 {
            return None;
        }
        if self.split {
            if let Key::Integer(number) = key
                && !usize::try_from(*number).is_ok_and(|number| (1..=self.nodes.len()).contains(&number))
            {
                return None;
            }
            self.make_tables();
        }
        let at = self.find(key, false)?;
        let node = self.nodes[at].take()?;
        if let Some(integer) = node.integer {
            let list = integer as u32 as usize % self.integers.len();
            self.integers[list].retain(|other| *other != at);
        }
        if let Some((_, hash)) = &node.text {
            let list = *hash as usize % self.texts.len();
            self.texts[list].retain(|other| *other != at);
        }
        self.free.push(at);
        if self.len() == 0 {
            *self = Array::default();
        }
        Some(node.value)
    }

    /// The keys, in the order in which they are walked through.
    pub(super) fn keys(&mut self) -> Vec<Vec<u8>> {
        if self.len() == 0 {
            return Vec::new();
        }
        self.make_texts();
        let nodes = self.texts.iter().flatten().filter_map(|at| self.node(*at));
        nodes.filter_map(|node| node.text.as_ref().map(|(text, _)| text.clone())).collect()
    }

    /// How many bytes its values hold.
    pub(super) fn size(&self) -> usize {
        self.nodes.iter().flatten().map(|node| node.value.size() + ELEMENT).sum()
    }
}

/// What an element takes besides its value.
pub(super) const ELEMENT: usize = 128;
