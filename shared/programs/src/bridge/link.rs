//! `bridge link`: the ports of bridges (`bridge/link.c`).

use super::{Command, FAILED, Verb, apply, help, no_bridge, no_device, pages, refused};
use crate::ip::args::{How, Keywords, Words, duplicate, leading_integer, not_modelled};
use crate::ip::links::{Links, index};
use crate::ip::printer::{Colour, Printer};
use crate::ip::show::link_flags;
use crate::{Failure, Status};
use vethlab_shared::change::{BridgePortSettings, Change};
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{BridgePort, FdbFlags, LinkFlags, LinkView, PortFlags, PortState};

/// `do_link`.
pub(super) const VERBS: &Keywords<Verb> = &[
    (How::Prefix, "set", Verb::Set),
    (How::Prefix, "change", Verb::Set),
    (How::Prefix, "show", Verb::Show),
    (How::Prefix, "lst", Verb::Show),
    (How::Prefix, "list", Verb::Show),
    (How::Prefix, "help", Verb::Help),
];

/// The flags of a port in the order in which they are shown (`print_protinfo`); behind `bcast_flood` stands
/// `mcast_router`.
const FLAGS: [(&str, PortFlags); 13] = [
    ("hairpin", PortFlags::HAIRPIN),
    ("guard", PortFlags::GUARD),
    ("root_block", PortFlags::ROOT_BLOCK),
    ("fastleave", PortFlags::FAST_LEAVE),
    ("learning", PortFlags::LEARNING),
    ("flood", PortFlags::FLOOD),
    ("mcast_flood", PortFlags::MULTICAST_FLOOD),
    ("bcast_flood", PortFlags::BROADCAST_FLOOD),
    ("mcast_to_unicast", PortFlags::MULTICAST_TO_UNICAST),
    ("neigh_suppress", PortFlags::NEIGHBOUR_SUPPRESS),
    ("vlan_tunnel", PortFlags::VLAN_TUNNEL),
    ("isolated", PortFlags::ISOLATED),
    ("locked", PortFlags::LOCKED),
];

/// The flags that can be set, as what they do is modelled.
const SETTABLE: PortFlags =
    PortFlags::NEW.union(PortFlags::HAIRPIN).union(PortFlags::ISOLATED).union(PortFlags::LOCKED);

/// `brlink_show`. Words that it does not know are passed over, as `bridge` does.
pub(super) fn show(command: Command<'_, '_>) -> Result<Status, Failure> {
    let Command { options, details, mut words, context } = command;
    let mut device = None;
    while let Some(word) = words.next() {
        if word == "dev" {
            let name = words.value()?;
            if device.is_some() {
                return Err(duplicate("dev", name));
            }
            device = Some(name);
        }
    }
    let links = Links::read(context)?;
    let only = device.map(|name| links.index_of(name).ok_or_else(|| no_device(name))).transpose()?;
    let ports = context.stack.bridge_ports(&context.namespace).map_err(refused)?;
    let mut printer = Printer::new(&options);
    for port in ports.iter().filter(|port| only.is_none_or(|only| only == port.link)) {
        if let Some(link) = links.get(port.link) {
            render(port, link, &links, details, &mut printer);
        }
    }
    context.console.out(&printer.finish());
    Ok(0)
}

/// One port (`print_linkinfo`).
fn render(port: &BridgePort, link: &LinkView, links: &Links, details: bool, printer: &mut Printer) {
    printer.open_object();
    printer.value("ifindex", link.index, &format!("{}: ", link.index));
    let peer_down = name(link, links, printer);
    link_flags(link.flags, peer_down, printer);
    printer.value("mtu", link.mtu, &format!("mtu {} ", link.mtu));
    let master = links.name_of(port.bridge);
    printer.string("master", &master, &format!("master {master} "));
    let state = port.state.name();
    printer.string("state", state, &format!("state {state} "));
    printer.value("priority", port.priority, &format!("priority {} ", port.priority));
    printer.value("cost", port.cost, &format!("cost {} ", port.cost));
    if details {
        printer.line_end();
        printer.text("    ");
        for (word, flag) in FLAGS {
            let is_on = port.flags.contains(flag);
            printer.value(word, is_on, &format!("{word} {} ", if is_on { "on" } else { "off" }));
            if flag == PortFlags::BROADCAST_FLOOD {
                let router = port.multicast_router;
                printer.value("mcast_router", router, &format!("mcast_router {router} "));
            }
        }
    }
    printer.text("\n");
    printer.close_object();
}

/// The name, with that of the other end behind it; whether this is set down (`print_name_and_link`). The index of the other
/// end may belong to another namespace: the answer about bridges does not say so, and so it is looked up in this one.
fn name(link: &LinkView, links: &Links, printer: &mut Printer) -> bool {
    let (mut shown, mut peer_down) = (link.name.to_string(), false);
    match link.peer.filter(|peer| *peer != link.index) {
        None => {}
        Some(IfIndex(0)) if printer.is_json() => printer.value("link", "null", ""),
        Some(IfIndex(0)) => shown.push_str("@NONE"),
        Some(index) => {
            let peer = links.name_of(index);
            if printer.is_json() {
                printer.string("link", &peer, "");
            } else {
                shown.push_str(&format!("@{peer}"));
            }
            peer_down = links.get(index).is_some_and(|peer| !peer.has(LinkFlags::UP));
        }
    }
    printer.coloured(Colour::Link, "ifname", &shown, "", &format!("{shown}: "));
    peer_down
}

/// `brlink_modify`.
pub(super) fn set(command: Command<'_, '_>) -> Result<Status, Failure> {
    let Command { mut words, context, .. } = command;
    let (device, settings) = parse(&mut words)?;
    let Some(device) = device else { return Err(Failure::exit(FAILED, "Device is a required argument.")) };
    let link = index(device, context)?.ok_or_else(|| no_bridge(device))?;
    apply(&Change::SetBridgePort { link, settings }, context)
}

fn parse<'a>(words: &mut Words<'a>) -> Result<(Option<&'a str>, BridgePortSettings), Failure> {
    let mut device = None;
    let mut settings = BridgePortSettings::default();
    while let Some(word) = words.next() {
        match word {
            "dev" => device = Some(words.value()?),
            "self" => settings.to |= FdbFlags::SELF,
            "master" => settings.to |= FdbFlags::MASTER,
            "cost" => {
                let cost = leading_integer(words.value()?).cast_unsigned();
                settings.cost = Some(cost).filter(|&cost| cost > 0);
            }
            "priority" => {
                // It is kept as a `short`.
                let priority = leading_integer(words.value()?) as i16;
                settings.priority = u16::try_from(priority).ok();
            }
            "state" => settings.state = state(words.value()?)?,
            "learning_sync" | "mcast_router" | "hwmode" | "backup_port" | "nobackup_port" => {
                return Err(not_modelled("bridge link set", word));
            }
            _ => match FLAGS.iter().find(|(name, _)| *name == word) {
                Some(&(_, flag)) if SETTABLE.contains(flag) => {
                    let is_on = on_off(word, words.value()?)?;
                    settings.flags_mask |= flag;
                    settings.flags.set(flag, is_on);
                }
                Some(_) => return Err(not_modelled("bridge link set", word)),
                None => return Err(help(&pages::LINK)),
            },
        }
    }
    Ok((device, settings))
}

/// A state by number or name. A number is kept as a `char`, and a negative one sets nothing.
fn state(word: &str) -> Result<Option<u8>, Failure> {
    let unknown = || Failure::exit(FAILED, "Error: invalid STP port state");
    let is_number = |word: &str| {
        let digits = word.trim_start().trim_start_matches(['-', '+']);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    if is_number(word) {
        return Ok(u8::try_from(leading_integer(word) as i8).ok());
    }
    let named = PortState::ALL.iter().position(|state| state.name() == word).ok_or_else(unknown)?;
    Ok(u8::try_from(named).ok())
}

/// `parse_on_off`.
fn on_off(word: &str, value: &str) -> Result<bool, Failure> {
    /// `-EINVAL`, of which eight bits are left.
    const STATUS: Status = 234;
    match value {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => {
            let text =
                format!("Error: argument of \"{word}\" must be one of \"off\", \"on\", not \"{value}\"");
            Err(Failure::exit(STATUS, text))
        }
    }
}
