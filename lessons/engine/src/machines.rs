//! The stacks that a prompt works on: one, or both at once.

use crate::compare::{Comparison, Difference, FrameComparison, FrameMatch};
use crate::history;
use crate::lesson::CommandFailed;
use crate::limits::Allowed;
use crate::machine::Machine;
use crate::platform::Platform;
use crate::random_state;
use crate::screen::Screen;
use crate::script;
use crate::stacks::{StackChoice, Unavailable};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use vethlab_programs::session::Outcome;
use vethlab_programs::{Console, Transcript};
use vethlab_shared::error::StackError;
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::status::Status;
use vethlab_shared::time::Duration;
use vethlab_sim::World;

/// Takes something over from the kernel.
type TakeOver = fn(&mut World, &mut dyn NetworkStack, &[NamespaceName]) -> Result<(), StackError>;

/// One or two stacks, each with a person's place on it.
pub struct Machines {
    machines: Vec<Machine>,
    comparison: Comparison,
    matching: FrameMatch,
    /// The last frames that were compared.
    frames: FrameComparison,
    choices: Vec<StackChoice>,
    seed: u64,
    /// What each command, and an answer, may use.
    allowed: Allowed,
    /// Set from outside where what runs is to stop.
    stop: Arc<AtomicBool>,
    platform: Box<dyn Platform>,
    /// Why what happened could not be recorded, where it was not said yet.
    not_recorded: Option<String>,
    /// Whether the simulator's time stands still while nobody types.
    time_stands_still: bool,
}

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// What became of it on the stack that the person watches.
    pub outcome: Outcome,
    /// What it printed there, errors behind all else.
    pub printed: String,
    /// How the stacks differed, where there are two.
    pub difference: Option<Difference>,
    /// The frames that passed on each, where there are two.
    pub frames: FrameComparison,
}

impl Turn {
    /// What became of a line that printed nothing and was compared with nothing.
    fn of(outcome: Outcome) -> Turn {
        Turn { outcome, printed: String::new(), difference: None, frames: FrameComparison::default() }
    }

    /// Whether the stacks did the same.
    pub fn agreed(&self) -> bool {
        self.difference.is_none() && self.frames.equal
    }
}

/// What there is to complete: names as they are now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The named namespaces.
    pub namespaces: Vec<String>,
    /// The links of every namespace.
    pub links: Vec<String>,
    /// The addresses of every namespace.
    pub addresses: Vec<String>,
}

impl Machines {
    /// Opens fresh stacks.
    ///
    /// # Errors
    /// One of them cannot be had here.
    pub fn open(
        choices: &[StackChoice],
        seed: u64,
        platform: Box<dyn Platform>,
    ) -> Result<Machines, Unavailable> {
        // The real one first, which the person then watches: its time is the true one.
        let mut choices = choices.to_vec();
        choices.sort_by_key(|choice| *choice != StackChoice::Real);
        let mut machines = Machines {
            machines: Vec::new(),
            comparison: Comparison::new(),
            matching: FrameMatch::new(),
            frames: FrameComparison::default(),
            choices,
            seed,
            allowed: Allowed::default(),
            stop: Arc::default(),
            platform,
            not_recorded: None,
            time_stands_still: false,
        };
        machines.open_all()?;
        Ok(machines)
    }

    /// Puts fresh stacks in the place of these.
    ///
    /// # Errors
    /// One of them cannot be had here.
    pub fn reopen(&mut self) -> Result<(), Unavailable> {
        self.machines.clear();
        let recorded = self.platform.stacks_are_fresh();
        self.not_recorded = self.not_recorded.take().or(recorded.err());
        self.comparison = Comparison::new();
        self.matching = FrameMatch::new();
        self.open_all()
    }

    fn open_all(&mut self) -> Result<(), Unavailable> {
        for &choice in &self.choices {
            let mut machine = self.platform.open(choice, self.seed)?;
            machine.set_limits(self.allowed);
            machine.stop_when(Arc::clone(&self.stop));
            self.machines.push(machine);
        }
        self.platform.idle();
        Ok(())
    }

    /// Records what is still to be recorded of what happened, as the session ends.
    ///
    /// # Errors
    /// A record is not whole, in one line that says why.
    pub fn finish(&mut self) -> Result<(), String> {
        self.platform.finish(&mut self.machines)
    }

    /// What the stacks run on.
    pub fn platform(&mut self) -> &mut dyn Platform {
        self.platform.as_mut()
    }

    /// Lets each command, each setup and each answer from now on use as much as this.
    pub fn set_limits(&mut self, allowed: Allowed) {
        self.allowed = allowed;
        self.machines.iter_mut().for_each(|machine| machine.set_limits(allowed));
    }

    /// How much each of them may use.
    pub fn allowed(&self) -> Allowed {
        self.allowed
    }

    /// What runs from now on stops soon after this is set.
    pub fn stop_when(&mut self, stop: &Arc<AtomicBool>) {
        self.stop = Arc::clone(stop);
        self.machines.iter_mut().for_each(|machine| machine.stop_when(Arc::clone(stop)));
    }

    /// Prepares every stack for a lesson or a step.
    ///
    /// # Errors
    /// A command of the setup fails.
    pub fn set_up(&mut self, setup: &[String]) -> Result<(), CommandFailed> {
        let stop = self.platform.stops_setup();
        self.machines.iter_mut().try_for_each(|machine| machine.set_up(setup, stop.as_ref()))
    }

    /// Asks each stack something that may send packets.
    pub fn consult<T>(&mut self, mut ask: impl FnMut(&mut dyn NetworkStack) -> T) -> Vec<T> {
        self.machines.iter_mut().map(|machine| machine.consult(&mut ask)).collect()
    }

    /// The stack that the person watches, to read from.
    pub fn watched(&mut self) -> Option<&mut dyn NetworkStack> {
        self.machines.first_mut().map(Machine::stack)
    }

    /// Whether the person watches a stack on which waiting costs nothing.
    pub fn is_virtual(&self) -> bool {
        self.machines.first().is_some_and(Machine::is_virtual)
    }

    /// Asks the stack that the person watches, where it is the running one, something that may send packets.
    pub fn consult_live<T>(&mut self, ask: impl FnMut(&mut dyn NetworkStack) -> T) -> Option<T> {
        let machine = self.machines.first_mut().filter(|machine| !machine.is_virtual())?;
        Some(machine.consult(ask))
    }

    /// What `why --json` prints for the person, and its status.
    pub(crate) fn why(&mut self) -> Option<(Status, String)> {
        self.machines.first_mut().map(Machine::why)
    }

    /// The stacks with the places on them: the one that the person watches is the first.
    pub fn all(&self) -> &[Machine] {
        &self.machines
    }

    /// The namespace that the next command runs in.
    pub fn namespace(&self) -> NamespaceName {
        self.machines.first().map_or(NamespaceName::HOST, |machine| machine.session().namespace().clone())
    }

    /// How many commands were done and not taken back, where they can be.
    pub fn commands(&self) -> Option<usize> {
        self.machines.first().and_then(Machine::commands)
    }

    /// What stands before the cursor: `host# `.
    pub fn prompt(&self) -> String {
        self.machines.first().map_or("# ".to_owned(), Machine::prompt)
    }

    /// Whether the simulator's time stands still from now on while nobody types. The kernel's goes on, and that of a
    /// simulator beside it.
    pub fn let_time_stand_still(&mut self, still: bool) {
        self.time_stands_still = still;
        self.platform.idle();
    }

    /// Lets the simulator's time catch up with the kernel's, where there is that one too, and, unless it stands still,
    /// with the time that a person before a terminal took to think: neighbour entries grow old meanwhile.
    pub fn catch_up(&mut self, screen: &mut dyn Screen) {
        self.take_over(random_state::reachable_times, screen);
        let idle = self.platform.idle();
        let passes = screen.interactive() && !self.time_stands_still;
        let idle = if passes { idle } else { Duration::ZERO };
        let kernel = self.machines.iter().find(|machine| !machine.is_virtual()).map(Machine::now);
        for machine in &mut self.machines {
            let now = machine.now();
            let target = kernel.unwrap_or(now + idle);
            if machine.is_virtual()
                && now < target
                && let Err(error) = machine.idle_until(target)
            {
                screen.err(&format!("vethlab: {error}\n"));
            }
        }
        self.take_over(random_state::late_timers, screen);
    }

    /// Takes over on the simulator what only chance has decided on the kernel, where there are both.
    fn take_over(&mut self, what: TakeOver, screen: &mut dyn Screen) {
        // The real one stands first.
        let [real, sim] = self.machines.as_mut_slice() else { return };
        let take_over = |world: &mut World| {
            let namespaces = random_state::namespaces(real.stack())?;
            what(world, real.stack(), &namespaces)
        };
        if let Some(Err(error)) = sim.world().map(take_over) {
            screen.err(&format!("vethlab: the kernel's neighbours cannot be listed: {error}\n"));
        }
    }

    /// Runs a line on every stack. The person sees what it does on the first.
    pub fn execute(&mut self, line: &str, screen: &mut dyn Screen) -> Turn {
        self.catch_up(screen);
        let mut turn = self.execute_now(line, screen);
        turn.frames = self.compare_frames(screen);
        let recorded = self.platform.record(&self.machines);
        for problem in self.not_recorded.take().into_iter().chain(recorded.err()) {
            screen.err(&format!("vethlab: {problem}\n"));
        }
        screen.end_program();
        self.platform.idle();
        turn
    }

    /// The frames of both stacks since the last time, next to each other; of one stack alone, none.
    fn compare_frames(&mut self, screen: &mut dyn Screen) -> FrameComparison {
        // The real one stands first.
        let [real, sim] = self.machines.as_mut_slice() else { return FrameComparison::default() };
        if screen.interrupted() {
            // What was stopped half way is no difference between stacks.
            self.matching.skip([sim, real]);
            return FrameComparison::default();
        }
        let frames = self.matching.next([sim, real]).unwrap_or_else(|error| {
            screen.err(&format!("vethlab: {error}\n"));
            FrameComparison::default()
        });
        if !frames.is_empty() {
            self.frames = frames.clone();
        }
        frames
    }

    /// The last frames that were compared; `None` where there is one stack only.
    pub fn last_frames(&self) -> Option<&FrameComparison> {
        (self.machines.len() == 2).then_some(&self.frames)
    }

    fn execute_now(&mut self, line: &str, screen: &mut dyn Screen) -> Turn {
        let alone = self.machines.len() == 1;
        let Some((first, others)) = self.machines.split_first_mut() else {
            return Turn::of(Outcome::Nothing);
        };
        if !alone && history::is_about_time(line) {
            return Turn::of(history::refuse(line, screen));
        }
        screen.begin_program(first.is_virtual());
        let began = first.now();
        let mut watched = Watched { screen, kept: Transcript::default(), alone };
        let outcome = first.execute(line, &mut watched);
        let printed = format!("{}{}", watched.kept.stdout, watched.kept.stderr);
        let seen = script::entry(line, outcome, watched.kept);
        let mut difference = None;
        // What was stopped on the first is stopped on the others after as long.
        let at_most = screen.interrupted().then(|| first.now().since(began));
        let (mut is_behind, mut waited) = (false, Ok(()));
        for machine in others {
            let mut following = Following::new(screen, at_most);
            let other = match at_most {
                None => machine.execute(line, &mut following),
                Some(_) => {
                    let (other, limit) = machine.catch_up(line, &mut following, MOST_BEHIND);
                    if limit.is_some() {
                        is_behind = true;
                        // Time passes there without the program.
                        waited = waited.and(machine.idle_until(first.now()));
                    }
                    other
                }
            };
            let there = script::entry(line, other, following.kept);
            let (sim, real) = match machine.choice() {
                StackChoice::Sim => (there.as_ref(), seen.as_ref()),
                StackChoice::Real => (seen.as_ref(), there.as_ref()),
            };
            if sim.is_some() || real.is_some() {
                difference = self.comparison.next(sim, real);
            }
        }
        if screen.interrupted() {
            // What was stopped half way is no difference between stacks.
            difference = None;
        }
        if is_behind {
            screen.err(
                "vethlab: the simulator was stopped before it had done as much as the kernel: what they count differs \
                 from here on\n",
            );
        }
        if let Err(error) = waited {
            screen.err(&format!("vethlab: {error}\n"));
        }
        Turn { printed, difference, ..Turn::of(outcome) }
    }

    /// Runs commands on every stack without showing anything.
    pub fn play_quietly(&mut self, commands: &[String]) {
        for machine in &mut self.machines {
            for command in commands {
                machine.execute_untyped(command, &mut Transcript::default());
            }
        }
    }

    /// Whether the person looks at the past.
    pub fn is_in_past(&self) -> bool {
        self.machines.iter().any(Machine::is_in_past)
    }

    /// Whether something runs in the background that goes on while nobody types. Where there are two stacks, what both
    /// print is compared line by line, and nothing goes on between lines.
    pub fn go_on_by_themselves(&self) -> bool {
        matches!(self.machines.as_slice(), [machine] if machine.goes_on_by_itself())
    }

    /// Lets what runs in the background go on for so long.
    ///
    /// # Errors
    /// The stack cannot wait.
    pub fn go_on(&mut self, time: Duration, console: &mut dyn Console) -> Result<(), StackError> {
        self.machines.iter_mut().try_for_each(|machine| machine.go_on(time, console))
    }

    /// The names that there are to complete now.
    pub fn names(&mut self) -> Names {
        let Some(machine) = self.machines.first_mut() else { return Names::default() };
        let stack = machine.known();
        let namespaces = stack.namespaces().unwrap_or_default();
        let (mut links, mut addresses): (Vec<String>, Vec<IpAddr>) = (Vec::new(), Vec::new());
        for namespace in [NamespaceName::HOST].iter().chain(&namespaces) {
            let here = stack.links(namespace).unwrap_or_default();
            links.extend(here.iter().map(|link| link.name.to_string()));
            let here = stack.addresses(namespace, Family::Inet).unwrap_or_default();
            addresses.extend(here.iter().map(|address| address.local));
        }
        links.sort();
        links.dedup();
        addresses.sort();
        addresses.dedup();
        let namespaces = namespaces.iter().map(ToString::to_string).collect();
        Names { namespaces, links, addresses: addresses.iter().map(ToString::to_string).collect() }
    }
}

/// How many steps a stack takes at most to do what the other one has done until the person stopped it: no more than they
/// do not notice.
const MOST_BEHIND: u64 = 20_000;

/// The screen, keeping what it shows for a comparison.
struct Watched<'a> {
    screen: &'a mut dyn Screen,
    kept: Transcript,
    /// Whether no other stack has to follow.
    alone: bool,
}

impl Console for Watched<'_> {
    vethlab_programs::pass_console_on!(screen: interrupted, width, pace, live, save);

    fn out(&mut self, text: &str) {
        self.kept.out(text);
        self.screen.out(text);
    }
    fn err(&mut self, text: &str) {
        self.kept.err(text);
        self.screen.err(text);
    }
    fn page(&mut self, text: &str) {
        self.kept.out(text);
        self.screen.page(text);
    }
    fn interactive(&self) -> bool {
        // The other stack cannot be stopped at the same place, so what would not end may not begin.
        self.alone && self.screen.interactive()
    }
    fn kept_bytes(&self, printed: usize) -> u64 {
        self.kept.kept_bytes(printed) + self.screen.kept_bytes(printed)
    }
}

/// The console of a stack that nobody watches. What its programs would write into files the watched ones write.
struct Following<'a> {
    screen: &'a dyn Screen,
    kept: Transcript,
    /// When it is to stop, where the watched one was stopped.
    at_most: Option<Duration>,
    passed: Duration,
}

impl<'a> Following<'a> {
    fn new(screen: &'a dyn Screen, at_most: Option<Duration>) -> Following<'a> {
        Following { screen, kept: Transcript::default(), at_most, passed: Duration::ZERO }
    }
}

impl Console for Following<'_> {
    fn out(&mut self, text: &str) {
        self.kept.out(text);
    }
    fn err(&mut self, text: &str) {
        self.kept.err(text);
    }
    fn interrupted(&self) -> bool {
        self.at_most.map_or_else(|| self.screen.interrupted(), |at_most| self.passed >= at_most)
    }
    /// As wide as the screen, or what both print would not be the same.
    fn width(&self) -> usize {
        self.screen.width()
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
