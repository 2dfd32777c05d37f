//! The timers of the tree (`br_stp_timer.c`).

use super::messages::{tell, tell_all, tell_of_change};
use super::{
    become_designated, detect_change, is_on, is_root, is_up, maybe_new_root, port, ports,
    set_topology_change, stp_mut, times, update_configuration,
};
use crate::device::bridge::port::{select_states, set_state};
use crate::id::LinkId;
use crate::link::{Bridge, StpTimer, Timing};
use crate::queue::Timer;
use crate::world::World;
use vethlab_shared::time::Duration;
use vethlab_shared::view::PortState;

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
pub(super) fn set_timer(world: &mut World, at: LinkId, which: StpTimer, time: Duration) {
    let ends = world.now + time;
    let Some(timing) = timing(world, at, which) else { return };
    timing.generation += 1;
    timing.ends = Some(ends);
    let generation = timing.generation;
    world.queue.set_timer(ends, Timer::Stp { link: at, which, generation });
}

/// `timer_delete`.
pub(super) fn cancel(world: &mut World, at: LinkId, which: StpTimer) {
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
            set_state(world, at, PortState::Learning);
            let delay = times(world, bridge).forward_delay;
            set_timer(world, at, StpTimer::ForwardDelay, delay);
        }
        Some(PortState::Learning) => {
            set_state(world, at, PortState::Forwarding);
            if ports(world, bridge).iter().any(|(_, port)| port.stp.designated.bridge == own) {
                detect_change(world, bridge);
            }
            world.update_carrier(&[bridge]);
        }
        _ => {}
    }
}
