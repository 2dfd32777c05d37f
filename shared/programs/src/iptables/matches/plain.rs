//! Matches with one thing to say: `comment`, `mark`, `connmark`, `pkttype`, `ttl`, `length`, `limit`, `statistic`.

use super::super::extension::{Given, Opt};
use super::super::number::{mark_and_mask, quoted};
use super::super::problem::{Outcome, wrong};
use super::super::rule::Condition;
use super::{MatchKind, mark, no_check};
use crate::numbers::strtod;
use vethlab_shared::netfilter::Match;

/// `XT_LIMIT_SCALE`: so many periods are a second.
pub(in super::super) const SCALE: u32 = 10_000;
/// `XT_LIMIT_BURST`.
const USUAL_BURST: u32 = 5;
/// The longest comment (`XT_MAX_COMMENT_LEN`), with its NUL.
const COMMENT_LENGTH: usize = 256;
/// Of so many, `statistic` takes a part.
const WHOLE: f64 = 2_147_483_648.0;

const MARK_OPTIONS: &[Opt] = &[Opt::inverting("mark", 0).needed()];

pub(super) const COMMENT: MatchKind = MatchKind {
    name: "comment",
    options: &[Opt::new("comment", 0).needed()],
    checks_itself: false,
    start: || Condition::Match(Match::Comment(String::new())),
    parse: |condition, given| {
        if let Condition::Match(Match::Comment(text)) = condition {
            let mut end = given.text.len().min(COMMENT_LENGTH - 1);
            while !given.text.is_char_boundary(end) {
                end -= 1;
            }
            given.text[..end].clone_into(text);
        }
        Ok(())
    },
    check: no_check,
};

pub(super) const MARK: MatchKind = MatchKind {
    name: "mark",
    options: MARK_OPTIONS,
    checks_itself: false,
    start: || Condition::Mark { mark: 0, mask: 0, invert: false },
    parse: |condition, given| {
        let (mark, mask) = given.mark()?;
        *condition = Condition::Mark { mark, mask, invert: given.invert };
        Ok(())
    },
    check: no_check,
};

pub(super) const CONNMARK: MatchKind = MatchKind {
    name: "connmark",
    options: MARK_OPTIONS,
    checks_itself: false,
    start: || Condition::Match(Match::Connmark { mark: 0, mask: 0, invert: false }),
    parse: |condition, given| {
        let (mark, mask) = given.mark()?;
        *condition = Condition::Match(Match::Connmark { mark, mask, invert: given.invert });
        Ok(())
    },
    check: no_check,
};

pub(super) const PKTTYPE: MatchKind = MatchKind {
    name: "pkttype",
    options: &[Opt::inverting("pkt-type", 0).needed()],
    checks_itself: false,
    start: || Condition::Match(Match::Pkttype { kind: 0, invert: false }),
    parse: |condition, given| {
        let name = given.text.to_ascii_lowercase();
        let found = PACKET_TYPES.iter().chain(PACKET_ALIASES).find(|(known, _)| *known == name);
        let Some((_, kind)) = found else { return wrong(format!("Bad packet type '{}'", given.text)) };
        *condition = Condition::Match(Match::Pkttype { kind: *kind, invert: given.invert });
        Ok(())
    },
    check: no_check,
};

/// `PACKET_*`, by the names of `supported_types`.
const PACKET_TYPES: &[(&str, u32)] = &[("unicast", 0), ("broadcast", 1), ("multicast", 2), ("otherhost", 3)];
/// Other names for them.
const PACKET_ALIASES: &[(&str, u32)] = &[("bcast", 1), ("mcast", 2), ("host", 0)];

/// `IPT_TTL_EQ`, `_NE`, `_LT`, `_GT`: how a saved rule and how a listing writes it.
const TTL_MODES: [(&str, &str); 4] =
    [(" --ttl-eq", "=="), (" ! --ttl-eq", "!="), (" --ttl-lt", "<"), (" --ttl-gt", ">")];

pub(super) const TTL: MatchKind = MatchKind {
    name: "ttl",
    options: &[
        Opt::new("ttl-lt", 1).without(7),
        Opt::new("ttl-gt", 2).without(7),
        Opt::inverting("ttl-eq", 0).without(7),
        Opt::new("ttl", 0).without(7),
    ],
    checks_itself: false,
    start: || Condition::Match(Match::Ttl { mode: 0, value: 0 }),
    parse: |condition, given| {
        let mode = match (given.option.id, given.invert) {
            (0, true) => 1,
            (0, false) => 0,
            (1, _) => 2,
            _ => 3,
        };
        *condition = Condition::Match(Match::Ttl { mode, value: given.u8(0)? });
        Ok(())
    },
    check: |_, flags| match flags {
        0 => wrong("TTL match: You must specify one of `--ttl-eq', `--ttl-lt', `--ttl-gt"),
        _ => Ok(()),
    },
};

pub(super) const LENGTH: MatchKind = MatchKind {
    name: "length",
    options: &[Opt::inverting("length", 0).needed()],
    checks_itself: false,
    start: || Condition::Match(Match::Length { min: 0, max: 0, invert: false }),
    parse: |condition, given| {
        let (min, max) = given.numbers(0xffff)?;
        *condition =
            Condition::Match(Match::Length { min: min as u16, max: max as u16, invert: given.invert });
        Ok(())
    },
    check: no_check,
};

pub(super) const LIMIT: MatchKind = MatchKind {
    name: "limit",
    options: &[Opt::new("limit", 0), Opt::new("limit-burst", 1)],
    checks_itself: false,
    // Three an hour.
    start: || Condition::Limit { period: SCALE * 3600 / 3, burst: USUAL_BURST },
    parse: parse_limit,
    check: no_check,
};

pub(super) const STATISTIC: MatchKind = MatchKind {
    name: "statistic",
    options: &[
        Opt::new("mode", 0).needed(),
        Opt::inverting("probability", 1).without(1 << 2 | 1 << 3),
        Opt { requires: 1 << 3, ..Opt::inverting("every", 2).without(1 << 1) },
        Opt { requires: 1 << 2, ..Opt::new("packet", 3).without(1 << 1) },
    ],
    checks_itself: false,
    // Until all is read, `count` says whether the mode is `nth`, and `every` holds what was read last of the two.
    start: || Condition::Match(Match::StatisticNth { every: 0, packet: 0, count: 0, invert: false }),
    parse: parse_statistic,
    check: check_statistic,
};

fn parse_limit(condition: &mut Condition, given: &mut Given<'_>) -> Outcome<()> {
    let Condition::Limit { period, burst } = condition else { return Ok(()) };
    match given.option.id {
        0 => *period = rate(given.text)?,
        _ => *burst = given.number(0..=10_000)? as u32,
    }
    Ok(())
}

/// The period of a rate (`parse_rate`).
fn rate(text: &str) -> Outcome<u32> {
    let bad = || wrong(format!("bad rate \"{text}\"'"));
    let (number, unit) = match text.split_once('/') {
        Some((number, unit)) => (number, Some(unit)),
        None => (text, None),
    };
    let begins = |name: &str, unit: &str| {
        name.len() >= unit.len() && name.as_bytes()[..unit.len()].eq_ignore_ascii_case(unit.as_bytes())
    };
    let seconds = match unit {
        None => 1,
        Some("") => return bad(),
        Some(unit) if begins("second", unit) => 1,
        Some(unit) if begins("minute", unit) => 60,
        Some(unit) if begins("hour", unit) => 3600,
        Some(unit) if begins("day", unit) => 86_400,
        Some(_) => return bad(),
    };
    match crate::numbers::strtol(number, 10).value as u32 {
        0 => bad(),
        number => match SCALE * seconds / number {
            0 => wrong(format!("Rate too fast \"{text}\"")),
            period => Ok(period),
        },
    }
}

/// How many packets, and in which unit of time (`print_rate`): the seconds and the name of the unit. The period is not 0.
pub(in super::super) fn rate_of(period: u32) -> (u32, u32, &'static str) {
    const UNITS: [(&str, u32); 4] = [("day", 86_400), ("hour", 3600), ("min", 60), ("sec", 1)];
    let mut place = 1;
    while place < UNITS.len() {
        let unit = SCALE * UNITS[place].1;
        if period > unit || unit / period < unit % period {
            break;
        }
        place += 1;
    }
    let (name, seconds) = UNITS[place - 1];
    (SCALE * seconds / period, seconds, name)
}

/// A rate as it is shown.
fn shown_rate(period: u32) -> String {
    match period {
        // It would be faster than can be said.
        0 => "inf".to_owned(),
        period => {
            let (number, _, unit) = rate_of(period);
            format!("{number}/{unit}")
        }
    }
}

fn parse_statistic(condition: &mut Condition, given: &mut Given<'_>) -> Outcome<()> {
    let Condition::Match(Match::StatisticNth { every, packet, count, invert }) = condition else {
        return Ok(());
    };
    *invert |= given.invert;
    match given.option.id {
        0 => match given.text {
            "random" => *count = 0,
            "nth" => *count = 1,
            mode => return wrong(format!("Bad mode \"{mode}\"")),
        },
        1 => {
            let (value, rest) = strtod(given.text);
            if given.text.is_empty() || !rest.is_empty() || !(0.0..=1.0).contains(&value) {
                return wrong("statistic: bad value for option \"--probability\", or out of range (0-1).\n");
            }
            *every = (WHOLE * value).round() as u32;
        }
        2 => *every = given.number(1..=u32::MAX.into())? as u32 - 1,
        _ => *packet = given.u32()?,
    }
    Ok(())
}

fn check_statistic(condition: &mut Condition, flags: u32) -> Outcome<()> {
    let Condition::Match(Match::StatisticNth { every, packet, count, invert }) = *condition else {
        return Ok(());
    };
    *condition = Condition::Match(if count == 0 {
        if flags & (1 << 1) == 0 {
            return wrong("--probability must be specified when using random mode");
        }
        Match::StatisticRandom { probability: every, invert }
    } else {
        if flags & (1 << 2 | 1 << 3) == 0 {
            return wrong("--every and --packet must be specified when using nth mode");
        }
        if packet > every {
            return wrong("the --packet p must be 0 <= p <= n-1");
        }
        Match::StatisticNth { every, packet, count: every - packet, invert }
    });
    Ok(())
}

fn statistic(found: &Match, dashes: &str) -> String {
    match found {
        Match::StatisticRandom { probability, invert } => {
            let share = f64::from(*probability) / WHOLE;
            format!(" {dashes}mode random{} {dashes}probability {share:.11}", mark(*invert))
        }
        Match::StatisticNth { every, packet, invert, .. } => {
            let packet = match *packet == 0 && dashes.is_empty() {
                true => String::new(),
                false => format!(" {dashes}packet {packet}"),
            };
            format!(" {dashes}mode nth{} {dashes}every {}{packet}", mark(*invert), u64::from(*every) + 1)
        }
        _ => String::new(),
    }
}

fn packet_type(kind: u32) -> String {
    let named = PACKET_TYPES.iter().find(|(_, known)| *known == kind);
    named.map_or_else(|| kind.to_string(), |(name, _)| (*name).to_owned())
}

fn length(min: u16, max: u16) -> String {
    if min == max { min.to_string() } else { format!("{min}:{max}") }
}

pub(super) fn shown(condition: &Condition) -> String {
    match condition {
        Condition::Mark { mark: value, mask, invert } => {
            format!(" mark match{}{}", mark(*invert), mark_and_mask(*value, *mask))
        }
        Condition::Limit { period, burst } => {
            format!(" limit: avg {} burst {burst}", shown_rate(*period))
        }
        Condition::Match(found) => match found {
            Match::Comment(text) => format!(" /* {text} */"),
            Match::Connmark { mark: value, mask, invert } => {
                let inverted = if *invert { "!" } else { "" };
                format!(" connmark match {inverted}{}", mark_and_mask(*value, *mask))
            }
            Match::Pkttype { kind, invert } => {
                format!(" PKTTYPE {}= {}", if *invert { "!" } else { "" }, packet_type(*kind))
            }
            Match::Ttl { mode, value } => {
                format!(" TTL match TTL {} {value}", TTL_MODES[usize::from(*mode & 3)].1)
            }
            Match::Length { min, max, invert } => {
                format!(" length {}{}", if *invert { "!" } else { "" }, length(*min, *max))
            }
            statistic_match => format!(" statistic{}", statistic(statistic_match, "")),
        },
    }
}

pub(super) fn saved(condition: &Condition) -> String {
    match condition {
        Condition::Mark { mark: value, mask, invert } => {
            format!("{} --mark{}", mark(*invert), mark_and_mask(*value, *mask))
        }
        Condition::Limit { period, burst } => {
            let burst = match *burst {
                USUAL_BURST => String::new(),
                burst => format!(" --limit-burst {burst}"),
            };
            format!(" --limit {}{burst}", shown_rate(*period))
        }
        Condition::Match(found) => match found {
            Match::Comment(text) => format!(" --comment{}", quoted(text)),
            Match::Connmark { mark: value, mask, invert } => {
                format!("{} --mark{}", mark(*invert), mark_and_mask(*value, *mask))
            }
            Match::Pkttype { kind, invert } => format!("{} --pkt-type {}", mark(*invert), packet_type(*kind)),
            Match::Ttl { mode, value } => format!("{} {value}", TTL_MODES[usize::from(*mode & 3)].0),
            Match::Length { min, max, invert } => {
                format!("{} --length {}", mark(*invert), length(*min, *max))
            }
            statistic_match => statistic(statistic_match, "--"),
        },
    }
}
