//! `vethlab list`, and `vethlab` alone.

use super::Failure;
use super::course::OwnPack;
use super::pack_list::{Listed, PackList};
use vethlab::output;
use vethlab_engine::lesson::ListedExercise;
use vethlab_engine::page;
use vethlab_engine::paint::Paint;

/// List the lessons, with your progress, and the exercises.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pack: OwnPack,
}

pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let list = PackList::load(&arguments.pack)?;
    let paint = output::paint();
    let mut text = String::new();
    for pack in &list.packs {
        let about = page::prose(&pack.about, super::terminal_width(), paint);
        text.push_str(&format!("{}\n{about}\n", paint.strong(&pack.title)));
        let lessons: Vec<_> = list.entries().filter(|entry| entry.pack.id == pack.id).collect();
        let line = |entry: &Listed<'_>| lesson(&list, *entry, paint);
        text.push_str(&rows(&lessons.iter().map(line).collect::<Vec<_>>(), paint));
        text.push_str(&rows(&pack.exercises.iter().map(exercise).collect::<Vec<_>>(), paint));
    }
    if let Some(next) = list.next() {
        let command = paint.code(&format!("vethlab start {}", next.lesson.id));
        let word = if list.progress_of(next).done { "All done. Once more" } else { "Next" };
        text.push_str(&format!("\n{word}: {command}\n"));
    }
    output::print(&text)?;
    Ok(0)
}

/// A lesson or an exercise of the list.
struct Row {
    mark: String,
    id: String,
    about: String,
}

/// In columns: a mark, the word that starts it, and what it is.
fn rows(rows: &[Row], paint: Paint) -> String {
    let widest = |part: fn(&Row) -> &str| rows.iter().map(|row| part(row).chars().count()).max().unwrap_or(0);
    let (mark, id) = (widest(|row| &row.mark), widest(|row| &row.id));
    let line = |row: &Row| {
        let begin = format!("  {:>mark$} {}  ", row.mark, paint.code(&format!("{:id$}", row.id)));
        page::beside(&begin, mark + id + 5, &row.about, super::terminal_width())
    };
    rows.iter().map(line).collect()
}

fn exercise(exercise: &ListedExercise) -> Row {
    let ListedExercise { id, title, minutes, points } = exercise;
    let about = format!("{title} ({minutes} min, {points} points)");
    Row { mark: "-".to_owned(), id: id.clone(), about }
}

fn lesson(list: &PackList, entry: Listed<'_>, paint: Paint) -> Row {
    let Listed { lesson, number, .. } = entry;
    let progress = list.progress_of(entry);
    let state = match (progress.done, progress.steps) {
        (true, _) => paint.good("  done"),
        (false, 0) => String::new(),
        (false, steps) => format!("  {steps} of {} steps", lesson.steps),
    };
    let about = format!("{} ({} min){state}", lesson.title, lesson.minutes);
    Row { mark: format!("{number}."), id: lesson.id.clone(), about }
}

/// What `vethlab` alone prints: the next lesson to do, and the commands to know.
pub(crate) fn greet() -> Result<u8, Failure> {
    let list = PackList::load(&OwnPack::default())?;
    let paint = output::paint();
    let width = super::terminal_width();
    let about = "vethlab: how container networking really works, at a prompt of your own.";
    let mut text = page::prose(about, width, paint) + "\n";
    if let Some(next) = list.next() {
        let Listed { lesson, number, .. } = next;
        let word = if list.progress_of(next).done {
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
        let command = format!("  {}", paint.code(&format!("{command:22}")));
        text.push_str(&page::beside(&command, 24, about, width));
    }
    output::print(&text)?;
    Ok(0)
}
