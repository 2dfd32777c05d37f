//! Packet sockets (`net/packet/af_packet.c`): they see every frame of one link, or of all.

use super::{Kind, Sockets};
use crate::id::LinkId;
use crate::world::World;
use vethlab_shared::name::IfIndex;
use vethlab_shared::socket::{CapturedFrame, Direction, Received};

/// In the place of a link's index: all of them (`packet_do_bind`).
pub(crate) const ANY: IfIndex = IfIndex(0);

/// How many bytes a frame takes that waits to be read.
pub(super) fn weight(frame: &CapturedFrame) -> usize {
    size_of::<Received>() + frame.bytes.len()
}

impl Sockets {
    /// Whether anybody wants to see frames.
    #[inline]
    pub(crate) fn has_taps(&self) -> bool {
        self.taps > 0
    }
}

impl World {
    /// Shows a frame to the packet sockets of its link.
    pub(crate) fn capture(&mut self, at: LinkId, direction: Direction, frame: &[u8]) {
        let (time, mut waiting) = (self.now, 0);
        let Some(runtime) = self.namespaces.runtime(at.namespace) else { return };
        for &id in runtime.sockets.packet() {
            let Ok(socket) = self.sockets.get(id) else { continue };
            if matches!(socket.options.kind, Kind::Packet(link) if link == at.index || link == ANY) {
                let bytes = frame.to_vec();
                let frame = CapturedFrame { time, link: at.index, direction, bytes };
                let weight = weight(&frame);
                socket.push(Received::Frame(frame), weight);
                waiting += weight as u64;
            }
        }
        self.allowance.wait(waiting);
    }
}
