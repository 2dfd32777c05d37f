//! `set` and `shopt`: the shell's options.

use super::{Done, not_modelled, print};
use crate::System;
use crate::machine::Machine;
use crate::quote::quoted;

/// `set`: options, and the words of the shell.
pub(super) fn set(machine: &mut Machine, arguments: &[String], system: &mut dyn System) -> Done {
    if arguments.is_empty() {
        let state = machine.state();
        let lines = state.variables.iter().filter_map(|(name, variable)| {
            let value = variable.value.as_ref()?.text()?;
            Some(format!("{name}={}\n", if value.is_empty() { String::new() } else { quoted(value) }))
        });
        let text: String = lines.collect();
        return print(machine, &text, system);
    }
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--" => {
                machine.state().positional = rest.cloned().collect();
                return Done::Status(0);
            }
            word if word.len() > 1 && word.starts_with(['-', '+']) => {
                let on = word.starts_with('-');
                for letter in word[1..].chars() {
                    let options = &mut machine.state().options;
                    match letter {
                        'e' => options.errexit = on,
                        'u' => options.nounset = on,
                        'x' => options.xtrace = on,
                        'f' => options.noglob = on,
                        // Shown by nothing that is modelled: commands are found anew each time, and braces expand.
                        'h' | 'B' | 'E' | 'T' | 'm' | 'b' => {}
                        'o' => {
                            let Some(name) = rest.next() else { return not_modelled("set -o") };
                            match name.as_str() {
                                "errexit" => options.errexit = on,
                                "nounset" => options.nounset = on,
                                "xtrace" => options.xtrace = on,
                                "pipefail" => options.pipefail = on,
                                "noglob" => options.noglob = on,
                                "errtrace" | "functrace" | "hashall" | "monitor" | "notify"
                                | "braceexpand" => {}
                                "posix" | "verbose" | "noexec" | "noclobber" | "allexport" | "history"
                                | "vi" | "emacs" => {
                                    return not_modelled(&format!("set -o {name}"));
                                }
                                other => {
                                    machine.complain(&format!("set: {other}: invalid option name"), system);
                                    return Done::Status(2);
                                }
                            }
                        }
                        'a' | 'C' | 'k' | 'n' | 'p' | 'P' | 't' | 'v' | 'H' => {
                            return not_modelled(&format!("set -{letter}"));
                        }
                        other => {
                            machine.complain(&format!("set: -{other}: invalid option"), system);
                            return Done::Status(2);
                        }
                    }
                }
            }
            word => {
                let first = std::iter::once(word.to_owned());
                machine.state().positional = first.chain(rest.cloned()).collect();
                return Done::Status(0);
            }
        }
    }
    Done::Status(0)
}

/// `shopt -s|-u nullglob`; the others are refused.
pub(super) fn shopt(machine: &mut Machine, arguments: &[String]) -> Done {
    let (on, names) = match arguments {
        [option, names @ ..] if option == "-s" => (true, names),
        [option, names @ ..] if option == "-u" => (false, names),
        _ => return not_modelled("shopt"),
    };
    for name in names {
        match name.as_str() {
            "nullglob" => machine.state().options.nullglob = on,
            // Nothing that is modelled asks for them.
            "expand_aliases" | "checkwinsize" | "histappend" => {}
            other => return not_modelled(&format!("shopt {other}")),
        }
    }
    Done::Status(0)
}
