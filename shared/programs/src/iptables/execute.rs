//! Does what a command line asks for (`do_commandx`, `nft_prepare`).

use super::cache::{CachedChain, CachedTable};
use super::command::{Action, Line, Options};
use super::list::{self, Counted, Style};
use super::problem::{Outcome, Problem};
use super::rule::{Jump, Rule};
use super::tables;
use super::work::{Place, Work};
use vethlab_shared::netfilter::Counters;

/// Makes up the alterations of a command, or prints what it asks for.
pub(super) fn execute(line: &Line, work: &mut Work) -> Outcome<()> {
    let table = line.table.as_str();
    let verbose = line.options.contains(Options::VERBOSE);
    let chain = line.chain.as_deref();
    let place = Place {
        table,
        chain: chain.unwrap_or_default(),
        index: line.number.map_or(0, |number| number as usize - 1),
        verbose,
    };
    let listing = Action::LIST | Action::LIST_RULES;
    if line.action.intersects(listing) {
        if line.action.contains(Action::LIST) {
            columns(line, work)?;
        } else {
            commands(line, work)?;
        }
        return match line.action - listing {
            Action::ZERO => work.zero(table, chain, verbose),
            Action::ZERO_NUMBER => work.zero_rule(place),
            _ => Ok(()),
        };
    }
    match line.action {
        Action::APPEND => each(line, |rule| work.append_checked(place, rule)),
        Action::INSERT => each(line, |rule| {
            work.assert_target(table, leads_to(rule))?;
            work.insert(place, rule)
        }),
        Action::REPLACE => each(line, |rule| {
            work.assert_target(table, leads_to(rule))?;
            work.replace(place, rule)
        }),
        Action::DELETE => each(line, |rule| {
            work.assert_target(table, leads_to(rule))?;
            work.delete(place, rule)
        }),
        Action::CHECK => each(line, |rule| {
            work.assert_target(table, leads_to(rule))?;
            work.check(place, rule)
        }),
        Action::DELETE_NUMBER => work.delete_number(place),
        Action::FLUSH => work.flush(table, chain, verbose),
        Action::ZERO => work.zero(table, chain, verbose),
        Action::ZERO_NUMBER => work.zero_rule(place),
        Action::NEW_CHAIN => work.new_chain(table, place.chain),
        Action::DELETE_CHAIN => work.delete_chain(table, chain, verbose),
        Action::RENAME_CHAIN => {
            work.rename_chain(table, place.chain, line.new_name.as_deref().unwrap_or_default())
        }
        _ => {
            let policy = line.policy.as_deref().unwrap_or_default();
            work.set_policy(table, place.chain, policy, Counters::default())
        }
    }
}

impl Work {
    fn append_checked(&mut self, place: Place<'_>, rule: &Rule) -> Outcome<()> {
        self.assert_target(place.table, leads_to(rule))?;
        self.append(place, rule)
    }
}

/// The chain that a rule leads to.
fn leads_to(rule: &Rule) -> Option<&str> {
    match &rule.jump {
        Jump::Chain { name, .. } => Some(name),
        _ => None,
    }
}

/// The rule for each pair of addresses (`nft_ipv4_add_entry`).
pub(super) fn each(line: &Line, mut action: impl FnMut(&Rule) -> Outcome<()>) -> Outcome<()> {
    let mut rule = line.rule.clone();
    for source in &line.sources {
        for destination in &line.destinations {
            (rule.source, rule.destination) = (*source, *destination);
            action(&rule)?;
        }
    }
    Ok(())
}

/// What is to be shown of a table, and the name of its only chain.
fn looked_at<'a>(line: &'a Line, work: &mut Work) -> Outcome<(CachedTable, Option<&'a str>)> {
    let chain = line.chain.as_deref();
    let table = work.cache.table(&line.table);
    table.fake(chain);
    let shown = table.clone();
    work.out += &list::assert_compatible(&shown, chain)?;
    Ok((shown, chain))
}

/// The chains of these names.
fn chains<'a>(table: &'a CachedTable, chain: Option<&str>) -> Vec<&'a CachedChain> {
    let names = chain.map_or_else(|| table.names(true), |chain| vec![chain.to_owned()]);
    names.iter().filter_map(|name| table.chains.iter().find(|chain| chain.name == *name)).collect()
}

/// `-L` (`nft_rule_list`).
fn columns(line: &Line, work: &mut Work) -> Outcome<()> {
    let style = Style {
        verbose: line.options.contains(Options::VERBOSE),
        numeric: line.options.contains(Options::NUMERIC),
        exact: line.options.contains(Options::EXACT),
        line_numbers: line.options.contains(Options::LINE_NUMBERS),
    };
    let (table, chain) = looked_at(line, work)?;
    // The number of a rule goes with the name of its chain.
    let number = line.number.map(|number| number as usize);
    for (place, chain) in chains(&table, chain).into_iter().enumerate() {
        if number.is_none() {
            if place > 0 {
                work.out.push('\n');
            }
            work.out += &list::header(&table, chain, style);
        }
        for (index, rule) in (1..).zip(&chain.rules) {
            if number.is_none_or(|number| number == index) {
                work.out += &list::row(&list::rule_of(rule)?, index, style);
            }
        }
    }
    Ok(())
}

/// `-S` (`nft_rule_list_save`).
fn commands(line: &Line, work: &mut Work) -> Outcome<()> {
    let counters = line.options.contains(Options::VERBOSE);
    let counted = if counters { Counted::Within } else { Counted::Not };
    let (table, chain) = looked_at(line, work)?;
    let chains = chains(&table, chain);
    let number = line.number.map(|number| number as usize);
    if number.is_none() {
        chains.iter().for_each(|chain| work.out += &list::saved_chain(chain, counters));
    }
    for chain in chains {
        for (index, rule) in (1..).zip(&chain.rules) {
            if number.is_none_or(|number| number == index) {
                work.out += &list::saved(&list::rule_of(rule)?, &chain.name, counted);
            }
        }
    }
    Ok(())
}

/// The table that a line names, which must be one of `iptables`.
pub(super) fn check_table(line: &Line) -> Outcome<()> {
    match tables::find(&line.table) {
        Some(_) => Ok(()),
        None => Err(Problem::Version(format!("table '{}' does not exist", line.table))),
    }
}
