//! Sets, maps and their elements (`nf_tables_newset`, `nf_tables_newsetelem`).
//!
//! A set of spans has two elements for each in the kernel (`nft_set_rbtree.c`): one where it begins, and one, with
//! `NFT_SET_ELEM_INTERVAL_END`, behind it.

use super::attribute::{Attributes, Received};
use super::expression::VALUE;
use super::expression::basic::{VERDICT, decided, verdict};
use super::message::{Message, family};
use vethlab_shared::error::StackError;
use vethlab_shared::netfilter::{
    DataType, ElementData, MapType, Set, SetElement, SetFlags, SetSpec, TableId, Value,
};

/// How many elements a message carries: attributes have at most 64 kB.
pub(super) const MOST_ELEMENTS: usize = 256;

/// `NFTA_SET_TABLE`, and `NFTA_SET_ELEM_LIST_TABLE`.
const TABLE: u16 = 1;
/// `NFTA_SET_NAME`, and `NFTA_SET_ELEM_LIST_SET`.
const NAME: u16 = 2;
/// `NFTA_SET_FLAGS`.
const FLAGS: u16 = 3;
/// `NFTA_SET_KEY_TYPE`, `_KEY_LEN`.
const KEY: [u16; 2] = [4, 5];
/// `NFTA_SET_DATA_TYPE`, `_DATA_LEN`.
const DATA: [u16; 2] = [6, 7];
/// `NFTA_SET_ID`.
const ID: u16 = 10;
/// `NFTA_SET_HANDLE`.
const HANDLE: u16 = 16;
/// `NFT_DATA_VERDICT`.
const VERDICTS: u32 = 0xffff_ff00;
/// `NFTA_SET_ELEM_LIST_ELEMENTS`.
const ELEMENTS: u16 = 3;
/// `NFTA_SET_ELEM_LIST_SET_ID`.
const ELEMENTS_ID: u16 = 4;
/// `NFTA_LIST_ELEM`.
const ELEMENT: u16 = 1;
/// `NFTA_SET_ELEM_KEY`, `_DATA`, `_FLAGS`.
const PARTS: [u16; 3] = [1, 2, 3];
/// `NFTA_SET_ELEM_EXPR`, `_OBJREF`, `_KEY_END`, `_EXPRESSIONS`: nothing here has them.
const OTHER_PARTS: [u16; 4] = [7, 9, 10, 11];
/// `NFT_SET_ELEM_INTERVAL_END`.
const END: u32 = 1;
/// `NFT_SET_ELEM_CATCHALL`.
const CATCH_ALL: u32 = 2;

/// What names a set.
pub(super) fn named(table: &TableId, name: &str) -> Attributes {
    Attributes::default().text(TABLE, &table.name).text(NAME, name)
}

/// A set to make.
pub(super) fn added(table: &TableId, set: &SetSpec) -> Attributes {
    named(table, &set.name)
        .u32(FLAGS, set.flags.bits())
        .u32(KEY[0], set.key.number)
        .u32(KEY[1], set.key.length.into())
        .maybe(set.data, |attributes, data| match data {
            MapType::Verdict => attributes.u32(DATA[0], VERDICTS),
            MapType::Value(kind) => attributes.u32(DATA[0], kind.number).u32(DATA[1], kind.length.into()),
        })
        .u32(ID, set.id.unwrap_or(1))
}

/// The elements that the first message carries.
pub(super) fn first(elements: &[SetElement]) -> &[SetElement] {
    &elements[..elements.len().min(MOST_ELEMENTS)]
}

/// The elements that other messages carry.
pub(super) fn behind_first(elements: &[SetElement]) -> &[SetElement] {
    &elements[elements.len().min(MOST_ELEMENTS)..]
}

/// Elements of a set.
pub(super) fn listed(table: &TableId, set: &str, id: Option<u32>, elements: &[SetElement]) -> Attributes {
    let mut list = Attributes::default();
    for element in elements {
        let data = element.data.as_ref().map(|data| match data {
            ElementData::Verdict(verdict) => decided(verdict),
            ElementData::Value(value) => valued(value),
        });
        let parts = Attributes::default()
            .nest(PARTS[0], &valued(&element.first))
            .maybe(data, |attributes, data| attributes.nest(PARTS[1], &data));
        list = list.nest(ELEMENT, &parts);
        if let Some(behind) = element.spans.then(|| behind(&element.last)).flatten() {
            let end = Attributes::default().nest(PARTS[0], &valued(&behind)).u32(PARTS[2], END);
            list = list.nest(ELEMENT, &end);
        }
    }
    named(table, set).nest(ELEMENTS, &list).maybe(id, |attributes, id| attributes.u32(ELEMENTS_ID, id))
}

fn valued(value: &Value) -> Attributes {
    Attributes::default().bytes(VALUE, &value.0)
}

/// The value behind another one; none behind the largest.
fn behind(value: &Value) -> Option<Value> {
    let mut bytes = value.0.clone();
    for byte in bytes.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            return Some(Value(bytes));
        }
    }
    None
}

/// The value in front of another one.
fn in_front(value: &Value) -> Value {
    let mut bytes = value.0.clone();
    for byte in bytes.iter_mut().rev() {
        let borrows = *byte == 0;
        *byte = byte.wrapping_sub(1);
        if !borrows {
            break;
        }
    }
    Value(bytes)
}

/// A set that the kernel tells of, still without its elements, and its table.
pub(super) fn decode(message: &Message) -> Result<(TableId, Set), StackError> {
    let (number, attributes) = message.content()?;
    let table = TableId { family: family(number)?, name: attributes.text(TABLE).unwrap_or_default() };
    let of = |kinds: [u16; 2]| DataType {
        number: attributes.u32(kinds[0]).unwrap_or_default(),
        length: attributes.u32(kinds[1]).unwrap_or_default() as u8,
    };
    let data = match attributes.u32(DATA[0]) {
        None => None,
        Some(VERDICTS) => Some(MapType::Verdict),
        Some(_) => Some(MapType::Value(of(DATA))),
    };
    let set = Set {
        name: attributes.text(NAME).unwrap_or_default(),
        handle: attributes.u64(HANDLE).unwrap_or_default(),
        flags: SetFlags::from_bits_retain(attributes.u32(FLAGS).unwrap_or_default()),
        key: of(KEY),
        data,
        elements: Vec::new(),
    };
    Ok((table, set))
}

/// The elements of a set, from the messages that tell of them.
///
/// # Errors
/// An element is of a kind that is not modelled.
pub(super) fn elements(messages: &[Message], set: &Set) -> Result<Vec<SetElement>, StackError> {
    let not_modelled = || StackError::NotModelled(format!("elements of the set {} of this kind", set.name));
    let mut found: Vec<(Value, bool, Option<ElementData>)> = Vec::new();
    for message in messages {
        let (_, attributes) = message.content()?;
        let list = Received::new(attributes.bytes(ELEMENTS).unwrap_or_default())?;
        for element in list.all(ELEMENT) {
            let parts = Received::new(element)?;
            let flags = parts.u32(PARTS[2]).unwrap_or_default();
            if flags & CATCH_ALL != 0 || OTHER_PARTS.iter().any(|kind| parts.bytes(*kind).is_some()) {
                return Err(not_modelled());
            }
            let key = parts.nested(PARTS[0]).and_then(|key| key.bytes(VALUE).map(Value::from));
            let data = parts.nested(PARTS[1]).and_then(|data| match data.nested(VERDICT) {
                Some(parts) => verdict(&parts).map(ElementData::Verdict),
                None => data.bytes(VALUE).map(|value| ElementData::Value(Value::from(value))),
            });
            found.push((key.ok_or_else(not_modelled)?, flags & END != 0, data));
        }
    }
    // What ends at a value comes before what begins there.
    found.sort_by(|(one, ends, _), (other, other_ends, _)| one.cmp(other).then(other_ends.cmp(ends)));
    let spans = set.flags.contains(SetFlags::INTERVAL);
    let mut elements: Vec<SetElement> = Vec::new();
    let mut is_open = false;
    for (key, ends, data) in found {
        if ends {
            if let Some(open) = elements.last_mut().filter(|_| is_open) {
                open.last = in_front(&key);
            }
            is_open = false;
            continue;
        }
        let last = if spans { Value(vec![0xff; key.0.len()]) } else { key.clone() };
        elements.push(SetElement { first: key, last, spans, data });
        is_open = spans;
    }
    Ok(elements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_neighbours() {
        let value = |bytes: [u8; 2]| Value::from(bytes);
        assert_eq!(behind(&value([0, 255])), Some(value([1, 0])));
        assert_eq!(behind(&value([255, 255])), None);
        assert_eq!(in_front(&value([1, 0])), value([0, 255]));
    }
}
