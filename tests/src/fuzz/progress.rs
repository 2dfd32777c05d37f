//! What is kept of a learner's progress.

use super::is_one_line;
use vethlab_engine::lesson::progress::{Left, Progress};

/// What is read is written and read again without a loss.
pub(super) fn run(bytes: &[u8]) {
    let mut progress = match Progress::read(bytes) {
        Ok(progress) => progress,
        Err(problem) => return is_one_line(&problem),
    };
    let written = progress.to_json().expect("plain data");
    assert_eq!(Progress::read(written.as_bytes()).as_ref(), Ok(&progress), "read again");
    let left = Left { step: 2, done: [1].into(), answers: 1 };
    progress.left("p", "one", Some(left));
    let before = progress.of("p", "one");
    assert_eq!(before.left.as_ref().map(|left| (left.step, left.answers)), Some((2, 1)));
    progress.reached("p", "one", 3, true);
    let after = progress.of("p", "one");
    assert_eq!(after.left, before.left, "where the lesson was left");
    assert!(after.done && after.steps == before.steps.max(3), "nothing is taken back");
}
