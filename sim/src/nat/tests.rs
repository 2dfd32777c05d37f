//! Translation of packets that are sent through a router.

use crate::conntrack::{Connection, Status};
use crate::fixture;
use crate::world::World;
use std::net::Ipv4Addr;
use vethlab_shared::change::{Change, Modify};
use vethlab_shared::event::{EventKind, Hook};
use vethlab_shared::family::Family;
use vethlab_shared::netfilter::{
    ChainKind, ChainSpec, ConntrackMatch, Counters, CtState, Expression, Match, NatFlags, NatRange,
    RulePlace, RuleSpec, RuleVerdict, RulesetChange, TableId, Target,
};
use vethlab_shared::socket::{Received, SocketKind};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Duration;
use vethlab_shared::wire::{Ipv4, Udp, checksum, icmp};

const INSIDE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const NEAR: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const OUT: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 1);
const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 2);

/// `inside` behind the router `""`, and a server that has no route back.
fn world() -> World {
    let mut world = World::new(1);
    fixture::connect(&mut world, [("", "i0", NEAR), ("inside", "e0", INSIDE)]);
    fixture::connect(&mut world, [("", "o0", OUT), ("server", "s0", SERVER)]);
    fixture::set(&mut world, "", "net.ipv4.ip_forward", "1");
    fixture::add_default_route(&mut world, "inside", NEAR);
    world.observe(true);
    world
}

fn rule(hook: Hook, kind: ChainKind, expressions: Vec<Expression>) -> Vec<RulesetChange> {
    let (name, table) = match kind {
        ChainKind::Nat => (format!("{hook:?}"), TableId::ip("nat")),
        _ => (format!("{hook:?}"), TableId::ip("filter")),
    };
    let chain = ChainSpec { base: Some((kind, hook, 0)), ..ChainSpec::new(&name) };
    let spec = RuleSpec { expressions, ..RuleSpec::default() };
    vec![
        RulesetChange::AddTable { how: Modify::CREATE, table: table.clone() },
        RulesetChange::AddChain { how: Modify::CREATE, table: table.clone(), chain },
        RulesetChange::AddRule { table, chain: name, place: RulePlace::Last, rule: spec },
    ]
}

fn range(flags: NatFlags, first: Ipv4Addr, port: u16) -> NatRange {
    NatRange { flags, first, last: first, first_port: port, last_port: port, base_port: 0 }
}

fn apply(world: &mut World, changes: Vec<RulesetChange>) {
    world.apply(&fixture::name(""), &Change::Ruleset(changes)).expect("the rules are good");
}

fn masquerade() -> Vec<RulesetChange> {
    let all = range(NatFlags::empty(), Ipv4Addr::UNSPECIFIED, 0);
    let target = Expression::Target(Target::Masquerade(all));
    rule(Hook::PostRouting, ChainKind::Nat, vec![Expression::Counter(Counters::default()), target])
}

fn pass(world: &mut World) {
    let deadline = world.now() + Duration::from_millis(200);
    world.run_until(deadline, &[]).expect("time passes");
}

fn connections(world: &World) -> Vec<Connection> {
    let host = world.find(&fixture::name("")).expect("a namespace");
    let all = world.runtime(host).connections.all(world.now);
    all.into_iter().map(|(_, connection)| connection.clone()).collect()
}

/// The packets of UDP that came in by a link, all with right checksums.
fn datagrams(world: &mut World, at: &str) -> Vec<(Ipv4Addr, u16, Ipv4Addr, u16)> {
    let events = world.take_events();
    let frames = events.iter().filter_map(|event| match &event.kind {
        EventKind::NetifReceiveSkb { link, frame } if link.as_str() == at => Ipv4::new(&frame[14..]),
        _ => None,
    });
    let seen = frames.filter(|packet| packet.protocol() == 17).filter_map(|packet| {
        assert!(packet.checksum_ok());
        let datagram = Udp::new(packet.payload())?;
        // Of the datagram's own checksum only the pseudo header is summed up so far.
        let length = packet.payload().len() as u16;
        let pseudo = checksum::pseudo_header(packet.source(), packet.destination(), 17, length);
        assert_eq!(datagram.checksum(), !checksum::internet_checksum(&pseudo), "{packet:?}");
        Some((packet.source(), datagram.source(), packet.destination(), datagram.destination()))
    });
    seen.collect()
}

#[test]
fn a_masqueraded_question_is_answered() {
    let mut world = world();
    apply(&mut world, masquerade());
    let server = world.open(&fixture::name("server"), &SocketKind::Udp(Family::Inet)).expect("a socket");
    world.bind(server, (SERVER, 53).into()).expect("the port is free");
    let client = world.open(&fixture::name("inside"), &SocketKind::Udp(Family::Inet)).expect("a socket");
    world.bind(client, (INSIDE, 4000).into()).expect("the port is free");
    world.send(client, (SERVER, 53).into(), b"who?").expect("it is sent");
    pass(&mut world);
    let Ok(Some(Received::Datagram(question))) = world.receive(server) else { panic!("it came") };
    assert_eq!(question.source, (OUT, 4000).into());
    world.send(server, question.source, b"you").expect("it is sent");
    pass(&mut world);
    let Ok(Some(Received::Datagram(answer))) = world.receive(client) else { panic!("it came back") };
    assert_eq!(answer.source, (SERVER, 53).into());
    let known = connections(&world);
    assert_eq!(known.len(), 1, "{known:?}");
    assert!(known[0].status.contains(Status::SRC_NAT | Status::SEEN_REPLY), "{known:?}");
    assert_eq!(datagrams(&mut world, "s0"), [(OUT, 4000, SERVER, 53)]);
}

#[test]
fn two_sources_with_one_port_get_two() {
    let mut world = world();
    fixture::connect(
        &mut world,
        [("", "j0", Ipv4Addr::new(10, 0, 2, 1)), ("other", "f0", Ipv4Addr::new(10, 0, 2, 2))],
    );
    fixture::add_default_route(&mut world, "other", Ipv4Addr::new(10, 0, 2, 1));
    apply(&mut world, masquerade());
    for (namespace, own) in [("inside", INSIDE), ("other", Ipv4Addr::new(10, 0, 2, 2))] {
        let client = world.open(&fixture::name(namespace), &SocketKind::Udp(Family::Inet)).expect("a socket");
        world.bind(client, (own, 4000).into()).expect("the port is free");
        world.send(client, (SERVER, 53).into(), b"who?").expect("it is sent");
        pass(&mut world);
    }
    let seen = datagrams(&mut world, "s0");
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert_eq!((seen[0].0, seen[0].1, seen[1].0), (OUT, 4000, OUT));
    assert!(seen[1].1 >= 1024 && seen[1].1 != 4000, "{seen:?}");
}

#[test]
fn a_published_port_leads_inside_and_back() {
    let mut world = world();
    let flags = NatFlags::MAP_IPS | NatFlags::PROTO_SPECIFIED;
    let target = Expression::Target(Target::Dnat(range(flags, INSIDE, 80)));
    apply(&mut world, rule(Hook::PreRouting, ChainKind::Nat, vec![target]));
    let inside = world.open(&fixture::name("inside"), &SocketKind::Udp(Family::Inet)).expect("a socket");
    world.bind(inside, (INSIDE, 80).into()).expect("the port is free");
    let client = world.open(&fixture::name("server"), &SocketKind::Udp(Family::Inet)).expect("a socket");
    world.send(client, (OUT, 8080).into(), b"hello").expect("it is sent");
    pass(&mut world);
    let Ok(Some(Received::Datagram(question))) = world.receive(inside) else { panic!("it came") };
    world.send(inside, question.source, b"hi").expect("it is sent");
    pass(&mut world);
    let Ok(Some(Received::Datagram(answer))) = world.receive(client) else { panic!("it came back") };
    assert_eq!(answer.source, (OUT, 8080).into());
}

#[test]
fn an_error_about_a_translated_packet_finds_its_sender() {
    let mut world = world();
    apply(&mut world, masquerade());
    let client = world.open(&fixture::name("inside"), &SocketKind::Udp(Family::Inet)).expect("a socket");
    world.set_option(client, &vethlab_shared::socket::SocketOption::ReceiveErrors(true)).expect("it is set");
    world.bind(client, (INSIDE, 4000).into()).expect("the port is free");
    world.send(client, (SERVER, 53).into(), b"who?").expect("it is sent");
    pass(&mut world);
    let Ok(Some(Received::Error(error))) = world.receive(client) else { panic!("the port is closed") };
    assert_eq!(error.destination, (SERVER, 53).into());
    assert_eq!(connections(&world).len(), 1);
}

#[test]
fn only_answers_come_in() {
    let mut world = world();
    let states = |states| {
        Expression::Match(Match::Conntrack(Box::new(ConntrackMatch {
            states: Some(states),
            ..ConntrackMatch::default()
        })))
    };
    let mut changes = masquerade();
    let drop = Expression::Verdict(RuleVerdict::Drop);
    changes.extend(rule(
        Hook::LocalIn,
        ChainKind::Filter,
        vec![states(CtState::NEW | CtState::INVALID), drop],
    ));
    apply(&mut world, changes);
    let ask = |world: &mut World, from: &str, to: Ipv4Addr| {
        let socket = world.open(&fixture::name(from), &SocketKind::Icmp(Family::Inet)).expect("a socket");
        let mut message = [0; 16];
        icmp::write(&mut message, icmp::kind::ECHO_REQUEST, 0, [1, 2, 0, 1]);
        world.send(socket, (to, 0).into(), &message).expect("it is sent");
        pass(world);
        let answered = matches!(world.receive(socket), Ok(Some(Received::Datagram(_))));
        world.close(socket);
        answered
    };
    assert!(ask(&mut world, "", SERVER), "the answer is part of a connection");
    assert!(!ask(&mut world, "server", OUT), "a question begins one");
}

#[test]
fn fragments_pass_a_translation_as_they_came() {
    let mut world = world();
    apply(&mut world, masquerade());
    let server = world.open(&fixture::name("server"), &SocketKind::Udp(Family::Inet)).expect("a socket");
    world.bind(server, (SERVER, 53).into()).expect("the port is free");
    let client = world.open(&fixture::name("inside"), &SocketKind::Udp(Family::Inet)).expect("a socket");
    world.send(client, (SERVER, 53).into(), &[7; 4000]).expect("it is sent");
    pass(&mut world);
    let Ok(Some(Received::Datagram(question))) = world.receive(server) else { panic!("it came") };
    assert_eq!((question.payload.len(), question.source.ip()), (4000, OUT.into()));
    let events = world.take_events();
    let lengths = |at: &str| -> Vec<usize> {
        let frames = events.iter().filter_map(|event| match &event.kind {
            EventKind::NetifReceiveSkb { link, frame } if link.as_str() == at => Some(&frame[..]),
            _ => None,
        });
        frames.filter(|frame| frame[12..14] == [8, 0]).map(<[u8]>::len).collect()
    };
    assert_eq!(lengths("i0"), [1514, 1514, 1082]);
    assert_eq!(lengths("s0"), [1514, 1514, 1082]);
}
