//! Packet filters of a namespace: the messages of `nf_tables`, by the kernel's `net/netfilter/nf_tables_api.c`.

mod attribute;
mod batch;
mod chain;
pub(crate) mod conntrack;
mod expression;
mod message;
mod rule;
mod set;
mod xt;

use crate::error::io_refused;
use crate::netlink::Channel;
use attribute::Attributes;
use message::{Kind, Message, family, family_number};
use netlink_sys::protocols::NETLINK_NETFILTER;
use std::io::ErrorKind;
use vethlab_shared::change::Modify;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::netfilter::{Ruleset, RulesetChange, SetElement, Table, TableId};

/// The tables of iptables' legacy back end that this thread's namespace has. Reading makes none.
const LEGACY_TABLES: &str = "/proc/thread-self/net/ip_tables_names";
/// `NFTA_TABLE_NAME`.
const TABLE_NAME: u16 = 1;
/// `NFTA_TABLE_HANDLE`.
const TABLE_HANDLE: u16 = 4;

/// All tables of this thread's namespace.
///
/// # Errors
/// The kernel's, or there is something that is not modelled.
pub fn read() -> Result<Ruleset, StackError> {
    if has_legacy_tables()? {
        return Err(StackError::NotModelled("tables of iptables-legacy".to_owned()));
    }
    let mut channel = Channel::open(NETLINK_NETFILTER)?;
    let tables = match channel.dump(&get(Kind::GetTable)) {
        Ok(tables) => tables,
        // A kernel without netfilter netlink, or without nf_tables behind it.
        Err(error) if matches!(error.errno(), Some(Errno::EPROTONOSUPPORT | Errno::EINVAL)) => {
            return Ok(Ruleset::default());
        }
        Err(error) => return Err(error),
    };
    let mut ruleset = Ruleset::default();
    for message in tables {
        let (number, attributes) = message.content()?;
        let name = attributes.text(TABLE_NAME).unwrap_or_default();
        let id = TableId { family: family(number)?, name };
        let handle = attributes.u64(TABLE_HANDLE).unwrap_or_default();
        ruleset.tables.push(Table { id, handle, chains: Vec::new(), sets: Vec::new() });
    }
    if ruleset.tables.is_empty() {
        return Ok(ruleset);
    }
    for message in channel.dump(&get(Kind::GetChain))? {
        let (id, chain) = chain::decode(&message)?;
        if let Some(table) = ruleset.tables.iter_mut().find(|table| table.id == id) {
            table.chains.push(chain);
        }
    }
    for message in channel.dump(&get(Kind::GetSet))? {
        let (id, mut set) = set::decode(&message)?;
        let elements = Message::new(Kind::GetElement, family_number(id.family), set::named(&id, &set.name));
        let messages = channel.dump(&elements)?;
        set.elements = set::elements(&messages, &set)?;
        if let Some(table) = ruleset.tables.iter_mut().find(|table| table.id == id) {
            table.sets.push(set);
        }
    }
    for message in channel.dump(&get(Kind::GetRule))? {
        let (id, name, rule) = rule::decode(&message)?;
        let table = ruleset.tables.iter_mut().find(|table| table.id == id);
        let chain = table.and_then(|table| table.chains.iter_mut().find(|chain| chain.name == name));
        if let Some(chain) = chain {
            chain.rules.push(rule);
        }
    }
    Ok(ruleset)
}

/// Alters the tables of this thread's namespace, all or nothing.
///
/// # Errors
/// The kernel's, with the place of the one that it refuses.
pub fn apply(changes: &[RulesetChange]) -> Result<(), StackError> {
    let mut parts = Vec::new();
    // Of which change each message is.
    let mut places = Vec::new();
    for (place, change) in changes.iter().enumerate() {
        parts.push(request(change)?);
        parts.extend(more(change));
        places.resize(parts.len(), place);
    }
    batch::send(&parts).map_err(|error| match error {
        StackError::Refused { errno, part: Some(part), .. } => {
            StackError::in_list(places.get(part).copied().unwrap_or(part), errno)
        }
        other => other,
    })
}

/// A request for everything of a kind, of any family.
fn get(kind: Kind) -> Message {
    Message::new(kind, 0, Attributes::default())
}

/// The messages that follow the first one of an alteration: elements of sets, so many a message.
fn more(change: &RulesetChange) -> Vec<(Message, u16)> {
    let (kind, flags, table, set, id, elements) = match change {
        RulesetChange::AddSet { table, set, .. } => {
            let flags = Modify::CREATE.bits();
            (Kind::NewElement, flags, table, set.name.as_str(), set.id, set.elements.as_slice())
        }
        RulesetChange::AddElements { how, table, set, elements } => {
            (Kind::NewElement, how.bits(), table, set.as_str(), None, set::behind_first(elements))
        }
        RulesetChange::DeleteElements { table, set, elements: Some(elements) } => {
            (Kind::DeleteElement, 0, table, set.as_str(), None, set::behind_first(elements))
        }
        _ => return Vec::new(),
    };
    let chunks = elements.chunks(set::MOST_ELEMENTS);
    let message = |chunk: &[SetElement]| {
        let attributes = set::listed(table, set, id, chunk);
        (Message::new(kind, family_number(table.family), attributes), flags)
    };
    chunks.map(message).collect()
}

/// The message that an alteration is, and its `NLM_F_*` flags.
fn request(change: &RulesetChange) -> Result<(Message, u16), StackError> {
    let table_named = |table: &TableId| Attributes::default().text(TABLE_NAME, &table.name);
    let message =
        |kind, table: &TableId, attributes| Message::new(kind, family_number(table.family), attributes);
    Ok(match change {
        RulesetChange::AddTable { how, table } => {
            (message(Kind::NewTable, table, table_named(table)), how.bits())
        }
        RulesetChange::DeleteTable(table) => (message(Kind::DeleteTable, table, table_named(table)), 0),
        RulesetChange::AddChain { how, table, chain } => {
            (message(Kind::NewChain, table, chain::added(table, chain)), how.bits())
        }
        RulesetChange::RenameChain { table, handle, name } => {
            (message(Kind::NewChain, table, chain::renamed(table, *handle, name)), 0)
        }
        RulesetChange::DeleteChain { table, name } => {
            (message(Kind::DeleteChain, table, chain::named(table, name)), chain::NOT_RECURSIVE)
        }
        RulesetChange::AddRule { table, chain, place, rule } => {
            let (attributes, flags) = rule::added(table, chain, *place, rule)?;
            (message(Kind::NewRule, table, attributes), flags)
        }
        RulesetChange::DeleteRule { table, chain, rule } => {
            (message(Kind::DeleteRule, table, rule::deleted(table, chain.as_deref(), *rule)), 0)
        }
        RulesetChange::AddSet { how, table, set } => {
            (message(Kind::NewSet, table, set::added(table, set)), how.bits())
        }
        RulesetChange::DeleteSet { table, name } => {
            (message(Kind::DeleteSet, table, set::named(table, name)), 0)
        }
        RulesetChange::AddElements { how, table, set, elements } => {
            let attributes = set::listed(table, set, None, set::first(elements));
            (message(Kind::NewElement, table, attributes), how.bits())
        }
        RulesetChange::DeleteElements { table, set, elements } => {
            let attributes = match elements {
                Some(elements) => set::listed(table, set, None, set::first(elements)),
                // All of them go.
                None => set::named(table, set),
            };
            (message(Kind::DeleteElement, table, attributes), 0)
        }
    })
}

fn has_legacy_tables() -> Result<bool, StackError> {
    match std::fs::read_to_string(LEGACY_TABLES) {
        Ok(names) => Ok(!names.trim().is_empty()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(io_refused(error)),
    }
}
