//! `bash` and `sh`: scripts that run as programs, in the foreground or beside others. What a person types, and a file of
//! commands, goes through the shell of the [`session`](crate::session).

mod routed;
mod system;

use crate::process::{Input, Poll, Process, Signal};
use crate::{Context, Failure, Parsed, jobs, told};
pub(crate) use routed::{Routed, hand_over};
use std::sync::Arc;
pub(crate) use system::Surroundings;
use vethlab_explain::journal::{Effect, Invocation};
use vethlab_shared::budget::Exhausted;
use vethlab_shared::error::StackError;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::words::WordList;
use vethlab_shell::{Call, Demand, Machine, Mode, Read, Script, State, System};

/// What a script's steps between two pauses cost, as work of the budget: together they take about as long as so many frames.
pub(crate) const WORK_OF_A_PAUSE: u64 = 1 << 15;

/// What a command of a script costs besides what it does, as work of the budget: it is read, run and kept.
pub(crate) const WORK_OF_A_COMMAND: u64 = 1 << 9;

/// What a command of a script reads from.
pub(crate) fn input_of(call: &Call, inherited: &Input) -> Input {
    match &call.input {
        Read::Inherited => inherited.clone(),
        Read::Empty => Input::Empty,
        Read::Text(text) => Input::Bytes(text.as_bytes().into()),
    }
}

/// Reads the words behind `bash` or `sh`.
pub(crate) fn parse(name: &'static str, words: &WordList) -> Parsed {
    let invocation = Invocation::new(name, words.clone(), Effect::Alters);
    Parsed::new(invocation, Shell::of_words(name, words))
}

/// Takes so much work from what a stack may use: why no more can be done, where that is so.
pub(crate) fn spend(work: u64, stack: &dyn NetworkStack) -> Option<Exhausted> {
    stack.budget().draw(work);
    stack.exhausted()
}

/// A part of a script goes on beside it.
pub(crate) fn spawn(machine: &mut Machine, other: Machine, text: String, context: &mut Context<'_>) {
    let process = Box::new(Shell { begin: None, machine: Some(other), child: None });
    let status = jobs::start(text, "bash", process, context);
    machine.spawned(&context.jobs.last_name(), status);
}

/// A shell that runs a script.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    /// What is run, before the first step.
    begin: Option<(Source, State)>,
    machine: Option<Machine>,
    child: Option<Child>,
}

/// Where a shell's script stands.
#[derive(Clone, Debug)]
enum Source {
    /// In a word (`-c`).
    Text(String),
    /// In this file.
    File(String),
    /// On standard input.
    Input,
}

/// A program that the script runs.
#[derive(Clone, Debug)]
struct Child {
    process: Box<dyn Process>,
    call: Call,
    /// What it has not read.
    input: Input,
}

impl Shell {
    fn of_words(name: &str, words: &[String]) -> Result<Shell, Failure> {
        let (mut letters, mut rest) = (String::new(), words);
        while let [option, others @ ..] = rest
            && let Some(more) = option.strip_prefix('-').filter(|more| !more.is_empty())
        {
            if let Some(other) = more.chars().find(|letter| !"euxcs".contains(*letter)) {
                return Err(Failure::NotModelled(format!("{name} -{other}")));
            }
            letters.push_str(more);
            rest = others;
        }
        let (source, name, words) = match rest {
            [text, rest @ ..] if letters.contains('c') => {
                let (name, words) =
                    rest.split_first().map_or((name, rest), |(name, words)| (name.as_str(), words));
                (Source::Text(text.clone()), name, words)
            }
            [] if letters.contains('c') => {
                return Err(Failure::exit(2, format_args!("{name}: -c: option requires an argument")));
            }
            words if letters.contains('s') || words.is_empty() => (Source::Input, name, words),
            [file, words @ ..] => (Source::File(file.clone()), file.as_str(), words),
            [] => (Source::Input, name, rest),
        };
        let mut state = State::new(name, words, true);
        state.set_options(&letters);
        Ok(Shell { begin: Some((source, state)), machine: None, child: None })
    }

    /// Begins with its script; its status where there is none to run.
    fn start(
        &mut self,
        (source, mut state): (Source, State),
        context: &mut Context<'_>,
    ) -> Result<Option<u8>, Failure> {
        let text: Arc<str> = match source {
            Source::Text(text) => text.into(),
            Source::File(path) => match Surroundings(context).read(&path) {
                Ok(text) => text.into(),
                Err(error) => return Err(Failure::exit(127, format_args!("bash: {path}: {error}"))),
            },
            Source::Input if matches!(context.input, Input::Bytes(_)) => {
                std::mem::take(&mut context.input).text().unwrap_or_default()
            }
            Source::Input if context.background => return Err(Failure::NotModelled("bash".to_owned())),
            // The lines that follow are typed in it.
            Source::Input => {
                context.enter = Some(context.namespace.clone());
                return Ok(Some(0));
            }
        };
        state.export(&context.environment);
        let script = Script::parse(&text).map_err(|problem| not_parsed("bash", &problem))?;
        self.machine = Some(Machine::new(&script, state, Mode::Script, context.input.text()));
        Ok(None)
    }

    /// One step of the program that the script runs: what it waits for, unless it has ended.
    fn step_child(
        &mut self,
        machine: &mut Machine,
        context: &mut Context<'_>,
    ) -> Result<Option<Poll>, Failure> {
        let Some(mut child) = self.child.take() else { return Ok(None) };
        let namespace = context.namespace.clone();
        let mut console = Routed::new(&mut *context.console, &child.call);
        let mut inner = Context {
            stack: &mut *context.stack,
            namespace,
            console: &mut console,
            journal: context.journal,
            shells: context.shells,
            jobs: &mut *context.jobs,
            files: &mut *context.files,
            beside: vethlab_explain::why::borrowed(&mut context.beside),
            background: context.background,
            input: std::mem::take(&mut child.input),
            environment: child.call.environment.clone(),
            enter: None,
        };
        let result = child.process.step(&mut inner);
        child.input = std::mem::take(&mut inner.input);
        let (status, refused) = match result {
            Ok(Poll::Pending(wait)) => {
                let taken = console.taken();
                hand_over(taken, machine, &mut Surroundings(context));
                self.child = Some(child);
                return Ok(Some(Poll::Pending(wait)));
            }
            Ok(Poll::Ready(status)) => (status, false),
            Err(failure @ (Failure::Exhausted(_) | Failure::Past)) => {
                child.process.close(inner.stack);
                return Err(failure);
            }
            Err(failure) => {
                let refused = matches!(failure, Failure::NotModelled(_));
                (told(failure, inner.console), refused)
            }
        };
        child.process.close(inner.stack);
        let taken = console.taken();
        hand_over(taken, machine, &mut Surroundings(context));
        machine.left_unread(child.input.length());
        machine.ended(status, refused, &mut Surroundings(context));
        if context.console.interrupted() {
            machine.interrupt(Signal::Interrupt.status());
        }
        Ok(None)
    }
}

/// Why a text is no script, and how a shell ends then.
pub(crate) fn not_parsed(name: &str, problem: &vethlab_shell::Problem) -> Failure {
    match problem {
        vethlab_shell::Problem::NotModelled(what) => Failure::NotModelled(what.clone()),
        vethlab_shell::Problem::TooLarge => Failure::exit(2, format_args!("vethlab: {problem}")),
        problem => Failure::exit(2, format_args!("{name}: {problem}")),
    }
}

impl Process for Shell {
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        if let Some(begin) = self.begin.take()
            && let Some(status) = self.start(begin, context)?
        {
            return Ok(Poll::Ready(status));
        }
        let Some(mut machine) = self.machine.take() else { return Ok(Poll::Ready(0)) };
        loop {
            if let Some(waits) = self.step_child(&mut machine, context)? {
                self.machine = Some(machine);
                return Ok(waits);
            }
            match machine.next(&mut Surroundings(context)) {
                Demand::Run(call) => {
                    let parsed = crate::parse(&WordList::from(call.words.clone()));
                    let Some(parsed) = parsed else { return Ok(Poll::Ready(0)) };
                    if let Some(limit) = spend(WORK_OF_A_COMMAND, context.stack) {
                        return Err(Failure::Exhausted(limit));
                    }
                    let input = input_of(&call, &context.input);
                    self.child = Some(Child { process: parsed.process, call, input });
                }
                Demand::Spawn { machine: other, text } => {
                    spawn(&mut machine, *other, text, context);
                }
                Demand::Pause => {
                    if let Some(limit) = spend(WORK_OF_A_PAUSE, context.stack) {
                        return Err(Failure::Exhausted(limit));
                    }
                    if context.console.interrupted() {
                        machine.interrupt(Signal::Interrupt.status());
                    }
                }
                Demand::Ended { status, .. } => {
                    if let (Some(unread), Input::Bytes(_)) = (machine.unread(), &context.input) {
                        context.input = Input::Bytes(unread.as_bytes().into());
                    }
                    return Ok(Poll::Ready(status));
                }
            }
        }
    }

    fn cannot_wait(&self, error: StackError) -> Failure {
        self.child.as_ref().map_or(Failure::Past, |child| child.process.cannot_wait(error))
    }

    fn close(&mut self, stack: &mut dyn NetworkStack) {
        if let Some(child) = &mut self.child {
            child.process.close(stack);
        }
    }

    fn handles(&self, signal: Signal) -> bool {
        self.child.as_ref().is_some_and(|child| child.process.handles(signal))
    }

    fn leaves_line_open(&self) -> bool {
        self.child.as_ref().is_some_and(|child| child.process.leaves_line_open())
    }

    fn ends_by_itself(&self) -> bool {
        self.child.as_ref().is_none_or(|child| child.process.ends_by_itself())
    }

    fn namespace(&self) -> Option<&NamespaceName> {
        self.child.as_ref().and_then(|child| child.process.namespace())
    }
}
