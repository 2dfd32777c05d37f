//! What stands behind `type bridge` (`bridge_parse_opt` in `ip/iplink_bridge.c`).

use crate::Failure;
use crate::ip::args::{Words, invalid, matches, not_modelled, number, unsigned};
use vethlab_shared::change::BridgeSettings;

/// The words that are modelled.
pub(in crate::ip) const MODELLED: [&str; 7] =
    ["ageing_time", "mcast_snooping", "stp_state", "priority", "forward_delay", "hello_time", "max_age"];

/// All words in the order in which iproute2 looks for one that a word is the beginning of.
const WORDS: &[&str] = &[
    "forward_delay",
    "hello_time",
    "max_age",
    "ageing_time",
    "stp_state",
    "priority",
    "vlan_filtering",
    "vlan_protocol",
    "group_fwd_mask",
    "group_address",
    "fdb_flush",
    "vlan_default_pvid",
    "vlan_stats_enabled",
    "vlan_stats_per_port",
    "mcast_router",
    "mcast_snooping",
    "mcast_vlan_snooping",
    "mcast_query_use_ifaddr",
    "mcast_querier",
    "mcast_hash_elasticity",
    "mcast_hash_max",
    "mcast_last_member_count",
    "mcast_startup_query_count",
    "mcast_last_member_interval",
    "mcast_membership_interval",
    "mcast_querier_interval",
    "mcast_query_interval",
    "mcast_query_response_interval",
    "mcast_startup_query_interval",
    "mcast_stats_enabled",
    "mcast_igmp_version",
    "mcast_mld_version",
    "nf_call_iptables",
    "nf_call_ip6tables",
    "nf_call_arptables",
    "no_linklocal_learn",
    "help",
];

/// A number of 32 bits.
fn quantity(name: &str, words: &mut Words<'_>) -> Result<u32, Failure> {
    let word = words.value()?;
    number(word).ok_or_else(|| invalid(&format!("invalid {name}"), word))
}

/// Reads the settings of a bridge up to the end of the line.
pub(super) fn parse(words: &mut Words<'_>) -> Result<BridgeSettings, Failure> {
    let mut settings = BridgeSettings::default();
    while let Some(word) = words.next() {
        match WORDS.iter().find(|full| matches(word, full)).copied().unwrap_or(word) {
            "ageing_time" => settings.ageing_time = Some(quantity("ageing_time", words)?),
            "forward_delay" => settings.forward_delay = Some(quantity("forward_delay", words)?),
            "hello_time" => settings.hello_time = Some(quantity("hello_time", words)?),
            "max_age" => settings.max_age = Some(quantity("max_age", words)?),
            "stp_state" => settings.stp_state = Some(quantity("stp_state", words)? != 0),
            "priority" => {
                let word = words.value()?;
                let priority = unsigned(word, u16::MAX.into()).and_then(|number| u16::try_from(number).ok());
                settings.priority = Some(priority.ok_or_else(|| invalid("invalid priority", word))?);
            }
            "mcast_snooping" => {
                let word = words.value()?;
                let on = unsigned(word, u8::MAX.into());
                let on = on.ok_or_else(|| invalid("invalid mcast_snooping", word))?;
                settings.mcast_snooping = Some(on != 0);
            }
            other => return Err(not_modelled("ip link", &format!("type bridge {other}"))),
        }
    }
    Ok(settings)
}
