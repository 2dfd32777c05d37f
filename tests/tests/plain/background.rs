//! Programs in the background of a session, on the simulator: when their lines come, and how they end.

use vethlab_programs::session::{Outcome, Session};
use vethlab_programs::{Console, Transcript};
use vethlab_shared::stack::NetworkStack;
use vethlab_sim::World;

const NETWORK: &[&str] = &[
    "ip netns add red",
    "ip link add veth-host address 02:00:00:00:00:01 type veth peer name veth-red address 02:00:00:00:00:02 netns red",
    "ip addr add 192.168.1.2/24 dev veth-host",
    "ip link set veth-host up",
    "ip netns exec red ip addr add 192.168.1.1/24 dev veth-red",
    "ip netns exec red ip link set veth-red up",
];

/// A session before a network of two.
struct Machine {
    world: World,
    session: Session,
}

impl Machine {
    fn new() -> Machine {
        let mut machine = Machine { world: World::new(1), session: Session::new() };
        for line in NETWORK {
            assert_eq!(machine.run(line), (0, Transcript::default()), "{line}");
        }
        machine
    }

    fn run(&mut self, line: &str) -> (u8, Transcript) {
        let mut console = Transcript::default();
        (self.run_before(line, &mut console), console)
    }

    fn run_before(&mut self, line: &str, console: &mut dyn Console) -> u8 {
        match self.session.execute(line, &mut self.world, console) {
            Outcome::Ran(status) | Outcome::Exit(status) => status,
            Outcome::Nothing => 0,
        }
    }
}

#[test]
fn lines_come_behind_those_of_the_command_that_made_them() {
    let mut machine = Machine::new();
    let (status, begun) = machine.run("tcpdump -n -t -i veth-host -c 4 &");
    assert_eq!(status, 0);
    assert!(
        begun
            .stderr
            .ends_with("listening on veth-host, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n")
    );
    let (_, pinged) = machine.run("ping -c 1 192.168.1.1");
    let (own, beside) = pinged.stdout.split_once("ms\nARP").expect("frames behind the statistics");
    assert!(own.contains("1 received"), "{own}");
    assert_eq!(beside.lines().count(), 4);
    assert_eq!(
        pinged.stderr,
        "4 packets captured\n4 packets received by filter\n0 packets dropped by kernel\n"
    );
    let done = "[1]+  Done                    tcpdump -n -t -i veth-host -c 4\n";
    assert_eq!(machine.run("jobs").1.stdout, done);
    assert_eq!(machine.run("jobs").1.stdout, "");
}

#[test]
fn both_ends_are_seen_with_names_and_directions() {
    let mut machine = Machine::new();
    machine.run("ip netns exec red tcpdump -nt -i any &");
    let (_, pinged) = machine.run("ping -q -c 1 192.168.1.1");
    let frames: Vec<&str> = pinged.stdout.lines().filter(|line| line.starts_with("veth-red")).collect();
    assert_eq!(frames.len(), 4, "{}", pinged.stdout);
    assert_eq!(frames[0], "veth-red B   ARP, Request who-has 192.168.1.1 tell 192.168.1.2, length 28");
    assert_eq!(frames[1], "veth-red Out ARP, Reply 192.168.1.1 is-at 02:00:00:00:00:02, length 28");
    assert!(frames[2].starts_with("veth-red In  IP 192.168.1.2 > 192.168.1.1: ICMP echo request"));
    assert!(frames[3].starts_with("veth-red Out IP 192.168.1.1 > 192.168.1.2: ICMP echo reply"));
    let (_, killed) = machine.run("kill %1");
    assert_eq!(killed.stdout, "\n");
    assert!(killed.stderr.starts_with("4 packets captured\n"));
}

#[test]
fn a_loopback_frame_is_shown_once() {
    let mut machine = Machine::new();
    machine.run("tcpdump -nt -i lo icmp &");
    let (_, pinged) = machine.run("ping -q -c 1 127.0.0.1");
    assert_eq!(pinged.stdout.lines().filter(|line| line.starts_with("IP ")).count(), 2);
    // The kernel gave it each of them twice.
    assert!(machine.run("kill %1").1.stderr.contains("2 packets captured\n4 packets received by filter\n"));
}

#[test]
fn a_link_that_goes_ends_it() {
    let mut machine = Machine::new();
    machine.run("tcpdump -i veth-host &");
    let (_, gone) = machine.run("ip link del veth-host");
    assert!(gone.stderr.starts_with("tcpdump: pcap_loop: The interface disappeared\n0 packets captured\n"));
    assert!(machine.run("jobs").1.stdout.starts_with("[1]+  Exit 1 "));
}

#[test]
fn what_would_never_end_says_so() {
    let mut machine = Machine::new();
    let (status, alone) = machine.run("tcpdump -i veth-host");
    assert_eq!((status, alone.stdout.as_str()), (2, ""));
    assert!(alone.stderr.contains("add -c 4, or put & behind it"));
    machine.run("tcpdump -i veth-host &");
    let (status, waited) = machine.run("wait");
    assert_eq!(status, 2);
    assert!(waited.stderr.contains("kill %1"));
    for line in ["jobs &", "wait &", "kill %1 &", "fg &", "bash &", "ip netns exec red bash &"] {
        let (status, refused) = machine.run(line);
        assert_eq!(status, 2, "{line}");
        assert!(refused.stderr.contains("not modelled"), "{line}");
    }
}

/// What is printed of a ping in the foreground, and of the same one in the background while `wait` waits.
#[test]
fn in_the_background_a_program_does_what_it_does_in_the_foreground() {
    for line in [
        "ping -c 3 -i 0.2 192.168.1.1",
        "ping -c 1 192.168.1.77",
        "ping -c 1 10.9.9.9",
        "ip netns exec red ping -c 1 192.168.1.2",
        "traceroute -n 192.168.1.1",
        "traceroute -n -q 1 192.168.1.77",
        "sleep 1.5",
        "ip -all netns exec ping -c 1 192.168.1.2",
        "ip addr",
        "ping --nonsense",
    ] {
        let mut machine = Machine::new();
        let (world, session) = (machine.world.clone(), machine.session.clone());
        let (status, alone) = machine.run(line);
        let took = machine.world.now();
        (machine.world, machine.session) = (world, session);
        let (started, begun) = machine.run(&format!("{line} &"));
        let (waited, rest) = machine.run("wait %1");
        assert_eq!((started, waited), (0, status), "{line}");
        assert_eq!(begun.stdout + &rest.stdout, alone.stdout, "{line}");
        assert_eq!(begun.stderr + &rest.stderr, alone.stderr, "{line}");
        assert!(machine.world.now() <= took + vethlab_programs::session::START_OF_PROGRAM, "{line}");
        assert_eq!(machine.run("jobs").1, Transcript::default(), "{line}");
    }
}

#[test]
fn it_goes_on_while_another_command_waits_and_shows_it_behind_that() {
    let mut machine = Machine::new();
    let (status, begun) = machine.run("ping -i 0.4 192.168.1.1 &");
    assert_eq!((status, begun.stdout.matches("icmp_seq=").count()), (0, 1), "{begun:?}");
    let (_, pinged) = machine.run("ping -q -c 2 192.168.1.1");
    let (own, beside) = pinged.stdout.split_once(" ms\n64 bytes").expect("replies behind the statistics");
    assert!(own.contains("2 received"), "{own}");
    assert_eq!(beside.matches("icmp_seq=").count(), 2, "{beside}");
    assert_eq!(machine.run("jobs").1.stdout, "[1]+  Running                 ping -i 0.4 192.168.1.1 &\n");
    let (_, stopped) = machine.run("kill -INT %1");
    assert!(stopped.stdout.contains("3 packets transmitted, 3 received, 0% packet loss"), "{stopped:?}");
    assert_eq!(machine.run("wait %1").0, 0);
}

#[test]
fn a_signal_that_has_no_handler_ends_a_program_without_a_word() {
    let mut machine = Machine::new();
    for line in ["ping 192.168.1.1 &", "sleep 100 &", "traceroute 192.168.1.77 &"] {
        machine.run(line);
        assert_eq!(machine.run("kill %1"), (0, Transcript::default()), "{line}");
        assert_eq!(machine.run("wait %1"), (143, Transcript::default()), "{line}");
        // A shell without job control has its programs in the background not hear Ctrl-C.
        machine.run("sleep 0.5 &");
        assert_eq!(machine.run("kill -INT %1"), (0, Transcript::default()), "{line}");
        assert!(machine.run("jobs").1.stdout.contains("Running"), "{line}");
        assert_eq!(machine.run("wait %1"), (0, Transcript::default()), "{line}");
    }
    // What a signal ended is forgotten with the next command.
    machine.run("sleep 100 &");
    machine.run("kill %1");
    assert_eq!(machine.run("jobs").1, Transcript::default());
    assert_eq!(machine.run("wait %1").0, 127);
}

#[test]
fn a_person_is_told_of_signals_and_stops_what_comes_to_the_foreground() {
    let mut machine = Machine::new();
    let second = vethlab_shared::time::Duration::from_secs(1);
    let mut person =
        Person { patience: vethlab_shared::time::Duration::from_secs(1000), ..Person::default() };
    for (signal, told) in [("-INT", "Interrupt "), ("-TERM", "Terminated")] {
        machine.run_before("sleep 100 &", &mut person);
        person.text.clear();
        machine.run_before(&format!("kill {signal} %1"), &mut person);
        assert_eq!(person.text, format!("[1]+  {told}              sleep 100\n"));
    }
    machine.run_before("ping -q 192.168.1.1 &", &mut person);
    person.text.clear();
    person.patience = person.waited + second + second;
    assert_eq!(machine.run_before("fg", &mut person), 0);
    assert!(person.text.starts_with("ping -q 192.168.1.1\n"), "{}", person.text);
    assert!(person.text.contains(" received, 0% packet loss"), "{}", person.text);
    person.patience = person.waited + second;
    assert_eq!(machine.run_before("sleep 100", &mut person), 130);
}

#[test]
fn it_goes_on_while_nobody_types() {
    let mut machine = Machine::new();
    machine.run("ping -i 1 192.168.1.1 &");
    let later = machine.world.now() + vethlab_shared::time::Duration::from_millis(3500);
    machine.session.idle_until(later, &mut machine.world).expect("time passes");
    assert_eq!(machine.world.now(), later);
    let (_, shown) = machine.run("true");
    assert_eq!(shown.stdout.matches("icmp_seq=").count(), 3, "{}", shown.stdout);
}

#[test]
fn a_namespace_with_a_program_in_it_is_not_said_to_be_empty() {
    let mut machine = Machine::new();
    machine.run("ip netns exec red sleep 5 &");
    assert!(machine.run("ip netns pids red").1.stderr.contains("not modelled"));
    machine.run("wait");
    assert_eq!(machine.run("ip netns pids red"), (0, Transcript::default()));
}

#[test]
fn jobs_that_are_not_there_are_named() {
    let mut machine = Machine::new();
    assert_eq!(machine.run("kill %3").1.stderr, "bash: kill: %3: no such job\n");
    assert_eq!(
        machine.run("wait %5"),
        (127, Transcript { stdout: String::new(), stderr: "bash: wait: %5: no such job\n".to_owned() })
    );
    assert_eq!(machine.run("fg").1.stderr, "bash: fg: no job control\n");
    assert_eq!(machine.run("wait"), (0, Transcript::default()));
}

/// A console with a person before it, who presses Ctrl-C after a while.
#[derive(Default)]
struct Person {
    text: String,
    waited: vethlab_shared::time::Duration,
    patience: vethlab_shared::time::Duration,
}

impl Console for Person {
    fn out(&mut self, text: &str) {
        self.text += text;
    }
    fn err(&mut self, text: &str) {
        self.text += text;
    }
    fn interactive(&self) -> bool {
        true
    }
    fn interrupted(&self) -> bool {
        self.waited >= self.patience
    }
    fn pace(&mut self, passed: vethlab_shared::time::Duration) {
        self.waited += passed;
    }
}

#[test]
fn before_a_person_lines_come_as_frames_do() {
    let mut machine = Machine::new();
    let patience = vethlab_shared::time::Duration::from_secs(10);
    let mut person = Person { patience, ..Person::default() };
    machine.run_before("tcpdump -nt -i veth-host icmp &", &mut person);
    assert!(person.text.starts_with("[1]\n") || person.text.ends_with("[1]\n"), "{}", person.text);
    person.text.clear();
    machine.run_before("ping -c 2 192.168.1.1", &mut person);
    let place = |what: &str| person.text.find(what).unwrap_or_else(|| panic!("no {what} in {}", person.text));
    assert!(place("echo reply, id") < place("icmp_seq=2"), "{}", person.text);
    // In the foreground Ctrl-C ends it.
    person.text.clear();
    person.patience = person.waited + vethlab_shared::time::Duration::from_secs(2);
    assert_eq!(machine.run_before("fg", &mut person), 0);
    assert!(person.text.starts_with("tcpdump -nt -i veth-host icmp\n"), "{}", person.text);
    assert!(person.text.contains("\n4 packets captured\n"), "{}", person.text);
}

#[test]
fn going_back_goes_back_with_the_background_too() {
    let mut machine = Machine::new();
    machine.run("tcpdump -nt -i veth-host &");
    let (world, session) = (machine.world.clone(), machine.session.clone());
    let first = machine.run("ping -c 1 192.168.1.1");
    machine.world = world;
    machine.session = session;
    assert_eq!(machine.run("ping -c 1 192.168.1.1"), first);
}

#[test]
fn only_so_many_run_at_once() {
    let mut machine = Machine::new();
    for _ in 0..8 {
        assert_eq!(machine.run("tcpdump -i lo &").0, 0);
    }
    let (status, refused) = machine.run("tcpdump -i lo &");
    assert_eq!(status, 2);
    assert!(refused.stderr.contains("no further one can begin"), "{refused:?}");
    assert_eq!(machine.run("kill %7").0, 0);
    assert_eq!(machine.run("tcpdump -i lo &").0, 0);
}

#[test]
fn filters_are_not_endlessly_deep() {
    let mut machine = Machine::new();
    for filter in ["(".repeat(4000), "not ".repeat(4000), format!("{}arp", "arp or ".repeat(100_000))] {
        let (status, refused) = machine.run(&format!("tcpdump -i lo -c 1 '{filter}'"));
        assert_ne!(status, 0);
        assert!(!refused.stderr.is_empty());
    }
    let deep = format!("tcpdump -i lo '{}arp{}' &", "(".repeat(40), ")".repeat(40));
    assert_eq!(machine.run(&deep).0, 0);
}

#[test]
fn a_sleep_beyond_all_time_is_one_for_ever() {
    let mut machine = Machine::new();
    let (status, refused) = machine.run("sleep 1e18");
    assert_eq!(status, 2);
    assert!(refused.stderr.contains("never end here"), "{refused:?}");
}
