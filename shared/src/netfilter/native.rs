//! Expressions of `nf_tables` that look at connections or act on packets, as `nft` asks for them; `iptables` asks for matches and
//! targets of `x_tables` instead.

use super::{NatFlags, Register};
use serde::{Deserialize, Serialize};

/// Loads or sets what is known of the packet's connection (`NFTA_CT_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ct {
    /// What to load or to set.
    pub key: CtKey,
    /// Where to, or where the value is.
    pub register: Register,
    /// Whether it is set.
    pub set: bool,
}

/// What is known of a packet's connection (`enum nft_ct_keys`). Each is four bytes in the byte order of little-endian machines,
/// but for the direction, which is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CtKey {
    /// The bit of its state: invalid 1, established 2, related 4, new 8, untracked 64.
    State,
    /// The direction of the packet: 0 is that of the first one.
    Direction,
    /// What has happened to it (`IPS_*`).
    Status,
    /// Its mark.
    Mark,
    /// For how many milliseconds it stays known.
    Expiration,
}

impl CtKey {
    /// How many bytes its value has.
    pub fn size(self) -> usize {
        match self {
            CtKey::Direction => 1,
            CtKey::State | CtKey::Status | CtKey::Mark | CtKey::Expiration => 4,
        }
    }
}

/// What to write to the kernel's log (`NFTA_LOG_*`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    /// What stands in front, at most 127 bytes.
    pub prefix: Option<String>,
    /// How important it is, 0 to 7.
    pub level: Option<u32>,
    /// What else is told (`NF_LOG_*`).
    pub flags: u32,
    /// The group of a program that hears it, in the place of the log.
    pub group: Option<u16>,
}

/// How `reject` says so (`NFTA_REJECT_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reject {
    /// By an ICMP error Destination Unreachable with this code (`NFT_REJECT_ICMP_UNREACH`).
    Icmp(u8),
    /// By a TCP reset (`NFT_REJECT_TCP_RST`).
    TcpReset,
    /// By an error of the packet's own family: no route 0, port unreachable 1, host unreachable 2, prohibited 3
    /// (`NFT_REJECT_ICMPX_UNREACH`).
    Icmpx(u8),
}

/// Translates addresses and ports (`NFTA_NAT_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nat {
    /// Those of the destination, rather than those of the source.
    pub destination: bool,
    /// Where the first and the last address are.
    pub addresses: Option<(Register, Register)>,
    /// Where the first and the last port are.
    pub ports: Option<(Register, Register)>,
    /// How is chosen.
    pub flags: NatFlags,
}

/// Translates the source to the address of the link that the packet leaves by (`NFTA_MASQ_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Masquerade {
    /// Where the first and the last port are.
    pub ports: Option<(Register, Register)>,
    /// How is chosen.
    pub flags: NatFlags,
}

/// Translates the destination to this machine (`NFTA_REDIR_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// Where the first and the last port are.
    pub ports: Option<(Register, Register)>,
    /// How is chosen.
    pub flags: NatFlags,
}
