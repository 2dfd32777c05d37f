//! Each system call that the real stack makes fails once, with each error that its manual page gives: the command ends
//! with an exit status that it is to end with and says one line, and what it says otherwise is what it says without the
//! fault. Nothing is left behind.
//!
//! `strace` makes the calls fail. Not among them are those that the loader and the runtime make alone, as memory for
//! the process and the signals' stack: what they do where these fail is not for vethlab to decide.

use libtest_mimic::Failed;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;
use tempfile::{NamedTempFile, TempDir};
use vethlab_tests::trial::Trial;
use vethlab_tests::{binary, tools};

/// A call, and what it may fail with.
type Fault = (&'static str, &'static [&'static str]);

/// From section 2 of the manual, and for `sendto` and `recvfrom` from netlink(7) too.
const FAULTS: [Fault; 21] = [
    ("bind", &["EADDRINUSE", "EACCES", "ENOMEM"]),
    ("connect", &["EACCES", "EAGAIN"]),
    ("epoll_create1", &["EMFILE", "ENOMEM"]),
    ("fsconfig", &["EPERM", "EINVAL"]),
    ("fsmount", &["EPERM", "EMFILE"]),
    ("fsopen", &["ENOSYS", "EPERM", "EMFILE"]),
    ("getdents64", &["ENOENT", "ENOTDIR"]),
    ("getsockname", &["ENOBUFS"]),
    ("openat", &["EMFILE", "ENFILE", "EACCES", "ENOENT", "ENOMEM"]),
    ("poll", &["EINTR", "ENOMEM"]),
    ("ppoll", &["EINTR", "ENOMEM"]),
    ("prlimit64", &["EPERM"]),
    ("readlink", &["ENOENT", "EACCES"]),
    ("recvfrom", &["ENOBUFS", "EINTR", "ENOMEM"]),
    ("recvmsg", &["ENOBUFS", "EINTR", "ENOMEM"]),
    ("sendto", &["ENOBUFS", "EPERM", "ENOMEM", "EINTR"]),
    ("setns", &["EPERM", "EINVAL", "ENOMEM"]),
    ("setsockopt", &["EPERM", "ENOPROTOOPT", "ENOBUFS"]),
    ("socket", &["EMFILE", "ENFILE", "EPERM", "EAFNOSUPPORT", "ENOBUFS"]),
    ("unshare", &["EPERM", "ENOSPC", "ENOMEM", "EUSERS"]),
    ("write", &["EPERM", "EINVAL", "ENOSPC", "EIO"]),
];

/// What only root of the machine comes to: others may not see why the kernel drops packets.
const OF_ROOT: [&str; 1] = ["fsmount"];

/// Which of its calls fail: the first ones, and some of the others.
const FIRST: usize = 6;
const OTHERS: usize = 4;

/// How long a run may take before it counts as one that hangs.
const PATIENCE: Duration = Duration::from_secs(60);

const SCRIPT: &str = "\
ip netns add red
ip link add va type veth peer name vb netns red
ip link set va up
ip addr add 10.0.0.1/24 dev va
ip -n red link set vb up
ip -n red addr add 10.0.0.2/24 dev vb
ping -c 1 -W 1 10.0.0.2
ip netns exec red sysctl net.ipv4.ip_forward
ip -n red neigh
ip netns del red
ip route
";

pub(crate) fn trials(missing: Option<&str>) -> Vec<Trial> {
    let no_strace = (!tools::is_installed("strace")).then_some("strace is not installed");
    let missing = missing.or(no_strace);
    let campaigns = FAULTS
        .into_iter()
        .map(|fault| Trial::on_kernel(format!("{}_may_fail", fault.0), missing, move || campaign(fault)));
    let others = [
        Trial::on_kernel("who_cannot_go_back_stops_though_nobody_reads", missing, nobody_reads),
        Trial::on_kernel("a_report_is_written_where_no_lock_can_be_had", missing, no_lock),
        Trial::on_kernel("a_folder_that_may_not_be_written_to_is_the_reason", missing, closed_folder),
    ];
    campaigns.chain(others).collect()
}

/// A thread that cannot go back to its own network namespace stops the process, be it that nobody reads why.
fn nobody_reads() -> Result<(), Failed> {
    const UNAVAILABLE: i32 = 4;
    let mut script = NamedTempFile::new()?;
    script.write_all(SCRIPT.as_bytes())?;
    let mut stopped = 0;
    for first in 3..24 {
        let (reader, writer) = io::pipe()?;
        drop(reader);
        let status = tools::within(PATIENCE, "strace")
            .args(["-f", "-qq", "-o", "/dev/null", "-e"])
            .arg(format!("inject=setns:error=EPERM:when={first}..{}", first + 2))
            .arg(binary::path()?)
            .args(["run", "--stack", "real"])
            .arg(script.path())
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(writer)
            .status()?;
        match status.code() {
            Some(0..=2) => {}
            Some(UNAVAILABLE) => stopped += 1,
            code => {
                return Err(format!("setns fails from number {first} on: its exit status is {code:?}").into());
            }
        }
    }
    if stopped > 0 { Ok(()) } else { Err("no thread was kept from going back".into()) }
}

/// A network file system without a service for locks.
fn no_lock() -> Result<(), Failed> {
    let (output, names) = graded(|_| vec!["-e".into(), "inject=flock:error=ENOLCK".into()])?;
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.code() == Some(0) && names == ["ann.sh", "grades.csv", "grades.jsonl"] {
        true => Ok(()),
        false => Err(format!("{:?}, {names:?}: {said}", output.status).into()),
    }
}

/// A folder that only another user may write to.
fn closed_folder() -> Result<(), Failed> {
    let (output, names) = graded(|folder| {
        let new = folder.join(".grades.csv.vethlab-new").display().to_string();
        vec!["-P".into(), new, "-e".into(), "inject=openat:error=EACCES:when=1".into()]
    })?;
    let said = String::from_utf8_lossy(&output.stderr);
    let is_told = said.contains("grades.csv': Permission denied") && said.lines().count() == 1;
    match output.status.code() == Some(2) && is_told && names == ["ann.sh", "grades.jsonl"] {
        true => Ok(()),
        false => Err(format!("{:?}, {names:?}: {said}", output.status).into()),
    }
}

/// Grades an answer into two reports under `strace` with these arguments, made from the folder: what it said, and what
/// the folder holds after that.
fn graded(arguments: impl Fn(&Path) -> Vec<String>) -> io::Result<(Output, Vec<String>)> {
    let (folder, trace) = (TempDir::new()?, NamedTempFile::new()?);
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("ann.sh"), "ip link\n")?;
    let output = tools::within(PATIENCE, "strace")
        .args(["-f", "-qq", "-o"])
        .arg(trace.path())
        .args(arguments(folder.path()))
        .arg(binary::path()?)
        .args(["grade", "two-namespaces", &path("ann.sh"), "--exit-zero"])
        .args(["--report", &format!("jsonl={}", path("grades.jsonl"))])
        .args(["--report", &format!("csv={}", path("grades.csv"))])
        .stdin(Stdio::null())
        .output()?;
    let names =
        fs::read_dir(folder.path())?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names: Vec<String> = names.collect::<io::Result<_>>()?;
    names.sort();
    Ok((output, names))
}

fn campaign((call, errors): Fault) -> Result<(), Failed> {
    let mut script = NamedTempFile::new()?;
    script.write_all(SCRIPT.as_bytes())?;
    let trace = NamedTempFile::new()?;
    let run = |expression: &str| run(expression, &script, &trace);
    let (expected, _) = run(&format!("trace={call}"))?;
    let calls =
        fs::read_to_string(trace.path())?.lines().filter(|line| line.contains(&format!("{call}("))).count();
    if calls == 0 && OF_ROOT.contains(&call) && !tools::can_change_user()? {
        return Ok(());
    }
    if calls == 0 {
        return Err(format!("there is no {call} that could fail").into());
    }
    let expected = lasting(&expected);
    for error in errors {
        for which in sample(calls) {
            let (output, left) = run(&format!("inject={call}:error={error}:when={which}"))?;
            if let Err(problem) = judge(&output, &expected, &left) {
                let said = String::from_utf8_lossy(&output.stderr);
                return Err(format!(
                    "{call} number {which} of {calls} fails with {error}: {problem}\n{said}"
                )
                .into());
            }
        }
    }
    Ok(())
}

/// Some of the numbers from 1 to this.
fn sample(calls: usize) -> BTreeSet<usize> {
    (1..=calls.min(FIRST)).chain((1..=OTHERS).map(|part| (calls * part / OTHERS).max(1))).collect()
}

/// Runs the script under `strace` with this expression: what it did, and the files that it left.
fn run(expression: &str, script: &NamedTempFile, trace: &NamedTempFile) -> io::Result<(Output, Vec<String>)> {
    let temporary = TempDir::new()?;
    let output = tools::within(PATIENCE, "strace")
        .args(["-f", "-qq", "-e", expression, "-o"])
        .arg(trace.path())
        .arg(binary::path()?)
        .args(["run", "--stack", "real"])
        .arg(script.path())
        .env("TMPDIR", temporary.path())
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .output()?;
    let left = fs::read_dir(temporary.path())?;
    let left = left.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    Ok((output, left.collect::<io::Result<_>>()?))
}

/// What was printed, without what is another time each time.
fn lasting(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let is_time = |line: &&str| line.contains("time") || line.starts_with("rtt ");
    // How old a neighbour is hangs on the machine's pace.
    let state = |line: &str| line.split(" lladdr ").next().unwrap_or(line).to_owned();
    text.lines().filter(|line| !is_time(line)).map(state).collect()
}

fn judge(output: &Output, expected: &[String], left: &[String]) -> Result<(), String> {
    const NO_PROGRAM: i32 = 127;
    let said = String::from_utf8_lossy(&output.stderr);
    let lines = said.lines().filter(|line| !line.trim().is_empty()).count();
    if said.contains("panicked") {
        return Err("it panics".to_owned());
    }
    if !left.is_empty() {
        return Err(format!("it leaves {left:?}"));
    }
    match output.status.code() {
        // All that failed was tried again, or was not needed.
        Some(0) if lasting(output) == expected => Ok(()),
        Some(0) => Err(format!("it is silent about it, and prints\n{}", lasting(output).join("\n"))),
        Some(1) if lines > 0 => Ok(()),
        Some(2 | 4) if lines == 1 => Ok(()),
        Some(NO_PROGRAM) if said.contains("error while loading shared libraries") => Ok(()),
        code => Err(format!("its exit status is {code:?}, with {lines} lines")),
    }
}
