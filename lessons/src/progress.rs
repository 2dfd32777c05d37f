//! Where a learner's progress is kept from one day to the next.

use crate::output::write_file;
use directories::ProjectDirs;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use vethlab_engine::lesson::progress::Progress;

/// Names the folder to keep progress in, in the place of the platform's own.
pub const FOLDER_VARIABLE: &str = "VETHLAB_DATA_DIR";

const FILE: &str = "progress.json";

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.folder {
            Some(folder) => write!(f, "'{}'", folder.display()),
            None => f.write_str("a home directory"),
        }
    }
}

/// The place where progress is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    folder: Option<PathBuf>,
}

impl Store {
    /// The place that the environment names, or that the platform keeps such data in.
    pub fn locate() -> Store {
        let named = std::env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty()).map(PathBuf::from);
        let usual = || ProjectDirs::from("", "", "vethlab").map(|places| places.data_dir().to_owned());
        Store { folder: named.or_else(usual) }
    }

    /// The folder, where there is one.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// A folder of one's own choice.
    pub fn in_folder(folder: &Path) -> Store {
        Store { folder: Some(folder.to_owned()) }
    }

    /// What was kept, and a warning where it could not be used. A file that cannot be read as progress is put
    /// aside, so that nothing is lost.
    pub fn load(&self) -> (Progress, Option<String>) {
        let Some(folder) = &self.folder else {
            let warning =
                format!("there is no home directory to keep progress in: set HOME or {FOLDER_VARIABLE}");
            return (Progress::default(), Some(warning));
        };
        let file = folder.join(FILE);
        let bytes = match fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return (Progress::default(), None),
            Err(error) => {
                let warning = format!("cannot read your progress in '{}': {error}", file.display());
                return (Progress::default(), Some(warning));
            }
        };
        match Progress::read(&bytes) {
            Ok(progress) => (progress, None),
            Err(reason) => (Progress::default(), Some(put_aside(&file, &reason))),
        }
    }

    /// Keeps progress: the old file stays whole until the new one is.
    ///
    /// # Errors
    /// There is no place for it, or the file cannot be written.
    pub fn save(&self, progress: &Progress) -> io::Result<()> {
        let Some(folder) = &self.folder else {
            return Err(io::Error::new(io::ErrorKind::NotFound, "there is none"));
        };
        fs::create_dir_all(folder)?;
        write_file(&folder.join(FILE), progress.to_json()?.as_bytes())
    }
}

/// Renames a file that cannot be used, and says so.
fn put_aside(file: &Path, reason: &str) -> String {
    let name = |number: u32| match number {
        0 => format!("{FILE}.bad"),
        _ => format!("{FILE}.bad-{number}"),
    };
    let free = (0..).map(|number| file.with_file_name(name(number))).find(|path| !path.exists());
    let renamed = match &free {
        Some(place) => fs::rename(file, place).map(|()| place.display().to_string()),
        None => Err(io::ErrorKind::AlreadyExists.into()),
    };
    match renamed {
        Ok(place) => format!("your progress could not be read ({reason}); it is kept in '{place}'"),
        Err(error) => format!("your progress in '{}' could not be read ({reason}; {error})", file.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vethlab_engine::lesson::progress::LessonProgress;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("vethlab-progress-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    fn files(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let folder = folder("saved");
        let store = Store::in_folder(&folder.join("deep"));
        assert_eq!(store.load(), (Progress::default(), None));
        let mut progress = Progress::default();
        progress.reached("pack", "one", 3, true);
        progress.reached("pack", "one", 1, false);
        store.save(&progress).expect("saving");
        store.save(&progress).expect("saving again");
        assert_eq!(store.load(), (progress.clone(), None));
        assert_eq!(progress.of("pack", "one"), LessonProgress { steps: 3, done: true });
        assert_eq!(progress.of("pack", "two"), LessonProgress::default());
        assert_eq!(files(&folder.join("deep")), [FILE]);
        fs::remove_dir_all(folder).expect("cleaning up");
    }

    #[test]
    fn a_broken_file_is_kept_aside() {
        let folder = folder("broken");
        fs::create_dir_all(&folder).expect("a folder");
        let store = Store::in_folder(&folder);
        for broken in ["{", "{\"format\":9,\"lessons\":{}}"] {
            fs::write(folder.join(FILE), broken).expect("a file");
            let (progress, warning) = store.load();
            assert_eq!(progress, Progress::default());
            assert!(warning.is_some_and(|text| text.contains(".bad") && !text.contains('\n')));
        }
        assert_eq!(files(&folder), ["progress.json.bad", "progress.json.bad-1"]);
        assert_eq!(fs::read_to_string(folder.join("progress.json.bad")).expect("the first"), "{");
        fs::remove_dir_all(folder).expect("cleaning up");
    }

    #[test]
    fn a_place_that_cannot_be_written_is_an_error() {
        let folder = folder("file");
        fs::write(&folder, "not a folder").expect("a file");
        assert!(Store::in_folder(&folder).save(&Progress::default()).is_err());
        fs::remove_file(folder).expect("cleaning up");
    }
}
