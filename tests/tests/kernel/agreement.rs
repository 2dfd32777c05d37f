//! The simulator against the running kernel: random operations lead to the same answers, the same tables and
//! the same frames on both.
//!
//! `VETHLAB_AGREEMENT_CASES` sets how many sequences are tried, `VETHLAB_AGREEMENT_OPS` how long they may be,
//! `VETHLAB_AGREEMENT_SEED` from where the chance is drawn, and `VETHLAB_AGREEMENT_SHRINK` how often a smaller sequence is
//! looked for. A failure is shown with the smallest sequence
//! that was found to show it; kept as a file in `tests/regressions`, it is tried again in every run.

use libtest_mimic::Failed;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::env;
use vethlab_shared::budget::{Budget, Limits};
use vethlab_shared::change::Change;
use vethlab_shared::name::NamespaceName;
use vethlab_tests::files::{self, NamedFile};
use vethlab_tests::operation::Operation;
use vethlab_tests::trial::Trial;
use vethlab_tests::{generate, report, stacks};

/// A busy machine may delay the kernel's timers and work queues; and a packet that comes within the jiffy in which a limit
/// ends, such as the pause between two redirects, falls on either side. A difference that is none goes away.
const ATTEMPTS: usize = 8;

pub(crate) fn trials(missing: Option<&str>) -> Result<Vec<Trial>, Failed> {
    let mut trials = vec![
        Trial::on_kernel("random_operations", missing, random_operations),
        Trial::on_kernel("settings", missing, settings),
    ];
    trials.extend(files::read_all("regressions", "json")?.into_iter().map(|file| {
        Trial::on_kernel(format!("regression::{}", file.name), missing, move || regression(&file)).timed()
    }));
    // What one sequence does would delay what another waits for.
    Ok(trials.into_iter().map(Trial::alone).collect())
}

fn random_operations() -> Result<(), Failed> {
    let cases = setting("VETHLAB_AGREEMENT_CASES", 24)?;
    let length = setting("VETHLAB_AGREEMENT_OPS", 12)?;
    let seed = setting("VETHLAB_AGREEMENT_SEED", 1)?;
    let shrink = setting("VETHLAB_AGREEMENT_SHRINK", 2000)?;
    println!("agreement: {cases} sequences of up to {length} operations, seed {seed}");
    let config = Config { cases, max_shrink_iters: shrink, failure_persistence: None, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let outcome =
        runner.run(&generate::operations(length as usize), |operations| match disagreement(&operations) {
            Ok(None) => Ok(()),
            Ok(Some(difference)) => Err(TestCaseError::fail(difference)),
            Err(error) => Err(TestCaseError::fail(error.message().unwrap_or_default().to_owned())),
        });
    match outcome {
        Ok(()) => Ok(()),
        Err(TestError::Fail(difference, operations)) => {
            let json = serde_json::to_string_pretty(&operations)?;
            Err(format!("{difference}\nKeep this as tests/regressions/NAME.json:\n{json}\n").into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Of every setting that the kernel has, the simulator shows and keeps the same value, or it refuses both: it takes
/// nothing in that makes no difference then.
fn settings() -> Result<(), Failed> {
    let (mut real, mut sim) = (stacks::real()?, stacks::sim(1)?);
    let host = NamespaceName::HOST;
    let modelled = sim.sysctl_names(&host, "net.ipv4.")?;
    let names = real.sysctl_names(&host, "net.ipv4.")?;
    let missing: Vec<_> = modelled.iter().filter(|name| !names.contains(name)).collect();
    let mut wrong = Vec::new();
    for name in &names {
        let value = real.sysctl(&host, name)?;
        let change = Change::SetSysctl { name: name.clone(), value: value.clone() };
        let (shown, written) = (sim.sysctl(&host, name), sim.apply(&host, &change));
        let right = if modelled.contains(name) {
            shown.as_ref() == Ok(&value) && written.is_ok()
        } else {
            shown.is_err() && written.is_err()
        };
        if !right {
            wrong.push(format!("{name} = {value}: sim shows {shown:?}, and to write that is {written:?}"));
        }
    }
    if missing.is_empty() && wrong.is_empty() {
        return Ok(());
    }
    Err(format!("not in the kernel: {missing:?}\n{}", wrong.join("\n")).into())
}

fn regression(file: &NamedFile) -> Result<(), Failed> {
    let operations: Vec<Operation> = serde_json::from_str(&file.text)?;
    match disagreement(&operations)? {
        None => Ok(()),
        Some(difference) => Err(difference.into()),
    }
}

/// Does the operations on both stacks, and shows where they differ if they do.
fn disagreement(operations: &[Operation]) -> Result<Option<String>, Failed> {
    if is_storm(operations)? {
        return Ok(None);
    }
    let mut found = None;
    for _ in 0..ATTEMPTS {
        let real = report::run(&mut *stacks::real()?, operations, &[]);
        let sim = report::run(&mut *stacks::sim(1)?, operations, &real);
        found = report::difference(operations, ["sim", "real"], [&sim, &real]);
        if found.is_none() {
            break;
        }
    }
    Ok(found)
}

/// Whether frames go round without end, as they do where two ports of a bridge are joined: how often they did until
/// the end came is chance.
fn is_storm(operations: &[Operation]) -> Result<bool, Failed> {
    /// More than any sequence takes that comes to an end.
    const STEPS: u64 = 1_000_000;
    let mut sim = stacks::sim(1)?;
    sim.set_budget(Budget::new(Limits { work: STEPS, ..Limits::NONE }));
    report::run_unobserved(&mut *sim, operations);
    Ok(sim.exhausted().is_some())
}

/// A number from the environment.
fn setting(name: &str, default: u32) -> Result<u32, Failed> {
    match env::var(name) {
        Err(_) => Ok(default),
        Ok(text) => text.parse().map_err(|_| format!("{name} must be a whole number, not '{text}'").into()),
    }
}
