//! How `iptables` makes alterations out of what it is asked for (`nft.c`): each is made up against what is known of the tables, and
//! all are sent together.

use super::cache::{Cache, CachedChain, CachedRule, CachedTable};
use super::encode;
use super::list;
use super::problem::{Outcome, Problem, wrong};
use super::rule::Rule;
use super::tables;
use vethlab_shared::change::Modify;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::netfilter::{
    BaseChain, ChainSpec, Counters, Expression, Policy, RuleId, RulePlace, RuleSpec, Ruleset, RulesetChange,
    TableId,
};

/// What the kernel has nothing of, as `nft_strerror` says it.
const NOTHING: Problem = Problem::Refused("No chain/target/match by that name");
const NO_SUCH_RULE: Problem = Problem::Refused("Bad rule (does a matching rule exist in that chain?)");

/// What an alteration is called where the kernel refuses it (`mnl_append_error`).
#[derive(Clone, Debug)]
struct Label {
    kind: &'static str,
    what: String,
    line: Option<usize>,
}

/// Where a rule is to be put, or found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) table: &'a str,
    pub(super) chain: &'a str,
    /// From 0.
    pub(super) index: usize,
    /// Whether to tell of what is done.
    pub(super) verbose: bool,
}

/// Alterations that are made up.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) cache: Cache,
    changes: Vec<RulesetChange>,
    labels: Vec<Label>,
    /// The line that is worked on, where lines are read.
    pub(super) line: Option<usize>,
    /// What is printed.
    pub(super) out: String,
}

impl Work {
    /// Against what the kernel has.
    pub(super) fn new(ruleset: &Ruleset) -> Work {
        Work { cache: Cache::new(ruleset), ..Work::default() }
    }

    /// What is to be sent.
    pub(super) fn take(&mut self) -> Vec<RulesetChange> {
        std::mem::take(&mut self.changes)
    }

    /// What it says where the kernel refused one of what was sent.
    pub(super) fn refused(&mut self, error: StackError) -> Problem {
        let labels = std::mem::take(&mut self.labels);
        match error {
            StackError::Refused { errno, part: Some(part), .. } => match labels.get(part) {
                Some(Label { kind, what, line }) => {
                    let line = line.map_or(" ".to_owned(), |line| format!("\nline {line}: "));
                    Problem::Resource(format!("{line}{kind} failed ({errno}): {what}"))
                }
                None => Problem::from(StackError::from(errno)),
            },
            StackError::Refused { errno: Errno::EPERM, .. } => {
                Problem::Refused("Permission denied (you must be root)")
            }
            other => Problem::from(other),
        }
    }

    fn send(&mut self, kind: &'static str, what: String, change: RulesetChange) {
        self.changes.push(change);
        self.labels.push(Label { kind, what, line: self.line });
    }

    fn send_chain(&mut self, kind: &'static str, table: &str, how: Modify, chain: ChainSpec) {
        let what = format!("chain {}", chain.name);
        self.send(kind, what, RulesetChange::AddChain { how, table: TableId::ip(table), chain });
    }

    /// Makes a table where it is not there (`nft_xt_builtin_table_init`).
    fn make_table(&mut self, name: &str) -> &mut CachedTable {
        if !self.cache.table(name).exists {
            let table = TableId::ip(name);
            let change = RulesetChange::AddTable { how: Modify::CREATE, table };
            self.send("TABLE_ADD", format!("table {name}"), change);
            self.cache.table(name).exists = true;
        }
        self.cache.table(name)
    }

    /// Makes a built-in chain, or all of a table, where they are not there (`nft_xt_builtin_init`).
    fn make_built_in(&mut self, table: &str, chain: Option<&str>) {
        let built_in = self.make_table(table).table.chains;
        for wanted in built_in.iter().filter(|wanted| chain.is_none_or(|chain| chain == wanted.name)) {
            if self.cache.table(table).chain(wanted.name).is_some_and(|chain| !chain.fake) {
                continue;
            }
            self.send_chain("CHAIN_ADD", table, Modify::CREATE, wanted.spec(Some(Policy::Accept)));
            let cached = self.cache.table(table);
            cached.chains.retain(|chain| chain.name != wanted.name);
            cached.chains.push(CachedChain {
                name: wanted.name.to_owned(),
                handle: 0,
                base: Some(wanted.base()),
                rules: Vec::new(),
                fake: false,
            });
        }
    }

    /// Refuses a jump to a chain that is not there (`assert_chain_exists`).
    pub(super) fn assert_target(&mut self, table: &str, chain: Option<&str>) -> Outcome<()> {
        match chain {
            Some(chain) if !self.cache.table(table).has_chain(chain) => {
                wrong(format!("Chain '{chain}' does not exist"))
            }
            _ => Ok(()),
        }
    }

    fn tell(&mut self, place: Place<'_>, cached: &CachedRule) -> Outcome<()> {
        if place.verbose {
            self.out += &list::told(&list::rule_of(cached)?);
        }
        Ok(())
    }

    fn chain(&mut self, place: Place<'_>) -> Outcome<&mut CachedChain> {
        self.cache.table(place.table).chain(place.chain).ok_or(NOTHING)
    }

    fn send_rule(&mut self, kind: &'static str, place: Place<'_>, at: RulePlace, rule: &CachedRule) {
        let id = match rule.id {
            RuleId::New(id) => Some(id),
            RuleId::Handle(_) => None,
        };
        let change = RulesetChange::AddRule {
            table: TableId::ip(place.table),
            chain: place.chain.to_owned(),
            place: at,
            rule: RuleSpec { expressions: rule.expressions.clone(), comment: rule.comment.clone(), id },
        };
        self.send(kind, format!("rule in chain {}", place.chain), change);
    }

    fn new_rule(&mut self, rule: &Rule) -> Outcome<CachedRule> {
        let expressions = encode::expressions(rule)?;
        Ok(CachedRule { id: RuleId::New(self.cache.next_id()), expressions, comment: None })
    }

    /// `-A` (`nft_rule_append`).
    pub(super) fn append(&mut self, place: Place<'_>, rule: &Rule) -> Outcome<()> {
        let rule = self.new_rule(rule)?;
        self.append_encoded(place, rule)
    }

    fn append_encoded(&mut self, place: Place<'_>, rule: CachedRule) -> Outcome<()> {
        self.make_built_in(place.table, Some(place.chain));
        self.send_rule("RULE_APPEND", place, RulePlace::Last, &rule);
        self.tell(place, &rule)?;
        self.chain(place)?.rules.push(rule);
        Ok(())
    }

    /// `-I` (`nft_rule_insert`).
    pub(super) fn insert(&mut self, place: Place<'_>, rule: &Rule) -> Outcome<()> {
        let rule = self.new_rule(rule)?;
        self.make_built_in(place.table, Some(place.chain));
        let chain = self.chain(place)?;
        let count = chain.rules.len();
        let before = chain.rules.get(place.index).map(|rule| rule.id);
        if place.index > 0 && place.index == count {
            return self.append_encoded(place, rule);
        }
        if place.index > count {
            return Err(Problem::Refused("Index of insertion too big"));
        }
        let at = match before {
            Some(other) if place.index > 0 => RulePlace::Before(other),
            _ => RulePlace::First,
        };
        self.send_rule("RULE_INSERT", place, at, &rule);
        self.tell(place, &rule)?;
        self.chain(place)?.rules.insert(place.index, rule);
        Ok(())
    }

    /// `-R` (`nft_rule_replace`).
    pub(super) fn replace(&mut self, place: Place<'_>, rule: &Rule) -> Outcome<()> {
        let rule = self.new_rule(rule)?;
        let chain = self.chain(place)?;
        let Some(old) = chain.rules.get(place.index).map(|rule| rule.id) else {
            return Err(Problem::Refused("Index of replacement too big"));
        };
        self.make_built_in(place.table, Some(place.chain));
        self.send_rule("RULE_REPLACE", place, RulePlace::Replace(old), &rule);
        self.tell(place, &rule)?;
        self.chain(place)?.rules[place.index] = rule;
        Ok(())
    }

    /// Where a rule like this one is (`nft_rule_find`).
    fn find(&mut self, place: Place<'_>, rule: &Rule) -> Outcome<Option<usize>> {
        Ok(self.places(place, rule)?.first().copied())
    }

    /// All places of rules like this one, from 0.
    pub(super) fn places(&mut self, place: Place<'_>, rule: &Rule) -> Outcome<Vec<usize>> {
        let wanted = list::rule_of(&CachedRule {
            id: RuleId::New(0),
            expressions: encode::expressions(rule)?,
            comment: None,
        })?;
        let mut places = Vec::new();
        for (index, cached) in self.chain(place)?.rules.iter().enumerate() {
            let mut found = list::rule_of(cached)?;
            found.counters = wanted.counters;
            if found == wanted {
                places.push(index);
            }
        }
        Ok(places)
    }

    /// `-D` of a rule (`nft_rule_delete`).
    pub(super) fn delete(&mut self, place: Place<'_>, rule: &Rule) -> Outcome<()> {
        if self.cache.table(place.table).chain(place.chain).is_none() {
            return Err(NO_SUCH_RULE);
        }
        let index = self.find(place, rule)?.ok_or(NO_SUCH_RULE)?;
        let old = self.send_deletion(place, index)?;
        self.tell(place, &old)
    }

    /// `-D` by a number (`nft_rule_delete_num`).
    pub(super) fn delete_number(&mut self, place: Place<'_>) -> Outcome<()> {
        if place.index >= self.chain(place)?.rules.len() {
            return Err(Problem::Refused("Index of deletion too big"));
        }
        self.send_deletion(place, place.index).map(drop)
    }

    fn send_deletion(&mut self, place: Place<'_>, index: usize) -> Outcome<CachedRule> {
        let old = self.chain(place)?.rules.remove(index);
        let change = RulesetChange::DeleteRule {
            table: TableId::ip(place.table),
            chain: Some(place.chain.to_owned()),
            rule: Some(old.id),
        };
        self.send("RULE_DELETE", format!("rule in chain {}", place.chain), change);
        Ok(old)
    }

    /// `-C` (`nft_rule_check`).
    pub(super) fn check(&mut self, place: Place<'_>, rule: &Rule) -> Outcome<()> {
        if self.cache.table(place.table).chain(place.chain).is_none() {
            return Err(NO_SUCH_RULE);
        }
        let index = self.find(place, rule)?.ok_or(NO_SUCH_RULE)?;
        let found = self.chain(place)?.rules[index].clone();
        self.tell(place, &found)
    }

    /// `-F` (`nft_rule_flush`).
    pub(super) fn flush(&mut self, table: &str, chain: Option<&str>, verbose: bool) -> Outcome<()> {
        if chain.is_some() || verbose {
            self.make_built_in(table, chain);
        } else if !self.cache.table(table).exists {
            return Ok(());
        }
        match chain {
            Some(chain) => {
                self.cache.table(table).chain(chain).ok_or(NOTHING)?;
                self.flush_chain(table, chain, verbose);
            }
            None if verbose => {
                for chain in self.cache.table(table).names(true) {
                    self.flush_chain(table, &chain, verbose);
                }
            }
            None => {
                let change = RulesetChange::DeleteRule { table: TableId::ip(table), chain: None, rule: None };
                self.send("RULE_FLUSH", "rule in chain (null)".to_owned(), change);
                self.cache.table(table).chains.iter_mut().for_each(|chain| chain.rules.clear());
            }
        }
        Ok(())
    }

    fn flush_chain(&mut self, table: &str, chain: &str, verbose: bool) {
        if verbose {
            self.out += &format!("Flushing chain `{chain}'\n");
        }
        let change = RulesetChange::DeleteRule {
            table: TableId::ip(table),
            chain: Some(chain.to_owned()),
            rule: None,
        };
        self.send("RULE_FLUSH", format!("rule in chain {chain}"), change);
        if let Some(chain) = self.cache.table(table).chain(chain) {
            chain.rules.clear();
        }
    }

    /// `-N` (`nft_chain_user_add`).
    pub(super) fn new_chain(&mut self, table: &str, chain: &str) -> Outcome<()> {
        if self.make_table(table).has_chain(chain) {
            return Err(Problem::Refused("Chain already exists"));
        }
        self.add_user_chain(table, chain);
        Ok(())
    }

    fn add_user_chain(&mut self, table: &str, chain: &str) {
        self.send_chain("CHAIN_USER_ADD", table, Modify::EXCLUSIVE, ChainSpec::new(chain));
        self.cache.table(table).chains.push(CachedChain {
            name: chain.to_owned(),
            handle: 0,
            base: None,
            rules: Vec::new(),
            fake: false,
        });
    }

    /// `-X` (`nft_chain_del`).
    pub(super) fn delete_chain(&mut self, table: &str, chain: Option<&str>, verbose: bool) -> Outcome<()> {
        let Some(name) = chain else {
            for name in self.cache.table(table).names(verbose) {
                self.delete_one_chain(table, &name, verbose);
            }
            return Ok(());
        };
        let found = self.cache.table(table).chain(name).ok_or(NOTHING)?;
        // Rules are not known here: whether there are some the kernel says.
        found.rules.clear();
        if self.delete_one_chain(table, name, verbose) {
            Ok(())
        } else {
            Err(Problem::Refused("Directory not empty"))
        }
    }

    /// Deletes a chain, unless it is a built-in one that does anything; whether it is deleted.
    fn delete_one_chain(&mut self, table: &str, name: &str, verbose: bool) -> bool {
        let cached = self.cache.table(table);
        let Some(place) = cached.chains.iter().position(|chain| chain.name == name) else { return false };
        let chain = cached.chains.remove(place);
        if let Some(base) = &chain.base {
            if base.policy != Policy::Accept || !chain.rules.is_empty() {
                return false;
            }
        } else if verbose {
            self.out += &format!("Deleting chain `{name}'\n");
        }
        let change = RulesetChange::DeleteChain { table: TableId::ip(table), name: name.to_owned() };
        self.send("CHAIN_DEL", format!("chain {name}"), change);
        true
    }

    /// `-E` (`nft_chain_user_rename`).
    pub(super) fn rename_chain(&mut self, table: &str, chain: &str, name: &str) -> Outcome<()> {
        let cached = self.cache.table(table);
        if cached.has_chain(name) {
            return Err(Problem::Refused("File exists"));
        }
        let handle = cached.chain(chain).ok_or(NOTHING)?.handle;
        let change = RulesetChange::RenameChain { table: TableId::ip(table), handle, name: name.to_owned() };
        self.send("CHAIN_RENAME", format!("chain {name}"), change);
        Ok(())
    }

    /// `-P` (`nft_chain_set`).
    pub(super) fn set_policy(
        &mut self,
        table: &str,
        chain: &str,
        policy: &str,
        counters: Counters,
    ) -> Outcome<()> {
        let policy = match policy {
            "DROP" => Some(Policy::Drop),
            "ACCEPT" => Some(Policy::Accept),
            "-" => None,
            _ => {
                let message = "iptables: Bad policy name. Run `dmesg' for more information.\n";
                return Err(match self.line {
                    None => Problem::Exactly(message.to_owned(), 1),
                    Some(_) => Problem::Refused("Bad policy name"),
                });
            }
        };
        self.make_built_in(table, Some(chain));
        let found = tables::find(table).and_then(|table| table.chain(chain));
        let Some(built_in) = found else { return Err(Problem::Refused("Bad built-in chain name")) };
        let how = if self.line.is_some() { Modify::CREATE } else { Modify::empty() };
        let spec = ChainSpec { counters: Some(counters), ..built_in.spec(policy) };
        self.send_chain("CHAIN_UPDATE", table, how, spec);
        Ok(())
    }

    /// `-Z` (`nft_chain_zero_counters`).
    pub(super) fn zero(&mut self, table: &str, chain: Option<&str>, verbose: bool) -> Outcome<()> {
        let names = match chain {
            Some(chain) => {
                self.cache.table(table).chain(chain).ok_or(NOTHING)?;
                vec![chain.to_owned()]
            }
            None => self.cache.table(table).names(verbose),
        };
        for name in names {
            self.zero_chain(table, &name, verbose);
        }
        Ok(())
    }

    fn zero_chain(&mut self, table: &str, name: &str, verbose: bool) {
        if verbose {
            self.out += &format!("Zeroing chain `{name}'\n");
        }
        let Some(chain) = self.cache.table(table).chain(name).cloned() else { return };
        if let Some(BaseChain { kind, hook, priority, policy, .. }) = chain.base {
            let spec = ChainSpec {
                base: Some((kind, hook, priority)),
                policy: Some(policy),
                counters: Some(Counters::default()),
                ..ChainSpec::new(name)
            };
            self.send_chain("CHAIN_ZERO", table, Modify::CREATE, spec);
        }
        let place = Place { table, chain: name, index: 0, verbose: false };
        for mut rule in chain.rules {
            let mut has_counted = false;
            for expression in &mut rule.expressions {
                if let Expression::Counter(counters) = expression {
                    has_counted |= *counters != Counters::default();
                    *counters = Counters::default();
                }
            }
            if has_counted {
                self.send_rule("RULE_REPLACE", place, RulePlace::Replace(rule.id), &rule);
            }
        }
    }

    /// `-Z` of a rule (`nft_rule_zero_counters`). A number that there is not is no error.
    pub(super) fn zero_rule(&mut self, place: Place<'_>) -> Outcome<()> {
        if self.cache.table(place.table).chain(place.chain).is_none() {
            return Err(NO_SUCH_RULE);
        }
        let Some(cached) = self.chain(place)?.rules.get(place.index).cloned() else { return Ok(()) };
        let mut rule = list::rule_of(&cached)?;
        rule.counters = Counters::default();
        let rule = self.new_rule(&rule)?;
        self.send_rule("RULE_REPLACE", place, RulePlace::Replace(cached.id), &rule);
        Ok(())
    }

    /// A line `:CHAIN` of `iptables-restore` (`nft_chain_restore`).
    pub(super) fn restore_chain(&mut self, table: &str, chain: &str) {
        if self.make_table(table).chain(chain).is_some() {
            self.flush_chain(table, chain, false);
        } else {
            self.add_user_chain(table, chain);
        }
    }

    /// `*TABLE` of `iptables-restore` (`nft_table_flush`).
    pub(super) fn flush_table(&mut self, table: &str) {
        let cached = self.cache.table(table);
        if cached.exists {
            cached.exists = false;
            cached.chains.clear();
            let change = RulesetChange::DeleteTable(TableId::ip(table));
            self.send("TABLE_FLUSH", format!("table {table}"), change);
        } else {
            cached.chains.clear();
        }
    }
}
