//! Making, altering, moving and deleting links (`net/core/rtnetlink.c`, `net/core/dev.c`).

use super::address;
use crate::device::{Operations, PortEvent};
use crate::id::{LinkId, NamespaceId};
use crate::link::{Filters, InDevice, Link};
use crate::neighbour::BASE_REACHABLE_TIME;
use crate::netns::Namespace;
use crate::runtime::Counters;
use crate::world::World;
use std::ops::RangeInclusive;
use vethlab_shared::change::{LinkSettings, NewLink};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::{IfIndex, LinkName};
use vethlab_shared::view::{LinkFlags, LinkView, OperationalState};
use vethlab_shared::wire::ipv4::MINIMUM_MTU;

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

/// Whether an MTU is in the range that a kind of link takes (`dev_validate_mtu`).
pub(crate) fn validate_mtu(range: &RangeInclusive<u32>, mtu: u32) -> Result<(), StackError> {
    let refuse = |text| Err(StackError::with_extack(Errno::EINVAL, text));
    if mtu < *range.start() || i32::try_from(mtu).is_err() {
        return refuse("mtu less than device minimum");
    }
    if mtu > *range.end() {
        return refuse("mtu greater than device maximum");
    }
    Ok(())
}

fn name_in_use(net: &Namespace, name: &LinkName) -> bool {
    net.links.named(name).is_some()
}

/// The first free name of the form `veth0`, `veth1`, … (`dev_alloc_name`).
fn free_name(net: &Namespace, stem: &str) -> LinkName {
    let mut names = (0..).filter_map(|number: u32| format!("{stem}{number}").parse().ok());
    names.find(|name| !name_in_use(net, name)).expect("fewer links than numbers")
}

impl World {
    /// Sets a namespace's loopback link up.
    pub(crate) fn set_loopback_up(&mut self, namespace: NamespaceId) {
        self.dev_open(LinkId { namespace, index: IfIndex::LOOPBACK });
    }

    /// Makes a link (`rtnl_newlink`).
    pub(crate) fn add_link(&mut self, namespace: NamespaceId, new: &NewLink) -> Result<(), StackError> {
        let operations = Operations::of_new(&new.kind);
        let near = self.target_of(&new.end)?.unwrap_or(namespace);
        (operations.validate)(new)?;
        let exists = match (new.end.index, &new.end.name) {
            (Some(index), _) => self.net(near).links.contains_key(&index),
            (None, Some(name)) => name_in_use(self.net(near), name),
            (None, None) => false,
        };
        if exists {
            return Err(Errno::EEXIST.into());
        }
        let at = (operations.new)(self, namespace, near, new)?;
        self.assign_namespace_ids(&[at]);
        self.change_flags(at, &new.end);
        if let Some(master) = new.end.master
            && let Err(error) = self.set_master(at, master)
        {
            self.delete_link(at)?;
            return Err(error);
        }
        Ok(())
    }

    /// The namespace that a link is to be in, where one is named.
    ///
    /// # Errors
    /// `ENOENT` where there is no such namespace.
    pub(crate) fn target_of(&self, settings: &LinkSettings) -> Result<Option<NamespaceId>, Errno> {
        settings.namespace.as_ref().map(|name| self.find(name)).transpose()
    }

    /// Registers the link that `make` makes of its index, name and Ethernet address (`rtnl_create_link`,
    /// `register_netdevice`). Where no name is given it is the first free one that begins with `stem`.
    ///
    /// # Errors
    /// `EEXIST` where the name is taken, `EBUSY` where the wanted index is.
    pub(crate) fn register_link(
        &mut self,
        namespace: NamespaceId,
        settings: &LinkSettings,
        wanted: Option<IfIndex>,
        stem: &str,
        make: impl FnOnce(IfIndex, LinkName, MacAddress) -> Link,
    ) -> Result<LinkId, Errno> {
        let address = settings.address.unwrap_or_else(|| self.random_mac());
        let reachable_time = self.random_around(BASE_REACHABLE_TIME);
        let net = self.net_mut(namespace);
        let name = settings.name.clone().unwrap_or_else(|| free_name(net, stem));
        if name_in_use(net, &name) {
            return Err(Errno::EEXIST);
        }
        let index = net.reserve_index(wanted).ok_or(Errno::EBUSY)?;
        let inet = Some(InDevice::new(net.sysctls.new_link(), reachable_time));
        let mut link = Link { inet, ..make(index, name, address) };
        link.mtu = settings.mtu.unwrap_or(link.mtu);
        link.tx_queue_length = settings.tx_queue_length.unwrap_or(link.tx_queue_length);
        link.broadcast = settings.broadcast.unwrap_or(link.broadcast);
        link.join_all_nodes();
        net.links.insert(index, link);
        Ok(LinkId { namespace, index })
    }

    /// Takes a link out of its namespace (`unregister_netdevice`).
    pub(crate) fn unregister_link(&mut self, at: LinkId) -> Option<Link> {
        self.leave_master(at);
        self.detach_ipv4(at);
        self.net_mut(at.namespace).fib.link_gone(at.index);
        let net = self.net_mut(at.namespace);
        net.rx_handlers.remove(&at.index);
        let link = net.links.remove(&at.index);
        let runtime = self.runtime_mut(at.namespace);
        runtime.counters.remove(&at.index);
        runtime.reports.remove(&at.index);
        runtime.fdbs.remove(&at.index);
        link
    }

    /// Takes from a link what IPv4 keeps of it, its neighbours too (`inetdev_destroy`, which ends with `arp_ifdown`).
    fn detach_ipv4(&mut self, at: LinkId) {
        let net = self.net_mut(at.namespace);
        address::detach(&mut net.links, &mut net.fib, &net.sysctls, at.index);
        self.neigh_flush(at, false);
    }

    /// `RTM_DELLINK` (`rtnl_delete_link`).
    pub(crate) fn delete_link(&mut self, at: LinkId) -> Result<(), StackError> {
        let link = self.link(at).ok_or(Errno::ENODEV)?;
        let delete = link.device.operations().delete.ok_or(Errno::EOPNOTSUPP)?;
        delete(self, at);
        Ok(())
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
        if let Some(master) = settings.master {
            self.set_master(at, master)?;
        }
        self.change_flags(at, settings);
        if let Some(link) = self.link_mut(at) {
            link.tx_queue_length = settings.tx_queue_length.unwrap_or(link.tx_queue_length);
        }
        Ok(())
    }

    /// `netif_set_mac_address`, `eth_mac_addr`: what others knew of the neighbours is forgotten. The device is not asked
    /// where it has this address already, be it one that is no station's, as that of `lo`. (Linux 6.12 and 6.18; 6.1
    /// asks it all the same.)
    fn set_address(&mut self, at: LinkId, address: MacAddress) -> Result<(), StackError> {
        let Some(link) = self.link(at) else { return Err(Errno::ENODEV.into()) };
        let old = link.address;
        if old != address && !address.is_valid_unicast() {
            return Err(Errno::EADDRNOTAVAIL.into());
        }
        let set_address = link.device.operations().set_address;
        set_address(self, at, address);
        self.neigh_flush(at, false);
        self.tell_master(at, PortEvent::AddressChanged { old });
        Ok(())
    }

    /// `dev_set_mtu_ext`, `dev_validate_mtu`.
    fn set_mtu(&mut self, at: LinkId, mtu: u32) -> Result<(), StackError> {
        let Some(link) = self.link_mut(at) else { return Err(Errno::ENODEV.into()) };
        if link.mtu == mtu {
            return Ok(());
        }
        validate_mtu(&link.device.operations().mtu, mtu)?;
        let mtu_was_set = link.device.operations().mtu_was_set;
        self.change_mtu(at, mtu);
        mtu_was_set(self, at);
        Ok(())
    }

    /// Gives a link an MTU that it can have (`__dev_set_mtu`, `NETDEV_CHANGEMTU`).
    pub(crate) fn change_mtu(&mut self, at: LinkId, mtu: u32) {
        let Some(link) = self.link_mut(at).filter(|link| link.mtu != mtu) else { return };
        let old = std::mem::replace(&mut link.mtu, mtu);
        link.ipv6_mtu_changed(old);
        let (has_ipv4, takes_ipv4) = (link.inet.is_some(), mtu >= MINIMUM_MTU);
        let net = self.net_mut(at.namespace);
        net.exceptions.mtu_changed(at.index, old, mtu);
        if has_ipv4 && !takes_ipv4 {
            self.detach_ipv4(at);
        } else if !has_ipv4 && takes_ipv4 {
            self.attach_ipv4(at);
        }
        self.tell_master(at, PortEvent::MtuChanged);
    }

    /// Gives a link back what IPv4 keeps of it, as for a new link (`inetdev_init`).
    fn attach_ipv4(&mut self, at: LinkId) {
        let reachable_time = self.random_around(BASE_REACHABLE_TIME);
        let net = self.net_mut(at.namespace);
        if let Some(link) = net.links.get_mut(&at.index) {
            link.inet = Some(InDevice::new(net.sysctls.new_link(), reachable_time));
        }
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
        self.net_mut(at.namespace).links.rename(at.index, name);
        if let Some(link) = self.link_mut(at) {
            for (place, address) in link.inet.iter_mut().flat_map(|inet| &mut inet.addresses).enumerate() {
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
        if link.device.operations().netns_immutable {
            return Err(StackError::with_extack(Errno::EINVAL, "The interface netns is immutable"));
        }
        if name_in_use(self.net(target), settings.name.as_ref().unwrap_or(&link.name)) {
            let text = "An interface with the same name exists in the target netns";
            return Err(StackError::with_extack(Errno::EEXIST, text));
        }
        let index = match settings.index {
            Some(index) => self.net_mut(target).reserve_index(Some(index)).ok_or_else(|| {
                let text = format!("The ifindex {index} is not available in the target netns");
                StackError::with_extack(Errno::EBUSY, text)
            })?,
            None => {
                let net = self.net_mut(target);
                net.reserve_index(Some(at.index)).or_else(|| net.reserve_index(None)).ok_or(Errno::EBUSY)?
            }
        };
        self.dev_close(at);
        let reachable_time = self.random_around(BASE_REACHABLE_TIME);
        let counters = *self.counters(at);
        let Some(mut link) = self.unregister_link(at) else { return Err(Errno::ENODEV.into()) };
        self.net_mut(at.namespace).peer_ids.assign(target);
        let moved = LinkId { namespace: target, index };
        link.index = index;
        link.qdisc = "noop";
        if let Some(name) = &settings.name {
            link.name = name.clone();
        }
        let moved_device = link.device.operations().moved;
        for watched in self.link_watch.iter_mut().filter(|watched| **watched == at) {
            *watched = moved;
        }
        let net = self.net_mut(target);
        link.inet = Some(InDevice::new(net.sysctls.new_link(), reachable_time));
        link.filters = Filters::default();
        link.join_all_nodes();
        net.links.insert(index, link);
        self.runtime_mut(target).counters.insert(index, counters);
        moved_device(self, moved);
        self.assign_namespace_ids(&[moved]);
        Ok(moved)
    }

    /// `dev_change_flags`: first the small ones, then up or down.
    pub(crate) fn change_flags(&mut self, at: LinkId, settings: &LinkSettings) {
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

    /// Sets a link up (`__dev_open`).
    fn dev_open(&mut self, at: LinkId) {
        let Some(link) = self.link_mut(at) else { return };
        link.flags |= LinkFlags::UP;
        if link.qdisc == "noop" {
            link.qdisc = "noqueue";
        }
        let open = link.device.operations().open;
        open(self, at);
        let net = self.net_mut(at.namespace);
        let events = address::link_up(&mut net.links, &mut net.fib, &net.sysctls, at.index);
        if !events.is_empty() {
            net.pin_settings(at.index);
        }
        self.mc_up(at);
        self.tell_master(at, PortEvent::Up);
    }

    /// Sets a link down (`__dev_close_many`).
    pub(crate) fn dev_close(&mut self, at: LinkId) {
        let Some(link) = self.link_mut(at).filter(|link| link.is_up()) else { return };
        link.flags -= LinkFlags::UP;
        let close = link.device.operations().close;
        close(self, at);
        let net = self.net_mut(at.namespace);
        address::link_down(&net.links, &mut net.fib, at.index);
        self.neigh_flush(at, false);
        self.forget_masqueraded(at, None);
        self.mc_down(at);
        self.tell_master(at, PortEvent::Down);
    }

    /// Turns carrier on or off as things stand (`netif_carrier_on`, `netif_carrier_off`).
    pub(crate) fn update_carrier(&mut self, links: &[LinkId]) {
        for &at in links {
            let Some(link) = self.link(at) else { continue };
            let carrier = (link.device.operations().carrier)(self, at);
            if let Some(link) = self.link_mut(at).filter(|link| link.carrier != carrier) {
                link.carrier = carrier;
                self.link_watch.push(at);
            }
        }
    }

    /// What follows from changes of carrier (`linkwatch_do_dev`): operational state, routes, neighbours. The
    /// kernel does it in a moment of its own, once the change that it is due to is complete.
    pub(crate) fn run_link_watch(&mut self) {
        while !self.link_watch.is_empty() {
            for at in std::mem::take(&mut self.link_watch) {
                self.link_changed(at);
            }
        }
    }

    fn link_changed(&mut self, at: LinkId) {
        let state = self.operational_state(at);
        let Some(link) = self.link_mut(at) else { return };
        link.state = state;
        let (up, carrier) = (link.is_up(), link.carrier);
        if up {
            let net = self.net_mut(at.namespace);
            address::link_changed(&net.links, &mut net.fib, at.index);
            if !carrier {
                self.neigh_flush(at, true);
            }
            self.assign_namespace_ids(&[at]);
            self.tell_master(at, PortEvent::CarrierChanged);
        }
    }

    /// `default_operstate`. The kernel looks the other end up by its index in the link's own namespace, even
    /// where it is in another one: so do we.
    fn operational_state(&self, at: LinkId) -> OperationalState {
        let Some(link) = self.link(at) else { return OperationalState::NotPresent };
        if link.carrier {
            return OperationalState::Up;
        }
        let Some(index) = link.lower().map(|lower| lower.index) else { return OperationalState::Down };
        match self.net(at.namespace).links.get(&index) {
            Some(lower) if index != at.index && !lower.carrier => OperationalState::LowerLayerDown,
            _ => OperationalState::Down,
        }
    }

    /// Gives numbers to the namespaces of the far ends, as a dump of the links would.
    pub(crate) fn assign_namespace_ids(&mut self, links: &[LinkId]) {
        for &at in links {
            if let Some(lower) = self.link(at).and_then(Link::lower)
                && lower.namespace != at.namespace
                && self.net(at.namespace).peer_ids.get(lower.namespace).is_none()
            {
                self.net_mut(at.namespace).peer_ids.assign(lower.namespace);
            }
        }
    }

    /// The links of a namespace, by index.
    pub(crate) fn link_views(&mut self, namespace: NamespaceId) -> Vec<LinkView> {
        let all: Vec<IfIndex> = self.net(namespace).links.keys().copied().collect();
        all.into_iter().filter_map(|index| self.link_view(LinkId { namespace, index })).collect()
    }

    /// A link as it is shown, if it is still there (`rtnl_fill_ifinfo`).
    pub(crate) fn link_view(&mut self, at: LinkId) -> Option<LinkView> {
        self.assign_namespace_ids(&[at]);
        let net = self.net(at.namespace);
        let link = net.links.get(&at.index)?;
        let counters = self.runtime(at.namespace).counters.get(&at.index);
        let lower = link.lower();
        Some(LinkView {
            index: link.index,
            name: link.name.clone(),
            kind: (link.device.operations().view)(link),
            flags: link.visible_flags(),
            mtu: link.mtu,
            qdisc: link.qdisc.to_owned(),
            state: if link.is_up() { link.state } else { OperationalState::Down },
            group: link.group,
            tx_queue_length: link.tx_queue_length,
            address: link.address,
            broadcast: link.broadcast,
            peer: lower.map(|lower| lower.index),
            peer_namespace_id: lower.and_then(|lower| net.peer_ids.get(lower.namespace)),
            master: link.master,
            statistics: counters.map(Counters::statistics).unwrap_or_default(),
        })
    }
}
