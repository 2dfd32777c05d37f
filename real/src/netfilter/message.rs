//! Messages of `nf_tables` (`linux/netfilter/nfnetlink.h`).

use super::attribute::{Attributes, Received};
use crate::error::internal;
use netlink_packet_core::{DecodeError, NetlinkDeserializable, NetlinkHeader, NetlinkSerializable};
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
}

/// A message of `nf_tables`, its content left as bytes.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// `nlmsg_type`.
    pub(super) kind: u16,
    /// `struct nfgenmsg` and the attributes.
    pub(super) bytes: Vec<u8>,
}

impl Message {
    /// About things of a family (`NFPROTO_*`).
    pub(super) fn new(kind: Kind, family: u8, attributes: Attributes) -> Message {
        // Version NFNETLINK_V0, resource 0.
        let mut bytes = vec![family, 0, 0, 0];
        bytes.extend(attributes.into_bytes());
        Message { kind: SUBSYSTEM << 8 | kind as u16, bytes }
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

impl NetlinkSerializable for Message {
    fn message_type(&self) -> u16 {
        self.kind
    }
    fn buffer_len(&self) -> usize {
        self.bytes.len()
    }
    fn serialize(&self, buffer: &mut [u8]) {
        buffer.copy_from_slice(&self.bytes);
    }
}

impl NetlinkDeserializable for Message {
    type Error = DecodeError;
    fn deserialize(header: &NetlinkHeader, payload: &[u8]) -> Result<Message, DecodeError> {
        Ok(Message { kind: header.message_type, bytes: payload.to_vec() })
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
