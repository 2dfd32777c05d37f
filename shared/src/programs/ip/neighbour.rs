//! `ip neighbour`: the table of neighbours (`ip/ipneigh.c`).

use super::args::{
    FAILED, How, Keywords, USAGE, Words, duplicate, garbage, invalid, keyword, link_layer_address, matches,
    not_modelled, unknown_command, unsigned,
};
use super::inet::{self, GivenPrefix};
use super::links::Links;
use super::printer::Printer;
use super::{Command, Family, Options, refused};
use crate::change::{Change, Modify, NeighbourSpec};
use crate::error::{Errno, StackError};
use crate::mac::MacAddress;
use crate::name::IfIndex;
use crate::programs::{self, Context, Failure, Status};
use crate::view::{NeighbourState, NeighbourView};

/// How often a flush looks again (`MAX_ROUNDS`).
const FLUSH_ROUNDS: u32 = 10;

#[derive(Clone, Copy)]
enum Action {
    Add(Modify),
    Delete,
    Get,
    Show,
    Flush,
    NotModelled,
}

/// `do_ipneigh`.
const ACTIONS: &Keywords<Action> = &[
    (How::Prefix, "add", Action::Add(Modify::ADD)),
    (How::Prefix, "change", Action::Add(Modify::REPLACE)),
    (How::Exact, "chg", Action::Add(Modify::REPLACE)),
    (How::Prefix, "replace", Action::Add(Modify::CREATE.union(Modify::REPLACE))),
    (How::Prefix, "delete", Action::Delete),
    (How::Prefix, "get", Action::Get),
    (How::Prefix, "show", Action::Show),
    (How::Prefix, "lst", Action::Show),
    (How::Prefix, "list", Action::Show),
    (How::Prefix, "flush", Action::Flush),
    (How::Prefix, "help", Action::NotModelled),
];

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

/// The states as they are typed (`nud_state_a2n`).
const STATES: &Keywords<NeighbourState> = &[
    (How::Prefix, "permanent", NeighbourState::PERMANENT),
    (How::Prefix, "reachable", NeighbourState::REACHABLE),
    (How::Exact, "noarp", NeighbourState::NO_ARP),
    (How::Exact, "none", NeighbourState::empty()),
    (How::Exact, "stale", NeighbourState::STALE),
    (How::Exact, "incomplete", NeighbourState::INCOMPLETE),
    (How::Exact, "delay", NeighbourState::DELAY),
    (How::Exact, "probe", NeighbourState::PROBE),
    (How::Prefix, "failed", NeighbourState::FAILED),
];

/// Runs `ip neighbour`.
pub(super) fn run(mut command: Command<'_, '_>) -> Result<Status, Failure> {
    if command.options.family == Family::Link {
        return Err(Failure::NotModelled("ip -0 neighbour".to_owned()));
    }
    let Some(word) = command.words.next() else { return show(command) };
    let Some((full, action)) = keyword(ACTIONS, word) else { return Err(unknown_command("neigh", word)) };
    let name = format!("ip neighbour {full}");
    match action {
        Action::Show => show(command),
        Action::Get => get(command),
        Action::Flush => flush(command),
        Action::Add(how) => {
            let Command { options, mut words, context } = command;
            let request = Request::parse(&name, options.family, &mut words)?;
            let address = request.link_layer_address()?;
            let link = Links::read(context)?.require(&request.device)?;
            let address = address.as_deref().map(leading_address).transpose()?;
            let neighbour = NeighbourSpec {
                link,
                destination: request.destination.address,
                address,
                state: request.state,
            };
            apply(&Change::AddNeighbour { how, neighbour }, context)
        }
        Action::Delete => {
            let Command { options, mut words, context } = command;
            let request = Request::parse(&name, options.family, &mut words)?;
            request.link_layer_address()?;
            let link = Links::read(context)?.require(&request.device)?;
            apply(&Change::DeleteNeighbour { link, destination: request.destination.address }, context)
        }
        Action::NotModelled => Err(not_modelled("ip neighbour", full)),
    }
}

fn apply(change: &Change, context: &mut Context<'_>) -> Result<Status, Failure> {
    context.stack.apply(&context.namespace, change).map_err(refused)?;
    Ok(0)
}

/// The kernel takes the bytes that it needs and passes over the rest (`neigh_add`).
fn leading_address(bytes: &[u8]) -> Result<MacAddress, Failure> {
    let short = || refused(StackError::with_extack(Errno::EINVAL, "Invalid link address"));
    bytes.first_chunk().copied().map(MacAddress).ok_or_else(short)
}

fn state(word: &str) -> Option<NeighbourState> {
    if let Some((_, state)) = keyword(STATES, word) {
        return Some(state);
    }
    let bits = unsigned(word, 0xff).and_then(|bits| u16::try_from(bits).ok())?;
    (bits.count_ones() <= 1).then(|| NeighbourState::from_bits_truncate(bits))
}

#[derive(Clone, Copy)]
enum Keyword {
    LinkLayerAddress,
    State,
    Device,
    NotModelled,
}

/// `ipneigh_modify`.
const KEYWORDS: &Keywords<Keyword> = &[
    (How::Prefix, "lladdr", Keyword::LinkLayerAddress),
    (How::Exact, "nud", Keyword::State),
    (How::Prefix, "proxy", Keyword::NotModelled),
    (How::Exact, "router", Keyword::NotModelled),
    (How::Exact, "use", Keyword::NotModelled),
    (How::Exact, "managed", Keyword::NotModelled),
    (How::Prefix, "extern_learn", Keyword::NotModelled),
    (How::Exact, "dev", Keyword::Device),
    (How::Prefix, "protocol", Keyword::NotModelled),
];

/// An entry to make, to alter or to delete.
#[derive(Debug, PartialEq)]
struct Request {
    destination: GivenPrefix,
    device: String,
    address: Option<String>,
    state: NeighbourState,
}

impl Request {
    fn parse(name: &str, family: Family, words: &mut Words<'_>) -> Result<Request, Failure> {
        let mut destination = None;
        let mut device = None;
        let mut address = None;
        let mut state = NeighbourState::PERMANENT;
        while let Some(word) = words.next() {
            match keyword(KEYWORDS, word) {
                Some((full, Keyword::NotModelled)) => return Err(not_modelled(name, full)),
                Some((_, Keyword::LinkLayerAddress)) => {
                    let word = words.value()?;
                    if address.is_some() {
                        return Err(duplicate("lladdr", word));
                    }
                    address = Some(word.to_owned());
                }
                Some((_, Keyword::State)) => {
                    let word = words.value()?;
                    state = self::state(word).ok_or_else(|| invalid("nud state is bad", word))?;
                }
                Some((_, Keyword::Device)) => device = Some(words.value()?.to_owned()),
                None => {
                    let word = if word == "to" { words.value()? } else { word };
                    let word = if matches(word, "help") { words.value()? } else { word };
                    if destination.is_some() {
                        return Err(garbage("to", word));
                    }
                    destination = Some(inet::address(word, family)?);
                }
            }
        }
        match (destination.filter(|destination| destination.known), device) {
            (Some(destination), Some(device)) => Ok(Request { destination, device, address, state }),
            _ => Err(Failure::exit(USAGE, "Device and destination are required arguments.")),
        }
    }

    /// The bytes of the link-layer address; `null` stands for none.
    fn link_layer_address(&self) -> Result<Option<Vec<u8>>, Failure> {
        let given = self.address.as_deref().filter(|word| *word != "null");
        given.map(link_layer_address).transpose()
    }
}

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
        family: Family,
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
                    if prefix.known {
                        family = Family::Inet;
                    }
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

fn show(command: Command<'_, '_>) -> Result<Status, Failure> {
    let Command { options, mut words, context } = command;
    if options.statistics > 0 {
        return Err(not_modelled("ip -statistics", "neighbour"));
    }
    let states = NeighbourState::all() - NeighbourState::NO_ARP;
    let selection = Selection::parse("ip neighbour show", states, options.family, &mut words)?;
    let links = Links::read(context)?;
    let link = selection.link(&links)?;
    let neighbours = context.stack.neighbours(&context.namespace).map_err(refused)?;
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
    printer.string("dst", &destination, &pad(&destination, 39));
    if with_device {
        let name = links.name_of(neighbour.link);
        printer.text(if options.brief { "" } else { "dev " });
        printer.string("dev", &name, &pad(&name, 16));
    }
    if let Some(address) = neighbour.address {
        let address = address.to_string();
        let text = if options.brief { address.clone() } else { format!("lladdr {address} ") };
        printer.string("lladdr", &address, &text);
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
fn get(command: Command<'_, '_>) -> Result<Status, Failure> {
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
    let (Some(device), Some(destination)) = (device, destination.filter(|given| given.known)) else {
        return Err(Failure::exit(FAILED, "Device and address are required arguments."));
    };
    let links = Links::read(context)?;
    let link = links.require(device)?;
    let neighbours = context.stack.neighbours(&context.namespace).map_err(refused)?;
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
fn flush(command: Command<'_, '_>) -> Result<Status, Failure> {
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
        let mut neighbours = context.stack.neighbours(&context.namespace).map_err(refused)?;
        neighbours.retain(|neighbour| selection.takes(neighbour, link));
        if neighbours.is_empty() {
            if options.statistics > 0 {
                let plural = if round > 1 { "s" } else { "" };
                context.console.out(&match round {
                    0 => "Nothing to flush.\n".to_owned(),
                    _ => format!("*** Flush is complete after {round} round{plural} ***\n"),
                });
            }
            return Ok(0);
        }
        flush_round(&neighbours, context)?;
        if options.statistics > 0 {
            let text = format!("\n*** Round {}, deleting {} entries ***\n", round + 1, neighbours.len());
            context.console.out(&text);
        }
        selection.states -= NeighbourState::FAILED;
    }
    let text = format!("*** Flush not complete bailing out after {FLUSH_ROUNDS} rounds\n");
    context.console.out(&text);
    Ok(USAGE)
}

/// Deletes all of them; the first refusal counts.
fn flush_round(neighbours: &[NeighbourView], context: &mut Context<'_>) -> Result<(), Failure> {
    let mut first: Option<StackError> = None;
    for neighbour in neighbours {
        let change = Change::DeleteNeighbour { link: neighbour.link, destination: neighbour.destination };
        if let Err(error) = context.stack.apply(&context.namespace, &change) {
            first.get_or_insert(error);
        }
    }
    first.map_or(Ok(()), |error| {
        Err(programs::refused(error, FAILED, |errno| format!("Failed to send flush request: {errno}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    fn request(line: &str) -> Result<Request, Failure> {
        Request::parse("ip neighbour add", Family::Unspecified, &mut Words::new(&words(line)))
    }

    fn view(state: NeighbourState) -> NeighbourView {
        NeighbourView {
            link: IfIndex(3),
            destination: Ipv4Addr::new(10, 0, 0, 2),
            address: Some(MacAddress([2, 0, 0, 0, 0, 2])),
            state,
        }
    }

    #[test]
    fn an_entry_is_permanent_unless_said_otherwise() {
        let entry = request("10.0.0.2 lladdr 2:0:0:0:0:2 dev v0").expect("an entry");
        assert_eq!(entry.state, NeighbourState::PERMANENT);
        assert_eq!(entry.link_layer_address(), Ok(Some(vec![2, 0, 0, 0, 0, 2])));
        let entry = request("10.0.0.2 nud reach lladdr null dev v0").expect("an entry");
        assert_eq!(entry.state, NeighbourState::REACHABLE);
        assert_eq!(entry.link_layer_address(), Ok(None));
    }

    #[test]
    fn errors_are_those_of_the_real_program() {
        let required = "Device and destination are required arguments.";
        for (line, status, text) in [
            ("10.0.0.2 lladdr 2:0:0:0:0:2", 255, required),
            ("dev v0", 255, required),
            ("any dev v0", 255, required),
            ("10.0.0.2 nud x dev v0", 255, "Error: argument \"x\" is wrong: nud state is bad"),
            ("10.0.0.2 nud 5 dev v0", 255, "Error: argument \"5\" is wrong: nud state is bad"),
            ("x dev v0", 1, "Error: any valid address is expected rather than \"x\"."),
            ("1.1.1.1 1.1.1.2", 255, "Error: either \"to\" is duplicate, or \"1.1.1.2\" is a garbage."),
        ] {
            let expected = Failure::Exit { message: format!("{text}\n"), status };
            assert_eq!(request(line), Err(expected), "{line}");
        }
    }

    #[test]
    fn what_a_listing_and_a_flush_leave_out() {
        let take = |states, line: &str, state| {
            let words = words(line);
            let mut words = Words::new(if line.is_empty() { &[] } else { &words });
            let selection = Selection::parse("ip neighbour show", states, Family::Unspecified, &mut words);
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
