//! One frame on one link, as it is compared.

use super::numbers::{Numbers, Relative};
use crate::compare::FIRST_CHOSEN_PORT;
use crate::compare::normalise::pieces;
use serde::Serialize;
use std::collections::BTreeMap;
use vethlab_explain::dissect::{Dissection, Field, Layer, dissect};
use vethlab_shared::error::StackError;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::Direction;
use vethlab_shared::stack::NetworkStack;

/// What the kernel draws at random or counts from a random start: left aside, by its name in Wireshark's filters.
const RANDOM: [&str; 2] = ["ip.id", "icmp.ident"];
/// What is counted from the first number of a connection; what is quoted is left aside.
const NUMBERS: [&str; 2] = ["tcp.seq_raw", "tcp.ack_raw"];
/// Fields that hold a port.
const PORTS: [&str; 4] = ["udp.srcport", "udp.dstport", "tcp.srcport", "tcp.dstport"];
/// Bytes of the time of sending, which the data of a probe of `ping` begins with.
const TIME_OF_SENDING: usize = 16;

/// How frames begin, in words, that a timer sends whose time is chance.
const BY_TIMER: &str = "ARP who-has";
/// How reports of groups begin.
const GROUP_REPORT: &str = "IPv4 protocol IGMP";

/// A frame that left or came in by a link, without what is different in every run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passage {
    /// Whether it left or came in.
    pub direction: Direction,
    /// What it is: `ICMP echo request seq 1 ttl 64`.
    pub what: String,
    /// The sender and the receiver: `10.0.0.1 > 10.0.0.2`.
    pub whom: String,
    /// Its fields, in the order of their bytes.
    pub fields: Vec<FieldValue>,
}

/// A field of a frame, as it is compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldValue {
    /// The layer's name and its own: `IPv4 time to live`.
    pub name: String,
    /// What it holds.
    pub value: String,
}

/// What a stack made up itself: Ethernet addresses, named by the link that has them, and the ports that it
/// chose, by the order in which they were first seen since they were forgotten.
#[derive(Clone, Debug, Default)]
pub(super) struct MadeUp {
    stations: BTreeMap<MacAddress, String>,
    ports: Vec<String>,
    numbers: Numbers,
}

impl MadeUp {
    /// Forgets the ports that were chosen: sooner or later one is chosen again.
    pub(super) fn forget_ports(&mut self) {
        self.ports.clear();
    }

    /// Takes in the Ethernet addresses that links have now; those of links that have gone are remembered. Gives the
    /// namespaces that there are, the machine's own the last.
    pub(super) fn learn(&mut self, stack: &mut dyn NetworkStack) -> Result<Vec<NamespaceName>, StackError> {
        let mut namespaces = stack.namespaces()?;
        namespaces.sort();
        namespaces.push(NamespaceName::HOST);
        for namespace in &namespaces {
            let mut links = stack.links(namespace)?;
            // A bridge has the address of one of its ports. Which one is chance, so the name is the bridge's.
            links.sort_by_key(|link| link.master.is_none());
            for link in links {
                if link.address.is_valid_unicast() {
                    self.stations.insert(link.address, format!("{namespace}/{}", link.name));
                }
            }
        }
        Ok(namespaces)
    }

    /// A frame as it is compared.
    pub(super) fn passage(&mut self, direction: Direction, frame: &[u8]) -> Passage {
        let dissection = dissect(frame);
        let relative = self.numbers.of(frame);
        // An ICMP error quotes a port, perhaps of a packet that never left: the error is the first that is seen of it.
        let mut fields = dissection.layers.iter().flat_map(|layer| &layer.fields);
        if let Some(port) = fields.find(|field| matches!(field.filter, Some("udp.srcport" | "tcp.srcport")))
            && port.value.parse().is_ok_and(|port: u16| port >= FIRST_CHOSEN_PORT)
            && !self.ports.contains(&port.value)
        {
            self.ports.push(port.value.clone());
        }
        let fields = dissection.layers.iter().flat_map(|layer| {
            layer
                .fields
                .iter()
                .filter_map(|field| self.field(layer, field, frame, relative))
                .chain(problem(layer))
        });
        Passage {
            direction,
            what: self
                .words(without_identification(&dissection))
                .split(' ')
                .map(|word| self.port(word))
                .collect::<Vec<_>>()
                .join(" "),
            whom: self.words(&dissection.whom),
            fields: fields.collect(),
        }
    }

    fn field(
        &self,
        layer: &Layer,
        field: &Field,
        frame: &[u8],
        relative: Option<Relative>,
    ) -> Option<FieldValue> {
        let filter = field.filter.unwrap_or_default();
        if RANDOM.contains(&filter) {
            return None;
        }
        let value = if NUMBERS.contains(&filter) {
            let relative = relative.filter(|_| !layer.quoted)?;
            let is_first = filter == NUMBERS[0];
            if is_first { relative.sequence } else { relative.acknowledgement? }.to_string()
        } else if let Some(relative) =
            relative.filter(|_| layer.name == "TCP" && !layer.quoted && field.name == "option")
        {
            relative.option(frame.get(layer.start..).unwrap_or_default(), &field.value)
        } else if layer.quoted && layer.name == "TCP" && field.value.starts_with("8 (") {
            "8 (time stamps)".to_owned()
        } else if filter.ends_with(".checksum") {
            // Its value depends on what was left aside; whether it is right does not.
            if field.wrong { "wrong".to_owned() } else { "not wrong".to_owned() }
        } else if PORTS.contains(&filter) {
            self.port(&field.value)
        } else if field.name == "bytes" {
            let bytes = frame.get(field.start..field.start + field.length).unwrap_or_default();
            let timed = layer.name == "Echo data" && bytes.len() >= TIME_OF_SENDING;
            let bytes = &bytes[if timed { TIME_OF_SENDING } else { 0 }..];
            let time = if timed { "the time of sending, " } else { "" };
            format!("{time}{}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        } else {
            self.words(&field.value)
        };
        let quoted = if layer.quoted { "quoted " } else { "" };
        Some(FieldValue { name: format!("{quoted}{} {}", layer.name, field.name), value })
    }

    /// Text with the names of stations in the place of their addresses.
    fn words(&self, text: &str) -> String {
        let station = |piece: &str| piece.parse().ok().and_then(|address| self.stations.get(&address));
        pieces(text).map(|piece| station(piece).map_or(piece, String::as_str)).collect()
    }

    fn port(&self, number: &str) -> String {
        match self.ports.iter().position(|known| known == number) {
            Some(place) => format!("PORT-{}", place + 1),
            None => number.to_owned(),
        }
    }
}

/// What a frame is, for a fragment without the identification of its packet.
fn without_identification(dissection: &Dissection) -> &str {
    let what = dissection.what.as_str();
    match (what.split_once(" id "), dissection.field("ip.id")) {
        (Some((fragment, number)), Some(field)) if field.value.ends_with(&format!("({number})")) => fragment,
        _ => what,
    }
}

/// What is wrong with a layer, as one more field.
fn problem(layer: &Layer) -> Option<FieldValue> {
    let value = layer.problem.clone()?;
    Some(FieldValue { name: format!("{} problem", layer.name), value })
}

impl Passage {
    /// What it has to be in order with: what goes the same way, requests for neighbours apart from the rest. Where `many` frames
    /// pass, also the pieces of packets apart by their offset.
    pub(super) fn lane(&self, many: bool) -> (Direction, Option<&str>) {
        (self.direction, self.by_timer().or_else(|| self.fragment_offset().filter(|_| many)))
    }

    /// What it is in short, where a timer sends it whose time is chance.
    pub(super) fn by_timer(&self) -> Option<&'static str> {
        self.what.starts_with(BY_TIMER).then_some(BY_TIMER)
    }

    /// Whether it tells which groups a link listens to.
    pub(super) fn is_group_report(&self) -> bool {
        self.what.starts_with(GROUP_REPORT)
    }

    /// Where its data stood in the packet that was cut up, in bytes. A whole packet has the offset 0.
    pub(super) fn fragment_offset(&self) -> Option<&str> {
        self.fields
            .iter()
            .find(|field| field.name == "IPv4 fragment offset")
            .map(|field| field.value.as_str())
    }

    /// The fields in which two frames differ, with what they hold on either side; one side may not have it.
    pub fn differing<'a>(&'a self, other: &'a Passage) -> Vec<(&'a str, Option<&'a str>, Option<&'a str>)> {
        let value = |passage: &'a Passage, name: &str| {
            passage.fields.iter().find(|field| field.name == name).map(|field| field.value.as_str())
        };
        let mut names: Vec<&str> = Vec::new();
        for field in self.fields.iter().chain(&other.fields) {
            if !names.contains(&field.name.as_str()) {
                names.push(&field.name);
            }
        }
        let both = names.into_iter().map(|name| (name, value(self, name), value(other, name)));
        both.filter(|(_, left, right)| left != right).collect()
    }
}
