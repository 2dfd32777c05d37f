//! Rulesets of the packet filter: the base chains of `iptables`, a few chains of a user's own, and rules that mostly match what
//! the other operations send.

use super::host;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::net::Ipv4Addr;
use vethlab_shared::change::{Change, Modify};
use vethlab_shared::event::Hook;
use vethlab_shared::netfilter::{
    AddressTypes, Bitwise, ChainKind, ChainSpec, Compare, Comparison, ConntrackMatch, Counters, CtState,
    Expression, IcmpMatch, Limit, LimitUnit, Match, MetaKey, NatFlags, NatRange, Payload, PayloadBase,
    Policy, Range, Register, RejectWith, RulePlace, RuleSpec, RuleVerdict, RulesetChange, TableId, Target,
    Value,
};

/// A base chain of `iptables`: its table, its name, and where it stands.
type BaseChain = (&'static str, &'static str, (ChainKind, Hook, i32));

const CHAINS: [BaseChain; 12] = [
    ("filter", "INPUT", (ChainKind::Filter, Hook::LocalIn, 0)),
    ("filter", "FORWARD", (ChainKind::Filter, Hook::Forward, 0)),
    ("filter", "OUTPUT", (ChainKind::Filter, Hook::LocalOut, 0)),
    ("nat", "PREROUTING", (ChainKind::Nat, Hook::PreRouting, -100)),
    ("nat", "INPUT", (ChainKind::Nat, Hook::LocalIn, 100)),
    ("nat", "OUTPUT", (ChainKind::Nat, Hook::LocalOut, -100)),
    ("nat", "POSTROUTING", (ChainKind::Nat, Hook::PostRouting, 100)),
    ("mangle", "PREROUTING", (ChainKind::Filter, Hook::PreRouting, -150)),
    ("mangle", "OUTPUT", (ChainKind::Route, Hook::LocalOut, -150)),
    ("mangle", "POSTROUTING", (ChainKind::Filter, Hook::PostRouting, -150)),
    ("raw", "PREROUTING", (ChainKind::Filter, Hook::PreRouting, -300)),
    ("raw", "OUTPUT", (ChainKind::Filter, Hook::LocalOut, -300)),
];

/// The chains of a user's own.
const OWN: [&str; 2] = ["one", "two"];

/// Alters a ruleset: most often by a rule at the end of a chain that is made where it is not there.
pub(super) fn change() -> impl Strategy<Value = Change> {
    let one = prop_oneof![
        12 => rule_in_base_chain(),
        3 => rule_in_own_chain(),
        2 => policy(),
        2 => removal(),
    ];
    one.prop_map(Change::Ruleset)
}

fn add_table(table: &str) -> RulesetChange {
    RulesetChange::AddTable { how: Modify::CREATE, table: TableId::ip(table) }
}

fn add_base_chain((table, name, base): BaseChain) -> [RulesetChange; 2] {
    let chain = ChainSpec { base: Some(base), policy: Some(Policy::Accept), ..ChainSpec::new(name) };
    [add_table(table), RulesetChange::AddChain { how: Modify::CREATE, table: TableId::ip(table), chain }]
}

fn add_rule(table: &str, chain: &str, place: RulePlace, expressions: Vec<Expression>) -> RulesetChange {
    let rule = RuleSpec { expressions, ..RuleSpec::default() };
    RulesetChange::AddRule { table: TableId::ip(table), chain: chain.to_owned(), place, rule }
}

fn rule_in_base_chain() -> impl Strategy<Value = Vec<RulesetChange>> {
    let chain = prop_oneof![3 => select(&CHAINS[..3]), 4 => select(&CHAINS[3..7]), 2 => select(&CHAINS[7..])];
    let place = prop_oneof![3 => Just(RulePlace::Last), 1 => Just(RulePlace::First)];
    chain.prop_flat_map(move |chain| (Just(chain), place.clone(), rule(chain.0))).prop_map(
        |(chain, place, expressions)| {
            let [table, made] = add_base_chain(chain);
            vec![table, made, add_rule(chain.0, chain.1, place, expressions)]
        },
    )
}

fn rule_in_own_chain() -> impl Strategy<Value = Vec<RulesetChange>> {
    select(&OWN[..]).prop_flat_map(|chain| (Just(chain), rule("filter"))).prop_map(|(chain, expressions)| {
        let added = ChainSpec::new(chain);
        vec![
            add_table("filter"),
            RulesetChange::AddChain { how: Modify::CREATE, table: TableId::ip("filter"), chain: added },
            add_rule("filter", chain, RulePlace::Last, expressions),
        ]
    })
}

fn policy() -> impl Strategy<Value = Vec<RulesetChange>> {
    let chosen = prop_oneof![1 => Just(Policy::Drop), 2 => Just(Policy::Accept)];
    (select(&CHAINS[..3]), chosen, any::<bool>()).prop_map(|((table, name, base), policy, counts)| {
        let counters = counts.then(Counters::default);
        let chain = ChainSpec { base: Some(base), policy: Some(policy), counters, ..ChainSpec::new(name) };
        let added = RulesetChange::AddChain { how: Modify::CREATE, table: TableId::ip(table), chain };
        vec![add_table(table), added]
    })
}

fn removal() -> impl Strategy<Value = Vec<RulesetChange>> {
    let flush = select(&CHAINS[..]).prop_map(|(table, chain, _)| RulesetChange::DeleteRule {
        table: TableId::ip(table),
        chain: Some(chain.to_owned()),
        rule: None,
    });
    let chain = select(&OWN[..])
        .prop_map(|name| RulesetChange::DeleteChain { table: TableId::ip("filter"), name: name.to_owned() });
    let table = select(&["filter", "nat", "mangle"][..])
        .prop_map(|table| RulesetChange::DeleteTable(TableId::ip(table)));
    prop_oneof![4 => flush, 2 => chain, 1 => table].prop_map(|one| vec![one])
}

/// What matches, a counter, and what is to be done, as a table takes it.
fn rule(table: &'static str) -> impl Strategy<Value = Vec<Expression>> {
    let conditions = vec(condition(), 0..=2).prop_map(|all| all.concat());
    (conditions, decision(table)).prop_map(|(conditions, decision)| {
        let counter = Expression::Counter(Counters::default());
        conditions.into_iter().chain([counter]).chain(decision).collect()
    })
}

fn meta(key: MetaKey) -> Expression {
    Expression::Meta { key, to: Register(0) }
}

fn compare(equal: bool, value: impl Into<Value>) -> Expression {
    let comparison = if equal { Comparison::Equal } else { Comparison::NotEqual };
    Expression::Compare(Compare { register: Register(0), comparison, value: value.into() })
}

fn payload(base: PayloadBase, offset: u32, length: u8) -> Expression {
    Expression::Payload { from: Payload { base, offset, length }, to: Register(0) }
}

fn protocol(number: u8) -> [Expression; 2] {
    [meta(MetaKey::L4Proto), compare(true, [number])]
}

/// One condition, as `iptables` writes it.
fn condition() -> impl Strategy<Value = Vec<Expression>> {
    let equal = || proptest::bool::weighted(0.8);
    let address = (select(&[12_u32, 16][..]), host(), equal()).prop_map(|(offset, address, equal)| {
        vec![payload(PayloadBase::Network, offset, 4), compare(equal, address.octets())]
    });
    let network = (select(&[12_u32, 16][..]), 0_u8..3, select(&[24_u8, 28, 30][..]), equal()).prop_map(
        |(offset, third, bits, equal)| {
            let mask = u32::MAX << (32 - bits);
            let masked = Expression::Bitwise(Bitwise {
                from: Register(0),
                to: Register(0),
                mask: mask.to_be_bytes().into(),
                xor: [0; 4].into(),
            });
            vec![payload(PayloadBase::Network, offset, 4), masked, compare(equal, [10, 0, third, 0])]
        },
    );
    let link = (select(&[MetaKey::IifName, MetaKey::OifName][..]), select(&["a", "b", "lo"][..]), equal())
        .prop_map(|(key, name, equal)| {
            let mut bytes = [0; 16];
            bytes[..name.len()].copy_from_slice(name.as_bytes());
            vec![meta(key), compare(equal, bytes)]
        });
    let kind = select(&[1_u8, 17, 6][..]).prop_map(|number| protocol(number).to_vec());
    let port = (select(&[7_u16, 40_000, 33_434][..]), select(&[0_u32, 2][..]), equal()).prop_map(
        |(port, offset, equal)| {
            let [meta, udp] = protocol(17);
            vec![meta, udp, payload(PayloadBase::Transport, offset, 2), compare(equal, port.to_be_bytes())]
        },
    );
    let ports =
        (any::<bool>(), select(&[(0_u16, 100_u16), (100, 50_000)][..])).prop_map(|(outside, (from, to))| {
            let [meta, udp] = protocol(17);
            let range = Range {
                register: Register(0),
                outside,
                from: from.to_be_bytes().into(),
                to: to.to_be_bytes().into(),
            };
            vec![meta, udp, payload(PayloadBase::Transport, 2, 2), Expression::Range(range)]
        });
    let icmp = (select(&[0_u8, 3, 8, 11][..]), any::<bool>()).prop_map(|(kind, invert)| {
        let [meta, icmp] = protocol(1);
        let wanted = IcmpMatch { kind, first_code: 0, last_code: 255, invert };
        vec![meta, icmp, Expression::Match(Match::Icmp(wanted))]
    });
    let state = select(vec![
        CtState::NEW,
        CtState::ESTABLISHED,
        CtState::RELATED,
        CtState::INVALID,
        CtState::ESTABLISHED | CtState::RELATED,
        CtState::UNTRACKED,
        CtState::DNAT,
        CtState::SNAT,
    ])
    .prop_map(|states| {
        let wanted = ConntrackMatch { states: Some(states), ..ConntrackMatch::default() };
        vec![Expression::Match(Match::Conntrack(Box::new(wanted)))]
    });
    let mark = (0_u32..3).prop_map(|mark| vec![meta(MetaKey::Mark), compare(true, mark.to_le_bytes())]);
    let length = (select(&[0_u16, 61, 100][..]), select(&[84_u16, 600, 65_535][..]), any::<bool>())
        .prop_map(|(min, max, invert)| vec![Expression::Match(Match::Length { min, max, invert })]);
    let ttl = (0_u8..4, select(&[1_u8, 2, 63, 64][..]))
        .prop_map(|(mode, value)| vec![Expression::Match(Match::Ttl { mode, value })]);
    let kinds = select(vec![
        AddressTypes::LOCAL,
        AddressTypes::UNICAST,
        AddressTypes::BROADCAST,
        AddressTypes::LOCAL | AddressTypes::BROADCAST,
    ]);
    let addrtype = (kinds, any::<bool>(), equal()).prop_map(|(types, source, equal)| {
        let none = AddressTypes::empty();
        let (from, to) = if source { (types, none) } else { (none, types) };
        vec![Expression::Match(Match::Addrtype {
            source: from,
            destination: to,
            invert_source: source && !equal,
            invert_destination: !source && !equal,
            limit_in: false,
            limit_out: false,
        })]
    });
    let limit = limit().prop_map(|limit| vec![limit]);
    prop_oneof![
        1 => limit, 5 => address, 3 => network, 4 => link, 4 => kind, 3 => port, 2 => ports, 3 => icmp, 4 => state, 1 => mark,
        1 => length, 1 => ttl, 2 => addrtype
    ]
}

/// What a rule does at its end.
fn decision(table: &'static str) -> BoxedStrategy<Option<Expression>> {
    let verdict = |verdict| Just(Some(Expression::Verdict(verdict)));
    let plain = prop_oneof![
        3 => verdict(RuleVerdict::Accept),
        1 => verdict(RuleVerdict::Return),
        2 => Just(None),
    ];
    match table {
        "filter" => {
            let jump = (select(&OWN[..]), any::<bool>()).prop_map(|(chain, jumps)| {
                let lead = if jumps { RuleVerdict::Jump } else { RuleVerdict::Goto };
                Some(Expression::Verdict(lead(chain.to_owned())))
            });
            let reject = select(&[RejectWith::PortUnreachable, RejectWith::HostProhibited][..])
                .prop_map(|with| Some(Expression::Target(Target::Reject(with))));
            prop_oneof![3 => plain, 3 => verdict(RuleVerdict::Drop), 2 => jump, 3 => reject].boxed()
        }
        "nat" => prop_oneof![1 => plain, 5 => translation()].boxed(),
        "mangle" => {
            let mark =
                (0_u32..3).prop_map(|mark| Some(Expression::Target(Target::Mark { mark, mask: u32::MAX })));
            let ttl = (0_u8..3, 1_u8..4)
                .prop_map(|(mode, value)| Some(Expression::Target(Target::Ttl { mode, value })));
            let connmark = (0_u8..3, 0_u32..3).prop_map(|(mode, mark)| {
                let mask = u32::MAX;
                Some(Expression::Target(Target::Connmark {
                    mode,
                    mark,
                    connection_mask: mask,
                    packet_mask: mask,
                }))
            });
            prop_oneof![1 => plain, 2 => mark, 2 => ttl, 1 => connmark].boxed()
        }
        _ => {
            let notrack = any::<bool>().prop_map(|as_ct| Some(Expression::Target(Target::Notrack { as_ct })));
            prop_oneof![1 => plain, 2 => notrack].boxed()
        }
    }
}

/// Address translation to an address of the pool; with a port only where the rule asks for UDP, which it may not: then it
/// is left to chance what the kernel makes of it.
fn translation() -> impl Strategy<Value = Option<Expression>> {
    let range = || {
        (host(), select(&[None, None, Some(7_u16), Some(40_000)][..])).prop_map(|(address, port)| {
            let mut flags = NatFlags::MAP_IPS;
            flags.set(NatFlags::PROTO_SPECIFIED, port.is_some());
            let port = port.unwrap_or_default();
            NatRange { flags, first: address, last: address, first_port: port, last_port: port, base_port: 0 }
        })
    };
    let own = || NatRange {
        flags: NatFlags::empty(),
        first: Ipv4Addr::UNSPECIFIED,
        last: Ipv4Addr::UNSPECIFIED,
        first_port: 0,
        last_port: 0,
        base_port: 0,
    };
    prop_oneof![
        3 => range().prop_map(Target::Dnat),
        2 => range().prop_map(Target::Snat),
        3 => Just(Target::Masquerade(own())),
        1 => Just(Target::Redirect(own())),
    ]
    .prop_map(|target| Some(Expression::Target(target)))
}

/// A limit that lets a burst pass, and nothing behind it for as long as a sequence takes.
fn limit() -> impl Strategy<Value = Expression> {
    (1_u32..4).prop_map(|burst| {
        Expression::Limit(Limit { rate: 1, unit: LimitUnit::Day, burst, bytes: false, over: false })
    })
}
