//! The kinds of link: each has a file of its own beside this one, and its place here.

use super::{Target, bridge, veth};
use netlink_packet_route::link::{InfoKind, LinkInfo};
use vethlab_shared::change::NewLinkKind;
use vethlab_shared::error::StackError;
use vethlab_shared::view::{LinkKind, LinkView};

/// What a request for a new link says of its kind (`IFLA_LINKINFO`).
///
/// # Errors
/// `ENOENT` where a namespace does not exist.
pub(super) fn info(kind: &NewLinkKind, target: Target<'_>) -> Result<Vec<LinkInfo>, StackError> {
    match kind {
        NewLinkKind::Veth { peer } => veth::info(peer, target),
        NewLinkKind::Bridge(settings) => Ok(bridge::info(settings)),
    }
}

/// What the same says in an answer; `None` where the kernel names no kind.
pub(super) fn view(info: &[LinkInfo]) -> Option<LinkKind> {
    info.iter().find_map(|info| match info {
        LinkInfo::Kind(InfoKind::Veth) => Some(LinkKind::Veth),
        LinkInfo::Kind(InfoKind::Bridge) => Some(LinkKind::Bridge),
        LinkInfo::Kind(kind) => Some(LinkKind::Other(kind.to_string())),
        _ => None,
    })
}

/// Whether a link has noticed the carrier that it has.
pub(crate) fn is_settled(link: &LinkView) -> bool {
    match link.kind {
        LinkKind::Veth => veth::is_settled(link),
        LinkKind::Bridge => bridge::is_settled(link),
        // Their carrier never changes, or nothing here changes it.
        LinkKind::Loopback | LinkKind::Other(_) => true,
    }
}
