//! A prompt: one line after another, in one namespace or another.

use crate::jobs::Jobs;
use crate::{Console, Context};
use vethlab_explain::journal::{Command, Journal};
use vethlab_explain::why::{self, Witness};
use vethlab_shared::event::Event;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::status::Status;
use vethlab_shared::time::Duration;
use vethlab_shared::words;

/// Where a person is: the shells that were started one inside the other.
#[derive(Clone, Debug, Default)]
pub struct Session {
    machine: NamespaceName,
    entered: Vec<NamespaceName>,
    journal: Journal,
    jobs: Jobs,
    /// Whether somebody else keeps the time.
    led: bool,
    /// Whether time stands still here, and with it what runs in the background.
    still: bool,
}

/// How long a shell takes to start a program, where time is virtual.
pub const START_OF_PROGRAM: Duration = Duration::from_millis(2);

/// Lets the time pass that starting a program takes, so that two commands never happen at the same instant.
/// Where time is real it passes by itself.
fn start_of_program(stack: &mut dyn NetworkStack) {
    if stack.capabilities().virtual_time {
        let deadline = stack.now() + START_OF_PROGRAM;
        // Waiting for nothing but time: a stack with virtual time cannot refuse it.
        let _ = stack.run_until(deadline, &[]);
    }
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
        mut witness: Option<&mut dyn Witness>,
    ) -> Outcome {
        let (words, in_background) = match words::command(line) {
            Ok(command) => command,
            Err(error) => {
                console.err(&format!("vethlab: {error}\n"));
                return Outcome::Ran(2);
            }
        };
        match words.first().map(String::as_str) {
            None => {
                // Before a person an empty line shows what the background has to show.
                if console.interactive() {
                    self.give_time_to_jobs(stack, console);
                }
                Outcome::Nothing
            }
            Some("exit") => self.exit(&words[1..], console),
            Some(_) => {
                let namespace = self.namespace().clone();
                self.journal.between(stack.take_events());
                if !self.led {
                    start_of_program(stack);
                }
                self.step_jobs(stack, console);
                if in_background {
                    self.jobs.start(words.join(" "));
                }
                let began = stack.now();
                let journal = &self.journal;
                let jobs = &mut self.jobs;
                let (shells, enter) = (self.entered.as_slice(), None);
                let mut context = Context {
                    stack,
                    namespace: namespace.clone(),
                    console,
                    journal,
                    jobs,
                    shells,
                    witness: why::borrowed(&mut witness),
                    enter,
                };
                let status = crate::run(&words, &mut context);
                let enter = context.enter.take();
                self.entered.extend(enter);
                // Where no program could take it, it starts nothing later either.
                self.jobs.take_start();
                self.give_time_to_jobs(stack, console);
                let (line, ended) = (line.trim().to_owned(), stack.now());
                let events = stack.take_events();
                let sent = events.iter().any(Event::is_traffic);
                let after = if sent { stack.snapshot() } else { None };
                self.journal.command(Command { line, namespace, status, began, ended }, events, after);
                Outcome::Ran(status)
            }
        }
    }

    /// Takes in what has happened on the stack since the last command ended.
    pub fn take_in(&mut self, stack: &mut dyn NetworkStack) {
        self.journal.between(stack.take_events());
    }

    /// The same place with another journal.
    #[must_use]
    pub fn with_journal(&self, journal: Journal) -> Session {
        let Session { machine, entered, jobs, led, still, .. } = self;
        let (machine, entered, jobs) = (machine.clone(), entered.clone(), jobs.clone());
        Session { machine, entered, journal, jobs, led: *led, still: *still }
    }

    /// The same place where time stands still: one can look around, and what runs in the background waits.
    #[must_use]
    pub fn standing_still(self) -> Session {
        Session { still: true, ..self }
    }

    /// Whether the person is where they were, with the same running in the background.
    pub fn is_as(&self, before: &Session) -> bool {
        self.entered == before.entered && self.jobs.states() == before.jobs.states()
    }

    fn give_time_to_jobs(&mut self, stack: &mut dyn NetworkStack, console: &mut dyn Console) {
        self.step_jobs(stack, console);
        self.jobs.tell_ended(console);
    }

    fn step_jobs(&mut self, stack: &mut dyn NetworkStack, console: &mut dyn Console) {
        if !self.still {
            self.jobs.step(stack, console);
        }
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
