//! A row of routers, as long as one likes: to measure by.

use vethlab_engine::script;
use vethlab_sim::World;

/// A row of as many routers between `n0` and the last namespace, and a ping through all of them that was answered
/// once, so that ARP is done.
///
/// # Panics
/// The ping was not answered.
pub fn row_of_routers(routers: usize) -> World {
    let mut world = World::new(1);
    let entries = script::play(&commands_for_row(routers), &mut world);
    assert_eq!(entries.last().map(|entry| entry.status), Some(0), "{:?}", entries.last());
    world
}

/// The commands that make it.
pub fn commands_for_row(routers: usize) -> Vec<String> {
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
            format!("ip netns exec n{number} sysctl -w net.ipv4.ip_default_ttl=255"),
            format!("ip -n n{number} route add 10.0.1.0/24 via 10.0.{number}.1"),
        ]);
    }
    commands.extend(
        (1..last)
            .map(|number| format!("ip -n n{} route add 10.0.{last}.0/24 via 10.0.{number}.2", number - 1)),
    );
    commands.push(ping(routers));
    commands
}

/// A ping through all of the routers, with a time to live that lasts for it.
pub fn ping(routers: usize) -> String {
    format!("ip netns exec n0 ping -c 1 -t 255 10.0.{}.2", routers + 1)
}

/// As many pings, each the shortest while after the other, to the next namespace in the row.
pub fn short_ping(count: usize) -> String {
    format!("ip netns exec n0 ping -c {count} -i 0.002 10.0.1.2")
}
