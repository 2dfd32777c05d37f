//! Rules (`nf_tables_fill_rule_info`, `nf_tables_newrule`).

use super::attribute::{Attributes, Received};
use super::expression;
use super::message::{Message, family};
use netlink_packet_core::{NLM_F_APPEND, NLM_F_CREATE, NLM_F_REPLACE};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::netfilter::{
    Comparison, Expression, MetaKey, Payload, PayloadBase, Rule, RuleId, RulePlace, RuleSpec, TableId,
};

/// `NFTA_RULE_TABLE`.
const TABLE: u16 = 1;
/// `NFTA_RULE_CHAIN`.
const CHAIN: u16 = 2;
/// `NFTA_RULE_HANDLE`.
const HANDLE: u16 = 3;
/// `NFTA_RULE_EXPRESSIONS`.
const EXPRESSIONS: u16 = 4;
/// `NFTA_RULE_COMPAT`.
const COMPAT: u16 = 5;
/// `NFTA_RULE_POSITION`.
const POSITION: u16 = 6;
/// `NFTA_RULE_USERDATA`.
const USER_DATA: u16 = 7;
/// `NFTA_RULE_ID`.
const ID: u16 = 9;
/// `NFTA_RULE_POSITION_ID`.
const POSITION_ID: u16 = 10;
/// `NFTA_LIST_ELEM`.
const ELEMENT: u16 = 1;
/// `NFTA_RULE_COMPAT_PROTO`.
const COMPAT_PROTOCOL: u16 = 1;
/// `NFTA_RULE_COMPAT_FLAGS`, and `NFT_RULE_COMPAT_F_INV` in them.
const COMPAT_FLAGS: u16 = 2;
const COMPAT_INVERT: u32 = 2;
/// `NFTNL_UDATA_RULE_COMMENT` of libnftnl.
const COMMENT: u8 = 0;

/// A rule to make, and the `NLM_F_*` flags that say where.
///
/// # Errors
/// `EINVAL` where it is to stand in the place of one that is made with it: the kernel has no way to say so.
pub(super) fn added(
    table: &TableId,
    chain: &str,
    place: RulePlace,
    rule: &RuleSpec,
) -> Result<(Attributes, u16), StackError> {
    let attributes = Attributes::default().text(TABLE, &table.name).text(CHAIN, chain);
    let beside = |attributes: Attributes, other| match other {
        RuleId::Handle(handle) => attributes.u64(POSITION, handle),
        RuleId::New(id) => attributes.u32(POSITION_ID, id),
    };
    let (attributes, flags) = match place {
        RulePlace::Last => (attributes, NLM_F_APPEND),
        RulePlace::First => (attributes, 0),
        RulePlace::Before(other) => (beside(attributes, other), 0),
        RulePlace::After(other) => (beside(attributes, other), NLM_F_APPEND),
        RulePlace::Replace(RuleId::Handle(handle)) => (attributes.u64(HANDLE, handle), NLM_F_REPLACE),
        RulePlace::Replace(RuleId::New(_)) => return Err(Errno::EINVAL.into()),
    };
    let elements = rule.expressions.iter().fold(Attributes::default(), |elements, expression| {
        elements.nest(ELEMENT, &expression::encode(expression))
    });
    let attributes = attributes
        .nest(EXPRESSIONS, &elements)
        .maybe(protocol(&rule.expressions), |attributes, (protocol, inverted)| {
            let flags = if inverted { COMPAT_INVERT } else { 0 };
            let compat = Attributes::default().u32(COMPAT_PROTOCOL, protocol.into()).u32(COMPAT_FLAGS, flags);
            attributes.nest(COMPAT, &compat)
        })
        .maybe(rule.comment.as_deref(), |attributes, text| attributes.bytes(USER_DATA, &noted(text)))
        .maybe(rule.id, |attributes, id| attributes.u32(ID, id));
    Ok((attributes, NLM_F_CREATE | flags))
}

/// What names a rule, or all of a chain, or all of a table.
pub(super) fn deleted(table: &TableId, chain: Option<&str>, rule: Option<RuleId>) -> Attributes {
    Attributes::default()
        .text(TABLE, &table.name)
        .maybe(chain, |attributes, chain| attributes.text(CHAIN, chain))
        .maybe(rule, |attributes, rule| match rule {
            RuleId::Handle(handle) => attributes.u64(HANDLE, handle),
            RuleId::New(id) => attributes.u32(ID, id),
        })
}

/// A rule that the kernel tells of, with its table and the name of its chain.
pub(super) fn decode(message: &Message) -> Result<(TableId, String, Rule), StackError> {
    let (number, attributes) = message.content()?;
    let table = TableId { family: family(number)?, name: attributes.text(TABLE).unwrap_or_default() };
    let elements = Received::new(attributes.bytes(EXPRESSIONS).unwrap_or_default())?;
    let expressions: Result<Vec<Expression>, StackError> =
        elements.all(ELEMENT).map(expression::decode).collect();
    let rule = Rule {
        handle: attributes.u64(HANDLE).unwrap_or_default(),
        expressions: expressions?,
        comment: attributes.bytes(USER_DATA).and_then(comment),
    };
    Ok((table, attributes.text(CHAIN).unwrap_or_default(), rule))
}

/// The protocol behind IP that a rule demands, and whether it demands any other. The kernel gives it to matches and targets of
/// `x_tables` for their checks. As `recover_rule_compat` of `iptables` finds it.
fn protocol(expressions: &[Expression]) -> Option<(u8, bool)> {
    const OF_IP: Payload = Payload { base: PayloadBase::Network, offset: 9, length: 1 };
    let uses_extensions =
        |expression: &Expression| matches!(expression, Expression::Match(_) | Expression::Target(_));
    if !expressions.iter().any(uses_extensions) {
        return None;
    }
    expressions.windows(2).find_map(|pair| match pair {
        [load, Expression::Compare(compare)] => {
            let to = match load {
                Expression::Meta { key: MetaKey::L4Proto, to } => to,
                Expression::Payload { from, to } if *from == OF_IP => to,
                _ => return None,
            };
            let protocol = compare.value.0.first().filter(|_| *to == compare.register)?;
            Some((*protocol, compare.comparison == Comparison::NotEqual))
        }
        _ => None,
    })
}

/// A comment as user data (`nftnl_udata_put_strz`).
fn noted(text: &str) -> Vec<u8> {
    let mut bytes = vec![COMMENT, (text.len() + 1) as u8];
    bytes.extend(text.bytes());
    bytes.push(0);
    bytes
}

/// The comment in user data.
fn comment(mut bytes: &[u8]) -> Option<String> {
    while let [kind, length, rest @ ..] = bytes {
        let (value, behind) = rest.split_at_checked(usize::from(*length))?;
        if *kind == COMMENT {
            let value = value.strip_suffix(&[0]).unwrap_or(value);
            return Some(String::from_utf8_lossy(value).into_owned());
        }
        bytes = behind;
    }
    None
}
