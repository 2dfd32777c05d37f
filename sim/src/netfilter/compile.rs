//! Rules as they are run: one flat list of steps a chain, in which a load and the comparison behind it are one step
//! (`nft_rule_dp`, `nft_cmp_fast`).

use super::Chain;
use super::cells::needs_cell;
use super::gate::{First, Gates};
use std::sync::Arc;
use vethlab_shared::netfilter::{
    Bitwise, Compare, Comparison, Expression, Limit, Lookup, LookupTo, Match, MetaKey, Payload, Range,
    Register, RuleVerdict, Target,
};

/// What is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Meta(MetaKey),
    Payload(Payload),
}

/// A step of a rule.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// A rule begins, which has this number, counted from 0; the next one begins at `end`.
    Rule {
        number: u32,
        end: u32,
    },
    /// Loads at most 16 bytes, holds bits, and compares for equality; the first byte is the highest.
    Test {
        source: Source,
        mask: u128,
        value: u128,
        negate: bool,
    },
    Load {
        source: Source,
        to: Register,
    },
    Bitwise(Box<Bitwise>),
    Compare(Box<Compare>),
    Range(Box<Range>),
    Counter(u32),
    Limit {
        limit: Box<Limit>,
        cell: u32,
    },
    Match(Arc<Match>),
    Nth {
        every: u32,
        invert: bool,
        cell: u32,
    },
    Target(Arc<Target>),
    /// One that `nft` alone asks for.
    Native(Box<Expression>),
    Lookup(Box<LookupStep>),
    /// A map of verdicts decides.
    VerdictMap(Box<LookupStep>),
    /// The rule goes on.
    Continue,
    Accept,
    Drop,
    Queue,
    Return,
    /// To the chain of this handle.
    Jump(u64),
    Goto(u64),
}

/// A look-up in the set of this handle.
#[derive(Clone, Debug)]
pub(super) struct LookupStep {
    pub(super) set: u64,
    pub(super) from: Register,
    pub(super) to: LookupTo,
    pub(super) invert: bool,
}

/// The steps of a chain.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    pub(super) steps: Arc<[Step]>,
    /// Which rules need not be run for a packet.
    pub(super) gates: Arc<Gates>,
}

impl Program {
    pub(super) fn weight(&self) -> usize {
        size_of_val(&*self.steps) + self.gates.weight()
    }
}

/// At most 16 bytes as a number, the first the highest.
#[inline]
pub(super) fn number(bytes: &[u8]) -> u128 {
    match *bytes {
        [a] => u128::from(a),
        [a, b] => u128::from(u16::from_be_bytes([a, b])),
        [a, b, c, d] => u128::from(u32::from_be_bytes([a, b, c, d])),
        _ => bytes.iter().fold(0, |number, byte| number << 8 | u128::from(*byte)),
    }
}

/// Compiles the rules of a chain; `handle_of` finds the chains that they lead to, and `set_of` the sets in which they look up.
pub(super) fn compile(
    chain: &Chain,
    handle_of: impl Fn(&str) -> Option<u64>,
    set_of: impl Fn(&str) -> Option<u64>,
) -> Program {
    let mut steps = Vec::new();
    let mut begins = Vec::new();
    for (number, rule) in chain.rules.iter().enumerate() {
        let begin = steps.len();
        steps.push(Step::Rule { number: number as u32, end: 0 });
        let mut cells = rule.cells.iter().copied();
        let mut rest = &rule.expressions[..];
        while let [first, others @ ..] = rest {
            if let Some((step, taken)) = test(rest) {
                steps.push(step);
                rest = &rest[taken..];
                continue;
            }
            let cell = needs_cell(first).then(|| cells.next()).flatten();
            steps.extend(match first {
                Expression::Lookup(lookup) => looked_up(lookup, &set_of),
                _ => single(first, cell, &handle_of),
            });
            rest = others;
        }
        let end = steps.len() as u32;
        if let Some(Step::Rule { end: known, .. }) = steps.get_mut(begin) {
            *known = end;
        }
        let first = match steps.get(begin + 1) {
            Some(&Step::Test { source, mask, value, negate }) => Some(First { source, mask, value, negate }),
            _ => None,
        };
        begins.push((begin as u32, first));
    }
    Program { steps: steps.into(), gates: Arc::new(Gates::new(&begins)) }
}

/// One step for a load, holding bits, and a comparison, where nothing behind them reads what was loaded; and for how many
/// expressions it stands.
fn test(expressions: &[Expression]) -> Option<(Step, usize)> {
    let (source, register, length) = match expressions.first()? {
        Expression::Meta { key, to } => (Source::Meta(*key), *to, key.size()),
        Expression::Payload { from, to } => (Source::Payload(*from), *to, usize::from(from.length)),
        _ => return None,
    };
    if length > 16 {
        return None;
    }
    let (kept, flipped, behind) = match &expressions[1..] {
        [Expression::Bitwise(Bitwise { from, to, mask, xor }), rest @ ..]
            if *from == register && *to == register && mask.0.len() == length && xor.0.len() == length =>
        {
            (number(&mask.0), number(&xor.0), rest)
        }
        rest => (u128::MAX, 0, rest),
    };
    let [Expression::Compare(Compare { register: compared, comparison, value }), rest @ ..] = behind else {
        return None;
    };
    let negate = match comparison {
        Comparison::Equal => false,
        Comparison::NotEqual => true,
        _ => return None,
    };
    if *compared != register || value.0.len() > length || reads_before_write(rest, register) {
        return None;
    }
    // Fewer bytes than were loaded may be compared: then only the first of them count.
    let unread = 8 * (length - value.0.len()) as u32;
    let counting = u128::MAX.checked_shl(unread).unwrap_or(0);
    let wanted = (number(&value.0).checked_shl(unread).unwrap_or(0) ^ flipped) & counting;
    let mask = kept & counting;
    let step = Step::Test { source, mask, value: wanted, negate };
    (wanted & !mask == 0).then_some((step, expressions.len() - rest.len()))
}

/// Whether an expression may read a register that none before it has loaded anew. Values fill up to four registers.
fn reads_before_write(expressions: &[Expression], register: Register) -> bool {
    let near = |other: Register| other.0.abs_diff(register.0) < 4;
    for expression in expressions {
        match expression {
            Expression::Meta { to, .. }
            | Expression::Payload { to, .. }
            | Expression::Immediate { to, .. }
                if *to == register =>
            {
                return false;
            }
            // Those that set something, and translations, read registers too.
            Expression::SetMeta { .. } | Expression::Ct(_) | Expression::Nat(_) => return true,
            Expression::Masquerade(_) | Expression::Redirect(_) => return true,
            Expression::Lookup(Lookup { from: read, .. })
            | Expression::Bitwise(Bitwise { from: read, .. })
            | Expression::Compare(Compare { register: read, .. })
            | Expression::Range(Range { register: read, .. })
                if near(*read) =>
            {
                return true;
            }
            _ => {}
        }
    }
    false
}

fn looked_up(lookup: &Lookup, set_of: &impl Fn(&str) -> Option<u64>) -> Option<Step> {
    let Lookup { from, to, invert, .. } = *lookup;
    let step = Box::new(LookupStep { set: set_of(&lookup.set)?, from, to, invert });
    Some(if to == LookupTo::Verdict { Step::VerdictMap(step) } else { Step::Lookup(step) })
}

/// The step that a verdict is.
pub(super) fn decided(verdict: &RuleVerdict, handle_of: &impl Fn(&str) -> Option<u64>) -> Option<Step> {
    Some(match verdict {
        RuleVerdict::Accept => Step::Accept,
        RuleVerdict::Drop => Step::Drop,
        RuleVerdict::Queue => Step::Queue,
        RuleVerdict::Continue => Step::Continue,
        RuleVerdict::Return => Step::Return,
        RuleVerdict::Jump(chain) => Step::Jump(handle_of(chain)?),
        RuleVerdict::Goto(chain) => Step::Goto(handle_of(chain)?),
    })
}

fn single(
    expression: &Expression,
    cell: Option<u32>,
    handle_of: &impl Fn(&str) -> Option<u64>,
) -> Option<Step> {
    Some(match expression {
        Expression::Meta { key, to } => Step::Load { source: Source::Meta(*key), to: *to },
        Expression::Payload { from, to } => Step::Load { source: Source::Payload(*from), to: *to },
        Expression::Bitwise(bitwise) => Step::Bitwise(Box::new(bitwise.clone())),
        Expression::Compare(compare) => Step::Compare(Box::new(compare.clone())),
        Expression::Range(range) => Step::Range(Box::new(range.clone())),
        Expression::Counter(_) => Step::Counter(cell?),
        Expression::Limit(limit) => Step::Limit { limit: Box::new(*limit), cell: cell? },
        Expression::Match(Match::StatisticNth { every, invert, .. }) => {
            Step::Nth { every: *every, invert: *invert, cell: cell? }
        }
        Expression::Match(content) => Step::Match(Arc::new(content.clone())),
        Expression::Target(target) => Step::Target(Arc::new(target.clone())),
        Expression::Immediate { .. }
        | Expression::SetMeta { .. }
        | Expression::Ct(_)
        | Expression::Notrack
        | Expression::Log(_)
        | Expression::Reject(_)
        | Expression::Nat(_)
        | Expression::Masquerade(_)
        | Expression::Redirect(_) => Step::Native(Box::new(expression.clone())),
        // A rule with such a one is refused when it is made.
        Expression::Other { .. } | Expression::Lookup(_) => return None,
        Expression::Verdict(verdict) => return decided(verdict, handle_of),
    })
}
