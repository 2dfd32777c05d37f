//! Facts that are looked at by sending, or in the frames that were sent.

use super::fact::{ConnectsFact, PathFact, PingFact, SeenFact};
use super::finding::{Answer, Miss};
use std::net::Ipv4Addr;
use std::rc::Rc;
use vethlab_explain::why::{self, Cause, Diagnosis};
use vethlab_programs::echo::{self, Question, Refusal};
use vethlab_programs::reach::{self, Reached};
use vethlab_programs::tcpdump::{LinkType, Subject};
use vethlab_shared::change::Change;
use vethlab_shared::error::StackError;
use vethlab_shared::event::{Event, EventKind};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::Direction;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Duration;

/// How long a router needs to send errors again: one costs it two seconds of silence at the most. No whole number of
/// seconds, at which neighbours are given up.
const PAUSE: Duration = Duration::from_millis(2500);

/// How long a connection may take.
pub(super) const ANSWER: Duration = Duration::from_secs(1);

/// How many routers of a way are named: in a circle there is no end to them.
const MOST_NAMED: usize = 6;

/// What checks asked of one network, each in a copy of its own: to the same question it gives the same answer there.
#[derive(Debug, Default)]
pub struct Asked(Vec<(Asking, Rc<Heard>)>);

/// Who asks what, and whether it is to be told why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asking {
    from: NamespaceName,
    question: Question,
    explained: bool,
}

/// What came of a question.
#[derive(Debug)]
struct Heard {
    answer: echo::Answer,
    events: Vec<Event>,
    /// Why it was not answered, where that is to be told and the stack tells it.
    diagnosis: Option<Diagnosis>,
}

/// Sends from within one namespace.
pub(super) struct Sender<'a> {
    pub(super) namespace: &'a NamespaceName,
    pub(super) stack: &'a mut dyn NetworkStack,
    /// It may take the events that its packets cause, to explain a failure.
    pub(super) explains: bool,
    /// What others asked of the same network, where it is still as they found it.
    pub(super) asked: Option<&'a mut Asked>,
}

impl Sender<'_> {
    /// Echo requests, with a second for each answer.
    pub(super) fn ping(&mut self, fact: &PingFact) -> Answer {
        let count = fact.count.unwrap_or(1);
        let size = fact.size.unwrap_or(Question::once(fact.ping.into()).size);
        let question = Question { count, size, ..Question::once(fact.ping.into()) };
        if let Some(wanted) = fact.refused {
            let (answer, events) = self.ask_to_be_refused(&question, wanted)?;
            return Ok(match answer.refusal {
                Some(refusal) if refusal == wanted => None,
                Some(refusal) => {
                    Some(Miss { diagnosis: self.explain(&events)?, ..Miss::found(told(refusal)) })
                }
                None => Some(Miss::found("it is answered")),
            });
        }
        let heard = self.hear(&question, fact.succeed)?;
        let Heard { answer, events, diagnosis } = &*heard;
        Ok(match (answer.answered == count, fact.succeed) {
            (true, true) => self.at_the_wrong_end(&question, &answer.path(events), fact.answered_by.as_ref()),
            (false, false) => None,
            (true, false) => Some(Miss::found("it is answered")),
            (false, true) => {
                let told = answer.refusal.map_or_else(|| "nothing came back".to_owned(), told);
                let found = match count {
                    1 => told,
                    _ => format!("{} of {count} were answered; {told}", answer.answered),
                };
                Some(Miss { diagnosis: diagnosis.clone(), ..Miss::found(found) })
            }
        })
    }

    /// A connection, with a second for the answer.
    pub(super) fn connects(&mut self, fact: &ConnectsFact) -> Answer {
        let (reached, events) =
            self.watched(|stack, namespace| reach::connect(stack, namespace, fact.connects.into(), ANSWER))?;
        let found = match reached {
            Reached::Connected => "somebody takes it".to_owned(),
            Reached::Refused(errno) => format!("it is refused: {errno}"),
            Reached::NoAnswer => "no answer came".to_owned(),
        };
        Ok(match (reached, fact.refused, fact.succeed) {
            (Reached::Refused(_), true, _) | (Reached::Connected, false, true) => None,
            (Reached::Refused(_) | Reached::NoAnswer, false, false) => None,
            (Reached::Connected, ..) => Some(Miss::found(found)),
            (Reached::Refused(_) | Reached::NoAnswer, ..) => {
                Some(Miss { diagnosis: self.explain(&events)?, ..Miss::found(found) })
            }
        })
    }

    /// The routers that an echo request passes.
    pub(super) fn path(&mut self, fact: &PathFact) -> Answer {
        let question = Question::once(fact.path_to.into());
        let heard = self.hear(&question, true)?;
        let Heard { answer, events, diagnosis } = &*heard;
        let path = answer.path(events);
        let names = |path: &[NamespaceName]| {
            let names: Vec<String> = path.iter().take(MOST_NAMED).map(ToString::to_string).collect();
            match (names.is_empty(), path.len() - names.len()) {
                (true, _) => "nobody".to_owned(),
                (false, 0) => names.join(", then "),
                (false, more) => format!("{}, and {more} more", names.join(", then ")),
            }
        };
        if let Some(refusal) = answer.refusal {
            let found = format!("the request came to {}; {}", names(&path), told(refusal));
            return Ok(Some(Miss { diagnosis: diagnosis.clone(), ..Miss::found(found) }));
        }
        if let Some(miss) = self.at_the_wrong_end(&question, &path, fact.ends_in.as_ref()) {
            return Ok(Some(miss));
        }
        let routers = path.split_last().map_or(&path[..], |(_, routers)| routers);
        Ok((routers != fact.through)
            .then(|| Miss::found(format!("on its way the request passes {}", names(routers)))))
    }

    /// Whether a request was answered by somebody else than was meant. Nobody is meant to answer themselves, unless it is
    /// said, or a loopback address is asked: else who gives themselves the address of another would have reached them.
    fn at_the_wrong_end(
        &self,
        question: &Question,
        path: &[NamespaceName],
        meant: Option<&NamespaceName>,
    ) -> Option<Miss> {
        let end = path.last().filter(|_| self.explains)?;
        let own = end == self.namespace;
        match meant {
            Some(meant) if end == meant => None,
            None if !own || question.to.is_loopback() => None,
            _ if own => Some(Miss::found(format!("{end} answers itself: it has that address"))),
            _ => Some(Miss::found(format!("it is answered by {end}"))),
        }
    }

    /// Frames on a link: those of a ping that is sent now, or those that passed before. A link that is missing fails the
    /// check: otherwise a learner could pass it by renaming the link.
    pub(super) fn seen(&mut self, fact: &SeenFact, before: &[Event]) -> Answer {
        let during;
        let events = match fact.while_pinging {
            None => before,
            Some(to) => {
                let from = fact.from.as_ref().unwrap_or(self.namespace);
                let mut sender =
                    Sender { namespace: from, stack: &mut *self.stack, explains: true, asked: None };
                during = sender.ask(&Question::once(to.into()))?.1;
                &during
            }
        };
        let passed = events.iter().any(|event| passes(fact, self.namespace, event));
        if !passed && !self.stack.links(self.namespace)?.iter().any(|link| link.name == fact.on) {
            return Ok(Some(Miss::found(format!("there is no link '{}'", fact.on))));
        }
        Ok(match (passed, fact.exists) {
            (true, true) | (false, false) => None,
            (true, false) => Some(Miss::found("such a frame passed")),
            (false, true) => Some(Miss::found("no such frame passed")),
        })
    }

    /// Asks, unless another check asked the same of the same network; and why there is no answer, where that is to be told.
    fn hear(&mut self, question: &Question, explained: bool) -> Result<Rc<Heard>, StackError> {
        let asking = Asking { from: self.namespace.clone(), question: *question, explained };
        let before = self.asked.as_ref().and_then(|asked| asked.0.iter().find(|(other, _)| *other == asking));
        if let Some((_, heard)) = before {
            return Ok(Rc::clone(heard));
        }
        let (answer, events) = self.ask(question)?;
        let is_to_be_told = explained && answer.refusal.is_some();
        let diagnosis = if is_to_be_told { self.explain(&events)? } else { None };
        let heard = Rc::new(Heard { answer, events, diagnosis });
        if let Some(asked) = &mut self.asked {
            asked.0.push((asking, Rc::clone(&heard)));
        }
        Ok(heard)
    }

    fn ask(&mut self, question: &Question) -> Result<(echo::Answer, Vec<Event>), StackError> {
        self.watched(|stack, namespace| echo::ask(stack, namespace, question))
    }

    /// Does something that sends; with what came of it the events, where those may be taken.
    pub(super) fn watched<T>(
        &mut self,
        act: impl FnOnce(&mut dyn NetworkStack, &NamespaceName) -> Result<T, StackError>,
    ) -> Result<(T, Vec<Event>), StackError> {
        if self.explains {
            self.stack.observe(true);
            self.stack.take_events();
        }
        let done = act(self.stack, self.namespace)?;
        let events = if self.explains { self.stack.take_events() } else { Vec::new() };
        Ok((done, events))
    }

    /// Asks as if nothing had been asked before. Who was told the size of a packet that fits keeps to it
    /// (`ip_rt_update_pmtu`), until the cache of routes is flushed; and a router that has sent errors falls silent for
    /// a while (`ip_error`, `icmpv4_xrlim_allow`), so silence counts when it is still there behind a pause.
    fn ask_to_be_refused(
        &mut self,
        question: &Question,
        wanted: Refusal,
    ) -> Result<(echo::Answer, Vec<Event>), StackError> {
        if wanted == Refusal::TooBig {
            let flush = Change::SetSysctl { name: "net.ipv4.route.flush".to_owned(), value: "1".to_owned() };
            self.stack.apply(self.namespace, &flush)?;
        }
        let asked = self.ask(question)?;
        if asked.0.refusal != Some(Refusal::NoAnswer) {
            return Ok(asked);
        }
        let deadline = self.stack.now() + PAUSE;
        self.stack.run_until(deadline, &[])?;
        self.ask(question)
    }

    /// Sends a request, whatever comes of it.
    pub(super) fn send(&mut self, to: Ipv4Addr) -> Result<(), StackError> {
        self.ask(&Question::once(to.into())).map(drop)
    }

    /// Sends a request to learn why what should be so is not; `None` where the stack does not tell.
    pub(super) fn why(&mut self, to: Ipv4Addr) -> Result<Option<Diagnosis>, StackError> {
        let question = Question::once(to.into());
        let (_, events) = self.ask(&question)?;
        self.explain(&events)
    }

    /// Why a request was not answered, where the stack tells.
    pub(super) fn explain(&mut self, events: &[Event]) -> Result<Option<Diagnosis>, StackError> {
        if !self.explains || !self.stack.capabilities().full_events {
            return Ok(None);
        }
        let (destination, packet, unfinished) = (None, None, false);
        let invocation = None;
        let question = why::Question { invocation, events, destination, packet, unfinished };
        let diagnosis = why::explain(&question, self.stack)?;
        Ok(diagnosis.filter(|diagnosis| !matches!(diagnosis.cause, Cause::None | Cause::Unexplained)))
    }
}

/// Whether an event is a frame on the fact's link that passes its filter.
pub(super) fn passes(fact: &SeenFact, namespace: &NamespaceName, event: &Event) -> bool {
    let (link, frame, direction) = match &event.kind {
        EventKind::NetDevXmit { link, frame } => (link, frame, Direction::Out),
        EventKind::NetifReceiveSkb { link, frame } => (link, frame, Direction::In),
        _ => return false,
    };
    event.namespace == *namespace
        && *link == fact.on
        && fact.seen.filter.passes(Subject { frame, direction }, LinkType::Ethernet)
}

fn told(refusal: Refusal) -> String {
    match refusal {
        Refusal::NoAnswer => "no answer came".to_owned(),
        Refusal::Other => "it is refused".to_owned(),
        named => format!("it is refused: {named}"),
    }
}
