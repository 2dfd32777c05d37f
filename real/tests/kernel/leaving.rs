//! What the real stack leaves alone, and what it leaves behind: nothing.
//!
//! Some of it can only be tried by a process of its own: this binary, started again to play a role.

use crate::lab::{Lab, PATIENCE, RED};
use nix::poll::{PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getegid, geteuid};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Instant;
use std::{env, thread};
use vethlab_real::{RealStack, Unavailable, probe};
use vethlab_shared::change::Change;
use vethlab_shared::error::Errno;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;

const ROLE: &str = "VETHLAB_TEST_ROLE";
/// Exit status of a role that this machine does not let play.
const NOT_HERE: i32 = 4;

/// The network of the machine that the tests run on. Its files stay those of its namespace, wherever this
/// process moves.
pub(crate) struct Machine {
    files: Vec<File>,
    before: Vec<String>,
}

impl Machine {
    pub(crate) fn look() -> Machine {
        let paths =
            ["/proc/thread-self/net/dev", "/proc/thread-self/net/route", "/proc/thread-self/net/fib_trie"];
        let mut files: Vec<File> = paths.iter().filter_map(|path| File::open(path).ok()).collect();
        let before = files.iter_mut().map(content).collect();
        Machine { files, before }
    }

    /// Panics where links, routes or addresses are not what they were.
    pub(crate) fn assert_unchanged(mut self) {
        let after: Vec<String> = self.files.iter_mut().map(content).collect();
        assert_eq!(self.before, after, "the machine's own network has changed");
    }
}

/// The first word of each line, which leaves out the counters of links; routes and addresses whole.
fn content(file: &mut File) -> String {
    let mut text = String::new();
    file.rewind().and_then(|()| file.read_to_string(&mut text)).expect("a readable file of /proc");
    let has_counters = text.starts_with("Inter-|");
    let lines = text.lines().map(|line| match has_counters {
        true => line.split_whitespace().next().unwrap_or_default(),
        false => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn role(name: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("the path of this program"));
    command.env(ROLE, name).stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// Plays the role that the environment names, if it names one.
pub(crate) fn play_role() -> bool {
    let Ok(role) = env::var(ROLE) else { return false };
    match role.as_str() {
        "crowd" => crowd(),
        "warden" => warden(),
        "victim" => victim(),
        other => panic!("no such role: {other}"),
    }
    true
}

pub(crate) fn probing_alters_nothing() -> Result<(), Unavailable> {
    RealStack::new()?;
    let namespaces =
        || ["net", "user", "mnt"].map(|kind| fs::read_link(format!("/proc/self/ns/{kind}")).ok());
    let before = namespaces();
    let requirements = probe();
    assert_eq!(namespaces(), before);
    for requirement in requirements {
        assert!(requirement.met && requirement.remedy.is_none(), "{requirement:?}");
    }
    Ok(())
}

pub(crate) fn several_threads_are_named() -> Result<(), Unavailable> {
    RealStack::new()?;
    let output = role("crowd").output().expect("this program starts");
    if output.status.code() == Some(NOT_HERE) {
        return Err(Unavailable::Forbidden { call: "unshare(CLONE_NEWUSER)", errno: Errno::EPERM });
    }
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said.trim_end(), Unavailable::SeveralThreads(2).to_string());
    Ok(())
}

/// Two threads in a user namespace that does not own the network namespace: too late, and too little.
fn crowd() {
    if unshare(CloneFlags::CLONE_NEWUSER).is_err() {
        std::process::exit(NOT_HERE);
    }
    let (done, wait) = mpsc::channel::<()>();
    let other = thread::spawn(move || wait.recv());
    match RealStack::new() {
        Ok(_) => println!("there is a stack"),
        Err(why) => println!("{why}"),
    }
    drop(done);
    assert!(other.join().expect("the other thread ends").is_err());
}

pub(crate) fn kill_9_leaves_nothing_behind() -> Result<(), Unavailable> {
    RealStack::new()?;
    let status = role("warden").status().expect("this program starts");
    if status.code() == Some(NOT_HERE) {
        return Err(Unavailable::Forbidden { call: "unshare(CLONE_NEWUSER)", errno: Errno::EPERM });
    }
    assert!(status.success(), "the warden found something left");
    Ok(())
}

/// How many network namespaces the warden allows: its own, and the victim's host, red and blue.
const ALLOWED: usize = 4;

/// Watches over the number of network namespaces: only when the victim's are gone can there be others.
fn warden() {
    let (user, group) = (geteuid(), getegid());
    if unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET).is_err() {
        std::process::exit(NOT_HERE);
    }
    fs::write("/proc/self/setgroups", "deny").expect("setgroups can be denied");
    fs::write("/proc/self/uid_map", format!("0 {user} 1")).expect("the user can be mapped");
    fs::write("/proc/self/gid_map", format!("0 {group} 1")).expect("the group can be mapped");
    fs::write("/proc/sys/user/max_net_namespaces", ALLOWED.to_string()).expect("the limit can be set");

    let mut victim = role("victim").spawn().expect("this program starts");
    wait_for_line(&mut victim);
    let refused = RealStack::new().expect_err("the victim has all the namespaces that are allowed");
    assert!(matches!(refused, Unavailable::Forbidden { errno: Errno::ENOSPC, .. }), "{refused}");

    victim.kill().expect("SIGKILL is sent");
    victim.wait().expect("the victim ends");
    let deadline = Instant::now() + PATIENCE;
    while let Err(why) = three_namespaces() {
        assert!(Instant::now() < deadline, "the victim's namespaces are still there: {why}");
        // Nothing tells when a namespace is gone: look again after a little while.
        poll(&mut [], PollTimeout::from(10_u8)).expect("time passes");
    }
}

fn wait_for_line(child: &mut Child) {
    let mut line = String::new();
    let output = child.stdout.take().expect("its output is a pipe");
    BufReader::new(output).read_line(&mut line).expect("a line of its output");
    assert_eq!(line, "ready\n");
}

/// The three namespaces that the victim makes too.
fn three_namespaces() -> Result<Lab, String> {
    let mut lab = Lab::new().map_err(|why| why.to_string())?;
    let blue = NamespaceName::new("blue").expect("a good name");
    for name in [lab.red.clone(), blue] {
        let change = Change::AddNamespace(name);
        lab.stack.apply(&NamespaceName::HOST, &change).map_err(|error| error.to_string())?;
    }
    lab.wire();
    Ok(lab)
}

/// Pings until it is killed.
fn victim() {
    let mut lab = three_namespaces().expect("three namespaces are allowed");
    let host = lab.host.clone();
    lab.ping(&host, RED);
    println!("ready");
    std::io::stdout().flush().expect("the warden listens");
    loop {
        lab.ping(&host, RED);
    }
}
