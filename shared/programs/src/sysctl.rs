//! `sysctl`, as in procps-ng 4.0.2.

use super::getopt::{Getopt, Long, Value};
use super::nearest::typo;
use super::{Context, Failure, Parsed, SHOWS, Status};
use vethlab_explain::journal::Effect;
use vethlab_shared::change::Change;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::words::WordList;

pub(super) const LONGS: &[Long] = &[
    ("all", 'a', Value::No),
    ("deprecated", 'D', Value::No),
    ("dry-run", 'y', Value::No),
    ("binary", 'b', Value::No),
    ("ignore", 'e', Value::No),
    ("names", 'N', Value::No),
    ("values", 'n', Value::No),
    ("load", 'p', Value::Optional),
    ("pattern", 'r', Value::Required),
    ("quiet", 'q', Value::No),
    ("write", 'w', Value::No),
    ("system", 'S', Value::No),
    ("help", 'h', Value::No),
    ("version", 'V', Value::No),
];

/// What to do and how to show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Request {
    /// Every variable.
    all: bool,
    /// Only to write: each word needs a value.
    write: bool,
    /// Say nothing of unknown variables.
    ignore: bool,
    /// Say nothing of what was written.
    quiet: bool,
    show: Show,
    /// Only names that this is found in; a dot stands for any character.
    pattern: Option<Pattern>,
    /// The variables, with or without values.
    words: Vec<String>,
}

/// What to show of a variable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Show {
    name_only: bool,
    value_only: bool,
    no_newline: bool,
}

/// Reads the words behind `sysctl`.
pub(super) fn parse(words: &WordList) -> Parsed {
    let writes = match request(words) {
        Ok(Command::Run(request)) => request.write || request.words.iter().any(|word| word.contains('=')),
        _ => false,
    };
    Parsed::once("sysctl", words, if writes { Effect::Alters } else { SHOWS }, run)
}

/// Runs `sysctl`.
fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    if words.is_empty() {
        return Err(Failure::Exit { message: USAGE.to_owned(), status: 1 });
    }
    let request = match request(words)? {
        Command::Run(request) => request,
        Command::Print { text, complaint } => {
            context.console.err(&complaint);
            context.console.out(text);
            return Ok(0);
        }
    };
    if request.all {
        request.show_below("", "", context)?;
        return Ok(0);
    }
    let mut status = 0;
    for word in &request.words {
        let result = match word.split_once('=') {
            setting if (request.write || setting.is_some()) && is_comment(word) => 1,
            Some((name, value)) => request.write(name.trim(), value.trim(), context)?,
            None if request.write => {
                context.console.err("sysctl: command line(0): invalid syntax, continuing...\n");
                1
            }
            None => request.read(word, context)?,
        };
        status |= result;
    }
    Ok(status)
}

/// Whether a setting is passed over without a word (`parse_setting_line`): it is a comment, or too short to be
/// one.
fn is_comment(setting: &str) -> bool {
    let setting = setting.trim_start();
    setting.len() < 2 || setting.starts_with(['#', ';'])
}

/// What the words come to.
enum Command {
    Run(Request),
    /// Print this, after a complaint; the status is 0 even then.
    Print {
        text: &'static str,
        complaint: String,
    },
}

fn request(words: &[String]) -> Result<Command, Failure> {
    let mut request = Request::default();
    let mut options = Getopt::new("bneNwfp::qoxaAXr:Vdh", LONGS, words);
    loop {
        let given = match options.next() {
            Ok(Some(given)) => given,
            Ok(None) => break,
            Err(error) => return Ok(Command::Print { text: USAGE, complaint: format!("sysctl: {error}\n") }),
        };
        match given.letter {
            'a' | 'A' | 'X' => request.all = true,
            'b' => request.show.no_newline = true,
            'e' => request.ignore = true,
            'N' => request.show.name_only = true,
            'n' => request.show.value_only = true,
            'q' => request.quiet = true,
            'w' => request.write = true,
            'o' | 'x' | 'D' => {}
            'r' => {
                let pattern = Pattern::new(given.value());
                request.pattern = Some(
                    pattern.ok_or_else(|| Failure::NotModelled(format!("sysctl -r {}", given.value())))?,
                );
            }
            'h' | 'd' => return Ok(Command::Print { text: USAGE, complaint: String::new() }),
            'V' => {
                return Ok(Command::Print {
                    text: "sysctl from procps-ng 4.0.2\n",
                    complaint: String::new(),
                });
            }
            letter => {
                let name = LONGS.iter().find(|long| long.1 == letter).map_or("-f", |long| long.0);
                return Err(Failure::NotModelled(format!("sysctl --{}", name.trim_start_matches('-'))));
            }
        }
    }
    request.words = options.operands();
    if request.words.is_empty() && !request.all {
        let message = "sysctl: no variables specified\nTry `sysctl --help' for more information.";
        return Err(Failure::exit(1, message));
    }
    Ok(Command::Run(request))
}

impl Request {
    /// Shows a variable, or all below it where it is a directory (`ReadSetting`).
    fn read(&self, word: &str, context: &mut Context<'_>) -> Result<Status, Failure> {
        if word.is_empty() {
            context.console.err("sysctl: \"\" is an unknown key\n");
            return Ok(255);
        }
        let key = Key::new(word);
        match context.stack.sysctl(&context.namespace, &key.dotted) {
            Ok(value) => {
                if self.wants(&key.dotted) {
                    self.show(&key.dotted, &value, context);
                }
                Ok(0)
            }
            Err(StackError::NotModelled(what)) => Err(Failure::NotModelled(what)),
            Err(StackError::Past) => Err(Failure::Past),
            Err(StackError::Exhausted(limit)) => Err(Failure::Exhausted(limit)),
            // There is such a file, but it can only be written.
            Err(error) if matches!(error.errno(), Some(Errno::EACCES | Errno::EPERM)) => Ok(0),
            Err(_) => {
                let below = format!("{}.", key.dotted);
                if self.show_below(&below, word, context)? { Ok(0) } else { Ok(self.unknown(&key, context)) }
            }
        }
    }

    /// Shows every variable whose name begins so; whether there is any. Those below something that was
    /// asked for by name must be readable, of the others nothing is said.
    fn show_below(&self, prefix: &str, asked: &str, context: &mut Context<'_>) -> Result<bool, Failure> {
        let names = match context.stack.sysctl_names(&context.namespace, prefix) {
            Ok(names) => names,
            Err(StackError::NotModelled(what)) => return Err(Failure::NotModelled(what)),
            Err(StackError::Past) => return Err(Failure::Past),
            Err(StackError::Exhausted(limit)) => return Err(Failure::Exhausted(limit)),
            Err(StackError::Refused { errno, .. }) => {
                return Err(Failure::exit(1, format_args!("sysctl: cannot open /proc/sys/{asked}: {errno}")));
            }
        };
        let any = !names.is_empty();
        for name in names.into_iter().filter(|name| self.wants(name)) {
            if let Ok(value) = context.stack.sysctl(&context.namespace, &name) {
                self.show(&name, &value, context);
            }
        }
        Ok(any)
    }

    fn wants(&self, name: &str) -> bool {
        self.pattern.as_ref().is_none_or(|pattern| pattern.is_in(name))
    }

    fn show(&self, name: &str, value: &str, context: &mut Context<'_>) {
        let Show { name_only, value_only, no_newline } = self.show;
        let text = if name_only {
            format!("{name}\n")
        } else if no_newline {
            value.to_owned()
        } else if value_only {
            format!("{value}\n")
        } else {
            value.split('\n').map(|line| format!("{name} = {line}\n")).collect()
        };
        context.console.out(&text);
    }

    fn unknown(&self, key: &Key, context: &mut Context<'_>) -> Status {
        if self.ignore {
            return 0;
        }
        let path = &key.path;
        context.console.err(&format!("sysctl: cannot stat /proc/sys/{path}: No such file or directory\n"));
        if context.console.interactive() {
            let names = context.stack.sysctl_names(&context.namespace, "net.").unwrap_or_default();
            let name = path.replace('/', ".");
            crate::meant(typo(&name, names.iter().map(String::as_str)), context.console);
        }
        1
    }

    /// Sets a variable (`WriteSetting`).
    fn write(&self, name: &str, value: &str, context: &mut Context<'_>) -> Result<Status, Failure> {
        if name.is_empty() {
            context.console.err("sysctl: Path is not under /proc/sys/: /proc/sys/\n");
            return Ok(1);
        }
        let key = Key::new(name);
        match write(&key.dotted, value, context) {
            Ok(()) => {}
            Err(StackError::NotModelled(what)) => return Err(Failure::NotModelled(what)),
            Err(StackError::Past) => return Err(Failure::Past),
            Err(StackError::Exhausted(limit)) => return Err(Failure::Exhausted(limit)),
            Err(StackError::Refused { errno: Errno::ENOENT, .. }) => return Ok(self.unknown(&key, context)),
            Err(StackError::Refused { errno, .. }) => {
                // What may not be written at all is told as an invalid argument, and is no failure.
                let read_only = matches!(errno, Errno::EACCES | Errno::EPERM | Errno::EISDIR);
                let errno = if read_only { Errno::EINVAL } else { errno };
                let name = &key.dotted;
                context.console.err(&format!("sysctl: setting key \"{name}\": {errno}\n"));
                return Ok(Status::from(!read_only));
            }
        }
        if !self.quiet {
            let (Show { name_only, value_only, .. }, name) = (self.show, &key.dotted);
            context.console.out(&match (value_only, name_only) {
                (true, _) => format!("{value}\n"),
                (false, true) => format!("{name}\n"),
                (false, false) => format!("{name} = {value}\n"),
            });
        }
        Ok(0)
    }
}

/// The name of a variable. The separator that comes first, dot or slash, is the one meant; the other one
/// belongs to a link's name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    dotted: String,
    path: String,
}

/// The name of a setting whose path below `/proc/sys` this is, or the path of one with this name: dots and slashes change
/// places, as links' names may have dots.
pub(crate) fn dotted(path: &str) -> String {
    let swapped = |letter| match letter {
        '.' => '/',
        '/' => '.',
        other => other,
    };
    path.chars().map(swapped).collect()
}

/// Writes to the file of a setting.
///
/// # Errors
/// What the kernel answers to write(2).
pub(crate) fn write(name: &str, value: &str, context: &mut Context<'_>) -> Result<(), StackError> {
    let change = Change::SetSysctl { name: name.to_owned(), value: value.to_owned() };
    context.stack.apply(&context.namespace, &change)
}

impl Key {
    fn new(word: &str) -> Key {
        let swapped = dotted(word);
        match word.find(['.', '/']).map(|place| &word[place..=place]) {
            Some("/") => Key { dotted: swapped, path: word.to_owned() },
            _ => Key { dotted: word.to_owned(), path: swapped },
        }
    }
}

/// A regular expression of letters, dots and anchors.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    text: Vec<u8>,
    at_start: bool,
    at_end: bool,
}

impl Pattern {
    /// `None` where the expression needs more than that.
    fn new(expression: &str) -> Option<Pattern> {
        let at_start = expression.starts_with('^');
        let at_end = expression.ends_with('$');
        let text = expression.trim_start_matches('^').trim_end_matches('$');
        let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
        plain.then(|| Pattern { text: text.as_bytes().to_vec(), at_start, at_end })
    }

    fn is_in(&self, name: &str) -> bool {
        let name = name.as_bytes();
        let Some(last) = name.len().checked_sub(self.text.len()) else { return false };
        (0..=last).filter(|&start| (!self.at_start || start == 0) && (!self.at_end || start == last)).any(
            |start| self.text.iter().zip(&name[start..]).all(|(want, have)| *want == b'.' || want == have),
        )
    }
}

/// `sysctl --help`.
const USAGE: &str = "
Usage:
 sysctl [options] [variable[=value] ...]

Options:
  -a, --all            display all variables
  -A                   alias of -a
  -X                   alias of -a
      --deprecated     include deprecated parameters to listing
      --dry-run        Print the key and values but do not write
  -b, --binary         print value without new line
  -e, --ignore         ignore unknown variables errors
  -N, --names          print variable names without values
  -n, --values         print only values of the given variable(s)
  -p, --load[=<file>]  read values from file
  -f                   alias of -p
      --system         read values from all system directories
  -r, --pattern <expression>
                       select setting that match expression
  -q, --quiet          do not echo variable set
  -w, --write          enable writing a value to variable
  -o                   does nothing
  -x                   does nothing
  -d                   alias of -h

 -h, --help     display this help and exit
 -V, --version  output version information and exit

For more details see sysctl(8).
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_separator_counts() {
        let key = |word: &str| (Key::new(word).dotted, Key::new(word).path);
        let expected =
            ("net.ipv4.conf.eth0/1.forwarding".to_owned(), "net/ipv4/conf/eth0.1/forwarding".to_owned());
        assert_eq!(key("net.ipv4.conf.eth0/1.forwarding"), expected);
        assert_eq!(key("net/ipv4/conf/eth0.1/forwarding"), expected);
    }

    #[test]
    fn patterns_are_found_in_names() {
        let found = |pattern: &str, name| Pattern::new(pattern).is_some_and(|pattern| pattern.is_in(name));
        assert!(found("ip_forward", "net.ipv4.ip_forward_use_pmtu"));
        assert!(found("^net.ipv4", "net.ipv4.ip_forward"));
        assert!(!found("^ipv4", "net.ipv4.ip_forward"));
        assert!(found("forward$", "net.ipv4.ip_forward"));
        assert!(!found("forward$", "net.ipv4.ip_forward_use_pmtu"));
        assert_eq!(Pattern::new("a|b"), None);
    }
}
