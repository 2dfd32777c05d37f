//! A command of words: an assignment, a function, a word of the shell itself, or a program.

use super::{Call, Demand, Machine, Read, Route, Tried};
use crate::System;
use crate::builtin::{self, Done};
use crate::code::Simple;
use crate::expand::{Expanded, Expander, Trouble};
use crate::quote::quoted;
use crate::redirect::{Handle, Handles, Redirection};
use crate::state::{Value, Variable};
use brush_parser::ast::{Assignment, AssignmentName, AssignmentValue};

/// What stands behind the `=` of an assignment.
#[derive(Clone, Debug)]
enum Assigned {
    Text(String),
    Element(i64, String),
    List(Vec<(Option<i64>, String)>),
}

/// A command, expanded.
struct Expansion {
    words: Vec<String>,
    redirections: Vec<Redirection>,
    /// With whether each appends.
    assignments: Vec<(String, Assigned, bool)>,
}

impl Machine {
    /// Runs a command; what it needs, if it is none of the shell's own.
    pub(super) fn run(&mut self, simple: &Simple, system: &mut dyn System) -> Option<Demand> {
        self.level().state.line = simple.line;
        let Tried::Ready(expansion) = self.expand(system, |expander| expander.command(simple)) else {
            return None;
        };
        let Expansion { words, redirections, assignments } = expansion;
        let texts = self.texts.counts();
        let mut handles = self.level().handles.clone();
        self.trace_command(&words, &assignments, system);
        if let Err(error) = self.texts.open(&redirections, &mut handles, system) {
            self.complain(&error, system);
            let level = self.level();
            level.substituted = None;
            level.state.status = 1;
            level.at += 1;
            return None;
        }
        let Some(name) = words.first() else {
            return self.assign_all(assignments, system);
        };
        self.level().substituted = None;
        if let Some(code) = self.level().state.functions.get(name).cloned() {
            let mut called = self.called_here();
            called.is_function = true;
            called.positional =
                Some(std::mem::replace(&mut self.level().state.positional, words[1..].to_vec()));
            called.hidden = self.assign_for_a_while(&assignments, system)?;
            self.level().handles = handles;
            self.call(code, called, system);
            return None;
        }
        if crate::BUILTINS.contains(&name.as_str()) {
            let hidden = self.assign_for_a_while(&assignments, system)?;
            // `exec` with nothing but redirections keeps them.
            if name == "exec" && words.len() == 1 {
                let level = self.level();
                level.handles = handles;
                level.state.status = 0;
                level.at += 1;
                return None;
            }
            let before = std::mem::replace(&mut self.level().handles, handles);
            let done = builtin::run(self, &words, system);
            let level = self.level();
            level.handles = before;
            for (name, variable) in hidden.into_iter().rev() {
                match variable {
                    Some(variable) => level.state.variables.insert(name, variable),
                    None => level.state.variables.remove(&name),
                };
            }
            self.done(done, system);
            return None;
        }
        let environment = self.environment(&assignments);
        let input = match handles.get(&0) {
            Some(Handle::Input) => Read::Inherited,
            Some(Handle::Text(number)) => Read::Text(self.texts.rest(*number)),
            _ => Read::Empty,
        };
        let route = |fd: i32| match handles.get(&fd) {
            Some(Handle::Output { is_error: false }) => Route::Out,
            Some(Handle::Output { is_error: true }) => Route::Error,
            _ => Route::Machine,
        };
        let (out, err) = (route(1), route(2));
        self.call = Some((handles, texts));
        Some(Demand::Run(Call { words, environment, input, out, err }))
    }

    /// What becomes of the shell after one of its own words.
    fn done(&mut self, done: Done, system: &mut dyn System) {
        match done {
            Done::Status(status) => {
                let level = self.level();
                level.state.status = status;
                level.at += 1;
            }
            Done::Break(count) => self.leave_loops(count, false),
            Done::Continue(count) => self.leave_loops(count, true),
            Done::Return(status) => {
                if !self.come_back(status) {
                    self.complain("return: can only `return' from a function or sourced script", system);
                    let level = self.level();
                    level.state.status = 2;
                    level.at += 1;
                }
            }
            Done::Exit(status) => self.leave(status),
            Done::Script { text, positional } => {
                let Some(script) = self.parse(&text, system) else { return };
                let mut called = self.called_here();
                if !positional.is_empty() {
                    called.positional =
                        Some(std::mem::replace(&mut self.level().state.positional, positional));
                }
                self.level().state.status = 0;
                self.call(script.0, called, system);
            }
            Done::Trouble(trouble) => self.fail(trouble, system),
        }
    }

    fn assign_all(
        &mut self,
        assignments: Vec<(String, Assigned, bool)>,
        system: &mut dyn System,
    ) -> Option<Demand> {
        for (name, assigned, append) in assignments {
            if let Err(error) = self.assign(&name, assigned, append) {
                self.fail(Trouble::discards(error), system);
                return None;
            }
        }
        let level = self.level();
        level.state.status = level.substituted.take().unwrap_or(0);
        level.at += 1;
        None
    }

    fn assign(&mut self, name: &str, assigned: Assigned, append: bool) -> Result<(), String> {
        let state = &mut self.level().state;
        match assigned {
            Assigned::Text(text) if append => {
                let old = state.value(name).unwrap_or_default().to_owned();
                state.set(name, &(old + &text))
            }
            Assigned::Text(text) => {
                let is_integer = state.variables.get(name).is_some_and(|variable| variable.integer);
                let text = match is_integer {
                    true => crate::arithmetic::value(&text, state)?.to_string(),
                    false => text,
                };
                state.set(name, &text)
            }
            Assigned::Element(index, text) => state.set_element(name, index, &text),
            Assigned::List(values) => state.set_list(name, values, append),
        }
    }

    /// Sets variables for one command; what was there before.
    fn assign_for_a_while(
        &mut self,
        assignments: &[(String, Assigned, bool)],
        system: &mut dyn System,
    ) -> Option<Vec<(String, Option<Variable>)>> {
        let mut hidden = Vec::new();
        for (name, assigned, append) in assignments {
            hidden.push((name.clone(), self.level().state.variables.get(name).cloned()));
            if let Err(error) = self.assign(name, assigned.clone(), *append) {
                self.fail(Trouble::discards(error), system);
                return None;
            }
        }
        Some(hidden)
    }

    fn environment(&mut self, assignments: &[(String, Assigned, bool)]) -> Vec<(String, String)> {
        let mut environment = self.level().state.environment();
        for (name, assigned, _) in assignments {
            if let Assigned::Text(text) = assigned {
                environment.retain(|(other, _)| other != name);
                environment.push((name.clone(), text.clone()));
            }
        }
        environment
    }

    /// Shows a command as `set -x` does.
    fn trace_command(
        &mut self,
        words: &[String],
        assignments: &[(String, Assigned, bool)],
        system: &mut dyn System,
    ) {
        if !self.level().state.options.xtrace {
            return;
        }
        for (name, assigned, append) in assignments {
            let equals = if *append { "+=" } else { "=" };
            let line = match assigned {
                Assigned::Text(text) if text.is_empty() => format!("{name}{equals}"),
                Assigned::Text(text) => format!("{name}{equals}{}", quoted(text)),
                Assigned::Element(index, text) => format!("{name}[{index}]{equals}{}", quoted(text)),
                Assigned::List(values) => {
                    let values: Vec<String> = values.iter().map(|(_, value)| quoted(value)).collect();
                    format!("{name}{equals}({})", values.join(" "))
                }
            };
            self.trace(&line, system);
        }
        if !words.is_empty() {
            let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
            self.trace(&words.join(" "), system);
        }
    }

    /// A line of `set -x`: in a substitution the first letter of `PS4` stands once more.
    pub(super) fn trace(&mut self, line: &str, system: &mut dyn System) {
        let state = &self.level().state;
        if !state.options.xtrace {
            return;
        }
        let lead = state.value("PS4").unwrap_or_default();
        let first: String = lead.chars().take(1).collect();
        let line = format!("{}{lead}{line}\n", first.repeat(state.depth));
        self.print_error(&line, system);
    }

    /// Prints for one of the shell's own words.
    pub(crate) fn print(&mut self, fd: i32, text: &str, system: &mut dyn System) -> Result<(), String> {
        let handle = self.level().handles.get(&fd).cloned();
        self.texts.write(handle.as_ref(), text, system)
    }

    /// An error of one of the shell's own words.
    pub(crate) fn report(&mut self, text: &str, system: &mut dyn System) {
        self.complain(text, system);
    }

    /// The next line of a descriptor, with its end, and whether it is a text at all.
    pub(crate) fn line(&mut self, fd: i32) -> Option<String> {
        match self.level().handles.get(&fd).cloned() {
            Some(Handle::Text(number)) => self.texts.line(number),
            _ => None,
        }
    }

    /// What the shell keeps.
    pub(crate) fn state(&mut self) -> &mut crate::State {
        &mut self.level().state
    }

    /// `local`: the variable is the function's own. Whether there is a function.
    pub(crate) fn make_local(&mut self, name: &str) -> bool {
        self.hide(name)
    }

    /// The descriptors that are open.
    pub(crate) fn handles(&mut self) -> &Handles {
        &self.level().handles
    }
}

impl Expander<'_> {
    fn command(&mut self, simple: &Simple) -> Expanded<Expansion> {
        let words = match simple.words.first().map(String::as_str) {
            Some("export" | "local" | "readonly" | "declare" | "typeset") => {
                self.declaration(&simple.words)?
            }
            _ => self.words(&simple.words)?,
        };
        let redirections = self.redirections(&simple.redirects)?;
        // Each assignment sees those before it: `A=1 B=$A`.
        let alone = words.is_empty();
        let mut assignments = Vec::new();
        for assignment in &simple.assignments {
            let (name, assigned) = self.assignment(assignment)?;
            if alone && let Assigned::Text(text) = &assigned {
                let old = match assignment.append {
                    true => self.state.value(&name).unwrap_or_default().to_owned(),
                    false => String::new(),
                };
                if simple.assignments.len() > 1 && !assignment.append {
                    self.state.set(&name, &(old + text)).map_err(Trouble::discards)?;
                }
            }
            assignments.push((name, assigned, assignment.append));
        }
        Ok(Expansion { words, redirections, assignments })
    }

    /// The words of `export A=…` and its like: what stands behind a `=` is not split.
    fn declaration(&mut self, words: &[String]) -> Expanded<Vec<String>> {
        let mut all = Vec::new();
        for word in words {
            let assigns = word
                .split_once('=')
                .is_some_and(|(name, _)| crate::state::is_name(name.trim_end_matches('+')));
            match word.split_once('=') {
                Some((name, value)) if assigns && value.starts_with('(') => {
                    return Err(Trouble::NotModelled(format!("{} {name}=( … )", words[0])));
                }
                Some((name, value)) if assigns => all.push(format!("{name}={}", self.single(value)?)),
                _ => all.extend(self.words(std::slice::from_ref(word))?),
            }
        }
        Ok(all)
    }

    fn assignment(&mut self, assignment: &Assignment) -> Expanded<(String, Assigned)> {
        let assigned = match (&assignment.name, &assignment.value) {
            (AssignmentName::VariableName(_), AssignmentValue::Scalar(word)) => {
                Assigned::Text(self.single(&word.value)?)
            }
            (AssignmentName::ArrayElementName(name, index), AssignmentValue::Scalar(word)) => {
                let index = self.arithmetic(index)?;
                let index = match self.state.variables.get(name).and_then(|variable| variable.value.as_ref())
                {
                    Some(Value::List(list)) if index < 0 => {
                        list.last_key_value().map_or(0, |(last, _)| last.saturating_add(1)) + index
                    }
                    _ => index,
                };
                Assigned::Element(index, self.single(&word.value)?)
            }
            (_, AssignmentValue::Array(values)) => {
                let mut list = Vec::new();
                for (index, word) in values {
                    match index {
                        Some(index) => {
                            let index = self.arithmetic(&index.value)?;
                            list.push((Some(index), self.single(&word.value)?));
                        }
                        None => {
                            let words = self.words(std::slice::from_ref(&word.value))?;
                            list.extend(words.into_iter().map(|word| (None, word)));
                        }
                    }
                }
                Assigned::List(list)
            }
        };
        let name = match &assignment.name {
            AssignmentName::VariableName(name) | AssignmentName::ArrayElementName(name, _) => name.clone(),
        };
        Ok((name, assigned))
    }
}
