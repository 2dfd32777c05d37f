//! The packet filter (`net/netfilter/nf_tables_api.c`, `nf_tables_core.c`): tables, chains and rules, and what they decide.
//!
//! What is configured ([`Tables`]) lies apart from what every packet alters ([`cells::Cells`]): counters and limits. A chain is
//! compiled when it is altered ([`compile`]); [`evaluate`] runs what was compiled, past the rules
//! that cannot hold ([`gate`]), and decides; [`crate::hook`] acts on it.

mod cells;
mod commit;
mod compile;
mod connection;
mod evaluate;
mod gate;
mod limit;
mod matches;
mod native;
mod reject;
mod segment_size;
mod set;
#[cfg(test)]
mod tests;
mod validate;

pub(crate) use cells::Cells;
pub(crate) use evaluate::Met;

use crate::conntrack::{Confirm, Track};
use crate::hook::{Context, Function, Hooks, Host, Verdict};
use crate::id::NamespaceId;
use crate::nat::Nat;
use crate::packet::Packet;
use crate::world::World;
use compile::Program;
use evaluate::{Decision, View};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use vethlab_shared::error::StackError;
use vethlab_shared::event::{DropReason, Hook};
use vethlab_shared::netfilter::{
    BaseChain as BaseChainView, Chain as ChainView, ChainKind, Counters, Expression, Match, Policy,
    Rule as RuleView, Ruleset, RulesetChange, Set, SetElement, Table as TableView, TableId, Target,
};
use vethlab_shared::wire::Ipv4;

/// A rule: its expressions, without what they have counted.
#[derive(Clone, Debug)]
struct Rule {
    handle: u64,
    expressions: Vec<Expression>,
    comment: Option<String>,
    /// Where the expressions that alter with packets have their cells, in order.
    cells: Vec<u32>,
}

/// Where packets enter a chain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Base {
    pub(crate) kind: ChainKind,
    pub(crate) hook: Hook,
    pub(crate) priority: i32,
    pub(crate) policy: Policy,
    /// Where the packets are counted that the policy decides on, once somebody asked for it (`nft_base_chain.stats`).
    pub(crate) counter: Option<u32>,
}

#[derive(Clone, Debug)]
struct Chain {
    name: String,
    handle: u64,
    base: Option<Base>,
    rules: Vec<Arc<Rule>>,
    program: Program,
}

#[derive(Clone, Debug)]
struct Table {
    id: TableId,
    handle: u64,
    /// The number that was given to a chain or rule last (`hgenerator`).
    last_handle: u64,
    /// By handle, ascending: in the order in which they were made.
    chains: Vec<Arc<Chain>>,
    /// The same of sets and maps.
    sets: Vec<Arc<Set>>,
}

impl Table {
    fn chain(&self, name: &str) -> Option<&Arc<Chain>> {
        self.chains.iter().find(|chain| chain.name == name)
    }

    #[inline]
    fn chain_by_handle(&self, handle: u64) -> Option<&Chain> {
        let place = self.chains.binary_search_by_key(&handle, |chain| chain.handle).ok()?;
        Some(&self.chains[place])
    }
}

/// A base chain, by its table's place and its handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChainId {
    table: usize,
    handle: u64,
}

/// The tables of a namespace. A clone shares them until one of the two is altered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tables {
    tables: Vec<Arc<Table>>,
    /// The number that was given to a table last (`table_handle`).
    last_handle: u64,
}

impl Tables {
    /// The base chains, in the order in which those of a hook are asked: by priority, and those of one priority as they were
    /// made (`nf_hook_entries_grow`).
    fn base_chains(&self) -> Vec<(ChainId, Base)> {
        let mut all = Vec::new();
        for (table, content) in self.tables.iter().enumerate() {
            let base = |chain: &Arc<Chain>| Some((ChainId { table, handle: chain.handle }, chain.base?));
            all.extend(content.chains.iter().filter_map(base));
        }
        all.sort_by_key(|(_, base)| base.priority);
        all
    }

    /// Whether a base chain lets all pass without a trace: it has no rule, its policy is to accept, and nobody counts.
    pub(crate) fn is_idle(&self, id: ChainId) -> bool {
        let chain = self.tables.get(id.table).and_then(|table| table.chain_by_handle(id.handle));
        chain.is_none_or(|chain| {
            let open = |base: &Base| base.policy == Policy::Accept && base.counter.is_none();
            chain.rules.is_empty() && chain.base.as_ref().is_none_or(open)
        })
    }

    /// The functions that packets meet, in the order in which they do (`nf_hook_entries_grow`). Connections are tracked once a
    /// rule needs it (`nf_ct_netns_get`); chains of the kind `nat` are asked about connections only.
    fn hooks(&self) -> Hooks {
        let mut functions: Vec<(i32, Hook, Arc<dyn Function>)> = Vec::new();
        let mut translating: BTreeMap<i32, (Hook, Vec<BaseChain>)> = BTreeMap::new();
        let tracks = self.tables.iter().any(|table| needs_tracking(table));
        if tracks {
            for point in [Hook::PreRouting, Hook::LocalOut] {
                functions.push((turn::CONNTRACK, point, Arc::new(Track)));
            }
        }
        for (id, base) in self.base_chains() {
            let chain = BaseChain { id, kind: base.kind };
            match base.kind {
                ChainKind::Nat => {
                    translating.entry(base.hook as i32).or_insert((base.hook, Vec::new())).1.push(chain);
                }
                _ if self.is_idle(id) => {}
                _ => functions.push((base.priority, base.hook, Arc::new(chain))),
            }
        }
        if tracks && !translating.is_empty() {
            for point in [Hook::PreRouting, Hook::LocalOut, Hook::PostRouting, Hook::LocalIn] {
                let chains =
                    translating.remove(&(point as i32)).map(|(_, chains)| chains).unwrap_or_default();
                let own = match point {
                    Hook::PreRouting | Hook::LocalOut => turn::NAT_DST,
                    _ => turn::NAT_SRC,
                };
                functions.push((own, point, Arc::new(Nat { chains })));
            }
        }
        if tracks {
            for point in [Hook::LocalIn, Hook::PostRouting] {
                functions.push((i32::MAX, point, Arc::new(Confirm)));
            }
        }
        functions.sort_by_key(|(priority, ..)| *priority);
        Hooks::of(functions.into_iter().map(|(_, point, function)| (point, function)).collect(), tracks)
    }

    /// All of it, with what was counted.
    pub(crate) fn view(&self, cells: &Cells) -> Ruleset {
        let tables = self.tables.iter().map(|table| TableView {
            id: table.id.clone(),
            handle: table.handle,
            chains: table.chains.iter().map(|chain| chain_view(chain, cells)).collect(),
            sets: table.sets.iter().map(|set| Set::clone(set)).collect(),
        });
        Ruleset { tables: tables.collect() }
    }

    /// How many bytes it takes, about.
    pub(crate) fn weight(&self) -> usize {
        let rule = |rule: &Arc<Rule>| {
            size_of::<Rule>() + rule.expressions.len() * (size_of::<Expression>() + 64) + rule.cells.len() * 4
        };
        let chain = |chain: &Arc<Chain>| {
            size_of::<Chain>() + chain.program.weight() + chain.rules.iter().map(rule).sum::<usize>()
        };
        let set = |set: &Arc<Set>| size_of::<Set>() + set.elements.len() * (size_of::<SetElement>() + 64);
        let of = |table: &Arc<Table>| {
            table.chains.iter().map(chain).sum::<usize>() + table.sets.iter().map(set).sum::<usize>()
        };
        self.tables.iter().map(of).sum()
    }
}

fn chain_view(chain: &Chain, cells: &Cells) -> ChainView {
    let base = chain.base.map(|base| BaseChainView {
        kind: base.kind,
        hook: base.hook,
        priority: base.priority,
        policy: base.policy,
        counters: base.counter.map(|cell| cells.counters(cell)),
    });
    let rules = chain.rules.iter().map(|rule| rule_view(rule, cells)).collect();
    ChainView { name: chain.name.clone(), handle: chain.handle, base, rules }
}

fn rule_view(rule: &Rule, cells: &Cells) -> RuleView {
    let mut expressions = rule.expressions.clone();
    let changing = expressions.iter_mut().filter(|expression| cells::needs_cell(expression));
    for (expression, cell) in changing.zip(&rule.cells) {
        if let Expression::Counter(counted) = expression {
            let Counters { packets, bytes } = cells.counters(*cell);
            *counted = Counters { packets, bytes };
        }
    }
    RuleView { handle: rule.handle, expressions, comment: rule.comment.clone() }
}

/// A base chain as it is asked at its hook.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BaseChain {
    id: ChainId,
    kind: ChainKind,
}

impl Function for BaseChain {
    /// `nft_do_chain_ipv4`, `nf_route_table_hook4`.
    fn run(&self, host: &mut Host<'_>, context: &Context, packet: &mut Packet) -> Verdict {
        // Chains of the kind `route` are for what alters the way of a packet that is made here.
        let before = (self.kind == ChainKind::Route).then(|| routed_by(packet));
        let mut view = View {
            net: host.net,
            cells: &mut host.runtime.cells,
            connections: &mut host.runtime.connections,
            context,
            packet,
            now: host.now,
            random: host.random,
            met: host.met.as_mut(),
        };
        let decision = evaluate::run(&mut view, self.id);
        match decision {
            Decision::Accept => {
                packet.reroute |= before.is_some_and(|before| before != routed_by(packet));
                Verdict::Accept
            }
            Decision::Drop => Verdict::Drop(DropReason::NetfilterDrop),
            Decision::Queue => Verdict::Queue,
            Decision::Reject(with) => {
                host.reject = Some(with);
                Verdict::Drop(DropReason::NetfilterDrop)
            }
        }
    }
}

/// The turns of what is not a chain (`enum nf_ip_hook_priorities`).
mod turn {
    pub(super) const CONNTRACK: i32 = -200;
    pub(super) const NAT_DST: i32 = -100;
    pub(super) const NAT_SRC: i32 = 100;
}

/// Whether any rule of a table needs connections to be tracked.
fn needs_tracking(table: &Table) -> bool {
    let expressions = table.chains.iter().flat_map(|chain| &chain.rules).flat_map(|rule| &rule.expressions);
    expressions.into_iter().any(|expression| {
        let asks = matches!(
            expression,
            Expression::Match(Match::Conntrack(_) | Match::Connmark { .. })
                | Expression::Ct(_)
                | Expression::Target(Target::Connmark { .. })
        );
        asks || translates(expression)
    })
}

/// Whether an expression translates addresses.
fn translates(expression: &Expression) -> bool {
    matches!(
        expression,
        Expression::Nat(_)
            | Expression::Masquerade(_)
            | Expression::Redirect(_)
            | Expression::Target(
                Target::Snat(_) | Target::Dnat(_) | Target::Masquerade(_) | Target::Redirect(_)
            )
    )
}

/// What of a packet decides on its way (`nf_route_table_hook4`).
fn routed_by(packet: &Packet) -> (Ipv4Addr, Ipv4Addr, u8, u32) {
    let header = Ipv4::new_unchecked(packet.network());
    (header.source(), header.destination(), header.tos(), packet.mark)
}

impl World {
    /// Alters the ruleset of a namespace, and has its chains asked.
    pub(crate) fn set_ruleset(
        &mut self,
        namespace: NamespaceId,
        changes: &[RulesetChange],
    ) -> Result<(), StackError> {
        let now = self.now;
        let mut tables = self.net(namespace).tables.clone();
        let done = tables.commit(&mut self.runtime_mut(namespace).cells, changes, now);
        let hooks = tables.hooks();
        let net = self.net_mut(namespace);
        net.tables = tables;
        net.hooks = hooks;
        done
    }
}
