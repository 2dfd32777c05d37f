//! The workloads that speed is measured by, each beside its floor, and the walkthrough from a bare machine to its pings.
//! The examples `chain`, `router`, `setup`, `lookup` and `frame` measure the same as ratios within one run.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use vethlab_engine::script;
use vethlab_shared::stack::NetworkStack;
use vethlab_sim::World;
use vethlab_tests::files;
use vethlab_tests::workload::chain::Chain;
use vethlab_tests::workload::floor::{self, Direct, Records};
use vethlab_tests::workload::lookup::Table;
use vethlab_tests::workload::router::{self, Router};
use vethlab_tests::workload::{frame, setup::Star};

/// A line of routers: packet-hops a second.
fn chain(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("chain");
    for (routers, filler) in [(0, 0), (8, 0), (32, 0), (64, 0), (32, 1000)] {
        let chain = Chain { routers, filler, rules: None, tracked: false };
        let name = format!("{routers} routers, {filler} more routes");
        group.throughput(Throughput::Elements(chain.hops_a_ping()));
        let mut world = World::new(1);
        chain.build(&mut world).expect("a network");
        let mut pinger = chain.pinger(&mut world).expect("a socket");
        group.bench_function(BenchmarkId::new("sim", &name), |bencher| {
            bencher.iter(|| pinger.ping(&mut world).expect("a reply"));
        });
        let mut forwarding = chain.floor();
        group.bench_function(BenchmarkId::new("floor", &name), |bencher| {
            bencher.iter(|| black_box(forwarding.ping(chain.ends())));
        });
    }
    group.finish();
}

/// The line with events taken after each ping, and with a moment kept after each.
fn explain(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("explain");
    let chain = Chain { routers: 32, filler: 0, rules: None, tracked: false };
    group.throughput(Throughput::Elements(chain.hops_a_ping()));
    for (name, events, moments) in [("events", true, false), ("moments", false, true)] {
        let mut world = World::new(1);
        chain.build(&mut world).expect("a network");
        world.observe(events);
        let mut pinger = chain.pinger(&mut world).expect("a socket");
        let mut moment = None;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                pinger.ping(&mut world).expect("a reply");
                black_box(world.take_events());
                if moments {
                    moment = NetworkStack::snapshot(&world);
                }
            });
        });
        assert_eq!(moment.is_some(), moments, "{name}: a moment was kept");
    }
    group.finish();
}

/// One router with many links, each host pings the next one.
fn many_links(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("router");
    group.throughput(Throughput::Elements(router::HOPS_A_PING));
    for links in [10, 100, 1000] {
        let mut world = World::new(1);
        let mut hosts = Router::build(&mut world, links).expect("a network");
        group.bench_function(BenchmarkId::new("sim", links), |bencher| {
            bencher.iter(|| hosts.ping(&mut world).expect("a reply"));
        });
        let mut floor = router::Floor::new(links);
        group.bench_function(BenchmarkId::new("floor", links), |bencher| bencher.iter(|| floor.ping()));
    }
    group.finish();
}

/// Namespaces made a second.
fn setup(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("setup");
    group.sample_size(10);
    for namespaces in [100, 1000] {
        group.throughput(Throughput::Elements(namespaces as u64));
        group.bench_function(BenchmarkId::new("sim", namespaces), |bencher| {
            bencher.iter_with_large_drop(|| {
                let mut world = World::new(1);
                let mut star = Star::new(&mut world).expect("a center");
                star.grow(&mut world, namespaces).expect("namespaces");
                world
            });
        });
        group.bench_function(BenchmarkId::new("floor", namespaces), |bencher| {
            bencher.iter_with_large_drop(|| {
                let mut records = Records::default();
                records.grow(namespaces);
                records
            });
        });
    }
    group.finish();
}

/// Routes written and addresses looked up a second.
fn lookup(criterion: &mut Criterion) {
    const LOOKUPS: usize = 1000;
    for prefixes in [4, 1000, 100_000, 1_000_000] {
        let mut world = World::new(1);
        let mut table = Table::draw(prefixes);
        table.build(&mut world).expect("a network");
        let mut group = criterion.benchmark_group("lookup");
        group.sample_size(10);
        if prefixes <= 1000 {
            group.throughput(Throughput::Elements(prefixes as u64));
            group.bench_function(BenchmarkId::new("insertion", prefixes), |bencher| {
                bencher.iter_batched_ref(
                    || (world.clone(), Table::draw(prefixes)),
                    |(world, table)| table.insert(world, prefixes).expect("routes"),
                    BatchSize::SmallInput,
                );
            });
        }
        table.insert(&mut world, prefixes).expect("routes");
        let addresses = table.addresses(LOOKUPS);
        group.throughput(Throughput::Elements(LOOKUPS as u64));
        group.bench_function(BenchmarkId::new("sim", prefixes), |bencher| {
            bencher.iter(|| {
                for address in &addresses {
                    black_box(table.look_up(&mut world, *address).expect("a route"));
                }
            });
        });
        let direct = Direct::new(table.routes());
        group.bench_function(BenchmarkId::new("floor", prefixes), |bencher| {
            bencher.iter(|| {
                for address in &addresses {
                    black_box(direct.look_up(address.to_bits()));
                }
            });
        });
        group.finish();
    }
}

/// One frame of 98 bytes, built and verified.
fn one_frame(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("frame");
    group.throughput(Throughput::Elements(1));
    group.bench_function("sim", |bencher| {
        bencher.iter(|| assert!(frame::verify(&frame::build(black_box(1)))));
    });
    group.bench_function("floor", |bencher| {
        bencher.iter(|| assert!(floor::verify_request(&black_box(floor::request(black_box(1))))));
    });
    group.finish();
}

fn walkthrough(criterion: &mut Criterion) {
    let scripts = files::read_all("scripts", "sh").expect("tests/scripts");
    let script = scripts.iter().find(|script| script.name == "walkthrough").expect("the walkthrough");
    let commands = script::commands(script.text.as_bytes()).expect("text");
    criterion.bench_function("walkthrough", |bencher| {
        bencher.iter(|| black_box(script::play(&commands, &mut World::new(1))));
    });
}

criterion_group!(benches, chain, explain, many_links, setup, lookup, one_frame, walkthrough);
criterion_main!(benches);
