//! A stack, and a person's place on it.

mod keeping;

use crate::beside::{Done, SimulatorBeside};
use crate::bounded::Stop;
use crate::compare::Entry;
use crate::history::{self, TimeMachine};
use crate::lesson::{self, CommandFailed};
use crate::limits::Allowed;
use crate::script;
use crate::stacks::StackChoice;
use keeping::Keeping;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use vethlab_explain::journal::{Command, Journal};
use vethlab_explain::why::StackBeside;
use vethlab_programs::jobs::Jobs;
use vethlab_programs::session::{Outcome, Session};
use vethlab_programs::{Console, Context, Files, Transcript};
use vethlab_shared::budget::{Budget, Exhausted, Limits};
use vethlab_shared::error::StackError;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::status::Status;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::words;
use vethlab_sim::World;

/// A stack that tells what happens on it, and the shells that a person started on it.
pub struct Machine {
    kind: Kind,
    /// What each command, and a setup, may use.
    allowed: Allowed,
    /// Set from outside where what runs is to stop.
    stop: Arc<AtomicBool>,
}

enum Kind {
    /// The simulator: one can go back.
    Sim(Box<TimeMachine>),
    /// The kernel, whose time goes one way.
    Real(Box<Kernel>),
}

/// The kernel, and beside it a simulator that tells what the kernel does not.
struct Kernel {
    stack: Box<dyn NetworkStack>,
    session: Session,
    /// What was typed.
    lines: Vec<String>,
    /// None where nobody will ask it.
    beside: Option<SimulatorBeside>,
}

impl Machine {
    /// Before a fresh simulator.
    pub fn on_sim(seed: u64) -> Machine {
        Machine::of(Kind::Sim(Box::new(TimeMachine::new(seed))))
    }

    /// Before the kernel, as it is on a fresh machine. The seed is that of the simulator beside it.
    pub fn on_kernel(stack: Box<dyn NetworkStack>, seed: u64) -> Machine {
        Machine::before(stack, Some(SimulatorBeside::fresh(seed)))
    }

    /// The same where nobody asks why: no simulator beside the kernel does every command again.
    pub fn on_kernel_alone(stack: Box<dyn NetworkStack>) -> Machine {
        Machine::before(stack, None)
    }

    fn before(mut stack: Box<dyn NetworkStack>, beside: Option<SimulatorBeside>) -> Machine {
        stack.observe(true);
        let (session, lines) = (Session::new(), Vec::new());
        Machine::of(Kind::Real(Box::new(Kernel { stack, session, lines, beside })))
    }

    fn of(kind: Kind) -> Machine {
        Machine { kind, allowed: Allowed::default(), stop: Arc::default() }
    }

    /// Lets each command, and each setup, from now on use as much as this.
    pub fn set_limits(&mut self, allowed: Allowed) {
        self.allowed = allowed;
    }

    /// What runs from now on stops soon after this is set. It is taken back where something new begins.
    pub fn stop_when(&mut self, stop: Arc<AtomicBool>) {
        self.stop = stop;
    }

    /// Does something that may use so much. Whoever looks at what it left is not to pay for it: what comes behind it has
    /// as much as a command.
    fn work<T>(&mut self, limits: Limits, work: impl FnOnce(&mut Kind) -> T) -> T {
        self.begin(limits);
        let done = work(&mut self.kind);
        self.begin(self.allowed.command);
        done
    }

    /// What is used from now on is taken from this much. What was to stop before is over.
    fn begin(&mut self, limits: Limits) {
        self.stop.store(false, Ordering::Relaxed);
        self.kind.draw_from(&|| Budget::until(limits, Arc::clone(&self.stop)));
    }

    /// Which stack it is.
    pub fn choice(&self) -> StackChoice {
        match self.kind {
            Kind::Sim(_) => StackChoice::Sim,
            Kind::Real(_) => StackChoice::Real,
        }
    }

    /// The stack as it is in the present, for what is done to it beside the session.
    pub fn stack(&mut self) -> &mut dyn NetworkStack {
        match &mut self.kind {
            Kind::Sim(machine) => machine.world(),
            Kind::Real(kernel) => kernel.stack.as_mut(),
        }
    }

    /// A stack with the same namespaces and links, for what has to be quick: before the kernel it is the simulator
    /// beside it, as long as the two are the same.
    pub fn known(&mut self) -> &mut dyn NetworkStack {
        match &mut self.kind {
            Kind::Sim(machine) => machine.world(),
            Kind::Real(kernel) => {
                let Kernel { stack, beside, .. } = &mut **kernel;
                match beside.as_mut().and_then(SimulatorBeside::agreeing) {
                    Some(world) => world,
                    None => stack.as_mut(),
                }
            }
        }
    }

    /// Where the person is, and what was done so far.
    pub fn session(&self) -> &Session {
        match &self.kind {
            Kind::Sim(machine) => machine.session(),
            Kind::Real(kernel) => &kernel.session,
        }
    }

    /// The command that this line has just run, if it ran one.
    pub fn last_command(&self, line: &str) -> Option<&Command> {
        self.session().journal().last().filter(|command| command.line == words::trim(line))
    }

    /// All that was done and happened up to the present, wherever the person looks.
    pub fn journal(&self) -> &Journal {
        match &self.kind {
            Kind::Sim(machine) => machine.journal(),
            Kind::Real(kernel) => kernel.session.journal(),
        }
    }

    /// The simulator's world in the present, where this is one.
    pub fn world(&mut self) -> Option<&mut World> {
        match &mut self.kind {
            Kind::Sim(machine) => Some(machine.world()),
            Kind::Real(_) => None,
        }
    }

    /// Whether waiting costs nothing here.
    pub fn is_virtual(&self) -> bool {
        matches!(self.kind, Kind::Sim(_))
    }

    /// What time it is here.
    pub fn now(&self) -> Instant {
        match &self.kind {
            Kind::Sim(machine) => machine.now(),
            Kind::Real(kernel) => kernel.stack.now(),
        }
    }

    /// How many commands were done and not taken back, where they can be.
    pub fn commands(&self) -> Option<usize> {
        match &self.kind {
            Kind::Sim(machine) => Some(machine.commands()),
            Kind::Real(_) => None,
        }
    }

    /// The lines of all commands that were done and not taken back, in order.
    pub fn lines(&self) -> Vec<String> {
        match &self.kind {
            Kind::Sim(machine) => machine.lines(),
            Kind::Real(kernel) => kernel.lines.clone(),
        }
    }

    /// What stands before the cursor: `host# `, and in the past which event of how many it is: `host@12/31# `.
    pub fn prompt(&self) -> String {
        let place = match &self.kind {
            Kind::Sim(machine) => machine.place(),
            Kind::Real(_) => None,
        };
        let namespace = self.session().namespace();
        place.map_or(format!("{namespace}# "), |(event, last)| format!("{namespace}@{event}/{last}# "))
    }

    /// Takes one line as typed.
    pub fn execute(&mut self, line: &str, console: &mut dyn Console) -> Outcome {
        self.work(self.allowed.command, |kind| kind.execute(line, console))
    }

    /// Does what another machine has done until it was stopped, in so many steps at most; and the limit that it ran into,
    /// where it did not get as far.
    pub(crate) fn catch_up(
        &mut self,
        line: &str,
        console: &mut dyn Console,
        steps: u64,
    ) -> (Outcome, Option<Exhausted>) {
        let limits = self.allowed.command;
        let limits = Limits { work: limits.work.min(steps), ..limits };
        self.work(limits, |kind| (kind.execute(line, console), kind.exhausted()))
    }

    /// Takes in what happened beside the commands.
    pub fn take_in(&mut self) {
        match &mut self.kind {
            Kind::Sim(machine) => machine.take_in(),
            Kind::Real(kernel) => kernel.take_in(),
        }
    }

    /// Takes one line that the person did not type: 'undo' takes it back with the line that was typed before it.
    pub fn execute_untyped(&mut self, line: &str, console: &mut dyn Console) -> Outcome {
        self.work(self.allowed.command, |kind| match kind {
            Kind::Sim(machine) => machine.execute_untyped(line, console),
            kernel @ Kind::Real(_) => kernel.execute(line, console),
        })
    }

    /// Whether the person looks at the past.
    pub fn is_in_past(&self) -> bool {
        match &self.kind {
            Kind::Sim(machine) => machine.place().is_some(),
            Kind::Real(_) => false,
        }
    }

    /// Lets time pass while nobody types.
    ///
    /// # Errors
    /// The stack cannot wait.
    pub fn idle_until(&mut self, time: Instant) -> Result<(), StackError> {
        self.work(self.allowed.command, |kind| match kind {
            Kind::Sim(machine) => machine.idle_until(time),
            Kind::Real(kernel) => {
                let passed = kernel.stack.run_until(time, &[]);
                kernel.take_in();
                passed
            }
        })
    }

    /// Whether time passes here while nobody types, and something runs in the background that it passes for.
    pub fn goes_on_by_itself(&self) -> bool {
        !self.is_virtual() && self.session().has_running_jobs()
    }

    /// Lets what runs in the background go on for so long, before a person who types nothing meanwhile.
    ///
    /// # Errors
    /// The stack cannot wait.
    pub fn go_on(&mut self, time: Duration, console: &mut dyn Console) -> Result<(), StackError> {
        self.work(self.allowed.command, |kind| match kind {
            Kind::Sim(_) => Ok(()),
            Kind::Real(kernel) => {
                let deadline = kernel.stack.now() + time;
                kernel.session.go_on_until(deadline, kernel.stack.as_mut(), console)
            }
        })
    }

    /// Prepares the network that a lesson or a step starts from; that is none of the person's commands. What it starts in the
    /// background goes on.
    ///
    /// # Errors
    /// The first command that did not end with status 0, or that was stopped.
    pub fn set_up(&mut self, setup: &[String], stop: Stop<'_>) -> Result<(), CommandFailed> {
        self.work(self.allowed.answer, |kind| match kind {
            Kind::Sim(machine) => {
                let prepared = lesson::set_up(setup, machine.world(), stop)?;
                machine.take_over_background(prepared);
                Ok(())
            }
            Kind::Real(kernel) => kernel.set_up(setup),
        })
    }

    /// Asks the stack something that may send packets, such as whether a ping is answered. What runs in the background
    /// goes on meanwhile.
    pub fn consult<T>(&mut self, mut ask: impl FnMut(&mut dyn NetworkStack) -> T) -> T {
        self.work(self.allowed.command, |kind| match kind {
            Kind::Sim(machine) => ask(&mut machine.attended()),
            Kind::Real(kernel) => {
                kernel.take_in();
                let Kernel { stack, session, beside, .. } = &mut **kernel;
                if let Some(beside) = beside {
                    beside.prepare(stack.as_mut());
                }
                let answer = ask(&mut session.attended(stack.as_mut()));
                if let Some(beside) = beside {
                    beside.repeat(stack.as_mut(), ask);
                }
                answer
            }
        })
    }

    /// What `why --json` prints in the present, and its status. That it was asked is not kept.
    pub fn why(&mut self) -> (Status, String) {
        let (stack, journal, beside): (&mut dyn NetworkStack, _, Option<&mut dyn StackBeside>) =
            match &mut self.kind {
                Kind::Sim(machine) => {
                    let (world, journal) = machine.world_and_journal();
                    (world, journal, None)
                }
                Kind::Real(kernel) => {
                    kernel.take_in();
                    let Kernel { stack, session, beside, .. } = &mut **kernel;
                    let beside = beside.as_mut().map(|beside| beside as &mut dyn StackBeside);
                    (stack.as_mut(), session.journal(), beside)
                }
            };
        let mut told = Transcript::default();
        let mut context = Context {
            stack,
            namespace: NamespaceName::HOST,
            console: &mut told,
            journal,
            jobs: &mut Jobs::default(),
            files: &mut Files::default(),
            shells: &[],
            beside,
            background: false,
            input: vethlab_programs::process::Input::Empty,
            environment: Vec::new(),
            enter: None,
        };
        let status = vethlab_programs::run(vec!["why".to_owned(), "--json".to_owned()], &mut context);
        (status, told.stdout)
    }

    /// The stack as it is in the present, and what was done and happened where the person looks.
    pub fn stack_and_journal(&mut self) -> (&mut dyn NetworkStack, &Journal) {
        match &mut self.kind {
            Kind::Sim(machine) => {
                let (world, journal) = machine.world_and_journal();
                (world, journal)
            }
            Kind::Real(kernel) => (kernel.stack.as_mut(), kernel.session.journal()),
        }
    }
}

impl Kind {
    /// What is used from now on is taken from such a budget, on each stack from one of its own.
    fn draw_from(&mut self, budget: &dyn Fn() -> Budget) {
        match self {
            Kind::Sim(machine) => machine.draw_from(&budget()),
            Kind::Real(kernel) => {
                kernel.stack.set_budget(budget());
                if let Some(beside) = &mut kernel.beside {
                    beside.set_budget(budget());
                }
            }
        }
    }

    /// The limit that was reached, if one was.
    fn exhausted(&mut self) -> Option<Exhausted> {
        match self {
            Kind::Sim(machine) => machine.world().exhausted(),
            Kind::Real(kernel) => kernel.stack.exhausted(),
        }
    }

    fn execute(&mut self, line: &str, console: &mut dyn Console) -> Outcome {
        match self {
            Kind::Sim(machine) => machine.execute(line, console),
            Kind::Real(_) if history::is_about_time(line) => history::refuse(line, console),
            Kind::Real(kernel) => {
                let outcome = kernel.run(line, console).0;
                if outcome != Outcome::Nothing {
                    kernel.lines.push(words::trim(line).to_owned());
                }
                outcome
            }
        }
    }
}

impl Kernel {
    fn take_in(&mut self) {
        self.session.take_in(self.stack.as_mut());
    }

    /// Runs a line here, and then on the simulator beside it, if there is one.
    fn run(&mut self, line: &str, console: &mut dyn Console) -> (Outcome, Option<Entry>) {
        let Kernel { stack, session, beside, .. } = self;
        let goes_on = console.interactive() && session.has_running_jobs();
        if goes_on {
            // What the background printed before the line is none of the line's own.
            let now = stack.now();
            if let Err(error) = session.go_on_until(now, stack.as_mut(), console) {
                console.err(&format!("vethlab: the background cannot go on: {error}\n"));
            }
        }
        let mut keeping = Keeping::new(console);
        let Some(beside) = beside else {
            let outcome = session.execute(line, stack.as_mut(), &mut keeping);
            return (outcome, script::entry(line, outcome, keeping.kept));
        };
        if goes_on {
            beside.go_on(stack.as_mut());
        }
        let began = beside.prepare(stack.as_mut());
        let outcome = session.execute_beside(line, stack.as_mut(), &mut keeping, Some(beside));
        let (interactive, interrupted) = (keeping.interactive(), keeping.interrupted_at.get());
        let width = keeping.width();
        let entry = script::entry(line, outcome, keeping.kept);
        let done = Done { entry: entry.clone(), began, interactive, width, interrupted };
        beside.follow(line, &done, stack.as_mut(), session.journal());
        (outcome, entry)
    }

    fn set_up(&mut self, setup: &[String]) -> Result<(), CommandFailed> {
        let session = mem::take(&mut self.session);
        let aside = self.beside.as_mut().map(SimulatorBeside::set_aside);
        let mut entries = setup.iter().filter_map(|line| self.run(line, &mut Transcript::default()).1);
        let failed = entries.find(|entry| entry.status != 0);
        let prepared = mem::replace(&mut self.session, session);
        self.session.take_over_background(prepared);
        if let (Some(beside), Some(aside)) = (&mut self.beside, aside) {
            beside.resume(aside);
        }
        failed.map_or(Ok(()), |entry| Err(CommandFailed(entry)))
    }
}
