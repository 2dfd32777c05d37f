//! What only chance decides on the kernel, taken over by a simulator that is given the same commands: else the two
//! would differ where neither is wrong.

use std::collections::BTreeMap;
use vethlab_shared::error::StackError;
use vethlab_shared::family::Family;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_sim::World;

/// The named namespaces, and the machine's own.
pub fn namespaces(stack: &mut dyn NetworkStack) -> Result<Vec<NamespaceName>, StackError> {
    let mut namespaces = stack.namespaces()?;
    namespaces.push(NamespaceName::HOST);
    Ok(namespaces)
}

/// The namespaces in which a simulator knows neighbours: only there do their timers matter.
pub fn with_neighbours(world: &mut World) -> Result<Vec<NamespaceName>, StackError> {
    let mut known = Vec::new();
    for namespace in namespaces(world)? {
        if !world.neighbours(&namespace, Family::Inet)?.is_empty() {
            known.push(namespace);
        }
    }
    Ok(known)
}

/// Takes over the Ethernet addresses of links in these namespaces.
pub fn addresses(
    world: &mut World,
    stack: &mut dyn NetworkStack,
    namespaces: &[NamespaceName],
) -> Result<(), StackError> {
    for namespace in namespaces {
        for link in stack.links(namespace)? {
            world.take_over_address(namespace, &link.name, link.address);
        }
    }
    Ok(())
}

/// Takes over for how long the answers of neighbours count on each link of these namespaces
/// (`neigh_rand_reach_time`).
pub fn reachable_times(
    world: &mut World,
    stack: &mut dyn NetworkStack,
    namespaces: &[NamespaceName],
) -> Result<(), StackError> {
    for namespace in namespaces {
        let parameters = stack.neighbour_parameters(namespace, Family::Inet)?;
        for link in stack.links(namespace)? {
            if let Some(drawn) = parameters.iter().find(|drawn| drawn.link == link.index) {
                world.take_over_reachable_time(namespace, &link.name, drawn.reachable_time);
            }
        }
    }
    Ok(())
}

/// Takes over by how much the timers are late that make reachable neighbours of these namespaces stale ones.
pub fn late_timers(
    world: &mut World,
    stack: &mut dyn NetworkStack,
    namespaces: &[NamespaceName],
) -> Result<(), StackError> {
    let mut stations = BTreeMap::new();
    for namespace in namespaces {
        // What one of the two has alone is a difference, and none that chance has made.
        let ours = world.links(namespace).unwrap_or_default();
        for theirs in stack.links(namespace)? {
            let same = ours.iter().find(|ours| ours.name == theirs.name);
            stations.extend(same.map(|ours| (theirs.address, ours.address)));
        }
    }
    let ours = |theirs: MacAddress| stations.get(&theirs).copied().unwrap_or(theirs);
    for namespace in namespaces {
        for mut entry in stack.neighbours(namespace, Family::Inet)? {
            entry.address = entry.address.map(ours);
            world.agree_on(namespace, &entry);
        }
    }
    Ok(())
}
