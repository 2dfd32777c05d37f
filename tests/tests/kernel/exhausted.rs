//! A stack whose budget has run out answers nothing else, whatever it is asked: on both stacks, for every call of the line.

use libtest_mimic::Failed;
use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use vethlab_programs::session::{Outcome, Session};
use vethlab_programs::{Console, EXHAUSTED, Transcript};
use vethlab_shared::budget::{Budget, Exhausted, Limits};
use vethlab_shared::change::Change;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::{Shutdown, SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::{RouteQuery, table};
use vethlab_tests::binary;
use vethlab_tests::stacks::{self, Case};
use vethlab_tests::trial::{Trial, equal};

const HOST: NamespaceName = NamespaceName::HOST;

/// Where the line is.
const LINE: &str = include_str!("../../../shared/src/stack.rs");

/// The calls that answer without doing anything, or that have to work so that what is left can be looked at and ended.
const ALWAYS: [&str; 9] = [
    "budget",
    "capabilities",
    "close",
    "exhausted",
    "now",
    "observe",
    "set_budget",
    "snapshot",
    "take_events",
];

type Answer = Result<(), StackError>;
type Call = fn(&mut dyn NetworkStack, Sockets) -> Answer;

/// A socket of each kind that the calls are about.
#[derive(Clone, Copy)]
struct Sockets {
    udp: SocketId,
    tcp: SocketId,
}

/// Every other call.
const CALLS: [(&str, Call); 33] = [
    ("apply", |stack, _| stack.apply(&HOST, &Change::AddNamespace(red()))),
    ("namespaces", |stack, _| stack.namespaces().map(drop)),
    ("namespace_id", |stack, _| stack.namespace_id(&HOST, &HOST).map(drop)),
    ("has_namespace", |stack, _| stack.has_namespace(&red()).map(drop)),
    ("links", |stack, _| stack.links(&HOST).map(drop)),
    ("link_by_name", |stack, _| stack.link_by_name(&HOST, &"lo".parse().expect("a name")).map(drop)),
    ("addresses", |stack, _| stack.addresses(&HOST, Family::Inet).map(drop)),
    ("routes", |stack, _| stack.routes(&HOST, Family::Inet).map(drop)),
    ("has_route_table", |stack, _| stack.has_route_table(&HOST, Family::Inet, table::MAIN).map(drop)),
    ("lookup_route", |stack, _| stack.lookup_route(&HOST, &query()).map(drop)),
    ("neighbours", |stack, _| stack.neighbours(&HOST, Family::Inet).map(drop)),
    ("fdb", |stack, _| stack.fdb(&HOST).map(drop)),
    ("bridge_ports", |stack, _| stack.bridge_ports(&HOST).map(drop)),
    ("neighbour_parameters", |stack, _| stack.neighbour_parameters(&HOST, Family::Inet).map(drop)),
    ("connections", |stack, _| stack.connections(&HOST, Family::Inet).map(drop)),
    ("ruleset", |stack, _| stack.ruleset(&HOST).map(drop)),
    ("sockets", |stack, _| stack.sockets(&HOST, Family::Inet).map(drop)),
    ("sysctl", |stack, _| stack.sysctl(&HOST, "net.ipv4.ip_forward").map(drop)),
    ("sysctl_names", |stack, _| stack.sysctl_names(&HOST, "net.ipv4").map(drop)),
    ("open", |stack, _| stack.open(&HOST, &SocketKind::Udp(Family::Inet)).map(drop)),
    ("set_option", |stack, sockets| stack.set_option(sockets.udp, &SocketOption::Broadcast(true))),
    ("bind", |stack, sockets| stack.bind(sockets.udp, local())),
    ("connect", |stack, sockets| stack.connect(sockets.udp, local())),
    ("local_address", |stack, sockets| stack.local_address(sockets.udp).map(drop)),
    ("send", |stack, sockets| stack.send(sockets.udp, local(), &[0; 8])),
    ("receive", |stack, sockets| stack.receive(sockets.udp).map(drop)),
    ("listen", |stack, sockets| stack.listen(sockets.tcp, 1)),
    ("accept", |stack, sockets| stack.accept(sockets.tcp).map(drop)),
    ("read", |stack, sockets| unless(Errno::ENOTCONN, stack.read(sockets.tcp, 8))),
    ("write", |stack, sockets| unless(Errno::EPIPE, stack.write(sockets.tcp, &[0; 8]))),
    ("take_error", |stack, sockets| stack.take_error(sockets.tcp).map(drop)),
    ("readiness", |stack, sockets| stack.readiness(sockets.tcp).map(drop)),
    ("shutdown", |stack, sockets| unless(Errno::ENOTCONN, stack.shutdown(sockets.tcp, Shutdown::Both))),
];

/// What was answered, where that is not the refusal that the call gets by itself.
fn unless<T>(errno: Errno, answer: Result<T, StackError>) -> Answer {
    match answer {
        Err(error) if error.errno() == Some(errno) => Ok(()),
        other => other.map(drop),
    }
}

fn red() -> NamespaceName {
    NamespaceName::new("red").expect("a name")
}

fn local() -> SocketAddr {
    SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 7)
}

fn query() -> RouteQuery {
    let destination = IpAddr::from(Ipv4Addr::LOCALHOST);
    RouteQuery { destination, source: None, output: None, input: None, tos: 0 }
}

/// Time that no test has.
fn far(stack: &dyn NetworkStack) -> vethlab_shared::time::Instant {
    stack.now() + Duration::from_secs(3600)
}

const CASES: [(&str, Case); 3] = [
    ("text_that_is_kept_counts_as_memory", text_counts),
    ("every_call_answers_that_a_limit_was_reached", every_call),
    ("waiting_ends_where_it_is_to_stop", waiting_ends),
];

pub(crate) fn trials(missing: Option<&str>) -> Vec<Trial> {
    let both = stacks::on_both(missing, &CASES);
    let others = [
        Trial::new("no_call_of_the_line_is_forgotten", no_call_is_forgotten),
        Trial::on_kernel("what_compare_keeps_has_an_end", missing, compared),
    ];
    both.into_iter().chain(others).collect()
}

/// A command that goes through all namespaces as often as nobody can wait for, and says so each time.
fn endless() -> String {
    format!("{}true", "ip -all netns exec ".repeat(60))
}

fn text_counts(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    const MEMORY: u64 = 1 << 16;
    /// What is printed until the program looks whether it may go on.
    const MORE: u64 = 1 << 12;
    let mut session = Session::new();
    for number in 0..30 {
        let line = format!("ip netns add {number}{}", "n".repeat(200));
        session.execute(&line, stack, &mut Transcript::default());
    }
    let through_all = format!("ip -all netns exec echo {}", "x".repeat(3000));
    for line in [endless(), format!("echo {}", "x".repeat(100_000)), through_all] {
        stack.set_budget(Budget::new(Limits { work: 1_000_000, memory: MEMORY, ..Limits::NONE }));
        let mut said = Transcript::default();
        let outcome = session.execute(&line, stack, &mut said);
        let told = format!("vethlab: stopped: {}\n", Exhausted::Memory(MEMORY));
        equal(&line[..20], &(outcome, said.stderr), &(Outcome::Ran(EXHAUSTED), told))?;
        equal("no more than may be", &(said.stdout.len() as u64 <= MEMORY + MORE), &true)?;
    }
    // What is printed at once is not kept.
    stack.set_budget(Budget::new(Limits { memory: 10, ..Limits::NONE }));
    let mut count = Count(0);
    equal("echo", &session.execute("echo 1 2 3 4 5 6 7 8", stack, &mut count), &Outcome::Ran(0))?;
    equal("bytes", &count.0, &16)
}

/// A console that keeps nothing.
struct Count(usize);

impl Console for Count {
    fn out(&mut self, text: &str) {
        self.0 += text.len();
    }
    fn err(&mut self, text: &str) {
        self.0 += text.len();
    }
}

fn compared() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("script");
    let names = ["a", "b"].map(|name| format!("ip netns add {}\n", name.repeat(200))).concat();
    fs::write(&script, format!("{names}{}\n", endless()))?;
    let words = ["compare", "--json", "--max-memory", "1", "--max-work", "1000000"];
    let output = Command::new(binary::path()?).args(words).arg(&script).output()?;
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    for stack in ["sim", "real"] {
        let status = &report["differences"][0][stack]["status"];
        let told = report["differences"][0][stack]["stderr"].as_str().unwrap_or_default();
        equal(stack, &(status.as_u64(), told.contains("--max-memory")), &(Some(EXHAUSTED.into()), true))?;
    }
    // Three that differ come to more than a command may take.
    fs::write(&script, format!("{names}{}", format!("{}\n", endless()).repeat(3)))?;
    let output = Command::new(binary::path()?).args(words).arg(&script).output()?;
    let told = String::from_utf8(output.stderr)?;
    let said = told.starts_with("vethlab: stopped at command ") && told.ends_with("(--max-memory)\n");
    equal(&told, &(output.status.code(), said), &(Some(2), true))
}

fn every_call(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    let socket = stack.open(&HOST, &SocketKind::Udp(Family::Inet))?;
    let tcp = stack.open(&HOST, &SocketKind::Tcp(Family::Inet))?;
    let sockets = Sockets { udp: socket, tcp };
    let before = stack.namespaces()?;
    stack.set_budget(Budget::new(Limits { work: 0, ..Limits::NONE }));
    let exhausted = Err(StackError::Exhausted(Exhausted::Work(0)));
    for (name, call) in CALLS {
        let answer = call(stack, sockets);
        if answer != exhausted {
            return Err(format!("{name}: {answer:?}").into());
        }
    }
    let deadline = far(stack);
    let waited = stack.run_until(deadline, &[socket]);
    if waited != exhausted || stack.now() >= deadline {
        return Err(format!("run_until: {waited:?}").into());
    }
    stack.set_budget(Budget::default());
    for (name, call) in CALLS {
        // Nothing was done before: what was refused is done now, but for `send` to nobody and what follows it.
        call(stack, sockets).map_err(|error| format!("{name}, with a new budget: {error}"))?;
    }
    stack.close(socket);
    match stack.namespaces()? == [vec![red()], before].concat() {
        true => Ok(()),
        false => Err("what was refused has been done".into()),
    }
}

/// Whoever waits for a program that takes no notice calls `run_until` again and again.
fn waiting_ends(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    const MOST_CALLS: usize = 100_000;
    let stop = Arc::new(AtomicBool::new(true));
    stack.set_budget(Budget::until(Limits::NONE, Arc::clone(&stop)));
    let deadline = far(stack);
    for _ in 0..MOST_CALLS {
        match stack.run_until(stack.now() + Duration::from_millis(1), &[]) {
            Ok(()) if stack.now() < deadline => {}
            Ok(()) => return Err("time has passed".into()),
            Err(StackError::Exhausted(Exhausted::Stopped)) => {
                stop.store(false, Ordering::Relaxed);
                return match stack.exhausted() {
                    Some(Exhausted::Stopped) => Ok(()),
                    other => Err(format!("{other:?}").into()),
                };
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err("it never stops".into())
}

/// The methods of the trait, as its file names them.
fn methods() -> BTreeSet<&'static str> {
    let (_, body) = LINE.split_once("pub trait NetworkStack {\n").expect("the line");
    let (body, _) = body.split_once("\n}\n").expect("its end");
    body.lines().filter_map(|line| line.strip_prefix("    fn ")?.split('(').next()).collect()
}

fn no_call_is_forgotten() -> Result<(), Failed> {
    let calls = CALLS.iter().map(|(name, _)| *name);
    let known: BTreeSet<&str> = calls.chain(ALWAYS).chain(["run_until"]).collect();
    let methods = methods();
    match methods == known {
        true => Ok(()),
        false => Err(format!("tried: {known:?}\nthe line has: {methods:?}").into()),
    }
}
