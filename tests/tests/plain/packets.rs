//! Every packet begins once and ends once: taken in, or dropped with a reason. What is told can be taught only
//! if nothing is lost on the way.

use proptest::test_runner::{TestError, TestRunner};
use std::collections::BTreeMap;
use vethlab_programs::Transcript;
use vethlab_programs::session::Session;
use vethlab_shared::event::{Event, EventKind, PacketId};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Instant;
use vethlab_sim::World;
use vethlab_tests::operation::Operation;
use vethlab_tests::{generate, randomness, report};

/// How often each packet began and ended.
fn lives(events: &[Event]) -> BTreeMap<PacketId, (u32, u32)> {
    let mut lives: BTreeMap<PacketId, (u32, u32)> = BTreeMap::new();
    for event in events {
        let Some(packet) = event.packet else { continue };
        let life = lives.entry(packet).or_default();
        match event.kind {
            EventKind::PacketCreated { .. } => life.0 += 1,
            EventKind::ConsumeSkb { .. } | EventKind::KfreeSkb { .. } => life.1 += 1,
            _ => {}
        }
    }
    lives
}

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
