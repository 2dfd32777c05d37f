//! `cat`: files, one after the other.

use crate::call::{Call, Stop};
use crate::options::{self, Options, Value};

const OPTIONS: Options = Options {
    short: "benstuvAET",
    long: &[
        ("number-nonblank", Value::No, 'b'),
        ("number", Value::No, 'n'),
        ("squeeze-blank", Value::No, 's'),
        ("show-nonprinting", Value::No, 'v'),
        ("show-ends", Value::No, 'E'),
        ("show-tabs", Value::No, 'T'),
        ("show-all", Value::No, 'A'),
    ],
    ..Options::GNU
};

#[derive(Clone, Copy)]
struct Looks {
    number: bool,
    number_nonblank: bool,
    squeeze: bool,
    ends: bool,
    tabs: bool,
    nonprinting: bool,
}

/// How many bytes a line number has room for, without the tab.
const WIDTH: usize = 6;

pub(super) fn run(call: &mut Call<'_>) -> Result<u8, Stop> {
    let given = options::read(call, &OPTIONS)?;
    let any = |letters: &str| letters.chars().any(|letter| given.has(letter));
    let looks = Looks {
        number: any("nb"),
        number_nonblank: any("b"),
        squeeze: any("s"),
        ends: any("AeE"),
        tabs: any("AtT"),
        nonprinting: any("Aetv"),
    };
    let (texts, all) = call.read_all(&given.operands)?;
    let plain = !(looks.number || looks.squeeze || looks.ends || looks.tabs || looks.nonprinting);
    if plain {
        for text in texts {
            call.put(&text)?;
        }
    } else {
        let text = texts.concat();
        call.work(text.len())?;
        show(call, &text, looks)?;
    }
    Ok(u8::from(!all))
}

fn show(call: &mut Call<'_>, text: &[u8], looks: Looks) -> Result<(), Stop> {
    let (mut number, mut blanks) = (0, 0);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let blank = line == b"\n";
        blanks = if blank { blanks + 1 } else { 0 };
        if looks.squeeze && blanks > 1 {
            continue;
        }
        if looks.number && !(looks.number_nonblank && blank) {
            number += 1;
            call.put(format!("{number:WIDTH$}\t").as_bytes())?;
        }
        let (body, end) = match line.strip_suffix(b"\n") {
            Some(body) => (body, true),
            None => (line, false),
        };
        for (at, byte) in body.iter().enumerate() {
            let carriage = *byte == b'\r' && end && at + 1 == body.len() && looks.ends;
            if looks.nonprinting || carriage {
                visible(call, *byte, looks.tabs)?;
            } else if *byte == b'\t' && looks.tabs {
                call.put(b"^I")?;
            } else {
                call.put(&[*byte])?;
            }
        }
        if end {
            call.put(if looks.ends { b"$\n" } else { b"\n" })?;
        }
    }
    Ok(())
}

fn visible(call: &mut Call<'_>, byte: u8, tabs: bool) -> Result<(), Stop> {
    let low = byte & 0x7f;
    if byte >= 128 {
        call.put(b"M-")?;
    }
    match (byte, low) {
        (b'\t', _) if !tabs => call.put(b"\t"),
        (_, 0..=31) => call.put(&[b'^', low + 64]),
        (_, 127) => call.put(b"^?"),
        _ => call.put(&[low]),
    }
}
