//! Going from one place of a script to another: rounds, calls, stages, ends.

use super::level::{Called, Frame, Level, Purpose};
use super::{DEEPEST, Demand, Machine, Mode};
use crate::System;
use crate::code::{Code, Step};
use crate::expand::Trouble;
use crate::redirect::{Handle, Handles};
use crate::state::Variable;
use crate::syntax::Script;
use std::sync::Arc;

impl Machine {
    /// The next round of a `for`.
    pub(super) fn next_round(&mut self, system: &mut dyn System) {
        let level = self.level();
        let Some(Frame::Loop { places, values: Some((head, values)), .. }) = level.frames.last_mut() else {
            return;
        };
        let (head, exit) = (head.clone(), places.exit);
        match values.pop() {
            Some(value) => {
                level.at += 1;
                let words = head.words.as_ref().map_or("\"$@\"".to_owned(), |words| words.join(" "));
                self.trace(&format!("for {} in {words}", head.name), system);
                if let Err(error) = self.level().state.set(&head.name, &value) {
                    self.fail(Trouble::discards(error), system);
                }
            }
            None => level.at = exit - 1,
        }
    }

    /// `break` and `continue` of so many loops.
    pub(super) fn leave_loops(&mut self, count: usize, again: bool) {
        let level = self.level();
        let within = level.frames.iter().rev().take_while(|frame| !matches!(frame, Frame::Called(_)));
        let loops = within.filter(|frame| matches!(frame, Frame::Loop { .. })).count();
        let mut left = count.min(loops);
        level.state.status = 0;
        if left == 0 {
            level.at += 1;
            return;
        }
        while let Some(frame) = level.frames.last_mut() {
            if let Frame::Loop { places, status, .. } = frame {
                left -= 1;
                if left == 0 {
                    let places = *places;
                    if again {
                        *status = 0;
                        level.at = places.again;
                    } else {
                        level.pop();
                        level.at = places.exit;
                    }
                    return;
                }
            }
            level.pop();
        }
    }

    /// A function, or a script in the place of a command. Where that lies too deep, it is left out.
    pub(super) fn call(&mut self, code: Arc<Code>, called: Called, system: &mut dyn System) {
        let depth: usize = self.levels.iter().map(Level::calls).sum();
        if depth >= DEEPEST {
            self.complain("maximum nesting level exceeded", system);
            self.leave(1);
            return;
        }
        let level = self.level();
        level.frames.push(Frame::Called(Box::new(called)));
        level.code = code;
        level.at = 0;
    }

    /// Where a call comes back to, with what it does not hide.
    pub(super) fn called_here(&mut self) -> Called {
        let level = self.level();
        Called {
            code: level.code.clone(),
            at: level.at + 1,
            is_function: false,
            positional: None,
            hidden: Vec::new(),
            handles: level.handles.clone(),
            status: None,
        }
    }

    /// `return`: whether there is something to return from.
    pub(super) fn come_back(&mut self, status: u8) -> bool {
        let level = self.level();
        if level.calls() == 0 {
            return false;
        }
        level.state.status = status;
        while !matches!(level.pop(), Some(Frame::Called(_)) | None) {}
        true
    }

    /// Hides a variable until the function ends: whether there is a function.
    pub(crate) fn hide(&mut self, name: &str) -> bool {
        let level = self.level();
        let old: Option<Variable> = level.state.variables.get(name).cloned();
        let function = level.frames.iter_mut().rev().find_map(|frame| match frame {
            Frame::Called(called) if called.is_function => Some(called),
            _ => None,
        });
        let Some(called) = function else { return false };
        if !called.hidden.iter().any(|(hidden, _)| hidden == name) {
            called.hidden.push((name.to_owned(), old));
            level.state.variables.insert(name.to_owned(), Variable::default());
        }
        true
    }

    /// A shell within this one begins.
    pub(super) fn enter(
        &mut self,
        script: Script,
        purpose: Purpose,
        open: impl FnOnce(&mut Handles),
        system: &mut dyn System,
    ) {
        if self.levels.len() >= DEEPEST {
            self.complain("maximum nesting level exceeded", system);
            self.interrupt(1);
            return;
        }
        let texts = self.texts.counts();
        let parent = self.level();
        let mut state = parent.state.clone();
        state.exit_trap = None;
        state.depth += usize::from(matches!(purpose, Purpose::Substitution(_)));
        let mut handles = parent.handles.clone();
        open(&mut handles);
        let ignores_errors = parent.in_condition();
        let level = Level { ignores_errors, texts, ..Level::new(script.0, state, handles, purpose) };
        self.levels.push(level);
    }

    /// The next stage of the pipeline that was begun last.
    pub(super) fn next_stage(&mut self, system: &mut dyn System) {
        let Some(Frame::Pipeline { stages, next, input, .. }) = self.level().frames.last_mut() else {
            return;
        };
        let Some(code) = stages.get(*next).cloned() else { return };
        *next += 1;
        let (input, is_last) = (input.take(), *next == stages.len());
        let kept = (!is_last).then(|| self.texts.keep());
        self.enter(
            Script(code),
            Purpose::Stage,
            |handles| {
                handles.extend(input.map(|input| (0, input)));
                handles.extend(kept.map(|kept| (1, kept)));
            },
            system,
        );
    }

    /// A shell has come to the end of its steps.
    pub(super) fn at_end(&mut self, system: &mut dyn System) -> Option<Demand> {
        let mode = self.mode;
        let level = self.level();
        if level.calls() > 0 {
            while !matches!(level.pop(), Some(Frame::Called(_)) | None) {}
            return None;
        }
        let left = level.leaves.map(|status| (status, true)).or(level.trapped);
        let (status, exit) = left.unwrap_or((level.state.status, false));
        let ends = exit || level.purpose != Purpose::Main || mode == Mode::Script;
        if ends && let Some(trap) = level.state.exit_trap.take() {
            (level.leaves, level.trapped, level.at) = (None, Some((status, exit)), usize::MAX - 1);
            if let Some(script) = self.parse(&trap, system) {
                let called = Called { status: Some(status), ..self.called_here() };
                self.call(script.0, called, system);
            }
            return None;
        }
        if self.levels.len() == 1 {
            return Some(Demand::Ended { status, exit });
        }
        self.leave_level(status, system);
        None
    }

    /// A shell has ended: the one around it goes on.
    fn leave_level(&mut self, status: u8, system: &mut dyn System) {
        let Some(ended) = self.levels.pop() else { return };
        match ended.purpose {
            Purpose::Main => {}
            Purpose::Subshell => {
                self.level().done(status);
            }
            Purpose::Substitution(handle) => {
                let text = self.texts.take(&handle);
                self.texts.shrink(ended.texts.0.saturating_sub(1), ended.texts.1);
                let level = self.level();
                level.results.push(text.trim_end_matches('\n').replace('\0', ""));
                level.substituted = Some(status);
                level.state.status = status;
            }
            Purpose::Stage => {
                // The last one prints where the pipeline prints.
                let is_last = matches!(self.level().frames.last(),
                    Some(Frame::Pipeline { stages, next, .. }) if *next == stages.len());
                let printed = match ended.handles.get(&1) {
                    Some(handle @ Handle::Kept(_)) if !is_last => Some(self.texts.take(handle)),
                    _ => None,
                };
                let input = printed.map(|text| self.texts.read(text));
                let level = self.level();
                let Some(Frame::Pipeline { stages, next, statuses, input: following, texts }) =
                    level.frames.last_mut()
                else {
                    return;
                };
                let texts = *texts;
                statuses.push(status);
                *following = input;
                if *next < stages.len() {
                    return self.next_stage(system);
                }
                let failed = statuses.iter().rev().copied().find(|status| *status != 0);
                let all = failed.unwrap_or(0);
                level.pop();
                level.done(if level.state.options.pipefail { all } else { status });
                self.texts.shrink(texts.0, texts.1);
            }
        }
    }

    /// The shell that runs now ends with this status, once its trap has run.
    pub(super) fn leave(&mut self, status: u8) {
        let level = self.level();
        level.unwind(status);
        level.leaves = Some(status);
    }

    /// The rest of the line is left out: in the outermost shell, the next line goes on; one within ends, and the line of the
    /// one around it goes by its status.
    pub(super) fn discard(&mut self, status: u8) {
        let is_outermost = self.levels.len() == 1;
        let level = self.level();
        // Where it is in the script itself, and not in a function.
        while level.pop().is_some() {}
        let behind = level.at.saturating_add(1);
        let is_unit = |step: &Step| matches!(step, Step::Unit);
        let next = level.code.steps.iter().skip(behind).position(is_unit).filter(|_| is_outermost);
        level.unwind(status);
        level.at = next.map_or(usize::MAX, |place| behind + place);
    }

    /// Something that goes on beside the script.
    pub(super) fn background(&mut self, code: Arc<Code>, text: String) -> Demand {
        let texts = self.texts.clone();
        let level = self.level();
        let mut state = level.state.clone();
        state.exit_trap = None;
        let mut handles = level.handles.clone();
        if handles.get(&0) == Some(&Handle::Input) {
            handles.insert(0, Handle::Nowhere);
        }
        let level = Level::new(code, state, handles, Purpose::Main);
        Demand::Spawn {
            machine: Box::new(Machine { levels: vec![level], texts, call: None, mode: Mode::Script }),
            text,
        }
    }
}
