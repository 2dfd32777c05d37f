//! A pack: a folder of lessons and exercises that belong together.

use super::{Edition, Exercise, Lesson, LessonError, parse};
use crate::output::reason;
use include_dir::{Dir, include_dir};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use toml::Spanned;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/packs");

/// The format of packs that this program reads.
const FORMAT: u32 = 1;

/// The largest file of a pack, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// Lessons and exercises that belong together.
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
    /// Its exercises, in order.
    pub exercises: Vec<Exercise>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackFile {
    format: Spanned<u32>,
    id: String,
    title: String,
    about: String,
    #[serde(default)]
    lessons: Vec<Spanned<String>>,
    #[serde(default)]
    exercises: Vec<Spanned<String>>,
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
        let mut ids = BTreeSet::new();
        let read = |name: &Spanned<String>| {
            let text = file(name.get_ref()).ok_or_else(|| {
                let problem = format!("there is no file '{}' in this folder", name.get_ref());
                in_pack(LessonError::at(line(name.span().start), problem))
            })?;
            Ok((path(name.get_ref()), text))
        };
        let mut lessons: Vec<Lesson> = Vec::new();
        for name in &pack.lessons {
            let (path, text) = read(name)?;
            let mut lesson = parse::lesson(text, Edition::default()).map_err(|error| error.in_file(&path))?;
            lesson.source.file.clone_from(&path);
            only_one(&lesson.id, &path, &mut ids)?;
            lessons.push(lesson);
        }
        let mut exercises: Vec<Exercise> = Vec::new();
        for name in &pack.exercises {
            let (path, text) = read(name)?;
            let exercise = Exercise::parse(text, Edition::default()).map_err(|error| error.in_file(&path))?;
            only_one(&exercise.id, &path, &mut ids)?;
            exercises.push(exercise.in_file(&path));
        }
        Ok(Pack { id: pack.id, title: pack.title, about: pack.about, lessons, exercises })
    }
}

/// Notes the word of a lesson or an exercise, which no other has.
fn only_one(id: &str, file: &str, ids: &mut BTreeSet<String>) -> Result<(), LessonError> {
    if ids.insert(id.to_owned()) {
        return Ok(());
    }
    let problem = format!("another lesson or exercise has the id '{id}' already");
    Err(LessonError::at(1, problem).in_file(file))
}

impl Pack {
    /// Reads a pack that lies in a folder. It is data, and may be a stranger's: links are not followed, only files of the
    /// folder itself are read, and what is in them is plain text, which can do nothing to a terminal.
    ///
    /// # Errors
    /// A file cannot be read or used: which, where, and what to do about it.
    pub fn read(folder: &Path) -> Result<Pack, LessonError> {
        let name = folder.display().to_string();
        let files = texts(folder)?;
        Pack::load(&name, |file| files.get(file).map(String::as_str))
    }
}

/// The files of a pack that can be its parts, by name.
///
/// # Errors
/// The folder or a file cannot be read, or a file is no plain text.
pub fn texts(folder: &Path) -> Result<BTreeMap<String, String>, LessonError> {
    let cannot = |path: &Path, error: &io::Error| {
        LessonError::at(0, format_args!("it cannot be read: {}", reason(error)))
            .in_file(&path.display().to_string())
    };
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(|error| cannot(folder, &error))? {
        let entry = entry.map_err(|error| cannot(folder, &error))?;
        let path = entry.path();
        let is_part = path.extension().is_some_and(|ending| ending == "md" || ending == "toml");
        let kind = entry.file_type().map_err(|error| cannot(&path, &error))?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if !is_part || !kind.is_file() || name.starts_with('.') {
            continue;
        }
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes));
        read.map_err(|error| cannot(&path, &error))?;
        let text = plain_text(bytes).map_err(|error| error.in_file(&path.display().to_string()))?;
        texts.insert(name, text);
    }
    Ok(texts)
}

/// Bytes as text without characters that a terminal would act on.
fn plain_text(bytes: Vec<u8>) -> Result<String, LessonError> {
    if bytes.len() as u64 > MOST_BYTES {
        return Err(LessonError::at(0, format_args!("it is larger than {} KiB", MOST_BYTES >> 10)));
    }
    let line = |before: usize, text: &[u8]| 1 + text[..before].iter().filter(|byte| **byte == b'\n').count();
    let text = String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        LessonError::at(line(place, error.as_bytes()), "it is not UTF-8 text from here on")
    })?;
    let acts = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    match text.find(acts) {
        None => Ok(text),
        Some(place) => {
            let line = line(place, text.as_bytes());
            let character = text[place..].chars().next().unwrap_or_default();
            let problem =
                format!("there is a control character ({}): take it out", character.escape_unicode());
            Err(LessonError::at(line, problem))
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    const LESSON: &str = "---\nid = \"one\"\ntitle = \"One\"\nminutes = 1\n---\n## Step\nText.\n";
    const PACK: &str = "format = 1\nid = \"p\"\ntitle = \"P\"\nabout = \"A\"\nlessons = [\n\"1.md\",\n]\n";

    fn load(pack: &str) -> Result<Pack, String> {
        let texts = [
            ("pack.toml", pack.to_owned()),
            ("1.md", LESSON.to_owned()),
            ("2.md", LESSON.to_owned()),
            ("bad.md", LESSON.replace("minutes = 1", "minutes = no")),
        ];
        let find = |name: &str| texts.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str());
        Pack::load("p", find).map_err(|error| error.to_string())
    }

    #[test]
    fn a_pack_is_read() {
        let pack = load(PACK).expect("a good pack");
        assert_eq!((pack.id.as_str(), pack.lessons.len()), ("p", 1));
    }

    #[test]
    fn what_is_wrong_is_said_with_file_and_line() {
        for (from, to, words) in [
            ("format = 1", "format = 2", "p/pack.toml:1: this vethlab reads format 1"),
            ("about", "abuot", "p/pack.toml:4: unknown field `abuot`"),
            ("1.md", "3.md", "p/pack.toml:6: there is no file '3.md'"),
            ("\"1.md\"", "\"1.md\", \"2.md\"", "p/2.md:1: another lesson or exercise has the id 'one'"),
            ("1.md", "bad.md", "p/bad.md:4: "),
        ] {
            let error = load(&PACK.replacen(from, to, 1)).expect_err(to);
            assert!(error.starts_with(words), "{error}");
        }
    }

    #[test]
    fn the_packs_of_this_program_are_good() {
        assert!(!packs().expect("good packs").is_empty());
    }
}
