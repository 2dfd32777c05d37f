//! Files of commands: one command a line.

use crate::compare::Entry;
use crate::history;
use std::borrow::Cow;
use std::fmt;
use vethlab_programs::session::{Outcome, Session};
use vethlab_programs::{self as programs, Hindsight, Transcript};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::words;

/// Takes a script apart into its commands, in order, each without the white space around it. What begins in one line and
/// ends in another, such as a loop, a function or a here-document, is one command.
///
/// Blank lines and lines that hold only a comment give nothing. A backslash at the end of a line joins it
/// with the next, as in a shell. Lines may end as on Windows.
///
/// # Errors
/// The bytes are not UTF-8, or a zero byte is among them, which no text has.
pub fn commands(bytes: &[u8]) -> Result<Vec<String>, NotText> {
    let text = std::str::from_utf8(bytes).map_err(|error| NotText::at(&bytes[..error.valid_up_to()]))?;
    if let Some(place) = text.find('\0') {
        return Err(NotText::at(&bytes[..place]));
    }
    let mut commands = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = unmarked(line);
        let mut command = Cow::Borrowed(line);
        let (mut scan, mut last) = (Scan::default(), line);
        while scan.goes_on(last) {
            let joined = command.to_mut();
            joined.pop();
            let Some(next) = lines.next() else { break };
            joined.push_str(next);
            last = next;
        }
        let command = unmarked(words::trim(&command));
        if words::is_blank(command) {
            continue;
        }
        let mut command = command.to_owned();
        let rest = lines.clone();
        if !completed(&mut command, &mut lines) {
            // Nothing completes it: it stands alone, and the prompt says what is wrong with it.
            command.truncate(command.find('\n').unwrap_or(command.len()));
            lines = rest;
        }
        commands.push(command);
    }
    // With its last line the shell of a script ends; where that does something, it is a command.
    if commands.iter().any(|command| command.starts_with("trap ")) {
        commands.push("exit".to_owned());
    }
    Ok(commands)
}

/// How many bytes are taken apart at the most to find where a command ends.
const MOST_LOOKED_AT: usize = 16 << 20;

/// Adds the lines that a command goes on in: whether it has an end.
fn completed(command: &mut String, lines: &mut std::str::Lines<'_>) -> bool {
    let mut looked_at = 0;
    let mut may_end = true;
    loop {
        if may_end {
            looked_at += command.len();
            if programs::is_complete(command) {
                return true;
            }
        }
        let Some(line) = lines.next() else { return false };
        if looked_at > MOST_LOOKED_AT || command.len() + line.len() > words::LONGEST {
            return false;
        }
        command.push('\n');
        command.push_str(line.trim_end_matches('\r'));
        may_end = may_close(line);
    }
}

/// Whether something that was begun before may end in this line: a compound command, a quote, or a here-document.
fn may_close(line: &str) -> bool {
    let words = ["fi", "done", "esac"];
    line.contains(['}', ')', '\'', '"', '`'])
        || words.iter().any(|word| line.contains(word))
        || !line.trim().contains([' ', '\t'])
}

/// The most that any of the commands asks of the time before it, or to go back to. Where that is nothing, a run needs
/// to keep no more than the present.
pub fn hindsight(commands: &[String]) -> Hindsight {
    let of_command = |command: &String| {
        let asked = programs::hindsight_of(command);
        if history::is_about_time(command) { asked.max(Hindsight::Journal) } else { asked }
    };
    commands.iter().map(of_command).max().unwrap_or_default()
}

/// Runs commands one after another until the last, or until `exit` leaves the outermost shell.
pub fn play(commands: &[String], stack: &mut dyn NetworkStack) -> Vec<Entry> {
    let mut session = Session::new();
    let mut entries = Vec::new();
    for command in commands {
        let (outcome, entry) = record(command, &mut session, stack);
        entries.extend(entry);
        if matches!(outcome, Outcome::Exit(_)) {
            break;
        }
    }
    entries
}

/// Runs one command and keeps what it did; a blank line does nothing.
pub fn record(
    command: &str,
    session: &mut Session,
    stack: &mut dyn NetworkStack,
) -> (Outcome, Option<Entry>) {
    let mut transcript = Transcript::default();
    let outcome = session.execute(command, stack, &mut transcript);
    (outcome, entry(command, outcome, transcript))
}

/// What a command did, where there was anything to do.
pub fn entry(command: &str, outcome: Outcome, transcript: Transcript) -> Option<Entry> {
    match outcome {
        Outcome::Nothing => None,
        Outcome::Ran(status) | Outcome::Exit(status) => {
            Some(Entry::new(words::trim(command), status, transcript))
        }
    }
}

/// A line without the mark that some editors begin UTF-8 with: where files were put together, it stands before any line.
fn unmarked(line: &str) -> &str {
    line.trim_start_matches(['\u{feff}', ' ', '\t', '\r'])
}

/// Where a shell is within a command that may go on in the next line.
struct Scan {
    quote: Option<char>,
    between_words: bool,
    in_comment: bool,
}

impl Default for Scan {
    fn default() -> Scan {
        Scan { quote: None, between_words: true, in_comment: false }
    }
}

impl Scan {
    /// Takes in a further line of the command: whether it ends with a backslash that a shell would take as "goes on":
    /// outside single quotes and comments, and not itself behind a backslash. That backslash is none of the command.
    fn goes_on(&mut self, line: &str) -> bool {
        if self.in_comment || !line.ends_with('\\') {
            return false;
        }
        let mut characters = line.chars();
        while let Some(character) = characters.next() {
            match (self.quote, character) {
                (Some('\''), '\'') | (Some('"'), '"') => self.quote = None,
                (Some('\''), _) => {}
                (None, '\'' | '"') => self.quote = Some(character),
                (None, '#') if self.between_words => {
                    self.in_comment = true;
                    return false;
                }
                (_, '\\') => {
                    let Some(_) = characters.next() else { return true };
                }
                _ => {}
            }
            self.between_words = self.quote.is_none() && matches!(character, ' ' | '\t');
        }
        false
    }
}

/// The bytes of a script are not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotText {
    /// The line that the first bad byte is in, from 1.
    pub line: usize,
}

impl NotText {
    fn at(before: &[u8]) -> NotText {
        NotText { line: 1 + before.iter().filter(|&&byte| byte == b'\n').count() }
    }
}

impl fmt::Display for NotText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} is not UTF-8 text: is it a file of commands?", self.line)
    }
}

impl std::error::Error for NotText {}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Vec<String> {
        commands(text.as_bytes()).expect("text")
    }

    #[test]
    fn blank_lines_and_comments_give_nothing() {
        assert_eq!(parse("\n# a 'comment\n  ip link  \n\t\nip addr # all\n"), ["ip link", "ip addr # all"]);
        assert!(parse("").is_empty());
    }

    #[test]
    fn windows_line_ends_and_byte_order_marks_are_taken() {
        assert_eq!(parse("\u{feff}ip link\r\n\r\nip addr\r\n"), ["ip link", "ip addr"]);
        assert_eq!(parse("ip link\n\r\u{feff}\r# two\n\\\n\u{feff}ip addr\n"), ["ip link", "ip addr"]);
    }

    #[test]
    fn a_backslash_joins_lines() {
        assert_eq!(parse("ip link \\\nshow\nip \\\r\naddr"), ["ip link show", "ip addr"]);
        assert_eq!(parse("ip a \\"), ["ip a"]);
        assert_eq!(parse("# no \\\nip a"), ["ip a"]);
        assert_eq!(parse("a \\\\\nb"), ["a \\\\", "b"]);
        assert_eq!(parse("a '\\'\nb"), ["a '\\'", "b"]);
        assert_eq!(parse("a \\  \nb"), ["a \\ ", "b"], "a blank behind a backslash is a word");
        assert_eq!(parse("a\u{a0}#\\\nb"), ["a\u{a0}#b"], "no blank to a shell, so no comment");
    }

    #[test]
    fn what_cannot_be_split_stays_for_the_prompt_to_complain_about() {
        assert_eq!(parse("echo 'open"), ["echo 'open"]);
    }

    #[test]
    fn who_looks_back_is_found_wherever_it_stands() {
        let most = |line: &str| hindsight(&["ip link".to_owned(), line.to_owned(), "true".to_owned()]);
        for line in ["why --json", "ip netns exec red w'hy'", "ip -all netns exec why"] {
            assert_eq!(most(line), Hindsight::StackBeside, "{line}");
        }
        for line in ["packets &", "undo", "step ip link", "map", "ip -n red netns exec a packet 3"] {
            assert_eq!(most(line), Hindsight::Journal, "{line}");
        }
        for line in ["ip netns exec red ping -c 1 10.0.0.1", "tcpdump -c 1 &", "echo 'open", "# why"] {
            assert_eq!(most(line), Hindsight::Nothing, "{line}");
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_found() {
        assert_eq!(commands(b"ip link\nip \xff\n"), Err(NotText { line: 2 }));
        assert_eq!(commands(b"ip link\n\nip\0\n"), Err(NotText { line: 3 }));
    }
}
