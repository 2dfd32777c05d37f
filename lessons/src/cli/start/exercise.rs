//! `vethlab start EXERCISE`: an exercise at a prompt.

use super::super::course::{Course, warn};
use super::super::{DIFFERS, Failure, Other};
use super::{Arguments, playable};
use std::path::{Path, PathBuf};
use vethlab::claim::Claim;
use vethlab::classroom::answer_file::{self, InFile};
use vethlab::output::shown;
use vethlab::shell::{self, Terminal, Wanted};
use vethlab_engine::classroom::Assignment;
use vethlab_engine::classroom::dialogue::{Dialogue, Ending, Work};
use vethlab_engine::classroom::{StudentId, Verdict};
use vethlab_engine::lesson::Edition;
use vethlab_programs::Console;

/// Lets a student work on the exercise of this name.
pub(super) fn run(course: &Course, name: &str, arguments: &Arguments) -> Result<u8, Failure> {
    let assignment = course.find_exercise(name)?;
    let choices = arguments.stack.choices();
    let stack = playable(&assignment.exercise.id, &assignment.exercise.stacks, choices)?;
    let seed = match &arguments.student {
        Some(student) => student.seed(&assignment.exercise.id),
        None => arguments.seed,
    };
    let edition = Edition { seed, stack };
    let exercise = assignment.exercise.in_edition(edition).map_err(Failure::bad_input)?;
    let assignment = Assignment { exercise, ..assignment };
    if arguments.auto && assignment.exercise.handed_out {
        return Err(Failure::bad_input("this copy of the exercise has no solution to play"));
    }
    let file = if arguments.auto { None } else { place(course, &assignment, arguments) };
    // Until this session ends.
    let _claim = file.as_deref().map(claim).transpose()?;
    let work = match arguments.auto {
        true => Work { student: None, kept: None, keeper: Box::new(InFile::default()) },
        false => work(file.as_deref(), &assignment, arguments)?,
    };
    let answer = file.map(|path| Other { path, what: "the file of the answer" });
    let others = course.files(&arguments.pack).into_iter().chain(answer).collect();
    let (files, spared) = arguments.files.create(choices, others)?;
    // Before anything else that could start a thread: see `stacks::open`.
    let mut machines = shell::open(choices, seed, files)?;
    machines.set_limits(arguments.limits.allowed());
    let mut terminal = Terminal::open(spared)?;
    machines.stop_when(terminal.stop());
    let dialogue = Dialogue::new(&assignment, work, &mut machines);
    let ending = match arguments.auto {
        true => solve(dialogue, &mut terminal)?,
        false => play(dialogue, &mut terminal)?,
    };
    machines.finish().map_err(Failure::bad_input)?;
    if !arguments.auto {
        terminal.out(&farewell(&ending, name, arguments.student.as_ref()));
    }
    terminal.check()?;
    let failed = !ending.agreed || (arguments.auto && !ending.verdict.as_ref().is_some_and(Verdict::is_full));
    Ok(terminal.asked_to_end().unwrap_or(if failed { DIFFERS } else { 0 }))
}

/// Lets a student work until they leave.
fn play(mut dialogue: Dialogue<'_>, terminal: &mut Terminal) -> Result<Ending, Failure> {
    let mut lines = shell::source()?;
    dialogue.begin(terminal)?;
    while dialogue.waits() {
        terminal.check()?;
        let (prompt, lines) = (dialogue.prompt(), lines.as_mut());
        match shell::next_line(&prompt, Wanted::Command, lines, dialogue.machines(), terminal)? {
            Some(line) => dialogue.take(&line, terminal)?,
            None => break,
        }
    }
    terminal.check()?;
    Ok(dialogue.end(terminal))
}

/// Plays the solution, as if typed.
fn solve(mut dialogue: Dialogue<'_>, terminal: &mut Terminal) -> Result<Ending, Failure> {
    dialogue.begin(terminal)?;
    let mut number = 0;
    while dialogue.solve_next(number, terminal) {
        number += 1;
        terminal.check()?;
    }
    let ending = dialogue.end_solved(terminal);
    terminal.check()?;
    Ok(ending)
}

/// The file that the work is kept in, where there is a place for it.
fn place(course: &Course, assignment: &Assignment, arguments: &Arguments) -> Option<PathBuf> {
    if arguments.save.is_some() {
        return arguments.save.clone();
    }
    let student = arguments.student.as_ref()?;
    let Some(place) = kept_at(course, &assignment.name, student) else {
        warn("there is no home directory to keep your work in: use --save FILE");
        return None;
    };
    if let Err(problem) = answer_file::make_place(&place) {
        warn(&format!("what you do will not be kept: {problem}; use --save FILE"));
    }
    Some(place)
}

/// Claims the file, so that no other session writes over what is kept there.
fn claim(file: &Path) -> Result<Option<Claim>, Failure> {
    match Claim::try_on(file) {
        Ok(Some(claim)) => Ok(Some(claim)),
        Ok(None) => Err(Failure::bad_input(format_args!(
            "another session works on '{}': end that one first, or use --save with another file",
            shown(file)
        ))),
        // Nothing can be written beside it, and so not in its place either: that is said when it is tried.
        Err(_) => Ok(None),
    }
}

/// Whose work it is, where it is kept, and what was kept before.
fn work(file: Option<&Path>, assignment: &Assignment, arguments: &Arguments) -> Result<Work, Failure> {
    let student = arguments.student.clone();
    let kept = match file {
        Some(file) => answer_file::load(file).map_err(Failure::bad_input)?,
        None => None,
    };
    let work = |student, kept| Work { student, kept, keeper: Box::new(InFile(file.map(Path::to_owned))) };
    let Some(kept) = kept else { return Ok(work(student, None)) };
    let place = file.map(shown).unwrap_or_default();
    let other = |what: String| {
        Err(Failure::bad_input(format_args!(
            "'{place}' holds {what}: move it away to begin anew, or use --save with another file"
        )))
    };
    match &kept.head {
        None => other("commands without a name".to_owned()),
        Some(head) if head.exercise != assignment.name => other(format!("an answer to {}", head.exercise)),
        Some(head) if head.version != assignment.exercise.version => {
            other(format!("an answer to version {} of this exercise", head.version))
        }
        Some(head) if head.student != student => other("an answer of somebody else".to_owned()),
        Some(_) => Ok(work(student, Some(kept))),
    }
}

/// The file that a student's work is kept in, where there is a place for it.
pub(in crate::cli) fn kept_at(course: &Course, exercise: &str, student: &StudentId) -> Option<PathBuf> {
    course.data_folder().map(|data| answer_file::place(data, exercise, student))
}

fn farewell(ending: &Ending, name: &str, student: Option<&StudentId>) -> String {
    let Some(student) = student else {
        return "To have your own network and hand it in: --student ID\n".to_owned();
    };
    let all = ending.verdict.as_ref().is_some_and(|verdict| verdict.for_students().holds());
    match all {
        true if ending.handed_in => "All checks hold, and the file to hand in is written.\n".to_owned(),
        true => format!("All checks hold. To hand it in: vethlab submit {name} --student {student}\n"),
        false => format!("See you: vethlab start {name} --student {student}\n"),
    }
}
