//! What is looked at first of the rules of a long chain. The first test of most rules is one of few values of a packet: these
//! are read once, and each is compared by a line of a small table, so that a rule that does not hold costs hardly anything.
//!
//! A gate only ever says that a rule does not hold. Where it lets a packet through, the rule is run as any other.

use super::compile::Source;
use vethlab_shared::netfilter::{MetaKey, Payload, PayloadBase};

/// So many values are read of a packet; rules that begin with others have no gate of their own.
const VALUES: usize = 16;
/// Shorter chains have no gates: reading the values would cost as much as the rules.
const FEW: usize = 8;
/// The value that is always there, and zero: that of rules without a gate.
const NOTHING: u8 = 0;

/// What the first test of a rule asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct First {
    pub(super) source: Source,
    pub(super) mask: u128,
    pub(super) value: u128,
    pub(super) negate: bool,
}

/// A value of a packet, folded into 32 bits.
#[derive(Clone, Copy, Debug, Default)]
struct Value {
    bits: u32,
    /// Whether the packet has it.
    present: bool,
}

/// The values of a packet that a chain's gates compare.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values([Value; VALUES]);

/// A rule's gate.
#[derive(Clone, Copy, Debug)]
struct Gate {
    /// Which of the values.
    place: u8,
    negate: bool,
    mask: u32,
    value: u32,
    /// The first step of the rule.
    begin: u32,
}

/// The gates of a chain.
#[derive(Clone, Debug, Default)]
pub(super) struct Gates {
    sources: Vec<Source>,
    /// One for each rule, or none at all.
    rules: Vec<Gate>,
}

/// Longer values are folded: where the results differ, the values do.
fn fold(value: u128) -> u32 {
    (value ^ value >> 32 ^ value >> 64 ^ value >> 96) as u32
}

/// Whether no step of a rule can alter a value: else it could not be read once.
fn is_constant(source: Source) -> bool {
    match source {
        Source::Meta(key) => !matches!(key, MetaKey::Mark | MetaKey::PacketType),
        Source::Payload(Payload { base, offset, length }) => {
            let end = offset.saturating_add(length.into());
            match base {
                // The protocol, and the addresses.
                PayloadBase::Network => (9..10).contains(&offset) && end <= 10 || offset >= 12 && end <= 20,
                // The ports, or what stands in their place.
                PayloadBase::Transport => end <= 4,
                PayloadBase::Link => false,
            }
        }
    }
}

/// How many bytes a value has.
fn size(source: Source) -> usize {
    match source {
        Source::Meta(key) => key.size(),
        Source::Payload(payload) => payload.length.into(),
    }
}

impl Gates {
    /// The gates of a chain, given the first step of each rule, and what its first test asks for where it begins with one.
    pub(super) fn new(rules: &[(u32, Option<First>)]) -> Gates {
        let mut gates = Gates::default();
        if rules.len() <= FEW {
            return gates;
        }
        for &(begin, first) in rules {
            let open = Gate { place: NOTHING, negate: false, mask: 0, value: 0, begin };
            let gate = first.and_then(|first| gates.gate(begin, first)).unwrap_or(open);
            gates.rules.push(gate);
        }
        gates
    }

    fn gate(&mut self, begin: u32, First { source, mask, value, negate }: First) -> Option<Gate> {
        let is_short = size(source) <= 4;
        if !is_constant(source) || !(is_short || mask == u128::MAX && !negate) {
            return None;
        }
        let known = self.sources.iter().position(|known| *known == source);
        let place = known.unwrap_or_else(|| {
            self.sources.push(source);
            self.sources.len() - 1
        });
        if place + 1 >= VALUES {
            self.sources.truncate(VALUES - 1);
            return None;
        }
        Some(Gate { place: place as u8 + 1, negate, mask: mask as u32, value: fold(value), begin })
    }

    /// The values of a packet that the gates compare; `load` reads one.
    #[inline]
    pub(super) fn values(&self, load: impl Fn(Source) -> Option<u128>) -> Values {
        let mut values = [Value::default(); VALUES];
        values[usize::from(NOTHING)].present = true;
        for (place, source) in values[1..].iter_mut().zip(&self.sources) {
            if let Some(value) = load(*source) {
                *place = Value { bits: fold(value), present: true };
            }
        }
        Values(values)
    }

    /// Where the first rule from this one on begins that may hold; `None` where none of them can. Without gates it is the rule
    /// itself.
    #[inline]
    pub(super) fn next(&self, rule: u32, values: &Values) -> Option<u32> {
        let passes = |gate: &&Gate| {
            let Value { bits, present } = values.0[usize::from(gate.place) % VALUES];
            present & ((bits & gate.mask == gate.value) != gate.negate)
        };
        self.rules[rule as usize..].iter().find(passes).map(|gate| gate.begin)
    }

    /// Whether there are none.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    pub(super) fn weight(&self) -> usize {
        size_of_val(&*self.sources) + size_of_val(&*self.rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: Source = Source::Payload(Payload { base: PayloadBase::Network, offset: 12, length: 4 });
    const NAME: Source = Source::Meta(MetaKey::IifName);

    fn asks(source: Source, value: u128, negate: bool) -> Option<First> {
        Some(First { source, mask: u128::MAX, value, negate })
    }

    /// Rules that begin ten steps apart, those behind the given ones all asking for an address that no packet has.
    fn gates(first: &[Option<First>]) -> Gates {
        let others = std::iter::repeat_n(asks(SOURCE, 99, false), FEW);
        let all = first.iter().copied().chain(others).enumerate();
        Gates::new(&all.map(|(number, first)| (10 * number as u32, first)).collect::<Vec<_>>())
    }

    fn passing(gates: &Gates, load: impl Fn(Source) -> Option<u128>) -> Vec<u32> {
        let values = gates.values(load);
        let rules = 0..gates.rules.len() as u32;
        rules.filter(|rule| gates.next(*rule, &values) == Some(10 * rule)).collect()
    }

    #[test]
    fn only_rules_that_may_hold_are_run() {
        let name = u128::from_be_bytes(*b"eth0\0\0\0\0\0\0\0\0\0\0\0\0");
        let wanted = [
            asks(SOURCE, 1, false),
            asks(SOURCE, 2, false),
            asks(SOURCE, 1, true),
            asks(SOURCE, 2, true),
            None,
            asks(NAME, name, false),
            // Longer values that differ may be the same once they are folded: such a rule is run.
            asks(NAME, name, true),
            asks(NAME, name + 1, false),
        ];
        let load = |source| Some(if source == SOURCE { 1 } else { name });
        assert_eq!(passing(&gates(&wanted), load), [0, 3, 4, 5, 6]);
    }

    #[test]
    fn what_a_packet_does_not_have_fits_nothing() {
        let wanted = [asks(SOURCE, 0, false), asks(SOURCE, 0, true), None];
        assert_eq!(passing(&gates(&wanted), |_| None), [2]);
    }

    #[test]
    fn what_rules_alter_is_not_read_once() {
        let ttl = Source::Payload(Payload { base: PayloadBase::Network, offset: 8, length: 1 });
        let wanted = [asks(ttl, 1, false), asks(Source::Meta(MetaKey::Mark), 1, false)];
        assert_eq!(passing(&gates(&wanted), |_| Some(0)), [0, 1]);
    }

    #[test]
    fn rules_beyond_the_values_that_are_read_have_no_gate() {
        let port = |offset: u32| Source::Payload(Payload { base: PayloadBase::Network, offset, length: 1 });
        let wide = |offset: u32| Source::Payload(Payload { base: PayloadBase::Network, offset, length: 2 });
        let sources = (12..20).map(port).chain((12..19).map(wide)).chain([SOURCE]);
        let wanted: Vec<_> = sources.map(|source| asks(source, 1, false)).collect();
        assert_eq!(passing(&gates(&wanted), |_| Some(0)), [15, 16, 17, 18, 19, 20, 21, 22, 23]);
    }

    #[test]
    fn short_chains_have_none() {
        assert!(Gates::new(&[(0, asks(SOURCE, 1, false)); FEW]).is_empty());
    }
}
