//! Which connections a line is about (`nfct_filter` in `src/conntrack.c`; `nfct_cmp` of `libnetfilter_conntrack`).

use std::net::{IpAddr, Ipv4Addr};
use vethlab_shared::family::Family;
use vethlab_shared::netfilter::{
    ConnectionStatus, ConnectionTuple, ConnectionView, TcpConntrackState, TuplePart,
};

/// A number of which some bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Masked {
    pub(super) value: u32,
    pub(super) mask: u32,
}

/// A translated end: its address and its port, where they were named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Translated {
    pub(super) address: Option<IpAddr>,
    pub(super) port: Option<u16>,
}

/// Which ends are to be translated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Nat {
    #[default]
    Any,
    /// Source, destination, or both.
    Ends { source: bool, destination: bool },
    /// One of them.
    Either,
}

/// What must hold for a connection. Whatever was not named holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) family: Option<Family>,
    /// Whether what stands below up to `timeout` is looked at at all (`CT_COMPARISON`).
    pub(super) compares: bool,
    /// Source and destination of the first packet, with how many bits of them count.
    pub(super) original: [Option<IpAddr>; 2],
    pub(super) reply: [Option<IpAddr>; 2],
    pub(super) protocol: Option<u8>,
    pub(super) original_ports: (Option<u16>, Option<u16>),
    pub(super) reply_ports: (Option<u16>, Option<u16>),
    pub(super) icmp_type: Option<u8>,
    pub(super) icmp_code: Option<u8>,
    pub(super) icmp_id: Option<u16>,
    pub(super) state: Option<TcpConntrackState>,
    pub(super) status: Option<ConnectionStatus>,
    pub(super) id: Option<u32>,
    /// Another zone than 0, which no connection has.
    pub(super) other_zone: bool,
    pub(super) timeout: Option<u32>,
    /// Networks of source and destination of the first packet: address and mask.
    pub(super) networks: [Option<(Ipv4Addr, Ipv4Addr)>; 2],
    /// What the kernel is asked for, where it is (`CTA_STATUS_MASK`).
    pub(super) kernel_status: Option<Masked>,
    pub(super) mark: Option<Masked>,
    pub(super) nat: Nat,
    pub(super) translated_source: Translated,
    pub(super) translated_destination: Translated,
}

impl Filter {
    /// Whether the kernel is asked for a status of which no bit counts, which it refuses.
    pub(super) fn has_empty_mask(&self) -> bool {
        self.kernel_status.is_some_and(|status| status.mask == 0)
    }

    /// Whether it is about this connection.
    pub(super) fn takes(&self, connection: &ConnectionView) -> bool {
        let bits = connection.status.bits();
        let asked =
            |masked: Option<Masked>, of: u32| masked.is_none_or(|Masked { value, mask }| of & mask == value);
        asked(self.kernel_status, bits)
            && self.takes_nat(connection)
            && asked(self.mark, connection.mark)
            && self.takes_networks(&connection.original)
            && (!self.compares || self.equals(connection))
    }

    fn takes_networks(&self, tuple: &ConnectionTuple) -> bool {
        let both = self.networks.iter().zip([tuple.source, tuple.destination]);
        both.filter_map(|(network, address)| Some(((*network)?, address))).all(
            |((network, mask), address)| match address {
                IpAddr::V4(address) => address & mask == network & mask,
                IpAddr::V6(_) => false,
            },
        )
    }

    /// `nfct_cmp` with `NFCT_CMP_ALL | NFCT_CMP_MASK`.
    fn equals(&self, connection: &ConnectionView) -> bool {
        fn is<T: PartialEq + Copy>(wanted: Option<T>, found: T) -> bool {
            wanted.is_none_or(|wanted| wanted == found)
        }
        let ConnectionView { original, reply, .. } = connection;
        let ports = |wanted: (Option<u16>, Option<u16>), tuple: &ConnectionTuple| match tuple.part {
            TuplePart::Ports(from, to) => is(wanted.0, from) && is(wanted.1, to),
            TuplePart::Icmp { .. } | TuplePart::None => wanted == (None, None),
        };
        let icmp = match original.part {
            TuplePart::Icmp { kind, code, id } => {
                is(self.icmp_type, kind) && is(self.icmp_code, code) && is(self.icmp_id, id)
            }
            _ => (self.icmp_type, self.icmp_code, self.icmp_id) == (None, None, None),
        };
        is(self.original[0], original.source)
            && is(self.original[1], original.destination)
            && is(self.reply[0], reply.source)
            && is(self.reply[1], reply.destination)
            && is(self.protocol, original.protocol)
            && ports(self.original_ports, original)
            && ports(self.reply_ports, reply)
            && icmp
            && self.state.is_none_or(|state| connection.tcp_state == Some(state))
            && self.status.is_none_or(|status| connection.status.contains(status))
            && is(self.id, connection.id)
            && is(self.timeout, connection.timeout)
            && !self.other_zone
    }

    /// `filter_nat`.
    fn takes_nat(&self, connection: &ConnectionView) -> bool {
        let [source, destination] = ends(connection);
        let source = || self.translated_source.takes(source);
        let destination = || self.translated_destination.takes(destination);
        match self.nat {
            Nat::Any => true,
            Nat::Either => source() || destination(),
            Nat::Ends { source: wants_source, destination: wants_destination } => {
                (!wants_source || source()) && (!wants_destination || destination())
            }
        }
    }
}

/// What an end was translated to.
#[derive(Clone, Copy)]
struct End {
    /// The address that answers go to, or come from, and whether it is another one.
    address: (IpAddr, bool),
    /// The same of the word that stands where a port does.
    port: (u16, bool),
}

/// Source and destination (`NFCT_GOPT_IS_SNAT` and the like).
fn ends(connection: &ConnectionView) -> [End; 2] {
    let (original, reply) = (&connection.original, &connection.reply);
    let [near, far] = words(original);
    let [answers_from, answers_to] = words(reply);
    let source_done = connection.status.contains(ConnectionStatus::SRC_NAT_DONE);
    let destination_done = connection.status.contains(ConnectionStatus::DST_NAT_DONE);
    [
        End {
            address: (reply.destination, source_done && reply.destination != original.source),
            port: (answers_to, source_done && answers_to != near),
        },
        End {
            address: (reply.source, destination_done && reply.source != original.destination),
            port: (answers_from, destination_done && answers_from != far),
        },
    ]
}

/// The two words of a tuple where ports stand: of ICMP they are the identifier, and type and code. That the library compares
/// one with the other is why each ping counts as translated, where it was decided about its translation.
fn words(tuple: &ConnectionTuple) -> [u16; 2] {
    match tuple.part {
        TuplePart::Ports(from, to) => [from, to],
        TuplePart::Icmp { kind, code, id } => [id, u16::from_be_bytes([kind, code])],
        TuplePart::None => [0, 0],
    }
}

impl Translated {
    fn takes(&self, end: End) -> bool {
        let address = self.address.map(|wanted| end.address == (wanted, true));
        let port = self.port.map(|wanted| end.port == (wanted, true));
        match (address, port) {
            (None, None) => end.address.1 || end.port.1,
            (Some(address), port) => address && port.unwrap_or(true),
            (None, Some(port)) => port,
        }
    }
}
