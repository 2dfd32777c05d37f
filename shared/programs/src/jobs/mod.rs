//! Programs that run in the background of a session, and the shell's words for them: `jobs`, `wait`, `kill`, `fg`.
//!
//! They go on while a command in the foreground waits, and while nobody types. What they print comes when that command
//! has ended; before a person it comes at once. So what a script prints does not hang on how fast anything is: first
//! the command's own lines, then those of the background.
//!
//! While nobody types, time passes on the kernel: before a person the background goes on, and what it prints stands above
//! the line that is being typed. The simulator's time stands still until a line is typed; then as much of it passes as
//! the person took, and what the background printed meanwhile comes before the line's own.

mod words;

use super::process::{Input, Poll, Process, Signal, Wait};
use super::{Console, Context, Failure, told};
use std::mem;
use vethlab_explain::why;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::SocketId;
use vethlab_shared::status::Status;
use vethlab_shared::time::{Duration, Instant};
pub(crate) use words::{Foreground, Waiting, kill, list};

/// How many programs may run in the background at once: each keeps every frame that it hears until it is given time.
const MOST_RUNNING: usize = 8;

/// How much text is kept until the command in the foreground has ended, in bytes of one program.
const MOST_HELD: usize = 1 << 20;

/// The words of the shell itself, which run in no other process.
const OF_THE_SHELL: [&str; 4] = ["fg", "jobs", "kill", "wait"];

/// The programs in the background of a session.
#[derive(Clone, Debug, Default)]
pub struct Jobs {
    jobs: Vec<Job>,
    /// Whether time stands still, and they with it.
    still: bool,
}

#[derive(Clone, Debug)]
struct Job {
    number: u32,
    /// As typed, without the `&`.
    line: String,
    /// Where it was typed.
    namespace: NamespaceName,
    state: State,
    /// What it printed while another command was in the foreground.
    held: Held,
}

#[derive(Clone, Debug)]
enum State {
    Running {
        process: Box<dyn Process>,
        /// What it waits for.
        wait: Wait,
    },
    /// It is being stepped.
    Stepped,
    Ended(Status),
    /// A signal ended it; whether that was in the last command.
    Killed(Signal, bool),
}

/// Text that is kept, in order, each piece with whether it goes to standard error.
#[derive(Clone, Debug, Default)]
struct Held {
    pieces: Vec<(bool, String)>,
    bytes: usize,
}

impl Held {
    fn show(&mut self, console: &mut dyn Console) {
        self.bytes = 0;
        for (is_error, text) in mem::take(&mut self.pieces) {
            if is_error { console.err(&text) } else { console.out(&text) }
        }
    }
}

/// The console of a program in the background. Ctrl-C is not for it.
struct Beside<'a> {
    console: &'a mut dyn Console,
    /// Where its text is kept, unless it comes at once.
    held: Option<&'a mut Held>,
    /// Whether it was sent a signal.
    interrupted: bool,
}

impl Beside<'_> {
    fn print(&mut self, is_error: bool, text: &str) {
        match &mut self.held {
            Some(held) => {
                held.bytes += text.len();
                held.pieces.push((is_error, text.to_owned()));
                if held.bytes > MOST_HELD {
                    held.show(self.console);
                }
            }
            None if is_error => self.console.err(text),
            None => self.console.out(text),
        }
    }
}

impl Console for Beside<'_> {
    crate::pass_console_on!(console: interactive, width, kept_bytes, save);

    fn out(&mut self, text: &str) {
        self.print(false, text);
    }
    fn err(&mut self, text: &str) {
        self.print(true, text);
    }
    fn interrupted(&self) -> bool {
        self.interrupted
    }
}

impl Job {
    fn is_running(&self) -> bool {
        matches!(self.state, State::Running { .. })
    }

    /// What it waits for, while it runs.
    fn wait(&self) -> Option<&Wait> {
        match &self.state {
            State::Running { wait, .. } => Some(wait),
            _ => None,
        }
    }

    /// Whether what it waits for does not keep.
    fn is_urgent(&self) -> bool {
        self.wait().is_some_and(|wait| wait.patient.is_none())
    }
}

impl Jobs {
    /// The number of each, and whether it runs.
    pub(crate) fn states(&self) -> Vec<(u32, bool)> {
        self.jobs.iter().map(|job| (job.number, job.is_running())).collect()
    }

    /// Time stands still, and with it what runs here.
    pub(crate) fn stand_still(&mut self) {
        self.still = true;
    }

    /// The number that the next program gets.
    /// What names the program that was sent to the background last: a shell has the number of its process.
    pub(crate) fn last_name(&self) -> String {
        self.jobs.last().map_or_else(String::new, |job| format!("%{}", job.number))
    }

    fn next_number(&self) -> u32 {
        self.jobs.last().map_or(1, |job| job.number + 1)
    }

    /// Has those that run among others go on here.
    pub(crate) fn take_over(&mut self, others: Jobs) {
        for job in others.jobs.into_iter().filter(Job::is_running) {
            let number = self.next_number();
            self.jobs.push(Job { number, ..job });
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    fn running(&self) -> impl Iterator<Item = &Job> {
        self.jobs.iter().filter(|job| job.is_running())
    }

    fn add(&mut self, line: String, namespace: NamespaceName, state: State, console: &mut dyn Console) {
        let number = self.next_number();
        if console.interactive() {
            // A shell names the process too; there are none here.
            console.err(&format!("[{number}]\n"));
        }
        self.jobs.push(Job { number, line, namespace, state, held: Held::default() });
    }

    /// A command has ended. A person is told which have ended too; they are forgotten then. Without a person a shell
    /// keeps those that have ended by themselves, and forgets what a signal ended (`notify_of_job_status` in bash).
    pub(crate) fn after_command(&mut self, console: &mut dyn Console) {
        self.jobs.iter_mut().for_each(|job| job.held.show(console));
        if console.interactive() {
            console.err(&self.listing(|job| !job.is_running()));
            self.jobs.retain(Job::is_running);
        } else {
            self.jobs.retain(|job| !matches!(job.state, State::Killed(_, false)));
            for job in &mut self.jobs {
                if let State::Killed(_, fresh) = &mut job.state {
                    *fresh = false;
                }
            }
        }
    }

    /// As `jobs` lists them (`print_pipeline`, `pretty_print_job` in bash).
    fn listing(&self, which: impl Fn(&Job) -> bool) -> String {
        let mut text = String::new();
        for (place, job) in self.jobs.iter().enumerate().filter(|(_, job)| which(job)) {
            let mark = match self.jobs.len() - place {
                1 => '+',
                2 => '-',
                _ => ' ',
            };
            let (state, end) = match job.state {
                State::Running { .. } | State::Stepped => ("Running".to_owned(), " &"),
                State::Ended(0) => ("Done".to_owned(), ""),
                State::Ended(status) => (format!("Exit {status}"), ""),
                State::Killed(Signal::Interrupt, _) => ("Interrupt".to_owned(), ""),
                State::Killed(Signal::Terminate, _) => ("Terminated".to_owned(), ""),
            };
            text += &format!("[{}]{mark}  {state:<24}{}{end}\n", job.number, job.line);
        }
        text
    }

    /// Which job a word means; without one the latest.
    fn find(&self, program: &str, word: Option<&str>) -> Result<usize, Failure> {
        let number = |word: &str| word.strip_prefix('%').map(str::to_owned);
        let place = match word {
            None | Some("%%" | "%+") => self.jobs.len().checked_sub(1),
            Some("%-") => self.jobs.len().checked_sub(2),
            Some(word) => match number(word).map(|number| number.parse::<u32>()) {
                Some(Ok(number)) => self.jobs.iter().position(|job| job.number == number),
                _ => return Err(Failure::NotModelled(format!("{program} {word}"))),
            },
        };
        let name = word.unwrap_or("current");
        place.ok_or_else(|| Failure::exit(1, format_args!("bash: {program}: {name}: no such job")))
    }

    /// Whether one of them is in the namespace of this name.
    pub(crate) fn run_in(&self, namespace: &str) -> bool {
        self.jobs.iter().any(|job| match &job.state {
            State::Running { process, .. } => {
                process.namespace().unwrap_or(&job.namespace).as_str() == namespace
            }
            _ => false,
        })
    }
}

/// Starts a program in the background: its first step, and the place among the others.
pub(crate) fn start(
    line: String,
    program: &str,
    mut process: Box<dyn Process>,
    context: &mut Context<'_>,
) -> Status {
    if OF_THE_SHELL.contains(&program) {
        return told(Failure::NotModelled(format!("{program} … &")), context.console);
    }
    if context.jobs.running().count() >= MOST_RUNNING {
        let message = "vethlab: so many programs run in the background that no further one can begin: end some with 'kill'";
        return told(Failure::exit(2, message), context.console);
    }
    let namespace = context.namespace.clone();
    let result = process.step(&mut Context { background: true, ..context.within(namespace.clone()) });
    if !matches!(result, Ok(Poll::Pending(_))) {
        process.close(context.stack);
    }
    let (state, failure) = match result {
        Ok(Poll::Pending(wait)) => (State::Running { process, wait }, None),
        Ok(Poll::Ready(status)) => (State::Ended(status), None),
        Err(Failure::Exit { message, status }) => (State::Ended(status), Some(message)),
        Err(failure) => return told(failure, context.console),
    };
    context.jobs.add(line, namespace, state, context.console);
    if let Some(message) = failure {
        context.console.err(&message);
    }
    0
}

/// Steps the job at this place, be what it waits for there or not.
fn step(place: usize, hold: bool, interrupted: bool, context: &mut Context<'_>) {
    let Some(job) = context.jobs.jobs.get_mut(place) else { return };
    let mut process = match mem::replace(&mut job.state, State::Stepped) {
        State::Running { process, .. } => process,
        other => {
            job.state = other;
            return;
        }
    };
    let (namespace, mut held) = (job.namespace.clone(), mem::take(&mut job.held));
    if !hold {
        held.show(context.console);
    }
    let mut console = Beside { console: &mut *context.console, held: hold.then_some(&mut held), interrupted };
    let mut inner = Context {
        stack: &mut *context.stack,
        namespace,
        console: &mut console,
        journal: context.journal,
        shells: context.shells,
        jobs: &mut *context.jobs,
        files: &mut *context.files,
        beside: why::borrowed(&mut context.beside),
        background: true,
        input: Input::Empty,
        environment: Vec::new(),
        enter: None,
    };
    let result = process.step(&mut inner);
    if !matches!(result, Ok(Poll::Pending(_))) {
        process.close(inner.stack);
    }
    let state = match result {
        Ok(Poll::Pending(wait)) => State::Running { process, wait },
        Ok(Poll::Ready(status)) => State::Ended(status),
        Err(failure) => State::Ended(told(failure, inner.console)),
    };
    if let Some(job) = context.jobs.jobs.get_mut(place) {
        (job.state, job.held) = (state, held);
    }
}

/// Gives each its time, and shows what they have to show: whether one has ended.
pub(crate) fn step_all(context: &mut Context<'_>) -> bool {
    step_each(context, |_| Some(false))
}

/// Gives time to those whose text comes at once, and to those that cannot wait for it; the text of these is kept.
pub(crate) fn step_before_command(context: &mut Context<'_>) {
    if context.console.interactive() {
        step_all(context);
    } else {
        step_each(context, |job| Some(job.is_urgent()));
    }
}

/// Gives time to those that what they wait for may have come to and does not keep; their text is kept: whether one
/// has ended.
pub(crate) fn step_due(context: &mut Context<'_>) -> bool {
    let now = context.stack.now();
    let is_due = |wait: &Wait| wait.patient.is_none() && (wait.deadline <= now || !wait.sockets.is_empty());
    step_each(context, |job| job.wait().is_some_and(is_due).then_some(true))
}

/// Steps those that it is said of whether their text is kept.
fn step_each(context: &mut Context<'_>, hold: impl Fn(&Job) -> Option<bool>) -> bool {
    let before = context.jobs.running().count();
    if context.jobs.still {
        return false;
    }
    for place in 0..context.jobs.jobs.len() {
        let job = &mut context.jobs.jobs[place];
        let Some(hold) = hold(job) else { continue };
        if !hold {
            job.held.show(context.console);
        }
        if job.is_running() {
            if context.console.interrupted() {
                break;
            }
            step(place, hold, false, context);
        }
    }
    context.jobs.running().count() < before
}

/// What those wait for that cannot wait for anything else: the next time, which is later than now, and sockets.
pub(crate) fn awaited(jobs: &Jobs, now: Instant) -> (Instant, Vec<SocketId>) {
    let (mut next, mut sockets) = (Instant::FOREVER, Vec::new());
    if !jobs.still {
        for wait in jobs.running().filter(|job| job.is_urgent()).filter_map(Job::wait) {
            next = next.min(wait.deadline.max(now + Duration::from_nanos(1)));
            sockets.extend(&wait.sockets);
        }
    }
    (next, sockets)
}
