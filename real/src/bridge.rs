//! Bridges: their ports and their forwarding databases, changes and views as rtnetlink messages of `AF_BRIDGE`.

use crate::error::internal;
use crate::link::mac;
use netlink_packet_core::{DefaultNla, Nla};
use netlink_packet_route::link::{AfSpecBridge, BridgeFlag, LinkAttribute, LinkMessage, LinkProtoInfoBridge};
use netlink_packet_route::neighbour::{NeighbourAttribute, NeighbourFlags, NeighbourMessage};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use std::time::Duration;
use vethlab_shared::change::{BridgePortSettings, FdbFlush, FdbSpec};
use vethlab_shared::error::StackError;
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{
    BridgePort, FdbAges, FdbEntry, FdbFlags, FdbKind, NeighbourState, PortFlags, PortState,
};

/// All that a message describes, not one thing (`NLM_F_BULK`).
pub(crate) const BULK: u16 = 0x200;
/// `NDA_NDM_STATE_MASK`, `NDA_NDM_FLAGS_MASK`.
const STATE_MASK: u16 = 16;
const FLAGS_MASK: u16 = 17;
/// `IFLA_BRPORT_*`.
const STATE: u16 = 1;
const PRIORITY: u16 = 2;
const COST: u16 = 3;
const MULTICAST_ROUTER: u16 = 25;
/// The flags of a port, each with its `IFLA_BRPORT_*`.
const FLAGS: [(u16, PortFlags); 13] = [
    (4, PortFlags::HAIRPIN),
    (5, PortFlags::GUARD),
    (6, PortFlags::ROOT_BLOCK),
    (7, PortFlags::FAST_LEAVE),
    (8, PortFlags::LEARNING),
    (9, PortFlags::FLOOD),
    (27, PortFlags::MULTICAST_FLOOD),
    (28, PortFlags::MULTICAST_TO_UNICAST),
    (29, PortFlags::VLAN_TUNNEL),
    (30, PortFlags::BROADCAST_FLOOD),
    (32, PortFlags::NEIGHBOUR_SUPPRESS),
    (33, PortFlags::ISOLATED),
    (39, PortFlags::LOCKED),
];

/// `RTM_GETLINK` for the ports of all bridges.
pub(crate) fn dump_ports() -> RouteNetlinkMessage {
    let mut message = LinkMessage::default();
    message.header.interface_family = AddressFamily::Bridge;
    RouteNetlinkMessage::GetLink(message)
}

/// A port as the kernel reports it.
pub(crate) fn port(message: RouteNetlinkMessage) -> Result<BridgePort, StackError> {
    let RouteNetlinkMessage::NewLink(message) = message else {
        return Err(internal("a dump of ports holds something else"));
    };
    let mut port = BridgePort {
        link: IfIndex(message.header.index),
        bridge: IfIndex(0),
        state: PortState::Disabled,
        priority: 0,
        cost: 0,
        flags: PortFlags::empty(),
        multicast_router: 0,
    };
    for attribute in message.attributes {
        match attribute {
            LinkAttribute::Controller(index) => port.bridge = IfIndex(index),
            LinkAttribute::ProtoInfoBridge(all) => {
                all.iter().for_each(|attribute| port_attribute(&mut port, attribute));
            }
            _ => {}
        }
    }
    Ok(port)
}

/// Takes in one attribute of a port. Those that are not known say nothing here.
fn port_attribute(port: &mut BridgePort, attribute: &LinkProtoInfoBridge) {
    let mut value = vec![0; attribute.value_len()];
    attribute.emit_value(&mut value);
    let number = match value[..] {
        [byte] => byte.into(),
        [a, b] => u16::from_ne_bytes([a, b]).into(),
        [a, b, c, d] => u32::from_ne_bytes([a, b, c, d]),
        _ => return,
    };
    match attribute.kind() {
        STATE => port.state = PortState::of(number as u8).unwrap_or_default(),
        PRIORITY => port.priority = number as u16,
        COST => port.cost = number,
        MULTICAST_ROUTER => port.multicast_router = number as u8,
        kind => {
            if let Some((_, flag)) = FLAGS.iter().find(|(known, _)| *known == kind) {
                port.flags.set(*flag, number != 0);
            }
        }
    }
}

/// `RTM_SETLINK` for a port, as `brlink_modify` of iproute2 sends it.
pub(crate) fn set_port(link: IfIndex, settings: &BridgePortSettings) -> RouteNetlinkMessage {
    let mut message = LinkMessage::default();
    message.header.interface_family = AddressFamily::Bridge;
    message.header.index = link.0;
    let flags = FLAGS.iter().filter(|(_, flag)| settings.flags_mask.contains(*flag));
    let flags = flags.map(|(kind, flag)| (*kind, vec![u8::from(settings.flags.contains(*flag))]));
    let others = [
        settings.cost.map(|cost| (COST, cost.to_ne_bytes().to_vec())),
        settings.priority.map(|priority| (PRIORITY, priority.to_ne_bytes().to_vec())),
        settings.state.map(|state| (STATE, vec![state])),
    ];
    let attributes = flags
        .chain(others.into_iter().flatten())
        .map(|(kind, value)| LinkProtoInfoBridge::Other(DefaultNla::new(kind, value)));
    message.attributes = vec![LinkAttribute::ProtoInfoBridge(attributes.collect())];
    // `BRIDGE_FLAGS_MASTER`, `BRIDGE_FLAGS_SELF`.
    let to = [(FdbFlags::MASTER, 1), (FdbFlags::SELF, 2)];
    let to: u16 = to.iter().filter(|(flag, _)| settings.to.contains(*flag)).map(|(_, bit)| bit).sum();
    if to != 0 {
        let to = AfSpecBridge::Flags(BridgeFlag::from(to));
        message.attributes.push(LinkAttribute::AfSpecBridge(vec![to]));
    }
    RouteNetlinkMessage::SetLink(message)
}

/// `RTM_GETNEIGH` for the forwarding databases of all bridges.
pub(crate) fn dump_fdb() -> RouteNetlinkMessage {
    let mut message = NeighbourMessage::default();
    message.header.family = AddressFamily::Bridge;
    RouteNetlinkMessage::GetNeighbour(message)
}

/// `RTM_NEWNEIGH` for a row.
pub(crate) fn add_fdb(entry: &FdbSpec) -> RouteNetlinkMessage {
    RouteNetlinkMessage::NewNeighbour(row(entry))
}

/// `RTM_DELNEIGH` for a row.
pub(crate) fn delete_fdb(entry: &FdbSpec) -> RouteNetlinkMessage {
    RouteNetlinkMessage::DelNeighbour(row(entry))
}

fn row(entry: &FdbSpec) -> NeighbourMessage {
    let mut message = fdb_message(entry.link, entry.state, entry.flags);
    message.attributes = vec![NeighbourAttribute::LinkLayerAddress(entry.address.0.to_vec())];
    message
}

fn fdb_message(link: IfIndex, state: NeighbourState, flags: FdbFlags) -> NeighbourMessage {
    let mut message = NeighbourMessage::default();
    message.header.family = AddressFamily::Bridge;
    message.header.ifindex = link.0;
    message.header.state = state.bits().into();
    message.header.flags = NeighbourFlags::from_bits_retain(flags.bits());
    message
}

/// `RTM_DELNEIGH` for many rows, to be sent with [`BULK`].
pub(crate) fn flush_fdb(flush: &FdbFlush) -> RouteNetlinkMessage {
    let mut message = fdb_message(flush.link, flush.state, flush.flags);
    let other = |kind, value| NeighbourAttribute::Other(DefaultNla::new(kind, value));
    let attributes = [
        flush.port.map(|port| NeighbourAttribute::IfIndex(port.0)),
        (!flush.flags_mask.is_empty()).then(|| other(FLAGS_MASK, vec![flush.flags_mask.bits()])),
        (!flush.state_mask.is_empty())
            .then(|| other(STATE_MASK, flush.state_mask.bits().to_ne_bytes().to_vec())),
    ];
    message.attributes = attributes.into_iter().flatten().collect();
    RouteNetlinkMessage::DelNeighbour(message)
}

/// A row of a forwarding database as the kernel reports it.
pub(crate) fn fdb_entry(message: RouteNetlinkMessage) -> Result<FdbEntry, StackError> {
    /// A step of time as user space counts it (`USER_HZ`).
    const TICK: Duration = Duration::from_millis(10);
    let RouteNetlinkMessage::NewNeighbour(message) = message else {
        return Err(internal("a dump of forwarding databases holds something else"));
    };
    let state = NeighbourState::from_bits_truncate(message.header.state.into());
    let kind = if state.contains(NeighbourState::PERMANENT) {
        FdbKind::Local
    } else if state.contains(NeighbourState::NO_ARP) {
        FdbKind::Static
    } else if state.contains(NeighbourState::STALE) {
        FdbKind::Stale
    } else {
        FdbKind::Learned
    };
    let link = IfIndex(message.header.ifindex);
    let flags = FdbFlags::from_bits_truncate(message.header.flags.bits());
    let (mut address, mut bridge, mut vlan, mut ages) = (None, None, None, None);
    for attribute in message.attributes {
        match attribute {
            NeighbourAttribute::LinkLayerAddress(bytes) => address = Some(mac(&bytes)),
            NeighbourAttribute::Controller(index) => bridge = Some(IfIndex(index)),
            NeighbourAttribute::Vlan(id) => vlan = Some(id),
            NeighbourAttribute::CacheInfo(info) => {
                ages = Some(FdbAges { used: TICK * info.used, updated: TICK * info.updated });
            }
            _ => {}
        }
    }
    let address = address.ok_or_else(|| internal("a row of a forwarding database has no address"))?;
    Ok(FdbEntry { address, bridge, link, vlan, kind, flags, ages })
}
