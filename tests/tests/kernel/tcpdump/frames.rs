//! Frames that tests are made of.

use libtest_mimic::Failed;
use vethlab_shared::name::IfIndex;
use vethlab_shared::socket::{CapturedFrame, Direction};
use vethlab_shared::time::Instant;
use vethlab_shared::wire::internet_checksum;

/// A frame before its time is known.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) bytes: Vec<u8>,
    pub(super) outgoing: bool,
}

impl Frame {
    pub(super) fn into_captured(self) -> CapturedFrame {
        let direction = if self.outgoing { Direction::Out } else { Direction::In };
        CapturedFrame { time: Instant::from_nanos(0), link: IfIndex(1), direction, bytes: self.bytes }
    }
}

pub(super) fn ethernet(destination: [u8; 6], kind: u16, payload: Vec<u8>) -> Frame {
    let mut bytes = destination.to_vec();
    bytes.extend([2, 0, 0, 0, 0, 2]);
    bytes.extend(kind.to_be_bytes());
    bytes.extend(payload);
    Frame { bytes, outgoing: false }
}

pub(super) fn ipv4(
    source: [u8; 4],
    destination: [u8; 4],
    protocol: u8,
    fragment: u16,
    tos: u8,
    payload: &[u8],
) -> Vec<u8> {
    let mut bytes = vec![0x45, tos];
    bytes.extend((20 + payload.len() as u16).to_be_bytes());
    bytes.extend([0x12, 0x34]);
    bytes.extend(fragment.to_be_bytes());
    bytes.extend([64, protocol, 0, 0]);
    bytes.extend(source);
    bytes.extend(destination);
    let checksum = internet_checksum(&bytes).to_be_bytes();
    bytes[10..12].copy_from_slice(&checksum);
    bytes.extend(payload);
    bytes
}

pub(super) fn icmp(header: &[u8], data: usize) -> Vec<u8> {
    let mut bytes = header.to_vec();
    bytes.extend((0..data).map(|place| place as u8));
    let checksum = internet_checksum(&bytes).to_be_bytes();
    bytes[2..4].copy_from_slice(&checksum);
    bytes
}

pub(super) fn udp(from: u16, to: u16, size: usize) -> Vec<u8> {
    let mut bytes = from.to_be_bytes().to_vec();
    bytes.extend(to.to_be_bytes());
    bytes.extend((8 + size as u16).to_be_bytes());
    bytes.extend([0x12, (size % 2) as u8]);
    bytes.extend((0..size).map(|place| place as u8 | 0x80));
    bytes
}

pub(super) fn tcp(from: u16, to: u16, flags: u8, words: u8, size: usize) -> Vec<u8> {
    let options: [&[u8]; 4] =
        [&[], &[2, 4, 5, 0xb4], &[1, 3, 3, 7, 4, 2, 1, 0], &[8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1]];
    let data: Vec<u8> = (0..size).map(|place| place as u8).collect();
    segment((from, to), flags, options[usize::from(words - 5)], &data)
}

/// The same with these options, which are whole words, and these data.
pub(super) fn segment((from, to): (u16, u16), flags: u8, options: &[u8], data: &[u8]) -> Vec<u8> {
    let words = 5 + options.len() as u8 / 4;
    let mut bytes = from.to_be_bytes().to_vec();
    bytes.extend(to.to_be_bytes());
    bytes.extend([0, 0, 1, flags, 0, 0, 2, flags, words << 4, flags, 1, 0, 0x55, 0xaa, 0, 3]);
    bytes.extend(options);
    bytes.extend(data);
    bytes
}

/// An IPv4 packet with options in its header, which are whole words.
pub(super) fn ipv4_with_options(options: &[u8], protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = ipv4([10, 0, 0, 1], [10, 0, 0, 2], protocol, 0, 0, payload);
    bytes[0] += options.len() as u8 / 4;
    let total = (bytes.len() + options.len()) as u16;
    bytes[2..4].copy_from_slice(&total.to_be_bytes());
    bytes.splice(20..20, options.iter().copied());
    bytes[10..12].fill(0);
    let checksum = internet_checksum(&bytes[..20 + options.len()]).to_be_bytes();
    bytes[10..12].copy_from_slice(&checksum);
    bytes
}

/// Bytes as digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Digits as bytes.
pub(super) fn from_hexadecimal(text: &str) -> Result<Vec<u8>, Failed> {
    let digit = |place: usize| text.get(place..place + 2).ok_or("half a byte");
    (0..text.len()).step_by(2).map(|place| Ok(u8::from_str_radix(digit(place)?, 16)?)).collect()
}
