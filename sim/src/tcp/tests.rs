//! Two connections that talk to each other over a wire that may lose segments.

use super::*;
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddrV4};
use vethlab_shared::error::Errno;
use vethlab_shared::socket::Shutdown;
use vethlab_shared::view::SocketState as State;
use vethlab_shared::wire::Tcp;
use vethlab_shared::wire::tcp::{Header, flag};

const DELAY: Duration = Duration::from_micros(10);

/// A host that asks for a connection, and one that is asked.
struct Pair {
    now: Instant,
    hosts: [Option<Control>; 2],
    request: Option<Request>,
    /// Segments under way: when they arrive, and where.
    wire: VecDeque<(Instant, usize, Vec<u8>, Option<u16>)>,
    /// Which of the segments that are sent are lost, counted from 0.
    lost: fn(usize, &[u8]) -> bool,
    sent: usize,
    log: Vec<String>,
}

fn ends(host: usize) -> Ends {
    let [one, other] =
        [1, 2].map(|number| SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, number), 100 + u16::from(number)));
    if host == 0 { Ends { local: one, peer: other } } else { Ends { local: other, peer: one } }
}

fn settings(host: usize) -> Settings {
    let first_sequence = if host == 0 { u32::MAX - 5 } else { 77 };
    Settings { first_sequence, timestamp_offset: 9, identification: 1, mtu: 1500 }
}

impl Pair {
    fn new(lost: fn(usize, &[u8]) -> bool) -> Pair {
        let now = Instant::START + Duration::from_secs(1);
        let mut pair = Pair {
            now,
            hosts: [None, None],
            request: None,
            wire: VecDeque::new(),
            lost,
            sent: 0,
            log: Vec::new(),
        };
        pair.hosts[0] = Some(Control::connect(ends(0), &settings(0), now));
        pair.flush();
        pair
    }

    fn put(&mut self, from: usize, segment: &Segment) {
        let header = Header {
            source: ends(from).local.port(),
            destination: ends(from).peer.port(),
            sequence: segment.sequence,
            acknowledgement: segment.acknowledgement,
            flags: segment.flags,
            window: segment.window,
        };
        let mut bytes = header.bytes(&segment.options.bytes());
        bytes.extend_from_slice(&segment.data);
        let relative = segment.sequence.wrapping_sub(settings(from).first_sequence);
        self.log.push(format!("{from} {:02x} {relative} {}", segment.flags, segment.data.len()));
        if !(self.lost)(self.sent, &bytes) {
            self.wire.push_back((self.now + DELAY, 1 - from, bytes, segment.size));
        }
        self.sent += 1;
    }

    fn flush(&mut self) {
        for host in [0, 1] {
            let out = self.hosts[host].as_mut().map(|control| std::mem::take(&mut control.out));
            out.into_iter().flatten().for_each(|segment| self.put(host, &segment));
        }
    }

    fn arrive(&mut self, host: usize, bytes: &[u8], size: Option<u16>) {
        let segment = Arrived::new(Tcp::new(bytes).expect("a segment"), size);
        let now = self.now;
        match &mut self.hosts[host] {
            Some(control) => {
                control.receive(&segment, now);
            }
            None if segment.has(flag::SYN) => {
                let request = Request::new(ends(1), settings(1), &segment, now);
                let answer = request.answer(now);
                self.request = Some(request);
                self.put(1, &answer);
            }
            None => {
                if let Some(request) = self.request.take() {
                    let mut control = request.into_control(&segment, now);
                    control.receive(&segment, now);
                    self.hosts[host] = Some(control);
                }
            }
        }
        self.flush();
    }

    /// Lets so much time pass.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let timers = self.hosts.iter().flatten().filter_map(Control::next_timer).min();
            let arrival = self.wire.front().map(|(time, ..)| *time);
            match (arrival, timers) {
                (Some(at), timer) if at <= end && timer.is_none_or(|timer| at <= timer) => {
                    self.now = self.now.max(at);
                    let (_, host, bytes, size) = self.wire.pop_front().expect("a segment");
                    self.arrive(host, &bytes, size);
                }
                (_, Some(at)) if at <= end => {
                    self.now = self.now.max(at);
                    let now = self.now;
                    self.hosts.iter_mut().flatten().for_each(|control| control.run_timers(now));
                    self.flush();
                }
                _ => break,
            }
        }
        self.now = end;
    }

    fn host(&mut self, host: usize) -> &mut Control {
        self.hosts[host].as_mut().expect("a connection")
    }

    /// Sends so many bytes from the first to the second, which reads them; all of what it read.
    fn transfer(&mut self, length: usize, patience: Duration) -> Vec<u8> {
        let data: Vec<u8> = (0..length).map(|place| (place % 253) as u8).collect();
        let (mut written, mut read) = (0, Vec::new());
        let end = self.now + patience;
        while read.len() < length && self.now < end {
            let now = self.now;
            if self.host(0).readiness().writable && written < length {
                written += self.host(0).write(&data[written..], now).expect("it is open");
            }
            self.flush();
            self.pass(Duration::from_millis(1));
            let now = self.now;
            while let Ok(Some(bytes)) = self.host(1).read(10_000, now) {
                read.extend(bytes);
            }
            self.flush();
        }
        assert_eq!(read, data[..read.len()]);
        read
    }
}

#[test]
fn what_is_lost_is_sent_again() {
    // About every tenth segment, acknowledgements too.
    let mut pair = Pair::new(|number, _| number > 3 && number.wrapping_mul(0x9e37_79b9) >> 16 & 0xf == 5);
    pair.pass(Duration::from_secs(1));
    assert_eq!(pair.transfer(400_000, Duration::from_secs(600)).len(), 400_000);
    let now = pair.now;
    pair.host(0).shutdown(Shutdown::Write, now).expect("it is open");
    pair.flush();
    pair.pass(Duration::from_secs(10));
    let now = pair.now;
    assert_eq!(pair.host(1).read(1, now), Ok(Some(Vec::new())));
}

#[test]
fn a_connection_is_asked_for_ten_times_more() {
    let mut pair = Pair::new(|_, _| true);
    pair.pass(Duration::from_secs(130));
    assert_eq!((pair.log.len(), pair.host(0).state), (11, State::SynSent));
    pair.pass(Duration::from_secs(2));
    let control = pair.host(0);
    assert_eq!((control.state, control.error), (State::Close, Some(Errno::ETIMEDOUT)));
}

#[test]
fn data_that_nobody_acknowledges_is_given_up_after_a_quarter_of_an_hour() {
    let mut pair = Pair::new(|number, _| number > 2);
    pair.pass(Duration::from_secs(1));
    let now = pair.now;
    assert_eq!(pair.host(0).write(b"hello", now), Ok(5));
    pair.flush();
    pair.pass(Duration::from_secs(900));
    assert_eq!(pair.host(0).state, State::Established);
    pair.pass(Duration::from_secs(120));
    assert_eq!(pair.host(0).error, Some(Errno::ETIMEDOUT));
    // A probe, and then as often as the time allows.
    assert!(pair.log.iter().filter(|line| line.ends_with(" 5")).count() > 14);
}

#[test]
fn who_does_not_read_is_asked_for_room() {
    let mut pair = Pair::new(|_, _| false);
    pair.pass(Duration::from_secs(1));
    let mut written = 0;
    for _ in 0..1000 {
        let now = pair.now;
        written += pair.host(0).write(&[0; 4096], now).expect("it is open");
        pair.flush();
        pair.pass(Duration::from_millis(1));
    }
    let unread = pair.host(1).queues().0;
    assert!(written as u32 > unread && unread > 40_000, "{written} {unread}");
    let before = pair.log.len();
    pair.pass(Duration::from_secs(5));
    assert!((3..20).contains(&(pair.log.len() - before)), "{:?}", &pair.log[before..]);
    assert!(!pair.host(0).readiness().writable);
    // What is read makes room.
    let mut read = 0;
    while read < written {
        let now = pair.now;
        read += pair.host(1).read(8192, now).expect("it is open").map_or(0, |bytes| bytes.len());
        pair.flush();
        pair.pass(Duration::from_millis(100));
        assert!(pair.now < Instant::START + Duration::from_secs(600), "{read} of {written}");
    }
}

#[test]
fn both_ends_may_finish_at_once() {
    let mut pair = Pair::new(|_, _| false);
    pair.pass(Duration::from_secs(1));
    let now = pair.now;
    for host in [0, 1] {
        pair.host(host).close(now);
    }
    pair.flush();
    pair.pass(Duration::from_secs(1));
    for host in [0, 1] {
        assert_eq!(pair.host(host).becomes_time_wait, Some(State::TimeWait));
    }
}

#[test]
fn a_silent_connection_is_probed() {
    let mut pair = Pair::new(|_, _| false);
    pair.pass(Duration::from_secs(1));
    let now = pair.now;
    pair.host(0).set_keepalive(true, now);
    let before = pair.log.len();
    pair.pass(Duration::from_secs(7201));
    assert_eq!(&pair.log[before..], ["0 10 0 0", "1 10 1 0"]);
    pair.lost = |_, _| true;
    pair.pass(Duration::from_secs(7200 + 10 * 75 + 100));
    assert_eq!(pair.host(0).error, Some(Errno::ETIMEDOUT));
}

#[test]
fn a_shorter_way_makes_shorter_segments() {
    let mut pair = Pair::new(|number, bytes| number == 3 && bytes.len() > 600);
    pair.pass(Duration::from_secs(1));
    let now = pair.now;
    pair.host(0).write(&[1; 3000], now).expect("it is open");
    pair.flush();
    let now = pair.now;
    pair.host(0).mtu_is(600, now);
    pair.flush();
    pair.pass(Duration::from_secs(2));
    let now = pair.now;
    let read = pair.host(1).read(10_000, now).expect("it is open").unwrap_or_default();
    assert_eq!(read.len(), 3000);
    assert!(pair.log.iter().skip(4).all(|line| {
        line.rsplit(' ')
            .next()
            .and_then(|length| length.parse().ok())
            .is_some_and(|length: usize| length <= 548)
    }));
}
