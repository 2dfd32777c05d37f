//! Matches and targets of `x_tables`: structures of C, laid out by hand, in this machine's byte order unless they hold parts of
//! packets. One that does not come back the same when it is written again stays bytes.

mod address;
mod conntrack;
mod mark;
pub(super) mod matches;
mod nat;
mod packet;
mod structure;
pub(super) mod targets;

use super::attribute::{Attributes, Received};
use vethlab_shared::netfilter::{Extension, Value};

/// `NFTA_MATCH_NAME`, and `NFTA_TARGET_NAME`.
const NAME: u16 = 1;
/// `NFTA_MATCH_REV`.
const REVISION: u16 = 2;
/// `NFTA_MATCH_INFO`.
const INFO: u16 = 3;
/// `XT_ALIGN` aligns structures to this.
const ALIGNMENT: usize = 8;

/// An extension as the kernel takes it.
fn put(name: &str, revision: u32, info: &[u8]) -> Attributes {
    let mut info = info.to_vec();
    info.resize(info.len().next_multiple_of(ALIGNMENT), 0);
    Attributes::default().text(NAME, name).u32(REVISION, revision).bytes(INFO, &info)
}

/// An extension that the kernel tells of.
fn take(fields: &Received<'_>) -> Option<Extension> {
    Some(Extension {
        name: fields.text(NAME)?,
        revision: fields.u32(REVISION)?,
        info: Value::from(fields.bytes(INFO)?),
    })
}

/// Whether a structure is what the kernel told, but for padding at its end.
fn same(written: &[u8], told: &Extension) -> bool {
    let mut written = written.to_vec();
    written.resize(written.len().next_multiple_of(ALIGNMENT), 0);
    written == told.info.0
}
