//! A pack: a folder of lessons that belong together.

use super::{Lesson, LessonError, parse};
use include_dir::{Dir, include_dir};
use serde::Deserialize;
use std::collections::BTreeSet;
use toml::Spanned;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/packs");

/// The format of packs that this program reads.
const FORMAT: u32 = 1;

/// Lessons that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Pack {
    /// The name of the pack's folder.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it is about, in a sentence.
    pub about: String,
    /// Its lessons, in order.
    pub lessons: Vec<Lesson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackFile {
    format: Spanned<u32>,
    id: String,
    title: String,
    about: String,
    lessons: Vec<Spanned<String>>,
}

impl Pack {
    /// Reads a pack. `file` gives the text of a file of the pack's folder.
    ///
    /// # Errors
    /// A file is missing or cannot be used: which, where, and what to do about it.
    pub fn load<'a>(folder: &str, file: impl Fn(&str) -> Option<&'a str>) -> Result<Pack, LessonError> {
        const NAME: &str = "pack.toml";
        let path = |name: &str| format!("{folder}/{name}");
        let in_pack = |error: LessonError| error.in_file(&path(NAME));
        let text = file(NAME).ok_or_else(|| in_pack(LessonError::at(1, "a pack needs this file")))?;
        let pack: PackFile =
            toml::from_str(text).map_err(|error| in_pack(LessonError::toml(1, text, &error)))?;
        let line = |place: usize| 1 + super::error::line_breaks(text, place);
        if *pack.format.get_ref() != FORMAT {
            let problem = format!("this vethlab reads format {FORMAT} of packs");
            return Err(in_pack(LessonError::at(line(pack.format.span().start), problem)));
        }
        let mut lessons: Vec<Lesson> = Vec::new();
        let mut ids = BTreeSet::new();
        for name in &pack.lessons {
            let text = file(name.get_ref()).ok_or_else(|| {
                let problem = format!("there is no file '{}' in this folder", name.get_ref());
                in_pack(LessonError::at(line(name.span().start), problem))
            })?;
            let in_file = |error: LessonError| error.in_file(&path(name.get_ref()));
            let lesson = parse::lesson(text).map_err(in_file)?;
            if !ids.insert(lesson.id.clone()) {
                let problem = format!("another lesson has the id '{}' already", lesson.id);
                return Err(in_file(LessonError::at(1, problem)));
            }
            lessons.push(lesson);
        }
        Ok(Pack { id: pack.id, title: pack.title, about: pack.about, lessons })
    }
}

/// The packs inside this program.
///
/// # Errors
/// One of their files cannot be used.
pub fn packs() -> Result<Vec<Pack>, LessonError> {
    let load = |folder: &Dir<'static>| {
        let file = |name: &str| folder.get_file(folder.path().join(name))?.contents_utf8();
        Pack::load(&folder.path().display().to_string(), file)
    };
    EMBEDDED.dirs().map(load).collect()
}
