//! A command of words: an assignment, a function, a word of the shell itself, or a program.

use super::{Call, Demand, Machine, Read, Route, Tried};
use crate::System;
use crate::builtin::{self, Done};
use crate::code::Simple;
use crate::expand::{Expanded, Expander, Trouble};
use crate::quote::quoted;
use crate::redirect::{Handle, Handles, Redirection};
use crate::state::{Assigned, Value, Variable, assigned};
use brush_parser::ast::{Assignment, AssignmentName, AssignmentValue};

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
            level.done(1);
            return None;
        }
        let substituted = self.level().substituted.take();
        let Some(name) = words.first() else {
            // The expansion has assigned.
            self.level().done(substituted.unwrap_or(0));
            return None;
        };
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
                level.done(0);
                return None;
            }
            let before = std::mem::replace(&mut self.level().handles, handles);
            let done = builtin::run(self, &words, system);
            let level = self.level();
            level.handles = before;
            level.state.restore(&hidden);
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
            Done::Status(status) => self.level().done(status),
            Done::Break(count) => self.leave_loops(count, false),
            Done::Continue(count) => self.leave_loops(count, true),
            Done::Return(status) => {
                if !self.come_back(status) {
                    self.complain("return: can only `return' from a function or sourced script", system);
                    self.level().done(2);
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

    /// Sets variables for one command; what was there before.
    fn assign_for_a_while(
        &mut self,
        assignments: &[(String, Assigned, bool)],
        system: &mut dyn System,
    ) -> Option<Vec<(String, Option<Variable>)>> {
        let mut hidden = Vec::new();
        for (name, assigned, append) in assignments {
            hidden.push((name.clone(), self.level().state.variables.get(name).cloned()));
            if let Err(error) = self.level().state.assign(name, assigned, *append) {
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
        let mut assignments = Vec::new();
        for assignment in &simple.assignments {
            let (name, assigned) = self.assignment(assignment)?;
            // Without a command it stays, and the next one sees it: `A=1 B=$A`.
            if words.is_empty() {
                self.state.assign(&name, &assigned, assignment.append).map_err(Trouble::discards)?;
            }
            assignments.push((name, assigned, assignment.append));
        }
        Ok(Expansion { words, redirections, assignments })
    }

    /// The words of `export A=…` and its like: what stands behind a `=` is not split.
    fn declaration(&mut self, words: &[String]) -> Expanded<Vec<String>> {
        let mut all = Vec::new();
        for word in words {
            match assigned(word) {
                Some((name, value)) if value.starts_with('(') => {
                    return Err(Trouble::NotModelled(format!("{} {name}=( … )", words[0])));
                }
                Some((name, value)) => all.push(format!("{name}={}", self.single(value)?)),
                None => all.extend(self.words(std::slice::from_ref(word))?),
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
