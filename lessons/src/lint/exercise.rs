//! Rules that need an exercise to be done: from the start, and with its solution.

use super::can_fail::NeverFailed;
use super::place::{fence, line_of};
use super::report::{Notes, Trial};
use super::rule::Rule;
use crate::bounds;
use crate::stacks::{self, Unavailable};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use vethlab_engine::bounded::Bounded;
use vethlab_engine::classroom::attempt::{self, Attempt, NoAttempt};
use vethlab_engine::classroom::{CheckResult, CheckedNetwork, Outcome, Verdict};
use vethlab_engine::lesson::check::{Absent, CheckContext};
use vethlab_engine::lesson::markdown::Piece;
use vethlab_engine::lesson::outline::Outline;
use vethlab_engine::lesson::{Check, CommandFailed, Exercise, Learner};
use vethlab_engine::script;
use vethlab_engine::stacks::StackChoice;
use vethlab_programs::session::Session;
use vethlab_shared::budget::Budget;
use vethlab_shared::stack::NetworkStack;
use vethlab_sim::World;

/// How long a solution may take.
const LIMIT: Duration = Duration::from_secs(120);

/// What became of the checks, by their lines; empty where nothing could be looked at.
type ByLine = BTreeMap<usize, CheckResult>;

/// What became of the editions of one exercise.
#[derive(Debug, Default)]
pub(super) struct Class {
    /// What the simulator found, by seed: at the start, and behind the solution.
    simulated: BTreeMap<u64, [ByLine; 2]>,
    never_failed: NeverFailed,
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
        let start = match attempt(exercise, &[], trial)? {
            Ok(start) => start,
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
        let mut results = [ByLine::new(), ByLine::new()];
        if !exercise.handed_out {
            match attempt(exercise, &exercise.task.solution, trial)? {
                Ok(done) => {
                    let simulated = self.simulated.get(&trial.edition.seed).map(|[_, solution]| solution);
                    behind_the_solution(exercise, &done, simulated, trial, notes);
                    results[1] = by_line(exercise, done.verdict);
                    if trial.edition.stack == StackChoice::Sim {
                        self.never_failed.try_edition(exercise, &start.verdict, trial.allowed.answer);
                    }
                }
                Err(problem) => {
                    notes.add_in(trial, Rule::Solution, line_of(pieces, &["solution"], ""), problem, STOPPED);
                }
            }
            failing_commands(exercise, pieces, trial, notes)?;
        }
        results[0] = by_line(exercise, start.verdict);
        self.compare(results, trial, notes);
        Ok(())
    }

    /// What needs all editions.
    pub(super) fn finish(self, notes: &mut Notes<'_>) {
        self.never_failed.tell(notes);
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
                notes.add_between(trial, Rule::StacksDiffer, *line, problem, DIFFER);
            }
        }
    }
}

fn by_line(exercise: &Exercise, verdict: Verdict) -> ByLine {
    exercise.task.checks.iter().map(|check| check.line).zip(verdict.checks).collect()
}

pub(super) const DIFFER: &str = "On the kernel all checks look at one network, one after the other: 'within = 2' lets a \
                                 second pass where an ICMP error came too soon after others. Or write 'stacks = \
                                 [\"sim\"]'. Where 'vethlab compare' shows a difference too, please report it";
const STOPPED: &str = "Take out what does not end by itself: give 'ping' a '-c', and 'tcpdump' too";

fn told(result: &CheckResult) -> String {
    match (result.outcome, result.finding.as_ref().map_or("", |finding| finding.found.as_str())) {
        (Outcome::Passed, _) => "it holds".to_owned(),
        (Outcome::Waiting, _) => "it waits".to_owned(),
        (_, "") => "it does not hold".to_owned(),
        (_, found) => format!("it does not hold ({found})"),
    }
}

/// What an attempt left behind.
struct Done {
    verdict: Verdict,
    /// The lines of the checks that hold, whether or not what they need holds too. On the kernel, where looking can alter
    /// what there is to see, these are those that passed.
    hold: BTreeSet<usize>,
    /// By the lines of the checks that do not hold, what they name and the network does not have.
    absent: BTreeMap<usize, Absent>,
}

/// Does an exercise on a fresh stack of its edition.
fn attempt(
    exercise: &Exercise,
    commands: &[String],
    trial: Trial,
) -> Result<Result<Done, NoAttempt>, Unavailable> {
    let limits = trial.allowed.answer;
    let edition = exercise.edition();
    let checks = &exercise.task.checks;
    Ok(match edition.stack {
        StackChoice::Sim => {
            let mut world = World::new(edition.seed);
            attempt::run(exercise, commands, &mut world, limits, &bounds::within(LIMIT)).map(
                |Attempt { seen, background, .. }| {
                    let network = &mut CheckedNetwork::Sim(&world, &background);
                    let verdict = Verdict::reach(exercise, network, &seen, 0);
                    let holds = |check: &&Check| {
                        let (mut copy, mut background) = (world.clone(), background.clone());
                        let (learner, asked) = (&Learner::new(), None);
                        let stack = &mut background.attended(&mut copy);
                        check
                            .look(&mut CheckContext { stack, learner, events: &seen, explains: true, asked })
                            .met
                    };
                    let hold = checks.iter().filter(holds).map(|check| check.line).collect();
                    let absent = absent(checks, &hold, &mut world);
                    Done { verdict, hold, absent }
                },
            )
        }
        StackChoice::Real => {
            let mut kernel = stacks::open(edition.stack, edition.seed)?;
            attempt::run(exercise, commands, kernel.as_mut(), limits, &bounds::within(LIMIT)).map(
                |Attempt { seen, mut background, .. }| {
                    let mut attended = background.attended(kernel.as_mut());
                    let network = &mut CheckedNetwork::Live(&mut attended);
                    let verdict = Verdict::reach(exercise, network, &seen, 0);
                    let passed =
                        checks.iter().zip(&verdict.checks).filter(|(_, one)| one.outcome == Outcome::Passed);
                    let hold = passed.map(|(check, _)| check.line).collect();
                    let absent = absent(checks, &hold, kernel.as_mut());
                    Done { verdict, hold, absent }
                },
            )
        }
    })
}

fn absent(checks: &[Check], hold: &BTreeSet<usize>, stack: &mut dyn NetworkStack) -> BTreeMap<usize, Absent> {
    let unmet = checks.iter().filter(|check| !hold.contains(&check.line));
    unmet.filter_map(|check| Some((check.line, check.absent(stack)?))).collect()
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

fn at_the_start(exercise: &Exercise, start: &Done, trial: Trial, notes: &mut Notes<'_>) {
    let mut is_new = true;
    for (check, result) in exercise.task.checks.iter().zip(&start.verdict.checks) {
        let (line, say) = (check.line, &check.say);
        let on_sim = trial.edition.stack == StackChoice::Sim;
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
                    format!("the guarded check does not hold at the start: {say}: {}", told(result));
                notes.add_in(trial, Rule::Guard, line, problem, "Mend the setup, or leave 'guard' out");
            }
            (true, Outcome::Waiting) if on_sim && !start.hold.contains(&line) => {
                let problem = format!("the guarded check does not hold at the start: {say}");
                notes.add_in(trial, Rule::Guard, line, problem, "Mend the setup, or leave 'guard' out");
            }
            _ => {}
        }
    }
    if is_new && start.verdict.is_full() {
        let line = exercise.task.checks.first().map_or(0, |check| check.line);
        let problem = "there are all points before anything is done: every check is a guard";
        notes.add_in(trial, Rule::StartFull, line, problem, "Add a check for what the task asks for");
    }
}

/// `simulated` is what the simulator found before: where the kernel differs from it, that is told and not this.
fn behind_the_solution(
    exercise: &Exercise,
    Done { verdict, absent, .. }: &Done,
    simulated: Option<&ByLine>,
    trial: Trial,
    notes: &mut Notes<'_>,
) {
    let failed = |need: &String| {
        let is_it = |(check, result): (&Check, &CheckResult)| {
            check.grading.id.as_ref() == Some(need)
                && matches!(result.outcome, Outcome::Failed | Outcome::Waiting)
        };
        exercise.task.checks.iter().zip(&verdict.checks).any(is_it)
    };
    for (check, result) in exercise.task.checks.iter().zip(&verdict.checks) {
        let (line, say) = (check.line, &check.say);
        let differs = |sim: &CheckResult| sim.outcome != result.outcome;
        if simulated.and_then(|simulated| simulated.get(&line)).is_some_and(differs) {
            continue;
        }
        if let (Outcome::Failed | Outcome::Warned, Some(Absent { line, what, fix })) =
            (result.outcome, absent.get(&line))
        {
            let problem = format!("{what}, not even behind the solution, so this never holds: {say}");
            notes.add_in(trial, Rule::Solution, *line, problem, fix);
            continue;
        }
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
    stack.set_budget(Budget::new(trial.allowed.answer));
    let setup = exercise.setup();
    let Ok(prepared) = vethlab_engine::lesson::set_up(setup, stack.as_mut(), &bounds::within_setup()) else {
        return Ok(());
    };
    let stop = bounds::within(LIMIT);
    let (mut session, mut console) = (Session::new(), Bounded::until(&stop));
    session.take_over_background(prepared);
    for command in &exercise.task.solution {
        let outcome = session.execute(command, stack.as_mut(), &mut console);
        let transcript = console.take();
        if console.stopped_on(stack.as_ref()).is_some() {
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
