//! Sets and maps, in which rules look up values (`NFT_MSG_NEWSET`, `NFT_MSG_NEWSETELEM`).

use super::{Register, RuleVerdict, Value};
use bitflags::bitflags;
use serde::{Deserialize, Serialize};

bitflags! {
    /// What a set is like (`enum nft_set_flags`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    pub struct SetFlags: u32 {
        /// It belongs to one rule, and has no name of its own.
        const ANONYMOUS = 1;
        /// It is not altered once a rule uses it.
        const CONSTANT = 2;
        /// Its elements are spans of values.
        const INTERVAL = 4;
        /// It is a map: each element leads to something.
        const MAP = 8;
    }
}

/// The type of values, as the programs number them (`NFTA_SET_KEY_TYPE`). The kernel keeps the number, and looks at the length
/// alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataType {
    /// The number (`enum datatypes` of `nft`).
    pub number: u32,
    /// How many bytes a value has, 1 to 64.
    pub length: u8,
}

/// What a map leads to (`NFTA_SET_DATA_TYPE`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MapType {
    /// Verdicts (`NFT_DATA_VERDICT`).
    Verdict,
    /// Values.
    Value(DataType),
}

/// A set or a map of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Set {
    /// `NFTA_SET_NAME`.
    pub name: String,
    /// The number that it got when it was made. Sets share the numbers with chains and rules of their table.
    pub handle: u64,
    /// What it is like.
    pub flags: SetFlags,
    /// The type of its keys.
    pub key: DataType,
    /// What it leads to, where it is a map.
    pub data: Option<MapType>,
    /// Its elements, by their keys, ascending as bytes.
    pub elements: Vec<SetElement>,
}

/// An element of a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetElement {
    /// The key; the first one of a span.
    pub first: Value,
    /// The last key of a span; the same as the first, where the set has none.
    pub last: Value,
    /// Whether it is a span, as all elements are of a set that has such ([`SetFlags::INTERVAL`]).
    #[serde(default)]
    pub spans: bool,
    /// What it leads to, in a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<ElementData>,
}

/// What an element of a map leads to (`NFTA_SET_ELEM_DATA`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ElementData {
    /// A verdict.
    Verdict(RuleVerdict),
    /// A value.
    Value(Value),
}

impl SetElement {
    /// The chain that it leads to.
    pub fn target(&self) -> Option<&str> {
        match &self.data {
            Some(ElementData::Verdict(verdict)) => verdict.target(),
            _ => None,
        }
    }
}

/// A set to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetSpec {
    /// Its name; with `%d` in it, the kernel puts a number there.
    pub name: String,
    /// A number of the sender's own, by which a rule of the same list names it (`NFTA_SET_ID`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u32>,
    /// What it is like.
    pub flags: SetFlags,
    /// The type of its keys.
    pub key: DataType,
    /// What it leads to, where it is a map.
    pub data: Option<MapType>,
    /// Its first elements.
    pub elements: Vec<SetElement>,
}

/// Looks up a value in a set (`lookup`). The rule goes on where it is there, or where it is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    /// The set's name.
    pub set: String,
    /// The number of a set that the same list of changes makes ([`SetSpec::id`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u32>,
    /// Where the value is.
    pub from: Register,
    /// Where to what the map leads to.
    pub to: LookupTo,
    /// It must not be there (`NFT_LOOKUP_F_INV`).
    pub invert: bool,
}

/// What becomes of what a map leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LookupTo {
    /// It is left alone.
    Nothing,
    /// A verdict decides.
    Verdict,
    /// A value is loaded there.
    Register(Register),
}
