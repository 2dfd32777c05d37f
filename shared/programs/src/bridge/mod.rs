//! `bridge` of iproute2 6.1: ports of bridges, and forwarding databases (`bridge/bridge.c`).

mod fdb;
mod link;
pub(crate) mod pages;

use crate::ip::args::{How, Keywords, Words, invalid, keyword, matches};
use crate::ip::options::{Options, When};
use crate::ip::refused as refused_by_kernel;
use crate::manual::Page;
use crate::nearest::typo;
use crate::{Context, Failure, Parsed, SHOWS, Status};
use vethlab_explain::journal::{Effect, Invocation};
use vethlab_shared::change::Change;
use vethlab_shared::error::StackError;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::words::WordList;

/// The status of whatever goes wrong: -1.
const FAILED: Status = 255;

/// What `bridge` works on (`cmds`).
#[derive(Clone, Copy)]
enum Object {
    Link,
    Fdb,
    Help,
    NotModelled,
}

const OBJECTS: &Keywords<Object> = &[
    (How::Prefix, "link", Object::Link),
    (How::Prefix, "fdb", Object::Fdb),
    (How::Prefix, "mdb", Object::NotModelled),
    (How::Prefix, "vlan", Object::NotModelled),
    (How::Prefix, "monitor", Object::NotModelled),
    (How::Prefix, "help", Object::Help),
];

/// What is done with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Show,
    Set,
    Add(fdb::How),
    Delete,
    Flush,
    Help,
    NotModelled,
}

impl Object {
    fn verbs(self) -> &'static Keywords<Verb> {
        match self {
            Object::Link => link::VERBS,
            Object::Fdb => fdb::VERBS,
            Object::Help | Object::NotModelled => &[],
        }
    }

    fn page(self) -> &'static Page {
        match self {
            Object::Link => &pages::LINK,
            Object::Fdb => &pages::FDB,
            Object::Help | Object::NotModelled => &pages::BRIDGE,
        }
    }
}

#[derive(Clone, Copy)]
enum GlobalOption {
    Help,
    Version,
    Statistics,
    Details,
    OneLine,
    Family,
    Passed,
    Namespace,
    Colour,
    Json,
    Pretty,
    NotModelled,
}

/// The options in the order in which `main` tries them. Which family is preferred says nothing about bridges.
const OPTIONS: &Keywords<GlobalOption> = &[
    (How::Prefix, "-help", GlobalOption::Help),
    (How::Prefix, "-Version", GlobalOption::Version),
    (How::Prefix, "-stats", GlobalOption::Statistics),
    (How::Prefix, "-statistics", GlobalOption::Statistics),
    (How::Prefix, "-details", GlobalOption::Details),
    (How::Prefix, "-oneline", GlobalOption::OneLine),
    (How::Prefix, "-timestamp", GlobalOption::NotModelled),
    (How::Prefix, "-family", GlobalOption::Family),
    (How::Exact, "-4", GlobalOption::Passed),
    (How::Exact, "-6", GlobalOption::Passed),
    (How::Prefix, "-netns", GlobalOption::Namespace),
    (How::Prefix, "-color", GlobalOption::Colour),
    (How::Prefix, "-compressvlans", GlobalOption::NotModelled),
    (How::Prefix, "-force", GlobalOption::NotModelled),
    (How::Prefix, "-json", GlobalOption::Json),
    (How::Prefix, "-pretty", GlobalOption::Pretty),
    (How::Prefix, "-batch", GlobalOption::NotModelled),
];

/// What stands in front of the object.
#[derive(Debug, Default)]
struct Front {
    options: Options,
    details: bool,
    namespace: Option<String>,
    version: bool,
}

/// A command of one object: its words, and where to do it.
struct Command<'a, 'b> {
    options: Options,
    details: bool,
    words: Words<'a>,
    context: &'a mut Context<'b>,
}

/// Reads the words behind `bridge`.
pub(crate) fn parse(words: &WordList) -> Parsed {
    let mut rest = Words::new(words);
    let mut invocation = Invocation::new("bridge", words.clone(), SHOWS);
    if let Ok(front) = Front::read(&mut rest) {
        invocation.namespace = front.namespace.and_then(|name| NamespaceName::new(&name).ok());
        let object = rest.next().and_then(|word| keyword(OBJECTS, word));
        if let Some((name, object)) = object {
            invocation.object = Some(name);
            let verb = rest.next().and_then(|word| keyword(object.verbs(), word));
            if let Some((name, Verb::Set | Verb::Add(_) | Verb::Delete | Verb::Flush)) = verb {
                invocation.verb = Some(name.to_owned());
                invocation.effect = Effect::Alters;
            }
        }
        invocation.words = words.behind(words.len() - rest.rest().len());
    }
    Parsed::once("bridge", words, SHOWS, run).with(invocation)
}

/// Runs `bridge`.
fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let mut words = Words::new(words);
    let front = Front::read(&mut words)?;
    if front.version {
        context.console.out("bridge utility, 6.1.0\n");
        return Ok(0);
    }
    let mut options = front.options;
    if options.colour == When::Auto {
        options.colour = if context.console.interactive() { When::Always } else { When::Never };
    }
    let mut context = match front.namespace {
        Some(name) => {
            let namespace = crate::ip::netns::find(&name, context)?;
            context.within(namespace)
        }
        None => {
            let namespace = context.namespace.clone();
            context.within(namespace)
        }
    };
    let Some(word) = words.next() else { return Err(help(&pages::BRIDGE)) };
    let Some((name, object)) = keyword(OBJECTS, word) else {
        let message = format!("Object \"{word}\" is unknown, try \"bridge help\".\n");
        return Err(Failure::Mistyped { message, status: FAILED, nearest: typo(word, ["link", "fdb"]) });
    };
    let verb = match (object, words.next()) {
        (Object::Help, _) => return Err(help(&pages::BRIDGE)),
        (Object::NotModelled, _) => return Err(Failure::NotModelled(format!("bridge {name}"))),
        (_, None) => Verb::Show,
        (_, Some(word)) => match keyword(object.verbs(), word) {
            Some((_, Verb::Help)) => return Err(help(object.page())),
            Some((verb, Verb::NotModelled)) => {
                return Err(Failure::NotModelled(format!("bridge {name} {verb}")));
            }
            Some((_, verb)) => verb,
            None => {
                let message = format!("Command \"{word}\" is unknown, try \"bridge {name} help\".\n");
                let known = object.verbs().iter().map(|(_, verb, _)| *verb);
                return Err(Failure::Mistyped { message, status: FAILED, nearest: typo(word, known) });
            }
        },
    };
    let command = Command { options, details: front.details, words, context: &mut context };
    match (object, verb) {
        (Object::Link, Verb::Show) => link::show(command),
        (Object::Link, _) => link::set(command),
        (_, Verb::Show) => fdb::show(command),
        (_, Verb::Add(how)) => fdb::add(how.modify(), command),
        (_, Verb::Delete) => fdb::delete(command),
        _ => fdb::flush(command),
    }
}

impl Front {
    /// Reads the options. The words stand at the object then.
    fn read(words: &mut Words<'_>) -> Result<Front, Failure> {
        let mut front = Front::default();
        while let Some(typed) = words.rest().first().filter(|word| word.starts_with('-')) {
            words.next();
            if typed == "--" {
                break;
            }
            front.option(typed, words)?;
            if front.version {
                break;
            }
        }
        Ok(front)
    }

    fn option(&mut self, typed: &str, words: &mut Words<'_>) -> Result<(), Failure> {
        let word = if typed.starts_with("--") { &typed[1..] } else { typed };
        let (stem, value) = word.split_once('=').unwrap_or((word, ""));
        let is_colour = matches(stem, "-color") && matches!(value, "" | "always" | "auto" | "never");
        let found = if is_colour { Some(("-color", GlobalOption::Colour)) } else { keyword(OPTIONS, word) };
        let Some((name, option)) = found else {
            let message = format!("Option \"{word}\" is unknown, try \"bridge help\".");
            return Err(Failure::exit(FAILED, message));
        };
        let options = &mut self.options;
        match option {
            GlobalOption::Help => return Err(help(&pages::BRIDGE)),
            GlobalOption::Version => self.version = true,
            GlobalOption::Statistics => options.statistics += 1,
            GlobalOption::Details => self.details = true,
            GlobalOption::OneLine => options.one_line = true,
            GlobalOption::Passed => {}
            GlobalOption::Family => match words.next() {
                Some("inet" | "inet6") => {}
                Some(word) if word != "help" => return Err(invalid("invalid protocol family", word)),
                _ => return Err(help(&pages::BRIDGE)),
            },
            GlobalOption::Namespace => self.namespace = Some(words.value()?.to_owned()),
            GlobalOption::Colour => {
                options.colour = match value {
                    "never" => When::Never,
                    "auto" => When::Auto,
                    _ => When::Always,
                }
            }
            GlobalOption::Json => options.json = true,
            GlobalOption::Pretty => options.pretty = true,
            GlobalOption::NotModelled => return Err(Failure::NotModelled(format!("bridge {name}"))),
        }
        Ok(())
    }
}

/// What help says (`usage`).
fn help(page: &'static Page) -> Failure {
    Failure::Exit { message: page.text(), status: FAILED }
}

/// There is no link of that name (`nodev`).
fn no_device(name: &str) -> Failure {
    Failure::exit(FAILED, format_args!("Cannot find device \"{name}\""))
}

/// The same, as it is said of bridges.
fn no_bridge(name: &str) -> Failure {
    Failure::exit(FAILED, format_args!("Cannot find bridge device \"{name}\""))
}

/// Tells what the kernel refused.
fn refused(error: StackError) -> Failure {
    match refused_by_kernel(error) {
        Failure::Exit { message, .. } => Failure::Exit { message, status: FAILED },
        other => other,
    }
}

/// Asks the stack for a change.
fn apply(change: &Change, context: &mut Context<'_>) -> Result<Status, Failure> {
    context.stack.apply(&context.namespace, change).map_err(refused)?;
    Ok(0)
}
