//! Faults of bridges: a link that is no port, a port that keeps frames back, a row that leads the wrong way.

use super::case::{Case, Leg};
use super::cause::Cause;
use super::evidence::{Evidence, Fact};
use super::fault::Fault;
use super::mend::Fix;
use super::network::Port;
use super::segment::{Crossed, Gap};
use super::trail::{End, Hop};
use std::net::IpAddr;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::view::{FdbEntry, FdbKind, LinkFlags, LinkKind, PortFlags, PortState};

/// The flags of ports as `bridge` names them.
const FLAGS: [(PortFlags, &str); 7] = [
    (PortFlags::HAIRPIN, "hairpin"),
    (PortFlags::LEARNING, "learning"),
    (PortFlags::FLOOD, "flood"),
    (PortFlags::MULTICAST_FLOOD, "mcast_flood"),
    (PortFlags::BROADCAST_FLOOD, "bcast_flood"),
    (PortFlags::ISOLATED, "isolated"),
    (PortFlags::LOCKED, "locked"),
];

/// The two ends of a way over bridges, as stations.
#[derive(Clone)]
struct Ends {
    from: Port,
    to: Port,
}

impl<'e> Case<'e, '_> {
    /// Why a frame did not come from a link to whoever has an address there, where bridges are in between and something is
    /// wrong with them. `asks` says that it was an ARP request, which goes to everybody.
    pub(super) fn over_bridges(
        &mut self,
        here: &NamespaceName,
        name: &LinkName,
        asked: IpAddr,
        asks: bool,
    ) -> Option<Fault> {
        let from = Port { namespace: here.clone(), link: self.network.link(here, name)? };
        let owners = self.network.owners(asked);
        for (namespace, link, _) in owners {
            let Some(link) = self.network.link(&namespace, &link) else { continue };
            let ends = Ends { from: from.clone(), to: Port { namespace, link } };
            match self.network.bridges_between(&ends.from, &ends.to) {
                Some(way) => {
                    let found = self.duplicate_mac(&ends, asked).or_else(|| {
                        way.iter().find_map(|crossed| self.kept_back(crossed, &way, &ends, asks))
                    });
                    if found.is_some() {
                        return found;
                    }
                }
                None => {
                    if let Some(gap) = self.network.gap_between(&ends.from, &ends.to) {
                        return Some(self.not_a_port(&gap, &ends));
                    }
                }
            }
        }
        None
    }

    /// The same for a packet that was lost between two stations.
    pub(super) fn lost_on_bridges(&mut self, leg: &Leg<'e>) -> Option<Fault> {
        let sender = leg.life.hops.iter().rev().find(|hop| hop.way.is_some_and(|way| !way.failed))?;
        let (here, way) = (sender.namespace.clone(), sender.way?);
        let name = sender.output_link()?.clone();
        self.over_bridges(&here, &name, way.next_hop(), false)
    }

    /// Whether a packet ended on a bridge: before it came to a station.
    pub(super) fn ended_on_bridge(&self, hop: &Hop<'e>) -> bool {
        let name = hop.input.as_ref().map(|(link, _)| *link).or(hop.output_link());
        let link = name.and_then(|name| self.network.link(hop.namespace, name));
        link.is_some_and(|link| link.master.is_some() || link.kind == LinkKind::Bridge)
    }

    /// A copy of a flooded frame that went further than the frame itself, which ended at a station that it is not for.
    pub(super) fn better_copy(
        &self,
        copies: &[vethlab_shared::event::PacketId],
    ) -> Option<vethlab_shared::event::PacketId> {
        let ended =
            |copy: &vethlab_shared::event::PacketId| self.trails.life(*copy, None).map(|life| life.end);
        let is_other = |end| end == End::Dropped(vethlab_shared::event::DropReason::OtherHost);
        copies.iter().copied().find(|copy| ended(copy).is_some_and(|end| !is_other(end)))
    }

    /// A link is no port of the bridge that it would have to be on.
    fn not_a_port(&mut self, gap: &Gap, ends: &Ends) -> Fault {
        let Gap { link: end, bridge } = gap;
        let (place, link, name) = (&bridge.namespace, &end.link.name, &bridge.link.name);
        let other = self.network.bridge_of(end);
        let fact = Fact::Port {
            link: link.clone(),
            bridge: other.as_ref().map(|other| other.link.name.clone()),
            state: None,
            differs: Vec::new(),
        };
        let fault = Fault::new(Cause::NotAPort, place).seen(place, fact);
        let up = if end.link.has(LinkFlags::UP) { "" } else { " up" };
        let instead = match &other {
            Some(other) => format!("it is a port of {} instead", other.link.name),
            None => "it belongs to no bridge".to_owned(),
        };
        fault
            .told(format!(
                "{} and {} are to meet on the bridge {name} in {place}. But {link}, where a wire to one of them ends, is no \
                 port of it: {instead}. What comes in by {link} goes no further than that.",
                ends.from.namespace, ends.to.namespace
            ))
            .mended_by(place, format!("ip link set {link} master {name}{up}"))
    }

    /// Two stations have one Ethernet address: a bridge takes them for the same station, which moves.
    fn duplicate_mac(&mut self, ends: &Ends, asked: IpAddr) -> Option<Fault> {
        let mut stations = self.network.stations(&ends.from.namespace, &ends.from.link);
        stations.push(ends.from.clone());
        // The address of a bridge is most often that of one of its ports, and never another station's.
        let bridges: Vec<Port> =
            stations.iter().filter(|station| station.link.kind == LinkKind::Bridge).cloned().collect();
        stations.extend(bridges.iter().flat_map(|bridge| self.network.ports_of(bridge)));
        for own in [&ends.to, &ends.from] {
            let address = own.link.address;
            let is_own = |station: &Port| {
                station.is_same(own)
                    || own.link.kind == LinkKind::Bridge && station.link.master == Some(own.link.index)
            };
            let Some(twin) =
                stations.iter().find(|station| station.link.address == address && !is_own(station)).cloned()
            else {
                continue;
            };
            let fresh = fresh_address(address, &stations);
            // The two that talk: who was asked gets another one. A port keeps its own.
            let (at, twin) =
                if own.link.master.is_none() { (own.clone(), twin) } else { (twin, own.clone()) };
            let mut fault = Fault::new(Cause::DuplicateMac, &at.namespace);
            for station in [&at, &twin] {
                fault = fault.seen_all([super::judge::link_fact(&station.namespace, &station.link)]);
            }
            let fault = fault
                    .told(format!(
                        "{} in {} and {} in {} have the same Ethernet address, {address}. A bridge knows each address \
                         behind one port alone: it sends the frames for both to where it heard that address last, or keeps \
                         them where the address is its own.",
                        at.link.name, at.namespace, twin.link.name, twin.namespace
                    ))
                    .mended_by(&at.namespace, format!("ip link set {} address {fresh}", at.link.name));
            // Who asked goes on believing the old address.
            let (here, link) = (&ends.from.namespace, &ends.from.link);
            let place = self.network.place(here)?;
            let knows = place.neighbours.iter().any(|entry| {
                entry.link == link.index && entry.destination == asked && entry.address == Some(address)
            });
            return Some(match knows && at.is_same(&ends.to) {
                true => fault.mended_by(here, format!("ip neigh del {asked} dev {}", link.name)),
                false => fault,
            });
        }
        None
    }

    /// Why a bridge keeps frames back from one end of a way to the other, or from there to here.
    fn kept_back(&mut self, crossed: &Crossed, way: &[Crossed], ends: &Ends, asks: bool) -> Option<Fault> {
        let Crossed { bridge, input, output } = crossed;
        let place = &bridge.namespace;
        for link in [Some(bridge), input.as_ref(), output.as_ref()].into_iter().flatten() {
            if !link.link.has(LinkFlags::UP) {
                let fault = self.link_is_down(place, &link.link, "frame");
                return Some(fault.told(format!("The bridge {} passes nothing on by it.", bridge.link.name)));
            }
        }
        for port in [input, output].into_iter().flatten() {
            let state = self.network.port_view(port)?.state;
            if state != PortState::Forwarding {
                return Some(self.not_forwarding(bridge, port, state));
            }
        }
        let is = |case: &Self, port: &Option<Port>, flag| {
            let view = port.as_ref().and_then(|port| case.network.port_view(port));
            view.is_some_and(|view| view.flags.contains(flag))
        };
        if is(self, input, PortFlags::ISOLATED) && is(self, output, PortFlags::ISOLATED) {
            return Some(self.isolated(crossed));
        }
        let (source, target) = (ends.from.link.address, ends.to.link.address);
        for (port, station) in [(input, source), (output, target)] {
            let Some(port) = port.as_ref().filter(|_| is(self, port, PortFlags::LOCKED)) else { continue };
            if self.row(bridge, station).is_none_or(|row| row.link != port.link.index) {
                let told = format!(
                    "{} is a locked port of {}: it takes in frames of those stations alone that are written down for it, \
                     and {station} is not (br_handle_frame_finish).",
                    port.link.name, bridge.link.name
                );
                let allowed = format!("bridge fdb add {station} dev {} master static", port.link.name);
                let fault = self.blocked(bridge, port, told);
                return Some(
                    fault
                        .mended_by(place, format!("bridge link set dev {} locked off", port.link.name))
                        .or_by(vec![Fix::new(place, allowed)]),
                );
            }
        }
        self.wrong_row(crossed, ends).or_else(|| self.not_flooded(crossed, way, ends, asks))
    }

    /// Frames for a station that is not known leave by no port that does not flood.
    fn not_flooded(&mut self, crossed: &Crossed, way: &[Crossed], ends: &Ends, asks: bool) -> Option<Fault> {
        let Crossed { bridge, input, output } = crossed;
        let (source, target) = (ends.from.link.address, ends.to.link.address);
        // An ARP request of the bridge's own leaves by every port.
        let is_own = way.first().is_some_and(|first| first.input.is_none());
        let ask = if asks && !is_own { Some(("bcast_flood", PortFlags::BROADCAST_FLOOD)) } else { None };
        let unknown = |case: &Self, station| case.row(bridge, station).is_none();
        let flood = Some(("flood", PortFlags::FLOOD));
        let candidates = [
            (output, ask),
            (output, flood.filter(|_| unknown(self, target))),
            (input, flood.filter(|_| unknown(self, source))),
        ];
        for (port, wanted) in candidates {
            let (Some(port), Some((word, flag))) = (port, wanted) else { continue };
            if self.network.port_view(port).is_some_and(|view| !view.flags.contains(flag)) {
                let told = format!(
                    "{} is a port of {} with {word} off: what {} leaves by it only where {} (br_flood).",
                    port.link.name,
                    bridge.link.name,
                    if word == "flood" {
                        "is for a station that the bridge does not know"
                    } else {
                        "is for everybody"
                    },
                    if word == "flood" { "that is on" } else { "the bridge itself sends it" },
                );
                let fault = self.blocked(bridge, port, told);
                let command = format!("bridge link set dev {} {word} on", port.link.name);
                return Some(fault.mended_by(&bridge.namespace, command));
            }
        }
        None
    }

    fn not_forwarding(&mut self, bridge: &Port, port: &Port, state: PortState) -> Fault {
        let (name, place) = (&port.link.name, &bridge.namespace);
        let told = format!(
            "{name}, a port of {} in {place}, is {}: it passes nothing on. Only a port that is forwarding does \
             (should_deliver, br_handle_frame). Where a spanning tree is made, the tree decides: a port listens, then learns, \
             and then forwards, or blocks what would close a loop.",
            bridge.link.name,
            state.name()
        );
        let fault = self.blocked(bridge, port, told);
        fault.mended_by(place, format!("bridge link set dev {name} state forwarding"))
    }

    fn blocked(&self, bridge: &Port, port: &Port, told: String) -> Fault {
        Fault::new(Cause::PortBlocked, &bridge.namespace).seen_all([self.port_fact(bridge, port)]).told(told)
    }

    /// Frames do not go from one isolated port to another. Where another port leads to a bridge outside, that one may give
    /// them back.
    fn isolated(&mut self, crossed: &Crossed) -> Fault {
        let Crossed { bridge, input, output } = crossed;
        let (place, name) = (&bridge.namespace, &bridge.link.name);
        let ports: Vec<&Port> = [output, input].into_iter().flatten().collect();
        let open = ports.iter().map(|port| {
            vec![Fix::new(place, format!("bridge link set dev {} isolated off", port.link.name))]
        });
        let open: Vec<_> = open.collect();
        let names: Vec<String> = ports.iter().rev().map(|port| port.link.name.to_string()).collect();
        let told = format!(
            "{} are both isolated ports of {name} in {place}, and a frame does not go from one isolated port to another \
             (br_skb_isolated).",
            names.join(" and ")
        );
        let facts: Vec<Evidence> = ports.iter().map(|port| self.port_fact(bridge, port)).collect();
        match self.outer_bridge(bridge) {
            Some((outer, port)) => {
                let end = &port.link.name;
                Fault::new(Cause::Hairpin, &outer.namespace)
                    .seen_all(facts)
                    .seen_all([self.port_fact(&outer, &port)])
                    .told(told)
                    .told(format!(
                        "It goes on to the bridge {} in {}, where it comes in by {end}. The other station is behind {end} \
                         too, and a port does not give a frame out again that it took in, unless its hairpin is on \
                         (should_deliver).",
                        outer.link.name, outer.namespace
                    ))
                    .mended_by(&outer.namespace, format!("bridge link set dev {end} hairpin on"))
                    .or_by_all(open)
            }
            None => Fault::new(Cause::PortIsolated, place).seen_all(facts).told(told).or_by_all(open),
        }
    }

    /// Another bridge that a port which is not isolated leads to, and the port of that one, where its hairpin is off.
    fn outer_bridge(&mut self, bridge: &Port) -> Option<(Port, Port)> {
        for port in self.network.ports_of(bridge) {
            let is_isolated =
                self.network.port_view(&port).is_none_or(|view| view.flags.contains(PortFlags::ISOLATED));
            let end = self.network.peer(&port.namespace, &port.link).filter(|_| !is_isolated);
            let Some(end) = end else { continue };
            let outer = self.network.bridge_of(&end);
            let hairpin =
                self.network.port_view(&end).is_some_and(|view| view.flags.contains(PortFlags::HAIRPIN));
            if let Some(outer) = outer.filter(|_| !hairpin) {
                return Some((outer, end));
            }
        }
        None
    }

    /// A row that leads to where the station is not.
    fn wrong_row(&mut self, crossed: &Crossed, ends: &Ends) -> Option<Fault> {
        let Crossed { bridge, input, output } = crossed;
        let (place, name) = (&bridge.namespace, &bridge.link.name);
        for (station, port) in [(&ends.to, output), (&ends.from, input)] {
            let address = station.link.address;
            let Some(row) = self.row(bridge, address) else { continue };
            let right = port.as_ref().map_or(bridge.link.index, |port| port.link.index);
            let is_local = row.kind == FdbKind::Local;
            // What is for the bridge itself comes there by an address of any of its ports.
            if (port.is_none() && is_local) || (row.link == right && !is_local) {
                continue;
            }
            let believed = self.network.name_beside(bridge, row.link)?;
            let truly = port.as_ref().map_or(name, |port| &port.link.name);
            let fact =
                Fact::Fdb { bridge: name.clone(), station: address, link: believed.clone(), kind: row.kind };
            let what = match row.kind {
                FdbKind::Local => {
                    format!("to be its own, so that frames for it go up to {place} and no further")
                }
                _ => format!("behind {believed}, and so frames for it leave by {believed} alone"),
            };
            let owner = if row.link == bridge.link.index { "" } else { " master" };
            return Some(
                Fault::new(Cause::StaleFdb, place)
                    .seen(place, fact)
                    .told(format!(
                        "{} in {} has the Ethernet address {address}, and is behind {truly}. The forwarding database of \
                         {name} in {place} believes {address} {what} (br_handle_frame_finish).",
                        station.link.name, station.namespace
                    ))
                    .mended_by(place, format!("bridge fdb del {address} dev {believed}{owner}")),
            );
        }
        None
    }

    /// The row of a station.
    fn row(&self, bridge: &Port, station: MacAddress) -> Option<FdbEntry> {
        self.network.rows_of(bridge).find(|row| row.address == station).cloned()
    }

    fn port_fact(&self, bridge: &Port, port: &Port) -> Evidence {
        let view = self.network.port_view(port);
        let differs = |flags: PortFlags| {
            let differing =
                FLAGS.iter().filter(move |(flag, _)| flags.contains(*flag) != PortFlags::NEW.contains(*flag));
            differing.map(move |(flag, name)| {
                format!("{name} {}", if flags.contains(*flag) { "on" } else { "off" })
            })
        };
        let fact = Fact::Port {
            link: port.link.name.clone(),
            bridge: Some(bridge.link.name.clone()),
            state: view.map(|view| view.state),
            differs: view.map(|view| differs(view.flags).collect()).unwrap_or_default(),
        };
        Evidence { namespace: port.namespace.clone(), fact }
    }
}

/// An address like this one that nobody there has.
fn fresh_address(address: MacAddress, stations: &[Port]) -> MacAddress {
    let mut fresh = address;
    loop {
        fresh.0[5] = fresh.0[5].wrapping_add(1);
        // After all of the last byte's values the next byte changes.
        if fresh.0[5] == address.0[5] {
            fresh.0[4] = fresh.0[4].wrapping_add(1);
        }
        if stations.iter().all(|station| station.link.address != fresh) {
            return fresh;
        }
    }
}
