//! What is compared with what (`relational_expr_print`).

use super::list::Lister;
use super::symbols;
use crate::Failure;
use crate::iptables::names;
use std::net::Ipv4Addr;
use vethlab_shared::netfilter::{Compare, Comparison, CtKey, MetaKey, Payload, PayloadBase, Value};

/// What a register holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Loaded {
    #[default]
    Nothing,
    Meta(MetaKey),
    Ct(CtKey),
    Payload(Payload),
    Value(Value),
}

/// A register, and the bits of it that are kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Slot {
    pub(super) loaded: Loaded,
    pub(super) mask: Option<Value>,
}

/// In which form values are written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Address,
    /// A decimal number.
    Number,
    /// Eight hexadecimal digits.
    Mark,
    Protocol,
    /// By names, of which a value has one.
    Symbol(&'static [(&'static str, u64)], Width),
    /// By names, of which a value has several.
    Bits(&'static [(&'static str, u64)]),
    LinkName,
    LinkIndex,
}

/// How a value without a name is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Width {
    Decimal,
    /// Four hexadecimal digits.
    Hexadecimal,
}

/// What is looked at, and in which form its values are written; `None` where it is not modelled.
pub(super) fn field(loaded: &Loaded, protocol: Option<u8>) -> Option<(&'static str, Kind)> {
    Some(match loaded {
        Loaded::Meta(key) => match key {
            MetaKey::Length => ("meta length", Kind::Number),
            MetaKey::Protocol => ("meta protocol", Kind::Symbol(symbols::ETHER_TYPES, Width::Hexadecimal)),
            MetaKey::Mark => ("meta mark", Kind::Mark),
            MetaKey::Iif => ("iif", Kind::LinkIndex),
            MetaKey::Oif => ("oif", Kind::LinkIndex),
            MetaKey::IifName => ("iifname", Kind::LinkName),
            MetaKey::OifName => ("oifname", Kind::LinkName),
            MetaKey::NfProto => ("meta nfproto", Kind::Symbol(symbols::FAMILIES, Width::Decimal)),
            MetaKey::L4Proto => ("meta l4proto", Kind::Protocol),
            MetaKey::PacketType => ("meta pkttype", Kind::Symbol(symbols::PACKET_TYPES, Width::Decimal)),
        },
        Loaded::Ct(key) => match key {
            CtKey::State => ("ct state", Kind::Bits(symbols::CT_STATES)),
            CtKey::Direction => ("ct direction", Kind::Symbol(symbols::CT_DIRECTIONS, Width::Decimal)),
            CtKey::Status => ("ct status", Kind::Bits(symbols::CT_STATUSES)),
            CtKey::Mark => ("ct mark", Kind::Mark),
            CtKey::Expiration => return None,
        },
        Loaded::Payload(from) => header_field(*from, protocol)?,
        Loaded::Nothing | Loaded::Value(_) => return None,
    })
}

/// The field of a header.
fn header_field(from: Payload, protocol: Option<u8>) -> Option<(&'static str, Kind)> {
    Some(match (from.base, from.offset, from.length) {
        (PayloadBase::Network, 2, 2) => ("ip length", Kind::Number),
        (PayloadBase::Network, 4, 2) => ("ip id", Kind::Number),
        (PayloadBase::Network, 6, 2) => ("ip frag-off", Kind::Number),
        (PayloadBase::Network, 8, 1) => ("ip ttl", Kind::Number),
        (PayloadBase::Network, 9, 1) => ("ip protocol", Kind::Protocol),
        (PayloadBase::Network, 12, 1..=4) => ("ip saddr", Kind::Address),
        (PayloadBase::Network, 16, 1..=4) => ("ip daddr", Kind::Address),
        (PayloadBase::Transport, offset, length) => match (protocol?, offset, length) {
            (6, 0, 2) => ("tcp sport", Kind::Number),
            (6, 2, 2) => ("tcp dport", Kind::Number),
            (6, 13, 1) => ("tcp flags", Kind::Bits(symbols::TCP_FLAGS)),
            (17, 0, 2) => ("udp sport", Kind::Number),
            (17, 2, 2) => ("udp dport", Kind::Number),
            (1, 0, 1) => ("icmp type", Kind::Symbol(symbols::ICMP_TYPES, Width::Decimal)),
            (1, 1, 1) => ("icmp code", Kind::Symbol(symbols::ICMP_CODES, Width::Decimal)),
            _ => return None,
        },
        _ => return None,
    })
}

/// The statements that a comparison is: two where two fields are loaded at once.
pub(super) fn relation(
    slot: &Slot,
    protocol: Option<u8>,
    compare: &Compare,
    lister: &Lister,
) -> Result<Vec<String>, Failure> {
    if let Loaded::Payload(from) = slot.loaded
        && let [a, b, c, d] = compare.value.0[..]
        && (from.base, from.offset, from.length) == (PayloadBase::Transport, 0, 4)
    {
        return [(0, [a, b]), (2, [c, d])]
            .into_iter()
            .map(|(offset, value)| {
                let loaded = Loaded::Payload(Payload { offset, length: 2, ..from });
                let compare = Compare { value: Value::from(value), ..compare.clone() };
                one(&Slot { loaded, mask: None }, protocol, &compare, lister)
            })
            .collect();
    }
    one(slot, protocol, compare, lister).map(|text| vec![text])
}

fn one(slot: &Slot, protocol: Option<u8>, compare: &Compare, lister: &Lister) -> Result<String, Failure> {
    let Some((name, kind)) = field(&slot.loaded, protocol) else { return unknown(&slot.loaded) };
    let value = &compare.value;
    let sign = match compare.comparison {
        Comparison::Equal => "",
        Comparison::NotEqual => "!= ",
        Comparison::Less => "< ",
        Comparison::LessOrEqual => "<= ",
        Comparison::Greater => "> ",
        Comparison::GreaterOrEqual => ">= ",
    };
    let Some(mask) = &slot.mask else {
        let text = match kind {
            Kind::Address => prefix(value, value.0.len() as u32 * 8),
            // Several flags of TCP that are not to be are no names.
            Kind::Bits(_) if value.0.len() == 1 && number(value, name).count_ones() > 1 => {
                format!("0x{:x}", number(value, name))
            }
            kind => written(kind, value, lister),
        };
        return Ok(format!("{name} {sign}{text}"));
    };
    Ok(match kind {
        Kind::Address => {
            let bits = u32::from_be_bytes(quad(mask));
            match bits.leading_ones() + bits.trailing_zeros() >= 32 {
                true => format!("{name} {sign}{}", prefix(value, bits.leading_ones())),
                false => {
                    let mask = Ipv4Addr::from(quad(mask));
                    format!("{name} & {mask} {}{}", explicit(sign), Ipv4Addr::from(quad(value)))
                }
            }
        }
        Kind::Bits(table) => {
            masked_bits(name, table, (number(mask, name), number(value, name)), compare, lister)
        }
        kind => {
            let mask = match kind {
                Kind::Mark => written(kind, mask, lister),
                _ => number(mask, name).to_string(),
            };
            format!("{name} & {mask} {}{}", explicit(sign), written(kind, value, lister))
        }
    })
}

/// Flags of which some count: by what they must be, a slash, and those that count.
fn masked_bits(
    name: &str,
    table: &'static [(&'static str, u64)],
    (mask, value): (u64, u64),
    compare: &Compare,
    lister: &Lister,
) -> String {
    let bits = |number| symbols::bits(table, number, lister.style.numeric);
    let is_equal = compare.comparison == Comparison::Equal;
    match (value, is_equal) {
        (0, true) => format!("{name} ! {}", bits(mask)),
        (0, false) => format!("{name} {}", bits(mask)),
        (value, is_equal) if mask.count_ones() == 1 => {
            let sign = if is_equal { "==" } else { "!=" };
            format!("{name} & {} {sign} {}", bits(mask), bits(value))
        }
        (value, is_equal) => {
            let sign = if is_equal { "" } else { "!= " };
            format!("{name} {sign}{} / {}", bits(value), bits(mask))
        }
    }
}

/// A value between two others.
pub(super) fn span(
    loaded: &Loaded,
    protocol: Option<u8>,
    (from, to): (&Value, &Value),
    mark: &str,
    lister: &Lister,
) -> Result<String, Failure> {
    let Some((name, kind)) = field(loaded, protocol) else { return unknown(loaded) };
    let text = |value| match kind {
        Kind::Address => Ipv4Addr::from(quad(value)).to_string(),
        kind => written(kind, value, lister),
    };
    Ok(format!("{name} {mark}{}-{}", text(from), text(to)))
}

/// In which form values of a type of sets are written.
pub(super) fn kind_of(number: u32) -> Option<Kind> {
    Some(match number {
        7 => Kind::Address,
        12 => Kind::Protocol,
        13 => Kind::Number,
        14 => Kind::Symbol(symbols::ICMP_TYPES, Width::Decimal),
        19 => Kind::Mark,
        26 => Kind::Bits(symbols::CT_STATES),
        41 => Kind::LinkName,
        _ => return None,
    })
}

impl Kind {
    /// Whether the last byte of a value is its highest, as in this machine's numbers.
    pub(super) fn is_little(self, length: usize) -> bool {
        match self {
            Kind::Mark | Kind::LinkName | Kind::LinkIndex => true,
            Kind::Number | Kind::Bits(_) => length == 4,
            Kind::Address | Kind::Protocol | Kind::Symbol(..) => false,
        }
    }
}

fn unknown<T>(loaded: &Loaded) -> Result<T, Failure> {
    let what = match loaded {
        Loaded::Payload(from) => format!("nft: the field at byte {} of a header", from.offset),
        _ => "nft: what is compared here".to_owned(),
    };
    Err(Failure::NotModelled(what))
}

/// The sign that stands behind a mask.
fn explicit(sign: &str) -> &str {
    if sign.is_empty() { "== " } else { sign }
}

/// Four bytes, the missing ones 0.
fn quad(value: &Value) -> [u8; 4] {
    let mut bytes = [0; 4];
    for (to, byte) in bytes.iter_mut().zip(&value.0) {
        *to = *byte;
    }
    bytes
}

pub(super) fn prefix(value: &Value, length: u32) -> String {
    let address = Ipv4Addr::from(quad(value));
    if length == 32 { address.to_string() } else { format!("{address}/{length}") }
}

/// A number: in network order in headers, in this machine's elsewhere.
fn number(value: &Value, name: &str) -> u64 {
    let little = name.starts_with("ct ") || matches!(name, "meta mark" | "meta length" | "iif" | "oif");
    let fold = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
    match little {
        true => value.0.iter().rev().take(8).fold(0, fold),
        false => value.0.iter().take(8).fold(0, fold),
    }
}

pub(super) fn written(kind: Kind, value: &Value, lister: &Lister) -> String {
    let numeric = lister.style.numeric;
    let little = || value.0.iter().rev().fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
    let big = || value.0.iter().fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
    match kind {
        Kind::Address => Ipv4Addr::from(quad(value)).to_string(),
        // What has four bytes is a length, in this machine's order.
        Kind::Number => if value.0.len() == 4 { little() } else { big() }.to_string(),
        Kind::Mark => format!("0x{:08x}", little()),
        Kind::Protocol => {
            let protocol = big() as u8;
            let name = names::in_file(protocol).filter(|_| !numeric);
            name.map_or_else(|| protocol.to_string(), str::to_owned)
        }
        Kind::Symbol(table, width) => match symbols::name(table, big()).filter(|_| !numeric) {
            Some(name) => name.to_owned(),
            None => match width {
                Width::Decimal => big().to_string(),
                Width::Hexadecimal => format!("0x{:04x}", big()),
            },
        },
        Kind::Bits(table) => {
            let bits = if value.0.len() == 1 { big() } else { little() };
            symbols::bits(table, bits, numeric)
        }
        Kind::LinkName => {
            let end = value.0.iter().position(|byte| *byte == 0);
            let name = String::from_utf8_lossy(&value.0[..end.unwrap_or(value.0.len())]).into_owned();
            let rest = if end.is_none() && value.0.len() < 16 { "*" } else { "" };
            format!("\"{name}{rest}\"")
        }
        Kind::LinkIndex => {
            let index = little() as u32;
            lister.links.get(&index).map_or_else(|| index.to_string(), |name| format!("\"{name}\""))
        }
    }
}
