//! Rules that need an exercise to be done: from the start, and with its solution.

use super::place::{fence, line_of};
use super::report::{Notes, Trial};
use super::rule::Rule;
use crate::bounded::Bounded;
use crate::classroom::attempt::{self, Attempt, NoAttempt};
use crate::classroom::{CheckResult, Ground, Outcome, Verdict};
use crate::lesson::markdown::Piece;
use crate::lesson::outline::Outline;
use crate::lesson::{Check, CommandFailed, Exercise};
use crate::script;
use crate::stacks::{self, StackChoice, Unavailable};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use vethlab_shared::session::Session;
use vethlab_sim::World;

/// How long a solution may take.
const LIMIT: Duration = Duration::from_secs(120);
/// For how many editions it is tried which checks can fail.
const MUTATED: usize = 3;

/// What became of the checks, by their lines; empty where nothing could be looked at.
type ByLine = BTreeMap<usize, CheckResult>;

/// What became of the editions of one exercise.
#[derive(Debug, Default)]
pub(super) struct Class {
    /// What the simulator found, by seed: at the start, and behind the solution.
    simulated: BTreeMap<u64, [ByLine; 2]>,
    /// The lines of the checks that were seen to fail.
    failed: BTreeSet<usize>,
    /// Those of the checks that could not be looked at before something was done.
    waiting: BTreeMap<usize, String>,
    mutated: usize,
}

/// Looks at what is the same in every edition.
pub(super) fn check(exercise: &Exercise, notes: &mut Notes<'_>) {
    let (costs, points) = (exercise.hint_costs(), exercise.points());
    if costs > points {
        let line = exercise.task.hints.first().map_or(0, |hint| hint.line);
        let problem = format!("all hints together cost {costs} points, and the exercise is worth {points}");
        notes.add(Rule::HintCosts, line, problem, "Let hints cost less, or nothing: 'vethlab hint'");
    }
}

impl Class {
    /// Does the exercise in one edition.
    ///
    /// # Errors
    /// The stack cannot be had here.
    pub(super) fn try_edition(
        &mut self,
        exercise: &Exercise,
        outline: &Outline,
        trial: Trial,
        notes: &mut Notes<'_>,
    ) -> Result<(), Unavailable> {
        let pieces = &outline.drawn;
        let start = match attempt(exercise, &[])? {
            Ok((_, verdict)) => verdict,
            Err(NoAttempt::SetUp(failed)) => {
                setup_fails(&failed, pieces, trial, notes);
                return Ok(());
            }
            Err(stopped @ NoAttempt::Stopped(_)) => {
                notes.add_in(trial, Rule::Setup, line_of(pieces, &["setup"], ""), stopped, STOPPED);
                return Ok(());
            }
        };
        at_the_start(exercise, &start, trial, notes);
        self.note_failures(exercise, &start);
        let mut results = [by_line(exercise, start), ByLine::new()];
        if !exercise.handed_out {
            match attempt(exercise, &exercise.task.solution)? {
                Ok((_, verdict)) => {
                    behind_the_solution(exercise, &verdict, trial, notes);
                    results[1] = by_line(exercise, verdict);
                }
                Err(problem) => {
                    notes.add_in(trial, Rule::Solution, line_of(pieces, &["solution"], ""), problem, STOPPED);
                }
            }
            failing_commands(exercise, pieces, trial, notes)?;
            if trial.edition.stack == StackChoice::Sim && self.mutated < MUTATED {
                self.mutated += 1;
                self.leave_out(exercise)?;
            }
        }
        self.compare(results, trial, notes);
        Ok(())
    }

    /// What needs all editions.
    pub(super) fn finish(self, notes: &mut Notes<'_>) {
        if self.mutated == 0 {
            return;
        }
        for (line, say) in self.waiting.iter().filter(|(line, _)| !self.failed.contains(line)) {
            let problem = format!("nothing that was tried makes this fail once it is looked at: {say}");
            let fix = "Give its points to the check that it needs, or let it ask for what can be missed";
            notes.add(Rule::NeverFails, *line, problem, fix);
        }
    }

    fn note_failures(&mut self, exercise: &Exercise, verdict: &Verdict) {
        for (check, result) in exercise.task.checks.iter().zip(&verdict.checks) {
            match result.outcome {
                Outcome::Failed | Outcome::Warned => {
                    self.failed.insert(check.line);
                }
                Outcome::Waiting if !check.grading.guard => {
                    self.waiting.insert(check.line, check.say.clone());
                }
                Outcome::Waiting | Outcome::Passed => {}
            }
        }
    }

    /// Plays the beginnings of the solution, and the solution without each of its commands: somewhere there each check
    /// should fail.
    fn leave_out(&mut self, exercise: &Exercise) -> Result<(), Unavailable> {
        let solution = &exercise.task.solution;
        let beginnings = (1..solution.len()).map(|end| solution[..end].to_vec());
        let without = (0..solution.len()).map(|place| [&solution[..place], &solution[place + 1..]].concat());
        for commands in beginnings.chain(without) {
            if self.waiting.keys().all(|line| self.failed.contains(line)) {
                return Ok(());
            }
            // What is stopped because a command is missing tells nothing.
            if let Ok((_, verdict)) = attempt(exercise, &commands)? {
                self.note_failures(exercise, &verdict);
            }
        }
        Ok(())
    }

    /// Compares what the kernel found with what the simulator found in the same edition.
    fn compare(&mut self, results: [ByLine; 2], trial: Trial, notes: &mut Notes<'_>) {
        if trial.edition.stack == StackChoice::Sim {
            self.simulated.insert(trial.edition.seed, results);
            return;
        }
        let Some(simulated) = self.simulated.get(&trial.edition.seed) else { return };
        for (when, (sim, real)) in
            ["at the start", "behind the solution"].iter().zip(simulated.iter().zip(&results))
        {
            for (line, real) in real {
                let Some(sim) = sim.get(line).filter(|sim| sim.outcome != real.outcome) else { continue };
                let problem = format!(
                    "{when} the stacks do not see the same: {}: {} on sim, {} on real",
                    real.say,
                    told(sim),
                    told(real)
                );
                notes.add_in(trial, Rule::StacksDiffer, *line, problem, DIFFER);
            }
        }
    }
}

fn by_line(exercise: &Exercise, verdict: Verdict) -> ByLine {
    exercise.task.checks.iter().map(|check| check.line).zip(verdict.checks).collect()
}

pub(super) const DIFFER: &str = "Ask for something that both see, or write 'stacks = [\"sim\"]'; where the blocks are the same for \
                                 both, 'vethlab compare' shows the difference: please report it";
const STOPPED: &str = "Take out what does not end by itself: give 'ping' a '-c', and 'tcpdump' too";

fn told(result: &CheckResult) -> String {
    match (result.outcome, result.finding.as_ref().map_or("", |finding| finding.found.as_str())) {
        (Outcome::Passed, _) => "it holds".to_owned(),
        (Outcome::Waiting, _) => "it waits".to_owned(),
        (_, "") => "it does not hold".to_owned(),
        (_, found) => format!("it does not hold ({found})"),
    }
}

type Done = Result<(Attempt, Verdict), NoAttempt>;

/// Does an exercise on a fresh stack of its edition.
fn attempt(exercise: &Exercise, commands: &[String]) -> Result<Done, Unavailable> {
    let edition = exercise.edition();
    Ok(match edition.stack {
        StackChoice::Sim => {
            let mut world = World::new(edition.seed);
            attempt::run(exercise, commands, &mut world, LIMIT).map(|attempt| {
                let verdict = Verdict::reach(exercise, &mut Ground::Sim(&world), &attempt.seen, 0);
                (attempt, verdict)
            })
        }
        StackChoice::Real => {
            let mut kernel = stacks::open(edition.stack, edition.seed)?;
            attempt::run(exercise, commands, kernel.as_mut(), LIMIT).map(|attempt| {
                let verdict = Verdict::reach(exercise, &mut Ground::Live(kernel.as_mut()), &attempt.seen, 0);
                (attempt, verdict)
            })
        }
    })
}

/// A setup does not work.
pub(super) fn setup_fails(failed: &CommandFailed, pieces: &[Piece], trial: Trial, notes: &mut Notes<'_>) {
    let entry = &failed.0;
    let line = line_of(pieces, &["setup", "case"], &entry.command);
    let words = entry.stderr.lines().next().unwrap_or_default();
    let problem = format!("the setup's '{}' ends with status {}: {words}", entry.command, entry.status);
    let fix = "Mend the command, or what stands before it; 'vethlab shell' shows what it says";
    notes.add_in(trial, Rule::Setup, line, problem, fix);
}

fn at_the_start(exercise: &Exercise, start: &Verdict, trial: Trial, notes: &mut Notes<'_>) {
    let mut is_new = true;
    for (check, result) in exercise.task.checks.iter().zip(&start.checks) {
        let (line, say) = (check.line, &check.say);
        match (check.grading.guard, result.outcome) {
            (false, Outcome::Passed) => {
                is_new = false;
                let problem = format!("this holds before anything is done: {say}");
                let fix = "Ask for something that the solution brings about; write 'guard = true' where it is something that \
                           must not be broken";
                notes.add_in(trial, Rule::StartHolds, line, problem, fix);
            }
            (true, Outcome::Failed | Outcome::Warned) => {
                let problem =
                    format!("what is to be guarded does not hold at the start: {say}: {}", told(result));
                notes.add_in(trial, Rule::Guard, line, problem, "Mend the setup, or leave 'guard' out");
            }
            (true, Outcome::Waiting) => {
                let problem =
                    format!("a guard is looked at from the start, and this one waits for another: {say}");
                notes.add_in(trial, Rule::Guard, line, problem, "Leave out 'guard', or 'needs'");
            }
            _ => {}
        }
    }
    if is_new && start.is_full() {
        let line = exercise.task.checks.first().map_or(0, |check| check.line);
        let problem = "there are all points before anything is done: every check is a guard";
        notes.add_in(trial, Rule::StartFull, line, problem, "Add a check for what the task asks for");
    }
}

fn behind_the_solution(exercise: &Exercise, verdict: &Verdict, trial: Trial, notes: &mut Notes<'_>) {
    let failed = |need: &String| {
        let is_it = |(check, result): (&Check, &CheckResult)| {
            check.grading.id.as_ref() == Some(need)
                && matches!(result.outcome, Outcome::Failed | Outcome::Waiting)
        };
        exercise.task.checks.iter().zip(&verdict.checks).any(is_it)
    };
    for (check, result) in exercise.task.checks.iter().zip(&verdict.checks) {
        let (line, say) = (check.line, &check.say);
        match result.outcome {
            Outcome::Passed => {}
            Outcome::Warned => {
                let problem = format!("the solution does not do what is optional: {say}: {}", told(result));
                notes.add_in(
                    trial,
                    Rule::Optional,
                    line,
                    problem,
                    "Let the solution do it too, or take the check out",
                );
            }
            Outcome::Failed => {
                let wanted = result.finding.as_ref().map_or("", |finding| finding.expected.as_str());
                let problem =
                    format!("the solution does not meet this: {say}: {}; wanted: {wanted}", told(result));
                notes.add_in(
                    trial,
                    Rule::Solution,
                    line,
                    problem,
                    "Mend the solution, or what the check asks for",
                );
            }
            // What it waits for is told already.
            Outcome::Waiting if check.grading.needs.iter().any(failed) => {}
            Outcome::Waiting => {
                let problem = format!("with the solution this is never looked at: {say}");
                notes.add_in(
                    trial,
                    Rule::Solution,
                    line,
                    problem,
                    "Take what does not hold out of its 'needs'",
                );
            }
        }
    }
}

/// Commands of the solution that fail.
fn failing_commands(
    exercise: &Exercise,
    pieces: &[Piece],
    trial: Trial,
    notes: &mut Notes<'_>,
) -> Result<(), Unavailable> {
    let edition = exercise.edition();
    let mut stack = stacks::open(edition.stack, edition.seed)?;
    if crate::lesson::set_up(exercise.setup(), stack.as_mut()).is_err() {
        return Ok(());
    }
    let (mut session, mut console) = (Session::new(), Bounded::new(LIMIT));
    for command in &exercise.task.solution {
        let outcome = session.execute(command, stack.as_mut(), &mut console);
        let transcript = console.take();
        if console.stopped().is_some() {
            break;
        }
        if let Some(entry) = script::entry(command, outcome, transcript).filter(|entry| entry.status != 0) {
            let words = entry.stderr.lines().chain(entry.stdout.lines()).next().unwrap_or_default();
            let line = line_of(pieces, &["solution", "case"], command);
            let problem = format!("the solution's '{command}' ends with status {}: {words}", entry.status);
            notes.add_in(
                trial,
                Rule::CommandFails,
                line,
                problem,
                "Mend it, or take it out: students learn from it",
            );
        }
    }
    Ok(())
}

/// Hints that say nothing.
pub(super) fn empty_hints(pieces: &[Piece], notes: &mut Notes<'_>) {
    for fence in pieces.iter().filter_map(fence) {
        if fence.acts() && fence.kind() == "hint" && fence.body.trim().is_empty() {
            notes.add(
                Rule::Empty,
                fence.line,
                "the hint is empty",
                "Write what helps, or take the block out",
            );
        }
    }
}
