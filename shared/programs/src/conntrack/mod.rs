//! `conntrack`, as in conntrack-tools 1.4.7: the connections that a namespace tracks.

mod command;
mod events;
mod filter;
mod options;
mod problem;
mod protocol;
pub(crate) mod render;
mod usage;

use crate::{Context, Failure, Parsed, SHOWS, Status, refused};
use command::{Action, Line};
use events::Events;
pub(super) use options::longs;
use problem::{NAME, failed};
use render::Form;
use vethlab_explain::journal::{Effect, Invocation, View};
use vethlab_shared::change::Change;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::family::Family;
use vethlab_shared::netfilter::ConnectionView;
use vethlab_shared::words::WordList;

/// Reads the words behind `conntrack`.
pub(super) fn parse(words: &WordList) -> Parsed {
    let effect = match command::read(words) {
        Ok((line, warnings)) if line.action == Some(Action::Event) => {
            let invocation = Invocation::new("conntrack", words.clone(), Effect::Alters);
            return Parsed::new(invocation, Ok(Events::new(line, warnings)));
        }
        Ok((Line { action: Some(Action::Delete | Action::Flush), .. }, _)) => Effect::Alters,
        Ok((Line { action: Some(Action::List), .. }, _)) => Effect::Shows(View::Connections),
        _ => SHOWS,
    };
    Parsed::once("conntrack", words, effect, run)
}

/// Runs `conntrack`.
fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let (line, warnings) = command::read(words)?;
    context.console.err(&warnings);
    match line.action {
        Some(Action::Version) => {
            context.console.out(&format!("{NAME}\n"));
            Ok(0)
        }
        // Events are a process of their own.
        Some(Action::Help | Action::Event) | None => {
            context.console.out(&usage::text(line.protocol));
            Ok(0)
        }
        Some(Action::Count) => count(context),
        Some(Action::Flush) => flush(context),
        Some(Action::List) => list(&line, context),
        Some(Action::Delete) => delete(&line, context),
    }
}

/// What the stack would not do (`err2str`).
fn not_done(error: StackError, missing: &str) -> Failure {
    refused(error, 1, |errno| {
        let why = match errno {
            Errno::EINVAL => "invalid parameters".to_owned(),
            Errno::ENOENT if !missing.is_empty() => missing.to_owned(),
            Errno::EPERM => "sorry, you must be root or get CAP_NET_ADMIN capability to do this".to_owned(),
            other => other.to_string(),
        };
        format!("{NAME}: Operation failed: {why}")
    })
}

/// The connections that a line is about.
fn chosen(line: &Line, context: &mut Context<'_>) -> Result<Vec<ConnectionView>, Failure> {
    let family = line.filter.family.unwrap_or(Family::Inet);
    let all = context.stack.connections(&context.namespace, family).map_err(|error| not_done(error, ""))?;
    Ok(all.into_iter().filter(|connection| line.filter.takes(connection)).collect())
}

/// `-L`.
fn list(line: &Line, context: &mut Context<'_>) -> Result<Status, Failure> {
    if line.filter.has_empty_mask() {
        // The kernel is asked for connections with none of no bits (`ctnetlink_filter_parse_mark`).
        return Err(failed("Operation failed: invalid parameters"));
    }
    let found = chosen(line, context)?;
    let text: String = found.iter().map(|connection| render::line(connection, line.form)).collect();
    context.console.out(&text);
    context.console.err(&format!("{NAME}: {} flow entries have been shown.\n", found.len()));
    Ok(0)
}

/// `-D`.
fn delete(line: &Line, context: &mut Context<'_>) -> Result<Status, Failure> {
    let found = chosen(line, context)?;
    let form = if line.form == Form::Save { Form::SaveDeleted } else { line.form };
    for connection in &found {
        let change = Change::DeleteConnection(Some(connection.original));
        let done = context.stack.apply(&context.namespace, &change);
        done.map_err(|error| not_done(error, "such conntrack doesn't exist"))?;
        context.console.out(&render::line(connection, form));
    }
    context.console.err(&format!("{NAME}: {} flow entries have been deleted.\n", found.len()));
    Ok(Status::from(found.is_empty()))
}

/// `-F`.
fn flush(context: &mut Context<'_>) -> Result<Status, Failure> {
    let done = context.stack.apply(&context.namespace, &Change::DeleteConnection(None));
    context.console.err(&format!("{NAME}: connection tracking table has been emptied.\n"));
    done.map(|()| 0).map_err(|error| not_done(error, ""))
}

/// `-C`.
fn count(context: &mut Context<'_>) -> Result<Status, Failure> {
    let count = context.stack.sysctl(&context.namespace, "net.netfilter.nf_conntrack_count");
    let count = count.map_err(|error| not_done(error, ""))?;
    context.console.out(&format!("{count}\n"));
    Ok(0)
}
