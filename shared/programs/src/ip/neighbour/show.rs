//! Listing, looking up and flushing neighbours (`do_show_or_flush`, `ipneigh_get`, `print_neigh`).

use super::super::args::{FAILED, USAGE, Words, duplicate, garbage, invalid, matches, not_modelled};
use super::super::inet::{self, GivenPrefix};
use super::super::links::Links;
use super::super::printer::{Colour, Printer};
use super::super::{Command, Options, Preferred, flush, refused};
use super::state;
use crate::{Context, Failure, Status};
use vethlab_shared::change::Change;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{NeighbourState, NeighbourView};

/// How often a flush looks again (`MAX_ROUNDS`).
const FLUSH_ROUNDS: u32 = 10;

/// The states in the order in which they are shown, with the words for them (`print_neigh_state`).
const STATE_NAMES: &[(NeighbourState, &str)] = &[
    (NeighbourState::INCOMPLETE, "INCOMPLETE"),
    (NeighbourState::REACHABLE, "REACHABLE"),
    (NeighbourState::STALE, "STALE"),
    (NeighbourState::DELAY, "DELAY"),
    (NeighbourState::PROBE, "PROBE"),
    (NeighbourState::FAILED, "FAILED"),
    (NeighbourState::NO_ARP, "NOARP"),
    (NeighbourState::PERMANENT, "PERMANENT"),
];

/// Which entries are meant.
#[derive(Debug, PartialEq)]
struct Selection {
    device: Option<String>,
    prefix: Option<GivenPrefix>,
    states: NeighbourState,
    /// Entries in no state at all too.
    stateless: bool,
}

impl Selection {
    /// Reads the words of a listing or a flush, which select these states where none is named
    /// (`do_show_or_flush`).
    fn parse(
        name: &str,
        states: NeighbourState,
        family: Preferred,
        words: &mut Words<'_>,
    ) -> Result<Selection, Failure> {
        let mut selection = Selection { device: None, prefix: None, states, stateless: false };
        let mut family = family;
        let mut state_given = false;
        let flush = !states.contains(NeighbourState::PERMANENT);
        while let Some(word) = words.next() {
            match word {
                "dev" => {
                    let name = words.value()?;
                    if selection.device.is_some() {
                        return Err(duplicate("dev", name));
                    }
                    selection.device = Some(name.to_owned());
                }
                "master" | "vrf" | "nomaster" | "unused" | "proxy" => return Err(not_modelled(name, word)),
                "nud" => {
                    let word = words.value()?;
                    if !state_given {
                        selection.states = NeighbourState::empty();
                        state_given = true;
                    }
                    match state(word) {
                        Some(state) if state.is_empty() => selection.stateless = true,
                        Some(state) => selection.states |= state,
                        None if word == "all" => {
                            let kept = if flush { NeighbourState::NO_ARP } else { NeighbourState::empty() };
                            selection.states |= NeighbourState::all() - kept;
                            selection.stateless = true;
                        }
                        None => return Err(invalid("nud state is bad", word)),
                    }
                }
                _ if matches(word, "protocol") => return Err(not_modelled(name, "protocol")),
                _ => {
                    let word = if word == "to" { words.value()? } else { word };
                    if matches(word, "help") {
                        return Err(not_modelled("ip neighbour", "help"));
                    }
                    let prefix = inet::prefix(word, family)?;
                    family.learn(prefix);
                    selection.prefix = Some(prefix);
                }
            }
        }
        Ok(selection)
    }

    fn link(&self, links: &Links) -> Result<Option<IfIndex>, Failure> {
        self.device.as_deref().map(|name| links.require(name)).transpose()
    }

    fn takes(&self, neighbour: &NeighbourView, link: Option<IfIndex>) -> bool {
        let state =
            if neighbour.state.is_empty() { self.stateless } else { self.states.intersects(neighbour.state) };
        state
            && link.is_none_or(|link| neighbour.link == link)
            && self.prefix.is_none_or(|prefix| prefix.takes(neighbour.destination))
    }
}

/// Runs `ip neighbour show`.
pub(super) fn show(command: Command<'_, '_>) -> Result<Status, Failure> {
    let Command { options, mut words, context } = command;
    if options.statistics > 0 {
        return Err(not_modelled("ip -statistics", "neighbour"));
    }
    let states = NeighbourState::all() - NeighbourState::NO_ARP;
    let selection = Selection::parse("ip neighbour show", states, options.family, &mut words)?;
    let links = Links::read(context)?;
    let link = selection.link(&links)?;
    let neighbours =
        context.stack.neighbours(&context.namespace, options.family.or_inet()).map_err(refused)?;
    let mut printer = Printer::new(&options);
    for neighbour in neighbours.iter().filter(|neighbour| selection.takes(neighbour, link)) {
        render(neighbour, link.is_none(), &options, &links, &mut printer);
    }
    context.console.out(&printer.finish());
    Ok(0)
}

/// One entry (`print_neigh`, `print_neigh_brief`).
fn render(
    neighbour: &NeighbourView,
    with_device: bool,
    options: &Options,
    links: &Links,
    printer: &mut Printer,
) {
    let pad = |text: &str, width: usize| {
        if options.brief { format!("{text:<width$} ") } else { format!("{text} ") }
    };
    printer.open_object();
    let destination = neighbour.destination.to_string();
    printer.coloured(Colour::Inet, "dst", &destination, "", &pad(&destination, 39));
    if with_device {
        let name = links.name_of(neighbour.link);
        let before = if options.brief { "" } else { "dev " };
        printer.coloured(Colour::Link, "dev", &name, before, &pad(&name, 16));
    }
    if let Some(address) = neighbour.address {
        let address = address.to_string();
        let (before, text) = match options.brief {
            true => ("", address.clone()),
            false => ("lladdr ", format!("{address} ")),
        };
        printer.coloured(Colour::Ethernet, "lladdr", &address, before, &text);
    }
    if !options.brief && !neighbour.state.is_empty() {
        printer.open_array("state", "");
        for &(state, name) in STATE_NAMES {
            if neighbour.state.contains(state) {
                printer.element(name, &format!("{name} "));
            }
        }
        printer.close_array("");
    }
    printer.text("\n");
    printer.close_object();
}

/// `ip neighbour get`: one entry (`ipneigh_get`). It is text, even where JSON is asked for.
pub(super) fn get(command: Command<'_, '_>) -> Result<Status, Failure> {
    let Command { options, mut words, context } = command;
    let mut device = None;
    let mut destination = None;
    while let Some(word) = words.next() {
        match word {
            "dev" => device = Some(words.value()?),
            _ if matches(word, "proxy") => return Err(not_modelled("ip neighbour get", "proxy")),
            _ => {
                let word = if word == "to" { words.value()? } else { word };
                if matches(word, "help") {
                    return Err(not_modelled("ip neighbour", "help"));
                }
                if destination.is_some() {
                    return Err(garbage("to", word));
                }
                destination = Some(inet::address(word, options.family)?);
            }
        }
    }
    let (Some(device), Some(destination)) = (device, destination.filter(|given| given.family.is_some()))
    else {
        return Err(Failure::exit(FAILED, "Device and address are required arguments."));
    };
    let links = Links::read(context)?;
    let link = links.require(device)?;
    let neighbours =
        context.stack.neighbours(&context.namespace, options.family.or_inet()).map_err(refused)?;
    let found = neighbours
        .iter()
        .find(|neighbour| neighbour.link == link && neighbour.destination == destination.address)
        .ok_or_else(|| refused(StackError::with_extack(Errno::ENOENT, "Neighbour entry not found")))?;
    let options = Options { json: false, ..options };
    let mut printer = Printer::new(&options);
    render(found, true, &options, &links, &mut printer);
    context.console.out(&printer.finish());
    Ok(0)
}

/// `ip neighbour flush`: deletes what is selected, and looks again until nothing is left.
pub(super) fn flush_entries(command: Command<'_, '_>) -> Result<Status, Failure> {
    let Command { options, mut words, context } = command;
    if words.rest().is_empty() {
        return Err(Failure::exit(FAILED, "Flush requires arguments."));
    }
    if options.statistics > 1 {
        return Err(not_modelled("ip -statistics -statistics", "neighbour flush"));
    }
    let states = NeighbourState::all() - (NeighbourState::PERMANENT | NeighbourState::NO_ARP);
    let mut selection = Selection::parse("ip neighbour flush", states, options.family, &mut words)?;
    selection.stateless |= selection.states.contains(states);
    let links = Links::read(context)?;
    let link = selection.link(&links)?;
    for round in 0..FLUSH_ROUNDS {
        let mut neighbours =
            context.stack.neighbours(&context.namespace, options.family.or_inet()).map_err(refused)?;
        neighbours.retain(|neighbour| selection.takes(neighbour, link));
        if neighbours.is_empty() {
            flush::say_done(&options, round, context);
            return Ok(0);
        }
        flush_round(&neighbours, context)?;
        flush::say_round(&options, round + 1, neighbours.len(), "entries", context);
        selection.states -= NeighbourState::FAILED;
    }
    let text = format!("*** Flush not complete bailing out after {FLUSH_ROUNDS} rounds\n");
    context.console.out(&text);
    Ok(USAGE)
}

/// Deletes all of them; the first refusal counts.
fn flush_round(neighbours: &[NeighbourView], context: &mut Context<'_>) -> Result<(), Failure> {
    let deletions = neighbours.iter().map(|neighbour| Change::DeleteNeighbour {
        link: neighbour.link,
        destination: neighbour.destination,
    });
    flush::delete(deletions, context).map_err(|error| flush::round_refused(error, FAILED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use vethlab_shared::mac::MacAddress;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    fn view(state: NeighbourState) -> NeighbourView {
        NeighbourView {
            link: IfIndex(3),
            destination: Ipv4Addr::new(10, 0, 0, 2).into(),
            address: Some(MacAddress([2, 0, 0, 0, 0, 2])),
            state,
        }
    }

    #[test]
    fn what_a_listing_and_a_flush_leave_out() {
        let take = |states, line: &str, state| {
            let words = words(line);
            let mut words = Words::new(if line.is_empty() { &[] } else { &words });
            let selection = Selection::parse("ip neighbour show", states, Preferred::Any, &mut words);
            selection.expect("a selection").takes(&view(state), None)
        };
        let shown = NeighbourState::all() - NeighbourState::NO_ARP;
        let flushed = shown - NeighbourState::PERMANENT;
        assert!(take(shown, "", NeighbourState::PERMANENT));
        assert!(!take(shown, "", NeighbourState::NO_ARP));
        assert!(!take(shown, "", NeighbourState::empty()));
        assert!(take(shown, "nud noarp", NeighbourState::NO_ARP));
        assert!(take(shown, "nud all", NeighbourState::empty()));
        assert!(!take(shown, "to 10.1.0.0/16", NeighbourState::STALE));
        assert!(!take(flushed, "all", NeighbourState::PERMANENT));
        assert!(take(flushed, "nud perm", NeighbourState::PERMANENT));
    }

    #[test]
    fn an_entry_in_all_its_looks() {
        let shown = |options: &Options, with_device| {
            let mut printer = Printer::new(options);
            let view = view(NeighbourState::STALE);
            render(&view, with_device, options, &Links::of(Vec::new()), &mut printer);
            printer.finish()
        };
        let plain = Options::default();
        assert_eq!(shown(&plain, true), "10.0.0.2 dev if3 lladdr 02:00:00:00:00:02 STALE \n");
        assert_eq!(shown(&plain, false), "10.0.0.2 lladdr 02:00:00:00:00:02 STALE \n");
        let json = Options { json: true, ..plain };
        let text = "[{\"dst\":\"10.0.0.2\",\"dev\":\"if3\",\"lladdr\":\"02:00:00:00:00:02\",\"state\":[\"STALE\"]}]\n";
        assert_eq!(shown(&json, true), text);
    }
}
