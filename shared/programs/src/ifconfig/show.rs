//! How `ifconfig` shows interfaces.

use std::fmt;
use vethlab_shared::family::Family;
use vethlab_shared::prefix::Prefix;
use vethlab_shared::view::{AddressView, LinkFlags, LinkKind, LinkStatistics, LinkView};

/// The header of the short form.
pub(super) const SHORT_HEADER: &str =
    "Iface      MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n";

/// Flag, word, letter, in the order in which the long form names them.
const FLAGS: [(LinkFlags, &str); 12] = [
    (LinkFlags::UP, "UP"),
    (LinkFlags::BROADCAST, "BROADCAST"),
    (LinkFlags::DEBUG, "DEBUG"),
    (LinkFlags::LOOPBACK, "LOOPBACK"),
    (LinkFlags::POINT_TO_POINT, "POINTOPOINT"),
    (LinkFlags::NO_TRAILERS, "NOTRAILERS"),
    (LinkFlags::RUNNING, "RUNNING"),
    (LinkFlags::NO_ARP, "NOARP"),
    (LinkFlags::PROMISCUOUS, "PROMISC"),
    (LinkFlags::ALL_MULTICAST, "ALLMULTI"),
    (LinkFlags::SLAVE, "SLAVE"),
    (LinkFlags::MASTER, "MASTER"),
];
/// Those that come last, after a word that others stand behind.
const LAST_FLAGS: [(LinkFlags, &str); 2] =
    [(LinkFlags::MULTICAST, "MULTICAST"), (LinkFlags::DYNAMIC, "DYNAMIC")];

/// The letters of the short form, in its order.
const LETTERS: [(LinkFlags, char); 14] = [
    (LinkFlags::ALL_MULTICAST, 'A'),
    (LinkFlags::BROADCAST, 'B'),
    (LinkFlags::DEBUG, 'D'),
    (LinkFlags::LOOPBACK, 'L'),
    (LinkFlags::MULTICAST, 'M'),
    (LinkFlags::DYNAMIC, 'd'),
    (LinkFlags::PROMISCUOUS, 'P'),
    (LinkFlags::NO_TRAILERS, 'N'),
    (LinkFlags::NO_ARP, 'O'),
    (LinkFlags::POINT_TO_POINT, 'P'),
    (LinkFlags::SLAVE, 's'),
    (LinkFlags::MASTER, 'm'),
    (LinkFlags::RUNNING, 'R'),
    (LinkFlags::UP, 'U'),
];

/// One interface: a link under its own name, or under the label of one of its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Interface {
    /// The link's name, or a label such as `veth0:1`.
    pub(super) name: String,
    /// The link.
    pub(super) link: LinkView,
    /// The first address with that label.
    pub(super) address: Option<AddressView>,
}

impl Interface {
    fn is_alias(&self) -> bool {
        self.name != self.link.name.as_str()
    }

    /// The flags that fit in the 16 bits of `struct ifreq`.
    fn flags(&self) -> LinkFlags {
        LinkFlags::from_bits_truncate(self.link.flags.bits() & 0xffff)
    }

    /// One line, as with `-s` (`ife_print_short`).
    pub(super) fn short(&self) -> String {
        let counts = if self.is_alias() {
            format!("{:<56}", "     - no statistics available -")
        } else {
            let Counters { packets: rx, errors: rx_errors, dropped: rx_dropped, fifo: rx_fifo, .. } =
                self.rx();
            let Counters { packets: tx, errors: tx_errors, dropped: tx_dropped, fifo: tx_fifo, .. } =
                self.tx();
            format!(
                "{rx:8} {rx_errors:6} {rx_dropped:6} {rx_fifo:<6} {tx:8} {tx_errors:6} {tx_dropped:6} {tx_fifo:6} "
            )
        };
        let flags = self.flags();
        let letters: String = match flags.is_empty() {
            true => "[NO FLAGS]".to_owned(),
            false => LETTERS.iter().filter(|(flag, _)| flags.contains(*flag)).map(|(_, c)| c).collect(),
        };
        format!("{:<15.15} {:5} {counts}{letters}\n", self.name, self.link.mtu)
    }

    fn rx(&self) -> Counters {
        let LinkStatistics { rx_packets, rx_bytes, rx_errors, rx_dropped, rx_fifo_errors, .. } =
            self.link.statistics;
        Counters {
            packets: rx_packets,
            bytes: rx_bytes,
            errors: rx_errors,
            dropped: rx_dropped + self.link.statistics.rx_missed_errors,
            fifo: rx_fifo_errors,
        }
    }

    fn tx(&self) -> Counters {
        let LinkStatistics { tx_packets, tx_bytes, tx_errors, tx_dropped, tx_fifo_errors, .. } =
            self.link.statistics;
        Counters {
            packets: tx_packets,
            bytes: tx_bytes,
            errors: tx_errors,
            dropped: tx_dropped,
            fifo: tx_fifo_errors,
        }
    }
}

/// One direction of `/proc/net/dev`.
struct Counters {
    packets: u64,
    bytes: u64,
    errors: u64,
    dropped: u64,
    fifo: u64,
}

impl fmt::Display for Interface {
    /// The long form (`ife_print_long`), with the blank line that ends it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = self.flags();
        let words: Vec<&str> = FLAGS
            .iter()
            .chain(&LAST_FLAGS)
            .filter(|(flag, _)| flags.contains(*flag))
            .map(|&(_, word)| word)
            .collect();
        let (name, mtu) = (&self.name, self.link.mtu);
        writeln!(f, "{name}: flags={}<{}>  mtu {mtu}", flags.bits(), words.join(","))?;
        if let Some(address) = &self.address {
            let mask = Prefix::new(address.local, address.prefix_length).mask();
            write!(f, "        inet {}  netmask {mask}", address.local)?;
            if flags.contains(LinkFlags::BROADCAST) {
                write!(f, "  broadcast {}", address.broadcast.unwrap_or(Family::Inet.unspecified()))?;
            }
            if flags.contains(LinkFlags::POINT_TO_POINT) {
                write!(f, "  destination {}", address.peer)?;
            }
            writeln!(f)?;
        }
        let queue = self.link.tx_queue_length;
        match self.link.kind {
            LinkKind::Loopback => writeln!(f, "        loop  txqueuelen {queue}  (Local Loopback)")?,
            _ => writeln!(f, "        ether {}  txqueuelen {queue}  (Ethernet)", self.link.address)?,
        }
        if !self.is_alias() {
            self.counters(f)?;
        }
        writeln!(f)
    }
}

impl Interface {
    fn counters(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LinkStatistics { rx_over_errors, rx_frame_errors, tx_carrier_errors, collisions, .. } =
            self.link.statistics;
        let Counters { packets, bytes, errors, dropped, fifo } = self.rx();
        let frame = rx_over_errors + rx_frame_errors;
        writeln!(f, "        RX packets {packets}  bytes {bytes} ({})", size(bytes))?;
        writeln!(f, "        RX errors {errors}  dropped {dropped}  overruns {fifo}  frame {frame}")?;
        let Counters { packets, bytes, errors, dropped, fifo } = self.tx();
        writeln!(f, "        TX packets {packets}  bytes {bytes} ({})", size(bytes))?;
        writeln!(
            f,
            "        TX errors {errors}  dropped {dropped} overruns {fifo}  \
             carrier {tx_carrier_errors}  collisions {collisions}"
        )
    }
}

/// Bytes with one decimal, cut off, in the largest unit that is smaller than the number.
fn size(bytes: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let unit = (1..units.len()).take_while(|unit| bytes > 1 << (10 * unit)).last().unwrap_or(0);
    let tenths = (u128::from(bytes) * 10) >> (10 * unit);
    format!("{}.{} {}", tenths / 10, tenths % 10, units[unit])
}

/// The order in which interfaces are listed (`nstrcmp`): numbers at the end count as numbers, and the
/// labels of a link come behind it.
pub(super) fn sort_key(name: &str) -> (String, u64, String, Option<u64>) {
    let alias = name.rsplit_once(':').and_then(|(base, number)| Some((base, number.parse().ok()?)));
    let (base, alias) = alias.map_or((name, None), |(base, number)| (base, Some(number)));
    let stem = base.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = base[stem.len()..].parse().unwrap_or(0);
    (stem.to_owned(), number, base.to_owned(), alias)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use vethlab_shared::mac::MacAddress;
    use vethlab_shared::name::IfIndex;
    use vethlab_shared::view::{AddressFlags, OperationalState, Scope};

    fn loopback() -> Interface {
        let link = LinkView {
            index: IfIndex::LOOPBACK,
            name: "lo".parse().expect("a link name"),
            kind: LinkKind::Loopback,
            flags: LinkFlags::UP | LinkFlags::LOOPBACK | LinkFlags::RUNNING | LinkFlags::LOWER_UP,
            mtu: 65536,
            qdisc: "noqueue".to_owned(),
            state: OperationalState::Unknown,
            group: 0,
            tx_queue_length: 1000,
            address: MacAddress::ZERO,
            broadcast: MacAddress::ZERO,
            peer: None,
            peer_namespace_id: None,
            master: None,
            statistics: LinkStatistics { rx_bytes: 2048, rx_packets: 3, ..LinkStatistics::default() },
        };
        let address = AddressView {
            link: IfIndex::LOOPBACK,
            local: Ipv4Addr::LOCALHOST.into(),
            peer: Ipv4Addr::LOCALHOST.into(),
            prefix_length: 8,
            broadcast: None,
            label: "lo".to_owned(),
            scope: Scope::HOST,
            flags: AddressFlags::PERMANENT,
        };
        Interface { name: "lo".to_owned(), link, address: Some(address) }
    }

    #[test]
    fn the_long_form() {
        assert_eq!(
            loopback().to_string(),
            "lo: flags=73<UP,LOOPBACK,RUNNING>  mtu 65536
        inet 127.0.0.1  netmask 255.0.0.0
        loop  txqueuelen 1000  (Local Loopback)
        RX packets 3  bytes 2048 (2.0 KiB)
        RX errors 0  dropped 0  overruns 0  frame 0
        TX packets 0  bytes 0 (0.0 B)
        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0

"
        );
    }

    #[test]
    fn the_long_form_of_an_ethernet_link() {
        let mut veth = loopback();
        veth.name = "veth2".to_owned();
        veth.link.name = "veth2".parse().expect("a link name");
        veth.link.kind = LinkKind::Veth;
        veth.link.flags = LinkFlags::UP | LinkFlags::BROADCAST | LinkFlags::MULTICAST;
        let text = veth.to_string();
        assert!(text.starts_with("veth2: flags=4099<UP,BROADCAST,MULTICAST>  mtu 65536\n"), "{text}");
        assert!(text.contains("  netmask 255.0.0.0  broadcast 0.0.0.0\n"), "{text}");
        assert!(text.contains("        ether 00:00:00:00:00:00  txqueuelen 1000  (Ethernet)\n"), "{text}");
    }

    #[test]
    fn the_short_form() {
        let line = "lo              65536        3      0      0 0             0      0      0      0 LRU\n";
        assert_eq!(loopback().short(), line);
        let alias = Interface { name: "lo:1".to_owned(), ..loopback() };
        let line = "lo:1            65536      - no statistics available -                        LRU\n";
        assert_eq!(alias.short(), line);
    }

    #[test]
    fn sizes_are_cut_to_one_decimal() {
        let cases = [(1024, "1024.0 B"), (1025, "1.0 KiB"), (1_999_999, "1.9 MiB"), (u64::MAX, "15.9 EiB")];
        for (bytes, text) in cases {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn numbers_in_names_count() {
        let mut names = ["veth10", "lo", "veth2:1", "veth2", "eth01", "eth1", "veth2:10", "eth"];
        names.sort_by_key(|name| sort_key(name));
        assert_eq!(names, ["eth", "eth01", "eth1", "lo", "veth2", "veth2:1", "veth2:10", "veth10"]);
    }
}
