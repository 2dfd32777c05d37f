//! Messages of netfilter (`linux/netfilter/nfnetlink.h`).

use super::attribute::{Attributes, Received};
use crate::error::internal;
pub(super) use crate::netlink::RawMessage as Message;
use vethlab_shared::error::StackError;
use vethlab_shared::netfilter::TableFamily;

/// `NFNL_SUBSYS_NFTABLES`.
pub(super) const SUBSYSTEM: u16 = 10;
/// `sizeof(struct nfgenmsg)`.
const HEADER_LENGTH: usize = 4;

/// What a message is about (`enum nf_tables_msg_types`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    NewTable = 0,
    GetTable = 1,
    DeleteTable = 2,
    NewChain = 3,
    GetChain = 4,
    DeleteChain = 5,
    NewRule = 6,
    GetRule = 7,
    DeleteRule = 8,
    NewSet = 9,
    GetSet = 10,
    DeleteSet = 11,
    NewElement = 12,
    GetElement = 13,
    DeleteElement = 14,
}

impl Message {
    /// A message of a subsystem of netfilter, about things of a family (`NFPROTO_*`).
    pub(super) fn of(subsystem: u16, kind: u16, family: u8, attributes: Attributes) -> Message {
        // Version NFNETLINK_V0, resource 0.
        let mut bytes = vec![family, 0, 0, 0];
        bytes.extend(attributes.into_bytes());
        Message { kind: subsystem << 8 | kind, bytes }
    }

    /// A message of `nf_tables`, about things of a family (`NFPROTO_*`).
    pub(super) fn new(kind: Kind, family: u8, attributes: Attributes) -> Message {
        Message::of(SUBSYSTEM, kind as u16, family, attributes)
    }

    /// The family (`NFPROTO_*`) and the attributes.
    pub(super) fn content(&self) -> Result<(u8, Received<'_>), StackError> {
        let (header, attributes) = self
            .bytes
            .split_at_checked(HEADER_LENGTH)
            .ok_or_else(|| internal("nf_tables: a message is too short"))?;
        Ok((header[0], Received::new(attributes)?))
    }
}

/// The families, and their numbers (`NFPROTO_*`).
const FAMILIES: [(TableFamily, u8); 6] = [
    (TableFamily::Inet, 1),
    (TableFamily::Ip, 2),
    (TableFamily::Arp, 3),
    (TableFamily::Netdev, 5),
    (TableFamily::Bridge, 7),
    (TableFamily::Ip6, 10),
];

/// The number of a family.
pub(super) fn family_number(family: TableFamily) -> u8 {
    FAMILIES.iter().find(|(this, _)| *this == family).map_or(0, |(_, number)| *number)
}

/// The family of a number.
pub(super) fn family(number: u8) -> Result<TableFamily, StackError> {
    let found = FAMILIES.iter().find(|(_, this)| *this == number);
    found.map(|(family, _)| *family).ok_or_else(|| internal(format!("nf_tables: family {number}")))
}
