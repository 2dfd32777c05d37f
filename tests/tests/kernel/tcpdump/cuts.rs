//! Frames of every kind, cut behind every byte: what was still read, whether tcpdump saw the cut before it read on, and
//! so from where on it shows the bytes.

use super::frames::{ethernet, icmp, ipv4, ipv4_with_options, tcp, udp};
use super::{Installed, disagreement, ours};
use libtest_mimic::Failed;
use vethlab_programs::tcpdump::LinkType;
use vethlab_shared::socket::CapturedFrame;

/// Bytes of an Ethernet header. No frame that is captured on `any` is shorter.
const ETHERNET: usize = 14;

/// Ways to show each frame, of Ethernet and as it is captured on `any`, where only the header is another.
const OF_ETHERNET: &[&[&str]] = &[
    &[],
    &["-x"],
    &["-XX"],
    &["-e", "-x"],
    &["-q", "-x"],
    &["-q", "-q", "-e", "-x"],
    &["-S", "-X"],
    &["-v", "-x"],
    &["-v", "-K", "-e", "-x"],
    &["-vv", "-x"],
    &["-vv", "-e", "-X"],
];
const OF_ANY: &[&[&str]] = &[&["-x"], &["-q", "-e", "-x"], &["-vv", "-e", "-X"]];

pub(super) fn prints_frames_cut_anywhere() -> Result<(), Failed> {
    let tcpdump = Installed::new()?;
    for (link_type, shortest, ways) in
        [(LinkType::Ethernet, 1, OF_ETHERNET), (LinkType::Cooked, ETHERNET, OF_ANY)]
    {
        let frames = cut_frames(shortest);
        for options in ways {
            // Every frame has a number, so that one that differs can be told from the others.
            let words = ["-n", "-t", "-#"].iter().chain(*options).map(|word| (*word).to_owned());
            let words: Vec<String> = words.collect();
            let expected = tcpdump.print(&words, link_type, &frames)?;
            let found = ours(&words, link_type, &frames);
            if expected != found {
                return Err(first_difference(&words, link_type, &frames, &expected, &found).into());
            }
        }
        println!("{} frames on {link_type:?}, shown in {} ways", frames.len(), ways.len());
    }
    Ok(())
}

/// How many of the frames differ, and the first of them.
fn first_difference(
    words: &[String],
    link_type: LinkType,
    frames: &[CapturedFrame],
    expected: &Result<String, String>,
    found: &Result<String, String>,
) -> String {
    let (Ok(of_tcpdump), Ok(of_vethlab)) = (expected, found) else {
        return disagreement(words, link_type, &[], expected, found);
    };
    let (of_tcpdump, of_vethlab) = (by_frame(of_tcpdump), by_frame(of_vethlab));
    let shown = frames.iter().zip(of_tcpdump).zip(of_vethlab);
    let mut differing = shown.filter(|((_, expected), found)| expected != found);
    match differing.next() {
        Some(((frame, expected), found)) => {
            let first =
                disagreement(words, link_type, std::slice::from_ref(frame), &Ok(expected), &Ok(found));
            format!("{} of {} frames differ, first of all\n{first}", 1 + differing.count(), frames.len())
        }
        None => format!("{words:?}: one printed more than the other"),
    }
}

/// What was printed of each frame, of which the first line begins with its number.
fn by_frame(text: &str) -> Vec<String> {
    let mut frames: Vec<String> = Vec::new();
    for line in text.split_inclusive('\n') {
        let begins = line.starts_with(&format!("{:5}  ", frames.len() + 1));
        match frames.last_mut() {
            Some(frame) if !begins => *frame += line,
            _ => frames.push(line.to_owned()),
        }
    }
    frames
}

/// Every frame cut behind every byte from the shortest on, and whole.
fn cut_frames(shortest: usize) -> Vec<CapturedFrame> {
    let packets = packets().into_iter().chain(texts()).map(|packet| (0x0800, packet));
    (arps().into_iter().chain(packets).chain(unknown()))
        .flat_map(|(kind, payload)| {
            let frame = ethernet([2, 0, 0, 0, 0, 1], kind, payload).into_captured();
            (shortest..=frame.bytes.len()).map(move |length| {
                let bytes = frame.bytes[..length].to_vec();
                CapturedFrame { bytes, ..frame.clone() }
            })
        })
        .collect()
}

/// What nothing is known of.
fn unknown() -> Vec<(u16, Vec<u8>)> {
    [0x88b5, 0x6007, 0x0600, 0x4321].map(|kind| (kind, (0..20).collect())).to_vec()
}

/// ARP and RARP of every operation, and such as have other addresses than those of Ethernet and IPv4.
fn arps() -> Vec<(u16, Vec<u8>)> {
    let message = |hardware: u8, protocol: u16, lengths: [u8; 2], operation: u8, target: u8| {
        let mut bytes = vec![0, hardware];
        bytes.extend(protocol.to_be_bytes());
        bytes.extend(lengths);
        bytes.extend([0, operation]);
        let [hardware, protocol] = lengths.map(usize::from);
        bytes.extend(vec![2; hardware]);
        bytes.extend(&[10, 0, 0, 2, 0, 0, 0, 0][..protocol]);
        bytes.extend(vec![target; hardware]);
        bytes.extend(&[10, 0, 0, 1, 0, 0, 0, 0][..protocol]);
        bytes
    };
    let mut messages = Vec::new();
    for operation in 1..12 {
        for kind in [0x0806, 0x8035] {
            messages.push((kind, message(1, 0x0800, [6, 4], operation, 0)));
        }
        messages.push((0x0806, message(1, 0x0800, [6, 4], operation, 2)));
        messages.push((0x0806, message(6, 0x1000, [8, 4], operation, 2)));
        messages.push((0x0806, message(1, 0x0800, [0, 4], operation, 2)));
        messages.push((0x0806, message(1, 0x0800, [6, 8], operation, 2)));
        messages.push((0x0806, message(1, 0x1234, [6, 4], operation, 2)));
    }
    messages
}

/// Packets of IPv4 with every header and every payload.
fn packets() -> Vec<Vec<u8>> {
    let (here, there) = ([10, 0, 0, 1], [10, 0, 0, 2]);
    let packet = |protocol, payload: &[u8]| ipv4(here, there, protocol, 0x4000, 0, payload);
    let echo = icmp(&[8, 0, 0, 0, 0, 1, 0, 1], 5);
    let mut packets: Vec<Vec<u8>> = messages().iter().map(|message| packet(1, message)).collect();
    packets.extend(datagrams().iter().map(|datagram| packet(17, datagram)));
    packets.extend(segments().iter().map(|segment| packet(6, segment)));
    packets.extend([0, 3, 58, 59, 61, 143, 200, 255].map(|protocol| packet(protocol, &[1; 9])));
    for fragment in [0x2000, 0x00b9, 0x20b9, 0x8000] {
        for (protocol, payload) in [(1, &echo), (17, &udp(7, 33434, 5)), (6, &tcp(7, 50000, 0x18, 6, 5))] {
            packets.push(ipv4(here, there, protocol, fragment, 1, payload));
        }
    }
    let options: [&[u8]; 8] = [
        &[148, 4, 0, 0],
        &[148, 4, 0, 1],
        &[1, 1, 1, 0],
        &[1, 148, 4, 0, 0, 0, 0, 0],
        &[130, 4, 0, 0, 1, 99, 6, 0, 0, 0, 0, 1],
        &[130, 40, 0, 0],
        &[148, 3, 0, 0],
        &[99, 1, 0, 0],
    ];
    for options in options {
        packets.push(ipv4_with_options(options, 1, &echo));
        packets.push(ipv4_with_options(options, 17, &udp(7, 33434, 5)));
        packets.push(ipv4_with_options(options, 6, &tcp(7, 50000, 0x18, 6, 5)));
        packets.push(ipv4_with_options(options, 200, &[1; 5]));
    }
    // Versions and header lengths, total lengths, checksums, and what the link puts behind a packet.
    let spoilt = |at: usize, byte: u8| {
        let mut packet = packet(1, &echo);
        packet[at] = byte;
        packet
    };
    packets.extend([0x44, 0x47, 0x4f, 0x55, 0x65].map(|first| spoilt(0, first)));
    packets.extend([0, 19, 20, 24, 28, 100].map(|total| spoilt(3, total)));
    packets.extend([spoilt(8, 0), spoilt(10, 1), spoilt(22, 1)]);
    let mut padded = packet(17, &udp(7, 33434, 5));
    padded.extend([0; 6]);
    packets.push(padded);
    packets
}

/// Segments to the ports of protocols of text, with nothing behind the header.
fn texts() -> Vec<Vec<u8>> {
    let texts = [21, 25, 43, 80, 554, 8080, 8554].into_iter().flat_map(|port| [(port, 50000), (50000, port)]);
    let mixed = [(80, 25), (21, 80), (554, 43)];
    texts
        .chain(mixed)
        .map(|(from, to)| {
            let segment = tcp(from, to, 0x18, 5, 9);
            let mut packet = ipv4([10, 0, 0, 1], [10, 0, 0, 2], 6, 0x4000, 0, &segment);
            packet.truncate(packet.len() - 9);
            packet
        })
        .collect()
}

/// ICMP of every type, and the errors with every quotation.
fn messages() -> Vec<Vec<u8>> {
    let (here, there) = ([10, 0, 0, 1], [10, 0, 0, 3]);
    let mut messages = Vec::new();
    // What a router advertises is not modelled.
    for kind in (0..20).filter(|kind| *kind != 9) {
        for code in 0..2 {
            messages.push(icmp(&[kind, code, 0, 0, 0, 1, 0, 2], 16));
        }
    }
    let quotations = [
        ipv4(here, there, 17, 0, 0, &udp(1024, 33434, 3)),
        ipv4(here, there, 6, 0, 0, &tcp(7, 50000, 2, 5, 0)),
        ipv4(here, there, 6, 0, 0, &tcp(7, 50000, 2, 6, 0)),
        ipv4(here, there, 1, 0x4000, 0, &icmp(&[8, 0, 0, 0, 0, 7, 0, 9], 8)),
        ipv4(here, there, 200, 0, 0, &[1; 8]),
        ipv4(here, there, 17, 0x2000, 0, &udp(1024, 33434, 3)),
        ipv4_with_options(&[148, 4, 0, 0], 17, &udp(1024, 33434, 3)),
    ];
    let errors = [(3, 17), (4, 2), (5, 5), (11, 3), (12, 2)];
    for (kind, codes) in errors {
        let about =
            |code: u8, quotation: &[u8]| icmp(&[&[kind, code, 0, 0, 0, 0, 5, 0xdc], quotation].concat(), 0);
        messages.extend((0..codes).map(|code| about(code, &quotations[0])));
        // Only the third code reads from the quotation what depends on its protocol.
        messages.extend(quotations.iter().map(|quotation| about(3, quotation)));
    }
    let long = ipv4(here, there, 17, 0, 0, &udp(1024, 33434, 150));
    messages.push(icmp(&[&[3, 3, 0, 0, 0, 0, 0, 0], long.as_slice()].concat(), 0));
    messages
}

fn datagrams() -> Vec<Vec<u8>> {
    let mut unsummed = udp(7, 33434, 5);
    unsummed[6..8].fill(0);
    let said = |length: u8| {
        let mut datagram = udp(7, 33434, 5);
        datagram[5] = length;
        datagram
    };
    vec![
        udp(7, 33434, 0),
        udp(33434, 7, 5),
        unsummed,
        said(0),
        said(7),
        said(9),
        said(40),
        vec![0, 7, 0, 8, 0],
    ]
}

fn segments() -> Vec<Vec<u8>> {
    let mut segments = Vec::new();
    for flags in [0, 0x02, 0x12, 0x18, 0x14, 0xf1] {
        for words in 5..9 {
            for size in [0, 5] {
                segments.push(tcp(7, 50000, flags, words, size));
            }
        }
    }
    for header in [0x40, 0x60, 0xf0] {
        let mut segment = tcp(50000, 7, 0x18, 5, 0);
        segment[12] = header;
        segments.push(segment);
    }
    let options: [&[u8]; 8] = [
        &[99, 2, 1, 1],
        &[2, 3, 1, 0],
        &[3, 4, 1, 0],
        &[2, 9, 1, 0],
        &[99, 4, 1, 2],
        &[99, 1, 0, 0],
        &[0, 1, 1, 1],
        &[5, 4, 1, 1],
    ];
    for options in options {
        let mut segment = tcp(50000, 7, 0x18, 5, 5);
        segment[12] = 0x60;
        segment.splice(20..20, options.iter().copied());
        segments.push(segment);
    }
    let blocks = [1, 1, 5, 18, 0, 0, 1, 5, 0, 0, 1, 15, 0, 0, 2, 1, 0xff, 0xff, 0xff, 0xff];
    segments.push(super::frames::segment((7, 50000), 0x10, &blocks, &[]));
    segments.push(super::frames::segment((7, 50000), 0x10, &[13, 6, 0, 0, 1, 9, 1, 1], b"x"));
    let page = b"HTTP/1.1 200 OK\r\nHost: a\r\n\r\nno end";
    segments.extend([80, 21].map(|port| super::frames::segment((port, 50000), 0x18, &[], page)));
    segments
}
