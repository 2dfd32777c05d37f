//! Options of matches and targets (`libxtables/xtoptions.c`).

use super::number;
use super::problem::{Outcome, wrong};
use super::rule::Rule;
use super::{matches::MatchKind, targets::TargetKind};

/// An option of a match or target.
#[derive(Debug)]
pub(super) struct Opt {
    /// Without the dashes.
    pub(super) name: &'static str,
    /// Synonyms have the same.
    pub(super) id: u8,
    /// Whether a value follows.
    pub(super) value: bool,
    /// Whether `!` may stand before it (`XTOPT_INVERT`).
    pub(super) invert: bool,
    /// Whether it must be given (`XTOPT_MAND`).
    pub(super) mandatory: bool,
    /// The options that must not be given too, a bit each.
    pub(super) excludes: u32,
    /// The options that must be given too, a bit each.
    pub(super) requires: u32,
}

impl Opt {
    /// One with a value.
    pub(super) const fn new(name: &'static str, id: u8) -> Opt {
        Opt { name, id, value: true, invert: false, mandatory: false, excludes: 0, requires: 0 }
    }

    /// One without a value.
    pub(super) const fn plain(name: &'static str, id: u8) -> Opt {
        Opt { value: false, ..Opt::new(name, id) }
    }

    /// One with a value that may be inverted.
    pub(super) const fn inverting(name: &'static str, id: u8) -> Opt {
        Opt { invert: true, ..Opt::new(name, id) }
    }

    /// The same, and it must be given.
    pub(super) const fn needed(self) -> Opt {
        Opt { mandatory: true, ..self }
    }

    /// The same, without those.
    pub(super) const fn without(self, excludes: u32) -> Opt {
        Opt { excludes, ..self }
    }
}

/// An option as it was given.
#[derive(Debug)]
pub(super) struct Given<'a> {
    /// The name of the match or target.
    pub(super) extension: &'static str,
    /// The first of its synonyms, which names it in messages.
    pub(super) option: &'static Opt,
    /// Its value.
    pub(super) text: &'a str,
    /// The word behind the value, where it belongs to the option too.
    pub(super) second: Option<&'a str>,
    pub(super) invert: bool,
    /// The rule so far.
    pub(super) rule: &'a Rule,
    /// What is said on standard error.
    pub(super) notes: &'a mut String,
}

impl Given<'_> {
    /// A whole number (`xtopt_parse_int`).
    pub(super) fn number(&self, range: std::ops::RangeInclusive<u64>) -> Outcome<u64> {
        let (extension, name) = (self.extension, self.option.name);
        number::whole(self.text, range.clone()).map_or_else(
            || {
                let (min, max) = range.into_inner();
                wrong(format!(
                    "{extension}: bad value for option \"--{name}\", or out of range ({min}-{max}).\n"
                ))
            },
            Ok,
        )
    }

    /// A number of one byte.
    pub(super) fn u8(&self, min: u64) -> Outcome<u8> {
        self.number(min..=255).map(|number| number as u8)
    }

    /// A number of four bytes.
    pub(super) fn u32(&self) -> Outcome<u32> {
        self.number(0..=u32::MAX.into()).map(|number| number as u32)
    }

    /// One or two numbers with a colon between (`xtopt_parse_mint`). Those that are left out are the smallest and the largest.
    pub(super) fn numbers(&self, largest: u64) -> Outcome<(u64, u64)> {
        let (extension, name) = (self.extension, self.option.name);
        let mut found: Vec<u64> = Vec::new();
        let mut rest = self.text;
        loop {
            if found.len() == 2 {
                return wrong(
                    format!("xtopt_parse_mint: Too many components for option \"--{name}\" (max: 2)\n")
                        .replace("xtopt_parse_mint", extension),
                );
            }
            let (number, behind) = if rest.is_empty() || rest.starts_with(':') {
                (if found.len() == 1 { largest } else { 0 }, rest)
            } else {
                match number::leading(rest, 0..=largest) {
                    Some((_, behind)) if !behind.is_empty() && !behind.starts_with(':') => {
                        return wrong(format!(
                            "{extension}: Argument to \"--{name}\" has unexpected characters near \"{behind}\".\n"
                        ));
                    }
                    Some(read) => read,
                    None => {
                        return wrong(format!(
                            "{extension}: bad value for option \"--{name}\" near \"{rest}\", or out of range \
                             (0-{largest}).\n"
                        ));
                    }
                }
            };
            found.push(number);
            match behind.strip_prefix(':') {
                Some(behind) => rest = behind,
                None => break,
            }
        }
        let first = found[0];
        Ok((first, found.get(1).copied().unwrap_or(first)))
    }

    /// One or two ports with a colon between (`xtopt_parse_mport`).
    pub(super) fn ports(&self) -> Outcome<(u16, u16)> {
        let (extension, name) = (self.extension, self.option.name);
        let parts: Vec<&str> = self.text.split(':').collect();
        let mut ports = [0, 0xffff];
        for (place, part) in parts.iter().enumerate() {
            if place == 2 {
                return wrong(format!("{extension}: Too many components for option \"--{name}\" (max: 2)\n"));
            }
            if !part.is_empty() {
                match super::names::any_port(part) {
                    Some(port) => ports[place] = port,
                    None => return wrong(format!("Port \"{part}\" does not resolve to anything.\n")),
                }
            }
        }
        Ok(if parts.len() == 1 { (ports[0], ports[0]) } else { (ports[0], ports[1]) })
    }

    /// A mark, and after a `/` its mask (`xtables_parse_val_mask`).
    pub(super) fn mark(&self) -> Outcome<(u32, u32)> {
        let (extension, name) = (self.extension, self.option.name);
        let all = 0..=u64::from(u32::MAX);
        let bad =
            || wrong(format!("{extension}: bad integer value for option \"--{name}\", or out of range.\n"));
        let Some((mark, rest)) = number::leading(self.text, all.clone()) else { return bad() };
        let (mask, rest) = match rest.strip_prefix('/') {
            None => (u64::from(u32::MAX), rest),
            Some(mask) => match number::leading(mask, all) {
                Some(read) => read,
                None => return bad(),
            },
        };
        if !rest.is_empty() {
            return wrong(format!("{extension}: trailing garbage after value for option \"--{name}\".\n"));
        }
        Ok((mark as u32, mask as u32))
    }
}

/// What was loaded by `-m`, `-j` or `-p`, whose options are known from then on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    Match(&'static MatchKind),
    Target(&'static TargetKind),
}

impl Source {
    /// Its options.
    pub(super) fn options(self) -> &'static [Opt] {
        match self {
            Source::Match(kind) => kind.options,
            Source::Target(kind) => kind.options,
        }
    }

    /// Whether both are the same.
    pub(super) fn is(self, other: Source) -> bool {
        match (self, other) {
            (Source::Match(one), Source::Match(other)) => one.name == other.name,
            (Source::Target(one), Source::Target(other)) => one.name == other.name,
            _ => false,
        }
    }
}

/// The first of an option's synonyms (`xtables_option_lookup`).
pub(super) fn first_named(options: &'static [Opt], id: u8) -> &'static Opt {
    options.iter().find(|option| option.id == id).unwrap_or(&options[0])
}

/// Checks an option before its value is read (`xtables_option_parse`).
pub(super) fn check_use(given: &Given<'_>, flags: u32) -> Outcome<()> {
    let (extension, option) = (given.extension, given.option);
    let name = option.name;
    if flags & (1 << option.id) != 0 {
        return wrong(format!("{extension}: option \"--{name}\" can only be used once.\n"));
    }
    if given.invert && !option.invert {
        return wrong(format!("{extension}: option \"--{name}\" cannot be inverted.\n"));
    }
    Ok(())
}

/// Checks which options were given together (`xtables_options_fcheck`).
pub(super) fn check_all(extension: &str, options: &'static [Opt], flags: u32) -> Outcome<()> {
    for option in options {
        let name = option.name;
        if flags & (1 << option.id) == 0 {
            if option.mandatory {
                return wrong(format!("{extension}: option \"--{name}\" must be specified\n"));
            }
            continue;
        }
        for id in (0..32).filter(|id| *id != option.id) {
            let Some(other) = options.iter().find(|other| other.id == id) else { continue };
            let bit = 1 << id;
            if option.requires & bit != 0 && flags & bit == 0 {
                let other = other.name;
                return wrong(format!("{extension}: option \"--{name}\" also requires \"--{other}\".\n"));
            }
            if option.excludes & bit != 0 && flags & bit != 0 {
                let other = other.name;
                return wrong(format!(
                    "{extension}: option \"--{name}\" cannot be used together with \"--{other}\".\n"
                ));
            }
        }
    }
    Ok(())
}
