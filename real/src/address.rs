//! Addresses: changes and views as rtnetlink messages.

use crate::error::internal;
use netlink_packet_route::address::{
    AddressAttribute, AddressFlags as Flags, AddressHeader, AddressHeaderFlags, AddressMessage,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use vethlab_shared::change::AddressSpec;
use vethlab_shared::error::StackError;
use vethlab_shared::family::Family;
use vethlab_shared::ipv4_only;
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{AddressFlags, AddressView, Scope};

/// `RTM_GETADDR` for all IPv4 addresses.
pub(crate) fn dump() -> RouteNetlinkMessage {
    let mut message = AddressMessage::default();
    message.header.family = AddressFamily::Inet;
    RouteNetlinkMessage::GetAddress(message)
}

/// `RTM_NEWADDR`.
pub(crate) fn add(address: &AddressSpec) -> Result<RouteNetlinkMessage, StackError> {
    message(address).map(RouteNetlinkMessage::NewAddress)
}

/// `RTM_DELADDR`.
pub(crate) fn delete(address: &AddressSpec) -> Result<RouteNetlinkMessage, StackError> {
    message(address).map(RouteNetlinkMessage::DelAddress)
}

/// What `ipaddr_modify` of iproute2 sends: flags that fit the header's byte go there.
fn message(spec: &AddressSpec) -> Result<AddressMessage, StackError> {
    ipv4_only::family(spec.family)?;
    let bits = spec.flags.bits();
    let small = u8::try_from(bits).ok();
    let mut message = AddressMessage::default();
    message.header = AddressHeader {
        family: AddressFamily::Inet,
        prefix_len: spec.prefix_length,
        flags: AddressHeaderFlags::from_bits_retain(small.unwrap_or(0)),
        scope: spec.scope.0.into(),
        index: spec.link.0,
    };
    let attributes = [
        ipv4_only::optional(spec.local)?.map(|local| AddressAttribute::Local(local.into())),
        ipv4_only::optional(spec.peer)?.map(|peer| AddressAttribute::Address(peer.into())),
        ipv4_only::optional(spec.broadcast)?.map(AddressAttribute::Broadcast),
        spec.label.clone().map(AddressAttribute::Label),
        small.is_none().then(|| AddressAttribute::Flags(Flags::from_bits_retain(bits))),
    ];
    message.attributes = attributes.into_iter().flatten().collect();
    Ok(message)
}

/// An address as the kernel reports it.
pub(crate) fn view(message: RouteNetlinkMessage) -> Result<AddressView, StackError> {
    let RouteNetlinkMessage::NewAddress(message) = message else {
        return Err(internal("a dump of addresses holds something else"));
    };
    let mut view = AddressView {
        link: IfIndex(message.header.index),
        local: Family::Inet.unspecified(),
        peer: Family::Inet.unspecified(),
        prefix_length: message.header.prefix_len,
        broadcast: None,
        label: String::new(),
        scope: Scope(message.header.scope.into()),
        flags: AddressFlags::from_bits_truncate(message.header.flags.bits().into()),
    };
    for attribute in message.attributes {
        match attribute {
            AddressAttribute::Local(local) => view.local = local,
            AddressAttribute::Address(peer) => view.peer = peer,
            AddressAttribute::Broadcast(broadcast) => view.broadcast = Some(broadcast.into()),
            AddressAttribute::Label(label) => view.label = label,
            AddressAttribute::Flags(flags) => view.flags = AddressFlags::from_bits_truncate(flags.bits()),
            _ => {}
        }
    }
    Ok(view)
}
