//! What may stand next in a command line.

use crate::table::program;
use crate::{ip, iptables};

/// What may stand next in a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// This word.
    Word(&'static str),
    /// The name of a program.
    Program,
    /// The name of a namespace.
    Namespace,
    /// The name of a link.
    Link,
    /// An address that a link has.
    Address,
}

/// What may stand behind these words: the program that the first one names says so.
pub fn next(words: &[&str]) -> Vec<Next> {
    let mut words = words;
    while let ["sudo", rest @ ..] = words {
        words = rest;
    }
    match words {
        [] => vec![Next::Program],
        ["ip", rest @ ..] => ip::next(rest),
        ["man" | "help", rest @ ..] => match rest {
            [] => vec![Next::Program, Next::Word("modelled")],
            ["ip"] => ip::pages::OBJECTS
                .iter()
                .filter_map(|page| page.command.strip_prefix("ip "))
                .map(Next::Word)
                .collect(),
            _ => Vec::new(),
        },
        ["cat", ..] => crate::cat::FILES.iter().copied().map(Next::Word).collect(),
        ["iptables", rest @ ..] if iptables::complete::next(rest).is_some() => {
            iptables::complete::next(rest).unwrap_or_default()
        }
        [name, ..] => {
            let options =
                program(name).into_iter().flat_map(|program| program.page.options()).map(Next::Word);
            let names: &[Next] = match *name {
                "ping" | "traceroute" | "why" | "arp" => &[Next::Address, Next::Link],
                "route" | "ifconfig" => &[Next::Link, Next::Address],
                "bridge" => &[Next::Word("link"), Next::Word("fdb"), Next::Link],
                "packets" => &[Next::Link, Next::Namespace],
                "tcpdump" => &[Next::Link, Next::Word("any")],
                _ => &[],
            };
            options.chain(names.iter().copied()).collect()
        }
    }
}
