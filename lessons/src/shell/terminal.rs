//! What a person sees, and how they stop a program.

use super::Paint;
use crate::output::Streams;
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use vethlab_shared::programs::Console;
use vethlab_shared::time::Duration;

/// How long a person waits at most for Ctrl-C to be noticed.
const SLICE: Duration = Duration::from_millis(20);

/// The width of a line where there is no terminal to ask.
const USUAL_WIDTH: usize = 80;

/// Ctrl-C, noticed.
#[derive(Clone, Debug, Default)]
pub struct Interrupts {
    pressed: Arc<AtomicBool>,
}

impl Interrupts {
    /// Notices Ctrl-C from now on, where it would have ended the process. A second one, while the first is
    /// still unheard, ends it after all.
    ///
    /// # Errors
    /// The system does not let signals be caught.
    pub fn notice() -> io::Result<Interrupts> {
        const ENDED_BY_INTERRUPT: i32 = 130;
        let pressed = Arc::new(AtomicBool::new(false));
        let interrupt = signal_hook::consts::SIGINT;
        signal_hook::flag::register_conditional_shutdown(
            interrupt,
            ENDED_BY_INTERRUPT,
            Arc::clone(&pressed),
        )?;
        signal_hook::flag::register(interrupt, Arc::clone(&pressed))?;
        Ok(Interrupts { pressed })
    }

    /// Whether Ctrl-C was pressed since it was last forgotten.
    pub fn pressed(&self) -> bool {
        self.pressed.load(Ordering::Relaxed)
    }

    /// What is set when Ctrl-C is pressed.
    pub fn flag(&self) -> &AtomicBool {
        &self.pressed
    }

    /// Forgets that Ctrl-C was pressed.
    pub fn forget(&self) {
        self.pressed.store(false, Ordering::Relaxed);
    }
}

/// The streams of a prompt: a terminal with a person before it, or pipes.
#[derive(Debug)]
pub struct Terminal {
    streams: Streams,
    interrupts: Interrupts,
    person: bool,
    virtual_time: bool,
    writes_files: bool,
    paint: Paint,
}

impl Terminal {
    /// The standard streams. With a terminal on both sides Ctrl-C stops programs and not vethlab.
    ///
    /// # Errors
    /// The system does not let signals be caught.
    pub fn open() -> io::Result<Terminal> {
        let person = io::stdin().is_terminal() && io::stdout().is_terminal();
        let interrupts = if person { Interrupts::notice()? } else { Interrupts::default() };
        Ok(Terminal {
            streams: Streams::new(),
            interrupts,
            person,
            virtual_time: false,
            writes_files: true,
            paint: Paint::for_stdout(),
        })
    }

    /// From now on programs may write no files: what runs is not what the person typed.
    pub fn refuse_files(&mut self) {
        self.writes_files = false;
    }

    /// Prints text of vethlab's own.
    pub fn say(&mut self, text: &str) {
        self.streams.out(text);
    }

    /// How vethlab's own text looks.
    pub fn paint(&self) -> Paint {
        self.paint
    }

    /// How many characters fit in a line.
    pub fn width(&self) -> usize {
        match terminal_size::terminal_size() {
            Some((terminal_size::Width(width), _)) => usize::from(width),
            None => USUAL_WIDTH,
        }
    }

    /// Whether all that was printed so far arrived.
    ///
    /// # Errors
    /// How the first write that failed did.
    pub fn check(&self) -> io::Result<()> {
        self.streams.check()
    }

    /// A program begins: what was pressed before is not meant for it.
    pub fn begin_program(&mut self, virtual_time: bool) {
        self.interrupts.forget();
        self.virtual_time = virtual_time;
    }
}

impl Console for Terminal {
    fn out(&mut self, text: &str) {
        self.streams.out(text);
    }
    fn err(&mut self, text: &str) {
        self.streams.err(text);
    }
    fn interrupted(&self) -> bool {
        self.interrupts.pressed() || self.streams.interrupted()
    }
    fn interactive(&self) -> bool {
        self.person
    }
    fn pace(&mut self, passed: Duration) {
        if !(self.person && self.virtual_time) {
            return;
        }
        let mut left = passed;
        while !left.is_zero() && !self.interrupted() {
            let slice = left.min(SLICE);
            std::thread::sleep(slice);
            left -= slice;
        }
    }
    fn save(&mut self, file: &str, bytes: &[u8]) -> Result<(), String> {
        match self.writes_files {
            true => self.streams.save(file, bytes),
            false => Err("a lesson that plays itself writes no files".to_owned()),
        }
    }
}
