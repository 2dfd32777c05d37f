//! A namespace to try things in: `lo`, and two pairs `v0`–`v1` (3 and 2) and `v2`–`v3` (5 and 4), all down.

use super::{Fib, RouteSettings};
use crate::config::address::{self, AddressEvent};
use crate::id::{LinkId, NamespaceId};
use crate::ipv4::route::{InputDecision, InputQuery, OutputQuery, Route, RoutingView, input, output};
use crate::link::{Device, InDevice, Link, Links};
use crate::sysctl::{self, DevConf, Sysctls};
use std::net::Ipv4Addr;
use vethlab_shared::change::{AddressSpec, Modify, RouteSpec};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::IfIndex;
use vethlab_shared::prefix::Prefix;
use vethlab_shared::time::Duration;
use vethlab_shared::view::{
    AddressFlags, LinkFlags, OperationalState, Protocol, RouteFlags, RouteKind, RouteView, Scope, table,
};

/// A refusal as a test writes it: the number and the text, which may be empty.
pub(crate) type Refusal = (Errno, &'static str);

pub(crate) struct Lab {
    pub(crate) links: Links,
    pub(crate) fib: Fib,
    pub(crate) sysctls: Sysctls,
}

pub(crate) fn at(text: &str) -> Ipv4Addr {
    text.parse().expect("an address")
}

/// A question for a destination and nothing else.
pub(crate) fn to(destination: &str) -> OutputQuery {
    OutputQuery { destination: at(destination), source: None, output: None, tos: 0 }
}

fn prefix(text: &str) -> Prefix {
    let (address, length) = text.split_once('/').unwrap_or((text, "32"));
    Prefix::new(at(address), length.parse().expect("a prefix length"))
}

fn link(index: u32, name: &str, peer: Option<u32>) -> Link {
    let name = name.parse().expect("a link name");
    let device = peer.map_or(Device::Loopback, |peer| Device::Veth {
        peer: LinkId { namespace: NamespaceId { slot: 0, number: 0 }, index: IfIndex(peer) },
    });
    let inet = Some(InDevice::new(DevConf::default(), Duration::ZERO));
    let link = Link { inet, ..Link::ethernet(IfIndex(index), name, device, MacAddress::ZERO) };
    match peer {
        None => Link { flags: LinkFlags::LOOPBACK, mtu: 65536, ..link },
        Some(_) => Link { carrier: false, ..link },
    }
}

impl Lab {
    pub(crate) fn new() -> Lab {
        let links = [
            link(1, "lo", None),
            link(2, "v1", Some(3)),
            link(3, "v0", Some(2)),
            link(4, "v3", Some(5)),
            link(5, "v2", Some(4)),
        ];
        let links: Links = links.into_iter().map(|link| (link.index, link)).collect();
        Lab { links, fib: Fib::default(), sysctls: Sysctls::default() }
    }

    /// `sysctl -w net.ipv4.conf.…`.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        let index = |name: &str| Some(self.index(name));
        let setting = sysctl::find(&format!("net.ipv4.conf.{name}"), index).expect("a setting");
        let links = self.links.values_mut();
        let conf = links.filter_map(|link| Some((link.index, &mut link.inet.as_mut()?.conf)));
        self.sysctls.set(setting, value, conf).expect("a good value");
    }

    /// `lo`, `v0` and `v1` up, 10.0.0.1/24 on `v0`.
    pub(crate) fn with_address() -> Lab {
        let mut lab = Lab::new();
        lab.up("lo");
        lab.up("v1");
        lab.up("v0");
        lab.address("10.0.0.1/24 dev v0").expect("a good address");
        lab
    }

    pub(crate) fn index(&self, name: &str) -> IfIndex {
        let found = self.links.values().find(|link| link.name.as_str() == name);
        found.map_or(IfIndex(99), |link| link.index)
    }

    pub(crate) fn link_mut(&mut self, name: &str) -> &mut Link {
        let index = self.index(name);
        self.links.get_mut(&index).expect("a link")
    }

    pub(crate) fn up(&mut self, name: &str) {
        self.link_mut(name).flags |= LinkFlags::UP;
        self.carry();
        let index = self.index(name);
        address::link_up(&mut self.links, &mut self.fib, &self.sysctls, index);
        self.tell_carrier();
    }

    pub(crate) fn down(&mut self, name: &str) {
        self.link_mut(name).flags -= LinkFlags::UP;
        self.carry();
        let index = self.index(name);
        address::link_down(&self.links, &mut self.fib, index);
        self.tell_carrier();
    }

    /// Both ends have carrier when both are up.
    fn carry(&mut self) {
        let up: Vec<IfIndex> =
            self.links.values().filter(|link| link.is_up()).map(|link| link.index).collect();
        for link in self.links.values_mut() {
            if let Some(peer) = link.lower() {
                link.carrier = up.contains(&link.index) && up.contains(&peer.index);
                link.state = if link.carrier { OperationalState::Up } else { OperationalState::Down };
            }
        }
    }

    fn tell_carrier(&mut self) {
        for link in self.links.values().filter(|link| link.is_up()) {
            address::link_changed(&self.links, &mut self.fib, link.index);
        }
    }

    /// `ip addr add`, with `local[/length] dev NAME` and any of `peer brd scope noprefixroute`.
    pub(crate) fn address(&mut self, words: &str) -> Result<Vec<AddressEvent>, StackError> {
        let spec = self.address_spec(words);
        let spec = address::Request::of(&spec)?;
        address::add(&mut self.links, &mut self.fib, &self.sysctls, Modify::ADD, &spec)
    }

    /// `ip addr del`.
    pub(crate) fn delete_address(&mut self, words: &str) -> Result<Vec<AddressEvent>, StackError> {
        let spec = self.address_spec(words);
        let spec = address::Request::of(&spec)?;
        address::delete(&mut self.links, &mut self.fib, &self.sysctls, &spec)
    }

    pub(crate) fn address_spec(&self, words: &str) -> AddressSpec {
        let mut words = words.split_whitespace();
        let local = prefix(words.next().expect("an address"));
        let mut spec = AddressSpec::new(IfIndex(0), local);
        while let Some(word) = words.next() {
            let mut value = || words.next().expect("a value");
            match word {
                "dev" => spec.link = self.index(value()),
                "peer" => spec.peer = Some(at(value()).into()),
                "brd" => spec.broadcast = Some(at(value()).into()),
                "label" => spec.label = Some(value().to_owned()),
                "scope" => spec.scope = scope(value()),
                "noprefixroute" => spec.flags = AddressFlags::NO_PREFIX_ROUTE,
                other => panic!("what is {other}?"),
            }
        }
        spec
    }

    /// `ip route add`, with `[KIND] PREFIX` and any of `via dev src metric scope table tos proto mtu onlink`.
    pub(crate) fn route(&mut self, words: &str) -> Result<(), StackError> {
        self.route_how(Modify::ADD, words)
    }

    pub(crate) fn route_how(&mut self, how: Modify, words: &str) -> Result<(), StackError> {
        let spec = self.route_spec(words);
        self.fib.insert(RouteSettings { links: &self.links, sysctls: &self.sysctls }, how, &spec)
    }

    /// `ip route del`.
    pub(crate) fn delete_route(&mut self, words: &str) -> Result<(), StackError> {
        let spec = self.route_spec(words);
        let open = |kind| if kind == RouteKind::Unicast { RouteKind::Unspecified } else { kind };
        self.fib.delete(&RouteSpec {
            kind: open(spec.kind),
            scope: Scope::NOWHERE,
            protocol: Protocol::UNSPECIFIED,
            ..spec
        })
    }

    fn route_spec(&self, words: &str) -> RouteSpec {
        let mut words = words.split_whitespace().peekable();
        let kind = match words.peek().copied() {
            Some("local") => RouteKind::Local,
            Some("blackhole") => RouteKind::Blackhole,
            Some("unreachable") => RouteKind::Unreachable,
            Some("prohibit") => RouteKind::Prohibit,
            Some("throw") => RouteKind::Throw,
            _ => RouteKind::Unicast,
        };
        if kind != RouteKind::Unicast {
            words.next();
        }
        let mut spec = RouteSpec {
            destination: prefix(words.next().expect("a prefix")),
            tos: 0,
            table: if kind == RouteKind::Local { table::LOCAL } else { table::MAIN },
            kind,
            protocol: Protocol::BOOT,
            scope: Scope::NOWHERE,
            metric: None,
            gateway: None,
            output: None,
            preferred_source: None,
            mtu: None,
            flags: RouteFlags::empty(),
        };
        let mut given = None;
        while let Some(word) = words.next() {
            let mut value = || words.next().expect("a value");
            let number = |text: &str| text.parse().expect("a number");
            match word {
                "via" => spec.gateway = Some(at(value()).into()),
                "dev" => spec.output = Some(self.index(value())),
                "src" => spec.preferred_source = Some(at(value()).into()),
                "metric" => spec.metric = Some(number(value())),
                "table" => spec.table = number(value()),
                "mtu" => spec.mtu = Some(number(value())),
                "tos" => spec.tos = value().parse().expect("a type of service"),
                "scope" => given = Some(scope(value())),
                "onlink" => spec.flags = RouteFlags::ON_LINK,
                "dead" => spec.flags = RouteFlags::DEAD,
                other => panic!("what is {other}?"),
            }
        }
        let usual = match kind {
            RouteKind::Local => Scope::HOST,
            RouteKind::Unicast if spec.gateway.is_none() => Scope::LINK,
            _ => Scope::UNIVERSE,
        };
        RouteSpec { scope: given.unwrap_or(usual), ..spec }
    }

    pub(crate) fn settings(&self) -> RouteSettings<'_> {
        RouteSettings { links: &self.links, sysctls: &self.sysctls }
    }

    pub(crate) fn view(&self) -> RoutingView<'_> {
        RoutingView { links: &self.links, fib: &self.fib, settings: self.settings() }
    }

    pub(crate) fn send(&self, destination: &str) -> Result<Route, Errno> {
        output(&self.view(), &to(destination), None)
    }

    pub(crate) fn receive(&self, from: &str, to: &str, by: &str) -> InputDecision {
        let query = InputQuery { destination: at(to), source: at(from), input: self.index(by), tos: 0 };
        input(&self.view(), &query, None)
    }

    /// The routes of a table, in the words of `ip route show`.
    pub(crate) fn show(&self, number: u32) -> Vec<String> {
        let routes = self.fib.dump(self.settings());
        routes.iter().filter(|route| route.table == number).map(|route| self.words(route)).collect()
    }

    fn words(&self, route: &RouteView) -> String {
        let mut words = match route.kind {
            RouteKind::Unicast => route.destination.to_string(),
            kind => format!("{} {}", format!("{kind:?}").to_lowercase(), route.destination),
        };
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                words += &format!(" {name} {value}");
            }
        };
        add("tos", Some(route.tos).filter(|&tos| tos != 0).map(|tos| tos.to_string()));
        add("via", route.gateway.map(|gateway| gateway.to_string()));
        let name = |index| self.links.get(&index).map(|link| link.name.to_string());
        add("dev", route.output.and_then(name));
        add("src", route.preferred_source.map(|source| source.to_string()));
        add("metric", Some(route.metric).filter(|&metric| metric != 0).map(|metric| metric.to_string()));
        for (flag, word) in [(RouteFlags::DEAD, " dead"), (RouteFlags::LINK_DOWN, " linkdown")] {
            if route.flags.contains(flag) {
                words += word;
            }
        }
        words
    }
}

fn scope(word: &str) -> Scope {
    match word {
        "global" => Scope::UNIVERSE,
        "link" => Scope::LINK,
        "host" => Scope::HOST,
        "nowhere" => Scope::NOWHERE,
        other => panic!("what is scope {other}?"),
    }
}

/// What the kernel answers with an errno and a text; no text where it gives none.
pub(crate) fn refused((errno, text): Refusal) -> StackError {
    StackError::Refused { errno, extack: Some(text.to_owned()).filter(|text| !text.is_empty()), part: None }
}
