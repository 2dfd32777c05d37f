//! Whether a fact is true of the network, read through the stack.

use super::fact::{
    AddressFact, LinkFact, NamespaceFact, NeighbourFact, PingFact, RouteFact, RouteToFact, SysctlFact,
};
use vethlab_shared::error::StackError;
use vethlab_shared::journal::Journal;
use vethlab_shared::name::{IfIndex, LinkName, NamespaceName};
use vethlab_shared::prefix::Prefix;
use vethlab_shared::programs::jobs::Jobs;
use vethlab_shared::programs::{self, Context, Transcript};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::{LinkFlags, LinkView, RouteKind, RouteLookup, RouteQuery, RouteView, table};

/// Reads a stack from within one namespace.
pub(super) struct Reader<'a> {
    pub(super) namespace: &'a NamespaceName,
    pub(super) stack: &'a mut dyn NetworkStack,
}

type Answer = Result<bool, StackError>;

impl Reader<'_> {
    pub(super) fn namespace(&mut self, fact: &NamespaceFact) -> Answer {
        let there = fact.namespace.is_host() || self.stack.namespaces()?.contains(&fact.namespace);
        Ok(there == fact.exists)
    }

    pub(super) fn link(&mut self, fact: &LinkFact) -> Answer {
        let links = self.stack.links(self.namespace)?;
        let found = match links.iter().find(|link| link.name == fact.link) {
            Some(link) => self.is_as_said(link, fact)?,
            None => false,
        };
        Ok(found == fact.exists)
    }

    fn is_as_said(&mut self, link: &LinkView, fact: &LinkFact) -> Answer {
        let has = |flag, wanted: Option<bool>| wanted.is_none_or(|wanted| link.has(flag) == wanted);
        let peer = match &fact.peer_in {
            Some(namespace) => self.has_peer_in(link, namespace)?,
            None => true,
        };
        Ok(peer
            && has(LinkFlags::UP, fact.up)
            && has(LinkFlags::LOWER_UP, fact.carrier)
            && fact.mtu.is_none_or(|mtu| link.mtu == mtu))
    }

    fn has_peer_in(&mut self, link: &LinkView, namespace: &NamespaceName) -> Answer {
        if namespace == self.namespace {
            return Ok(link.peer.is_some() && link.peer_namespace_id.is_none());
        }
        let id = self.stack.namespace_id(self.namespace, namespace)?;
        Ok(id.is_some() && link.peer_namespace_id == id)
    }

    pub(super) fn address(&mut self, fact: &AddressFact) -> Answer {
        let Some(on) = self.on_link(fact.dev.as_ref())? else { return Ok(!fact.exists) };
        let wanted = fact.address;
        let found = self.stack.addresses(self.namespace)?.iter().any(|address| {
            address.local == wanted.address
                && address.prefix_length == wanted.length
                && on.includes(Some(address.link))
        });
        Ok(found == fact.exists)
    }

    pub(super) fn route(&mut self, fact: &RouteFact) -> Answer {
        let Some(on) = self.on_link(fact.dev.as_ref())? else { return Ok(!fact.exists) };
        let found = self.stack.routes(self.namespace)?.iter().any(|route| {
            route.table == table::MAIN
                && route.destination == fact.route
                && fact.via.is_none_or(|via| route.gateway == Some(via))
                && on.includes(route.output)
        });
        Ok(found == fact.exists)
    }

    pub(super) fn route_to(&mut self, fact: &RouteToFact) -> Answer {
        // A namespace that is not there is not the same as a destination that cannot be reached.
        let Some(on) = self.on_link(fact.dev.as_ref())? else { return Ok(false) };
        let query =
            RouteQuery { destination: fact.route_to, source: None, output: None, input: None, tos: 0 };
        let lookup = match self.stack.lookup_route(self.namespace, &query) {
            Ok(lookup) => lookup,
            Err(StackError::Refused { .. }) => return Ok(fact.unreachable),
            Err(error) => return Err(error),
        };
        let route = &lookup.route;
        let prefix = match fact.prefix {
            Some(prefix) => self.decider(fact, &lookup)? == Some(prefix),
            None => true,
        };
        Ok(!fact.unreachable
            && prefix
            && fact.via.is_none_or(|via| route.gateway == Some(via))
            && fact.source.is_none_or(|source| route.preferred_source == Some(source))
            && on.includes(route.output))
    }

    /// The prefix of the table entry that a lookup's answer comes from: the longest of those that lead where
    /// the answer does.
    fn decider(&mut self, fact: &RouteToFact, lookup: &RouteLookup) -> Result<Option<Prefix>, StackError> {
        let answer = &lookup.route;
        let agrees = |entry: &RouteView| {
            entry.destination.contains(fact.route_to)
                && entry.kind == answer.kind
                // The answer for an own address is loopback; its entry names the link that has the address.
                && (entry.kind == RouteKind::Local
                    || (entry.output == answer.output && entry.gateway == answer.gateway))
        };
        let routes = self.stack.routes(self.namespace)?;
        Ok(routes
            .iter()
            .filter(|entry| agrees(entry))
            .map(|entry| entry.destination)
            .max_by_key(|p| p.length))
    }

    pub(super) fn neighbour(&mut self, fact: &NeighbourFact) -> Answer {
        let Some(on) = self.on_link(fact.dev.as_ref())? else { return Ok(!fact.exists) };
        let found = self.stack.neighbours(self.namespace)?.iter().any(|entry| {
            entry.destination == fact.neighbour
                && fact.state.is_none_or(|states| states.intersects(entry.state))
                && on.includes(Some(entry.link))
        });
        Ok(found == fact.exists)
    }

    pub(super) fn sysctl(&mut self, fact: &SysctlFact) -> Answer {
        let value = self.stack.sysctl(self.namespace, &fact.sysctl)?;
        Ok(value.split_whitespace().eq(fact.value.split_whitespace()))
    }

    /// One echo request, with a second for its answer.
    pub(super) fn ping(&mut self, fact: &PingFact) -> Answer {
        self.stack.links(self.namespace)?;
        let words = ["ping", "-n", "-c", "1", "-W", "1"].map(str::to_owned).into_iter();
        let words: Vec<String> = words.chain([fact.ping.to_string()]).collect();
        let mut context = Context {
            stack: self.stack,
            namespace: self.namespace.clone(),
            console: &mut Transcript::default(),
            journal: &Journal::new(),
            jobs: &mut Jobs::default(),
            shells: &[],
            witness: None,
            enter: None,
        };
        Ok((programs::run(&words, &mut context) == 0) == fact.succeed)
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
