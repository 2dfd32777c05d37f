//! Frames taken apart field by field, for learners: what each field holds, in which bytes, and what it is for.
//!
//! A frame is data that others sent: it may be cut short, or broken on purpose. All that is there is told, as far
//! as it goes. Fields have the names that Wireshark filters by, so that what is seen here can be looked for there;
//! a test holds every value against Wireshark's.

mod arp;
mod ethernet;
mod icmp;
mod ipv4;
mod numbers;
mod reader;
mod render;
mod tcp;
mod udp;

pub use numbers::Numbers;
pub use render::{render, wrap};

use serde::Serialize;

/// A frame taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dissection {
    /// What it is, in a few words: `ICMP echo request seq 1 ttl 64`.
    pub what: String,
    /// Who tells whom, where that is not among those words: `10.0.0.1 > 10.0.0.2`.
    pub whom: String,
    /// Its layers, the outermost first.
    pub layers: Vec<Layer>,
}

/// One protocol's part of a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// The protocol's name.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Whether it is not of this frame itself, but of the packet that an ICMP error is about and quotes.
    pub quoted: bool,
    /// Its first byte, counted from the frame's.
    pub start: usize,
    /// How many bytes it has; those that it carries for others are not counted.
    pub length: usize,
    /// Its fields, in the order of their bytes.
    pub fields: Vec<Field>,
    /// What is wrong with it, where something is: `cut short`.
    pub problem: Option<String>,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its name, as standards call it.
    pub name: &'static str,
    /// Its name in Wireshark's filters, where it has one.
    pub filter: Option<&'static str>,
    /// What it holds, for people: the number or address first, then what that means.
    pub value: String,
    /// Its first byte, counted from the frame's.
    pub start: usize,
    /// How many bytes it stands in.
    pub length: usize,
    /// Which bits of these bytes are its own, where not all are.
    pub mask: Option<u32>,
    /// The bytes that it stands in, as hexadecimal digits.
    pub bytes: String,
    /// What it is for, in one sentence.
    pub note: &'static str,
    /// Whether what it holds cannot be right.
    pub wrong: bool,
}

/// Takes an Ethernet frame apart.
pub fn dissect(frame: &[u8]) -> Dissection {
    let mut dissection = Dissection { what: String::new(), whom: String::new(), layers: Vec::new() };
    ethernet::dissect(frame, &mut dissection);
    dissection
}

impl Dissection {
    /// The first field of this name in Wireshark's filters that is the frame's own and not quoted in it.
    pub fn field(&self, filter: &str) -> Option<&Field> {
        let own = self.layers.iter().filter(|layer| !layer.quoted);
        own.flat_map(|layer| &layer.fields).find(|field| field.filter == Some(filter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vethlab_shared::wire::internet_checksum;

    /// An Ethernet frame with an IPv4 packet of this protocol.
    fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
        let mut header = vec![0x45, 0, 0, 20 + payload.len() as u8, 0, 7, 0x40, 0, 64, protocol, 0, 0];
        header.extend([10, 0, 0, 1, 10, 0, 0, 2]);
        let checksum = internet_checksum(&header).to_be_bytes();
        header[10..12].copy_from_slice(&checksum);
        frame.extend(header);
        frame.extend(payload);
        frame
    }

    fn echo() -> Vec<u8> {
        let mut message = vec![8, 0, 0, 0, 0x12, 0x34, 0, 5, b'h', b'i'];
        let checksum = internet_checksum(&message).to_be_bytes();
        message[2..4].copy_from_slice(&checksum);
        ipv4(1, &message)
    }

    fn names(dissection: &Dissection) -> Vec<&str> {
        dissection.layers.iter().map(|layer| layer.name).collect()
    }

    fn value<'a>(dissection: &'a Dissection, filter: &str) -> &'a str {
        dissection.field(filter).map_or("", |field| &field.value)
    }

    #[test]
    fn an_echo_request_is_taken_apart() {
        let dissection = dissect(&echo());
        assert_eq!(dissection.what, "ICMP echo request seq 5 ttl 64");
        assert_eq!(dissection.whom, "10.0.0.1 > 10.0.0.2");
        assert_eq!(names(&dissection), ["Ethernet", "IPv4", "ICMP", "Echo data"]);
        assert_eq!(value(&dissection, "ip.ttl"), "64 hops");
        assert_eq!(value(&dissection, "ip.flags.df"), "1 (set)");
        assert!(value(&dissection, "ip.checksum").ends_with("(correct)"));
        assert!(value(&dissection, "icmp.checksum").ends_with("(correct)"));
        let field = dissection.field("icmp.seq").expect("a sequence number");
        assert_eq!((field.start, field.length, field.bytes.as_str()), (40, 2, "0005"));
    }

    #[test]
    fn wrong_checksums_are_told_with_the_right_ones() {
        let mut frame = echo();
        let right = u16::from_be_bytes([frame[24], frame[25]]);
        frame[25] ^= 1;
        frame[43] ^= 1;
        let dissection = dissect(&frame);
        let wrong = format!("(wrong, should be {right:#06x})");
        assert!(value(&dissection, "ip.checksum").ends_with(&wrong));
        assert!(value(&dissection, "icmp.checksum").contains("wrong"));
        assert!(dissection.field("ip.checksum").is_some_and(|field| field.wrong));
    }

    #[test]
    fn an_error_quotes_the_packet_that_it_is_about() {
        let inner = echo();
        let mut message = vec![11, 0, 0, 0, 0, 0, 0, 0];
        message.extend(&inner[14..]);
        let checksum = internet_checksum(&message).to_be_bytes();
        message[2..4].copy_from_slice(&checksum);
        let dissection = dissect(&ipv4(1, &message));
        assert_eq!(dissection.what, "ICMP time exceeded from 10.0.0.1");
        assert_eq!(dissection.whom, "about 10.0.0.1 > 10.0.0.2");
        assert_eq!(names(&dissection), ["Ethernet", "IPv4", "ICMP", "IPv4", "ICMP", "Echo data"]);
        let quoted: Vec<bool> = dissection.layers.iter().map(|layer| layer.quoted).collect();
        assert_eq!(quoted, [false, false, false, true, true, true]);
        assert_eq!(value(&dissection, "icmp.type"), "11 (time exceeded)", "its own, not the quoted one's");
    }

    #[test]
    fn a_fragment_has_no_header_of_what_it_carries() {
        let mut frame = ipv4(17, &[0; 16]);
        frame[20..22].copy_from_slice(&[0x20, 185]);
        let dissection = dissect(&frame);
        assert_eq!(dissection.what, "fragment 1480+16… id 7");
        assert_eq!(names(&dissection), ["Ethernet", "IPv4", "Fragment"]);
    }

    #[test]
    fn udp_checksums_count_the_addresses() {
        // The sum is over a header of addresses, protocol and length too (RFC 768).
        let mut payload = vec![0x9c, 0x40, 0, 53, 0, 11, 0, 0, b'a', b'b', b'c'];
        let mut counted = vec![10, 0, 0, 1, 10, 0, 0, 2, 0, 17, 0, 11];
        counted.extend(&payload);
        payload[6..8].copy_from_slice(&internet_checksum(&counted).to_be_bytes());
        let dissection = dissect(&ipv4(17, &payload));
        assert_eq!(dissection.what, "UDP 40000 > 53 ttl 64");
        assert!(value(&dissection, "udp.checksum").ends_with("(correct)"));
        // Left to the hardware, only the sum over the addresses stands there.
        payload[6..8].copy_from_slice(&(!internet_checksum(&counted[..12])).to_be_bytes());
        let dissection = dissect(&ipv4(17, &payload));
        assert!(value(&dissection, "udp.checksum").contains("only begun"));
        assert!(dissection.field("udp.checksum").is_some_and(|field| !field.wrong));
    }

    #[test]
    fn tcp_flags_and_options_are_named() {
        let mut segment = vec![0x9c, 0x40, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x80, 0x02, 0xfa, 0xf0, 0, 0, 0, 0];
        segment.extend([2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 0, 0]);
        let dissection = dissect(&ipv4(6, &segment));
        assert_eq!(dissection.what, "TCP 40000 > 80 [SYN]");
        let options: Vec<&str> = dissection.layers[2]
            .fields
            .iter()
            .filter(|field| field.name == "option")
            .map(|field| field.value.as_str())
            .collect();
        assert_eq!(
            options,
            [
                "2 (maximum segment size 1460)",
                "1 (nothing, fills up)",
                "3 (window scale 7)",
                "4 (SACK permitted)",
                "0 (end of options)",
            ]
        );
    }

    #[test]
    fn a_frame_that_was_cut_is_shown_as_far_as_it_goes() {
        let whole = echo();
        for length in 0..whole.len() {
            let dissection = dissect(&whole[..length]);
            let text = render(&dissection, 80);
            for width in [44, 50, 80, 100] {
                let narrow = render(&dissection, width);
                assert!(narrow.lines().all(|line| line.chars().count() <= width), "{width}: {narrow}");
            }
            // Each byte is in a field or in what is left over.
            let told: usize = (0..length)
                .filter(|byte| {
                    let fields = dissection.layers.iter().flat_map(|layer| &layer.fields);
                    fields.clone().any(|field| (field.start..field.start + field.length).contains(byte))
                })
                .count();
            assert_eq!(told, length, "of {length} bytes:\n{text}");
            assert!(length == whole.len() || text.contains("! "), "{length}: {text}");
        }
    }

    #[test]
    fn padding_is_told_from_what_is_carried() {
        let mut frame = echo();
        frame.resize(60, 0);
        let dissection = dissect(&frame);
        assert_eq!(names(&dissection), ["Ethernet", "IPv4", "ICMP", "Echo data", "Padding"]);
        assert!(value(&dissection, "icmp.checksum").ends_with("(correct)"));
    }
}
