//! Rules that need a lesson to be played.

use super::exercise::{DIFFER, setup_fails};
use super::place::{line_of, steps};
use super::report::{Notes, Trial};
use super::rule::Rule;
use crate::bounds;
use crate::stacks::Unavailable;
use std::collections::BTreeMap;
use vethlab_engine::compare::Entry;
use vethlab_engine::lesson::markdown::Piece;
use vethlab_engine::lesson::outline::Outline;
use vethlab_engine::lesson::{Block, CommandFailed, Lesson, Rehearsal, Step, rehearse, untrue_line};
use vethlab_engine::stacks::StackChoice;
use vethlab_shared::words;

/// What became of the editions of one lesson.
#[derive(Debug, Default)]
pub(super) struct Class {
    /// What was not met at the start of each step on the simulator, by seed.
    simulated: BTreeMap<u64, Vec<Vec<String>>>,
}

/// Why a rehearsal ends early.
enum Halt {
    SetUp(CommandFailed),
    Unavailable(Unavailable),
}

impl From<CommandFailed> for Halt {
    fn from(failed: CommandFailed) -> Halt {
        Halt::SetUp(failed)
    }
}

impl From<Unavailable> for Halt {
    fn from(unavailable: Unavailable) -> Halt {
        Halt::Unavailable(unavailable)
    }
}

/// Looks at what is the same in every edition.
pub(super) fn check(lesson: &Lesson, notes: &mut Notes<'_>) {
    for step in &lesson.steps {
        if let (Some(hint), []) = (step.hints.first(), &step.checks[..]) {
            let problem = format!("the step '{}' asks for nothing, so its hint is never shown", step.title);
            notes.add(
                Rule::HintUnreachable,
                hint.line,
                problem,
                "Add a 'vethlab check' block, or take the hint out",
            );
        }
        for check in step.checks.iter().filter(|check| check.takes_any_look()) {
            let commands = check.looks_at().map(|(_, commands)| commands.join("', '")).unwrap_or_default();
            let problem =
                format!("'{commands}' meets this whatever it shows, an empty table too: {}", check.say);
            let fix = "Add 'shows' with a text that it prints here and not elsewhere; where it is to print nothing, \
                       'shows_nothing = true'";
            notes.add(Rule::AnyLook, check.line_of("looked"), problem, fix);
        }
    }
}

impl Class {
    /// Plays the lesson in one edition.
    ///
    /// # Errors
    /// The stack cannot be had here.
    pub(super) fn try_edition(
        &mut self,
        lesson: &Lesson,
        outline: &Outline,
        trial: Trial,
        notes: &mut Notes<'_>,
    ) -> Result<(), Unavailable> {
        let edition = lesson.edition();
        let fresh = || {
            let mut machine = crate::stacks::machine(edition.stack, edition.seed).map_err(Halt::from)?;
            machine.set_limits(trial.allowed);
            Ok(machine)
        };
        let rehearsals = match rehearse(lesson, fresh, bounds::within_setup) {
            Ok(rehearsals) => rehearsals,
            Err(Halt::Unavailable(unavailable)) => return Err(unavailable),
            Err(Halt::SetUp(failed)) => {
                setup_fails(&failed, &outline.drawn, trial, notes);
                return Ok(());
            }
        };
        let sections = steps(&outline.drawn);
        for ((step, rehearsal), section) in lesson.steps.iter().zip(&rehearsals).zip(sections) {
            at(step, rehearsal, section, trial, notes);
        }
        let unmet = rehearsals.into_iter().map(|rehearsal| rehearsal.unmet_before).collect();
        self.compare(lesson, unmet, trial, notes);
        Ok(())
    }

    /// Compares what the kernel found when each step began with what the simulator found.
    fn compare(&mut self, lesson: &Lesson, unmet: Vec<Vec<String>>, trial: Trial, notes: &mut Notes<'_>) {
        if trial.edition.stack == StackChoice::Sim {
            self.simulated.insert(trial.edition.seed, unmet);
            return;
        }
        let Some(simulated) = self.simulated.get(&trial.edition.seed) else { return };
        for (step, (sim, real)) in lesson.steps.iter().zip(simulated.iter().zip(&unmet)) {
            for check in &step.checks {
                let [on_sim, on_real] = [sim, real].map(|unmet| unmet.contains(&check.say));
                if on_sim != on_real {
                    let (holds, not) = if on_sim { ("real", "sim") } else { ("sim", "real") };
                    let problem =
                        format!("when the step begins this holds on {holds} and not on {not}: {}", check.say);
                    notes.add_between(trial, Rule::StacksDiffer, check.line, problem, DIFFER);
                }
            }
        }
    }
}

/// What became of one step.
fn at(step: &Step, rehearsal: &Rehearsal, section: &[Piece], trial: Trial, notes: &mut Notes<'_>) {
    let Rehearsal { step: title, checks, unmet_before, unanswered, entries, unmet_after } = rehearsal;
    let heading = section.first().map_or(0, |piece| piece.line);
    if *checks > 0 && unmet_before.is_empty() {
        let problem = format!("nothing is left to do when the step '{title}' begins: all of its checks hold");
        notes.add_in(trial, Rule::NothingToDo, heading, problem, "Add a check for what the learner is to do");
    }
    for question in unanswered {
        let asked = question.split(':').next().unwrap_or_default();
        let line = line_of(section, &["predict"], asked);
        let problem = format!("the network does not answer this: {question}");
        notes.add_in(
            trial,
            Rule::Unanswered,
            line,
            problem,
            "Ask for something that is there when the step begins",
        );
    }
    for say in unmet_after {
        let line = step.checks.iter().find(|check| check.say == *say).map_or(heading, |check| check.line);
        let words = entries.iter().find(|entry| entry.status != 0);
        let words = words
            .map_or_else(String::new, |entry| format!("; '{}' says: {}", entry.command, entry.stderr.trim()));
        let problem = format!("the solution does not meet this: {say}{words}");
        notes.add_in(trial, Rule::Solution, line, problem, "Mend the solution, or what the check asks for");
    }
    if let Some(shown) = untrue_line(step, entries) {
        let line = line_of(section, &["text"], &shown);
        let problem = format!("it shows '{shown}', which the step's solution does not print there");
        let fix = "Write what is printed; add the command that prints it to the solution; or make it a 'figure', which is not \
                   compared";
        notes.add_in(trial, Rule::UntrueText, line, problem, fix);
    }
    let not_on_purpose = |entry: &&Entry| entry.status != 0 && !is_shown(step, entry);
    for entry in entries.iter().filter(not_on_purpose) {
        let words = entry.stderr.lines().chain(entry.stdout.lines()).next().unwrap_or_default();
        let line = line_of(section, &["solution", "case"], &entry.command);
        let problem =
            format!("the solution's '{}' ends with status {}: {words}", entry.command, entry.status);
        let fix = "Mend it; where it is to fail, let the learner try it too, or show what it prints in a 'text' block";
        notes.add_in(trial, Rule::CommandFails, line, problem, fix);
    }
}

/// Whether a step shows a command, or what it prints: then it is there on purpose.
fn is_shown(step: &Step, entry: &Entry) -> bool {
    let prints = |line: &str| entry.stdout.lines().chain(entry.stderr.lines()).any(|printed| printed == line);
    step.blocks.iter().any(|block| match block {
        Block::Try(commands) => {
            commands.iter().any(|command| words::split(command) == words::split(&entry.command))
        }
        Block::Output(text) => text.lines().any(prints),
        _ => false,
    })
}
