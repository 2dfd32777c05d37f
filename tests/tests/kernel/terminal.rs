//! The prompt on a terminal: what a person types, and Ctrl-C and Ctrl-D among it.
//!
//! `script` of util-linux holds the terminal, so that Ctrl-C is a signal to the program as it is to a person's.

mod pasting;

use libtest_mimic::Failed;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use vethlab_tests::trial::Trial;
use vethlab_tests::{binary, classroom};

/// How long a terminal may stand open, in seconds: what hangs ends by then, and its test fails.
const LIMIT: &str = "60";

const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";

/// `real` is why the kernel cannot be used here, where it cannot.
pub(crate) fn trials(real: Option<&str>) -> Vec<Trial> {
    let missing = missing();
    let real = real.or(missing.as_deref()).map(str::to_owned);
    let test = |name: &str, check: fn(&Path) -> Result<(), Failed>| {
        Trial::with_tool(name, missing.as_deref(), move || check(binary::path()?))
    };
    let pasting = pasting::TESTS.iter().map(|(name, check)| test(name, *check));
    let others = vec![
        test("commands_are_kept_and_answers_are_not", commands_are_kept_and_answers_are_not),
        test("ctrl_c_stops_a_program_and_not_the_prompt", ctrl_c_stops_a_program_and_not_the_prompt),
        test("ctrl_d_leaves_one_shell_after_another", ctrl_d_leaves_one_shell_after_another),
        test("ctrl_c_ends_a_run", ctrl_c_ends_a_run),
        test("packets_move_on_the_map", packets_move_on_the_map),
        test("a_linter_says_what_it_plays", a_linter_says_what_it_plays),
        test("a_lesson_is_played_at_the_prompt", a_lesson_is_played_at_the_prompt),
        test("a_step_that_is_done_waits_for_enter", a_step_that_is_done_waits_for_enter),
        test("a_lesson_goes_on_with_the_next_one", a_lesson_goes_on_with_the_next_one),
        test("the_simulators_background_waits_for_a_line", the_simulators_background_waits_for_a_line),
        Trial::on_kernel("ctrl_c_stops_a_program_on_both_stacks", real.as_deref(), || {
            ctrl_c_stops_a_program_on_both_stacks(binary::path()?)
        }),
        Trial::on_kernel("ctrl_c_stops_a_flood_on_both_stacks", real.as_deref(), || {
            ctrl_c_stops_a_flood_on_both_stacks(binary::path()?)
        })
        .timed(),
        Trial::on_kernel("the_background_goes_on_while_nobody_types", real.as_deref(), || {
            the_background_goes_on_while_nobody_types(binary::path()?)
        })
        .timed(),
    ];
    pasting.chain(others).collect()
}

/// Why there can be no terminal here.
fn missing() -> Option<String> {
    match Command::new("script").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status() {
        Ok(status) if status.success() => None,
        Ok(_) => Some("'script' here is not that of util-linux".to_owned()),
        Err(error) => Some(format!("'script' of util-linux cannot be run: {error}")),
    }
}

fn ctrl_c_stops_a_program_and_not_the_prompt(program: &Path) -> Result<(), Failed> {
    let mut terminal = Terminal::open(program, "shell")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("ping 127.0.0.1\r")?;
    terminal.wait_for("icmp_seq=1 ")?;
    terminal.type_in(CTRL_C)?;
    terminal.wait_for("--- 127.0.0.1 ping statistics ---")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("half a line")?;
    terminal.wait_for("half a line")?;
    terminal.type_in(CTRL_C)?;
    terminal.wait_for("host# ")?;
    terminal.type_in("exit\r")?;
    terminal.ended_with(0)
}

/// The one that nobody watches has sent nothing yet by then; it goes as far as the other one came.
fn packets_move_on_the_map(program: &Path) -> Result<(), Failed> {
    let mut terminal = Terminal::open(program, "shell")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("ip link set lo up\rping -c 1 127.0.0.1\r")?;
    terminal.wait_for("rtt min")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("map --live 0.1\r")?;
    terminal.wait_for("frame 1 of 2, playing")?;
    terminal.type_in(" ")?;
    terminal.wait_for("frame 1 of 2, paused")?;
    terminal.type_in("n")?;
    terminal.wait_for("frame 2 of 2, paused")?;
    // Drawn anew in the place of the one before: the cursor went up.
    terminal.type_in("q")?;
    terminal.wait_for("\x1b[J")?;
    terminal.wait_for("ICMP echo reply")?;
    terminal.wait_for("host# ")?;
    // Ctrl-C leaves it too, and then the terminal is what it was.
    terminal.type_in("map --live 0.1\r")?;
    terminal.wait_for("playing")?;
    terminal.type_in(CTRL_C)?;
    terminal.wait_for("host# ")?;
    terminal.type_in("exit\r")?;
    terminal.ended_with(0)
}

fn ctrl_c_stops_a_program_on_both_stacks(program: &Path) -> Result<(), Failed> {
    let mut terminal = Terminal::open(program, "shell --stack both")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("ip link set lo up\r")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("ping -c 100000000 127.0.0.1\r")?;
    terminal.wait_for("icmp_seq=2 ")?;
    terminal.type_in(CTRL_C)?;
    terminal.wait_for("--- 127.0.0.1 ping statistics ---")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("exit\r")?;
    terminal.ended_with(0)
}

/// Nobody waits for the simulator to do tens of thousands of packets again, or for a comparison of them.
fn ctrl_c_stops_a_flood_on_both_stacks(program: &Path) -> Result<(), Failed> {
    /// How far it floods: that many packets would have to be done again.
    const FAR: &str = "icmp_seq=6000 ";
    /// A debug build on a busy machine takes less, and took several times as long when it did all of it again.
    const AT_MOST: Duration = Duration::from_secs(2);
    let mut terminal = Terminal::open(program, "shell --stack both")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("ip link set lo up\r")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("ping -i 0 -c 100000000 127.0.0.1\r")?;
    terminal.wait_for(FAR)?;
    terminal.type_in(CTRL_C)?;
    let began = Instant::now();
    terminal.wait_for("--- 127.0.0.1 ping statistics ---")?;
    terminal.wait_for("vethlab: the simulator was stopped before")?;
    terminal.wait_for("host# ")?;
    let took = began.elapsed();
    terminal.type_in("exit\r")?;
    terminal.ended_with(0)?;
    if took < AT_MOST { Ok(()) } else { Err(format!("the prompt was back after {took:?}").into()) }
}

fn ctrl_c_ends_a_run(program: &Path) -> Result<(), Failed> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(b"ping -c 1000000 127.0.0.1\necho more\n")?;
    let mut terminal = Terminal::open(program, &format!("run '{}'", file.path().display()))?;
    terminal.wait_for("icmp_seq=1 ")?;
    terminal.type_in(CTRL_C)?;
    terminal.wait_for("--- 127.0.0.1 ping statistics ---")?;
    terminal.ended_with(130)
}

fn ctrl_d_leaves_one_shell_after_another(program: &Path) -> Result<(), Failed> {
    let mut terminal = Terminal::open(program, "shell")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("ip netns add red\r")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("ip netns exec red bash\r")?;
    terminal.wait_for("red# ")?;
    terminal.type_in(CTRL_D)?;
    terminal.wait_for("host# ")?;
    terminal.type_in(CTRL_D)?;
    terminal.ended_with(0)
}

/// On a line that is gone when the report comes.
fn a_linter_says_what_it_plays(program: &Path) -> Result<(), Failed> {
    let pack = classroom::pack();
    let mut terminal =
        Terminal::open(program, &format!("dev check '{}' --stack sim --seeds 4", pack.display()))?;
    terminal.wait_for("0 of 2 files done; playing ")?;
    terminal.wait_for("\x1b[2K")?;
    terminal.wait_for("nothing is wrong")?;
    terminal.ended_with(0)
}

fn a_lesson_is_played_at_the_prompt(program: &Path) -> Result<(), Failed> {
    let mut terminal = Terminal::open(program, "start interfaces")?;
    terminal.wait_for("Step 1 of")?;
    terminal.wait_for("$ ip ")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("nonsense\r")?;
    terminal.wait_for("vethlab: 'nonsense' is not modelled")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("check\r")?;
    terminal.wait_for("- not yet: ")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("skip\r")?;
    terminal.wait_for("Step 2 of")?;
    // A word, not Ctrl-D: what is typed before a prompt takes the terminal over arrives all the same.
    terminal.type_in("quit\r")?;
    terminal.wait_for("See you")?;
    terminal.ended_with(0)
}

fn a_step_that_is_done_waits_for_enter(program: &Path) -> Result<(), Failed> {
    let mut terminal = Terminal::open(program, "start interfaces")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("ip link\r")?;
    terminal.wait_for("You have listed the links")?;
    terminal.wait_for("[Enter goes on] host# ")?;
    terminal.type_in("ip -br link\r")?;
    terminal.wait_for("[Enter goes on] host# ")?;
    terminal.type_in("\r")?;
    terminal.wait_for("Step 2 of")?;
    terminal.wait_for("your answer, 1 to 3: ")?;
    terminal.type_in("ip -br addr\r")?;
    terminal.wait_for("127.0.0.1/8")?;
    terminal.wait_for("your answer, 1 to 3: ")?;
    terminal.type_in("quit\r")?;
    terminal.wait_for("See you")?;
    terminal.ended_with(0)
}

fn a_lesson_goes_on_with_the_next_one(program: &Path) -> Result<(), Failed> {
    let mut terminal = Terminal::open(program, "start interfaces --step 8")?;
    terminal.wait_for("[Enter goes on] host# ")?;
    terminal.type_in("\r")?;
    terminal.wait_for("Go on? [Y/n] ")?;
    terminal.type_in("\r")?;
    terminal.wait_for("Step 1 of 7")?;
    terminal.type_in("quit\r")?;
    terminal.wait_for("See you: vethlab start loopback")?;
    terminal.ended_with(0)
}

/// The next session finds the commands by the up arrow, and nothing that was the answer to a question.
fn commands_are_kept_and_answers_are_not(program: &Path) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let mut terminal = Terminal::open_in(folder.path(), program, "shell")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("echo kept\r")?;
    terminal.wait_for("\r\nkept\r\n")?;
    terminal.type_in("clear\r")?;
    terminal.wait_for("\x1b[H\x1b[2J")?;
    terminal.type_in("exit\r")?;
    terminal.ended_with(0)?;
    let mut terminal = Terminal::open_in(folder.path(), program, "start interfaces --step 2")?;
    terminal.wait_for("your answer, 1 to ")?;
    terminal.type_in("2\r")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("quit\r")?;
    terminal.ended_with(0)?;
    let kept = std::fs::read_to_string(folder.path().join("history"))?;
    let lines: Vec<&str> = kept.lines().collect();
    if lines != ["echo kept", "clear", "exit", "quit"] {
        return Err(format!("it keeps {lines:?}").into());
    }
    let mut terminal = Terminal::open_in(folder.path(), program, "shell")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("\x1b[A\x1b[A\x1b[A\x1b[A\r")?;
    terminal.wait_for("\r\nkept\r\n")?;
    terminal.type_in("history 1\r")?;
    terminal.wait_for("history 1\r\n")?;
    terminal.type_in("exit\r")?;
    terminal.ended_with(0)
}

/// What the background prints stands above the line that is being typed, which is shown again below it.
fn the_background_goes_on_while_nobody_types(program: &Path) -> Result<(), Failed> {
    let mut terminal = Terminal::open(program, "shell --stack real")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("ip link set lo up\r")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("ping -i 0.2 127.0.0.1 &\r")?;
    terminal.wait_for("[1]")?;
    terminal.wait_for("icmp_seq=4 ")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("echo as ty")?;
    terminal.wait_for("echo as ty")?;
    terminal.wait_for("icmp_seq=")?;
    terminal.wait_for("host# ")?;
    terminal.wait_for("echo as ty")?;
    terminal.type_in("ped\r")?;
    terminal.wait_for("\nas typed\r\n")?;
    terminal.wait_for("icmp_seq=")?;
    terminal.type_in("kill %1\r")?;
    terminal.wait_for("Terminated")?;
    // The simulator beside the kernel went on with it.
    terminal.type_in("ping -c 1 127.0.0.1\r")?;
    terminal.wait_for("1 packets transmitted, 1 received")?;
    terminal.type_in("why\r")?;
    terminal.wait_for("the kernel printed the same")?;
    terminal.type_in("exit\r")?;
    terminal.ended_with(0)
}

/// Its time stands still: as much as the person took passes when the line is there.
fn the_simulators_background_waits_for_a_line(program: &Path) -> Result<(), Failed> {
    let mut terminal = Terminal::open(program, "shell")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("ping -c 3 -i 0.2 127.0.0.1 &\r")?;
    terminal.wait_for("[1]")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("sleep 1\r")?;
    terminal.wait_for("icmp_seq=3 ")?;
    terminal.wait_for("Done")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("exit\r")?;
    terminal.ended_with(0)
}

/// A terminal with the command on it, and the person before it.
struct Terminal {
    script: Child,
    keyboard: ChildStdin,
    screen: ChildStdout,
    /// What was shown and not yet waited for.
    shown: Vec<u8>,
    /// Gone with the terminal.
    folder: Option<tempfile::TempDir>,
}

impl Terminal {
    /// The shell that `script` starts gives way to the command, or it would hear Ctrl-C as well.
    fn open(program: &Path, arguments: &str) -> io::Result<Terminal> {
        let folder = tempfile::tempdir()?;
        let mut terminal = Terminal::open_in(folder.path(), program, arguments)?;
        terminal.folder = Some(folder);
        Ok(terminal)
    }

    /// The same where this folder has what is kept.
    fn open_in(folder: &Path, program: &Path, arguments: &str) -> io::Result<Terminal> {
        let mut script = Command::new("timeout")
            .args([LIMIT, "script"])
            .args(["--quiet", "--return", "--command"])
            .arg(format!("exec '{}' {arguments}", program.display()))
            .arg("/dev/null")
            .envs([("VETHLAB_DATA_DIR", folder.as_os_str())])
            .envs([("NO_COLOR", "1"), ("TERM", "xterm"), ("SHELL", "/bin/sh")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let keyboard = script.stdin.take().ok_or_else(|| io::Error::other("no keyboard"))?;
        let screen = script.stdout.take().ok_or_else(|| io::Error::other("no screen"))?;
        Ok(Terminal { script, keyboard, screen, shown: Vec::new(), folder: None })
    }

    fn type_in(&mut self, keys: &str) -> io::Result<()> {
        self.keyboard.write_all(keys.as_bytes())?;
        self.keyboard.flush()
    }

    /// Waits until this is shown, and forgets what was shown up to there.
    fn wait_for(&mut self, text: &str) -> Result<(), Failed> {
        // What was looked through is not looked through again: a flood shows megabytes.
        let mut from = 0;
        loop {
            let mut windows = self.shown[from..].windows(text.len());
            if let Some(place) = windows.position(|window| window == text.as_bytes()) {
                self.shown.drain(..from + place + text.len());
                return Ok(());
            }
            from = self.shown.len().saturating_sub(text.len() - 1);
            if self.read_more()? == 0 {
                let shown = String::from_utf8_lossy(&self.shown);
                return Err(format!("it ended without '{text}', after: {shown}").into());
            }
        }
    }

    fn read_more(&mut self) -> io::Result<usize> {
        let mut bytes = [0; 4096];
        let length = self.screen.read(&mut bytes)?;
        self.shown.extend_from_slice(&bytes[..length]);
        Ok(length)
    }

    /// Waits for the end of the command.
    fn ended_with(mut self, expected: i32) -> Result<(), Failed> {
        while self.read_more()? > 0 {}
        self.status(expected)
    }

    /// The same, where this is not to be shown any more.
    fn ended_without(mut self, text: &str, expected: i32) -> Result<(), Failed> {
        while self.read_more()? > 0 {}
        let shown = String::from_utf8_lossy(&self.shown).into_owned();
        if shown.contains(text) {
            return Err(format!("'{text}' is shown, in: {shown}").into());
        }
        self.status(expected)
    }

    fn status(&mut self, expected: i32) -> Result<(), Failed> {
        match self.script.wait()?.code() {
            Some(code) if code == expected => Ok(()),
            other => Err(format!("exit status {other:?}, expected {expected}").into()),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Nothing can be done about a process that is gone already.
        let _ = self.script.kill();
        let _ = self.script.wait();
    }
}
