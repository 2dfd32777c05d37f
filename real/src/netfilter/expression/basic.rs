//! Expressions that load, compare, count and decide.

use super::super::attribute::{Attributes, Received};
use super::super::chain;
use super::Fields;
use vethlab_shared::netfilter::{
    Bitwise, Compare, Comparison, Expression, Limit, LimitUnit, Lookup, LookupTo, MetaKey, Payload,
    PayloadBase, Range, RuleVerdict,
};

/// `NFTA_META_DREG`, `_KEY`, `_SREG`.
const META: [u16; 3] = [1, 2, 3];
/// `NFTA_PAYLOAD_DREG`, `_BASE`, `_OFFSET`, `_LEN`.
const PAYLOAD: [u16; 4] = [1, 2, 3, 4];
/// `NFTA_PAYLOAD_SREG`: it is written rather than loaded.
const PAYLOAD_SOURCE: u16 = 5;
/// `NFTA_BITWISE_SREG`, `_DREG`, `_LEN`, `_MASK`, `_XOR`.
const BITWISE: [u16; 5] = [1, 2, 3, 4, 5];
/// `NFTA_BITWISE_OP`: 0 is `NFT_BITWISE_BOOL`.
const BITWISE_OPERATION: u16 = 6;
/// `NFTA_CMP_SREG`, `_OP`, `_DATA`.
const COMPARE: [u16; 3] = [1, 2, 3];
/// `NFTA_RANGE_SREG`, `_OP`, `_FROM_DATA`, `_TO_DATA`.
const RANGE: [u16; 4] = [1, 2, 3, 4];
/// `NFTA_LIMIT_RATE`, `_UNIT`, `_BURST`, `_TYPE`, `_FLAGS`.
const LIMIT: [u16; 5] = [1, 2, 3, 4, 5];
/// `NFTA_LOOKUP_SET`, `_SREG`, `_DREG`, `_SET_ID`, `_FLAGS`.
const LOOKUP: [u16; 5] = [1, 2, 3, 4, 5];
/// `NFTA_IMMEDIATE_DREG`, `_DATA`.
const IMMEDIATE: [u16; 2] = [1, 2];
/// `NFTA_DATA_VERDICT`.
pub(in super::super) const VERDICT: u16 = 2;
/// `NFTA_VERDICT_CODE`, `_CHAIN`.
const VERDICT_PARTS: [u16; 2] = [1, 2];

/// The kernel's numbers (`enum nft_meta_keys`).
const META_KEYS: [(MetaKey, u32); 10] = [
    (MetaKey::Length, 0),
    (MetaKey::Protocol, 1),
    (MetaKey::Mark, 3),
    (MetaKey::Iif, 4),
    (MetaKey::Oif, 5),
    (MetaKey::IifName, 6),
    (MetaKey::OifName, 7),
    (MetaKey::NfProto, 15),
    (MetaKey::L4Proto, 16),
    (MetaKey::PacketType, 19),
];

/// In the kernel's order (`enum nft_cmp_ops`).
const COMPARISONS: [Comparison; 6] = [
    Comparison::Equal,
    Comparison::NotEqual,
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Greater,
    Comparison::GreaterOrEqual,
];

/// In the kernel's order (`enum nft_payload_bases`).
const BASES: [PayloadBase; 3] = [PayloadBase::Link, PayloadBase::Network, PayloadBase::Transport];

/// The kernel's codes of verdicts that name no chain (`enum nft_verdicts`, `NF_*`).
const VERDICTS: [(RuleVerdict, i32); 5] = [
    (RuleVerdict::Drop, 0),
    (RuleVerdict::Accept, 1),
    (RuleVerdict::Queue, 3),
    (RuleVerdict::Continue, -1),
    (RuleVerdict::Return, -5),
];
/// `NFT_JUMP`.
const JUMP: i32 = -3;
/// `NFT_GOTO`.
const GOTO: i32 = -4;

/// The name and the content of an expression.
pub(super) fn encode(expression: &Expression) -> (&'static str, Attributes) {
    let none = Attributes::default();
    match expression {
        Expression::Meta { key, to } => ("meta", none.u32(META[1], meta_number(*key)).register(META[0], *to)),
        Expression::SetMeta { key, from } => {
            ("meta", none.u32(META[1], meta_number(*key)).register(META[2], *from))
        }
        Expression::Payload { from, to } => ("payload", payload(from).register(PAYLOAD[0], *to)),
        Expression::Bitwise(bitwise) => (
            "bitwise",
            none.register(BITWISE[0], bitwise.from)
                .register(BITWISE[1], bitwise.to)
                .u32(BITWISE[2], bitwise.mask.0.len() as u32)
                .value(BITWISE[3], &bitwise.mask)
                .value(BITWISE[4], &bitwise.xor),
        ),
        Expression::Compare(compare) => (
            "cmp",
            none.register(COMPARE[0], compare.register)
                .u32(COMPARE[1], place_of(&COMPARISONS, &compare.comparison))
                .value(COMPARE[2], &compare.value),
        ),
        Expression::Range(range) => (
            "range",
            none.register(RANGE[0], range.register)
                .u32(RANGE[1], range.outside.into())
                .value(RANGE[2], &range.from)
                .value(RANGE[3], &range.to),
        ),
        Expression::Counter(counters) => ("counter", chain::counted(*counters)),
        Expression::Limit(limit) => (
            "limit",
            none.u64(LIMIT[0], limit.rate)
                .u64(LIMIT[1], limit.unit.seconds())
                .u32(LIMIT[2], limit.burst)
                .u32(LIMIT[3], limit.bytes.into())
                .u32(LIMIT[4], limit.over.into()),
        ),
        Expression::Lookup(lookup) => {
            let attributes = none
                .text(LOOKUP[0], &lookup.set)
                .register(LOOKUP[1], lookup.from)
                .maybe(lookup.id, |attributes, id| attributes.u32(LOOKUP[3], id))
                .maybe(lookup.invert.then_some(1), |attributes, flag| attributes.u32(LOOKUP[4], flag));
            let attributes = match lookup.to {
                LookupTo::Nothing => attributes,
                // NFT_REG_VERDICT is 0.
                LookupTo::Verdict => attributes.u32(LOOKUP[2], 0),
                LookupTo::Register(to) => attributes.register(LOOKUP[2], to),
            };
            ("lookup", attributes)
        }
        Expression::Immediate { value, to } => {
            ("immediate", none.register(IMMEDIATE[0], *to).value(IMMEDIATE[1], value))
        }
        Expression::Verdict(verdict) => {
            // NFT_REG_VERDICT is 0.
            ("immediate", none.u32(IMMEDIATE[0], 0).nest(IMMEDIATE[1], &decided(verdict)))
        }
        other => unreachable!("{other:?} is no basic expression"),
    }
}

/// What an expression of this name holds; `None` where it is not known.
pub(super) fn decode(name: &str, fields: &Received<'_>) -> Option<Expression> {
    Some(match name {
        "meta" => {
            let number = fields.u32(META[1])?;
            let key = META_KEYS.iter().find(|(_, this)| *this == number)?.0;
            match fields.register(META[2]) {
                Some(from) => Expression::SetMeta { key, from },
                None => Expression::Meta { key, to: fields.register(META[0])? },
            }
        }
        "payload" if fields.bytes(PAYLOAD_SOURCE).is_none() => {
            let base = *BASES.get(fields.u32(PAYLOAD[1])? as usize)?;
            let length = fields.u32(PAYLOAD[3])?.try_into().ok()?;
            let from = Payload { base, offset: fields.u32(PAYLOAD[2])?, length };
            Expression::Payload { from, to: fields.register(PAYLOAD[0])? }
        }
        "bitwise" if fields.u32(BITWISE_OPERATION).unwrap_or(0) == 0 => Expression::Bitwise(Bitwise {
            from: fields.register(BITWISE[0])?,
            to: fields.register(BITWISE[1])?,
            mask: fields.value(BITWISE[3])?,
            xor: fields.value(BITWISE[4])?,
        }),
        "cmp" => Expression::Compare(Compare {
            register: fields.register(COMPARE[0])?,
            comparison: *COMPARISONS.get(fields.u32(COMPARE[1])? as usize)?,
            value: fields.value(COMPARE[2])?,
        }),
        "range" => Expression::Range(Range {
            register: fields.register(RANGE[0])?,
            outside: fields.u32(RANGE[1])? != 0,
            from: fields.value(RANGE[2])?,
            to: fields.value(RANGE[3])?,
        }),
        "counter" => Expression::Counter(chain::counters(fields)?),
        "limit" => {
            let seconds = fields.u64(LIMIT[1])?;
            Expression::Limit(Limit {
                rate: fields.u64(LIMIT[0])?,
                unit: LimitUnit::ALL.into_iter().find(|unit| unit.seconds() == seconds)?,
                burst: fields.u32(LIMIT[2])?,
                bytes: fields.u32(LIMIT[3])? == 1,
                over: fields.u32(LIMIT[4])? & 1 != 0,
            })
        }
        "lookup" => Expression::Lookup(Lookup {
            set: fields.text(LOOKUP[0])?,
            id: None,
            from: fields.register(LOOKUP[1])?,
            to: match fields.u32(LOOKUP[2]) {
                None => LookupTo::Nothing,
                Some(0) => LookupTo::Verdict,
                Some(_) => LookupTo::Register(fields.register(LOOKUP[2])?),
            },
            invert: fields.u32(LOOKUP[4]).unwrap_or_default() & 1 != 0,
        }),
        "immediate" => match fields.nested(IMMEDIATE[1])?.nested(VERDICT) {
            Some(parts) => Expression::Verdict(verdict(&parts)?),
            None => Expression::Immediate {
                value: fields.value(IMMEDIATE[1])?,
                to: fields.register(IMMEDIATE[0])?,
            },
        },
        _ => return None,
    })
}

fn payload(from: &Payload) -> Attributes {
    Attributes::default()
        .u32(PAYLOAD[1], place_of(&BASES, &from.base))
        .u32(PAYLOAD[2], from.offset)
        .u32(PAYLOAD[3], from.length.into())
}

pub(in super::super) fn decided(verdict: &RuleVerdict) -> Attributes {
    let code = match verdict {
        RuleVerdict::Jump(_) => JUMP,
        RuleVerdict::Goto(_) => GOTO,
        other => VERDICTS.iter().find(|(this, _)| this == other).map_or(0, |(_, code)| *code),
    };
    let parts = Attributes::default()
        .u32(VERDICT_PARTS[0], code.cast_unsigned())
        .maybe(verdict.target(), |parts, chain| parts.text(VERDICT_PARTS[1], chain));
    Attributes::default().nest(VERDICT, &parts)
}

pub(in super::super) fn verdict(parts: &Received<'_>) -> Option<RuleVerdict> {
    match parts.u32(VERDICT_PARTS[0])?.cast_signed() {
        JUMP => parts.text(VERDICT_PARTS[1]).map(RuleVerdict::Jump),
        GOTO => parts.text(VERDICT_PARTS[1]).map(RuleVerdict::Goto),
        code => VERDICTS.iter().find(|(_, this)| *this == code).map(|(verdict, _)| verdict.clone()),
    }
}

fn meta_number(key: MetaKey) -> u32 {
    META_KEYS.iter().find(|(this, _)| *this == key).map_or(0, |(_, number)| *number)
}

fn place_of<T: PartialEq>(all: &[T], one: &T) -> u32 {
    all.iter().position(|this| this == one).unwrap_or_default() as u32
}
