//! The worst answers that somebody could think of, for the exercise `row`: each is meant to take as much time or memory as
//! it can.

use std::fmt::Display;

/// How many kinds of them there are.
pub const KINDS: usize = 40;

/// The commands of the worst answer of this kind, counted from 0; from [`KINDS`] on they begin anew.
pub fn worst(kind: usize) -> String {
    let flood = "ping -q -l 65536 -c 65536 -s 65507";
    let again = |line: &str| repeated(1900, line);
    let networks = |count: usize, line: &str| format!("{}{}", pairs(count), again(line));
    match kind % KINDS {
        0 => format!("{NARROW}{flood} 10.250.0.2"),
        1 => format!("{NARROW}{}", again(&format!("{flood} 10.250.0.2"))),
        2 => format!("{NARROW}{}{flood} 10.250.0.2", repeated(64, "tcpdump -i x0 &")),
        3 => format!("{NARROW}ping -q -c 100000000 -i 0.002 -s 65000 10.250.0.2"),
        4 => format!("{flood} 127.0.0.1"),
        5 => "ping -c 100000000 -i 0.002 127.0.0.1".to_owned(),
        6 => again("ping -q -c 1000 -i 0.002 127.0.0.1"),
        7 => format!("{}sleep 1e18", again("ping -q -c 100000000 -i 0.002 127.0.0.1 &")),
        8 => format!("{}wait", again("tcpdump -i lo &") + "ping -q -c 100000 -i 0.002 127.0.0.1\n"),
        9 => format!("{LOOP}{}", again("ping -q -c 1000 -i 0.002 -t 255 192.0.2.1")),
        10 => format!("{LOOP}ping -q -l 65536 -c 65536 -s 65507 -t 255 192.0.2.1"),
        11 => format!("{LOOP}{}", again("traceroute -n -q 10 -m 255 192.0.2.1")),
        12 => format!(
            "{LOOP}ip link set x0 mtu 68\n{}",
            again("ping -q -c 100 -i 0.002 -s 60000 -t 255 192.0.2.1")
        ),
        13 => again("sleep 1e18"),
        14 => again("sleep 300d"),
        15 => again("traceroute -n -q 10 -m 255 10.9.9.9"),
        16 => networks(600, ""),
        17 => networks(90, "ip -s -s -d link"),
        18 => networks(90, "ip -all netns exec ip link"),
        19 => networks(100, "map"),
        20 => {
            format!("{}{}", numbered(1500, "ip netns add n"), repeated(400, "ip -all netns exec sysctl -a"))
        }
        21 => format!("{}{} true", numbered(40, "ip netns add n"), "ip -all netns exec ".repeat(12)),
        22 => format!("ip netns exec r1 {} true", "ip netns exec r1 ".repeat(200)),
        23 => again("ip netns exec r1 bash"),
        24 => again("sysctl -a"),
        25 => format!("{STARS}{}", repeated(60, &format!("ip addr show label '{}x'", "*".repeat(4000)))),
        26 => format!("{STARS}{}", repeated(60, &format!("ip addr flush label '{}x'", "*a".repeat(2000)))),
        27 => format!("tcpdump -c 1 '{}'", "(".repeat(4000)),
        28 => {
            repeated(60, &format!("tcpdump -c 1 -i lo '{}icmp' &", "not ".repeat(1000)))
                + "ping -c 9000 -i 0.002 127.0.0.1\n"
        }
        29 => format!("{}{}", addresses(1000), repeated(900, "ip addr")),
        30 => format!("{}{}", addresses(1000), repeated(900, "ip route show table all")),
        31 => format!("{}{}", routes(1000), repeated(900, "ip route")),
        32 => format!("{}{}", routes(1000), repeated(900, "ip route flush cache")),
        33 => format!("{}{}", neighbours(1000), repeated(900, "ip neigh; arp -n")),
        34 => format!("ping -q -c 20000 -i 0.002 127.0.0.1\n{}", repeated(1900, "why")),
        35 => format!("ping -q -c 20000 -i 0.002 127.0.0.1\n{}", repeated(1900, "packets")),
        36 => format!("ping -q -c 20000 -i 0.002 127.0.0.1\n{}", repeated(1900, "dissect 1")),
        37 => repeated(950, "ip netns add x\nip netns del x"),
        38 => format!("{STARS}{}", (0..900).map(renames).collect::<String>()),
        _ => repeated(60, &format!("echo {}", "a".repeat(4000))),
    }
}

/// A pair of links of the least MTU, with addresses.
const NARROW: &str = "\
ip link add x0 mtu 68 type veth peer name x1 mtu 68 netns r1
ip addr add 10.250.0.1/24 dev x0
ip link set x0 up
ip -n r1 addr add 10.250.0.2/24 dev x1
ip -n r1 link set x1 up
";

/// A pair of links whose ends send everything to each other.
const LOOP: &str = "\
ip link add x0 type veth peer name x1 netns r1
ip addr add 10.250.0.1/24 dev x0
ip link set x0 up
ip -n r1 addr add 10.250.0.2/24 dev x1
ip -n r1 link set x1 up
sysctl -w net.ipv4.ip_forward=1
ip netns exec r1 sysctl -w net.ipv4.ip_forward=1
ip route add default via 10.250.0.2
ip -n r1 route add default via 10.250.0.1
";

/// A link with the longest name.
const STARS: &str = "\
ip link add aaaaaaaaaaaaaaa type veth peer name b
ip addr add 10.250.0.1/24 dev aaaaaaaaaaaaaaa
";

fn repeated(count: usize, line: &str) -> String {
    format!("{line}\n").repeat(count)
}

/// The line with a number behind it, from 0.
fn numbered(count: usize, line: &str) -> String {
    lines(count, |number| format!("{line}{number}"))
}

fn lines<T: Display>(count: usize, line: impl Fn(usize) -> T) -> String {
    (0..count).map(|number| format!("{}\n", line(number))).collect()
}

fn pairs(count: usize) -> String {
    lines(count, |number| format!("ip link add v{number} type veth peer name w{number} netns r1"))
}

/// Addresses of `lo`, each another one.
fn addresses(count: usize) -> String {
    lines(count, |number| format!("ip addr add 10.251.{}.{}/32 dev lo", number / 250, number % 250 + 1))
}

fn routes(count: usize) -> String {
    let up = "ip link set lo up\n".to_owned();
    up + &lines(count, |number| {
        format!("ip route add 10.251.{}.{}/32 dev lo", number / 250, number % 250 + 1)
    })
}

fn neighbours(count: usize) -> String {
    let line = |number: usize| {
        format!("ip neigh add 10.251.{}.{} lladdr 02:00:00:00:00:01 dev lo", number / 250, number % 250 + 1)
    };
    lines(count, line)
}

/// To another name and back.
fn renames(_: usize) -> &'static str {
    "ip link set b name c\nip link set c name b\n"
}
