//! Whether anybody has put packet filter tables into a namespace, asked of `nf_tables` itself.

use crate::error::io_refused;
use crate::netlink::Channel;
use netlink_packet_core::{DecodeError, NetlinkDeserializable, NetlinkHeader, NetlinkSerializable};
use netlink_sys::protocols::NETLINK_NETFILTER;
use std::io::ErrorKind;
use vethlab_shared::error::{Errno, StackError};

/// `NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE`.
const GET_TABLE: u16 = 10 << 8 | 1;
/// The tables of iptables' legacy back end that this thread's namespace has. Reading makes none.
const LEGACY_TABLES: &str = "/proc/thread-self/net/ip_tables_names";

/// A message of `nf_tables`, its content left as bytes.
#[derive(Clone, Debug)]
struct Message {
    kind: u16,
    bytes: Vec<u8>,
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

/// Whether this thread's namespace has no table at all, of any family: then every chain that `iptables` shows
/// is empty.
pub(crate) fn is_untouched() -> Result<bool, StackError> {
    Ok(!has_nf_tables()? && !has_legacy_tables()?)
}

fn has_nf_tables() -> Result<bool, StackError> {
    // struct nfgenmsg: family NFPROTO_UNSPEC, version NFNETLINK_V0, resource 0.
    let request = Message { kind: GET_TABLE, bytes: vec![0; 4] };
    let answer = Channel::open(NETLINK_NETFILTER).and_then(|mut channel| channel.dump(&request));
    match answer {
        Ok(tables) => Ok(!tables.is_empty()),
        // A kernel without netfilter netlink, or without nf_tables behind it.
        Err(error) if matches!(error.errno(), Some(Errno::EPROTONOSUPPORT | Errno::EINVAL)) => Ok(false),
        Err(error) => Err(error),
    }
}

fn has_legacy_tables() -> Result<bool, StackError> {
    match std::fs::read_to_string(LEGACY_TABLES) {
        Ok(names) => Ok(!names.trim().is_empty()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(io_refused(error)),
    }
}
