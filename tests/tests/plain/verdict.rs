//! Checks that ask the same of a network share what came of it: each finds what it finds alone.

use vethlab_engine::classroom::{CheckedNetwork, Verdict, attempt};
use vethlab_engine::lesson::check::{CheckContext, Finding};
use vethlab_engine::lesson::{Edition, Exercise, Learner};
use vethlab_engine::limits;
use vethlab_engine::stacks::StackChoice;
use vethlab_sim::World;
use vethlab_tests::classroom;

/// Without its last commands an answer is whole, or lacks routes, or forwarding as well, or has links that are down.
const LEFT_OUT: usize = 20;

/// What each check finds, by what the verdict says of it and alone; `None` for one that was not looked at.
fn findings(exercise: &Exercise, left_out: usize) -> Vec<(Option<Finding>, Finding)> {
    let solution = &exercise.task.solution;
    let commands = &solution[..solution.len() - left_out];
    let mut world = World::new(exercise.edition().seed);
    let attempt = attempt::run(exercise, commands, &mut world, limits::ANSWER, &|| None).expect("an attempt");
    let verdict = Verdict::reach(exercise, &mut CheckedNetwork::Sim(&world, &attempt.background), &[], 0);
    let alone = exercise.task.checks.iter().map(|check| {
        let (stack, learner) = (&mut world.clone(), &Learner::new());
        check.look(&mut CheckContext { stack, learner, events: &[], explains: true, asked: None })
    });
    verdict.checks.into_iter().map(|check| check.finding).zip(alone).collect()
}

#[test]
fn a_check_finds_beside_others_what_it_finds_alone() {
    let (mut met, mut explained) = (0, 0);
    for word in ["row", "cable"] {
        let assignment = classroom::assignment(word).expect("an exercise");
        for left_out in 0..assignment.exercise.task.solution.len().min(LEFT_OUT) {
            let edition = Edition { seed: left_out as u64, stack: StackChoice::Sim };
            let exercise = assignment.exercise.in_edition(edition).expect("an edition");
            for (place, (beside, alone)) in findings(&exercise, left_out).into_iter().enumerate() {
                let Some(beside) = beside else { continue };
                assert_eq!(beside, alone, "{word}, check {}, {left_out} commands left out", place + 1);
                met += usize::from(alone.met);
                explained += usize::from(!alone.story.is_empty());
            }
        }
    }
    assert!(met > 20 && explained > 20, "{met} {explained}");
}
