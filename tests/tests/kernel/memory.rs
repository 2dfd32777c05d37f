//! How much memory grading takes: of a class however large, and of the worst answers.

use libtest_mimic::Failed;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use vethlab_tests::trial::{Trial, equal};
use vethlab_tests::{binary, classroom};

/// The most that a class of [`CLASS`] answers may take, in KiB.
const MOST_OF_A_CLASS: u64 = 200_000_000 / 1024;
const CLASS: u64 = 100_000;

/// The most that an answer may take, in KiB.
const MOST_OF_AN_ANSWER: u64 = 256 << 10;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::new("a_class_of_100000_answers_takes_200_mb", a_large_class),
        Trial::new("the_worst_answers_take_256_mib", the_worst_answers),
    ]
}

/// A run of `grade` that writes its report into a pipe: it goes no further than its lines are read.
struct Run {
    child: Child,
    report: Box<dyn BufRead>,
}

impl Run {
    fn of(exercise: &str, answers: &Path) -> Result<Run, Failed> {
        let mut command = Command::new(binary::path()?);
        command
            .args(["grade", exercise, "--report", "jsonl", "--jobs", "1", "--pack"])
            .arg(classroom::pack());
        command.arg(answers).env("VETHLAB_DATA_DIR", answers.join("nothing"));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let report = Box::new(BufReader::new(child.stdout.take().ok_or("no standard output")?));
        Ok(Run { child, report })
    }

    fn line(&mut self) -> Result<String, Failed> {
        let mut line = String::new();
        self.report.read_line(&mut line)?;
        if line.ends_with('\n') { Ok(line) } else { Err("the report ends".into()) }
    }

    /// The most memory that it has held when so many answers are graded, in KiB.
    fn peak_after(&mut self, answers: usize) -> Result<u64, Failed> {
        // Behind the head.
        for _ in 0..=answers {
            self.line()?;
        }
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("it has ended")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a run takes in all that grades so many answers, in KiB. It is looked at before the last ones, whose lines do not
/// fit into the pipe together.
fn of_class(answers: usize) -> Result<u64, Failed> {
    const LAST: usize = 400;
    let folder = tempfile::tempdir()?;
    for number in 0..answers {
        fs::write(folder.path().join(format!("student-{number:06}.sh")), "ip link set lo up\n")?;
    }
    Run::of("cable", folder.path())?.peak_after(answers - LAST)
}

/// Two classes tell how much each answer adds, and with that what a large one takes.
fn a_large_class() -> Result<(), Failed> {
    const SIZES: [usize; 2] = [500, 4500];
    let [small, large] = [of_class(SIZES[0])?, of_class(SIZES[1])?];
    let more = (SIZES[1] - SIZES[0]) as u64;
    let all = small + large.saturating_sub(small) * CLASS / more;
    let told =
        format!("{small} KiB for {} answers and {large} for {}, so {all} for {CLASS}", SIZES[0], SIZES[1]);
    equal(&told, &(all <= MOST_OF_A_CLASS), &true)
}

/// Those that take most: of frames that wait for many programs, of fragments, of what a loop sends, of text. Behind them
/// is one that takes so long that the run is still there when it is looked at.
fn the_worst_answers() -> Result<(), Failed> {
    const KINDS: [usize; 6] = [0, 2, 8, 10, 19, 31];
    const LONG: usize = 1;
    let folder = tempfile::tempdir()?;
    for (place, kind) in KINDS.into_iter().chain([LONG]).enumerate() {
        fs::write(folder.path().join(format!("{place}.sh")), classroom::worst(kind))?;
    }
    let mut run = Run::of("row", folder.path())?;
    let peak = run.peak_after(KINDS.len())?;
    let told = format!("{peak} KiB for the worst answers");
    equal(&told, &(peak <= MOST_OF_AN_ANSWER), &true)
}
