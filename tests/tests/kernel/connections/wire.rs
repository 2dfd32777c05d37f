//! The segments on a wire, in a line each: numbers relative to the first, and what is random left out.

use libtest_mimic::Failed;
use std::net::Ipv4Addr;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::{Direction, Received, SocketId, SocketKind};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Duration;
use vethlab_shared::wire::checksum::transport_checksum;
use vethlab_shared::wire::ipv4::protocol;
use vethlab_shared::wire::tcp::{Options, flag};
use vethlab_shared::wire::{Frame, Tcp};
use vethlab_tests::numbers::FirstNumbers;

/// How long a frame may take to be shown.
const A_MOMENT: Duration = Duration::from_millis(20);

/// What is seen at one link.
pub(super) struct Wire {
    socket: SocketId,
    own: Ipv4Addr,
    /// On loopback each frame is seen twice: as it leaves, and as it comes in.
    both: bool,
    first: FirstNumbers,
}

impl Wire {
    pub(super) fn of(
        stack: &mut dyn NetworkStack,
        namespace: &NamespaceName,
        link: &str,
        own: Ipv4Addr,
    ) -> Result<Wire, Failed> {
        let found = stack.link_by_name(namespace, &link.parse()?)?.ok_or("no such link")?;
        let socket = stack.open(namespace, &SocketKind::Packet(found.index))?;
        Ok(Wire { socket, own, both: link == "lo", first: FirstNumbers::default() })
    }

    /// The segments that were seen since the last look.
    pub(super) fn frames(&mut self, stack: &mut dyn NetworkStack) -> Result<Vec<String>, Failed> {
        let deadline = stack.now() + A_MOMENT;
        stack.run_until(deadline, &[])?;
        let mut lines = Vec::new();
        while let Some(received) = stack.receive(self.socket)? {
            let Received::Frame(frame) = received else { return Err("no frame".into()) };
            if !(self.both && frame.direction == Direction::In) {
                lines.extend(self.line(&frame.bytes));
            }
        }
        Ok(lines)
    }

    fn line(&mut self, bytes: &[u8]) -> Option<String> {
        let packet = Frame::new(bytes)?.ipv4()?;
        if packet.protocol() != protocol::TCP {
            return None;
        }
        let segment = Tcp::new(packet.payload())?;
        let near = (packet.source(), segment.source());
        let far = (packet.destination(), segment.destination());
        let flags = segment.flags();
        if flags & flag::SYN != 0 {
            self.first.note([near, far], segment.sequence(), true);
        }
        let arrow = match packet.source() {
            _ if self.both => '-',
            source if source == self.own => '>',
            _ => '<',
        };
        let names =
            [(flag::SYN, 'S'), (flag::FIN, 'F'), (flag::RST, 'R'), (flag::PSH, 'P'), (flag::ACK, '.')];
        let letters: String =
            names.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, letter)| *letter).collect();
        let mut line = format!("{arrow} {letters} {}", self.first.relative([near, far], segment.sequence()));
        if flags & flag::ACK != 0 {
            line += &format!(" ack {}", self.first.relative([far, near], segment.acknowledgement()));
        }
        line += &format!(" win {}", segment.window());
        let options = Options::of(segment);
        line += &options.maximum_segment_size.map(|size| format!(" mss {size}")).unwrap_or_default();
        line += if options.sack_permitted { " sack" } else { "" };
        line += if options.timestamps.is_some() { " ts" } else { "" };
        line += &options.window_scale.map(|scale| format!(" ws {scale}")).unwrap_or_default();
        if !segment.data().is_empty() {
            line += &format!(" len {}", segment.data().len());
        }
        line += if packet.identification() != 0 { " id" } else { "" };
        let sum = transport_checksum(packet.source(), packet.destination(), protocol::TCP, packet.payload());
        line += if sum == 0 { " right" } else { "" };
        Some(line)
    }
}
