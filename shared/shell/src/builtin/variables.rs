//! `export`, `readonly`, `local`, `declare`, `unset`.

use super::{Done, not_modelled, print};
use crate::System;
use crate::machine::Machine;
use crate::state::{Value, is_name};

/// `export`, `readonly`, `local`, `declare`: names, perhaps with values.
pub(super) fn declare(
    machine: &mut Machine,
    name: &str,
    arguments: &[String],
    system: &mut dyn System,
) -> Done {
    let (mut exports, mut fixes, mut array, mut integer, mut global) =
        (name == "export", name == "readonly", false, false, false);
    let mut unexports = false;
    let mut prints = arguments.is_empty();
    let mut rest = arguments;
    while let [option, others @ ..] = rest
        && option.starts_with(['-', '+'])
        && option.len() > 1
    {
        rest = others;
        if option == "--" {
            break;
        }
        for letter in option[1..].chars() {
            match (name, letter) {
                ("export", 'n') => unexports = true,
                (_, 'p') => prints = true,
                ("export" | "readonly", 'a') | ("declare" | "typeset" | "local", 'a') => array = true,
                (_, 'x') => exports = true,
                (_, 'r') => fixes = true,
                (_, 'i') => integer = true,
                ("declare" | "typeset", 'g') => global = true,
                _ => return not_modelled(&format!("{name} {option}")),
            }
        }
    }
    if prints && rest.is_empty() {
        return show(machine, name, system);
    }
    let is_local = name == "local" || (matches!(name, "declare" | "typeset") && !global);
    let mut status = 0;
    for word in rest {
        let (variable, value, append) = match word.split_once('=') {
            Some((variable, value)) => match variable.strip_suffix('+') {
                Some(variable) => (variable, Some(value), true),
                None => (variable, Some(value), false),
            },
            None => (word.as_str(), None, false),
        };
        if !is_name(variable) {
            machine.complain(&format!("{name}: `{word}': not a valid identifier"), system);
            status = 1;
            continue;
        }
        if is_local && !machine.hide(variable) && name == "local" {
            machine.complain("local: can only be used in a function", system);
            return Done::Status(1);
        }
        let state = machine.state();
        if let Some(value) = value {
            let value = match append {
                true => state.value(variable).unwrap_or_default().to_owned() + value,
                false => value.to_owned(),
            };
            let value = match integer {
                true => match crate::arithmetic::value(&value, state) {
                    Ok(number) => number.to_string(),
                    Err(error) => {
                        machine.complain(&error, system);
                        return Done::Status(1);
                    }
                },
                false => value,
            };
            if let Err(error) = machine.state().set(variable, &value) {
                machine.complain(&error, system);
                return Done::Status(1);
            }
        }
        let entry = machine.state().variables.entry(variable.to_owned()).or_default();
        if array && entry.value.is_none() {
            entry.value = Some(Value::List(std::collections::BTreeMap::new()));
        }
        entry.exported = (entry.exported || exports) && !unexports;
        entry.readonly |= fixes;
        entry.integer |= integer;
    }
    Done::Status(status)
}

fn show(machine: &mut Machine, name: &str, system: &mut dyn System) -> Done {
    let state = machine.state();
    let lines: String = state
        .variables
        .iter()
        .filter(|(_, variable)| match name {
            "export" => variable.exported,
            "readonly" => variable.readonly,
            _ => true,
        })
        .filter_map(|(name, variable)| {
            let letters: String =
                [(variable.integer, 'i'), (variable.readonly, 'r'), (variable.exported, 'x')]
                    .iter()
                    .filter(|(on, _)| *on)
                    .map(|(_, letter)| *letter)
                    .collect();
            let letters = if letters.is_empty() { "-".to_owned() } else { letters };
            let value = variable
                .value
                .as_ref()?
                .text()?
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('$', "\\$")
                .replace('`', "\\`");
            Some(format!("declare -{letters} {name}=\"{value}\"\n"))
        })
        .collect();
    print(machine, &lines, system)
}

/// `unset [-v|-f] NAME …`.
pub(super) fn unset(machine: &mut Machine, arguments: &[String], system: &mut dyn System) -> Done {
    let (mut functions, mut variables) = (true, true);
    let mut status = 0;
    for word in arguments {
        let state = machine.state();
        match word.as_str() {
            "-v" => functions = false,
            "-f" => variables = false,
            word if word.starts_with('-') => return not_modelled(&format!("unset {word}")),
            word => {
                if let Some((name, index)) = word.strip_suffix(']').and_then(|word| word.split_once('['))
                    && variables
                {
                    let Ok(index) = crate::arithmetic::value(index, state) else { return Done::Status(1) };
                    if let Some(Value::List(list)) =
                        state.variables.get_mut(name).and_then(|variable| variable.value.as_mut())
                    {
                        list.remove(&index);
                    }
                    continue;
                }
                if variables && state.variables.get(word).is_some_and(|variable| variable.readonly) {
                    machine.complain(&format!("unset: {word}: cannot unset: readonly variable"), system);
                    status = 1;
                    continue;
                }
                let was_there = variables && state.variables.remove(word).is_some();
                if functions && !was_there {
                    state.functions.remove(word);
                }
            }
        }
    }
    Done::Status(status)
}
