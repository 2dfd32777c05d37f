//! A program of `awk`, as it is executed.

/// The variables that mean something to `awk` itself, by their numbers.
pub(super) const NF: usize = 0;
pub(super) const NR: usize = 1;
pub(super) const FNR: usize = 2;
pub(super) const FS: usize = 3;
pub(super) const OFS: usize = 4;
pub(super) const ORS: usize = 5;
pub(super) const OFMT: usize = 6;
pub(super) const CONVFMT: usize = 7;
pub(super) const SUBSEP: usize = 8;
pub(super) const RSTART: usize = 9;
pub(super) const RLENGTH: usize = 10;
pub(super) const FILENAME: usize = 11;
pub(super) const RS: usize = 12;

/// Their names.
pub(super) const SPECIAL: [&str; 13] = [
    "NF", "NR", "FNR", "FS", "OFS", "ORS", "OFMT", "CONVFMT", "SUBSEP", "RSTART", "RLENGTH", "FILENAME", "RS",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
}

/// The functions that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Builtin {
    Length,
    Substr,
    Index,
    Split,
    Sub,
    Gsub,
    Match,
    Sprintf,
    ToUpper,
    ToLower,
    Int,
    Sqrt,
    Fflush,
}

/// What can be assigned to.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Variable(usize),
    Field(Box<Expression>),
    Element(usize, Vec<Expression>),
}

#[derive(Clone, Debug)]
pub(super) enum Expression {
    Number(f64),
    Text(Vec<u8>),
    /// An expression between slashes, by its number.
    Matches(usize),
    Place(Place),
    Assign(Place, Option<Binary>, Box<Expression>),
    /// `++` and `--`: what is added, and whether the old value is meant.
    Increment(Place, f64, bool),
    Negate(Box<Expression>),
    Plus(Box<Expression>),
    Not(Box<Expression>),
    Calculate(Binary, Box<Expression>, Box<Expression>),
    Compare(Comparison, Box<Expression>, Box<Expression>),
    /// `~` and `!~`.
    Match(bool, Box<Expression>, Box<Expression>),
    Concatenate(Vec<Expression>),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Choose(Box<Expression>, Box<Expression>, Box<Expression>),
    In(Vec<Expression>, usize),
    Call(Builtin, Vec<Expression>),
    /// A whole array, as an argument.
    Array(usize),
}

/// Where `print` prints to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Output,
    Error,
}

#[derive(Clone, Debug)]
pub(super) enum Statement {
    Nothing,
    Expression(Expression),
    Print(Vec<Expression>, Target),
    Printf(Vec<Expression>, Target),
    If(Expression, Box<Statement>, Option<Box<Statement>>),
    While(Expression, Box<Statement>),
    DoWhile(Box<Statement>, Expression),
    For(Option<Expression>, Option<Expression>, Option<Expression>, Box<Statement>),
    ForIn(usize, usize, Box<Statement>),
    Block(Vec<Statement>),
    Next,
    Exit(Option<Expression>),
    Break,
    Continue,
    Delete(usize, Option<Vec<Expression>>),
}

/// When an action is taken.
#[derive(Clone, Debug)]
pub(super) enum Pattern {
    Always,
    Holds(Expression),
    /// From one line to another.
    Range(Expression, Expression),
}

/// A pattern, and what is done: `None` prints the line.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) pattern: Pattern,
    pub(super) action: Option<Statement>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    pub(super) begin: Vec<Statement>,
    pub(super) rules: Vec<Rule>,
    pub(super) end: Vec<Statement>,
    /// The expressions between slashes.
    pub(super) expressions: Vec<Vec<u8>>,
}
