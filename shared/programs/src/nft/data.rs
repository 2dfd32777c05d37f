//! The types of values that sets hold (`datatype.h`).

use super::parse::Form;
use super::symbols;
use vethlab_shared::netfilter::{DataType, Expression, MetaKey};

/// A type that a set can be declared with, or that a field of a packet has.
#[derive(Debug)]
pub(super) struct Known {
    /// Its name behind `type`; none for what no set is declared with here.
    pub(super) name: Option<&'static str>,
    pub(super) kind: DataType,
    /// What messages call it.
    pub(super) description: &'static str,
    /// How its values are typed.
    pub(super) form: Form,
    /// How many elements of a set stand in a line (`calculate_delim`).
    pub(super) columns: usize,
}

const fn known(
    name: Option<&'static str>,
    (number, length): (u32, u8),
    description: &'static str,
    form: Form,
    columns: usize,
) -> Known {
    Known { name, kind: DataType { number, length }, description, form, columns }
}

/// The types with a name of their own.
static KNOWN: [Known; 13] = [
    known(Some("ipv4_addr"), (7, 4), "IPv4 address", Form::Address, 2),
    known(Some("inet_proto"), (12, 1), "Internet protocol", Form::Protocol, 5),
    known(Some("inet_service"), (13, 2), "internet network service", Form::Port(6), 5),
    known(Some("icmp_type"), (14, 1), "ICMP type", Form::Symbol(symbols::ICMP_TYPES, 1), 1),
    known(Some("mark"), (19, 4), "packet mark", Form::Little, 5),
    known(Some("ct_state"), (26, 4), "conntrack state", Form::Bits(symbols::CT_STATES, 4), 2),
    known(Some("ifname"), (41, 16), "network interface name", Form::LinkName, 1),
    known(None, (15, 1), "TCP flag", Form::Bits(symbols::TCP_FLAGS, 1), 1),
    known(None, (20, 4), "network interface index", Form::LinkIndex, 1),
    known(None, (27, 1), "conntrack direction", Form::Symbol(symbols::CT_DIRECTIONS, 1), 1),
    known(None, (28, 4), "conntrack status", Form::Bits(symbols::CT_STATUSES, 4), 1),
    known(None, (31, 1), "packet type", Form::Symbol(symbols::PACKET_TYPES, 1), 1),
    known(None, (32, 1), "icmp code", Form::Symbol(symbols::ICMP_CODES, 1), 1),
];

/// The number of whole numbers without a name (`TYPE_INTEGER`).
const INTEGER: u32 = 4;

/// The type of this name.
pub(super) fn named(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name == Some(name))
}

/// Types that sets are not declared with here.
const OTHERS: [&str; 22] = [
    "verdict",
    "ipv6_addr",
    "ether_addr",
    "ether_type",
    "arp_op",
    "tcp_flag",
    "dccp_pkttype",
    "mh_type",
    "time",
    "iface_index",
    "iface_type",
    "realm",
    "classid",
    "uid",
    "gid",
    "ct_dir",
    "ct_status",
    "icmpv6_type",
    "ct_label",
    "pkt_type",
    "icmp_code",
    "dscp",
];

/// Whether there is a type of this name that sets are not declared with here.
pub(super) fn is_other(name: &str) -> bool {
    OTHERS.contains(&name)
}

/// Whether sets may have spans of its values here.
pub(super) fn spans(known: &Known) -> bool {
    matches!(known.form, Form::Address | Form::Port(_))
}

/// The type of this number.
pub(super) fn of(kind: DataType) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.kind == kind)
}

/// What messages call a type.
pub(super) fn description(kind: DataType) -> &'static str {
    of(kind).map_or("integer", |known| known.description)
}

/// The type of a field that is loaded, by how its values are typed.
pub(super) fn of_field(load: &Expression, form: Form) -> DataType {
    let integer = |length| DataType { number: INTEGER, length };
    let same = |known: &&Known| match (known.form, form) {
        (Form::Symbol(one, _), Form::Symbol(other, _)) | (Form::Bits(one, _), Form::Bits(other, _)) => {
            one == other
        }
        (Form::Port(_), Form::Port(_)) => true,
        (one, other) => std::mem::discriminant(&one) == std::mem::discriminant(&other),
    };
    match (load, form) {
        (_, Form::Big(length)) => integer(length as u8),
        (Expression::Meta { key: MetaKey::Length, .. }, _) => integer(4),
        _ => KNOWN.iter().find(same).map_or(integer(4), |known| known.kind),
    }
}
