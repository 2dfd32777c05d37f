//! Whether a fact is true of the network, read through the stack; where it is not, what is there instead.

use super::fact::{
    AddressFact, CountFact, FdbFact, LinkFact, ListensFact, NamespaceFact, NeighbourFact, RouteFact,
    RouteToFact, SysctlFact, Thing,
};
use super::finding::{Answer, Miss};
use super::words::protocol;
use std::net::SocketAddr;
use vethlab_explain::why::Cause;
use vethlab_shared::error::StackError;
use vethlab_shared::family::Family;
use vethlab_shared::name::{IfIndex, LinkName, NamespaceName};
use vethlab_shared::prefix::Prefix;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::{
    LinkFlags, LinkView, RouteKind, RouteLookup, RouteQuery, RouteView, SocketProtocol, SocketState,
    SocketView, table,
};

/// Reads a stack from within one namespace.
pub(super) struct Reader<'a> {
    pub(super) namespace: &'a NamespaceName,
    pub(super) stack: &'a mut dyn NetworkStack,
}

impl Reader<'_> {
    pub(super) fn namespace(&mut self, fact: &NamespaceFact) -> Answer {
        let namespaces = self.stack.namespaces()?;
        let there = fact.namespace.is_host() || namespaces.contains(&fact.namespace);
        present(there, fact.exists, || match namespaces.is_empty() {
            true => Miss::found("there is no namespace besides the host"),
            false => Miss::found(format!("the namespaces are {}", list(&namespaces))),
        })
    }

    pub(super) fn link(&mut self, fact: &LinkFact) -> Answer {
        let links = self.stack.links(self.namespace)?;
        let Some(link) = links.iter().find(|link| link.name == fact.link) else {
            let names: Vec<&LinkName> = links.iter().map(|link| &link.name).collect();
            return present(false, fact.exists, || Miss::found(format!("the links are {}", list(&names))));
        };
        let miss = self.unlike(link, fact)?;
        match fact.exists {
            true => Ok(miss),
            false => present(miss.is_none(), false, || Miss::found("")),
        }
    }

    /// How a link differs from what is wanted, if it does.
    fn unlike(&mut self, link: &LinkView, fact: &LinkFact) -> Answer {
        let flag = |flag, wanted: Option<bool>| wanted.is_some_and(|wanted| link.has(flag) != wanted);
        if let Some(namespace) = &fact.peer_in
            && !self.has_peer_in(link, namespace)?
        {
            return Ok(Some(Miss::found(match link.peer {
                None => "its other end is in no namespace that is known here".to_owned(),
                Some(_) => "its other end is in another namespace".to_owned(),
            })));
        }
        if let Some(master) = &fact.master {
            let links = self.stack.links(self.namespace)?;
            let own = links.iter().find(|other| Some(other.index) == link.master);
            if own.is_none_or(|own| own.name != *master) {
                let instead = own.map_or("no bridge".to_owned(), |own| own.name.to_string());
                return Ok(Some(Miss::because(format!("it belongs to {instead}"), Cause::NotAPort)));
            }
        }
        if flag(LinkFlags::UP, fact.up) {
            return Ok(Some(match link.has(LinkFlags::UP) {
                true => Miss::found("it is up"),
                false => Miss::because("it is down", Cause::LinkDown),
            }));
        }
        if flag(LinkFlags::LOWER_UP, fact.carrier) {
            return Ok(Some(match link.has(LinkFlags::LOWER_UP) {
                true => Miss::found("it has carrier"),
                false if !link.has(LinkFlags::UP) => {
                    Miss::because("it is down, so it has no carrier", Cause::LinkDown)
                }
                false => Miss::because("it has no carrier: its other end is not up", Cause::NoCarrier),
            }));
        }
        Ok(match fact.mtu {
            Some(mtu) if link.mtu != mtu => Some(Miss::found(format!("its mtu is {}", link.mtu))),
            _ => None,
        })
    }

    fn has_peer_in(&mut self, link: &LinkView, namespace: &NamespaceName) -> Result<bool, StackError> {
        if namespace == self.namespace {
            return Ok(link.peer.is_some() && link.peer_namespace_id.is_none());
        }
        let id = match self.stack.namespace_id(self.namespace, namespace) {
            Ok(id) => id,
            Err(StackError::Refused { .. }) => None,
            Err(error) => return Err(error),
        };
        Ok(id.is_some() && link.peer_namespace_id == id)
    }

    pub(super) fn address(&mut self, fact: &AddressFact) -> Answer {
        let Some(on) = self.on_link(fact.dev.as_ref())? else {
            return self.without_link(fact.dev.as_ref(), fact.exists);
        };
        let addresses = self.stack.addresses(self.namespace, Family::Inet)?;
        let here = addresses.iter().filter(|address| on.includes(Some(address.link)));
        let here: Vec<Prefix> =
            here.map(|address| Prefix::new(address.local, address.prefix_length)).collect();
        let wanted = fact.address;
        let there = here.contains(&wanted);
        present(there, fact.exists, || {
            let alike = here.iter().find(|at| at.address() == wanted.address());
            match (alike, here.is_empty()) {
                (Some(at), _) => {
                    let found = format!("the address has prefix length {}", at.length());
                    Miss::because(found, Cause::WrongPrefixLength)
                }
                (None, true) => Miss::because("there is no address", Cause::AddressMissing),
                (None, false) => {
                    Miss::because(format!("the addresses are {}", list(&here)), Cause::AddressMissing)
                }
            }
        })
    }

    pub(super) fn route(&mut self, fact: &RouteFact) -> Answer {
        let Some(on) = self.on_link(fact.dev.as_ref())? else {
            return self.without_link(fact.dev.as_ref(), fact.exists);
        };
        let routes = self.stack.routes(self.namespace, Family::Inet)?;
        let main = || routes.iter().filter(|route| route.table == table::MAIN);
        let is_wanted = |route: &&RouteView| {
            route.destination == fact.route
                && fact.via.is_none_or(|via| route.gateway == Some(via.into()))
                && on.includes(route.output)
        };
        let there = main().any(|route| is_wanted(&route));
        present(there, fact.exists, || match main().find(|route| route.destination == fact.route) {
            Some(other) => Miss::because(
                match other.gateway {
                    Some(gateway) => format!("the route to {} leads via {gateway}", shown(fact.route)),
                    None => {
                        format!("the route to {} has no gateway, or is for another link", shown(fact.route))
                    }
                },
                Cause::WrongGateway,
            ),
            None => {
                Miss::because(format!("the table has no entry for {}", shown(fact.route)), Cause::NoRoute)
            }
        })
    }

    pub(super) fn route_to(&mut self, fact: &RouteToFact) -> Answer {
        let destination = fact.route_to.into();
        let query = RouteQuery { destination, source: None, output: None, input: None, tos: 0 };
        // A namespace that is not there is not the same as a destination that cannot be reached.
        let links = self.stack.links(self.namespace)?;
        let lookup = match self.stack.lookup_route(self.namespace, &query) {
            Ok(lookup) if fact.unreachable => {
                return Ok(Some(Miss::found(format!(
                    "a packet to there leaves {}",
                    way(&lookup.route, &links)
                ))));
            }
            Ok(lookup) => lookup,
            Err(StackError::Refused { .. }) if fact.unreachable => return Ok(None),
            Err(error @ StackError::Refused { .. }) => {
                return Ok(Some(Miss::found(format!("a packet to there is refused: {error}"))));
            }
            Err(error) => return Err(error),
        };
        let route = &lookup.route;
        let dev = match &fact.dev {
            Some(dev) => links.iter().any(|link| link.name == *dev && Some(link.index) == route.output),
            None => true,
        };
        let way = || format!("a packet to there leaves {}", way(route, &links));
        if !dev || fact.via.is_some_and(|via| route.gateway != Some(via.into())) {
            return Ok(Some(Miss::found(way())));
        }
        if let Some(prefix) = fact.prefix {
            let decider = self.decider(fact, &lookup)?;
            if decider != Some(prefix) {
                let entry = decider.map_or_else(|| "another entry".to_owned(), shown);
                return Ok(Some(Miss::found(format!("the entry that decides is {entry}"))));
            }
        }
        if fact.source.is_some_and(|source| route.preferred_source != Some(source.into())) {
            let source =
                route.preferred_source.map_or_else(|| "none".to_owned(), |source| source.to_string());
            return Ok(Some(Miss::found(format!("the source address is {source}"))));
        }
        Ok(None)
    }

    /// The prefix of the table entry that a lookup's answer comes from: the longest of those that lead where
    /// the answer does.
    fn decider(&mut self, fact: &RouteToFact, lookup: &RouteLookup) -> Result<Option<Prefix>, StackError> {
        let answer = &lookup.route;
        let agrees = |entry: &RouteView| {
            entry.destination.contains(fact.route_to.into())
                && entry.kind == answer.kind
                // The answer for an own address is loopback; its entry names the link that has the address.
                && (entry.kind == RouteKind::Local
                    || (entry.output == answer.output && entry.gateway == answer.gateway))
        };
        let routes = self.stack.routes(self.namespace, Family::Inet)?;
        Ok(routes
            .iter()
            .filter(|entry| agrees(entry))
            .map(|entry| entry.destination)
            .max_by_key(|prefix| prefix.length()))
    }

    pub(super) fn neighbour(&mut self, fact: &NeighbourFact) -> Answer {
        let Some(on) = self.on_link(fact.dev.as_ref())? else {
            return self.without_link(fact.dev.as_ref(), fact.exists);
        };
        let neighbours = self.stack.neighbours(self.namespace, Family::Inet)?;
        let entry = neighbours
            .iter()
            .find(|entry| entry.destination == fact.neighbour && on.includes(Some(entry.link)));
        let there = entry.is_some_and(|entry| {
            fact.state.is_none_or(|states| states.intersects(entry.state))
                && fact.mac.is_none_or(|mac| entry.address == Some(mac))
        });
        present(there, fact.exists, || match entry {
            None => Miss::found(format!("there is no entry for {}", fact.neighbour)),
            Some(entry) => {
                let state = entry.state.iter_names().next().map_or("NONE", |(name, _)| name);
                match entry.address {
                    Some(mac) => Miss::found(format!("its entry is {mac} {state}")),
                    None => Miss::found(format!("its entry is {state}")),
                }
            }
        })
    }

    /// Whether a socket waits at a port: one of TCP that takes in connections, one of UDP that hears everybody.
    pub(super) fn listens(&mut self, fact: &ListensFact) -> Answer {
        let sockets = self.stack.sockets(self.namespace, Family::Inet)?;
        let waits = |socket: &&SocketView| {
            socket.protocol == fact.protocol
                && match socket.protocol {
                    SocketProtocol::Tcp => socket.state == SocketState::Listen,
                    SocketProtocol::Udp => socket.peer.port() == 0,
                }
        };
        let own: Vec<SocketAddr> = sockets.iter().filter(waits).map(|socket| socket.local).collect();
        let is_it = |local: &SocketAddr| {
            local.port() == fact.listens && fact.at.is_none_or(|address| local.ip() == address)
        };
        present(own.iter().any(is_it), fact.exists, || match own.is_empty() {
            true => Miss::found(format!("no socket of {} listens there", protocol(fact.protocol))),
            false => Miss::found(format!("sockets of {} listen at {}", protocol(fact.protocol), list(&own))),
        })
    }

    pub(super) fn fdb(&mut self, fact: &FdbFact) -> Answer {
        let links = self.stack.links(self.namespace)?;
        let is = |index: Option<IfIndex>, name: &Option<LinkName>| {
            let link = links.iter().find(|link| Some(link.index) == index);
            name.as_ref().is_none_or(|name| link.is_some_and(|link| link.name == *name))
        };
        let rows = self.stack.fdb(self.namespace)?;
        let mut rows = rows.iter().filter(|row| row.address == fact.fdb && row.bridge.is_some());
        let there = rows.clone().any(|row| is(row.bridge, &fact.bridge) && is(Some(row.link), &fact.port));
        present(there, fact.exists, || match rows.next() {
            None => Miss::found(format!("there is no row for {}", fact.fdb)),
            Some(row) => {
                let link = links.iter().find(|link| link.index == row.link);
                let behind = link.map_or_else(String::new, |link| link.name.to_string());
                Miss::because(format!("its row says {behind}"), Cause::StaleFdb)
            }
        })
    }

    pub(super) fn sysctl(&mut self, fact: &SysctlFact) -> Answer {
        let value = self.stack.sysctl(self.namespace, &fact.sysctl)?;
        let is_wanted = value.split_whitespace().eq(fact.value.split_whitespace());
        let name = fact.sysctl.as_str();
        let forwards = name == "net.ipv4.ip_forward" || name.ends_with(".forwarding");
        let cause = forwards.then_some(Cause::ForwardingOff);
        Ok((!is_wanted).then(|| Miss { cause, ..Miss::found(format!("it is {value}")) }))
    }

    pub(super) fn count(&mut self, fact: &CountFact) -> Answer {
        let number = match fact.count_of {
            Thing::Namespaces => self.stack.namespaces()?.len(),
            Thing::Links => self.stack.links(self.namespace)?.len(),
            Thing::Addresses => self.stack.addresses(self.namespace, Family::Inet)?.len(),
            Thing::Routes => {
                let routes = self.stack.routes(self.namespace, Family::Inet)?;
                routes.iter().filter(|route| route.table == table::MAIN).count()
            }
            Thing::Connections => self.stack.connections(self.namespace, Family::Inet)?.len(),
            Thing::Neighbours => self.stack.neighbours(self.namespace, Family::Inet)?.len(),
        };
        let fits = fact.exactly.is_none_or(|wanted| number == wanted)
            && fact.at_least.is_none_or(|least| number >= least)
            && fact.at_most.is_none_or(|most| number <= most);
        Ok((!fits).then(|| match number {
            1 => Miss::found("there is 1"),
            _ => Miss::found(format!("there are {number}")),
        }))
    }

    /// What to say where the link that something should be on is not there.
    fn without_link(&self, name: Option<&LinkName>, exists: bool) -> Answer {
        present(false, exists, || {
            Miss::found(name.map_or_else(String::new, |name| format!("there is no link '{name}'")))
        })
    }

    /// The links to look on: the one named, or any. `None` where there is no link of that name.
    fn on_link(&mut self, name: Option<&LinkName>) -> Result<Option<On>, StackError> {
        let links = self.stack.links(self.namespace)?;
        Ok(match name {
            None => Some(On::Any),
            Some(name) => links.iter().find(|link| link.name == *name).map(|link| On::Only(link.index)),
        })
    }
}

/// Whether a thing is there as it should be, or not there where it should not be.
fn present(there: bool, wanted: bool, instead: impl FnOnce() -> Miss) -> Answer {
    Ok(match (there, wanted) {
        (true, true) | (false, false) => None,
        (true, false) => Some(Miss::found("it is there")),
        (false, true) => Some(instead()),
    })
}

/// The link and the gateway of a route, in words.
fn way(route: &RouteView, links: &[LinkView]) -> String {
    let link = links.iter().find(|link| Some(link.index) == route.output);
    let by = link.map_or_else(|| "by no link".to_owned(), |link| format!("by {}", link.name));
    match route.gateway {
        Some(gateway) => format!("{by} via {gateway}"),
        None => by,
    }
}

/// A prefix as `ip route` prints it.
pub(super) fn shown(prefix: Prefix) -> String {
    if prefix.is_default() { "default".to_owned() } else { prefix.to_string() }
}

/// Words in a sentence; of very many the first.
fn list(names: &[impl ToString]) -> String {
    const MOST: usize = 8;
    let mut words: Vec<String> = names.iter().take(MOST).map(ToString::to_string).collect();
    if names.len() > MOST {
        words.push(format!("{} more", names.len() - MOST));
    }
    words.join(", ")
}

/// Which links a fact is about.
#[derive(Clone, Copy)]
enum On {
    Any,
    Only(IfIndex),
}

impl On {
    fn includes(self, link: Option<IfIndex>) -> bool {
        match self {
            On::Any => true,
            On::Only(index) => link == Some(index),
        }
    }
}
