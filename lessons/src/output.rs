//! Standard output and standard error, where a reader who has gone is no error; and files that are read whole, or written
//! so that they stay whole.

use crate::claim::Claim;
use crate::same_file::{Target, follow_links};
use anstream::{AutoStream, ColorChoice};
use std::cell::Cell;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use vethlab_engine::paint::Paint;
use vethlab_engine::text::printable_line;
use vethlab_programs::{Console, USUAL_WIDTH};

/// Text in lines narrower than this cannot be read, whatever the terminal says.
const NARROWEST: usize = 44;

/// A console on the standard streams. Once a write fails nothing more is written, and running programs are
/// told to stop.
#[derive(Debug, Default)]
pub struct Streams {
    failure: Cell<Option<io::ErrorKind>>,
    /// Files that no program writes.
    spared: Vec<PathBuf>,
}

impl Streams {
    /// Both streams, as they are.
    pub fn new() -> Streams {
        Streams::default()
    }

    /// The same, where no program writes over these files: they are read, or written otherwise.
    pub fn sparing(spared: Vec<PathBuf>) -> Streams {
        Streams { spared, ..Streams::default() }
    }

    /// Whether all that was printed so far arrived.
    ///
    /// # Errors
    /// How the first write that failed did.
    pub fn check(&self) -> io::Result<()> {
        match self.failure.get() {
            Some(kind) => Err(kind.into()),
            None => Ok(()),
        }
    }

    fn write(&self, stream: &mut dyn Write, text: &str) {
        if self.failure.get().is_none()
            && let Err(error) = stream.write_all(text.as_bytes()).and_then(|()| stream.flush())
        {
            self.failure.set(Some(error.kind()));
        }
    }
}

impl Console for Streams {
    fn out(&mut self, text: &str) {
        self.write(&mut io::stdout().lock(), text);
    }
    fn err(&mut self, text: &str) {
        self.write(&mut io::stderr().lock(), text);
    }
    fn interrupted(&self) -> bool {
        self.failure.get().is_some()
    }
    fn width(&self) -> usize {
        match terminal_size::terminal_size() {
            Some((terminal_size::Width(width), _)) => usize::from(width).max(NARROWEST),
            None => USUAL_WIDTH,
        }
    }
    fn save(&mut self, file: &str, bytes: &[u8]) -> Result<(), String> {
        let target = Target::of(Path::new(file));
        match self.spared.iter().any(|path| Target::of(path) == target) {
            true => Err("this run reads or writes it already: name another file".to_owned()),
            false => write_file(Path::new(file), bytes).map_err(|error| reason(&error)),
        }
    }
}

/// How many lines the terminal shows, where there is one that says so.
pub fn terminal_height() -> Option<usize> {
    let (_, terminal_size::Height(height)) = terminal_size::terminal_size()?;
    Some(usize::from(height)).filter(|height| *height > 0)
}

/// How vethlab's own text looks: with colour as standard output, the environment and the terminal have it.
pub fn paint() -> Paint {
    Paint::new(AutoStream::choice(&io::stdout()) != ColorChoice::Never)
}

/// The system's words for an error, without the number that Rust adds.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error").map_or(text.clone(), |(words, _)| words.to_owned())
}

/// A file's bytes; of one that has more than so many, as many as show that it has.
///
/// # Errors
/// It cannot be read, or is something else than a file: to open a pipe would wait for somebody to write into it.
pub fn read_file(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A path as it is told, on one line: what a terminal would act on is made visible.
pub fn shown(path: &Path) -> String {
    printable_line(&path.to_string_lossy())
}

/// Prints text to standard output, all of it.
///
/// # Errors
/// The stream does not take it.
pub fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// The same where the exit code tells what came of it, too: a reader who has gone changes nothing of that.
///
/// # Errors
/// The stream does not take it, though somebody reads.
pub fn tell(text: &str) -> io::Result<()> {
    match print(text) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        told => told,
    }
}

/// Writes a file that is there whole or as it was before. A link stays one: the file that it leads to is written. What is
/// not a regular file (a pipe, a device) is written to. What is left where the process is killed meanwhile is taken over by
/// the next that writes the file.
///
/// # Errors
/// It cannot be written.
pub fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let old = match fs::metadata(path) {
        Ok(old) if !old.is_file() => {
            return OpenOptions::new().write(true).open(path)?.write_all(bytes);
        }
        Ok(old) => Some(old),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let target = if old.is_some() { fs::canonicalize(path)? } else { follow_links(path)? };
    let mut new = Claim::on_replacement_of(&target, old.as_ref())?;
    new.file().write_all(bytes)?;
    new.file().sync_all()?;
    new.put_in_place(&target)
}
