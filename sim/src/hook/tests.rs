//! What functions at hooks can do to packets.

use super::{Context, Function, Host, Verdict};
use crate::conntrack::Tracked;
use crate::fixture;
use crate::packet::Packet;
use crate::world::World;
use std::net::Ipv4Addr;
use std::sync::Arc;
use vethlab_shared::error::Errno;
use vethlab_shared::event::{DropReason, EventKind, Hook};
use vethlab_shared::family::Family;
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::socket::{SocketId, SocketKind};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Duration;

const HOST: NamespaceName = NamespaceName::HOST;
const NEAR: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 1, 1)];
const FAR: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 0, 0, 2), Ipv4Addr::new(10, 0, 1, 2)];

/// What a function is to do with the packets that it is asked about.
#[derive(Debug)]
enum Action {
    Answer(Verdict),
    Steal(fn(Packet)),
    Redirect(Ipv4Addr),
    Mark(u32),
}

impl Function for Action {
    fn run(&self, _: &mut Host<'_>, context: &Context, packet: &mut Packet) -> Verdict {
        match self {
            Action::Answer(verdict) => return *verdict,
            Action::Steal(look) => {
                look(packet.take());
                return Verdict::Stolen;
            }
            Action::Redirect(to) => {
                let bytes = packet.buffer.network_mut();
                bytes[16..20].copy_from_slice(&to.octets());
                vethlab_shared::wire::ipv4::set_checksum(bytes);
                packet.reroute = context.point == Hook::LocalOut;
            }
            Action::Mark(mark) => {
                assert_eq!(context.output.is_some(), context.point != Hook::PreRouting);
                packet.mark = *mark;
                packet.connection = Some(Tracked::Untracked);
            }
        }
        Verdict::Accept
    }
}

/// Two pairs of links from the machine to the namespace `far`.
fn two_pairs() -> World {
    let mut world = World::new(1);
    for (pair, [near, far]) in [["a0", "b0"], ["a1", "b1"]].into_iter().enumerate() {
        fixture::connect(&mut world, [("", near, NEAR[pair]), ("far", far, FAR[pair])]);
    }
    world.observe(true);
    world
}

/// A world with the action at a point of a namespace.
fn with(namespace: &str, point: Hook, action: Arc<Action>) -> World {
    let mut world = two_pairs();
    let namespace = world.find(&NamespaceName::new(namespace).unwrap_or_default()).expect("a namespace");
    world.net_mut(namespace).hooks.register(point, action);
    world
}

/// Sends a datagram to the first address of `far`, and tells what sending answered and what happened.
fn send(world: &mut World) -> (Option<Errno>, Vec<EventKind>) {
    let socket: SocketId = world.open(&HOST, &SocketKind::Udp(Family::Inet)).expect("a socket");
    let answer = world.send(socket, (FAR[0], 9).into(), b"to whom?");
    let deadline = world.now() + Duration::from_secs(1);
    world.run_until(deadline, &[]).expect("time passes");
    let events = world.take_events().into_iter().map(|event| event.kind).collect();
    (answer.err().and_then(|error| error.errno()), events)
}

fn dropped(events: &[EventKind]) -> Vec<DropReason> {
    let reasons = events.iter().filter_map(|event| match event {
        EventKind::KfreeSkb { reason } => Some(*reason),
        _ => None,
    });
    reasons.collect()
}

/// Whether a packet did not go on behind a point.
fn was_refused(events: &[EventKind], point: Hook) -> bool {
    events.contains(&EventKind::NfHook { hook: point, accepted: false })
}

/// The links that frames of IPv4 left by.
fn left_by(events: &[EventKind]) -> Vec<String> {
    let links = events.iter().filter_map(|event| match event {
        EventKind::NetDevXmit { link, frame } if frame[12..14] == [8, 0] => Some(link.to_string()),
        _ => None,
    });
    links.collect()
}

#[test]
fn a_point_can_drop_for_a_reason() {
    let drop = || Arc::new(Action::Answer(Verdict::Drop(DropReason::NetfilterDrop)));
    for (point, answer) in [(Hook::LocalOut, Some(Errno::EPERM)), (Hook::PostRouting, Some(Errno::EPERM))] {
        let (errno, events) = send(&mut with("", point, drop()));
        assert_eq!(errno, answer, "{point:?}");
        assert_eq!(dropped(&events), [DropReason::NetfilterDrop], "{point:?}");
        assert!(left_by(&events).is_empty(), "{point:?}");
    }
    for point in [Hook::PreRouting, Hook::LocalIn] {
        let (errno, events) = send(&mut with("far", point, drop()));
        assert_eq!((errno, dropped(&events)), (None, vec![DropReason::NetfilterDrop]), "{point:?}");
        assert_eq!(left_by(&events), ["a0"], "{point:?}: there is no answer");
    }
}

#[test]
fn what_is_queued_for_nobody_ends() {
    let (errno, events) = send(&mut with("", Hook::LocalOut, Arc::new(Action::Answer(Verdict::Queue))));
    assert_eq!((errno, dropped(&events)), (Some(Errno::EPERM), vec![DropReason::NotSpecified]));
}

#[test]
fn what_is_stolen_is_the_thiefs() {
    let look = |packet: Packet| assert_eq!(packet.transport()[8..], *b"to whom?");
    let (errno, events) = send(&mut with("far", Hook::LocalIn, Arc::new(Action::Steal(look))));
    assert_eq!((errno, dropped(&events)), (None, Vec::new()));
    assert!(was_refused(&events, Hook::LocalIn));
}

#[test]
fn what_is_altered_on_its_way_out_is_routed_again() {
    let (errno, events) = send(&mut with("", Hook::LocalOut, Arc::new(Action::Redirect(FAR[1]))));
    assert_eq!(errno, None);
    assert_eq!(left_by(&events)[0], "a1");
    let (errno, _) = send(&mut with("", Hook::LocalOut, Arc::new(Action::Redirect([9, 9, 9, 9].into()))));
    assert_eq!(errno, Some(Errno::ENETUNREACH), "there is no route to where it goes now");
    let (_, events) = send(&mut with("", Hook::PostRouting, Arc::new(Action::Redirect(FAR[1]))));
    assert_eq!(left_by(&events)[0], "a0", "it was routed already");
}

#[test]
fn what_is_known_of_a_packet_stays_in_its_namespace() {
    let mut world = with("", Hook::LocalOut, Arc::new(Action::Mark(42)));
    let look = |packet: Packet| {
        assert_eq!((packet.mark, packet.input), (0, Some(IfIndex(2))));
        assert!(packet.connection.is_none());
    };
    let at = world.find(&fixture::name("far")).expect("a namespace");
    world.net_mut(at).hooks.register(Hook::PreRouting, Arc::new(Action::Steal(look)));
    let (_, events) = send(&mut world);
    assert!(was_refused(&events, Hook::PreRouting));
}
