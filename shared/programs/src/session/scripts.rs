//! What a session makes of a line that only a whole shell takes apart.

use super::{Given, Outcome, Ran, Session, Typed};
use crate::counted::Counted;
use crate::process::{Input, Signal};
use crate::shell::{self, Routed, Surroundings, hand_over};
use crate::{Console, Failure};
use vethlab_explain::why::{self, StackBeside};
use vethlab_shared::stack::NetworkStack;
use vethlab_shell::{Call, Demand, Machine, Mode, Script};

impl Session {
    /// Runs a text through the shell: its commands one after the other, each of which the journal has.
    pub(super) fn script(
        &mut self,
        text: &str,
        stack: &mut dyn NetworkStack,
        console: &mut Counted<'_>,
        mut beside: Option<&mut dyn StackBeside>,
    ) -> Outcome {
        let script = match Script::parse(text) {
            Ok(script) => script,
            Err(problem) => return Outcome::Ran(crate::told(shell::not_parsed("bash", &problem), console)),
        };
        let mode = if console.interactive() { Mode::Prompt } else { Mode::Line };
        let state = std::mem::take(&mut self.shell);
        let mut machine = Machine::new(&script, state, mode, None);
        loop {
            let demand = machine.next(&mut Surroundings(&mut self.between_lines(stack, console)));
            match demand {
                Demand::Run(call) => {
                    if let Some(limit) = shell::spend(shell::WORK_OF_A_COMMAND, stack) {
                        machine.interrupt(crate::told(Failure::Exhausted(limit), console));
                        continue;
                    }
                    let mut routed = Routed::new(console, &call);
                    let ran = self.called(&call, stack, &mut routed, why::borrowed(&mut beside));
                    let taken = routed.taken();
                    let context = &mut self.between_lines(stack, console);
                    hand_over(taken, &mut machine, &mut Surroundings(context));
                    machine.left_unread(ran.unread);
                    machine.ended(ran.status, ran.refused, &mut Surroundings(context));
                    if ran.limited || context.console.interrupted() {
                        machine.interrupt(ran.status.max(Signal::Interrupt.status()));
                    }
                }
                Demand::Spawn { machine: other, text } => {
                    shell::spawn(&mut machine, *other, text, &mut self.between_lines(stack, console));
                }
                Demand::Pause => {
                    if let Some(limit) = shell::spend(shell::WORK_OF_A_PAUSE, stack) {
                        machine.interrupt(crate::told(Failure::Exhausted(limit), console));
                    } else if console.interrupted() {
                        machine.interrupt(Signal::Interrupt.status());
                    }
                }
                Demand::Ended { status, exit } => {
                    self.shell = machine.into_state();
                    return match exit && !(mode == Mode::Prompt && console.interrupted()) {
                        true if self.entered.pop().is_none() => Outcome::Exit(status),
                        _ => Outcome::Ran(status),
                    };
                }
            }
        }
    }

    /// Runs a command of a script.
    fn called(
        &mut self,
        call: &Call,
        stack: &mut dyn NetworkStack,
        console: &mut dyn Console,
        beside: Option<&mut dyn StackBeside>,
    ) -> Ran {
        let line: Vec<String> = call.words.iter().map(|word| vethlab_shell::quoted(word)).collect();
        let usual = if console.interactive() { Input::Silent } else { Input::Empty };
        let typed = Typed {
            line: &line.join(" "),
            words: call.words.clone().into(),
            background: false,
            input: Given::Ready(shell::input_of(call, &usual)),
            environment: call.environment.clone(),
        };
        self.command(typed, stack, console, beside).unwrap_or_default()
    }
}
