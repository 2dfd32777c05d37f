//! Reads scripts of `sed`. What it says is wrong names how many letters it had read, and so it reads as GNU's does.

use super::escape::{self, Place};
use super::script::{Action, Address, Command, Expression, Jump, Range, Script};
use crate::call::{Call, Stop};
use crate::regex::{Dialect, Pattern, Regex, Syntax, Wrong};
use std::collections::BTreeMap;

/// How many commands a script may have.
const MOST: usize = 10_000;

pub(super) struct Parser {
    extended: bool,
    /// How many expressions were given.
    expressions: usize,
    /// The file that is read.
    file: Option<String>,
    pub(super) text: Vec<u8>,
    pub(super) at: usize,
    commands: Vec<Command>,
    regexes: Vec<Regex>,
    blocks: Vec<usize>,
    labels: BTreeMap<Vec<u8>, usize>,
    jumps: Vec<(usize, Vec<u8>)>,
    quiet: bool,
}

impl Parser {
    pub(super) fn new(extended: bool) -> Parser {
        Parser {
            extended,
            expressions: 0,
            file: None,
            text: Vec::new(),
            at: 0,
            commands: Vec::new(),
            regexes: Vec::new(),
            blocks: Vec::new(),
            labels: BTreeMap::new(),
            jumps: Vec::new(),
            quiet: false,
        }
    }

    /// Reads an expression.
    pub(super) fn expression(&mut self, call: &mut Call<'_>, text: &[u8]) -> Result<(), Stop> {
        self.expressions += 1;
        self.file = None;
        self.read(call, text)
    }

    /// Reads a file.
    pub(super) fn file(&mut self, call: &mut Call<'_>, name: &str, text: &[u8]) -> Result<(), Stop> {
        self.file = Some(name.to_owned());
        self.read(call, text)
    }

    fn read(&mut self, call: &mut Call<'_>, text: &[u8]) -> Result<(), Stop> {
        self.text = text.to_vec();
        self.at = 0;
        while let Some(command) = self.command(call)? {
            if self.commands.len() >= MOST {
                return Err(Stop::Refused("sed with a script this long".to_owned()));
            }
            self.commands.push(command);
        }
        Ok(())
    }

    /// The whole script.
    pub(super) fn finish(mut self) -> Result<Script, Stop> {
        if !self.blocks.is_empty() {
            return Err(Stop::Failed(1, "-e expression #1, char 0: unmatched `{'".to_owned()));
        }
        for (at, label) in std::mem::take(&mut self.jumps) {
            let place =
                if label.is_empty() { Some(self.commands.len()) } else { self.labels.get(&label).copied() };
            let Some(place) = place else {
                let label = String::from_utf8_lossy(&label).into_owned();
                return Err(Stop::Failed(4, format!("can't find label for jump to `{label}'")));
            };
            if let Action::Branch(_, to) = &mut self.commands[at].action {
                *to = place;
            }
        }
        Ok(Script { commands: self.commands, expressions: self.regexes, quiet: self.quiet })
    }

    /// What is wrong, and where.
    pub(super) fn wrong(&self, text: &str) -> Stop {
        let place = match &self.file {
            Some(name) => {
                let lines = self.text[..self.at].iter().filter(|byte| **byte == b'\n').count();
                format!("file {name} line {}", lines + 1)
            }
            None => format!("-e expression #{}, char {}", self.expressions, self.at),
        };
        Stop::Failed(1, format!("{place}: {text}"))
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        let byte = self.text.get(self.at).copied();
        self.at += usize::from(byte.is_some());
        byte
    }

    pub(super) fn back(&mut self, byte: Option<u8>) {
        self.at -= usize::from(byte.is_some());
    }

    pub(super) fn next_nonblank(&mut self) -> Option<u8> {
        loop {
            match self.next() {
                Some(b' ' | b'\t') => {}
                byte => return byte,
            }
        }
    }

    pub(super) fn number(&mut self, first: Option<u8>) -> usize {
        let mut number = 0usize;
        let mut byte = first;
        while let Some(digit) = byte.filter(u8::is_ascii_digit) {
            number = number.saturating_mul(10).saturating_add(usize::from(digit - b'0'));
            byte = self.next();
        }
        self.back(byte);
        number
    }

    fn command(&mut self, call: &mut Call<'_>) -> Result<Option<Command>, Stop> {
        loop {
            let mut byte = self.next();
            while byte.is_some_and(|byte| byte == b';' || byte.is_ascii_whitespace() || byte == 11) {
                byte = self.next();
            }
            if byte.is_none() {
                return Ok(None);
            }
            let (mut first, mut second) = (None, None);
            if let Some(address) = self.address(call, byte)? {
                if matches!(address, Address::Plus(_) | Address::Multiple(_)) {
                    return Err(self.wrong("invalid usage of +N or ~N as first address"));
                }
                byte = self.next_nonblank();
                if byte == Some(b',') {
                    let begin = self.next_nonblank();
                    let Some(other) = self.address(call, begin)? else {
                        return Err(self.wrong("unexpected `,'"));
                    };
                    second = Some(other);
                    byte = self.next_nonblank();
                }
                let zero = matches!(address, Address::Line(0));
                if zero && !matches!(second, Some(Address::Matches(_))) {
                    return Err(self.wrong("invalid usage of line address 0"));
                }
                first = Some(address);
            }
            let mut not = false;
            if byte == Some(b'!') {
                not = true;
                byte = self.next_nonblank();
                if byte == Some(b'!') {
                    return Err(self.wrong("multiple `!'s"));
                }
            }
            if byte == Some(b'#') {
                self.comment(first.is_some())?;
                continue;
            }
            let range = if matches!(first, Some(Address::Line(0))) { Range::Within } else { Range::Before };
            let mut command = Command { first, second, not, action: Action::Nothing, range, end: 0 };
            command.action = self.action(call, byte, &command)?;
            return Ok(Some(command));
        }
    }

    fn comment(&mut self, addressed: bool) -> Result<(), Stop> {
        if addressed {
            return Err(self.wrong("comments don't accept any addresses"));
        }
        let first = self.at == 1 && self.expressions <= 1 && self.commands.is_empty();
        let mut byte = self.next();
        if first && byte == Some(b'n') {
            byte = self.next();
            self.quiet |= matches!(byte, None | Some(b'\n'));
        }
        while !matches!(byte, None | Some(b'\n')) {
            byte = self.next();
        }
        Ok(())
    }

    fn action(&mut self, call: &mut Call<'_>, byte: Option<u8>, command: &Command) -> Result<Action, Stop> {
        let Some(letter) = byte else { return Err(self.wrong("missing command")) };
        let here = self.commands.len();
        let action = match letter {
            b'{' => {
                self.blocks.push(here);
                return Ok(Action::Block(0));
            }
            b'}' => {
                let Some(begin) = self.blocks.pop() else { return Err(self.wrong("unexpected `}'")) };
                if command.first.is_some() {
                    return Err(self.wrong("} doesn't want any addresses"));
                }
                self.commands[begin].action = Action::Block(here);
                Action::Nothing
            }
            b'a' | b'i' | b'c' => {
                let text = self.own_text()?;
                return Ok(match letter {
                    b'a' => Action::Append(text),
                    b'i' => Action::Insert(text),
                    _ => Action::Change(text),
                });
            }
            b':' => {
                if command.first.is_some() {
                    return Err(self.wrong(": doesn't want any addresses"));
                }
                let label = self.label();
                if label.is_empty() {
                    return Err(self.wrong("\":\" lacks a label"));
                }
                self.labels.insert(label, here);
                return Ok(Action::Nothing);
            }
            b'b' | b't' | b'T' => {
                let label = self.label();
                self.jumps.push((here, label));
                let jump = match letter {
                    b'b' => Jump::Always,
                    b't' => Jump::Replaced,
                    _ => Jump::NotReplaced,
                };
                return Ok(Action::Branch(jump, 0));
            }
            b'q' | b'Q' => {
                if command.second.is_some() {
                    return Err(self.wrong("command only uses one address"));
                }
                let byte = self.next_nonblank();
                let code = self.number(byte) as u8;
                if letter == b'q' { Action::Quit(code) } else { Action::QuitSilently(code) }
            }
            b'r' => return self.read_file(),
            b's' => return self.substitute(call),
            b'y' => self.transliterate()?,
            b'=' => Action::Equals,
            b'd' => Action::Delete,
            b'D' => Action::DeleteFirst,
            b'g' => Action::GetHold,
            b'G' => Action::AppendHold,
            b'h' => Action::Hold,
            b'H' => Action::HoldMore,
            b'l' => {
                let byte = self.next_nonblank();
                if byte.is_some_and(|byte| byte.is_ascii_digit()) {
                    return Err(Stop::Refused("sed l N".to_owned()));
                }
                self.back(byte);
                Action::List
            }
            b'n' => Action::Next,
            b'N' => Action::NextMore,
            b'p' => Action::Print,
            b'P' => Action::PrintFirst,
            b'x' => Action::Exchange,
            b'z' => Action::Zap,
            b'e' | b'F' | b'R' | b'v' | b'w' | b'W' => {
                return Err(Stop::Refused(format!("sed {}", char::from(letter))));
            }
            letter => {
                let letter = String::from_utf8_lossy(&[letter]).into_owned();
                return Err(self.wrong(&format!("unknown command: `{letter}'")));
            }
        };
        self.end_of_command()?;
        Ok(action)
    }

    fn end_of_command(&mut self) -> Result<(), Stop> {
        match self.next_nonblank() {
            byte @ Some(b'}' | b'#') => self.back(byte),
            None | Some(b'\n' | b';') => {}
            Some(_) => return Err(self.wrong("extra characters after command")),
        }
        Ok(())
    }

    /// Reads a label: up to a blank, a semicolon or a brace.
    fn label(&mut self) -> Vec<u8> {
        let mut byte = self.next_nonblank();
        let mut label = Vec::new();
        while let Some(letter) =
            byte.filter(|letter| !b";}".contains(letter) && !letter.is_ascii_whitespace())
        {
            label.push(letter);
            byte = self.next();
        }
        self.back(byte.filter(|byte| *byte == b'}'));
        label
    }

    fn read_file(&mut self) -> Result<Action, Stop> {
        let mut name = Vec::new();
        let mut byte = self.next_nonblank();
        while let Some(letter) = byte.filter(|letter| *letter != b'\n') {
            name.push(letter);
            byte = self.next();
        }
        if name.is_empty() {
            return Err(self.wrong("missing filename in r/R/w/W commands"));
        }
        Ok(Action::Read(String::from_utf8_lossy(&name).into_owned()))
    }

    /// Reads the text of `a`, `i` and `c`.
    fn own_text(&mut self) -> Result<Vec<u8>, Stop> {
        let mut byte = self.next_nonblank();
        if byte.is_none() {
            return Err(self.wrong("expected \\ after `a', `c' or `i'"));
        }
        if byte == Some(b'\\') {
            byte = self.next();
            if let Some(b' ' | b'\t') = byte {
                // Blanks after the backslash belong to the text if more than a newline follows them.
                let begin = self.at - 1;
                byte = self.next_nonblank();
                if byte != Some(b'\n') {
                    self.at = begin;
                    byte = None;
                }
            } else if byte != Some(b'\n') {
                self.back(byte);
            }
        } else {
            self.back(byte);
        }
        let _ = byte;
        let mut raw = Vec::new();
        while let Some(letter) = self.next() {
            if letter == b'\n' {
                break;
            }
            raw.push(letter);
            if letter == b'\\'
                && let Some(next) = self.next()
            {
                raw.push(next);
            }
        }
        let raw = escape::bytes(&raw, Place::Plain);
        let mut text = Vec::new();
        let mut bytes = raw.into_iter();
        while let Some(letter) = bytes.next() {
            if letter == b'\\' {
                text.extend(bytes.next().map(|next| if next == b'n' { b'\n' } else { next }));
            } else {
                text.push(letter);
            }
        }
        if !text.is_empty() {
            text.push(b'\n');
        }
        Ok(text)
    }

    /// Reads up to a sign. `None` where there is none.
    pub(super) fn delimited(&mut self, sign: u8, expression: bool) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        loop {
            let mut byte = self.next()?;
            if byte == sign {
                return Some(text);
            }
            if byte == b'\n' && expression {
                self.back(Some(byte));
                return None;
            }
            if byte == b'\\' {
                byte = self.next()?;
                if byte == b'n' && expression {
                    byte = b'\n';
                } else if byte != b'\n' && (byte != sign || (!expression && byte == b'&')) {
                    text.push(b'\\');
                }
            } else if byte == b'\n' {
                self.back(Some(byte));
                return None;
            }
            text.push(byte);
        }
    }

    fn transliterate(&mut self) -> Result<Action, Stop> {
        let unterminated = "unterminated `y' command";
        let sign = self.next();
        let Some(sign) = sign.filter(|sign| !matches!(sign, b'\n' | b'\\')) else {
            return Err(self.wrong(unterminated));
        };
        let mut both = Vec::new();
        for _ in 0..2 {
            let Some(text) = self.delimited(sign, false) else { return Err(self.wrong(unterminated)) };
            let text = escape::bytes(&text, Place::Plain);
            let mut plain = Vec::new();
            let mut bytes = text.into_iter();
            while let Some(byte) = bytes.next() {
                match byte {
                    b'\\' => match bytes.next() {
                        Some(b'n') => plain.push(b'\n'),
                        Some(b'\\') | None => plain.push(b'\\'),
                        Some(other) => plain.extend([b'\\', other]),
                    },
                    byte => plain.push(byte),
                }
            }
            both.push(plain);
        }
        let (from, to) = (&both[0], &both[1]);
        if from.len() != to.len() {
            return Err(self.wrong("strings for `y' command are different lengths"));
        }
        let mut table: [u8; 256] = std::array::from_fn(|byte| byte as u8);
        from.iter().zip(to).for_each(|(from, to)| table[usize::from(*from)] = *to);
        Ok(Action::Transliterate(Box::new(table)))
    }

    /// Makes an expression ready. Without a letter it is the last that was used.
    pub(super) fn compile(
        &mut self,
        call: &mut Call<'_>,
        text: &[u8],
        fold: bool,
        most_group: usize,
    ) -> Result<Expression, Stop> {
        if text.is_empty() {
            if fold {
                return Err(self.wrong("cannot specify modifiers on empty regexp"));
            }
            return Ok(None);
        }
        call.work(text.len().saturating_mul(100))?;
        let text = escape::bytes(text, Place::Expression);
        let syntax = Syntax { dialect: Dialect::Sed, extended: self.extended, fold, groups: true };
        let failed = |wrong| match wrong {
            Wrong::Message(text) => self.wrong(text),
            Wrong::Refused(what) => Stop::Refused(format!("sed {what}")),
        };
        let pattern = Pattern::read(&text, &syntax).map_err(failed)?;
        if most_group > pattern.groups() {
            return Err(self.wrong(&format!("invalid reference \\{most_group} on `s' command's RHS")));
        }
        let regex = pattern.compile().map_err(failed)?;
        self.regexes.push(regex);
        Ok(Some(self.regexes.len() - 1))
    }
}
