//! Changes of addresses (`net/ipv4/devinet.c`), and what a link's ups and downs do to its addresses and routes.

#[cfg(test)]
mod tests;

use crate::fib::{Fib, RouteSettings};
use crate::link::{Address, Link, Links};
use crate::sysctl::Sysctls;
use std::net::Ipv4Addr;
use vethlab_shared::change::{AddressSpec, Modify};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::ipv4_only;
use vethlab_shared::name::IfIndex;
use vethlab_shared::prefix::Ipv4Prefix;
use vethlab_shared::view::{AddressFlags, Scope};
use vethlab_shared::wire::ipv4::MINIMUM_MTU;

/// The longest label, in bytes (`IFNAMSIZ - 1`).
const LABEL_LIMIT: usize = 15;

/// A request about an address (`struct ifaddrmsg` with its attributes): an [`AddressSpec`] of IPv4.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    spec: &'a AddressSpec,
    local: Option<Ipv4Addr>,
    peer: Option<Ipv4Addr>,
    broadcast: Option<Ipv4Addr>,
}

impl Request<'_> {
    /// # Errors
    /// [`StackError::NotModelled`] where it is of another family.
    pub(crate) fn of(spec: &AddressSpec) -> Result<Request<'_>, StackError> {
        ipv4_only::family(spec.family)?;
        Ok(Request {
            spec,
            local: ipv4_only::optional(spec.local)?,
            peer: ipv4_only::optional(spec.peer)?,
            broadcast: ipv4_only::optional(spec.broadcast)?,
        })
    }
}

/// Something that happened to a link's addresses, in the order in which it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AddressEvent {
    /// It is there, or was promoted to primary (`RTM_NEWADDR`). Neighbour entries for the broadcast addresses
    /// that it brings are void from now on (`arp_invalidate`).
    Added(Address),
    /// It is gone (`RTM_DELADDR`).
    Deleted(Address),
    /// It was the last one: the link's neighbour entries go too (`fib_disable_ip`, `arp_ifdown`).
    Disabled,
}

/// Gives a link an address (`inet_rtm_newaddr`).
///
/// # Errors
/// As the kernel answers.
pub(crate) fn add(
    links: &mut Links,
    fib: &mut Fib,
    sysctls: &Sysctls,
    how: Modify,
    request: &Request<'_>,
) -> Result<Vec<AddressEvent>, StackError> {
    let spec = request.spec;
    let refuse = |errno, text: &str| Err(StackError::with_extack(errno, text));
    check_label(spec)?;
    if spec.prefix_length > 32 {
        return refuse(Errno::EINVAL, "ipv4: Invalid prefix length");
    }
    let Some(local) = request.local else {
        return refuse(Errno::EINVAL, "ipv4: Local address is not supplied");
    };
    if local.is_unspecified() {
        return Ok(Vec::new());
    }
    let Some(link) = links.get(&spec.link) else {
        return refuse(Errno::ENODEV, "ipv4: Device not found");
    };
    let Some(inet) = &link.inet else {
        return Err(Errno::ENOBUFS.into());
    };
    let address = Address {
        local,
        peer: request.peer.unwrap_or(local),
        prefix_length: spec.prefix_length,
        broadcast: request.broadcast.filter(|broadcast| !broadcast.is_unspecified()),
        label: spec.label.clone().unwrap_or_else(|| link.name.as_str().to_owned()),
        scope: spec.scope,
        flags: (spec.flags - AddressFlags::SECONDARY) | AddressFlags::PERMANENT,
    };
    if inet.addresses.iter().any(|other| is_same(other, &address)) {
        if how.contains(Modify::EXCLUSIVE) || !how.contains(Modify::REPLACE) {
            return refuse(Errno::EEXIST, "ipv4: Address already assigned");
        }
        // Only lifetimes, metric and protocol would change, and an address has none of them here.
        return Ok(Vec::new());
    }
    insert(links, fib, sysctls, spec.link, address)
}

/// Takes the first address away that the specification matches (`inet_rtm_deladdr`).
///
/// # Errors
/// As the kernel answers.
pub(crate) fn delete(
    links: &mut Links,
    fib: &mut Fib,
    sysctls: &Sysctls,
    request: &Request<'_>,
) -> Result<Vec<AddressEvent>, StackError> {
    let spec = request.spec;
    check_label(spec)?;
    let Some(inet) = links.get(&spec.link).and_then(|link| link.inet.as_ref()) else {
        return Err(StackError::with_extack(Errno::ENODEV, "ipv4: Device not found"));
    };
    let Some(place) = inet.addresses.iter().position(|address| is_meant(request, address)) else {
        return Err(StackError::with_extack(Errno::EADDRNOTAVAIL, "ipv4: Address not found"));
    };
    let promote = RouteSettings { links, sysctls }.promotes_secondaries(spec.link);
    let mut removal = Removal { links, fib, sysctls, link: spec.link, events: Vec::new() };
    removal.remove(place, promote);
    Ok(removal.events)
}

/// The link was set up (`inetdev_event` and `fib_netdev_event` for `NETDEV_UP`): loopback gets 127.0.0.1/8,
/// and all addresses get their routes.
pub(crate) fn link_up(
    links: &mut Links,
    fib: &mut Fib,
    sysctls: &Sysctls,
    index: IfIndex,
) -> Vec<AddressEvent> {
    let Some(link) = links.get(&index) else { return Vec::new() };
    let Some(inet) = &link.inet else { return Vec::new() };
    let mut events = Vec::new();
    if link.is_loopback() && link.mtu >= MINIMUM_MTU {
        let loopback = Address {
            local: Ipv4Addr::LOCALHOST,
            peer: Ipv4Addr::LOCALHOST,
            prefix_length: 8,
            broadcast: None,
            label: link.name.as_str().to_owned(),
            scope: Scope::HOST,
            flags: AddressFlags::PERMANENT,
        };
        // It may be there already, or in another scope: then nothing is added, and nobody is told.
        if !inet.addresses.iter().any(|other| is_same(other, &loopback)) {
            events = insert(links, fib, sysctls, index, loopback).unwrap_or_default();
        }
    }
    if let Some(link) = links.get(&index) {
        for address in link.addresses() {
            fib.add_address(RouteSettings { links, sysctls }, link, address);
        }
        fib.carrier_found(link);
    }
    events
}

/// The link was set down (`NETDEV_DOWN`): its routes go, addresses and the routes to them stay. The caller
/// flushes the link's neighbour entries.
pub(crate) fn link_down(links: &Links, fib: &mut Fib, index: IfIndex) {
    if links.get(&index).is_some_and(|link| link.inet.is_some()) {
        fib.link_down(index);
    }
}

/// The link's carrier or flags changed while it is up (`NETDEV_CHANGE`).
pub(crate) fn link_changed(links: &Links, fib: &mut Fib, index: IfIndex) {
    if let Some(link) = links.get(&index).filter(|link| link.inet.is_some()) {
        fib.link_changed(link);
    }
}

/// Takes IPv4 off a link (`inetdev_destroy`): its addresses go, and its settings with them.
pub(crate) fn detach(links: &mut Links, fib: &mut Fib, sysctls: &Sysctls, index: IfIndex) {
    let mut removal = Removal { links, fib, sysctls, link: index, events: Vec::new() };
    while !removal.addresses().is_empty() {
        removal.unlink(0, true);
    }
    if let Some(link) = links.get_mut(&index) {
        link.inet = None;
    }
}

/// The attribute policy of a label (`ifa_ipv4_policy`).
fn check_label(spec: &AddressSpec) -> Result<(), StackError> {
    match &spec.label {
        Some(label) if label.len() > LABEL_LIMIT => {
            Err(StackError::with_extack(Errno::ERANGE, "Attribute failed policy validation"))
        }
        _ => Ok(()),
    }
}

/// Whether the two cannot both be on a link (`find_matching_ifa`).
fn is_same(one: &Address, other: &Address) -> bool {
    one.local == other.local && one.subnet() == other.subnet()
}

fn is_meant(request: &Request<'_>, address: &Address) -> bool {
    let spec = request.spec;
    request.local.is_none_or(|local| local == address.local)
        && spec.label.as_ref().is_none_or(|label| *label == address.label)
        && request.peer.is_none_or(|peer| {
            spec.prefix_length == address.prefix_length
                && Ipv4Prefix::new(address.peer, address.prefix_length).contains(peer)
        })
}

/// Puts an address on the link's list and its routes into the tables (`__inet_insert_ifa`).
fn insert(
    links: &mut Links,
    fib: &mut Fib,
    sysctls: &Sysctls,
    index: IfIndex,
    mut address: Address,
) -> Result<Vec<AddressEvent>, StackError> {
    let Some(inet) = links.get_mut(&index).and_then(|link| link.inet.as_mut()) else {
        return Err(Errno::ENODEV.into());
    };
    let mut place = 0;
    for (position, other) in inet.addresses.iter().enumerate() {
        if !other.is_secondary() && address.scope <= other.scope {
            place = position + 1;
        }
        if other.subnet() == address.subnet() {
            if other.scope != address.scope {
                return Err(StackError::with_extack(Errno::EINVAL, "ipv4: Invalid scope value"));
            }
            address.flags |= AddressFlags::SECONDARY;
        }
    }
    if address.is_secondary() {
        place = inet.addresses.len();
    }
    if inet.addresses.is_empty() {
        // Most links have one.
        inet.addresses.reserve_exact(1);
    }
    inet.addresses.insert(place, address.clone());
    fib.own(&address, index);
    announce(fib, RouteSettings { links, sysctls }, index, &address);
    Ok(vec![AddressEvent::Added(address)])
}

/// `fib_inetaddr_event` for `NETDEV_UP`.
fn announce(fib: &mut Fib, settings: RouteSettings<'_>, index: IfIndex, address: &Address) {
    if let Some(link) = settings.links.get(&index) {
        fib.add_address(settings, link, address);
        fib.carrier_found(link);
    }
}

/// Taking addresses off one link (`__inet_del_ifa`).
struct Removal<'a> {
    links: &'a mut Links,
    fib: &'a mut Fib,
    sysctls: &'a Sysctls,
    link: IfIndex,
    events: Vec<AddressEvent>,
}

impl Removal<'_> {
    fn addresses(&self) -> &[Address] {
        self.links.get(&self.link).map_or(&[], Link::addresses)
    }

    fn addresses_mut(&mut self) -> Option<&mut Vec<Address>> {
        let inet = self.links.get_mut(&self.link)?.inet.as_mut()?;
        Some(&mut inet.addresses)
    }

    /// Takes one off the list, with what depends on it: the secondary addresses of a primary go too, unless
    /// one of them may take its place.
    fn remove(&mut self, place: usize, promote: bool) {
        let Some(doomed) = self.addresses().get(place).cloned() else { return };
        let heir = if doomed.is_secondary() { None } else { self.heir(place, &doomed, promote) };
        if let Some(heir) = heir {
            self.forget_routes(heir, &doomed);
        }
        // The heir comes after the last primary that is at least as near as the one that goes.
        let end = heir.unwrap_or(self.addresses().len());
        let is_senior = |other: &Address| !other.is_secondary() && doomed.scope <= other.scope;
        let throne = (place + 1..end).rfind(|&at| is_senior(&self.addresses()[at])).unwrap_or(place);
        self.unlink(place, false);
        if let Some(heir) = heir {
            self.promote(heir - 1, throne, &doomed);
        }
    }

    /// The first secondary address of the same subnet, where it may be promoted; else they all go.
    fn heir(&mut self, place: usize, doomed: &Address, promote: bool) -> Option<usize> {
        let mut position = place + 1;
        while let Some(other) = self.addresses().get(position) {
            if !other.is_secondary() || other.subnet() != doomed.subnet() {
                position += 1;
            } else if promote {
                return Some(position);
            } else {
                self.unlink(position, false);
            }
        }
        None
    }

    /// The routes of the heir and its peers go, to come back with another preferred source.
    fn forget_routes(&mut self, heir: usize, doomed: &Address) {
        let Some(link) = self.links.get(&self.link) else { return };
        let settings = RouteSettings { links: self.links, sysctls: self.sysctls };
        let heirs = link.addresses().iter().skip(heir);
        for address in heirs.filter(|other| other.subnet() == doomed.subnet()) {
            self.fib.remove_address(settings, link, address, Some(doomed), false);
        }
    }

    /// Takes one off the list and its routes out of the tables (`fib_inetaddr_event` for `NETDEV_DOWN`).
    fn unlink(&mut self, place: usize, link_dead: bool) {
        let Some(addresses) = self.addresses_mut().filter(|addresses| place < addresses.len()) else {
            return;
        };
        let address = addresses.remove(place);
        self.fib.disown(&address, self.link);
        if let Some(link) = self.links.get(&self.link) {
            let settings = RouteSettings { links: self.links, sysctls: self.sysctls };
            self.fib.remove_address(settings, link, &address, None, link_dead);
        }
        self.events.push(AddressEvent::Deleted(address));
        if self.addresses().is_empty() {
            self.fib.link_gone(self.link);
            self.events.push(AddressEvent::Disabled);
        }
    }

    /// Makes a secondary address primary and moves it to the place of a primary.
    fn promote(&mut self, heir: usize, throne: usize, doomed: &Address) {
        let Some(addresses) = self.addresses_mut().filter(|addresses| heir < addresses.len()) else {
            return;
        };
        let mut address = addresses.remove(heir);
        address.flags -= AddressFlags::SECONDARY;
        addresses.insert(throne.min(heir), address.clone());
        let settings = RouteSettings { links: self.links, sysctls: self.sysctls };
        announce(self.fib, settings, self.link, &address);
        if let Some(link) = self.links.get(&self.link) {
            let peers = link.addresses().iter().skip(heir + 1);
            for peer in peers.filter(|peer| peer.subnet() == doomed.subnet()) {
                self.fib.add_address(settings, link, peer);
            }
        }
        self.events.push(AddressEvent::Added(address));
    }
}
