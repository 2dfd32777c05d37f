//! `true`, `false`, `echo` and others that say little.

use super::{Context, Failure, Status, refused};
use vethlab_shared::family::Family;
use vethlab_shared::view::LinkFlags;

/// `true`: does nothing, well.
pub(super) fn succeed(_words: &[String], _context: &mut Context<'_>) -> Result<Status, Failure> {
    Ok(0)
}

/// `false`: does nothing, badly.
pub(super) fn fail(_words: &[String], _context: &mut Context<'_>) -> Result<Status, Failure> {
    Ok(1)
}

/// `echo`, as built into bash: the words with spaces between, and a newline unless `-n` comes first. After `-e`, backslashes
/// have a meaning.
pub(super) fn echo(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let is_option = |word: &String| {
        word.strip_prefix('-')
            .is_some_and(|letters| !letters.is_empty() && letters.chars().all(|c| "neE".contains(c)))
    };
    let options = words.iter().take_while(|word| is_option(word)).count();
    let (options, words) = words.split_at(options);
    let end = if options.iter().any(|option| option.contains('n')) { "" } else { "\n" };
    let text = words.join(" ");
    // The last of them counts.
    let mut letters = options.iter().flat_map(|option| option.chars());
    let text = match letters.rfind(|letter| *letter != 'n') {
        Some('e') => match unescaped(&text)? {
            (text, true) => text + end,
            (text, false) => text,
        },
        _ => text + end,
    };
    context.console.out(&text);
    Ok(0)
}

/// What `echo -e` makes of backslashes, and whether anything may follow: `\c` ends it all (`sh_backslash` in bash).
fn unescaped(text: &str) -> Result<(String, bool), Failure> {
    let mut made = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            made.push(character);
            continue;
        }
        let meant = match characters.next() {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('a') => '\u{7}',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('v') => '\u{b}',
            Some('e' | 'E') => '\u{1b}',
            Some('\\') => '\\',
            Some('c') => return Ok((made, false)),
            Some(digit @ ('0' | 'x' | 'u' | 'U')) => {
                return Err(Failure::NotModelled(format!("echo -e \\{digit}")));
            }
            Some(other) => {
                made.push('\\');
                other
            }
            None => '\\',
        };
        made.push(meant);
    }
    Ok((made, true))
}

/// `whoami`: root, as in the namespaces that vethlab makes.
pub(super) fn whoami(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    if let Some(word) = words.first() {
        return Err(Failure::NotModelled(format!("whoami {word}")));
    }
    context.console.out("root\n");
    Ok(0)
}

/// `hostname`: the machine's name is that of its own namespace. A network namespace has none (`uname(2)` is about a UTS
/// namespace).
pub(super) fn hostname(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] | ["-s" | "--short"] => context.console.out("host\n"),
        ["-I" | "--all-ip-addresses"] => {
            let failed = |error| refused(error, 1, |errno| format!("hostname: {errno}"));
            let links = context.stack.links(&context.namespace).map_err(failed)?;
            let addresses = context.stack.addresses(&context.namespace, Family::Inet).map_err(failed)?;
            let is_loopback =
                |index| links.iter().any(|link| link.index == index && link.has(LinkFlags::LOOPBACK));
            let own = addresses.iter().filter(|address| !is_loopback(address.link));
            let text: String = own.map(|address| format!("{} ", address.local)).collect();
            context.console.out(&format!("{text}\n"));
        }
        [word, ..] => return Err(Failure::NotModelled(format!("hostname {word}"))),
    }
    Ok(0)
}

/// `history` where nobody sits before a terminal: the commands of this session, numbered as bash does. At a prompt the
/// shell has those of earlier sessions too.
pub(super) fn history(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    if words == ["-c"] {
        // What was done is kept all the same: 'undo' and 'why' go by it.
        return Ok(0);
    }
    let lines: Vec<&str> = context.journal.commands().map(|(command, _)| command.line.as_str()).collect();
    let most = most_of_history(words)?.unwrap_or(lines.len());
    context.console.out(&listed(&lines, most));
    Ok(0)
}

/// How many lines are wanted of the history: `None` is all.
///
/// # Errors
/// The words are none of `history`.
fn most_of_history(words: &[String]) -> Result<Option<usize>, Failure> {
    match words {
        [] => Ok(None),
        [word] if word.starts_with('-') => Err(Failure::NotModelled(format!("history {word}"))),
        [word] => match word.parse() {
            Ok(most) => Ok(Some(most)),
            Err(_) => Err(Failure::exit(1, format_args!("bash: history: {word}: numeric argument required"))),
        },
        _ => Err(Failure::exit(1, "bash: history: too many arguments")),
    }
}

/// The last of these lines, with their numbers.
pub fn listed(lines: &[impl AsRef<str>], most: usize) -> String {
    let numbered = (1..).zip(lines).skip(lines.len().saturating_sub(most));
    numbered.map(|(number, line): (usize, _)| format!("{number:5}  {}\n", line.as_ref())).collect()
}

/// `clear` where there is no screen.
pub(super) fn clear(words: &[String], _context: &mut Context<'_>) -> Result<Status, Failure> {
    match words.first() {
        Some(word) => Err(Failure::NotModelled(format!("clear {word}"))),
        None => Ok(0),
    }
}
