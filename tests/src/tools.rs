//! The third transcript: the same script through the tools that are installed here.
//!
//! A shell in namespaces of its own reads one command after another. It plays the machine as the stacks do:
//! `lo` is up there, and IPv6 is off in every namespace.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use vethlab::compare::Entry;
use vethlab_shared::programs::{Status, Transcript};

/// The commands that a comparison needs, besides `bash`.
const NEEDED: [&str; 8] = ["ip", "ping", "ifconfig", "route", "arp", "sysctl", "iptables", "unshare"];

/// Where the tools may be.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What makes the shell's namespaces like those of a stack, before the first command.
const PREPARE: &str = "mount -t tmpfs tmpfs /run && ip link set lo up && exec 3>&1\n";

/// Turns IPv6 off in the namespace that the shell, or the command before it, is in.
const WITHOUT_IPV6: &str = "sh -c 'for of in all default; do \
     file=/proc/sys/net/ipv6/conf/$of/disable_ipv6; [ ! -e $file ] || echo 1 >$file; done'";

/// Has the kernel finish with every link's change of carrier at once, rather than within a second: to be asked
/// about a single link does that (`rtnl_getlink` calls `linkwatch_sync_dev`).
const FINISH_LINK_WATCH: &str = "ip -br link | while read -r link rest; do \
     ip link show dev \"${link%%@*}\"; done";

/// How long a deleted namespace may take to end, where nothing holds it.
const PATIENCE: Duration = Duration::from_millis(800);

/// The needed commands that are not installed.
pub fn missing() -> Vec<&'static str> {
    NEEDED.into_iter().filter(|command| !is_installed(command)).collect()
}

/// Whether a command is there.
pub fn is_installed(command: &str) -> bool {
    PATH.split(':').any(|folder| fs::exists(format!("{folder}/{command}")).unwrap_or(false))
}

/// Plays commands through the installed tools.
///
/// # Errors
/// The shell cannot be started, or ends before its time.
pub fn play(commands: &[String]) -> io::Result<Vec<Entry>> {
    let mut shell = Shell::start()?;
    let mut run = |command: &String| {
        let (status, transcript) = shell.run(command)?;
        Ok(Entry::new(command, status, transcript))
    };
    commands.iter().map(&mut run).collect()
}

/// A shell in namespaces of its own.
struct Shell {
    process: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    folder: TempDir,
    namespaces: BTreeSet<String>,
}

impl Shell {
    fn start() -> io::Result<Shell> {
        let folder = tempfile::tempdir()?;
        let mut process = Command::new("unshare")
            .args(if is_root()? {
                &["--mount", "--net"][..]
            } else {
                &["--map-root-user", "--mount", "--net"]
            })
            .args(["bash", "--norc", "--noprofile"])
            // No folder in it: a pattern that finds no namespace must find nothing else.
            .current_dir(folder.path())
            .env_clear()
            .envs([("PATH", PATH), ("LC_ALL", "C"), ("HOME", "/")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let commands = process.stdin.take().ok_or_else(|| io::Error::other("no way to talk to the shell"))?;
        let answers = process.stdout.take().ok_or_else(|| io::Error::other("no way to hear the shell"))?;
        let mut shell = Shell {
            process,
            commands,
            answers: BufReader::new(answers),
            folder,
            namespaces: BTreeSet::new(),
        };
        shell.send(PREPARE)?;
        shell.send(&format!("{WITHOUT_IPV6}\n"))?;
        match shell.status()? {
            0 => Ok(shell),
            status => {
                Err(io::Error::other(format!("the shell's namespaces cannot be prepared: status {status}")))
            }
        }
    }

    /// Runs one command, and tells its exit status and what it wrote.
    fn run(&mut self, command: &str) -> io::Result<(Status, Transcript)> {
        let out = self.folder.path().join("out");
        let err = self.folder.path().join("err");
        fs::write(&out, "")?;
        fs::write(&err, "")?;
        if opens_or_leaves_a_shell(command) {
            // The new shell reads what follows, in the place of this one, until it is left.
            self.send(&format!("{command} 2>'{}'\n", err.display()))?;
        } else {
            self.send(&format!("{{ {command}\n}} </dev/null >'{}' 2>'{}'\n", out.display(), err.display()))?;
        }
        let status = self.status()?;
        self.settle(command)?;
        Ok((status, Transcript { stdout: fs::read_to_string(out)?, stderr: fs::read_to_string(err)? }))
    }

    /// Brings the namespaces to where a stack's are: IPv6 is off in a new one, a deleted one is gone, and links
    /// have settled.
    ///
    /// The kernel goes on after `ip netns del` and `ip link set … up` have returned. What a command sees that
    /// follows at once is chance. A namespace that is held by a packet stays for seconds: that is none.
    fn settle(&mut self, command: &str) -> io::Result<()> {
        let now: BTreeSet<String> = self
            .ask("cd /run/netns 2>&- && printf '%s/' *")?
            .split('/')
            .filter(|name| !matches!(*name, "" | "*"))
            .map(str::to_owned)
            .collect();
        let before = std::mem::take(&mut self.namespaces);
        for name in now.difference(&before) {
            self.ask(&format!("nsenter --net='/run/netns/{name}' {WITHOUT_IPV6}"))?;
        }
        if !before.is_subset(&now) {
            let deadline = Instant::now() + PATIENCE;
            while Instant::now() < deadline && self.has_loose_ends(&now)? {}
        }
        if alters_links(command) {
            let machine = format!("/proc/{}/ns/net", self.process.id());
            for namespace in now.iter().map(|name| format!("/run/netns/{name}")).chain([machine]) {
                self.ask(&format!("nsenter --net='{namespace}' sh -c '{FINISH_LINK_WATCH}'"))?;
            }
        }
        self.namespaces = now;
        Ok(())
    }

    /// Whether a link's other end is in a namespace that is no more: neither named nor the machine's own.
    fn has_loose_ends(&mut self, names: &BTreeSet<String>) -> io::Result<bool> {
        let machine = format!("nsenter --net=/proc/{}/ns/net ip -o link show", self.process.id());
        let machine = self.ask(&machine)?;
        if !nameless_namespaces(&machine).is_empty() {
            return Ok(true);
        }
        for name in names {
            let expected = usize::from(machine.contains(&format!("link-netns {name}")));
            let links = self.ask(&format!("nsenter --net='/run/netns/{name}' ip -o link show"))?;
            if nameless_namespaces(&links).len() > expected {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What a command of the shell's own says, whatever its exit status, as one line.
    fn ask(&mut self, command: &str) -> io::Result<String> {
        self.send(&format!("echo $({command}) >&3\n"))?;
        self.answer()
    }

    fn send(&mut self, text: &str) -> io::Result<()> {
        self.commands.write_all(text.as_bytes())
    }

    fn answer(&mut self) -> io::Result<String> {
        let mut line = String::new();
        match self.answers.read_line(&mut line)? {
            0 => Err(io::Error::other("the shell ended before its time")),
            _ => Ok(line.trim_end().to_owned()),
        }
    }

    /// The exit status of the last command.
    fn status(&mut self) -> io::Result<Status> {
        self.send("echo $? >&3\n")?;
        let answer = self.answer()?;
        answer.parse().map_err(|_| io::Error::other(format!("the shell said '{answer}', not an exit status")))
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // Nothing can be done about a process that is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The numbers of the namespaces that links reach into and that have no name.
fn nameless_namespaces(links: &str) -> BTreeSet<&str> {
    links.split("link-netnsid ").skip(1).filter_map(|rest| rest.split_whitespace().next()).collect()
}

/// Whether the command may take a link up or down, or move or remove it.
fn alters_links(command: &str) -> bool {
    let altering =
        |word: &str| matches!(word, "add" | "a" | "up" | "down" | "netns") || word.starts_with('d');
    command.starts_with("ip") && command.split_whitespace().any(altering)
}

/// Whether the line changes which shell reads the next one.
fn opens_or_leaves_a_shell(command: &str) -> bool {
    let words: Vec<&str> = command.split_whitespace().collect();
    words.first() == Some(&"exit")
        || (words.contains(&"exec") && matches!(words.last(), Some(&("bash" | "sh"))))
}

/// Whether this process is root, in its user namespace.
///
/// # Errors
/// `/proc` is not there.
pub fn is_root() -> io::Result<bool> {
    let status = fs::read_to_string("/proc/self/status")?;
    let user = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    Ok(user.and_then(|line| line.split_whitespace().nth(1)) == Some("0"))
}
