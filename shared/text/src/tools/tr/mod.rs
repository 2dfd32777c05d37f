//! `tr`: bytes into others.

mod set;

use crate::call::{Call, Stop, quote};
use crate::options::{self, Options, Value};
use set::{Item, Set};

const OPTIONS: Options = Options {
    short: "cCdst",
    long: &[
        ("complement", Value::No, 'c'),
        ("delete", Value::No, 'd'),
        ("squeeze-repeats", Value::No, 's'),
        ("truncate-set1", Value::No, 't'),
    ],
    first: true,
    ..Options::GNU
};

pub(super) fn run(call: &mut Call<'_>) -> Result<u8, Stop> {
    let given = options::read(call, &OPTIONS)?;
    let (complement, delete, squeeze) = (given.has('c') || given.has('C'), given.has('d'), given.has('s'));
    let words = &given.operands;
    let least = if delete == squeeze { 2 } else { 1 };
    let most = if delete && !squeeze { 1 } else { 2 };
    if words.len() < least {
        let text = match words.first() {
            None => "missing operand".to_owned(),
            Some(word) => format!(
                "missing operand after {}\nTwo strings must be given when {}.",
                quote(word),
                if squeeze { "both deleting and squeezing repeats" } else { "translating" }
            ),
        };
        return Err(options::wrong(call.name, &OPTIONS, &text));
    }
    if words.len() > most {
        let only = if words.len() == 2 {
            "\nOnly one string may be given when deleting without squeezing repeats."
        } else {
            ""
        };
        let text = format!("extra operand {}{only}", quote(&words[most]));
        return Err(options::wrong(call.name, &OPTIONS, &text));
    }
    let translate = words.len() == 2 && !delete;
    let first = set::read(call, &words[0])?;
    let second = words.get(1).map(|word| set::read(call, word)).transpose()?;
    if first.items.iter().any(|item| matches!(item, Item::Fill(_))) {
        return Err(failed("the [c*] repeat construct may not appear in string1"));
    }
    let from = if complement { set::complement(&first.bytes(0)) } else { first.bytes(0) };
    let input = call.input();
    call.work(input.len())?;
    let mut table: [u8; 256] = std::array::from_fn(|byte| byte as u8);
    let mut gone = [false; 256];
    let mut squeezed = [false; 256];
    if let Some(second) = &second {
        check(second, &first, &from, complement, translate, given.has('t'))?;
        let to = second.bytes(from.len());
        if translate {
            let last = to.last().copied();
            for (at, byte) in from.iter().enumerate() {
                let end = if given.has('t') { None } else { last };
                if let Some(other) = to.get(at).copied().or(end) {
                    table[usize::from(*byte)] = other;
                }
            }
        }
        if squeeze {
            to.iter().for_each(|byte| squeezed[usize::from(*byte)] = true);
        }
    } else if squeeze {
        from.iter().for_each(|byte| squeezed[usize::from(*byte)] = true);
    }
    if delete {
        from.iter().for_each(|byte| gone[usize::from(*byte)] = true);
    }
    let mut out = Vec::with_capacity(input.len());
    let mut last = None;
    for byte in input {
        if gone[usize::from(*byte)] {
            continue;
        }
        let byte = table[usize::from(*byte)];
        if squeezed[usize::from(byte)] && last == Some(byte) {
            continue;
        }
        last = Some(byte);
        out.push(byte);
    }
    call.put(&out)?;
    Ok(0)
}

fn failed(text: &str) -> Stop {
    Stop::Failed(1, text.to_owned())
}

/// Whether the second set fits the first, as `validate` of coreutils has it.
fn check(
    second: &Set,
    first: &Set,
    from: &[u8],
    complement: bool,
    translate: bool,
    truncate: bool,
) -> Result<(), Stop> {
    let fills = second.items.iter().filter(|item| matches!(item, Item::Fill(_))).count();
    if fills > 1 {
        return Err(failed("only one [c*] repeat construct may appear in string2"));
    }
    if !translate {
        return if fills > 0 {
            Err(failed("the [c*] construct may appear in string2 only when translating"))
        } else {
            Ok(())
        };
    }
    if second.items.iter().any(|item| matches!(item, Item::Equivalent(_))) {
        return Err(failed("[=c=] expressions may not appear in string2 when translating"));
    }
    if second
        .items
        .iter()
        .any(|item| matches!(item, Item::Class(name, _) if *name != "upper" && *name != "lower"))
    {
        return Err(failed(
            "when translating, the only character classes that may appear in\nstring2 are 'upper' and 'lower'",
        ));
    }
    let cases = |set: &Set| {
        let mut places = Vec::new();
        let mut at = 0;
        for item in &set.items {
            if matches!(item, Item::Class("upper" | "lower", _)) {
                places.push(at);
            }
            at += item.length(0);
        }
        places
    };
    let mine = cases(second);
    if !complement && !mine.iter().all(|place| cases(first).contains(place)) {
        return Err(failed("misaligned [:upper:] and/or [:lower:] construct"));
    }
    let to = second.bytes(from.len());
    if to.len() < from.len() && !truncate {
        if to.is_empty() {
            return Err(failed("when not truncating set1, string2 must be non-empty"));
        }
        if matches!(second.items.last(), Some(Item::Class(..))) {
            return Err(failed(TOO_SHORT));
        }
    }
    let classes = first.items.iter().any(|item| matches!(item, Item::Class(..)));
    let fits = to.len() == from.len() || (to.len() < from.len() && !truncate);
    if complement && classes && !(fits && to.iter().all(|byte| Some(byte) == to.first())) {
        return Err(failed(ONE));
    }
    Ok(())
}

const TOO_SHORT: &str = "when translating with string1 longer than string2,\nthe latter string must not end with a character class";

const ONE: &str = "when translating with complemented character classes,\nstring2 must map all characters in the domain to one";
