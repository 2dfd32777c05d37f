//! The settings of connection tracking, below `/proc/sys/net/netfilter` (`nf_ct_sysctl_table` in
//! `net/netfilter/nf_conntrack_standalone.c`; `Documentation/networking/nf_conntrack-sysctl.rst`). They are there where
//! connection tracking is, be it built in or loaded as a module.

use super::number;
use crate::timer::JIFFY;
use std::sync::Arc;
use vethlab_shared::error::Errno;

/// What all names begin with.
const DIRECTORY: &str = "net.netfilter.";

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conntrack {
    Acct,
    Checksum,
    GenericTimeout,
    IcmpTimeout,
    LogInvalid,
    TcpBeLiberal,
    TcpIgnoreInvalidRst,
    TcpLoose,
    /// How many acknowledgements may come again (`tcp_max_retrans`).
    TcpRetransmissions,
    TcpClose,
    TcpCloseWait,
    TcpEstablished,
    TcpFinWait,
    TcpLastAck,
    /// For how long it is known once they were too many (`TCP_CONNTRACK_RETRANS`).
    TcpMaxRetrans,
    TcpSynRecv,
    TcpSynSent,
    TcpTimeWait,
    TcpUnacknowledged,
    UdpTimeout,
    UdpStreamTimeout,
}

/// How a setting is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A byte of at most so much (`proc_dou8vec_minmax`).
    UpTo(u8),
    /// Seconds, which the kernel keeps in jiffies (`proc_dointvec_jiffies`).
    Seconds,
}

/// Name, first value and kind of each [`Conntrack`], in the order of `sysctl -a`. `log_invalid` is kept and does nothing, as
/// in any namespace but the first (`nf_log_all_netns`).
const SETTINGS: [(Conntrack, &str, i32, Kind); 21] = {
    use Conntrack as C;
    use Kind::{Seconds, UpTo};
    [
        (C::Acct, "nf_conntrack_acct", 0, UpTo(1)),
        (C::Checksum, "nf_conntrack_checksum", 1, UpTo(1)),
        (C::GenericTimeout, "nf_conntrack_generic_timeout", 600, Seconds),
        (C::IcmpTimeout, "nf_conntrack_icmp_timeout", 30, Seconds),
        (C::LogInvalid, "nf_conntrack_log_invalid", 0, UpTo(u8::MAX)),
        (C::TcpBeLiberal, "nf_conntrack_tcp_be_liberal", 0, UpTo(1)),
        (C::TcpIgnoreInvalidRst, "nf_conntrack_tcp_ignore_invalid_rst", 0, UpTo(1)),
        (C::TcpLoose, "nf_conntrack_tcp_loose", 1, UpTo(1)),
        (C::TcpRetransmissions, "nf_conntrack_tcp_max_retrans", 3, UpTo(u8::MAX)),
        (C::TcpClose, "nf_conntrack_tcp_timeout_close", 10, Seconds),
        (C::TcpCloseWait, "nf_conntrack_tcp_timeout_close_wait", 60, Seconds),
        (C::TcpEstablished, "nf_conntrack_tcp_timeout_established", 432_000, Seconds),
        (C::TcpFinWait, "nf_conntrack_tcp_timeout_fin_wait", 120, Seconds),
        (C::TcpLastAck, "nf_conntrack_tcp_timeout_last_ack", 30, Seconds),
        (C::TcpMaxRetrans, "nf_conntrack_tcp_timeout_max_retrans", 300, Seconds),
        (C::TcpSynRecv, "nf_conntrack_tcp_timeout_syn_recv", 60, Seconds),
        (C::TcpSynSent, "nf_conntrack_tcp_timeout_syn_sent", 120, Seconds),
        (C::TcpTimeWait, "nf_conntrack_tcp_timeout_time_wait", 120, Seconds),
        (C::TcpUnacknowledged, "nf_conntrack_tcp_timeout_unacknowledged", 300, Seconds),
        (C::UdpTimeout, "nf_conntrack_udp_timeout", 30, Seconds),
        (C::UdpStreamTimeout, "nf_conntrack_udp_timeout_stream", 120, Seconds),
    ]
};

/// What a namespace other than the first may only read (`nf_conntrack_standalone_init_sysctl`): it is the machine's, or
/// counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadOnly {
    /// How many connections are known.
    Count,
    /// How many may be.
    Max,
}

const READ_ONLY: [(ReadOnly, &str); 2] =
    [(ReadOnly::Count, "nf_conntrack_count"), (ReadOnly::Max, "nf_conntrack_max")];

/// The others that Linux 6.18 has.
const NOT_MODELLED: &[&str] = &[
    "nf_conntrack_buckets",
    "nf_conntrack_events",
    "nf_conntrack_expect_max",
    "nf_conntrack_frag6_high_thresh",
    "nf_conntrack_frag6_low_thresh",
    "nf_conntrack_frag6_timeout",
    "nf_conntrack_gre_timeout",
    "nf_conntrack_gre_timeout_stream",
    "nf_conntrack_icmpv6_timeout",
    "nf_conntrack_sctp_timeout_closed",
    "nf_conntrack_sctp_timeout_cookie_echoed",
    "nf_conntrack_sctp_timeout_cookie_wait",
    "nf_conntrack_sctp_timeout_established",
    "nf_conntrack_sctp_timeout_heartbeat_sent",
    "nf_conntrack_sctp_timeout_shutdown_ack_sent",
    "nf_conntrack_sctp_timeout_shutdown_recd",
    "nf_conntrack_sctp_timeout_shutdown_sent",
    "nf_conntrack_timestamp",
    "nf_flowtable_tcp_timeout",
    "nf_flowtable_udp_timeout",
    "nf_hooks_lwtunnel",
];

/// The values of a namespace.
#[derive(Clone, Debug, Default)]
pub(super) struct Values(Option<Arc<[i32; SETTINGS.len()]>>);

impl Values {
    pub(super) fn get(&self, setting: Conntrack) -> i32 {
        match &self.0 {
            Some(values) => values[setting as usize],
            None => SETTINGS[setting as usize].2,
        }
    }

    /// # Errors
    /// `EINVAL` where it is no number, or outside of the setting's bounds.
    pub(super) fn set(&mut self, setting: Conntrack, text: &str) -> Result<(), Errno> {
        let number = number(text).ok_or(Errno::EINVAL)?;
        let (least, most) = match SETTINGS[setting as usize].3 {
            Kind::UpTo(most) => (0, i128::from(most)),
            Kind::Seconds => {
                let most = i128::from(i32::MAX) / (1000 / JIFFY.as_millis() as i128);
                (-most, most)
            }
        };
        let number =
            i32::try_from(number).ok().filter(|number| (least..=most).contains(&i128::from(*number)));
        let values = self.0.get_or_insert_with(|| Arc::new(SETTINGS.map(|(_, _, value, _)| value)));
        Arc::make_mut(values)[setting as usize] = number.ok_or(Errno::EINVAL)?;
        Ok(())
    }
}

/// The setting of this name.
pub(super) fn find(name: &str) -> Option<Conntrack> {
    let name = name.strip_prefix(DIRECTORY)?;
    SETTINGS.iter().find(|(_, known, ..)| *known == name).map(|(setting, ..)| *setting)
}

/// What of this name can only be read.
pub(super) fn find_read_only(name: &str) -> Option<ReadOnly> {
    let name = name.strip_prefix(DIRECTORY)?;
    READ_ONLY.iter().find(|(_, known)| *known == name).map(|(what, _)| *what)
}

/// Whether Linux has such a setting, in a namespace that is not the first.
pub(super) fn is_known(name: &str) -> bool {
    name.strip_prefix(DIRECTORY)
        .is_some_and(|name| NOT_MODELLED.contains(&name) || name.starts_with("nf_log."))
}

/// All names.
pub(super) fn names() -> impl Iterator<Item = String> {
    let settings = SETTINGS.iter().map(|(_, name, ..)| *name);
    settings.chain(READ_ONLY.iter().map(|(_, name)| *name)).map(|name| format!("{DIRECTORY}{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_stands_at_its_place() {
        for (place, (setting, ..)) in SETTINGS.iter().enumerate() {
            assert_eq!(*setting as usize, place);
        }
    }

    #[test]
    fn bounds_are_those_of_the_kernel() {
        let mut values = Values::default();
        for (setting, text, kept) in [
            (Conntrack::TcpLoose, "0", 0),
            (Conntrack::TcpRetransmissions, "255", 255),
            (Conntrack::UdpTimeout, "8589934", 8_589_934),
            (Conntrack::UdpTimeout, "-1", -1),
        ] {
            assert_eq!(values.set(setting, text), Ok(()), "{text}");
            assert_eq!(values.get(setting), kept, "{text}");
        }
        for (setting, text) in [
            (Conntrack::TcpLoose, "2"),
            (Conntrack::TcpLoose, "-1"),
            (Conntrack::TcpRetransmissions, "256"),
            (Conntrack::UdpTimeout, "8589935"),
            (Conntrack::UdpTimeout, "x"),
        ] {
            assert_eq!(values.set(setting, text), Err(Errno::EINVAL), "{text}");
        }
    }
}
