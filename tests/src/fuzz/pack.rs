//! Packs: read, listed, drawn in several editions, handed out, and played.

use super::{ALLOWED, LIMITS, is_one_line};
use std::collections::BTreeMap;
use vethlab::authoring::hand_out;
use vethlab_engine::classroom::{Answer, assess_on_sim};
use vethlab_engine::lesson::file_text::plain_text;
use vethlab_engine::lesson::outline::Outline;
use vethlab_engine::lesson::{
    CommandFailed, Edition, Exercise, Lesson, LessonError, Listing, Pack, rehearse,
};
use vethlab_engine::machine::Machine;
use vethlab_engine::page::prose;
use vethlab_engine::paint::Paint;
use vethlab_engine::stacks::StackChoice;

/// The editions that are tried of each lesson and exercise.
const EDITIONS: [Edition; 3] = [
    Edition { seed: 0, stack: StackChoice::Sim },
    Edition { seed: 7, stack: StackChoice::Real },
    Edition { seed: u64::MAX, stack: StackChoice::Sim },
];

/// The line that each file stands behind begins with this.
const BEGINS: &str = "=== ";

/// What can be used can be listed, and is the same when it is read again; what cannot names the file and a line that it
/// has.
pub(super) fn run(bytes: &[u8]) {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for file in bytes.split_inclusive(|byte| *byte == b'\n').fold(Vec::new(), into_files) {
        let (name, text) = file;
        match plain_text(text.clone()) {
            Ok(text) => drop(files.insert(name, text)),
            Err(error) => is_told(&error, &String::from_utf8_lossy(&text)),
        }
    }
    let file = |name: &str| files.get(name).map(String::as_str);
    let pack = match Pack::load("p", file) {
        Ok(pack) => pack,
        Err(error) => {
            let name = error.file.strip_prefix("p/").expect("a file of the folder");
            return is_told(&error, file(name).unwrap_or_default());
        }
    };
    assert_eq!(Pack::load("p", file).as_ref(), Ok(&pack), "read again");
    assert_eq!(Listing::skim("p", file).as_ref(), Ok(&Listing::from(&pack)), "listed as it is");
    pack.lessons.iter().take(2).for_each(lesson);
    pack.exercises.iter().take(2).for_each(exercise);
}

/// Puts a line to the file that it is of.
fn into_files(mut files: Vec<(String, Vec<u8>)>, line: &[u8]) -> Vec<(String, Vec<u8>)> {
    match std::str::from_utf8(line).ok().and_then(|line| line.strip_prefix(BEGINS)) {
        Some(name) => files.push((name.trim().to_owned(), Vec::new())),
        None => files.last_mut().into_iter().for_each(|(_, text)| text.extend_from_slice(line)),
    }
    files
}

fn is_told(error: &LessonError, text: &str) {
    is_one_line(&error.to_string());
    // A file that is cut off is said to end behind its last line.
    assert!(error.line <= text.lines().count() + 1, "{error} of {} lines", text.lines().count());
}

fn lesson(read: &Lesson) {
    for edition in EDITIONS {
        match read.in_edition(edition) {
            Ok(lesson) => {
                assert_eq!(lesson.in_edition(read.edition()).as_ref(), Ok(read), "and back again");
                let fresh = || {
                    let mut machine = Machine::on_sim(edition.seed);
                    machine.set_limits(ALLOWED);
                    Ok::<_, CommandFailed>(machine)
                };
                // A setup that fails is told of; all else is played.
                if let Ok(rehearsals) = rehearse(&lesson, fresh, || || None) {
                    assert_eq!(rehearsals.len(), lesson.steps.len());
                }
            }
            Err(error) => is_told(&error, read.text()),
        }
        outline(read.text(), edition);
    }
}

fn exercise(read: &Exercise) {
    for edition in EDITIONS {
        match read.in_edition(edition) {
            Ok(exercise) => {
                let commands = exercise.task.solution.clone();
                let answer = Answer { head: None, commands, edited: false };
                // What cannot be prepared, or runs into a limit, has no verdict.
                if let Ok((_, verdict)) = assess_on_sim(&exercise, &answer, LIMITS, &|| None) {
                    assert!(verdict.points <= verdict.maximum, "{verdict:?}");
                }
            }
            Err(error) => is_told(&error, read.text()),
        }
        outline(read.text(), edition);
    }
    if let Ok(copy) = hand_out(read) {
        Exercise::read("copy", &copy.text).expect("a copy for students is an exercise");
    }
}

/// The outline that the linter reads, and the prose as it is shown, which adds nothing that acts on a terminal.
fn outline(text: &str, edition: Edition) {
    for width in [1, 80] {
        let shown = prose(text, width, Paint::new(false));
        assert!(!shown.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r')), "{shown:?}");
    }
    if let Err(error) = Outline::read(text, edition) {
        is_told(&error, text);
    }
}
