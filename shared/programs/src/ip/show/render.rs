//! How links and addresses look.

use super::Listing;
use crate::ip::links::Links;
use crate::ip::printer::{Colour, Printer};
use crate::ip::{Options, Preferred, names, statistics};
use std::collections::BTreeMap;
use vethlab_shared::family::Family;
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::view::{AddressFlags, AddressView, LinkFlags, LinkKind, LinkView, OperationalState};

/// Seconds that stand for ever.
const FOREVER: u32 = u32::MAX;

/// The names of flags in the order in which they are shown (`print_link_flags`).
const FLAG_NAMES: &[(LinkFlags, &str)] = &[
    (LinkFlags::LOOPBACK, "LOOPBACK"),
    (LinkFlags::BROADCAST, "BROADCAST"),
    (LinkFlags::POINT_TO_POINT, "POINTOPOINT"),
    (LinkFlags::MULTICAST, "MULTICAST"),
    (LinkFlags::NO_ARP, "NOARP"),
    (LinkFlags::ALL_MULTICAST, "ALLMULTI"),
    (LinkFlags::PROMISCUOUS, "PROMISC"),
    (LinkFlags::MASTER, "MASTER"),
    (LinkFlags::SLAVE, "SLAVE"),
    (LinkFlags::DEBUG, "DEBUG"),
    (LinkFlags::DYNAMIC, "DYNAMIC"),
    (LinkFlags::AUTO_MEDIA, "AUTOMEDIA"),
    (LinkFlags::PORT_SELECT, "PORTSEL"),
    (LinkFlags::NO_TRAILERS, "NOTRAILERS"),
    (LinkFlags::UP, "UP"),
    (LinkFlags::LOWER_UP, "LOWER_UP"),
    (LinkFlags::DORMANT, "DORMANT"),
    (LinkFlags::ECHO, "ECHO"),
];

/// How a listing looks, and the names it needs.
pub(super) struct Look<'a> {
    pub(super) options: &'a Options,
    pub(super) listing: Listing,
    /// The names of the namespaces that the current one has numbers for.
    pub(super) names: &'a BTreeMap<i32, NamespaceName>,
    pub(super) links: &'a Links,
}

impl Look<'_> {
    /// One link (`print_linkinfo`).
    pub(super) fn link(&self, link: &LinkView, family: Preferred, printer: &mut Printer) {
        if self.options.brief {
            return self.brief_link(link, family, printer);
        }
        printer.value("ifindex", link.index, &format!("{}: ", link.index));
        let peer_down = self.name(link, |name| format!("{name}: "), printer);
        flags(link.flags, peer_down, printer);
        printer.value("mtu", link.mtu, &format!("mtu {} ", link.mtu));
        printer.string("qdisc", &link.qdisc, &format!("qdisc {} ", link.qdisc));
        if let Some(master) = link.master {
            let master = self.links.name_of(master);
            printer.coloured(Colour::Link, "master", &master, "master ", &format!("{master} "));
        }
        let state = state_name(link.state);
        printer.coloured(state_colour(link.state), "operstate", state, "state ", &format!("{state} "));
        if self.listing == Listing::Links {
            printer.string("linkmode", "DEFAULT", "mode DEFAULT ");
        }
        let group = names::group_name(link.group);
        printer.string("group", &group, &format!("group {group} "));
        if link.tx_queue_length != 0 {
            let length = link.tx_queue_length.cast_signed();
            printer.value("txqlen", length, &format!("qlen {length}"));
        }
        if family != Preferred::One(Family::Inet) {
            printer.line_end();
            link_layer(link, printer);
        }
        if let Some(id) = link.peer_namespace_id {
            self.namespace(id, printer);
        }
        if self.listing == Listing::Links && self.options.statistics > 0 {
            printer.line_end();
            statistics::print(&link.statistics, printer);
        }
        printer.text("\n");
    }

    /// One link on one line (`print_linkinfo_brief`). Addresses follow, or the end of the line.
    fn brief_link(&self, link: &LinkView, family: Preferred, printer: &mut Printer) {
        let peer_down = self.name(link, |name| format!("{name:<16} "), printer);
        let state = state_name(link.state);
        printer.coloured(state_colour(link.state), "operstate", state, "", &format!("{state:<14} "));
        if family == Preferred::Link {
            let address = link.address.to_string();
            printer.coloured(Colour::Ethernet, "address", &address, "", &format!("{address} "));
            flags(link.flags, peer_down, printer);
            printer.text("\n");
        }
    }

    /// The name, with the other end behind it; whether that is here and set down
    /// (`print_name_and_link`).
    fn name(&self, link: &LinkView, text: impl Fn(&str) -> String, printer: &mut Printer) -> bool {
        let name = link.name.as_str();
        let mut shown = name.to_owned();
        let mut peer_down = false;
        match (link.peer, link.peer_namespace_id) {
            (None, _) => {}
            (Some(IfIndex(0)), _) if printer.is_json() => printer.value("link", "null", ""),
            (Some(IfIndex(0)), _) => shown.push_str("@NONE"),
            (Some(index), Some(_)) if printer.is_json() => printer.value("link_index", index, ""),
            (Some(index), Some(_)) => shown.push_str(&format!("@if{index}")),
            (Some(index), None) => {
                let peer = self.links.name_of(index);
                if printer.is_json() {
                    printer.string("link", &peer, "");
                } else {
                    shown.push_str(&format!("@{peer}"));
                }
                peer_down = self.links.get(index).is_some_and(|peer| !peer.has(LinkFlags::UP));
            }
        }
        printer.coloured(Colour::Link, "ifname", &shown, "", &text(&shown));
        peer_down
    }

    /// Where the other end is.
    fn namespace(&self, id: i32, printer: &mut Printer) {
        let text = match self.names.get(&id) {
            _ if id < 0 => " link-netnsid unknown".to_owned(),
            Some(name) => format!(" link-netns {name}"),
            None => format!(" link-netnsid {id}"),
        };
        printer.value("link_netnsid", id, &text);
    }

    /// One address (`print_addrinfo`).
    pub(super) fn address(&self, address: &AddressView, printer: &mut Printer) {
        if !self.options.brief {
            if self.options.one_line {
                let device = self.links.name_of(address.link);
                printer.text(&format!("{}: {device}", address.link));
                if printer.is_json() {
                    printer.value("index", address.link, "");
                    printer.string("dev", &device, "");
                }
            }
            let family = Family::of(address.local).name();
            printer.string("family", family, &format!("    {family} "));
        }
        body(address, self.options.brief, printer);
    }
}

/// An address without what stands before it.
pub(in crate::ip) fn body(address: &AddressView, brief: bool, printer: &mut Printer) {
    let local = address.local.to_string();
    printer.coloured(Colour::Inet, "local", &local, "", &local);
    // The kernel does not report a peer of no address.
    if address.peer != address.local && !address.peer.is_unspecified() {
        let peer = address.peer.to_string();
        printer.coloured(Colour::Inet, "address", &peer, " peer ", &peer);
    }
    printer.value("prefixlen", address.prefix_length, &format!("/{} ", address.prefix_length));
    if brief {
        return;
    }
    if let Some(broadcast) = address.broadcast {
        printer.coloured(Colour::Inet, "broadcast", &broadcast.to_string(), "brd ", &format!("{broadcast} "));
    }
    let scope = names::scope_name(address.scope);
    printer.string("scope", &scope, &format!("scope {scope} "));
    address_flags(address.flags, printer);
    printer.string("label", &address.label, &address.label);
    printer.line_end();
    printer.value("valid_life_time", FOREVER, "       valid_lft forever");
    printer.value("preferred_life_time", FOREVER, " preferred_lft forever");
    printer.text("\n");
}

/// The flags of an address (`print_ifa_flags`).
fn address_flags(flags: AddressFlags, printer: &mut Printer) {
    if flags.contains(AddressFlags::SECONDARY) {
        printer.value("secondary", true, "secondary ");
    }
    if !flags.contains(AddressFlags::PERMANENT) {
        printer.value("dynamic", true, "dynamic ");
    }
    if flags.contains(AddressFlags::NO_PREFIX_ROUTE) {
        printer.value("noprefixroute", true, "noprefixroute ");
    }
}

/// The flags of a link, between angle brackets. `RUNNING` shows only by its lack.
pub(crate) fn flags(flags: LinkFlags, peer_down: bool, printer: &mut Printer) {
    let mut names = Vec::new();
    if flags.contains(LinkFlags::UP) && !flags.contains(LinkFlags::RUNNING) {
        names.push("NO-CARRIER".to_owned());
    }
    let mut rest = flags - LinkFlags::RUNNING;
    for &(flag, name) in FLAG_NAMES {
        if rest.contains(flag) {
            names.push(name.to_owned());
            rest -= flag;
        }
    }
    if !rest.is_empty() {
        names.push(format!("{:x}", rest.bits()));
    }
    printer.open_array("flags", "<");
    for (place, name) in names.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        printer.element(name, &format!("{comma}{name}"));
    }
    if peer_down {
        printer.element("M-DOWN", ",M-DOWN");
    }
    printer.close_array("> ");
}

/// The second line: what kind of link, and its link-layer addresses.
fn link_layer(link: &LinkView, printer: &mut Printer) {
    let kind = if link.kind == LinkKind::Loopback { "loopback" } else { "ether" };
    printer.string("link_type", kind, &format!("    link/{kind} "));
    let address = link.address.to_string();
    printer.coloured(Colour::Ethernet, "address", &address, "", &address);
    let between = if link.has(LinkFlags::POINT_TO_POINT) {
        if printer.is_json() {
            printer.value("link_pointtopoint", true, "");
        }
        " peer "
    } else {
        " brd "
    };
    let broadcast = link.broadcast.to_string();
    printer.coloured(Colour::Ethernet, "broadcast", &broadcast, between, &broadcast);
}

/// `oper_state_color`.
fn state_colour(state: OperationalState) -> Colour {
    match state {
        OperationalState::Up => Colour::Up,
        OperationalState::Down => Colour::Down,
        _ => Colour::None,
    }
}

/// `oper_states`.
fn state_name(state: OperationalState) -> &'static str {
    match state {
        OperationalState::Unknown => "UNKNOWN",
        OperationalState::NotPresent => "NOTPRESENT",
        OperationalState::Down => "DOWN",
        OperationalState::LowerLayerDown => "LOWERLAYERDOWN",
        OperationalState::Testing => "TESTING",
        OperationalState::Dormant => "DORMANT",
        OperationalState::Up => "UP",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};
    use vethlab_shared::mac::MacAddress;
    use vethlab_shared::prefix::Prefix;
    use vethlab_shared::view::{LinkStatistics, Scope};

    fn veth(index: u32, name: &str, peer: u32) -> LinkView {
        LinkView {
            index: IfIndex(index),
            name: name.parse().expect("a name"),
            kind: LinkKind::Veth,
            flags: LinkFlags::BROADCAST | LinkFlags::MULTICAST,
            mtu: 1500,
            qdisc: "noop".to_owned(),
            state: OperationalState::Down,
            group: 0,
            tx_queue_length: 1000,
            address: MacAddress([2, 0, 0, 0, 0, 1]),
            broadcast: MacAddress::BROADCAST,
            peer: Some(IfIndex(peer)),
            peer_namespace_id: None,
            master: None,
            statistics: LinkStatistics::default(),
        }
    }

    fn shown(link: &LinkView, options: &Options, family: Preferred, links: Vec<LinkView>) -> String {
        let red = NamespaceName::new("red").expect("a name");
        let names = BTreeMap::from([(0, red)]);
        let listing = if family == Preferred::Link { Listing::Links } else { Listing::Addresses };
        let look = Look { options, listing, names: &names, links: &Links::of(links) };
        let mut printer = Printer::new(options);
        look.link(link, family, &mut printer);
        printer.finish()
    }

    #[test]
    fn a_new_pair_is_down_at_both_ends() {
        let both = vec![veth(2, "v1", 3), veth(3, "v0", 2)];
        let text = shown(&both[1], &Options::default(), Preferred::Link, both.clone());
        let expected = "3: v0@v1: <BROADCAST,MULTICAST,M-DOWN> mtu 1500 qdisc noop state DOWN mode DEFAULT \
                        group default qlen 1000\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n";
        assert_eq!(text, expected);
        let brief = Options { brief: true, ..Options::default() };
        let expected = "v0@v1            DOWN           02:00:00:00:00:01 <BROADCAST,MULTICAST,M-DOWN> \n";
        assert_eq!(shown(&both[1], &brief, Preferred::Link, both.clone()), expected);
        let text = shown(&both[1], &brief, Preferred::Any, both.clone());
        assert_eq!(text, "v0@v1            DOWN           ");
    }

    #[test]
    fn the_other_end_may_be_in_another_namespace() {
        let mut link = veth(3, "v0", 2);
        link.flags |= LinkFlags::UP;
        link.peer_namespace_id = Some(0);
        let text = shown(&link, &Options::default(), Preferred::One(Family::Inet), Vec::new());
        let expected = "3: v0@if2: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noop state DOWN \
                        group default qlen 1000 link-netns red\n";
        assert_eq!(text, expected);
        link.peer_namespace_id = Some(4);
        let text = shown(&link, &Options::default(), Preferred::Any, Vec::new());
        assert!(text.ends_with("brd ff:ff:ff:ff:ff:ff link-netnsid 4\n"), "{text}");
    }

    #[test]
    fn an_address_in_text_and_in_json() {
        let local: IpAddr = Ipv4Addr::new(10, 0, 0, 2).into();
        let address = AddressView {
            link: IfIndex(3),
            local,
            peer: local,
            prefix_length: 24,
            broadcast: Prefix::new(local, 24).broadcast(),
            label: "v0:1".to_owned(),
            scope: Scope::UNIVERSE,
            flags: AddressFlags::PERMANENT | AddressFlags::SECONDARY,
        };
        let text = |options: &Options| {
            let mut printer = Printer::new(options);
            body(&address, options.brief, &mut printer);
            printer.finish()
        };
        let expected = "10.0.0.2/24 brd 10.0.0.255 scope global secondary v0:1\n       \
                        valid_lft forever preferred_lft forever\n";
        assert_eq!(text(&Options::default()), expected);
        assert_eq!(text(&Options { brief: true, ..Options::default() }), "10.0.0.2/24 ");
        let peer = AddressView { peer: Ipv4Addr::new(10, 0, 0, 9).into(), ..address.clone() };
        let mut printer = Printer::new(&Options::default());
        body(&peer, true, &mut printer);
        assert_eq!(printer.finish(), "10.0.0.2 peer 10.0.0.9/24 ");
    }
}
