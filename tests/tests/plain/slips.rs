//! Mistyped words: a tool's message stays as the tool gives it, and a person is told the nearest word behind it.

use vethlab_programs::session::Session;
use vethlab_programs::{Console, Transcript};
use vethlab_tests::stacks;

/// Somebody sits before it.
#[derive(Default)]
struct Person(Transcript);

impl Console for Person {
    fn out(&mut self, text: &str) {
        self.0.out(text);
    }
    fn err(&mut self, text: &str) {
        self.0.err(text);
    }
    fn interactive(&self) -> bool {
        true
    }
}

/// What a command writes to standard error before nobody, and before a person.
fn written(line: &str) -> (String, String) {
    let setup = ["ip netns add red", "ip link add veth0 type veth peer name veth1", "ip link set veth0 up"];
    let mut texts = Vec::new();
    for person in [false, true] {
        let mut stack = stacks::sim(1).expect("a simulator");
        let mut session = Session::new();
        for command in setup {
            session.execute(command, stack.as_mut(), &mut Transcript::default());
        }
        let mut before = Person::default();
        match person {
            true => session.execute(line, stack.as_mut(), &mut before),
            false => session.execute(line, stack.as_mut(), &mut before.0),
        };
        texts.push(before.0.stderr);
    }
    let [nobody, person] = <[String; 2]>::try_from(texts).expect("two");
    (nobody, person)
}

#[test]
fn the_nearest_word_is_told_behind_the_message_of_the_tool() {
    for (line, begin, meant) in [
        ("ip link set veth0 upp", "Error: either \"dev\" is duplicate, or \"upp\" is a garbage.\n", "up"),
        ("ip addr add 10.0.0.1/24 deb veth0", "Error: either \"local\" is duplicate, or \"deb\"", "dev"),
        ("ip route add default vai 10.0.0.1", "Error: either \"to\" is duplicate, or \"vai\"", "via"),
        ("ip route add blakhole 10.0.0.0/8", "Error: any valid prefix is expected", "blackhole"),
        ("ip link add a0 type veth pere name b0", "vethlab: 'ip link help veth' is not modelled", "peer"),
        ("ip -statistcs link", "Option \"-statistcs\" is unknown, try \"ip -help\".\n", "-statistics"),
        ("ip netns exec red ip route add default vai 10.0.0.1", "Error: either \"to\"", "via"),
        ("ip netns exce red ip link", "Command \"exce\" is unknown, try \"ip netns help\".\n", "exec"),
        ("ip lnik", "Object \"lnik\" is unknown, try \"ip help\".\n", "link"),
        ("ping --cout 3 10.0.0.1", "ping: invalid option -- '-'\n", "-c"),
        ("ping -M dontt 10.0.0.1", "ping: invalid -M argument: dontt\n", "dont"),
        ("traceroute --fist 2 10.0.0.1", "Bad option `--fist' (argc 1)\n", "--first"),
        ("tcpdump --interfce any", "tcpdump: unrecognized option '--interfce'\n", "--interface"),
        ("tcpdump -i any 'icmp adn host 10.0.0.1'", "tcpdump: data link type LINUX_SLL2\n", "and"),
        ("iptables --lits", "iptables v1.8.9 (nf_tables): unknown option \"--lits\"\n", "--list"),
        ("ifconfig veth0 dwon", "dwon: Host name lookup failure\n", "down"),
        ("route add defualt gw 10.0.0.1", "defualt: Host name lookup failure\n", "default"),
        (
            "sysctl net.ipv4.ip_forwrd",
            "sysctl: cannot stat /proc/sys/net/ipv4/ip_forwrd",
            "net.ipv4.ip_forward",
        ),
        ("why pakcet 3", "why: 'pakcet' is no IPv4 address", "packet"),
        ("packet 1 --jsno", "packet: '--jsno' is not the number of a frame", "--json"),
    ] {
        let (nobody, person) = written(line);
        assert!(nobody.starts_with(begin), "{line}: {nobody}");
        assert!(!nobody.contains("did you mean"), "{line}: {nobody}");
        assert_eq!(person, format!("{nobody}vethlab: did you mean '{meant}'?\n"), "{line}");
    }
}

#[test]
fn what_is_no_slip_of_the_hand_has_no_nearest_word() {
    for line in [
        "ip link set vet up",
        "ip link set veth0 name veth1",
        "ip netns exec blue ping 10.0.0.1",
        "ip route add default via 10.0.0.1",
        "ip route get 10.0.0.1",
        "ip addr add 10.0.0.300/24 dev veth0",
        "ping -Z 10.0.0.1",
        "ping somewhere",
        "ip rule",
        "ip link help",
        "sysctl net.ipv4.nothing_of_the_kind",
    ] {
        let (nobody, person) = written(line);
        assert!(!nobody.is_empty(), "{line}");
        assert_eq!(person, nobody, "{line}");
    }
}
