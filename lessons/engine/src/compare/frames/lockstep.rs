//! The frames of two stacks that go on side by side.

use super::{Passage, Place, Traffic};
use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::Direction;
use vethlab_shared::time::{Duration, Instant};

/// How much later than the other stack one may send what a timer sends. The kernel's are late by up to an eighth of
/// what they were set for (`kernel/time/timer.c`), and the longest here, which asks a neighbour again, is set for five
/// seconds.
const LATEST: Duration = Duration::from_millis(700);

/// A link; whether the frames leave; which ARP message they are, or which piece of a packet, where they are one. For each
/// neighbour another timer decides when it is asked, so what is asked and answered comes before or behind other frames by
/// chance; and one piece of a packet may overtake another ([`super::SOFTIRQ_WEIGHT`]). Where several frames differ, the ARP
/// frame is reported first, because it may be the cause of the other differences.
type Lane = (Place, bool, Reverse<Option<String>>);

/// Compares frames as they come. What one side has sent and the other has not yet is no difference so long as it may
/// only be late.
#[derive(Clone, Debug, Default)]
pub(crate) struct FrameLockstep {
    /// What one of the sides is ahead by, and since when.
    ahead: BTreeMap<Lane, [VecDeque<(Instant, Passage)>; 2]>,
}

impl FrameLockstep {
    /// Takes what was seen until now on the simulator and on the kernel, and says how they differ if they do.
    pub(crate) fn next(&mut self, sides: [Traffic; 2], now: Instant) -> Option<String> {
        for (side, Traffic { links, missing }) in sides.into_iter().enumerate() {
            if let Some(reason) = missing.into_iter().next() {
                let stack = ["simulator", "kernel"][side];
                return Some(format!("not all frames of the {stack} are known: {reason}"));
            }
            for (place, passages) in links {
                for passage in passages {
                    // An answer follows its question: it comes by chance as well.
                    let by_chance = passage.what.starts_with("ARP ") || passage.by_timer().is_some();
                    let kind = by_chance.then(|| passage.what.clone());
                    let kind = kind.or_else(|| passage.fragment_offset().map(str::to_owned));
                    let lane = (place.clone(), passage.direction == Direction::Out, Reverse(kind));
                    self.ahead.entry(lane).or_default()[side].push_back((now, passage));
                }
            }
        }
        for ((place, ..), sides) in &mut self.ahead {
            let differs = loop {
                let [left, right] = sides;
                match (left.front(), right.front()) {
                    (Some((_, ours)), Some((_, theirs))) if ours == theirs => {
                        left.pop_front();
                        right.pop_front();
                    }
                    (Some(_), Some(_)) => break true,
                    (Some((since, _)), None) | (None, Some((since, _))) => break now.since(*since) > LATEST,
                    (None, None) => break false,
                }
            };
            if differs {
                let [left, right] = sides.each_ref().map(|side| side.front().map(|(_, passage)| passage));
                return Some(apart(&format!("{}/{}", place.0, place.1), left, right));
            }
        }
        self.ahead.retain(|_, sides| sides.iter().any(|side| !side.is_empty()));
        None
    }

    /// Forgets what was sent in namespaces that are gone: the rest of it is not seen.
    pub(crate) fn keep(&mut self, namespaces: &[NamespaceName]) {
        self.ahead.retain(|((namespace, _), ..), _| namespaces.contains(namespace));
    }
}

/// In words where the simulator's frames, on the left, and the kernel's part on a link.
fn apart(link: &str, left: Option<&Passage>, right: Option<&Passage>) -> String {
    let sent = |passage: Option<&Passage>| match passage {
        Some(Passage { direction, what, whom, .. }) => {
            let way = if *direction == Direction::Out { "leave" } else { "come in" };
            format!("saw '{what}' ({whom}) {way}")
        }
        None => "saw nothing".to_owned(),
    };
    match (left, right) {
        (Some(ours), Some(theirs)) if (&ours.what, &ours.whom) == (&theirs.what, &theirs.whom) => {
            let field = ours.differing(theirs).into_iter().next();
            let (name, ours, theirs) = field.unwrap_or_default();
            let value = |value: Option<&str>| value.unwrap_or("not there").to_owned();
            let (ours, theirs) = (value(ours), value(theirs));
            format!("on {link} a frame had '{name}' {theirs} on the kernel and {ours} on the simulator")
        }
        _ => format!("on {link} the kernel {} where the simulator {}", sent(right), sent(left)),
    }
}
