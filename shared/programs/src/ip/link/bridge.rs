//! What stands behind `type bridge` (`bridge_parse_opt` in `ip/iplink_bridge.c`).

use crate::Failure;
use crate::ip::args::{How, Keywords, Words, invalid, keyword, not_modelled, unsigned};
use vethlab_shared::change::BridgeSettings;

#[derive(Clone, Copy)]
enum Keyword {
    AgeingTime,
    McastSnooping,
    NotModelled,
}

const KEYWORDS: &Keywords<Keyword> = &[
    (How::Prefix, "forward_delay", Keyword::NotModelled),
    (How::Prefix, "hello_time", Keyword::NotModelled),
    (How::Prefix, "max_age", Keyword::NotModelled),
    (How::Prefix, "ageing_time", Keyword::AgeingTime),
    (How::Prefix, "stp_state", Keyword::NotModelled),
    (How::Prefix, "priority", Keyword::NotModelled),
    (How::Prefix, "vlan_filtering", Keyword::NotModelled),
    (How::Prefix, "vlan_protocol", Keyword::NotModelled),
    (How::Prefix, "group_fwd_mask", Keyword::NotModelled),
    (How::Prefix, "group_address", Keyword::NotModelled),
    (How::Prefix, "fdb_flush", Keyword::NotModelled),
    (How::Prefix, "vlan_default_pvid", Keyword::NotModelled),
    (How::Prefix, "vlan_stats_enabled", Keyword::NotModelled),
    (How::Prefix, "vlan_stats_per_port", Keyword::NotModelled),
    (How::Prefix, "mcast_router", Keyword::NotModelled),
    (How::Prefix, "mcast_snooping", Keyword::McastSnooping),
    (How::Prefix, "mcast_vlan_snooping", Keyword::NotModelled),
    (How::Prefix, "mcast_query_use_ifaddr", Keyword::NotModelled),
    (How::Prefix, "mcast_querier", Keyword::NotModelled),
    (How::Prefix, "mcast_hash_elasticity", Keyword::NotModelled),
    (How::Prefix, "mcast_hash_max", Keyword::NotModelled),
    (How::Prefix, "mcast_last_member_count", Keyword::NotModelled),
    (How::Prefix, "mcast_startup_query_count", Keyword::NotModelled),
    (How::Prefix, "mcast_last_member_interval", Keyword::NotModelled),
    (How::Prefix, "mcast_membership_interval", Keyword::NotModelled),
    (How::Prefix, "mcast_querier_interval", Keyword::NotModelled),
    (How::Prefix, "mcast_query_interval", Keyword::NotModelled),
    (How::Prefix, "mcast_query_response_interval", Keyword::NotModelled),
    (How::Prefix, "mcast_startup_query_interval", Keyword::NotModelled),
    (How::Prefix, "mcast_stats_enabled", Keyword::NotModelled),
    (How::Prefix, "mcast_igmp_version", Keyword::NotModelled),
    (How::Prefix, "mcast_mld_version", Keyword::NotModelled),
    (How::Prefix, "nf_call_iptables", Keyword::NotModelled),
    (How::Prefix, "nf_call_ip6tables", Keyword::NotModelled),
    (How::Prefix, "nf_call_arptables", Keyword::NotModelled),
    (How::Prefix, "no_linklocal_learn", Keyword::NotModelled),
    (How::Prefix, "help", Keyword::NotModelled),
];

/// Reads the settings of a bridge up to the end of the line.
pub(super) fn parse(words: &mut Words<'_>) -> Result<BridgeSettings, Failure> {
    let mut settings = BridgeSettings::default();
    while let Some(word) = words.next() {
        match keyword(KEYWORDS, word) {
            Some((_, Keyword::AgeingTime)) => {
                let word = words.value()?;
                let ticks = unsigned(word, u32::MAX.into()).and_then(|ticks| u32::try_from(ticks).ok());
                settings.ageing_time = Some(ticks.ok_or_else(|| invalid("invalid ageing_time", word))?);
            }
            Some((_, Keyword::McastSnooping)) => {
                let word = words.value()?;
                let number = unsigned(word, u8::MAX.into());
                let number = number.ok_or_else(|| invalid("invalid mcast_snooping", word))?;
                settings.mcast_snooping = Some(number != 0);
            }
            Some((full, Keyword::NotModelled)) => {
                return Err(not_modelled("ip link", &format!("type bridge {full}")));
            }
            None => return Err(not_modelled("ip link", &format!("type bridge {word}"))),
        }
    }
    Ok(settings)
}
