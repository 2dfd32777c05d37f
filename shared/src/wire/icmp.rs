//! ICMP (RFC 792).

use super::checksum::internet_checksum;
use super::{Field, Ipv4, address_in, array, put, u16_in};
use std::net::Ipv4Addr;

/// Length of the part that all messages have, in bytes.
pub const HEADER_LENGTH: usize = 8;

/// Which bytes each field stands in. The four bytes behind the checksum depend on the type.
pub mod field {
    use super::Field;
    /// Type.
    pub const KIND: Field = 0..1;
    /// Code.
    pub const CODE: Field = 1..2;
    /// The checksum over the whole message.
    pub const CHECKSUM: Field = 2..4;
    /// The four bytes behind the checksum.
    pub const REST: Field = 4..8;
    /// Of an echo: who asks.
    pub const IDENTIFIER: Field = 4..6;
    /// Of an echo: which request.
    pub const SEQUENCE: Field = 6..8;
    /// Of a redirect: the better gateway.
    pub const GATEWAY: Field = 4..8;
    /// Of "fragmentation needed": the MTU of the link that the packet was too long for (RFC 1191).
    pub const MTU: Field = 6..8;
    /// Of a "parameter problem": the byte that is wrong.
    pub const POINTER: Field = 4..5;
}

/// Types of messages (`ICMP_*` in `linux/icmp.h`).
pub mod kind {
    /// An answer to an echo request.
    pub const ECHO_REPLY: u8 = 0;
    /// The packet did not reach its destination.
    pub const DESTINATION_UNREACHABLE: u8 = 3;
    /// Packets come too fast (deprecated by RFC 6633).
    pub const SOURCE_QUENCH: u8 = 4;
    /// There is a better gateway.
    pub const REDIRECT: u8 = 5;
    /// A request to send the same back.
    pub const ECHO_REQUEST: u8 = 8;
    /// Too many hops, or fragments that waited too long.
    pub const TIME_EXCEEDED: u8 = 11;
    /// A header that cannot be understood.
    pub const PARAMETER_PROBLEM: u8 = 12;
}

/// Codes of "destination unreachable" (`ICMP_*_UNREACH` and the like in `linux/icmp.h`).
pub mod code {
    /// The network cannot be reached.
    pub const NETWORK_UNREACHABLE: u8 = 0;
    /// The host cannot be reached.
    pub const HOST_UNREACHABLE: u8 = 1;
    /// The host does not know the protocol.
    pub const PROTOCOL_UNREACHABLE: u8 = 2;
    /// No socket listens at the port.
    pub const PORT_UNREACHABLE: u8 = 3;
    /// The packet is too long for a link, and may not be cut.
    pub const FRAGMENTATION_NEEDED: u8 = 4;
}

/// Whether messages of this type are about a packet, and quote its beginning.
pub fn quotes(kind: u8) -> bool {
    use kind::{DESTINATION_UNREACHABLE, PARAMETER_PROBLEM, REDIRECT, SOURCE_QUENCH, TIME_EXCEEDED};
    matches!(kind, DESTINATION_UNREACHABLE | SOURCE_QUENCH | REDIRECT | TIME_EXCEEDED | PARAMETER_PROBLEM)
}

/// A message with the whole part that all messages have.
#[derive(Clone, Copy, Debug)]
pub struct Icmp<'a>(&'a [u8]);

impl<'a> Icmp<'a> {
    /// `None` where there are fewer than 8 bytes.
    pub fn new(message: &'a [u8]) -> Option<Icmp<'a>> {
        (message.len() >= HEADER_LENGTH).then_some(Icmp(message))
    }

    /// For bytes that [`Icmp::new`] has taken, or that were built here. Reading panics where they are short.
    #[inline]
    pub fn new_unchecked(message: &'a [u8]) -> Icmp<'a> {
        Icmp(message)
    }

    /// Type.
    #[inline]
    pub fn kind(self) -> u8 {
        self.0[field::KIND.start]
    }

    /// Code.
    #[inline]
    pub fn code(self) -> u8 {
        self.0[field::CODE.start]
    }

    /// The four bytes behind the checksum.
    #[inline]
    pub fn rest(self) -> [u8; 4] {
        array(self.0, field::REST)
    }

    /// Of an echo: who asks.
    #[inline]
    pub fn identifier(self) -> u16 {
        u16_in(self.0, field::IDENTIFIER)
    }

    /// Of an echo: which request.
    #[inline]
    pub fn sequence(self) -> u16 {
        u16_in(self.0, field::SEQUENCE)
    }

    /// Of a redirect: the better gateway.
    #[inline]
    pub fn gateway(self) -> Ipv4Addr {
        address_in(self.0, field::GATEWAY)
    }

    /// Of "fragmentation needed": the MTU of the link that the packet was too long for, in bytes.
    #[inline]
    pub fn mtu(self) -> u16 {
        u16_in(self.0, field::MTU)
    }

    /// Whether the checksum is right, over the bytes that are here.
    #[inline]
    pub fn checksum_ok(self) -> bool {
        internet_checksum(self.0) == 0
    }

    /// What follows the first 8 bytes.
    #[inline]
    pub fn data(self) -> &'a [u8] {
        &self.0[HEADER_LENGTH..]
    }

    /// The packet that an error is about, as far as the error quotes it. `None` where this is no error, or where it
    /// does not quote a whole IPv4 header.
    #[inline]
    pub fn quoted(self) -> Option<Ipv4<'a>> {
        if quotes(self.kind()) { Ipv4::new(self.data()) } else { None }
    }
}

/// An echo message of this type with this data, its checksum included.
pub fn echo(kind: u8, identifier: u16, sequence: u16, data: &[u8]) -> Vec<u8> {
    let mut message = vec![0; HEADER_LENGTH + data.len()];
    message[HEADER_LENGTH..].copy_from_slice(data);
    write_echo(&mut message, kind, identifier, sequence);
    message
}

/// Writes the header of an echo message before its data, which is in place already: the checksum counts it.
#[inline]
pub fn write_echo(message: &mut [u8], kind: u8, identifier: u16, sequence: u16) {
    let ([a, b], [c, d]) = (identifier.to_be_bytes(), sequence.to_be_bytes());
    write(message, kind, 0, [a, b, c, d]);
}

/// Writes the header of a message before its data, which is in place already: the checksum counts it. `rest` is the four
/// bytes behind the checksum.
#[inline]
pub fn write(message: &mut [u8], kind: u8, code: u8, rest: [u8; 4]) {
    message[field::KIND.start] = kind;
    message[field::CODE.start] = code;
    put(message, field::REST, rest);
    set_checksum(message);
}

/// Makes the checksum of a whole message right.
#[inline]
pub fn set_checksum(message: &mut [u8]) {
    message[field::CHECKSUM].fill(0);
    let sum = internet_checksum(message);
    put(message, field::CHECKSUM, sum.to_be_bytes());
}
