//! What a diagnosis rests on, as data.

use super::listeners::protocol_name;
use crate::journal::Crossing;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use vethlab_shared::error::Errno;
use vethlab_shared::event::{Considered, DropReason, Hook, PacketId, Syscall};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::netfilter::TableId;
use vethlab_shared::prefix::Prefix;
use vethlab_shared::view::{FdbKind, NeighbourState, PortState, RouteKind, SocketProtocol, table};

/// One fact, and where it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The namespace.
    pub namespace: NamespaceName,
    /// The fact.
    #[serde(flatten)]
    pub fact: Fact,
}

/// A fact that decided what became of a packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum Fact {
    /// The entry of a routing table that decided.
    Route {
        /// The number of the event of the lookup.
        event: u64,
        /// Where to.
        destination: IpAddr,
        /// The entry.
        entry: Considered,
    },
    /// No entry was for the destination.
    NoRoute {
        /// The number of the event of the lookup.
        event: u64,
        /// Where to.
        destination: IpAddr,
    },
    /// An entry of a routing table that stood in the way of a command, or had to be there.
    Entry {
        /// The entry, as `ip route` begins it.
        route: String,
    },
    /// The ARP requests for an address and what came of them.
    Neighbour {
        /// The link that was asked on.
        link: LinkName,
        /// The address that was asked for.
        destination: IpAddr,
        /// Its Ethernet address as the table has it.
        address: Option<MacAddress>,
        /// The state of the entry when the command had ended, if there was one.
        state: Option<NeighbourState>,
    },
    /// An address that a link has.
    Address {
        /// The link.
        link: LinkName,
        /// The address with its prefix length.
        address: Prefix,
    },
    /// A link without any IPv4 address.
    NoAddress {
        /// The link.
        link: LinkName,
    },
    /// The state of a link.
    Link {
        /// The link.
        link: LinkName,
        /// Whether it is set up.
        up: bool,
        /// Whether it has carrier.
        carrier: bool,
        /// Its MTU in bytes.
        mtu: u32,
        /// Its Ethernet address.
        address: MacAddress,
        /// Whether ARP is spoken on it; where not, its flags say `NOARP`.
        arp: bool,
    },
    /// A port of a bridge.
    Port {
        /// The port's link.
        link: LinkName,
        /// The bridge; `None` where the link is no port.
        bridge: Option<LinkName>,
        /// Whether it passes frames on.
        state: Option<PortState>,
        /// What it does that a new port does not, and the other way round, as `bridge` names it.
        differs: Vec<String>,
    },
    /// A row of a bridge's forwarding database.
    Fdb {
        /// The bridge.
        bridge: LinkName,
        /// The station.
        station: MacAddress,
        /// Where it is believed to be: behind a port, or the bridge itself.
        link: LinkName,
        /// How the row came to be there.
        kind: FdbKind,
    },
    /// A kernel setting.
    Sysctl {
        /// Its name with dots.
        name: String,
        /// Its value.
        value: String,
    },
    /// Where a packet ended.
    Dropped {
        /// The number of the event.
        event: u64,
        /// The packet, as in the events.
        packet: PacketId,
        /// The last frame that it was until then, numbered as in `packets`; `None` where it has no number there.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        frame: Option<usize>,
        /// Why, in the kernel's word.
        reason: DropReason,
    },
    /// What a process was refused.
    Refused {
        /// The number of the event.
        event: u64,
        /// The system call.
        call: Syscall,
        /// The answer.
        errno: Errno,
    },
    /// A netfilter hook that did not let a packet pass.
    Filtered {
        /// The number of the event.
        event: u64,
        /// The hook.
        hook: Hook,
    },
    /// A rule of the packet filter, or the policy of a chain, that dropped a packet.
    Rule {
        /// The number of the event.
        event: u64,
        /// The table.
        table: TableId,
        /// The chain.
        chain: String,
        /// The rule's number in its chain, counted from 1; `None` is the chain's policy.
        number: Option<u32>,
    },
    /// A socket that takes in what comes to its port.
    Listener {
        /// What it speaks.
        protocol: SocketProtocol,
        /// Its address and port; an address of zeros is any.
        local: SocketAddr,
        /// How many connections wait to be taken in, where it is for connections.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        waiting: Option<u32>,
        /// How many may wait; one more is let in.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        most: Option<u32>,
    },
    /// No socket takes in what comes to a port.
    NoListener {
        /// What was spoken.
        protocol: SocketProtocol,
        /// The port.
        port: u16,
    },
    /// A rule that translates addresses, or should have.
    NatRule {
        /// The table.
        table: TableId,
        /// The chain.
        chain: String,
        /// The rule's number in its chain, counted from 1.
        number: u32,
        /// What it translates to, in the words of `iptables`.
        target: String,
    },
    /// A packet that connection tracking takes for no part of any connection.
    Invalid {
        /// The number of the event that tells so.
        event: u64,
    },
    /// Somebody answered to ARP.
    ArpReply {
        /// The number of the event.
        event: u64,
        /// For this address.
        destination: IpAddr,
        /// With this Ethernet address.
        address: MacAddress,
    },
    /// A packet was taken in by whom it was for.
    Delivered {
        /// The number of the event.
        event: u64,
        /// The packet, as in the events.
        packet: PacketId,
        /// The last frame that it was until then, numbered as in `packets`; `None` where it has no number there.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        frame: Option<usize>,
    },
    /// An ICMP message was not sent, as too many had been sent just before (`icmpv4_xrlim_allow`).
    RateLimited {
        /// The number of the event.
        event: u64,
        /// Whom it would have gone to.
        to: IpAddr,
    },
}

impl Evidence {
    /// Takes over the numbers that frames have in a journal.
    pub(super) fn number(&mut self, frames: &[(usize, Crossing)]) {
        let (Fact::Dropped { event, packet, frame, .. } | Fact::Delivered { event, packet, frame }) =
            &mut self.fact
        else {
            return;
        };
        let until = |crossing: &Crossing| crossing.first_seen().is_some_and(|place| place.event <= *event);
        let mut latest = frames.iter().rev();
        let found = latest.find(|(_, crossing)| crossing.packet == Some(*packet) && until(crossing));
        *frame = found.map(|(number, _)| *number);
    }

    /// Whether both are the same, the state of a neighbour aside.
    pub(super) fn is_like(&self, other: &Evidence) -> bool {
        let [ours, theirs] = [self, other].map(|evidence| {
            let mut fact = evidence.fact.clone();
            if let Fact::Neighbour { state, .. } = &mut fact {
                *state = None;
            }
            (&evidence.namespace, fact)
        });
        ours == theirs
    }

    /// The command that shows it, as typed in its namespace.
    pub fn shown_by(&self) -> Option<String> {
        Some(match &self.fact {
            Fact::Route { entry: Considered { table: table::LOCAL, .. }, .. } => {
                "ip route show table local".to_owned()
            }
            Fact::Route { .. } | Fact::NoRoute { .. } | Fact::Entry { .. } => "ip route".to_owned(),
            Fact::Neighbour { .. } => "ip neigh".to_owned(),
            Fact::Address { .. } | Fact::NoAddress { .. } => "ip addr".to_owned(),
            Fact::Link { link, .. } => format!("ip link show {link}"),
            Fact::Port { bridge: None, .. } => "bridge link".to_owned(),
            Fact::Port { link, .. } => format!("bridge -d link show dev {link}"),
            Fact::Fdb { bridge, .. } => format!("bridge fdb show br {bridge}"),
            Fact::Sysctl { name, .. } => format!("sysctl {name}"),
            Fact::Listener { protocol, .. } | Fact::NoListener { protocol, .. } => match protocol {
                SocketProtocol::Tcp => "ss -ltn".to_owned(),
                SocketProtocol::Udp => "ss -lun".to_owned(),
            },
            Fact::NatRule { table, chain, number, .. } => {
                format!("iptables -t {} -S {chain} {number}", table.name)
            }
            _ => return None,
        })
    }
}

/// A routing entry as `ip route` begins it.
pub(crate) fn entry_text(entry: &Considered) -> String {
    let kind = kind_text(entry.kind);
    let mut text = format!("{kind}{}", prefix_text(entry.prefix));
    if let Some(gateway) = entry.gateway {
        text += &format!(" via {gateway}");
    }
    if let Some(link) = entry.output.as_ref().filter(|_| !kind.starts_with(['b', 'u', 'p', 't'])) {
        text += &format!(" dev {link}");
    }
    if entry.metric != 0 {
        text += &format!(" metric {}", entry.metric);
    }
    text
}

/// What stands before the prefix of a route of this kind.
pub(crate) fn kind_text(kind: RouteKind) -> &'static str {
    match kind {
        RouteKind::Blackhole => "blackhole ",
        RouteKind::Unreachable => "unreachable ",
        RouteKind::Prohibit => "prohibit ",
        RouteKind::Throw => "throw ",
        RouteKind::Local => "local ",
        RouteKind::Broadcast => "broadcast ",
        _ => "",
    }
}

/// A prefix as `ip route` prints it.
pub(crate) fn prefix_text(prefix: Prefix) -> String {
    match prefix.length() {
        0 => "default".to_owned(),
        length if length == prefix.family().bits() => prefix.address().to_string(),
        _ => prefix.to_string(),
    }
}

/// The name of a neighbour state as `ip neigh` prints it.
pub(crate) fn state_text(state: NeighbourState) -> String {
    state.iter_names().next().map_or_else(|| "NONE".to_owned(), |(name, _)| name.replace("NO_ARP", "NOARP"))
}

/// What a packet is called: by the number that `packets` shows. It has none where it was on no link, or where the one
/// who tells saw a frame that the person's stack never had.
fn frame_text(frame: Option<usize>) -> String {
    frame.map_or_else(|| "a packet".to_owned(), |number| format!("frame {number}"))
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.namespace)?;
        match &self.fact {
            Fact::Route { destination, entry, .. } => {
                write!(f, "route '{}' decided for {destination}", entry_text(entry))
            }
            Fact::NoRoute { destination, .. } => write!(f, "no route for {destination}"),
            Fact::Entry { route } => write!(f, "route '{route}'"),
            Fact::Neighbour { link, destination, address, state } => {
                write!(f, "neighbour {destination} on {link}")?;
                if let Some(address) = address {
                    write!(f, " {address}")?;
                }
                match state {
                    Some(state) => write!(f, " {}", state_text(*state)),
                    None => f.write_str(": no entry"),
                }
            }
            Fact::Address { link, address } => write!(f, "{link} has {address}"),
            Fact::NoAddress { link } => write!(f, "{link} has no IPv4 address"),
            Fact::Link { link, up, carrier, mtu, address, arp } => {
                let up = if *up { "up" } else { "down" };
                let carrier = if *carrier { "carrier" } else { "no carrier" };
                let arp = if *arp { "" } else { ", NOARP" };
                write!(f, "link {link} is {up}, {carrier}, mtu {mtu}, {address}{arp}")
            }
            Fact::Port { link, bridge: None, .. } => write!(f, "{link} is no port of a bridge"),
            Fact::Port { link, bridge: Some(bridge), state, differs } => {
                write!(f, "{link} is a port of {bridge}")?;
                state.map_or(Ok(()), |state| write!(f, ", {}", state.name()))?;
                differs.iter().try_for_each(|flag| write!(f, ", {flag}"))
            }
            Fact::Fdb { bridge, station, link, kind } => {
                let kind = match kind {
                    FdbKind::Local => "permanent",
                    FdbKind::Static => "static",
                    FdbKind::Learned | FdbKind::Stale => "learned",
                };
                write!(f, "{bridge} has {station} on {link}, {kind}")
            }
            Fact::Sysctl { name, value } => write!(f, "{name} = {value}"),
            Fact::Dropped { event, frame, reason, .. } => {
                write!(f, "{} dropped: {} (event {event})", frame_text(*frame), reason.name())
            }
            Fact::Refused { call, errno, event } => {
                let call = format!("{call:?}").to_lowercase();
                write!(f, "{call} refused: {errno} (event {event})")
            }
            Fact::Rule { table, chain, number: Some(number), event } => {
                write!(f, "rule {number} of {chain} in {}: drop (event {event})", table.name)
            }
            Fact::Rule { table, chain, number: None, event } => {
                write!(f, "the policy of {chain} in {}: drop (event {event})", table.name)
            }
            Fact::Filtered { hook, event } => write!(f, "hook {hook:?} did not accept (event {event})"),
            Fact::Listener { protocol, local, waiting, most } => {
                write!(f, "{} listens at {local}", protocol_name(*protocol))?;
                match (waiting, most) {
                    (Some(waiting), Some(most)) if *waiting > 0 => {
                        write!(f, ", {waiting} wait, at most {most} and one more may")
                    }
                    _ => Ok(()),
                }
            }
            Fact::NoListener { protocol, port } => {
                write!(f, "{} listens nowhere at port {port}", protocol_name(*protocol))
            }
            Fact::NatRule { table, chain, number, target } => {
                write!(f, "rule {number} of {chain} in {}: {target}", table.name)
            }
            Fact::Invalid { event } => write!(f, "connection tracking: INVALID (event {event})"),
            Fact::ArpReply { destination, address, event } => {
                write!(f, "ARP reply: {destination} is at {address} (event {event})")
            }
            Fact::Delivered { frame, event, .. } => {
                write!(f, "{} delivered (event {event})", frame_text(*frame))
            }
            Fact::RateLimited { event, to } => {
                write!(f, "icmpv4_xrlim_allow: nothing more to {to} now (event {event})")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_without_a_number_is_only_a_packet() -> Result<(), serde_json::Error> {
        let evidence = |frame| {
            let fact = Fact::Delivered { event: 7, packet: PacketId(3), frame };
            Evidence { namespace: NamespaceName::HOST, fact }
        };
        assert_eq!(evidence(Some(2)).to_string(), "host: frame 2 delivered (event 7)");
        let unnumbered = evidence(None);
        assert_eq!(unnumbered.to_string(), "host: a packet delivered (event 7)");
        let json = serde_json::to_string(&unnumbered)?;
        assert!(!json.contains("frame"), "{json}");
        assert_eq!(serde_json::from_str::<Evidence>(&json)?, unnumbered);
        Ok(())
    }
}
