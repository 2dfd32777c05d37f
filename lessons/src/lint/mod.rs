//! The linter of packs: it plays every lesson and every exercise and says what is wrong, where, and what to do.
//!
//! It tries many editions of what varies: the start of an exercise may not hold what gives points, its solution gives
//! all of them, on both stacks. Each file of rules looks at one side of a pack and knows nothing of the others;
//! [`Rule`] lists them all.

mod advice;
mod can_fail;
mod exercise;
mod lesson;
mod mutation;
mod pack;
pub(crate) mod place;
mod playing;
mod prose;
mod report;
mod rule;
mod variables;

pub use playing::Playing;
pub use report::{Finding, Report};
pub use rule::{Rule, Severity};

use crate::folder::{Item, items};
use crate::output::shown;
use crate::packs::packs;
use crate::stacks::Unavailable;
use crate::workers;
use pack::{Folder, Part, PartKind};
use playing::Board;
use prose::Known;
use report::{Collector, Notes, Trial};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use vethlab_engine::lesson::markdown;
use vethlab_engine::lesson::outline::Outline;
use vethlab_engine::lesson::pack::PACK_FILE;
use vethlab_engine::lesson::{Edition, Exercise, Lesson, LessonError};
use vethlab_engine::limits::Allowed;
use vethlab_engine::stacks::StackChoice;

/// How many seeds are tried on the kernel, which is slower than the simulator, where things that nobody answers take
/// their time.
const SEEDS_ON_REAL: u64 = 4;

/// What to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many seeds, of what varies.
    pub seeds: u64,
    /// On which stacks, the simulator first.
    pub stacks: Vec<StackChoice>,
    /// How much what is played may use.
    pub allowed: Allowed,
}

/// Why a pack cannot be looked at.
#[derive(Debug)]
pub enum NoReport {
    /// The folder cannot be read.
    Folder(LessonError),
    /// It is no pack.
    NoPack(String),
    /// A stack cannot be had here.
    Unavailable(Unavailable),
}

impl fmt::Display for NoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoReport::Folder(error) => error.fmt(f),
            NoReport::NoPack(folder) => {
                write!(f, "'{folder}' is no pack: it has no file {PACK_FILE}; 'vethlab dev new' makes a pack")
            }
            NoReport::Unavailable(unavailable) => unavailable.fmt(f),
        }
    }
}

impl std::error::Error for NoReport {}

impl From<Unavailable> for NoReport {
    fn from(unavailable: Unavailable) -> NoReport {
        NoReport::Unavailable(unavailable)
    }
}

/// How many files are played at once: on the kernel most of the time is spent waiting for what does not come.
const THREADS: usize = 4;

/// Looks at the pack that lies in a folder. Files are played at the same time; what is found does not depend on it.
///
/// Where the kernel is to be tried, open it once before: see [`stacks::open`](crate::stacks::open).
///
/// # Errors
/// There is no pack in the folder, or a stack cannot be had.
pub fn check(path: &Path, settings: &Settings) -> Result<Report, NoReport> {
    check_and_tell(path, settings, &|_| {})
}

/// The same, and tells which files are being played at each change.
///
/// # Errors
/// As [`check`].
pub fn check_and_tell(
    path: &Path,
    settings: &Settings,
    tell: &(dyn Fn(&Playing) + Sync),
) -> Result<Report, NoReport> {
    let folder = Folder { path, items: items(path).map_err(NoReport::Folder)? };
    if matches!(folder.items.get(PACK_FILE), None | Some(Item::Other)) {
        return Err(NoReport::NoPack(shown(path)));
    }
    let mut collector = Collector::new(settings.stacks.len() > 1);
    let parts = folder.parts(&mut collector);
    folder.names(&parts, &mut collector);
    let known = known(&folder, &parts);
    let mut ids = BTreeMap::new();
    for part in &parts {
        if let Some(id) = id(part.text)
            && let Some(other) = ids.insert(id.clone(), part.name)
        {
            let problem = format!("'{other}' has the id '{id}' already");
            let file = folder.file(part.name);
            collector.file(&file).add(Rule::Pack, 2, problem, "Give one of the two another 'id'");
        }
    }
    let mut report = Report { pack: path.display().to_string(), ..Report::default() };
    for (played, found) in play_all(&folder, &parts, &known, settings, tell)? {
        collector.join(found);
        report.lessons += played.lessons;
        report.exercises += played.exercises;
        report.notes.extend(played.notes);
        for (stack, count) in played.editions {
            *report.editions.entry(stack).or_default() += count;
        }
    }
    report.findings = collector.finish();
    Ok(report)
}

/// Plays the parts, several at a time; what came of each, in their order.
fn play_all(
    folder: &Folder<'_>,
    parts: &[Part<'_>],
    known: &Known,
    settings: &Settings,
    tell: &(dyn Fn(&Playing) + Sync),
) -> Result<Vec<(Report, Collector)>, Unavailable> {
    let board = Board::new(parts.len(), tell);
    let mut outcomes = BTreeMap::new();
    let work = |place, part: &Part<'_>| {
        let begin = |stack| board.begin(place, part.name, stack);
        let outcome = look_at(folder, part, known, settings, &begin);
        board.end(place);
        outcome
    };
    let take = |place, outcome| drop(outcomes.insert(place, outcome));
    workers::spread(parts, THREADS, || true, work, take);
    outcomes.into_values().collect()
}

/// Looks at one file.
fn look_at(
    folder: &Folder<'_>,
    part: &Part<'_>,
    known: &Known,
    settings: &Settings,
    begin: &dyn Fn(StackChoice),
) -> Result<(Report, Collector), Unavailable> {
    let file = folder.file(part.name);
    let (mut report, mut collector) = (Report::default(), Collector::new(settings.stacks.len() > 1));
    let mut notes = collector.file(&file);
    if let Ok(document) = markdown::parse(part.text) {
        prose::check(&document.pieces, known, &mut notes);
        exercise::empty_hints(&document.pieces, &mut notes);
    }
    play(part, &file, settings, begin, &mut notes, &mut report)?;
    Ok((report, collector))
}

/// What the texts of a pack may name: its own parts, and those of the packs inside this program.
fn known(folder: &Folder<'_>, parts: &[Part<'_>]) -> Known {
    let mut known = Known { files: folder.items.keys().cloned().collect(), ..Known::default() };
    let own = folder.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    for id in parts.iter().filter_map(|part| id(part.text)) {
        known.words.insert(format!("{own}/{id}"));
        known.words.insert(id);
    }
    known.lessons = parts.iter().filter(|part| part.kind == PartKind::Lesson).count();
    // That these can be read is proven by a test; where they could not, nothing else would work either.
    for pack in packs().unwrap_or_default() {
        known.lessons = known.lessons.max(pack.lessons.len());
        let lessons = pack.lessons.iter().map(|lesson| &lesson.id);
        for id in lessons.chain(pack.exercises.iter().map(|exercise| &exercise.id)) {
            known.words.insert(format!("{}/{id}", pack.id));
            known.words.insert(id.clone());
        }
    }
    known
}

/// The id that a file's front matter gives, whatever else is wrong with it.
fn id(text: &str) -> Option<String> {
    let table: toml::Table = toml::from_str(&markdown::parse(text).ok()?.front_matter).ok()?;
    table.get("id")?.as_str().map(str::to_owned)
}

/// A lesson or an exercise, read.
enum Playable {
    Lesson(Lesson, lesson::Class),
    Exercise(Exercise, exercise::Class),
}

impl Playable {
    fn read(part: &Part<'_>, file: &str) -> Result<Playable, LessonError> {
        Ok(match part.kind {
            PartKind::Lesson => Playable::Lesson(Lesson::read(file, part.text)?, lesson::Class::default()),
            PartKind::Exercise => {
                Playable::Exercise(Exercise::read(file, part.text)?, exercise::Class::default())
            }
        })
    }

    fn stacks(&self) -> &[StackChoice] {
        match self {
            Playable::Lesson(lesson, _) => &lesson.stacks,
            Playable::Exercise(exercise, _) => &exercise.stacks,
        }
    }

    fn varies(&self) -> bool {
        match self {
            Playable::Lesson(lesson, _) => lesson.varies(),
            Playable::Exercise(exercise, _) => exercise.varies(),
        }
    }

    /// Looks at what is the same in every edition.
    fn check(&self, notes: &mut Notes<'_>) {
        let (title, minutes) = match self {
            Playable::Lesson(lesson, _) => (&lesson.title, lesson.minutes),
            Playable::Exercise(exercise, _) => (&exercise.title, exercise.minutes),
        };
        if title.trim().is_empty() {
            notes.add(Rule::Empty, 2, "'title' is empty", "Write what 'vethlab list' is to show");
        }
        if minutes == 0 {
            notes.add(
                Rule::Empty,
                2,
                "'minutes' is 0",
                "Write how long it takes somebody who does it for the first time",
            );
        }
        if self.stacks().is_empty() {
            let fix = "Write 'stacks = [\"sim\", \"real\"]', or leave it out";
            notes.add(Rule::Empty, 2, "'stacks' is empty: it can be played nowhere", fix);
        }
        let checks = match self {
            Playable::Lesson(lesson, _) => {
                lesson.steps.iter().flat_map(|step| &step.checks).collect::<Vec<_>>()
            }
            Playable::Exercise(exercise, _) => exercise.task.checks.iter().collect(),
        };
        for check in checks.iter().filter(|check| check.say.trim().is_empty()) {
            notes.add(
                Rule::Empty,
                check.line_of("say"),
                "'say' is empty",
                "Write what must be true, in words",
            );
        }
        match self {
            Playable::Lesson(lesson, _) => lesson::check(lesson, notes),
            Playable::Exercise(exercise, _) => exercise::check(exercise, notes),
        }
    }

    /// Plays it in an edition.
    fn try_edition(
        &mut self,
        outline: &Outline,
        trial: Trial,
        notes: &mut Notes<'_>,
    ) -> Result<(), TryError> {
        match self {
            Playable::Lesson(lesson, class) => {
                class.try_edition(&lesson.in_edition(trial.edition)?, outline, trial, notes)?;
            }
            Playable::Exercise(exercise, class) => {
                class.try_edition(&exercise.in_edition(trial.edition)?, outline, trial, notes)?;
            }
        }
        Ok(())
    }
}

/// Why an edition was not played.
enum TryError {
    Format(LessonError),
    Unavailable(Unavailable),
}

impl From<LessonError> for TryError {
    fn from(error: LessonError) -> TryError {
        TryError::Format(error)
    }
}

impl From<Unavailable> for TryError {
    fn from(unavailable: Unavailable) -> TryError {
        TryError::Unavailable(unavailable)
    }
}

/// Looks at one file in all the editions that are to be tried.
fn play(
    part: &Part<'_>,
    file: &str,
    settings: &Settings,
    begin: &dyn Fn(StackChoice),
    notes: &mut Notes<'_>,
    report: &mut Report,
) -> Result<(), Unavailable> {
    match part.kind {
        PartKind::Lesson => report.lessons += 1,
        PartKind::Exercise => report.exercises += 1,
    }
    let mut playable = match Playable::read(part, file) {
        Ok(playable) => playable,
        Err(error) => {
            notes.add_error(Rule::Format, &error);
            return Ok(());
        }
    };
    playable.check(notes);
    let varies = playable.varies();
    let stacks: Vec<StackChoice> =
        settings.stacks.iter().copied().filter(|stack| playable.stacks().contains(stack)).collect();
    if stacks.is_empty() {
        report.notes.push(format!("{file} was not played: it is for none of the stacks that are tried"));
    }
    if matches!(&playable, Playable::Exercise(exercise, _) if exercise.handed_out) {
        report.notes.push(format!("{file} is a copy for students: there is no solution to try"));
    }
    let mut outlines = Vec::new();
    for (place, &stack) in stacks.iter().enumerate() {
        begin(stack);
        for seed in 0..seeds(settings, stack, varies) {
            let edition = Edition { seed, stack };
            let trial = Trial { edition, varies, allowed: settings.allowed };
            let outline = match Outline::read(part.text, edition) {
                Ok(outline) => outline,
                Err(error) => {
                    notes.add_in(
                        trial,
                        Rule::Format,
                        error.line,
                        &error.problem,
                        advice::fix(&error.problem),
                    );
                    continue;
                }
            };
            prose::widths(&outline.drawn, trial, notes);
            match playable.try_edition(&outline, trial, notes) {
                Ok(()) => *report.editions.entry(stack).or_default() += 1,
                Err(TryError::Unavailable(unavailable)) => return Err(unavailable),
                Err(TryError::Format(error)) => {
                    notes.add_in(
                        trial,
                        Rule::Format,
                        error.line,
                        &error.problem,
                        advice::fix(&error.problem),
                    );
                }
            }
            if place == 0 {
                outlines.push(outline);
            }
        }
    }
    variables::check(&outlines, notes);
    if let Playable::Exercise(_, class) = playable {
        class.finish(notes);
    }
    Ok(())
}

fn seeds(settings: &Settings, stack: StackChoice, varies: bool) -> u64 {
    match (varies, stack) {
        (false, _) => 1,
        (true, StackChoice::Sim) => settings.seeds,
        (true, StackChoice::Real) => settings.seeds.min(SEEDS_ON_REAL),
    }
}
