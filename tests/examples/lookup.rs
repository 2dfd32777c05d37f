//! What a large routing table costs: writing it, looking addresses up in it, and the first write after a moment was
//! kept. Prints a line of JSON, whose `seconds` are those of the lookups.
//!
//! `cargo run --release -p vethlab-tests --example lookup -- --prefixes 100000 --floor`

use clap::Parser;
use serde::Serialize;
use std::hint::black_box;
use vethlab::stacks;
use vethlab_engine::stacks::StackChoice;
use vethlab_tests::workload::floor::Direct;
use vethlab_tests::workload::measure::{Measured, measure, report};
use vethlab_tests::workload::{Result, lookup::Table, lookup::gateway_address};

#[derive(Parser, Serialize)]
struct Arguments {
    /// How many routes the table has.
    #[arg(long, default_value_t = 1000)]
    prefixes: usize,
    /// How many addresses are looked up, drawn uniformly from the prefixes.
    #[arg(long, default_value_t = 100_000)]
    lookups: usize,
    /// The same lookups in a plain table with an entry for each of the first 24 bits are measured beside.
    #[arg(long)]
    #[serde(skip)]
    floor: bool,
}

#[derive(Serialize)]
struct Did {
    /// All routes written, one after the other.
    insert_seconds: f64,
    /// One route more, while a moment before it is kept.
    write_after_moment_seconds: f64,
    #[serde(flatten)]
    measured: Measured,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut stack = stacks::open(StackChoice::Sim, 1)?;
    let stack = stack.as_mut();
    let mut table = Table::draw(arguments.prefixes);
    table.build(stack)?;
    let inserted = measure(arguments.prefixes, |count| table.insert(stack, count), None)?;

    let addresses = table.addresses(arguments.lookups);
    let direct = arguments.floor.then(|| Direct::new(table.routes()));
    let (mut next, mut floor_next) = (0, 0);
    let work = |count| {
        for address in &addresses[next..next + count] {
            black_box(table.look_up(stack, *address)?);
        }
        next += count;
        Ok(())
    };
    let mut floor = |count| {
        let direct = direct.as_ref().expect("there is a floor");
        for address in &addresses[floor_next..floor_next + count] {
            black_box(direct.look_up(address.to_bits()));
        }
        floor_next += count;
    };
    let measured = measure(arguments.lookups, work, arguments.floor.then_some(&mut floor))?;
    if let Some(direct) = &direct {
        for address in &addresses[..addresses.len().min(1000)] {
            assert_eq!(table.look_up(stack, *address)?, gateway_address(direct.look_up(address.to_bits())));
        }
    }

    let moment = stack.snapshot().ok_or("this stack keeps no moments")?;
    let written = measure(1, |count| table.insert(stack, count), None)?;
    drop(moment);
    report(
        "lookup",
        &arguments,
        Did {
            insert_seconds: inserted.cpu_seconds,
            write_after_moment_seconds: written.cpu_seconds,
            measured,
        },
    )
}
