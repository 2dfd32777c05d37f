//! The command line (`do_parse` in `src/conntrack.c`).

use super::filter::{Filter, Masked, Nat, Translated};
use super::options::{LETTERS, LONGS, Options};
use super::problem::{failed, not_modelled, wrong};
use super::protocol::{self, Handler};
use super::render::Form;
use crate::Failure;
use crate::getopt::{Getopt, Given, OptionError};
use crate::numbers::{inet_aton, strtol};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use vethlab_shared::family::Family;
use vethlab_shared::netfilter::{ConnectionGroups, ConnectionStatus};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    List,
    Delete,
    Flush,
    Count,
    Event,
    Version,
    Help,
}

/// A whole line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) action: Option<Action>,
    pub(super) filter: Filter,
    pub(super) form: Form,
    /// Whether the time stands before what is shown.
    pub(super) timestamp: bool,
    /// What is to be told of, where events are.
    pub(super) groups: ConnectionGroups,
    /// Whose help is asked for.
    pub(super) protocol: Option<u8>,
}

/// What is read so far.
#[derive(Default)]
struct Reading {
    action: Option<Action>,
    options: Options,
    filter: Filter,
    handler: Option<&'static Handler>,
    /// The options of the protocol that were given, a bit each.
    of_protocol: u32,
    /// Masks of the addresses of the first packet.
    masks: [Option<IpAddr>; 2],
    mark: Option<Masked>,
    status: Option<Masked>,
    output: Output,
    groups: Option<ConnectionGroups>,
    warnings: String,
    /// What was given that is not modelled: told once it is known that the command may have it.
    missing: Option<String>,
}

#[derive(Default)]
struct Output {
    family: bool,
    id: bool,
    save: bool,
    timestamp: bool,
}

/// Reads the words; with what the tool warns of.
///
/// # Errors
/// What makes no sense, and what is not modelled.
pub(super) fn read(words: &[String]) -> Result<(Line, String), Failure> {
    if words.len() > 1 && matches!(words[0].as_str(), "-R" | "--load-file") {
        return Err(not_modelled(&words[0]));
    }
    let mut reading = Reading::default();
    let mut options = Getopt::new(LETTERS, LONGS, words);
    loop {
        match options.next() {
            Ok(Some(given)) => reading.take(&given, &mut options)?,
            Ok(None) => break,
            Err(error) => {
                let word = options.last_word().unwrap_or("conntrack");
                return Err(match error {
                    OptionError::LetterNeedsValue(_) | OptionError::LongNeedsValue(_) => {
                        wrong(format_args!("option `{word}' requires an argument"))
                    }
                    _ => wrong(format_args!("unknown option `{word}'")),
                });
            }
        }
    }
    reading.finish()
}

impl Reading {
    fn take(&mut self, given: &Given, options: &mut Getopt<'_>) -> Result<(), Failure> {
        let value = given.value();
        match given.letter {
            letter @ ('L' | 'I' | 'D' | 'G' | 'F' | 'E' | 'V' | 'h' | 'C' | 'S' | 'U' | 'A') => {
                // A table that is attached to its letter is not looked at.
                let table = if given.value.is_none() { options.value_apart() } else { None };
                return self.command(letter, table);
            }
            letter @ ('s' | 'd' | 'r' | 'q' | '{' | '}') => {
                let address = self.address(letter, value)?;
                match letter {
                    's' => self.filter.original[0] = Some(address),
                    'd' => self.filter.original[1] = Some(address),
                    'r' => self.filter.reply[0] = Some(address),
                    'q' => self.filter.reply[1] = Some(address),
                    '{' => self.masks[0] = Some(address),
                    _ => self.masks[1] = Some(address),
                }
            }
            letter @ ('[' | ']') => {
                self.address(letter, value)?;
            }
            'p' => {
                let (number, handler) = protocol::find(value)?;
                self.filter.protocol = Some(number);
                self.handler = handler;
                options.know(handler.map_or(&[], |handler| handler.longs));
            }
            't' => self.filter.timeout = Some(strtol(value, 10).value as u32),
            'u' => self.status(value)?,
            'o' => self.output(value)?,
            letter @ ('n' | 'g' | 'j') => {
                self.options.add(letter);
                let apart = if given.value.is_none() { options.value_apart() } else { None };
                return apart.map_or(Ok(()), |text| self.translated(letter, text));
            }
            'w' | '(' | ')' => self.filter.other_zone |= strtol(value, 0).value as u16 != 0,
            'i' => self.filter.id = Some(strtol(value, 0).value as u32),
            'm' => {
                let number = strtol(value, 0);
                let mask =
                    number.rest.strip_prefix('/').map_or(u32::MAX, |mask| strtol(mask, 0).value as u32);
                self.mark = Some(Masked { value: number.value as u32, mask });
            }
            'f' if value.starts_with("ipv4") => self.family(Family::Inet)?,
            'f' if value.starts_with("ipv6") => self.family(Family::Inet6)?,
            'f' => return Err(wrong(format_args!("`{value}' unsupported protocol"))),
            'a' => {
                self.warnings += "WARNING: ignoring -a, deprecated option.\n";
                return Ok(());
            }
            letter @ '1'..='9' => {
                if let Some(handler) = self.handler {
                    self.of_protocol |= 1 << handler.take(given, &mut self.filter)?;
                } else {
                    return Err(not_modelled(&format!("option {letter}")));
                }
                return Ok(());
            }
            'e' => {
                const GROUPS: [ConnectionGroups; 4] = [
                    ConnectionGroups::all(),
                    ConnectionGroups::NEW,
                    ConnectionGroups::UPDATE,
                    ConnectionGroups::DESTROY,
                ];
                let places = named(value, &["ALL", "NEW", "UPDATES", "DESTROY"], &mut self.warnings)?;
                let before = self.groups.unwrap_or(ConnectionGroups::empty());
                self.groups = Some(places.into_iter().fold(before, |all, place| all | GROUPS[place]));
            }
            letter => self.miss(&format!("-{letter}")),
        }
        self.options.add(given.letter);
        Ok(())
    }

    fn miss(&mut self, what: &str) {
        self.missing.get_or_insert_with(|| what.to_owned());
    }

    /// `check_type`, `add_command`.
    fn command(&mut self, letter: char, table: Option<&str>) -> Result<(), Failure> {
        let tables = ["expect", "conntrack", "dying", "unconfirmed"];
        let table = match table {
            None => "conntrack",
            Some(text) => tables
                .into_iter()
                .find(|name| name.starts_with(text))
                .ok_or_else(|| wrong(format_args!("unknown type `{text}'")))?,
        };
        if letter != 'L' && matches!(table, "dying" | "unconfirmed") {
            return Err(wrong("Can't do that command with tables `dying' and `unconfirmed'"));
        }
        if table == "expect" && matches!(letter, 'U' | 'A') {
            let name = if letter == 'U' { "update" } else { "add" };
            return Err(wrong(format_args!("Can't do --{name} on expectations")));
        }
        if self.action.is_some() {
            return Err(wrong("Invalid commands combination"));
        }
        self.action = Some(match letter {
            'L' => Action::List,
            'D' => Action::Delete,
            'F' => Action::Flush,
            'C' => Action::Count,
            'E' => Action::Event,
            'V' => Action::Version,
            'h' => Action::Help,
            letter => return Err(not_modelled(&format!("-{letter}"))),
        });
        if table != "conntrack" && !matches!(letter, 'V' | 'h') {
            return Err(not_modelled(&format!("-{letter} {table}")));
        }
        Ok(())
    }

    /// `set_family`.
    fn family(&mut self, family: Family) -> Result<(), Failure> {
        match self.filter.family.replace(family) {
            Some(other) if other != family => Err(wrong("mismatched address family")),
            _ => Ok(()),
        }
    }

    /// `nfct_parse_addr_from_opt`.
    fn address(&mut self, letter: char, text: &str) -> Result<IpAddr, Failure> {
        let (host, bits) = match text.split_once('/') {
            Some((host, bits)) => (host, Some(bits)),
            None => (text, None),
        };
        let v4 = inet_aton(host).map(IpAddr::V4);
        let Some(address) = v4.or_else(|| host.parse::<Ipv6Addr>().ok().map(IpAddr::V6)) else {
            return Err(wrong(format_args!("Invalid IP address `{text}'")));
        };
        self.family(Family::of(address))?;
        let Some(bits) = bits else { return Ok(address) };
        let place = match letter {
            's' | '[' => 0,
            'd' | ']' => 1,
            other => {
                let name = LONGS.iter().find(|long| long.1 == other).map_or("unknown", |long| long.0);
                return Err(wrong(format_args!("CIDR notation unavailable for `--{name}'")));
            }
        };
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = strtol(bits, 10);
        let whole = length.rest.is_empty() || bits.is_empty();
        if !whole || !(0..=most).contains(&length.value) {
            return Err(wrong("Invalid netmask"));
        }
        if length.value < 32 && address.is_ipv4() {
            let mask = u32::MAX.checked_shl(32 - length.value as u32).unwrap_or_default();
            self.masks[place] = Some(Ipv4Addr::from_bits(mask).into());
            self.options.add(if place == 0 { '{' } else { '}' });
        }
        Ok(address)
    }

    /// The value of `-n`, `-g` and `-j` (`split_address_and_port`).
    fn translated(&mut self, letter: char, text: &str) -> Result<(), Failure> {
        let (host, port) = match text.split_once(':') {
            Some((_, "")) => return Err(wrong("No port specified after `:'")),
            Some((host, port)) if !port.contains(':') => {
                let number = port.parse::<u16>().ok().filter(|_| port.bytes().all(|c| c.is_ascii_digit()));
                (host, Some(number.ok_or_else(|| wrong(format_args!("Invalid port `{port}'")))?))
            }
            _ => (text, None),
        };
        let address = self.address(letter, host)?;
        let end = Translated { address: Some(address), port };
        if letter != 'g' {
            self.filter.translated_source = end;
        }
        if letter != 'n' {
            self.filter.translated_destination = end;
        }
        if letter == 'j' {
            // The tool takes it for the source too, which counts where connections are compared.
            self.filter.original[0] = Some(address);
        }
        Ok(())
    }

    /// `parse_parameter_mask`.
    fn status(&mut self, text: &str) -> Result<(), Failure> {
        const NAMES: [&str; 7] =
            ["ASSURED", "SEEN_REPLY", "UNSET", "FIXED_TIMEOUT", "EXPECTED", "OFFLOAD", "HW_OFFLOAD"];
        const BITS: [u32; 7] = [
            ConnectionStatus::ASSURED.bits(),
            ConnectionStatus::SEEN_REPLY.bits(),
            0,
            1 << 10,
            ConnectionStatus::EXPECTED.bits(),
            1 << 14,
            1 << 15,
        ];
        let mut status = self.status.unwrap_or(Masked { value: 0, mask: 0 });
        let mut rest = text;
        loop {
            let (word, more) = rest.split_once(',').map_or((rest, None), |(word, more)| (word, Some(more)));
            let name = word.strip_prefix('!');
            if name.is_none() && rest.starts_with("UNREPLIED") {
                status.mask |= ConnectionStatus::SEEN_REPLY.bits();
            } else {
                let shown = if name.is_some() { &rest[1..] } else { rest };
                let found = named_word(name.unwrap_or(word), shown, &NAMES, &mut self.warnings)?;
                let bits = found.map_or(0, |place| BITS[place]);
                *(if name.is_some() { &mut status.mask } else { &mut status.value }) |= bits;
            }
            match more {
                Some(more) => rest = more,
                None => break,
            }
        }
        self.filter.status = Some(ConnectionStatus::from_bits_retain(status.value));
        if status.mask == 0 {
            status.mask = status.value;
        }
        self.status = Some(status);
        // The tool keeps the mark in the same place.
        if let Some(mark) = &mut self.mark {
            mark.value = status.value;
        }
        Ok(())
    }

    fn output(&mut self, text: &str) -> Result<(), Failure> {
        const NAMES: [&str; 8] =
            ["xml", "extended", "timestamp", "id", "ktimestamp", "labels", "userspace", "save"];
        let mut others = false;
        for place in named(text, &NAMES, &mut self.warnings)? {
            match NAMES[place] {
                "extended" => self.output.family = true,
                "id" => self.output.id = true,
                "save" => self.output.save = true,
                // In a listing it does nothing.
                "timestamp" => self.output.timestamp = true,
                name => self.miss(&format!("-o {name}")),
            }
            others |= !matches!(NAMES[place], "save" | "userspace");
        }
        if self.output.save && (others || self.output.family || self.output.id) {
            return Err(failed("cannot combine save output with any other output type, use -o save only"));
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(Line, String), Failure> {
        let options = &self.options;
        let (source, destination) = (options.has('n'), options.has('g'));
        if options.has('j') && (source || destination) {
            return Err(wrong("cannot specify `--src-nat' or `--dst-nat' with `--any-nat'"));
        }
        options.check(self.action)?;
        if let Some(handler) = self.handler.filter(|_| self.action != Some(Action::Help)) {
            let filters = matches!(self.action, Some(Action::List | Action::Delete | Action::Event));
            handler.check(self.of_protocol, filters)?;
        }
        if let Some(what) = &self.missing {
            return Err(not_modelled(what));
        }
        self.filter.nat = match (options.has('j'), source || destination) {
            (true, _) => Nat::Either,
            (false, true) => Nat::Ends { source, destination },
            (false, false) => Nat::Any,
        };
        self.filter.compares = options.compares();
        for (place, (letter, name)) in [('{', "src"), ('}', "dst")].into_iter().enumerate() {
            if !options.has(letter) {
                continue;
            }
            if !options.has(['s', 'd'][place]) {
                return Err(wrong(format_args!("Can't use --mask-{name} without --{name}")));
            }
            if let (Some(IpAddr::V4(address)), Some(IpAddr::V4(mask))) =
                (self.filter.original[place].take(), self.masks[place])
            {
                self.filter.networks[place] = Some((address, mask));
            }
        }
        self.filter.mark = self.mark;
        // Only to list them is the kernel asked for a status.
        self.filter.kernel_status = self.status.filter(|_| self.action == Some(Action::List));
        let form = match &self.output {
            Output { save: true, .. } => Form::Save,
            &Output { family, id, .. } => Form::Plain { family, id },
        };
        let line = Line {
            action: self.action,
            form,
            timestamp: self.output.timestamp,
            groups: self.groups.unwrap_or(ConnectionGroups::all()),
            protocol: self.filter.protocol,
            filter: self.filter,
        };
        Ok((line, self.warnings))
    }
}

/// The places of words among names, of which each may be cut short (`parse_parameter`).
fn named(text: &str, names: &[&str], warnings: &mut String) -> Result<Vec<usize>, Failure> {
    let mut places = Vec::new();
    let mut rest = text;
    loop {
        let (word, more) = rest.split_once(',').map_or((rest, None), |(word, more)| (word, Some(more)));
        places.extend(named_word(word, rest, names, warnings)?);
        match more {
            Some(more) => rest = more,
            None => return Ok(places),
        }
    }
}

/// `do_parse_parameter`; none where a word is only warned of. A complaint shows the text from the word on.
fn named_word(
    word: &str,
    rest: &str,
    names: &[&str],
    warnings: &mut String,
) -> Result<Option<usize>, Failure> {
    let begins = |name: &str| {
        name.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word)) && !word.is_empty()
    };
    for (name, instead) in [("SRC_NAT", "--src-nat"), ("DST_NAT", "--dst-nat")] {
        if begins(name) {
            *warnings += &format!("WARNING: ignoring {name}, use {instead} instead\n");
            return Ok(None);
        }
    }
    match names.iter().position(|name| begins(name)) {
        Some(place) => Ok(Some(place)),
        None => Err(wrong(format_args!("Bad parameter `{rest}'"))),
    }
}
