//! The packet filter, as `iptables` sees it.

use serde::{Deserialize, Serialize};

/// A table of the packet filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RulesetTable {
    /// Which packets may pass.
    Filter,
    /// Address translation.
    Nat,
    /// Altering packets.
    Mangle,
    /// Before connection tracking.
    Raw,
    /// Security labels.
    Security,
}

/// What becomes of a packet that reaches the end of a built-in chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Policy {
    /// It passes.
    #[default]
    Accept,
    /// It is dropped.
    Drop,
}

/// A built-in chain. Rules come with the firewall; until then every chain is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// `INPUT`, `FORWARD`, …
    pub name: String,
    /// Its policy.
    pub policy: Policy,
}

/// The chains of one table, in the order in which `iptables` lists them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruleset {
    /// Which table.
    pub table: RulesetTable,
    /// Its chains.
    pub chains: Vec<Chain>,
}

impl RulesetTable {
    /// The table as it is before anybody touches it: its built-in chains, empty, with policy ACCEPT.
    pub fn untouched(self) -> Ruleset {
        let names: &[&str] = match self {
            RulesetTable::Filter | RulesetTable::Security => &["INPUT", "FORWARD", "OUTPUT"],
            RulesetTable::Nat => &["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
            RulesetTable::Mangle => &["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
            RulesetTable::Raw => &["PREROUTING", "OUTPUT"],
        };
        let chains =
            names.iter().map(|&name| Chain { name: name.to_owned(), policy: Policy::Accept }).collect();
        Ruleset { table: self, chains }
    }
}
