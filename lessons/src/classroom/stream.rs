//! A report that is written while answers are graded, line by line, and resumed where a run was ended.

use super::grade::Found;
use super::report::Kept;
use crate::claim::try_lock;
use crate::output::{print, reason};
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;
use vethlab_engine::classroom::{Register, Tally};
use vethlab_engine::text::printable_line;

/// The longest line that is read back, in bytes.
const LONGEST_LINE: u64 = 16 << 20;

/// Where the lines go.
#[derive(Debug)]
pub enum Stream {
    /// To standard output.
    StandardOutput,
    /// To a file, which nobody else writes to meanwhile.
    File {
        /// The file, at its end, locked until it is closed.
        file: File,
        /// How it is told of.
        name: String,
    },
}

impl Stream {
    /// Begins a report on standard output.
    ///
    /// # Errors
    /// It does not take the first line.
    pub fn to_standard_output(head: &str) -> io::Result<Stream> {
        print(head)?;
        Ok(Stream::StandardOutput)
    }

    /// Begins a report in a file, or resumes one that was begun with the same head. The lines that are there count
    /// as far as they are those of the first answers, as these are now; what follows is cut off. Gives back how many of the
    /// answers are done; they were counted. Where a report may not be resumed, its lines are cut off and all answers are
    /// left to grade. A grade of an answer that is not graded now is never cut off.
    ///
    /// # Errors
    /// The file cannot be read and written, another run writes to it, or it is something else: in one line.
    pub fn to_file(
        path: &Path,
        head: &str,
        answers: &[Found],
        register: &Register,
        tally: &mut Tally,
        may_resume: bool,
    ) -> Result<(Stream, usize), String> {
        let name = printable_line(&path.to_string_lossy());
        let cannot = |error: io::Error| format!("cannot write '{name}': {}", reason(&error));
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = opened.map_err(cannot)?;
        if !file.metadata().map_err(cannot)?.is_file() {
            return Err(format!(
                "'{name}' is not a regular file: name one, or leave it out for standard output"
            ));
        }
        // The lock is on the file itself, and so holds by whatever name another run opens it.
        if !try_lock(&file).map_err(cannot)? {
            return Err(format!("another run writes to '{name}': wait for it, or name another file"));
        }
        let mut reader = BufReader::new(&file);
        let first = read_line(&mut reader).map_err(cannot)?;
        let (mut length, mut done) = (0, 0);
        if first == head.as_bytes() {
            length = first.len();
            for answer in if may_resume { answers } else { &[] } {
                let line = read_line(&mut reader).map_err(cannot)?;
                let is_whole = line.ends_with(b"\n");
                let kept = is_whole.then(|| Kept::read(&line)).flatten();
                let Some(kept) = kept.filter(|kept| is_of(kept, answer, register)) else {
                    if done == 0 && is_whole {
                        return Err(format!(
                            "'{name}' begins with the grade of another answer: name another file, or move it away"
                        ));
                    }
                    break;
                };
                tally.count(kept.standing, kept.outcomes.into_iter());
                (length, done) = (length + line.len(), done + 1);
            }
        } else if !head.as_bytes().starts_with(&first) {
            return Err(format!(
                "'{name}' is no report of this exercise with this program and these limits: name another file, or move \
                 it away"
            ));
        }
        drop(reader);
        if first == head.as_bytes()
            && let Some(other) = grade_of_another(&mut file, length as u64, answers).map_err(cannot)?
        {
            let other = printable_line(&other);
            return Err(format!(
                "'{name}' has the grade of '{other}', which is not graded now: name another file, or move it away"
            ));
        }
        file.set_len(length as u64).and_then(|()| file.seek(SeekFrom::End(0))).map_err(cannot)?;
        let mut stream = Stream::File { file, name };
        if length == 0 {
            stream.write(head).map_err(|error| stream.failed(&error))?;
        }
        Ok((stream, done))
    }

    /// Writes a line.
    ///
    /// # Errors
    /// It is not taken.
    pub fn write(&mut self, line: &str) -> io::Result<()> {
        match self {
            Stream::StandardOutput => print(line),
            Stream::File { file, .. } => file.write_all(line.as_bytes()),
        }
    }

    /// Ends the report: all of it is on the disk then.
    ///
    /// # Errors
    /// It is not.
    pub fn end(self) -> io::Result<()> {
        match self {
            Stream::StandardOutput => Ok(()),
            Stream::File { file, .. } => file.sync_all(),
        }
    }

    /// What to say of a line that was not taken.
    pub fn failed(&self, error: &io::Error) -> String {
        match self {
            Stream::StandardOutput => format!("cannot write the output: {}", reason(error)),
            Stream::File { name, .. } => format!("cannot write '{name}': {}", reason(error)),
        }
    }
}

/// A file that a line behind so many bytes is a grade of, and that is none of the answers: to cut that off would lose it.
fn grade_of_another(file: &mut File, behind: u64, answers: &[Found]) -> io::Result<Option<String>> {
    let known: BTreeSet<&str> = answers.iter().map(|answer| answer.file.as_str()).collect();
    file.seek(SeekFrom::Start(behind))?;
    let mut reader = BufReader::new(file);
    loop {
        let line = read_line(&mut reader)?;
        if line.is_empty() {
            return Ok(None);
        }
        // Who handed in nothing has no file.
        let other = Kept::read(&line).filter(|kept| !kept.file.is_empty() && !known.contains(&*kept.file));
        if let Some(kept) = other {
            return Ok(Some(kept.file.to_string()));
        }
    }
}

/// Whether a line is what would be written of an answer as it is now.
fn is_of(kept: &Kept, answer: &Found, register: &Register) -> bool {
    let notes = register.notes(answer.counts_as.as_ref());
    let (own, last) = kept.notes.split_at(kept.notes.len().saturating_sub(notes.len()));
    kept.file == answer.file
        && kept.digest == answer.digest
        && last == notes
        && !own.iter().any(|note| Register::is_note(note))
}

/// A line with its end; without, where the file ends there, or the line is too long to be one of a report.
fn read_line(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    reader.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    Ok(line)
}
