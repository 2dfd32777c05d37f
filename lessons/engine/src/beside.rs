//! A simulator beside the kernel: it is given the same commands, and tells what the kernel does not.
//!
//! It is believed as far as it has proved itself. After each command what both printed and which frames both sent is
//! compared; from the first difference on, its word is doubtful.

use crate::compare::{Comparison, Difference, Entry, FrameLockstep, FrameWatch};
use crate::random_state;
use crate::script;
use std::collections::BTreeSet;
use vethlab_explain::journal::Journal;
use vethlab_explain::why::{Account, Departure, SeenBeside, StackBeside, ToldBy};
use vethlab_programs::session::Session;
use vethlab_programs::{Console, Transcript};
use vethlab_shared::budget::Budget;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::words;
use vethlab_sim::World;

/// How much longer than on the kernel a command may take here before it is stopped: it may be one that the kernel
/// ended, and that has no end of its own.
const GRACE: Duration = Duration::from_secs(2);

/// The simulator, with what was done and compared so far.
pub(crate) struct SimulatorBeside {
    world: World,
    session: Session,
    comparison: Comparison,
    /// The simulator's frames, and the kernel's.
    watches: [FrameWatch; 2],
    lockstep: FrameLockstep,
    /// For how many commands the two were the same.
    commands: usize,
    /// The command that ran last.
    last: String,
    difference: Option<Departure>,
}

/// A session that waits.
pub(crate) struct Aside {
    session: Session,
    commands: usize,
}

/// What the kernel did with a line.
#[derive(Debug)]
pub(crate) struct Done {
    /// What it printed; `None` where the line was blank.
    pub(crate) entry: Option<Entry>,
    /// When it began.
    pub(crate) began: Instant,
    /// Whether a person sat before it.
    pub(crate) interactive: bool,
    /// How wide its lines might be.
    pub(crate) width: usize,
    /// Where the person stopped it, how many lines it had printed by then.
    pub(crate) interrupted: Option<usize>,
}

impl SimulatorBeside {
    /// Beside a fresh machine.
    pub(crate) fn fresh(seed: u64) -> SimulatorBeside {
        let mut world = World::new(seed);
        world.observe(true);
        SimulatorBeside {
            world,
            session: Session::led(),
            comparison: Comparison::new(),
            watches: [FrameWatch::new(), FrameWatch::new()],
            lockstep: FrameLockstep::default(),
            commands: 0,
            last: String::new(),
            difference: None,
        }
    }

    /// What it does from now on draws from this.
    pub(crate) fn set_budget(&mut self, budget: Budget) {
        self.world.set_budget(budget);
    }

    /// Begins a session of its own for what a lesson prepares; it lasts until the one that is given back is resumed.
    pub(crate) fn set_aside(&mut self) -> Aside {
        Aside { session: std::mem::replace(&mut self.session, Session::led()), commands: self.commands }
    }

    /// Resumes a session. What was done since is none of its commands; what runs in the background goes on.
    pub(crate) fn resume(&mut self, aside: Aside) {
        let prepared = std::mem::replace(&mut self.session, aside.session);
        self.session.take_over_background(prepared);
        self.commands = aside.commands;
    }

    /// Lets the background go on until now, as it did on the kernel since the last line. Its text was shown there as it
    /// came, and is compared no more.
    pub(crate) fn go_on(&mut self, stack: &mut dyn NetworkStack) {
        let mut shown = Transcript::default();
        if let Err(error) = self.session.go_on_until(stack.now(), &mut self.world, &mut shown) {
            self.part(format!("the simulator cannot wait: {error}"));
        }
    }

    /// The kernel is about to do something: until then the two go together.
    pub(crate) fn prepare(&mut self, stack: &mut dyn NetworkStack) -> Instant {
        let now = stack.now();
        self.wait_until(now);
        let world = &mut self.world;
        let taken = random_state::with_neighbours(world)
            .and_then(|namespaces| random_state::late_timers(world, stack, &namespaces));
        if let Err(error) = taken {
            self.part(format!("the kernel's neighbours cannot be listed: {error}"));
        }
        now
    }

    /// Does what the kernel has done, and compares.
    pub(crate) fn follow(
        &mut self,
        line: &str,
        done: &Done,
        stack: &mut dyn NetworkStack,
        journal: &Journal,
    ) {
        let mut console = Follower::new(done, stack.now().since(done.began));
        // Where there was traffic there may be neighbours now that were unknown before.
        let events = journal.commands().next_back().map(|(_, events)| events).unwrap_or_default();
        let heard: BTreeSet<&NamespaceName> = events.iter().map(|event| &event.namespace).collect();
        let heard: Vec<NamespaceName> = heard.into_iter().cloned().collect();
        self.take_over(stack, &[], &heard);
        let here = self.session.namespace().clone();
        let outcome = self.session.execute(line, &mut self.world, &mut console);
        let entry = script::entry(line, outcome, console.kept);
        let touched = self.touched(line, &here);
        self.take_over(stack, &touched, &touched);
        if let Some(theirs) = &done.entry {
            theirs.command.clone_into(&mut self.last);
        }
        if self.difference.is_none()
            && (entry.is_some() || done.entry.is_some())
            && let Some(difference) = self.comparison.next(entry.as_ref(), done.entry.as_ref())
        {
            let stopped = if done.interrupted.is_some() { "; it was stopped before its end" } else { "" };
            self.part(format!("{}{stopped}", text_apart(&difference)));
        }
        self.compare_frames(stack, journal);
        // What is not compared proves nothing.
        let ran = self.session.journal().last().filter(|command| command.line == words::trim(line));
        let proves = ran.is_none_or(|command| !command.invocation.tells_of_frames());
        if self.difference.is_none() && done.entry.is_some() && proves {
            self.commands += 1;
        }
    }

    /// Does what the kernel has done and what is no command: what a lesson does by itself, which may take the events of
    /// its own traffic.
    pub(crate) fn repeat<T>(
        &mut self,
        stack: &mut dyn NetworkStack,
        act: impl FnOnce(&mut dyn NetworkStack) -> T,
    ) {
        act(&mut self.session.attended(&mut self.world));
        self.watches.iter_mut().for_each(FrameWatch::look_away);
        self.take_over(stack, &[], &[]);
    }

    /// Lets time pass until then, and takes in what happens.
    fn wait_until(&mut self, time: Instant) {
        if self.world.now() < time
            && let Err(error) = self.world.run_until(time, &[])
        {
            self.part(format!("the simulator cannot wait: {error}"));
        }
        self.session.take_in(&mut self.world);
    }

    /// Comes up to the kernel's time, and compares the frames of both until now.
    fn compare_frames(&mut self, stack: &mut dyn NetworkStack, journal: &Journal) {
        self.wait_until(stack.now());
        if self.difference.is_some() {
            return;
        }
        let [ours, theirs] = &mut self.watches;
        let sim = ours.look_at(&mut self.world, self.session.journal());
        let real = theirs.look_at(stack, journal);
        if let Ok(namespaces) = random_state::namespaces(stack) {
            self.lockstep.keep(&namespaces);
        }
        if let Some(how) = self.lockstep.next([sim, real], stack.now()) {
            self.part(how);
        }
    }

    /// The namespaces in which a command, typed here, can have made a link: this one, and those that its words name.
    fn touched(&mut self, line: &str, here: &NamespaceName) -> Vec<NamespaceName> {
        let words = words::split(line).unwrap_or_default();
        let mut all = random_state::namespaces(&mut self.world).unwrap_or_default();
        // A command for all of them names none.
        if !words.iter().any(|word| word.starts_with("-a") || word.starts_with("--a")) {
            let named = |name: &NamespaceName| words.iter().any(|word| word == name.as_str());
            all.retain(|name| name.is_host() || name == here || named(name));
        }
        all
    }

    /// Takes over what the kernel draws at random, so that the two stay the same and the simulator speaks of the same
    /// Ethernet addresses: of links in the first namespaces the addresses, which last; in the others, and where
    /// neighbours are known, for how long these count, which is drawn anew now and then.
    fn take_over(&mut self, stack: &mut dyn NetworkStack, links: &[NamespaceName], times: &[NamespaceName]) {
        let world = &mut self.world;
        let mut take = || {
            let theirs: BTreeSet<NamespaceName> = random_state::namespaces(stack)?.into_iter().collect();
            let there = |namespaces: &[NamespaceName]| -> Vec<NamespaceName> {
                namespaces.iter().filter(|name| theirs.contains(*name)).cloned().collect()
            };
            random_state::addresses(world, stack, &there(links))?;
            let known = random_state::with_neighbours(world)?;
            let mut times = there(times);
            times.extend(there(&known).into_iter().filter(|name| !times.contains(name)).collect::<Vec<_>>());
            random_state::reachable_times(world, stack, &times)
        };
        if let Err(error) = take() {
            self.part(format!("the kernel's links cannot be listed: {error}"));
        }
    }

    /// The simulator, as long as it is the same as the kernel.
    pub(crate) fn agreeing(&mut self) -> Option<&mut World> {
        self.difference.is_none().then_some(&mut self.world)
    }

    /// From here on the two are not the same.
    fn part(&mut self, how: String) {
        let command = self.last.clone();
        self.difference.get_or_insert(Departure { command, how });
    }
}

impl StackBeside for SimulatorBeside {
    fn tell(&mut self, stack: &mut dyn NetworkStack, journal: &Journal) -> SeenBeside<'_> {
        self.compare_frames(stack, journal);
        let account = Account {
            stack: ToldBy::Sim,
            confirmed: self.difference.is_none(),
            missed: Vec::new(),
            commands: self.commands,
            difference: self.difference.clone(),
        };
        SeenBeside { stack: &mut self.world, journal: self.session.journal(), account }
    }
}

/// How two transcripts of a command differ, the simulator's on the left.
fn text_apart(difference: &Difference) -> String {
    let (Some(sim), Some(real)) = (&difference.left, &difference.right) else {
        return "only one of them ran it".to_owned();
    };
    for (ours, theirs) in [(&sim.stdout, &real.stdout), (&sim.stderr, &real.stderr)] {
        if ours != theirs {
            let line = |line: Option<&str>| match line {
                Some(line) if line.trim().is_empty() => "printed nothing".to_owned(),
                Some(line) => format!("printed '{}'", line.trim()),
                None => "printed no more".to_owned(),
            };
            let (ours, theirs) = first_apart(ours, theirs);
            return format!("the kernel {} where the simulator {}", line(theirs), line(ours));
        }
    }
    format!("the kernel ended with status {} and the simulator with {}", real.status, sim.status)
}

/// The first lines that are not the same.
fn first_apart<'a>(left: &'a str, right: &'a str) -> (Option<&'a str>, Option<&'a str>) {
    let (mut left, mut right) = (left.lines(), right.lines());
    loop {
        let lines = (left.next(), right.next());
        if lines.0 != lines.1 || lines == (None, None) {
            return lines;
        }
    }
}

/// How much earlier than the kernel's program the simulator's may be stopped: both look in steps, and the kernel's are a
/// little longer.
const HALF_A_STEP: Duration = Duration::from_millis(50);

/// The console of the simulator: no person watches it. It stops a program where the kernel's was stopped.
struct Follower {
    kept: Transcript,
    interactive: bool,
    width: usize,
    /// How long the program ran on the kernel.
    took: Duration,
    /// How many lines it had printed there when it was stopped, if it was.
    stopped_at: Option<usize>,
    passed: Duration,
    lines: usize,
}

impl Follower {
    fn new(done: &Done, took: Duration) -> Follower {
        let (interactive, stopped_at) = (done.interactive, done.interrupted);
        Follower {
            kept: Transcript::default(),
            interactive,
            width: done.width,
            took,
            stopped_at,
            passed: Duration::ZERO,
            lines: 0,
        }
    }
}

impl Console for Follower {
    fn out(&mut self, text: &str) {
        self.lines += text.matches('\n').count();
        self.kept.out(text);
    }
    fn err(&mut self, text: &str) {
        self.lines += text.matches('\n').count();
        self.kept.err(text);
    }
    fn interrupted(&self) -> bool {
        let as_there = self.stopped_at.is_some_and(|lines| self.lines >= lines);
        self.passed >= self.took + GRACE || (as_there && self.passed + HALF_A_STEP >= self.took)
    }
    fn interactive(&self) -> bool {
        self.interactive
    }
    fn width(&self) -> usize {
        self.width
    }
    fn pace(&mut self, passed: Duration) {
        self.passed += passed;
    }
    fn kept_bytes(&self, printed: usize) -> u64 {
        self.kept.kept_bytes(printed)
    }
    fn save(&mut self, _file: &str, _bytes: &[u8]) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_line_is_nothing_printed() {
        let entry = |stdout: &str| {
            let kept = Transcript { stdout: stdout.to_owned(), ..Transcript::default() };
            Some(Entry::new("ping -c 1 10.0.0.2", 0, kept))
        };
        let (answered, unanswered) = ("PING\n64 bytes from 10.0.0.2\n", "PING\n\n--- 10.0.0.2\n");
        let apart =
            |left, right| text_apart(&Difference { number: 1, left: entry(left), right: entry(right) });
        let expected = "the kernel printed nothing where the simulator printed '64 bytes from 10.0.0.2'";
        assert_eq!(apart(answered, unanswered), expected);
        let expected = "the kernel printed no more where the simulator printed '64 bytes from 10.0.0.2'";
        assert_eq!(apart(answered, "PING\n"), expected);
    }
}
