//! Work spread over threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Room for the calls of a thread, in bytes: commands can be nested (`ip netns exec a ip netns exec b …`).
const STACK: usize = 64 << 20;

/// Works on all items, on so many threads at once, or on this one where that is 0; takes what comes of each on this
/// thread, in the order in which it comes, with the item's place. Begins no further item once it may not go on.
pub(crate) fn spread<I: Sync, O: Send>(
    items: &[I],
    threads: usize,
    may_go_on: impl Fn() -> bool + Sync,
    work: impl Fn(usize, &I) -> O + Sync,
    mut take: impl FnMut(usize, O),
) {
    let next = AtomicUsize::new(0);
    let work_on_next = || {
        let place = may_go_on().then(|| next.fetch_add(1, Ordering::Relaxed))?;
        Some((place, work(place, items.get(place)?)))
    };
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            let (sender, work_on_next) = (sender.clone(), &work_on_next);
            // Nobody listens any more only where the scope is being left.
            let work_on_all =
                move || while work_on_next().is_some_and(|outcome| sender.send(outcome).is_ok()) {};
            // Where there is no further thread, those that there are do its work.
            if thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work_on_all).is_err() {
                break;
            }
        }
        drop(sender);
        receiver.iter().for_each(|(place, outcome)| take(place, outcome));
    });
    // All of it where no thread was asked for, or could be had.
    while let Some((place, outcome)) = work_on_next() {
        take(place, outcome);
    }
}

#[cfg(test)]
mod tests {
    use super::spread;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Each item is worked on once, on any number of threads.
    #[test]
    fn each_item_is_worked_on_once() {
        let items: Vec<usize> = (0..100).collect();
        for threads in [0, 1, 3, 200] {
            let mut outcomes = vec![None; items.len()];
            let keep = |place, outcome| assert_eq!(Option::replace(&mut outcomes[place], outcome), None);
            spread(&items, threads, || true, |place, item| (place, item * item), keep);
            for (place, outcome) in outcomes.into_iter().enumerate() {
                assert_eq!(outcome, Some((place, place * place)), "on {threads} threads");
            }
        }
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
}
