//! `conntrack` and `state` (`libxt_conntrack.c`).

use super::super::extension::{Given, Opt};
use super::super::names;
use super::super::problem::{Outcome, Problem, wrong};
use super::super::rule::{Condition, Masked};
use super::{MatchKind, no_check};
use std::fmt::Write;
use std::net::Ipv4Addr;
use vethlab_shared::netfilter::{ConntrackMatch, CtState, Match};

const STATE: u8 = 0;
const PROTOCOL: u8 = 1;
/// The first of four addresses.
const ADDRESSES: u8 = 2;
/// The first of four ports.
const PORTS: u8 = 6;
const STATUS: u8 = 10;
const EXPIRE: u8 = 11;
const DIRECTION: u8 = 12;

/// `XT_CONNTRACK_*`, by the number of the option.
const BITS: [u16; 13] =
    [1, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 6, 1 << 7, 1 << 12];

/// In the order in which they are shown.
const STATES: [(&str, CtState); 7] = [
    ("INVALID", CtState::INVALID),
    ("NEW", CtState::NEW),
    ("RELATED", CtState::RELATED),
    ("ESTABLISHED", CtState::ESTABLISHED),
    ("UNTRACKED", CtState::UNTRACKED),
    ("SNAT", CtState::SNAT),
    ("DNAT", CtState::DNAT),
];

/// The order in which the beginning of a name is looked for.
const STATES_TO_READ: [usize; 7] = [0, 1, 3, 2, 4, 5, 6];

/// `IPS_*`, in the order in which they are shown.
const STATUSES: [(&str, u16); 4] = [("EXPECTED", 1), ("SEEN_REPLY", 2), ("ASSURED", 4), ("CONFIRMED", 8)];

pub(super) const CONNTRACK: MatchKind = MatchKind {
    name: "conntrack",
    options: &[
        Opt::inverting("ctstate", STATE),
        Opt::inverting("ctproto", PROTOCOL),
        Opt::inverting("ctorigsrc", ADDRESSES),
        Opt::inverting("ctorigdst", ADDRESSES + 1),
        Opt::inverting("ctreplsrc", ADDRESSES + 2),
        Opt::inverting("ctrepldst", ADDRESSES + 3),
        Opt::inverting("ctstatus", STATUS),
        Opt::inverting("ctexpire", EXPIRE),
        Opt::inverting("ctorigsrcport", PORTS),
        Opt::inverting("ctorigdstport", PORTS + 1),
        Opt::inverting("ctreplsrcport", PORTS + 2),
        Opt::inverting("ctrepldstport", PORTS + 3),
        Opt::new("ctdir", DIRECTION),
    ],
    checks_itself: false,
    start: || Condition::Match(Match::Conntrack(Box::default())),
    parse,
    check: |_, flags| match flags {
        0 => wrong("conntrack: At least one option is required"),
        _ => Ok(()),
    },
};

pub(super) const STATE_OPTIONS: &[Opt] = &[Opt::inverting("state", STATE).needed()];

pub(super) const STATE_KIND: MatchKind = MatchKind {
    name: "state",
    options: STATE_OPTIONS,
    checks_itself: false,
    start: || Condition::Match(Match::Conntrack(Box::default())),
    parse: parse_state,
    check: no_check,
};

fn parse(condition: &mut Condition, given: &mut Given<'_>) -> Outcome<()> {
    let Condition::Match(Match::Conntrack(wanted)) = condition else { return Ok(()) };
    let id = given.option.id;
    if given.invert {
        wanted.invert |= BITS[usize::from(id)];
    }
    match id {
        STATE => {
            let states = listed(given.text, |name| state(name, &STATES_TO_READ), "ctstate")?;
            wanted.states = Some(wanted.states.unwrap_or_default() | states);
        }
        PROTOCOL => wanted.protocol = Some(names::protocol_number(given.text)?.into()),
        STATUS => {
            let status = |name: &str| {
                // NONE asks for nothing.
                let none = begins("NONE", name).then_some(0);
                none.or_else(|| STATUSES.iter().find(|(known, _)| begins(known, name)).map(|(_, bit)| *bit))
            };
            let mut bits = 0;
            each(given.text, "ctstatus", |name| status(name).map(|bit| bits |= bit))?;
            wanted.status = Some(bits);
        }
        EXPIRE => {
            let (first, last) = given.numbers(u32::MAX.into())?;
            wanted.expires = Some((first as u32, last as u32));
        }
        DIRECTION => {
            wanted.original_direction = Some(match given.text {
                text if text.eq_ignore_ascii_case("ORIGINAL") => true,
                text if text.eq_ignore_ascii_case("REPLY") => false,
                text => return wrong(format!("conntrack: Bad value for \"--ctdir\" option: \"{text}\"")),
            });
        }
        id if id >= PORTS => *port_of(wanted, id - PORTS) = Some(given.ports()?),
        id => *address_of(wanted, id - ADDRESSES) = Some(host_and_mask(given)?),
    }
    Ok(())
}

fn parse_state(condition: &mut Condition, given: &mut Given<'_>) -> Outcome<()> {
    let Condition::Match(Match::Conntrack(wanted)) = condition else { return Ok(()) };
    wanted.alias = true;
    if given.invert {
        wanted.invert |= BITS[usize::from(STATE)];
    }
    if given.text.is_empty() || given.text.ends_with(',') {
        return wrong("\"--state\" requires a list of states with no spaces, e.g. ESTABLISHED,RELATED");
    }
    wanted.states = Some(listed(given.text, |name| state(name, &STATES_TO_READ[..5]), "state")?);
    Ok(())
}

fn state(name: &str, known: &[usize]) -> Option<CtState> {
    known.iter().map(|place| STATES[*place]).find(|(known, _)| begins(known, name)).map(|(_, state)| state)
}

fn listed(text: &str, read: impl Fn(&str) -> Option<CtState>, option: &str) -> Outcome<CtState> {
    let mut states = CtState::empty();
    each(text, option, |name| read(name).map(|state| states |= state))?;
    Ok(states)
}

/// Reads each of a list; what is told of one that is not known begins with it and goes on to the end.
fn each(text: &str, option: &str, mut read: impl FnMut(&str) -> Option<()>) -> Outcome<()> {
    let mut rest = text;
    loop {
        let (name, behind) = match rest.split_once(',') {
            Some((name, behind)) => (name, Some(behind)),
            None => (rest, None),
        };
        if name.is_empty() || read(name).is_none() {
            return Err(Problem::Parameter(format!("Bad {option} \"{rest}\"")));
        }
        match behind {
            Some(behind) => rest = behind,
            None => return Ok(()),
        }
    }
}

/// Whether a name begins so, in whatever letters.
fn begins(name: &str, beginning: &str) -> bool {
    name.len() >= beginning.len()
        && name.as_bytes()[..beginning.len()].eq_ignore_ascii_case(beginning.as_bytes())
}

/// A host and its mask (`xtopt_parse_hostmask`).
fn host_and_mask(given: &Given<'_>) -> Outcome<(Ipv4Addr, Ipv4Addr)> {
    let (host, mask) = match given.text.split_once('/') {
        Some((host, mask)) => (host, Some(mask)),
        None => (given.text, None),
    };
    let Some(address) = names::host(host) else {
        return wrong("getaddrinfo: Temporary failure in name resolution\n");
    };
    let mask = match mask {
        None => Ipv4Addr::BROADCAST,
        Some(text) => match names::mask_of(text) {
            Ok(mask) => mask,
            Err(_) => {
                let (extension, name) = (given.extension, given.option.name);
                return wrong(format!(
                    "{extension}: bad value for option \"--{name}\", neither a valid network mask nor valid CIDR \
                     (0-32).\n"
                ));
            }
        },
    };
    Ok((address, mask))
}

fn address_of(wanted: &mut ConntrackMatch, place: u8) -> &mut Option<(Ipv4Addr, Ipv4Addr)> {
    match place {
        0 => &mut wanted.original_source,
        1 => &mut wanted.original_destination,
        2 => &mut wanted.reply_source,
        _ => &mut wanted.reply_destination,
    }
}

fn port_of(wanted: &mut ConntrackMatch, place: u8) -> &mut Option<(u16, u16)> {
    match place {
        0 => &mut wanted.original_source_port,
        1 => &mut wanted.original_destination_port,
        2 => &mut wanted.reply_source_port,
        _ => &mut wanted.reply_destination_port,
    }
}

/// As `conntrack_dump` shows it: in a listing, or with dashes in a saved rule.
pub(super) fn shown(wanted: &ConntrackMatch, dashes: &str, numeric: bool) -> String {
    let mut text = String::new();
    let mark = |id: u8| super::mark(wanted.invert & BITS[usize::from(id)] != 0);
    if let Some(states) = wanted.states {
        let option = if wanted.alias { "state" } else { "ctstate" };
        let names: Vec<&str> =
            STATES.iter().filter(|(_, state)| states.contains(*state)).map(|(name, _)| *name).collect();
        let _ = write!(text, "{} {dashes}{option} {}", mark(STATE), names.join(","));
    }
    if let Some(protocol) = wanted.protocol {
        let _ = write!(text, "{} {dashes}ctproto {protocol}", mark(PROTOCOL));
    }
    let addresses = [
        ("ctorigsrc", wanted.original_source),
        ("ctorigdst", wanted.original_destination),
        ("ctreplsrc", wanted.reply_source),
        ("ctrepldst", wanted.reply_destination),
    ];
    for (id, (option, found)) in (ADDRESSES..).zip(addresses) {
        let Some((address, mask)) = found else { continue };
        let shown = match !numeric && address.is_unspecified() {
            true => "anywhere".to_owned(),
            false => names::shown_host(address, numeric) + &names::shown_mask(Masked { address, mask }),
        };
        let _ = write!(text, "{} {dashes}{option} {shown}", mark(id));
    }
    let ports = [
        ("ctorigsrcport", wanted.original_source_port),
        ("ctorigdstport", wanted.original_destination_port),
        ("ctreplsrcport", wanted.reply_source_port),
        ("ctrepldstport", wanted.reply_destination_port),
    ];
    for (id, (option, found)) in (PORTS..).zip(ports) {
        let Some((first, last)) = found else { continue };
        let span = if last == 0 || first == last { format!("{first}") } else { format!("{first}:{last}") };
        let _ = write!(text, "{} {dashes}{option} {span}", mark(id));
    }
    if let Some(status) = wanted.status {
        let names: Vec<&str> =
            STATUSES.iter().filter(|(_, bit)| status & bit != 0).map(|(name, _)| *name).collect();
        let names = if status == 0 { "NONE".to_owned() } else { names.join(",") };
        let _ = write!(text, "{} {dashes}ctstatus {names}", mark(STATUS));
    }
    if let Some((first, last)) = wanted.expires {
        let span = if first == last { format!("{first}") } else { format!("{first}:{last}") };
        let _ = write!(text, "{} {dashes}ctexpire {span}", mark(EXPIRE));
    }
    match wanted.original_direction {
        Some(true) => text += &format!(" {dashes}ctdir ORIGINAL"),
        Some(false) => text += &format!(" {dashes}ctdir REPLY"),
        None => {}
    }
    text
}
