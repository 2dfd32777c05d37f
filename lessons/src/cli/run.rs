//! `vethlab run`: a file of commands, one after another.

use super::limits::LimitOptions;
use super::{DIFFERS, Failure, Files, OneStack, Other, input_file, json_line, read_script};
use std::path::{Path, PathBuf};
use std::slice;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use vethlab::interrupts::Interrupts;
use vethlab::output::{self, Streams};
use vethlab::stacks;
use vethlab_engine::limits::Allowed;
use vethlab_engine::machine::Machine;
use vethlab_engine::script;
use vethlab_programs::session::{Outcome, Session};
use vethlab_programs::{Console, Hindsight, Transcript};
use vethlab_shared::budget::Budget;
use vethlab_shared::stack::NetworkStack;

/// Run a file of commands and show what each one prints.
///
/// One command a line, with the quoting of a shell and `#` comments. The run goes on after a command that
/// fails. The exit code is 0 when every command ended with status 0, 1 when one did not, 2 for a file that
/// cannot be read, and 4 when the real stack is not available here. Ctrl-C and SIGTERM stop the command that runs and
/// end the run: what was seen so far is written, and the exit code is 130 or 143.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  vethlab run walkthrough.txt                 on the simulator
  vethlab run --stack real walkthrough.txt    on the Linux kernel, in namespaces of its own
  echo 'ip link' | vethlab run -              commands from standard input
  vethlab run --pcap f.pcapng walkthrough.txt  and the frames for Wireshark
  vethlab run --json walkthrough.txt          one JSON object a line, for other programs
  vethlab run --events e.jsonl walkthrough.txt  and all that happened, event by event")]
pub(crate) struct Arguments {
    /// The file of commands; `-` is standard input
    file: PathBuf,
    /// The stack to run on
    #[arg(long, value_enum, default_value_t)]
    stack: OneStack,
    /// Print one JSON object a line for each command: command, status, stdout, stderr
    #[arg(long)]
    json: bool,
    /// What the simulator's random choices start from: the same seed gives the same bytes
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = super::seed, allow_negative_numbers = true)]
    seed: u64,
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    limits: LimitOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let commands = read_script(&arguments.file)?;
    let choice = arguments.stack.into();
    let script = if arguments.file == Path::new("-") { input_file() } else { Some(arguments.file.clone()) };
    let script = script.map(|path| Other { path, what: "the file of commands" });
    let (mut files, spared) = arguments.files.create(&[choice], script.into_iter().collect())?;
    let (seed, allowed) = (arguments.seed, arguments.limits.allowed());
    let interrupts = Interrupts::notice(false)?;
    let stop = Arc::clone(interrupts.stop());
    let mut runner = match script::hindsight(&commands) {
        Hindsight::Nothing if !arguments.files.is_wanted() => {
            let (stack, session) = (stacks::open(choice, seed)?, Box::new(Session::new()));
            Runner::Plain { stack, session, budget: Budget::until(allowed.command, stop) }
        }
        Hindsight::Nothing | Hindsight::Journal => {
            Runner::keeping(stacks::machine_alone(choice, seed)?, allowed, stop)
        }
        Hindsight::StackBeside => Runner::keeping(stacks::machine(choice, seed)?, allowed, stop),
    };
    interrupts.begin_work();
    let mut all_well = true;
    for command in &commands {
        let outcome = match arguments.json {
            true => print_record(command, &mut runner, &interrupts)?,
            false => show(command, &mut runner, &interrupts, &spared)?,
        };
        files.take_in(runner.machines()).map_err(Failure::bad_input)?;
        match outcome {
            Outcome::Nothing => {}
            Outcome::Ran(status) => all_well &= status == 0,
            Outcome::Exit(status) => {
                all_well &= status == 0;
                break;
            }
        }
        if interrupts.any() {
            break;
        }
    }
    files.finish(runner.machines()).map_err(Failure::bad_input)?;
    Ok(interrupts.asked_to_end().unwrap_or(if all_well { 0 } else { DIFFERS }))
}

/// Who runs the commands.
enum Runner {
    /// Keeps all that happens: it is written to a file, or a command looks back at it.
    Keeping(Machine),
    /// Keeps nothing. Each command has a budget of its own, as large as this one.
    Plain { stack: Box<dyn NetworkStack>, session: Box<Session>, budget: Budget },
}

impl Runner {
    fn keeping(mut machine: Machine, allowed: Allowed, stop: Arc<AtomicBool>) -> Runner {
        machine.set_limits(allowed);
        machine.stop_when(stop);
        Runner::Keeping(machine)
    }

    fn execute(&mut self, command: &str, console: &mut dyn Console) -> Outcome {
        match self {
            Runner::Keeping(machine) => machine.execute(command, console),
            Runner::Plain { stack, session, budget } => {
                stack.set_budget(budget.renewed());
                session.execute(command, stack.as_mut(), console)
            }
        }
    }

    /// The machine whose files are written, where there is one.
    fn machines(&mut self) -> &mut [Machine] {
        match self {
            Runner::Keeping(machine) => slice::from_mut(machine),
            Runner::Plain { .. } => &mut [],
        }
    }
}

/// A console whose programs are stopped by a signal.
struct Interruptible<'a, C> {
    inner: C,
    interrupts: &'a Interrupts,
}

impl<C: Console> Console for Interruptible<'_, C> {
    vethlab_programs::pass_console_on!(inner: width, kept_bytes, save);

    fn out(&mut self, text: &str) {
        self.inner.out(text);
    }
    fn err(&mut self, text: &str) {
        self.inner.err(text);
    }
    fn interrupted(&self) -> bool {
        self.interrupts.any() || self.inner.interrupted()
    }
}

/// Runs a command whose text goes out as it comes.
fn show(
    command: &str,
    runner: &mut Runner,
    interrupts: &Interrupts,
    spared: &[PathBuf],
) -> Result<Outcome, Failure> {
    let mut console = Interruptible { inner: Streams::sparing(spared.to_vec()), interrupts };
    console.out(&format!("$ {command}\n"));
    let outcome = runner.execute(command, &mut console);
    console.inner.check()?;
    Ok(outcome)
}

/// Runs a command and prints what became of it as one line of JSON.
fn print_record(command: &str, runner: &mut Runner, interrupts: &Interrupts) -> Result<Outcome, Failure> {
    let mut console = Interruptible { inner: Transcript::default(), interrupts };
    let outcome = runner.execute(command, &mut console);
    if let Some(entry) = script::entry(command, outcome, console.inner) {
        output::print(&json_line(&entry)?)?;
    }
    Ok(outcome)
}
