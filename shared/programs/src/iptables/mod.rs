//! `iptables`, as in iptables 1.8.9 with `nf_tables`: a rule is made of expressions and sent to the kernel, and shown from the
//! expressions that the kernel has.

mod cache;
mod command;
pub(crate) mod complete;
mod decode;
mod encode;
mod execute;
mod extension;
mod getopt;
mod list;
mod matches;
pub(crate) mod names;
mod number;
mod problem;
pub(crate) mod restore;
mod rule;
pub(crate) mod save;
mod tables;
mod targets;
#[cfg(test)]
mod tests;
mod wanted;
mod work;

use crate::{Context, Failure, Parsed, SHOWS, Status};
use command::{Action, Asked};
use problem::{IPTABLES, Outcome, Problem};
pub(crate) use targets::name as target_name;
use vethlab_explain::journal::Effect;
use vethlab_shared::change::Change;
use vethlab_shared::words::WordList;
pub use wanted::FilterRule;
use work::Work;

/// The long options, without dashes.
pub(crate) fn longs() -> Vec<&'static str> {
    let own = getopt::LONGS.iter().map(|(name, _)| *name);
    let mut names: Vec<&str> = own.chain(matches::option_names()).chain(targets::option_names()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Reads the words behind `iptables`.
pub(crate) fn parse(words: &WordList) -> Parsed {
    let alters = match command::parse(words, IPTABLES, None) {
        Ok(Asked::Do(line)) => {
            !(line.action - (Action::LIST | Action::LIST_RULES | Action::CHECK)).is_empty()
        }
        Ok(Asked::Print(_)) | Err(_) => false,
    };
    Parsed::once("iptables", words, if alters { Effect::Alters } else { SHOWS }, run)
}

/// Runs `iptables`.
fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let mut work = Work::default();
    let result = perform(words, context, &mut work);
    context.console.out(&work.out);
    result.map(|()| 0).map_err(|problem| problem.failure(IPTABLES))
}

fn perform(words: &[String], context: &mut Context<'_>, work: &mut Work) -> Outcome<()> {
    let line = match command::parse(words, IPTABLES, None)? {
        Asked::Print(text) => {
            work.out = text;
            return Ok(());
        }
        Asked::Do(line) => line,
    };
    context.console.err(&line.notes);
    execute::check_table(&line)?;
    *work = Work::new(&context.stack.ruleset(&context.namespace)?);
    execute::execute(&line, work)?;
    commit(context, work)
}

/// Sends what was made up (`nft_commit`).
fn commit(context: &mut Context<'_>, work: &mut Work) -> Outcome<()> {
    let changes = work.take();
    if changes.is_empty() {
        return Ok(());
    }
    let applied = context.stack.apply(&context.namespace, &Change::Ruleset(changes));
    applied.map_err(|error| work.refused(error))
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Problem {
        Problem::Failed(failure)
    }
}
