//! A terminal, held by `script` of util-linux, and a person before it.

use libtest_mimic::Failed;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a terminal may stand open, in seconds: what hangs ends by then, and its test fails.
const LIMIT: u32 = 60;

/// The user `nobody`, whose number is the overflow uid of Linux (`DEFAULT_OVERFLOWUID`).
const NOBODY: u32 = 65534;

/// Where a person sits.
#[derive(Clone, Copy)]
pub(crate) struct Seat<'a> {
    /// How many rows the screen has.
    pub(crate) rows: u16,
    /// How many columns it has.
    pub(crate) columns: u16,
    /// The folder with what is kept of that person.
    pub(crate) folder: &'a Path,
    /// Whether it is an ordinary user, and not who runs the tests.
    pub(crate) ordinary_user: bool,
    /// How long the terminal may stand open.
    pub(crate) seconds: u32,
}

impl Seat<'_> {
    /// Before a screen that does not tell its size.
    pub(crate) fn new(folder: &Path) -> Seat<'_> {
        Seat { rows: 0, columns: 0, folder, ordinary_user: false, seconds: LIMIT }
    }
}

/// Why there can be no terminal here.
pub(crate) fn missing() -> Option<String> {
    match Command::new("script").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status() {
        Ok(status) if status.success() => None,
        Ok(_) => Some("'script' here is not that of util-linux".to_owned()),
        Err(error) => Some(format!("'script' of util-linux cannot be run: {error}")),
    }
}

/// A terminal with the command on it, and the person before it.
pub(crate) struct Terminal {
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
    pub(crate) fn open(program: &Path, arguments: &str) -> io::Result<Terminal> {
        let folder = tempfile::tempdir()?;
        let mut terminal = Terminal::open_in(folder.path(), program, arguments)?;
        terminal.folder = Some(folder);
        Ok(terminal)
    }

    /// The same where this folder has what is kept.
    pub(crate) fn open_in(folder: &Path, program: &Path, arguments: &str) -> io::Result<Terminal> {
        Terminal::open_at(&Seat::new(folder), program, arguments)
    }

    /// The same before a screen of a size, as some user.
    pub(crate) fn open_at(seat: &Seat<'_>, program: &Path, arguments: &str) -> io::Result<Terminal> {
        let Seat { rows, columns, folder, ordinary_user, seconds } = *seat;
        let user = match ordinary_user {
            true => format!("setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups "),
            false => String::new(),
        };
        let mut script = Command::new("timeout")
            .arg(seconds.to_string())
            .args(["script", "--quiet", "--return", "--command"])
            .arg(format!("stty rows {rows} cols {columns}; exec {user}'{}' {arguments}", program.display()))
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

    pub(crate) fn type_in(&mut self, keys: &str) -> io::Result<()> {
        self.keyboard.write_all(keys.as_bytes())?;
        self.keyboard.flush()
    }

    /// Waits until this is shown, and forgets what was shown up to there.
    pub(crate) fn wait_for(&mut self, text: &str) -> Result<(), Failed> {
        self.shown_up_to(text).map(|_| ())
    }

    /// The same; what was shown before it.
    pub(crate) fn shown_up_to(&mut self, text: &str) -> Result<String, Failed> {
        // What was looked through is not looked through again: a flood shows megabytes.
        let mut from = 0;
        loop {
            let mut windows = self.shown[from..].windows(text.len());
            if let Some(place) = windows.position(|window| window == text.as_bytes()) {
                let mut before: Vec<u8> = self.shown.drain(..from + place + text.len()).collect();
                before.truncate(from + place);
                return Ok(String::from_utf8_lossy(&before).into_owned());
            }
            from = self.shown.len().saturating_sub(text.len() - 1);
            if self.read_more()? == 0 {
                let shown = String::from_utf8_lossy(&self.shown);
                return Err(format!("it ended without '{text}', after: {shown}").into());
            }
        }
    }

    /// What was shown and not yet waited for.
    pub(crate) fn shown(&self) -> String {
        String::from_utf8_lossy(&self.shown).into_owned()
    }

    /// Waits until this is shown, and then for a prompt behind it: what stands before, and the prompt.
    pub(crate) fn shown_up_to_prompt(
        &mut self,
        begins: &str,
        is_prompt: impl Fn(&str) -> bool,
    ) -> Result<(String, String), Failed> {
        let before = self.shown_up_to(begins)?;
        loop {
            let prompt = String::from_utf8_lossy(&self.shown).into_owned();
            if is_prompt(&prompt) {
                self.shown.clear();
                return Ok((before, prompt));
            }
            if self.read_more()? == 0 {
                return Err(format!("it ended without a prompt, after: {prompt}").into());
            }
        }
    }

    pub(crate) fn read_more(&mut self) -> io::Result<usize> {
        let mut bytes = [0; 4096];
        let length = self.screen.read(&mut bytes)?;
        self.shown.extend_from_slice(&bytes[..length]);
        Ok(length)
    }

    /// Looks at the screen for so long, as a person does who reads; what is shown meanwhile.
    pub(crate) fn watch(&mut self, time: Duration) -> Result<String, Failed> {
        let (end, before) = (Instant::now() + time, self.shown.len());
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            let mut screen = [PollFd::new(self.screen.as_fd(), PollFlags::POLLIN)];
            if poll(&mut screen, PollTimeout::try_from(left)?)? > 0 && self.read_more()? == 0 {
                return Err("the command ended while the learner read".into());
            }
        }
        Ok(String::from_utf8_lossy(&self.shown[before..]).into_owned())
    }

    /// Waits for the end of the command.
    pub(crate) fn ended_with(mut self, expected: i32) -> Result<(), Failed> {
        while self.read_more()? > 0 {}
        self.status(expected)
    }

    /// The same, where this is not to be shown any more.
    pub(crate) fn ended_without(mut self, text: &str, expected: i32) -> Result<(), Failed> {
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
