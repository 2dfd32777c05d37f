//! `MARK` and `CONNMARK` (`libxt_MARK.c`, `libxt_CONNMARK.c`).

use super::super::extension::{Given, Opt};
use super::super::problem::{Outcome, not_modelled, wrong};
use super::TargetKind;
use vethlab_shared::netfilter::Target;

const SET: u8 = 0;
const AND: u8 = 1;
const OR: u8 = 2;
const XOR: u8 = 3;
const SET_XOR: u8 = 4;
const SAVE: u8 = 5;
const RESTORE: u8 = 6;
const CONNECTION_MASK: u8 = 7;
const PACKET_MASK: u8 = 8;
const MASK: u8 = 9;
const SHIFT: u8 = 10;
/// All that set, save or restore.
const ANY: u32 = 0x7f;

/// `XT_CONNMARK_SET`, `_SAVE`, `_RESTORE`.
const MODES: [u8; 3] = [0, 1, 2];

pub(super) const MARK: TargetKind = TargetKind {
    name: "MARK",
    options: &[
        Opt::new("set-xmark", SET_XOR).without(ANY),
        Opt::new("set-mark", SET).without(ANY),
        Opt::new("and-mark", AND).without(ANY),
        Opt::new("or-mark", OR).without(ANY),
        Opt::new("xor-mark", XOR).without(ANY),
    ],
    start: || Target::Mark { mark: 0, mask: 0 },
    parse: |target, given| {
        let (mark, mask) = altered(given)?;
        *target = Target::Mark { mark, mask };
        Ok(())
    },
    check: |_, flags| match flags {
        0 => wrong("MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required"),
        _ => Ok(()),
    },
};

pub(super) const CONNMARK: TargetKind = TargetKind {
    name: "CONNMARK",
    options: &[
        Opt::new("set-xmark", SET_XOR).without(ANY),
        Opt::new("set-mark", SET).without(ANY),
        Opt::new("and-mark", AND).without(ANY),
        Opt::new("or-mark", OR).without(ANY),
        Opt::new("xor-mark", XOR).without(ANY),
        Opt::plain("save-mark", SAVE).without(ANY),
        Opt::plain("restore-mark", RESTORE).without(ANY),
        Opt::new("left-shift-mark", SHIFT),
        Opt::new("right-shift-mark", SHIFT + 1),
        Opt::new("ctmask", CONNECTION_MASK).without(1 << MASK),
        Opt::new("nfmask", PACKET_MASK).without(1 << MASK),
        Opt::new("mask", MASK).without(1 << CONNECTION_MASK | 1 << PACKET_MASK),
    ],
    start: || Target::Connmark { mode: 0, mark: 0, connection_mask: u32::MAX, packet_mask: u32::MAX },
    parse: parse_connmark,
    check: |_, flags| match flags & ANY {
        0 => wrong("CONNMARK target: No operation specified"),
        _ => Ok(()),
    },
};

/// The bits to flip, and those to clear before.
fn altered(given: &Given<'_>) -> Outcome<(u32, u32)> {
    Ok(match given.option.id {
        SET_XOR => given.mark()?,
        SET => {
            let (mark, mask) = given.mark()?;
            (mark, mark | mask)
        }
        AND => (0, !given.u32()?),
        OR => {
            let bits = given.u32()?;
            (bits, bits)
        }
        _ => (given.u32()?, 0),
    })
}

fn parse_connmark(target: &mut Target, given: &mut Given<'_>) -> Outcome<()> {
    let Target::Connmark { mode, mark, connection_mask, packet_mask } = target else { return Ok(()) };
    match given.option.id {
        SAVE => *mode = MODES[1],
        RESTORE => *mode = MODES[2],
        CONNECTION_MASK => *connection_mask = given.u32()?,
        PACKET_MASK => *packet_mask = given.u32()?,
        MASK => {
            *connection_mask = given.u32()?;
            *packet_mask = *connection_mask;
        }
        SHIFT.. => return not_modelled(format!("iptables -j CONNMARK --{}", given.option.name)),
        _ => {
            *mode = MODES[0];
            (*mark, *connection_mask) = altered(given)?;
        }
    }
    Ok(())
}

/// How bits are altered (`mark_tg_print`).
fn shown_change(mark: u32, mask: u32) -> String {
    match (mark, mask) {
        (0, mask) => format!("and 0x{:x}", !mask),
        (mark, mask) if mark == mask => format!("or 0x{mark:x}"),
        (mark, 0) => format!("xor 0x{mark:x}"),
        (mark, u32::MAX) => format!("set 0x{mark:x}"),
        (mark, mask) => format!("xset 0x{mark:x}/0x{mask:x}"),
    }
}

pub(super) fn shown(target: &Target) -> String {
    match *target {
        Target::Mark { mark, mask } => format!(" MARK {}", shown_change(mark, mask)),
        Target::Connmark { mode, mark, connection_mask, packet_mask } => {
            let copied = |verb: &str, from: (&str, u32), to: (&str, u32)| match (from.1, to.1) {
                (u32::MAX, u32::MAX) => format!(" CONNMARK {verb}"),
                (one, other) if one == other => format!(" CONNMARK {verb} mask 0x{one:x}"),
                (one, other) => format!(" CONNMARK {verb} {} 0x{one:x} {} ~0x{other:x}", from.0, to.0),
            };
            match mode {
                0 => format!(" CONNMARK {}", shown_change(mark, connection_mask)),
                1 => copied("save", ("nfmask", packet_mask), ("ctmask", connection_mask)),
                2 => copied("restore", ("ctmask", connection_mask), ("nfmask", packet_mask)),
                _ => " ERROR: UNKNOWN CONNMARK MODE".to_owned(),
            }
        }
        _ => String::new(),
    }
}

pub(super) fn saved(target: &Target) -> String {
    match *target {
        Target::Mark { mark, mask } => format!(" --set-xmark 0x{mark:x}/0x{mask:x}"),
        Target::Connmark { mode, mark, connection_mask, packet_mask } => {
            let copied =
                |verb: &str| format!(" --{verb} --nfmask 0x{packet_mask:x} --ctmask 0x{connection_mask:x}");
            match mode {
                0 => format!(" --set-xmark 0x{mark:x}/0x{connection_mask:x}"),
                1 => copied("save-mark"),
                2 => copied("restore-mark"),
                _ => " ERROR: UNKNOWN CONNMARK MODE".to_owned(),
            }
        }
        _ => String::new(),
    }
}
