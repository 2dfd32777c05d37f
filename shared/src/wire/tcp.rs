//! TCP (RFC 9293 section 3.1).

use super::{Field, u16_in, u32_in};

/// Length of a header without options, in bytes.
pub const HEADER_LENGTH: usize = 20;

/// Which bytes each field stands in.
pub mod field {
    use super::Field;
    /// Source port.
    pub const SOURCE: Field = 0..2;
    /// Destination port.
    pub const DESTINATION: Field = 2..4;
    /// The number of the first byte of data.
    pub const SEQUENCE: Field = 4..8;
    /// The number of the byte that is expected next.
    pub const ACKNOWLEDGEMENT: Field = 8..12;
    /// Length of the header in words of 4 bytes, in the high half.
    pub const DATA_OFFSET: Field = 12..13;
    /// Eight flags.
    pub const FLAGS: Field = 13..14;
    /// How many more bytes the sender takes.
    pub const WINDOW: Field = 14..16;
    /// The checksum, over the pseudo header too.
    pub const CHECKSUM: Field = 16..18;
    /// Where urgent data end.
    pub const URGENT: Field = 18..20;
}

/// The flags (RFC 9293 section 3.1, RFC 3168).
pub mod flag {
    /// No more data from the sender.
    pub const FIN: u8 = 0x01;
    /// Begins a connection.
    pub const SYN: u8 = 0x02;
    /// Ends a connection at once.
    pub const RST: u8 = 0x04;
    /// Give the data to the program.
    pub const PSH: u8 = 0x08;
    /// The acknowledgement counts.
    pub const ACK: u8 = 0x10;
    /// The urgent pointer counts.
    pub const URG: u8 = 0x20;
    /// Congestion was met, or ECN is spoken.
    pub const ECE: u8 = 0x40;
    /// The sender has slowed down.
    pub const CWR: u8 = 0x80;
}

/// A segment with a whole header, options counted.
#[derive(Clone, Copy, Debug)]
pub struct Tcp<'a>(&'a [u8]);

impl<'a> Tcp<'a> {
    /// `None` where the bytes are shorter than the header says it is, or it says less than 20.
    pub fn new(segment: &'a [u8]) -> Option<Tcp<'a>> {
        let view = (segment.len() >= HEADER_LENGTH).then_some(Tcp(segment))?;
        (HEADER_LENGTH..=segment.len()).contains(&view.header_length()).then_some(view)
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

    /// The number of the first byte of data.
    #[inline]
    pub fn sequence(self) -> u32 {
        u32_in(self.0, field::SEQUENCE)
    }

    /// The number of the byte that is expected next.
    #[inline]
    pub fn acknowledgement(self) -> u32 {
        u32_in(self.0, field::ACKNOWLEDGEMENT)
    }

    /// Length of the header in bytes, options counted.
    #[inline]
    pub fn header_length(self) -> usize {
        usize::from(self.0[field::DATA_OFFSET.start] >> 4) * 4
    }

    /// The flags, as in [`flag`].
    #[inline]
    pub fn flags(self) -> u8 {
        self.0[field::FLAGS.start]
    }

    /// How many more bytes the sender takes.
    #[inline]
    pub fn window(self) -> u16 {
        u16_in(self.0, field::WINDOW)
    }

    /// The data.
    #[inline]
    pub fn data(self) -> &'a [u8] {
        &self.0[self.header_length()..]
    }
}
