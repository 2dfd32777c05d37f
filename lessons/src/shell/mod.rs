//! The prompt: a person types commands, one after another.

mod completion;
mod editor;
mod history;
mod input;
mod live;
mod platform;
mod terminal;

pub use completion::complete;
pub use input::{Input, LineSource, Plain, Wanted, next_line, source};
pub use platform::open;
pub use terminal::Terminal;

use std::io;
use vethlab_engine::machines::Machines;
use vethlab_engine::prompt::{more_than_a_word, show_difference, show_frames};
use vethlab_programs::session::Outcome;
use vethlab_programs::{Console, FRAMES, TIME};

/// What a prompt without a lesson answers to `help`.
const HELP: &str = "\
Type commands as you would on Linux, for example:
  ip link                   the links that there are
  ping -c 1 127.0.0.1       one echo, from this machine itself
  ip netns add red          make a namespace
  ip netns exec red bash    step into it; exit, or Ctrl-D, steps back
With --stack both: frames  what both stacks sent last, next to each other
Tab completes, the up arrow repeats, Ctrl-C stops a program, exit leaves.
'help ip' has what is modelled of a program, 'help modelled' all of it.
The programs:
";

/// Reads and runs commands until the person leaves. Whether the stacks agreed all the time.
///
/// # Errors
/// The streams do not take what is printed.
pub fn run(machines: &mut Machines, lines: &mut dyn LineSource, terminal: &mut Terminal) -> io::Result<bool> {
    let mut agreed = true;
    loop {
        terminal.check()?;
        let prompt = machines.prompt();
        let Some(line) = next_line(&prompt, Wanted::Command, lines, machines, terminal)? else {
            return Ok(agreed);
        };
        match line.trim() {
            "help" => terminal.page(&help()),
            "frames" => show_frames(machines, terminal),
            "frames --help" | "frames -h" => terminal.out(&FRAMES.text()),
            line => {
                if let Some(problem) = more_than_a_word(line, "  frames") {
                    terminal.err(&format!("vethlab: {problem}\n"));
                    continue;
                }
                let turn = machines.execute(line, terminal);
                agreed &= turn.agreed();
                show_difference(&turn, terminal);
                if matches!(turn.outcome, Outcome::Exit(_)) {
                    return Ok(agreed);
                }
            }
        }
    }
}

/// The programs, one a line.
pub fn help() -> String {
    let words = TIME.iter().map(|page| format!("  {:10}  {}\n", page.command, page.about));
    let words: String = words.collect();
    let programs = vethlab_programs::overview();
    format!("{HELP}{programs}On the simulator one can walk through time:\n{words}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_fits_into_a_terminal_of_80_columns() {
        let text = help();
        assert_eq!(text.lines().find(|line| line.chars().count() > 80), None, "in\n{text}");
    }
}
