//! A prompt with line editing, history and completion.

use super::completion;
use super::history::{History, MOST};
use super::input::{Input, LineSource, Wanted, is_command};
use crate::output::Streams;
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{
    Cmd, CompletionType, ConditionalEventHandler, Config, Context, Event, EventContext, EventHandler,
    ExternalPrinter, Helper, KeyEvent, RepeatCount,
};
use std::collections::VecDeque;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{io, thread};
use vethlab_engine::machines::{Machines, Names};
use vethlab_programs::Console;
use vethlab_shared::time::Duration;

/// Lines that a person edits on a terminal.
pub(super) struct Editor {
    /// It keeps what it has read of the terminal and not yet given: lines that were pasted, each with its end.
    editor: rustyline::Editor<Completion, MemHistory>,
    /// The lines of a bracketed paste behind the one that was given last.
    pasted: VecDeque<String>,
    history: History,
    /// Set by Ctrl-D on an empty line.
    ended: Arc<AtomicBool>,
}

/// What Ctrl-D does on an empty line: it ends that line and says so. The editor's own way would lose the lines that came
/// together with it.
struct CtrlD(Arc<AtomicBool>);

impl ConditionalEventHandler for CtrlD {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        context.line().is_empty().then(|| {
            self.0.store(true, Ordering::Relaxed);
            Cmd::AcceptLine
        })
    }
}

impl Editor {
    pub(super) fn new() -> io::Result<Editor> {
        let (history, warning) = History::load();
        warn(warning);
        let ended = Arc::default();
        let mut editor = fresh(MemHistory::default(), &ended)?;
        for line in history.lines() {
            editor.add_history_entry(line.as_str()).map_err(into_io)?;
        }
        Ok(Editor { editor, pasted: VecDeque::new(), history, ended })
    }

    /// A line for whoever asked for it; a command is part of the history.
    fn given(&mut self, line: &str, prompt: &str, wanted: Wanted) -> io::Result<String> {
        let line = without_prompt(line, prompt, wanted);
        if is_command(&line, wanted) {
            self.editor.add_history_entry(line.as_str()).map_err(into_io)?;
            warn(self.history.add(&line));
        }
        Ok(line)
    }
}

/// Tells a person that their history is not kept.
fn warn(warning: Option<String>) {
    if let Some(warning) = warning {
        // Where standard error is closed there is nobody to warn.
        let _ = writeln!(io::stderr(), "vethlab: {warning}");
    }
}

/// An editor that has read nothing of the terminal.
fn fresh(
    history: MemHistory,
    ended: &Arc<AtomicBool>,
) -> io::Result<rustyline::Editor<Completion, MemHistory>> {
    let config =
        Config::builder().completion_type(CompletionType::List).max_history_size(MOST).map_err(into_io)?;
    let mut editor = rustyline::Editor::with_history(config.build(), history).map_err(into_io)?;
    let on_end = EventHandler::Conditional(Box::new(CtrlD(Arc::clone(ended))));
    editor.bind_sequence(KeyEvent::ctrl('D'), on_end);
    Ok(editor)
}

/// How long the background goes on before somebody looks whether a line was typed.
const SLICE: Duration = Duration::from_millis(20);

impl Editor {
    /// Waits for a line while the background of the machines goes on; what it prints stands above the line.
    ///
    /// The line is edited in a thread of its own, which has ended when the line is there: nothing else that this program
    /// does bears a second thread, and a user namespace can be entered only without one.
    fn read_while_going_on(&mut self, prompt: &str, machines: &mut Machines) -> rustyline::Result<String> {
        let mut above = Above { printer: self.editor.create_external_printer()?, begun: String::new() };
        let editor = &mut self.editor;
        thread::scope(|scope| {
            let line = scope.spawn(|| editor.readline(prompt));
            while !line.is_finished() {
                if let Err(error) = machines.go_on(SLICE, &mut above) {
                    above.err(&format!("vethlab: the background cannot go on: {error}\n"));
                    break;
                }
            }
            let line = line.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            above.end_line();
            line
        })
    }
}

/// The screen above the line that is being edited.
struct Above<P> {
    printer: P,
    /// The beginning of a line whose end is not there yet.
    begun: String,
}

impl<P: ExternalPrinter> Above<P> {
    /// Shows what has begun a line and not ended it.
    fn end_line(&mut self) {
        if !self.begun.is_empty() {
            self.out("\n");
        }
    }
}

impl<P: ExternalPrinter> Console for Above<P> {
    fn out(&mut self, text: &str) {
        self.begun.push_str(text);
        if let Some(end) = self.begun.rfind('\n') {
            let rest = self.begun.split_off(end + 1);
            // A terminal that takes nothing more ends the editing of the line too.
            let _ = self.printer.print(std::mem::replace(&mut self.begun, rest));
        }
    }
    fn err(&mut self, text: &str) {
        self.out(text);
    }
    fn interactive(&self) -> bool {
        true
    }
    fn width(&self) -> usize {
        Streams::new().width()
    }
}

impl LineSource for Editor {
    fn read(&mut self, prompt: &str, wanted: Wanted, machines: &mut Machines) -> io::Result<Input> {
        if let Some(line) = self.pasted.pop_front() {
            return self.given(&line, prompt, wanted).map(Input::Pasted);
        }
        let completion = (wanted != Wanted::Answer).then(|| Completion(machines.names()));
        self.editor.set_helper(completion);
        let line = match machines.go_on_by_themselves() {
            true => self.read_while_going_on(prompt, machines),
            false => self.editor.readline(prompt),
        };
        match line {
            Ok(_) if self.ended.swap(false, Ordering::Relaxed) => Ok(Input::End),
            Ok(line) => {
                // A bracketed paste is one text to the editor, which may have several lines.
                let mut lines = line.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned);
                let first = lines.next().unwrap_or_default();
                self.pasted = lines.collect();
                self.given(&first, prompt, wanted).map(Input::Line)
            }
            Err(ReadlineError::Interrupted) => Ok(Input::Interrupted),
            Err(ReadlineError::Eof) => Ok(Input::End),
            Err(error) => Err(into_io(error)),
        }
    }

    fn history(&self) -> Option<Vec<&str>> {
        Some(self.history.lines().iter().map(String::as_str).collect())
    }

    fn forget_history(&mut self) -> io::Result<()> {
        self.editor.clear_history().map_err(into_io)?;
        self.history.forget()
    }

    fn forget(&mut self) -> io::Result<()> {
        self.pasted.clear();
        self.editor = fresh(std::mem::take(self.editor.history_mut()), &self.ended)?;
        Ok(())
    }

    fn is_terminal(&self) -> bool {
        true
    }
}

fn into_io(error: ReadlineError) -> io::Error {
    match error {
        ReadlineError::Io(error) => error,
        other => io::Error::other(other),
    }
}

/// A command without the prompt that was copied with it: `solution` and pages on the web show `$ ip link`.
fn without_prompt(line: &str, prompt: &str, wanted: Wanted) -> String {
    let command = line.trim_start();
    let copied = || command.strip_prefix("$ ").or_else(|| command.strip_prefix(prompt));
    match wanted {
        Wanted::Command | Wanted::More => copied().unwrap_or(line).to_owned(),
        Wanted::Answer => line.to_owned(),
    }
}

/// Completes words from the names that there are.
struct Completion(Names);

impl Completer for Completion {
    type Candidate = Pair;

    fn complete(&self, line: &str, cursor: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (start, words) = completion::complete(&line[..cursor], &self.0);
        // A word that is complete has a space behind it, as in a shell.
        let pair = |word: String| Pair { replacement: format!("{word} "), display: word };
        Ok((start, words.into_iter().map(pair).collect()))
    }
}

impl rustyline::hint::Hinter for Completion {
    type Hint = String;
}
impl rustyline::highlight::Highlighter for Completion {}
impl rustyline::validate::Validator for Completion {}
impl Helper for Completion {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_that_was_copied_is_no_part_of_the_command() {
        for line in ["$ ip link", "    $ ip link", "host# ip link", "ip link"] {
            assert_eq!(without_prompt(line, "host# ", Wanted::Command), "ip link", "{line}");
        }
        assert_eq!(without_prompt("# a remark", "host# ", Wanted::Command), "# a remark");
        assert_eq!(without_prompt("$ 5", "your answer: ", Wanted::Answer), "$ 5");
    }
}
