//! A pack to begin with: small, good, and with comments that say what is what.

use std::fmt;

const LESSON: (&str, &str) = ("first-lesson.md", include_str!("template/lesson.md"));
const EXERCISE: (&str, &str) = ("first-exercise.md", include_str!("template/exercise.md"));

/// What a new pack is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// A lesson.
    pub lesson: bool,
    /// An exercise.
    pub exercise: bool,
}

/// Why a text cannot be the id of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidName(String);

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let InvalidName(name) = self;
        write!(f, "{name:?} cannot name a pack: use small letters, digits and '-', such as 'my-pack'")
    }
}

impl std::error::Error for InvalidName {}

/// The files of a new pack, each with its text.
///
/// # Errors
/// The name cannot be a pack's.
pub fn new_pack(name: &str, contents: Contents) -> Result<Vec<(&'static str, String)>, InvalidName> {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()) || !name.chars().all(is_word)
    {
        return Err(InvalidName(name.to_owned()));
    }
    let mut about = format!(
        "# What this pack consists of. All keys are described in lessons/packs/FORMAT.md of vethlab.\n\
         format = 1                      # of packs\n\
         id = \"{name}\"\n\
         title = \"A pack to begin with\"  # 'vethlab list' shows title and about\n\
         about = \"One sentence: what one learns.\"\n"
    );
    let mut files = Vec::new();
    for (wanted, key, (file, text)) in
        [(contents.lesson, "lessons", LESSON), (contents.exercise, "exercises", EXERCISE)]
    {
        if wanted {
            about.push_str(&format!("{key} = [\n    \"{file}\",\n]\n"));
            files.push((file, text.to_owned()));
        }
    }
    files.insert(0, ("pack.toml", about));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_is_named_by_a_word() {
        let both = Contents { lesson: true, exercise: true };
        for name in ["", "-a", "A", "a b", "a/b", "..", "a.b"] {
            assert_eq!(new_pack(name, both), Err(InvalidName(name.to_owned())));
        }
        let names: Vec<_> =
            new_pack("my-pack", both).expect("a name").into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["pack.toml", "first-lesson.md", "first-exercise.md"]);
    }
}
