//! Random formats for `printf`.

use super::calls::{Call, call, words};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

pub(super) fn printf() -> BoxedStrategy<Call> {
    let conversion = (
        select(vec!["", "", "-", "0", "+", " ", "#", "-0", "+0"]),
        select(vec!["", "", "5", "1", "12", "*"]),
        select(vec!["", "", ".0", ".2", ".5", ".", ".*"]),
        select(vec![
            "s", "s", "d", "i", "u", "x", "X", "o", "c", "b", "q", "f", "e", "g", "G", "E", "%", "ld", "k",
        ]),
    )
        .prop_map(|(flags, width, precision, letter)| format!("%{flags}{width}{precision}{letter}"));
    let plain = select(vec![
        "a", " ", "|", "\\n", "\\t", "\\\\", "\\101", "\\x41", "\\0", "%%", "%s", "%d", "%s\\n", "\\q", "\\",
        "\\e[1m", "%5s", "\\\"", "\\'", "\\c", "%-8s|", "%b", "%q", "\\u0041", "%.2f", "%c", "%",
    ])
    .prop_map(str::to_owned);
    let format =
        vec(prop_oneof![1 => conversion, 2 => plain], 1..5).prop_map(|parts| vec![parts.concat()]).boxed();
    let format = format.prop_map(|format| {
        if format[0].starts_with('-') { vec!["--".to_owned(), format[0].clone()] } else { format }
    });
    let arguments = words(
        &[
            "a",
            "abc",
            "",
            "1",
            "42",
            "-7",
            "0x1f",
            "010",
            "08",
            "3.14159",
            "2.675",
            "0.125",
            "1e3",
            "'a",
            "a~b",
            "$x'y\"",
            "a\\tb",
            "\\0101x",
            "x\\cy",
            "99999999999999999999",
            "-1",
            "12x",
            "~5",
            "a\nb",
            "*",
            "1e-5",
            "123456789",
            "0",
            "1000000",
            "é",
            "\\x41\\101\\n",
            "~",
            "#a",
            "inf",
            "-0",
            "0.1",
            "2.5",
            "3.5",
            "1.005",
            ".5",
            "5.",
        ],
        5,
    );
    call(Just(Vec::new()).boxed(), format.boxed(), arguments, Just(Vec::new()).boxed())
}
