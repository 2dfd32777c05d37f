//! How `route` shows the main table.

use crate::{Context, Failure, Status, refused};
use std::net::{IpAddr, Ipv4Addr};
use vethlab_shared::family::Family;
use vethlab_shared::name::IfIndex;
use vethlab_shared::prefix::Prefix;
use vethlab_shared::view::{LinkView, RouteKind, RouteView, table};

/// Which columns, and how addresses are shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    /// Never names.
    pub(super) numeric: bool,
    /// 1 as always, 2 with `-e`, 3 with `-ee`.
    pub(super) extended: u8,
}

pub(super) fn run(columns: Columns, context: &mut Context<'_>) -> Result<Status, Failure> {
    let failed = |error| refused(error, 1, |errno| format!("/proc/net/route: {errno}"));
    let routes = context.stack.routes(&context.namespace, Family::Inet).map_err(failed)?;
    let links = context.stack.links(&context.namespace).map_err(failed)?;
    context.console.out(columns.header());
    for route in routes.iter().filter(|route| is_shown(route)) {
        context.console.out(&columns.line(route, &links));
    }
    // The main table is made with the first route. Until then the file is empty, and that is a failure.
    let has_table = context.stack.has_route_table(&context.namespace, Family::Inet, table::MAIN);
    let has_table = has_table.map_err(failed)?;
    Ok(Status::from(!has_table))
}

/// What `/proc/net/route` leaves out (`fib_route_seq_show`).
pub(super) fn is_shown(route: &RouteView) -> bool {
    route.table == table::MAIN && !matches!(route.kind, RouteKind::Broadcast | RouteKind::Multicast)
}

impl Columns {
    fn header(self) -> &'static str {
        match self.extended {
            ..=1 => {
                "Kernel IP routing table\n\
                 Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
            }
            2 => {
                "Kernel IP routing table\n\
                 Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n"
            }
            3.. => {
                "Kernel IP routing table\n\
                 Destination     Gateway         Genmask         Flags Metric Ref    Use Iface    \
                 MSS   Window irtt\n"
            }
        }
    }

    /// One route. References and uses are not counted any more, and are always 0.
    fn line(self, route: &RouteView, links: &[LinkView]) -> String {
        let name =
            |index: IfIndex| links.iter().find(|link| link.index == index).map(|link| link.name.as_str());
        let link = route.output.and_then(name).unwrap_or("*");
        let metric = route.metric;
        let rejected = matches!(route.kind, RouteKind::Unreachable | RouteKind::Prohibit);
        let gateway = match route.gateway {
            _ if rejected => "-".to_owned(),
            Some(gateway) => self.host(gateway),
            None => Family::Inet.unspecified().to_string(),
        };
        let (destination, mask) = (self.network(route.destination), route.destination.mask());
        let flags = flags(route, rejected);
        // Addresses do not keep to a width; text does.
        let start = format!("{destination:<15} {gateway:<15} {:<15} {flags:<5}", mask.to_string());
        match (self.extended, rejected) {
            (..=1, false) => format!("{start} {metric:<6} 0        0 {link}\n"),
            (..=1, true) => format!("{start} {metric:<6} -        0 -\n"),
            (2, false) => format!("{start}     0 0          0 {link}\n"),
            (2, true) => format!("{start}     - -          - -\n"),
            (_, false) => format!("{start} {metric:<6} 0        0 {link:<6.6}   0     0      0\n"),
            (_, true) => format!("{start} {metric:<6} -        0 -        -     -      -\n"),
        }
    }

    /// A destination (`INET_rresolve`). There is no resolver and no name but that of the default route.
    fn network(self, prefix: Prefix) -> String {
        if prefix.is_default() && !self.numeric {
            "default".to_owned()
        } else if prefix == Prefix::host(prefix.address()) {
            self.host(prefix.address())
        } else {
            prefix.address().to_string()
        }
    }

    fn host(self, address: IpAddr) -> String {
        if address == Ipv4Addr::LOCALHOST && !self.numeric {
            "localhost".to_owned()
        } else {
            address.to_string()
        }
    }
}

/// `fib_flag_trans`, as letters.
fn flags(route: &RouteView, rejected: bool) -> String {
    let mut flags = if rejected { "!" } else { "U" }.to_owned();
    if route.gateway.is_some() && !rejected {
        flags.push('G');
    }
    if route.destination == Prefix::host(route.destination.address()) {
        flags.push('H');
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;
    use vethlab_shared::view::{Protocol, RouteFlags, Scope};

    fn route(destination: [u8; 4], length: u8) -> RouteView {
        RouteView {
            destination: Prefix::new(destination, length),
            tos: 0,
            table: table::MAIN,
            kind: RouteKind::Unicast,
            protocol: Protocol::BOOT,
            scope: Scope::UNIVERSE,
            metric: 0,
            gateway: Some(Ipv4Addr::new(10, 0, 0, 2).into()),
            output: None,
            preferred_source: None,
            mtu: None,
            flags: RouteFlags::empty(),
        }
    }

    #[test]
    fn lines_are_those_of_net_tools() {
        let plain = Columns { numeric: false, extended: 1 };
        let numeric = Columns { numeric: true, extended: 1 };
        let default = route([0; 4], 0);
        let rejected =
            RouteView { kind: RouteKind::Unreachable, gateway: None, ..route([172, 16, 0, 0], 12) };
        let host = RouteView { metric: 20, ..route([192, 168, 1, 1], 32) };
        for (columns, route, line) in [
            (plain, &default, "default         10.0.0.2        0.0.0.0         UG    0      0        0 *\n"),
            (
                numeric,
                &default,
                "0.0.0.0         10.0.0.2        0.0.0.0         UG    0      0        0 *\n",
            ),
            (plain, &rejected, "172.16.0.0      -               255.240.0.0     !     0      -        0 -\n"),
            (plain, &host, "192.168.1.1     10.0.0.2        255.255.255.255 UGH   20     0        0 *\n"),
        ] {
            assert_eq!(columns.line(route, &[]), line);
        }
        let extended = Columns { numeric: true, extended: 2 };
        let line = "0.0.0.0         10.0.0.2        0.0.0.0         UG        0 0          0 *\n";
        assert_eq!(extended.line(&default, &[]), line);
        let more = Columns { numeric: true, extended: 3 };
        let line = "0.0.0.0         10.0.0.2        0.0.0.0         UG    0      0        0 *        0     0      0\n";
        assert_eq!(more.line(&default, &[]), line);
    }
}
