//! Asking the tables (`fib_lookup`, `fib_table_lookup`): pure, nothing is altered.

use super::Fib;
use super::settings::RouteSettings;
use super::table::{Entry, Table};
use std::net::Ipv4Addr;
use vethlab_shared::error::Errno;
use vethlab_shared::name::IfIndex;
use vethlab_shared::prefix::Prefix;
use vethlab_shared::view::{RouteKind, Scope, table as id};

/// What is asked (`struct flowi4`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key<'a> {
    pub(crate) destination: Ipv4Addr,
    pub(crate) tos: u8,
    /// Only routes by this link count.
    pub(crate) output: Option<IfIndex>,
    /// Only routes at least this near count.
    pub(crate) scope: Scope,
    /// Whose `ignore_routes_with_linkdown` counts; `None` is `FIB_LOOKUP_IGNORE_LINKSTATE`.
    pub(crate) settings: Option<&'a RouteSettings>,
}

impl<'a> Key<'a> {
    /// A question for a destination and nothing else.
    pub(crate) fn to(destination: Ipv4Addr, settings: Option<&'a RouteSettings>) -> Key<'a> {
        Key { destination, tos: 0, output: None, scope: Scope::UNIVERSE, settings }
    }
}

/// The entry that won (`struct fib_result`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Match<'a> {
    pub(crate) table: u32,
    pub(crate) prefix: Prefix,
    pub(crate) entry: &'a Entry,
}

/// An entry that a lookup came by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step<'a> {
    pub(crate) candidate: Match<'a>,
    /// Whether it decided the lookup.
    pub(crate) taken: bool,
}

/// What looking in one trie gave.
enum Found<'a> {
    Entry(Match<'a>),
    /// An entry that refuses (`fib_props[].error`).
    Refusal(Errno),
    /// Nothing, or a `throw` route: look in the next table.
    Nothing,
}

impl Fib {
    /// Finds the route for a destination, and tells every entry that it came by, the longest prefix first
    /// (`fib_lookup`).
    ///
    /// # Errors
    /// `ENETUNREACH` where there is none, or what the winning entry says: `EINVAL` for `blackhole`,
    /// `EHOSTUNREACH` for `unreachable`, `EACCES` for `prohibit`.
    pub(crate) fn lookup<'a>(
        &'a self,
        key: &Key<'_>,
        step: &mut impl FnMut(Step<'a>),
    ) -> Result<Match<'a>, Errno> {
        for tables in [[self.table(id::LOCAL), self.table(id::MAIN)], [self.table(id::DEFAULT), None]] {
            match search(tables, key, step) {
                Found::Entry(found) => return Ok(found),
                Found::Refusal(errno) => return Err(errno),
                Found::Nothing => {}
            }
        }
        Err(Errno::ENETUNREACH)
    }

    /// Looks in one table alone, which for `local` and `main` means in both (`fib_table_lookup`).
    pub(super) fn lookup_in<'a>(&'a self, number: u32, key: &Key<'_>) -> Option<Match<'a>> {
        let tables = match number {
            id::LOCAL | id::MAIN => [self.table(id::LOCAL), self.table(id::MAIN)],
            _ => [self.table(number), None],
        };
        match search(tables, key, &mut |_| {}) {
            Found::Entry(found) => Some(found),
            Found::Refusal(_) | Found::Nothing => None,
        }
    }

    /// What `local` (and `main`, of the same trie) has for an address.
    pub(crate) fn local_route(&self, address: Ipv4Addr, settings: &RouteSettings) -> Option<&Entry> {
        let found = self.lookup_in(id::LOCAL, &Key::to(address, Some(settings)));
        found.map(|found| found.entry)
    }

    /// What an address is to this namespace, seen from a table (`__inet_dev_addr_type`): without the
    /// table, everything is a broadcast address.
    pub(crate) fn address_type(&self, address: Ipv4Addr, number: u32, settings: &RouteSettings) -> RouteKind {
        if address.is_unspecified() || address.is_broadcast() || self.table(number).is_none() {
            return if address.is_multicast() { RouteKind::Multicast } else { RouteKind::Broadcast };
        }
        if address.is_multicast() {
            return RouteKind::Multicast;
        }
        let found = self.lookup_in(number, &Key::to(address, Some(settings)));
        found.map_or(RouteKind::Unicast, |found| found.entry.kind)
    }

    /// Whether a `local` route was ever made by hand.
    pub(crate) fn has_custom_local_routes(&self) -> bool {
        self.custom_local_routes
    }
}

/// `fib_table_lookup`: from the longest prefix to the shortest; at equal length the first table goes first.
fn search<'a>(tables: [Option<&'a Table>; 2], key: &Key<'_>, step: &mut impl FnMut(Step<'a>)) -> Found<'a> {
    for length in (0..=32).rev() {
        let prefix = Prefix::new(key.destination, length).network();
        for table in tables.into_iter().flatten() {
            for entry in table.at(prefix) {
                let candidate = Match { table: table.id, prefix, entry };
                let verdict = judge(entry, key);
                step(Step { candidate, taken: verdict != Verdict::Skip });
                match verdict {
                    Verdict::Skip => {}
                    Verdict::Take => return Found::Entry(candidate),
                    Verdict::Refuse(Errno::EAGAIN) => return Found::Nothing,
                    Verdict::Refuse(errno) => return Found::Refusal(errno),
                }
            }
        }
    }
    Found::Nothing
}

#[derive(PartialEq)]
enum Verdict {
    Skip,
    Take,
    Refuse(Errno),
}

fn judge(entry: &Entry, key: &Key<'_>) -> Verdict {
    /// The bits of a packet's type of service that routing looks at (`INET_DSCP_LEGACY_TOS_MASK`).
    const TOS_MASK: u8 = 0x1c;
    if (entry.tos != 0 && entry.tos != key.tos & TOS_MASK) || entry.scope < key.scope {
        return Verdict::Skip;
    }
    if let Some(errno) = refusal(entry.kind) {
        return Verdict::Refuse(errno);
    }
    let asleep = entry.link_down && key.settings.is_some_and(|s| s.ignores_link_down(entry.output));
    let elsewhere = key.output.is_some() && key.output != entry.output;
    if asleep || elsewhere { Verdict::Skip } else { Verdict::Take }
}

/// What a kind of route answers instead of a way (`fib_props[].error`).
pub(super) fn refusal(kind: RouteKind) -> Option<Errno> {
    match kind {
        RouteKind::Blackhole | RouteKind::Nat => Some(Errno::EINVAL),
        RouteKind::Unreachable => Some(Errno::EHOSTUNREACH),
        RouteKind::Prohibit => Some(Errno::EACCES),
        RouteKind::Throw => Some(Errno::EAGAIN),
        _ => None,
    }
}
