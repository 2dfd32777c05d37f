//! Marks of packets and connections.

use super::structure::{Reader, Writer};
use vethlab_shared::netfilter::{Match, Target};

/// `struct xt_connmark_mtinfo1`.
pub(super) const CONNMARK: usize = 12;
/// `struct xt_mark_tginfo2`.
pub(super) const MARK: usize = 8;
/// `struct xt_connmark_tginfo2`.
pub(super) const SET_CONNMARK: usize = 16;

pub(super) fn connmark(mark: u32, mask: u32, invert: bool) -> Vec<u8> {
    Writer::default().u32(mark).u32(mask).u8(invert.into()).end(CONNMARK)
}

pub(super) fn read_connmark(mut reader: Reader<'_>) -> Match {
    Match::Connmark { mark: reader.u32(), mask: reader.u32(), invert: reader.u8() != 0 }
}

pub(super) fn mark(mark: u32, mask: u32) -> Vec<u8> {
    Writer::default().u32(mark).u32(mask).end(MARK)
}

pub(super) fn read_mark(mut reader: Reader<'_>) -> Target {
    Target::Mark { mark: reader.u32(), mask: reader.u32() }
}

/// The numbers are `ctmark`, `ctmask` and `nfmask`. Nothing is shifted.
pub(super) fn set_connmark(mode: u8, numbers: [u32; 3]) -> Vec<u8> {
    let writer = numbers.into_iter().fold(Writer::default(), Writer::u32);
    writer.u8(0).u8(0).u8(mode).end(SET_CONNMARK)
}

pub(super) fn read_set_connmark(mut reader: Reader<'_>) -> Target {
    let [mark, connection_mask, packet_mask] = [(); 3].map(|()| reader.u32());
    let [_, _, mode] = reader.array();
    Target::Connmark { mode, mark, connection_mask, packet_mask }
}
