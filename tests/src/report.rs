//! What came of a list of operations: everything that can be seen of a stack, as lines of text.
//!
//! Two stacks agree when their reports are equal. What is left out, because it differs between two runs on one
//! and the same kernel: the identification of IPv4 packets (random), also where an ICMP error quotes it along
//! with the header checksum over it; the order of the neighbour table (a hash with a random key); times; where the numbers of TCP begin; and the order of
//! the frames of an operation by which so many arrive that what sends may go on meanwhile.

mod datagrams;
mod frames;
mod segments;
mod streams;

use crate::generate::CONF;
use crate::operation::{Action, Operation, Ping};
use frames::{describe, describe_icmp, hexadecimal, put_frames};
use std::fmt::{Debug, Write};
use std::net::IpAddr;
use std::time::Duration;
use vethlab_engine::compare::{Row, align};
use vethlab_shared::change::Change;
use vethlab_shared::error::StackError;
use vethlab_shared::event::Event;
use vethlab_shared::family::Family;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::netfilter::Table;
use vethlab_shared::socket::{Received, SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Instant;
use vethlab_shared::view::{FdbEntry, LinkView, NeighbourState, NeighbourView, RouteLookup, SocketView};
use vethlab_shared::wire::icmp;

/// How long nothing must arrive for an echo request to count as unanswered.
const UNANSWERED: Duration = Duration::from_millis(20);

/// How long nothing must arrive after an answer for it to be the last.
const ANSWERED: Duration = Duration::from_millis(2);

/// The identifier of every echo request.
const IDENTIFIER: [u8; 2] = [0x76, 0x65];

/// What came of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What the stack answered, which frames passed on each link, and every table afterwards.
    pub seen: String,
    /// What the stack told of it.
    pub events: Vec<Event>,
    /// How long after the first operation's start it began: the tables of the one before had been read.
    pub began: Duration,
    /// How long after the first operation's start it was over.
    pub ended: Duration,
    /// Whether the stack says that it does not model what was asked.
    pub not_modelled: bool,
}

/// Does the operations one after another. With `pace`, lets each begin and end no sooner than it says: a simulated stack
/// keeps step so with a real one, where every call takes time.
pub fn run(stack: &mut dyn NetworkStack, operations: &[Operation], pace: &[Step]) -> Vec<Step> {
    stack.observe(true);
    do_all(stack, operations, pace)
}

/// The same with nobody listening: no events are told, and so no frames are seen.
pub fn run_unobserved(stack: &mut dyn NetworkStack, operations: &[Operation]) -> Vec<Step> {
    stack.observe(false);
    do_all(stack, operations, &[])
}

fn do_all(stack: &mut dyn NetworkStack, operations: &[Operation], pace: &[Step]) -> Vec<Step> {
    let mut observer = Observer { start: stack.now(), stack };
    let numbered = operations.iter().enumerate();
    numbered.map(|(number, operation)| observer.step(number, operation, pace.get(number))).collect()
}

/// Shows where two reports part, at the first operation that they differ in; `None` where they do not. An
/// operation that one of the stacks does not model ends the comparison.
pub fn difference(operations: &[Operation], names: [&str; 2], reports: [&[Step]; 2]) -> Option<String> {
    let [first, second] = reports;
    let steps = operations.iter().zip(first.iter().zip(second)).enumerate();
    for (number, (operation, (one, other))) in steps {
        if one.not_modelled || other.not_modelled {
            return None;
        }
        if one.seen != other.seen {
            let mut shown =
                format!("operation {}: {operation:?}\n- {}\n+ {}\n", number + 1, names[0], names[1]);
            for row in align(&one.seen, &other.seen) {
                let _ = match row {
                    Row::Same(_) => Ok(()),
                    Row::Changed(left, right) => writeln!(shown, "- {left}\n+ {right}"),
                    Row::Left(left) => writeln!(shown, "- {left}"),
                    Row::Right(right) => writeln!(shown, "+ {right}"),
                };
            }
            return Some(shown);
        }
    }
    None
}

/// Watches a stack while operations are done to it.
struct Observer<'a> {
    stack: &'a mut dyn NetworkStack,
    start: Instant,
}

impl Observer<'_> {
    fn step(&mut self, number: usize, operation: &Operation, pace: Option<&Step>) -> Step {
        let mut seen = String::new();
        let mut not_modelled = false;
        let namespace = &operation.namespace;
        self.keep_step(pace.map(|pace| pace.began), &mut seen);
        let began = self.stack.now().since(self.start);
        match &operation.action {
            Action::Change(change) => {
                if let Change::DeleteNamespace(name) = change {
                    self.drop_waiting_packets(name, &mut seen);
                }
                let result = self.stack.apply(namespace, change);
                not_modelled = matches!(result, Err(StackError::NotModelled(_)));
                put(&mut seen, "result", &result);
            }
            Action::Lookup(query) => {
                let answer = self.stack.lookup_route(namespace, query);
                let timeless =
                    |answer: RouteLookup| (answer.expires.is_some(), RouteLookup { expires: None, ..answer });
                put(&mut seen, "lookup", &answer.map(timeless));
            }
            Action::Wait(time) => {
                let until = self.stack.now() + *time;
                put(&mut seen, "wait", &self.stack.run_until(until, &[]));
            }
            Action::Ping(ping) => self.ping(namespace, ping, number as u16, &mut seen),
            Action::Udp(udp) => datagrams::exchange(self.stack, namespace, udp, &mut seen),
            Action::Tcp(tcp) => streams::exchange(self.stack, namespace, tcp, &mut seen),
        }
        self.keep_step(pace.map(|pace| pace.ended), &mut seen);
        let (tables, ended, events) = self.quiet_tables();
        let defragmented = self.has_rules();
        put_frames(&mut seen, &events, defragmented);
        seen += &tables;
        if let Action::Change(Change::SetSysctl { name, .. }) = &operation.action {
            self.put_settings(namespace, name, &mut seen);
        }
        Step { seen, events, began, ended, not_modelled }
    }

    /// Every table, when that was, and what was told up to then. A real stack takes a while to show them all: where
    /// something happens meanwhile, they are read again.
    fn quiet_tables(&mut self) -> (String, Duration, Vec<Event>) {
        /// How often they are read at the most.
        const MOST: usize = 5;
        let mut events = Vec::new();
        let mut read = 0;
        loop {
            let ended = self.stack.now().since(self.start);
            events.extend(self.stack.take_events());
            let mut tables = String::new();
            self.put_tables(&mut tables);
            let meanwhile = self.stack.take_events();
            read += 1;
            let quiet = meanwhile.is_empty();
            events.extend(meanwhile);
            if quiet || read == MOST {
                return (tables, ended, events);
            }
        }
    }

    /// Lets time pass until so long after the start, if it is said.
    fn keep_step(&mut self, until: Option<Duration>, seen: &mut String) {
        let passed = until.map_or(Ok(()), |until| self.stack.run_until(self.start + until, &[]));
        put(seen, "pace", &passed);
    }

    /// Sends an echo request as `ping` does, and puts down what came of it.
    fn ping(&mut self, namespace: &NamespaceName, ping: &Ping, number: u16, seen: &mut String) {
        let result = self.probe(namespace, ping);
        put(seen, "source", &result);
        if result.is_err() {
            return;
        }
        match self.echo(namespace, ping, number) {
            Ok(heard) => heard.iter().for_each(|received| put_received(seen, received)),
            Err(error) => put(seen, "echo", &error),
        }
    }

    /// Which source address an echo request gets: what `ping` finds out with a connected UDP socket.
    fn probe(&mut self, namespace: &NamespaceName, ping: &Ping) -> Result<IpAddr, StackError> {
        let socket = self.stack.open(namespace, &SocketKind::Udp(Family::Inet))?;
        let result = self.connect(socket, ping);
        self.stack.close(socket);
        result
    }

    fn connect(&mut self, socket: SocketId, ping: &Ping) -> Result<IpAddr, StackError> {
        self.choose(socket, ping)?;
        self.stack.connect(socket, (ping.destination, 1025).into())?;
        Ok(self.stack.local_address(socket)?.ip())
    }

    fn echo(
        &mut self,
        namespace: &NamespaceName,
        ping: &Ping,
        number: u16,
    ) -> Result<Vec<Received>, StackError> {
        let socket = self.stack.open(namespace, &SocketKind::Icmp(Family::Inet))?;
        let result = self.exchange(socket, ping, number);
        self.stack.close(socket);
        result
    }

    fn exchange(&mut self, socket: SocketId, ping: &Ping, number: u16) -> Result<Vec<Received>, StackError> {
        self.choose(socket, ping)?;
        self.stack.set_option(socket, &SocketOption::ReceiveErrors(true))?;
        if let Some(how) = ping.mtu_discovery {
            self.stack.set_option(socket, &SocketOption::MtuDiscovery(how))?;
        }
        if let Some(hops) = ping.time_to_live {
            self.stack.set_option(socket, &SocketOption::TimeToLive(hops))?;
        }
        self.stack.send(socket, (ping.destination, 0).into(), &echo_request(number, ping.size))?;
        let mut heard = Vec::new();
        loop {
            let quiet = if heard.is_empty() { UNANSWERED } else { ANSWERED };
            let until = self.stack.now() + quiet;
            self.stack.run_until(until, &[socket])?;
            let before = heard.len();
            while let Some(received) = self.stack.receive(socket)? {
                heard.push(received);
            }
            if heard.len() == before {
                return Ok(heard);
            }
        }
    }

    /// Sets what decides on the route.
    fn choose(&mut self, socket: SocketId, ping: &Ping) -> Result<(), StackError> {
        if let Some(link) = &ping.link {
            self.stack.set_option(socket, &SocketOption::Device(link.clone()))?;
        }
        if ping.broadcast {
            self.stack.set_option(socket, &SocketOption::Broadcast(true))?;
        }
        match ping.source {
            Some(source) => self.stack.bind(socket, (source, 0).into()),
            None => Ok(()),
        }
    }

    /// The namespaces, the machine's own first, then as the stack lists them.
    fn namespaces(&mut self) -> Result<Vec<NamespaceName>, StackError> {
        let named = self.stack.namespaces()?;
        Ok([NamespaceName::HOST].into_iter().chain(named).collect())
    }

    /// Has a namespace's packets not wait for ARP any more: Linux keeps a deleted namespace alive until the last
    /// of them is gone, which takes three seconds, and asks on behalf of them meanwhile.
    fn drop_waiting_packets(&mut self, namespace: &NamespaceName, seen: &mut String) {
        for neighbour in self.stack.neighbours(namespace, Family::Inet).unwrap_or_default() {
            if neighbour.state == NeighbourState::INCOMPLETE {
                let NeighbourView { link, destination, .. } = neighbour;
                let change = Change::DeleteNeighbour { link, destination };
                put(seen, "dropped", &self.stack.apply(namespace, &change));
                // The errors that tell of it still leave.
                let until = self.stack.now() + ANSWERED;
                put(seen, "errors", &self.stack.run_until(until, &[]));
            }
        }
    }

    /// Puts down the setting that was written, and those of every link of its namespace: writing one may write others.
    fn put_settings(&mut self, namespace: &NamespaceName, written: &str, seen: &mut String) {
        // That one can only be written.
        if written != "net.ipv4.route.flush" {
            put(seen, written, &self.stack.sysctl(namespace, written));
        }
        let links = self.stack.links(namespace).unwrap_or_default();
        let links = links.iter().map(|link| link.name.as_str());
        for whose in ["all", "default"].into_iter().chain(links) {
            for (conf, _) in CONF {
                let name = format!("net.ipv4.conf.{whose}.{conf}");
                put(seen, &name, &self.stack.sysctl(namespace, &name));
            }
        }
    }

    /// Whether some namespace has a ruleset: then it may put fragments together and cut them up again.
    fn has_rules(&mut self) -> bool {
        let namespaces = self.namespaces().unwrap_or_default();
        let mut rulesets = namespaces.iter().map(|namespace| self.stack.ruleset(namespace));
        rulesets.any(|ruleset| ruleset.is_ok_and(|ruleset| !ruleset.tables.is_empty()))
    }

    /// Puts down every table of every namespace.
    fn put_tables(&mut self, seen: &mut String) {
        let namespaces = match self.namespaces() {
            Ok(namespaces) => namespaces,
            Err(error) => return put(seen, "namespaces", &error),
        };
        put(seen, "namespaces", &namespaces);
        for namespace in &namespaces {
            let links = self.stack.links(namespace);
            for name in links.iter().flatten().map(|link| &link.name) {
                let alone = self.stack.link_by_name(namespace, name);
                put(
                    seen,
                    &format!("{namespace}/{name} alone"),
                    &alone.map(|link| link.map(|link| link.index)),
                );
            }
            put_table(
                seen,
                namespace,
                "link",
                links.map(|links| links.into_iter().map(without_chance).collect()),
            );
            let fdb = self.stack.fdb(namespace).map(|rows| {
                let row = |row: FdbEntry| FdbEntry { address: not_random(row.address), ages: None, ..row };
                rows.into_iter().map(row).collect()
            });
            put_table(seen, namespace, "fdb", fdb);
            put_table(seen, namespace, "port", self.stack.bridge_ports(namespace));
            put_table(seen, namespace, "address", self.stack.addresses(namespace, Family::Inet));
            put_table(seen, namespace, "route", self.stack.routes(namespace, Family::Inet));
            let neighbours = self.stack.neighbours(namespace, Family::Inet).map(|mut neighbours| {
                neighbours.sort();
                neighbours
            });
            put_table(seen, namespace, "neighbour", neighbours);
            let ruleset = self.stack.ruleset(namespace);
            put_table(seen, namespace, "table", ruleset.map(|ruleset| without_handles(ruleset.tables)));
            let connections = self.stack.connections(namespace, Family::Inet).map(|mut connections| {
                connections.iter_mut().for_each(|connection| connection.timeout = 0);
                connections.sort_by_key(|connection| (connection.original, connection.reply));
                connections
            });
            put_table(seen, namespace, "connection", connections);
            let sockets = self.stack.sockets(namespace, Family::Inet).map(|mut sockets| {
                sockets.iter_mut().for_each(|socket| socket.timer = None);
                sockets.sort_by_key(SocketView::order);
                sockets
            });
            put_table(seen, namespace, "socket", sockets);
            let forwarding = self.stack.sysctl(namespace, "net.ipv4.ip_forward");
            put_table(seen, namespace, "forwarding", forwarding.map(|value| vec![value]));
            for other in &namespaces {
                if let Some(number) = self.stack.namespace_id(namespace, other).transpose() {
                    put(seen, &format!("{namespace} number of {other}"), &number);
                }
            }
        }
    }
}

/// Tables without handles: the kernel gives more of them where it goes through a list of changes twice
/// (`NFNL_BATCH_REPLAY`).
fn without_handles(mut tables: Vec<Table>) -> Vec<Table> {
    for table in &mut tables {
        table.handle = 0;
        for chain in &mut table.chains {
            chain.handle = 0;
            chain.rules.iter_mut().for_each(|rule| rule.handle = 0);
        }
    }
    tables
}

/// A link without an address that a stack drew at random.
fn without_chance(link: LinkView) -> LinkView {
    LinkView { address: not_random(link.address), ..link }
}

/// An address, or the same one for all that a stack drew at random: those of the operations begin with 02:00.
fn not_random(address: MacAddress) -> MacAddress {
    let is_random = address.is_valid_unicast() && address.0[..2] != [2, 0];
    if is_random { MacAddress([2, 0xff, 0, 0, 0, 0]) } else { address }
}

fn put(seen: &mut String, what: &str, value: &dyn Debug) {
    let _ = writeln!(seen, "{what} {value:?}");
}

fn put_table<T: Debug>(
    seen: &mut String,
    namespace: &NamespaceName,
    what: &str,
    rows: Result<Vec<T>, StackError>,
) {
    let what = format!("{namespace} {what}");
    match rows {
        Ok(rows) => rows.iter().for_each(|row| put(seen, &what, row)),
        Err(error) => put(seen, &what, &error),
    }
}

/// Opens a socket and makes it ready; where that fails it is closed again.
fn opened(
    stack: &mut dyn NetworkStack,
    namespace: &NamespaceName,
    kind: &SocketKind,
    make_ready: impl FnOnce(&mut dyn NetworkStack, SocketId) -> Result<(), StackError>,
) -> Result<SocketId, StackError> {
    let socket = stack.open(namespace, kind)?;
    make_ready(stack, socket).inspect_err(|_| stack.close(socket))?;
    Ok(socket)
}

/// So many bytes of data.
fn data(size: u16) -> Vec<u8> {
    (0..size).map(|place| 0x40 + (place & 0x3f) as u8).collect()
}

/// An ICMP echo request (RFC 792) with this sequence number and as many bytes of data.
fn echo_request(number: u16, size: u16) -> Vec<u8> {
    let data: Vec<u8> = (0..size).map(|place| place as u8).collect();
    icmp::echo(icmp::kind::ECHO_REQUEST, u16::from_be_bytes(IDENTIFIER), number, &data)
}

fn put_received(seen: &mut String, received: &Received) {
    let _ = match received {
        Received::Datagram(data) => writeln!(
            seen,
            "answer from {} to {} ttl {} {}",
            data.source.ip(),
            data.destination,
            data.time_to_live,
            describe_icmp(&data.payload)
        ),
        Received::Error(error) => writeln!(
            seen,
            "error {:?} {:?} info {} to {} {}",
            error.errno,
            error.origin,
            error.info,
            error.destination.ip(),
            hexadecimal(&error.payload)
        ),
        Received::Frame(frame) => writeln!(seen, "frame {}", describe(&frame.bytes)),
        Received::Connection(event) => writeln!(seen, "{:?} {:?}", event.group, event.connection.original),
    };
}
