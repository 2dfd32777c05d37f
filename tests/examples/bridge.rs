//! What a bridge costs: hosts on one bridge, each of which pings the next, round after round. Prints a line of JSON.
//!
//! `cargo run --release -p vethlab-tests --example bridge -- --hosts 100 --pings 50000 --floor`

use clap::Parser;
use serde::Serialize;
use vethlab::stacks;
use vethlab_engine::stacks::StackChoice;
use vethlab_tests::workload::measure::{Measured, measure, once, report};
use vethlab_tests::workload::{self, Result, bridge::Switch};

#[derive(Parser, Serialize)]
struct Arguments {
    /// Where.
    #[arg(long, value_parser = workload::stack, default_value = "sim")]
    stack: StackChoice,
    /// How many hosts there are.
    #[arg(long, default_value_t = 100)]
    hosts: usize,
    /// How many echo requests of 56 bytes are sent in all, each after the reply to the one before, once everybody knows the
    /// next one.
    #[arg(long, default_value_t = 50_000)]
    pings: usize,
    /// The least that the same hops take is measured beside.
    #[arg(long)]
    #[serde(skip)]
    floor: bool,
}

#[derive(Serialize)]
struct Did {
    /// Seconds of the processor for the first round, in which each host asks all others for the next one by ARP.
    first_round_cpu_seconds: f64,
    hops: u64,
    #[serde(flatten)]
    measured: Measured,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let switch = Switch { hosts: arguments.hosts };
    let mut stack = stacks::open(arguments.stack, 1)?;
    let stack = stack.as_mut();
    switch.build(stack)?;
    stack.observe(false);
    let mut pingers = switch.pingers(stack)?;
    let ((), first) = once(|| pingers.iter_mut().try_for_each(|pinger| pinger.ping(stack)))?;
    let mut number = 0;
    let work = |pings| {
        for _ in 0..pings {
            pingers[number].ping(stack)?;
            number = (number + 1) % switch.hosts;
        }
        Ok(())
    };
    let mut forwarding = switch.floor();
    let mut other = 0;
    let mut floor = |pings| {
        for _ in 0..pings {
            assert_eq!(forwarding.ping(switch.ends(other)), Switch::HOPS_A_PING);
            other = (other + 1) % switch.hosts;
        }
    };
    let measured = measure(arguments.pings, work, arguments.floor.then_some(&mut floor))?;
    let did = Did {
        first_round_cpu_seconds: first.cpu_seconds,
        hops: Switch::HOPS_A_PING * arguments.pings as u64,
        measured,
    };
    report("bridge", &arguments, did)
}
