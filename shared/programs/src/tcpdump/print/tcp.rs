//! TCP (`print-tcp.c`).

use super::ipv4::{addresses, checksum_over_ipv4};
use super::lines::PROTOCOLS;
use super::{Data, Printed, Printer, Truncated, put};
use crate::tcpdump::names;
use std::fmt::Write;
use vethlab_shared::wire::checksum::should_be;
use vethlab_shared::wire::ipv4::protocol;
use vethlab_shared::wire::tcp::flag::{ACK, CWR, ECE, FIN, PSH, RST, SYN, URG};
use vethlab_shared::wire::tcp::{HEADER_LENGTH as HEADER, field};

/// Flags in the order in which they are shown.
const FLAGS: &[(u8, char)] =
    &[(FIN, 'F'), (SYN, 'S'), (RST, 'R'), (PSH, 'P'), (ACK, '.'), (URG, 'U'), (ECE, 'E'), (CWR, 'W')];

/// Ports, of whichever end, by which tcpdump knows what the data are and takes them apart.
const KNOWN: &[u16] = &[
    23, 25, 43, 179, 1723, 6379, 22, 139, 445, 10288, 6633, 6653, 21, 80, 8080, 554, 8554, 53, 639, 323, 646,
    2049,
];

/// The first sequence numbers of both sides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conversation {
    sequence: u32,
    acknowledged: u32,
}

impl Printer {
    /// `tcp_print`: a segment of this length in the packet that `header` begins.
    pub(super) fn tcp(
        &mut self,
        header: Data<'_>,
        data: Data<'_>,
        length: usize,
        fragmented: bool,
    ) -> Printed {
        self.protocol = "tcp";
        let (source, destination) = addresses(header)?;
        let (Ok(from), Ok(to)) = (data.u16(field::SOURCE.start), data.u16(field::DESTINATION.start)) else {
            put!(self, "{} > {}:", self.host(source), self.host(destination));
            return data.check(4);
        };
        let name = |port| names::port(port, true, self.style.numeric);
        let (from_name, to_name) = (name(from), name(to));
        let (source_name, destination_name) = (self.host(source), self.host(destination));
        put!(self, "{source_name}.{from_name} > {destination_name}.{to_name}: ");
        data.check(HEADER)?;
        let header_length = 4 * usize::from(data.u8(field::DATA_OFFSET.start)? >> 4);
        // Where a segment is shorter than its header the difference is shown as C counts it.
        let rest = (length as u32).wrapping_sub(header_length as u32);
        if header_length < HEADER {
            put!(self, " tcp {rest} [bad hdr length {header_length} - too short, < {HEADER}]");
            return Ok(());
        }
        let too_long = format!(" [bad hdr length {header_length} - too long, > {length}]");
        if self.style.quiet > 0 {
            put!(self, "tcp {rest}{}", if header_length > length { &too_long } else { "" });
            return Ok(());
        }
        let flags = data.u8(field::FLAGS.start)?;
        let shown: String =
            FLAGS.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, letter)| *letter).collect();
        put!(self, "Flags [{}]", if shown.is_empty() { "none" } else { &shown });
        // What blocks of selective acknowledgements are counted from.
        let mut blocks_from = 0;
        let (mut sequence, mut acknowledged) =
            (data.u32(field::SEQUENCE.start)?, data.u32(field::ACKNOWLEDGEMENT.start)?);
        if !self.style.absolute && flags & ACK != 0 {
            let reversed = from > to || (from == to && source > destination);
            let key = match reversed {
                true => (destination, source, to, from),
                false => (source, destination, from, to),
            };
            match self.conversations.get(&key).filter(|_| flags & SYN == 0) {
                None => {
                    let (near, far) = (sequence, acknowledged.wrapping_sub(1));
                    let (sequence, acknowledged) = if reversed { (far, near) } else { (near, far) };
                    blocks_from = far;
                    self.conversations.insert(key, Conversation { sequence, acknowledged });
                }
                Some(first) => {
                    let (near, far) = match reversed {
                        true => (first.acknowledged, first.sequence),
                        false => (first.sequence, first.acknowledged),
                    };
                    blocks_from = far;
                    sequence = sequence.wrapping_sub(near);
                    acknowledged = acknowledged.wrapping_sub(far);
                }
            }
        }
        if header_length > length {
            put!(self, "{too_long}");
            return Ok(());
        }
        if self.style.verbose > 0
            && !self.style.trusting
            && !fragmented
            && let Some(segment) = data.0.get(..length)
        {
            let found = data.u16(field::CHECKSUM.start)?;
            put!(self, ", cksum {found:#06x}");
            match checksum_over_ipv4(header, protocol::TCP, segment)? {
                0 => put!(self, " (correct)"),
                computed => put!(self, " (incorrect -> {:#06x})", should_be(found, computed)),
            }
        }
        if self.style.verbose > 1 || rest > 0 || flags & (SYN | FIN | RST) != 0 {
            put!(self, ", seq {sequence}");
            if rest > 0 {
                put!(self, ":{}", sequence.wrapping_add(rest));
            }
        }
        if flags & ACK != 0 {
            put!(self, ", ack {acknowledged}");
        }
        put!(self, ", win {}", data.u16(field::WINDOW.start)?);
        if flags & URG != 0 {
            put!(self, ", urg {}", data.u16(field::URGENT.start)?);
        }
        if header_length > HEADER {
            let options = data.behind(HEADER);
            if !self.segment_options(options, header_length - HEADER, blocks_from)? {
                return Ok(());
            }
        }
        put!(self, ", length {rest}");
        if rest == 0 {
            return Ok(());
        }
        if data.0.len() < header_length {
            put!(self, " [remaining caplen({}) < header length({header_length})]", data.0.len());
            return Err(Truncated::Unforeseen);
        }
        if flags & RST != 0 && self.style.verbose > 0 {
            self.reset_data(data.behind(header_length), rest as usize);
        } else if let Some(known) = KNOWN.iter().find(|&&port| port == from || port == to) {
            return match PROTOCOLS.iter().find(|protocol| protocol.port == *known) {
                Some(protocol) => self.lines(protocol, data.behind(header_length), rest as usize),
                None => {
                    put!(self, " [vethlab: the data of this port are not modelled]");
                    Ok(())
                }
            };
        }
        Ok(())
    }

    /// The options between brackets; `false` where they are broken, which ends the line.
    fn segment_options(
        &mut self,
        data: Data<'_>,
        length: usize,
        blocks_from: u32,
    ) -> Result<bool, Truncated> {
        put!(self, ", options [");
        let mut first = true;
        match self.each_option(data, (length, blocks_from), &mut first) {
            Ok(true) => {
                put!(self, "]");
                Ok(true)
            }
            Ok(false) => {
                put!(self, "[bad opt]{}", if first { "" } else { "]" });
                Ok(false)
            }
            Err(Truncated::Foreseen) => {
                put!(self, " [|tcp]{}", if first { "" } else { ">" });
                Ok(false)
            }
            Err(unforeseen) => Err(unforeseen),
        }
    }

    /// `Ok(false)` where an option is longer than what is left of the header, or shorter than it must be.
    fn each_option(
        &mut self,
        data: Data<'_>,
        (length, blocks_from): (usize, u32),
        first: &mut bool,
    ) -> Result<bool, Truncated> {
        let mut at = 0;
        while at < length {
            if !*first {
                put!(self, ",");
            }
            let code = data.u8(at)?;
            let own = if code < 2 { 1 } else { usize::from(data.u8(at + 1)?) };
            if code >= 2 && (own < 2 || own > length - at) {
                return Ok(false);
            }
            let value = data.behind(at + 2);
            let left = (length - at).saturating_sub(2);
            let name = match code {
                0 => "eol",
                1 => "nop",
                2 => "mss",
                3 => "wscale",
                4 => "sackOK",
                5 => "sack",
                8 => "TS",
                6 => "echo",
                7 => "echoreply",
                11 => "cc",
                12 => "ccnew",
                19 => "md5",
                20 => "scps",
                28 => "uto",
                29 => "tcp-ao",
                30 => "mptcp",
                34 => "tfo",
                254 => "exp",
                _ => "",
            };
            match name {
                // The name of this one is empty (`TCPOPT_CCECHO`).
                "" if code == 13 => {}
                "" => put!(self, "unknown-{code}"),
                name => put!(self, "{name}"),
            }
            let wanted = match code {
                0 | 1 | 4 => 0,
                2 => 2,
                3 => 1,
                6 | 7 | 11..=13 => 4,
                8 => 8,
                _ => own - 2,
            };
            if wanted > left {
                return Ok(false);
            }
            // What is shown byte by byte is shown as far as it goes, and a length that is wrong is seen before the data.
            if (!name.is_empty() || code == 13) && code != 5 {
                value.check(wanted)?;
            }
            match code {
                0 | 1 | 4 => {}
                2 => put!(self, " {}", value.u16(0)?),
                3 => put!(self, " {}", value.u8(0)?),
                5 if wanted % 8 != 0 => put!(self, " invalid sack"),
                5 => {
                    put!(self, " {} ", wanted / 8);
                    for at in (0..wanted).step_by(8) {
                        value.check(at + 8)?;
                        let [begin, end] =
                            [value.u32(at)?, value.u32(at + 4)?].map(|edge| edge.wrapping_sub(blocks_from));
                        put!(self, "{{{begin}:{end}}}");
                    }
                }
                6 | 7 | 11..=13 => put!(self, " {}", value.u32(0)?),
                19 | 20 | 28..=30 | 34 | 254 => put!(self, " [vethlab: not modelled]"),
                8 => put!(self, " val {} ecr {}", value.u32(0)?, value.u32(4)?),
                _ if wanted > 0 => {
                    put!(self, " 0x");
                    value.up_to(wanted).0.iter().for_each(|byte| put!(self, "{byte:02x}"));
                    value.check(wanted)?;
                }
                _ => {}
            }
            let used = if code < 2 { 1 } else { wanted + 2 };
            if used != own {
                put!(self, "[len {own}]");
            }
            *first = false;
            at += used;
            if code == 0 {
                break;
            }
        }
        Ok(true)
    }

    /// What a reset says about itself (RFC 1122 section 4.2.2.12; `print_tcp_rst_data`).
    fn reset_data(&mut self, data: Data<'_>, length: usize) {
        /// `MAX_RST_DATA_LEN`.
        const LONGEST: usize = 30;
        put!(self, "{}", if data.0.len() >= length { " [RST" } else { " [!RST" });
        put!(self, "{} ", if length > LONGEST { "+" } else { "" });
        for &byte in data.up_to(length.min(LONGEST)).0 {
            let plain = byte & 0x7f;
            put!(self, "{}", if byte > 0x7f { "M-" } else { "" });
            if plain.is_ascii_graphic() || plain == b' ' {
                put!(self, "{}", char::from(plain));
            } else {
                put!(self, "^{}", char::from(plain ^ 0x40));
            }
        }
        put!(self, "]");
    }
}
