//! How far the world goes before it stops: every frame that arrives, every timer and every call takes a step.

use crate::world::World;
use vethlab_shared::budget::{Budget, Exhausted};
use vethlab_shared::event::EventKind;
use vethlab_shared::time::Instant;

/// How many steps are drawn from the budget at once: that many hops go by before the stop flag is looked at again.
const DRAWN_AT_ONCE: u64 = 1024;

/// What the world may use: its budget, the steps that were drawn and not taken, and how far time may go.
#[derive(Clone, Debug)]
pub(crate) struct Allowance {
    pub(crate) budget: Budget,
    steps: u64,
    /// When the budget's time is over.
    pub(crate) ends: Instant,
    /// How many bytes the events take that nobody has taken yet.
    held: u64,
    /// How many bytes the frames take that wait to be read from packet sockets.
    waiting: u64,
}

impl Allowance {
    /// Of a budget whose time begins now.
    pub(crate) fn new(budget: Budget, now: Instant) -> Allowance {
        let ends = now + budget.limits().time;
        Allowance { budget, steps: 0, ends, held: 0, waiting: 0 }
    }

    /// Takes a step: whether one was left.
    #[inline]
    pub(crate) fn take_step(&mut self) -> bool {
        if self.steps == 0 {
            self.steps = self.budget.draw(DRAWN_AT_ONCE);
        }
        let left = self.steps > 0;
        self.steps = self.steps.saturating_sub(1);
        left
    }

    /// An event is kept until somebody takes it.
    pub(crate) fn hold(&mut self, event: &EventKind) {
        self.held += event.weight();
        self.keep();
    }

    /// Frames wait to be read: so many bytes more.
    pub(crate) fn wait(&mut self, bytes: u64) {
        self.waiting += bytes;
        self.keep();
    }

    /// So many bytes of what waited were read, or are gone.
    pub(crate) fn fetch(&mut self, bytes: u64) {
        self.waiting = self.waiting.saturating_sub(bytes);
        self.keep();
    }

    fn keep(&mut self) {
        if !self.budget.keep(self.held + self.waiting) {
            self.steps = 0;
        }
    }

    /// The events were taken.
    pub(crate) fn release(&mut self) {
        self.held = 0;
        self.keep();
    }
}

impl World {
    /// A budget of the same limits, of which nothing was used, takes the place of the one that there is.
    pub fn renew_budget(&mut self) {
        self.draw_from(self.allowance.budget.renewed());
    }

    /// What is used from now on is taken from this.
    pub(crate) fn draw_from(&mut self, budget: Budget) {
        let Allowance { held, waiting, .. } = self.allowance;
        self.allowance = Allowance { held, waiting, ..Allowance::new(budget, self.now) };
    }

    /// Takes a step for a call.
    ///
    /// # Errors
    /// A limit was reached.
    pub(crate) fn begin_call(&mut self) -> Result<(), Exhausted> {
        self.allowance.take_step();
        self.allowance.budget.check()
    }
}
