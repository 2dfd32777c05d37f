//! Look-ups in sets and maps (`expr_evaluate_set`, `stmt_evaluate_arg`).

use super::elements::{Leads, Typed};
use super::relation::Form;
use super::{FIRST, Parser};
use crate::Failure;
use crate::nft::{data, guess};
use vethlab_shared::netfilter::{
    DataType, Expression, Lookup, LookupTo, MapType, Ruleset, Set, SetElement, SetFlags, SetSpec, TableId,
    Value,
};

/// Where names of sets are looked for.
#[derive(Clone, Copy, Debug)]
pub(in crate::nft) struct Place<'a> {
    pub(in crate::nft) ruleset: &'a Ruleset,
    pub(in crate::nft) table: &'a TableId,
}

/// A set that a rule brings with it, and where its elements stand.
#[derive(Clone, Debug)]
pub(in crate::nft) struct OwnSet {
    pub(in crate::nft) spec: SetSpec,
    pub(in crate::nft) elements: Vec<Typed>,
}

/// The set or map of this name that is the most like it (`set_lookup_fuzzy`), and its table.
pub(in crate::nft) fn nearest<'a>(ruleset: &'a Ruleset, name: &str) -> Option<(&'a TableId, &'a Set)> {
    let all: Vec<(&TableId, &Set)> = ruleset
        .tables
        .iter()
        .flat_map(|table| table.sets.iter().map(move |set| (&table.id, set)))
        .filter(|(_, set)| !set.flags.contains(SetFlags::ANONYMOUS))
        .collect();
    let place = guess::nearest(all.iter().map(|(_, set)| set.name.as_str()), name)?;
    Some(all[place]).filter(|(_, set)| set.name != name)
}

/// What is said of a set that is not there.
pub(in crate::nft) fn missing(ruleset: &Ruleset, name: &str, plain: &str) -> String {
    match nearest(ruleset, name) {
        Some((TableId { family, name: table }, set)) => {
            let kind = if set.data.is_some() { "map" } else { "set" };
            let name = &set.name;
            format!("No such file or directory; did you mean {kind} ‘{name}’ in table {family} ‘{table}’?")
        }
        None => plain.to_owned(),
    }
}

impl Parser<'_> {
    /// A look-up in the place of a comparison.
    pub(super) fn look_up(
        &mut self,
        load: &Expression,
        form: Form,
        field: (usize, usize),
        invert: bool,
    ) -> Result<(), Failure> {
        let is_map = self.words.take("vmap");
        let leads = if is_map { Leads::ToVerdicts } else { Leads::Nowhere };
        let key = data::of_field(load, form);
        if self.words.peek().starts_with('@') {
            self.put(load.clone());
            return self.named_set(key, is_map, field, invert);
        }
        self.words.expect("{")?;
        let typed = self.elements(form, leads)?;
        let elements = self.own_elements(&typed, is_map)?;
        let id = self.sets.len() as u32 + 1;
        let mut flags = SetFlags::ANONYMOUS | SetFlags::CONSTANT;
        flags.set(SetFlags::INTERVAL, elements.iter().any(|element| element.spans));
        flags.set(SetFlags::MAP, is_map);
        let name = if is_map { "__map%d" } else { "__set%d" }.to_owned();
        let data = is_map.then_some(MapType::Verdict);
        let spec = SetSpec { name: name.clone(), id: Some(id), flags, key, data, elements };
        self.sets.push(OwnSet { spec, elements: typed });
        self.put(load.clone());
        let to = if is_map { LookupTo::Verdict } else { LookupTo::Nothing };
        self.put(Expression::Lookup(Lookup { set: name, id: Some(id), from: FIRST, to, invert }));
        Ok(())
    }

    fn named_set(
        &mut self,
        key: DataType,
        is_map: bool,
        field: (usize, usize),
        invert: bool,
    ) -> Result<(), Failure> {
        let token = self.words.word()?;
        let name = token.text[1..].to_owned();
        let Place { ruleset, table } = self.place;
        let Some(table) = ruleset.table(table) else { return self.words.unknown() };
        let Some(set) = table.set(&name) else {
            let message = missing(ruleset, &name, "No such file or directory");
            return Err(self.words.wrong(&message, token.span));
        };
        if is_map && set.data != Some(MapType::Verdict) {
            return match set.data {
                None => Err(self.words.wrong("Expression is not a map", token.span)),
                Some(_) => self.words.unknown(),
            };
        }
        if set.key.number != key.number {
            let (wanted, found) = (data::description(key), data::description(set.key));
            let message = match is_map {
                true => {
                    format!("datatype mismatch, map expects {found}, mapping expression has type {wanted}")
                }
                false => format!("datatype mismatch, expected {wanted}, expression has type {found}"),
            };
            return Err(self.words.wrong_beside(&message, field, token.span));
        }
        let to = if is_map { LookupTo::Verdict } else { LookupTo::Nothing };
        self.put(Expression::Lookup(Lookup { set: name, id: None, from: FIRST, to, invert }));
        Ok(())
    }

    /// The elements of a set that belongs to the rule: spans that meet are one (`set_automerge`), where they lead nowhere.
    fn own_elements(&self, typed: &[Typed], is_map: bool) -> Result<Vec<SetElement>, Failure> {
        let spans = typed.iter().any(|typed| typed.several.is_some());
        if !spans {
            return Ok(typed.iter().map(|typed| typed.element.clone()).collect());
        }
        if is_map {
            self.check_conflicts(typed)?;
        }
        let mut elements: Vec<SetElement> =
            typed.iter().map(|typed| SetElement { spans: true, ..typed.element.clone() }).collect();
        elements.sort_by(|one, other| one.first.cmp(&other.first));
        if is_map {
            elements.dedup();
            return Ok(elements);
        }
        let mut merged: Vec<SetElement> = Vec::new();
        for element in elements {
            match merged.last_mut() {
                Some(before) if meets(&before.last, &element.first) => {
                    before.last = before.last.clone().max(element.last);
                }
                _ => merged.push(element),
            }
        }
        Ok(merged)
    }

    /// Spans that overlap are refused.
    pub(in crate::nft) fn check_conflicts(&self, typed: &[Typed]) -> Result<(), Failure> {
        let mut sorted: Vec<&Typed> = typed.iter().collect();
        sorted.sort_by(|one, other| one.element.first.cmp(&other.element.first));
        for pair in sorted.windows(2) {
            let [one, other] = pair else { continue };
            if one.element != other.element && other.element.first <= one.element.last {
                return Err(self.words.wrong_beside("conflicting intervals specified", one.span, other.span));
            }
        }
        Ok(())
    }
}

/// Whether a value lies within a span that ends at another one, or right behind.
fn meets(last: &Value, first: &Value) -> bool {
    let number = |value: &Value| value.0.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    number(first) <= number(last) + 1
}
