//! What a step asks for: what of it is done, what is not yet, and why.

use super::Dialogue;
use crate::lesson::{Check, Step, reason};
use crate::page;
use crate::screen::Screen;
use vethlab_explain::why::Diagnosis;

impl<'a> Dialogue<'a> {
    /// Whether the step's checks are all met as it begins. What is met before anything was done is not told: it would
    /// tell what to leave alone.
    pub(super) fn is_done_already(&mut self, step: &'a Step) -> bool {
        if self.machines.is_in_past() {
            return false;
        }
        let unmet = self.unmet();
        self.met = step.checks.iter().filter(|check| !is_among(&unmet, check)).collect();
        unmet.is_empty()
    }

    /// Whether the step's checks are all met, on every stack. Says which were met just now. While the learner looks
    /// at the past it says nothing: what is true in the end may not be true there.
    pub(super) fn is_done(&mut self, step: &'a Step, screen: &mut dyn Screen) -> bool {
        if self.machines.is_in_past() {
            return false;
        }
        let unmet = self.unmet();
        for check in &step.checks {
            if !is_among(&unmet, check) && !is_among(&self.met, check) {
                self.met.push(check);
                if !check.is_answer() {
                    screen.holds(&check.say);
                }
            }
        }
        unmet.is_empty()
    }

    fn unmet(&mut self) -> Vec<&'a Check> {
        let mut all: Vec<&'a Check> = Vec::new();
        let play = &self.play;
        for check in self.machines.consult(|stack| play.unmet(stack)).into_iter().flatten() {
            if !is_among(&all, check) {
                all.push(check);
            }
        }
        all
    }

    /// What is still to be done, and why, where the network can tell.
    pub(super) fn report(&mut self, step: &'a Step, screen: &mut dyn Screen) {
        if self.machines.is_in_past() {
            return screen.note("You are looking at the past: 'continue' first, then 'check'.");
        }
        if step.checks.is_empty() {
            screen.note("This step has no task: an empty line goes on.");
        }
        let mut unmet = self.unmet();
        // Pings are sent once all else of the network holds. The first one is sent last: 'why' alone tells of that.
        let pings = unmet.iter().all(|check| check.sends() || check.is_of_learner());
        if pings && unmet.iter().any(|check| check.is_of_learner()) {
            // Pings that wait for a look were not sent yet.
            let play = &self.play;
            unmet.retain(|check| {
                !check.sends() || self.machines.consult(|stack| play.meets(check, stack)).contains(&false)
            });
        }
        let mut reasons: Vec<_> = unmet
            .iter()
            .rev()
            .map(|check| pings.then(|| reason::of_ping(check, self.machines)).flatten())
            .collect();
        reasons.reverse();
        let first = reasons.iter().position(Option::is_some);
        for (number, (check, sent)) in unmet.iter().zip(&reasons).enumerate() {
            // Nobody has looked at a ping while something else is unmet: it may well be answered.
            let word = if check.sends() && !pings { "looked at behind the others" } else { "not yet" };
            let mut line = format!("- {word}: {}", check.say);
            if let Some(hint) = &check.hint {
                line.push_str(&format!(" ({hint})"));
            }
            if let Some((_, Some(Diagnosis { cause, namespace, .. }))) = sent {
                let address = check.ping_destination().filter(|_| first != Some(number));
                let word = address.map_or("why".to_owned(), |address| format!("why {address}"));
                line.push_str(&format!(" ({cause} in {namespace}: type `{word}` for the story)"));
            }
            let line = page::prose(&line, screen.width(), screen.paint());
            screen.out(&line);
        }
        if let Some((line, _)) = reasons.into_iter().flatten().next() {
            screen.note(&format!("'{line}' is not answered. 'packets' shows how far it comes."));
        } else if let Some((line, Diagnosis { cause, namespace, .. })) =
            reason::of_last_command(self.machines, self.began)
        {
            screen.note(&format!("Your '{line}' failed: {cause} in {namespace}. 'why' tells the story."));
        }
    }
}

/// Whether this very check is among them.
fn is_among(checks: &[&Check], check: &Check) -> bool {
    checks.iter().any(|known| std::ptr::eq(*known, check))
}
