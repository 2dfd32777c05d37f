//! What packets of one connection have in common, in one direction (`struct nf_conntrack_tuple`).

use std::net::Ipv4Addr;
use vethlab_shared::wire::Ipv4;
use vethlab_shared::wire::icmp::kind::{ECHO_REPLY, ECHO_REQUEST};
use vethlab_shared::wire::ipv4::protocol;

/// Both addresses, the protocol, and what it tells apart: ports, or for ICMP the identifier with type and code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Tuple {
    pub(crate) source: Ipv4Addr,
    pub(crate) destination: Ipv4Addr,
    pub(crate) protocol: u8,
    /// The source port, or the identifier of an ICMP message.
    pub(crate) from: u16,
    /// The destination port, or type and code of an ICMP message, one byte each.
    pub(crate) to: u16,
}

/// The types of ICMP messages that ask, and those that answer (`invmap` in `nf_conntrack_proto_icmp.c`): echo, time stamp,
/// information, address mask.
const ICMP_PAIRS: [(u8, u8); 4] = [(ECHO_REQUEST, ECHO_REPLY), (13, 14), (15, 16), (17, 18)];

/// Whether a type of ICMP message asks for an answer.
pub(super) fn asks(kind: u8) -> bool {
    ICMP_PAIRS.iter().any(|(asks, _)| *asks == kind)
}

impl Tuple {
    /// That of a packet, where it is no later piece and its protocol's header is there (`nf_ct_get_tuple`).
    pub(crate) fn of(packet: &[u8]) -> Option<Tuple> {
        let header = Ipv4::new(packet).filter(|header| header.fragment_offset() == 0)?;
        let payload = packet.get(header.header_length()..)?;
        let words = |at: usize| Some(u16::from_be_bytes([*payload.get(at)?, *payload.get(at + 1)?]));
        let (from, to) = match header.protocol() {
            protocol::ICMP => (words(4)?, words(0)?),
            protocol::TCP | protocol::UDP => {
                // Of an inner header only the first eight bytes may be there.
                words(6)?;
                (words(0)?, words(2)?)
            }
            _ => (0, 0),
        };
        Some(Tuple {
            source: header.source(),
            destination: header.destination(),
            protocol: header.protocol(),
            from,
            to,
        })
    }

    /// That of an answer (`nf_ct_invert_tuple`); `None` where there is none to such a message.
    pub(crate) fn inverse(&self) -> Option<Tuple> {
        let (from, to) = match self.protocol {
            protocol::ICMP => {
                let [kind, code] = self.to.to_be_bytes();
                let answer = ICMP_PAIRS.iter().find_map(|&(asks, answers)| match kind {
                    _ if kind == asks => Some(answers),
                    _ if kind == answers => Some(asks),
                    _ => None,
                });
                (self.from, u16::from_be_bytes([answer?, code]))
            }
            _ => (self.to, self.from),
        };
        Some(Tuple { source: self.destination, destination: self.source, protocol: self.protocol, from, to })
    }

    /// The same on every machine.
    pub(super) fn hash(&self) -> u64 {
        let addresses = u64::from(self.source.to_bits()) << 32 | u64::from(self.destination.to_bits());
        let rest = u64::from(self.from) << 32 | u64::from(self.to) << 16 | u64::from(self.protocol);
        mix(addresses ^ mix(rest))
    }

    /// What of it is looked at to find others from the same source (`hash_by_src`).
    pub(super) fn source_hash(&self) -> u64 {
        let rest = u64::from(self.from) << 8 | u64::from(self.protocol);
        mix(u64::from(self.source.to_bits()) << 32 ^ mix(rest))
    }

    /// Whether another one comes from the same source (`same_src`).
    pub(super) fn has_source_of(&self, other: &Tuple) -> bool {
        (self.source, self.from, self.protocol) == (other.source, other.from, other.protocol)
    }
}

/// Spreads numbers over all bits (the finalizer of `SplitMix64`).
pub(super) fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
