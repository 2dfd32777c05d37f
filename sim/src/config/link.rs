//! Making, altering, moving and deleting links (`net/core/rtnetlink.c`, `net/core/dev.c`).

use super::address;
use crate::device::{Device, Link};
use crate::id::{LinkId, NamespaceId};
use crate::neighbour::BASE_REACHABLE_TIME;
use crate::netns::Namespace;
use crate::world::World;
use vethlab_shared::change::{LinkSettings, NewLink, NewLinkKind};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::{IfIndex, LinkName};
use vethlab_shared::view::{LinkFlags, LinkKind, LinkStatistics, LinkView, OperationalState};

/// What a veth takes as its MTU, in bytes (`ETH_MIN_MTU`, `ETH_MAX_MTU`).
const VETH_MTU: std::ops::RangeInclusive<u32> = 68..=65_535;
/// `DEFAULT_TX_QUEUE_LEN`, in packets.
const TX_QUEUE_LENGTH: u32 = 1000;

/// The flags that can be set from outside (`__dev_change_flags`), `UP` aside.
const SETTABLE: LinkFlags = LinkFlags::DEBUG
    .union(LinkFlags::NO_TRAILERS)
    .union(LinkFlags::NO_ARP)
    .union(LinkFlags::DYNAMIC)
    .union(LinkFlags::MULTICAST)
    .union(LinkFlags::PORT_SELECT)
    .union(LinkFlags::AUTO_MEDIA)
    .union(LinkFlags::PROMISCUOUS)
    .union(LinkFlags::ALL_MULTICAST);

fn name_in_use(net: &Namespace, name: &LinkName) -> bool {
    net.links.values().any(|link| link.name == *name)
}

/// The first free name of the form `veth0`, `veth1`, … (`dev_alloc_name`).
fn free_name(net: &Namespace) -> LinkName {
    let names = (0..).filter_map(|number: u32| format!("veth{number}").parse().ok());
    names.into_iter().find(|name| !name_in_use(net, name)).expect("fewer links than numbers")
}

/// The checks of `veth_validate`.
fn validate_veth(settings: &LinkSettings) -> Result<(), Errno> {
    if settings.address.is_some_and(|address| !address.is_valid_unicast()) {
        return Err(Errno::EADDRNOTAVAIL);
    }
    if settings.mtu.is_some_and(|mtu| !VETH_MTU.contains(&mtu)) {
        return Err(Errno::EINVAL);
    }
    Ok(())
}

impl World {
    /// Every namespace has a loopback link from the start (`loopback_net_init`); it is down.
    pub(crate) fn add_loopback(&mut self, namespace: NamespaceId) {
        let reachable_time = self.random_around(BASE_REACHABLE_TIME);
        let net = self.net_mut(namespace);
        net.last_index = IfIndex::LOOPBACK.0;
        net.sysctls.add_link(IfIndex::LOOPBACK);
        let lo = Link {
            index: IfIndex::LOOPBACK,
            name: "lo".parse().expect("a valid name"),
            device: Device::Loopback,
            flags: LinkFlags::LOOPBACK,
            carrier: true,
            state: OperationalState::Unknown,
            mtu: 65_536,
            qdisc: "noop",
            group: 0,
            tx_queue_length: TX_QUEUE_LENGTH,
            address: MacAddress::ZERO,
            broadcast: MacAddress::ZERO,
            statistics: LinkStatistics::default(),
            addresses: Vec::new(),
            ipv4: true,
            reachable_time,
        };
        net.links.insert(IfIndex::LOOPBACK, lo);
    }

    /// Sets a namespace's loopback link up.
    pub(crate) fn set_loopback_up(&mut self, namespace: NamespaceId) {
        self.dev_open(LinkId { namespace, index: IfIndex::LOOPBACK });
    }

    /// Makes a pair of links (`rtnl_newlink`, `veth_newlink`): the peer is registered first, and so gets the
    /// lower index.
    pub(crate) fn add_link(&mut self, namespace: NamespaceId, new: &NewLink) -> Result<(), StackError> {
        let NewLinkKind::Veth { peer } = &new.kind;
        let near = self.target_of(&new.end)?.unwrap_or(namespace);
        let far = self.target_of(peer)?.unwrap_or(namespace);
        validate_veth(&new.end)?;
        validate_veth(peer)?;
        let exists = match (new.end.index, &new.end.name) {
            (Some(index), _) => self.net(near).links.contains_key(&index),
            (None, Some(name)) => name_in_use(self.net(near), name),
            (None, None) => false,
        };
        if exists {
            return Err(Errno::EEXIST.into());
        }
        let far = self.register_veth(far, peer, new.end.index.and(peer.index))?;
        if peer.flags_mask.contains(LinkFlags::UP) && peer.flags.contains(LinkFlags::UP) {
            // The kernel opens the far end before there is a near one (`rtnl_configure_link`, `veth_open`).
            self.unregister(far);
            return Err(Errno::ENOTCONN.into());
        }
        let near = match self.register_veth(near, &new.end, new.end.index) {
            Ok(near) => near,
            Err(errno) => {
                self.unregister(far);
                return Err(errno.into());
            }
        };
        for (end, other) in [(near, far), (far, near)] {
            if let Some(link) = self.link_mut(end) {
                link.device = Device::Veth { peer: other };
            }
        }
        self.link_watch.extend([far, near]);
        self.assign_namespace_ids(&[far, near]);
        self.change_flags(far, peer);
        self.change_flags(near, &new.end);
        Ok(())
    }

    fn target_of(&self, settings: &LinkSettings) -> Result<Option<NamespaceId>, Errno> {
        settings.namespace.as_ref().map(|name| self.find(name)).transpose()
    }

    /// Registers one end (`rtnl_create_link`, `register_netdevice`); its peer is filled in later. The index of
    /// the far end counts only where the near one has one too (`veth_newlink`).
    fn register_veth(
        &mut self,
        namespace: NamespaceId,
        settings: &LinkSettings,
        wanted: Option<IfIndex>,
    ) -> Result<LinkId, Errno> {
        let address = settings.address.unwrap_or_else(|| self.random_mac());
        let reachable_time = self.random_around(BASE_REACHABLE_TIME);
        let net = self.net_mut(namespace);
        let name = settings.name.clone().unwrap_or_else(|| free_name(net));
        if name_in_use(net, &name) {
            return Err(Errno::EEXIST);
        }
        let index = net.reserve_index(wanted).ok_or(Errno::EBUSY)?;
        net.sysctls.add_link(index);
        let at = LinkId { namespace, index };
        let link = Link {
            index,
            name,
            device: Device::Veth { peer: at },
            flags: LinkFlags::BROADCAST | LinkFlags::MULTICAST,
            carrier: false,
            state: OperationalState::Unknown,
            mtu: settings.mtu.unwrap_or(1500),
            qdisc: "noop",
            group: 0,
            tx_queue_length: settings.tx_queue_length.unwrap_or(TX_QUEUE_LENGTH),
            address,
            broadcast: settings.broadcast.unwrap_or(MacAddress::BROADCAST),
            statistics: LinkStatistics::default(),
            addresses: Vec::new(),
            ipv4: true,
            reachable_time,
        };
        net.links.insert(index, link);
        Ok(at)
    }

    /// Takes a link out of its namespace (`unregister_netdevice`).
    fn unregister(&mut self, at: LinkId) -> Option<Link> {
        self.detach_ipv4(at);
        let net = self.net_mut(at.namespace);
        net.sysctls.remove_link(at.index);
        net.links.remove(&at.index)
    }

    fn detach_ipv4(&mut self, at: LinkId) {
        let net = self.net_mut(at.namespace);
        address::link_unregistered(&mut net.links, &mut net.fib, &net.sysctls, at.index);
        self.neigh_flush(at, false);
    }

    /// `RTM_DELLINK`: both ends of a pair go (`veth_dellink`).
    pub(crate) fn delete_link(&mut self, at: LinkId) -> Result<(), StackError> {
        match self.link(at).map(|link| link.device.clone()) {
            None => Err(Errno::ENODEV.into()),
            Some(Device::Loopback) => Err(Errno::EOPNOTSUPP.into()),
            Some(Device::Veth { peer }) => {
                for end in [at, peer] {
                    self.dev_close(end);
                    self.unregister(end);
                }
                Ok(())
            }
        }
    }

    /// Deletes all links of a namespace that ends.
    pub(crate) fn delete_all_links(&mut self, namespace: NamespaceId) {
        let indexes: Vec<IfIndex> = self.net(namespace).links.keys().copied().collect();
        for index in indexes {
            // The loopback link refuses, and goes with the namespace; of a pair the peer may be gone.
            let _ = self.delete_link(LinkId { namespace, index });
        }
    }

    /// `RTM_NEWLINK` on a link that exists (`do_setlink`). What was done before a refusal stays done.
    pub(crate) fn set_link(&mut self, at: LinkId, settings: &LinkSettings) -> Result<(), StackError> {
        let target = self.target_of(settings)?;
        if self.link(at).is_none() {
            return Err(Errno::ENODEV.into());
        }
        let at = match target {
            Some(target) => self.move_link(at, target, settings)?,
            None => at,
        };
        if let Some(address) = settings.address {
            self.set_address(at, address)?;
        }
        if let Some(mtu) = settings.mtu {
            self.set_mtu(at, mtu)?;
        }
        if let Some(name) = &settings.name {
            self.rename(at, name)?;
        }
        if let Some(link) = self.link_mut(at) {
            link.broadcast = settings.broadcast.unwrap_or(link.broadcast);
        }
        self.change_flags(at, settings);
        if let Some(link) = self.link_mut(at) {
            link.tx_queue_length = settings.tx_queue_length.unwrap_or(link.tx_queue_length);
        }
        Ok(())
    }

    /// `dev_set_mac_address`, `eth_mac_addr`: what others knew of the neighbours is forgotten.
    fn set_address(&mut self, at: LinkId, address: MacAddress) -> Result<(), StackError> {
        if !address.is_valid_unicast() {
            return Err(Errno::EADDRNOTAVAIL.into());
        }
        if let Some(link) = self.link_mut(at) {
            link.address = address;
        }
        self.neigh_flush(at, false);
        Ok(())
    }

    /// `dev_set_mtu_ext`, `dev_validate_mtu`.
    fn set_mtu(&mut self, at: LinkId, mtu: u32) -> Result<(), StackError> {
        let Some(link) = self.link_mut(at) else { return Err(Errno::ENODEV.into()) };
        if link.mtu == mtu {
            return Ok(());
        }
        let refuse = |text| Err(StackError::with_extack(Errno::EINVAL, text));
        if i32::try_from(mtu).is_err() {
            return refuse("mtu less than device minimum");
        }
        if !link.is_loopback() {
            if mtu < *VETH_MTU.start() {
                return refuse("mtu less than device minimum");
            }
            if mtu > *VETH_MTU.end() {
                return refuse("mtu greater than device maximum");
            }
        }
        let old = std::mem::replace(&mut link.mtu, mtu);
        let had_ipv4 = link.ipv4;
        let net = self.net_mut(at.namespace);
        net.exceptions.mtu_changed(at.index, old, mtu);
        let events = address::mtu_changed(&mut net.links, &mut net.fib, &net.sysctls, at.index);
        if !had_ipv4 && net.links.get(&at.index).is_some_and(|link| link.ipv4) {
            net.sysctls.add_link(at.index);
        }
        self.address_events(at, &events);
        Ok(())
    }

    /// `dev_change_name`, and `inetdev_changename` for the labels.
    fn rename(&mut self, at: LinkId, name: &LinkName) -> Result<(), StackError> {
        let Some(link) = self.link(at) else { return Err(Errno::ENODEV.into()) };
        if link.name == *name {
            return Ok(());
        }
        if name_in_use(self.net(at.namespace), name) {
            return Err(Errno::EEXIST.into());
        }
        if let Some(link) = self.link_mut(at) {
            link.name = name.clone();
            for (place, address) in link.addresses.iter_mut().enumerate() {
                let suffix = match address.label.find(':') {
                    _ if place == 0 => String::new(),
                    Some(colon) => address.label[colon..].to_owned(),
                    None => format!(":{}", place + 1),
                };
                let room = 15usize.saturating_sub(suffix.len());
                let stem: String = name.as_str().chars().take(room).collect();
                address.label = stem + &suffix;
            }
        }
        Ok(())
    }

    /// Moves a link to another namespace (`__dev_change_net_namespace`): it is closed, loses its addresses
    /// and keeps its index where that is free.
    fn move_link(
        &mut self,
        at: LinkId,
        target: NamespaceId,
        settings: &LinkSettings,
    ) -> Result<LinkId, StackError> {
        let Some(link) = self.link(at) else { return Err(Errno::ENODEV.into()) };
        if target == at.namespace {
            return Ok(at);
        }
        if link.is_loopback() {
            return Err(StackError::with_extack(Errno::EINVAL, "The interface netns is immutable"));
        }
        if name_in_use(self.net(target), settings.name.as_ref().unwrap_or(&link.name)) {
            let text = "An interface with the same name exists in the target netns";
            return Err(StackError::with_extack(Errno::EEXIST, text));
        }
        let index = match settings.index {
            Some(index) => self.net_mut(target).reserve_index(Some(index)).ok_or(Errno::EBUSY)?,
            None => {
                let net = self.net_mut(target);
                net.reserve_index(Some(at.index)).or_else(|| net.reserve_index(None)).ok_or(Errno::EBUSY)?
            }
        };
        self.dev_close(at);
        let reachable_time = self.random_around(BASE_REACHABLE_TIME);
        let Some(mut link) = self.unregister(at) else { return Err(Errno::ENODEV.into()) };
        self.net_mut(at.namespace).assign_peer_id(target);
        let moved = LinkId { namespace: target, index };
        link.index = index;
        link.ipv4 = true;
        link.qdisc = "noop";
        link.reachable_time = reachable_time;
        if let Some(name) = &settings.name {
            link.name = name.clone();
        }
        let peer = match link.device {
            Device::Veth { peer } => peer,
            Device::Loopback => moved,
        };
        for watched in self.link_watch.iter_mut().filter(|watched| **watched == at) {
            *watched = moved;
        }
        let net = self.net_mut(target);
        net.sysctls.add_link(index);
        net.links.insert(index, link);
        if let Some(Link { device: Device::Veth { peer }, .. }) = self.link_mut(peer) {
            *peer = moved;
        }
        self.assign_namespace_ids(&[moved]);
        Ok(moved)
    }

    /// `dev_change_flags`: first the small ones, then up or down.
    fn change_flags(&mut self, at: LinkId, settings: &LinkSettings) {
        let Some(link) = self.link_mut(at) else { return };
        let wanted = (link.flags - settings.flags_mask) | (settings.flags & settings.flags_mask);
        let before = link.flags;
        link.flags = (before - SETTABLE) | (wanted & SETTABLE);
        let arp_changed = (before ^ link.flags).contains(LinkFlags::NO_ARP);
        let was_up = link.is_up();
        match (was_up, wanted.contains(LinkFlags::UP)) {
            (false, true) => self.dev_open(at),
            (true, false) => self.dev_close(at),
            _ => {}
        }
        if arp_changed && was_up {
            self.neigh_flush(at, false);
        }
    }

    /// Sets a link up (`__dev_open`, `veth_open`): a pair has carrier while both ends are up.
    fn dev_open(&mut self, at: LinkId) {
        let Some(link) = self.link_mut(at) else { return };
        link.flags |= LinkFlags::UP;
        if link.qdisc == "noop" {
            link.qdisc = "noqueue";
        }
        let device = link.device.clone();
        if let Device::Veth { peer } = device
            && self.link(peer).is_some_and(Link::is_up)
        {
            self.set_carrier(&[at, peer], true);
        }
        let net = self.net_mut(at.namespace);
        let events = address::link_up(&mut net.links, &mut net.fib, &net.sysctls, at.index);
        if !events.is_empty() {
            net.sysctls.pin_link(at.index);
        }
    }

    /// Sets a link down (`__dev_close_many`, `veth_close`).
    fn dev_close(&mut self, at: LinkId) {
        let Some(link) = self.link_mut(at).filter(|link| link.is_up()) else { return };
        link.flags -= LinkFlags::UP;
        if let Device::Veth { peer } = link.device {
            self.set_carrier(&[at, peer], false);
        }
        let net = self.net_mut(at.namespace);
        address::link_down(&net.links, &mut net.fib, at.index);
        self.neigh_flush(at, false);
    }

    /// Turns carrier on or off (`netif_carrier_on`, `netif_carrier_off`).
    fn set_carrier(&mut self, links: &[LinkId], carrier: bool) {
        for &at in links {
            if let Some(link) = self.link_mut(at).filter(|link| link.carrier != carrier) {
                link.carrier = carrier;
                self.link_watch.push(at);
            }
        }
    }

    /// What follows from changes of carrier (`linkwatch_do_dev`): operational state, routes, neighbours. The
    /// kernel does it in a moment of its own, once the change that it is due to is complete.
    pub(crate) fn run_link_watch(&mut self) {
        for at in std::mem::take(&mut self.link_watch) {
            let state = self.operational_state(at);
            let Some(link) = self.link_mut(at) else { continue };
            link.state = state;
            let (up, carrier) = (link.is_up(), link.carrier);
            if up {
                let net = self.net_mut(at.namespace);
                address::link_changed(&net.links, &mut net.fib, at.index);
                if !carrier {
                    self.neigh_flush(at, true);
                }
                self.assign_namespace_ids(&[at]);
            }
        }
    }

    /// `default_operstate`. The kernel looks the other end up by its index in the link's own namespace, even
    /// where it is in another one: so do we.
    fn operational_state(&self, at: LinkId) -> OperationalState {
        let Some(link) = self.link(at) else { return OperationalState::NotPresent };
        let Device::Veth { peer } = link.device else { return OperationalState::Unknown };
        if link.carrier {
            return OperationalState::Up;
        }
        let lower = self.net(at.namespace).links.get(&peer.index);
        match lower {
            Some(lower) if peer.index != at.index && !lower.carrier => OperationalState::LowerLayerDown,
            _ => OperationalState::Down,
        }
    }

    /// Gives numbers to the namespaces of the far ends, as a dump of the links would.
    fn assign_namespace_ids(&mut self, links: &[LinkId]) {
        for &at in links {
            if let Some(Link { device: Device::Veth { peer }, .. }) = self.link(at)
                && peer.namespace != at.namespace
            {
                let other = peer.namespace;
                self.net_mut(at.namespace).assign_peer_id(other);
            }
        }
    }

    /// The links of a namespace (`rtnl_fill_ifinfo`).
    pub(crate) fn link_views(&mut self, namespace: NamespaceId) -> Vec<LinkView> {
        let all: Vec<LinkId> =
            self.net(namespace).links.keys().map(|&index| LinkId { namespace, index }).collect();
        self.assign_namespace_ids(&all);
        let net = self.net(namespace);
        let view = |link: &Link| {
            let (kind, peer, peer_namespace_id) = match link.device {
                Device::Loopback => (LinkKind::Loopback, None, None),
                Device::Veth { peer } => (LinkKind::Veth, Some(peer.index), net.peer_id(peer.namespace)),
            };
            LinkView {
                index: link.index,
                name: link.name.clone(),
                kind,
                flags: link.visible_flags(),
                mtu: link.mtu,
                qdisc: link.qdisc.to_owned(),
                state: if link.is_up() { link.state } else { OperationalState::Down },
                group: link.group,
                tx_queue_length: link.tx_queue_length,
                address: link.address,
                broadcast: link.broadcast,
                peer,
                peer_namespace_id,
                statistics: link.statistics,
            }
        };
        net.links.values().map(view).collect()
    }
}
