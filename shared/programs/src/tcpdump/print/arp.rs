//! ARP and RARP (`print-arp.c`).

use super::{Data, Printed, Printer, Truncated, ethertype, hex, put};
use std::fmt::Write;
use vethlab_shared::wire::arp::field;
use vethlab_shared::wire::ethernet::ethertype::IPV4;

/// The protocols whose addresses are those of IPv4 (`ETHERTYPE_IP`, `ETHERTYPE_TRAIL`).
const OF_IPV4: [u16; 2] = [IPV4, 0x1000];

/// `arphrd_values`.
fn hardware(number: u16) -> String {
    match number {
        1 => "Ethernet",
        6 => "TokenRing",
        7 => "ArcNet",
        15 => "FrameRelay",
        19 => "ATM",
        23 => "Strip",
        24 => "IEEE 1394",
        32 => "InfiniBand",
        other => return format!("Unknown Hardware ({other})"),
    }
    .to_owned()
}

/// `arpop_values`.
fn operation(number: u16) -> String {
    match number {
        1 => "Request",
        2 => "Reply",
        3 => "Reverse Request",
        4 => "Reverse Reply",
        8 => "Inverse Request",
        9 => "Inverse Reply",
        10 => "NACK Reply",
        other => return format!("Unknown ({other})"),
    }
    .to_owned()
}

/// The four addresses of a message, each of which may lie beyond its end.
struct Message<'a> {
    data: Data<'a>,
    hardware_length: usize,
    protocol_length: usize,
    of_ipv4: bool,
}

impl Printer {
    /// `arp_print`.
    pub(super) fn arp(&mut self, data: Data<'_>) -> Printed {
        self.protocol = "arp";
        data.u16(field::OPERATION.start)?;
        let (kind, protocol, code) = (
            data.u16(field::HARDWARE_TYPE.start)?,
            data.u16(field::PROTOCOL_TYPE.start)?,
            data.u16(field::OPERATION.start)?,
        );
        let (hardware_length, protocol_length) =
            (data.u8(field::HARDWARE_LENGTH.start)?, data.u8(field::PROTOCOL_LENGTH.start)?);
        let of_ipv4 = OF_IPV4.contains(&protocol);
        if matches!(kind, 15 | 19) {
            put!(self, "[vethlab: ARP over {} is not modelled], length {}", hardware(kind), data.0.len());
            return Ok(());
        }
        let message = Message {
            data,
            hardware_length: hardware_length.into(),
            protocol_length: protocol_length.into(),
            of_ipv4,
        };
        message.check_length()?;
        if !self.style.link_header {
            put!(self, "ARP, ");
        }
        let verbose = self.style.verbose > 0;
        if !of_ipv4 || protocol_length != 4 || hardware_length == 0 || verbose {
            let protocol =
                ethertype(protocol).map_or(format!("Unknown Protocol ({protocol:#06x})"), str::to_owned);
            let kind = hardware(kind);
            put!(self, "{kind} (len {hardware_length}), {protocol} (len {protocol_length})");
            if !verbose {
                put!(self, ", length {}", data.0.len());
                return Ok(());
            }
            put!(self, ", ");
        }
        put!(self, "{} ", operation(code));
        match code {
            1 => {
                put!(self, "who-has {}", self.protocol_address(&message, true)?);
                if message.target_hardware()?.iter().any(|&byte| byte != 0) {
                    put!(self, " ({})", self.hardware_address(message.target_hardware()?));
                }
                put!(self, " tell {}", self.protocol_address(&message, false)?);
            }
            2 => {
                let sender = self.protocol_address(&message, false)?;
                put!(self, "{sender} is-at {}", self.hardware_address(message.sender_hardware()?));
            }
            3 | 8 => {
                put!(self, "who-is {}", self.hardware_address(message.target_hardware()?));
                put!(self, " tell {}", self.hardware_address(message.sender_hardware()?));
            }
            4 => {
                put!(self, "{} at ", self.hardware_address(message.target_hardware()?));
                put!(self, "{}", self.protocol_address(&message, true)?);
            }
            9 => {
                put!(self, "{} at ", self.hardware_address(message.sender_hardware()?));
                put!(self, "{}", self.protocol_address(&message, false)?);
            }
            _ => {
                // Unlike those of an unknown protocol, these bytes are shown whatever was asked for.
                hex::dump(&mut self.text, data.0, true);
                return Ok(());
            }
        }
        put!(self, ", length {}", data.0.len());
        Ok(())
    }

    fn protocol_address(&self, message: &Message<'_>, target: bool) -> Result<String, Truncated> {
        let at = if target {
            8 + 2 * message.hardware_length + message.protocol_length
        } else {
            8 + message.hardware_length
        };
        if !message.of_ipv4 {
            Ok("<wrong proto type>".to_owned())
        } else if message.protocol_length != 4 {
            Ok("<wrong len>".to_owned())
        } else {
            Ok(self.host(message.data.address(at)?))
        }
    }

    /// `linkaddr_string`.
    fn hardware_address(&self, bytes: &[u8]) -> String {
        match <[u8; 6]>::try_from(bytes) {
            Ok(address) => self.station(address),
            Err(_) if bytes.is_empty() => "<empty>".to_owned(),
            Err(_) => bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":"),
        }
    }
}

impl<'a> Message<'a> {
    fn check_length(&self) -> Printed {
        let length = 8 + 2 * (self.hardware_length + self.protocol_length);
        self.data.0.get(..length).map(drop).ok_or(Truncated::Unforeseen)
    }

    fn sender_hardware(&self) -> Result<&'a [u8], Truncated> {
        self.data.0.get(8..8 + self.hardware_length).ok_or(Truncated::Unforeseen)
    }

    fn target_hardware(&self) -> Result<&'a [u8], Truncated> {
        let at = 8 + self.hardware_length + self.protocol_length;
        self.data.0.get(at..at + self.hardware_length).ok_or(Truncated::Unforeseen)
    }
}
