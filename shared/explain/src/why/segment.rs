//! What a link is joined to by wires and bridges: the stations on its segment, and the bridges between two of them.

use super::network::{Network, Port};
use std::collections::VecDeque;
use std::net::IpAddr;
use vethlab_shared::name::{IfIndex, LinkName, NamespaceName};
use vethlab_shared::view::{BridgePort, FdbEntry, LinkKind, LinkView};

/// A bridge on a way, with the ports that the way leads through: `None` is the bridge itself, as a station.
#[derive(Clone, Debug)]
pub(super) struct Crossed {
    pub(super) bridge: Port,
    pub(super) input: Option<Port>,
    pub(super) output: Option<Port>,
}

/// A link that would have to be a port of a bridge, and is none, or one of another bridge.
#[derive(Clone, Debug)]
pub(super) struct Gap {
    pub(super) link: Port,
    pub(super) bridge: Port,
}

/// A bridge that was come to, by one of its ports or as the station that it is, and the bridges before it.
#[derive(Clone)]
struct Reached {
    bridge: Port,
    input: Option<Port>,
    before: Vec<Crossed>,
}

impl Network<'_> {
    /// The bridge that a link is a port of.
    pub(super) fn bridge_of(&self, at: &Port) -> Option<Port> {
        let link = self.link_at(&at.namespace, at.link.master?)?;
        (link.kind == LinkKind::Bridge).then(|| Port { namespace: at.namespace.clone(), link })
    }

    /// What a port is set to.
    pub(super) fn port_view(&self, at: &Port) -> Option<&BridgePort> {
        self.place(&at.namespace)?.ports.iter().find(|port| port.link == at.link.index)
    }

    /// What a bridge knows.
    pub(super) fn rows_of<'a>(&'a self, bridge: &'a Port) -> impl Iterator<Item = &'a FdbEntry> {
        let place = self.place(&bridge.namespace);
        let rows = place.map(|place| place.fdb.as_slice()).unwrap_or_default();
        rows.iter().filter(|row| row.bridge == Some(bridge.link.index))
    }

    /// The bridge that a link leads into: the one that its other end is a port of, or that it is itself.
    fn bridge_behind(&mut self, from: &Port) -> Option<Reached> {
        if from.link.kind == LinkKind::Bridge {
            return Some(Reached { bridge: from.clone(), input: None, before: Vec::new() });
        }
        let peer = self.peer(&from.namespace, &from.link)?;
        let bridge = self.bridge_of(&peer)?;
        Some(Reached { bridge, input: Some(peer), before: Vec::new() })
    }

    /// All bridges that are joined to this one, each with the ports of it and what is at their other ends.
    fn walk(&mut self, from: Reached, mut visit: impl FnMut(&Reached, &Port, &Port) -> bool) -> Vec<Reached> {
        let mut waiting = VecDeque::from([from]);
        let mut seen: Vec<Reached> = Vec::new();
        while let Some(reached) = waiting.pop_front() {
            let is_same = |other: &Reached| other.bridge.is_same(&reached.bridge);
            if seen.iter().any(is_same) {
                continue;
            }
            for port in self.ports_of(&reached.bridge) {
                if reached.input.as_ref().is_some_and(|input| input.is_same(&port)) {
                    continue;
                }
                let Some(end) = self.peer(&port.namespace, &port.link) else { continue };
                if !visit(&reached, &port, &end) {
                    return seen;
                }
                if let Some(bridge) = self.bridge_of(&end) {
                    let crossed = Crossed {
                        bridge: reached.bridge.clone(),
                        input: reached.input.clone(),
                        output: Some(port),
                    };
                    let before = reached.before.iter().cloned().chain([crossed]).collect();
                    waiting.push_back(Reached { bridge, input: Some(end), before });
                }
            }
            seen.push(reached);
        }
        seen
    }

    /// The ports of a bridge.
    pub(super) fn ports_of(&self, bridge: &Port) -> Vec<Port> {
        let place = self.place(&bridge.namespace);
        let links = place.map(|place| place.links.as_slice()).unwrap_or_default();
        let ports = links.iter().filter(|link| link.master == Some(bridge.link.index));
        ports.map(|link| Port { namespace: bridge.namespace.clone(), link: link.clone() }).collect()
    }

    /// The stations that a link is joined to: what is at the other end of its wire, or whoever is on the bridges there.
    pub(super) fn stations(&mut self, namespace: &NamespaceName, link: &LinkView) -> Vec<Port> {
        let own = Port { namespace: namespace.clone(), link: link.clone() };
        let Some(start) = self.bridge_behind(&own) else {
            return self.peer(namespace, link).into_iter().collect();
        };
        let mut stations = Vec::new();
        let bridges = self.walk(start, |_, _, end| {
            if end.link.master.is_none() {
                stations.push(end.clone());
            }
            true
        });
        stations.extend(bridges.into_iter().map(|reached| reached.bridge));
        stations.retain(|station| !station.is_same(&own));
        stations
    }

    /// Whom an ARP request on a link is for: of the stations that it is joined to the one that has the address, or the only
    /// one that has none, or the only one.
    pub(super) fn station_with(
        &mut self,
        namespace: &NamespaceName,
        name: &LinkName,
        asked: IpAddr,
    ) -> Option<Port> {
        let link = self.link(namespace, name)?;
        let stations = self.stations(namespace, &link);
        let has = |station: &&Port| self.has(&station.namespace, asked);
        if let [only] = stations.as_slice() {
            return Some(only.clone());
        }
        if let Some(owner) = stations.iter().find(has) {
            return Some(owner.clone());
        }
        let has_none = |station: &&Port| {
            station.link.kind != LinkKind::Bridge
                && self.addresses(&station.namespace, station.link.index).is_empty()
        };
        let mut without = stations.iter().filter(has_none);
        match (without.next(), without.next()) {
            (Some(only), None) => Some(only.clone()),
            _ => None,
        }
    }

    /// The bridges from one station to another, in order; `None` where no wires and bridges lead there.
    pub(super) fn bridges_between(&mut self, from: &Port, to: &Port) -> Option<Vec<Crossed>> {
        let start = self.bridge_behind(from)?;
        let mut found = None;
        let bridges = self.walk(start, |reached, port, end| {
            if end.is_same(to) {
                let last = Crossed {
                    bridge: reached.bridge.clone(),
                    input: reached.input.clone(),
                    output: Some(port.clone()),
                };
                found = Some(reached.before.iter().cloned().chain([last]).collect());
            }
            found.is_none()
        });
        found.or_else(|| {
            let reached = bridges.into_iter().find(|reached| reached.bridge.is_same(to))?;
            let last = Crossed { bridge: reached.bridge, input: reached.input, output: None };
            Some(reached.before.into_iter().chain([last]).collect())
        })
    }

    /// The link that is no port, where two stations would be joined if it were one.
    pub(super) fn gap_between(&mut self, from: &Port, to: &Port) -> Option<Gap> {
        // The near side: where our wire ends there are bridges, and one of them leads there.
        if let Some(end) = self.peer(&from.namespace, &from.link).filter(|end| !end.is_same(to)) {
            for bridge in self.bridges_in(&end.namespace) {
                let leads = bridge.is_same(to) || self.bridges_between(&bridge, to).is_some();
                if leads && self.bridge_of(&end).is_none_or(|own| !own.is_same(&bridge)) {
                    return Some(Gap { link: end, bridge });
                }
            }
        }
        // The far side: where the wire of the other station ends there are bridges, and we reach one of them.
        let end = self.peer(&to.namespace, &to.link).filter(|end| !end.is_same(from))?;
        for bridge in self.bridges_in(&end.namespace) {
            let leads = bridge.is_same(from) || self.bridges_between(from, &bridge).is_some();
            if leads && self.bridge_of(&end).is_none_or(|own| !own.is_same(&bridge)) {
                return Some(Gap { link: end, bridge });
            }
        }
        None
    }

    fn bridges_in(&self, namespace: &NamespaceName) -> Vec<Port> {
        let place = self.place(namespace);
        let links = place.map(|place| place.links.as_slice()).unwrap_or_default();
        let bridges = links.iter().filter(|link| link.kind == LinkKind::Bridge);
        bridges.map(|link| Port { namespace: namespace.clone(), link: link.clone() }).collect()
    }

    /// The name of a link of the bridge's namespace.
    pub(super) fn name_beside(&self, bridge: &Port, index: IfIndex) -> Option<LinkName> {
        self.link_at(&bridge.namespace, index).map(|link| link.name)
    }
}

impl Port {
    /// Whether both are the same link.
    pub(super) fn is_same(&self, other: &Port) -> bool {
        self.namespace == other.namespace && self.link.index == other.link.index
    }
}
