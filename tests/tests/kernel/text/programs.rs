//! Random programs for `awk`, and formats for `printf`.

use super::calls::{Call, call, files, texts, words};
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

fn expression() -> BoxedStrategy<String> {
    let leaf = select(vec![
        "1",
        "2",
        "0",
        "10",
        "3.5",
        "\"a\"",
        "\"10\"",
        "\"\"",
        "$1",
        "$2",
        "$NF",
        "NF",
        "NR",
        "x",
        "y",
        "$0",
        "1e3",
        "\"a b\"",
        "\"3x\"",
        "0.1",
        "a[1]",
        "a[$1]",
        "length",
        "FNR",
        "length($1)",
        "100000",
        "1234567",
        "2147483648",
        "-1",
        "$(1)",
        "$(NF-1)",
        "/a/",
        "n",
        ".5",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(3, 12, 3, |inner| {
        let binary = select(vec![
            " + ", " - ", " * ", " / ", " % ", " ", " ", " == ", " < ", " > ", " != ", " >= ", " && ", " || ", " ~ ", " ^ ",
        ]);
        let calls = select(vec![
            "length", "toupper", "tolower", "int", "substr2", "substr3", "index", "split", "sprintf", "match", "sub", "gsub",
        ]);
        prop_oneof![
            4 => (inner.clone(), binary, inner.clone())
                .prop_map(|(left, sign, right)| format!("({left}{sign}{right})")),
            1 => (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(test, one, two)| format!("({test} ? {one} : {two})")),
            1 => inner.clone().prop_map(|inner| format!("!({inner})")),
            1 => inner.clone().prop_map(|inner| format!("-({inner})")),
            1 => inner.clone().prop_map(|inner| format!("(x = {inner})")),
            1 => select(vec!["n++", "++n", "x--", "y += 2", "a[1]++", "$1 = 7", "x ^= 2", "$2 = \"z\"", "($1 in a)", "NF--"])
                .prop_map(|text| format!("({text})")),
            2 => (calls, inner.clone(), inner).prop_map(|(name, one, two)| match name {
                "substr2" => format!("substr({one}, {two})"),
                "substr3" => format!("substr({one}, 2, {two})"),
                "index" => format!("index({one}, {two})"),
                "split" => format!("split({one}, parts, \":\")"),
                "sprintf" => format!("sprintf(\"%s|%5d|%-4s|%.2f\", {one}, {two}, {one}, {two})"),
                "match" => format!("match({one}, /b./)"),
                "sub" => "sub(/a/, \"<&>\")".to_owned(),
                "gsub" => "gsub(/[ab]/, \"x\", $1)".to_owned(),
                name => format!("{name}({one})"),
            }),
        ]
    })
    .boxed()
}

fn statement() -> BoxedStrategy<String> {
    let simple = prop_oneof![
        4 => vec(expression(), 0..4).prop_map(|list| format!("print {}", list.join(", "))),
        1 => expression().prop_map(|one| format!("x = {one}")),
        1 => expression().prop_map(|one| format!("a[$1] = {one}")),
        1 => (expression(), select(vec!["%s", "%d", "%5.1f", "%c", "%x", "%-6s|", "%05d", "%i", "%e", "%g", "%%", "%o"]))
            .prop_map(|(one, letter)| format!("printf \"{letter}\\n\", {one}")),
        1 => select(vec![
            "next", "exit", "exit 3", "n++", "x = x $1", "sum += $2", "delete a[1]", "$2 = \"q\"", "OFS = \"-\"", "FS = \":\"",
            "NF = 2", "$0 = \"p q r\"", "sub(/a/, \"b\")", "print > \"/dev/stderr\"", "$5 = 1", "ORS = \"|\"",
        ])
        .prop_map(str::to_owned),
    ]
    .boxed();
    simple
        .prop_recursive(2, 6, 2, |inner| {
            prop_oneof![
                (expression(), inner.clone(), inner.clone())
                    .prop_map(|(test, one, two)| format!("if ({test}) {{ {one} }} else {{ {two} }}")),
                (expression(), inner.clone()).prop_map(|(test, one)| format!("if ({test}) {one}")),
                inner.clone().prop_map(|one| format!("for (i = 1; i <= 3; i++) {{ {one} }}")),
                inner.clone().prop_map(|one| format!("for (k = 0; k < NF && k < 4; k++) {one}")),
                (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("{one}; {two}")),
                inner.prop_map(|one| format!("j = 0; while (j < 2) {{ j++; {one} }}")),
            ]
        })
        .boxed()
}

fn rule() -> BoxedStrategy<String> {
    let pattern = prop_oneof![
        3 => Just(String::new()),
        2 => select(vec!["/a/", "/b$/", "NR==2", "NR>1", "$1==\"a\"", "$1 ~ /a/", "NF", "!/x/", "NR==1,NR==2", "/a/,/b/", "END", "BEGIN", "1", "NR%2"])
            .prop_map(str::to_owned),
        1 => expression(),
    ];
    prop_oneof![
        6 => (pattern, statement()).prop_map(|(pattern, statement)| format!("{pattern} {{ {statement} }}")),
        1 => select(vec!["/a/", "NR==2", "$1==\"a\"", "1", "!seen[$0]++", "$1", "NF > 1", "/a/,/x/"]).prop_map(str::to_owned),
        1 => select(vec![
            "END { print NR, n, sum }", "{ print $1", "BEGIN { x = }", "END { print x; print $0 }", "{ sum += $2 } END { print sum }",
            "BEGIN { FS = \":\" } { print $2 }", "{ a[$1]++ } END { print a[\"a\"] }", "BEGIN { printf \"%s %d\\n\", \"a\", 3 }",
            "{ print $1 }}", "END { for (k in a) n++; print n }", "BEGIN { while (i < 3) print i++ }", "BEGIN { do print i++; while (i < 3) }",
        ])
        .prop_map(str::to_owned),
    ]
    .boxed()
}

pub(super) fn awk() -> BoxedStrategy<Call> {
    let options = words(
        &["-F:", "-F :", "-F,", "-F~", "-F [:,]", "-v x=3", "-v y=ab", "-F\\t", "-F|", "-Fx", "-v OFS=:"],
        2,
    );
    let program = vec(rule(), 1..3).prop_map(|rules| vec![rules.join("\n")]).boxed();
    let files = (files(), words(&["x=5", "FS=:"], 1)).prop_map(|(files, set)| [set, files].concat());
    call(options, program, prop_oneof![3 => files, 1 => Just(Vec::new())].boxed(), texts())
}
