//! `ip link show` and `ip address show`: which links and addresses, and how they look
//! (`ipaddr_list_flush_or_save`, `print_linkinfo` and `print_addrinfo` in `ip/ipaddress.c`).

mod render;
mod select;

use super::args::FAILED;
use super::links::Links;
use super::printer::Printer;
use super::{Command, Preferred, netns, refused};
use crate::{Context, Failure, Status};
use render::Look;
pub(super) use render::body as address_body;
pub(crate) use render::flags as link_flags;
pub(super) use select::Selection;
use std::collections::BTreeMap;
use vethlab_shared::error::Errno;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::view::{AddressView, LinkView};

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listing {
    Links,
    Addresses,
}

/// Runs `ip link show`.
pub(super) fn links(mut command: Command<'_, '_>) -> Result<Status, Failure> {
    command.options.family = Preferred::Link;
    list(command, Listing::Links)
}

/// Runs `ip address show`.
pub(super) fn addresses(command: Command<'_, '_>) -> Result<Status, Failure> {
    list(command, Listing::Addresses)
}

fn list(mut command: Command<'_, '_>, listing: Listing) -> Result<Status, Failure> {
    let name = if listing == Listing::Links { "ip link show" } else { "ip address show" };
    let selection = Selection::parse(name, command.options.family, &mut command.words)?;
    let Command { options, context, .. } = command;
    if options.statistics > 1 {
        return Err(Failure::NotModelled("ip -statistics -statistics".to_owned()));
    }
    let mut printer = Printer::new(&options);
    let Some(shown) = Shown::read(&selection, context)? else {
        context.console.out(&printer.finish());
        return Err(vanished(listing));
    };
    let look = Look { options: &options, listing, names: &shown.names, links: &shown.links };
    for link in &shown.selected {
        printer.open_object();
        show_link(link, &selection, &shown.addresses, &look, &mut printer);
        printer.close_object();
    }
    context.console.out(&printer.finish());
    Ok(0)
}

/// One link, and its addresses where they are asked for.
fn show_link(
    link: &LinkView,
    selection: &Selection,
    addresses: &[AddressView],
    look: &Look<'_>,
    printer: &mut Printer,
) {
    let with_addresses = selection.family != Preferred::Link;
    let link_shown = if look.options.brief || !(look.options.one_line && with_addresses) {
        if !selection.takes_link(link) {
            return;
        }
        if selection.label.is_none() {
            look.link(link, selection.family, printer);
        }
        selection.label.is_none()
    } else {
        false
    };
    if with_addresses {
        printer.open_array("addr_info", "");
        for address in addresses.iter().filter(|address| address.link == link.index) {
            if selection.up && !link.has(vethlab_shared::view::LinkFlags::UP) {
                continue;
            }
            printer.open_object();
            if selection.takes_address(address) {
                look.address(address, printer);
            }
            printer.close_object();
        }
        printer.close_array("");
        if look.options.brief {
            printer.text("\n");
        }
    }
    if link_shown && !look.options.brief && look.listing == Listing::Addresses && look.options.statistics > 0
    {
        super::statistics::print(&link.statistics, printer);
        printer.line_end();
    }
}

/// All that a listing needs to know.
struct Shown {
    links: Links,
    /// The links to look at, those that a filter drops afterwards too.
    selected: Vec<LinkView>,
    addresses: Vec<AddressView>,
    names: BTreeMap<i32, NamespaceName>,
}

impl Shown {
    /// `None` where a number such as `if9` was asked for that no link has.
    fn read(selection: &Selection, context: &mut Context<'_>) -> Result<Option<Shown>, Failure> {
        let links = Links::read(context)?;
        let index = selection.index(&links)?;
        let mut selected: Vec<LinkView> = match index {
            None => links.all().iter().filter(|link| selection.takes_kind(link)).cloned().collect(),
            Some(index) => match links.get(index) {
                Some(link) => vec![link.clone()],
                None => return Ok(None),
            },
        };
        let addresses = match selection.family {
            Preferred::Link => Vec::new(),
            family => context.stack.addresses(&context.namespace, family.or_inet()).map_err(refused)?,
        };
        if let Some(master) = selection.master(&links)? {
            selected.retain(|link| link.master == Some(master));
        }
        if selection.family != Preferred::Link {
            selected.retain(|link| selection.takes_link_for_addresses(link, &addresses));
        }
        let far = selected.iter().any(|link| link.peer_namespace_id.is_some());
        let names = if far { netns::names_by_id(context)? } else { BTreeMap::new() };
        Ok(Some(Shown { links, selected, addresses, names }))
    }
}

/// There is no link of the number that was asked for by a name such as `if9`.
fn vanished(listing: Listing) -> Failure {
    let answer = format!("RTNETLINK answers: {0}\nCannot send link", Errno::ENODEV);
    match listing {
        Listing::Links => Failure::exit(FAILED, format_args!("{answer} get request: {}", Errno::ENODEV)),
        Listing::Addresses => Failure::exit(0, format_args!("{answer} request: {}", Errno::ENODEV)),
    }
}
