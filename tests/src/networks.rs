//! Small networks that work: where a random sequence begins.

use crate::operation::{Action, Operation};
use std::net::Ipv4Addr;
use vethlab_shared::change::{AddressSpec, Change, LinkSettings, Modify, NewLink, NewLinkKind, RouteSpec};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::prefix::Prefix;
use vethlab_shared::view::{AddressFlags, LinkFlags, Protocol, RouteFlags, RouteKind, Scope, table};

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

/// The machine, then `red`, which forwards, then `blue`.
pub fn router() -> Vec<Operation> {
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
    network.push("red", Change::SetSysctl { name: "net.ipv4.ip_forward".to_owned(), value: "1".to_owned() });
    network.default_route("", [10, 0, 0, 2]);
    network.default_route("blue", [10, 0, 1, 1]);
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
    fn push(&mut self, place: &str, change: Change) {
        self.operations.push(Operation { namespace: namespace(place), action: Action::Change(change) });
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

    fn default_route(&mut self, place: &str, gateway: [u8; 4]) {
        let route = RouteSpec {
            destination: Prefix::DEFAULT,
            tos: 0,
            table: table::MAIN,
            kind: RouteKind::Unicast,
            protocol: Protocol::BOOT,
            scope: Scope::UNIVERSE,
            metric: None,
            gateway: Some(gateway.into()),
            output: None,
            preferred_source: None,
            mtu: None,
            flags: RouteFlags::empty(),
        };
        self.push(place, Change::AddRoute { how: Modify::ADD, route });
    }
}

fn namespace(name: &str) -> NamespaceName {
    if name.is_empty() { NamespaceName::HOST } else { NamespaceName::new(name).expect("a valid name") }
}

fn up() -> LinkSettings {
    LinkSettings { flags: LinkFlags::UP, flags_mask: LinkFlags::UP, ..LinkSettings::default() }
}

fn address(link: IfIndex, host: Ipv4Addr) -> AddressSpec {
    AddressSpec {
        link,
        local: Some(host),
        peer: Some(host),
        prefix_length: 24,
        broadcast: None,
        label: None,
        scope: Scope::UNIVERSE,
        flags: AddressFlags::empty(),
    }
}
