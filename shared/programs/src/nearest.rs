//! A name that nothing has: what was meant perhaps.

use crate::table;

/// How alike two words are where one is taken for the other, from 0 to 1; it is what clap takes for its own words.
const ALIKE: f64 = 0.7;

/// The word that is most like a name, where one is alike.
pub fn nearest<'a>(name: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let likeness = |word: &'a str| (strsim::jaro(&name, word), word);
    let alike = words.into_iter().map(likeness).filter(|(alike, _)| *alike > ALIKE);
    alike.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, word)| word)
}

/// The same for a word that a person mistyped in a command, where few letters are all there is: two letters that changed
/// places, one too many, one too few or a wrong one.
pub(crate) fn typo<'a>(name: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = match name.chars().count() {
        ..=2 => return None,
        3..=5 => 1,
        _ => 2,
    };
    let distance = |word: &'a str| (strsim::osa_distance(name, word), word);
    let near = words.into_iter().map(distance).filter(|(distance, _)| *distance <= most);
    near.min_by_key(|(distance, _)| *distance).map(|(_, word)| word)
}

/// The program that was meant perhaps.
pub(crate) fn command(name: &str) -> Option<&'static str> {
    typo(name, table().iter().map(|program| program.name))
}

/// Programs of Linux that are not modelled, and what is nearest to each.
const INSTEAD: &[(&[&str], &str)] = &[
    (
        &["nmcli", "ifup", "ifdown", "nmtui", "networkctl", "ethtool", "mii-tool", "iw"],
        "'ip link' and 'ip address'",
    ),
    (&["dhclient", "dhcpcd", "udhcpc"], "'ip address add' and 'ip route add': there is no DHCP"),
    (&["brctl"], "'bridge link' and 'bridge fdb'"),
    (&["vconfig", "tunctl", "tc"], "'ip link': virtual LANs and queues are not modelled yet"),
    (&["lsof", "fuser"], "'ss' for sockets"),
    (&["arping", "ndisc6", "arp-scan"], "'ping' and then 'ip neigh'"),
    (&["ping6", "fping", "hping3", "nmap"], "'ping'"),
    (
        &["ncat", "netcat", "ssh", "iperf", "iperf3", "socat"],
        "'nc', which carries any bytes over TCP and UDP",
    ),
    (
        &["dig", "nslookup", "host", "resolvectl", "getent"],
        "an address in place of the name: there is no DNS",
    ),
    (&["python", "nginx", "apache2", "httpd", "lighttpd", "caddy"], "'python3 -m http.server'"),
    (&["http", "httpie", "lynx", "w3m", "ab"], "'curl'"),
    (&["mtr", "tracepath", "tcptraceroute"], "'traceroute'"),
    (&["ufw", "firewall-cmd", "ip6tables"], "'iptables -L'"),
    (&["tshark", "wireshark", "dumpcap", "ngrep"], "'tcpdump' and 'packets'"),
    (&["ipconfig"], "'ip address' or 'ifconfig'"),
    (&["tracert", "pathping"], "'traceroute'"),
    (&["nsenter", "unshare", "lsns", "docker", "podman"], "'ip netns exec NAME COMMAND'"),
    (&["dmesg", "journalctl"], "'why' and 'timeline'"),
    (&["systemctl", "service"], "the command that the service would run: there are no services"),
    (&["watch"], "the command itself, typed again"),
    (&["less", "more"], "'cat'"),
    (&["ps", "top", "bg"], "'jobs'"),
    (&["info", "whatis", "apropos"], "'man'"),
    (&["id", "who"], "'whoami'"),
    (&["uname", "hostnamectl"], "'hostname'"),
];

/// What is said of something that is not modelled: of a program what is nearest to it too.
pub(crate) fn not_modelled(name: &str) -> String {
    if name == "vethlab" {
        return "vethlab: you are in vethlab already: leave it first ('exit'), then type this\n".to_owned();
    }
    let listed = INSTEAD.iter().find(|(names, _)| names.contains(&name)).map(|(_, near)| *near);
    let hint = match (listed, command(name)) {
        (Some(near), _) => format!("; nearest to it is {near}"),
        (None, Some(near)) => format!(": did you mean '{near}'?"),
        (None, None) => String::new(),
    };
    format!("vethlab: '{name}' is not modelled{hint}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_has_a_nearest_word_and_another_word_has_none() {
        for (name, meant) in [
            ("pign", Some("ping")),
            ("tcpdmup", Some("tcpdump")),
            ("tracerout", Some("traceroute")),
            ("ipp", Some("ip")),
            ("nonsense", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(command(name), meant, "{name}");
        }
    }

    #[test]
    fn what_is_nearest_is_told_of_programs_that_are_not_modelled() {
        for (names, near) in INSTEAD {
            for name in *names {
                assert!(table().iter().all(|program| program.name != *name), "{name} is modelled");
                assert_eq!(
                    not_modelled(name),
                    format!("vethlab: '{name}' is not modelled; nearest to it is {near}\n")
                );
            }
            let named = near.split('\'').skip(1).step_by(2);
            for command in named.filter(|command| *command != "timeline") {
                let program = command.split(' ').next().expect("a word");
                assert!(table().iter().any(|known| known.name == program), "{command}");
            }
        }
        assert!(not_modelled("vethlab").contains("leave it first"));
        assert_eq!(not_modelled("pign"), "vethlab: 'pign' is not modelled: did you mean 'ping'?\n");
        assert_eq!(not_modelled("nonsense"), "vethlab: 'nonsense' is not modelled\n");
    }
}
