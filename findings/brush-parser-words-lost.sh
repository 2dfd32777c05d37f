#!/usr/bin/env bash
# crates.io's brush-parser 0.4.0, a parser of bash in Rust, beside bash 5.2.
#
# One would expect: what bash tells apart has two trees, and a tree holds what an expansion prints.
# Seen: `for a in; do …; done`, which goes over nothing, and `for a; do …; done`, which goes over "$@", have the same tree
# but for places in the text. A sequence with zeros in front, {01..03}, is kept as numbers: bash prints 01 02 03, and the
# parts say 1, 3. A word that may not stand where it does, such as a lone `fi`, is told as an unexpected end of the input
# where it is the last, so that whoever asks for more lines asks for ever.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
rust_program 'brush-parser = "=0.4.0"' <<'END'
use brush_parser::ast::{Command, CompoundCommand};
use brush_parser::{Parser, ParserOptions, word};

fn main() {
    let options = ParserOptions::default();
    for text in ["for a in; do echo $a; done", "for a; do echo $a; done"] {
        let program = Parser::new(text.as_bytes(), &options).parse_program().unwrap();
        let command = &program.complete_commands[0].0[0].0.first.seq[0];
        let Command::Compound(CompoundCommand::ForClause(clause), _) = command else { panic!("no for") };
        println!("{text}: words {:?}", clause.values.as_ref().map(Vec::len));
    }
    println!("{:?}", word::parse_brace_expansions("{01..03}", &options).unwrap().unwrap());
    println!("fi: {}", Parser::new("fi".as_bytes(), &options).parse_program().unwrap_err());
}
END
expect 'bash' 'over nothing:
over the words: x y
01 02 03' "$(bash -c 'printf "over nothing:"; for a in; do printf " $a"; done; printf "\nover the words:"; for a; do printf " $a"; done; echo; echo {01..03}' sh x y)"
expect 'the parser' 'for a in; do echo $a; done: words None
for a; do echo $a; done: words None
[Expr([NumberSequence { start: 1, end: 3, increment: 1 }])]
fi: syntax error at end of input' "$("$program")"
verdict
