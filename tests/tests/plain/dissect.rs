//! Frames that nobody would send are taken apart without harm.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use std::sync::LazyLock;
use vethlab_engine::script;
use vethlab_engine::stacks::StackChoice;
use vethlab_explain::dissect::{dissect, render};
use vethlab_programs::Transcript;
use vethlab_shared::event::EventKind;
use vethlab_tests::{files, randomness};

/// The frames that some scripts lead to on the simulator, and a TCP segment with options, which none sends.
static FRAMES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut frames = vec![tcp_segment()];
    for file in files::read_all("scripts", "sh").expect("tests/scripts") {
        if !["walkthrough", "two-routers", "mtu", "traceroute"].contains(&file.name.as_str()) {
            continue;
        }
        let mut machine = vethlab::stacks::machine(StackChoice::Sim, 0).expect("the simulator");
        for command in script::commands(file.text.as_bytes()).expect("text") {
            machine.execute(&command, &mut Transcript::default());
        }
        frames.extend(machine.journal().events().iter().filter_map(|event| match &event.kind {
            EventKind::NetDevXmit { frame, .. } => Some(frame.to_vec()),
            _ => None,
        }));
    }
    assert!(frames.len() > 50, "the scripts lead to hardly any frames");
    frames
});

/// A SYN from 10.0.0.1 to 10.0.0.2: MSS 1460, SACK permitted, timestamps, window scale 7. Checksums are zero.
fn tcp_segment() -> Vec<u8> {
    let ethernet = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
    let ip = [0x45, 0, 0, 60, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    let tcp = [0x9c, 0x40, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0xa0, 2, 0xfa, 0xf0, 0, 0, 0, 0];
    let options = [2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7];
    [&ethernet[..], &ip, &tcp, &options].concat()
}

/// Takes a frame apart and shows it. What is told must be told of bytes that are there.
fn is_harmless(frame: &[u8]) -> Result<(), TestCaseError> {
    let dissection = dissect(frame);
    for layer in &dissection.layers {
        prop_assert!(layer.start + layer.length <= frame.len(), "{layer:?}");
        for field in &layer.fields {
            prop_assert!(field.start + field.length <= frame.len(), "{field:?}");
        }
    }
    prop_assert!(!render(&dissection, 80).is_empty());
    Ok(())
}

proptest! {
    #![proptest_config(randomness::config(2000))]

    #[test]
    fn random_bytes(frame in vec(any::<u8>(), 0..200)) {
        is_harmless(&frame)?;
    }

    #[test]
    fn frames_cut_anywhere(frame in any::<Index>(), end in any::<Index>()) {
        let frame = frame.get(&FRAMES);
        is_harmless(&frame[..end.index(frame.len() + 1)])?;
    }

    #[test]
    fn frames_with_other_bytes(
        frame in any::<Index>(),
        changes in vec((0..80_usize, any::<u8>()), 1..6),
        end in any::<Index>(),
    ) {
        let mut frame = frame.get(&FRAMES).clone();
        for (place, byte) in changes {
            if let Some(there) = frame.get_mut(place) {
                *there = byte;
            }
        }
        is_harmless(&frame)?;
        is_harmless(&frame[..end.index(frame.len() + 1)])?;
    }
}
