//! Work spread over threads.

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Room for the calls of a thread, in bytes: commands can be nested (`ip netns exec a ip netns exec b …`).
const STACK: usize = 64 << 20;

/// How many items may be done before their turn to be taken comes.
const WINDOW: usize = 256;

/// How long a thread that is ahead waits before it looks again whether it may go on.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Which item is next, and how many were taken.
#[derive(Default)]
struct Turns {
    places: Mutex<Places>,
    taken: Condvar,
}

#[derive(Clone, Copy, Default)]
struct Places {
    next: usize,
    taken: usize,
}

impl Turns {
    fn places(&self) -> MutexGuard<'_, Places> {
        // Two numbers are whole whatever became of the thread that wrote them.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The place of the item to work on now, once it is not too far ahead; `None` where there is none, or nothing may go
    /// on.
    fn begin_next(&self, count: usize, may_go_on: impl Fn() -> bool) -> Option<usize> {
        let mut places = self.places();
        loop {
            if places.next >= count || !may_go_on() {
                return None;
            }
            if places.next < places.taken + WINDOW {
                places.next += 1;
                return Some(places.next - 1);
            }
            let waited = self.taken.wait_timeout(places, LOOK_AGAIN);
            places = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn take(&self) {
        self.places().taken += 1;
        self.taken.notify_all();
    }
}

/// Ends the work where an item, or the one who takes what comes of it, panics: nobody waits for a turn that does not come.
struct EndOnPanic<'a>(&'a Turns);

impl Drop for EndOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.places().next = usize::MAX;
            self.0.taken.notify_all();
        }
    }
}

/// Works on all items, on so many threads at once, or on this one where that is 0; takes what comes of each on this
/// thread, in the order of the items, with the item's place. Begins no further item once it may not go on; what was begun
/// is taken.
pub(crate) fn spread<I: Sync, O: Send>(
    items: &[I],
    threads: usize,
    may_go_on: impl Fn() -> bool + Sync,
    work: impl Fn(usize, &I) -> O + Sync,
    mut take: impl FnMut(usize, O),
) {
    let turns = Turns::default();
    let work_on_next = || {
        let place = turns.begin_next(items.len(), &may_go_on)?;
        Some((place, work(place, items.get(place)?)))
    };
    let mut ahead = BTreeMap::new();
    let mut in_order = |place: usize, outcome: O| {
        ahead.insert(place, outcome);
        loop {
            let turn = turns.places().taken;
            let Some(outcome) = ahead.remove(&turn) else { return };
            take(turn, outcome);
            turns.take();
        }
    };
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            let (sender, work_on_next) = (sender.clone(), &work_on_next);
            // Nobody listens any more only where the scope is being left.
            let turns = &turns;
            let work_on_all = move || {
                let _on_panic = EndOnPanic(turns);
                while work_on_next().is_some_and(|outcome| sender.send(outcome).is_ok()) {}
            };
            // Where there is no further thread, those that there are do its work.
            if thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work_on_all).is_err() {
                break;
            }
        }
        drop(sender);
        let _on_panic = EndOnPanic(&turns);
        receiver.iter().for_each(|(place, outcome)| in_order(place, outcome));
    });
    // All of it where no thread was asked for, or could be had.
    while let Some((place, outcome)) = work_on_next() {
        in_order(place, outcome);
    }
}

#[cfg(test)]
mod tests {
    use super::{WINDOW, spread};
    use std::panic;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    /// Each item is worked on once, on any number of threads, and taken in its turn.
    #[test]
    fn each_item_is_worked_on_once_and_taken_in_its_turn() {
        let items: Vec<usize> = (0..10 * WINDOW).collect();
        for threads in [0, 1, 3, 200] {
            let mut outcomes = Vec::new();
            let work = |place, item: &usize| (place, item * item);
            spread(&items, threads, || true, work, |place, outcome| outcomes.push((place, outcome)));
            let all: Vec<_> = items.iter().map(|item| (*item, (*item, item * item))).collect();
            assert_eq!(outcomes, all, "on {threads} threads");
        }
    }

    /// Nobody works far ahead of what was taken: that would have to be kept.
    #[test]
    fn nobody_runs_far_ahead() {
        let (begun, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = |_, _: &()| {
            let ahead = begun.fetch_add(1, Ordering::SeqCst).saturating_sub(taken.load(Ordering::SeqCst));
            assert!(ahead <= WINDOW, "{ahead}");
        };
        let take = |_, ()| {
            taken.fetch_add(1, Ordering::SeqCst);
        };
        spread(&[(); 20 * WINDOW], 3, || true, work, take);
        assert_eq!(taken.into_inner(), 20 * WINDOW);
    }

    /// Once it may not go on, what was begun is taken, and nothing else begun.
    #[test]
    fn what_was_begun_is_taken() {
        for threads in [0, 3] {
            let begun = AtomicUsize::new(0);
            let mut taken = 0;
            let work = |_, _: &()| begun.fetch_add(1, Ordering::Relaxed);
            spread(&[(); 1000], threads, || begun.load(Ordering::Relaxed) < 10, work, |_, _| taken += 1);
            assert_eq!(taken, begun.into_inner());
            assert!((10..10 + threads.max(1)).contains(&taken), "{taken} on {threads} threads");
        }
    }

    /// Where the work on an item panics, the others do not wait for its turn.
    #[test]
    fn a_panic_ends_the_work() {
        let (sender, receiver) = mpsc::channel();
        let spread_and_tell = move || {
            let work = |place, _: &()| assert_ne!(place, 0, "the first item panics");
            let all = || spread(&[(); 20 * WINDOW], 3, || true, work, |_, ()| {});
            sender.send(panic::catch_unwind(all).is_err())
        };
        let _waiting = thread::spawn(spread_and_tell);
        assert_eq!(receiver.recv_timeout(Duration::from_secs(60)), Ok(true), "it ends, and tells");
    }
}
