//! Whether each check of an exercise can fail: one that cannot gives points for nothing.

use super::mutation;
use super::report::Notes;
use super::rule::Rule;
use crate::bounds;
use std::collections::BTreeMap;
use std::time::Duration;
use vethlab_engine::bounded::Bounded;
use vethlab_engine::classroom::attempt::{self, Attempt, NoAttempt};
use vethlab_engine::classroom::{CheckedNetwork, Outcome, Verdict};
use vethlab_engine::lesson::Exercise;
use vethlab_programs::session::Session;
use vethlab_shared::budget::{Budget, Limits};
use vethlab_shared::stack::NetworkStack;
use vethlab_sim::World;

/// How long one attempt may take.
const LIMIT: Duration = Duration::from_secs(20);
/// For how many editions a network is spoilt in all ways.
const SPOILT: usize = 3;

/// The checks that were never seen to fail.
#[derive(Debug, Default)]
pub(super) struct NeverFailed {
    /// What must be true, by line; `None` before the first edition.
    checks: Option<BTreeMap<usize, String>>,
    spoilt: usize,
}

impl NeverFailed {
    /// Tries the checks in this edition, on the simulator: at the start, behind the beginnings of the solution, without
    /// each of its commands, and where what the solution made is spoilt.
    pub(super) fn try_edition(&mut self, exercise: &Exercise, start: &Verdict, limits: Limits) {
        self.note(exercise, start);
        if self.is_done() || self.spoilt == SPOILT {
            return;
        }
        self.spoilt += 1;
        let solution = &exercise.task.solution;
        let beginnings = (1..solution.len()).map(|end| solution[..end].to_vec());
        let without = (0..solution.len()).map(|place| [&solution[..place], &solution[place + 1..]].concat());
        for commands in beginnings.chain(without) {
            if self.is_done() {
                return;
            }
            // What is stopped because a command is missing tells nothing.
            if let Ok((world, left)) = run(exercise, &commands, limits) {
                self.look(exercise, &world, &left);
            }
        }
        // One that is stopped is told of elsewhere.
        let Ok((mut world, left)) = run(exercise, solution, limits) else { return };
        let Ok((mut before, _)) = run(exercise, &[], limits) else { return };
        // A network that does not tell what is in it cannot be spoilt.
        for commands in mutation::all(&mut world, &mut before).unwrap_or_default() {
            if self.is_done() {
                break;
            }
            let stop = bounds::within(LIMIT);
            let (mut spoilt, mut session, mut console) =
                (world.clone(), Session::new(), Bounded::until(&stop));
            spoilt.set_budget(Budget::new(limits));
            for command in &commands {
                session.execute(command, &mut spoilt, &mut console);
            }
            self.look(exercise, &spoilt, &left);
        }
    }

    /// Tells of the checks that did not fail anywhere.
    pub(super) fn tell(self, notes: &mut Notes<'_>) {
        if self.spoilt == 0 {
            return;
        }
        for (line, say) in self.checks.unwrap_or_default() {
            let problem = format!("nothing that was tried makes this fail: {say}");
            let fix = "Ask for something that can be missed or broken, or give its points to the check that it needs";
            notes.add(Rule::NeverFails, line, problem, fix);
        }
    }

    fn is_done(&self) -> bool {
        self.checks.as_ref().is_some_and(BTreeMap::is_empty)
    }

    fn look(&mut self, exercise: &Exercise, world: &World, left: &Attempt) {
        let network = &mut CheckedNetwork::Sim(world, &left.background);
        self.note(exercise, &Verdict::reach(exercise, network, &left.seen, 0));
    }

    fn note(&mut self, exercise: &Exercise, verdict: &Verdict) {
        let all = || exercise.task.checks.iter().map(|check| (check.line, check.say.clone())).collect();
        let never = self.checks.get_or_insert_with(all);
        for (check, result) in exercise.task.checks.iter().zip(&verdict.checks) {
            if matches!(result.outcome, Outcome::Failed | Outcome::Warned) {
                never.remove(&check.line);
            }
        }
    }
}

/// The network that commands leave behind, and what they leave besides.
fn run(exercise: &Exercise, commands: &[String], limits: Limits) -> Result<(World, Attempt), NoAttempt> {
    let mut world = World::new(exercise.edition().seed);
    let left = attempt::run(exercise, commands, &mut world, limits, &bounds::within(LIMIT))?;
    Ok((world, left))
}
