//! What stands between a link's door in and the protocols: the handler of a bridge, or of links that share an address.

use crate::receive::Incoming;
use crate::world::World;

/// How many links may stand on each other (`MAX_NEST_DEV`), and so how often a frame can be handed on at the door in.
pub(crate) const MAXIMUM_NESTING: usize = 8;

/// Takes a frame that came in by a link (`rx_handler_func_t`).
pub(crate) type RxHandler = fn(&mut World, Incoming) -> RxHandlerResult;

/// What a handler has done with a frame (`rx_handler_result_t`).
#[cfg_attr(not(test), expect(dead_code, reason = "a bridge only takes frames or lets them pass"))]
#[derive(Debug)]
pub(crate) enum RxHandlerResult {
    /// It has taken it (`RX_HANDLER_CONSUMED`).
    Consumed,
    /// The frame counts as having come in by another link (`RX_HANDLER_ANOTHER`).
    Another(Incoming),
    /// Only who listens on this very link gets it (`RX_HANDLER_EXACT`): no protocol does.
    Exact(Incoming),
    /// It goes on as if there were no handler (`RX_HANDLER_PASS`).
    Pass(Incoming),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::{Delivery, RxHandler, Told};
    use crate::id::LinkId;
    use crate::packet::{Buffer, Packet};
    use vethlab_shared::change::{Change, LinkSettings, NewLink, NewLinkKind};
    use vethlab_shared::event::{DropReason, EventKind};
    use vethlab_shared::mac::MacAddress;
    use vethlab_shared::name::{IfIndex, NamespaceName};
    use vethlab_shared::stack::NetworkStack;
    use vethlab_shared::view::LinkFlags;
    use vethlab_shared::wire::ethernet::ethertype;

    /// An ARP request of 10.0.0.9 for 10.0.0.1.
    const REQUEST: [u8; 28] =
        [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 9, 10, 0, 0, 9, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1];

    /// What is told after an ARP request has come in by `b` (2), where `a` (3) is its other end and `handler` is its
    /// handler.
    fn told_with(handler: RxHandler) -> Vec<EventKind> {
        let mut world = World::new(1);
        let host = NamespaceName::HOST;
        let end = |name: &str| LinkSettings { name: name.parse().ok(), ..LinkSettings::default() };
        let new = NewLink { end: end("a"), kind: NewLinkKind::Veth { peer: end("b") } };
        world.apply(&host, &Change::AddLink(new)).expect("a new pair");
        for link in [2, 3].map(IfIndex) {
            let flags = LinkFlags::UP;
            let settings = LinkSettings { flags, flags_mask: flags, ..LinkSettings::default() };
            world.apply(&host, &Change::SetLink { link, settings }).expect("a link to set up");
        }
        world.observe(true);
        let to = LinkId { namespace: world.find(&host).expect("the machine"), index: IfIndex(2) };
        world.net_mut(to.namespace).rx_handlers.insert(to.index, handler);
        let id = world.new_packet_id(to.namespace, None);
        let mut packet = Packet::new(id, Buffer::of(&[&REQUEST]));
        packet.buffer.set_ethernet(MacAddress::BROADCAST, MacAddress([2, 0, 0, 0, 0, 9]), ethertype::ARP);
        world.netif_receive(Delivery { to, packet, route: None, told: Told::default() });
        let told = world.take_events().into_iter().map(|event| event.kind);
        told.filter(|kind| !matches!(kind, EventKind::PacketCreated { .. })).collect()
    }

    /// The link whose ARP has taken the request in.
    fn processed_at(told: &[EventKind]) -> Option<&str> {
        told.iter().find_map(|kind| match kind {
            EventKind::ArpProcess { link, .. } => Some(link.as_str()),
            _ => None,
        })
    }

    #[test]
    fn what_a_handler_takes_no_protocol_sees() {
        let told = told_with(|_, _| RxHandlerResult::Consumed);
        assert!(matches!(told.as_slice(), [EventKind::NetifReceiveSkb { .. }]), "{told:?}");
    }

    #[test]
    fn what_a_handler_passes_goes_on() {
        assert_eq!(processed_at(&told_with(|_, incoming| RxHandlerResult::Pass(incoming))), Some("b"));
    }

    #[test]
    fn a_handler_may_say_that_a_frame_came_in_by_another_link() {
        let told = told_with(|_, mut incoming| {
            incoming.at.index = IfIndex(3);
            RxHandlerResult::Another(incoming)
        });
        assert_eq!(processed_at(&told), Some("a"));
    }

    #[test]
    fn what_is_for_listeners_on_the_very_link_no_protocol_gets() {
        let told = told_with(|_, incoming| RxHandlerResult::Exact(incoming));
        let last = told.last();
        assert_eq!(last, Some(&EventKind::KfreeSkb { reason: DropReason::UnhandledProto }), "{told:?}");
    }

    #[test]
    fn a_frame_that_is_handed_on_without_end_is_dropped() {
        let told = told_with(|_, incoming| RxHandlerResult::Another(incoming));
        assert_eq!(told.last(), Some(&EventKind::KfreeSkb { reason: DropReason::NotSpecified }), "{told:?}");
    }
}
