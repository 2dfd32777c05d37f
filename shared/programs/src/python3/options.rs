//! The words behind `python3`.

use super::Failure;
use crate::client::{Named, look_up};
use std::net::Ipv4Addr;

/// What stands before the module, and alters nothing here: output comes at once anyway.
const UNBUFFERED: &str = "-u";

const USAGE: &str = "usage: server.py [-h] [--cgi] [-b ADDRESS] [-d DIRECTORY] [-p VERSION] [port]\n";

const HELP: &str = "
positional arguments:
  port                  bind to this port (default: 8000)

options:
  -h, --help            show this help message and exit
  --cgi                 run as CGI server
  -b ADDRESS, --bind ADDRESS
                        bind to this address (default: all interfaces)
  -d DIRECTORY, --directory DIRECTORY
                        serve this directory (default: current directory)
  -p VERSION, --protocol VERSION
                        conform to this HTTP version (default: HTTP/1.0)
";

/// The long options, and the letters of those that take a value.
const LONGS: [(&str, char); 5] =
    [("--help", 'h'), ("--cgi", 'c'), ("--bind", 'b'), ("--directory", 'd'), ("--protocol", 'p')];

/// Where it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) address: Ipv4Addr,
    pub(super) port: u16,
}

/// What the words ask for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    Serve(Server),
    /// A text to standard output.
    Print(String),
}

/// As `argparse` ends a program.
fn error(message: impl std::fmt::Display) -> Failure {
    Failure::Exit { message: format!("{USAGE}server.py: error: {message}\n"), status: 2 }
}

/// Reads the words.
pub(super) fn parse(words: &[String]) -> Result<Command, Failure> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let rest = match words.strip_prefix(&[UNBUFFERED]).unwrap_or(&words) {
        ["-m", "http.server", rest @ ..] => rest,
        [] => return Err(Failure::NotModelled("python3 without -m http.server".to_owned())),
        ["-m"] => {
            let message = "Argument expected for the -m option\n\
                 usage: python3 [option] ... [-c cmd | -m mod | file | -] [arg] ...\n\
                 Try `python -h' for more information.";
            return Err(Failure::exit(2, message));
        }
        ["-m", module, ..] => return Err(Failure::NotModelled(format!("python3 -m {module}"))),
        [word, ..] => return Err(Failure::NotModelled(format!("python3 {word}"))),
    };
    arguments(rest)
}

fn arguments(words: &[&str]) -> Result<Command, Failure> {
    let (mut bind, mut operands, mut words) = (None, Vec::new(), words.iter().copied());
    while let Some(word) = words.next() {
        let is_number =
            word.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if word == "--" {
            operands.extend(words.by_ref());
        } else if !word.starts_with('-') || word == "-" || is_number {
            operands.push(word);
        } else {
            let (letter, shown, attached) = option(word)?;
            match letter {
                'h' => return Ok(Command::Print(format!("{USAGE}{HELP}"))),
                'c' => return Err(Failure::NotModelled("python3 -m http.server --cgi".to_owned())),
                letter => {
                    let value = attached.or_else(|| words.next().filter(|next| !next.starts_with('-')));
                    let value = value
                        .ok_or_else(|| error(format_args!("argument {shown}: expected one argument")))?;
                    if letter != 'b' {
                        return Err(not_served(letter, value));
                    }
                    bind = Some(value);
                }
            }
        }
    }
    let port = match operands.as_slice() {
        [] => 8000,
        [port] => {
            number(port).ok_or_else(|| error(format_args!("argument port: invalid int value: '{port}'")))?
        }
        [_, rest @ ..] => return Err(error(format_args!("unrecognized arguments: {}", rest.join(" ")))),
    };
    // Of a larger number `getaddrinfo(3)` takes the lower half.
    let port = u16::try_from(port & 0xffff).unwrap_or_default().clamp(0, u16::MAX);
    if operands.first().is_some_and(|port| number(port).is_some_and(|port| port < 0)) {
        return Err(Failure::exit(1, "socket.gaierror: [Errno -8] Servname not supported for ai_socktype"));
    }
    let address = match bind.map(look_up) {
        None => Ipv4Addr::UNSPECIFIED,
        Some(Named::Address(address)) => address,
        Some(Named::Version6) => {
            let address = bind.unwrap_or_default();
            return Err(Failure::NotModelled(format!("python3 -m http.server --bind {address}")));
        }
        Some(Named::Unknown) => {
            return Err(Failure::exit(1, "socket.gaierror: [Errno -3] Temporary failure in name resolution"));
        }
    };
    Ok(Command::Serve(Server { address, port }))
}

/// An option by its letter, how `argparse` calls it, and the value that is attached to it.
fn option(word: &str) -> Result<(char, &'static str, Option<&str>), Failure> {
    let unknown = || error(format_args!("unrecognized arguments: {word}"));
    let shown = |letter| match letter {
        'b' => "-b/--bind",
        'd' => "-d/--directory",
        _ => "-p/--protocol",
    };
    if word.starts_with("--") {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let (_, letter) = LONGS.into_iter().find(|(long, _)| long.starts_with(name)).ok_or_else(unknown)?;
        return Ok((letter, shown(letter), value));
    }
    let mut letters = word[1..].chars();
    match letters.next() {
        Some(letter @ ('b' | 'd' | 'p')) => {
            let value = Some(letters.as_str()).filter(|value| !value.is_empty());
            Ok((letter, shown(letter), value))
        }
        Some('h') => Ok(('h', "", None)),
        _ => Err(unknown()),
    }
}

/// What would alter what is served.
fn not_served(letter: char, value: &str) -> Failure {
    let why = match letter {
        'd' => "vethlab: there are no files here to serve: leave '-d' out; the page names its namespace",
        _ => return Failure::NotModelled(format!("python3 -m http.server -{letter} {value}")),
    };
    Failure::exit(2, why)
}

/// As `int()` reads a number.
fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.trim_start_matches(['+', '-']);
    let is_number = text.len() - digits.len() <= 1
        && digits.split('_').all(|part| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit()));
    is_number.then(|| text.replace('_', "").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command, Failure> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&words)
    }

    fn serves(line: &str) -> Option<(String, u16)> {
        match read(line) {
            Ok(Command::Serve(server)) => Some((server.address.to_string(), server.port)),
            _ => None,
        }
    }

    #[test]
    fn words_say_where_it_serves() {
        let at = |address: &str, port| Some((address.to_owned(), port));
        assert_eq!(serves("-m http.server"), at("0.0.0.0", 8000));
        assert_eq!(serves("-u -m http.server 80 --bind 10.0.0.2"), at("10.0.0.2", 80));
        assert_eq!(serves("-m http.server --bi=localhost 8_0"), at("127.0.0.1", 80));
        assert_eq!(serves("-m http.server -b10.1 99999"), at("10.0.0.1", 34463));
    }

    #[test]
    fn what_is_wrong_reads_as_argparse_writes_it() {
        for (line, end) in [
            ("-m http.server x", "server.py: error: argument port: invalid int value: 'x'\n"),
            ("-m http.server 1 2", "server.py: error: unrecognized arguments: 2\n"),
            ("-m http.server --foo", "server.py: error: unrecognized arguments: --foo\n"),
            ("-m http.server --bind", "server.py: error: argument -b/--bind: expected one argument\n"),
            ("-m http.server -1", "socket.gaierror: [Errno -8] Servname not supported for ai_socktype\n"),
            ("-m http.server -d /srv", "leave '-d' out; the page names its namespace\n"),
        ] {
            match read(line) {
                Err(Failure::Exit { message, .. }) => assert!(message.ends_with(end), "{line}: {message}"),
                other => panic!("{line}: {other:?}"),
            }
        }
        for line in ["", "x.py", "-c 1", "-m json.tool", "-m http.server --cgi", "-m http.server --bind ::1"]
        {
            assert!(matches!(read(line), Err(Failure::NotModelled(_))), "{line}");
        }
    }
}
