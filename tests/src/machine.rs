//! A machine whose time can be walked through, as somebody sits before it.

use vethlab_engine::history::TimeMachine;
use vethlab_programs::session::Outcome;
use vethlab_programs::{Console, Transcript};

/// Types a line: what came of it, and all that was printed.
pub fn type_in(machine: &mut TimeMachine, line: &str) -> (Outcome, String) {
    let mut transcript = Transcript::default();
    let outcome = machine.execute(line, &mut transcript);
    (outcome, transcript.stdout + &transcript.stderr)
}

/// A console whose lines may be so wide, in columns, and what it was told.
pub struct Wide(pub Transcript, pub usize);

impl Console for Wide {
    fn out(&mut self, text: &str) {
        self.0.out(text);
    }
    fn err(&mut self, text: &str) {
        self.0.err(text);
    }
    fn width(&self) -> usize {
        self.1
    }
    fn save(&mut self, file: &str, bytes: &[u8]) -> Result<(), String> {
        self.0.save(file, bytes)
    }
}
