//! Settings below `net.ipv4`: those that are modelled, and now and then a name or a value that is not.

use super::link_name;
use proptest::prelude::*;
use proptest::sample::select;
use vethlab_shared::change::Change;

/// The settings of a link, and of `all` and `default`, with the values to choose from.
pub(crate) const CONF: [(&str, &[&str]); 12] = [
    ("accept_local", SWITCH),
    ("accept_redirects", SWITCH),
    ("arp_ignore", &["0", "1", "2", "3", "4", "8", "9"]),
    ("bc_forwarding", SWITCH),
    ("forwarding", SWITCH),
    ("ignore_routes_with_linkdown", SWITCH),
    ("promote_secondaries", SWITCH),
    ("route_localnet", SWITCH),
    FILTER,
    ("secure_redirects", SWITCH),
    ("send_redirects", SWITCH),
    ("shared_media", SWITCH),
];

/// The one that drops most.
const FILTER: (&str, &[&str]) = ("rp_filter", &["0", "1", "2"]);

/// The settings of a namespace. The limits on ICMP are off or as they are from the start: in between, time decides.
const GLOBAL: [(&str, &[&str]); 7] = [
    ("icmp_echo_ignore_all", SWITCH),
    ("icmp_echo_ignore_broadcasts", SWITCH),
    ("icmp_ratelimit", &["0", "1000"]),
    ("icmp_ratemask", &["0", "6168"]),
    ("ip_default_ttl", &["0", "1", "2", "3", "64", "255", "256"]),
    ("ip_forward", SWITCH),
    ("route.flush", &["1"]),
];

const SWITCH: &[&str] = &["1", "0"];

/// What a setting that is a number may be set to besides.
const ODD: &[&str] = &["x", "1x", "", "-1", "2", " 1", "1 0", "0x1", "010", "08", "4294967296"];

/// Sets one of them.
pub(super) fn change() -> impl Strategy<Value = Change> {
    let whose = prop_oneof![
        3 => Just("all".to_owned()),
        1 => Just("default".to_owned()),
        6 => link_name().prop_map(|name| name.to_string()),
    ];
    let of_link = (whose, prop_oneof![3 => select(&CONF[..]), 1 => Just(FILTER)])
        .prop_map(|(whose, (name, values))| (format!("net.ipv4.conf.{whose}.{name}"), values));
    let of_namespace = select(&GLOBAL[..]).prop_map(|(name, values)| (format!("net.ipv4.{name}"), values));
    let name = prop_oneof![
        4 => Just(("net.ipv4.ip_forward".to_owned(), SWITCH)),
        10 => of_link,
        3 => of_namespace,
        1 => Just(("net.ipv4.nosuch".to_owned(), SWITCH)),
    ];
    name.prop_flat_map(|(name, values)| {
        let value = prop_oneof![12 => select(values), 1 => select(ODD)];
        (Just(name), value)
    })
    .prop_map(|(name, value)| Change::SetSysctl { name, value: value.to_owned() })
}
