//! The spanning tree (802.1D) as the kernel makes it (`br_stp.c`, `br_stp_if.c`, `br_stp_timer.c`, `br_stp_bpdu.c`).
//!
//! The timers of hello and hold the kernel rounds to whole seconds of its own clock (`round_jiffies`), so that by how much
//! they are early or late is chance; here they run out when they were set for.

use super::port::{self, select_states};
use crate::id::LinkId;
use crate::link::{Bridge, BridgeId, Designated, Link, Port, PortStp, Stp, StpTimer, Times, Timing};
use crate::packet::{Buffer, Packet};
use crate::queue::Timer;
use crate::transmit::Frame;
use crate::world::World;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::time::Duration;
use vethlab_shared::view::{PortFlags, PortState};
use vethlab_shared::wire::stp::{Configuration, GROUP, Message};

/// How long a port waits between two messages (`BR_HOLD_TIME`).
const HOLD_TIME: Duration = Duration::from_secs(1);
/// By how much a message is older than the one that it goes back to (`MESSAGE_AGE_INCR`).
const MESSAGE_AGE_INCREMENT: Duration = Duration::from_millis(4);

impl Bridge {
    /// By what it is known to others.
    pub(super) fn id(&self) -> BridgeId {
        BridgeId { priority: self.stp.priority, address: self.identity }
    }

    fn is_root(&self) -> bool {
        self.id() == self.stp.root
    }
}

impl Port {
    /// Its number behind its priority (`br_make_port_id`).
    pub(super) fn id(&self) -> u16 {
        /// `BR_PORT_BITS`.
        const BITS: u32 = 10;
        self.priority << BITS | self.number
    }

    /// Whether it says to its segment what the root is (`br_is_designated_port`).
    fn is_designated(&self, own: BridgeId) -> bool {
        self.stp.designated.bridge == own && self.stp.designated.port == self.id()
    }

    /// What the way to the root costs by it.
    fn cost_to_root(&self) -> u32 {
        self.stp.designated.cost.saturating_add(self.cost)
    }
}

/// A port of a bridge, as it is now.
fn port(world: &World, at: LinkId) -> Option<Port> {
    world.link(at)?.port
}

/// The ports of a bridge, as they are now.
fn ports(world: &World, bridge: LinkId) -> Vec<(LinkId, Port)> {
    let indexes = world.bridge(bridge).map(|bridge| &bridge.ports[..]).unwrap_or_default();
    let at = indexes.iter().map(|&index| LinkId { index, ..bridge });
    at.filter_map(|at| Some((at, port(world, at)?))).collect()
}

/// Alters what a port knows of the tree.
fn alter(world: &mut World, at: LinkId, alter: impl FnOnce(&mut PortStp)) {
    if let Some(port) = world.link_mut(at).and_then(|link| link.port.as_mut()) {
        alter(&mut port.stp);
    }
}

fn stp_mut(world: &mut World, bridge: LinkId) -> Option<&mut Stp> {
    world.bridge_mut(bridge).map(|bridge| &mut bridge.stp)
}

fn is_on(world: &World, bridge: LinkId) -> bool {
    world.bridge(bridge).is_some_and(|bridge| bridge.stp.is_on)
}

fn is_root(world: &World, bridge: LinkId) -> bool {
    world.bridge(bridge).is_some_and(Bridge::is_root)
}

fn is_up(world: &World, bridge: LinkId) -> bool {
    world.link(bridge).is_some_and(Link::is_up)
}

/// The port towards the root.
fn root_port(world: &World, bridge: LinkId) -> Option<(LinkId, Port)> {
    let number = world.bridge(bridge)?.stp.root_port;
    ports(world, bridge).into_iter().find(|(_, port)| number != 0 && port.number == number)
}

/// A port says what the bridge knows (`br_become_designated_port`).
pub(super) fn become_designated(world: &mut World, bridge: LinkId, at: LinkId) {
    let (Some(known), Some(port)) = (world.bridge(bridge), port(world, at)) else { return };
    let designated = Designated {
        root: known.stp.root,
        cost: known.stp.root_path_cost,
        bridge: known.id(),
        port: port.id(),
    };
    alter(world, at, |stp| stp.designated = designated);
}

/// Whether what a port has heard is a better way to the root than the best so far (`br_should_become_root_port`).
fn is_better_way(own: BridgeId, port: &Port, best: Option<&Port>) -> bool {
    if port.state == PortState::Disabled || port.is_designated(own) || own <= port.stp.designated.root {
        return false;
    }
    let key = |port: &Port| {
        let Designated { root, bridge, port: number, .. } = port.stp.designated;
        (root, port.cost_to_root(), bridge, number, port.id())
    };
    best.is_none_or(|best| key(port) < key(best))
}

/// Which bridge is the root, and which port leads there (`br_root_selection`).
fn select_root(world: &mut World, bridge: LinkId) {
    let Some(own) = world.bridge(bridge).map(Bridge::id) else { return };
    let mut best: Option<Port> = None;
    for (at, port) in ports(world, bridge) {
        if !is_better_way(own, &port, best.as_ref()) {
            continue;
        }
        if port.flags.contains(PortFlags::ROOT_BLOCK) {
            port::set_state(world, at, PortState::Listening);
            let delay = times(world, bridge).forward_delay;
            if !delay.is_zero() {
                set_timer(world, at, StpTimer::ForwardDelay, delay);
            }
        } else {
            best = Some(port);
        }
    }
    let Some(stp) = stp_mut(world, bridge) else { return };
    (stp.root_port, stp.root, stp.root_path_cost) = match best {
        None => (0, own, 0),
        Some(port) => (port.number, port.stp.designated.root, port.cost_to_root()),
    };
}

/// Which ports say to their segments what the root is (`br_designated_port_selection`).
fn select_designated(world: &mut World, bridge: LinkId) {
    let Some((own, stp)) = world.bridge(bridge).map(|bridge| (bridge.id(), bridge.stp.clone())) else {
        return;
    };
    for (at, port) in ports(world, bridge) {
        let heard = port.stp.designated;
        let better = port.is_designated(own)
            || heard.root != stp.root
            || (stp.root_path_cost, own, port.id()) < (heard.cost, heard.bridge, heard.port);
        if port.state != PortState::Disabled && better {
            become_designated(world, bridge, at);
        }
    }
}

/// `br_configuration_update`.
pub(super) fn update_configuration(world: &mut World, bridge: LinkId) {
    select_root(world, bridge);
    select_designated(world, bridge);
}

/// Does something that may make the bridge the root, and lets it say so then (`br_become_root_bridge`).
pub(super) fn maybe_new_root(world: &mut World, bridge: LinkId, act: impl FnOnce(&mut World)) {
    let was_root = is_root(world, bridge);
    act(world);
    if was_root || !is_root(world, bridge) {
        return;
    }
    if let Some(stp) = stp_mut(world, bridge) {
        stp.times = stp.own_times;
    }
    detect_change(world, bridge);
    cancel(world, bridge, StpTimer::Tcn);
    if is_up(world, bridge) {
        tell_all(world, bridge);
        let time = times(world, bridge).hello_time;
        set_timer(world, bridge, StpTimer::Hello, time);
    }
}

/// What each port of the bridge is to do, one after the other (`br_port_state_selection`); whether the bridge has carrier is
/// looked at afterwards.
pub(super) fn choose_states(world: &mut World, bridge: LinkId) {
    let Some((own, root_port)) = world.bridge(bridge).map(|bridge| (bridge.id(), bridge.stp.root_port))
    else {
        return;
    };
    for (at, port) in ports(world, bridge) {
        if port.state == PortState::Disabled {
            continue;
        }
        let is_root_port = port.number == root_port;
        if is_root_port || !port.is_designated(own) {
            alter(world, at, |stp| (stp.config_pending, stp.topology_change_ack) = (false, false));
        } else {
            cancel(world, at, StpTimer::MessageAge);
        }
        if is_root_port || port.is_designated(own) {
            make_forwarding(world, bridge, at);
        } else {
            make_blocking(world, bridge, at);
        }
    }
}

/// `br_make_forwarding`.
fn make_forwarding(world: &mut World, bridge: LinkId, at: LinkId) {
    if port(world, at).is_none_or(|port| port.state != PortState::Blocking) {
        return;
    }
    let delay = times(world, bridge).forward_delay;
    if !is_on(world, bridge) || delay.is_zero() {
        port::set_state(world, at, PortState::Forwarding);
        detect_change(world, bridge);
        cancel(world, at, StpTimer::ForwardDelay);
        return;
    }
    port::set_state(world, at, PortState::Listening);
    set_timer(world, at, StpTimer::ForwardDelay, delay);
}

/// `br_make_blocking`.
fn make_blocking(world: &mut World, bridge: LinkId, at: LinkId) {
    let Some(state) = port(world, at).map(|port| port.state) else { return };
    if matches!(state, PortState::Disabled | PortState::Blocking) {
        return;
    }
    if matches!(state, PortState::Forwarding | PortState::Learning) {
        detect_change(world, bridge);
    }
    port::set_state(world, at, PortState::Blocking);
    cancel(world, at, StpTimer::ForwardDelay);
}

/// The topology has changed: the root is told, or tells all (`br_topology_change_detection`).
fn detect_change(world: &mut World, bridge: LinkId) {
    if !is_on(world, bridge) {
        return;
    }
    let Some(own) = world.bridge(bridge).map(|bridge| bridge.stp.own_times) else { return };
    if is_root(world, bridge) {
        set_topology_change(world, bridge, true);
        set_timer(world, bridge, StpTimer::TopologyChange, own.forward_delay + own.max_age);
    } else if world.bridge(bridge).is_some_and(|bridge| !bridge.stp.topology_change_detected) {
        tell_of_change(world, bridge);
        set_timer(world, bridge, StpTimer::Tcn, own.hello_time);
    }
    if let Some(stp) = stp_mut(world, bridge) {
        stp.topology_change_detected = true;
    }
}

/// `__br_set_topology_change`: meanwhile stations are forgotten sooner.
fn set_topology_change(world: &mut World, bridge: LinkId, changes: bool) {
    if let Some(stp) = stp_mut(world, bridge) {
        stp.topology_change = changes;
    }
}

/// Every designated port says what the root is (`br_config_bpdu_generation`).
pub(super) fn tell_all(world: &mut World, bridge: LinkId) {
    let Some(own) = world.bridge(bridge).map(Bridge::id) else { return };
    for (at, port) in ports(world, bridge) {
        if port.state != PortState::Disabled && port.is_designated(own) {
            tell(world, bridge, at);
        }
    }
}

/// A port says what the root is, unless it did so just before (`br_transmit_config`).
fn tell(world: &mut World, bridge: LinkId, at: LinkId) {
    let (Some(known), Some(own)) = (world.bridge(bridge), port(world, at)) else { return };
    if own.stp.hold.ends.is_some() {
        return alter(world, at, |stp| stp.config_pending = true);
    }
    let (stp, id) = (&known.stp, known.id());
    let message_age = match root_port(world, bridge).filter(|_| !known.is_root()) {
        Some((_, root)) => world.now.since(root.stp.heard) + root.stp.age + MESSAGE_AGE_INCREMENT,
        None => Duration::ZERO,
    };
    let Times { max_age, hello_time, forward_delay } = stp.times;
    if message_age >= max_age {
        return;
    }
    let said = Configuration {
        topology_change: stp.topology_change,
        topology_change_ack: own.stp.topology_change_ack,
        root: (stp.root.priority, stp.root.address),
        cost: stp.root_path_cost,
        bridge: (id.priority, id.address),
        port: own.id(),
        message_age,
        max_age,
        hello_time,
        forward_delay,
    };
    let is_on = stp.is_on;
    if is_on {
        send(world, at, Message::Configuration(said));
    }
    alter(world, at, |stp| (stp.topology_change_ack, stp.config_pending) = (false, false));
    if is_on {
        set_timer(world, at, StpTimer::Hold, HOLD_TIME);
    }
}

/// Tells of a change towards the root (`br_transmit_tcn`).
fn tell_of_change(world: &mut World, bridge: LinkId) {
    if let Some((at, _)) = root_port(world, bridge).filter(|_| is_on(world, bridge)) {
        send(world, at, Message::TopologyChange);
    }
}

/// `br_send_bpdu`.
fn send(world: &mut World, at: LinkId, message: Message) {
    let Some(source) = world.link(at).map(|link| link.address) else { return };
    let payload = message.payload();
    let mut buffer = Buffer::of(&[&payload]);
    // Below 1536 it is a length, and no type.
    buffer.set_ethernet(GROUP, source, payload.len() as u16);
    let packet = Packet::new(world.new_packet_id(at.namespace, None), buffer);
    world.transmit(at, Frame::bridged(packet), None);
}

/// A message came in by a port (`br_stp_rcv`).
pub(super) fn receive(world: &mut World, bridge: LinkId, at: LinkId, payload: &[u8]) {
    let Some(port) = port(world, at).filter(|port| port.state != PortState::Disabled) else { return };
    if !is_on(world, bridge) || !is_up(world, bridge) {
        return;
    }
    let Some(message) = Message::read(payload) else { return };
    if port.flags.contains(PortFlags::GUARD) {
        port::disable(world, bridge, at);
    } else {
        match message {
            Message::Configuration(said) if said.message_age <= said.max_age => {
                received_configuration(world, bridge, at, &said);
            }
            Message::Configuration(_) => {}
            Message::TopologyChange => received_change(world, bridge, at),
        }
    }
    world.run_link_watch();
}

/// `br_received_config_bpdu`.
fn received_configuration(world: &mut World, bridge: LinkId, at: LinkId, said: &Configuration) {
    let (Some(own), Some(known)) = (world.bridge(bridge).map(Bridge::id), port(world, at)) else { return };
    let was_root = is_root(world, bridge);
    if !supersedes(own, &known, said) {
        if known.is_designated(own) {
            tell(world, bridge, at);
        }
        return;
    }
    record(world, at, said);
    update_configuration(world, bridge);
    select_states(world, bridge);
    let detected = world.bridge(bridge).is_some_and(|bridge| bridge.stp.topology_change_detected);
    if was_root && !is_root(world, bridge) {
        cancel(world, bridge, StpTimer::Hello);
        if detected {
            cancel(world, bridge, StpTimer::TopologyChange);
            tell_of_change(world, bridge);
            let time = world.bridge(bridge).map(|bridge| bridge.stp.own_times.hello_time).unwrap_or_default();
            set_timer(world, bridge, StpTimer::Tcn, time);
        }
    }
    if root_port(world, bridge).is_some_and(|(root, _)| root == at) {
        if let Some(stp) = stp_mut(world, bridge) {
            stp.times = Times {
                max_age: said.max_age,
                hello_time: said.hello_time,
                forward_delay: said.forward_delay,
            };
        }
        set_topology_change(world, bridge, said.topology_change);
        tell_all(world, bridge);
        if said.topology_change_ack {
            if let Some(stp) = stp_mut(world, bridge) {
                stp.topology_change_detected = false;
            }
            cancel(world, bridge, StpTimer::Tcn);
        }
    }
}

/// Whether what was said is better than what the port knows (`br_supersedes_port_info`).
fn supersedes(own: BridgeId, port: &Port, said: &Configuration) -> bool {
    let known = port.stp.designated;
    let id = |(priority, address)| BridgeId { priority, address };
    let (new, old) = ((id(said.root), said.cost, id(said.bridge)), (known.root, known.cost, known.bridge));
    new < old || (new == old && (id(said.bridge) != own || said.port <= known.port))
}

/// `br_record_config_information`.
fn record(world: &mut World, at: LinkId, said: &Configuration) {
    let id = |(priority, address)| BridgeId { priority, address };
    let designated =
        Designated { root: id(said.root), cost: said.cost, bridge: id(said.bridge), port: said.port };
    let now = world.now;
    alter(world, at, |stp| (stp.designated, stp.heard, stp.age) = (designated, now, said.message_age));
    set_timer(world, at, StpTimer::MessageAge, said.max_age.saturating_sub(said.message_age));
}

/// `br_received_tcn_bpdu`.
fn received_change(world: &mut World, bridge: LinkId, at: LinkId) {
    let Some(own) = world.bridge(bridge).map(Bridge::id) else { return };
    if port(world, at).is_some_and(|port| port.is_designated(own)) {
        detect_change(world, bridge);
        alter(world, at, |stp| stp.topology_change_ack = true);
        tell(world, bridge, at);
    }
}

/// The bridge goes up (`br_stp_enable_bridge`).
pub(super) fn enable(world: &mut World, bridge: LinkId) {
    if is_on(world, bridge) {
        let time = times(world, bridge).hello_time;
        set_timer(world, bridge, StpTimer::Hello, time);
    }
    tell_all(world, bridge);
}

/// The bridge has gone down (`br_stp_disable_bridge`).
pub(super) fn disable(world: &mut World, bridge: LinkId) {
    set_topology_change(world, bridge, false);
    if let Some(stp) = stp_mut(world, bridge) {
        stp.topology_change_detected = false;
    }
    for which in [StpTimer::Hello, StpTimer::TopologyChange, StpTimer::Tcn] {
        cancel(world, bridge, which);
    }
}

/// A tree is to be made from now on (`br_stp_start`).
pub(super) fn start(world: &mut World, bridge: LinkId) {
    if let Some(stp) = stp_mut(world, bridge) {
        stp.is_on = true;
    }
    if is_up(world, bridge) {
        let time = times(world, bridge).hello_time;
        set_timer(world, bridge, StpTimer::Hello, time);
    }
    select_states(world, bridge);
}

/// The bridge has another address: its ports say so.
pub(super) fn rename(world: &mut World, bridge: LinkId, old: MacAddress, new: MacAddress) {
    for (at, _) in ports(world, bridge) {
        alter(world, at, |stp| {
            for id in [&mut stp.designated.bridge, &mut stp.designated.root] {
                if id.address == old {
                    id.address = new;
                }
            }
        });
    }
}

/// The bridge has another priority (`br_stp_set_bridge_priority`).
pub(super) fn set_priority(world: &mut World, bridge: LinkId, priority: u16) {
    maybe_new_root(world, bridge, |world| {
        let Some(own) = world.bridge(bridge).map(Bridge::id) else { return };
        for (at, port) in ports(world, bridge) {
            if port.state != PortState::Disabled && port.is_designated(own) {
                alter(world, at, |stp| stp.designated.bridge.priority = priority);
            }
        }
        if let Some(stp) = stp_mut(world, bridge) {
            stp.priority = priority;
        }
        update_configuration(world, bridge);
        select_states(world, bridge);
    });
}

/// A port has another priority, and so another number among others (`br_stp_set_port_priority`).
pub(super) fn set_port_priority(world: &mut World, bridge: LinkId, at: LinkId, priority: u16) {
    let (Some(own), Some(before)) = (world.bridge(bridge).map(Bridge::id), port(world, at)) else { return };
    if let Some(port) = world.link_mut(at).and_then(|link| link.port.as_mut()) {
        port.priority = priority;
        if before.is_designated(own) {
            port.stp.designated.port = port.id();
        }
    }
    let Some(now) = port(world, at) else { return };
    if own == now.stp.designated.bridge && now.id() < now.stp.designated.port {
        become_designated(world, bridge, at);
        select_states(world, bridge);
    }
}

/// Sets a time that the bridge says where it is the root (`br_set_hello_time` and its like).
pub(super) fn set_time(world: &mut World, bridge: LinkId, set: impl Fn(&mut Times)) {
    let is_root = is_root(world, bridge);
    let Some(stp) = stp_mut(world, bridge) else { return };
    set(&mut stp.own_times);
    if is_root {
        set(&mut stp.times);
    }
}

/// No tree is made any more (`br_stp_stop`): each port stays as it is until something happens to it.
pub(super) fn stop(world: &mut World, bridge: LinkId) {
    if let Some(stp) = stp_mut(world, bridge) {
        stp.is_on = false;
    }
}

/// The timers of a port are stopped.
pub(super) fn stop_port(world: &mut World, at: LinkId) {
    alter(world, at, |stp| (stp.config_pending, stp.topology_change_ack) = (false, false));
    for which in [StpTimer::MessageAge, StpTimer::ForwardDelay, StpTimer::Hold] {
        cancel(world, at, which);
    }
}

fn times(world: &World, bridge: LinkId) -> Times {
    world.bridge(bridge).map_or(Times::USUAL, |bridge| bridge.stp.times)
}

/// A timer of a bridge or of a port.
fn timing(world: &mut World, at: LinkId, which: StpTimer) -> Option<&mut Timing> {
    let link = world.link_mut(at)?;
    Some(match which {
        StpTimer::MessageAge => &mut link.port.as_mut()?.stp.message_age,
        StpTimer::ForwardDelay => &mut link.port.as_mut()?.stp.forward_delay,
        StpTimer::Hold => &mut link.port.as_mut()?.stp.hold,
        StpTimer::Hello => &mut link.bridge_mut()?.stp.hello,
        StpTimer::Tcn => &mut link.bridge_mut()?.stp.tcn,
        StpTimer::TopologyChange => &mut link.bridge_mut()?.stp.topology_change_timer,
    })
}

/// `mod_timer`.
fn set_timer(world: &mut World, at: LinkId, which: StpTimer, time: Duration) {
    let ends = world.now + time;
    let Some(timing) = timing(world, at, which) else { return };
    timing.generation += 1;
    timing.ends = Some(ends);
    let generation = timing.generation;
    world.queue.set_timer(ends, Timer::Stp { link: at, which, generation });
}

/// `timer_delete`.
fn cancel(world: &mut World, at: LinkId, which: StpTimer) {
    let is_set = |world: &World| match (world.link(at), which) {
        (None, _) => false,
        (Some(link), StpTimer::MessageAge) => {
            link.port.is_some_and(|port| port.stp.message_age.ends.is_some())
        }
        (Some(link), StpTimer::ForwardDelay) => {
            link.port.is_some_and(|port| port.stp.forward_delay.ends.is_some())
        }
        (Some(link), StpTimer::Hold) => link.port.is_some_and(|port| port.stp.hold.ends.is_some()),
        (Some(_), StpTimer::Hello | StpTimer::Tcn | StpTimer::TopologyChange) => true,
    };
    // What is not set needs no look that might alter something.
    if is_set(world)
        && let Some(timing) = timing(world, at, which)
    {
        timing.generation += 1;
        timing.ends = None;
    }
}

impl World {
    /// A timer of the tree runs out; one of another generation was cancelled.
    pub(crate) fn stp_timer(&mut self, at: LinkId, which: StpTimer, generation: u32) {
        if !self.namespaces.get(at.namespace).is_some_and(|net| net.links.contains_key(&at.index)) {
            return;
        }
        let Some(timing) = timing(self, at, which).filter(|timing| timing.generation == generation) else {
            return;
        };
        timing.ends = None;
        let bridge = match which {
            StpTimer::Hello | StpTimer::Tcn | StpTimer::TopologyChange => Some(at),
            _ => self.link(at).and_then(|link| link.master).map(|index| LinkId { index, ..at }),
        };
        if let Some(bridge) = bridge {
            ran_out(self, bridge, at, which);
        }
        self.run_link_watch();
    }
}

fn ran_out(world: &mut World, bridge: LinkId, at: LinkId, which: StpTimer) {
    match which {
        StpTimer::Hello if is_up(world, bridge) => {
            tell_all(world, bridge);
            if is_on(world, bridge) {
                let time = times(world, bridge).hello_time;
                set_timer(world, bridge, StpTimer::Hello, time);
            }
        }
        StpTimer::Tcn if is_up(world, bridge) && !is_root(world, bridge) => {
            tell_of_change(world, bridge);
            let time = world.bridge(bridge).map(|bridge| bridge.stp.own_times.hello_time).unwrap_or_default();
            set_timer(world, bridge, StpTimer::Tcn, time);
        }
        StpTimer::Hello | StpTimer::Tcn => {}
        StpTimer::TopologyChange => {
            set_topology_change(world, bridge, false);
            if let Some(stp) = stp_mut(world, bridge) {
                stp.topology_change_detected = false;
            }
        }
        StpTimer::MessageAge => {
            if port(world, at).is_some_and(|port| port.state != PortState::Disabled) {
                maybe_new_root(world, bridge, |world| {
                    become_designated(world, bridge, at);
                    update_configuration(world, bridge);
                    select_states(world, bridge);
                });
            }
        }
        StpTimer::ForwardDelay => go_on(world, bridge, at),
        StpTimer::Hold => {
            if port(world, at).is_some_and(|port| port.stp.config_pending) {
                tell(world, bridge, at);
            }
        }
    }
}

/// A port goes on to its next state (`br_forward_delay_timer_expired`).
fn go_on(world: &mut World, bridge: LinkId, at: LinkId) {
    let Some(own) = world.bridge(bridge).map(Bridge::id) else { return };
    match port(world, at).map(|port| port.state) {
        Some(PortState::Listening) => {
            port::set_state(world, at, PortState::Learning);
            let delay = times(world, bridge).forward_delay;
            set_timer(world, at, StpTimer::ForwardDelay, delay);
        }
        Some(PortState::Learning) => {
            port::set_state(world, at, PortState::Forwarding);
            if ports(world, bridge).iter().any(|(_, port)| port.stp.designated.bridge == own) {
                detect_change(world, bridge);
            }
            world.update_carrier(&[bridge]);
        }
        _ => {}
    }
}
