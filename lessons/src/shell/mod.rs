//! The prompt: a person types commands, one after another.

mod completion;
mod editor;
mod input;
mod paint;
mod stage;
mod terminal;

pub use input::{Input, LineSource, Plain, source};
pub use paint::Paint;
pub use stage::{Stage, Turn};
pub use terminal::{Interrupts, Terminal};

use crate::compare::side_by_side;
use std::io;
use vethlab_shared::programs;
use vethlab_shared::session::Outcome;

/// What a prompt without a lesson answers to `help`.
const HELP: &str = "\
Type commands as you would on Linux, for example:
  ip link                   the links that there are
  ping -c 1 127.0.0.1       one echo, from this machine itself
  ip netns add red          make a namespace
  ip netns exec red bash    step into it; exit, or Ctrl-D, steps back
Tab completes, the up arrow repeats, Ctrl-C stops a program, exit leaves.
The programs:
";

/// Reads and runs commands until the person leaves. Whether the stacks agreed all the time.
///
/// # Errors
/// The streams do not take what is printed.
pub fn run(stage: &mut Stage, lines: &mut dyn LineSource, terminal: &mut Terminal) -> io::Result<bool> {
    let mut agreed = true;
    loop {
        terminal.check()?;
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
                _ => {
                    let turn = stage.execute(&line, terminal);
                    agreed &= turn.difference.is_none();
                    show_difference(&turn, terminal);
                    if matches!(turn.outcome, Outcome::Exit(_)) {
                        return Ok(agreed);
                    }
                }
            },
        }
    }
}

/// Leaves the innermost shell; whether it was the outermost too.
fn leave(stage: &mut Stage, terminal: &mut Terminal) -> bool {
    matches!(stage.execute("exit", terminal).outcome, Outcome::Exit(_))
}

/// Shows at once where the stacks did not do the same.
pub fn show_difference(turn: &Turn, terminal: &mut Terminal) {
    if let Some(difference) = &turn.difference {
        let table = side_by_side(difference, ["sim", "real"], terminal.width());
        terminal.say(&format!("\nThe stacks differ here. {table}\n"));
    }
}

/// The programs, one a line.
pub fn help() -> String {
    let programs = programs::table();
    let width = programs.iter().map(|program| program.name.len()).max().unwrap_or(0);
    let lines = programs.iter().map(|program| format!("  {:width$}  {}\n", program.name, program.about));
    HELP.to_owned() + &lines.collect::<String>()
}
