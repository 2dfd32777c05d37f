//! Every exercise, as many students get it: where it starts nothing is won yet, its solution wins all of it, nothing in
//! the solution is superfluous, and the kernel says of each check what the simulator says.

use libtest_mimic::Failed;
use std::collections::BTreeSet;
use std::time::Duration;
use vethlab::packs::packs;
use vethlab_engine::classroom::attempt::{self, Attempt};
use vethlab_engine::classroom::{CheckResult, CheckedNetwork, Outcome, StudentId, Verdict};
use vethlab_engine::lesson::{Edition, Exercise};
use vethlab_engine::limits;
use vethlab_engine::stacks::StackChoice;
use vethlab_sim::World;
use vethlab_tests::stacks;
use vethlab_tests::trial::Trial;

/// How long one run may take.
const LIMIT: Duration = Duration::from_secs(60);
/// For how many students an exercise is tried on the simulator.
const ON_SIM: u32 = 40;
/// For how many of them on the kernel.
const ON_REAL: u32 = 4;
/// For how many of them everything is broken.
const BROKEN: u32 = 5;
/// Where the setup makes the faults, to undo it is the task.
const UNDONE: &str = "five-faults";

pub(crate) fn trials(missing: Option<&str>) -> Result<Vec<Trial>, Failed> {
    let mut trials = Vec::new();
    for exercise in packs()?.into_iter().flat_map(|pack| pack.exercises) {
        let trial = |what: &str, test: fn(&Exercise) -> Result<(), Failed>| {
            let (name, exercise) = (format!("{} {what}", exercise.id), exercise.clone());
            (name, move || test(&exercise))
        };
        let (name, test) = trial("differs from student to student", differs);
        trials.push(Trial::new(name, test));
        if exercise.id != UNDONE {
            let (name, test) = trial("gives nothing for what only breaks", breaking_gives_nothing);
            trials.push(Trial::new(name, test));
        }
        for number in 1..=ON_SIM {
            let (exercise, name) = (exercise.clone(), format!("{} on sim, s{number}", exercise.id));
            trials.push(Trial::new(name, move || on_sim(&edition(&exercise, number, StackChoice::Sim)?)));
        }
        for number in (1..=ON_REAL).filter(|_| exercise.stacks.contains(&StackChoice::Real)) {
            let (exercise, name) = (exercise.clone(), format!("{} on real, s{number}", exercise.id));
            let test = move || on_real(&edition(&exercise, number, StackChoice::Real)?);
            trials.push(Trial::on_kernel(name, missing, test));
        }
    }
    Ok(trials)
}

/// The edition of the student with this number.
fn edition(exercise: &Exercise, number: u32, stack: StackChoice) -> Result<Exercise, Failed> {
    let student: StudentId = format!("s{number}").parse()?;
    Ok(exercise.in_edition(Edition { seed: student.seed(&exercise.id), stack })?)
}

/// Runs commands on the simulator and looks at what they leave.
fn simulate(exercise: &Exercise, commands: &[String]) -> Result<(Attempt, Verdict, World), Failed> {
    let mut world = World::new(exercise.edition().seed);
    let attempt =
        attempt::run(exercise, commands, &mut world, limits::ANSWER, &vethlab::bounds::within(LIMIT))?;
    let network = &mut CheckedNetwork::Sim(&world, &attempt.background);
    let verdict = Verdict::reach(exercise, network, &attempt.seen, 0);
    Ok((attempt, verdict, world))
}

/// The same on the kernel.
fn run_really(exercise: &Exercise, commands: &[String]) -> Result<(Attempt, Verdict), Failed> {
    let mut kernel = stacks::real()?;
    let mut attempt =
        attempt::run(exercise, commands, kernel.as_mut(), limits::ANSWER, &vethlab::bounds::within(LIMIT))?;
    let mut attended = attempt.background.attended(kernel.as_mut());
    let verdict = Verdict::reach(exercise, &mut CheckedNetwork::Live(&mut attended), &attempt.seen, 0);
    Ok((attempt, verdict))
}

fn on_sim(exercise: &Exercise) -> Result<(), Failed> {
    let solution = &exercise.task.solution;
    let (_, start, _) = simulate(exercise, &[])?;
    nothing_is_won(exercise, &start)?;
    let (attempt, end, _) = simulate(exercise, solution)?;
    all_is_won(&attempt, &end)?;
    for place in 0..solution.len() {
        let (_, verdict, _) = simulate(exercise, &without(solution, place))?;
        if verdict.is_full() && !verdict.warns() {
            return Err(format!("all points can be had without '{}'", solution[place]).into());
        }
    }
    Ok(())
}

fn on_real(exercise: &Exercise) -> Result<(), Failed> {
    let solution = &exercise.task.solution;
    let (_, start) = run_really(exercise, &[])?;
    nothing_is_won(exercise, &start)?;
    agree("at the start", &start, &simulate(exercise, &[])?.1)?;
    let (attempt, end) = run_really(exercise, solution)?;
    all_is_won(&attempt, &end)?;
    agree("behind the solution", &end, &simulate(exercise, solution)?.1)
}

/// At the start what is to be guarded holds, and nothing else: points are for what a student does.
fn nothing_is_won(exercise: &Exercise, start: &Verdict) -> Result<(), Failed> {
    for (check, result) in exercise.task.checks.iter().zip(&start.checks) {
        let holds = result.outcome == Outcome::Passed;
        if holds != check.grading.guard {
            return Err(format!("at the start {}: {:?}", what_is(result), result.finding).into());
        }
    }
    if start.is_full() {
        return Err("at the start nothing is left to do".into());
    }
    Ok(())
}

fn all_is_won(attempt: &Attempt, end: &Verdict) -> Result<(), Failed> {
    if attempt.failed > 0 {
        return Err(format!("{} commands of the solution fail", attempt.failed).into());
    }
    match end.checks.iter().find(|result| result.outcome != Outcome::Passed) {
        Some(result) => Err(format!("behind the solution {}: {:#?}", what_is(result), result.finding).into()),
        None if end.is_full() => Ok(()),
        None => Err(format!("the solution has {} of {} points", end.points, end.maximum).into()),
    }
}

fn agree(when: &str, real: &Verdict, sim: &Verdict) -> Result<(), Failed> {
    let simulated = |id: &str| sim.checks.iter().find(|check| check.id == id);
    match real.differences(sim).next() {
        None => Ok(()),
        Some(check) => {
            let on_sim = simulated(&check.id).map(what_is);
            Err(format!("{when} real: {}; sim: {on_sim:?}", what_is(check)).into())
        }
    }
}

fn what_is(result: &CheckResult) -> String {
    format!("'{}' is {:?}", result.id, result.outcome)
}

/// Who breaks one thing has not done the task: what must not be, and what must not pass, gives points only where the
/// rest of the network still does what it should.
fn breaking_gives_nothing(exercise: &Exercise) -> Result<(), Failed> {
    for number in 1..=BROKEN {
        let exercise = edition(exercise, number, StackChoice::Sim)?;
        let ways: BTreeSet<String> = exercise.setup().iter().flat_map(|command| breaks(command)).collect();
        for command in ways {
            let (attempt, verdict, _) = simulate(&exercise, std::slice::from_ref(&command))?;
            if attempt.failed == 0 && verdict.points > 0 {
                return Err(format!("s{number}: '{command}' alone gives {} points", verdict.points).into());
            }
        }
    }
    Ok(())
}

/// Commands that each break what a command of a setup made.
fn breaks(command: &str) -> Vec<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let behind = |word: &str, from: usize| {
        let place = words.iter().skip(from).position(|other| *other == word)?;
        words.get(from + place + 1).copied()
    };
    let ip =
        |namespace: Option<&str>| namespace.map_or_else(|| "ip".to_owned(), |name| format!("ip -n {name}"));
    let own = behind("-n", 0);
    let peer = words.iter().position(|word| *word == "peer").unwrap_or(words.len());
    match behind("link", 0) {
        Some("add") => {
            let near = words.iter().position(|word| *word == "netns").filter(|place| *place < peer);
            let near = near.and_then(|place| words.get(place + 1).copied()).or(own);
            let far = behind("netns", peer).or(own);
            let ends = [(near, behind("add", 0)), (far, behind("name", peer))];
            let ends = ends.into_iter().filter_map(|(namespace, link)| Some((ip(namespace), link?)));
            ends.flat_map(|(ip, link)| {
                ["link del LINK", "link set LINK down", "link set LINK name zz", "link set LINK mtu 1300"]
                    .map(|way| format!("{ip} {}", way.replace("LINK", link)))
            })
            .collect()
        }
        _ if command.starts_with("ip netns add ") => vec![command.replacen("add", "del", 1)],
        _ if command.contains("addr add ") || command.contains("route add ") => {
            vec![command.replacen(" add ", " del ", 1)]
        }
        _ => match command
            .split_once("sysctl -w ")
            .and_then(|(run, setting)| Some((run, setting.split_once('=')?)))
        {
            Some((run, (name, _))) => ["0", "2"].map(|value| format!("{run}sysctl -w {name}={value}")).into(),
            None => Vec::new(),
        },
    }
}

/// Neighbours do not get the same commands to type.
fn differs(exercise: &Exercise) -> Result<(), Failed> {
    let mut editions = BTreeSet::new();
    for number in 1..=ON_SIM {
        let exercise = edition(exercise, number, StackChoice::Sim)?;
        editions.insert((exercise.setup().to_vec(), exercise.task.solution));
    }
    match editions.len() {
        count if count == ON_SIM as usize => Ok(()),
        count => Err(format!("{ON_SIM} students have only {count} editions").into()),
    }
}

/// The commands without the one at this place.
fn without(commands: &[String], place: usize) -> Vec<String> {
    let mut commands = commands.to_vec();
    commands.remove(place);
    commands
}
