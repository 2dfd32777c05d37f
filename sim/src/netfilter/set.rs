//! Sets and maps in which rules look up values (`nft_lookup.c`, `nft_set_hash.c`, `nft_set_rbtree.c`).

use super::commit::Commit;
use super::{Chain, Table};
use std::sync::Arc;
use vethlab_shared::change::Modify;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::netfilter::{
    ElementData, Expression, Lookup, LookupTo, MapType, RuleVerdict, Set, SetElement, SetFlags, SetSpec,
    TableId, Value,
};

/// `ENOTEMPTY`: a span overlaps one that is there (`nft_rbtree_insert`).
const OVERLAPS: Errno = Errno(39);

/// The element that a value is in; the elements stand in the order of their keys.
pub(super) fn find<'a>(set: &'a Set, key: &[u8]) -> Option<&'a SetElement> {
    let behind = set.elements.partition_point(|element| &element.first.0[..] <= key);
    let element = set.elements.get(behind.checked_sub(1)?)?;
    (key <= &element.last.0[..]).then_some(element)
}

/// Whether a set leads to a chain.
pub(super) fn leads_to(set: &Set, chain: &str) -> bool {
    set.elements.iter().any(|element| element.target() == Some(chain))
}

/// Gives a chain that elements lead to another name.
pub(super) fn rename_targets(set: &mut Arc<Set>, old: &str, new: &str) {
    if !leads_to(set, old) {
        return;
    }
    for element in &mut Arc::make_mut(set).elements {
        if let Some(ElementData::Verdict(RuleVerdict::Jump(to) | RuleVerdict::Goto(to))) = &mut element.data
            && to == old
        {
            new.clone_into(to);
        }
    }
}

/// Whether a rule of these expressions uses a set.
fn uses(expressions: &[Expression], set: &str) -> bool {
    expressions.iter().any(|expression| matches!(expression, Expression::Lookup(lookup) if lookup.set == set))
}

impl Table {
    pub(super) fn set(&self, name: &str) -> Option<&Arc<Set>> {
        self.sets.iter().find(|set| set.name == name)
    }

    #[inline]
    pub(super) fn set_by_handle(&self, handle: u64) -> Option<&Set> {
        let place = self.sets.binary_search_by_key(&handle, |set| set.handle).ok()?;
        Some(&self.sets[place])
    }

    fn uses_set(&self, name: &str) -> bool {
        let mut rules = self.chains.iter().flat_map(|chain| &chain.rules);
        rules.any(|rule| uses(&rule.expressions, name))
    }

    /// The chains that an expression leads to, of its own or by the map in which it looks up.
    pub(super) fn targets<'a>(&'a self, expression: &'a Expression) -> Vec<&'a Arc<Chain>> {
        let names: Vec<&str> = match expression {
            Expression::Verdict(verdict) => verdict.target().into_iter().collect(),
            Expression::Lookup(Lookup { set, to: LookupTo::Verdict, .. }) => {
                let elements = self.set(set).map(|set| set.elements.as_slice()).unwrap_or_default();
                elements.iter().filter_map(SetElement::target).collect()
            }
            _ => Vec::new(),
        };
        names.into_iter().filter_map(|name| self.chain(name)).collect()
    }

    /// Whether a chain may be led to.
    fn check_target(&self, name: &str) -> Result<(), Errno> {
        match self.chain(name) {
            None => Err(Errno::ENOENT),
            Some(next) if next.base.is_some() => Err(Errno::EOPNOTSUPP),
            Some(_) => Ok(()),
        }
    }
}

impl Commit<'_> {
    pub(super) fn set_mut(&mut self, id: &TableId, name: &str) -> Result<&mut Set, Errno> {
        let found = self.table(id)?.sets.iter_mut().find(|set| set.name == name);
        found.map(Arc::make_mut).ok_or(Errno::ENOENT)
    }

    /// `nf_tables_newset`.
    pub(super) fn add_set(&mut self, how: Modify, id: &TableId, spec: &SetSpec) -> Result<(), StackError> {
        let table = self.table(id)?;
        if let Some(known) = table.set(&spec.name) {
            let same = (known.flags, known.key, known.data) == (spec.flags, spec.key, spec.data);
            if how.contains(Modify::EXCLUSIVE) || !same {
                return Err(Errno::EEXIST.into());
            }
            return self.add_elements(Modify::CREATE, id, &spec.name, &spec.elements);
        }
        let name = free_name(table, &spec.name);
        table.last_handle += 1;
        let handle = table.last_handle;
        let set = Set {
            name: name.clone(),
            handle,
            flags: spec.flags,
            key: spec.key,
            data: spec.data,
            elements: Vec::new(),
        };
        table.sets.push(Arc::new(set));
        self.new_sets.extend(spec.id.map(|number| (number, name.clone())));
        self.add_elements(Modify::CREATE, id, &name, &spec.elements)
    }

    /// `nf_tables_delset`.
    pub(super) fn delete_set(&mut self, id: &TableId, name: &str) -> Result<(), StackError> {
        let table = self.table(id)?;
        table.set(name).ok_or(Errno::ENOENT)?;
        if table.uses_set(name) {
            return Err(Errno::EBUSY.into());
        }
        table.sets.retain(|set| set.name != name);
        Ok(())
    }

    /// `nf_tables_newsetelem`.
    pub(super) fn add_elements(
        &mut self,
        how: Modify,
        id: &TableId,
        name: &str,
        elements: &[SetElement],
    ) -> Result<(), StackError> {
        let table = self.table(id)?;
        let set = table.set(name).ok_or(Errno::ENOENT)?;
        let fixed = SetFlags::CONSTANT | SetFlags::ANONYMOUS;
        if !elements.is_empty() && set.flags.intersects(fixed) && table.uses_set(name) {
            return Err(Errno::EBUSY.into());
        }
        for element in elements {
            check_element(table, name, element)?;
        }
        let set = self.set_mut(id, name)?;
        for element in elements {
            let behind = set.elements.partition_point(|known| known.first <= element.first);
            let before = behind.checked_sub(1).map(|place| &set.elements[place]);
            if let Some(known) = before.filter(|known| known.first == element.first) {
                let same = known.last == element.last && known.data == element.data;
                if how.contains(Modify::EXCLUSIVE) || !same {
                    return Err(Errno::EEXIST.into());
                }
                continue;
            }
            let overlaps = before.is_some_and(|known| element.first <= known.last)
                || set.elements.get(behind).is_some_and(|known| known.first <= element.last);
            if overlaps {
                return Err(OVERLAPS.into());
            }
            set.elements.insert(behind, element.clone());
        }
        self.check_anew(id);
        Ok(())
    }

    /// `nf_tables_delsetelem`.
    pub(super) fn delete_elements(
        &mut self,
        id: &TableId,
        name: &str,
        elements: Option<&[SetElement]>,
    ) -> Result<(), StackError> {
        let set = self.set_mut(id, name)?;
        let Some(elements) = elements else {
            set.elements.clear();
            return Ok(());
        };
        for element in elements {
            let found = |known: &SetElement| known.first == element.first && known.last == element.last;
            let place = set.elements.iter().position(found).ok_or(Errno::ENOENT)?;
            set.elements.remove(place);
        }
        Ok(())
    }

    /// Puts the names of sets into the expressions of a new rule that name them by the sender's number (`nft_lookup_init`).
    pub(super) fn bind_sets(&mut self, id: &TableId, expressions: &mut [Expression]) -> Result<(), Errno> {
        for expression in expressions {
            let Expression::Lookup(lookup) = expression else { continue };
            if let Some(name) = lookup.id.take().and_then(|number| self.new_sets.get(&number)) {
                name.clone_into(&mut lookup.set);
            }
            let set = self.table(id)?.set(&lookup.set).ok_or(Errno::ENOENT)?;
            let fits = match (lookup.to, set.data) {
                (LookupTo::Nothing, _) => true,
                (_, Some(_)) if lookup.invert => false,
                (LookupTo::Verdict, Some(MapType::Verdict)) => true,
                (LookupTo::Register(_), Some(MapType::Value(_))) => true,
                _ => false,
            };
            if !fits {
                return Err(Errno::EINVAL);
            }
        }
        Ok(())
    }

    /// Sets of a rule's own go with it (`nf_tables_deactivate_set`).
    pub(super) fn forget_sets(&mut self, id: &TableId, expressions: &[Expression]) -> Result<(), Errno> {
        let table = self.table(id)?;
        table.sets.retain(|set| !(set.flags.contains(SetFlags::ANONYMOUS) && uses(expressions, &set.name)));
        Ok(())
    }
}

/// Whether an element may be in a set (`nft_add_set_elem`).
fn check_element(table: &Table, set: &str, element: &SetElement) -> Result<(), Errno> {
    let set = table.set(set).ok_or(Errno::ENOENT)?;
    let long = |value: &Value| value.0.len() == usize::from(set.key.length);
    if !long(&element.first)
        || !long(&element.last)
        || element.spans != set.flags.contains(SetFlags::INTERVAL)
    {
        return Err(Errno::EINVAL);
    }
    match (set.data, &element.data) {
        (None, None) => Ok(()),
        (Some(MapType::Verdict), Some(ElementData::Verdict(verdict))) => {
            verdict.target().map_or(Ok(()), |name| table.check_target(name))
        }
        (Some(MapType::Value(kind)), Some(ElementData::Value(value)))
            if value.0.len() == usize::from(kind.length) =>
        {
            Ok(())
        }
        _ => Err(Errno::EINVAL),
    }
}

/// A name with the smallest number that is free in the place of `%d` (`nf_tables_set_alloc_name`).
fn free_name(table: &Table, pattern: &str) -> String {
    let Some((before, behind)) = pattern.split_once("%d") else { return pattern.to_owned() };
    let mut number = 0;
    loop {
        let name = format!("{before}{number}{behind}");
        if table.set(&name).is_none() {
            return name;
        }
        number += 1;
    }
}
