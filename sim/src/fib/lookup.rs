//! Asking the tables (`fib_lookup`, `fib_table_lookup`): pure, nothing is altered.

use super::Fib;
use super::entry::Entry;
use super::settings::RouteSettings;
use super::table::Table;
use std::net::Ipv4Addr;
use vethlab_shared::error::Errno;
use vethlab_shared::event::Verdict;
use vethlab_shared::name::IfIndex;
use vethlab_shared::prefix::Ipv4Prefix;
use vethlab_shared::view::{RouteKind, Scope, table as id};

/// The priorities of the rules that ask `main` and `default`; that of `local` is 0 (`fib_default_rules_init`).
const MAIN_RULE: u32 = 0x7ffe;
const DEFAULT_RULE: u32 = 0x7fff;

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
    pub(crate) settings: Option<RouteSettings<'a>>,
}

impl<'a> Key<'a> {
    /// A question for a destination and nothing else.
    pub(crate) fn to(destination: Ipv4Addr, settings: Option<RouteSettings<'a>>) -> Key<'a> {
        Key { destination, tos: 0, output: None, scope: Scope::UNIVERSE, settings }
    }
}

/// The entry that won (`struct fib_result`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Match<'a> {
    pub(crate) table: u32,
    pub(crate) prefix: Ipv4Prefix,
    pub(crate) entry: &'a Entry,
}

/// An entry that a lookup came by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step<'a> {
    pub(crate) candidate: Match<'a>,
    /// The priority of the rule that asked (`fib_default_rules_init`).
    pub(crate) rule: u32,
    pub(crate) verdict: Verdict,
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
        let tables = [(0, self.table(id::LOCAL)), (MAIN_RULE, self.table(id::MAIN))];
        let found = match search(tables, key, step) {
            Found::Nothing => {
                search([(DEFAULT_RULE, self.table(id::DEFAULT)), (DEFAULT_RULE, None)], key, step)
            }
            found => found,
        };
        match found {
            Found::Entry(found) => Ok(found),
            Found::Refusal(errno) => Err(errno),
            Found::Nothing => Err(Errno::ENETUNREACH),
        }
    }

    /// Looks in one table alone, which for `local` and `main` means in both (`fib_table_lookup`).
    pub(super) fn lookup_in<'a>(&'a self, number: u32, key: &Key<'_>) -> Option<Match<'a>> {
        let tables = match number {
            id::LOCAL | id::MAIN => [self.table(id::LOCAL), self.table(id::MAIN)],
            _ => [self.table(number), None],
        };
        match search(tables.map(|table| (0, table)), key, &mut |_| {}) {
            Found::Entry(found) => Some(found),
            Found::Refusal(_) | Found::Nothing => None,
        }
    }

    /// What `local` (and `main`, of the same trie) has for an address.
    pub(crate) fn local_route(&self, address: Ipv4Addr, settings: RouteSettings<'_>) -> Option<&Entry> {
        // Without a table `local` of its own the trie is that of `main` alone, and is not asked (`__ip_dev_find`).
        self.table(id::LOCAL)?;
        let found = self.lookup_in(id::LOCAL, &Key::to(address, Some(settings)));
        found.map(|found| found.entry)
    }

    /// What an address is to this namespace, seen from a table (`__inet_dev_addr_type`): without the
    /// table, everything is a broadcast address.
    pub(crate) fn address_type(
        &self,
        address: Ipv4Addr,
        number: u32,
        settings: RouteSettings<'_>,
    ) -> RouteKind {
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
/// With each table goes the priority of its rule.
fn search<'a>(
    tables: [(u32, Option<&'a Table>); 2],
    key: &Key<'_>,
    step: &mut impl FnMut(Step<'a>),
) -> Found<'a> {
    let address = key.destination;
    let longest = |table: Option<&'a Table>| table.and_then(|table| table.longest(address));
    let mut next = [longest(tables[0].1), longest(tables[1].1)];
    loop {
        let place = match next {
            [None, None] => return Found::Nothing,
            [Some((first, _)), Some((second, _))] => usize::from(second > first),
            [first, _] => usize::from(first.is_none()),
        };
        let ((rule, Some(table)), Some((length, entries))) = (tables[place], next[place]) else {
            return Found::Nothing;
        };
        let prefix = Ipv4Prefix::new(address, length).network();
        for entry in entries {
            let candidate = Match { table: table.id, prefix, entry };
            let verdict = judge(entry, key);
            step(Step { candidate, rule, verdict });
            match (verdict, refusal(entry.kind)) {
                (Verdict::NextTable, _) => return Found::Nothing,
                (Verdict::Taken, Some(errno)) => return Found::Refusal(errno),
                (Verdict::Taken, None) => return Found::Entry(candidate),
                _ => {}
            }
        }
        next[place] = table.shorter(address, length);
    }
}

fn judge(entry: &Entry, key: &Key<'_>) -> Verdict {
    /// The bits of a packet's type of service that routing looks at (`INET_DSCP_LEGACY_TOS_MASK`).
    const TOS_MASK: u8 = 0x1c;
    if entry.tos != 0 && entry.tos != key.tos & TOS_MASK {
        return Verdict::OtherTos;
    }
    if entry.scope < key.scope {
        return Verdict::Scope;
    }
    match refusal(entry.kind) {
        Some(Errno::EAGAIN) => return Verdict::NextTable,
        Some(_) => return Verdict::Taken,
        None => {}
    }
    if entry.link_down && key.settings.is_some_and(|settings| settings.ignores_link_down(entry.output)) {
        return Verdict::LinkDown;
    }
    match key.output {
        Some(output) if entry.output != Some(output) => Verdict::OtherLink,
        _ => Verdict::Taken,
    }
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
