//! The grades of a class in one line.

use super::{Grades, Standing};
use serde::Serialize;
use vethlab_engine::classroom::{Outcome, Verdict};

/// How a class did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// How many answers or students there are.
    pub total: usize,
    /// How many have all points.
    pub full: usize,
    /// How many have fewer.
    pub partial: usize,
    /// How many answers could not be graded.
    pub refused: usize,
    /// How many students handed in nothing.
    pub missing: usize,
    /// How many leave an optional check unmet.
    pub warned: usize,
    /// The check that most answers fail.
    pub most_failed: Option<MostFailed>,
}

/// A check, and how many answers fail it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MostFailed {
    /// Its word.
    pub id: String,
    /// By how many answers.
    pub answers: usize,
}

impl Grades {
    /// How the class did.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary { total: self.grades.len(), ..Summary::default() };
        for grade in &self.grades {
            match grade.standing() {
                Standing::Full => summary.full += 1,
                Standing::Partial => summary.partial += 1,
                Standing::Refused => summary.refused += 1,
                Standing::Missing => summary.missing += 1,
            }
            summary.warned += usize::from(grade.verdict().is_some_and(Verdict::warns));
        }
        for (place, check) in self.checks.iter().enumerate() {
            let answers = self.count(place, Outcome::Failed);
            // Of several the first: it may be what the others rest on.
            if answers > summary.most_failed.as_ref().map_or(0, |most| most.answers) {
                summary.most_failed = Some(MostFailed { id: check.id.clone(), answers });
            }
        }
        summary
    }

    /// For how many answers the check at this place came out this way.
    pub(crate) fn count(&self, place: usize, outcome: Outcome) -> usize {
        let verdicts = self.grades.iter().filter_map(|grade| grade.verdict());
        verdicts
            .filter(|verdict| verdict.checks.get(place).is_some_and(|check| check.outcome == outcome))
            .count()
    }
}
