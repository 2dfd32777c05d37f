//! A prompt: one line after another, in one namespace or another.

mod attended;
mod scripts;

pub use attended::Attended;

use crate::counted::Counted;
use crate::jobs::{self, Jobs};
use crate::process::Input;
use crate::watched::Watched;
use crate::{Console, Context, Failure, Files, Parsed, Transcript, schedule, slip, sudo};
use std::collections::BTreeSet;
use vethlab_explain::journal::{Command, Journal};
use vethlab_explain::why::{self, StackBeside};
use vethlab_shared::error::StackError;
use vethlab_shared::event::Event;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::status::Status;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::words::{self, SplitError, WordList};
use vethlab_shell::State;

/// Where a person is: the shells that were started one inside the other.
#[derive(Clone, Debug, Default)]
pub struct Session {
    machine: NamespaceName,
    entered: Vec<NamespaceName>,
    journal: Journal,
    jobs: Jobs,
    files: Files,
    /// Variables, functions and options.
    shell: State,
    /// Whether somebody else keeps the time.
    led: bool,
    /// Whether it was said that `sudo` can be left out.
    told_of_sudo: bool,
    /// Namespaces that are too large to look at what a command takes away there.
    large: BTreeSet<NamespaceName>,
}

/// How long a shell takes to start a program, where time is virtual.
pub const START_OF_PROGRAM: Duration = Duration::from_millis(2);

/// Lets the time pass that starting a program takes, so that two commands never happen at the same instant.
/// Where time is real it passes by itself.
fn start_of_program(context: &mut Context<'_>) {
    if context.stack.capabilities().virtual_time {
        let deadline = context.stack.now() + START_OF_PROGRAM;
        // Waiting for nothing but time: a stack with virtual time cannot refuse it.
        let _ = schedule::idle(deadline, &[], context);
    }
}

/// A command has ended: the background shows what it has to show.
fn after_command(context: &mut Context<'_>) {
    jobs::step_all(context);
    context.jobs.after_command(context.console);
}

/// What a command reads from. In front of a `|` only `echo` may stand: it prints, and waits for nothing.
pub(crate) fn standard_input(
    input: Option<&words::Input>,
    in_background: bool,
    context: &mut Context<'_>,
) -> Result<Input, Failure> {
    let command = match input {
        None if in_background || !context.console.interactive() => return Ok(Input::Empty),
        None => return Ok(Input::Silent),
        Some(words::Input::Nowhere) => return Ok(Input::Empty),
        Some(words::Input::Command(words)) => WordList::from(words.clone()),
    };
    let parsed = crate::parse(&command).filter(|parsed| parsed.invocation.program == "echo");
    let Some(mut parsed) = parsed else {
        let first = command.first().map_or("", String::as_str);
        return Err(Failure::NotModelled(format!("{first} … |")));
    };
    let mut printed = Transcript::default();
    let namespace = context.namespace.clone();
    let mut inner = context.within(namespace);
    inner.console = &mut printed;
    parsed.process.step(&mut inner)?;
    Ok(Input::Bytes(printed.stdout.into_bytes().into()))
}

/// A command as `jobs` shows it.
fn shown(words: &[String], input: Option<&words::Input>) -> String {
    let words = words.join(" ");
    match input {
        None => words,
        Some(words::Input::Nowhere) => format!("{words} < /dev/null"),
        Some(words::Input::Command(first)) => format!("{} | {words}", first.join(" ")),
    }
}

/// A command before it is run.
struct Typed<'a> {
    /// As the journal has it.
    line: &'a str,
    words: WordList,
    background: bool,
    input: Given,
    environment: Vec<(String, String)>,
}

/// Where the standard input of a command comes from.
enum Given {
    /// As its line says it.
    Line(Option<words::Input>),
    /// It is there already.
    Ready(Input),
}

impl Given {
    fn of(self, in_background: bool, context: &mut Context<'_>) -> Result<Input, Failure> {
        match self {
            Given::Line(input) => standard_input(input.as_ref(), in_background, context),
            Given::Ready(input) => Ok(input),
        }
    }
}

/// How a command ended.
#[derive(Clone, Copy, Debug, Default)]
struct Ran {
    status: Status,
    /// Whether it is not modelled.
    refused: bool,
    /// Whether it was stopped, as it needs too much.
    limited: bool,
    /// How many bytes of its standard input it has not read.
    unread: usize,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A blank line, or a comment: nothing to do.
    Nothing,
    /// A command ran and ended with this status.
    Ran(Status),
    /// `exit` in the outermost shell, with its status.
    Exit(Status),
}

impl Session {
    /// A session on the machine itself.
    pub fn new() -> Session {
        Session::default()
    }

    /// A session that does what is done elsewhere, at the same times: whoever leads it lets the time pass between two
    /// commands.
    pub fn led() -> Session {
        Session { led: true, ..Session::default() }
    }

    /// The namespace that the next command runs in.
    pub fn namespace(&self) -> &NamespaceName {
        self.entered.last().unwrap_or(&self.machine)
    }

    /// What stands before the cursor: `host# `.
    pub fn prompt(&self) -> String {
        format!("{}# ", self.namespace())
    }

    /// Takes one line as typed.
    pub fn execute(
        &mut self,
        line: &str,
        stack: &mut dyn NetworkStack,
        console: &mut dyn Console,
    ) -> Outcome {
        self.execute_beside(line, stack, console, None)
    }

    /// The same, where there is perhaps somebody who tells more of what happened than the stack itself.
    pub fn execute_beside(
        &mut self,
        line: &str,
        stack: &mut dyn NetworkStack,
        console: &mut dyn Console,
        beside: Option<&mut dyn StackBeside>,
    ) -> Outcome {
        let console = &mut Counted::new(console, stack.budget());
        let taken_apart = match words::line(line) {
            Ok(line) => line,
            Err(SplitError::TooLong(length)) => {
                console.err(&format!("vethlab: {}\n", SplitError::TooLong(length)));
                return Outcome::Ran(2);
            }
            // A whole shell takes it apart.
            Err(_) => return self.script(line, stack, console, beside),
        };
        let words::Line { words, background, input } = taken_apart;
        if words.first().is_some_and(|word| word == "exit") && !self.shell.acts_at_its_end() {
            return self.exit(&words[1..], console);
        }
        let needs_shell = words.first().is_some_and(|word| self.shell.has_function(word))
            || self.shell.watches_commands()
            || matches!(&input, Some(words::Input::Command(first)) if first.first().is_none_or(|word| word != "echo"))
            || !vethlab_shell::is_plain(&words, line);
        if needs_shell && !words.is_empty() {
            return self.script(line, stack, console, beside);
        }
        let typed = Typed {
            line: words::trim(line),
            words: words.into(),
            background,
            input: Given::Line(input),
            environment: self.shell.environment(),
        };
        match self.command(typed, stack, console, beside) {
            Some(Ran { status, .. }) => {
                self.shell.set_status(status);
                Outcome::Ran(status)
            }
            None => Outcome::Nothing,
        }
    }

    /// Runs one command to its end, or sends it to the background; the journal has it then. `None` where there is no word.
    fn command(
        &mut self,
        typed: Typed<'_>,
        stack: &mut dyn NetworkStack,
        console: &mut dyn Console,
        mut beside: Option<&mut dyn StackBeside>,
    ) -> Option<Ran> {
        let Typed { line, words, background, input, environment } = typed;
        if words.first().is_some_and(|word| word == "sudo") && !self.told_of_sudo {
            self.told_of_sudo = true;
            console.err(sudo::REMARK);
        }
        let parsed = crate::parse(&words);
        if parsed.is_none() && !console.interactive() {
            return None;
        }
        if parsed.is_some() {
            self.journal.between(stack.take_events());
        }
        let namespace = self.namespace().clone();
        let mut watched = Watched::new(stack, &mut self.large);
        let mut context = Context {
            stack: &mut watched,
            namespace: namespace.clone(),
            console,
            journal: &self.journal,
            shells: &self.entered,
            jobs: &mut self.jobs,
            files: &mut self.files,
            beside: why::borrowed(&mut beside),
            background: false,
            input: Input::Empty,
            environment,
            enter: None,
        };
        let Some(Parsed { invocation, mut process }) = parsed else {
            // Before a person an empty line shows what the background has to show.
            after_command(&mut context);
            return None;
        };
        if !self.led {
            start_of_program(&mut context);
        }
        let shown = match &input {
            Given::Line(input) => shown(&words, input.as_ref()),
            Given::Ready(_) => line.to_owned(),
        };
        match input.of(background, &mut context) {
            Ok(input) => context.input = input,
            Err(failure) => {
                let refused = matches!(failure, Failure::NotModelled(_));
                return Some(Ran {
                    status: crate::told(failure, context.console),
                    refused,
                    ..Ran::default()
                });
            }
        }
        jobs::step_before_command(&mut context);
        let began = context.stack.now();
        let ended = if background {
            Ok(jobs::start(shown, &invocation.program, process, &mut context))
        } else {
            schedule::to_its_end(process.as_mut(), &mut context)
        };
        let failure = ended.as_ref().err().cloned();
        let status = ended.unwrap_or_else(|failure| crate::told(failure, context.console));
        after_command(&mut context);
        let (enter, unread) = (context.enter.take(), context.input.length());
        let (line, ended) = (line.to_owned(), context.stack.now());
        let events = context.stack.take_events();
        let sent = events.iter().any(Event::is_traffic);
        let after = if sent { context.stack.snapshot() } else { None };
        self.entered.extend(enter);
        let mut results = watched.results();
        if let Some(failure) = &failure {
            results.slip = slip::of(&words, failure, &results);
            let told = matches!(failure, Failure::Mistyped { nearest: Some(_), .. });
            crate::meant(results.slip.as_ref().filter(|_| !told).map(|slip| slip.meant.as_str()), console);
        }
        let refused = matches!(failure, Some(Failure::NotModelled(_)));
        let limited = matches!(failure, Some(Failure::Exhausted(_)));
        match failure {
            Some(Failure::NotModelled(what)) => results.not_modelled = Some(what),
            Some(Failure::Exit { message, .. } | Failure::Mistyped { message, .. }) => {
                results.message = Some(message);
            }
            Some(Failure::Past | Failure::Exhausted(_)) | None => {}
        }
        let command = Command { line, invocation, namespace, status, results, began, ended };
        self.journal.command(command, events, after);
        Some(Ran { status, refused, limited, unread })
    }

    /// Lets time pass while nobody types. What runs in the background goes on, and shows what it has to show when the
    /// next line is typed.
    ///
    /// # Errors
    /// The stack cannot wait.
    pub fn idle_until(&mut self, deadline: Instant, stack: &mut dyn NetworkStack) -> Result<(), StackError> {
        schedule::idle(deadline, &[], &mut self.between_lines(stack, &mut Transcript::default()))
    }

    /// The same where a person looks on: what the background has to show is shown when that time has come.
    ///
    /// # Errors
    /// The stack cannot wait.
    pub fn go_on_until(
        &mut self,
        deadline: Instant,
        stack: &mut dyn NetworkStack,
        console: &mut dyn Console,
    ) -> Result<(), StackError> {
        let mut counted = Counted::new(console, stack.budget());
        let mut context = self.between_lines(stack, &mut counted);
        schedule::idle(deadline, &[], &mut context)?;
        jobs::step_all(&mut context);
        Ok(())
    }

    /// Whether something runs in the background.
    pub fn has_running_jobs(&self) -> bool {
        self.jobs.states().iter().any(|(_, runs)| *runs)
    }

    /// What programs in the background may touch while none runs in the foreground.
    fn between_lines<'a>(
        &'a mut self,
        stack: &'a mut dyn NetworkStack,
        console: &'a mut dyn Console,
    ) -> Context<'a> {
        let namespace = self.namespace().clone();
        Context {
            stack,
            namespace,
            console,
            journal: &self.journal,
            shells: &self.entered,
            jobs: &mut self.jobs,
            files: &mut self.files,
            beside: None,
            background: false,
            input: Input::Empty,
            environment: Vec::new(),
            enter: None,
        }
    }

    /// Takes in what has happened on the stack since the last command ended.
    pub fn take_in(&mut self, stack: &mut dyn NetworkStack) {
        self.journal.between(stack.take_events());
    }

    /// The same place with another journal.
    #[must_use]
    pub fn with_journal(&self, journal: Journal) -> Session {
        // All but the journal is small.
        let Session { machine, entered, jobs, files, shell, led, told_of_sudo, large, .. } = self;
        let (machine, entered, jobs, large) = (machine.clone(), entered.clone(), jobs.clone(), large.clone());
        let (files, shell, led, told_of_sudo) = (files.clone(), shell.clone(), *led, *told_of_sudo);
        Session { machine, entered, journal, jobs, files, shell, led, told_of_sudo, large }
    }

    /// The stack for whoever asks it something while nobody types: what runs in the background goes on meanwhile.
    pub fn attended<'a>(&'a mut self, stack: &'a mut dyn NetworkStack) -> Attended<'a> {
        Attended { stack, session: self }
    }

    /// What runs in the background, with the files that it may read: a session that nobody typed anything in.
    #[must_use]
    pub fn background(self) -> Session {
        Session { jobs: self.jobs, files: self.files, ..Session::default() }
    }

    /// What runs in the background of another session goes on in this one.
    pub fn take_over_background(&mut self, other: Session) {
        self.jobs.take_over(other.jobs);
    }

    /// The same place where time stands still: one can look around, and what runs in the background waits.
    #[must_use]
    pub fn standing_still(mut self) -> Session {
        self.jobs.stand_still();
        self
    }

    /// Whether the person is where they were, with the same running in the background.
    pub fn is_as(&self, before: &Session) -> bool {
        self.entered == before.entered && self.jobs.states() == before.jobs.states()
    }

    /// Changes places with another session; the journal stays here.
    pub fn swap_but_journal(&mut self, other: &mut Session) {
        std::mem::swap(self, other);
        std::mem::swap(&mut self.journal, &mut other.journal);
    }

    /// What was done here, and what happened then, to go back in it.
    pub fn journal_mut(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// What was done here, and what happened then.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    fn exit(&mut self, arguments: &[String], console: &mut dyn Console) -> Outcome {
        let status = match arguments {
            [] => 0,
            [number] if number.parse::<i64>().is_ok() => {
                number.parse::<i64>().map_or(2, |n| n.rem_euclid(256) as u8)
            }
            _ => {
                console.err("vethlab: exit takes one number at most\n");
                return Outcome::Ran(2);
            }
        };
        if self.entered.pop().is_some() { Outcome::Ran(status) } else { Outcome::Exit(status) }
    }
}
