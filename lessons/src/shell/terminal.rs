//! What a person sees, and how they stop a program.

use super::live::LiveTerminal;
use crate::interrupts::Interrupts;
use crate::output::{self, Streams};
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use vethlab_engine::lesson::dialogue::show_screenful;
use vethlab_engine::paint::Paint;
use vethlab_engine::screen::Screen;
use vethlab_programs::{Console, Live};
use vethlab_shared::time::Duration;

/// The streams of a prompt: a terminal with a person before it, or pipes.
#[derive(Debug)]
pub struct Terminal {
    streams: Streams,
    interrupts: Interrupts,
    person: bool,
    virtual_time: bool,
    writes_files: bool,
    paint: Paint,
    /// What waits of a long text until its reader goes on.
    held: String,
    /// Whether it was wiped.
    cleared: bool,
    /// While a program draws text anew in place.
    live: Option<LiveTerminal>,
}

impl Terminal {
    /// The standard streams, on which no program writes over these files. With a terminal on both sides Ctrl-C stops
    /// programs and not vethlab; other signals stop both, the program first.
    ///
    /// # Errors
    /// The system does not let signals be caught.
    pub fn open(spared: Vec<PathBuf>) -> io::Result<Terminal> {
        let person = io::stdin().is_terminal() && io::stdout().is_terminal();
        let interrupts = Interrupts::notice(person)?;
        Ok(Terminal {
            streams: Streams::sparing(spared),
            interrupts,
            person,
            virtual_time: false,
            writes_files: true,
            paint: output::paint(),
            held: String::new(),
            cleared: false,
            live: None,
        })
    }

    /// From now on programs may write no files: what runs is not what the person typed.
    pub fn refuse_files(&mut self) {
        self.writes_files = false;
    }

    /// Set by Ctrl-C and the signals that end vethlab: what runs on the stacks is to stop.
    pub fn stop(&self) -> &Arc<AtomicBool> {
        self.interrupts.stop()
    }

    /// Whether Ctrl-C was pressed since this was asked last, or since a program began.
    pub fn take_interrupt(&mut self) -> bool {
        self.interrupts.take()
    }

    /// Whether a long text waits for its reader to go on.
    pub fn holds_text(&self) -> bool {
        !self.held.is_empty()
    }

    /// Shows the next screenful of a long text.
    pub fn show_more(&mut self) {
        let held = std::mem::take(&mut self.held);
        self.held = show_screenful(&held, 0, self);
    }

    /// Shows no more of a long text.
    pub fn drop_held(&mut self) {
        self.held.clear();
    }

    /// Wipes all that stands on it, and what has scrolled away too: what clear(1) writes on an xterm.
    pub fn clear(&mut self) {
        self.out("\x1b[H\x1b[2J\x1b[3J");
        self.cleared = true;
    }

    /// Whether all that was printed so far arrived.
    ///
    /// # Errors
    /// How the first write that failed did.
    pub fn check(&self) -> io::Result<()> {
        self.streams.check()
    }

    /// The exit status that vethlab is to end with, where a signal has asked it to.
    pub fn asked_to_end(&self) -> Option<u8> {
        self.interrupts.asked_to_end()
    }
}

impl Screen for Terminal {
    fn paint(&self) -> Paint {
        self.paint
    }
    fn height(&self) -> Option<usize> {
        if self.person { output::terminal_height() } else { None }
    }
    fn take_cleared(&mut self) -> bool {
        std::mem::take(&mut self.cleared)
    }
    fn begin_program(&mut self, virtual_time: bool) {
        // What was pressed before is not meant for it.
        self.interrupts.begin_work();
        self.virtual_time = virtual_time;
    }
    fn end_program(&mut self) {
        self.live = None;
        self.interrupts.end_work();
    }
}

impl Console for Terminal {
    fn out(&mut self, text: &str) {
        self.live = None;
        self.streams.out(text);
    }
    fn err(&mut self, text: &str) {
        self.live = None;
        self.streams.err(text);
    }
    fn page(&mut self, text: &str) {
        // The line that was typed stands above it.
        self.held = show_screenful(text, 1, self);
    }
    fn interrupted(&self) -> bool {
        self.interrupts.any() || self.streams.interrupted()
    }
    fn interactive(&self) -> bool {
        self.person
    }
    fn width(&self) -> usize {
        self.streams.width()
    }
    fn pace(&mut self, passed: Duration) {
        if !(self.person && self.virtual_time) {
            return;
        }
        let deadline = Instant::now() + passed;
        while !self.interrupted() {
            let left = deadline.saturating_duration_since(Instant::now());
            // A system that does not let anybody wait does not pace either.
            if left.is_zero() || self.interrupts.wait(left).is_err() {
                return;
            }
        }
    }
    fn live(&mut self) -> Option<&mut dyn Live> {
        if self.live.is_none() && self.person {
            // A terminal that gives no single keys shows the plain text.
            self.live = LiveTerminal::begin(self.interrupts.clone(), self.paint).ok();
        }
        self.live.as_mut().map(|live| live as &mut dyn Live)
    }
    fn save(&mut self, file: &str, bytes: &[u8]) -> Result<(), String> {
        match self.writes_files {
            true => self.streams.save(file, bytes),
            false => Err("a lesson that plays itself writes no files".to_owned()),
        }
    }
}
