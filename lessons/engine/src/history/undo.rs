//! Commands that are taken back, and done again.

use super::{Moment, TimeMachine, Undone};
use vethlab_programs::Console;
use vethlab_shared::status::Status;

impl TimeMachine {
    /// Does something so often, until it cannot be done.
    pub(super) fn repeat(
        &mut self,
        number: usize,
        console: &mut dyn Console,
        step: fn(&mut TimeMachine, &mut dyn Console) -> Status,
    ) -> Status {
        if self.place.is_some() {
            self.go_on(console);
        }
        (0..number).map(|_| step(self, console)).find(|status| *status != 0).unwrap_or(0)
    }

    pub(super) fn undo(&mut self, console: &mut dyn Console) -> Status {
        let Some(place) = self.past.iter().rposition(|moment| moment.typed) else {
            let problem = match self.forgotten.is_empty() {
                true => "there is nothing to undo",
                false => "what was done before is no longer kept, and cannot be undone",
            };
            console.err(&format!("vethlab: {problem}\n"));
            return 1;
        };
        self.take_in();
        let moments = self.past.split_off(place);
        let Some(first) = moments.first() else { return 1 };
        let mut journal = self.session.journal().clone();
        journal.go_back(first.mark);
        let session = std::mem::replace(&mut self.session, first.session.with_journal(journal));
        let world = std::mem::replace(&mut self.world, first.world.clone());
        console.out(&format!("Undone: {}\n", first.line().unwrap_or_default()));
        self.undone.push(Undone { place, world, session, moments });
        0
    }

    pub(super) fn redo(&mut self, console: &mut dyn Console) -> Status {
        let Some(Undone { place, world, session, moments }) = self.undone.pop() else {
            console.err("vethlab: there is nothing to do again\n");
            return 1;
        };
        (self.world, self.session) = (world, session);
        console.out(&format!("Done again: {}\n", moments.first().and_then(Moment::line).unwrap_or_default()));
        self.past.truncate(place);
        self.past.extend(moments);
        0
    }
}
