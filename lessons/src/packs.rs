//! Where packs come from: this program itself, or a folder.

use crate::folder::texts;
use include_dir::{Dir, include_dir};
use std::path::Path;
use vethlab_engine::lesson::{LessonError, Listing, Pack};

/// The packs inside this program, in the order in which they build on each other.
const ORDER: [&str; 4] =
    ["linux-namespaces", "linux-namespaces-exercises", "containers", "containers-exercises"];

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/packs");

/// Reads a pack that lies in a folder. It is data, and may be a stranger's: links are not followed, only files of the
/// folder itself are read, and what is in them is plain text, which can do nothing to a terminal.
///
/// # Errors
/// A file cannot be read or used: which, where, and what to do about it.
pub fn read(folder: &Path) -> Result<Pack, LessonError> {
    let name = folder.display().to_string();
    let files = texts(folder)?;
    Pack::load(&name, |file| files.get(file).map(String::as_str))
}

/// The packs inside this program.
///
/// # Errors
/// One of their files cannot be used.
pub fn packs() -> Result<Vec<Pack>, LessonError> {
    let load = |folder| Pack::load(&name(folder), |file| text(folder, file));
    folders().map(load).collect()
}

/// What a list tells of them, without reading more than that.
///
/// # Errors
/// One of their files cannot be used.
pub fn listings() -> Result<Vec<Listing>, LessonError> {
    folders().map(|folder| Listing::skim(&name(folder), |file| text(folder, file))).collect()
}

/// Their folders, in order.
fn folders() -> impl Iterator<Item = &'static Dir<'static>> {
    ORDER.iter().filter_map(|name| EMBEDDED.get_dir(name))
}

fn name(folder: &Dir<'static>) -> String {
    folder.path().display().to_string()
}

fn text(folder: &Dir<'static>, file: &str) -> Option<&'static str> {
    folder.get_file(folder.path().join(file))?.contents_utf8()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packs_of_this_program_are_good() {
        assert_eq!(packs().expect("good packs").len(), EMBEDDED.dirs().count(), "ORDER names them all");
    }

    #[test]
    fn a_list_tells_what_the_packs_say() {
        let read: Vec<Listing> = packs().expect("good packs").iter().map(Listing::from).collect();
        assert_eq!(listings().expect("good packs"), read);
    }
}
