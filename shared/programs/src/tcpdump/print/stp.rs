//! Messages of bridges behind a header of logical link control (`print-llc.c`, `print-stp.c`).

use super::{Data, Printed, Printer, put};
use std::fmt::Write;
use vethlab_shared::wire::ethernet::{HEADER_LENGTH as ETHERNET, ethertype, field};
use vethlab_shared::wire::stp;

/// How long that header is, in bytes.
const LLC: usize = 3;
/// How long a configuration is.
const CONFIGURATION: usize = 35;
/// The flags of a configuration as they are told (`stp_obp_flag_values`), with nothing besides.
const FLAGS: [(u8, &str); 4] = [
    (0x00, "none"),
    (0x01, "Topology change"),
    (0x80, "Topology change ACK"),
    (0x81, "Topology change, Topology change ACK"),
];

impl Printer {
    /// A frame whose header has a length of so many bytes where others have a type; `false` where it holds something else
    /// than a message of a bridge, or one of a later version.
    pub(super) fn bridge_message(&mut self, data: Data<'_>, length: usize) -> Result<bool, super::Truncated> {
        let payload = data.up_to(length);
        let told = payload.0.get(LLC..LLC + 4).filter(|_| stp::is_message(payload.0));
        let (Some([0, 0, 0, kind @ (0x00 | 0x80)]), true) = (told, payload.0.len() == length) else {
            return Ok(false);
        };
        let flags = payload.0.get(LLC + 4).copied().unwrap_or(0);
        let flags = FLAGS.iter().find(|(bits, _)| *bits == flags).map(|(_, name)| *name);
        let Some(flags) = flags.filter(|_| *kind == 0x80 || length >= LLC + CONFIGURATION) else {
            return Ok(false);
        };
        if self.style.link_header {
            put!(
                self,
                "802.3, length {length}: LLC, dsap STP (0x42) Individual, ssap STP (0x42) Command, ctrl 0x03: "
            );
        }
        put!(self, "STP 802.1d, ");
        match kind {
            0x00 => self.configuration(payload.behind(LLC), length - LLC, flags)?,
            _ => put!(self, "Topology Change"),
        }
        Ok(true)
    }

    /// `stp_print_config_bpdu`.
    fn configuration(&mut self, data: Data<'_>, length: usize, flags: &str) -> Printed {
        let bridge = id(data, 17)?;
        let port = data.u16(25)?;
        put!(self, "Config, Flags [{flags}], bridge-id {bridge}.{port:04x}, length {length}");
        if self.style.verbose == 0 {
            return Ok(());
        }
        let time = |place| Ok(format!("{:.2}s", f64::from(data.u16(place)?) / 256.0));
        put!(
            self,
            "\n\tmessage-age {}, max-age {}, hello-time {}, forwarding-delay {}",
            time(27)?,
            time(29)?,
            time(31)?,
            time(33)?
        );
        let cost = u32::from(data.u16(13)?) << 16 | u32::from(data.u16(15)?);
        put!(self, "\n\troot-id {}, root-pathcost {cost}", id(data, 5)?);
        Ok(())
    }
}

/// How long the header is that stands behind that of Ethernet, in bytes: of logical link control, where a message of a
/// bridge follows.
pub(super) fn header_behind(frame: &[u8]) -> usize {
    let is_message = frame.get(ETHERNET..).is_some_and(stp::is_message);
    let is_length = |kind: &[u8]| u16::from_be_bytes([kind[0], kind[1]]) < ethertype::FIRST;
    match frame.get(field::ETHERTYPE) {
        Some(kind) if is_message && is_length(kind) => LLC,
        _ => 0,
    }
}

/// A bridge by its priority and its address (`stp_print_bridge_id`).
fn id(data: Data<'_>, place: usize) -> Result<String, super::Truncated> {
    let priority = data.u16(place)?;
    let address: [u8; 6] = data.array(place + 2)?;
    let address = address.map(|byte| format!("{byte:02x}")).join(":");
    Ok(format!("{priority:04x}.{address}"))
}
