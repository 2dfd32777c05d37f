//! Random calls of the tools that take no program.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A call: the words after the name, and what stands on the input.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) arguments: Vec<String>,
    pub(super) input: Vec<u8>,
}

/// The files that there are.
pub(super) const FILES: &[(&str, &str)] = &[
    ("one", "a b c\nx:y:z\n\n10 apples\n9 pears\nA b c\n"),
    ("two", "a b c\na b c\n\tend  of\ttwo"),
    ("none", ""),
];

/// What calls are made of: words that belong together, separated by blanks. A `~` stands for a blank in a word.
pub(super) fn words(parts: &'static [&'static str], most: usize) -> BoxedStrategy<Vec<String>> {
    let split = |part: &str| part.split(' ').map(|word| word.replace('~', " ")).collect::<Vec<_>>();
    vec(select(parts), 0..most + 1)
        .prop_map(move |parts| parts.iter().flat_map(|part| split(part)).collect())
        .boxed()
}

/// Files, mostly none: then the input is read.
pub(super) fn files() -> BoxedStrategy<Vec<String>> {
    prop_oneof![
        4 => Just(Vec::new()),
        2 => words(&["one", "two", "none", "-", "missing"], 3),
    ]
    .boxed()
}

/// Lines that are alike, with blanks, numbers and signs in them.
pub(super) fn texts() -> BoxedStrategy<Vec<u8>> {
    let pieces = select(vec![
        "a", "b", "c", "x", "ab", "abc", "A", "B", "a", "b", " ", " ", "  ", "\t", ":", ":", ",", "1", "2",
        "10", "9", "0.5", "-3", "_", "-", ".", "*", "[", "]", "(", "\\", "/", "eth0", "10.0.0.1", "aa",
        "xyz", "\n", "\n", "\n", "\n\n",
    ]);
    let odd = select(vec![
        vec![0u8],
        vec![0xe9],
        vec![0x7f],
        vec![1],
        b"\r\n".to_vec(),
        vec![0x0b],
        vec![0xff, b'a'],
    ]);
    let piece = prop_oneof![60 => pieces.prop_map(|piece| piece.as_bytes().to_vec()), 1 => odd];
    (vec(piece, 0..40), any::<bool>())
        .prop_map(|(pieces, ends)| {
            let mut text = pieces.concat();
            if ends && !text.is_empty() {
                text.push(b'\n');
            }
            text
        })
        .boxed()
}

/// The same, of plain letters alone.
fn plain_texts() -> BoxedStrategy<Vec<u8>> {
    texts()
        .prop_map(|text| {
            text.into_iter().filter(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n')).collect()
        })
        .boxed()
}

/// Options, then operands, then files.
pub(super) fn call(
    options: BoxedStrategy<Vec<String>>,
    operands: BoxedStrategy<Vec<String>>,
    files: BoxedStrategy<Vec<String>>,
    input: BoxedStrategy<Vec<u8>>,
) -> BoxedStrategy<Call> {
    (options, operands, files, input)
        .prop_map(|(options, operands, files, input)| Call {
            arguments: [options, operands, files].concat(),
            input,
        })
        .boxed()
}

fn nothing() -> BoxedStrategy<Vec<String>> {
    Just(Vec::new()).boxed()
}

fn with(parts: &'static [&'static str], most: usize) -> BoxedStrategy<Call> {
    call(words(parts, most), nothing(), files(), texts())
}

pub(super) fn basename() -> BoxedStrategy<Call> {
    let options = words(&["-a", "-s .c", "--multiple", "--suffix=c", "-z", "-q"], 1);
    let paths = words(
        &["/usr/bin/a.c", "a", "a.c", "/", "//", "a/", "a//b//", "", ".c", "c", "/c/", "a/b.c c", "--", "-"],
        3,
    );
    call(options, paths, nothing(), texts())
}

pub(super) fn dirname() -> BoxedStrategy<Call> {
    let options = words(&["-z", "--zero", "-q", "--"], 1);
    let paths = words(
        &["/usr/bin/a.c", "a", "/", "//", "a/", "a//b//", "", "/c/", "a/b.c c", "a/b/c", "//a", "/a//", "."],
        3,
    );
    call(options, paths, nothing(), texts())
}

pub(super) fn cat() -> BoxedStrategy<Call> {
    with(&["-n", "-A", "-s", "-b", "-E", "-T", "-v", "-e", "-t", "--number", "--show", "-u", "-ns", "-Q"], 3)
}

pub(super) fn column() -> BoxedStrategy<Call> {
    let options = words(&["-s :", "-s :,", "-o |", "--separator ,"], 2);
    let table = words(&["-t", "--table"], 1).prop_filter("a table", |words| !words.is_empty()).boxed();
    call(table, options, words(&["one", "two", "none", "missing"], 2), plain_texts())
}

pub(super) fn cut() -> BoxedStrategy<Call> {
    let lists = prop_oneof![
        2 => words(&["-f1 -d:", "-f 2 -d~", "-f1,3 -d~", "-f2- -d:", "-d : -f-2", "-f 1-2,4- -d~", "-f 2,1", "-c1-3", "-c 2-", "-b1,3"], 1),
        1 => Just(Vec::new()),
    ]
    .boxed();
    let options = words(
        &[
            "-s",
            "-s",
            "--complement",
            "--output-delimiter ==",
            "--output-delim +",
            "-d :",
            "-d~",
            "-d,",
            "-f1",
            "-f 2",
            "-f1,3",
            "-f2-",
            "-f-2",
            "-f 1-2,4-",
            "-c1",
            "-c 2-3",
            "-c1,3-4,2",
            "-b2-",
            "-s",
            "--complement",
            "--output-delimiter ==",
            "-f0",
            "-f3-1",
            "-c 1-2,3-4",
            "-fx",
            "-f 1,2,3",
            "-d: -f2",
            "-d~ -f1",
            "-d~ -f3",
            "-d. -f1-3",
            "-f",
            "-d: -f 2,1,2-3",
            "-c-",
            "-d ab",
            "-n",
            "--fields=2 --delim=:",
        ],
        2,
    );
    call(lists, options, files(), texts())
}

pub(super) fn expr() -> BoxedStrategy<Call> {
    let values = select(vec![
        "1",
        "2",
        "0",
        "-3",
        "10",
        "007",
        "abc",
        "",
        "a",
        "99999999999999999999",
        "-0",
        "1.5",
        "b",
        "12a",
        "-",
    ]);
    let signs =
        select(vec!["+", "-", "*", "/", "%", "<", "<=", "=", "==", "!=", ">=", ">", "|", "&", "+", "-", "*"]);
    let patterns = select(vec![
        "a",
        "a.",
        ".*",
        "\\(.\\)",
        "a\\(b*\\)c",
        "[0-9]*",
        "^a",
        "x\\(y\\)",
        "\\(",
        "[",
        "*",
        "\\(a\\|ab\\)c*",
    ]);
    let value = values.prop_map(|value: &str| vec![value.to_owned()]).boxed();
    let one = prop_oneof![
        8 => value.clone(),
        1 => (value.clone(), patterns).prop_map(|(value, pattern)| [value, vec![":".to_owned(), pattern.to_owned()]].concat()),
        1 => value.clone().prop_map(|value| [vec!["length".to_owned()], value].concat()),
        1 => (value.clone(), value.clone()).prop_map(|(text, set)| [vec!["index".to_owned()], text, set].concat()),
        1 => select(vec!["substr abcdef 2 3", "substr abc 0 1", "substr abc 3 9", "match abc a.", "+ length", "+ +"])
            .prop_map(|text| text.split(' ').map(str::to_owned).collect()),
        1 => select(vec![")", "(", "1 2", "*"]).prop_map(|text| text.split(' ').map(str::to_owned).collect()),
    ]
    .boxed();
    let arguments = one.prop_recursive(3, 12, 3, move |inner| {
        prop_oneof![
            4 => (inner.clone(), signs.clone(), inner.clone())
                .prop_map(|(left, sign, right)| [left, vec![sign.to_owned()], right].concat()),
            1 => inner.prop_map(|inner| [vec!["(".to_owned()], inner, vec![")".to_owned()]].concat()),
        ]
    });
    arguments.prop_map(|arguments| Call { arguments, input: Vec::new() }).boxed()
}

pub(super) fn head() -> BoxedStrategy<Call> {
    prop_oneof![
        with(
            &[
                "-n 2",
                "-n1",
                "-n -1",
                "-c 3",
                "-c-2",
                "-q",
                "-v",
                "-n 0",
                "-n +2",
                "-nx",
                "--lines=3",
                "--bytes=1k",
                "-n 1b",
                "-5x",
                "-n"
            ],
            2,
        ),
        with(&["-1", "-3", "-2q", "-5c", "-0", "-1v"], 1),
    ]
    .boxed()
}

pub(super) fn tail() -> BoxedStrategy<Call> {
    prop_oneof![
        with(
            &[
                "-n 2",
                "-n1",
                "-n +2",
                "-c 3",
                "-c +2",
                "-q",
                "-v",
                "-n 0",
                "-n -2",
                "-nx",
                "--lines=+3",
                "-n +0",
                "-c-1",
                "-n+",
                "-cK"
            ],
            2,
        ),
        with(&["-1", "-3", "-2c", "-0", "-4l", "-c", "+2"], 1),
    ]
    .boxed()
}

pub(super) fn nl() -> BoxedStrategy<Call> {
    with(
        &[
            "-ba", "-bt", "-bn", "-w 3", "-s :", "-v 5", "-i 3", "-nln", "-n rz", "-nrn", "-b z", "-w 0",
            "-v x", "-s~", "-i -2",
        ],
        3,
    )
}

pub(super) fn rev() -> BoxedStrategy<Call> {
    call(nothing(), nothing(), files(), plain_texts())
}

pub(super) fn seq() -> BoxedStrategy<Call> {
    let options = words(&["-w", "-s ,", "-s~", "-s \\n", "--equal-width", "--separator=: ", "-q", "-ws:"], 2);
    let numbers = words(
        &[
            "1",
            "3",
            "5",
            "10",
            "-2",
            "0",
            "2",
            "1.5",
            "0.25",
            ".5",
            "1.",
            "-.5",
            "1e1",
            "x",
            "+3",
            "100",
            "-1",
            "12",
            "0.1",
            "1.50",
            "08",
            "2e-1",
            "-0",
            "1 0.1 2",
            "1.2 3.4",
            "-1.05 0.5 3",
        ],
        3,
    );
    call(options, numbers, nothing(), texts())
}

pub(super) fn sort() -> BoxedStrategy<Call> {
    with(
        &[
            "-n",
            "-r",
            "-u",
            "-k 2",
            "-k2,2",
            "-k 1,1n",
            "-t :",
            "-t: -k2",
            "-h",
            "-V",
            "-f",
            "-b",
            "-k2n -k1r",
            "-nr",
            "-k 1.2,1.3",
            "-s",
            "-t, -k 2,2n",
            "-k 2b,2",
            "-k1,1 -k2,2nr",
            "-k0",
            "-k 1x",
            "-t ::",
            "-rn",
            "-k 3.2b",
            "-ru",
            "-fu",
            "-k 2.1,2",
            "--key=2 --numeric-sort",
            "--reverse",
            "-k 2,1",
            "-k2,2.1b",
            "-t . -n -k 4",
            "-t. -k1,1n -k2,2n",
        ],
        3,
    )
}

pub(super) fn tac() -> BoxedStrategy<Call> {
    with(&["--"], 1)
}

pub(super) fn tee() -> BoxedStrategy<Call> {
    call(words(&["-a", "-i", "-p", "--append", "-Q"], 2), words(&["/dev/null", "--"], 2), nothing(), texts())
}

pub(super) fn tr() -> BoxedStrategy<Call> {
    let options =
        words(&["-d", "-s", "-c", "-ds", "-cd", "-cs", "-t", "-C", "--delete", "--squeeze-repeats"], 1);
    let sets = words(
        &[
            "a",
            "abc",
            "a-c",
            "b-z",
            "A-Z",
            "[:lower:]",
            "[:upper:]",
            "[:alpha:]",
            "[:digit:]",
            "[:space:]",
            "\\n",
            "a-z",
            "0-9a-f",
            "[a-c]",
            "~",
            "\\t",
            "\\141-c",
            "[x*2]y",
            "[x*]",
            "z-a",
            "[:foo:]",
            "a\\",
            "",
            "\\-a",
            "ab-",
            "-a",
            "[=a=]",
            "[:upper:]x",
            "[:alnum:]\\n",
            "x",
            "\\\\",
            "[",
            "[:",
            "\\012",
        ],
        2,
    );
    let two = (sets.clone(), sets)
        .prop_map(|(one, two)| [one, two].concat().into_iter().take(2).collect::<Vec<_>>())
        .boxed();
    call(options, two, nothing(), texts())
}

pub(super) fn uniq() -> BoxedStrategy<Call> {
    let input =
        vec(select(vec!["a\n", "a\n", "A\n", "b\n", "a b\n", "c b\n", "\n", " a\n", "xa\n", "a"]), 0..14);
    let input = input.prop_map(|lines| lines.concat().into_bytes()).boxed();
    let options = words(
        &[
            "-c",
            "-d",
            "-u",
            "-i",
            "-f 1",
            "-s 1",
            "-w 1",
            "--count",
            "-fx",
            "-f1 -s1",
            "-ci",
            "--ignore-case",
        ],
        3,
    );
    call(options, nothing(), words(&["one", "-", "missing", "two"], 1), input)
}

pub(super) fn wc() -> BoxedStrategy<Call> {
    with(&["-l", "-w", "-c", "-m", "-L", "-lw", "--lines", "--bytes", "-q", "--"], 2)
}
