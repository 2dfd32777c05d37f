//! The parts of compound commands that hold words.

use super::level::Frame;
use super::{Machine, Tried};
use crate::System;
use crate::code::{Code, ForHead, LoopPlaces};
use crate::expand::Trouble;
use crate::pattern::Pattern;
use brush_parser::ast::IoRedirect;
use std::sync::Arc;

impl Machine {
    /// `for NAME in WORDS`.
    pub(super) fn begin_for(&mut self, head: &Arc<ForHead>, places: LoopPlaces, system: &mut dyn System) {
        let tried = match &head.words {
            Some(words) => self.expand(system, |expander| expander.words(words)),
            None => Tried::Ready(self.level().state.positional.clone()),
        };
        if let Tried::Ready(mut values) = tried {
            values.reverse();
            self.level().enter(Frame::Loop { places, values: Some((head.clone(), values)), status: 0 });
        }
    }

    /// `case WORD in`: goes to the first arm one of whose patterns fits, or behind all.
    pub(super) fn case(
        &mut self,
        word: &str,
        arms: &[(Vec<String>, usize)],
        otherwise: usize,
        system: &mut dyn System,
    ) {
        if self.level().results.is_empty() {
            self.trace(&format!("case {word} in"), system);
        }
        let chosen = self.expand(system, |expander| {
            let word = expander.single(word)?;
            for (patterns, aim) in arms {
                for pattern in patterns {
                    if Pattern::new(&expander.pattern(pattern)?).fits_text(&word) {
                        return Ok(Some(*aim));
                    }
                }
            }
            Ok(None)
        });
        if let Tried::Ready(chosen) = chosen {
            let level = self.level();
            if chosen.is_none() {
                level.state.status = 0;
            }
            level.at = chosen.unwrap_or(otherwise);
        }
    }

    /// Opens what a compound command reads and writes; where that fails, the command is left out.
    pub(super) fn redirect(&mut self, redirects: &[IoRedirect], behind: usize, system: &mut dyn System) {
        let tried = self.expand(system, |expander| expander.redirections(redirects));
        let Tried::Ready(redirections) = tried else { return };
        let mut handles = self.level().handles.clone();
        match self.texts.open(&redirections, &mut handles, system) {
            Ok(()) => {
                let level = self.level();
                let before = std::mem::replace(&mut level.handles, handles);
                level.enter(Frame::Redirected(before));
            }
            Err(error) => {
                self.complain(&error, system);
                let level = self.level();
                level.state.status = 1;
                level.at = behind;
            }
        }
    }

    /// The first stage of a pipeline begins.
    pub(super) fn begin_pipeline(&mut self, stages: Arc<Vec<Arc<Code>>>, system: &mut dyn System) {
        let texts = self.texts.counts();
        let frame = Frame::Pipeline { stages, next: 0, statuses: Vec::new(), input: None, texts };
        self.level().frames.push(frame);
        self.next_stage(system);
    }

    /// `(( … ))`: an error of it is a failure, and no more.
    pub(super) fn arithmetic(&mut self, expression: &str, system: &mut dyn System) {
        self.trace(&format!("(( {} ))", expression.trim()), system);
        let tried = self.expand(system, |expander| match expander.arithmetic(expression) {
            Err(Trouble::Error { text, .. }) => Ok(Err(text)),
            other => other.map(Ok),
        });
        match tried {
            Tried::Ready(Ok(value)) => self.level().done(u8::from(value == 0)),
            Tried::Ready(Err(text)) => {
                self.complain(&format!("((: {text}"), system);
                self.level().done(1);
            }
            Tried::Waits | Tried::Failed => {}
        }
    }
}
