//! `why` against networks that are broken on purpose: each in a file of `tests/broken`, whose comments say which
//! cause is right, where it lies, and what comes once `try` was typed: `works`, the next cause, or `nothing` where
//! there is nothing to try. On the kernel each is as broken as on the simulator.

use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;
use vethlab::compare::differences;
use vethlab::script;
use vethlab_shared::programs::Transcript;
use vethlab_shared::session::{Outcome, Session};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::why::{Cause, Diagnosis, page};
use vethlab_tests::files::{self, NamedFile};
use vethlab_tests::stacks;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let missing = stacks::missing();
    let files = match files::read_all("broken", "sh") {
        Ok(files) => files,
        Err(error) => {
            eprintln!("tests/broken cannot be read: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut trials = vec![
        Trial::test("every_cause_has_a_broken_network", {
            let files = files.clone();
            move || every_cause(&files)
        }),
        Trial::test("pairs_of_faults_are_named_one_after_the_other", pairs),
        Trial::test("the_page_of_causes_is_as_the_code_says", causes_page),
    ];
    for file in files {
        let name = file.name.clone();
        trials.push(Trial::test(format!("sim::{name}"), {
            let file = file.clone();
            move || diagnosed(&file)
        }));
        trials.push(stacks::trial(format!("real::{name}"), missing.as_deref(), move || truly_broken(&file)));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A session on a stack, and what it said.
struct Seat {
    stack: Box<dyn NetworkStack>,
    session: Session,
}

impl Seat {
    fn open() -> Result<Seat, Failed> {
        let mut stack = stacks::sim(1)?;
        stack.observe(true);
        Ok(Seat { stack, session: Session::new() })
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
        if let Some(line) =
            shown.stdout.lines().find(|line| line.chars().count() > 80 && !line.trim().starts_with("ip "))
        {
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
    let mut seat = Seat::open()?;
    for command in setup {
        // A ping in the setup only fills tables; all else must do what it says.
        if command.contains("ping ") {
            seat.run(command);
        } else {
            seat.must(command)?;
        }
    }
    seat.run(ping);
    let found = seat.why()?;
    let right =
        found.cause.name() == note(file, "cause")? && found.namespace.as_str() == note(file, "namespace")?;
    if !right {
        return Err(format!("wrong: {found:#?}").into());
    }
    let then = note(file, "then")?;
    if found.attempts.is_empty() != (then == "nothing") {
        return Err(format!("then '{then}', but try is {:?}", found.attempts).into());
    }
    if then == "nothing" {
        return Ok(());
    }
    let mut last = String::new();
    for command in &found.attempts {
        if !command.starts_with("ping") && !command.contains(" ping ") {
            seat.must(command)?;
        }
        last.clone_from(command);
    }
    // Some are mended by another ping, not by another network.
    let again = if last.contains("ping ") { &last } else { ping };
    seat.run(again);
    let next = seat.why()?;
    let expected = if then == "works" { Cause::None.name() } else { then };
    if next.cause.name() == expected || (then == "works" && partly(&next)) {
        Ok(())
    } else {
        Err(format!("after {:?} there is still {next:#?}\nfirst: {found:#?}", found.attempts).into())
    }
}

fn partly(found: &Diagnosis) -> bool {
    found.cause == Cause::None
}

fn truly_broken(file: &NamedFile) -> Result<(), Failed> {
    let commands = script::commands(file.text.as_bytes())?;
    let sim = script::play(&commands, &mut *stacks::sim(1)?);
    let real = script::play(&commands, &mut *stacks::real()?);
    let found = differences(&real, &sim);
    if found.is_empty() { Ok(()) } else { Err(format!("Linux and sim differ: {found:#?}").into()) }
}

/// Causes that a network cannot show today, each with the reason; handmade events stand for them below.
const ELSEWHERE: [Cause; 5] = [
    // No rules can be set yet.
    Cause::Filtered,
    // Only `traceroute` sends to a port, and to it that is no fault.
    Cause::PortUnreachable,
    // Depends on when a program is stopped.
    Cause::NotWaitedFor,
    // A router needs to be sent what no sender sends.
    Cause::InvalidDestination,
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
    let mut seat = Seat::open()?;
    for command in CHAIN {
        seat.must(command)?;
    }
    seat.must(first.2)?;
    seat.must(second.2)?;
    for (cause, namespace, _) in [first, second] {
        seat.run(PING);
        let found = seat.why()?;
        if (found.cause.name(), found.namespace.as_str()) != (cause, namespace) {
            return Err(format!("{cause} in {namespace} was to be named: {found:#?}").into());
        }
        for command in &found.attempts {
            seat.must(command)?;
        }
    }
    seat.run(PING);
    match seat.why()? {
        Diagnosis { cause: Cause::None, .. } => Ok(()),
        found => Err(format!("both are mended: {found:#?}").into()),
    }
}
