//! The Internet checksum (RFC 1071), which IPv4, ICMP, UDP and TCP share.

use std::net::Ipv4Addr;

/// The Internet checksum over the bytes; 0 over bytes that hold their own right checksum.
#[inline]
pub fn internet_checksum(bytes: &[u8]) -> u16 {
    !fold(sum(bytes))
}

/// The checksum over a transport header and its data, with what it counts of the IPv4 header: both addresses, the
/// protocol and the length (RFC 768, RFC 9293 section 3.1). 0 where the right checksum stands in the bytes.
///
/// The length is that of `segment`, cut to 16 bits.
pub fn transport_checksum(source: Ipv4Addr, destination: Ipv4Addr, protocol: u8, segment: &[u8]) -> u16 {
    let pseudo = pseudo_header(source, destination, protocol, segment.len() as u16);
    !fold(sum(&pseudo) + sum(segment))
}

/// What a transport checksum counts besides the segment itself, for a segment of `length` bytes.
pub fn pseudo_header(source: Ipv4Addr, destination: Ipv4Addr, protocol: u8, length: u16) -> [u8; 12] {
    let ([a, b, c, d], [e, f, g, h]) = (source.octets(), destination.octets());
    let [high, low] = length.to_be_bytes();
    [a, b, c, d, e, f, g, h, 0, protocol, high, low]
}

/// The checksum that should stand where `found` does, where the one over all bytes came out as `computed` and not as 0
/// (RFC 1071).
pub fn should_be(found: u16, computed: u16) -> u16 {
    fold(u64::from(found) + u64::from(computed))
}

/// The checksum after one 16-bit word of what it is over changed (RFC 1624, equation 3).
pub fn update(checksum: u16, old: u16, new: u16) -> u16 {
    !fold(u64::from(!checksum) + u64::from(!old) + u64::from(new))
}

/// The checksum after two 16-bit words of what it is over changed, as an address does (`csum_replace4`).
pub fn update_long(checksum: u16, old: u32, new: u32) -> u16 {
    let words = |number: u32| [(number >> 16) as u16, number as u16];
    let changed = words(old).into_iter().zip(words(new));
    changed.fold(checksum, |checksum, (old, new)| update(checksum, old, new))
}

/// The sum of the 16-bit words, carries not yet folded. Four bytes are added at a time: one's complement addition
/// gives the same with any word length (RFC 1071 section 2).
#[inline]
fn sum(bytes: &[u8]) -> u64 {
    let mut words = bytes.chunks_exact(4);
    let mut sum: u64 =
        words.by_ref().map(|word| u64::from(u32::from_be_bytes([word[0], word[1], word[2], word[3]]))).sum();
    let mut last = [0; 4];
    last.iter_mut().zip(words.remainder()).for_each(|(last, byte)| *last = *byte);
    sum += u64::from(u32::from_be_bytes(last));
    sum
}

/// Adds the carries back in, until 16 bits are left.
#[inline]
fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1071, word by word: slow and plain.
    fn plainly(bytes: &[u8]) -> u16 {
        let mut sum = 0u32;
        for pair in bytes.chunks(2) {
            sum += u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
            sum = (sum & 0xffff) + (sum >> 16);
        }
        !(sum as u16)
    }

    #[test]
    fn any_length_and_any_bytes_give_what_rfc_1071_says() {
        // RFC 1071 section 3 gives this example: the sum is ddf2.
        let example = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(internet_checksum(&example), !0xddf2);
        let mut number = 1u32;
        for length in 0..200 {
            let bytes: Vec<u8> = (0..length)
                .map(|_| {
                    number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (number >> 24) as u8
                })
                .collect();
            assert_eq!(internet_checksum(&bytes), plainly(&bytes), "{bytes:?}");
        }
        assert_eq!(internet_checksum(&[0xff; 65_535]), plainly(&[0xff; 65_535]));
    }

    #[test]
    fn a_changed_word_changes_the_checksum_as_if_it_were_made_anew() {
        let mut bytes = [0x45, 0, 0, 84, 0xb1, 0xe6, 0x40, 0, 64, 1, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        for new in [0u16, 1, 0x00ff, 0xff00, 0xfffe, 0xffff] {
            let before = internet_checksum(&bytes);
            let old = u16::from_be_bytes([bytes[8], bytes[9]]);
            bytes[8..10].copy_from_slice(&new.to_be_bytes());
            assert_eq!(update(before, old, new), internet_checksum(&bytes), "{new:#06x}");
        }
    }

    #[test]
    fn a_wrong_checksum_tells_the_right_one() {
        let mut bytes = [8, 0, 0, 0, 0x12, 0x34, 0, 5, b'h', b'i'];
        let right = internet_checksum(&bytes);
        for found in [0u16, 1, right.wrapping_add(1), 0xffff] {
            bytes[2..4].copy_from_slice(&found.to_be_bytes());
            assert_eq!(should_be(found, internet_checksum(&bytes)), right, "{found:#06x}");
        }
    }
}
