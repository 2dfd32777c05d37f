//! Neighbour entries: changes and views as rtnetlink messages.

use crate::error::internal;
use crate::link::mac;
use netlink_packet_route::neighbour::{NeighbourAddress, NeighbourAttribute, NeighbourMessage};
use netlink_packet_route::neighbour_table::{
    NeighbourTableAttribute, NeighbourTableMessage, NeighbourTableParameter,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use std::net::IpAddr;
use vethlab_shared::change::NeighbourSpec;
use vethlab_shared::error::StackError;
use vethlab_shared::family::Family;
use vethlab_shared::ipv4_only;
use vethlab_shared::name::IfIndex;
use vethlab_shared::time::Duration;
use vethlab_shared::view::{NeighbourParameters, NeighbourState, NeighbourView};

/// `RTM_GETNEIGH` for all IPv4 entries.
pub(crate) fn dump() -> RouteNetlinkMessage {
    let mut message = NeighbourMessage::default();
    message.header.family = AddressFamily::Inet;
    RouteNetlinkMessage::GetNeighbour(message)
}

/// `RTM_NEWNEIGH`.
pub(crate) fn add(neighbour: &NeighbourSpec) -> Result<RouteNetlinkMessage, StackError> {
    let mut message = message(neighbour.link, neighbour.destination, neighbour.state)?;
    message
        .attributes
        .extend(neighbour.address.map(|mac| NeighbourAttribute::LinkLayerAddress(mac.0.to_vec())));
    Ok(RouteNetlinkMessage::NewNeighbour(message))
}

/// `RTM_DELNEIGH`. The state is the one that `ipneigh_modify` of iproute2 starts from; the kernel ignores it.
pub(crate) fn delete(link: IfIndex, destination: IpAddr) -> Result<RouteNetlinkMessage, StackError> {
    message(link, destination, NeighbourState::PERMANENT).map(RouteNetlinkMessage::DelNeighbour)
}

fn message(
    link: IfIndex,
    destination: IpAddr,
    state: NeighbourState,
) -> Result<NeighbourMessage, StackError> {
    let destination = ipv4_only::address(destination)?;
    let mut message = NeighbourMessage::default();
    message.header.family = AddressFamily::Inet;
    message.header.ifindex = link.0;
    message.header.state = state.bits().into();
    message.attributes = vec![NeighbourAttribute::Destination(NeighbourAddress::Inet(destination))];
    Ok(message)
}

/// An entry as the kernel reports it.
pub(crate) fn view(message: RouteNetlinkMessage) -> Result<NeighbourView, StackError> {
    let RouteNetlinkMessage::NewNeighbour(message) = message else {
        return Err(internal("a dump of neighbours holds something else"));
    };
    let mut view = NeighbourView {
        link: IfIndex(message.header.ifindex),
        destination: Family::Inet.unspecified(),
        address: None,
        state: NeighbourState::from_bits_truncate(message.header.state.into()),
    };
    for attribute in message.attributes {
        match attribute {
            NeighbourAttribute::Destination(NeighbourAddress::Inet(address)) => {
                view.destination = address.into();
            }
            NeighbourAttribute::LinkLayerAddress(bytes) => view.address = Some(mac(&bytes)),
            _ => {}
        }
    }
    Ok(view)
}

/// `RTM_GETNEIGHTBL` for ARP.
pub(crate) fn dump_tables() -> RouteNetlinkMessage {
    let mut message = NeighbourTableMessage::default();
    message.header.family = AddressFamily::Inet;
    RouteNetlinkMessage::GetNeighbourTable(message)
}

/// What holds on a link, where the message is about one: the first of each table is about the table itself.
pub(crate) fn parameters(message: RouteNetlinkMessage) -> Result<Option<NeighbourParameters>, StackError> {
    let RouteNetlinkMessage::NewNeighbourTable(message) = message else {
        return Err(internal("a dump of neighbour tables holds something else"));
    };
    let (mut link, mut reachable_time) = (None, None);
    for attribute in message.attributes {
        let NeighbourTableAttribute::Parms(parameters) = attribute else { continue };
        for parameter in parameters {
            match parameter {
                NeighbourTableParameter::Ifindex(index) => link = Some(IfIndex(index)),
                NeighbourTableParameter::ReachableTime(milliseconds) => {
                    reachable_time = Some(Duration::from_millis(milliseconds));
                }
                _ => {}
            }
        }
    }
    Ok(link.zip(reachable_time).map(|(link, reachable_time)| NeighbourParameters { link, reachable_time }))
}
