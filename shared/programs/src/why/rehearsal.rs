//! What `why` proposes is tried before, on a copy of the network: a stack takes every command of it, what was asked for
//! works then, or fails for another cause, and whoever reached whom before still does.

use super::subject_of;
use crate::echo::{self, Question as Echo};
use crate::jobs::{self, Jobs};
use crate::session::standard_input;
use crate::{Console, Context, Files, Parsed, schedule};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use vethlab_explain::journal::{Command, Effect, Journal, Results};
use vethlab_explain::why::{Cause, Diagnosis, Mend, Question, Then, explain, typed};
use vethlab_shared::error::StackError;
use vethlab_shared::event::Event;
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::{NetworkStack, Snapshot};
use vethlab_shared::time::Duration;
use vethlab_shared::words::{self, WordList};

/// Of so many mends one is chosen.
const MOST_MENDS: usize = 16;

/// So many pairs are asked whether one reaches the other. In a larger network those around the mend come first.
const MOST_PAIRS: usize = 256;

/// How long an answer may take to count. On a copy nothing has to be waited for but what a network is made to wait for.
const PATIENCE: Duration = Duration::from_millis(100);

/// After which time of the copy a command that goes on is stopped.
const LONG_ENOUGH: Duration = Duration::from_secs(10);

/// How long a copy is left alone before something is tried again: failed neighbours are forgotten by then, and limits on
/// ICMP messages are over.
const PAUSE: Duration = Duration::from_secs(5);

/// Who reaches whom: a namespace, and an address.
type Pair = (NamespaceName, IpAddr);

/// What came of a mend on a copy.
#[derive(Debug)]
enum Outcome {
    /// The stack refuses it, or it changes nothing for the better.
    Useless,
    /// Whoever this is reached that address, and does not any more.
    Breaks(Pair),
    /// It helps; that is what comes next.
    Helps(Then),
}

/// What a mend is for.
pub(super) struct Aim<'a> {
    /// The command that failed, and is to be tried again behind it.
    pub(super) again: Option<&'a Command>,
    /// Only what it sends to this address.
    pub(super) destination: Option<IpAddr>,
    /// Whether nobody may be cut off.
    pub(super) careful: bool,
    /// The mends of the diagnosis itself, which tell it from another one.
    pub(super) own: Vec<Mend>,
}

/// A copy of the network to try things on, made anew for each.
struct Stage<'a> {
    now: Arc<dyn Snapshot>,
    aim: &'a Aim<'a>,
    diagnosis: &'a Diagnosis,
    /// Who reached whom before; found out once.
    before: Option<Vec<Pair>>,
}

/// Chooses what to propose: the first mend after which all works, or else the first that helps. Says so where there
/// are only such that do harm. Gives the mend that was chosen or named.
///
/// Another command in place of the one that failed is no mend of the network: it is proposed where nothing else helps.
///
/// # Errors
/// The stack cannot be read, or there is no more that may be used.
pub(super) fn propose(
    diagnosis: &mut Diagnosis,
    aim: &Aim<'_>,
    stack: &dyn NetworkStack,
    shells: &[NamespaceName],
) -> Result<Option<Mend>, StackError> {
    let Some(now) = stack.snapshot().filter(|_| !diagnosis.mends.is_empty()) else { return Ok(None) };
    let mut stage = Stage { now, aim, diagnosis, before: None };
    let mut found: Option<(&Mend, Then)> = None;
    let mut harm: Option<(&Mend, Pair)> = None;
    for mend in diagnosis.mends.iter().take(MOST_MENDS) {
        if found.is_some() && is_other_command(mend) {
            continue;
        }
        match stage.rehearse(mend)? {
            Outcome::Useless => {}
            Outcome::Breaks(pair) => harm = harm.or(Some((mend, pair))),
            Outcome::Helps(then) if then.cause == Cause::None => {
                found = Some((mend, then));
                break;
            }
            Outcome::Helps(then) => found = found.or(Some((mend, then))),
        }
    }
    match (found, harm) {
        (Some((mend, then)), _) => {
            let chosen = mend.clone();
            diagnosis.attempts = typed(&chosen, shells);
            diagnosis.then = Some(then);
            Ok(Some(chosen))
        }
        (None, Some((mend, (from, to)))) => {
            let named = mend.clone();
            let commands: Vec<String> =
                typed(&named, shells).iter().map(|line| format!("'{line}'")).collect();
            diagnosis.story.push(format!(
                "{} would mend it, but then {from} would not reach {to} any more, as it does now. So nothing is \
                 proposed.",
                commands.join(", then ")
            ));
            Ok(Some(named))
        }
        (None, None) => Ok(None),
    }
}

/// Whether a mend alters nothing, and is another command in place of the one that failed.
fn is_other_command(mend: &Mend) -> bool {
    let sends = |line: &str| {
        let words = words::line(line).unwrap_or_default().words;
        crate::parse(&words.into()).is_some_and(|parsed| parsed.invocation.sending().is_some())
    };
    mend.iter().all(|fix| sends(&fix.command))
}

impl Stage<'_> {
    /// A copy as the network is now.
    fn copy(&self) -> Box<dyn NetworkStack> {
        let mut copy = self.now.stack();
        copy.take_events();
        copy.observe(true);
        copy
    }

    fn rehearse(&mut self, mend: &Mend) -> Result<Outcome, StackError> {
        let mut copy = self.copy();
        let copy = copy.as_mut();
        // A mend may end with another command in place of the one that failed.
        let mut instead = false;
        let mut journal = Journal::new();
        // What a mend starts in the background goes on while the rest is tried.
        let mut jobs = Jobs::default();
        for fix in mend {
            let (command, events) = run(&fix.command, &fix.namespace, copy, &mut jobs)?;
            let status = command.status;
            if command.is_to_send() {
                journal.command(command, events, None);
                instead = true;
            } else if status != 0 {
                return Ok(Outcome::Useless);
            }
        }
        if let Some(failed) = self.aim.again.filter(|_| !instead) {
            copy.run_until(copy.now() + PAUSE, &[])?;
            let (command, events) = run(&failed.line, &failed.namespace, copy, &mut jobs)?;
            journal.command(command, events, None);
        }
        let Some(then) = self.next(&journal, copy, instead)? else { return Ok(Outcome::Useless) };
        if !self.aim.careful || is_other_command(mend) {
            return Ok(Outcome::Helps(then));
        }
        let broken = self.broken(mend, copy)?;
        Ok(broken.map_or(Outcome::Helps(then), Outcome::Breaks))
    }

    /// What is wrong after that; nothing where it is the same as before.
    fn next(
        &self,
        journal: &Journal,
        copy: &mut dyn NetworkStack,
        instead: bool,
    ) -> Result<Option<Then>, StackError> {
        let nothing = || Then { cause: Cause::None, namespace: self.diagnosis.namespace.clone() };
        let destination = self.aim.destination.filter(|_| !instead);
        let Some((command, events)) = subject_of(destination, journal) else {
            // There is nothing to be done again.
            return Ok(Some(nothing()));
        };
        let invocation = command.map(|command| &command.invocation);
        let question = Question { invocation, events, destination, packet: None, unfinished: false };
        let Some(found) = explain(&question, copy)? else { return Ok(None) };
        let same = (found.cause, &found.namespace, &found.mends)
            == (self.diagnosis.cause, &self.diagnosis.namespace, &self.aim.own);
        Ok((!same).then_some(Then { cause: found.cause, namespace: found.namespace }))
    }

    /// A pair of which one reached the other before, and does not on this copy.
    fn broken(&mut self, mend: &Mend, copy: &mut dyn NetworkStack) -> Result<Option<Pair>, StackError> {
        let before = match self.before.take() {
            Some(before) => before,
            None => {
                let mut first: BTreeSet<&NamespaceName> = mend.iter().map(|fix| &fix.namespace).collect();
                first.extend(self.aim.again.map(Command::place));
                let mut copy = self.copy();
                reachable(copy.as_mut(), &first)?
            }
        };
        let mut broken = None;
        for pair in &before {
            if !reaches(copy, pair)? {
                copy.run_until(copy.now() + PAUSE, &[])?;
                if !reaches(copy, pair)? {
                    broken = Some(pair.clone());
                    break;
                }
            }
        }
        self.before = Some(before);
        Ok(broken)
    }
}

/// Which namespaces reach which addresses of the network. Those of these namespaces are asked first.
fn reachable(
    stack: &mut dyn NetworkStack,
    first: &BTreeSet<&NamespaceName>,
) -> Result<Vec<Pair>, StackError> {
    let mut namespaces: Vec<NamespaceName> =
        [NamespaceName::HOST].into_iter().chain(stack.namespaces()?).collect();
    namespaces.sort_by_key(|name| !first.contains(name));
    let mut addresses = BTreeSet::new();
    for namespace in &namespaces {
        let all = stack.addresses(namespace, Family::Inet)?;
        addresses.extend(all.into_iter().map(|view| view.local).filter(|own| !own.is_loopback()));
    }
    let pairs = namespaces.iter().flat_map(|from| addresses.iter().map(move |to| (from.clone(), *to)));
    let mut found = Vec::new();
    for pair in pairs.take(MOST_PAIRS) {
        if reaches(stack, &pair)? {
            found.push(pair);
        }
    }
    Ok(found)
}

fn reaches(stack: &mut dyn NetworkStack, (from, to): &Pair) -> Result<bool, StackError> {
    // A namespace that a mend took away reaches nobody.
    if !from.is_host() && !stack.has_namespace(from)? {
        return Ok(false);
    }
    let question = Echo { patience: PATIENCE, ..Echo::once(*to) };
    let answered = echo::ask(stack, from, &question)?.answered > 0;
    stack.take_events();
    Ok(answered)
}

/// Runs a line on a copy: the command as it ended, or as it began where it goes on in the background, and its events.
fn run(
    line: &str,
    namespace: &NamespaceName,
    stack: &mut dyn NetworkStack,
    jobs: &mut Jobs,
) -> Result<(Command, Vec<Event>), StackError> {
    let words::Line { words, background, input } = words::line(line).unwrap_or_default();
    let nothing = || Parsed::once("true", &WordList::default(), Effect::Alters, crate::simple::succeed);
    let mut parsed = crate::parse(&words.into()).unwrap_or_else(nothing);
    stack.take_events();
    let began = stack.now();
    let mut context = Context {
        stack: &mut *stack,
        namespace: namespace.clone(),
        console: &mut Silence::default(),
        journal: &Journal::new(),
        shells: &[],
        jobs,
        files: &mut Files::default(),
        beside: None,
        background: false,
        input: crate::process::Input::Empty,
        environment: Vec::new(),
        enter: None,
    };
    if let Ok(read) = standard_input(input.as_ref(), background, &mut context) {
        context.input = read;
    }
    let status = if background {
        jobs::start(line.to_owned(), &parsed.invocation.program, parsed.process, &mut context)
    } else {
        schedule::in_foreground(parsed.process.as_mut(), &mut context)
    };
    if let Some(limit) = stack.exhausted() {
        return Err(limit.into());
    }
    let (line, namespace, invocation) = (line.to_owned(), namespace.clone(), parsed.invocation);
    let results = Results::default();
    let command = Command { line, invocation, namespace, status, results, began, ended: stack.now() };
    Ok((command, stack.take_events()))
}

/// Nobody listens; what goes on without an end is stopped.
#[derive(Default)]
struct Silence {
    passed: Duration,
}

impl Console for Silence {
    fn out(&mut self, _text: &str) {}
    fn err(&mut self, _text: &str) {}
    fn interrupted(&self) -> bool {
        self.passed >= LONG_ENOUGH
    }
    fn pace(&mut self, passed: Duration) {
        self.passed += passed;
    }
}
