//! What the programs of net-tools 2.10 have in common: how they read addresses.

use super::numbers::{inet_aton, strtol};
use std::net::Ipv4Addr;
use vethlab_shared::mac::MacAddress;

/// `INET_resolve` without a resolver; the error is what `herror(3)` says.
pub(super) fn resolve(text: &str) -> Result<Ipv4Addr, &'static str> {
    if let Some(address) = inet_aton(text) {
        return Ok(address);
    }
    match text {
        "default" => Ok(Ipv4Addr::UNSPECIFIED),
        "localhost" => Ok(Ipv4Addr::LOCALHOST),
        _ => {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
            let numeric = text.chars().all(|c| c.is_ascii_digit() || c == '.');
            let name = !text.is_empty() && !text.starts_with('-') && !numeric && text.chars().all(plain);
            Err(if name { "Host name lookup failure" } else { "Unknown host" })
        }
    }
}

/// An address with a prefix length (`INET_getnetmask`). The shift is the processor's: of the length only
/// the lowest five bits count, so that `/32` gives 0.0.0.0. `None` where the length is no number.
pub(super) fn split_mask(text: &str) -> Option<(&str, Option<Ipv4Addr>)> {
    let Some((address, length)) = text.split_once('/') else { return Some((text, None)) };
    let number = strtol(length, 0);
    if !length.is_empty() && !number.rest.is_empty() {
        return None;
    }
    let mask = !u32::MAX.wrapping_shr(number.value as u32);
    Some((address, Some(Ipv4Addr::from_bits(mask))))
}

/// An Ethernet address as net-tools reads it (`in_ether`): one or two digits a
/// byte, colons between or not, missing bytes are 0, more are left aside. `None` where it is none.
pub(super) fn parse_ether(text: &str) -> Option<MacAddress> {
    let mut address = [0; 6];
    let mut rest = text.as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    for byte in &mut address {
        let [first, behind @ ..] = rest else { break };
        let high = digit(*first)?;
        *byte = match behind.first() {
            None | Some(b':') => high,
            Some(&second) => high << 4 | digit(second)?,
        };
        rest = behind.get(1..).unwrap_or_default();
        rest = rest.strip_prefix(b":").unwrap_or(rest);
    }
    Some(MacAddress(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ethernet_addresses_are_read_as_net_tools_does() {
        let address = Some(MacAddress([0, 1, 2, 3, 4, 5]));
        assert_eq!(parse_ether("0:1:2:3:4:5"), address);
        assert_eq!(parse_ether("000102030405"), address);
        assert_eq!(parse_ether("zz"), None);
    }
}
