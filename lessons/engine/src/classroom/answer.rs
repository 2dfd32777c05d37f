//! Answers: what a student hands in.
//!
//! An answer is a file of commands, one a line, as `vethlab run` takes it. One that vethlab wrote has a head of
//! comments that says whose it is and to which exercise. Nothing in it is believed: it is run again when it is graded.

use super::student::StudentId;
use crate::script;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt;

/// The format of answers that this program reads.
const FORMAT: &str = "# vethlab answer, format ";
/// The format that this program writes.
const VERSION: &str = "1";
/// The word that the seal stands behind.
const SEAL: &str = "# sha256: ";

/// The largest file that is taken for an answer, in bytes.
pub const MOST_BYTES: usize = 256 << 10;
/// The most commands of an answer.
pub(super) const MOST_COMMANDS: usize = 2000;
/// The longest command, in bytes.
pub(super) const LONGEST_COMMAND: usize = 4096;

/// What a student hands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whose it is and to what, where the file says so.
    pub head: Option<Head>,
    /// The commands, in order.
    pub commands: Vec<String>,
    /// Whether it was changed after vethlab wrote it. A file without a head was not.
    pub edited: bool,
}

/// What stands above the commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The exercise: pack and word, `linux-namespaces-exercises/router`.
    pub exercise: String,
    /// Its version.
    pub version: u32,
    /// Whose answer it is; `None` where it was made without a name.
    pub student: Option<StudentId>,
    /// How many hints were opened.
    pub hints: usize,
    /// What wrote it: `vethlab 0.1.0 on sim`.
    pub tool: String,
}

/// What stands at the end of [`Head::tool`] where commands came from a plain file.
const FROM_A_FILE: &str = "from a file";

impl Head {
    /// What writes an answer from a plain file of commands.
    pub fn tool_for_a_file() -> String {
        format!("vethlab {} {FROM_A_FILE}", env!("CARGO_PKG_VERSION"))
    }
}

impl Answer {
    /// How many hints were opened, as it says.
    pub fn hints(&self) -> usize {
        self.head.as_ref().map_or(0, |head| head.hints)
    }

    /// Whether it tells which hints were opened: commands from a plain file do not.
    pub fn tells_of_hints(&self) -> bool {
        self.head.as_ref().is_some_and(|head| head.hints > 0 || !head.tool.ends_with(FROM_A_FILE))
    }
}

/// A file that cannot be taken as an answer, in one line that says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoAnswer(pub String);

impl Answer {
    /// Reads an answer.
    ///
    /// # Errors
    /// It is too large, no text, or has a head that is none.
    pub fn parse(bytes: &[u8]) -> Result<Answer, NoAnswer> {
        let no = |problem: String| Err(NoAnswer(problem));
        if bytes.len() > MOST_BYTES {
            return no(format!("it is larger than {} KiB", MOST_BYTES >> 10));
        }
        let commands = script::commands(bytes).map_err(|error| NoAnswer(error.to_string()))?;
        // The bytes were text a moment ago.
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_start_matches('\u{feff}');
        let head = text.starts_with(FORMAT).then(|| Head::parse(text)).transpose()?;
        if commands.len() > MOST_COMMANDS {
            return no(format!("it has {} commands, more than {MOST_COMMANDS}", commands.len()));
        }
        if let Some(place) = commands.iter().position(|command| command.len() > LONGEST_COMMAND) {
            return no(format!("command {} is longer than {LONGEST_COMMAND} bytes", place + 1));
        }
        let sealed = text.lines().find_map(|line| line.strip_prefix(SEAL)).map(str::trim);
        let edited = head.is_some() && sealed != Some(seal(text).as_str());
        Ok(Answer { head, commands, edited })
    }
}

impl Head {
    /// The head of a file that has a good one.
    pub fn of(bytes: &[u8]) -> Option<Head> {
        let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}');
        text.starts_with(FORMAT).then(|| Head::parse(text).ok()).flatten()
    }

    /// Reads the lines of comments that an answer begins with, down to a bare `#`.
    fn parse(text: &str) -> Result<Head, NoAnswer> {
        let mut lines = (1..).zip(text.lines());
        let version = lines.next().and_then(|(_, line)| line.strip_prefix(FORMAT)).map(str::trim);
        if version != Some(VERSION) {
            let version = version.unwrap_or_default();
            return Err(NoAnswer(format!(
                "it is of format {version:?}, and this vethlab reads format {VERSION}: another version wrote it"
            )));
        }
        let (mut exercise, mut student, mut hints, mut tool) = (None, None, None, None);
        let mut keys = BTreeSet::new();
        for (number, line) in lines {
            let wrong = |problem: String| NoAnswer(format!("line {number}: {problem}"));
            let Some(rest) = line.strip_prefix('#') else { break };
            if rest.trim().is_empty() {
                break;
            }
            let Some((key, value)) = rest.trim().split_once(": ") else {
                return Err(wrong(format!("{:?} is no part of an answer's head", line.trim())));
            };
            if !keys.insert(key) {
                return Err(wrong(format!("{key:?} stands there twice")));
            }
            match key {
                "exercise" => {
                    let parts = value.split_once(", version ");
                    let parts =
                        parts.and_then(|(name, version)| Some((name.to_owned(), version.parse().ok()?)));
                    let problem = || wrong("write 'exercise: PACK/EXERCISE, version NUMBER'".to_owned());
                    exercise = Some(parts.ok_or_else(problem)?);
                }
                "student" => student = Some(value.parse().map_err(|error| wrong(format!("{error}")))?),
                "hints opened" => {
                    let number = value.parse::<usize>();
                    hints = Some(number.map_err(|_| wrong(format!("{value:?} is no number of hints")))?);
                }
                "written by" => tool = Some(value.to_owned()),
                "sha256" => {}
                _ => return Err(wrong(format!("{key:?} is no part of an answer's head"))),
            }
        }
        let missing = |what: &str| NoAnswer(format!("its head has no line '# {what}: …'"));
        let (exercise, version) = exercise.ok_or_else(|| missing("exercise"))?;
        let hints = hints.ok_or_else(|| missing("hints opened"))?;
        let tool = tool.ok_or_else(|| missing("written by"))?;
        Ok(Head { exercise, version, student, hints, tool })
    }
}

/// What a text is sealed with: SHA-256 over its lines but the seal's own, whatever ends them. It shows that a file was
/// changed by hand; it does not stop anybody who wants to.
fn seal(text: &str) -> String {
    let mut digest = Sha256::new();
    for line in text.lines().filter(|line| !line.starts_with(SEAL)) {
        digest.update(line);
        digest.update("\n");
    }
    hexadecimal(&digest.finalize())
}

/// The SHA-256 digest of these bytes, in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        if let Some(Head { exercise, version, student, hints, tool }) = &self.head {
            text.push_str(&format!("{FORMAT}{VERSION}\n# exercise: {exercise}, version {version}\n"));
            if let Some(student) = student {
                text.push_str(&format!("# student: {student}\n"));
            }
            text.push_str(&format!("# hints opened: {hints}\n# written by: {tool}\n#\n"));
        }
        for command in &self.commands {
            text.push_str(command);
            text.push('\n');
        }
        // One that was edited stays so: without a seal.
        if self.head.is_some() && !self.edited {
            let seal = format!("{SEAL}{}\n#\n", seal(&text));
            // Above the bare '#' that ends the head.
            text = text.replacen("#\n", &seal, 1);
        }
        f.write_str(&text)
    }
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoAnswer {}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Answer {
        let head = Head {
            exercise: "p/one".to_owned(),
            version: 3,
            student: Some("ann".parse().expect("an id")),
            hints: 1,
            tool: "vethlab 0.1.0 on sim".to_owned(),
        };
        let commands = ["ip netns add red", "ping -c 1 127.0.0.1 # why not"].map(str::to_owned).to_vec();
        Answer { head: Some(head), commands, edited: false }
    }

    #[test]
    fn what_is_written_is_read() {
        let text = answer().to_string();
        assert_eq!(Answer::parse(text.as_bytes()), Ok(answer()), "{text}");
        assert_eq!(text.lines().count(), 9, "{text}");
        assert_eq!(script::commands(text.as_bytes()).expect("text"), answer().commands);
        let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        assert_eq!(Answer::parse(windows.as_bytes()), Ok(answer()));
    }

    #[test]
    fn a_change_by_hand_is_seen() {
        let text = answer().to_string();
        for (from, to) in
            [("add red", "add blue"), ("opened: 1", "opened: 0"), ("ann", "bob"), ("sha256: ", "sha256: 0")]
        {
            let changed = Answer::parse(text.replacen(from, to, 1).as_bytes()).expect(to);
            assert!(changed.edited, "{to}");
            assert_eq!(Answer::parse(changed.to_string().as_bytes()), Ok(changed), "{to}: it stays so");
        }
        let without: String =
            text.lines().filter(|line| !line.starts_with(SEAL)).map(|l| format!("{l}\n")).collect();
        assert!(Answer::parse(without.as_bytes()).expect("an answer").edited);
    }

    #[test]
    fn a_plain_file_is_an_answer_too() {
        let plain = Answer::parse(b"# mine\nip link\n").expect("commands");
        assert_eq!(plain, Answer { head: None, commands: vec!["ip link".to_owned()], edited: false });
        assert_eq!(plain.to_string(), "ip link\n");
    }

    #[test]
    fn what_is_no_answer_says_why() {
        let text = answer().to_string();
        let replaced = |from: &str, to: &str| text.replacen(from, to, 1).into_bytes();
        let long = format!("echo {}\n", "a".repeat(LONGEST_COMMAND));
        for (bytes, words) in [
            (replaced("format 1", "format 9"), "of format \"9\""),
            (replaced(", version 3", ""), "line 2: write 'exercise: PACK/EXERCISE, version NUMBER'"),
            (replaced("student: ann", "student: ../ann"), "line 3: \"../ann\" is no student's id"),
            (replaced("hints opened: 1", "hints opened: few"), "line 4: \"few\" is no number"),
            (replaced("hints opened: 1", "points: 99"), "line 4: \"points\" is no part"),
            (replaced("# hints opened: 1\n", ""), "no line '# hints opened"),
            (
                replaced("# written by", "# hints opened: 0\n# written by"),
                "line 5: \"hints opened\" stands there twice",
            ),
            (replaced("# hints", "# student: bob\n# hints"), "line 4: \"student\" stands there twice"),
            (replaced("# written by", "# by"), "\"by\" is no part"),
            (b"ip link\n\xff".to_vec(), "line 2 is not UTF-8"),
            (b"ip link\n".repeat(MOST_COMMANDS + 1), "2001 commands"),
            (b"# \n".repeat(MOST_BYTES), "larger than 256 KiB"),
            (long.into_bytes(), "command 1 is longer than 4096 bytes"),
        ] {
            let error = Answer::parse(&bytes).expect_err(words);
            assert!(error.0.contains(words), "{error}");
        }
    }
}
