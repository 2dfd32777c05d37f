//! What a translation may choose from.

use super::structure::{Reader, Writer};
use std::net::Ipv4Addr;
use vethlab_shared::netfilter::{NatFlags, NatRange};

/// `struct nf_nat_ipv4_multi_range_compat`.
pub(super) const COMPATIBLE: usize = 20;
/// `struct nf_nat_range2`.
pub(super) const RANGE: usize = 44;

/// With one range of IPv4 addresses and ports.
pub(super) fn compatible(range: &NatRange) -> Vec<u8> {
    Writer::default()
        .u32(1)
        .u32(range.flags.bits())
        .address(range.first)
        .address(range.last)
        .be16(range.first_port)
        .be16(range.last_port)
        .end(COMPATIBLE)
}

pub(super) fn read_compatible(mut reader: Reader<'_>) -> NatRange {
    let _ranges = reader.u32();
    let flags = NatFlags::from_bits_retain(reader.u32());
    let [first, last] = [(); 2].map(|()| reader.address());
    let [first_port, last_port] = [(); 2].map(|()| reader.be16());
    NatRange { flags, first, last, first_port, last_port, base_port: 0 }
}

/// With addresses of either family.
pub(super) fn range(range: &NatRange) -> Vec<u8> {
    Writer::default()
        .u32(range.flags.bits())
        .wide_address(range.first)
        .wide_address(range.last)
        .be16(range.first_port)
        .be16(range.last_port)
        .be16(range.base_port)
        .end(RANGE)
}

pub(super) fn read_range(mut reader: Reader<'_>) -> NatRange {
    let flags = NatFlags::from_bits_retain(reader.u32());
    let [first, last]: [Ipv4Addr; 2] = [(); 2].map(|()| reader.wide_address());
    let [first_port, last_port, base_port] = [(); 3].map(|()| reader.be16());
    NatRange { flags, first, last, first_port, last_port, base_port }
}
