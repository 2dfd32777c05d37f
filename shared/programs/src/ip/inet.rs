//! Addresses and prefixes as words (`get_addr` and `get_prefix` in iproute2's `lib/utils.c`).

use super::Preferred;
use super::args::{FAILED, address_part, number};
use crate::Failure;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use vethlab_shared::family::Family;
use vethlab_shared::prefix::Prefix;

/// What a word said about an address or a prefix (`inet_prefix`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GivenPrefix {
    /// The family, where it is known: `default`, `all` and `any` leave it as it was.
    pub(super) family: Option<Family>,
    /// Whether there are bytes of an address.
    pub(super) bytes: bool,
    /// The address, zero where there are no bytes.
    pub(super) address: IpAddr,
    /// How many bits count.
    pub(super) length: u8,
    /// Whether the length was said (`PREFIXLEN_SPECIFIED`).
    pub(super) length_given: bool,
}

impl GivenPrefix {
    /// As plain data.
    pub(super) fn prefix(&self) -> Prefix {
        Prefix::new(self.address, self.length)
    }

    /// Whether all bits count.
    pub(super) fn is_host(&self) -> bool {
        self.length == Family::of(self.address).bits()
    }

    /// Whether an address agrees with it in the bits that count (`inet_addr_match_rta`); a prefix of no bits
    /// or of no family matches everything.
    pub(super) fn takes(&self, address: IpAddr) -> bool {
        self.family.is_none() || self.length == 0 || self.prefix().contains(address)
    }
}

/// An IPv4 address of one to four parts in any base; parts left out at the end are zero, so that 10.8 is
/// 10.8.0.0 (`get_addr_ipv4`).
pub(super) fn dotted(word: &str) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut rest = word;
    for (place, octet) in octets.iter_mut().enumerate() {
        let (part, behind) = address_part(rest)?;
        *octet = part;
        if behind.is_empty() {
            break;
        }
        rest = behind.strip_prefix('.').filter(|_| place < 3)?;
    }
    Some(Ipv4Addr::from(octets))
}

/// A word as an address (`get_addr`).
pub(super) fn address(word: &str, preferred: Preferred) -> Result<GivenPrefix, Failure> {
    given(word, preferred)?.ok_or_else(|| expected("address", word, preferred))
}

/// A word as a prefix (`get_prefix`).
pub(super) fn prefix(word: &str, preferred: Preferred) -> Result<GivenPrefix, Failure> {
    if preferred == Preferred::Link {
        let text = "may be inet prefix, but it is not allowed in this context.";
        return Err(Failure::exit(FAILED, format_args!("Error: \"{word}\" {text}")));
    }
    let wrong = || expected("prefix", word, preferred);
    let (address, length) = match word.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (word, None),
    };
    let mut given = given(address, preferred)?.ok_or_else(wrong)?;
    if let Some(length) = length {
        if matches!(address, "default" | "all" | "any") {
            return Err(wrong());
        }
        given.length = netmask(length, Family::of(given.address)).ok_or_else(wrong)?;
        given.length_given = true;
    }
    Ok(given)
}

/// A prefix length as a number, or as a mask of leading ones (`get_netmask`).
fn netmask(word: &str, family: Family) -> Option<u8> {
    let bits = match number(word) {
        Some(bits) => bits,
        None => {
            let host = !dotted(word)?.to_bits();
            (host & host.wrapping_add(1) == 0).then(|| host.leading_zeros())?
        }
    };
    u8::try_from(bits).ok().filter(|&bits| bits <= family.bits())
}

/// What `__get_addr_1` makes of a word; `None` where it makes nothing of it.
fn given(word: &str, preferred: Preferred) -> Result<Option<GivenPrefix>, Failure> {
    let family = match preferred {
        Preferred::One(family) => Some(family),
        Preferred::Any | Preferred::Link => None,
    };
    let address = family.unwrap_or_default().unspecified();
    let nothing = GivenPrefix { family, bytes: false, address, length: 0, length_given: false };
    if word == "default" {
        return Ok(Some(GivenPrefix { bytes: family.is_some(), length_given: true, ..nothing }));
    }
    if matches!(word, "all" | "any") {
        return Ok(Some(nothing));
    }
    if word.contains(':') {
        let modelled = family == Some(Family::Inet) || word.parse::<Ipv6Addr>().is_err();
        return if modelled { Ok(None) } else { Err(Failure::NotModelled(format!("ip … {word}"))) };
    }
    let full = |address| {
        let family = Family::of(address);
        let length = family.bits();
        GivenPrefix { family: Some(family), bytes: true, address, length, length_given: false }
    };
    Ok(dotted(word).map(|address| full(address.into())))
}

fn expected(what: &str, word: &str, preferred: Preferred) -> Failure {
    let family = match preferred {
        Preferred::Any => "any valid",
        Preferred::One(family) => family.name(),
        Preferred::Link => "link",
    };
    Failure::exit(FAILED, format_args!("Error: {family} {what} is expected rather than \"{word}\"."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_addresses_are_filled_with_zeros() {
        assert_eq!(dotted("10.8"), Some(Ipv4Addr::new(10, 8, 0, 0)));
        assert_eq!(dotted("0x0a.010.1.2"), Some(Ipv4Addr::new(10, 8, 1, 2)));
        for wrong in ["", "10.", "1.2.3.4.5", "256.1.1.1", "1.2.3.4/24", "a.b", "-1"] {
            assert_eq!(dotted(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_prefix_length_may_be_a_mask() {
        let given = prefix("10.0.0.1/255.255.255.0", Preferred::Any).expect("a prefix");
        assert_eq!((given.length, given.length_given), (24, true));
        assert_eq!(prefix("10.0.0.1/0.0.0.0", Preferred::One(Family::Inet)).expect("a prefix").length, 0);
        for wrong in ["10.0.0.1/33", "10.0.0.1/255.0.255.0", "10.0.0.1/", "default/8", "1.2.3.4/x"] {
            let message = format!("Error: any valid prefix is expected rather than \"{wrong}\".\n");
            let expected = Failure::Exit { message, status: 1 };
            assert_eq!(prefix(wrong, Preferred::Any), Err(expected));
        }
    }

    #[test]
    fn ipv6_is_not_modelled() {
        assert!(matches!(address("fe80::1", Preferred::Any), Err(Failure::NotModelled(_))));
        assert!(matches!(
            address("fe80::1", Preferred::One(Family::Inet)),
            Err(Failure::Exit { status: 1, .. })
        ));
        assert!(matches!(address("a:b", Preferred::Any), Err(Failure::Exit { status: 1, .. })));
    }
}
