//! What user space sees of forwarding databases, and writes there (`br_fdb.c`, `net/core/rtnetlink.c`).

use super::forward;
use crate::fdb::{Station, StationFlags};
use crate::id::{LinkId, NamespaceId};
use crate::link::{Bridge, Link};
use crate::world::World;
use std::collections::BTreeMap;
use vethlab_shared::change::{FdbFlush, FdbSpec, Modify};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{BridgePort, FdbAges, FdbEntry, FdbFlags, FdbKind, NeighbourState};

/// Where a row stands: on a bridge, behind one of its ports or as the bridge's own.
#[derive(Clone, Copy)]
struct Place {
    bridge: LinkId,
    port: Option<LinkId>,
}

impl World {
    /// The rows of a namespace, link by link (`rtnl_fdb_dump`): for a port what its bridge knows behind it, then what the
    /// link takes in by itself (`ndo_dflt_fdb_dump`), then, for a bridge, its own (`br_fdb_dump`).
    pub(crate) fn fdb_views(&self, namespace: NamespaceId) -> Vec<FdbEntry> {
        let links = &self.net(namespace).links;
        let fdbs = &self.runtime(namespace).fdbs;
        let known: BTreeMap<IfIndex, Vec<(MacAddress, Station)>> =
            links.keys().filter_map(|index| Some((*index, fdbs.get(index)?.newest_first()))).collect();
        let mut views = Vec::new();
        for link in links.values() {
            let rows = |bridge: IfIndex, port: Option<IfIndex>| {
                let hold_time = links.get(&bridge).and_then(Link::bridge).map(Bridge::hold_time);
                let known = known.get(&bridge).into_iter().flatten();
                let known = known.filter(move |(_, station)| hold_time.is_some() && station.port == port);
                known.map(move |(address, station)| FdbEntry {
                    address: *address,
                    bridge: Some(bridge),
                    link: link.index,
                    vlan: None,
                    kind: kind(station, station.has_expired(hold_time.unwrap_or_default(), self.now)),
                    flags: flags(station),
                    ages: Some(FdbAges {
                        used: self.now.since(station.used),
                        updated: self.now.since(station.updated),
                    }),
                })
            };
            views.extend(link.master.into_iter().flat_map(|master| rows(master, Some(link.index))));
            views.extend(link.filters.all().map(|address| own_row(link, address)));
            if link.bridge().is_some() {
                views.extend(rows(link.index, None));
            }
        }
        views
    }

    /// The ports of all bridges, in the order in which their links came here (`rtnl_bridge_getlink`).
    pub(crate) fn bridge_port_views(&self, namespace: NamespaceId) -> Vec<BridgePort> {
        let mut links: Vec<&Link> = self.net(namespace).links.values().collect();
        links.sort_by_key(|link| link.registered);
        let view = |link: &Link| {
            let port = link.port?;
            Some(BridgePort {
                link: link.index,
                bridge: link.master?,
                state: port.state,
                priority: port.priority,
                cost: port.cost,
                flags: port.flags,
                multicast_router: 1,
            })
        };
        links.into_iter().filter_map(view).collect()
    }

    /// Writes a row (`rtnl_fdb_add`).
    ///
    /// # Errors
    /// As the kernel answers.
    pub(crate) fn fdb_add(
        &mut self,
        namespace: NamespaceId,
        how: Modify,
        entry: &FdbSpec,
    ) -> Result<(), StackError> {
        let at = self.ethernet(namespace, entry.link, "add")?;
        self.for_each_owner(at, entry.flags, |world, owner| match owner {
            Owner::Bridge(place) => world.bridge_fdb_add(place, how, entry),
            Owner::Link => world.link_fdb_add(at, how, entry),
        })
    }

    /// Deletes a row (`rtnl_fdb_del`).
    ///
    /// # Errors
    /// As the kernel answers.
    pub(crate) fn fdb_delete(&mut self, namespace: NamespaceId, entry: &FdbSpec) -> Result<(), StackError> {
        let at = self.ethernet(namespace, entry.link, "delete")?;
        self.for_each_owner(at, entry.flags, |world, owner| match owner {
            Owner::Bridge(Place { bridge, port }) => {
                let fdb = world.fdb(bridge);
                let station = fdb.find(entry.address);
                if station.is_none_or(|station| station.port != port.map(|port| port.index)) {
                    return Err(Errno::ENOENT.into());
                }
                fdb.delete(entry.address);
                Ok(())
            }
            Owner::Link if !entry.state.contains(NeighbourState::PERMANENT) => Err(Errno::EINVAL.into()),
            Owner::Link => match world.link_mut(at) {
                Some(link) => Ok(link.filters.remove(entry.address)?),
                None => Err(Errno::ENODEV.into()),
            },
        })
    }

    /// Deletes rows (`br_fdb_delete_bulk`).
    ///
    /// # Errors
    /// As the kernel answers.
    pub(crate) fn fdb_flush(&mut self, namespace: NamespaceId, flush: &FdbFlush) -> Result<(), StackError> {
        let at = LinkId { namespace, index: flush.link };
        if self.link(at).is_none() {
            return Err(StackError::with_extack(Errno::ENODEV, "unknown ifindex"));
        }
        self.for_each_owner(at, flush.flags, |world, owner| match owner {
            Owner::Bridge(place) => world.bridge_fdb_flush(place, flush),
            Owner::Link => Err(Errno::EOPNOTSUPP.into()),
        })
    }

    /// An Ethernet link whose rows are to change.
    fn ethernet(&self, namespace: NamespaceId, index: IfIndex, what: &str) -> Result<LinkId, StackError> {
        let at = LinkId { namespace, index };
        if index == IfIndex(0) {
            return Err(StackError::with_extack(Errno::EINVAL, "invalid ifindex"));
        }
        let Some(link) = self.link(at) else {
            return Err(StackError::with_extack(Errno::ENODEV, "unknown ifindex"));
        };
        if link.is_loopback() {
            let text = format!("FDB {what} only supported for Ethernet devices");
            return Err(StackError::with_extack(Errno::EINVAL, text));
        }
        Ok(at)
    }

    /// Asks those whose rows are meant: the bridge that a link is a port of, then the link itself; the rows of a bridge
    /// are the bridge's.
    fn for_each_owner(
        &mut self,
        at: LinkId,
        flags: FdbFlags,
        mut ask: impl FnMut(&mut World, Owner) -> Result<(), StackError>,
    ) -> Result<(), StackError> {
        let mut result = Err(Errno::EOPNOTSUPP.into());
        let link = self.link(at);
        let master = link.filter(|link| link.port.is_some()).and_then(|link| link.master);
        let is_bridge = link.and_then(Link::bridge).is_some();
        let to_master = flags.is_empty() || flags.contains(FdbFlags::MASTER);
        if let Some(master) = master.filter(|_| to_master) {
            let bridge = LinkId { index: master, ..at };
            ask(self, Owner::Bridge(Place { bridge, port: Some(at) }))?;
            result = Ok(());
        }
        if flags.contains(FdbFlags::SELF) {
            let owner = if is_bridge { Owner::Bridge(Place { bridge: at, port: None }) } else { Owner::Link };
            result = ask(self, owner);
        }
        result
    }

    /// `br_fdb_add`.
    fn bridge_fdb_add(&mut self, place: Place, how: Modify, entry: &FdbSpec) -> Result<(), StackError> {
        const STATES: NeighbourState =
            NeighbourState::PERMANENT.union(NeighbourState::NO_ARP).union(NeighbourState::REACHABLE);
        if !entry.state.intersects(STATES) || entry.address == MacAddress::ZERO {
            return Err(Errno::EINVAL.into());
        }
        let Place { bridge, port } = place;
        let is_permanent = entry.state.contains(NeighbourState::PERMANENT);
        let state = port.and_then(|port| self.link(port)?.port);
        if entry.flags.contains(FdbFlags::USE) {
            let Some(port) = port else { return Err(Errno::EINVAL.into()) };
            if state.is_some_and(|port| port.should_learn()) {
                forward::learn(self, bridge, port, entry.address, StationFlags::ADDED_BY_USER);
            }
            return Ok(());
        }
        if entry.flags.contains(FdbFlags::EXTERNALLY_LEARNED) {
            return Err(StackError::NotModelled("rows of a forwarding database by extern_learn".to_owned()));
        }
        let is_fixed = is_permanent || entry.state.contains(NeighbourState::NO_ARP);
        if state.is_some_and(|port| !is_fixed && !port.should_learn()) {
            return Err(Errno::EPERM.into());
        }
        let is_sticky = entry.flags.contains(FdbFlags::STICKY);
        if (port.is_none() && !is_permanent) || (is_sticky && is_permanent) {
            return Err(Errno::EINVAL.into());
        }
        self.fdb_add_entry(place, how, entry)
    }

    /// `fdb_add_entry`.
    fn fdb_add_entry(&mut self, place: Place, how: Modify, entry: &FdbSpec) -> Result<(), StackError> {
        let Place { bridge, port } = place;
        let port = port.map(|port| port.index);
        let (now, hold_time) = (self.now, self.bridge(bridge).map(Bridge::hold_time).unwrap_or_default());
        let fdb = self.fdb(bridge);
        let mut modified = match fdb.find(entry.address) {
            None if !how.contains(Modify::CREATE) => return Err(Errno::ENOENT.into()),
            None => {
                fdb.create(entry.address, port, StationFlags::ADDED_BY_USER, now);
                true
            }
            Some(_) if how.contains(Modify::EXCLUSIVE) => return Err(Errno::EEXIST.into()),
            Some(station) => station.port != port,
        };
        let Some(station) = fdb.find_mut(entry.address) else { return Ok(()) };
        station.port = port;
        station.flags |= StationFlags::ADDED_BY_USER;
        if state(station, station.has_expired(hold_time, now)) != entry.state {
            let fixed = if entry.state.contains(NeighbourState::PERMANENT) {
                StationFlags::LOCAL | StationFlags::STATIC
            } else if entry.state.contains(NeighbourState::NO_ARP) {
                StationFlags::STATIC
            } else {
                StationFlags::empty()
            };
            station.flags = (station.flags - StationFlags::LOCAL - StationFlags::STATIC) | fixed;
            modified = true;
        }
        let is_sticky = entry.flags.contains(FdbFlags::STICKY);
        modified |= station.flags.contains(StationFlags::STICKY) != is_sticky;
        station.flags.set(StationFlags::STICKY, is_sticky);
        station.used = now;
        if modified {
            station.updated = now;
        }
        if station.ages() {
            forward::start_timer(self, bridge, hold_time);
        }
        Ok(())
    }

    /// `ndo_dflt_fdb_add`.
    fn link_fdb_add(&mut self, at: LinkId, how: Modify, entry: &FdbSpec) -> Result<(), StackError> {
        if !entry.state.is_empty() && !entry.state.contains(NeighbourState::PERMANENT) {
            return Err(Errno::EINVAL.into());
        }
        let Some(link) = self.link_mut(at) else { return Err(Errno::ENODEV.into()) };
        match link.filters.add(entry.address) {
            Err(Errno::EEXIST) if !how.contains(Modify::EXCLUSIVE) => Ok(()),
            result => Ok(result?),
        }
    }

    /// `br_fdb_delete_bulk`, `br_fdb_flush`: also the addresses of the bridge and of its ports go.
    fn bridge_fdb_flush(&mut self, place: Place, flush: &FdbFlush) -> Result<(), StackError> {
        let Place { bridge, port } = place;
        if let Some(index) = flush.port {
            self.may_flush(bridge, index)?;
        }
        let port = flush.port.or(port.map(|port| port.index));
        let of = |state: NeighbourState, flags: FdbFlags| {
            [
                (state.contains(NeighbourState::PERMANENT), StationFlags::LOCAL),
                (state.contains(NeighbourState::NO_ARP), StationFlags::STATIC),
                (flags.contains(FdbFlags::USE), StationFlags::ADDED_BY_USER),
                (flags.contains(FdbFlags::EXTERNALLY_LEARNED), StationFlags::EXTERNALLY_LEARNED),
                (flags.contains(FdbFlags::STICKY), StationFlags::STICKY),
            ]
            .into_iter()
            .filter_map(|(counts, flag)| counts.then_some(flag))
            .collect::<StationFlags>()
        };
        let (wanted, mask) = (of(flush.state, flush.flags), of(flush.state_mask, flush.flags_mask));
        let behind = |station: &Station| station.port.unwrap_or(bridge.index);
        self.fdb(bridge).flush(|station| {
            port.is_none_or(|port| port == behind(station))
                && (mask.is_empty() || station.flags & mask == wanted)
        });
        Ok(())
    }

    /// Whether a link is one whose rows on this bridge can be meant (`__fdb_flush_validate_ifindex`).
    fn may_flush(&self, bridge: LinkId, index: IfIndex) -> Result<(), StackError> {
        let refuse = |errno, text| Err(StackError::with_extack(errno, text));
        let at = LinkId { index, ..bridge };
        let Some(link) = self.link(at) else {
            return refuse(Errno::ENODEV, "bridge: Unknown flush device ifindex");
        };
        if link.bridge().is_some() {
            return match at == bridge {
                true => Ok(()),
                false => {
                    refuse(Errno::EINVAL, "bridge: Flush bridge device does not match target bridge device")
                }
            };
        }
        if link.port.is_none() {
            return refuse(Errno::EINVAL, "bridge: Flush device is not a bridge or bridge port");
        }
        match link.master == Some(bridge.index) {
            true => Ok(()),
            false => refuse(Errno::EINVAL, "bridge: Port belongs to a different bridge device"),
        }
    }
}

/// Who has a row.
enum Owner {
    Bridge(Place),
    Link,
}

/// An address that a link takes in by itself (`nlmsg_populate_fdb_fill`).
fn own_row(link: &Link, address: MacAddress) -> FdbEntry {
    let (flags, kind) = (FdbFlags::SELF, FdbKind::Local);
    FdbEntry { address, bridge: None, link: link.index, vlan: None, kind, flags, ages: None }
}

/// `fdb_to_nud`.
fn kind(station: &Station, has_expired: bool) -> FdbKind {
    if station.is_local() {
        FdbKind::Local
    } else if station.flags.contains(StationFlags::STATIC) {
        FdbKind::Static
    } else if has_expired {
        FdbKind::Stale
    } else {
        FdbKind::Learned
    }
}

/// The same as a state.
fn state(station: &Station, has_expired: bool) -> NeighbourState {
    match kind(station, has_expired) {
        FdbKind::Local => NeighbourState::PERMANENT,
        FdbKind::Static => NeighbourState::NO_ARP,
        FdbKind::Stale => NeighbourState::STALE,
        FdbKind::Learned => NeighbourState::REACHABLE,
    }
}

/// What a row says besides (`fdb_fill_info`).
fn flags(station: &Station) -> FdbFlags {
    let mut flags = FdbFlags::empty();
    flags.set(FdbFlags::STICKY, station.flags.contains(StationFlags::STICKY));
    flags.set(FdbFlags::EXTERNALLY_LEARNED, station.flags.contains(StationFlags::EXTERNALLY_LEARNED));
    flags
}
