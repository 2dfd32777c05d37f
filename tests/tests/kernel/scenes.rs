//! Every scene: its commands and those that it proposes end well, on both stacks, and print the same.

use libtest_mimic::Failed;
use vethlab::scenes::{Scene, scenes};
use vethlab_engine::compare::{Entry, differences, side_by_side};
use vethlab_engine::script;
use vethlab_shared::stack::NetworkStack;
use vethlab_tests::stacks;
use vethlab_tests::trial::{Trial, equal};

/// How wide a difference is shown.
const WIDTH: usize = 160;

pub(crate) fn trials(missing: Option<&str>) -> Vec<Trial> {
    let trial = |scene: Scene| Trial::on_kernel(scene.name, missing, move || check(&scene)).timed();
    scenes().into_iter().map(trial).collect()
}

fn check(scene: &Scene) -> Result<(), Failed> {
    let proposed = scene.proposals().map(str::to_owned);
    let commands: Vec<String> = scene.commands().into_iter().chain(proposed).collect();
    let sim = play(&commands, stacks::sim(1)?.as_mut())?;
    let real = play(&commands, stacks::real()?.as_mut())?;
    match differences(&sim, &real).first() {
        None => Ok(()),
        Some(difference) => Err(side_by_side(difference, ["sim", "real"], WIDTH).into()),
    }
}

/// Plays commands that have to end well.
fn play(commands: &[String], stack: &mut dyn NetworkStack) -> Result<Vec<Entry>, Failed> {
    let entries = script::play(commands, stack);
    for entry in &entries {
        equal(&format!("{}\n{}", entry.command, entry.stderr), &entry.status, &0)?;
    }
    equal("commands", &entries.len(), &commands.len())?;
    Ok(entries)
}
