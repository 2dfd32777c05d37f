//! What holds of an exercise, what does not and why, and the points.

use crate::lesson::check::needs::{self, Ready};
use crate::lesson::check::{Asked, Check, CheckContext, Finding};
use crate::lesson::{Exercise, Learner};
use serde::{Deserialize, Serialize};
use vethlab_programs::session::Session;
use vethlab_shared::event::Event;
use vethlab_shared::stack::NetworkStack;
use vethlab_sim::World;

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not.
    Failed,
    /// It does not, and warns only.
    Warned,
    /// It was not looked at: a check that it needs does not hold.
    Waiting,
}

/// One check of an exercise, looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckResult {
    /// Its word; `check-3` for the third where it has none.
    pub id: String,
    /// What must be true.
    pub say: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The points that it gave.
    pub points: u32,
    /// The points that it is worth.
    pub worth: u32,
    /// Whether students do not see it.
    pub hidden: bool,
    /// Whether it holds from the start.
    pub guard: bool,
    /// The exercise's words for how it came out, or of the check that it waits for.
    pub words: Option<String>,
    /// What was found; `None` where it was not looked at.
    pub finding: Option<Finding>,
}

/// How an answer does in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The points: of the checks, less the cost of hints, and never below 0.
    pub points: u32,
    /// The most that can be had.
    pub maximum: u32,
    /// How many hints were opened, as the answer says.
    pub hints: usize,
    /// What they cost.
    pub cost: u32,
    /// Each check, in the order of the exercise.
    pub checks: Vec<CheckResult>,
    /// What hidden checks gave, where those are left out.
    pub withheld: Option<Withheld>,
}

/// What students are told of hidden checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Withheld {
    /// How many there are.
    pub checks: usize,
    /// The points that they gave.
    pub points: u32,
    /// The points that they are worth.
    pub worth: u32,
}

/// The network that checks look at.
pub enum CheckedNetwork<'a> {
    /// A simulated one, with what runs there in the background: each check looks at a copy of its own, so that none alters
    /// what another sees.
    Sim(&'a World, &'a Session),
    /// The running one: those that send come behind the others. Its background goes on where it is [attended].
    ///
    /// [attended]: Session::attended
    Live(&'a mut dyn NetworkStack),
}

impl CheckedNetwork<'_> {
    fn judge(&mut self, check: &Check, seen: &[Event], asked: &mut Asked) -> Finding {
        let learner = &Learner::new();
        match self {
            CheckedNetwork::Sim(world, background) => {
                let (mut copy, mut background) = ((*world).clone(), (*background).clone());
                let asked = Some(asked);
                check.look(&mut CheckContext {
                    stack: &mut background.attended(&mut copy),
                    learner,
                    events: seen,
                    explains: true,
                    asked,
                })
            }
            CheckedNetwork::Live(stack) => {
                let stack = &mut **stack;
                check.look(&mut CheckContext { stack, learner, events: seen, explains: true, asked: None })
            }
        }
    }
}

impl Verdict {
    /// Looks at all checks of an exercise.
    pub fn reach(
        exercise: &Exercise,
        network: &mut CheckedNetwork<'_>,
        seen: &[Event],
        hints: usize,
    ) -> Verdict {
        let checks = &exercise.task.checks;
        let needs = needs::places(checks);
        let mut findings: Vec<Option<Finding>> = vec![None; checks.len()];
        let (mut ready, mut asked) = (Ready::new(&needs), Asked::default());
        // Those that send wait until no other can be looked at any more.
        let mut waiting = Vec::new();
        for may_send in [false, true] {
            let mut round = if may_send { std::mem::take(&mut waiting) } else { ready.take() };
            while !round.is_empty() {
                for place in round {
                    if !may_send && checks[place].sends() {
                        waiting.push(place);
                        continue;
                    }
                    let finding = network.judge(&checks[place], seen, &mut asked);
                    if finding.met {
                        ready.holds(place);
                    }
                    findings[place] = Some(finding);
                }
                round = ready.take();
            }
            waiting.sort_unstable();
        }
        let result = |(place, check): (usize, &Check)| {
            let waits = unmet_need(&needs[place], &findings);
            CheckResult::new(place, check, findings[place].clone(), waits.map(|need| &checks[need]))
        };
        let mut results: Vec<CheckResult> = checks.iter().enumerate().map(result).collect();
        reward_no_idleness(&mut results);
        let cost = exercise.task.hints.iter().take(hints).map(|hint| hint.cost).sum();
        let gained: u32 = results.iter().map(|result| result.points).sum();
        let points = gained.saturating_sub(cost);
        Verdict { points, maximum: exercise.points(), hints, cost, checks: results, withheld: None }
    }

    /// Whether no more points can be had.
    pub fn is_full(&self) -> bool {
        self.points >= self.maximum
    }

    /// Whether all checks hold, optional ones too.
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.outcome == Outcome::Passed)
    }

    /// Whether an optional check does not hold.
    pub fn warns(&self) -> bool {
        self.checks.iter().any(|check| check.outcome == Outcome::Warned)
    }

    /// The same as a student may see it: of hidden checks no more than their points.
    #[must_use]
    pub fn for_students(&self) -> Verdict {
        let (hidden, checks): (Vec<_>, Vec<_>) = self.checks.iter().cloned().partition(|check| check.hidden);
        let withheld = Withheld {
            checks: hidden.len(),
            points: hidden.iter().map(|check| check.points).sum(),
            worth: hidden.iter().map(|check| check.worth).sum(),
        };
        let withheld = if hidden.is_empty() { self.withheld } else { Some(withheld) };
        Verdict { checks, withheld, ..self.clone() }
    }

    /// The same with causes that another run of the same answer found for checks that do not hold there either.
    #[must_use]
    pub fn with_causes_of(mut self, other: &Verdict) -> Verdict {
        for (mine, others) in self.checks.iter_mut().zip(&other.checks) {
            if let (Some(mine), Some(others)) = (&mut mine.finding, &others.finding)
                && !mine.met
                && !others.met
                && mine.cause.is_none()
            {
                mine.cause = others.cause;
                mine.evidence.clone_from(&others.evidence);
                mine.story.clone_from(&others.story);
            }
        }
        self
    }

    /// The checks that came out otherwise than in another run of the same answer.
    pub fn differences<'a>(&'a self, other: &'a Verdict) -> impl Iterator<Item = &'a CheckResult> {
        let pairs = self.checks.iter().zip(&other.checks);
        pairs.filter(|(mine, others)| mine.outcome != others.outcome).map(|(mine, _)| mine)
    }
}

/// What holds from the start gives its points when something else was achieved: who does nothing gets nothing.
fn reward_no_idleness(results: &mut [CheckResult]) {
    let achieved = |result: &CheckResult| !result.guard && result.worth > 0;
    let any = results.iter().any(|result| achieved(result) && result.outcome == Outcome::Passed);
    if any || !results.iter().any(achieved) {
        return;
    }
    for result in results.iter_mut().filter(|result| result.guard && result.points > 0) {
        result.points = 0;
        result.words =
            Some("this holds from the start, and counts as soon as another check holds too".to_owned());
    }
}

/// The first of the checks at these places that does not hold, as far as is known.
fn unmet_need(needs: &[usize], findings: &[Option<Finding>]) -> Option<usize> {
    needs.iter().copied().find(|need| !findings[*need].as_ref().is_some_and(|finding| finding.met))
}

/// The word for the check at a place of its exercise.
pub fn check_id(place: usize, check: &Check) -> String {
    check.grading.id.clone().unwrap_or_else(|| format!("check-{}", place + 1))
}

impl CheckResult {
    fn new(place: usize, check: &Check, finding: Option<Finding>, waits: Option<&Check>) -> CheckResult {
        let grading = &check.grading;
        let outcome = match &finding {
            None => Outcome::Waiting,
            Some(finding) if finding.met => Outcome::Passed,
            Some(_) if grading.optional => Outcome::Warned,
            Some(_) => Outcome::Failed,
        };
        let words = match outcome {
            Outcome::Passed => grading.pass.clone(),
            Outcome::Failed | Outcome::Warned => grading.fail.clone(),
            Outcome::Waiting => waits.map(|need| format!("looked at when this holds: {}", need.say)),
        };
        let worth = check.points();
        CheckResult {
            id: check_id(place, check),
            say: check.say.clone(),
            outcome,
            points: if outcome == Outcome::Passed { worth } else { 0 },
            worth,
            hidden: grading.hidden,
            guard: grading.guard,
            words,
            finding,
        }
    }
}
