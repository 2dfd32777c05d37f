//! UDP (RFC 768).

use super::{Field, put, u16_in};

/// Length of the header in bytes.
pub const HEADER_LENGTH: usize = 8;

/// Which bytes each field stands in.
pub mod field {
    use super::Field;
    /// Source port.
    pub const SOURCE: Field = 0..2;
    /// Destination port.
    pub const DESTINATION: Field = 2..4;
    /// Length of header and data, in bytes.
    pub const LENGTH: Field = 4..6;
    /// The checksum, over the pseudo header too; 0 where there is none.
    pub const CHECKSUM: Field = 6..8;
}

/// Writes the header of a datagram of this length in bytes, header included, with this checksum.
pub fn write(datagram: &mut [u8], source: u16, destination: u16, length: u16, checksum: u16) {
    put(datagram, field::SOURCE, source.to_be_bytes());
    put(datagram, field::DESTINATION, destination.to_be_bytes());
    put(datagram, field::LENGTH, length.to_be_bytes());
    set_checksum(datagram, checksum);
}

/// Writes the checksum.
pub fn set_checksum(datagram: &mut [u8], checksum: u16) {
    put(datagram, field::CHECKSUM, checksum.to_be_bytes());
}

/// A datagram with a whole header.
#[derive(Clone, Copy, Debug)]
pub struct Udp<'a>(&'a [u8]);

impl<'a> Udp<'a> {
    /// `None` where there are fewer than 8 bytes.
    pub fn new(datagram: &'a [u8]) -> Option<Udp<'a>> {
        (datagram.len() >= HEADER_LENGTH).then_some(Udp(datagram))
    }

    /// Source port.
    #[inline]
    pub fn source(self) -> u16 {
        u16_in(self.0, field::SOURCE)
    }

    /// Destination port.
    #[inline]
    pub fn destination(self) -> u16 {
        u16_in(self.0, field::DESTINATION)
    }

    /// Length of header and data in bytes, as the header says.
    #[inline]
    pub fn length(self) -> u16 {
        u16_in(self.0, field::LENGTH)
    }

    /// The checksum as it stands there; 0 where there is none.
    #[inline]
    pub fn checksum(self) -> u16 {
        u16_in(self.0, field::CHECKSUM)
    }

    /// All bytes that are here behind the header.
    #[inline]
    pub fn data(self) -> &'a [u8] {
        &self.0[HEADER_LENGTH..]
    }
}
