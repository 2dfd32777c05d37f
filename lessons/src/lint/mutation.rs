//! Mutations of a network: commands that each break something.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use vethlab_shared::error::StackError;
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::prefix::Ipv4Prefix;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::{AddressView, LinkView};

/// Commands that each spoil something, whether it matters or not: links, addresses, routes and settings. What was there
/// before and is gone comes back.
///
/// # Errors
/// A stack does not tell what there is.
pub(super) fn all(
    stack: &mut dyn NetworkStack,
    before: &mut dyn NetworkStack,
) -> Result<Vec<Vec<String>>, StackError> {
    let mut spoilt = vec![
        vec!["ip link add spare type veth peer name spare2".to_owned()],
        vec!["ip netns add other".to_owned()],
    ];
    let mut namespaces: Vec<NamespaceName> = stack.namespaces()?;
    namespaces.push(NamespaceName::HOST);
    let mut places = BTreeSet::new();
    for name in &namespaces {
        places.extend(stack.addresses(name, Family::Inet)?.into_iter().map(|address| address.local));
        let routes = stack.routes(name, Family::Inet)?.into_iter();
        for network in routes.filter_map(|route| Ipv4Prefix::try_from(route.destination).ok()) {
            // The first host of each, and the last.
            places.insert(Ipv4Addr::from_bits(network.network().address.to_bits() | 1).into());
            places.insert(Ipv4Addr::from_bits(network.broadcast().to_bits() & !1).into());
        }
    }
    for name in &namespaces {
        let ip = ip(name);
        let run = if name.is_host() { String::new() } else { format!("ip netns exec {name} ") };
        let links = stack.links(name)?;
        let mut commands = vec![
            format!("{ip} link add spare type veth peer name spare2"),
            format!("{ip} route add blackhole 203.0.113.0/24"),
            format!("{ip} route add blackhole default"),
            format!("{run}sysctl -w net.ipv4.ip_forward=0"),
            format!("{run}sysctl -w net.ipv4.conf.all.rp_filter=0"),
            format!("{run}sysctl -w net.ipv4.icmp_echo_ignore_all=1"),
        ];
        for place in &places {
            commands.push(format!("{ip} route add blackhole {place}"));
            commands.push(format!("{ip} route add unreachable {place}"));
        }
        for gateway in stack.routes(name, Family::Inet)?.into_iter().filter_map(|route| route.gateway) {
            commands.push(format!("{ip} route add default via {gateway}"));
        }
        for LinkView { name: link, .. } in &links {
            commands.push(format!("{ip} link set {link} down"));
            commands.push(format!("{ip} link set {link} up"));
            commands.push(format!("{ip} link set {link} mtu 1300"));
            commands.push(format!("{ip} link set {link} address 02:00:00:00:00:99"));
            commands.push(format!("{run}sysctl -w net.ipv4.conf.{link}.arp_ignore=0"));
        }
        if !name.is_host() {
            commands.push(format!("ip netns del {name}"));
        }
        spoilt.extend(commands.into_iter().map(|command| vec![command]));
        for LinkView { name: link, .. } in &links {
            // With its addresses and routes, as far as they outlive that it is off.
            spoilt.push(vec![
                format!("{ip} link set {link} down"),
                format!("{ip} link set {link} name other"),
                format!("{ip} link set other up"),
            ]);
        }
        for address in stack.addresses(name, Family::Inet)? {
            let AddressView { local, prefix_length: length, .. } = address;
            let Some(link) = links.iter().find(|link| link.index == address.link) else { continue };
            let link = &link.name;
            let Some(shorter) = length.checked_sub(1) else { continue };
            spoilt.push(vec![
                format!("{ip} addr add {local}/{shorter} dev {link}"),
                format!("{ip} addr del {local}/{length} dev {link}"),
            ]);
        }
    }
    spoilt.extend(returns(stack, before)?);
    Ok(spoilt)
}

/// A link of each name that a namespace had before, and has no more.
fn returns(
    stack: &mut dyn NetworkStack,
    before: &mut dyn NetworkStack,
) -> Result<Vec<Vec<String>>, StackError> {
    let mut commands = Vec::new();
    for name in stack.namespaces()?.into_iter().chain([NamespaceName::HOST]) {
        // One that is new had none.
        let Ok(had) = before.links(&name) else { continue };
        let has: BTreeSet<_> = stack.links(&name)?.into_iter().map(|link| link.name).collect();
        for link in had.into_iter().map(|link| link.name).filter(|link| !has.contains(link)) {
            commands.push(vec![format!("{} link add {link} type veth peer name spare2", ip(&name))]);
        }
    }
    Ok(commands)
}

/// `ip` for a namespace.
fn ip(name: &NamespaceName) -> String {
    if name.is_host() { "ip".to_owned() } else { format!("ip -n {name}") }
}
