//! Waiting until a namespace that was let go is gone.
//!
//! The kernel takes a namespace apart some time after the last descriptor closed (`cleanup_net`): only then
//! do the far ends of its veth pairs disappear from other namespaces, and only then do those forget the number
//! that they had given it. A caller that looks at once would see one state or the other by chance.

use crate::error::{internal, io_refused, refused};
use crate::netlink::{aligned, receive};
use netlink_packet_core::{NetlinkMessage, NetlinkPayload};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::nsid::NsidAttribute;
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};
use vethlab_shared::error::StackError;

/// `RTMGRP_LINK`, and `RTNLGRP_NSID` as a bit.
const GROUPS: u32 = 1 | 1 << (28 - 1);
/// How long to wait at most. The kernel takes some tens of milliseconds. Where it takes longer, something holds
/// the namespace (a packet that waits for a neighbour holds it for three seconds), and the caller goes on with
/// what is there, as on any Linux.
const PATIENCE: Duration = Duration::from_millis(800);

/// Something that disappears from a namespace together with another namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trace {
    /// A link: its index.
    Link(u32),
    /// A number given to the other namespace.
    NamespaceId(i32),
}

/// An ear in one namespace for what is to disappear from it.
pub(crate) struct Watch {
    socket: Socket,
    traces: Vec<Trace>,
}

impl Watch {
    /// Begins to listen in this thread's namespace. To be called before the other namespace is let go.
    pub(crate) fn open(traces: Vec<Trace>) -> Result<Watch, StackError> {
        let mut socket = Socket::new(NETLINK_ROUTE).map_err(io_refused)?;
        socket.bind(&SocketAddr::new(0, GROUPS)).map_err(io_refused)?;
        Ok(Watch { socket, traces })
    }

    /// Takes in one datagram of notifications.
    fn listen(&mut self) -> Result<(), StackError> {
        let bytes = receive(&self.socket)?;
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let message = NetlinkMessage::<RouteNetlinkMessage>::deserialize(rest)
                .map_err(|error| internal(format!("netlink: {error}")))?;
            rest = &rest[aligned(message.header.length as usize).min(rest.len())..];
            if let Some(gone) = gone(message.payload) {
                self.traces.retain(|trace| *trace != gone);
            }
        }
        Ok(())
    }
}

/// What a notification says has disappeared.
fn gone(payload: NetlinkPayload<RouteNetlinkMessage>) -> Option<Trace> {
    match payload {
        NetlinkPayload::InnerMessage(RouteNetlinkMessage::DelLink(link)) => {
            Some(Trace::Link(link.header.index))
        }
        NetlinkPayload::InnerMessage(RouteNetlinkMessage::DelNsId(message)) => {
            message.attributes.iter().find_map(|attribute| match attribute {
                NsidAttribute::Id(id) => Some(Trace::NamespaceId(*id)),
                _ => None,
            })
        }
        _ => None,
    }
}

/// Waits until all that is watched for has disappeared, but not for ever.
pub(crate) fn wait(mut watches: Vec<Watch>) -> Result<(), StackError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        watches.retain(|watch| !watch.traces.is_empty());
        let left = deadline.saturating_duration_since(Instant::now());
        if watches.is_empty() || left.is_zero() {
            return Ok(());
        }
        let mut heard: Vec<PollFd<'_>> =
            watches.iter().map(|watch| PollFd::new(watch.socket.as_fd(), PollFlags::POLLIN)).collect();
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        match poll(&mut heard, timeout) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(refused(errno)),
        }
        let ready: Vec<bool> = heard.iter().map(|fd| fd.any().unwrap_or(false)).collect();
        for (watch, _) in watches.iter_mut().zip(ready).filter(|(_, ready)| *ready) {
            watch.listen()?;
        }
    }
}
