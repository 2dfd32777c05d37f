//! A file beside another one that says that somebody works on that.
//!
//! A claim holds as long as its process lives: the system lets go of the lock on it, whatever ends the process. A file
//! that stays behind then claims nothing, and the next process that wants the claim takes the file over.

use crate::same_file::follow_links;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// How often the file may be gone, or be another one, by the time that it is locked: each time somebody else had it.
const MOST_TRIES: usize = 1000;

/// The permissions that a new file has, less those that the user's mask takes away.
const USUAL_MODE: u32 = 0o666;

/// The right to work on a file. It ends with this value.
#[derive(Debug)]
pub struct Claim {
    path: PathBuf,
    file: File,
    /// Whether the file is to be removed at the end.
    remove: bool,
}

impl Claim {
    /// Claims a file for as long as this value lives; `None` where somebody else has it. A link claims the file that it
    /// leads to.
    ///
    /// # Errors
    /// No file can be made or locked beside it.
    pub fn try_on(path: &Path) -> io::Result<Option<Claim>> {
        Claim::take(beside(&follow_links(path)?, "lock")?, USUAL_MODE, try_lock)
    }

    /// The file that is written before it takes the place of another one. Whoever writes the same file waits until the
    /// other has done so. What is left of one that was killed is written over. The file has the permissions of the one
    /// that it replaces, so that nobody else can read it meanwhile.
    ///
    /// # Errors
    /// The file cannot be made or locked.
    pub(crate) fn on_replacement_of(path: &Path, old: Option<&Metadata>) -> io::Result<Claim> {
        let lock = |file: &File| file.lock().map(|()| true).or_else(unless_unsupported);
        let mode = old.map_or(USUAL_MODE, Metadata::mode);
        let claim = Claim::take(beside(path, "new")?, mode, lock)?.ok_or(io::ErrorKind::WouldBlock)?;
        claim.file.set_len(0)?;
        if let Some(old) = old {
            claim.file.set_permissions(old.permissions())?;
        }
        Ok(claim)
    }

    fn take(path: PathBuf, mode: u32, lock: impl Fn(&File) -> io::Result<bool>) -> io::Result<Option<Claim>> {
        for _ in 0..MOST_TRIES {
            let (file, is_writable) = match open(&path, mode) {
                // A link is not ours.
                Err(error) if is(&error, Errno::ELOOP) => {
                    remove(&path)?;
                    continue;
                }
                opened => opened?,
            };
            if !lock(&file)? {
                return Ok(None);
            }
            match fs::symlink_metadata(&path) {
                // It was to take the place of a file that nobody may write to.
                Ok(there) if !is_writable && is_only_name_of(&there, &file.metadata()?) => {
                    remove(&path)?;
                }
                Ok(there) if is_only_name_of(&there, &file.metadata()?) => {
                    return Ok(Some(Claim { path, file, remove: true }));
                }
                // Another name of some other file: that one is not ours to write to.
                Ok(there) if !there.is_file() || there.nlink() > 1 => remove(&path)?,
                // Whoever had it has removed it or put it in its place, and another may be there now.
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }

    /// The file that is claimed.
    pub(crate) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Puts the file in the place of another one, in one step.
    ///
    /// # Errors
    /// It cannot be; it is removed then.
    pub(crate) fn put_in_place(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
        self.remove = false;
        Ok(())
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.remove {
            // While it is locked. What cannot be removed claims nothing, and is taken over the next time.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether a file that is open is the one that is there, and has no other name.
fn is_only_name_of(there: &Metadata, open: &Metadata) -> bool {
    open.is_file() && open.nlink() == 1 && (there.dev(), there.ino()) == (open.dev(), open.ino())
}

/// Opens the file of a claim, and makes it where there is none; and whether it can be written to. A link is not followed:
/// that is the error `ELOOP`. A pipe in its place is not waited for.
fn open(path: &Path, mode: u32) -> io::Result<(File, bool)> {
    let flags = (OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits();
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags).mode(mode & USUAL_MODE);
    // Not made empty yet: it may be somebody else's.
    match options.clone().write(true).create(true).truncate(false).open(path) {
        Err(denied) if denied.kind() == io::ErrorKind::PermissionDenied => match options.open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(denied),
            opened => Ok((opened?, false)),
        },
        opened => Ok((opened?, true)),
    }
}

/// Removes a file; somebody else may have done so.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Locks a file until it is closed; `false` where somebody else has locked it.
///
/// # Errors
/// It cannot be locked.
pub(crate) fn try_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => unless_unsupported(error),
    }
}

/// Where the file system has no locks, things are as if nobody else were there. `ENOLCK` comes from a network file system
/// without a service for locks.
fn unless_unsupported(error: io::Error) -> io::Result<bool> {
    let is_unsupported = error.kind() == io::ErrorKind::Unsupported || is(&error, Errno::ENOLCK);
    if is_unsupported { Ok(true) } else { Err(error) }
}

fn is(error: &io::Error, number: Errno) -> bool {
    error.raw_os_error() == Some(number as i32)
}

/// A hidden name beside a file that nobody else uses.
fn beside(path: &Path, purpose: &str) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    Ok(path.with_file_name(format!(".{name}.vethlab-{purpose}")))
}

/// Locks a folder until the file that is given back is dropped; waits while somebody else has locked it.
///
/// # Errors
/// It cannot be opened or locked.
pub(crate) fn lock_folder(folder: &Path) -> io::Result<File> {
    let open = File::open(folder)?;
    open.lock().map(|()| true).or_else(unless_unsupported)?;
    Ok(open)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry"));
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn one_at_a_time_has_a_claim_and_nothing_is_left_of_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ann.answer");
        let first = Claim::try_on(&path).expect("a claim").expect("nobody has it");
        assert!(Claim::try_on(&path).expect("an answer").is_none());
        drop(first);
        assert_eq!(names(folder.path()), [""; 0]);
        assert!(Claim::try_on(&path).expect("a claim").is_some());
    }

    #[test]
    fn what_a_killed_process_left_claims_nothing_and_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ann.answer");
        fs::write(folder.path().join(".ann.answer.vethlab-lock"), "").expect("a file");
        drop(Claim::try_on(&path).expect("a claim").expect("nobody has it"));
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn a_link_in_the_place_of_a_claim_leads_to_no_other_file() {
        for is_hard in [true, false] {
            let folder = tempfile::tempdir().expect("a folder");
            let (path, other) = (folder.path().join("a"), folder.path().join("other"));
            fs::write(&other, "kept").expect("a file");
            let place = folder.path().join(".a.vethlab-new");
            let linked = match is_hard {
                true => fs::hard_link(&other, &place),
                false => symlink(&other, &place),
            };
            linked.expect("a link");
            let claim = Claim::on_replacement_of(&path, None).expect("a claim");
            claim.put_in_place(&path).expect("in its place");
            assert_eq!(fs::read_to_string(&other).expect("the other"), "kept");
            assert_eq!(names(folder.path()), ["a", "other"]);
        }
    }

    #[test]
    fn a_link_in_the_place_of_a_claim_makes_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        symlink("elsewhere", folder.path().join(".a.vethlab-new")).expect("a link");
        let claim = Claim::on_replacement_of(&path, None).expect("a claim");
        assert_eq!(names(folder.path()), [".a.vethlab-new"]);
        claim.put_in_place(&path).expect("in its place");
        assert!(fs::symlink_metadata(&path).expect("a file").is_file());
    }

    #[test]
    fn a_link_claims_the_file_that_it_leads_to_whether_that_is_there_or_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        symlink("a.answer", path("b.answer")).expect("a link");
        for is_there in [false, true] {
            if is_there {
                fs::write(path("a.answer"), "").expect("a file");
            }
            let _claim = Claim::try_on(&path("a.answer")).expect("a claim").expect("nobody has it");
            assert!(Claim::try_on(&path("b.answer")).expect("an answer").is_none());
        }
    }

    #[test]
    fn where_there_is_no_service_for_locks_nobody_else_is_there() {
        for (number, is_fine) in [(Errno::ENOLCK, true), (Errno::EOPNOTSUPP, true), (Errno::ENOMEM, false)] {
            assert_eq!(unless_unsupported(io::Error::from(number)).is_ok(), is_fine, "{number}");
        }
    }
}
