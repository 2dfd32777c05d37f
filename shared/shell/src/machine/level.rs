//! A shell within the script: the outermost one, a subshell, a stage of a pipeline, a substitution.

use crate::code::{Code, ForHead, LoopPlaces};
use crate::redirect::{Handle, Handles};
use crate::state::{State, Variable};
use std::sync::Arc;

/// A shell: where it is, and what it keeps.
#[derive(Clone, Debug)]
pub(super) struct Level {
    pub(super) code: Arc<Code>,
    pub(super) at: usize,
    pub(super) frames: Vec<Frame>,
    pub(super) state: State,
    pub(super) handles: Handles,
    /// What the substitutions of the step that is due have printed so far.
    pub(super) results: Vec<String>,
    /// How the last substitution ended: a command of nothing but assignments ends so.
    pub(super) substituted: Option<u8>,
    pub(super) purpose: Purpose,
    /// Whether a shell around it looks at its failure.
    pub(super) ignores_errors: bool,
    /// It is to end with this status.
    pub(super) leaves: Option<u8>,
    /// Its trap has begun: how it ends then, and whether it was told to.
    pub(super) trapped: Option<(u8, bool)>,
    /// How many texts there were when it began.
    pub(super) texts: (usize, usize),
}

/// What a shell is there for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Main,
    Subshell,
    Stage,
    /// What it prints is a part of a word.
    Substitution(Handle),
}

/// What a shell is within.
#[derive(Clone, Debug)]
pub(super) enum Frame {
    /// A condition: failures are looked at.
    Condition,
    /// A loop, with the status of its last round; a `for` with the words that are left, the next one last.
    Loop { places: LoopPlaces, values: Option<(Arc<ForHead>, Vec<String>)>, status: u8 },
    /// A compound command with redirections, and what was open before.
    Redirected(Handles),
    /// A function or a sourced script, with where it was called from.
    Called(Box<Called>),
    /// A pipeline: the stage after the one that runs, how the others ended, what the next one reads, and how many texts
    /// there were before.
    Pipeline {
        stages: Arc<Vec<Arc<Code>>>,
        next: usize,
        statuses: Vec<u8>,
        input: Option<Handle>,
        texts: (usize, usize),
    },
}

/// Where a function or a sourced script was called from.
#[derive(Clone, Debug)]
pub(super) struct Called {
    pub(super) code: Arc<Code>,
    pub(super) at: usize,
    /// Whether it is a function: `local` may be used in it.
    pub(super) is_function: bool,
    /// The words before it, where it has words of its own.
    pub(super) positional: Option<Vec<String>>,
    /// What its own variables hide.
    pub(super) hidden: Vec<(String, Option<Variable>)>,
    /// What was open before.
    pub(super) handles: Handles,
    /// The status that stays: a trap changes none.
    pub(super) status: Option<u8>,
}

impl Level {
    pub(super) fn new(code: Arc<Code>, state: State, handles: Handles, purpose: Purpose) -> Level {
        Level {
            code,
            at: 0,
            frames: Vec::new(),
            state,
            handles,
            results: Vec::new(),
            substituted: None,
            purpose,
            ignores_errors: false,
            leaves: None,
            trapped: None,
            texts: (0, 0),
        }
    }

    /// Whether somebody looks at how a command here ends.
    pub(super) fn in_condition(&self) -> bool {
        self.ignores_errors || self.frames.iter().any(|frame| matches!(frame, Frame::Condition))
    }

    /// How many functions and scripts lie around.
    pub(super) fn calls(&self) -> usize {
        self.frames.iter().filter(|frame| matches!(frame, Frame::Called(_))).count()
    }

    /// Leaves what it is within: what that hid comes back.
    pub(super) fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop()?;
        match &frame {
            Frame::Redirected(before) => self.handles.clone_from(before),
            Frame::Called(called) => {
                self.code = called.code.clone();
                self.at = called.at;
                self.handles.clone_from(&called.handles);
                if let Some(positional) = &called.positional {
                    self.state.positional.clone_from(positional);
                }
                self.state.restore(&called.hidden);
                if let Some(status) = called.status {
                    self.state.status = status;
                }
            }
            Frame::Condition | Frame::Loop { .. } | Frame::Pipeline { .. } => {}
        }
        Some(frame)
    }

    /// The step is done, with this status.
    pub(super) fn done(&mut self, status: u8) {
        self.state.status = status;
        self.at += 1;
    }

    /// Leaves all that it is within, and comes to its end with this status.
    pub(super) fn unwind(&mut self, status: u8) {
        while self.pop().is_some() {}
        self.results.clear();
        self.state.status = status;
        self.at = usize::MAX;
    }

    /// What follows lies within this.
    pub(super) fn enter(&mut self, frame: Frame) {
        self.frames.push(frame);
        self.at += 1;
    }

    /// Notes the status of a loop's round.
    pub(super) fn remember(&mut self) {
        let status = self.state.status;
        if let Some(Frame::Loop { status: last, .. }) = self.frames.last_mut() {
            *last = status;
        }
        self.at += 1;
    }

    /// A loop has come to its end: its status is that of its last round.
    pub(super) fn end_loop(&mut self) {
        match self.pop() {
            Some(Frame::Loop { status, .. }) => self.done(status),
            _ => self.at += 1,
        }
    }
}
