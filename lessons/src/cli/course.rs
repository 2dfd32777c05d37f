//! The lessons and exercises with a learner's progress, as the subcommands see them.

use super::names::unknown;
use super::{Failure, Other};
use std::cell::RefCell;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use vethlab::packs::packs;
use vethlab::progress::Store;
use vethlab_engine::classroom::Assignment;
use vethlab_engine::lesson::progress::{Left, LessonProgress, Progress};
use vethlab_engine::lesson::{Exercise, Lesson, Pack};
use vethlab_engine::text::printable;

/// The folder of packs within that of a learner's data.
const PACKS: &str = "packs";

/// A pack of one's own.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct OwnPack {
    /// Take the pack in this folder too
    #[arg(long = "pack", value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl OwnPack {
    /// The files of its folder that are read: those that can be parts of a pack.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        // A folder that cannot be read was said to be none before.
        let entries = self.folder.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
        let is_part =
            |path: &PathBuf| path.extension().is_some_and(|ending| ending == "md" || ending == "toml");
        entries.map(|entry| entry.path()).filter(is_part).collect()
    }
}

/// All lessons, and how far the learner is.
pub(super) struct Course {
    pub(super) packs: Vec<Pack>,
    pub(super) progress: Progress,
    store: Store,
    /// The last that was said about progress: once is enough.
    warned: RefCell<Option<String>>,
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
    /// Reads the packs and the progress; says what is wrong with the latter.
    pub(super) fn load(own: &OwnPack) -> Result<Course, Failure> {
        let course = Course::without_progress(own)?;
        let (progress, warning) = course.store.load();
        if let Some(warning) = &warning {
            warn(warning);
        }
        Ok(Course { progress, warned: RefCell::new(warning), ..course })
    }

    /// Reads the packs, for what needs no learner.
    ///
    /// There are the packs inside this program, those in the platform's data folder, and the one that is named; of two
    /// with the same id the later counts.
    pub(super) fn without_progress(own: &OwnPack) -> Result<Course, Failure> {
        let mut packs = packs().map_err(Failure::bad_input)?;
        let store = Store::locate();
        for pack in other_packs(&store, own)? {
            put(pack, &mut packs, |pack| &pack.id);
        }
        Ok(Course { packs, progress: Progress::default(), store, warned: RefCell::new(None) })
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
            let lessons = self.entries().map(|entry| entry.lesson.id.as_str()).collect();
            let exercises = self.exercises().map(|(_, exercise)| exercise.id.as_str()).collect();
            unknown("lesson or exercise", name, &[("lessons", lessons), ("exercises", exercises)])
        })
    }

    /// The exercises, each with its pack.
    pub(super) fn exercises(&self) -> impl Iterator<Item = (&Pack, &Exercise)> {
        self.packs.iter().flat_map(|pack| pack.exercises.iter().map(move |exercise| (pack, exercise)))
    }

    /// Whether a person names an exercise, and no lesson.
    pub(super) fn names_exercise(&self, name: &str) -> bool {
        self.find(name).is_err()
            && self.exercises().any(|(pack, one)| one.id == name || format!("{}/{}", pack.id, one.id) == name)
    }

    /// The folder of the learner's data, where there is one.
    pub(super) fn data_folder(&self) -> Option<&Path> {
        self.store.folder()
    }

    /// The files that the course is read from, but for those in this program.
    pub(super) fn files(&self, own: &OwnPack) -> Vec<Other> {
        let pack = own.files().into_iter().map(|path| Other { path, what: "a file of the pack" });
        let progress = self.store.file().map(|path| Other { path, what: "your progress" });
        pack.chain(progress).collect()
    }

    /// The exercise that a person names: by its word, or pack and word.
    pub(super) fn find_exercise(&self, name: &str) -> Result<Assignment, Failure> {
        let full = |pack: &Pack, exercise: &Exercise| format!("{}/{}", pack.id, exercise.id);
        let is_named =
            |(pack, exercise): &(&Pack, &Exercise)| exercise.id == name || full(pack, exercise) == name;
        let found: Vec<Assignment> = self
            .exercises()
            .filter(is_named)
            .map(|(pack, exercise)| Assignment { name: full(pack, exercise), exercise: exercise.clone() })
            .collect();
        match &found[..] {
            [only] => Ok(only.clone()),
            [] => {
                let known = self.exercises().map(|(_, exercise)| exercise.id.as_str()).collect();
                Err(unknown("exercise", name, &[("exercises", known)]))
            }
            several => {
                let names: Vec<&str> = several.iter().map(|assignment| assignment.name.as_str()).collect();
                let names = names.join(", ");
                Err(Failure::bad_input(format_args!("'{name}' can be one of several: write {names}")))
            }
        }
    }

    /// Notes how far the learner came and where they are now, and warns where that cannot be kept. Who is nowhere is at
    /// the end.
    pub(super) fn reached(&self, entry: Entry<'_>, steps: usize, done: bool, left: Option<Left>) {
        let (pack, lesson) = (&entry.pack.id, &entry.lesson.id);
        let kept = self.store.update(|kept| {
            kept.reached(pack, lesson, steps, done);
            kept.left(pack, lesson, left);
        });
        let Some(warning) = kept.unwrap_or_else(Some) else { return };
        if self.warned.borrow().as_ref() != Some(&warning) {
            warn(&warning);
            self.warned.replace(Some(warning));
        }
    }
}

/// The folders of the packs that lie in a data folder, in the order of their names.
fn installed(data: &Path) -> Vec<PathBuf> {
    let folder = data.join(PACKS);
    let entries = match fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
        Ok(entries) => entries,
        Err(error) => {
            if error.kind() != io::ErrorKind::NotFound {
                let reason = super::reason(&error);
                warn(&format!(
                    "packs are left out: '{}' cannot be read: {reason}",
                    vethlab::output::shown(&folder)
                ));
            }
            return Vec::new();
        }
    };
    let mut folders: Vec<PathBuf> =
        entries.iter().map(fs::DirEntry::path).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// The packs that are not inside this program, in the order in which they count.
pub(super) fn other_packs(store: &Store, own: &OwnPack) -> Result<Vec<Pack>, Failure> {
    let mut packs = Vec::new();
    for folder in store.folder().map(installed).unwrap_or_default() {
        match vethlab::packs::read(&folder) {
            Ok(pack) => packs.push(pack),
            Err(error) => warn(&format!("a pack is left out: {error}")),
        }
    }
    if let Some(folder) = &own.folder {
        packs.push(vethlab::packs::read(folder).map_err(Failure::bad_input)?);
    }
    Ok(packs)
}

/// Puts a pack in the place of the one with its id, or behind the others.
pub(super) fn put<T>(pack: T, packs: &mut Vec<T>, id: impl Fn(&T) -> &str) {
    match packs.iter_mut().find(|known| id(known) == id(&pack)) {
        Some(known) => *known = pack,
        None => packs.push(pack),
    }
}

pub(super) fn warn(text: &str) {
    // Where standard error is closed there is nobody to warn.
    let _ = writeln!(io::stderr(), "vethlab: {}", printable(text));
}
