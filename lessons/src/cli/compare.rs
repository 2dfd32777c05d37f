//! `vethlab compare`: a file of commands on both stacks, and where they differ.

use super::{DIFFERS, Failure, json_line, read_script, terminal_width};
use serde::Serialize;
use std::path::PathBuf;
use vethlab::compare::{Difference, Entry, differences, side_by_side};
use vethlab::stacks::{self, StackChoice};
use vethlab::{output, script};

/// Run a file of commands on both stacks and show where they differ.
///
/// Left aside is what is different in every run: round-trip times, random MAC addresses, and the order of the
/// neighbour table. The exit code is
/// 0 when all is equal, 1 when something differs, 2 for a file that cannot be read, and 4 when the real stack
/// is not available here.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  vethlab compare walkthrough.txt
  echo 'ip link' | vethlab compare -
  vethlab compare --json walkthrough.txt      one JSON object, for other programs")]
pub(crate) struct Arguments {
    /// The file of commands; `-` is standard input
    file: PathBuf,
    /// Print one JSON object: how many commands ran, and the differences
    #[arg(long)]
    json: bool,
    /// What the simulator's random choices start from
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
}

#[derive(Serialize)]
struct Report<'a> {
    commands: usize,
    equal: bool,
    differences: Vec<ReportedDifference<'a>>,
}

#[derive(Serialize)]
struct ReportedDifference<'a> {
    number: usize,
    command: &'a str,
    sim: &'a Option<Entry>,
    real: &'a Option<Entry>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let commands = read_script(&arguments.file)?;
    // The real one first: where it cannot be had, there is nothing to compare with.
    let mut real = stacks::open(StackChoice::Real, arguments.seed)?;
    let mut sim = stacks::open(StackChoice::Sim, arguments.seed)?;
    let [sim, real] = [sim.as_mut(), real.as_mut()].map(|stack| script::play(&commands, stack));
    let found = differences(&sim, &real);
    let ran = sim.len().max(real.len());
    let report = if arguments.json { json_line(&report(ran, &found))? } else { table(ran, &found) };
    output::print(&report)?;
    Ok(if found.is_empty() { 0 } else { DIFFERS })
}

fn report(commands: usize, found: &[Difference]) -> Report<'_> {
    let differences = found
        .iter()
        .map(|difference| ReportedDifference {
            number: difference.number,
            command: difference.command(),
            sim: &difference.left,
            real: &difference.right,
        })
        .collect();
    Report { commands, equal: found.is_empty(), differences }
}

fn table(commands: usize, found: &[Difference]) -> String {
    if found.is_empty() {
        return format!("{commands} commands, all equal\n");
    }
    let width = terminal_width();
    let tables: Vec<String> =
        found.iter().map(|difference| side_by_side(difference, ["sim", "real"], width)).collect();
    format!("{}\n{commands} commands, {} differ\n", tables.join("\n"), found.len())
}
