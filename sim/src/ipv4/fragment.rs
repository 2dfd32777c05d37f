//! Cutting packets up and putting them together (RFC 791 section 3.2, `ip_do_fragment`, `ip_fragment.c`).

use super::{destination_of, fragment_field, header_length, protocol_of, source_of};
use crate::hook::PostRouted;
use crate::id::NamespaceId;
use crate::packet::{Buffer, Packet};
use crate::queue::Timer;
use crate::receive::Incoming;
use crate::world::World;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use vethlab_shared::event::{Consumer, DropReason, EventKind, PacketId};
use vethlab_shared::time::Duration;
use vethlab_shared::wire::Ipv4;
use vethlab_shared::wire::ipv4::{
    DONT_FRAGMENT, FRAGMENT_OFFSET, MORE_FRAGMENTS, set_checksum, set_fragment, set_total_length,
};

/// How long fragments wait for each other (`net.ipv4.ipfrag_time`).
const FRAGMENT_TIME: Duration = Duration::from_secs(30);

/// Who asks for a packet to be put together (`enum ip_defrag_users`): each puts together what it has seen itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Defragmenter {
    /// What is for this machine (`IP_DEFRAG_LOCAL_DELIVER`).
    LocalDeliver,
    /// What came in where connections are tracked (`IP_DEFRAG_CONNTRACK_IN`).
    ConntrackIn,
}

/// What the fragments of one packet have in common: who asks, and by RFC 791 source, destination, protocol and
/// identification (`struct frag_v4_compare_key`).
type Key = (Defragmenter, Ipv4Addr, Ipv4Addr, u8, u16);

/// Fragments that wait for the rest of their packet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reassembly {
    waiting: BTreeMap<Key, Waiting>,
    last_generation: u64,
}

#[derive(Clone, Debug)]
struct Waiting {
    generation: u64,
    /// By offset in bytes: which packet, and its payload.
    pieces: BTreeMap<usize, (PacketId, Vec<u8>)>,
    /// The longest piece, its header included, in bytes (`max_size`).
    longest: u16,
    /// Length of the whole payload in bytes, once the last piece is here.
    length: Option<usize>,
    /// The first piece to arrive of offset 0: its header is the packet's.
    first: Option<Incoming>,
}

impl Reassembly {
    /// How many bytes it takes, with the pieces that wait.
    pub(crate) fn weight(&self) -> usize {
        let piece = |(_, piece): &(PacketId, Vec<u8>)| size_of::<(PacketId, Vec<u8>)>() + piece.len();
        let waiting = |waiting: &Waiting| waiting.pieces.values().map(piece).sum::<usize>();
        self.waiting.values().map(|it| size_of::<Waiting>() + waiting(it)).sum()
    }
}

impl Waiting {
    fn is_whole(&self) -> bool {
        let mut reached = 0;
        for (&offset, (_, piece)) in &self.pieces {
            if offset > reached {
                return false;
            }
            reached = reached.max(offset + piece.len());
        }
        self.length == Some(reached)
    }
}

impl World {
    /// Cuts a packet into pieces that fit (`ip_do_fragment`), and ends it; nothing comes of an MTU that has no
    /// room for any.
    pub(super) fn fragment(
        &mut self,
        at: NamespaceId,
        whole: PostRouted,
        mtu: usize,
    ) -> Option<Vec<PostRouted>> {
        let packet = whole.packet();
        let mut bytes = packet.network().to_vec();
        if packet.checksum_partial {
            crate::socket::complete_checksum(&mut bytes);
        }
        let header = header_length(&bytes);
        let field = fragment_field(&bytes);
        // Pieces are not made longer than they came (`frag_max_size`).
        let mtu = packet.longest_fragment.map_or(mtu, |longest| mtu.min(usize::from(longest)));
        let step = (mtu.saturating_sub(header)) & !7;
        if step == 0 {
            self.drop_packet(at, packet.id, DropReason::PktTooBig);
            return None;
        }
        let payload = &bytes[header..];
        let count = payload.len().div_ceil(step);
        let mut pieces = Vec::with_capacity(count);
        for (number, data) in payload.chunks(step).enumerate() {
            let id = self.new_packet_id(at, Some(packet.id));
            let mut buffer = Buffer::of(&[&bytes[..header], data]);
            buffer.set_transport(header);
            let piece = buffer.network_mut();
            let length = piece.len() as u16;
            set_total_length(piece, length);
            let offset = (field & FRAGMENT_OFFSET) + (number * step / 8) as u16;
            let more = number + 1 < count || field & MORE_FRAGMENTS != 0;
            let flags = (field & DONT_FRAGMENT) | if more { MORE_FRAGMENTS } else { 0 };
            set_fragment(piece, flags | offset);
            set_checksum(piece);
            // Of what is known of the packet, the pieces have all but the checksum (`ip_copy_metadata`).
            let Packet { holds_socket, mark, priority, input, .. } = *packet;
            let connection = packet.connection.clone();
            pieces.push(Packet {
                holds_socket,
                mark,
                priority,
                connection,
                input,
                ..Packet::new(id, buffer)
            });
        }
        let ids = || pieces.iter().map(|piece| piece.id).collect();
        self.tell(at, Some(packet.id), || EventKind::IpDoFragment { pieces: ids() });
        self.tell(at, Some(packet.id), || EventKind::ConsumeSkb { by: Consumer::Fragmentation });
        Some(whole.cut_into(pieces).collect())
    }

    /// Takes in a fragment; gives the packet when it is whole (`ip_defrag`).
    pub(super) fn reassemble(&mut self, incoming: Incoming, by: Defragmenter) -> Option<Incoming> {
        let namespace = incoming.at.namespace;
        let bytes = incoming.packet.network();
        let key = (
            by,
            source_of(bytes),
            destination_of(bytes),
            protocol_of(bytes),
            Ipv4::new_unchecked(bytes).identification(),
        );
        let field = fragment_field(bytes);
        let offset = usize::from(field & FRAGMENT_OFFSET) * 8;
        let data = incoming.packet.transport().to_vec();
        let end = offset + data.len();
        let (id, size) = (incoming.packet.id, bytes.len() as u16);

        let reassembly = self.runtime_mut(namespace).reassembly.get_or_insert_default();
        let is_new = !reassembly.waiting.contains_key(&key);
        if is_new {
            reassembly.last_generation += 1;
        }
        let generation = reassembly.last_generation;
        let waiting = reassembly.waiting.entry(key).or_insert_with(|| Waiting {
            generation,
            pieces: BTreeMap::new(),
            longest: 0,
            length: None,
            first: None,
        });
        if field & MORE_FRAGMENTS == 0 {
            waiting.length = Some(end);
        }
        waiting.longest = waiting.longest.max(size);
        let known = waiting.pieces.contains_key(&offset);
        if !known {
            waiting.pieces.insert(offset, (id, data));
            if offset == 0 {
                waiting.first = Some(incoming);
            }
        }
        let whole = if waiting.is_whole() { reassembly.waiting.remove(&key) } else { None };
        if is_new && whole.is_none() {
            self.queue.set_timer(self.now + FRAGMENT_TIME, Timer::Fragments { namespace, generation });
        }
        if known {
            self.drop_packet(namespace, id, DropReason::DupFrag);
        }
        self.join(whole?)
    }

    /// Puts the pieces together behind the header of the first: a packet of its own (`ip_frag_reasm`).
    fn join(&mut self, waiting: Waiting) -> Option<Incoming> {
        let Incoming { packet, at, addressee } = waiting.first?;
        let header = header_length(packet.network());
        let mut bytes = packet.network()[..header].to_vec();
        for (offset, (_, data)) in &waiting.pieces {
            let already = bytes.len() - header;
            bytes.extend_from_slice(data.get(already.saturating_sub(*offset)..).unwrap_or_default());
        }
        let pieces: Vec<PacketId> = waiting.pieces.into_values().map(|(piece, _)| piece).collect();
        let Ok(length) = u16::try_from(bytes.len()) else {
            // Longer than any packet (`out_oversize`).
            for piece in pieces {
                self.drop_packet(at.namespace, piece, DropReason::NotSpecified);
            }
            return None;
        };
        set_total_length(&mut bytes, length);
        set_fragment(&mut bytes, 0);
        set_checksum(&mut bytes);
        let id = self.new_packet_id(at.namespace, Some(packet.id));
        self.tell(at.namespace, Some(id), || EventKind::IpFragReasm { pieces: pieces.clone() });
        for piece in pieces {
            self.tell(at.namespace, Some(piece), || EventKind::ConsumeSkb { by: Consumer::Reassembly });
        }
        let mut buffer = Buffer::of(&[&bytes]);
        buffer.set_transport(header);
        let Packet { input, mark, priority, connection, .. } = packet;
        let longest_fragment = Some(waiting.longest);
        let packet =
            Packet { input, mark, priority, connection, longest_fragment, ..Packet::new(id, buffer) };
        Some(Incoming { packet, at, addressee })
    }

    /// Gives up fragments that waited too long (`ip_expire`): who sent them is told, if the first one came.
    pub(crate) fn fragments_expired(&mut self, namespace: NamespaceId, generation: u64) {
        let Some(runtime) = self.namespaces.runtime_mut(namespace) else { return };
        let Some(Reassembly { waiting, .. }) = runtime.reassembly.as_deref_mut() else { return };
        let Some(key) = waiting.iter().find(|(_, w)| w.generation == generation).map(|(key, _)| *key) else {
            return;
        };
        let Some(waiting) = waiting.remove(&key) else { return };
        if let Some(first) = &waiting.first {
            self.icmp_fragments_expired(first, key.0 == Defragmenter::LocalDeliver);
        }
        for (piece, _) in waiting.pieces.into_values() {
            self.drop_packet(namespace, piece, DropReason::FragReasmTimeout);
        }
    }

    /// Gives up all fragments of a namespace that ends.
    pub(crate) fn drop_fragments(&mut self, namespace: NamespaceId) {
        let reassembly = self.runtime_mut(namespace).reassembly.take();
        let waiting = reassembly.map(|reassembly| reassembly.waiting).unwrap_or_default();
        for (piece, _) in waiting.into_values().flat_map(|waiting| waiting.pieces.into_values()) {
            self.drop_packet(namespace, piece, DropReason::NotSpecified);
        }
    }
}
