//! `vethlab grade`: many answers to one exercise.

use super::course::{Course, OwnPack, warn};
use super::limits::LimitOptions;
use super::reports::{self, Reports, Request};
use super::{DIFFERS, Failure, OneStack, WARNINGS};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeSet;
use std::io;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};
use vethlab::classroom::grade::{self, Collected, Found, Grading};
use vethlab::classroom::report::{self, Detail, NoReport, jsonl};
use vethlab::classroom::stream::Stream;
use vethlab::interrupts::Interrupts;
use vethlab::output;
use vethlab::same_file::Target;
use vethlab::stacks;
use vethlab_engine::classroom::{self, Grade, Grades, Register, Summary, Tally};
use vethlab_engine::stacks::StackChoice;

/// A bar is shown when grading takes longer than this.
const PATIENCE: Duration = Duration::from_millis(700);

/// How many of the files that are left aside are named.
const MOST_NAMED: usize = 5;

/// Grade the answers to an exercise: run each again on a network of its student's own, and look at what it made.
///
/// Answers are files, or folders with files that end with .answer, .sh or .txt. Whose an answer is stands in its head,
/// or else in its file's name, or its folder's. A file of a folder that answers another exercise is left aside. Nothing
/// that an answer says of itself but its student, and how many hints were opened, counts for its points.
///
/// REPORTS.md describes the formats of reports. The exit code is 0 when all have full marks, 1 when some do not, 2 for
/// wrong usage or nothing to grade, and 4 when the real stack is not available here. An optional check gives no points
/// and changes nothing of that, unless --strict is given.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  vethlab grade star answers/                              a table
  vethlab grade star answers/ --verbose                    and why each check is not met
  vethlab grade star answers/ --report csv=grades.csv      for a learning platform or a spreadsheet
  vethlab grade star answers/ --report markdown=feedback/  a file for each student
  vethlab grade star answers/ --report jsonl=grades.jsonl  a large class; resumes where it was stopped
  vethlab grade star ann.answer --report gradescope        to standard output, and nothing else
  vethlab grade star answers/ --roster class.csv           who handed in nothing, too")]
pub(crate) struct Arguments {
    /// The exercise: its word, or pack and word
    exercise: String,
    /// Files and folders with answers
    #[arg(required = true, value_name = "ANSWERS")]
    answers: Vec<PathBuf>,
    /// The stack to run them on
    #[arg(long, value_enum, default_value_t)]
    stack: OneStack,
    /// Write a report: json, jsonl, csv, junit, gradescope or markdown. PATH is a file for the teacher, or a folder (it ends
    /// with '/') with a file for each student, which tells nothing of hidden checks but their points; only one for
    /// gradescope has them, shown when the grades are published. jsonl is written line by line: the same
    /// command resumes a run that was stopped, where no other report needs all grades. Can be repeated
    #[arg(long = "report", value_name = "FORMAT[=PATH]")]
    reports: Vec<Request>,
    /// Who is in the class: one id a line, or a CSV file with a column of ids (student, username, email, …)
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,
    /// How many answers to run at once on the simulator; all cores unless said
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Show each check that is not met: what was expected, what was found, and why
    #[arg(long, short)]
    verbose: bool,
    /// Exit with 0 whatever the points are
    #[arg(long)]
    exit_zero: bool,
    /// Exit with 3 when all have full marks but an optional check is unmet
    #[arg(long, conflicts_with = "exit_zero")]
    strict: bool,
    #[command(flatten)]
    limits: LimitOptions,
    #[command(flatten)]
    own: OwnPack,
}

pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let stack = arguments.stack.into();
    let assignment = Course::without_progress(&arguments.own)?.find_exercise(&arguments.exercise)?;
    let exercise = &assignment.exercise;
    if !exercise.stacks.contains(&stack) {
        let problem = format!("the exercise '{}' cannot be done on the {stack} stack", exercise.id);
        return Err(Failure::bad_input(problem));
    }
    let roster = arguments.roster.as_deref().map(grade::roster).transpose().map_err(Failure::bad_input)?;
    let collected = grade::collect(&arguments.answers, &assignment.name).map_err(Failure::bad_input)?;
    tell_left_aside(&collected);
    if exercise.handed_out {
        warn("this is a copy for students: hidden checks are not in it, and their points not in the sum");
    }
    let answers = &collected.answers;
    if answers.is_empty() {
        let problem = "there is nothing to grade: answers are files that end with .answer, .sh or .txt";
        return Err(Failure::bad_input(problem));
    }
    let read = files_read(arguments, answers);
    reports::check(&arguments.reports, answers.len(), &read)?;
    if stack == StackChoice::Real {
        // Before anything is graded, and before anything starts a thread: see `stacks::open`.
        stacks::open(stack, 0)?;
    }
    let interrupts = Interrupts::notice(false)?;
    interrupts.begin_work();
    let threads =
        arguments.jobs.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let limits = arguments.limits.allowed().answer;
    let grading = Grading { assignment: &assignment, stack, threads, limits, stop: interrupts.stop() };
    let students = roster.as_ref().map(|roster| &roster.students[..]);
    let register = Register::new(answers.iter().filter_map(|answer| answer.counts_as.clone()), students);
    let class = Grades::new(&assignment, stack).map_err(Failure::bad_input)?;
    let mut sink = Sink::open(arguments, &class, &grading, answers, &register)?;
    let mut bar = Bar::new(answers.len(), sink.done, stack == StackChoice::Real);
    let left = &answers[sink.done..];
    let all = grading.each(left, Found::read, |_, mut grade| {
        bar.advance();
        register.note(&mut grade);
        sink.take(grade)
    });
    bar.clear();
    if let Some(failure) = sink.failure {
        return Err(failure);
    }
    if !all {
        let (done, all) = (bar.done, answers.len());
        let rest = match (&sink.stream, &sink.holds) {
            (None, _) => ", and nothing was written",
            (Some(Stream::File { .. }), None) => "; run the same command again to grade the rest",
            (Some(Stream::File { .. }), Some(_)) => "; run the same command again to grade all of them",
            (Some(Stream::StandardOutput), _) => ", and the report is not finished",
        };
        let message = format!("stopped: {done} of {all} answers were graded{rest}");
        return Err(Failure { message, code: interrupts.asked_to_end().unwrap_or(DIFFERS) });
    }
    if let Some(roster) = &roster {
        roster.warnings.iter().for_each(|warning| warn(warning));
    }
    for grade in register.missing() {
        if sink.take(grade).is_break() {
            break;
        }
    }
    let (held, summary) = sink.end()?;
    match held {
        Some(grades) => tell(arguments, &class.of(grades), &read)?,
        None if arguments.reports.iter().any(|report| report.stream() == Some(None)) => {}
        None => output::tell(&format!("{}\n", report::summary_line(&summary)))?,
    }
    Ok(code(&summary, arguments))
}

/// Where the files are that grades are made from: no report may be written over one.
fn files_read(arguments: &Arguments, answers: &[Found]) -> BTreeSet<Target> {
    let answers = answers.iter().map(|answer| Target::of(answer.path()));
    let others = arguments.own.files().into_iter().chain(arguments.roster.clone());
    answers.chain(others.map(|file| Target::of(&file))).collect()
}

/// Where grades go as they come: to a report that is written line by line, and into memory only where another report or
/// the table needs them.
struct Sink {
    stream: Option<Stream>,
    /// The grades, in short where that is enough.
    holds: Option<Vec<Grade>>,
    in_short: bool,
    tally: Tally,
    /// How many answers were graded by a run before.
    done: usize,
    failure: Option<Failure>,
}

impl Sink {
    fn open(
        arguments: &Arguments,
        class: &Grades,
        grading: &Grading<'_>,
        answers: &[Found],
        register: &Register,
    ) -> Result<Sink, Failure> {
        let reports = &arguments.reports;
        let only_stream = !reports.is_empty() && reports.iter().all(|report| report.stream().is_some());
        let holds = arguments.verbose || !only_stream;
        let mut tally = Tally::new(&class.checks);
        let digest = classroom::digest(grading.assignment.exercise.text().as_bytes());
        let head = jsonl::head(class, &digest, grading.limits).map_err(Failure::bad_input)?;
        let (stream, done) = match reports.iter().find_map(Request::stream) {
            None => (None, 0),
            Some(None) => (Some(Stream::to_standard_output(&head)?), 0),
            Some(Some(path)) => {
                let begun = Stream::to_file(path, &head, answers, register, &mut tally, !holds);
                let (stream, done) = begun.map_err(Failure::bad_input)?;
                (Some(stream), done)
            }
        };
        let in_short = !arguments.verbose && !reports.iter().any(Request::is_full);
        Ok(Sink { stream, holds: holds.then(Vec::new), in_short, tally, done, failure: None })
    }

    /// Takes a grade, as long as the report takes its line.
    fn take(&mut self, grade: Grade) -> ControlFlow<()> {
        if let Some(stream) = &mut self.stream
            && let Err(failure) = write(stream, jsonl::line(&grade))
        {
            self.failure = Some(failure);
            return ControlFlow::Break(());
        }
        self.tally.add(&grade);
        if let Some(held) = &mut self.holds {
            held.push(if self.in_short { grade.in_short() } else { grade });
        }
        ControlFlow::Continue(())
    }

    /// Ends the report.
    fn end(self) -> Result<(Option<Vec<Grade>>, Summary), Failure> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let summary = self.tally.summary();
        if let Some(mut stream) = self.stream {
            write(&mut stream, jsonl::last(&summary))?;
            stream.end()?;
        }
        Ok((self.holds, summary))
    }
}

fn write(stream: &mut Stream, line: Result<String, NoReport>) -> Result<(), Failure> {
    match stream.write(&line.map_err(Failure::bad_input)?) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(error.into()),
        written => written.map_err(|error| Failure::bad_input(stream.failed(&error))),
    }
}

/// Writes the reports, and prints one of them or the table: that one too where a report cannot be written, as grading
/// may have taken long.
fn tell(arguments: &Arguments, grades: &Grades, read: &BTreeSet<Target>) -> Result<(), Failure> {
    let reports = Reports::new(&arguments.reports, grades, read)?;
    let saved = reports.save();
    if reports.nameless > 0 {
        warn(&format!(
            "answers that name no student, and so have no file of their own: {}",
            reports.nameless
        ));
    }
    let is_taken = arguments.reports.iter().any(|report| report.stream() == Some(None));
    match &reports.standard_output {
        Some(report) => output::tell(report)?,
        None if is_taken => {}
        None => {
            let detail = if arguments.verbose { Detail::Full } else { Detail::Short };
            output::tell(&report::table(grades, detail, output::paint()))?;
        }
    }
    saved
}

fn tell_left_aside(collected: &Collected) {
    for (files, why) in [
        (&collected.to_others, "answer another exercise"),
        (&collected.left_aside, "are no files that end with .answer, .sh or .txt (links are not followed)"),
    ] {
        let named: Vec<&str> = files.iter().take(MOST_NAMED).map(String::as_str).collect();
        let more = match files.len() - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        if !named.is_empty() {
            warn(&format!("left aside, because they {why}: {}{more}", named.join(", ")));
        }
    }
}

fn code(summary: &Summary, arguments: &Arguments) -> u8 {
    match summary.full == summary.total {
        _ if arguments.exit_zero => 0,
        false => DIFFERS,
        // What runs a command to grade takes any other code than 0 for no points at all.
        true if summary.warned > 0 && arguments.strict => WARNINGS,
        true => 0,
    }
}

/// How far grading is, on standard error where that is a terminal, and where there is something to wait for.
struct Bar {
    all: usize,
    done: usize,
    began: Instant,
    bar: Option<ProgressBar>,
}

impl Bar {
    /// Where each answer takes its time the bar is there at once.
    fn new(all: usize, done: usize, slow: bool) -> Bar {
        let mut bar = Bar { all, done, began: Instant::now(), bar: None };
        if slow {
            bar.draw();
        }
        bar
    }

    fn draw(&mut self) {
        // It is not drawn where standard error is no terminal. It has no colour, wanted or not.
        let target = ProgressDrawTarget::stderr();
        let style = ProgressStyle::with_template("grading [{bar:40}] {pos}/{len}, {eta} left");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ");
        let bar = ProgressBar::with_draw_target(Some(self.all as u64), target).with_style(style);
        bar.tick();
        self.bar = Some(bar);
    }

    fn advance(&mut self) {
        self.done += 1;
        if self.bar.is_none() && self.began.elapsed() > PATIENCE {
            self.draw();
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.done as u64);
        }
    }

    fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
