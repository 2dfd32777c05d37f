//! `sed`: a text, edited line by line.

mod address;
mod escape;
mod execute;
mod parse;
mod script;
mod substitute;

use crate::call::{Call, Stop};
use crate::options::{self, Options, REFUSED, Value};
use parse::Parser;

const OPTIONS: Options = Options {
    short: "bsnrzuEe:f:l:i",
    long: &[
        ("binary", Value::No, 'b'),
        ("debug", Value::No, REFUSED),
        ("expression", Value::Yes, 'e'),
        ("file", Value::Yes, 'f'),
        ("follow-symlinks", Value::No, REFUSED),
        ("in-place", Value::Maybe, 'i'),
        ("line-length", Value::Yes, 'l'),
        ("null-data", Value::No, 'z'),
        ("posix", Value::No, REFUSED),
        ("quiet", Value::No, 'n'),
        ("regexp-extended", Value::No, 'E'),
        ("sandbox", Value::No, REFUSED),
        ("separate", Value::No, 's'),
        ("silent", Value::No, 'n'),
        ("unbuffered", Value::No, 'u'),
        ("zero-terminated", Value::No, 'z'),
    ],
    refused: "ilz",
    ..Options::GNU
};

pub(super) fn run(call: &mut Call<'_>) -> Result<u8, Stop> {
    let given = options::read_words(call.name, call.arguments, &OPTIONS);
    // What sed says of a wrong option is a page long.
    given.check().map_err(|stop| match stop {
        Stop::Failed(_, text) => Stop::Refused(format!("sed: {}", text.lines().next().unwrap_or_default())),
        other => other,
    })?;
    let mut parser = Parser::new(given.has('E') || given.has('r'));
    let mut operands = given.operands.clone();
    let mut any = false;
    for (letter, value) in &given.options {
        match letter {
            'e' => parser.expression(call, value.as_bytes())?,
            'f' => {
                let Some(text) = call.read(value)? else {
                    return Err(Stop::Failed(
                        4,
                        format!("couldn't open file {value}: No such file or directory"),
                    ));
                };
                parser.file(call, value, &text)?;
            }
            _ => continue,
        }
        any = true;
    }
    if !any {
        if operands.is_empty() {
            return Err(Stop::Refused("sed without a script".to_owned()));
        }
        let script = operands.remove(0);
        parser.expression(call, script.as_bytes())?;
    }
    let mut script = parser.finish()?;
    script.quiet |= given.has('n');
    execute::run(call, script, &operands, given.has('s'))
}
