//! The files that the tests read.

use std::path::PathBuf;
use std::{env, fs, io};

/// A file, by name.
#[derive(Clone, Debug)]
pub struct NamedFile {
    /// Its name, without the ending.
    pub name: String,
    /// All of its text.
    pub text: String,
}

/// Reads every file of a folder of this crate that has the ending, by name.
///
/// # Errors
/// The folder or one of its files cannot be read.
pub fn read_all(folder: &str, ending: &str) -> io::Result<Vec<NamedFile>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(crate_folder().join(folder))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == ending) {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            files.push(NamedFile { name, text: fs::read_to_string(&path)? });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// The folder of this crate: where cargo says it is, or where it was built.
pub fn crate_folder() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from)
}
