//! Every program, by name.

use crate::getopt::Long;
use crate::manual::{Page, own, pages};
use crate::{
    Hindsight, Parsed, Program, SHOWS, arp, bridge, cat, conntrack, curl, date, ifconfig, ip, iptables, jobs,
    manual, map, nc, netstat, nft, packet, packets, ping, python3, route, shell, simple, sleep, ss, sysctl,
    tcpdump, telnet, text, traceroute, wget, why,
};
use vethlab_explain::journal::{Effect, Invocation, View};
use vethlab_shared::words::WordList;

/// A program that asks nothing of the time before it began.
const fn of(page: &'static Page, parse: fn(&WordList) -> Parsed) -> Program {
    Program { name: page.command, page, hindsight: Hindsight::Nothing, longs: Vec::new, parse }
}

/// The names of long options.
fn names(longs: &[Long]) -> Vec<&'static str> {
    longs.iter().map(|long| long.0).collect()
}

const TABLE: &[Program] = &[
    Program { longs: || names(arp::LONGS), ..of(&pages::ARP, arp::parse) },
    of(&pages::BASH, |words| shell::parse("bash", words)),
    of(&pages::text::AWK, |words| {
        Parsed::once("awk", words, SHOWS, |words, context| text::run("awk", words, context))
    }),
    of(&pages::text::BASENAME, |words| {
        Parsed::once("basename", words, SHOWS, |words, context| text::run("basename", words, context))
    }),
    of(&bridge::pages::BRIDGE, bridge::parse),
    of(&pages::CAT, |words| Parsed::once("cat", words, SHOWS, cat::run)),
    of(&pages::CLEAR, |words| Parsed::once("clear", words, SHOWS, simple::clear)),
    of(&pages::text::COLUMN, |words| {
        Parsed::once("column", words, SHOWS, |words, context| text::run("column", words, context))
    }),
    Program { longs: conntrack::longs, ..of(&pages::CONNTRACK, conntrack::parse) },
    Program { longs: curl::longs, ..of(&pages::CURL, curl::parse) },
    of(&pages::DATE, |words| Parsed::once("date", words, SHOWS, date::run)),
    of(&pages::text::CUT, |words| {
        Parsed::once("cut", words, SHOWS, |words, context| text::run("cut", words, context))
    }),
    of(&pages::text::DIRNAME, |words| {
        Parsed::once("dirname", words, SHOWS, |words, context| text::run("dirname", words, context))
    }),
    of(&pages::ECHO, |words| Parsed::once("echo", words, SHOWS, simple::echo)),
    of(&pages::text::EGREP, |words| {
        Parsed::once("egrep", words, SHOWS, |words, context| text::run("egrep", words, context))
    }),
    of(&pages::text::EXPR, |words| {
        Parsed::once("expr", words, SHOWS, |words, context| text::run("expr", words, context))
    }),
    of(&pages::FALSE, |words| Parsed::once("false", words, SHOWS, simple::fail)),
    of(&pages::FG, |words| {
        Parsed::new(Invocation::new("fg", words.clone(), Effect::Alters), Ok(jobs::Foreground::new(words)))
    }),
    of(&pages::text::FGREP, |words| {
        Parsed::once("fgrep", words, SHOWS, |words, context| text::run("fgrep", words, context))
    }),
    of(&pages::text::GREP, |words| {
        Parsed::once("grep", words, SHOWS, |words, context| text::run("grep", words, context))
    }),
    of(&pages::text::HEAD, |words| {
        Parsed::once("head", words, SHOWS, |words, context| text::run("head", words, context))
    }),
    of(&pages::HELP, |words| Parsed::once("help", words, SHOWS, manual::help)),
    Program {
        hindsight: Hindsight::Journal,
        ..of(&pages::HISTORY, |words| Parsed::once("history", words, SHOWS, simple::history))
    },
    of(&pages::HOSTNAME, |words| Parsed::once("hostname", words, SHOWS, simple::hostname)),
    of(&pages::IFCONFIG, ifconfig::parse),
    of(&pages::IP, ip::parse),
    Program { longs: iptables::longs, ..of(&pages::IPTABLES, iptables::parse) },
    Program {
        longs: || names(iptables::restore::LONGS),
        ..of(&pages::IPTABLES_RESTORE, |words| {
            Parsed::once("iptables-restore", words, Effect::Alters, iptables::restore::run)
        })
    },
    Program {
        longs: || names(iptables::save::LONGS),
        ..of(&pages::IPTABLES_SAVE, |words| Parsed::once("iptables-save", words, SHOWS, iptables::save::run))
    },
    of(&pages::JOBS, |words| Parsed::once("jobs", words, SHOWS, jobs::list)),
    of(&pages::KILL, |words| Parsed::once("kill", words, Effect::Alters, jobs::kill)),
    of(&pages::MAN, |words| Parsed::once("man", words, SHOWS, manual::man)),
    Program {
        hindsight: Hindsight::Journal,
        ..of(&own::MAP, |words| Parsed::once("map", words, SHOWS, map::run))
    },
    of(&pages::NC, nc::parse),
    Program { longs: || names(netstat::LONGS), ..of(&pages::NETSTAT, netstat::parse) },
    of(&pages::NFT, nft::parse),
    of(&pages::text::NL, |words| {
        Parsed::once("nl", words, SHOWS, |words, context| text::run("nl", words, context))
    }),
    Program {
        hindsight: Hindsight::Journal,
        ..of(&own::PACKET, |words| Parsed::once("packet", words, Effect::Shows(View::Frames), packet::run))
    },
    Program {
        hindsight: Hindsight::Journal,
        ..of(&own::PACKETS, |words| Parsed::once("packets", words, Effect::Shows(View::Frames), packets::run))
    },
    of(&pages::PING, ping::parse),
    of(&pages::text::PRINTF, |words| {
        Parsed::once("printf", words, SHOWS, |words, context| text::run("printf", words, context))
    }),
    of(&pages::PYTHON3, python3::parse),
    of(&pages::text::REV, |words| {
        Parsed::once("rev", words, SHOWS, |words, context| text::run("rev", words, context))
    }),
    Program { longs: || names(route::LONGS), ..of(&pages::ROUTE, route::parse) },
    of(&pages::SH, |words| shell::parse("sh", words)),
    of(&pages::text::SED, |words| {
        Parsed::once("sed", words, SHOWS, |words, context| text::run("sed", words, context))
    }),
    of(&pages::text::SEQ, |words| {
        Parsed::once("seq", words, SHOWS, |words, context| text::run("seq", words, context))
    }),
    of(&pages::SLEEP, sleep::parse),
    of(&pages::text::SORT, |words| {
        Parsed::once("sort", words, SHOWS, |words, context| text::run("sort", words, context))
    }),
    Program { longs: || names(ss::LONGS), ..of(&pages::SS, ss::parse) },
    of(&pages::SUDO, |words| {
        // What stands behind it is read in its place.
        Parsed::once("sudo", words, SHOWS, |_, _| Ok(0))
    }),
    Program { longs: || names(sysctl::LONGS), ..of(&pages::SYSCTL, sysctl::parse) },
    Program { longs: || names(tcpdump::LONGS), ..of(&pages::TCPDUMP, tcpdump::parse) },
    Program { longs: || names(telnet::LONGS), ..of(&pages::TELNET, telnet::parse) },
    Program { longs: traceroute::longs, ..of(&pages::TRACEROUTE, traceroute::parse) },
    of(&pages::TRUE, |words| Parsed::once("true", words, SHOWS, simple::succeed)),
    of(&pages::text::TAC, |words| {
        Parsed::once("tac", words, SHOWS, |words, context| text::run("tac", words, context))
    }),
    of(&pages::text::TAIL, |words| {
        Parsed::once("tail", words, SHOWS, |words, context| text::run("tail", words, context))
    }),
    of(&pages::text::TEE, |words| {
        Parsed::once("tee", words, SHOWS, |words, context| text::run("tee", words, context))
    }),
    of(&pages::text::TR, |words| {
        Parsed::once("tr", words, SHOWS, |words, context| text::run("tr", words, context))
    }),
    of(&pages::text::UNIQ, |words| {
        Parsed::once("uniq", words, SHOWS, |words, context| text::run("uniq", words, context))
    }),
    of(&pages::WAIT, |words| {
        Parsed::new(Invocation::new("wait", words.clone(), Effect::Alters), Ok(jobs::Waiting::new(words)))
    }),
    of(&pages::text::WC, |words| {
        Parsed::once("wc", words, SHOWS, |words, context| text::run("wc", words, context))
    }),
    Program { longs: || names(wget::options::LONGS), ..of(&pages::WGET, wget::parse) },
    of(&pages::WHOAMI, |words| Parsed::once("whoami", words, SHOWS, simple::whoami)),
    Program {
        hindsight: Hindsight::StackBeside,
        ..of(&own::WHY, |words| Parsed::once("why", words, Effect::Shows(View::Frames), why::run))
    },
];

/// Every program, by name.
pub fn table() -> &'static [Program] {
    TABLE
}

/// The program of this name.
pub(crate) fn program(name: &str) -> Option<&'static Program> {
    TABLE.iter().find(|program| program.name == name)
}
