//! The settings below `/proc/sys/net/ipv4` (`Documentation/networking/ip-sysctl.rst`), and those of connection tracking.

mod conntrack;
mod known;

pub(crate) use conntrack::{Conntrack, ReadOnly};

use crate::timer::JIFFY;
use std::sync::Arc;
use vethlab_shared::error::Errno;
use vethlab_shared::name::IfIndex;

/// A setting that every link has, and `all` and `default` beside (`enum IPV4_DEVCONF_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conf {
    AcceptLocal,
    AcceptRedirects,
    ArpIgnore,
    BcForwarding,
    Forwarding,
    IgnoreRoutesWithLinkdown,
    PromoteSecondaries,
    RouteLocalnet,
    RpFilter,
    SecureRedirects,
    SendRedirects,
    SharedMedia,
}

impl Conf {
    /// Whether links that are there already follow `default` (`devinet_conf_proc`): not in what is written by a way of
    /// its own (`devinet_sysctl_forward`, `ipv4_doint_and_flush`).
    fn is_passed_on(self) -> bool {
        !matches!(self, Conf::Forwarding | Conf::PromoteSecondaries | Conf::RouteLocalnet)
    }
}

/// Name and first value of each [`Conf`], in the order of `sysctl -a`.
const CONF: [(Conf, &str, i32); 12] = [
    (Conf::AcceptLocal, "accept_local", 0),
    (Conf::AcceptRedirects, "accept_redirects", 1),
    (Conf::ArpIgnore, "arp_ignore", 0),
    (Conf::BcForwarding, "bc_forwarding", 0),
    (Conf::Forwarding, "forwarding", 0),
    (Conf::IgnoreRoutesWithLinkdown, "ignore_routes_with_linkdown", 0),
    (Conf::PromoteSecondaries, "promote_secondaries", 0),
    (Conf::RouteLocalnet, "route_localnet", 0),
    (Conf::RpFilter, "rp_filter", 0),
    (Conf::SecureRedirects, "secure_redirects", 1),
    (Conf::SendRedirects, "send_redirects", 1),
    (Conf::SharedMedia, "shared_media", 1),
];

/// The values of each [`Conf`] that a link has at first.
const FIRST: [i32; CONF.len()] = {
    let mut values = [0; CONF.len()];
    let mut place = 0;
    while place < values.len() {
        values[place] = CONF[place].2;
        place += 1;
    }
    values
};

/// The per-link settings of one link, or of `all` or `default` (`struct ipv4_devconf`). Links whose values nobody altered
/// share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct DevConf {
    /// `None` as long as all are as they are at first.
    data: Option<Arc<[i32; CONF.len()]>>,
    /// A bit for each that somebody set for this very link: it no longer follows `default` (`cnf->state`).
    pinned: u16,
}

impl DevConf {
    /// The value of this link alone (`IN_DEV_CONF_GET`).
    pub(crate) fn get(&self, conf: Conf) -> i32 {
        self.data.as_deref().unwrap_or(&FIRST)[conf as usize]
    }

    fn set(&mut self, conf: Conf, value: i32) {
        if self.get(conf) != value {
            let data = self.data.get_or_insert_with(|| Arc::new(FIRST));
            Arc::make_mut(data)[conf as usize] = value;
        }
    }

    /// The link was given an address: it no longer follows `default` (`ipv4_devconf_setall`).
    pub(crate) fn pin(&mut self) {
        self.pinned = u16::MAX;
    }

    fn is_pinned(&self, conf: Conf) -> bool {
        self.pinned >> conf as usize & 1 != 0
    }
}

/// A setting of the whole namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Global {
    EchoIgnoreAll,
    EchoIgnoreBroadcasts,
    IcmpMsgsBurst,
    IcmpMsgsPerSec,
    IcmpRatelimit,
    IcmpRatemask,
    DefaultTtl,
}

/// Name, first value and bounds of each [`Global`] but `ip_forward`, in the order of `sysctl -a`.
const GLOBAL: [(Global, &str, i32, (i32, i32)); 7] = [
    (Global::EchoIgnoreAll, "icmp_echo_ignore_all", 0, (0, 1)),
    (Global::EchoIgnoreBroadcasts, "icmp_echo_ignore_broadcasts", 1, (0, 1)),
    (Global::IcmpMsgsBurst, "icmp_msgs_burst", 50, (0, i32::MAX)),
    (Global::IcmpMsgsPerSec, "icmp_msgs_per_sec", 1000, (0, i32::MAX)),
    (Global::IcmpRatelimit, "icmp_ratelimit", 1000, (i32::MIN, i32::MAX)),
    (Global::IcmpRatemask, "icmp_ratemask", 6168, (i32::MIN, i32::MAX)),
    (Global::DefaultTtl, "ip_default_ttl", 64, (1, 255)),
];

/// Whose per-link setting a name speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    All,
    Default,
    Link(IfIndex),
}

/// A setting, found by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// `net.ipv4.ip_forward`: another name for `conf.all.forwarding`.
    IpForward,
    Global(Global),
    Conf(Whose, Conf),
    Conntrack(Conntrack),
}

/// The settings of a namespace, those of its links aside: each link has its own ([`DevConf`]).
#[derive(Clone, Debug, Default)]
pub(crate) struct Sysctls {
    /// `None` as long as all are as they are at first.
    global: Option<Arc<[i64; GLOBAL.len()]>>,
    conntrack: conntrack::Values,
    all: DevConf,
    default: DevConf,
}

impl Sysctls {
    /// What a new link has: the values of `default` (`inetdev_init`).
    pub(crate) fn new_link(&self) -> DevConf {
        self.default.clone()
    }

    pub(crate) fn global(&self, setting: Global) -> i64 {
        match &self.global {
            Some(values) => values[setting as usize],
            None => GLOBAL[setting as usize].2.into(),
        }
    }

    /// The value of a setting of connection tracking.
    pub(crate) fn conntrack(&self, setting: Conntrack) -> i32 {
        self.conntrack.get(setting)
    }

    fn set_global(&mut self, setting: Global, value: i64) {
        let values = self.global.get_or_insert_with(|| Arc::new(GLOBAL.map(|(_, _, value, _)| value.into())));
        Arc::make_mut(values)[setting as usize] = value;
    }

    /// The value of `all`.
    pub(crate) fn all(&self, conf: Conf) -> i32 {
        self.all.get(conf)
    }

    /// The value of a setting, where `link` gives that of a link.
    pub(crate) fn get(&self, setting: Setting, link: impl FnOnce(IfIndex, Conf) -> i32) -> i64 {
        let value = match setting {
            Setting::Global(global) => return self.global(global),
            Setting::IpForward => self.all.get(Conf::Forwarding),
            Setting::Conntrack(setting) => self.conntrack(setting),
            Setting::Conf(Whose::All, conf) => self.all.get(conf),
            Setting::Conf(Whose::Default, conf) => self.default.get(conf),
            Setting::Conf(Whose::Link(index), conf) => link(index, conf),
        };
        value.into()
    }

    /// Writes a setting. Forwarding for `all` is written through to every link, and turns `accept_redirects` of `all`
    /// over: a router is not told its ways (`inet_forward_change`). `links` are all links with their settings.
    ///
    /// # Errors
    /// `EINVAL` where it is no whole number ([`number`]), or outside the setting's bounds (`proc_dointvec_minmax`).
    pub(crate) fn set<'a>(
        &mut self,
        setting: Setting,
        text: &str,
        links: impl Iterator<Item = (IfIndex, &'a mut DevConf)>,
    ) -> Result<(), Errno> {
        if let Setting::Conntrack(setting) = setting {
            return self.conntrack.set(setting, text);
        }
        let number = number(text).ok_or(Errno::EINVAL)?;
        if let Setting::Global(Global::IcmpRatelimit) = setting {
            self.set_global(Global::IcmpRatelimit, milliseconds(number).ok_or(Errno::EINVAL)?);
            return Ok(());
        }
        let value = i32::try_from(number).map_err(|_| Errno::EINVAL)?;
        match setting {
            Setting::Conntrack(_) => {}
            Setting::IpForward | Setting::Conf(Whose::All, Conf::Forwarding) => {
                if self.all.get(Conf::Forwarding) != value {
                    self.all.set(Conf::Forwarding, value);
                    self.all.set(Conf::AcceptRedirects, i32::from(value == 0));
                    self.default.set(Conf::Forwarding, value);
                    for (_, values) in links {
                        values.set(Conf::Forwarding, value);
                    }
                }
            }
            Setting::Global(global) => {
                let (_, _, _, (least, most)) = GLOBAL[global as usize];
                if !(least..=most).contains(&value) {
                    return Err(Errno::EINVAL);
                }
                self.set_global(global, value.into());
            }
            Setting::Conf(Whose::All, conf) => self.all.set(conf, value),
            Setting::Conf(Whose::Default, conf) => {
                // For links to come, and for those that still follow it (`devinet_copy_dflt_conf`).
                self.default.set(conf, value);
                for (_, values) in links.filter(|(_, values)| conf.is_passed_on() && !values.is_pinned(conf))
                {
                    values.set(conf, value);
                }
            }
            Setting::Conf(Whose::Link(link), conf) => {
                for (_, values) in links.filter(|(index, _)| *index == link) {
                    values.set(conf, value);
                    values.pinned |= 1 << conf as usize;
                }
            }
        }
        Ok(())
    }
}

/// The number that a text begins with; what follows behind white space does not count (`proc_dointvec`,
/// `proc_get_long`). In front of it, `0x` means base 16 and `0` base 8 (`_parse_integer_fixup_radix`).
fn number(text: &str) -> Option<i128> {
    /// More characters than this are not read (`TMPBUFLEN`).
    const LONGEST: usize = 20;
    let word = text.split_ascii_whitespace().next().filter(|word| word.len() <= LONGEST)?;
    let (sign, digits) = word.strip_prefix('-').map_or((1, word), |digits| (-1, digits));
    let lower = digits.to_ascii_lowercase();
    let (base, digits) = match lower.strip_prefix("0x") {
        Some(digits) => (16, digits),
        None if lower.starts_with('0') => (8, lower.as_str()),
        None => (10, lower.as_str()),
    };
    // A second sign would be taken by `from_str_radix`.
    let unsigned = digits.starts_with(|first: char| first.is_ascii_hexdigit());
    let value = u64::from_str_radix(digits, base).ok().filter(|_| unsigned)?;
    Some(sign * i128::from(value))
}

/// A number of milliseconds, which the kernel cuts to 32 bits and then rounds up to jiffies
/// (`proc_dointvec_ms_jiffies`).
fn milliseconds(number: i128) -> Option<i64> {
    let milliseconds = i32::try_from(number as u32).ok()?;
    let jiffy = JIFFY.as_millis() as u32;
    Some(i64::from(milliseconds.cast_unsigned().next_multiple_of(jiffy)))
}

/// Finds a setting by its name, where `link` finds a link by its own.
pub(crate) fn find(name: &str, link: impl Fn(&str) -> Option<IfIndex>) -> Option<Setting> {
    if let Some(setting) = conntrack::find(name) {
        return Some(Setting::Conntrack(setting));
    }
    let rest = name.strip_prefix("net.ipv4.")?;
    if rest == "ip_forward" {
        return Some(Setting::IpForward);
    }
    if let Some((global, ..)) = GLOBAL.iter().find(|(_, name, ..)| *name == rest) {
        return Some(Setting::Global(*global));
    }
    let (whose, conf) = rest.strip_prefix("conf.")?.rsplit_once('.')?;
    let conf = CONF.iter().find(|(_, name, _)| *name == conf)?.0;
    let whose = match whose {
        "all" => Whose::All,
        "default" => Whose::Default,
        name => Whose::Link(link(name)?),
    };
    Some(Setting::Conf(whose, conf))
}

/// What of this name can only be read.
pub(crate) fn find_read_only(name: &str) -> Option<ReadOnly> {
    conntrack::find_read_only(name)
}

/// Whether Linux has a setting of this name, where `is_link` tells whether there is such a link; `None` where nothing is
/// known of its directory.
pub(crate) fn is_known(name: &str, is_link: impl Fn(&str) -> bool) -> Option<bool> {
    match name {
        _ if name.starts_with("net.ipv4.") => Some(known::is_known(name, is_link)),
        // It stands in the first namespace alone.
        "net.nf_conntrack_max" => Some(false),
        _ if name.starts_with("net.netfilter.") => Some(conntrack::is_known(name)),
        _ => None,
    }
}

/// The names of all settings, sorted, for the given links.
pub(crate) fn names<'a>(links: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = GLOBAL.iter().map(|(_, name, ..)| format!("net.ipv4.{name}")).collect();
    names.push("net.ipv4.ip_forward".to_owned());
    names.extend(conntrack::names());
    for whose in ["all", "default"].into_iter().chain(links) {
        names.extend(CONF.iter().map(|(_, conf, _)| format!("net.ipv4.conf.{whose}.{conf}")));
    }
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::{milliseconds, number};

    #[test]
    fn numbers_are_read_as_the_kernel_reads_them() {
        let good =
            [("1", 1), (" 1\n", 1), ("1 0", 1), ("1\tx", 1), ("0x1F", 31), ("010", 8), ("-1", -1), ("0", 0)];
        for (text, value) in good {
            assert_eq!(number(text), Some(value), "{text:?}");
        }
        for text in ["", " ", "x", "1x", "1,0", "08", "0x", "+1", "--1", "- 1", "000000000000000000001"] {
            assert_eq!(number(text), None, "{text:?}");
        }
    }

    #[test]
    fn milliseconds_come_in_jiffies() {
        let good =
            [(0, 0), (1, 4), (5, 8), (1000, 1000), (i128::from(i32::MAX), 1 << 31), ((1 << 32) + 5, 8)];
        for (given, kept) in good {
            assert_eq!(milliseconds(given), Some(kept), "{given}");
        }
        assert_eq!([-1, 1 << 31].map(milliseconds), [None, None]);
    }
}
