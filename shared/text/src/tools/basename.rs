//! `basename` and `dirname`: the parts of a path.

use crate::call::{Call, Stop, quote};
use crate::options::{self, Options, Value};

const BASENAME: Options = Options {
    short: "as:z",
    long: &[("multiple", Value::No, 'a'), ("suffix", Value::Yes, 's'), ("zero", Value::No, 'z')],
    first: true,
    ..Options::GNU
};

const DIRNAME: Options =
    Options { short: "z", long: &[("zero", Value::No, 'z')], first: true, ..Options::GNU };

pub(super) fn run(call: &mut Call<'_>) -> Result<u8, Stop> {
    let given = options::read(call, &BASENAME)?;
    let end: &[u8] = if given.has('z') { b"\0" } else { b"\n" };
    let mut suffix = given.last('s').map(str::to_owned);
    let mut names = given.operands.clone();
    if names.is_empty() {
        return Err(options::wrong(call.name, &BASENAME, "missing operand"));
    }
    if suffix.is_none() && !given.has('a') {
        if names.len() > 2 {
            let text = format!("extra operand {}", quote(&names[2]));
            return Err(options::wrong(call.name, &BASENAME, &text));
        }
        suffix = names.get(1).cloned();
        names.truncate(1);
    }
    for name in &names {
        let mut base = last(name);
        if let Some(suffix) = &suffix
            && base.len() > suffix.len()
            && !base.starts_with('/')
        {
            base = base.strip_suffix(suffix.as_str()).unwrap_or(base);
        }
        call.put(base.as_bytes())?;
        call.put(end)?;
    }
    Ok(0)
}

/// The last part of a path.
fn last(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return if path.is_empty() { "" } else { "/" };
    }
    trimmed.rsplit('/').next().unwrap_or(trimmed)
}

pub(super) fn dirname(call: &mut Call<'_>) -> Result<u8, Stop> {
    let given = options::read(call, &DIRNAME)?;
    let end: &[u8] = if given.has('z') { b"\0" } else { b"\n" };
    if given.operands.is_empty() {
        return Err(options::wrong(call.name, &DIRNAME, "missing operand"));
    }
    for name in &given.operands {
        let trimmed = name.trim_end_matches('/');
        let folder = match trimmed.rfind('/') {
            Some(at) => match name[..at].trim_end_matches('/') {
                "" => "/",
                folder => folder,
            },
            None if trimmed.is_empty() && !name.is_empty() => "/",
            None => ".",
        };
        call.put(folder.as_bytes())?;
        call.put(end)?;
    }
    Ok(0)
}
