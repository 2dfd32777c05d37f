//! IPv4 (`print-ip.c`, `print-ip-demux.c`).

use super::{Data, Printed, Printer, Truncated, put};
use crate::tcpdump::names;
use std::fmt::Write;
use std::net::Ipv4Addr;
use vethlab_shared::wire::checksum::{internet_checksum, should_be, transport_checksum};
use vethlab_shared::wire::ipv4::{DONT_FRAGMENT, FRAGMENT_OFFSET, HEADER_LENGTH, MORE_FRAGMENTS, field};

/// Protocols that tcpdump takes apart and vethlab does not.
const TAKEN_APART: &[u8] = &[4, 8, 9, 33, 41, 46, 47, 50, 51, 55, 77, 88, 89, 103, 108, 112, 113, 132];

/// Names of protocols between brackets (`ipproto_values`).
fn protocol(number: u8) -> &'static str {
    match number {
        0 => "Options",
        1 => "ICMP",
        2 => "IGMP",
        4 => "IPIP",
        6 => "TCP",
        8 => "EGP",
        9 => "IGRP",
        17 => "UDP",
        33 => "DCCP",
        41 => "IPv6",
        43 => "Routing",
        44 => "Fragment",
        46 => "RSVP",
        47 => "GRE",
        50 => "ESP",
        51 => "AH",
        55 => "Mobile IP",
        58 => "ICMPv6",
        62 => "Mobile IP (old)",
        88 => "EIGRP",
        89 => "OSPF",
        103 => "PIM",
        108 => "Compressed IP",
        112 => "VRRP",
        113 => "PGM",
        132 => "SCTP",
        135 => "Mobility",
        143 => "Ethernet",
        _ => "unknown",
    }
}

/// The checksum over a packet's payload with what UDP and TCP add of its header (`nextproto4_cksum`); 0 over one
/// that is right.
pub(super) fn checksum_over_ipv4(header: Data<'_>, protocol: u8, payload: &[u8]) -> Result<u16, Truncated> {
    let (source, destination) = addresses(header)?;
    Ok(transport_checksum(source, destination, protocol, payload))
}

/// Source and destination in the header of a packet.
pub(super) fn addresses(header: Data<'_>) -> Result<(Ipv4Addr, Ipv4Addr), Truncated> {
    Ok((header.address(field::SOURCE.start)?, header.address(field::DESTINATION.start)?))
}

impl Printer {
    /// `ip_print`: a packet of which `length` bytes came by.
    pub(super) fn ipv4(&mut self, data: Data<'_>, length: usize) -> Printed {
        self.protocol = "ip";
        let first = data.u8(0)?;
        match first >> 4 {
            4 => {}
            6 => {
                put!(self, "IP6, wrong link-layer encapsulation (invalid)");
                return Ok(());
            }
            version => {
                put!(self, "IP{version} (invalid)");
                return Ok(());
            }
        }
        if !self.style.link_header {
            put!(self, "IP ");
        }
        data.check(HEADER_LENGTH)?;
        let header_length = 4 * usize::from(first & 0xf);
        if length < HEADER_LENGTH {
            put!(self, "truncated-ip {length}");
            return Ok(());
        }
        if header_length < HEADER_LENGTH {
            put!(self, "bad-hlen {header_length}");
            return Ok(());
        }
        let total = usize::from(data.u16(field::TOTAL_LENGTH.start)?);
        if length < total {
            put!(self, "truncated-ip - {} bytes missing! ", total - length);
        }
        if total < header_length {
            put!(self, "bad-len {total}");
            return Ok(());
        }
        let data = data.up_to(total);
        if self.style.verbose > 0 {
            self.ipv4_header(data, header_length)?;
        }
        let fragment = data.u16(field::FRAGMENT.start)?;
        let number = data.u8(field::PROTOCOL.start)?;
        let (source, destination) =
            addresses(data).map(|(source, destination)| (self.host(source), self.host(destination)))?;
        if fragment & FRAGMENT_OFFSET != 0 {
            if self.style.quiet > 1 {
                return Ok(());
            }
            put!(self, "{source} > {destination}:");
            match names::protocol(number).filter(|_| !self.style.numeric) {
                Some(name) => put!(self, " {name}"),
                None => put!(self, " ip-proto-{number}"),
            }
            return Ok(());
        }
        if !matches!(number, 6 | 17 | 33 | 132) {
            put!(self, "{source} > {destination}: ");
        }
        if data.0.len() < header_length {
            put!(self, " [remaining caplen({}) < header length({header_length})]", data.0.len());
            return Err(Truncated::Unforeseen);
        }
        let payload = data.behind(header_length);
        let length = total - header_length;
        let fragmented = fragment & MORE_FRAGMENTS != 0;
        match number {
            1 => self.part(|printer| printer.icmp(payload, length, fragmented)),
            2 => self.part(|printer| printer.igmp(payload, length)),
            6 => self.part(|printer| printer.tcp(data, payload, length, fragmented)),
            17 => self.part(|printer| printer.udp(data, payload, length, fragmented)),
            58 | 143 => {
                let name = protocol(number);
                put!(self, "[{name} requires IPv6] (invalid)");
                Ok(())
            }
            59 => {
                put!(self, "no next header");
                Ok(())
            }
            number if TAKEN_APART.contains(&number) => {
                put!(self, "[vethlab: {} is not modelled], length {length}", protocol(number));
                Ok(())
            }
            number => {
                match names::protocol(number).filter(|_| !self.style.numeric) {
                    Some(name) => put!(self, " {name} {length}"),
                    None => put!(self, " ip-proto-{number} {length}"),
                }
                Ok(())
            }
        }
    }

    /// The header between brackets.
    fn ipv4_header(&mut self, data: Data<'_>, header_length: usize) -> Printed {
        let tos = data.u8(field::TOS.start)?;
        put!(self, "(tos {tos:#x}");
        put!(self, "{}", ["", ",ECT(1)", ",ECT(0)", ",CE"][usize::from(tos & 3)]);
        let hops = data.u8(field::TIME_TO_LIVE.start)?;
        if hops > 0 {
            put!(self, ", ttl {hops}");
        }
        let fragment = data.u16(field::FRAGMENT.start)?;
        let flags = [(MORE_FRAGMENTS, "+"), (DONT_FRAGMENT, "DF"), (0x8000, "rsvd")];
        let set: Vec<&str> =
            flags.iter().filter(|(bit, _)| fragment & bit != 0).map(|(_, name)| *name).collect();
        let flags = if set.is_empty() { "none".to_owned() } else { set.join(", ") };
        let number = data.u8(field::PROTOCOL.start)?;
        put!(
            self,
            ", id {}, offset {}",
            data.u16(field::IDENTIFICATION.start)?,
            u32::from(fragment & FRAGMENT_OFFSET) * 8
        );
        put!(
            self,
            ", flags [{flags}], proto {} ({number}), length {}",
            protocol(number),
            data.u16(field::TOTAL_LENGTH.start)?
        );
        let mut truncated = false;
        if header_length > HEADER_LENGTH {
            put!(self, ", options (");
            truncated = match self.options(data.behind(HEADER_LENGTH), header_length - HEADER_LENGTH) {
                Ok(()) => false,
                Err(Truncated::Foreseen) => true,
                Err(unforeseen) => return Err(unforeseen),
            };
            put!(self, "{})", if truncated { " [truncated-option]" } else { "" });
        }
        if let Some(header) = data.0.get(..header_length).filter(|_| !self.style.trusting) {
            let computed = internet_checksum(header);
            if computed != 0 {
                let found = data.u16(field::CHECKSUM.start)?;
                put!(self, ", bad cksum {found:x} (->{:x})!", should_be(found, computed));
            }
        }
        put!(self, ")\n    ");
        if truncated {
            let (source, destination) = addresses(data)?;
            put!(self, "{} > {}: ", self.host(source), self.host(destination));
            return data.check(usize::MAX);
        }
        Ok(())
    }

    /// `ip_optprint`.
    fn options(&mut self, mut data: Data<'_>, mut length: usize) -> Printed {
        let mut separator = "";
        while length > 0 {
            put!(self, "{separator}");
            separator = ",";
            let code = data.u8(0)?;
            let name = match code {
                0 => "EOL",
                1 => "NOP",
                68 => "timestamp",
                130 => "security",
                7 => "RR",
                137 => "SSRR",
                131 => "LSRR",
                148 => "RA",
                82 => "traceroute",
                _ => "",
            };
            match name {
                "" => put!(self, "unknown {code}"),
                name => put!(self, "{name}"),
            }
            let own = if code < 2 { 1 } else { usize::from(data.u8(1)?) };
            if (code >= 2 && own < 2) || own > length {
                put!(self, " [bad length {own}]");
                return Ok(());
            }
            data.check(own)?;
            match code {
                0 => return Ok(()),
                148 if own < 4 => put!(self, " [bad length {own}]"),
                148 if data.u16(2)? != 0 => put!(self, " value {}", data.u16(2)?),
                7 | 68 | 131 | 137 => put!(self, " [vethlab: not modelled]"),
                _ => {}
            }
            data = data.behind(own);
            length -= own;
        }
        Ok(())
    }
}
