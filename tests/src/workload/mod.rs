//! Workloads: work of a known amount, to measure the stacks by. It goes through the line, as a program's work does;
//! [`floor`] is the least that the same work takes.

pub mod bridge;
pub mod chain;
pub mod echo;
pub mod floor;
pub mod frame;
pub mod lookup;
pub mod measure;
pub mod router;
pub mod setup;

use crate::networks;
use std::error::Error;
use std::net::Ipv4Addr;
use vethlab_engine::stacks::StackChoice;
use vethlab_shared::change::{AddressSpec, Change, LinkSettings, Modify, NewLink, NewLinkKind};
use vethlab_shared::error::StackError;
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::prefix::Ipv4Prefix;
use vethlab_shared::stack::NetworkStack;

/// What a workload gives, or why it cannot go on.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The stack that a word on the command line names.
///
/// # Errors
/// The word names none.
pub fn stack(word: &str) -> std::result::Result<StackChoice, String> {
    let known = StackChoice::BOTH.into_iter().find(|choice| choice.name() == word);
    known.ok_or_else(|| "it is 'sim' or 'real'".to_owned())
}

/// One end of a veth pair that is to be made.
struct End<'a> {
    namespace: &'a NamespaceName,
    link: &'a str,
    /// The index that the link will get: the next free one of its namespace.
    index: IfIndex,
    address: Ipv4Addr,
}

/// A veth pair whose ends are up and have an address with a prefix of so many bits.
fn connect(
    stack: &mut dyn NetworkStack,
    near: &End<'_>,
    far: &End<'_>,
    prefix_length: u8,
) -> std::result::Result<(), StackError> {
    let settings = |end: &End<'_>| LinkSettings {
        name: Some(end.link.parse().expect("a valid name")),
        namespace: Some(end.namespace.clone()),
        ..LinkSettings::default()
    };
    let pair = NewLink { end: settings(near), kind: NewLinkKind::Veth { peer: settings(far) } };
    stack.apply(near.namespace, &Change::AddLink(pair))?;
    for end in [near, far] {
        let address = AddressSpec { prefix_length, ..networks::address(end.index, end.address) };
        stack.apply(end.namespace, &Change::SetLink { link: end.index, settings: networks::up() })?;
        stack.apply(end.namespace, &Change::AddAddress { how: Modify::ADD, address })?;
    }
    Ok(())
}

fn add_route(
    stack: &mut dyn NetworkStack,
    namespace: &NamespaceName,
    destination: Ipv4Prefix,
    gateway: Ipv4Addr,
) -> std::result::Result<(), StackError> {
    let route = networks::route(destination, gateway.octets());
    stack.apply(namespace, &Change::AddRoute { how: Modify::ADD, route })
}

fn set(
    stack: &mut dyn NetworkStack,
    namespace: &NamespaceName,
    name: &str,
    value: &str,
) -> std::result::Result<(), StackError> {
    let change = Change::SetSysctl { name: format!("net.ipv4.{name}"), value: value.to_owned() };
    stack.apply(namespace, &change)
}
