//! `ip link`: making, altering and deleting links (`ip/iplink.c`, `ip/link_veth.c`).

use super::args::{
    Deed, FAILED, How, Keywords, USAGE, Words, duplicate, garbage, integer, invalid, keyword,
    leading_integer, link_layer_address, matches, no_help, not_modelled, unknown_command,
};
use super::links::{self, Links};
use super::{Command, refused, show};
use crate::{Context, Failure, Status};
use vethlab_shared::change::{Change, LinkSettings, NewLink, NewLinkKind};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::{IfIndex, LinkName, NamespaceName};
use vethlab_shared::view::LinkFlags;

#[derive(Clone, Copy)]
enum Action {
    Add,
    Set,
    Delete,
    Show,
    NotModelled,
}

/// `do_iplink`.
const ACTIONS: &Keywords<Action> = &[
    (How::Prefix, "add", Action::Add),
    (How::Prefix, "set", Action::Set),
    (How::Prefix, "change", Action::Set),
    (How::Prefix, "replace", Action::NotModelled),
    (How::Prefix, "delete", Action::Delete),
    (How::Prefix, "show", Action::Show),
    (How::Prefix, "lst", Action::Show),
    (How::Prefix, "list", Action::Show),
    (How::Prefix, "xstats", Action::NotModelled),
    (How::Prefix, "afstats", Action::NotModelled),
    (How::Prefix, "property", Action::NotModelled),
    (How::Prefix, "help", Action::NotModelled),
];

/// What a word behind `ip link` does, and in full.
pub(super) fn verb(word: &str) -> Option<(&'static str, Deed)> {
    let (full, action) = keyword(ACTIONS, word)?;
    let deed = match action {
        Action::Show => Deed::Show,
        _ => Deed::Other,
    };
    Some((full, deed))
}

/// Runs `ip link`.
pub(super) fn run(mut command: Command<'_, '_>) -> Result<Status, Failure> {
    let Some(word) = command.words.next() else { return show::links(command) };
    let Some((full, action)) = keyword(ACTIONS, word) else { return Err(unknown_command("link", word)) };
    match action {
        Action::Show => show::links(command),
        Action::Add => modify(Verb::Add, &mut command),
        Action::Set => modify(Verb::Set, &mut command),
        Action::Delete => modify(Verb::Delete, &mut command),
        Action::NotModelled if full == "help" => {
            Err(no_help("ip link", ACTIONS, |action| !matches!(action, Action::NotModelled)))
        }
        Action::NotModelled => Err(not_modelled("ip link", full)),
    }
}

fn modify(verb: Verb, command: &mut Command<'_, '_>) -> Result<Status, Failure> {
    let stack = &mut *command.context.stack;
    let request = parse(verb, &mut |name| stack.has_namespace(name), &mut command.words)?;
    perform(request, command.context)?;
    Ok(0)
}

/// What is to become of the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Add,
    Set,
    Delete,
}

impl Verb {
    fn command(self) -> &'static str {
        match self {
            Verb::Add => "ip link add",
            Verb::Set => "ip link set",
            Verb::Delete => "ip link delete",
        }
    }
}

/// A whole command.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    verb: Verb,
    end: End,
    kind: Option<String>,
    /// The other end of a pair, or what is wrong behind the type: that counts only once the link is found.
    peer: Result<End, Failure>,
}

/// What the words say about one end of a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct End {
    /// The link to alter, or to make.
    device: Option<String>,
    /// The name to give, where it is another one.
    name: Option<String>,
    flags: LinkFlags,
    flags_mask: LinkFlags,
    index: Option<IfIndex>,
    mtu: Option<u32>,
    tx_queue_length: Option<u32>,
    address: Option<Vec<u8>>,
    broadcast: Option<Vec<u8>>,
    place: Option<Place>,
}

/// Where a link is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Namespace(NamespaceName),
    /// The namespace of a process. The first process is on the machine itself; there is no other.
    Process(i32),
}

#[derive(Clone, Copy)]
enum Keyword {
    Up,
    Down,
    Name,
    Index,
    Address,
    Broadcast,
    QueueLength,
    Mtu,
    Namespace,
    /// A flag, and whether `on` sets it.
    Flag(LinkFlags, bool),
    Type,
    NotModelled,
}

/// `iplink_parse`.
const KEYWORDS: &Keywords<Keyword> = &[
    (How::Exact, "up", Keyword::Up),
    (How::Exact, "down", Keyword::Down),
    (How::Exact, "name", Keyword::Name),
    (How::Exact, "index", Keyword::Index),
    (How::Prefix, "link", Keyword::NotModelled),
    (How::Prefix, "address", Keyword::Address),
    (How::Prefix, "broadcast", Keyword::Broadcast),
    (How::Exact, "brd", Keyword::Broadcast),
    (How::Prefix, "txqueuelen", Keyword::QueueLength),
    (How::Exact, "qlen", Keyword::QueueLength),
    (How::Prefix, "txqlen", Keyword::QueueLength),
    (How::Exact, "mtu", Keyword::Mtu),
    (How::Exact, "xdpgeneric", Keyword::NotModelled),
    (How::Exact, "xdpdrv", Keyword::NotModelled),
    (How::Exact, "xdpoffload", Keyword::NotModelled),
    (How::Exact, "xdp", Keyword::NotModelled),
    (How::Exact, "netns", Keyword::Namespace),
    (How::Exact, "multicast", Keyword::Flag(LinkFlags::MULTICAST, true)),
    (How::Exact, "allmulticast", Keyword::Flag(LinkFlags::ALL_MULTICAST, true)),
    (How::Exact, "promisc", Keyword::Flag(LinkFlags::PROMISCUOUS, true)),
    (How::Exact, "trailers", Keyword::Flag(LinkFlags::NO_TRAILERS, false)),
    (How::Exact, "arp", Keyword::Flag(LinkFlags::NO_ARP, false)),
    (How::Exact, "carrier", Keyword::NotModelled),
    (How::Exact, "vf", Keyword::NotModelled),
    (How::Prefix, "master", Keyword::NotModelled),
    (How::Exact, "vrf", Keyword::NotModelled),
    (How::Prefix, "nomaster", Keyword::NotModelled),
    (How::Prefix, "dynamic", Keyword::Flag(LinkFlags::DYNAMIC, true)),
    (How::Prefix, "type", Keyword::Type),
    (How::Prefix, "alias", Keyword::NotModelled),
    (How::Exact, "group", Keyword::NotModelled),
    (How::Exact, "mode", Keyword::NotModelled),
    (How::Exact, "state", Keyword::NotModelled),
    (How::Prefix, "numtxqueues", Keyword::NotModelled),
    (How::Prefix, "numrxqueues", Keyword::NotModelled),
    (How::Prefix, "addrgenmode", Keyword::NotModelled),
    (How::Prefix, "link-netns", Keyword::NotModelled),
    (How::Prefix, "link-netnsid", Keyword::NotModelled),
    (How::Exact, "protodown", Keyword::NotModelled),
    (How::Exact, "protodown_reason", Keyword::NotModelled),
    (How::Exact, "gso_max_size", Keyword::NotModelled),
    (How::Exact, "gso_max_segs", Keyword::NotModelled),
    (How::Exact, "gro_max_size", Keyword::NotModelled),
    (How::Exact, "parentdev", Keyword::NotModelled),
    (How::Prefix, "help", Keyword::NotModelled),
];

/// Kinds of link that iproute2 or the kernel knows and vethlab does not.
const OTHER_KINDS: &[&str] = &[
    "amt",
    "bareudp",
    "bond",
    "bridge",
    "dsa",
    "dummy",
    "erspan",
    "geneve",
    "gre",
    "gretap",
    "gtp",
    "ifb",
    "ip6erspan",
    "ip6gre",
    "ip6gretap",
    "ip6tnl",
    "ipip",
    "ipoib",
    "ipvlan",
    "ipvtap",
    "macsec",
    "macvlan",
    "macvtap",
    "netdevsim",
    "nlmon",
    "rmnet",
    "sit",
    "team",
    "vcan",
    "vlan",
    "vrf",
    "vti",
    "vxcan",
    "vxlan",
    "wwan",
    "xfrm",
    "virt_wifi",
    "hsr",
    "lowpan",
    "batadv",
    "wireguard",
    "tun",
    "nsim",
];

/// Tells whether there is a namespace of a name.
type Known<'a> = &'a mut dyn FnMut(&NamespaceName) -> Result<bool, StackError>;

/// Reads a whole command (`iplink_modify`).
fn parse(verb: Verb, known: Known<'_>, words: &mut Words<'_>) -> Result<Request, Failure> {
    let (end, kind) = parse_end(verb, known, words)?;
    let peer = parse_kind(verb, kind, known, words);
    let peer = if verb == Verb::Add { Ok(peer?) } else { peer };
    Ok(Request { verb, end, kind: kind.map(str::to_owned), peer })
}

/// Reads what stands behind the type: for a pair the other end.
fn parse_kind(
    verb: Verb,
    kind: Option<&str>,
    known: Known<'_>,
    words: &mut Words<'_>,
) -> Result<End, Failure> {
    match (kind, words.rest()) {
        (Some("veth"), []) => Ok(End::default()),
        (Some("veth"), [word, ..]) if word == "peer" => {
            words.next();
            let (far, kind) = parse_end(verb, known, words)?;
            if kind.is_some() { Err(duplicate("type", words.last())) } else { Ok(far) }
        }
        (Some("veth"), _) => Err(Failure::NotModelled("ip link help veth".to_owned())),
        (Some(kind), _) if OTHER_KINDS.contains(&kind) || kind.ends_with("_slave") => {
            Err(not_modelled(verb.command(), &format!("type {kind}")))
        }
        (Some(_), [word, ..]) if matches(word, "help") => {
            Err(Failure::NotModelled("ip link help".to_owned()))
        }
        (Some(_), [word, ..]) => {
            let text = format!("Garbage instead of arguments \"{word} ...\". Try \"ip link help\".");
            Err(Failure::exit(FAILED, text))
        }
        (None, _) if verb == Verb::Add => {
            Err(Failure::exit(FAILED, "Not enough information: \"type\" argument is required"))
        }
        (_, []) | (None, _) => Ok(End::default()),
    }
}

/// Reads what the words say about one end, up to and with its type.
fn parse_end<'a>(
    verb: Verb,
    known: Known<'_>,
    words: &mut Words<'a>,
) -> Result<(End, Option<&'a str>), Failure> {
    let mut end = End::default();
    // As long as `name` alone named the link, `dev` may still say otherwise.
    let mut device_given = false;
    let mut kind = None;
    while let Some(word) = words.next() {
        let Some((full, keyword)) = keyword(KEYWORDS, word) else {
            let name = if word == "dev" { words.value()? } else { word };
            if device_given {
                return Err(garbage("dev", name));
            }
            if name.is_empty() || name.contains(|c: char| c == '/' || is_space(c)) {
                return Err(invalid("\"dev\" not a valid ifname", name));
            }
            device_given = true;
            end.device = Some(name.to_owned());
            continue;
        };
        if matches!(keyword, Keyword::NotModelled) {
            return Err(not_modelled(verb.command(), full));
        }
        if matches!(keyword, Keyword::Type) {
            kind = Some(words.value()?);
            break;
        }
        set(&mut end, full, keyword, known, words)?;
    }
    check(verb, end).map(|end| (end, kind))
}

/// Takes one keyword with its value.
fn set(
    end: &mut End,
    full: &str,
    keyword: Keyword,
    known: Known<'_>,
    words: &mut Words<'_>,
) -> Result<(), Failure> {
    match keyword {
        Keyword::Up => end.flag(LinkFlags::UP, true),
        Keyword::Down => end.flag(LinkFlags::UP, false),
        Keyword::Name => {
            let name = words.value()?;
            if end.name.is_some() {
                return Err(duplicate("name", name));
            }
            if name.is_empty() || name.len() > 15 || name.contains(|c: char| c == '/' || is_space(c)) {
                return Err(invalid("\"name\" not a valid ifname", name));
            }
            end.name = Some(name.to_owned());
        }
        Keyword::Index => {
            let word = words.value()?;
            if end.index.is_some() {
                return Err(duplicate("index", word));
            }
            let index = u32::try_from(leading_integer(word)).ok().filter(|&index| index > 0);
            end.index = Some(IfIndex(index.ok_or_else(|| invalid("Invalid \"index\" value", word))?));
        }
        Keyword::Address => end.address = Some(link_layer_address(words.value()?)?),
        Keyword::Broadcast => end.broadcast = Some(link_layer_address(words.value()?)?),
        Keyword::QueueLength => quantity(&mut end.tx_queue_length, "txqueuelen", words)?,
        Keyword::Mtu => quantity(&mut end.mtu, "mtu", words)?,
        Keyword::Namespace => {
            let word = words.value()?;
            if end.place.is_some() {
                return Err(duplicate("netns", word));
            }
            end.place = Some(place(word, known)?);
        }
        Keyword::Flag(flag, on_sets) => match words.value()? {
            "on" => end.flag(flag, on_sets),
            "off" => end.flag(flag, !on_sets),
            word => {
                let text = format!("Error: argument of \"{full}\" must be \"on\" or \"off\", not \"{word}\"");
                return Err(Failure::exit(FAILED, text));
            }
        },
        Keyword::Type | Keyword::NotModelled => {}
    }
    Ok(())
}

/// Reads a number that may be given once. A negative one goes to the kernel as it is.
fn quantity(value: &mut Option<u32>, name: &str, words: &mut Words<'_>) -> Result<(), Failure> {
    let word = words.value()?;
    if value.is_some() {
        return Err(duplicate(name, word));
    }
    let number = integer(word).ok_or_else(|| invalid(&format!("Invalid \"{name}\" value\n"), word))?;
    *value = Some(number.cast_unsigned());
    Ok(())
}

/// A namespace by name or path, or by a process in it (`netns_get_fd`).
fn place(word: &str, known: Known<'_>) -> Result<Place, Failure> {
    let directories = ["/run/netns/", "/var/run/netns/"];
    let name = directories.iter().find_map(|directory| word.strip_prefix(directory)).unwrap_or(word);
    if let Ok(name) = NamespaceName::new(name)
        && known(&name).map_err(refused)?
    {
        return Ok(Place::Namespace(name));
    }
    if word == "/proc/1/ns/net" {
        return Ok(Place::Process(1));
    }
    integer(word).map(Place::Process).ok_or_else(|| invalid("Invalid \"netns\" value\n", word))
}

fn is_space(character: char) -> bool {
    character == ' ' || ('\t'..='\r').contains(&character)
}

/// The checks behind the last word that need no look at the links.
fn check(verb: Verb, mut end: End) -> Result<End, Failure> {
    end.device = end.device.or_else(|| end.name.clone());
    if end.name == end.device {
        end.name = None;
    }
    if verb == Verb::Add {
        if end.name.is_some() {
            let text = "both \"name\" and \"dev\" cannot be used when creating devices.";
            return Err(Failure::exit(USAGE, text));
        }
        end.name = end.device.take();
    } else {
        if end.index.is_some() && end.place.is_none() {
            let text = "index can be used only when creating devices or when moving device to another netns.";
            return Err(Failure::exit(USAGE, text));
        }
        if end.device.is_none() {
            return Err(Failure::exit(USAGE, "Not enough information: \"dev\" argument is required."));
        }
    }
    Ok(end)
}

/// Asks the stack for it.
fn perform(request: Request, context: &mut Context<'_>) -> Result<(), Failure> {
    let change = match request.verb {
        Verb::Add => {
            if request.kind.as_deref() != Some("veth") {
                return Err(refused(StackError::with_extack(Errno::EOPNOTSUPP, "Unknown device type")));
            }
            let kind = NewLinkKind::Veth { peer: request.peer?.settings()? };
            Change::AddLink(NewLink { end: request.end.settings()?, kind })
        }
        Verb::Set | Verb::Delete => {
            let link = existing(&request.end, context)?;
            request.peer?;
            match (request.verb, request.kind) {
                (Verb::Delete, _) => Change::DeleteLink(link),
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
    fn flag(&mut self, flag: LinkFlags, on: bool) {
        self.flags_mask |= flag;
        self.flags.set(flag, on);
    }

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
