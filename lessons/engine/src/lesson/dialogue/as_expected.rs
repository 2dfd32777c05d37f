//! Whether the network is what the text of a step speaks of: a learner may have done more than the steps before asked for.

use super::Dialogue;
use crate::machine::Machine;
use crate::screen::Screen;
use std::collections::BTreeMap;
use vethlab_programs::Transcript;
use vethlab_shared::error::StackError;
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::{LinkFlags, NeighbourState, Protocol, table};

/// How many differences are named.
const MOST: usize = 3;

/// The settings that are compared.
const SYSCTLS: [&str; 2] = ["net.ipv4.ip_forward", "net.ipv4.conf.all.rp_filter"];

impl Dialogue<'_> {
    /// Says how the network differs from the one that the solutions of the steps before would have left, where it does and
    /// that was not said already: what the step says, and asks, may not be true of it.
    pub(super) fn tell_what_differs(&mut self, screen: &mut dyn Screen) {
        // Where the stack does not answer, the next command reports it.
        let differs = self.differences().unwrap_or_default();
        if !differs.is_empty() && differs != self.differs {
            let mut named = differs.iter().take(MOST).cloned().collect::<Vec<_>>();
            if differs.len() > MOST {
                named.push(format!("{} more", differs.len() - MOST));
            }
            screen.note(&format!(
                "The network is not the one that this step speaks of: {}. `reset` makes that one.",
                named.join("; ")
            ));
            screen.out("\n");
        }
        self.differs = differs;
    }

    fn differences(&mut self) -> Result<Vec<String>, StackError> {
        let lesson = self.play.lesson();
        if self.solves || self.machines.is_in_past() {
            return Ok(Vec::new());
        }
        let (setup, steps) = lesson.way_to(self.play.number() - 1);
        let mut expected = Machine::on_sim(lesson.edition().seed);
        if expected.set_up(setup, &|| None).is_err() {
            return Ok(Vec::new());
        }
        for command in steps.iter().flat_map(|step| &step.solution) {
            expected.execute_untyped(command, &mut Transcript::default());
        }
        let expected = facts(expected.stack())?;
        let Some(stack) = self.machines.watched() else { return Ok(Vec::new()) };
        let found = facts(stack)?;
        let missing = expected.keys().filter(|thing| !found.contains_key(*thing));
        let missing = missing.map(|thing| format!("{thing} is missing"));
        let others = found.iter().filter_map(|(thing, state)| match expected.get(thing) {
            None => Some(format!("{thing} is there, too")),
            Some(expected) if expected != state => Some(format!("{thing} is {state}, and not {expected}")),
            Some(_) => None,
        });
        Ok(others.chain(missing).collect())
    }
}

/// What can be configured: each thing, and how it is.
fn facts(stack: &mut dyn NetworkStack) -> Result<BTreeMap<String, String>, StackError> {
    let mut facts = BTreeMap::new();
    let mut namespaces = stack.namespaces()?;
    facts.extend(namespaces.iter().map(|name| (format!("the namespace {name}"), String::new())));
    namespaces.push(NamespaceName::HOST);
    for namespace in &namespaces {
        facts_in(namespace, stack, &mut facts)?;
    }
    Ok(facts)
}

fn facts_in(
    namespace: &NamespaceName,
    stack: &mut dyn NetworkStack,
    facts: &mut BTreeMap<String, String>,
) -> Result<(), StackError> {
    let links = stack.links(namespace)?;
    let name = |index| links.iter().find(|link| link.index == index).map(|link| &link.name);
    let on = |index| name(index).map_or_else(String::new, |name| format!(" on {name}"));
    for link in &links {
        let state = if link.has(LinkFlags::UP) { "up" } else { "down" };
        let mtu =
            if link.mtu == link.kind.usual_mtu() { String::new() } else { format!(" with mtu {}", link.mtu) };
        let master =
            link.master.and_then(name).map_or_else(String::new, |name| format!(" as a port of {name}"));
        facts.insert(format!("{} in {namespace}", link.name), format!("{state}{mtu}{master}"));
    }
    for address in stack.addresses(namespace, Family::Inet)? {
        let address_on = format!("{}/{}{}", address.local, address.prefix_length, on(address.link));
        facts.insert(format!("the address {address_on} in {namespace}"), String::new());
    }
    for route in stack.routes(namespace, Family::Inet)? {
        // The kernel makes its own from links and addresses.
        if route.table == table::MAIN && route.protocol != Protocol::KERNEL {
            let via = route.gateway.map_or_else(String::new, |gateway| format!(" via {gateway}"));
            let to = if route.destination.is_default() {
                "default".to_owned()
            } else {
                route.destination.to_string()
            };
            facts.insert(format!("the route to {to}{via} in {namespace}"), String::new());
        }
    }
    for neighbour in stack.neighbours(namespace, Family::Inet)? {
        if neighbour.state.contains(NeighbourState::PERMANENT) {
            let neighbour_on = format!("{}{}", neighbour.destination, on(neighbour.link));
            facts.insert(format!("the permanent neighbour {neighbour_on} in {namespace}"), String::new());
        }
    }
    for sysctl in SYSCTLS {
        let value = stack.sysctl(namespace, sysctl)?;
        facts.insert(format!("{sysctl} in {namespace}"), value);
    }
    Ok(())
}
