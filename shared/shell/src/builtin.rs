//! The shell's own words.

mod read;
mod set;
mod variables;

use crate::System;
use crate::condition;
use crate::expand::Trouble;
use crate::machine::Machine;
use crate::quote::single_quoted;

/// The shell's own words that are run here. What else bash has built in, such as `echo` and `kill`, others run.
pub const BUILTINS: &[&str] = &[
    ".",
    ":",
    "[",
    "break",
    "builtin",
    "cd",
    "command",
    "continue",
    "declare",
    "eval",
    "exec",
    "exit",
    "export",
    "getopts",
    "hash",
    "let",
    "local",
    "mapfile",
    "pwd",
    "read",
    "readarray",
    "readonly",
    "return",
    "set",
    "shift",
    "shopt",
    "source",
    "test",
    "trap",
    "type",
    "typeset",
    "umask",
    "unset",
];

/// What becomes of the shell after one of its words.
pub(crate) enum Done {
    Status(u8),
    Break(usize),
    Continue(usize),
    Return(u8),
    Exit(u8),
    /// This is run in the place of the command, with these words if there are any.
    Script {
        text: String,
        positional: Vec<String>,
    },
    Trouble(Trouble),
}

/// Runs one of the shell's own words.
pub(crate) fn run(machine: &mut Machine, words: &[String], system: &mut dyn System) -> Done {
    let (name, arguments) = (words[0].as_str(), &words[1..]);
    match name {
        ":" | "hash" => Done::Status(0),
        "[" | "test" => test(machine, name, arguments, system),
        "break" | "continue" => match count(arguments.first(), 1) {
            Some(0) | None => {
                let word = arguments.first().map_or("", String::as_str);
                machine.complain(&format!("{name}: {word}: loop count out of range"), system);
                Done::Break(usize::MAX)
            }
            Some(count) if name == "break" => Done::Break(count),
            Some(count) => Done::Continue(count),
        },
        "return" | "exit" => {
            let last = machine.state().status;
            let status = match arguments {
                [] => last,
                [number] => match number.parse::<i64>() {
                    Ok(number) => number.rem_euclid(256) as u8,
                    Err(_) => {
                        machine.complain(&format!("{name}: {number}: numeric argument required"), system);
                        2
                    }
                },
                _ => {
                    machine.complain(&format!("{name}: too many arguments"), system);
                    return Done::Status(1);
                }
            };
            if name == "exit" { Done::Exit(status) } else { Done::Return(status) }
        }
        "eval" => Done::Script { text: arguments.join(" "), positional: Vec::new() },
        "." | "source" => match arguments {
            [] => {
                machine.complain(&format!("{name}: filename argument required"), system);
                Done::Status(2)
            }
            [path, rest @ ..] => match system.read(path) {
                Ok(text) => Done::Script { text, positional: rest.to_vec() },
                Err(error) => {
                    machine.complain(&format!("{path}: {error}"), system);
                    Done::Status(1)
                }
            },
        },
        "exec" => not_modelled("exec PROGRAM"),
        "shift" => shift(machine, arguments, system),
        "set" => set::set(machine, arguments, system),
        "shopt" => set::shopt(machine, arguments),
        "read" => read::read(machine, arguments, system),
        "mapfile" | "readarray" => read::mapfile(machine, arguments, system),
        "export" | "readonly" | "local" | "declare" | "typeset" => {
            variables::declare(machine, name, arguments, system)
        }
        "unset" => variables::unset(machine, arguments, system),
        "let" => {
            let mut value = 0;
            for expression in arguments {
                match crate::arithmetic::value(expression, machine.state()) {
                    Ok(number) => value = number,
                    Err(error) => {
                        machine.complain(&format!("let: {error}"), system);
                        return Done::Status(1);
                    }
                }
            }
            Done::Status(u8::from(value == 0))
        }
        "trap" => trap(machine, arguments, system),
        "command" | "type" | "builtin" => named(machine, name, arguments, system),
        "cd" => cd(machine, arguments, system),
        "pwd" => {
            let here = machine.state().value("PWD").unwrap_or("/root").to_owned();
            print(machine, &format!("{here}\n"), system)
        }
        "umask" if arguments.is_empty() => print(machine, "0022\n", system),
        other => not_modelled(other),
    }
}

pub(super) fn not_modelled(what: &str) -> Done {
    Done::Trouble(Trouble::NotModelled(what.to_owned()))
}

/// Prints on standard output; the status of a word that does nothing else.
fn print(machine: &mut Machine, text: &str, system: &mut dyn System) -> Done {
    match machine.print(1, text, system) {
        Ok(()) => Done::Status(0),
        Err(error) => {
            machine.complain(&format!("write error: {error}"), system);
            Done::Status(1)
        }
    }
}

fn count(word: Option<&String>, otherwise: usize) -> Option<usize> {
    word.map_or(Some(otherwise), |word| word.parse().ok())
}

fn test(machine: &mut Machine, name: &str, words: &[String], system: &mut dyn System) -> Done {
    let words = match (name, words.split_last()) {
        ("[", Some((last, words))) if last == "]" => words,
        ("[", _) => {
            machine.complain("[: missing `]'", system);
            return Done::Status(2);
        }
        _ => words,
    };
    match condition::test(words, machine.state(), system) {
        Ok(holds) => Done::Status(u8::from(!holds)),
        Err(Trouble::Error { text, .. }) => {
            machine.complain(&format!("{name}: {text}"), system);
            Done::Status(2)
        }
        Err(trouble) => Done::Trouble(trouble),
    }
}

fn shift(machine: &mut Machine, arguments: &[String], system: &mut dyn System) -> Done {
    let Some(count) = count(arguments.first(), 1) else {
        machine.complain(&format!("shift: {}: numeric argument required", arguments[0]), system);
        return Done::Status(1);
    };
    let positional = &mut machine.state().positional;
    if count > positional.len() {
        return Done::Status(1);
    }
    positional.drain(..count);
    Done::Status(0)
}

/// `trap`: what is run when the shell ends. Signals reach no script here, so what is to be run at one of those that end
/// a script is taken and never due; the others are refused.
fn trap(machine: &mut Machine, arguments: &[String], system: &mut dyn System) -> Done {
    let arguments = match arguments {
        [first, rest @ ..] if first == "--" => rest,
        all => all,
    };
    if arguments.is_empty() || arguments == ["-p"] {
        let Some(trap) = machine.state().exit_trap.clone() else { return Done::Status(0) };
        return print(machine, &format!("trap -- {} EXIT\n", single_quoted(&trap)), system);
    }
    let (script, signals) = match arguments {
        [signal] => (None, std::slice::from_ref(signal)),
        [script, signals @ ..] if script == "-" => (None, signals),
        [script, signals @ ..] => (Some(script.clone()), signals),
        [] => (None, &[][..]),
    };
    for signal in signals {
        match signal.trim_start_matches("SIG") {
            "EXIT" | "0" => machine.state().exit_trap.clone_from(&script),
            "INT" | "TERM" | "HUP" | "QUIT" | "1" | "2" | "3" | "15" => {}
            other => return not_modelled(&format!("trap … {other}")),
        }
    }
    Done::Status(0)
}

/// `command -v`, `type`: what a name is. `command NAME …` and `builtin NAME …` run it.
fn named(machine: &mut Machine, name: &str, arguments: &[String], system: &mut dyn System) -> Done {
    let names = match (name, arguments) {
        ("command", [option, names @ ..]) if option == "-v" => names,
        (_, [option, ..]) if option.starts_with('-') => return not_modelled(&format!("{name} {option}")),
        ("type", names) => names,
        (_, []) => return Done::Status(0),
        (_, words) => {
            let words: Vec<String> = words.iter().map(|word| crate::quoted(word)).collect();
            return Done::Script { text: words.join(" "), positional: Vec::new() };
        }
    };
    let mut status = 0;
    for word in names {
        let is_type = name == "type";
        let line = if machine.state().has_function(word) {
            if is_type { format!("{word} is a function\n") } else { format!("{word}\n") }
        } else if BUILTINS.contains(&word.as_str())
            || matches!(word.as_str(), "echo" | "true" | "false" | "kill" | "wait" | "jobs" | "fg" | "printf")
        {
            if is_type { format!("{word} is a shell builtin\n") } else { format!("{word}\n") }
        } else if system.has_program(word) {
            if is_type { format!("{word} is /usr/bin/{word}\n") } else { format!("/usr/bin/{word}\n") }
        } else {
            status = 1;
            if is_type {
                machine.complain(&format!("type: {word}: not found"), system);
            }
            continue;
        };
        if let Err(error) = machine.print(1, &line, system) {
            machine.complain(&format!("write error: {error}"), system);
            status = 1;
        }
    }
    Done::Status(status)
}

/// `cd`: a session's files lie in one folder, so one can only stay in it.
fn cd(machine: &mut Machine, arguments: &[String], system: &mut dyn System) -> Done {
    match arguments {
        [] => Done::Status(0),
        [path] if matches!(path.as_str(), "." | "./" | "/root" | "-") => Done::Status(0),
        [path] if system.folder(path).is_none() => {
            machine.complain(&format!("cd: {path}: No such file or directory"), system);
            Done::Status(1)
        }
        _ => not_modelled(&format!("cd {}", arguments.join(" "))),
    }
}
