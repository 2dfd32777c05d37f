//! What rules are made of (`NFTA_EXPR_*`).

use super::native::{Ct, Log, Masquerade, Nat, Redirect, Reject};
use super::{Counters, Lookup, Match, Target};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One step of a rule. The steps are done in order; the first that does not hold ends the rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expression {
    /// Loads what is known of the packet besides its bytes (`meta`).
    Meta {
        /// What to load.
        key: MetaKey,
        /// Where to.
        to: Register,
    },
    /// Loads bytes of the packet (`payload`).
    Payload {
        /// Which bytes.
        from: Payload,
        /// Where to.
        to: Register,
    },
    /// Holds bits of a register and flips some: `(r & mask) ^ xor` (`bitwise`).
    Bitwise(Bitwise),
    /// Goes on where a comparison holds (`cmp`).
    Compare(Compare),
    /// Goes on where a value is, or is not, between two others (`range`).
    Range(Range),
    /// Counts what comes so far (`counter`).
    Counter(Counters),
    /// Goes on at most so often (`limit`).
    Limit(Limit),
    /// Decides (`immediate` into the verdict register).
    Verdict(RuleVerdict),
    /// Goes on where a match of `x_tables` holds (`match`).
    Match(Match),
    /// Does what a target of `x_tables` does (`target`).
    Target(Target),
    /// Loads a value that the rule holds (`immediate` into a data register).
    Immediate {
        /// The value.
        value: Value,
        /// Where to.
        to: Register,
    },
    /// Sets what is known of the packet besides its bytes (`meta` with a source register).
    SetMeta {
        /// What to set.
        key: MetaKey,
        /// Where the value is.
        from: Register,
    },
    /// Loads what is known of the packet's connection, or sets it (`ct`).
    Ct(Ct),
    /// The packet is not to be tracked (`notrack`).
    Notrack,
    /// Writes to the kernel's log, and goes on (`log`).
    Log(Log),
    /// Drops, and says so to the sender (`reject`).
    Reject(Reject),
    /// Translates addresses (`nat`).
    Nat(Nat),
    /// Translates the source to the address of the link that the packet leaves by (`masq`).
    Masquerade(Masquerade),
    /// Translates the destination to this machine (`redir`).
    Redirect(Redirect),
    /// Looks up a value in a set (`lookup`).
    Lookup(Lookup),
    /// Another one, as the kernel gave it.
    Other {
        /// `NFTA_EXPR_NAME`.
        name: String,
        /// `NFTA_EXPR_DATA`.
        data: Value,
    },
}

/// A register of four bytes: 0 to 15 (`NFT_REG32_00` and those behind it). Values may fill several. Register 1 of `nft
/// --debug=netlink`, which has 16 bytes, is 0 to 3 here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Register(pub u8);

/// A value in an expression: at most 64 bytes, written as hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value(pub Vec<u8>);

/// What is known of a packet besides its bytes (`enum nft_meta_keys`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MetaKey {
    /// Its length from the network header on.
    Length,
    /// The protocol of its frame, as in Ethernet's header.
    Protocol,
    /// Its mark.
    Mark,
    /// The index of the link that it came by.
    Iif,
    /// The index of the link that it leaves by.
    Oif,
    /// The name of the link that it came by, filled up with zeros to 16 bytes.
    IifName,
    /// The name of the link that it leaves by, filled up with zeros to 16 bytes.
    OifName,
    /// The family of its network header (`NFPROTO_*`).
    NfProto,
    /// The protocol behind the network header.
    L4Proto,
    /// To whom its frame was addressed (`PACKET_*`).
    PacketType,
}

impl MetaKey {
    /// How many bytes its value has.
    pub fn size(self) -> usize {
        match self {
            MetaKey::NfProto | MetaKey::L4Proto | MetaKey::PacketType => 1,
            MetaKey::Protocol => 2,
            MetaKey::Length | MetaKey::Mark | MetaKey::Iif | MetaKey::Oif => 4,
            MetaKey::IifName | MetaKey::OifName => 16,
        }
    }
}

/// Bytes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// Where counting begins.
    pub base: PayloadBase,
    /// The first byte.
    pub offset: u32,
    /// How many bytes, 1 to 64.
    pub length: u8,
}

/// Where a packet's headers begin (`enum nft_payload_bases`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PayloadBase {
    /// The frame's header.
    Link,
    /// The header of IP.
    Network,
    /// The header behind it. A later piece of a packet has none.
    Transport,
}

/// Holds bits of a register and flips some (`NFT_BITWISE_BOOL`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bitwise {
    /// Where the value is.
    pub from: Register,
    /// Where the result goes.
    pub to: Register,
    /// The bits to keep; as long as the value.
    pub mask: Value,
    /// The bits to flip then; as long as the value.
    pub xor: Value,
}

/// A comparison of a register with a value (`cmp`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compare {
    /// Where the left side is.
    pub register: Register,
    /// What is to hold.
    pub comparison: Comparison,
    /// The right side. As many bytes are compared as it has.
    pub value: Value,
}

/// What is to hold between two values, compared byte by byte (`enum nft_cmp_ops`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// They are equal.
    Equal,
    /// They differ.
    NotEqual,
    /// The left one is smaller.
    Less,
    /// The left one is smaller, or they are equal.
    LessOrEqual,
    /// The left one is larger.
    Greater,
    /// The left one is larger, or they are equal.
    GreaterOrEqual,
}

/// A comparison of a register with two values (`range`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// Where the value is.
    pub register: Register,
    /// Whether it must lie outside.
    pub outside: bool,
    /// The smallest value inside.
    pub from: Value,
    /// The largest value inside.
    pub to: Value,
}

/// At most so many packets or bytes a unit of time, after a first burst (`limit`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// How many a unit of time (`NFTA_LIMIT_RATE`).
    pub rate: u64,
    /// The unit of time (`NFTA_LIMIT_UNIT`).
    pub unit: LimitUnit,
    /// How many more may come at once (`NFTA_LIMIT_BURST`).
    pub burst: u32,
    /// Whether bytes are limited rather than packets (`NFTA_LIMIT_TYPE`).
    pub bytes: bool,
    /// Goes on where the limit is exceeded (`NFT_LIMIT_F_INV`).
    pub over: bool,
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LimitUnit {
    /// One second.
    Second,
    /// 60 seconds.
    Minute,
    /// 3 600 seconds.
    Hour,
    /// 86 400 seconds.
    Day,
    /// 604 800 seconds.
    Week,
}

impl LimitUnit {
    /// All units, the shortest first.
    pub const ALL: [LimitUnit; 5] =
        [LimitUnit::Second, LimitUnit::Minute, LimitUnit::Hour, LimitUnit::Day, LimitUnit::Week];

    /// How long it is.
    pub fn seconds(self) -> u64 {
        match self {
            LimitUnit::Second => 1,
            LimitUnit::Minute => 60,
            LimitUnit::Hour => 3_600,
            LimitUnit::Day => 86_400,
            LimitUnit::Week => 604_800,
        }
    }
}

/// What a rule decides (`NFTA_VERDICT_CODE`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleVerdict {
    /// The packet goes on to the next base chain (`NF_ACCEPT`).
    Accept,
    /// It ends (`NF_DROP`).
    Drop,
    /// A program decides (`NF_QUEUE`).
    Queue,
    /// The next rule is asked (`NFT_CONTINUE`).
    Continue,
    /// The chain is left, to where it was jumped from (`NFT_RETURN`).
    Return,
    /// Another chain is asked; then the next rule here (`NFT_JUMP`).
    Jump(String),
    /// Another chain is asked; then the chain that this one was jumped from goes on (`NFT_GOTO`).
    Goto(String),
}

impl RuleVerdict {
    /// The chain that it leads to.
    pub fn target(&self) -> Option<&str> {
        match self {
            RuleVerdict::Jump(chain) | RuleVerdict::Goto(chain) => Some(chain),
            _ => None,
        }
    }
}

impl std::fmt::Display for RuleVerdict {
    /// As `nft` writes it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RuleVerdict::Accept => f.write_str("accept"),
            RuleVerdict::Drop => f.write_str("drop"),
            RuleVerdict::Queue => f.write_str("queue"),
            RuleVerdict::Continue => f.write_str("continue"),
            RuleVerdict::Return => f.write_str("return"),
            RuleVerdict::Jump(chain) => write!(f, "jump {chain}"),
            RuleVerdict::Goto(chain) => write!(f, "goto {chain}"),
        }
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Value {
        Value(bytes.to_vec())
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Value {
        Value(bytes.to_vec())
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:?}"))
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = crate::event::hex::bytes(&text);
        bytes.map(Value).ok_or_else(|| D::Error::custom("not pairs of hexadecimal digits"))
    }
}
