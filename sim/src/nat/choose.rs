//! Which address and port a connection gets (`get_unique_tuple` in `net/netfilter/nf_nat_core.c`).

use super::rewrite::End;
use crate::conntrack::{Connection, Connections, Status, Tuple};
use std::net::Ipv4Addr;
use vethlab_shared::netfilter::{NatFlags, NatRange};
use vethlab_shared::time::Instant;
use vethlab_shared::wire::ipv4::protocol;

/// How many ports are tried in a row before another place is tried (`NF_NAT_MAX_ATTEMPTS`), and the least.
const MOST_ATTEMPTS: u32 = 128;
const LEAST_ATTEMPTS: u32 = 16;

const RANDOM: NatFlags = NatFlags::PROTO_RANDOM.union(NatFlags::PROTO_RANDOM_FULLY);

/// What is chosen from, and what is taken already.
pub(crate) struct Chooser<'a> {
    pub(crate) connections: &'a Connections,
    pub(crate) now: Instant,
    pub(crate) random: &'a mut dyn FnMut() -> u32,
}

impl Chooser<'_> {
    /// Translates one end of a connection that is not known to others yet (`nf_nat_setup_info`).
    pub(crate) fn set_up(&mut self, connection: &mut Connection, range: &NatRange, end: End) {
        if connection.status.contains(Status::CONFIRMED) {
            return;
        }
        let Some(current) = connection.reply.inverse() else { return };
        let chosen = self.choose(&current, range, end);
        if chosen != current
            && let Some(reply) = chosen.inverse()
        {
            connection.reply = reply;
            connection.status |= match end {
                End::Source => Status::SRC_NAT,
                End::Destination => Status::DST_NAT,
            };
        }
        connection.status |= done(end);
    }

    /// Whether answers to this tuple belong to another connection (`nf_nat_used_tuple`).
    fn is_taken(&self, tuple: &Tuple) -> bool {
        tuple.inverse().is_none_or(|reply| self.connections.find(&reply, self.now).is_some())
    }

    fn choose(&mut self, original: &Tuple, range: &NatRange, end: End) -> Tuple {
        let random = range.flags.intersects(RANDOM);
        if end == End::Source && !random {
            if in_range(original, range) {
                if !self.is_taken(original) {
                    return *original;
                }
            } else if let Some(same) = self.as_others_of_this_source(original, range)
                && !self.is_taken(&same)
            {
                return same;
            }
        }
        let mut tuple = *original;
        choose_address(&mut tuple, range, end);
        if !random {
            let free = match range.flags.contains(NatFlags::PROTO_SPECIFIED) {
                true => {
                    !range.flags.contains(NatFlags::PROTO_OFFSET)
                        && port_in_range(&tuple, range, end)
                        && (range.first_port == range.last_port || !self.is_taken(&tuple))
                }
                false => !self.is_taken(&tuple),
            };
            if free {
                return tuple;
            }
        }
        self.choose_port(&mut tuple, range, end);
        tuple
    }

    /// The translation that another connection of the same source has, where it is within the range
    /// (`find_appropriate_src`).
    fn as_others_of_this_source(&self, original: &Tuple, range: &NatRange) -> Option<Tuple> {
        let others = self.connections.of_source(original, self.now);
        others.into_iter().find_map(|other| {
            let translated = other.reply.inverse()?;
            let tuple = Tuple { source: translated.source, from: translated.from, ..*original };
            in_range(&tuple, range).then_some(tuple)
        })
    }

    /// A port that makes the tuple one of its own (`nf_nat_l4proto_unique_tuple`).
    fn choose_port(&mut self, tuple: &mut Tuple, range: &NatRange, end: End) {
        let current = port(tuple, end);
        let (first, size) = match tuple.protocol {
            _ if range.flags.contains(NatFlags::PROTO_SPECIFIED) => {
                let (low, high) =
                    (range.first_port.min(range.last_port), range.first_port.max(range.last_port));
                (u32::from(low), u32::from(high - low) + 1)
            }
            protocol::ICMP => (0, 0x1_0000),
            protocol::TCP | protocol::UDP if end == End::Source => match current {
                0..512 => (1, 511),
                512..1024 => (600, 424),
                1024.. => (1024, 0x1_0000 - 1024),
            },
            _ => return,
        };
        let mut offset = match range.flags.contains(NatFlags::PROTO_OFFSET) {
            true => u32::from(current.wrapping_sub(range.base_port)),
            false if end == End::Source || range.flags.intersects(RANDOM) => (self.random)() & 0xffff,
            false => 0,
        };
        let mut attempts = size.min(MOST_ATTEMPTS);
        loop {
            for _ in 0..attempts {
                let next = (first + offset % size) as u16;
                set_port(tuple, end, next);
                if !self.is_taken(tuple) {
                    return;
                }
                offset = offset.wrapping_add(1) & 0xffff;
            }
            if attempts >= size || attempts < LEAST_ATTEMPTS {
                return;
            }
            attempts /= 2;
            offset = (self.random)() & 0xffff;
        }
    }
}

/// What says that an end was decided on.
pub(super) fn done(end: End) -> Status {
    match end {
        End::Source => Status::SRC_NAT_DONE,
        End::Destination => Status::DST_NAT_DONE,
    }
}

/// Whether the source of a tuple is within a range (`in_range`).
fn in_range(tuple: &Tuple, range: &NatRange) -> bool {
    let address =
        !range.flags.contains(NatFlags::MAP_IPS) || (range.first..=range.last).contains(&tuple.source);
    let ports = !range.flags.contains(NatFlags::PROTO_SPECIFIED) || port_in_range(tuple, range, End::Source);
    address && ports
}

/// Whether the end's port is within a range (`l4proto_in_range`).
fn port_in_range(tuple: &Tuple, range: &NatRange, end: End) -> bool {
    match tuple.protocol {
        protocol::ICMP | protocol::TCP | protocol::UDP => {
            (range.first_port..=range.last_port).contains(&port(tuple, end))
        }
        _ => true,
    }
}

/// The port of an end; an identifier of ICMP is the same at both.
pub(super) fn port(tuple: &Tuple, end: End) -> u16 {
    match end {
        End::Destination if tuple.protocol != protocol::ICMP => tuple.to,
        _ => tuple.from,
    }
}

fn set_port(tuple: &mut Tuple, end: End, port: u16) {
    match end {
        End::Destination if tuple.protocol != protocol::ICMP => tuple.to = port,
        _ => tuple.from = port,
    }
}

/// The address (`find_best_ips_proto`): of several the one that both addresses lead to, so that a server sees a client come
/// from the same one each time.
fn choose_address(tuple: &mut Tuple, range: &NatRange, end: End) {
    if !range.flags.contains(NatFlags::MAP_IPS) {
        return;
    }
    let count = u64::from(range.last.to_bits().saturating_sub(range.first.to_bits())) + 1;
    let beside = match range.flags.contains(NatFlags::PERSISTENT) {
        true => 0,
        false => tuple.destination.to_bits(),
    };
    let chosen = match count {
        1 => range.first,
        _ => {
            // The kernel hashes `__be32` as little-endian machines hold it.
            let hash = jhash_word(tuple.source.to_bits().swap_bytes(), beside.swap_bytes());
            Ipv4Addr::from_bits(range.first.to_bits() + ((u64::from(hash) * count) >> 32) as u32)
        }
    };
    match end {
        End::Source => tuple.source = chosen,
        End::Destination => tuple.destination = chosen,
    }
}

/// `jhash2` over the four words of an address of which only the first is set, with a first value (`linux/jhash.h`).
fn jhash_word(word: u32, initial: u32) -> u32 {
    const START: u32 = 0xdead_beef + (4 << 2);
    let begin = START.wrapping_add(initial);
    // Four words: a block of three, then the last one, which is 0.
    let (mut a, mut b, mut c) = (begin.wrapping_add(word), begin, begin);
    let step = |x: &mut u32, y: u32, z: &mut u32, bits: u32| {
        *x = x.wrapping_sub(*z) ^ z.rotate_left(bits);
        *z = z.wrapping_add(y);
    };
    step(&mut a, b, &mut c, 4);
    step(&mut b, c, &mut a, 6);
    step(&mut c, a, &mut b, 8);
    step(&mut a, b, &mut c, 16);
    step(&mut b, c, &mut a, 19);
    step(&mut c, a, &mut b, 4);
    // `__jhash_final`.
    let steps: [(u32, u32); 7] = [(14, 0), (11, 1), (25, 2), (16, 0), (4, 1), (14, 2), (24, 0)];
    for (bits, which) in steps {
        match which {
            0 => c = (c ^ b).wrapping_sub(b.rotate_left(bits)),
            1 => a = (a ^ c).wrapping_sub(c.rotate_left(bits)),
            _ => b = (b ^ a).wrapping_sub(a.rotate_left(bits)),
        }
    }
    c
}
