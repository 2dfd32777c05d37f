//! Packet sockets (`net/packet/af_packet.c`): they see every frame of one link.

use super::Sockets;
use crate::device::LinkId;
use vethlab_shared::socket::{CapturedFrame, Direction, Received, SocketKind};
use vethlab_shared::time::Instant;

impl Sockets {
    /// Whether anybody wants to see frames.
    pub(crate) fn has_taps(&self) -> bool {
        self.taps > 0
    }

    /// Shows a frame to the packet sockets of its link.
    pub(crate) fn capture(&mut self, time: Instant, at: LinkId, direction: Direction, frame: &[u8]) {
        for socket in self.open.values_mut() {
            if socket.kind == SocketKind::Packet(at.index) && socket.namespace == at.namespace {
                let bytes = frame.to_vec();
                let frame = CapturedFrame { time, link: at.index, direction, bytes };
                socket.push(Received::Frame(frame), 0);
            }
        }
    }
}
