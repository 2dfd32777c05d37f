//! One network namespace's state (`struct net`).

use crate::device::Links;
use crate::fib::Fib;
use crate::neighbour::NeighbourTable;
use crate::sysctl::Sysctls;
use std::collections::BTreeMap;

/// A namespace, named or not. Numbers are not used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NamespaceId(pub(crate) u32);

/// What a namespace isolates: each field is a thing that another namespace cannot see.
#[derive(Clone, Debug)]
pub(crate) struct Namespace {
    pub(crate) id: NamespaceId,
    pub(crate) links: Links,
    pub(crate) fib: Fib,
    pub(crate) neighbours: NeighbourTable,
    pub(crate) sysctls: Sysctls,
    /// The numbers that this namespace gave to others (`net->netns_ids`).
    pub(crate) peer_ids: BTreeMap<i32, NamespaceId>,
}
