//! What is said of each program: one page, from which its help, its manual page, its completion and the list of all
//! that is modelled are made.

pub(crate) mod own;
pub(crate) mod pages;
mod program;

use crate::process::Says;
use crate::{Failure, Parsed, SHOWS, Status, table};
pub use program::overview;
pub(crate) use program::{help, man};
use vethlab_explain::dissect::wrap;
use vethlab_explain::journal::Invocation;
use vethlab_shared::words::WordList;

/// How wide a page is.
const WIDTH: usize = 80;
/// Where the description of a form stands.
const COLUMN: usize = 30;

/// What there is to say of a program, or of one object of `ip`.
#[derive(Debug)]
pub struct Page {
    /// What is typed: `ip link`.
    pub command: &'static str,
    /// One line on what it is for.
    pub about: &'static str,
    /// What may be typed, and what each does.
    pub forms: &'static [Form],
    /// What else is to be known; empty where that is all.
    pub remark: &'static str,
    /// Commands to try, and what each does.
    pub examples: &'static [Form],
    /// How it is asked for help.
    pub help: Help,
    /// The pages of what the program works on.
    pub objects: &'static [Page],
    /// Whether it is vethlab's own, and no program of Linux.
    pub own: bool,
    /// What its help ends with; the list of all that is modelled does without.
    pub more: fn() -> String,
}

/// Something that can be typed, and what it does.
#[derive(Debug)]
pub struct Form(pub &'static str, pub &'static str);

/// How a program is asked for help, and how it answers: as the tool of Debian 12 does, but for the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Help {
    /// The words that ask for it, each alone behind the command.
    pub words: &'static [&'static str],
    /// Whether it answers on standard output, and not on standard error.
    pub to_stdout: bool,
    /// Its exit status then.
    pub status: Status,
}

impl Page {
    /// A page with nothing on it.
    pub(crate) const NONE: Page = Page {
        command: "",
        about: "",
        forms: &[],
        remark: "",
        examples: &[],
        help: Help { words: &["--help"], to_stdout: true, status: 0 },
        objects: &[],
        own: false,
        more: String::new,
    };

    /// A page that more is added to.
    const fn new(command: &'static str, about: &'static str, forms: &'static [Form]) -> Page {
        Page { command, about, forms, ..Page::NONE }
    }

    /// The words that begin its options, for completion.
    pub(crate) fn options(&self) -> impl Iterator<Item = &'static str> {
        let words = self.forms.iter().flat_map(|Form(form, _)| form.split([' ', ',', '[', ']', '|', '=']));
        words.filter(|word| word.len() > 1 && word.starts_with('-'))
    }

    /// What it answers to whoever asks for help.
    pub fn text(&self) -> String {
        self.listed() + &(self.more)()
    }

    /// What stands in the list of all that is modelled.
    fn listed(&self) -> String {
        let Page { command, about, remark, .. } = self;
        let mut text = format!("{command}: {about}\n\n");
        self.forms.iter().for_each(|form| text += &form.line());
        for object in self.objects {
            let name = object.command;
            text += &Form(name, object.about).line();
        }
        if !self.examples.is_empty() {
            text += "\nFor example:\n";
            self.examples.iter().for_each(|example| text += &example.line());
        }
        if !remark.is_empty() {
            text += &format!("\n{}\n", wrap(remark, WIDTH).join("\n"));
        }
        text
    }

    /// Its manual page: that of an object of `ip` stands behind the program's.
    fn manual(&self) -> String {
        let name = self.command.replace(' ', "-");
        let title = format!("{}(vethlab)", name.to_uppercase());
        let mut text = format!("{title}\n\n{}", self.text());
        for object in self.objects {
            text += &format!("\n{}", object.text());
        }
        let whose = match self.own {
            true => "This is vethlab's own; Linux has nothing of this name.",
            false => "This page is vethlab's own. What it lists does what Linux does.",
        };
        format!("{text}\n{whose}\n")
    }

    /// The program that answers a call for help.
    pub(crate) fn answer(&self, words: &WordList) -> Parsed {
        let program = self.command.split(' ').next().unwrap_or_default();
        Parsed::new(Invocation::new(program, words.clone(), SHOWS), self.reply())
    }

    /// How it answers a call for help.
    pub(crate) fn reply(&self) -> Result<Says, Failure> {
        match (self.help.to_stdout, self.help.status) {
            (true, status) => Ok(Says { out: self.text(), err: String::new(), status }),
            (false, 0) => Ok(Says { out: String::new(), err: self.text(), status: 0 }),
            (false, status) => Err(Failure::Exit { message: self.text(), status }),
        }
    }
}

impl Form {
    /// The form, and beside it or below what it does.
    fn line(&self) -> String {
        let Form(form, about) = self;
        let lines = wrap(about, WIDTH - COLUMN);
        let gap = format!("\n{:COLUMN$}", "");
        let begin = match form.chars().count() + 4 > COLUMN {
            true => format!("  {form}{gap}"),
            false => format!("  {form:<width$}", width = COLUMN - 2),
        };
        format!("{begin}{}\n", lines.join(&gap))
    }
}

/// Whether these words behind a program's name ask for help and for nothing else.
pub(crate) fn asks(page: &Page, words: &[String]) -> bool {
    matches!(words, [word] if page.help.words.contains(&word.as_str()))
}

/// The page of a program, or of an object of `ip`: `ip-link` and `ip link` are the same.
fn find(words: &[String]) -> Option<&'static Page> {
    let name = words.join(" ").replace('-', " ");
    all().find(|page| page.command.replace('-', " ") == name)
}

/// Every page: those of the programs with their objects, and those of the words of the prompt.
fn all() -> impl Iterator<Item = &'static Page> {
    let programs =
        table().iter().flat_map(|program| std::iter::once(program.page).chain(program.page.objects));
    programs.chain(own::TIME).chain([&own::FRAMES])
}

/// All that is modelled, a page behind the other.
pub fn modelled() -> String {
    let pages: Vec<String> = all().map(Page::listed).collect();
    pages.join("\n\n")
}

#[cfg(test)]
mod tests;
