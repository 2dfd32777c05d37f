//! The links that can be captured from, in libpcap's order (`pcap_findalldevs`).

use vethlab_shared::error::StackError;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::{LinkFlags, LinkView};

/// What captures from every link.
pub(super) const ANY: &str = "any";

/// What libpcap lists besides, in every namespace. Nothing can be captured from them here.
const OTHERS: &[&str] = &[
    "bluetooth-monitor (Bluetooth Linux Monitor) [Wireless]",
    "nflog (Linux netfilter log (NFLOG) interface) [none]",
    "nfqueue (Linux netfilter queue (NFQUEUE) interface) [none]",
    "dbus-system (D-Bus system bus) [none]",
    "dbus-session (D-Bus session bus) [none]",
];

/// Something that can be captured from.
pub(super) struct Device {
    pub(super) name: String,
    /// How `-D` shows it, without its number.
    pub(super) line: String,
    /// How far behind in the list (`get_figure_of_merit`).
    rank: u32,
}

fn of_link(link: &LinkView) -> Device {
    let set = |flag| link.flags.contains(flag);
    let (up, running, loopback) = (set(LinkFlags::UP), set(LinkFlags::RUNNING), set(LinkFlags::LOOPBACK));
    // `ETHTOOL_GLINK` asks for the carrier, which only a link that is up has.
    let connected = up && set(LinkFlags::LOWER_UP);
    let states = [(up, "Up"), (running, "Running"), (loopback, "Loopback")];
    let mut words: Vec<&str> = states.iter().filter(|(set, _)| *set).map(|(_, word)| *word).collect();
    if words.is_empty() {
        words.push("none");
    }
    if !loopback {
        words.push(if connected { "Connected" } else { "Disconnected" });
    }
    let rank = u32::from(!running) << 31
        | u32::from(!up) << 30
        | u32::from(!loopback && !connected) << 29
        | u32::from(loopback) << 28;
    Device { name: link.name.to_string(), line: format!("{} [{}]", link.name, words.join(", ")), rank }
}

/// All of them.
pub(super) fn list(
    stack: &mut dyn NetworkStack,
    namespace: &NamespaceName,
) -> Result<Vec<Device>, StackError> {
    let mut devices: Vec<Device> = stack.links(namespace)?.iter().map(of_link).collect();
    devices.push(Device {
        name: ANY.to_owned(),
        line: "any (Pseudo-device that captures on all interfaces) [Up, Running]".to_owned(),
        rank: 1 << 27,
    });
    devices.extend(OTHERS.iter().map(|line| Device {
        name: line.split(' ').next().unwrap_or_default().to_owned(),
        line: (*line).to_owned(),
        // They are neither up nor running, but not disconnected either.
        rank: 1 << 31 | 1 << 30,
    }));
    devices.sort_by_key(|device| device.rank);
    Ok(devices)
}
