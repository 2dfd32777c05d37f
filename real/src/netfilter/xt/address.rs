//! What kind of address a packet's are, and between which ones they lie.

use super::structure::{Reader, Writer};
use std::net::Ipv4Addr;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::netfilter::{AddressTypes, Match};

/// `struct xt_addrtype_info_v1`.
pub(super) const ADDRTYPE: usize = 8;
/// `struct xt_mac_info`.
pub(super) const MAC: usize = 12;
/// `struct xt_iprange_mtinfo`.
pub(super) const IPRANGE: usize = 68;

/// `XT_ADDRTYPE_INVERT_SOURCE`, `_INVERT_DEST`, `_LIMIT_IFACE_IN`, `_LIMIT_IFACE_OUT`.
const ADDRTYPE_FLAGS: [u32; 4] = [1, 2, 4, 8];
/// `IPRANGE_SRC`, `IPRANGE_DST`.
const RANGE_SIDES: [u8; 2] = [1, 2];
/// `IPRANGE_SRC_INV`, `IPRANGE_DST_INV`.
const RANGE_INVERTED: [u8; 2] = [0x10, 0x20];

/// First and last address, and whether those outside are meant.
type Span = Option<(Ipv4Addr, Ipv4Addr, bool)>;

pub(super) fn addrtype(wanted: &Match) -> Vec<u8> {
    let Match::Addrtype { source, destination, invert_source, invert_destination, limit_in, limit_out } =
        wanted
    else {
        return Vec::new();
    };
    let given = [*invert_source, *invert_destination, *limit_in, *limit_out];
    let flags = ADDRTYPE_FLAGS.into_iter().zip(given).filter(|(_, given)| *given).map(|(flag, _)| flag).sum();
    Writer::default().u16(source.bits()).u16(destination.bits()).u32(flags).end(ADDRTYPE)
}

pub(super) fn read_addrtype(mut reader: Reader<'_>) -> Match {
    let [source, destination] = [(); 2].map(|()| AddressTypes::from_bits_retain(reader.u16()));
    let flags = reader.u32();
    let [invert_source, invert_destination, limit_in, limit_out] =
        ADDRTYPE_FLAGS.map(|flag| flags & flag != 0);
    Match::Addrtype { source, destination, invert_source, invert_destination, limit_in, limit_out }
}

pub(super) fn mac(source: MacAddress, invert: bool) -> Vec<u8> {
    Writer::default().bytes(&source.0).u32(invert.into()).end(MAC)
}

pub(super) fn read_mac(mut reader: Reader<'_>) -> Match {
    Match::Mac { source: MacAddress(reader.array()), invert: reader.u32() != 0 }
}

pub(super) fn iprange(source: Span, destination: Span) -> Vec<u8> {
    let mut flags = 0;
    let mut writer = Writer::default();
    for (side, span) in [source, destination].into_iter().enumerate() {
        let (first, last, invert) = span.unwrap_or((Ipv4Addr::UNSPECIFIED, Ipv4Addr::UNSPECIFIED, false));
        writer = writer.wide_address(first).wide_address(last);
        if span.is_some() {
            flags |= RANGE_SIDES[side];
        }
        if invert {
            flags |= RANGE_INVERTED[side];
        }
    }
    writer.u8(flags).end(IPRANGE)
}

pub(super) fn read_iprange(mut reader: Reader<'_>) -> Match {
    let [source, destination] = [(); 2].map(|()| (reader.wide_address(), reader.wide_address()));
    let flags = reader.u8();
    let span = |side: usize, (first, last)| {
        (flags & RANGE_SIDES[side] != 0).then_some((first, last, flags & RANGE_INVERTED[side] != 0))
    };
    Match::Iprange { source: span(0, source), destination: span(1, destination) }
}
