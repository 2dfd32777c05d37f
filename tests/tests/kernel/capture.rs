//! What `--pcap` writes, as tshark reads it: it finds nothing wrong, every frame that was seen is there with its
//! interface, its time and why it was dropped, and each field holds what [`dissect`] says.

use libtest_mimic::Failed;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use vethlab::session_files::{SessionFiles, Wanted};
use vethlab_engine::machine::Machine;
use vethlab_engine::script;
use vethlab_engine::stacks::StackChoice;
use vethlab_explain::dissect::{Dissection, dissect};
use vethlab_explain::journal::Crossing;
use vethlab_programs::Transcript;
use vethlab_shared::event::{DropReason, Event, EventKind, json};
use vethlab_shared::time::Duration;
use vethlab_tests::files::{self, NamedFile};
use vethlab_tests::trial::Trial;
use vethlab_tests::{binary, tools};

/// The scripts that are captured: among them are errors, fragments, loops, and packets that are dropped.
const SCRIPTS: [&str; 6] =
    ["walkthrough", "two-routers", "mtu", "ping-unreachable", "traceroute", "no-reply-path"];

/// A cable, and two pings over it.
const PINGS: &str = "ip netns add red
ip link add a0 type veth peer name b0 netns red
ip addr add 10.0.0.1/24 dev a0
ip link set a0 up
ip -n red addr add 10.0.0.2/24 dev b0
ip -n red link set b0 up
ping -c 2 -i 0.2 10.0.0.2
";

pub(crate) fn trials(missing: Option<&str>) -> Result<Vec<Trial>, Failed> {
    let no_tshark = (!tools::is_installed("tshark")).then_some("not installed: tshark");
    let no_real = no_tshark.or(missing);
    let scripts = files::read_all("scripts", "sh")?;
    let mut trials = Vec::new();
    for name in SCRIPTS {
        let script = scripts.iter().find(|script| script.name == name);
        let script = script.ok_or_else(|| format!("there is no tests/scripts/{name}.sh"))?;
        for stack in StackChoice::BOTH {
            let script = script.clone();
            trials.push(on(stack, [no_tshark, no_real], format!("{name}_{stack}"), move || {
                check(&script, stack)
            }));
        }
    }
    for stack in StackChoice::BOTH {
        // ENIP, to tshark: a program that draws its port may be given that one.
        let text = PINGS.replace("ping -c 2 -i 0.2", "traceroute -n -q 1 --sport=44818");
        let probe = NamedFile { name: "port_of_another_protocol".to_owned(), text };
        let name = format!("{}_{stack}", probe.name);
        trials.push(on(stack, [no_tshark, no_real], name, move || check(&probe, stack)));
        let name = format!("a_drop_has_its_reason_{stack}");
        trials.push(on(stack, [no_tshark, no_real], name, move || a_drop_has_its_reason(stack)));
    }
    trials.push(Trial::with_tool("whole_after_every_command", no_tshark, whole_after_every_command));
    trials.push(Trial::on_kernel("each_of_both_stacks_has_a_file", no_real, each_of_both_stacks_has_a_file));
    trials.push(Trial::on_kernel("a_signal_loses_nothing", no_real, a_signal_loses_nothing));
    trials.push(Trial::new("a_bad_path_is_told_before_anything_runs", a_bad_path_is_told));
    trials.push(Trial::new("the_same_seed_writes_the_same_bytes", the_same_seed_writes_the_same_bytes));
    Ok(trials)
}

/// A test of a stack, on what is missing for one of the simulator and for one of the kernel.
fn on(
    stack: StackChoice,
    missing: [Option<&str>; 2],
    name: String,
    test: impl Fn() -> Result<(), Failed> + Send + 'static,
) -> Trial {
    match stack {
        StackChoice::Sim => Trial::with_tool(name, missing[0], test),
        StackChoice::Real => Trial::on_kernel(name, missing[1], test).timed(),
    }
}

/// A file for the frames of a stack.
fn create(file: &Path, stack: StackChoice) -> Result<SessionFiles, String> {
    let wanted = Wanted { pcap: Some(file.to_owned()), ..Wanted::default() };
    SessionFiles::create(wanted.places(&[stack]))
}

/// Plays a script with its frames written to a file; what was seen meanwhile.
fn capture(text: &str, stack: StackChoice, seed: u64, file: &Path) -> Result<Vec<Event>, Failed> {
    let mut capture = create(file, stack)?;
    let mut machines = [vethlab::stacks::machine(stack, seed)?];
    for command in script::commands(text.as_bytes())? {
        machines[0].execute(&command, &mut Transcript::default());
        capture.take_in(&machines)?;
    }
    capture.finish(&mut machines)?;
    Ok(machines[0].journal().events().to_vec())
}

/// A frame as an event told of it.
struct Seen<'a> {
    interface: String,
    /// Seconds, with nine digits behind the point.
    time: String,
    bytes: &'a [u8],
    event: u64,
}

/// Each time that a frame left by a link or came in.
fn frames(events: &[Event]) -> Vec<Seen<'_>> {
    events.iter().filter_map(Seen::new).collect()
}

impl Seen<'_> {
    fn new(event: &Event) -> Option<Seen<'_>> {
        let (EventKind::NetDevXmit { link, frame } | EventKind::NetifReceiveSkb { link, frame }) =
            &event.kind
        else {
            return None;
        };
        let time = event.time.as_nanos();
        Some(Seen {
            interface: format!("{}/{link}", event.namespace),
            time: format!("{}.{:09}", time / 1_000_000_000, time % 1_000_000_000),
            bytes: frame,
            event: event.number,
        })
    }
}

fn check(script: &NamedFile, stack: StackChoice) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("frames.pcapng");
    let events = capture(&script.text, stack, 1, &file)?;
    let frames = frames(&events);
    if frames.is_empty() {
        return Err("the script sends nothing".into());
    }
    let shown = tshark(&file, &["-V"])?;
    if shown.contains("Malformed") {
        return Err("tshark finds a malformed frame".into());
    }

    let dropped: BTreeMap<u64, DropReason> = Crossing::all(&events)
        .into_iter()
        .filter_map(|crossing| Some((crossing.received.or(crossing.sent)?.event, crossing.dropped?)))
        .collect();
    let dissections: Vec<Dissection> = frames.iter().map(|frame| dissect(frame.bytes)).collect();
    let fields = dissections.iter().flat_map(|one| &one.layers).flat_map(|layer| &layer.fields);
    let names: BTreeSet<&str> = fields.filter_map(|field| field.filter).collect();
    let all: Vec<&str> =
        ["frame.interface_name", "frame.time_epoch", "frame.comment"].into_iter().chain(names).collect();
    let read = read_fields(&file, &all)?;
    if read.len() != frames.len() {
        return Err(format!("{} frames in the file, {} were seen", read.len(), frames.len()).into());
    }
    for (index, ((frame, dissection), read)) in frames.iter().zip(&dissections).zip(&read).enumerate() {
        let number = index + 1;
        let Seen { interface, time, event, .. } = frame;
        if (interface, time) != (&read[0], &read[1]) {
            return Err(format!("frame {number}: {interface} at {time}, tshark: {:?}", &read[..2]).into());
        }
        let reason = dropped.get(event);
        let commented = match reason {
            Some(reason) => read[2].ends_with(&format!(" ({})", reason.name())),
            None => {
                read[2].is_empty() || read[2].starts_with("before this frame not all drops could be seen: ")
            }
        };
        if !commented {
            return Err(format!("frame {number}: dropped {reason:?}, but the comment '{}'", read[2]).into());
        }
        for (name, value) in all.iter().zip(read).skip(3) {
            let ours = first_field(dissection, name);
            // RFC 4884: zero means that the length is not told, which tshark leaves out.
            let ours = ours.filter(|ours| *name != "icmp.length" || !ours.starts_with("0 "));
            // Wireshark 4 filters this one by units of eight bytes, which stand behind the bytes here.
            let units = |ours: String| ours.split('(').next_back().unwrap_or_default().to_owned();
            let ours = if *name == "ip.frag_offset" { ours.map(units) } else { ours };
            if ours.as_deref().map(canonical).unwrap_or_default() != canonical(value) {
                return Err(format!("frame {number}: {name} is {ours:?}, tshark: '{value}'").into());
            }
        }
    }
    Ok(())
}

/// The outermost field of this name.
fn first_field(dissection: &Dissection, name: &str) -> Option<String> {
    let mut fields = dissection.layers.iter().flat_map(|layer| &layer.fields);
    fields.find(|field| field.filter == Some(name)).map(|field| field.value.clone())
}

/// The first word of a value, numbers in one form: tshark shows some as hexadecimal, some as truth values.
fn canonical(value: &str) -> String {
    let word = value.split_whitespace().next().unwrap_or_default();
    let number = match (word, word.strip_prefix("0x")) {
        ("True", _) => Some(1),
        ("False", _) => Some(0),
        (_, Some(digits)) => u64::from_str_radix(digits, 16).ok(),
        _ => word.parse().ok(),
    };
    number.map_or(word.to_owned(), |number| number.to_string())
}

fn a_drop_has_its_reason(stack: StackChoice) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("frames.pcapng");
    let script = PINGS.replace(
        "ping",
        "ip -n red route add blackhole 10.9.0.0/16
ip netns exec red sysctl -w net.ipv4.ip_forward=1
ip route add 10.9.0.0/16 via 10.0.0.2
ping -W 1",
    );
    let script = script.replace("-c 2 -i 0.2 10.0.0.2", "-c 1 10.9.0.1");
    capture(&script, stack, 0, &file)?;
    let read = read_fields(&file, &["frame.interface_name", "ip.dst", "frame.comment"])?;
    let commented: Vec<_> = read.iter().filter(|fields| fields[2].starts_with("dropped: ")).collect();
    if !vethlab::stacks::machine(stack, 0)?.stack().capabilities().drop_reasons {
        // Frames are told all the same.
        return match (read.is_empty(), commented.is_empty()) {
            (false, true) => Ok(()),
            _ => Err(format!("a stack that sees no drops told of one, or of nothing: {read:?}").into()),
        };
    }
    let [only] = commented[..] else { return Err(format!("not one comment: {read:?}").into()) };
    let begins = only[2].starts_with("dropped: ") && only[2].ends_with(')');
    if only[..2] != ["red/b0", "10.9.0.1"] || !begins {
        return Err(format!("the comment is elsewhere: {only:?}").into());
    }
    Ok(())
}

fn whole_after_every_command() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("frames.pcapng");
    let mut capture = create(&file, StackChoice::Sim)?;
    let mut machines = [vethlab::stacks::machine(StackChoice::Sim, 0)?];
    for command in PINGS.lines() {
        machines[0].execute(command, &mut Transcript::default());
        capture.take_in(&machines)?;
    }
    // Neither ended nor closed: as a session leaves it that is killed now.
    let read = read_fields(&file, &["frame.interface_name"])?;
    let frames = frames(machines[0].journal().events()).len();
    if frames < 4 || read.len() != frames {
        return Err(format!("{} frames in the file, {frames} were seen", read.len()).into());
    }
    // It is what the session is: what is taken back is taken out, what is done again is there again.
    let look = |machines: &[Machine], capture: &mut SessionFiles| -> Result<Vec<Vec<String>>, Failed> {
        capture.take_in(machines)?;
        let read = read_fields(&file, &["frame.time_epoch", "frame.interface_name", "icmp.seq"])?;
        let now = self::frames(machines[0].journal().events()).len();
        let in_order = read.windows(2).all(|pair| pair[0][0] <= pair[1][0]);
        match read.len() == now && in_order {
            true => Ok(read),
            false => Err(format!("{} of {now} frames, in order: {in_order}", read.len()).into()),
        }
    };
    let step = |line: &str, machines: &mut [Machine; 1], capture: &mut SessionFiles| {
        machines[0].execute(line, &mut Transcript::default());
        look(machines, capture)
    };
    let all = step("true", &mut machines, &mut capture)?;
    if !step("undo", &mut machines, &mut capture)?.is_empty()
        || step("redo", &mut machines, &mut capture)? != all
    {
        return Err("undo and redo did not lead back".into());
    }
    // What happens while nobody types, after something was taken back, is not what happened once that is done again.
    let all = step("ping -c 1 10.0.0.2", &mut machines, &mut capture)?;
    step("undo", &mut machines, &mut capture)?;
    let later = machines[0].now() + Duration::from_secs(8);
    machines[0].idle_until(later)?;
    if look(&machines, &mut capture)?.len() != frames + 4 || step("redo", &mut machines, &mut capture)? != all
    {
        return Err("what had happened instead was not taken out".into());
    }
    step("undo 2", &mut machines, &mut capture)?;
    let instead = step("ping -c 1 10.0.0.2", &mut machines, &mut capture)?;
    if instead.len() != 8 || step("goto start", &mut machines, &mut capture)? != instead {
        return Err("what was done instead is not there".into());
    }
    // Fresh stacks number their events from the beginning again.
    machines = [vethlab::stacks::machine(StackChoice::Sim, 0)?];
    capture.stacks_are_fresh()?;
    for command in PINGS.lines() {
        machines[0].execute(command, &mut Transcript::default());
        capture.take_in(&machines)?;
    }
    let read = read_fields(&file, &["frame.interface_name"])?;
    match read.len() == 8 + frames {
        true => Ok(()),
        false => Err(format!("{} frames after 8 and {frames}", read.len()).into()),
    }
}

fn each_of_both_stacks_has_a_file() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let [file, events] = ["f.pcapng", "f.jsonl"].map(|name| folder.path().join(name).display().to_string());
    let words = ["shell", "--stack", "both", "--pcap", &file, "--events", &events];
    let output = vethlab(&words, PINGS)?;
    let said = String::from_utf8(output.stderr)?;
    if output.status.code() != Some(0) || !said.contains("f.sim.pcapng") || said.lines().count() != 1 {
        return Err(format!("{}: {said}", output.status).into());
    }
    let mut counts = Vec::new();
    for stack in StackChoice::BOTH {
        let path = folder.path().join(format!("f.{stack}.pcapng"));
        let read = read_fields(&path, &["frame.time_epoch", "frame.interface_name", "_ws.expert.severity"])?;
        let told = fs::read_to_string(folder.path().join(format!("f.{stack}.jsonl")))?;
        let told = json::read(&told).map_err(|error| error.to_string())?;
        if read.is_empty() || read.len() != frames(&told).len() {
            return Err(format!("{stack}: {} frames, {} told", read.len(), frames(&told).len()).into());
        }
        let warnings = read_fields(&path, &["_ws.expert.message"])?;
        if warnings.iter().any(|fields| fields[0].contains("Duplicate IP")) {
            return Err(format!("{stack}: {warnings:?}").into());
        }
        if read.windows(2).any(|pair| pair[0][0] > pair[1][0]) {
            return Err(format!("{stack}: not in order: {read:?}").into());
        }
        let mut count = BTreeMap::new();
        read.into_iter().for_each(|fields| *count.entry(fields[1].clone()).or_insert(0) += 1);
        counts.push(count);
    }
    match counts[0] == counts[1] && !Path::new(&file).exists() {
        true => Ok(()),
        false => Err(format!("{counts:?}").into()),
    }
}

/// What ends a command in its middle ends the session after it: all that was heard is in the files.
fn a_signal_loses_nothing() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let script = PINGS.replace("-c 2", "-c 1000");
    for (number, (subcommand, signal, status)) in
        [("run", "INT", 130), ("run", "TERM", 143), ("shell", "INT", 130), ("shell", "TERM", 143)]
            .into_iter()
            .enumerate()
    {
        let [file, events] = ["pcapng", "jsonl"].map(|form| folder.path().join(format!("{number}.{form}")));
        let mut process = Command::new(binary::path()?);
        process.args([subcommand, "--stack", "real", "--pcap"]).arg(&file);
        if subcommand == "run" {
            process.arg("--events").arg(&events).arg("-");
        }
        let mut child = process.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut input = child.stdin.take().ok_or("no input")?;
        input.write_all(format!("{script}echo more\n").as_bytes())?;
        drop(input);
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let answered = |line: &String| line.contains("icmp_seq=2 ");
        lines.by_ref().map_while(Result::ok).find(answered).ok_or("nobody answers")?;
        Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status()?;
        let rest: Vec<String> = lines.map_while(Result::ok).collect();
        let ended = child.wait()?;
        let said_all = rest.iter().any(|line| line.contains("packets transmitted"));
        if ended.code() != Some(status) || !said_all || rest.iter().any(|line| line.contains("more")) {
            return Err(format!("{subcommand} {signal}: {ended}: {rest:?}").into());
        }
        let read = read_fields(&file, &["frame.interface_name"])?.len();
        // A request and a reply for the neighbour and for each ping, seen on both ends.
        if read < 12 {
            return Err(format!("{subcommand} {signal}: {read} frames in the file").into());
        }
        if subcommand == "run" {
            let told = json::read(&fs::read_to_string(&events)?).map_err(|error| error.to_string())?;
            if frames(&told).len() != read {
                return Err(
                    format!("{signal}: {} frames told, {read} in the file", frames(&told).len()).into()
                );
            }
        }
    }
    Ok(())
}

fn a_bad_path_is_told() -> Result<(), Failed> {
    for command in [&["run", "-"][..], &["shell"], &["start", "1", "--auto"]] {
        let output = vethlab(&[command, &["--pcap", "/nosuch/frames"]].concat(), PINGS)?;
        let error = String::from_utf8(output.stderr)?;
        let expected = "vethlab: cannot write the capture '/nosuch/frames': No such file or directory\n";
        if output.status.code() != Some(2) || !output.stdout.is_empty() || error != expected {
            return Err(format!("{command:?}: {:?}: {error}", output.status).into());
        }
    }
    Ok(())
}

fn the_same_seed_writes_the_same_bytes() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let run = |name: &str, seed: &str| {
        let file = folder.path().join(name);
        let output = vethlab(&["run", "-", "--seed", seed, "--pcap", &file.to_string_lossy()], PINGS)?;
        match output.status.success() {
            true => Ok(fs::read(file)?),
            false => Err(Failed::from(format!("{output:?}"))),
        }
    };
    let first = run("a", "1")?;
    // One that is there is overwritten, however long it is.
    fs::write(folder.path().join("b"), vec![0; 2 * first.len()])?;
    if run("b", "1")? != first {
        return Err("the same seed wrote other bytes".into());
    }
    match run("c", "2")? == first {
        true => Err("another seed wrote the same bytes".into()),
        false => Ok(()),
    }
}

fn vethlab(words: &[&str], input: &str) -> Result<Output, Failed> {
    let mut process = Command::new(binary::path()?);
    process.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = process.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that ends at once does not read.
        let _ = stdin.write_all(input.as_bytes());
    }
    Ok(child.wait_with_output()?)
}

/// What tshark prints of a file. It must not complain.
fn tshark(file: &Path, options: &[&str]) -> Result<String, Failed> {
    let output = Command::new("tshark")
        .env("PATH", tools::PATH)
        .env("LC_ALL", "C.UTF-8")
        // Each frame for itself, as dissect shows it.
        .args(["-o", "ip.defragment:FALSE", "-n"])
        // What traceroute sends is for no server, whichever the ports are: some stand for a protocol in tshark.
        .args(["-d", "udp.port==0-65535,data", "-r"])
        .arg(file)
        .args(options)
        .output()?;
    let error = String::from_utf8(output.stderr)?;
    let complaints: Vec<&str> = error.lines().filter(|line| !line.starts_with("Running as user")).collect();
    match output.status.success() && complaints.is_empty() {
        true => Ok(String::from_utf8(output.stdout)?),
        false => Err(format!("tshark: {:?}: {error}", output.status).into()),
    }
}

/// The first value of each field, of every frame.
fn read_fields(file: &Path, names: &[&str]) -> Result<Vec<Vec<String>>, Failed> {
    let mut options = vec!["-T", "fields", "-E", "occurrence=f", "-E", "separator=/t"];
    options.extend(names.iter().flat_map(|name| ["-e", name]));
    let lines = tshark(file, &options)?;
    Ok(lines.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}
