//! Links: changes and views as rtnetlink messages.

mod bridge;
mod kind;
mod veth;

pub(crate) use kind::is_settled;

use crate::error::internal;
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::{
    LinkAttribute, LinkFlags as Flags, LinkLayerType, LinkMessage, State, Stats64,
};
use std::os::fd::RawFd;
use vethlab_shared::change::{BridgeSettings, LinkSettings, NewLink};
use vethlab_shared::error::StackError;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::{IfIndex, LinkName};
use vethlab_shared::view::{LinkFlags, LinkKind, LinkStatistics, LinkView, OperationalState};

/// `RTM_GETLINK` for all links.
pub(crate) fn dump() -> RouteNetlinkMessage {
    RouteNetlinkMessage::GetLink(LinkMessage::default())
}

/// `RTM_GETLINK` for one link.
pub(crate) fn get(link: IfIndex) -> RouteNetlinkMessage {
    let mut message = LinkMessage::default();
    message.header.index = link.0;
    RouteNetlinkMessage::GetLink(message)
}

/// The same, for a link by name.
pub(crate) fn get_named(name: &LinkName) -> RouteNetlinkMessage {
    let mut message = LinkMessage::default();
    message.attributes = vec![LinkAttribute::IfName(name.as_str().to_owned())];
    RouteNetlinkMessage::GetLink(message)
}

/// `RTM_NEWLINK` for a link that exists.
pub(crate) fn set(link: IfIndex, settings: &LinkSettings, namespace: Option<RawFd>) -> RouteNetlinkMessage {
    let mut message = settings_message(settings, namespace);
    message.header.index = link.0;
    let index = settings.index.and_then(|index| i32::try_from(index.0).ok());
    message.attributes.extend(index.map(LinkAttribute::NewIfIndex));
    RouteNetlinkMessage::NewLink(message)
}

/// The same for a bridge, with what only bridges have.
pub(crate) fn set_bridge(
    link: IfIndex,
    bridge: &BridgeSettings,
    settings: &LinkSettings,
    namespace: Option<RawFd>,
) -> RouteNetlinkMessage {
    match set(link, settings, namespace) {
        RouteNetlinkMessage::NewLink(mut message) => {
            message.attributes.push(LinkAttribute::LinkInfo(bridge::info(bridge)));
            RouteNetlinkMessage::NewLink(message)
        }
        other => other,
    }
}

/// Gives the descriptor of the namespace that settings name, if they name one.
pub(crate) type Target<'a> = &'a mut dyn FnMut(&LinkSettings) -> Result<Option<RawFd>, StackError>;

/// `RTM_NEWLINK` for a link to make.
///
/// # Errors
/// `ENOENT` where a namespace does not exist.
pub(crate) fn add(new: &NewLink, target: Target<'_>) -> Result<RouteNetlinkMessage, StackError> {
    let mut message = settings_message(&new.end, target(&new.end)?);
    message.attributes.push(LinkAttribute::LinkInfo(kind::info(&new.kind, target)?));
    Ok(RouteNetlinkMessage::NewLink(message))
}

/// `RTM_DELLINK`.
pub(crate) fn delete(link: IfIndex) -> RouteNetlinkMessage {
    let mut message = LinkMessage::default();
    message.header.index = link.0;
    RouteNetlinkMessage::DelLink(message)
}

/// What `iplink_parse` of iproute2 makes of the same settings.
fn settings_message(settings: &LinkSettings, namespace: Option<RawFd>) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.header.index = settings.index.map_or(0, |index| index.0);
    message.header.flags = Flags::from_bits_retain(settings.flags.bits());
    message.header.change_mask = Flags::from_bits_retain(settings.flags_mask.bits());
    let attributes = [
        settings.name.as_ref().map(|name| LinkAttribute::IfName(name.as_str().to_owned())),
        settings.address.map(|mac| LinkAttribute::Address(mac.0.to_vec())),
        settings.broadcast.map(|mac| LinkAttribute::Broadcast(mac.0.to_vec())),
        settings.mtu.map(LinkAttribute::Mtu),
        settings.tx_queue_length.map(LinkAttribute::TxQueueLen),
        namespace.map(LinkAttribute::NetNsFd),
        settings.master.map(|master| LinkAttribute::Controller(master.0)),
    ];
    message.attributes = attributes.into_iter().flatten().collect();
    message
}

/// A link as the kernel reports it.
pub(crate) fn view(message: RouteNetlinkMessage) -> Result<LinkView, StackError> {
    let RouteNetlinkMessage::NewLink(message) = message else {
        return Err(internal("a dump of links holds something else"));
    };
    let name = message.attributes.iter().find_map(|attribute| match attribute {
        LinkAttribute::IfName(name) => name.parse().ok(),
        _ => None,
    });
    let mut view = LinkView {
        index: IfIndex(message.header.index),
        name: name.ok_or_else(|| internal(format!("link {} has no name", message.header.index)))?,
        kind: match message.header.link_layer_type {
            LinkLayerType::Loopback => LinkKind::Loopback,
            other => LinkKind::Other(other.to_string()),
        },
        flags: LinkFlags::from_bits_truncate(message.header.flags.bits()),
        mtu: 0,
        qdisc: String::new(),
        state: OperationalState::Unknown,
        group: 0,
        tx_queue_length: 0,
        address: MacAddress::ZERO,
        broadcast: MacAddress::ZERO,
        peer: None,
        peer_namespace_id: None,
        master: None,
        statistics: LinkStatistics::default(),
    };
    for attribute in message.attributes {
        match attribute {
            LinkAttribute::LinkInfo(info) => view.kind = kind::view(&info).unwrap_or(view.kind),
            LinkAttribute::Mtu(mtu) => view.mtu = mtu,
            LinkAttribute::Qdisc(name) => view.qdisc = name,
            LinkAttribute::OperState(state) => view.state = operational_state(state),
            LinkAttribute::Group(group) => view.group = group,
            LinkAttribute::TxQueueLen(length) => view.tx_queue_length = length,
            LinkAttribute::Address(bytes) => view.address = mac(&bytes),
            LinkAttribute::Broadcast(bytes) => view.broadcast = mac(&bytes),
            LinkAttribute::Link(index) => view.peer = Some(IfIndex(index)),
            LinkAttribute::LinkNetNsId(id) => view.peer_namespace_id = Some(id),
            LinkAttribute::Controller(index) => view.master = Some(IfIndex(index)),
            LinkAttribute::Stats64(counters) => view.statistics = statistics(&counters),
            _ => {}
        }
    }
    Ok(view)
}

/// An Ethernet address. Links of other kinds have addresses of other lengths, which no view can hold.
pub(crate) fn mac(bytes: &[u8]) -> MacAddress {
    bytes.try_into().map(MacAddress).unwrap_or_default()
}

fn operational_state(state: State) -> OperationalState {
    match state {
        State::NotPresent => OperationalState::NotPresent,
        State::Down => OperationalState::Down,
        State::LowerLayerDown => OperationalState::LowerLayerDown,
        State::Testing => OperationalState::Testing,
        State::Dormant => OperationalState::Dormant,
        State::Up => OperationalState::Up,
        _ => OperationalState::Unknown,
    }
}

fn statistics(counters: &Stats64) -> LinkStatistics {
    LinkStatistics {
        rx_packets: counters.rx_packets,
        tx_packets: counters.tx_packets,
        rx_bytes: counters.rx_bytes,
        tx_bytes: counters.tx_bytes,
        rx_errors: counters.rx_errors,
        tx_errors: counters.tx_errors,
        rx_dropped: counters.rx_dropped,
        tx_dropped: counters.tx_dropped,
        multicast: counters.multicast,
        collisions: counters.collisions,
        rx_over_errors: counters.rx_over_errors,
        rx_frame_errors: counters.rx_frame_errors,
        rx_missed_errors: counters.rx_missed_errors,
        rx_fifo_errors: counters.rx_fifo_errors,
        tx_fifo_errors: counters.tx_fifo_errors,
        tx_carrier_errors: counters.tx_carrier_errors,
    }
}
