//! What changes with every packet of a namespace, apart from what is configured.

use crate::by_index::ByIndex;
use crate::conntrack::Connections;
use crate::fdb::Fdb;
use crate::ipv4::{RateLimits, Reassembly, Report};
use crate::neighbour::NeighbourTable;
use crate::netfilter::Cells;
use crate::socket::SocketIndex;
use crate::tcp::{Ends, TimeWait};
use std::collections::BTreeMap;
use std::sync::Arc;
use vethlab_shared::view::LinkStatistics;

/// The part of a namespace that traffic alters. It is small, and every kept moment has a copy of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Runtime {
    /// What the links have counted.
    pub(crate) counters: ByIndex<Counters>,
    pub(crate) neighbours: NeighbourTable,
    pub(crate) sockets: SocketIndex,
    /// TCP connections that are over: they hold nothing.
    pub(crate) time_waits: BTreeMap<Ends, TimeWait>,
    /// Most namespaces have never seen a fragment.
    pub(crate) reassembly: Option<Box<Reassembly>>,
    /// What is to be told of the groups that links have joined.
    pub(crate) reports: ByIndex<Report>,
    /// What the bridges know.
    pub(crate) fdbs: ByIndex<Fdb>,
    pub(crate) rate_limits: RateLimits,
    /// The connections that are tracked. Kept moments share them until a packet alters one.
    pub(crate) connections: Arc<Connections>,
    /// Whether the timer is set by which those whose time is over are taken out.
    pub(crate) collects: bool,
    /// What the rules of the packet filter count.
    pub(crate) cells: Cells,
    identification: u16,
}

impl Runtime {
    /// The identification of the next packet that is made here.
    pub(crate) fn next_identification(&mut self) -> u16 {
        self.identification = self.identification.wrapping_add(1);
        self.identification
    }
}

/// What a link counts (`struct rtnl_link_stats64`), as far as anything here counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counters {
    pub(crate) rx_packets: u64,
    pub(crate) rx_bytes: u64,
    pub(crate) rx_dropped: u64,
    pub(crate) tx_packets: u64,
    pub(crate) tx_bytes: u64,
    pub(crate) tx_dropped: u64,
}

impl Counters {
    /// Counts a frame of so many bytes that came in.
    pub(crate) fn received(&mut self, bytes: usize) {
        self.rx_packets += 1;
        self.rx_bytes += bytes as u64;
    }

    /// Counts a frame of so many bytes that was sent.
    pub(crate) fn sent(&mut self, bytes: usize) {
        self.tx_packets += 1;
        self.tx_bytes += bytes as u64;
    }

    /// The counters as they are shown.
    pub(crate) fn statistics(&self) -> LinkStatistics {
        let Counters { rx_packets, rx_bytes, rx_dropped, tx_packets, tx_bytes, tx_dropped } = *self;
        LinkStatistics {
            rx_packets,
            rx_bytes,
            rx_dropped,
            tx_packets,
            tx_bytes,
            tx_dropped,
            ..LinkStatistics::default()
        }
    }
}
