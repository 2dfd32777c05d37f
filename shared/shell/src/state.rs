//! What a shell keeps: variables, functions, options.

use crate::code::Code;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a shell keeps from one command to the next.
#[derive(Clone, Debug)]
pub struct State {
    pub(crate) variables: BTreeMap<String, Variable>,
    pub(crate) functions: BTreeMap<String, Arc<Code>>,
    /// `$1` and so on.
    pub(crate) positional: Vec<String>,
    /// `$0`: what errors of the shell begin with.
    pub(crate) name: String,
    /// Whether such an error names the line of the script.
    pub(crate) numbered: bool,
    pub(crate) options: Options,
    /// `$?`.
    pub(crate) status: u8,
    /// `$!`.
    pub(crate) background: String,
    /// What is run when the shell ends (`trap … EXIT`).
    pub(crate) exit_trap: Option<String>,
    /// The line that is run.
    pub(crate) line: usize,
    /// Since when the shell runs, in seconds.
    pub(crate) began: Option<u64>,
    /// How many shells lie around this one: `set -x` shows it.
    pub(crate) depth: usize,
}

/// What `set` sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) errexit: bool,
    pub(crate) nounset: bool,
    pub(crate) xtrace: bool,
    pub(crate) pipefail: bool,
    pub(crate) noglob: bool,
    pub(crate) nullglob: bool,
}

/// A variable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Variable {
    /// Not there where it was declared and has no value.
    pub(crate) value: Option<Value>,
    pub(crate) exported: bool,
    pub(crate) readonly: bool,
    pub(crate) integer: bool,
}

/// What a variable holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    /// An array: values by index.
    List(BTreeMap<i64, String>),
}

/// What stands behind the `=` of an assignment.
#[derive(Clone, Debug)]
pub(crate) enum Assigned {
    Text(String),
    Element(i64, String),
    List(Vec<(Option<i64>, String)>),
}

impl Value {
    /// What the bare name stands for: of an array its first element.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            Value::List(list) => list.get(&0).map(String::as_str),
        }
    }
}

impl Default for State {
    fn default() -> State {
        State::new("bash", &[], false)
    }
}

impl State {
    /// Of a shell with this name, with these words behind it. Where it is `numbered`, errors name the line.
    pub fn new(name: &str, positional: &[String], numbered: bool) -> State {
        let variables = [
            ("HOME", "/root"),
            ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            ("PWD", "/root"),
            ("USER", "root"),
            ("LOGNAME", "root"),
            ("SHELL", "/bin/bash"),
            ("TERM", "xterm-256color"),
        ];
        let exported = |text: &str| Variable {
            value: Some(Value::Text(text.to_owned())),
            exported: true,
            ..Variable::default()
        };
        let mut variables: BTreeMap<String, Variable> =
            variables.into_iter().map(|(name, text)| (name.to_owned(), exported(text))).collect();
        for (name, text) in [
            ("IFS", " \t\n"),
            ("PS4", "+ "),
            ("HOSTNAME", "host"),
            ("UID", "0"),
            ("EUID", "0"),
            ("PPID", "1"),
            ("OSTYPE", "linux-gnu"),
            ("BASH_VERSION", "5.2.15(1)-release"),
            ("BASH", "/bin/bash"),
        ] {
            variables.insert(name.to_owned(), Variable { exported: false, ..exported(text) });
        }
        State {
            variables,
            functions: BTreeMap::new(),
            positional: positional.to_vec(),
            name: name.to_owned(),
            numbered,
            options: Options::default(),
            status: 0,
            background: String::new(),
            exit_trap: None,
            line: 0,
            began: None,
            depth: 0,
        }
    }

    /// Gives the shell variables of its environment.
    pub fn export(&mut self, environment: &[(String, String)]) {
        for (name, value) in environment {
            let value = Some(Value::Text(value.clone()));
            self.variables.insert(name.clone(), Variable { value, exported: true, ..Variable::default() });
        }
    }

    /// Sets the options that letters behind `bash` name: `e`, `u`, `x`. Other letters set none.
    pub fn set_options(&mut self, letters: &str) {
        self.options.errexit |= letters.contains('e');
        self.options.nounset |= letters.contains('u');
        self.options.xtrace |= letters.contains('x');
    }

    /// The exit status of the last command.
    pub fn status(&self) -> u8 {
        self.status
    }

    /// Notes the exit status of a command that was run without the shell.
    pub fn set_status(&mut self, status: u8) {
        self.status = status;
    }

    /// Whether a function has this name.
    pub fn has_function(&self, name: &str) -> bool {
        self.functions.contains_key(name)
    }

    /// Whether commands without any grammar have to pass by the shell all the same: `set -e` ends it, `set -x` shows it.
    pub fn watches_commands(&self) -> bool {
        self.options.errexit || self.options.xtrace
    }

    /// Whether something is to be run when the shell ends (`trap … EXIT`), or shown (`set -x`).
    pub fn acts_at_its_end(&self) -> bool {
        self.exit_trap.is_some() || self.options.xtrace
    }

    /// What a shell that this one starts as a process has: what is exported.
    pub fn environment(&self) -> Vec<(String, String)> {
        let exported = self.variables.iter().filter(|(_, variable)| variable.exported);
        exported
            .filter_map(|(name, variable)| Some((name.clone(), variable.value.as_ref()?.text()?.to_owned())))
            .collect()
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.variables.get(name)?.value.as_ref()?.text()
    }

    /// Sets a variable.
    ///
    /// # Errors
    /// It is read-only.
    pub(crate) fn set(&mut self, name: &str, text: &str) -> Result<(), String> {
        self.set_value(name, |old| match old {
            Some(Value::List(mut list)) => {
                list.insert(0, text.to_owned());
                Value::List(list)
            }
            _ => Value::Text(text.to_owned()),
        })
    }

    /// Sets an element of an array.
    ///
    /// # Errors
    /// The variable is read-only.
    pub(crate) fn set_element(&mut self, name: &str, index: i64, text: &str) -> Result<(), String> {
        self.set_value(name, |old| {
            let mut list = match old {
                Some(Value::List(list)) => list,
                Some(Value::Text(text)) => BTreeMap::from([(0, text)]),
                None => BTreeMap::new(),
            };
            list.insert(index, text.to_owned());
            Value::List(list)
        })
    }

    pub(crate) fn set_value(
        &mut self,
        name: &str,
        new: impl FnOnce(Option<Value>) -> Value,
    ) -> Result<(), String> {
        let variable = self.variables.entry(name.to_owned()).or_default();
        if variable.readonly {
            return Err(format!("{name}: readonly variable"));
        }
        let old = variable.value.take();
        variable.value = Some(new(old));
        Ok(())
    }

    /// Sets a whole array, or adds to it.
    ///
    /// # Errors
    /// The variable is read-only.
    fn set_list(&mut self, name: &str, values: &[(Option<i64>, String)], append: bool) -> Result<(), String> {
        self.set_value(name, |old| {
            let mut list = match old {
                Some(Value::List(list)) if append => list,
                Some(Value::Text(text)) if append => [(0, text)].into(),
                _ => BTreeMap::new(),
            };
            let mut next = list.last_key_value().map_or(0, |(last, _)| last + 1);
            for (index, value) in values {
                let index = index.unwrap_or(next);
                list.insert(index, value.clone());
                next = index + 1;
            }
            Value::List(list)
        })
    }

    /// Assigns to a variable.
    ///
    /// # Errors
    /// It is read-only, or wants a number and is given none.
    pub(crate) fn assign(&mut self, name: &str, assigned: &Assigned, append: bool) -> Result<(), String> {
        match assigned {
            Assigned::Text(text) if append => {
                let old = self.value(name).unwrap_or_default().to_owned();
                self.set(name, &(old + text))
            }
            Assigned::Text(text) => {
                let is_integer = self.variables.get(name).is_some_and(|variable| variable.integer);
                if is_integer {
                    let number = crate::arithmetic::value(text, self)?;
                    return self.set(name, &number.to_string());
                }
                self.set(name, text)
            }
            Assigned::Element(index, text) => self.set_element(name, *index, text),
            Assigned::List(values) => self.set_list(name, values, append),
        }
    }

    /// Gives variables back what hid them.
    pub(crate) fn restore(&mut self, hidden: &[(String, Option<Variable>)]) {
        for (name, variable) in hidden.iter().rev() {
            match variable {
                Some(variable) => self.variables.insert(name.clone(), variable.clone()),
                None => self.variables.remove(name),
            };
        }
    }

    /// `$-`.
    pub(crate) fn flags(&self) -> String {
        let Options { errexit, noglob, nounset, xtrace, .. } = self.options;
        let flags = [(errexit, 'e'), (noglob, 'f'), (true, 'h'), (nounset, 'u'), (xtrace, 'x'), (true, 'B')];
        flags.iter().filter(|(on, _)| *on).map(|(_, letter)| *letter).collect()
    }

    /// An error of the shell itself.
    pub(crate) fn error(&self, text: &str) -> String {
        match self.numbered {
            true => format!("{}: line {}: {text}\n", self.name, self.line),
            false => format!("{}: {text}\n", self.name),
        }
    }
}

/// The name and the value of a word that assigns: `A=1`, `A+=1`.
pub(crate) fn assigned(word: &str) -> Option<(&str, &str)> {
    word.split_once('=').filter(|(name, _)| is_name(name.strip_suffix('+').unwrap_or(name)))
}

/// Whether this can be the name of a variable.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
