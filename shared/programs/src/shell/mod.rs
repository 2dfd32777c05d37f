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
use vethlab_shared::error::StackError;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::words::WordList;
use vethlab_shell::{Call, Demand, Machine, Mode, Read, Script, State};

/// What a script's steps between two pauses cost, as work of the budget: together they take about as long as so many frames.
pub(crate) const WORK_OF_A_PAUSE: u64 = 1 << 15;

/// What a command of a script costs besides what it does, as work of the budget: it is read, run and kept.
pub(crate) const WORK_OF_A_COMMAND: u64 = 1 << 9;

/// Programs that read their standard input where no word tells them of another.
const READERS: &[&str] = &[
    "awk",
    "bash",
    "cat",
    "cut",
    "egrep",
    "fgrep",
    "grep",
    "head",
    "iptables-restore",
    "nc",
    "sed",
    "sh",
    "sort",
    "tac",
    "tail",
    "tee",
    "telnet",
    "tr",
    "uniq",
    "wc",
    "xargs",
];

/// Whether a command reads what stands on its standard input: then nobody else reads it.
pub(crate) fn reads_input(words: &[String]) -> bool {
    match words {
        [ip, netns, exec, _, rest @ ..] if ip == "ip" && netns == "netns" && exec == "exec" => {
            reads_input(rest)
        }
        [sudo, rest @ ..] if sudo == "sudo" => reads_input(rest),
        [name, ..] => READERS.contains(&name.as_str()),
        [] => false,
    }
}

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

/// A shell that runs a script.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    /// What is run, before the first step.
    begin: Option<Begin>,
    machine: Option<Machine>,
    child: Option<Child>,
}

/// What a shell begins with.
#[derive(Clone, Debug)]
enum Begin {
    /// A text, with the shell that runs it (`-c`).
    Text(String, State),
    /// What stands in this file.
    File(String, State),
    /// What stands on standard input.
    Input(State),
}

/// A program that the script runs.
#[derive(Clone, Debug)]
struct Child {
    process: Box<dyn Process>,
    call: Call,
    input: Option<Input>,
}

impl Shell {
    /// The rest of a script, which goes on beside it.
    pub(crate) fn beside(machine: Machine) -> Shell {
        Shell { begin: None, machine: Some(machine), child: None }
    }

    fn of_words(name: &str, words: &[String]) -> Result<Shell, Failure> {
        let mut rest = words;
        let mut options = Vec::new();
        let begin = loop {
            match rest {
                [option, text, others @ ..]
                    if option == "-c" || (is_options(option) && option.ends_with('c')) =>
                {
                    options.extend(
                        option[1..]
                            .chars()
                            .filter(|letter| *letter != 'c')
                            .map(|letter| format!("-{letter}")),
                    );
                    let (name, words) =
                        others.split_first().map_or((name, others), |(name, words)| (name.as_str(), words));
                    break Begin::Text(text.clone(), State::new(name, words, true));
                }
                [option] if option == "-c" => {
                    return Err(Failure::exit(2, format_args!("{name}: -c: option requires an argument")));
                }
                [option, others @ ..] if option == "-s" => {
                    rest = others;
                    break Begin::Input(State::new(name, rest, true));
                }
                [option, others @ ..] if is_options(option) => {
                    options.extend(option[1..].chars().map(|letter| format!("-{letter}")));
                    rest = others;
                }
                [option, ..] if option.starts_with('-') => {
                    return Err(Failure::NotModelled(format!("{name} {option}")));
                }
                [file, words @ ..] => break Begin::File(file.clone(), State::of_script(file, words)),
                [] => break Begin::Input(State::new(name, &[], true)),
            }
        };
        let begin = match options.is_empty() {
            true => begin,
            false => with_options(begin, &options),
        };
        Ok(Shell { begin: Some(begin), machine: None, child: None })
    }

    /// Begins with its script; its status where there is none to run.
    fn start(&mut self, begin: Begin, context: &mut Context<'_>) -> Result<Option<u8>, Failure> {
        let (text, mut state, input) = match begin {
            Begin::Text(text, state) => (text, state, bytes(&context.input)),
            Begin::File(path, state) => {
                match vethlab_shell::System::read(&mut Surroundings(context), &path) {
                    Ok(text) => (text, state, bytes(&context.input)),
                    Err(error) => return Err(Failure::exit(127, format_args!("bash: {path}: {error}"))),
                }
            }
            Begin::Input(state) => match &context.input {
                Input::Bytes(bytes) => (String::from_utf8_lossy(bytes).into_owned(), state, Some("".into())),
                _ if context.background => return Err(Failure::NotModelled("bash".to_owned())),
                // The lines that follow are typed in it.
                Input::Empty | Input::Silent => {
                    context.enter = Some(context.namespace.clone());
                    return Ok(Some(0));
                }
            },
        };
        state.export(&context.environment);
        match Script::parse(&text) {
            Ok(script) => {
                self.machine = Some(Machine::new(&script, state, Mode::Script, input));
                Ok(None)
            }
            Err(problem) => Err(not_parsed("bash", &problem)),
        }
    }

    /// One step of the program that the script runs: what it waits for, unless it has ended.
    fn step_child(
        &mut self,
        machine: &mut Machine,
        context: &mut Context<'_>,
    ) -> Result<Option<Poll>, Failure> {
        let Some(mut child) = self.child.take() else { return Ok(None) };
        let namespace = context.namespace.clone();
        let input = child.input.take().unwrap_or_default();
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
            input,
            environment: child.call.environment.clone(),
            enter: None,
        };
        let result = child.process.step(&mut inner);
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
        if reads_input(&child.call.words) {
            machine.read_input();
        }
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

fn is_options(word: &str) -> bool {
    word.strip_prefix('-')
        .is_some_and(|letters| !letters.is_empty() && letters.chars().all(|letter| "euxc".contains(letter)))
}

fn with_options(begin: Begin, options: &[String]) -> Begin {
    let set = |mut state: State| {
        state.set_options(options);
        state
    };
    match begin {
        Begin::Text(text, state) => Begin::Text(text, set(state)),
        Begin::File(path, state) => Begin::File(path, set(state)),
        Begin::Input(state) => Begin::Input(set(state)),
    }
}

fn bytes(input: &Input) -> Option<Arc<str>> {
    match input {
        Input::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into()),
        Input::Empty => Some("".into()),
        Input::Silent => None,
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
                    context.stack.budget().draw(WORK_OF_A_COMMAND);
                    if let Some(limit) = context.stack.exhausted() {
                        return Err(Failure::Exhausted(limit));
                    }
                    let input = Some(input_of(&call, &context.input));
                    self.child = Some(Child { process: parsed.process, call, input });
                }
                Demand::Spawn { machine: other, text } => {
                    let status = jobs::start(text, "bash", Box::new(Shell::beside(*other)), context);
                    machine.spawned(&context.jobs.last_name(), status);
                }
                Demand::Pause => {
                    context.stack.budget().draw(WORK_OF_A_PAUSE);
                    if let Some(limit) = context.stack.exhausted() {
                        return Err(Failure::Exhausted(limit));
                    }
                    if context.console.interrupted() {
                        machine.interrupt(Signal::Interrupt.status());
                    }
                }
                Demand::Ended { status, .. } => return Ok(Poll::Ready(status)),
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
