//! What a router with many links costs: on each link a host, each of which pings the next one in turn. Prints a line of
//! JSON.
//!
//! `cargo run --release -p vethlab-tests --example router -- --links 1000 --floor`

use clap::Parser;
use serde::Serialize;
use vethlab::stacks;
use vethlab_engine::stacks::StackChoice;
use vethlab_tests::workload::measure::{Measured, measure, report};
use vethlab_tests::workload::router::{Floor, HOPS_A_PING, Router};
use vethlab_tests::workload::{self, Result};

#[derive(Parser, Serialize)]
struct Arguments {
    /// Where.
    #[arg(long, value_parser = workload::stack, default_value = "sim")]
    stack: StackChoice,
    /// How many links the router has, each with a host.
    #[arg(long, default_value_t = 100)]
    links: usize,
    /// How many echo requests are sent in all, each after the reply to the one before.
    #[arg(long, default_value_t = 10_000)]
    pings: usize,
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
    let mut stack = stacks::open(arguments.stack, 1)?;
    let mut router = Router::build(stack.as_mut(), arguments.links)?;
    let work = |pings| (0..pings).try_for_each(|_| router.ping(stack.as_mut()));
    let mut bare = Floor::new(arguments.links);
    let mut floor = |pings| (0..pings).for_each(|_| assert_eq!(bare.ping(), HOPS_A_PING));
    let measured = measure(arguments.pings, work, arguments.floor.then_some(&mut floor))?;
    report("router", &arguments, Did { hops: HOPS_A_PING * arguments.pings as u64, measured })
}
