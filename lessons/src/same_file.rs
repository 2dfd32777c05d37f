//! Whether two paths are the same file, by whatever names: what is read must not be written over.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The most links that are followed one after another, as on Linux.
const MOST_LINKS: usize = 40;

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A file that is there, by its device and inode: a hard link to it is the same.
    File {
        /// The number of the device that it is on.
        device: u64,
        /// Its number there.
        inode: u64,
    },
    /// Something else, or nothing yet: where it is, or would be, whatever links lead there and however much of the way
    /// has yet to be made.
    Place(PathBuf),
}

impl Target {
    /// Follows a path.
    pub fn of(path: &Path) -> Target {
        match fs::metadata(path) {
            Ok(file) if file.is_file() => Target::File { device: file.dev(), inode: file.ino() },
            _ => Target::Place(real_path(&follow_links(path).unwrap_or_else(|_| path.to_owned()))),
        }
    }
}

/// Where a path leads when the links at its end are followed, also those to a file that does not exist yet.
///
/// # Errors
/// There are too many links.
pub(crate) fn follow_links(path: &Path) -> io::Result<PathBuf> {
    let mut place = path.to_owned();
    for _ in 0..=MOST_LINKS {
        // Whatever is wrong with a path that is not a link is told by whoever opens it.
        let Ok(target) = fs::read_link(&place) else { return Ok(place) };
        place = place.parent().unwrap_or(Path::new("")).join(target);
    }
    Err(io::Error::from_raw_os_error(nix::errno::Errno::ELOOP as i32))
}

fn real_path(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let below = |there: &Path| Some((there.canonicalize().ok()?, path.strip_prefix(there).ok()?));
    match path.ancestors().find_map(below) {
        Some((there, rest)) if rest != Path::new("") => there.join(rest),
        Some((there, _)) => there,
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn whatever_name_leads_to_a_file_it_is_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), "").expect("a file");
        fs::write(path("other"), "").expect("a file");
        fs::hard_link(path("file"), path("hard")).expect("a link");
        symlink("file", path("soft")).expect("a link");
        symlink(".", path("here")).expect("a link");
        for name in ["hard", "soft", "here/file", "./file"] {
            assert_eq!(Target::of(&path(name)), Target::of(&path("file")), "{name}");
        }
        assert_ne!(Target::of(&path("other")), Target::of(&path("file")));
        assert_eq!(Target::of(&path("here/new/file")), Target::of(&path("new/file")));
        assert_ne!(Target::of(&path("new")), Target::of(&path("file")));
    }

    #[test]
    fn links_to_a_file_that_does_not_exist_yet_are_that_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("below")).expect("a folder");
        symlink("new", path("one")).expect("a link");
        symlink("../one", path("below/two")).expect("a link");
        symlink(path("below/two"), path("three")).expect("a link");
        for name in ["one", "below/two", "three"] {
            assert_eq!(Target::of(&path(name)), Target::of(&path("new")), "{name}");
            assert_ne!(Target::of(&path(name)), Target::of(&path("below/new")), "{name}");
        }
    }

    #[test]
    fn links_in_a_circle_are_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        symlink("b", path("a")).expect("a link");
        symlink("a", path("b")).expect("a link");
        let error = follow_links(&path("a")).expect_err("no end");
        assert_eq!(error.raw_os_error(), Some(nix::errno::Errno::ELOOP as i32));
        assert_eq!(Target::of(&path("a")), Target::of(&path("a")));
    }
}
