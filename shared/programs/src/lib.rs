//! The programs, written once: they take the words that a person types, ask the stack, and print what the
//! tools of Debian 12 print.
//!
//! Each program is parse, then perform, then render. A word that a program does not know is an error that
//! says so; none is ever ignored. A [`session`] is where they are typed: words, shells, jobs.
#![forbid(unsafe_code)]

mod arp;
pub mod echo;
mod getopt;
mod ifconfig;
mod ip;
mod iptables;
pub mod jobs;
mod map;
mod nettools;
mod numbers;
mod packet;
mod packets;
mod ping;
mod route;
pub mod session;
mod simple;
mod sleep;
mod sysctl;
pub mod tcpdump;
mod traceroute;
mod waiting;
mod why;

use jobs::Jobs;
use vethlab_explain::journal::Journal;
use vethlab_explain::why::Witness;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::status::Status;
use vethlab_shared::time::Duration;

/// How many characters fit in a line where there is no terminal to ask.
pub const USUAL_WIDTH: usize = 80;

/// Where a program's text goes.
pub trait Console {
    /// Takes text for standard output.
    fn out(&mut self, text: &str);
    /// Takes text for standard error.
    fn err(&mut self, text: &str);
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
    /// Writes a file for the person, in place of one that is there.
    ///
    /// # Errors
    /// Why not, in words. A console that nobody sits before writes none.
    fn save(&mut self, _file: &str, _bytes: &[u8]) -> Result<(), String> {
        Err("no files can be written here".to_owned())
    }
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
    /// Who tells more of what happened than the stack itself, where there is somebody.
    pub witness: Option<&'a mut dyn Witness>,
    /// Set by a program that starts a shell in a namespace: `ip netns exec red bash`.
    pub enter: Option<NamespaceName>,
}

/// A program that can be typed.
pub struct Program {
    /// The word that starts it.
    pub name: &'static str,
    /// One line on what it is for.
    pub about: &'static str,
    /// Runs it with the words behind its name.
    pub run: fn(&[String], &mut Context<'_>) -> Result<Status, Failure>,
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
    /// This word, option or program is not modelled here.
    NotModelled(String),
    /// It would change or send something, and what is looked at is the past.
    Past,
}

impl Failure {
    /// Ends with a message, to which a newline is added, and a status.
    pub fn exit(status: Status, message: impl std::fmt::Display) -> Failure {
        Failure::Exit { message: format!("{message}\n"), status }
    }
}

/// Every program, by name.
pub fn table() -> &'static [Program] {
    &[
        Program { name: "arp", about: "show or set neighbours", run: arp::run },
        Program { name: "echo", about: "print words", run: simple::echo },
        Program { name: "false", about: "fail", run: simple::fail },
        Program { name: "fg", about: "bring a program to the foreground", run: jobs::foreground },
        Program { name: "ifconfig", about: "show or set interfaces", run: ifconfig::run },
        Program { name: "ip", about: "links, addresses, routes, neighbours, namespaces", run: ip::run },
        Program { name: "iptables", about: "show the packet filter", run: iptables::run },
        Program { name: "jobs", about: "list what runs in the background", run: jobs::list },
        Program { name: "kill", about: "end what runs in the background", run: jobs::kill },
        Program { name: "map", about: "the network as a picture", run: map::run },
        Program { name: "packet", about: "show a frame field by field", run: packet::run },
        Program { name: "packets", about: "list the frames that crossed links", run: packets::run },
        Program { name: "ping", about: "ask a host for echoes", run: ping::run },
        Program { name: "route", about: "show or set routes", run: route::run },
        Program { name: "sleep", about: "let time pass", run: sleep::run },
        Program { name: "sysctl", about: "read and write kernel settings", run: sysctl::run },
        Program { name: "tcpdump", about: "show frames as they pass", run: tcpdump::run },
        Program { name: "traceroute", about: "show the routers on the way to a host", run: traceroute::run },
        Program { name: "true", about: "succeed", run: simple::succeed },
        Program { name: "why", about: "what became of the last ping, and why", run: why::run },
        Program { name: "wait", about: "wait for what runs in the background", run: jobs::wait },
    ]
}

/// The programs that show what happened before they began: each reads [`Context::journal`].
const LOOKING_BACK: [&str; 4] = ["map", "packet", "packets", "why"];

/// Whether a command may show what happened before it. The program may stand behind `ip netns exec`, so every word
/// counts.
pub fn looks_back(words: &[String]) -> bool {
    words.iter().any(|word| LOOKING_BACK.contains(&word.as_str()))
}

/// Runs the program that the first word names, and shows how it failed if it did.
pub fn run(words: &[String], context: &mut Context<'_>) -> Status {
    let Some((name, arguments)) = words.split_first() else { return 0 };
    let result = match table().iter().find(|program| program.name == name) {
        // `ip` may be there to run another program.
        Some(program) if context.jobs.is_starting() && !can_be_in_background(program, arguments) => {
            Err(Failure::NotModelled(format!("{name} … &")))
        }
        Some(program) => (program.run)(arguments, context),
        None => Err(Failure::NotModelled(name.clone())),
    };
    match result {
        Ok(status) => status,
        Err(Failure::Exit { message, status }) => {
            context.console.err(&message);
            status
        }
        Err(Failure::NotModelled(what)) => {
            context.console.err(&format!("vethlab: '{what}' is not modelled\n"));
            2
        }
        Err(Failure::Past) => {
            context.console.err(PAST);
            1
        }
    }
}

/// What a program says that wants to act in the past.
const PAST: &str = "\
vethlab: this is the past, where nothing can be changed or sent: 'continue' goes back to the present, \
'undo' takes commands back\n";

/// Whether a program can go to the background: `tcpdump`, also where `ip netns exec` starts it.
fn can_be_in_background(program: &Program, arguments: &[String]) -> bool {
    program.name == "tcpdump" || (program.name == "ip" && arguments.iter().any(|word| word == "exec"))
}

/// Turns what a stack refused into a failure, for programs that print `<who>: <strerror>` and exit with
/// `status`. A thing that is not modelled stays one.
pub fn refused(error: StackError, status: Status, message: impl FnOnce(Errno) -> String) -> Failure {
    match error {
        StackError::NotModelled(what) => Failure::NotModelled(what),
        StackError::Past => Failure::Past,
        StackError::Refused { errno, .. } => Failure::exit(status, message(errno)),
    }
}
