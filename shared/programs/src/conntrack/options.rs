//! The options, and which of them a command may have (`original_opts`, `commands_v_options`).

use super::command::Action;
use super::problem::wrong;
use crate::Failure;
use crate::getopt::{Long, Value};

/// As `getopt_long(3)` is given them.
pub(super) const LETTERS: &str =
    "L::I::U::D::G::E::F::A::hVs:d:r:q:p:t:u:e:a:z[:]:{:}:m:i:f:o:n::g::c:b:C::Sj::w:l:<:>::(:):";

pub(super) const LONGS: &[Long] = &[
    ("dump", 'L', Value::Optional),
    ("create", 'I', Value::Optional),
    ("add", 'A', Value::Optional),
    ("delete", 'D', Value::Optional),
    ("update", 'U', Value::Optional),
    ("get", 'G', Value::Optional),
    ("flush", 'F', Value::Optional),
    ("event", 'E', Value::Optional),
    ("counter", 'C', Value::Optional),
    ("stats", 'S', Value::No),
    ("version", 'V', Value::No),
    ("help", 'h', Value::No),
    ("orig-src", 's', Value::Required),
    ("src", 's', Value::Required),
    ("orig-dst", 'd', Value::Required),
    ("dst", 'd', Value::Required),
    ("reply-src", 'r', Value::Required),
    ("reply-dst", 'q', Value::Required),
    ("protonum", 'p', Value::Required),
    ("timeout", 't', Value::Required),
    ("status", 'u', Value::Required),
    ("zero", 'z', Value::No),
    ("event-mask", 'e', Value::Required),
    ("tuple-src", '[', Value::Required),
    ("tuple-dst", ']', Value::Required),
    ("mask-src", '{', Value::Required),
    ("mask-dst", '}', Value::Required),
    ("nat-range", 'a', Value::Required),
    ("mark", 'm', Value::Required),
    ("secmark", 'c', Value::Required),
    ("id", 'i', Value::Optional),
    ("family", 'f', Value::Required),
    ("src-nat", 'n', Value::Optional),
    ("dst-nat", 'g', Value::Optional),
    ("output", 'o', Value::Required),
    ("buffer-size", 'b', Value::Required),
    ("any-nat", 'j', Value::Optional),
    ("zone", 'w', Value::Required),
    ("label", 'l', Value::Required),
    ("label-add", '<', Value::Required),
    ("label-del", '>', Value::Optional),
    ("orig-zone", '(', Value::Required),
    ("reply-zone", ')', Value::Required),
];

/// The long options that are understood with every protocol, without dashes.
pub(crate) fn longs() -> Vec<&'static str> {
    LONGS.iter().map(|long| long.0).collect()
}

/// Letter and name of each option in the order in which they are looked at (`enum ct_options`, `optflags`), with whether
/// `-L`, `-D` and `-E` may have it.
const OPTIONS: [(char, &str, [bool; 3]); 29] = [
    ('s', "src", [true, true, true]),
    ('d', "dst", [true, true, true]),
    ('r', "reply-src", [true, true, true]),
    ('q', "reply-dst", [true, true, true]),
    ('p', "protonum", [true, true, true]),
    ('t', "timeout", [false, true, false]),
    ('u', "status", [true, true, false]),
    ('z', "zero", [true, false, false]),
    ('e', "event-mask", [false, false, true]),
    ('[', "tuple-src", [false, false, false]),
    (']', "tuple-dst", [false, false, false]),
    ('{', "mask-src", [true, true, true]),
    ('}', "mask-dst", [true, true, true]),
    ('a', "nat-range", [false, false, true]),
    ('m', "mark", [true, true, true]),
    ('i', "id", [false, true, false]),
    ('f', "family", [true, true, true]),
    ('n', "src-nat", [true, true, true]),
    ('g', "dst-nat", [true, true, true]),
    ('o', "output", [true, true, true]),
    ('c', "secmark", [true, false, true]),
    ('b', "buffer-size", [false, false, true]),
    ('j', "any-nat", [true, false, true]),
    ('w', "zone", [true, true, true]),
    ('l', "label", [true, true, true]),
    ('<', "label-add", [false, false, true]),
    ('>', "label-del", [false, false, true]),
    ('(', "orig-zone", [true, true, true]),
    (')', "reply-zone", [true, true, true]),
];

/// The options that were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Options(Vec<char>);

impl Options {
    pub(super) fn add(&mut self, letter: char) {
        self.0.push(letter);
    }

    pub(super) fn has(&self, letter: char) -> bool {
        self.0.contains(&letter)
    }

    /// Whether connections are compared with what was named (`CT_COMPARISON`).
    pub(super) fn compares(&self) -> bool {
        ['p', 's', 'd', 'r', 'q', 'm', 'c', 'u', 'i', 'w', 'l', '(', ')']
            .iter()
            .any(|&letter| self.has(letter))
    }

    /// Whether a command may have them all (`generic_opt_check`).
    pub(super) fn check(&self, action: Option<Action>) -> Result<(), Failure> {
        let may = |letter: char, [list, delete, event]: [bool; 3]| match action {
            Some(Action::List) => list,
            Some(Action::Delete) => delete,
            Some(Action::Event) => event,
            Some(Action::Flush) => letter == 'f',
            Some(Action::Help) => letter == 'p',
            Some(Action::Count | Action::Version) | None => false,
        };
        match OPTIONS.iter().find(|(letter, _, columns)| self.has(*letter) && !may(*letter, *columns)) {
            Some((_, name, _)) => Err(wrong(format_args!("Illegal option `--{name}' with this command"))),
            None => Ok(()),
        }
    }
}
