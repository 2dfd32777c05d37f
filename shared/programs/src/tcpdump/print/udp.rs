//! UDP (`print-udp.c`).

use super::ipv4::{addresses, checksum_over_ipv4};
use super::{Data, Printed, Printer, put};
use crate::tcpdump::names;
use std::fmt::Write;
use vethlab_shared::wire::checksum::should_be;
use vethlab_shared::wire::ipv4::protocol;
use vethlab_shared::wire::udp::{HEADER_LENGTH as HEADER, field};

/// Ports, of whichever end, by which tcpdump knows what the data are and takes them apart.
const KNOWN: &[u16] = &[
    53, 5353, 525, 69, 68, 67, 520, 654, 500, 4500, 7500, 7501, 161, 162, 123, 88, 750, 1701, 137, 138, 2102,
    2103, 521, 547, 546, 5359, 6696, 6697, 8231, 496, 1812, 1813, 1645, 1646, 1700, 3799, 921, 646, 698,
    3503, 6343, 1589, 701, 12222, 12223, 5060, 514, 8472, 4789, 6081, 4342, 4790, 17754, 6635, 319, 320,
    30490, 49152,
];

/// The same, as the destination only.
const KNOWN_DESTINATIONS: &[u16] = &[3456, 4567, 1985, 3784, 4784, 6784, 3785];

impl Printer {
    /// `udp_print`: a datagram of this length in the packet that `header` begins.
    pub(super) fn udp(
        &mut self,
        header: Data<'_>,
        data: Data<'_>,
        length: usize,
        fragmented: bool,
    ) -> Printed {
        self.protocol = "udp";
        let (source, destination) = addresses(header)?;
        let (source, destination) = (self.host(source), self.host(destination));
        let (Ok(from), Ok(to)) = (data.u16(field::SOURCE.start), data.u16(field::DESTINATION.start)) else {
            put!(self, "{source} > {destination}: ");
            return data.check(4);
        };
        let name = |port| names::port(port, false, self.style.numeric);
        let (from_name, to_name) = (name(from), name(to));
        put!(self, "{source}.{from_name} > {destination}.{to_name}: ");
        if length < HEADER {
            put!(self, "truncated-udp {length}");
            return Ok(());
        }
        data.check(6)?;
        let said = usize::from(data.u16(field::LENGTH.start)?);
        if said < HEADER {
            put!(self, "truncated-udplength {said}");
            return Ok(());
        }
        let said = said - HEADER;
        let length = said.min(length - HEADER);
        data.check(HEADER)?;
        if self.style.verbose > 1 && !self.style.trusting && !fragmented {
            let found = data.u16(field::CHECKSUM.start)?;
            if found == 0 {
                put!(self, "[no cksum] ");
            } else if let Some(datagram) = data.0.get(..HEADER + length) {
                match checksum_over_ipv4(header, protocol::UDP, datagram)? {
                    0 => put!(self, "[udp sum ok] "),
                    computed => {
                        let right = should_be(found, computed);
                        put!(self, "[bad udp cksum {found:#06x} -> {right:#06x}!] ");
                    }
                }
            }
        }
        let known = |port: u16| KNOWN.contains(&port) || (7000..=7009).contains(&port) || port == 2049;
        if self.style.quiet == 0 && (known(from) || known(to) || KNOWN_DESTINATIONS.contains(&to)) {
            put!(self, "[vethlab: the data of this port are not modelled], length {said}");
        } else if said > length && !fragmented {
            put!(self, "UDP, bad length {said} > {length}");
        } else {
            put!(self, "UDP, length {said}");
        }
        Ok(())
    }
}
