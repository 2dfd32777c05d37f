//! Frames on all links of a namespace, as they pass.
//!
//! A packet socket that is bound to no link sees every frame of its namespace, and the kernel stamps each
//! (`dev_queue_xmit_nit`, `deliver_ptype_list_skb`). Nothing of the kind exists for neighbours: rtnetlink's
//! notifications bear no time, leave transitions out and say no cause, so they are not told as events.

use crate::error::{internal, refused};
use crate::link;
use crate::netlink::Channel;
use crate::packet::{CAPTURE_BUFFER, dropped_frames};
use crate::socket::{OUTGOING, read};
use netlink_packet_route::RouteNetlinkMessage;
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, setsockopt, socket, sockopt,
};
use nix::sys::time::TimeSpec;
use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use vethlab_shared::error::{Errno as SharedErrno, StackError};
use vethlab_shared::name::{IfIndex, LinkName};
use vethlab_shared::socket::Direction;

/// A frame that passed.
pub(crate) struct Passed {
    /// When, by the time of day.
    pub(crate) stamp: TimeSpec,
    /// On which link, by the name that it had then.
    pub(crate) link: LinkName,
    /// Whether it left or came in.
    pub(crate) direction: Direction,
    /// The frame.
    pub(crate) bytes: Vec<u8>,
}

/// An ear for all frames of one namespace. It keeps the namespace alive.
pub(crate) struct Tap {
    socket: OwnedFd,
    /// The names of links by index, those of links that have gone too, and when each was asked for.
    names: BTreeMap<u32, (Epoch, LinkName)>,
}

/// How often links have come, gone or been renamed, anywhere: what was learned before is to be asked for anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

impl Epoch {
    /// To be called before links change, when all that passed so far has been read.
    pub(crate) fn end(&mut self) {
        self.0 += 1;
    }
}

impl Tap {
    /// Begins to hear, in this thread's namespace.
    pub(crate) fn open() -> Result<Tap, StackError> {
        let socket = socket(
            AddressFamily::Packet,
            SockType::Raw,
            SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK,
            SockProtocol::EthAll,
        )
        .map_err(refused)?;
        // Beyond what the machine allows everybody only where this process may (`SO_RCVBUFFORCE`).
        setsockopt(&socket, sockopt::RcvBufForce, &CAPTURE_BUFFER)
            .or_else(|_| setsockopt(&socket, sockopt::RcvBuf, &CAPTURE_BUFFER))
            .map_err(refused)?;
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true).map_err(refused)?;
        Ok(Tap { socket, names: BTreeMap::new() })
    }

    /// How many frames the kernel had no room for since the last call.
    pub(crate) fn lost(&self) -> Result<u32, StackError> {
        dropped_frames(self.socket.as_fd()).map_err(refused)
    }

    /// Takes the next frame that passed, if one did.
    pub(crate) fn take(
        &mut self,
        epoch: Epoch,
        channel: &mut Channel<RouteNetlinkMessage>,
    ) -> Result<Option<Passed>, StackError> {
        loop {
            let message = match read::<LinkAddr>(self.socket.as_fd(), MsgFlags::empty()) {
                Ok(Some(message)) => message,
                Ok(None) => return Ok(None),
                Err(Errno::EINTR) => continue,
                Err(errno) => return Err(refused(errno)),
            };
            let (Some(address), Some(stamp)) = (message.address, message.stamp) else {
                return Err(internal("a frame was heard without its link or its time"));
            };
            let index = u32::try_from(address.ifindex()).map_err(|_| internal("a link's index is huge"))?;
            let link = self.name(index, epoch, channel)?;
            let direction = if address.pkttype() == OUTGOING { Direction::Out } else { Direction::In };
            return Ok(Some(Passed { stamp, link, direction, bytes: message.bytes }));
        }
    }

    /// The name that a link has, or had as long as it was there.
    fn name(
        &mut self,
        index: u32,
        epoch: Epoch,
        channel: &mut Channel<RouteNetlinkMessage>,
    ) -> Result<LinkName, StackError> {
        if let Some((asked, name)) = self.names.get(&index)
            && *asked == epoch
        {
            return Ok(name.clone());
        }
        match channel.ask(&link::get(IfIndex(index))).and_then(link::view) {
            Ok(link) => drop(self.names.insert(index, (epoch, link.name))),
            Err(error) if error.errno() == Some(SharedErrno::ENODEV) => {}
            Err(error) => return Err(error),
        }
        let name = self.names.get(&index).map(|(_, name)| name.clone());
        name.ok_or_else(|| internal(format!("a frame was heard on link {index}, which nobody knows")))
    }
}

impl AsFd for Tap {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
