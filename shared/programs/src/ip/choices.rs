//! The words that may stand at one place of a command line. One table is what the parser, `help` and completion read.

use super::args::{How, matches, unknown_command};
use crate::Failure;
use crate::manual::Page;
use crate::nearest::typo;

/// What the word behind an object does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Lists it.
    Show,
    /// Tells something else, and alters nothing.
    Tell,
    /// Runs another program.
    Execute,
    /// Anything else.
    Other,
}

/// What can be done with an object.
pub(super) trait Action: Copy {
    /// What it does, as far as the journal needs to know.
    fn deed(self) -> Deed;
}

/// The words that may stand at a place, in the order in which iproute2 tries them.
pub(super) struct Choices<T: 'static> {
    /// What is said of what stands in front of them: of `ip address`.
    pub(super) page: &'static Page,
    /// How iproute2 names the object where a word is unknown.
    pub(super) object: &'static str,
    pub(super) words: &'static [Choice<T>],
}

/// One of the words.
pub(super) struct Choice<T> {
    how: How,
    word: &'static str,
    /// `None`: iproute2 knows it, and it is not modelled here.
    meaning: Option<T>,
    /// Whether completion offers it.
    offered: bool,
}

impl<T> Choice<T> {
    /// A word, or a beginning of it, that completion offers.
    pub(super) const fn new(word: &'static str, meaning: T) -> Choice<T> {
        Choice { how: How::Prefix, word, meaning: Some(meaning), offered: true }
    }

    /// Another word, of which one is offered already that does as much.
    pub(super) const fn also(word: &'static str, meaning: T) -> Choice<T> {
        Choice { how: How::Prefix, word, meaning: Some(meaning), offered: false }
    }

    /// The same, which must be typed in full.
    pub(super) const fn exactly(word: &'static str, meaning: T) -> Choice<T> {
        Choice { how: How::Exact, word, meaning: Some(meaning), offered: false }
    }

    /// A word that is not modelled.
    pub(super) const fn not_modelled(word: &'static str) -> Choice<T> {
        Choice { how: How::Prefix, word, meaning: None, offered: false }
    }
}

impl<T: Copy> Choices<T> {
    /// The first that a word stands for, in full, with its meaning if it is modelled.
    pub(super) fn find(&self, word: &str) -> Option<(&'static str, Option<T>)> {
        let choice = self.words.iter().find(|choice| match choice.how {
            How::Exact => word == choice.word,
            How::Prefix => matches(word, choice.word),
        })?;
        Some((choice.word, choice.meaning))
    }

    /// The same for a word that must be known and modelled.
    pub(super) fn choose(&self, word: &str) -> Result<(&'static str, T), Failure> {
        match self.find(word) {
            Some((full, Some(meaning))) => Ok((full, meaning)),
            Some(("help", None)) => Err(self.help()),
            Some((full, None)) => Err(super::args::not_modelled(self.page.command, full)),
            None => Err(unknown_command(self.object, word, self.nearest(word))),
        }
    }

    /// The modelled word that was meant perhaps.
    pub(super) fn nearest(&self, word: &str) -> Option<&'static str> {
        typo(word, self.modelled())
    }

    /// The words that are modelled.
    pub(super) fn modelled(&self) -> impl Iterator<Item = &'static str> {
        self.words.iter().filter(|choice| choice.meaning.is_some()).map(|choice| choice.word)
    }

    /// What `help` says.
    pub(super) fn help(&self) -> Failure {
        Failure::Exit { message: self.page.text(), status: self.page.help.status }
    }

    /// The words that completion offers.
    pub(super) fn offered(&self) -> impl Iterator<Item = &'static str> {
        self.words.iter().filter(|choice| choice.offered).map(|choice| choice.word)
    }
}

impl<T: Action> Choices<T> {
    /// The word in full that one stands for, and what it does.
    pub(super) fn verb(&self, word: &str) -> Option<(&'static str, Deed)> {
        let (full, action) = self.find(word)?;
        Some((full, action.map_or(Deed::Other, T::deed)))
    }
}
