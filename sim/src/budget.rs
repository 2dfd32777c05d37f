//! How far the world goes before it stops: every frame that arrives, every timer and every call takes a step.

use crate::world::World;
use vethlab_shared::budget::{Budget, Exhausted};
use vethlab_shared::error::StackError;
use vethlab_shared::event::Event;
use vethlab_shared::time::Instant;

/// How many steps are drawn from the budget at once: that many hops go by before the stop flag is looked at again.
const DRAWN_AT_ONCE: u64 = 1024;

/// The steps that were drawn and not taken, and how far time may go.
#[derive(Clone, Debug, Default)]
pub(crate) struct Allowance {
    budget: Budget,
    steps: u64,
    /// When the budget's time is over.
    ends: Option<Instant>,
    /// What the events weigh that nobody has taken yet, in bytes.
    held: u64,
}

impl World {
    pub(crate) fn set_allowance(&mut self, budget: Budget) {
        let ends = Some(self.now + budget.limits().time);
        self.allowance = Allowance { budget, steps: 0, ends, held: self.allowance.held };
    }

    /// Takes a step: whether one was left.
    pub(crate) fn take_step(&mut self) -> bool {
        let allowance = &mut self.allowance;
        if allowance.steps == 0 {
            allowance.steps = allowance.budget.draw(DRAWN_AT_ONCE);
        }
        let left = allowance.steps > 0;
        allowance.steps = allowance.steps.saturating_sub(1);
        left
    }

    /// Takes a step for a call.
    ///
    /// # Errors
    /// None is left.
    pub(crate) fn begin_call(&mut self) -> Result<(), StackError> {
        self.take_step();
        self.check_allowance()
    }

    /// # Errors
    /// A limit was reached.
    pub(crate) fn check_allowance(&self) -> Result<(), StackError> {
        self.allowance.budget.exhausted().map_or(Ok(()), |limit| Err(StackError::Exhausted(limit)))
    }

    /// The limit that was reached, if one was.
    pub(crate) fn exhausted_limit(&self) -> Option<Exhausted> {
        self.allowance.budget.exhausted()
    }

    /// How far time may go at most.
    pub(crate) fn end_of_time(&self) -> Instant {
        self.allowance.ends.unwrap_or(Instant::LAST)
    }

    /// Time would have to go further than it may.
    pub(crate) fn out_of_time(&mut self) {
        let limit = self.allowance.budget.limits().time;
        self.allowance.budget.exhaust(Exhausted::Time(limit));
    }

    /// An event is kept until somebody takes it.
    pub(crate) fn hold(&mut self, event: &Event) {
        let allowance = &mut self.allowance;
        allowance.held += event.kind.weight();
        let limit = allowance.budget.limits().memory;
        if allowance.held > limit {
            allowance.budget.exhaust(Exhausted::Memory(limit));
            allowance.steps = 0;
        }
    }

    /// The events were taken.
    pub(crate) fn release(&mut self) {
        self.allowance.held = 0;
    }
}
