//! The files of a pack that lies in a folder. It may be a stranger's.

use crate::output::reason;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use vethlab_engine::lesson::LessonError;
use vethlab_engine::lesson::file_text::{MOST_BYTES, plain_text};

/// The most that a folder may hold.
const MOST_ENTRIES: usize = 10_000;

/// Something that lies in the folder of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// The text of a file that can be a part.
    Text(String),
    /// A file that would be a part, if this were not wrong with it.
    Unusable(LessonError),
    /// It cannot be a part: a folder, a link, or a file that ends otherwise or whose name begins with a dot.
    Other,
}

/// The files of a pack that can be its parts, by name.
///
/// # Errors
/// The folder or a file cannot be read, or a file is no plain text.
pub fn texts(folder: &Path) -> Result<BTreeMap<String, String>, LessonError> {
    let texts = items(folder)?.into_iter().filter_map(|(name, item)| match item {
        Item::Text(text) => Some(Ok((name, text))),
        Item::Unusable(error) => Some(Err(error)),
        Item::Other => None,
    });
    texts.collect()
}

/// All that lies in the folder of a pack, by name. Links are not followed.
///
/// # Errors
/// The folder cannot be read.
pub fn items(folder: &Path) -> Result<BTreeMap<String, Item>, LessonError> {
    let cannot = |error: &io::Error| unreadable(folder, error);
    let mut items = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(|error| cannot(&error))? {
        let entry = entry.map_err(|error| cannot(&error))?;
        if items.len() == MOST_ENTRIES {
            let problem = format!("it holds more than {MOST_ENTRIES} files: that is no pack");
            return Err(LessonError::at(0, problem).in_file(&folder.display().to_string()));
        }
        let path = entry.path();
        let is_part = path.extension().is_some_and(|ending| ending == "md" || ending == "toml");
        let is_file = entry.file_type().map_err(|error| unreadable(&path, &error))?.is_file();
        let name = entry.file_name().to_string_lossy().into_owned();
        let item = match is_part && is_file && !name.starts_with('.') && entry.file_name().to_str().is_some()
        {
            true => text(&path).map_or_else(Item::Unusable, Item::Text),
            false => Item::Other,
        };
        items.insert(name, item);
    }
    Ok(items)
}

fn unreadable(path: &Path, error: &io::Error) -> LessonError {
    let problem = format!("it cannot be read: {}", reason(error));
    LessonError::at(0, problem).in_file(&path.display().to_string())
}

fn text(path: &Path) -> Result<String, LessonError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes));
    read.map_err(|error| unreadable(path, &error))?;
    plain_text(bytes).map_err(|error| error.in_file(&path.display().to_string()))
}
