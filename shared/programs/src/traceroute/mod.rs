//! `traceroute`, as in Debian's package of version 2.1.2: UDP probes, each from a socket of its own, or ICMP echo
//! requests by a raw socket. There is no resolver, only the one name that `/etc/hosts` has.

mod method;
mod options;
mod probe;
mod trace;
mod usage;

use super::{Context, Failure, Status};
use options::Command;
use vethlab_shared::error::StackError;

/// Runs `traceroute`.
pub(super) fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    match options::parse(words)? {
        Command::Print(text) => {
            context.console.err(text);
            Ok(0)
        }
        Command::Run(request) => trace::run(&request, context),
    }
}

/// Ends with what a system call was refused for (`perror`): on a line of its own, behind what was begun.
fn failed(what: &str, error: StackError) -> Failure {
    super::refused(error, 1, |errno| format!("\n{what}: {errno}"))
}
