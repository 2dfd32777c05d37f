//! `why` against networks that are broken on purpose: each in a file of `tests/broken`, whose comments say which
//! cause is right, where it lies, and what comes once `try` was typed: `works`, the next cause, or `nothing` where
//! there is nothing to try. Where one mend alone is right, they name it. On the kernel each is as broken as on the simulator.

use libtest_mimic::Failed;
use proptest::prelude::{Just, prop_oneof};
use proptest::test_runner::{TestCaseError, TestError, TestRunner};
use vethlab_engine::compare::differences;
use vethlab_engine::script;
use vethlab_engine::stacks::StackChoice;
use vethlab_explain::why::{Answer, Cause, Diagnosis, Question, explain, page};
use vethlab_programs::Transcript;
use vethlab_programs::session::{Outcome, Session};
use vethlab_shared::event::{DropReason, Event, EventKind, Hook};
use vethlab_shared::stack::NetworkStack;
use vethlab_tests::files::{self, NamedFile};
use vethlab_tests::trial::Trial;
use vethlab_tests::{generate, randomness, report, stacks};

pub(crate) fn trials(missing: Option<&str>) -> Result<Vec<Trial>, Failed> {
    let files = files::read_all("broken", "sh")?;
    let mut trials = vec![
        Trial::new("every_cause_has_a_broken_network", {
            let files = files.clone();
            move || every_cause(&files)
        }),
        Trial::new("pairs_of_faults_are_named_one_after_the_other", pairs),
        Trial::new("random_networks_are_always_explained", random_networks),
        Trial::new("random_connections_are_always_explained", random_connections),
        Trial::new("what_a_hook_drops_is_filtered", filtered),
        Trial::new("the_page_of_causes_is_as_the_code_says", causes_page),
    ];
    for file in files {
        let name = file.name.clone();
        trials.push(Trial::new(format!("sim::{name}"), {
            let file = file.clone();
            move || diagnosed(&file)
        }));
        trials.push(Trial::on_kernel(format!("real::{name}"), missing, move || truly_broken(&file)));
    }
    Ok(trials)
}

/// A session on a stack, and what it said.
struct Machine {
    stack: Box<dyn NetworkStack>,
    session: Session,
}

impl Machine {
    fn open() -> Result<Machine, Failed> {
        let mut stack = stacks::sim(1)?;
        stack.observe(true);
        Ok(Machine { stack, session: Session::new() })
    }

    fn run(&mut self, line: &str) -> (u8, Transcript) {
        let mut console = Transcript::default();
        match self.session.execute(line, self.stack.as_mut(), &mut console) {
            Outcome::Nothing => (0, console),
            Outcome::Ran(status) | Outcome::Exit(status) => (status, console),
        }
    }

    fn must(&mut self, line: &str) -> Result<(), Failed> {
        match self.run(line) {
            (0, _) => Ok(()),
            (status, said) => {
                Err(format!("'{line}' ended with {status}: {}{}", said.stdout, said.stderr).into())
            }
        }
    }

    fn why(&mut self) -> Result<Diagnosis, Failed> {
        let (_, shown) = self.run("why");
        let is_command = |line: &str| ["ip ", "iptables "].iter().any(|word| line.trim().starts_with(word));
        if let Some(line) = shown.stdout.lines().find(|line| line.chars().count() > 80 && !is_command(line)) {
            return Err(format!("a line of 'why' is too wide: {line}").into());
        }
        let (status, said) = self.run("why --json");
        if said.stdout.lines().count() != 1 {
            return Err(format!("'why --json' ended with {status}: {}{}", said.stdout, said.stderr).into());
        }
        Ok(serde_json::from_str(&said.stdout)?)
    }
}

/// What a file says about itself.
fn note<'a>(file: &'a NamedFile, key: &str) -> Result<&'a str, Failed> {
    let found = file.text.lines().find_map(|line| line.strip_prefix(&format!("# {key}: ")));
    found.ok_or_else(|| format!("tests/broken/{}.sh has no line '# {key}: …'", file.name).into())
}

fn diagnosed(file: &NamedFile) -> Result<(), Failed> {
    let commands = script::commands(file.text.as_bytes())?;
    let (ping, setup) = commands.split_last().ok_or("no commands")?;
    let mut machine = Machine::open()?;
    for command in setup {
        // What is sent in the setup only fills tables; all else must do what it says.
        if sends(command) {
            machine.run(command);
        } else {
            machine.must(command)?;
        }
    }
    machine.run(ping);
    let found = machine.why()?;
    let right =
        found.cause.name() == note(file, "cause")? && found.namespace.as_str() == note(file, "namespace")?;
    if !right {
        return Err(format!("wrong: {found:#?}").into());
    }
    let then = note(file, "then")?;
    if found.attempts.is_empty() != (then == "nothing") {
        return Err(format!("then '{then}', but try is {:?}", found.attempts).into());
    }
    // Where there is one right mend, the file names it.
    let expected = note(file, "try").ok();
    if expected.is_some_and(|expected| found.attempts.join(", ") != expected) {
        return Err(format!("try {expected:?}, but it is {:?}", found.attempts).into());
    }
    let promised = found.then.as_ref().map(|then| then.cause.name());
    let kept = if then == "works" { Cause::None.name() } else { then };
    if promised != Some(kept).filter(|_| then != "nothing") {
        return Err(format!("then '{then}', but {promised:?} was promised: {found:#?}").into());
    }
    if then == "nothing" {
        return Ok(());
    }
    let mut last = String::new();
    let refused = found.cause == Cause::Refused;
    for command in &found.attempts {
        if !sends(command) {
            machine.must(command)?;
        }
        last.clone_from(command);
    }
    // It ends with the command itself, or with what stands in its place.
    if refused {
        return Ok(());
    }
    // Some are mended by another command, not by another network.
    let again = if sends(&last) { &last } else { ping };
    machine.run(again);
    let next = machine.why()?;
    let expected = if then == "works" { Cause::None.name() } else { then };
    if next.cause.name() == expected || (then == "works" && partly(&next)) {
        Ok(())
    } else {
        Err(format!("after {:?} there is still {next:#?}\nfirst: {found:#?}", found.attempts).into())
    }
}

/// Whether a command is there to send something, rather than to alter the network.
fn sends(line: &str) -> bool {
    let runs =
        |program: &str| line.starts_with(&format!("{program} ")) || line.contains(&format!(" {program} "));
    // What goes on in the background is a server.
    (runs("ping") || runs("nc")) && !line.ends_with('&')
}

fn partly(found: &Diagnosis) -> bool {
    found.cause == Cause::None
}

/// The kernel does the same, and `why` there names the same cause, confirmed by each of the commands.
fn truly_broken(file: &NamedFile) -> Result<(), Failed> {
    let commands = script::commands(file.text.as_bytes())?;
    let sim = script::play(&commands, &mut *stacks::sim(1)?);
    let mut machine = vethlab::stacks::machine(StackChoice::Real, 1)?;
    let mut run = |command: &str| {
        let mut said = Transcript::default();
        let outcome = machine.execute(command, &mut said);
        script::entry(command, outcome, said).unwrap_or_default()
    };
    let real: Vec<_> = commands.iter().map(|command| run(command)).collect();
    let found = differences(&real, &sim);
    if !found.is_empty() {
        return Err(format!("Linux and sim differ: {found:#?}").into());
    }
    let told = run("why --json");
    let answer: Answer = serde_json::from_str(&told.stdout)
        .map_err(|error| format!("{error}: {}{}", told.stdout, told.stderr))?;
    let Answer { diagnosis, account } = &answer;
    // What is proposed was tried beside the kernel, and the kernel takes it too.
    for command in diagnosis.attempts.iter().filter(|command| !sends(command)) {
        let typed = run(command);
        if typed.status != 0 {
            return Err(format!("Linux refuses what is proposed: {typed:?}").into());
        }
    }
    let right = diagnosis.cause.name() == note(file, "cause")?
        && diagnosis.namespace.as_str() == note(file, "namespace")?;
    if right && account.confirmed && account.commands == commands.len() && told.status == 0 {
        Ok(())
    } else {
        Err(format!("wrong, or not confirmed: {answer:#?}").into())
    }
}

/// Causes that a network cannot show today, each with the reason.
const ELSEWHERE: [Cause; 4] = [
    // Only `traceroute` sends to a port, and to it that is no fault.
    Cause::PortUnreachable,
    // Depends on when a program is stopped.
    Cause::NotWaitedFor,
    // Needs a moment in the past, which `tests/history.rs` goes to.
    Cause::UnderWay,
    // Nothing that is known leads there.
    Cause::Unexplained,
];

fn every_cause(files: &[NamedFile]) -> Result<(), Failed> {
    for cause in Cause::ALL.iter().filter(|cause| !ELSEWHERE.contains(cause)) {
        if !files.iter().any(|file| note(file, "cause").is_ok_and(|name| name == cause.name())) {
            return Err(format!("no file in tests/broken is about {cause}").into());
        }
    }
    Ok(())
}

fn causes_page() -> Result<(), Failed> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/CAUSES.md");
    if std::fs::read_to_string(&path)? == page() {
        return Ok(());
    }
    let fresh = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("CAUSES.md");
    std::fs::write(&fresh, page())?;
    Err(format!("shared/CAUSES.md is not what the code says; what it says is in {}", fresh.display()).into())
}

/// Three routers in a row, with `left` before and `right` behind.
const CHAIN: &[&str] = &[
    "ip netns add left",
    "ip netns add r1",
    "ip netns add r2",
    "ip netns add r3",
    "ip netns add right",
    "ip link add l0 netns left type veth peer name e0 netns r1",
    "ip link add e1 netns r1 type veth peer name e0 netns r2",
    "ip link add e1 netns r2 type veth peer name e0 netns r3",
    "ip link add e1 netns r3 type veth peer name l0 netns right",
    "ip -n left link set l0 up",
    "ip -n r1 link set e0 up",
    "ip -n r1 link set e1 up",
    "ip -n r2 link set e0 up",
    "ip -n r2 link set e1 up",
    "ip -n r3 link set e0 up",
    "ip -n r3 link set e1 up",
    "ip -n right link set l0 up",
    "ip -n left addr add 10.1.0.2/24 dev l0",
    "ip -n r1 addr add 10.1.0.1/24 dev e0",
    "ip -n r1 addr add 10.2.0.1/24 dev e1",
    "ip -n r2 addr add 10.2.0.2/24 dev e0",
    "ip -n r2 addr add 10.3.0.1/24 dev e1",
    "ip -n r3 addr add 10.3.0.2/24 dev e0",
    "ip -n r3 addr add 10.4.0.1/24 dev e1",
    "ip -n right addr add 10.4.0.2/24 dev l0",
    "ip -n left route add default via 10.1.0.1",
    "ip -n right route add default via 10.4.0.1",
    "ip -n r1 route add 10.4.0.0/24 via 10.2.0.2",
    "ip -n r2 route add 10.4.0.0/24 via 10.3.0.2",
    "ip -n r2 route add 10.1.0.0/24 via 10.2.0.1",
    "ip -n r3 route add 10.1.0.0/24 via 10.3.0.1",
    "ip netns exec r1 sysctl -w net.ipv4.ip_forward=1",
    "ip netns exec r2 sysctl -w net.ipv4.ip_forward=1",
    "ip netns exec r3 sysctl -w net.ipv4.ip_forward=1",
];

/// Single faults in the order in which a request and its answer meet them, each with what breaks the network.
const FAULTS: &[(&str, &str, &str)] = &[
    ("no-route", "left", "ip -n left route del default"),
    ("wrong-gateway", "left", "ip -n left route replace default via 10.1.0.9"),
    (
        "wrong-neighbour",
        "left",
        "ip -n left neigh replace 10.1.0.1 lladdr 02:00:00:00:00:99 dev l0 nud permanent",
    ),
    ("forwarding-off", "r1", "ip netns exec r1 sysctl -w net.ipv4.ip_forward=0"),
    ("no-route", "r1", "ip -n r1 route del 10.4.0.0/24"),
    ("prohibit-route", "r2", "ip -n r2 route add prohibit 10.4.0.2"),
    ("blackhole-route", "r3", "ip -n r3 route add blackhole 10.4.0.2"),
    ("echo-ignored", "right", "ip netns exec right sysctl -w net.ipv4.icmp_echo_ignore_all=1"),
    ("no-return-route", "right", "ip -n right route del default"),
    ("no-return-route", "r3", "ip -n r3 route del 10.1.0.0/24"),
    ("unreachable-route", "r2", "ip -n r2 route add unreachable 10.1.0.2"),
    (
        "wrong-neighbour",
        "r1",
        "ip -n r1 neigh replace 10.1.0.2 lladdr 02:00:00:00:00:98 dev e0 nud permanent",
    ),
];

const PING: &str = "ip netns exec left ping -c 1 -W 1 10.4.0.2";

/// Each pair of faults: the first to be met is named; typing what is to try mends it; then the second is named.
fn pairs() -> Result<(), Failed> {
    let mut wrong = Vec::new();
    for (number, first) in FAULTS.iter().enumerate() {
        for second in &FAULTS[number + 1..] {
            // A namespace that has no default route cannot have a wrong one.
            if first.1 == "left" && second.1 == "left" && second.0 == "wrong-gateway" {
                continue;
            }
            if let Err(problem) = pair(first, second) {
                wrong.push(format!("{first:?} and {second:?}: {}", problem.message().unwrap_or_default()));
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn pair(first: &(&str, &str, &str), second: &(&str, &str, &str)) -> Result<(), Failed> {
    let mut machine = Machine::open()?;
    for command in CHAIN {
        machine.must(command)?;
    }
    machine.must(first.2)?;
    machine.must(second.2)?;
    for (cause, namespace, _) in [first, second] {
        machine.run(PING);
        let found = machine.why()?;
        if (found.cause.name(), found.namespace.as_str()) != (cause, namespace) {
            return Err(format!("{cause} in {namespace} was to be named: {found:#?}").into());
        }
        for command in &found.attempts {
            machine.must(command)?;
        }
    }
    machine.run(PING);
    match machine.why()? {
        Diagnosis { cause: Cause::None, .. } => Ok(()),
        found => Err(format!("both are mended: {found:#?}").into()),
    }
}

/// Whom a random network is asked for: those who have addresses in it, and some who have not.
const TARGETS: [&str; 8] =
    ["10.0.0.1", "10.0.0.2", "10.0.1.1", "10.0.1.2", "10.0.0.255", "10.0.0.77", "127.0.0.1", "192.168.7.7"];

/// On any network `why` has an answer, says `none` if and only if every request was answered, and what it lets one
/// try breaks no ping that worked.
fn random_networks() -> Result<(), Failed> {
    let mut runner = TestRunner::new(randomness::config(150));
    let size = prop_oneof![Just(56u32), Just(1400), Just(3000)];
    let strategy = (generate::operations(12), 0..TARGETS.len(), 1..3u8, size);
    let result = runner.run(&strategy, |(operations, target, count, size)| {
        let mut machine = Machine::open().map_err(|_| TestCaseError::fail("no simulator"))?;
        report::run(machine.stack.as_mut(), &operations, &[]);
        let ping = format!("ping -c {count} -W 1 -s {size} {}", TARGETS[target]);
        let (status, said) = machine.run(&ping);
        let worked = status == 0 && said.stdout.contains(" 0% packet loss");
        let fail = |problem: &str, found: &Diagnosis| {
            TestCaseError::fail(format!("{problem}: {ping}\n{}{}\n{found:#?}", said.stdout, said.stderr))
        };
        let found = machine
            .why()
            .map_err(|problem| TestCaseError::fail(problem.message().unwrap_or("no diagnosis").to_owned()))?;
        if worked != (found.cause == Cause::None) {
            return Err(fail("it worked, or it did not", &found));
        }
        if found.cause == Cause::Unexplained {
            return Err(fail("no reason was found", &found));
        }
        let others: Vec<&str> = TARGETS.into_iter().filter(|other| works(&mut machine, other)).collect();
        for command in &found.attempts {
            machine.run(command);
        }
        for other in others {
            if !works(&mut machine, other) {
                return Err(fail(&format!("the ping to {other} worked before"), &found));
            }
        }
        Ok(())
    });
    match result {
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, case)) => Err(format!("{reason}\nafter {case:#?}").into()),
        Err(TestError::Abort(reason)) => Err(reason.to_string().into()),
    }
}

/// The same for connections: where a program listens everywhere, and where none does.
fn random_connections() -> Result<(), Failed> {
    let mut runner = TestRunner::new(randomness::config(100));
    let strategy = (generate::operations(12), 0..TARGETS.len(), prop_oneof![Just(true), Just(false)]);
    let result = runner.run(&strategy, |(operations, target, listens)| {
        let mut machine = Machine::open().map_err(|_| TestCaseError::fail("no simulator"))?;
        report::run(machine.stack.as_mut(), &operations, &[]);
        let namespaces = machine.stack.namespaces().unwrap_or_default();
        let within = namespaces.iter().map(|name| format!("ip netns exec {name} "));
        for place in within.chain([String::new()]).filter(|_| listens) {
            machine.run(&format!("{place}nc -l -k 80 &"));
        }
        let asked = format!("nc -w 2 -z {} 80", TARGETS[target]);
        let (status, said) = machine.run(&asked);
        let found = machine
            .why()
            .map_err(|problem| TestCaseError::fail(problem.message().unwrap_or("no diagnosis").to_owned()))?;
        let fail = |problem: &str| {
            TestCaseError::fail(format!("{problem}: {asked}\n{}{}\n{found:#?}", said.stdout, said.stderr))
        };
        if (status == 0) != (found.cause == Cause::None) {
            return Err(fail("it was made, or it was not"));
        }
        if found.cause == Cause::Unexplained {
            return Err(fail("no reason was found"));
        }
        Ok(())
    });
    match result {
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, case)) => Err(format!("{reason}\nafter {case:#?}").into()),
        Err(TestError::Abort(reason)) => Err(reason.to_string().into()),
    }
}

fn works(machine: &mut Machine, target: &str) -> bool {
    let (status, said) = machine.run(&format!("ping -c 1 -W 1 {target}"));
    status == 0 && said.stdout.contains(" 0% packet loss")
}

/// Where no trace names a rule: the events of a ping that worked are made into those of one that a router's hook
/// dropped.
fn filtered() -> Result<(), Failed> {
    let mut machine = Machine::open()?;
    for command in CHAIN {
        machine.must(command)?;
    }
    machine.must(PING)?;
    let (_, events) = machine.session.journal().last_traffic().ok_or("a ping is traffic")?;
    let mut events = events.to_vec();
    let forwarded = |event: &Event| {
        event.namespace.as_str() == "r2"
            && matches!(event.kind, EventKind::NfHook { hook: Hook::Forward, .. })
    };
    let place = events.iter().position(forwarded).ok_or("r2 forwards")?;
    events.truncate(place + 1);
    let mut end = events[place].clone();
    events[place].kind = EventKind::NfHook { hook: Hook::Forward, accepted: false };
    end.number += 1;
    end.kind = EventKind::KfreeSkb { reason: DropReason::NetfilterDrop };
    events.push(end);
    let (destination, packet, unfinished) = (None, None, false);
    let question = Question { invocation: None, events: &events, destination, packet, unfinished };
    let found = explain(&question, machine.stack.as_mut())?.ok_or("a request was sent")?;
    if found.cause == Cause::Filtered && found.namespace.as_str() == "r2" && found.attempts.is_empty() {
        Ok(())
    } else {
        Err(format!("filtered in r2: {found:#?}").into())
    }
}
