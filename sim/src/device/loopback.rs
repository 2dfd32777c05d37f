//! Loopback: what is sent comes back (`drivers/net/loopback.c`).

use super::{Delivery, KeptRoute, Operations, plain};
use crate::id::{LinkId, NamespaceId};
use crate::link::{Device, InDevice, Link};
use crate::neighbour::BASE_REACHABLE_TIME;
use crate::transmit::{Frame, Xmit};
use crate::world::World;
use vethlab_shared::error::Errno;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{LinkFlags, LinkKind};

/// Nobody can ask for a new one: each namespace has its own from the start.
pub(super) static OPERATIONS: Operations = Operations {
    mtu: 0..=u32::MAX,
    netns_immutable: true,
    validate: |_| Err(Errno::EOPNOTSUPP.into()),
    new: |_, _, _, _| Err(Errno::EOPNOTSUPP.into()),
    delete: None,
    open: |_, _| {},
    close: |_, _| {},
    transmit,
    carrier: |_, _| true,
    set_address: plain::set_address,
    mtu_was_set: |_, _| {},
    lower: |_| None,
    forward_path: |_| None,
    moved: |_, _| {},
    add_port: plain::add_port,
    remove_port: |_, _, _| {},
    port_event: |_, _, _, _| {},
    view: |_| LinkKind::Loopback,
};

impl World {
    /// Every namespace has a loopback link from the start (`loopback_net_init`); it is down.
    pub(crate) fn add_loopback(&mut self, namespace: NamespaceId) {
        let reachable_time = self.random_around(BASE_REACHABLE_TIME);
        let name = "lo".parse().expect("a valid name");
        let ethernet = Link::ethernet(IfIndex::LOOPBACK, name, Device::Loopback, MacAddress::ZERO);
        let net = self.net_mut(namespace);
        net.last_index = IfIndex::LOOPBACK.0;
        let inet = Some(InDevice::new(net.sysctls.new_link(), reachable_time));
        let lo =
            Link { flags: LinkFlags::LOOPBACK, mtu: 65_536, broadcast: MacAddress::ZERO, inet, ..ethernet };
        net.links.insert(IfIndex::LOOPBACK, lo);
    }
}

/// `loopback_xmit`: the counters leave the Ethernet header out.
fn transmit(world: &mut World, at: LinkId, frame: Frame, route: Option<KeptRoute>) -> Xmit {
    let packet = frame.into_packet();
    let bytes = packet.network().len();
    let counters = world.counters(at);
    counters.sent(bytes);
    counters.received(bytes);
    let told = world.tell_xmit(at, &packet);
    world.deliver_later(Delivery { to: at, packet, route, told });
    Xmit::Sent
}
