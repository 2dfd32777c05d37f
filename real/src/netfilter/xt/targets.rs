//! Targets (`NFTA_TARGET_*`).

use super::super::attribute::{Attributes, Received};
use super::structure::{Reader, Writer};
use super::{mark, nat, put, take};
use vethlab_shared::netfilter::{Extension, LogTarget, RejectWith, Target};

/// `struct ipt_reject_info`.
const REJECT: usize = 4;
/// `struct xt_log_info`.
const LOG: usize = 32;
/// `struct ipt_TTL_info`.
const TTL: usize = 2;
/// `struct xt_tcpmss_info`.
const TCPMSS: usize = 2;
/// `struct xt_ct_target_info_v1`.
const CT: usize = 72;
/// `XT_CT_NOTRACK`.
const NOTRACK: u16 = 1;
/// `XT_CT_NOTRACK_ALIAS`: it was written as `-j NOTRACK`.
const NOTRACK_ALIAS: u16 = 2;

/// In the kernel's order (`enum ipt_reject_with`); 4 answers an echo, which nothing asks for.
const REJECTS: [(RejectWith, u32); 8] = [
    (RejectWith::NetUnreachable, 0),
    (RejectWith::HostUnreachable, 1),
    (RejectWith::ProtoUnreachable, 2),
    (RejectWith::PortUnreachable, 3),
    (RejectWith::NetProhibited, 5),
    (RejectWith::HostProhibited, 6),
    (RejectWith::TcpReset, 7),
    (RejectWith::AdminProhibited, 8),
];

/// The name, the revision and the structure of a target.
fn written(target: &Target) -> (&str, u32, Vec<u8>) {
    let none = Writer::default();
    match target {
        Target::Reject(with) => {
            let number = REJECTS.iter().find(|(this, _)| this == with).map_or(3, |(_, number)| *number);
            ("REJECT", 0, none.u32(number).end(REJECT))
        }
        Target::Log(log) => ("LOG", 0, none.u8(log.level).u8(log.flags).text(&log.prefix, 30).end(LOG)),
        Target::Mark { mark, mask } => ("MARK", 2, mark::mark(*mark, *mask)),
        Target::Ttl { mode, value } => ("TTL", 0, none.u8(*mode).u8(*value).end(TTL)),
        Target::Snat(range) => ("SNAT", 0, nat::compatible(range)),
        Target::Dnat(range) => ("DNAT", 2, nat::range(range)),
        Target::Masquerade(range) => ("MASQUERADE", 0, nat::compatible(range)),
        Target::Redirect(range) => ("REDIRECT", 0, nat::compatible(range)),
        Target::Notrack { as_ct } => {
            let flags = if *as_ct { NOTRACK } else { NOTRACK | NOTRACK_ALIAS };
            ("CT", 2, none.u16(flags).end(CT))
        }
        Target::Connmark { mode, mark, connection_mask, packet_mask } => {
            ("CONNMARK", 2, mark::set_connmark(*mode, [*mark, *connection_mask, *packet_mask]))
        }
        Target::Tcpmss(size) => ("TCPMSS", 0, none.u16(*size).end(TCPMSS)),
        Target::Other(extension) => (&extension.name, extension.revision, extension.info.0.clone()),
    }
}

/// The target that a structure is.
fn read(extension: &Extension) -> Option<Target> {
    let of = |size| Reader::new(&extension.info.0, size);
    Some(match (extension.name.as_str(), extension.revision) {
        ("REJECT", 0) => {
            let number = of(REJECT)?.u32();
            Target::Reject(REJECTS.iter().find(|(_, this)| *this == number)?.0)
        }
        ("LOG", 0) => {
            let mut reader = of(LOG)?;
            let (level, flags) = (reader.u8(), reader.u8());
            Target::Log(LogTarget { level, flags, prefix: reader.text::<30>()? })
        }
        ("MARK", 2) => of(mark::MARK).map(mark::read_mark)?,
        ("TTL", 0) => {
            let mut reader = of(TTL)?;
            Target::Ttl { mode: reader.u8(), value: reader.u8() }
        }
        ("SNAT", 0) => of(nat::COMPATIBLE).map(nat::read_compatible).map(Target::Snat)?,
        ("DNAT", 2) => of(nat::RANGE).map(nat::read_range).map(Target::Dnat)?,
        ("MASQUERADE", 0) => of(nat::COMPATIBLE).map(nat::read_compatible).map(Target::Masquerade)?,
        ("REDIRECT", 0) => of(nat::COMPATIBLE).map(nat::read_compatible).map(Target::Redirect)?,
        ("CT", 2) => Target::Notrack { as_ct: of(CT)?.u16() & NOTRACK_ALIAS == 0 },
        ("CONNMARK", 2) => of(mark::SET_CONNMARK).map(mark::read_set_connmark)?,
        ("TCPMSS", 0) => Target::Tcpmss(of(TCPMSS)?.u16()),
        _ => return None,
    })
}

/// A target as the kernel takes it.
pub(in super::super) fn encode(target: &Target) -> Attributes {
    let (name, revision, info) = written(target);
    put(name, revision, &info)
}

/// A target that the kernel tells of; `None` where it tells no name.
pub(in super::super) fn decode(fields: &Received<'_>) -> Option<Target> {
    let extension = take(fields)?;
    let known = read(&extension).filter(|known| super::same(&written(known).2, &extension));
    Some(known.unwrap_or(Target::Other(extension)))
}
