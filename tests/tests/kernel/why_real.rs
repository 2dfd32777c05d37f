//! `why` on the kernel: a simulator beside it tells, and says how far the two did the same.

use libtest_mimic::Failed;
use std::cell::Cell;
use std::io::Write;
use std::process::{Command, Stdio};
use vethlab_engine::compare::Entry;
use vethlab_engine::machine::Machine;
use vethlab_engine::script;
use vethlab_engine::stacks::StackChoice;
use vethlab_explain::why::{Answer, Cause};
use vethlab_programs::{Console, Transcript};
use vethlab_shared::family::Family;
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::socket::SocketKind;
use vethlab_tests::binary;
use vethlab_tests::trial::Trial;

/// Two namespaces and a cable.
const CABLE: [&str; 6] = [
    "ip netns add red",
    "ip link add a0 type veth peer name b0 netns red",
    "ip addr add 10.0.0.1/24 dev a0",
    "ip -n red addr add 10.0.0.2/24 dev b0",
    "ip link set a0 up",
    "ip -n red link set b0 up",
];

pub(crate) fn trials(missing: Option<&str>) -> Vec<Trial> {
    let trial = |name, test: fn() -> Result<(), Failed>| Trial::on_kernel(name, missing, test).timed();
    vec![
        trial("where_the_kernel_prints_otherwise_it_is_doubtful", other_text),
        trial("where_the_kernel_sends_otherwise_it_is_doubtful", other_frames),
        trial("nothing_sent_is_doubtful_too", nothing_sent),
        trial("what_vethlab_refused_is_not_confirmed", refused_by_vethlab),
        trial("it_tells_of_the_kernel's_own_addresses", own_addresses),
        trial("packets_are_numbered_as_on_the_kernel", numbers),
        trial("what_a_person_stopped_is_followed", stopped),
        trial("what_a_lesson_does_by_itself_is_followed", prepared),
        trial("both_stacks_answer_once", both),
        trial("a_file_a_prompt_and_a_lesson_can_ask", commands),
    ]
}

/// The kernel with the cable, and what each of these lines did.
fn cabled(lines: &[&str]) -> Result<(Machine, Vec<Entry>), Failed> {
    let mut machine = vethlab::stacks::machine(StackChoice::Real, 1)?;
    let all = CABLE.iter().chain(lines).map(|line| run(&mut machine, line)).collect();
    Ok((machine, all))
}

fn run(machine: &mut Machine, line: &str) -> Entry {
    let mut said = Transcript::default();
    let outcome = machine.execute(line, &mut said);
    script::entry(line, outcome, said).unwrap_or_default()
}

/// What `why --json` answers, and its exit status.
fn asked(machine: &mut Machine) -> Result<(Answer, u8), Failed> {
    let told = run(machine, "why --json");
    Ok((answer(&told.stdout).map_err(|_| format!("no answer: {told:?}"))?, told.status))
}

/// The answer in what was printed: the only line that is one.
fn answer(printed: &str) -> Result<Answer, Failed> {
    let found: Vec<Answer> = printed.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    match <[Answer; 1]>::try_from(found) {
        Ok([answer]) => Ok(answer),
        Err(found) => Err(format!("{} answers in: {printed}", found.len()).into()),
    }
}

fn must(holds: bool, seen: &dyn std::fmt::Debug) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(format!("{seen:#?}").into()) }
}

/// Gives a link another address on the kernel, behind the back of whoever follows.
fn secretly_add_address(machine: &mut Machine) -> Result<(), Failed> {
    let done = script::play(&["ip addr add 10.0.9.1/24 dev a0".to_owned()], machine.stack());
    must(done.iter().all(|entry| entry.status == 0), &done)
}

fn other_text() -> Result<(), Failed> {
    let (mut machine, _) = cabled(&["ping -c 1 10.0.0.2"])?;
    let (answer, status) = asked(&mut machine)?;
    must(answer.account.confirmed && answer.account.commands == 7 && status == 0, &answer)?;
    secretly_add_address(&mut machine)?;
    run(&mut machine, "ip addr show a0");
    let (answer, status) = asked(&mut machine)?;
    let difference = answer.account.difference.clone().ok_or("there is a difference")?;
    let named = difference.command == "ip addr show a0" && difference.how.contains("10.0.9.1");
    must(named && !answer.account.confirmed && answer.account.commands == 7 && status == 1, &answer)?;
    // What it tells is still told, and it is told first that it may be wrong.
    must(answer.diagnosis.cause == Cause::None, &answer)?;
    let shown = run(&mut machine, "why");
    must(shown.stdout.starts_with("Doubtful. ") && shown.status == 1, &shown)?;
    // It does not get better by itself.
    run(&mut machine, "ping -c 1 10.0.0.2");
    must(!asked(&mut machine)?.0.account.confirmed, &"once apart, always apart")
}

fn other_frames() -> Result<(), Failed> {
    let (mut machine, _) = cabled(&["ping -c 1 10.0.0.2"])?;
    must(asked(&mut machine)?.0.account.confirmed, &"the same so far")?;
    // A request that nobody typed.
    let socket = machine.stack().open(&NamespaceName::HOST, &SocketKind::Icmp(Family::Inet))?;
    let request = [8, 0, 0xf7, 0xff, 0, 0, 0, 0];
    machine.stack().send(socket, "127.0.0.1:0".parse()?, &request)?;
    // It might only be late.
    run(&mut machine, "sleep 0.1");
    run(&mut machine, "sleep 1");
    let (answer, status) = asked(&mut machine)?;
    let difference = answer.account.difference.clone().ok_or("there is a difference")?;
    let named = difference.how.contains("on host/lo the kernel saw 'ICMP echo request");
    must(named && difference.how.contains("the simulator saw nothing") && status == 1, &answer)
}

fn nothing_sent() -> Result<(), Failed> {
    let (mut machine, _) = cabled(&[])?;
    let told = run(&mut machine, "why");
    must(told.stderr == "why: nothing was sent yet; try a ping first\n" && told.status == 1, &told)?;
    secretly_add_address(&mut machine)?;
    run(&mut machine, "ip addr");
    let told = run(&mut machine, "why");
    must(told.stderr.starts_with("Doubtful. ") && told.status == 1, &told)
}

fn refused_by_vethlab() -> Result<(), Failed> {
    let (mut machine, _) = cabled(&["ping -c 1 10.0.0.2"])?;
    must(asked(&mut machine)?.0.account.confirmed, &"nothing was refused so far")?;
    run(&mut machine, "ip link add vx0 type vxlan id 1");
    run(&mut machine, "ping -c 1 -W 1 10.0.0.2");
    let (answer, _) = asked(&mut machine)?;
    let named = answer.account.missed == ["ip link add vx0 type vxlan id 1"];
    must(named && !answer.account.confirmed && answer.account.difference.is_none(), &answer)?;
    let shown = run(&mut machine, "why").stdout;
    let said = shown.contains("vethlab refused 'ip link add vx0 type vxlan id 1'");
    must(said && !shown.contains("the kernel printed the same"), &shown)
}

fn own_addresses() -> Result<(), Failed> {
    let wrong = "ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:99 dev a0 nud permanent";
    let (mut machine, _) = cabled(&[wrong, "ping -c 1 -W 0.1 10.0.0.2"])?;
    let red = NamespaceName::new("red")?;
    let links = machine.stack().links(&red)?;
    let address = links.iter().find(|link| link.index != IfIndex::LOOPBACK).ok_or("b0 is there")?.address;
    let shown = run(&mut machine, "why");
    must(shown.stdout.contains(&address.to_string()) && shown.stdout.contains("wrong-neighbour"), &shown)
}

/// The kernel's frames are a request for the neighbour, its answer, and then the ping.
fn numbers() -> Result<(), Failed> {
    let (mut machine, _) = cabled(&["ping -c 1 10.0.0.2"])?;
    for (number, made, ended) in
        [(1, "host", "red"), (2, "red", "host"), (3, "host", "red"), (4, "red", "host")]
    {
        let shown = run(&mut machine, &format!("why packet {number}"));
        let (begin, end) =
            (format!("The packet was made in {made}.\n"), format!("It ended well, in {ended}.\n"));
        must(shown.stdout.contains(&begin) && shown.stdout.contains(&end), &shown)?;
    }
    let told = run(&mut machine, "why packet 5");
    must(told.stderr == "why: there is no packet 5; 'packets all' lists them\n" && told.status == 1, &told)
}

/// A person who presses Ctrl-C when enough was said.
#[derive(Default)]
struct Impatient {
    said: Transcript,
    enough: Cell<bool>,
}

impl Console for Impatient {
    fn out(&mut self, text: &str) {
        self.said.out(text);
        self.enough.set(self.enough.get() || text.contains("icmp_seq=3"));
    }
    fn err(&mut self, text: &str) {
        self.said.err(text);
    }
    fn interrupted(&self) -> bool {
        self.enough.get()
    }
    fn interactive(&self) -> bool {
        true
    }
}

fn stopped() -> Result<(), Failed> {
    let (mut machine, _) = cabled(&[])?;
    let mut person = Impatient::default();
    machine.execute("ping -i 0.3 10.0.0.2", &mut person);
    must(person.said.stdout.contains("3 packets transmitted, 3 received"), &person.said)?;
    let (answer, _) = asked(&mut machine)?;
    must(answer.account.confirmed && answer.diagnosis.cause == Cause::None, &answer)
}

fn prepared() -> Result<(), Failed> {
    let mut machine = vethlab::stacks::machine(StackChoice::Real, 1)?;
    machine.set_up(&CABLE.map(str::to_owned), &vethlab::bounds::within_setup())?;
    let ping = ["ping -c 1 -W 1 10.0.0.2".to_owned()];
    let answered = machine.consult(|stack| script::play(&ping, stack).iter().all(|entry| entry.status == 0));
    must(answered, &"the cable works")?;
    // A check may take the events of its own traffic, to tell why.
    run(&mut machine, "ip link");
    machine.consult(|stack| {
        script::play(&ping, stack);
        stack.take_events()
    });
    // The table that the check left behind is shown alike.
    run(&mut machine, "ip neigh");
    run(&mut machine, "ping -c 1 10.0.0.2");
    let (answer, _) = asked(&mut machine)?;
    must(answer.account.confirmed && answer.account.commands == 3, &answer)
}

/// What the command printed to these lines on its standard input, and its exit status.
fn vethlab(arguments: &[&str], lines: &[&str]) -> Result<(String, Option<i32>), Failed> {
    let mut command = Command::new(binary::path()?);
    let data = tempfile::tempdir()?;
    let command = command.args(arguments).env("XDG_DATA_HOME", data.path());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn()?;
    let mut stdin = child.stdin.take().ok_or("standard input is a pipe")?;
    stdin.write_all((lines.join("\n") + "\n").as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    Ok((String::from_utf8(output.stdout)?, output.status.code()))
}

const PING: &str = "ping -c 1 -W 1 10.0.0.9";

fn both() -> Result<(), Failed> {
    let lines = [&CABLE[..], &[PING, "why", "why --json"]].concat();
    let (printed, status) = vethlab(&["shell", "--stack", "both"], &lines)?;
    let told = answer(&printed)?;
    must(told.account.confirmed && told.diagnosis.cause == Cause::NeighbourFailed, &told)?;
    let once = printed.matches("neighbour-failed in host\n").count() == 1;
    must(once && !printed.contains("differ") && status == Some(0), &printed)?;
    let (printed, status) = vethlab(&["compare", "-"], &lines)?;
    must(printed.ends_with("9 commands, all equal\n") && status == Some(0), &printed)
}

fn commands() -> Result<(), Failed> {
    let lines = [&CABLE[..], &[PING, "ip netns exec red bash", "why --json"]].concat();
    for arguments in [&["run", "--stack", "real", "-"][..], &["shell", "--stack", "real"]] {
        let told = answer(&vethlab(arguments, &lines)?.0)?;
        must(told.account.confirmed && told.diagnosis.cause == Cause::NeighbourFailed, &told)?;
    }
    // The router's lesson: its host has no route at first.
    let lines = ["skip", "ping -c 1 -W 1 10.2.0.2", "check", "why --json", "quit"];
    let told = answer(&vethlab(&["start", "router", "--stack", "real"], &lines)?.0)?;
    must(told.account.confirmed && told.diagnosis.cause == Cause::NoRoute, &told)
}
