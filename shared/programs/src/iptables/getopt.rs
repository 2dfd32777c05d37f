//! Words as glibc's `getopt_long(3)` hands them to `iptables`: in order, operands too, with options that become known as matches
//! and targets are loaded.

use super::extension::{Opt, Source};

/// Letters, with a colon behind those that take a value, and two where it may be left out.
const LETTERS: &str = "A:C:D:E:F::I:L::M:N:P:VX::Z::c:d:i:j:o:p:s:t:R:S::W::46bfg:h::m:nvw::x";

/// Whether a value follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Nothing,
    Value,
    Perhaps,
}

/// The long options of `iptables` itself, and the letters that they stand for.
pub(crate) const LONGS: [(&str, char); 34] = [
    ("append", 'A'),
    ("delete", 'D'),
    ("check", 'C'),
    ("insert", 'I'),
    ("replace", 'R'),
    ("list", 'L'),
    ("list-rules", 'S'),
    ("flush", 'F'),
    ("zero", 'Z'),
    ("new-chain", 'N'),
    ("delete-chain", 'X'),
    ("rename-chain", 'E'),
    ("policy", 'P'),
    ("source", 's'),
    ("destination", 'd'),
    ("src", 's'),
    ("dst", 'd'),
    ("protocol", 'p'),
    ("in-interface", 'i'),
    ("jump", 'j'),
    ("table", 't'),
    ("match", 'm'),
    ("numeric", 'n'),
    ("out-interface", 'o'),
    ("verbose", 'v'),
    ("wait", 'w'),
    ("wait-interval", 'W'),
    ("exact", 'x'),
    ("fragments", 'f'),
    ("version", 'V'),
    ("help", 'h'),
    ("line-numbers", '0'),
    ("set-counters", 'c'),
    ("goto", 'g'),
];

/// More of them.
const MORE_LONGS: [(&str, char); 3] = [("modprobe", 'M'), ("ipv4", '4'), ("ipv6", '6')];

/// What comes next.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// An option of `iptables` itself.
    Own(char, Option<String>),
    /// An option of something loaded.
    Extension(Source, &'static Opt, Option<String>),
    /// A word that is no option.
    Operand(String),
    /// An option without its value.
    MissingValue,
    /// No such option.
    Unknown,
}

/// The words, and how far they are read.
#[derive(Debug)]
pub(super) struct Words {
    words: Vec<String>,
    /// `optind`: the word to be read next.
    next: usize,
    /// How much of that word has been read, where letters of it are left.
    within: Option<usize>,
    /// What was loaded, the newest first.
    sources: Vec<Source>,
}

impl Words {
    /// The words behind the program's name; the name stands for the word before the first.
    pub(super) fn new(program: &str, words: &[String]) -> Words {
        let mut all = vec![program.to_owned()];
        all.extend(words.iter().cloned());
        Words { words: all, next: 1, within: None, sources: Vec::new() }
    }

    /// Makes the options of something known.
    pub(super) fn load(&mut self, source: Source) {
        if !self.sources.iter().any(|known| known.is(source)) {
            self.sources.insert(0, source);
        }
    }

    /// Reads the word before once more (`optind--`).
    pub(super) fn again(&mut self) {
        self.next -= 1;
        self.within = None;
    }

    /// The word before, as messages name it.
    pub(super) fn last(&self) -> &str {
        &self.words[self.next - 1]
    }

    /// The next word, where it is no option (`xs_has_arg`).
    pub(super) fn operand(&mut self) -> Option<String> {
        let word = self.words.get(self.next).filter(|word| !word.starts_with(['-', '!']))?.clone();
        self.next += 1;
        Some(word)
    }

    /// Whether words are left behind a `--`.
    pub(super) fn has_more(&self) -> bool {
        self.next < self.words.len()
    }

    /// What comes next; `None` at the end.
    pub(super) fn item(&mut self) -> Option<Item> {
        if let Some(place) = self.within.take() {
            return Some(self.letter(place));
        }
        let word = self.words.get(self.next)?.clone();
        match word.strip_prefix("--") {
            Some("") => {
                self.next += 1;
                return None;
            }
            Some(long) => {
                self.next += 1;
                return Some(self.long(long));
            }
            None => {}
        }
        if word.len() > 1 && word.starts_with('-') {
            return Some(self.letter(1));
        }
        self.next += 1;
        Some(Item::Operand(word))
    }

    /// The letter at this place of the next word.
    fn letter(&mut self, place: usize) -> Item {
        let word = self.words[self.next].clone();
        let Some(letter) = word[place..].chars().next() else { return Item::Unknown };
        let behind = place + letter.len_utf8();
        let rest = &word[behind..];
        if rest.is_empty() {
            self.next += 1;
        } else {
            self.within = Some(behind);
        }
        let Some(takes) = takes(letter) else { return Item::Unknown };
        if takes == Takes::Nothing {
            return Item::Own(letter, None);
        }
        if !rest.is_empty() {
            self.within = None;
            self.next += 1;
            return Item::Own(letter, Some(rest.to_owned()));
        }
        if takes == Takes::Perhaps {
            return Item::Own(letter, None);
        }
        self.value().map_or(Item::MissingValue, |value| Item::Own(letter, Some(value)))
    }

    /// The next word, whatever it is.
    fn value(&mut self) -> Option<String> {
        let word = self.words.get(self.next)?.clone();
        self.next += 1;
        Some(word)
    }

    fn long(&mut self, word: &str) -> Item {
        let (name, attached) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word, None),
        };
        let Some(found) = self.find(name) else { return Item::Unknown };
        let takes = match found {
            // `--line-numbers` has no letter.
            Found::Own(letter) => takes(letter).unwrap_or(Takes::Nothing),
            Found::Extension(_, option) if option.value => Takes::Value,
            Found::Extension(..) => Takes::Nothing,
        };
        let value = match (takes, attached) {
            (Takes::Nothing, Some(_)) => return Item::Unknown,
            (Takes::Value, None) => match self.value() {
                Some(value) => Some(value),
                None => return Item::MissingValue,
            },
            (_, attached) => attached,
        };
        match found {
            Found::Own(letter) => Item::Own(letter, value),
            Found::Extension(source, option) => Item::Extension(source, option, value),
        }
    }

    /// The option of this name, or the only one that begins so.
    fn find(&self, name: &str) -> Option<Found> {
        let own = LONGS.iter().chain(&MORE_LONGS).map(|(name, letter)| (*name, Found::Own(*letter)));
        let loaded = self.sources.iter().flat_map(|source| {
            source.options().iter().map(|option| (option.name, Found::Extension(*source, option)))
        });
        let all: Vec<(&str, Found)> = own.chain(loaded).collect();
        if let Some((_, found)) = all.iter().find(|(known, _)| *known == name) {
            return Some(*found);
        }
        let mut begins = all.iter().filter(|(known, _)| known.starts_with(name)).map(|(_, found)| *found);
        let first = begins.next()?;
        begins.all(|other| first.is(other)).then_some(first)
    }
}

/// A long option.
#[derive(Clone, Copy, Debug)]
enum Found {
    Own(char),
    Extension(Source, &'static Opt),
}

impl Found {
    /// Whether both stand for the same.
    fn is(self, other: Found) -> bool {
        match (self, other) {
            (Found::Own(one), Found::Own(other)) => one == other,
            (Found::Extension(one, option), Found::Extension(other, another)) => {
                one.is(other) && option.id == another.id
            }
            _ => false,
        }
    }
}

fn takes(letter: char) -> Option<Takes> {
    let place = LETTERS.find(letter).filter(|_| letter != ':')?;
    let behind = &LETTERS[place + 1..];
    Some(match (behind.starts_with("::"), behind.starts_with(':')) {
        (true, _) => Takes::Perhaps,
        (false, true) => Takes::Value,
        (false, false) => Takes::Nothing,
    })
}
