//! Commands that are taken back, and done again.

use super::{Moment, TimeMachine};
use vethlab_explain::journal::Tail;
use vethlab_programs::Console;
use vethlab_programs::session::Session;
use vethlab_shared::status::Status;
use vethlab_sim::World;

/// How many bytes it may take to keep what was taken back: as much as it took before, and not more because a person looks
/// at a lot between one 'undo' and the next.
const MOST_BYTES_UNDONE: u64 = super::MOST_BYTES + (192 << 20);

/// A command that was taken back, with the present that it had led to.
#[derive(Debug)]
pub(super) struct Undone {
    /// How many moments there were before it; what was looked at since then goes as it is done again.
    pub(super) place: usize,
    world: World,
    /// The session, its journal left out.
    session: Session,
    /// What the journal held from there on.
    tail: Tail,
    moments: Vec<Moment>,
}

impl Undone {
    /// How many bytes it takes.
    fn weight(&self) -> u64 {
        self.tail.weight() + self.moments.iter().map(|moment| moment.weight).sum::<u64>()
    }
}

/// How many of the oldest have to go where there may be so many, of so many bytes. The last one stays.
pub(super) fn oldest_to_forget(
    weights: impl DoubleEndedIterator<Item = u64> + ExactSizeIterator,
    most: usize,
    most_bytes: u64,
) -> usize {
    let count = weights.len();
    let mut bytes: u64 = 0;
    let fits = |&(place, weight): &(usize, u64)| {
        bytes = bytes.saturating_add(weight);
        place < most && (place == 0 || bytes <= most_bytes)
    };
    count - weights.rev().enumerate().take_while(fits).count()
}

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
        let tail = self.session.journal_mut().split_off(first.mark);
        let mut session = first.session.clone();
        self.session.swap_but_journal(&mut session);
        let world = std::mem::replace(&mut self.world, first.world.clone());
        console.out(&format!("Undone: {}\n", first.line().unwrap_or_default()));
        self.undone.push(Undone { place, world, session, tail, moments });
        let excess = oldest_to_forget(self.undone.iter().map(Undone::weight), usize::MAX, MOST_BYTES_UNDONE);
        self.undone.drain(..excess);
        0
    }

    pub(super) fn redo(&mut self, console: &mut dyn Console) -> Status {
        let Some(Undone { place, world, mut session, tail, moments }) = self.undone.pop() else {
            console.err("vethlab: there is nothing to do again\n");
            return 1;
        };
        self.world = world;
        self.session.swap_but_journal(&mut session);
        self.session.journal_mut().append(tail);
        console.out(&format!("Done again: {}\n", moments.first().and_then(Moment::line).unwrap_or_default()));
        self.past.truncate(place);
        self.past.extend(moments);
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_and_the_last_stays() {
        let cases: [(&[u64], usize, u64, usize); 6] = [
            (&[], 3, 10, 0),
            (&[5, 5], 3, 10, 0),
            (&[5, 5, 1], 3, 10, 1),
            (&[1, 1, 1, 1], 3, 10, 1),
            (&[1, 50], 3, 10, 1),
            (&[50, 9, 1], 3, 10, 1),
        ];
        for (weights, most, most_bytes, expected) in cases {
            assert_eq!(oldest_to_forget(weights.iter().copied(), most, most_bytes), expected, "{weights:?}");
        }
    }
}
