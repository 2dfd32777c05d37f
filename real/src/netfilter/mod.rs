//! Packet filters of a namespace: the messages of `nf_tables`, by the kernel's `net/netfilter/nf_tables_api.c`.

mod attribute;
mod batch;
mod chain;
pub(crate) mod conntrack;
mod expression;
mod message;
mod rule;
mod xt;

use crate::error::io_refused;
use crate::netlink::Channel;
use attribute::Attributes;
use message::{Kind, Message, family, family_number};
use netlink_sys::protocols::NETLINK_NETFILTER;
use std::io::ErrorKind;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::netfilter::{Ruleset, RulesetChange, Table, TableId};

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
        ruleset.tables.push(Table { id, handle, chains: Vec::new() });
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
    let parts: Result<Vec<_>, StackError> = changes.iter().map(request).collect();
    batch::send(&parts?)
}

/// A request for everything of a kind, of any family.
fn get(kind: Kind) -> Message {
    Message::new(kind, 0, Attributes::default())
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
    })
}

fn has_legacy_tables() -> Result<bool, StackError> {
    match std::fs::read_to_string(LEGACY_TABLES) {
        Ok(names) => Ok(!names.trim().is_empty()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(io_refused(error)),
    }
}
