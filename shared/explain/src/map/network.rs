//! What the picture is of: namespaces, their links, and the wires between them.

use vethlab_shared::error::StackError;
use vethlab_shared::family::Family;
use vethlab_shared::name::{IfIndex, LinkName, NamespaceName};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::{AddressView, LinkFlags, LinkKind, LinkView};

/// All that a stack has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// The machine first, then the named namespaces, the oldest first.
    pub(super) namespaces: Vec<Namespace>,
    pub(super) wires: Vec<Wire>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Namespace {
    pub(super) name: NamespaceName,
    /// Whether it sends on what is for others (`net.ipv4.ip_forward`).
    pub(super) forwards: bool,
    pub(super) links: Vec<Link>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) name: LinkName,
    pub(super) state: State,
    /// Where it stands in the box of a bridge, where it is in one.
    pub(super) part: Option<Part>,
    /// As `ip addr` writes them, and what else is unusual: a small MTU, an end that is out of sight.
    pub(super) notes: Vec<String>,
    pub(super) has_wire: bool,
}

/// What a link is within the box of a bridge. The ports stand behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The bridge itself, which has ports.
    Bridge,
    /// A port that others stand behind.
    Port,
    /// The last of the ports.
    LastPort,
}

/// Whether frames can pass a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Up,
    Down,
    NoCarrier,
}

impl State {
    pub(super) fn word(self) -> &'static str {
        match self {
            State::Up => "up",
            State::Down => "down",
            State::NoCarrier => "no carrier",
        }
    }
}

/// A link by its place: which namespace, which of its links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct End {
    pub(super) namespace: usize,
    pub(super) link: usize,
}

/// A veth pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wire {
    pub(super) ends: [End; 2],
    /// Whether frames pass: both ends are up.
    pub(super) live: bool,
}

impl Namespace {
    /// Whether a bridge with ports is in it, so that the names of its links stand in boxes.
    pub(super) fn has_boxes(&self) -> bool {
        self.links.iter().any(|link| link.part.is_some())
    }

    /// What stands above it: its name, and whether it is a router.
    pub(super) fn title(&self) -> String {
        format!("{}{}", self.name, if self.forwards { " (forwards)" } else { "" })
    }
}

impl Network {
    /// Reads everything.
    pub fn read(stack: &mut dyn NetworkStack) -> Result<Network, StackError> {
        let mut names = stack.namespaces()?;
        names.push(NamespaceName::HOST);
        names.reverse();
        let mut links = Vec::new();
        for name in &names {
            links.push(ports_behind_bridges(&stack.links(name)?));
        }
        let mut network = Network::default();
        for (place, name) in names.iter().enumerate() {
            let addresses = stack.addresses(name, Family::Inet)?;
            let forwards = stack.sysctl(name, "net.ipv4.ip_forward")? == "1";
            let mut namespace = Namespace { name: name.clone(), forwards, links: Vec::new() };
            for (number, view) in links[place].iter().enumerate() {
                let end = End { namespace: place, link: number };
                let far = far_end(stack, &names, &links, place, view)?;
                if let Some(far) = far.filter(|far| end < *far) {
                    let far_view = &links[far.namespace][far.link];
                    let live = State::of(view) == State::Up && State::of(far_view) == State::Up;
                    network.wires.push(Wire { ends: [end, far], live });
                }
                let part = part_of(&links[place], number);
                namespace.links.push(Link { part, ..Link::new(view, &addresses, far.is_some()) });
            }
            network.namespaces.push(namespace);
        }
        Ok(network)
    }

    /// The place of a link, where the map has it.
    pub fn end(&self, namespace: &NamespaceName, link: &LinkName) -> Option<End> {
        let place = self.namespaces.iter().position(|known| known.name == *namespace)?;
        let number = self.namespaces[place].links.iter().position(|known| known.name == *link)?;
        Some(End { namespace: place, link: number })
    }

    /// The link at a place.
    pub(super) fn link(&self, end: End) -> &Link {
        &self.namespaces[end.namespace].links[end.link]
    }

    /// `red/veth-red`.
    pub(super) fn path(&self, end: End) -> String {
        format!("{}/{}", self.namespaces[end.namespace].name, self.link(end).name)
    }

    /// The other end of a link's wire.
    pub(super) fn far(&self, end: End) -> Option<End> {
        self.wires.iter().find_map(|wire| match wire.ends {
            [one, other] if one == end => Some(other),
            [one, other] if other == end => Some(one),
            _ => None,
        })
    }
}

/// The links in the order in which they are drawn: the ports of a bridge stand right behind it.
fn ports_behind_bridges(links: &[LinkView]) -> Vec<LinkView> {
    let is_here = |index: IfIndex| links.iter().any(|link| link.index == index);
    let mut ordered = Vec::new();
    for link in links.iter().filter(|link| !link.master.is_some_and(is_here)) {
        ordered.push(link.clone());
        ordered.extend(links.iter().filter(|port| port.master == Some(link.index)).cloned());
    }
    ordered
}

/// What the link at this place is within a bridge.
fn part_of(links: &[LinkView], place: usize) -> Option<Part> {
    let link = &links[place];
    let next = links.get(place + 1).and_then(|next| next.master);
    match link.master {
        Some(master) => Some(if next == Some(master) { Part::Port } else { Part::LastPort }),
        None => (next == Some(link.index)).then_some(Part::Bridge),
    }
}

/// Where the other end of a veth pair is; `None` for other links, and for one in a namespace without a name.
fn far_end(
    stack: &mut dyn NetworkStack,
    names: &[NamespaceName],
    links: &[Vec<LinkView>],
    place: usize,
    view: &LinkView,
) -> Result<Option<End>, StackError> {
    let Some(peer) = view.peer.filter(|_| view.kind == LinkKind::Veth) else { return Ok(None) };
    let Some(number) = view.peer_namespace_id else { return Ok(find(links, place, peer)) };
    for (namespace, name) in names.iter().enumerate() {
        if namespace != place && stack.namespace_id(&names[place], name)? == Some(number) {
            return Ok(find(links, namespace, peer));
        }
    }
    Ok(None)
}

fn find(links: &[Vec<LinkView>], namespace: usize, index: IfIndex) -> Option<End> {
    let link = links[namespace].iter().position(|link| link.index == index)?;
    Some(End { namespace, link })
}

impl State {
    fn of(view: &LinkView) -> State {
        match (view.has(LinkFlags::UP), view.has(LinkFlags::LOWER_UP)) {
            (false, _) => State::Down,
            (true, false) => State::NoCarrier,
            (true, true) => State::Up,
        }
    }
}

impl Link {
    fn new(view: &LinkView, addresses: &[AddressView], has_wire: bool) -> Link {
        let mut notes: Vec<String> =
            addresses.iter().filter(|address| address.link == view.index).map(written).collect();
        if view.mtu != view.kind.usual_mtu() {
            notes.push(format!("mtu {}", view.mtu));
        }
        if view.kind == LinkKind::Veth && !has_wire {
            notes.push("far end out of sight".to_owned());
        }
        Link { name: view.name.clone(), state: State::of(view), part: None, notes, has_wire }
    }
}

fn written(address: &AddressView) -> String {
    let (local, peer, length) = (address.local, address.peer, address.prefix_length);
    if local == peer { format!("{local}/{length}") } else { format!("{local} peer {peer}/{length}") }
}
