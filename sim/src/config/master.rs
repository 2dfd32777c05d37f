//! Links that belong to another link (`net/core/rtnetlink.c`, `net/core/dev.c`).

use crate::device::PortEvent;
use crate::id::LinkId;
use crate::world::World;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::name::IfIndex;

impl World {
    /// A link leaves the one that it belongs to (`do_set_master` with 0, `NETDEV_UNREGISTER`).
    pub(crate) fn leave_master(&mut self, at: LinkId) {
        let Some(master) = self.link(at).and_then(|link| link.master) else { return };
        let master = LinkId { index: master, ..at };
        if let Some(operations) = self.link(master).map(|master| master.device.operations()) {
            (operations.remove_port)(self, master, at);
        }
        if let Some(link) = self.link_mut(at) {
            link.master = None;
        }
        self.net_mut(at.namespace).rx_handlers.remove(&at.index);
    }

    /// Gives a link to another one as its master, or to none (`do_set_master`).
    pub(super) fn set_master(&mut self, at: LinkId, master: IfIndex) -> Result<(), StackError> {
        if self.link(at).and_then(|link| link.master) == Some(master) {
            return Ok(());
        }
        self.leave_master(at);
        if master == IfIndex(0) {
            return Ok(());
        }
        let master = LinkId { index: master, ..at };
        let operations = self.link(master).ok_or(Errno::EINVAL)?.device.operations();
        (operations.add_port)(self, master, at)
    }

    /// Tells the link that this one belongs to what happened to it (`call_netdevice_notifiers`).
    pub(super) fn tell_master(&mut self, at: LinkId, event: PortEvent) {
        let Some(master) = self.link(at).and_then(|link| link.master) else { return };
        let master = LinkId { index: master, ..at };
        if let Some(operations) = self.link(master).map(|master| master.device.operations()) {
            (operations.port_event)(self, master, at, event);
        }
    }
}
