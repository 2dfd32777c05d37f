//! Pairs of links joined by a wire (`drivers/net/veth.c`).

use super::{Target, settings_message};
use netlink_packet_route::link::{InfoData, InfoKind, InfoVeth, LinkInfo};
use vethlab_shared::change::LinkSettings;
use vethlab_shared::error::StackError;
use vethlab_shared::view::{LinkFlags, LinkView, OperationalState};

/// What a request for a pair says of it: the far end (`VETH_INFO_PEER`), where anything is said of that.
pub(super) fn info(peer: &LinkSettings, target: Target<'_>) -> Result<Vec<LinkInfo>, StackError> {
    let namespace = target(peer)?;
    let mut info = vec![LinkInfo::Kind(InfoKind::Veth)];
    if *peer != LinkSettings::default() {
        let peer = InfoVeth::Peer(settings_message(peer, namespace));
        info.push(LinkInfo::Data(InfoData::Veth(peer)));
    }
    Ok(info)
}

/// Whether the operational state of an end is the one that its flags call for (`default_operstate`).
pub(super) fn is_settled(end: &LinkView) -> bool {
    use OperationalState::{Down, LowerLayerDown, Up};
    match (end.has(LinkFlags::UP), end.has(LinkFlags::LOWER_UP)) {
        (false, _) => true,
        (true, true) => end.state == Up,
        (true, false) => matches!(end.state, Down | LowerLayerDown),
    }
}
