//! Connection tracking (`net/netfilter/nf_conntrack_core.c`): to which conversation a packet belongs.
//!
//! A namespace tracks nothing until a rule needs it. A new connection travels with its first packet
//! ([`Tracked::New`]), and is known to others once that has passed all hooks ([`Confirm`]).

mod connection;
mod ecache;
mod table;
mod tcp;
mod tuple;
mod view;

pub(crate) use connection::{Connection, Direction, Protocol, Status, translates};
pub(crate) use ecache::Noted;
pub(crate) use table::{ConnectionId, Connections};
pub(crate) use tuple::Tuple;

use crate::hook::{Context, Function, Host, Verdict};
use crate::id::NamespaceId;
use crate::packet::Packet;
use crate::runtime::Runtime;
use crate::sysctl::{Conntrack, Sysctls};
use crate::world::World;
use std::sync::Arc;
use vethlab_shared::event::{DropReason, Hook};
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::wire::icmp::HEADER_LENGTH as ICMP_HEADER;
use vethlab_shared::wire::ipv4::protocol;
use vethlab_shared::wire::{Icmp, Ipv4, checksum, icmp};

/// Behind so much time a conversation in both directions is more than a question and its answer (`stream_ts`).
const UDP_STREAM_AFTER: Duration = Duration::from_secs(2);
/// So many connections are known at the most (`nf_conntrack_max`), as on a machine with more than 4 GiB of memory.
pub(crate) const MOST: usize = 262_144;
/// The highest type of ICMP that was ever given a meaning (`NR_ICMP_TYPES`).
const LAST_ICMP_TYPE: u8 = 18;

/// What is known of a packet beside what it carries.
#[derive(Clone, Copy)]
struct Arrival<'a> {
    direction: Direction,
    /// Its length in bytes, with all headers behind the link's.
    length: usize,
    now: Instant,
    settings: &'a Sysctls,
}

/// What a packet is to its connection (`enum ip_conntrack_info`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Info {
    pub(crate) part: Part,
    pub(crate) direction: Direction,
}

/// Which part it plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    New,
    Established,
    /// An ICMP error about it.
    Related,
}

/// What is known of a packet's connection (`skb->_nfct`).
#[derive(Clone, Debug)]
pub(crate) enum Tracked {
    /// A rule says not to track it (`IP_CT_UNTRACKED`).
    Untracked,
    /// It begins one that nobody else knows of yet.
    New(Box<Connection>),
    Known(ConnectionId, Info),
    /// It ends one, which nobody else knows of any more.
    Ended(Box<Connection>, Info),
}

/// What a protocol says of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tracking {
    Valid,
    /// It can be part of no connection.
    Invalid,
    /// The connection is over, and the packet may begin another one (`NF_REPEAT`).
    Again,
    /// The connection ends with this packet.
    Over,
}

impl Tracked {
    /// What the packet is to its connection.
    pub(crate) fn info(&self) -> Option<Info> {
        match self {
            Tracked::Untracked => None,
            Tracked::New(_) => Some(Info { part: Part::New, direction: Direction::Original }),
            Tracked::Known(_, info) | Tracked::Ended(_, info) => Some(*info),
        }
    }

    /// The connection.
    pub(crate) fn connection<'a>(&'a self, known: &'a Connections) -> Option<&'a Connection> {
        match self {
            Tracked::Untracked => None,
            Tracked::New(connection) | Tracked::Ended(connection, _) => Some(connection),
            Tracked::Known(id, _) => known.get(*id),
        }
    }

    /// The same, to alter.
    pub(crate) fn connection_mut<'a>(
        &'a mut self,
        known: &'a mut Arc<Connections>,
    ) -> Option<&'a mut Connection> {
        match self {
            Tracked::Untracked => None,
            Tracked::New(connection) | Tracked::Ended(connection, _) => Some(connection),
            Tracked::Known(id, _) => Arc::make_mut(known).get_mut(*id),
        }
    }
}

/// Finds the connection that a packet belongs to (`nf_conntrack_in`), at `PRE_ROUTING` and `LOCAL_OUT`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Track;

/// Makes a new connection known, behind all other functions of `LOCAL_IN` and `POST_ROUTING`, and has told what a packet brought
/// about (`nf_conntrack_confirm`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Confirm;

impl Function for Track {
    fn run(&self, host: &mut Host<'_>, context: &Context, packet: &mut Packet) -> Verdict {
        // What comes by loopback keeps what is known of it.
        if packet.connection.is_none() {
            packet.connection = track(host, context, packet);
            let connections = &mut host.runtime.connections;
            if matches!(packet.connection, Some(Tracked::New(_))) && connections.len() >= MOST {
                Arc::make_mut(connections).collect_garbage(host.now);
                // The kernel may take out another one that is near it in its hash (`early_drop`).
                if connections.len() >= MOST {
                    return Verdict::Drop(DropReason::NetfilterDrop);
                }
            }
        }
        Verdict::Accept
    }
}

/// `None` where the packet is part of no connection that could be: it is invalid then.
fn track(host: &mut Host<'_>, context: &Context, packet: &Packet) -> Option<Tracked> {
    let (runtime, settings, now) = (&mut *host.runtime, &host.net.sysctls, host.now);
    let noted = host.is_heard.then(Noted::default);
    let bytes = packet.network();
    let header = Ipv4::new_unchecked(bytes);
    let checks = settings.conntrack(Conntrack::Checksum) != 0 && context.point == Hook::PreRouting;
    if checks && !packet.checksum_partial && !is_intact(header) {
        return None;
    }
    if header.protocol() == protocol::ICMP {
        let message = Icmp::new(packet.transport())?;
        if message.kind() > LAST_ICMP_TYPE {
            return None;
        }
        if icmp::quotes(message.kind()) {
            return related(runtime, now, bytes, &packet.transport()[ICMP_HEADER..]);
        }
    }
    let tuple = Tuple::of(bytes)?;
    let arrival = |direction| Arrival { direction, length: bytes.len(), now, settings };
    // A connection that is over may be opened again: then it is looked for once more.
    for _ in 0..2 {
        let found = runtime.connections.find(&tuple, now);
        let Some((id, direction)) = found else {
            let arrival = arrival(Direction::Original);
            let connection = new_connection(tuple, packet.transport(), &arrival, noted)?;
            return Some(Tracked::New(Box::new(connection)));
        };
        let connections = Arc::make_mut(&mut runtime.connections);
        let connection = connections.get_mut(id)?;
        let answered = direction == Direction::Reply || connection.status.contains(Status::SEEN_REPLY);
        match protocol_packet(connection, packet.transport(), &arrival(direction)) {
            Tracking::Invalid => return None,
            Tracking::Again => {
                connections.remove(id);
                continue;
            }
            Tracking::Over => {
                let info = Info { part: Part::Established, direction };
                return connections.remove(id).map(|ended| Tracked::Ended(Box::new(ended), info));
            }
            Tracking::Valid => {}
        }
        if direction == Direction::Reply
            && let Some(connection) = connections.get_mut(id)
            && !connection.status.contains(Status::SEEN_REPLY)
        {
            connection.status |= Status::SEEN_REPLY;
            connection.note(Noted::REPLY);
        }
        let part = if answered { Part::Established } else { Part::New };
        return Some(Tracked::Known(id, Info { part, direction }));
    }
    None
}

/// Whether the checksum of what a packet carries is right (`nf_ip_checksum`), for the protocols that are looked into.
fn is_intact(header: Ipv4<'_>) -> bool {
    let payload = header.payload();
    match header.protocol() {
        protocol::ICMP => Icmp::new_unchecked(payload).checksum_ok(),
        protocol::UDP => {
            let unused = payload.get(6..8) == Some(&[0, 0]);
            unused || transport_is_intact(header, payload)
        }
        protocol::TCP => transport_is_intact(header, payload),
        _ => true,
    }
}

fn transport_is_intact(header: Ipv4<'_>, payload: &[u8]) -> bool {
    checksum::transport_checksum(header.source(), header.destination(), header.protocol(), payload) == 0
}

/// The connection that an ICMP error is about (`nf_conntrack_inet_error`): it quotes a packet, so that an answer to that one
/// goes the way of the error.
fn related(runtime: &Runtime, now: Instant, packet: &[u8], quoted: &[u8]) -> Option<Tracked> {
    let inner = Tuple::of(quoted)?.inverse()?;
    let (id, direction) = runtime.connections.find(&inner, now)?;
    let expected = runtime.connections.get(id)?.tuple(direction).destination;
    let right = Ipv4::new_unchecked(packet).destination() == expected;
    right.then_some(Tracked::Known(id, Info { part: Part::Related, direction }))
}

/// A connection that a packet begins (`init_conntrack`); `None` where such a packet begins none.
fn new_connection(
    tuple: Tuple,
    payload: &[u8],
    arrival: &Arrival<'_>,
    noted: Option<Noted>,
) -> Option<Connection> {
    let reply = tuple.inverse()?;
    let Arrival { now, settings, .. } = *arrival;
    let state = match tuple.protocol {
        protocol::ICMP if !tuple::asks((tuple.to >> 8) as u8) => return None,
        protocol::UDP => Protocol::Udp { stream_from: now + UDP_STREAM_AFTER },
        protocol::TCP => Protocol::Tcp(tcp::TcpTrack::new(payload, settings)?),
        _ => Protocol::Other,
    };
    let counted = settings.conntrack(Conntrack::Acct) != 0;
    let mut connection = Connection {
        original: tuple,
        reply,
        status: Status::empty(),
        mark: 0,
        protocol: state,
        expires: now,
        masquerades_by: None,
        counters: counted.then(Box::default),
        noted,
    };
    let valid = protocol_packet(&mut connection, payload, arrival);
    matches!(valid, Tracking::Valid).then_some(connection)
}

/// Takes a packet into account (`nf_conntrack_handle_packet`).
fn protocol_packet(connection: &mut Connection, payload: &[u8], arrival: &Arrival<'_>) -> Tracking {
    let setting = match connection.protocol {
        Protocol::Tcp(_) => return tcp::packet(connection, payload, arrival),
        Protocol::Udp { stream_from } => {
            let both = connection.status.contains(Status::SEEN_REPLY);
            let stream = both && arrival.now > stream_from;
            if stream {
                connection.assure();
            }
            if stream { Conntrack::UdpStreamTimeout } else { Conntrack::UdpTimeout }
        }
        Protocol::Other if connection.original.protocol == protocol::ICMP => Conntrack::IcmpTimeout,
        Protocol::Other => Conntrack::GenericTimeout,
    };
    connection.refresh(arrival, arrival.settings.conntrack(setting));
    Tracking::Valid
}

impl Function for Confirm {
    /// `__nf_conntrack_confirm`: where another connection has one of the tuples by now, the packet ends.
    fn run(&self, host: &mut Host<'_>, _: &Context, packet: &mut Packet) -> Verdict {
        if let Some(Tracked::Known(id, _)) = packet.connection {
            let connections = &mut host.runtime.connections;
            let noted = connections.get(id).and_then(|connection| connection.noted);
            if noted.is_some_and(|noted| !noted.is_empty()) {
                Arc::make_mut(connections).tell_noted(id);
            }
            return Verdict::Accept;
        }
        if !matches!(packet.connection, Some(Tracked::New(_))) {
            return Verdict::Accept;
        }
        let Some(Tracked::New(mut connection)) = packet.connection.take() else { return Verdict::Accept };
        let connections = Arc::make_mut(&mut host.runtime.connections);
        let taken = |tuple: &Tuple| connections.find(tuple, host.now).is_some();
        if taken(&connection.original) || taken(&connection.reply) {
            return Verdict::Drop(DropReason::NetfilterDrop);
        }
        if connections.len().is_power_of_two() {
            connections.collect_garbage(host.now);
        }
        connection.status |= Status::CONFIRMED;
        connection.note(Noted::NEW);
        let id = connections.insert(*connection);
        connections.tell_noted(id);
        let info = Info { part: Part::New, direction: Direction::Original };
        packet.connection = Some(Tracked::Known(id, info));
        Verdict::Accept
    }
}

impl World {
    /// What an answer of this machine's own is to the connection of the packet that it is about (`nf_ct_attach`): that may not
    /// be known to others yet.
    pub(crate) fn related_to(&self, at: NamespaceId, packet: &Packet) -> Option<Tracked> {
        let tracked = packet.connection.as_ref()?;
        let info = Info { part: Part::Related, direction: tracked.info()?.direction.opposite() };
        match tracked {
            Tracked::Known(id, _) => Some(Tracked::Known(*id, info)),
            other => {
                let connection = other.connection(&self.runtime(at).connections)?;
                Some(Tracked::Ended(Box::new(connection.clone()), info))
            }
        }
    }
}
