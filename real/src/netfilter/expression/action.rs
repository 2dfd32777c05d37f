//! Expressions about connections, and those that act on packets.

use super::super::attribute::{Attributes, Received};
use super::Fields;
use vethlab_shared::netfilter::{Ct, CtKey, Expression, Log, Masquerade, Nat, NatFlags, Redirect, Reject};

/// `NFTA_CT_DREG`, `_KEY`, `_SREG`.
const CT: [u16; 3] = [1, 2, 4];
/// `NFTA_CT_DIRECTION`: of one direction rather than of both.
const CT_DIRECTION: u16 = 3;
/// `NFTA_LOG_GROUP`, `_PREFIX`, `_LEVEL`, `_FLAGS`.
const LOG: [u16; 4] = [1, 2, 5, 6];
/// `NFTA_LOG_SNAPLEN`, `NFTA_LOG_QTHRESHOLD`.
const LOG_OF_GROUP: [u16; 2] = [3, 4];
/// `NFTA_REJECT_TYPE`, `_ICMP_CODE`.
const REJECT: [u16; 2] = [1, 2];
/// `NFTA_NAT_TYPE`, `_FAMILY`, `_FLAGS`.
const NAT: [u16; 3] = [1, 2, 7];
/// `NFTA_NAT_REG_ADDR_MIN`, `_MAX`.
const NAT_ADDRESSES: [u16; 2] = [3, 4];
/// `NFTA_NAT_REG_PROTO_MIN`, `_MAX`.
const NAT_PORTS: [u16; 2] = [5, 6];
/// `NFTA_MASQ_FLAGS`.
const MASQUERADE_FLAGS: u16 = 1;
/// `NFTA_MASQ_REG_PROTO_MIN`, `_MAX`.
const MASQUERADE_PORTS: [u16; 2] = [2, 3];
/// `NFTA_REDIR_FLAGS`.
const REDIRECT_FLAGS: u16 = 3;
/// `NFTA_REDIR_REG_PROTO_MIN`, `_MAX`.
const REDIRECT_PORTS: [u16; 2] = [1, 2];
/// `NFPROTO_IPV4`.
const IPV4: u32 = 2;

/// The kernel's numbers (`enum nft_ct_keys`).
const CT_KEYS: [(CtKey, u32); 5] =
    [(CtKey::State, 0), (CtKey::Direction, 1), (CtKey::Status, 2), (CtKey::Mark, 3), (CtKey::Expiration, 5)];

/// The name and the content of an expression; `None` where it is none of these.
pub(super) fn encode(expression: &Expression) -> Option<(&'static str, Attributes)> {
    let none = Attributes::default();
    let flagged = |attributes: Attributes, kind, flags: NatFlags| {
        let flags = Some(flags).filter(|flags| !flags.is_empty());
        attributes.maybe(flags, |attributes, flags| attributes.u32(kind, flags.bits()))
    };
    Some(match expression {
        Expression::Ct(ct) => {
            let number = CT_KEYS.iter().find(|(key, _)| *key == ct.key).map_or(0, |(_, number)| *number);
            ("ct", none.u32(CT[1], number).register(if ct.set { CT[2] } else { CT[0] }, ct.register))
        }
        Expression::Notrack => ("notrack", none),
        Expression::Log(log) => ("log", logged(log)),
        Expression::Reject(reject) => {
            let (kind, code) = match reject {
                Reject::Icmp(code) => (0, *code),
                Reject::TcpReset => (1, 0),
                Reject::Icmpx(code) => (2, *code),
            };
            ("reject", none.u32(REJECT[0], kind).bytes(REJECT[1], &[code]))
        }
        Expression::Nat(nat) => {
            let attributes = none
                .u32(NAT[0], nat.destination.into())
                .u32(NAT[1], IPV4)
                .registers(NAT_ADDRESSES, nat.addresses)
                .registers(NAT_PORTS, nat.ports);
            ("nat", flagged(attributes, NAT[2], nat.flags))
        }
        Expression::Masquerade(masquerade) => {
            let attributes = none.registers(MASQUERADE_PORTS, masquerade.ports);
            ("masq", flagged(attributes, MASQUERADE_FLAGS, masquerade.flags))
        }
        Expression::Redirect(redirect) => {
            let attributes = none.registers(REDIRECT_PORTS, redirect.ports);
            ("redir", flagged(attributes, REDIRECT_FLAGS, redirect.flags))
        }
        _ => return None,
    })
}

/// What an expression of this name holds; `None` where it is not known.
pub(super) fn decode(name: &str, fields: &Received<'_>) -> Option<Expression> {
    let flags = |kind| NatFlags::from_bits_retain(fields.u32(kind).unwrap_or_default());
    Some(match name {
        "ct" if fields.bytes(CT_DIRECTION).is_none() => {
            let number = fields.u32(CT[1])?;
            let key = CT_KEYS.iter().find(|(_, this)| *this == number)?.0;
            let source = fields.register(CT[2]);
            let register = source.or_else(|| fields.register(CT[0]))?;
            Expression::Ct(Ct { key, register, set: source.is_some() })
        }
        "notrack" => Expression::Notrack,
        "log" => Expression::Log(log(fields)?),
        "reject" => {
            let code = *fields.bytes(REJECT[1]).and_then(<[u8]>::first).unwrap_or(&0);
            Expression::Reject(match fields.u32(REJECT[0])? {
                0 => Reject::Icmp(code),
                1 => Reject::TcpReset,
                2 => Reject::Icmpx(code),
                _ => return None,
            })
        }
        "nat" if fields.u32(NAT[1]) == Some(IPV4) => Expression::Nat(Nat {
            destination: fields.u32(NAT[0])? == 1,
            addresses: fields.registers(NAT_ADDRESSES),
            ports: fields.registers(NAT_PORTS),
            flags: flags(NAT[2]),
        }),
        "masq" => Expression::Masquerade(Masquerade {
            ports: fields.registers(MASQUERADE_PORTS),
            flags: flags(MASQUERADE_FLAGS),
        }),
        "redir" => Expression::Redirect(Redirect {
            ports: fields.registers(REDIRECT_PORTS),
            flags: flags(REDIRECT_FLAGS),
        }),
        _ => return None,
    })
}

fn logged(log: &Log) -> Attributes {
    Attributes::default()
        .maybe(log.group, |attributes, group| attributes.bytes(LOG[0], &group.to_be_bytes()))
        .maybe(log.prefix.as_deref(), |attributes, prefix| attributes.text(LOG[1], prefix))
        .maybe(log.level, |attributes, level| attributes.u32(LOG[2], level))
        .maybe(Some(log.flags).filter(|flags| *flags != 0), |attributes, flags| attributes.u32(LOG[3], flags))
}

/// What is logged; `None` where a program hears it that wants more than this tells.
fn log(fields: &Received<'_>) -> Option<Log> {
    let group = fields.bytes(LOG[0]).and_then(|bytes| bytes.try_into().ok().map(u16::from_be_bytes));
    if LOG_OF_GROUP.iter().any(|kind| fields.bytes(*kind).is_some_and(|bytes| bytes.iter().any(|b| *b != 0)))
    {
        return None;
    }
    Some(Log {
        prefix: fields.text(LOG[1]),
        level: fields.u32(LOG[2]),
        flags: fields.u32(LOG[3]).unwrap_or_default(),
        group,
    })
}
