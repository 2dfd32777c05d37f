//! The words of a filter, as the scanner of libpcap 1.10.3 takes them (`scanner.l`): the longest that fits.

use super::FilterError;
use vethlab_shared::mac::MacAddress;

/// A protocol that can qualify an address or stand for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proto {
    Link,
    Ip,
    Arp,
    Rarp,
    Ip6,
    Tcp,
    Udp,
    Sctp,
    /// Any other one that is a protocol number of IPv4, with its name.
    Over(&'static str, u8),
    Icmp6,
}

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A protocol.
    Proto(Proto),
    /// A word with a meaning of its own.
    Keyword(&'static str),
    /// A word that libpcap knows and that is not modelled here.
    NotModelled(String),
    /// A name.
    Name(String),
    /// A number.
    Number(u32),
    /// Two, three or four numbers with points between them.
    Address(String),
    /// An Ethernet address.
    Mac(MacAddress),
    /// An operator or a bracket.
    Symbol(&'static str),
    /// What is no word of the language, and ends the parse where it stands.
    Wrong(FilterError),
}

/// The words of the language.
pub(crate) fn words() -> impl Iterator<Item = &'static str> {
    KEYWORDS.iter().copied().chain(PROTOS.iter().map(|proto| proto.0))
}

const KEYWORDS: &[&str] = &[
    "src",
    "dst",
    "host",
    "net",
    "mask",
    "port",
    "portrange",
    "proto",
    "less",
    "greater",
    "broadcast",
    "multicast",
    "inbound",
    "outbound",
    "len",
    "length",
    "and",
    "or",
    "not",
];

const PROTOS: &[(&str, Proto)] = &[
    ("link", Proto::Link),
    ("ether", Proto::Link),
    ("ppp", Proto::Link),
    ("slip", Proto::Link),
    ("fddi", Proto::Link),
    ("tr", Proto::Link),
    ("wlan", Proto::Link),
    ("arp", Proto::Arp),
    ("rarp", Proto::Rarp),
    ("ip", Proto::Ip),
    ("ip6", Proto::Ip6),
    ("tcp", Proto::Tcp),
    ("udp", Proto::Udp),
    ("sctp", Proto::Sctp),
    ("icmp", Proto::Over("icmp", 1)),
    ("igmp", Proto::Over("igmp", 2)),
    ("igrp", Proto::Over("igrp", 9)),
    ("vrrp", Proto::Over("vrrp", 112)),
    ("icmp6", Proto::Icmp6),
];

const CONSTANTS: &[(&str, u32)] = &[
    ("icmptype", 0),
    ("icmpcode", 1),
    ("icmp-echoreply", 0),
    ("icmp-unreach", 3),
    ("icmp-sourcequench", 4),
    ("icmp-redirect", 5),
    ("icmp-echo", 8),
    ("icmp-routeradvert", 9),
    ("icmp-routersolicit", 10),
    ("icmp-timxceed", 11),
    ("icmp-paramprob", 12),
    ("icmp-tstamp", 13),
    ("icmp-tstampreply", 14),
    ("icmp-ireq", 15),
    ("icmp-ireqreply", 16),
    ("icmp-maskreq", 17),
    ("icmp-maskreply", 18),
    ("tcpflags", 13),
    ("tcp-fin", 0x01),
    ("tcp-syn", 0x02),
    ("tcp-rst", 0x04),
    ("tcp-push", 0x08),
    ("tcp-ack", 0x10),
    ("tcp-urg", 0x20),
    ("tcp-ece", 0x40),
    ("tcp-cwr", 0x80),
];

/// Words of links and protocols that no network here has.
const ELSEWHERE: &[&str] = &[
    "pim",
    "carp",
    "radio",
    "ah",
    "esp",
    "atalk",
    "aarp",
    "decnet",
    "lat",
    "sca",
    "moprc",
    "mopdl",
    "iso",
    "esis",
    "es-is",
    "isis",
    "is-is",
    "l1",
    "l2",
    "iih",
    "lsp",
    "snp",
    "csnp",
    "psnp",
    "clnp",
    "stp",
    "ipx",
    "netbeui",
    "protochain",
    "gateway",
    "type",
    "subtype",
    "direction",
    "dir",
    "address1",
    "addr1",
    "address2",
    "addr2",
    "address3",
    "addr3",
    "address4",
    "addr4",
    "ra",
    "ta",
    "byte",
    "ifindex",
    "vlan",
    "mpls",
    "pppoed",
    "pppoes",
    "geneve",
    "lane",
    "llc",
    "metac",
    "bcc",
    "oam",
    "oamf4",
    "oamf4ec",
    "oamf4sc",
    "sc",
    "ilmic",
    "vpi",
    "vci",
    "connectmsg",
    "metaconnect",
    "on",
    "ifname",
    "rset",
    "ruleset",
    "rnr",
    "rulenum",
    "srnr",
    "subrulenum",
    "reason",
    "action",
    "fisu",
    "lssu",
    "lsu",
    "msu",
    "hfisu",
    "hlssu",
    "hmsu",
    "sio",
    "opc",
    "dpc",
    "sls",
    "hsio",
    "hopc",
    "hdpc",
    "hsls",
];

const SYMBOLS: &[&str] = &[
    ">=", "<=", "!=", "==", "<<", ">>", "&&", "||", "+", "-", "*", "/", "%", ":", "[", "]", "!", "<", ">",
    "(", ")", "&", "|", "^", "=",
];

/// Takes a filter apart, as far as to the first word beyond so many.
pub(super) fn tokens(text: &str, most: usize) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        if rest.is_empty() || tokens.len() > most {
            return tokens;
        }
        let (token, length) = token(rest);
        tokens.push(token);
        rest = &rest[length..];
    }
}

/// The first word, and how many bytes it takes.
fn token(rest: &str) -> (Token, usize) {
    let word = word_length(rest);
    if let Some(length) = ipv6_length(rest).filter(|&length| length >= word) {
        return (Token::NotModelled(rest[..length].to_owned()), length);
    }
    if let Some((mac, length)) = mac(rest).filter(|(_, length)| *length >= word) {
        return (Token::Mac(mac), length);
    }
    if word > 0 {
        return (classify(&rest[..word]), word);
    }
    if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
        let meant = match *symbol {
            "&&" => Token::Keyword("and"),
            "||" => Token::Keyword("or"),
            "!" => Token::Keyword("not"),
            "==" => Token::Symbol("="),
            other => Token::Symbol(other),
        };
        return (meant, symbol.len());
    }
    if let Some(escaped) = rest.strip_prefix('\\') {
        let length = escaped.find([' ', '!', '(', ')', '\n', '\t']).unwrap_or(escaped.len());
        if length > 0 {
            return (Token::Name(escaped[..length].to_owned()), length + 1);
        }
    }
    (Token::Wrong(FilterError::Syntax), rest.chars().next().map_or(1, char::len_utf8))
}

/// `[A-Za-z0-9]([-_.A-Za-z0-9]*[.A-Za-z0-9])?`
fn word_length(rest: &str) -> usize {
    let inside = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
    let length = rest.bytes().take_while(|&c| inside(c)).count();
    let end = rest[..length].trim_end_matches(['-', '_']).len();
    if rest.starts_with(|c: char| c.is_ascii_alphanumeric()) { end } else { 0 }
}

fn classify(word: &str) -> Token {
    if let Some((_, proto)) = PROTOS.iter().find(|(name, _)| *name == word) {
        return Token::Proto(*proto);
    }
    if let Some(keyword) = KEYWORDS.iter().find(|keyword| **keyword == word) {
        return Token::Keyword(if *keyword == "length" { "len" } else { keyword });
    }
    if ELSEWHERE.contains(&word) {
        return Token::NotModelled(word.to_owned());
    }
    if let Some((_, number)) = CONSTANTS.iter().find(|(name, _)| *name == word) {
        return Token::Number(*number);
    }
    let parts: Vec<&str> = word.split('.').collect();
    match parts.as_slice() {
        [number] if is_number(number) => read_number(number),
        parts if (2..=4).contains(&parts.len()) && parts.iter().all(|part| is_number(part)) => {
            Token::Address(word.to_owned())
        }
        _ => Token::Name(word.to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    let hexadecimal = text.strip_prefix("0x").or(text.strip_prefix("0X"));
    let all = |digits: &str, base| !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(base));
    hexadecimal.map_or_else(|| all(text, 10), |digits| all(digits, 16))
}

/// `stou`: as C writes numbers.
fn read_number(text: &str) -> Token {
    let (digits, base) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&text[2..], 16),
        [b'0', ..] => (text, 8),
        _ => (text, 10),
    };
    if base == 8 && digits.contains(['8', '9']) {
        let message = format!("number {text} contains non-octal digit");
        return Token::Wrong(FilterError::Message(message));
    }
    u32::from_str_radix(digits, base).map_or_else(
        |_| Token::Wrong(FilterError::Message(format!("number {text} overflows 32 bits"))),
        Token::Number,
    )
}

/// An Ethernet address in one of the ways of writing it: six numbers between colons, hyphens or points, three
/// between points, or twelve digits.
fn mac(rest: &str) -> Option<(MacAddress, usize)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_hexdigit).count();
    for separator in [':', '-', '.'] {
        let mut bytes = [0; 6];
        let mut at = 0;
        let whole = bytes.iter_mut().enumerate().all(|(number, byte)| {
            if number > 0 {
                if !rest[at..].starts_with(separator) {
                    return false;
                }
                at += 1;
            }
            let length = digits(&rest[at..]).min(2);
            *byte = u8::from_str_radix(&rest[at..at + length], 16).unwrap_or(0);
            at += length;
            length > 0
        });
        if whole {
            return Some((MacAddress(bytes), at));
        }
    }
    let (text, length) = match (rest.get(..12), rest.get(..14)) {
        (Some(text), _) if digits(text) == 12 => (text.to_owned(), 12),
        (_, Some(text)) if text.split('.').map(digits).eq([4, 4, 4]) => (text.replace('.', ""), 14),
        _ => return None,
    };
    let number = u64::from_str_radix(&text, 16).ok()?.to_be_bytes();
    Some((MacAddress(number[2..].try_into().ok()?), length))
}

/// How long a text is that can only be an IPv6 address, or a broken Ethernet address.
fn ipv6_length(rest: &str) -> Option<usize> {
    let length = rest.bytes().take_while(|&c| c.is_ascii_hexdigit() || matches!(c, b':' | b'.')).count();
    let text = rest[..length].trim_end_matches('.');
    let is_mac = mac(rest).is_some_and(|(_, length)| length >= text.len());
    (!is_mac && (text.contains("::") || text.matches(':').count() >= 2)).then_some(text.len())
}
