//! `route`, as in net-tools 2.10.

mod edit;
pub(crate) mod proc_file;
mod show;
mod usage;

use super::getopt::{Getopt, Long, Value};
use super::{Context, Failure, Parsed, SHOWS, Status};
use show::Columns;
use usage::{FAMILIES, INET_USAGE, USAGE};
use vethlab_explain::journal::Effect;
use vethlab_shared::words::WordList;

pub(super) const LONGS: &[Long] = &[
    ("inet", '4', Value::No),
    ("inet6", '6', Value::No),
    ("ax25", '+', Value::No),
    ("netrom", '+', Value::No),
    ("rose", '+', Value::No),
    ("ipx", '+', Value::No),
    ("appletalk", '+', Value::No),
    ("x25", '+', Value::No),
    ("extend", 'e', Value::No),
    ("verbose", 'v', Value::No),
    ("version", 'V', Value::No),
    ("numeric", 'n', Value::No),
    ("symbolic", 'N', Value::No),
    ("protocol", 'A', Value::Required),
    ("cache", 'C', Value::No),
    ("fib", 'F', Value::No),
    ("help", 'h', Value::No),
];

const VERSION: &str = "net-tools 2.10
+NEW_ADDRT +RTF_IRTT +RTF_REJECT +I18N +SELINUX
AF: (inet) +UNIX +INET +INET6 +IPX +AX25 +NETROM +X25 +ATALK +ECONET +ROSE -BLUETOOTH
HW:  +ETHER +ARC +SLIP +PPP +TUNNEL -TR +AX25 +NETROM +X25 +FR +ROSE +ASH +SIT +FDDI +HIPPI +HDLC/LAPB +EUI64 
";

/// Reads the words behind `route`.
pub(super) fn parse(words: &WordList) -> Parsed {
    let shows = words.iter().all(|word| word.starts_with('-'));
    Parsed::once("route", words, if shows { SHOWS } else { Effect::Alters }, run)
}

/// Shows the main table: with 1 as always, with 2 as `route -e` does, with 3 as `route -ee`.
pub(crate) fn table(numeric: bool, extended: u8, context: &mut Context<'_>) -> Result<Status, Failure> {
    show::run(Columns { numeric, extended }, context)
}

/// Runs `route`.
fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    // `-net` and `-host` are words, not letters.
    let words: Vec<String> = words
        .iter()
        .map(|word| match word.as_str() {
            "-net" | "-host" => word.replacen('-', "#", 1),
            _ => word.clone(),
        })
        .collect();
    let (mut numeric, mut extended, mut help, mut family) = (false, 1, false, false);
    let mut options = Getopt::new("A:eCFhnN64Vv?", LONGS, &words);
    loop {
        let option = match options.next() {
            Ok(None) => break,
            Ok(Some(option)) => option,
            Err(error) => {
                context.console.err(&format!("route: {error}\n"));
                help = true;
                continue;
            }
        };
        match option.letter {
            'n' => numeric = true,
            'e' => extended += 1,
            'N' | 'F' | 'v' => {}
            '4' => family = true,
            'A' if option.value() == "inet" => family = true,
            'V' => {
                context.console.out(VERSION);
                return Ok(0);
            }
            'h' | '?' => help = true,
            'A' => return Err(Failure::NotModelled(format!("route -A {}", option.value()))),
            '+' => return Err(Failure::NotModelled("route with another address family".to_owned())),
            other => return Err(Failure::NotModelled(format!("route -{other}"))),
        }
    }
    if help {
        if family {
            context.console.out(INET_USAGE);
        } else {
            context.console.err(FAMILIES);
            context.console.out(USAGE);
        }
        return Ok(0);
    }
    let operands = options.operands();
    match operands.split_first() {
        None => show::run(Columns { numeric, extended }, context),
        Some((action, words)) => match action.as_str() {
            "add" => edit::run(edit::Action::Add, words, context),
            "del" | "delete" => edit::run(edit::Action::Delete, words, context),
            "flush" => {
                let message = format!("Flushing `inet' routing table not supported\n{INET_USAGE}");
                Err(Failure::Exit { message, status: 3 })
            }
            _ => Err(Failure::Exit { message: [USAGE, FAMILIES].concat(), status: 3 }),
        },
    }
}
