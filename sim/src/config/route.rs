//! Changes of routes and questions about them (`net/ipv4/fib_frontend.c`, `inet_rtm_getroute`).

use crate::ipv4::route::{self, InputDecision, InputQuery, OutputQuery, Route, RoutingView};
use std::net::Ipv4Addr;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::ipv4_only;
use vethlab_shared::prefix::Prefix;
use vethlab_shared::view::{Protocol, RouteFlags, RouteLookup, RouteQuery, RouteView, Scope};

/// Which way a packet would take by the tables alone, as the answer tells it and as it is (`inet_rtm_getroute`, asked
/// as `ip route get` asks: with `RTM_F_LOOKUP_TABLE`).
///
/// # Errors
/// What sending would give; for a packet that comes in, `EINVAL` where it would be dropped.
pub(crate) fn lookup(view: &RoutingView<'_>, query: &RouteQuery) -> Result<(RouteLookup, Route), StackError> {
    let destination = ipv4_only::address(query.destination)?;
    let source = ipv4_only::optional(query.source)?.filter(|source| !source.is_unspecified());
    let input = query.input.filter(|index| index.0 != 0);
    let route = match input {
        Some(input) => {
            if !view.links.contains_key(&input) {
                return Err(Errno::ENODEV.into());
            }
            let question = InputQuery {
                destination,
                source: source.unwrap_or(Ipv4Addr::UNSPECIFIED),
                input,
                tos: query.tos,
            };
            match route::input(view, &question, None) {
                InputDecision::Local(route) | InputDecision::Forward(route) => route,
                InputDecision::Unreachable { errno, .. } => return Err(errno.into()),
                InputDecision::Drop(_) => return Err(Errno::EINVAL.into()),
            }
        }
        None => {
            let output = query.output.filter(|index| index.0 != 0);
            let question = OutputQuery { destination, source, output, tos: query.tos };
            route::output(view, &question, None)?
        }
    };
    let answer = RouteLookup {
        route: answer(&route, destination, source),
        source: source.map(Into::into),
        input,
        uid: if input.is_some() { None } else { Some(0) },
        cache_flags: route.flags,
        mtu_locked: false,
        expires: None,
    };
    Ok((answer, route))
}

/// The route as the answer tells it (`rt_fill_info`).
fn answer(route: &Route, destination: Ipv4Addr, source: Option<Ipv4Addr>) -> RouteView {
    RouteView {
        destination: Prefix::host(destination),
        tos: route.tos,
        table: route.table,
        kind: route.kind,
        protocol: Protocol::UNSPECIFIED,
        scope: Scope::UNIVERSE,
        metric: 0,
        gateway: route.gateway.map(Into::into),
        output: Some(route.output),
        preferred_source: route.source.filter(|chosen| source != Some(*chosen)).map(Into::into),
        mtu: route.route_mtu,
        flags: RouteFlags::CLONED,
    }
}
