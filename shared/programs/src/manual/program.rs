//! `man` and `help`: the programs that show pages.

use super::{Page, find, modelled};
use crate::{Context, Failure, Status, nearest, table};

/// `man NAME`, as man-db answers where it has no page.
pub(crate) fn man(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let words = match words {
        // A section: there is one page of each name.
        [section, rest @ ..] if !rest.is_empty() && section.parse::<u8>().is_ok() => rest,
        words => words,
    };
    if words.is_empty() {
        return Err(Failure::exit(1, "What manual page do you want?\nFor example, try 'man man'."));
    }
    if let Some(option) = words.iter().find(|word| word.starts_with('-')) {
        return Err(Failure::NotModelled(format!("man {option}")));
    }
    match find(words) {
        Some(page) => context.console.page(&page.manual()),
        None => {
            let name = words.join(" ");
            let message = format!("No manual entry for {name}\n");
            return Err(Failure::Mistyped { message, status: 16, nearest: nearest::command(&name) });
        }
    }
    Ok(0)
}

/// `help`, `help modelled`, `help NAME`.
pub(crate) fn help(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let text = match words {
        [] => overview(),
        [word] if word == "modelled" => modelled(),
        words => match find(words) {
            Some(page) => page.text(),
            None => {
                let name = words.join(" ");
                let message = format!("vethlab: there is no help on '{name}': 'help' lists the programs\n");
                return Err(Failure::Mistyped { message, status: 1, nearest: nearest::command(&name) });
            }
        },
    };
    context.console.page(&text);
    Ok(0)
}

/// The programs, one a line.
pub fn overview() -> String {
    let pages = || table().iter().map(|program| program.page);
    let width = pages().map(|page| page.command.len()).max().unwrap_or(0);
    let line = |Page { command, about, .. }: &Page| format!("  {command:width$}  {about}\n");
    pages().map(line).collect()
}
