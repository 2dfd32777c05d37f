//! Who does an exercise, and which edition of it that gives.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// The longest id, in bytes.
const LONGEST: usize = 64;

/// The word that a school knows a student by: a login, a number, a mail address.
///
/// It goes into file names, tables and spreadsheets, so it holds nothing that means something there: letters and
/// digits of any script, and `.`, `_`, `-`, `@`, `+` behind the first one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StudentId(String);

/// Why a text is no student's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidStudent(String);

impl StudentId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What this student's edition of an exercise is drawn from: neighbours get different networks, and the same
    /// student the same one on every machine. It is the first eight bytes of SHA-256 over exercise and student.
    pub fn seed(&self, exercise: &str) -> u64 {
        let digest = Sha256::new().chain_update(exercise).chain_update([0]).chain_update(&self.0).finalize();
        digest.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte))
    }
}

impl FromStr for StudentId {
    type Err = InvalidStudent;

    fn from_str(text: &str) -> Result<StudentId, InvalidStudent> {
        let wrong = |problem: &str| Err(InvalidStudent(format!("{text:?} is no student's id: {problem}")));
        let mut characters = text.chars();
        match characters.next() {
            None => return Err(InvalidStudent("a student's id is a word, not empty".to_owned())),
            Some(first) if first.is_alphanumeric() => {}
            Some(_) => return wrong("it begins with a letter or a digit"),
        }
        if !characters.all(|c| c.is_alphanumeric() || "._-@+".contains(c)) {
            return wrong("it is made of letters, digits and . _ - @ +");
        }
        if text.len() > LONGEST {
            return Err(InvalidStudent(format!("a student's id has {LONGEST} bytes at most")));
        }
        Ok(StudentId(text.to_owned()))
    }
}

impl TryFrom<String> for StudentId {
    type Error = InvalidStudent;
    fn try_from(text: String) -> Result<StudentId, InvalidStudent> {
        text.parse()
    }
}

impl From<StudentId> for String {
    fn from(id: StudentId) -> String {
        id.0
    }
}

impl fmt::Display for StudentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for InvalidStudent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidStudent {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_words() {
        for id in ["ann", "7", "s123456", "ann.smith+net@example.org", "Zoë", "李雷"] {
            assert_eq!(id.parse::<StudentId>().expect(id).as_str(), id);
        }
        let long = "a".repeat(65);
        for id in
            ["", ".", "..", "../ann", "a/b", "a b", "-a", "=1+1", "@x", "a\u{1b}[31m", "a\n", "a\\b", &long]
        {
            id.parse::<StudentId>().expect_err(id);
        }
    }

    #[test]
    fn a_seed_is_the_same_everywhere_and_each_students_own() {
        let seed = |id: &str, exercise| id.parse::<StudentId>().expect("an id").seed(exercise);
        // The bytes of `printf 'two-namespaces\0ann' | sha256sum`; another value would change every exercise.
        assert_eq!(seed("ann", "two-namespaces"), EXPECTED);
        assert_ne!(seed("ann", "two-namespaces"), seed("bob", "two-namespaces"));
        assert_ne!(seed("ann", "two-namespaces"), seed("ann", "router"));
    }

    const EXPECTED: u64 = 0x5fbd_5f50_0d53_d399;
}
