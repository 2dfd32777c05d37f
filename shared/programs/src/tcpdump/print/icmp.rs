//! ICMP (`print-icmp.c`).

use super::{Data, Printed, Printer, Truncated, put};
use crate::tcpdump::names;
use std::fmt::Write;
use vethlab_shared::wire::checksum::{internet_checksum, should_be};
use vethlab_shared::wire::icmp::{HEADER_LENGTH, field, kind, quotes};
use vethlab_shared::wire::ipv4;

/// Where an error quotes the packet that it is about.
const QUOTED: usize = HEADER_LENGTH;
/// Where the destination of the quoted packet stands.
const QUOTED_DESTINATION: usize = QUOTED + ipv4::field::DESTINATION.start;
/// Behind so many bytes an error may have more than a quotation (`ICMP_EXTD_MINLEN`, RFC 4884).
const EXTENDED: usize = 136;

impl Printer {
    /// `icmp_print`: a message of this length, of which not all may have come by.
    pub(super) fn icmp(&mut self, data: Data<'_>, length: usize, fragmented: bool) -> Printed {
        self.protocol = "icmp";
        let (number, code) = (data.u8(field::KIND.start)?, data.u8(field::CODE.start)?);
        let text = match number {
            kind::ECHO_REPLY | kind::ECHO_REQUEST => {
                let which = if number == kind::ECHO_REQUEST { "request" } else { "reply" };
                let (id, sequence) = echo(data)?;
                format!("echo {which}, id {id}, seq {sequence}")
            }
            kind::DESTINATION_UNREACHABLE => self.unreachable(data, code)?,
            kind::SOURCE_QUENCH => "source quench".to_owned(),
            kind::REDIRECT => {
                let destination = self.host(data.address(QUOTED_DESTINATION)?);
                let gateway = self.host(data.address(field::GATEWAY.start)?);
                match code {
                    0 => format!("redirect {destination} to net {gateway}"),
                    1 => format!("redirect {destination} to host {gateway}"),
                    2 => format!("redirect-tos {destination} to net {gateway}"),
                    3 => format!("redirect-tos {destination} to host {gateway}"),
                    code => format!("redirect-#{code} {destination} to {gateway}"),
                }
            }
            9 => "router advertisement [vethlab: not modelled]".to_owned(),
            10 => "router solicitation".to_owned(),
            kind::TIME_EXCEEDED => {
                data.check(QUOTED_DESTINATION + 4)?;
                match code {
                    0 => "time exceeded in-transit".to_owned(),
                    1 => "ip reassembly time exceeded".to_owned(),
                    code => format!("time exceeded-#{code}"),
                }
            }
            kind::PARAMETER_PROBLEM if code != 0 => format!("parameter problem - code {code}"),
            kind::PARAMETER_PROBLEM => {
                format!("parameter problem - octet {}", data.u8(field::POINTER.start)?)
            }
            13 => {
                let (id, sequence) = echo(data)?;
                format!("time stamp query id {id} seq {sequence}")
            }
            14 => {
                data.check(20)?;
                let [sent, received, answered] =
                    [data.u32(8)?, data.u32(12)?, data.u32(16)?].map(time_of_day);
                let (id, sequence) = echo(data)?;
                format!(
                    "time stamp reply id {id} seq {sequence}: org {sent}, recv {received}, xmit {answered}"
                )
            }
            15 => "information request".to_owned(),
            16 => "information reply".to_owned(),
            17 => "address mask request".to_owned(),
            18 => format!("address mask is {:#010x}", data.u32(8)?),
            number => format!("type-#{number}"),
        };
        put!(self, "ICMP {text}, length {length}");
        let verbose = self.style.verbose > 0;
        if let Some(message) = data.0.get(..length).filter(|_| verbose && !fragmented) {
            let computed = internet_checksum(message);
            if computed != 0 {
                let found = data.u16(field::CHECKSUM.start)?;
                put!(self, " (wrong icmp cksum {found:x} (->{:x})!)", should_be(found, computed));
            }
        }
        if verbose && quotes(number) {
            put!(self, "\n\t");
            let quoted = data.behind(QUOTED);
            let whole = usize::from(quoted.u16(ipv4::field::TOTAL_LENGTH.start)?);
            self.part(|printer| printer.ipv4(quoted.up_to(whole), whole))?;
            self.protocol = "icmp";
            let extended = [kind::DESTINATION_UNREACHABLE, kind::TIME_EXCEEDED, kind::PARAMETER_PROBLEM];
            if extended.contains(&number) {
                self.extension(data, length)?;
            }
        }
        Ok(())
    }

    fn unreachable(&self, data: Data<'_>, code: u8) -> Result<String, Truncated> {
        if code == 3 {
            return self.port_unreachable(data);
        }
        let destination = self.host(data.address(QUOTED_DESTINATION)?);
        Ok(match code {
            0 => format!("net {destination} unreachable"),
            1 => format!("host {destination} unreachable"),
            2 => format!(
                "{destination} protocol {} unreachable",
                data.u8(QUOTED + ipv4::field::PROTOCOL.start)?
            ),
            4 => match data.u16(field::MTU.start)? {
                0 => format!("{destination} unreachable - need to frag"),
                mtu => format!("{destination} unreachable - need to frag (mtu {mtu})"),
            },
            5 => format!("{destination} unreachable - source route failed"),
            6 => format!("net {destination} unreachable - unknown"),
            7 => format!("host {destination} unreachable - unknown"),
            8 => format!("{destination} unreachable - source host isolated"),
            9 => format!("net {destination} unreachable - admin prohibited"),
            10 => format!("host {destination} unreachable - admin prohibited"),
            11 => format!("net {destination} unreachable - tos prohibited"),
            12 => format!("host {destination} unreachable - tos prohibited"),
            13 => format!("host {destination} unreachable - admin prohibited filter"),
            14 => format!("host {destination} unreachable - host precedence violation"),
            15 => format!("host {destination} unreachable - precedence cutoff"),
            code => format!("{destination} unreachable - #{code}"),
        })
    }

    /// Unlike the others it looks whether the quotation tells its protocol before it reads that.
    fn port_unreachable(&self, data: Data<'_>) -> Result<String, Truncated> {
        data.check(QUOTED + 10)?;
        let header = 4 * usize::from(data.u8(QUOTED)? & 0xf);
        let port = data.u16(QUOTED + header + 2)?;
        let destination = self.host(data.address(QUOTED_DESTINATION)?);
        Ok(match data.u8(QUOTED + ipv4::field::PROTOCOL.start)? {
            protocol @ (ipv4::protocol::TCP | ipv4::protocol::UDP) => {
                let tcp = protocol == ipv4::protocol::TCP;
                let name = if tcp { "tcp" } else { "udp" };
                let port = names::port(port, tcp, self.style.numeric);
                format!("{destination} {name} port {port} unreachable")
            }
            protocol => format!("{destination} protocol {protocol} port {port} unreachable"),
        })
    }

    /// Says where an error of this length has extensions (RFC 4884), which nothing here makes. One that does not say
    /// how long its quotation is has them only where their checksum is right, or cannot be told.
    fn extension(&mut self, data: Data<'_>, length: usize) -> Printed {
        if length <= EXTENDED {
            return Ok(());
        }
        data.check(EXTENDED + 5)?;
        if data.u8(5)? == 0 && data.0.get(EXTENDED..length).is_some_and(|rest| internet_checksum(rest) != 0) {
            return Ok(());
        }
        put!(self, "\n\tICMP Multi-Part extension v");
        match data.u8(EXTENDED)? >> 4 {
            1 => put!(self, "1 [vethlab: not modelled]"),
            version => put!(self, "{version} packet not supported"),
        }
        Ok(())
    }
}

/// Identifier and sequence number of an echo or a time stamp.
fn echo(data: Data<'_>) -> Result<(u16, u16), Truncated> {
    Ok((data.u16(field::IDENTIFIER.start)?, data.u16(field::SEQUENCE.start)?))
}

/// Milliseconds since midnight (`icmp_tstamp_print`).
fn time_of_day(time: u32) -> String {
    let seconds = time / 1000;
    format!("{:02}:{:02}:{:02}.{:03}", seconds / 3600, seconds / 60 % 60, seconds % 60, time % 1000)
}
