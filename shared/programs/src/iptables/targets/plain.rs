//! `REJECT`, `LOG`, `TTL`, `TCPMSS`, `CT` and `NOTRACK`.

use super::super::extension::Opt;
use super::super::number::{self, quoted};
use super::super::problem::{Problem, not_modelled, wrong};
use super::{TargetKind, no_check};
use std::fmt::Write;
use vethlab_shared::netfilter::{LogTarget, RejectWith, Target};

/// The level of a log line where none was asked for (`LOG_WARNING`).
const USUAL_LEVEL: u8 = 4;
/// How much of a prefix there is room for.
const LONGEST_PREFIX: usize = 29;
/// What clamps to the way's MTU (`XT_TCPMSS_CLAMP_PMTU`).
const CLAMP: u16 = 0xffff;

/// In the order of `reject_table`: what is shown, and a shorter name.
const REJECTS: [(&str, &str, RejectWith); 8] = [
    ("icmp-net-unreachable", "net-unreach", RejectWith::NetUnreachable),
    ("icmp-host-unreachable", "host-unreach", RejectWith::HostUnreachable),
    ("icmp-proto-unreachable", "proto-unreach", RejectWith::ProtoUnreachable),
    ("icmp-port-unreachable", "port-unreach", RejectWith::PortUnreachable),
    ("icmp-net-prohibited", "net-prohib", RejectWith::NetProhibited),
    ("icmp-host-prohibited", "host-prohib", RejectWith::HostProhibited),
    ("tcp-reset", "tcp-rst", RejectWith::TcpReset),
    ("icmp-admin-prohibited", "admin-prohib", RejectWith::AdminProhibited),
];

pub(super) const REJECT: TargetKind = TargetKind {
    name: "REJECT",
    options: &[Opt::new("reject-with", 0)],
    start: || Target::Reject(RejectWith::PortUnreachable),
    parse: |target, given| {
        let text = given.text;
        let begins = |name: &str| {
            name.len() >= text.len() && name.as_bytes()[..text.len()].eq_ignore_ascii_case(text.as_bytes())
        };
        match REJECTS.iter().find(|(name, alias, _)| begins(name) || begins(alias)) {
            Some((_, _, with)) => *target = Target::Reject(*with),
            None => {
                if begins("echo-reply") || begins("echoreply") {
                    given.notes.push_str("--reject-with echo-reply no longer supported\n");
                }
                return wrong(format!("unknown reject type \"{text}\""));
            }
        }
        Ok(())
    },
    check: no_check,
};

/// What else is told, by the bits of `XT_LOG_*`: the option, and what a listing says.
const LOG_FLAGS: [(&str, &str, u8); 5] = [
    ("log-tcp-sequence", "tcp-sequence", 1),
    ("log-tcp-options", "tcp-options", 2),
    ("log-ip-options", "ip-options", 4),
    ("log-uid", "uid", 8),
    ("log-macdecode", "macdecode", 0x20),
];

/// The names that `xtopt_parse_sysloglevel` takes.
const LEVELS_TO_READ: [(&str, u8); 9] = [
    ("alert", 1),
    ("crit", 2),
    ("debug", 7),
    ("emerg", 0),
    ("error", 3),
    ("info", 6),
    ("notice", 5),
    ("panic", 0),
    ("warning", 4),
];

/// The names that a listing gives levels (`prioritynames`, of which the first counts).
const LEVELS_TO_SHOW: [&str; 8] = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"];

pub(super) const LOG: TargetKind = TargetKind {
    name: "LOG",
    options: &[
        Opt::new("log-level", 6),
        Opt::new("log-prefix", 7),
        Opt::plain("log-tcp-sequence", 0),
        Opt::plain("log-tcp-options", 1),
        Opt::plain("log-ip-options", 2),
        Opt::plain("log-uid", 3),
        Opt::plain("log-macdecode", 5),
    ],
    start: || Target::Log(LogTarget { level: USUAL_LEVEL, flags: 0, prefix: String::new() }),
    parse: |target, given| {
        let Target::Log(log) = target else { return Ok(()) };
        match given.option.id {
            6 => {
                let named = LEVELS_TO_READ.iter().find(|(name, _)| *name == given.text);
                let level = number::whole(given.text, 0..=7).map(|level| level as u8);
                match level.or(named.map(|(_, level)| *level)) {
                    Some(level) => log.level = level,
                    None => return wrong(format!("log level \"{}\" unknown\n", given.text)),
                }
            }
            7 => {
                if given.text.is_empty() {
                    return wrong("Argument must have a minimum length of 1 characters\n");
                }
                if given.text.contains('\n') {
                    return wrong("Newlines not allowed in --log-prefix");
                }
                let mut end = given.text.len().min(LONGEST_PREFIX);
                while !given.text.is_char_boundary(end) {
                    end -= 1;
                }
                given.text[..end].clone_into(&mut log.prefix);
            }
            id => log.flags |= 1 << id,
        }
        Ok(())
    },
    check: no_check,
};

pub(super) const TTL: TargetKind = TargetKind {
    name: "TTL",
    options: &[
        Opt::new("ttl-set", 0).without(7),
        Opt::new("ttl-dec", 2).without(7),
        Opt::new("ttl-inc", 1).without(7),
    ],
    start: || Target::Ttl { mode: 0, value: 0 },
    parse: |target, given| {
        let mode = given.option.id;
        *target = Target::Ttl { mode, value: given.u8(u64::from(mode != 0))? };
        Ok(())
    },
    check: |_, flags| match flags {
        0 => wrong("TTL: You must specify an action"),
        _ => Ok(()),
    },
};

pub(super) const TCPMSS: TargetKind = TargetKind {
    name: "TCPMSS",
    options: &[Opt::new("set-mss", 0), Opt::plain("clamp-mss-to-pmtu", 1)],
    start: || Target::Tcpmss(0),
    parse: |target, given| {
        // The header of IP has 20 bytes.
        let size = if given.option.id == 0 { given.number(0..=0xffff - 20)? as u16 } else { CLAMP };
        *target = Target::Tcpmss(size);
        Ok(())
    },
    check: |_, flags| match flags {
        0 => wrong("TCPMSS target: At least one parameter is required"),
        _ => Ok(()),
    },
};

pub(super) const CT: TargetKind = TargetKind {
    name: "CT",
    options: &[
        Opt::plain("notrack", 0),
        Opt::new("helper", 1),
        Opt::new("timeout", 2),
        Opt::new("ctevents", 3),
        Opt::new("expevents", 4),
        Opt::new("zone-orig", 5),
        Opt::new("zone-reply", 6),
        Opt::new("zone", 7),
    ],
    start: || Target::Notrack { as_ct: true },
    parse: |_, given| match given.option.id {
        0 => Ok(()),
        _ => not_modelled(format!("iptables -j CT --{}", given.option.name)),
    },
    check: |_, flags| match flags {
        0 => not_modelled("iptables -j CT without --notrack"),
        _ => Ok(()),
    },
};

pub(super) const NOTRACK: TargetKind = TargetKind {
    name: "NOTRACK",
    options: &[],
    start: || Target::Notrack { as_ct: false },
    parse: |_, given| Err(Problem::Parameter(format!("Unknown arg \"{}\"", given.text))),
    check: no_check,
};

/// `IPT_TTL_SET`, `_INC`, `_DEC`: how a saved rule and how a listing writes it.
const TTL_MODES: [(&str, &str); 3] =
    [("--ttl-set", "set to"), ("--ttl-inc", "increment by"), ("--ttl-dec", "decrement by")];

fn reject_name(with: RejectWith) -> &'static str {
    REJECTS.iter().find(|(_, _, known)| *known == with).map_or("", |(name, ..)| name)
}

pub(super) fn shown(target: &Target, numeric: bool) -> String {
    match target {
        Target::Reject(with) => format!(" reject-with {}", reject_name(*with)),
        Target::Log(log) => {
            let mut text = match numeric {
                true => format!(" LOG flags {} level {}", log.flags, log.level),
                false => match LEVELS_TO_SHOW.get(usize::from(log.level)) {
                    Some(level) => format!(" LOG level {level}"),
                    None => format!(" LOG UNKNOWN level {}", log.level),
                },
            };
            for (_, name, bit) in LOG_FLAGS {
                if !numeric && log.flags & bit != 0 {
                    let _ = write!(text, " {name}");
                }
            }
            if !log.prefix.is_empty() {
                let _ = write!(text, " prefix \"{}\"", log.prefix);
            }
            text
        }
        Target::Ttl { mode, value } => {
            format!(" TTL {} {value}", TTL_MODES.get(usize::from(*mode)).map_or("", |(_, name)| name))
        }
        Target::Tcpmss(CLAMP) => " TCPMSS clamp to PMTU".to_owned(),
        Target::Tcpmss(size) => format!(" TCPMSS set {size}"),
        Target::Notrack { as_ct: true } => " CT notrack".to_owned(),
        Target::Notrack { as_ct: false } => " NOTRACK".to_owned(),
        _ => String::new(),
    }
}

pub(super) fn saved(target: &Target) -> String {
    match target {
        Target::Reject(with) => format!(" --reject-with {}", reject_name(*with)),
        Target::Log(log) => {
            let mut text = String::new();
            if !log.prefix.is_empty() {
                let _ = write!(text, " --log-prefix{}", quoted(&log.prefix));
            }
            if log.level != USUAL_LEVEL {
                let _ = write!(text, " --log-level {}", log.level);
            }
            for (option, _, bit) in LOG_FLAGS {
                if log.flags & bit != 0 {
                    let _ = write!(text, " --{option}");
                }
            }
            text
        }
        Target::Ttl { mode, value } => {
            format!(" {} {value}", TTL_MODES.get(usize::from(*mode)).map_or("", |(name, _)| name))
        }
        Target::Tcpmss(CLAMP) => " --clamp-mss-to-pmtu".to_owned(),
        Target::Tcpmss(size) => format!(" --set-mss {size}"),
        Target::Notrack { as_ct: true } => " --notrack".to_owned(),
        _ => String::new(),
    }
}
