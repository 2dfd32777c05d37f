//! What `vethlab list` tells: the packs, and how far the learner is in each lesson.

use super::Failure;
use super::course::{OwnPack, other_packs, put, warn};
use vethlab::packs;
use vethlab::progress::Store;
use vethlab_engine::lesson::progress::{LessonProgress, Progress};
use vethlab_engine::lesson::{ListedLesson, Listing};

/// The packs, listed.
pub(super) struct PackList {
    pub(super) packs: Vec<Listing>,
    progress: Progress,
}

/// A lesson and the pack that it is from.
#[derive(Clone, Copy)]
pub(super) struct Listed<'a> {
    pub(super) pack: &'a Listing,
    pub(super) lesson: &'a ListedLesson,
    /// Its number within the pack, from 1.
    pub(super) number: usize,
}

impl PackList {
    /// Lists the packs inside this program, those in the platform's data folder, and the one that is named; of two with
    /// the same id the later counts.
    pub(super) fn load(own: &OwnPack) -> Result<PackList, Failure> {
        let mut packs = packs::listings().map_err(Failure::bad_input)?;
        let store = Store::locate();
        for pack in other_packs(&store, own)? {
            put(Listing::from(&pack), &mut packs, |pack| &pack.id);
        }
        let (progress, warning) = store.load();
        if let Some(warning) = warning {
            warn(&warning);
        }
        Ok(PackList { packs, progress })
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = Listed<'_>> {
        self.packs.iter().flat_map(|pack| {
            (1..).zip(&pack.lessons).map(move |(number, lesson)| Listed { pack, lesson, number })
        })
    }

    /// How far the learner is in a lesson.
    pub(super) fn progress_of(&self, entry: Listed<'_>) -> LessonProgress {
        self.progress.of(&entry.pack.id, &entry.lesson.id)
    }

    /// The first lesson that is not done, or the very first.
    pub(super) fn next(&self) -> Option<Listed<'_>> {
        self.entries().find(|entry| !self.progress_of(*entry).done).or_else(|| self.entries().next())
    }
}
