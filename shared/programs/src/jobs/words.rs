//! The shell's words for what runs in the background: `jobs`, `wait`, `kill`, `fg`.

use super::{Job, State, step, step_all};
use crate::process::{Poll, Process, Signal, Wait};
use crate::{Context, Failure};
use vethlab_shared::error::StackError;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::status::Status;
use vethlab_shared::time::{Duration, Instant};

/// With nobody to press Ctrl-C: after so long without a frame none will come.
const NOTHING_COMES: Duration = Duration::from_secs(60);

/// `jobs`: which there are. The ended ones are told of once.
pub(crate) fn list(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    if let Some(word) = words.first() {
        return Err(Failure::NotModelled(format!("jobs {word}")));
    }
    let text = context.jobs.listing(|job| !matches!(job.state, State::Killed(..)));
    context.console.out(&text);
    context.jobs.jobs.retain(|job| job.is_running() || matches!(job.state, State::Killed(..)));
    Ok(0)
}

/// `kill %1`: sends a signal. One that has no handler for it ends, be it that a shell without job control has its
/// programs in the background not hear `SIGINT` (`setup_async_signals` in bash).
pub(crate) fn kill(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    const TERMINATE: [&str; 4] = ["-TERM", "-SIGTERM", "-15", "-term"];
    const INTERRUPT: [&str; 4] = ["-INT", "-SIGINT", "-2", "-int"];
    let (signal, words) = match words {
        [word, rest @ ..] if TERMINATE.contains(&word.as_str()) => (Signal::Terminate, rest),
        [word, rest @ ..] if INTERRUPT.contains(&word.as_str()) => (Signal::Interrupt, rest),
        [word, ..] if word.starts_with('-') => return Err(Failure::NotModelled(format!("kill {word}"))),
        words => (Signal::Terminate, words),
    };
    if words.is_empty() {
        return Err(Failure::exit(2, "bash: kill: usage: kill [-TERM | -INT] %JOB ..."));
    }
    let mut status = 0;
    for word in words {
        match context.jobs.find("kill", Some(word)) {
            Ok(place) => send(signal, place, context),
            Err(Failure::Exit { message, .. }) => {
                context.console.err(&message);
                status = 1;
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(status)
}

fn send(signal: Signal, place: usize, context: &mut Context<'_>) {
    let job = &mut context.jobs.jobs[place];
    let State::Running { process, .. } = &mut job.state else { return };
    if process.handles(signal) {
        step(place, false, true, context);
    } else if signal == Signal::Terminate || context.console.interactive() {
        process.close(context.stack);
        job.held.show(context.console);
        job.state = State::Killed(signal, true);
    }
}

/// `wait`: until all have ended, or those named; the status is that of the last one named.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    /// The names that are not waited for yet, the first being waited for now.
    words: Vec<String>,
    /// Whether none was named.
    all: bool,
    status: Status,
    /// Since when it waits for the first of them.
    since: Option<Instant>,
}

impl Waiting {
    pub(crate) fn new(words: &[String]) -> Waiting {
        Waiting { words: words.to_vec(), all: words.is_empty(), status: 0, since: None }
    }

    /// What is to be waited for now, unless it has ended.
    fn wait_for(&mut self, place: Option<usize>, context: &Context<'_>) -> Result<Option<Wait>, Failure> {
        let now = context.stack.now();
        let since = *self.since.get_or_insert(now);
        let number = |job: &&Job| place.is_none_or(|place| context.jobs.jobs[place].number == job.number);
        let awaited: Vec<&Job> = context.jobs.running().filter(number).collect();
        let Some(first) = awaited.first() else { return Ok(None) };
        let ends = |job: &&&Job| match &job.state {
            State::Running { process, .. } => process.ends_by_itself(),
            _ => true,
        };
        let endless = awaited.iter().find(|job| !ends(job));
        // Frames come to some of them as long as any other program sends.
        let mut heard = context.jobs.running().map(|job| job.wait().and_then(|wait| wait.patient));
        let last = heard.try_fold(since, |last, heard| Some(last.max(heard?)));
        let nothing_comes = last.is_some_and(|last| now.since(last) >= NOTHING_COMES);
        if !context.console.interactive() && (endless.is_some() || nothing_comes) {
            let number = endless.unwrap_or(first).number;
            let message = format!("vethlab: 'wait' would never end here; kill %{number} ends that program");
            return Err(Failure::exit(2, message));
        }
        let sockets = context.jobs.running().filter_map(Job::wait).flat_map(|wait| &wait.sockets);
        let wait = Wait::until(now + NOTHING_COMES, sockets.copied().collect());
        Ok(Some(Wait { children: true, ..wait }))
    }
}

impl Process for Waiting {
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        step_all(context);
        loop {
            let place = match self.words.first() {
                None if !self.all => return Ok(Poll::Ready(self.status)),
                None => None,
                Some(word) => {
                    Some(context.jobs.find("wait", Some(word)).map_err(|failure| match failure {
                        Failure::Exit { message, .. } => Failure::Exit { message, status: 127 },
                        failure => failure,
                    })?)
                }
            };
            let interrupted = context.console.interrupted();
            let wait = if interrupted { None } else { self.wait_for(place, context)? };
            if let Some(wait) = wait {
                return Ok(Poll::Pending(wait));
            }
            match place {
                None => {
                    context.jobs.jobs.retain(Job::is_running);
                    return Ok(Poll::Ready(if interrupted { 130 } else { 0 }));
                }
                Some(_) if interrupted => return Ok(Poll::Ready(130)),
                Some(place) => {
                    self.status = match context.jobs.jobs.remove(place).state {
                        State::Ended(status) => status,
                        State::Killed(signal, _) => signal.status(),
                        State::Running { .. } | State::Stepped => 0,
                    };
                    self.words.remove(0);
                    self.since = None;
                }
            }
        }
    }

    fn cannot_wait(&self, error: StackError) -> Failure {
        crate::refused(error, 1, |errno| format!("bash: wait: {errno}"))
    }

    fn handles(&self, signal: Signal) -> bool {
        signal == Signal::Interrupt
    }
}

/// `fg`: a program comes to the foreground, where Ctrl-C ends it.
#[derive(Clone, Debug)]
pub(crate) struct Foreground {
    word: Option<String>,
    /// Where the program was typed, and the program, once it is in the foreground.
    running: Option<(NamespaceName, Box<dyn Process>)>,
}

impl Foreground {
    pub(crate) fn new(words: &[String]) -> Foreground {
        Foreground { word: words.first().cloned(), running: None }
    }

    /// Takes the program out of the background; its status, where it has ended there.
    fn take(&mut self, context: &mut Context<'_>) -> Result<Option<Status>, Failure> {
        if !context.console.interactive() {
            return Err(Failure::exit(1, "bash: fg: no job control"));
        }
        let place = context.jobs.find("fg", self.word.as_deref())?;
        let Job { line, namespace, state, mut held, .. } = context.jobs.jobs.remove(place);
        held.show(context.console);
        context.console.out(&format!("{line}\n"));
        match state {
            State::Running { process, .. } => {
                self.running = Some((namespace, process));
                Ok(None)
            }
            State::Stepped => Ok(Some(0)),
            State::Ended(status) => Ok(Some(status)),
            State::Killed(signal, _) => Ok(Some(signal.status())),
        }
    }
}

impl Process for Foreground {
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        if self.running.is_none()
            && let Some(status) = self.take(context)?
        {
            return Ok(Poll::Ready(status));
        }
        match &mut self.running {
            Some((namespace, process)) => process.step(&mut context.within(namespace.clone())),
            None => Ok(Poll::Ready(0)),
        }
    }

    fn cannot_wait(&self, error: StackError) -> Failure {
        self.running.as_ref().map_or(Failure::Past, |(_, process)| process.cannot_wait(error))
    }

    fn close(&mut self, stack: &mut dyn NetworkStack) {
        if let Some((_, process)) = &mut self.running {
            process.close(stack);
        }
    }

    fn handles(&self, signal: Signal) -> bool {
        self.running.as_ref().is_some_and(|(_, process)| process.handles(signal))
    }

    fn leaves_line_open(&self) -> bool {
        self.running.as_ref().is_some_and(|(_, process)| process.leaves_line_open())
    }
}
