//! Ethernet addresses.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A 48-bit Ethernet address. Written `52:41:00:df:b8:bb`, in JSON too.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    /// `ff:ff:ff:ff:ff:ff`, received by every station.
    pub const BROADCAST: MacAddress = MacAddress([0xff; 6]);
    /// `00:00:00:00:00:00`, the address of a loopback link and of an unknown target in ARP.
    pub const ZERO: MacAddress = MacAddress([0; 6]);

    /// Whether the group bit is set: broadcast counts (`is_multicast_ether_addr`).
    pub const fn is_multicast(self) -> bool {
        self.0[0] & 1 != 0
    }

    /// Whether a frame for it is for the bridges themselves, and not to be passed on (`is_link_local_ether_addr`).
    pub fn is_link_local(self) -> bool {
        matches!(self.0, [0x01, 0x80, 0xc2, 0, 0, 0..=0x0f])
    }

    /// Whether a station may have this address: neither a group nor zero (`is_valid_ether_addr`).
    pub fn is_valid_unicast(self) -> bool {
        !self.is_multicast() && self != MacAddress::ZERO
    }
}

/// The text is not six hexadecimal numbers with colons between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseMacError;

impl fmt::Display for ParseMacError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a MAC address: six hexadecimal numbers with colons between are needed")
    }
}

impl std::error::Error for ParseMacError {}

impl FromStr for MacAddress {
    type Err = ParseMacError;
    fn from_str(text: &str) -> Result<MacAddress, ParseMacError> {
        let mut bytes = [0; 6];
        let mut parts = text.split(':');
        for byte in &mut bytes {
            let part = parts.next().ok_or(ParseMacError)?;
            if part.is_empty() || part.len() > 2 || !part.bytes().all(|c| c.is_ascii_hexdigit()) {
                return Err(ParseMacError);
            }
            *byte = u8::from_str_radix(part, 16).map_err(|_| ParseMacError)?;
        }
        if parts.next().is_some() { Err(ParseMacError) } else { Ok(MacAddress(bytes)) }
    }
}

impl TryFrom<String> for MacAddress {
    type Error = ParseMacError;
    fn try_from(text: String) -> Result<MacAddress, ParseMacError> {
        text.parse()
    }
}

impl From<MacAddress> for String {
    fn from(mac: MacAddress) -> String {
        mac.to_string()
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
