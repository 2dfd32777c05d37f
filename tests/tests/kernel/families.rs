//! The line knows both address families; what a stack of IPv4 alone makes of IPv6 is the same on both stacks.

use libtest_mimic::Failed;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use vethlab_shared::change::{AddressSpec, Change, LinkSettings, Modify, NeighbourSpec, RouteSpec};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::family::Family;
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::prefix::{Ipv4Prefix, Prefix};
use vethlab_shared::socket::SocketKind;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::{NeighbourState, RouteQuery, table};
use vethlab_tests::networks;
use vethlab_tests::stacks::{self, Case};
use vethlab_tests::trial::{Trial, equal};

const CASES: [(&str, Case); 4] = [
    ("reads_of_ipv6_say_that_it_is_not_modelled", reads),
    ("changes_with_ipv6_say_that_it_is_not_modelled_and_alter_nothing", changes),
    ("sockets_of_ipv4_refuse_addresses_of_ipv6", sockets),
    ("what_ipv4_keeps_of_a_link_goes_with_a_tiny_mtu", in_device),
];

pub(crate) fn trials(missing: Option<&str>) -> Vec<Trial> {
    stacks::on_both(missing, &CASES)
}

const HOST: NamespaceName = NamespaceName::HOST;

/// What a stack says to whatever is about IPv6.
fn not_modelled<T>() -> Result<T, StackError> {
    Err(StackError::NotModelled("IPv6".to_owned()))
}

fn ipv6(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn reads(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    equal("addresses", &stack.addresses(&HOST, Family::Inet6), &not_modelled())?;
    equal("routes", &stack.routes(&HOST, Family::Inet6), &not_modelled())?;
    equal("table", &stack.has_route_table(&HOST, Family::Inet6, table::MAIN), &not_modelled())?;
    equal("neighbours", &stack.neighbours(&HOST, Family::Inet6), &not_modelled())?;
    equal("parameters", &stack.neighbour_parameters(&HOST, Family::Inet6), &not_modelled())?;
    for (destination, source) in
        [(ipv6("::1"), None), (ipv6("::1"), Some(ipv6("::1"))), ([127, 0, 0, 1].into(), Some(ipv6("::1")))]
    {
        let query = RouteQuery { destination, source, output: None, input: None, tos: 0 };
        equal("lookup", &stack.lookup_route(&HOST, &query), &not_modelled())?;
    }
    for kind in [SocketKind::Icmp(Family::Inet6), SocketKind::Udp(Family::Inet6)] {
        equal("socket", &stack.open(&HOST, &kind), &not_modelled())?;
    }
    // That there is no such namespace comes first.
    let nowhere = NamespaceName::new("nowhere")?;
    let missing = StackError::from(Errno::ENOENT);
    equal("nowhere", &stack.addresses(&nowhere, Family::Inet6), &Err(missing.clone()))?;
    equal("nowhere", &stack.open(&nowhere, &SocketKind::Udp(Family::Inet6)), &Err(missing))
}

/// Changes that hold an address of IPv6 in each place that one can be in, alone or beside addresses of IPv4.
fn changes_with_ipv6() -> Vec<Change> {
    let link = IfIndex::LOOPBACK;
    let far = || ipv6("2001:db8::1");
    let address = networks::address(link, [10, 0, 0, 1].into());
    let route = || networks::route(Ipv4Prefix::new([10, 0, 1, 0].into(), 24), [127, 0, 0, 2]);
    let addresses = [
        AddressSpec { family: Family::Inet6, ..address.clone() },
        AddressSpec { family: Family::Inet6, local: None, peer: None, ..address.clone() },
        AddressSpec { local: Some(far()), ..address.clone() },
        AddressSpec { peer: Some(far()), ..address.clone() },
        AddressSpec { broadcast: Some(far()), ..address },
    ];
    let routes = [
        RouteSpec { destination: Prefix::new(ipv6("2001:db8::"), 64), gateway: None, ..route() },
        RouteSpec { destination: Prefix::default_of(Family::Inet6), ..route() },
        RouteSpec { gateway: Some(far()), ..route() },
        RouteSpec { preferred_source: Some(far()), ..route() },
    ];
    let state = NeighbourState::PERMANENT;
    let neighbour = NeighbourSpec { link, destination: far(), address: None, state };
    let how = Modify::ADD;
    let mut changes = Vec::new();
    for address in addresses {
        changes.push(Change::AddAddress { how, address: address.clone() });
        changes.push(Change::DeleteAddress(address));
    }
    for route in routes {
        changes.push(Change::AddRoute { how, route: route.clone() });
        changes.push(Change::DeleteRoute(route));
    }
    changes.push(Change::AddNeighbour { how, neighbour });
    changes.push(Change::DeleteNeighbour { link, destination: far() });
    changes
}

fn changes(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    let red = NamespaceName::new("red")?;
    stack.apply(&HOST, &Change::AddNamespace(red.clone()))?;
    for change in changes_with_ipv6() {
        equal(&format!("{change:?}"), &stack.apply(&red, &change), &not_modelled())?;
    }
    equal("addresses", &stack.addresses(&red, Family::Inet), &Ok(Vec::new()))?;
    equal("routes", &stack.routes(&red, Family::Inet), &Ok(Vec::new()))?;
    equal("table", &stack.has_route_table(&red, Family::Inet, table::MAIN), &Ok(false))?;
    equal("neighbours", &stack.neighbours(&red, Family::Inet), &Ok(Vec::new()))?;
    // A link on which an address was tried no longer follows `default`.
    let setting = |whose| format!("net.ipv4.conf.{whose}.accept_local");
    stack.apply(&red, &Change::SetSysctl { name: setting("default"), value: "1".to_owned() })?;
    equal("setting", &stack.sysctl(&red, &setting("lo")), &Ok("1".to_owned()))
}

/// As the kernel answers: `inet_bind`, `__ip4_datagram_connect`, `udp_sendmsg` and `raw_sendmsg` look at the family,
/// `raw_bind` does not.
fn sockets(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    let refused = Err(StackError::from(Errno::EAFNOSUPPORT));
    let far = SocketAddr::new(ipv6("::1"), 5000);
    for kind in [SocketKind::Udp(Family::Inet), SocketKind::Icmp(Family::Inet)] {
        let socket = stack.open(&HOST, &kind)?;
        equal("connect", &stack.connect(socket, far), &refused)?;
        equal("send", &stack.send(socket, far, &[8, 0, 0, 0, 0, 0, 0, 0]), &refused)?;
        let too_long = vec![0; 0x1_0000];
        equal("send", &stack.send(socket, far, &too_long), &Err(Errno::EMSGSIZE.into()))?;
        stack.close(socket);
    }
    let udp = stack.open(&HOST, &SocketKind::Udp(Family::Inet))?;
    equal("bind", &stack.bind(udp, far), &refused)?;
    stack.close(udp);
    // Where an IPv4 address has its bytes, an IPv6 one has its flow information.
    let flow = u32::from_ne_bytes([127, 0, 0, 1]);
    let flows = [(0, [0, 0, 0, 0]), (flow, [127, 0, 0, 1])];
    for (flow, own) in flows {
        let icmp = stack.open(&HOST, &SocketKind::Icmp(Family::Inet))?;
        let address = SocketAddrV6::new("::1".parse()?, 0, flow, 0).into();
        equal("bind", &stack.bind(icmp, address), &Ok(()))?;
        equal("own", &stack.local_address(icmp).map(|own| own.ip()), &Ok(own.into()))?;
        stack.close(icmp);
    }
    Ok(())
}

/// Under 68 bytes there is no IPv4 (`inetdev_destroy`): addresses, settings and neighbour parameters go. When it comes
/// back, all is as on a new link (`inetdev_init`).
fn in_device(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    let link = IfIndex::LOOPBACK;
    let set_mtu = |stack: &mut dyn NetworkStack, mtu| {
        let settings = LinkSettings { mtu: Some(mtu), ..LinkSettings::default() };
        stack.apply(&HOST, &Change::SetLink { link, settings })
    };
    let knows = |stack: &mut dyn NetworkStack| -> Result<_, StackError> {
        let parameters = stack.neighbour_parameters(&HOST, Family::Inet)?;
        let address = stack.addresses(&HOST, Family::Inet)?.len();
        Ok((parameters.iter().any(|known| known.link == link), address))
    };
    let name = "net.ipv4.conf.lo.accept_local".to_owned();
    stack.apply(&HOST, &Change::SetSysctl { name: name.clone(), value: "1".to_owned() })?;
    equal("at first", &knows(stack), &Ok((true, 1)))?;
    set_mtu(stack, 67)?;
    equal("without", &knows(stack), &Ok((false, 0)))?;
    equal("setting", &stack.sysctl(&HOST, &name), &Err(Errno::ENOENT.into()))?;
    set_mtu(stack, 1500)?;
    equal("again", &knows(stack), &Ok((true, 0)))?;
    equal("setting", &stack.sysctl(&HOST, &name), &Ok("0".to_owned()))
}
