//! Alterations of a ruleset. A list of them is applied whole or not at all, as a batch of `nf_tables` is.

use super::{ChainKind, Counters, Expression, Policy, SetElement, SetSpec, TableId};
use crate::change::Modify;
use crate::event::Hook;
use serde::{Deserialize, Serialize};

/// One alteration of a ruleset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RulesetChange {
    /// `NFT_MSG_NEWTABLE`.
    AddTable {
        /// Whether it may or must be new.
        how: Modify,
        /// Family and name.
        table: TableId,
    },
    /// `NFT_MSG_DELTABLE`, with all that is in it.
    DeleteTable(TableId),
    /// `NFT_MSG_NEWCHAIN`: makes a chain, or sets policy and counters of one that is there.
    AddChain {
        /// Whether it may or must be new.
        how: Modify,
        /// The table that it is in.
        table: TableId,
        /// The chain.
        chain: ChainSpec,
    },
    /// `NFT_MSG_NEWCHAIN` with a handle: gives a chain another name.
    RenameChain {
        /// The table that it is in.
        table: TableId,
        /// The chain's number.
        handle: u64,
        /// Its new name.
        name: String,
    },
    /// `NFT_MSG_DELCHAIN` with `NLM_F_NONREC`: only where it has no rule and none leads to it.
    DeleteChain {
        /// The table that it is in.
        table: TableId,
        /// Its name.
        name: String,
    },
    /// `NFT_MSG_NEWRULE`.
    AddRule {
        /// The table that it is in.
        table: TableId,
        /// The chain's name.
        chain: String,
        /// Where in the chain.
        place: RulePlace,
        /// The rule.
        rule: RuleSpec,
    },
    /// `NFT_MSG_DELRULE`.
    DeleteRule {
        /// The table that it is in.
        table: TableId,
        /// The chain's name; `None` is all chains of the table.
        chain: Option<String>,
        /// The rule; `None` is all rules of the chain.
        rule: Option<RuleId>,
    },
    /// `NFT_MSG_NEWSET`, and `NFT_MSG_NEWSETELEM` for its first elements.
    AddSet {
        /// Whether it may or must be new.
        how: Modify,
        /// The table that it is in.
        table: TableId,
        /// The set.
        set: SetSpec,
    },
    /// `NFT_MSG_DELSET`: only where no rule uses it.
    DeleteSet {
        /// The table that it is in.
        table: TableId,
        /// Its name.
        name: String,
    },
    /// `NFT_MSG_NEWSETELEM`.
    AddElements {
        /// Whether they may or must be new.
        how: Modify,
        /// The table that the set is in.
        table: TableId,
        /// The set's name.
        set: String,
        /// The elements.
        elements: Vec<SetElement>,
    },
    /// `NFT_MSG_DELSETELEM`.
    DeleteElements {
        /// The table that the set is in.
        table: TableId,
        /// The set's name.
        set: String,
        /// The elements; `None` is all of them.
        elements: Option<Vec<SetElement>>,
    },
}

/// A chain to make or to alter. `None` leaves a thing as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainSpec {
    /// `NFTA_CHAIN_NAME`.
    pub name: String,
    /// Where packets are to enter it: what it is for, the point, its turn there.
    pub base: Option<(ChainKind, Hook, i32)>,
    /// `NFTA_CHAIN_POLICY`.
    pub policy: Option<Policy>,
    /// Begins to count what the policy decides on, with these numbers (`NFTA_CHAIN_COUNTERS`).
    pub counters: Option<Counters>,
}

impl ChainSpec {
    /// A chain that only other chains lead to.
    pub fn new(name: &str) -> ChainSpec {
        ChainSpec { name: name.to_owned(), base: None, policy: None, counters: None }
    }
}

/// A rule to make.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSpec {
    /// What it looks at and does, in order.
    pub expressions: Vec<Expression>,
    /// What its author notes on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// A number of the sender's own, by which later changes of the same list can name the rule (`NFTA_RULE_ID`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u32>,
}

/// Where a new rule goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RulePlace {
    /// Behind all others of its chain.
    Last,
    /// In front of all others of its chain.
    First,
    /// In front of this one.
    Before(RuleId),
    /// Behind this one.
    After(RuleId),
    /// In the place of this one.
    Replace(RuleId),
}

/// What names a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleId {
    /// A rule that is there, by its number ([`super::Rule::handle`]).
    Handle(u64),
    /// A rule that the same list of changes makes ([`RuleSpec::id`]).
    New(u32),
}
