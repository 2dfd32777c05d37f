//! What is set on ports of bridges (`br_netlink.c`, `br_stp_if.c`).

use super::port;
use crate::id::LinkId;
use crate::world::World;
use vethlab_shared::change::BridgePortSettings;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::view::{FdbFlags, PortState};

/// What the way through a port may cost (`BR_MIN_PATH_COST`, `BR_MAX_PATH_COST`).
const COSTS: std::ops::RangeInclusive<u32> = 1..=65_535;
/// The highest priority of a port (`BR_MAX_PORT_PRIORITY`).
const MOST_PRIORITY: u16 = 63;

impl World {
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
            port::select_states(self, bridge);
        }
        if let Some(priority) = settings.priority {
            if priority > MOST_PRIORITY {
                return Err(Errno::ERANGE.into());
            }
            if let Some(port) = self.link_mut(at).and_then(|link| link.port.as_mut()) {
                port.priority = priority;
            }
        }
        settings.state.map_or(Ok(()), |number| self.set_port_state(bridge, at, number))
    }

    /// `br_set_port_state`.
    fn set_port_state(&mut self, bridge: LinkId, at: LinkId, number: u8) -> Result<(), StackError> {
        let state = PortState::of(number).ok_or(Errno::EINVAL)?;
        let is_up = self.link(at).is_some_and(crate::link::Link::is_up);
        if !is_up || (!port::is_operational(self, at) && state != PortState::Disabled) {
            return Err(Errno::ENETDOWN.into());
        }
        port::set_state(self, at, state);
        port::select_states(self, bridge);
        Ok(())
    }
}
