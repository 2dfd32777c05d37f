//! The commands that were typed at prompts, kept from one session to the next.

use crate::claim::lock_folder;
use crate::output::{read_file, reason, shown, write_file};
use crate::progress::FOLDER_VARIABLE;
use directories::ProjectDirs;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// How many commands are kept.
pub(super) const MOST: usize = 1000;
/// The longest command that is kept, in bytes.
const LONGEST: usize = 4096;
/// The largest file that is taken for a history, in bytes: that of sessions side by side may hold more than the commands
/// that are kept.
const MOST_BYTES: usize = 8 << 20;

const FILE: &str = "history";

/// The commands of this session and of those before it.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Where they are kept; `None` where they are not, or not any more.
    file: Option<PathBuf>,
    lines: Vec<String>,
}

impl History {
    /// Those that are kept where the environment says: in the folder of the learner's progress where one is named, else
    /// where the platform keeps the state of programs (`XDG_STATE_HOME`). A warning where they cannot be.
    pub(super) fn load() -> (History, Option<String>) {
        let named = std::env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty()).map(PathBuf::from);
        let usual = || {
            let places = ProjectDirs::from("", "", "vethlab")?;
            Some(places.state_dir().unwrap_or_else(|| places.data_dir()).to_owned())
        };
        // Where there is no home directory, that is said where progress is kept.
        named.or_else(usual).map_or_else(Default::default, |folder| History::in_folder(&folder))
    }

    fn in_folder(folder: &Path) -> (History, Option<String>) {
        let file = folder.join(FILE);
        match kept(folder, &file) {
            Ok(lines) => (History { file: Some(file), lines }, None),
            Err(error) => (History::default(), Some(warning(&file, &error))),
        }
    }

    /// The commands, the oldest first.
    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Takes in a command, and gives a warning where it cannot be kept: no other one is tried then.
    pub(super) fn add(&mut self, line: &str) -> Option<String> {
        if !can_be_kept(line) || self.lines.last().is_some_and(|last| last == line) {
            return None;
        }
        self.lines.push(line.to_owned());
        if self.lines.len() > MOST {
            self.lines.remove(0);
        }
        let file = self.file.as_ref()?;
        let failed = append(file, line).err()?;
        let warning = warning(file, &failed);
        self.file = None;
        Some(warning)
    }

    /// Forgets all, in the file too.
    pub(super) fn forget(&mut self) -> io::Result<()> {
        self.lines.clear();
        match &self.file {
            Some(file) if file.exists() => write_file(file, b""),
            _ => Ok(()),
        }
    }
}

fn warning(file: &Path, error: &io::Error) -> String {
    format!("your commands are not kept for the next session: '{}': {}", shown(file), reason(error))
}

/// What a line of the file may be: a terminal acts on nothing in it.
fn can_be_kept(line: &str) -> bool {
    !line.trim().is_empty() && line.len() <= LONGEST && !line.contains(char::is_control)
}

/// The last lines of the file. One that has grown to twice as many is cut, so that it is bounded.
fn kept(folder: &Path, file: &Path) -> io::Result<Vec<String>> {
    let bytes = match read_file(file, MOST_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().filter(|line| can_be_kept(line)).collect();
    let last = &lines[lines.len().saturating_sub(MOST)..];
    if text.lines().count() > 2 * MOST || bytes.len() > MOST_BYTES {
        let _locked = lock_folder(folder)?;
        let text: String = last.iter().map(|line| format!("{line}\n")).collect();
        write_file(file, text.as_bytes())?;
    }
    Ok(last.iter().map(|line| (*line).to_owned()).collect())
}

/// Writes a line behind the others, all at once: other sessions may do the same.
fn append(file: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    if fs::metadata(file).is_ok_and(|found| !found.is_file()) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(file)?;
    file.write_all(format!("{line}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(folder: &Path) -> History {
        let (history, warning) = History::in_folder(folder);
        assert_eq!(warning, None);
        history
    }

    #[test]
    fn commands_are_kept_and_found_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().join("new");
        let mut history = of(&folder);
        for line in ["ip link", "ip link", " ", "a\x1b[2Jb", "ip route"] {
            assert_eq!(history.add(line), None, "{line:?}");
        }
        assert_eq!(history.add(&"x".repeat(LONGEST + 1)), None);
        assert_eq!(history.lines(), ["ip link", "ip route"]);
        assert_eq!(of(&folder).lines(), ["ip link", "ip route"]);
        history.forget().expect("a file");
        assert!(of(&folder).lines().is_empty());
    }

    #[test]
    fn the_file_is_bounded() {
        let folder = tempfile::tempdir().expect("a folder");
        let lines: String = (0..=2 * MOST).map(|number| format!("echo {number}\n")).collect();
        fs::write(folder.path().join(FILE), lines).expect("a file");
        let history = of(folder.path());
        assert_eq!(history.lines().len(), MOST);
        assert_eq!(history.lines().last().map(String::as_str), Some("echo 2000"));
        let text = fs::read_to_string(folder.path().join(FILE)).expect("a file");
        assert_eq!(text.lines().count(), MOST);
        fs::write(folder.path().join(FILE), vec![b'x'; MOST_BYTES + 9]).expect("a file");
        assert!(of(folder.path()).lines().is_empty());
        assert_eq!(fs::metadata(folder.path().join(FILE)).expect("a file").len(), 0);
    }

    #[test]
    fn what_cannot_be_written_is_one_warning() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("file"), "").expect("a file");
        let mut history = History { file: Some(folder.path().join("file/history")), lines: Vec::new() };
        assert!(history.add("ip link").is_some_and(|warning| warning.contains("are not kept")));
        assert_eq!(history.add("ip route"), None);
        assert_eq!(history.lines(), ["ip link", "ip route"]);
        fs::create_dir(folder.path().join(FILE)).expect("a folder");
        let (history, warning) = History::in_folder(folder.path());
        assert!(
            history.lines().is_empty()
                && warning.is_some_and(|warning| warning.contains("not a regular file"))
        );
    }
}
