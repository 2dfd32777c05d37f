//! IPv4 (RFC 791 section 3.1).

use super::checksum::{internet_checksum, update_long};
use super::{Field, address_in, array, put, u16_in};
use std::net::Ipv4Addr;

/// Length of a header without options, in bytes.
pub const HEADER_LENGTH: usize = 20;
/// The smallest MTU that IPv4 works with, in bytes (`IPV4_MIN_MTU`, RFC 791).
pub const MINIMUM_MTU: u32 = 68;
/// The first byte of a header without options: version 4, five words of 4 bytes.
const VERSION_4_WITHOUT_OPTIONS: u8 = 0x45;
/// Flag "don't fragment" in the fragment field (`IP_DF`).
pub const DONT_FRAGMENT: u16 = 0x4000;
/// Flag "more fragments" in the fragment field (`IP_MF`).
pub const MORE_FRAGMENTS: u16 = 0x2000;
/// The fragment offset in the fragment field, in units of 8 bytes (`IP_OFFSET`).
pub const FRAGMENT_OFFSET: u16 = 0x1fff;

/// Which bytes each field stands in.
pub mod field {
    use super::Field;
    /// Version in the high half, header length in words of 4 bytes in the low half.
    pub const VERSION_AND_LENGTH: Field = 0..1;
    /// Type of service: DSCP in the six high bits, ECN in the two low ones.
    pub const TOS: Field = 1..2;
    /// Length of the whole packet in bytes.
    pub const TOTAL_LENGTH: Field = 2..4;
    /// The same in all fragments of one packet.
    pub const IDENTIFICATION: Field = 4..6;
    /// Three flags, and the fragment's offset.
    pub const FRAGMENT: Field = 6..8;
    /// The part of it that the flags stand in: its three high bits.
    pub const FLAGS: Field = 6..7;
    /// Time to live, in hops.
    pub const TIME_TO_LIVE: Field = 8..9;
    /// The protocol that the packet carries.
    pub const PROTOCOL: Field = 9..10;
    /// The checksum over the header.
    pub const CHECKSUM: Field = 10..12;
    /// Source address.
    pub const SOURCE: Field = 12..16;
    /// Destination address.
    pub const DESTINATION: Field = 16..20;
}

/// What a packet carries (`IPPROTO_*`, RFC 790 and its successors).
pub mod protocol {
    /// ICMP.
    pub const ICMP: u8 = 1;
    /// IGMP.
    pub const IGMP: u8 = 2;
    /// TCP.
    pub const TCP: u8 = 6;
    /// UDP.
    pub const UDP: u8 = 17;
}

/// A packet with a whole IPv4 header, options counted. What it carries may be cut short.
#[derive(Clone, Copy, Debug)]
pub struct Ipv4<'a>(&'a [u8]);

impl<'a> Ipv4<'a> {
    /// `None` where the version is another one, or where the bytes are shorter than the header says it is, or it says
    /// less than 20.
    #[inline]
    pub fn new(packet: &'a [u8]) -> Option<Ipv4<'a>> {
        let view = (packet.len() >= HEADER_LENGTH).then_some(Ipv4(packet))?;
        let fits = (HEADER_LENGTH..=packet.len()).contains(&view.header_length());
        (view.version() == 4 && fits).then_some(view)
    }

    /// For bytes that [`Ipv4::new`] has taken, or that were built here. Reading panics where they are short.
    pub fn new_unchecked(packet: &'a [u8]) -> Ipv4<'a> {
        Ipv4(packet)
    }

    /// All bytes of the packet that are here.
    #[inline]
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// 4.
    #[inline]
    pub fn version(self) -> u8 {
        self.0[field::VERSION_AND_LENGTH.start] >> 4
    }

    /// Length of the header in bytes, options counted.
    #[inline]
    pub fn header_length(self) -> usize {
        usize::from(self.0[field::VERSION_AND_LENGTH.start] & 0xf) * 4
    }

    /// The same in all fragments of one packet.
    #[inline]
    pub fn identification(self) -> u16 {
        u16_in(self.0, field::IDENTIFICATION)
    }

    /// The flags and the offset as they stand there.
    #[inline]
    pub fn fragment_field(self) -> u16 {
        u16_in(self.0, field::FRAGMENT)
    }

    /// Whether routers may not cut it.
    #[inline]
    pub fn dont_fragment(self) -> bool {
        self.fragment_field() & DONT_FRAGMENT != 0
    }

    /// Whether more fragments follow.
    #[inline]
    pub fn more_fragments(self) -> bool {
        self.fragment_field() & MORE_FRAGMENTS != 0
    }

    /// Where this fragment begins in the payload of the whole packet, in bytes.
    #[inline]
    pub fn fragment_offset(self) -> u16 {
        (self.fragment_field() & FRAGMENT_OFFSET) * 8
    }

    /// The number of the protocol that it carries.
    #[inline]
    pub fn protocol(self) -> u8 {
        self.0[field::PROTOCOL.start]
    }

    /// Whether the checksum of the header is right.
    #[inline]
    pub fn checksum_ok(self) -> bool {
        internet_checksum(self.header()) == 0
    }

    /// The header, options counted.
    #[inline]
    pub fn header(self) -> &'a [u8] {
        &self.0[..self.header_length()]
    }

    /// What it carries: as much of it as is here, without padding behind the packet.
    #[inline]
    pub fn payload(self) -> &'a [u8] {
        let end = usize::from(self.total_length()).min(self.0.len());
        self.0.get(self.header_length()..end).unwrap_or_default()
    }
}

/// What both views of a packet read: fields that have their place in the first 20 bytes of every header.
macro_rules! read_fields {
    ($view:ident) => {
        impl $view<'_> {
            /// Type of service: DSCP and ECN.
            #[inline]
            pub fn tos(self) -> u8 {
                self.0[field::TOS.start]
            }

            /// Length of the whole packet in bytes, as the header says.
            #[inline]
            pub fn total_length(self) -> u16 {
                u16_in(self.0, field::TOTAL_LENGTH)
            }

            /// Whether it is a piece of a packet.
            #[inline]
            pub fn is_fragment(self) -> bool {
                u16_in(self.0, field::FRAGMENT) & (MORE_FRAGMENTS | FRAGMENT_OFFSET) != 0
            }

            /// Time to live, in hops.
            #[inline]
            pub fn time_to_live(self) -> u8 {
                self.0[field::TIME_TO_LIVE.start]
            }

            /// Source address.
            #[inline]
            pub fn source(self) -> Ipv4Addr {
                address_in(self.0, field::SOURCE)
            }

            /// Destination address.
            #[inline]
            pub fn destination(self) -> Ipv4Addr {
                address_in(self.0, field::DESTINATION)
            }
        }
    };
}

read_fields!(Ipv4);
read_fields!(FixedHeader);

/// The option by which routers look at a packet that is not for them (RFC 2113).
pub const ROUTER_ALERT: [u8; 4] = [0x94, 4, 0, 0];

/// Makes room behind the header of a packet that has none for this one option, and puts it there.
pub fn insert_option(packet: &mut Vec<u8>, option: [u8; 4]) {
    packet.splice(HEADER_LENGTH..HEADER_LENGTH, option);
    packet[field::VERSION_AND_LENGTH.start] += 1;
    let length = packet.len() as u16;
    set_total_length(packet, length);
    set_checksum(packet);
}

/// What a header without options holds, to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Type of service: DSCP and ECN.
    pub tos: u8,
    /// Length of the whole packet in bytes.
    pub total_length: u16,
    /// The same in all fragments of one packet.
    pub identification: u16,
    /// The flags and the offset: [`DONT_FRAGMENT`], [`MORE_FRAGMENTS`], and the offset in units of 8 bytes.
    pub fragment: u16,
    /// Time to live, in hops.
    pub time_to_live: u8,
    /// The number of the protocol that the packet carries.
    pub protocol: u8,
    /// Source address.
    pub source: Ipv4Addr,
    /// Destination address.
    pub destination: Ipv4Addr,
}

impl Header {
    /// Writes the header, its checksum included, into the first 20 bytes of a packet.
    ///
    /// # Panics
    /// The packet is shorter than that.
    #[inline]
    pub fn write(&self, packet: &mut [u8]) {
        let packet: &mut [u8; HEADER_LENGTH] = packet.first_chunk_mut().expect("room for a header");
        packet[field::VERSION_AND_LENGTH.start] = VERSION_4_WITHOUT_OPTIONS;
        packet[field::TOS.start] = self.tos;
        put(packet, field::TOTAL_LENGTH, self.total_length.to_be_bytes());
        put(packet, field::IDENTIFICATION, self.identification.to_be_bytes());
        put(packet, field::FRAGMENT, self.fragment.to_be_bytes());
        packet[field::TIME_TO_LIVE.start] = self.time_to_live;
        packet[field::PROTOCOL.start] = self.protocol;
        put(packet, field::SOURCE, self.source.octets());
        put(packet, field::DESTINATION, self.destination.octets());
        packet[field::CHECKSUM].fill(0);
        let sum = internet_checksum(packet);
        put(packet, field::CHECKSUM, sum.to_be_bytes());
    }
}

/// The header of a packet that has no options: of a fixed length, which makes reading it cheap.
#[derive(Clone, Copy, Debug)]
pub struct FixedHeader<'a>(&'a [u8; HEADER_LENGTH]);

impl<'a> FixedHeader<'a> {
    /// `None` where the packet has options, is shorter than the header, or is not of IPv4.
    #[inline]
    pub fn new(packet: &'a [u8]) -> Option<FixedHeader<'a>> {
        packet.first_chunk().filter(|header| header[0] == VERSION_4_WITHOUT_OPTIONS).map(FixedHeader)
    }

    /// Whether its checksum is right, and the packet no shorter than its header by what it says.
    #[inline]
    pub fn is_intact(self) -> bool {
        internet_checksum(self.0) == 0 && usize::from(self.total_length()) >= HEADER_LENGTH
    }
}

/// Makes the checksum of a header right (`ip_send_check`).
#[inline]
pub fn set_checksum(packet: &mut [u8]) {
    packet[field::CHECKSUM].fill(0);
    let length = usize::from(packet[field::VERSION_AND_LENGTH.start] & 0xf) * 4;
    let sum = internet_checksum(&packet[..length]);
    put(packet, field::CHECKSUM, sum.to_be_bytes());
}

/// Says how long the whole packet is, in bytes; the checksum is for the caller to mend.
pub fn set_total_length(packet: &mut [u8], length: u16) {
    put(packet, field::TOTAL_LENGTH, length.to_be_bytes());
}

/// Writes the flags and the offset; the checksum is for the caller to mend.
pub fn set_fragment(packet: &mut [u8], fragment: u16) {
    put(packet, field::FRAGMENT, fragment.to_be_bytes());
}

/// Writes another source address, and mends the checksum by that much (`csum_replace4`).
pub fn set_source(packet: &mut [u8], address: Ipv4Addr) {
    set_address(packet, field::SOURCE, address);
}

/// Writes another destination address, and mends the checksum by that much (`csum_replace4`).
pub fn set_destination(packet: &mut [u8], address: Ipv4Addr) {
    set_address(packet, field::DESTINATION, address);
}

fn set_address(packet: &mut [u8], at: Field, address: Ipv4Addr) {
    let (old, new) = (u32::from_be_bytes(array(packet, at.clone())), address.to_bits());
    let checksum = update_long(u16_in(packet, field::CHECKSUM), old, new);
    put(packet, field::CHECKSUM, checksum.to_be_bytes());
    put(packet, at, address.octets());
}

/// Sets the time to live, and the checksum with it.
pub fn set_time_to_live(packet: &mut [u8], time_to_live: u8) {
    put(packet, field::TIME_TO_LIVE, [time_to_live]);
    set_checksum(packet);
}

/// Takes one hop off the time to live, and mends the checksum by that much (RFC 1624, `ip_decrease_ttl`).
///
/// # Panics
/// The packet is shorter than a header.
#[inline]
pub fn decrease_ttl(packet: &mut [u8]) {
    let header: &mut [u8; HEADER_LENGTH] = packet.first_chunk_mut().expect("a whole header");
    let sum = u32::from(u16_in(header, field::CHECKSUM)) + 0x0100;
    let folded = (sum + u32::from(sum >= 0xffff)) as u16;
    put(header, field::CHECKSUM, folded.to_be_bytes());
    header[field::TIME_TO_LIVE.start] -= 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(identification: u16, time_to_live: u8) -> Vec<u8> {
        let mut packet = vec![0x45, 0, 0, 28, 0, 0, 0, 0, time_to_live, 1, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        packet[field::IDENTIFICATION].copy_from_slice(&identification.to_be_bytes());
        set_checksum(&mut packet);
        packet
    }

    #[test]
    fn the_checksum_stays_right_hop_by_hop() {
        for (identification, ttl) in [(0, 64), (0xffff, 255), (0xb1e6, 2), (0x1234, 128)] {
            let mut packet = header(identification, ttl);
            for left in (0..ttl).rev() {
                decrease_ttl(&mut packet);
                let view = Ipv4::new_unchecked(&packet);
                assert_eq!((view.time_to_live(), view.checksum_ok()), (left, true));
            }
        }
    }

    #[test]
    fn a_header_that_was_written_reads_back() {
        let header = Header {
            tos: 0xb8,
            total_length: 84,
            identification: 0xb1e6,
            fragment: DONT_FRAGMENT,
            time_to_live: 63,
            protocol: protocol::ICMP,
            source: Ipv4Addr::new(10, 0, 0, 1),
            destination: Ipv4Addr::new(192, 168, 1, 254),
        };
        let mut bytes = [0xee; 24];
        header.write(&mut bytes);
        // Another's reading of the same bytes.
        let (theirs, rest) = etherparse::Ipv4Header::from_slice(&bytes).expect("a header");
        assert_eq!(
            (theirs.source, theirs.destination),
            (header.source.octets(), header.destination.octets())
        );
        assert_eq!((theirs.total_len, theirs.identification), (84, 0xb1e6));
        assert_eq!((theirs.time_to_live, theirs.protocol.0, theirs.dont_fragment), (63, 1, true));
        assert_eq!((theirs.dscp.value(), theirs.ecn.value()), (0xb8 >> 2, 0));
        assert_eq!((theirs.header_checksum, rest), (theirs.calc_header_checksum(), &[0xee; 4][..]));
    }

    #[test]
    fn a_header_that_cannot_be_whole_is_no_view() {
        let packet = header(1, 64);
        assert!(Ipv4::new(&packet).is_some());
        assert!((0..packet.len()).all(|length| Ipv4::new(&packet[..length]).is_none()));
        for first in [0x44, 0x46, 0x55, 0x65] {
            let mut wrong = packet.clone();
            wrong[0] = first;
            assert!(Ipv4::new(&wrong).is_none(), "{first:#04x}");
        }
    }

    #[test]
    fn the_payload_ends_where_the_packet_does() {
        let mut packet = header(1, 64);
        packet.extend([7; 30]);
        assert_eq!(Ipv4::new_unchecked(&packet).payload(), [7; 8], "padding left out");
        assert_eq!(Ipv4::new_unchecked(&packet[..23]).payload(), [7; 3], "cut short");
        packet[field::TOTAL_LENGTH].copy_from_slice(&5u16.to_be_bytes());
        assert_eq!(Ipv4::new_unchecked(&packet).payload(), [0; 0], "less than its own header");
    }
}
