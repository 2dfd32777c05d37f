//! What the words of a command line come to (`do_parse`).

mod finish;
mod load;

use super::extension::{self, Given, Source};
use super::getopt::{Item, Words};
use super::matches::{self, MatchKind};
use super::problem::{Outcome, Problem, Speaker, VERSION, hint, not_modelled, wrong};
use super::rule::{Condition, Inverted, Masked, Rule};
use super::targets::{self, TargetKind};
use super::{names, number};
pub(super) use finish::check_chain_name;
use finish::check_target_name;
use std::fmt::Write;
use vethlab_shared::netfilter::{Counters, Target};

bitflags::bitflags! {
    /// What is to be done (`CMD_*`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(super) struct Action: u16 {
        const INSERT = 1;
        const DELETE = 2;
        const DELETE_NUMBER = 4;
        const REPLACE = 8;
        const APPEND = 0x10;
        const LIST = 0x20;
        const FLUSH = 0x40;
        const ZERO = 0x80;
        const NEW_CHAIN = 0x100;
        const DELETE_CHAIN = 0x200;
        const SET_POLICY = 0x400;
        const RENAME_CHAIN = 0x800;
        const LIST_RULES = 0x1000;
        const ZERO_NUMBER = 0x2000;
        const CHECK = 0x4000;
    }
}

bitflags::bitflags! {
    /// Which options were given (`OPT_*`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(super) struct Options: u16 {
        const NUMERIC = 1;
        const SOURCE = 2;
        const DESTINATION = 4;
        const PROTOCOL = 8;
        const JUMP = 0x10;
        const VERBOSE = 0x20;
        const EXACT = 0x40;
        const IN_LINK = 0x80;
        const OUT_LINK = 0x100;
        const LINE_NUMBERS = 0x200;
        const COUNTERS = 0x400;
        const FRAGMENT = 0x800;
    }
}

/// The letters of actions, in the order of their bits (`cmd2char`).
const ACTION_LETTERS: [char; 15] =
    ['I', 'D', 'D', 'R', 'A', 'L', 'F', 'Z', 'N', 'X', 'P', 'E', 'S', 'Z', 'C'];
/// The letters of options, in the order of their bits (`optflags`).
const OPTION_LETTERS: [char; 12] = ['n', 's', 'd', 'p', 'j', 'v', 'x', 'i', 'o', '0', 'c', 'f'];
/// The longest name of a chain is one less (`XT_EXTENSION_MAXNAMELEN`).
const NAME_LIMIT: usize = 29;
/// The longest name of a link (`IFNAMSIZ` less one).
const LINK_LIMIT: usize = 15;

/// A command line.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    pub(super) action: Action,
    pub(super) table: String,
    pub(super) chain: Option<String>,
    /// From 1.
    pub(super) number: Option<u32>,
    pub(super) new_name: Option<String>,
    pub(super) policy: Option<String>,
    pub(super) options: Options,
    pub(super) rule: Rule,
    /// The addresses that the rule is made for, one each.
    pub(super) sources: Vec<Masked>,
    pub(super) destinations: Vec<Masked>,
    /// What is said on standard error.
    pub(super) notes: String,
}

/// What a command line asks for.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// To print this.
    Print(String),
    /// To do this.
    Do(Box<Line>),
}

/// Something loaded by `-m`.
#[derive(Debug)]
struct Loaded {
    kind: &'static MatchKind,
    condition: Condition,
    used: u32,
    /// Another of the same name came behind it, which takes the options.
    completed: bool,
}

/// Reads words, one after the other.
struct Parser {
    words: Words,
    speaker: Speaker,
    line: Line,
    invert: bool,
    loaded: Vec<Loaded>,
    target: Option<(&'static TargetKind, Target, u32)>,
    /// What stands behind `-j` or `-g`.
    jump: Option<String>,
    goto: bool,
    /// What stands behind `-p`, and whether it brought its match.
    protocol: Option<String>,
    protocol_loaded: bool,
    source: Option<String>,
    destination: Option<String>,
    packets_and_bytes: Counters,
}

/// Reads the words behind the program's name. A line of `iptables-restore` names its table before.
pub(super) fn parse(words: &[String], speaker: Speaker, table: Option<&str>) -> Outcome<Asked> {
    let line = Line { table: table.unwrap_or("filter").to_owned(), ..Line::default() };
    let mut parser = Parser {
        words: Words::new(speaker.name, words),
        speaker,
        line,
        invert: false,
        loaded: Vec::new(),
        target: None,
        jump: None,
        goto: false,
        protocol: None,
        protocol_loaded: false,
        source: None,
        destination: None,
        packets_and_bytes: Counters::default(),
    };
    match parser.run() {
        Ok(asked) => Ok(asked),
        Err(problem) if parser.line.notes.is_empty() => Err(problem),
        Err(problem) => Err(Problem::After(parser.line.notes, Box::new(problem))),
    }
}

impl Parser {
    fn run(&mut self) -> Outcome<Asked> {
        while let Some(item) = self.words.item() {
            match item {
                Item::Own('V', _) => return Ok(Asked::Print(self.version())),
                Item::Own('h', _) => return not_modelled("iptables -h among other options"),
                Item::Own(letter, value) => self.own(letter, value)?,
                Item::Extension(source, option, value) => self.extension(source, option.id, value)?,
                Item::Operand(word) if word == "!" => {
                    if self.invert {
                        return wrong("multiple consecutive ! not allowed");
                    }
                    self.invert = true;
                    continue;
                }
                Item::Operand(word) => {
                    let message = format!("Bad argument `{word}'\n{}", hint(self.speaker));
                    return Err(Problem::Exactly(message, 2));
                }
                Item::MissingValue | Item::Unknown if self.load_protocol() => {
                    self.words.again();
                    continue;
                }
                Item::MissingValue => {
                    return wrong(format!("option \"{}\" requires an argument", self.words.last()));
                }
                Item::Unknown => return wrong(format!("unknown option \"{}\"", self.words.last())),
            }
            self.invert = false;
        }
        self.finish()?;
        Ok(Asked::Do(Box::new(std::mem::take(&mut self.line))))
    }

    fn version(&self) -> String {
        match self.invert {
            true => format!("Not {VERSION} ;-)\n"),
            false => format!("{} v{VERSION}\n", self.speaker.name),
        }
    }

    /// An option of `iptables` itself.
    fn own(&mut self, letter: char, mut value: Option<String>) -> Outcome<()> {
        if matches!(letter, 'i' | 'o') && value.as_ref().is_some_and(String::is_empty) {
            return wrong("Empty interface is likely to be undesired");
        }
        if matches!(letter, 'p' | 's' | 'd' | 'j' | 'i' | 'o') {
            // The tool reads the word it read last, so that `-ptcp` asks for the protocol `-ptcp`.
            value = Some(self.words.last().to_owned());
        }
        match letter {
            'A' | 'C' | 'D' | 'R' | 'I' | 'L' | 'S' | 'F' | 'Z' | 'N' | 'X' | 'E' | 'P' => {
                self.action(letter, value)
            }
            's' => {
                self.option(Options::SOURCE)?;
                self.source = value;
                Ok(())
            }
            'd' => {
                self.option(Options::DESTINATION)?;
                self.destination = value;
                Ok(())
            }
            'p' => self.protocol(&value.unwrap_or_default()),
            'j' => {
                self.option(Options::JUMP)?;
                self.jump(value.unwrap_or_default())
            }
            'g' => {
                self.option(Options::JUMP)?;
                self.goto = true;
                let name = value.unwrap_or_default();
                check_target_name(&name)?;
                self.jump = Some(name);
                Ok(())
            }
            'i' | 'o' => self.link(letter, &value.unwrap_or_default()),
            'f' => {
                self.option(Options::FRAGMENT)?;
                self.line.rule.fragment = true;
                Ok(())
            }
            'v' if self.line.options.contains(Options::VERBOSE) => Ok(()),
            'v' => self.option(Options::VERBOSE),
            'n' => self.option(Options::NUMERIC),
            'x' => self.option(Options::EXACT),
            '0' => self.option(Options::LINE_NUMBERS),
            'm' => self.load_match(&value.unwrap_or_default()),
            't' => {
                if self.invert {
                    return wrong("unexpected ! flag before --table");
                }
                self.line.table = value.unwrap_or_default();
                Ok(())
            }
            'w' => self.wait(value),
            'c' => self.counters(&value.unwrap_or_default()),
            '4' => Ok(()),
            '6' => Err(Problem::Exactly(hint(self.speaker), 2)),
            other => not_modelled(format!("iptables -{other}")),
        }
    }

    /// Notes an option (`set_option`).
    fn option(&mut self, option: Options) -> Outcome<()> {
        let letter = OPTION_LETTERS[option.bits().trailing_zeros() as usize];
        if self.line.options.contains(option) {
            return wrong(format!("multiple -{letter} flags not allowed"));
        }
        self.line.options |= option;
        if self.invert {
            self.line.rule.inverted |= match option {
                Options::SOURCE => Inverted::SOURCE,
                Options::DESTINATION => Inverted::DESTINATION,
                Options::PROTOCOL => Inverted::PROTOCOL,
                Options::IN_LINK => Inverted::IN,
                Options::OUT_LINK => Inverted::OUT,
                Options::FRAGMENT => Inverted::FRAGMENT,
                _ => return wrong(format!("cannot have ! before -{letter}")),
            };
        }
        Ok(())
    }

    /// What is to be done, and to what (`add_command`).
    fn action(&mut self, letter: char, value: Option<String>) -> Outcome<()> {
        let (action, beside) = match letter {
            'A' => (Action::APPEND, Action::empty()),
            'C' => (Action::CHECK, Action::empty()),
            'D' => (Action::DELETE, Action::empty()),
            'R' => (Action::REPLACE, Action::empty()),
            'I' => (Action::INSERT, Action::empty()),
            'L' => (Action::LIST, Action::ZERO | Action::ZERO_NUMBER),
            'S' => (Action::LIST_RULES, Action::ZERO | Action::ZERO_NUMBER),
            'F' => (Action::FLUSH, Action::empty()),
            'Z' => (Action::ZERO, Action::LIST | Action::LIST_RULES),
            'N' => (Action::NEW_CHAIN, Action::empty()),
            'X' => (Action::DELETE_CHAIN, Action::empty()),
            'E' => (Action::RENAME_CHAIN, Action::empty()),
            _ => (Action::SET_POLICY, Action::empty()),
        };
        if letter == 'N' {
            check_chain_name(value.as_deref().unwrap_or_default())?;
        }
        if self.invert {
            return wrong("unexpected '!' flag");
        }
        let others = self.line.action - beside;
        if !others.is_empty() {
            // The highest of them is named.
            let first = ACTION_LETTERS[15 - (others.bits().leading_zeros() as usize)];
            return wrong(format!("Cannot use -{letter} with -{first}"));
        }
        self.line.action |= action;
        match letter {
            'L' | 'S' | 'F' | 'Z' | 'X' => {
                if let Some(chain) = value.or_else(|| self.words.operand()) {
                    self.line.chain = Some(chain);
                }
                if matches!(letter, 'L' | 'S' | 'Z')
                    && let Some(number) = self.words.operand()
                {
                    self.line.number = Some(number::of_rule(&number)?);
                    if letter == 'Z' {
                        self.line.action = Action::ZERO_NUMBER;
                    }
                }
            }
            'D' | 'I' | 'R' => {
                self.line.chain = value;
                match (letter, self.words.operand()) {
                    ('D', Some(number)) => {
                        self.line.number = Some(number::of_rule(&number)?);
                        self.line.action = Action::DELETE_NUMBER;
                    }
                    ('D', None) => {}
                    (_, Some(number)) => self.line.number = Some(number::of_rule(&number)?),
                    ('R', None) => return wrong("-R requires a rule number"),
                    (_, None) => self.line.number = Some(1),
                }
            }
            'E' => {
                self.line.chain = value;
                match self.words.operand() {
                    Some(name) => self.line.new_name = Some(name),
                    None => return wrong("-E requires old-chain-name and new-chain-name"),
                }
            }
            'P' => {
                self.line.chain = value;
                match self.words.operand() {
                    Some(policy) => self.line.policy = Some(policy),
                    None => return wrong("-P requires a chain and a policy"),
                }
            }
            _ => self.line.chain = value,
        }
        Ok(())
    }

    fn protocol(&mut self, text: &str) -> Outcome<()> {
        self.option(Options::PROTOCOL)?;
        let text = text.to_ascii_lowercase();
        let number = names::protocol_number(&text)?;
        if number == 0 && self.line.rule.inverted.contains(Inverted::PROTOCOL) {
            return wrong("rule would never match protocol");
        }
        self.line.rule.protocol = number;
        self.protocol = Some(text);
        Ok(())
    }

    fn link(&mut self, letter: char, name: &str) -> Outcome<()> {
        self.option(if letter == 'i' { Options::IN_LINK } else { Options::OUT_LINK })?;
        if name.len() > LINK_LIMIT {
            return wrong(format!("interface name `{name}' must be shorter than IFNAMSIZ ({LINK_LIMIT})"));
        }
        if name.contains(['/', ' ']) {
            let _ = writeln!(
                self.line.notes,
                "Warning: weird character in interface `{name}' ('/' and ' ' are not allowed by the kernel)."
            );
        }
        let rule = &mut self.line.rule;
        let link = if letter == 'i' { &mut rule.in_link } else { &mut rule.out_link };
        name.clone_into(link);
        Ok(())
    }

    fn wait(&mut self, value: Option<String>) -> Outcome<()> {
        if self.speaker.line.is_some() {
            return wrong("You cannot use `-w' from iptables-restore");
        }
        match value.or_else(|| self.words.operand()) {
            Some(seconds) if number::leading(&seconds, 0..=u64::MAX).is_none() => {
                wrong("wait seconds not numeric")
            }
            _ => Ok(()),
        }
    }

    fn counters(&mut self, packets: &str) -> Outcome<()> {
        self.option(Options::COUNTERS)?;
        let (packets, bytes) = match packets.char_indices().skip(1).find(|(_, c)| *c == ',') {
            Some((place, _)) => (packets, Some(packets[place + 1..].to_owned())),
            None => (packets, self.words.operand()),
        };
        let Some(bytes) = bytes else { return wrong("-c requires packet and byte counter") };
        let Some(packets) = number::count(packets) else { return wrong("-c packet counter not numeric") };
        let Some(bytes) = number::count(&bytes) else { return wrong("-c byte counter not numeric") };
        self.packets_and_bytes = Counters { packets, bytes };
        Ok(())
    }

    /// `-j` (`command_jump`).
    fn jump(&mut self, name: String) -> Outcome<()> {
        check_target_name(&name)?;
        if let Some(kind) = targets::find(&name) {
            self.target = Some((kind, (kind.start)(), 0));
            self.words.load(Source::Target(kind));
        } else if targets::is_other(&name) {
            return not_modelled(format!("iptables -j {name}"));
        }
        self.jump = Some(name);
        Ok(())
    }

    /// An option of a match or target (`command_default`).
    fn extension(&mut self, source: Source, id: u8, value: Option<String>) -> Outcome<()> {
        let text = value.unwrap_or_default();
        let option = extension::first_named(source.options(), id);
        let takes_two = matches!(source, Source::Match(kind) if matches::takes_two(kind, id));
        let second = if takes_two { self.words.operand() } else { None };
        let mut given = Given {
            extension: match source {
                Source::Match(kind) => kind.name,
                Source::Target(kind) => kind.name,
            },
            option,
            text: &text,
            second: second.as_deref(),
            invert: self.invert,
            rule: &self.line.rule,
            notes: &mut self.line.notes,
        };
        match source {
            Source::Target(kind) => {
                let Some((_, target, used)) = &mut self.target else {
                    return wrong(format!("Unknown arg \"{text}\""));
                };
                extension::check_use(&given, *used)?;
                (kind.parse)(target, &mut given)?;
                *used |= 1 << id;
            }
            Source::Match(kind) => {
                let mut open = self
                    .loaded
                    .iter_mut()
                    .filter(|loaded| loaded.kind.name == kind.name && !loaded.completed);
                let Some(loaded) = open.next() else { return wrong(format!("Unknown arg \"{text}\"")) };
                if kind.checks_itself {
                    matches::check_tcp_use(id, loaded.used)?;
                } else {
                    extension::check_use(&given, loaded.used)?;
                }
                (kind.parse)(&mut loaded.condition, &mut given)?;
                loaded.used |= 1 << id;
            }
        }
        Ok(())
    }
}
