//! A pack: a folder of lessons and exercises that belong together.

use super::error::LineEnds;
use super::{Exercise, Lesson, LessonError, data};
use serde::Deserialize;
use std::collections::BTreeSet;
use toml::Spanned;

/// The format of packs that this program reads.
const FORMAT: u32 = 1;

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

/// The name of the file that tells what a pack consists of.
pub const PACK_FILE: &str = "pack.toml";

/// What that file says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    format: Spanned<u32>,
    id: Spanned<String>,
    title: Spanned<String>,
    about: Spanned<String>,
    #[serde(default)]
    lessons: Vec<Spanned<String>>,
    #[serde(default)]
    exercises: Vec<Spanned<String>>,
}

/// A text and the line that it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lined {
    /// Counted from 1.
    pub line: usize,
    /// The text.
    pub text: String,
}

/// What a pack's own file says, with lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackFile {
    /// The name of the pack.
    pub id: Lined,
    /// Its title.
    pub title: Lined,
    /// What it is about.
    pub about: Lined,
    /// Names of files.
    pub lessons: Vec<Lined>,
    /// Names of files.
    pub exercises: Vec<Lined>,
}

impl PackFile {
    /// Reads it; errors do not name the file yet.
    pub fn parse(text: &str) -> Result<PackFile, LessonError> {
        let Table { format, id, title, about, lessons, exercises } = data::read(1, text)?;
        let ends = LineEnds::of(text);
        let line = |place: usize| 1 + ends.before(place);
        let lined = |text: Spanned<String>| Lined { line: line(text.span().start), text: text.into_inner() };
        if *format.get_ref() != FORMAT {
            let problem = format!("this vethlab reads format {FORMAT} of packs");
            return Err(LessonError::at(line(format.span().start), problem));
        }
        Ok(PackFile {
            id: lined(id),
            title: lined(title),
            about: lined(about),
            lessons: lessons.into_iter().map(lined).collect(),
            exercises: exercises.into_iter().map(lined).collect(),
        })
    }
}

impl Pack {
    /// Reads a pack. `file` gives the text of a file of the pack's folder.
    ///
    /// # Errors
    /// A file is missing or cannot be used: which, where, and what to do about it.
    pub fn load<'a>(folder: &str, file: impl Fn(&str) -> Option<&'a str>) -> Result<Pack, LessonError> {
        let path = |name: &str| format!("{folder}/{name}");
        let in_pack = |error: LessonError| error.in_file(&path(PACK_FILE));
        let text = file(PACK_FILE).ok_or_else(|| in_pack(LessonError::at(1, "a pack needs this file")))?;
        let pack = PackFile::parse(text).map_err(in_pack)?;
        // It becomes a part of the paths that a learner's work is kept in.
        if !is_word(&pack.id.text) {
            let problem = format!("'id' is made of small letters, digits and '-', {LONGEST_WORD} at most");
            return Err(in_pack(LessonError::at(pack.id.line, problem)));
        }
        let mut ids = BTreeSet::new();
        let read = |name: &Lined| {
            let text = file(&name.text).ok_or_else(|| {
                let problem = format!("there is no file '{}' in this folder", name.text);
                in_pack(LessonError::at(name.line, problem))
            })?;
            Ok((path(&name.text), text))
        };
        let mut lessons: Vec<Lesson> = Vec::new();
        for name in &pack.lessons {
            let (path, text) = read(name)?;
            let lesson = Lesson::read(&path, text)?;
            only_one(&lesson.id, &path, &mut ids)?;
            lessons.push(lesson);
        }
        let mut exercises: Vec<Exercise> = Vec::new();
        for name in &pack.exercises {
            let (path, text) = read(name)?;
            let exercise = Exercise::read(&path, text)?;
            only_one(&exercise.id, &path, &mut ids)?;
            exercises.push(exercise);
        }
        let (id, title, about) = (pack.id.text, pack.title.text, pack.about.text);
        Ok(Pack { id, title, about, lessons, exercises })
    }
}

/// The longest `id`, in characters. It stands in names of files and in columns.
pub const LONGEST_WORD: usize = 64;

/// Whether a text can be the `id` of a pack, a lesson, an exercise or a check.
pub fn is_word(text: &str) -> bool {
    (1..=LONGEST_WORD).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Notes the word of a lesson or an exercise, which no other has.
pub fn only_one(id: &str, file: &str, ids: &mut BTreeSet<String>) -> Result<(), LessonError> {
    if ids.insert(id.to_owned()) {
        return Ok(());
    }
    let problem = format!("another lesson or exercise has the id '{id}' already");
    Err(LessonError::at(1, problem).in_file(file))
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
    fn a_word_has_a_bound() {
        assert!(is_word(&"a".repeat(LONGEST_WORD)) && !is_word(&"a".repeat(LONGEST_WORD + 1)));
        let long = LESSON.replace("\"one\"", &format!("\"{}\"", "e".repeat(70_000)));
        let file = |name: &str| (name == "pack.toml").then_some(PACK).or(Some(long.as_str()));
        let error = Pack::load("p", file).expect_err("a word too long").to_string();
        assert!(error.starts_with("p/1.md:2: 'id' is made of small letters") && error.len() < 200, "{error}");
    }

    #[test]
    fn what_is_wrong_is_said_with_file_and_line() {
        for (from, to, words) in [
            ("format = 1", "format = 2", "p/pack.toml:1: this vethlab reads format 1"),
            ("id = \"p\"", "id = \"../p\"", "p/pack.toml:2: 'id' is made of small letters"),
            ("id = \"p\"", &format!("id = \"{}\"", "p".repeat(65)), "p/pack.toml:2: 'id' is made of"),
            ("about", "abuot", "p/pack.toml:4: unknown field `abuot`"),
            ("1.md", "3.md", "p/pack.toml:6: there is no file '3.md'"),
            ("\"1.md\"", "\"1.md\", \"2.md\"", "p/2.md:1: another lesson or exercise has the id 'one'"),
            ("1.md", "bad.md", "p/bad.md:4: "),
        ] {
            let error = load(&PACK.replacen(from, to, 1)).expect_err(to);
            assert!(error.starts_with(words), "{error}");
        }
    }
}
