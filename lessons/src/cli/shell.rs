//! `vethlab shell`: a prompt without a lesson.

use super::limits::LimitOptions;
use super::{DIFFERS, Failure, Files, Other, Stacks, input_file};
use vethlab::shell::{self, Terminal};
use vethlab_programs::Console;

/// Type commands at a prompt, without a lesson.
///
/// The machine is fresh: it has a loopback link and nothing else. 'help' lists the programs; 'exit' leaves.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  vethlab shell                   on the simulator: nothing that you do touches your machine
  vethlab shell --stack real      on the Linux kernel, in namespaces of their own
  vethlab shell --stack both      each command on both, with any difference shown
  vethlab shell --pcap f.pcapng   with every frame written to a file that Wireshark opens
  vethlab scene docker            with a network that Docker would have made")]
pub(crate) struct Arguments {
    #[command(flatten)]
    prompt: PromptOptions,
}

/// What a prompt without a lesson works on.
#[derive(clap::Args)]
pub(super) struct PromptOptions {
    /// The stack to work on
    #[arg(long, value_enum, default_value_t)]
    stack: Stacks,
    /// What the simulator's random choices start from
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = super::seed, allow_negative_numbers = true)]
    seed: u64,
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    limits: LimitOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let greeting = "A fresh machine. 'help' lists what it can do, 'exit' leaves.\n";
    prompt(&arguments.prompt, &[], greeting)
}

/// A prompt in a network that these commands prepare. A person is greeted.
pub(super) fn prompt(options: &PromptOptions, setup: &[String], greeting: &str) -> Result<u8, Failure> {
    let typed = input_file().map(|path| Other { path, what: "the file of commands" });
    let (files, spared) = options.files.create(options.stack.choices(), typed.into_iter().collect())?;
    // Before anything else that could start a thread: see `stacks::open`.
    let mut machines = shell::open(options.stack.choices(), options.seed, files)?;
    machines.set_limits(options.limits.allowed());
    let mut terminal = Terminal::open(spared)?;
    machines.stop_when(terminal.stop());
    machines.set_up(setup).map_err(Failure::bad_input)?;
    let mut lines = shell::source()?;
    if lines.is_terminal() {
        terminal.out(greeting);
    }
    let agreed = shell::run(&mut machines, lines.as_mut(), &mut terminal)?;
    machines.finish().map_err(Failure::bad_input)?;
    terminal.check()?;
    Ok(terminal.asked_to_end().unwrap_or(if agreed { 0 } else { DIFFERS }))
}
