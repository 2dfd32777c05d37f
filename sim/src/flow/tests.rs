//! Whether ways are remembered, and for how long.

use super::*;
use crate::fixture::{add_default_route, connect, name, set};
use vethlab_shared::family::Family;
use vethlab_shared::socket::{SocketId, SocketKind};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Duration;
use vethlab_shared::wire::internet_checksum;

const HOSTS: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 1, 1)];
const ROUTER: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 0, 0, 9), Ipv4Addr::new(10, 0, 1, 9)];

/// Two hosts with a router between them, and a socket that pings.
fn two_hosts() -> (World, SocketId) {
    let mut world = World::new(1);
    connect(&mut world, [("host", "eth0", HOSTS[0]), ("router", "left", ROUTER[0])]);
    connect(&mut world, [("router", "right", ROUTER[1]), ("far", "eth0", HOSTS[1])]);
    set(&mut world, "router", "net.ipv4.ip_forward", "1");
    add_default_route(&mut world, "host", ROUTER[0]);
    add_default_route(&mut world, "far", ROUTER[1]);
    let socket = world.open(&name("host"), &SocketKind::Icmp(Family::Inet)).expect("a socket");
    (world, socket)
}

/// Sends an echo request, and says whether there was a reply.
fn ping(world: &mut World, socket: SocketId) -> bool {
    let mut message = [8, 0, 0, 0, 0, 1, 0, 1];
    let sum = internet_checksum(&message);
    message[2..4].copy_from_slice(&sum.to_be_bytes());
    world.send(socket, (HOSTS[1], 0).into(), &message).expect("a way");
    let deadline = world.now() + Duration::from_millis(5);
    world.run_until(deadline, &[socket]).expect("time passes");
    world.receive(socket).expect("no error").is_some()
}

/// How many ways a namespace remembers that still hold: of what comes in and of what is sent.
fn remembered(world: &World, namespace: &str) -> [usize; 2] {
    let id = world.find(&name(namespace)).expect("a namespace");
    let (flows, epoch) = world.namespaces.flows(id).expect("a namespace");
    let Some(flows) = &flows.memories else { return [0, 0] };
    let input = flows.input.places.iter().flatten().filter(|known| known.epoch == epoch);
    let output = flows.output.places.iter().flatten().filter(|known| known.epoch == epoch);
    [input.count(), output.count()]
}

#[test]
fn a_router_remembers_both_ways_and_the_ends_their_own() {
    let (mut world, socket) = two_hosts();
    (0..3).for_each(|_| assert!(ping(&mut world, socket)));
    assert_eq!(remembered(&world, "router"), [2, 0]);
    assert_eq!(remembered(&world, "host"), [1, 1]);
    assert_eq!(remembered(&world, "far"), [1, 1]);
    let moment = world.clone();
    assert_eq!(remembered(&moment, "router"), [0, 0], "a kept moment remembers nothing");
    set(&mut world, "far", "net.ipv4.icmp_echo_ignore_all", "0");
    assert_eq!(remembered(&world, "router"), [0, 0], "something was configured, if elsewhere");
    assert!(ping(&mut world, socket));
    assert_eq!(remembered(&world, "router"), [2, 0]);
}

#[test]
fn what_is_forwarded_alters_nothing_that_is_configured() {
    let (mut world, socket) = two_hosts();
    (0..3).for_each(|_| assert!(ping(&mut world, socket)));
    let (_, _, before) = world.namespaces.flows_mut(world.find(&name("router")).expect("it")).expect("it");
    (0..3).for_each(|_| assert!(ping(&mut world, socket)));
    let (_, _, after) = world.namespaces.flows_mut(world.find(&name("router")).expect("it")).expect("it");
    assert_eq!(before, after);
}

#[test]
fn who_listens_is_told_of_every_decision() {
    let (mut world, socket) = two_hosts();
    (0..3).for_each(|_| assert!(ping(&mut world, socket)));
    world.observe(true);
    assert!(ping(&mut world, socket));
    let told = world.take_events().len();
    assert!(ping(&mut world, socket));
    assert_eq!(world.take_events().len(), told);
    assert!(told > 20, "{told}");
}

#[test]
fn many_ways_are_remembered_at_once() {
    let mut memory: Memory<(IfIndex, Ipv4Addr), u32> = Memory::default();
    let key = |number| (IfIndex(0), Ipv4Addr::from_bits(number));
    for number in 0..1000 {
        memory.put(Remembered { key: key(number), epoch: 1, value: number });
    }
    let found = (0..1000u32).filter(|&number| memory.get(&key(number), 1) == Some(&number));
    assert_eq!(found.count(), 1000);
    assert!(memory.places.len() <= MOST);
    assert_eq!(memory.get(&key(5), 2), None, "of another epoch");
}
