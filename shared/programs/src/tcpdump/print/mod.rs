//! Frames as tcpdump 4.99.3 prints them.

mod arp;
mod hex;
mod icmp;
mod igmp;
mod ipv4;
mod lines;
mod stp;
mod tcp;
mod time;
mod udp;

use super::filter::{COOKED, LinkType};
use super::names;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::Ipv4Addr;
use tcp::Conversation;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::IfIndex;
use vethlab_shared::socket::{CapturedFrame, Direction};
use vethlab_shared::time::Instant;
use vethlab_shared::wire::Field;
use vethlab_shared::wire::ethernet::ethertype::{ARP, IPV4, IPV6, RARP, VLAN};
use vethlab_shared::wire::ethernet::{HEADER_LENGTH as ETHERNET, field};

/// Up to here the field is a length (`MAX_ETHERNET_LENGTH_VAL`).
const LONGEST_LENGTH: u16 = 1500;

/// Names of what a frame carries (`ethertype_values`).
const ETHERTYPES: &[(u16, &str)] = &[
    (IPV4, "IPv4"),
    (0x8847, "MPLS unicast"),
    (0x8848, "MPLS multicast"),
    (IPV6, "IPv6"),
    (VLAN, "802.1Q"),
    (0x9100, "802.1Q-9100"),
    (0x88a8, "802.1Q-QinQ"),
    (0x9200, "802.1Q-9200"),
    (0x88e5, "802.1AE MACsec"),
    (0x0200, "PUP"),
    (ARP, "ARP"),
    (RARP, "Reverse ARP"),
    (0x0600, "NS"),
    (0x0500, "Sprite"),
    (0x1000, "Trail"),
    (0x6001, "MOP DL"),
    (0x6002, "MOP RC"),
    (0x6003, "DN"),
    (0x6004, "LAT"),
    (0x6007, "SCA"),
    (0x6558, "TEB"),
    (0x8038, "Lanbridge"),
    (0x803c, "DEC DNS"),
    (0x803e, "DEC DTS"),
    (0x805b, "VEXP"),
    (0x805c, "VPROD"),
    (0x809b, "Appletalk"),
    (0x80f3, "Appletalk ARP"),
    (0x8137, "IPX"),
    (0x880b, "PPP"),
    (0x8808, "MPCP"),
    (0x8809, "Slow Protocols"),
    (0x8863, "PPPoE D"),
    (0x8864, "PPPoE S"),
    (0x888e, "EAPOL"),
    (0x8899, "Realtek protocols"),
    (0x886f, "MS NLB heartbeat"),
    (0x8870, "Jumbo"),
    (0x894f, "NSH"),
    (0x9000, "Loopback"),
    (0xfefe, "OSI"),
    (0x00fe, "GRE-OSI"),
    (0xabcd, "CFM (old)"),
    (0x8902, "CFM"),
    (0x893a, "IEEE1905.1"),
    (0x88cc, "LLDP"),
    (0x88ca, "TIPC"),
    (0x0707, "GeoNet (old)"),
    (0x8947, "GeoNet"),
    (0x1111, "CALM FAST"),
    (0x88a2, "AoE"),
    (0x88f7, "PTP"),
    (0xd28b, "Arista Vendor Specific Protocol"),
];

/// What tcpdump takes apart (`ethertype_print`, `ether_common_print`) and vethlab does not: it shows bytes of
/// everything else.
const TAKEN_APART: &[u16] = &[
    0x8847, 0x8848, 0x86dd, 0x8100, 0x9100, 0x88a8, 0x9200, 0x88e5, 0x6003, 0x809b, 0x80f3, 0x8137, 0x880b,
    0x8808, 0x8809, 0x8863, 0x8864, 0x888e, 0x8899, 0x886f, 0x8870, 0x894f, 0x9000, 0xfefe, 0xabcd, 0x8902,
    0x88cc, 0x88ca, 0x0707, 0x8947, 0x1111, 0x88a2, 0x88f7, 0xd28b, 0x3c12, 0x3c13,
];

pub(super) fn ethertype(number: u16) -> Option<&'static str> {
    ETHERTYPES.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}

/// How bytes are shown besides (`-x`, `-X`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bytes {
    /// Twice with the link's header.
    pub(super) hexadecimal: u8,
    /// The same with characters beside.
    pub(super) characters: u8,
}

/// How frames are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    /// With the link's header (`-e`).
    pub(super) link_header: bool,
    /// Numbers instead of names (`-n`).
    pub(super) numeric: bool,
    /// How much (`-v`).
    pub(super) verbose: u8,
    /// How little (`-q`).
    pub(super) quiet: u8,
    /// In which form the time is (`-t`).
    pub(super) time: u8,
    /// With a number before each (`-#`).
    pub(super) numbered: bool,
    /// Sequence numbers as they are (`-S`).
    pub(super) absolute: bool,
    /// Without looking at checksums (`-K`).
    pub(super) trusting: bool,
    /// With bytes (`-x`, `-X`).
    pub(super) bytes: Bytes,
}

/// What is known of the link that a frame passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) name: String,
    /// Its own address.
    pub(super) address: Option<MacAddress>,
    pub(super) loopback: bool,
}

/// A frame ends where something was to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Truncated {
    /// As was found before it was read (`ND_TCHECK`).
    Foreseen,
    /// As was found by reading it (`GET_BE_U_2` and the like, which leave all printers at once).
    Unforeseen,
}

type Printed = Result<(), Truncated>;

/// Bytes that end where the packet that they are of does.
#[derive(Clone, Copy)]
struct Data<'a>(&'a [u8]);

impl<'a> Data<'a> {
    fn u8(self, at: usize) -> Result<u8, Truncated> {
        self.0.get(at).copied().ok_or(Truncated::Unforeseen)
    }

    fn u16(self, at: usize) -> Result<u16, Truncated> {
        Ok(u16::from_be_bytes(self.array(at)?))
    }

    fn u32(self, at: usize) -> Result<u32, Truncated> {
        Ok(u32::from_be_bytes(self.array(at)?))
    }

    fn address(self, at: usize) -> Result<Ipv4Addr, Truncated> {
        Ok(Ipv4Addr::from(self.array::<4>(at)?))
    }

    fn array<const N: usize>(self, at: usize) -> Result<[u8; N], Truncated> {
        self.0.get(at..at + N).and_then(|bytes| bytes.try_into().ok()).ok_or(Truncated::Unforeseen)
    }

    fn check(self, length: usize) -> Printed {
        if self.0.len() < length { Err(Truncated::Foreseen) } else { Ok(()) }
    }

    /// What stands behind so many bytes.
    fn behind(self, at: usize) -> Data<'a> {
        Data(self.0.get(at..).unwrap_or_default())
    }

    /// No more than so many bytes.
    fn up_to(self, length: usize) -> Data<'a> {
        Data(&self.0[..length.min(self.0.len())])
    }
}

/// Prints frames, and remembers of the earlier ones what the later ones are shown by.
#[derive(Clone, Debug)]
pub(super) struct Printer {
    style: Style,
    link_type: LinkType,
    text: String,
    /// Whose header is being read (`ndo_protocol`).
    protocol: &'static str,
    /// The time that the next one is shown against.
    reference: Option<Instant>,
    count: u64,
    conversations: BTreeMap<(Ipv4Addr, Ipv4Addr, u16, u16), Conversation>,
}

/// Adds formatted text; to a `String`, which takes all.
macro_rules! put {
    ($printer:expr, $($arguments:tt)*) => {{
        let _ = write!($printer.text, $($arguments)*);
    }};
}
use put;

impl Printer {
    pub(super) fn new(style: Style, link_type: LinkType) -> Printer {
        Printer {
            style,
            link_type,
            text: String::new(),
            protocol: "",
            reference: None,
            count: 0,
            conversations: BTreeMap::new(),
        }
    }

    /// A frame as text, its last newline included (`pretty_print_packet`).
    pub(super) fn frame(&mut self, frame: &CapturedFrame, place: &Place) -> String {
        self.count += 1;
        if self.style.numbered {
            put!(self, "{:5}  ", self.count);
        }
        self.time(frame.time);
        self.protocol = "";
        let (header, printed) = match self.link_type {
            LinkType::Ethernet => {
                let printed = self.part(|printer| printer.ethernet(Data(&frame.bytes)));
                (ETHERNET + stp::header_behind(&frame.bytes), printed)
            }
            LinkType::Cooked => (COOKED, self.part(|printer| printer.cooked(frame, place))),
        };
        let skipped = match printed {
            Ok(()) => header,
            // Who left all printers at once did not say how long the header is.
            Err(_) => {
                put!(self, " [|{}]", self.protocol);
                0
            }
        };
        let Bytes { hexadecimal, characters } = self.style.bytes;
        if hexadecimal > 0 || characters > 0 {
            let whole = match self.link_type {
                LinkType::Ethernet => frame.bytes.clone(),
                LinkType::Cooked => cooked_bytes(frame, place),
            };
            let with_header = if characters > 0 { characters > 1 } else { hexadecimal > 1 };
            let shown = if with_header { &whole } else { whole.get(skipped..).unwrap_or_default() };
            hex::dump(&mut self.text, shown, characters > 0);
        }
        self.text.push('\n');
        std::mem::take(&mut self.text)
    }

    /// Prints what one protocol says. A cut that its printer foresees ends this part alone: what is around it goes on.
    fn part(&mut self, print: impl FnOnce(&mut Printer) -> Printed) -> Printed {
        match print(self) {
            Err(Truncated::Foreseen) => {
                put!(self, " [|{}]", self.protocol);
                Ok(())
            }
            printed => printed,
        }
    }

    fn host(&self, address: Ipv4Addr) -> String {
        names::host(address, self.style.numeric)
    }

    fn station(&self, address: [u8; 6]) -> String {
        names::station(MacAddress(address), self.style.numeric)
    }

    /// `ether_common_print`.
    fn ethernet(&mut self, data: Data<'_>) -> Printed {
        self.protocol = "ether";
        data.check(ETHERNET)?;
        let length = data.0.len();
        let (destination, source) = (
            self.station(data.array(field::DESTINATION.start)?),
            self.station(data.array(field::SOURCE.start)?),
        );
        let kind = data.u16(field::ETHERTYPE.start)?;
        if self.style.link_header {
            put!(self, "{source} > {destination}, ");
        }
        let payload = data.behind(ETHERNET);
        if kind <= LONGEST_LENGTH {
            if !self.bridge_message(payload, kind.into())? {
                put!(self, "[vethlab: 802.3 is not modelled], length {kind}");
            }
            return Ok(());
        }
        if self.style.link_header {
            self.ethertype(kind);
            put!(self, ", length {length}: ");
        }
        if !self.payload(kind, payload)? {
            if !self.style.link_header {
                put!(self, "{source} > {destination}, ");
                self.ethertype(kind);
                put!(self, ", length {length}: ");
            }
            self.default(payload);
        }
        Ok(())
    }

    /// `ether_type_print`.
    fn ethertype(&mut self, kind: u16) {
        match (self.style.quiet > 0, ethertype(kind)) {
            (false, name) => put!(self, "ethertype {} ({kind:#06x})", name.unwrap_or("Unknown")),
            (true, Some(name)) => put!(self, "{name}"),
            (true, None) => put!(self, "Unknown Ethertype ({kind:#06x})"),
        }
    }

    /// `sll2_if_print`.
    fn cooked(&mut self, frame: &CapturedFrame, place: &Place) -> Printed {
        self.protocol = "sll2";
        let data = Data(&frame.bytes);
        data.check(ETHERNET)?;
        put!(self, "{:<5} {:<3} ", place.name, addressee(frame, place).0);
        if self.style.link_header {
            self.cooked_header(frame)?;
        }
        let payload = data.behind(ETHERNET);
        let kind = data.u16(field::ETHERTYPE.start)?;
        if kind <= LONGEST_LENGTH {
            put!(self, "[vethlab: 802.3 is not modelled], length {kind}");
        } else if !self.payload(kind, payload)? {
            if !self.style.link_header {
                self.cooked_header(frame)?;
            }
            self.default(payload);
        }
        Ok(())
    }

    /// `sll2_print`.
    fn cooked_header(&mut self, frame: &CapturedFrame) -> Printed {
        let data = Data(&frame.bytes);
        let source = self.station(data.array(field::SOURCE.start)?);
        put!(self, "ifindex {} {source} ", frame.link);
        if self.style.quiet == 0 {
            self.ethertype(data.u16(field::ETHERTYPE.start)?);
            put!(self, ", length {}: ", LinkType::Cooked.length_of(&frame.bytes));
        }
        Ok(())
    }

    /// Prints what a frame carries; `false` where it is shown as bytes only (`ethertype_print`).
    fn payload(&mut self, kind: u16, payload: Data<'_>) -> Result<bool, Truncated> {
        match kind {
            IPV4 => self.part(|printer| printer.ipv4(payload, payload.0.len()))?,
            ARP | RARP => self.part(|printer| printer.arp(payload))?,
            kind if TAKEN_APART.contains(&kind) => {
                let name = ethertype(kind).unwrap_or("this protocol");
                put!(self, "[vethlab: {name} is not modelled], length {}", payload.0.len());
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The bytes of what is not taken apart (`ndo_default_print`), unless other bytes are wanted, or few.
    fn default(&mut self, data: Data<'_>) {
        if self.style.quiet == 0 && self.style.bytes == Bytes::default() {
            hex::dump(&mut self.text, data.0, true);
        }
    }
}

/// Whom a frame was for, seen from its link, and the number for it in the made-up header (`eth_type_trans` in the
/// kernel, `sll_pkttype_values` in tcpdump).
fn addressee(frame: &CapturedFrame, place: &Place) -> (&'static str, u8) {
    let destination =
        frame.bytes.get(field::DESTINATION).and_then(|bytes| bytes.try_into().ok()).map(MacAddress);
    match (frame.direction, destination) {
        (Direction::Out, _) => ("Out", 4),
        (_, Some(MacAddress::BROADCAST)) => ("B", 1),
        (_, Some(mac)) if mac.is_multicast() => ("M", 2),
        (_, mac) if place.address.is_some() && mac != place.address => ("P", 3),
        _ => ("In", 0),
    }
}

/// A frame with the made-up header of `LINUX_SLL2` in the place of its own.
fn cooked_bytes(frame: &CapturedFrame, place: &Place) -> Vec<u8> {
    /// `ARPHRD_ETHER` and `ARPHRD_LOOPBACK` in `linux/if_arp.h`.
    const KINDS: [u16; 2] = [1, 772];
    let part = |field: Field| frame.bytes.get(field).unwrap_or_default();
    let IfIndex(index) = frame.link;
    let mut bytes = Vec::with_capacity(frame.bytes.len() + COOKED);
    bytes.extend(part(field::ETHERTYPE));
    bytes.extend([0, 0]);
    bytes.extend(index.to_be_bytes());
    bytes.extend(KINDS[usize::from(place.loopback)].to_be_bytes());
    bytes.extend([addressee(frame, place).1, 6]);
    bytes.extend(part(field::SOURCE));
    bytes.extend([0, 0]);
    bytes.extend(frame.bytes.get(ETHERNET..).unwrap_or_default());
    bytes
}
