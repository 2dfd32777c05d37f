//! Where lines come from.

use super::Terminal;
use super::editor::Editor;
use std::io::{self, BufRead, IsTerminal};
use vethlab_engine::lesson::dialogue::MORE;
use vethlab_engine::machines::Machines;
use vethlab_programs::Console;
use vethlab_shared::words::LONGEST;

/// What a person did at the prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Typed a line; its end is not part of it.
    Line(String),
    /// Pasted this line together with others before it. Its prompt is not shown yet.
    Pasted(String),
    /// Pressed Ctrl-C.
    Interrupted,
    /// Pressed Ctrl-D, or there is nothing more to read.
    End,
}

/// What a line is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A command: it is completed, and it is part of the history.
    Command,
    /// The answer to a question: it is neither.
    Answer,
    /// That a long text goes on; or a command, which is completed and part of the history.
    More,
}

/// Gives one line after another.
pub trait LineSource {
    /// Waits for a line, with the prompt before it where a person sees it. A person completes the machines' names, and
    /// sees what goes on there meanwhile.
    ///
    /// # Errors
    /// The line cannot be read.
    fn read(&mut self, prompt: &str, wanted: Wanted, machines: &mut Machines) -> io::Result<Input>;

    /// The lines that were typed at prompts so far, the oldest first: `None` where they are not kept.
    fn history(&self) -> Option<Vec<&str>> {
        None
    }

    /// Forgets those lines.
    ///
    /// # Errors
    /// They are kept in a file that cannot be written.
    fn forget_history(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Forgets lines that were pasted and not yet given: Ctrl-C stopped the program before them.
    ///
    /// # Errors
    /// The terminal cannot be used.
    fn forget(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Whether a person types the lines.
    fn is_terminal(&self) -> bool;
}

/// Lines from standard input: with editing where that and standard output are a terminal, else plain.
///
/// # Errors
/// The terminal cannot be used.
pub fn source() -> io::Result<Box<dyn LineSource>> {
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        Ok(Box::new(Editor::new()?))
    } else {
        Ok(Box::new(Plain))
    }
}

/// What stands before the cursor where a command goes on (`PS2`).
const GOES_ON: &str = "> ";

/// The next line that a person types, or that standard input has; a command with all the lines that it goes on in. `None`
/// where there is no more, or where a signal has asked vethlab to end. Ctrl-D is the line `exit`, as in a shell. Ctrl-C
/// gives up a command that goes on. Where it stopped a program, the lines that were pasted behind it are forgotten, as a
/// shell forgets them.
///
/// # Errors
/// The line cannot be read.
pub fn next_line(
    prompt: &str,
    wanted: Wanted,
    lines: &mut dyn LineSource,
    machines: &mut Machines,
    terminal: &mut Terminal,
) -> io::Result<Option<String>> {
    'command: loop {
        let mut text = match one_line(prompt, wanted, lines, machines, terminal)? {
            Typed::Line(line) => line,
            Typed::Interrupted => continue,
            Typed::End if lines.is_terminal() && terminal.asked_to_end().is_none() => {
                terminal.out("exit\n");
                return Ok(Some("exit".to_owned()));
            }
            Typed::End => return Ok(None),
        };
        while wanted == Wanted::Command && !vethlab_programs::is_complete(&text) && text.len() < LONGEST {
            match one_line(GOES_ON, wanted, lines, machines, terminal)? {
                Typed::Line(line) => text = format!("{text}\n{line}"),
                Typed::Interrupted => continue 'command,
                // What is wrong with it is told when it is run.
                Typed::End => break,
            }
        }
        return Ok(Some(text));
    }
}

/// What came of asking for a line.
enum Typed {
    Line(String),
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-D, or there is no more.
    End,
}

fn one_line(
    prompt: &str,
    wanted: Wanted,
    lines: &mut dyn LineSource,
    machines: &mut Machines,
    terminal: &mut Terminal,
) -> io::Result<Typed> {
    if terminal.take_interrupt() {
        lines.forget()?;
    }
    while terminal.asked_to_end().is_none() {
        let input = match terminal.holds_text() {
            true => read_on(lines, machines, terminal)?,
            false => Some(lines.read(prompt, wanted, machines)?),
        };
        let Some(input) = input else { continue };
        match input {
            Input::Line(line) if wanted != Wanted::Answer && is_of_terminal(&line, lines, terminal)? => {}
            Input::Line(line) => return Ok(Typed::Line(line)),
            Input::Pasted(line) => {
                terminal.out(&format!("{prompt}{line}\n"));
                if !is_of_terminal(&line, lines, terminal)? {
                    return Ok(Typed::Line(line));
                }
            }
            Input::Interrupted => {
                lines.forget()?;
                return Ok(Typed::Interrupted);
            }
            Input::End => return Ok(Typed::End),
        }
    }
    Ok(Typed::End)
}

/// Asks whether a long text goes on; what was typed instead, which ends it.
fn read_on(
    lines: &mut dyn LineSource,
    machines: &mut Machines,
    terminal: &mut Terminal,
) -> io::Result<Option<Input>> {
    let input = lines.read(MORE, Wanted::More, machines)?;
    match &input {
        Input::Line(line) | Input::Pasted(line) if line.trim().is_empty() => {
            terminal.show_more();
            return Ok(None);
        }
        _ => terminal.drop_held(),
    }
    Ok(match input {
        Input::Line(line) | Input::Pasted(line) if is_end(&line) => None,
        // It ends the text, and not the session.
        Input::End if lines.is_terminal() => {
            terminal.out("\n");
            None
        }
        input => Some(input),
    })
}

/// Whether a line, typed while a long text waits, ends it.
fn is_end(line: &str) -> bool {
    matches!(line.trim(), "q" | "quit")
}

/// Whether a line that was asked for is a command.
pub(super) fn is_command(line: &str, wanted: Wanted) -> bool {
    match wanted {
        Wanted::Command => true,
        Wanted::Answer => false,
        Wanted::More => !is_end(line),
    }
}

/// Does what is about the terminal and not about the network: `clear` and `history`. Whether it was that.
fn is_of_terminal(line: &str, lines: &mut dyn LineSource, terminal: &mut Terminal) -> io::Result<bool> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        ["clear"] if lines.is_terminal() => terminal.clear(),
        ["history", "-c"] if lines.history().is_some() => lines.forget_history()?,
        ["history", ref rest @ ..] => {
            let (Some(kept), [] | [_]) = (lines.history(), rest) else { return Ok(false) };
            let most = match rest {
                [] => kept.len(),
                [most, ..] => match most.parse() {
                    Ok(most) => most,
                    // The program says what is wrong with it.
                    Err(_) => return Ok(false),
                },
            };
            let text = vethlab_programs::listed(&kept, most);
            terminal.out(&text);
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Lines from standard input, as they are.
#[derive(Debug)]
pub struct Plain;

impl LineSource for Plain {
    fn read(&mut self, _prompt: &str, _wanted: Wanted, _machines: &mut Machines) -> io::Result<Input> {
        let mut line = String::new();
        match io::stdin().lock().read_line(&mut line)? {
            0 => Ok(Input::End),
            _ => Ok(Input::Line(line.trim_end_matches(['\n', '\r']).to_owned())),
        }
    }

    fn is_terminal(&self) -> bool {
        false
    }
}
