//! `vethlab run`: a file of commands, one after another.

use super::event_file::EventFile;
use super::{DIFFERS, Failure, OneStack, Pcap, json_line, read_script};
use std::path::PathBuf;
use std::slice;
use vethlab::output::{self, Streams};
use vethlab::script;
use vethlab::seat::Seat;
use vethlab_shared::programs::{Console, Transcript};
use vethlab_shared::session::Outcome;

/// Run a file of commands and show what each one prints.
///
/// One command a line, with the quoting of a shell and `#` comments. The run goes on after a command that
/// fails. The exit code is 0 when every command ended with status 0, 1 when one did not, 2 for a file that
/// cannot be read, and 4 when the real stack is not available here.
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
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// Write what happened on the network to this file, one JSON object a line for each event
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    #[command(flatten)]
    pcap: Pcap,
}

pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let commands = read_script(&arguments.file)?;
    let mut events = arguments.events.as_deref().map(EventFile::create).transpose()?;
    let mut capture = arguments.pcap.create()?;
    let mut seat = Seat::open(arguments.stack.into(), arguments.seed)?;
    let mut all_well = true;
    for command in &commands {
        let outcome =
            if arguments.json { print_record(command, &mut seat)? } else { show(command, &mut seat)? };
        if let Some(events) = &mut events {
            events.append(seat.session().journal())?;
        }
        if let Some(capture) = &mut capture {
            capture.take_in(slice::from_ref(&seat)).map_err(Failure::bad_input)?;
        }
        match outcome {
            Outcome::Nothing => {}
            Outcome::Ran(status) => all_well &= status == 0,
            Outcome::Exit(status) => {
                all_well &= status == 0;
                break;
            }
        }
    }
    if let Some(events) = &mut events {
        // To wait for no time at all takes in what has happened.
        seat.idle_until(seat.now()).map_err(Failure::bad_input)?;
        events.append(seat.session().journal())?;
    }
    if let Some(capture) = capture {
        capture.finish(slice::from_mut(&mut seat)).map_err(Failure::bad_input)?;
    }
    Ok(if all_well { 0 } else { DIFFERS })
}

/// Runs a command whose text goes out as it comes.
fn show(command: &str, seat: &mut Seat) -> Result<Outcome, Failure> {
    let mut streams = Streams::new();
    streams.out(&format!("$ {command}\n"));
    let outcome = seat.execute(command, &mut streams);
    streams.check()?;
    Ok(outcome)
}

/// Runs a command and prints what became of it as one line of JSON.
fn print_record(command: &str, seat: &mut Seat) -> Result<Outcome, Failure> {
    let mut transcript = Transcript::default();
    let outcome = seat.execute(command, &mut transcript);
    if let Some(entry) = script::entry(command, outcome, transcript) {
        output::print(&json_line(&entry)?)?;
    }
    Ok(outcome)
}
