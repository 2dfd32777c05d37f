//! Whether two paths are the same file, by whatever names: what is read must not be written over.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

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
            _ => Target::Place(real_path(path)),
        }
    }
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
}
