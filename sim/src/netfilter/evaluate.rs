//! What a base chain decides on a packet (`nft_do_chain`).

use super::cells::{Cell, Cells};
use super::compile::{LookupStep, Source, Step, decided, number};
use super::gate::Values;
use super::native::Outcome;
use super::{Chain, ChainId, Table, connection, limit, matches, reject, segment_size, set, turn};
use crate::conntrack::{Connections, Tracked};
use crate::hook::Context;
use crate::nat;
use crate::netns::Namespace;
use crate::packet::Packet;
use std::cell::OnceCell;
use std::sync::Arc;
use vethlab_shared::name::IfIndex;
use vethlab_shared::netfilter::{
    Bitwise, Compare, Comparison, CtState, ElementData, LookupTo, MetaKey, Payload, PayloadBase, Policy,
    Range, Register, Reject, RuleVerdict, TableId, Target,
};
use vethlab_shared::time::Instant;
use vethlab_shared::wire::Ipv4;
use vethlab_shared::wire::ethernet::ethertype;

/// How deep chains may lead to each other (`NFT_JUMP_STACK_SIZE`).
pub(super) const DEEPEST: usize = 16;

/// What was decided on a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The next base chain is asked.
    Accept,
    Drop,
    Queue,
    /// It ends, and its sender is told.
    Reject(Reject),
}

/// A rule that held for a packet, or the policy that decided on it (`struct nft_traceinfo`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Met {
    pub(crate) table: TableId,
    pub(crate) chain: String,
    /// The rule's handle, and its number in the chain, counted from 1; `None` is the chain's policy.
    pub(crate) rule: Option<(u64, u32)>,
    /// What the packet is to its connection, where that is known by then.
    pub(crate) state: Option<CtState>,
    pub(crate) verdict: RuleVerdict,
}

/// What chains look at and alter.
pub(crate) struct View<'a> {
    pub(crate) net: &'a Namespace,
    pub(crate) cells: &'a mut Cells,
    pub(crate) connections: &'a mut Arc<Connections>,
    pub(crate) context: &'a Context,
    pub(crate) packet: &'a mut Packet,
    pub(crate) now: Instant,
    /// A random number for each that is asked for.
    pub(crate) random: &'a mut dyn FnMut() -> u32,
    /// Which rules held, where somebody listens.
    pub(crate) met: Option<&'a mut Vec<Met>>,
}

/// What is found out about a packet at most once a chain.
struct Facts {
    protocol: u8,
    is_later_piece: bool,
    length: usize,
    /// The chain comes behind connection tracking.
    is_tracked: bool,
    input: OnceCell<u128>,
    output: OnceCell<u128>,
}

/// Asks a base chain about a packet.
pub(crate) fn run(view: &mut View<'_>, id: ChainId) -> Decision {
    let net = view.net;
    let Some(table) = net.tables.tables.get(id.table) else { return Decision::Accept };
    let Some(chain) = table.chain_by_handle(id.handle) else { return Decision::Accept };
    let header = Ipv4::new_unchecked(view.packet.network());
    let facts = Facts {
        protocol: header.protocol(),
        is_later_piece: header.fragment_offset() != 0,
        length: view.packet.network().len(),
        is_tracked: net.hooks.defragments && chain.base.is_some_and(|base| base.priority > turn::CONNTRACK),
        input: OnceCell::new(),
        output: OnceCell::new(),
    };
    Run { view, table, facts, registers: [0; 64] }.base(chain)
}

pub(super) struct Run<'a, 'b> {
    pub(super) view: &'a mut View<'b>,
    table: &'a Table,
    facts: Facts,
    registers: [u8; 64],
}

/// How the rules of a chain end.
enum End {
    Decided(Decision),
    /// No rule decides.
    Through,
}

impl<'a> Run<'a, '_> {
    fn base(&mut self, chain: &'a Chain) -> Decision {
        if let End::Decided(decision) = self.chains(chain) {
            return decision;
        }
        let Some(base) = &chain.base else { return Decision::Accept };
        if let Some(cell) = base.counter {
            self.view.cells.count(cell, self.facts.length);
        }
        let (decision, verdict) = match base.policy {
            Policy::Accept => (Decision::Accept, RuleVerdict::Accept),
            Policy::Drop => (Decision::Drop, RuleVerdict::Drop),
        };
        self.meet(chain, None, verdict);
        decision
    }

    /// The rules of a chain and of those that it leads to.
    fn chains(&mut self, base: &'a Chain) -> End {
        let mut back: Vec<(&Chain, usize)> = Vec::new();
        let (mut chain, mut at) = (base, 0);
        let mut values = self.values(chain);
        let mut end = 0;
        let mut number = 0;
        loop {
            let Some(step) = chain.program.steps.get(at) else {
                match back.pop() {
                    Some(place) => (chain, at) = place,
                    None => return End::Through,
                }
                values = self.values(chain);
                continue;
            };
            at += 1;
            let decided;
            let step = match step {
                Step::VerdictMap(map) => match self.verdict_in(map) {
                    Some(step) => {
                        decided = step;
                        // What a verdict leads to comes back to the next rule.
                        if !matches!(decided, Step::Continue) {
                            at = end;
                        }
                        &decided
                    }
                    None => {
                        at = end;
                        continue;
                    }
                },
                step => step,
            };
            let holds = match step {
                Step::Rule { number: this, end: next } => {
                    let gates = &chain.program.gates;
                    if !gates.is_empty() {
                        let may_hold = gates.next(*this, &values);
                        let begin = may_hold.map_or(chain.program.steps.len(), |begin| begin as usize);
                        if begin + 1 != at {
                            at = begin;
                            continue;
                        }
                    }
                    (number, end) = (*this, *next as usize);
                    true
                }
                Step::Test { source, mask, value, negate } => {
                    self.load(*source).is_some_and(|loaded| (loaded & mask == *value) != *negate)
                }
                Step::Counter(cell) => {
                    self.view.cells.count(*cell, self.facts.length);
                    true
                }
                Step::Accept => return self.decide(chain, number, Decision::Accept, RuleVerdict::Accept),
                Step::Drop => return self.decide(chain, number, Decision::Drop, RuleVerdict::Drop),
                Step::Queue => return self.decide(chain, number, Decision::Queue, RuleVerdict::Queue),
                Step::Return => {
                    self.meet(chain, Some(number), RuleVerdict::Return);
                    match back.pop() {
                        Some(place) => (chain, at) = place,
                        None => return End::Through,
                    }
                    values = self.values(chain);
                    continue;
                }
                Step::Jump(handle) | Step::Goto(handle) => {
                    let Some(next) = self.table.chain_by_handle(*handle) else { return End::Through };
                    let jumps = matches!(step, Step::Jump(_));
                    let verdict = if jumps { RuleVerdict::Jump } else { RuleVerdict::Goto };
                    self.meet(chain, Some(number), verdict(next.name.clone()));
                    if jumps {
                        if back.len() >= DEEPEST {
                            return End::Decided(Decision::Drop);
                        }
                        back.push((chain, at));
                    }
                    (chain, at) = (next, 0);
                    values = self.values(chain);
                    continue;
                }
                Step::Target(target) => match self.target(target) {
                    Some(decision) => return self.decide(chain, number, decision, verdict_of(decision)),
                    None => true,
                },
                Step::Match(wanted) => match matches::holds(wanted, self.view) {
                    Ok(holds) => holds,
                    Err(matches::HotDrop) => {
                        return self.decide(chain, number, Decision::Drop, RuleVerdict::Drop);
                    }
                },
                Step::Native(expression) => match self.native(expression) {
                    Outcome::Holds => true,
                    Outcome::Breaks => false,
                    Outcome::Decided(decision) => {
                        return self.decide(chain, number, decision, verdict_of(decision));
                    }
                },
                other => self.rare(other),
            };
            if !holds {
                at = end;
            } else if at == end {
                self.meet(chain, Some(number), RuleVerdict::Continue);
            }
        }
    }

    /// What the gates of a chain compare.
    fn values(&self, chain: &Chain) -> Values {
        chain.program.gates.values(|source| self.load(source))
    }

    fn decide(&mut self, chain: &Chain, number: u32, decision: Decision, verdict: RuleVerdict) -> End {
        self.meet(chain, Some(number), verdict);
        End::Decided(decision)
    }

    fn meet(&mut self, chain: &Chain, number: Option<u32>, verdict: RuleVerdict) {
        let Some(met) = self.view.met.as_deref_mut() else { return };
        let rule = number.and_then(|number| Some((chain.rules.get(number as usize)?.handle, number + 1)));
        let tracked = || self.view.packet.connection.as_ref();
        let state = self.facts.is_tracked.then(|| connection::states(tracked(), None));
        met.push(Met { table: self.table.id.clone(), chain: chain.name.clone(), rule, state, verdict });
    }

    /// Steps that are not often met.
    fn rare(&mut self, step: &Step) -> bool {
        match step {
            Step::Load { source, to } => self.load_register(*source, *to),
            Step::Bitwise(bitwise) => self.bitwise(bitwise),
            Step::Compare(compare) => self.compare(compare),
            Step::Range(range) => self.range(range),
            Step::Lookup(lookup) => self.look_up(lookup),
            Step::Limit { limit: content, cell } => {
                let (now, length) = (self.view.now, self.facts.length);
                match self.view.cells.get_mut(*cell) {
                    Some(Cell::Limit { tokens, since }) => {
                        limit::passes(content, (tokens, since), now, length)
                    }
                    _ => true,
                }
            }
            Step::Nth { every, invert, cell } => match self.view.cells.get_mut(*cell) {
                Some(Cell::Nth(count)) => {
                    *count = if *count == *every { 0 } else { *count + 1 };
                    (*count == 0) != *invert
                }
                _ => true,
            },
            _ => true,
        }
    }

    /// At most 16 bytes, the first the highest; nothing, where the packet does not have them.
    #[inline]
    fn load(&self, source: Source) -> Option<u128> {
        match source {
            Source::Payload(payload) => self.bytes(payload).map(number),
            Source::Meta(MetaKey::L4Proto) => Some(u128::from(self.facts.protocol)),
            Source::Meta(MetaKey::IifName) => {
                Some(*self.facts.input.get_or_init(|| self.name(self.view.context.input)))
            }
            Source::Meta(MetaKey::OifName) => {
                Some(*self.facts.output.get_or_init(|| self.name(self.view.context.output)))
            }
            Source::Meta(key) => self.meta(key),
        }
    }

    fn meta(&self, key: MetaKey) -> Option<u128> {
        let host_order = |value: u32| number(&value.to_le_bytes());
        let index = |index: Option<IfIndex>| host_order(index.map_or(0, |index| index.0));
        Some(match key {
            MetaKey::Length => host_order(self.facts.length as u32),
            MetaKey::Protocol => u128::from(ethertype::IPV4),
            MetaKey::Mark => host_order(self.view.packet.mark),
            MetaKey::Iif => index(self.view.context.input),
            MetaKey::Oif => index(self.view.context.output),
            // `NFPROTO_IPV4`.
            MetaKey::NfProto => 2,
            MetaKey::PacketType => u128::from(matches::packet_type(self.view)),
            MetaKey::L4Proto | MetaKey::IifName | MetaKey::OifName => return None,
        })
    }

    /// A link's name, filled up with zeros; all zeros without a link.
    fn name(&self, link: Option<IfIndex>) -> u128 {
        let link = link.and_then(|link| self.view.net.links.get(&link));
        let name = link.map_or(&[][..], |link| link.name.as_str().as_bytes());
        let mut filled = [0; 16];
        filled.iter_mut().zip(name).for_each(|(byte, letter)| *byte = *letter);
        u128::from_be_bytes(filled)
    }

    /// Bytes of the packet (`nft_payload_eval`).
    #[inline]
    fn bytes(&self, payload: Payload) -> Option<&[u8]> {
        let packet = &*self.view.packet;
        let bytes = match payload.base {
            PayloadBase::Network => packet.network(),
            PayloadBase::Transport if self.facts.is_later_piece => return None,
            PayloadBase::Transport => packet.transport(),
            // What was made here has no link header yet (`skb_mac_header_was_set`).
            PayloadBase::Link if packet.input.is_none() => return None,
            PayloadBase::Link => packet.frame(),
        };
        let first = payload.offset as usize;
        bytes.get(first..first.checked_add(usize::from(payload.length))?)
    }

    /// Loads a value into a register, where the packet has it.
    fn load_register(&mut self, source: Source, to: Register) -> bool {
        let mut value = [0; 64];
        let length = match source {
            Source::Payload(payload) => match self.bytes(payload) {
                Some(bytes) if bytes.len() <= value.len() => {
                    value[..bytes.len()].copy_from_slice(bytes);
                    bytes.len()
                }
                _ => return false,
            },
            Source::Meta(key) => match self.load(source) {
                Some(loaded) => {
                    let size = key.size();
                    value[..size].copy_from_slice(&loaded.to_be_bytes()[16 - size..]);
                    size
                }
                None => return false,
            },
        };
        self.store(to, &value[..length])
    }

    /// Writes a value; what is left of its last register is zero (`nft_payload_eval`).
    pub(super) fn store(&mut self, to: Register, value: &[u8]) -> bool {
        let at = usize::from(to.0) * 4;
        let Some(place) = self.registers.get_mut(at..at + value.len().next_multiple_of(4)) else {
            return false;
        };
        place.fill(0);
        place[..value.len()].copy_from_slice(value);
        true
    }

    pub(super) fn register(&self, register: Register, length: usize) -> Option<&[u8]> {
        let at = usize::from(register.0) * 4;
        self.registers.get(at..at + length)
    }

    fn bitwise(&mut self, Bitwise { from, to, mask, xor }: &Bitwise) -> bool {
        let Some(value) = self.register(*from, mask.0.len()) else { return false };
        let pairs = value.iter().zip(&mask.0).zip(&xor.0);
        let result: Vec<u8> = pairs.map(|((value, mask), xor)| (value & mask) ^ xor).collect();
        self.store(*to, &result)
    }

    fn compare(&self, Compare { register, comparison, value }: &Compare) -> bool {
        let Some(left) = self.register(*register, value.0.len()) else { return false };
        let right = &value.0[..];
        match comparison {
            Comparison::Equal => left == right,
            Comparison::NotEqual => left != right,
            Comparison::Less => left < right,
            Comparison::LessOrEqual => left <= right,
            Comparison::Greater => left > right,
            Comparison::GreaterOrEqual => left >= right,
        }
    }

    fn range(&self, Range { register, outside, from, to }: &Range) -> bool {
        let Some(value) = self.register(*register, from.0.len()) else { return false };
        (value >= &from.0[..] && value <= &to.0[..]) != *outside
    }

    /// `nft_lookup_eval`.
    fn look_up(&mut self, lookup: &LookupStep) -> bool {
        let table = self.table;
        let Some(set) = table.set_by_handle(lookup.set) else { return false };
        let Some(key) = self.register(lookup.from, set.key.length.into()) else { return false };
        let found = set::find(set, key);
        match (found.and_then(|element| element.data.as_ref()), lookup.to) {
            (Some(ElementData::Value(value)), LookupTo::Register(to)) => self.store(to, &value.0),
            _ => found.is_some() != lookup.invert,
        }
    }

    /// What a map of verdicts says of a value.
    fn verdict_in(&self, lookup: &LookupStep) -> Option<Step> {
        let set = self.table.set_by_handle(lookup.set)?;
        let element = set::find(set, self.register(lookup.from, set.key.length.into())?)?;
        match &element.data {
            Some(ElementData::Verdict(verdict)) => {
                decided(verdict, &|name| self.table.chain(name).map(|chain| chain.handle))
            }
            _ => None,
        }
    }

    /// Does what a target does; a decision ends the chain.
    fn target(&mut self, target: &Target) -> Option<Decision> {
        match target {
            Target::Reject(with) => return Some(Decision::Reject(reject::answer(*with))),
            // A namespace other than the first one logs nothing (`nf_log_all_netns` is 0), and none here is the first.
            Target::Log(_) => {}
            Target::Mark { mark, mask } => {
                self.view.packet.mark = (self.view.packet.mark & !mask) ^ mark;
            }
            Target::Ttl { mode, value } => self.set_ttl(*mode, *value),
            Target::Notrack { .. } => {
                // What is tracked already stays so (`notrack_tg`).
                self.view.packet.connection.get_or_insert(Tracked::Untracked);
            }
            Target::Connmark { mode, mark, connection_mask, packet_mask } => {
                self.connmark(*mode, *mark, *connection_mask, *packet_mask);
            }
            Target::Tcpmss(size) => {
                let View { net, context, packet, now, .. } = self.view;
                if segment_size::limit(packet, *size, (net, context.mtu), *now).is_err() {
                    return Some(Decision::Drop);
                }
                self.facts.length = packet.network().len();
            }
            Target::Snat(_) | Target::Dnat(_) | Target::Masquerade(_) | Target::Redirect(_) => {
                return Some(self.translated(target));
            }
            // The others are refused when a rule is made.
            _ => {}
        }
        None
    }

    /// Decides how the connection's addresses are translated.
    pub(super) fn translated(&mut self, target: &Target) -> Decision {
        let View { net, connections, context, packet, now, random, .. } = self.view;
        let chosen = nat::apply(target, (net, connections), context, packet, (*now, *random));
        if chosen { Decision::Accept } else { Decision::Drop }
    }

    /// Marks the connection, or the packet as its connection is marked (`connmark_tg_shift`).
    fn connmark(&mut self, mode: u8, mark: u32, connection_mask: u32, packet_mask: u32) {
        let View { connections, packet, .. } = self.view;
        let Some(tracked) = &mut packet.connection else { return };
        let Some(connection) = tracked.connection_mut(connections) else { return };
        match mode {
            0 => connection.set_mark((connection.mark & !connection_mask) ^ mark),
            1 => connection.set_mark((connection.mark & !connection_mask) ^ (packet.mark & packet_mask)),
            _ => packet.mark = (packet.mark & !packet_mask) ^ (connection.mark & connection_mask),
        }
    }

    /// Alters the time to live (`ttl_tg`).
    fn set_ttl(&mut self, mode: u8, value: u8) {
        use vethlab_shared::wire::ipv4;
        let bytes = self.view.packet.buffer.network_mut();
        let old = Ipv4::new_unchecked(bytes).time_to_live();
        let new = match mode {
            0 => value,
            1 => old.saturating_add(value),
            _ => old.saturating_sub(value),
        };
        if new != old {
            ipv4::set_time_to_live(bytes, new);
        }
    }
}

fn verdict_of(decision: Decision) -> RuleVerdict {
    match decision {
        Decision::Accept => RuleVerdict::Accept,
        Decision::Queue => RuleVerdict::Queue,
        Decision::Drop | Decision::Reject(_) => RuleVerdict::Drop,
    }
}
