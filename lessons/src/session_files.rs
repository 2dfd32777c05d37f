//! The files of `--pcap` and `--events`: all frames of a session for Wireshark, and all that happened for programs.

use crate::output::{reason, shown};
use std::fmt;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use vethlab_engine::machine::Machine;
use vethlab_engine::stacks::StackChoice;
use vethlab_explain::capture::{Capture, Mark};
use vethlab_explain::journal::Journal;
use vethlab_shared::event::{Event, json};

/// What is to be written, and where.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The frames, as pcapng.
    pub pcap: Option<PathBuf>,
    /// The events, as JSON lines.
    pub events: Option<PathBuf>,
}

impl Wanted {
    /// The files of a session on these stacks. With two of them each has files of its own: `f.sim.pcapng` and
    /// `f.real.pcapng` in the place of `f.pcapng`.
    pub fn places(&self, choices: &[StackChoice]) -> Vec<Place> {
        let mut places = Vec::new();
        for (form, path) in [(Form::Frames, &self.pcap), (Form::Events, &self.events)] {
            let Some(path) = path else { continue };
            for &choice in choices {
                let path = if choices.len() > 1 { of_stack(path, choice) } else { path.clone() };
                places.push(Place { choice, form, path });
            }
        }
        places
    }
}

/// A path with the name of a stack before its last extension.
fn of_stack(path: &Path, choice: StackChoice) -> PathBuf {
    match path.extension() {
        Some(extension) => {
            let mut own = std::ffi::OsString::from(choice.name());
            own.push(".");
            own.push(extension);
            path.with_extension(own)
        }
        None => path.with_extension(choice.name()),
    }
}

/// A file: what is written there, and of which stack.
#[derive(Clone, Debug)]
pub struct Place {
    choice: StackChoice,
    /// What is written there.
    pub form: Form,
    /// Where it is.
    pub path: PathBuf,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// All frames, as pcapng.
    Frames,
    /// All that happened, as JSON lines.
    Events,
}

impl Form {
    /// The option that asks for it.
    pub fn option(self) -> &'static str {
        match self {
            Form::Frames => "--pcap",
            Form::Events => "--events",
        }
    }

    /// How it is called in a sentence.
    pub fn what(self) -> &'static str {
        match self {
            Form::Frames => "the capture",
            Form::Events => "the file of events",
        }
    }
}

/// The files of a session. Each is whole after every command, however the session ends.
#[derive(Debug, Default)]
pub struct SessionFiles {
    files: Vec<SessionFile>,
}

impl SessionFiles {
    /// Makes the files; what is there already is overwritten, as `cp` does.
    ///
    /// # Errors
    /// One cannot be made, in one line that says why.
    pub fn create(places: Vec<Place>) -> Result<SessionFiles, String> {
        let files = places.into_iter().map(SessionFile::create).collect::<Result<_, _>>()?;
        Ok(SessionFiles { files })
    }

    /// Says that the stacks are fresh ones, whose events are numbered from the beginning again: of events the file
    /// holds those of the new stack, of frames a new section begins.
    ///
    /// # Errors
    /// A file cannot be written, in one line that says why.
    pub fn stacks_are_fresh(&mut self) -> Result<(), String> {
        self.each(SessionFile::stack_is_fresh)
    }

    /// Writes what the machines have seen since the last time; what was undone since then is taken out.
    ///
    /// # Errors
    /// A file cannot be written, in one line that says why. It is said once; nothing is written there after that.
    pub fn take_in(&mut self, machines: &[Machine]) -> Result<(), String> {
        self.each(|file| {
            let machine = machines.iter().find(|machine| machine.choice() == file.place.choice);
            machine.map_or(Ok(()), |machine| file.follow(machine.journal()))
        })
    }

    /// Writes what is still to come of what happened, as the session ends.
    ///
    /// # Errors
    /// A file is not whole, now or since long ago, in one line that says why.
    pub fn finish(mut self, machines: &mut [Machine]) -> Result<(), String> {
        let Some(first) = self.files.first() else { return Ok(()) };
        // To wait for no time at all takes in what has happened.
        let mut idle = machines.iter_mut().map(|machine| machine.idle_until(machine.now()));
        let taken_in = idle.try_for_each(|done| done).map_err(|error| first.failed(&error));
        self.take_in(machines)?;
        self.files.into_iter().find_map(|file| file.failure).map_or(taken_in, Err)
    }

    fn each(&mut self, act: impl Fn(&mut SessionFile) -> io::Result<()>) -> Result<(), String> {
        let mut all = Ok(());
        for file in self.files.iter_mut().filter(|file| file.failure.is_none()) {
            file.failure = act(file).err().map(|error| file.failed(&reason(&error)));
            all = all.and(file.failure.clone().map_or(Ok(()), Err));
        }
        all
    }
}

/// A file that grows with the journal of a session, and shrinks with it.
#[derive(Debug)]
struct SessionFile {
    place: Place,
    file: File,
    /// Which interfaces were described in this section.
    capture: Capture,
    /// The number of the first event that is not written yet.
    next: u64,
    /// What was written, piece by piece.
    pieces: Vec<Piece>,
    /// How many bytes there are.
    length: u64,
    /// Why it could not be written any further.
    failure: Option<String>,
}

/// Where the file was before something was added, and the last event of that.
#[derive(Clone, Debug)]
struct Piece {
    next: u64,
    length: u64,
    interfaces: Mark,
    last: Event,
}

impl Piece {
    /// Whether the journal no longer says so: it was taken back, and something else may have happened instead.
    fn is_taken_back(&self, journal: &Journal) -> bool {
        match journal.event(self.last.number) {
            Some(event) => *event != self.last,
            // What is too old to be kept stays written.
            None => journal.events().first().is_none_or(|first| self.last.number >= first.number),
        }
    }
}

impl SessionFile {
    fn create(place: Place) -> Result<SessionFile, String> {
        let file = File::create(&place.path).map_err(|error| failed(&place, &reason(&error)))?;
        let capture = Capture::default();
        let mut file =
            SessionFile { place, file, capture, next: 1, pieces: Vec::new(), length: 0, failure: None };
        file.begin().map_err(|error| file.failed(&reason(&error)))?;
        Ok(file)
    }

    /// Writes what stands before all events of a stack.
    fn begin(&mut self) -> io::Result<()> {
        let beginning = match self.place.form {
            Form::Frames => {
                let (capture, beginning) = Capture::begin(concat!("vethlab ", env!("CARGO_PKG_VERSION")));
                self.capture = capture;
                beginning
            }
            Form::Events => json::header()?.into_bytes(),
        };
        self.write(&beginning)
    }

    fn stack_is_fresh(&mut self) -> io::Result<()> {
        if self.place.form == Form::Events {
            self.cut(0)?;
        }
        self.pieces.clear();
        self.next = 1;
        self.begin()
    }

    /// Makes the file what the journal is.
    fn follow(&mut self, journal: &Journal) -> io::Result<()> {
        while let Some(piece) = self.pieces.pop_if(|piece| piece.is_taken_back(journal)) {
            self.cut(piece.length)?;
            self.next = piece.next;
            self.capture.go_back(piece.interfaces);
        }
        let new = journal.events_from(self.next);
        if let Some(last) = new.last() {
            let (next, length, interfaces) = (self.next, self.length, self.capture.mark());
            self.pieces.push(Piece { next, length, interfaces, last: last.clone() });
            let bytes = self.bytes(new)?;
            self.write(&bytes)?;
            self.next = last.number + 1;
        }
        Ok(())
    }

    fn bytes(&mut self, events: &[Event]) -> io::Result<Vec<u8>> {
        match self.place.form {
            Form::Frames => Ok(self.capture.append(events)),
            Form::Events => Ok(json::lines(events)?.into_bytes()),
        }
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.file.seek(SeekFrom::Start(length))?;
        self.length = length;
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn failed(&self, problem: &dyn fmt::Display) -> String {
        failed(&self.place, problem)
    }
}

fn failed(place: &Place, problem: &dyn fmt::Display) -> String {
    format!("cannot write {} '{}': {problem}", place.form.what(), shown(&place.path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_stacks_have_files_of_their_own() {
        for (path, own) in
            [("f.pcapng", "f.sim.pcapng"), ("a.b/f", "a.b/f.sim"), ("/f.x.pcapng", "/f.x.sim.pcapng")]
        {
            assert_eq!(of_stack(Path::new(path), StackChoice::Sim), Path::new(own));
        }
    }
}
