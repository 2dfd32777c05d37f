//! `awk`, as mawk 1.3.4 (20200120) is: Debian's own.
//!
//! A part of the language: patterns, actions, variables, fields, arrays, control flow, `print`, `printf` and the functions
//! for text. Functions of one's own, `getline`, pipes, files to write to, `RS`, `ENVIRON`, `ARGV`, random numbers, the clock
//! and the functions of trigonometry are refused by name.

mod array;
mod builtin;
mod evaluate;
mod execute;
mod format;
mod input;
mod lex;
mod number;
mod parse;
mod program;
mod record;
mod value;

use crate::call::{Call, Stop};
use execute::Machine;
use value::Value;

pub(super) fn run(call: &mut Call<'_>) -> Result<u8, Stop> {
    let mut words = call.arguments.iter().peekable();
    let mut separator = None;
    let mut assigned = Vec::new();
    let mut program: Option<Vec<u8>> = None;
    while let Some(word) = words.next_if(|word| word.len() > 1 && word.starts_with('-')) {
        if word == "--" {
            break;
        }
        let letter = word[1..].chars().next().unwrap_or('-');
        if !matches!(letter, 'F' | 'f' | 'v') {
            let refused = letter == 'W' && word.len() > 1;
            return Err(if refused {
                Stop::Refused("awk -W".to_owned())
            } else {
                Stop::Failed(2, format!("not an option: {word}"))
            });
        }
        let attached = &word[1 + letter.len_utf8()..];
        let value = if attached.is_empty() { words.next().map(String::as_str) } else { Some(attached) };
        let Some(value) = value else {
            return Err(Stop::Failed(2, format!("option -{letter} lacks argument")));
        };
        match letter {
            'F' => separator = Some(value),
            'v' => assigned.push(value),
            _ => {
                let Some(text) = call.read(value)? else {
                    return Err(Stop::Failed(
                        2,
                        format!("couldn't open file \"{value}\" (No such file or directory)"),
                    ));
                };
                let program = program.get_or_insert_default();
                program.extend_from_slice(&text);
                program.push(b'\n');
            }
        }
    }
    let text = match program {
        Some(text) => text,
        None => match words.next() {
            Some(text) => text.as_bytes().to_vec(),
            None => return Err(Stop::Refused("awk without a program".to_owned())),
        },
    };
    let mut names = parse::Names::new();
    let program = parse::program(call, &text, &mut names)?;
    let operands: Vec<String> = words.cloned().collect();
    let mut machine = Machine::new(call, &program, names, operands);
    if let Some(separator) = separator {
        machine.set_special(program::FS, Value::maybe(lex::unescaped(separator.as_bytes())))?;
    }
    for text in assigned {
        if !machine.assign_word(text)? {
            return Err(Stop::Failed(2, format!("improper assignment: -v {text}")));
        }
    }
    machine.run()
}
