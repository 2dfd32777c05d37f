//! How a route looks (`print_route`).

use super::super::links::Links;
use super::super::names;
use super::super::printer::{Colour, Printer};
use vethlab_shared::prefix::Prefix;
use vethlab_shared::view::{Protocol, RouteFlags, RouteKind, RouteLookup, RouteView, Scope, table};

/// What all routes of a listing have in common because it was asked for: it is not shown again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hidden {
    pub(super) table: bool,
    pub(super) tos: bool,
    pub(super) gateway: bool,
    pub(super) device: bool,
    pub(super) protocol: bool,
    pub(super) scope: bool,
    pub(super) source: bool,
    pub(super) metric: bool,
}

/// The flags that a route shows, in order (`print_rt_flags`).
const FLAG_NAMES: &[(RouteFlags, &str)] =
    &[(RouteFlags::DEAD, "dead"), (RouteFlags::ON_LINK, "onlink"), (RouteFlags::LINK_DOWN, "linkdown")];

/// `RTCF_*` of `linux/in_route.h`, in the order in which they are shown (`print_cache_flags`).
const CACHE_FLAG_NAMES: &[(u32, &str)] = &[
    (0x8000_0000, "local"),
    (0x4000_0000, "reject"),
    (RTCF_MULTICAST, "mc"),
    (0x1000_0000, "brd"),
    (0x0800_0000, "dst-nat"),
    (0x0080_0000, "src-nat"),
    (0x0040_0000, "masq"),
    (0x0002_0000, "dst-direct"),
    (0x0400_0000, "src-direct"),
    (0x0004_0000, "redirected"),
    (0x0100_0000, "redirect"),
    (0x0020_0000, "fastroute"),
    (0x0001_0000, "notify"),
    (0x0008_0000, "proxy"),
];

/// Clock ticks in a second (`sysconf(_SC_CLK_TCK)`).
const TICKS: u32 = 100;

/// One entry of a table.
pub(super) fn route(route: &RouteView, hidden: Hidden, links: &Links, printer: &mut Printer) {
    printer.open_object();
    head(route, None, hidden, links, printer);
    if route.protocol != Protocol::BOOT && !hidden.protocol {
        let name = names::protocol_name(route.protocol);
        printer.string("protocol", &name, &format!("proto {name} "));
    }
    if route.scope != Scope::UNIVERSE && !hidden.scope {
        let name = names::scope_name(route.scope);
        printer.string("scope", &name, &format!("scope {name} "));
    }
    middle(route, 0, hidden, printer);
    metrics(route, false, printer);
    printer.text("\n");
    printer.close_object();
}

/// The answer to a lookup.
pub(super) fn lookup(lookup: &RouteLookup, links: &Links, printer: &mut Printer) {
    let hidden = Hidden::default();
    printer.open_object();
    head(&lookup.route, Some(lookup), hidden, links, printer);
    middle(&lookup.route, lookup.cache_flags, hidden, printer);
    if let Some(uid) = lookup.uid {
        printer.value("uid", uid, &format!("uid {uid} "));
    }
    cache_flags(lookup.cache_flags, printer);
    if let Some(expires) = lookup.expires.filter(|&expires| expires != 0) {
        let seconds = expires / TICKS;
        printer.value("expires", seconds, &format!("expires {seconds}sec "));
    }
    metrics(&lookup.route, lookup.mtu_locked, printer);
    if let Some(input) = lookup.input {
        let name = links.name_of(input);
        printer.coloured(Colour::Link, "iif", &name, "iif ", &format!("{name} "));
    }
    printer.text("\n");
    printer.close_object();
}

/// A lookup's answer to a group: the bit that says so in the cache flags is one that entries of tables use
/// for an offload that failed (`RTM_F_OFFLOAD_FAILED`), and it is shown as that too.
const RTCF_MULTICAST: u32 = 0x2000_0000;

/// Up to the table: what, for whom, and whereto.
fn head(
    route: &RouteView,
    lookup: Option<&RouteLookup>,
    hidden: Hidden,
    links: &Links,
    printer: &mut Printer,
) {
    if route.kind != RouteKind::Unicast {
        let kind = names::kind_name(route.kind);
        printer.string("type", kind, &format!("{kind} "));
    }
    let destination = destination(route.destination, lookup.is_some());
    let colour = if destination == "default" { Colour::None } else { Colour::Inet };
    printer.coloured(colour, "dst", &destination, "", &format!("{destination} "));
    if let Some(source) = lookup.and_then(|lookup| lookup.source) {
        printer.coloured(Colour::Inet, "from", &source.to_string(), "", &format!("from {source} "));
    }
    if route.tos != 0 && !hidden.tos {
        let tos = names::tos_name(route.tos);
        printer.string("tos", &tos, &format!("tos {tos} "));
    }
    if let Some(gateway) = route.gateway.filter(|_| !hidden.gateway) {
        printer.coloured(Colour::Inet, "gateway", &gateway.to_string(), "via ", &format!("{gateway} "));
    }
    if let Some(output) = route.output.filter(|_| !hidden.device) {
        let name = links.name_of(output);
        printer.coloured(Colour::Link, "dev", &name, "dev ", &format!("{name} "));
    }
    if !matches!(route.table, table::UNSPECIFIED | table::MAIN) && !hidden.table {
        let name = names::table_name(route.table);
        printer.string("table", &name, &format!("table {name} "));
    }
}

/// Source, metric and flags.
fn middle(route: &RouteView, cache_flags: u32, hidden: Hidden, printer: &mut Printer) {
    if let Some(source) = route.preferred_source.filter(|_| !hidden.source) {
        printer.coloured(Colour::Inet, "prefsrc", &source.to_string(), "src ", &format!("{source} "));
    }
    if route.metric != 0 && !hidden.metric {
        printer.value("metric", route.metric, &format!("metric {} ", route.metric));
    }
    printer.open_array("flags", "");
    for &(flag, name) in FLAG_NAMES {
        if route.flags.contains(flag) {
            printer.element(name, &format!("{name} "));
        }
    }
    if cache_flags & RTCF_MULTICAST != 0 {
        printer.element("rt_offload_failed", "rt_offload_failed ");
    }
    printer.close_array("");
}

/// What the route sets for those who use it (`print_rta_metrics`). That it is locked is no part of JSON.
fn metrics(route: &RouteView, locked: bool, printer: &mut Printer) {
    let Some(mtu) = route.mtu else { return };
    printer.open_array("metrics", "");
    printer.open_object();
    let lock = if locked { "lock " } else { "" };
    printer.value("mtu", mtu, &format!("mtu {lock}{mtu} "));
    printer.close_object();
    printer.close_array("");
}

/// A prefix of no bits is the default route, one of all bits an address. A lookup's answer is always the
/// address.
fn destination(prefix: Prefix, lookup: bool) -> String {
    let length = prefix.length();
    if length == 0 && !lookup {
        "default".to_owned()
    } else if length == 0 || length == prefix.family().bits() {
        prefix.address().to_string()
    } else {
        prefix.to_string()
    }
}

/// The line that only a lookup's answer has.
fn cache_flags(flags: u32, printer: &mut Printer) {
    let names: Vec<&str> =
        CACHE_FLAG_NAMES.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, name)| *name).collect();
    printer.line_end();
    printer.open_array("cache", "    cache ");
    for (place, name) in names.iter().enumerate() {
        let before = if place == 0 { "<" } else { "," };
        let after = if place + 1 == names.len() { "> " } else { "" };
        printer.element(name, &format!("{before}{name}{after}"));
    }
    printer.close_array("");
}

#[cfg(test)]
mod tests {
    use super::super::super::Options;
    use super::*;
    use std::net::Ipv4Addr;
    use vethlab_shared::family::Family;
    use vethlab_shared::name::IfIndex;

    fn view() -> RouteView {
        RouteView {
            destination: Prefix::new(Ipv4Addr::new(10, 1, 0, 0), 16),
            tos: 0,
            table: table::MAIN,
            kind: RouteKind::Unicast,
            protocol: Protocol::KERNEL,
            scope: Scope::LINK,
            metric: 0,
            gateway: None,
            output: Some(IfIndex(3)),
            preferred_source: Some(Ipv4Addr::new(10, 1, 0, 1).into()),
            mtu: None,
            flags: RouteFlags::LINK_DOWN,
        }
    }

    fn text(view: &RouteView, hidden: Hidden) -> String {
        let mut printer = Printer::new(&Options::default());
        route(view, hidden, &Links::of(Vec::new()), &mut printer);
        printer.finish()
    }

    #[test]
    fn a_connected_route() {
        let expected = "10.1.0.0/16 dev if3 proto kernel scope link src 10.1.0.1 linkdown \n";
        assert_eq!(text(&view(), Hidden::default()), expected);
        let hidden = Hidden { device: true, scope: true, ..Hidden::default() };
        assert_eq!(text(&view(), hidden), "10.1.0.0/16 proto kernel src 10.1.0.1 linkdown \n");
    }

    #[test]
    fn a_default_route_in_another_table() {
        let route = RouteView {
            destination: Prefix::default_of(Family::Inet),
            table: 100,
            protocol: Protocol::BOOT,
            scope: Scope::UNIVERSE,
            metric: 5,
            gateway: Some(Ipv4Addr::new(10, 1, 0, 9).into()),
            preferred_source: None,
            mtu: Some(1400),
            flags: RouteFlags::ON_LINK,
            ..view()
        };
        let expected = "default via 10.1.0.9 dev if3 table 100 metric 5 onlink mtu 1400 \n";
        assert_eq!(text(&route, Hidden::default()), expected);
    }

    #[test]
    fn a_lookups_answer() {
        let answer = RouteLookup {
            route: RouteView {
                destination: Prefix::host(Ipv4Addr::LOCALHOST),
                kind: RouteKind::Local,
                table: table::LOCAL,
                preferred_source: Some(Ipv4Addr::LOCALHOST.into()),
                flags: RouteFlags::CLONED,
                ..view()
            },
            source: None,
            input: None,
            uid: Some(0),
            cache_flags: 0x8000_0000,
            mtu_locked: false,
            expires: None,
        };
        let mut printer = Printer::new(&Options::default());
        lookup(&answer, &Links::of(Vec::new()), &mut printer);
        let expected = "local 127.0.0.1 dev if3 table local src 127.0.0.1 uid 0 \n    cache <local> \n";
        assert_eq!(printer.finish(), expected);
    }
}
