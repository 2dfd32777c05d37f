//! A stack as a command works on it: what it refuses is kept, and what its changes take away.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;
use vethlab_explain::journal::{Loss, MOST_LOSSES, NoWay, Refused, Results, Thing};
use vethlab_shared::change::{Change, Modify};
use vethlab_shared::error::StackError;
use vethlab_shared::family::Family;
use vethlab_shared::name::{IfIndex, LinkName, NamespaceName};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::{LinkFlags, NeighbourState, RouteKind, RouteLookup, RouteQuery};

/// In a network of more namespaces only that one is looked at which a change is made in.
const MOST_NAMESPACES: usize = 64;

/// A namespace that has more things is not looked at: to read them all at each command would take longer than the command.
const MOST_THINGS: usize = 1024;

/// A stack that is watched while a command works on it.
pub(crate) struct Watched<'a> {
    stack: &'a mut dyn NetworkStack,
    /// Namespaces that once had more than [`MOST_THINGS`].
    large: &'a mut BTreeSet<NamespaceName>,
    results: Results,
    /// What there was before the first change that may take something away, in each namespace that it may be in.
    before: Vec<(NamespaceName, Vec<Thing>)>,
    /// Of each kind of such changes the first one that was made.
    takers: Vec<Change>,
}

impl<'a> Watched<'a> {
    /// It keeps in `large` which namespaces are too large to be looked at.
    pub(crate) fn new(
        stack: &'a mut dyn NetworkStack,
        large: &'a mut BTreeSet<NamespaceName>,
    ) -> Watched<'a> {
        Watched { stack, large, results: Results::default(), before: Vec::new(), takers: Vec::new() }
    }

    /// What came of the command, which has ended: what is not there any more is known now.
    pub(crate) fn results(mut self) -> Results {
        for (namespace, things) in std::mem::take(&mut self.before) {
            let now = self.holdings(&namespace).unwrap_or_default();
            let room = MOST_LOSSES - self.results.losses.len();
            let losses = gone(things, &now).take(room).map(|thing| {
                let meant = self.takers.iter().any(|change| is_about(change, &thing));
                Loss { namespace: namespace.clone(), thing, meant }
            });
            self.results.losses.extend(losses);
        }
        self.results
    }

    /// Notes what there is where a change may take something away. A stack whose time goes on by itself is not asked: it
    /// may be slow, and beside it there is one that is.
    fn look_before(&mut self, namespace: &NamespaceName, change: &Change) {
        let mut names = vec![namespace.clone()];
        if let Change::DeleteLink(_) | Change::DeleteNamespace(_) = change {
            let all = self.stack.namespaces().unwrap_or_default();
            if all.len() <= MOST_NAMESPACES {
                names = [NamespaceName::HOST].into_iter().chain(all).collect();
            }
        }
        for name in names {
            if self.large.contains(&name) || self.before.iter().any(|(known, _)| *known == name) {
                continue;
            }
            let Some(things) = self.holdings(&name) else { continue };
            if things.len() > MOST_THINGS {
                self.large.insert(name);
            } else {
                self.before.push((name, things));
            }
        }
    }

    fn holdings(&mut self, namespace: &NamespaceName) -> Option<Vec<Thing>> {
        let links = self.stack.links(namespace).ok()?;
        let names: BTreeMap<IfIndex, &LinkName> = links.iter().map(|link| (link.index, &link.name)).collect();
        let name = |index: IfIndex| names.get(&index).map(|name| (*name).clone());
        let mut things = Vec::new();
        for route in self.stack.routes(namespace, Family::Inet).ok()? {
            if route.kind == RouteKind::Unicast {
                let link = route.output.and_then(name);
                things.push(Thing::Route(route, link));
            }
        }
        for address in self.stack.addresses(namespace, Family::Inet).ok()? {
            things.extend(name(address.link).map(|link| Thing::Address(address, link)));
        }
        for neighbour in self.stack.neighbours(namespace, Family::Inet).ok()? {
            let stays = neighbour.state.contains(NeighbourState::PERMANENT);
            things
                .extend(name(neighbour.link).filter(|_| stays).map(|link| Thing::Neighbour(neighbour, link)));
        }
        for link in &links {
            things.push(Thing::Link(link.name.clone()));
            if link.flags.contains(LinkFlags::UP) {
                things.push(Thing::Up(link.name.clone()));
            }
        }
        Some(things)
    }
}

/// What of this is not there any more. Both are in the stack's order, which is mostly the same.
fn gone(before: Vec<Thing>, now: &[Thing]) -> impl Iterator<Item = Thing> {
    let mut rest = now;
    before.into_iter().filter(move |thing| match rest.iter().position(|other| other == thing) {
        Some(place) => {
            rest = &rest[place + 1..];
            false
        }
        None => !now.contains(thing),
    })
}

/// Whether a change may take something away.
fn may_take(change: &Change) -> bool {
    match change {
        Change::DeleteNamespace(_)
        | Change::DeleteLink(_)
        | Change::DeleteAddress(_)
        | Change::DeleteRoute(_)
        | Change::DeleteNeighbour { .. } => true,
        Change::SetLink { settings, .. } => {
            let down = settings.flags_mask.contains(LinkFlags::UP) && !settings.flags.contains(LinkFlags::UP);
            down || settings.namespace.is_some()
        }
        Change::AddRoute { how, .. } => how.contains(Modify::REPLACE),
        Change::AddNamespace(_)
        | Change::AddLink(_)
        | Change::AddAddress { .. }
        | Change::AddNeighbour { .. }
        | Change::SetBridge { .. }
        | Change::SetBridgePort { .. }
        | Change::AddFdb { .. }
        | Change::DeleteFdb(_)
        | Change::FlushFdb(_)
        | Change::SetSysctl { .. }
        | Change::Ruleset(_)
        | Change::DeleteConnection(_) => false,
    }
}

/// Whether the change is about such a thing: what else goes, goes with it.
fn is_about(change: &Change, thing: &Thing) -> bool {
    matches!(
        (change, thing),
        (Change::DeleteRoute(_) | Change::AddRoute { .. }, Thing::Route(..))
            | (Change::DeleteAddress(_), Thing::Address(..))
            | (Change::DeleteNeighbour { .. }, Thing::Neighbour(..))
            | (Change::SetLink { .. }, Thing::Up(_))
            | (Change::DeleteLink(_), Thing::Link(_))
    )
}

impl NetworkStack for Watched<'_> {
    vethlab_shared::pass_on!(stack: capabilities, set_budget, budget, exhausted, namespaces, namespace_id, has_namespace, links, link_by_name, addresses, routes, has_route_table, neighbours, fdb, bridge_ports, neighbour_parameters, ruleset, sockets, connections, sysctl, sysctl_names, open, set_option, bind, connect, listen, accept, read, write, shutdown, take_error, readiness, local_address, send, receive, close, now, run_until, observe, take_events, snapshot);

    fn apply(&mut self, namespace: &NamespaceName, change: &Change) -> Result<(), StackError> {
        self.results.changes += 1;
        let may_take = self.stack.capabilities().virtual_time && may_take(change);
        if may_take {
            self.look_before(namespace, change);
        }
        let result = self.stack.apply(namespace, change);
        if let Err(error @ StackError::Refused { .. }) = &result {
            let (namespace, change, error) = (namespace.clone(), change.clone(), error.clone());
            self.results.refused = Some(Refused { namespace, change, error });
        }
        let same_kind = |other: &Change| discriminant(other) == discriminant(change);
        if may_take && result.is_ok() && !self.takers.iter().any(same_kind) {
            self.takers.push(change.clone());
        }
        result
    }

    fn lookup_route(
        &mut self,
        namespace: &NamespaceName,
        query: &RouteQuery,
    ) -> Result<RouteLookup, StackError> {
        let found = self.stack.lookup_route(namespace, query);
        if let Err(error @ StackError::Refused { .. }) = &found {
            let (namespace, query, error) = (namespace.clone(), query.clone(), error.clone());
            self.results.no_way = Some(NoWay { namespace, query, error });
        }
        found
    }
}
