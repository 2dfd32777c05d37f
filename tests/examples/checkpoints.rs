//! What a checkpoint and a step through time cost in a network of a hundred namespaces. What is kept after many pings
//! is measured by the example `chain` with `--checkpoints`.
//!
//! `cargo run --release -p vethlab-tests --example checkpoints`

use allocation_counter::measure;
use std::time::Instant;
use vethlab_engine::history::TimeMachine;
use vethlab_programs::Transcript;
use vethlab_shared::stack::NetworkStack;
use vethlab_sim::World;
use vethlab_tests::row::{commands_for_row, ping, row_of_routers, short_ping};

const ROUTERS: usize = 98;

fn main() {
    let mut world = row_of_routers(ROUTERS);
    world.observe(true);
    one(&world);
    walk("1000 pings to the next namespace", &short_ping(1000));
    walk("ping through all routers", &ping(ROUTERS));
}

/// A checkpoint of its own.
fn one(world: &World) {
    let mut kept = None;
    let info = measure(|| kept = Some(world.clone()));
    println!("one checkpoint: {} bytes in {} allocations", info.bytes_total, info.count_total);
}

/// Walks through a command: what one step takes, at its first event, in its middle and at its end.
fn walk(what: &str, command: &str) {
    let mut machine = TimeMachine::new(1);
    for command in commands_for_row(ROUTERS) {
        machine.execute(&command, &mut Transcript::default());
    }
    machine.execute(&format!("step {command}"), &mut Transcript::default());
    let (first, last) = machine.place().expect("something happened");
    println!("{what}: {} events", last - first + 1);
    for event in [first, first.midpoint(last), last - 1] {
        machine.execute(&format!("goto {event}"), &mut Transcript::default());
        for line in ["step", "step back"] {
            let began = Instant::now();
            machine.execute(line, &mut Transcript::default());
            println!("  '{line}' at event {event}: {:.1?}", began.elapsed());
        }
    }
}
