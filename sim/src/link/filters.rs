//! Which addresses a link takes in besides its own (`dev->uc`, `dev->mc`, `net/core/dev_addr_lists.c`).

use vethlab_shared::error::Errno;
use vethlab_shared::mac::MacAddress;

/// The group of all nodes of IPv6, as an Ethernet address.
///
/// A kernel that has IPv6 joins it on every Ethernet link that can carry IPv6, also where IPv6 is disabled
/// (`ipv6_add_dev`): it is all that is seen of IPv6 here.
pub(crate) const ALL_NODES: MacAddress = MacAddress([0x33, 0x33, 0, 0, 0, 1]);

/// The addresses that a link takes in, in the order in which they were added, each kind for itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filters {
    unicast: Vec<Filter>,
    multicast: Vec<Filter>,
    /// IPv6 came anew while the link worked (`IF_READY`): it leaves its groups when the link goes down, and, being disabled,
    /// does not join them again.
    pub(crate) ipv6_is_ready: bool,
}

/// An address, and how often it was asked for (`struct netdev_hw_addr`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Filter {
    address: MacAddress,
    references: u32,
}

impl Filters {
    /// Where an address is kept: those that no bridge passes on are with the unicast ones (`ndo_dflt_fdb_add`).
    fn list(&mut self, address: MacAddress) -> &mut Vec<Filter> {
        let is_unicast = !address.is_multicast() || address.is_link_local();
        if is_unicast { &mut self.unicast } else { &mut self.multicast }
    }

    /// Takes in a group as well (`dev_mc_add`).
    pub(crate) fn join(&mut self, group: MacAddress) {
        match self.multicast.iter_mut().find(|filter| filter.address == group) {
            Some(filter) => filter.references += 1,
            None => self.multicast.push(Filter { address: group, references: 1 }),
        }
    }

    /// Takes a group in no longer (`dev_mc_del`).
    pub(crate) fn leave(&mut self, group: MacAddress) {
        // Somebody may have taken it away before.
        let _ = release(&mut self.multicast, group);
    }

    /// IPv6 leaves, and so all of its groups (`ipv6_mc_destroy_dev`).
    pub(crate) fn leave_ipv6(&mut self) {
        self.ipv6_is_ready = false;
        let groups: Vec<MacAddress> = self.multicast.iter().map(|filter| filter.address).collect();
        for group in groups.into_iter().filter(|group| matches!(group.0, [0x33, 0x33, ..])) {
            self.leave(group);
        }
    }

    /// Takes in an address that it does not take in yet (`dev_uc_add_excl`, `dev_mc_add_excl`).
    ///
    /// # Errors
    /// `EEXIST` where it does.
    pub(crate) fn add(&mut self, address: MacAddress) -> Result<(), Errno> {
        let list = self.list(address);
        if list.iter().any(|filter| filter.address == address) {
            return Err(Errno::EEXIST);
        }
        list.push(Filter { address, references: 1 });
        Ok(())
    }

    /// Gives an address up (`dev_uc_del`, `dev_mc_del`).
    ///
    /// # Errors
    /// `ENOENT` where it has none such.
    pub(crate) fn remove(&mut self, address: MacAddress) -> Result<(), Errno> {
        release(self.list(address), address)
    }

    /// All of them, as a dump has them (`ndo_dflt_fdb_dump`).
    pub(crate) fn all(&self) -> impl Iterator<Item = MacAddress> {
        self.unicast.iter().chain(&self.multicast).map(|filter| filter.address)
    }
}

/// `__hw_addr_del_ex`.
fn release(list: &mut Vec<Filter>, address: MacAddress) -> Result<(), Errno> {
    let place = list.iter().position(|filter| filter.address == address).ok_or(Errno::ENOENT)?;
    match list.get_mut(place) {
        Some(filter) if filter.references > 1 => filter.references -= 1,
        _ => drop(list.remove(place)),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_stays_until_everybody_has_left_it() {
        let group = MacAddress([1, 0, 0x5e, 0, 0, 1]);
        let mut filters = Filters::default();
        filters.add(group).expect("a new group");
        filters.join(group);
        assert_eq!(filters.add(group), Err(Errno::EEXIST));
        filters.leave(group);
        assert_eq!(filters.all().collect::<Vec<_>>(), [group]);
        assert_eq!(filters.remove(group), Ok(()));
        assert_eq!(filters.remove(group), Err(Errno::ENOENT));
    }

    #[test]
    fn what_no_bridge_passes_on_stands_with_the_stations() {
        let pause = MacAddress([1, 0x80, 0xc2, 0, 0, 1]);
        let station = MacAddress([2, 0, 0, 0, 0, 1]);
        let mut filters = Filters::default();
        filters.join(ALL_NODES);
        for address in [station, pause] {
            filters.add(address).expect("a new address");
        }
        assert_eq!(filters.all().collect::<Vec<_>>(), [station, pause, ALL_NODES]);
    }
}
