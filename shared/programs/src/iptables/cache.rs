//! The tables as `iptables` knows them while it makes up its alterations (`nft-cache.c`).

use super::tables::{self, Table};
use vethlab_shared::netfilter::{BaseChain, Expression, Rule, RuleId, Ruleset, TableId};

/// All tables that are those of `iptables`.
#[derive(Clone, Debug, Default)]
pub(super) struct Cache {
    tables: Vec<CachedTable>,
    /// The last number that a rule to be made was given.
    last_id: u32,
}

/// A table.
#[derive(Clone, Debug)]
pub(super) struct CachedTable {
    pub(super) table: &'static Table,
    /// Whether the kernel has it, or is asked to make it.
    pub(super) exists: bool,
    /// Whether it has base chains that are not those of `iptables`.
    pub(super) tainted: bool,
    /// Its chains in the order in which they were made.
    pub(super) chains: Vec<CachedChain>,
}

/// A chain.
#[derive(Clone, Debug)]
pub(super) struct CachedChain {
    pub(super) name: String,
    /// 0 where it is to be made.
    pub(super) handle: u64,
    pub(super) base: Option<BaseChain>,
    pub(super) rules: Vec<CachedRule>,
    /// It is only shown, and not there.
    pub(super) fake: bool,
}

/// A rule.
#[derive(Clone, Debug)]
pub(super) struct CachedRule {
    pub(super) id: RuleId,
    pub(super) expressions: Vec<Expression>,
    pub(super) comment: Option<String>,
}

impl Cache {
    /// What the kernel has.
    pub(super) fn new(ruleset: &Ruleset) -> Cache {
        let tables = tables::TABLES.iter().map(|table| {
            let found = ruleset.table(&TableId::ip(table.name));
            let mut cached =
                CachedTable { table, exists: found.is_some(), tainted: false, chains: Vec::new() };
            for chain in found.map(|found| found.chains.as_slice()).unwrap_or_default() {
                if chain.base.as_ref().is_some_and(|base| !table.owns(&chain.name, base)) {
                    cached.tainted = true;
                    continue;
                }
                cached.chains.push(CachedChain {
                    name: chain.name.clone(),
                    handle: chain.handle,
                    base: chain.base.clone(),
                    rules: chain.rules.iter().map(CachedRule::new).collect(),
                    fake: false,
                });
            }
            cached
        });
        Cache { tables: tables.collect(), last_id: 0 }
    }

    /// The table of this name, which is one of `iptables`.
    pub(super) fn table(&mut self, name: &str) -> &mut CachedTable {
        let place = self.tables.iter().position(|cached| cached.table.name == name).unwrap_or_default();
        &mut self.tables[place]
    }

    /// A number for a rule to be made.
    pub(super) fn next_id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }
}

impl CachedRule {
    fn new(rule: &Rule) -> CachedRule {
        CachedRule {
            id: RuleId::Handle(rule.handle),
            expressions: rule.expressions.clone(),
            comment: rule.comment.clone(),
        }
    }
}

impl CachedTable {
    /// The chain of this name.
    pub(super) fn chain(&mut self, name: &str) -> Option<&mut CachedChain> {
        self.chains.iter_mut().find(|chain| chain.name == name)
    }

    /// Whether there is a chain of this name, or will be as soon as it is needed (`nft_chain_exists`).
    pub(super) fn has_chain(&mut self, name: &str) -> bool {
        self.table.chain(name).is_some() || self.chain(name).is_some()
    }

    /// Shows the built-in chains that are not there, or one of them (`nft_xt_fake_builtin_chains`).
    pub(super) fn fake(&mut self, name: Option<&str>) {
        for chain in self.table.chains {
            if name.is_none_or(|name| name == chain.name) && self.chain(chain.name).is_none() {
                self.chains.push(CachedChain {
                    name: chain.name.to_owned(),
                    handle: 0,
                    base: Some(chain.base()),
                    rules: Vec::new(),
                    fake: true,
                });
            }
        }
    }

    /// The names of all chains: the built-in ones by their hooks, then the others, sorted or as they were made
    /// (`nft_chain_foreach`).
    pub(super) fn names(&self, sorted: bool) -> Vec<String> {
        let mut base: Vec<&CachedChain> = self.chains.iter().filter(|chain| chain.base.is_some()).collect();
        base.sort_by_key(|chain| chain.base.as_ref().map(|base| tables::place(base.hook)));
        let mut others: Vec<&CachedChain> = self.chains.iter().filter(|chain| chain.base.is_none()).collect();
        if sorted {
            others.sort_by(|one, other| one.name.cmp(&other.name));
        }
        base.into_iter().chain(others).map(|chain| chain.name.clone()).collect()
    }

    /// How many rules lead to a chain.
    pub(super) fn references(&self, name: &str) -> usize {
        let rules = self.chains.iter().flat_map(|chain| &chain.rules);
        let verdicts = rules.flat_map(|rule| &rule.expressions).filter_map(|expression| match expression {
            Expression::Verdict(verdict) => verdict.target(),
            _ => None,
        });
        verdicts.filter(|target| *target == name).count()
    }
}
