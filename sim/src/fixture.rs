//! Small networks to try things in.

use crate::world::World;
use std::net::Ipv4Addr;
use vethlab_shared::change::{AddressSpec, Change, LinkSettings, Modify, NewLink, NewLinkKind, RouteSpec};
use vethlab_shared::error::StackError;
use vethlab_shared::family::Family;
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::prefix::Prefix;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::LinkFlags;

/// The namespace of this name; the empty one is the machine's.
pub(crate) fn name(text: &str) -> NamespaceName {
    NamespaceName::new(text).unwrap_or_default()
}

/// The index of a link.
pub(crate) fn link(world: &mut World, namespace: &str, link: &str) -> IfIndex {
    let links = world.links(&name(namespace)).expect("a namespace");
    links.iter().find(|known| known.name.as_str() == link).expect("a link").index
}

/// Connects two namespaces, which are made where they are not there, by a pair of links that are up; each end has an
/// address with a prefix of 24 bits.
pub(crate) fn connect(world: &mut World, ends: [(&str, &str, Ipv4Addr); 2]) {
    for (namespace, ..) in ends {
        if world.find(&name(namespace)).is_err() {
            apply(world, "", &Change::AddNamespace(name(namespace)));
        }
    }
    let [near, peer] = ends.map(|(namespace, link, _)| LinkSettings {
        name: Some(link.parse().expect("a good name")),
        namespace: Some(name(namespace)).filter(|namespace| !namespace.is_host()),
        ..LinkSettings::default()
    });
    apply(world, "", &Change::AddLink(NewLink { end: near, kind: NewLinkKind::Veth { peer } }));
    for (namespace, end, local) in ends {
        let link = link(world, namespace, end);
        let flags = LinkFlags::UP;
        let settings = LinkSettings { flags, flags_mask: flags, ..LinkSettings::default() };
        apply(world, namespace, &Change::SetLink { link, settings });
        let address = AddressSpec::new(link, Prefix::new(local, 24));
        apply(world, namespace, &Change::AddAddress { how: Modify::ADD, address });
    }
}

/// Adds a default route.
pub(crate) fn add_default_route(world: &mut World, namespace: &str, gateway: Ipv4Addr) {
    let route = RouteSpec::by_gateway(Prefix::default_of(Family::Inet), gateway.into());
    apply(world, namespace, &Change::AddRoute { how: Modify::ADD, route });
}

/// Writes a setting.
pub(crate) fn set(world: &mut World, namespace: &str, setting: &str, value: &str) {
    apply(world, namespace, &Change::SetSysctl { name: setting.to_owned(), value: value.to_owned() });
}

fn apply(world: &mut World, namespace: &str, change: &Change) {
    let result: Result<(), StackError> = world.apply(&name(namespace), change);
    result.expect("a good change");
}
