//! A program that runs: it is stepped, and between two steps it waits.
//!
//! That a program is stepped makes one mechanism of all that several programs need: whoever steps it decides when it
//! goes on, so that it can run in the foreground or beside another one, be stopped, and be looked at in between.

use super::{Context, Failure};
use std::fmt;
use std::sync::Arc;
use vethlab_shared::error::StackError;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::SocketId;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::status::Status;
use vethlab_shared::time::Instant;
use vethlab_shared::words::WordList;

/// A program that runs.
pub trait Process: CloneProcess + fmt::Debug + Send {
    /// Goes on until it has ended, or has to wait. It may be stepped before what it waits for has come: then it does
    /// what is due, and waits again.
    ///
    /// # Errors
    /// Why it ended early.
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure>;

    /// How it ends where the stack would not let it wait.
    fn cannot_wait(&self, error: StackError) -> Failure {
        super::refused(error, 1, |errno| format!("poll: {errno}"))
    }

    /// Closes the sockets that are open, as the kernel does when a process has ended.
    fn close(&mut self, _stack: &mut dyn NetworkStack) {}

    /// Whether it has a handler for this signal. One that has looks whether [`Console::interrupted`] holds; the others
    /// are ended by the signal.
    ///
    /// [`Console::interrupted`]: super::Console::interrupted
    fn handles(&self, _signal: Signal) -> bool {
        false
    }

    /// Whether what it wrote last does not end its line: where Ctrl-C ends it, whatever comes next begins a new one.
    fn leaves_line_open(&self) -> bool {
        false
    }

    /// Whether it comes to an end with nobody to stop it.
    fn ends_by_itself(&self) -> bool {
        true
    }

    /// The namespace that it has gone to, where that is another one than it began in.
    fn namespace(&self) -> Option<&NamespaceName> {
        None
    }
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Poll {
    /// The program has ended with this status.
    Ready(Status),
    /// It waits.
    Pending(Wait),
}

/// What a program waits for: the first of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// This time has come.
    pub deadline: Instant,
    /// One of these has something to read.
    pub sockets: Vec<SocketId>,
    /// A program in the background has ended (`SIGCHLD`).
    pub children: bool,
    /// Where what it waits for keeps: when something came last. A capture shows frames, which the kernel holds until
    /// they are read; beside another program it need not be stepped before that one has ended, or a person looks on.
    pub patient: Option<Instant>,
}

impl Wait {
    /// For a time, or for something to read before that.
    pub fn until(deadline: Instant, sockets: Vec<SocketId>) -> Wait {
        Wait { deadline, sockets, children: false, patient: None }
    }
}

/// Standard input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Input {
    /// It is at its end: in a script, in the background, and behind `</dev/null`.
    #[default]
    Empty,
    /// A terminal at which nobody types: what is typed there is for the shell.
    Silent,
    /// This, and then its end.
    Bytes(Arc<[u8]>),
}

impl Input {
    /// All that can be read, as text. `None` at a terminal.
    pub fn text(&self) -> Option<Arc<str>> {
        match self {
            Input::Empty => Some("".into()),
            Input::Silent => None,
            Input::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into()),
        }
    }

    /// How many bytes are there to be read.
    pub(crate) fn length(&self) -> usize {
        match self {
            Input::Empty | Input::Silent => 0,
            Input::Bytes(bytes) => bytes.len(),
        }
    }
}

/// A signal that ends a program (signal(7)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// `SIGINT`: Ctrl-C.
    Interrupt,
    /// `SIGTERM`: what `kill` sends.
    Terminate,
}

impl Signal {
    /// The exit status that a shell gives a program which it ended: 128 and its number.
    pub fn status(self) -> Status {
        match self {
            Signal::Interrupt => 128 + 2,
            Signal::Terminate => 128 + 15,
        }
    }
}

/// Cloning behind a pointer: a session is kept and gone back to with all that runs in it.
pub trait CloneProcess {
    /// The same process once more.
    fn boxed_clone(&self) -> Box<dyn Process>;
}

impl<T: Process + Clone + 'static> CloneProcess for T {
    fn boxed_clone(&self) -> Box<dyn Process> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn Process> {
    fn clone(&self) -> Box<dyn Process> {
        // Of what is in the box, not of the box.
        (**self).boxed_clone()
    }
}

/// What a program does that never waits.
pub(crate) type Run = fn(&[String], &mut Context<'_>) -> Result<Status, Failure>;

/// A program that never waits: it has ended after its first step.
#[derive(Clone)]
pub(crate) struct Once {
    words: WordList,
    run: Run,
}

impl Once {
    /// With the words behind its name.
    pub(crate) fn new(words: &WordList, run: Run) -> Once {
        Once { words: words.clone(), run }
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Once").field(&self.words).finish()
    }
}

impl Process for Once {
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        (self.run)(&self.words, context).map(Poll::Ready)
    }
}

/// A program that only says something.
#[derive(Clone, Debug)]
pub(crate) struct Says {
    /// To standard output.
    pub(crate) out: String,
    /// To standard error.
    pub(crate) err: String,
    /// Its exit status.
    pub(crate) status: Status,
}

impl Process for Says {
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        context.console.page(&self.out);
        context.console.err(&self.err);
        Ok(Poll::Ready(self.status))
    }
}

/// A program that does not understand its words, and says so.
#[derive(Clone, Debug)]
pub(crate) struct Fails(pub(crate) Failure);

impl Process for Fails {
    fn step(&mut self, _context: &mut Context<'_>) -> Result<Poll, Failure> {
        Err(self.0.clone())
    }
}
