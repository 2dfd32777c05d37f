//! The lessons with a learner's progress, as the subcommands see them.

use super::Failure;
use std::cell::Cell;
use std::io::{self, Write};
use vethlab::lesson::progress::{LessonProgress, Progress, Store};
use vethlab::lesson::{Lesson, Pack, packs};

/// All lessons, and how far the learner is.
pub(super) struct Course {
    pub(super) packs: Vec<Pack>,
    pub(super) progress: Progress,
    store: Store,
    /// Whether it was said that progress cannot be kept: once is enough.
    warned: Cell<bool>,
}

/// A lesson and the pack that it is from.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) pack: &'a Pack,
    pub(super) lesson: &'a Lesson,
    /// Its number within the pack, from 1.
    pub(super) number: usize,
}

impl Course {
    /// Reads the lessons and the progress; says what is wrong with the latter.
    pub(super) fn load() -> Result<Course, Failure> {
        let packs = packs().map_err(Failure::bad_input)?;
        let store = Store::locate();
        let (progress, warning) = store.load();
        if let Some(warning) = warning {
            warn(&warning);
        }
        Ok(Course { packs, progress, store, warned: Cell::new(false) })
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.packs.iter().flat_map(|pack| {
            (1..).zip(&pack.lessons).map(move |(number, lesson)| Entry { pack, lesson, number })
        })
    }

    /// How far the learner is in a lesson.
    pub(super) fn progress_of(&self, entry: Entry<'_>) -> LessonProgress {
        self.progress.of(&entry.pack.id, &entry.lesson.id)
    }

    /// The first lesson that is not done, or the very first.
    pub(super) fn next(&self) -> Option<Entry<'_>> {
        self.entries().find(|entry| !self.progress_of(*entry).done).or_else(|| self.entries().next())
    }

    /// The lesson that a person names: by its word, its number, or pack and word.
    pub(super) fn find(&self, name: &str) -> Result<Entry<'_>, Failure> {
        let is_named = |entry: &Entry<'_>| {
            entry.lesson.id == name
                || entry.number.to_string() == name
                || format!("{}/{}", entry.pack.id, entry.lesson.id) == name
        };
        self.entries().find(is_named).ok_or_else(|| {
            let known: Vec<&str> = self.entries().map(|entry| entry.lesson.id.as_str()).collect();
            Failure::bad_input(format_args!("there is no lesson '{name}'; there are: {}", known.join(", ")))
        })
    }

    /// Notes how far the learner came, and warns where that cannot be kept.
    pub(super) fn reached(&self, entry: Entry<'_>, steps: usize, done: bool) {
        // Read anew: another session may have kept something meanwhile.
        let (mut progress, _) = self.store.load();
        progress.reached(&entry.pack.id, &entry.lesson.id, steps, done);
        if let Err(error) = self.store.save(&progress)
            && !self.warned.replace(true)
        {
            warn(&format!("your progress cannot be kept in {}: {}", self.store, super::reason(&error)));
        }
    }
}

fn warn(text: &str) {
    // Where standard error is closed there is nobody to warn.
    let _ = writeln!(io::stderr(), "vethlab: {text}");
}
