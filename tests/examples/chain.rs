//! What a hop costs: pings through routers in a line, one after the other. Prints a line of JSON.
//!
//! `cargo run --release -p vethlab-tests --example chain -- --routers 32 --pings 10000 --floor`

use clap::Parser;
use serde::Serialize;
use std::hint::black_box;
use vethlab::stacks;
use vethlab_engine::stacks::StackChoice;
use vethlab_tests::workload::measure::{Measured, measure, report};
use vethlab_tests::workload::{self, Result, chain::Chain};

#[derive(Parser, Serialize)]
struct Arguments {
    /// Where.
    #[arg(long, value_parser = workload::stack, default_value = "sim")]
    stack: StackChoice,
    /// How many routers stand between the two hosts.
    #[arg(long, default_value_t = 32)]
    routers: usize,
    /// How many echo requests of 56 bytes are sent, each after the reply to the one before.
    #[arg(long, default_value_t = 10_000)]
    pings: usize,
    /// How many more routes each namespace has.
    #[arg(long, default_value_t = 0)]
    filler: usize,
    /// How many rules each router has, none of which fits: 0 is an empty chain; nothing is no table at all.
    #[arg(long)]
    rules: Option<usize>,
    /// Each router tracks connections.
    #[arg(long, requires = "rules")]
    tracked: bool,
    /// Events are taken after each ping.
    #[arg(long)]
    events: bool,
    /// A moment is kept after each ping, all of them until the end.
    #[arg(long)]
    checkpoints: bool,
    /// The least that the same hops take is measured beside.
    #[arg(long)]
    #[serde(skip)]
    floor: bool,
}

#[derive(Serialize)]
struct Did {
    hops: u64,
    #[serde(flatten)]
    measured: Measured,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let Arguments { routers, filler, rules, tracked, .. } = arguments;
    let chain = Chain { routers, filler, rules, tracked };
    let mut stack = stacks::open(arguments.stack, 1)?;
    let stack = stack.as_mut();
    chain.build(stack)?;
    stack.observe(arguments.events);
    let mut pinger = chain.pinger(stack)?;
    let mut moments = Vec::with_capacity(if arguments.checkpoints { arguments.pings } else { 0 });
    let work = |pings| {
        for _ in 0..pings {
            pinger.ping(stack)?;
            if arguments.events {
                black_box(stack.take_events());
            }
            if arguments.checkpoints {
                moments.push(stack.snapshot().ok_or("this stack keeps no moments")?);
            }
        }
        Ok(())
    };
    let mut forwarding = chain.floor();
    let mut floor =
        |pings| (0..pings).for_each(|_| assert_eq!(forwarding.ping(chain.ends()), chain.hops_a_ping()));
    let measured = measure(arguments.pings, work, arguments.floor.then_some(&mut floor))?;
    report("chain", &arguments, Did { hops: chain.hops_a_ping() * arguments.pings as u64, measured })
}
