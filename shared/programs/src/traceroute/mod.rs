//! `traceroute`, as in Debian's package of version 2.1.2: UDP probes, each from a socket of its own, or ICMP echo
//! requests by a raw socket. There is no resolver, only the one name that `/etc/hosts` has.

mod method;
mod options;
mod probe;
mod trace;
mod usage;

use super::process::{Poll, Process, Says};
use super::{Context, Failure, Parsed};
pub(super) use options::longs;
use options::{Command, Request};
use trace::Trace;
use vethlab_explain::journal::{Effect, Invocation, Sending};
use vethlab_shared::error::StackError;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::words::WordList;

/// Reads the words behind `traceroute`.
pub(super) fn parse(words: &WordList) -> Parsed {
    let command = options::parse(words);
    let sending = match &command {
        Ok(Command::Run(request)) => request.sending(),
        Ok(Command::Print(_)) | Err(_) => Sending::default(),
    };
    let invocation = Invocation::new("traceroute", words.clone(), Effect::Sends(sending));
    match command {
        Ok(Command::Print(text)) => {
            Parsed::new(invocation, Ok(Says { out: String::new(), err: text.to_owned(), status: 0 }))
        }
        Ok(Command::Run(request)) => Parsed::new(invocation, Ok(Traceroute { request, trace: None })),
        Err(failure) => Parsed::new(invocation, Err::<Traceroute, _>(failure)),
    }
}

/// A `traceroute`.
#[derive(Clone, Debug)]
struct Traceroute {
    request: Request,
    /// What goes on, once it has begun.
    trace: Option<Trace>,
}

impl Process for Traceroute {
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        match &mut self.trace {
            Some(trace) => trace.go_on(context),
            None => self.trace.insert(Trace::new(&self.request, context)?).begin(context),
        }
    }

    fn cannot_wait(&self, error: StackError) -> Failure {
        failed("poll", error)
    }

    fn close(&mut self, stack: &mut dyn NetworkStack) {
        if let Some(trace) = &mut self.trace {
            trace.close(stack);
        }
    }

    fn leaves_line_open(&self) -> bool {
        self.trace.is_some()
    }
}

/// Ends with what a system call was refused for (`perror`): on a line of its own, behind what was begun.
fn failed(what: &str, error: StackError) -> Failure {
    super::refused(error, 1, |errno| format!("\n{what}: {errno}"))
}
