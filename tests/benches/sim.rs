//! What the simulator costs: one hop of one packet, and the walkthrough from a bare machine to its pings.

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use vethlab::script;
use vethlab_sim::World;
use vethlab_tests::files;

/// A row of as many routers, and a ping through all of them that was answered once, so that ARP is done.
fn row_of_routers(routers: usize) -> World {
    let mut commands = vec!["ip netns add n0".to_owned()];
    let last = routers + 1;
    for number in 1..=last {
        let before = number - 1;
        commands.extend([
            format!("ip netns add n{number}"),
            format!("ip link add right netns n{before} type veth peer name left netns n{number}"),
            format!("ip -n n{before} addr add 10.0.{number}.1/24 dev right"),
            format!("ip -n n{number} addr add 10.0.{number}.2/24 dev left"),
            format!("ip -n n{before} link set right up"),
            format!("ip -n n{number} link set left up"),
            format!("ip netns exec n{number} sysctl -w net.ipv4.ip_forward=1"),
            format!("ip -n n{number} route add 10.0.1.0/24 via 10.0.{number}.1"),
        ]);
    }
    commands.extend(
        (1..last)
            .map(|number| format!("ip -n n{} route add 10.0.{last}.0/24 via 10.0.{number}.2", number - 1)),
    );
    commands.push(ping(routers));
    let mut world = World::new(1);
    let entries = script::play(&commands, &mut world);
    assert_eq!(entries.last().map(|entry| entry.status), Some(0), "{:?}", entries.last());
    world
}

fn ping(routers: usize) -> String {
    format!("ip netns exec n0 ping -c 1 10.0.{}.2", routers + 1)
}

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

criterion_group!(benches, hops, walkthrough);
criterion_main!(benches);
