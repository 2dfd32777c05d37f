//! Expressions of `nf_tables` that look at connections or act on packets (`net/netfilter/nft_ct.c`, `nft_nat.c`, `nft_masq.c`,
//! `nft_redir.c`, `nft_reject.c`).

use super::evaluate::{Decision, Run};
use crate::conntrack::{Direction, Part, Tracked};
use std::net::Ipv4Addr;
use vethlab_shared::netfilter::{
    Ct, CtKey, Expression, Masquerade, MetaKey, Nat, NatFlags, NatRange, Redirect, Register, Reject, Target,
};

/// What came of an expression.
pub(super) enum Outcome {
    /// The next one is done.
    Holds,
    /// The rule ends.
    Breaks,
    Decided(Decision),
}

impl Outcome {
    fn of(holds: bool) -> Outcome {
        if holds { Outcome::Holds } else { Outcome::Breaks }
    }
}

impl Run<'_, '_> {
    /// Does an expression that is not often met.
    pub(super) fn native(&mut self, expression: &Expression) -> Outcome {
        match expression {
            Expression::Immediate { value, to } => Outcome::of(self.store(*to, &value.0)),
            Expression::SetMeta { key: MetaKey::Mark, from } => {
                let mark = self.word(*from).map(u32::from_le_bytes);
                self.view.packet.mark = mark.unwrap_or(self.view.packet.mark);
                Outcome::of(mark.is_some())
            }
            Expression::Ct(ct) if ct.set => Outcome::of(self.set_ct(ct)),
            Expression::Ct(ct) => Outcome::of(self.load_ct(ct)),
            Expression::Notrack => {
                self.view.packet.connection.get_or_insert(Tracked::Untracked);
                Outcome::Holds
            }
            Expression::Reject(with) => Outcome::Decided(Decision::Reject(in_ipv4(*with))),
            Expression::Nat(nat) => self.nat(nat),
            Expression::Masquerade(Masquerade { ports, flags }) => {
                self.translate(*flags, None, *ports, Target::Masquerade)
            }
            Expression::Redirect(Redirect { ports, flags }) => {
                self.translate(*flags, None, *ports, Target::Redirect)
            }
            // A namespace other than the first one logs nothing (`nf_log_all_netns` is 0), and none here is the first.
            _ => Outcome::Holds,
        }
    }

    fn word(&self, from: Register) -> Option<[u8; 4]> {
        self.register(from, 4)?.try_into().ok()
    }

    /// `nft_ct_get_eval`.
    fn load_ct(&mut self, ct: &Ct) -> bool {
        /// `NF_CT_STATE_INVALID_BIT`, `NF_CT_STATE_BIT`, `NF_CT_STATE_UNTRACKED_BIT`.
        const INVALID: u32 = 1;
        const ESTABLISHED: u32 = 2;
        const RELATED: u32 = 4;
        const NEW: u32 = 8;
        const UNTRACKED: u32 = 64;
        let tracked = self.view.packet.connection.as_ref();
        let info = tracked.and_then(Tracked::info);
        let connection = tracked.and_then(|tracked| tracked.connection(self.view.connections));
        let value = match ct.key {
            CtKey::State => match (tracked, info.map(|info| info.part)) {
                (None, _) => INVALID,
                (Some(_), None) => UNTRACKED,
                (_, Some(Part::New)) => NEW,
                (_, Some(Part::Established)) => ESTABLISHED,
                (_, Some(Part::Related)) => RELATED,
            },
            _ => {
                let (Some(info), Some(connection)) = (info, connection) else { return false };
                match ct.key {
                    CtKey::Direction => u32::from(info.direction == Direction::Reply),
                    CtKey::Status => connection.status.bits(),
                    CtKey::Mark => connection.mark,
                    CtKey::Expiration | CtKey::State => {
                        u32::try_from(connection.expires.since(self.view.now).as_millis()).unwrap_or(u32::MAX)
                    }
                }
            }
        };
        self.store(ct.register, &value.to_le_bytes()[..ct.key.size()])
    }

    /// `nft_ct_set_eval`: the mark is the only thing to set.
    fn set_ct(&mut self, ct: &Ct) -> bool {
        let Some(mark) = self.word(ct.register).map(u32::from_le_bytes) else { return false };
        let view = &mut *self.view;
        let tracked = view.packet.connection.as_mut();
        if ct.key == CtKey::Mark
            && let Some(connection) = tracked.and_then(|tracked| tracked.connection_mut(view.connections))
        {
            connection.set_mark(mark);
        }
        true
    }

    /// `nft_nat_eval`.
    fn nat(&mut self, nat: &Nat) -> Outcome {
        let target = if nat.destination { Target::Dnat } else { Target::Snat };
        self.translate(nat.flags, nat.addresses, nat.ports, target)
    }

    fn translate(
        &mut self,
        flags: NatFlags,
        addresses: Option<(Register, Register)>,
        ports: Option<(Register, Register)>,
        target: impl FnOnce(NatRange) -> Target,
    ) -> Outcome {
        let address = |from| self.word(from).map(Ipv4Addr::from);
        let port = |from| self.word(from).map(|[high, low, ..]| u16::from_be_bytes([high, low]));
        let unset = (Ipv4Addr::UNSPECIFIED, Ipv4Addr::UNSPECIFIED);
        let both = addresses.map_or(Some(unset), |(first, last)| Some((address(first)?, address(last)?)));
        let Some((first, last)) = both else { return Outcome::Breaks };
        let both = ports.map_or(Some((0, 0)), |(first, last)| Some((port(first)?, port(last)?)));
        let Some((first_port, last_port)) = both else { return Outcome::Breaks };
        let mut flags = flags;
        flags.set(NatFlags::MAP_IPS, addresses.is_some());
        flags.set(NatFlags::PROTO_SPECIFIED, ports.is_some());
        let range = NatRange { flags, first, last, first_port, last_port, base_port: 0 };
        Outcome::Decided(self.translated(&target(range)))
    }
}

/// How a packet of IPv4 is told of (`nft_reject_icmp_code`).
fn in_ipv4(with: Reject) -> Reject {
    match with {
        Reject::Icmpx(0) => Reject::Icmp(0),
        Reject::Icmpx(1) => Reject::Icmp(3),
        Reject::Icmpx(2) => Reject::Icmp(1),
        Reject::Icmpx(_) => Reject::Icmp(13),
        other => other,
    }
}
