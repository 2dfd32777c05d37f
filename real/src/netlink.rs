//! Conversations over netlink: one request, and its acknowledgement, its one answer, or its dump.

use crate::error::{internal, io_refused};
use netlink_packet_core::{
    DecodeError, NLM_F_ACK, NLM_F_ACK_TLVS, NLM_F_CAPPED, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST,
    NetlinkDeserializable, NetlinkHeader, NetlinkMessage, NetlinkPayload, NetlinkSerializable, NlasIterator,
};
use netlink_sys::{Socket, SocketAddr};
use std::marker::PhantomData;
use std::os::fd::{AsFd, BorrowedFd};
use vethlab_shared::error::{Errno, StackError};

/// How often a dump is asked for again when the tables change under it.
const DUMP_ATTEMPTS: usize = 16;
/// `NLMSGERR_ATTR_MSG`: the text of an extended acknowledgement.
const ATTRIBUTE_TEXT: u16 = 1;
/// `sizeof(struct nlmsghdr)`.
const HEADER_LENGTH: usize = 16;

/// A netlink socket. It belongs to the namespace that it was opened in, wherever it is used from.
pub(crate) struct Channel<M> {
    socket: Socket,
    sequence: u32,
    messages: PhantomData<M>,
}

/// A message that is read and written by whoever sends it: its content left as bytes.
#[derive(Clone, Debug)]
pub(crate) struct RawMessage {
    pub(crate) kind: u16,
    pub(crate) bytes: Vec<u8>,
}

impl NetlinkSerializable for RawMessage {
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

impl NetlinkDeserializable for RawMessage {
    type Error = DecodeError;
    fn deserialize(header: &NetlinkHeader, payload: &[u8]) -> Result<RawMessage, DecodeError> {
        Ok(RawMessage { kind: header.message_type, bytes: payload.to_vec() })
    }
}

/// How a request is answered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// By an acknowledgement.
    Acknowledgement,
    /// By one message.
    One,
    /// By any number of messages.
    Dump,
}

impl<M: NetlinkSerializable + NetlinkDeserializable + Clone> Channel<M> {
    /// Opens a channel in this thread's namespace, set up as iproute2's `rtnl_open` does: extended
    /// acknowledgements on, and strict checks, so that the kernel filters dumps and rejects what it would
    /// otherwise ignore.
    pub(crate) fn open(protocol: isize) -> Result<Channel<M>, StackError> {
        let mut socket = Socket::new(protocol).map_err(io_refused)?;
        socket.set_ext_ack(true).map_err(io_refused)?;
        socket.set_netlink_get_strict_chk(true).map_err(io_refused)?;
        socket.bind_auto().map_err(io_refused)?;
        Ok(Channel { socket, sequence: 0, messages: PhantomData })
    }

    /// Asks for an alteration. The flags are `NLM_F_CREATE` and its like.
    ///
    /// # Errors
    /// The kernel's answer, with its text where it gave one.
    pub(crate) fn alter(&mut self, message: &M, flags: u16) -> Result<(), StackError> {
        self.transact(message, flags | NLM_F_ACK, Answer::Acknowledgement).map(drop)
    }

    /// Asks for one thing.
    pub(crate) fn ask(&mut self, message: &M) -> Result<M, StackError> {
        let answers = self.transact(message, 0, Answer::One)?;
        answers.into_iter().next().ok_or_else(|| internal("netlink: a question got an empty answer"))
    }

    /// Asks for all things of a kind.
    pub(crate) fn dump(&mut self, message: &M) -> Result<Vec<M>, StackError> {
        self.transact(message, NLM_F_DUMP, Answer::Dump)
    }

    /// Sends a request and takes in what belongs to it.
    fn transact(&mut self, message: &M, flags: u16, answer: Answer) -> Result<Vec<M>, StackError> {
        for _ in 0..DUMP_ATTEMPTS {
            self.send(message.clone(), flags)?;
            if let Some(messages) = self.collect(answer)? {
                return Ok(messages);
            }
        }
        Err(internal("netlink: the tables kept changing while they were read"))
    }

    fn send(&mut self, message: M, flags: u16) -> Result<(), StackError> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | flags;
        header.sequence_number = self.sequence;
        let mut request = NetlinkMessage::new(header, NetlinkPayload::InnerMessage(message));
        request.finalize();
        let mut bytes = vec![0; request.buffer_len()];
        request.serialize(&mut bytes);
        self.socket.send_to(&bytes, &SocketAddr::new(0, 0), 0).map_err(io_refused)?;
        Ok(())
    }

    /// Reads until the answer is complete; `None` for a dump during which the tables changed.
    fn collect(&mut self, answer: Answer) -> Result<Option<Vec<M>>, StackError> {
        let mut messages = Vec::new();
        let mut consistent = true;
        loop {
            let bytes = receive(&self.socket)?;
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                let message = NetlinkMessage::<M>::deserialize(rest)
                    .map_err(|error| internal(format!("netlink: {error}")))?;
                rest = &rest[aligned(message.header.length as usize).min(rest.len())..];
                if message.header.sequence_number != self.sequence {
                    continue;
                }
                consistent &= message.header.flags & NLM_F_DUMP_INTR == 0;
                match message.payload {
                    NetlinkPayload::InnerMessage(message) => {
                        messages.push(message);
                        if answer == Answer::One {
                            return Ok(Some(messages));
                        }
                    }
                    NetlinkPayload::Done(done) => {
                        let flags = message.header.flags;
                        check(done.code, || text(flags, &done.extended_ack))?;
                        return Ok(consistent.then_some(messages));
                    }
                    NetlinkPayload::Error(error) => {
                        let flags = message.header.flags;
                        check(error.raw_code(), || {
                            text(flags, attributes_behind_request(flags, &error.header))
                        })?;
                        return Ok(Some(messages));
                    }
                    _ => {}
                }
            }
        }
    }
}

impl<M> AsFd for Channel<M> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Reads one datagram whole; a signal in between is no error.
pub(crate) fn receive(socket: &Socket) -> Result<Vec<u8>, StackError> {
    loop {
        match socket.recv_from_full() {
            Ok((bytes, _)) => return Ok(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(io_refused(error)),
        }
    }
}

/// `NLMSG_ALIGN`.
pub(crate) fn aligned(length: usize) -> usize {
    length.next_multiple_of(4)
}

/// The answer that a negated errno stands for; 0 is no error.
fn check(code: i32, text: impl FnOnce() -> Option<String>) -> Result<(), StackError> {
    match code {
        0 => Ok(()),
        code => Err(StackError::Refused { errno: Errno(code.abs()), extack: text(), part: None }),
    }
}

/// What follows the request that an error message quotes: in whole, or only its header (`NLM_F_CAPPED`).
fn attributes_behind_request(flags: u16, quoted: &[u8]) -> &[u8] {
    let quoted_length = match quoted.first_chunk() {
        Some(length) if flags & NLM_F_CAPPED == 0 => u32::from_ne_bytes(*length) as usize,
        _ => HEADER_LENGTH,
    };
    quoted.get(aligned(quoted_length)..).unwrap_or_default()
}

/// The text among the attributes of an extended acknowledgement.
fn text(flags: u16, attributes: &[u8]) -> Option<String> {
    if flags & NLM_F_ACK_TLVS == 0 {
        return None;
    }
    let attribute = NlasIterator::new(attributes).flatten().find(|nla| nla.kind() == ATTRIBUTE_TEXT)?;
    let value = attribute.value();
    let end = value.iter().position(|&byte| byte == 0).unwrap_or(value.len());
    Some(String::from_utf8_lossy(&value[..end]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An attribute with the text "no", its NUL and its padding.
    const NO: [u8; 8] = [7, 0, 1, 0, b'n', b'o', 0, 0];

    #[test]
    fn the_text_stands_behind_the_quoted_request_whole_or_capped() {
        let mut quoted = vec![0; 20];
        quoted[0] = 20;
        quoted.extend(NO);
        let whole = attributes_behind_request(NLM_F_ACK_TLVS, &quoted);
        assert_eq!(text(NLM_F_ACK_TLVS, whole).as_deref(), Some("no"));

        let mut capped = vec![0; 16];
        capped[0] = 200;
        capped.extend(NO);
        let flags = NLM_F_ACK_TLVS | NLM_F_CAPPED;
        assert_eq!(text(flags, attributes_behind_request(flags, &capped)).as_deref(), Some("no"));
    }

    #[test]
    fn an_answer_without_attributes_has_no_text() {
        assert_eq!(text(0, &NO), None);
        assert_eq!(attributes_behind_request(0, &[]), b"");
    }
}
