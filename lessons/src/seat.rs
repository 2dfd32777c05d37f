//! A stack, and a person's place on it.

use crate::history::{self, ONE_WAY, TimeMachine};
use crate::stacks::{self, StackChoice, Unavailable};
use vethlab_shared::error::StackError;
use vethlab_shared::journal::Journal;
use vethlab_shared::programs::Console;
use vethlab_shared::session::{Outcome, Session};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Instant;

/// A stack that tells what happens on it, and the shells that a person started on it.
pub struct Seat {
    kind: Kind,
}

enum Kind {
    /// The simulator: one can go back.
    Sim(Box<TimeMachine>),
    /// The kernel, whose time goes one way.
    Real {
        stack: Box<dyn NetworkStack>,
        session: Box<Session>,
        /// What was typed.
        lines: Vec<String>,
    },
}

impl Seat {
    /// Before a fresh machine. The seed is the simulator's.
    ///
    /// # Errors
    /// The stack cannot be had here.
    pub fn open(choice: StackChoice, seed: u64) -> Result<Seat, Unavailable> {
        let kind = match choice {
            StackChoice::Sim => Kind::Sim(Box::new(TimeMachine::new(seed))),
            StackChoice::Real => {
                let mut stack = stacks::open(choice, seed)?;
                stack.observe(true);
                Kind::Real { stack, session: Box::default(), lines: Vec::new() }
            }
        };
        Ok(Seat { kind })
    }

    /// Which stack it is.
    pub fn choice(&self) -> StackChoice {
        match self.kind {
            Kind::Sim(_) => StackChoice::Sim,
            Kind::Real { .. } => StackChoice::Real,
        }
    }

    /// The stack as it is in the present, for what is done to it beside the session.
    pub fn stack(&mut self) -> &mut dyn NetworkStack {
        match &mut self.kind {
            Kind::Sim(machine) => machine.world(),
            Kind::Real { stack, .. } => stack.as_mut(),
        }
    }

    /// Where the person is, and what was done so far.
    pub fn session(&self) -> &Session {
        match &self.kind {
            Kind::Sim(machine) => machine.session(),
            Kind::Real { session, .. } => session,
        }
    }

    /// All that was done and happened up to the present, wherever the person looks.
    pub fn journal(&self) -> &Journal {
        match &self.kind {
            Kind::Sim(machine) => machine.journal(),
            Kind::Real { session, .. } => session.journal(),
        }
    }

    /// Whether waiting costs nothing here.
    pub fn is_virtual(&self) -> bool {
        matches!(self.kind, Kind::Sim(_))
    }

    /// What time it is here.
    pub fn now(&self) -> Instant {
        match &self.kind {
            Kind::Sim(machine) => machine.now(),
            Kind::Real { stack, .. } => stack.now(),
        }
    }

    /// How many commands were done and not taken back, where they can be.
    pub fn commands(&self) -> Option<usize> {
        match &self.kind {
            Kind::Sim(machine) => Some(machine.commands()),
            Kind::Real { .. } => None,
        }
    }

    /// The lines of all commands that were done and not taken back, in order.
    pub fn lines(&self) -> Vec<String> {
        match &self.kind {
            Kind::Sim(machine) => machine.lines(),
            Kind::Real { lines, .. } => lines.clone(),
        }
    }

    /// What stands before the cursor: `host# `, and in the past which event of how many it is: `host@12/31# `.
    pub fn prompt(&self) -> String {
        let place = match &self.kind {
            Kind::Sim(machine) => machine.place(),
            Kind::Real { .. } => None,
        };
        let namespace = self.session().namespace();
        place.map_or(format!("{namespace}# "), |(event, last)| format!("{namespace}@{event}/{last}# "))
    }

    /// Takes one line as typed.
    pub fn execute(&mut self, line: &str, console: &mut dyn Console) -> Outcome {
        match &mut self.kind {
            Kind::Sim(machine) => machine.execute(line, console),
            Kind::Real { .. } if history::is_about_time(line) => {
                console.err(ONE_WAY);
                Outcome::Ran(1)
            }
            Kind::Real { stack, session, lines } => {
                let outcome = session.execute(line, stack.as_mut(), console);
                if outcome != Outcome::Nothing {
                    lines.push(line.trim().to_owned());
                }
                outcome
            }
        }
    }

    /// Takes in what happened beside the commands.
    pub fn take_in(&mut self) {
        match &mut self.kind {
            Kind::Sim(machine) => machine.take_in(),
            Kind::Real { stack, session, .. } => session.take_in(stack.as_mut()),
        }
    }

    /// Takes one line that the person did not type: 'undo' takes it back with the line that was typed before it.
    pub fn execute_untyped(&mut self, line: &str, console: &mut dyn Console) -> Outcome {
        match &mut self.kind {
            Kind::Sim(machine) => machine.execute_untyped(line, console),
            Kind::Real { .. } => self.execute(line, console),
        }
    }

    /// Whether the person looks at the past.
    pub fn is_in_past(&self) -> bool {
        match &self.kind {
            Kind::Sim(machine) => machine.place().is_some(),
            Kind::Real { .. } => false,
        }
    }

    /// Lets time pass while nobody types.
    ///
    /// # Errors
    /// The stack cannot wait.
    pub fn idle_until(&mut self, time: Instant) -> Result<(), StackError> {
        match &mut self.kind {
            Kind::Sim(machine) => machine.idle_until(time),
            Kind::Real { stack, session, .. } => {
                let passed = stack.run_until(time, &[]);
                session.take_in(stack.as_mut());
                passed
            }
        }
    }
}
