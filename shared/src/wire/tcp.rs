//! TCP (RFC 9293 section 3.1).

use super::{Field, put, u16_in, u32_in};

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

/// The names of the flags that are set, with commas between them: `SYN,ACK`; `none` where none is.
pub fn flag_names(flags: u8) -> String {
    let all = [
        (flag::SYN, "SYN"),
        (flag::FIN, "FIN"),
        (flag::RST, "RST"),
        (flag::PSH, "PSH"),
        (flag::ACK, "ACK"),
        (flag::URG, "URG"),
        (flag::ECE, "ECE"),
        (flag::CWR, "CWR"),
    ];
    let set: Vec<&str> = all.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, name)| *name).collect();
    if set.is_empty() { "none".to_owned() } else { set.join(",") }
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

    /// The options behind the fixed header, and what fills them up.
    #[inline]
    pub fn options(self) -> &'a [u8] {
        &self.0[HEADER_LENGTH..self.header_length()]
    }

    /// The data.
    #[inline]
    pub fn data(self) -> &'a [u8] {
        &self.0[self.header_length()..]
    }
}

/// What of a header does not come from its options (RFC 9293 section 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Source port.
    pub source: u16,
    /// Destination port.
    pub destination: u16,
    /// The number of the first byte of data.
    pub sequence: u32,
    /// The number of the byte that is expected next.
    pub acknowledgement: u32,
    /// The flags, as in [`flag`].
    pub flags: u8,
    /// How many more bytes the sender takes.
    pub window: u16,
}

impl Header {
    /// The header with these options behind it, its checksum 0. The options' length is a multiple of 4 and at most 40, as
    /// [`Options::bytes`] gives them.
    pub fn bytes(&self, options: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; HEADER_LENGTH];
        put(&mut bytes, field::SOURCE, self.source.to_be_bytes());
        put(&mut bytes, field::DESTINATION, self.destination.to_be_bytes());
        put(&mut bytes, field::SEQUENCE, self.sequence.to_be_bytes());
        put(&mut bytes, field::ACKNOWLEDGEMENT, self.acknowledgement.to_be_bytes());
        bytes[field::DATA_OFFSET.start] = (((HEADER_LENGTH + options.len()) / 4) as u8) << 4;
        bytes[field::FLAGS.start] = self.flags;
        put(&mut bytes, field::WINDOW, self.window.to_be_bytes());
        bytes.extend_from_slice(options);
        bytes
    }
}

/// Writes the checksum.
pub fn set_checksum(segment: &mut [u8], checksum: u16) {
    put(segment, field::CHECKSUM, checksum.to_be_bytes());
}

/// The kinds of option (IANA's "TCP Option Kind Numbers").
pub mod option {
    /// Nothing more follows.
    pub const END: u8 = 0;
    /// Fills up.
    pub const NO_OPERATION: u8 = 1;
    /// The largest segment that the sender takes, in bytes.
    pub const MAXIMUM_SEGMENT_SIZE: u8 = 2;
    /// By how many bits windows are shifted (RFC 7323).
    pub const WINDOW_SCALE: u8 = 3;
    /// Selective acknowledgements may be sent (RFC 2018).
    pub const SACK_PERMITTED: u8 = 4;
    /// Selective acknowledgements (RFC 2018).
    pub const SACK: u8 = 5;
    /// Two time stamps (RFC 7323).
    pub const TIMESTAMPS: u8 = 8;
}

/// By how many bits a window is shifted at the most (RFC 7323 section 2.3).
pub const LARGEST_SCALE: u8 = 14;

/// Time stamps take so many bytes of each segment, two that fill up counted (`TCPOLEN_TSTAMP_ALIGNED`).
pub const TIMESTAMPS_LENGTH: usize = 12;

/// The options that Linux sends and understands, those for ECN, authentication and fast open aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The largest segment that the sender takes, in bytes.
    pub maximum_segment_size: Option<u16>,
    /// By how many bits the sender's windows are shifted.
    pub window_scale: Option<u8>,
    /// Selective acknowledgements may be sent.
    pub sack_permitted: bool,
    /// The sender's time stamp, and the one that it echoes.
    pub timestamps: Option<(u32, u32)>,
    /// What was received of later data, each from its first byte to behind its last.
    pub sack: Vec<(u32, u32)>,
}

impl Options {
    /// Reads the options of a segment (`tcp_parse_options`): the size, the scale and whether SACK is permitted count only in
    /// a SYN, and what is broken ends them.
    pub fn of(segment: Tcp<'_>) -> Options {
        let mut options = Options::default();
        let is_syn = segment.flags() & flag::SYN != 0;
        let mut rest = segment.options();
        while let [kind, tail @ ..] = rest {
            match *kind {
                option::END => break,
                option::NO_OPERATION => rest = tail,
                kind => {
                    let Some(value) = tail
                        .first()
                        .and_then(|&length| rest.get(2..usize::from(length)).filter(|_| length >= 2))
                    else {
                        break;
                    };
                    options.take(kind, value, is_syn);
                    rest = &rest[value.len() + 2..];
                }
            }
        }
        options
    }

    fn take(&mut self, kind: u8, value: &[u8], is_syn: bool) {
        let number = |bytes: &[u8]| u32_in(bytes, 0..4);
        match (kind, value) {
            (option::MAXIMUM_SEGMENT_SIZE, [_, _]) if is_syn => {
                self.maximum_segment_size = Some(u16_in(value, 0..2)).filter(|size| *size != 0);
            }
            (option::WINDOW_SCALE, [shift]) if is_syn => {
                self.window_scale = Some((*shift).min(LARGEST_SCALE));
            }
            (option::SACK_PERMITTED, []) if is_syn => self.sack_permitted = true,
            (option::TIMESTAMPS, bytes) if bytes.len() == 8 => {
                self.timestamps = Some((number(bytes), number(&bytes[4..])));
            }
            (option::SACK, bytes) if bytes.len().is_multiple_of(8) => {
                self.sack = bytes.chunks(8).map(|block| (number(block), number(&block[4..]))).collect();
            }
            _ => {}
        }
    }

    /// The options in the order in which Linux writes them (`tcp_options_write`), filled up to a multiple of 4 bytes. Of
    /// what was received of later data there is room for four blocks, with time stamps for three.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        const FILL: u8 = option::NO_OPERATION;
        if let Some(size) = self.maximum_segment_size {
            let [high, low] = size.to_be_bytes();
            bytes.extend([option::MAXIMUM_SEGMENT_SIZE, 4, high, low]);
        }
        match (self.timestamps, self.sack_permitted) {
            (Some(_), true) => bytes.extend([option::SACK_PERMITTED, 2]),
            (Some(_), false) => bytes.extend([FILL, FILL]),
            (None, true) => bytes.extend([FILL, FILL, option::SACK_PERMITTED, 2]),
            (None, false) => {}
        }
        if let Some((own, echoed)) = self.timestamps {
            bytes.extend([option::TIMESTAMPS, 10]);
            bytes.extend(own.to_be_bytes());
            bytes.extend(echoed.to_be_bytes());
        }
        if let Some(shift) = self.window_scale {
            bytes.extend([FILL, option::WINDOW_SCALE, 3, shift]);
        }
        let room = if self.timestamps.is_some() { 3 } else { 4 };
        let blocks = &self.sack[..self.sack.len().min(room)];
        if !blocks.is_empty() {
            bytes.extend([FILL, FILL, option::SACK, (2 + 8 * blocks.len()) as u8]);
            for (first, end) in blocks {
                bytes.extend(first.to_be_bytes());
                bytes.extend(end.to_be_bytes());
            }
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_written_as_linux_does_and_read_again() {
        let syn = Options {
            maximum_segment_size: Some(1460),
            window_scale: Some(10),
            sack_permitted: true,
            timestamps: Some((7, 0)),
            sack: Vec::new(),
        };
        let later = Options { timestamps: Some((8, 7)), sack: vec![(5, 9), (20, 30)], ..Options::default() };
        for (options, flags, length) in [(syn, flag::SYN, 20), (later, flag::ACK, 32)] {
            let bytes = options.bytes();
            assert_eq!(bytes.len(), length);
            let segment = Header { source: 1, destination: 2, flags, ..Header::default() }.bytes(&bytes);
            let view = Tcp::new(&segment).expect("a whole header");
            assert_eq!((Options::of(view), view.header_length()), (options, HEADER_LENGTH + length));
        }
    }

    #[test]
    fn broken_options_end_the_reading() {
        for broken in [&[3u8, 0, 0, 0][..], &[8, 12, 0, 0], &[2, 1, 5, 5]] {
            let segment = Header { flags: flag::SYN, ..Header::default() }.bytes(broken);
            assert_eq!(Options::of(Tcp::new(&segment).expect("a header")), Options::default());
        }
    }
}
