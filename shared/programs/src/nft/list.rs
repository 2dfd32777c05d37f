//! Tables and chains as `nft list` writes them.

use super::statement;
use super::symbols;
use crate::Failure;
use std::collections::BTreeMap;
use std::fmt::Write;
use vethlab_shared::netfilter::{BaseChain, Chain, ChainKind, Expression, Policy, Rule, Set, Table};

/// In which form to list.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Style {
    /// `-a`: with the numbers of things.
    pub(super) handles: bool,
    /// `-s`: without what was counted.
    pub(super) stateless: bool,
    /// `-n`: numbers in the place of names.
    pub(super) numeric: bool,
    /// `-y`: the same for priorities alone.
    pub(super) numeric_priority: bool,
}

/// What lists.
#[derive(Debug)]
pub(super) struct Lister {
    pub(super) style: Style,
    /// The names of links by their numbers.
    pub(super) links: BTreeMap<u32, String>,
}

/// What is printed.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// On standard error, before the text.
    pub(super) warning: String,
    pub(super) text: String,
}

impl Lister {
    /// The number of a thing, where it is wanted.
    pub(super) fn handle(&self, handle: u64) -> String {
        if self.style.handles { format!(" # handle {handle}") } else { String::new() }
    }

    /// A table with its chains, or with one of them.
    pub(super) fn table(&self, table: &Table, only: Option<&str>) -> Result<Shown, Failure> {
        let chains = table.chains.iter().filter(|chain| only.is_none_or(|only| chain.name == only));
        let chains: Vec<&Chain> = chains.collect();
        let id = &table.id;
        // A table of which one chain is asked is shown without its handle.
        let handle = if only.is_none() { self.handle(table.handle) } else { String::new() };
        let mut text = format!("table {} {} {{{handle}\n", id.family, id.name);
        let sets = if only.is_none() { self.named_sets(table)? } else { Vec::new() };
        text += &sets.join("\n");
        for (place, chain) in chains.iter().enumerate() {
            if place > 0 || !sets.is_empty() {
                text.push('\n');
            }
            text += &self.heading(chain);
            for rule in &chain.rules {
                let _ = writeln!(text, "\t\t{}", self.rule(rule, &table.sets)?);
            }
            text += "\t}\n";
        }
        text += "}\n";
        let uses_extensions = chains
            .iter()
            .flat_map(|chain| &chain.rules)
            .flat_map(|rule| &rule.expressions)
            .any(|expression| matches!(expression, Expression::Match(_) | Expression::Target(_)));
        let warning = match uses_extensions {
            true => format!(
                "# Warning: table {} {} is managed by iptables-nft, do not touch!\n",
                id.family, id.name
            ),
            false => String::new(),
        };
        Ok(Shown { warning, text })
    }

    /// The chains of a table, without their rules.
    pub(super) fn chains(&self, table: &Table) -> Shown {
        let mut text = format!("table {} {} {{\n", table.id.family, table.id.name);
        for chain in &table.chains {
            text += &self.heading(chain);
            text += "\t}\n";
        }
        Shown { warning: String::new(), text: text + "}\n" }
    }

    /// The first lines of a chain.
    fn heading(&self, chain: &Chain) -> String {
        let mut text = format!("\tchain {} {{{}\n", chain.name, self.handle(chain.handle));
        if let Some(base) = &chain.base {
            let policy = if base.policy == Policy::Drop { "drop" } else { "accept" };
            let _ = writeln!(
                text,
                "\t\ttype {} hook {} priority {}; policy {policy};",
                kind(base.kind),
                symbols::hook(base.hook),
                self.priority(base)
            );
        }
        text
    }

    fn priority(&self, base: &BaseChain) -> String {
        match self.style.numeric || self.style.numeric_priority {
            true => base.priority.to_string(),
            false => symbols::priority(base.priority, base.hook),
        }
    }

    fn rule(&self, rule: &Rule, sets: &[Set]) -> Result<String, Failure> {
        let mut text = statement::all(&rule.expressions, sets, self)?.join(" ");
        if let Some(comment) = &rule.comment {
            let _ = write!(text, " comment \"{comment}\"");
        }
        Ok(text + &self.handle(rule.handle))
    }
}

fn kind(kind: ChainKind) -> &'static str {
    match kind {
        ChainKind::Filter => "filter",
        ChainKind::Route => "route",
        ChainKind::Nat => "nat",
    }
}
