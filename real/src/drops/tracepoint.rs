//! The tracepoints that follow a packet, as this kernel describes them.
//!
//! Their numbers, where each field lies, and which reason has which number differ from kernel to kernel: all of it is
//! read from tracefs, from the file `format` of each.

use super::NoDropReasons;
use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsmount, fsopen};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::CStr;
use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use vethlab_shared::error::Errno;
use vethlab_shared::event::DropReason;

/// Where a machine that shows tracefs has it.
const TRACEFS: &str = "/sys/kernel/tracing";
/// Whether a frame is stamped before it waits for its processor, which is then right before `netif_rx`. Shown in the
/// machine's own network namespace only.
const STAMPED_EARLY: &str = "/proc/sys/net/core/netdev_tstamp_prequeue";

/// What a tracepoint told of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// Its address in the kernel: the packet's name while it lives.
    pub(crate) skb: u64,
    /// What became of it.
    pub(crate) what: What,
}

/// What became of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// It is about to leave by a link, as a frame of this length.
    Leaves { link: String, length: u64 },
    /// It came in by a link, with this length behind its Ethernet header.
    ComesIn { link: String, length: u64 },
    /// It is at the door of a link that nobody asks for.
    Elsewhere,
    /// It was dropped. The protocol is its `EtherType`.
    Dropped { protocol: u64, reason: DropReason },
    /// It ended well.
    Consumed,
}

/// The four tracepoints.
#[derive(Clone, Debug)]
pub(crate) struct Tracepoints {
    /// In no order.
    pub(crate) all: Vec<Tracepoint>,
}

/// One tracepoint.
#[derive(Clone, Debug)]
pub(crate) struct Tracepoint {
    /// Its number, for `perf_event_open`.
    pub(crate) id: u64,
    skb: Field,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Leaves { link: Field, length: Field },
    ComesIn { link: Field, length: Field },
    Dropped { protocol: Field, reason: Field, reasons: BTreeMap<u64, DropReason> },
    Consumed,
}

/// Where a field lies in a record, in bytes.
#[derive(Clone, Copy, Debug)]
struct Field {
    offset: usize,
    size: usize,
}

impl Tracepoints {
    /// Looks them up.
    pub(crate) fn find() -> Result<Tracepoints, NoDropReasons> {
        if fs::read_to_string(STAMPED_EARLY).is_ok_and(|value| value.trim() == "0") {
            return Err(NoDropReasons::StampedLate);
        }
        let (events, _mount) = tracefs()?;
        let read = |name: &'static str| {
            let text = fs::read_to_string(events.join(name).join("format"));
            Format::parse(name, &text.map_err(|_| NoDropReasons::NoTracepoint(name))?)
        };
        // The last steps before a frame is handed to its device, and right after it was taken from one: what packet
        // sockets see of it was stamped just before (`dev_queue_xmit_nit`, `netif_rx_internal`).
        let (leaves, comes_in) = (read("net/net_dev_start_xmit")?, read("net/netif_rx")?);
        let (dropped, consumed) = (read("skb/kfree_skb")?, read("skb/consume_skb")?);
        let reason = dropped.field("reason").map_err(|_| NoDropReasons::OldKernel)?;
        let (protocol, reasons) = (dropped.field("protocol")?, dropped.reasons());
        let all = [
            (&leaves, Kind::Leaves { link: leaves.field("name")?, length: leaves.field("len")? }),
            (&comes_in, Kind::ComesIn { link: comes_in.field("name")?, length: comes_in.field("len")? }),
            (&dropped, Kind::Dropped { protocol, reason, reasons }),
            (&consumed, Kind::Consumed),
        ];
        let tracepoint = |(format, kind): (&Format, Kind)| {
            Ok(Tracepoint { id: format.id, skb: format.field("skbaddr")?, kind })
        };
        Ok(Tracepoints { all: all.into_iter().map(tracepoint).collect::<Result<_, _>>()? })
    }
}

impl Tracepoint {
    /// What the kernel need not write: packets that never were frames. The first condition that it takes is the one,
    /// for not every kernel has the functions under these names. One program that talks over a Unix socket makes and
    /// frees some three hundred thousand such packets a second.
    pub(crate) fn filters(&self) -> &'static [&'static CStr] {
        match self.kind {
            Kind::Dropped { .. } => &[c"protocol != 0"],
            Kind::Consumed => &[
                c"location.function != unix_stream_read_generic && location.function != __unix_dgram_recvmsg",
                c"location.function != unix_stream_read_generic",
            ],
            Kind::Leaves { .. } | Kind::ComesIn { .. } => &[],
        }
    }

    /// What a record of it tells, where these links are asked for; `None` where it is not as the format says.
    pub(crate) fn decode(&self, record: &[u8], is_asked_for: impl Fn(&str) -> bool) -> Option<Told> {
        let number = |field: &Field| field.number(record);
        let what = match &self.kind {
            Kind::Leaves { link, .. } | Kind::ComesIn { link, .. } if !is_asked_for(&link.text(record)?) => {
                What::Elsewhere
            }
            Kind::Leaves { link, length } => {
                What::Leaves { link: link.text(record)?.into_owned(), length: number(length)? }
            }
            Kind::ComesIn { link, length } => {
                What::ComesIn { link: link.text(record)?.into_owned(), length: number(length)? }
            }
            Kind::Dropped { protocol, reason, reasons } => {
                let number = number(reason)?;
                let reason = match reasons.get(&number) {
                    Some(reason) => *reason,
                    // What belongs to a part of the kernel has no name here (`enum skb_drop_reason_subsys`).
                    None => format!("{number:#x}").parse().ok()?,
                };
                What::Dropped { protocol: protocol.number(record)?, reason }
            }
            Kind::Consumed => What::Consumed,
        };
        Some(Told { skb: number(&self.skb)?, what })
    }
}

impl Field {
    fn number(self, record: &[u8]) -> Option<u64> {
        let bytes = record.get(self.offset..self.offset.checked_add(self.size)?)?;
        Some(match self.size {
            1 => bytes[0].into(),
            2 => u16::from_ne_bytes(bytes.try_into().ok()?).into(),
            4 => u32::from_ne_bytes(bytes.try_into().ok()?).into(),
            8 => u64::from_ne_bytes(bytes.try_into().ok()?),
            _ => return None,
        })
    }

    /// A text (`__data_loc`): the field holds where it lies, and in its upper half how long it is, a NUL included.
    fn text(self, record: &[u8]) -> Option<Cow<'_, str>> {
        let place = self.number(record)?;
        let (begin, length) = ((place & 0xffff) as usize, (place >> 16) as usize);
        let text = record.get(begin..begin.checked_add(length)?)?;
        let text = text.split(|byte| *byte == 0).next()?;
        Some(String::from_utf8_lossy(text))
    }
}

/// The directory of all events, and what keeps it there.
fn tracefs() -> Result<(PathBuf, Option<OwnedFd>), NoDropReasons> {
    let events = Path::new(TRACEFS).join("events");
    if fs::read_dir(&events).is_ok() {
        return Ok((events, None));
    }
    // A mount that is attached nowhere: only this process sees it, and it ends with the descriptor.
    let refused = |error: rustix::io::Errno| NoDropReasons::NoTracefs(Errno(error.raw_os_error()));
    let filesystem = fsopen("tracefs", FsOpenFlags::FSOPEN_CLOEXEC).map_err(refused)?;
    fsconfig_create(&filesystem).map_err(refused)?;
    let mount = fsmount(&filesystem, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::MOUNT_ATTR_RDONLY)
        .map_err(refused)?;
    Ok((format!("/proc/self/fd/{}/events", mount.as_raw_fd()).into(), Some(mount)))
}

/// A file `format`, taken apart.
struct Format {
    name: &'static str,
    id: u64,
    fields: BTreeMap<String, Field>,
    /// How the record is printed.
    print: String,
}

impl Format {
    /// Lines of it: `ID: 2310`, then for each field `field:unsigned int len;`, `offset:16;`, `size:4;` and
    /// `signed:0;`, and `print fmt: …` in the end.
    fn parse(name: &'static str, text: &str) -> Result<Format, NoDropReasons> {
        let (mut id, mut fields, mut print) = (None, BTreeMap::new(), String::new());
        for line in text.lines().map(str::trim) {
            if let Some(number) = line.strip_prefix("ID:") {
                id = number.trim().parse().ok();
            } else if let Some(rest) = line.strip_prefix("print fmt:") {
                print = rest.to_owned();
            } else if let Some(rest) = line.strip_prefix("field:") {
                let mut parts = rest.split(';').map(str::trim);
                let name = parts.next().and_then(|declared| declared.split_whitespace().next_back());
                let mut number = |label| parts.next()?.strip_prefix(label)?.parse().ok();
                if let (Some(name), Some(offset), Some(size)) = (name, number("offset:"), number("size:")) {
                    fields.insert(name.to_owned(), Field { offset, size });
                }
            }
        }
        let id = id.ok_or(NoDropReasons::NoTracepoint(name))?;
        Ok(Format { name, id, fields, print })
    }

    fn field(&self, name: &str) -> Result<Field, NoDropReasons> {
        self.fields.get(name).copied().ok_or(NoDropReasons::NoTracepoint(self.name))
    }

    /// The names of numbers in `__print_symbolic(REC->reason, { 2, "NOT_SPECIFIED" }, { 3, "NO_SOCKET" }, …)`.
    fn reasons(&self) -> BTreeMap<u64, DropReason> {
        let pairs = self.print.split('{').skip(1).filter_map(|pair| {
            let (number, rest) = pair.split_once(',')?;
            let name = rest.split('"').nth(1)?;
            Some((number.trim().parse().ok()?, name.parse().ok()?))
        });
        pairs.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KFREE_SKB: &str = r#"name: kfree_skb
ID: 2310
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:void * skbaddr;	offset:8;	size:8;	signed:0;
	field:void * location;	offset:16;	size:8;	signed:0;
	field:unsigned short protocol;	offset:32;	size:2;	signed:0;
	field:enum skb_drop_reason reason;	offset:36;	size:4;	signed:0;

print fmt: "skbaddr=%p reason: %s", REC->skbaddr, __print_symbolic(REC->reason, { 2, "NOT_SPECIFIED" }, { 16, "IP_RPFILTER" }, { 5, "SOCKET_FILTER" })
"#;

    fn kfree_skb(reason: u32) -> Option<Told> {
        let format = Format::parse("skb/kfree_skb", KFREE_SKB).expect("a format");
        assert_eq!(format.id, 2310);
        let field = |name| format.field(name).expect(name);
        let kind =
            Kind::Dropped { protocol: field("protocol"), reason: field("reason"), reasons: format.reasons() };
        let tracepoint = Tracepoint { id: format.id, skb: field("skbaddr"), kind };
        let mut record = vec![0; 40];
        record[8..16].copy_from_slice(&0xffff_8881_u64.to_ne_bytes());
        record[32..34].copy_from_slice(&0x0800_u16.to_ne_bytes());
        record[36..40].copy_from_slice(&reason.to_ne_bytes());
        assert_eq!(tracepoint.decode(&record[..36], |_| true), None, "cut short");
        tracepoint.decode(&record, |_| true)
    }

    #[test]
    fn a_drop_is_read_as_the_format_says_and_keeps_its_name() {
        for (number, name) in [(16, "IP_RPFILTER"), (5, "SOCKET_FILTER"), (0x20003, "0x20003")] {
            let told = kfree_skb(number).expect("a record");
            let reason = name.parse().expect("a reason");
            assert_eq!(told, Told { skb: 0xffff_8881, what: What::Dropped { protocol: 0x0800, reason } });
        }
    }

    #[test]
    fn a_text_lies_where_the_field_says() {
        let field = Field { offset: 0, size: 4 };
        let record = [&(4 | 6_u32 << 16).to_ne_bytes()[..], b"veth0\0\0\0"].concat();
        assert_eq!(field.text(&record).as_deref(), Some("veth0"));
        assert_eq!(field.text(&record[..8]), None);
    }

    #[test]
    fn a_kernel_without_reasons_is_told_apart() {
        let old = KFREE_SKB.replace("reason;", "location2;");
        let format = Format::parse("skb/kfree_skb", &old).expect("a format");
        assert_eq!(format.field("reason").err(), Some(NoDropReasons::NoTracepoint("skb/kfree_skb")));
        assert!(Format::parse("skb/kfree_skb", "").is_err());
    }
}
