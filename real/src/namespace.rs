//! One namespace of the stack.

use crate::error::{internal, refused};
use crate::netlink::Channel;
use crate::tap::Tap;
use crate::unavailable::Unavailable;
use crate::{link, netns, sandbox};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::nsid::{NsidAttribute, NsidMessage};
use netlink_sys::protocols::NETLINK_ROUTE;
use nix::poll::{PollTimeout, poll};
use std::os::fd::{OwnedFd, RawFd};
use std::sync::Arc;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::view::{LinkFlags, LinkKind, LinkView, OperationalState};

/// How often to look whether links have settled, and how many milliseconds to wait in between. The kernel
/// lets nothing of the kind wait for more than a second.
const SETTLE_ATTEMPTS: usize = 400;
const SETTLE_PAUSE: u8 = 5;

/// A namespace, and the channel to its rtnetlink. Each keeps it alive.
pub(crate) struct Namespace {
    /// The namespace itself.
    pub(crate) descriptor: OwnedFd,
    /// Its rtnetlink.
    pub(crate) channel: Channel<RouteNetlinkMessage>,
    /// Which one it is, by the order in which they were made.
    pub(crate) number: u32,
    /// Hears all frames, where somebody observes.
    pub(crate) tap: Option<Tap>,
    /// Counts the open sockets, which keep it alive too.
    holds: Arc<()>,
}

impl Namespace {
    /// Makes one, empty.
    pub(crate) fn new(number: u32) -> Result<Namespace, Unavailable> {
        let descriptor = sandbox::network_namespace()?;
        let channel = netns::in_namespace(&descriptor, || Channel::open(NETLINK_ROUTE))
            .map_err(refused)
            .and_then(|opened| opened)
            .map_err(|error| Unavailable::Broken { what: format!("netlink does not work: {error}") })?;
        Ok(Namespace { descriptor, channel, number, tap: None, holds: Arc::new(()) })
    }

    /// To be kept with each socket that is opened inside.
    pub(crate) fn hold(&self) -> Arc<()> {
        Arc::clone(&self.holds)
    }

    /// Whether a socket that was opened inside is still open.
    pub(crate) fn is_held(&self) -> bool {
        Arc::strong_count(&self.holds) > 1
    }

    /// Does something inside.
    pub(crate) fn visit<T>(&self, visit: impl FnOnce() -> Result<T, StackError>) -> Result<T, StackError> {
        netns::in_namespace(&self.descriptor, visit).map_err(refused)?
    }

    /// Asks for all things of a kind, as views.
    pub(crate) fn dump<T>(
        &mut self,
        request: &RouteNetlinkMessage,
        view: fn(RouteNetlinkMessage) -> Result<T, StackError>,
    ) -> Result<Vec<T>, StackError> {
        self.channel.dump(request)?.into_iter().map(view).collect()
    }

    /// The number that this namespace has given to another one.
    pub(crate) fn id_of(&mut self, other: RawFd) -> Result<Option<i32>, StackError> {
        let mut question = NsidMessage::default();
        question.attributes = vec![NsidAttribute::Fd(other.cast_unsigned())];
        match self.channel.ask(&RouteNetlinkMessage::GetNsId(question))? {
            RouteNetlinkMessage::NewNsId(answer) => Ok(answer.attributes.iter().find_map(|attribute| {
                match attribute {
                    // NETNSA_NSID_NOT_ASSIGNED is -1.
                    NsidAttribute::Id(id) if *id >= 0 => Some(*id),
                    _ => None,
                }
            })),
            _ => Err(internal("the answer about a namespace's number holds something else")),
        }
    }

    /// Waits until the links have noticed the carrier that they have.
    ///
    /// When one end of a pair goes up or down, the other end has carrier or loses it at once, but its
    /// operational state, its queueing discipline and the `linkdown` of its routes follow when a worker gets to
    /// it (`linkwatch_event`). Whoever types commands never sees the moment between; a script would. Asking for
    /// one link makes up for what is due (`linkwatch_sync_dev` in `rtnl_getlink`); kernels that do not do that
    /// yet take a moment.
    pub(crate) fn settle_links(&mut self) -> Result<(), StackError> {
        for _ in 0..SETTLE_ATTEMPTS {
            let links = self.dump(&link::dump(), link::view)?;
            let pairs = links.iter().filter(|link| link.kind == LinkKind::Veth);
            for link in pairs {
                match self.channel.ask(&link::get(link.index)) {
                    Ok(_) => {}
                    // A link that somebody else's namespace took along meanwhile.
                    Err(error) if error.errno() == Some(Errno::ENODEV) => {}
                    Err(error) => return Err(error),
                }
            }
            if self.dump(&link::dump(), link::view)?.iter().all(is_settled) {
                return Ok(());
            }
            match poll(&mut [], PollTimeout::from(SETTLE_PAUSE)) {
                Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                Err(errno) => return Err(refused(errno)),
            }
        }
        Ok(())
    }
}

/// Whether the operational state of a link is the one that its flags call for (`default_operstate`).
fn is_settled(link: &LinkView) -> bool {
    use OperationalState::{Down, LowerLayerDown, Up};
    match (link.has(LinkFlags::UP), link.has(LinkFlags::LOWER_UP)) {
        _ if link.kind != LinkKind::Veth => true,
        (false, _) => true,
        (true, true) => link.state == Up,
        (true, false) => matches!(link.state, Down | LowerLayerDown),
    }
}
