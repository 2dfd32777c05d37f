//! `read` and `mapfile`: lines of standard input.

use super::{Done, not_modelled};
use crate::System;
use crate::fields::{self, Piece};
use crate::machine::Machine;
use crate::redirect::Handle;
use crate::state::Value;

/// `read [-r] [-s] [-p PROMPT] [-a ARRAY] [-u FD] [NAME …]`.
pub(super) fn read(machine: &mut Machine, arguments: &[String], system: &mut dyn System) -> Done {
    let (mut raw, mut array, mut fd) = (false, None, 0);
    let mut rest = arguments.iter();
    let mut names: Vec<String> = Vec::new();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-r" => raw = true,
            "-s" => {}
            "-rs" | "-sr" => raw = true,
            "-p" | "-rp" => {
                raw |= word == "-rp";
                rest.next();
            }
            "-a" | "-ra" => {
                raw |= word == "-ra";
                array = rest.next().cloned();
            }
            "-u" => fd = rest.next().and_then(|word| word.parse().ok()).unwrap_or(0),
            "--" => names.extend(rest.by_ref().cloned()),
            word if word.starts_with('-') && word.len() > 1 => return not_modelled(&format!("read {word}")),
            word => names.push(word.to_owned()),
        }
    }
    if fd == 0 && machine.handles().get(&0) == Some(&Handle::Input) {
        // What a person types is for the prompt.
        return Done::Status(1);
    }
    let Some((line, ended)) = line(machine, fd, raw) else {
        for name in &names {
            if let Err(error) = machine.state().set(name, "") {
                machine.complain(&error, system);
            }
        }
        return Done::Status(1);
    };
    let separators = machine.state().value("IFS").unwrap_or(" \t\n").to_owned();
    if let Some(array) = array {
        let fields = fields::split(&[Piece::Split(line)], &separators);
        let values = (0..).zip(fields.iter().map(fields::text)).collect();
        return match machine.state().set_value(&array, |_| Value::List(values)) {
            Ok(()) => Done::Status(u8::from(!ended)),
            Err(error) => {
                machine.complain(&error, system);
                Done::Status(1)
            }
        };
    }
    let values = match names.as_slice() {
        [] => {
            names.push("REPLY".to_owned());
            vec![line]
        }
        names => assigned(&line, names.len(), &separators),
    };
    for (name, value) in names.iter().zip(values) {
        if !crate::state::is_name(name) {
            machine.complain(&format!("read: `{name}': not a valid identifier"), system);
            return Done::Status(1);
        }
        if let Err(error) = machine.state().set(name, &value) {
            machine.complain(&error, system);
            return Done::Status(1);
        }
    }
    Done::Status(u8::from(!ended))
}

/// A line without its end, and whether it had one; without `raw` a backslash makes the next character one of its own.
fn line(machine: &mut Machine, fd: i32, raw: bool) -> Option<(String, bool)> {
    let mut text = machine.line(fd)?;
    if raw {
        let ended = text.ends_with('\n');
        return Some((text.trim_end_matches('\n').to_owned(), ended));
    }
    while text.ends_with("\\\n") {
        text.truncate(text.len() - 2);
        match machine.line(fd) {
            Some(more) => text.push_str(&more),
            None => break,
        }
    }
    let ended = text.ends_with('\n');
    let mut plain = String::new();
    let mut letters = text.trim_end_matches('\n').chars();
    while let Some(letter) = letters.next() {
        plain.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    Some((plain, ended))
}

/// A line for so many names: the last one has all that is left.
fn assigned(line: &str, names: usize, separators: &str) -> Vec<String> {
    let is_separator = |letter: char| separators.contains(letter);
    let is_white = |letter: char| is_separator(letter) && matches!(letter, ' ' | '\t' | '\n');
    let mut rest = line.trim_start_matches(is_white);
    let mut values = Vec::new();
    for number in 0..names {
        if number + 1 == names {
            let mut last = rest.trim_end_matches(is_white);
            // One separator at the end is dropped where nothing else is left behind it.
            if let Some(cut) = last.strip_suffix(|letter| is_separator(letter) && !is_white(letter))
                && !cut.contains(is_separator)
            {
                last = cut;
            }
            values.push(last.to_owned());
            break;
        }
        let end = rest.find(is_separator).unwrap_or(rest.len());
        values.push(rest[..end].to_owned());
        rest = rest[end..].trim_start_matches(is_white);
        if let Some(behind) = rest.strip_prefix(|letter| is_separator(letter) && !is_white(letter)) {
            rest = behind.trim_start_matches(is_white);
        }
    }
    values
}

/// `mapfile [-t] [ARRAY]`: all lines.
pub(super) fn mapfile(machine: &mut Machine, arguments: &[String], system: &mut dyn System) -> Done {
    let (mut trims, mut name) = (false, "MAPFILE".to_owned());
    for word in arguments {
        match word.as_str() {
            "-t" => trims = true,
            word if word.starts_with('-') => return not_modelled(&format!("mapfile {word}")),
            word => word.clone_into(&mut name),
        }
    }
    let mut lines = std::collections::BTreeMap::new();
    while let Some(line) = machine.line(0) {
        let line = if trims { line.trim_end_matches('\n').to_owned() } else { line };
        lines.insert(lines.len() as i64, line);
    }
    match machine.state().set_value(&name, |_| Value::List(lines)) {
        Ok(()) => Done::Status(0),
        Err(error) => {
            machine.complain(&error, system);
            Done::Status(1)
        }
    }
}
