//! `vethlab compare`: a file of commands on both stacks, and where they differ.

use super::limits::LimitOptions;
use super::{DIFFERS, Failure, json_line, read_script, terminal_width};
use serde::Serialize;
use std::path::PathBuf;
use vethlab::output;
use vethlab_engine::compare::{
    Comparison, Difference, Entry, FrameComparison, Recorded, frames_side_by_side, record, side_by_side,
};
use vethlab_engine::machine::Machine;
use vethlab_engine::stacks::StackChoice;
use vethlab_shared::budget::Budget;

/// The columns of every table.
const NAMES: [&str; 2] = ["sim", "real"];

/// Run a file of commands on both stacks and show where they differ.
///
/// Left aside is what is different in every run: times, random MAC addresses, ports that the kernel chose, and the
/// order of the neighbour table; in frames, the identifiers and numbers that the kernel draws at random and the checksums
/// over them. The exit code is 0 when all is equal, 1 when something differs, 2 for a file that cannot be read,
/// and 4 when the real stack is not available here.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  vethlab compare walkthrough.txt
  echo 'ip link' | vethlab compare -
  vethlab compare --packets walkthrough.txt   the frames too, next to each other
  vethlab compare --json walkthrough.txt      one JSON object, for other programs")]
pub(crate) struct Arguments {
    /// The file of commands; `-` is standard input
    file: PathBuf,
    /// Compare the frames on every link too, and show them next to each other
    #[arg(long)]
    packets: bool,
    /// Print one JSON object: how many commands ran, and the differences
    #[arg(long)]
    json: bool,
    /// What the simulator's random choices start from
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = super::seed, allow_negative_numbers = true)]
    seed: u64,
    #[command(flatten)]
    limits: LimitOptions,
}

/// What came of it on both stacks.
struct Compared {
    commands: Vec<Command>,
    /// The frames right after the last command.
    rest: FrameComparison,
}

/// What a command did on both stacks.
struct Command {
    /// Counted from 1.
    number: usize,
    command: String,
    difference: Option<Difference>,
    /// Empty where frames are not wanted.
    frames: FrameComparison,
}

#[derive(Serialize)]
struct Report<'a> {
    commands: usize,
    equal: bool,
    differences: Vec<ReportedDifference<'a>>,
    /// With `--packets` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    packets: Option<Vec<ReportedFrames<'a>>>,
}

#[derive(Serialize)]
struct ReportedDifference<'a> {
    number: usize,
    command: &'a str,
    sim: &'a Option<Entry>,
    real: &'a Option<Entry>,
}

/// The frames of a command; of each pair of numbers the first is sim's.
#[derive(Serialize)]
struct ReportedFrames<'a> {
    /// None for the frames after the last command.
    number: Option<usize>,
    command: Option<&'a str>,
    #[serde(flatten)]
    frames: &'a FrameComparison,
}

pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let commands = read_script(&arguments.file)?;
    // The real one first: where it cannot be had, there is nothing to compare with.
    let real = vethlab::stacks::machine(StackChoice::Real, arguments.seed)?;
    let sim = vethlab::stacks::machine(StackChoice::Sim, arguments.seed)?;
    let mut machines = [sim, real];
    machines.iter_mut().for_each(|machine| machine.set_limits(arguments.limits.allowed()));
    let compared = compare(&commands, &mut machines, arguments)?;
    let shown = match arguments.json {
        true => json_line(&report(&compared, arguments.packets))?,
        false => table(&compared, arguments.packets),
    };
    output::tell(&shown)?;
    Ok(if compared.is_equal() { 0 } else { DIFFERS })
}

/// About how many bytes a frame takes that is compared: its fields, in words.
const FRAME: usize = 2048;

impl Command {
    /// How many bytes it takes, about.
    fn weight(&self) -> u64 {
        let sides = self.difference.iter().flat_map(|one| [&one.left, &one.right]).flatten();
        let text: usize = sides.map(|entry| entry.stdout.len() + entry.stderr.len()).sum();
        let frames: usize = self.frames.frames.iter().sum();
        (size_of::<Command>() + self.command.len() + text + frames * FRAME) as u64
    }
}

impl Compared {
    fn is_equal(&self) -> bool {
        self.frames().all(|frames| frames.equal) && self.commands.iter().all(|one| one.difference.is_none())
    }

    fn frames(&self) -> impl Iterator<Item = &FrameComparison> {
        self.commands.iter().map(|one| &one.frames).chain([&self.rest])
    }
}

/// Runs the commands on both, and keeps how they differ: that may take as much memory as a command.
fn compare(
    commands: &[String],
    machines: &mut [Machine; 2],
    arguments: &Arguments,
) -> Result<Compared, Failure> {
    let budget = Budget::new(arguments.limits.allowed().command);
    let mut comparison = Comparison::new();
    let mut kept = Vec::new();
    let rest = record(commands, machines, arguments.packets, |recorded| {
        let Recorded { entries: [sim, real], frames } = recorded;
        let command = sim.as_ref().or(real.as_ref()).map_or(String::new(), |entry| entry.command.clone());
        let difference = comparison.next(sim.as_ref(), real.as_ref());
        let one = Command { number: comparison.commands(), command, difference, frames };
        budget.keep_text(one.weight());
        if let Some(limit) = budget.exhausted() {
            return Err(Failure::bad_input(format_args!(
                "stopped at command {}, with the differences of those before it: {limit}",
                one.number
            )));
        }
        kept.push(one);
        Ok(())
    })?;
    Ok(Compared { commands: kept, rest })
}

fn report(compared: &Compared, packets: bool) -> Report<'_> {
    let differing = compared.commands.iter().filter_map(|one| one.difference.as_ref());
    let differences = differing.map(|difference| ReportedDifference {
        number: difference.number,
        command: difference.command(),
        sim: &difference.left,
        real: &difference.right,
    });
    let of_commands = compared.commands.iter().map(|one| ReportedFrames {
        number: Some(one.number),
        command: Some(&one.command),
        frames: &one.frames,
    });
    let rest = ReportedFrames { number: None, command: None, frames: &compared.rest };
    let frames = of_commands.chain([rest]).filter(|reported| !reported.frames.is_empty());
    Report {
        commands: compared.commands.len(),
        equal: compared.is_equal(),
        differences: differences.collect(),
        packets: packets.then(|| frames.collect()),
    }
}

fn table(compared: &Compared, packets: bool) -> String {
    let width = terminal_width();
    let mut shown = String::new();
    for Command { number, command, difference, frames } in &compared.commands {
        match difference {
            Some(difference) => shown += &side_by_side(difference, NAMES, width),
            None if frames.is_empty() => continue,
            None => shown += &format!("{number}: $ {command}\n"),
        }
        shown += &frames_side_by_side(frames, NAMES, width);
        shown.push('\n');
    }
    if !compared.rest.is_empty() {
        shown += &format!("After the last command:\n{}\n", frames_side_by_side(&compared.rest, NAMES, width));
    }
    let commands = compared.commands.len();
    shown += &match compared.commands.iter().filter(|one| one.difference.is_some()).count() {
        0 => format!("{commands} commands, all equal\n"),
        differing => format!("{commands} commands, {differing} differ\n"),
    };
    if packets {
        let frames: usize = compared.frames().map(|frames| frames.frames[0]).sum();
        shown += &match compared.frames().filter(|frames| !frames.equal).count() {
            0 => format!("{frames} frames, all equal\n"),
            1 => "the frames of one command differ\n".to_owned(),
            differing => format!("the frames of {differing} commands differ\n"),
        };
    }
    shown
}
