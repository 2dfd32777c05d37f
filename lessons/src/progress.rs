//! Where a learner's progress is kept from one day to the next.

use crate::claim::lock_folder;
use crate::output::{read_file, reason, write_file};
use directories::ProjectDirs;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use vethlab_engine::lesson::progress::Progress;

/// Names the folder to keep progress in, in the place of the platform's own.
pub const FOLDER_VARIABLE: &str = "VETHLAB_DATA_DIR";

const FILE: &str = "progress.json";

/// The largest file that is taken for progress, in bytes.
const MOST_BYTES: usize = 16 << 20;

/// How many files that are no progress are kept.
const MOST_ASIDE: u32 = 1000;

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

    /// The file that progress is kept in, where there is a folder.
    pub fn file(&self) -> Option<PathBuf> {
        self.folder().map(|folder| folder.join(FILE))
    }

    /// A folder of one's own choice.
    pub fn in_folder(folder: &Path) -> Store {
        Store { folder: Some(folder.to_owned()) }
    }

    /// What was kept, and a warning where it could not be used. A file that does not hold progress is put aside; one
    /// that cannot be read is left as it is. Nothing is lost either way.
    pub fn load(&self) -> (Progress, Option<String>) {
        let Some(folder) = &self.folder else {
            return (Progress::default(), Some(no_folder()));
        };
        let looked = match look(folder) {
            Err(Unusable::Unsuited(_)) => {
                lock(folder).and_then(|_locked| look(folder).or_else(|unusable| put_aside(folder, &unusable)))
            }
            looked => looked.map_err(|unusable| told(folder, &unusable)),
        };
        looked.unwrap_or_else(|problem| (Progress::default(), Some(problem)))
    }

    /// Alters what is kept. Other sessions that do the same wait meanwhile, and what they have kept stays. The old file
    /// stays whole until the new one is; one that does not hold progress is put aside, which is what is given back.
    ///
    /// # Errors
    /// There is no place for it, the file cannot be written, or what is there cannot be read: it is not written over. In
    /// one line that says what to try.
    pub fn update(&self, alter: impl FnOnce(&mut Progress)) -> Result<Option<String>, String> {
        let folder = self.folder.as_ref().ok_or_else(no_folder)?;
        let cannot = |error: &dyn fmt::Display| {
            format!("your progress cannot be kept in '{}': {error}", folder.display())
        };
        fs::create_dir_all(folder).map_err(|error| cannot(&reason(&error)))?;
        let _locked = lock(folder)?;
        let (mut progress, note) = look(folder).or_else(|unusable| put_aside(folder, &unusable))?;
        alter(&mut progress);
        let text = progress.to_json().map_err(|error| cannot(&error))?;
        write_file(&folder.join(FILE), text.as_bytes()).map_err(|error| cannot(&reason(&error)))?;
        Ok(note)
    }
}

/// Why a file gives no progress.
enum Unusable {
    /// It cannot be read: nobody knows what is in it.
    Unread(String),
    /// It was read, and is no progress.
    Unsuited(String),
}

fn no_folder() -> String {
    format!("there is no home directory to keep progress in: set HOME or {FOLDER_VARIABLE}")
}

fn lock(folder: &Path) -> Result<File, String> {
    lock_folder(folder).map_err(|error| {
        format!("cannot lock '{}', where your progress is: {}", folder.display(), reason(&error))
    })
}

/// What is kept, and nothing to say about it.
fn look(folder: &Path) -> Result<(Progress, Option<String>), Unusable> {
    match read_file(&folder.join(FILE), MOST_BYTES) {
        Ok(bytes) if bytes.len() > MOST_BYTES => {
            Err(Unusable::Unsuited(format!("it is larger than {} MiB", MOST_BYTES >> 20)))
        }
        Ok(bytes) => Progress::read(&bytes).map(|progress| (progress, None)).map_err(Unusable::Unsuited),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Default::default()),
        Err(error) => Err(Unusable::Unread(reason(&error))),
    }
}

/// Renames a file that is no progress, and says so. The folder is locked.
fn put_aside(folder: &Path, unusable: &Unusable) -> Result<(Progress, Option<String>), String> {
    let Unusable::Unsuited(problem) = unusable else { return Err(told(folder, unusable)) };
    let name = |number: u32| match number {
        0 => format!("{FILE}.bad"),
        _ => format!("{FILE}.bad-{number}"),
    };
    let is_free =
        |path: &PathBuf| path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    let free = (0..MOST_ASIDE).map(|number| folder.join(name(number))).find(is_free);
    let free = free.ok_or_else(|| told(folder, unusable))?;
    fs::rename(folder.join(FILE), &free).map_err(|_| told(folder, unusable))?;
    let note = format!("your progress could not be used ({problem}); it is kept in '{}'", free.display());
    Ok((Progress::default(), Some(note)))
}

/// What is wrong with a file that stays where it is, and what to try.
fn told(folder: &Path, unusable: &Unusable) -> String {
    let (Unusable::Unread(problem) | Unusable::Unsuited(problem)) = unusable;
    format!(
        "your progress in '{}' cannot be read ({problem}); it is left as it is, and no new progress is kept: \
         make it readable, or move it away",
        folder.join(FILE).display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;
    use vethlab_engine::lesson::progress::LessonProgress;

    fn files(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    fn reach(store: &Store, lesson: &str, steps: usize) -> Result<Option<String>, String> {
        store.update(|progress| progress.reached("pack", lesson, steps, false))
    }

    #[test]
    fn what_is_kept_is_loaded() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::in_folder(&folder.path().join("deep"));
        assert_eq!(store.load(), (Progress::default(), None));
        store.update(|progress| progress.reached("pack", "one", 3, true)).expect("kept");
        reach(&store, "one", 1).expect("kept again");
        let (progress, warning) = store.load();
        assert_eq!(warning, None);
        assert_eq!(progress.of("pack", "one"), LessonProgress { steps: 3, done: true, left: None });
        assert_eq!(progress.of("pack", "two"), LessonProgress::default());
        assert_eq!(files(&folder.path().join("deep")), [FILE]);
    }

    #[test]
    fn who_keeps_at_the_same_time_loses_nothing() {
        const EACH: usize = 40;
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::in_folder(folder.path());
        thread::scope(|scope| {
            for name in ["a", "b", "c", "d"] {
                let store = &store;
                scope.spawn(move || {
                    for number in 0..EACH {
                        reach(store, &format!("{name}{number}"), 1).expect("kept");
                    }
                });
            }
        });
        let (progress, _) = store.load();
        for name in ["a", "b", "c", "d"] {
            for number in 0..EACH {
                let lesson = format!("{name}{number}");
                assert_eq!(progress.of("pack", &lesson).steps, 1, "{lesson} is lost");
            }
        }
    }

    #[test]
    fn a_broken_file_is_kept_aside() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::in_folder(folder.path());
        for broken in ["{", "{\"format\":9,\"lessons\":{}}"] {
            fs::write(folder.path().join(FILE), broken).expect("a file");
            let (progress, warning) = store.load();
            assert_eq!(progress, Progress::default());
            assert!(warning.is_some_and(|text| text.contains(".bad") && !text.contains('\n')));
        }
        fs::write(folder.path().join(FILE), "[").expect("a file");
        let note = reach(&store, "one", 1).expect("kept").expect("a note");
        assert!(note.contains("progress.json.bad-2"), "{note}");
        assert_eq!(
            files(folder.path()),
            [FILE, "progress.json.bad", "progress.json.bad-1", "progress.json.bad-2"]
        );
        assert_eq!(fs::read_to_string(folder.path().join("progress.json.bad")).expect("the first"), "{");
    }

    /// What stands for a file that cannot be read, by root too: a folder, and a link to nothing that can be opened.
    #[test]
    fn what_cannot_be_read_is_not_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, file) = (Store::in_folder(folder.path()), folder.path().join(FILE));
        let make_folder = || fs::create_dir(&file);
        let make_loop = || std::os::unix::fs::symlink(FILE, &file);
        for make in [&make_folder as &dyn Fn() -> io::Result<()>, &make_loop] {
            make().expect("something in its place");
            let before = file.symlink_metadata().expect("it is there").file_type();
            let (progress, warning) = store.load();
            let problem = reach(&store, "one", 1).expect_err("it is not kept");
            assert_eq!((progress, warning.as_deref()), (Progress::default(), Some(problem.as_str())));
            assert!(problem.contains("left as it is") && problem.contains("move it away"), "{problem}");
            assert_eq!(file.symlink_metadata().expect("it is there").file_type(), before);
            assert_eq!(files(folder.path()), [FILE]);
            fs::remove_dir(&file).or_else(|_| fs::remove_file(&file)).expect("removed");
        }
    }

    #[test]
    fn a_place_that_cannot_be_written_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        fs::write(&file, "not a folder").expect("a file");
        reach(&Store::in_folder(&file), "one", 1).expect_err("it is no folder");
    }
}
