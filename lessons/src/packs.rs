//! Where packs come from: this program itself, or a folder.

use crate::folder::texts;
use include_dir::{Dir, include_dir};
use std::path::Path;
use vethlab_engine::lesson::{LessonError, Pack};

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
    let load = |folder: &Dir<'static>| {
        let file = |name: &str| folder.get_file(folder.path().join(name))?.contents_utf8();
        Pack::load(&folder.path().display().to_string(), file)
    };
    EMBEDDED.dirs().map(load).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packs_of_this_program_are_good() {
        assert!(!packs().expect("good packs").is_empty());
    }
}
