//! Random calls of what matches patterns: `grep` and `sed`.

use super::calls::{Call, call, files, texts, words};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Pieces that both dialects read, each in its way.
const PIECES: &[&str] = &[
    "a",
    "b",
    "c",
    "x",
    "1",
    "ab",
    "a",
    "b",
    " ",
    ":",
    ".",
    ".",
    "*",
    "*",
    "^",
    "$",
    "[ab]",
    "[^a]",
    "[[:alpha:]]",
    "[0-9]",
    "[a-c]*",
    "\\.",
    "\\w",
    "\\W",
    "\\b",
    "\\<",
    "\\>",
    "\\B",
    "\\s",
    "\\S",
    "[]x]",
    "[.*]",
    "-",
    "/x",
    "a*",
    ".*",
    "\\*",
    "\\/",
    "\\$",
    "[^[:space:]]",
    "{",
    "}",
    "\\`",
    "\\'",
];
const BASIC: &[&str] = &[
    "\\(",
    "\\)",
    "\\(a\\)",
    "\\(ab*\\)",
    "\\(a\\|ab\\)",
    "\\|",
    "\\+",
    "\\?",
    "\\{2\\}",
    "\\{1,2\\}",
    "\\{,1\\}",
    "\\{1,\\}",
    "(",
    ")",
    "+",
    "?",
    "|",
    "{2}",
    "\\([^:]*\\)",
    "\\(\\)",
    "\\(x*\\)*",
];
const EXTENDED: &[&str] = &[
    "(",
    ")",
    "(a)",
    "(ab*)",
    "(a|ab)",
    "|",
    "+",
    "?",
    "{2}",
    "{1,2}",
    "{,1}",
    "{1,}",
    "{,",
    "\\(",
    "\\)",
    "\\+",
    "\\|",
    "(a|b|ab)*",
    "(b|)",
    "([0-9]+)",
    "()",
    "(x*)*",
    "(^|:)",
    "($|a)",
];

/// A pattern.
fn pattern(own: &'static [&'static str]) -> BoxedStrategy<String> {
    let piece = prop_oneof![2 => select(PIECES), 1 => select(own)];
    let wild = vec(piece, 0..6).prop_map(|pieces| pieces.concat());
    let plain = select(vec!["a", "b", "eth0", "^a", "b$", "^$", "a.c", "10", "[0-9]", "x", "a*b", "ab"])
        .prop_map(str::to_owned);
    prop_oneof![3 => wild, 1 => plain].boxed()
}

const GREP: &[&str] = &[
    "-i",
    "-v",
    "-c",
    "-n",
    "-o",
    "-w",
    "-x",
    "-m 1",
    "-m2",
    "-A 1",
    "-B1",
    "-C 1",
    "-h",
    "-H",
    "-s",
    "-q",
    "-l",
    "-L",
    "-1",
    "-a",
    "-n",
    "-A0",
    "--color=never",
    "-A x",
    "-m x",
    "-Q",
    "--line-number",
    "--context=2",
    "-y",
];

fn grep_with(kind: &'static [&'static str], patterns: BoxedStrategy<String>) -> BoxedStrategy<Call> {
    let options =
        prop_oneof![2 => words(&["-i", "-v", "-o", "-w", "-x", "-n", "-ow", "-oi"], 1), 1 => words(GREP, 3)];
    let many = vec(patterns.clone().prop_map(|pattern| vec!["-e".to_owned(), pattern]), 2..3);
    let operand = patterns.prop_map(|pattern| {
        if pattern.starts_with('-') { vec!["-e".to_owned(), pattern] } else { vec![pattern] }
    });
    let given = prop_oneof![6 => operand, 1 => many.prop_map(|many| many.concat())].boxed();
    let kind = kind.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let options = options.prop_map(move |options| [kind.clone(), options].concat()).boxed();
    call(options, given, files(), texts())
}

pub(super) fn grep() -> BoxedStrategy<Call> {
    prop_oneof![2 => grep_with(&[], pattern(BASIC)), 1 => grep_with(&["-E"], pattern(EXTENDED))].boxed()
}

pub(super) fn egrep() -> BoxedStrategy<Call> {
    grep_with(&[], pattern(EXTENDED))
}

pub(super) fn fgrep() -> BoxedStrategy<Call> {
    grep_with(
        &[],
        prop_oneof![pattern(&["a"]), select(vec!["a", "ab", "b\na", "", "10.0"]).prop_map(str::to_owned)]
            .boxed(),
    )
}

/// A substitution, or another command of `sed`.
fn command(own: &'static [&'static str]) -> BoxedStrategy<String> {
    let replacement = vec(
        select(vec![
            "X", "&", "[&]", "\\1", "<\\1>", "\\n", "\\&", "", "\\t", "\\U&", "\\u&", "\\L&\\E.", "y", "-",
        ]),
        0..3,
    );
    let flags = select(vec!["", "", "", "g", "g", "p", "2", "i", "I", "gp", "2g", "3p", "x", "gg"]);
    let substitute = (pattern(own), replacement, flags, select(vec!['/', '/', '|', ',', '#', '!'])).prop_map(
        |(pattern, replacement, flags, sign)| {
            format!("s{sign}{}{sign}{}{sign}{flags}", pattern, replacement.concat())
        },
    );
    let other = select(vec![
        "p",
        "d",
        "q",
        "=",
        "n",
        "N",
        "p;d",
        "y/abc/xyz/",
        "a\\\nmore",
        "i text",
        "c other",
        "D",
        "P",
        "h",
        "G",
        "x",
        "q3",
        "Q",
        "l",
        "k",
        "{p}",
        "{s/a/b/;p}",
        "n;d",
        "$!N",
        "a more",
        "$d",
        "{p;d",
        "}",
        "N;N;s/\\n/+/g",
        "y/a/bc/",
        "H;$!d;x",
        "s/a/b/;s//c/",
        "z",
    ])
    .prop_map(str::to_owned);
    prop_oneof![3 => substitute, 2 => other].boxed()
}

fn address(own: &'static [&'static str]) -> BoxedStrategy<String> {
    let one = prop_oneof![
        2 => select(vec!["1", "2", "3", "$", "/a/", "/x/I", "/^$/", "0", "1~2", "2~0"]).prop_map(str::to_owned),
        1 => pattern(own).prop_map(|pattern| format!("/{pattern}/")),
    ];
    let second = prop_oneof![
        3 => one.clone(),
        1 => select(vec!["+1", "~2", "+0", "x"]).prop_map(str::to_owned),
    ];
    prop_oneof![
        4 => Just(String::new()),
        2 => one.clone(),
        2 => (one, second).prop_map(|(from, to)| format!("{from},{to}")),
    ]
    .prop_flat_map(|address| {
        (Just(address), select(vec!["", "", "", "!", " "]))
            .prop_map(|(address, not)| format!("{address}{not}"))
    })
    .boxed()
}

fn sed_with(kind: &'static [&'static str], own: &'static [&'static str]) -> BoxedStrategy<Call> {
    let script = vec((address(own), command(own)).prop_map(|(address, command)| address + &command), 1..3);
    let script = script.prop_map(|commands| vec![commands.join("\n")]).boxed();
    let kind = kind.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let options = words(&["-n", "--quiet", "-s", "-u", "--posix"], 1);
    let options = options.prop_map(move |options| [kind.clone(), options].concat()).boxed();
    call(options, script, files(), texts())
}

pub(super) fn sed() -> BoxedStrategy<Call> {
    prop_oneof![2 => sed_with(&[], BASIC), 1 => sed_with(&["-E"], EXTENDED)].boxed()
}
