//! IPv4 prefixes.

use serde::{Deserialize, Serialize};
use std::{fmt, net::Ipv4Addr};

/// An IPv4 address with a prefix length of 0 to 32. Host bits may be set: an interface address has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Prefix {
    /// The address.
    pub address: Ipv4Addr,
    /// How many leading bits count, 0 to 32.
    pub length: u8,
}

impl Prefix {
    /// `0.0.0.0/0`, which every address is in.
    pub const DEFAULT: Prefix = Prefix { address: Ipv4Addr::UNSPECIFIED, length: 0 };

    /// A prefix of the given length, which must be at most 32.
    pub const fn new(address: Ipv4Addr, length: u8) -> Prefix {
        assert!(length <= 32, "an IPv4 prefix has at most 32 bits");
        Prefix { address, length }
    }

    /// The prefix that holds this address alone.
    pub const fn host(address: Ipv4Addr) -> Prefix {
        Prefix::new(address, 32)
    }

    /// The mask of a prefix length (`inet_make_mask`): 24 gives 255.255.255.0.
    pub const fn mask_bits(length: u8) -> u32 {
        if length == 0 { 0 } else { u32::MAX << (32 - length) }
    }

    /// The mask as an address.
    pub const fn mask(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(Prefix::mask_bits(self.length))
    }

    /// The same prefix with its host bits cleared.
    pub const fn network(self) -> Prefix {
        Prefix {
            address: Ipv4Addr::from_bits(self.address.to_bits() & Prefix::mask_bits(self.length)),
            ..self
        }
    }

    /// The address of the network with all host bits set.
    pub const fn broadcast(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.address.to_bits() | !Prefix::mask_bits(self.length))
    }

    /// Whether the address agrees with this prefix in its leading bits.
    pub const fn contains(self, address: Ipv4Addr) -> bool {
        (self.address.to_bits() ^ address.to_bits()) & Prefix::mask_bits(self.length) == 0
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}
