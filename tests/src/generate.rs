//! Random operations, from small pools so that they meet: the same few namespaces, links, addresses and
//! prefixes come again and again, and many an operation is refused.

mod bridge;
mod ruleset;
mod sysctl;
mod traffic;

pub(crate) use sysctl::CONF;

use crate::networks;
use crate::operation::{Action, Operation, Ping};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::net::Ipv4Addr;
use vethlab_shared::change::{
    AddressSpec, BridgeSettings, Change, LinkSettings, Modify, NeighbourSpec, NewLink, NewLinkKind, RouteSpec,
};
use vethlab_shared::family::Family;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::{IfIndex, LinkName, NamespaceName};
use vethlab_shared::prefix::{Ipv4Prefix, Prefix};
use vethlab_shared::view::{
    AddressFlags, LinkFlags, NeighbourState, Protocol, RouteFlags, RouteKind, Scope, table,
};

/// A random sequence: most of a small network, a few settings of it, then up to `length` operations of any kind.
pub fn operations(length: usize) -> impl Strategy<Value = Vec<Operation>> {
    (beginning(), vec(tuning(), 0..=4), vec(operation(), 1..=length))
        .prop_map(|(beginning, tuning, rest)| [beginning, tuning, rest].concat())
}

/// Most of the operations that build a small network that works; now and then nothing.
fn beginning() -> BoxedStrategy<Vec<Operation>> {
    let network = prop_oneof![
        select(vec![Vec::new(), networks::pair(), networks::two_pairs(), networks::router()]),
        Just(networks::switch()),
        select(&[68_u32, 552, 600, 1280, 1400][..]).prop_map(networks::narrow),
        Just(networks::detour()),
        select(&["0", "1", "2"][..]).prop_map(networks::two_ways),
    ];
    network
        .prop_flat_map(|all| {
            let kept = vec(proptest::bool::weighted(0.98), all.len());
            (Just(all), kept)
        })
        .prop_map(|(all, kept)| {
            all.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(one, _)| one).collect()
        })
        .boxed()
}

/// What alters how packets go and breaks little.
fn tuning() -> impl Strategy<Value = Operation> {
    let link = prop_oneof![1 => Just(IfIndex::LOOPBACK), 3 => Just(IfIndex(2)), 3 => Just(IfIndex(3))];
    let mtu = (link, mtu()).prop_map(|(link, mtu)| {
        let settings = LinkSettings { mtu: Some(mtu), ..LinkSettings::default() };
        Change::SetLink { link, settings }
    });
    let change = prop_oneof![3 => sysctl::change(), 1 => mtu, 2 => ruleset::change()];
    (place(), change).prop_map(|(namespace, change)| Operation { namespace, action: Action::Change(change) })
}

fn operation() -> BoxedStrategy<Operation> {
    let action = prop_oneof![
        6 => change().prop_map(Action::Change),
        5 => traffic::ping().prop_map(Action::Ping),
        3 => traffic::udp().prop_map(Action::Udp).boxed(),
        3 => traffic::tcp().prop_map(Action::Tcp).boxed(),
        1 => traffic::query().prop_map(Action::Lookup),
    ];
    let anywhere = (place(), action).prop_map(|(namespace, action)| Operation { namespace, action });
    prop_oneof![4 => anywhere.boxed(), 1 => crossing().boxed()].boxed()
}

/// An echo request through the whole of a network that a sequence begins with.
fn crossing() -> impl Strategy<Value = Operation> {
    let ends = select(vec![
        ("", [10, 0, 1, 2]),
        ("", [10, 0, 1, 2]),
        ("", [10, 0, 2, 1]),
        ("", [10, 0, 2, 2]),
        ("red", [10, 0, 2, 1]),
        ("blue", [10, 0, 0, 1]),
        ("blue", [10, 0, 2, 1]),
    ]);
    (ends, traffic::size(), traffic::ping()).prop_map(|((place, destination), size, ping)| Operation {
        namespace: if place.is_empty() { NamespaceName::HOST } else { namespace(place) },
        action: Action::Ping(Ping { destination: destination.into(), size, ..ping }),
    })
}

/// Where an operation is done: mostly where there is something.
fn place() -> impl Strategy<Value = NamespaceName> {
    prop_oneof![4 => Just(NamespaceName::HOST), 5 => name_of_namespace()]
}

fn name_of_namespace() -> impl Strategy<Value = NamespaceName> {
    prop_oneof![4 => Just("red"), 3 => Just("blue"), 1 => Just("green")].prop_map(namespace)
}

fn namespace(name: &str) -> NamespaceName {
    NamespaceName::new(name).expect("a name from the pool")
}

fn link_name() -> impl Strategy<Value = LinkName> {
    select(&["a", "b", "c", "d", "e", "lo"][..]).prop_map(|name| name.parse().expect("a name from the pool"))
}

fn index() -> impl Strategy<Value = IfIndex> {
    prop_oneof![2 => Just(1), 6 => Just(2), 6 => Just(3), 3 => Just(4), 2 => Just(5), 1 => Just(6), 1 => Just(9)]
        .prop_map(IfIndex)
}

fn mac() -> impl Strategy<Value = MacAddress> {
    prop_oneof![
        12 => (1_u8..24).prop_map(|last| MacAddress([2, 0, 0, 0, 0, last])),
        1 => select(vec![MacAddress::ZERO, MacAddress::BROADCAST, MacAddress([1, 0, 0x5e, 0, 0, 1])]),
    ]
}

fn host() -> impl Strategy<Value = Ipv4Addr> {
    prop_oneof![
        12 => (0_u8..3, 1_u8..4).prop_map(|(network, host)| Ipv4Addr::new(10, 0, network, host)),
        2 => (0_u8..3, select(&[0_u8, 77, 127, 255][..]))
            .prop_map(|(network, host)| Ipv4Addr::new(10, 0, network, host)),
        2 => select(&[[127, 0, 0, 1], [127, 0, 0, 2], [8, 8, 8, 8], [10, 9, 0, 1]][..]).prop_map(Ipv4Addr::from),
        1 => select(&[[0, 0, 0, 0], [255, 255, 255, 255], [224, 0, 0, 1]][..]).prop_map(Ipv4Addr::from),
    ]
}

fn length() -> impl Strategy<Value = u8> {
    prop_oneof![8 => Just(24_u8), 2 => Just(32), 2 => Just(25), 1 => Just(16), 1 => Just(30), 2 => Just(31),
        1 => Just(8), 1 => Just(0)]
}

/// What takes much room is boxed: without optimisation the stack of a thread is filled soon.
fn change() -> BoxedStrategy<Change> {
    prop_oneof![
        2 => name_of_namespace().prop_map(Change::AddNamespace),
        1 => name_of_namespace().prop_map(Change::DeleteNamespace),
        6 => new_link().prop_map(Change::AddLink).boxed(),
        12 => (index(), settings()).prop_map(|(link, settings)| Change::SetLink { link, settings }).boxed(),
        2 => index().prop_map(Change::DeleteLink),
        8 => (add_or_replace(), address()).prop_map(|(how, address)| Change::AddAddress { how, address }),
        4 => address().prop_map(Change::DeleteAddress),
        8 => (route_modify(), route()).prop_map(|(how, route)| Change::AddRoute { how, route }).boxed(),
        3 => (route_modify(), known_route()).prop_map(|(how, route)| Change::AddRoute { how, route }).boxed(),
        2 => known_route().prop_map(Change::DeleteRoute),
        4 => route_to_delete().prop_map(Change::DeleteRoute),
        4 => (add_or_replace(), neighbour()).prop_map(|(how, neighbour)| Change::AddNeighbour { how, neighbour }),
        2 => (index(), host()).prop_map(|(link, destination)| Change::DeleteNeighbour {
            link,
            destination: destination.into(),
        }),
        6 => bridge::change(),
        8 => sysctl::change(),
        6 => ruleset::change(),
    ]
    .boxed()
}

fn new_link() -> impl Strategy<Value = NewLink> {
    let pair =
        (new_end(), new_end()).prop_map(|(end, peer)| NewLink { end, kind: NewLinkKind::Veth { peer } });
    prop_oneof![3 => pair, 1 => new_bridge()]
}

/// A bridge that joins no group, so that it sends nothing by itself.
fn new_bridge() -> impl Strategy<Value = NewLink> {
    let ageing_time = prop_oneof![6 => Just(None), 1 => Just(Some(0)), 1 => Just(Some(100_000))];
    (new_end(), proptest::bool::ANY, ageing_time).prop_map(|(end, has_address, ageing_time)| NewLink {
        end: LinkSettings { address: end.address.filter(|_| has_address), ..end },
        kind: NewLinkKind::Bridge(BridgeSettings {
            ageing_time,
            mcast_snooping: Some(false),
            ..BridgeSettings::default()
        }),
    })
}

/// A new end always has an address of the pool: those that the kernel makes up are random.
fn new_end() -> impl Strategy<Value = LinkSettings> {
    let index = prop_oneof![20 => Just(None), 1 => index().prop_map(Some)];
    let name = prop_oneof![12 => link_name().prop_map(Some), 1 => Just(None)];
    let mtu = prop_oneof![12 => Just(None), 1 => mtu().prop_map(Some)];
    let namespace = prop_oneof![3 => Just(None), 2 => name_of_namespace().prop_map(Some)];
    let flags = prop_oneof![4 => Just(LinkFlags::empty()), 1 => Just(LinkFlags::UP)];
    (index, name, mtu, namespace, flags, mac()).prop_map(|(index, name, mtu, namespace, flags, mac)| {
        LinkSettings {
            name,
            flags,
            flags_mask: flags,
            index,
            mtu,
            address: Some(mac),
            namespace,
            ..LinkSettings::default()
        }
    })
}

fn mtu() -> impl Strategy<Value = u32> {
    select(&[0_u32, 67, 68, 552, 576, 600, 1000, 1280, 1400, 1500, 9000, 65535, 65536][..])
}

/// One setting at a time, as `ip link set` is mostly used.
fn settings() -> impl Strategy<Value = LinkSettings> {
    let set = |alter: fn(&mut LinkSettings)| {
        let mut settings = LinkSettings::default();
        alter(&mut settings);
        settings
    };
    let up = set(|settings| (settings.flags, settings.flags_mask) = (LinkFlags::UP, LinkFlags::UP));
    let down = set(|settings| settings.flags_mask = LinkFlags::UP);
    let default = LinkSettings::default;
    prop_oneof![
        8 => Just(up),
        3 => Just(down),
        2 => link_name().prop_map(move |name| LinkSettings { name: Some(name), ..default() }),
        4 => mtu().prop_map(move |mtu| LinkSettings { mtu: Some(mtu), ..default() }),
        2 => mac().prop_map(move |mac| LinkSettings { address: Some(mac), ..default() }),
        1 => (0_u32..3).prop_map(move |length| LinkSettings { tx_queue_length: Some(length), ..default() }),
        3 => name_of_namespace().prop_map(move |name| LinkSettings { namespace: Some(name), ..default() }),
        4 => index().prop_map(move |index| LinkSettings { master: Some(index), ..default() }),
        1 => Just(LinkSettings { master: Some(IfIndex(0)), ..default() }),
    ]
}

fn add_or_replace() -> impl Strategy<Value = Modify> {
    prop_oneof![6 => Just(Modify::ADD), 1 => Just(Modify::CREATE | Modify::REPLACE), 1 => Just(Modify::REPLACE)]
}

fn route_modify() -> impl Strategy<Value = Modify> {
    prop_oneof![
        6 => Just(Modify::ADD),
        2 => Just(Modify::CREATE | Modify::REPLACE),
        1 => Just(Modify::REPLACE),
        1 => Just(Modify::CREATE | Modify::APPEND),
    ]
}

fn address() -> impl Strategy<Value = AddressSpec> {
    let peer = prop_oneof![8 => Just(None), 1 => host().prop_map(Some)];
    let scope = prop_oneof![8 => Just(Scope::UNIVERSE), 1 => Just(Scope::LINK), 1 => Just(Scope::HOST)];
    let flags = prop_oneof![8 => Just(AddressFlags::empty()), 1 => Just(AddressFlags::NO_PREFIX_ROUTE)];
    let broadcast = prop_oneof![2 => Just(false), 1 => Just(true)];
    (index(), host(), peer, length(), broadcast, scope, flags).prop_map(
        |(link, local, peer, prefix_length, broadcast, scope, flags)| AddressSpec {
            family: Family::Inet,
            link,
            local: Some(local.into()),
            peer: Some(peer.unwrap_or(local).into()),
            prefix_length,
            broadcast: Prefix::new(local, prefix_length).broadcast().filter(|_| broadcast),
            label: None,
            scope,
            flags,
        },
    )
}

fn destination() -> impl Strategy<Value = Prefix> {
    let prefix = (host(), length(), proptest::bool::weighted(0.95)).prop_map(|(address, length, clear)| {
        let prefix = Prefix::new(address, length);
        if clear { prefix.network() } else { prefix }
    });
    prop_oneof![6 => prefix, 1 => Just(Prefix::default_of(Family::Inet))]
}

/// A route as `ip route add` asks for it, and now and then an odd one.
fn route() -> impl Strategy<Value = RouteSpec> {
    let kind = prop_oneof![
        10 => Just(RouteKind::Unicast),
        1 => Just(RouteKind::Blackhole),
        1 => Just(RouteKind::Unreachable),
        1 => Just(RouteKind::Prohibit),
        1 => Just(RouteKind::Throw),
        1 => Just(RouteKind::Local),
    ];
    let output = prop_oneof![1 => Just(None), 2 => index().prop_map(Some)];
    let gateway = option::of(host());
    let metric = prop_oneof![4 => Just(None), 1 => select(&[0_u32, 10, 20][..]).prop_map(Some)];
    let source = prop_oneof![8 => Just(None), 1 => host().prop_map(Some)];
    let scope = prop_oneof![8 => Just(None), 1 => select(&[Scope::UNIVERSE, Scope::LINK, Scope::HOST][..]).prop_map(Some)];
    let mtu = prop_oneof![8 => Just(None), 1 => mtu().prop_map(Some)];
    let flags = prop_oneof![9 => Just(RouteFlags::empty()), 1 => Just(RouteFlags::ON_LINK)];
    let table = prop_oneof![20 => Just(table::MAIN), 1 => Just(100_u32), 1 => Just(table::LOCAL)];
    (destination(), kind, (output, gateway, source, flags), metric, scope, mtu, table).prop_map(
        |(destination, kind, (output, gateway, preferred_source, flags), metric, scope, mtu, table)| {
            let forwards = kind == RouteKind::Unicast;
            RouteSpec {
                destination,
                tos: 0,
                table,
                kind,
                protocol: Protocol::BOOT,
                scope: scope.unwrap_or(usual_scope(kind, gateway)),
                metric,
                gateway: gateway.filter(|_| forwards).map(Into::into),
                output: output.filter(|_| forwards || kind == RouteKind::Local),
                preferred_source: preferred_source.map(Into::into),
                mtu,
                flags,
            }
        },
    )
}

/// A route that a network begins with, as it is or nearly.
fn known_route() -> impl Strategy<Value = RouteSpec> {
    let behind = Ipv4Prefix::new([10, 0, 2, 0].into(), 24);
    let known = select(vec![
        networks::route(Ipv4Prefix::DEFAULT, [10, 0, 0, 2]),
        networks::route(Ipv4Prefix::DEFAULT, [10, 0, 1, 1]),
        networks::route(behind, [10, 0, 1, 2]),
        networks::route(behind, [10, 0, 1, 3]),
    ]);
    let mtu = prop_oneof![3 => Just(None), 1 => mtu().prop_map(Some)];
    let metric = prop_oneof![4 => Just(None), 1 => Just(Some(10))];
    let refusal = prop_oneof![
        4 => Just(None),
        1 => select(&[RouteKind::Blackhole, RouteKind::Unreachable, RouteKind::Prohibit, RouteKind::Throw][..])
            .prop_map(Some),
    ];
    (known, mtu, metric, refusal).prop_map(|(known, mtu, metric, refusal)| {
        let route = RouteSpec { mtu, metric, ..known };
        match refusal {
            None => route,
            Some(kind) => RouteSpec { kind, gateway: None, ..route },
        }
    })
}

/// The scope that `ip route add` fills in (`iproute_modify` in iproute2's `ip/iproute.c`).
fn usual_scope(kind: RouteKind, gateway: Option<Ipv4Addr>) -> Scope {
    match kind {
        RouteKind::Local => Scope::HOST,
        RouteKind::Unicast if gateway.is_none() => Scope::LINK,
        _ => Scope::UNIVERSE,
    }
}

/// A route as `ip route del` asks for it: what is not said matches anything.
fn route_to_delete() -> impl Strategy<Value = RouteSpec> {
    let metric = prop_oneof![4 => Just(None), 1 => select(&[0_u32, 10, 20][..]).prop_map(Some)];
    (destination(), option::weighted(0.3, index()), option::weighted(0.3, host()), metric).prop_map(
        |(destination, output, gateway, metric)| RouteSpec {
            destination,
            tos: 0,
            table: table::MAIN,
            kind: RouteKind::Unspecified,
            protocol: Protocol::UNSPECIFIED,
            scope: Scope::NOWHERE,
            metric,
            gateway: gateway.map(Into::into),
            output,
            preferred_source: None,
            mtu: None,
            flags: RouteFlags::empty(),
        },
    )
}

fn neighbour() -> impl Strategy<Value = NeighbourSpec> {
    let state = prop_oneof![
        4 => Just(NeighbourState::PERMANENT),
        1 => Just(NeighbourState::REACHABLE),
        1 => Just(NeighbourState::STALE),
        1 => Just(NeighbourState::NO_ARP),
    ];
    (index(), host(), option::weighted(0.9, mac()), state).prop_map(|(link, destination, address, state)| {
        NeighbourSpec { link, destination: destination.into(), address, state }
    })
}
