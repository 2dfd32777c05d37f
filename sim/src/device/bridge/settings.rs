//! What is set on ports of bridges (`br_netlink.c`, `br_stp_if.c`).

use super::{forward, open_snoopers, port, stp};
use crate::id::LinkId;
use crate::world::World;
use std::ops::RangeInclusive;
use vethlab_shared::change::{BridgePortSettings, BridgeSettings};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::time::Duration;
use vethlab_shared::view::{FdbFlags, PortState};

/// What the way through a port may cost (`BR_MIN_PATH_COST`, `BR_MAX_PATH_COST`).
const COSTS: RangeInclusive<u32> = 1..=65_535;
/// The highest priority of a port (`BR_MAX_PORT_PRIORITY`).
const MOST_PRIORITY: u16 = 63;

/// A hundredth of a second, in which times are set (`clock_t`).
const TICK: Duration = Duration::from_millis(10);
/// How long the forward delay, the hello time and the maximal age may be (`BR_MIN_FORWARD_DELAY`, …).
const FORWARD_DELAYS: RangeInclusive<Duration> = Duration::from_secs(2)..=Duration::from_secs(30);
const HELLO_TIMES: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(10);
const MAX_AGES: RangeInclusive<Duration> = Duration::from_secs(6)..=Duration::from_secs(40);

impl World {
    /// Sets what only a bridge has, on a link that may be none (`rtnl_changelink`).
    ///
    /// # Errors
    /// As the kernel answers.
    pub(crate) fn set_bridge(&mut self, at: LinkId, settings: &BridgeSettings) -> Result<(), StackError> {
        let link = self.link(at).ok_or(Errno::ENODEV)?;
        match link.bridge() {
            _ if *settings == BridgeSettings::default() => Ok(()),
            None => Err(Errno::EOPNOTSUPP.into()),
            Some(_) => self.configure_bridge(at, settings),
        }
    }

    /// Sets what only a bridge has (`br_changelink`). What was done before a refusal stays done.
    ///
    /// # Errors
    /// As the kernel answers.
    pub(crate) fn configure_bridge(
        &mut self,
        at: LinkId,
        settings: &BridgeSettings,
    ) -> Result<(), StackError> {
        let within = |range: &RangeInclusive<Duration>, ticks: u32| {
            let time = TICK * ticks;
            if range.contains(&time) { Ok(time) } else { Err(Errno::ERANGE) }
        };
        if let Some(ticks) = settings.forward_delay {
            let is_on = self.bridge(at).is_some_and(|bridge| bridge.stp.is_on);
            let delay = if is_on { within(&FORWARD_DELAYS, ticks)? } else { TICK * ticks };
            stp::set_time(self, at, |times| times.forward_delay = delay);
        }
        if let Some(ticks) = settings.hello_time {
            let time = within(&HELLO_TIMES, ticks)?;
            stp::set_time(self, at, |times| times.hello_time = time);
        }
        if let Some(ticks) = settings.max_age {
            let time = within(&MAX_AGES, ticks)?;
            stp::set_time(self, at, |times| times.max_age = time);
        }
        if let Some(ticks) = settings.ageing_time {
            if let Some(bridge) = self.bridge_mut(at) {
                bridge.ageing_time = TICK * ticks;
            }
            forward::clean_up(self, at);
        }
        match settings.stp_state {
            Some(true) if self.bridge(at).is_some_and(|bridge| !bridge.stp.is_on) => {
                let clamp = |time: Duration| time.clamp(*FORWARD_DELAYS.start(), *FORWARD_DELAYS.end());
                let delay = self.bridge(at).map(|bridge| clamp(bridge.stp.own_times.forward_delay));
                stp::set_time(self, at, |times| times.forward_delay = delay.unwrap_or(times.forward_delay));
                stp::start(self, at);
            }
            Some(false) => stp::stop(self, at),
            _ => {}
        }
        if let Some(priority) = settings.priority {
            stp::set_priority(self, at, priority);
        }
        if let Some(on) = settings.mcast_snooping {
            open_snoopers(self, at, on);
        }
        Ok(())
    }

    /// `RTM_SETLINK` with `AF_BRIDGE` (`rtnl_bridge_setlink`). What was done before a refusal stays done.
    ///
    /// # Errors
    /// As the kernel answers.
    pub(crate) fn set_bridge_port(
        &mut self,
        at: LinkId,
        settings: &BridgePortSettings,
    ) -> Result<(), StackError> {
        let Some(link) = self.link(at) else {
            return Err(StackError::with_extack(Errno::ENODEV, "unknown ifindex"));
        };
        let (is_port, is_bridge) = (link.port.is_some(), link.bridge().is_some());
        let to_master = settings.to.is_empty() || settings.to.contains(FdbFlags::MASTER);
        if to_master {
            match link.master {
                Some(master) if is_port => self.set_port(LinkId { index: master, ..at }, at, settings)?,
                _ => return Err(Errno::EOPNOTSUPP.into()),
            }
        }
        // The bridge itself takes it, and has nothing to set (`br_setlink`).
        if settings.to.contains(FdbFlags::SELF) && !is_bridge {
            return Err(Errno::EOPNOTSUPP.into());
        }
        Ok(())
    }

    /// `br_setport`.
    fn set_port(
        &mut self,
        bridge: LinkId,
        at: LinkId,
        settings: &BridgePortSettings,
    ) -> Result<(), StackError> {
        let Some(port) = self.link_mut(at).and_then(|link| link.port.as_mut()) else {
            return Err(Errno::EINVAL.into());
        };
        port.flags = (port.flags - settings.flags_mask) | (settings.flags & settings.flags_mask);
        if let Some(cost) = settings.cost {
            if !COSTS.contains(&cost) {
                return Err(Errno::ERANGE.into());
            }
            port.cost = cost;
            stp::update_configuration(self, bridge);
            port::select_states(self, bridge);
        }
        if let Some(priority) = settings.priority {
            if priority > MOST_PRIORITY {
                return Err(Errno::ERANGE.into());
            }
            stp::set_port_priority(self, bridge, at, priority);
        }
        settings.state.map_or(Ok(()), |number| self.set_port_state(bridge, at, number))
    }

    /// `br_set_port_state`.
    fn set_port_state(&mut self, bridge: LinkId, at: LinkId, number: u8) -> Result<(), StackError> {
        let state = PortState::of(number).ok_or(Errno::EINVAL)?;
        if self.bridge(bridge).is_some_and(|bridge| bridge.stp.is_on) {
            return Err(Errno::EBUSY.into());
        }
        let is_up = self.link(at).is_some_and(crate::link::Link::is_up);
        if !is_up || (!port::is_operational(self, at) && state != PortState::Disabled) {
            return Err(Errno::ENETDOWN.into());
        }
        port::set_state(self, at, state);
        port::select_states(self, bridge);
        Ok(())
    }
}
