//! `ip` of iproute2 6.1: links, addresses, routes, neighbours and namespaces.
//!
//! Each object is parsed into data, performed on the stack, and rendered, in functions of their own. Which
//! words match by a beginning and which only in full is as in iproute2's sources, word by word.

mod address;
mod args;
mod complete;
mod execute;
mod flush;
mod inet;
mod link;
mod links;
mod names;
mod neighbour;
mod netns;
mod printer;
mod route;
mod show;
mod statistics;

use super::process::{Poll, Process, Signal};
use super::{Context, Failure, Parsed, Status};
use args::{Deed, FAILED, How, Keywords, REFUSED, USAGE, Words, keyword};
pub(super) use complete::next;
use execute::Execution;
use vethlab_explain::journal::{Effect, Invocation, View};
use vethlab_shared::error::StackError;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;

/// Reads the words behind `ip`.
pub(super) fn parse(words: &[String]) -> Parsed {
    let (invocation, program) = match read(words) {
        Some((invocation, program)) => (invocation, program),
        None => (Invocation::new("ip", words, Effect::Alters), None),
    };
    Parsed::new(invocation, Ok(Ip { words: words.to_vec(), program, execution: None }))
}

/// `ip`: it has ended after its first step, unless it runs another program.
#[derive(Clone, Debug)]
struct Ip {
    words: Vec<String>,
    /// The program behind `netns exec`, as it begins.
    program: Option<Box<dyn Process>>,
    execution: Option<Execution>,
}

impl Process for Ip {
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        if let Some(execution) = &mut self.execution {
            return execution.step(context);
        }
        match (run(&self.words, context)?, self.program.take()) {
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

/// What the words ask for, and the program that they run in the place of `ip`; `None` where they do not say what of.
fn read(words: &[String]) -> Option<(Invocation, Option<Box<dyn Process>>)> {
    let mut words = Words::new(words);
    let (mut namespace, mut others, mut all) = (None, Vec::new(), false);
    while let Some(word) = words.rest().first().filter(|word| word.starts_with('-')) {
        words.next();
        if word == "--" {
            break;
        }
        match global_option(single_dash(word)).map(|(_, meaning)| meaning) {
            Some(GlobalOption::Namespace) => namespace = NamespaceName::new(words.next()?).ok(),
            Some(GlobalOption::Family) => others.push(format!("{word} {}", words.next()?)),
            meaning => {
                all |= matches!(meaning, Some(GlobalOption::All));
                others.push(word.clone());
            }
        }
    }
    let (name, object) = keyword(OBJECTS, words.next()?)?;
    let typed = words.next();
    let known = typed.and_then(|word| match object {
        Object::Address => address::verb(word),
        Object::Link => link::verb(word),
        Object::Neighbour => neighbour::verb(word),
        Object::Namespace => netns::verb(word),
        Object::Route => route::verb(word),
        Object::NotModelled => None,
    });
    let deed = match (typed, known) {
        (None, _) => Deed::Show,
        (Some(_), Some((_, deed))) => deed,
        (Some(_), None) => Deed::Other,
    };
    if deed == Deed::Execute {
        let (name, program) = match words.rest() {
            program if all => (None, program),
            [name, program @ ..] => (NamespaceName::new(name).ok(), program),
            [] => return None,
        };
        let Parsed { invocation, process } = execute::parse(program)?;
        let namespace = invocation.namespace.or(name);
        return Some((Invocation { namespace, ..invocation }, Some(process)));
    }
    let is_shown = matches!(deed, Deed::Show) && !matches!(object, Object::NotModelled);
    let verb = typed.filter(|_| !is_shown).map(|word| known.map_or(word, |(full, _)| full).to_owned());
    others.extend(words.rest().iter().cloned());
    let invocation = Invocation {
        namespace,
        program: "ip".to_owned(),
        // Both spellings are the same object.
        object: Some(if matches!(object, Object::Neighbour) { "neighbor" } else { name }),
        verb,
        words: others,
        effect: match deed {
            Deed::Show if matches!(object, Object::Neighbour) => Effect::Shows(View::Neighbours),
            Deed::Show | Deed::Tell => Effect::Shows(View::Other),
            Deed::Execute | Deed::Other => Effect::Alters,
        },
    };
    Some((invocation, None))
}

/// Runs `ip` with the words behind its name.
fn run(arguments: &[String], context: &mut Context<'_>) -> Result<Ran, Failure> {
    let mut words = Words::new(arguments);
    let Some(options) = options(&mut words, context)? else { return Ok(Ran::Ended(0)) };
    let Some((word, rest)) = words.rest().split_first() else {
        return Err(help());
    };
    let Some((name, object)) = keyword(OBJECTS, word) else {
        return Err(Failure::exit(FAILED, format_args!("Object \"{word}\" is unknown, try \"ip help\".")));
    };
    let command = Command { options, words: Words::new(rest), context };
    match object {
        Object::Address => address::run(command).map(Ran::Ended),
        Object::Link => link::run(command).map(Ran::Ended),
        Object::Neighbour => neighbour::run(command).map(Ran::Ended),
        Object::Namespace => netns::run(command),
        Object::Route => route::run(command).map(Ran::Ended),
        Object::NotModelled if name == "help" => Err(help()),
        Object::NotModelled => Err(Failure::NotModelled(format!("ip {name}"))),
    }
}

fn help() -> Failure {
    args::no_help("ip", OBJECTS, |object| !matches!(object, Object::NotModelled))
}

/// What the options in front of the object ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Options {
    family: Family,
    /// How many times `-s` was given.
    statistics: u8,
    one_line: bool,
    brief: bool,
    json: bool,
    pretty: bool,
    all: bool,
}

/// Which addresses a command is about (`preferred_family`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Family {
    /// Any.
    #[default]
    Unspecified,
    /// IPv4.
    Inet,
    /// Link-layer addresses.
    Link,
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
    NotModelled,
}

/// `cmds` in `ip/ip.c`.
const OBJECTS: &Keywords<Object> = &[
    (How::Prefix, "address", Object::Address),
    (How::Prefix, "addrlabel", Object::NotModelled),
    (How::Prefix, "maddress", Object::NotModelled),
    (How::Prefix, "route", Object::Route),
    (How::Prefix, "rule", Object::NotModelled),
    (How::Prefix, "neighbor", Object::Neighbour),
    (How::Prefix, "neighbour", Object::Neighbour),
    (How::Prefix, "ntable", Object::NotModelled),
    (How::Prefix, "ntbl", Object::NotModelled),
    (How::Prefix, "link", Object::Link),
    (How::Prefix, "l2tp", Object::NotModelled),
    (How::Prefix, "fou", Object::NotModelled),
    (How::Prefix, "ila", Object::NotModelled),
    (How::Prefix, "macsec", Object::NotModelled),
    (How::Prefix, "tunnel", Object::NotModelled),
    (How::Prefix, "tuntap", Object::NotModelled),
    (How::Prefix, "tap", Object::NotModelled),
    (How::Prefix, "token", Object::NotModelled),
    (How::Prefix, "tcpmetrics", Object::NotModelled),
    (How::Prefix, "tcp_metrics", Object::NotModelled),
    (How::Prefix, "monitor", Object::NotModelled),
    (How::Prefix, "xfrm", Object::NotModelled),
    (How::Prefix, "mroute", Object::NotModelled),
    (How::Prefix, "mrule", Object::NotModelled),
    (How::Prefix, "netns", Object::Namespace),
    (How::Prefix, "netconf", Object::NotModelled),
    (How::Prefix, "vrf", Object::NotModelled),
    (How::Prefix, "sr", Object::NotModelled),
    (How::Prefix, "nexthop", Object::NotModelled),
    (How::Prefix, "mptcp", Object::NotModelled),
    (How::Prefix, "ioam", Object::NotModelled),
    (How::Prefix, "help", Object::NotModelled),
    (How::Prefix, "stats", Object::NotModelled),
];

#[derive(Clone, Copy)]
enum GlobalOption {
    Family,
    Inet,
    Link,
    Statistics,
    OneLine,
    Version,
    Brief,
    Json,
    Pretty,
    Namespace,
    All,
    Colour,
    NotModelled,
}

/// The options in the order in which `main` in `ip/ip.c` tries them.
const OPTIONS: &Keywords<GlobalOption> = &[
    (How::Prefix, "-loops", GlobalOption::NotModelled),
    (How::Prefix, "-family", GlobalOption::Family),
    (How::Exact, "-4", GlobalOption::Inet),
    (How::Exact, "-6", GlobalOption::NotModelled),
    (How::Exact, "-0", GlobalOption::Link),
    (How::Exact, "-M", GlobalOption::NotModelled),
    (How::Exact, "-B", GlobalOption::NotModelled),
    (How::Prefix, "-human-readable", GlobalOption::NotModelled),
    (How::Prefix, "-iec", GlobalOption::NotModelled),
    (How::Prefix, "-stats", GlobalOption::Statistics),
    (How::Prefix, "-statistics", GlobalOption::Statistics),
    (How::Prefix, "-details", GlobalOption::NotModelled),
    (How::Prefix, "-resolve", GlobalOption::NotModelled),
    (How::Prefix, "-oneline", GlobalOption::OneLine),
    (How::Prefix, "-timestamp", GlobalOption::NotModelled),
    (How::Prefix, "-tshort", GlobalOption::NotModelled),
    (How::Prefix, "-Version", GlobalOption::Version),
    (How::Prefix, "-force", GlobalOption::NotModelled),
    (How::Prefix, "-batch", GlobalOption::NotModelled),
    (How::Prefix, "-brief", GlobalOption::Brief),
    (How::Prefix, "-json", GlobalOption::Json),
    (How::Prefix, "-pretty", GlobalOption::Pretty),
    (How::Prefix, "-rcvbuf", GlobalOption::NotModelled),
    (How::Prefix, "-color", GlobalOption::Colour),
    (How::Prefix, "-help", GlobalOption::NotModelled),
    (How::Prefix, "-netns", GlobalOption::Namespace),
    (How::Prefix, "-Numeric", GlobalOption::NotModelled),
    (How::Prefix, "-all", GlobalOption::All),
    (How::Exact, "-echo", GlobalOption::NotModelled),
];

/// Reads the options. `None` means that one of them said all there is to say.
fn options(words: &mut Words<'_>, context: &mut Context<'_>) -> Result<Option<Options>, Failure> {
    let mut options = Options::default();
    while let Some(word) = words.rest().first().filter(|word| word.starts_with('-')) {
        words.next();
        if word == "--" {
            break;
        }
        let option = single_dash(word);
        let Some((name, meaning)) = global_option(option) else {
            let text = format!("Option \"{option}\" is unknown, try \"ip -help\".");
            return Err(Failure::exit(USAGE, text));
        };
        match meaning {
            GlobalOption::Family => options.family = family(words)?,
            GlobalOption::Inet => options.family = Family::Inet,
            GlobalOption::Link => options.family = Family::Link,
            GlobalOption::Statistics => options.statistics = options.statistics.saturating_add(1),
            GlobalOption::OneLine => options.one_line = true,
            GlobalOption::Version => {
                context.console.out("ip utility, iproute2-6.1.0, libbpf 1.1.2\n");
                return Ok(None);
            }
            GlobalOption::Brief => options.brief = true,
            GlobalOption::Json => options.json = true,
            GlobalOption::Pretty => options.pretty = true,
            GlobalOption::Namespace => {
                // The real program prints what printf makes of no name at all.
                let name = words.next().unwrap_or("(null)");
                context.namespace = netns::find(name, context)?;
            }
            GlobalOption::All => options.all = true,
            GlobalOption::Colour if option.ends_with("=never") => {}
            GlobalOption::Colour | GlobalOption::NotModelled => {
                return Err(Failure::NotModelled(format!("ip {name}")));
            }
        }
    }
    Ok(Some(options))
}

/// An option that may be typed with two dashes as well.
fn single_dash(word: &str) -> &str {
    if word.starts_with("--") { &word[1..] } else { word }
}

/// The option that a word stands for; a colour has a value behind an equals sign (`matches_color`).
fn global_option(word: &str) -> Option<(&'static str, GlobalOption)> {
    let found = keyword(OPTIONS, word);
    if found.is_some() {
        return found;
    }
    let (word, value) = word.split_once('=')?;
    let colour = OPTIONS.iter().find(|(_, name, _)| *name == "-color")?;
    let known = args::matches(word, colour.1) && matches!(value, "" | "always" | "auto" | "never");
    known.then_some((colour.1, colour.2))
}

fn family(words: &mut Words<'_>) -> Result<Family, Failure> {
    match words.next() {
        Some("inet") => Ok(Family::Inet),
        Some("link") => Ok(Family::Link),
        Some(word @ ("inet6" | "mpls" | "bridge" | "help")) => {
            Err(Failure::NotModelled(format!("ip -family {word}")))
        }
        Some(word) => Err(args::invalid("invalid protocol family", word)),
        None => Err(Failure::NotModelled("ip -help".to_owned())),
    }
}

/// Tells what the kernel refused as iproute2 does: the extended acknowledgement with a full stop, else the
/// error's text (`rtnl_talk_error` in `lib/libnetlink.c`).
fn refused(error: StackError) -> Failure {
    match error {
        StackError::NotModelled(what) => Failure::NotModelled(what),
        StackError::Past => Failure::Past,
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
            Failure::Exit { message, .. } => message,
            Failure::NotModelled(what) => what,
            Failure::Past => "past".to_owned(),
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
        let full = |word| keyword(OBJECTS, word).map(|(name, _)| name);
        assert_eq!(full("a"), Some("address"));
        assert_eq!(full("r"), Some("route"));
        assert_eq!(full("n"), Some("neighbor"));
        assert_eq!(full("ne"), Some("neighbor"));
        assert_eq!(full("l"), Some("link"));
        assert_eq!(full("m"), Some("maddress"));
        assert_eq!(full(""), None);
    }

    #[test]
    fn colours_are_options_with_a_value() {
        let name = |word| global_option(word).map(|(name, _)| name);
        assert_eq!(name("-c=never"), Some("-color"));
        assert_eq!(name("-c=blue"), None);
        assert_eq!(name("-br"), Some("-brief"));
        assert_eq!(name("-b"), Some("-batch"));
        assert_eq!(name("-z"), None);
    }
    #[test]
    fn help_names_what_there_is() {
        let said =
            "vethlab: 'ip help' is not modelled; what is: address, route, neighbor, neighbour, link, netns";
        assert_eq!(help(), Failure::exit(2, said));
    }
}
