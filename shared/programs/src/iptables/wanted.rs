//! Rules that a chain should have, as `iptables -C` is asked for them.

use super::command::{self, Action, Asked, Line};
use super::execute::{self, each};
use super::problem::{IPTABLES, Problem, VERSION};
use super::work::{Place, Work};
use crate::Failure;
use vethlab_shared::netfilter::Ruleset;
use vethlab_shared::words;

/// A rule of a table and a chain, in the words of `iptables`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterRule {
    words: Vec<String>,
}

impl FilterRule {
    /// Of a table, a chain, and what stands behind `iptables -A CHAIN`.
    ///
    /// # Errors
    /// What `iptables` says of it, in one line.
    pub fn new(table: &str, chain: &str, rule: &str) -> Result<FilterRule, String> {
        let rule = words::split(rule).map_err(|error| error.to_string())?;
        let before = ["-t", table, "-C", chain].map(str::to_owned);
        let wanted = FilterRule { words: before.into_iter().chain(rule).collect() };
        wanted.line().and_then(|line| execute::check_table(&line)).map_err(said)?;
        Ok(wanted)
    }

    /// The numbers of the rules like it, counted from 1 as `iptables -L --line-numbers` does. Where it is written for several
    /// addresses, those of the first, if all are there.
    ///
    /// # Errors
    /// A rule of the chain is none that `iptables` knows.
    pub fn numbers(&self, ruleset: &Ruleset) -> Result<Vec<usize>, String> {
        let line = self.line().map_err(said)?;
        let mut work = Work::new(ruleset);
        let place = Place {
            table: &line.table,
            chain: line.chain.as_deref().unwrap_or_default(),
            index: 0,
            verbose: false,
        };
        if work.cache.table(place.table).chain(place.chain).is_none() {
            return Ok(Vec::new());
        }
        let mut found: Vec<Vec<usize>> = Vec::new();
        let looked = each(&line, |rule| {
            found.push(work.places(place, rule)?);
            Ok(())
        });
        looked.map_err(said)?;
        let all = found.iter().all(|places| !places.is_empty());
        let first = found.into_iter().next().filter(|_| all).unwrap_or_default();
        Ok(first.into_iter().map(|place| place + 1).collect())
    }

    fn line(&self) -> Result<Box<Line>, Problem> {
        match command::parse(&self.words, IPTABLES, None)? {
            Asked::Do(line) if line.action == Action::CHECK => Ok(line),
            Asked::Do(_) | Asked::Print(_) => {
                Err(Problem::Other("a rule is wanted, and no other command".to_owned()))
            }
        }
    }
}

/// The first line of what `iptables` says, without its name.
fn said(problem: Problem) -> String {
    let message = match problem.failure(IPTABLES) {
        Failure::Exit { message, .. } | Failure::Mistyped { message, .. } => message,
        Failure::NotModelled(what) => format!("{what} is not modelled"),
        Failure::Past | Failure::Exhausted(_) => "it cannot be looked at".to_owned(),
    };
    let first = message.lines().next().unwrap_or_default();
    first.strip_prefix(&format!("iptables v{VERSION}: ")).unwrap_or(first).to_owned()
}
