//! Waiting until links have noticed the carrier that they have.
//!
//! When one end of a pair goes up or down, the other end has carrier or loses it at once, but its operational state,
//! its queueing discipline and the `linkdown` of its routes follow when a worker gets to it (`linkwatch_event`).
//! Whoever types commands never sees the moment between; a script would. Only the links that a change touches are
//! waited for: the link itself, its other end, and the bridges that these are or were ports of.

use crate::error::refused;
use crate::link::{self, is_settled};
use crate::namespaces::Namespaces;
use nix::poll::{PollTimeout, poll};
use vethlab_shared::change::{Change, LinkSettings, NewLink};
use vethlab_shared::error::StackError;
use vethlab_shared::name::{IfIndex, LinkName, NamespaceName};
use vethlab_shared::view::{LinkFlags, LinkView};

/// How often to look whether links have settled, and how many milliseconds to wait in between. The kernel
/// lets nothing of the kind wait for more than a second.
const ATTEMPTS: usize = 400;
const PAUSE: u8 = 5;

/// Links, each in the namespace of a number.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    /// By index.
    links: Vec<(u32, IfIndex)>,
    /// By name, as it is after the change.
    named: Vec<(u32, LinkName)>,
    /// The namespaces of links that cannot be told from others: all that are there count.
    all_in: Vec<u32>,
    /// Where the other ends may be.
    likely: Vec<u32>,
}

impl Touched {
    /// What a change to links is about to touch, in the namespace of this name.
    ///
    /// # Errors
    /// The kernel's answer about the link that is to change.
    pub(crate) fn by(
        change: &Change,
        name: &NamespaceName,
        namespaces: &mut Namespaces,
    ) -> Result<Touched, StackError> {
        let here = namespaces.named(name)?.number;
        match change {
            Change::AddLink(NewLink { end, .. }) => {
                let near = target(end, here, namespaces)?;
                // Where the other end is to be, if it has one.
                let mut likely = vec![near, here];
                for name in change.target_namespaces() {
                    likely.push(namespaces.named(name)?.number);
                }
                namespaces.introduce(&likely);
                Ok(match given_name(end) {
                    Some(name) => Touched { named: vec![(near, name.clone())], likely, ..Touched::default() },
                    None => Touched { all_in: likely, ..Touched::default() },
                })
            }
            Change::SetLink { link, settings } => Touched::by_settings(here, *link, settings, namespaces),
            Change::SetBridge { link, settings, .. } => {
                let mut touched = Touched::by_settings(here, *link, settings, namespaces)?;
                touched.links.push((here, *link));
                Ok(touched)
            }
            Change::SetBridgePort { link, .. } => {
                Ok(Touched { links: vec![(here, *link)], ..Touched::default() })
            }
            // The other end of a pair goes with it; what they belonged to stays.
            Change::DeleteLink(index) => {
                let Some(link) = link_at(here, *index, namespaces)? else { return Ok(Touched::default()) };
                let mut links: Vec<_> = master_of(here, &link).into_iter().collect();
                if let Some((there, index)) = other_end(here, &link, &[], namespaces)? {
                    let far = link_at(there, index, namespaces)?;
                    links.extend(far.and_then(|far| master_of(there, &far)));
                }
                Ok(Touched { links, ..Touched::default() })
            }
            _ => Ok(Touched::default()),
        }
    }

    fn by_settings(
        here: u32,
        index: IfIndex,
        settings: &LinkSettings,
        namespaces: &mut Namespaces,
    ) -> Result<Touched, StackError> {
        let there = target(settings, here, namespaces)?;
        if there == here && !settings.flags_mask.contains(LinkFlags::UP) && settings.master.is_none() {
            return Ok(Touched::default());
        }
        let Some(link) = link_at(here, index, namespaces)? else { return Ok(Touched::default()) };
        let far = other_end(here, &link, &[], namespaces)?;
        let mut touched = Touched { links: vec![(here, index)], ..Touched::default() };
        // It may leave this one; what the links belong to afterwards is waited for with them.
        touched.links.extend(master_of(here, &link));
        touched.links.extend(far);
        if there != here {
            let mut acquainted = vec![here, there];
            acquainted.extend(far.map(|(number, _)| number));
            namespaces.introduce(&acquainted);
            touched.named.push((there, settings.name.clone().unwrap_or(link.name)));
        }
        Ok(touched)
    }

    /// Waits until all of it has settled: the change has been asked for, and may have been refused or be half done.
    ///
    /// # Errors
    /// The kernel's answer about a link.
    pub(crate) fn settle(self, namespaces: &mut Namespaces) -> Result<(), StackError> {
        let Touched { mut links, named, all_in, likely } = self;
        for (number, name) in named {
            let Some(namespace) = namespaces.numbered(number) else { continue };
            if let Some(link) = namespace.link(&link::get_named(&name))? {
                links.push((number, link.index));
                links.extend(other_end(number, &link, &likely, namespaces)?);
            }
        }
        for number in all_in {
            let Some(namespace) = namespaces.numbered(number) else { continue };
            let all = namespace.dump(&link::dump(), link::view)?;
            links.extend(all.into_iter().map(|link| (number, link.index)));
        }
        wait(&links, namespaces)
    }
}

/// The number of the namespace that a link is to be in.
fn target(settings: &LinkSettings, otherwise: u32, namespaces: &mut Namespaces) -> Result<u32, StackError> {
    match &settings.namespace {
        Some(name) => Ok(namespaces.named(name)?.number),
        None => Ok(otherwise),
    }
}

/// The name that a new link will have; `None` where the kernel chooses one.
fn given_name(settings: &LinkSettings) -> Option<&LinkName> {
    settings.name.as_ref().filter(|name| !name.as_str().contains('%'))
}

fn link_at(number: u32, index: IfIndex, namespaces: &mut Namespaces) -> Result<Option<LinkView>, StackError> {
    // The kernel takes an index that no link can have for a question without one.
    let is_possible = i32::try_from(index.0).is_ok_and(|index| index > 0);
    let namespace = namespaces.numbered(number).filter(|_| is_possible);
    namespace.map_or(Ok(None), |namespace| namespace.link(&link::get(index)))
}

/// Where the other end of a link is, if it has one.
fn other_end(
    number: u32,
    link: &LinkView,
    likely: &[u32],
    namespaces: &mut Namespaces,
) -> Result<Option<(u32, IfIndex)>, StackError> {
    let Some(index) = link.peer else { return Ok(None) };
    let there = match link.peer_namespace_id {
        Some(id) => namespaces.by_id(number, id, likely)?,
        None => Some(number),
    };
    Ok(there.map(|there| (there, index)))
}

/// What a link belongs to now.
fn master_of(number: u32, link: &LinkView) -> Option<(u32, IfIndex)> {
    link.master.map(|master| (number, master))
}

/// Waits until all of these links have settled. Asking for one link makes up for what is due (`linkwatch_sync_dev` in
/// `rtnl_getlink`); kernels that do not do that yet take a moment.
fn wait(links: &[(u32, IfIndex)], namespaces: &mut Namespaces) -> Result<(), StackError> {
    for _ in 0..ATTEMPTS {
        let mut settled = true;
        for &(number, index) in links {
            // A link that is not there any more has nothing to notice.
            let Some(link) = link_at(number, index, namespaces)? else { continue };
            settled &= is_settled(&link);
            // What it belongs to depends on it.
            if let Some(master) = link.master {
                settled &= link_at(number, master, namespaces)?.is_none_or(|master| is_settled(&master));
            }
        }
        if settled {
            return Ok(());
        }
        match poll(&mut [], PollTimeout::from(PAUSE)) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(errno) => return Err(refused(errno)),
        }
    }
    Ok(())
}
