//! `arp`, as in net-tools 2.10.

mod edit;
pub(crate) mod proc_file;
mod show;
mod usage;

use super::getopt::{Getopt, Long, Value};
use super::{Context, Failure, Parsed, Status};
use show::Selection;
use usage::{HARDWARE, USAGE};
use vethlab_explain::journal::{Effect, View};
use vethlab_shared::words::WordList;

pub(super) const LONGS: &[Long] = &[
    ("verbose", 'v', Value::No),
    ("version", 'V', Value::No),
    ("all", 'a', Value::No),
    ("delete", 'd', Value::No),
    ("file", 'f', Value::No),
    ("numeric", 'n', Value::No),
    ("set", 's', Value::No),
    ("protocol", 'A', Value::Required),
    ("hw-type", 'H', Value::Required),
    ("device", 'i', Value::Required),
    ("help", 'h', Value::No),
    ("use-device", 'D', Value::No),
    ("symbolic", 'N', Value::No),
];

const VERSION: &str = "net-tools 2.10
+I18N +SELINUX
AF: (inet) +UNIX +INET +INET6 +IPX +AX25 +NETROM +X25 +ATALK +ECONET +ROSE -BLUETOOTH
HW: (ether) +ETHER +ARC +SLIP +PPP +TUNNEL -TR +AX25 +NETROM +X25 +FR +ROSE +ASH +SIT +FDDI +HIPPI +HDLC/LAPB +EUI64 
";

/// What to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Action {
    #[default]
    Show,
    Set,
    Delete,
}

/// What the options say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Options {
    action: Action,
    /// `-a`: one sentence each.
    sentences: bool,
    /// `-e`: columns, whatever else.
    columns: bool,
    numeric: bool,
    verbose: bool,
    /// `-H ether`.
    ethernet: bool,
    /// `-i`.
    device: Option<String>,
}

/// The option letters.
const LETTERS: &str = "A:H:adfp:nsei:t:vh?DNV";

/// Reads the words behind `arp`.
pub(super) fn parse(words: &WordList) -> Parsed {
    let mut getopt = Getopt::new(LETTERS, LONGS, words);
    let mut effect = Effect::Shows(View::Neighbours);
    while let Ok(Some(given)) = getopt.next() {
        match given.letter {
            'a' => effect = Effect::Shows(View::Neighbours),
            'd' | 's' | 'f' => effect = Effect::Alters,
            _ => {}
        }
    }
    Parsed::once("arp", words, effect, run)
}

/// Runs `arp`.
fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let mut options = Options::default();
    let mut getopt = Getopt::new(LETTERS, LONGS, words);
    while let Some(given) = getopt.next().map_err(|error| usage(&format!("arp: {error}\n")))? {
        match given.letter {
            'a' => (options.action, options.sentences) = (Action::Show, true),
            'd' => options.action = Action::Delete,
            's' => options.action = Action::Set,
            'e' => options.columns = true,
            'n' => options.numeric = true,
            'v' => options.verbose = true,
            'N' => context.console.err("arp: -N not yet supported.\n"),
            'i' => options.device = Some(given.value().to_owned()),
            'A' | 'p' if given.value() == "inet" => {}
            'H' | 't' if given.value() == "ether" => options.ethernet = true,
            'H' | 't' if !HARDWARE.contains(&format!(" {} (", given.value())) => {
                let message = format!("arp: {}: unknown hardware type.", given.value());
                return Err(Failure::exit(255, message));
            }
            'V' => {
                context.console.out(VERSION);
                return Ok(0);
            }
            'h' => {
                context.console.err(HARDWARE);
                context.console.out(USAGE);
                return Ok(0);
            }
            '?' => return Err(usage("")),
            other => {
                return Err(Failure::NotModelled(
                    format!("arp -{other} {}", given.value()).trim_end().into(),
                ));
            }
        }
    }
    let operands = getopt.operands();
    match options.action {
        Action::Show => {
            let selection = Selection {
                host: operands.first().map(String::as_str),
                device: options.device.as_deref().filter(|device| !device.is_empty()),
                ethernet: options.ethernet,
                columns: options.columns || !options.sentences,
                sentences: options.sentences,
                numeric: options.numeric,
                verbose: options.verbose,
            };
            show::run(selection, context)
        }
        Action::Set => edit::set(&operands, &options, context),
        Action::Delete => edit::delete(&operands, &options, context),
    }
}

/// What `arp` says when it does not understand.
fn usage(first: &str) -> Failure {
    Failure::Exit { message: [first, USAGE, HARDWARE].concat(), status: 3 }
}
