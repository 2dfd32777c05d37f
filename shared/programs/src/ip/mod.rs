//! `ip` of iproute2 6.1: links, addresses, routes, neighbours and namespaces.
//!
//! Each object is parsed into data, performed on the stack, and rendered, in functions of their own. Which
//! words match by a beginning and which only in full is as in iproute2's sources, word by word.

mod address;
pub(crate) mod args;
mod choices;
mod complete;
mod execute;
mod flush;
mod inet;
mod link;
pub(crate) mod links;
mod names;
mod neighbour;
pub(crate) mod netns;
pub(crate) mod options;
pub(crate) mod pages;
pub(crate) mod printer;
mod route;
pub(crate) mod show;
mod statistics;

use super::manual::pages::IP;
use super::process::{Poll, Process, Signal};
use super::{Context, Failure, Parsed, Status};
use args::{FAILED, REFUSED, Words};
use choices::{Choice, Choices, Deed};
pub(super) use complete::next;
use execute::Execution;
pub(super) use options::options;
use options::{Ends, Front, Options, Preferred, When};
use vethlab_explain::journal::{Effect, Invocation, View};
use vethlab_shared::error::StackError;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::words::WordList;

/// Reads the words behind `ip`.
pub(super) fn parse(words: &WordList) -> Parsed {
    parse_behind(words, 0)
}

/// The same behind so many `ip netns exec`.
fn parse_behind(words: &WordList, behind: usize) -> Parsed {
    let line = Line::read(words);
    let (invocation, program) =
        line.meaning(behind).unwrap_or_else(|| (Invocation::new("ip", words.clone(), Effect::Alters), None));
    Parsed::new(invocation, Ok(Ip { line, program, execution: None }))
}

/// A command line, as far as it is understood before the stack is asked.
#[derive(Clone, Debug)]
struct Line {
    front: Front,
    /// The object, as it was typed, and all behind it.
    words: WordList,
}

/// `ip`: it has ended after its first step, unless it runs another program.
#[derive(Clone, Debug)]
struct Ip {
    line: Line,
    /// The program behind `netns exec`, as it begins.
    program: Option<Box<dyn Process>>,
    execution: Option<Execution>,
}

impl Process for Ip {
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        if let Some(execution) = &mut self.execution {
            return execution.step(context);
        }
        match (self.line.run(context)?, self.program.take()) {
            (Ran::Execute { namespaces, all }, Some(program)) => {
                self.execution.insert(Execution::new(program, namespaces, all)).step(context)
            }
            (Ran::Execute { .. }, None) => Err(netns::no_command()),
            (Ran::Ended(status), _) => Ok(Poll::Ready(status)),
        }
    }

    fn cannot_wait(&self, error: StackError) -> Failure {
        match &self.execution {
            Some(execution) => execution.cannot_wait(error),
            None => refused(error),
        }
    }

    fn close(&mut self, stack: &mut dyn NetworkStack) {
        if let Some(execution) = &mut self.execution {
            execution.close(stack);
        }
    }

    fn handles(&self, signal: Signal) -> bool {
        self.execution.as_ref().is_some_and(|execution| execution.handles(signal))
    }

    fn leaves_line_open(&self) -> bool {
        self.execution.as_ref().is_some_and(Execution::leaves_line_open)
    }

    fn ends_by_itself(&self) -> bool {
        self.execution.as_ref().is_none_or(Execution::ends_by_itself)
    }

    fn namespace(&self) -> Option<&NamespaceName> {
        self.execution.as_ref()?.namespace()
    }
}

/// What becomes of `ip`.
enum Ran {
    /// It has ended.
    Ended(Status),
    /// It runs another program in these namespaces.
    Execute {
        namespaces: Vec<NamespaceName>,
        /// In one after another, whatever becomes of it.
        all: bool,
    },
}

impl Line {
    fn read(line: &WordList) -> Line {
        let mut words = Words::new(line);
        let front = Front::read(&mut words);
        Line { front, words: line.behind(line.len() - words.rest().len()) }
    }

    /// So many of the last words.
    fn last(&self, count: usize) -> WordList {
        self.words.behind(self.words.len() - count)
    }

    /// What the words ask for, and the program that they run in the place of `ip`; `None` where they do not say what of.
    fn meaning(&self, behind: usize) -> Option<(Invocation, Option<Box<dyn Process>>)> {
        let Front { options, namespaces, words: others, ends: None } = &self.front else { return None };
        let namespace = namespaces.last().and_then(|name| NamespaceName::new(name).ok());
        let mut words = Words::new(&self.words);
        let (name, object) = OBJECTS.find(words.next()?)?;
        let typed = words.next();
        let known = typed.and_then(|word| object?.verb(word));
        let deed = match (typed, known) {
            (None, _) => Deed::Show,
            (Some(_), Some((_, deed))) => deed,
            (Some(_), None) => Deed::Other,
        };
        if deed == Deed::Execute {
            let (name, program) = match words.rest() {
                program if options.all => (None, program),
                [name, program @ ..] => (NamespaceName::new(name).ok(), program),
                [] => return None,
            };
            let Parsed { invocation, process } = execute::parse(&self.last(program.len()), behind)?;
            let namespace = invocation.namespace.or(name);
            return Some((Invocation { namespace, ..invocation }, Some(process)));
        }
        let is_shown = deed == Deed::Show && object.is_some();
        let verb = typed.filter(|_| !is_shown).map(|word| known.map_or(word, |(full, _)| full).to_owned());
        let invocation = Invocation {
            namespace,
            program: "ip".to_owned(),
            // Both spellings are the same object.
            object: Some(if matches!(object, Some(Object::Neighbour)) { "neighbor" } else { name }),
            verb,
            words: match others.is_empty() {
                true => self.last(words.rest().len()),
                false => others.iter().chain(words.rest()).cloned().collect::<Vec<String>>().into(),
            },
            effect: match deed {
                Deed::Show if matches!(object, Some(Object::Neighbour)) => Effect::Shows(View::Neighbours),
                Deed::Show | Deed::Tell => Effect::Shows(View::Other),
                Deed::Execute | Deed::Other => Effect::Alters,
            },
        };
        Some((invocation, None))
    }

    /// Does it.
    fn run(&self, context: &mut Context<'_>) -> Result<Ran, Failure> {
        for name in &self.front.namespaces {
            context.namespace = netns::find(name, context)?;
        }
        match &self.front.ends {
            None => {}
            Some(Ends::Version) => {
                context.console.out("ip utility, iproute2-6.1.0, libbpf 1.1.2\n");
                return Ok(Ran::Ended(0));
            }
            Some(Ends::Fails(failure)) => return Err(failure.clone()),
        }
        let Some((word, rest)) = self.words.split_first() else {
            return Err(OBJECTS.help());
        };
        let Some((name, object)) = OBJECTS.find(word) else {
            let message = format!("Object \"{word}\" is unknown, try \"ip help\".\n");
            return Err(Failure::Mistyped { message, status: FAILED, nearest: OBJECTS.nearest(word) });
        };
        let mut options = self.front.options.clone();
        if options.colour == When::Auto {
            options.colour = if context.console.interactive() { When::Always } else { When::Never };
        }
        let command = Command { options, words: Words::new(rest), context };
        match object {
            Some(Object::Address) => address::run(command).map(Ran::Ended),
            Some(Object::Link) => link::run(command).map(Ran::Ended),
            Some(Object::Neighbour) => neighbour::run(command).map(Ran::Ended),
            Some(Object::Namespace) => netns::run(command),
            Some(Object::Route) => route::run(command).map(Ran::Ended),
            None if name == "help" => Err(OBJECTS.help()),
            None => Err(Failure::NotModelled(format!("ip {name}"))),
        }
    }
}

/// A command of one object: its words, and where to do it.
struct Command<'a, 'b> {
    options: Options,
    words: Words<'a>,
    context: &'a mut Context<'b>,
}

#[derive(Clone, Copy)]
enum Object {
    Address,
    Link,
    Neighbour,
    Namespace,
    Route,
}

impl Object {
    /// The verb that a word behind the object stands for, and what it does.
    fn verb(self, word: &str) -> Option<(&'static str, Deed)> {
        match self {
            Object::Address => address::ACTIONS.verb(word),
            Object::Link => link::ACTIONS.verb(word),
            Object::Neighbour => neighbour::ACTIONS.verb(word),
            Object::Namespace => netns::ACTIONS.verb(word),
            Object::Route => route::ACTIONS.verb(word),
        }
    }

    /// The words that may stand behind a verb.
    fn keywords(self, verb: &str) -> Vec<&'static str> {
        let shows = !matches!(self.verb(verb), Some((_, Deed::Other)));
        match self {
            Object::Address if !shows => address::keywords(),
            Object::Link if !shows => link::keywords(),
            Object::Neighbour if !shows => neighbour::keywords(),
            Object::Route if verb == "get" => route::get_keywords(),
            Object::Route => route::keywords(shows),
            Object::Address | Object::Link | Object::Neighbour => vec!["dev"],
            Object::Namespace => Vec::new(),
        }
    }

    /// The words that may stand first behind a verb that alters something, its keywords aside.
    fn first_words(self) -> &'static [&'static str] {
        match self {
            Object::Route => &["default", "unicast", "blackhole", "unreachable", "prohibit", "throw"],
            Object::Address | Object::Link | Object::Neighbour | Object::Namespace => &[],
        }
    }

    /// The verbs that completion offers behind it.
    fn offered(self) -> Vec<&'static str> {
        match self {
            Object::Address => address::ACTIONS.offered().collect(),
            Object::Link => link::ACTIONS.offered().collect(),
            Object::Neighbour => neighbour::ACTIONS.offered().collect(),
            Object::Namespace => netns::ACTIONS.offered().collect(),
            Object::Route => route::ACTIONS.offered().collect(),
        }
    }
}

/// `cmds` in `ip/ip.c`.
const OBJECTS: Choices<Object> = Choices {
    page: &IP,
    object: "",
    words: &[
        Choice::new("address", Object::Address),
        Choice::not_modelled("addrlabel"),
        Choice::not_modelled("maddress"),
        Choice::new("route", Object::Route),
        Choice::not_modelled("rule"),
        Choice::also("neighbor", Object::Neighbour),
        Choice::new("neighbour", Object::Neighbour),
        Choice::not_modelled("ntable"),
        Choice::not_modelled("ntbl"),
        Choice::new("link", Object::Link),
        Choice::not_modelled("l2tp"),
        Choice::not_modelled("fou"),
        Choice::not_modelled("ila"),
        Choice::not_modelled("macsec"),
        Choice::not_modelled("tunnel"),
        Choice::not_modelled("tuntap"),
        Choice::not_modelled("tap"),
        Choice::not_modelled("token"),
        Choice::not_modelled("tcpmetrics"),
        Choice::not_modelled("tcp_metrics"),
        Choice::not_modelled("monitor"),
        Choice::not_modelled("xfrm"),
        Choice::not_modelled("mroute"),
        Choice::not_modelled("mrule"),
        Choice::new("netns", Object::Namespace),
        Choice::not_modelled("netconf"),
        Choice::not_modelled("vrf"),
        Choice::not_modelled("sr"),
        Choice::not_modelled("nexthop"),
        Choice::not_modelled("mptcp"),
        Choice::not_modelled("ioam"),
        Choice::not_modelled("help"),
        Choice::not_modelled("stats"),
    ],
};

/// Tells what the kernel refused as iproute2 does: the extended acknowledgement with a full stop, else the
/// error's text (`rtnl_talk_error` in `lib/libnetlink.c`).
pub(crate) fn refused(error: StackError) -> Failure {
    match error {
        StackError::NotModelled(what) => Failure::NotModelled(what),
        StackError::Past => Failure::Past,
        StackError::Exhausted(limit) => Failure::Exhausted(limit),
        StackError::Refused { extack: Some(text), .. } if !text.is_empty() => {
            let stop = if text.ends_with('.') { "" } else { "." };
            Failure::exit(REFUSED, format_args!("Error: {text}{stop}"))
        }
        StackError::Refused { errno, .. } => {
            Failure::exit(REFUSED, format_args!("RTNETLINK answers: {errno}"))
        }
    }
}

/// The same for a listing, with what iproute2 says behind it.
fn dump_refused(error: StackError, after: &str) -> Failure {
    match refused(error) {
        Failure::Exit { message, status } => Failure::Exit { message: format!("{message}{after}\n"), status },
        not_modelled => not_modelled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vethlab_shared::error::Errno;

    fn message(failure: Failure) -> String {
        match failure {
            Failure::Exit { message, .. } | Failure::Mistyped { message, .. } => message,
            Failure::NotModelled(what) => what,
            Failure::Past => "past".to_owned(),
            Failure::Exhausted(limit) => limit.to_string(),
        }
    }

    #[test]
    fn a_refusal_prefers_the_kernels_own_text() {
        assert_eq!(message(refused(Errno::EEXIST.into())), "RTNETLINK answers: File exists\n");
        let text = |text: &str| message(refused(StackError::with_extack(Errno::EINVAL, text)));
        assert_eq!(
            text("Invalid prefix for given prefix length"),
            "Error: Invalid prefix for given prefix length.\n"
        );
        assert_eq!(text("Done."), "Error: Done.\n");
    }

    #[test]
    fn objects_are_found_by_a_beginning_in_table_order() {
        let full = |word| OBJECTS.find(word).map(|(name, _)| name);
        assert_eq!(full("a"), Some("address"));
        assert_eq!(full("r"), Some("route"));
        assert_eq!(full("n"), Some("neighbor"));
        assert_eq!(full("ne"), Some("neighbor"));
        assert_eq!(full("l"), Some("link"));
        assert_eq!(full("m"), Some("maddress"));
        assert_eq!(full(""), None);
    }
}
