//! What must be true before a lesson goes on.

mod fact;
mod network;

use super::error::line_breaks;
use super::{Learner, LessonError};
use fact::Fact;
use serde::Deserialize;
use toml::Spanned;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;

/// One thing that must be true.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// What must be true, for the learner.
    pub say: String,
    /// Shown when the learner asks and it is not true yet.
    pub hint: Option<String>,
    namespace: NamespaceName,
    fact: Fact,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Checks {
    check: Vec<Spanned<toml::Table>>,
}

impl Check {
    /// Reads the checks of a block whose opening fence stands in the given line.
    pub(super) fn parse(line: usize, body: &str) -> Result<Vec<Check>, LessonError> {
        let first_line = line + 1;
        let Checks { check } =
            toml::from_str(body).map_err(|error| LessonError::toml(first_line, body, &error))?;
        let read = |table: Spanned<toml::Table>| {
            let line = first_line + line_breaks(body, table.span().start);
            Check::read(table.into_inner()).map_err(|problem| LessonError::at(line, problem))
        };
        check.into_iter().map(read).collect()
    }

    fn read(mut table: toml::Table) -> Result<Check, String> {
        let mut text = |key: &str| match table.remove(key) {
            None => Ok(None),
            Some(toml::Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("'{key}' is a text: put it between quotes")),
        };
        let say = text("say")?.ok_or("a check needs 'say': what must be true, in words")?;
        let hint = text("hint")?;
        let namespace = match text("in")? {
            Some(name) => fact::namespace(&name)?,
            None => NamespaceName::HOST,
        };
        Ok(Check { say, hint, namespace, fact: Fact::read(table)? })
    }

    /// Whether it asks for an answer to the step's question, and for nothing of the network.
    pub fn is_answer(&self) -> bool {
        matches!(self.fact, Fact::Answered(_))
    }

    /// Whether looking at it sends packets, and so alters what there is to see.
    pub fn sends(&self) -> bool {
        matches!(self.fact, Fact::Ping(_))
    }

    /// Whether it is true now.
    pub fn holds(&self, stack: &mut dyn NetworkStack, learner: &Learner) -> bool {
        self.fact.holds(&self.namespace, stack, learner)
    }
}

/// Those of the checks that are not true now. Those that send packets are looked at only when all others are
/// true, and count as not true until then.
pub fn unmet<'a>(checks: &'a [Check], stack: &mut dyn NetworkStack, learner: &Learner) -> Vec<&'a Check> {
    let (sending, reading): (Vec<_>, Vec<_>) = checks.iter().partition(|check| check.sends());
    let mut unmet: Vec<&Check> = reading.into_iter().filter(|check| !check.holds(stack, learner)).collect();
    if unmet.is_empty() {
        unmet.extend(sending.into_iter().filter(|check| !check.holds(stack, learner)));
    } else {
        unmet.extend(sending);
    }
    unmet
}
