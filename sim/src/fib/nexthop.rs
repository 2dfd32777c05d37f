//! Whether a new route makes sense (`fib_create_info`, `fib_check_nh` in `net/ipv4/fib_semantics.c`).

use super::Fib;
use super::config::Config;
use super::entry::Entry;
use super::lookup::{Key, refusal};
use super::settings::RouteSettings;
use crate::link::Links;
use std::net::Ipv4Addr;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{RouteFlags, RouteKind, Scope, table as id};

/// Makes the entry that the specification describes.
///
/// # Errors
/// As `fib_create_info` answers.
pub(super) fn create(fib: &Fib, settings: RouteSettings<'_>, spec: &Config) -> Result<Entry, StackError> {
    let links = settings.links;
    let invalid = |text: &str| Err(StackError::with_extack(Errno::EINVAL, text));
    if least_scope(spec.kind) > spec.scope {
        return invalid("Invalid scope");
    }
    if spec.flags.intersects(RouteFlags::DEAD | RouteFlags::LINK_DOWN) {
        return invalid("Invalid rtm_flags - can not contain DEAD or LINKDOWN");
    }
    let address_type = |address, table| fib.address_type(address, table, settings);
    let mut entry = Entry {
        tos: spec.tos,
        kind: spec.kind,
        protocol: spec.protocol,
        scope: spec.scope,
        metric: spec.metric.unwrap_or(0),
        preferred_source: spec.preferred_source,
        mtu: spec.mtu.filter(|&mtu| mtu != 0).map(|mtu| mtu.min(MTU_LIMIT)),
        gateway: spec.gateway,
        output: spec.output,
        on_link: spec.flags.contains(RouteFlags::ON_LINK),
        hop_scope: Scope::UNIVERSE,
        link_down: false,
    };
    if refusal(spec.kind).is_some() {
        if spec.gateway.is_some() || spec.output.is_some() {
            return invalid("Gateway, device and multipath can not be specified for this route type");
        }
        return Ok(entry);
    }
    if spec.kind == RouteKind::Unspecified {
        return invalid("Invalid route type");
    }
    if spec.scope > Scope::HOST {
        return invalid("Invalid scope");
    }
    let hop = if spec.scope == Scope::HOST {
        host_hop(links, spec)?
    } else {
        match spec.gateway {
            Some(gateway) if entry.on_link => on_link_hop(links, spec, address_type(gateway, id::LOCAL))?,
            Some(gateway) => gateway_hop(fib, links, spec, gateway)?,
            None => direct_hop(links, &entry)?,
        }
    };
    entry.output = Some(hop.output);
    entry.hop_scope = hop.scope;
    entry.link_down = hop.link_down;
    match spec.preferred_source {
        Some(source) if !is_good_source(spec, source, address_type) => invalid("Invalid prefsrc address"),
        _ => Ok(entry),
    }
}

/// The largest MTU that a route can set, in bytes (`ip_metrics_convert`).
const MTU_LIMIT: u32 = 65535 - 15;

/// The farthest that a route of this kind may reach (`fib_props[].scope`).
fn least_scope(kind: RouteKind) -> Scope {
    match kind {
        RouteKind::Unspecified | RouteKind::Nat => Scope::NOWHERE,
        RouteKind::Local => Scope::HOST,
        RouteKind::Broadcast | RouteKind::Anycast => Scope::LINK,
        _ => Scope::UNIVERSE,
    }
}

/// What is found out about a next hop.
struct Hop {
    output: IfIndex,
    scope: Scope,
    link_down: bool,
}

fn host_hop(links: &Links, spec: &Config) -> Result<Hop, StackError> {
    if spec.gateway.is_some() {
        return Err(StackError::with_extack(Errno::EINVAL, "Route with host scope can not have a gateway"));
    }
    let output = spec.output.filter(|index| links.contains_key(index)).ok_or(Errno::ENODEV)?;
    Ok(Hop { output, scope: Scope::NOWHERE, link_down: false })
}

/// `fib_check_nh_v4_gw` for `onlink`: the word of the administrator is taken for it.
fn on_link_hop(links: &Links, spec: &Config, gateway: RouteKind) -> Result<Hop, StackError> {
    let refuse = |errno, text: &str| Err(StackError::with_extack(errno, text));
    if spec.scope >= Scope::LINK {
        return refuse(Errno::EINVAL, "Nexthop has invalid scope");
    }
    let Some(link) = spec.output.and_then(|index| links.get(&index)) else {
        return refuse(Errno::ENODEV, "Nexthop device required for onlink");
    };
    if !link.is_up() {
        return refuse(Errno::ENETDOWN, "Nexthop device is not up");
    }
    if gateway != RouteKind::Unicast {
        return refuse(Errno::EINVAL, "Nexthop has invalid gateway");
    }
    Ok(Hop { output: link.index, scope: Scope::LINK, link_down: !link.carrier })
}

/// `fib_check_nh_v4_gw`: a gateway must itself be reached by a nearer route.
fn gateway_hop(fib: &Fib, links: &Links, spec: &Config, gateway: Ipv4Addr) -> Result<Hop, StackError> {
    let bad = |errno| StackError::with_extack(errno, "Nexthop has invalid gateway");
    let nearer = Scope(spec.scope.0.saturating_add(1)).max(Scope::LINK);
    let key = Key { output: spec.output, scope: nearer, ..Key::to(gateway, None) };
    let own = if spec.table == id::MAIN { None } else { fib.lookup_in(spec.table, &key) };
    let found = match own {
        Some(found) => found,
        None => fib.lookup(&key, &mut |_| {}).map_err(bad)?,
    };
    if !matches!(found.entry.kind, RouteKind::Unicast | RouteKind::Local) {
        return Err(bad(Errno::EINVAL));
    }
    let Some(link) = found.entry.output.and_then(|index| links.get(&index)) else {
        return Err(StackError::with_extack(Errno::EINVAL, "No egress device for nexthop gateway"));
    };
    if !link.is_up() {
        return Err(Errno::ENETDOWN.into());
    }
    Ok(Hop { output: link.index, scope: found.entry.scope, link_down: !link.carrier })
}

/// `fib_check_nh_nongw`: the destination is on the link.
fn direct_hop(links: &Links, entry: &Entry) -> Result<Hop, StackError> {
    if entry.on_link {
        return Err(StackError::with_extack(
            Errno::EINVAL,
            "Invalid flags for nexthop - PERVASIVE and ONLINK can not be set",
        ));
    }
    let link = entry
        .output
        .and_then(|index| links.get(&index))
        .filter(|link| link.inet.is_some())
        .ok_or(Errno::ENODEV)?;
    if !link.is_up() {
        return Err(StackError::with_extack(Errno::ENETDOWN, "Device for nexthop is not up"));
    }
    Ok(Hop { output: link.index, scope: Scope::HOST, link_down: !link.carrier })
}

/// Whether the address may be preferred as a source: it must be our own, or become it by this very route
/// (`fib_valid_prefsrc`).
fn is_good_source(
    spec: &Config,
    source: Ipv4Addr,
    address_type: impl Fn(Ipv4Addr, u32) -> RouteKind,
) -> bool {
    if spec.kind == RouteKind::Local && source == spec.destination.address {
        return true;
    }
    let own = if spec.table == id::MAIN { id::LOCAL } else { spec.table };
    [own, id::LOCAL].into_iter().any(|table| address_type(source, table) == RouteKind::Local)
}
