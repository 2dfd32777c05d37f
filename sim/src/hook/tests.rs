//! What functions at hooks can do to packets.

use super::{Context, Function, Verdict};
use crate::packet::{Connection, Packet};
use crate::world::World;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::{Arc, Mutex};
use vethlab_shared::change::{AddressSpec, Change, LinkSettings, Modify, NewLink, NewLinkKind};
use vethlab_shared::error::Errno;
use vethlab_shared::event::{DropReason, EventKind, Hook};
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::socket::{SocketId, SocketKind};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Duration;
use vethlab_shared::view::{AddressFlags, LinkFlags, Scope};

const HOST: NamespaceName = NamespaceName::HOST;
const NEAR: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 1, 1)];
const FAR: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 0, 0, 2), Ipv4Addr::new(10, 0, 1, 2)];

/// What a function is to do with the packets that it is asked about.
#[derive(Debug)]
enum Action {
    Answer(Verdict),
    Steal(Mutex<Vec<Packet>>),
    Redirect(Ipv4Addr),
    Mark(u32),
}

impl Function for Action {
    fn run(&self, context: &Context, packet: &mut Packet) -> Verdict {
        match self {
            Action::Answer(verdict) => return *verdict,
            Action::Steal(loot) => {
                loot.lock().expect("nobody panics with it").push(packet.take());
                return Verdict::Stolen;
            }
            Action::Redirect(to) => {
                let bytes = packet.buffer.network_mut();
                bytes[16..20].copy_from_slice(&to.octets());
                crate::ipv4::set_checksum(bytes);
            }
            Action::Mark(mark) => {
                assert_eq!(context.output.is_some(), context.point != Hook::PreRouting);
                packet.mark = *mark;
                packet.connection = Some(Connection(7));
            }
        }
        Verdict::Accept
    }
}

/// Two pairs of links from the machine to the namespace `far`.
fn two_pairs() -> World {
    let mut world = World::new(1);
    let far: NamespaceName = NamespaceName::new("far").expect("a good name");
    let mut apply =
        |namespace: &NamespaceName, change| world.apply(namespace, &change).expect("a good change");
    apply(&HOST, Change::AddNamespace(far.clone()));
    for pair in 0..2u8 {
        let end = |name: String, namespace: Option<NamespaceName>| LinkSettings {
            name: Some(name.parse().expect("a good name")),
            namespace,
            ..LinkSettings::default()
        };
        let kind = NewLinkKind::Veth { peer: end(format!("b{pair}"), Some(far.clone())) };
        apply(&HOST, Change::AddLink(NewLink { end: end(format!("a{pair}"), None), kind }));
        for (namespace, local) in [(&HOST, NEAR), (&far, FAR)] {
            let link = IfIndex(u32::from(pair) + 2);
            let up =
                LinkSettings { flags: LinkFlags::UP, flags_mask: LinkFlags::UP, ..LinkSettings::default() };
            apply(namespace, Change::SetLink { link, settings: up });
            let local = Some(local[usize::from(pair)]);
            let address = AddressSpec {
                link,
                local,
                peer: local,
                prefix_length: 24,
                broadcast: None,
                label: None,
                scope: Scope::UNIVERSE,
                flags: AddressFlags::empty(),
            };
            apply(namespace, Change::AddAddress { how: Modify::ADD, address });
        }
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
    let socket: SocketId = world.open(&HOST, &SocketKind::Udp).expect("a socket");
    let answer = world.send(socket, SocketAddrV4::new(FAR[0], 9), b"to whom?");
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
    let action = Arc::new(Action::Steal(Mutex::default()));
    let (errno, events) = send(&mut with("far", Hook::LocalIn, Arc::clone(&action)));
    assert_eq!((errno, dropped(&events)), (None, Vec::new()));
    let Action::Steal(loot) = &*action else { unreachable!("it was made as one") };
    let loot = loot.lock().expect("nobody panics with it");
    assert!(matches!(&loot[..], [packet] if packet.transport()[8..] == *b"to whom?"));
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
    let (out, far) =
        (Arc::new(Action::Steal(Mutex::default())), NamespaceName::new("far").unwrap_or_default());
    let at = world.find(&far).expect("a namespace");
    world.net_mut(at).hooks.register(Hook::PreRouting, Arc::clone(&out) as Arc<dyn Function>);
    send(&mut world);
    let Action::Steal(loot) = &*out else { unreachable!("it was made as one") };
    let loot = loot.lock().expect("nobody panics with it");
    assert!(matches!(&loot[..], [packet] if packet.mark == 0 && packet.connection.is_none()));
    assert_eq!(loot[0].input, Some(IfIndex(2)));
}
