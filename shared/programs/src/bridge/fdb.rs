//! `bridge fdb`: behind which port a station is (`bridge/fdb.c`).

use super::{Command, FAILED, Verb, apply, help, no_bridge, no_device, pages, refused};
use crate::ip::args::{self, Keywords, Words, garbage, invalid, matches, not_modelled, station};
use crate::ip::links::{Links, index};
use crate::ip::options::Options;
use crate::ip::printer::{Colour, Printer};
use crate::{Context, Failure, Status};
use vethlab_shared::change::{Change, FdbFlush, FdbSpec, Modify};
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{FdbEntry, FdbFlags, FdbKind, LinkKind, NeighbourState};

/// How a row is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Add,
    Append,
    Replace,
}

impl How {
    pub(super) fn modify(self) -> Modify {
        match self {
            How::Add => Modify::ADD,
            How::Append => Modify::CREATE | Modify::APPEND,
            How::Replace => Modify::CREATE | Modify::REPLACE,
        }
    }
}

/// `do_fdb`.
pub(super) const VERBS: &Keywords<Verb> = &[
    (args::How::Prefix, "add", Verb::Add(How::Add)),
    (args::How::Prefix, "append", Verb::Add(How::Append)),
    (args::How::Prefix, "replace", Verb::Add(How::Replace)),
    (args::How::Prefix, "delete", Verb::Delete),
    (args::How::Prefix, "get", Verb::NotModelled),
    (args::How::Prefix, "show", Verb::Show),
    (args::How::Prefix, "lst", Verb::Show),
    (args::How::Prefix, "list", Verb::Show),
    (args::How::Exact, "flush", Verb::Flush),
    (args::How::Prefix, "help", Verb::Help),
];

/// Which rows are shown.
#[derive(Debug, Default)]
struct Selection<'a> {
    device: Option<&'a str>,
    bridge: Option<&'a str>,
    /// Only those in one of these states, where any is named.
    states: u32,
    /// Not those for good.
    dynamic: bool,
}

impl<'a> Selection<'a> {
    /// `fdb_show`. Words that it does not know are passed over, as `bridge` does.
    fn parse(words: &mut Words<'a>) -> Result<Selection<'a>, Failure> {
        let mut selection = Selection::default();
        while let Some(word) = words.next() {
            match word {
                "brport" | "dev" => selection.device = Some(words.value()?),
                "br" => selection.bridge = Some(words.value()?),
                "vlan" => return Err(not_modelled("bridge fdb show", word)),
                "state" => {
                    let word = words.value()?;
                    selection.states |= states(word).ok_or_else(|| invalid("invalid state", word))?;
                }
                "dynamic" => selection.dynamic = true,
                _ if matches(word, "help") => return Err(help(&pages::FDB)),
                _ => {}
            }
        }
        Ok(selection)
    }
}

/// `state_a2n`.
fn states(word: &str) -> Option<u32> {
    let state = |state: NeighbourState| Some(state.bits().into());
    if matches(word, "permanent") {
        state(NeighbourState::PERMANENT)
    } else if matches(word, "static") || matches(word, "temp") {
        state(NeighbourState::NO_ARP)
    } else if matches(word, "stale") {
        state(NeighbourState::STALE)
    } else if matches(word, "reachable") || matches(word, "dynamic") {
        state(NeighbourState::REACHABLE)
    } else if word == "all" {
        Some(u32::MAX)
    } else {
        args::number(word)
    }
}

/// The state that a row is in, and its name (`state_n2a`).
fn state_of(kind: FdbKind) -> (NeighbourState, &'static str) {
    match kind {
        FdbKind::Local => (NeighbourState::PERMANENT, "permanent"),
        FdbKind::Static => (NeighbourState::NO_ARP, "static"),
        FdbKind::Stale => (NeighbourState::STALE, "stale"),
        FdbKind::Learned => (NeighbourState::REACHABLE, ""),
    }
}

/// Runs `bridge fdb show`.
pub(super) fn show(command: Command<'_, '_>) -> Result<Status, Failure> {
    let Command { options, mut words, context, .. } = command;
    let selection = Selection::parse(&mut words)?;
    let links = Links::read(context)?;
    let find = |name: Option<&str>, missing: fn(&str) -> Failure| {
        name.map(|name| links.index_of(name).ok_or_else(|| missing(name))).transpose()
    };
    let bridge = find(selection.bridge, no_bridge)?;
    let device = find(selection.device, no_device)?;
    let rows = context.stack.fdb(&context.namespace).map_err(refused)?;
    // Of what a bridge is asked for the kernel gives its own rows, and those of its ports (`rtnl_fdb_dump`).
    let of_bridge = |row: &FdbEntry, bridge| {
        let is_port = links.get(row.link).is_some_and(|link| link.master == Some(bridge));
        let is_bridge = links.get(bridge).is_some_and(|link| link.kind == LinkKind::Bridge);
        is_port || (is_bridge && row.link == bridge)
    };
    let takes = |row: &&FdbEntry| {
        let (state, _) = state_of(row.kind);
        let states = selection.states == 0 || u32::from(state.bits()) & selection.states != 0;
        device.is_none_or(|device| device == row.link)
            && bridge.is_none_or(|bridge| of_bridge(row, bridge))
            && states
            && !(selection.dynamic && row.kind == FdbKind::Local)
    };
    let mut printer = Printer::new(&options);
    for row in rows.iter().filter(takes) {
        render(row, device.is_none(), &options, &links, &mut printer);
    }
    context.console.out(&printer.finish());
    Ok(0)
}

/// One row (`print_fdb`).
fn render(row: &FdbEntry, with_device: bool, options: &Options, links: &Links, printer: &mut Printer) {
    printer.open_object();
    let address = row.address.to_string();
    printer.coloured(Colour::Ethernet, "mac", &address, "", &format!("{address} "));
    if with_device {
        let name = links.name_of(row.link);
        printer.coloured(Colour::Link, "ifname", &name, "dev ", &format!("{name} "));
    }
    if let Some(vlan) = row.vlan {
        printer.value("vlan", vlan, &format!("vlan {vlan} "));
    }
    if let Some(ages) = row.ages.filter(|_| options.statistics > 0) {
        let (used, updated) = (ages.used.as_secs(), ages.updated.as_secs());
        printer.value("used", used, &format!("used {used}/{updated} "));
        printer.value("updated", updated, "");
    }
    printer.open_array("flags", "");
    for (flag, name) in [
        (FdbFlags::SELF, "self"),
        (FdbFlags::ROUTER, "router"),
        (FdbFlags::EXTERNALLY_LEARNED, "extern_learn"),
        (FdbFlags::OFFLOADED, "offload"),
        (FdbFlags::MASTER, "master"),
        (FdbFlags::STICKY, "sticky"),
    ] {
        if row.flags.contains(flag) {
            printer.element(name, &format!("{name} "));
        }
    }
    printer.close_array("");
    if let Some(bridge) = row.bridge {
        let name = links.name_of(bridge);
        printer.string("master", &name, &format!("master {name} "));
    }
    let (_, state) = state_of(row.kind);
    printer.string("state", state, &format!("{state}\n"));
    printer.close_object();
}

/// Runs `bridge fdb add` and its like.
pub(super) fn add(how: Modify, command: Command<'_, '_>) -> Result<Status, Failure> {
    let Command { mut words, context, .. } = command;
    let entry = row(&mut words, context)?;
    apply(&Change::AddFdb { how, entry }, context)
}

/// Runs `bridge fdb delete`.
pub(super) fn delete(command: Command<'_, '_>) -> Result<Status, Failure> {
    let Command { mut words, context, .. } = command;
    let entry = row(&mut words, context)?;
    apply(&Change::DeleteFdb(entry), context)
}

/// A row that is to be written or deleted (`fdb_modify`).
fn row(words: &mut Words<'_>, context: &mut Context<'_>) -> Result<FdbSpec, Failure> {
    let (mut device, mut address) = (None, None);
    let mut state = NeighbourState::NO_ARP;
    let mut flags = FdbFlags::empty();
    while let Some(word) = words.next() {
        match word {
            "dev" => device = Some(words.value()?),
            "dst" | "nhid" | "port" | "vni" | "src_vni" | "via" => {
                return Err(not_modelled("bridge fdb", word));
            }
            "self" => flags |= FdbFlags::SELF,
            _ if matches(word, "master") => flags |= FdbFlags::MASTER,
            _ if matches(word, "router") => return Err(not_modelled("bridge fdb", "router")),
            _ if matches(word, "local") || matches(word, "permanent") => state |= NeighbourState::PERMANENT,
            _ if matches(word, "temp") || matches(word, "static") => state |= NeighbourState::REACHABLE,
            _ if matches(word, "dynamic") => {
                state = (state | NeighbourState::REACHABLE) - NeighbourState::NO_ARP;
            }
            _ if matches(word, "vlan") => return Err(not_modelled("bridge fdb", "vlan")),
            _ if matches(word, "use") => flags |= FdbFlags::USE,
            _ if matches(word, "extern_learn") => return Err(not_modelled("bridge fdb", "extern_learn")),
            _ if matches(word, "sticky") => flags |= FdbFlags::STICKY,
            _ => {
                let word = if word == "to" { words.value()? } else { word };
                if matches(word, "help") {
                    return Err(help(&pages::FDB));
                }
                if address.is_some() {
                    return Err(garbage("to", word));
                }
                address = Some(word);
            }
        }
    }
    let (Some(device), Some(address)) = (device, address) else {
        return Err(Failure::exit(FAILED, "Device and address are required arguments."));
    };
    if !flags.intersects(FdbFlags::SELF | FdbFlags::MASTER) {
        flags |= FdbFlags::SELF;
    }
    if !state.intersects(NeighbourState::PERMANENT | NeighbourState::REACHABLE) {
        state |= NeighbourState::PERMANENT;
    }
    let address = station(address)
        .ok_or_else(|| Failure::exit(FAILED, format_args!("Invalid mac address {address}")))?;
    let link = index(device, context)?.ok_or_else(|| no_device(device))?;
    Ok(FdbSpec { link, address, state, flags })
}

/// Runs `bridge fdb flush` (`fdb_flush`). Words that it does not know are passed over, as `bridge` does.
pub(super) fn flush(command: Command<'_, '_>) -> Result<Status, Failure> {
    const STATIC: NeighbourState = NeighbourState::NO_ARP;
    const PERMANENT: NeighbourState = NeighbourState::PERMANENT;
    let Command { mut words, context, .. } = command;
    let (mut device, mut port) = (None, None);
    let mut flush = FdbFlush {
        link: IfIndex(0),
        port: None,
        state: NeighbourState::empty(),
        state_mask: NeighbourState::empty(),
        flags: FdbFlags::empty(),
        flags_mask: FdbFlags::empty(),
    };
    while let Some(word) = words.next() {
        let state = |flush: &mut FdbFlush, state, is_set, mask| {
            flush.state.set(state, is_set);
            flush.state_mask |= mask;
        };
        match word {
            "dev" => device = Some(words.value()?),
            "master" => flush.flags |= FdbFlags::MASTER,
            "self" => flush.flags |= FdbFlags::SELF,
            "permanent" => state(&mut flush, PERMANENT, true, PERMANENT),
            "nopermanent" => state(&mut flush, PERMANENT, false, PERMANENT),
            "static" => state(&mut flush, STATIC, true, STATIC | PERMANENT),
            "nostatic" => state(&mut flush, STATIC, false, STATIC),
            "dynamic" => state(&mut flush, STATIC, false, STATIC | PERMANENT),
            "nodynamic" => state(&mut flush, STATIC, true, STATIC),
            "brport" => {
                let word = words.value()?;
                if port.is_some() {
                    return Err(garbage("brport", word));
                }
                port = Some(word);
            }
            "vlan" | "extern_learn" | "noextern_learn" | "offloaded" | "nooffloaded" => {
                return Err(not_modelled("bridge fdb flush", word));
            }
            "help" => drop(words.value()?),
            _ => {
                let (word, is_set) = word.strip_prefix("no").map_or((word, true), |word| (word, false));
                let flag = match word {
                    "added_by_user" => FdbFlags::USE,
                    "sticky" => FdbFlags::STICKY,
                    _ => continue,
                };
                flush.flags.set(flag, is_set);
                flush.flags_mask |= flag;
            }
        }
    }
    let Some(device) = device else { return Err(Failure::exit(FAILED, "Device is a required argument.")) };
    flush.link = index(device, context)?.ok_or_else(|| no_bridge(device))?;
    if let Some(name) = port {
        let missing = || Failure::exit(FAILED, format_args!("Cannot find bridge port device \"{name}\""));
        flush.port = Some(index(name, context)?.ok_or_else(missing)?);
    }
    if !flush.flags.intersects(FdbFlags::SELF | FdbFlags::MASTER) {
        flush.flags |= FdbFlags::SELF;
    }
    apply(&Change::FlushFdb(flush), context)
}
