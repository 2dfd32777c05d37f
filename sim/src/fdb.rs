//! The forwarding database of a bridge: behind which port a station is (`net/bridge/br_fdb.c`).

use bitflags::bitflags;
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

bitflags! {
    /// What is known of a station besides where it is (`BR_FDB_*` in `br_private.h`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) struct StationFlags: u8 {
        /// What is for it is for this machine.
        const LOCAL = 1;
        /// It does not age.
        const STATIC = 1 << 1;
        /// It stays behind its port, wherever it is heard.
        const STICKY = 1 << 2;
        /// Somebody wrote it by hand.
        const ADDED_BY_USER = 1 << 3;
        /// Somebody else learned it, and lets it age.
        const EXTERNALLY_LEARNED = 1 << 4;
    }
}

/// A station, and where it is (`struct net_bridge_fdb_entry`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Station {
    /// The port that it is behind, or whose own address this is; `None` is the bridge itself.
    pub(crate) port: Option<IfIndex>,
    pub(crate) flags: StationFlags,
    /// When it was last heard.
    pub(crate) updated: Instant,
    /// When it last said where a frame goes.
    pub(crate) used: Instant,
    /// How many were written down before it.
    number: u64,
}

impl Station {
    /// Whether what is for it is for this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.flags.contains(StationFlags::LOCAL)
    }

    /// Whether it goes where it is silent for long enough.
    pub(crate) fn ages(&self) -> bool {
        !self.flags.intersects(StationFlags::STATIC | StationFlags::EXTERNALLY_LEARNED)
    }

    /// Whether it was silent for too long (`has_expired`).
    pub(crate) fn has_expired(&self, hold_time: Duration, now: Instant) -> bool {
        self.ages() && self.updated + hold_time <= now
    }

    /// Whether it is an own address of this port, or of the bridge, that nobody wrote by hand.
    fn is_own(&self, port: Option<IfIndex>) -> bool {
        self.is_local() && !self.flags.contains(StationFlags::ADDED_BY_USER) && self.port == port
    }
}

impl Fdb {
    /// Where a station is.
    pub(crate) fn find(&self, address: MacAddress) -> Option<Station> {
        self.stations.get(&address).copied()
    }

    /// The same, to alter it.
    pub(crate) fn find_mut(&mut self, address: MacAddress) -> Option<&mut Station> {
        self.stations.get_mut(&address)
    }

    /// Writes down a station that is not there yet (`fdb_create`).
    pub(crate) fn create(
        &mut self,
        address: MacAddress,
        port: Option<IfIndex>,
        flags: StationFlags,
        now: Instant,
    ) {
        self.written += 1;
        let station = Station { port, flags, updated: now, used: now, number: self.written };
        self.stations.insert(address, station);
    }

    /// Forgets a station (`fdb_delete`).
    pub(crate) fn delete(&mut self, address: MacAddress) {
        self.stations.remove(&address);
    }

    /// An own address of a port, or of the bridge (`fdb_add_local`). Where two have the same, the first one counts.
    pub(crate) fn add_local(&mut self, port: Option<IfIndex>, address: MacAddress, now: Instant) {
        let is_known = self.find(address).is_some_and(|station| station.is_local());
        if address.is_valid_unicast() && !is_known {
            self.create(address, port, StationFlags::LOCAL | StationFlags::STATIC, now);
        }
    }

    /// An address is no longer a port's, or the bridge's (`fdb_find_delete_local`).
    pub(crate) fn remove_own(
        &mut self,
        port: Option<IfIndex>,
        address: MacAddress,
        heir: Option<Option<IfIndex>>,
    ) {
        if self.find(address).is_some_and(|station| station.is_own(port)) {
            self.remove_local(address, heir);
        }
    }

    /// A local address is no longer one, unless another port, or the bridge, has it (`fdb_delete_local`).
    pub(crate) fn remove_local(&mut self, address: MacAddress, heir: Option<Option<IfIndex>>) {
        match (heir, self.stations.get_mut(&address)) {
            (Some(heir), Some(station)) => {
                station.port = heir;
                station.flags -= StationFlags::ADDED_BY_USER;
            }
            _ => self.delete(address),
        }
    }

    /// A frame from a station came in by a port (`br_fdb_update`). An own address as the source is passed over.
    pub(crate) fn learn(&mut self, address: MacAddress, port: IfIndex, by_hand: StationFlags, now: Instant) {
        match self.stations.get_mut(&address) {
            Some(station) if station.is_local() => {}
            Some(station) => {
                station.updated = now;
                if station.port != Some(port) && !station.flags.contains(StationFlags::STICKY) {
                    station.port = Some(port);
                    station.flags -= StationFlags::EXTERNALLY_LEARNED;
                }
                station.flags |= by_hand;
            }
            None => self.create(address, Some(port), by_hand, now),
        }
    }

    /// Forgets what was learned behind a port (`br_fdb_delete_by_port` without `do_all`).
    pub(crate) fn forget_port(&mut self, port: IfIndex) {
        self.stations.retain(|_, station| !station.ages() || station.port != Some(port));
    }

    /// Forgets the stations that were silent for too long (`br_fdb_cleanup`); and when the next one will have been.
    pub(crate) fn expire(&mut self, hold_time: Duration, now: Instant) -> Option<Instant> {
        self.stations.retain(|_, station| !station.has_expired(hold_time, now));
        let learned = self.stations.values().filter(|station| station.ages());
        learned.map(|station| station.updated + hold_time).min()
    }

    /// Forgets the stations that this says (`br_fdb_flush`).
    pub(crate) fn flush(&mut self, goes: impl Fn(&Station) -> bool) {
        self.stations.retain(|_, station| !goes(station));
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
