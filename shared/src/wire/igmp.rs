//! IGMP version 3 (RFC 3376).

use super::{Field, internet_checksum, put};
use std::net::Ipv4Addr;

/// Which bytes each field stands in.
pub mod field {
    use super::Field;
    /// The checksum, over the whole message.
    pub const CHECKSUM: Field = 2..4;
}

/// A membership report (section 4.2).
pub const REPORT: u8 = 0x22;
/// In a report: from now on the group is listened to, whoever sends to it (section 4.2.12).
pub const CHANGE_TO_EXCLUDE: u8 = 4;

/// A report about one group, of which no sources are named.
pub fn report(record: u8, group: Ipv4Addr) -> [u8; 16] {
    let [a, b, c, d] = group.octets();
    let mut message = [REPORT, 0, 0, 0, 0, 0, 0, 1, record, 0, 0, 0, a, b, c, d];
    let sum = internet_checksum(&message);
    put(&mut message, field::CHECKSUM, sum.to_be_bytes());
    message
}
