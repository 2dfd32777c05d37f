//! The third transcript: the same script through the tools that are installed here.
//!
//! A shell in namespaces of its own reads one command after another. It plays the machine as the stacks do:
//! `lo` is up there, and IPv6 is off in every namespace.

mod background;

use background::{Background, counts, hears_connections, is_capture, says_that_it_listens, without_answers};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use vethlab_engine::compare::Entry;
use vethlab_programs::Transcript;
use vethlab_shared::status::Status;

/// The commands that a comparison needs, besides `bash`.
const NEEDED: [&str; 19] = [
    "ip",
    "ping",
    "traceroute",
    "ifconfig",
    "route",
    "arp",
    "sysctl",
    "iptables",
    "nft",
    "unshare",
    "tcpdump",
    "nc",
    "ss",
    "conntrack",
    "python3",
    "curl",
    "wget",
    "telnet",
    "netstat",
];

/// Where the tools may be.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What makes the shell's namespaces like those of a stack, before the first command: nobody is asked for names.
const PREPARE: &str = "mount -t tmpfs tmpfs /run && mount --bind /dev/null /etc/resolv.conf \
     && ip link set lo up && exec 3>&1\n";

/// `python3` as the stacks have it: what it serves is the page of its namespace, and its banner comes at once.
const PYTHON: &str = "#!/bin/sh
name=$(ip netns identify $$)
cd \"$(mktemp -d -p /run)\"
name=${name:-host}
echo \"<!DOCTYPE html><title>$name</title><p>This page is served in the namespace $name.</p>\" >index.html
PYTHONUNBUFFERED=1 exec /usr/bin/python3 \"$@\"
";

/// Turns IPv6, and the packet filter of what crosses bridges, off in the namespace that the shell, or the command before it, is in.
const WITHOUT_IPV6: &str = "sh -c 'for of in all default; do \
     file=/proc/sys/net/ipv6/conf/$of/disable_ipv6; [ ! -e $file ] || echo 1 >$file; done; for of in iptables ip6tables arptables; do \
     file=/proc/sys/net/bridge/bridge-nf-call-$of; [ ! -e $file ] || echo 0 >$file; done'";

/// Has the kernel finish with every link's change of carrier at once, rather than within a second: to be asked
/// about a single link does that (`rtnl_getlink` calls `linkwatch_sync_dev`).
const FINISH_LINK_WATCH: &str = "ip -br link | while read -r link rest; do \
     ip link show dev \"${link%%@*}\"; done";

/// How long a program in the background may take to show what came by.
const LONGEST_HEARING: Duration = Duration::from_secs(10);

/// How long a deleted namespace may take to end, where nothing holds it, and a program that a signal ends.
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
    /// Programs that stand in front of those that are installed.
    _programs: TempDir,
    namespaces: BTreeSet<String>,
    background: Option<Background>,
}

impl Shell {
    fn start() -> io::Result<Shell> {
        let folder = tempfile::tempdir()?;
        let programs = tempfile::tempdir()?;
        let python = programs.path().join("python3");
        fs::write(&python, PYTHON)?;
        fs::set_permissions(&python, fs::Permissions::from_mode(0o755))?;
        let path = format!("{}:{PATH}", programs.path().display());
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
            .envs([("PATH", path.as_str()), ("LC_ALL", "C"), ("HOME", "/"), ("TZ", "UTC")])
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
            _programs: programs,
            namespaces: BTreeSet::new(),
            background: None,
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
        if command.ends_with('&') {
            let [out, err] = self.beside();
            fs::write(&out, "")?;
            fs::write(&err, "")?;
            self.send(&format!(
                "{{ {command}\n}} </dev/null >>'{}' 2>>'{}'\n",
                out.display(),
                err.display()
            ))?;
        } else if opens_or_leaves_a_shell(command) {
            // The new shell reads what follows, in the place of this one, until it is left.
            self.send(&format!("{command} 2>'{}'\n", err.display()))?;
        } else {
            self.send(&format!("{{ {command}\n}} </dev/null >'{}' 2>'{}'\n", out.display(), err.display()))?;
        }
        let status = self.status()?;
        if command.ends_with('&') {
            let mut words = command.split_whitespace();
            let captures = is_capture(command);
            let count = words.find(|word| *word == "-c").and(words.next()).map(str::to_owned);
            let hears = hears_connections(command);
            self.background = Some(Background { process: self.ask("echo $!")?, captures, hears, count });
        }
        self.settle(command)?;
        let (mut stdout, mut stderr) = (fs::read_to_string(out)?, fs::read_to_string(err)?);
        if let Some(beside) = self.hear_background(command)? {
            stdout += &beside.stdout;
            stderr += &beside.stderr;
        }
        Ok((status, Transcript { stdout, stderr }))
    }

    /// Where a program in the background writes.
    fn beside(&self) -> [PathBuf; 2] {
        ["out-beside", "err-beside"].map(|name| self.folder.path().join(name))
    }

    /// What the program in the background wrote because of this command. Asked for its counts (`SIGUSR1`) it says
    /// whether it has shown all that the kernel gave it; where enough was shown, or it was told to end, it ends.
    fn hear_background(&mut self, command: &str) -> io::Result<Option<Transcript>> {
        let Some(Background { process, captures, hears, count }) = self.background.clone() else {
            return Ok(None);
        };
        if !captures {
            return self.hear_other(&process, hears, command).map(Some);
        }
        let [out, err] = self.beside();
        let deadline = Instant::now() + LONGEST_HEARING;
        let is_to_end = command.starts_with("kill") || command.starts_with("wait");
        let mut asked = 0;
        loop {
            // Before it has said what it listens on the signal would end it. It is asked again once it has answered.
            let said = fs::read_to_string(&err)?;
            let begun = said.contains("listening on ") || !command.ends_with('&');
            let answers = said.lines().filter_map(counts).count();
            let ask = begun && answers == asked && !is_to_end;
            asked += usize::from(ask);
            let signal = if ask { "USR1" } else { "0" };
            let is_alive = self.ask(&format!("kill -{signal} {process} 2>&- && echo yes"))? == "yes";
            let said = fs::read_to_string(&err)?;
            let told = said.lines().rev().find_map(counts);
            // It writes a line in pieces: what follows would be taken for words of the next command.
            let all_shown = said.ends_with('\n')
                && told.is_some_and(|[shown, given]| shown == given && Some(shown) != count.as_deref());
            if !is_alive || (begun && all_shown && !is_to_end) {
                let stdout = fs::read_to_string(&out)?;
                let stderr = without_answers(&said);
                fs::write(&out, "")?;
                fs::write(&err, "")?;
                if !is_alive {
                    self.background = None;
                }
                return Ok(Some(Transcript { stdout, stderr }));
            }
            if Instant::now() > deadline {
                return Err(io::Error::other(format!(
                    "the program in the background does not come to rest after '{command}': {said}"
                )));
            }
        }
    }

    /// What a program that cannot be asked wrote because of this command: what is there once it is over, where a signal
    /// may end it after a while. What it began with comes with the next command: see [`gathered`].
    fn hear_other(&mut self, process: &str, hears: bool, command: &str) -> io::Result<Transcript> {
        let [out, err] = self.beside();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let is_alive = self.ask(&format!("kill -0 {process} 2>&- && echo yes"))? == "yes";
            if is_alive && command.starts_with("kill") && Instant::now() < deadline {
                continue;
            }
            if is_alive && hears && !self.has_heard_connections(process)? {
                if Instant::now() > deadline + LONGEST_HEARING {
                    return Err(io::Error::other(format!("'{command}' does not come to rest")));
                }
                continue;
            }
            if command.ends_with('&') {
                if !says_that_it_listens(command) {
                    return Ok(Transcript::default());
                }
                let is_silent = fs::metadata(&out)?.len() == 0;
                if is_alive && is_silent && Instant::now() < deadline + LONGEST_HEARING {
                    continue;
                }
            }
            let (stdout, stderr) = (fs::read_to_string(&out)?, fs::read_to_string(&err)?);
            fs::write(&out, "")?;
            fs::write(&err, "")?;
            if !is_alive {
                self.background = None;
            }
            return Ok(Transcript { stdout, stderr });
        }
    }

    /// Whether a `conntrack -E` listens, has read all that it was told, and waits for more: it has joined a group of
    /// `NETLINK_NETFILTER` (12), nothing is in its buffer, and it is within `recvfrom(2)` or `recvmsg(2)`.
    fn has_heard_connections(&mut self, process: &str) -> io::Result<bool> {
        let joined = "awk '$2 == 12 && $4 != \"00000000\" { print $5 }'";
        let waits = self.ask(&format!(
            "[ \"$({joined} /proc/{process}/net/netlink)\" = 0 ] && grep -Eq '^4[57] ' /proc/{process}/syscall && echo yes"
        ))?;
        Ok(waits == "yes")
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

/// The same entries, where what a program in the background printed as it was started stands with the next command: a
/// shell does not wait for it. What says that it has begun is waited for.
pub fn gathered(mut entries: Vec<Entry>) -> Vec<Entry> {
    for place in 1..entries.len() {
        let (before, rest) = entries.split_at_mut(place);
        if let (Some(started), Some(next)) = (before.last_mut(), rest.first_mut())
            && started.command.ends_with('&')
            && !is_capture(&started.command)
            && !says_that_it_listens(&started.command)
        {
            next.stdout = std::mem::take(&mut started.stdout) + &next.stdout;
            next.stderr = std::mem::take(&mut started.stderr) + &next.stderr;
        }
    }
    entries
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

/// A command that `timeout(1)` kills after so long: it is lost patience with. Its exit status is 137 then.
pub fn within(patience: Duration, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("timeout");
    command.args(["--signal=KILL", &patience.as_secs().to_string()]).arg(program);
    command
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

/// Whether there are other users for root to become: in the user namespace of an ordinary user there is only one.
///
/// # Errors
/// `/proc` is not there.
pub fn can_change_user() -> io::Result<bool> {
    let users = fs::read_to_string("/proc/self/uid_map")?;
    Ok(is_root()? && users.split_whitespace().nth(2) != Some("1"))
}

#[cfg(test)]
mod tests {
    use super::without_answers;

    /// The answer to the signal, as `tcpdump` gives it.
    const ANSWER: &str =
        "tcpdump: 2 packets captured, 2 packets received by filter, 0 packets dropped by kernel\n";

    /// Wherever the signal comes, what is left is what is said without it.
    #[test]
    fn an_answer_leaves_no_trace_wherever_the_signal_comes() {
        let pieces = [
            "tcpdump: listening on veth-host\n",
            "2 packets captured",
            "\n",
            "2 packets received by filter",
            "\n",
            "0 packets dropped by kernel",
            "\n",
        ];
        for answer in [ANSWER, "pcap_stats: The handle is closed\n"] {
            for place in 0..=pieces.len() {
                let (before, after) = pieces.split_at(place);
                let said = [before, &[answer][..], after].concat().concat();
                assert_eq!(without_answers(&said), pieces.concat(), "after {place} pieces");
            }
        }
    }
}
