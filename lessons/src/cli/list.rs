//! `vethlab list`, and `vethlab` alone.

use super::Failure;
use super::course::{Course, Entry, OwnPack};
use vethlab::lesson::{Exercise, Pack};
use vethlab::shell::Paint;
use vethlab::{output, page};

/// List the lessons, with your progress, and the exercises.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pack: OwnPack,
}

pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let course = Course::load(&arguments.pack)?;
    let paint = Paint::for_stdout();
    let width = course.entries().map(|entry| entry.lesson.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for pack in &course.packs {
        let about = page::prose(&pack.about, super::terminal_width(), paint);
        text.push_str(&format!("{}\n{about}\n", paint.strong(&pack.title)));
        for entry in course.entries().filter(|entry| entry.pack.id == pack.id) {
            text.push_str(&line(&course, entry, width, paint));
        }
        text.push_str(&exercises(pack, paint));
    }
    if let Some(next) = course.next() {
        let command = paint.code(&format!("vethlab start {}", next.lesson.id));
        let word = if course.progress_of(next).done { "All done. Once more" } else { "Next" };
        text.push_str(&format!("\n{word}: {command}\n"));
    }
    output::print(&text)?;
    Ok(0)
}

/// The exercises of a pack, one a line.
fn exercises(pack: &Pack, paint: Paint) -> String {
    let width = pack.exercises.iter().map(|exercise| exercise.id.len()).max().unwrap_or(0);
    let line = |exercise: &Exercise| {
        let id = paint.code(&format!("{:width$}", exercise.id));
        let Exercise { title, minutes, .. } = exercise;
        format!("  - {id}  {title} ({minutes} min, {} points)\n", exercise.points())
    };
    pack.exercises.iter().map(line).collect()
}

fn line(course: &Course, entry: Entry<'_>, width: usize, paint: Paint) -> String {
    let Entry { lesson, number, .. } = entry;
    let progress = course.progress_of(entry);
    let state = match (progress.done, progress.steps) {
        (true, _) => paint.good("  done"),
        (false, 0) => String::new(),
        (false, steps) => format!("  {steps} of {} steps", lesson.steps.len()),
    };
    let id = paint.code(&format!("{:width$}", lesson.id));
    format!("  {number}. {id}  {} ({} min){state}\n", lesson.title, lesson.minutes)
}

/// What `vethlab` alone prints: the next lesson to do, and the commands to know.
pub(crate) fn greet() -> Result<u8, Failure> {
    let course = Course::load(&OwnPack::default())?;
    let paint = Paint::for_stdout();
    let width = super::terminal_width();
    let about = "vethlab: how container networking really works, at a prompt of your own.";
    let mut text = page::prose(about, width, paint) + "\n";
    if let Some(next) = course.next() {
        let Entry { lesson, number, .. } = next;
        let word = if course.progress_of(next).done {
            "You have done all lessons. Once more"
        } else {
            "Your next lesson"
        };
        let next = format!("{word}: {number}. **{}** ({} minutes)", lesson.title, lesson.minutes);
        text.push_str(&(page::prose(&next, width, paint) + "\n"));
    }
    for (command, about) in [
        ("vethlab start", "play your next lesson"),
        ("vethlab list", "all lessons, with your progress"),
        ("vethlab shell", "a prompt without a lesson"),
        ("vethlab compare FILE", "commands on the simulator and on Linux, side by side"),
        ("vethlab --help", "everything else"),
    ] {
        let command = paint.code(&format!("{command:22}"));
        text.push_str(&format!("  {command}{about}\n"));
    }
    output::print(&text)?;
    Ok(0)
}
