//! Frames as events.

use crate::lab::{HOST, Lab, PATIENCE, RED, name, new_route};
use vethlab_real::Unavailable;
use vethlab_shared::change::{Change, LinkSettings};
use vethlab_shared::event::{Event, EventKind, Lost};
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::prefix::Prefix;
use vethlab_shared::socket::{MtuDiscovery, SocketKind, SocketOption};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::LinkFlags;

const ARP: u16 = 0x0806;
const IPV4: u16 = 0x0800;

/// Where a frame passed, whether it came in, and its `EtherType`.
fn passage(event: &Event) -> Option<(String, bool, u16)> {
    let (link, frame, came_in) = match &event.kind {
        EventKind::NetDevXmit { link, frame } => (link, frame, false),
        EventKind::NetifReceiveSkb { link, frame } => (link, frame, true),
        _ => return None,
    };
    Some((format!("{}/{link}", event.namespace), came_in, u16::from_be_bytes([frame[12], frame[13]])))
}

fn passages(events: &[Event]) -> Vec<(String, bool, u16)> {
    events.iter().filter_map(passage).collect()
}

/// Waits until so many frames were told of.
fn wait_for_frames(lab: &mut Lab, count: usize) -> Vec<Event> {
    let deadline = lab.stack.now() + PATIENCE;
    let mut events = Vec::new();
    loop {
        events.extend(lab.stack.take_events());
        if passages(&events).len() >= count {
            return events;
        }
        assert!(lab.stack.now() < deadline, "only {events:#?}");
        lab.stack.run_until(lab.stack.now() + PATIENCE / 1000, &[]).expect("time passes");
    }
}

pub(crate) fn frames_are_told_in_order() -> Result<(), Unavailable> {
    let mut lab = Lab::new()?;
    lab.stack.observe(true);
    let began = lab.stack.now();
    // Made while somebody listens already.
    lab.add_red();
    lab.wire();
    lab.ping(&NamespaceName::HOST, RED);
    let events = wait_for_frames(&mut lab, 8);
    let way = |from: &str, to: &str, kind| [(from.to_owned(), false, kind), (to.to_owned(), true, kind)];
    let (host, red) = ("host/veth-host", "red/veth-red");
    let expected: Vec<_> =
        [way(host, red, ARP), way(red, host, ARP), way(host, red, IPV4), way(red, host, IPV4)].concat();
    assert_eq!(passages(&events), expected);
    // As root, how packets end is told between them.
    assert!(events.iter().zip(1..).all(|(event, number)| event.number == number), "{events:#?}");
    assert!(events.is_sorted_by_key(|event| event.time), "{events:#?}");
    assert!(events[0].time >= began && events[events.len() - 1].time <= lab.stack.now());
    let rest = lab.stack.take_events();
    assert_eq!(passages(&rest), []);

    lab.ping(&lab.red.clone(), HOST);
    let told = (events.len() + rest.len()) as u64;
    assert_eq!(wait_for_frames(&mut lab, 4)[0].number, told + 1, "numbers go on");
    Ok(())
}

pub(crate) fn frames_bear_the_names_of_then() -> Result<(), Unavailable> {
    let mut lab = Lab::joined()?;
    lab.stack.observe(true);
    lab.ping(&NamespaceName::HOST, RED);
    let host = lab.host.clone();
    let link = lab.link(&host, "veth-host").index;
    let down = LinkSettings { flags_mask: LinkFlags::UP, ..LinkSettings::default() };
    lab.apply(&host, &Change::SetLink { link, settings: down });
    let renamed = LinkSettings { name: Some(name("cable")), ..LinkSettings::default() };
    lab.apply(&host, &Change::SetLink { link, settings: renamed });
    lab.up(&host, "cable");
    lab.ping(&lab.red.clone(), HOST);
    let red = lab.red.clone();
    lab.apply(&host, &Change::DeleteNamespace(red));
    let told = passages(&lab.stack.take_events());
    let of_host: Vec<&str> =
        told.iter().filter(|(place, ..)| place.starts_with("host/")).map(|(place, ..)| &place[5..]).collect();
    let change = of_host.iter().position(|link| *link == "cable").expect("frames after the new name");
    assert!(change >= 4, "{told:?}");
    assert!(of_host[..change].iter().all(|link| *link == "veth-host"), "{told:?}");
    assert!(of_host[change..].iter().all(|link| *link == "cable"), "{told:?}");
    assert_eq!(told.iter().filter(|(place, ..)| place == "red/veth-red").count(), of_host.len());
    Ok(())
}

pub(crate) fn frames_on_loopback_are_told_twice() -> Result<(), Unavailable> {
    let mut lab = Lab::new()?;
    lab.stack.observe(true);
    lab.ping(&NamespaceName::HOST, [127, 0, 0, 1].into());
    let frame = |came_in| ("host/lo".to_owned(), came_in, IPV4);
    assert_eq!(
        passages(&wait_for_frames(&mut lab, 4)),
        [frame(false), frame(true), frame(false), frame(true)]
    );
    Ok(())
}

/// A packet in fragments that goes round in a circle until its time is over: more frames than an ordinary
/// user's socket has room for.
pub(crate) fn frames_without_room_are_counted() -> Result<(), Unavailable> {
    const HOPS: u8 = 255;
    let mut lab = Lab::joined()?;
    lab.ping(&NamespaceName::HOST, RED);
    let nowhere = Prefix::new([10, 9, 9, 0], 24);
    for (namespace, gateway) in [(lab.host.clone(), RED), (lab.red.clone(), HOST)] {
        lab.apply(&namespace, &new_route(nowhere, gateway));
        for (name, value) in
            [("ip_forward", "1"), ("conf.all.send_redirects", "0"), ("conf.all.accept_local", "1")]
        {
            let (name, value) = (format!("net.ipv4.{name}"), value.to_owned());
            lab.apply(&namespace, &Change::SetSysctl { name, value });
        }
        for link in lab.stack.links(&namespace).expect("the links") {
            let (name, value) = (format!("net.ipv4.conf.{}.send_redirects", link.name), "0".to_owned());
            lab.apply(&namespace, &Change::SetSysctl { name, value });
        }
    }
    lab.stack.observe(true);
    let socket =
        lab.stack.open(&NamespaceName::HOST, &SocketKind::Icmp(Family::Inet)).expect("an ICMP socket");
    for option in [SocketOption::MtuDiscovery(MtuDiscovery::Dont), SocketOption::TimeToLive(HOPS)] {
        lab.stack.set_option(socket, &option).expect("an option of ICMP sockets");
    }
    let whole = vec![0; 65_000];
    let fragments = whole.len().div_ceil(1480) as u64;
    lab.stack.send(socket, ([10, 9, 9, 9], 0).into(), &whole).expect("the packet leaves");
    // Each is seen to leave and to come in; of the first one's end a message is sent.
    let expected = 2 * (fragments * u64::from(HOPS) + 1);
    let deadline = lab.stack.now() + PATIENCE;
    let (mut told, mut lost) = (0, 0);
    while told + lost < expected {
        for event in lab.stack.take_events() {
            match event.kind {
                EventKind::EventsLost { what: Lost::Frames, count, .. } => {
                    lost += count.expect("the kernel counts");
                }
                EventKind::NetDevXmit { .. } | EventKind::NetifReceiveSkb { .. } => told += 1,
                _ => {}
            }
        }
        assert!(lab.stack.now() < deadline, "{told} told, {lost} lost of {expected}");
        lab.stack.run_until(lab.stack.now() + PATIENCE / 1000, &[]).expect("time passes");
    }
    println!("{told} told, {lost} lost");
    assert_eq!((told + lost, told > 0), (expected, true));
    Ok(())
}

pub(crate) fn nothing_is_told_unasked() -> Result<(), Unavailable> {
    let mut lab = Lab::joined()?;
    lab.ping(&NamespaceName::HOST, RED);
    assert!(lab.stack.take_events().is_empty());
    lab.stack.observe(true);
    lab.ping(&NamespaceName::HOST, RED);
    assert!(!lab.stack.take_events().is_empty());
    lab.stack.observe(false);
    lab.ping(&NamespaceName::HOST, RED);
    assert!(lab.stack.take_events().is_empty());
    Ok(())
}
