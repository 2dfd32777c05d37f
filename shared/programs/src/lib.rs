//! The programs, written once: they take the words that a person types, ask the stack, and print what the
//! tools of Debian 12 print.
//!
//! Each program is parse, then perform, then render. A word that a program does not know is an error that
//! says so; none is ever ignored. A [`session`] is where they are typed: words, shells, jobs.
#![forbid(unsafe_code)]

mod arp;
mod bridge;
mod cat;
mod client;
mod completion;
mod conntrack;
mod counted;
mod curl;
mod date;
pub mod echo;
mod files;
mod fnmatch;
mod getopt;
mod http;
mod ifconfig;
mod ip;
mod iptables;
pub mod jobs;
mod manual;
mod map;
mod nc;
mod nearest;
mod netstat;
mod nettools;
mod nft;
mod numbers;
mod packet;
mod packets;
mod pass_on;
mod ping;
pub mod process;
mod python3;
pub mod reach;
mod route;
mod schedule;
pub mod session;
mod shell;
mod simple;
mod sleep;
mod slip;
mod ss;
mod sudo;
mod sysctl;
mod table;
pub mod tcpdump;
mod telnet;
mod text;
mod traceroute;
mod watched;
mod wget;
mod why;

pub use completion::{Next, next};
pub use files::Files;
pub use iptables::FilterRule;
use jobs::Jobs;
pub use manual::own::{FRAMES, TIME};
pub use manual::{Form, Help, Page, modelled, overview};
pub use nearest::nearest;
use process::{Fails, Input, Once, Process, Run};
pub use simple::listed;
use table::program;
pub use table::table;
use vethlab_explain::journal::{Effect, Invocation, Journal, View};
use vethlab_explain::why::{StackBeside, borrowed};
use vethlab_shared::budget::Exhausted;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::status::Status;
use vethlab_shared::time::Duration;
use vethlab_shared::words::{self, WordList};

/// How many characters fit in a line where there is no terminal to ask.
pub const USUAL_WIDTH: usize = 80;

/// Where a program's text goes.
pub trait Console {
    /// Takes text for standard output.
    fn out(&mut self, text: &str);
    /// Takes text for standard error.
    fn err(&mut self, text: &str);
    /// Takes a text for standard output that is read from its beginning, such as a manual page: a screen shows it by the
    /// screenful.
    fn page(&mut self, text: &str) {
        self.out(text);
    }
    /// Whether the person asked to stop (Ctrl-C).
    fn interrupted(&self) -> bool {
        false
    }
    /// Whether a person sits before it, who can stop a program that would not end by itself.
    fn interactive(&self) -> bool {
        false
    }
    /// How many characters fit in a line: for text of vethlab's own, as what imitates a tool is what the tool prints.
    fn width(&self) -> usize {
        USUAL_WIDTH
    }
    /// Told how much of the stack's time a program let pass, so that a console with a person before it can
    /// let real time pass too where the stack's is virtual.
    fn pace(&mut self, _passed: Duration) {}
    /// How many bytes of memory stay taken for so many that are printed: none where they are written out at once.
    fn kept_bytes(&self, _printed: usize) -> u64 {
        0
    }
    /// A screen whose text can be drawn anew in place, where a person sits before one. What it shows is no output: it is
    /// neither kept nor compared.
    fn live(&mut self) -> Option<&mut dyn Live> {
        None
    }
    /// Writes a file for the person, in place of one that is there.
    ///
    /// # Errors
    /// Why not, in words. A console that nobody sits before writes none.
    fn save(&mut self, _file: &str, _bytes: &[u8]) -> Result<(), String> {
        Err("no files can be written here".to_owned())
    }
}

/// Text that is drawn anew in place, and the keys that the person presses meanwhile. It ends with the program.
pub trait Live {
    /// Draws this text, over the one before.
    fn show(&mut self, text: &str);
    /// Waits for a key, so long at most.
    fn key(&mut self, at_most: Duration) -> Option<char>;
    /// Whether the person asked to stop (Ctrl-C).
    fn interrupted(&self) -> bool;
}

/// A console that keeps what it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Console for Transcript {
    fn out(&mut self, text: &str) {
        self.stdout.push_str(text);
    }
    fn err(&mut self, text: &str) {
        self.stderr.push_str(text);
    }
    fn kept_bytes(&self, printed: usize) -> u64 {
        printed as u64
    }
}

/// What a program may touch.
pub struct Context<'a> {
    /// The stack to work on.
    pub stack: &'a mut dyn NetworkStack,
    /// The namespace that the program runs in.
    pub namespace: NamespaceName,
    /// Where its text goes.
    pub console: &'a mut dyn Console,
    /// What was done and what happened before this program began.
    pub journal: &'a Journal,
    /// The namespaces of the shells that the person is in, the outermost first; none on the machine itself.
    pub shells: &'a [NamespaceName],
    /// What runs in the background.
    pub jobs: &'a mut Jobs,
    /// The files that programs wrote.
    pub files: &'a mut Files,
    /// Who tells more of what happened than the stack itself, where there is somebody.
    pub beside: Option<&'a mut dyn StackBeside>,
    /// Whether the program runs in the background.
    pub background: bool,
    /// What the program reads from, where it begins. Whoever reads it takes it away, as nobody reads it again.
    pub input: Input,
    /// What a shell around it exports.
    pub environment: Vec<(String, String)>,
    /// Set by a program that starts a shell in a namespace: `ip netns exec red bash`.
    pub enter: Option<NamespaceName>,
}

impl Context<'_> {
    /// The same in another namespace.
    fn within(&mut self, namespace: NamespaceName) -> Context<'_> {
        Context {
            stack: &mut *self.stack,
            namespace,
            console: &mut *self.console,
            journal: self.journal,
            shells: self.shells,
            jobs: &mut *self.jobs,
            files: &mut *self.files,
            beside: borrowed(&mut self.beside),
            background: self.background,
            input: self.input.clone(),
            environment: self.environment.clone(),
            enter: None,
        }
    }

    /// Why a program that has ended did less than it was to do, or printed less: a limit was reached.
    fn limit_reached(&self) -> Option<Failure> {
        self.stack.exhausted().filter(|limit| *limit != Exhausted::Stopped).map(Failure::Exhausted)
    }

    /// Whether there is somebody, or something, to end a program that would not end by itself.
    fn can_be_ended(&self) -> bool {
        self.background || self.console.interactive()
    }
}

/// A program that can be typed.
pub struct Program {
    /// The word that starts it.
    pub name: &'static str,
    /// What there is to say of it.
    pub page: &'static Page,
    /// What it may ask of the time before it began.
    pub hindsight: Hindsight,
    /// The long names of its options, without dashes, as far as it has such.
    longs: fn() -> Vec<&'static str>,
    /// Reads the words behind its name.
    parse: fn(&WordList) -> Parsed,
}

/// A command line as its program understands it.
pub struct Parsed {
    /// What it asks for.
    pub invocation: Invocation,
    /// The program, before its first step.
    process: Box<dyn Process>,
}

impl Parsed {
    /// A program that is to run, or says why it does not.
    fn new(invocation: Invocation, process: Result<impl Process + 'static, Failure>) -> Parsed {
        let process: Box<dyn Process> = match process {
            Ok(process) => Box::new(process),
            Err(failure) => Box::new(Fails(failure)),
        };
        Parsed { invocation, process }
    }

    /// The same, which asks for this.
    fn with(self, invocation: Invocation) -> Parsed {
        Parsed { invocation, ..self }
    }

    /// Of a program that never waits, and reads its words as it goes.
    fn once(program: &str, words: &WordList, effect: Effect, run: Run) -> Parsed {
        Parsed::new(Invocation::new(program, words.clone(), effect), Ok(Once::new(words, run)))
    }
}

/// Why a program ends early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// As the real program would: its last words on standard error, and its exit status.
    Exit {
        /// What it prints to standard error, with its newlines.
        message: String,
        /// Its exit status.
        status: Status,
    },
    /// The same where a word is not known that a person perhaps mistyped.
    Mistyped {
        /// What it prints to standard error, with its newlines.
        message: String,
        /// Its exit status.
        status: Status,
        /// The word that was meant perhaps: a person is told.
        nearest: Option<&'static str>,
    },
    /// This word or option is not modelled here.
    NotModelled(String),
    /// It would change or send something, and what is looked at is the past.
    Past,
    /// It needs more than it may use.
    Exhausted(Exhausted),
}

impl Failure {
    /// Ends with a message, to which a newline is added, and a status.
    pub fn exit(status: Status, message: impl std::fmt::Display) -> Failure {
        Failure::Exit { message: format!("{message}\n"), status }
    }
}

/// Something that is only shown.
const SHOWS: Effect = Effect::Shows(View::Other);

/// What a command may ask of the time before it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hindsight {
    /// Nothing.
    #[default]
    Nothing,
    /// What was done and what happened: it reads [`Context::journal`].
    Journal,
    /// And why: it asks [`Context::beside`] too.
    StackBeside,
}

/// What a command may ask of the time before it began: the program that it names says so.
pub fn hindsight(invocation: &Invocation) -> Hindsight {
    program(&invocation.program).map(|program| program.hindsight).unwrap_or_default()
}

/// Reads a command: the program that the first word names reads the others. `None` where there is no word.
pub(crate) fn parse(words: &WordList) -> Option<Parsed> {
    if words.first()? != "sudo" {
        return parse_program(words);
    }
    match sudo::command(&words.behind(1)) {
        Ok(command) => parse_program(&command),
        Err(ended) => Some(*ended),
    }
}

fn parse_program(words: &WordList) -> Option<Parsed> {
    let (name, arguments) = (words.first()?, &words.behind(1));
    let folders = ["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"];
    let bare = folders.iter().find_map(|folder| name.strip_prefix(folder)).unwrap_or(name);
    Some(match program(bare) {
        Some(program) if manual::asks(program.page, arguments) => program.page.answer(arguments),
        Some(program) => (program.parse)(arguments),
        None => {
            let failure = Failure::NotModelled(name.to_owned());
            Parsed::new(Invocation::new(name, arguments.clone(), Effect::Alters), Err::<Fails, _>(failure))
        }
    })
}

/// The most that a line may ask of the time before it began. Of a line that only a whole shell takes apart, each word may
/// be a program.
pub fn hindsight_of(line: &str) -> Hindsight {
    if plain(line).is_some() {
        return invocation(line).map_or(Hindsight::Nothing, |invocation| hindsight(&invocation));
    }
    let words = line.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.filter_map(program).map(|program| program.hindsight).max().unwrap_or_default()
}

/// A line that a program and its words make up, without any grammar of the shell.
fn plain(line: &str) -> Option<words::Line> {
    words::line(line).ok().filter(|taken| vethlab_shell::is_plain(&taken.words, line))
}

/// Whether a text is one command or several, and no part of one: `if …; then` is completed by the lines that follow.
pub fn is_complete(text: &str) -> bool {
    plain(text).is_some() || vethlab_shell::is_complete(text)
}

/// What a line asks for that was not typed in a [`session`], whose journal has it. `None` for a line without a
/// command, and for one that a shell would not take apart as vethlab does.
pub fn invocation(line: &str) -> Option<Invocation> {
    let words = words::line(line).ok()?.words;
    parse(&words.into()).map(|parsed| parsed.invocation)
}

/// Runs the program that the first word names to its end, and shows how it failed if it did.
pub fn run(words: Vec<String>, context: &mut Context<'_>) -> Status {
    parse(&words.into()).map_or(0, |mut parsed| schedule::in_foreground(parsed.process.as_mut(), context))
}

/// Shows how a program failed; its exit status.
fn told(failure: Failure, console: &mut dyn Console) -> Status {
    match failure {
        Failure::Exit { message, status } => {
            console.err(&message);
            status
        }
        Failure::Mistyped { message, status, nearest } => {
            console.err(&message);
            meant(nearest, console);
            status
        }
        Failure::NotModelled(what) => {
            console.err(&nearest::not_modelled(&what));
            2
        }
        Failure::Past => {
            console.err(PAST);
            1
        }
        Failure::Exhausted(limit) => {
            console.err(&format!("vethlab: stopped: {limit}\n"));
            EXHAUSTED
        }
    }
}

/// Tells a person which word was meant perhaps. The tool's own words stay as they are.
fn meant(nearest: Option<&str>, console: &mut dyn Console) {
    if let Some(nearest) = nearest.filter(|_| console.interactive()) {
        console.err(&format!("vethlab: did you mean '{nearest}'?\n"));
    }
}

/// The status of a program that was stopped because it needs too much: that of `timeout(1)`.
pub const EXHAUSTED: Status = 124;

/// What a program says that wants to act in the past.
const PAST: &str = "\
vethlab: this is the past, where nothing can be changed or sent: 'continue' goes back to the present, \
'undo' takes commands back\n";

/// Turns what a stack refused into a failure, for programs that print `<who>: <strerror>` and exit with
/// `status`. A thing that is not modelled stays one.
pub fn refused(error: StackError, status: Status, message: impl FnOnce(Errno) -> String) -> Failure {
    match error {
        StackError::NotModelled(what) => Failure::NotModelled(what),
        StackError::Past => Failure::Past,
        StackError::Exhausted(limit) => Failure::Exhausted(limit),
        StackError::Refused { errno, .. } => Failure::exit(status, message(errno)),
    }
}
