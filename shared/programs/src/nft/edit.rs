//! Commands of `nft` that alter the ruleset: each is one batch.

mod set;

use super::parse::{self, OwnSet};
use super::words::{Token, Words};
use super::{family, guess, symbols};
use crate::{Context, Failure, Status, refused};
use std::collections::BTreeMap;
use vethlab_shared::change::{Change, Modify};
use vethlab_shared::error::Errno;
use vethlab_shared::netfilter::{
    Chain, ChainKind, ChainSpec, Expression, Policy, Rule, RuleId, RulePlace, Ruleset, RulesetChange, Table,
    TableFamily, TableId,
};

/// The words that begin such a command.
pub(super) const VERBS: [&str; 7] = ["add", "create", "insert", "delete", "replace", "flush", "rename"];

const MISSING: &str = "Could not process rule: No such file or directory";

/// One command, as far as it is read.
struct Command<'a> {
    words: Words,
    verb: String,
    ruleset: &'a Ruleset,
    table: TableId,
    /// Where its name stands.
    table_span: (usize, usize),
    /// The name of the chain, or of the set.
    chain: String,
    chain_span: (usize, usize),
    /// The rule that is named by its number, and where that stands.
    handle: Option<(u64, (usize, usize))>,
    /// The elements of sets that it says, and where they stand.
    typed: Vec<parse::Typed>,
}

/// Does what a line asks for.
pub(super) fn run(
    line: &str,
    ruleset: &Ruleset,
    links: &BTreeMap<String, u32>,
    context: &mut Context<'_>,
) -> Result<Status, Failure> {
    let mut words = Words::new(line)?;
    let verb = words.word()?.text;
    let mut command = Command {
        words,
        verb,
        ruleset,
        table: TableId::ip(""),
        table_span: (0, 0),
        chain: String::new(),
        chain_span: (0, 0),
        handle: None,
        typed: Vec::new(),
    };
    let changes = command.changes(links)?;
    if changes.is_empty() {
        return Ok(0);
    }
    match context.stack.apply(&context.namespace, &Change::Ruleset(changes.clone())) {
        Ok(()) => Ok(0),
        Err(error) => {
            let mut said = None;
            let failure = refused(error, 1, |errno| {
                // The sets that a rule brings with it stand in front of it.
                said = changes.last().map(|change| command.refusal(errno, change));
                String::new()
            });
            Err(said.unwrap_or(failure))
        }
    }
}

impl Command<'_> {
    fn changes(&mut self, links: &BTreeMap<String, u32>) -> Result<Vec<RulesetChange>, Failure> {
        let object = self.words.word()?.text;
        let named = family(self.words.peek());
        if named.is_some() {
            self.words.word()?;
        }
        if (self.verb.as_str(), object.as_str()) == ("flush", "ruleset") {
            self.end()?;
            let tables =
                self.ruleset.tables.iter().filter(|table| named.is_none_or(|of| of == table.id.family));
            return Ok(tables.map(|table| RulesetChange::DeleteTable(table.id.clone())).collect());
        }
        if named.is_some_and(|family| family != TableFamily::Ip) {
            return self.words.unknown();
        }
        let name = self.name()?;
        (self.table, self.table_span) = (TableId::ip(&name.text), name.span);
        match object.as_str() {
            "table" => self.table(),
            "chain" | "rule" => {
                let name = self.name()?;
                (self.chain, self.chain_span) = (name.text, name.span);
                if object == "chain" { self.chain() } else { self.rule(links) }
            }
            "set" | "map" | "element" => {
                let name = self.name()?;
                (self.chain, self.chain_span) = (name.text, name.span);
                if object == "element" { self.element(links) } else { self.set(object == "map", links) }
            }
            _ => self.words.unknown(),
        }
    }

    fn name(&mut self) -> Result<Token, Failure> {
        let token = self.words.word()?;
        let begins = token.text.starts_with(|c: char| c.is_ascii_alphabetic());
        let is_name = token.text.chars().all(|c| c.is_ascii_alphanumeric() || "/\\_.-".contains(c));
        if begins && is_name && !token.quoted { Ok(token) } else { self.words.unknown() }
    }

    fn end(&mut self) -> Result<(), Failure> {
        self.words.take(";");
        if self.words.is_at_end() { Ok(()) } else { self.words.unknown() }
    }

    /// Whether a thing may or must be new.
    fn how(&self) -> Modify {
        if self.verb == "create" { Modify::ADD } else { Modify::CREATE }
    }

    fn table(&mut self) -> Result<Vec<RulesetChange>, Failure> {
        self.end()?;
        let table = self.table.clone();
        Ok(vec![match self.verb.as_str() {
            "add" | "create" => RulesetChange::AddTable { how: self.how(), table },
            "delete" => RulesetChange::DeleteTable(table),
            "flush" => RulesetChange::DeleteRule { table, chain: None, rule: None },
            _ => return self.words.unknown(),
        }])
    }

    fn chain(&mut self) -> Result<Vec<RulesetChange>, Failure> {
        let table = self.table.clone();
        let change = match self.verb.as_str() {
            "add" | "create" => {
                let chain = self.block()?;
                // This is found before anything is sent.
                if self.found().is_none() {
                    return Err(self.no_table("No such file or directory"));
                }
                RulesetChange::AddChain { how: self.how(), table, chain }
            }
            "delete" => RulesetChange::DeleteChain { table, name: self.chain.clone() },
            "flush" => RulesetChange::DeleteRule { table, chain: Some(self.chain.clone()), rule: None },
            "rename" => {
                let name = self.name()?.text;
                if self.found().is_none() {
                    return Err(self.no_table("No such file or directory"));
                }
                let Some(handle) = self.found_chain().map(|chain| chain.handle) else {
                    return Err(self.no_chain("No such file or directory", self.chain_span));
                };
                RulesetChange::RenameChain { table, handle, name }
            }
            _ => return self.words.unknown(),
        };
        self.end()?;
        Ok(vec![change])
    }

    /// What stands in braces behind a chain's name.
    fn block(&mut self) -> Result<ChainSpec, Failure> {
        let mut chain = ChainSpec::new(&self.chain);
        if !self.words.take("{") {
            return Ok(chain);
        }
        while !self.words.take("}") {
            if self.words.take(";") {
            } else if self.words.take("type") {
                let kind = match self.words.word()?.text.as_str() {
                    "filter" => ChainKind::Filter,
                    "nat" => ChainKind::Nat,
                    "route" => ChainKind::Route,
                    _ => return self.words.unknown(),
                };
                self.words.expect("hook")?;
                let hook = self.words.word()?.text;
                let Some(hook) = symbols::HOOKS.into_iter().find(|known| symbols::hook(*known) == hook)
                else {
                    return self.words.unknown();
                };
                self.words.expect("priority")?;
                let first = self.words.word()?.text;
                let known = symbols::number_of_priority(&first, hook).or(first.parse().ok());
                let Some(mut priority) = known else { return self.words.unknown() };
                for (sign, factor) in [("+", 1), ("-", -1)] {
                    if self.words.take(sign) {
                        let Ok(more) = i32::try_from(self.words.number()?) else {
                            return self.words.unknown();
                        };
                        priority += factor * more;
                    }
                }
                chain.base = Some((kind, hook, priority));
                self.separated()?;
            } else if self.words.take("policy") {
                chain.policy = Some(match self.words.word()?.text.as_str() {
                    "accept" => Policy::Accept,
                    "drop" => Policy::Drop,
                    _ => return self.words.unknown(),
                });
                self.separated()?;
            } else {
                return self.words.unknown();
            }
        }
        let is_there = self.found_chain().is_some_and(|chain| chain.base.is_some());
        match chain.base.is_none() && chain.policy.is_some() && !is_there {
            true => self.words.unknown(),
            false => Ok(chain),
        }
    }

    fn separated(&mut self) -> Result<(), Failure> {
        let is_last = self.words.peek() == "}";
        if is_last || self.words.take(";") { Ok(()) } else { self.words.unknown() }
    }

    fn rule(&mut self, links: &BTreeMap<String, u32>) -> Result<Vec<RulesetChange>, Failure> {
        let is_new = matches!(self.verb.as_str(), "add" | "insert");
        let by_index = self.words.here();
        let mut index = None;
        if is_new && self.words.take("index") {
            index = Some(self.words.number()?);
        } else if self.words.take("handle") || is_new && self.words.take("position") {
            let first = self.words.here();
            self.handle = Some((self.words.number()?, (first, self.words.behind())));
        } else if !is_new {
            return self.words.unknown();
        }
        let behind = self.words.behind();
        let (table, chain) = (self.table.clone(), self.chain.clone());
        let handle = self.handle.map(|(handle, _)| RuleId::Handle(handle));
        if self.verb == "delete" {
            self.end()?;
            return Ok(vec![RulesetChange::DeleteRule { table, chain: Some(chain), rule: handle }]);
        }
        if self.found().is_none() && self.words.line.contains('@') {
            return Err(self.no_table("No such file or directory"));
        }
        let place = parse::Place { ruleset: self.ruleset, table: &self.table };
        let (rule, sets) = parse::rule(&mut self.words, links, place)?;
        self.typed = sets.iter().flat_map(|set| set.elements.iter().cloned()).collect();
        let mut beside = handle;
        if let (Some(index), Some(found)) = (index, self.found_chain()) {
            let at: Option<&Rule> = usize::try_from(index).ok().and_then(|index| found.rules.get(index));
            let Some(at) = at else { return Err(self.words.wrong(MISSING, (by_index, behind))) };
            beside = Some(RuleId::Handle(at.handle));
        }
        // This is found before anything is sent.
        if let (Some((_, span)), Some(_), true) = (self.handle, self.found_chain(), is_new)
            && !self.has_rule()
        {
            return Err(self.words.wrong(MISSING, span));
        }
        let place = match (self.verb.as_str(), beside) {
            ("add", None) => RulePlace::Last,
            ("add", Some(other)) => RulePlace::After(other),
            ("insert", None) => RulePlace::First,
            ("insert", Some(other)) => RulePlace::Before(other),
            ("replace", Some(other)) => RulePlace::Replace(other),
            _ => return self.words.unknown(),
        };
        let set =
            |set: OwnSet| RulesetChange::AddSet { how: Modify::ADD, table: table.clone(), set: set.spec };
        let mut changes: Vec<RulesetChange> = sets.into_iter().map(set).collect();
        changes.push(RulesetChange::AddRule { table, chain, place, rule });
        Ok(changes)
    }

    fn found(&self) -> Option<&Table> {
        self.ruleset.table(&self.table)
    }

    fn found_chain(&self) -> Option<&Chain> {
        self.found()?.chain(&self.chain)
    }

    /// Whether the rule that is named by its number is in the chain.
    fn has_rule(&self) -> bool {
        let rules = self.found_chain().map(|chain| chain.rules.as_slice()).unwrap_or_default();
        self.handle.is_some_and(|(handle, _)| rules.iter().any(|rule| rule.handle == handle))
    }

    /// What is said of a table that is not there; `plain` where no other has a name like it.
    fn no_table(&self, plain: &str) -> Failure {
        let tables = &self.ruleset.tables;
        let near = guess::nearest(tables.iter().map(|table| table.id.name.as_str()), &self.table.name);
        let message = match near.map(|place| &tables[place].id) {
            Some(TableId { family, name }) => {
                format!("No such file or directory; did you mean table ‘{name}’ in family {family}?")
            }
            None => plain.to_owned(),
        };
        self.words.wrong(&message, self.table_span)
    }

    /// What is said where the chain, or what is asked of it, is not there.
    fn no_chain(&self, plain: &str, span: (usize, usize)) -> Failure {
        let chains: Vec<(&Table, &Chain)> = self
            .ruleset
            .tables
            .iter()
            .flat_map(|table| table.chains.iter().map(move |chain| (table, chain)))
            .collect();
        let near = guess::nearest(chains.iter().map(|(_, chain)| chain.name.as_str()), &self.chain);
        let message = match near.map(|place| chains[place]).filter(|(_, chain)| chain.name != self.chain) {
            Some((table, chain)) => {
                let TableId { family, name } = &table.id;
                let chain = &chain.name;
                format!("No such file or directory; did you mean chain ‘{chain}’ in table {family} ‘{name}’?")
            }
            None => plain.to_owned(),
        };
        self.words.wrong(&message, span)
    }

    /// Whether the chain is there in which a rule is to be.
    fn has_its_chain(&self, change: &RulesetChange) -> bool {
        !matches!(change, RulesetChange::AddRule { .. }) || self.found_chain().is_some()
    }

    /// What is said where the kernel refuses.
    fn refusal(&self, errno: Errno, change: &RulesetChange) -> Failure {
        let plain = format!("Could not process rule: {errno}");
        if let Some(said) = self.set_refusal(errno, change).filter(|_| self.has_its_chain(change)) {
            return said;
        }
        // The mark of a whole line is one longer than it.
        let whole = (0, self.words.line.len() + 1);
        let adds_rule = matches!(change, RulesetChange::AddRule { .. });
        let target = match change {
            RulesetChange::AddRule { rule, .. } => rule.expressions.iter().find_map(|found| match found {
                Expression::Verdict(verdict) => verdict.target(),
                _ => None,
            }),
            _ => None,
        };
        // A verdict is the last of a rule's words, or its comment follows.
        let target_span = target.and_then(|name| {
            let first = self.words.line.rfind(&format!(" {name}"))? + 1;
            Some((first, first + name.len()))
        });
        if errno == Errno::ENOENT && self.verb == "flush" {
            let is_about_table = self.found().is_none() || self.chain.is_empty();
            let span = if is_about_table { self.table_span } else { self.chain_span };
            return self.words.wrong(&plain, span);
        }
        if errno == Errno::ENOENT {
            if self.found().is_none() {
                return self.no_table(&plain);
            }
            if self.found_chain().is_none() {
                return self.no_chain(&plain, self.chain_span);
            }
            if let Some((_, span)) = self.handle
                && !self.has_rule()
            {
                return self.no_chain(&plain, span);
            }
            if let Some(span) = target_span {
                return self.no_chain(&plain, span);
            }
        }
        let span = match (change, errno) {
            (RulesetChange::AddTable { .. }, Errno::EEXIST) => self.table_span,
            (RulesetChange::AddChain { .. }, Errno::EEXIST) => self.chain_span,
            (RulesetChange::DeleteChain { .. }, Errno::EBUSY) => self.chain_span,
            _ if adds_rule => target_span.unwrap_or(whole),
            _ => whole,
        };
        self.words.wrong(&plain, span)
    }
}
