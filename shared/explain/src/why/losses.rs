//! What is missing and once was there: which command took it, and what brings it back.

use super::Diagnosis;
use super::cause::Cause;
use super::evidence::Fact;
use super::mend::{Fix, Mend};
use super::network::Network;
use super::ways::{route_text, with_source};
use crate::journal::{Command, Loss, Thing};
use std::net::IpAddr;
use vethlab_shared::error::StackError;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::{LinkFlags, Protocol};

/// How many things that went with another are named.
const MOST_NAMED: usize = 3;

/// What a command took away that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What went, and with which command.
    pub story: Vec<String>,
    /// What brings it back.
    pub mends: Vec<Mend>,
    /// Whether it is missing for sure; otherwise it is if one of the mends helps.
    pub sure: bool,
    /// Whether what brings it back comes before what mends the fault otherwise.
    pub first: bool,
}

/// Looks for what is missing among what these commands took, the last command first: what was taken and where in their
/// order. `None` where nothing of it is, or where it is there again.
///
/// # Errors
/// The stack cannot be read.
pub fn taken_away<'j>(
    diagnosis: &Diagnosis,
    commands: impl Iterator<Item = &'j Command>,
    stack: &mut dyn NetworkStack,
) -> Result<Option<(usize, Missing)>, StackError> {
    let took = |command: &&Command| command.status == 0 && !command.results.losses.is_empty();
    let mut takers = commands.enumerate().filter(|(_, command)| took(command)).peekable();
    if takers.peek().is_none() {
        return Ok(None);
    }
    let network = Network::read(stack)?;
    for (place, command) in takers {
        let losses = &command.results.losses;
        let gone: Vec<&Loss> = losses.iter().filter(|loss| !is_there(&network, loss)).collect();
        if let Some((loss, sure)) = wanted(diagnosis, &gone) {
            return Ok(Some((place, missing(command, loss, &gone, sure))));
        }
    }
    Ok(None)
}

/// Whether there is such a thing again.
fn is_there(network: &Network<'_>, loss: &Loss) -> bool {
    let Some(place) = network.place(&loss.namespace) else { return false };
    let link = |name| network.link(&loss.namespace, name);
    match &loss.thing {
        Thing::Route(route, name) => {
            let output = name.as_ref().and_then(link).map(|link| link.index);
            place.routes.iter().any(|other| {
                (other.destination, other.table, other.gateway, other.metric)
                    == (route.destination, route.table, route.gateway, route.metric)
                    && (name.is_none() || other.output == output)
            })
        }
        Thing::Address(address, name) => link(name).is_some_and(|link| {
            place.addresses.iter().any(|other| {
                (other.link, other.local, other.prefix_length)
                    == (link.index, address.local, address.prefix_length)
            })
        }),
        Thing::Neighbour(neighbour, name) => link(name).is_some_and(|link| {
            let mut all = place.neighbours.iter();
            all.any(|other| other.link == link.index && other.destination == neighbour.destination)
        }),
        Thing::Link(name) => link(name).is_some(),
        Thing::Up(name) => link(name).is_some_and(|link| link.has(LinkFlags::UP)),
    }
}

/// The one of these that a diagnosis misses, and whether it does for sure.
fn wanted<'l>(diagnosis: &Diagnosis, gone: &[&'l Loss]) -> Option<(&'l Loss, bool)> {
    let misled = matches!(diagnosis.cause, Cause::WrongGateway | Cause::CompetingRoute | Cause::RoutingLoop);
    for evidence in &diagnosis.evidence {
        let here = |loss: &Loss| loss.namespace == evidence.namespace;
        let found = match &evidence.fact {
            Fact::NoRoute { destination, .. } => {
                route_for(gone, *destination, |loss| here(loss)).map(|loss| (loss, true))
            }
            Fact::NoAddress { link } => {
                let fits = |thing: &Thing| matches!(thing, Thing::Address(_, name) if name == link);
                gone.iter().find(|loss| here(loss) && fits(&loss.thing)).map(|loss| (*loss, true))
            }
            Fact::Link { link, up: false, .. } => {
                let fits = |thing: &Thing| matches!(thing, Thing::Up(name) if name == link);
                gone.iter().find(|loss| here(loss) && fits(&loss.thing)).map(|loss| (*loss, true))
            }
            Fact::Neighbour { destination, .. } if diagnosis.cause == Cause::NeighbourFailed => {
                let address =
                    |thing: &Thing| matches!(thing, Thing::Address(view, _) if view.local == *destination);
                let entry = |thing: &Thing| matches!(thing, Thing::Neighbour(view, _) if view.destination == *destination);
                let fits = |loss: &Loss| address(&loss.thing) || (here(loss) && entry(&loss.thing));
                gone.iter().find(|loss| fits(loss)).map(|loss| (*loss, true))
            }
            // Another entry took its place, perhaps on another machine.
            Fact::Route { destination, .. } if misled => {
                route_for(gone, *destination, |_| true).map(|loss| (loss, false))
            }
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    // What would mend it is to bring back what went.
    let mends = || diagnosis.mends.iter().flatten();
    let mended_by = |loss: &&&Loss| {
        let back = ways_back(&loss.thing);
        mends().any(|fix| fix.namespace == loss.namespace && back.contains(&fix.command))
    };
    gone.iter().find(mended_by).map(|loss| (*loss, false))
}

/// The route with the longest prefix that is for an address.
fn route_for<'l>(gone: &[&'l Loss], to: IpAddr, fits: impl Fn(&Loss) -> bool) -> Option<&'l Loss> {
    let length = |loss: &Loss| match &loss.thing {
        Thing::Route(route, _) if route.destination.contains(to) => Some(route.destination.length()),
        _ => None,
    };
    let fitting = gone.iter().filter(|loss| fits(loss)).filter_map(|loss| Some((length(loss)?, *loss)));
    fitting.max_by_key(|(length, _)| *length).map(|(_, loss)| loss)
}

fn missing(command: &Command, loss: &Loss, gone: &[&Loss], sure: bool) -> Missing {
    let here = &loss.namespace;
    let line = &command.line;
    let mut story = Vec::new();
    let what = name(&loss.thing);
    if let Thing::Up(link) = &loss.thing {
        story.push(format!("'{line}' set {link} down."));
    } else if loss.meant {
        story.push(format!("{here} had {what}, until '{line}' took it away."));
    } else {
        story.push(format!(
            "{here} had {what}, until '{line}' took it away with something else: {}",
            law(loss, &command.results.losses)
        ));
    }
    let stays_away = |other: &&&Loss| {
        let by_hand = matches!(&other.thing, Thing::Route(route, _) if route.protocol != Protocol::KERNEL);
        by_hand && other.namespace == *here && !std::ptr::eq(**other, loss)
    };
    let others: Vec<String> = gone.iter().filter(stays_away).map(|other| name(&other.thing)).collect();
    let alone = loss.meant && matches!(loss.thing, Thing::Route(..));
    if !others.is_empty() && !alone {
        let named = others.get(..MOST_NAMED).unwrap_or(&others).join(" and ");
        let more = if others.len() > MOST_NAMED { " and more" } else { "" };
        story.push(format!("With it went {named}{more}, which does not come back by itself."));
    }
    let single: Vec<Mend> =
        ways_back(&loss.thing).into_iter().map(|command| vec![Fix::new(here, command)]).collect();
    let all: Mend = [rank_up, rank_address, rank_route]
        .iter()
        .flat_map(|fits| gone.iter().filter(move |other| other.namespace == *here && fits(&other.thing)))
        .filter_map(|other| Some(Fix::new(here, back(&other.thing)?)))
        .collect();
    let first = !matches!(loss.thing, Thing::Up(_));
    Missing { story, mends: single.into_iter().chain([all]).collect(), sure, first }
}

fn rank_up(thing: &Thing) -> bool {
    matches!(thing, Thing::Up(_))
}

fn rank_address(thing: &Thing) -> bool {
    matches!(thing, Thing::Address(..))
}

fn rank_route(thing: &Thing) -> bool {
    matches!(thing, Thing::Route(route, _) if route.protocol != Protocol::KERNEL)
}

/// Why it went with what was meant to go.
fn law(loss: &Loss, losses: &[Loss]) -> &'static str {
    let preferred = match &loss.thing {
        Thing::Route(route, _) => route.preferred_source,
        _ => None,
    };
    let meant = losses.iter().filter(|other| other.meant).map(|other| &other.thing);
    for thing in meant {
        match thing {
            Thing::Up(_) => return "the routes of a link go when it is set down (fib_sync_down_dev).",
            Thing::Address(address, _) if preferred == Some(address.local) => {
                return "a route goes with the address that it prefers as its source (fib_sync_down_addr).";
            }
            Thing::Address(..) => {
                return "the routes of a link go with its last address, and a connected one with its own \
                        (fib_disable_ip, fib_del_ifaddr).";
            }
            _ => {}
        }
    }
    "what belongs to a link goes with it (unregister_netdevice)."
}

fn name(thing: &Thing) -> String {
    match thing {
        Thing::Route(route, link) => format!("the route '{}'", route_text(route, link.as_ref())),
        Thing::Address(address, link) => {
            format!("the address {}/{} on {link}", address.local, address.prefix_length)
        }
        Thing::Neighbour(neighbour, link) => format!("an entry for {} on {link}", neighbour.destination),
        Thing::Link(link) => format!("the link {link}"),
        Thing::Up(link) => format!("{link} up"),
    }
}

/// The command that brings it back where nothing stands in its place.
fn back(thing: &Thing) -> Option<String> {
    Some(match thing {
        Thing::Route(route, link) => format!("ip route add {}", route_text(route, link.as_ref())),
        Thing::Address(address, link) => {
            format!("ip addr add {}/{} dev {link}", address.local, address.prefix_length)
        }
        Thing::Neighbour(neighbour, link) => {
            let address = neighbour.address?;
            format!("ip neigh add {} lladdr {address} dev {link} nud permanent", neighbour.destination)
        }
        Thing::Up(link) => format!("ip link set {link} up"),
        Thing::Link(_) => return None,
    })
}

/// The commands that may bring it back, each alone, the most faithful first.
fn ways_back(thing: &Thing) -> Vec<String> {
    let Thing::Route(route, link) = thing else { return back(thing).into_iter().collect() };
    let text = |verb: &str| format!("ip route {verb} {}", route_text(route, link.as_ref()));
    let source = route.preferred_source.filter(|_| route.protocol != Protocol::KERNEL);
    let sourced = source.map(|source| format!("ip route add {}", with_source(route, link.as_ref(), source)));
    // Another one may have taken its place.
    sourced.into_iter().chain(["add", "replace"].map(text)).collect()
}
