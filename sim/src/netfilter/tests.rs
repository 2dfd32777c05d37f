//! What rules decide, on packets that are sent through the world.

use crate::fixture;
use crate::world::World;
use std::net::Ipv4Addr;
use vethlab_shared::change::{Change, Modify};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::{DropReason, EventKind, Hook};
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::netfilter::{
    Bitwise, ChainKind, ChainSpec, Compare, Comparison, Counters, Expression, Limit, LimitUnit, MetaKey,
    Payload, PayloadBase, Policy, Register, RejectWith, RuleId, RulePlace, RuleSpec, RuleVerdict,
    RulesetChange, TableId, Target, Value,
};
use vethlab_shared::socket::{Received, SocketId, SocketKind};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Duration;

const HOST: NamespaceName = NamespaceName::HOST;
const NEAR: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const FAR: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

fn world() -> World {
    let mut world = World::new(1);
    fixture::connect(&mut world, [("", "a0", NEAR), ("far", "b0", FAR)]);
    world.observe(true);
    world
}

fn table() -> TableId {
    TableId::ip("filter")
}

fn add_chain(name: &str, hook: Option<Hook>) -> RulesetChange {
    let base = hook.map(|hook| (ChainKind::Filter, hook, 0));
    let chain = ChainSpec { base, ..ChainSpec::new(name) };
    RulesetChange::AddChain { how: Modify::CREATE, table: table(), chain }
}

fn add_rule(chain: &str, expressions: Vec<Expression>) -> RulesetChange {
    let rule = RuleSpec { expressions, ..RuleSpec::default() };
    RulesetChange::AddRule { table: table(), chain: chain.to_owned(), place: RulePlace::Last, rule }
}

/// A table with INPUT, a chain of a user's own, and these rules.
fn rules(rules: &[(&str, Vec<Expression>)]) -> Vec<RulesetChange> {
    let mut all = vec![
        RulesetChange::AddTable { how: Modify::CREATE, table: table() },
        add_chain("INPUT", Some(Hook::LocalIn)),
        add_chain("own", None),
    ];
    all.extend(rules.iter().map(|(chain, rule)| add_rule(chain, rule.clone())));
    all
}

fn apply(world: &mut World, namespace: &str, changes: Vec<RulesetChange>) -> Result<(), StackError> {
    world.apply(&fixture::name(namespace), &Change::Ruleset(changes))
}

fn counter() -> Expression {
    Expression::Counter(Counters::default())
}

fn verdict(verdict: RuleVerdict) -> Expression {
    Expression::Verdict(verdict)
}

fn load(base: PayloadBase, offset: u32, length: u8) -> Expression {
    Expression::Payload { from: Payload { base, offset, length }, to: Register(0) }
}

fn is(comparison: Comparison, value: impl Into<Value>) -> Expression {
    Expression::Compare(Compare { register: Register(0), comparison, value: value.into() })
}

/// Sends datagrams to `far`, and tells how many came.
fn send(world: &mut World, port: u16, count: usize) -> usize {
    let far = world.open(&fixture::name("far"), &SocketKind::Udp(Family::Inet)).expect("a socket");
    world.bind(far, (Ipv4Addr::UNSPECIFIED, port).into()).expect("the port is free");
    let socket: SocketId = world.open(&HOST, &SocketKind::Udp(Family::Inet)).expect("a socket");
    for _ in 0..count {
        world.send(socket, (FAR, port).into(), b"hello").expect("it is sent");
        let deadline = world.now() + Duration::from_millis(100);
        world.run_until(deadline, &[]).expect("time passes");
    }
    let mut came = 0;
    while let Ok(Some(Received::Datagram(_))) = world.receive(far) {
        came += 1;
    }
    [far, socket].into_iter().for_each(|socket| world.close(socket));
    came
}

/// What the first rule of a chain has counted.
fn counted(world: &mut World, chain: &str) -> Counters {
    let ruleset = world.ruleset(&fixture::name("far")).expect("there are tables");
    let chain = ruleset.table(&table()).and_then(|table| table.chain(chain)).expect("the chain is there");
    let counters = chain.rules[0].expressions.iter().find_map(|expression| match expression {
        Expression::Counter(counters) => Some(*counters),
        _ => None,
    });
    counters.expect("the rule counts")
}

#[test]
fn rules_count_and_decide() {
    let udp = [Expression::Meta { key: MetaKey::L4Proto, to: Register(0) }, is(Comparison::Equal, [17])];
    let port = |port: u16| [load(PayloadBase::Transport, 2, 2), is(Comparison::Equal, port.to_be_bytes())];
    let from =
        |address: Ipv4Addr| [load(PayloadBase::Network, 12, 4), is(Comparison::Equal, address.octets())];
    let mut name = [0; 16];
    name[..2].copy_from_slice(b"b0");
    let input = [Expression::Meta { key: MetaKey::IifName, to: Register(0) }, is(Comparison::Equal, name)];
    let other = [Expression::Meta { key: MetaKey::IifName, to: Register(0) }, is(Comparison::NotEqual, name)];
    let begins = [Expression::Meta { key: MetaKey::IifName, to: Register(0) }, is(Comparison::Equal, *b"b")];
    let subnet = [
        load(PayloadBase::Network, 12, 4),
        Expression::Bitwise(Bitwise {
            from: Register(0),
            to: Register(0),
            mask: [255, 255, 255, 0].into(),
            xor: [0; 4].into(),
        }),
        is(Comparison::Equal, [10, 0, 0, 0]),
    ];
    let three = [load(PayloadBase::Network, 12, 3), is(Comparison::Equal, [10, 0, 0])];
    let above = [load(PayloadBase::Transport, 2, 2), is(Comparison::Greater, 79_u16.to_be_bytes())];
    for (condition, drops) in [
        (udp.to_vec(), true),
        (port(80).to_vec(), true),
        (port(81).to_vec(), false),
        (from(NEAR).to_vec(), true),
        (from(FAR).to_vec(), false),
        (input.to_vec(), true),
        (other.to_vec(), false),
        (begins.to_vec(), true),
        (subnet.to_vec(), true),
        (three.to_vec(), true),
        (above.to_vec(), true),
        ([&udp[..], &port(81)].concat(), false),
        ([&udp[..], &port(80), &from(NEAR)].concat(), true),
        (vec![load(PayloadBase::Transport, 60, 4), is(Comparison::NotEqual, [0; 4])], false),
    ] {
        let mut world = world();
        let rule = [&condition[..], &[counter(), verdict(RuleVerdict::Drop)]].concat();
        apply(&mut world, "far", rules(&[("INPUT", rule)])).expect("the rules are good");
        let came = send(&mut world, 80, 2);
        assert_eq!(came, if drops { 0 } else { 2 }, "{condition:?}");
        let expected = if drops { Counters { packets: 2, bytes: 66 } } else { Counters::default() };
        assert_eq!(counted(&mut world, "INPUT"), expected, "{condition:?}");
    }
}

#[test]
fn chains_lead_to_each_other_and_back() {
    let jump = || verdict(RuleVerdict::Jump("own".to_owned()));
    let goto = || verdict(RuleVerdict::Goto("own".to_owned()));
    for (first, own, comes) in [
        (jump(), RuleVerdict::Return, false),
        (jump(), RuleVerdict::Accept, true),
        (jump(), RuleVerdict::Continue, false),
        (goto(), RuleVerdict::Return, true),
        (goto(), RuleVerdict::Drop, false),
    ] {
        let mut world = world();
        let all = rules(&[
            ("INPUT", vec![first.clone()]),
            ("INPUT", vec![verdict(RuleVerdict::Drop)]),
            ("own", vec![counter(), verdict(own.clone())]),
        ]);
        apply(&mut world, "far", all).expect("the rules are good");
        assert_eq!(send(&mut world, 80, 1), usize::from(comes), "{first:?} {own:?}");
        assert_eq!(counted(&mut world, "own").packets, 1, "{first:?} {own:?}");
    }
}

#[test]
fn what_held_is_told_with_its_place() {
    let mut world = world();
    let all = rules(&[("INPUT", vec![counter()]), ("INPUT", vec![counter(), verdict(RuleVerdict::Drop)])]);
    apply(&mut world, "far", all).expect("the rules are good");
    assert_eq!(send(&mut world, 80, 1), 0);
    let events: Vec<EventKind> = world.take_events().into_iter().map(|event| event.kind).collect();
    let met: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            EventKind::NftTrace { rule, verdict, .. } => Some((*rule, verdict.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(met, [(Some(1), RuleVerdict::Continue), (Some(2), RuleVerdict::Drop)]);
    assert!(events.contains(&EventKind::KfreeSkb { reason: DropReason::NetfilterDrop }));
}

#[test]
fn a_policy_decides_and_counts_once_it_was_asked_to() {
    let mut world = world();
    apply(&mut world, "far", rules(&[])).expect("the rules are good");
    let chain = ChainSpec {
        policy: Some(Policy::Drop),
        counters: Some(Counters::default()),
        base: Some((ChainKind::Filter, Hook::LocalIn, 0)),
        ..ChainSpec::new("INPUT")
    };
    let change = RulesetChange::AddChain { how: Modify::CREATE, table: table(), chain };
    apply(&mut world, "far", vec![change]).expect("the chain is altered");
    assert_eq!(send(&mut world, 80, 2), 0);
    let ruleset = world.ruleset(&fixture::name("far")).expect("there are tables");
    let base = ruleset.tables[0].chains[0].base.clone().expect("a base chain");
    assert_eq!((base.policy, base.counters), (Policy::Drop, Some(Counters { packets: 2, bytes: 66 })));
}

#[test]
fn a_limit_lets_its_burst_pass_then_its_rate() {
    let mut world = world();
    let limit = Limit { rate: 1, unit: LimitUnit::Second, burst: 3, bytes: false, over: false };
    let accept = vec![Expression::Limit(limit), counter(), verdict(RuleVerdict::Accept)];
    apply(&mut world, "far", rules(&[("INPUT", accept), ("INPUT", vec![verdict(RuleVerdict::Drop)])]))
        .expect("the rules are good");
    // Ten a second: three at once, and one more behind each full second.
    assert_eq!(send(&mut world, 80, 25), 5);
}

#[test]
fn a_packet_that_is_rejected_is_told_of() {
    let mut world = world();
    let reject = vec![Expression::Target(Target::Reject(RejectWith::AdminProhibited))];
    apply(&mut world, "far", rules(&[("INPUT", reject)])).expect("the rules are good");
    assert_eq!(send(&mut world, 80, 1), 0);
    let events = world.take_events();
    let sent = |event: &EventKind| matches!(event, EventKind::IcmpSend { kind: 3, code: 13, .. });
    assert!(events.iter().any(|event| sent(&event.kind)), "{events:?}");
}

#[test]
fn a_list_is_done_whole_or_not_at_all() {
    let jump = |to: &str| verdict(RuleVerdict::Jump(to.to_owned()));
    let mut world = world();
    apply(&mut world, "far", rules(&[("own", vec![jump("own")])])).expect("no base chain leads there");
    let refused = |world: &mut World, changes| {
        let before = world.ruleset(&fixture::name("far"));
        let answer = apply(world, "far", changes);
        assert_eq!(world.ruleset(&fixture::name("far")), before);
        match answer {
            Err(StackError::Refused { errno, part, .. }) => (errno, part),
            other => panic!("{other:?}"),
        }
    };
    let circle = vec![add_rule("INPUT", vec![counter()]), add_rule("INPUT", vec![jump("own")])];
    assert_eq!(refused(&mut world, circle), (Errno::EMLINK, Some(1)));
    let nowhere = vec![add_rule("INPUT", vec![jump("nowhere")])];
    assert_eq!(refused(&mut world, nowhere), (Errno::ENOENT, Some(0)));
    let base = vec![add_chain("more", None), add_rule("more", vec![jump("INPUT")])];
    assert_eq!(refused(&mut world, base), (Errno::EOPNOTSUPP, Some(1)));
    let delete = || RulesetChange::DeleteChain { table: table(), name: "own".to_owned() };
    assert_eq!(refused(&mut world, vec![delete()]), (Errno::EBUSY, Some(0)));
    let empty = RulesetChange::DeleteRule { table: table(), chain: Some("own".to_owned()), rule: None };
    apply(&mut world, "far", vec![empty, delete()]).expect("it is empty by then");
}

#[test]
fn rules_are_named_by_handle_or_by_the_senders_number() {
    let mut world = world();
    let place = |place, id| RulesetChange::AddRule {
        table: table(),
        chain: "INPUT".to_owned(),
        place,
        rule: RuleSpec { id, comment: id.map(|id| id.to_string()), ..RuleSpec::default() },
    };
    let mut all = rules(&[]);
    all.push(place(RulePlace::Last, Some(1)));
    all.push(place(RulePlace::Before(RuleId::New(1)), Some(2)));
    all.push(place(RulePlace::After(RuleId::New(1)), Some(3)));
    all.push(place(RulePlace::First, Some(4)));
    all.push(place(RulePlace::Replace(RuleId::New(2)), Some(5)));
    apply(&mut world, "far", all).expect("the rules are good");
    let ruleset = world.ruleset(&fixture::name("far")).expect("there are tables");
    let rules = &ruleset.tables[0].chains[0].rules;
    let comments: Vec<_> = rules.iter().filter_map(|rule| rule.comment.as_deref()).collect();
    assert_eq!(comments, ["4", "5", "1", "3"]);
}
