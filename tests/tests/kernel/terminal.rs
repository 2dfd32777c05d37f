//! The prompt on a terminal: what a person types, and Ctrl-C and Ctrl-D among it.
//!
//! `script` of util-linux holds the terminal, so that Ctrl-C is a signal to the program as it is to a person's.

mod pasting;
mod pty;

pub(crate) use pty::{Seat, Terminal, missing};

use libtest_mimic::Failed;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};
use vethlab_tests::trial::Trial;
use vethlab_tests::{binary, classroom};

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
        test("long_pages_are_shown_by_the_screenful", long_pages_are_shown_by_the_screenful),
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

/// Enter goes on, `q` stops, and a command is run.
fn long_pages_are_shown_by_the_screenful(program: &Path) -> Result<(), Failed> {
    const MORE: &str = "-- Enter shows more, q stops -- ";
    let folder = tempfile::tempdir()?;
    let seat = Seat { rows: 24, columns: 80, ..Seat::new(folder.path()) };
    let mut terminal = Terminal::open_at(&seat, program, "shell")?;
    terminal.wait_for("host# ")?;
    terminal.type_in("man ip\r")?;
    terminal.wait_for("IP(vethlab)")?;
    let page = terminal.shown_up_to(MORE)?;
    if page.lines().count() > 22 {
        return Err(format!("more than a screenful: {page}").into());
    }
    terminal.type_in("\r")?;
    terminal.wait_for(MORE)?;
    terminal.type_in("q\r")?;
    terminal.wait_for("host# ")?;
    // Lines that come at once are not lost to it.
    terminal.type_in("help ip\recho one\recho two\r")?;
    terminal.wait_for(MORE)?;
    terminal.wait_for("\r\none\r\n")?;
    terminal.wait_for("\r\ntwo\r\n")?;
    terminal.type_in("man ip\r")?;
    terminal.wait_for(MORE)?;
    terminal.type_in(CTRL_D)?;
    terminal.wait_for("host# ")?;
    // It is no command, so it is not among those that were typed.
    terminal.type_in("\x1b[A\x1b[A\r")?;
    terminal.wait_for("\r\ntwo\r\n")?;
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
