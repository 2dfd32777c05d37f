//! How many bytes a moment takes that is kept, about: enough to know when there are too many.

use crate::fdb::Fdb;
use crate::fib::Fib;
use crate::link::{Address, Link};
use crate::netns::Namespace;
use crate::runtime::{Counters, Runtime};
use crate::tcp::{Ends, TimeWait};
use crate::world::World;
use vethlab_shared::name::IfIndex;

/// What an allocation takes besides, and a place in an index.
const BESIDE: usize = 16;

impl World {
    /// How many bytes it takes to keep this moment beside another one, which shares with it the namespaces that were not
    /// altered in between; with none, as if it shared nothing.
    pub fn weight_beside(&self, other: Option<&World>) -> u64 {
        let namespaces = self.namespaces.weight_beside(other.map(|other| &other.namespaces));
        (size_of::<World>() + namespaces + self.sockets.weight() + self.queue.weight()) as u64
    }
}

impl Namespace {
    /// How many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        let address = |address: &Address| size_of::<Address>() + address.label.len() + BESIDE;
        let link = |link: &Link| {
            let addresses: usize = link.addresses().iter().map(address).sum();
            size_of::<(IfIndex, Link)>() + BESIDE + addresses
        };
        let links: usize = self.links.values().map(link).sum();
        size_of::<Namespace>() + links + Fib::weight(&self.fib) + self.tables.weight()
    }
}

impl Runtime {
    /// How many bytes it takes beside its own size.
    pub(crate) fn weight(&self) -> usize {
        let counters = self.counters.len() * size_of::<(IfIndex, Counters)>();
        let waiting = self.reassembly.as_ref().map_or(0, |reassembly| reassembly.weight());
        let fdbs: usize = self.fdbs.values().map(Fdb::weight).sum();
        let over = self.time_waits.len() * size_of::<(Ends, TimeWait)>();
        let filter = self.cells.weight() + self.connections.weight();
        counters + self.neighbours.weight() + waiting + fdbs + over + filter
    }
}
