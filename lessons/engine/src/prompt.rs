//! The words of a prompt besides commands, and what it shows of two stacks.

use crate::compare::{frames_side_by_side, side_by_side};
use crate::machines::{Machines, Turn};
use crate::screen::Screen;

/// The two stacks, as their columns are called.
const NAMES: [&str; 2] = ["sim", "real"];

/// What to say of a line that has more behind one of the prompt's own words, none of which takes more: `hint 2`. They
/// are the words that `help`, a text, lists. `None` where the line is a command.
pub fn more_than_a_word(line: &str, help: &str) -> Option<String> {
    let (word, more) = line.trim().split_once(char::is_whitespace)?;
    // 'help' with a word behind it is a program: 'help ip'.
    (word != "help" && is_word(word, help))
        .then(|| format!("'{word}' stands alone: type it without '{}'.", more.trim()))
}

/// Whether this is 'help', or one of the words that it lists.
pub fn is_word(word: &str, help: &str) -> bool {
    let listed = |line: &str| line.starts_with("  ") && line.split_whitespace().next() == Some(word);
    word == "help" || help.lines().any(listed)
}

/// Shows at once where the stacks did not do the same.
pub fn show_difference(turn: &Turn, screen: &mut dyn Screen) {
    if let Some(difference) = &turn.difference {
        let table = side_by_side(difference, NAMES, screen.width());
        screen.out(&format!("\nThe stacks differ here. {table}\n"));
    }
    let frames = &turn.frames;
    if !frames.equal {
        let table = frames_side_by_side(frames, NAMES, screen.width());
        screen.out(&format!("\nThe stacks' frames differ here.\n{table}\n"));
    } else if !frames.is_empty() {
        let note = format!("({}; 'frames' shows them)", frames.summary());
        let note = screen.paint().dim(&note);
        screen.out(&format!("{note}\n"));
    }
}

/// Shows the last frames of both stacks next to each other.
pub fn show_frames(machines: &Machines, screen: &mut dyn Screen) {
    let text = match machines.last_frames() {
        None => {
            "'frames' lays the frames of two stacks next to each other: start with --stack both\n".to_owned()
        }
        Some(frames) if frames.is_empty() => "No frame was sent so far.\n".to_owned(),
        Some(frames) => frames_side_by_side(frames, NAMES, screen.width()),
    };
    screen.out(&text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_the_prompt_that_more_stands_behind_is_no_command() {
        let help = "The words:\n  hint   a hint; type it again\n";
        for line in ["hint 2", "hint\t2"] {
            assert!(more_than_a_word(line, help).is_some(), "{line}");
        }
        assert_eq!(
            more_than_a_word("hint 2 3", help).as_deref(),
            Some("'hint' stands alone: type it without '2 3'.")
        );
        for line in ["hint", "help", "help why", "ip link", "The words", "a hint", ""] {
            assert_eq!(more_than_a_word(line, help), None, "{line}");
        }
    }
}
