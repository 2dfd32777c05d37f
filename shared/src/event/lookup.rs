//! What a routing lookup considered, and what it made of it.

use crate::name::LinkName;
use crate::prefix::Prefix;
use crate::view::RouteKind;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// An entry that a routing lookup looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Considered {
    /// The priority of the rule that asks the table.
    pub rule: u32,
    /// The table.
    pub table: u32,
    /// The entry's prefix.
    pub prefix: Prefix,
    /// Its kind.
    pub kind: RouteKind,
    /// Its metric.
    pub metric: u32,
    /// Its gateway.
    pub gateway: Option<IpAddr>,
    /// Its link.
    pub output: Option<LinkName>,
    /// What was made of it.
    pub verdict: Verdict,
}

/// What a routing lookup made of an entry whose prefix fits (`fib_table_lookup`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It decides the lookup.
    Taken,
    /// A `throw` route: the next table is asked.
    NextTable,
    /// It is for another type of service.
    OtherTos,
    /// It does not reach near enough.
    Scope,
    /// Its link has no carrier, and `ignore_routes_with_linkdown` is set.
    LinkDown,
    /// It leaves by another link than the one that was asked for.
    OtherLink,
}

/// By what a packet's source address was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceChoice {
    /// The sender had settled it already.
    Given,
    /// The route names it (`src`).
    Route,
    /// An address of the link that fits the next hop and the scope (`inet_select_addr`).
    Link,
    /// To an own address, the address itself.
    Destination,
}
