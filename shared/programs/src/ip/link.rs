//! `ip link`: making, altering and deleting links (`ip/iplink.c`, `ip/link_veth.c`).

mod bridge;
mod parse;

use super::args::{FAILED, not_modelled};
use super::choices::{self, Choice, Choices, Deed};
use super::links::{self, Links};
use super::{Command, refused, show};
use crate::{Context, Failure, Status};
pub(super) use bridge::MODELLED as BRIDGE_WORDS;
pub(super) use parse::keywords;
use parse::{End, KindData, Names, Place, Request, Verb, parse};
use vethlab_shared::change::{Change, LinkSettings, NewLink, NewLinkKind};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::{IfIndex, LinkName, NamespaceName};

/// What can be done with it.
#[derive(Clone, Copy)]
pub(super) enum Action {
    Add,
    Set,
    Delete,
    Show,
}

/// `do_iplink`.
pub(super) const ACTIONS: Choices<Action> = Choices {
    page: &super::pages::LINK,
    object: "link",
    words: &[
        Choice::new("add", Action::Add),
        Choice::new("set", Action::Set),
        Choice::also("change", Action::Set),
        Choice::not_modelled("replace"),
        Choice::new("delete", Action::Delete),
        Choice::new("show", Action::Show),
        Choice::also("lst", Action::Show),
        Choice::also("list", Action::Show),
        Choice::not_modelled("xstats"),
        Choice::not_modelled("afstats"),
        Choice::not_modelled("property"),
        Choice::not_modelled("help"),
    ],
};

impl choices::Action for Action {
    fn deed(self) -> Deed {
        match self {
            Action::Show => Deed::Show,
            _ => Deed::Other,
        }
    }
}

/// Runs `ip link`.
pub(super) fn run(mut command: Command<'_, '_>) -> Result<Status, Failure> {
    let Some(word) = command.words.next() else { return show::links(command) };
    let (_, action) = ACTIONS.choose(word)?;
    match action {
        Action::Show => show::links(command),
        Action::Add => modify(Verb::Add, &mut command),
        Action::Set => modify(Verb::Set, &mut command),
        Action::Delete => modify(Verb::Delete, &mut command),
    }
}

fn modify(verb: Verb, command: &mut Command<'_, '_>) -> Result<Status, Failure> {
    let request = parse(verb, command.context, &mut command.words)?;
    perform(request, command.context)?;
    Ok(0)
}

impl Names for Context<'_> {
    fn has_namespace(&mut self, name: &NamespaceName) -> Result<bool, StackError> {
        self.stack.has_namespace(name)
    }

    fn link(&mut self, name: &str) -> Result<Option<IfIndex>, Failure> {
        links::index(name, self)
    }
}

/// Asks the stack for it.
fn perform(request: Request, context: &mut Context<'_>) -> Result<(), Failure> {
    let change = match request.verb {
        Verb::Add => {
            let kind = match request.data? {
                KindData::Peer(peer) => NewLinkKind::Veth { peer: peer.settings()? },
                KindData::Bridge(settings) => NewLinkKind::Bridge(settings),
                KindData::None => {
                    return Err(refused(StackError::with_extack(Errno::EOPNOTSUPP, "Unknown device type")));
                }
            };
            Change::AddLink(NewLink { end: request.end.settings()?, kind })
        }
        Verb::Set | Verb::Delete => {
            let link = existing(&request.end, context)?;
            let data = request.data?;
            match (request.verb, request.kind) {
                (Verb::Delete, _) => Change::DeleteLink(link),
                (_, Some(kind)) if kind == "bridge" => {
                    let KindData::Bridge(bridge) = data else {
                        return Err(not_modelled("ip link set", "type bridge"));
                    };
                    Change::SetBridge { link, bridge, settings: request.end.settings()? }
                }
                (_, Some(kind)) => return Err(not_modelled("ip link set", &format!("type {kind}"))),
                (_, None) => Change::SetLink { link, settings: request.end.settings()? },
            }
        }
    };
    context.stack.apply(&context.namespace, &change).map_err(refused)
}

/// The link that a command is about, once the length of its new address is right.
fn existing(end: &End, context: &mut Context<'_>) -> Result<IfIndex, Failure> {
    let index = links::require(end.device.as_deref().unwrap_or_default(), context)?;
    if let Some(length) = end.address.as_ref().map(Vec::len).filter(|&length| length != 6)
        && Links::read(context)?.get(index).is_some()
    {
        let text = format!("Invalid address length {length} - must be 6 bytes");
        return Err(Failure::exit(FAILED, text));
    }
    Ok(index)
}

impl End {
    /// As the stack takes it. What cannot be data on this side of the line is refused here, in the kernel's
    /// words.
    fn settings(self) -> Result<LinkSettings, Failure> {
        Ok(LinkSettings {
            name: self.name.as_deref().map(link_name).transpose()?,
            flags: self.flags,
            flags_mask: self.flags_mask,
            index: self.index,
            mtu: self.mtu,
            address: self.address.as_deref().map(exact_address).transpose()?,
            broadcast: self.broadcast.as_deref().map(leading_address).transpose()?,
            tx_queue_length: self.tx_queue_length,
            namespace: self.place.map(namespace).transpose()?,
            master: self.master,
        })
    }
}

/// A name as the kernel takes it: the attribute's policy first, then `dev_valid_name`.
fn link_name(name: &str) -> Result<LinkName, Failure> {
    name.parse().map_err(|_| match name.len() {
        0..=15 => refused(Errno::EINVAL.into()),
        _ => refused(StackError::with_extack(Errno::ERANGE, "Attribute failed policy validation")),
    })
}

/// An Ethernet address for a new link: six bytes, no more and no less (`veth_validate`).
fn exact_address(bytes: &[u8]) -> Result<MacAddress, Failure> {
    bytes.try_into().map(MacAddress).map_err(|_| refused(Errno::EINVAL.into()))
}

/// A broadcast address: the kernel passes over what is too much (`validate_linkmsg`).
fn leading_address(bytes: &[u8]) -> Result<MacAddress, Failure> {
    bytes.first_chunk().copied().map(MacAddress).ok_or_else(|| refused(Errno::EINVAL.into()))
}

fn namespace(place: Place) -> Result<NamespaceName, Failure> {
    match place {
        Place::Namespace(name) => Ok(name),
        Place::Process(1) => Ok(NamespaceName::HOST),
        Place::Process(_) => Err(refused(Errno::ESRCH.into())),
    }
}

#[cfg(test)]
mod tests;
