//! A stack, and a person's place on it.

use crate::stacks::{self, StackChoice, Unavailable};
use vethlab_shared::error::StackError;
use vethlab_shared::programs::Console;
use vethlab_shared::session::{Outcome, Session};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Instant;

/// A stack that tells what happens on it, and the shells that a person started on it.
pub struct Seat {
    choice: StackChoice,
    stack: Box<dyn NetworkStack>,
    session: Session,
}

impl Seat {
    /// Before a fresh machine. The seed is the simulator's.
    ///
    /// # Errors
    /// The stack cannot be had here.
    pub fn open(choice: StackChoice, seed: u64) -> Result<Seat, Unavailable> {
        let mut stack = stacks::open(choice, seed)?;
        stack.observe(true);
        Ok(Seat { choice, stack, session: Session::new() })
    }

    /// Which stack it is.
    pub fn choice(&self) -> StackChoice {
        self.choice
    }

    /// The stack, for what is done to it beside the session.
    pub fn stack(&mut self) -> &mut dyn NetworkStack {
        self.stack.as_mut()
    }

    /// Where the person is, and what was done so far.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Whether waiting costs nothing here.
    pub fn is_virtual(&self) -> bool {
        self.stack.capabilities().virtual_time
    }

    /// What time it is here.
    pub fn now(&self) -> Instant {
        self.stack.now()
    }

    /// Takes one line as typed.
    pub fn execute(&mut self, line: &str, console: &mut dyn Console) -> Outcome {
        self.session.execute(line, self.stack.as_mut(), console)
    }

    /// Lets time pass while nobody types.
    ///
    /// # Errors
    /// The stack cannot wait.
    pub fn idle_until(&mut self, time: Instant) -> Result<(), StackError> {
        let passed = self.stack.run_until(time, &[]);
        self.session.take_in(self.stack.as_mut());
        passed
    }
}
