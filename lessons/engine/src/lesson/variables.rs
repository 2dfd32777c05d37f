//! Variables of a lesson: names, addresses and faults that are drawn from a seed.
//!
//! The same lesson and seed give the same values on every machine: each variable has a generator of its own,
//! begun from the seed, the lesson's word and the variable's name, so that one more variable does not alter the
//! others.

use super::LessonError;
use super::plain::plain;
use super::template::{self, Part};
use rand_core::Rng;
use rand_pcg::Pcg32;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use toml::Spanned;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::prefix::Ipv4Prefix;

/// How often a value that is taken already is drawn anew.
const TRIES: usize = 1000;

/// The most variables of a lesson or an exercise: each that is drawn is held against those that were.
const MOST_VARIABLES: usize = 1000;

/// The lengths that the prefix of a subnet can have, in bits: with fewer it is all there is, with more it has no two hosts.
const SHORTEST_SUBNET: u8 = 1;
const LONGEST_SUBNET: u8 = 30;

/// How a variable is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of these words.
    Pick(Vec<String>),
    /// All of these words, in any order.
    Shuffle(Vec<String>),
    /// A prefix of this length within a range; no two of a lesson overlap.
    Subnet {
        /// Where it lies.
        range: Ipv4Prefix,
        /// The length of its prefix, in bits.
        length: u8,
    },
    /// An address in the upper half of a subnet; no two of a lesson are the same.
    Host {
        /// The variable that is its subnet.
        subnet: String,
    },
    /// A number, both ends included.
    Number {
        /// The least that it can be.
        least: u32,
        /// The most that it can be.
        most: u32,
    },
    /// A MAC address: unicast, locally administered.
    Mac,
}

/// The variables that a lesson declares, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, Kind>);

/// What was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Text(String),
    List(Vec<String>),
    Subnet(Ipv4Prefix),
    /// An address with the length of its subnet's prefix.
    Host(Ipv4Prefix),
}

/// The variables of a lesson with the values that were drawn for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<String, Value>);

impl Variables {
    /// Reads the table; `line` tells in which line of the file a place of the front matter is.
    pub(super) fn read(
        table: BTreeMap<String, Spanned<toml::Table>>,
        line: impl Fn(usize) -> usize,
    ) -> Result<Variables, LessonError> {
        if table.len() > MOST_VARIABLES {
            let last = table.values().map(|declaration| declaration.span().start).max().unwrap_or(0);
            let problem = format!("there are more than {MOST_VARIABLES} variables: take some out");
            return Err(LessonError::at(line(last), problem));
        }
        let mut variables = BTreeMap::new();
        let mut lines = BTreeMap::new();
        for (name, declaration) in table {
            let line = line(declaration.span().start);
            let kind = Kind::read(&name, declaration.into_inner())
                .map_err(|problem| LessonError::at(line, format!("variable '{name}': {problem}")))?;
            lines.insert(name.clone(), line);
            variables.insert(name, kind);
        }
        for (name, kind) in &variables {
            if let Kind::Host { subnet } = kind {
                match variables.get(subnet) {
                    Some(Kind::Subnet { length, .. }) if *length <= 29 => {}
                    Some(Kind::Subnet { .. }) => {
                        let problem = format!(
                            "variable '{name}': '{subnet}' is too small to draw a host from: write a 'length' of 29 or less"
                        );
                        return Err(LessonError::at(lines[name], problem));
                    }
                    _ => {
                        let problem = format!(
                            "variable '{name}': '{subnet}' is no subnet of this lesson: declare it with 'subnet'"
                        );
                        return Err(LessonError::at(lines[name], problem));
                    }
                }
            }
        }
        Ok(Variables(variables))
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each with how it is drawn, by name.
    pub fn kinds(&self) -> impl Iterator<Item = (&str, &Kind)> {
        self.0.iter().map(|(name, kind)| (name.as_str(), kind))
    }

    /// The most bytes that can stand for a variable; 0 where there is no such one.
    pub(super) fn longest(&self, name: &str) -> usize {
        match self.0.get(name) {
            Some(Kind::Pick(words) | Kind::Shuffle(words)) => {
                words.iter().map(String::len).max().unwrap_or(0)
            }
            Some(_) => "255.255.255.255/32".len(),
            None => 0,
        }
    }

    /// The words that a variable can be, where it is drawn from a list.
    pub(super) fn words_of(&self, name: &str) -> Option<&[String]> {
        match self.0.get(name)? {
            Kind::Pick(words) => Some(words),
            _ => None,
        }
    }

    /// Draws a value for each.
    ///
    /// # Errors
    /// So many subnets or hosts do not fit where they are to be.
    pub(super) fn draw(&self, lesson: &str, seed: u64) -> Result<Values, String> {
        let mut values = Values::default();
        // Subnets first: hosts are drawn from them.
        for hosts in [false, true] {
            for (name, kind) in &self.0 {
                if matches!(kind, Kind::Host { .. }) == hosts {
                    let mut random = generator(seed, &format!("{lesson}/{name}"));
                    let value = kind.draw(&mut random, &values).ok_or_else(|| {
                        format!("variable '{name}': there is no room for another one: widen its range")
                    })?;
                    values.0.insert(name.clone(), value);
                }
            }
        }
        Ok(values)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubnetTable {
    subnet: String,
    length: u8,
}

impl Kind {
    fn read(name: &str, table: toml::Table) -> Result<Kind, String> {
        if !is_name(name) {
            return Err(
                "a name is made of small letters, digits, '-' and '_', a letter first: write it as 'lan-2'"
                    .to_owned(),
            );
        }
        let has = |key: &str| table.contains_key(key);
        let kind = if has("pick") {
            Kind::Pick(one(table, "pick")?)
        } else if has("shuffle") {
            Kind::Shuffle(one(table, "shuffle")?)
        } else if has("host") {
            Kind::Host { subnet: one(table, "host")? }
        } else if has("number") {
            let [least, most]: [u32; 2] = one(table, "number")?;
            Kind::Number { least, most }
        } else if has("mac") {
            match one(table, "mac")? {
                true => Kind::Mac,
                false => return Err("write 'mac = true'".to_owned()),
            }
        } else if has("subnet") {
            let SubnetTable { subnet, length } = typed(table)?;
            let range = prefix(&subnet)
                .ok_or_else(|| format!("'{subnet}' is no prefix: write it as '10.0.0.0/8'"))?;
            Kind::Subnet { range, length }
        } else {
            return Err(
                "it needs a way to be drawn: add one of pick, shuffle, subnet, host, number, mac".to_owned()
            );
        };
        kind.check().map(|()| kind)
    }

    fn check(&self) -> Result<(), String> {
        match self {
            Kind::Pick(words) | Kind::Shuffle(words) => {
                if words.len() < 2 {
                    return Err("a list to draw from has two words or more: add another one".to_owned());
                }
                if words.iter().collect::<BTreeSet<_>>().len() < words.len() {
                    return Err("a word stands twice in the list: take one out".to_owned());
                }
                if words.iter().any(|word| word.contains('\n')) {
                    return Err("a word is one line: write it without a line break".to_owned());
                }
            }
            Kind::Subnet { range, .. } if range.length > LONGEST_SUBNET => {
                return Err(format!(
                    "there is no subnet with two hosts in '{range}': write a prefix of {LONGEST_SUBNET} bits or less behind 'subnet'"
                ));
            }
            Kind::Subnet { range, length } => {
                let least = range.length.max(SHORTEST_SUBNET);
                if !(least..=LONGEST_SUBNET).contains(length) {
                    return Err(format!(
                        "'length' cannot be {length}: write a number from {least} to {LONGEST_SUBNET}"
                    ));
                }
            }
            Kind::Number { least, most } if least >= most => {
                return Err("write the smaller number first: 'number = [1, 9]'".to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    /// A value that is not taken yet; `None` where there is none left.
    fn draw(&self, random: &mut Pcg32, taken: &Values) -> Option<Value> {
        match self {
            Kind::Pick(words) => Some(Value::Text(words[below(random, words.len() as u32) as usize].clone())),
            Kind::Shuffle(words) => {
                let mut words = words.clone();
                for last in (1..words.len()).rev() {
                    words.swap(last, below(random, last as u32 + 1) as usize);
                }
                Some(Value::List(words))
            }
            Kind::Number { least, most } => {
                let number = match (most - least).checked_add(1) {
                    Some(count) => least + below(random, count),
                    None => random.next_u32(),
                };
                Some(Value::Text(number.to_string()))
            }
            Kind::Mac => {
                let [a, b, c, d] = random.next_u32().to_be_bytes();
                let last = random.next_u32() as u8;
                Some(Value::Text(MacAddress([0x02, a, b, c, d, last]).to_string()))
            }
            Kind::Subnet { range, length } => {
                let others: Vec<Ipv4Prefix> = taken
                    .0
                    .values()
                    .filter_map(|value| if let Value::Subnet(prefix) = value { Some(*prefix) } else { None })
                    .collect();
                let drawn = (0..TRIES).map(|_| {
                    let bits = random.next_u32() & !Ipv4Prefix::mask_bits(range.length);
                    Ipv4Prefix::new(Ipv4Addr::from_bits(range.network().address.to_bits() | bits), *length)
                        .network()
                });
                let free = |new: &Ipv4Prefix| {
                    !others.iter().any(|old| old.contains(new.address) || new.contains(old.address))
                };
                drawn.into_iter().find(free).map(Value::Subnet)
            }
            Kind::Host { subnet } => {
                let Some(Value::Subnet(subnet)) = taken.0.get(subnet) else { return None };
                let half = 1 << (31 - subnet.length);
                let first = subnet.address.to_bits() + half;
                let drawn = (0..TRIES).map(|_| {
                    Value::Host(Ipv4Prefix::new(
                        // The last one is the broadcast address.
                        Ipv4Addr::from_bits(first + below(random, half - 1)),
                        subnet.length,
                    ))
                });
                drawn.into_iter().find(|new| !taken.0.values().any(|old| old == new))
            }
        }
    }
}

impl Values {
    /// The value of `name`, or of `name.part`.
    ///
    /// # Errors
    /// What to write instead.
    pub(super) fn get(&self, name: &str, part: Option<&str>) -> Result<String, String> {
        let Some(value) = self.0.get(name) else {
            let known: Vec<&str> = self.0.keys().map(String::as_str).collect();
            return Err(format!(
                "there is no variable '{name}' among {}: write one of these, declare '{name}' below [variables], or write \
                 '{{{{' for a brace",
                known.join(", ")
            ));
        };
        let number = part.and_then(|part| part.parse::<u32>().ok());
        match (value, part) {
            (Value::Text(text), None) => Ok(text.clone()),
            (Value::Text(_), Some(_)) => Err(format!("'{name}' has no parts: write '{{{name}}}'")),
            (Value::List(words), _) => {
                let word = number.and_then(|number| words.get((number as usize).checked_sub(1)?));
                let count = words.len();
                word.cloned().ok_or_else(|| {
                    format!(
                        "'{name}' is a list of {count} words: write '{{{name}.1}}' to '{{{name}.{count}}}'"
                    )
                })
            }
            (Value::Subnet(prefix) | Value::Host(prefix), Some("length")) => Ok(prefix.length.to_string()),
            (Value::Subnet(prefix) | Value::Host(prefix), Some("mask")) => Ok(prefix.mask().to_string()),
            (Value::Subnet(prefix), None) => Ok(prefix.to_string()),
            (Value::Subnet(prefix), Some("network")) => Ok(prefix.address.to_string()),
            (Value::Subnet(prefix), Some("broadcast")) => Ok(prefix.broadcast().to_string()),
            (Value::Subnet(prefix), Some(_)) => {
                let hosts = (1_u32 << (32 - prefix.length)) - 2;
                match number.filter(|number| (1..=hosts).contains(number)) {
                    Some(number) => Ok(Ipv4Addr::from_bits(prefix.address.to_bits() + number).to_string()),
                    None => Err(format!(
                        "of the subnet '{name}' there is no such part: write .1 to .{hosts}, .network, .broadcast, .mask or .length behind the name"
                    )),
                }
            }
            (Value::Host(prefix), None) => Ok(prefix.address.to_string()),
            (Value::Host(_), Some(_)) => Err(format!(
                "of the host '{name}' there is no such part: write '{{{name}}}', or .length or .mask behind the name"
            )),
        }
    }

    /// The word that was drawn for a variable with a list of words.
    pub(super) fn word(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Puts values in the place of `{name}` and `{name.part}`; `{{` and `}}` are braces.
    ///
    /// # Errors
    /// What is wrong with a placeholder.
    pub(super) fn fill(&self, line: &str) -> Result<String, String> {
        let mut filled = String::new();
        for part in template::parts(line) {
            match part? {
                Part::Text(text) => filled.push_str(text),
                Part::Value(name, part) => filled.push_str(&self.get(name, part)?),
            }
        }
        Ok(filled)
    }

    /// Whether all of them are made of characters that mean nothing to Markdown and TOML: then a text with values in it
    /// has the same lines, blocks and strings as the text with their names.
    pub(super) fn are_plain(&self) -> bool {
        let plain = |word: &String| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || ".:-_/".contains(c))
        };
        self.0.values().all(|value| match value {
            Value::Text(word) => plain(word),
            Value::List(words) => words.iter().all(plain),
            Value::Subnet(_) | Value::Host(_) => true,
        })
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
}

fn typed<T: DeserializeOwned>(table: toml::Table) -> Result<T, String> {
    T::deserialize(table).map_err(|error| plain("", error.message()))
}

/// The value of the table's only key.
fn one<T: DeserializeOwned>(mut table: toml::Table, key: &str) -> Result<T, String> {
    let value = table.remove(key).ok_or_else(|| format!("'{key}' is missing"))?;
    match table.keys().next() {
        Some(other) => Err(format!("'{other}' does not go with '{key}': take it out")),
        None => T::deserialize(value).map_err(|error| plain(key, error.message())),
    }
}

fn prefix(text: &str) -> Option<Ipv4Prefix> {
    let (address, length) = text.split_once('/')?;
    let length = length.parse().ok().filter(|length| *length <= 32)?;
    Some(Ipv4Prefix::new(address.parse().ok()?, length).network())
}

/// A generator for one purpose: the seed picks the state, the purpose the stream.
fn generator(seed: u64, purpose: &str) -> Pcg32 {
    // FNV-1a, 64 bits.
    let stream = purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut random = Pcg32::new(seed, stream);
    // Neighbouring seeds begin alike: let them drift apart.
    random.next_u64();
    random
}

/// A number below `count`, each as likely as the others.
fn below(random: &mut Pcg32, count: u32) -> u32 {
    // Above the largest multiple of `count` some remainders would come more often.
    let most = u32::MAX - u32::MAX % count;
    loop {
        let number = random.next_u32();
        if number < most {
            return number % count;
        }
    }
}

#[cfg(test)]
mod tests;
