//! Packet filters as `nf_tables` keeps them: tables, chains, rules, and the expressions that rules are made of.
//!
//! Both `iptables` (1.8, `nf_tables`) and `nft` speak this vocabulary to the kernel (`NFNL_SUBSYS_NFTABLES` in
//! `linux/netfilter/nf_tables.h`), so that each shows the rules that the other made. Addresses, ports and other values in
//! expressions are bytes in network order, as they stand in a packet; metadata such as marks are in the byte order of
//! little-endian machines.

mod change;
mod connection;
mod expression;
mod native;
mod set;
mod xt;

pub use change::{ChainSpec, RuleId, RulePlace, RuleSpec, RulesetChange};
pub use connection::{
    ConnectionCounter, ConnectionEvent, ConnectionGroups, ConnectionStatus, ConnectionTuple, ConnectionView,
    TcpConntrackState, TuplePart,
};
pub use expression::{
    Bitwise, Compare, Comparison, Expression, Limit, LimitUnit, MetaKey, Payload, PayloadBase, Range,
    Register, RuleVerdict, Value,
};
pub use native::{Ct, CtKey, Log, Masquerade, Nat, Redirect, Reject};
pub use set::{DataType, ElementData, Lookup, LookupTo, MapType, Set, SetElement, SetFlags, SetSpec};
pub use xt::{
    AddressTypes, ConntrackMatch, CtState, Extension, IcmpMatch, LogTarget, Match, MultiportMatch, NatFlags,
    NatRange, PortSide, PortSpan, RejectWith, Target, TcpMatch, UdpMatch,
};

use crate::event::Hook;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which packets a table sees (`NFPROTO_*`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TableFamily {
    /// Packets of IPv4.
    #[default]
    Ip,
    /// Packets of IPv4 and IPv6.
    Inet,
    /// Packets of IPv6.
    Ip6,
    /// ARP packets.
    Arp,
    /// Frames that cross a bridge.
    Bridge,
    /// Frames that a link has received.
    Netdev,
}

/// What names a table: its family and its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TableId {
    /// Which packets it sees.
    #[serde(default)]
    pub family: TableFamily,
    /// `NFTA_TABLE_NAME`.
    pub name: String,
}

impl TableId {
    /// A table of IPv4, as `iptables` makes them.
    pub fn ip(name: &str) -> TableId {
        TableId { family: TableFamily::Ip, name: name.to_owned() }
    }
}

impl fmt::Display for TableFamily {
    /// As `nft` writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TableFamily::Ip => "ip",
            TableFamily::Inet => "inet",
            TableFamily::Ip6 => "ip6",
            TableFamily::Arp => "arp",
            TableFamily::Bridge => "bridge",
            TableFamily::Netdev => "netdev",
        })
    }
}

/// All tables of a namespace, in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruleset {
    /// The tables.
    pub tables: Vec<Table>,
}

impl Ruleset {
    /// The table of this name.
    pub fn table(&self, id: &TableId) -> Option<&Table> {
        self.tables.iter().find(|table| table.id == *id)
    }
}

/// A table (`NFT_MSG_NEWTABLE`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Family and name.
    pub id: TableId,
    /// The number that it got when it was made (`NFTA_TABLE_HANDLE`).
    pub handle: u64,
    /// Its chains, in the order in which they were made.
    pub chains: Vec<Chain>,
    /// Its sets and maps, in the order in which they were made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sets: Vec<Set>,
}

impl Table {
    /// The chain of this name.
    pub fn chain(&self, name: &str) -> Option<&Chain> {
        self.chains.iter().find(|chain| chain.name == name)
    }

    /// The set or map of this name.
    pub fn set(&self, name: &str) -> Option<&Set> {
        self.sets.iter().find(|set| set.name == name)
    }
}

/// A chain of rules (`NFT_MSG_NEWCHAIN`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// `NFTA_CHAIN_NAME`.
    pub name: String,
    /// The number that it got when it was made (`NFTA_CHAIN_HANDLE`). Chains and rules of a table share the numbers.
    pub handle: u64,
    /// Where packets enter it; `None` where only other chains lead to it.
    pub base: Option<BaseChain>,
    /// Its rules, first to last.
    pub rules: Vec<Rule>,
}

/// That by which packets come to a chain by themselves (`NFTA_CHAIN_HOOK`, `NFTA_CHAIN_TYPE`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseChain {
    /// What the chain is for.
    pub kind: ChainKind,
    /// The point on a packet's way.
    pub hook: Hook,
    /// Its turn at that point: the lowest is asked first.
    pub priority: i32,
    /// What becomes of a packet that no rule decides on.
    pub policy: Policy,
    /// How many packets the policy decided on; `None` as long as nobody asked for it to be counted (`NFTA_CHAIN_COUNTERS`).
    pub counters: Option<Counters>,
}

/// What a base chain is for (`enum nft_chain_types`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChainKind {
    /// Which packets may pass.
    Filter,
    /// As filter; a packet that it alters on its way out is routed again.
    Route,
    /// Address translation: it sees the first packet of a connection only.
    Nat,
}

/// What becomes of a packet that reaches the end of a base chain (`NFTA_CHAIN_POLICY`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Policy {
    /// It passes.
    #[default]
    Accept,
    /// It is dropped.
    Drop,
}

/// A rule of a chain (`NFT_MSG_NEWRULE`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The number that it got when it was made (`NFTA_RULE_HANDLE`).
    pub handle: u64,
    /// What it looks at and does, in order.
    pub expressions: Vec<Expression>,
    /// What its author notes on it (`NFTNL_UDATA_RULE_COMMENT` in `NFTA_RULE_USERDATA`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// What was counted: packets, and their bytes from the network header on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// How many packets.
    pub packets: u64,
    /// How many bytes.
    pub bytes: u64,
}
