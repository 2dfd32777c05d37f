//! What is checked when all words are read, and what names may be.

use super::{Action, NAME_LIMIT, OPTION_LETTERS, Options, Parser};
use crate::iptables::problem::{Outcome, wrong};
use crate::iptables::rule::{Inverted, Jump};
use crate::iptables::{extension, names, targets};

impl Parser {
    /// What is checked when all words are read.
    pub(super) fn finish(&mut self) -> Outcome<()> {
        let drops = |text: &Option<String>| text.as_deref() == Some("DROP");
        if self.line.table == "nat" && (drops(&self.line.policy) || drops(&self.jump)) {
            return wrong(
                "\nThe \"nat\" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n",
            );
        }
        for loaded in &mut self.loaded {
            (loaded.kind.check)(&mut loaded.condition, loaded.used)?;
            if !loaded.kind.checks_itself {
                extension::check_all(loaded.kind.name, loaded.kind.options, loaded.used)?;
            }
        }
        if let Some((kind, target, used)) = &mut self.target {
            (kind.check)(target, *used)?;
            extension::check_all(kind.name, kind.options, *used)?;
        }
        if self.words.has_more() {
            return wrong("unknown arguments found on commandline");
        }
        if self.line.action.is_empty() {
            return wrong("no command specified");
        }
        if self.invert {
            return wrong("nothing appropriate following !");
        }
        self.line.rule.counters = self.packets_and_bytes;
        self.line.rule.conditions = self.loaded.drain(..).map(|loaded| loaded.condition).collect();
        self.line.rule.jump = self.jumps();
        self.addresses()?;
        self.check_options()
    }

    fn jumps(&mut self) -> Jump {
        match (self.target.take(), self.jump.take()) {
            (Some((_, target, _)), _) => Jump::Target(target),
            (None, None) => Jump::Nothing,
            (None, Some(name)) => {
                let standard = targets::STANDARD.into_iter().find(|known| *known == name);
                match standard.filter(|_| !self.goto) {
                    Some(standard) => Jump::Standard(standard),
                    None => Jump::Chain { name, goto: self.goto },
                }
            }
        }
    }

    fn addresses(&mut self) -> Outcome<()> {
        let read = |text: &Option<String>| names::addresses(text.as_deref().unwrap_or("0.0.0.0/0"));
        self.line.sources = read(&self.source)?;
        self.line.destinations = read(&self.destination)?;
        let several = self.line.sources.len() > 1 || self.line.destinations.len() > 1;
        let inverted = Inverted::SOURCE | Inverted::DESTINATION;
        if several && self.line.rule.inverted.intersects(inverted) {
            return wrong("! not allowed with multiple source or destination IP addresses");
        }
        if several && self.line.action == Action::REPLACE {
            return wrong("Replacement rule does not specify a unique address");
        }
        Ok(())
    }

    /// Which options go with which action (`generic_opt_check`, `commands_v_options`).
    fn check_options(&self) -> Outcome<()> {
        let rule = Options::SOURCE
            | Options::DESTINATION
            | Options::PROTOCOL
            | Options::JUMP
            | Options::IN_LINK
            | Options::OUT_LINK
            | Options::FRAGMENT
            | Options::VERBOSE;
        let legal_with = |action: Action| match action {
            Action::INSERT | Action::REPLACE | Action::APPEND => rule | Options::COUNTERS,
            Action::DELETE | Action::CHECK => rule,
            Action::LIST => Options::NUMERIC | Options::VERBOSE | Options::EXACT | Options::LINE_NUMBERS,
            Action::SET_POLICY => Options::VERBOSE | Options::COUNTERS,
            _ => Options::VERBOSE,
        };
        let legal = self.line.action.iter().fold(Options::empty(), |all, action| all | legal_with(action));
        if let Some(option) = (self.line.options - legal).iter().next() {
            let letter = OPTION_LETTERS[option.bits().trailing_zeros() as usize];
            return wrong(format!("Illegal option `-{letter}' with this command"));
        }
        let chain = self.line.chain.as_deref().unwrap_or_default();
        if chain.len() >= NAME_LIMIT {
            return wrong(format!("chain name `{chain}' too long (must be under {NAME_LIMIT} chars)"));
        }
        let about_a_rule = Action::APPEND
            | Action::DELETE
            | Action::DELETE_NUMBER
            | Action::CHECK
            | Action::INSERT
            | Action::REPLACE;
        if self.line.action.intersects(about_a_rule) {
            let (option, letter) = match chain {
                "PREROUTING" | "INPUT" => (Options::OUT_LINK, 'o'),
                "POSTROUTING" | "OUTPUT" => (Options::IN_LINK, 'i'),
                _ => return Ok(()),
            };
            if self.line.options.contains(option) {
                return wrong(format!("Can't use -{letter} with {chain}\n"));
            }
        }
        Ok(())
    }
}

/// What a chain may be called (`assert_valid_chain_name`).
pub(in crate::iptables) fn check_chain_name(name: &str) -> Outcome<()> {
    if name.len() >= NAME_LIMIT {
        return wrong(format!("chain name `{name}' too long (must be under {NAME_LIMIT} chars)"));
    }
    if let Some(first) = name.chars().next().filter(|first| matches!(first, '-' | '!')) {
        return wrong(format!("chain name not allowed to start with `{first}'"));
    }
    if targets::is_target(name) {
        return wrong("chain name may not clash with target name");
    }
    if name.contains(|c: char| c.is_ascii_whitespace()) {
        return wrong(format!("Invalid chain name `{name}'"));
    }
    Ok(())
}

/// What may stand behind `-j` (`xt_parse_target`).
pub(super) fn check_target_name(name: &str) -> Outcome<()> {
    if name.is_empty() {
        return wrong("Invalid target name (too short)");
    }
    if name.len() >= NAME_LIMIT {
        return wrong(format!("Invalid target name `{name}' ({} chars max)", NAME_LIMIT - 1));
    }
    if name.contains(|c: char| c.is_ascii_whitespace()) {
        return wrong(format!("Invalid target name `{name}'"));
    }
    Ok(())
}
