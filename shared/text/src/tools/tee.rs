//! `tee`: what comes in goes out, and into files. The files belong to whoever has them: [`tee_targets`] names them.

use crate::call::{Call, Stop};
use crate::options::{self, Given, Options, Value};

const OPTIONS: Options = Options {
    short: "aip",
    long: &[
        ("append", Value::No, 'a'),
        ("ignore-interrupts", Value::No, 'i'),
        ("output-error", Value::Maybe, 'p'),
    ],
    ..Options::GNU
};

/// What `tee` writes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Targets {
    /// Whether what the files hold is kept, and the text is put after it.
    pub append: bool,
    /// The files, in the order in which they are written.
    pub files: Vec<String>,
}

/// The files that `tee` writes to with these arguments. `None` where [`run`](crate::run) says that they are wrong.
pub fn tee_targets(arguments: &[String]) -> Option<Targets> {
    let given = options::read_words("tee", arguments, &OPTIONS);
    given.check().ok()?;
    check(&given).ok()?;
    Some(Targets { append: given.has('a'), files: given.operands })
}

fn check(given: &Given) -> Result<(), Stop> {
    let modes = ["", "warn", "warn-nopipe", "exit", "exit-nopipe"];
    for (letter, value) in &given.options {
        if *letter == 'p' && !modes.contains(&value.as_str()) {
            return Err(Stop::Refused(format!("tee --output-error={value}")));
        }
    }
    Ok(())
}

pub(super) fn run(call: &mut Call<'_>) -> Result<u8, Stop> {
    let given = options::read(call, &OPTIONS)?;
    check(&given)?;
    let text = call.input();
    call.put(text)?;
    Ok(0)
}
