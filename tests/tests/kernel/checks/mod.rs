//! Every kind of check that an exercise can have, met and not met, on both stacks: the same body for each.

mod cases;
mod traffic;

use cases::{CASES, PAIR, SLOW};
use libtest_mimic::Failed;
use std::time::Duration;
use traffic::TRAFFIC;
use vethlab_engine::classroom::attempt;
use vethlab_engine::classroom::{CheckedNetwork, Outcome, Verdict};
use vethlab_engine::lesson::{Edition, Exercise, Pack};
use vethlab_engine::limits;
use vethlab_engine::stacks::StackChoice;
use vethlab_programs::Transcript;
use vethlab_programs::reach::{self, Reached};
use vethlab_shared::name::NamespaceName;
use vethlab_sim::World;
use vethlab_tests::stacks;
use vethlab_tests::trial::Trial;

/// How long one run may take.
const LIMIT: Duration = Duration::from_secs(60);

/// A network, what a student did in it, and what is to become of each check.
struct Case {
    name: &'static str,
    setup: &'static str,
    answer: &'static str,
    /// The keys of each check, one line, parted by `;`.
    checks: &'static [(&'static str, Outcome)],
}

pub(crate) fn trials(missing: Option<&str>) -> Vec<Trial> {
    let mut trials = vec![Trial::new(format!("{} on sim", SLOW.name), || on_sim(&SLOW))];
    let name = "a server of the person goes on while somebody asks";
    trials.push(Trial::new(format!("{name} on sim"), || while_somebody_asks(StackChoice::Sim)));
    trials.push(Trial::on_kernel(format!("{name} on real"), missing, || {
        while_somebody_asks(StackChoice::Real)
    }));
    for case in CASES.iter().chain(TRAFFIC) {
        trials.push(Trial::new(format!("{} on sim", case.name), || on_sim(case)));
        trials.push(Trial::on_kernel(format!("{} on real", case.name), missing, || on_real(case)));
    }
    trials
}

fn on_sim(case: &Case) -> Result<(), Failed> {
    let exercise = exercise(case, StackChoice::Sim)?;
    let mut world = World::new(1);
    let attempt = attempt::run(
        &exercise,
        &exercise.task.solution,
        &mut world,
        limits::ANSWER,
        &vethlab::bounds::within(LIMIT),
    )?;
    let network = &mut CheckedNetwork::Sim(&world, &attempt.background);
    came_out(case, &Verdict::reach(&exercise, network, &attempt.seen, 0))
}

fn on_real(case: &Case) -> Result<(), Failed> {
    let exercise = exercise(case, StackChoice::Real)?;
    let mut kernel = stacks::real()?;
    let mut attempt = attempt::run(
        &exercise,
        &exercise.task.solution,
        kernel.as_mut(),
        limits::ANSWER,
        &vethlab::bounds::within(LIMIT),
    )?;
    let mut attended = attempt.background.attended(kernel.as_mut());
    came_out(case, &Verdict::reach(&exercise, &mut CheckedNetwork::Live(&mut attended), &attempt.seen, 0))
}

/// A server that a person started takes in one connection after the other while checks ask, and goes on afterwards.
fn while_somebody_asks(choice: StackChoice) -> Result<(), Failed> {
    let mut machine = vethlab::stacks::machine(choice, 1)?;
    let setup: Vec<String> = PAIR.trim().lines().map(str::to_owned).collect();
    machine.set_up(&setup, &vethlab::bounds::within_setup())?;
    machine.execute("ip netns exec blue nc -lk 80 &", &mut Transcript::default());
    let (red, server) = (NamespaceName::new("red")?, "10.0.0.2:80".parse()?);
    for number in 1..=6 {
        let patience = vethlab_shared::time::Duration::from_secs(1);
        let reached = machine.consult(|stack| reach::connect(stack, &red, server, patience));
        if reached != Ok(Reached::Connected) {
            return Err(format!("connection {number}: {reached:?}").into());
        }
    }
    let mut jobs = Transcript::default();
    machine.execute("jobs", &mut jobs);
    if jobs.stdout.contains("Running") { Ok(()) } else { Err(format!("{jobs:?}").into()) }
}

/// Whether every check came out as the case says, and the points are those of the ones that are met.
fn came_out(case: &Case, verdict: &Verdict) -> Result<(), Failed> {
    let mut points = 0;
    for ((keys, wanted), result) in case.checks.iter().zip(&verdict.checks) {
        if result.outcome != *wanted {
            return Err(format!("{keys}: {:?}\n{:#?}", result.outcome, result.finding).into());
        }
        points += if result.outcome == Outcome::Passed { result.worth } else { 0 };
    }
    let is_met = |(_, outcome): &(&str, Outcome)| *outcome == Outcome::Passed;
    if verdict.points != points || verdict.is_full() != case.checks.iter().all(is_met) {
        return Err(format!("{} of {} points", verdict.points, verdict.maximum).into());
    }
    Ok(())
}

/// The case as an exercise of a pack of its own.
fn exercise(case: &Case, stack: StackChoice) -> Result<Exercise, Failed> {
    let mut text = "---\nid = \"case\"\ntitle = \"Case\"\nminutes = 1\nversion = 1\n---\n".to_owned();
    text.push_str(&format!("```vethlab setup\n{}\n```\n", case.setup));
    for (keys, _) in case.checks {
        let keys = keys.replace("; ", "\n");
        text.push_str(&format!("\n```vethlab check\n[[check]]\nsay = \"It is so\"\n{keys}\n```\n"));
    }
    text.push_str(&format!("\n```vethlab solution\n{}\n```\n", case.answer));
    let pack = "format = 1\nid = \"p\"\ntitle = \"P\"\nabout = \"A\"\nexercises = [\"case.md\"]\n";
    let file = |name: &str| match name {
        "pack.toml" => Some(pack),
        "case.md" => Some(text.as_str()),
        _ => None,
    };
    let pack = Pack::load("p", file)?;
    let exercise = pack.exercises.first().ok_or("the pack has no exercise")?;
    Ok(exercise.in_edition(Edition { seed: 1, stack })?)
}
