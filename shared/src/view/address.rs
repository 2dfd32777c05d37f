//! Addresses, as `RTM_GETADDR` reports them.

use super::Scope;
use crate::name::IfIndex;
use crate::prefix::Prefix;
use bitflags::bitflags;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

bitflags! {
    /// The flags of an address (`IFA_F_*` in `linux/if_addr.h`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    pub struct AddressFlags: u32 {
        /// Not the first address of its prefix on the link.
        const SECONDARY = 0x01;
        /// Does not expire.
        const PERMANENT = 0x80;
        /// Brings no connected route.
        const NO_PREFIX_ROUTE = 0x200;
    }
}

/// One address of a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressView {
    /// The link.
    pub link: IfIndex,
    /// The address itself.
    pub local: IpAddr,
    /// The other end of a point-to-point link; else the same address.
    pub peer: IpAddr,
    /// Length of the connected prefix, in bits.
    pub prefix_length: u8,
    /// The broadcast address, where one was given.
    pub broadcast: Option<IpAddr>,
    /// The label: the link's name, or with `:` and more behind it.
    pub label: String,
    /// How far it is valid.
    pub scope: Scope,
    /// Its flags.
    pub flags: AddressFlags,
}

impl AddressView {
    /// The prefix that the address connects to, its host bits cleared.
    pub fn connected(&self) -> Prefix {
        Prefix::new(self.peer, self.prefix_length).network()
    }
}
