//! Every packet begins once and ends once: taken in, or dropped with a reason. What is told can be taught only
//! if nothing is lost on the way.

use proptest::test_runner::{TestError, TestRunner};
use vethlab_programs::Transcript;
use vethlab_programs::session::Session;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::Event;
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Instant;
use vethlab_sim::World;
use vethlab_tests::operation::Operation;
use vethlab_tests::packets::lives;
use vethlab_tests::{generate, randomness, report};

/// Does the operations, then lets time pass until nothing is left to happen.
fn events_of(operations: &[Operation]) -> Vec<Event> {
    let mut world = World::new(1);
    let steps = report::run(&mut world, operations, &[]);
    world.run_until(Instant::FOREVER, &[]).expect("virtual time passes");
    steps.into_iter().flat_map(|step| step.events).chain(world.take_events()).collect()
}

#[test]
fn every_packet_ends_exactly_once() {
    let mut runner = TestRunner::new(randomness::config(200));
    let result = runner.run(&generate::operations(25), |operations| {
        let events = events_of(&operations);
        for (packet, life) in lives(&events) {
            if life != (1, 1) {
                let story: Vec<&Event> = events.iter().filter(|event| event.packet == Some(packet)).collect();
                return Err(proptest::test_runner::TestCaseError::fail(format!("{life:?}: {story:#?}")));
            }
        }
        Ok(())
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, operations)) => panic!("{reason}\nafter {operations:#?}"),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

#[test]
fn events_survive_json() {
    let mut world = World::new(1);
    world.observe(true);
    let mut session = Session::new();
    session.execute("ping -c 1 127.0.0.1", &mut world, &mut Transcript::default());
    let events = session.journal().events();
    assert!(events.len() > 8, "a ping is told in full");
    let text = serde_json::to_string(events).expect("events are plain data");
    assert_eq!(serde_json::from_str::<Vec<Event>>(&text).expect("what was written can be read"), events);
}

/// Whoever is on a wire can send what it likes.
#[test]
fn a_frame_from_a_wire_is_taken_in_or_refused() {
    let mut world = World::new(1);
    world.observe(true);
    let mut session = Session::new();
    for line in ["ip link add a0 mtu 100 type veth peer name b0", "ip link set a0 up", "ip link set b0 up"] {
        session.execute(line, &mut world, &mut Transcript::default());
    }
    let (host, link) = (NamespaceName::HOST, IfIndex(3));
    let frame = |length: usize| [vec![0xff; 12], vec![0x12, 0x34], vec![0; length]].concat();
    for (link, frame, refusal) in [
        (IfIndex(9), frame(50), Err(Errno::ENODEV)),
        (link, frame(50)[..13].to_vec(), Err(Errno::EINVAL)),
        (link, frame(105), Err(Errno::EMSGSIZE)),
        (link, frame(104), Ok(())),
        (link, frame(0), Ok(())),
    ] {
        assert_eq!(world.inject(&host, link, &frame), refusal.map_err(StackError::from));
    }
    world.run_until(Instant::FOREVER, &[]).expect("virtual time passes");
    session.take_in(&mut world);
    let lives = lives(session.journal().events());
    assert_eq!(lives.values().collect::<Vec<_>>(), [&(1, 1); 2], "nobody has asked for such frames");
    let received = world.links(&host).expect("links").into_iter().find(|known| known.index == link);
    assert_eq!(received.expect("the link").statistics.rx_packets, 2);
}
