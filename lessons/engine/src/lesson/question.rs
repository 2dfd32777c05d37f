//! What a question of a lesson can ask the network, so that its answer is true whatever was drawn or typed.

use super::check;
use std::net::Ipv4Addr;
use vethlab_shared::error::StackError;
use vethlab_shared::family::Family;
use vethlab_shared::name::{IfIndex, LinkName, NamespaceName};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::{LinkFlags, RouteQuery};

/// Something to ask the network, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    namespace: NamespaceName,
    asked: Asked,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    RouteTo(Ipv4Addr, OfRoute),
    Neighbour(Ipv4Addr, OfNeighbour),
    Link(LinkName, OfLink),
    Sysctl(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OfRoute {
    Dev,
    Via,
    Source,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OfNeighbour {
    State,
    Mac,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OfLink {
    Mac,
    Mtu,
    Up,
    Carrier,
}

/// What is answered where there is nothing of the kind.
const NONE: &str = "none";

/// Every form of a query, for whoever wrote another one.
const FORMS: &str = "'route_to ADDRESS dev', 'route_to ADDRESS via', 'route_to ADDRESS source', \
    'neighbour ADDRESS state', 'neighbour ADDRESS mac', 'link NAME mac', 'link NAME mtu', 'link NAME up', \
    'link NAME carrier', 'sysctl NAME'";

impl Query {
    /// Reads a query as a lesson writes it.
    pub(super) fn read(text: &str, namespace: Option<&str>) -> Result<Query, String> {
        let unknown = || format!("'{text}' is nothing that the network can be asked: write one of {FORMS}");
        let words: Vec<&str> = text.split_whitespace().collect();
        let address = |word: &str| {
            word.parse::<Ipv4Addr>().map_err(|_| format!("'{word}' is no address: write it as 192.168.1.1"))
        };
        let asked = match words[..] {
            ["route_to", to, what] => Asked::RouteTo(
                address(to)?,
                match what {
                    "dev" => OfRoute::Dev,
                    "via" => OfRoute::Via,
                    "source" => OfRoute::Source,
                    _ => return Err(unknown()),
                },
            ),
            ["neighbour", of, what] => Asked::Neighbour(
                address(of)?,
                match what {
                    "state" => OfNeighbour::State,
                    "mac" => OfNeighbour::Mac,
                    _ => return Err(unknown()),
                },
            ),
            ["link", name, what] => Asked::Link(
                name.parse().map_err(|_| {
                    format!("'{name}' cannot be the name of a link: write a word, such as 'eth0'")
                })?,
                match what {
                    "mac" => OfLink::Mac,
                    "mtu" => OfLink::Mtu,
                    "up" => OfLink::Up,
                    "carrier" => OfLink::Carrier,
                    _ => return Err(unknown()),
                },
            ),
            ["sysctl", name] => Asked::Sysctl(name.to_owned()),
            _ => return Err(unknown()),
        };
        let namespace = namespace.map_or(Ok(NamespaceName::HOST), check::namespace)?;
        Ok(Query { namespace, asked })
    }

    /// The network's answer: `none` where there is no such entry, gateway or way.
    ///
    /// # Errors
    /// There is no such namespace, link or sysctl, or the stack cannot tell.
    pub fn answer(&self, stack: &mut dyn NetworkStack) -> Result<String, StackError> {
        match &self.asked {
            Asked::RouteTo(destination, what) => self.route(*destination, *what, stack),
            Asked::Neighbour(of, what) => {
                let neighbours = stack.neighbours(&self.namespace, Family::Inet)?;
                let entry = neighbours.iter().find(|entry| entry.destination == *of);
                Ok(entry
                    .and_then(|entry| match what {
                        OfNeighbour::State => {
                            entry.state.iter_names().next().map(|(name, _)| name.to_owned())
                        }
                        OfNeighbour::Mac => entry.address.map(|mac| mac.to_string()),
                    })
                    .unwrap_or_else(|| NONE.to_owned()))
            }
            Asked::Link(name, what) => {
                let links = stack.links(&self.namespace)?;
                let yes_or_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
                Ok(match links.iter().find(|link| link.name == *name) {
                    None => NONE.to_owned(),
                    Some(link) => match what {
                        OfLink::Mac => link.address.to_string(),
                        OfLink::Mtu => link.mtu.to_string(),
                        OfLink::Up => yes_or_no(link.has(LinkFlags::UP)),
                        OfLink::Carrier => yes_or_no(link.has(LinkFlags::LOWER_UP)),
                    },
                })
            }
            Asked::Sysctl(name) => stack.sysctl(&self.namespace, name),
        }
    }

    fn route(
        &self,
        destination: Ipv4Addr,
        what: OfRoute,
        stack: &mut dyn NetworkStack,
    ) -> Result<String, StackError> {
        let query =
            RouteQuery { destination: destination.into(), source: None, output: None, input: None, tos: 0 };
        let route = match stack.lookup_route(&self.namespace, &query) {
            Ok(lookup) => lookup.route,
            Err(StackError::Refused { .. }) => return Ok(NONE.to_owned()),
            Err(error) => return Err(error),
        };
        let link = |index: IfIndex, stack: &mut dyn NetworkStack| -> Result<Option<String>, StackError> {
            let links = stack.links(&self.namespace)?;
            Ok(links.iter().find(|link| link.index == index).map(|link| link.name.to_string()))
        };
        let answer = match what {
            OfRoute::Dev => route.output.map(|index| link(index, stack)).transpose()?.flatten(),
            OfRoute::Via => route.gateway.map(|gateway| gateway.to_string()),
            OfRoute::Source => route.preferred_source.map(|source| source.to_string()),
        };
        Ok(answer.unwrap_or_else(|| NONE.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script;
    use vethlab_sim::World;

    const NETWORK: &str = "
        ip netns add red
        ip link add veth-host type veth peer name veth-red netns red
        ip addr add 192.168.1.1/24 dev veth-host
        ip link set veth-host up mtu 1400
        ip -n red link set veth-red up address 02:00:00:00:00:07
        ip route add 10.0.0.0/8 via 192.168.1.2
        ip neigh add 192.168.1.9 lladdr 02:00:00:00:00:09 dev veth-host
    ";

    #[test]
    fn the_network_answers() {
        let mut world = World::new(1);
        let commands = script::commands(NETWORK.as_bytes()).expect("text");
        for entry in script::play(&commands, &mut world) {
            assert_eq!(entry.status, 0, "{entry:?}");
        }
        for (query, namespace, answer) in [
            ("route_to 10.1.1.1 dev", None, "veth-host"),
            ("route_to 10.1.1.1 via", None, "192.168.1.2"),
            ("route_to 10.1.1.1 source", None, "192.168.1.1"),
            ("route_to 192.168.1.1 dev", None, "lo"),
            ("route_to 192.168.1.2 via", None, "none"),
            ("route_to 8.8.8.8 dev", None, "none"),
            ("neighbour 192.168.1.9 state", None, "PERMANENT"),
            ("neighbour 192.168.1.9 mac", None, "02:00:00:00:00:09"),
            ("neighbour 192.168.1.8 state", None, "none"),
            ("link veth-host mtu", None, "1400"),
            ("link veth-red mac", Some("red"), "02:00:00:00:00:07"),
            ("link veth-red carrier", Some("red"), "yes"),
            ("link lo up", Some("red"), "no"),
            ("sysctl net.ipv4.ip_forward", None, "0"),
        ] {
            let asked = Query::read(query, namespace).expect(query);
            assert_eq!(asked.answer(&mut world), Ok(answer.to_owned()), "{query}");
        }
        let elsewhere = Query::read("link lo up", Some("blue")).expect("a query");
        assert!(elsewhere.answer(&mut world).is_err());
    }
}
