//! The settings that each network namespace of the stack starts with, the same on every machine.

use crate::unavailable::Unavailable;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::Path;
use vethlab_shared::error::Errno;

/// A file that every namespace has, and that can be written where any can.
const ANY: &str = "/proc/sys/net/ipv4/ip_forward";
/// Written before any link is made; files that a kernel without IPv6 does not have.
const IPV6_OFF: [&str; 2] =
    ["/proc/sys/net/ipv6/conf/all/disable_ipv6", "/proc/sys/net/ipv6/conf/default/disable_ipv6"];
/// The same of a kernel without `br_netfilter`, which is built into some and never loaded on many: where it is on, what
/// crosses a bridge passes the packet filter, is put together, and is cut anew where a port is too narrow.
const BRIDGE_NETFILTER_OFF: [&str; 3] = [
    "/proc/sys/net/bridge/bridge-nf-call-iptables",
    "/proc/sys/net/bridge/bridge-nf-call-ip6tables",
    "/proc/sys/net/bridge/bridge-nf-call-arptables",
];
/// The settings of links in a namespace with none but loopback.
const IPV4: [&str; 3] =
    ["/proc/sys/net/ipv4/conf/all", "/proc/sys/net/ipv4/conf/default", "/proc/sys/net/ipv4/conf/lo"];

/// Prepares this thread's namespace: IPv6 and the filter of bridged packets off, and the IPv4 settings as the kernel was built with them.
///
/// A new namespace would otherwise begin with the IPv4 settings of the machine's own (`devinet_init_net`):
/// with forwarding on where the machine runs containers, with another `rp_filter` where systemd set one.
pub(crate) fn prepare() -> Result<(), Unavailable> {
    OpenOptions::new().write(true).open(ANY).map_err(|error| read_only(ANY, &error))?;
    let off = IPV6_OFF.map(|path| (path, "1\n"));
    for (path, value) in off.into_iter().chain(BRIDGE_NETFILTER_OFF.map(|path| (path, "0\n"))) {
        match fs::write(path, value) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(read_only(path, &error)),
            _ => {}
        }
    }
    for directory in IPV4 {
        reset(Path::new(directory)).map_err(|error| read_only(directory, &error))?;
    }
    Ok(())
}

fn read_only(path: &str, error: &io::Error) -> Unavailable {
    let errno = Errno(error.raw_os_error().unwrap_or(Errno::EIO.0));
    Unavailable::ReadOnlySysctl { path: path.to_owned(), errno }
}

/// Writes those files of a directory that differ from what the kernel was built with. There are a hundred of them in
/// every namespace: each is opened once and read once.
fn reset(directory: &Path) -> io::Result<()> {
    let whose = directory.file_name().unwrap_or_default();
    for entry in fs::read_dir(directory)? {
        let setting = entry?.file_name();
        let is_loopbacks_own = whose == "lo" && (setting == "disable_policy" || setting == "disable_xfrm");
        if is_loopbacks_own {
            continue;
        }
        let initial = initial(whose == "all", &setting.to_string_lossy());
        let mut file = match OpenOptions::new().read(true).write(true).open(directory.join(&setting)) {
            // One that is for reading only. That others can be written was tried before.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => continue,
            opened => opened?,
        };
        // A number: the kernel gives all of it at once.
        let mut value = [0; 64];
        let length = file.read(&mut value)?;
        if value[..length].trim_ascii() != initial.as_bytes() {
            file.rewind()?;
            file.write_all(initial.as_bytes())?;
        }
    }
    Ok(())
}

/// The value of a setting before anybody changes it (`ipv4_devconf` and `ipv4_devconf_dflt` in
/// `net/ipv4/devinet.c`).
fn initial(for_all: bool, setting: &str) -> &'static str {
    match setting {
        "accept_redirects"
        | "send_redirects"
        | "secure_redirects"
        | "shared_media"
        | "arp_evict_nocarrier" => "1",
        "accept_source_route" if !for_all => "1",
        "igmpv2_unsolicited_report_interval" => "10000",
        "igmpv3_unsolicited_report_interval" => "1000",
        _ => "0",
    }
}
