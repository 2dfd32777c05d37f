//! What must be true before a lesson goes on, or for the points of an exercise.

mod fact;
mod filter;
mod filtered;
mod finding;
mod http;
mod nat;
pub(crate) mod needs;
mod network;
mod probe;
mod table;
mod traffic;
mod words;
mod written;

use super::error::LineEnds;
use super::{Learner, LessonError, data};
use crate::limits;
pub use fact::namespace;
pub use finding::Finding;
pub(super) use written::WrittenCheck;

use fact::Fact;
use filter::ConnectionFact;
use finding::{Answer, Miss};
use network::Reader;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use table::{At, Table, Wrong};
pub use traffic::Asked;
use traffic::Sender;
use vethlab_shared::budget::Budget;
use vethlab_shared::error::StackError;
use vethlab_shared::event::Event;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Duration;

/// One thing that must be true.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// What must be true, for the learner.
    pub say: String,
    /// Shown when the learner asks and it is not true yet.
    pub hint: Option<String>,
    /// What an exercise makes of it.
    pub grading: Grading,
    /// The line of the file that it begins in.
    pub line: usize,
    /// The lines of its keys.
    lines: Arc<BTreeMap<String, usize>>,
    namespace: NamespaceName,
    fact: Fact,
}

/// What an exercise makes of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Grading {
    /// The word that other checks and reports know it by.
    pub id: Option<String>,
    /// What it is worth. An optional one is worth nothing.
    pub points: Option<u32>,
    /// The checks, by their words, that must hold before this one is looked at.
    pub needs: Vec<String>,
    /// Whether it warns only.
    pub optional: bool,
    /// Whether students do not see it.
    pub hidden: bool,
    /// Whether it holds from the start, and must not be broken.
    pub guard: bool,
    /// What is said when it holds.
    pub pass: Option<String>,
    /// What is said when it does not.
    pub fail: Option<String>,
    /// How many seconds of the stack's time it may take to become true.
    pub within: u32,
}

/// The keys of [`Grading`].
const GRADING: [&str; 9] = ["id", "points", "needs", "optional", "hidden", "guard", "pass", "fail", "within"];

/// The most that one check is worth, and that one hint costs, in points.
pub(super) const MOST_POINTS: u32 = 1000;

/// The longest that a check may take to become true, in seconds.
const LONGEST_WAIT: u32 = 600;

/// Where a block stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Above the steps of a lesson.
    Opening,
    /// In a step of a lesson.
    Step,
    /// In an exercise.
    Exercise,
}

/// What a check names and the network does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absent {
    /// The line that names it.
    pub line: usize,
    /// What is not there.
    pub what: String,
    /// What to write instead.
    pub fix: &'static str,
}

/// What a check looks at.
pub struct CheckContext<'a> {
    /// The network.
    pub stack: &'a mut dyn NetworkStack,
    /// What the learner did.
    pub learner: &'a Learner,
    /// What happened while the learner worked.
    pub events: &'a [Event],
    /// Whether the stack's events may be taken: to see who answers and which way a packet goes, and to tell why something
    /// is not so. A lesson's checks leave them to the learner.
    pub explains: bool,
    /// What other checks asked of this very network, each in a copy that was as it is. `None` where there are none, or it
    /// was altered since.
    pub asked: Option<&'a mut Asked>,
}

impl Check {
    /// Reads the checks of a block whose opening fence stands in the given line.
    pub(super) fn parse(line: usize, body: &str, place: Use) -> Result<Vec<Check>, LessonError> {
        let first_line = line + 1;
        let root = data::parse(first_line, body)?;
        // That each value is one of TOML's: numbers have bounds.
        data::typed::<toml::Table>(first_line, body, root.clone())?;
        let ends = LineEnds::of(body);
        let line = |place: usize| first_line + ends.before(place);
        let located = |Wrong { at, problem }: Wrong, check: usize, lines: &BTreeMap<String, usize>| {
            let line = match at {
                At::Check => check,
                At::Key(key) => lines.get(key).copied().unwrap_or(check),
                At::Place(place) => line(place),
            };
            LessonError::at(line, problem)
        };
        let tables =
            Table::all(root.into_inner()).map_err(|wrong| located(wrong, first_line, &BTreeMap::new()))?;
        let read = |table: Table<'_>| {
            let start = line(table.start());
            let lines: BTreeMap<String, usize> =
                table.places().into_iter().map(|(key, place)| (key, line(place))).collect();
            match Check::read(table, place) {
                Ok(check) => Ok(Check { line: start, lines: Arc::new(lines), ..check }),
                Err(wrong) => Err(located(wrong, start, &lines)),
            }
        };
        tables.into_iter().map(read).collect()
    }

    fn read(mut table: Table<'_>, place: Use) -> Result<Check, Wrong> {
        let say = table
            .text("say")?
            .ok_or("a check needs 'say', what must be true, in words: add a line 'say = \"…\"'")?;
        let hint = table.text("hint")?;
        let namespace = match table.text("in")? {
            Some(name) => fact::namespace(&name).map_err(|problem| Wrong::key("in", problem))?,
            None => NamespaceName::HOST,
        };
        let grading = grading(&mut table, place)?;
        let fact = Fact::read(table)?;
        Check { say, hint, grading, line: 0, lines: Arc::default(), namespace, fact }.fitting(place)
    }

    /// The check, where one like it may stand there.
    fn fitting(self, place: Use) -> Result<Check, Wrong> {
        let kept_out = match (place, &self.fact) {
            (Use::Step, Fact::Path(_)) => Some("path_to"),
            (Use::Step, Fact::Seen(_)) => Some("seen"),
            (Use::Step, Fact::Connection(fact)) if fact.while_pinging.is_some() => Some("while_pinging"),
            (Use::Step, Fact::Ping(ping)) if ping.answered_by.is_some() => Some("answered_by"),
            (Use::Exercise, Fact::Answered(_)) => Some("answered"),
            (Use::Exercise, Fact::Looked(_)) => Some("looked"),
            _ => None,
        };
        match (place, kept_out) {
            (_, None) => Ok(self),
            (Use::Exercise, Some(key)) => Err(Wrong::key(
                key,
                "an exercise looks at what is true, not at what was typed, and 'answered' and 'looked' are for lessons: \
                 use a fact of the network",
            )),
            (_, Some(key)) => Err(Wrong::key(
                key,
                "a lesson's checks do not follow packets, and 'path_to', 'seen', 'while_pinging' and 'answered_by' are for exercises: use 'ping', 'connects', 'http' or 'nat'",
            )),
        }
    }

    /// The line that one of its keys stands in; its first where it has no such key.
    pub fn line_of(&self, key: &str) -> usize {
        self.lines.get(key).copied().unwrap_or(self.line)
    }

    /// The same check wherever it stands.
    #[must_use]
    pub fn without_line(self) -> Check {
        Check { line: 0, lines: Arc::default(), ..self }
    }

    /// Whether it asks for an answer to the step's question, and for nothing of the network.
    pub fn is_answer(&self) -> bool {
        matches!(self.fact, Fact::Answered(_))
    }

    /// Whether it asks for something that the learner does, and for nothing of the network.
    pub fn is_of_learner(&self) -> bool {
        matches!(self.fact, Fact::Answered(_) | Fact::Looked(_))
    }

    /// The commands that it wants the learner to have looked at, and where, for a check that asks for that.
    pub fn looks_at(&self) -> Option<(&NamespaceName, &[String])> {
        match &self.fact {
            Fact::Looked(fact) => Some((&self.namespace, &fact.looked)),
            _ => None,
        }
    }

    /// Whether it is content with a look at whatever the command shows.
    pub fn takes_any_look(&self) -> bool {
        matches!(&self.fact, Fact::Looked(fact) if fact.shows.is_empty() && !fact.shows_nothing)
    }

    /// Whether it wants a command to have shown nothing.
    pub fn wants_nothing_shown(&self) -> bool {
        matches!(&self.fact, Fact::Looked(fact) if fact.shows_nothing)
    }

    /// Whether looking at it sends packets, and so alters what there is to see.
    pub fn sends(&self) -> bool {
        match &self.fact {
            Fact::Ping(_) | Fact::Path(_) | Fact::Connects(_) => true,
            Fact::Http(_) | Fact::Filtered(_) | Fact::Nat(_) => true,
            Fact::Seen(seen) => seen.while_pinging.is_some(),
            Fact::Connection(connection) => connection.while_pinging.is_some(),
            _ => false,
        }
    }

    /// What it is worth in an exercise.
    pub fn points(&self) -> u32 {
        match self.grading.optional {
            true => 0,
            false => self.grading.points.unwrap_or(1),
        }
    }

    /// Whether an event is a frame that it looks for.
    pub fn looks_for(&self, event: &Event) -> bool {
        matches!(&self.fact, Fact::Seen(seen) if traffic::passes(seen, &self.namespace, event))
    }

    /// Whether it looks at the frames that passed while the learner worked.
    pub fn looks_back(&self) -> bool {
        matches!(&self.fact, Fact::Seen(seen) if seen.while_pinging.is_none())
    }

    /// Whom it asks for an answer to a ping, where it does.
    pub fn ping_destination(&self) -> Option<Ipv4Addr> {
        match &self.fact {
            Fact::Ping(ping) => Some(ping.ping),
            _ => None,
        }
    }

    /// The command that looks at it as the check does, typed in the namespace `here`, where it asks for an answer to
    /// a ping. `None` where it asks for something else, or cannot be looked at from there.
    pub fn ping_line(&self, here: &NamespaceName) -> Option<String> {
        let Fact::Ping(ping) = &self.fact else { return None };
        let ping = ping.succeed.then(|| format!("ping -c 1 -W 1 {}", ping.ping))?;
        match &self.namespace {
            namespace if namespace == here => Some(ping),
            namespace if namespace.is_host() => None,
            namespace => Some(format!("ip netns exec {namespace} {ping}")),
        }
    }

    /// Whether it is true now.
    pub fn holds(&self, stack: &mut dyn NetworkStack, learner: &Learner) -> bool {
        stack.set_budget(Budget::new(limits::CHECK));
        let mut context = CheckContext { stack, learner, events: &[], explains: false, asked: None };
        matches!(self.answer(&mut context), Ok(None))
    }

    /// Looks whether it is true, and waits for it where it may take its time.
    pub fn look(&self, context: &mut CheckContext<'_>) -> Finding {
        const STEP: Duration = Duration::from_secs(1);
        context.stack.set_budget(Budget::new(limits::CHECK));
        if self.grading.within > 0 {
            // It goes on with the network as its own question leaves it.
            context.asked = None;
        }
        let mut answer = self.answer(context);
        for _ in 0..self.grading.within {
            if matches!(answer, Ok(None)) {
                break;
            }
            let deadline = context.stack.now() + STEP;
            answer = context.stack.run_until(deadline, &[]).and_then(|()| self.answer(context));
        }
        let answer = match answer {
            Ok(miss) => miss.map(|miss| self.explained(miss, context)).transpose(),
            Err(error) => self.without_namespace(context).map_or(Err(error), |miss| Ok(Some(miss))),
        };
        Finding::new(words::expected(&self.fact, &self.namespace), answer)
    }

    /// What to say where the namespace that it looks at is not there.
    fn without_namespace(&self, context: &mut CheckContext<'_>) -> Option<Miss> {
        let namespaces = context.stack.namespaces().ok()?;
        let there = self.namespace.is_host() || namespaces.contains(&self.namespace);
        (!there).then(|| Miss::found(format!("there is no namespace '{}'", self.namespace)))
    }

    /// What it looks at and the network does not have: the namespace, or the setting, which no solution can bring about.
    pub fn absent(&self, stack: &mut dyn NetworkStack) -> Option<Absent> {
        let Check { namespace, fact, .. } = self;
        if !namespace.is_host() && !stack.namespaces().is_ok_and(|known| known.contains(namespace)) {
            return Some(Absent {
                line: self.line_of("in"),
                what: format!("there is no namespace '{namespace}'"),
                fix: "Write the name of a namespace that setup or solution makes",
            });
        }
        let Fact::Sysctl(fact) = fact else { return None };
        stack.sysctl(namespace, &fact.sysctl).is_err().then(|| Absent {
            line: self.line_of("sysctl"),
            what: format!("there is no setting '{}' in {namespace}", fact.sysctl),
            fix: "Write the name of a setting that 'sysctl -a' lists in this namespace",
        })
    }

    fn answer(&self, context: &mut CheckContext<'_>) -> Answer {
        let CheckContext { stack, learner, events, explains, asked } = context;
        let (namespace, explains, asked) = (&self.namespace, *explains, asked.as_deref_mut());
        if let Fact::Connection(ConnectionFact { while_pinging: Some(to), from, .. }) = &self.fact {
            let namespace = from.as_ref().unwrap_or(namespace);
            Sender { namespace, stack: &mut **stack, explains, asked: None }.send(*to)?;
        }
        let mut network = Reader { namespace, stack: &mut **stack };
        match &self.fact {
            Fact::Namespace(fact) => network.namespace(fact),
            Fact::Link(fact) => network.link(fact),
            Fact::Address(fact) => network.address(fact),
            Fact::RouteTo(fact) => network.route_to(fact),
            Fact::Route(fact) => network.route(fact),
            Fact::Neighbour(fact) => network.neighbour(fact),
            Fact::Fdb(fact) => network.fdb(fact),
            Fact::Rule(fact) => network.rule(fact),
            Fact::Connection(fact) => network.connection(fact),
            Fact::Listens(fact) => network.listens(fact),
            Fact::Sysctl(fact) => network.sysctl(fact),
            Fact::Count(fact) => network.count(fact),
            Fact::Ping(fact) => Sender { namespace, stack: &mut **stack, explains, asked }.ping(fact),
            Fact::Connects(fact) => Sender { namespace, stack: &mut **stack, explains, asked }.connects(fact),
            Fact::Http(fact) => Sender { namespace, stack: &mut **stack, explains, asked }.http(fact),
            Fact::Filtered(fact) => Sender { namespace, stack: &mut **stack, explains, asked }.filtered(fact),
            Fact::Nat(fact) => Sender { namespace, stack: &mut **stack, explains, asked }.nat(fact),
            Fact::Path(fact) => Sender { namespace, stack: &mut **stack, explains, asked }.path(fact),
            Fact::Seen(fact) => Sender { namespace, stack: &mut **stack, explains, asked }.seen(fact, events),
            Fact::Answered(fact) => Ok((learner.has_answered() != fact.answered).then(|| Miss::found(""))),
            Fact::Looked(fact) => {
                let sight = fact.sight();
                let looked = |command: &String| learner.has_looked(namespace, command, &sight);
                let missing = fact.looked.iter().find(|command| !looked(command));
                Ok(missing.map(|command| Miss::found(format!("'{command}' was not looked at"))))
            }
        }
    }

    /// A miss with the reason that sending a packet that way brings to light.
    fn explained(&self, miss: Miss, context: &mut CheckContext<'_>) -> Result<Miss, StackError> {
        match &self.fact {
            Fact::RouteTo(fact) if context.explains && !fact.unreachable && miss.diagnosis.is_none() => {
                let mut sender = Sender {
                    namespace: &self.namespace,
                    stack: &mut *context.stack,
                    explains: true,
                    asked: None,
                };
                Ok(Miss { diagnosis: sender.why(fact.route_to)?, ..miss })
            }
            _ => Ok(miss),
        }
    }
}

/// What an exercise makes of a check, taken out of its table.
fn grading(table: &mut Table<'_>, place: Use) -> Result<Grading, Wrong> {
    if place == Use::Step
        && let Some(key) = GRADING.into_iter().find(|key| table.has(key))
    {
        return Err(Wrong::key(key, format!("'{key}' is for the checks of exercises: take it out")));
    }
    read_grading(table.split(&GRADING))
}

/// The same, of a table that holds nothing else.
fn read_grading(table: Table<'_>) -> Result<Grading, Wrong> {
    let grading: Grading = table.read()?;
    match &grading {
        Grading { optional: true, points: Some(_), .. } => {
            Err(Wrong::key("points", "an optional check is worth nothing: leave 'points' out"))
        }
        Grading { points: Some(0), .. } => Err(Wrong::key(
            "points",
            "a check is worth one point or more: write 'optional = true' for one that only warns",
        )),
        Grading { points: Some(points), .. } if *points > MOST_POINTS => Err(Wrong::key(
            "points",
            format!("{points} points are too many for a check: write a number from 1 to {MOST_POINTS}"),
        )),
        Grading { within, .. } if *within > LONGEST_WAIT => Err(Wrong::key(
            "within",
            format!("'within' is {LONGEST_WAIT} seconds at most: write a number from 1 to {LONGEST_WAIT}"),
        )),
        _ => Ok(grading),
    }
}

/// Those of the checks that are not true now. Those that send packets are looked at only when all others are
/// true, and count as not true until then.
pub fn unmet<'a>(checks: &'a [Check], stack: &mut dyn NetworkStack, learner: &Learner) -> Vec<&'a Check> {
    let (sending, reading): (Vec<_>, Vec<_>) = checks.iter().partition(|check| check.sends());
    let mut unmet: Vec<&Check> = reading.into_iter().filter(|check| !check.holds(stack, learner)).collect();
    if unmet.is_empty() {
        unmet.extend(sending.into_iter().filter(|check| !check.holds(stack, learner)));
    } else {
        unmet.extend(sending);
    }
    unmet
}

#[cfg(test)]
mod tests;
