//! A script of `sed`, as it is executed.

use crate::regex::Regex;

/// A regular expression of a script: its number, or the last that was used.
pub(super) type Expression = Option<usize>;

/// Which lines are meant.
#[derive(Clone, Debug)]
pub(super) enum Address {
    Line(usize),
    /// From a line on, each so many lines.
    Step(usize, usize),
    Last,
    Matches(Expression),
    /// After the first address, so many lines.
    Plus(usize),
    /// After the first address, up to the next multiple.
    Multiple(usize),
}

/// Where a range of lines is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Range {
    Before,
    Within,
    After,
}

/// What a command does.
#[derive(Clone, Debug)]
pub(super) enum Action {
    /// `{`: where it does not hold, on goes what stands at this place.
    Block(usize),
    /// `}` and `:`.
    Nothing,
    Append(Vec<u8>),
    Insert(Vec<u8>),
    Change(Vec<u8>),
    Branch(Jump, usize),
    Delete,
    DeleteFirst,
    Equals,
    GetHold,
    AppendHold,
    Hold,
    HoldMore,
    List,
    Next,
    NextMore,
    Print,
    PrintFirst,
    Quit(u8),
    QuitSilently(u8),
    Read(String),
    Substitute(Box<Substitute>),
    Exchange,
    Transliterate(Box<[u8; 256]>),
    Zap,
}

/// When a branch is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Jump {
    Always,
    /// `t`: where something was replaced.
    Replaced,
    /// `T`: where nothing was.
    NotReplaced,
}

/// What stands for a match.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Text(Vec<u8>),
    Group(usize),
    Case(Case),
}

/// How letters are written from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    AsIs,
    Upper,
    Lower,
    NextUpper,
    NextLower,
}

#[derive(Clone, Debug)]
pub(super) struct Substitute {
    pub(super) expression: Expression,
    pub(super) parts: Vec<Part>,
    pub(super) global: bool,
    pub(super) print: bool,
    pub(super) number: usize,
}

/// A command, and on which lines it acts.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(super) first: Option<Address>,
    pub(super) second: Option<Address>,
    pub(super) not: bool,
    pub(super) action: Action,
    pub(super) range: Range,
    /// The last line of the range, where that is a number.
    pub(super) end: usize,
}

impl Command {
    /// Forgets where its range was: line numbers begin anew.
    pub(super) fn begin(&mut self) {
        let zero = matches!(self.first, Some(Address::Line(0)));
        self.range = if zero { Range::Within } else { Range::Before };
    }
}

/// A script that was read.
pub(super) struct Script {
    pub(super) commands: Vec<Command>,
    pub(super) expressions: Vec<Regex>,
    /// Whether lines are printed only where it is said.
    pub(super) quiet: bool,
}
