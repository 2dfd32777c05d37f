//! What the simulator costs: one hop of one packet, events, checkpoints, and the walkthrough from a bare machine to
//! its pings.

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use std::slice;
use vethlab::script;
use vethlab_shared::stack::NetworkStack;
use vethlab_sim::World;
use vethlab_tests::files;
use vethlab_tests::row::{ping, row_of_routers, short_ping};

fn hops(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ping through routers");
    for routers in [0, 1, 10] {
        let world = row_of_routers(routers);
        let commands = [ping(routers)];
        group.bench_function(BenchmarkId::from_parameter(routers), |bencher| {
            bencher.iter_batched_ref(
                || world.clone(),
                |world| black_box(script::play(&commands, world)),
                BatchSize::SmallInput,
            );
        });
    }
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

/// The same ping with nobody listening, and with somebody.
fn events(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("events");
    for (name, observed) in [("not observed", false), ("observed", true)] {
        let mut world = row_of_routers(10);
        world.observe(observed);
        let commands = [ping(10)];
        group.bench_function(name, |bencher| {
            bencher.iter_batched_ref(
                || world.clone(),
                |world| black_box(script::play(&commands, world)),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

/// A hundred namespaces, and some 10 000 events in two of them.
fn checkpoints(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("checkpoints");
    let mut world = row_of_routers(98);
    world.observe(true);
    group.bench_function("one", |bencher| bencher.iter(|| black_box(world.clone())));
    let commands = vec![short_ping(1); 435];
    group.sample_size(10);
    group.bench_function("435 pings, none kept", |bencher| {
        bencher.iter_batched_ref(
            || world.clone(),
            |world| black_box(script::play(&commands, world)),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("435 pings, one kept after each", |bencher| {
        bencher.iter_batched_ref(
            || world.clone(),
            |world| {
                let keep = |command| {
                    black_box(script::play(slice::from_ref(command), world));
                    world.clone()
                };
                commands.iter().map(keep).collect::<Vec<World>>()
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, hops, events, checkpoints, walkthrough);
criterion_main!(benches);
