//! The tables of `iptables` and their chains (`xtables_ipv4`).

use vethlab_shared::event::Hook;
use vethlab_shared::netfilter::{BaseChain, ChainKind, ChainSpec, Policy};

/// A chain that packets come to by themselves.
#[derive(Debug)]
pub(super) struct BuiltIn {
    pub(super) name: &'static str,
    kind: ChainKind,
    pub(super) hook: Hook,
    priority: i32,
}

/// A table, and its chains in the order in which they are made.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) chains: &'static [BuiltIn],
}

const fn filter(name: &'static str, hook: Hook, priority: i32) -> BuiltIn {
    BuiltIn { name, kind: ChainKind::Filter, hook, priority }
}

const fn nat(name: &'static str, hook: Hook, priority: i32) -> BuiltIn {
    BuiltIn { name, kind: ChainKind::Nat, hook, priority }
}

/// In the order in which `iptables-save` writes them.
pub(super) const TABLES: [Table; 5] = [
    Table {
        name: "mangle",
        chains: &[
            filter("PREROUTING", Hook::PreRouting, -150),
            filter("INPUT", Hook::LocalIn, -150),
            filter("FORWARD", Hook::Forward, -150),
            BuiltIn { kind: ChainKind::Route, ..filter("OUTPUT", Hook::LocalOut, -150) },
            filter("POSTROUTING", Hook::PostRouting, -150),
        ],
    },
    Table {
        name: "security",
        chains: &[
            filter("INPUT", Hook::LocalIn, 150),
            filter("FORWARD", Hook::Forward, 150),
            filter("OUTPUT", Hook::LocalOut, 150),
        ],
    },
    Table {
        name: "raw",
        chains: &[filter("PREROUTING", Hook::PreRouting, -300), filter("OUTPUT", Hook::LocalOut, -300)],
    },
    Table {
        name: "filter",
        chains: &[
            filter("INPUT", Hook::LocalIn, 0),
            filter("FORWARD", Hook::Forward, 0),
            filter("OUTPUT", Hook::LocalOut, 0),
        ],
    },
    Table {
        name: "nat",
        chains: &[
            nat("PREROUTING", Hook::PreRouting, -100),
            nat("INPUT", Hook::LocalIn, 100),
            nat("POSTROUTING", Hook::PostRouting, 100),
            nat("OUTPUT", Hook::LocalOut, -100),
        ],
    },
];

/// The table of this name.
pub(super) fn find(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

impl Table {
    /// Its built-in chain of this name.
    pub(super) fn chain(&self, name: &str) -> Option<&'static BuiltIn> {
        self.chains.iter().find(|chain| chain.name == name)
    }

    /// Whether a chain is the built-in one of its hook (`nft_cache_add_base_chain`).
    pub(super) fn owns(&self, name: &str, base: &BaseChain) -> bool {
        let found = self.chains.iter().find(|chain| chain.hook == base.hook);
        found.is_some_and(|chain| {
            chain.name == name && chain.kind == base.kind && chain.priority == base.priority
        })
    }
}

impl BuiltIn {
    /// What makes it.
    pub(super) fn spec(&self, policy: Option<Policy>) -> ChainSpec {
        ChainSpec { base: Some((self.kind, self.hook, self.priority)), policy, ..ChainSpec::new(self.name) }
    }

    /// What it is before anybody touches it.
    pub(super) fn base(&self) -> BaseChain {
        BaseChain {
            kind: self.kind,
            hook: self.hook,
            priority: self.priority,
            policy: Policy::Accept,
            counters: None,
        }
    }
}

/// Where a hook comes among the others (`enum nf_inet_hooks`).
pub(super) fn place(hook: Hook) -> usize {
    match hook {
        Hook::PreRouting => 0,
        Hook::LocalIn => 1,
        Hook::Forward => 2,
        Hook::LocalOut => 3,
        Hook::PostRouting => 4,
    }
}
