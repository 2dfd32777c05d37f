//! What `iptables` says where it ends early (`xtables_error`, `nft_strerror`).

use crate::{Failure, refused};
use vethlab_shared::error::StackError;
use vethlab_shared::status::Status;

/// The version that this is.
pub(crate) const VERSION: &str = "1.8.9 (nf_tables)";

/// Which of the programs speaks, and where it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Speaker {
    /// Its name: `iptables`.
    pub(super) name: &'static str,
    /// The line that it reads, where it reads lines.
    pub(super) line: Option<usize>,
}

/// `iptables` itself.
pub(super) const IPTABLES: Speaker = Speaker { name: "iptables", line: None };

/// Why it ends early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// `PARAMETER_PROBLEM`: a word is wrong.
    Parameter(String),
    /// `VERSION_PROBLEM`: a thing is not known.
    Version(String),
    /// `OTHER_PROBLEM`.
    Other(String),
    /// `RESOURCE_PROBLEM`: what the kernel refused of a batch.
    Resource(String),
    /// What `nft_strerror` makes of an error that was found before anything was sent.
    Refused(&'static str),
    /// Exactly this, and this status.
    Exactly(String, Status),
    /// It says this before its error.
    After(String, Box<Problem>),
    /// It is not modelled, or must not be, or may no longer be.
    Failed(Failure),
}

/// What came of something that may end the program.
pub(super) type Outcome<T> = Result<T, Problem>;

/// A wrong word.
pub(super) fn wrong<T>(message: impl Into<String>) -> Outcome<T> {
    Err(Problem::Parameter(message.into()))
}

/// A thing that is not modelled.
pub(super) fn not_modelled<T>(what: impl Into<String>) -> Outcome<T> {
    Err(Problem::Failed(Failure::NotModelled(what.into())))
}

impl Problem {
    /// How the program ends.
    pub(super) fn failure(self, speaker: Speaker) -> Failure {
        let Speaker { name, line } = speaker;
        let said = |message: &str, hint: String, status| Failure::Exit {
            message: format!("{name} v{VERSION}: {message}\n{hint}"),
            status,
        };
        match self {
            Problem::Parameter(message) => said(&message, hint(speaker), 2),
            Problem::Version(message) => {
                said(&message, format!("Perhaps {name} or your kernel needs to be upgraded.\n"), 3)
            }
            Problem::Other(message) => said(&message, String::new(), 1),
            Problem::Resource(message) => said(&message, String::new(), 4),
            Problem::Refused(message) => match line {
                None => Failure::exit(1, format_args!("{name}: {message}.")),
                Some(line) => Failure::exit(1, format_args!("{name}: line {line} failed: {message}.")),
            },
            Problem::Exactly(message, status) => Failure::Exit { message, status },
            Problem::After(said, problem) => match problem.failure(speaker) {
                Failure::Exit { message, status } => Failure::Exit { message: said + &message, status },
                other => other,
            },
            Problem::Failed(failure) => failure,
        }
    }
}

/// Where help is to be found (`exit_tryhelp`).
pub(super) fn hint(speaker: Speaker) -> String {
    let Speaker { name, line } = speaker;
    let place = line.map(|line| format!("Error occurred at line: {line}\n")).unwrap_or_default();
    format!("{place}Try `{name} -h' or '{name} --help' for more information.\n")
}

impl From<StackError> for Problem {
    /// What is refused outside of a batch.
    fn from(error: StackError) -> Problem {
        Problem::Failed(refused(error, 4, |errno| {
            format!("iptables v{VERSION}: Could not fetch rule set generation id: {errno}")
        }))
    }
}
