//! `filtered = "10.0.0.2"`: a rule of the packet filter, or the policy of a chain, does not let traffic pass.
//!
//! The counters tell which one it was: the kernel and the simulator count the same packets.

use super::fact::{maybe_namespace, maybe_port, yes};
use super::finding::{Answer, Miss};
use super::probe::{Came, Probe, Speaks};
use super::table::Wrong;
use super::traffic::Sender;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use vethlab_shared::error::StackError;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::netfilter::{Chain, Expression, Policy, RuleVerdict, TableId, Target};
use vethlab_shared::stack::NetworkStack;

/// `filtered = "10.0.0.2"`: traffic to there is dropped or rejected.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FilteredFact {
    pub(super) filtered: Ipv4Addr,
    #[serde(default, deserialize_with = "maybe_port")]
    pub(super) port: Option<u16>,
    pub(super) protocol: Option<Speaks>,
    pub(super) how: Option<How>,
    #[serde(default, deserialize_with = "maybe_namespace")]
    pub(super) rule_in: Option<NamespaceName>,
    pub(super) table: Option<String>,
    pub(super) chain: Option<String>,
    #[serde(default = "yes")]
    pub(super) exists: bool,
}

/// What became of a packet that may not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum How {
    /// The sender hears nothing.
    Dropped,
    /// The sender gets an error.
    Rejected,
}

/// A rule or a policy that lets packets not pass.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Barrier {
    namespace: NamespaceName,
    table: TableId,
    chain: String,
    /// The rule's number in its chain, counted from 1; `None` is the chain's policy.
    number: Option<usize>,
    how: How,
}

/// How many packets each barrier stopped; `None` where that is not counted.
type Stopped = BTreeMap<Barrier, Option<u64>>;

impl Barrier {
    fn which(&self) -> String {
        self.number.map_or("the policy".to_owned(), |number| format!("rule {number}"))
    }
}

impl fmt::Display for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Barrier { namespace, table, chain, how, .. } = self;
        let which = self.which();
        let does = match how {
            How::Dropped => "drops",
            How::Rejected => "rejects",
        };
        write!(f, "in {namespace} {which} of the chain {chain} in the table {} {does} it", table.name)
    }
}

impl FilteredFact {
    fn probe(&self) -> Probe {
        Probe::new(self.filtered, self.port, self.protocol)
    }

    /// Whether its keys go together.
    pub(super) fn sensible(&self) -> Result<(), Wrong> {
        self.probe().sensible()
    }

    /// What should be so, in words.
    pub(super) fn words(&self, namespace: &NamespaceName) -> String {
        let how = match self.how {
            None => "dropped or rejected by a rule",
            Some(How::Dropped) => "dropped by a rule",
            Some(How::Rejected) => "rejected by a rule",
        };
        let within = self.rule_in.as_ref().map(|name| format!(" in {name}")).unwrap_or_default();
        let chain = self.chain.as_ref().map(|chain| format!(", of the chain {chain}")).unwrap_or_default();
        let table = self.table.as_ref().map(|table| format!(", of the table {table}")).unwrap_or_default();
        let not = if self.exists { "" } else { "not " };
        format!("{} from {namespace}: {not}{how}{within}{chain}{table}", self.probe())
    }

    fn is(&self, barrier: &Barrier) -> bool {
        self.how.is_none_or(|how| barrier.how == how)
            && self.rule_in.as_ref().is_none_or(|name| barrier.namespace == *name)
            && self.table.as_ref().is_none_or(|table| barrier.table.name == *table)
            && self.chain.as_ref().is_none_or(|chain| barrier.chain == *chain)
    }
}

impl Sender<'_> {
    /// Sends, and looks which rules and policies counted more than before.
    pub(super) fn filtered(&mut self, fact: &FilteredFact) -> Answer {
        let before = stopped(self.stack)?;
        let (came, after) = fact.probe().send(self.stack, self.namespace, stopped)?;
        let counts = |(barrier, packets): (&Barrier, &Option<u64>)| {
            let earlier = before.get(barrier).copied().flatten().unwrap_or_default();
            packets.is_some_and(|packets| packets > earlier).then(|| barrier.clone())
        };
        let met: Vec<Barrier> = match came {
            Came::Answered => Vec::new(),
            Came::Refused(_) | Came::Nothing => after.iter().filter_map(counts).collect(),
        };
        let wanted = met.iter().find(|barrier| fact.is(barrier));
        Ok(match (wanted, fact.exists) {
            (Some(_), true) | (None, false) => None,
            (Some(barrier), false) => Some(Miss::found(barrier.to_string())),
            (None, true) => Some(Miss::found(match (met.first(), came) {
                (Some(barrier), _) => barrier.to_string(),
                (None, Came::Answered) => Came::Answered.to_string(),
                (None, came) => format!("{came}, and no rule counted it{}", uncounted(&after)),
            })),
        })
    }
}

/// What may have stopped a packet without counting it, where there is such.
fn uncounted(stopped: &Stopped) -> String {
    match stopped.iter().find(|(_, packets)| packets.is_none()) {
        Some((barrier, _)) => {
            let Barrier { namespace, chain, .. } = barrier;
            format!("; {} of {chain} in {namespace} has no counter, and may be it", barrier.which())
        }
        None => String::new(),
    }
}

/// All rules and policies that let packets not pass, in all namespaces.
fn stopped(stack: &mut dyn NetworkStack) -> Result<Stopped, StackError> {
    let mut all = Stopped::new();
    for namespace in stack.namespaces()?.into_iter().chain([NamespaceName::HOST]) {
        for table in stack.ruleset(&namespace)?.tables {
            for chain in table.chains {
                for (number, how, packets) in barriers(&chain) {
                    let (namespace, table, chain) = (namespace.clone(), table.id.clone(), chain.name.clone());
                    all.insert(Barrier { namespace, table, chain, number, how }, packets);
                }
            }
        }
    }
    Ok(all)
}

/// Those of a chain: number, what they do, and how many packets they stopped.
fn barriers(chain: &Chain) -> Vec<(Option<usize>, How, Option<u64>)> {
    let rules = chain.rules.iter().enumerate().filter_map(|(place, rule)| {
        let (how, packets) = decides(&rule.expressions)?;
        Some((Some(place + 1), how, packets))
    });
    let policy = chain.base.as_ref().filter(|base| base.policy == Policy::Drop);
    let policy = policy.map(|base| (None, How::Dropped, base.counters.map(|counters| counters.packets)));
    rules.chain(policy).collect()
}

/// What a rule does that lets packets not pass, and how many it did that to: what a counter right before it says.
fn decides(expressions: &[Expression]) -> Option<(How, Option<u64>)> {
    let (place, how) = expressions.iter().enumerate().find_map(|(place, expression)| match expression {
        Expression::Verdict(RuleVerdict::Drop) => Some((place, How::Dropped)),
        Expression::Reject(_) | Expression::Target(Target::Reject(_)) => Some((place, How::Rejected)),
        _ => None,
    })?;
    let counter = expressions[..place].iter().rev().find(|step| !goes_on(step));
    let packets = match counter {
        Some(Expression::Counter(counters)) => Some(counters.packets),
        _ => None,
    };
    Some((how, packets))
}

/// Whether whatever comes to a step goes on behind it.
fn goes_on(step: &Expression) -> bool {
    matches!(
        step,
        Expression::Log(_)
            | Expression::Immediate { .. }
            | Expression::SetMeta { .. }
            | Expression::Target(Target::Log(_) | Target::Mark { .. })
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use vethlab_shared::netfilter::{Counters, MetaKey, Register};

    #[test]
    fn a_counter_counts_what_is_stopped_only_right_before_it() {
        let counter = || Expression::Counter(Counters { packets: 7, bytes: 0 });
        let drop = || Expression::Verdict(RuleVerdict::Drop);
        let looks = || Expression::Meta { key: MetaKey::Mark, to: Register(0) };
        assert_eq!(decides(&[looks(), counter(), drop()]), Some((How::Dropped, Some(7))));
        assert_eq!(decides(&[counter(), looks(), drop()]), Some((How::Dropped, None)));
        assert_eq!(decides(&[drop()]), Some((How::Dropped, None)));
        assert_eq!(decides(&[counter(), Expression::Verdict(RuleVerdict::Accept)]), None);
    }
}
