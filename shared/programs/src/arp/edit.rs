//! `arp -s` and `arp -d`: the words, and the ioctls that they become.

use super::{Options, usage};
use crate::nettools::{parse_ether, resolve};
use crate::{Context, Failure, Status, refused};
use std::net::Ipv4Addr;
use vethlab_shared::change::{Change, Modify, NeighbourSpec};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::family::Family;
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{LinkKind, LinkView, NeighbourState, RouteKind, RouteQuery, table};

/// The modifiers behind the addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Modifiers {
    temporary: bool,
    public: bool,
    private: bool,
    device: Option<String>,
}

fn host(words: &mut std::slice::Iter<'_, String>) -> Result<Ipv4Addr, Failure> {
    let text = words.next().ok_or_else(|| Failure::exit(255, "arp: need host name"))?;
    resolve(text).map_err(|why| Failure::exit(255, format_args!("{text}: {why}")))
}

fn modifiers(words: std::slice::Iter<'_, String>, options: &Options) -> Result<Modifiers, Failure> {
    let mut modifiers = Modifiers { device: options.device.clone(), ..Modifiers::default() };
    let mut words = words.map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "temp" => modifiers.temporary = true,
            "pub" => modifiers.public = true,
            "priv" => modifiers.private = true,
            "dev" => modifiers.device = Some(words.next().ok_or_else(|| usage(""))?.to_owned()),
            "netmask" => match words.next().ok_or_else(|| usage(""))? {
                "255.255.255.255" => {}
                mask => return Err(Failure::NotModelled(format!("arp … netmask {mask}"))),
            },
            "trail" | "dontpub" | "auto" => return Err(Failure::NotModelled(format!("arp … {word}"))),
            _ => return Err(usage("")),
        }
    }
    Ok(modifiers)
}

/// `arp -s` (`arp_set`, and `arp_req_set` in the kernel). An Ethernet address does not go with a loopback link.
pub(super) fn set(words: &[String], options: &Options, context: &mut Context<'_>) -> Result<Status, Failure> {
    let mut words = words.iter();
    let destination = host(&mut words)?;
    let hardware = words.next().ok_or_else(|| Failure::exit(255, "arp: need hardware address"))?;
    let hardware =
        parse_ether(hardware).ok_or_else(|| Failure::exit(255, "arp: invalid hardware address"))?;
    let modifiers = modifiers(words, options)?;
    if modifiers.public && !modifiers.private {
        return Err(Failure::NotModelled("arp -s … pub".to_owned()));
    }
    if options.verbose {
        context.console.err("arp: SIOCSARP()\n");
    }
    let state = if modifiers.temporary { NeighbourState::STALE } else { NeighbourState::PERMANENT };
    let result = link_of(destination, modifiers.device.as_deref(), context).and_then(|link| {
        if link.kind == LinkKind::Loopback {
            return Err(Errno::EINVAL.into());
        }
        let neighbour = NeighbourSpec {
            link: link.index,
            destination: destination.into(),
            address: Some(hardware),
            state,
        };
        let how = Modify::CREATE | Modify::REPLACE;
        context.stack.apply(&context.namespace, &Change::AddNeighbour { how, neighbour })
    });
    result.map(|()| 0).map_err(|error| refused(error, 255, |errno| format!("SIOCSARP: {errno}")))
}

/// `arp -d` (`arp_del`, and `arp_invalidate` in the kernel). Published entries there are none.
pub(super) fn delete(
    words: &[String],
    options: &Options,
    context: &mut Context<'_>,
) -> Result<Status, Failure> {
    let typed = words.first().cloned().unwrap_or_default();
    let mut words = words.iter();
    let destination = host(&mut words)?;
    let modifiers = modifiers(words, options)?;
    let published = modifiers.public && !modifiers.private;
    let mut result = Err(Errno::ENOENT.into());
    if !published {
        if options.verbose {
            context.console.err("arp: SIOCDARP(dontpub)\n");
        }
        result = link_of(destination, modifiers.device.as_deref(), context).and_then(|link| {
            let change = Change::DeleteNeighbour { link: link.index, destination: destination.into() };
            context.stack.apply(&context.namespace, &change)
        });
    }
    match result {
        Ok(()) => Ok(0),
        Err(StackError::Refused { errno: Errno::ENOENT | Errno::ENXIO, .. }) => {
            if options.verbose {
                context.console.err("arp: SIOCDARP(pub)\n");
            }
            context.console.out(&format!("No ARP entry for {typed}\n"));
            Ok(255)
        }
        Err(error) => Err(refused(error, 255, |errno| format!("SIOCDARP(dontpub): {errno}"))),
    }
}

/// The link that the neighbour is on: the one named, or the one that a route without a gateway leads to
/// (`arp_req_set` looks up with `RTO_ONLINK`).
fn link_of(
    destination: Ipv4Addr,
    named: Option<&str>,
    context: &mut Context<'_>,
) -> Result<LinkView, StackError> {
    let links = context.stack.links(&context.namespace)?;
    let found = match named.filter(|name| !name.is_empty()) {
        Some(name) => links.into_iter().find(|link| link.name.as_str() == name),
        None => {
            let index = on_link(destination, context)?;
            links.into_iter().find(|link| link.index == index)
        }
    };
    Ok(found.ok_or(Errno::ENODEV)?)
}

fn on_link(destination: Ipv4Addr, context: &mut Context<'_>) -> Result<IfIndex, StackError> {
    let destination = destination.into();
    let query = RouteQuery { destination, source: None, output: None, input: None, tos: 0 };
    let found = context.stack.lookup_route(&context.namespace, &query)?.route;
    if found.gateway.is_none() {
        return found.output.ok_or(Errno::EINVAL.into());
    }
    let routes = context.stack.routes(&context.namespace, Family::Inet)?;
    let connected = routes
        .into_iter()
        .filter(|route| route.table == table::MAIN && route.kind == RouteKind::Unicast)
        .filter(|route| route.gateway.is_none() && route.destination.contains(destination))
        .max_by_key(|route| (route.destination.length(), std::cmp::Reverse(route.metric)));
    connected.and_then(|route| route.output).ok_or(Errno::ENETUNREACH.into())
}
