//! Chains (`nf_tables_fill_chain_info`, `nf_tables_newchain`).

use super::attribute::{Attributes, Received};
use super::message::{Message, family};
use vethlab_shared::error::StackError;
use vethlab_shared::event::Hook;
use vethlab_shared::netfilter::{
    BaseChain, Chain, ChainKind, ChainSpec, Counters, Policy, TableFamily, TableId,
};

/// `NLM_F_NONREC`: a chain that has rules is not deleted.
pub(super) const NOT_RECURSIVE: u16 = 0x100;

/// `NFTA_CHAIN_TABLE`.
const TABLE: u16 = 1;
/// `NFTA_CHAIN_HANDLE`.
const HANDLE: u16 = 2;
/// `NFTA_CHAIN_NAME`.
const NAME: u16 = 3;
/// `NFTA_CHAIN_HOOK`.
const HOOK: u16 = 4;
/// `NFTA_CHAIN_POLICY`.
const POLICY: u16 = 5;
/// `NFTA_CHAIN_TYPE`.
const TYPE: u16 = 7;
/// `NFTA_CHAIN_COUNTERS`.
const COUNTERS: u16 = 8;
/// `NFTA_HOOK_HOOKNUM`.
const HOOK_NUMBER: u16 = 1;
/// `NFTA_HOOK_PRIORITY`.
const HOOK_PRIORITY: u16 = 2;
/// `NFTA_COUNTER_BYTES`.
const BYTES: u16 = 1;
/// `NFTA_COUNTER_PACKETS`.
const PACKETS: u16 = 2;

/// The hooks of IP, inet and bridge (`enum nf_inet_hooks`), by their numbers.
const HOOKS: [Hook; 5] = [Hook::PreRouting, Hook::LocalIn, Hook::Forward, Hook::LocalOut, Hook::PostRouting];

/// The kinds of chains, as the kernel names them.
const KINDS: [(ChainKind, &str); 3] =
    [(ChainKind::Filter, "filter"), (ChainKind::Route, "route"), (ChainKind::Nat, "nat")];

/// What names a chain.
pub(super) fn named(table: &TableId, name: &str) -> Attributes {
    Attributes::default().text(TABLE, &table.name).text(NAME, name)
}

/// Another name for a chain.
pub(super) fn renamed(table: &TableId, handle: u64, name: &str) -> Attributes {
    Attributes::default().text(TABLE, &table.name).u64(HANDLE, handle).text(NAME, name)
}

/// A chain to make or to alter.
pub(super) fn added(table: &TableId, chain: &ChainSpec) -> Attributes {
    named(table, &chain.name)
        .maybe(chain.base, |attributes, (kind, hook, priority)| {
            let number = HOOKS.iter().position(|this| *this == hook).unwrap_or_default() as u32;
            let hook =
                Attributes::default().u32(HOOK_NUMBER, number).u32(HOOK_PRIORITY, priority.cast_unsigned());
            let kind = KINDS.iter().find(|(this, _)| *this == kind).map_or("filter", |(_, name)| name);
            attributes.nest(HOOK, &hook).text(TYPE, kind)
        })
        .maybe(chain.policy, |attributes, policy| attributes.u32(POLICY, u32::from(policy == Policy::Accept)))
        .maybe(chain.counters, |attributes, counters| attributes.nest(COUNTERS, &counted(counters)))
}

/// Counters (`NFTA_COUNTER_*`).
pub(super) fn counted(counters: Counters) -> Attributes {
    Attributes::default().u64(BYTES, counters.bytes).u64(PACKETS, counters.packets)
}

/// The counters that attributes hold.
pub(super) fn counters(attributes: &Received<'_>) -> Option<Counters> {
    Some(Counters { packets: attributes.u64(PACKETS)?, bytes: attributes.u64(BYTES)? })
}

/// A chain that the kernel tells of, and its table.
///
/// # Errors
/// It stands at a hook that is not modelled.
pub(super) fn decode(message: &Message) -> Result<(TableId, Chain), StackError> {
    let (number, attributes) = message.content()?;
    let family = family(number)?;
    let table = TableId { family, name: attributes.text(TABLE).unwrap_or_default() };
    let base = match attributes.nested(HOOK) {
        Some(hook) => Some(base_of(family, &hook, &attributes)?),
        None => None,
    };
    let chain = Chain {
        name: attributes.text(NAME).unwrap_or_default(),
        handle: attributes.u64(HANDLE).unwrap_or_default(),
        base,
        rules: Vec::new(),
    };
    Ok((table, chain))
}

fn base_of(family: TableFamily, hook: &Received<'_>, chain: &Received<'_>) -> Result<BaseChain, StackError> {
    let not_modelled = || StackError::NotModelled(format!("chains of family {family}"));
    if matches!(family, TableFamily::Arp | TableFamily::Netdev) {
        return Err(not_modelled());
    }
    let number = hook.u32(HOOK_NUMBER).unwrap_or_default() as usize;
    let kind = chain.text(TYPE).unwrap_or_default();
    let kind = KINDS.iter().find(|(_, name)| *name == kind).map(|(kind, _)| *kind);
    Ok(BaseChain {
        kind: kind.ok_or_else(not_modelled)?,
        hook: *HOOKS.get(number).ok_or_else(not_modelled)?,
        priority: hook.u32(HOOK_PRIORITY).unwrap_or_default().cast_signed(),
        policy: if chain.u32(POLICY) == Some(0) { Policy::Drop } else { Policy::Accept },
        counters: chain.nested(COUNTERS).and_then(|nested| counters(&nested)),
    })
}
