//! Why a packet was dropped.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

macro_rules! drop_reasons {
    ($($(#[doc = $words:literal])+ $variant:ident = $name:literal,)*) => {
        /// Why a packet was dropped, named as in `enum skb_drop_reason` (`net/dropreason-core.h`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DropReason {
            $($(#[doc = $words])+ $variant,)*
            /// A reason that only a kernel gives, and that there are no words for here.
            Other(ReasonName),
        }

        impl DropReason {
            /// The kernel's names that there are words for.
            const NAMES: &[&str] = &[$($name),*];

            /// The kernel's name, without `SKB_DROP_REASON_`.
            pub fn name(&self) -> &str {
                match self {
                    $(DropReason::$variant => $name,)*
                    DropReason::Other(name) => name.as_str(),
                }
            }

            /// The reason in words: a sentence without its full stop.
            pub fn words(&self) -> &'static str {
                let words = match self {
                    $(DropReason::$variant => concat!($($words),+),)*
                    DropReason::Other(_) => "For a reason that only the kernel has a name for",
                };
                words.trim().trim_end_matches('.')
            }
        }

        impl FromStr for DropReason {
            type Err = UnknownReason;
            /// By the kernel's name, without `SKB_DROP_REASON_`; for a reason that it has no name for, by its
            /// number: `0x20003`.
            fn from_str(name: &str) -> Result<DropReason, UnknownReason> {
                match name {
                    $($name => Ok(DropReason::$variant),)*
                    other => ReasonName::new(other).map(DropReason::Other).ok_or(UnknownReason),
                }
            }
        }
    };
}

/// The longest name that is kept; the kernel's longest had 24 letters when this was written (Linux 6.18).
const LONGEST_NAME: usize = 39;

/// The kernel's name for a reason, or its number where it has none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReasonName {
    text: [u8; LONGEST_NAME],
    length: u8,
}

impl ReasonName {
    /// Takes capital letters, digits and underscores, or a hexadecimal number.
    fn new(name: &str) -> Option<ReasonName> {
        let is_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        let good = match name.strip_prefix("0x") {
            Some(digits) => !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
            None => !name.is_empty() && name.bytes().all(is_name),
        };
        let mut text = [0; LONGEST_NAME];
        text.get_mut(..name.len()).filter(|_| good)?.copy_from_slice(name.as_bytes());
        Some(ReasonName { text, length: name.len() as u8 })
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text[..self.length.into()]).unwrap_or_default()
    }
}

impl fmt::Debug for ReasonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text cannot be the name of a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownReason;

impl fmt::Display for UnknownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the name of a drop reason")
    }
}

impl std::error::Error for UnknownReason {}

impl Serialize for DropReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for DropReason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<DropReason, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(|UnknownReason| de::Error::unknown_variant(&name, DropReason::NAMES))
    }
}

drop_reasons! {
    /// The kernel gives no closer reason.
    NotSpecified = "NOT_SPECIFIED",
    /// The frame is for another station.
    OtherHost = "OTHERHOST",
    /// No station can have the sender's Ethernet address.
    MacInvalidSource = "MAC_INVALID_SOURCE",
    /// It came in by a port of a bridge that passes nothing on.
    BridgeIngressStpState = "BRIDGE_INGRESS_STP_STATE",
    /// A bridge has no port that it could leave by.
    NoTxTarget = "NO_TX_TARGET",
    /// The IPv4 checksum is wrong.
    IpCsum = "IP_CSUM",
    /// The IPv4 header is broken, or the time to live ran out.
    IpInHdr = "IP_INHDR",
    /// The ICMP checksum is wrong.
    IcmpCsum = "ICMP_CSUM",
    /// The UDP checksum is wrong.
    UdpCsum = "UDP_CSUM",
    /// The TCP checksum is wrong.
    TcpCsum = "TCP_CSUM",
    /// The connection is over already.
    TcpClose = "TCP_CLOSE",
    /// The connection was reset.
    TcpReset = "TCP_RESET",
    /// The flags do not fit the state of the connection.
    TcpFlags = "TCP_FLAGS",
    /// It acknowledges what was never sent in this connection.
    TcpInvalidAckSequence = "TCP_INVALID_ACK_SEQUENCE",
    /// It acknowledges what was not sent yet.
    TcpAckUnsentData = "TCP_ACK_UNSENT_DATA",
    /// It acknowledges what was acknowledged long ago.
    TcpTooOldAck = "TCP_TOO_OLD_ACK",
    /// It asks for a connection in the middle of one.
    TcpInvalidSyn = "TCP_INVALID_SYN",
    /// Its time stamp is older than one before.
    TcpRfc7323Paws = "TCP_RFC7323_PAWS",
    /// All of it came before.
    TcpOldSequence = "TCP_OLD_SEQUENCE",
    /// It lies behind the window.
    TcpInvalidSequence = "TCP_INVALID_SEQUENCE",
    /// Its data came before.
    TcpOldData = "TCP_OLD_DATA",
    /// Its data lies behind the window.
    TcpOverwindow = "TCP_OVERWINDOW",
    /// There is no room for its data.
    TcpZerowindow = "TCP_ZEROWINDOW",
    /// Data for a program that has closed the connection.
    TcpAbortOnData = "TCP_ABORT_ON_DATA",
    /// Nothing here speaks this protocol.
    IpNoProto = "IP_NOPROTO",
    /// Nothing here takes frames of this type.
    UnhandledProto = "UNHANDLED_PROTO",
    // An echo reply ends so even when `ping` has it: `ping` reads a copy from a raw socket, and the packet itself
    // goes on to look for a ping socket (`ping_rcv`).
    /// No socket wants it.
    NoSocket = "NO_SOCKET",
    /// The socket's buffer is full.
    SocketRcvbuff = "SOCKET_RCVBUFF",
    /// Reverse-path filter.
    IpRpFilter = "IP_RPFILTER",
    /// An invalid local source.
    IpLocalSource = "IP_LOCAL_SOURCE",
    /// An invalid source address.
    IpInvalidSource = "IP_INVALID_SOURCE",
    /// An invalid destination address.
    IpInvalidDest = "IP_INVALID_DEST",
    /// A loopback address came in from outside.
    IpLocalnet = "IP_LOCALNET",
    /// No route for what came in.
    IpInNoRoutes = "IP_INNOROUTES",
    /// It is for another machine, and nothing is sent on here.
    IpInAddrErrors = "IP_INADDRERRORS",
    /// No route for what goes out.
    IpOutNoRoutes = "IP_OUTNOROUTES",
    /// A unicast packet in a broadcast frame.
    UnicastInL2Multicast = "UNICAST_IN_L2_MULTICAST",
    /// No neighbour entry could be made.
    NeighCreateFail = "NEIGH_CREATEFAIL",
    /// The neighbour did not answer.
    NeighFailed = "NEIGH_FAILED",
    /// Too many packets wait for the neighbour.
    NeighQueueFull = "NEIGH_QUEUEFULL",
    /// What it waited in was thrown away.
    QueuePurge = "QUEUE_PURGE",
    /// Messages of this kind are not taken when they are sent to everybody.
    InvalidProto = "INVALID_PROTO",
    /// The neighbour entry is dead.
    NeighDead = "NEIGH_DEAD",
    /// Larger than the MTU of what it should leave by.
    PktTooBig = "PKT_TOO_BIG",
    /// A device below is not ready: down, or without carrier.
    DevReady = "DEV_READY",
    /// The link's queueing discipline is `noop`: it is down.
    QdiscDrop = "QDISC_DROP",
    /// A netfilter rule.
    NetfilterDrop = "NETFILTER_DROP",
    /// A fragment that was there already.
    DupFrag = "DUP_FRAG",
    /// Fragments did not all arrive in time.
    FragReasmTimeout = "FRAG_REASM_TIMEOUT",
    /// Cut short.
    PktTooSmall = "PKT_TOO_SMALL",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_lost() {
        for name in DropReason::NAMES.iter().chain(&["SOCKET_FILTER", "TCP_RFC7323_PAWS", "0x2000f"]) {
            let reason: DropReason = name.parse().expect("a reason");
            assert_eq!(reason.name(), *name);
            assert_eq!(matches!(reason, DropReason::Other(_)), !DropReason::NAMES.contains(name));
            assert!(!reason.words().is_empty());
        }
        for name in ["", "?", "no_socket", "NO SOCKET", "0x", "0xg", &"A".repeat(LONGEST_NAME + 1)] {
            assert_eq!(name.parse::<DropReason>(), Err(UnknownReason), "{name}");
        }
    }
}
