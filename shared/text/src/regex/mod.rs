//! Regular expressions of POSIX: which texts one matches, and where.
//!
//! [`parse`] reads the expression in the dialect of a tool. The automata of the crate `regex-automata` find matches. The
//! leftmost match is found first; of those that begin there, POSIX wants the longest, which an automaton that never
//! prefers one way over another finds. What the groups match is told by the first way to that end, where each `*` takes
//! as much as it can and each `|` its left side first: so does the C library (`set_regs`), where POSIX is stricter.

mod brackets;
mod parse;

pub(crate) use brackets::class;
pub(crate) use parse::{Dialect, Syntax};

use crate::call::{Call, Stop};
use parse::Fault;
use regex_automata::hybrid::dfa::{Cache as DfaCache, DFA};
use regex_automata::meta;
use regex_automata::nfa::thompson::pikevm::{Cache as PikeCache, PikeVM};
use regex_automata::nfa::thompson::{Compiler, Config};
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::{Anchored, Input, MatchKind, hybrid};
use regex_syntax::hir::{Hir, Look};

/// How large an automaton may be, in bytes.
const SIZE: usize = 512 << 10;

/// What an expression is wrong in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// The words of the C library for it.
    Message(&'static str),
    /// It is right, and not modelled: what of it.
    Refused(String),
}

/// A part of a text: where it begins, and where it ends.
pub(crate) type Span = (usize, usize);

/// A regular expression, ready to look for.
pub(crate) struct Regex {
    first: meta::Regex,
    longest: DFA,
    dfa_cache: DfaCache,
    ways: PikeVM,
    ways_cache: PikeCache,
    groups: usize,
    cost: usize,
}

/// A regular expression that was read, and what is to be said of it.
pub(crate) struct Pattern {
    hir: Hir,
    groups: usize,
    /// What GNU grep warns of.
    pub(crate) warnings: Vec<String>,
}

impl Pattern {
    /// Reads an expression.
    pub(crate) fn read(text: &[u8], syntax: &Syntax) -> Result<Pattern, Wrong> {
        let read = parse::parse(text, syntax).map_err(|fault| match fault {
            Fault::Message(text) => Wrong::Message(text),
            Fault::Refused(what) => Wrong::Refused(what),
        })?;
        Ok(Pattern { hir: read.hir, groups: read.groups, warnings: read.warnings })
    }

    /// A text that stands for itself.
    pub(crate) fn literal(text: &[u8], fold: bool) -> Pattern {
        let hir = Hir::concat(text.iter().map(|byte| parse::byte(*byte, fold)).collect());
        Pattern { hir, groups: 0, warnings: Vec::new() }
    }

    /// What matches where one of these does. Their groups are forgotten.
    pub(crate) fn any(patterns: Vec<Pattern>) -> Pattern {
        let warnings = patterns.iter().flat_map(|pattern| pattern.warnings.clone()).collect();
        let hir = Hir::alternation(patterns.into_iter().map(|pattern| pattern.hir).collect());
        Pattern { hir, groups: 0, warnings }
    }

    /// The same, matching whole texts alone.
    pub(crate) fn whole(self) -> Pattern {
        let hir = Hir::concat(vec![Hir::look(Look::Start), self.hir, Hir::look(Look::End)]);
        Pattern { hir, ..self }
    }

    /// The same, matching at the beginning of a text alone.
    pub(crate) fn anchored(self) -> Pattern {
        Pattern { hir: Hir::concat(vec![Hir::look(Look::Start), self.hir]), ..self }
    }

    /// How many groups it has.
    pub(crate) fn groups(&self) -> usize {
        self.groups
    }

    /// Makes the automata.
    pub(crate) fn compile(self) -> Result<Regex, Wrong> {
        let too_big = || Wrong::Message("Regular expression too big");
        let config = Config::new().utf8(false).nfa_size_limit(Some(SIZE));
        let nfa = Compiler::new().configure(config).build_from_hir(&self.hir).map_err(|_| too_big())?;
        let first = meta::Builder::new()
            .configure(meta::Config::new().utf8_empty(false).nfa_size_limit(Some(2 * SIZE)))
            .build_from_hir(&self.hir)
            .map_err(|_| too_big())?;
        let longest = DFA::builder()
            .configure(
                hybrid::dfa::Config::new()
                    .match_kind(MatchKind::All)
                    .skip_cache_capacity_check(true)
                    .minimum_cache_clear_count(Some(8)),
            )
            .build_from_nfa(nfa.clone())
            .map_err(|_| too_big())?;
        let cost = nfa.states().len() / 32 + 1;
        let ways = PikeVM::builder()
            .configure(PikeVM::config().match_kind(MatchKind::All))
            .build_from_nfa(nfa)
            .map_err(|_| too_big())?;
        let (dfa_cache, ways_cache) = (longest.create_cache(), ways.create_cache());
        Ok(Regex { first, longest, dfa_cache, ways, ways_cache, groups: self.groups, cost })
    }
}

impl Regex {
    /// How many groups it has.
    pub(crate) fn groups(&self) -> usize {
        self.groups
    }

    /// Whether something in a text matches.
    pub(crate) fn is_match(&self, call: &mut Call<'_>, text: &[u8]) -> Result<bool, Stop> {
        call.work((text.len() + 8).saturating_mul(self.cost))?;
        Ok(self.first.is_match(text))
    }

    /// The leftmost match that begins at `from` or later, and the longest of those.
    pub(crate) fn find(
        &mut self,
        call: &mut Call<'_>,
        text: &[u8],
        from: usize,
    ) -> Result<Option<Span>, Stop> {
        if from > text.len() {
            return Ok(None);
        }
        // What of the text is looked at is known afterwards.
        call.work(8)?;
        let Some(found) = self.first.find(Input::new(text).span(from..text.len())) else {
            call.work((text.len() - from).saturating_mul(self.cost))?;
            return Ok(None);
        };
        call.work((found.end() - from).saturating_mul(self.cost))?;
        let end = self.longest(call, text, found.start(), text.len())?;
        Ok(Some((found.start(), end.unwrap_or(found.end()))))
    }

    /// Where the longest match ends that begins at `start`, and ends at `limit` or before.
    pub(crate) fn longest(
        &mut self,
        call: &mut Call<'_>,
        text: &[u8],
        start: usize,
        limit: usize,
    ) -> Result<Option<usize>, Stop> {
        let input = Input::new(text).span(start..limit).anchored(Anchored::Yes);
        match self.longest.try_search_fwd(&mut self.dfa_cache, &input) {
            Ok(found) => {
                let seen = found.map_or(1, |found| found.offset() - start + 1);
                call.work(seen.saturating_mul(self.cost))?;
                Ok(found.map(|found| found.offset()))
            }
            Err(_) => {
                call.work((limit - start + 1).saturating_mul(self.cost * 32))?;
                Ok(self.slots(text, (start, limit)).get(1).copied().flatten())
            }
        }
    }

    /// What the whole and each of its groups match, of a match that was found.
    pub(crate) fn captures(
        &mut self,
        call: &mut Call<'_>,
        text: &[u8],
        span: Span,
    ) -> Result<Vec<Option<Span>>, Stop> {
        call.work((span.1 - span.0 + 8).saturating_mul(self.cost * 4))?;
        let slots = self.slots(text, span);
        let mut spans: Vec<Option<Span>> = slots
            .chunks(2)
            .map(|pair| pair.first().copied().flatten().zip(pair.get(1).copied().flatten()))
            .collect();
        if let Some(whole) = spans.first_mut() {
            *whole = Some(span);
        }
        Ok(spans)
    }

    fn slots(&mut self, text: &[u8], (start, end): Span) -> Vec<Option<usize>> {
        let mut slots: Vec<Option<NonMaxUsize>> = vec![None; 2 * (self.groups + 1)];
        let input = Input::new(text).span(start..end).anchored(Anchored::Yes);
        self.ways.search_slots(&mut self.ways_cache, &input, &mut slots);
        slots.into_iter().map(|slot| slot.map(NonMaxUsize::get)).collect()
    }
}
