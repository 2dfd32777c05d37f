//! IGMP (`print-igmp.c`).

use super::{Data, Printed, Printer, put};
use std::fmt::Write;
use vethlab_shared::wire::checksum::internet_checksum;
use vethlab_shared::wire::igmp::field;

/// The records of a report in their order, from 1 (`igmpv3report2str`).
const RECORDS: [&str; 6] = ["is_in", "is_ex", "to_in", "to_ex", "allow", "block"];

impl Printer {
    /// `igmp_print`: a message of this length, of which not all may have come by.
    pub(super) fn igmp(&mut self, data: Data<'_>, length: usize) -> Printed {
        self.protocol = "igmp";
        if self.style.quiet > 0 {
            put!(self, "igmp");
            return Ok(());
        }
        match data.u8(0)? {
            0x11 => {
                put!(self, "igmp query");
                if length >= 12 {
                    self.igmp_query_3(data, length)?;
                } else {
                    match data.u8(1)? {
                        0 => put!(self, " v1"),
                        100 => put!(self, " v2"),
                        time => put!(self, " v2 [max resp time {time}]"),
                    }
                    let group = data.address(4)?;
                    if !group.is_unspecified() {
                        put!(self, " [gaddr {}]", self.host(group));
                    }
                    self.unusual_length(length);
                }
            }
            0x12 => {
                self.about_group("igmp v1 report", data)?;
                self.unusual_length(length);
            }
            0x16 => self.about_group("igmp v2 report", data)?,
            0x17 => self.about_group("igmp leave", data)?,
            0x22 => {
                put!(self, "igmp v3 report");
                self.igmp_report_3(data, length)?;
            }
            kind @ (0x13 | 0x14 | 0x1e | 0x1f) => put!(self, "[vethlab: igmp {kind:#x} is not modelled]"),
            kind => put!(self, "igmp-{kind}"),
        }
        if self.style.verbose > 0
            && let Some(message) = data.0.get(..length)
            && internet_checksum(message) != 0
        {
            put!(self, " bad igmp cksum {:x}!", data.u16(field::CHECKSUM.start)?);
        }
        Ok(())
    }

    fn unusual_length(&mut self, length: usize) {
        if length != 8 {
            put!(self, " [len {length}]");
        }
    }

    fn about_group(&mut self, what: &str, data: Data<'_>) -> Printed {
        let group = data.address(4)?;
        put!(self, "{what} {}", self.host(group));
        Ok(())
    }

    /// `print_igmpv3_report`.
    fn igmp_report_3(&mut self, data: Data<'_>, length: usize) -> Printed {
        if length < 16 || !length.is_multiple_of(4) {
            put!(self, " [invalid len {length}]");
            return Ok(());
        }
        let records = data.u16(6)?;
        put!(self, ", {records} group record(s)");
        if self.style.verbose == 0 {
            return Ok(());
        }
        let mut at = 8;
        for _ in 0..records {
            if length < at + 8 {
                put!(self, " [invalid number of groups]");
                return Ok(());
            }
            let group = data.address(at + 4)?;
            put!(self, " [gaddr {}", self.host(group));
            let kind = data.u8(at)?;
            match usize::from(kind).checked_sub(1).and_then(|place| RECORDS.get(place)) {
                Some(name) => put!(self, " {name}"),
                None => put!(self, "  [v3-report-#{kind}]"),
            }
            let sources = usize::from(data.u16(at + 2)?);
            if length < at + 8 + 4 * sources {
                put!(self, " [invalid number of sources {sources}]");
                return Ok(());
            }
            self.sources(data, at + 8, sources)?;
            at += 8 + 4 * sources;
            put!(self, "]");
        }
        Ok(())
    }

    /// The sources of a record: their number, or each of them with `-vv`.
    fn sources(&mut self, data: Data<'_>, at: usize, sources: usize) -> Printed {
        if self.style.verbose == 1 {
            put!(self, ", {sources} source(s)");
            return Ok(());
        }
        put!(self, " {{");
        for number in 0..sources {
            let source = data.address(at + 4 * number)?;
            put!(self, " {}", self.host(source));
        }
        put!(self, " }}");
        Ok(())
    }

    /// `print_igmpv3_query`.
    fn igmp_query_3(&mut self, data: Data<'_>, length: usize) -> Printed {
        put!(self, " v3");
        // Minimum length is 12, and it is a multiple of 4.
        if length < 12 || !length.is_multiple_of(4) {
            put!(self, " [invalid len {length}]");
            return Ok(());
        }
        let code = data.u8(1)?;
        let tenths = match code {
            0..128 => u32::from(code),
            _ => u32::from(code & 0x0f | 0x10) << (u32::from(code >> 4 & 0x07) + 3),
        };
        if code != 100 {
            put!(self, " [max resp time ");
            if tenths < 600 {
                put!(self, "{:.1}s", f64::from(tenths) * 0.1);
            } else {
                let (minutes, seconds) = (tenths / 600, tenths / 10 % 60);
                put!(self, "{minutes}m");
                if seconds > 0 {
                    put!(self, "{seconds}s");
                }
            }
            put!(self, "]");
        }
        let group = data.address(4)?;
        if group.is_unspecified() {
            return Ok(());
        }
        put!(self, " [gaddr {}", self.host(group));
        let sources = usize::from(data.u16(10)?);
        if sources > 0 {
            if length < 12 + 4 * sources {
                put!(self, " [invalid number of sources]");
            } else if self.style.verbose > 1 {
                self.sources(data, 12, sources)?;
            } else {
                put!(self, ", {sources} source(s)");
            }
        }
        put!(self, "]");
        Ok(())
    }
}
