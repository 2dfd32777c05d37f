//! One namespace of the stack.

use crate::error::{internal, refused};
use crate::netlink::Channel;
use crate::tap::Tap;
use crate::unavailable::Unavailable;
use crate::{link, netns, sandbox};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::nsid::{NsidAttribute, NsidMessage};
use netlink_sys::protocols::NETLINK_ROUTE;
use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::{OwnedFd, RawFd};
use std::sync::Arc;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::view::LinkView;

/// A namespace, and the channel to its rtnetlink. Each keeps it alive.
pub(crate) struct Namespace {
    /// The namespace itself.
    pub(crate) descriptor: OwnedFd,
    /// Its rtnetlink.
    pub(crate) channel: Channel<RouteNetlinkMessage>,
    /// Which one it is, by the order in which they were made.
    pub(crate) number: u32,
    /// Its name, or what to call it when it has lost that.
    pub(crate) name: NamespaceName,
    nameless: bool,
    /// The numbers of others that may be tied to it: each may have an id for the other.
    pub(crate) acquainted: BTreeSet<u32>,
    /// The numbers of others by the id that it gave them, as last seen.
    pub(crate) ids: BTreeMap<i32, u32>,
    /// Hears all frames, where somebody observes.
    pub(crate) tap: Option<Tap>,
    /// Counts the open sockets, which keep it alive too.
    holds: Arc<()>,
}

impl Namespace {
    /// Makes one, empty.
    pub(crate) fn new(number: u32, name: NamespaceName) -> Result<Namespace, Unavailable> {
        let descriptor = sandbox::network_namespace()?;
        let channel = netns::in_namespace(&descriptor, || Channel::open(NETLINK_ROUTE))
            .map_err(refused)
            .and_then(|opened| opened)
            .map_err(|error| Unavailable::Broken { what: format!("netlink does not work: {error}") })?;
        Ok(Namespace {
            descriptor,
            channel,
            number,
            name,
            nameless: false,
            acquainted: BTreeSet::new(),
            ids: BTreeMap::new(),
            tap: None,
            holds: Arc::new(()),
        })
    }

    /// Takes its name away: from now on it goes by its number.
    pub(crate) fn lose_name(&mut self) {
        self.name = NamespaceName::new(&format!("unnamed-{}", self.number)).unwrap_or_default();
        self.nameless = true;
    }

    /// Whether it has lost its name.
    pub(crate) fn is_nameless(&self) -> bool {
        self.nameless
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

    /// Asks for one link: `None` where there is none such.
    pub(crate) fn link(&mut self, request: &RouteNetlinkMessage) -> Result<Option<LinkView>, StackError> {
        match self.channel.ask(request) {
            Ok(answer) => link::view(answer).map(Some),
            Err(error) if error.errno() == Some(Errno::ENODEV) => Ok(None),
            Err(error) => Err(error),
        }
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
}
