//! The `vethlab` command on the real stack: exit codes, JSON, who may run it, and what it leaves behind.

use libtest_mimic::Failed;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::{fs, io};
use vethlab::session_files::SessionFiles;
use vethlab::shell::{self, Terminal};
use vethlab_engine::stacks::StackChoice;
use vethlab_shared::error::StackError;
use vethlab_shared::event::{EventKind, json};
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Duration;
use vethlab_tests::trial::{Trial, equal};
use vethlab_tests::{binary, files, tools};

/// `nobody`, who owns nothing and may do nothing.
const ORDINARY_USER: &[&str] = &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/// Two namespaces, a cable, and a ping that nobody answers.
const UNANSWERED: &str = "ip netns add red
ip link add a0 type veth peer name b0 netns red
ip addr add 10.0.0.1/24 dev a0
ip link set a0 up
ip -n red link set b0 up
ping -c 1000 10.0.0.9
";

pub(crate) fn trials(missing: Option<&str>) -> Result<Vec<Trial>, Failed> {
    let test = |name: &str, check: fn(&Path) -> Result<(), Failed>| {
        Trial::on_kernel(name, missing, move || check(binary::path()?))
    };
    let mut trials = vec![
        test("json_has_the_same_shape_on_both_stacks", json_has_the_same_shape_on_both_stacks),
        test("events_are_written_on_both_stacks", events_are_written_on_both_stacks),
        test("equal_transcripts_are_counted", equal_transcripts_are_counted),
        test("frames_stand_next_to_each_other", frames_stand_next_to_each_other),
        test("a_ping_that_sent_nothing_is_told_alike", a_ping_that_sent_nothing_is_told_alike),
        test("no_answer_that_is_there_counts_as_too_late", no_answer_that_is_there_counts_as_too_late),
        test("a_prompt_on_both_stacks_compares_frames", a_prompt_on_both_stacks_compares_frames),
        Trial::on_kernel(
            "random_state_of_the_kernel_is_taken_over_at_a_prompt",
            missing,
            random_state_is_taken_over,
        ),
        test("a_killed_ping_leaves_no_namespace_behind", a_killed_ping_leaves_no_namespace_behind),
    ];
    // An ordinary user runs all of these as one; root has to put itself in the place of one.
    if tools::can_change_user()? {
        trials.push(test("an_ordinary_user_may_use_the_real_stack", an_ordinary_user_may_use_the_real_stack));
        trials.push(test("without_namespaces_the_status_is_4", without_namespaces_the_status_is_4));
    }
    Ok(trials)
}

fn json_has_the_same_shape_on_both_stacks(program: &Path) -> Result<(), Failed> {
    let script = "# a comment\n\nip link show nosuch\nip netns add red\nip netns list\n";
    for stack in ["sim", "real"] {
        let output = finish(Command::new(program).args(["run", "--json", "--stack", stack, "-"]), script)?;
        let objects = json_lines(&output)?;
        equal("exit status", &output.status.code(), &Some(1))?;
        equal("objects", &objects.len(), &3)?;
        equal(
            "the first",
            &objects[0],
            &serde_json::json!({
                "command": "ip link show nosuch", "status": 1, "stdout": "",
                "stderr": "Device \"nosuch\" does not exist.\n",
            }),
        )?;
        equal("the last", &objects[2]["stdout"], &Value::from("red\n"))?;
    }
    Ok(())
}

fn events_are_written_on_both_stacks(program: &Path) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("events");
    for stack in ["sim", "real"] {
        let arguments = ["run", "--stack", stack, "--events"];
        let output = finish(Command::new(program).args(arguments).arg(&file).arg("-"), ANSWERED)?;
        equal("exit status", &output.status.code(), &Some(0))?;
        let events = json::read(&fs::read_to_string(&file)?)?;
        let sent = events.iter().filter(|event| matches!(event.kind, EventKind::NetDevXmit { .. })).count();
        equal(&format!("frames that left on {stack}"), &sent, &4)?;
    }
    Ok(())
}

fn equal_transcripts_are_counted(program: &Path) -> Result<(), Failed> {
    let script = "ip link\nip -br addr\nmap\nmap --dot\nip route\n";
    let output = finish(Command::new(program).args(["compare", "-"]), script)?;
    equal("exit status", &output.status.code(), &Some(0))?;
    let said = String::from_utf8(output.stdout)?;
    equal("the last line", &said.lines().last(), &Some("5 commands, all equal"))
}

/// A cable, and a ping over it.
const ANSWERED: &str = "ip netns add red
ip link add a0 type veth peer name b0 netns red
ip addr add 10.0.0.1/24 dev a0
ip link set a0 up
ip -n red addr add 10.0.0.2/24 dev b0
ip -n red link set b0 up
ping -q -c 1 10.0.0.2
";

fn frames_stand_next_to_each_other(program: &Path) -> Result<(), Failed> {
    let output = finish(Command::new(program).args(["compare", "--packets", "-"]), ANSWERED)?;
    let said = String::from_utf8(output.stdout)?;
    equal(&said, &output.status.code(), &Some(0))?;
    let end = "4 frames on 2 links, the same on both\n\n7 commands, all equal\n4 frames, all equal\n";
    equal("the end", &said.ends_with(end), &true)?;
    let request = said.lines().find(|line| line.matches("in  ICMP echo request seq 1 ttl 64").count() == 2);
    equal("a request on both sides", &request.is_some(), &true)?;

    let output = finish(Command::new(program).args(["compare", "--packets", "--json", "-"]), ANSWERED)?;
    let report: Value = serde_json::from_slice(&output.stdout)?;
    let ping = &report["packets"][0];
    equal("number", &ping["number"], &7.into())?;
    equal("frames", &ping["frames"], &serde_json::json!([4, 4]))?;
    equal("link", &ping["links"][0]["link"], &"host/a0".into())?;
    equal("equal", &ping["links"][0]["rows"][0]["sim"], &ping["links"][0]["rows"][0]["real"])?;
    equal("whom", &ping["links"][0]["rows"][0]["real"]["whom"], &"tell 10.0.0.1".into())
}

fn a_ping_that_sent_nothing_is_told_alike(program: &Path) -> Result<(), Failed> {
    let refused = "ping -c 1 10.9.9.9";
    let none = "No command has sent anything so far: 'ping', for example, does.\n";
    let said = format!("No frame crossed a link in '{refused}'. 'packets all' has all others.\n");
    for stack in ["sim", "real"] {
        let script = format!("packets\n{refused}\npackets\n{ANSWERED}{refused}\npackets\n");
        let output = finish(Command::new(program).args(["run", "--json", "--stack", stack, "-"]), &script)?;
        let objects = json_lines(&output)?;
        let lists: Vec<&Value> = objects.iter().filter(|object| object["command"] == "packets").collect();
        let texts: Vec<&str> = lists.iter().filter_map(|object| object["stdout"].as_str()).collect();
        equal(stack, &texts.as_slice(), &[none, &said, &said].as_slice())?;
    }
    Ok(())
}

/// A network beyond `red`.
const BEYOND: &str = "ip netns add far
ip -n red link add c0 type veth peer name d0 netns far
ip -n red addr add 10.0.1.1/24 dev c0
ip -n red link set c0 up
ip -n far addr add 10.0.1.2/24 dev d0
ip -n far link set d0 up
ip -n far route add default via 10.0.1.1
ip netns exec red sysctl -w net.ipv4.ip_forward=1
ip route add 10.0.1.0/24 via 10.0.0.2
ping -q -c 1 10.0.1.2
";

/// Told of every frame, the kernel takes a while to send sixteen probes, and the answers to all of them wait then.
fn no_answer_that_is_there_counts_as_too_late(program: &Path) -> Result<(), Failed> {
    let script = format!("{ANSWERED}{BEYOND}traceroute -n -I 10.0.1.2\n");
    let output = finish(Command::new(program).args(["compare", "-"]), &script)?;
    let said = String::from_utf8(output.stdout)?;
    equal(&said, &said.lines().last(), &Some("18 commands, all equal"))
}

fn a_prompt_on_both_stacks_compares_frames(program: &Path) -> Result<(), Failed> {
    let lines = format!("{ANSWERED}frames\n");
    let output = finish(Command::new(program).args(["shell", "--stack", "both"]), &lines)?;
    let said = String::from_utf8(output.stdout)?;
    equal(&said, &output.status.code(), &Some(0))?;
    for (line, times) in
        [("(4 frames on 2 links, the same on both", 1), ("\n4 frames on 2 links, the same on both\n", 1)]
    {
        equal(line, &said.matches(line).count(), &times)?;
    }
    Ok(())
}

/// For how long each link's neighbours count, by namespace and link.
fn reachable_times(stack: &mut dyn NetworkStack) -> Result<BTreeMap<(String, String), Duration>, StackError> {
    let mut namespaces = stack.namespaces()?;
    namespaces.push(NamespaceName::HOST);
    let mut times = BTreeMap::new();
    for namespace in &namespaces {
        let links = stack.links(namespace)?;
        for drawn in stack.neighbour_parameters(namespace, Family::Inet)? {
            let link = links.iter().find(|link| link.index == drawn.link);
            let name = link.map_or_else(String::new, |link| link.name.to_string());
            times.insert((namespace.to_string(), name), drawn.reachable_time);
        }
    }
    Ok(times)
}

/// Else a neighbour would grow old on one of the stacks earlier than on the other.
fn random_state_is_taken_over() -> Result<(), Failed> {
    let mut machines = shell::open(&[StackChoice::Sim, StackChoice::Real], 1, SessionFiles::default())?;
    let mut terminal = Terminal::open(Vec::new())?;
    let lines = ["ip link add a1 type veth peer name b1", "ip neigh"];
    for line in ANSWERED.lines().chain(lines) {
        let turn = machines.execute(line, &mut terminal);
        equal(line, &turn.agreed(), &true)?;
    }
    let times = machines.consult(reachable_times).into_iter().collect::<Result<Vec<_>, _>>()?;
    let [real, sim] = times.as_slice() else { return Err("there are not two stacks".into()) };
    equal("links", &real.len(), &6)?;
    equal("reachable times", sim, real)
}

/// How long a process that has been killed may take to be gone with all that belonged to it.
const GONE_WITHIN: std::time::Duration = std::time::Duration::from_secs(20);

/// What the kernel keeps of a namespace hangs on processes, descriptors and mounts: none may remain.
fn a_killed_ping_leaves_no_namespace_behind(program: &Path) -> Result<(), Failed> {
    let mut child = Command::new(program)
        .args(["run", "--stack", "real", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().ok_or("no standard input")?;
    input.write_all(UNANSWERED.as_bytes())?;
    drop(input);
    let output = BufReader::new(child.stdout.take().ok_or("no standard output")?);
    let pings = output.lines().map_while(Result::ok).any(|line| line.starts_with("PING"));
    let namespaces = held_by(&child)?;
    child.kill()?;
    child.wait()?;
    if !pings {
        return Err("the ping never began".into());
    }
    if namespaces.is_empty() {
        return Err("the command had no namespace of its own".into());
    }
    // A program that another trial starts has our open files until it has begun.
    let deadline = std::time::Instant::now() + GONE_WITHIN;
    loop {
        let held = held_by_others()?;
        let left: Vec<&PathBuf> = namespaces.keys().filter(|name| held.contains(*name)).collect();
        if left.is_empty() || std::time::Instant::now() > deadline {
            return equal("namespaces left behind", &left, &Vec::new());
        }
        std::thread::yield_now();
    }
}

fn an_ordinary_user_may_use_the_real_stack(program: &Path) -> Result<(), Failed> {
    let place = readable_copy(program)?;
    let script = files::read_all("scripts", "sh")?
        .into_iter()
        .find(|script| script.name == "walkthrough")
        .ok_or("no walkthrough")?;
    let output = finish(as_ordinary_user(place.path()).args(["compare", "--packets", "-"]), &script.text)?;
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    equal(&said, &output.status.code(), &Some(0))
}

fn without_namespaces_the_status_is_4(program: &Path) -> Result<(), Failed> {
    let place = readable_copy(program)?;
    let pack = place.path().with_file_name("my-pack");
    let without = |arguments: &str| {
        let no_namespaces = "echo 0 >/proc/sys/user/max_user_namespaces && \
             exec setpriv --inh-caps=-all --bounding-set=-all \"$0\"";
        let line = format!("{no_namespaces} {arguments}");
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "sh", "-c", &line]).arg(place.path()).arg(&pack);
        finish(&mut command, "ip link\n")
    };
    finish(Command::new(program).args(["dev", "new"]).arg(&pack), "")?;
    for arguments in ["run --stack real -", "dev check --stack both \"$1\""] {
        let output = without(arguments)?;
        let said = String::from_utf8(output.stderr)?;
        equal(&said, &output.status.code(), &Some(4))?;
        equal(&said, &said.lines().count(), &1)?;
    }
    // Where it was not asked for, it is said that the kernel was left out.
    let output = without("dev check \"$1\"")?;
    let said = String::from_utf8(output.stdout)?;
    equal(&said, &output.status.code(), &Some(0))?;
    equal(&said, &said.contains("Note: it was not played on the kernel"), &true)
}

/// The program where everybody may run it: root's own folders are closed to others. Another process writes the copy: a
/// file that this one has open for writing goes to each child that it starts meanwhile, and is no program until all of
/// them have let go of it (`ETXTBSY`).
fn readable_copy(program: &Path) -> io::Result<Copy> {
    let folder = tempfile::tempdir()?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
    let path = folder.path().join("vethlab");
    let copied = Command::new("cp").arg(program).arg(&path).status()?;
    if !copied.success() {
        return Err(io::Error::other(format!("cp ended with {copied}")));
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    Ok(Copy { path, _folder: folder })
}

/// A copy of the program, removed at its end.
struct Copy {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Copy {
    fn path(&self) -> &Path {
        &self.path
    }
}

fn as_ordinary_user(program: &Path) -> Command {
    let mut command = Command::new(ORDINARY_USER[0]);
    command.args(&ORDINARY_USER[1..]).arg(program).current_dir("/");
    command
}

/// Runs a command to its end with this on its standard input. One that ends before it has read all is judged by its end.
fn finish(command: &mut Command, input: &str) -> io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(input.as_bytes()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
            _ => {}
        }
    }
    child.wait_with_output()
}

fn json_lines(output: &Output) -> Result<Vec<Value>, Failed> {
    let text = std::str::from_utf8(&output.stdout)?;
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// The network namespaces that a process has which are not those of the tests, each held open: else the kernel would give
/// the number of one that has ended to the next one that anybody makes.
fn held_by(child: &Child) -> io::Result<BTreeMap<PathBuf, fs::File>> {
    let own = fs::read_link("/proc/self/ns/net")?;
    let mut held = BTreeMap::new();
    for (name, link) in namespaces_in(&PathBuf::from(format!("/proc/{}", child.id()))) {
        if name != own {
            held.insert(name, fs::File::open(link)?);
        }
    }
    Ok(held)
}

/// All network namespaces that another process or a mount holds.
fn held_by_others() -> io::Result<BTreeSet<PathBuf>> {
    let own = PathBuf::from(format!("/proc/{}", std::process::id()));
    let mut held = BTreeSet::new();
    for entry in fs::read_dir("/proc")? {
        let process = entry?.path();
        if process != own && process != Path::new("/proc/self") && process != Path::new("/proc/thread-self") {
            held.extend(namespaces_in(&process).into_iter().map(|(name, _)| name));
        }
    }
    let mounts = fs::read_to_string("/proc/self/mountinfo")?;
    held.extend(mounts.split_whitespace().filter(|word| word.starts_with("net:[")).map(PathBuf::from));
    Ok(held)
}

/// The network namespaces that the process is in or has open, each with the link that leads to it. A process that is
/// gone has none.
fn namespaces_in(process: &Path) -> Vec<(PathBuf, PathBuf)> {
    let open = fs::read_dir(process.join("fd")).into_iter().flatten().flatten().map(|entry| entry.path());
    open.chain([process.join("ns/net")])
        .filter_map(|link| Some((fs::read_link(&link).ok()?, link)))
        .filter(|(name, _)| name.to_string_lossy().starts_with("net:["))
        .collect()
}
