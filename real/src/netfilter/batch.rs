//! Alterations that are made all or none (`nfnetlink_rcv_batch`).

use super::message::{Message, SUBSYSTEM};
use crate::error::{internal, io_refused, refused};
use crate::netlink::{aligned, receive};
use netlink_packet_core::{NLM_F_ACK, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_sys::protocols::NETLINK_NETFILTER;
use netlink_sys::{Socket, SocketAddr};
use nix::sys::socket::{setsockopt, sockopt};
use vethlab_shared::error::{Errno, StackError};

/// `NFNL_MSG_BATCH_BEGIN`.
const BEGIN: u16 = 0x10;
/// `NFNL_MSG_BATCH_END`.
const END: u16 = 0x11;
/// How many bytes a batch may have.
const LARGEST: usize = 4 << 20;

/// Sends alterations, each with its `NLM_F_*` flags, and waits for the kernel's answer to all of them.
///
/// Only the last one is to be acknowledged. The kernel tells of each one that it refuses, in order, and acknowledges behind them.
/// What concerns the whole batch it tells about the message that begins it.
///
/// # Errors
/// The first refusal, with its place in the list.
pub(super) fn send(parts: &[(Message, u16)]) -> Result<(), StackError> {
    if parts.is_empty() {
        return Ok(());
    }
    let mut socket = Socket::new(NETLINK_NETFILTER).map_err(io_refused)?;
    socket.set_cap_ack(true).map_err(io_refused)?;
    make_room(&socket)?;
    socket.bind_auto().map_err(io_refused)?;
    socket.send_to(&packed(parts), &SocketAddr::new(0, 0), 0).map_err(io_refused)?;
    answer(&socket, parts.len())
}

/// Asks for room for a large batch and for what the kernel tells of it. Only root of the machine gets more than
/// `net.core.wmem_max`.
fn make_room(socket: &Socket) -> Result<(), StackError> {
    setsockopt(socket, sockopt::SndBufForce, &LARGEST)
        .or_else(|_| setsockopt(socket, sockopt::SndBuf, &LARGEST))
        .map_err(refused)?;
    setsockopt(socket, sockopt::RcvBufForce, &LARGEST)
        .or_else(|_| setsockopt(socket, sockopt::RcvBuf, &LARGEST))
        .map_err(refused)
}

/// The messages of a batch. The one that begins it has the sequence number 0, the first part 1.
fn packed(parts: &[(Message, u16)]) -> Vec<u8> {
    // struct nfgenmsg: family NFPROTO_UNSPEC, version NFNETLINK_V0, the subsystem as resource.
    let mark = |kind| {
        let [high, low] = SUBSYSTEM.to_be_bytes();
        Message { kind, bytes: vec![0, 0, high, low] }
    };
    let mut bytes = Vec::new();
    let mut put = |number: usize, flags: u16, message: Message| {
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | flags;
        header.sequence_number = number as u32;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::InnerMessage(message));
        message.finalize();
        let begin = bytes.len();
        bytes.resize(begin + aligned(message.buffer_len()), 0);
        let end = begin + message.buffer_len();
        message.serialize(&mut bytes[begin..end]);
    };
    put(0, 0, mark(BEGIN));
    for (index, (message, flags)) in parts.iter().enumerate() {
        let acknowledge = if index + 1 == parts.len() { NLM_F_ACK } else { 0 };
        put(index + 1, flags | acknowledge, message.clone());
    }
    put(parts.len() + 1, 0, mark(END));
    bytes
}

/// Reads until the last of so many parts is answered.
fn answer(socket: &Socket, parts: usize) -> Result<(), StackError> {
    let mut first: Option<StackError> = None;
    loop {
        let bytes = match receive(socket) {
            Ok(bytes) => bytes,
            // There was no room for so many refusals: the first of them was read.
            Err(error) if error.errno() == Some(Errno::ENOBUFS) && first.is_some() => {
                return Err(first.unwrap_or(error));
            }
            Err(error) => return Err(error),
        };
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let message = NetlinkMessage::<Message>::deserialize(rest)
                .map_err(|error| internal(format!("nf_tables: {error}")))?;
            rest = &rest[aligned(message.header.length as usize).min(rest.len())..];
            let NetlinkPayload::Error(error) = message.payload else { continue };
            let errno = Errno(error.raw_code().abs());
            match (message.header.sequence_number as usize, errno) {
                (0, errno) => return Err(first.unwrap_or(errno.into())),
                (_, Errno(0)) => {}
                (number, errno) => {
                    first.get_or_insert(StackError::in_list(number - 1, errno));
                }
            }
            if message.header.sequence_number as usize == parts {
                return first.map_or(Ok(()), Err);
            }
        }
    }
}
