//! `vethlab list`, and `vethlab` alone.

use super::Failure;
use super::course::{Course, Entry};
use vethlab::output;
use vethlab::shell::Paint;

/// List the lessons, with your progress.
#[derive(clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(_: &Arguments) -> Result<u8, Failure> {
    let course = Course::load()?;
    let paint = Paint::for_stdout();
    let width = course.entries().map(|entry| entry.lesson.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for pack in &course.packs {
        text.push_str(&format!("{}\n{}\n\n", paint.strong(&pack.title), pack.about));
        for entry in course.entries().filter(|entry| entry.pack.id == pack.id) {
            text.push_str(&line(&course, entry, width, paint));
        }
    }
    if let Some(next) = course.next() {
        let command = paint.code(&format!("vethlab start {}", next.lesson.id));
        text.push_str(&format!("\nNext: {command}\n"));
    }
    output::print(&text)?;
    Ok(0)
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
    let course = Course::load()?;
    let paint = Paint::for_stdout();
    let mut text = "vethlab: how container networking really works, at a prompt of your own.\n\n".to_owned();
    if let Some(Entry { lesson, number, .. }) = course.next() {
        let title = paint.strong(&lesson.title);
        text.push_str(&format!("Your next lesson: {number}. {title} ({} minutes)\n\n", lesson.minutes));
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
