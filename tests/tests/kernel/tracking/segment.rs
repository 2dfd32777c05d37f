//! Segments of TCP written in a line: `> S. 500 ack 101 win 1000 ws 7 sack`, `< P. 1 ack 1 win 9 len 10`.

use libtest_mimic::Failed;
use std::net::Ipv4Addr;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::wire::checksum::transport_checksum;
use vethlab_shared::wire::ipv4::{self, protocol};
use vethlab_shared::wire::tcp::{self, Options, flag};
use vethlab_shared::wire::{Tcp, ethernet};

/// An end of a conversation.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub(super) address: Ipv4Addr,
    pub(super) port: u16,
    pub(super) mac: MacAddress,
    /// The Ethernet address of the router on its side.
    pub(super) router: MacAddress,
}

/// Whether a line is one from the left.
pub(super) fn is_from_left(line: &str) -> bool {
    line.starts_with('>')
}

/// The frame that a line means, as the sender gives it to the router.
pub(super) fn frame(line: &str, sender: &End, receiver: &End) -> Result<Vec<u8>, Failed> {
    let mut words = line.split(' ').skip(1);
    let letters = words.next().ok_or("a segment without flags")?;
    let mut number = |what: &str| -> Result<u32, Failed> {
        let word = words.next().ok_or_else(|| format!("{line}: {what} is missing"))?;
        Ok(word.parse().map_err(|_| format!("{line}: {what} is {word}"))?)
    };
    let mut header = tcp::Header {
        source: sender.port,
        destination: receiver.port,
        flags: letters.chars().map(letter).fold(0, |flags, bit| flags | bit),
        sequence: number("the number")?,
        ..tcp::Header::default()
    };
    let (mut options, mut data) = (Options::default(), 0);
    let rest: Vec<&str> = line.split(' ').skip(3).collect();
    let mut rest = rest.into_iter();
    while let Some(name) = rest.next() {
        if name == "sack" {
            options.sack_permitted = true;
            continue;
        }
        let value = rest.next().ok_or_else(|| format!("{line}: {name} without a value"))?;
        let value: u32 = value.parse().map_err(|_| format!("{line}: {name} {value}"))?;
        match name {
            "ack" => header.acknowledgement = value,
            "win" => header.window = value as u16,
            "ws" => options.window_scale = Some(value as u8),
            "block" => options.sack.push((value, value + 10)),
            "len" => data = value as usize,
            other => return Err(format!("{line}: {other}").into()),
        }
    }
    let mut segment = header.bytes(&options.bytes());
    segment.resize(segment.len() + data, b'x');
    let checksum = transport_checksum(sender.address, receiver.address, protocol::TCP, &segment);
    tcp::set_checksum(&mut segment, checksum);
    let length = ipv4::HEADER_LENGTH + segment.len();
    let mut frame = vec![0; ethernet::HEADER_LENGTH + length];
    ethernet::write(&mut frame, sender.router, sender.mac, ethernet::ethertype::IPV4);
    let packet = &mut frame[ethernet::HEADER_LENGTH..];
    packet[ipv4::HEADER_LENGTH..].copy_from_slice(&segment);
    ipv4::Header {
        tos: 0,
        total_length: length as u16,
        identification: 1,
        fragment: 0,
        time_to_live: 64,
        protocol: protocol::TCP,
        source: sender.address,
        destination: receiver.address,
    }
    .write(packet);
    Ok(frame)
}

fn letter(letter: char) -> u8 {
    match letter {
        'S' => flag::SYN,
        'F' => flag::FIN,
        'R' => flag::RST,
        'P' => flag::PSH,
        'U' => flag::URG,
        '.' => flag::ACK,
        _ => 0,
    }
}

/// Whether a frame carries a segment with this number from this port.
pub(super) fn is_it(frame: &[u8], sent: &[u8]) -> bool {
    let segment = |bytes: &'_ [u8]| {
        let packet = vethlab_shared::wire::Frame::new(bytes)?.ipv4()?;
        let segment = Tcp::new(packet.payload())?;
        Some((segment.source(), segment.sequence(), segment.flags(), segment.data().len()))
    };
    segment(frame).is_some() && segment(frame) == segment(sent)
}
