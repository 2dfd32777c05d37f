//! What a list tells of packs. It is had without reading the lessons and exercises themselves, where their files are
//! known to be good.

use super::markdown::{self, Content, FRONT_MATTER_LINE, Piece};
use super::pack::{PACK_FILE, PackFile};
use super::{Exercise, Lesson, LessonError, Pack, data};
use serde::Deserialize;

/// A pack, as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The name of the pack's folder.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it is about, in a sentence.
    pub about: String,
    /// Its lessons, in order.
    pub lessons: Vec<ListedLesson>,
    /// Its exercises, in order.
    pub exercises: Vec<ListedExercise>,
}

/// A lesson, as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedLesson {
    /// The word that starts it.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// How many steps it has.
    pub steps: usize,
}

/// What the list says of an exercise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedExercise {
    /// The word that starts it.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// What all checks together are worth.
    pub points: u32,
}

impl From<&Pack> for Listing {
    fn from(pack: &Pack) -> Listing {
        let lesson = |lesson: &Lesson| ListedLesson {
            id: lesson.id.clone(),
            title: lesson.title.clone(),
            minutes: lesson.minutes,
            steps: lesson.steps.len(),
        };
        let exercise = |exercise: &Exercise| ListedExercise {
            id: exercise.id.clone(),
            title: exercise.title.clone(),
            minutes: exercise.minutes,
            points: exercise.points(),
        };
        Listing {
            id: pack.id.clone(),
            title: pack.title.clone(),
            about: pack.about.clone(),
            lessons: pack.lessons.iter().map(lesson).collect(),
            exercises: pack.exercises.iter().map(exercise).collect(),
        }
    }
}

/// The lines of a front matter that a list tells of.
#[derive(Deserialize)]
struct Head {
    id: String,
    title: String,
    minutes: u32,
}

impl Listing {
    /// Skims a pack that is known to be good. `file` gives the text of a file of the pack's folder.
    ///
    /// # Errors
    /// A file is missing, or not even its head can be read.
    pub fn skim<'a>(folder: &str, file: impl Fn(&str) -> Option<&'a str>) -> Result<Listing, LessonError> {
        let in_file = |name: &str, error: LessonError| error.in_file(&format!("{folder}/{name}"));
        let text =
            |name: &str| file(name).ok_or_else(|| in_file(name, LessonError::at(0, "this file is missing")));
        let PackFile { id, title, about, lessons, exercises } =
            PackFile::parse(text(PACK_FILE)?).map_err(|error| in_file(PACK_FILE, error))?;
        let skimmed = |name: &str| skim(text(name)?).map_err(|error| in_file(name, error));
        let lesson = |name: &str| {
            let (Head { id, title, minutes }, pieces) = skimmed(name)?;
            let steps = pieces.iter().filter(|piece| matches!(piece.content, Content::Heading(_))).count();
            Ok(ListedLesson { id, title, minutes, steps })
        };
        let exercise = |name: &str| {
            let (Head { id, title, minutes }, pieces) = skimmed(name)?;
            let points = pieces.iter().map(|piece| points(&piece.content)).sum();
            Ok(ListedExercise { id, title, minutes, points })
        };
        Ok(Listing {
            id: id.text,
            title: title.text,
            about: about.text,
            lessons: lessons.iter().map(|name| lesson(&name.text)).collect::<Result<_, LessonError>>()?,
            exercises: exercises
                .iter()
                .map(|name| exercise(&name.text))
                .collect::<Result<_, LessonError>>()?,
        })
    }
}

/// What stands above the tables of the front matter, and the pieces below it.
fn skim(text: &str) -> Result<(Head, Vec<Piece<&str>>), LessonError> {
    let document = markdown::borrowed(text)?;
    let head = document.front_matter.split("\n[").next().unwrap_or_default();
    Ok((data::read(FRONT_MATTER_LINE, head)?, document.pieces))
}

/// What the checks of a block are worth, by its lines.
fn points(content: &Content<&str>) -> u32 {
    let Content::Fence { info, body } = content else { return 0 };
    let mut words = info.split_whitespace();
    if (words.next(), words.next()) != (Some("vethlab"), Some("check"))
        || !matches!((words.next(), words.next()), (None | Some("sim"), None))
    {
        return 0;
    }
    let worth = |check: &str| {
        let value = |key| check.lines().find_map(|line| line.strip_prefix(key)?.trim().strip_prefix('='));
        match value("optional").map(str::trim) {
            Some("true") => 0,
            _ => value("points").and_then(|points| points.trim().parse().ok()).unwrap_or(1),
        }
    };
    body.split("[[check]]").skip(1).map(worth).sum()
}
