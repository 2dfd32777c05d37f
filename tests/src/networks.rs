//! Small networks that work: where a random sequence begins.

use crate::operation::{Action, Operation};
use std::net::Ipv4Addr;
use vethlab_shared::change::{
    AddressSpec, BridgeSettings, Change, LinkSettings, Modify, NeighbourSpec, NewLink, NewLinkKind, RouteSpec,
};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::prefix::{Ipv4Prefix, Prefix};
use vethlab_shared::view::{LinkFlags, NeighbourState};

/// One cable: 10.0.0.1 on the machine, 10.0.0.2 in `red`.
pub fn pair() -> Vec<Operation> {
    let mut network = Network::default();
    network.add_namespace("red");
    network.cable(
        End { namespace: "", link: "a", host: [10, 0, 0, 1] },
        End { namespace: "red", link: "b", host: [10, 0, 0, 2] },
    );
    network.operations
}

/// Two cables between the machine and `red`, in two networks.
pub fn two_pairs() -> Vec<Operation> {
    let mut network = Network::default();
    network.add_namespace("red");
    network.cable(
        End { namespace: "", link: "a", host: [10, 0, 0, 1] },
        End { namespace: "red", link: "b", host: [10, 0, 0, 2] },
    );
    network.cable(
        End { namespace: "", link: "c", host: [10, 0, 1, 1] },
        End { namespace: "red", link: "d", host: [10, 0, 1, 2] },
    );
    network.operations
}

/// A bridge on the machine, 10.0.0.3, with `red`, 10.0.0.1, and `blue`, 10.0.0.2, on cables of its own. It joins no group,
/// so that it sends nothing by itself.
pub fn switch() -> Vec<Operation> {
    let bridge = IfIndex(2);
    let mut network = Network::default();
    let kind =
        NewLinkKind::Bridge(BridgeSettings { mcast_snooping: Some(false), ..BridgeSettings::default() });
    let end = LinkSettings { name: "e".parse().ok(), ..up() };
    network.push("", Change::AddLink(NewLink { end, kind }));
    for (place, near, far, host) in [("red", "a", "b", 1), ("blue", "c", "d", 2)] {
        network.add_namespace(place);
        let [near, far] = [
            End { namespace: "", link: near, host: [0; 4] },
            End { namespace: place, link: far, host: [0; 4] },
        ];
        let (peer, end) = (network.new_end(&far, 2 * host), network.new_end(&near, 2 * host + 1));
        network.push("", Change::AddLink(NewLink { end, kind: NewLinkKind::Veth { peer } }));
        let port = LinkSettings { master: Some(bridge), ..up() };
        network.push("", Change::SetLink { link: IfIndex(2 + u32::from(host)), settings: port });
        network.push(place, Change::SetLink { link: IfIndex(2), settings: up() });
        let address = address(IfIndex(2), [10, 0, 0, host].into());
        network.push(place, Change::AddAddress { how: Modify::ADD, address });
    }
    network.push("", Change::AddAddress { how: Modify::ADD, address: address(bridge, [10, 0, 0, 3].into()) });
    network.operations
}

/// The machine, then `red`, which forwards, then `blue`.
pub fn router() -> Vec<Operation> {
    Network::router().operations
}

/// The same with another MTU, in bytes, on the farther cable.
pub fn narrow(mtu: u32) -> Vec<Operation> {
    let mut network = Network::router();
    for (place, link) in [("red", IfIndex(3)), ("blue", IfIndex(2))] {
        let settings = LinkSettings { mtu: Some(mtu), ..LinkSettings::default() };
        network.push(place, Change::SetLink { link, settings });
    }
    network.operations
}

/// The same with 10.0.2.0/24 behind a second gateway on the farther cable, 10.0.1.3: the first one sends there what it
/// is given, and tells of the better way. Both know the second one without asking; nobody is there.
pub fn detour() -> Vec<Operation> {
    let mut network = Network::router();
    let (first, second) = ([10, 0, 1, 2], [10, 0, 1, 3]);
    network.setting("blue", "ip_forward", "1");
    network.setting("red", "conf.all.accept_redirects", "1");
    let behind = Ipv4Prefix::new([10, 0, 2, 0].into(), 24);
    network.route("red", behind, first);
    network.route("blue", behind, second);
    network.neighbour("red", IfIndex(3), second, 4);
    network.neighbour("blue", IfIndex(2), second, 5);
    network.operations
}

/// The machine and `red`, which both forward, on two cables; what goes by one is answered by the other. `filter` is the
/// `rp_filter` of both.
pub fn two_ways(filter: &str) -> Vec<Operation> {
    let mut network = Network { operations: two_pairs(), ..Network::default() };
    for place in ["", "red"] {
        network.setting(place, "ip_forward", "1");
        network.setting(place, "conf.all.rp_filter", filter);
    }
    let ends = [("", [10, 0, 2, 1], [10, 0, 0, 2]), ("red", [10, 0, 2, 2], [10, 0, 1, 1])];
    for (place, host, _) in ends {
        let address = AddressSpec { prefix_length: 32, ..address(IfIndex(2), host.into()) };
        network.push(place, Change::AddAddress { how: Modify::ADD, address });
    }
    for ((place, own, gateway), (_, other, _)) in [(ends[0], ends[1]), (ends[1], ends[0])] {
        let route = RouteSpec {
            preferred_source: Some(own.into()),
            ..route(Ipv4Prefix::new(other.into(), 32), gateway)
        };
        network.push(place, Change::AddRoute { how: Modify::ADD, route });
    }
    network.operations
}

/// One end of a cable.
struct End {
    namespace: &'static str,
    link: &'static str,
    host: [u8; 4],
}

/// A network being built.
#[derive(Default)]
struct Network {
    operations: Vec<Operation>,
    cables: u8,
    /// How many links each namespace has been given.
    links: Vec<&'static str>,
}

impl Network {
    /// The machine, then `red`, which forwards, then `blue`.
    fn router() -> Network {
        let mut network = Network::default();
        network.add_namespace("red");
        network.add_namespace("blue");
        network.cable(
            End { namespace: "", link: "a", host: [10, 0, 0, 1] },
            End { namespace: "red", link: "b", host: [10, 0, 0, 2] },
        );
        network.cable(
            End { namespace: "red", link: "c", host: [10, 0, 1, 1] },
            End { namespace: "blue", link: "d", host: [10, 0, 1, 2] },
        );
        network.setting("red", "ip_forward", "1");
        network.route("", Ipv4Prefix::DEFAULT, [10, 0, 0, 2]);
        network.route("blue", Ipv4Prefix::DEFAULT, [10, 0, 1, 1]);
        network
    }

    fn push(&mut self, place: &str, change: Change) {
        self.operations.push(Operation { namespace: namespace(place), action: Action::Change(change) });
    }

    fn setting(&mut self, place: &str, name: &str, value: &str) {
        self.push(place, Change::SetSysctl { name: format!("net.ipv4.{name}"), value: value.to_owned() });
    }

    fn add_namespace(&mut self, name: &str) {
        self.push("", Change::AddNamespace(namespace(name)));
    }

    /// A cable that is up at both ends, each with an address.
    fn cable(&mut self, near: End, far: End) {
        self.cables += 1;
        let peer = self.new_end(&far, 2 * self.cables);
        let end = self.new_end(&near, 2 * self.cables + 1);
        self.push("", Change::AddLink(NewLink { end, kind: NewLinkKind::Veth { peer } }));
        for end in [far, near] {
            self.links.push(end.namespace);
            let others = self.links.iter().filter(|place| **place == end.namespace).count();
            let link = IfIndex(1 + others as u32);
            self.push(end.namespace, Change::SetLink { link, settings: up() });
            self.push(
                end.namespace,
                Change::AddAddress { how: Modify::ADD, address: address(link, end.host.into()) },
            );
        }
    }

    fn new_end(&self, end: &End, mac: u8) -> LinkSettings {
        LinkSettings {
            name: Some(end.link.parse().expect("a valid name")),
            address: Some(MacAddress([2, 0, 0, 0, 0, mac])),
            namespace: (!end.namespace.is_empty()).then(|| namespace(end.namespace)),
            ..LinkSettings::default()
        }
    }

    fn neighbour(&mut self, place: &str, link: IfIndex, host: [u8; 4], mac: u8) {
        let neighbour = NeighbourSpec {
            link,
            destination: host.into(),
            address: Some(MacAddress([2, 0, 0, 0, 0, mac])),
            state: NeighbourState::PERMANENT,
        };
        self.push(place, Change::AddNeighbour { how: Modify::ADD, neighbour });
    }

    fn route(&mut self, place: &str, destination: impl Into<Prefix>, gateway: [u8; 4]) {
        self.push(place, Change::AddRoute { how: Modify::ADD, route: route(destination, gateway) });
    }
}

/// A route by a gateway, as `ip route add` asks for it.
pub fn route(destination: impl Into<Prefix>, gateway: [u8; 4]) -> RouteSpec {
    RouteSpec::by_gateway(destination.into(), gateway.into())
}

fn namespace(name: &str) -> NamespaceName {
    if name.is_empty() { NamespaceName::HOST } else { NamespaceName::new(name).expect("a valid name") }
}

/// Settings that make a link administratively up, as `ip link set … up` asks for it.
pub fn up() -> LinkSettings {
    LinkSettings { flags: LinkFlags::UP, flags_mask: LinkFlags::UP, ..LinkSettings::default() }
}

/// An address with a prefix of 24 bits, as `ip addr add` asks for it.
pub fn address(link: IfIndex, host: Ipv4Addr) -> AddressSpec {
    AddressSpec::new(link, Prefix::new(host, 24))
}
