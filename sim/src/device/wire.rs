//! What crosses from one end to the other.

use crate::id::LinkId;
use crate::packet::Packet;
use std::fmt;
use std::sync::Arc;
use vethlab_shared::name::IfIndex;
use vethlab_shared::time::Duration;

/// How long a frame is under way. A veth pair on a real machine takes a few microseconds.
pub(crate) const WIRE_DELAY: Duration = Duration::from_micros(10);

/// A frame under way to a link.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    /// The link that it arrives at.
    pub(crate) to: LinkId,
    pub(crate) packet: Packet,
    /// Set where the packet never left the machine: it keeps the route that it was sent by, and is not routed
    /// again (`skb_dst_force` in `loopback_xmit` and `dev_loopback_xmit`).
    pub(crate) route: Option<KeptRoute>,
    pub(crate) told: Told,
}

/// The frame as it was told of when it left, where somebody listened then. Telling of it again needs no copy; nothing else
/// depends on it.
#[derive(Clone, Default)]
pub(crate) struct Told(pub(crate) Option<Arc<[u8]>>);

/// It is nothing that can be told from outside.
impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Told")
    }
}

/// What a looped-back packet keeps of the route that it was sent by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeptRoute {
    /// It is for this machine (`RTCF_LOCAL`): `dst.input` is `ip_local_deliver`, else `dst_discard`.
    pub(crate) local: bool,
    /// The link that it counts as having come in by, where that is not loopback (`rt_iif`).
    pub(crate) counts_as: Option<IfIndex>,
    /// To a broadcast address (`RTCF_BROADCAST`).
    pub(crate) broadcast: bool,
}
