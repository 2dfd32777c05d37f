//! `ip neighbour`: the table of neighbours (`ip/ipneigh.c`).

mod show;

use super::args::{
    How, Keywords, USAGE, Words, duplicate, garbage, invalid, keyword, link_layer_address, matches,
    not_modelled, unsigned,
};
use super::choices::{self, Choice, Choices, Deed};
use super::inet::{self, GivenPrefix};
use super::links;
use super::{Command, Preferred, refused};
use crate::{Context, Failure, Status};
use vethlab_shared::change::{Change, Modify, NeighbourSpec};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::view::NeighbourState;

/// What can be done with it.
#[derive(Clone, Copy)]
pub(super) enum Action {
    Add(Modify),
    Delete,
    Get,
    Show,
    Flush,
}

/// `do_ipneigh`.
pub(super) const ACTIONS: Choices<Action> = Choices {
    page: &super::pages::NEIGHBOUR,
    object: "neigh",
    words: &[
        Choice::new("add", Action::Add(Modify::ADD)),
        Choice::also("change", Action::Add(Modify::REPLACE)),
        Choice::exactly("chg", Action::Add(Modify::REPLACE)),
        Choice::new("replace", Action::Add(Modify::CREATE.union(Modify::REPLACE))),
        Choice::new("delete", Action::Delete),
        Choice::also("get", Action::Get),
        Choice::new("show", Action::Show),
        Choice::also("lst", Action::Show),
        Choice::also("list", Action::Show),
        Choice::new("flush", Action::Flush),
        Choice::not_modelled("help"),
    ],
};

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

impl choices::Action for Action {
    fn deed(self) -> Deed {
        match self {
            Action::Show => Deed::Show,
            Action::Get => Deed::Tell,
            _ => Deed::Other,
        }
    }
}

/// Runs `ip neighbour`.
pub(super) fn run(mut command: Command<'_, '_>) -> Result<Status, Failure> {
    if command.options.family == Preferred::Link {
        return Err(Failure::NotModelled("ip -0 neighbour".to_owned()));
    }
    let Some(word) = command.words.next() else { return show::show(command) };
    let (full, action) = ACTIONS.choose(word)?;
    let name = format!("ip neighbour {full}");
    match action {
        Action::Show => show::show(command),
        Action::Get => show::get(command),
        Action::Flush => show::flush_entries(command),
        Action::Add(how) => {
            let Command { options, mut words, context } = command;
            let request = Request::parse(&name, options.family, &mut words)?;
            let address = request.link_layer_address()?;
            let link = links::require(&request.device, context)?;
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
            let link = links::require(&request.device, context)?;
            apply(&Change::DeleteNeighbour { link, destination: request.destination.address }, context)
        }
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

/// The words that completion offers.
pub(in crate::ip) fn keywords() -> Vec<&'static str> {
    super::args::modelled(KEYWORDS, |keyword| !matches!(keyword, Keyword::NotModelled))
}

/// An entry to make, to alter or to delete.
#[derive(Debug, PartialEq)]
struct Request {
    destination: GivenPrefix,
    device: String,
    address: Option<String>,
    state: NeighbourState,
}

impl Request {
    fn parse(name: &str, family: Preferred, words: &mut Words<'_>) -> Result<Request, Failure> {
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
        match (destination.filter(|destination| destination.family.is_some()), device) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    fn request(line: &str) -> Result<Request, Failure> {
        Request::parse("ip neighbour add", Preferred::Any, &mut Words::new(&words(line)))
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
}
