//! What a frame of 98 bytes costs: an echo request, built and verified. Prints a line of JSON.
//!
//! `cargo run --release -p vethlab-tests --example frame -- --frames 1000000 --floor`

use clap::Parser;
use serde::Serialize;
use std::hint::black_box;
use vethlab_tests::workload::measure::{measure, report};
use vethlab_tests::workload::{Result, floor, frame};

#[derive(Parser, Serialize)]
struct Arguments {
    /// How many frames are built, and each one verified.
    #[arg(long, default_value_t = 1_000_000)]
    frames: usize,
    /// The least that the same frames take is measured beside.
    #[arg(long)]
    #[serde(skip)]
    floor: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let work = |count| {
        for number in 0..count {
            let frame = black_box(frame::build(number as u16));
            assert!(frame::verify(&frame), "a frame is not as it was built");
        }
        Ok(())
    };
    let mut least = |count| {
        for number in 0..count {
            let frame = black_box(floor::request(number as u16));
            assert!(floor::verify_request(&frame), "a frame is not as it was built");
        }
    };
    let measured = measure(arguments.frames, work, arguments.floor.then_some(&mut least))?;
    report("frame", &arguments, measured)
}
