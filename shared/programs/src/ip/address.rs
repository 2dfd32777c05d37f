//! `ip address`: giving addresses to links and taking them away (`ipaddr_modify` and `ipaddr_flush` in
//! `ip/ipaddress.c`).

use super::args::{
    FAILED, How, Keywords, Words, duplicate, garbage, invalid, keyword, matches, not_modelled,
};
use super::choices::{self, Choice, Choices, Deed};
use super::inet::{self, GivenPrefix};
use super::links::{self, Links};
use super::printer::Printer;
use super::show::{self, Selection};
use super::{Command, Options, Preferred, flush, refused};
use crate::{Context, Failure, Status};
use std::net::IpAddr;
use vethlab_shared::change::{AddressSpec, Change, Modify};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::family::Family;
use vethlab_shared::prefix::Prefix;
use vethlab_shared::view::{AddressFlags, AddressView, Scope};

/// How often a flush looks again (`max_flush_loops`).
const FLUSH_ROUNDS: u32 = 10;

/// What can be done with it.
#[derive(Clone, Copy)]
pub(super) enum Action {
    Add(Modify),
    Delete,
    Show,
    Flush,
}

/// `do_ipaddr`.
pub(super) const ACTIONS: Choices<Action> = Choices {
    page: &super::pages::ADDRESS,
    object: "address",
    words: &[
        Choice::new("add", Action::Add(Modify::ADD)),
        Choice::also("change", Action::Add(Modify::REPLACE)),
        Choice::exactly("chg", Action::Add(Modify::REPLACE)),
        Choice::also("replace", Action::Add(Modify::CREATE.union(Modify::REPLACE))),
        Choice::new("delete", Action::Delete),
        Choice::also("list", Action::Show),
        Choice::new("show", Action::Show),
        Choice::also("lst", Action::Show),
        Choice::new("flush", Action::Flush),
        Choice::not_modelled("save"),
        Choice::not_modelled("showdump"),
        Choice::not_modelled("restore"),
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

/// Runs `ip address`.
pub(super) fn run(mut command: Command<'_, '_>) -> Result<Status, Failure> {
    let Some(word) = command.words.next() else { return show::addresses(command) };
    let (_, action) = ACTIONS.choose(word)?;
    let Command { options, words, context } = &mut command;
    match action {
        Action::Show => show::addresses(command),
        Action::Flush => flush_all(options, words, context),
        Action::Add(_) | Action::Delete if options.family == Preferred::Link => {
            Err(Failure::NotModelled("ip -0 address".to_owned()))
        }
        Action::Add(how) => {
            let request = Request::parse(Verb::Add(how), options.family, words, context)?;
            request.perform(context)
        }
        Action::Delete => {
            let request = Request::parse(Verb::Delete, options.family, words, context)?;
            request.perform(context)
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Add(Modify),
    Delete,
}

/// What the words say.
#[derive(Debug, PartialEq)]
struct Request {
    verb: Verb,
    family: Preferred,
    local: Option<GivenPrefix>,
    /// The first address as it was typed, for a warning.
    local_word: String,
    peer: Option<GivenPrefix>,
    broadcast: Option<Broadcast>,
    label: Option<String>,
    scope: Option<Scope>,
    flags: AddressFlags,
    autojoin: bool,
    device: Option<String>,
}

/// Which broadcast address to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broadcast {
    /// The prefix with all host bits set: `+`.
    Ones,
    /// The prefix with all host bits clear: `-`.
    Zeros,
    /// This one.
    Given(GivenPrefix),
}

#[derive(Clone, Copy)]
enum Keyword {
    Peer,
    Broadcast,
    Scope,
    Device,
    Label,
    NotModelled,
}

const KEYWORDS: &Keywords<Keyword> = &[
    (How::Exact, "peer", Keyword::Peer),
    (How::Exact, "remote", Keyword::Peer),
    (How::Prefix, "broadcast", Keyword::Broadcast),
    (How::Exact, "brd", Keyword::Broadcast),
    (How::Exact, "anycast", Keyword::NotModelled),
    (How::Exact, "scope", Keyword::Scope),
    (How::Exact, "dev", Keyword::Device),
    (How::Exact, "label", Keyword::Label),
    (How::Prefix, "metric", Keyword::NotModelled),
    (How::Prefix, "priority", Keyword::NotModelled),
    (How::Prefix, "preference", Keyword::NotModelled),
    (How::Prefix, "valid_lft", Keyword::NotModelled),
    (How::Prefix, "preferred_lft", Keyword::NotModelled),
];

/// The words that completion offers.
pub(in crate::ip) fn keywords() -> Vec<&'static str> {
    super::args::modelled(KEYWORDS, |keyword| !matches!(keyword, Keyword::NotModelled))
}

impl Verb {
    fn command(self) -> &'static str {
        match self {
            Verb::Add(how) if how == Modify::ADD => "ip address add",
            Verb::Add(how) if how == Modify::REPLACE => "ip address change",
            Verb::Add(_) => "ip address replace",
            Verb::Delete => "ip address delete",
        }
    }
}

impl Request {
    fn new(verb: Verb, family: Preferred) -> Request {
        Request {
            verb,
            family,
            local: None,
            local_word: String::new(),
            peer: None,
            broadcast: None,
            label: None,
            scope: None,
            flags: AddressFlags::empty(),
            autojoin: false,
            device: None,
        }
    }

    /// Reads the words. Warnings go out at once, as they do there.
    fn parse(
        verb: Verb,
        family: Preferred,
        words: &mut Words<'_>,
        context: &mut Context<'_>,
    ) -> Result<Request, Failure> {
        let mut request = Request::new(verb, family);
        while let Some(word) = words.next() {
            match keyword(KEYWORDS, word) {
                Some((full, keyword)) => request.take(full, keyword, words)?,
                None if request.take_flag(word, context) => {}
                None => request.take_local(word, words)?,
            }
        }
        Ok(request)
    }

    fn take(&mut self, full: &str, keyword: Keyword, words: &mut Words<'_>) -> Result<(), Failure> {
        match keyword {
            Keyword::Peer => {
                let word = words.value()?;
                if self.peer.is_some_and(|peer| peer.bytes) {
                    return Err(duplicate("peer", word));
                }
                let peer = inet::prefix(word, self.family)?;
                self.family.learn(peer);
                self.peer = Some(peer);
            }
            Keyword::Broadcast => {
                let word = words.value()?;
                if self.broadcast.is_some() {
                    return Err(duplicate("broadcast", word));
                }
                self.broadcast = Some(match word {
                    "+" => Broadcast::Ones,
                    "-" => Broadcast::Zeros,
                    word => {
                        let given = inet::address(word, self.family)?;
                        self.family.learn(given);
                        Broadcast::Given(given)
                    }
                });
            }
            Keyword::Scope => {
                let word = words.value()?;
                let scope = super::names::scope(word).ok_or_else(|| invalid("invalid scope value.", word))?;
                self.scope = Some(scope);
            }
            Keyword::Device => self.device = Some(words.value()?.to_owned()),
            Keyword::Label => self.label = Some(words.value()?.to_owned()),
            Keyword::NotModelled => return Err(not_modelled(self.verb.command(), full)),
        }
        Ok(())
    }

    /// Takes a word for a flag; of those, IPv4 has few (`lookup_flag_data_by_name`).
    fn take_flag(&mut self, word: &str, context: &mut Context<'_>) -> bool {
        match word {
            "noprefixroute" => self.flags |= AddressFlags::NO_PREFIX_ROUTE,
            "autojoin" => self.autojoin = true,
            "nodad" | "optimistic" | "home" | "mngtmpaddr" => {
                let text = format!("Warning: {word} option can be set only for IPv6 addresses\n");
                context.console.err(&text);
            }
            "secondary" | "temporary" | "dadfailed" | "deprecated" | "tentative" | "permanent"
            | "stable-privacy" => {
                context.console.err(&format!("Warning: {word} option is not mutable from userspace\n"));
            }
            _ => return false,
        }
        true
    }

    fn take_local(&mut self, word: &str, words: &mut Words<'_>) -> Result<(), Failure> {
        let word = if word == "local" { words.value()? } else { word };
        if matches(word, "help") {
            return Err(ACTIONS.help());
        }
        if self.local.is_some_and(|local| local.bytes) {
            return Err(garbage("local", word));
        }
        let local = inet::prefix(word, self.family)?;
        self.family.learn(local);
        self.local = Some(local);
        self.local_word = word.to_owned();
        Ok(())
    }

    fn perform(self, context: &mut Context<'_>) -> Result<Status, Failure> {
        let Some(device) = &self.device else {
            return Err(Failure::exit(FAILED, "Not enough information: \"dev\" argument is required."));
        };
        if let Some(warning) = self.wildcard_warning() {
            context.console.err(&warning);
        }
        let broadcast = self.broadcast()?;
        let link = links::require(device, context)?;
        if self.autojoin {
            if !self.local.is_some_and(|local| local.address.is_multicast()) {
                return Err(Failure::exit(FAILED, "autojoin needs multicast address"));
            }
            return Err(not_modelled(self.verb.command(), "autojoin"));
        }
        // The kernel has nobody to ask about an address of no family.
        let Preferred::One(family) = self.family else {
            return Err(refused(Errno::EOPNOTSUPP.into()));
        };
        if matches!(self.broadcast, Some(Broadcast::Given(given)) if !given.bytes) {
            let error = StackError::with_extack(Errno::ERANGE, "Attribute failed policy validation");
            return Err(refused(error));
        }
        let address = AddressSpec {
            family,
            link,
            local: self.local.map(|local| local.address),
            peer: self.peer().map(|peer| peer.address),
            prefix_length: self.prefix_length(),
            broadcast,
            label: self.label.clone(),
            scope: self.scope(),
            flags: self.flags,
        };
        let change = match self.verb {
            Verb::Add(how) => Change::AddAddress { how, address },
            Verb::Delete => Change::DeleteAddress(address),
        };
        context.stack.apply(&context.namespace, &change).map_err(refused)?;
        Ok(0)
    }

    /// The address is all there is to say which one to delete, and says nothing of a prefix.
    fn is_wildcard(&self) -> bool {
        let no_peer = !self.peer.is_some_and(|peer| peer.bytes);
        let local = self.local.filter(|local| local.bytes);
        self.verb == Verb::Delete && no_peer && local.is_some_and(|local| !local.length_given)
    }

    fn wildcard_warning(&self) -> Option<String> {
        self.is_wildcard().then(|| {
            format!(
                "Warning: Executing wildcard deletion to stay compatible with old scripts.\n         \
                 Explicitly specify the prefix length ({}/32) to avoid this warning.\n         \
                 This special behaviour is likely to disappear in further releases,\n         \
                 fix your scripts!\n",
                self.local_word
            )
        })
    }

    /// The other end, or the address once more (`IFA_ADDRESS`).
    fn peer(&self) -> Option<GivenPrefix> {
        let given = self.peer.filter(|peer| peer.bytes);
        given.or(self.local.filter(|local| local.bytes && !self.is_wildcard()))
    }

    fn prefix_length(&self) -> u8 {
        let peer = self.peer.map_or(0, |peer| peer.length);
        if peer != 0 { peer } else { self.local.map_or(0, |local| local.length) }
    }

    /// The broadcast address; a prefix of 31 bits or more has none to make up.
    fn broadcast(&self) -> Result<Option<IpAddr>, Failure> {
        let rule = match self.broadcast {
            None => return Ok(None),
            Some(Broadcast::Given(given)) => return Ok(Some(given.address)),
            Some(_) if self.verb == Verb::Delete => return Ok(None),
            Some(rule) => rule,
        };
        if self.family != Preferred::One(Family::Inet) {
            return Err(Failure::exit(FAILED, "Broadcast can be set only for IPv4 addresses"));
        }
        let prefix = self.peer().map_or(Prefix::default_of(Family::Inet), |peer| peer.prefix());
        Ok(match rule {
            _ if prefix.length() > 30 => None,
            Broadcast::Ones => prefix.broadcast(),
            _ => Some(prefix.network().address()),
        })
    }

    /// The scope: that of the machine for 127.0.0.0/8, else anywhere (`default_scope`).
    fn scope(&self) -> Scope {
        let loopback = self.local.is_some_and(|local| local.bytes && local.address.is_loopback());
        match (self.scope, self.verb) {
            (Some(scope), _) => scope,
            (None, Verb::Add(_)) if loopback => Scope::HOST,
            (None, _) => Scope::UNIVERSE,
        }
    }
}

/// `ip address flush`: deletes what is selected, and looks again until nothing is left.
fn flush_all(options: &Options, words: &mut Words<'_>, context: &mut Context<'_>) -> Result<Status, Failure> {
    if words.rest().is_empty() {
        return Err(Failure::exit(FAILED, "Flush requires arguments."));
    }
    if options.family == Preferred::Link {
        return Err(Failure::exit(FAILED, "Cannot flush link addresses."));
    }
    let selection = Selection::parse("ip address flush", options.family, words)?;
    let links = Links::read(context)?;
    let link = selection.index(&links)?;
    if link.is_some_and(|link| links.get(link).is_none()) {
        let text = format!("RTNETLINK answers: {}\nFlush terminated", Errno::ENODEV);
        return Err(Failure::exit(FAILED, text));
    }
    for round in 0..FLUSH_ROUNDS {
        let addresses =
            context.stack.addresses(&context.namespace, selection.family.or_inet()).map_err(refused)?;
        let chosen: Vec<AddressView> = addresses
            .into_iter()
            .filter(|address| {
                link.is_none_or(|link| address.link == link) && selection.takes_address(address)
            })
            .collect();
        if chosen.is_empty() {
            flush::say_done(options, round, context);
            return Ok(0);
        }
        if options.statistics > 1 {
            context.console.out(&deleted(&chosen, &links, options));
        }
        flush_round(&chosen, context)?;
        flush::say_round(options, round + 1, chosen.len(), "addresses", context);
        if selection.primary_only() {
            flush::say_done(options, round + 1, context);
            return Ok(0);
        }
    }
    let text = format!("*** Flush remains incomplete after {FLUSH_ROUNDS} rounds. ***");
    // `do_cmd` turns the sign of what a subcommand returns, so that its 1 becomes 255.
    Err(Failure::exit(255, text))
}

/// What `-s -s` says of each address that goes.
fn deleted(addresses: &[AddressView], links: &Links, options: &Options) -> String {
    let mut printer = Printer::new(&Options { json: false, ..options.clone() });
    for address in addresses {
        let family = Family::of(address.local);
        printer.text(&format!("{}: {}    {family} ", address.link, links.name_of(address.link)));
        show::address_body(address, false, &mut printer);
    }
    printer.finish()
}

/// Deletes all of them. An address that the kernel took away with another is no error.
fn flush_round(addresses: &[AddressView], context: &mut Context<'_>) -> Result<(), Failure> {
    let deletions = addresses.iter().map(|address| {
        Change::DeleteAddress(AddressSpec {
            family: Family::of(address.local),
            link: address.link,
            local: Some(address.local),
            peer: Some(address.peer),
            prefix_length: address.prefix_length,
            broadcast: address.broadcast,
            label: Some(address.label.clone()),
            scope: address.scope,
            flags: address.flags,
        })
    });
    match flush::delete(deletions, context) {
        Err(error) if error.errno() != Some(Errno::EADDRNOTAVAIL) => Err(flush::round_refused(error, 255)),
        _ => Ok(()),
    }
}
