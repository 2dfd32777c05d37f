//! `ip netns exec`: another program takes the place of `ip`, in a namespace or in one after another.

use crate::process::{Poll, Process, Signal};
use crate::{Context, Failure, Parsed, sudo, told};
use std::collections::VecDeque;
use vethlab_explain::journal::{Effect, Invocation};
use vethlab_shared::error::StackError;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::words::WordList;

/// How often `ip netns exec` may run another `ip netns exec`: each holds the one behind it.
const MOST_NESTED: usize = 100;

/// Reads the program, and its words, that stand behind `exec`, which itself stands behind so many others.
pub(super) fn parse(words: &WordList, behind: usize) -> Option<Parsed> {
    let words = match words.first() {
        Some(sudo) if sudo == "sudo" => match sudo::command(&words.behind(1)) {
            Ok(command) => command,
            Err(ended) => return Some(*ended),
        },
        _ => words.clone(),
    };
    match &words[..] {
        [ip, ..] if ip == "ip" && behind < MOST_NESTED => {
            Some(super::parse_behind(&words.behind(1), behind + 1))
        }
        [ip, ..] if ip == "ip" => {
            let failure =
                Failure::NotModelled(format!("more than {MOST_NESTED} times 'ip netns exec' in one command"));
            let invocation = Invocation::new(ip, WordList::default(), Effect::Alters);
            Some(Parsed::new(invocation, Err::<Execution, _>(failure)))
        }
        _ => crate::parse(&words),
    }
}

/// A program that runs in other namespaces.
#[derive(Clone, Debug)]
pub(super) struct Execution {
    /// As it begins; none where it runs for the last time. Those that it runs itself are not copied without need.
    program: Option<Box<dyn Process>>,
    /// The namespaces that it has not been in.
    left: VecDeque<NamespaceName>,
    /// Whether it goes through all of them, whatever becomes of it (`ip -all netns exec`).
    all: bool,
    /// Where it is, and the program there.
    running: Option<(NamespaceName, Box<dyn Process>)>,
}

impl Execution {
    /// In these namespaces; the status of a program in `all` is of no interest.
    pub(super) fn new(program: Box<dyn Process>, namespaces: Vec<NamespaceName>, all: bool) -> Execution {
        Execution { program: Some(program), left: namespaces.into(), all, running: None }
    }

    /// The namespace that comes next, and the program there; none where it was in all or the person stops it.
    fn next(&mut self, context: &mut Context<'_>) -> Option<(NamespaceName, Box<dyn Process>)> {
        // One such command may hold another one.
        if self.all && context.console.interrupted() {
            return None;
        }
        let namespace = self.left.pop_front()?;
        if self.all {
            context.console.out(&format!("\nnetns: {namespace}\n"));
        }
        let program = if self.left.is_empty() { self.program.take() } else { self.program.clone() };
        Some((namespace, program?))
    }
}

impl Process for Execution {
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        loop {
            let Some((namespace, mut process)) = self.running.take().or_else(|| self.next(context)) else {
                return Ok(Poll::Ready(0));
            };
            let mut inner = context.within(namespace.clone());
            let result = process.step(&mut inner);
            let (enter, unread) = (inner.enter.take(), std::mem::take(&mut inner.input));
            context.input = unread;
            context.enter = enter.or(context.enter.take());
            let goes_on = match &result {
                Ok(Poll::Pending(_)) if self.all => {
                    process.handles(Signal::Interrupt) || !context.console.interrupted()
                }
                _ => !self.all,
            };
            if goes_on {
                self.running = Some((namespace, process));
                return result;
            }
            process.close(context.stack);
            match result {
                // What has run out has run out for the other namespaces, too.
                Err(failure @ Failure::Exhausted(_)) => return Err(failure),
                Err(failure) => drop(told(failure, context.console)),
                Ok(_) => {}
            }
            if let Some(failure) = context.limit_reached() {
                return Err(failure);
            }
        }
    }

    fn cannot_wait(&self, error: StackError) -> Failure {
        self.running.as_ref().map_or(Failure::Past, |(_, process)| process.cannot_wait(error))
    }

    fn close(&mut self, stack: &mut dyn NetworkStack) {
        if let Some((_, process)) = &mut self.running {
            process.close(stack);
        }
    }

    fn handles(&self, signal: Signal) -> bool {
        let here = self.running.as_ref().is_some_and(|(_, process)| process.handles(signal));
        here || (self.all && signal == Signal::Interrupt)
    }

    fn leaves_line_open(&self) -> bool {
        self.running.as_ref().is_some_and(|(_, process)| process.leaves_line_open())
    }

    fn ends_by_itself(&self) -> bool {
        self.running.as_ref().is_none_or(|(_, process)| process.ends_by_itself())
    }

    fn namespace(&self) -> Option<&NamespaceName> {
        self.running.as_ref().map(|(namespace, process)| process.namespace().unwrap_or(namespace))
    }
}
