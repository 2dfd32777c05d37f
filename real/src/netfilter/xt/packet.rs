//! Ports, types, lengths and the like of a packet.

use super::structure::{Reader, Writer};
use vethlab_shared::netfilter::{IcmpMatch, Match, MultiportMatch, PortSide, PortSpan, TcpMatch, UdpMatch};

/// `struct xt_tcp`.
pub(super) const TCP: usize = 12;
/// `struct xt_udp`.
pub(super) const UDP: usize = 10;
/// `struct ipt_icmp`.
pub(super) const ICMP: usize = 4;
/// `struct xt_multiport_v1`.
pub(super) const MULTIPORT: usize = 48;
/// `struct xt_comment_info`.
pub(super) const COMMENT: usize = 256;
/// `struct xt_pkttype_info`.
pub(super) const PKTTYPE: usize = 8;
/// `struct ipt_ttl_info`.
pub(super) const TTL: usize = 2;
/// `struct xt_length_info`.
pub(super) const LENGTH: usize = 6;
/// `struct xt_statistic_info`, with a pointer of the kernel's.
pub(super) const STATISTIC: usize = 24;

/// `XT_MULTI_PORTS`.
const MOST_PORTS: usize = 15;
/// In the kernel's order (`enum xt_multiport_flags`).
const SIDES: [PortSide; 3] = [PortSide::Source, PortSide::Destination, PortSide::Either];
/// `XT_STATISTIC_MODE_RANDOM`.
const RANDOM: u16 = 0;
/// `XT_STATISTIC_MODE_NTH`.
const NTH: u16 = 1;

pub(super) fn tcp(tcp: &TcpMatch) -> Vec<u8> {
    ports(tcp.source, tcp.destination).u8(tcp.option).u8(tcp.flag_mask).u8(tcp.flags).u8(tcp.invert).end(TCP)
}

pub(super) fn read_tcp(mut reader: Reader<'_>) -> Match {
    let (source, destination) = (reader.pair(), reader.pair());
    let [option, flag_mask, flags, invert] = reader.array();
    Match::Tcp(TcpMatch { source, destination, option, flag_mask, flags, invert })
}

pub(super) fn udp(udp: &UdpMatch) -> Vec<u8> {
    ports(udp.source, udp.destination).u8(udp.invert).end(UDP)
}

pub(super) fn read_udp(mut reader: Reader<'_>) -> Match {
    Match::Udp(UdpMatch { source: reader.pair(), destination: reader.pair(), invert: reader.u8() })
}

fn ports(source: (u16, u16), destination: (u16, u16)) -> Writer {
    Writer::default().u16(source.0).u16(source.1).u16(destination.0).u16(destination.1)
}

pub(super) fn icmp(icmp: &IcmpMatch) -> Vec<u8> {
    let IcmpMatch { kind, first_code, last_code, invert } = *icmp;
    Writer::default().bytes(&[kind, first_code, last_code, invert.into()]).end(ICMP)
}

pub(super) fn read_icmp(mut reader: Reader<'_>) -> Match {
    let [kind, first_code, last_code, invert] = reader.array();
    Match::Icmp(IcmpMatch { kind, first_code, last_code, invert: invert != 0 })
}

pub(super) fn multiport(multiport: &MultiportMatch) -> Vec<u8> {
    let mut ports = [0; MOST_PORTS];
    let mut spans = [0; MOST_PORTS];
    let mut count = 0;
    for PortSpan { first, last } in &multiport.ports {
        for (port, begins_span) in [Some((*first, last.is_some())), last.map(|last| (last, false))]
            .into_iter()
            .flatten()
            .take(MOST_PORTS - count)
        {
            ports[count] = port;
            spans[count] = u8::from(begins_span);
            count += 1;
        }
    }
    let side = SIDES.iter().position(|side| *side == multiport.side).unwrap_or_default();
    let writer = Writer::default().u8(side as u8).u8(count as u8);
    let writer = ports.into_iter().fold(writer, Writer::u16);
    writer.bytes(&spans).u8(multiport.invert.into()).end(MULTIPORT)
}

pub(super) fn read_multiport(mut reader: Reader<'_>) -> Option<Match> {
    let side = *SIDES.get(usize::from(reader.u8()))?;
    let count = usize::from(reader.u8()).min(MOST_PORTS);
    let numbers = [(); MOST_PORTS].map(|()| reader.u16());
    let begins_span: [u8; MOST_PORTS] = reader.array();
    let mut ports = Vec::new();
    let mut place = 0;
    while place < count {
        let last = (begins_span[place] != 0).then(|| numbers.get(place + 1).copied().unwrap_or_default());
        ports.push(PortSpan { first: numbers[place], last });
        place += if last.is_some() { 2 } else { 1 };
    }
    Some(Match::Multiport(MultiportMatch { side, ports, invert: reader.u8() != 0 }))
}

pub(super) fn comment(text: &str) -> Vec<u8> {
    Writer::default().text(text, COMMENT).end(COMMENT)
}

pub(super) fn read_comment(mut reader: Reader<'_>) -> Option<Match> {
    reader.text::<COMMENT>().map(Match::Comment)
}

pub(super) fn pkttype(kind: u32, invert: bool) -> Vec<u8> {
    Writer::default().u32(kind).u32(invert.into()).end(PKTTYPE)
}

pub(super) fn read_pkttype(mut reader: Reader<'_>) -> Match {
    Match::Pkttype { kind: reader.u32(), invert: reader.u32() != 0 }
}

pub(super) fn ttl(mode: u8, value: u8) -> Vec<u8> {
    Writer::default().u8(mode).u8(value).end(TTL)
}

pub(super) fn read_ttl(mut reader: Reader<'_>) -> Match {
    Match::Ttl { mode: reader.u8(), value: reader.u8() }
}

pub(super) fn length(min: u16, max: u16, invert: bool) -> Vec<u8> {
    Writer::default().u16(min).u16(max).u8(invert.into()).end(LENGTH)
}

pub(super) fn read_length(mut reader: Reader<'_>) -> Match {
    Match::Length { min: reader.u16(), max: reader.u16(), invert: reader.u8() != 0 }
}

pub(super) fn nth(every: u32, packet: u32, count: u32, invert: bool) -> Vec<u8> {
    Writer::default().u16(NTH).u16(invert.into()).u32(every).u32(packet).u32(count).end(STATISTIC)
}

/// `statistic_check` of `iptables` fills the field of the other mode's count here too.
pub(super) fn random(probability: u32, invert: bool) -> Vec<u8> {
    let writer = Writer::default().u16(RANDOM).u16(invert.into());
    writer.u32(probability).u32(0).u32(probability).end(STATISTIC)
}

pub(super) fn read_statistic(mut reader: Reader<'_>) -> Option<Match> {
    let (mode, invert) = (reader.u16(), reader.u16() != 0);
    let [first, packet, count] = [(); 3].map(|()| reader.u32());
    Some(match mode {
        RANDOM => Match::StatisticRandom { probability: first, invert },
        NTH => Match::StatisticNth { every: first, packet, count, invert },
        _ => return None,
    })
}
