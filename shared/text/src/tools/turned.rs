//! `rev` turns lines, `tac` turns their order.

use crate::call::{self, Call, Stop, lines, quoted, whole_lines};
use crate::options::{self, Options, Value};

const REV: Options =
    Options { short: "hV0", long: &[("zero", Value::No, '0')], refused: "hV0", ..Options::GNU };

const TAC: Options = Options {
    short: "brs:",
    long: &[("before", Value::No, 'b'), ("regex", Value::No, 'r'), ("separator", Value::Yes, 's')],
    refused: "brs",
    ..Options::GNU
};

pub(super) fn rev(call: &mut Call<'_>) -> Result<u8, Stop> {
    let given = options::read(call, &REV)?;
    let mut status = 0;
    for name in call::sources(&given.operands) {
        let Some(text) = call.source(name, "cannot open ")? else {
            status = 1;
            continue;
        };
        for line in lines(&text) {
            let mut line = line.to_vec();
            line.reverse();
            call.put(&line)?;
            call.put(b"\n")?;
        }
        if !text.is_empty() && !text.ends_with(b"\n") {
            call.out.pop();
        }
    }
    Ok(status)
}

pub(super) fn tac(call: &mut Call<'_>) -> Result<u8, Stop> {
    let given = options::read(call, &TAC)?;
    let names = if given.operands.is_empty() { vec!["-".to_owned()] } else { given.operands };
    let mut status = 0;
    for name in &names {
        let Some(text) = call.read(name)? else {
            call.say(&format!("failed to open {} for reading: No such file or directory", quoted(name)));
            status = 1;
            continue;
        };
        for line in whole_lines(&text).rev() {
            call.put(line)?;
        }
    }
    Ok(status)
}
