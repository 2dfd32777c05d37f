//! The target `TCPMSS`: makes the largest segment smaller that a SYN names (`net/netfilter/xt_TCPMSS.c`).

use crate::ipv4::route::OutputQuery;
use crate::netns::Namespace;
use crate::packet::Packet;
use vethlab_shared::time::Instant;
use vethlab_shared::wire::checksum::{update, update_long};
use vethlab_shared::wire::ipv4::{HEADER_LENGTH as IPV4_HEADER, set_checksum, set_total_length};
use vethlab_shared::wire::tcp::{HEADER_LENGTH, field, option};
use vethlab_shared::wire::{Ipv4, Tcp};

/// What fits the way is wanted (`XT_TCPMSS_CLAMP_PMTU`).
pub(super) const CLAMP: u16 = 0xffff;
/// How long the option is (`TCPOLEN_MSS`).
const OPTION_LENGTH: usize = 4;
/// What counts where a SYN names nothing (RFC 1122 section 4.2.2.6).
const USUAL: u16 = 536;
/// The longest header of TCP.
const LONGEST_HEADER: usize = 60;

/// The packet is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unusable;

/// Does what the target does (`tcpmss_tg4`); `mtu` is that of the packet's way.
///
/// # Errors
/// The packet holds no whole header of TCP, or its way takes no segment at all.
pub(super) fn limit(
    packet: &mut Packet,
    wanted: u16,
    (net, mtu): (&Namespace, Option<u32>),
    now: Instant,
) -> Result<(), Unusable> {
    let header = Ipv4::new_unchecked(packet.network());
    if header.fragment_offset() != 0 {
        return Ok(());
    }
    let source = header.source();
    let segment = Tcp::new(packet.transport()).ok_or(Unusable)?;
    let (header, length) = (segment.header_length(), packet.transport().len());
    if header < HEADER_LENGTH || length < header {
        return Err(Unusable);
    }
    let size = match wanted {
        CLAMP => {
            // The way back counts too (`tcpmss_reverse_mtu`).
            let query = OutputQuery { destination: source, source: None, output: None, tos: 0 };
            let back = net.route_output(&query, now, None).map_or(u32::MAX, |route| route.mtu);
            let most = mtu.unwrap_or(u32::MAX).min(back);
            let rest = most.checked_sub((IPV4_HEADER + HEADER_LENGTH) as u32).filter(|rest| *rest > 0);
            rest.ok_or(Unusable)? as u16
        }
        size => size,
    };
    match place_of_option(&packet.transport()[..header]) {
        Some(place) => lower(packet, place + 2, size),
        // With data behind the header, or without room in it, nothing is added.
        None if length > header || header >= LONGEST_HEADER => {}
        None => add(packet, size.min(USUAL)),
    }
    Ok(())
}

/// Where the option stands in a header of TCP.
fn place_of_option(header: &[u8]) -> Option<usize> {
    let mut place = HEADER_LENGTH;
    while place + OPTION_LENGTH <= header.len() {
        let (kind, length) = (header[place], usize::from(header[place + 1]));
        if kind == option::MAXIMUM_SEGMENT_SIZE && length == OPTION_LENGTH {
            return Some(place);
        }
        // Those without a length are one byte long, and so is one of length 0 (`optlen`).
        place += if kind <= option::NO_OPERATION { 1 } else { length.max(1) };
    }
    None
}

/// Writes a smaller size at a place of the segment; a larger one never.
fn lower(packet: &mut Packet, place: usize, size: u16) {
    let partial = packet.checksum_partial;
    let segment = packet.buffer.transport_mut();
    let old = word(segment, place);
    if old > size {
        segment[place..place + 2].copy_from_slice(&size.to_be_bytes());
        // A device makes the sum where that is left to it.
        if !partial {
            mend(segment, |sum| update(sum, old, size));
        }
    }
}

/// Adds the option in front of all others.
fn add(packet: &mut Packet, size: u16) {
    let [high, low] = size.to_be_bytes();
    let added = [option::MAXIMUM_SEGMENT_SIZE, OPTION_LENGTH as u8, high, low];
    let partial = packet.checksum_partial;
    let old_length = packet.transport().len() as u16;
    let length = old_length + OPTION_LENGTH as u16;
    packet.buffer.insert_into_transport(HEADER_LENGTH, &added);
    let segment = packet.buffer.transport_mut();
    let at = field::DATA_OFFSET.start;
    let old_offset = word(segment, at);
    segment[at] += ((OPTION_LENGTH / 4) as u8) << 4;
    let offset = word(segment, at);
    mend(segment, |sum| match partial {
        // Only the pseudo header is summed up so far, and not complemented.
        true => !update(!sum, old_length, length),
        false => {
            let sum = update_long(update(sum, old_length, length), 0, u32::from_be_bytes(added));
            update(sum, old_offset, offset)
        }
    });
    let bytes = packet.buffer.network_mut();
    let total = Ipv4::new_unchecked(bytes).total_length() + OPTION_LENGTH as u16;
    set_total_length(bytes, total);
    set_checksum(bytes);
}

fn word(segment: &[u8], place: usize) -> u16 {
    u16::from_be_bytes([segment[place], segment[place + 1]])
}

fn mend(segment: &mut [u8], sum: impl FnOnce(u16) -> u16) {
    let old = word(segment, field::CHECKSUM.start);
    segment[field::CHECKSUM].copy_from_slice(&sum(old).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::Buffer;
    use std::net::Ipv4Addr;
    use vethlab_shared::wire::checksum::transport_checksum;
    use vethlab_shared::wire::ipv4::{self, protocol};
    use vethlab_shared::wire::tcp::{Header, flag};

    const FROM: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
    const TO: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

    /// A SYN with these options and this data, its checksums right.
    fn syn(options: &[u8], data: &[u8]) -> Packet {
        let header = Header {
            source: 1,
            destination: 2,
            sequence: 3,
            acknowledgement: 0,
            flags: flag::SYN,
            window: 100,
        };
        let mut segment = header.bytes(options);
        segment.extend(data);
        let sum = transport_checksum(FROM, TO, protocol::TCP, &segment);
        vethlab_shared::wire::tcp::set_checksum(&mut segment, sum);
        let mut buffer = Buffer::of(&[&segment]);
        let bytes = buffer.push_network(IPV4_HEADER);
        bytes[0] = 0x45;
        set_total_length(bytes, (IPV4_HEADER + segment.len()) as u16);
        bytes[9] = protocol::TCP;
        ipv4::set_source(bytes, FROM);
        ipv4::set_destination(bytes, TO);
        set_checksum(bytes);
        Packet::new(vethlab_shared::event::PacketId(1), buffer)
    }

    /// What the target leaves of the options, where all checksums are right.
    fn limited(options: &[u8], data: &[u8], size: u16) -> Vec<u8> {
        let mut packet = syn(options, data);
        let net = Namespace::default();
        limit(&mut packet, size, (&net, None), Instant::default()).expect("a whole header");
        assert_eq!(transport_checksum(FROM, TO, protocol::TCP, packet.transport()), 0);
        let header = Ipv4::new(packet.network()).expect("a header");
        assert!(header.checksum_ok());
        assert_eq!(usize::from(header.total_length()), packet.network().len());
        Tcp::new(packet.transport()).expect("a header").options().to_vec()
    }

    #[test]
    fn a_size_is_made_smaller_and_never_larger() {
        assert_eq!(limited(&[1, 1, 1, 1, 2, 4, 5, 180], b"", 1000), [1, 1, 1, 1, 2, 4, 3, 232]);
        assert_eq!(limited(&[2, 4, 1, 0], b"data", 1000), [2, 4, 1, 0]);
    }

    #[test]
    fn a_size_is_added_where_there_is_none() {
        assert_eq!(limited(&[], b"", 1000), [2, 4, 2, 24]);
        assert_eq!(limited(&[1, 3, 3, 7], b"", 200), [2, 4, 0, 200, 1, 3, 3, 7]);
        assert_eq!(limited(&[1, 3, 3, 7], b"data", 200), [1, 3, 3, 7]);
        assert_eq!(limited(&[1; 40], b"", 200), [1; 40]);
    }
}
