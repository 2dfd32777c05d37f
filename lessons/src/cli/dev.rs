//! `vethlab dev`: for those who write packs.

use super::limits::LimitOptions;
use super::{DIFFERS, Failure, Stacks, UNAVAILABLE, WARNINGS, json_line};
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use vethlab::authoring::{self, Contents};
use vethlab::lint::{self, NoReport, Playing, Report, Settings, Severity};
use vethlab::output::{self, reason, shown};
use vethlab::stacks;
use vethlab_engine::stacks::StackChoice;
use vethlab_engine::text::{counted, printable_line};

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
    New(NewArguments),
    Check(CheckArguments),
    HandOut(HandOutArguments),
}

/// Make a folder with a small pack that explains itself and passes 'vethlab dev check'.
///
/// It holds an exercise, or what is asked for. A folder that is there already is left as it is.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  vethlab dev new my-pack                        with an exercise
  vethlab dev new my-pack --lesson               with a lesson
  vethlab dev new my-pack --lesson --exercise    with both")]
struct NewArguments {
    /// The folder to make; its name becomes the pack's id
    #[arg(value_name = "PACK")]
    pack: PathBuf,
    /// Put a lesson into it
    #[arg(long)]
    lesson: bool,
    /// Put an exercise into it
    #[arg(long)]
    exercise: bool,
}

/// Make a copy of a pack for students: without the solutions and the hidden checks of its exercises.
///
/// Each student gets the same network by the copy as by the pack. Of the folder, what the pack lists is copied and
/// what its texts link to. Grade with the pack, not with the copy.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  vethlab dev hand-out my-pack for-students
  vethlab dev hand-out my-pack for-students/my-pack")]
struct HandOutArguments {
    /// The folder of the pack
    #[arg(value_name = "PACK")]
    pack: PathBuf,
    /// The folder to make
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
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
    #[command(flatten)]
    limits: LimitOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    match &arguments.command {
        Command::New(arguments) => new(arguments),
        Command::Check(arguments) => check(arguments),
        Command::HandOut(arguments) => copy(arguments),
    }
}

fn new(arguments: &NewArguments) -> Result<u8, Failure> {
    let NewArguments { pack, lesson, exercise } = arguments;
    let contents = Contents { lesson: *lesson, exercise: *exercise || !lesson };
    let name = pack.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let files = authoring::new_pack(&name, contents).map_err(Failure::bad_input)?;
    make(pack, &files)?;
    let mut told: String = files.iter().map(|(name, _)| shown(&pack.join(name)) + "\n").collect();
    told.push_str(&format!("\nIs it good? vethlab dev check {}\n", shown(pack)));
    output::print(&told)?;
    Ok(0)
}

fn copy(arguments: &HandOutArguments) -> Result<u8, Failure> {
    let HandOutArguments { pack, folder } = arguments;
    let inside = |parent: &Path| {
        std::fs::canonicalize(pack)
            .is_ok_and(|pack| std::fs::canonicalize(parent).is_ok_and(|at| at.starts_with(pack)))
    };
    if folder.ancestors().skip(1).any(|parent| !parent.as_os_str().is_empty() && inside(parent)) {
        return Err(Failure::bad_input(format_args!(
            "'{}' lies in the pack itself: name a folder elsewhere",
            shown(folder)
        )));
    }
    let copy = authoring::hand_out_pack(pack).map_err(Failure::bad_input)?;
    make(folder, &copy.files)?;
    let mut told = String::new();
    for exercise in &copy.exercises {
        let hidden = counted(exercise.hidden, "hidden check");
        told.push_str(&format!(
            "{}: without its solution and {hidden}\n",
            shown(&folder.join(&exercise.file))
        ));
    }
    for file in &copy.left_out {
        told.push_str(&format!(
            "Note: {} was not copied: the pack does not list it\n",
            shown(&pack.join(file))
        ));
    }
    output::print(&told)?;
    Ok(0)
}

/// Makes a folder that is not there yet, with these files.
fn make<S: AsRef<Path>>(folder: &Path, files: &[(S, String)]) -> Result<(), Failure> {
    let cannot = |path: &Path, error: &io::Error| {
        let advice = match error.kind() {
            io::ErrorKind::AlreadyExists => "; nothing was written: give the name of a new folder",
            io::ErrorKind::NotFound => "; make the folder that it is to be in first",
            _ => "",
        };
        Failure::bad_input(format_args!("cannot make '{}': {}{advice}", shown(path), reason(error)))
    };
    fs::create_dir(folder).map_err(|error| cannot(folder, &error))?;
    for (name, text) in files {
        let path = folder.join(name);
        let written = File::create_new(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| cannot(&path, &error))?;
    }
    Ok(())
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
    let settings = Settings { seeds: arguments.seeds, stacks, allowed: arguments.limits.allowed() };
    let line = Line::new();
    let report = lint::check_and_tell(&arguments.pack, &settings, &|playing| line.show(playing));
    line.clear();
    let mut report = report?;
    report.notes.extend(notes);
    let shown = match arguments.json {
        true => json_line(&report)?,
        false => table(&report),
    };
    output::tell(&shown)?;
    Ok(match (report.count(Severity::Error), report.count(Severity::Warning)) {
        (0, 0) => 0,
        (0, _) => WARNINGS,
        _ => DIFFERS,
    })
}

/// What is being played, on one line of standard error where that is a terminal. It has no thread of its own.
struct Line(ProgressBar);

impl Line {
    fn new() -> Line {
        let style = ProgressStyle::with_template("{wide_msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
        Line(ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style))
    }

    fn show(&self, playing: &Playing) {
        // A file of a stranger's pack may be called anything.
        self.0.set_message(printable_line(&playing.to_string()));
    }

    fn clear(&self) {
        self.0.finish_and_clear();
    }
}

fn table(report: &Report) -> String {
    let findings: String = report.findings.iter().map(|finding| format!("{finding}\n")).collect();
    let notes: String = report.notes.iter().map(|note| format!("Note: {}\n", printable_line(note))).collect();
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
