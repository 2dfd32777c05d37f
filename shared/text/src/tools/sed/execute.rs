//! A script, executed on each line.

use super::script::{Action, Address, Command, Expression, Jump, Range, Script};
use super::substitute;
use crate::call::{Call, MOST, STEP, Stop, shown};
use crate::regex::Regex;
use std::borrow::Cow;
use std::mem;

/// A text, and whether a newline ends it.
#[derive(Clone, Debug)]
struct Space {
    text: Vec<u8>,
    newline: bool,
}

/// What is put out when a line ends.
enum Late {
    Text(Vec<u8>),
    File(String),
}

/// How a line ended.
enum Ended {
    /// It is printed, unless `-n` says otherwise.
    Prints,
    /// It is not printed.
    Silently,
    /// It begins again with what is left of it.
    Again,
    Quits(u8),
    QuitsSilently(u8),
}

/// The lines that are still to come.
struct Lines<'t> {
    /// The files that were not yet opened, the next one last.
    names: Vec<String>,
    /// What is read, and up to where it was.
    text: Cow<'t, [u8]>,
    at: usize,
    number: usize,
    /// Whether each file has a last line of its own.
    separate: bool,
    /// Whether a file of its own has begun.
    begins: bool,
    /// Whether a file was not there.
    missing: bool,
}

impl<'t> Lines<'t> {
    fn next(&mut self, call: &mut Call<'t>) -> Result<Option<Space>, Stop> {
        while self.at >= self.text.len() {
            let Some(name) = self.names.pop() else { return Ok(None) };
            match call.read(&name)? {
                Some(text) => (self.text, self.at) = (text, 0),
                None => {
                    self.missing = true;
                    call.say(&format!("can't read {}: No such file or directory", plain(&name)));
                }
            }
            if self.separate && self.number > 0 {
                self.number = 0;
                self.begins = true;
            }
        }
        let rest = &self.text[self.at..];
        let line = rest.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
        self.at += line.len();
        self.number += 1;
        Ok(Some(match line.strip_suffix(b"\n") {
            Some(line) => Space { text: line.to_vec(), newline: true },
            None => Space { text: line.to_vec(), newline: false },
        }))
    }

    /// Whether no line follows: in all files, or in this one where each stands alone.
    fn is_empty(&self, call: &mut Call<'t>, all: bool) -> Result<bool, Stop> {
        if self.at < self.text.len() {
            return Ok(false);
        }
        if !self.separate || all {
            for name in &self.names {
                if call.has_text(name)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

struct Machine<'m, 'c> {
    call: &'m mut Call<'c>,
    lines: Lines<'c>,
    regexes: Vec<Regex>,
    last: Option<usize>,
    pattern: Space,
    hold: Space,
    late: Vec<Late>,
    /// Whether the last line that was put out had no newline.
    unfinished: bool,
    quiet: bool,
    replaced: bool,
}

/// Executes a script on files, or on the input.
pub(super) fn run(call: &mut Call<'_>, script: Script, names: &[String], separate: bool) -> Result<u8, Stop> {
    let names = if names.is_empty() { vec!["-".to_owned()] } else { names.iter().rev().cloned().collect() };
    let Script { mut commands, expressions, quiet } = script;
    let empty = Space { text: Vec::new(), newline: true };
    let mut machine = Machine {
        call,
        lines: Lines {
            names,
            text: Cow::Borrowed(&[]),
            at: 0,
            number: 0,
            separate,
            begins: false,
            missing: false,
        },
        regexes: expressions,
        last: None,
        pattern: empty.clone(),
        hold: empty,
        late: Vec::new(),
        unfinished: false,
        quiet,
        replaced: false,
    };
    let code = machine.all(&mut commands)?;
    Ok(code.unwrap_or(if machine.lines.missing { 2 } else { 0 }))
}

fn plain(name: &str) -> String {
    if name.contains('\n') { shown(name) } else { name.to_owned() }
}

impl Machine<'_, '_> {
    /// Goes through all lines. The status that it quits with.
    fn all(&mut self, commands: &mut [Command]) -> Result<Option<u8>, Stop> {
        let mut again = false;
        loop {
            if !again {
                let Some(line) = self.lines.next(self.call)? else { return Ok(None) };
                self.pattern = line;
                if mem::take(&mut self.lines.begins) {
                    commands.iter_mut().for_each(Command::begin);
                    self.finish_line()?;
                }
            }
            again = false;
            self.call.work(self.pattern.text.len() + STEP)?;
            let ended = self.line(commands)?;
            if matches!(ended, Ended::Prints | Ended::Quits(_)) && !self.quiet {
                self.put_pattern()?;
            }
            if !matches!(ended, Ended::QuitsSilently(_)) {
                self.put_late()?;
            }
            if matches!(ended, Ended::Quits(_)) {
                self.finish_line()?;
            }
            match ended {
                Ended::Quits(code) | Ended::QuitsSilently(code) => {
                    return Ok(Some(code).filter(|code| *code > 0));
                }
                Ended::Again => again = true,
                Ended::Prints | Ended::Silently => {}
            }
        }
    }

    fn finish_line(&mut self) -> Result<(), Stop> {
        if mem::take(&mut self.unfinished) {
            self.call.put(b"\n")?;
        }
        Ok(())
    }

    fn put_pattern(&mut self) -> Result<(), Stop> {
        let text = self.pattern.text.clone();
        self.put_line(&text, self.pattern.newline)
    }

    fn put_line(&mut self, text: &[u8], newline: bool) -> Result<(), Stop> {
        self.finish_line()?;
        self.call.put(text)?;
        if newline {
            return self.call.put(b"\n");
        }
        self.unfinished = true;
        Ok(())
    }

    fn put_text(&mut self, text: &[u8]) -> Result<(), Stop> {
        self.finish_line()?;
        self.call.put(text)
    }

    fn put_late(&mut self) -> Result<(), Stop> {
        for late in mem::take(&mut self.late) {
            match late {
                Late::Text(text) => self.put_text(&text)?,
                Late::File(name) => {
                    let text = self.call.read(&name)?;
                    self.put_text(&text.unwrap_or_default())?;
                }
            }
        }
        Ok(())
    }

    /// Executes the script on one line.
    fn line(&mut self, commands: &mut [Command]) -> Result<Ended, Stop> {
        let mut at = 0;
        while at < commands.len() {
            self.call.work(STEP)?;
            let holds = self.is_meant(&mut commands[at])?;
            let command = &commands[at];
            at += 1;
            if let Action::Block(end) = &command.action {
                if !holds {
                    at = *end;
                }
                continue;
            }
            if !holds {
                continue;
            }
            match &command.action {
                Action::Block(_) | Action::Nothing => {}
                Action::Append(text) => self.late.push(Late::Text(text.clone())),
                Action::Read(name) => self.late.push(Late::File(name.clone())),
                Action::Insert(text) => self.put_text(text)?,
                Action::Change(text) => {
                    if command.second.is_none() || command.not || command.range != Range::Within {
                        self.put_text(text)?;
                    }
                    return Ok(Ended::Silently);
                }
                Action::Branch(jump, to) => {
                    let taken = match jump {
                        Jump::Always => true,
                        Jump::Replaced => mem::take(&mut self.replaced),
                        Jump::NotReplaced => !mem::take(&mut self.replaced),
                    };
                    if taken {
                        at = *to;
                    }
                }
                Action::Delete => return Ok(Ended::Silently),
                Action::DeleteFirst => {
                    let Some(end) = self.pattern.text.iter().position(|byte| *byte == b'\n') else {
                        return Ok(Ended::Silently);
                    };
                    self.pattern.text.drain(..=end);
                    return Ok(Ended::Again);
                }
                Action::Equals => {
                    let number = format!("{}\n", self.lines.number);
                    self.put_text(number.as_bytes())?;
                }
                Action::Next => {
                    if self.lines.is_empty(self.call, true)? {
                        return Ok(Ended::Prints);
                    }
                    if !self.quiet {
                        self.put_pattern()?;
                    }
                    self.read_line(false)?;
                }
                Action::NextMore => {
                    if self.lines.is_empty(self.call, true)? {
                        return Ok(Ended::Prints);
                    }
                    self.read_line(true)?;
                }
                Action::Print => self.put_pattern()?,
                Action::PrintFirst => {
                    let end = self.pattern.text.iter().position(|byte| *byte == b'\n');
                    let first = self.pattern.text[..end.unwrap_or(self.pattern.text.len())].to_vec();
                    self.put_line(&first, end.is_some() || self.pattern.newline)?;
                }
                Action::Quit(code) => return Ok(Ended::Quits(*code)),
                Action::QuitSilently(code) => return Ok(Ended::QuitsSilently(*code)),
                Action::List => {
                    let line = listed(&self.pattern.text);
                    self.put_text(&line)?;
                }
                Action::Substitute(wanted) => self.substitute(wanted)?,
                Action::Transliterate(table) => {
                    self.call.work(self.pattern.text.len())?;
                    self.pattern.text.iter_mut().for_each(|byte| *byte = table[usize::from(*byte)]);
                }
                Action::Zap => self.pattern.text.clear(),
                hold => self.hold(hold)?,
            }
        }
        Ok(Ended::Prints)
    }

    /// The commands of the hold space.
    fn hold(&mut self, action: &Action) -> Result<(), Stop> {
        self.call.work(self.pattern.text.len() + self.hold.text.len())?;
        let add = |to: &mut Space, from: &Space| {
            to.text.push(b'\n');
            to.text.extend_from_slice(&from.text);
            to.newline = from.newline;
            if to.text.len() > MOST { Err(Stop::TooMuch) } else { Ok(()) }
        };
        match action {
            Action::GetHold => self.pattern = self.hold.clone(),
            Action::AppendHold => add(&mut self.pattern, &self.hold)?,
            Action::Hold => self.hold = self.pattern.clone(),
            Action::HoldMore => add(&mut self.hold, &self.pattern)?,
            _ => mem::swap(&mut self.pattern, &mut self.hold),
        }
        Ok(())
    }

    fn read_line(&mut self, more: bool) -> Result<(), Stop> {
        self.put_late()?;
        let Some(line) = self.lines.next(self.call)? else { return Ok(()) };
        self.call.work(line.text.len() + 1)?;
        if more {
            self.pattern.text.push(b'\n');
            self.pattern.text.extend_from_slice(&line.text);
            self.pattern.newline = line.newline;
        } else {
            self.pattern = line;
        }
        Ok(())
    }

    fn substitute(&mut self, wanted: &super::script::Substitute) -> Result<(), Stop> {
        let index = self.used(wanted.expression)?;
        let regex = &mut self.regexes[index];
        let most = wanted.parts.iter().filter_map(|part| match part {
            super::script::Part::Group(group) => Some(*group),
            _ => None,
        });
        if let Some(most) = most.max().filter(|most| *most > regex.groups()) {
            let text = format!("-e expression #1, char 0: invalid reference \\{most} on `s' command's RHS");
            return Err(Stop::Failed(1, text));
        }
        let found = substitute::replace(self.call, regex, wanted, &self.pattern.text)?;
        let Some(text) = found else { return Ok(()) };
        self.call.work(text.len())?;
        self.pattern.text = text;
        self.replaced = true;
        if wanted.print { self.put_pattern() } else { Ok(()) }
    }

    /// Which expression is meant: the last that was used, where none is named.
    fn used(&mut self, expression: Expression) -> Result<usize, Stop> {
        let index = expression.or(self.last).ok_or_else(|| {
            Stop::Failed(1, "-e expression #1, char 0: no previous regular expression".to_owned())
        })?;
        self.last = Some(index);
        Ok(index)
    }

    fn is_meant(&mut self, command: &mut Command) -> Result<bool, Stop> {
        Ok(self.is_within(command)? != command.not)
    }

    fn is_within(&mut self, command: &mut Command) -> Result<bool, Stop> {
        let Some(first) = command.first.clone() else { return Ok(true) };
        let Some(second) = command.second.clone() else { return self.is_at(&first) };
        let line = self.lines.number;
        if command.range != Range::Within {
            if let Address::Line(number) = first {
                if command.range == Range::After || line < number {
                    return Ok(false);
                }
            } else if !self.is_at(&first)? {
                return Ok(false);
            }
            command.end = match second {
                Address::Line(number) => number,
                Address::Plus(more) => line.saturating_add(more),
                Address::Multiple(0) => line,
                Address::Multiple(step) => line.div_ceil(step).saturating_mul(step),
                _ => usize::MAX,
            };
            command.range = if command.end <= line { Range::After } else { Range::Within };
            // A range that is over at once is its first line alone.
            let past =
                matches!((&first, &second), (Address::Line(number), Address::Line(_)) if line > *number);
            return Ok(!(past && command.end < line));
        }
        match second {
            Address::Line(_) | Address::Plus(_) | Address::Multiple(_) => {
                if line >= command.end {
                    command.range = Range::After;
                }
                Ok(line <= command.end)
            }
            other => {
                if self.is_at(&other)? {
                    command.range = Range::After;
                }
                Ok(true)
            }
        }
    }

    fn is_at(&mut self, address: &Address) -> Result<bool, Stop> {
        let line = self.lines.number;
        Ok(match address {
            Address::Line(number) => line == *number,
            Address::Step(first, step) => line >= *first && (line - first).is_multiple_of(*step),
            Address::Last => self.lines.is_empty(self.call, false)?,
            Address::Matches(expression) => {
                let index = self.used(*expression)?;
                self.regexes[index].is_match(self.call, &self.pattern.text)?
            }
            Address::Plus(_) | Address::Multiple(_) => false,
        })
    }
}

/// A line as `l` shows it: 69 bytes a row.
fn listed(text: &[u8]) -> Vec<u8> {
    const WIDTH: usize = 69;
    let mut out = Vec::new();
    let mut width = 0;
    for byte in text {
        let shown = match byte {
            b'\\' => "\\\\".to_owned(),
            7 => "\\a".to_owned(),
            8 => "\\b".to_owned(),
            9 => "\\t".to_owned(),
            10 => "\\n".to_owned(),
            11 => "\\v".to_owned(),
            12 => "\\f".to_owned(),
            13 => "\\r".to_owned(),
            b' '..=b'~' => char::from(*byte).to_string(),
            _ => format!("\\{byte:03o}"),
        };
        if width + shown.len() > WIDTH {
            out.extend_from_slice(b"\\\n");
            width = 0;
        }
        width += shown.len();
        out.extend_from_slice(shown.as_bytes());
    }
    out.extend_from_slice(b"$\n");
    out
}
