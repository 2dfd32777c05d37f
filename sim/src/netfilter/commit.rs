//! A list of alterations, done whole or not at all (`nf_tables_commit`, `nf_tables_abort`).

use super::cells::{Cell, Cells};
use super::compile::{Program, compile};
use super::{Base, Chain, Rule, Table, Tables, set, validate};
use std::collections::BTreeMap;
use std::sync::Arc;
use vethlab_shared::change::Modify;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::netfilter::{
    ChainSpec, Expression, RuleId, RulePlace, RuleSpec, RuleVerdict, RulesetChange, TableFamily, TableId,
};
use vethlab_shared::time::Instant;

/// Tables while a list of alterations is done.
pub(super) struct Commit<'a> {
    tables: Tables,
    cells: &'a mut Cells,
    now: Instant,
    /// Cells that are new, and go where the list is refused.
    added: Vec<u32>,
    /// Cells that go where the list is taken.
    removed: Vec<u32>,
    /// The rules that this list makes, by the sender's number.
    new_rules: BTreeMap<u32, u64>,
    /// The names of the sets that this list makes, by the sender's number.
    pub(super) new_sets: BTreeMap<u32, String>,
    /// Tables of which a map was altered that may lead to chains.
    unchecked: Vec<TableId>,
    /// The chains to compile anew, by table and handle.
    altered: Vec<(TableId, u64)>,
    /// Each rule is held against the whole table at once, to say which is to blame (`NFT_VALIDATE_DO`).
    blames: bool,
}

impl Tables {
    /// Does a list of alterations, or none of them.
    ///
    /// # Errors
    /// The kernel's answer to the first that it refuses, with its place in the list.
    pub(crate) fn commit(
        &mut self,
        cells: &mut Cells,
        changes: &[RulesetChange],
        now: Instant,
    ) -> Result<(), StackError> {
        let unsound = match self.attempt(cells, changes, now, false) {
            Ok(sound) => !sound,
            Err(error) => return Err(error),
        };
        if unsound {
            // The kernel goes through the list again then, and asks after each rule (`nf_tables_validate`).
            self.attempt(cells, changes, now, true)?;
        }
        Ok(())
    }

    /// Goes through the list once. Tells whether all chains lead where they may: where not, nothing was done.
    fn attempt(
        &mut self,
        cells: &mut Cells,
        changes: &[RulesetChange],
        now: Instant,
        blames: bool,
    ) -> Result<bool, StackError> {
        let mut commit = Commit {
            tables: self.clone(),
            cells,
            now,
            added: Vec::new(),
            removed: Vec::new(),
            new_rules: BTreeMap::new(),
            new_sets: BTreeMap::new(),
            unchecked: Vec::new(),
            altered: Vec::new(),
            blames,
        };
        let mut first = Ok(());
        // What is behind one that is refused is looked at all the same, and uses up numbers.
        for (part, change) in changes.iter().enumerate() {
            let done = commit.one(change).map_err(|error| match error {
                StackError::Refused { errno, .. } => StackError::in_list(part, errno),
                other => other,
            });
            first = first.and(done);
        }
        let sound = first.is_err() || blames || commit.is_sound();
        let taken = first.is_ok() && sound;
        if taken {
            commit.compile();
        }
        let Commit { tables, cells, added, removed, .. } = commit;
        if taken {
            removed.into_iter().for_each(|cell| cells.free(cell));
            *self = tables;
        } else {
            added.into_iter().for_each(|cell| cells.free(cell));
            self.use_up_numbers(&tables);
        }
        first.map(|()| sound)
    }

    /// Numbers that were given are not given again, though nothing came of it.
    fn use_up_numbers(&mut self, tried: &Tables) {
        for table in &mut self.tables {
            let after = tried.tables.iter().find(|other| other.handle == table.handle);
            if let Some(after) = after
                && after.last_handle != table.last_handle
            {
                Arc::make_mut(table).last_handle = after.last_handle;
            }
        }
    }
}

impl Commit<'_> {
    fn one(&mut self, change: &RulesetChange) -> Result<(), StackError> {
        match change {
            RulesetChange::AddTable { how, table } => self.add_table(*how, table),
            RulesetChange::DeleteTable(id) => self.delete_table(id),
            RulesetChange::AddChain { how, table, chain } => self.add_chain(*how, table, chain),
            RulesetChange::RenameChain { table, handle, name } => self.rename_chain(table, *handle, name),
            RulesetChange::DeleteChain { table, name } => self.delete_chain(table, name),
            RulesetChange::AddRule { table, chain, place, rule } => self.add_rule(table, chain, *place, rule),
            RulesetChange::DeleteRule { table, chain, rule } => {
                self.delete_rules(table, chain.as_deref(), *rule)
            }
            RulesetChange::AddSet { how, table, set } => self.add_set(*how, table, set),
            RulesetChange::DeleteSet { table, name } => self.delete_set(table, name),
            RulesetChange::AddElements { how, table, set, elements } => {
                self.add_elements(*how, table, set, elements)?;
                if self.blames {
                    validate::table_is_sound(self.table(table)?)?;
                }
                Ok(())
            }
            RulesetChange::DeleteElements { table, set, elements } => {
                self.delete_elements(table, set, elements.as_deref())
            }
        }
    }

    pub(super) fn table(&mut self, id: &TableId) -> Result<&mut Table, Errno> {
        let found = self.tables.tables.iter_mut().find(|table| table.id == *id);
        found.map(Arc::make_mut).ok_or(Errno::ENOENT)
    }

    fn chain(&mut self, id: &TableId, name: &str) -> Result<&mut Chain, Errno> {
        let table = self.table(id)?;
        let found = table.chains.iter_mut().find(|chain| chain.name == name);
        found.map(Arc::make_mut).ok_or(Errno::ENOENT)
    }

    fn add_table(&mut self, how: Modify, id: &TableId) -> Result<(), StackError> {
        if !matches!(id.family, TableFamily::Ip | TableFamily::Inet) {
            return Err(StackError::NotModelled(format!("tables of the family {}", id.family)));
        }
        if self.table(id).is_ok() {
            let refused = how.contains(Modify::EXCLUSIVE);
            return if refused { Err(Errno::EEXIST.into()) } else { Ok(()) };
        }
        self.tables.last_handle += 1;
        let (id, handle) = (id.clone(), self.tables.last_handle);
        let table = Table { id, handle, last_handle: 0, chains: Vec::new(), sets: Vec::new() };
        self.tables.tables.push(Arc::new(table));
        Ok(())
    }

    fn delete_table(&mut self, id: &TableId) -> Result<(), StackError> {
        let place = self.tables.tables.iter().position(|table| table.id == *id).ok_or(Errno::ENOENT)?;
        let table = self.tables.tables.remove(place);
        for chain in &table.chains {
            self.forget(chain);
        }
        Ok(())
    }

    /// The cells of a chain that goes.
    fn forget(&mut self, chain: &Chain) {
        self.removed.extend(chain.base.and_then(|base| base.counter));
        self.removed.extend(chain.rules.iter().flat_map(|rule| &rule.cells));
    }

    fn new_cell(&mut self, cell: Cell) -> u32 {
        let place = self.cells.add(cell);
        self.added.push(place);
        place
    }

    fn add_chain(&mut self, how: Modify, id: &TableId, spec: &ChainSpec) -> Result<(), StackError> {
        let known = self.table(id)?.chain(&spec.name).cloned();
        if let Some(chain) = known {
            if how.contains(Modify::EXCLUSIVE) {
                return Err(Errno::EEXIST.into());
            }
            return self.alter_chain(id, &chain, spec);
        }
        if spec.base.is_none() && (spec.policy.is_some() || spec.counters.is_some()) {
            return Err(Errno::EOPNOTSUPP.into());
        }
        if let Some((kind, hook, priority)) = spec.base {
            validate::base(kind, hook, priority)?;
        }
        let counter = spec.counters.map(|counters| self.new_cell(Cell::Counter(counters)));
        let base = spec.base.map(|(kind, hook, priority)| Base {
            kind,
            hook,
            priority,
            policy: spec.policy.unwrap_or_default(),
            counter,
        });
        let table = self.table(id)?;
        table.last_handle += 1;
        let (name, handle) = (spec.name.clone(), table.last_handle);
        let chain = Chain { name, handle, base, rules: Vec::new(), program: Program::default() };
        table.chains.push(Arc::new(chain));
        Ok(())
    }

    /// Policy and counters of a chain that is there (`nf_tables_updchain`).
    fn alter_chain(&mut self, id: &TableId, known: &Chain, spec: &ChainSpec) -> Result<(), StackError> {
        if let Some((kind, hook, priority)) = spec.base {
            let base = known.base.ok_or(Errno::EEXIST)?;
            if kind != base.kind {
                return Err(Errno::EEXIST.into());
            }
            if (hook, priority) != (base.hook, base.priority) {
                return Err(Errno::EOPNOTSUPP.into());
            }
        }
        if known.base.is_none() && (spec.policy.is_some() || spec.counters.is_some()) {
            return Err(Errno::EOPNOTSUPP.into());
        }
        let counter = spec.counters.map(|counters| self.new_cell(Cell::Counter(counters)));
        if counter.is_some() {
            self.removed.extend(known.base.and_then(|base| base.counter));
        }
        if let Some(base) = &mut self.chain(id, &spec.name)?.base {
            base.policy = spec.policy.unwrap_or(base.policy);
            base.counter = counter.or(base.counter);
        }
        Ok(())
    }

    fn rename_chain(&mut self, id: &TableId, handle: u64, name: &str) -> Result<(), StackError> {
        let table = self.table(id)?;
        let old = table.chain_by_handle(handle).ok_or(Errno::ENOENT)?.name.clone();
        if table.chain(name).is_some() {
            return Err(Errno::EEXIST.into());
        }
        for chain in &mut table.chains {
            if chain.name == old {
                Arc::make_mut(chain).name = name.to_owned();
            }
            if chain.rules.iter().any(|rule| leads_to(&rule.expressions, &old)) {
                rename_targets(Arc::make_mut(chain), &old, name);
            }
        }
        table.sets.iter_mut().for_each(|set| set::rename_targets(set, &old, name));
        Ok(())
    }

    fn delete_chain(&mut self, id: &TableId, name: &str) -> Result<(), StackError> {
        let table = self.table(id)?;
        let chain = table.chain(name).ok_or(Errno::ENOENT)?.clone();
        let mut rules = table.chains.iter().flat_map(|other| &other.rules);
        let used = rules.any(|rule| leads_to(&rule.expressions, name))
            || table.sets.iter().any(|set| set::leads_to(set, name));
        if used || !chain.rules.is_empty() {
            return Err(Errno::EBUSY.into());
        }
        table.chains.retain(|other| other.handle != chain.handle);
        self.forget(&chain);
        Ok(())
    }

    /// Where a rule stands in a chain.
    fn place_of(&self, chain: &Chain, rule: RuleId) -> Result<usize, Errno> {
        let handle = match rule {
            RuleId::Handle(handle) => handle,
            RuleId::New(number) => *self.new_rules.get(&number).ok_or(Errno::ENOENT)?,
        };
        chain.rules.iter().position(|rule| rule.handle == handle).ok_or(Errno::ENOENT)
    }

    fn add_rule(
        &mut self,
        id: &TableId,
        chain: &str,
        place: RulePlace,
        spec: &RuleSpec,
    ) -> Result<(), StackError> {
        let found = self.table(id)?.chain(chain).ok_or(Errno::ENOENT)?.clone();
        let (at, replaced) = match place {
            RulePlace::Last => (found.rules.len(), None),
            RulePlace::First => (0, None),
            RulePlace::Before(rule) => (self.place_of(&found, rule)?, None),
            RulePlace::After(rule) => (self.place_of(&found, rule)? + 1, None),
            RulePlace::Replace(rule) => {
                let at = self.place_of(&found, rule)?;
                (at, Some(at))
            }
        };
        let table = self.table(id)?;
        // A rule in the place of another one keeps its number.
        let handle = match replaced {
            Some(place) => found.rules[place].handle,
            None => {
                table.last_handle += 1;
                table.last_handle
            }
        };
        for to in spec.expressions.iter().filter_map(target) {
            match table.chain(to) {
                None => return Err(Errno::ENOENT.into()),
                Some(next) if next.base.is_some() => return Err(Errno::EOPNOTSUPP.into()),
                Some(_) => {}
            }
        }
        validate::rule(&id.name, spec)?;
        let (mut expressions, now) = (spec.expressions.clone(), self.now);
        self.bind_sets(id, &mut expressions)?;
        let cells = expressions.iter().filter_map(|expression| Cell::new(expression, now));
        let cells = cells.map(|cell| self.new_cell(cell)).collect();
        let rule = Arc::new(Rule { handle, expressions, comment: spec.comment.clone(), cells });
        self.new_rules.extend(spec.id.map(|number| (number, handle)));
        let content = self.chain(id, chain)?;
        let old = replaced.map(|place| content.rules.remove(place));
        content.rules.insert(at, rule);
        let chain_handle = content.handle;
        self.removed.extend(old.iter().flat_map(|rule| &rule.cells));
        if let Some(old) = &old {
            self.forget_sets(id, &old.expressions)?;
        }
        self.altered.push((id.clone(), chain_handle));
        if self.blames {
            validate::table_is_sound(self.table(id)?)?;
        }
        Ok(())
    }

    fn delete_rules(
        &mut self,
        id: &TableId,
        chain: Option<&str>,
        rule: Option<RuleId>,
    ) -> Result<(), StackError> {
        let Some(name) = chain else {
            let names: Vec<String> = self.table(id)?.chains.iter().map(|chain| chain.name.clone()).collect();
            return names.iter().try_for_each(|name| self.delete_rules(id, Some(name), None));
        };
        let found = self.table(id)?.chain(name).ok_or(Errno::ENOENT)?.clone();
        let gone = match rule {
            Some(rule) => {
                let at = self.place_of(&found, rule)?;
                at..at + 1
            }
            None => 0..found.rules.len(),
        };
        if gone.is_empty() {
            return Ok(());
        }
        let gone: Vec<Arc<Rule>> = self.chain(id, name)?.rules.drain(gone).collect();
        self.removed.extend(gone.iter().flat_map(|rule| &rule.cells));
        for rule in &gone {
            self.forget_sets(id, &rule.expressions)?;
        }
        self.altered.push((id.clone(), found.handle));
        Ok(())
    }

    /// A map was altered: where its chains lead is to be looked at.
    pub(super) fn check_anew(&mut self, id: &TableId) {
        self.unchecked.push(id.clone());
    }

    fn is_sound(&self) -> bool {
        let altered = |table: &&Arc<Table>| {
            self.altered.iter().map(|(id, _)| id).chain(&self.unchecked).any(|id| *id == table.id)
        };
        let mut tables = self.tables.tables.iter().filter(altered);
        tables.all(|table| validate::table_is_sound(table).is_ok())
    }

    fn compile(&mut self) {
        let mut altered = std::mem::take(&mut self.altered);
        altered.sort_unstable();
        altered.dedup();
        for (id, handle) in altered {
            let Ok(table) = self.table(&id) else { continue };
            let Some(chain) = table.chain_by_handle(handle) else { continue };
            let handle_of = |name: &str| table.chain(name).map(|chain| chain.handle);
            let program = compile(chain, handle_of, |name| table.set(name).map(|set| set.handle));
            if let Some(chain) = table.chains.iter_mut().find(|chain| chain.handle == handle) {
                Arc::make_mut(chain).program = program;
            }
        }
    }
}

/// The chain that an expression leads to.
fn target(expression: &Expression) -> Option<&str> {
    match expression {
        Expression::Verdict(verdict) => verdict.target(),
        _ => None,
    }
}

fn leads_to(expressions: &[Expression], chain: &str) -> bool {
    expressions.iter().filter_map(target).any(|to| to == chain)
}

/// Rules name the chains that they lead to: a new name is theirs too.
fn rename_targets(chain: &mut Chain, old: &str, new: &str) {
    for rule in &mut chain.rules {
        if !leads_to(&rule.expressions, old) {
            continue;
        }
        for expression in &mut Arc::make_mut(rule).expressions {
            if let Expression::Verdict(RuleVerdict::Jump(to) | RuleVerdict::Goto(to)) = expression
                && to == old
            {
                new.clone_into(to);
            }
        }
    }
}
