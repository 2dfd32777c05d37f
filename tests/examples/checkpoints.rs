//! What checkpoints cost in a network of a hundred namespaces, in time and in bytes allocated.
//!
//! `cargo run --release -p vethlab-tests --example checkpoints`

use allocation_counter::measure;
use std::slice;
use std::time::Instant;
use vethlab::history::TimeMachine;
use vethlab::script;
use vethlab_programs::Transcript;
use vethlab_shared::stack::NetworkStack;
use vethlab_sim::World;
use vethlab_tests::row::{commands_for_row, ping, row_of_routers, short_ping};

const ROUTERS: usize = 98;

fn main() {
    let mut world = row_of_routers(ROUTERS);
    world.observe(true);
    one(&world);
    kept(&world, "ping to the next namespace", &short_ping(1), 435);
    kept(&world, "ping to the next namespace", &short_ping(1), 10_000);
    kept(&world, "ping through all routers", &ping(ROUTERS), 100);
    walk("1000 pings to the next namespace", &short_ping(1000));
    walk("ping through all routers", &ping(ROUTERS));
}

/// A checkpoint of its own.
fn one(world: &World) {
    let mut kept = None;
    let info = measure(|| kept = Some(world.clone()));
    println!("one checkpoint: {} bytes in {} allocations", info.bytes_total, info.count_total);
}

/// Plays a command again and again, and keeps a checkpoint after each.
fn kept(world: &World, what: &str, command: &str, times: usize) {
    let run = |keep: bool| {
        let (mut world, mut kept) = (world.clone(), Vec::with_capacity(times));
        let before = world.last_event();
        let began = Instant::now();
        let info = measure(|| {
            for _ in 0..times {
                script::play(slice::from_ref(&command.to_owned()), &mut world);
                if keep {
                    kept.push(world.clone());
                }
            }
        });
        (began.elapsed(), info.bytes_current, world.last_event() - before, kept)
    };
    let (without, bytes_without, events, _) = run(false);
    let (with, bytes_with, _, kept) = run(true);
    let bytes = bytes_with - bytes_without;
    println!(
        "{what}, {times} times, {events} events: {without:.1?}; with {} checkpoints kept: {with:.1?}, {bytes} bytes, \
         {} a checkpoint",
        kept.len(),
        bytes / times as i64
    );
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
