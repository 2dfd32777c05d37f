//! What would not end, or would take all memory, is stopped by its budget, and told with the limit's name.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use vethlab_engine::limits::Allowed;
use vethlab_engine::machine::Machine;
use vethlab_engine::machines::Machines;
use vethlab_engine::platform::{Platform, Stops};
use vethlab_engine::screen::Screen;
use vethlab_engine::stacks::{StackChoice, Unavailable};
use vethlab_programs::session::{Outcome, Session};
use vethlab_programs::{Console, EXHAUSTED, Transcript};
use vethlab_shared::budget::{Budget, Exhausted, Limits};
use vethlab_shared::event::EventKind;
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::SocketKind;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Instant;
use vethlab_sim::World;

/// A pair of links between the machine and `red`, both of the least MTU.
const NARROW: [&str; 6] = [
    "ip netns add red",
    "ip link add v0 mtu 68 type veth peer name v1 mtu 68 netns red",
    "ip addr add 10.0.0.1/24 dev v0",
    "ip link set v0 up",
    "ip -n red addr add 10.0.0.2/24 dev v1",
    "ip -n red link set v1 up",
];

const LIMITS: Limits = Limits { work: 100_000, time: Duration::from_secs(86_400), memory: 16 << 20 };

/// What the last of the lines came to, all but it having none to reach.
fn last_of(lines: &[&str], limits: Limits) -> (Outcome, Transcript, World) {
    let (mut world, mut session) = (World::new(1), Session::new());
    world.observe(true);
    let (last, first) = lines.split_last().expect("a line");
    for line in first {
        assert_eq!(session.execute(line, &mut world, &mut Transcript::default()), Outcome::Ran(0), "{line}");
    }
    world.set_budget(Budget::new(limits));
    let mut transcript = Transcript::default();
    let outcome = session.execute(last, &mut world, &mut transcript);
    (outcome, transcript, world)
}

#[test]
fn work_time_and_memory_have_an_end() {
    let wide = ["ip link add v0 type veth peer name v1"];
    let flood = "ping -q -l 65536 -c 65536 -s 65507 10.0.0.2";
    let cases: [(&[&str], &str, Exhausted); 5] = [
        (&NARROW, flood, Exhausted::Memory(LIMITS.memory)),
        (&wide, "ping -q -c 100000 -i 0.002 127.0.0.1", Exhausted::Memory(LIMITS.memory)),
        (&wide, "sleep 18446744073", Exhausted::Time(LIMITS.time)),
        (&wide, "ping -c 10000 -i 2147483 127.0.0.1", Exhausted::Time(LIMITS.time)),
        (&NARROW, "ping -q -c 2000000 -i 0.002 10.0.0.2", Exhausted::Work(LIMITS.work)),
    ];
    for (network, line, limit) in cases {
        let limits = match limit {
            Exhausted::Work(_) => Limits { memory: u64::MAX, ..LIMITS },
            _ => LIMITS,
        };
        let lines = [network, &[line]].concat();
        let (outcome, said, world) = last_of(&lines, limits);
        assert_eq!(outcome, Outcome::Ran(EXHAUSTED), "{line}: {said:?}");
        assert!(said.stderr.ends_with(&format!("vethlab: stopped: {limit}\n")), "{line}: {said:?}");
        assert_eq!(NetworkStack::exhausted(&world), Some(limit));
    }
}

/// Whatever becomes of a program in one namespace, `ip -all netns exec` goes on with the next; but not where nothing more
/// can be done.
#[test]
fn a_limit_ends_what_goes_through_all_namespaces() {
    let line = "ip -all netns exec ip -all netns exec ip link";
    let lines = ["ip netns add a", "ip netns add b", line];
    let (outcome, said, _) = last_of(&lines, Limits { work: 4, ..LIMITS });
    assert_eq!(outcome, Outcome::Ran(EXHAUSTED), "{said:?}");
    assert_eq!(said.stderr.matches("--max-work").count(), 1, "{said:?}");
}

#[test]
fn another_budget_lets_things_go_on() {
    let lines = ["ip link add v0 type veth peer name v1", "sleep 18446744073"];
    let (_, _, mut world) = last_of(&lines, LIMITS);
    assert!(world.links(&NamespaceName::HOST).is_err(), "nothing is answered");
    world.set_budget(Budget::new(LIMITS));
    let mut said = Transcript::default();
    assert_eq!(
        Session::new().execute("ping -c 1 127.0.0.1", &mut world, &mut said),
        Outcome::Ran(0),
        "{said:?}"
    );
}

#[test]
fn at_the_end_of_the_clock_time_stands_still() {
    let mut world = World::new(1);
    let error = world.run_until(Instant::from_nanos(u64::MAX - 1), &[]).expect_err("there is no such time");
    assert_eq!(error.to_string(), Exhausted::Time(Limits::NONE.time).to_string());
    assert!(NetworkStack::now(&world) <= Instant::LAST);
}

#[test]
fn a_stop_is_heard_in_the_middle_of_a_call() {
    let stop = Arc::new(AtomicBool::new(false));
    let mut world = World::new(1);
    world.set_budget(Budget::until(Limits::NONE, stop.clone()));
    stop.store(true, Ordering::Relaxed);
    let mut said = Transcript::default();
    let line = "ping -q -c 1000000 -i 0.002 127.0.0.1";
    assert_eq!(Session::new().execute(line, &mut world, &mut said), Outcome::Ran(EXHAUSTED));
    assert_eq!(said.stderr, "vethlab: stopped: it was interrupted\n");
}

/// An echo at the least MTU takes thousands of frames: while many are sent, timers run out.
#[test]
fn a_timer_that_runs_out_holds_up_no_frame() {
    let mut world = World::new(1);
    for line in NARROW {
        Session::new().execute(line, &mut world, &mut Transcript::default());
    }
    let socket = world.open(&NamespaceName::HOST, &SocketKind::Icmp(Family::Inet)).expect("a socket");
    let mut request = vec![0; 60_000];
    // An echo request of nothing but zeros: the checksum is the complement of its first word.
    request[..4].copy_from_slice(&[8, 0, 0xf7, 0xff]);
    for _ in 0..150 {
        world.send(socket, "10.0.0.2:0".parse().expect("an address"), &request).expect("it is sent");
    }
    let red = NamespaceName::new("red").expect("a name");
    let link = world.link_by_name(&red, &"v1".parse().expect("a name")).expect("links").expect("a link");
    assert!(link.statistics.rx_packets >= 150 * 60_000 / 48, "all has arrived: {:?}", link.statistics);
    assert!(
        NetworkStack::now(&world) > Instant::from_nanos(1_500_000_000),
        "{:?}",
        NetworkStack::now(&world)
    );
}

/// What a person can take back is kept until it takes too many bytes: a large network is copied with every change.
#[test]
fn moments_of_a_large_network_make_room_for_each_other() {
    const LINKS: usize = 3000;
    let setup: Vec<String> =
        (0..LINKS).map(|number| format!("ip link add v{number} type veth peer name w{number}")).collect();
    let mut undone = 0;
    let used = allocation_counter::measure(|| {
        let mut machine = Machine::on_sim(1);
        machine.set_up(&setup, &|| None).expect("a network");
        let mut execute = |line: &str| {
            let mut said = Transcript::default();
            let outcome = machine.execute(line, &mut said);
            (outcome, said.stderr)
        };
        for mtu in 100..500 {
            assert_eq!(execute(&format!("ip link set v0 mtu {mtu}")).0, Outcome::Ran(0));
        }
        while execute("undo").0 == Outcome::Ran(0) {
            undone += 1;
        }
        assert_eq!(
            execute("undo").1,
            "vethlab: what was done before is no longer kept, and cannot be undone\n"
        );
    });
    assert!(undone > 20, "some can be taken back: {undone}");
    assert!(used.bytes_max < 200 << 20, "{} MiB", used.bytes_max >> 20);
}

/// What happened is kept until it takes too many bytes. That the oldest is gone is told.
#[test]
fn what_happened_long_ago_makes_room() {
    let used = allocation_counter::measure(|| {
        let mut machine = Machine::on_sim(1);
        for _ in 0..14 {
            let outcome =
                machine.execute("ping -q -c 110 -i 0.002 -s 60000 127.0.0.1", &mut Transcript::default());
            assert_eq!(outcome, Outcome::Ran(0));
        }
        let mut said = Transcript::default();
        machine.execute("packets all", &mut said);
        assert!(said.stdout.contains(" are no longer kept."), "{}", said.stdout);
    });
    assert!(used.bytes_max < 512 << 20, "{} MiB", used.bytes_max >> 20);
}

/// What a person sees is kept, too: to step through it again.
#[test]
fn what_was_printed_is_kept_within_the_limit() {
    struct Blind(String);
    impl Console for Blind {
        fn out(&mut self, _text: &str) {}
        fn err(&mut self, text: &str) {
            self.0.push_str(text);
        }
    }
    let mut machine = Machine::on_sim(1);
    let command = Limits { work: 1_000_000, memory: 8 << 20, ..LIMITS };
    machine.set_limits(Allowed { command, ..Allowed::default() });
    for name in ["a", "b"] {
        machine.execute(&format!("ip netns add {}", name.repeat(200)), &mut Transcript::default());
    }
    let endless = format!("{}true", "ip -all netns exec ".repeat(60));
    let used = allocation_counter::measure(|| {
        let mut blind = Blind(String::new());
        assert_eq!(machine.execute(&endless, &mut blind), Outcome::Ran(EXHAUSTED));
        assert_eq!(blind.0, format!("vethlab: stopped: {}\n", Exhausted::Memory(command.memory)));
    });
    assert!(used.bytes_max < 2 * command.memory, "{} MiB", used.bytes_max >> 20);
    assert_eq!(machine.execute("ip link", &mut Transcript::default()), Outcome::Ran(0), "the others go on");
}

/// Two stacks without a kernel: what stands for it has virtual time, too.
struct WithoutKernel;

impl Platform for WithoutKernel {
    fn open(&mut self, choice: StackChoice, seed: u64) -> Result<Machine, Unavailable> {
        Ok(match choice {
            StackChoice::Sim => Machine::on_sim(seed),
            StackChoice::Real => Machine::on_kernel_alone(Box::new(World::new(seed))),
        })
    }
    fn idle(&mut self) -> Duration {
        Duration::ZERO
    }
    fn stops_setup(&self) -> Stops {
        Box::new(|| None)
    }
    fn stops_answer(&self) -> Stops {
        Box::new(|| None)
    }
}

/// A person who presses Ctrl-C when a program has asked so often.
struct Impatient {
    asked: Cell<u64>,
    patience: u64,
    said: Transcript,
}

impl Console for Impatient {
    fn out(&mut self, text: &str) {
        self.said.out(text);
    }
    fn err(&mut self, text: &str) {
        self.said.err(text);
    }
    fn interrupted(&self) -> bool {
        self.asked.set(self.asked.get() + 1);
        self.asked.get() > self.patience
    }
}

impl Screen for Impatient {}

/// What the person has stopped on one stack the other one does no longer than they notice, however much it was.
#[test]
fn a_stack_that_is_behind_goes_no_further_than_a_person_waits() {
    for (patience, goes_as_far) in [(30, true), (40_000, false)] {
        let mut machines =
            Machines::open(&StackChoice::BOTH, 1, Box::new(WithoutKernel)).expect("two stacks");
        let mut screen = Impatient { asked: Cell::new(0), patience, said: Transcript::default() };
        machines.execute("ping -q -i 0.002 -c 1000000 127.0.0.1", &mut screen);
        let said = "vethlab: the simulator was stopped before it had done as much as the kernel";
        assert_eq!(!screen.said.stderr.contains(said), goes_as_far, "{:?}", screen.said);
        let pings = |machine: &Machine| {
            let events = machine.journal().events().iter();
            events.filter(|event| matches!(event.kind, EventKind::NetDevXmit { .. })).count()
        };
        let [kernel, sim] = [&machines.all()[0], &machines.all()[1]].map(pings);
        assert_eq!(sim + 4 > kernel, goes_as_far, "{sim} frames on the simulator, {kernel} on the kernel");
        // Their clocks go together again, and what was stopped is no difference.
        screen.patience = u64::MAX;
        let turn = machines.execute("ping -c 2 127.0.0.1", &mut screen);
        assert!(turn.agreed(), "{turn:?}");
    }
}

/// What is taken back is kept once, however many commands there are behind the one that led to most of it.
#[test]
fn what_is_taken_back_is_kept_once() {
    const CHANGES: u32 = 30;
    let of_undo = |changes: u32| {
        let mut machine = Machine::on_sim(1);
        let mut execute = |line: &str| machine.execute(line, &mut Transcript::default());
        assert_eq!(execute("ping -q -c 3000 -i 0.002 127.0.0.1"), Outcome::Ran(0));
        for change in 0..changes {
            assert_eq!(execute(&format!("ip link set lo mtu {}", 1000 + change)), Outcome::Ran(0));
        }
        let used = allocation_counter::measure(|| {
            assert_eq!(execute(&format!("undo {}", changes + 1)), Outcome::Ran(0));
            assert_eq!(execute(&format!("redo {}", changes + 1)), Outcome::Ran(0));
        });
        machine.execute("undo", &mut Transcript::default());
        assert_eq!(machine.commands(), Some(changes as usize));
        used.bytes_max
    };
    let (few, many) = (of_undo(1), of_undo(CHANGES));
    assert!(many < 3 * few + (1 << 20), "{few} bytes for one change, {many} for {CHANGES}");
}

/// What was looked at in between goes as a command is done again; what happened stays the same.
#[test]
fn what_happened_is_the_same_when_it_is_done_again() {
    let mut machine = Machine::on_sim(1);
    let mut execute = |line: &str| {
        let mut said = Transcript::default();
        machine.execute(line, &mut said);
        said.stdout + &said.stderr
    };
    for line in ["ping -c 2 127.0.0.1", "ip link set lo mtu 1500", "ping -c 1 -s 2000 127.0.0.1"] {
        execute(line);
    }
    let before = [execute("timeline all"), execute("packets all"), execute("why")];
    for _ in 0..3 {
        execute("undo 3");
        execute("ip link");
        execute("redo 2");
        execute("packets all");
        execute("redo");
    }
    assert_eq!([execute("timeline all"), execute("packets all"), execute("why")], before);
}
