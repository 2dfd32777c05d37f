//! What a router between two hosts knows of their TCP connections, segment by segment, on both stacks with one body. Both
//! hosts are silent: each segment is made here. What stands here as expected was read off Linux 6.18.

mod segment;

use libtest_mimic::Failed;
use segment::End;
use std::net::Ipv4Addr;
use std::time::Duration;
use vethlab_engine::script;
use vethlab_shared::change::Change;
use vethlab_shared::family::Family;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::netfilter::{ConnectionStatus, Expression, TableId};
use vethlab_shared::socket::{Direction, Received, SocketId, SocketKind};
use vethlab_shared::stack::NetworkStack;
use vethlab_tests::stacks::{self, Case};
use vethlab_tests::trial::{Trial, equal};

/// A router between two hosts that have no addresses. It counts what is invalid.
const NETWORK: &str = "
ip netns add left
ip netns add mid
ip netns add right
ip link add l0 address 02:00:00:00:01:02 netns left type veth peer name m0 address 02:00:00:00:01:01 netns mid
ip link add r0 address 02:00:00:00:02:02 netns right type veth peer name m1 address 02:00:00:00:02:01 netns mid
ip -n left link set l0 up
ip -n right link set r0 up
ip -n mid link set m0 up
ip -n mid link set m1 up
ip -n mid addr add 10.0.1.1/24 dev m0
ip -n mid addr add 10.0.2.1/24 dev m1
ip -n mid neigh add 10.0.1.2 lladdr 02:00:00:00:01:02 nud permanent dev m0
ip -n mid neigh add 10.0.2.2 lladdr 02:00:00:00:02:02 nud permanent dev m1
ip netns exec mid sysctl -w net.ipv4.ip_forward=1
ip netns exec mid iptables -A FORWARD -m conntrack --ctstate INVALID
";

const LEFT: End = End {
    address: Ipv4Addr::new(10, 0, 1, 2),
    port: 40_000,
    mac: MacAddress([2, 0, 0, 0, 1, 2]),
    router: MacAddress([2, 0, 0, 0, 1, 1]),
};
const RIGHT: End = End {
    address: Ipv4Addr::new(10, 0, 2, 2),
    port: 80,
    mac: MacAddress([2, 0, 0, 0, 2, 2]),
    router: MacAddress([2, 0, 0, 0, 2, 1]),
};

/// What is waited for at the most.
const PATIENCE: Duration = Duration::from_secs(3);

const CASES: [(&str, Case); 14] = [
    ("a_connection_from_beginning_to_end", whole),
    ("a_syn_that_is_repeated", repeated_syn),
    ("a_syn_that_is_reset", refused),
    ("both_sides_begin", simultaneous),
    ("what_lies_outside_of_the_window", outside),
    ("resets_count_where_they_fit", resets),
    ("a_connection_is_picked_up_in_its_middle", middle),
    ("nothing_is_picked_up_unless_it_may_be", not_loose),
    ("whoever_is_liberal_takes_all", liberal),
    ("a_syn_in_a_known_connection", syn_again),
    ("a_connection_is_opened_again", reopened),
    ("acknowledgements_that_come_again", retransmitted),
    ("flags_that_exclude_each_other", odd_flags),
    ("ends_outside_of_the_window_shorten_the_wait", ends_outside),
];

pub(crate) fn trials(missing: Option<&str>) -> Vec<Trial> {
    stacks::on_both(missing, &CASES)
}

struct Lab<'a> {
    stack: &'a mut dyn NetworkStack,
    /// A socket that sends and one that sees what comes, on the left and on the right.
    sockets: [(SocketId, SocketId); 2],
}

fn namespace(name: &str) -> NamespaceName {
    NamespaceName::new(name).expect("a name")
}

impl Lab<'_> {
    fn new(stack: &mut dyn NetworkStack) -> Result<Lab<'_>, Failed> {
        let commands = script::commands(NETWORK.as_bytes())?;
        for entry in script::play(&commands, stack) {
            equal(&entry.command, &(entry.status, entry.stderr.as_str()), &(0, ""))?;
        }
        let mut both = |name: &str, link: &str| -> Result<(SocketId, SocketId), Failed> {
            let at = namespace(name);
            let found = stack.link_by_name(&at, &link.parse()?)?.ok_or("no such link")?;
            let mut open = || stack.open(&at, &SocketKind::Packet(found.index));
            Ok((open()?, open()?))
        };
        let sockets = [both("left", "l0")?, both("right", "r0")?];
        Ok(Lab { stack, sockets })
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Failed> {
        let change = Change::SetSysctl { name: format!("net.netfilter.{name}"), value: value.to_owned() };
        Ok(self.stack.apply(&namespace("mid"), &change)?)
    }

    /// Sends segments, each with what is known of the connection after it: `none`, or its state, for how many seconds it is
    /// known (rounded up to ten), and what has happened to it; and `invalid` where the segment was.
    fn play(&mut self, steps: &[(&str, &str)]) -> Result<(), Failed> {
        let mut found = Vec::new();
        for (line, _) in steps {
            let before = self.invalid()?;
            self.pass(line)?;
            let invalid = if self.invalid()? > before { ", invalid" } else { "" };
            found.push(format!("{line}: {}{invalid}", self.known()?));
        }
        let expected: Vec<String> = steps.iter().map(|(line, known)| format!("{line}: {known}")).collect();
        equal("known after each segment", &found, &expected)
    }

    /// Sends a segment, and waits until it has come out on the other side.
    fn pass(&mut self, line: &str) -> Result<(), Failed> {
        let [left, right] = self.sockets;
        let (from, to, sender, receiver) = match segment::is_from_left(line) {
            true => (left.0, right.1, LEFT, RIGHT),
            false => (right.0, left.1, RIGHT, LEFT),
        };
        let frame = segment::frame(line, &sender, &receiver)?;
        self.stack.send(from, std::net::SocketAddr::new(receiver.address.into(), 0), &frame)?;
        let deadline = self.stack.now() + PATIENCE;
        loop {
            while let Some(received) = self.stack.receive(to)? {
                let Received::Frame(seen) = received else { return Err("no frame".into()) };
                if seen.direction == Direction::In && segment::is_it(&seen.bytes, &frame) {
                    return Ok(());
                }
            }
            if self.stack.now() >= deadline {
                return Err(format!("{line}: it does not come out").into());
            }
            self.stack.run_until(deadline, &[to])?;
        }
    }

    fn known(&mut self) -> Result<String, Failed> {
        let connections = self.stack.connections(&namespace("mid"), Family::Inet)?;
        let texts: Vec<String> = connections
            .iter()
            .map(|connection| {
                let state = connection.tcp_state.map_or("no state", |state| state.name());
                let has = |bit, text: &'static str| if connection.status.contains(bit) { text } else { "" };
                let replied = has(ConnectionStatus::SEEN_REPLY, " replied");
                let assured = has(ConnectionStatus::ASSURED, " assured");
                format!("{state} {}{replied}{assured}", connection.timeout.next_multiple_of(10))
            })
            .collect();
        Ok(if texts.is_empty() { "none".to_owned() } else { texts.join("; ") })
    }

    /// How many invalid packets were counted.
    fn invalid(&mut self) -> Result<u64, Failed> {
        let ruleset = self.stack.ruleset(&namespace("mid"))?;
        let chain = ruleset.table(&TableId::ip("filter")).and_then(|table| table.chain("FORWARD"));
        let rule = chain.and_then(|chain| chain.rules.first()).ok_or("no rule that counts")?;
        let counters = rule.expressions.iter().find_map(|expression| match expression {
            Expression::Counter(counters) => Some(counters.packets),
            _ => None,
        });
        Ok(counters.ok_or("the rule does not count")?)
    }
}

/// The three segments that begin a connection.
const HANDSHAKE: [(&str, &str); 3] = [
    ("> S 100 win 1000 ws 2 sack", "SYN_SENT 120"),
    ("< S. 500 ack 101 win 1000 ws 2 sack", "SYN_RECV 60 replied"),
    ("> . 101 ack 501 win 1000", "ESTABLISHED 432000 replied assured"),
];

fn play(stack: &mut dyn NetworkStack, steps: &[(&str, &str)]) -> Result<(), Failed> {
    Lab::new(stack)?.play(steps)
}

fn after_handshake(stack: &mut dyn NetworkStack, steps: &[(&str, &str)]) -> Result<(), Failed> {
    let mut lab = Lab::new(stack)?;
    lab.play(&HANDSHAKE)?;
    lab.play(steps)
}

fn whole(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    after_handshake(
        stack,
        &[
            ("> P. 101 ack 501 win 1000 len 10", "ESTABLISHED 300 replied assured"),
            ("< . 501 ack 111 win 1000", "ESTABLISHED 432000 replied assured"),
            ("< P. 501 ack 111 win 1000 len 20", "ESTABLISHED 300 replied assured"),
            ("> . 111 ack 521 win 1000", "ESTABLISHED 432000 replied assured"),
            ("> F. 111 ack 521 win 1000", "FIN_WAIT 120 replied assured"),
            ("< . 521 ack 112 win 1000", "CLOSE_WAIT 60 replied assured"),
            ("< F. 521 ack 112 win 1000", "LAST_ACK 30 replied assured"),
            ("> . 112 ack 522 win 1000", "TIME_WAIT 120 replied assured"),
            ("> . 112 ack 522 win 1000", "TIME_WAIT 120 replied assured"),
        ],
    )
}

fn repeated_syn(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    play(
        stack,
        &[
            ("> S 100 win 1000", "SYN_SENT 120"),
            ("> S 100 win 1000", "SYN_SENT 120"),
            ("> S 900 win 1000", "SYN_SENT 120"),
            ("< S. 500 ack 101 win 1000", "SYN_RECV 60 replied"),
            ("< S. 500 ack 901 win 1000", "SYN_RECV 60 replied"),
            ("< S. 500 ack 901 win 1000", "SYN_RECV 60 replied"),
            ("> . 901 ack 501 win 1000", "ESTABLISHED 432000 replied assured"),
        ],
    )
}

fn refused(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    play(
        stack,
        &[
            ("> S 100 win 1000", "SYN_SENT 120"),
            ("< R. 0 ack 150 win 0", "SYN_SENT 120, invalid"),
            ("< . 700 ack 300 win 1000", "SYN_SENT 120 replied"),
            ("> R 300 win 0", "CLOSE 10 replied"),
            ("> S 100 win 1000", "SYN_SENT 120"),
            ("< R. 0 ack 101 win 0", "none"),
            ("> . 101 ack 501 win 1000", "ESTABLISHED 300"),
        ],
    )
}

fn simultaneous(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    play(
        stack,
        &[
            ("> S 100 win 1000", "SYN_SENT 120"),
            ("< S 500 win 1000", "SYN_SENT2 120 replied"),
            ("> S. 100 ack 501 win 1000", "SYN_RECV 60 replied"),
            ("< S. 500 ack 101 win 1000", "SYN_RECV 60 replied"),
            ("> . 101 ack 501 win 1000", "ESTABLISHED 432000 replied assured"),
            ("< . 501 ack 101 win 1000", "ESTABLISHED 432000 replied assured"),
        ],
    )
}

fn outside(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    after_handshake(
        stack,
        &[
            // Behind what the other side may take.
            ("> P. 60000 ack 501 win 1000 len 10", "ESTABLISHED 432000 replied assured, invalid"),
            // A few bytes more than it may take.
            ("> P. 1102 ack 501 win 1000 len 10", "ESTABLISHED 432000 replied assured"),
            ("> P. 4101 ack 501 win 1000 len 10", "ESTABLISHED 432000 replied assured, invalid"),
            ("> P. 4110 ack 501 win 1000 len 10", "ESTABLISHED 432000 replied assured, invalid"),
            // It acknowledges what was not sent.
            ("> . 101 ack 9000 win 1000", "ESTABLISHED 432000 replied assured, invalid"),
            ("< . 501 ack 60000 win 1000", "ESTABLISHED 432000 replied assured, invalid"),
            // Sent long ago.
            ("> P. 101 ack 501 win 1000 len 10", "ESTABLISHED 432000 replied assured"),
            ("< . 501 ack 111 win 1000 block 4101", "ESTABLISHED 432000 replied assured, invalid"),
            ("< . 400 ack 111 win 1000", "ESTABLISHED 300 replied assured"),
            ("> P. 111 ack 501 win 0 len 1000", "ESTABLISHED 300 replied assured"),
            ("< P. 501 ack 1111 win 0 len 10", "ESTABLISHED 300 replied assured"),
        ],
    )
}

fn resets(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    after_handshake(
        stack,
        &[
            ("> P. 101 ack 501 win 1000 len 10", "ESTABLISHED 300 replied assured"),
            ("< . 501 ack 111 win 1000", "ESTABLISHED 432000 replied assured"),
            ("> R 105 win 0", "ESTABLISHED 432000 replied assured, invalid"),
            ("> R 200 win 0", "ESTABLISHED 10 replied assured"),
            ("< . 501 ack 111 win 1000", "ESTABLISHED 300 replied assured"),
            ("> R 60000 win 0", "ESTABLISHED 300 replied assured, invalid"),
            ("> R 111 win 0", "CLOSE 10 replied assured"),
            ("< R 501 win 0", "CLOSE 10 replied assured"),
        ],
    )
}

fn middle(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    play(
        stack,
        &[
            ("> P. 7000 ack 9000 win 100 len 10", "ESTABLISHED 300"),
            ("> P. 7010 ack 9000 win 100 len 10", "ESTABLISHED 300"),
            ("< . 9000 ack 7020 win 100", "ESTABLISHED 300 replied"),
            ("< P. 99000 ack 7020 win 100 len 10", "ESTABLISHED 300 replied assured"),
            ("> F. 7020 ack 99010 win 100", "FIN_WAIT 120 replied assured"),
        ],
    )
}

fn not_loose(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    let mut lab = Lab::new(stack)?;
    lab.set("nf_conntrack_tcp_loose", "0")?;
    lab.play(&[
        ("> P. 7000 ack 9000 win 100 len 10", "none, invalid"),
        ("< . 9000 ack 7010 win 100", "none, invalid"),
        ("> F. 7010 ack 9000 win 100", "none, invalid"),
        ("> S 100 win 1000", "SYN_SENT 120"),
    ])
}

fn liberal(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    let mut lab = Lab::new(stack)?;
    lab.set("nf_conntrack_tcp_be_liberal", "1")?;
    lab.set("nf_conntrack_tcp_timeout_established", "7000")?;
    lab.play(&HANDSHAKE[..2])?;
    lab.play(&[
        ("> . 101 ack 501 win 1000", "ESTABLISHED 7000 replied assured"),
        ("> P. 60000 ack 501 win 1000 len 10", "ESTABLISHED 7000 replied assured"),
        ("< . 501 ack 60010 win 1000", "ESTABLISHED 7000 replied assured"),
        ("> R 50 win 0", "ESTABLISHED 7000 replied assured, invalid"),
        ("> R 90000 win 0", "ESTABLISHED 10 replied assured"),
    ])
}

fn syn_again(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    after_handshake(
        stack,
        &[
            ("< S 501 win 1000", "ESTABLISHED 432000 replied assured, invalid"),
            ("> S. 101 ack 501 win 1000", "ESTABLISHED 432000 replied assured, invalid"),
            ("> S 9000 win 500 ws 1", "ESTABLISHED 432000 replied assured"),
            ("< . 501 ack 101 win 1000", "ESTABLISHED 432000 replied assured"),
            ("> R 101 win 0", "CLOSE 10 replied assured"),
            ("> S 9000 win 500 ws 1", "SYN_SENT 120"),
            ("< S. 20000 ack 9001 win 700 ws 1", "SYN_RECV 60 replied"),
            ("> . 9001 ack 20001 win 700", "ESTABLISHED 432000 replied assured"),
        ],
    )
}

fn reopened(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    after_handshake(
        stack,
        &[
            ("> F. 101 ack 501 win 1000", "FIN_WAIT 120 replied assured"),
            ("< F. 501 ack 102 win 1000", "LAST_ACK 30 replied assured"),
            ("> S 9000 win 500", "LAST_ACK 30 replied assured"),
            ("< . 502 ack 102 win 1000", "LAST_ACK 30 replied assured"),
            ("> . 102 ack 502 win 1000", "TIME_WAIT 120 replied assured"),
            ("< S 700 win 500", "SYN_SENT 120"),
            ("> R 102 win 0", "none"),
            ("> S 9000 win 500", "SYN_SENT 120"),
        ],
    )
}

fn retransmitted(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    after_handshake(
        stack,
        &[
            ("> . 101 ack 501 win 1000", "ESTABLISHED 432000 replied assured"),
            ("> . 101 ack 501 win 1000", "ESTABLISHED 432000 replied assured"),
            ("> . 101 ack 501 win 1000", "ESTABLISHED 300 replied assured"),
            ("> . 101 ack 501 win 1000", "ESTABLISHED 300 replied assured"),
            ("> . 101 ack 501 win 999", "ESTABLISHED 432000 replied assured"),
            ("> . 101 ack 501 win 0", "ESTABLISHED 300 replied assured"),
            ("> . 101 ack 501 win 10", "ESTABLISHED 432000 replied assured"),
        ],
    )
}

fn odd_flags(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    play(
        stack,
        &[
            ("> SF 100 win 1000", "none, invalid"),
            ("> - 100 win 1000", "none, invalid"),
            ("> F 100 win 1000", "none, invalid"),
            ("> RU 100 win 1000", "none, invalid"),
            ("> SR 100 win 1000", "none, invalid"),
            ("> S. 100 ack 1 win 1000", "none, invalid"),
            ("> R 100 win 1000", "none, invalid"),
            ("> F. 100 ack 1 win 1000", "none, invalid"),
            ("> SU 100 win 1000", "SYN_SENT 120"),
        ],
    )
}

fn ends_outside(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    after_handshake(
        stack,
        &[
            ("> F. 60000 ack 501 win 1000", "ESTABLISHED 432000 replied assured, invalid"),
            ("> F. 60000 ack 501 win 1000", "ESTABLISHED 432000 replied assured, invalid"),
            ("< R 90000 win 0", "ESTABLISHED 300 replied assured, invalid"),
            ("> . 101 ack 501 win 1000", "ESTABLISHED 432000 replied assured"),
        ],
    )
}
