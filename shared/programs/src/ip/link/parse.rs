//! What the words of `ip link add`, `set` and `delete` say (`iplink_parse` in `ip/iplink.c`).

use crate::Failure;
use crate::ip::args::{
    FAILED, How, Keywords, USAGE, Words, duplicate, garbage, integer, invalid, keyword, leading_integer,
    link_layer_address, matches, not_modelled,
};
use crate::ip::refused;
use vethlab_shared::change::BridgeSettings;
use vethlab_shared::error::StackError;
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::view::LinkFlags;

/// What is to become of the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
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
pub(super) struct Request {
    pub(super) verb: Verb,
    pub(super) end: End,
    pub(super) kind: Option<String>,
    /// What stands behind the type, or what is wrong there: that counts only once the link is found.
    pub(super) data: Result<KindData, Failure>,
}

/// What only a kind of link has.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum KindData {
    None,
    /// The other end of a pair.
    Peer(Box<End>),
    Bridge(BridgeSettings),
}

/// What the words say about one end of a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct End {
    /// The link to alter, or to make.
    pub(super) device: Option<String>,
    /// The name to give, where it is another one.
    pub(super) name: Option<String>,
    pub(super) flags: LinkFlags,
    pub(super) flags_mask: LinkFlags,
    pub(super) index: Option<IfIndex>,
    pub(super) mtu: Option<u32>,
    pub(super) tx_queue_length: Option<u32>,
    pub(super) address: Option<Vec<u8>>,
    pub(super) broadcast: Option<Vec<u8>>,
    pub(super) place: Option<Place>,
    /// The link to be a port of; 0 is none.
    pub(super) master: Option<IfIndex>,
}

/// Where a link is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
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
    Master,
    NoMaster,
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
    (How::Prefix, "master", Keyword::Master),
    (How::Exact, "vrf", Keyword::NotModelled),
    (How::Prefix, "nomaster", Keyword::NoMaster),
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

/// The words that completion offers.
pub(in crate::ip) fn keywords() -> Vec<&'static str> {
    super::super::args::modelled(KEYWORDS, |keyword| !matches!(keyword, Keyword::NotModelled))
}

/// Kinds of link that iproute2 or the kernel knows and vethlab does not.
const OTHER_KINDS: &[&str] = &[
    "amt",
    "bareudp",
    "bond",
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

/// What is asked of the stack while words are read.
pub(super) trait Names {
    /// Whether there is a namespace of a name.
    fn has_namespace(&mut self, name: &NamespaceName) -> Result<bool, StackError>;

    /// The number of the link that goes by a name (`ll_name_to_index`).
    fn link(&mut self, name: &str) -> Result<Option<IfIndex>, Failure>;
}

type Known<'a> = &'a mut dyn Names;

/// Reads a whole command (`iplink_modify`).
pub(super) fn parse(verb: Verb, known: Known<'_>, words: &mut Words<'_>) -> Result<Request, Failure> {
    let (end, kind) = parse_end(verb, known, words)?;
    let data = parse_kind(verb, kind, known, words);
    let data = if verb == Verb::Add { Ok(data?) } else { data };
    Ok(Request { verb, end, kind: kind.map(str::to_owned), data })
}

/// Reads what stands behind the type: for a pair the other end, for a bridge its settings.
fn parse_kind(
    verb: Verb,
    kind: Option<&str>,
    known: Known<'_>,
    words: &mut Words<'_>,
) -> Result<KindData, Failure> {
    match (kind, words.rest()) {
        (Some("bridge"), _) => super::bridge::parse(words).map(KindData::Bridge),
        (Some("veth"), []) => Ok(KindData::Peer(Box::default())),
        (Some("veth"), [word, ..]) if word == "peer" => {
            words.next();
            let (far, kind) = parse_end(verb, known, words)?;
            if kind.is_some() {
                Err(duplicate("type", words.last()))
            } else {
                Ok(KindData::Peer(Box::new(far)))
            }
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
        (_, []) | (None, _) => Ok(KindData::None),
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
        Keyword::Master => {
            let name = words.value()?;
            end.master = Some(known.link(name)?.ok_or_else(|| invalid("Device does not exist\n", name))?);
        }
        Keyword::NoMaster => end.master = Some(IfIndex(0)),
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
        && known.has_namespace(&name).map_err(refused)?
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

impl End {
    fn flag(&mut self, flag: LinkFlags, on: bool) {
        self.flags_mask |= flag;
        self.flags.set(flag, on);
    }
}
