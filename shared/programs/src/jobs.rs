//! Programs that run in the background of a session, and the shell's words for them: `jobs`, `wait`, `kill`, `fg`.
//!
//! Only `tcpdump` can run there. It is given time when the command in the foreground has ended; before a person
//! also whenever that command waits, so that lines come as frames do. So what a script prints does not hang on
//! how fast anything is: first the command's own lines, then those of the background.

use super::tcpdump::{self, Capture};
use super::waiting::wait_until;
use super::{Console, Context, Failure, Status, refused};
use vethlab_shared::socket::SocketId;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Duration;

/// With nobody to press Ctrl-C: after so long without a frame none will come.
const NOTHING_COMES: Duration = Duration::from_secs(60);

/// How many programs may run in the background at once: each keeps every frame that it hears until it is given time.
const MOST_RUNNING: usize = 8;

/// The programs in the background of a session.
#[derive(Clone, Debug, Default)]
pub struct Jobs {
    jobs: Vec<Job>,
    /// The line that is to run in the background, until its program has taken it.
    starting: Option<String>,
}

#[derive(Clone, Debug)]
struct Job {
    number: u32,
    /// As typed, without the `&`.
    line: String,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Running(Box<Capture>),
    Ended(Status),
}

impl Jobs {
    /// The number of each, and whether it runs.
    pub(crate) fn states(&self) -> Vec<(u32, bool)> {
        self.jobs.iter().map(|job| (job.number, matches!(job.state, State::Running(_)))).collect()
    }

    /// The next program that is run is to run in the background.
    pub(crate) fn start(&mut self, line: String) {
        self.starting = Some(line);
    }

    /// Whether the program that is run now is to run in the background.
    pub(crate) fn is_starting(&self) -> bool {
        self.starting.is_some()
    }

    /// The line that starts in the background: its program goes there.
    pub(crate) fn take_start(&mut self) -> Option<String> {
        self.starting.take()
    }

    /// Whether no further program may begin in the background.
    pub(crate) fn is_full(&self) -> bool {
        self.jobs.iter().filter(|job| matches!(job.state, State::Running(_))).count() >= MOST_RUNNING
    }

    pub(crate) fn add(&mut self, line: String, capture: Capture, console: &mut dyn Console) {
        self.push(line, State::Running(Box::new(capture)), console);
    }

    /// A program that could not even begin.
    pub(crate) fn add_ended(&mut self, line: String, status: Status, console: &mut dyn Console) {
        self.push(line, State::Ended(status), console);
    }

    fn push(&mut self, line: String, state: State, console: &mut dyn Console) {
        let number = self.jobs.last().map_or(1, |job| job.number + 1);
        if console.interactive() {
            // A shell names the process too; there are none here.
            console.err(&format!("[{number}]\n"));
        }
        self.jobs.push(Job { number, line, state });
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Gives each its time.
    pub(crate) fn step(&mut self, stack: &mut dyn NetworkStack, console: &mut dyn Console) {
        for job in &mut self.jobs {
            if console.interrupted() {
                return;
            }
            if let State::Running(capture) = &mut job.state
                && let Some(status) = capture.step(stack, console)
            {
                job.state = State::Ended(status);
            }
        }
    }

    /// Tells a person which have ended, and forgets them.
    pub(crate) fn tell_ended(&mut self, console: &mut dyn Console) {
        if console.interactive() {
            let ended = |job: &Job| matches!(job.state, State::Ended(_));
            console.err(&self.listing(ended));
            self.jobs.retain(|job| !ended(job));
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
                State::Running(_) => ("Running".to_owned(), " &"),
                State::Ended(0) => ("Done".to_owned(), ""),
                State::Ended(status) => (format!("Exit {status}"), ""),
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
        self.running().any(|(_, capture)| capture.namespace().as_str() == namespace)
    }

    fn running(&self) -> impl Iterator<Item = (u32, &Capture)> {
        self.jobs.iter().filter_map(|job| match &job.state {
            State::Running(capture) => Some((job.number, capture.as_ref())),
            State::Ended(_) => None,
        })
    }
}

/// `jobs`: which there are. The ended ones are told of once.
pub(super) fn list(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    if let Some(word) = words.first() {
        return Err(Failure::NotModelled(format!("jobs {word}")));
    }
    let text = context.jobs.listing(|_| true);
    context.console.out(&text);
    context.jobs.jobs.retain(|job| matches!(job.state, State::Running(_)));
    Ok(0)
}

/// `wait`: until all have ended, or those named; the status is that of the last one named.
pub(super) fn wait(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let mut status = 0;
    if words.is_empty() {
        wait_while(context, |jobs| jobs.running().map(|(number, _)| number).collect())?;
        context.jobs.jobs.retain(|job| matches!(job.state, State::Running(_)));
        return Ok(if context.console.interrupted() { 130 } else { 0 });
    }
    for word in words {
        let place = context.jobs.find("wait", Some(word)).map_err(|failure| match failure {
            Failure::Exit { message, .. } => Failure::Exit { message, status: 127 },
            failure => failure,
        })?;
        let number = context.jobs.jobs[place].number;
        wait_while(context, |jobs| {
            jobs.running().map(|(running, _)| running).filter(|running| *running == number).collect()
        })?;
        if context.console.interrupted() {
            return Ok(130);
        }
        if let Some(place) = context.jobs.jobs.iter().position(|job| job.number == number)
            && let State::Ended(ended) = context.jobs.jobs[place].state
        {
            status = ended;
            context.jobs.jobs.remove(place);
        }
    }
    Ok(status)
}

/// Waits while any of these jobs runs.
fn wait_while(context: &mut Context<'_>, which: impl Fn(&Jobs) -> Vec<u32>) -> Result<(), Failure> {
    let received = |jobs: &Jobs| jobs.running().map(|(_, capture)| capture.received()).sum::<u64>();
    let mut last = context.stack.now();
    loop {
        let before = received(context.jobs);
        context.jobs.step(context.stack, context.console);
        let awaited = which(context.jobs);
        if awaited.is_empty() || context.console.interrupted() {
            return Ok(());
        }
        let now = context.stack.now();
        let endless =
            context.jobs.running().find(|(number, job)| awaited.contains(number) && !job.is_bounded());
        if received(context.jobs) > before {
            last = now;
        }
        if !context.console.interactive() && (endless.is_some() || now.since(last) >= NOTHING_COMES) {
            let number = endless.map_or(awaited[0], |(number, _)| number);
            let message = format!("vethlab: 'wait' would never end here; kill %{number} ends that program");
            return Err(Failure::exit(2, message));
        }
        let sockets: Vec<SocketId> = context.jobs.running().map(|(_, job)| job.socket()).collect();
        wait_until(context, now + NOTHING_COMES, &sockets)
            .map_err(|error| refused(error, 1, |errno| format!("bash: wait: {errno}")))?;
    }
}

/// `kill %1`: ends a program, as `SIGTERM` does; `SIGINT` does the same to tcpdump.
pub(super) fn kill(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    const SIGNALS: [&str; 8] = ["-TERM", "-SIGTERM", "-15", "-INT", "-SIGINT", "-2", "-term", "-int"];
    let words = match words {
        [signal, rest @ ..] if SIGNALS.contains(&signal.as_str()) => rest,
        [signal, ..] if signal.starts_with('-') => {
            return Err(Failure::NotModelled(format!("kill {signal}")));
        }
        words => words,
    };
    if words.is_empty() {
        return Err(Failure::exit(2, "bash: kill: usage: kill [-TERM | -INT] %JOB ..."));
    }
    let mut status = 0;
    for word in words {
        match context.jobs.find("kill", Some(word)) {
            Ok(place) => {
                let job = &mut context.jobs.jobs[place];
                if let State::Running(capture) = &mut job.state {
                    job.state = State::Ended(capture.stop(context.stack, context.console));
                }
            }
            Err(Failure::Exit { message, .. }) => {
                context.console.err(&message);
                status = 1;
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(status)
}

/// `fg`: a program comes to the foreground, where Ctrl-C ends it.
pub(super) fn foreground(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    if !context.console.interactive() {
        return Err(Failure::exit(1, "bash: fg: no job control"));
    }
    let place = context.jobs.find("fg", words.first().map(String::as_str))?;
    let Job { line, state, .. } = context.jobs.jobs.remove(place);
    context.console.out(&format!("{line}\n"));
    match state {
        State::Running(capture) => tcpdump::in_foreground(*capture, context),
        State::Ended(status) => Ok(status),
    }
}
