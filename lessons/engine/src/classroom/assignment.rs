//! An exercise that is answered, and what an answer to it makes on the simulator.

use super::attempt::{self, Attempt, NoAttempt};
use super::{Answer, CheckedNetwork, Head, Verdict};
use crate::bounded::Stop;
use crate::lesson::Exercise;
use crate::text::printable_line;
use vethlab_shared::budget::Limits;
use vethlab_sim::World;

/// An exercise as teachers and answers name it.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Pack and word: `linux-namespaces-exercises/router`.
    pub name: String,
    /// The exercise, in any edition.
    pub exercise: Exercise,
}

impl Assignment {
    /// Whether an answer is one to this exercise, and to this version of it.
    ///
    /// # Errors
    /// What it answers instead, in words that begin with "it".
    pub fn is_answered_by(&self, head: &Head) -> Result<(), String> {
        let version = self.exercise.version;
        if head.exercise != self.name {
            return Err(format!("it answers another exercise: {}", printable_line(&head.exercise)));
        }
        if head.version != version {
            return Err(format!("it answers version {} of the exercise, not {version}", head.version));
        }
        Ok(())
    }
}

/// Runs an answer on the simulator within limits, until it is to stop, and looks at what it made.
///
/// # Errors
/// The exercise cannot be prepared, or the answer was stopped.
pub fn assess_on_sim(
    exercise: &Exercise,
    answer: &Answer,
    limits: Limits,
    stop: Stop<'_>,
) -> Result<(Attempt, Verdict), NoAttempt> {
    let mut world = World::new(exercise.edition().seed);
    let attempt = attempt::run(exercise, &answer.commands, &mut world, limits, stop)?;
    let network = &mut CheckedNetwork::Sim(&world, &attempt.background);
    let verdict = Verdict::reach(exercise, network, &attempt.seen, answer.hints());
    Ok((attempt, verdict))
}
