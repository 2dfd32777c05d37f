//! A learner who types.

use super::Sitting;
use super::plan::{Command, Plan};
use crate::terminal::{Seat, Terminal};
use libtest_mimic::Failed;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use vethlab_engine::lesson::Lesson;
use vethlab_engine::stacks::StackChoice;
use vethlab_tests::binary;

/// What the editor of lines writes when it begins to read one, and when it has one: it switches bracketed paste.
const BEGINS: &str = "\x1b[?2004h";
const ENDS: &str = "\x1b[?2004l";

/// What stands around a text that is pasted.
const PASTE: [&str; 2] = ["\x1b[200~", "\x1b[201~"];

const CTRL_D: &str = "\x04";

/// What a prompt ends with, of whichever kind it is.
const PROMPTS: [&str; 4] = ["# ", "words: ", "stops -- ", "[Y/n] "];

/// The prompt where there is more to read.
const MORE: &str = "-- Enter shows more, q stops -- ";
/// What stands before the prompt of a step that is done.
const GOES_ON: &str = "[Enter goes on] ";

/// How many lines of text are shown at the least below what a command has printed.
const LEAST: usize = 4;

/// How many lines more a command may print on the kernel than on the simulator.
const SLACK: usize = 3;

/// After how many lines there is a pause, where there are pauses, and how long it is.
const PAUSE_AFTER: usize = 4;
const PAUSE: Duration = Duration::from_secs(2);

/// How long a lesson may take, in seconds.
const LIMIT: u32 = 300;

/// How many rows of a screen a text takes.
pub(super) fn rows(text: &str, columns: usize) -> usize {
    text.lines().map(|line| line.trim_end().chars().count().div_ceil(columns).max(1)).sum()
}

/// A text without what moves the cursor and sets colours.
fn visible(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\x1b' => drop(characters.by_ref().skip(1).find(char::is_ascii_alphabetic)),
            '\r' => {}
            other => plain.push(other),
        }
    }
    plain
}

/// A text with one blank between its words, and without marks of Markdown.
fn words(text: &str) -> String {
    let plain: String = text.chars().filter(|character| !"`*".contains(*character)).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands on the screen behind a line.
struct Shown {
    text: String,
    prompt: String,
}

/// How the commands of a step are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    OneByOne,
    /// At once, as where somebody types faster than the commands run.
    Ahead,
    /// At once, as a terminal pastes where the program wants to know.
    Pasted,
}

/// Plays a lesson to its end.
pub(super) fn play(number: usize, lesson: &Lesson, plans: &[Plan], sitting: Sitting) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let program = match sitting.ordinary_user {
        true => for_everybody(&folder)?,
        false => binary::path()?.to_owned(),
    };
    let mut typist = Typist::sit_down(&program, folder.path(), lesson, sitting)?;
    // One step in the middle is left; the others are typed in one way after the other.
    let left = plans.iter().position(|plan| plan.commands.len() > 1 && plan.answers.len() == 1);
    let mut shown = typist.settle()?;
    for (place, plan) in plans.iter().enumerate() {
        let in_step = |error: Failed| -> Failed {
            format!("step {}, '{}': {}", place + 1, plan.title, error.message().unwrap_or_default()).into()
        };
        let way = [Way::OneByOne, Way::Pasted, Way::Ahead][(number + place) % 3];
        let leaves = left == Some(place);
        shown = typist.step(shown, plan, way, leaves).map_err(in_step)?;
        if leaves {
            typist.leave(number).map_err(in_step)?;
            typist =
                Typist { seen: typist.seen, ..Typist::sit_down(&program, folder.path(), lesson, sitting)? };
            shown = typist.settle()?;
            typist.expects("You stopped at step").map_err(in_step)?;
            shown = typist.read_on(shown, 0).map_err(in_step)?;
            shown = typist.commands(shown, plan, way).map_err(in_step)?;
        }
        shown = typist.go_on(&shown).map_err(in_step)?;
    }
    typist.expects("You have done this lesson.")?;
    if sitting.stack == StackChoice::Real {
        typist.expects("On the Linux kernel time goes on while you read and type.")?;
    }
    if shown.prompt.ends_with("[Y/n] ") {
        typist.terminal.type_in("n\r")?;
    }
    for say in plans.iter().flat_map(|plan| &plan.says) {
        if !typist.seen.contains(&words(&format!("✓ {say}"))) {
            return Err(format!("it is not said that this is so: {say}").into());
        }
    }
    typist.terminal.ended_with(0)
}

/// The program where everybody can run it, in a folder that everybody can write to.
fn for_everybody(folder: &TempDir) -> Result<PathBuf, Failed> {
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777))?;
    let copy = folder.path().join("vethlab");
    fs::copy(binary::path()?, &copy)?;
    Ok(copy)
}

struct Typist {
    terminal: Terminal,
    sitting: Sitting,
    /// All that was shown, in words.
    seen: String,
    /// How many lines were typed.
    typed: usize,
    /// Whether the last one was mistyped on purpose.
    slipped: bool,
}

impl Typist {
    fn sit_down(program: &Path, folder: &Path, lesson: &Lesson, sitting: Sitting) -> Result<Typist, Failed> {
        let Sitting { rows, columns, stack, ordinary_user, .. } = sitting;
        let seat = Seat { rows, columns, folder, ordinary_user, seconds: LIMIT };
        let arguments = format!("start {} --stack {stack}", lesson.id);
        let terminal = Terminal::open_at(&seat, program, &arguments)?;
        Ok(Typist { terminal, sitting, seen: String::new(), typed: 0, slipped: false })
    }

    /// Goes through a step up to where it is done; or, where it is left, to the middle of it.
    fn step(&mut self, shown: Shown, plan: &Plan, way: Way, leaves: bool) -> Result<Shown, Failed> {
        let mut shown = self.read_on(shown, 0)?;
        for (number, (answer, is_choice)) in plan.answers.iter().enumerate() {
            if !shown.prompt.starts_with("your answer") {
                return Err(format!("no question is asked, but: {}{}", shown.text, shown.prompt).into());
            }
            if number % 2 == 0 {
                // One can look around, and a slip of the finger is no answer.
                let slip = if *is_choice { "17" } else { "ip route get" };
                for line in ["ip link show lo", slip] {
                    let looked = self.enter(line)?;
                    self.read_on(looked, 20)?;
                }
            }
            let told = self.enter(answer)?;
            let verdict = words(&told.text);
            if !verdict.starts_with("✓ Right.") {
                return Err(format!("'{answer}' is not taken for right: {verdict}").into());
            }
            shown = self.read_on(told, 0)?;
        }
        if !plan.asks {
            return Ok(shown);
        }
        if leaves {
            let Command { line, prints } = &plan.commands[0];
            let typed = self.enter(line)?;
            return self.read_on(typed, *prints);
        }
        self.commands(shown, plan, way)
    }

    /// Types the commands of a step; then it is done.
    fn commands(&mut self, mut shown: Shown, plan: &Plan, way: Way) -> Result<Shown, Failed> {
        if !shown.prompt.ends_with("# ") || shown.prompt.starts_with(GOES_ON) {
            return Err(format!("no command is waited for, but: {}{}", shown.text, shown.prompt).into());
        }
        let lines: Vec<&str> = plan.commands.iter().map(|command| command.line.as_str()).collect();
        match way {
            Way::OneByOne => {
                let slip = mistyped(lines[0]);
                self.slipped = true;
                shown = self.enter(&slip)?;
                self.slipped = false;
                if !shown.text.contains("vethlab: '") {
                    return Err(format!("'{slip}' is not refused, but: {}", shown.text).into());
                }
                for Command { line, prints } in &plan.commands {
                    let typed = self.enter(line)?;
                    shown = self.read_on(typed, *prints)?;
                }
            }
            Way::Pasted => {
                let [begin, end] = PASTE;
                self.terminal.type_in(&format!("{begin}{}{end}", lines.join("\r")))?;
                self.terminal.type_in("\r")?;
                self.terminal.wait_for(ENDS)?;
                let pasted = self.settle()?;
                shown = self.read_on_unmeasured(pasted)?;
            }
            Way::Ahead => {
                self.terminal.type_in(&format!("{}\r", lines.join("\r")))?;
                let mut before = String::new();
                for _ in &lines {
                    before += &self.terminal.shown_up_to(ENDS)?;
                }
                self.seen += &words(&visible(&before));
                let typed = self.settle()?;
                shown = self.read_on_unmeasured(typed)?;
            }
        }
        // The first line of a paste stands where it was pasted.
        for line in lines.into_iter().skip(usize::from(way == Way::Pasted)) {
            self.expects_line(line)?;
        }
        if !shown.prompt.starts_with(GOES_ON) {
            return Err(format!("it is not done, {way:?}: {}{}", shown.text, shown.prompt).into());
        }
        Ok(shown)
    }

    /// Presses Enter where a step is done.
    fn go_on(&mut self, shown: &Shown) -> Result<Shown, Failed> {
        if !shown.prompt.starts_with(GOES_ON) {
            return Err(format!("it does not wait for Enter: {}{}", shown.text, shown.prompt).into());
        }
        self.terminal.type_in("\r")?;
        self.terminal.wait_for(ENDS)?;
        self.settle().or_else(|error| {
            // Behind the last lesson nothing is asked any more.
            self.seen += &words(&visible(&self.terminal.shown()));
            self.expects("That was the last lesson.").map_err(|_| error)?;
            Ok(Shown { text: String::new(), prompt: String::new() })
        })
    }

    /// Leaves the lesson.
    fn leave(&mut self, number: usize) -> Result<(), Failed> {
        let how = if number.is_multiple_of(2) { CTRL_D } else { "quit\r" };
        self.terminal.type_in(how)?;
        self.terminal.wait_for("See you: vethlab start")?;
        Ok(())
    }

    /// Types a line; what is shown then.
    fn enter(&mut self, line: &str) -> Result<Shown, Failed> {
        self.typed += 1;
        if self.sitting.pauses && self.typed.is_multiple_of(PAUSE_AFTER) {
            let shown = visible(&self.terminal.watch(PAUSE)?);
            if !shown.trim().is_empty() {
                return Err(format!("something is shown while the learner reads: {shown}").into());
            }
        }
        self.terminal.type_in(&format!("{line}\r"))?;
        let echo = visible(&self.terminal.shown_up_to(ENDS)?);
        self.seen += &words(&echo);
        self.settle()
    }

    /// Waits for a prompt.
    fn settle(&mut self) -> Result<Shown, Failed> {
        let (text, prompt) = self.terminal.shown_up_to_prompt(BEGINS, |text| is_prompt(&visible(text)))?;
        // The line that was typed ends behind the mark.
        let text = visible(&text);
        let text = text.strip_prefix('\n').unwrap_or(&text).to_owned();
        let prompt = visible(&prompt);
        self.seen += &words(&text);
        self.seen.push(' ');
        if text.contains("- not yet") {
            return Err(format!("something is not done: {text}").into());
        }
        if !self.slipped && text.contains("is not modelled") {
            return Err(format!("something is refused: {text}").into());
        }
        Ok(Shown { text, prompt })
    }

    /// Reads screen after screen. Where a command has printed so many lines, what it printed may be longer than a screen.
    fn read_on(&mut self, shown: Shown, prints: usize) -> Result<Shown, Failed> {
        // The line that was typed and the prompt have a row each.
        let room = usize::from(self.sitting.rows) - 2;
        self.read_pages(shown, if prints == 0 { room } else { room.max(prints + LEAST + SLACK) })
    }

    /// The same where the first screen may have so many rows of text.
    fn read_pages(&mut self, mut shown: Shown, mut most: usize) -> Result<Shown, Failed> {
        let Sitting { rows: height, columns, .. } = self.sitting;
        let (height, columns) = (usize::from(height), usize::from(columns));
        loop {
            let length = rows(&shown.text, columns);
            if length > most {
                return Err(format!("{length} rows at once, at the most {most}: {}", shown.text).into());
            }
            self.title_is_in_sight(&shown)?;
            if shown.prompt != MORE {
                return Ok(shown);
            }
            // What is read next may have the whole screen above the prompt.
            (shown, most) = (self.enter("")?, height - 1);
        }
    }

    /// Reads on behind lines that came at once: nobody waited for a reader between them.
    fn read_on_unmeasured(&mut self, shown: Shown) -> Result<Shown, Failed> {
        self.title_is_in_sight(&shown)?;
        match shown.prompt == MORE {
            true => {
                let next = self.enter("")?;
                self.read_pages(next, usize::from(self.sitting.rows) - 1)
            }
            false => Ok(shown),
        }
    }

    /// Whether the title of a step that began just now still stands on the screen.
    fn title_is_in_sight(&self, shown: &Shown) -> Result<(), Failed> {
        let is_title = |line: &str| line.starts_with("Step ") && line.contains("  [");
        let Some(title) = shown.text.lines().position(is_title) else { return Ok(()) };
        let columns = usize::from(self.sitting.columns);
        let below: usize = shown.text.lines().skip(title).map(|line| rows(line, columns)).sum();
        match below < usize::from(self.sitting.rows) {
            true => Ok(()),
            false => Err(format!("the title has scrolled away: {}", shown.text).into()),
        }
    }

    /// Whether this line stood at the prompt. One that is wider than the terminal is broken anywhere.
    fn expects_line(&self, line: &str) -> Result<(), Failed> {
        let joined = |text: &str| text.split_whitespace().collect::<String>();
        match joined(&self.seen).contains(&joined(&words(line))) {
            true => Ok(()),
            false => Err(format!("'{line}' was not shown").into()),
        }
    }

    /// Whether this was shown.
    fn expects(&self, text: &str) -> Result<(), Failed> {
        match self.seen.contains(&words(text)) {
            true => Ok(()),
            false => Err(format!("'{text}' was not shown").into()),
        }
    }
}

/// Whether a text is a prompt, all of it.
fn is_prompt(text: &str) -> bool {
    let is_number = |text: &str| {
        text.strip_prefix("your answer, 1 to ")
            .and_then(|rest| rest.strip_suffix(": "))
            .is_some_and(|number| number.parse::<u32>().is_ok())
    };
    PROMPTS.iter().any(|end| text.ends_with(end)) || is_number(text)
}

/// A command with two letters of the program's name in the wrong order.
fn mistyped(line: &str) -> String {
    let mut letters: Vec<char> = line.chars().collect();
    letters.swap(0, 1);
    letters.into_iter().collect()
}
