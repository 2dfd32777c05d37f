//! Packet sockets (`net/packet/af_packet.c`): they see every frame of one link, or of all.

use super::{Kind, Options, Sockets};
use crate::id::LinkId;
use crate::packet::{Buffer, Packet};
use crate::transmit::{Frame, Xmit};
use crate::world::World;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::name::IfIndex;
use vethlab_shared::socket::{CapturedFrame, Direction, Received, SocketId};
use vethlab_shared::wire::{Ethernet, ethernet};

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
            if self.sockets.sending == Some(id) {
                continue;
            }
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

    /// Sends a whole frame by the link that a socket is bound to (`packet_snd`). No hook sees it, and the socket itself does
    /// not either (`skb_loop_sk`).
    pub(super) fn packet_send(
        &mut self,
        id: SocketId,
        socket: &Options,
        index: IfIndex,
        frame: &[u8],
    ) -> Result<(), StackError> {
        let at = LinkId { namespace: socket.namespace, index };
        let link = self.link(at).ok_or(Errno::ENXIO)?;
        if !link.is_up() {
            return Err(Errno::ENETDOWN.into());
        }
        if frame.len() > link.mtu as usize + ethernet::HEADER_LENGTH {
            return Err(Errno::EMSGSIZE.into());
        }
        let header = Ethernet::new(frame).ok_or(Errno::EINVAL)?;
        let mut buffer = Buffer::of(&[header.payload()]);
        buffer.set_ethernet(header.destination(), header.source(), header.ethertype());
        let packet = Packet::new(self.new_packet_id(at.namespace, None), buffer);
        self.sockets.sending = Some(id);
        let sent = self.transmit(at, Frame::of_packet_socket(packet), None);
        self.sockets.sending = None;
        match sent {
            Xmit::Sent | Xmit::Congested => Ok(()),
            Xmit::Dropped | Xmit::Refused => Err(Errno::ENOBUFS.into()),
        }
    }
}
