//! `vethlab dev`: for those who write packs.

use super::{DIFFERS, Failure, Stacks, UNAVAILABLE, json_line};
use clap::Subcommand;
use std::path::PathBuf;
use vethlab::lint::{self, NoReport, Report, Settings, Severity};
use vethlab::output;
use vethlab::stacks::{self, StackChoice};

/// There are warnings only.
const WARNINGS: u8 = 3;

/// Write packs of lessons and exercises: begin one, check one, make a copy for students.
#[derive(clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  vethlab dev new my-pack               a folder with a small exercise that explains itself
  vethlab dev check my-pack             what is wrong with it, where, and what to do
  vethlab dev hand-out my-pack copy     the same without solutions and hidden checks

The form of a pack is described in lessons/packs/FORMAT.md."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(CheckArguments),
}

/// Say what is wrong with a pack: play it all, and look at every start, solution, check, hint, variable and link.
///
/// It proves that the start of an exercise gives no points and that its solution gives them all, for many seeds and
/// on both stacks; that hints and checks can be reached; that texts name nothing that is not there. Each finding has
/// a file, a line, and what to do. The exit code is 0 when nothing is wrong, 1 for errors, 2 where there is no pack, 3
/// for warnings only, and 4 when the real stack was asked for and is not available here.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  vethlab dev check my-pack
  vethlab dev check my-pack --stack sim     without the kernel: quicker
  vethlab dev check my-pack --seeds 400     more editions of what varies
  vethlab dev check my-pack --json          one JSON object, for other programs")]
struct CheckArguments {
    /// The folder of the pack
    #[arg(value_name = "PACK")]
    pack: PathBuf,
    /// The stacks to play it on; the simulator, and the kernel too where that is available, unless this is said
    #[arg(long, value_enum)]
    stack: Option<Stacks>,
    /// How many seeds to try of what varies, on the simulator; on the kernel it is 4 at the most
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    seeds: u64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    match &arguments.command {
        Command::Check(arguments) => check(arguments),
    }
}

fn check(arguments: &CheckArguments) -> Result<u8, Failure> {
    // Before anything else that could start a thread: see `stacks::open`.
    let kernel = match arguments.stack {
        Some(Stacks::Sim) => None,
        _ => Some(stacks::open(StackChoice::Real, 0)),
    };
    let mut notes = Vec::new();
    let stacks = match (arguments.stack, kernel) {
        (Some(stacks), Some(Err(unavailable))) if stacks != Stacks::Sim => return Err(unavailable.into()),
        (Some(stacks), _) => stacks.choices().to_vec(),
        (None, Some(Err(unavailable))) => {
            notes.push(format!("it was not played on the kernel: {unavailable}"));
            vec![StackChoice::Sim]
        }
        (None, _) => StackChoice::BOTH.to_vec(),
    };
    let settings = Settings { seeds: arguments.seeds, stacks };
    let mut report = lint::check(&arguments.pack, &settings)?;
    report.notes.extend(notes);
    let shown = match arguments.json {
        true => json_line(&report)?,
        false => table(&report),
    };
    output::print(&shown)?;
    Ok(match (report.count(Severity::Error), report.count(Severity::Warning)) {
        (0, 0) => 0,
        (0, _) => WARNINGS,
        _ => DIFFERS,
    })
}

fn table(report: &Report) -> String {
    let findings: String = report.findings.iter().map(|finding| format!("{finding}\n")).collect();
    let notes: String = report.notes.iter().map(|note| format!("Note: {note}\n")).collect();
    let played =
        report.editions.iter().map(|(stack, count)| format!("{} on {stack}", counted(*count, "edition")));
    let played = played.collect::<Vec<_>>().join(", ");
    let found = match (report.count(Severity::Error), report.count(Severity::Warning)) {
        (0, 0) => "nothing is wrong".to_owned(),
        (errors, 0) => counted(errors, "error"),
        (0, warnings) => counted(warnings, "warning"),
        (errors, warnings) => format!("{}, {}", counted(errors, "error"), counted(warnings, "warning")),
    };
    let looked = [counted(report.lessons, "lesson"), counted(report.exercises, "exercise"), played];
    let looked = looked.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(", ");
    format!("{findings}{notes}{looked}: {found}\n")
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

impl From<NoReport> for Failure {
    fn from(error: NoReport) -> Failure {
        match error {
            NoReport::Unavailable(unavailable) => {
                Failure { message: unavailable.to_string(), code: UNAVAILABLE }
            }
            error => Failure::bad_input(error),
        }
    }
}
