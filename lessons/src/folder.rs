//! The files of a pack that lies in a folder. It may be a stranger's.

use crate::output::reason;
use std::collections::BTreeMap;
use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use vethlab_engine::lesson::LessonError;
use vethlab_engine::lesson::file_text::{MOST_BYTES, plain_text};

/// The most that a folder may hold.
const MOST_ENTRIES: usize = 10_000;

/// How large the files that can be parts may be together, in bytes.
const MOST_BYTES_IN_ALL: usize = 8 << 20;

/// Something that lies in the folder of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// The text of a file that can be a part.
    Text(String),
    /// A file that would be a part, if this were not wrong with it; or a pipe, a socket or a device, which no pack holds.
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
    let (mut items, mut total) = (BTreeMap::new(), 0);
    let no_pack = |problem: String| {
        Err(LessonError::at(0, problem + ": that is no pack").in_file(&folder.display().to_string()))
    };
    for entry in fs::read_dir(folder).map_err(|error| cannot(&error))? {
        let entry = entry.map_err(|error| cannot(&error))?;
        if items.len() == MOST_ENTRIES {
            return no_pack(format!("it holds more than {MOST_ENTRIES} files"));
        }
        let path = entry.path();
        let is_part = path.extension().is_some_and(|ending| ending == "md" || ending == "toml");
        let kind = entry.file_type().map_err(|error| unreadable(&path, &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let can_be_part = is_part && !name.starts_with('.') && entry.file_name().to_str().is_some();
        let item = match special(kind) {
            Some(what) => {
                let problem = format!("it is {what}, not a regular file: take it out of the folder");
                Item::Unusable(LessonError::at(0, problem).in_file(&path.display().to_string()))
            }
            None if can_be_part && kind.is_file() => text(&path).map_or_else(Item::Unusable, Item::Text),
            None => Item::Other,
        };
        if let Item::Text(text) = &item {
            total += text.len();
        }
        if total > MOST_BYTES_IN_ALL {
            return no_pack(format!("its files are larger than {} MiB together", MOST_BYTES_IN_ALL >> 20));
        }
        items.insert(name, item);
    }
    Ok(items)
}

/// What something is that would wait for somebody else, or never end, where it was read.
fn special(kind: FileType) -> Option<&'static str> {
    match kind {
        _ if kind.is_fifo() => Some("a named pipe"),
        _ if kind.is_socket() => Some("a socket"),
        _ if kind.is_char_device() || kind.is_block_device() => Some("a device"),
        _ => None,
    }
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

/// Where the links of texts lead to, for many names: each text is looked through once.
#[derive(Debug)]
pub(crate) struct Links<'a>(Vec<&'a [u8]>);

/// How much of a link's target is looked at, in bytes: no name of a file is longer.
const LONGEST_TARGET: usize = 1024;

impl<'a> Links<'a> {
    /// Those of these texts.
    pub(crate) fn of(texts: impl IntoIterator<Item = &'a str>) -> Links<'a> {
        let target = |text: &'a str, place: usize| {
            let target = &text.as_bytes()[place + 2..];
            &target[..target.len().min(LONGEST_TARGET)]
        };
        let targets = |text: &'a str| text.match_indices("](").map(move |(place, _)| target(text, place));
        let mut targets: Vec<&[u8]> = texts.into_iter().flat_map(targets).collect();
        targets.sort_unstable();
        Links(targets)
    }

    /// Whether one begins with this name: a place within the file may stand behind it.
    pub(crate) fn lead_to(&self, name: &str) -> bool {
        let place = self.0.partition_point(|target| *target < name.as_bytes());
        self.0.get(place).is_some_and(|target| target.starts_with(name.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_too_large_together_are_no_pack() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |number: usize| folder.path().join(format!("{number}.md"));
        fs::write(path(0), "a".repeat(MOST_BYTES_IN_ALL / 64)).expect("a file");
        (1..64).for_each(|number| fs::hard_link(path(0), path(number)).expect("a link"));
        assert_eq!(texts(folder.path()).expect("a pack").len(), 64);
        fs::hard_link(path(0), path(64)).expect("a link");
        let error = texts(folder.path()).expect_err("one too many").to_string();
        assert!(error.ends_with("its files are larger than 8 MiB together: that is no pack"), "{error}");
    }

    #[test]
    fn a_link_leads_to_the_file_that_its_target_begins_with() {
        let texts = ["[a](one.md) ](", "[b](two.md#part) [c](http://x/y) ](zzz"];
        let links = Links::of(texts);
        for name in ["one.md", "two.md", "one", "", "zzz", "http:", "three.md", "part", "a", "zzzz"] {
            let is_linked = texts.iter().any(|text| text.contains(&format!("]({name}")));
            assert_eq!(links.lead_to(name), is_linked, "{name}");
        }
    }
}
