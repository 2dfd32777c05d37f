//! A file of events that grows with a session.

use super::Failure;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use vethlab::output::reason;
use vethlab_shared::event::json;
use vethlab_shared::journal::Journal;

/// The file, in the form that `EVENTS.md` describes.
pub(super) struct EventFile {
    path: PathBuf,
    file: File,
    /// The number of the first event that is not written yet.
    next: u64,
    /// Each piece that was written: the number of its first event, and where in the file it begins.
    pieces: Vec<(u64, u64)>,
    /// How many bytes there are.
    length: u64,
}

impl EventFile {
    /// Begins the file; what was in it is gone.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn create(path: &Path) -> Result<EventFile, Failure> {
        let file = File::create(path).map_err(|error| cannot_write(path, &error))?;
        let mut file = EventFile { path: path.to_owned(), file, next: 1, pieces: Vec::new(), length: 0 };
        file.write(json::header())?;
        Ok(file)
    }

    /// Takes in what happened since the last time. What was undone since then is taken out.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn append(&mut self, journal: &Journal) -> Result<(), Failure> {
        // A look at the past: nothing new happens there.
        if journal.moment().is_some() {
            return Ok(());
        }
        let end = journal.events().last().map_or(1, |event| event.number + 1);
        while self.next > end
            && let Some((first, place)) = self.pieces.pop()
        {
            self.cut(place).map_err(|error| cannot_write(&self.path, &error))?;
            self.next = first;
        }
        let new = journal.events_from(self.next);
        if !new.is_empty() {
            self.pieces.push((self.next, self.length));
            self.write(json::lines(new))?;
            self.next = end;
        }
        Ok(())
    }

    fn cut(&mut self, place: u64) -> io::Result<()> {
        self.file.set_len(place)?;
        self.file.seek(SeekFrom::Start(place))?;
        self.length = place;
        Ok(())
    }

    fn write(&mut self, text: serde_json::Result<String>) -> Result<(), Failure> {
        let text = text.map_err(io::Error::from);
        let written = text.and_then(|text| self.file.write_all(text.as_bytes()).map(|()| text.len()));
        self.length += written.map_err(|error| cannot_write(&self.path, &error))? as u64;
        Ok(())
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::bad_input(format_args!("cannot write '{}': {}", path.display(), reason(error)))
}
