//! Text that is drawn anew in place, and single keys from a terminal.

use crate::interrupts::Interrupts;
use crate::output::{Streams, terminal_height};
use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use nix::unistd::read;
use std::io;
use vethlab_engine::paint::Paint;
use vethlab_explain::map::Pen;
use vethlab_programs::{Console, Live};
use vethlab_shared::time::Duration;

/// A terminal that gives keys as they are pressed, and does not show them. As it was before, where this ends.
#[derive(Debug)]
pub(super) struct LiveTerminal {
    usual: Termios,
    interrupts: Interrupts,
    streams: Streams,
    paint: Paint,
    /// How many rows were drawn last.
    rows: usize,
}

impl LiveTerminal {
    /// Begins. Ctrl-C stays what it is.
    ///
    /// # Errors
    /// Standard input is no terminal.
    pub(super) fn begin(interrupts: Interrupts, paint: Paint) -> io::Result<LiveTerminal> {
        let usual = tcgetattr(io::stdin())?;
        let mut single = usual.clone();
        single.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
        tcsetattr(io::stdin(), SetArg::TCSADRAIN, &single)?;
        Ok(LiveTerminal { usual, interrupts, streams: Streams::new(), paint, rows: 0 })
    }

    /// Draws these lines in the place of those before, at once, so that nothing flickers: the cursor goes up (`CSI A`), what
    /// is right of each line is cleared (`CSI K`), and what is below them (`CSI J`).
    fn draw(&mut self, lines: &[String]) {
        let up = if self.rows > 0 { format!("\x1b[{}A\r", self.rows) } else { String::new() };
        let lines_text: String = lines.iter().map(|line| format!("{line}\x1b[K\n")).collect();
        self.streams.out(&format!("{up}{lines_text}\x1b[J"));
        self.rows = lines.len();
    }
}

impl Live for LiveTerminal {
    fn show(&mut self, text: &str) {
        // What is higher than the screen cannot be drawn anew: its lower end is shown.
        let most = terminal_height().map_or(usize::MAX, |height| height.saturating_sub(1).max(1));
        let width = self.streams.width();
        // The packet stands out where there is colour.
        let mark = Pen::UNICODE.packet;
        let line = |line: &str| -> String {
            let shown: String = line.chars().take(width).collect();
            shown.replace(mark, &self.paint.good(&mark.to_string()))
        };
        let lines: Vec<String> = text.lines().map(line).collect();
        self.draw(&lines[lines.len().saturating_sub(most)..]);
    }

    fn key(&mut self, at_most: Duration) -> Option<char> {
        // Where no key can be waited for, none was pressed.
        if !self.interrupts.wait_for_input(io::stdin(), at_most).unwrap_or(false) {
            return None;
        }
        let mut byte = [0];
        match read(io::stdin(), &mut byte) {
            Ok(1) => Some(char::from(byte[0])),
            _ => None,
        }
    }

    fn interrupted(&self) -> bool {
        self.interrupts.any() || self.streams.interrupted()
    }
}

impl Drop for LiveTerminal {
    fn drop(&mut self) {
        self.draw(&[]);
        // A terminal that has gone needs nothing.
        let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, &self.usual);
    }
}
