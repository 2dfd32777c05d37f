//! `/proc/net/route`, from which `route` has what it shows.

use super::show::is_shown;
use crate::{Context, Failure, refused};
use std::fmt::Write;
use std::net::IpAddr;
use vethlab_shared::family::Family;
use vethlab_shared::prefix::Prefix;
use vethlab_shared::view::{RouteKind, RouteView, table};

/// How wide a line is padded to (`seq_setwidth` in `fib_route_seq_show`).
const WIDTH: usize = 127;

/// `RTF_UP` and the others of `linux/route.h`.
const UP: u16 = 1;
const GATEWAY: u16 = 2;
const HOST: u16 = 4;
const REJECT: u16 = 0x200;

/// The file (`fib_route_seq_show`): empty until the main table is made, which the first route does.
pub(crate) fn text(context: &mut Context<'_>) -> Result<String, Failure> {
    let failed = |error| refused(error, 1, |errno| format!("cat: /proc/net/route: {errno}"));
    let routes = context.stack.routes(&context.namespace, Family::Inet).map_err(failed)?;
    let links = context.stack.links(&context.namespace).map_err(failed)?;
    let has_table = context.stack.has_route_table(&context.namespace, Family::Inet, table::MAIN);
    if !has_table.map_err(failed)? {
        return Ok(String::new());
    }
    let header = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";
    let mut text = format!("{header:<WIDTH$}\n");
    for route in routes.iter().filter(|route| is_shown(route)) {
        let link = route.output.and_then(|index| links.iter().find(|link| link.index == index));
        let name = link.map_or("*", |link| link.name.as_str());
        let destination = route.destination;
        let (network, mask) = (word(destination.address()), word(destination.mask()));
        let (gateway, flags) = (route.gateway.map_or(0, word), flags(route));
        let line = format!(
            "{name}\t{network:08X}\t{gateway:08X}\t{flags:04X}\t0\t0\t{}\t{mask:08X}\t0\t0\t0",
            route.metric
        );
        let _ = writeln!(text, "{line:<WIDTH$}");
    }
    Ok(text)
}

/// An address as a number of the machine's own order, whose bytes stand in the network's.
fn word(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(address) => u32::from_le_bytes(address.octets()),
        IpAddr::V6(_) => 0,
    }
}

/// `fib_flag_trans`.
fn flags(route: &RouteView) -> u16 {
    let rejected = matches!(route.kind, RouteKind::Unreachable | RouteKind::Prohibit);
    let is_host = route.destination == Prefix::host(route.destination.address());
    let set = |holds: bool, flag: u16| if holds { flag } else { 0 };
    UP | set(route.gateway.is_some(), GATEWAY) | set(is_host, HOST) | set(rejected, REJECT)
}
