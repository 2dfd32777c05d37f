//! The ioctls of `ifconfig`, as changes.
//!
//! `devinet_ioctl` in the kernel alters an address by taking it off the link and putting it back altered;
//! here too.

use super::steps::Step;
use crate::{Context, Failure, Status};
use std::net::{IpAddr, Ipv4Addr};
use vethlab_shared::change::{AddressSpec, Change, LinkSettings, Modify};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::family::Family;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::prefix::{Ipv4Prefix, Prefix};
use vethlab_shared::view::{AddressFlags, AddressView, LinkFlags, LinkKind, LinkView, Scope};

/// An interface as ioctls name it: a link, or with `:` and more a label on it.
pub(super) struct Handle<'a, 'c> {
    pub(super) name: &'a str,
    pub(super) context: &'a mut Context<'c>,
}

impl Handle<'_, '_> {
    /// Takes one step. What goes wrong is told at once; the answer is what it adds to the exit status.
    pub(super) fn take(&mut self, step: &Step) -> Result<Status, Failure> {
        match *step {
            Step::Complain(ref text) => {
                self.context.console.err(text);
                Ok(1)
            }
            Step::Set(flags) => self.change_flags(flags, flags),
            Step::Clear(flags, warning) => {
                let status = self.change_flags(LinkFlags::empty(), flags)?;
                if let Some(warning) = warning {
                    self.warn_if_still(flags, warning)?;
                }
                Ok(status)
            }
            Step::Mtu(mtu) => {
                let result = self.settings(u32::try_from(mtu).ok(), |settings, mtu| settings.mtu = Some(mtu));
                self.tell("SIOCSIFMTU", result)
            }
            Step::QueueLength(length) => {
                let length = u32::try_from(length).ok();
                let result =
                    self.settings(length, |settings, length| settings.tx_queue_length = Some(length));
                self.tell("SIOCSIFTXQLEN", result)
            }
            Step::Hardware(address) => {
                let result = self.set_hardware(address);
                self.tell("SIOCSIFHWADDR", result)
            }
            Step::Netmask(mask) => {
                let result = self.set_netmask(mask);
                self.tell("SIOCSIFNETMASK", result)
            }
            Step::Broadcast(broadcast) => {
                let result = self.set_broadcast(broadcast);
                self.tell("SIOCSIFBRDADDR", result)
            }
            Step::Address(address) => {
                let result = self.set_address(address);
                let status = self.tell("SIOCSIFADDR", result)?;
                let gone = self.name.contains(':') && (self.name.ends_with('-') || address.is_unspecified());
                let up = if gone { 0 } else { self.change_flags(LinkFlags::UP, LinkFlags::UP)? };
                Ok(status | up)
            }
        }
    }

    /// `perror` of a system call that failed; an ioctl has no extended acknowledgement.
    fn tell(&mut self, call: &str, result: Result<(), StackError>) -> Result<Status, Failure> {
        match result {
            Ok(()) => Ok(0),
            Err(StackError::NotModelled(what)) => Err(Failure::NotModelled(what)),
            Err(StackError::Past) => Err(Failure::Past),
            Err(StackError::Exhausted(limit)) => Err(Failure::Exhausted(limit)),
            Err(StackError::Refused { errno, .. }) => {
                self.context.console.err(&format!("{call}: {errno}\n"));
                Ok(1)
            }
        }
    }

    /// The link, found by the part of the name before the colon.
    fn link(&mut self) -> Result<LinkView, StackError> {
        let name = self.name.split(':').next().unwrap_or_default();
        let links = self.context.stack.links(&self.context.namespace)?;
        links.into_iter().find(|link| link.name.as_str() == name).ok_or(Errno::ENODEV.into())
    }

    /// The first address with this name as its label.
    fn address(&mut self, link: &LinkView) -> Result<Option<AddressView>, StackError> {
        let addresses = self.context.stack.addresses(&self.context.namespace, Family::Inet)?;
        Ok(addresses.into_iter().find(|address| address.link == link.index && address.label == self.name))
    }

    fn apply(&mut self, change: &Change) -> Result<(), StackError> {
        self.context.stack.apply(&self.context.namespace, change)
    }

    /// A setting of the link; `None` is a value that no link can have.
    fn settings<T>(
        &mut self,
        value: Option<T>,
        put: impl FnOnce(&mut LinkSettings, T),
    ) -> Result<(), StackError> {
        let link = self.link()?.index;
        let mut settings = LinkSettings::default();
        put(&mut settings, value.ok_or(Errno::EINVAL)?);
        self.apply(&Change::SetLink { link, settings })
    }

    /// `SIOCGIFFLAGS`, then `SIOCSIFFLAGS`. Taking down a label takes its address off. The status of a
    /// failure is -1.
    fn change_flags(&mut self, flags: LinkFlags, mask: LinkFlags) -> Result<Status, Failure> {
        let (call, result) = match self.link() {
            Ok(link) => ("SIOCSIFFLAGS".to_owned(), self.set_flags(&link, flags, mask)),
            Err(error) => (format!("{}: ERROR while getting interface flags", self.name), Err(error)),
        };
        Ok(if self.tell(&call, result)? == 0 { 0 } else { 255 })
    }

    /// Looks whether flags are still set (`test_flag`); that neither succeeds nor fails.
    fn warn_if_still(&mut self, flags: LinkFlags, warning: &str) -> Result<(), Failure> {
        let name = self.name;
        match self.link() {
            Ok(link) if link.flags.intersects(flags) => {
                self.context.console.err(&format!("Warning: Interface {name} still in {warning}\n"));
            }
            Ok(_) => {}
            Err(error) => {
                self.tell(&format!("{name}: ERROR while testing interface flags"), Err(error))?;
            }
        }
        Ok(())
    }

    /// `SIOCSIFHWADDR`: the address's kind must be the link's (`netif_set_mac_address`).
    fn set_hardware(&mut self, address: MacAddress) -> Result<(), StackError> {
        if self.link()?.kind == LinkKind::Loopback {
            return Err(Errno::EINVAL.into());
        }
        self.settings(Some(address), |settings, address| settings.address = Some(address))
    }

    fn set_flags(&mut self, link: &LinkView, flags: LinkFlags, mask: LinkFlags) -> Result<(), StackError> {
        if self.name.contains(':') {
            let address = self.address(link)?.ok_or(Errno::EADDRNOTAVAIL)?;
            let up = ((link.flags - mask) | flags).contains(LinkFlags::UP);
            return if up { Ok(()) } else { self.apply(&Change::DeleteAddress(spec(&address))) };
        }
        let settings = LinkSettings { flags, flags_mask: mask, ..LinkSettings::default() };
        self.apply(&Change::SetLink { link: link.index, settings })
    }

    /// `SIOCSIFADDR`: the mask becomes that of the address's class.
    fn set_address(&mut self, local: Ipv4Addr) -> Result<(), StackError> {
        let link = self.link()?;
        let length = class_length(local).ok_or(Errno::EINVAL)?;
        if let Some(old) = self.address(&link)? {
            if old.local == local {
                return Ok(());
            }
            self.apply(&Change::DeleteAddress(spec(&old)))?;
        }
        if local.is_unspecified() {
            return Ok(());
        }
        let has_broadcast = link.has(LinkFlags::BROADCAST) && length < 31;
        let address = AddressSpec {
            family: Family::Inet,
            link: link.index,
            local: Some(local.into()),
            peer: Some(local.into()),
            prefix_length: length,
            broadcast: Prefix::new(local, length).broadcast().filter(|_| has_broadcast),
            label: Some(self.name.to_owned()),
            scope: if local.is_loopback() { Scope::HOST } else { Scope::UNIVERSE },
            flags: AddressFlags::empty(),
        };
        self.apply(&Change::AddAddress { how: Modify::ADD, address })
    }

    /// `SIOCSIFNETMASK`: a broadcast address that fits the old mask follows the new one.
    fn set_netmask(&mut self, mask: Ipv4Addr) -> Result<(), StackError> {
        let (link, old) = self.addressed()?;
        let length = mask.to_bits().leading_ones() as u8;
        if Ipv4Prefix::mask_bits(length) != mask.to_bits() {
            return Err(Errno::EINVAL.into());
        }
        if old.prefix_length == length {
            return Ok(());
        }
        let fitted = old.broadcast == Prefix::new(old.local, old.prefix_length).broadcast();
        let mut new = AddressSpec { prefix_length: length, ..spec(&old) };
        if link.has(LinkFlags::BROADCAST) && length < 31 && fitted {
            new.broadcast = Prefix::new(old.local, length).broadcast();
        }
        self.replace(&old, new)
    }

    /// `SIOCSIFBRDADDR`.
    fn set_broadcast(&mut self, broadcast: Ipv4Addr) -> Result<(), StackError> {
        let (_, old) = self.addressed()?;
        let broadcast = Some(IpAddr::V4(broadcast)).filter(|address| !address.is_unspecified());
        if old.broadcast == broadcast {
            return Ok(());
        }
        let new = AddressSpec { broadcast, ..spec(&old) };
        self.replace(&old, new)
    }

    fn addressed(&mut self) -> Result<(LinkView, AddressView), StackError> {
        let link = self.link()?;
        let address = self.address(&link)?.ok_or(Errno::EADDRNOTAVAIL)?;
        Ok((link, address))
    }

    /// Takes an address off and puts it back altered. As in the kernel, nobody asks whether that went well.
    fn replace(&mut self, old: &AddressView, address: AddressSpec) -> Result<(), StackError> {
        self.apply(&Change::DeleteAddress(spec(old)))?;
        match self.apply(&Change::AddAddress { how: Modify::ADD, address }) {
            Err(StackError::Refused { .. }) => Ok(()),
            result => result,
        }
    }
}

/// An address as it was, to delete it or to make it again.
fn spec(address: &AddressView) -> AddressSpec {
    AddressSpec {
        family: Family::of(address.local),
        link: address.link,
        local: Some(address.local),
        peer: Some(address.peer),
        prefix_length: address.prefix_length,
        broadcast: address.broadcast,
        label: Some(address.label.clone()),
        scope: address.scope,
        flags: address.flags & AddressFlags::NO_PREFIX_ROUTE,
    }
}

/// The prefix length that an address had before there were prefixes (`inet_abc_len`).
fn class_length(address: Ipv4Addr) -> Option<u8> {
    match address.octets()[0] {
        _ if address.is_broadcast() => Some(0),
        0 => Some(0),
        1..=127 => Some(8),
        128..=191 => Some(16),
        192..=223 => Some(24),
        224..=239 => None,
        _ => Some(32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_classes() {
        let cases = [
            ([10, 0, 0, 1], Some(8)),
            ([172, 16, 0, 1], Some(16)),
            ([192, 168, 0, 1], Some(24)),
            ([224, 0, 0, 1], None),
            ([240, 0, 0, 1], Some(32)),
            ([0, 0, 0, 0], Some(0)),
        ];
        for (address, length) in cases {
            assert_eq!(class_length(address.into()), length, "{address:?}");
        }
    }
}
