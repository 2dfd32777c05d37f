//! What the installed tools print and say, taken from them: Debian 12, `LC_ALL=C`.

use crate::run;

/// A tool, its arguments, its input, and what came of it: what it printed, what it said, and its status.
type Case = (&'static str, &'static [&'static str], &'static [u8], &'static [u8], &'static [u8], u8);

#[rustfmt::skip]
const CASES: &[Case] = &[
    ("seq", &["-w", "8", "11"], b"", b"08\n09\n10\n11\n", b"", 0),
    ("seq", &["1", "0.5", "3"], b"", b"1.0\n1.5\n2.0\n2.5\n3.0\n", b"", 0),
    ("seq", &["5", "-2", "1"], b"", b"5\n3\n1\n", b"", 0),
    ("seq", &["-s", ", ", "3"], b"", b"1, 2, 3\n", b"", 0),
    ("seq", &["a"], b"", b"", b"seq: invalid floating point argument: 'a'\nTry 'seq --help' for more information.\n", 1),
    ("grep", &["-n", "a"], b"a\nb\nab\n", b"1:a\n3:ab\n", b"", 0),
    ("grep", &["-o", "-E", "(a|ab)(c|bcd)"], b"abcd\n", b"abcd\n", b"", 0),
    ("grep", &["-c", "x"], b"a\n", b"0\n", b"", 1),
    ("grep", &["-A", "1", "-n", "b"], b"a\nb\nc\nd\nb\n", b"2:b\n3-c\n--\n5:b\n", b"", 0),
    ("grep", &["-w", "eth0"], b"eth0: up\neth01: down\n", b"eth0: up\n", b"", 0),
    ("grep", &["\\(a"], b"", b"", b"grep: Unmatched ( or \\(\n", 2),
    ("grep", &["-E", "*b"], b"ab\n", b"ab\n", b"grep: warning: * at start of expression\n", 0),
    ("grep", &["b"], b"a\x00b\n", b"", b"grep: (standard input): binary file matches\n", 0),
    ("grep", &[], b"", b"", b"Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n", 2),
    ("grep", &["-Q", "x"], b"", b"", b"grep: invalid option -- 'Q'\nUsage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n", 2),
    ("head", &["-n", "-1"], b"a\nb\nc\n", b"a\nb\n", b"", 0),
    ("head", &["-2"], b"a\nb\nc\n", b"a\nb\n", b"", 0),
    ("tail", &["-n", "+2"], b"a\nb\nc", b"b\nc", b"", 0),
    ("tail", &["-1"], b"a\nb\nc\n", b"c\n", b"", 0),
    ("wc", &[], b"a b\nc\n", b"      2       3       6\n", b"", 0),
    ("wc", &["-l"], b"a b\nc\n", b"2\n", b"", 0),
    ("sort", &["-t:", "-k2,2n"], b"b:10\na:9\n", b"a:9\nb:10\n", b"", 0),
    ("sort", &["-u", "-r"], b"a\nb\na\n", b"b\na\n", b"", 0),
    ("sort", &["-V"], b"v1.10\nv1.9\n", b"v1.9\nv1.10\n", b"", 0),
    ("sort", &["-h"], b"1M\n2K\n3\n", b"3\n2K\n1M\n", b"", 0),
    ("sort", &["-nV"], b"", b"", b"sort: options '-nV' are incompatible\n", 2),
    ("uniq", &["-c"], b"a\na\nb\n", b"      2 a\n      1 b\n", b"", 0),
    ("cut", &["-d:", "-f2-"], b"a:b:c\nnone\n", b"b:c\nnone\n", b"", 0),
    ("cut", &["-c", "1-2", "--complement"], b"abcd\n", b"cd\n", b"", 0),
    ("cut", &["-f", "0"], b"", b"", b"cut: fields are numbered from 1\nTry 'cut --help' for more information.\n", 1),
    ("tr", &["-s", "[:space:]", " "], b"a  b\n\nc", b"a b c", b"", 0),
    ("tr", &["a-z", "A-Z"], b"Hello\n", b"HELLO\n", b"", 0),
    ("tr", &["-d", "\\r"], b"a\x0d\n", b"a\n", b"", 0),
    ("tr", &["a"], b"", b"", b"tr: missing operand after 'a'\nTwo strings must be given when translating.\nTry 'tr --help' for more information.\n", 1),
    ("sed", &["s/b*/-/g"], b"abc\n", b"-a-c-\n", b"", 0),
    ("sed", &["-n", "2,$p"], b"a\nb\nc\n", b"b\nc\n", b"", 0),
    ("sed", &["-E", "s/([a-z]+) ([0-9]+)/\\2 \\U\\1/"], b"eth 5\n", b"5 ETH\n", b"", 0),
    ("sed", &[":a;N;$!ba;s/\\n/,/g"], b"a\nb\nc\n", b"a,b,c\n", b"", 0),
    ("sed", &["/b/d"], b"a\nb\nc", b"a\nc", b"", 0),
    ("sed", &["$!N;P;D"], b"a\nb\nc\n", b"a\nb\nc\n", b"", 0),
    ("sed", &["s/a"], b"", b"", b"sed: -e expression #1, char 3: unterminated `s' command\n", 1),
    ("sed", &["k"], b"", b"", b"sed: -e expression #1, char 1: unknown command: `k'\n", 1),
    ("sed", &["s/a/\\1/"], b"", b"", b"sed: -e expression #1, char 7: invalid reference \\1 on `s' command's RHS\n", 1),
    ("tac", &[], b"a\nb", b"ba\n", b"", 0),
    ("rev", &[], b"abc\nde\n", b"cba\ned\n", b"", 0),
    ("nl", &[], b"a\n\nb\n", b"     1\ta\n       \n     2\tb\n", b"", 0),
    ("column", &["-t"], b"a b\nccc d\n", b"a    b\nccc  d\n", b"", 0),
    ("cat", &["-A"], b"a\tb\x0d\n\x01\xe9", b"a^Ib^M$\n^AM-i", b"", 0),
    ("expr", &["2", "*", "(", "3", "+", "4", ")"], b"", b"14\n", b"", 0),
    ("expr", &["abc", ":", "a\\(.\\)"], b"", b"b\n", b"", 0),
    ("expr", &["1", "/", "0"], b"", b"", b"expr: division by zero\n", 2),
    ("basename", &["/usr/lib/a.so", ".so"], b"", b"a\n", b"", 0),
    ("dirname", &["/usr/lib/"], b"", b"/usr\n", b"", 0),
    ("printf", &["%-5s|%05.1f|%x\n", "ab", "2.25", "255", "c"], b"", b"ab   |002.2|ff\nc    |000.0|0\n", b"", 0),
    ("printf", &["%b%q\n", "a\\tb", "x y"], b"", b"a\tbx\\ y\n", b"", 0),
    ("printf", &["%d\n", "08"], b"", b"0\n", b"printf: 08: invalid octal number\n", 1),
    ("printf", &["%.2f\n", "2.675"], b"", b"2.67\n", b"", 0),
    ("awk", &["{print $2, $NF}"], b"a b c\nd e\n", b"b c\ne e\n", b"", 0),
    ("awk", &["-F:", "$1==\"x\"{print NR\": \"$2}"], b"a:1\nx:2\n", b"2: 2\n", b"", 0),
    ("awk", &["/a/{n++} END{print n+0, NR}"], b"a\nb\na\n", b"2 3\n", b"", 0),
    ("awk", &["BEGIN{printf \"%-5s|%05.1f|%d\\n\",\"ab\",2.25,\"3x\"; print 2^31, 1/3, 100000*10}"], b"", b"ab   |002.2|3\n2.14748e+09 0.333333 1000000\n", b"", 0),
    ("awk", &["{c[$1]++} END{for(k in c) print k, c[k]}"], b"b\na\nc\na\n10\n9\n", b"10 1\nc 1\nb 1\na 2\n9 1\n", b"", 0),
    ("awk", &["{$2=\"X\"; print; print NF}"], b"a b c\n", b"a X c\n3\n", b"", 0),
    ("awk", &["{gsub(/[0-9]+/,\"<&>\"); print toupper($0), length, substr($0,2,3)}"], b"eth0 10\n", b"ETH<0> <10> 11 th<\n", b"", 0),
    ("awk", &["NR==2,NR==3"], b"1\n2\n3\n4\n", b"2\n3\n", b"", 0),
    ("awk", &["BEGIN{printf \"%s %s\\n\", 1}"], b"", b"1 ", b"awk: run time error: not enough arguments passed to printf(\"%s %s\n\")\n\tFILENAME=\"\" FNR=0 NR=0\n", 2),
    ("awk", &["{print $-1}"], b"x\n", b"", b"awk: run time error: negative field index $-1\n\tFILENAME=\"-\" FNR=1 NR=1\n", 2),
    ("awk", &["!seen[$0]++"], b"a\nb\na\n", b"a\nb\n", b"", 0),
    ("awk", &["BEGIN{print substr(\"hello\",0,2), index(\"abc\",\"c\"), 0/0}"], b"", b"he 3 -nan\n", b"", 0),
];

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn tools_print_what_the_installed_ones_do() {
    for (tool, arguments, input, stdout, stderr, status) in CASES {
        let found = run(tool, &strings(arguments), input, &|_| None).expect("a tool of this name");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let found = (text(&found.stdout), text(&found.stderr), found.status);
        assert_eq!(found, (text(stdout), text(stderr), *status), "{tool} {arguments:?}");
    }
}

/// What is not modelled, or is too much: one line, and status 2.
#[test]
fn what_is_not_modelled_is_refused_by_name() {
    let refused: &[(&str, &[&str], &str)] = &[
        ("sed", &["-i", "p"], "vethlab: 'sed -i' is not modelled\n"),
        ("seq", &["-f", "%g", "3"], "vethlab: 'seq -f' is not modelled\n"),
        ("grep", &["-P", "a"], "vethlab: 'grep -P' is not modelled\n"),
        ("grep", &["\\(a\\)\\1"], "vethlab: 'grep \\1' is not modelled\n"),
        ("tail", &["-f"], "vethlab: 'tail -f' is not modelled\n"),
        ("column", &[], "vethlab: 'column without -t' is not modelled\n"),
        ("printf", &["-v", "x", "a"], "vethlab: 'printf -v' is not modelled\n"),
        ("seq", &["99999999999"], "vethlab: 'seq' stops: it makes more than 16 MiB\n"),
        ("awk", &["function f(x) { return x } { print f(1) }"], "vethlab: 'awk function' is not modelled\n"),
        ("awk", &["{ print > \"x\" }"], "vethlab: 'awk print > FILE' is not modelled\n"),
        ("awk", &["BEGIN { while (1) n++ }"], "vethlab: 'awk' stops: it works too long\n"),
        (
            "awk",
            &["BEGIN { x = sprintf(\"%20000000s\", 1) }"],
            "vethlab: 'awk' stops: it makes more than 16 MiB\n",
        ),
        ("sed", &[":a;ba"], "vethlab: 'sed' stops: it works too long\n"),
    ];
    for (tool, arguments, said) in refused {
        let found = run(tool, &strings(arguments), b"a\n", &|_| None).expect("a tool of this name");
        assert_eq!(
            (String::from_utf8_lossy(&found.stderr).as_ref(), found.status),
            (*said, 2),
            "{tool} {arguments:?}"
        );
    }
    assert_eq!(run("yes", &[], b"", &|_| None), None);
}
