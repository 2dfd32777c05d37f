//! A script that runs, step by step.

mod compound;
mod flow;
mod level;
mod run;

use crate::code::Step;
use crate::expand::{Expanded, Expander, Trouble};
use crate::redirect::{Handle, Handles, Texts};
use crate::state::State;
use crate::syntax::Script;
use crate::{Problem, System};
use level::{Frame, Level, Purpose};
use std::sync::Arc;

/// How many steps are taken at once while nothing has to be run.
const STEPS_AT_ONCE: u32 = 4096;

/// How many shells, functions and sourced scripts may lie within each other.
const DEEPEST: usize = 200;

/// A script that runs. It is asked for what it needs, and told what came of it.
#[derive(Clone, Debug)]
pub struct Machine {
    levels: Vec<Level>,
    texts: Texts,
    /// The handles of the command that is being run, and how many texts there were before it.
    call: Option<(Handles, (usize, usize))>,
    mode: Mode,
}

/// What a script is to the shell that runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The whole of it: the shell ends with it.
    Script,
    /// A line of it: the shell goes on, unless an error ends it.
    Line,
    /// A line that a person types: an error ends no more than the line.
    Prompt,
}

/// What a script needs to go on.
#[derive(Debug)]
pub enum Demand {
    /// This command has to be run: [`Machine::took`] is told what it prints, and [`Machine::ended`] how it ended.
    Run(Call),
    /// This is to go on beside it: [`Machine::spawned`] is told.
    Spawn {
        /// What goes on.
        machine: Box<Machine>,
        /// As it was written.
        text: String,
    },
    /// It has taken many steps, and would take more.
    Pause,
    /// It has ended.
    Ended {
        /// With this status.
        status: u8,
        /// Whether the shell itself is to end: `exit`, or an error after `set -e`.
        exit: bool,
    },
}

/// A command to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its name and its words.
    pub words: Vec<String>,
    /// What its environment holds.
    pub environment: Vec<(String, String)>,
    /// Where its standard input comes from.
    pub input: Read,
    /// Where its standard output goes.
    pub out: Route,
    /// Where its standard error goes.
    pub err: Route,
}

/// Where standard input comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// It is that of the shell.
    Inherited,
    /// It is at its end.
    Empty,
    /// This text.
    Text(Arc<str>),
}

/// Where a command's text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// To the standard output of the shell.
    Out,
    /// To its standard error.
    Error,
    /// The machine takes it ([`Machine::took`]).
    Machine,
}

/// What came of an attempt to expand words.
enum Tried<T> {
    Ready(T),
    /// A script has to be run before.
    Waits,
    /// The command is left out, and why has been told.
    Failed,
}

impl Machine {
    /// A script that is to run with this state. Its standard input is the shell's own, or this text.
    pub fn new(script: &Script, state: State, mode: Mode, input: Option<Arc<str>>) -> Machine {
        let mut texts = Texts::default();
        let input = input.map_or(Handle::Input, |text| texts.read(text.to_string()));
        let handles = Handles::from([
            (0, input),
            (1, Handle::Output { is_error: false }),
            (2, Handle::Output { is_error: true }),
        ]);
        let level = Level::new(script.0.clone(), state, handles, Purpose::Main);
        Machine { levels: vec![level], texts, call: None, mode }
    }

    /// The state as it is, of the outermost shell.
    pub fn into_state(self) -> State {
        self.levels.into_iter().next().map(|level| level.state).unwrap_or_default()
    }

    /// Goes on until it needs something.
    pub fn next(&mut self, system: &mut dyn System) -> Demand {
        for _ in 0..STEPS_AT_ONCE {
            if let Some(demand) = self.step(system) {
                return demand;
            }
        }
        Demand::Pause
    }

    /// The command that is being run printed this.
    pub fn took(&mut self, is_error: bool, text: &str, system: &mut dyn System) {
        let Some((handles, _)) = &self.call else { return };
        let handle = handles.get(&if is_error { 2 } else { 1 }).cloned();
        if let Err(error) = self.texts.write(handle.as_ref(), text, system) {
            self.complain(&format!("write error: {error}"), system);
            // A substitution or a stage has printed more than is kept: it would go on for ever perhaps.
            if matches!(handle, Some(Handle::Kept(_))) {
                self.interrupt(1);
            }
        }
    }

    /// Of its standard input the command that is being run has left so many bytes unread, the last ones.
    pub fn left_unread(&mut self, bytes: usize) {
        if let Some((handles, _)) = &self.call
            && let Some(Handle::Text(number)) = handles.get(&0)
        {
            self.texts.skip_to_last(*number, bytes);
        }
    }

    /// What the script has left unread of the text that it was given as standard input.
    pub fn unread(&self) -> Option<Arc<str>> {
        match self.levels.first()?.handles.get(&0)? {
            Handle::Text(number) => Some(self.texts.rest(*number)),
            _ => None,
        }
    }

    /// The command that was run has ended. Where it is not modelled (`refused`), nothing that hangs on it is run.
    pub fn ended(&mut self, status: u8, refused: bool, system: &mut dyn System) {
        // Whatever was interrupted has ended before.
        let Some((_, (kept, read))) = self.call.take() else { return };
        self.texts.shrink(kept, read);
        let level = self.level();
        level.done(status);
        if refused && level.in_condition() {
            let words = "vethlab: what hangs on a command that is not modelled is not run\n";
            self.print_error(words, system);
            self.discard(status);
        }
    }

    /// There is no program of this name: says so, as bash does.
    pub fn not_found(&mut self, name: &str, system: &mut dyn System) {
        let handles = self.call.as_ref().map(|(handles, _)| handles.clone());
        let before = handles.map(|handles| std::mem::replace(&mut self.level().handles, handles));
        self.complain(&format!("{name}: command not found"), system);
        if let Some(before) = before {
            self.level().handles = before;
        }
    }

    /// What was to go on beside it has begun: `$!` is this.
    pub fn spawned(&mut self, number: &str, status: u8) {
        if let Some(level) = self.levels.last_mut() {
            level.state.background = number.to_owned();
            level.done(status);
        }
    }

    /// Ends it at once: somebody pressed Ctrl-C, or it needs too much.
    pub fn interrupt(&mut self, status: u8) {
        self.call = None;
        self.levels.truncate(1);
        self.leave(status);
    }

    fn level(&mut self) -> &mut Level {
        self.levels.last_mut().expect("a machine has a level until it has ended")
    }

    /// Prints an error of the shell.
    pub(crate) fn complain(&mut self, text: &str, system: &mut dyn System) {
        let text = self.level().state.error(text);
        self.print_error(&text, system);
    }

    fn print_error(&mut self, text: &str, system: &mut dyn System) {
        let handle = self.level().handles.get(&2).cloned();
        // Where standard error is closed, nothing can be said.
        let _ = self.texts.write(handle.as_ref(), text, system);
    }

    /// Expands something of the step that is due. What it did to variables counts only once all of it has worked.
    fn expand<T>(
        &mut self,
        system: &mut dyn System,
        act: impl FnOnce(&mut Expander<'_>) -> Expanded<T>,
    ) -> Tried<T> {
        let level = self.level();
        let mut state = level.state.clone();
        let mut expander = Expander { state: &mut state, system, results: &level.results, met: 0 };
        match act(&mut expander) {
            Ok(value) => {
                level.state = state;
                level.results.clear();
                Tried::Ready(value)
            }
            Err(Trouble::Needs(script)) => {
                self.substitute(&script, system);
                Tried::Waits
            }
            Err(trouble) => {
                level.results.clear();
                self.fail(trouble, system);
                Tried::Failed
            }
        }
    }

    /// A command cannot be run, and a script may not go on.
    fn fail(&mut self, trouble: Trouble, system: &mut dyn System) {
        match trouble {
            Trouble::Error { text, fatal } => {
                self.complain(&text, system);
                if fatal && self.mode != Mode::Prompt {
                    self.leave(1);
                } else {
                    self.discard(1);
                }
            }
            Trouble::NotModelled(what) => {
                self.print_error(&format!("vethlab: '{what}' is not modelled\n"), system);
                self.discard(2);
            }
            Trouble::Needs(_) => {}
        }
    }

    /// Runs a script whose output is a part of a word.
    fn substitute(&mut self, text: &str, system: &mut dyn System) {
        let Some(script) = self.parse(text, system) else { return };
        let kept = self.texts.keep();
        self.enter(
            script,
            Purpose::Substitution(kept.clone()),
            |handles| {
                handles.insert(1, kept);
            },
            system,
        );
    }

    /// A script within the script, unless it is none: that is told, and the line is left out.
    fn parse(&mut self, text: &str, system: &mut dyn System) -> Option<Script> {
        match Script::parse(text) {
            Ok(script) => Some(script),
            Err(Problem::NotModelled(what)) => {
                self.fail(Trouble::NotModelled(what), system);
                None
            }
            Err(problem) => {
                self.complain(&problem.to_string(), system);
                self.discard(2);
                None
            }
        }
    }

    /// One step; what it needs, if anything.
    fn step(&mut self, system: &mut dyn System) -> Option<Demand> {
        let level = self.level();
        let code = level.code.clone();
        let Some(step) = code.steps.get(level.at) else { return self.at_end(system) };
        match step {
            Step::Unit => level.at += 1,
            Step::Run(simple) => return self.run(simple, system),
            Step::Jump(aim) => level.at = *aim,
            Step::JumpIfFailed(aim) => level.at = if level.state.status != 0 { *aim } else { level.at + 1 },
            Step::JumpIfGood(aim) => level.at = if level.state.status == 0 { *aim } else { level.at + 1 },
            Step::Invert => level.done(u8::from(level.state.status == 0)),
            Step::Status(status) => level.done(*status),
            Step::Check => {
                let status = level.state.status;
                if status != 0 && level.state.options.errexit && !level.in_condition() {
                    self.leave(status);
                } else {
                    level.at += 1;
                }
            }
            Step::BeginCondition => level.enter(Frame::Condition),
            Step::EndCondition | Step::Restore => {
                level.pop();
                level.at += 1;
            }
            Step::BeginLoop(places) => {
                level.enter(Frame::Loop { places: *places, values: None, status: 0 });
            }
            Step::BeginFor { head, places } => self.begin_for(head, *places, system),
            Step::Next => self.next_round(system),
            Step::Remember => level.remember(),
            Step::EndLoop => level.end_loop(),
            Step::Case { word, arms, otherwise } => self.case(word, arms, *otherwise, system),
            Step::Redirect { redirects, behind } => self.redirect(redirects, *behind, system),
            Step::Pipeline(stages) => self.begin_pipeline(stages.clone(), system),
            Step::Subshell(code) => self.enter(Script(code.clone()), Purpose::Subshell, |_| {}, system),
            Step::Background { code, text } => return Some(self.background(code.clone(), text.clone())),
            Step::Define { name, code } => {
                level.state.functions.insert(name.clone(), code.clone());
                level.done(0);
            }
            Step::Arithmetic(expression) => self.arithmetic(expression, system),
            Step::Condition(expression) => {
                let tried = self.expand(system, |expander| expander.condition(expression));
                if let Tried::Ready(holds) = tried {
                    self.level().done(u8::from(!holds));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
