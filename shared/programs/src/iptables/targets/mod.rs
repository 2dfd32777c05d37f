//! The targets: one file a group. Each has its options, how it reads them, and how it is shown.

mod mark;
mod nat;
mod plain;

use super::extension::{Given, Opt};
use super::problem::Outcome;
use vethlab_shared::netfilter::Target;

/// A target that can be asked for by `-j`.
pub(super) struct TargetKind {
    /// Its name.
    pub(super) name: &'static str,
    pub(super) options: &'static [Opt],
    /// What it is without any option.
    pub(super) start: fn() -> Target,
    /// Takes an option in.
    pub(super) parse: fn(&mut Target, &mut Given<'_>) -> Outcome<()>,
    /// Looks at all in the end; the bits are the options that were given.
    pub(super) check: fn(&mut Target, u32) -> Outcome<()>,
}

impl std::fmt::Debug for TargetKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Every target, by name.
const ALL: [&TargetKind; 12] = [
    &plain::REJECT,
    &plain::LOG,
    &plain::TTL,
    &plain::TCPMSS,
    &plain::CT,
    &plain::NOTRACK,
    &mark::MARK,
    &mark::CONNMARK,
    &nat::SNAT,
    &nat::DNAT,
    &nat::MASQUERADE,
    &nat::REDIRECT,
];

/// Targets of `iptables` 1.8.9 that are not modelled.
const OTHERS: &[&str] = &[
    "AUDIT",
    "CHECKSUM",
    "CLASSIFY",
    "CLUSTERIP",
    "CONNSECMARK",
    "DSCP",
    "ECN",
    "HMARK",
    "IDLETIMER",
    "LED",
    "NETMAP",
    "NFLOG",
    "NFQUEUE",
    "QUEUE",
    "RATEEST",
    "SECMARK",
    "SET",
    "SYNPROXY",
    "TCPOPTSTRIP",
    "TEE",
    "TOS",
    "TPROXY",
    "TRACE",
    "ULOG",
];

/// The verdicts that are no targets of `x_tables`.
pub(super) const STANDARD: [&str; 3] = ["ACCEPT", "DROP", "RETURN"];

/// The target of this name.
pub(super) fn find(name: &str) -> Option<&'static TargetKind> {
    ALL.iter().copied().find(|kind| kind.name == name)
}

/// Whether there is one of this name that is not modelled.
pub(super) fn is_other(name: &str) -> bool {
    OTHERS.contains(&name)
}

/// Whether a chain must not have this name.
pub(super) fn is_target(name: &str) -> bool {
    name.is_empty() || STANDARD.contains(&name) || find(name).is_some() || is_other(name)
}

/// The names of all options, for completion.
pub(super) fn option_names() -> impl Iterator<Item = &'static str> {
    ALL.iter().flat_map(|kind| kind.options).map(|option| option.name)
}

/// The names of all, for completion.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    STANDARD.into_iter().chain(ALL.iter().map(|kind| kind.name))
}

/// The name that stands behind `-j`.
pub(crate) fn name(target: &Target) -> &str {
    match target {
        Target::Reject(_) => "REJECT",
        Target::Log(_) => "LOG",
        Target::Mark { .. } => "MARK",
        Target::Ttl { .. } => "TTL",
        Target::Snat(_) => "SNAT",
        Target::Dnat(_) => "DNAT",
        Target::Masquerade(_) => "MASQUERADE",
        Target::Redirect(_) => "REDIRECT",
        // The listing names the target that it is, whatever was written.
        Target::Notrack { .. } => "CT",
        Target::Connmark { .. } => "CONNMARK",
        Target::Tcpmss(_) => "TCPMSS",
        Target::Other(extension) => &extension.name,
    }
}

/// The name that a saved rule gives it.
pub(super) fn saved_name(target: &Target) -> &str {
    match target {
        Target::Notrack { as_ct: false } => "NOTRACK",
        other => name(other),
    }
}

/// How a listing shows it, with a blank in front.
pub(super) fn shown(target: &Target, numeric: bool) -> String {
    match target {
        Target::Snat(_) | Target::Dnat(_) | Target::Masquerade(_) | Target::Redirect(_) => nat::shown(target),
        Target::Mark { .. } | Target::Connmark { .. } => mark::shown(target),
        other => plain::shown(other, numeric),
    }
}

/// Its options in a saved rule, with a blank in front of each.
pub(super) fn saved(target: &Target) -> String {
    match target {
        Target::Snat(_) | Target::Dnat(_) | Target::Masquerade(_) | Target::Redirect(_) => nat::saved(target),
        Target::Mark { .. } | Target::Connmark { .. } => mark::saved(target),
        other => plain::saved(other),
    }
}

/// Nothing is to be looked at in the end.
fn no_check(_: &mut Target, _: u32) -> Outcome<()> {
    Ok(())
}
