//! The command line: one file per subcommand.

mod check;
mod compare;
mod course;
mod dev;
mod doctor;
mod grade;
mod limits;
mod list;
mod manual;
mod names;
mod pack_list;
mod reports;
mod run;
mod scene;
mod shell;
mod start;
mod submit;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, Subcommand, ValueEnum};
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vethlab::output::{reason, shown};
use vethlab::same_file::Target;
use vethlab::session_files::{Place, SessionFiles, Wanted};
use vethlab::stacks::Unavailable;
use vethlab_engine::script;
use vethlab_engine::stacks::StackChoice;
use vethlab_engine::text::{printable, printable_line};
use vethlab_shared::error::{Errno, StackError, TOO_FEW_FILES};

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
  vethlab scene docker                 a prompt in a network that Docker would have made
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
    Scene(scene::Arguments),
    Run(run::Arguments),
    Check(check::Arguments),
    Submit(submit::Arguments),
    Compare(compare::Arguments),
    Grade(grade::Arguments),
    Dev(dev::Arguments),
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
        Some(Command::Scene(arguments)) => scene::run(&arguments),
        Some(Command::Run(arguments)) => run::run(&arguments),
        Some(Command::Check(arguments)) => check::run(&arguments),
        Some(Command::Submit(arguments)) => submit::run(&arguments),
        Some(Command::Compare(arguments)) => compare::run(&arguments),
        Some(Command::Grade(arguments)) => grade::run(&arguments),
        Some(Command::Dev(arguments)) => dev::run(&arguments),
        Some(Command::Doctor(arguments)) => doctor::run(&arguments),
        Some(Command::Completions(arguments)) => manual::completions(&arguments),
        Some(Command::Manual(arguments)) => manual::manual(&arguments),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            if !failure.message.is_empty() {
                // Nobody is left to tell where standard error is closed too.
                let _ = writeln!(io::stderr(), "vethlab: {}", printable(&failure.message));
            }
            ExitCode::from(failure.code)
        }
    }
}

/// An error of the command line that says what does what was meant. What was typed may come from names of files: nothing of
/// it acts on a terminal.
fn with_advice(mut error: clap::Error) -> clap::Error {
    let harmless = |value: &ContextValue| match value {
        ContextValue::String(text) => Some(ContextValue::String(printable_line(text))),
        ContextValue::Strings(texts) => {
            Some(ContextValue::Strings(texts.iter().map(|text| printable_line(text)).collect()))
        }
        _ => None,
    };
    let typed: Vec<(ContextKind, ContextValue)> =
        error.context().filter_map(|(kind, value)| Some((kind, harmless(value)?))).collect();
    for (kind, value) in typed {
        // A tip holds what was typed too, among colours of its own.
        if error.insert(kind, value.clone()).is_some_and(|raw| raw != value) {
            error.remove(ContextKind::Suggested);
        }
    }
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

impl From<vethlab_engine::stacks::Unavailable> for Failure {
    fn from(unavailable: vethlab_engine::stacks::Unavailable) -> Failure {
        Failure { message: unavailable.to_string(), code: UNAVAILABLE }
    }
}

impl From<StackError> for Failure {
    fn from(error: StackError) -> Failure {
        Failure::bad_input(error)
    }
}

impl From<io::Error> for Failure {
    /// For the standard streams: a reader who has gone is no error.
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure { message: String::new(), code: 0 },
            _ if error.raw_os_error() == Some(Errno::EMFILE.0) => Failure::bad_input(TOO_FEW_FILES),
            io::ErrorKind::InvalidData => Failure::bad_input("standard input is not UTF-8 text"),
            _ => Failure::bad_input(format_args!("cannot write the output: {}", reason(&error))),
        }
    }
}

/// A file that is read or written besides.
struct Other {
    path: PathBuf,
    /// What it is, behind "which is".
    what: &'static str,
}

/// What is to be written of a session beside what it prints.
#[derive(clap::Args)]
struct Files {
    /// Write every frame to FILE as pcapng, for Wireshark; a file that is there is overwritten. With two stacks there
    /// are two files: f.sim.pcapng and f.real.pcapng for f.pcapng
    #[arg(long, value_name = "FILE")]
    pcap: Option<PathBuf>,
    /// Write what happened on the network to FILE, one JSON object a line for each event; two files as above
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
}

impl Files {
    /// Whether there is to be any.
    fn is_wanted(&self) -> bool {
        self.pcap.is_some() || self.events.is_some()
    }

    /// Makes the files of a session on these stacks, and over none of these others; and names all of them, which no
    /// program may write over. To be done before a stack is opened: nothing has happened yet if one cannot be made.
    fn create(
        &self,
        choices: &[StackChoice],
        others: Vec<Other>,
    ) -> Result<(SessionFiles, Vec<PathBuf>), Failure> {
        let wanted = Wanted { pcap: self.pcap.clone(), events: self.events.clone() };
        let places = wanted.places(choices);
        let named = others.iter().map(|other| &other.path).chain(places.iter().map(|place| &place.path));
        let spared = named.cloned().collect();
        let mut taken: Vec<(Target, &str)> =
            others.into_iter().map(|Other { path, what }| (Target::of(&path), what)).collect();
        if let output @ Target::File { .. } = Target::of(Path::new("/dev/stdout")) {
            taken.push((output, "standard output"));
        }
        for Place { form, path, .. } in &places {
            if path == Path::new("-") {
                let words = format_args!("{} needs the name of a file, and '-' is none", form.option());
                return Err(Failure::bad_input(words));
            }
            let target = Target::of(path);
            if let Some((_, other)) = taken.iter().find(|(known, _)| *known == target) {
                return Err(Failure::bad_input(format_args!(
                    "{} would overwrite '{}', which is {other}: name another file",
                    form.option(),
                    shown(path)
                )));
            }
            taken.push((target, form.what()));
        }
        let paths: Vec<String> = places.iter().map(|place| shown(&place.path)).collect();
        let files = SessionFiles::create(places).map_err(Failure::bad_input)?;
        if choices.len() > 1 && !paths.is_empty() {
            // Where standard error is closed there is nobody to tell.
            let _ = writeln!(io::stderr(), "vethlab: each stack has a file of its own: {}", paths.join(", "));
        }
        Ok((files, spared))
    }
}

/// The file that standard input is read from, where it is one.
fn input_file() -> Option<PathBuf> {
    let path = PathBuf::from("/dev/stdin");
    matches!(Target::of(&path), Target::File { .. }).then_some(path)
}

/// A seed as it is typed.
fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("a seed is a whole number from 0 to {}, such as 7", u64::MAX))
}

/// The commands of a script: a file, or standard input for `-`.
fn read_script(file: &Path) -> Result<Vec<String>, Failure> {
    let bytes = read_input(file)?;
    let name = name_of(file);
    script::commands(&bytes).map_err(|error| Failure::bad_input(format_args!("cannot read {name}: {error}")))
}

/// What stands for a file in a message.
fn name_of(file: &Path) -> String {
    if file == Path::new("-") { "standard input".to_owned() } else { format!("'{}'", shown(file)) }
}

/// How many bytes of commands are read: a hundred thousand namespaces and their cables take less.
const MOST_INPUT: u64 = 64 << 20;

/// The bytes of a file, or of standard input for `-`; it may be a pipe, too.
fn read_input(file: &Path) -> Result<Vec<u8>, Failure> {
    let is_standard = file == Path::new("-");
    let (mut bytes, name) = (Vec::new(), name_of(file));
    let source: io::Result<Box<dyn Read>> = match is_standard {
        true => Ok(Box::new(io::stdin().lock())),
        false => File::open(file).map(|file| Box::new(file) as Box<dyn Read>),
    };
    source
        .and_then(|source| source.take(MOST_INPUT + 1).read_to_end(&mut bytes))
        .map_err(|error| Failure::bad_input(format_args!("cannot read {name}: {}", reason(&error))))?;
    match bytes.len() as u64 > MOST_INPUT {
        true => Err(Failure::bad_input(format_args!("{name} has more than {} MiB", MOST_INPUT >> 20))),
        false => Ok(bytes),
    }
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
