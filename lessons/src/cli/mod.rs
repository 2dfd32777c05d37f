//! The command line: one file per subcommand.

mod check;
mod compare;
mod course;
mod doctor;
mod event_file;
mod grade;
mod list;
mod manual;
mod reports;
mod run;
mod shell;
mod start;
mod submit;
mod work;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, Subcommand, ValueEnum};
use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vethlab::capture_file::CaptureFile;
use vethlab::output::reason;
use vethlab::script;
use vethlab::stacks::{StackChoice, Unavailable};

/// A check failed, a command failed, or the stacks differ.
const DIFFERS: u8 = 1;
/// Wrong usage, or input that cannot be used.
const BAD_INPUT: u8 = 2;
/// All that counts is good; something that only warns is not.
const WARNINGS: u8 = 3;
/// The real stack is not available here.
const UNAVAILABLE: u8 = 4;

/// How container networking really works: network namespaces and veth pairs, with the real commands.
///
/// Lessons at a prompt, on two stacks: 'sim' is a Linux network stack as a library, which needs nothing and
/// touches nothing; 'real' is the kernel of this machine, in namespaces of its own. Both print what Linux
/// prints.
#[derive(Parser)]
#[command(
    name = "vethlab",
    version,
    after_help = "\
Examples:
  vethlab start                        play the next lesson
  vethlab start veth --stack real      a lesson on the Linux kernel
  vethlab shell                        a prompt without a lesson
  echo 'ip link' | vethlab run -       commands from a file or from standard input
  vethlab compare walkthrough.txt      do the simulator and Linux agree?

Exit codes: 0 all good, 1 something failed or differs, 2 wrong usage or bad input, 3 warnings only,
4 the real stack is not available here."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    List(list::Arguments),
    Start(start::Arguments),
    Shell(shell::Arguments),
    Run(run::Arguments),
    Check(check::Arguments),
    Submit(submit::Arguments),
    Compare(compare::Arguments),
    Grade(grade::Arguments),
    Doctor(doctor::Arguments),
    Completions(manual::CompletionArguments),
    Manual(manual::ManualArguments),
}

/// Reads the command line and does what it says.
pub(crate) fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|error| with_advice(error).exit());
    let result = match cli.command {
        None => list::greet(),
        Some(Command::List(arguments)) => list::run(&arguments),
        Some(Command::Start(arguments)) => start::run(&arguments),
        Some(Command::Shell(arguments)) => shell::run(&arguments),
        Some(Command::Run(arguments)) => run::run(&arguments),
        Some(Command::Check(arguments)) => check::run(&arguments),
        Some(Command::Submit(arguments)) => submit::run(&arguments),
        Some(Command::Compare(arguments)) => compare::run(&arguments),
        Some(Command::Grade(arguments)) => grade::run(&arguments),
        Some(Command::Doctor(arguments)) => doctor::run(&arguments),
        Some(Command::Completions(arguments)) => manual::completions(&arguments),
        Some(Command::Manual(arguments)) => manual::manual(&arguments),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            if !failure.message.is_empty() {
                // Nobody is left to tell where standard error is closed too.
                let _ = writeln!(io::stderr(), "vethlab: {}", failure.message);
            }
            ExitCode::from(failure.code)
        }
    }
}

/// An error of the command line that says what does what was meant.
fn with_advice(mut error: clap::Error) -> clap::Error {
    let both =
        matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(value)) if value == "both");
    if error.kind() == ErrorKind::InvalidValue && both {
        let advice = "'vethlab compare FILE' runs a file of commands on both stacks".to_owned().into();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![advice]));
    }
    error
}

/// Which of the stacks to use, as a word on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum OneStack {
    /// The simulator: needs nothing.
    #[default]
    Sim,
    /// The Linux kernel of this machine, in namespaces of its own.
    Real,
}

/// Which stacks a prompt works on, as a word on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Stacks {
    /// The simulator: needs nothing.
    #[default]
    Sim,
    /// The Linux kernel of this machine, in namespaces of its own.
    Real,
    /// Each command on both, with any difference shown at once.
    Both,
}

impl From<OneStack> for StackChoice {
    fn from(stack: OneStack) -> StackChoice {
        match stack {
            OneStack::Sim => StackChoice::Sim,
            OneStack::Real => StackChoice::Real,
        }
    }
}

/// Why a subcommand ends early: one line for standard error, and the exit code.
#[derive(Debug)]
struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    fn bad_input(message: impl fmt::Display) -> Failure {
        Failure { message: message.to_string(), code: BAD_INPUT }
    }
}

impl From<Unavailable> for Failure {
    fn from(unavailable: Unavailable) -> Failure {
        Failure { message: unavailable.to_string(), code: UNAVAILABLE }
    }
}

impl From<io::Error> for Failure {
    /// For the standard streams: a reader who has gone is no error.
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure { message: String::new(), code: 0 },
            io::ErrorKind::InvalidData => Failure::bad_input("standard input is not UTF-8 text"),
            _ => Failure::bad_input(format_args!("cannot write the output: {}", reason(&error))),
        }
    }
}

/// Where the frames are to be written, if they are.
#[derive(clap::Args)]
struct Pcap {
    /// Write every frame to FILE as pcapng, for Wireshark; a file that is there is overwritten
    #[arg(long, value_name = "FILE")]
    pcap: Option<PathBuf>,
}

impl Pcap {
    /// Makes the file. To be done before a stack is opened: nothing has happened yet if it cannot be made.
    fn create(&self) -> Result<Option<CaptureFile>, Failure> {
        self.pcap.as_deref().map(CaptureFile::create).transpose().map_err(Failure::bad_input)
    }
}

/// The commands of a script: a file, or standard input for `-`.
fn read_script(file: &Path) -> Result<Vec<String>, Failure> {
    let from_stdin = file == Path::new("-");
    let name = if from_stdin { "standard input".to_owned() } else { format!("'{}'", file.display()) };
    let bytes = if from_stdin {
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut io::stdin().lock(), &mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    let bytes =
        bytes.map_err(|error| Failure::bad_input(format_args!("cannot read {name}: {}", reason(&error))))?;
    script::commands(&bytes).map_err(|error| Failure::bad_input(format_args!("cannot read {name}: {error}")))
}

/// A value as one line of JSON, its newline included.
fn json_line(value: &impl serde::Serialize) -> Result<String, Failure> {
    match serde_json::to_string(value) {
        Ok(text) => Ok(text + "\n"),
        Err(error) => Err(Failure::bad_input(format_args!("cannot write JSON: {error}"))),
    }
}

/// How many characters fit in a line: of the terminal, or 100 where there is none.
fn terminal_width() -> usize {
    terminal_size::terminal_size().map_or(100, |(terminal_size::Width(width), _)| usize::from(width))
}
