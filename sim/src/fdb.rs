//! The forwarding database of a bridge: behind which port a station is (`net/bridge/br_fdb.c`).

use std::collections::BTreeMap;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::IfIndex;
use vethlab_shared::time::{Duration, Instant};

/// The stations that one bridge knows. Frames alter it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fdb {
    stations: BTreeMap<MacAddress, Station>,
    /// How many stations were written down so far.
    written: u64,
    /// Which setting of its timer counts; another one was cancelled.
    pub(crate) timer: u64,
    /// Whether the timer is set.
    pub(crate) timer_is_set: bool,
}

/// A station, and where it is (`struct net_bridge_fdb_entry`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Station {
    /// The port that it is behind, or whose own address this is; `None` is the bridge itself.
    pub(crate) port: Option<IfIndex>,
    /// What is for it is for this machine (`BR_FDB_LOCAL`).
    pub(crate) is_local: bool,
    /// When it was last heard.
    pub(crate) updated: Instant,
    /// How many were written down before it.
    number: u64,
}

impl Station {
    /// Whether it was silent for too long (`has_expired`).
    pub(crate) fn has_expired(&self, ageing_time: Duration, now: Instant) -> bool {
        !self.is_local && self.updated + ageing_time <= now
    }
}

impl Fdb {
    /// Where a station is.
    pub(crate) fn find(&self, address: MacAddress) -> Option<Station> {
        self.stations.get(&address).copied()
    }

    fn write(&mut self, address: MacAddress, port: Option<IfIndex>, is_local: bool, updated: Instant) {
        self.written += 1;
        self.stations.insert(address, Station { port, is_local, updated, number: self.written });
    }

    /// An own address of a port, or of the bridge (`fdb_add_local`). Where two have the same, the first one counts.
    pub(crate) fn add_local(&mut self, port: Option<IfIndex>, address: MacAddress, now: Instant) {
        let is_known = self.find(address).is_some_and(|station| station.is_local);
        if address.is_valid_unicast() && !is_known {
            self.write(address, port, true, now);
        }
    }

    /// An address is no longer a port's, or the bridge's (`fdb_delete_local`), unless another one has it.
    pub(crate) fn remove_local(
        &mut self,
        port: Option<IfIndex>,
        address: MacAddress,
        heir: Option<Option<IfIndex>>,
    ) {
        let Some(station) = self.stations.get_mut(&address) else { return };
        if !station.is_local || station.port != port {
            return;
        }
        match heir {
            Some(heir) => station.port = heir,
            None => {
                self.stations.remove(&address);
            }
        }
    }

    /// A frame from a station came in by a port (`br_fdb_update`). An own address as the source is passed over.
    pub(crate) fn learn(&mut self, address: MacAddress, port: IfIndex, now: Instant) {
        match self.stations.get_mut(&address) {
            Some(station) if station.is_local => {}
            Some(station) => (station.port, station.updated) = (Some(port), now),
            None => self.write(address, Some(port), false, now),
        }
    }

    /// Forgets what was learned behind a port (`br_fdb_delete_by_port`).
    pub(crate) fn forget_port(&mut self, port: IfIndex) {
        self.stations.retain(|_, station| station.is_local || station.port != Some(port));
    }

    /// Forgets the stations that were silent for too long (`br_fdb_cleanup`); and when the next one will have been.
    pub(crate) fn expire(&mut self, ageing_time: Duration, now: Instant) -> Option<Instant> {
        self.stations.retain(|_, station| !station.has_expired(ageing_time, now));
        let learned = self.stations.values().filter(|station| !station.is_local);
        learned.map(|station| station.updated + ageing_time).min()
    }

    /// All of them, the newest first (`hlist_add_head_rcu`).
    pub(crate) fn newest_first(&self) -> Vec<(MacAddress, Station)> {
        let mut all: Vec<_> = self.stations.iter().map(|(&address, &station)| (address, station)).collect();
        all.sort_unstable_by_key(|(_, station)| std::cmp::Reverse(station.number));
        all
    }

    /// How many bytes it takes, about.
    pub(crate) fn weight(&self) -> usize {
        self.stations.len() * 2 * size_of::<(MacAddress, Station)>()
    }
}
