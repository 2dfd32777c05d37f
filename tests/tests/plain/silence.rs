//! While nobody listens, the simulator allocates nothing for events: a list of what a lookup considered, a copy of a
//! frame, the name of a link or a namespace.

use allocation_counter::{AllocationInfo, measure};
use vethlab_programs::Transcript;
use vethlab_programs::session::Session;
use vethlab_shared::event::Event;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Duration;
use vethlab_sim::World;
use vethlab_tests::row::{ping, row_of_routers};

/// What a command allocates, and the events that it led to.
fn run(world: &World, command: &str, observed: bool) -> (AllocationInfo, Vec<Event>) {
    let mut world = world.clone();
    world.observe(observed);
    let mut session = Session::new();
    let info = measure(|| {
        session.execute(command, &mut world, &mut Transcript::default());
    });
    (info, session.journal().events().to_vec())
}

/// The frames and lists of an event are allocated; names cost nothing to copy. The run that is observed allocates all that its events hold,
/// and up to a tenth more to make and keep them; the other must lack at least what they hold. Had it made them and
/// thrown them away, both would allocate nearly the same. What costs no allocation is not seen here.
#[test]
fn what_nobody_listens_to_is_not_made() {
    let mut world = row_of_routers(10);
    // With no neighbours known there is more to tell.
    world.run_until(NetworkStack::now(&world) + Duration::from_secs(300), &[]).expect("time passes");
    let unreachable = "ip netns exec n0 ping -c 1 10.0.1.77";
    let too_far = "ip netns exec n0 ping -c 1 -t 3 10.0.11.2";
    let fragments = "ip netns exec n0 ping -c 1 -s 4000 10.0.11.2";
    for command in [ping(10).as_str(), unreachable, too_far, fragments] {
        let (silent, none) = run(&world, command, false);
        let (observed, events) = run(&world, command, true);
        assert!(
            none.is_empty() && events.len() > 10,
            "{command}: {} and {} events",
            none.len(),
            events.len()
        );
        let mut copies = Vec::with_capacity(events.len());
        let held = measure(|| copies.extend(events.iter().cloned()));
        assert!(held.count_total > events.len() as u64 / 8, "{command}: events hold {held:?}");
        let more = observed.count_total - silent.count_total;
        assert!(more >= held.count_total, "{command}: {more} allocations more, and events hold {held:?}");
    }
}
