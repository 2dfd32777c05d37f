//! Random command lines over random frames.

use super::frames::{Frame, ethernet, icmp, ipv4, segment, tcp, udp};
use super::{Installed, disagreement, ours};
use libtest_mimic::Failed;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use std::cell::Cell;
use std::env;
use vethlab_programs::tcpdump::LinkType;
use vethlab_shared::socket::CapturedFrame;
use vethlab_shared::time::Instant;
use vethlab_tests::randomness;

/// What libpcap's optimiser says where it sees that no frame can pass. Here such a filter just lets none through.
const REJECTS_ALL: &str = "tcpdump: expression rejects all packets\n";

pub(super) fn prints_the_same_lines() -> Result<(), Failed> {
    let cases = env::var("VETHLAB_TCPDUMP_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(500);
    let tcpdump = Installed::new()?;
    let mut runner = TestRunner::new(Config { max_shrink_iters: 2000, ..randomness::config(cases) });
    let (chosen, refused) = (Cell::new(0), Cell::new(0));
    let outcome = runner.run(&(link_types(), options(), filters_and_frames()), |case| {
        let (link_type, options, (filter, frames)) = case;
        let words: Vec<String> = options.into_iter().chain([filter]).collect();
        let expected = tcpdump
            .print(&words, link_type, &frames)
            .map_err(|error| TestCaseError::fail(error.message().unwrap_or_default().to_owned()))?;
        let found = ours(&words, link_type, &frames);
        match (&expected, &found) {
            // Each says it in its own way; that neither takes it is what counts here.
            (Err(error), Ok(text)) if error == REJECTS_ALL && text.is_empty() => {}
            // These say so: a number behind `ether proto` that is a length, and Ethernet headers on `any`.
            (_, Err(error))
                if error.contains("not modelled")
                    && (error.contains("ether proto") || link_type == LinkType::Cooked) => {}
            (Err(_), Err(_)) => refused.set(refused.get() + 1),
            _ => {
                chosen.set(chosen.get() + expected.as_ref().map_or(0, |text| text.lines().count()));
                prop_assert_eq!(&expected, &found, "tcpdump {:?}", words);
            }
        }
        Ok(())
    });
    let (chosen, refused) = (chosen.get(), refused.get());
    println!("{cases} command lines, {chosen} lines printed, {refused} filters refused by both");
    match outcome {
        Ok(()) if chosen < cases as usize => Err("hardly a frame was chosen: this proves nothing".into()),
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, (link_type, options, (filter, frames)))) => {
            let words: Vec<String> = options.into_iter().chain([filter]).collect();
            let expected = tcpdump.print(&words, link_type, &frames)?;
            let found = ours(&words, link_type, &frames);
            Err(format!("{reason}\n{}", disagreement(&words, link_type, &frames, &expected, &found)).into())
        }
        Err(error) => Err(error.into()),
    }
}

fn link_types() -> impl Strategy<Value = LinkType> {
    select(vec![LinkType::Ethernet, LinkType::Ethernet, LinkType::Cooked])
}

/// Options that change what is printed.
fn options() -> impl Strategy<Value = Vec<String>> {
    let some = prop::collection::vec(
        select(vec![
            "-e", "-v", "-vv", "-q", "-t", "-tt", "-ttt", "-tttt", "-ttttt", "-x", "-X", "-xx", "-XX", "-S",
            "-#", "-K", "-ne",
        ]),
        0..3,
    );
    // Nearly always numbers: asking a resolver takes its time.
    (select(vec!["-n", "-n", "-nn"]), some).prop_map(|(numeric, others)| {
        let times = others.iter().map(|word| word.matches('t').count()).sum::<usize>();
        let others = others.iter().filter(|word| times <= 5 || !word.contains('t'));
        std::iter::once(&numeric).chain(others).map(|word| (*word).to_owned()).collect()
    })
}

fn addresses() -> impl Strategy<Value = String> {
    select(vec!["10.0.0.1", "10.0.0.2", "10.0.0", "192.168.1.1", "255.255.255.255", "localhost", "10"])
        .prop_map(str::to_owned)
}

fn filters() -> impl Strategy<Value = String> {
    let word = |words: &'static [&'static str]| select(words).prop_map(str::to_owned);
    let way = || word(&["", "", "src ", "dst ", "src or dst ", "src and dst "]);
    let primitive = prop_oneof![
        4 => word(&["arp", "icmp", "udp", "tcp", "ip", "ip6", "rarp", "broadcast", "multicast", "ether broadcast",
            "ip multicast", "ip broadcast", "igmp"]),
        3 => (word(&["", "", "ip ", "arp ", "udp "]), way(), word(&["host ", "host ", ""]), addresses())
            .prop_map(|(proto, way, kind, address)| format!("{proto}{way}{kind}{address}")),
        2 => (way(), word(&["10.0.0.0/8", "10", "10.0.0", "192.168.0.0/16", "10.0.0.0 mask 255.255.255.0", "0.0.0.0/0"]))
            .prop_map(|(way, net)| format!("{way}net {net}")),
        2 => (word(&["", "", "udp ", "tcp "]), way(), word(&["port 33434", "port 80", "port domain", "port http",
            "portrange 1-1024", "portrange 33000-34000", "port 7"])).prop_map(|(proto, way, port)| format!("{proto}{way}{port}")),
        2 => (way(), word(&["02:00:00:00:00:01", "2:0:0:0:0:2", "ff:ff:ff:ff:ff:ff"]))
            .prop_map(|(way, mac)| format!("ether {way}host {mac}").replace("  ", " ")),
        1 => word(&["proto 1", "ip proto 17", "ip proto \\icmp", "proto \\udp", "ether proto 0x806", "ether proto \\ip",
            "ip6 proto 6", "less 60", "greater 80", "len > 100", "len <= 42"]),
        2 => word(&["icmp[icmptype] == icmp-echo", "icmp[icmptype] = 3", "icmp[0] != 8", "ip[8] < 10", "ip[6:2] & 0x1fff != 0",
            "tcp[tcpflags] & (tcp-syn|tcp-ack) != 0", "ip[2:2] - 20 > 64", "arp[6:2] = 1", "ether[0] & 1 = 1",
            "udp[2:2] = 33434", "ip[ip[0] & 15] > 3", "ip[9] * 2 = 2", "1 + 2 * 3 = 7", "tcp[13] = 2"]),
    ];
    let whole = primitive.prop_recursive(3, 12, 3, move |inner| {
        let joiner = || select(vec![" and ", " or ", " && ", " || "]);
        prop_oneof![
            3 => (inner.clone(), joiner(), inner.clone()).prop_map(|(a, join, b)| format!("{a}{join}{b}")),
            2 => inner.clone().prop_map(|a| format!("not {a}")),
            1 => inner.clone().prop_map(|a| format!("!({a})")),
            2 => (inner.clone(), joiner(), addresses()).prop_map(|(a, join, b)| format!("{a}{join}{b}")),
            1 => (joiner(), addresses(), addresses(), inner.clone(), joiner())
                .prop_map(|(join, a, b, c, other)| format!("host ({a}{join}{b}){other}{c}")),
            1 => (inner.clone(), joiner(), inner).prop_map(|(a, join, b)| format!("({a}){join}({b})")),
        ]
    });
    prop_oneof![1 => Just(String::new()), 3 => whole]
}

fn hosts() -> impl Strategy<Value = [u8; 4]> {
    select(vec![
        [10, 0, 0, 1],
        [10, 0, 0, 2],
        [192, 168, 1, 1],
        [255, 255, 255, 255],
        [224, 0, 0, 1],
        [127, 0, 0, 1],
    ])
}

fn payloads() -> impl Strategy<Value = (u8, Vec<u8>)> {
    let ports = || select(vec![7u16, 80, 33434, 33999, 50000, 1024]);
    let echo = (select(vec![0u8, 8]), any::<[u8; 4]>(), 0usize..80)
        .prop_map(|(kind, [a, b, c, d], size)| (1, icmp(&[kind, 0, 0, 0, a, b, c, d], size)));
    let other = (0u8..20, 0u8..18, any::<[u8; 4]>(), 0usize..30)
        .prop_filter("router advertisements are not modelled", |(kind, ..)| *kind != 9)
        .prop_map(|(kind, code, [a, b, c, d], size)| (1, icmp(&[kind, code, 0, 0, a, b, c, d], size)));
    let error = (
        select(vec![3u8, 4, 5, 11, 12]),
        0u8..18,
        any::<u16>(),
        hosts(),
        hosts(),
        select(vec![1u8, 6, 17, 50, 89, 200]),
        8usize..80,
    )
        .prop_map(|(kind, code, rest, source, destination, protocol, size)| {
            let data: Vec<u8> = (0..size).map(|place| place as u8 | 0x80).collect();
            let protocol = if protocol == 50 || protocol == 89 { 200 } else { protocol };
            let quoted = match protocol {
                1 => ipv4(source, destination, 1, 0x4000, 0, &icmp(&[8, 0, 0, 0, 0, 7, 0, 9], size - 8)),
                17 => ipv4(source, destination, 17, 0, 0, &udp(1024, 33434, size - 8)),
                // A segment that is as long as it says.
                6 => ipv4(source, destination, 6, 0, 0, &tcp(7, 50000, 2, 5, size)),
                _ => ipv4(source, destination, protocol, 0, 0, &data),
            };
            let mut message = vec![kind, code, 0, 0, 0, 0];
            message.extend(rest.to_be_bytes());
            message.extend(quoted);
            (1, icmp(&message, 0))
        });
    let datagram = (ports(), ports(), 0usize..40).prop_map(|(from, to, size)| (17, udp(from, to, size)));
    let plain = (ports(), ports(), any::<u8>(), 5u8..9, 0usize..40)
        .prop_map(|(from, to, flags, words, size)| (6, tcp(from, to, flags, words, size)));
    let segment = prop_oneof![2 => plain, 1 => lines(), 1 => blocks()];
    let unknown = (select(vec![0u8, 3, 59, 61, 58, 143, 200, 255]), 0usize..40)
        .prop_map(|(protocol, size)| (protocol, (0..size).map(|place| place as u8).collect()));
    prop_oneof![4 => echo, 2 => other, 4 => error, 3 => datagram, 3 => segment, 2 => groups(), 1 => unknown]
}

/// Segments with lines of text.
fn lines() -> impl Strategy<Value = (u8, Vec<u8>)> {
    let known = select(vec![80_u16, 80, 8080, 21, 25, 43, 554, 8554]);
    let begin = select(vec![
        "GET / HTTP/1.1\r\n",
        "get /a\tb HTTP/1.0\n",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1  404 Not Found\r\n",
        "HTTP/1.1 2000 x\r\n",
        "HTTP/1.1\t200\r\n",
        "220 ready\r\n",
        "DESCRIBE x\r\n",
        "Get",
        "\r\n",
        " GET /\r\n",
        "G\rET\n",
        "",
    ]);
    let more =
        select(vec!["Host: a\r\n\r\n", "\r\n", "half a line", "a\rb\r\n", "\u{1}\n", "\u{e9}\r\n", "\r", ""]);
    let text = (begin, prop::collection::vec(more, 0..4));
    (known, select(vec![1024_u16, 50000]), any::<bool>(), select(vec![0x18_u8, 0x10, 0x04]), text).prop_map(
        |(known, other, back, flags, (begin, more))| {
            let ports = if back { (known, other) } else { (other, known) };
            (6, segment(ports, flags, &[], (begin.to_owned() + &more.concat()).as_bytes()))
        },
    )
}

/// Segments with options of which most come seldom.
fn blocks() -> impl Strategy<Value = (u8, Vec<u8>)> {
    let options = select(vec![
        vec![1_u8, 1, 5, 10, 0, 0, 1, 5, 0, 0, 1, 15],
        vec![1, 1, 5, 18, 0, 0, 1, 5, 0, 0, 1, 15, 0, 0, 2, 1, 0xff, 0xff, 0xff, 0xff],
        vec![5, 12, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0],
        vec![5, 2, 1, 1],
        vec![5, 10, 0, 0],
        vec![6, 6, 0, 0, 0, 9, 1, 1],
        vec![7, 6, 0, 0, 1, 9, 1, 1],
        vec![13, 6, 0, 0, 1, 9, 1, 1],
        vec![11, 7, 0, 0, 1, 9, 5, 1],
        vec![12, 3, 0, 1],
    ]);
    let ports = || select(vec![7_u16, 33999, 50000]);
    (ports(), ports(), any::<u8>(), options, 0usize..9).prop_map(|(from, to, flags, options, size)| {
        (6, segment((from, to), flags, &options, &vec![b'x'; size]))
    })
}

/// What routers and switches are told of groups, and ask for.
fn groups() -> impl Strategy<Value = (u8, Vec<u8>)> {
    let kind = select(vec![0x11_u8, 0x11, 0x12, 0x16, 0x17, 0x22, 0x22, 0x30]);
    let code = prop_oneof![Just(0_u8), Just(100), any::<u8>()];
    let words =
        select(vec![[0_u8; 4], [224, 0, 0, 106], [0, 0, 0, 1], [4, 0, 0, 0], [1, 0, 0, 1], [7, 0, 0, 2]]);
    let right = proptest::bool::weighted(0.8);
    (kind, code, prop::collection::vec(words, 1..7), 0usize..3, right).prop_map(
        |(kind, code, words, odd, right)| {
            let mut bytes = vec![kind, code, 0, 0];
            bytes.extend(words.concat());
            bytes.extend(vec![1; odd]);
            let message = icmp(&bytes, 0);
            (2, if right { message } else { bytes })
        },
    )
}

/// libpcap's optimiser may leave out what a filter would look at, and so it is not always beyond the end of a short
/// frame that a filter looks. Frames are cut only where there is no filter.
fn filters_and_frames() -> impl Strategy<Value = (String, Vec<CapturedFrame>)> {
    filters().prop_flat_map(|filter| {
        let frames = frames(filter.is_empty());
        (Just(filter), frames)
    })
}

fn frame(may_be_cut: bool) -> impl Strategy<Value = Frame> {
    let stations = select(vec![[2, 0, 0, 0, 0, 1], [0xff; 6], [2, 0, 0, 0, 0, 3], [1, 0, 0x5e, 0, 0, 1]]);
    let packet = (
        payloads(),
        hosts(),
        hosts(),
        select(vec![0u16, 0, 0x4000, 0x4000, 0x2000, 0x2000, 0x00b9, 0x20b9, 0x8000]),
        select(vec![0u8, 0, 0, 1, 2, 3, 0x10]),
    )
        .prop_map(|((protocol, payload), source, destination, fragment, tos)| {
            (0x0800u16, ipv4(source, destination, protocol, fragment, tos, &payload))
        });
    let arp = (
        select(vec![0x0806u16, 0x0806, 0x8035]),
        1u16..12,
        hosts(),
        hosts(),
        select(vec![[0; 6], [2, 0, 0, 0, 0, 1], [0xff; 6]]),
        0usize..20,
    )
        .prop_map(|(kind, operation, sender, target, mac, padding)| {
            let mut bytes = vec![0, 1, 8, 0, 6, 4];
            bytes.extend(operation.to_be_bytes());
            bytes.extend([2, 0, 0, 0, 0, 2]);
            bytes.extend(sender);
            bytes.extend(mac);
            bytes.extend(target);
            bytes.extend(vec![0; padding]);
            (kind, bytes)
        });
    let unknown =
        (select(vec![0x88b5u16, 0x6007, 0x0600, 0x4321]), prop::collection::vec(any::<u8>(), 1..50));
    let carried = prop_oneof![8 => packet, 3 => arp, 1 => unknown];
    let damage = prop_oneof![
        8 => Just(None),
        1 => (14usize..80).prop_map(|length| Some((length, 0))),
        1 => (14usize..60, any::<u8>()).prop_map(|(place, byte)| Some((place, byte))),
    ];
    (stations, carried, any::<bool>(), damage).prop_map(
        move |(station, (kind, payload), outgoing, damage)| {
            let mut frame = ethernet(station, kind, payload);
            frame.outgoing = outgoing;
            match damage {
                Some((length, 0)) if may_be_cut => frame.bytes.truncate(length),
                // Versions, header lengths, protocols, kinds and ports that are not modelled are left as they are.
                Some((place, byte))
                    if place < frame.bytes.len()
                        && (matches!(place, 15..=19 | 22 | 24..=33)
                            || matches!(place, 36..=37) && !matches!(frame.bytes[23], 6 | 17)) =>
                {
                    frame.bytes[place] = byte;
                }
                _ => {}
            }
            frame
        },
    )
}

fn frames(may_be_cut: bool) -> impl Strategy<Value = Vec<CapturedFrame>> {
    prop::collection::vec((frame(may_be_cut), 1u64..3_000_000_000), 1..12).prop_map(|frames| {
        let mut time = 1_000_000_000;
        frames
            .into_iter()
            .map(|(frame, pause)| {
                // The file has microseconds only.
                time += pause / 1000 * 1000;
                CapturedFrame { time: Instant::from_nanos(time), ..frame.into_captured() }
            })
            .collect()
    })
}
