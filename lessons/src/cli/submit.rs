//! `vethlab submit`: the file that a student hands in.

use super::course::{Course, OwnPack};
use super::limits::LimitOptions;
use super::start::kept_at;
use super::{Failure, OneStack, check, name_of, read_input};
use std::path::{Path, PathBuf};
use vethlab::classroom::answer_file;
use vethlab::output;
use vethlab_engine::classroom::Assignment;
use vethlab_engine::classroom::Submission;
use vethlab_engine::classroom::{Answer, Head, MOST_BYTES, StudentId};

/// Write the file to hand in: what you did in an exercise.
///
/// Takes what was kept by 'vethlab start EXERCISE --student ID', or a plain file of commands, and shows what holds and
/// what does not. The exit codes are those of 'vethlab check'; the file is written whatever holds.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  vethlab submit two-namespaces --student ann                  writes two-namespaces.ann.answer
  vethlab submit two-namespaces --student ann --output a.answer
  vethlab submit two-namespaces --student ann commands.txt     from a plain file of commands")]
pub(crate) struct Arguments {
    /// The exercise: its word in 'vethlab list', or PACK/EXERCISE
    exercise: String,
    /// A plain file of commands, one a line, in the place of what was kept; `-` is standard input
    commands: Option<PathBuf>,
    /// Whose answer it is, as your teacher knows you
    #[arg(long, value_name = "ID")]
    student: StudentId,
    /// The file to write; EXERCISE.ID.answer unless said
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Exit with 3 when only optional checks do not hold
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    limits: LimitOptions,
    #[command(flatten)]
    pack: OwnPack,
}

pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let course = Course::without_progress(&arguments.pack)?;
    let assignment = course.find_exercise(&arguments.exercise)?;
    let student = &arguments.student;
    let answer = match &arguments.commands {
        Some(file) => from_file(file, &assignment, student)?,
        None => kept(&course, &assignment, student)?,
    };
    let usual = || PathBuf::from(answer_file::file_name(&assignment.name, student));
    let file = arguments.output.clone().unwrap_or_else(usual);
    if file == Path::new("-") {
        return Err(Failure::bad_input(
            "an answer is written into a file: name one, such as --output ann.answer",
        ));
    }
    if let Some(head) = &answer.head {
        answer_file::may_replace(&file, head).map_err(Failure::bad_input)?;
    }
    let text = answer.to_string();
    answer_file::save(&file, &answer).map_err(Failure::bad_input)?;
    let name = output::shown(&file);
    let submission =
        Submission { file: name.clone(), bytes: Ok(text.into_bytes()), student: Some(student.clone()) };
    let how = check::Look {
        stack: OneStack::Sim,
        limits: arguments.limits.allowed().answer,
        strict: arguments.strict,
    };
    let code = check::look(&assignment, &submission, how)?;
    output::tell(&format!("Written: hand in the file '{name}'.\n"))?;
    Ok(code)
}

/// The commands of a file. One that vethlab wrote is somebody's answer already: it stays that, and its hints stay
/// opened.
fn from_file(file: &Path, assignment: &Assignment, student: &StudentId) -> Result<Answer, Failure> {
    let name = name_of(file);
    let bytes = match file == Path::new("-") {
        true => read_input(file)?,
        false => output::read_file(file, MOST_BYTES).map_err(|error| {
            Failure::bad_input(format_args!("cannot read {name}: {}", output::reason(&error)))
        })?,
    };
    let no = |problem: String| Err(Failure::bad_input(format_args!("{name} cannot be handed in: {problem}")));
    let answer = match Answer::parse(&bytes) {
        Ok(answer) => answer,
        Err(error) => return no(error.to_string()),
    };
    if let Some(Err(problem)) = answer.head.as_ref().map(|head| assignment.is_answered_by(head)) {
        return no(problem);
    }
    let hints = match &answer.head {
        None => 0,
        Some(head) if head.student.as_ref().is_some_and(|other| other != student) => {
            return no("it is an answer of somebody else".to_owned());
        }
        Some(_) if answer.edited => {
            return no("it was edited after vethlab wrote it: hand it in as it is".to_owned());
        }
        Some(head) => head.hints,
    };
    let head = Head {
        exercise: assignment.name.clone(),
        version: assignment.exercise.version,
        student: Some(student.clone()),
        hints,
        tool: Head::tool_for_a_file(),
    };
    Ok(Answer { head: Some(head), ..answer })
}

/// What a student did at the prompt.
fn kept(course: &Course, assignment: &Assignment, student: &StudentId) -> Result<Answer, Failure> {
    let name = &assignment.name;
    let Some(place) = kept_at(course, name, student) else {
        return Err(Failure::bad_input(
            "there is no home directory that your work was kept in: name a file of commands",
        ));
    };
    let answer = answer_file::load(&place).map_err(Failure::bad_input)?.ok_or_else(|| {
        let word = &assignment.exercise.id;
        Failure::bad_input(format_args!(
            "nothing of {student} is kept here for '{name}': begin with 'vethlab start {word} --student {student}', \
             or name a file of commands"
        ))
    })?;
    match answer.head.as_ref().map(|head| assignment.is_answered_by(head)) {
        Some(Err(problem)) => Err(Failure::bad_input(format_args!(
            "what is kept in '{}' cannot be handed in: {problem}",
            output::shown(&place)
        ))),
        _ => Ok(answer),
    }
}
