//! Whether it is known what became of a frame, where the kernel's records are missing.
//!
//! Other frames, and what sockets read, tell much of what the records would have told: a frame that was heard at
//! the far end of its link got there, and a packet that was answered or sent on was not dropped.

use super::correlation::Passage;
use vethlab_shared::event::EventKind;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::Direction;
use vethlab_shared::time::{Duration, Instant};

/// How long a frame is on a link at most, and a packet in a router: microseconds, unless a processor stands still.
const LONGEST_WAY: Duration = Duration::from_millis(100);
/// `ETH_P_IP` and `ETH_P_ARP`, as they stand in a frame.
const IPV4: [u8; 2] = [0x08, 0x00];
const ARP: [u8; 2] = [0x08, 0x06];
/// Of ICMP: the protocol's number, and two of its types.
const ICMP: u8 = 1;
const ECHO_REPLY: u8 = 0;
const ECHO_REQUEST: u8 = 8;

/// A frame where it was heard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    namespace: &'a NamespaceName,
    direction: Direction,
    time: Instant,
    bytes: &'a [u8],
}

impl<'a> Seen<'a> {
    /// The frame of an event, if it is of one.
    pub(crate) fn of(namespace: &'a NamespaceName, time: Instant, kind: &'a EventKind) -> Option<Seen<'a>> {
        match kind {
            EventKind::NetDevXmit { frame, .. } => {
                Some(Seen { namespace, direction: Direction::Out, time, bytes: frame })
            }
            EventKind::NetifReceiveSkb { frame, .. } => {
                Some(Seen { namespace, direction: Direction::In, time, bytes: frame })
            }
            _ => None,
        }
    }
}

/// Whether what was heard shows that a frame arrived, was answered or sent on.
pub(crate) fn is_known(passage: &Passage, heard: &[Seen<'_>]) -> bool {
    let (time, bytes) = (passage.time, passage.bytes.as_slice());
    heard.iter().any(|other| match (passage.direction, other.direction) {
        (Direction::Out, Direction::In) => follows(other.time, time) && other.bytes == bytes,
        (Direction::In, Direction::Out) if *other.namespace == passage.namespace => {
            let led_to = goes_on_as(bytes, other.bytes)
                || answers_arp(other.bytes, bytes)
                || answers_echo(other.bytes, bytes);
            // What this machine asked for itself, it takes.
            let asked_for = || follows(time, other.time) && answers_arp(bytes, other.bytes);
            follows(other.time, time) && led_to || asked_for()
        }
        _ => false,
    })
}

fn follows(later: Instant, earlier: Instant) -> bool {
    earlier <= later && later.since(earlier) <= LONGEST_WAY
}

fn is_of(frame: &[u8], ethertype: [u8; 2]) -> bool {
    frame.get(12..14) == Some(&ethertype)
}

/// Whether two places of two frames hold the same bytes.
fn same(one: Option<&[u8]>, other: Option<&[u8]>) -> bool {
    one.is_some() && one == other
}

/// Whether a router made the second frame of the first one: the addresses, the identification and the piece are the
/// same (RFC 791).
fn goes_on_as(came: &[u8], left: &[u8]) -> bool {
    is_of(came, IPV4)
        && is_of(left, IPV4)
        && same(came.get(18..22), left.get(18..22))
        && same(came.get(26..34), left.get(26..34))
}

/// An ARP reply (RFC 826) from whom was asked for to who asked.
fn answers_arp(answer: &[u8], question: &[u8]) -> bool {
    is_of(answer, ARP)
        && is_of(question, ARP)
        && answer.get(20..22) == Some(&[0, 2])
        && question.get(20..22) == Some(&[0, 1])
        && same(answer.get(28..32), question.get(38..42))
        && same(answer.get(38..42), question.get(28..32))
}

/// An echo reply (RFC 792) with the data of the request, whole and without options.
fn answers_echo(answer: &[u8], question: &[u8]) -> bool {
    let echo = |frame: &[u8], kind| {
        is_of(frame, IPV4)
            && frame.get(14) == Some(&0x45)
            && frame.get(23) == Some(&ICMP)
            && frame.get(34) == Some(&kind)
    };
    echo(answer, ECHO_REPLY)
        && echo(question, ECHO_REQUEST)
        && same(answer.get(30..34), question.get(26..30))
        && same(answer.get(38..), question.get(38..))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [u8; 4] = [10, 0, 0, 1];
    const B: [u8; 4] = [10, 0, 0, 2];

    fn arp(operation: u8, from: [u8; 4], to: [u8; 4]) -> Vec<u8> {
        [&[2; 12][..], &ARP, &[0, 1, 8, 0, 6, 4, 0, operation], &[2; 6], &from, &[0; 6], &to].concat()
    }

    fn icmp(kind: u8, sequence: u8, ttl: u8, from: [u8; 4], to: [u8; 4]) -> Vec<u8> {
        let ip = [&[0x45, 0, 0, 29, 7, sequence, 0, 0, ttl, ICMP, 0, 0][..], &from, &to].concat();
        [&[2; 12][..], &IPV4, &ip, &[kind, 0, 0, 0, 0, 9, 0, sequence, 42]].concat()
    }

    /// Whether the first frame's fate is known of the second one; `>` left, `<` came in, with a namespace and the
    /// milliseconds.
    fn known(first: (&str, u64, &[u8]), second: (&str, u64, &[u8])) -> bool {
        let place = |what: &str| {
            let (direction, name) = what.split_once(' ').expect("a direction");
            let direction = if direction == ">" { Direction::Out } else { Direction::In };
            (direction, NamespaceName::new(name).expect("a name"))
        };
        let at = |milliseconds: u64| Instant::from_nanos(milliseconds * 1_000_000);
        let (direction, namespace) = place(first.0);
        let bytes = first.2.to_vec();
        let passage = Passage { number: 1, namespace, direction, time: at(first.1), bytes };
        let (direction, namespace) = place(second.0);
        let seen = Seen { namespace: &namespace, direction, time: at(second.1), bytes: second.2 };
        assert!(!is_known(&passage, &[]));
        is_known(&passage, &[seen])
    }

    #[test]
    fn what_left_is_known_where_it_came_in() {
        let frame = icmp(ECHO_REQUEST, 1, 64, A, B);
        assert!(known(("> a", 0, &frame), ("< b", 1, &frame)));
        assert!(!known(("> a", 0, &frame), ("< b", 500, &frame)), "one just like it, much later");
        assert!(!known(("> a", 5, &frame), ("< b", 1, &frame)), "before it left");
        assert!(!known(("> a", 0, &frame), ("> b", 1, &frame)));
        assert!(!known(("> a", 0, &frame), ("< b", 1, &icmp(ECHO_REQUEST, 2, 64, A, B))));
    }

    #[test]
    fn what_came_in_is_known_where_it_was_answered_or_sent_on() {
        let request = icmp(ECHO_REQUEST, 1, 64, A, B);
        assert!(known(("< b", 0, &request), ("> b", 1, &icmp(ECHO_REPLY, 1, 64, B, A))));
        assert!(!known(("< b", 0, &request), ("> b", 1, &icmp(ECHO_REPLY, 2, 64, B, A))));
        assert!(!known(("< b", 0, &request), ("> c", 1, &icmp(ECHO_REPLY, 1, 64, B, A))));
        assert!(known(("< r", 0, &request), ("> r", 1, &icmp(ECHO_REQUEST, 1, 63, A, B))));
        // A message that says that it was dropped does not say why the kernel did so.
        assert!(!known(("< r", 0, &request), ("> r", 1, &icmp(3, 1, 64, B, A))));
        // Nobody says what became of a reply but the one who reads it.
        assert!(!known(("< a", 1, &icmp(ECHO_REPLY, 1, 64, B, A)), ("> a", 0, &request)));
    }

    #[test]
    fn arp_is_known_where_it_was_answered_and_where_it_is_the_answer() {
        let (request, reply) = (arp(1, A, B), arp(2, B, A));
        assert!(known(("< b", 0, &request), ("> b", 1, &reply)));
        assert!(known(("< a", 1, &reply), ("> a", 0, &request)));
        assert!(!known(("< c", 0, &request), ("> b", 1, &reply)), "somebody else was asked");
        assert!(!known(("< b", 0, &request), ("> b", 1, &arp(2, B, [10, 0, 0, 3]))));
    }

    #[test]
    fn a_frame_that_is_cut_short_is_never_known_and_never_panics() {
        for length in 0..60 {
            let frame = arp(1, A, B).into_iter().chain([0; 18]).take(length).collect::<Vec<u8>>();
            assert!(!known(("< b", 0, &frame), ("> b", 1, &frame[..length / 2])));
        }
    }
}
