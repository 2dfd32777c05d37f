//! Several lines that come at once: pasted, or typed while a command runs.

use super::{CTRL_C, CTRL_D, Terminal};
use libtest_mimic::Failed;
use std::fmt::Write;
use std::path::Path;

/// What a terminal puts around a text that is pasted, where the program wants to know (xterm's bracketed paste mode).
const PASTE: [&str; 2] = ["\x1b[200~", "\x1b[201~"];

/// A test with its name.
type Test = (&'static str, fn(&Path) -> Result<(), Failed>);

pub(super) const TESTS: &[Test] = &[
    ("lines_at_once_run_one_after_the_other", lines_at_once_run_one_after_the_other),
    ("a_bracketed_paste_runs_when_enter_is_pressed", a_bracketed_paste_runs_when_enter_is_pressed),
    ("lines_typed_while_a_command_runs_run_behind_it", lines_typed_while_a_command_runs_run_behind_it),
    ("more_lines_than_are_read_at_once_run", more_lines_than_are_read_at_once_run),
    ("ctrl_d_among_lines_leaves_a_shell_and_loses_none", ctrl_d_among_lines_leaves_a_shell_and_loses_none),
    ("ctrl_c_forgets_what_was_pasted_behind_the_program", ctrl_c_forgets_what_was_pasted_behind_the_program),
    ("a_lesson_takes_lines_and_answers_at_once", a_lesson_takes_lines_and_answers_at_once),
];

fn lines_at_once_run_one_after_the_other(program: &Path) -> Result<(), Failed> {
    let mut terminal = Terminal::open(program, "shell")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("ip netns add red\rip netns exec red bash\recho one\rexit\r$ echo two\recho thr")?;
    terminal.wait_for("red# ")?;
    terminal.wait_for("\r\none\r\n")?;
    terminal.wait_for("host# ")?;
    terminal.wait_for("$ echo two")?;
    terminal.wait_for("\r\ntwo\r\n")?;
    terminal.wait_for("echo thr")?;
    terminal.type_in("ee\r")?;
    terminal.wait_for("\nthree\r\n")?;
    terminal.type_in("exit\r")?;
    terminal.ended_with(0)
}

/// As in bash, which lets one look before.
fn a_bracketed_paste_runs_when_enter_is_pressed(program: &Path) -> Result<(), Failed> {
    let mut terminal = Terminal::open(program, "shell")?;
    terminal.wait_for("host# ")?;
    let [begin, end] = PASTE;
    terminal.type_in(&format!(
        "{begin}ip netns add red\rip netns exec red bash\r\r$ echo one\rexit\recho two\r{end}"
    ))?;
    terminal.wait_for("echo two")?;
    terminal.type_in("\r")?;
    terminal.wait_for("host# ip netns exec red bash\r\n")?;
    terminal.wait_for("red# echo one\r\none\r\n")?;
    terminal.wait_for("red# exit\r\n")?;
    terminal.wait_for("host# echo two\r\ntwo\r\n")?;
    // Each of them is in the history by itself.
    terminal.type_in("\x1b[A\x1b[A\x1b[A\r")?;
    terminal.wait_for("\none\r\n")?;
    terminal.type_in("exit\r")?;
    terminal.ended_with(0)
}

fn lines_typed_while_a_command_runs_run_behind_it(program: &Path) -> Result<(), Failed> {
    let mut terminal = Terminal::open(program, "shell")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("ping -c 2 127.0.0.1\r")?;
    terminal.wait_for("icmp_seq=1 ")?;
    terminal.type_in("echo one\recho two\r")?;
    terminal.wait_for("rtt min/avg/max/mdev")?;
    terminal.wait_for("\r\none\r\n")?;
    terminal.wait_for("\r\ntwo\r\n")?;
    terminal.type_in("exit\r")?;
    terminal.ended_with(0)
}

/// More than is read of the terminal at once.
fn more_lines_than_are_read_at_once_run(program: &Path) -> Result<(), Failed> {
    const LINES: usize = 90;
    let mut terminal = Terminal::open(program, "shell")?;
    terminal.wait_for("host# ")?;
    let mut lines = String::new();
    for number in 0..LINES {
        write!(lines, "echo the line with number {number:04}\r")?;
    }
    terminal.type_in(&lines)?;
    for number in 0..LINES {
        terminal.wait_for(&format!("\r\nthe line with number {number:04}\r\n"))?;
    }
    terminal.type_in("exit\r")?;
    terminal.ended_with(0)
}

fn ctrl_d_among_lines_leaves_a_shell_and_loses_none(program: &Path) -> Result<(), Failed> {
    let mut terminal = Terminal::open(program, "shell")?;
    terminal.wait_for("host# ")?;
    terminal.type_in(
        "ip netns add red\rip netns exec red bash\recho one\r\x04echo two\recho x\x04three\recho fo",
    )?;
    terminal.wait_for("red# ")?;
    terminal.wait_for("\r\none\r\n")?;
    terminal.wait_for("exit\r\n")?;
    terminal.wait_for("host# ")?;
    terminal.wait_for("\r\ntwo\r\n")?;
    // On a line with something in it, it deletes what stands at the cursor.
    terminal.wait_for("\r\nxthree\r\n")?;
    terminal.type_in("ur\r")?;
    terminal.wait_for("\nfour\r\n")?;
    terminal.wait_for("host# ")?;
    terminal.type_in(CTRL_D)?;
    terminal.ended_with(0)
}

fn ctrl_c_forgets_what_was_pasted_behind_the_program(program: &Path) -> Result<(), Failed> {
    let mut terminal = Terminal::open(program, "shell")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("ping 127.0.0.1\recho behind it\r")?;
    terminal.wait_for("icmp_seq=1 ")?;
    terminal.type_in(CTRL_C)?;
    terminal.wait_for("--- 127.0.0.1 ping statistics ---")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("echo typed later\r")?;
    terminal.wait_for("\r\ntyped later\r\n")?;
    terminal.type_in("exit\r")?;
    terminal.ended_without("behind it", 0)
}

fn a_lesson_takes_lines_and_answers_at_once(program: &Path) -> Result<(), Failed> {
    let mut terminal = Terminal::open(program, "start interfaces")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("echo one\r    $ echo two\rskip\recho three\rquit\r")?;
    terminal.wait_for("\none\r\n")?;
    terminal.wait_for("\ntwo\r\n")?;
    terminal.wait_for("Step 2 of")?;
    terminal.wait_for("echo three")?;
    terminal.wait_for("See you")?;
    terminal.ended_with(0)
}
