//! Routes and lookups: changes, questions and views as rtnetlink messages.

use crate::error::internal;
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteFlags as Flags, RouteHeader, RouteMessage, RouteMetric,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use std::net::IpAddr;
use vethlab_shared::change::RouteSpec;
use vethlab_shared::error::StackError;
use vethlab_shared::family::Family;
use vethlab_shared::ipv4_only;
use vethlab_shared::name::IfIndex;
use vethlab_shared::prefix::{Ipv4Prefix, Prefix};
use vethlab_shared::view::{Protocol, RouteFlags, RouteKind, RouteLookup, RouteQuery, RouteView, Scope};

/// `RTM_GETROUTE` for the IPv4 routes of all tables.
pub(crate) fn dump() -> RouteNetlinkMessage {
    let mut message = RouteMessage::default();
    message.header.address_family = AddressFamily::Inet;
    RouteNetlinkMessage::GetRoute(message)
}

/// `RTM_GETROUTE` for the IPv4 routes of one table; the kernel refuses where there is no such table.
pub(crate) fn dump_of_table(number: u32) -> RouteNetlinkMessage {
    let mut message = RouteMessage::default();
    message.header.address_family = AddressFamily::Inet;
    message.attributes = vec![RouteAttribute::Table(number)];
    RouteNetlinkMessage::GetRoute(message)
}

/// `RTM_NEWROUTE`.
pub(crate) fn add(route: &RouteSpec) -> Result<RouteNetlinkMessage, StackError> {
    message(route).map(RouteNetlinkMessage::NewRoute)
}

/// `RTM_DELROUTE`.
pub(crate) fn delete(route: &RouteSpec) -> Result<RouteNetlinkMessage, StackError> {
    message(route).map(RouteNetlinkMessage::DelRoute)
}

/// What `iproute_modify` of iproute2 sends: the default route has no `RTA_DST`, a table above 255 stands in
/// an attribute.
fn message(spec: &RouteSpec) -> Result<RouteMessage, StackError> {
    let destination = ipv4_only::prefix(spec.destination)?;
    let small_table = u8::try_from(spec.table).ok();
    let mut message = RouteMessage::default();
    message.header = RouteHeader {
        address_family: AddressFamily::Inet,
        destination_prefix_length: destination.length,
        source_prefix_length: 0,
        tos: spec.tos,
        table: small_table.unwrap_or(RouteHeader::RT_TABLE_UNSPEC),
        protocol: spec.protocol.0.into(),
        scope: spec.scope.0.into(),
        kind: (spec.kind as u8).into(),
        flags: Flags::from_bits_retain(spec.flags.bits()),
    };
    let attributes = [
        (destination != Ipv4Prefix::DEFAULT).then(|| RouteAttribute::Destination(destination.address.into())),
        ipv4_only::optional(spec.gateway)?.map(|gateway| RouteAttribute::Gateway(gateway.into())),
        ipv4_only::optional(spec.preferred_source)?.map(|source| RouteAttribute::PrefSource(source.into())),
        spec.metric.map(RouteAttribute::Priority),
        small_table.is_none().then_some(RouteAttribute::Table(spec.table)),
        spec.mtu.map(|mtu| RouteAttribute::Metrics(vec![RouteMetric::Mtu(mtu)])),
        spec.output.map(|link| RouteAttribute::Oif(link.0)),
    ];
    message.attributes = attributes.into_iter().flatten().collect();
    Ok(message)
}

/// `RTM_GETROUTE` as `iproute_get` of iproute2 sends it.
pub(crate) fn lookup(query: &RouteQuery) -> Result<RouteNetlinkMessage, StackError> {
    let destination = ipv4_only::address(query.destination)?;
    let source = ipv4_only::optional(query.source)?;
    let mut message = RouteMessage::default();
    message.header.address_family = AddressFamily::Inet;
    message.header.destination_prefix_length = Family::Inet.bits();
    message.header.source_prefix_length = source.map_or(0, |_| Family::Inet.bits());
    message.header.tos = query.tos;
    message.header.flags = Flags::LookupTable;
    let attributes = [
        Some(RouteAttribute::Destination(destination.into())),
        source.map(|source| RouteAttribute::Source(source.into())),
        query.input.map(|link| RouteAttribute::Iif(link.0)),
        query.output.map(|link| RouteAttribute::Oif(link.0)),
    ];
    message.attributes = attributes.into_iter().flatten().collect();
    Ok(RouteNetlinkMessage::GetRoute(message))
}

/// An entry of a table as the kernel reports it.
pub(crate) fn view(message: RouteNetlinkMessage) -> Result<RouteView, StackError> {
    lookup_view(message).map(|lookup| lookup.route)
}

/// The answer to a lookup as the kernel reports it.
pub(crate) fn lookup_view(message: RouteNetlinkMessage) -> Result<RouteLookup, StackError> {
    let RouteNetlinkMessage::NewRoute(RouteMessage { header, attributes, .. }) = message else {
        return Err(internal("an answer about routes holds something else"));
    };
    let kind = u8::from(header.kind);
    let flags = header.flags.bits();
    let prefix = |address: IpAddr| {
        let length = header.destination_prefix_length;
        Prefix::try_new(address, length).map_err(|error| internal(format!("a route's destination: {error}")))
    };
    let mut route = RouteView {
        destination: prefix(Family::Inet.unspecified())?,
        tos: header.tos,
        table: header.table.into(),
        kind: RouteKind::from_number(kind)
            .ok_or_else(|| internal(format!("a route has the type {kind}, which Linux does not know")))?,
        protocol: Protocol(header.protocol.into()),
        scope: Scope(header.scope.into()),
        metric: 0,
        gateway: None,
        output: None,
        preferred_source: None,
        mtu: None,
        flags: RouteFlags::from_bits_truncate(flags),
    };
    let (mut source, mut input, mut uid, mut expires) = (None, None, None, None);
    let mut mtu_locked = false;
    for attribute in attributes {
        match attribute {
            RouteAttribute::Destination(RouteAddress::Inet(address)) => {
                route.destination = prefix(address.into())?;
            }
            RouteAttribute::Gateway(RouteAddress::Inet(gateway)) => {
                route.gateway = Some(gateway.into());
            }
            RouteAttribute::PrefSource(RouteAddress::Inet(address)) => {
                route.preferred_source = Some(address.into());
            }
            RouteAttribute::Table(table) => route.table = table,
            RouteAttribute::Priority(metric) => route.metric = metric,
            RouteAttribute::Oif(link) => route.output = Some(IfIndex(link)),
            RouteAttribute::Metrics(metrics) => (route.mtu, mtu_locked) = mtu(&metrics),
            RouteAttribute::Source(RouteAddress::Inet(address)) => source = Some(address.into()),
            RouteAttribute::Iif(link) => input = Some(IfIndex(link)),
            RouteAttribute::Uid(number) => uid = Some(number),
            RouteAttribute::CacheInfo(info) if info.expires != 0 => expires = Some(info.expires),
            RouteAttribute::MultiPath(_) | RouteAttribute::Via(_) | RouteAttribute::NhId(_) => {
                return Err(StackError::NotModelled("route with several or shared next hops".to_owned()));
            }
            _ => {}
        }
    }
    // The lower half holds RTNH_F_* and RTM_F_*, the upper one RTCF_*.
    Ok(RouteLookup { route, source, input, uid, cache_flags: flags & !0xffff, mtu_locked, expires })
}

/// The MTU that the metrics give, and whether it is locked: a bit for each metric says so.
fn mtu(metrics: &[RouteMetric]) -> (Option<u32>, bool) {
    /// `RTAX_MTU`
    const MTU: u32 = 2;
    let given = metrics.iter().find_map(|metric| match metric {
        RouteMetric::Mtu(mtu) => Some(*mtu),
        _ => None,
    });
    (given, metrics.iter().any(|metric| matches!(metric, RouteMetric::Lock(bits) if bits & (1 << MTU) != 0)))
}
