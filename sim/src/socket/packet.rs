//! Packet sockets (`net/packet/af_packet.c`): they see every frame of one link, or of all.

use super::Sockets;
use crate::id::LinkId;
use vethlab_shared::name::IfIndex;
use vethlab_shared::socket::{CapturedFrame, Direction, Received, SocketKind};
use vethlab_shared::time::Instant;

/// In the place of a link's index: all of them (`packet_do_bind`).
pub(crate) const ANY: IfIndex = IfIndex(0);

impl Sockets {
    /// Whether anybody wants to see frames.
    pub(crate) fn has_taps(&self) -> bool {
        self.taps > 0
    }

    /// Shows a frame to the packet sockets of its link.
    pub(crate) fn capture(&mut self, time: Instant, at: LinkId, direction: Direction, frame: &[u8]) {
        for socket in self.open.values_mut() {
            let SocketKind::Packet(link) = socket.kind else { continue };
            if (link == at.index || link == ANY) && socket.namespace == at.namespace {
                let bytes = frame.to_vec();
                let frame = CapturedFrame { time, link: at.index, direction, bytes };
                socket.push(Received::Frame(frame), 0);
            }
        }
    }
}
