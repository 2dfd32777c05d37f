//! The file of `--pcap`: all frames of a session, for Wireshark.

use crate::output::reason;
use crate::seat::Seat;
use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use vethlab_shared::capture::Capture;

/// A file that is a whole capture after every command, however the session ends.
#[derive(Debug)]
pub struct CaptureFile {
    path: PathBuf,
    file: File,
    capture: Capture,
    /// For each seat, the number of the last event that was written.
    written: Vec<u64>,
    /// Why it could not be written any further.
    failure: Option<String>,
}

impl CaptureFile {
    /// Makes the file; one that is there already is overwritten, as `cp` does.
    ///
    /// # Errors
    /// The file cannot be made, in one line that says why.
    pub fn create(path: &Path) -> Result<CaptureFile, String> {
        let (capture, beginning) = Capture::begin(concat!("vethlab ", env!("CARGO_PKG_VERSION")));
        let file = File::create(path).and_then(|mut file| file.write_all(&beginning).map(|()| file));
        let file = file.map_err(|error| failed(path, &reason(&error)))?;
        Ok(CaptureFile { path: path.to_owned(), file, capture, written: Vec::new(), failure: None })
    }

    /// Says that the stacks are fresh ones, whose events are numbered from the beginning again.
    pub fn stacks_are_fresh(&mut self) {
        self.written.clear();
    }

    /// Writes what the seats have seen since the last time. With two of them each interface's name begins with its
    /// stack's: `sim:red/veth-red`.
    ///
    /// # Errors
    /// The file cannot be written, in one line that says why. It is said once; nothing is written after that.
    pub fn take_in(&mut self, seats: &[Seat]) -> Result<(), String> {
        if self.failure.is_some() {
            return Ok(());
        }
        self.written.resize(seats.len(), 0);
        let mut bytes = Vec::new();
        for (seat, written) in seats.iter().zip(&mut self.written) {
            let journal = seat.journal();
            let last = journal.events().last().map_or(0, |event| event.number);
            let new = journal.events_from(*written + 1);
            let prefix = if seats.len() > 1 { format!("{}:", seat.choice()) } else { String::new() };
            bytes.extend(self.capture.append(&prefix, new));
            // Less than before where commands were taken back.
            *written = last;
        }
        self.file.write_all(&bytes).map_err(|error| {
            let line = failed(&self.path, &reason(&error));
            self.failure = Some(line.clone());
            line
        })
    }

    /// Writes what is still to come of what happened, as the session ends.
    ///
    /// # Errors
    /// The file is not whole, now or since long ago, in one line that says why.
    pub fn finish(mut self, seats: &mut [Seat]) -> Result<(), String> {
        // To wait for no time at all takes in what has happened.
        let mut idle = seats.iter_mut().map(|seat| seat.idle_until(seat.now()));
        let taken_in = idle.try_for_each(|done| done).map_err(|error| failed(&self.path, &error));
        self.take_in(seats)?;
        self.failure.map_or(taken_in, Err)
    }
}

fn failed(path: &Path, problem: &dyn fmt::Display) -> String {
    format!("cannot write the capture '{}': {problem}", path.display())
}
