//! Packets that are sent, and ways that are asked for.

use super::{host, index, link_name, place};
use crate::operation::{Ending, Ping, Tcp, Udp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::net::Ipv4Addr;
use vethlab_shared::socket::MtuDiscovery;
use vethlab_shared::view::RouteQuery;

/// How much is sent, in bytes of data: at and around the MTUs of the pool.
pub(super) fn size() -> impl Strategy<Value = u16> {
    select(&[0_u16, 40, 524, 525, 572, 573, 1172, 1252, 1253, 1372, 1472, 1473, 3000][..])
}

/// Where to: mostly where the networks that a sequence begins with have somebody, or know a way.
fn destination() -> impl Strategy<Value = Ipv4Addr> {
    let known = [[10, 0, 0, 1], [10, 0, 0, 2], [10, 0, 1, 1], [10, 0, 1, 2], [10, 0, 2, 1], [10, 0, 2, 2]];
    let all = [[10, 0, 0, 255], [10, 0, 1, 255], [255, 255, 255, 255]];
    let among =
        |addresses: &[[u8; 4]]| select(addresses.iter().copied().map(Ipv4Addr::from).collect::<Vec<_>>());
    prop_oneof![8 => host(), 8 => among(&known), 1 => among(&all)]
}

/// An echo request: mostly as `ping` sends it when told nothing.
pub(super) fn ping() -> impl Strategy<Value = Ping> {
    let source = prop_oneof![5 => Just(None), 1 => host().prop_map(Some)];
    let link = prop_oneof![6 => Just(None), 1 => link_name().prop_map(Some)];
    let time_to_live = prop_oneof![6 => Just(None), 1 => (1_u8..4).prop_map(Some)];
    let size = prop_oneof![1 => Just(56_u16), 1 => size()];
    let discovery = prop_oneof![
        5 => Just(None),
        1 => Just(Some(MtuDiscovery::Do)),
        1 => Just(Some(MtuDiscovery::Want)),
        1 => Just(Some(MtuDiscovery::Dont)),
        1 => Just(Some(MtuDiscovery::Probe)),
    ];
    let broadcast = proptest::bool::weighted(0.2);
    (destination(), source, link, time_to_live, size, discovery, broadcast).prop_map(
        |(destination, source, link, time_to_live, size, mtu_discovery, broadcast)| Ping {
            destination,
            source,
            link,
            time_to_live,
            size,
            mtu_discovery,
            broadcast,
        },
    )
}

/// The ports are fixed or few, so that they meet; a port that the kernel chooses is random.
pub(super) fn udp() -> impl Strategy<Value = Udp> {
    let port = || select(&[7_u16, 7, 7, 7, 40_000, 40_000, 33_434, 0][..]);
    let source =
        (prop_oneof![3 => Just(Ipv4Addr::UNSPECIFIED), 1 => host()], select(&[40_000_u16, 40_000, 7][..]));
    let link = prop_oneof![8 => Just(None), 1 => link_name().prop_map(Some)];
    let time_to_live = prop_oneof![6 => Just(None), 1 => (1_u8..4).prop_map(Some)];
    let discovery = prop_oneof![
        3 => Just(MtuDiscovery::Want),
        2 => Just(MtuDiscovery::Dont),
        1 => Just(MtuDiscovery::Do),
        1 => Just(MtuDiscovery::Probe),
    ];
    let sizes =
        vec(select(&[0_u16, 1, 32, 33, 32, 64, 524, 572, 1172, 1252, 1372, 1472, 1473, 3000][..]), 1..=3);
    let listener = (place(), prop_oneof![2 => Just(Ipv4Addr::UNSPECIFIED), 1 => host()]);
    let flags = (any::<bool>(), any::<bool>(), proptest::bool::weighted(0.2));
    let whom = (destination(), port(), flags, source, link);
    (whom, time_to_live, discovery, sizes, vec(listener, 0..=2)).prop_map(
        |(whom, time_to_live, mtu_discovery, sizes, listeners)| {
            let (destination, port, (connected, receive_errors, broadcast), source, link) = whom;
            Udp {
                destination,
                port,
                connected,
                receive_errors,
                source: Some(source),
                link,
                time_to_live,
                mtu_discovery,
                sizes,
                broadcast,
                listeners,
            }
        },
    )
}

/// A port that the kernel chooses is random, so none is left to it.
pub(super) fn tcp() -> impl Strategy<Value = Tcp> {
    let port = select(&[7_u16, 7, 7, 8000][..]);
    let own = select(&[40_000_u16, 40_001, 40_002, 40_003, 7][..]);
    let source = (prop_oneof![4 => Just(Ipv4Addr::UNSPECIFIED), 1 => host()], own);
    let link = prop_oneof![8 => Just(None), 1 => link_name().prop_map(Some)];
    let data = || select(&[0_u16, 1, 64, 524, 1448, 1449, 3000][..]);
    let ending = select(&[Ending::Near, Ending::Near, Ending::Far, Ending::HalfClosed, Ending::Unread][..]);
    let listener = (place(), prop_oneof![3 => Just(Ipv4Addr::UNSPECIFIED), 1 => host()]);
    (destination(), port, source, link, (data(), data()), ending, vec(listener, 0..=3)).prop_map(
        |(destination, port, source, link, (near, far), ending, listeners)| Tcp {
            destination,
            port,
            source,
            link,
            sizes: [near, far],
            ending,
            listeners,
        },
    )
}

/// Which way a packet would take.
pub(super) fn query() -> impl Strategy<Value = RouteQuery> {
    let source = prop_oneof![3 => Just(None), 1 => host().prop_map(Some)];
    let output = prop_oneof![3 => Just(None), 1 => index().prop_map(Some)];
    let input = prop_oneof![4 => Just(None), 1 => index().prop_map(Some)];
    (destination(), source, output, input).prop_map(|(destination, source, output, input)| RouteQuery {
        destination: destination.into(),
        source: source.map(Into::into),
        output,
        input,
        tos: 0,
    })
}
