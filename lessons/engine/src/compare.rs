//! Two transcripts of the same commands, and where they differ.
//!
//! Times, random MAC addresses and ports that the kernel chose are no difference: [`Normaliser`] takes them out first.

mod connections;
mod frames;
mod lines;
mod normalise;
mod side_by_side;
mod web;

pub use frames::{
    FieldValue, FrameComparison, FrameMatch, FrameRow, LinkFrames, Passage, Recorded, SOFTIRQ_WEIGHT,
    frames_side_by_side, record,
};
pub(crate) use frames::{FrameLockstep, FrameWatch};
pub use lines::{Row, align};
pub use normalise::Normaliser;
pub use side_by_side::side_by_side;

use serde::{Deserialize, Serialize};
use vethlab_programs::Transcript;
use vethlab_shared::status::Status;

/// The first port that the kernel may choose for a socket by itself (`net.ipv4.ip_local_port_range`).
const FIRST_CHOSEN_PORT: u16 = 32_768;

/// What a command did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The command as typed, without the white space around it.
    pub command: String,
    /// Its exit status.
    pub status: Status,
    /// What it printed to standard output.
    pub stdout: String,
    /// What it printed to standard error.
    pub stderr: String,
}

impl Entry {
    /// What the command did, from what its console kept.
    pub fn new(command: &str, status: Status, transcript: Transcript) -> Entry {
        let Transcript { stdout, stderr } = transcript;
        Entry { command: command.to_owned(), status, stdout, stderr }
    }
}

/// A command that did not do the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Which command, counted from 1.
    pub number: usize,
    /// The left side, normalised; `None` where that side ended before.
    pub left: Option<Entry>,
    /// The right side, normalised; `None` where that side ended before.
    pub right: Option<Entry>,
}

impl Difference {
    /// The command that both sides ran.
    pub fn command(&self) -> &str {
        self.left.as_ref().or(self.right.as_ref()).map_or("", |entry| &entry.command)
    }
}

/// Compares two transcripts one command at a time, as they come.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    left: Normaliser,
    right: Normaliser,
    commands: usize,
}

impl Comparison {
    /// Nothing compared so far.
    pub fn new() -> Comparison {
        Comparison::default()
    }

    /// How many commands were compared so far.
    pub fn commands(&self) -> usize {
        self.commands
    }

    /// Takes what the next command did on each side; `None` for a side that ended before.
    pub fn next(&mut self, left: Option<&Entry>, right: Option<&Entry>) -> Option<Difference> {
        self.commands += 1;
        let left = left.map(|entry| self.left.entry(entry));
        let right = right.map(|entry| self.right.entry(entry));
        (left != right).then_some(Difference { number: self.commands, left, right })
    }
}

/// Where two transcripts differ.
pub fn differences(left: &[Entry], right: &[Entry]) -> Vec<Difference> {
    let mut comparison = Comparison::new();
    (0..left.len().max(right.len()))
        .filter_map(|number| comparison.next(left.get(number), right.get(number)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(command: &str, status: Status, stdout: &str) -> Entry {
        Entry { command: command.to_owned(), status, stdout: stdout.to_owned(), stderr: String::new() }
    }

    #[test]
    fn times_and_random_addresses_are_no_difference() {
        let left = [
            entry("ip link", 0, "2: a: x\n    link/ether aa:bb:cc:dd:ee:f2 brd ff:ff:ff:ff:ff:ff\n"),
            entry("ping", 0, "64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.031 ms\n"),
        ];
        let right = [
            entry("ip link", 0, "2: a: x\n    link/ether 02:11:22:33:44:56 brd ff:ff:ff:ff:ff:ff\n"),
            entry("ping", 0, "64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=12.4 ms\n"),
        ];
        assert_eq!(differences(&left, &right), []);
    }

    #[test]
    fn status_text_and_a_missing_command_are_differences() {
        let left = [entry("a", 0, "x\n"), entry("b", 0, ""), entry("c", 0, "same"), entry("d", 0, "")];
        let right = [entry("a", 0, "y\n"), entry("b", 1, ""), entry("c", 0, "same")];
        let found = differences(&left, &right);
        assert_eq!(found.iter().map(|one| one.number).collect::<Vec<_>>(), [1, 2, 4]);
        assert_eq!(found[2].command(), "d");
        assert_eq!(found[2].right, None);
    }
}
