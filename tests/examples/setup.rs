//! What a namespace costs: many of them, each with a veth pair to a central one, addresses at both ends and a default
//! route. Prints a line of JSON.
//!
//! `cargo run --release -p vethlab-tests --example setup -- --namespaces 10000 --floor`

use clap::Parser;
use serde::Serialize;
use std::hint::black_box;
use vethlab::stacks;
use vethlab_engine::stacks::StackChoice;
use vethlab_tests::workload::floor::Records;
use vethlab_tests::workload::measure::{Measured, measure, report};
use vethlab_tests::workload::{self, Result, setup::Star};

#[derive(Parser, Serialize)]
struct Arguments {
    /// Where.
    #[arg(long, value_parser = workload::stack, default_value = "sim")]
    stack: StackChoice,
    /// How many namespaces there are around the central one.
    #[arg(long, default_value_t = 1000)]
    namespaces: usize,
    /// The least that the same records take is measured beside.
    #[arg(long)]
    #[serde(skip)]
    floor: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut stack = stacks::open(arguments.stack, 1)?;
    let mut star = Star::new(stack.as_mut())?;
    let work = |count| star.grow(stack.as_mut(), count);
    let mut records = Records::default();
    let mut floor = |count| records.grow(count);
    let measured: Measured = measure(arguments.namespaces, work, arguments.floor.then_some(&mut floor))?;
    black_box(records);
    report("setup", &arguments, measured)
}
