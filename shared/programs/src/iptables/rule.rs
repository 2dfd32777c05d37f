//! A rule as `iptables` sees it (`struct iptables_command_state`).

use std::net::Ipv4Addr;
use vethlab_shared::netfilter::{Counters, Match, Target};

bitflags::bitflags! {
    /// The conditions whose opposite must hold (`IPT_INV_*`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(super) struct Inverted: u8 {
        const IN = 1;
        const OUT = 2;
        const SOURCE = 8;
        const DESTINATION = 0x10;
        const FRAGMENT = 0x20;
        const PROTOCOL = 0x40;
    }
}

/// An address with the bits of it that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Masked {
    pub(super) address: Ipv4Addr,
    pub(super) mask: Ipv4Addr,
}

impl Default for Masked {
    fn default() -> Masked {
        Masked { address: Ipv4Addr::UNSPECIFIED, mask: Ipv4Addr::UNSPECIFIED }
    }
}

impl Masked {
    /// Whether every address is meant.
    pub(super) fn is_any(self) -> bool {
        self == Masked::default()
    }

    /// How many bits count, where those are the first ones.
    pub(super) fn length(self) -> Option<u32> {
        let bits = self.mask.to_bits();
        (bits.leading_ones() + bits.trailing_zeros() >= 32).then(|| bits.leading_ones())
    }
}

/// What a rule looks for, and what it does.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rule {
    pub(super) source: Masked,
    pub(super) destination: Masked,
    /// The name of the link; empty is any, and a `+` at its end stands for the rest.
    pub(super) in_link: String,
    pub(super) out_link: String,
    /// 0 is any.
    pub(super) protocol: u8,
    /// Only later pieces of packets.
    pub(super) fragment: bool,
    pub(super) inverted: Inverted,
    pub(super) conditions: Vec<Condition>,
    pub(super) jump: Jump,
    pub(super) counters: Counters,
}

/// What else a rule looks for: a match.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    /// One of `x_tables`.
    Match(Match),
    /// `mark`.
    Mark { mark: u32, mask: u32, invert: bool },
    /// `limit`: the period of a packet, in 1/10 000 seconds (`XT_LIMIT_SCALE`), and how many may come at once.
    Limit { period: u32, burst: u32 },
}

/// What a rule does.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Jump {
    /// It counts.
    #[default]
    Nothing,
    /// `ACCEPT`, `DROP` or `RETURN`.
    Standard(&'static str),
    /// A target of `x_tables`.
    Target(Target),
    /// Another chain.
    Chain { name: String, goto: bool },
}

impl Jump {
    /// What stands in the column `target`.
    pub(super) fn name(&self) -> &str {
        match self {
            Jump::Nothing => "",
            Jump::Standard(name) => name,
            Jump::Target(target) => super::targets::name(target),
            Jump::Chain { name, .. } => name,
        }
    }
}
