//! `ip netns`: namespaces by name (`ip/ipnetns.c`, `lib/namespace.c`).

use super::args::{FAILED, USAGE, not_modelled};
use super::choices::{self, Choice, Choices, Deed};
use super::printer::Printer;
use super::{Command, Options, Ran, refused};
use crate::{Context, Failure, Status};
use std::collections::BTreeMap;
use vethlab_shared::change::Change;
use vethlab_shared::error::{Errno, StackError, TOO_FEW_FILES};
use vethlab_shared::name::NamespaceName;

/// Where the files are that give namespaces their names.
const DIRECTORY: &str = "/run/netns";

/// What can be done with it.
#[derive(Clone, Copy)]
pub(super) enum Action {
    List,
    Add,
    Delete,
    Identify,
    Processes,
    Execute,
}

/// `do_netns`.
pub(super) const ACTIONS: Choices<Action> = Choices {
    page: &super::pages::NAMESPACE,
    object: "netns",
    words: &[
        Choice::new("list", Action::List),
        Choice::also("show", Action::List),
        Choice::also("lst", Action::List),
        Choice::not_modelled("list-id"),
        Choice::not_modelled("help"),
        Choice::new("add", Action::Add),
        Choice::not_modelled("set"),
        Choice::new("delete", Action::Delete),
        Choice::also("identify", Action::Identify),
        Choice::also("pids", Action::Processes),
        Choice::new("exec", Action::Execute),
        Choice::not_modelled("monitor"),
        Choice::not_modelled("attach"),
    ],
};

impl choices::Action for Action {
    fn deed(self) -> Deed {
        match self {
            Action::List => Deed::Show,
            Action::Identify | Action::Processes => Deed::Tell,
            Action::Execute => Deed::Execute,
            _ => Deed::Other,
        }
    }
}

/// Runs `ip netns`.
pub(super) fn run(command: Command<'_, '_>) -> Result<Ran, Failure> {
    let Command { options, mut words, context } = command;
    let options = &options;
    let Some(word) = words.next() else { return list(options, context).map(Ran::Ended) };
    let rest = words.rest();
    if let Some(name) = rest.first().filter(|name| !options.all && NamespaceName::new(name).is_err()) {
        return Err(Failure::exit(USAGE, format_args!("Invalid netns name \"{name}\"")));
    }
    let (_, action) = ACTIONS.choose(word)?;
    let status = match action {
        Action::List => list(options, context),
        Action::Add => add(rest, context),
        Action::Delete if options.all => delete_all(context),
        Action::Delete => delete(rest, context),
        Action::Identify => identify(rest, context),
        Action::Processes => processes(rest, context),
        Action::Execute => return execute(rest, options.all, context),
    };
    status.map(Ran::Ended)
}

/// The namespace of this name, as `netns_switch` looks for it.
pub(crate) fn find(name: &str, context: &mut Context<'_>) -> Result<NamespaceName, Failure> {
    // These name a directory, which opens and then is no namespace.
    if matches!(name, "" | "." | "..") {
        let text = format!("setting the network namespace \"{name}\" failed: {}", Errno::EINVAL);
        return Err(Failure::exit(USAGE, text));
    }
    if let Ok(named) = NamespaceName::new(name)
        && context.stack.has_namespace(&named).map_err(refused)?
    {
        return Ok(named);
    }
    Err(Failure::exit(USAGE, format_args!("Cannot open network namespace \"{name}\": {}", Errno::ENOENT)))
}

/// The names of the namespaces that the current one has numbers for (`netns_map_init`).
pub(super) fn names_by_id(context: &mut Context<'_>) -> Result<BTreeMap<i32, NamespaceName>, Failure> {
    let mut names = BTreeMap::new();
    for name in context.stack.namespaces().map_err(refused)? {
        if let Some(id) = context.stack.namespace_id(&context.namespace, &name).map_err(refused)? {
            names.entry(id).or_insert(name);
        }
    }
    Ok(names)
}

fn list(options: &Options, context: &mut Context<'_>) -> Result<Status, Failure> {
    let mut printer = Printer::new(options);
    for name in context.stack.namespaces().map_err(refused)? {
        let id = context.stack.namespace_id(&context.namespace, &name).map_err(refused)?;
        printer.open_object();
        printer.string("name", name.as_str(), name.as_str());
        if let Some(id) = id.filter(|&id| id >= 0) {
            printer.value("id", id, &format!(" (id: {id})"));
        }
        printer.text("\n");
        printer.close_object();
    }
    context.console.out(&printer.finish());
    Ok(0)
}

fn no_name() -> Failure {
    Failure::exit(FAILED, "No netns name specified")
}

pub(super) fn no_command() -> Failure {
    Failure::exit(FAILED, "No command specified")
}

fn named(word: &str) -> Result<NamespaceName, Failure> {
    NamespaceName::new(word).map_err(|_| Failure::exit(USAGE, format_args!("Invalid netns name \"{word}\"")))
}

fn add(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let name = named(words.first().ok_or_else(no_name)?)?;
    let path = format!("{DIRECTORY}/{name}");
    apply(&Change::AddNamespace(name), context)
        .map_err(|error| file_refused(error, &format!("Cannot create namespace file \"{path}\"")))
        .map_err(with_advice)?;
    Ok(0)
}

fn delete(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    delete_one(named(words.first().ok_or_else(no_name)?)?, context)?;
    Ok(0)
}

fn delete_all(context: &mut Context<'_>) -> Result<Status, Failure> {
    for name in context.stack.namespaces().map_err(refused)? {
        delete_one(name, context)?;
    }
    Ok(0)
}

fn delete_one(name: NamespaceName, context: &mut Context<'_>) -> Result<(), Failure> {
    let path = format!("{DIRECTORY}/{name}");
    apply(&Change::DeleteNamespace(name), context)
        .map_err(|error| file_refused(error, &format!("Cannot remove namespace file \"{path}\"")))
}

fn apply(change: &Change, context: &mut Context<'_>) -> Result<(), StackError> {
    context.stack.apply(&context.namespace, change)
}

/// What iproute2 does not say: a real stack keeps each namespace open, and the process is at its limit.
fn with_advice(failure: Failure) -> Failure {
    match failure {
        Failure::Exit { message, status } if message.ends_with(&format!(": {}\n", Errno::EMFILE)) => {
            let advice =
                format!("vethlab: each namespace keeps two or three files open, and {TOO_FEW_FILES}\n");
            Failure::Exit { message: message + &advice, status }
        }
        other => other,
    }
}

fn file_refused(error: StackError, what: &str) -> Failure {
    crate::refused(error, FAILED, |errno| format!("{what}: {errno}"))
}

/// `ip netns identify` of the program itself: the name of the namespace that it runs in, if it has one.
fn identify(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    match words {
        [] => {
            let name = if context.namespace.is_host() { "" } else { context.namespace.as_str() };
            context.console.out(&format!("{name}\n"));
            Ok(0)
        }
        [word] if !word.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(Failure::exit(FAILED, format_args!("Specified string '{word}' is not a pid")))
        }
        [word] => Err(not_modelled("ip netns identify", word)),
        _ => Err(Failure::exit(FAILED, "extra arguments specified")),
    }
}

/// `ip netns pids`: who runs in a namespace. Only a program in the background outlives its command, and it has no
/// number here.
fn processes(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    match words {
        [] => Err(no_name()),
        [name] => {
            let found = match NamespaceName::new(name) {
                Ok(name) => context.stack.has_namespace(&name).map_err(refused)?,
                Err(_) => false,
            };
            if context.jobs.run_in(name) {
                return Err(not_modelled("ip netns pids", "with a program in the background"));
            }
            let text = || format!("Cannot open network namespace: {}", Errno::ENOENT);
            if found { Ok(0) } else { Err(Failure::exit(FAILED, text())) }
        }
        _ => Err(Failure::exit(FAILED, "extra arguments specified")),
    }
}

/// Where another program is to run: in the namespace that is named, or in all.
fn execute(words: &[String], all: bool, context: &mut Context<'_>) -> Result<Ran, Failure> {
    let (name, program) = if all {
        (None, words)
    } else {
        let (name, program) = words.split_first().ok_or_else(no_name)?;
        (Some(name), program)
    };
    if program.is_empty() {
        return Err(no_command());
    }
    let namespaces = match name {
        Some(name) => vec![find(name, context)?],
        None => context.stack.namespaces().map_err(refused)?,
    };
    Ok(Ran::Execute { namespaces, all })
}
