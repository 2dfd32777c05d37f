//! Sets and maps as `nft list` writes them.

use super::data;
use super::expression::{Kind, kind_of, prefix, written};
use super::list::{Lister, Shown};
use crate::Failure;
use std::fmt::Write;
use std::net::Ipv4Addr;
use vethlab_shared::netfilter::{ElementData, MapType, Set, SetElement, SetFlags, Table, Value};

impl Lister {
    /// The sets of a table that have a name of their own.
    pub(super) fn named_sets(&self, table: &Table) -> Result<Vec<String>, Failure> {
        let named = table.sets.iter().filter(|set| !set.flags.contains(SetFlags::ANONYMOUS));
        named.map(|set| self.set(set)).collect()
    }

    /// A table with some of its sets alone.
    pub(super) fn sets(&self, table: &Table, wanted: impl Fn(&Set) -> bool) -> Result<Shown, Failure> {
        let mut text = format!("table {} {} {{\n", table.id.family, table.id.name);
        let named = table.sets.iter().filter(|set| !set.flags.contains(SetFlags::ANONYMOUS));
        for set in named.filter(|set| wanted(set)) {
            text += &self.set(set)?;
        }
        Ok(Shown { warning: String::new(), text: text + "}\n" })
    }

    /// A set (`set_print_declaration`).
    fn set(&self, set: &Set) -> Result<String, Failure> {
        let kind = if set.data.is_some() { "map" } else { "set" };
        let Some(known) = data::of(set.key) else { return not_modelled(set) };
        let Some(name) = known.name else { return not_modelled(set) };
        let mut text = format!("\t{kind} {} {{{}\n\t\ttype {name}", set.name, self.handle(set.handle));
        match set.data {
            None => {}
            Some(MapType::Verdict) => text += " : verdict",
            Some(MapType::Value(kind)) => match data::of(kind).and_then(|known| known.name) {
                Some(name) => {
                    let _ = write!(text, " : {name}");
                }
                None => return not_modelled(set),
            },
        }
        text.push('\n');
        let flags = set.flags - SetFlags::MAP;
        if !(SetFlags::CONSTANT | SetFlags::INTERVAL).contains(flags) {
            return not_modelled(set);
        }
        let named = [(SetFlags::CONSTANT, "constant"), (SetFlags::INTERVAL, "interval")];
        let names: Vec<&str> =
            named.iter().filter(|(flag, _)| flags.contains(*flag)).map(|(_, name)| *name).collect();
        if !names.is_empty() {
            let _ = writeln!(text, "\t\tflags {}", names.join(","));
        }
        if !set.elements.is_empty() {
            let Some(kind) = kind_of(set.key.number) else { return not_modelled(set) };
            let elements = self.elements(set, kind)?;
            let lines: Vec<String> = elements.chunks(known.columns).map(|line| line.join(", ")).collect();
            let _ = writeln!(text, "\t\telements = {{ {} }}", lines.join(",\n\t\t\t     "));
        }
        Ok(text + "\t}\n")
    }

    /// The elements of a set in the order of their keys as numbers (`list_expr_sort`).
    pub(super) fn elements(&self, set: &Set, kind: Kind) -> Result<Vec<String>, Failure> {
        let mut sorted: Vec<&SetElement> = set.elements.iter().collect();
        let little = kind.is_little(set.key.length.into());
        sorted.sort_by_key(|element| {
            let mut bytes = element.first.0.clone();
            if little {
                bytes.reverse();
            }
            bytes
        });
        sorted.into_iter().map(|element| self.element(set, element, kind)).collect()
    }

    fn element(&self, set: &Set, element: &SetElement, kind: Kind) -> Result<String, Failure> {
        let mut text = self.key(element, kind);
        match &element.data {
            None => {}
            Some(ElementData::Verdict(verdict)) => {
                let _ = write!(text, " : {verdict}");
            }
            Some(ElementData::Value(value)) => {
                let kind = match set.data {
                    Some(MapType::Value(kind)) => kind_of(kind.number),
                    _ => None,
                };
                let Some(kind) = kind else { return not_modelled(set) };
                let _ = write!(text, " : {}", written(kind, value, self));
            }
        }
        Ok(text)
    }

    /// A key, a prefix, or a span from one key to another.
    fn key(&self, element: &SetElement, kind: Kind) -> String {
        let SetElement { first, last, .. } = element;
        if first == last {
            return written(kind, first, self);
        }
        if let (Kind::Address, Some(length)) = (kind, prefix_length(first, last)) {
            return prefix(first, length);
        }
        format!("{}-{}", written(kind, first, self), written(kind, last, self))
    }
}

/// The length of the prefix that all addresses from one to another have, and no others.
fn prefix_length(first: &Value, last: &Value) -> Option<u32> {
    let bits = |value: &Value| Some(Ipv4Addr::from(<[u8; 4]>::try_from(&value.0[..]).ok()?).to_bits());
    let (first, last) = (bits(first)?, bits(last)?);
    let rest = first ^ last;
    let whole = rest & rest.wrapping_add(1) == 0 && first & rest == 0 && last & rest == rest;
    whole.then(|| rest.leading_zeros())
}

fn not_modelled<T>(set: &Set) -> Result<T, Failure> {
    Err(Failure::NotModelled(format!("nft: the set {} of this kind", set.name)))
}
