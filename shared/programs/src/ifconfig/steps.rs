//! What `ifconfig` is asked to do, step by step.

use super::usage::{FAMILIES, FAMILIES_TITLE, HARDWARE, WORDS};
use crate::Failure;
use crate::nettools::{parse_ether, resolve, split_mask};
use crate::numbers::strtol;
use std::net::Ipv4Addr;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::view::LinkFlags;

/// What to do with one interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Set flags.
    Set(LinkFlags),
    /// Clear flags; where that does not help, warn with this text behind "still in".
    Clear(LinkFlags, Option<&'static str>),
    /// The largest packet, in bytes.
    Mtu(i64),
    /// The transmit queue's length, in packets.
    QueueLength(i64),
    /// The Ethernet address.
    Hardware(MacAddress),
    /// The address, replacing what is there, and up.
    Address(Ipv4Addr),
    /// The address's mask.
    Netmask(Ipv4Addr),
    /// The address's broadcast address.
    Broadcast(Ipv4Addr),
    /// Say this on standard error; the status will be 1.
    Complain(String),
}

/// Words of net-tools that set what is not modelled.
const NOT_MODELLED: &[&str] = &[
    "trailers",
    "-trailers",
    "dynamic",
    "-dynamic",
    "keepalive",
    "outfill",
    "dstaddr",
    "name",
    "mem_start",
    "io_addr",
    "irq",
    "media",
    "port",
    "pointopoint",
    "pointtopoint",
    "-pointopoint",
    "-pointtopoint",
    "add",
    "del",
    "tunnel",
];
/// Address families other than `inet`.
const OTHER_FAMILIES: &[&str] =
    &["unix", "inet6", "ax25", "netrom", "rose", "ipx", "ddp", "ec", "ash", "x25"];

/// Reads the words behind the interface's name. Steps that come before a mistake are still taken, as
/// net-tools does.
pub(super) fn parse(name: &str, words: &[String]) -> Result<(Vec<Step>, Option<Failure>), Failure> {
    let mut words = words.iter().map(String::as_str).peekable();
    if let Some(family) = words.next_if(|word| *word == "inet" || OTHER_FAMILIES.contains(word))
        && family != "inet"
    {
        return Err(Failure::NotModelled(format!("ifconfig {name} {family}")));
    }
    let mut steps = Vec::new();
    let mut late_mask = None;
    let mut has_mask = false;
    while let Some(word) = words.next() {
        let next = match flag_step(word) {
            Some(step) => Ok(vec![step]),
            None if NOT_MODELLED.contains(&word) => {
                return Err(Failure::NotModelled(format!("ifconfig {name} {word}")));
            }
            None => match word {
                "mtu" => words.next().map(|text| vec![Step::Mtu(strtol(text, 10).value)]).ok_or_else(usage),
                "txqueuelen" => {
                    words.next().map(|text| vec![Step::QueueLength(strtol(text, 0).value)]).ok_or_else(usage)
                }
                "broadcast" => Ok(broadcast(words.next_if(|next| !is_keyword(next)))),
                "netmask" => {
                    has_mask = true;
                    words.next().ok_or_else(usage).map(|text| vec![resolved(text, Step::Netmask)])
                }
                "hw" => match (words.next(), words.next()) {
                    (Some("ether"), Some(text)) => Ok(vec![hardware(text)]),
                    (Some(kind), _) if kind != "ether" && HARDWARE.contains(&format!(" {kind} (")) => {
                        return Err(Failure::NotModelled(format!("ifconfig {name} hw {kind}")));
                    }
                    _ => Err(usage()),
                },
                address => match split_mask(address) {
                    Some((_, Some(_))) if has_mask => Err(usage()),
                    Some((address, mask)) => {
                        late_mask = mask.or(late_mask);
                        resolve(address).map(|address| vec![Step::Address(address)]).map_err(|why| {
                            let hint = "ifconfig: `--help' gives usage information.";
                            Failure::exit(1, format_args!("{address}: {why}\n{hint}"))
                        })
                    }
                    None => Err(usage()),
                },
            },
        };
        match next {
            Ok(next) => steps.extend(next),
            Err(failure) => return Ok((steps, Some(failure))),
        }
    }
    steps.extend(late_mask.map(Step::Netmask));
    Ok((steps, None))
}

/// The steps that are one word each.
fn flag_step(word: &str) -> Option<Step> {
    Some(match word {
        "up" => Step::Set(LinkFlags::UP),
        "down" => Step::Clear(LinkFlags::UP, None),
        "arp" => Step::Clear(LinkFlags::NO_ARP, None),
        "-arp" => Step::Set(LinkFlags::NO_ARP),
        "promisc" => Step::Set(LinkFlags::PROMISCUOUS),
        "-promisc" => {
            let hint = "promisc mode... maybe other application is running?";
            Step::Clear(LinkFlags::PROMISCUOUS, Some(hint))
        }
        "multicast" => Step::Set(LinkFlags::MULTICAST),
        "-multicast" => Step::Clear(LinkFlags::MULTICAST, Some("MULTICAST mode.")),
        "allmulti" => Step::Set(LinkFlags::ALL_MULTICAST),
        "-allmulti" => Step::Clear(LinkFlags::ALL_MULTICAST, Some("ALLMULTI mode.")),
        "-broadcast" => Step::Clear(LinkFlags::BROADCAST, Some("BROADCAST mode.")),
        _ => return None,
    })
}

/// `broadcast` alone sets the flag; with an address it sets that first.
fn broadcast(address: Option<&str>) -> Vec<Step> {
    let address = address.map(|text| resolved(text, Step::Broadcast));
    let failed = matches!(address, Some(Step::Complain(_)));
    address.into_iter().chain((!failed).then_some(Step::Set(LinkFlags::BROADCAST))).collect()
}

/// Words after which `broadcast` has no address of its own.
fn is_keyword(word: &str) -> bool {
    let with_value = ["mtu", "txqueuelen", "broadcast", "netmask", "hw"];
    flag_step(word).is_some() || with_value.contains(&word) || NOT_MODELLED.contains(&word)
}

fn resolved(text: &str, step: fn(Ipv4Addr) -> Step) -> Step {
    match resolve(text) {
        Ok(address) => step(address),
        Err(why) => Step::Complain(format!("{text}: {why}\n")),
    }
}

fn hardware(text: &str) -> Step {
    match parse_ether(text) {
        Some(address) => Step::Hardware(address),
        None => Step::Complain(format!("{text}: invalid ether address.\n")),
    }
}

/// What `ifconfig` says when it does not understand (`usage`), with status 3.
fn usage() -> Failure {
    Failure::Exit { message: [WORDS, HARDWARE, FAMILIES_TITLE, FAMILIES].concat(), status: 3 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(line: &str) -> Vec<Step> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse("veth0", &words).expect("words that are modelled").0
    }

    #[test]
    fn steps_are_taken_in_the_order_of_the_words() {
        let address = Ipv4Addr::new(192, 168, 5, 6);
        let expected = vec![
            Step::Address(address),
            Step::Broadcast(Ipv4Addr::new(192, 168, 5, 250)),
            Step::Set(LinkFlags::BROADCAST),
            Step::Netmask(Ipv4Addr::new(255, 255, 255, 128)),
            Step::Clear(LinkFlags::UP, None),
        ];
        assert_eq!(steps("inet 192.168.5.6 broadcast 192.168.5.250 netmask 255.255.255.128 down"), expected);
    }

    #[test]
    fn a_prefix_length_comes_last_and_32_is_none() {
        let address = Step::Address(Ipv4Addr::new(10, 0, 0, 1));
        let mask = Step::Netmask(Ipv4Addr::new(255, 255, 255, 0));
        assert_eq!(steps("10.0.0.1/24 mtu 1400"), [address.clone(), Step::Mtu(1400), mask]);
        assert_eq!(steps("10.0.0.1/32"), [address, Step::Netmask(Ipv4Addr::UNSPECIFIED)]);
    }

    #[test]
    fn a_mistake_ends_it_but_not_what_came_before() {
        let (steps, failure) = parse("veth0", &["up".into(), "foo".into()]).expect("modelled");
        assert_eq!(steps, [Step::Set(LinkFlags::UP)]);
        let hint = "ifconfig: `--help' gives usage information.";
        let message = format!("foo: Host name lookup failure\n{hint}");
        assert_eq!(failure, Some(Failure::exit(1, message)));
    }
}
