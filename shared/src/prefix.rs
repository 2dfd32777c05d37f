//! Prefixes: of either family, and of IPv4 alone.

use crate::family::Family;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address with a prefix length that its family has room for. Host bits may be set: an interface address has
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Prefix {
    address: IpAddr,
    length: u8,
}

/// A prefix as it is read: its length may be anything.
#[derive(Deserialize)]
struct Unchecked {
    address: IpAddr,
    length: u8,
}

impl TryFrom<Unchecked> for Prefix {
    type Error = TooLong;

    fn try_from(Unchecked { address, length }: Unchecked) -> Result<Prefix, TooLong> {
        Prefix::try_new(address, length)
    }
}

/// A prefix length that is more than the family's addresses have bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// The family.
    pub family: Family,
    /// The length in bits.
    pub length: u8,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TooLong { family, length } = self;
        write!(f, "an {} prefix has at most {} bits, not {length}", family.protocol(), family.bits())
    }
}

impl std::error::Error for TooLong {}

impl Prefix {
    /// A prefix of the given length.
    ///
    /// # Panics
    /// The length is more than the family's addresses have bits; [`Prefix::try_new`] is for lengths that nobody has
    /// checked.
    pub fn new(address: impl Into<IpAddr>, length: u8) -> Prefix {
        Prefix::try_new(address, length).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A prefix of the given length.
    ///
    /// # Errors
    /// The length is more than the family's addresses have bits.
    pub fn try_new(address: impl Into<IpAddr>, length: u8) -> Result<Prefix, TooLong> {
        let address = address.into();
        let family = Family::of(address);
        if length > family.bits() { Err(TooLong { family, length }) } else { Ok(Prefix { address, length }) }
    }

    /// The prefix that holds this address alone.
    pub fn host(address: impl Into<IpAddr>) -> Prefix {
        let address = address.into();
        Prefix { address, length: Family::of(address).bits() }
    }

    /// The prefix that every address of a family is in: `0.0.0.0/0` or `::/0`, where a default route leads to.
    pub const fn default_of(family: Family) -> Prefix {
        Prefix { address: family.unspecified(), length: 0 }
    }

    /// Whether it is [`Prefix::default_of`] its family.
    pub fn is_default(self) -> bool {
        self == Prefix::default_of(self.family())
    }

    /// The address, host bits included.
    pub const fn address(self) -> IpAddr {
        self.address
    }

    /// How many leading bits count: at most [`Family::bits`].
    pub const fn length(self) -> u8 {
        self.length
    }

    /// The family of the address.
    pub const fn family(self) -> Family {
        Family::of(self.address)
    }

    /// The mask as an address: `255.255.255.0`, `ffff:ffff:ffff:ffff::`.
    pub const fn mask(self) -> IpAddr {
        match self.address {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::from_bits(Ipv4Prefix::mask_bits(self.length))),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::from_bits(ipv6_mask_bits(self.length))),
        }
    }

    /// The same prefix with its host bits cleared.
    pub const fn network(self) -> Prefix {
        let address = match self.address {
            IpAddr::V4(address) => {
                IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & Ipv4Prefix::mask_bits(self.length)))
            }
            IpAddr::V6(address) => {
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & ipv6_mask_bits(self.length)))
            }
        };
        Prefix { address, ..self }
    }

    /// The address of the network with all host bits set; IPv6 has no broadcast.
    pub const fn broadcast(self) -> Option<IpAddr> {
        match self.address {
            IpAddr::V4(address) => Some(IpAddr::V4(Ipv4Prefix { address, length: self.length }.broadcast())),
            IpAddr::V6(_) => None,
        }
    }

    /// The addresses of the network between its first and its last, in order: the first stands for the network
    /// (IPv6: for its routers, RFC 4291 section 2.6.1), and the last for all hosts (IPv6: reserved, RFC 2526).
    pub fn hosts(self) -> impl Iterator<Item = IpAddr> {
        let (first, last) = match self.address {
            IpAddr::V4(address) => {
                let prefix = Ipv4Prefix { address, length: self.length };
                (prefix.network().address.to_bits().into(), prefix.broadcast().to_bits().into())
            }
            IpAddr::V6(address) => {
                let (bits, mask) = (address.to_bits(), ipv6_mask_bits(self.length));
                (bits & mask, bits | !mask)
            }
        };
        let family = self.family();
        (first..last).skip(1).map(move |bits| match family {
            Family::Inet => IpAddr::V4(Ipv4Addr::from_bits(bits as u32)),
            Family::Inet6 => IpAddr::V6(Ipv6Addr::from_bits(bits)),
        })
    }

    /// Whether the address agrees with this prefix in its leading bits; one of the other family never does.
    pub const fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(address)) => {
                Ipv4Prefix { address: own, length: self.length }.contains(address)
            }
            (IpAddr::V6(own), IpAddr::V6(address)) => {
                (own.to_bits() ^ address.to_bits()) & ipv6_mask_bits(self.length) == 0
            }
            _ => false,
        }
    }
}

/// The mask of an IPv6 prefix length.
const fn ipv6_mask_bits(length: u8) -> u128 {
    if length == 0 { 0 } else { u128::MAX << (128 - length) }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

/// An IPv4 address with a prefix length of 0 to 32, for what is about IPv4 alone. Host bits may be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ipv4Prefix {
    /// The address.
    pub address: Ipv4Addr,
    /// How many leading bits count, 0 to 32.
    pub length: u8,
}

impl Ipv4Prefix {
    /// `0.0.0.0/0`, which every address is in.
    pub const DEFAULT: Ipv4Prefix = Ipv4Prefix { address: Ipv4Addr::UNSPECIFIED, length: 0 };

    /// A prefix of the given length, which must be at most 32.
    pub const fn new(address: Ipv4Addr, length: u8) -> Ipv4Prefix {
        assert!(length <= 32, "an IPv4 prefix has at most 32 bits");
        Ipv4Prefix { address, length }
    }

    /// The prefix that holds this address alone.
    pub const fn host(address: Ipv4Addr) -> Ipv4Prefix {
        Ipv4Prefix::new(address, 32)
    }

    /// The mask of a prefix length (`inet_make_mask`): 24 gives 255.255.255.0.
    pub const fn mask_bits(length: u8) -> u32 {
        if length == 0 { 0 } else { u32::MAX << (32 - length) }
    }

    /// The mask as an address.
    pub const fn mask(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(Ipv4Prefix::mask_bits(self.length))
    }

    /// The same prefix with its host bits cleared.
    pub const fn network(self) -> Ipv4Prefix {
        Ipv4Prefix {
            address: Ipv4Addr::from_bits(self.address.to_bits() & Ipv4Prefix::mask_bits(self.length)),
            ..self
        }
    }

    /// The address of the network with all host bits set.
    pub const fn broadcast(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.address.to_bits() | !Ipv4Prefix::mask_bits(self.length))
    }

    /// Whether the address agrees with this prefix in its leading bits.
    pub const fn contains(self, address: Ipv4Addr) -> bool {
        (self.address.to_bits() ^ address.to_bits()) & Ipv4Prefix::mask_bits(self.length) == 0
    }
}

impl fmt::Display for Ipv4Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

impl From<Ipv4Prefix> for Prefix {
    fn from(Ipv4Prefix { address, length }: Ipv4Prefix) -> Prefix {
        Prefix { address: IpAddr::V4(address), length }
    }
}

impl TryFrom<Prefix> for Ipv4Prefix {
    /// The family that the prefix is of instead.
    type Error = Family;

    fn try_from(prefix: Prefix) -> Result<Ipv4Prefix, Family> {
        match prefix.address {
            IpAddr::V4(address) => Ok(Ipv4Prefix { address, length: prefix.length }),
            IpAddr::V6(_) => Err(Family::Inet6),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Prefix {
        let (address, length) = text.split_once('/').expect("a length");
        Prefix::new(address.parse::<IpAddr>().expect("an address"), length.parse().expect("a number"))
    }

    #[test]
    fn both_families_have_masks_and_networks() {
        let cases = [
            ("10.1.2.3/0", "0.0.0.0", "0.0.0.0/0"),
            ("10.1.2.3/8", "255.0.0.0", "10.0.0.0/8"),
            ("10.1.2.3/31", "255.255.255.254", "10.1.2.2/31"),
            ("10.1.2.3/32", "255.255.255.255", "10.1.2.3/32"),
            ("2001:db8::1/0", "::", "::/0"),
            ("2001:db8:0:1:2::1/64", "ffff:ffff:ffff:ffff::", "2001:db8:0:1::/64"),
            ("fe80::3/127", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", "fe80::2/127"),
            ("fe80::3/128", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::3/128"),
        ];
        for (text, mask, network) in cases {
            let prefix = prefix(text);
            assert_eq!(
                (prefix.mask().to_string(), prefix.network().to_string()),
                (mask.into(), network.into())
            );
            assert!(prefix.contains(prefix.address()) && prefix.contains(prefix.network().address()));
            assert_eq!(prefix.to_string(), text);
        }
        assert_eq!(prefix("10.1.2.3/24").broadcast(), Some([10, 1, 2, 255].into()));
        assert_eq!(prefix("2001:db8::1/64").broadcast(), None);
    }

    #[test]
    fn the_first_and_the_last_address_are_no_hosts() {
        let hosts = |text: &str| prefix(text).hosts().map(|host| host.to_string()).collect::<Vec<_>>();
        assert_eq!(hosts("10.1.2.7/30"), ["10.1.2.5", "10.1.2.6"]);
        assert_eq!(hosts("2001:db8::7/126"), ["2001:db8::5", "2001:db8::6"]);
        assert_eq!(
            ["10.0.0.1/31", "10.0.0.1/32", "::1/127", "::1/128"].map(hosts),
            [(); 4].map(|()| [""; 0])
        );
        assert_eq!(prefix("255.255.255.255/24").hosts().last(), Some([255, 255, 255, 254].into()));
        assert_eq!(prefix("ffff::/0").hosts().nth(1), "::2".parse().ok());
    }

    #[test]
    fn an_address_of_the_other_family_is_in_no_prefix() {
        for (own, other) in [(Family::Inet, Family::Inet6), (Family::Inet6, Family::Inet)] {
            let all = Prefix::default_of(own);
            assert!(all.is_default() && all.contains(own.unspecified()));
            assert!(!all.contains(other.unspecified()) && all != Prefix::default_of(other));
            assert_eq!(Prefix::host(own.unspecified()).length(), own.bits());
        }
    }

    #[test]
    fn lengths_that_a_family_has_no_room_for_are_refused() {
        for (family, length) in [(Family::Inet, 33), (Family::Inet6, 129)] {
            let address = family.unspecified();
            assert_eq!(Prefix::try_new(address, length), Err(TooLong { family, length }));
            assert!(Prefix::try_new(address, length - 1).is_ok());
            let text = format!(r#"{{"address":"{address}","length":{length}}}"#);
            let error = serde_json::from_str::<Prefix>(&text).expect_err("it is too long").to_string();
            assert!(error.contains(&format!("an {} prefix has at most", family.protocol())), "{error}");
        }
    }

    #[test]
    fn a_prefix_of_ipv4_is_read_and_written_as_ever() {
        let text = r#"{"address":"10.0.2.1","length":24}"#;
        let read: Prefix = serde_json::from_str(text).expect("a prefix");
        assert_eq!(read, Ipv4Prefix::new([10, 0, 2, 1].into(), 24).into());
        assert_eq!(serde_json::to_string(&read).expect("plain data"), text);
        assert_eq!(Ipv4Prefix::try_from(read), Ok(Ipv4Prefix::new([10, 0, 2, 1].into(), 24)));
        assert_eq!(Ipv4Prefix::try_from(Prefix::default_of(Family::Inet6)), Err(Family::Inet6));
    }
}
