//! The prompt: a person types commands, one after another.

mod completion;
mod editor;
mod input;
mod stage;
mod terminal;

pub use input::{Input, LineSource, Plain, source};
pub use stage::{Stage, Turn};
pub use terminal::Terminal;

use std::io;
use vethlab_engine::compare::{frames_side_by_side, side_by_side};
use vethlab_engine::history::WORDS;
use vethlab_programs::Console;
use vethlab_programs::session::Outcome;

/// The two stacks, as their columns are called.
const NAMES: [&str; 2] = ["sim", "real"];

/// What a prompt without a lesson answers to `help`.
const HELP: &str = "\
Type commands as you would on Linux, for example:
  ip link                   the links that there are
  ping -c 1 127.0.0.1       one echo, from this machine itself
  ip netns add red          make a namespace
  ip netns exec red bash    step into it; exit, or Ctrl-D, steps back
With --stack both: frames  what both stacks sent last, next to each other
Tab completes, the up arrow repeats, Ctrl-C stops a program, exit leaves.
The programs:
";

/// How 'frames' is used.
pub const FRAMES_USAGE: &str = "\
Usage: frames
With two stacks: the frames that both sent last, next to each other, link by
link.
";

/// Reads and runs commands until the person leaves. Whether the stacks agreed all the time.
///
/// # Errors
/// The streams do not take what is printed.
pub fn run(stage: &mut Stage, lines: &mut dyn LineSource, terminal: &mut Terminal) -> io::Result<bool> {
    let mut agreed = true;
    loop {
        terminal.check()?;
        if terminal.asked_to_end().is_some() {
            return Ok(agreed);
        }
        match lines.read(&stage.prompt(), &mut || stage.names())? {
            Input::Interrupted => {}
            Input::End if !lines.is_terminal() => return Ok(agreed),
            Input::End => {
                terminal.say("exit\n");
                if leave(stage, terminal) {
                    return Ok(agreed);
                }
            }
            Input::Line(line) => match line.trim() {
                "help" => terminal.say(&help()),
                "frames" => show_frames(stage, terminal),
                "frames --help" | "frames -h" => terminal.say(FRAMES_USAGE),
                line => {
                    if let Some(problem) = more_than_a_word(line, "  frames") {
                        terminal.err(&format!("vethlab: {problem}\n"));
                        continue;
                    }
                    let turn = stage.execute(line, terminal);
                    agreed &= turn.agreed();
                    show_difference(&turn, terminal);
                    if matches!(turn.outcome, Outcome::Exit(_)) {
                        return Ok(agreed);
                    }
                }
            },
        }
    }
}

/// What to say of a line that has more behind one of the prompt's own words, none of which takes more: `hint 2`. They
/// are the words that `help`, a text, lists, and `help` itself. `None` where the line is a command.
pub fn more_than_a_word(line: &str, help: &str) -> Option<String> {
    let (word, more) = line.trim().split_once(char::is_whitespace)?;
    is_word(word, help).then(|| format!("'{word}' stands alone: type it without '{}'.", more.trim()))
}

/// Whether this is 'help', or one of the words that it lists.
pub fn is_word(word: &str, help: &str) -> bool {
    let listed = |line: &str| line.starts_with("  ") && line.split_whitespace().next() == Some(word);
    word == "help" || help.lines().any(listed)
}

/// Leaves the innermost shell; whether it was the outermost too.
fn leave(stage: &mut Stage, terminal: &mut Terminal) -> bool {
    matches!(stage.execute("exit", terminal).outcome, Outcome::Exit(_))
}

/// Shows at once where the stacks did not do the same.
pub fn show_difference(turn: &Turn, terminal: &mut Terminal) {
    if let Some(difference) = &turn.difference {
        let table = side_by_side(difference, NAMES, terminal.width());
        terminal.say(&format!("\nThe stacks differ here. {table}\n"));
    }
    let frames = &turn.frames;
    if !frames.equal {
        let table = frames_side_by_side(frames, NAMES, terminal.width());
        terminal.say(&format!("\nThe stacks' frames differ here.\n{table}\n"));
    } else if !frames.is_empty() {
        let note = format!("({}; 'frames' shows them)", frames.summary());
        terminal.say(&format!("{}\n", terminal.paint().dim(&note)));
    }
}

/// Shows the last frames of both stacks next to each other.
pub fn show_frames(stage: &Stage, terminal: &mut Terminal) {
    let text = match stage.last_frames() {
        None => {
            "'frames' lays the frames of two stacks next to each other: start with --stack both\n".to_owned()
        }
        Some(frames) if frames.is_empty() => "No frame was sent so far.\n".to_owned(),
        Some(frames) => frames_side_by_side(frames, NAMES, terminal.width()),
    };
    terminal.say(&text);
}

/// The programs, one a line.
pub fn help() -> String {
    let programs = vethlab_programs::table();
    let width = programs.iter().map(|program| program.name.len()).max().unwrap_or(0);
    let lines = programs.iter().map(|program| format!("  {:width$}  {}\n", program.name, program.about));
    let words = WORDS.iter().map(|(word, about)| format!("  {word:width$}  {about}\n"));
    let words: String = words.collect();
    format!("{HELP}{}On the simulator one can walk through time:\n{words}", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_the_prompt_that_more_stands_behind_is_no_command() {
        let help = "The words:\n  hint   a hint; type it again\n";
        for line in ["hint 2", " help  why ", "hint\t2"] {
            assert!(more_than_a_word(line, help).is_some(), "{line}");
        }
        assert_eq!(
            more_than_a_word("hint 2 3", help).as_deref(),
            Some("'hint' stands alone: type it without '2 3'.")
        );
        for line in ["hint", "help", "ip link", "The words", "a hint", ""] {
            assert_eq!(more_than_a_word(line, help), None, "{line}");
        }
    }

    #[test]
    fn help_fits_into_a_terminal_of_80_columns() {
        let usages = WORDS.iter().map(|(word, _)| vethlab_engine::history::usage(word).to_owned());
        for text in usages.chain([help(), FRAMES_USAGE.to_owned()]) {
            let long = text.lines().find(|line| line.chars().count() > 80);
            assert_eq!(long, None, "in\n{text}");
        }
    }
}
